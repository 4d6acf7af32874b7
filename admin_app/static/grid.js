// The keying grid: checks while keying, paste of whole blocks, Enter to the next row, fill down.
"use strict";

const grid = document.querySelector("form.keying");
const body = grid.querySelector("tbody");
const FILLED = ["start", "end", "content", "quality"];
const ORDER = ["who", "start", "end", "travel", "content", "quality", "remark"];
const rows = () => [...body.rows];
const cell = (row, name) => row.querySelector(`[name="${name}"]`);
const blank = (row) => !cell(row, "who").value.trim() && !cell(row, "start").value.trim() && !cell(row, "end").value.trim();

function total() {
  let hours = 0, count = 0;
  rows().forEach((row) => {
    const value = Number(row.querySelector(".hours").textContent);
    if (value) { hours += Math.round(value * 100); count += 1; }
  });
  grid.querySelector("[data-total]").textContent = (hours / 100).toFixed(2);
  grid.querySelector("[data-count]").textContent = count;
}

function say(row, answer) {
  row.querySelector(".hours").textContent = answer.hours;
  const says = row.querySelector(".says");
  says.replaceChildren();
  const line = (text, kind) => {
    const p = document.createElement("p");
    p.className = kind; p.textContent = text; says.append(p);
  };
  ORDER.forEach((name) => cell(row, name).closest("td").classList.toggle("wrong", name in answer.wrong));
  ORDER.flatMap((name) => answer.wrong[name] || []).forEach((text) => line(text, "error"));
  // What was understood is shown as it was understood: 上午8点半 becomes 08:30, a card number its person.
  Object.entries(answer.typed || {}).forEach(([name, value]) => { if (value) cell(row, name).value = value; });
  answer.notes.forEach((text) => line(text, "hint"));
}

let timer, asked = 0;
async function check() {
  const mine = ++asked;
  let answer;
  try {
    answer = await fetch(grid.dataset.check, { method: "POST", body: new FormData(grid), headers: { "X-CSRFToken": token, Accept: "application/json" } });
  } catch { // nobody is there: said, and tried again until somebody is
    if (mine === asked) { tell(grid, document.body.dataset.away); timer = setTimeout(check, 5000); }
    return;
  }
  if (mine !== asked) return;
  tell(grid, answer.status === 400 || answer.status === 401 ? document.body.dataset.signin : answer.ok ? "" : document.body.dataset.busy);
  if (!answer.ok) return;
  const said = await answer.json();
  const here = document.activeElement?.closest("tr");
  rows().forEach((row, n) => {
    // The row being keyed is not scolded for what is not typed yet.
    if (said[n] && row !== here) say(row, blank(row) ? { wrong: {}, notes: [], hours: "" } : said[n]);
  });
  total();
}
const soon = () => { clearTimeout(timer); timer = setTimeout(check, 400); };

function focusBelow(input, step = 1) {
  const row = input.closest("tr");
  const next = rows()[rows().indexOf(row) + step];
  if (next) cell(next, input.name).focus();
  else if (step > 0) { more(10); cell(rows()[rows().indexOf(row) + 1], input.name).focus(); }
}

function more(count) {
  for (let n = 0; n < count; n += 1) {
    const row = body.rows[body.rows.length - 1].cloneNode(true);
    row.querySelectorAll("input").forEach((i) => { i.value = ""; });
    row.querySelectorAll("select").forEach((s) => { s.value = ""; });
    row.querySelectorAll(".wrong").forEach((td) => td.classList.remove("wrong"));
    row.querySelector(".says").replaceChildren();
    row.querySelector(".hours").textContent = "";
    row.querySelector("ul").replaceChildren();
    const number = body.rows.length + 1;
    row.cells[0].firstChild.textContent = number;
    row.querySelectorAll("[aria-label]").forEach((e) => e.setAttribute("aria-label", e.getAttribute("aria-label").replace(/\d+/, number)));
    body.append(row);
    picker(row.querySelector(".picker"));
  }
}

body.addEventListener("keydown", (e) => {
  const input = e.target;
  if (e.defaultPrevented || !ORDER.includes(input.name)) return;
  if (e.key === "Enter") { e.preventDefault(); focusBelow(input); }
  else if (input.name !== "who" && input.tagName === "INPUT" && e.key === "ArrowDown") { e.preventDefault(); focusBelow(input); }
  else if (input.name !== "who" && input.tagName === "INPUT" && e.key === "ArrowUp") { e.preventDefault(); focusBelow(input, -1); }
});

// A block copied from a spreadsheet spreads over the cells from where it is pasted.
body.addEventListener("paste", (e) => {
  const text = e.clipboardData.getData("text/plain");
  if (!/[\t\n]/.test(text.trim())) return;
  e.preventDefault();
  const lines = text.replace(/\r/g, "").replace(/\n$/, "").split("\n");
  const first = rows().indexOf(e.target.closest("tr")), column = ORDER.indexOf(e.target.name);
  if (first + lines.length > rows().length) more(first + lines.length - rows().length);
  lines.forEach((line, n) => line.split("\t").forEach((value, m) => {
    const name = ORDER[column + m];
    if (!name) return;
    const target = cell(rows()[first + n], name);
    if (name === "quality") {
      const option = [...target.options].find((o) => o.textContent.trim() === value.trim());
      target.value = option ? option.value : "";
    } else target.value = value.trim();
    if (name === "who") cell(rows()[first + n], "volunteer").value = "";
  }));
  grid.dispatchEvent(new Event("input"));
  soon();
});

grid.querySelector("[data-fill]").addEventListener("click", () => {
  const [first, ...others] = rows();
  others.filter((row) => cell(row, "who").value.trim()).forEach((row) => FILLED.forEach((name) => {
    if (!cell(row, name).value) cell(row, name).value = cell(first, name).value;
  }));
  grid.dispatchEvent(new Event("input"));
  check();
});
grid.querySelector("[data-more]").addEventListener("click", () => more(10));
body.addEventListener("change", soon);
body.addEventListener("focusin", (e) => { if (e.target.closest("tr") !== body.lastRow) { body.lastRow = e.target.closest("tr"); soon(); } });
total();
