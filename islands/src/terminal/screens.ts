// The screens after the first: each is drawn from what is known at that moment and holds nothing for the next guest.
import { watch, type Watching } from "./camera";
import { h, icon } from "./dom";
import { CROCKFORD, crockford, isPass } from "./pass";
import type { Settings } from "./settings";
import { filled, type Texts } from "./texts";

/** What every screen knows. */
export interface Scene {
  t: Texts;
  settings: Settings;
  /** Back to the first screen. */
  home(): void;
  /** One screen back. */
  back(): void;
  /** The screen before an answer, once more. */
  again(): void;
}

/** A screen, and what ends with it. */
export interface Screen {
  element: HTMLElement;
  end?(): void;
}

/** The frame of a screen: back, title, body. */
function frame(scene: Scene, name: string, title: string, about: string | null, ...body: (Node | null)[]): HTMLElement {
  return h(
    "section",
    { class: `screen ${name}` },
    h(
      "header",
      { class: "bar" },
      h("button", { type: "button", class: "plain", onclick: scene.back }, icon("back"), scene.t.back),
      h("button", { type: "button", class: "plain quiet", onclick: scene.home }, scene.t.home),
    ),
    h("div", { class: "head" }, h("h1", { tabindex: -1 }, title), about ? h("p", {}, about) : null),
    ...body,
  );
}

/** Camera, hand scanner, or the way to the pad. */
export function scan(scene: Scene, title: string, facing: "user" | "environment", found: (pass: string) => void, flip: () => void, pad: () => void): Screen {
  const { t } = scene;
  const video = h("video", { "aria-hidden": "true", class: facing }) as HTMLVideoElement;
  const said = h("p", { class: "camera-said", role: "status" }, t.cameraWait);
  const view = h("div", { class: "camera" }, video, h("span", { class: "aim", "aria-hidden": "true" }), said);
  let watching: Watching | undefined;
  let ended = false;
  let heard = false;
  watch(video, facing, (text) => {
    if (heard || !isPass(text)) return;
    heard = true;
    found(text);
  }).then(
    (now) => {
      watching = now;
      if (ended) now.stop();
      else {
        view.classList.add("on");
        said.textContent = "";
      }
    },
    () => {
      said.textContent = t.cameraNone;
      view.classList.add("none");
    },
  );
  const element = frame(
    scene,
    "scan",
    title,
    t.scanAbout,
    h(
      "div",
      { class: "two" },
      view,
      h(
        "div",
        { class: "beside" },
        h("button", { type: "button", class: "large", "data-do": "pad", onclick: pad }, icon("keypad"), t.typeCode),
        h("button", { type: "button", class: "large soft", onclick: flip }, icon("flip"), t.cameraFlip),
        h("p", { class: "hint" }, t.scanReader),
      ),
    ),
  );
  return {
    element,
    end() {
      ended = true;
      watching?.stop();
    },
  };
}

/** Eight characters by large keys; a keyboard works as well. */
export function pad(scene: Scene, enter: (code: string) => void): Screen {
  const { t } = scene;
  let code = "";
  const shown = h("output", { class: "typed", "aria-live": "polite" });
  const draw = (): void => {
    shown.replaceChildren(...Array.from({ length: 8 }, (_, at) => h("span", { class: code[at] ? "has" : "" }, code[at] ?? " ")));
    shown.setAttribute("aria-label", [...code].join(" "));
  };
  const put = (letters: string): void => {
    code = (code + crockford(letters)).slice(0, 8);
    draw();
    if (code.length === 8) enter(code);
  };
  const erase = (): void => {
    code = code.slice(0, -1);
    draw();
  };
  const typed = (event: KeyboardEvent): void => {
    if (event.ctrlKey || event.metaKey || event.altKey) return;
    if (event.key === "Backspace") erase();
    else if (event.key.length === 1 && event.key !== " ") put(event.key);
  };
  document.addEventListener("keydown", typed);
  draw();
  const key = (letter: string): HTMLElement => h("button", { type: "button", class: "key", onclick: () => put(letter) }, letter);
  return {
    element: frame(
      scene,
      "code",
      t.codeTitle,
      t.codeAbout,
      shown,
      h(
        "div",
        { class: "pad" },
        ...[...CROCKFORD].map(key),
        h("button", { type: "button", class: "key erase", "aria-label": t.codeErase, onclick: erase }, icon("erase")),
      ),
    ),
    end: () => document.removeEventListener("keydown", typed),
  };
}

