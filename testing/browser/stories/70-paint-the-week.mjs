// Hours of a schedule are painted with the mouse and the keyboard; the sentence follows.
import { signIn } from "../steps.mjs";

export const title = "the week is painted, and the sentence below follows";

export default async function story(tools) {
  const page = await tools.visitor("ja", "wide");
  await signIn(tools, page, "administrator");
  await page.goto(`${tools.demo.http_url}/rights/schedules/new`);
  const before = await page.innerText("#hours-preview");
  const cell = (day, hour) => page.locator(`[data-hours] input[value="${day}-${hour}"]`);
  const from = await cell(6, 10).boundingBox();
  const to = await cell(6, 14).boundingBox();
  await page.mouse.move(from.x + 4, from.y + 10);
  await page.mouse.down();
  await page.mouse.move(to.x + 4, to.y + 10, { steps: 12 });
  await page.mouse.up();
  for (const hour of [10, 11, 12, 13, 14]) if (!(await cell(6, hour).isChecked())) throw new Error(`Saturday ${hour} is not painted`);
  await tools.eventually("the sentence follows", async () => (await page.innerText("#hours-preview")) !== before);
  await tools.shot(page, "week-painted-ja-wide");

  await cell(7, 9).focus();
  await page.keyboard.press("Space");
  for (let step = 0; step < 3; step += 1) await page.keyboard.press("Shift+ArrowRight");
  for (const hour of [9, 10, 11, 12]) if (!(await cell(7, hour).isChecked())) throw new Error(`Sunday ${hour} is not painted by keyboard`);
  await tools.axe(page, "schedule");
  await page.fill("input[name=name]", "週末も");
  await page.click("form#schedule button[type=submit]");
  await page.waitForURL(/\/rights\/schedules\/[0-9a-f-]{36}$/);
  const saved = await page.innerText("#hours-preview");
  if (!/土/.test(saved)) throw new Error(`the saved schedule does not name Saturday: ${saved}`);
}
