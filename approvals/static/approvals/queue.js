"use strict";

// A list that is fetched anew must not lose what somebody does in it: the focus, and what they have ticked.
const list = () => document.getElementById("queue-list");
const links = () => [...(list()?.querySelectorAll(".request-row .cover") ?? [])];
let held = null;

document.addEventListener("htmx:beforeSwap", (event) => {
  if (event.detail.target !== list()) return;
  const at = document.activeElement;
  const row = at?.closest(".request-row");
  held = {
    inside: list().contains(at),
    id: at?.id,
    index: row ? links().indexOf(row.querySelector(".cover")) : -1,
    turned: Boolean(at?.closest(".pager")),
    ticked: [...list().querySelectorAll("[name=pick]:checked, [name=all]:checked")].map((box) => box.name + box.value),
  };
});

document.addEventListener("htmx:afterSettle", () => {
  const kept = held;
  held = null;
  if (!kept || !list()) return;
  for (const box of list().querySelectorAll("[name=pick], [name=all]")) {
    if (kept.ticked.includes(box.name + box.value)) box.checked = true;
  }
  list().dispatchEvent(new Event("change", { bubbles: true }));
  if (!kept.inside || list().contains(document.activeElement)) return;
  // The row is gone: the one that took its place has the focus now, or the list itself.
  const all = links();
  const next = kept.turned ? null : document.getElementById(kept.id) ?? all[Math.min(kept.index, all.length - 1)];
  (next ?? list()).focus({ preventScroll: true });
});

// How many are chosen is said in the bar, which shows while there are any.
document.addEventListener("change", (event) => {
  if (!list()?.contains(event.target)) return;
  const many = list().querySelectorAll("[name=pick]:checked").length;
  const told = list().querySelector("[data-picked]");
  if (!told) return;
  const { all, some } = told.dataset;
  told.textContent = list().querySelector("[name=all]:checked") ? all : some.replace("{count}", many);
});

// A row that was decided elsewhere has said so for a while; now it leaves.
document.addEventListener("animationend", (event) => {
  if (event.target.matches("[data-gone]")) event.target.remove();
});
