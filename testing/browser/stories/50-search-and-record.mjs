// Search over everything with the key "/", and the record with its filters.
import { signIn } from "../steps.mjs";

export const title = "search over everything, and the record by filters";

export default async function story(tools) {
  const page = await tools.visitor("ja", "wide");
  await signIn(tools, page, "administrator");
  const base = tools.demo.http_url;
  await page.goto(`${base}/`);
  await page.keyboard.press("/");
  await page.keyboard.type("すずき");
  await page.keyboard.press("Enter");
  await page.waitForURL(/\/search\?q=/);
  if (!(await page.innerText("main")).includes("鈴木 健太")) throw new Error("hiragana does not find the reading");
  await tools.shot(page, "search-ja-wide");
  await tools.axe(page, "search");

  // The list follows while somebody types.
  await page.fill("#q", "社用車");
  await page.waitForFunction(() => document.querySelector("#found")?.textContent?.includes("社用車 3"));
  await page.keyboard.press("Escape");

  await page.goto(`${base}/record?action=person.&outcome=done`);
  const record = await page.innerText("main");
  if (!record.includes("鈴木 健太")) throw new Error("the record does not tell of the invited");
  await page.goto(`${base}/record?action=key.&q=${encodeURIComponent("どこにもない")}`);
  if (!/条件に合う記録はありません/.test(await page.innerText("main"))) throw new Error("a filter that fits nothing shows something");
  const csv = await (await page.request.get(`${base}/record/export.csv?action=person.`)).text();
  if (csv.split("\r\n").length < 5 || /key\./.test(csv)) throw new Error("the CSV does not follow the filter");
}
