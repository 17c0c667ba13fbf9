// The simulated cabinet: drawn as it hangs on the wall, with a hand that opens, takes and puts.

import { h, t, hand } from "/panel/panel.js";

let view = null;
let steel = null;
let selected = null;
let picking = null;

const colours = ["#e0a63c", "#7fb7be", "#d98c73", "#a9c27a", "#b9a3d6", "#e3c15b", "#8fb1e0", "#d99ab5"];

/** Draws the cabinet for what the box shows and, when it came, for how the steel stands. */
export function drawCabinet(nowView, nowSteel) {
  view = nowView ?? view;
  steel = nowSteel ?? steel;
  if (!view || !steel) return;
  document.body.classList.add("simulated");
  if (selected && !steel.cabinet.hand.includes(selected)) selected = null;
  const held = document.activeElement?.dataset?.keep;
  for (const [id, draw] of [["cabinet", cabinet], ["reader", reader], ["bench", bench]]) {
    const place = document.getElementById(id);
    place.hidden = false;
    place.setAttribute("aria-label", t(id === "bench" ? "simulated" : id));
    place.replaceChildren(...draw());
  }
  if (held) document.querySelector(`[data-keep="${CSS.escape(held)}"]`)?.focus({ preventScroll: true });
}

function again() {
  drawCabinet(null, null);
}

const nameOf = (fob) => view.tags[fob] ?? fob;
const open = (bin) => !bin.closed || steel.cabinet.master_open;

function tag(fob, kind) {
  const element = h("span", { class: kind, "aria-hidden": "true" }, nameOf(fob));
  colour(element, fob);
  return element;
}

function colour(element, fob) {
  let sum = 7;
  for (const letter of fob) sum = (sum * 31 + letter.charCodeAt(0)) % 9973;
  element.style.setProperty("--tag", colours[sum % colours.length]);
}

function cabinet() {
  const bins = Object.entries(steel.cabinet.bins);
  const columns = bins.length <= 4 ? 2 : bins.length <= 15 ? 3 : Math.ceil(bins.length / 5);
  const grid = h("div", { class: "bins" }, bins.map(([number, bin]) => drawBin(Number(number), bin)));
  grid.style.gridTemplateColumns = `repeat(${columns}, auto)`;
  return [h("div", { class: "plate" }, h("b", {}, "SEKISHO"), h("span", {}, t("simulated"))), grid];
}

function drawBin(number, bin) {
  const shown = view.bins.find((one) => one.number === number) ?? { enabled: true };
  const lamp = steel.lamps[number] ?? "off";
  const isOpen = open(bin);
  const takes = isOpen && !bin.fob && selected;
  const classes = ["bin", `lamp-${lamp}`, isOpen && "open", takes && "target", shown.enabled === false && "off", bin.jammed && "jammed"];
  const inside = isOpen && bin.fob ? t("bin-take", { bin: number, fob: nameOf(bin.fob) })
    : takes ? t("bin-put", { bin: number, fob: nameOf(selected) }) : t(isOpen ? "bin-close" : "bin-closed", { bin: number });
  const well = h("button", {
    type: "button", class: "well", "data-keep": `well-${number}`, title: isOpen && inside, disabled: !isOpen, "aria-hidden": !isOpen && "true",
    click: () => {
      if (bin.fob) hand({ do: "take", bin: number });
      else if (selected) hand({ do: "put", bin: number, fob: selected });
      else hand({ do: "close", bin: number });
    },
    dragover: (event) => { if (isOpen && !bin.fob) event.preventDefault(); },
    drop: (event) => {
      event.preventDefault();
      hand({ do: "put", bin: number, fob: event.dataTransfer.getData("text/plain") });
    },
  },
  h("span", { class: "unseen" }, inside),
  h("span", { class: "hook", "aria-hidden": "true" }),
  bin.fob ? tag(bin.fob, "tag-hang") : null);
  const door = h("button", {
    type: "button", class: "door", "data-keep": `door-${number}`, disabled: bin.closed, title: !bin.closed && t("bin-close", { bin: number }),
    click: () => hand({ do: "close", bin: number }),
  },
  h("span", { class: "unseen" }, t(bin.closed ? "bin-closed" : "bin-close", { bin: number })),
  h("span", { class: "number", "aria-hidden": "true" }, String(number)),
  h("span", { class: "window", "aria-hidden": "true" }, bin.closed && bin.fob ? tag(bin.fob, "tag-hang") : null),
  h("span", { class: "label", "aria-hidden": "true" }, shown.enabled === false ? t("disabled") : shown.label ?? ""));
  const pick = picking && h("button", {
    type: "button", class: "pick", "aria-label": t("fault-force-bin", { bin: number }),
    click: () => {
      const what = picking;
      picking = null;
      if (what === "force") hand({ do: "force", bin: number });
      else hand({ do: "jam", bin: number, on: !bin.jammed });
      again();
    },
  });
  return h("div", { class: classes.filter(Boolean).join(" ") }, well, door, h("span", { class: "lamp" }), pick);
}

