// The box's camera took a picture when a bin opened; a manager looks at it, and the look is told beside it.
import { signIn } from "../steps.mjs";

export const title = "a picture of the box's camera is looked at, and the look is on the record";

export default async function story(tools) {
  const page = await tools.visitor("ja", "wide");
  await signIn(tools, page, "administrator");
  const base = tools.demo.http_url;
  await page.goto(`${base}/keys`);
  await page.locator("a.keys-box-link").first().click();
  await page.waitForURL(/\/keys\/boxes\//);
  const box = page.url();
  // The demo's own people opened a bin at the box; its picture comes behind the event.
  const link = page.locator("a[href^='/keys/pictures/']").first();
  await tools.eventually("the box has sent a picture", async () => {
    await page.goto(`${box}/history`);
    return (await link.count()) > 0;
  });
  await tools.axe(page, "history of a box with pictures");
  await tools.shot(page, "box-history-ja-wide");
  await link.click();
  await page.waitForURL(/\/keys\/pictures\//);
  const image = page.locator("main img");
  await tools.eventually("the picture is there", async () => image.evaluate((img) => img.complete && img.naturalWidth > 100));
  await tools.axe(page, "picture");
  await page.reload();
  await tools.shot(page, "picture-ja-wide");
  if (!(await page.innerText("main")).includes("佐藤 美咲")) throw new Error("nobody is told to have looked");
  await page.goto(`${box}/settings`);
  await tools.axe(page, "settings of a box with a camera");
  await tools.shot(page, "box-settings-ja-wide");
  const phone = await tools.visitor("en", "phone");
  await signIn(tools, phone, "administrator");
  await phone.goto(`${box}/history`);
  await phone.locator("a[href^='/keys/pictures/']").first().click();
  await phone.waitForURL(/\/keys\/pictures\//);
  await tools.axe(phone, "picture on a phone");
  await tools.shot(phone, "picture-ja-phone");
}
