// Speaking to the server. Every request is signed by the tablet's key over method, path, body, time and host; times only
// grow, so that no request can be sent twice.
import { fromText, sha256, toText, type Bytes } from "./hpke";
import { forget, keep, kept, type Identity } from "./shelf";

const text = new TextEncoder();
const PATIENCE = 8_000;

/** Why there is no answer. */
export class Refused extends Error {
  constructor(
    /** `offline`, `unknown` (this terminal is none), or the code of the server's refusal. */
    readonly why: string,
    readonly status = 0,
  ) {
    super(why);
  }
}

/** How far the server's clock is from ours, learned from its answers. */
let offset = 0;
/** One after the other: the server takes times in growing order only. */
let turn: Promise<unknown> = Promise.resolve();

export function serverNow(): number {
  return Date.now() + offset;
}

/** A signed call. */
export function call<T>(identity: Identity, path: string, body: object): Promise<T> {
  const answer = turn.then(async () => {
    try {
      return await once<T>(identity, path, body);
    } catch (error) {
      // The server said what time it is; asked again with that, it understands.
      if (error instanceof Refused && error.why === "visitors-terminal-clock") return once<T>(identity, path, body);
      throw error;
    }
  });
  turn = answer.catch(() => undefined);
  return answer;
}

async function once<T>(identity: Identity, path: string, body: object): Promise<T> {
  const time = Math.max(((await kept("last")) ?? 0) + 1, Math.round(serverNow()));
  await keep("last", time);
  const answer = await send(identity.id, identity.sign, path, body, time);
  try {
    return await read<T>(answer);
  } catch (error) {
    if (!(error instanceof Refused) || error.why !== "visitors-terminal-unknown") throw error;
    // Withdrawn: nothing of it stays here.
    await forget();
    throw new Refused("unknown", 401);
  }
}

/** Makes the tablet's keys and hands their public halves in with the code. */
export async function enrol(code: string): Promise<Identity> {
  const signing = await crypto.subtle.generateKey({ name: "ECDSA", namedCurve: "P-256" }, false, ["sign", "verify"]);
  const sealing = (await crypto.subtle.generateKey({ name: "ECDH", namedCurve: "P-256" }, false, ["deriveBits"])) as CryptoKeyPair;
  const sealPoint = new Uint8Array(await crypto.subtle.exportKey("raw", sealing.publicKey));
  const signPoint = new Uint8Array(await crypto.subtle.exportKey("raw", signing.publicKey));
  const body = { code, sign_key: toText(signPoint), seal_key: toText(sealPoint) };
  // Signed as well: whoever hands a key in shows that it is theirs.
  const answer = await send("new", signing.privateKey, "/terminal/api/enrol", body, Math.round(serverNow()));
  const { terminal, queue_key } = await read<{ terminal: string; queue_key: string }>(answer);
  const identity = { id: terminal, sign: signing.privateKey, seal: sealing.privateKey, sealPoint, queueKey: fromText(queue_key) };
  await forget();
  await keep("identity", identity);
  return identity;
}

async function send(id: string, key: CryptoKey, path: string, body: object, time: number): Promise<Response> {
  const bytes = text.encode(JSON.stringify(body));
  const signed = signedText(path, await sha256(bytes), time);
  const signature = await crypto.subtle.sign({ name: "ECDSA", hash: "SHA-256" }, key, text.encode(`${signed}\n${id}`));
  const stop = new AbortController();
  const timer = setTimeout(() => stop.abort(), PATIENCE);
  try {
    return await fetch(path, {
      method: "POST",
      body: bytes,
      credentials: "omit",
      cache: "no-store",
      redirect: "error",
      signal: stop.signal,
      headers: {
        accept: "application/json",
        "content-type": "application/json",
        "x-terminal": id,
        "x-terminal-time": String(time),
        "x-terminal-signature": toText(new Uint8Array(signature)),
      },
    });
  } catch {
    throw new Refused("offline");
  } finally {
    clearTimeout(timer);
  }
}

function signedText(path: string, hash: Bytes, time: number): string {
  return ["sekisho-terminal-1", "POST", path, location.hostname.replace(/[[\]]/g, ""), toText(hash), String(time)].join("\n");
}

async function read<T>(answer: Response): Promise<T> {
  const said = (await answer.json().catch(() => ({}))) as Record<string, unknown>;
  if (typeof said["now"] === "number") offset = said["now"] - Date.now();
  if (answer.ok) return said as T;
  // A proxy between us and the server that answers for it is a broken network, too.
  if ([502, 503, 504].includes(answer.status)) throw new Refused("offline", answer.status);
  throw new Refused(typeof said["code"] === "string" ? said["code"] : "broken", answer.status);
}
