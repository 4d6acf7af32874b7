// 网上报名: says at once what an 18-digit number says of itself, and prints the receipt. Everything works without it.
"use strict";

const check = document.querySelector("[data-check]");

if (check) {
  const form = check.closest("form");
  const by = (name) => form.querySelector(`[name="${name}"]`);
  const kind = by("document_type"), number = by("document_number"), told = document.getElementById("told");
  const others = form.querySelector(".only-other"), token = by("csrf_token").value;
  const EIGHTEEN = ["resident_id", "hmt_residence", "permanent_residence"];
  let asked = 0;
  told.hidden = false;

  const plain = () => number.value.normalize("NFKC").replace(/\s/g, "").toUpperCase();
  const tells = () => EIGHTEEN.includes(kind.value) && (kind.value !== "permanent_residence" || !/^[A-Z]/.test(plain()));
  const complete = () => tells() ? plain().length >= 18 : plain().length >= 8;
  const say = (text, bad) => { told.textContent = text; told.classList.toggle("bad", Boolean(bad)); };

  const ask = async () => {
    others.hidden = tells() && !others.querySelector(".wrong");
    const mine = ++asked;
    if (!complete()) { say("", false); return; }
    const body = new URLSearchParams({ document_type: kind.value, document_number: number.value });
    const answer = await fetch(check.dataset.check, { method: "POST", body, headers: { "X-CSRFToken": token, Accept: "application/json" } });
    if (mine !== asked) return;
    const said = await answer.json().catch(() => ({}));
    if (!answer.ok) { say(said.says || "", false); return; }
    const found = said.birth_date ? check.dataset.age.replace("{gender}", said.gender).replace("{birth}", said.birth_date).replace("{age}", said.age) : "";
    say([found, ...said.findings].filter(Boolean).join(" "), !said.birth_date && said.findings.length);
  };

  number.addEventListener("input", ask);
  kind.addEventListener("change", ask);
  ask();
}

const print = document.getElementById("print");
if (print) { print.hidden = false; print.addEventListener("click", () => window.print()); }
const wrong = document.getElementById("summed");
if (wrong) wrong.focus();
