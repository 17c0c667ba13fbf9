// An administrator adds two rooms; the form says which are free when site or time change, and refuses the one that is taken.
import { signIn } from "../steps.mjs";

export const title = "a room is taken once at a time, and the form says which are free";

async function looksGood(tools, page, name) {
  const wide = await page.evaluate(() => document.documentElement.scrollWidth - document.documentElement.clientWidth);
  if (wide > 0) throw new Error(`${name} is ${wide} px too wide`);
  await tools.axe(page, name);
  await tools.shot(page, name);
}

async function add(page, base, name, seats, way) {
  await page.goto(`${base}/settings/visitors/rooms/new`);
  await page.fill("input[name=name]", name);
  await page.fill("input[name=seats]", String(seats));
  await page.fill("input[name=way]", way);
  await page.locator("form[action='/settings/visitors/rooms/new'] button[type=submit]").click();
  await page.waitForURL(/\/settings\/visitors\/rooms$/);
}

const choices = (page) => page.locator("select[name=room] option").allInnerTexts();

export default async function story(tools) {
  const page = await tools.visitor("ja", "wide");
  await signIn(tools, page, "administrator");
  const base = tools.demo.http_url;
  await page.goto(`${base}/settings/visitors/rooms`);
  await looksGood(tools, page, "rooms-none-ja");
  await add(page, base, "会議室A", 2, "3階、エレベーターを降りて左");
  await add(page, base, "会議室B", 8, "3階、突き当たり右");
  await looksGood(tools, page, "rooms-ja");

  const day = new Date(Date.now() + 9 * 86_400_000).toLocaleDateString("sv-SE", { timeZone: "Asia/Tokyo" });
  const invite = async (from, until, guest) => {
    await page.goto(`${base}/visitors/new`);
    await page.fill("input[name=guest_name]", guest);
    await page.fill("input[name=companions]", "2");
    await page.fill("input[name=starts]", `${day}T${from}`);
    await page.fill("input[name=ends]", `${day}T${until}`);
    await page.locator("input[name=ends]").blur();
  };
  const send = () => page.locator("form[action='/visitors/new'] button[type=submit]:not([name])").click();
  await invite("10:00", "11:00", "山本 一郎");
  await page.locator("select[name=room] option", { hasText: "会議室A（2席） － 空き" }).waitFor({ state: "attached" });
  await page.selectOption("select[name=room]", { label: "会議室A（2席） － 空き" });
  await send();
  await page.waitForURL(/\/visitors\/appointments\//);
  await page.getByText("会議室の席数は2席です").waitFor();
  await looksGood(tools, page, "rooms-appointment-ja");
  const own = await page.locator("main a[href^='/v/']").first().getAttribute("href");
  const guest = await tools.visitor("ja", "phone");
  await guest.goto(base + own);
  await guest.getByText("3階、エレベーターを降りて左").waitFor();
  await looksGood(tools, guest, "rooms-guest-ja");

  // Half an hour later: the form says so before it is sent, and after.
  await invite("10:30", "11:30", "森 花子");
  await page.locator("select[name=room] option", { hasText: "会議室A（2席） － 使用中" }).waitFor({ state: "attached" });
  await page.selectOption("select[name=room]", { label: "会議室A（2席） － 使用中" });
  await looksGood(tools, page, "rooms-form-ja");
  await send();
  await page.getByText("空いている会議室：会議室B（8席）").waitFor();
  await looksGood(tools, page, "rooms-refused-ja");
  const named = (await choices(page)).find((words) => words.includes("会議室B"));
  await page.selectOption("select[name=room]", { label: named });
  await send();
  await page.waitForURL(/\/visitors\/appointments\//);
  if (!(await page.innerText("main")).includes("会議室B")) throw new Error("not in the other room");
}
