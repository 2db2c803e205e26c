"use strict";

// What a person has opened in the timeline, or closed, stays so when it is read anew.
(() => {
  let kept = null;

  document.addEventListener("htmx:beforeSwap", (event) => {
    if (event.detail.target.id !== "timeline") return;
    kept = new Map();
    for (const one of event.detail.target.querySelectorAll("details[id]")) kept.set(one.id, one.open);
  });

  document.addEventListener("htmx:afterSwap", () => {
    if (!kept) return;
    for (const one of document.querySelectorAll("#timeline details[id]")) {
      if (kept.has(one.id)) one.open = kept.get(one.id);
    }
    kept = null;
  });
})();
