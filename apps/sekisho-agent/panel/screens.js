// What is on the screen, one function for each kind of screen.

import { h, t, sentence, when, press, redraw } from "/panel/panel.js";

let typed = "";
let way = "id_number";
let chosen = new Set();
let note = "";
let view = null;

const ways = { id_number: "by-id", booking_code: "by-booking", keycode: "by-keycode" };
const remarks = ["form-fault", "form-fuel", "form-clean", "form-lost"];

/** The whole screen for a view. `fresh`: it shows something else than before. */
export function draw(now, lost, fresh) {
  view = now;
  if (fresh) {
    typed = "";
    note = "";
    chosen = new Set();
    if (view.screen.kind === "idle") way = "id_number";
  }
  const body = (screens[view.screen.kind] ?? screens.idle)(view.screen);
  return [bar(), ...strips(lost), h("div", { class: "body" }, body)];
}

/** The sentence a screen reader says when the screen changes. */
export function spoken(now) {
  view = now;
  const heading = screens[view.screen.kind](view.screen);
  const parts = [heading].flat().flatMap((part) => [...part.querySelectorAll("h1, .more")]);
  return parts.map((part) => part.textContent).join(" ");
}

function bar() {
  const name = view.name[view.language] || view.name.ja || t("name");
  const other = view.language === "ja" ? "en" : "ja";
  return h("header", { class: "bar" },
    h("span", { class: "place" }, name),
    h("span", { class: "clock" }, when(Date.now())),
    h("button", { type: "button", lang: other, "data-keep": "language", click: () => press({ do: "language", language: other }) }, t("language")));
}

function strips(lost) {
  const strips = [];
  if (lost) strips.push(h("p", { class: "strip bad", role: "alert" }, t("lost-page")));
  for (const bin of view.bins) {
    if (bin.alarm === "forced") strips.push(h("p", { class: "strip bad", role: "alert" }, t("alarm-forced", { bin: bin.number })));
    if (bin.alarm === "left_open") strips.push(h("p", { class: "strip warn", role: "alert" }, t("alarm-left", { bin: bin.number })));
  }
  if (!view.online) strips.push(h("p", { class: "strip warn" }, t("offline")));
  else if (!view.mains) strips.push(h("p", { class: "strip warn" }, t("battery")));
  return strips.slice(0, 2);
}

function button(text, action, kind = "") {
  return h("button", { type: "button", class: `button ${kind}`, "data-keep": text, click: typeof action === "function" ? action : () => press(action) }, text);
}

const giveBack = (kind) => button(t("return"), { do: "return" }, kind);

/** A keypad: what it is for, what to do with the number, how it looks. */
function pad(label, go, { secret = false, most = 16, wrong = false } = {}) {
  const type = (digit) => {
    if (typed.length < most) typed += digit;
    redraw();
  };
  const erase = () => {
    typed = typed.slice(0, -1);
    redraw();
  };
  const submit = () => {
    if (!typed) return;
    const value = typed;
    typed = "";
    go(value);
  };
  pressed = { type, erase, submit };
  const shown = secret ? "●".repeat(typed.length) : typed;
  const key = (digit) => h("button", { type: "button", "data-keep": `digit-${digit}`, click: () => type(digit) }, digit);
  return h("div", { class: "pad", role: "group", "aria-label": label },
    h("output", { class: `typed ${wrong && !typed ? "shake" : ""}`, "aria-label": label }, typed ? shown : h("span", { class: "empty" }, label)),
    [..."123456789"].map(key),
    h("button", { type: "button", class: "word", "data-keep": "erase", click: erase }, t("erase")),
    key("0"),
    h("button", { type: "button", class: "go", "data-keep": "go", disabled: !typed, click: submit }, t("go")));
}

/** What the keys of a keyboard do now. */
let pressed = null;
document.addEventListener("keydown", (event) => {
  if (event.ctrlKey || event.metaKey || event.altKey || event.target.matches?.("textarea, input")) return;
  const on = document.activeElement;
  if (event.key === "Escape") return void press({ do: "end" });
  if (!pressed || !["idle", "proof", "second", "receiver", "receiver_code"].includes(view?.screen.kind)) return;
  if (/^[0-9A-Za-z]$/.test(event.key)) pressed.type(event.key.toUpperCase());
  else if (event.key === "Backspace") pressed.erase();
  else if (event.key === "Enter" && !on?.matches("button:not(.pad button)")) {
    event.preventDefault();
    pressed.submit();
  }
});

