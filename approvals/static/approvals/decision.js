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
