// The first hour for real: `sekisho setup` on an empty folder, the administrator's one-time link, the second step by mail and
// then by an authenticator app, and the list on the first page followed from the first site to the first right.
import { spawn } from "node:child_process";
import { mkdtempSync, rmSync } from "node:fs";
import { createServer } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { totp } from "../steps.mjs";

export const title = "from an empty folder to the first right: setup, first password, authenticator app, the first hour";

const ADMIN = { name: "佐藤 美咲", mail: "sato@aoba.example", password: "hashiru-kame-2026" };

/** A mail server that takes everything; `letters` fills with what came. */
async function postOffice() {
  const letters = [];
  const server = createServer((socket) => {
    let text = "", letter = null;
    const say = (line) => socket.write(`${line}\r\n`);
    socket.on("error", () => {});
    say("220 localhost ESMTP");
    socket.on("data", (chunk) => {
      text += chunk.toString("latin1");
      for (let end; (end = text.indexOf("\r\n")) >= 0;) {
        const line = text.slice(0, end);
        text = text.slice(end + 2);
        if (letter !== null) {
          if (line === ".") {
            letters.push(letter);
            letter = null;
            say("250 taken");
          } else letter += `${line}\n`;
        } else if (/^DATA/i.test(line)) {
          letter = "";
          say("354 go on");
        } else if (/^QUIT/i.test(line)) {
          say("221 bye");
          socket.end();
        } else say(/^EHLO/i.test(line) ? "250 localhost" : "250 ok");
      }
    });
  });
  await new Promise((resolve) => server.listen(0, "127.0.0.1", resolve));
  return { letters, port: server.address().port, close: () => server.close() };
}

/** What people read of a letter, whatever it was wrapped in. */
function readable(letter) {
  const base64 = letter.split(/\n\n/).map((part) => Buffer.from(part.replace(/[^A-Za-z0-9+/=]/g, ""), "base64").toString("utf8"));
  const quoted = Buffer.from(letter.replace(/=\n/g, "").replace(/=([0-9A-F]{2})/g, (_, hex) => String.fromCharCode(parseInt(hex, 16))), "latin1").toString("utf8");
  return [quoted, ...base64].join("\n");
}

/** Runs a command of the binary to its end and reads what it printed. */
function run(tools, environment, words) {
  return new Promise((resolve, reject) => {
    const child = spawn(tools.binary, ["--json", ...words], { env: environment, stdio: ["ignore", "pipe", "inherit"] });
    let text = "";
    child.stdout.on("data", (chunk) => (text += chunk));
    child.on("exit", (code) => (code === 0 ? resolve(JSON.parse(text)) : reject(new Error(`${words[0]} ended with ${code}: ${text}`))));
  });
}

/** Starts the server and waits until it is ready. */
async function serve(tools, environment) {
  const child = spawn(tools.binary, ["--json", "serve"], { env: environment, stdio: ["ignore", "pipe", "inherit"] });
  await new Promise((resolve, reject) => {
    child.stdout.once("data", resolve);
    child.on("exit", (code) => reject(new Error(`the server ended with ${code}`)));
  });
  return child;
}

export default async function story(tools) {
  const folder = mkdtempSync(join(tmpdir(), "sekisho-first-hour-"));
  const post = await postOffice();
  const base = "https://localhost:18543";
  const environment = {
    PATH: process.env.PATH, HOME: folder,
    SEKISHO_CONFIG: join(folder, "sekisho.toml"),
    SEKISHO_HTTP__LISTEN: "127.0.0.1:18543", SEKISHO_DEVICES__LISTEN: "127.0.0.1:18983", SEKISHO_PROBES__LISTEN: "127.0.0.1:18990",
    SEKISHO_HTTP__DRAIN_NOTICE: "0",
    SEKISHO_MAIL__HOST: "127.0.0.1", SEKISHO_MAIL__PORT: String(post.port), SEKISHO_MAIL__ENCRYPTION: "none", SEKISHO_MAIL__FROM: "keys@aoba.example",
  };
  let server = null;
  try {
    const done = await run(tools, environment, ["setup", "--public-url", base, "--data", join(folder, "data"), "--tenant", "青葉商事", "--admin-name", ADMIN.name, "--admin-mail", ADMIN.mail]);
    server = await serve(tools, environment);
    const page = await tools.visitor("ja", "wide");
    await firstPassword(tools, page, done.invitation);
    await firstSignIn(tools, page, base, post);
    const next = await steps(tools, page, base);
    await firstRight(tools, page, base, next);
  } finally {
    server?.kill("SIGTERM");
    post.close();
    rmSync(folder, { recursive: true, force: true });
  }
}

