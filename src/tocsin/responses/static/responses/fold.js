/* Long sections of a plan lie open on paper and without scripts. On a small screen they are folded here, and the one
   that is jumped to opens. */
"use strict";
(() => {
  const folds = [...document.querySelectorAll("details[data-fold]")];
  const small = matchMedia("(max-width: 45rem)");
  let before = [];
  const fold = () => { for (const one of folds) one.open = !small.matches; };
  const reveal = (scroll) => {
    const target = location.hash.length > 1 && document.getElementById(location.hash.slice(1));
    if (!target) return;
    const inside = target.closest("details[data-fold]") || target.querySelector(":scope > details[data-fold]");
    if (inside) inside.open = true;
    if (scroll) target.scrollIntoView();
  };
  fold();
  reveal(true);
  small.addEventListener("change", fold);
  addEventListener("hashchange", () => reveal(true));
  // The same link a second time changes no address.
  document.addEventListener("click", (event) => { if (event.target.closest?.('a[href^="#"]')) setTimeout(() => reveal(false)); });
  addEventListener("beforeprint", () => { before = folds.filter((one) => !one.open); for (const one of before) one.open = true; });
  addEventListener("afterprint", () => { for (const one of before) one.open = false; });
})();
