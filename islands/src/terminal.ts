// The reception terminal: one page on a tablet in a lobby, for strangers' hands. It knows one way through each act, ends
// by itself, and between two guests there is nothing left of the first.
import { hold, stayAwake } from "./terminal/awake";
import { listenToScanner } from "./terminal/camera";
import { h, icon } from "./terminal/dom";
import { home } from "./terminal/home";
import { checkInOffline, checkOutOffline, keepList, listVersion, sendQueue } from "./terminal/offline";
import { isPass } from "./terminal/pass";
import * as screens from "./terminal/screens";
import { call, enrol, Refused } from "./terminal/server";
import { dress, PLAIN, type Choice, type Settings } from "./terminal/settings";
import { keep, kept, type Identity } from "./terminal/shelf";
import { filled, LANGUAGES, NAMES, textsOf, type Language, type Texts } from "./terminal/texts";

/** Half a minute without a touch, of which the last ten seconds are counted aloud. */
const IDLE = 20;
const COUNTED = 10;
/** How long good news stands. */
const SAID = 12_000;
/** How often the server is asked for settings and the list, and a broken network tried again. */
const ROUND = 60_000;

const root = document.getElementById("terminal") as HTMLElement;
const banner = h("p", { class: "banner", role: "status", hidden: true });
const stage = h("main", {});
root.append(banner, stage);

let identity: Identity | undefined;
let settings: Settings = PLAIN;
let language: Language = "ja";
let facing: "user" | "environment" = "user";
let now: screens.Screen | undefined;
/** The way back: each entry draws its screen again. */
let way: (() => void)[] = [];
let atHome = true;
let quiet = 0;
let asking: HTMLElement | undefined;
let saidUntil: ReturnType<typeof setTimeout> | undefined;
/** Grows with each screen, so that an answer that comes late finds nobody to tell. */
let turn = 0;

interface Hello {
  settings: Settings;
  /** A newer list than ours. */
  expected: { version: string; sealed: string } | null;
}

function t(): Texts {
  return textsOf(language, settings.texts[language]);
}

function scene(): screens.Scene {
  return { t: t(), settings, home: goHome, back, again };
}

/** Puts a screen on the stage. */
function show(screen: screens.Screen): number {
  now?.end?.();
  clearTimeout(saidUntil);
  now = screen;
  stage.replaceChildren(screen.element);
  stage.scrollTop = 0;
  screen.element.querySelector<HTMLElement>("h1[tabindex]")?.focus({ preventScroll: true });
  touched();
  return (turn += 1);
}

/** Goes on to a screen one can come back to. */
function go(draw: () => void): void {
  way.push(draw);
  atHome = false;
  draw();
}

function back(): void {
  way.pop();
  const before = way[way.length - 1];
  if (before) before();
  else goHome();
}

function again(): void {
  const last = way[way.length - 1];
  if (last) last();
  else goHome();
}

function goHome(): void {
  way = [];
  atHome = true;
  facing = "user";
  asking?.remove();
  asking = undefined;
  show({ element: home(settings, language, { choose, speak }) });
}

function speak(to: Language): void {
  language = to;
  document.documentElement.lang = NAMES[to].tag;
  said(offline);
  goHome();
}

function choose(choice: Choice): void {
  if (choice === "pass") go(() => scanner("in"));
  if (choice === "leave") go(() => scanner("out"));
  if (choice === "walk_in") go(walkIn);
  if (choice === "delivery") go(delivery);
}

// --- coming and going by pass or code

type Direction = "in" | "out";

function scanner(direction: Direction): void {
  const title = direction === "in" ? t().scanTitle : t().leaveTitle;
  const flip = (): void => {
    facing = facing === "user" ? "environment" : "user";
    scanner(direction);
  };
  show(screens.scan(scene(), title, facing, (pass) => void present(direction, { pass }), flip, () => go(() => show(screens.pad(scene(), (code) => void present(direction, { code }))))));
}

interface Arrived {
  name: string;
  host: string;
}

