// What the tablet keeps: its keys (not exportable), its settings, the list of expected guests as the server sealed it,
// and events of a broken network as they were sealed to the server. Nothing personal in the clear, nothing in localStorage.
import type { Bytes } from "./hpke";

/** Who this tablet is. */
export interface Identity {
  id: string;
  sign: CryptoKey;
  seal: CryptoKey;
  sealPoint: Bytes;
  /** The server's point, to which offline events are sealed. */
  queueKey: Bytes;
}

export interface Queued {
  id: string;
  sealed: string;
}

interface Kept {
  identity: Identity;
  /** The time of the last request: each is later than the one before, also after the clock was put back. */
  last: number;
  settings: unknown;
  /** Sealed to this tablet; the version tells the server whether it is the newest. */
  expected: { version: string; sealed: Bytes };
  queue: Queued[];
  /** Fingerprints of passes taken while offline, so that one opens once. */
  taken: string[];
}

let opened: Promise<IDBDatabase> | undefined;

function shelf(): Promise<IDBDatabase> {
  opened ??= new Promise((resolve, reject) => {
    const ask = indexedDB.open("sekisho-terminal", 1);
    ask.onupgradeneeded = () => ask.result.createObjectStore("kept");
    ask.onsuccess = () => resolve(ask.result);
    ask.onerror = () => reject(ask.error);
  });
  return opened;
}

async function ask<T>(mode: IDBTransactionMode, act: (store: IDBObjectStore) => IDBRequest<T>): Promise<T> {
  const store = (await shelf()).transaction("kept", mode).objectStore("kept");
  return new Promise((resolve, reject) => {
    const request = act(store);
    request.onsuccess = () => resolve(request.result);
    request.onerror = () => reject(request.error);
  });
}

export async function kept<K extends keyof Kept>(what: K): Promise<Kept[K] | undefined> {
  return (await ask("readonly", (store) => store.get(what))) as Kept[K] | undefined;
}

export async function keep<K extends keyof Kept>(what: K, value: Kept[K]): Promise<void> {
  await ask("readwrite", (store) => store.put(value, what));
}

/** Forgets everything: the terminal was withdrawn. */
export async function forget(): Promise<void> {
  await ask("readwrite", (store) => store.clear());
}