function reader() {
  const ready = Boolean(selected);
  const svg = document.createElementNS("http://www.w3.org/2000/svg", "svg");
  svg.setAttribute("viewBox", "0 0 24 24");
  svg.setAttribute("fill", "none");
  svg.setAttribute("stroke", "currentColor");
  svg.setAttribute("stroke-width", "2");
  svg.setAttribute("stroke-linecap", "round");
  for (const curve of ["M6 8a6 6 0 0 1 0 8", "M10 5.5a10 10 0 0 1 0 13", "M14 3a14 14 0 0 1 0 18"]) {
    const path = document.createElementNS("http://www.w3.org/2000/svg", "path");
    path.setAttribute("d", curve);
    svg.append(path);
  }
  const present = (fob) => hand({ do: "hold_fob", fob });
  return [
    h("button", {
      type: "button", class: `pad-glass ${ready ? "ready" : ""}`, disabled: !ready, "data-keep": "reader",
      click: () => present(selected),
      dragover: (event) => event.preventDefault(),
      drop: (event) => {
        event.preventDefault();
        present(event.dataTransfer.getData("text/plain"));
      },
    }, svg, h("span", {}, ready ? t("hold") : t("reader"))),
    h("span", { class: "hint" }, t("reader-hint")),
  ];
}

function bench() {
  return [held(), badges(), faults()].filter(Boolean);
}

function held() {
  const fobs = steel.cabinet.hand;
  const tags = fobs.map((fob) => {
    const element = h("button", {
      type: "button", class: "tag-held", draggable: "true", "aria-pressed": String(selected === fob), "data-keep": `held-${fob}`,
      click: () => pickUp(fob),
      dragstart: (event) => event.dataTransfer.setData("text/plain", fob),
    }, nameOf(fob));
    colour(element, fob);
    return element;
  });
  return h("section", {},
    h("h2", {}, t("hand")),
    h("div", { class: "held-tags" }, tags.length ? tags : h("p", {}, t("hand-empty"))),
    tags.length ? h("p", {}, t("hand-hint")) : null);
}

/** A held key is chosen; when exactly one open bin is empty, there is only one thing to do with it. */
function pickUp(fob) {
  const free = Object.entries(steel.cabinet.bins).filter(([, bin]) => open(bin) && !bin.fob);
  if (free.length === 1) return void hand({ do: "put", bin: Number(free[0][0]), fob });
  selected = selected === fob ? null : fob;
  again();
}

function badges() {
  if (!steel.badges.length) return null;
  return h("section", {},
    h("h2", {}, t("badges")),
    h("div", { class: "switches" }, steel.badges.map((badge) =>
      h("button", { type: "button", class: "card", "data-keep": badge.serial, click: () => hand({ do: "badge", serial: badge.serial }) }, badge.label))));
}

function faults() {
  const { power, tampered, master_open } = steel.cabinet;
  const toggle = (text, on, action) => h("button", { type: "button", "aria-pressed": String(on), "data-keep": text, click: action }, text);
  const pick = (what) => () => {
    picking = picking === what ? null : what;
    again();
  };
  return h("section", {},
    h("h2", {}, t("faults")),
    h("div", { class: "switches" },
      toggle(t("fault-network"), !steel.cable, () => hand({ do: "cable", on: !steel.cable })),
      toggle(t("fault-power"), !power, () => hand({ do: "power", on: !power })),
      toggle(t("fault-tamper"), tampered, () => hand({ do: "tamper", on: !tampered })),
      toggle(t("fault-force"), picking === "force", pick("force")),
      toggle(t("fault-jam"), picking === "jam", pick("jam")),
      master_open ? toggle(t("fault-master"), false, () => hand({ do: "close_master" })) : null),
    picking ? h("p", { role: "status" }, t("pick-bin")) : null);
}
