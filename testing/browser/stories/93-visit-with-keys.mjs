// A host books a key for a guest on the appointment's page; the guest finds the code on their page; the visit is called off, and the code is gone.
import { signIn } from "../steps.mjs";

export const title = "a visit carries a key: booked beside it, shown to the guest, gone with it";

export default async function story(tools) {
  const page = await tools.visitor("ja", "wide");
  await signIn(tools, page, "administrator");
  const base = tools.demo.http_url;
  const day = new Date(Date.now() + 9 * 86_400_000).toLocaleDateString("sv-SE", { timeZone: "Asia/Tokyo" });
  await page.goto(`${base}/visitors/new`);
  await page.selectOption("select[name=site]", { label: "東京本社" });
  await page.fill("input[name=starts]", `${day}T10:00`);
  await page.fill("input[name=ends]", `${day}T11:00`);
  await page.fill("input[name=guest_name]", "木村 修");
  await page.fill("input[name=guest_mail]", "kimura@setsubi.example");
  await page.locator("form[action='/visitors/new'] button[type=submit]:not([name])").click();
  await page.waitForURL(/\/visitors\/appointments\/[0-9a-f-]+$/);
  const appointment = page.url();

  await page.locator("a[href$='/keys']", { hasText: "予約" }).click();
  await page.waitForURL(/\/keys(\?|$)/);
  await tools.axe(page, "visit-keys-new");
  await tools.shot(page, "visit-keys-new-ja-wide");
  await page.locator("input[name=keys]").first().check();
  await page.locator("form[method=post] button[type=submit]:not([name])").last().click();
  await page.waitForURL((url) => url.href.startsWith(appointment) && !url.pathname.endsWith("/keys"));
  await tools.axe(page, "visit-keys");
  await tools.shot(page, "visit-keys-ja-wide");

  const own = await page.locator("main a[href^='/v/']").first().getAttribute("href");
  const guest = await tools.visitor("ja", "phone");
  await guest.goto(base + own);
  const code = (await guest.innerText("main")).match(/\b\d{4} \d{4}\b/)?.[0];
  if (!code) throw new Error("the guest sees no code for the keys");
  if ((await page.innerText("main")).includes(code)) throw new Error("the host's page shows the code of the keys");
  await tools.axe(guest, "visit-keys-guest");
  await tools.shot(guest, "visit-keys-guest-ja-phone");
  const english = await tools.visitor("en", "phone");
  await english.goto(base + own);
  await tools.shot(english, "visit-keys-guest-en-phone");

  await page.goto(appointment);
  await page.locator("details.confirm", { has: page.locator("form[action$='/cancel']") }).last().locator("summary").click();
  await page.locator("form[action$='/cancel'] button").last().click();
  await page.waitForURL((url) => url.pathname === "/visitors");
  await guest.reload();
  const left = await guest.innerText("main");
  if (!left.includes("取り消されています")) throw new Error("the guest's page does not say that the visit was called off");
  if (left.includes(code)) throw new Error("the code is still shown");
}
