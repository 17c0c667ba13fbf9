// Lending by drag: a key's tag is pulled from the picture of the box onto a person. With the keyboard and by touch the
// same form is used as without scripts: pick the key, then press the person.

const FAR = 6;

interface Drag {
  key: string;
  ghost: HTMLElement;
  from: { x: number; y: number };
  moved: boolean;
  over: HTMLElement | null;
}

let drag: Drag | null = null;

const form = (): HTMLFormElement | null => document.querySelector<HTMLFormElement>("form[data-lend]");

/** The list of keys, when this key is in it. */
const choice = (key: string): HTMLSelectElement | null => {
  const list = form()?.querySelector<HTMLSelectElement>("select[name=key]") ?? null;
  return list && [...list.options].some((option) => option.value === key && key !== "") ? list : null;
};

function begin(event: PointerEvent): void {
  const tag = (event.target as HTMLElement).closest<HTMLElement>(".key-tag[data-key]");
  // A finger scrolls the page; it picks instead.
  if (!tag || event.button !== 0 || event.pointerType === "touch") return;
  const key = tag.dataset["key"] ?? "";
  if (!choice(key)) return;
  // Neither a selection of text nor a drag of the link begins here; a press without a pull still follows the link.
  event.preventDefault();
  const ghost = tag.cloneNode(true) as HTMLElement;
  ghost.classList.add("lend-ghost");
  ghost.setAttribute("aria-hidden", "true");
  drag = { key, ghost, from: { x: event.clientX, y: event.clientY }, moved: false, over: null };
}

function move(event: PointerEvent): void {
  if (!drag) return;
  if (!drag.moved) {
    if (Math.hypot(event.clientX - drag.from.x, event.clientY - drag.from.y) < FAR) return;
    drag.moved = true;
    document.body.append(drag.ghost);
    form()?.classList.add("lend-waits");
  }
  event.preventDefault();
  drag.ghost.style.setProperty("translate", `${event.clientX + 10}px ${event.clientY + 10}px`);
  const below = document.elementFromPoint(event.clientX, event.clientY)?.closest<HTMLElement>(".lend-person") ?? null;
  if (below !== drag.over) {
    drag.over?.classList.remove("lend-over");
    below?.classList.add("lend-over");
    drag.over = below;
  }
}

function end(drop: boolean): void {
  if (!drag) return;
  const { key, ghost, moved, over } = drag;
  drag = null;
  ghost.remove();
  over?.classList.remove("lend-over");
  form()?.classList.remove("lend-waits");
  if (!moved) return;
  // What was pulled was not pressed.
  addEventListener("click", stop, true);
  setTimeout(() => removeEventListener("click", stop, true));
  const picked = choice(key);
  if (!drop || !picked || !over) return;
  picked.value = key;
  form()?.requestSubmit(over as HTMLButtonElement);
}

function stop(event: Event): void {
  event.preventDefault();
}

/** Shows the people whose name fits what was typed. */
function filter(event: Event): void {
  const field = event.target as HTMLInputElement;
  if (!field.matches("[data-lend-filter]")) return;
  const plain = (text: string): string => text.normalize("NFKC").toLowerCase().replace(/\s/g, "");
  const wanted = plain(field.value);
  for (const person of document.querySelectorAll<HTMLElement>(".lend-person")) {
    person.hidden = !plain(person.textContent ?? "").includes(wanted);
  }
}

/** Pages with the form for lending listen; every other page has nothing to do. */
export function lendByDrag(): void {
  const lending = form();
  if (!lending) return;
  const field = lending.querySelector<HTMLInputElement>("[data-lend-filter]");
  if (field) field.hidden = false;
  // Enter in the filter must not lend to whoever stands first.
  field?.addEventListener("keydown", (event) => {
    if (event.key === "Enter") event.preventDefault();
  });
  document.addEventListener("pointerdown", begin);
  document.addEventListener("pointermove", move);
  document.addEventListener("pointerup", () => end(true));
  document.addEventListener("pointercancel", () => end(false));
  document.addEventListener("keydown", (event) => {
    if (event.key === "Escape") end(false);
  });
  document.addEventListener("dragstart", (event) => {
    if (drag) event.preventDefault();
  });
  document.addEventListener("input", filter);
}
