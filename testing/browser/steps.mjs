// Steps that several stories share.
import { createHmac } from "node:crypto";

/** The newest six-digit code that went to `mail`, read from the demo's mailbox page; newer than `after` codes seen before. */
export async function codeFor(tools, page, mail, seen = new Set()) {
  return tools.eventually(`a code for ${mail}`, async () => {
    const html = await (await page.request.get(tools.demo.mailbox)).text();
    for (const card of html.split('<section class="card">').slice(1)) {
      const code = card.match(/(?<![0-9])([0-9]{6})(?![0-9])/);
      if (card.includes(mail) && code && !seen.has(code[1])) {
        seen.add(code[1]);
        return code[1];
      }
    }
    return null;
  });
}

const seen = new Set();
/** Sessions of those who are signed in: the server sends five codes in 15 minutes, so a session serves many stories. */
const kept = new Map();
/** How long ago a sign-in may be to serve a page that wants a fresh proof: the server takes 5 minutes, the story needs its own time. */
const PROVEN_MS = 4 * 60_000;

/**
 * Signs somebody of the demo in, with the code that went to their mailbox.
 * `proven` wants a session young enough for pages that ask for a fresh proof; `fresh` one of its own, whatever there is.
 */
export async function signIn(tools, page, role, { base = tools.demo.http_url, proven = false, fresh = false } = {}) {
  const who = tools.demo.people.find((person) => person.role === role);
  const session = kept.get(role);
  if (session && !fresh && (!proven || Date.now() - session.since < PROVEN_MS)) {
    await page.context().addCookies(session.cookies);
    await page.goto(base);
    if (!page.url().includes("/sign-in")) return who;
  }
  await page.goto(`${base}/sign-in`);
  await page.fill("input[name=mail]", who.mail);
  await page.fill("input[name=password]", who.password);
  await page.press("input[name=password]", "Enter");
  await page.waitForURL(/two-step/);
  await page.fill("input[name=code]", await codeFor(tools, page, who.mail, seen));
  await page.press("input[name=code]", "Enter");
  await page.waitForURL((url) => !url.pathname.startsWith("/sign-in"));
  if (!fresh) kept.set(role, { since: Date.now(), cookies: (await page.context().cookies()).filter((cookie) => /sekisho/.test(cookie.name)) });
  return who;
}

/** Calls the API as the page's reader. */
export function api(page, method, path, body) {
  return page.evaluate(
    async ([method, path, body]) => {
      const answer = await fetch(path, { method, headers: { "content-type": "application/json", accept: "application/json" }, ...(body ? { body: JSON.stringify(body) } : {}) });
      const text = await answer.text();
      if (!answer.ok) throw new Error(`${method} ${path}: ${answer.status} ${text}`);
      return text ? JSON.parse(text) : null;
    },
    [method, path, body],
  );
}

/** Types digits on a panel's keypad and goes on. */
export async function typeOnPad(page, digits) {
  for (const digit of digits) await page.locator(".pad button", { hasText: new RegExp(`^${digit}$`) }).click();
  await page.click("[data-keep=go]");
}

/** Identifies somebody at the box with ID number and one-time code: a role of the demo, or a colleague's `mail` and `id_number`. */
export async function identifyAtBox(tools, page, whom) {
  const who = typeof whom === "string" ? tools.demo.people.find((person) => person.role === whom) : whom;
  await page.goto(tools.demo.panel);
  await page.waitForSelector("#screen h1");
  // Whoever was there has gone.
  await page.keyboard.press("Escape");
  await typeOnPad(page, who.id_number);
  await page.waitForSelector("#screen .pad output");
  await tools.eventually("the panel asks for the code", async () => /コード|code/i.test(await page.innerText("#screen h1")));
  await typeOnPad(page, await codeFor(tools, page, who.mail, seen));
  await page.waitForSelector("button.key");
  return who;
}

/** Types the code that went to somebody into the panel that asks for it under `heading`. */
export async function proveAtBox(tools, page, mail, heading) {
  await tools.eventually(`the panel asks under ${heading}`, async () => heading.test(await page.innerText("#screen h1")));
  await typeOnPad(page, await codeFor(tools, page, mail, seen));
}

/** Gives the key `name` back: its fob to the reader, then into the bin that opens, as the hand before the box does. */
export async function giveBack(tools, page, name) {
  await page.goto(tools.demo.panel);
  await page.waitForSelector("#screen h1");
  // Whoever was there has gone.
  await page.keyboard.press("Escape");
  const tag = page.locator("#bench .held-tags button", { hasText: name });
  await tag.click();
  await page.click("[data-keep=reader]");
  await page.waitForSelector(".bin.open");
  // A click on the held key puts it into the one bin that is open.
  await tag.click();
  await page.waitForSelector(".bin.open .well .tag-hang");
  await page.locator(".bin.open [data-keep^=door-]").first().click();
  await tools.eventually(`the bin of ${name} is closed`, async () => (await page.locator(".bin.open").count()) === 0);
}

/** A TOTP code (RFC 6238, 30 s, SHA-1) for a Base32 secret. */
export function totp(secret, at = Date.now()) {
  const alphabet = "ABCDEFGHIJKLMNOPQRSTUVWXYZ234567";
  const bits = [...secret.replace(/[\s=]/g, "").toUpperCase()].map((letter) => alphabet.indexOf(letter).toString(2).padStart(5, "0")).join("");
  const key = Buffer.from(bits.match(/.{8}/g).map((byte) => parseInt(byte, 2)));
  const counter = Buffer.alloc(8);
  counter.writeBigUInt64BE(BigInt(Math.floor(at / 30_000)));
  const mac = createHmac("sha1", key).update(counter).digest();
  const offset = mac[19] & 15;
  return String((mac.readUInt32BE(offset) & 0x7fffffff) % 1_000_000).padStart(6, "0");
}
