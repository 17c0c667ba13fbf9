// The service worker: a page for when there is no connection, notifications, and the few pages that have to be read when
// the server cannot be reached (a list of who is in the building). Those are fetched with the reader's own session, shown only
// without a network, forgotten after twelve hours, at sign-out, and when the session no longer opens them.
const worker = self as unknown as ServiceWorkerGlobalScope;
const SHELF = "offline-1";
const KEPT = "kept-1";
const KEPT_FOR_MS = 12 * 3_600_000;

/** Takes a page along, or lets it go when it is not this reader's any more. */
async function keep(path: string): Promise<void> {
  const shelf = await caches.open(KEPT);
  const answer = await fetch(path, { headers: { accept: "text/html" } }).catch(() => undefined);
  if (answer === undefined) return;
  if (!answer.ok || answer.redirected) {
    await shelf.delete(path);
    return;
  }
  const headers = new Headers(answer.headers);
  headers.set("x-kept-at", String(Date.now()));
  await shelf.put(path, new Response(await answer.blob(), { headers }));
}

/** The page as it was, while it is not too old. */
async function kept(request: Request): Promise<Response | undefined> {
  const shelf = await caches.open(KEPT);
  const page = await shelf.match(request, { ignoreVary: true });
  if (page && Date.now() - Number(page.headers.get("x-kept-at")) < KEPT_FOR_MS) return page;
  await shelf.delete(request);
  return undefined;
}

worker.addEventListener("install", (event) => {
  event.waitUntil(caches.open(SHELF).then((shelf) => shelf.add("/offline")).then(() => worker.skipWaiting()));
});

worker.addEventListener("activate", (event) => {
  event.waitUntil(
    caches.keys()
      .then((names) => Promise.all(names.filter((name) => name !== SHELF && name !== KEPT).map((name) => caches.delete(name))))
      .then(() => worker.clients.claim()),
  );
});

worker.addEventListener("fetch", (event) => {
  if (event.request.mode !== "navigate") return;
  // Whoever is led to the sign-in has no session any more.
  if (new URL(event.request.url).pathname === "/sign-in") event.waitUntil(caches.delete(KEPT));
  event.respondWith(fetch(event.request).catch(async () => (await kept(event.request)) ?? (await caches.match("/offline")) ?? Response.error()));
});

worker.addEventListener("message", (event) => {
  const asked = event.data as { keep?: string; forget?: boolean };
  if (asked.forget) event.waitUntil(caches.delete(KEPT));
  else if (asked.keep?.startsWith("/")) event.waitUntil(keep(asked.keep));
});

worker.addEventListener("push", (event) => {
  const told = event.data?.json() as { title?: string; body?: string; href?: string; tag?: string; actions?: { title: string; href: string }[] } | undefined;
  if (!told?.title) return;
  const actions = (told.actions ?? []).map(({ title }, number) => ({ action: String(number), title }));
  const options: NotificationOptions & { actions: { action: string; title: string }[] } = {
    actions, body: told.body ?? "", icon: "/icon-192.png", badge: "/icon-192.png", data: { href: told.href ?? "/", actions: (told.actions ?? []).map((action) => action.href) },
  };
  if (told.tag) options.tag = told.tag;
  event.waitUntil(worker.registration.showNotification(told.title, options));
});

worker.addEventListener("notificationclick", (event) => {
  event.notification.close();
  const data = event.notification.data as { href?: string; actions?: string[] } | null;
  // A button of the notification opens the page of its answer, where it is pressed: opening changes nothing.
  const chosen = event.action ? data?.actions?.[Number(event.action)] : undefined;
  const asked = new URL(String(chosen ?? data?.href ?? "/"), worker.location.origin);
  // Only ever to ourselves.
  const href = asked.origin === worker.location.origin ? asked.href : worker.location.origin;
  event.waitUntil(worker.clients.openWindow(href));
});
