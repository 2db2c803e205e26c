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
}

// The button says what it will approve: the lower amount as soon as one is typed.
for (const field of document.querySelectorAll("[data-decision] [data-allowed]")) {
  const told = field.form.querySelector("[data-asked]");
  if (!told) continue;
  const whole = told.textContent;
  const tell = () => {
    const allowed = `${field.value.trim()} ${told.dataset.asked}`;
    // By functions: "$" in a text means something to replace() otherwise.
    const part = told.dataset.part.replace("{allowed}", () => allowed).replace("{asked}", () => whole);
    told.textContent = field.value.trim() ? part : whole;
  };
  field.addEventListener("input", tell);
  tell();
}
