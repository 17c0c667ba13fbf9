// How soon a tablet shows the reception terminal, and how much it fetches for that: in a real Chromium without anything cached,
// slowed down to a cheap tablet on an office's Wi-Fi. Says its figure in a line that begins with "@ ", as `make bench` wants.
//   node paint.mjs           of the release build
//   node paint.mjs BINARY    of another
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { chromium } from "playwright-core";
import { CHROMIUM, browserPath, startDemo, target } from "./demo.mjs";

/** A cheap tablet: a quarter of this machine's speed, 10 Mbit/s, 40 ms there and back. */
const SLOWER = 4;
const NETWORK = { offline: false, latency: 40, downloadThroughput: 1_250_000, uploadThroughput: 625_000 };
const TIMES = 15;
const WARM = 2;

/** One visit without anything cached: when the first words stood there, and the bytes until then and in all. */
async function visit(browser, address, throttled, leave) {
  const context = await browser.newContext({ viewport: { width: 1024, height: 768 }, locale: "ja-JP", ignoreHTTPSErrors: true });
  const page = await context.newPage();
  const session = await context.newCDPSession(page);
  await session.send("Network.enable");
  const ended = [];
  session.on("Network.loadingFinished", ({ encodedDataLength, timestamp }) => ended.push({ bytes: encodedDataLength, timestamp }));
  if (throttled) {
    await session.send("Network.emulateNetworkConditions", NETWORK);
    await session.send("Emulation.setCPUThrottlingRate", { rate: SLOWER });
  }
  await page.goto(address, { waitUntil: "load" });
  await page.waitForSelector(leave);
  const paint = await page.waitForFunction(() => performance.getEntriesByName("first-contentful-paint")[0]?.startTime);
  const first = await paint.jsonValue();
  await page.waitForLoadState("networkidle");
  const bytes = ended.reduce((sum, { bytes }) => sum + bytes, 0);
  await context.close();
  return { first, bytes };
}

const middle = (values, share) => values.toSorted((a, b) => a - b)[Math.min(values.length - 1, Math.floor(values.length * share))];

async function main() {
  if (!browserPath) throw new Error("no Chromium here: run testing/install.sh test");
  const data = mkdtempSync(join(tmpdir(), "sekisho-paint-"));
  const demo = await startDemo(process.argv[2] ?? join(target, "release/sekisho"), data);
  const browser = await chromium.launch({ executablePath: browserPath, args: CHROMIUM });
  try {
    const { terminal } = demo.facts.lobby;
    const [ours, quick, beside] = [[], [], []];
    for (let time = 0; time < TIMES + WARM; time += 1) {
      const seen = [await visit(browser, terminal, true, ".enrol"), await visit(browser, terminal, false, ".enrol"), await visit(browser, `${demo.facts.http_url}/sign-in`, true, "main form")];
      if (time >= WARM) [ours, quick, beside].forEach((all, at) => all.push(seen[at]));
    }
    const times = (all) => `p50 ${middle(all.map(({ first }) => first), 0.5).toFixed(0)} ms, p95 ${middle(all.map(({ first }) => first), 0.95).toFixed(0)} ms`;
    const bytes = Math.max(...ours.map(({ bytes }) => bytes));
    const worst = middle(ours.map(({ first }) => first), 0.95);
    const figure = {
      what: "first paint of the reception terminal, nothing cached, CPU at a quarter, 10 Mbit/s, 40 ms; and all bytes of that visit",
      ours: `${times(ours)}; ${(bytes / 1000).toFixed(1)} kB`,
      beside: `unthrottled: ${times(quick)}; the sign-in page, throttled: ${times(beside)}, ${(Math.max(...beside.map(({ bytes }) => bytes)) / 1000).toFixed(1)} kB`,
      budget: "p95 ≤ 1 s, ≤ 200 kB",
      holds: worst <= 1000 && bytes <= 200_000,
    };
    process.stdout.write(`@ ${JSON.stringify(figure)}\n`);
  } finally {
    await browser.close();
    demo.child.kill("SIGTERM");
    rmSync(data, { recursive: true, force: true });
  }
}

await main();