/** Something is under way. Drawn at once, seen only after a moment. */
export function working(scene: Scene): Screen {
  return { element: h("section", { class: "screen working", role: "status" }, h("span", { class: "turning", "aria-hidden": "true" }), h("p", {}, scene.t.working)) };
}

/** Good news; the first screen comes by itself. */
export function good(scene: Scene, title: string, lines: string[]): Screen {
  return {
    element: h(
      "section",
      { class: "screen said good", role: "status" },
      h("span", { class: "mark" }, icon("check")),
      h("h1", { tabindex: -1 }, title),
      ...lines.map((line) => h("p", {}, line)),
      h("button", { type: "button", class: "large", onclick: scene.home }, scene.t.done),
      h("span", { class: "running", "aria-hidden": "true" }),
    ),
  };
}

/** It did not work: what to do, whom to ring. */
export function bad(scene: Scene, title: string, line: string): Screen {
  const { t, settings } = scene;
  return {
    element: h(
      "section",
      { class: "screen said bad", role: "alert" },
      h("span", { class: "mark" }, icon("alert")),
      h("h1", { tabindex: -1 }, title),
      h("p", {}, line),
      settings.phone ? h("p", { class: "phone" }, icon("phone"), h("span", {}, t.call), h("strong", {}, settings.phone)) : null,
      h(
        "div",
        { class: "row" },
        h("button", { type: "button", class: "large soft", onclick: scene.home }, t.home),
        h("button", { type: "button", class: "large", onclick: scene.again }, t.tryAgain),
      ),
    ),
  };
}

/** A list of large choices. */
export function choose<T>(scene: Scene, title: string, about: string | null, choices: { name: string; icon?: string; value: T }[], chosen: (value: T) => void): Screen {
  return {
    element: frame(
      scene,
      "choose",
      title,
      about,
      h(
        "div",
        { class: "options" },
        ...choices.map((choice) =>
          h("button", { type: "button", class: "option", onclick: () => chosen(choice.value) }, choice.icon ? icon(choice.icon) : null, h("span", {}, choice.name)),
        ),
      ),
    ),
  };
}

/** Finds a person by name: at most five, their names masked. */
export function findHost(
  scene: Scene,
  search: (typed: string) => Promise<{ ref: string; name: string; department: string }[]>,
  chosen: (host: { ref: string; name: string }) => void,
): Screen {
  const { t } = scene;
  const said = h("p", { class: "hint", role: "status" }, t.hostAbout);
  const list = h("div", { class: "options" });
  let asked = 0;
  let timer: ReturnType<typeof setTimeout> | undefined;
  const look = async (typed: string): Promise<void> => {
    const mine = (asked += 1);
    if ([...typed].length < 3) {
      list.replaceChildren();
      said.textContent = t.hostAbout;
      return;
    }
    try {
      const hosts = await search(typed);
      if (mine !== asked) return;
      said.textContent = hosts.length === 0 ? t.hostNone : "";
      list.replaceChildren(
        ...hosts.map((host) =>
          h(
            "button",
            { type: "button", class: "option", onclick: () => chosen(host) },
            icon("person"),
            h("span", {}, host.name, host.department ? h("small", {}, host.department) : null),
          ),
        ),
      );
    } catch (error) {
      list.replaceChildren();
      said.textContent = error instanceof Error && error.message === "error-busy" ? t.hostBusy : t.refusedOffline;
    }
  };
  const input = h("input", {
    type: "search",
    name: "host",
    class: "big",
    autocomplete: "off",
    autocapitalize: "off",
    spellcheck: "false",
    maxlength: 60,
    "aria-label": t.hostTitle,
    oninput: (event) => {
      clearTimeout(timer);
      const typed = (event.target as HTMLInputElement).value.trim();
      if (!(event as InputEvent).isComposing) timer = setTimeout(() => void look(typed), 400);
    },
    oncompositionend: (event) => {
      clearTimeout(timer);
      timer = setTimeout(() => void look((event.target as HTMLInputElement).value.trim()), 400);
    },
  });
  return { element: frame(scene, "find", t.hostTitle, null, input, said, list), end: () => clearTimeout(timer) };
}

