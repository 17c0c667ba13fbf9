// Reads QR codes out of pictures, in a worker. Its answer carries a policy of its own that allows WebAssembly; it can
// fetch from us alone and reaches no page, storage of ours or network beyond.
import { prepareZXingModule, readBarcodes } from "zxing-wasm/reader";

const worker = self as unknown as DedicatedWorkerGlobalScope;

worker.addEventListener("message", (event: MessageEvent<string | ImageData>) => {
  if (typeof event.data === "string") {
    const wasm = event.data;
    prepareZXingModule({ overrides: { locateFile: () => wasm } });
    return;
  }
  void read(event.data);
});

async function read(picture: ImageData): Promise<void> {
  const found = await readBarcodes(picture, { formats: ["QRCode"], maxNumberOfSymbols: 1, tryHarder: true, tryInvert: true }).catch(() => []);
  worker.postMessage(found.filter((code) => code.isValid).map((code) => code.text));
}