async function present(direction: Direction, what: { pass: string } | { code: string }): Promise<void> {
  if (!identity) return;
  const mine = show(screens.working(scene()));
  const path = direction === "in" ? "/terminal/api/check-in" : "/terminal/api/check-out";
  try {
    const { name, host } = await call<Arrived>(identity, path, { ...what, language });
    if (mine !== turn) return;
    network(true);
    if (direction === "out") return thank(t().leaveThanks, [t().leaveAbout]);
    const told = host ? filled(t().thanksHost, { host }) : t().thanksTold;
    thank(name ? filled(t().thanks, { name }) : t().thanksNameless, [told, t().thanksWait]);
  } catch (error) {
    const why = error instanceof Refused ? error.why : "broken";
    if (why === "offline") {
      network(false);
      if ("pass" in what && direction === "out") {
        await checkOutOffline(identity, what.pass);
        if (mine === turn) thank(t().leaveThanks, [t().leaveAbout]);
        return;
      }
      const known = "pass" in what && (await checkInOffline(identity, what.pass));
      if (mine !== turn) return;
      return known ? thank(t().thanksNameless, [t().thanksOffline]) : refuse(t().refusedTitle, t().refusedOffline);
    }
    if (mine !== turn) return;
    failed(why);
  }
}

// --- without an appointment

interface Whom {
  ref: string;
  name: string;
}

function walkIn(): void {
  const ways = [
    ...(settings.search ? [{ name: t().byName, icon: "person", value: () => go(byName((whom) => go(() => you(whom)))) }] : []),
    ...(settings.departments.length > 0 ? [{ name: t().byDepartment, icon: "people", value: () => go(byDepartment((whom) => go(() => you(whom)))) }] : []),
  ];
  if (ways.length === 0) return refuse(t().walkInTitle, t().departmentNone);
  show(screens.choose(scene(), t().walkInTitle, null, ways, (act) => act()));
}

function byName(chosen: (whom: Whom) => void): () => void {
  return () =>
    show(
      screens.findHost(
        scene(),
        async (q) => (identity ? (await call<{ items: { ref: string; name: string; department: string }[] }>(identity, "/terminal/api/hosts", { q })).items : []),
        chosen,
      ),
    );
}

function byDepartment(chosen: (whom: Whom) => void): () => void {
  const departments = settings.departments.map(({ ref, name }) => ({ name, icon: "people", value: { ref, name } }));
  return () => show(screens.choose(scene(), t().departmentTitle, null, departments, chosen));
}

function you(whom: Whom): void {
  show(
    screens.aboutYou(scene(), whom.name, (about) => {
      void act("/terminal/api/walk-in", { ...about, whom: whom.ref, language }, () => thank(filled(t().walkInDone, { host: whom.name }), [t().thanksWait]));
    }),
  );
}

// --- deliveries

function delivery(): void {
  const carriers = [...settings.carriers, t().deliveryOther].map((name) => ({ name, icon: "box", value: name }));
  const hand = (carrier: string, whom: string): void => {
    void act("/terminal/api/delivery", { carrier, whom, language }, () => thank(t().deliveryDone, [t().deliveryDoneAbout]));
  };
  const whom = (carrier: string) => (): void => {
    const whoms = [
      ...(settings.office ? [{ name: t().deliveryForAnybody, icon: "box", value: () => hand(carrier, "") }] : []),
      ...(settings.search ? [{ name: t().byName, icon: "person", value: () => go(byName(({ ref }) => hand(carrier, ref))) }] : []),
      ...(settings.departments.length > 0 ? [{ name: t().byDepartment, icon: "people", value: () => go(byDepartment(({ ref }) => hand(carrier, ref))) }] : []),
    ];
    if (whoms.length === 0) return refuse(t().deliveryFor, t().departmentNone);
    show(screens.choose(scene(), t().deliveryFor, carrier, whoms, (chosen) => chosen()));
  };
  show(screens.choose(scene(), t().deliveryTitle, null, carriers, (carrier) => go(whom(carrier))));
}

async function act(path: string, body: object, done: () => void): Promise<void> {
  if (!identity) return;
  const mine = show(screens.working(scene()));
  try {
    await call<unknown>(identity, path, body);
    network(true);
    if (mine === turn) done();
  } catch (error) {
    const why = error instanceof Refused ? error.why : "broken";
    if (why === "offline") network(false);
    if (mine === turn) failed(why);
  }
}

// --- what is said at the end

function thank(title: string, lines: string[]): void {
  way = [];
  show(screens.good(scene(), title, lines));
  atHome = true;
  saidUntil = setTimeout(goHome, SAID);
}

function refuse(title: string, line: string): void {
  show(screens.bad(scene(), title, line));
}

function failed(why: string): void {
  if (why === "unknown") return void begin();
  if (why === "offline") return refuse(t().refusedTitle, t().refusedOffline);
  if (why === "visitors-check-in-too-many") return refuse(t().refusedTitle, t().codePaused);
  if (why === "visitors-check-in-not-now") return refuse(t().refusedTitle, t().refused);
  refuse(t().refusedTitle, t().broken);
}

// --- the network

