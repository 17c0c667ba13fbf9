// A box to sign in: the strokes of finger, pen or mouse go into the form as numbers. Without this script the name is typed.

/** The numbers of a stroke reach from 0 to this, across and down. */
const REACH = 10_000;
/** A stroke does not need more points than this; all of them together may be 4,000. */
const MOST_POINTS = 4_000;

type Point = [number, number];

function pad(box: HTMLElement): void {
  const canvas = box.querySelector("canvas");
  const form = box.closest("form");
  const field = form?.querySelector<HTMLInputElement>("input[name=strokes]");
  const pen = canvas?.getContext("2d");
  if (!canvas || !form || !field || !pen) return;
  const strokes: Point[][] = [];
  let points = 0;
  let open: Point[] | undefined;

  const draw = (): void => {
    const style = getComputedStyle(canvas);
    pen.clearRect(0, 0, canvas.width, canvas.height);
    pen.strokeStyle = style.color;
    pen.lineWidth = 4;
    pen.lineCap = pen.lineJoin = "round";
    for (const stroke of strokes) {
      pen.beginPath();
      stroke.forEach(([x, y], place) => {
        const at: Point = [(x / REACH) * canvas.width, (y / REACH) * canvas.height];
        if (place === 0) pen.moveTo(...at);
        pen.lineTo(...at);
      });
      pen.stroke();
    }
  };
  const keep = (): void => {
    field.value = strokes.map((stroke) => stroke.map((point) => point.join(" ")).join(" ")).join(";");
    draw();
  };
  const add = (event: PointerEvent): void => {
    if (!open || points >= MOST_POINTS) return;
    const place = canvas.getBoundingClientRect();
    const along = (at: number, from: number, whole: number): number =>
      Math.round(Math.min(Math.max((at - from) / whole, 0), 1) * REACH);
    const point: Point = [along(event.clientX, place.left, place.width), along(event.clientY, place.top, place.height)];
    const last = open[open.length - 1];
    // What lies closer than the eye sees is the same point.
    if (last && Math.hypot(last[0] - point[0], last[1] - point[1]) < 20) return;
    open.push(point);
    points += 1;
    keep();
  };
  canvas.addEventListener("pointerdown", (event) => {
    if (event.button > 0) return;
    event.preventDefault();
    canvas.setPointerCapture(event.pointerId);
    open = [];
    strokes.push(open);
    add(event);
  });
  canvas.addEventListener("pointermove", (event) => {
    for (const one of event.getCoalescedEvents?.() ?? []) add(one);
    add(event);
  });
  const lift = (): void => {
    open = undefined;
  };
  canvas.addEventListener("pointerup", lift);
  canvas.addEventListener("pointercancel", lift);
  box.querySelector("[data-signature-clear]")?.addEventListener("click", () => {
    strokes.length = points = 0;
    keep();
  });
  box.hidden = false;
  keep();
}

for (const box of document.querySelectorAll<HTMLElement>("[data-signature]")) pad(box);
