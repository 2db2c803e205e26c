"use strict";

// Comfort for comments. Without it they are written, sent and shown all the same.

// Naming people: what stands behind an @ in front of the cursor asks the server for a list.
const beginning = /(?:^|[^\p{L}\p{N}_.@+/-])@([\p{L}\p{N}_.+-]{0,40})$/u;
let asking = null;

const listOf = (field) => document.getElementById(field.getAttribute("aria-controls"));
const optionsOf = (field) => [...listOf(field).querySelectorAll("[role=option]")];
const begun = (field) => beginning.exec(field.value.slice(0, field.selectionStart))?.[1];

async function ask(field) {
  asking?.abort();
  const name = begun(field);
  if (name === undefined) return close(field);
  asking = new AbortController();
  const { signal } = asking;
  try {
    const url = `${field.dataset.people}&q=${encodeURIComponent(name)}`;
    const answer = await fetch(url, { signal, headers: { "HX-Request": "true" } });
    const listed = answer.ok && !answer.redirected ? await answer.text() : "";
    if (!signal.aborted && document.activeElement === field) open(field, listed);
  } catch (fault) {
    if (fault.name !== "AbortError") close(field);
  }
}

function open(field, listed) {
  const list = listOf(field);
  const pointed = optionsOf(field).find((option) => option.dataset.pointed)?.dataset.name;
  list.innerHTML = listed;
  const options = optionsOf(field);
  const found = options.length;
  // Nobody, or nothing left to choose.
  if (!found || (found === 1 && options[0].dataset.name === begun(field))) return close(field);
  list.hidden = false;
  // Whom somebody went to with the arrows stays marked when a list of fewer names comes late.
  const still = pointed ? options.findIndex((option) => option.dataset.name === pointed) : -1;
  if (still >= 0) point(field, still);
  else mark(field, 0);
  document.getElementById("said").textContent =
    found === 1 ? list.dataset.one : list.dataset.some.replace("{count}", found);
}

function close(field) {
  asking?.abort();
  const list = listOf(field);
  list.hidden = true;
  list.replaceChildren();
  field.removeAttribute("aria-activedescendant");
}

function mark(field, number) {
  const options = optionsOf(field);
  const chosen = (number + options.length) % options.length;
  options.forEach((option, place) => option.setAttribute("aria-selected", String(place === chosen)));
  field.setAttribute("aria-activedescendant", options[chosen].id);
  options[chosen].scrollIntoView({ block: "nearest" });
}

function point(field, number) {
  mark(field, number);
  for (const option of optionsOf(field)) {
    if (option.getAttribute("aria-selected") === "true") option.dataset.pointed = "yes";
    else delete option.dataset.pointed;
  }
}

function take(field, option) {
  const end = field.selectionStart;
  field.setRangeText(`@${option.dataset.name} `, end - (begun(field) ?? "").length - 1, end, "end");
  close(field);
  field.focus();
  field.dispatchEvent(new Event("input", { bubbles: true }));
}

const fieldOf = (target) => (target.matches?.("[data-people]") ? target : null);

document.addEventListener("input", (event) => {
  const field = fieldOf(event.target);
  if (field) ask(field);
});

document.addEventListener("keydown", (event) => {
  const field = fieldOf(event.target);
  if (!field || listOf(field).hidden || event.isComposing) return;
  const options = optionsOf(field);
  const at = options.findIndex((option) => option.getAttribute("aria-selected") === "true");
  if (event.key === "ArrowDown") point(field, at + 1);
  else if (event.key === "ArrowUp") point(field, at - 1);
  else if (event.key === "Enter" || (event.key === "Tab" && !event.shiftKey)) take(field, options[at]);
  else if (event.key === "Escape") close(field);
  else return;
  event.preventDefault();
});

// Pressing on a name must not take the focus from the text; lifting the finger there takes the name.
document.addEventListener("pointerdown", (event) => {
  if (event.target.closest(".people-list")) event.preventDefault();
});
document.addEventListener("click", (event) => {
  const option = event.target.closest(".people-list [role=option]");
  if (option) take(document.querySelector(`[aria-controls="${option.parentElement.id}"]`), option);
});
document.addEventListener("focusout", (event) => {
  const field = fieldOf(event.target);
  if (field) close(field);
});

// Which files will go along.
document.addEventListener("change", (event) => {
  if (!event.target.matches(".comment-files input")) return;
  const names = [...event.target.files].map((file) => Object.assign(document.createElement("li"), { textContent: file.name }));
  event.target.closest("form").querySelector(".chosen-files").replaceChildren(...names);
});

// A preview that is closed asks for nothing.
document.addEventListener("htmx:beforeRequest", (event) => {
  const details = event.detail.elt.matches(".previewed") ? event.detail.elt.closest("details") : null;
  if (details && !details.open) event.preventDefault();
});

document.addEventListener("htmx:afterRequest", (event) => {
  const form = event.detail.requestConfig?.elt;
  if (!form?.matches("[data-talk]")) return;
  // A form that stays can be sent again.
  delete form.dataset.sent;
  for (const button of form.querySelectorAll("[aria-disabled]")) button.removeAttribute("aria-disabled");
  const { status } = event.detail.xhr;
  if (event.detail.successful) {
    // The form has been replaced by now; its answer is given, so the new one closes.
    const number = form.elements.parent?.value;
    const around = number && document.getElementById(`comment-body-${number}`)?.closest("details");
    if (around) {
      around.open = false;
      around.querySelector("summary").focus();
    }
  } else if (status !== 422) {
    const problem = form.querySelector(".comment-problem");
    const said = document.createElement("p");
    said.className = "field-error";
    const { unreachable, tooMuch, forbidden, broken } = problem.dataset;
    said.textContent = { 0: unreachable, 400: tooMuch, 403: forbidden }[status] ?? broken;
    problem.replaceChildren(said);
  }
});
