// The first screen: the company's wallpaper, a welcome, and large choices. The settings page draws it as its preview.
import { h, icon } from "./dom";
import type { Choice, Settings } from "./settings";
import { NAMES, textsOf, type Language, type Texts } from "./texts";

const CHOICES: Record<Choice, { icon: string; title: keyof Texts; about?: keyof Texts }> = {
  pass: { icon: "qr", title: "choicePass", about: "choicePassAbout" },
  walk_in: { icon: "people", title: "choiceWalkIn", about: "choiceWalkInAbout" },
  delivery: { icon: "box", title: "choiceDelivery", about: "choiceDeliveryAbout" },
  leave: { icon: "leave", title: "choiceLeave" },
};

export interface HomeActs {
  choose(choice: Choice): void;
  speak(language: Language): void;
}

/** The first screen in a language. */
export function home(settings: Settings, language: Language, acts: HomeActs): HTMLElement {
  const t = textsOf(language, settings.texts[language]);
  const large = settings.choices.filter((choice) => choice !== "leave");
  const button = (choice: Choice): HTMLElement => {
    const { icon: picture, title, about } = CHOICES[choice];
    return h(
      "button",
      { type: "button", class: `choice ${choice}`, "data-choice": choice, onclick: () => acts.choose(choice) },
      h("span", { class: "badge" }, icon(picture)),
      h("span", { class: "words" }, h("strong", {}, t[title]), about ? h("span", {}, t[about]) : null),
    );
  };
  return h(
    "section",
    { class: "home" },
    h("header", {}, h("p", { class: "company" }, settings.tenant), settings.site ? h("p", { class: "site" }, settings.site) : null),
    h("div", { class: "welcome" }, h("h1", {}, t.welcome), h("p", {}, t.note)),
    h("div", { class: "choices", "data-count": large.length }, ...large.map(button)),
    h(
      "footer",
      {},
      settings.choices.includes("leave")
        ? h("button", { type: "button", class: "plain leave", "data-choice": "leave", onclick: () => acts.choose("leave") }, icon("leave"), t.choiceLeave)
        : null,
      languages(settings, language, acts, t),
    ),
  );
}

function languages(settings: Settings, now: Language, acts: HomeActs, t: Texts): HTMLElement | null {
  if (settings.languages.length < 2) return null;
  return h(
    "div",
    { class: "languages", role: "group", "aria-label": t.language },
    ...settings.languages.map((language) =>
      h(
        "button",
        { type: "button", lang: NAMES[language].tag, "aria-pressed": language === now ? "true" : "false", onclick: () => acts.speak(language) },
        NAMES[language].name,
      ),
    ),
  );
}
