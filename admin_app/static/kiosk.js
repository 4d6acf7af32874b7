// The kiosk: a press is first written down on the device, with a number drawn at random and the moment by the device's
// clock, then sent, and erased once it was answered. Held on the device are card numbers and moments of what was not yet
// answered, nothing else; names come with an answer, are shown for a moment and are kept nowhere.
"use strict";
(() => {
  const said = document.body.dataset, byId = (id) => document.getElementById(id);
  const card = byId("card"), panel = byId("said"), activity = Number(said.activity);
  const AT_ONCE = 40, EVERY = 5000, SHOWN = 6000, TWICE = 5000, PATIENCE = 10000; // presses; ms
  let off = null, closed = !said.open, sending = false, hide = 0, last = { card: "", into: true, at: 0 }, waiting = "";

  // --- what is written down ---

  const opened = new Promise((done, fail) => {
    const asked = indexedDB.open("kiosk", 1);
    asked.onupgradeneeded = () => asked.result.createObjectStore("presses", { keyPath: "key" });
    asked.onsuccess = () => done(asked.result);
    asked.onerror = () => fail(asked.error);
  });
  // Done when it is on the disk and not before: a tablet that is switched off a second later still has it.
  async function written(mode, does) {
    const base = await opened;
    return new Promise((done, fail) => {
      const all = base.transaction("presses", mode, { durability: "strict" });
      const asked = does(all.objectStore("presses"));
      all.oncomplete = () => done(asked && asked.result);
      all.onerror = all.onabort = () => fail(all.error);
    });
  }
  const kept = () => written("readonly", (store) => store.getAll());

  async function count() {
    const all = await kept(), mine = all.filter((one) => one.activity === activity);
    byId("unsent").textContent = mine.length;
    byId("others").hidden = all.length === mine.length;
    byId("others").textContent = `${said.others} ${all.length - mine.length}`;
    return mine;
  }

  // --- what is said ---

  function say(kind, ...lines) {
    clearTimeout(hide);
    panel.className = kind;
    panel.replaceChildren(...lines.filter((line) => line[1]).map(([name, text]) => Object.assign(document.createElement("p"), { className: name, textContent: text })));
    hide = setTimeout(() => { panel.className = ""; panel.replaceChildren(); }, SHOWN);
  }
  function warn(text) { byId("warns").hidden = !text; byId("warns").textContent = text; }
  function online(is) { byId("net").textContent = is ? said.online : said.offline; byId("net").className = is ? "on" : ""; }
  function ended(text) { closed = true; byId("net").textContent = text; byId("net").className = ""; warn(text); }

  function tell(answer) {
    const what = answer.into ? said.in : said.out;
    if (answer.answer === "taken") say("good", ["name", answer.name], ["what", `${what} ${answer.at}`]);
    else if (answer.answer === "already") say("good", ["name", answer.name], ["what", `${what} ${answer.at}`], ["", said.already]);
    else say(answer.answer === "held" ? "kept" : "no", ["name", answer.name], ["", answer.says]);
  }

  // --- a press ---

  function number() { return Array.from(crypto.getRandomValues(new Uint8Array(16)), (one) => one.toString(16).padStart(2, "0")).join(""); }

  async function press(text) {
    const typed = text.normalize("NFKC").replace(/\s/g, ""), into = document.querySelector("[name=into]:checked").value === "1", at = Date.now();
    card.value = "";
    card.focus();
    if (!/^[0-9A-Za-z]{4,20}$/.test(typed)) return say("no", ["", said.wrong]);
    if (last.card === typed && last.into === into && Math.abs(at - last.at) < TWICE) return say("kept", ["", said.twice]);
    last = { card: typed, into, at };
    const one = { key: number(), activity, card: typed, into, at, off };
    try { await written("readwrite", (store) => store.put(one)); } catch { last.at = 0; return warn(said.lost); }
    waiting = one.key;
    say("kept", ["what", said.noted], ["", `${said.tail} ${typed.slice(-4)} ${into ? said.coming : said.going}`], ["", said.later]);
    await count();
    await send();
  }

  // --- sending ---

  async function send() {
    if (sending) return;
    sending = true;
    try {
      for (let mine = await count(); mine.length; mine = await count()) {
        mine.sort((a, b) => a.at - b.at);
        const now = mine.slice(0, AT_ONCE), answer = await asked(said.presses, {
          method: "POST", headers: { "Content-Type": "application/json", "X-Kiosk": "1" },
          body: JSON.stringify({ now: Date.now(), presses: now.map(({ key, card, into, at, off }) => ({ key, card, into, at, off })) }),
        });
        if (!answer) break;
        const mineKeys = new Set(now.map((one) => one.key)), answered = answer.answers.filter((one) => mineKeys.has(one.key));
        await written("readwrite", (store) => { for (const one of answered) store.delete(one.key); });
        const shown = answered.find((one) => one.key === waiting);
        if (shown) { waiting = ""; tell(shown); }
        if (!answered.length) break;
      }
    } catch { warn(said.lost); } finally { sending = false; await count().catch(() => warn(said.lost)); }
  }

  // What the server says, or nothing: without a network, or when it cannot now. Each answer says what time it is there.
  async function asked(address, how = {}) {
    const stop = new AbortController(), timer = setTimeout(() => stop.abort(), PATIENCE);
    try {
      const answer = await fetch(address, { credentials: "same-origin", cache: "no-store", signal: stop.signal, ...how });
      if (answer.status === 401) { ended(said.closed); return null; }
      if (!answer.ok) { online(answer.status === 429); return null; }
      const heard = await answer.json();
      off = Math.round((heard.now - Date.now()) / 1000);
      online(true);
      if (!heard.open) ended(said.over); else { closed = false; warn(Math.abs(off) > 120 ? said.clock : stays()); }
      return heard;
    } catch { online(false); return null; } finally { clearTimeout(timer); }
  }
  const stays = () => (navigator.serviceWorker ? "" : said.stay);

  async function look() { if (await asked(said.now)) await send(); }

  // --- keys, a hand scanner, a camera where the browser reads codes itself ---

  byId("press").addEventListener("submit", (event) => { event.preventDefault(); press(card.value); });
  for (const key of document.querySelectorAll("[data-key]")) key.addEventListener("click", () => { card.value += key.dataset.key; });
  byId("clear").addEventListener("click", () => { card.value = ""; card.focus(); });
  byId("back").addEventListener("click", () => { card.value = card.value.slice(0, -1); });
  for (const way of document.querySelectorAll("[name=into]")) way.addEventListener("change", () => { last.at = 0; });
  // A scanner types wherever the focus is: digits go into the box.
  document.addEventListener("keydown", (event) => {
    if (document.activeElement !== card && /^[0-9]$/.test(event.key) && !event.ctrlKey && !event.altKey && !event.metaKey) card.focus();
  });

  if ("BarcodeDetector" in window && navigator.mediaDevices) {
    const button = byId("camera"), seen = byId("seen");
    let stream = null;
    button.hidden = false;
    button.addEventListener("click", async () => {
      if (stream) { stream.getTracks().forEach((one) => one.stop()); stream = null; seen.hidden = true; return; }
      try { stream = await navigator.mediaDevices.getUserMedia({ video: { facingMode: "environment" } }); } catch { button.hidden = true; return; }
      seen.srcObject = stream;
      seen.hidden = false;
      await seen.play();
      const eye = new BarcodeDetector({ formats: ["qr_code"] });
      const watch = async () => {
        if (!stream) return;
        try { const [found] = await eye.detect(seen); if (found) await press(found.rawValue); } catch { /* the next picture */ }
        setTimeout(watch, 400);
      };
      watch();
    });
  }

  // --- it begins ---

  if (navigator.serviceWorker) {
    navigator.serviceWorker.register(said.worker, { scope: said.scope }).then(() => navigator.serviceWorker.ready).then((ready) => {
      const parts = [...document.querySelectorAll("link[rel=stylesheet], link[rel=icon]")].map((one) => one.href).concat([...document.scripts].map((one) => one.src));
      const heard = new MessageChannel();
      heard.port1.onmessage = () => { document.body.dataset.standing = "1"; };
      ready.active.postMessage([said.scope, ...parts], [heard.port2]);
    }).catch(() => warn(said.stay));
  }
  if (navigator.storage && navigator.storage.persist) navigator.storage.persist().catch(() => {});
  warn(closed ? said.over : stays());
  count().catch(() => warn(said.lost));
  look();
  setInterval(look, EVERY * 3);
  window.addEventListener("online", look);
  window.addEventListener("offline", () => online(false));
})();
