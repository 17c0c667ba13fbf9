// Signing in: a wrong password says nothing about which part was wrong; an authenticator app is enrolled and used.
import { signIn, totp } from "../steps.mjs";

export const title = "sign-in with password and second step, then with an authenticator app";

export default async function story(tools) {
  const page = await tools.visitor("en", "phone");
  const who = tools.demo.people.find((person) => person.role === "employee");
  await page.goto(`${tools.demo.http_url}/keys`);
  if (!page.url().includes("/sign-in")) throw new Error("a stranger saw a page");
  await tools.axe(page, "sign-in");
  const answers = [];
  for (const mail of [who.mail, "nobody@aoba.example"]) {
    await page.goto(`${tools.demo.http_url}/sign-in`);
    await page.fill("input[name=mail]", mail);
    await page.fill("input[name=password]", "not the password");
    await page.press("input[name=password]", "Enter");
    await page.waitForLoadState();
    answers.push((await page.innerText("main")).replaceAll(mail, "…"));
  }
  if (answers[0] !== answers[1]) throw new Error(`the answers differ:\n${answers.join("\n---\n")}`);

  await signIn(tools, page, "employee", { fresh: true });
  await page.goto(`${tools.demo.http_url}/me/security/app`);
  await tools.axe(page, "authenticator app");
  await tools.shot(page, "authenticator-en-phone");
  const secret = (await page.innerText("main")).match(/(?:[A-Z2-7]{4}[ \u00a0]?){7,}/)?.[0];
  if (!secret) throw new Error("the page shows no secret to type");
  await page.fill("input[name=code]", totp(secret));
  await page.press("input[name=code]", "Enter");
  await page.waitForLoadState();
  await tools.shot(page, "authenticator-done-en-phone");

  const again = await tools.visitor("en", "wide");
  await again.goto(`${tools.demo.http_url}/sign-in`);
  await again.fill("input[name=mail]", who.mail);
  await again.fill("input[name=password]", who.password);
  await again.press("input[name=password]", "Enter");
  await again.waitForURL(/two-step/);
  // The step used for enrolment is spent; the next one is taken.
  await again.fill("input[name=code]", totp(secret, Date.now() + 30_000));
  await again.press("input[name=code]", "Enter");
  await again.waitForURL((url) => !url.pathname.startsWith("/sign-in"));
}
