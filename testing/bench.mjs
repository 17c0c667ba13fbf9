// Runs every benchmark in release and writes what they found: docs/benchmarks.json for machines, the table of
// docs/benchmarks.md for people. No figure is typed by hand.
//   node testing/bench.mjs                   all of them (`make bench`)
//   node testing/bench.mjs decide product    only these; what is known of the others stays
//   node testing/bench.mjs --render          the table again, from docs/benchmarks.json
// A benchmark says its figures in lines that begin with "@ ", each a JSON object: what, ours, beside, budget, holds.
import { spawn, spawnSync } from "node:child_process";
import { existsSync, readFileSync, writeFileSync } from "node:fs";
import { cpus, totalmem } from "node:os";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";

const root = join(dirname(fileURLToPath(import.meta.url)), "..");
const results = join(root, "docs/benchmarks.json");
const page = join(root, "docs/benchmarks.md");
/** Peers that a benchmark asks behind a feature. */
const FEATURES = { "sekisho-policy": "sekisho-policy/peer" };
/** A benchmark that takes longer is ended and counts as failed; `years` writes eleven million visits first. */
const LONGEST_S = 600;
const LONGER_S = { years: 3600 };

const say = (text) => process.stdout.write(`${text}\n`);
const first = (command, ...args) => (spawnSync(command, args, { cwd: root, encoding: "utf8" }).stdout ?? "").trim().split("\n")[0];

function machine() {
  return {
    date: new Date().toISOString().slice(0, 10),
    commit: first("git", "rev-parse", "--short", "HEAD") + (first("git", "status", "--porcelain", "--untracked-files=no") ? " and changes" : ""),
    cores: cpus().length,
    cpu: cpus()[0]?.model.trim() ?? "unknown",
    memory_gib: Math.round(totalmem() / 2 ** 30),
    kernel: first("uname", "-sr"),
    rustc: first("rustc", "--version"),
  };
}

/** Builds what is wanted at once, so that what they share is compiled once; their names, binaries and folders. */
function build(wanted) {
  const known = JSON.parse(spawnSync("cargo", ["metadata", "--locked", "--no-deps", "--format-version", "1"], { cwd: root, encoding: "utf8", maxBuffer: 1 << 28 }).stdout);
  const found = known.packages.flatMap((crate) => crate.targets.filter((target) => target.kind.includes("bench")).map((target) => ({ crate: crate.name, name: target.name })))
    .filter((bench) => wanted.length === 0 || wanted.includes(bench.name));
  const crates = [...new Set(found.map((bench) => bench.crate))].flatMap((name) => ["-p", name]);
  // Named one by one: `--benches` would also build every library and binary once more as its own test.
  const names = found.flatMap((bench) => ["--bench", bench.name]);
  const features = Object.entries(FEATURES).flatMap(([crate, feature]) => (crates.includes(crate) ? ["--features", feature] : []));
  const args = ["bench", "--locked", "--no-run", "--message-format=json-render-diagnostics", ...crates, ...names, ...features];
  const built = spawnSync("cargo", args, { cwd: root, encoding: "utf8", stdio: ["ignore", "pipe", "inherit"], maxBuffer: 1 << 28 });
  if (built.status !== 0) throw new Error("the benchmarks could not be built");
  return built.stdout
    .split("\n")
    .filter((line) => line.startsWith("{"))
    .map((line) => JSON.parse(line))
    .filter((message) => message.reason === "compiler-artifact" && message.executable && message.target.kind.includes("bench"))
    .map((message) => ({ name: message.target.name, binary: message.executable, folder: dirname(message.manifest_path) }))
    .sort((a, b) => a.name.localeCompare(b.name));
}

/** What is measured in a browser, on the binary that was built for the others. */
const IN_BROWSER = [{ name: "paint", command: "node", args: [join(root, "testing/browser/paint.mjs")], folder: root }];

/** Runs one; its figures, and whether it came to its end. */
function run(bench) {
  return new Promise((resolve) => {
    const began = Date.now();
    const figures = [];
    let rest = "";
    // As many open files as the system allows: the devices of a benchmark are many.
    const [command, args] = bench.binary ? ["bash", ["-c", 'ulimit -n "$(ulimit -Hn)"; exec "$0" --bench', bench.binary]] : [bench.command, bench.args];
    const child = spawn(command, args, { cwd: bench.folder, stdio: ["ignore", "pipe", "inherit"] });
    const slow = setTimeout(() => child.kill("SIGKILL"), (LONGER_S[bench.name] ?? LONGEST_S) * 1000);
    child.stdout.on("data", (chunk) => {
      rest += chunk;
      const lines = rest.split("\n");
      rest = lines.pop();
      for (const line of lines) {
        if (line.startsWith("@ ")) figures.push(JSON.parse(line.slice(2)));
        else say(`  ${line}`);
      }
    });
    child.on("close", (code) => {
      clearTimeout(slow);
      resolve({ figures, ended: code === 0, seconds: Math.round((Date.now() - began) / 1000) });
    });
  });
}

const cell = (text) => String(text ?? "").replaceAll("|", "\\|").replaceAll("\n", " ");
const verdict = (holds) => (holds === true ? "meets" : holds === false ? "**misses**" : "");

function table(kept) {
  const lines = [];
  const of = (m) => `${m.date}, commit ${m.commit}: ${m.cores} cores (${m.cpu}), ${m.memory_gib} GiB, ${m.kernel}, ${m.rustc}, release build`;
  const machines = [...new Set(Object.values(kept).map((bench) => of(bench.machine)))];
  lines.push(...machines.map((words) => `Taken ${words}.`), "", "| what | ours | beside it, same run | budget | verdict |", "|---|---|---|---|---|");
  for (const name of Object.keys(kept).sort()) {
    for (const f of kept[name].figures) lines.push(`| ${cell(f.what)} | ${cell(f.ours)} | ${cell(f.beside)} | ${cell(f.budget)} | ${verdict(f.holds)} |`);
    if (!kept[name].ended) lines.push(`| \`${name}\` | did not come to its end | | | **failed** |`);
  }
  return lines.join("\n");
}

function render(kept) {
  const [begin, end] = ["<!-- figures: written by `make bench` -->", "<!-- /figures -->"];
  const text = readFileSync(page, "utf8");
  const [before, after] = [text.indexOf(begin), text.indexOf(end)];
  if (before < 0 || after < before) throw new Error(`docs/benchmarks.md has lost its marks ${begin} and ${end}`);
  writeFileSync(page, `${text.slice(0, before + begin.length)}\n${table(kept)}\n${text.slice(after)}`);
}

const kept = existsSync(results) ? JSON.parse(readFileSync(results, "utf8")) : {};
if (process.argv.includes("--render")) {
  render(kept);
} else {
  const wanted = process.argv.slice(2);
  const here = machine();
  let failed = 0;
  const inBrowser = IN_BROWSER.filter((bench) => wanted.length === 0 || wanted.includes(bench.name));
  const cargo = inBrowser.length === wanted.length && wanted.length > 0 ? [] : build(wanted);
  for (const bench of [...cargo, ...inBrowser]) {
    say(`==> ${bench.name}`);
    const { figures, ended, seconds } = await run(bench);
    kept[bench.name] = { machine: here, ended, seconds, figures };
    if (!ended) failed += 1;
    say(`    ${ended ? "done" : "FAILED"} in ${seconds} s`);
    // After each, so that one that breaks takes nothing with it.
    writeFileSync(results, `${JSON.stringify(kept, null, 1)}\n`);
    render(kept);
  }
  say("docs/benchmarks.md has the table");
  process.exitCode = failed > 0 ? 1 : 0;
}
