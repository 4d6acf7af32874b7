// Keeps the kiosk's own page, its style and its script, so that it opens again without a network. Nothing else is kept: no
// answer, no name. A page that the server no longer calls an open kiosk is thrown away.
"use strict";
const KEPT = "kiosk-1";
const PAGE = new URL("./", self.location).pathname;
const PATIENCE = 4000; // ms for which the network is waited for

self.addEventListener("install", (event) => event.waitUntil(self.skipWaiting()));

self.addEventListener("activate", (event) => {
  event.waitUntil((async () => {
    for (const name of await caches.keys()) if (name.startsWith("kiosk-") && name !== KEPT) await caches.delete(name);
    await self.clients.claim();
  })());
});

// The page says what it is made of, once it stands.
self.addEventListener("message", (event) => {
  if (!Array.isArray(event.data)) return;
  event.waitUntil((async () => {
    const kept = await caches.open(KEPT);
    for (const address of event.data) {
      const url = new URL(address, self.location);
      if (url.origin !== self.location.origin) continue;
      try { await keep(kept, url.pathname, await fetch(url.pathname, { credentials: "same-origin" })); } catch { /* next time */ }
    }
    if (event.ports[0]) event.ports[0].postMessage("kept");
  })());
});

async function keep(kept, path, answer) {
  if (path !== PAGE) {
    if (answer.ok) await kept.put(path, answer);
  } else if (answer.headers.get("X-Kiosk") === "open") await kept.put(path, answer);
  else if (answer.ok) await kept.delete(path);
}

self.addEventListener("fetch", (event) => {
  const url = new URL(event.request.url);
  const page = event.request.mode === "navigate" && url.pathname === PAGE;
  const part = ["style", "script", "image"].includes(event.request.destination) && url.pathname.startsWith("/static/");
  if (event.request.method !== "GET" || url.origin !== self.location.origin || !(page || part)) return;
  event.respondWith((async () => {
    const kept = await caches.open(KEPT);
    const stop = new AbortController();
    const timer = setTimeout(() => stop.abort(), PATIENCE);
    try {
      const answer = await fetch(url.pathname, { credentials: "same-origin", redirect: "follow", signal: stop.signal });
      if (answer.status >= 500) throw new Error("away");
      if (page || await kept.match(url.pathname)) await keep(kept, url.pathname, answer.clone());
      return answer;
    } catch (away) {
      const found = await kept.match(url.pathname);
      if (found) return found;
      throw away;
    } finally { clearTimeout(timer); }
  })());
});
