// The page of a box: it shows what the box says and tells the box what people do. It decides nothing.

import { draw, spoken } from "/panel/screens.js";
import { drawCabinet } from "/panel/cabinet.js";

const words = {};
for (const language of ["ja", "en"]) {
  words[language] = await (await fetch(`/panel/${language}.json`)).json();
}

let view = null;
let lastScreen = "";
let lost = false;

/** The sentence `id` in the language on the screen, with its holes filled. */
export function t(id, holes = {}) {
  const text = words[view?.language ?? "ja"][id] ?? id;
  return text.replace(/\{(\w+)\}/g, (_, hole) => holes[hole] ?? "");
}

/** The server's own words, or one of ours by its id. */
export function sentence(words) {
  return words.id ? t(`say-${words.id}`) : words[view.language] || words.ja || words.en;
}

/** A time in the box's zone: the time alone when it is today, the day with it otherwise. */
export function when(time) {
  const locale = view.language === "ja" ? "ja-JP" : "en-GB";
  const day = (at) => new Intl.DateTimeFormat("en-CA", { timeZone: view.zone }).format(at);
  const at = new Date(time);
  const far = day(at) !== day(new Date());
  const shape = far ? { month: "numeric", day: "numeric", weekday: "short" } : {};
  return new Intl.DateTimeFormat(locale, { ...shape, hour: "2-digit", minute: "2-digit", timeZone: view.zone }).format(at);
}

/** Tells the box what somebody does. */
export function press(action) {
  return post("/press", action);
}

/** Tells the simulated cabinet what the hand does. */
export function hand(action) {
  return post("/hand", action);
}

async function post(path, body) {
  try {
    await fetch(path, { method: "POST", headers: { "content-type": "application/json" }, body: JSON.stringify(body) });
  } catch {
    lose();
  }
}

/** Makes an element: attributes, then children. Handlers are given as functions. */
export function h(name, attributes = {}, ...children) {
  const element = document.createElement(name);
  for (const [key, value] of Object.entries(attributes)) {
    if (typeof value === "function") element.addEventListener(key, value);
    else if (value === true) element.setAttribute(key, "");
    else if (value !== false && value !== null && value !== undefined) element.setAttribute(key, value);
  }
  element.append(...children.flat().filter((child) => child !== null && child !== undefined && child !== false));
  return element;
}

function show() {
  if (!view) return;
  document.documentElement.lang = view.language;
  document.title = view.name[view.language] || view.name.ja || t("name");
  const screen = document.getElementById("screen");
  const now = JSON.stringify([view.screen, view.language]);
  const fresh = now !== lastScreen;
  const held = document.activeElement?.dataset?.keep;
  screen.replaceChildren(...draw(view, lost, fresh));
  if (fresh) {
    lastScreen = now;
    document.getElementById("spoken").textContent = spoken(view);
  }
  if (held) screen.querySelector(`[data-keep="${held}"]`)?.focus({ preventScroll: true });
}

/** Draws the screen again, as when a digit was typed. */
export function redraw() {
  show();
}

function lose() {
  if (!lost) {
    lost = true;
    show();
  }
}

const live = new EventSource("/live");
live.addEventListener("view", (event) => {
  view = JSON.parse(event.data);
  lost = false;
  show();
  drawCabinet(view, null);
});
live.addEventListener("cabinet", (event) => drawCabinet(view, JSON.parse(event.data)));
live.addEventListener("error", lose);

// The clock in the bar, and a sign of life while somebody reads or types.
setInterval(() => {
  const clock = document.querySelector(".bar .clock");
  if (clock && view) clock.textContent = when(Date.now());
}, 1000);
let touched = 0;
for (const kind of ["pointerdown", "keydown"]) {
  document.addEventListener(kind, () => {
    if (view && view.screen.kind !== "idle" && Date.now() - touched > 4000) {
      touched = Date.now();
      press({ do: "touch" });
    }
  });
}
