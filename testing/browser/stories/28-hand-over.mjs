// A holder hands a key over to a colleague, who confirms it with the code that went to them.
import { codeFor, signIn } from "../steps.mjs";

export const title = "a key changes hands with the receiver's code";

export default async function story(tools) {
  const page = await tools.visitor("ja", "phone");
  await signIn(tools, page, "administrator");
  const base = tools.demo.http_url;
  const me = await (await page.request.get(`${base}/api/v1/people?q=${encodeURIComponent("佐藤")}`)).json();
  const keys = await (await page.request.get(`${base}/api/v1/keys?q=${encodeURIComponent("社用車 2")}`)).json();
  const key = keys.items[0].id;
  const taken = await page.request.post(`${base}/api/v1/keys/${key}/loans`, { data: { to: me.items[0].id }, headers: { origin: base } });
  if (taken.status() !== 201) throw new Error(`${taken.status()}: ${await taken.text()}`);
  await page.goto(`${base}/keys/${key}`);
  const form = page.locator("form[action$='/hand-over']");
  await form.locator("select[name=to]").selectOption({ label: "田中 葵" });
  await form.locator("button[type=submit]").click();
  await page.waitForURL(/hand-overs/);
  await tools.shot(page, "hand-over-ja-phone");
  await tools.axe(page, "hand-over");
  await page.fill("input[name=code]", await codeFor(tools, page, "tanaka@aoba.example"));
  await page.press("input[name=code]", "Enter");
  await page.waitForURL((url) => !url.pathname.includes("hand-overs"));
  const now = await (await page.request.get(`${base}/api/v1/keys/${key}`)).json();
  if (now.holder_name !== "田中 葵") throw new Error(JSON.stringify(now));
}
