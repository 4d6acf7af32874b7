// The little that the desk needs a script for: look-ups while typing, ticking a page, asking before a batch, unsaved forms.
"use strict";

const token = document.querySelector('meta[name="csrf-token"]')?.content;

function picker(box) {
  const hidden = box.querySelector('input[type="hidden"]');
  const text = box.querySelector('input[role="combobox"]');
  const list = box.querySelector('ul');
  let timer, asked = 0, chosen = text.value;
  let pending = false, eager = false; // what is typed is being looked up; Enter was pressed meanwhile

  const close = () => { list.hidden = true; text.setAttribute("aria-expanded", "false"); };
  const choose = (item) => {
    hidden.value = item.dataset.id;
    chosen = text.value = item.dataset.text;
    close();
    hidden.dispatchEvent(new Event("change", { bubbles: true }));
  };
  const move = (step) => {
    const items = [...list.querySelectorAll("[role=option]")];
    if (!items.length) return;
    const at = items.findIndex((i) => i.getAttribute("aria-selected") === "true");
    items.forEach((i) => i.setAttribute("aria-selected", "false"));
    const next = items[(at + step + items.length) % items.length];
    next.setAttribute("aria-selected", "true");
    next.scrollIntoView({ block: "nearest" });
  };
  const show = (rows) => {
    list.replaceChildren(...rows.map((row, n) => {
      const item = document.createElement("li");
      item.setAttribute("role", "option");
      item.setAttribute("aria-selected", String(n === 0));
      item.dataset.id = row.id; item.dataset.text = row.text; item.textContent = row.text;
      item.addEventListener("mousedown", (e) => { e.preventDefault(); choose(item); });
      return item;
    }));
    if (!rows.length) {
      const none = document.createElement("li");
      none.className = "none"; none.textContent = document.body.dataset.none;
      list.append(none);
    }
    list.hidden = false; text.setAttribute("aria-expanded", "true");
    pending = false;
    const first = list.querySelector("[role=option]");
    if (eager && first) choose(first);
    eager = false;
  };
  const ask = async () => {
    const mine = ++asked;
    const said = text.value.trim(), url = box.dataset.url + (box.dataset.url.includes("?") ? "&" : "?");
    // An identity number stands in no address and no log: it is posted.
    const answer = /\d{11}/.test(said.normalize("NFKC").replace(/\s/g, ""))
      ? await fetch(box.dataset.url, { method: "POST", body: new URLSearchParams({ q: said }), headers: { "X-CSRFToken": token, Accept: "application/json" } })
      : await fetch(`${url}q=${encodeURIComponent(said)}`, { headers: { Accept: "application/json" } });
    const rows = answer.ok ? await answer.json() : [];
    if (answer.ok && mine === asked && document.activeElement === text) show(rows);
  };
  text.addEventListener("input", () => {
    if (text.value !== chosen) hidden.value = "";
    text.setCustomValidity("");
    clearTimeout(timer);
    close(); // rows of other words are not to be chosen by Enter
    pending = true; eager = false; asked++;
    timer = setTimeout(ask, 150);
  });
  // In a form an empty box offers what there is; in the grid, where one tabs through, it waits to be typed in.
  text.addEventListener("focus", () => { if (!hidden.value && !text.value && !box.closest(".keying")) ask(); });
  text.addEventListener("blur", () => setTimeout(close, 150));
  // Words that chose no row would be saved as nothing: say so and stay. A sheet's own names are read by the server, which
  // says in the row whom it does not know.
  text.form?.addEventListener("submit", (e) => {
    if (box.closest(".keying")) return;
    text.setCustomValidity(text.value.trim() && !hidden.value ? document.body.dataset.choose : "");
    if (!text.checkValidity()) { e.preventDefault(); e.stopImmediatePropagation(); text.reportValidity(); }
  });
  text.addEventListener("keydown", (e) => {
    if (e.key === "ArrowDown") { e.preventDefault(); list.hidden ? ask() : move(1); }
    else if (e.key === "ArrowUp") { e.preventDefault(); move(-1); }
    else if (e.key === "Enter" && pending && text.value.trim()) { e.preventDefault(); eager = true; }
    else if (e.key === "Enter" && !list.hidden) {
      const item = list.querySelector('[aria-selected="true"]');
      if (item) { e.preventDefault(); choose(item); }
    } else if (e.key === "Escape") close();
  });
  // Whoever typed before this script was there is answered too.
  if (document.activeElement === text && text.value.trim() && !hidden.value) ask();
}

document.querySelectorAll(".picker").forEach(picker);

document.querySelectorAll("[data-all]").forEach((all) => all.addEventListener("change", () => {
  all.closest("table").querySelectorAll('tbody input[name="id"]').forEach((box) => { box.checked = all.checked; });
}));

