// What stands in a QR code: `SK1:` and sixteen bytes in base45 (RFC 9285). And the code people type: eight characters of
// Crockford's base32, which has no letter that looks like a digit.
import type { Bytes } from "./hpke";

const BASE45 = "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZ $%*+-./:";
export const CROCKFORD = "0123456789ABCDEFGHJKMNPQRSTVWXYZ";

/** Whether a text can be a pass at all. What is none never leaves the tablet. */
export function isPass(text: string): boolean {
  return handleOf(text) !== null;
}

/** The sixteen bytes of a pass. */
export function handleOf(text: string): Bytes | null {
  if (!text.startsWith("SK1:")) return null;
  const digits = [...text.slice(4)].map((letter) => BASE45.indexOf(letter));
  if (digits.length !== 24 || digits.includes(-1)) return null;
  const bytes = new Uint8Array(16);
  for (let group = 0; group < 8; group += 1) {
    const value = (digits[group * 3] ?? 0) + (digits[group * 3 + 1] ?? 0) * 45 + (digits[group * 3 + 2] ?? 0) * 2025;
    if (value > 0xffff) return null;
    bytes[group * 2] = value >> 8;
    bytes[group * 2 + 1] = value & 0xff;
  }
  return bytes;
}

/** What was typed as its letters: O is zero, I and L are one; everything else is left out. */
export function crockford(typed: string): string {
  const plain = typed.normalize("NFKC").toUpperCase().replace(/O/g, "0").replace(/[IL]/g, "1");
  return [...plain].filter((letter) => CROCKFORD.includes(letter)).join("");
}
