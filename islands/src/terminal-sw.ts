// The terminal's service worker: the page opens without a network. It keeps the page and the files it names, which are
// the same for everybody; answers of the API go past it.
export {};

const worker = self as unknown as ServiceWorkerGlobalScope;
const SHELF = "terminal-1";
const PAGE = "/terminal";

worker.addEventListener("install", (event) => {
  event.waitUntil(fill().then(() => worker.skipWaiting()));
});

worker.addEventListener("activate", (event) => {
  event.waitUntil(worker.clients.claim());
});

worker.addEventListener("fetch", (event) => {
  const asked = new URL(event.request.url);
  if (event.request.method !== "GET" || asked.origin !== worker.location.origin) return;
  if (event.request.mode === "navigate") event.respondWith(page());
  else if (/^\/(?:assets\/|terminal\/(?:picture\/|reader\.))/.test(asked.pathname)) event.respondWith(file(event.request));
});

/** The page and every file it names. */
async function fill(): Promise<void> {
  const shelf = await caches.open(SHELF);
  const answer = await fetch(PAGE, { cache: "no-store" });
  if (!answer.ok) throw new Error(`the page answered ${answer.status}`);
  const html = await answer.clone().text();
  await shelf.put(PAGE, answer);
  const files = new Set(html.match(/\/(?:assets|terminal)\/[\w.-]+\.(?:js|css|svg|png|wasm)(?:\?[\w.]+)?/g) ?? []);
  await shelf.addAll([...files]);
  for (const old of await shelf.keys()) {
    const at = new URL(old.url);
    const ours = at.pathname.startsWith("/assets/") || at.pathname.startsWith("/terminal/reader");
    if (ours && !files.has(at.pathname + at.search)) await shelf.delete(old);
  }
}

/** The newest page; without a network the one that is kept. */
async function page(): Promise<Response> {
  const shelf = await caches.open(SHELF);
  try {
    const answer = await fetch(PAGE, { cache: "no-store" });
    if (answer.ok) {
      await shelf.put(PAGE, answer.clone());
      return answer;
    }
  } catch {
    // No network: the kept one.
  }
  return (await shelf.match(PAGE)) ?? Response.error();
}

/** Files by their address, which changes with their content. */
async function file(request: Request): Promise<Response> {
  const shelf = await caches.open(SHELF);
  const held = await shelf.match(request);
  if (held) return held;
  const answer = await fetch(request);
  if (answer.ok) await shelf.put(request, answer.clone());
  return answer;
}
