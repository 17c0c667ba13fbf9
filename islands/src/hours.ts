// Painting the week: pull over the boxes with mouse or finger; with the keyboard arrows move, space ticks, and shift with
// an arrow paints on. The boxes are plain ones, so the form is the same without scripts.

type Box = HTMLInputElement;

let paint: boolean | null = null;

const boxAt = (x: number, y: number): Box | null =>
  document.elementFromPoint(x, y)?.closest("td")?.querySelector<Box>("[data-hours] input") ?? null;

function set(box: Box | null, to: boolean): void {
  if (box && box.checked !== to) box.checked = to;
}

/** Tells the page once what a whole stroke changed. */
function tell(box: Element): void {
  box.dispatchEvent(new Event("change", { bubbles: true }));
}

function neighbour(box: Box, key: string): Box | null {
  const cell = box.closest("td");
  const row = cell?.parentElement as HTMLTableRowElement | null;
  if (!cell || !row) return null;
  const at = cell.cellIndex;
  const to: Record<string, () => Element | undefined | null> = {
    ArrowLeft: () => row.cells[at - 1],
    ArrowRight: () => row.cells[at + 1],
    ArrowUp: () => (row.previousElementSibling as HTMLTableRowElement | null)?.cells[at],
    ArrowDown: () => (row.nextElementSibling as HTMLTableRowElement | null)?.cells[at],
    Home: () => row.cells[1],
    End: () => row.cells[row.cells.length - 1],
  };
  return to[key]?.()?.querySelector<Box>("input") ?? null;
}

/** Pages with a week to paint listen. */
export function paintHours(): void {
  const week = document.querySelector<HTMLElement>("[data-hours]");
  if (!week) return;
  week.classList.add("hours-paints");
  week.addEventListener("pointerdown", (event) => {
    const box = (event.target as HTMLElement).closest<Box>("input");
    if (!box || event.button !== 0) return;
    paint = !box.checked;
    set(box, paint);
    box.focus({ preventScroll: true });
    // A finger keeps what it touched first, unless told otherwise.
    if (box.hasPointerCapture(event.pointerId)) box.releasePointerCapture(event.pointerId);
    event.preventDefault();
  });
  week.addEventListener("pointermove", (event) => {
    if (paint !== null) set(boxAt(event.clientX, event.clientY), paint);
  });
  const stop = (): void => {
    if (paint === null) return;
    paint = null;
    tell(week);
  };
  addEventListener("pointerup", stop);
  addEventListener("pointercancel", stop);
  // The press has ticked the box already.
  week.addEventListener("click", (event) => {
    if ((event.target as HTMLElement).matches("input") && event.detail > 0) event.preventDefault();
  });
  week.addEventListener("keydown", (event) => {
    const box = event.target as Box;
    const next = box.matches("input") ? neighbour(box, event.key) : null;
    if (!next) return;
    event.preventDefault();
    next.focus();
    if (event.shiftKey) {
      set(next, box.checked);
      tell(next);
    }
  });
}
