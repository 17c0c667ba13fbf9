// Every page that links lead to, in both languages, both widths, light and dark: it opens, nothing sticks out sideways, axe finds nothing serious.
import { signIn } from "../steps.mjs";

export const title = "every page in both languages and widths, without serious findings of axe";

/** Where the walk begins; everything else has to be found by links, as people find it. */
const BEGIN = ["/", "/search?q=a", "/mailbox", "/first-hour"];
/** What a link must lead to, whatever the demo happens to hold. */
const WANTED = [
  "/me", "/me/security", "/me/notices", "/me/profile", "/keys", "/keys/one", "/keys/boxes/one", "/keys/people", "/keys/bookings", "/keys/reports", "/keys/alerts",
  "/keys/groups", "/keys/inventory", "/keys/payments", "/people", "/people/one", "/people/groups", "/rights", "/rights/why", "/rights/schedules", "/rights/schedules/new",
  "/rights/rules", "/devices", "/devices/one", "/devices/updates", "/visitors", "/visitors/desk", "/visitors/new", "/visitors/appointments/one", "/visitors/import", "/visitors/terminals",
  "/visitors/watch-list", "/visitors/watch-list/new", "/visitors/watch-list/import", "/record", "/record/verify", "/settings", "/settings/places", "/settings/notices", "/settings/notices/channels", "/settings/notices/webhooks", "/settings/security",
  "/settings/visitors",
];

/** One page for all boxes, keys, people …; a search or filter is no page of its own. */
function kind(path) {
  const [bare, query] = path.split("?");
  const named = bare.replaceAll(/[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f-]{22}/g, "one").replaceAll(/\/([A-Za-z0-9_-]{20,}(\.\d)?|\d+)(?=\/|$)/g, "/one");
  return named === "/search" && query ? "/search/found" : named;
}

/** One address for each kind of page that links lead to. */
async function everyPage(page, base) {
  const found = new Map(BEGIN.map((path) => [kind(path), path]));
  // Grows while it is walked.
  for (const path of found.values()) {
    const answer = await page.request.get(base + path);
    if (!answer.headers()["content-type"]?.startsWith("text/html")) {
      found.delete(kind(path));
      continue;
    }
    await page.goto(base + path, { waitUntil: "domcontentloaded" });
    const links = await page.locator("a[href]:not([download])").evaluateAll((all) => all.map((a) => a.href));
    for (const link of links.filter((href) => href.startsWith(base)).map((href) => href.slice(base.length).replace(/#.*/, ""))) {
      const file = /\.[a-z]{2,5}$/.test(link.split("?")[0]) || /^\/(api|assets)\//.test(link);
      if (link && !file && !found.has(kind(link))) found.set(kind(link), link.startsWith("/search") ? link : link.split("?")[0]);
    }
  }
  const missed = WANTED.filter((wanted) => !found.has(wanted));
  if (missed.length > 0) throw new Error(`no link leads to ${missed.join(" ")}; found ${[...found.keys()].join(" ")}`);
  return found;
}

export default async function story(tools) {
  const faults = [];
  // Signed in once: codes are not sent without end.
  const first = await tools.visitor("ja", "wide");
  await signIn(tools, first, "administrator");
  const storageState = await first.context().storageState();
  const pages = await everyPage(first, tools.demo.http_url);
  // Both looks at both widths and in both languages.
  for (const [language, width, theme] of [["ja", "wide", "light"], ["ja", "phone", "dark"], ["en", "phone", "light"], ["en", "wide", "dark"]]) {
    const page = await tools.visitor(language, width, { storageState, colorScheme: theme });
    await page.context().addCookies(
      Object.entries({ language, theme }).map(([name, value]) => ({ name, value, url: tools.demo.http_url })),
    );
    for (const [kind, path] of pages) {
      const answer = await page.goto(tools.demo.http_url + path);
      const name = kind.replaceAll("/", "_").replace(/^_$/, "_today");
      await tools.shot(page, `page${name}-${language}-${width}-${theme}`);
      if (answer.status() !== 200) faults.push(`${path}: ${answer.status()}`);
      const said = await page.locator("html").getAttribute("lang");
      if (said !== language) faults.push(`${path}: lang is ${said}, not ${language}`);
      if (/⟦/.test(await page.innerText("body"))) faults.push(`${path} (${language}): a text is missing`);
      const wider = await page.evaluate(() => document.documentElement.scrollWidth - window.innerWidth);
      if (wider > 0) faults.push(`${path} (${width}): ${wider} px stick out sideways`);
      await tools.axe(page, `${path} ${language} ${width} ${theme}`).catch((error) => faults.push(error.message));
    }
  }
  if (faults.length > 0) throw new Error([...new Set(faults)].join("\n"));
}
