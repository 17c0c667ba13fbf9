// Check-in without a network: the server sealed to this tablet which passes are expected (fingerprints and windows, no
// names). What happens meanwhile is sealed to the server, kept, and sent when the network is back; the id of each event
// lets the server apply it once.
import { fromText, joined, openSealed, sealTo, sha256, toText, uuidBytes, type Bytes } from "./hpke";
import { handleOf } from "./pass";
import { call, serverNow } from "./server";
import { keep, kept, type Identity } from "./shelf";

const LIST = "visitors.terminal_list";
const QUEUE = "visitors.terminal_queue";
/** As many events as are kept; a lobby has fewer guests in a day. */
const MOST = 500;
/** So many are sent at once. */
const BATCH = 50;

interface Expected {
  /** SHA-256 of the handle. */
  pass: string;
  from: number;
  until: number;
}

/** Keeps the list as it came, sealed. */
export async function keepList(list: { version: string; sealed: string }): Promise<void> {
  await keep("expected", { version: list.version, sealed: fromText(list.sealed) });
}

/** Which list there is. */
export async function listVersion(): Promise<string> {
  return (await kept("expected"))?.version ?? "";
}

/** Checks a pass in by the list, or says that it cannot. */
export async function checkInOffline(identity: Identity, pass: string): Promise<boolean> {
  const handle = handleOf(pass);
  const list = await kept("expected");
  if (!handle || !list) return false;
  const hash = toText(await sha256(handle));
  const now = serverNow();
  const known = (await openList(identity, list.sealed)).find((one) => one.pass === hash);
  if (!known || now < known.from || now > known.until) return false;
  const taken = (await kept("taken")) ?? [];
  if (taken.includes(hash)) return false;
  if (!(await put(identity, { what: "check_in", handle: toText(handle), at: Math.round(now) }))) return false;
  await keep("taken", [...taken, hash].slice(-MOST));
  return true;
}

/** Notes that a guest left, by pass. Whoever leaves is never held up: without room for the event they go all the same. */
export async function checkOutOffline(identity: Identity, pass: string): Promise<void> {
  const handle = handleOf(pass);
  if (handle) await put(identity, { what: "check_out", handle: toText(handle), at: Math.round(serverNow()) });
}

/** Sends what was kept, oldest first. What the server has seen is dropped, what it could not read as well. */
export async function sendQueue(identity: Identity): Promise<void> {
  for (;;) {
    const queue = (await kept("queue")) ?? [];
    if (queue.length === 0) return;
    const events = queue.slice(0, BATCH);
    const { done } = await call<{ done: string[] }>(identity, "/terminal/api/events", { events });
    const rest = ((await kept("queue")) ?? []).filter((event) => !done.includes(event.id));
    await keep("queue", rest);
    if (rest.length === 0) await keep("taken", []);
    if (done.length === 0) return;
  }
}


async function openList(identity: Identity, sealed: Bytes): Promise<Expected[]> {
  const own = { privateKey: identity.seal, point: identity.sealPoint };
  const plain = await openSealed(own, LIST, uuidBytes(identity.id), sealed).catch(() => null);
  if (!plain) return [];
  return (JSON.parse(new TextDecoder().decode(plain)) as { expected: Expected[] }).expected;
}

async function put(identity: Identity, event: object): Promise<boolean> {
  const queue = (await kept("queue")) ?? [];
  if (queue.length >= MOST) return false;
  const id = crypto.randomUUID();
  const boundTo = joined(uuidBytes(identity.id), uuidBytes(id));
  const sealed = await sealTo(identity.queueKey, QUEUE, boundTo, new TextEncoder().encode(JSON.stringify(event)));
  await keep("queue", [...queue, { id, sealed: toText(sealed) }]);
  return true;
}
