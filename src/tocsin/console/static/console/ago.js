// One way to say how long ago (or until) a moment is, for every page that counts: as the server says it.
"use strict";

(() => {
  const steps = [
    ["year", 31536000], ["month", 2592000], ["week", 604800],
    ["day", 86400], ["hour", 3600], ["minute", 60], ["second", 1],
  ];
  // A larger unit is used from so much of it on: 65 minutes are told as minutes.
  const enough = 1.2;
  let language = "en";
  try {
    language = Intl.getCanonicalLocales(document.documentElement.lang)[0] || "en";
  } catch {
    // A made-up language, such as the one that tests right-to-left.
  }
  const relative = new Intl.RelativeTimeFormat(language, { numeric: "always" });
  const now = new Intl.RelativeTimeFormat(language, { numeric: "auto" });

  function ago(moment) {
    const seconds = (moment - Date.now()) / 1000;
    if (Math.abs(seconds) < 0.5) return now.format(0, "second");
    const [unit, size] = steps.find(([, length]) => Math.abs(seconds) >= enough * length) || steps.at(-1);
    const amount = Math.max(1, Math.round(Math.abs(seconds) / size));
    return relative.format(seconds < 0 ? -amount : amount, unit);
  }

  globalThis.tocsinCount = () => {
    for (const time of document.querySelectorAll("time[data-relative]")) {
      const moment = Date.parse(time.dateTime);
      if (!Number.isNaN(moment)) time.textContent = ago(moment);
    }
  };
})();
