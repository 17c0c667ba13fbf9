// Builds what platform/web embeds: the style sheet, the scripts, the icons. The results are committed, so that a machine
// without Node.js can build the server; `make fresh` runs this and CI fails when a result differs.
import { mkdir, readFile, writeFile, readdir, copyFile } from "node:fs/promises";
import { build } from "esbuild";
import { transform } from "lightningcss";
import { PurgeCSS } from "purgecss";

const here = new URL("./", import.meta.url).pathname;
const out = new URL("../platform/web/assets/", import.meta.url).pathname;
const modules = `${here}node_modules/`;
await mkdir(out, { recursive: true });

const words = async (file) => (await readFile(here + file, "utf8")).split(/\s+/).filter(Boolean);

// One sprite with only the icons we use.
async function icons() {
  const symbols = await Promise.all((await words("icons.txt")).map(async (name) => {
    const svg = await readFile(`${modules}@tabler/icons/icons/outline/${name}.svg`, "utf8");
    const inner = svg.replace(/<!--[\s\S]*?-->/g, "").replace(/<svg[\s\S]*?>/, "").replace("</svg>", "");
    return `<symbol id="${name}" viewBox="0 0 24 24" fill="none" stroke="currentColor" stroke-width="1.75" stroke-linecap="round" stroke-linejoin="round">${inner.replace(/\s*\n\s*/g, "")}</symbol>`;
  }));
  await writeFile(`${out}icons.svg`, `<svg xmlns="http://www.w3.org/2000/svg">\n${symbols.join("\n")}\n</svg>\n`);
}

// Tabler's utilities lie in a layer below ours, so that our own rules always win.
async function styles() {
  const keep = await words("tabler.txt");
  const [purged] = await new PurgeCSS().purge({
    content: [{ raw: keep.join(" "), extension: "txt" }],
    css: [{ raw: await readFile(`${modules}@tabler/core/dist/css/tabler.min.css`, "utf8") }],
    defaultExtractor: (text) => text.split(/\s+/),
    safelist: [":root"],
    variables: true,
    keyframes: true,
    fontFace: true,
  });
  const tabler = purged.css.replace(/@charset[^;]*;/g, "");
  const names = (await readdir(`${here}style`)).filter((name) => name.endsWith(".css")).sort();
  const own = await Promise.all(names.map((name) => readFile(`${here}style/${name}`, "utf8")));
  const { code } = transform({
    filename: "site.css",
    code: Buffer.from(`@layer tabler{${tabler}}\n${own.join("\n")}`),
    minify: true,
    targets: { chrome: 100 << 16, firefox: 100 << 16, safari: (15 << 16) | (4 << 8) },
  });
  await writeFile(`${out}site.css`, code);
  // The reception terminal is a page of its own; nothing of the site's sheet is on it, and it is on the site's for the preview.
  const terminal = transform({
    filename: "terminal.css",
    code: await readFile(`${here}terminal.css`),
    minify: true,
    targets: { chrome: 100 << 16, firefox: 100 << 16, safari: (15 << 16) | (4 << 8) },
  });
  await writeFile(`${out}terminal.css`, terminal.code);
}

async function scripts() {
  await build({
    entryPoints: {
      site: `${here}src/site.ts`,
      sw: `${here}src/sw.ts`,
      terminal: `${here}src/terminal.ts`,
      "terminal-sw": `${here}src/terminal-sw.ts`,
      "terminal-reader": `${here}src/terminal-reader.ts`,
      "terminal-preview": `${here}src/terminal-preview.ts`,
      signature: `${here}src/signature.ts`,
      desk: `${here}src/desk.ts`,
    },
    outdir: out,
    bundle: true,
    minify: true,
    format: "iife",
    target: "es2020",
    charset: "utf8",
    legalComments: "none",
    // zxing asks where it was loaded from only when nobody tells it where its WebAssembly lies; we do.
    define: { "import.meta.url": '""' },
  });
  await copyFile(`${modules}zxing-wasm/dist/reader/zxing_reader.wasm`, `${out}zxing.wasm`);
  await copyFile(`${modules}htmx.org/dist/htmx.min.js`, `${out}htmx.js`);
}

await Promise.all([icons(), styles(), scripts()]);
const license = `Embedded here, under their own licences:
htmx ${await version("htmx.org")} (0BSD), Tabler ${await version("@tabler/core")} (MIT, Copyright The Tabler Authors), Tabler Icons ${await version("@tabler/icons")} (MIT, Copyright Paweł Kuna), zxing-wasm ${await version("zxing-wasm")} (MIT, Copyright Ze-Zheng Wu), with ZXing-C++ inside
(Apache-2.0, Copyright the ZXing-C++ authors).
`;
await writeFile(`${out}LICENSES.txt`, license);

async function version(name) {
  return JSON.parse(await readFile(`${modules}${name}/package.json`, "utf8")).version;
}
