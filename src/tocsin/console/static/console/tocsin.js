// What makes pages livelier. Every page works without this file.
"use strict";

(() => {
  const all = (selector, root = document) => Array.from(root.querySelectorAll(selector));
  const live = document.getElementById("live");

  function say(words) {
    if (live && words) live.textContent = words;
  }

  // Times: “2 minutes ago” goes on counting.
  const steps = [["day", 86400], ["hour", 3600], ["minute", 60], ["second", 1]];
  let language = "en";
  try {
    language = Intl.getCanonicalLocales(document.documentElement.lang)[0] || "en";
  } catch {
    // A made-up language, such as the one that tests right-to-left.
  }
  const relative = new Intl.RelativeTimeFormat(language, { numeric: "always" });
  const now = new Intl.RelativeTimeFormat(language, { numeric: "auto" });

  function ago(moment) {
    const seconds = Math.round((moment - Date.now()) / 1000);
    if (seconds === 0) return now.format(0, "second");
    const [unit, size] = steps.find(([, length]) => Math.abs(seconds) >= length) || steps[3];
    return relative.format(Math.trunc(seconds / size), unit);
  }

  function count() {
    for (const time of all("time[data-relative]")) {
      const moment = Date.parse(time.dateTime);
      if (!Number.isNaN(moment)) time.textContent = ago(moment);
    }
  }

  // Freshness: counts while polling works, says so when it rests or fails.
  const fresh = document.getElementById("freshness");

  function freshness(state) {
    if (!fresh || !("live" in fresh.dataset)) return;
    fresh.classList.toggle("is-failed", state === "failed");
    fresh.querySelector(".fresh-state").textContent = fresh.dataset[state] || "";
    if (state === "now") fresh.querySelector("time").dateTime = new Date().toISOString();
    count();
  }

  // The element that asked; the event's own target may be another, since an answer can replace the element.
  const asker = (event) => event.detail.requestConfig?.elt || event.detail.elt || event.target;
  const polls = (event) => (asker(event).getAttribute("hx-trigger") || "").includes("every");
  const busy = (element) =>
    element.contains(document.activeElement) || element.querySelector("details[open]") !== null;

  document.addEventListener("htmx:beforeRequest", (event) => {
    if (polls(event) && document.hidden) event.preventDefault();
  });
  document.addEventListener("htmx:beforeSwap", (event) => {
    if (polls(event) && busy(event.detail.target)) event.detail.shouldSwap = false;
  });
  document.addEventListener("htmx:afterRequest", (event) => {
    if (polls(event)) freshness(event.detail.successful ? "now" : "failed");
  });
  document.addEventListener("htmx:afterSwap", (event) => {
    count();
    const news = event.target.querySelector?.("[data-news]");
    if (news) say(news.dataset.news);
  });
  document.addEventListener("visibilitychange", () => freshness(document.hidden ? "paused" : ""));

  // Keyboard: single keys can be switched off in the help.
  const help = document.getElementById("shortcuts");
  const remembered = "tocsin-shortcuts";
  let started = 0;

  function allowed() {
    try {
      return localStorage.getItem(remembered) !== "off";
    } catch {
      return true;
    }
  }

  function remember(on) {
    try {
      localStorage.setItem(remembered, on ? "on" : "off");
    } catch {
      // A browser that keeps nothing: the choice holds for this page.
    }
  }

  function step(direction) {
    const rows = all(".rows > li, .row-list > tr, [data-rows] > li, [data-rows] > tr").filter((row) => row.querySelector("a, button"));
    const here = rows.findIndex((row) => row.contains(document.activeElement));
    const next = rows[here < 0 ? (direction > 0 ? 0 : rows.length - 1) : here + direction];
    next?.querySelector("a, button").focus();
  }

  const keys = {
    "?": () => (help?.open ? help.close() : help?.showModal()),
    "/": () => (document.querySelector("input[type=search]") || document.querySelector("[data-key=f]"))?.focus(),
    j: () => step(1),
    k: () => step(-1),
    g: () => { started = Date.now(); },
  };

  function pressed(key) {
    if (Date.now() - started < 1500) {
      started = 0;
      const place = document.querySelector(`.nav [data-key="${CSS.escape(key)}"]`);
      if (place) return () => { window.location.href = place.href; };
    }
    if (keys[key]) return keys[key];
    const own = key === "u" ? "main [data-undo]" : `main [data-key="${CSS.escape(key)}"]`;
    const button = document.querySelector(own);
    return button && (() => button.click());
  }

  document.addEventListener("keydown", (event) => {
    if (event.key === "Escape") closeMore();
    if (event.ctrlKey || event.metaKey || event.altKey || event.isComposing) return;
    if (event.target.closest("input, textarea, select, [contenteditable]")) return;
    if (event.key !== "?" && (!allowed() || help?.open)) return;
    const act = pressed(event.key);
    if (!act) return;
    event.preventDefault();
    act();
  });

  // The rest of the rooms closes when one looks elsewhere.
  function closeMore(except) {
    for (const more of all("details.nav-more[open]")) if (!more.contains(except || null)) more.open = false;
  }
  document.addEventListener("click", (event) => closeMore(event.target));

  const toggle = document.getElementById("shortcuts-on");
  if (toggle) {
    toggle.checked = allowed();
    toggle.addEventListener("change", () => remember(toggle.checked));
  }
  for (const button of all("[data-opens]")) {
    const dialog = document.getElementById(button.dataset.opens);
    if (!dialog) continue;
    button.hidden = false;
    button.addEventListener("click", () => dialog.showModal());
  }

  // The page's own keys join the help.
  const template = help?.querySelector(".keys > div");
  for (const button of template ? all("main [data-key]") : []) {
    const line = template.cloneNode(true);
    line.querySelector("kbd").textContent = button.dataset.key;
    line.querySelector("dd").textContent = button.textContent.trim();
    template.parentNode.append(line);
  }

  count();
  setInterval(count, 15000);
})();
