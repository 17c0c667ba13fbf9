// Somebody on the watch list is announced and comes: the desk is to ask the guard, and says that it did before it lets them in.
import { signIn } from "../steps.mjs";

export const title = "the desk asks the guard about a guest who is like somebody on the watch list";

export default async function story(tools) {
  const base = tools.demo.http_url;
  const page = await tools.visitor("ja", "wide");
  await signIn(tools, page, "administrator");
  await page.goto(`${base}/visitors/watch-list/new`);
  await page.fill("[name=names]", "黒沢 剛\nクロサワ ツヨシ");
  await page.fill("[name=organisation]", "あかつき興業");
  await page.fill("[name=reason]", "無断撮影のため入館をお断りした方");
  await page.fill("[name=phone]", "内線 110");
  await tools.shot(page, "watch-list-new-ja");
  await page.locator("main form button[type=submit]").first().click();
  await page.waitForURL(/watch-list$/);

  await page.goto(`${base}/visitors/new`);
  await page.fill("[name=guest_name]", "Tsuyoshi KUROSAWA");
  await page.fill("[name=guest_company]", "みどり工業株式会社");
  await page.locator("main form button[type=submit]").first().click();
  await page.waitForURL(/appointments/);
  await tools.shot(page, "watch-list-appointment-ja");
  const list = page.locator("tr", { hasText: "KUROSAWA" });
  if (!(await list.innerText()).includes("守衛に確認")) throw new Error("the desk is not told to ask the guard");

  await page.goto(`${base}/visitors`);
  await list.locator("form[action$='/arrive'] button").click();
  await page.goto(`${base}/visitors?show=here`);
  await list.locator("details.confirm", { hasText: "守衛" }).locator("summary").click();
  await tools.shot(page, "watch-list-desk-ja");
  await list.getByRole("button", { name: "守衛に確認済みとして入館を許可する" }).click();
  await page.waitForURL(/visitors/);
  await page.goto(`${base}/visitors?show=here`);
  if (!(await list.innerText()).includes("守衛に確認済み")) throw new Error("it is not shown that the guard was asked");

  await page.goto(`${base}/visitors/watch-list`);
  if (!(await page.innerText("main")).includes("読みが一致")) throw new Error("the match is not shown");
  await tools.shot(page, "watch-list-ja");
  const phone = await tools.visitor("en", "phone");
  await signIn(tools, phone, "administrator");
  await phone.goto(`${base}/visitors/watch-list`);
  await tools.shot(phone, "watch-list-en-phone");
  await page.locator("details.confirm", { hasText: "別人" }).locator("summary").click();
  await page.getByRole("button", { name: "別人として記録する" }).click();
  await page.waitForURL(/watch-list$/);
  if ((await page.innerText("main")).includes("KUROSAWA")) throw new Error("the match is still shown");
}
