// New software for the box: signed with the real commands, published in the browser, rolled out by mouse. The first rollout
// stops at the box's refusal, for nobody brought it the root document yet; once it has that, it takes the image.
import { execFileSync } from "node:child_process";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { signIn } from "../steps.mjs";

export const title = "an image is signed, published and rolled out; the box says why not, then takes it";

const HARDWARE = "smartbox-simulated";

export default async function story(tools) {
  const folder = mkdtempSync(join(tmpdir(), "sekisho-rollout-"));
  try {
    await told(tools, folder);
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

async function told(tools, folder) {
  const repository = join(folder, "repository");
  const environment = {
    PATH: process.env.PATH, HOME: folder,
    SEKISHO_STORE__URL: `sqlite:${join(tools.data, "sekisho.sqlite")}`, SEKISHO_KEYS__FILE: join(tools.data, "master.key"),
  };
  const update = (...words) =>
    JSON.parse(execFileSync(tools.binary, ["--json", "update", ...words], { env: environment, encoding: "utf8", stdio: ["ignore", "pipe", "pipe"] }));
  const keys = ["--key", join(repository, "keys/targets-1.pem"), "--key", join(repository, "keys/targets-2.pem")];

  // Once: the signers' keys, and the first root document at the server itself.
  update("keys", repository, "--server-key", update("server-key").server_key);
  update("sign", repository, ...keys);
  update("publish", repository);

  // Two of three people sign an image.
  const image = `${HARDWARE}-2.0.0`;
  writeFileSync(join(folder, "image"), "sekisho simulated image\nversion 2.0.0\n");
  update("sign", repository, ...keys, "--image", join(folder, "image"), "--hardware", HARDWARE, "--image-version", "2.0.0", "--security-version", "1");

  // Whoever has just signed in has proved who they are.
  const page = await tools.visitor("ja", "wide");
  await signIn(tools, page, "administrator", { proven: true });
  await page.goto(`${tools.demo.http_url}/devices/updates`);
  await page.locator("main a[href='/devices/updates/publish']").first().click();
  await page.waitForURL(/updates\/publish$/);
  await tools.axe(page, "publish");
  await tools.shot(page, "update-publish-ja-wide");
  await page.setInputFiles("input[name=documents]", join(repository, "targets.json"));
  await page.setInputFiles("input[name=images]", join(repository, "images", image));
  await page.click("main form button[type=submit]");
  await page.getByText("送信したファイルをすべて公開しました").waitFor();
  await tools.axe(page, "published");
  await tools.shot(page, "update-published-ja-wide");

  /** Rolls the image out to every box at once, with the mouse, and waits until the rollout's page says `words`. */
  const rollOut = async (words) => {
    await page.goto(`${tools.demo.http_url}/devices/updates`);
    await page.locator("main a[href='/devices/updates/new']").first().click();
    await page.waitForURL(/updates\/new$/);
    await tools.shot(page, "rollout-new-ja-wide");
    await page.selectOption("select[name=image]", image);
    await page.fill("input[name=stages]", "100%");
    await page.click("main form button[type=submit]");
    await page.waitForURL(/updates\/[0-9a-f-]{36}/);
    await tools.eventually(`the rollout says ${words}`, async () => {
      await page.reload();
      return (await page.innerText("main")).includes(words);
    }, 60);
  };
  await rollOut("自動停止");
  const why = await page.innerText("main table");
  if (!why.includes("ルート文書")) throw new Error(`the page does not say why the box refused: ${why}`);
  await tools.axe(page, "a rollout that stopped by itself");
  await tools.shot(page, "rollout-halted-ja-wide");
  const stopped = page.url();

  // By hand, at the box.
  execFileSync(join(dirname(tools.binary), "sekisho-agent"), ["trust", "--dir", join(tools.data, "box"), join(repository, "1.root.json")], { stdio: "ignore" });
  await rollOut("完了");
  await tools.axe(page, "a rollout that has finished");
  await tools.shot(page, "rollout-finished-ja-wide");

  // The box runs the image, and the pages say so on a telephone, in English.
  const storageState = await page.context().storageState();
  const phone = await tools.visitor("en", "phone", { storageState });
  await phone.context().addCookies([{ name: "language", value: "en", url: tools.demo.http_url }]);
  for (const [name, path] of [["halted", stopped], ["finished", page.url()], ["list", `${tools.demo.http_url}/devices/updates`], ["publish", `${tools.demo.http_url}/devices/updates/publish`], ["new", `${tools.demo.http_url}/devices/updates/new`]]) {
    await phone.goto(path);
    if (name === "halted" && !/no root document/i.test(await phone.innerText("main"))) throw new Error("a phone does not show the reason");
    await tools.axe(phone, `${name} on a phone`);
    await tools.shot(phone, `rollout-${name}-en-phone`);
  }
}
