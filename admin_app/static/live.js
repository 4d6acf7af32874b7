// Fetches its own page anew every so many seconds and puts the parts marked `data-live` in the place of the old ones, unless
// somebody is filling something in there. Without scripts the page refreshes itself.
"use strict";
(() => {
  const every = Number(document.currentScript.dataset.every) * 1000;
  const busy = (part) => part.querySelector("details[open]") || (part !== document.body && part.contains(document.activeElement));
  async function anew() {
    if (document.hidden) return;
    const answer = await fetch(location.href, { credentials: "same-origin", cache: "no-store" });
    if (!answer.ok || answer.redirected) return location.reload();
    const page = new DOMParser().parseFromString(await answer.text(), "text/html"), parts = [...document.querySelectorAll("[data-live]")];
    if (parts.some((part) => !page.getElementById(part.id))) return location.reload(); // it is another page by now
    for (const part of parts) if (!busy(part)) part.replaceWith(document.adoptNode(page.getElementById(part.id)));
  }
  setInterval(() => anew().catch(() => {}), every);
})();