document.querySelectorAll("[data-confirm]").forEach((button) => button.addEventListener("click", (e) => {
  if (!window.confirm(`${button.textContent.trim()}\n${button.dataset.confirm}`)) e.preventDefault();
}));

// A sentence at the top of a form, in the place of the one before; blank takes it away.
function tell(form, text) {
  let said = form.querySelector(".said.unsaved");
  if (!said) {
    said = document.createElement("div");
    said.className = "said unsaved"; said.setAttribute("role", "alert");
    said.append(document.createElement("p"));
    said.firstChild.className = "bad";
    form.prepend(said);
  }
  said.firstChild.textContent = text;
  said.hidden = !text;
  if (text) said.scrollIntoView({ block: "nearest" });
}

// Whether the server and its database answer now; else the sentence that says so.
async function unreached() {
  try {
    const answer = await fetch("/healthz", { cache: "no-store", signal: AbortSignal.timeout(8000) });
    return answer.ok ? "" : document.body.dataset.busy;
  } catch { return document.body.dataset.away; }
}

// The numbers of the forms sent from this page stay with its place in the history: whoever comes «back» and presses once
// more sends the same form, and is told that it was saved.
const numbered = () => [...document.querySelectorAll('form[method="post"]')].filter((form) => form.elements.namedItem("once"));
function remember(form) {
  const sent = { ...history.state?.sent, [numbered().indexOf(form)]: form.elements.namedItem("once").value };
  history.replaceState({ ...history.state, sent }, "");
}
const altered = (box) => box.type !== "hidden" && (box.tagName === "SELECT"
  ? [...box.options].some((o, n) => o.selected !== (o.defaultSelected || (n === 0 && box.size < 2 && ![...box.options].some((p) => p.defaultSelected))))
  : box.value !== box.defaultValue || Boolean(box.checked) !== Boolean(box.defaultChecked));
window.addEventListener("pageshow", () => Object.entries(history.state?.sent ?? {}).forEach(([n, key]) => {
  const form = numbered()[n];
  if (form && [...form.elements].some((box) => box.name && box.tagName !== "BUTTON" && altered(box)))
    form.elements.namedItem("once").value = key;
}));

// One press, one post: a second press while the first is under way does nothing. What took long to type is sent only when
// somebody is there to take it: a page that failed to arrive would take it along.
document.querySelectorAll("form").forEach((form) => form.addEventListener("submit", async (e) => {
  if (form.method !== "post") return;
  if (form.dataset.sent) { e.preventDefault(); e.stopImmediatePropagation(); return; }
  form.dataset.sent = "1";
  if (!form.dataset.reached && form.matches(".paper, .keying, .lines")) {
    e.preventDefault(); e.stopImmediatePropagation();
    const why = await unreached();
    delete form.dataset.sent;
    tell(form, why);
    if (why) return;
    form.dataset.reached = "1";
    form.requestSubmit(e.submitter);
    delete form.dataset.reached;
    return;
  }
  if (form.elements.namedItem("once")) remember(form);
  setTimeout(() => delete form.dataset.sent, 4000);
}));

// What was typed before signing in again goes back to its own form, which shows it and does nothing yet.
document.querySelectorAll("form[data-resume]").forEach((form) => form.requestSubmit(form.querySelector("button")));

// One open sheet at a time; Escape closes it.
document.addEventListener("toggle", (e) => {
  if (e.target.matches?.("details.ask") && e.target.open)
    document.querySelectorAll("details.ask[open]").forEach((d) => { if (d !== e.target) d.open = false; });
}, true);
document.addEventListener("keydown", (e) => {
  if (e.key === "Escape") document.querySelectorAll("details.ask[open]").forEach((d) => { d.open = false; });
});

// What was typed and not saved is not lost by a slip of the mouse.
document.querySelectorAll("form.paper, form.keying").forEach((form) => {
  let dirty = false;
  form.addEventListener("input", () => { dirty = true; });
  form.addEventListener("submit", () => { dirty = false; });
  window.addEventListener("beforeunload", (e) => { if (dirty) e.preventDefault(); });
});

// A page that waits for a job looks again by itself.
const again = document.querySelector("[data-again]");
if (again) setTimeout(() => window.location.reload(), Number(again.dataset.again) * 1000);

document.querySelectorAll("[data-print]").forEach((button) => button.addEventListener("click", () => window.print()));

// A form that only asks is sent as soon as something is chosen in it.
document.querySelectorAll("form[data-go]").forEach((form) => form.addEventListener("change", (e) => {
  if (e.target.matches('input[type="hidden"], input[type="radio"]')) form.requestSubmit();
}));

// Whoever sets a value of her own in a policy draft means «本级规定», and need not say it twice.
document.addEventListener("input", (event) => {
  const own = event.target.closest("form.draft .setting")?.closest("td").querySelector('input[type="radio"][value="own"]');
  if (own) own.checked = true;
});
