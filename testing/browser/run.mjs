// The product in a real Chromium: starts a fresh demo, then plays each story of stories/ in order of name.
//   node run.mjs             all stories
//   node run.mjs 20          only those whose name begins so
// Screenshots go to out/. A story that throws fails the run; every page visited is checked with axe.
import { mkdirSync, mkdtempSync, readFileSync, readdirSync, rmSync } from "node:fs";
import { createRequire } from "node:module";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";
import { chromium } from "playwright-core";
import { CHROMIUM, browserPath, startDemo, target } from "./demo.mjs";

const here = dirname(fileURLToPath(import.meta.url));
const out = join(here, "out");
const axeSource = readFileSync(createRequire(import.meta.url).resolve("axe-core/axe.min.js"), "utf8");
const binary = join(target, "debug/sekisho");

/** Fails on any serious finding of axe on the page as it is. */
async function checkAccessibility(page, name) {
  // By the debugger: the page's policy forbids foreign scripts, as it should.
  await page.evaluate(axeSource);
  const result = await page.evaluate(() => globalThis.axe.run(document, { resultTypes: ["violations"] }));
  const serious = result.violations.filter((v) => ["serious", "critical"].includes(v.impact));
  if (serious.length > 0) {
    const lines = serious.map((v) => `  ${v.id}: ${v.help}\n` + v.nodes.slice(0, 3).map((n) => `    ${n.html.slice(0, 160)}`).join("\n"));
    throw new Error(`axe on ${name}:\n${lines.join("\n")}`);
  }
}

export const WIDTHS = { phone: { width: 390, height: 844 }, wide: { width: 1280, height: 860 } };

async function main() {
  if (!browserPath) throw new Error("no Chromium here: run testing/install.sh test");
  rmSync(out, { recursive: true, force: true });
  mkdirSync(out, { recursive: true });
  const data = mkdtempSync(join(tmpdir(), "sekisho-browser-"));
  const demo = await startDemo(binary, data);
  const browser = await chromium.launch({
    executablePath: browserPath,
    args: CHROMIUM,
  });
  let passed = 0;
  const failures = [];
  try {
    const wanted = process.argv[2] ?? "";
    for (const file of readdirSync(join(here, "stories")).filter((f) => f.endsWith(".mjs") && f.startsWith(wanted)).sort()) {
      const { default: story, title } = await import(join(here, "stories", file));
      const began = Date.now();
      const contexts = [];
      const tools = {
        demo: demo.facts,
        /** Where the demo keeps what it has. */
        data,
        binary,
        /** A browser of its own: language "ja" or "en", width "phone" or "wide". */
        async visitor(language = "ja", width = "wide", options = {}) {
          const context = await browser.newContext({
            locale: language === "ja" ? "ja-JP" : "en-US", timezoneId: "Asia/Tokyo", viewport: WIDTHS[width], ignoreHTTPSErrors: true, reducedMotion: "reduce", ...options,
          });
          contexts.push(context);
          const page = await context.newPage();
          page.setDefaultTimeout(15_000);
          page.on("pageerror", (error) => failures.push(`${file}: script error: ${error.message}`));
          page.on("console", (message) => {
            if (message.type() === "error" && /Content Security Policy/.test(message.text())) failures.push(`${file}: ${message.text()}`);
          });
          return page;
        },
        // Hiding the caret would leave empty styles on inputs, at which the page's policy takes offence later.
        shot: (page, name) => page.screenshot({ path: join(out, `${name}.png`), fullPage: true, caret: "initial" }),
        axe: checkAccessibility,
        async eventually(what, check, seconds = 15) {
          const until = Date.now() + seconds * 1000;
          for (;;) {
            const value = await check();
            if (value) return value;
            if (Date.now() > until) throw new Error(`not within ${seconds} s: ${what}`);
            await new Promise((r) => setTimeout(r, 100));
          }
        },
      };
      try {
        await story(tools);
        passed += 1;
        process.stdout.write(`ok    ${title} (${Date.now() - began} ms)\n`);
      } catch (error) {
        failures.push(`${file}: ${error.stack ?? error}`);
        process.stdout.write(`FAIL  ${title}\n${error.stack ?? error}\n`);
        for (const [i, context] of contexts.entries()) for (const [j, page] of context.pages().entries()) await page.screenshot({ path: join(out, `failed-${file}-${i}-${j}.png`) }).catch(() => {});
      }
      for (const context of contexts) await context.close();
    }
  } finally {
    await browser.close();
    demo.child.kill("SIGTERM");
    rmSync(data, { recursive: true, force: true });
  }
  process.stdout.write(`${passed} passed, ${failures.length} failed\n`);
  if (failures.length > 0) {
    process.stdout.write(failures.map((f) => `- ${f}`).join("\n") + "\n");
    process.exit(1);
  }
}

await main();
