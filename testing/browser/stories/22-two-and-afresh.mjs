// A key that takes two people, and a key that wants a fresh proof: both as far as the steel, at the box's own panel.
import { giveBack, identifyAtBox, proveAtBox, signIn, typeOnPad } from "../steps.mjs";

export const title = "a key for two opens for two, and a key that wants a fresh proof asks for it at the box";

const ITO = { name: "伊藤 直子", mail: "ito@aoba.example", id_number: "1006" };
const TAKAHASHI = { name: "高橋 翔", mail: "takahashi@aoba.example", id_number: "1004" };

export default async function story(tools) {
  const admin = await tools.visitor("ja", "wide");
  const box = await tools.visitor("ja", "wide");
  await signIn(tools, admin, "administrator");
  const base = tools.demo.http_url;
  const find = async (path, words) => {
    const answer = await (await admin.request.get(`${base}${path}?q=${encodeURIComponent(words)}`)).json();
    return answer.items[0].id;
  };
  const key = (name) => box.locator("button.key", { hasText: name });
  const reason = async () => box.innerText("#screen");

  // The administrator gives both the right to the roof, by the form, and only for two.
  const roof = await find("/api/v1/keys", "屋上");
  for (const who of [ITO, TAKAHASHI]) {
    await admin.goto(`${base}/rights/new?q=${encodeURIComponent(who.name)}`);
    await admin.locator("select[name=subject]").selectOption({ label: who.name });
    await admin.locator("input[type=radio][name=right][value=exchange]").check();
    await admin.locator("select[name=target]").selectOption(await admin.locator(`select[name=target] option[value*="${roof}"]`).first().getAttribute("value"));
    await admin.locator("input[name=second_person]").check();
    await admin.locator("form[action='/rights'] button[type=submit]").click();
    await admin.waitForURL((url) => !url.pathname.endsWith("/new"));
  }
  const room = await find("/api/v1/keys", "マスターキー");
  const fresh = await admin.request.post(`${base}/api/v1/grants`, {
    headers: { origin: base },
    data: {
      subject: { kind: "person", id: await find("/api/v1/people", "伊藤") }, right: "exchange",
      target: { on: "resource", id: room }, conditions: { step_up_within_s: 1 }, note: "",
    },
  });
  if (fresh.status() !== 201) throw new Error(`${fresh.status()}: ${await fresh.text()}`);

  // Two: the first one alone gets a question, the same person does not count, the colleague's code opens the bin.
  await identifyAtBox(tools, box, ITO);
  await key("屋上").click();
  await tools.eventually("the panel asks for the second person", async () => /二人で受け取る鍵/.test(await reason()));
  await tools.shot(box, "box-second-person-ja-wide");
  await tools.axe(box, "panel: second person");
  if ((await box.locator(".bin.open").count()) > 0) throw new Error("a bin opened for one of two");
  await typeOnPad(box, ITO.id_number);
  await box.waitForSelector("#screen .wrong");
  await typeOnPad(box, TAKAHASHI.id_number);
  await proveAtBox(tools, box, TAKAHASHI.mail, /もう一人の方に届いた確認コード/);
  await box.locator(".bin.open [data-keep=well-10]").click();
  await box.locator(".bin.open [data-keep=door-10]").click();
  await tools.eventually("the key is with the first one", async () => {
    const now = await (await admin.request.get(`${base}/api/v1/keys/${roof}`)).json();
    return now.state === "out" && now.holder_name === ITO.name;
  });
  await admin.goto(`${base}/record?action=key.release`);
  const record = await admin.innerText("main");
  for (const word of ["屋上", ITO.name]) if (!record.includes(word)) throw new Error(`the record of the release does not tell of ${word}`);

  // Afresh: the proof with which the stay began is older than the right allows.
  await identifyAtBox(tools, box, ITO);
  const began = Date.now();
  // A right counts whole seconds.
  await tools.eventually("the proof has aged", async () => Date.now() - began > 2_100);
  await key("マスターキー").click();
  await tools.eventually("the panel asks for a code", async () => /確認コード/.test(await box.innerText("#screen h1")));
  if ((await box.locator(".bin.open").count()) > 0) throw new Error("a bin opened for an old proof");
  await tools.shot(box, "box-fresh-proof-ja-wide");
  await proveAtBox(tools, box, ITO.mail, /確認コード/);
  await box.locator(".bin.open [data-keep=well-12]").click();
  await box.locator(".bin.open [data-keep=door-12]").click();
  await tools.eventually("the second key is out, too", async () => (await (await admin.request.get(`${base}/api/v1/keys/${room}`)).json()).state === "out");

  // Both go back, so that the box is full for whoever comes next.
  for (const name of ["屋上", "マスターキー"]) await giveBack(tools, box, name);
}
