// The demo's lobby in three tabs: a guest's telephone, the terminal, the desk; the guest is let in by the host's mail.
import { signIn } from "../steps.mjs";

export const title = "the demo's guest types the code of their page at the terminal, and the desk sees them wait";

export default async function story(tools) {
  const { desk, terminal, guest } = tools.demo.lobby;

  const telephone = await tools.visitor("en", "phone");
  await telephone.goto(guest);
  await tools.axe(telephone, "a guest's page");
  await tools.shot(telephone, "guest-page-en-phone");
  const code = (await telephone.innerText(".code-large")).replace(/\s/g, "");
  if (!/^[0-9A-Z]{8}$/.test(code)) throw new Error(`not a code: ${code}`);

  const tablet = await tools.visitor("ja", "wide");
  await tablet.goto(terminal);
  await tablet.waitForSelector(".enrol");
  if (tablet.url().includes("#")) throw new Error("the code stays in the address");
  await tablet.click("button[type=submit]");
  await tablet.waitForSelector(".home");
  await tablet.click("[data-choice=pass]");
  await tablet.click("[data-do=pad]");
  await tablet.keyboard.type(code);
  await tablet.waitForSelector(".good");
  await tools.shot(tablet, "demo-terminal-thanks-ja");

  const admin = await tools.visitor("ja", "wide");
  await signIn(tools, admin, "administrator");
  await admin.goto(desk);
  const row = await admin.locator("tr", { hasText: "John Carter" }).innerText();
  if (!row.includes("受付でお待ち")) throw new Error(`the desk does not see them wait: ${row}`);
  await tools.eventually("the host is told", async () => {
    const mailbox = await (await admin.request.get(tools.demo.mailbox)).text();
    return mailbox.includes("John Carter 様がお見えです");
  });
}
