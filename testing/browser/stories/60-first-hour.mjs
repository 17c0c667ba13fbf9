// The first hour's page leads through its steps; the settings lead everywhere.
import { signIn } from "../steps.mjs";

export const title = "the first hour and the way to every setting";

export default async function story(tools) {
  const page = await tools.visitor("ja", "wide");
  await signIn(tools, page, "administrator");
  const base = tools.demo.http_url;
  await page.goto(`${base}/first-hour`);
  const done = await page.locator(".first-step-done").count();
  if (done !== 4) throw new Error(`${done} of 4 steps are done in a company that has all of it`);
  await tools.axe(page, "first hour");
  await page.goto(`${base}/settings`);
  await tools.axe(page, "settings");
  const links = await page.locator(".settings a").evaluateAll((all) => all.map((a) => a.getAttribute("href")));
  for (const href of links) {
    const answer = await page.request.get(base + href);
    if (answer.status() !== 200) throw new Error(`${href}: ${answer.status()}`);
  }
}
