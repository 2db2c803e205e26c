"use strict";

// The browser knows its time zone; the server takes it for people who have chosen none.
const zone = document.querySelector("input[name=time_zone]");
if (zone) zone.value = Intl.DateTimeFormat().resolvedOptions().timeZone ?? "";

// The demo's people, one click each.
const people = document.querySelector(".demo-people");
for (const button of people?.querySelectorAll("button[data-username]") ?? []) {
  button.hidden = false;
  button.addEventListener("click", () => {
    const password = document.querySelector("input[name=password]");
    document.querySelector("input[name=username]").value = button.dataset.username;
    password.value = people.dataset.password;
    const next = password.value ? document.querySelector(".sign-in .primary") : password;
    next.focus();
  });
}
