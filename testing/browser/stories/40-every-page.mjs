// Every page of the rail in both languages and both widths: it opens, nothing sticks out sideways, axe finds nothing serious.
import { signIn } from "../steps.mjs";

export const title = "every page in both languages and widths, without serious findings of axe";

const PAGES = [
  "/", "/me", "/me/security", "/me/notices", "/keys", "/keys/people", "/keys/bookings", "/keys/reports", "/keys/alerts",
  "/people", "/people/groups", "/rights", "/rights/why", "/rights/schedules", "/rights/rules", "/devices", "/record", "/record/verify",
  "/settings/places", "/settings/notices", "/settings/security", "/mailbox",
];

export default async function story(tools) {
  const faults = [];
  // Signed in once: codes are not sent without end.
  const first = await tools.visitor("ja", "wide");
  await signIn(tools, first, "administrator");
  const storageState = await first.context().storageState();
  for (const language of ["ja", "en"]) {
    for (const width of ["wide", "phone"]) {
      const page = await tools.visitor(language, width, { storageState });
      await page.context().addCookies([{ name: "language", value: language, url: tools.demo.http_url }]);
      await page.goto(`${tools.demo.http_url}/keys`);
      const links = await page.locator("main a[href]").evaluateAll((all) => all.map((a) => a.getAttribute("href")));
      const box = links.find((href) => /^\/keys\/boxes\/[0-9a-f-]{36}$/.test(href));
      const key = links.find((href) => /^\/keys\/[0-9a-f-]{36}$/.test(href));
      if (!box || !key) throw new Error(`no box or key is linked from /keys: ${links.join(" ")}`);
      for (const path of [...PAGES, box, key]) {
        const answer = await page.goto(tools.demo.http_url + path);
        const name = `${path === box ? "/keys/boxes/one" : path === key ? "/keys/one" : path}`.replaceAll("/", "_").replace(/^_$/, "_today");
        await tools.shot(page, `page${name}-${language}-${width}`);
        if (answer.status() !== 200) faults.push(`${path}: ${answer.status()}`);
        const said = await page.locator("html").getAttribute("lang");
        if (said !== language) faults.push(`${path}: lang is ${said}, not ${language}`);
        if (/⟦/.test(await page.innerText("body"))) faults.push(`${path} (${language}): a text is missing`);
        const wider = await page.evaluate(() => document.documentElement.scrollWidth - window.innerWidth);
        if (wider > 0) faults.push(`${path} (${width}): ${wider} px stick out sideways`);
        await tools.axe(page, `${path} ${language} ${width}`).catch((error) => faults.push(error.message));
      }
    }
  }
  if (faults.length > 0) throw new Error([...new Set(faults)].join("\n"));
}
