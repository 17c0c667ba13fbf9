// The service worker: a page for when there is no connection, and notifications. It keeps nothing else, so that what one
// reader saw never shows to the next.
const worker = self as unknown as ServiceWorkerGlobalScope;
const SHELF = "offline-1";

worker.addEventListener("install", (event) => {
  event.waitUntil(caches.open(SHELF).then((shelf) => shelf.add("/offline")).then(() => worker.skipWaiting()));
});

worker.addEventListener("activate", (event) => {
  event.waitUntil(
    caches.keys()
      .then((names) => Promise.all(names.filter((name) => name !== SHELF).map((name) => caches.delete(name))))
      .then(() => worker.clients.claim()),
  );
});

worker.addEventListener("fetch", (event) => {
  if (event.request.mode !== "navigate") return;
  event.respondWith(fetch(event.request).catch(async () => (await caches.match("/offline")) ?? Response.error()));
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
