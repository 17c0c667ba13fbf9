// The list of who is in the building, when the server cannot be reached: kept by the desk's browser, gone after sign-out.
import { signIn } from "../steps.mjs";

export const title = "the evacuation list is read without a network, and not after sign-out";

export default async function story(tools) {
  const page = await tools.visitor("ja", "wide");
  await signIn(tools, page, "administrator");
  const base = tools.demo.http_url;
  await page.goto(`${base}/visitors`);
  await page.evaluate(() => navigator.serviceWorker.ready);
  // What is told to a desk that only looks at its guests: the list comes along.
  await page.locator("form[action='/visitors/wave-in'] input[name=count]").fill("3");
  await page.locator("form[action='/visitors/wave-in'] button[type=submit]").click();
  await page.waitForURL(/show=here/);
  await page.goto(`${base}/visitors`);
  const kept = () => page.evaluate(async () => (await (await caches.open("kept-1")).match("/visitors/evacuation"))?.text() ?? "");
  await tools.eventually("the list is kept", async () => (await kept()).includes("氏名なし"));

  await page.context().setOffline(true);
  await page.goto(`${base}/visitors/evacuation`);
  const list = await page.innerText("main");
  if (!list.includes("氏名なし") || !/\d+日（.）\d+:\d+ 現在/.test(list)) throw new Error(`not the kept list: ${list}`);
  await tools.shot(page, "evacuation-offline-ja");
  await page.goto(`${base}/keys`);
  await page.locator("[data-kept] a", { hasText: "避難者名簿" }).click();
  await page.waitForURL(/evacuation/);
  await page.context().setOffline(false);

  await page.goto(`${base}/visitors/evacuation`);
  await page.emulateMedia({ media: "print" });
  await tools.shot(page, "evacuation-print-ja");
  await page.emulateMedia({ media: "screen" });
  await page.locator("details.menu", { has: page.locator("form[action='/sign-out']") }).locator("summary").click();
  await page.locator("form[action='/sign-out'] button").first().click();
  await page.waitForURL(/sign-in/);
  await tools.eventually("it is forgotten", async () => !(await page.evaluate(() => caches.has("kept-1"))));
  await page.context().setOffline(true);
  await page.goto(`${base}/visitors/evacuation`);
  if ((await page.innerText("body")).includes("氏名なし")) throw new Error("the list is still shown after sign-out");
}
