// An administrator asks guests of interviews for fields, an agreement and a photo; a guest does it on their telephone, in Japanese and in Korean, with a signature
// drawn by mouse and without scripts; the desk sees what is missing and reads what was given.
import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { signIn } from "../steps.mjs";

export const title = "before the visit: own fields, an agreement signed by hand, a photo";

const SETTINGS = "/settings/visitors/registration";

async function add(page, base, kind, field) {
  await page.goto(`${base}${SETTINGS}/${kind}/fields/new`);
  for (const [name, value] of Object.entries(field.words)) await page.fill(`[name=${name}]`, value);
  await page.selectOption("select[name=answer]", field.answer);
  if (field.required) await page.check("input[name=required]");
  await page.locator("form.form button[type=submit]").first().click();
  await page.waitForURL(new RegExp(`${SETTINGS}/${kind}$`));
}

async function invite(page, base, name, mail, language) {
  const day = new Date(Date.now() + 4 * 86_400_000).toLocaleDateString("sv-SE", { timeZone: "Asia/Tokyo" });
  await page.goto(`${base}/visitors/new`);
  await page.selectOption("select[name=site]", { label: "東京本社" });
  await page.selectOption("select[name=kind]", "interview");
  await page.fill("input[name=starts]", `${day}T10:00`);
  await page.fill("input[name=ends]", `${day}T11:00`);
  await page.fill("input[name=guest_name]", name);
  await page.fill("input[name=guest_mail]", mail);
  await page.selectOption("select[name=guest_language]", language);
  await page.locator("form[action='/visitors/new'] button[type=submit]:not([name])").click();
  await page.waitForURL(/\/visitors\/appointments\/[0-9a-f-]+$/);
  const own = await page.locator("main a[href^='/v/']").first().getAttribute("href");
  return { appointment: page.url(), own: base + own };
}

/** Signs with the mouse: a wave and a stroke through it. */
async function draw(page) {
  const box = await page.locator("canvas").boundingBox();
  await page.mouse.move(box.x + box.width * 0.15, box.y + box.height * 0.6);
  await page.mouse.down();
  for (let step = 0; step <= 40; step += 1) {
    const along = 0.15 + 0.6 * (step / 40);
    await page.mouse.move(box.x + box.width * along, box.y + box.height * (0.5 + 0.3 * Math.sin(step / 3)));
  }
  await page.mouse.up();
  await page.mouse.move(box.x + box.width * 0.2, box.y + box.height * 0.8);
  await page.mouse.down();
  await page.mouse.move(box.x + box.width * 0.8, box.y + box.height * 0.75, { steps: 12 });
  await page.mouse.up();
}