function keyTag(line) {
  return h("span", { class: "tag", "aria-hidden": "true" }, line.bin ?? "–");
}

function dueText(line) {
  const due = line.due ? t(line.late ? "late" : "due", { when: when(line.due) }) : t("no-due");
  return h("span", { class: `due ${line.late ? "late" : ""}` }, due);
}

function say(sign, kind, title, more, extra, ...buttons) {
  return [
    h("div", { class: "say" },
      h("div", { class: `sign ${kind}`, "aria-hidden": "true" }, sign),
      h("h1", {}, title),
      more ? h("p", { class: "more" }, more) : null,
      extra ? h("p", { class: "extra" }, extra) : null),
    buttons.length ? h("div", { class: "row" }, buttons) : null,
  ].filter(Boolean);
}

function typing(title, more, padding, ...rest) {
  return h("div", { class: "typing" },
    h("div", { class: "side" },
      h("div", { class: "top" }, h("h1", {}, title), more),
      rest),
    padding);
}

const screens = {
  idle() {
    const greeting = view.greeting?.[view.language] || view.greeting?.ja;
    const choices = h("div", { class: "ways", role: "group" }, Object.entries(ways).map(([name, text]) =>
      h("button", { type: "button", "aria-pressed": String(way === name), "data-keep": name, click: () => {
        way = name;
        typed = "";
        redraw();
      } }, t(text))));
    return typing(t("lead"), null,
      pad(t(ways[way]), (value) => press({ do: way, value })),
      choices,
      h("ul", { class: "hints" },
        view.online ? h("li", {}, t("hint-badge")) : null,
        h("li", {}, t("hint-back")),
        view.camera ? h("li", { class: "camera" }, t("camera")) : null,
        greeting ? h("li", {}, greeting) : null),
      h("div", { class: "row" }, giveBack(view.online ? "" : "main")));
  },

  waiting: () => say(h("span", { class: "dots" }, h("i"), h("i"), h("i")), "", t("waiting"), t("waiting-more")),

  proof({ pin, sent_to, wrong, second }) {
    const title = second ? t(pin ? "second-pin" : "second-proof") : t(pin ? "pin" : "proof");
    const from = sent_to ? t("proof-sent", { to: sent_to }) : pin ? null : t("proof-app");
    const more = wrong ? h("p", { class: "wrong" }, t("wrong")) : from ? h("p", { class: "more" }, from) : null;
    return typing(title, more,
      pad(title, (value) => press({ do: "prove", value }), { secret: pin, most: 12, wrong }),
      h("div", { class: "row" }, button(t("back"), { do: "end" }, "plain")));
  },

  second({ key, sentence: words }) {
    const more = words
      ? h("p", { class: "wrong", role: "alert" }, sentence(words))
      : h("p", { class: "more" }, t("second-more"));
    return typing(key ? t("second", { key }) : t("second-plain"), more,
      pad(t("second-id"), (value) => press({ do: "id_number", value })),
      h("div", { class: "row" }, button(t("back"), { do: "back" }, "plain")));
  },

  choose({ name, takeable, held, sentence: words }) {
    const offer = (line) => h("li", {}, h("button", {
      type: "button", class: "key", "data-keep": line.key,
      click: () => press({ do: "take", key: line.key }),
    }, keyTag(line), h("span", { class: "name" }, line.name), dueText(line),
    line.bin ? h("span", { class: "unseen" }, t("bin", { bin: line.bin })) : null));
    const mine = (line) => h("li", {}, h("div", { class: "key held" },
      keyTag(line), h("span", { class: "name" }, line.name), dueText(line),
      h("span", { class: "acts" },
        button(t("return"), { do: "return", key: line.key }),
        button(t("give"), { do: "hand_over", key: line.key }, "plain"))));
    return [
      h("div", { class: "head" },
        h("div", {},
          name ? h("p", { class: "more" }, t("hello", { name })) : null,
          h("h1", {}, t("choose"))),
        h("div", { class: "acts" }, held.length ? null : giveBack(), button(t("done"), { do: "end" }, "plain"))),
      words ? h("p", { class: "wrong", role: "alert" }, sentence(words)) : null,
      h("div", { class: "lists", tabindex: "0", role: "group", "aria-label": t("takeable") },
        takeable.length
          ? h("ul", { class: "keys" }, takeable.map(offer))
          : h("div", { class: "empty-list" }, h("strong", {}, t("nothing")), h("span", { class: "more" }, t("nothing-more"))),
        held.length ? [h("h2", {}, t("held")), h("ul", { class: "keys wide" }, held.map(mine))] : null),
    ].filter(Boolean);
  },

  keycode({ name, present, key }) {
    return say(present ? "✓" : "–", present ? "good" : "bad",
      t(present ? "keycode-there" : "keycode-gone", { key: name }), null, null,
      key && present ? button(t("take-now"), { do: "take", key }, "main") : null,
      button(t("done"), { do: "end" }, "plain"));
  },

  at_bin({ bin, purpose, step, key }) {
    if (step === "opening") return say(bin, "", t("opening", { bin }), t("opening-more"));
    if (purpose === "manage") return say(bin, "here", t("take-open", { bin }), null);
    const taking = purpose === "take";
    if (step === "close") {
      return say(bin, "close", t(taking ? "take-close" : "return-close", { bin }), t(taking ? "take-close-more" : "return-close-more"));
    }
    if (!taking) return say(bin, "here", t("return-open", { bin }), t("return-open-more"));
    return say(bin, "here", t("take-open", { bin }), key ? t("take-open-more", { key }) : t("take-open-plain"));
  },

  taken({ key, due, more }) {
    return say("✓", "good", key ? t("taken", { key }) : t("taken-plain"), t("taken-more"), due ? t("due", { when: when(due) }) : null,
      more ? button(t("more-keys"), { do: "back" }) : null,
      button(t("done"), { do: "end" }, "main"));
  },

  returned({ key, form }) {
    return say("✓", "good", key ? t("returned", { key }) : t("returned-plain"), t("returned-more"), null,
      form ? button(t("tell"), { do: "open_form" }) : null,
      button(t("done"), { do: "end" }, "main"));
  },

  form({ key }) {
    const chip = (id) => h("button", {
      type: "button", "aria-pressed": String(chosen.has(id)), "data-keep": id,
      click: () => {
        if (!chosen.delete(id)) chosen.add(id);
        redraw();
      },
    }, t(id));
    const text = h("textarea", { id: "note", maxlength: "400", rows: "3", "data-keep": "note", input: () => { note = text.value; } });
    text.value = note;
    const send = () => {
      const parts = [...chosen].filter((id) => id !== "form-fault").map((id) => t(id));
      press({ do: "report", fault: chosen.has("form-fault"), note: [...parts, note.trim()].filter(Boolean).join(" / ") || null });
    };
    return [
      h("div", { class: "form" },
        h("h1", {}, key ? t("form", { key }) : t("form-plain")),
        h("div", { class: "chips" }, remarks.map(chip)),
        h("label", { for: "note", class: "more" }, t("form-note")),
        text),
      h("div", { class: "row" }, button(t("back"), { do: "end" }, "plain"), button(t("send"), send, "main")),
    ];
  },

  receiver({ key }) {
    const title = key ? t("receiver", { key }) : t("receiver-plain");
    return typing(title, null, pad(t("by-id"), (value) => press({ do: "receiver", value })),
      h("div", { class: "row" }, button(t("back"), { do: "back" }, "plain")));
  },

  receiver_code({ sent_to, wrong }) {
    const more = wrong ? h("p", { class: "wrong" }, t("wrong")) : sent_to ? h("p", { class: "more" }, t("proof-sent", { to: sent_to })) : null;
    return typing(t("receiver-code"), more, pad(t("receiver-code"), (value) => press({ do: "prove", value }), { most: 12, wrong }),
      h("div", { class: "row" }, button(t("back"), { do: "back" }, "plain")));
  },

  said({ sentence: words, back }) {
    const good = ["handed-over", "reported"].includes(words.id);
    return say(good ? "✓" : "!", good ? "good" : "bad", sentence(words), null, null,
      back ? button(t("back"), { do: "back" }) : null,
      good || back ? null : giveBack(),
      button(t("done"), { do: "end" }, "plain"));
  },

  resting: () => say("!", "bad", t("resting"), t("resting-more"), null, giveBack()),
};
