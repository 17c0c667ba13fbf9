// The administrator pulls a key's tag onto a colleague; then does the same with the keyboard. The colleague finds the key.
import { signIn } from "../steps.mjs";

export const title = "a key is lent by dragging its tag onto a person, and by keyboard";

export default async function story(tools) {
  const page = await tools.visitor("ja", "wide");
  await signIn(tools, page, "administrator");
  await page.goto(`${tools.demo.http_url}/keys`);
  await page.locator("a.keys-box-link").first().click();
  await page.waitForSelector("form[data-lend]");

  const person = page.locator(".lend-person", { hasText: "高橋 翔" });
  const tag = page.locator(".cabinet .key-tag[data-key]", { hasText: "応接室" });
  const from = await tag.boundingBox();
  const to = await person.boundingBox();
  if (!from || !to) throw new Error("tag and person do not stand on one screen");
  await page.mouse.move(from.x + from.width / 2, from.y + from.height / 2);
  await page.mouse.down();
  await page.mouse.move(from.x + 40, from.y + 30, { steps: 4 });
  await page.mouse.move(to.x + to.width / 2, to.y + to.height / 2, { steps: 10 });
  await page.waitForSelector(".lend-person.lend-over");
  await tools.shot(page, "lend-by-drag-ja-wide");
  await page.mouse.up();
  const notice = await page.waitForSelector(".notice");
  if (!(await notice.innerText()).includes("元に戻す")) throw new Error(`no way back: ${await notice.innerText()}`);

  await page.goto(`${tools.demo.http_url}/rights`);
  if (!(await page.innerText("main")).includes("応接室")) throw new Error("the right is not listed");

  // Keyboard alone: a key, then a person.
  await page.goto(`${tools.demo.http_url}/keys`);
  await page.locator("a.keys-box-link").first().click();
  await page.locator("form[data-lend] select[name=key]").focus();
  await page.keyboard.press("ArrowDown");
  await page.locator(".lend-person", { hasText: "伊藤 直子" }).focus();
  await page.keyboard.press("Enter");
  await page.waitForSelector(".notice");
  await tools.axe(page, "box with the form for lending");
  const phone = await tools.visitor("ja", "phone", { storageState: await page.context().storageState() });
  await phone.goto(page.url());
  await tools.shot(phone, "lend-ja-phone");
}
