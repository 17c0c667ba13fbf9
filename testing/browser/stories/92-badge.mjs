// An administrator sets how badges look and adds a printer that is switched off; the desk prints and reads why nothing comes; the printer is
// switched on, and the badge comes out.
import { spawn } from "node:child_process";
import { chmodSync, existsSync, mkdirSync, mkdtempSync, readdirSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { signIn } from "../steps.mjs";

export const title = "a badge is set up, waits for its printer, and is printed";
const PORT = 18631;

/** CUPS' printer for tests; it starts only where it finds a bus. */
async function switchOn(dir) {
  mkdirSync(join(dir, "out"));
  const script = join(dir, "prints.sh");
  writeFileSync(script, `#!/bin/sh\ncp "$1" "${dir}/out/page.$$"\n`);
  chmodSync(script, 0o755);
  const bus = spawn("dbus-daemon", ["--session", "--nofork", "--nopidfile", "--print-address=1"], { stdio: ["ignore", "pipe", "ignore"] });
  const address = await new Promise((resolve) => bus.stdout.once("data", (data) => resolve(String(data).trim())));
  const tool = ["/usr/sbin/ippeveprinter", "/usr/bin/ippeveprinter"].find(existsSync);
  const args = ["-r", "off", "-n", "localhost", "-p", String(PORT), "-d", dir, "-c", script, "-F", "image/pwg-raster", "-f", "image/pwg-raster,image/urf", "badges"];
  const printer = spawn(tool, args, { stdio: "ignore", env: { ...process.env, DBUS_SYSTEM_BUS_ADDRESS: address } });
  return () => [printer, bus].forEach((child) => child.kill());
}

export default async function story(tools) {
  const base = tools.demo.http_url;
  const page = await tools.visitor("ja", "wide");
  await signIn(tools, page, "administrator", { proven: true });
  await page.goto(`${base}/settings/visitors/badges`);
  const drawn = () => page.waitForFunction(() => document.querySelector("#badge-preview img").naturalWidth > 100);
  await drawn();
  await tools.axe(page, "badges");
  await tools.shot(page, "badge-settings-empty-ja-wide");
  const before = await page.locator("#badge-preview img").getAttribute("src");
  await page.selectOption("select[name=kind]", "contractor");
  await page.waitForFunction((src) => document.querySelector("#badge-preview img")?.getAttribute("src") !== src, before);
  await drawn();
  await tools.shot(page, "badge-settings-contractor-ja-wide");

  await page.goto(`${base}/settings/visitors/printers/new`);
  await page.selectOption("select[name=site]", { label: "東京本社" });
  await page.fill("[name=name]", "受付ラベル");
  await page.fill("[name=address]", `ipp://127.0.0.1:${PORT}/ipp/print`);
  await tools.axe(page, "printer-new");
  await tools.shot(page, "badge-printer-new-ja-wide");
  await page.locator("form[action$='/printers/new'] button[type=submit]").first().click();
  await page.waitForURL(/badges$/);
  await page.locator("form[action$='/try'] button").first().click();
  await page.getByText("プリンターにつながりません").first().waitFor();
  await drawn();
  await tools.shot(page, "badge-try-unreachable-ja-wide");

  await page.goto(`${base}/visitors/new`);
  await page.selectOption("select[name=site]", { label: "東京本社" });
  await page.fill("[name=guest_name]", "髙橋 修一郎");
  await page.fill("[name=guest_company]", "みどり工業株式会社");
  await page.locator("form[action='/visitors/new'] button[type=submit]:not([name])").click();
  await page.waitForURL(/appointments/);
  const row = page.locator("tr", { hasText: "髙橋 修一郎" });
  await page.goto(`${base}/visitors`);
  await row.locator("form[action$='/arrive'] button").click();
  await page.goto(`${base}/visitors?show=here`);
  await row.locator("form[action$='/badge'] button").click();
  await page.goto(`${base}/visitors?show=here`);
  await row.getByText("プリンターにつながりません").waitFor({ timeout: 20_000 });
  await tools.axe(page, "visitors-badge-waits");
  await tools.shot(page, "badge-waits-ja-wide");

  const dir = mkdtempSync(join(tmpdir(), "badges-"));
  const switchOff = await switchOn(dir);
  try {
    await row.getByText("印刷済み").waitFor({ timeout: 60_000 });
    if (readdirSync(join(dir, "out")).length !== 1) throw new Error("it was not printed once");
    await tools.shot(page, "badge-printed-ja-wide");
    await row.locator("a[href$='/badge']").click();
    await page.waitForURL(/badge$/);
    await page.waitForFunction(() => document.querySelector("img.badge-picture")?.naturalWidth > 100);
    await tools.axe(page, "visit-badge");
    await tools.shot(page, "badge-of-guest-ja-wide");
    const english = await tools.visitor("en", "wide");
    await english.setViewportSize({ width: 820, height: 1180 });
    await signIn(tools, english, "administrator");
    await english.context().addCookies([{ name: "language", value: "en", url: base }]);
    await english.goto(page.url());
    await english.waitForLoadState("networkidle");
    await tools.shot(english, "badge-of-guest-en-tablet");
    await english.goto(`${base}/settings/visitors/badges`);
    await english.waitForLoadState("networkidle");
    await tools.shot(english, "badge-settings-en-tablet");
    await english.goto(`${base}/visitors?show=here`);
    await tools.shot(english, "badge-list-en-tablet");
  } finally {
    switchOff();
    rmSync(dir, { recursive: true, force: true });
  }
}
