"use strict";

// What scripts say stands in the page, in its language: named fields in braces are filled in.
const textOf = (name, values = {}) =>
  document.getElementById("texts").dataset[name].replace(/\{(\w+)\}/g, (_, field) => String(values[field]));
// An amount as the server writes it (formats.money): in its number format, with its sign and decimals of the currency.
const moneyOf = (amount, { locale, currency, sign, digits }) => {
  const beyond = /\.(\d*[1-9])/.exec(String(amount))?.[1].length ?? 0;
  const places = Math.max(beyond, Number(digits));
  const options = { style: "currency", currency, minimumFractionDigits: places, maximumFractionDigits: places };
  const parts = new Intl.NumberFormat(locale, options).formatToParts(amount);
  const text = parts.map((part) => (part.type === "currency" ? sign : part.value)).join("");
  return text.replace(/(\p{L})(?=\d)/u, "$1\u00a0");
};

// The theme changes at once; the form's own POST keeps it.
document.addEventListener("submit", (event) => {
  const form = event.target;
  if (!form.matches(".theme-form") || !event.submitter) return;
  event.preventDefault();
  const chosen = event.submitter.value;
  const body = new FormData(form, event.submitter);
  fetch(form.action, { method: "POST", body, redirect: "manual" });
  document.documentElement.dataset.theme = chosen;
  for (const button of form.querySelectorAll("button")) {
    button.setAttribute("aria-pressed", String(button.value === chosen));
  }
});

// A form marked so is sent once: a second click while the first is under way does nothing.
document.addEventListener("submit", (event) => {
  const form = event.target;
  if (!form.matches("[data-once]") || event.defaultPrevented) return;
  if (form.dataset.sent) {
    event.preventDefault();
    return;
  }
  form.dataset.sent = "yes";
  event.submitter?.setAttribute("aria-disabled", "true");
});

// Coming back by the browser's Back button finds the forms usable again.
window.addEventListener("pageshow", () => {
  for (const form of document.querySelectorAll("[data-sent]")) {
    delete form.dataset.sent;
    for (const button of form.querySelectorAll("[aria-disabled]")) button.removeAttribute("aria-disabled");
  }
});

// A page that nobody looks at asks for nothing; it catches up when it is shown again.
document.addEventListener("htmx:beforeRequest", (event) => {
  if (document.hidden && event.detail.elt.hasAttribute("data-poll")) event.preventDefault();
});
document.addEventListener("visibilitychange", () => {
  if (document.hidden || !window.htmx) return;
  for (const part of document.querySelectorAll("[data-poll]")) window.htmx.trigger(part, "shown");
});

// What is wrong gets the focus by itself, often before the page below it is there to be scrolled.
document.querySelector(":is([role=alert], [aria-invalid])[autofocus]")?.scrollIntoView({ block: "nearest" });

// On a narrow screen the tab that is shown may lie beyond the edge.
document.querySelector('.tabs [aria-current="page"]')?.scrollIntoView({ block: "nearest", inline: "center" });

// Tabs that go on beyond an edge fade out there.
for (const tabs of document.querySelectorAll(".tabs")) {
  const fade = () => {
    const before = Math.abs(tabs.scrollLeft);
    tabs.classList.toggle("more-before", before > 1);
    tabs.classList.toggle("more-after", tabs.scrollWidth - tabs.clientWidth - before > 1);
  };
  tabs.addEventListener("scroll", fade, { passive: true });
  new ResizeObserver(fade).observe(tabs);
}
