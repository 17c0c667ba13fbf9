// Elements without markup in strings: whatever a guest or a setting says is text and stays text.

type Child = Node | string | null | undefined | false;
type Given = Record<string, string | number | boolean | null | undefined | ((event: Event) => void)>;

/** An element: `on…` are listeners, everything else attributes; `null` and `false` leave one out. */
export function h(name: string, given: Given = {}, ...children: Child[]): HTMLElement {
  const element = document.createElement(name);
  for (const [key, value] of Object.entries(given)) {
    if (value === null || value === undefined || value === false) continue;
    if (typeof value === "function") element.addEventListener(key.slice(2), value);
    else element.setAttribute(key, value === true ? "" : String(value));
  }
  element.append(...children.filter((child): child is Node | string => child !== null && child !== undefined && child !== false));
  return element;
}

const SVG = "http://www.w3.org/2000/svg";

/** The terminal's own few pictures, as strokes in a field of 24. */
const DRAWN: Record<string, string[]> = {
  qr: ["M4 4h6v6H4z", "M14 4h6v6h-6z", "M4 14h6v6H4z", "M14 14h2v2h-2z", "M18 18h2v2h-2z", "M14 19v1", "M19 14h1"],
  person: ["M12 11a4 4 0 1 0 0-8 4 4 0 0 0 0 8", "M5 21v-1a6 6 0 0 1 6-6h2a6 6 0 0 1 6 6v1"],
  box: ["M12 3l8 4.5v9L12 21l-8-4.5v-9z", "M12 12l8-4.5", "M12 12v9", "M12 12L4 7.5", "M16 5.2l-8 4.6"],
  leave: ["M14 8V6a2 2 0 0 0-2-2H6a2 2 0 0 0-2 2v12a2 2 0 0 0 2 2h6a2 2 0 0 0 2-2v-2", "M9 12h12", "M18 9l3 3-3 3"],
  back: ["M5 12h14", "M11 6l-6 6 6 6"],
  check: ["M5 12.5l4.5 4.5L19 7"],
  phone: ["M5 4h4l2 5-2.5 1.5a11 11 0 0 0 5 5L15 13l5 2v4a2 2 0 0 1-2 2A16 16 0 0 1 3 6a2 2 0 0 1 2-2"],
  alert: ["M12 8v5", "M12 16.5v.01", "M12 3a9 9 0 1 0 0 18 9 9 0 0 0 0-18"],
  keypad: ["M5 5h3v3H5z", "M10.500 5h3v3h-3z", "M16 5h3v3h-3z", "M5 10.500h3v3H5z", "M10.500 10.500h3v3h-3z", "M16 10.500h3v3h-3z", "M10.500 16h3v3h-3z"],
  people: ["M9 11a4 4 0 1 0 0-8 4 4 0 0 0 0 8", "M3 21v-1a5 5 0 0 1 5-5h2a5 5 0 0 1 5 5v1", "M16 3.500a4 4 0 0 1 0 7", "M21 21v-1a5 5 0 0 0-3.500-4.700"],
  erase: ["M20 5H9l-7 7 7 7h11a1 1 0 0 0 1-1V6a1 1 0 0 0-1-1", "M12 9.500l5 5", "M17 9.500l-5 5"],
  flip: ["M4 9h12a4 4 0 0 1 0 8h-3", "M8 5L4 9l4 4"],
  cloud: ["M9.500 5.500A6 6 0 0 1 18 9a4.500 4.500 0 0 1 2.500 7.500", "M17 18H7a5 5 0 0 1-.5-9.970", "M3 3l18 18"],
  globe: ["M12 3a9 9 0 1 0 0 18 9 9 0 0 0 0-18", "M3.500 9h17", "M3.500 15h17", "M12 3c-5 6-5 12 0 18", "M12 3c5 6 5 12 0 18"],
};

/** A picture beside a text that says the same. */
export function icon(name: string): SVGElement {
  const svg = document.createElementNS(SVG, "svg");
  svg.setAttribute("viewBox", "0 0 24 24");
  svg.setAttribute("aria-hidden", "true");
  svg.setAttribute("class", "icon");
  for (const strokes of DRAWN[name] ?? []) {
    const path = document.createElementNS(SVG, "path");
    path.setAttribute("d", strokes);
    svg.append(path);
  }
  return svg;
}
