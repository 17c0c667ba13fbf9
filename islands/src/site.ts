// The small things every page can do. Each works as a plain link or form where scripts do not run.

import { paintHours } from "./hours";
import { keepTouched } from "./kept";
import { lendByDrag } from "./lend";

/** Facts of the tenant, by name only: the page asks for its fragments again (hx-trigger="live:keys.taken_out from:body"). */
function listen(): void {
  const topics = document.body.dataset["live"];
  if (!topics) return;
  const stream = new EventSource(`/live?topics=${encodeURIComponent(topics)}`);
  for (const topic of topics.split(",")) {
    stream.addEventListener(topic, () => document.body.dispatchEvent(new CustomEvent(`live:${topic}`)));
  }
  // Told when the session ended: the page would show what its reader may no longer see.
  stream.addEventListener("goodbye", () => {
    stream.close();
    location.reload();
  });
  addEventListener("pagehide", () => stream.close());
}

function keyboard(event: KeyboardEvent): void {
  const target = event.target as HTMLElement;
  if (event.key === "Escape") closeMenus();
  if (event.ctrlKey || event.metaKey || event.altKey || target.closest("input, textarea, select, [contenteditable]")) return;
  if (event.key === "/") {
    const search = document.querySelector<HTMLInputElement>("#search, .filters input[type=search]");
    if (search) {
      event.preventDefault();
      search.focus();
    }
  }
  if (event.key === "j" || event.key === "k") step(event.key === "j" ? 1 : -1);
}

/** Moves between the rows of the list. */
function step(by: number): void {
  const links = [...document.querySelectorAll<HTMLElement>("a.row-link")];
  const now = links.indexOf(document.activeElement as HTMLElement);
  links[now < 0 ? (by > 0 ? 0 : links.length - 1) : Math.min(Math.max(now + by, 0), links.length - 1)]?.focus();
}

function closeMenus(except?: Node): void {
  for (const menu of document.querySelectorAll<HTMLDetailsElement>("details.menu[open], details.confirm[open]")) {
    if (!except || !menu.contains(except)) menu.open = false;
  }
}

function press(event: MouseEvent): void {
  const target = event.target as HTMLElement;
  closeMenus(target);
  const opener = target.closest<HTMLElement>("[data-dialog]");
  if (opener) (document.getElementById(opener.dataset["dialog"] ?? "") as HTMLDialogElement | null)?.showModal();
  if (target.closest("[data-dialog-close]")) target.closest("dialog")?.close();
  const copier = target.closest<HTMLElement>("[data-copy]");
  if (copier) {
    void navigator.clipboard.writeText(copier.dataset["copy"] ?? "").then(() => copier.classList.add("copied"));
  }
  if (target.closest("[data-print]")) print();
  if (target.closest(".notice-close")) target.closest(".notice")?.remove();
}

/** Filters with data-auto submit themselves when a choice changes; a form is never sent twice. */
function forms(): void {
  document.addEventListener("change", (event) => {
    const form = (event.target as HTMLElement).closest<HTMLFormElement>("form[data-auto]");
    if (form && (event.target as HTMLElement).matches("select, [type=checkbox], [type=radio], [type=date]")) form.requestSubmit();
  });
  document.addEventListener("submit", (event) => {
    const form = event.target as HTMLFormElement;
    if (event.defaultPrevented || form.method !== "post") return;
    if (form.dataset["sent"]) event.preventDefault();
    form.dataset["sent"] = "yes";
    // A form whose answer is a file leaves the page as it is.
    setTimeout(() => delete form.dataset["sent"], 5000);
  });
  // Coming back by the browser's arrow shows the form as it was left.
  addEventListener("pageshow", () => {
    for (const form of document.querySelectorAll<HTMLFormElement>("form[data-sent]")) delete form.dataset["sent"];
  });
}

/** A page that is kept for when the server cannot be reached (`data-keep`): now, after each fact, and every five minutes. */
function keepPage(worker: ServiceWorkerRegistration): void {
  document.querySelector("form[action='/sign-out']")?.addEventListener("submit", () => worker.active?.postMessage({ forget: true }));
  const path = document.body.dataset["keep"];
  if (!path) return;
  let waits: number | undefined;
  const keep = (): void => {
    waits ??= window.setTimeout(() => {
      waits = undefined;
      worker.active?.postMessage({ keep: path });
    }, 500);
  };
  keep();
  setInterval(keep, 300_000);
  for (const topic of document.body.dataset["live"]?.split(",") ?? []) document.body.addEventListener(`live:${topic}`, keep);
}

/** The kept pages by their titles, on the page that shows while the server cannot be reached. */
async function listKept(): Promise<void> {
  const box = document.querySelector<HTMLElement>("[data-kept]");
  if (!box || !(await caches.has("kept-1"))) return;
  const shelf = await caches.open("kept-1");
  for (const request of await shelf.keys()) {
    const html = (await (await shelf.match(request))?.text()) ?? "";
    const link = document.createElement("a");
    link.href = request.url;
    link.textContent = new DOMParser().parseFromString(html, "text/html").title.split(" · ")[0] ?? request.url;
    const item = document.createElement("li");
    item.append(link);
    box.querySelector("ul")?.append(item);
    box.hidden = false;
  }
}

/** Web Push, where the reader asks for it: a button with data-push="on" or "off". */
async function push(): Promise<void> {
  const box = document.querySelector<HTMLElement>("[data-push]");
  if (!box || !("serviceWorker" in navigator) || !("PushManager" in window)) return;
  const worker = await navigator.serviceWorker.ready;
  const show = (on: boolean): void => {
    box.dataset["push"] = on ? "on" : "off";
    box.hidden = false;
  };
  show((await worker.pushManager.getSubscription()) !== null);
  box.addEventListener("click", async (event) => {
    const pressed = (event.target as HTMLElement).closest<HTMLElement>("[data-push-do]");
    if (!pressed) return;
    const subscriptions = "/api/v1/me/push-subscriptions";
    if (pressed.dataset["pushDo"] === "off") {
      const subscription = await worker.pushManager.getSubscription();
      if (subscription) {
        await fetch(subscriptions, { method: "DELETE", headers: { "content-type": "application/json" }, body: JSON.stringify({ endpoint: subscription.endpoint }) });
        await subscription.unsubscribe();
      }
      return show(false);
    }
    if ((await Notification.requestPermission()) !== "granted") {
      box.classList.add("push-refused");
      return;
    }
    const subscription = await worker.pushManager.subscribe({ userVisibleOnly: true, applicationServerKey: box.dataset["pushKey"] ?? "" });
    const answer = await fetch(subscriptions, { method: "POST", headers: { "content-type": "application/json" }, body: JSON.stringify(subscription) });
    if (!answer.ok) await subscription.unsubscribe();
    show(answer.ok);
  });
}

document.addEventListener("keydown", keyboard);
document.addEventListener("click", press);
listen();
keepTouched();
forms();
lendByDrag();
paintHours();
if ("serviceWorker" in navigator && document.documentElement.dataset["worker"] === "yes") {
  void navigator.serviceWorker.register("/sw.js").then(push, () => undefined);
  void navigator.serviceWorker.ready.then(keepPage);
  void listKept();
}
