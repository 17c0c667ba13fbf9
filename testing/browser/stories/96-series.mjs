// A host invites somebody again and again on a narrow telephone: looks at the days first, changes what follows, and the guest calls the rest off.
import { signIn } from "../steps.mjs";

export const title = "appointments repeat, on a telephone of 360 px, and the guest calls off the rest";

/** Nothing sticks out sideways, and axe finds nothing serious. */
async function looksGood(tools, page, name) {
  const wide = await page.evaluate(() => document.documentElement.scrollWidth - document.documentElement.clientWidth);
  if (wide > 0) throw new Error(`${name} is ${wide} px too wide`);
  await tools.axe(page, name);
  await tools.shot(page, name);
}

export default async function story(tools) {
  const page = await tools.visitor("ja", "phone", { viewport: { width: 360, height: 740 } });
  await signIn(tools, page, "administrator");
  const base = tools.demo.http_url;
  const day = new Date(Date.now() + 7 * 86_400_000).toLocaleDateString("sv-SE", { timeZone: "Asia/Tokyo" });
  await page.goto(`${base}/visitors/new`);
  await page.fill("input[name=starts]", `${day}T10:00`);
  await page.fill("input[name=ends]", `${day}T11:00`);
  await page.selectOption("select[name=repeat]", "weekly");
  await page.fill("input[name=repeat_count]", "4");
  // Before anybody is named.
  await page.locator("button[name=preview]").click();
  await page.getByText("次の4回です").waitFor();
  await looksGood(tools, page, "series-looked-at-360-ja");
  await page.fill("input[name=guest_name]", "山本 一郎");
  await page.fill("input[name=guest_mail]", "yamamoto@midori.example");
  await page.locator("form[action='/visitors/new'] button[type=submit]:not([name])").click();
  await page.waitForURL(/\/visitors\/appointments\//);
  const first = page.url();
  const text = await page.innerText("main");
  if (!/1回目（全4回）/.test(text) || !/毎週.曜日 10:00～11:00、全4回/.test(text)) throw new Error(text);
  await looksGood(tools, page, "series-appointment-360-ja");

  await page.goto(`${first}/change`);
  await page.locator("input[name=which][value=following]").check();
  await page.fill("input[name=place]", "8階 応接室");
  await looksGood(tools, page, "series-change-360-ja");
  await page.locator("form[action$='/change'] button[type=submit]").click();
  await page.waitForURL(first);
  await page.locator("main a[href^='/visitors/appointments/']", { hasText: ":00" }).last().click();
  if (!(await page.innerText("main")).includes("8階 応接室")) throw new Error("the last one was not changed");

  await page.goto(first);
  if ((await page.locator("main a[href^='/v/']").count()) !== 1) throw new Error("the host has no page to give out");
  const own = await page.locator("main a[href^='/v/']").first().getAttribute("href");
  const guest = await tools.visitor("ja", "phone", { viewport: { width: 360, height: 740 } });
  await guest.goto(base + own);
  await guest.getByText("今後のご来訪").first().waitFor();
  await looksGood(tools, guest, "series-guest-360-ja");
  await guest.locator("summary", { hasText: "今後のすべて" }).click();
  await guest.locator("form:has(input[name=which][value=all]) button").click();
  await guest.getByText("取り消されています").waitFor();
  await page.goto(first);
  if ((await page.locator("main a[href^='/v/']").count()) > 0) throw new Error("the host still has a page to give out");
}
