// Every page of the rail in both languages, both widths, light and dark: it opens, nothing sticks out sideways, axe finds nothing serious.
import { signIn } from "../steps.mjs";

export const title = "every page in both languages and widths, without serious findings of axe";

const PAGES = [
  "/", "/me", "/me/security", "/me/notices", "/keys", "/keys/people", "/keys/bookings", "/keys/reports", "/keys/alerts",
  "/people", "/people/groups", "/rights", "/rights/why", "/rights/schedules", "/rights/rules", "/devices", "/devices/updates", "/record", "/record/verify",
  "/settings", "/settings/places", "/settings/notices", "/settings/notices/channels", "/settings/notices/webhooks", "/settings/security",
  "/first-hour", "/search", "/search?q=a", "/keys/groups", "/keys/inventory", "/keys/payments", "/rights/schedules/new", "/me/profile", "/mailbox",
];

export default async function story(tools) {
  const faults = [];
  // Signed in once: codes are not sent without end.
  const first = await tools.visitor("ja", "wide");
  await signIn(tools, first, "administrator");
  const storageState = await first.context().storageState();
  for (const language of ["ja", "en"]) {
    // Dark on the phone's width in English and on the wide one in Japanese: both looks at both widths.
    for (const [width, theme] of [["wide", "light"], ["phone", "light"], [language === "ja" ? "wide" : "phone", "dark"]]) {
      const page = await tools.visitor(language, width, { storageState, colorScheme: theme });
      await page.context().addCookies(
        Object.entries({ language, theme }).map(([name, value]) => ({ name, value, url: tools.demo.http_url })),
      );
      await page.goto(`${tools.demo.http_url}/keys`);
      const links = await page.locator("main a[href]").evaluateAll((all) => all.map((a) => a.getAttribute("href")));
      const box = links.find((href) => /^\/keys\/boxes\/[0-9a-f-]{36}$/.test(href));
      const key = links.find((href) => /^\/keys\/[0-9a-f-]{36}$/.test(href));
      if (!box || !key) throw new Error(`no box or key is linked from /keys: ${links.join(" ")}`);
      for (const path of [...PAGES, box, key]) {
        const answer = await page.goto(tools.demo.http_url + path);
        const name = `${path === box ? "/keys/boxes/one" : path === key ? "/keys/one" : path}`.replaceAll(/[/?=]/g, "_").replace(/^_$/, "_today");
        await tools.shot(page, `page${name}-${language}-${width}${theme === "dark" ? "-dark" : ""}`);
        if (answer.status() !== 200) faults.push(`${path}: ${answer.status()}`);
        const said = await page.locator("html").getAttribute("lang");
        if (said !== language) faults.push(`${path}: lang is ${said}, not ${language}`);
        if (/⟦/.test(await page.innerText("body"))) faults.push(`${path} (${language}): a text is missing`);
        const wider = await page.evaluate(() => document.documentElement.scrollWidth - window.innerWidth);
        if (wider > 0) faults.push(`${path} (${width}): ${wider} px stick out sideways`);
        await tools.axe(page, `${path} ${language} ${width} ${theme}`).catch((error) => faults.push(error.message));
      }
    }
  }
  if (faults.length > 0) throw new Error([...new Set(faults)].join("\n"));
}