export default async function story(tools) {
  const base = tools.demo.http_url;
  const admin = await tools.visitor("ja", "wide");
  await signIn(tools, admin, "administrator");

  await admin.goto(`${base}/settings/visitors/agreements/new`);
  await admin.fill("input[name=name]", "秘密保持誓約書");
  await admin.fill("input[name=title_ja]", "秘密保持に関する誓約書");
  await admin.fill("textarea[name=text_ja]", "1. 来訪中に知り得た情報を、第三者に開示しません。\n2. 許可なく撮影・録音を行いません。");
  await admin.fill("input[name=title_en]", "Agreement about secrets");
  await admin.fill("textarea[name=text_en]", "1. I tell nobody what I learn during the visit.\n2. I take no pictures without asking.");
  await tools.axe(admin, "agreement-new");
  await tools.shot(admin, "registration-agreement-new-ja-wide");
  await admin.locator("form.form button[type=submit]").first().click();
  await admin.waitForURL(/agreements\/[0-9a-f-]+$/);
  await tools.axe(admin, "agreement");
  await tools.shot(admin, "registration-agreement-ja-wide");

  await add(admin, base, "interview", {
    words: { label_ja: "交通手段", label_en: "How do you come?", label_ko: "교통수단", choices_ja: "電車・バス\n自動車", choices_en: "Train or bus\nCar", choices_ko: "전철·버스\n자동차" },
    answer: "choice", required: true,
  });
  await add(admin, base, "interview", { words: { label_ja: "到着希望の最寄り駅", label_en: "Nearest station" }, answer: "text", required: false });
  await add(admin, base, "interview", { words: { label_ja: "通訳が必要ですか", label_en: "Do you need an interpreter?", label_ko: "통역이 필요하십니까?" }, answer: "yes_no", required: true });
  await admin.check("input[name=asked]");
  await admin.check("input[name=photo]");
  await admin.selectOption("select[name=agreement]", { label: "秘密保持誓約書" });
  await admin.locator("form.form button[type=submit]").first().click();
  await admin.waitForLoadState();
  await tools.axe(admin, "registration-kind");
  await tools.shot(admin, "registration-kind-ja-wide");
  await admin.locator("a.row-link").first().click();
  await tools.axe(admin, "registration-field");
  await tools.shot(admin, "registration-field-ja-wide");
  await admin.goto(base + SETTINGS);
  await tools.axe(admin, "registration-kinds");
  await tools.shot(admin, "registration-kinds-ja-wide");

  const { appointment, own } = await invite(admin, base, "木村 修", "kimura-shu@setsubi.example", "ja");
  await tools.axe(admin, "registration-missing");
  await tools.shot(admin, "registration-missing-ja-wide");
  const mail = await tools.eventually("the invitation", async () => {
    const html = await (await admin.request.get(tools.demo.mailbox)).text();
    return html.split('<section class="card">').find((card) => card.includes("kimura-shu@setsubi.example"));
  });
  if (!mail.includes("事前登録をお願いいたします")) throw new Error("the invitation does not ask");

  // Japanese, on a telephone: something is wrong first, and nothing typed is lost.
  const guest = await tools.visitor("ja", "phone");
  await guest.goto(own);
  await tools.axe(guest, "registration-guest");
  await tools.shot(guest, "registration-guest-ja-phone");
  await guest.locator("a[href$='/registration']").click();
  await guest.fill("input[type=text]", "品川");
  await guest.evaluate(() => { for (const one of document.querySelectorAll("[required]")) one.removeAttribute("required"); });
  await guest.locator("form[action$='/registration'] button[type=submit]").click();
  await guest.waitForSelector(".wrong");
  if ((await guest.inputValue("input[type=text]")) !== "品川") throw new Error("what was typed is lost");
  await tools.axe(guest, "registration-form-refused");
  await tools.shot(guest, "registration-form-refused-ja-phone");
  await guest.selectOption("select", { label: "自動車" });
  await guest.locator("input[type=radio][value=no]").check();
  await guest.locator("form[action$='/registration'] button[type=submit]").click();
  await guest.waitForURL(own);
  await guest.locator("a[href$='/registration']").click();
  const picture = join(tools.data, "me.jpg");
  await guest.screenshot({ path: picture, type: "jpeg" });
  await guest.setInputFiles("input[type=file]", picture);
  await guest.locator("form[action$='/photo'] button[type=submit]").click();
  await guest.waitForSelector("form[action$='/photo/remove']", { state: "attached" });
  await tools.axe(guest, "registration-photo");
  await tools.shot(guest, "registration-photo-ja-phone");

  await guest.goto(`${own}/agreement`);
  await guest.locator("canvas").scrollIntoViewIfNeeded();
  await draw(guest);
  await tools.axe(guest, "agreement-sign");
  await tools.shot(guest, "registration-sign-ja-phone");
  await guest.locator("[data-signature-clear]").click();
  if ((await guest.inputValue("input[name=strokes]")) !== "") throw new Error("cleared, and still there");
  await draw(guest);
  await guest.locator("form[action$='/agreement'] button[type=submit]").click();
  await guest.waitForURL(own);
  if (!(await guest.innerText("main")).includes("完了しています")) throw new Error("not done");
  await tools.shot(guest, "registration-done-ja-phone");
  await guest.goto(`${own}/agreement`);
  await tools.axe(guest, "agreement-signed");
  await tools.shot(guest, "registration-signed-ja-phone");

  // Korean, without scripts: the name is the signature.
  const second = await invite(admin, base, "김민준", "kim@example.com", "ko");
  const korean = await tools.visitor("ja", "phone", { locale: "ko-KR", javaScriptEnabled: false });
  await korean.goto(second.own);
  await tools.shot(korean, "registration-guest-ko-phone");
  await korean.goto(`${second.own}/registration`);
  await korean.selectOption("select", { label: "전철·버스" });
  await korean.locator("input[type=radio][value=yes]").check();
  await tools.shot(korean, "registration-form-ko-phone");
  await korean.locator("form[action$='/registration'] button[type=submit]").click();
  await korean.goto(`${second.own}/agreement`);
  if (await korean.locator("canvas").isVisible()) throw new Error("a box to draw in that nothing can be drawn in");
  await korean.fill("input[name=name]", "김민준");
  await tools.shot(korean, "registration-sign-ko-phone");
  await korean.locator("form[action$='/agreement'] button[type=submit]").click();
  await korean.waitForURL(second.own);
  await tools.shot(korean, "registration-after-ko-phone");
  const pages = await tools.visitor("ja", "phone", { locale: "ko-KR" });
  for (const [page, name] of [[second.own, "ko-page"], [`${second.own}/registration`, "ko-form"], [`${second.own}/agreement`, "ko-agreement"]]) {
    await pages.goto(page);
    await tools.axe(pages, `registration-${name}`);
  }

  // Whoever invited them reads it, and looks at the photo; the PDF is one.
  await admin.goto(appointment);
  await admin.locator("details.registered > summary").click();
  const given = await admin.innerText("details.registered");
  for (const words of ["自動車", "品川", "いいえ", "手書き署名"]) if (!given.includes(words)) throw new Error(`${words}: ${given}`);
  await tools.axe(admin, "registration-given");
  await tools.shot(admin, "registration-given-ja-wide");
  const photo = await admin.request.get(base + (await admin.locator("a[href$='/photo']").getAttribute("href")));
  if (photo.headers()["content-type"] !== "image/jpeg") throw new Error("no photo");
  const pdf = await admin.request.get(base + (await admin.locator("a[href$='/pdf']").getAttribute("href")));
  if (!(await pdf.body()).subarray(0, 5).equals(Buffer.from("%PDF-"))) throw new Error("no PDF");
  writeFileSync(join(new URL("../out", import.meta.url).pathname, "agreement.pdf"), await pdf.body());
}
