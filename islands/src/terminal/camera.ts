// The camera and the reader of its pictures. The reader (zxing, WebAssembly) runs in a worker with a policy of its own,
// so that the page itself may run no WebAssembly; both are fetched when the camera is first opened.

let reader: Worker | undefined;

/** A camera at work; `stop` ends it and puts its light out. */
export interface Watching {
  stop(): void;
}

/** Shows the camera in `video` and tells each text it reads. Rejects when there is no camera or nobody allows it. */
export async function watch(video: HTMLVideoElement, facing: "user" | "environment", found: (text: string) => void): Promise<Watching> {
  const stream = await navigator.mediaDevices.getUserMedia({
    audio: false,
    video: { facingMode: facing, width: { ideal: 1280 }, height: { ideal: 720 } },
  });
  const worker = readerOf(document.documentElement.dataset["wasm"] ?? "");
  let going = true;
  let waiting = false;
  const canvas = document.createElement("canvas");
  const context = canvas.getContext("2d", { willReadFrequently: true });
  const heard = (event: MessageEvent<string[]>): void => {
    waiting = false;
    if (going) for (const text of event.data) found(text);
  };
  worker.addEventListener("message", heard);
  video.srcObject = stream;
  video.muted = true;
  video.playsInline = true;
  await video.play();
  const look = (): void => {
    if (!going) return;
    if (!waiting && context && video.videoWidth > 0) {
      // The middle is where people hold their code; at 720 lines it is read from half a metre.
      const scale = Math.min(1, 960 / video.videoWidth);
      canvas.width = Math.round(video.videoWidth * scale);
      canvas.height = Math.round(video.videoHeight * scale);
      context.drawImage(video, 0, 0, canvas.width, canvas.height);
      waiting = true;
      worker.postMessage(context.getImageData(0, 0, canvas.width, canvas.height));
    }
    setTimeout(() => requestAnimationFrame(look), 80);
  };
  look();
  return {
    stop() {
      going = false;
      worker.removeEventListener("message", heard);
      for (const track of stream.getTracks()) track.stop();
      video.srcObject = null;
    },
  };
}

function readerOf(wasm: string): Worker {
  if (!reader) {
    reader = new Worker(document.documentElement.dataset["reader"] ?? "");
    reader.postMessage(wasm);
  }
  return reader;
}

/** A hand scanner types quicker than anybody: a whole pass within a few moments, ended by Enter. */
export function listenToScanner(found: (text: string) => void): void {
  let typed = "";
  let last = 0;
  document.addEventListener("keydown", (event) => {
    if (event.ctrlKey || event.metaKey || event.altKey) return;
    const now = performance.now();
    if (now - last > 100) typed = "";
    last = now;
    if (event.key === "Enter") {
      if (typed.startsWith("SK1:")) {
        event.preventDefault();
        found(typed);
      }
      typed = "";
    } else if (event.key.length === 1) {
      typed = (typed + event.key).slice(-64);
    }
  });
}
