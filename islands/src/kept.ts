// What a reader opened, typed or stands on stays when a part of the page draws itself anew after a fact.

type Control = HTMLInputElement | HTMLSelectElement | HTMLTextAreaElement;
interface Swap {
  target: HTMLElement;
  requestConfig?: { elt: Element };
}

const CONTROLS = "input:not([type=hidden], [type=file]), select, textarea";

/** What an element leads to: the elements themselves are replaced. */
function keyOf(element: Element): string {
  const form = element.closest("details")?.querySelector(":scope > form") ?? element.closest("form");
  const fold = element.closest<HTMLElement>("[data-fold]")?.dataset["fold"] ?? "";
  const one = ["href", "name", "id"].map((name) => element.getAttribute(name) ?? "");
  if (isMark(element)) one.push(element.value);
  return [element.tagName, form?.getAttribute("action") ?? "", fold, ...one].join(" ");
}

/** A box or circle that is ticked; its value says which of several. */
function isMark(element: Element): element is HTMLInputElement {
  return element instanceof HTMLInputElement && (element.type === "checkbox" || element.type === "radio");
}

function isTouched(control: Control): boolean {
  if (isMark(control)) return control.checked !== control.defaultChecked;
  if (control instanceof HTMLSelectElement) return [...control.options].some((option) => option.selected !== option.defaultSelected);
  return control.value !== control.defaultValue;
}

/** Parts that ask for themselves; the answer to a form is another thing, and may well be an empty form. */
export function keepTouched(): void {
  let open = new Set<string>();
  let typed = new Map<string, Control>();
  let focused: string | undefined;
  document.body.addEventListener("htmx:beforeSwap", (event) => {
    const { target, requestConfig } = (event as CustomEvent<Swap>).detail;
    [open, typed, focused] = [new Set(), new Map(), undefined];
    if (requestConfig?.elt !== target) return;
    open = new Set([...target.querySelectorAll("details[open]")].map(keyOf));
    const touched = [...target.querySelectorAll<Control>(CONTROLS)].filter(isTouched);
    typed = new Map(touched.map((control) => [keyOf(control), control]));
    const active = document.activeElement;
    focused = active && target.contains(active) ? keyOf(active) : undefined;
  });
  document.body.addEventListener("htmx:afterSwap", (event) => {
    const part = event.target as HTMLElement;
    for (const fold of part.querySelectorAll("details")) if (open.has(keyOf(fold))) fold.open = true;
    for (const control of part.querySelectorAll<Control>(CONTROLS)) {
      const before = typed.get(keyOf(control));
      if (before && isMark(control) && isMark(before)) control.checked = before.checked;
      else if (before) control.value = before.value;
    }
    const again = focused && [...part.querySelectorAll<HTMLElement>(`a, button, summary, ${CONTROLS}`)].find((one) => keyOf(one) === focused);
    if (again && again !== document.activeElement) again.focus({ preventScroll: true });
  });
}
