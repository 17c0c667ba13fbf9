// The desk of a reception: rings once for each new arrival, and counts those who wait in the title of the tab. Without it the
// page is the same, and silent.

const SOUND = "desk-sound";

/** Two soft notes. Browsers let a page sound only after its reader touched it: until then one ringing waits. */
class Bell {
  private context: AudioContext | undefined;
  private waits = false;

  wake(): Promise<void> {
    this.context ??= new AudioContext();
    return this.context.resume();
  }

  ring(rang: () => void): void {
    if (this.waits) return;
    this.waits = true;
    void this.wake().then(() => {
      this.waits = false;
      this.play();
      rang();
    });
  }

  private play(): void {
    const context = this.context;
    if (!context) return;
    [659.3, 880].forEach((pitch, place) => {
      const at = context.currentTime + place * 0.22;
      const [note, volume] = [context.createOscillator(), context.createGain()];
      note.frequency.value = pitch;
      volume.gain.setValueAtTime(0, at);
      volume.gain.linearRampToValueAtTime(0.16, at + 0.02);
      volume.gain.exponentialRampToValueAtTime(0.0005, at + 0.9);
      note.connect(volume).connect(context.destination);
      note.start(at);
      note.stop(at + 1);
    });
  }
}

function desk(root: HTMLElement): void {
  const title = document.title;
  const bell = new Bell();
  const button = document.querySelector<HTMLButtonElement>("[data-desk-sound]");
  const waiting = (): HTMLElement[] => [...root.querySelectorAll<HTMLElement>("[data-waits]")];
  const key = `desk-waits-${root.dataset["desk"] ?? ""}`;
  // Kept over the pages that acts lead through, so that nobody rings twice and nobody slips in between.
  const stored = sessionStorage.getItem(key);
  let known = new Set<string>(stored === null ? waiting().map(idOf) : stored.split(" "));
  let [arrived, rang] = [0, 0];
  const ring = (): void => bell.ring(() => (root.dataset["rang"] = String((rang += 1))));

  const isOn = (): boolean => localStorage.getItem(SOUND) === "on";
  const show = (): void => button?.setAttribute("aria-pressed", String(isOn()));

  const look = (): void => {
    const rows = waiting();
    document.title = rows.length > 0 ? `(${rows.length}) ${title}` : title;
    const fresh = rows.filter((row) => !known.has(idOf(row)));
    known = new Set(rows.map(idOf));
    sessionStorage.setItem(key, [...known].join(" "));
    if (fresh.length === 0) return;
    root.dataset["arrived"] = String((arrived += fresh.length));
    const told = root.querySelector("[data-desk-told]");
    const names = fresh.map((row) => row.querySelector(".ring-who")?.textContent?.trim() ?? "");
    if (told) told.textContent = `${root.dataset["deskArrived"] ?? ""} ${names.join(" ")}`;
    if (isOn()) ring();
  };

  new MutationObserver(look).observe(root, { childList: true });

  if (button) {
    button.hidden = false;
    button.addEventListener("click", () => {
      localStorage.setItem(SOUND, isOn() ? "off" : "on");
      show();
      if (isOn()) ring();
    });
    show();
  }
  const touched = (): void => {
    if (isOn()) void bell.wake();
  };
  addEventListener("pointerdown", touched, { once: true });
  addEventListener("keydown", touched, { once: true });
  // Another tab of the same browser switches it, too.
  addEventListener("storage", show);
  look();
}

function idOf(row: HTMLElement): string {
  return row.dataset["waits"] ?? "";
}

const root = document.querySelector<HTMLElement>("[data-desk]");
if (root) desk(root);
