// A tablet in the lobby: it becomes a terminal, its camera reads a guest's QR code, the network breaks and comes back.
import { existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { createRequire } from "node:module";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { chromium } from "playwright-core";
import { prepareZXingModule, writeBarcode } from "zxing-wasm/writer";
import { api, signIn } from "../steps.mjs";

export const title = "a guest shows a QR code at the reception terminal, also while the network is broken";

/** The QR code of a text, drawn by another's program. */
async function drawn(text) {
  const wasm = createRequire(import.meta.url).resolve("zxing-wasm/writer/zxing_writer.wasm");
  prepareZXingModule({ overrides: { wasmBinary: readFileSync(wasm) } });
  return (await writeBarcode(text, { format: "QRCode", addQuietZones: true, scale: 8 })).svg;
}

/** Two seconds of a camera that looks at a QR code, as Chromium's faked camera plays it (YUV4MPEG2). */
async function film(page, text, file) {
  const { width, height, grey } = await page.evaluate(async (text) => {
    const [width, height] = [640, 480];
    const canvas = Object.assign(document.createElement("canvas"), { width, height });
    const context = canvas.getContext("2d");
    context.fillStyle = "#777";
    context.fillRect(0, 0, width, height);
    const picture = new Image();
    picture.src = `data:image/svg+xml,${encodeURIComponent(text)}`;
    await picture.decode();
    context.drawImage(picture, 170, 90, 300, 300);
    const points = context.getImageData(0, 0, width, height).data;
    const grey = [];
    for (let at = 0; at < points.length; at += 4) grey.push(points[at]);
    return { width, height, grey };
  }, text);
  const frame = Buffer.concat([Buffer.from("FRAME\n"), Buffer.from(grey), Buffer.alloc((width * height) / 2, 128)]);
  writeFileSync(file, Buffer.concat([Buffer.from(`YUV4MPEG2 W${width} H${height} F10:1 Ip A1:1 C420\n`), ...Array(20).fill(frame)]));
}

export default async function story(tools) {
  const base = tools.demo.http_url;
  const admin = await tools.visitor("ja", "wide");
  await signIn(tools, admin, "administrator");
  await admin.goto(`${base}/visitors/terminals`);
  const site = (await api(admin, "GET", "/api/v1/sites")).items[0];
  const clock = (minutes) => new Date(Date.now() + minutes * 60_000 + 9 * 3600_000).toISOString().slice(0, 16);
  const guests = ["山田 太郎", "鈴木 花子"].map((name) => ({ name, company: "みどり工業" }));
  const made = await api(admin, "POST", "/api/v1/visitors/appointments", { site: site.id, starts: clock(5), ends: clock(65), purpose: "お打ち合わせ", guests });
  const passes = (await api(admin, "GET", `/api/v1/visitors/appointments/${made.id}/passes`)).items;
  for (const pass of passes) pass.name = (await api(admin, "GET", `/api/v1/visitors/visits/${pass.visit}`)).name;
  const [first, second] = guests.map(({ name }) => passes.find((pass) => pass.name === name));
  const printed = await drawn(first.pass);

  // The administrator makes a code.
  await tools.axe(admin, "terminals");
  await admin.fill("input[name=name]", "1階ロビー");
  await admin.selectOption("select[name=site]", site.id);
  await admin.locator("form[action='/visitors/terminals'][method=post] button[type=submit]").click();
  const code = await admin.innerText(".code-large");
  await tools.shot(admin, "terminals-ja-wide");

  const scratch = mkdtempSync(join(tmpdir(), "sekisho-lobby-"));
  await film(admin, printed, join(scratch, "camera.y4m"));
  const browser = await chromium.launch({
    executablePath: ["/usr/bin/chromium", "/usr/bin/chromium-browser", "/usr/bin/google-chrome"].find(existsSync),
    args: ["--no-sandbox", "--disable-gpu", "--use-fake-ui-for-media-stream", "--use-fake-device-for-media-stream", `--use-file-for-fake-video-capture=${join(scratch, "camera.y4m")}`],
  });
  try {
    const context = await browser.newContext({ viewport: { width: 1024, height: 768 }, locale: "ja-JP", permissions: ["camera"] });
    const tablet = await context.newPage();
    const faults = [];
    tablet.on("pageerror", (error) => faults.push(error.message));
    tablet.on("console", (message) => {
      if (/Content Security Policy/.test(message.text())) faults.push(message.text());
    });
    // The screen is asked to stay on, and again whenever the page comes back into sight.
    await tablet.addInitScript(() => {
      globalThis.lit = 0;
      const request = async (kind) => {
        globalThis.lit += kind === "screen" ? 1 : 0;
        return { released: true };
      };
      Object.defineProperty(navigator, "wakeLock", { value: { request } });
    });
    await tablet.goto(`${base}/terminal`);
    await tools.eventually("the screen stays on", () => tablet.evaluate(() => globalThis.lit === 1));
    await tablet.evaluate(() => document.dispatchEvent(new Event("visibilitychange")));
    await tools.eventually("the screen stays on again", () => tablet.evaluate(() => globalThis.lit === 2));
    await tablet.fill("input[name=code]", code);
    await tools.axe(tablet, "registering a terminal");
    await tablet.click("button[type=submit]");
    await tablet.waitForSelector(".home");
    await tools.eventually("the settings came", async () => (await tablet.innerText(".home header")).includes(site.name));
    for (const [at, language] of ["ja", "en", "zh", "ko"].entries()) {
      await tablet.locator(".languages button").nth(at).click();
      await tools.axe(tablet, `terminal in ${language}`);
      await tools.shot(tablet, `terminal-home-${language}`);
    }
    await tablet.locator(".languages button").first().click();

    // The camera reads the first guest's code.
    await tablet.click("[data-choice=pass]");
    await tablet.waitForSelector(".good");
    const thanks = await tablet.innerText(".good");
    if (!thanks.includes("山田 太郎")) throw new Error(`not thanked by name: ${thanks}`);
    await tools.axe(tablet, "thanks");
    await tools.shot(tablet, "terminal-thanks-ja");
    await tablet.click(".good .large");
    // Held there once more it opens nothing.
    await tablet.click("[data-choice=pass]");
    await tablet.waitForSelector(".bad");
    await tools.shot(tablet, "terminal-refused-ja");
    await tablet.click(".bad .soft");

    // The network breaks; the page opens all the same, and the second guest comes with a hand scanner.
    await tablet.evaluate(() => navigator.serviceWorker.ready);
    await tools.eventually("the page is kept", () => tablet.evaluate(async () => (await (await caches.open("terminal-1")).keys()).length >= 4));
    await context.setOffline(true);
    await tablet.reload();
    await tablet.waitForSelector(".home");
    const scanned = async (text) => {
      await tablet.keyboard.type(text, { delay: 2 });
      await tablet.keyboard.press("Enter");
    };
    await scanned(second.pass);
    await tablet.waitForSelector(".good");
    await tools.eventually("the banner says so", () => tablet.locator(".banner").isVisible());
    await tools.axe(tablet, "terminal without a network");
    await tools.shot(tablet, "terminal-offline-ja");
    await tablet.click(".good .large");
    await scanned(second.pass);
    await tablet.waitForSelector(".bad");
    await tablet.click(".bad .soft");
    // What the browser keeps tells nobody's name, and its keys cannot be read out.
    const kept = await tablet.evaluate(async () => {
      const open = indexedDB.open("sekisho-terminal");
      await new Promise((done) => (open.onsuccess = done));
      const store = open.result.transaction("kept").objectStore("kept");
      const all = store.getAll();
      await new Promise((done) => (all.onsuccess = done));
      const keys = all.result.flatMap((value) => Object.values(value ?? {})).filter((value) => value instanceof CryptoKey);
      return { text: JSON.stringify(all.result), extractable: keys.map((key) => key.extractable), local: localStorage.length + sessionStorage.length };
    });
    if (/鈴木|山田|みどり/.test(kept.text) || kept.local > 0) throw new Error(`kept in the clear: ${kept.text}`);
    if (kept.extractable.length !== 2 || kept.extractable.includes(true)) throw new Error("a key can be read out");

    // It comes back: what happened is sent, once.
    await context.setOffline(false);
    await tools.eventually("the second guest has arrived", async () => (await api(admin, "GET", `/api/v1/visitors/visits/${second.visit}`)).state === "arrived", 30);
    await tools.eventually("the banner is gone", () => tablet.locator(".banner").isHidden(), 30);

    // Upright and small, and without a camera: the one here shows a pass all the time, and would be quicker than the pad. Then withdrawn.
    await tablet.evaluate(() => {
      const camera = navigator.mediaDevices.getUserMedia.bind(navigator.mediaDevices);
      navigator.mediaDevices.getUserMedia = (wanted) => (globalThis.cameraGone ? Promise.reject(new Error("no camera")) : camera(wanted));
      globalThis.cameraGone = true;
    });
    for (const [name, width, height] of [["upright", 768, 1024], ["small", 360, 740]]) {
      await tablet.setViewportSize({ width, height });
      await tools.shot(tablet, `terminal-home-${name}`);
      await tablet.click("[data-choice=pass]");
      await tablet.click("[data-do=pad]");
      const wide = await tablet.evaluate(() => document.documentElement.scrollWidth - innerWidth);
      if (wide > 0) throw new Error(`the pad is ${wide} points too wide at ${width}`);
      await tools.shot(tablet, `terminal-pad-${name}`);
      await tablet.click(".quiet");
    }
    const { items } = await api(admin, "GET", "/api/v1/visitors/terminals");
    await api(admin, "DELETE", `/api/v1/visitors/terminals/${items.find((one) => one.name === "1階ロビー").id}`);
    await tablet.evaluate(() => (globalThis.cameraGone = false));
    await tablet.click("[data-choice=pass]");
    await tablet.waitForSelector("input[name=code]");
    if (faults.length > 0) throw new Error(faults.join("\n"));
  } finally {
    await browser.close();
    rmSync(scratch, { recursive: true, force: true });
  }
  await admin.goto(`${base}/settings/visitors/terminal`);
  await admin.waitForSelector("[data-terminal-preview] .home");
  await tools.axe(admin, "terminal settings");
  await admin.fill("input[name=welcome_ja]", "ようこそ、さくら商事へ");
  await tools.eventually("the preview follows", async () => (await admin.innerText("[data-terminal-preview] h1")).includes("さくら商事へ"));
  await tools.shot(admin, "terminal-settings-ja-wide");
}
