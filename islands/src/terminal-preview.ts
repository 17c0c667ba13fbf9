// The live preview on the settings page of the terminal: its first screen, drawn by the terminal's own code from what
// stands in the form at this moment. Without scripts the form works alone.
import { home } from "./terminal/home";
import { dress, PLAIN, type Choice, type Settings } from "./terminal/settings";
import { LANGUAGES, type Language } from "./terminal/texts";

const stage = document.querySelector<HTMLElement>("[data-terminal-preview]");
const form = document.querySelector<HTMLFormElement>("form[action$='/visitors/terminal']");

if (stage && form) {
  let language: Language = "ja";
  let picture: string | null = stage.dataset["picture"] || null;
  const tablet = document.createElement("div");
  tablet.className = "terminal";
  stage.replaceChildren(tablet);
  new ResizeObserver(() => tablet.style.setProperty("transform", `scale(${stage.clientWidth / 1024})`)).observe(stage);
  const draw = (): void => {
    const settings = read(form, stage, picture);
    if (!settings.languages.includes(language)) language = settings.languages[0] ?? "ja";
    dress(tablet, settings);
    tablet.replaceChildren(
      home(settings, language, {
        choose: () => undefined,
        speak: (to) => {
          language = to;
          draw();
        },
      }),
    );
  };
  form.addEventListener("input", draw);
  const file = document.querySelector<HTMLInputElement>("input[type=file][name=picture]");
  file?.addEventListener("change", () => {
    const chosen = file.files?.[0];
    picture = chosen ? URL.createObjectURL(chosen) : stage.dataset["picture"] || null;
    draw();
  });
  draw();
}

function read(form: HTMLFormElement, stage: HTMLElement, picture: string | null): Settings {
  const sent = new FormData(form);
  const text = (name: string): string => String(sent.get(name) ?? "").trim();
  const languages = sent.getAll("languages").map(String);
  const own = LANGUAGES.map((one) => [one, { welcome: text(`welcome_${one}`), note: text(`note_${one}`) }] as const);
  return {
    ...PLAIN,
    tenant: stage.dataset["tenant"] ?? "",
    site: stage.dataset["site"] ?? "",
    texts: Object.fromEntries(own),
    languages: LANGUAGES.filter((one) => languages.includes(one)),
    accent: text("accent"),
    picture,
    choices: sent.getAll("choices").map(String) as Choice[],
  };
}
