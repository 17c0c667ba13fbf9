// How the terminal looks and what it offers, as the administration set it. Nothing of it is about a guest.
import type { Language } from "./texts";

export type Choice = "pass" | "walk_in" | "delivery" | "leave";

export interface Settings {
  /** The company, and the site this terminal stands at. */
  tenant: string;
  site: string;
  /** The tenant's own words, by language; empty ones are ours. */
  texts: Partial<Record<Language, { welcome?: string; note?: string }>>;
  languages: Language[];
  /** `#rrggbb`; the server made sure that white reads well on it. */
  accent: string;
  /** The address of the wallpaper. */
  picture: string | null;
  choices: Choice[];
  /** What a guest without an appointment is asked besides their name. */
  asks: { company: boolean; purpose: boolean; count: boolean };
  /** Whom to ring when nothing helps. */
  phone: string;
  carriers: string[];
  departments: { ref: string; name: string }[];
  /** Whether people may be searched by name. */
  search: boolean;
  /** Whether somebody takes deliveries for nobody in particular. */
  office: boolean;
}

/** Before the terminal knows more. */
export const PLAIN: Settings = {
  tenant: "",
  site: "",
  texts: {},
  languages: ["ja", "en", "zh", "ko"],
  accent: "#1d4f91",
  picture: null,
  choices: ["pass", "walk_in", "delivery", "leave"],
  asks: { company: true, purpose: false, count: true },
  phone: "",
  carriers: [],
  departments: [],
  search: true,
  office: false,
};

/** Puts colours and wallpaper on an element; by its style object, which the policy allows where attributes are not. */
export function dress(element: HTMLElement, settings: Settings): void {
  if (/^#[0-9a-f]{6}$/i.test(settings.accent)) element.style.setProperty("--accent", settings.accent);
  const safe = settings.picture && /^(?:\/terminal\/picture\/[0-9a-f]+|blob:[\w:/.-]+)$/.test(settings.picture);
  element.classList.toggle("with-picture", Boolean(safe));
  if (safe) element.style.setProperty("--picture", `url("${settings.picture}")`);
  else element.style.removeProperty("--picture");
}
