// The demo as a process, and the Chromium that plays in it.
import { spawn } from "node:child_process";
import { existsSync } from "node:fs";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";

/** Where cargo puts what it builds. */
export const target = process.env.CARGO_TARGET_DIR ?? join(dirname(fileURLToPath(import.meta.url)), "../../target");
export const browserPath = ["/usr/bin/chromium", "/usr/bin/chromium-browser", "/usr/bin/google-chrome"].find(existsSync);
/** A Chromium that asks nobody outside for anything. */
export const CHROMIUM = ["--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run", "--disable-background-networking", "--disable-component-update", "--disable-sync"];

/** Starts the demo of that binary with a data directory of its own and waits until it says where it is. */
export async function startDemo(binary, data) {
  const args = ["--json", "demo", "--data", data, "--port", "18443", "--http-port", "18080", "--panel-port", "18090", "--mqtt-port", "18883"];
  const child = spawn(binary, args, { stdio: ["ignore", "pipe", "inherit"] });
  let text = "";
  const ready = new Promise((resolve, reject) => {
    child.stdout.on("data", (chunk) => {
      text += chunk;
      const line = text.split("\n").find((l) => l.startsWith("{") && l.endsWith("}"));
      if (line) resolve(JSON.parse(line));
    });
    child.on("exit", (code) => reject(new Error(`the demo ended with ${code}`)));
    setTimeout(() => reject(new Error("the demo did not start within 60 s")), 60_000).unref();
  });
  return { child, facts: await ready };
}
