// A key whose due time passes: lent until a minute from now, taken at the box, late soon after. No clock is turned: the
// administrator hands a key over with a due time that is near.
import { signIn } from "../steps.mjs";

export const title = "a key that is not brought back in time shows as late, and its holder is told";

export default async function story(tools) {
  const page = await tools.visitor("ja", "wide");
  await signIn(tools, page, "administrator");
  const base = tools.demo.http_url;
  const keys = await (await page.request.get(`${base}/api/v1/keys?q=${encodeURIComponent("屋上")}`)).json();
  const people = await (await page.request.get(`${base}/api/v1/people?q=${encodeURIComponent("高橋")}`)).json();
  const key = keys.items[0];
  const holder = people.items[0];
  if (!key || !holder) throw new Error(`no key or person: ${JSON.stringify([keys, people])}`);
  const until = new Date(Date.now() + 3000).toISOString();
  const answer = await page.request.post(`${base}/api/v1/keys/${key.id}/loans`, { data: { to: holder.id, until, note: "点検" }, headers: { origin: base } });
  if (answer.status() !== 201) throw new Error(`${answer.status()}: ${await answer.text()}`);
  await tools.eventually("the key is late", async () => {
    const now = await (await page.request.get(`${base}/api/v1/keys/${key.id}`)).json();
    return now.state === "late";
  });
  await page.goto(`${base}/keys?state=late`);
  const row = page.locator("tr", { hasText: "屋上" });
  if (!/高橋 翔/.test(await row.innerText())) throw new Error(await row.innerText());
  await tools.shot(page, "keys-late-ja-wide");
  await tools.eventually("the holder is told", async () => {
    const mailbox = await (await page.request.get(tools.demo.mailbox)).text();
    return mailbox.includes("takahashi@aoba.example") && /期限/.test(mailbox) && mailbox.includes("屋上");
  });
  await page.goto(`${base}/`);
  await tools.shot(page, "today-late-ja-wide");
  await tools.axe(page, "today with a late key");
}