async function firstPassword(tools, page, invitation) {
  await page.goto(invitation);
  await tools.axe(page, "first password");
  await tools.shot(page, "first-password-ja-wide");
  await page.fill("input[name=password]", "password");
  await page.press("input[name=password]", "Enter");
  await page.waitForLoadState();
  if (page.url() !== invitation) throw new Error("a common password was taken");
  await page.fill("input[name=password]", ADMIN.password);
  await page.press("input[name=password]", "Enter");
  // The password was just set, so only the second step is left.
  await page.waitForURL(/\/sign-in\/two-step/);
  if (!(await page.locator("a[href='/sign-in/app']").count())) throw new Error("the authenticator app is not offered");
  await tools.axe(page, "second step after an invitation");
  // The link is used up.
  const again = await page.request.get(invitation);
  if (again.status() !== 404) throw new Error(`the link works twice: ${again.status()}`);
}

async function firstSignIn(tools, page, base, post) {
  const code = await tools.eventually("the code comes by mail", async () => {
    const words = post.letters.map(readable).findLast((letter) => /確認コード/.test(letter));
    return words?.match(/確認コード[^0-9]{0,120}([0-9]{6})(?![0-9])/)?.[1];
  }, 30);
  await page.fill("input[name=code]", code);
  await page.press("input[name=code]", "Enter");
  // Who signs in for the first time is led to the app.
  await page.waitForURL(/\/me\/security\/app/);
  await tools.axe(page, "authenticator app, first time");
  const secret = (await page.innerText("main")).match(/(?:[A-Z2-7]{4}[ \u00a0]?){7,}/)?.[0];
  if (!secret) throw new Error("the page shows no secret to type");
  await page.fill("input[name=code]", totp(secret));
  await page.press("input[name=code]", "Enter");
  await page.waitForURL((url) => !url.pathname.endsWith("/app"));
  await page.goto(`${base}/`);
}

/** Fills a form of the first hour and sends it; the list must have gone on by one step. */
async function step(tools, page, base, number, name, fill) {
  await page.goto(`${base}/`);
  const now = page.locator(".first-step-now");
  const before = await page.locator(".first-step-done").count();
  if (before !== number) throw new Error(`${before} steps are done before step ${number + 1}`);
  await now.locator("a.btn").first().click();
  await page.waitForURL((url) => url.pathname !== "/");
  await tools.axe(page, `first hour: ${name}`);
  await fill();
  await page.locator("main form button[type=submit].btn-primary, main form .btn-primary[type=submit]").first().click();
  await page.waitForURL((url) => !url.pathname.endsWith("/new"));
}

async function steps(tools, page, base) {
  await page.goto(`${base}/`);
  await tools.axe(page, "first page of an empty installation");
  await tools.shot(page, "first-page-empty-ja-wide");
  if (!(await page.innerText("main")).match(/鍵|拠点/)) throw new Error("the empty first page says nothing");
  await step(tools, page, base, 0, "site", () => page.fill("input[name=name]", "本社"));
  await step(tools, page, base, 1, "people", async () => {
    await page.fill("input[name=name]", "鈴木 健太");
    await page.fill("input[name=mail]", "suzuki@aoba.example");
    await page.fill("input[name=number]", "1002");
  });
  await step(tools, page, base, 2, "box", async () => {
    await page.fill("input[name=name]", "ボックス 1");
    await page.locator("select[name=site]").selectOption({ label: "本社" });
    await page.fill("input[name=bins]", "4");
    await page.fill("input[name=columns]", "2");
  });
  await step(tools, page, base, 3, "key", async () => {
    await page.fill("input[name=name]", "社用車");
    await page.fill("input[name=fob]", "E2000001");
    await page.fill("input[name=home_bin]", "1");
    await page.locator("input[name=hangs_there]").check();
  });
  const key = page.url();
  await page.goto(`${base}/`);
  if (await page.locator(".first-step-now").count()) throw new Error("the first hour is not over");
  await tools.shot(page, "first-page-after-the-first-hour-ja-wide");
  return key;
}

/** The colleague gets the right to the key; the answer to "why" says so. */
async function firstRight(tools, page, base) {
  await page.goto(`${base}/rights/new`);
  await page.locator("select[name=subject]").selectOption({ label: "鈴木 健太" });
  await page.locator("input[type=radio][name=right][value=exchange]").check();
  const van = await page.locator("select[name=target] option", { hasText: "社用車" }).first().getAttribute("value");
  await page.locator("select[name=target]").selectOption(van);
  await page.locator("form[action='/rights'] button[type=submit]").click();
  await page.waitForURL((url) => !url.pathname.endsWith("/new"));
  const people = await (await page.request.get(`${base}/api/v1/people?q=${encodeURIComponent("鈴木")}`)).json();
  const keys = await (await page.request.get(`${base}/api/v1/keys`)).json();
  const why = await page.request.post(`${base}/access/v1/evaluation`, {
    headers: { origin: base },
    data: { subject: { type: "person", id: people.items[0].id }, action: { name: "exchange" }, resource: { type: "key", id: keys.items[0].id } },
  });
  const decision = await why.json();
  if (decision.decision !== true) throw new Error(JSON.stringify(decision));
}
