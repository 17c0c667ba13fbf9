// A bin is opened from afar in two steps: the lamp first, then the bin, with a reason; the record tells it.
import { signIn } from "../steps.mjs";

export const title = "a bin is opened from afar in two steps";

export default async function story(tools) {
  const page = await tools.visitor("ja", "wide");
  const box = await tools.visitor("ja", "wide");
  await box.goto(tools.demo.panel);
  await signIn(tools, page, "administrator");
  const base = tools.demo.http_url;
  await page.goto(`${base}/keys`);
  await page.locator("a.keys-box-link").first().click();
  await page.waitForURL(/\/keys\/boxes\//);
  await page.goto(`${page.url()}/bins/12`);
  await tools.axe(page, "one bin");
  await page.locator("form[action$='/light'] button").click();
  await page.waitForURL(/lit=/);
  await tools.shot(page, "remote-opening-ja-wide");
  const open = page.locator("form[action$='/open']");
  const details = page.locator("details", { has: open });
  if (await details.count()) await details.first().locator("summary").click();
  await open.locator("input[name=reason]").fill("鍵の点検のため");
  await open.locator("button[type=submit]").click();
  await tools.eventually("the bin opens at the box", async () => (await box.locator(".bin.open").count()) > 0);
  await box.locator(".bin.open [data-keep^=door-]").first().click();
  await page.goto(`${base}/record?action=bin`);
  if (!(await page.innerText("main")).includes("キーボックス A")) throw new Error("the record does not tell of the opening");
}
