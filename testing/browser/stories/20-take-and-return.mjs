// An employee takes a key out of the box and puts it back; the administrator's pages and the record tell it.
import { giveBack, identifyAtBox, signIn } from "../steps.mjs";

export const title = "a key is taken out of the box and put back, and the record tells it";

export default async function story(tools) {
  const box = await tools.visitor("ja", "wide");
  const admin = await tools.visitor("ja", "wide");
  await signIn(tools, admin, "administrator");

  await identifyAtBox(tools, box, "employee");
  await tools.shot(box, "box-choose-ja-wide");
  await tools.axe(box, "panel: choose");
  await box.locator("button.key", { hasText: "社用車 1" }).click();
  await box.locator(".bin.open [data-keep=well-1]").click();
  await tools.shot(box, "box-open-ja-wide");
  await box.locator(".bin.open [data-keep=door-1]").click();

  await admin.goto(`${tools.demo.http_url}/keys`);
  await tools.eventually("the key shows as out with its holder", async () => {
    await admin.reload();
    const row = admin.locator("tr", { hasText: "社用車 1" });
    return /持ち出し中/.test(await row.innerText()) && /鈴木 健太/.test(await row.innerText());
  });
  await tools.shot(admin, "keys-out-ja-wide");

  // Its fob is all it takes; nobody has to say who they are to give a key back.
  await giveBack(tools, box, "社用車 1");
  await tools.eventually("the key hangs in the box again", async () => {
    await admin.reload();
    return /あります/.test(await admin.locator("tr", { hasText: "社用車 1" }).innerText());
  });

  await admin.goto(`${tools.demo.http_url}/record?action=key`);
  const record = await admin.innerText("main");
  for (const word of ["社用車 1", "鈴木 健太"]) if (!record.includes(word)) throw new Error(`the record does not tell of ${word}`);
  await tools.shot(admin, "record-of-keys-ja-wide");
}
