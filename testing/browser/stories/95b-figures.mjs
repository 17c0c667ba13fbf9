// What stays of a visit: whom its messages reached, the figures of the period, and how long it is kept.
import { signIn } from "../steps.mjs";

export const title = "messages of a visit, figures of the period, and what a rule would take away";

export default async function story(tools) {
  const base = tools.demo.http_url;
  const page = await tools.visitor("ja", "wide");
  await signIn(tools, page, "administrator", { proven: true });
  await page.goto(`${base}/visitors/new`);
  await page.fill("[name=guest_name]", "長谷川 誠");
  await page.fill("[name=guest_company]", "みどり工業株式会社");
  await page.fill("[name=guest_mail]", "hasegawa@midori.example");
  await page.locator("main form button[type=submit]").first().click();
  await page.waitForURL(/appointments/);
  const appointment = page.url();

  // The page of its messages looks again by itself: the guest comes while it is open.
  await page.getByRole("link", { name: "連絡の状況" }).click();
  await page.waitForURL(/messages$/);
  await page.locator("tr", { hasText: "招待" }).getByText("送信済み").waitFor();
  const desk = await tools.visitor("ja", "wide");
  await signIn(tools, desk, "administrator");
  await desk.goto(appointment);
  await desk.locator("form[action$='/arrive'] button").click();
  await page.locator("tr", { hasText: "到着の連絡" }).first().waitFor({ timeout: 30_000 });
  await tools.axe(page, "messages");
  await tools.shot(page, "messages-ja-wide");

  await page.goto(`${base}/visitors/statistics`);
  const people = await page.locator(".tile", { hasText: "来訪人数" }).locator(".tile-value").innerText();
  if (Number(people) < 1) throw new Error(`nobody is counted: ${people}`);
  await tools.axe(page, "statistics");
  await tools.shot(page, "statistics-ja-wide");
  await page.fill("[name=from]", "2020-01-01");
  await page.locator(".filters button[type=submit]").click();
  await page.getByText("期間は1100日以内で指定してください。").waitFor();
  await tools.shot(page, "statistics-wrong-ja-wide");

  await page.goto(`${base}/settings/visitors/retention`);
  await page.fill("[name=guest_forget]", "90");
  await page.fill("[name=guest_remove]", "30");
  await page.getByRole("button", { name: "保存" }).click();
  await page.getByText("来訪者の情報の消去と同じ日数か").first().waitFor();
  await page.fill("[name=guest_remove]", "730");
  await page.getByRole("button", { name: "いま対象になる件数を確認" }).click();
  await page.getByText("この設定では、いま来訪者").waitFor();
  await tools.axe(page, "retention");
  await tools.shot(page, "retention-ja-wide");

  const phone = await tools.visitor("en", "phone");
  await signIn(tools, phone, "administrator");
  for (const [path, name] of [["/visitors/statistics", "statistics"], ["/settings/visitors/retention", "retention"]]) {
    await phone.goto(`${base}${path}`);
    await tools.axe(phone, name);
    await tools.shot(phone, `${name}-en-phone`);
  }
}
