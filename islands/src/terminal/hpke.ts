// Sealing to a public key (HPKE, RFC 9180: base mode, P-256, HKDF-SHA-256, AES-256-GCM) in the layout of the server's
// platform/crypto: version (1), suite (1), encapsulated point (65), ciphertext and tag. By WebCrypto alone, so that the
// half that opens stays in the browser's key store, from where it cannot be exported.

const VERSION = 1;
const SUITE = 1;
const POINT = 65;
const CURVE = { name: "ECDH", namedCurve: "P-256" };
const text = new TextEncoder();
const KEM = joined(text.encode("KEM"), new Uint8Array([0, 0x10]));
const WHOLE = joined(text.encode("HPKE"), new Uint8Array([0, 0x10, 0, 0x01, 0, 0x02]));

export type Bytes = Uint8Array<ArrayBuffer>;

/** Seals to the owner of the point `to`, for one purpose, bound to the given bytes. */
export async function sealTo(to: Bytes, purpose: string, boundTo: Bytes, plain: Bytes): Promise<Bytes> {
  const own = (await crypto.subtle.generateKey(CURVE, true, ["deriveBits"])) as CryptoKeyPair;
  const point = new Uint8Array(await crypto.subtle.exportKey("raw", own.publicKey));
  const { key, nonce } = await schedule(own.privateKey, to, point, to, purpose);
  const body = await crypto.subtle.encrypt({ name: "AES-GCM", iv: nonce, additionalData: boundTo }, key, plain);
  return joined(new Uint8Array([VERSION, SUITE]), point, new Uint8Array(body));
}

/** Opens what was sealed to `own`; throws when a bit changed, or the purpose or what it is bound to is another. */
export async function openSealed(own: { privateKey: CryptoKey; point: Bytes }, purpose: string, boundTo: Bytes, sealed: Bytes): Promise<Bytes> {
  if (sealed[0] !== VERSION || sealed[1] !== SUITE) throw new Error("not sealed in a way known here");
  const point = sealed.slice(2, 2 + POINT);
  const { key, nonce } = await schedule(own.privateKey, point, point, own.point, purpose);
  return new Uint8Array(await crypto.subtle.decrypt({ name: "AES-GCM", iv: nonce, additionalData: boundTo }, key, sealed.slice(2 + POINT)));
}

/** The key schedule: what both sides come to from their own half and the other's point. */
async function schedule(privateKey: CryptoKey, other: Bytes, encapsulated: Bytes, receiver: Bytes, purpose: string) {
  const publicKey = await crypto.subtle.importKey("raw", other, CURVE, false, []);
  const shared = new Uint8Array(await crypto.subtle.deriveBits({ name: "ECDH", public: publicKey }, privateKey, 256));
  const prk = await extract(KEM, new Uint8Array(), "eae_prk", shared);
  const secret = await expand(KEM, prk, "shared_secret", joined(encapsulated, receiver), 32);
  const nothing = new Uint8Array();
  const context = joined(
    new Uint8Array([0]),
    await extract(WHOLE, nothing, "psk_id_hash", nothing),
    await extract(WHOLE, nothing, "info_hash", text.encode(purpose)),
  );
  const root = await extract(WHOLE, secret, "secret", nothing);
  const key = await crypto.subtle.importKey("raw", await expand(WHOLE, root, "key", context, 32), "AES-GCM", false, ["encrypt", "decrypt"]);
  return { key, nonce: await expand(WHOLE, root, "base_nonce", context, 12) };
}

function extract(suite: Bytes, salt: Bytes, label: string, input: Bytes): Promise<Bytes> {
  return mac(salt, joined(text.encode("HPKE-v1"), suite, text.encode(label), input));
}

/** One block of HKDF-Expand is as much as anything here asks for. */
async function expand(suite: Bytes, prk: Bytes, label: string, input: Bytes, length: number): Promise<Bytes> {
  const labelled = joined(new Uint8Array([0, length]), text.encode("HPKE-v1"), suite, text.encode(label), input, new Uint8Array([1]));
  return (await mac(prk, labelled)).slice(0, length);
}

async function mac(key: Bytes, message: Bytes): Promise<Bytes> {
  // Browsers refuse an empty HMAC key; a block of zeros is the same key.
  const raw = key.length === 0 ? new Uint8Array(32) : key;
  const imported = await crypto.subtle.importKey("raw", raw, { name: "HMAC", hash: "SHA-256" }, false, ["sign"]);
  return new Uint8Array(await crypto.subtle.sign("HMAC", imported, message));
}

export function joined(...parts: Uint8Array[]): Bytes {
  const whole = new Uint8Array(parts.reduce((sum, part) => sum + part.length, 0));
  let at = 0;
  for (const part of parts) {
    whole.set(part, at);
    at += part.length;
  }
  return whole;
}

/** base64url without padding, as in every token of the house. */
export function toText(bytes: Uint8Array): string {
  let letters = "";
  for (const byte of bytes) letters += String.fromCharCode(byte);
  return btoa(letters).replace(/\+/g, "-").replace(/\//g, "_").replace(/=+$/, "");
}

export function fromText(letters: string): Bytes {
  return Uint8Array.from(atob(letters.replace(/-/g, "+").replace(/_/g, "/")), (letter) => letter.charCodeAt(0));
}

/** A UUID as its sixteen bytes. */
export function uuidBytes(id: string): Bytes {
  return Uint8Array.from(id.replace(/-/g, "").match(/../g) ?? [], (pair) => parseInt(pair, 16));
}

export async function sha256(bytes: Bytes): Promise<Bytes> {
  return new Uint8Array(await crypto.subtle.digest("SHA-256", bytes));
}
