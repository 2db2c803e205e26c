"use strict";

// Single keys, for those who leave them on (WCAG 2.1.4): never while somebody types, never with a modifier, and each
// does no more than what a button or link on the page does.
const on = () => document.body.dataset.shortcuts === "on";
const help = document.getElementById("shortcuts");
const TYPING = "input:not([type=checkbox], [type=radio], [type=button], [type=submit]), textarea, select, [contenteditable]";

const rows = () => [...document.querySelectorAll("#queue-list .request-row .cover")];

function step(by) {
  const all = rows();
  if (!all.length) return document.querySelector(by > 0 ? "#pile-after" : "#pile-before")?.click();
  const row = document.activeElement?.closest?.(".request-row");
  const at = all.indexOf(row?.querySelector(".cover"));
  const next = all[at < 0 ? (by > 0 ? 0 : all.length - 1) : Math.max(0, Math.min(all.length - 1, at + by))];
  next.focus();
  next.closest(".request-row").scrollIntoView({ block: "nearest" });
}

// The box of the row that has the focus.
const box = () => document.activeElement?.closest?.(".request-row")?.querySelector("[name=pick]");

function tick() {
  box()?.click();
}

function answer(tone) {
  const choice = document.querySelector(`.decision [data-tone=${tone}] input`);
  if (choice) {
    choice.click();
    return document.querySelector(tone === "yes" ? ".confirm-button" : "#decision-comment").focus();
  }
  const button = document.getElementById(tone === "yes" ? "bulk-approve" : "bulk-reject");
  if (!button) return undefined;
  // Without a choice it is about the row that one stands on; either way a page asks before anything is answered.
  if (!document.querySelector("#queue-list :is([name=pick], [name=all]):checked")) tick();
  return document.querySelector("#queue-list :is([name=pick], [name=all]):checked") && button.click();
}

function comment() {
  const field = document.getElementById("comment-body-0");
  field?.focus();
  field?.scrollIntoView({ block: "center" });
}

function search() {
  const field = document.getElementById("filter_q") ?? document.querySelector("[type=search]");
  field?.focus();
  // What was searched for before gives way to what is typed next.
  field?.select();
}

const KEYS = {
  j: () => step(1),
  k: () => step(-1),
  x: tick,
  a: () => answer("yes"),
  r: () => answer("no"),
  c: comment,
  u: () => document.querySelector("#back-to-queue, .crumb")?.click(),
  "/": search,
  "?": () => help?.showModal(),
};

document.addEventListener("keydown", (event) => {
  if (!on() || event.defaultPrevented || event.ctrlKey || event.metaKey || event.altKey || event.isComposing) return;
  if (event.target.closest?.(TYPING) || document.querySelector("dialog[open], [popover]:popover-open")) return;
  const act = Object.hasOwn(KEYS, event.key) && KEYS[event.key];
  if (!act || (event.repeat && !"jk".includes(event.key))) return;
  event.preventDefault();
  act();
});

document.addEventListener("click", (event) => {
  if (event.target.closest("[data-show-shortcuts]")) help?.showModal();
  else if (event.target.closest("[data-close]")) event.target.closest("dialog")?.close();
});

// The switch acts at once; the form's own POST keeps it.
document.addEventListener("change", (event) => {
  if (!event.target.matches("#shortcuts-on")) return;
  const form = event.target.form;
  document.body.dataset.shortcuts = event.target.checked ? "on" : "off";
  fetch(form.action, { method: "POST", body: new FormData(form), redirect: "manual" });
});
