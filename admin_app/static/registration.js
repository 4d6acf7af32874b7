// The registration form answers as soon as a document's number is complete: birth date, gender, an earlier registration.
"use strict";

const paper = document.querySelector("form.paper[data-check]");

if (paper) {
  const by = (name) => paper.querySelector(`[name="${name}"]`);
  const kind = by("document_type"), number = by("document_number"), gender = by("gender"), birth = by("birth_date");
  const panel = paper.querySelector(".glance"), here = panel.querySelector(".here"), elsewhere = panel.querySelector(".elsewhere");
  const EIGHTEEN = ["resident_id", "hmt_residence", "permanent_residence"];
  let asked = 0, filled = false;

  const plain = () => number.value.normalize("NFKC").replace(/\s/g, "").toUpperCase();
  const tells = () => EIGHTEEN.includes(kind.value) && (kind.value !== "permanent_residence" || /^\d/.test(plain()));
  const complete = () => tells() ? plain().length === 18 : plain().length >= 7;

  // Marks that tell the truth: an 18-digit number says birth date and gender, so they are not asked for.
  const mark = (field) => {
    const label = field.closest(".field").querySelector("label");
    const star = label.querySelector(".must");
    if (tells()) star?.remove();
    else if (!star) {
      const must = document.createElement("span");
      must.className = "must"; must.title = paper.dataset.must; must.textContent = "*";
      label.append(must);
    }
  };
  const say = (text, bad) => {
    const field = number.closest(".field");
    field.querySelectorAll(".error, .told").forEach((p) => p.remove());
    field.classList.toggle("wrong", Boolean(bad));
    if (!text) return;
    const p = document.createElement("p");
    p.className = bad ? "error" : "told";
    p.textContent = text;
    field.append(p);
  };
  const show = (told) => {
    if (told.birth_date) {
      birth.value = told.birth_date; gender.value = told.gender; filled = true;
      say(told.findings.join("") || paper.dataset.age.replace("{gender}", told.gender_label).replace("{age}", told.age), false);
    } else {
      if (filled) { birth.value = ""; gender.value = ""; filled = false; }
      say(told.findings.join(""), true);
    }
    here.hidden = !told.here;
    if (told.here) { const a = here.querySelector("a"); a.href = told.here.url; a.textContent = told.here.text; }
    elsewhere.hidden = !told.elsewhere;
    elsewhere.querySelector("b").textContent = told.elsewhere;
    panel.hidden = !told.here && !told.elsewhere;
  };
  const ask = async () => {
    mark(gender); mark(birth);
    const mine = ++asked;
    if (!complete()) {
      panel.hidden = true;
      if (filled) { birth.value = ""; gender.value = ""; filled = false; say("", false); }
      return;
    }
    const body = new URLSearchParams({ document_type: kind.value, document_number: number.value, own: paper.dataset.own || "" });
    const answer = await fetch(paper.dataset.check, { method: "POST", body, headers: { "X-CSRFToken": token, Accept: "application/json" } });
    if (answer.ok && mine === asked) show(await answer.json());
  };

  number.addEventListener("input", ask);
  number.addEventListener("change", () => { if (number.value && !complete()) say(paper.dataset.short.replace("{digits}", plain().length), true); });
  kind.addEventListener("change", ask);
  mark(gender); mark(birth);
}
