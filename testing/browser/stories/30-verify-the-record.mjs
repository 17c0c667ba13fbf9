// The record is exported in the browser and verified offline by the command line; one changed letter is found.
import { execFileSync } from "node:child_process";
import { mkdtempSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { signIn } from "../steps.mjs";

export const title = "the exported record verifies offline, and a changed entry is found";

export default async function story(tools) {
  const page = await tools.visitor("ja", "wide");
  await signIn(tools, page, "administrator");
  const base = tools.demo.http_url;
  const [exported, key] = await Promise.all([page.request.get(`${base}/record/export.jsonl`), page.request.get(`${base}/record/key`)]);
  const folder = mkdtempSync(join(tmpdir(), "sekisho-record-"));
  const text = await exported.text();
  writeFileSync(join(folder, "record.jsonl"), text);
  writeFileSync(join(folder, "key.txt"), await key.text());
  const verify = (file) => execFileSync(tools.binary, ["--json", "audit", "verify", join(folder, file), "--key", join(folder, "key.txt")], { encoding: "utf8", stdio: ["ignore", "pipe", "pipe"] });
  const report = JSON.parse(verify("record.jsonl"));
  if (report.problems.length > 0 || report.entries < 20) throw new Error(JSON.stringify(report));
  writeFileSync(join(folder, "forged.jsonl"), text.replace("person.invite", "person.invitE"));
  let found = false;
  try { verify("forged.jsonl"); } catch { found = true; }
  if (!found) throw new Error("a changed entry was not found");
}
