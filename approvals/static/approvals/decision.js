"use strict";

// Every answer but the yes needs a reason; the browser then asks for it before anything is sent.
for (const form of document.querySelectorAll("[data-decision]")) {
  const reason = form.elements.comment;
  const check = () => {
    const chosen = form.querySelector("[name=choice]:checked");
    reason.required = Boolean(chosen) && chosen.closest("[data-tone]").dataset.tone !== "yes";
  };
  form.addEventListener("change", check);
  check();
  // On a phone the button comes up in a bar: what is to be filled in moves above it, where it fits on the screen.
  form.addEventListener("change", (event) => {
    const bar = form.querySelector(".confirm-bar");
    if (event.target.name !== "choice" || getComputedStyle(bar).position !== "fixed") return;
    const top = form.querySelector(".choices").getBoundingClientRect().top;
    const room = bar.getBoundingClientRect().top - document.querySelector(".topbar").getBoundingClientRect().height;
    if (reason.getBoundingClientRect().bottom - top < room - 32) reason.scrollIntoView({ block: "nearest" });
  });
}

// A number as the server reads it; NaN where it could be none or two, and marks between thousands are left to it.
const typedNumber = (text) => {
  if (!/^\+?([0-9]+[.,]?[0-9]*|[.,][0-9]+)$/.test(text) || /^\+?[1-9][0-9]{0,2},[0-9]{3}$/.test(text)) return NaN;
  return Number(text.replace("+", "").replace(",", "."));
};

// The button says what it will approve: the lower amount as soon as one is typed, and none while that is unclear.
for (const field of document.querySelectorAll("[data-decision] [data-allowed]")) {
  const told = field.form.querySelector("[data-asked]");
  if (!told) continue;
  const { asked, whole, part } = told.dataset;
  if (!/^[A-Z]{3}$/.test(told.dataset.currency)) continue;
  const atFirst = told.textContent;
  const most = Number(told.dataset.most || asked);
  const tell = () => {
    const text = field.value.trim();
    const amount = typedNumber(text);
    if (!text || (amount >= most && amount <= Number(asked))) {
      told.textContent = atFirst;
      return;
    }
    const places = (text.split(/[.,]/)[1] || "").length;
    const isClear = amount > 0 && amount < most && places <= Number(field.dataset.allowed || places);
    // By functions: "$" in a text means something to replace() otherwise.
    const lower = part.replace("{allowed}", () => moneyOf(amount, told.dataset)).replace("{asked}", () => whole);
    told.textContent = isClear ? lower : "";
  };
  field.addEventListener("input", tell);
  tell();
}
