// An account's form shows the station for those who work at one, the division for those who answer for one.
"use strict";

const role = document.querySelector('form.paper [name="role"]');

if (role) {
  const field = (name) => document.querySelector(`form.paper input[name="${name}"]`).closest(".field");
  const fit = () => {
    field("station").hidden = !["recorder", "head"].includes(role.value);
    field("division").hidden = !["supervisor", "auditor", "admin"].includes(role.value);
  };
  role.addEventListener("change", fit);
  fit();
}
