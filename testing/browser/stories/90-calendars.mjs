// An administrator connects the reception's mailbox and a calendar, on a telephone and at a desk, and is told plainly what is wrong.
import { signIn } from "../steps.mjs";

export const title = "a mailbox and a calendar are connected, and the page says what is wrong with them";

async function looksGood(tools, page, name) {
  const wide = await page.evaluate(() => document.documentElement.scrollWidth - document.documentElement.clientWidth);
  if (wide > 0) throw new Error(`${name} is ${wide} px too wide`);
  await tools.axe(page, name);
  await tools.shot(page, name);
}

async function connect(tools, page, language, width) {
  const here = `${tools.demo.http_url}/settings/visitors/calendars`;
  const name = (what) => `calendars-${what}-${language}-${width}`;
  await page.goto(here);
  await looksGood(tools, page, name("before"));
  await page.locator("a[href$='/new/mailbox']").click();
  await looksGood(tools, page, name("mailbox"));
  const label = `${language} ${width}`;
  await page.fill("input[name=name]", label);
  await page.fill("input[name=address]", "reception@aoba.example");
  await page.fill("input[name=host]", "10.1.2.3");
  await page.fill("input[name=user]", "reception");
  await page.fill("input[name=password]", "secret");
  // The browser would not send it without; whoever sends it without is told.
  await page.locator("input[name=authority]").evaluate((field) => field.removeAttribute("required"));
  await page.locator("form[action$='/new/mailbox'] button[type=submit]").click();
  await page.locator("[aria-invalid=true]").first().waitFor();
  await looksGood(tools, page, name("mailbox-wrong"));
  await page.fill("input[name=password]", "secret");
  await page.fill("input[name=authority]", "mx.aoba.example");
  await page.locator("form[action$='/new/mailbox'] button[type=submit]").click();
  await page.waitForURL(here);
  const card = page.locator(".card", { hasText: label });
  await card.locator("form[action$='/read'] button").click();
  const wrong = language === "ja" ? "このアドレスへの接続は許可されていません" : "Connections to this address are not allowed";
  await page.locator(".card", { hasText: label }).getByText(wrong).waitFor();
  await looksGood(tools, page, name("failing"));

  await page.goto(`${here}/new/collection`);
  await looksGood(tools, page, name("collection"));
  await page.goto(here);
  await page.locator(".card", { hasText: label }).locator("a[href*='/calendars/']").click();
  if ((await page.content()).includes("secret")) throw new Error("the password is shown");
  await looksGood(tools, page, name("change"));
}

export default async function story(tools) {
  const wide = await tools.visitor("ja", "wide");
  await signIn(tools, wide, "administrator", { proven: true });
  await connect(tools, wide, "ja", "wide");
  const cookies = await wide.context().cookies();
  for (const [language, width] of [["ja", "phone"], ["en", "wide"], ["en", "phone"]]) {
    const page = await tools.visitor(language, width);
    await page.context().addCookies(cookies.filter((cookie) => /sekisho/.test(cookie.name)));
    await page.context().addCookies([{ name: "language", value: language, url: tools.demo.http_url }]);
    await connect(tools, page, language, width);
  }
}
