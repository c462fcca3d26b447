// Keeps the page of one alert fresh and its times counting. The page works without this file.
"use strict";

(() => {
  const count = globalThis.tocsinCount;
  const trouble = document.getElementById("trouble");
  const say = (key) => {
    const said = key ? trouble.dataset[key] : "";
    if (trouble.textContent !== said) trouble.textContent = said;
  };
  let shown = "";
  let over = false;

  function busy(part) {
    const here = document.activeElement;
    return here?.matches("select") && part.contains(here);
  }

  function replace(text) {
    const fresh = new DOMParser().parseFromString(text, "text/html").getElementById("live");
    const part = document.getElementById("live");
    if (!fresh || !part || busy(part)) return;
    const open = [...part.querySelectorAll("details")].map((one) => one.open);
    fresh.querySelectorAll("details").forEach((one, place) => { if (open[place]) one.open = true; });
    const name = document.activeElement?.getAttribute("formaction");
    part.replaceWith(document.adoptNode(fresh));
    if (name) document.querySelector(`[formaction="${CSS.escape(name)}"]`)?.focus();
    shown = text;
  }

  async function look() {
    if (document.hidden || over) return;
    try {
      const answer = await fetch(location.href, { cache: "no-cache", headers: { "HX-Request": "true" } });
      over = answer.status === 401;
      if (!answer.ok) return say(over ? "ended" : "failed");
      const text = await answer.text();
      if (text !== shown) replace(text);
      const updated = document.getElementById("updated");
      updated.dateTime = new Date().toISOString();
      updated.textContent = new Date().toTimeString().slice(0, 8);
      say("");
    } catch {
      say("failed");
    }
    count();
  }

  // A second tap sends nothing a second time.
  document.addEventListener("submit", (event) => {
    if ("sent" in event.target.dataset) event.preventDefault();
    event.target.dataset.sent = "";
    setTimeout(() => delete event.target.dataset.sent, 8000);
  });
  document.addEventListener("keydown", (event) => {
    if (event.ctrlKey || event.metaKey || event.altKey || event.target.closest("input, select, textarea")) return;
    document.querySelector(`main [data-key="${CSS.escape(event.key)}"]`)?.click();
  });
  document.addEventListener("visibilitychange", look);
  count();
  setInterval(count, 5000);
  setInterval(look, 15000);
})();
