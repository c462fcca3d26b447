// What makes pages livelier. Every page works without this file.
"use strict";

(() => {
  const all = (selector, root = document) => Array.from(root.querySelectorAll(selector));
  const live = document.getElementById("live");

  function say(words) {
    if (live && words) live.textContent = words;
  }

  // Times: “2 minutes ago” goes on counting.
  const count = globalThis.tocsinCount;

  // Freshness: counts while polling works, says so when it rests or fails.
  const fresh = document.getElementById("freshness");

  function freshness(state) {
    if (!fresh || !("live" in fresh.dataset)) return;
    fresh.classList.toggle("is-failed", state === "failed");
    fresh.querySelector(".fresh-state").textContent = fresh.dataset[state] || "";
    if (state === "now" || state === "held") fresh.querySelector("time").dateTime = new Date().toISOString();
    count();
  }

  // Polling: the page is asked for again, and each of its parts is put in place unless somebody is in it.
  const asker = (event) => event.detail.requestConfig?.elt || event.detail.elt || event.target;
  const polls = (event) => (asker(event).getAttribute("hx-trigger") || "").includes("every");
  const changed = (field) => (field.type === "checkbox" || field.type === "radio" ? field.checked !== field.defaultChecked : field.value !== field.defaultValue);
  let shown = "";
  let held = false;
  let over = false;

  function selecting(element) {
    const selection = document.getSelection();
    return selection !== null && !selection.isCollapsed && selection.intersectsNode?.(element);
  }

  const busy = (element) =>
    element.contains(document.activeElement) || element.querySelector("details[open]") !== null
    || selecting(element) || all("input:not([type=hidden]), textarea", element).some(changed);

  // One calm line above the page, while it can't be kept fresh.
  function notice(name) {
    for (const other of all(".notice-now")) if (other.dataset.notice !== name) other.remove();
    const template = name && document.getElementById(`notice-${name}`);
    if (!template || document.querySelector(`[data-notice="${name}"]`)) return;
    const line = template.content.firstElementChild.cloneNode(true);
    line.classList.add("notice-now");
    line.dataset.notice = name;
    document.getElementById("main").prepend(line);
    say(line.textContent.trim());
  }

  document.addEventListener("htmx:beforeRequest", (event) => {
    if (polls(event) && (document.hidden || over)) event.preventDefault();
  });
  document.addEventListener("htmx:beforeSwap", (event) => {
    if (!polls(event) || !event.detail.shouldSwap) return;
    held = false;
    // The browser answers “not modified” with what it kept: there is nothing to put in place.
    if (event.detail.xhr.responseText === shown) event.detail.shouldSwap = false;
    else shown = event.detail.xhr.responseText;
  });
  document.addEventListener("htmx:oobBeforeSwap", (event) => {
    if (!busy(event.detail.target)) return;
    event.detail.shouldSwap = false;
    held = true;
  });
  document.addEventListener("htmx:afterRequest", (event) => {
    if (!polls(event)) return;
    over = event.detail.xhr?.status === 401;
    if (held) shown = "";
    freshness(over ? "ended" : !event.detail.successful ? "failed" : held ? "held" : "now");
    notice(over ? "ended" : event.detail.successful ? "" : "failed");
  });
  const news = () => all("[data-news]").map((one) => one.dataset.news).join(" ");
  let told = news();
  document.addEventListener("htmx:afterSettle", () => {
    count();
    if (news() !== told) say(told = news());
  });
  const wake = () => { if (!document.hidden) window.htmx?.trigger("#poll", "wake"); };
  document.addEventListener("visibilitychange", () => {
    freshness(document.hidden ? "paused" : "");
    if (document.getElementById("poll")) wake();
  });

  // A second tap sends nothing a second time.
  document.addEventListener("submit", (event) => {
    const form = event.target;
    if (event.defaultPrevented || form.method !== "post") return;
    if ("sent" in form.dataset) event.preventDefault();
    form.dataset.sent = "";
    setTimeout(() => delete form.dataset.sent, 8000);
  });
  window.addEventListener("pageshow", (event) => {
    for (const form of all("form[data-sent]")) delete form.dataset.sent;
    if (event.persisted && document.getElementById("poll")) wake();
  });

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
    const rows = all(".rows > li, .row-list > tr, [data-rows] > li, [data-rows] > tr").filter((row) => row.checkVisibility?.() !== false && row.querySelector("a, button"));
    const here = rows.findIndex((row) => row.contains(document.activeElement));
    const next = rows[here < 0 ? (direction > 0 ? 0 : rows.length - 1) : here + direction];
    next?.querySelector("a, button").focus();
  }

  const keys = {
    "?": () => (help?.open ? help.close() : help?.showModal()),
    "/": () => {
      const field = document.querySelector("input[type=search]");
      if (field) field.select();
      else document.querySelector(".nav [data-key=f]")?.click();
    },
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
    if (!button) return null;
    return button.matches("input, select, textarea") ? () => button.focus() : () => { button.focus(); button.click(); };
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
    line.querySelector("dd").textContent = button.dataset.keySays || button.textContent.trim();
    template.parentNode.append(line);
  }

  count();
  setInterval(count, 15000);
})();