export interface About {
  name: string;
  company: string;
  purpose: string;
  count: number;
}

/** Who comes without an appointment. */
export function aboutYou(scene: Scene, whom: string, sent: (about: About) => void): Screen {
  const { t, settings } = scene;
  const field = (name: string, title: string, needed: boolean): HTMLElement =>
    h(
      "label",
      { class: "field" },
      h("span", {}, title, needed ? null : h("small", {}, t.optional)),
      h("input", { name, class: "big", autocomplete: "off", spellcheck: "false", maxlength: 80, "aria-required": needed ? "true" : null }),
    );
  const wrong = h("p", { class: "wrong", role: "alert" });
  let count = 1;
  const shown = h("output", {}, "1");
  const step = (by: number) => () => {
    count = Math.min(20, Math.max(1, count + by));
    shown.textContent = String(count);
  };
  const form = h(
    "form",
    {
      class: "about",
      novalidate: true,
      onsubmit: (event) => {
        event.preventDefault();
        const of = (name: string): string => (form.querySelector<HTMLInputElement>(`[name=${name}]`)?.value ?? "").trim();
        if (!of("name")) {
          wrong.textContent = t.youNeeded;
          form.querySelector<HTMLInputElement>("[name=name]")?.focus();
          return;
        }
        sent({ name: of("name"), company: of("company"), purpose: of("purpose"), count });
      },
    },
    field("name", t.youName, true),
    wrong,
    settings.asks.company ? field("company", t.youCompany, false) : null,
    settings.asks.purpose ? field("purpose", t.youPurpose, false) : null,
    settings.asks.count
      ? h(
          "div",
          { class: "field count", role: "group", "aria-label": t.youCount },
          h("span", {}, t.youCount),
          h("div", {}, h("button", { type: "button", "aria-label": t.fewer, onclick: step(-1) }, "−"), shown, h("button", { type: "button", "aria-label": t.more, onclick: step(1) }, "+")),
        )
      : null,
    h("p", { class: "hint" }, t.privacy),
    h("button", { type: "submit", class: "large" }, icon("phone"), t.send),
  );
  return { element: frame(scene, "you", t.youTitle, whom, form) };
}

/** Is anybody still there? */
export function idle(t: Texts, seconds: number, stay: () => void): HTMLElement {
  return h(
    "div",
    { class: "idle", role: "alertdialog", "aria-label": t.idleTitle },
    h("div", {}, h("h2", {}, t.idleTitle), h("p", {}, filled(t.idleAbout, { seconds })), h("button", { type: "button", class: "large", onclick: stay }, t.idleStay)),
  );
}

/** The code after the # of the address, which no server sees; forgotten there, so that nobody finds it in the history. */
function codeOfAddress(): string {
  const code = /^#([0-9A-Za-z-]{1,20})$/.exec(location.hash)?.[1] ?? "";
  if (code) history.replaceState(null, "", location.pathname);
  return code;
}

/** Before the tablet is a terminal. */
export function enrolment(t: Texts, able: boolean, send: (code: string) => Promise<boolean>): HTMLElement {
  const wrong = h("p", { class: "wrong", role: "alert" }, able ? "" : t.enrolNoCrypto);
  const input = h("input", {
    name: "code",
    class: "big letters",
    autocomplete: "off",
    autocapitalize: "characters",
    spellcheck: "false",
    maxlength: 20,
    placeholder: "XXXX-XXXX-XXXX",
    value: codeOfAddress(),
    disabled: !able,
  }) as HTMLInputElement;
  const button = h("button", { type: "submit", class: "large", disabled: !able }, t.enrolSend) as HTMLButtonElement;
  return h(
    "section",
    { class: "screen enrol" },
    h("div", { class: "head" }, h("h1", {}, t.enrolTitle), h("p", {}, t.enrolAbout)),
    h(
      "form",
      {
        novalidate: true,
        onsubmit: (event) => {
          event.preventDefault();
          button.disabled = true;
          wrong.textContent = "";
          void send(crockford(input.value)).then((taken) => {
            button.disabled = false;
            if (!taken) wrong.textContent = t.enrolWrong;
          });
        },
      },
      h("label", { class: "field" }, h("span", {}, t.enrolCode), input),
      wrong,
      button,
    ),
  );
}
