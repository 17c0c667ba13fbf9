// The desk: a guest arrives elsewhere and it rings; what is typed stays; one tap lets in. On a telephone, a tablet, a wall.
import { api, signIn } from "../steps.mjs";

export const title = "the desk rings for an arrival, leaves alone what is typed, and admits by one tap";

const clock = (minutes) => new Date(Date.now() + minutes * 60_000 + 9 * 3600_000).toISOString().slice(0, 16);

export default async function story(tools) {
  const base = tools.demo.http_url;
  const elsewhere = await tools.visitor("ja", "wide");
  await signIn(tools, elsewhere, "administrator");
  const site = (await api(elsewhere, "GET", "/api/v1/sites")).items[0];
  const expect = async (minutes, ...guests) => {
    const body = { site: site.id, starts: clock(minutes), ends: clock(minutes + 45), place: "3階 会議室A", purpose: "お打ち合わせ", guests };
    return (await api(elsewhere, "POST", "/api/v1/visitors/appointments", body)).visits.map((visit) => visit.id);
  };
  const guest = (name, company, companions = 0) => ({ name, company, companions });
  const act = (visit, what) => api(elsewhere, "POST", `/api/v1/visitors/visits/${visit}/${what}`);
  const [gone] = await expect(-40, guest("高橋 直子", "青葉銀行"));
  for (const what of ["admit", "check-out"]) await act(gone, what);
  const [inside] = await expect(-30, guest("渡辺 翔", "みなと設計", 1));
  await act(inside, "admit");
  await expect(-25, guest("小川 遅子", "はやて物流"));
  const [waits] = await expect(-5, guest("森 一", "株式会社もり"));
  await act(waits, "arrive");
  const [arrives] = await expect(10, guest("結城 太一", "みどり工業株式会社", 2));
  await expect(20, guest("小林 恵", "小林デザイン"), guest("加藤 遼", "小林デザイン"), guest("吉田 結衣", "小林デザイン"));
  await expect(95, guest("Grace Hopper", "Harbor Systems"));
  await expect(140, guest("山本 大輔", "山本電気工事"));

  const desk = await tools.visitor("ja", "wide", { viewport: { width: 1024, height: 768 } });
  await signIn(tools, desk, "administrator");
  await desk.goto(`${base}/visitors`);
  await desk.locator("a", { hasText: "受付デスク" }).click();
  await desk.waitForURL(/desk/);
  await desk.goto(`${base}/visitors/desk?site=${site.id}`);
  const waiting = Number((await desk.title()).match(/^\((\d+)\) /)?.[1] ?? 0);
  if (waiting < 1) throw new Error(`the title does not count those who wait: ${await desk.title()}`);
  const focused = await desk.evaluate(() => document.activeElement?.getAttribute("name"));
  if (focused !== "code") throw new Error(`the cursor does not begin in the code: ${focused}`);
  const sound = desk.locator("[data-desk-sound]");
  await sound.click();
  if ((await sound.getAttribute("aria-pressed")) !== "true") throw new Error("the sound is not on");
  await tools.eventually("one hears how it sounds", async () => (await desk.locator("[data-desk]").getAttribute("data-rang")) === "1");
  await desk.reload();
  if ((await sound.getAttribute("aria-pressed")) !== "true") throw new Error("the sound is not remembered");
  if (await desk.locator("[data-desk]").getAttribute("data-arrived")) throw new Error("rings for who was there before");

  // Somebody is typing, has a question open and looks at what is over, while a guest arrives elsewhere.
  await desk.locator(".day-over summary").first().click();
  await desk.locator(".ring summary", { hasText: "お断り" }).first().click();
  await desk.fill("input[name=host]", "佐藤");
  await desk.fill("input[name=code]", "7K3M");
  const list = await tools.visitor("ja", "wide");
  await signIn(tools, list, "administrator");
  await list.goto(`${base}/visitors`);
  await list.locator("summary", { hasText: "お断り" }).first().click();
  await list.fill("input[name=q]", "結");
  await act(arrives, "arrive");
  await tools.eventually("it rings once", async () => (await desk.locator("[data-desk][data-arrived='1'][data-rang='1']").count()) === 1);
  if (!(await desk.title()).startsWith(`(${waiting + 1}) `)) throw new Error(`the title does not count: ${await desk.title()}`);
  if (!(await desk.locator("[data-desk-told]").textContent()).includes("結城 太一")) throw new Error("a screen reader is not told who arrived");
  await desk.keyboard.type("9P");
  const typed = [await desk.inputValue("input[name=code]"), await desk.inputValue("input[name=host]")];
  if (typed.join() !== "7K3M9P,佐藤") throw new Error(`what was typed is gone: ${typed}`);
  for (const opened of [".day-over[open]", ".ring .confirm[open]"]) {
    if ((await desk.locator(opened).count()) !== 1) throw new Error(`what was opened is closed: ${opened}`);
  }
  await list.locator("tr", { hasText: "結城 太一" }).getByText("受付でお待ち").waitFor();
  if ((await list.inputValue("input[name=q]")) !== "結") throw new Error("what was typed into the list's search is gone");
  if ((await list.locator(".confirm[open]").count()) !== 1) throw new Error("the list's open question is closed");
  await tools.shot(desk, "desk-tablet-ja-light");
  await tools.axe(desk, "the desk on a tablet");

  const ring = desk.locator(".ring", { hasText: "結城 太一" });
  await ring.locator("form[action*='/admit'] button").click();
  await desk.waitForURL(/desk\?site=/);
  await tools.eventually("he is in", async () => (await desk.locator(".slot-here", { hasText: "結城 太一" }).count()) === 1);
  if (!(await desk.title()).startsWith(`(${waiting}) `)) throw new Error(`the title still counts him: ${await desk.title()}`);
  if (await desk.locator("[data-desk]").getAttribute("data-arrived")) throw new Error("rings again after the page came anew");
  await desk.fill("input[name=count]", "4");
  await desk.press("input[name=count]", "Enter");
  await tools.eventually("waved in", async () => (await desk.locator(".slot-here", { hasText: "4名（氏名なし）" }).count()) === 1);

  const look = async (name, width, height, language, theme) => {
    const page = await tools.visitor(language, "wide", { viewport: { width, height }, colorScheme: theme });
    await signIn(tools, page, "administrator");
    await page.context().addCookies(Object.entries({ language, theme }).map(([name, value]) => ({ name, value, url: base })));
    await page.goto(`${base}/visitors/desk?site=${site.id}`);
    await page.locator(".slot-group summary").first().click();
    await tools.shot(page, `desk-${name}-${language}-${theme}`);
    await tools.axe(page, `the desk, ${name} ${theme}`);
    const wider = await page.evaluate(() => document.documentElement.scrollWidth - window.innerWidth);
    if (wider > 0) throw new Error(`${name}: ${wider} px stick out sideways`);
    return page;
  };
  for (const [name, width, height] of [["phone", 390, 844], ["tablet", 1024, 768], ["pc", 1280, 860], ["wall", 1920, 1080]]) {
    await look(name, width, height, "ja", "dark");
    const page = await look(name, width, height, "en", "light");
    if (name !== "wall") continue;
    await page.locator(".desk-bar a").last().click();
    await page.waitForURL(/day=/);
    await tools.shot(page, "desk-tomorrow-en");
  }
}