let offline = false;

function said(gone: boolean): void {
  offline = gone;
  banner.hidden = !gone;
  banner.replaceChildren(icon("cloud"), t().offline);
}

function network(there: boolean): void {
  const returned = offline && there;
  if (offline === there) said(!there);
  if (returned) void round();
}

let rounding = false;

/** Once a minute: what was kept goes to the server; settings and the list of expected guests come back. */
async function round(): Promise<void> {
  if (!identity || rounding) return;
  rounding = true;
  try {
    await sendQueue(identity);
    const hello = await call<Hello>(identity, "/terminal/api/hello", { has: await listVersion() });
    const changed = JSON.stringify(hello.settings) !== JSON.stringify(settings);
    settings = hello.settings;
    await keep("settings", settings);
    if (hello.expected) await keepList(hello.expected);
    if (offline) said(false);
    if (changed) {
      dress(root, settings);
      if (!settings.languages.includes(language)) speak(settings.languages[0] ?? "ja");
      else if (atHome && way.length === 0 && quiet > 2) goHome();
    }
  } catch (error) {
    if (error instanceof Refused && error.why === "unknown") await begin();
    else if (error instanceof Refused && error.why === "offline") said(true);
  } finally {
    rounding = false;
  }
}

// --- alone

function touched(): void {
  quiet = 0;
  asking?.remove();
  asking = undefined;
}

function tick(): void {
  quiet += 1;
  if (atHome) {
    // The next guest may speak another language.
    const first = settings.languages[0] ?? "ja";
    if (quiet > IDLE + COUNTED && language !== first && way.length === 0) speak(first);
    return;
  }
  if (quiet >= IDLE + COUNTED) return goHomeInFirstLanguage();
  if (quiet >= IDLE) {
    asking?.remove();
    asking = screens.idle(t(), IDLE + COUNTED - quiet, touched);
    root.append(asking);
  }
}

function goHomeInFirstLanguage(): void {
  const first = settings.languages[0] ?? "ja";
  if (language === first) goHome();
  else speak(first);
}

// --- from the beginning

async function begin(): Promise<void> {
  identity = await kept("identity").catch(() => undefined);
  if (!identity) return notYet();
  settings = { ...PLAIN, ...((await kept("settings")) as Settings | undefined) };
  language = settings.languages[0] ?? "ja";
  document.documentElement.lang = NAMES[language].tag;
  dress(root, settings);
  goHome();
  await round();
  if (atHome && way.length === 0) goHome();
}

function notYet(): void {
  atHome = true;
  way = [];
  const wanted = LANGUAGES.find((one) => navigator.language.startsWith(one)) ?? "ja";
  language = wanted;
  document.documentElement.lang = NAMES[wanted].tag;
  const able = Boolean(globalThis.crypto?.subtle && globalThis.indexedDB);
  const element = screens.enrolment(t(), able, async (code) => {
    try {
      await enrol(code);
    } catch {
      return false;
    }
    await begin();
    return true;
  });
  show({ element });
}

/** A page for one purpose: nothing to copy, drag, open beside or print. */
function closeTheWaysOut(): void {
  for (const way of ["contextmenu", "dragstart", "drop", "selectstart"]) {
    document.addEventListener(way, (event) => {
      if (!(event.target as HTMLElement).closest?.("input")) event.preventDefault();
    });
  }
  document.addEventListener("keydown", (event) => {
    const opens = (event.ctrlKey || event.metaKey) && "pnosuljhtwfg".includes(event.key.toLowerCase());
    if (opens || /^F([1-9]|1[0-2])$/.test(event.key)) event.preventDefault();
  });
  history.pushState(null, "");
  addEventListener("popstate", () => history.pushState(null, ""));
}

for (const touch of ["pointerdown", "keydown", "input"]) addEventListener(touch, touched, { passive: true });
addEventListener("online", () => void round());
addEventListener("offline", () => said(true));
listenToScanner((pass) => {
  if (identity && isPass(pass) && (atHome || stage.querySelector(".scan"))) {
    const leaving = stage.querySelector(".scan h1")?.textContent === t().leaveTitle;
    if (way.length === 0) way.push(() => scanner("in"));
    atHome = false;
    void present(leaving ? "out" : "in", { pass });
  }
});
closeTheWaysOut();
stayAwake();
setInterval(tick, 1000);
setInterval(() => {
  void round();
  void hold();
}, ROUND);
if ("serviceWorker" in navigator) void navigator.serviceWorker.register("/terminal/sw.js", { scope: "/terminal" }).catch(() => undefined);
void begin();
