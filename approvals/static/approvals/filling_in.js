"use strict";

// Comfort for long forms. Everything here also works without: the buttons post, and the server does the same.
const form = document.querySelector("form.filling");
const said = document.querySelector("#filling-said");
const lines = form.querySelector("#lines");
let uploading = 0;
// The button that was pressed while receipts were still on their way.
let submitter = null;
let changed = false;

form.classList.add("live");
document.querySelector(".error-summary")?.focus();

// Lines

form.addEventListener("click", (event) => {
  const button = event.target.closest("button[name=action]");
  if (!button) return;
  if (button.id === "add-line") addLine(event);
  else if (button.matches(".remove-line")) removeLine(event, button.closest("li"));
  else if (button.matches(".remove-file")) removeFile(event, button.closest("li"));
});

function addLine(event) {
  event.preventDefault();
  const keys = [...lines.children].map((line) => Number(line.dataset.line));
  const markup = document.querySelector("#empty-line").innerHTML;
  lines.insertAdjacentHTML("beforeend", markup.replaceAll("__n__", String(Math.max(-1, ...keys) + 1)));
  window.htmx?.process(lines.lastElementChild);
  lines.lastElementChild.querySelector("input:not([type=hidden])").focus();
  changed = true;
}

function removeLine(event, line) {
  event.preventDefault();
  if (lines.children.length === 1) addLine(event);
  const next = line.nextElementSibling ?? line.previousElementSibling;
  line.remove();
  next.querySelector("input:not([type=hidden])").focus();
  tell(textOf("lineRemoved"));
  showTotal();
  changed = true;
}

function removeFile(event, file) {
  event.preventDefault();
  const receipts = file.closest(".receipts");
  file.remove();
  receipts.querySelector(".file-input").focus();
  tell(textOf("receiptTakenOff"));
  changed = true;
}

// Total: a help for the eye; the server adds up anew.

const total = form.querySelector("#total");
const currencies = total ? JSON.parse(total.dataset.currencies) : {};

function showTotal() {
  if (!total) return;
  const currency = form.elements.currency.value;
  const [digits, sign] = currencies[currency] ?? [2, currency];
  let sum = 0n;
  for (const field of lines.querySelectorAll("[data-amount]")) sum += thousandths(field.value);
  const exact = `${sum / 1000n}.${String(sum % 1000n).padStart(3, "0")}`;
  total.value = moneyOf(exact, { locale: total.dataset.locale, currency, sign, digits });
}

// The same marks between thousands as the server reads; what could be two numbers counts as none.
const grouped = /^([1-9]\d{0,2}([,. '])\d{3}(?:\2\d{3})*)(?:(?!\2)[.,](\d{0,3}))?$/;
const paired = /^([1-9]\d?(?:,\d{2})+,\d{3})()(?:\.(\d{0,3}))?$/;
const plain = /^(\d*)()(?:[.,](\d{0,3}))?$/;

function thousandths(typed) {
  const text = typed.trim().replace(/\s/g, " ").replaceAll("’", "'");
  if (/^[1-9]\d{0,2},\d{3}$/.test(text)) return 0n;
  const isPlain = /^\d*[.,]?\d*$/.test(text);
  const [, whole = "", , part = ""] = (isPlain ? plain : grouped).exec(text) ?? paired.exec(text) ?? [];
  const digitsOnly = whole.replace(/\D/g, "").replace(/^0+/, "");
  return digitsOnly.length > 12 ? 0n : BigInt((digitsOnly || "0") + part.padEnd(3, "0"));
}

form.addEventListener("input", (event) => {
  if (!event.target.matches("[type=file]")) changed = true;
  showTotal();
});
form.addEventListener("change", showTotal);
if (lines) showTotal();

// Receipts go up as soon as they are chosen.

document.addEventListener("htmx:beforeRequest", (event) => {
  if (!event.detail.elt.matches(".file-input")) return;
  uploading += 1;
  event.detail.elt.closest(".receipts").querySelector(".uploading").textContent = ` ${textOf("uploading")}`;
});

document.addEventListener("htmx:afterRequest", (event) => {
  // The list that held the field may be replaced by now; then htmx tells this on its parent.
  const field = event.detail.requestConfig.elt;
  if (!field.matches(".file-input")) return;
  uploading -= 1;
  tell("");
  const waiting = uploading === 0 ? submitter : null;
  if (uploading === 0) submitter = null;
  if (event.detail.successful) {
    if (waiting) form.requestSubmit(waiting);
    return;
  }
  field.value = "";
  field.closest(".receipts").querySelector(".uploading").textContent = "";
  tell(textOf("fileNotSent"));
});

// Once

form.addEventListener("submit", (event) => {
  if (uploading > 0) {
    event.preventDefault();
    submitter = event.submitter;
    tell(textOf("receiptUnderWay"));
  }
});

// Leaving by any form of the page, such as the one that throws the draft away, is meant.
document.addEventListener("submit", (event) => {
  if (!event.defaultPrevented) changed = false;
});

window.addEventListener("beforeunload", (event) => {
  if (changed) event.preventDefault();
});

function tell(sentence) {
  said.textContent = sentence;
}
