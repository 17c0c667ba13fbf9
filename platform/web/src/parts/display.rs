//! Parts that show: cards, tiles, lists of facts, tabs, time lines, empty pages.

use std::fmt;

use super::{Icon, Tone, attribute, part};
use crate::Markup;

/// A framed part of a page.
#[derive(Clone, Debug, Default)]
pub struct Card {
    title: Option<String>,
    action: Markup,
    body: Markup,
    footer: Markup,
    id: Option<String>,
    attributes: String,
    flush: bool,
}

impl Card {
    /// With a title.
    pub fn new(title: impl Into<String>) -> Self {
        Self { title: Some(title.into()), ..Self::default() }
    }

    /// Without.
    pub fn plain() -> Self {
        Self::default()
    }

    /// What stands in it.
    pub fn body(mut self, body: impl Into<Markup>) -> Self {
        self.body = self.body.then(body);
        self
    }

    /// At the right of the title.
    pub fn action(mut self, action: impl Into<Markup>) -> Self {
        self.action = self.action.then(action);
        self
    }

    /// Below, set apart.
    pub fn footer(mut self, footer: impl Into<Markup>) -> Self {
        self.footer = self.footer.then(footer);
        self
    }

    /// Without inner margin, for tables and lists.
    pub fn flush(mut self) -> Self {
        self.flush = true;
        self
    }

    /// Its id, as a target of htmx.
    pub fn id(mut self, id: impl Into<String>) -> Self {
        self.id = Some(id.into());
        self
    }

    /// Adds an attribute, such as `hx-get` and `hx-trigger`.
    pub fn attr(mut self, name: &str, value: impl fmt::Display) -> Self {
        self.attributes.push_str(&attribute(name, value));
        self
    }
}

impl fmt::Display for Card {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let id = self.id.as_ref().map(|id| attribute("id", id)).unwrap_or_default();
        let flush = if self.flush { " card-flush" } else { "" };
        write!(f, "<section class=\"card{flush}\"{id}{}>", self.attributes)?;
        if let Some(title) = &self.title {
            write!(
                f,
                "<header class=\"card-head\"><h2>{}</h2>{}</header>",
                Markup::text(title),
                self.action
            )?;
        }
        write!(f, "<div class=\"card-body\">{}</div>", self.body)?;
        if !self.footer.is_empty() {
            write!(f, "<footer class=\"card-foot\">{}</footer>", self.footer)?;
        }
        f.write_str("</section>")
    }
}

/// One number that matters.
#[derive(Clone, Debug)]
pub struct Tile {
    label: String,
    value: Markup,
    hint: Markup,
    tone: Tone,
    icon: Option<Icon>,
    href: Option<String>,
}

impl Tile {
    /// `value` under its name.
    pub fn new(label: impl Into<String>, value: impl Into<Markup>) -> Self {
        Self {
            label: label.into(),
            value: value.into(),
            hint: Markup::default(),
            tone: Tone::Plain,
            icon: None,
            href: None,
        }
    }

    /// A few words below.
    pub fn hint(mut self, hint: impl Into<Markup>) -> Self {
        self.hint = hint.into();
        self
    }

    /// Gives it a meaning.
    pub fn tone(mut self, tone: Tone) -> Self {
        self.tone = tone;
        self
    }

    /// With an icon.
    pub fn icon(mut self, name: &str) -> Self {
        self.icon = Some(Icon::new(name));
        self
    }

    /// Leads to the list behind it.
    pub fn href(mut self, href: impl Into<String>) -> Self {
        self.href = Some(href.into());
        self
    }
}

impl fmt::Display for Tile {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let inner = format!(
            "<span class=\"tile-label\">{}{}</span><span class=\"tile-value\">{}</span><span class=\"tile-hint\">{}</span>",
            Markup::from(self.icon.clone()),
            Markup::text(&self.label),
            self.value,
            self.hint
        );
        let tone = self.tone.word();
        match &self.href {
            Some(href) => write!(f, "<a class=\"tile tone-{tone}\"{}>{inner}</a>", attribute("href", href)),
            None => write!(f, "<div class=\"tile tone-{tone}\">{inner}</div>"),
        }
    }
}

/// Parts side by side, as many as fit.
#[derive(Clone, Debug, Default)]
pub struct Grid {
    parts: Vec<Markup>,
    class: &'static str,
}

impl Grid {
    /// For tiles: narrow columns.
    pub fn tiles() -> Self {
        Self { parts: Vec::new(), class: "grid-tiles" }
    }

    /// For cards: wide columns.
    pub fn cards() -> Self {
        Self { parts: Vec::new(), class: "grid-cards" }
    }

    /// A wide column and a narrow one beside it.
    pub fn main_and_side() -> Self {
        Self { parts: Vec::new(), class: "grid-side" }
    }

    /// Adds a part.
    #[expect(clippy::should_implement_trait, reason = "it puts in, it does not sum")]
    pub fn add(mut self, part: impl Into<Markup>) -> Self {
        self.parts.push(part.into());
        self
    }
}

impl fmt::Display for Grid {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "<div class=\"{}\">", self.class)?;
        for part in &self.parts {
            write!(f, "<div class=\"cell\">{part}</div>")?;
        }
        f.write_str("</div>")
    }
}

/// Facts about a thing, name beside value.
#[derive(Clone, Debug, Default)]
pub struct KeyValue {
    rows: Vec<(String, Markup)>,
}

impl KeyValue {
    /// No facts yet.
    pub fn new() -> Self {
        Self::default()
    }

    /// One fact; an empty value shows as a dash.
    pub fn row(mut self, name: impl Into<String>, value: impl Into<Markup>) -> Self {
        self.rows.push((name.into(), value.into()));
        self
    }
}

impl fmt::Display for KeyValue {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("<dl class=\"facts\">")?;
        for (name, value) in &self.rows {
            let value =
                if value.is_empty() { &Markup::raw("<span class=\"muted\">–</span>") } else { value };
            write!(f, "<div><dt>{}</dt><dd>{value}</dd></div>", Markup::text(name))?;
        }
        f.write_str("</dl>")
    }
}

/// The tabs of an object page; each is a page of its own.
#[derive(Clone, Debug)]
pub struct Tabs {
    label: String,
    tabs: Vec<(String, String, Option<u64>)>,
    current: String,
}

impl Tabs {
    /// `current` is the address of the page shown.
    pub fn new(label: impl Into<String>, current: impl Into<String>) -> Self {
        Self { label: label.into(), tabs: Vec::new(), current: current.into() }
    }

    /// Adds a tab.
    pub fn tab(mut self, href: impl Into<String>, text: impl Into<String>) -> Self {
        self.tabs.push((href.into(), text.into(), None));
        self
    }

    /// Adds a tab that tells how many things wait there.
    pub fn tab_with_count(mut self, href: impl Into<String>, text: impl Into<String>, count: u64) -> Self {
        self.tabs.push((href.into(), text.into(), Some(count)));
        self
    }
}

impl fmt::Display for Tabs {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "<nav class=\"tabs\"{}>", attribute("aria-label", &self.label))?;
        for (href, text, count) in &self.tabs {
            let current = if *href == self.current { " aria-current=\"page\"" } else { "" };
            let count =
                count.map(|count| format!(" <span class=\"count\">{count}</span>")).unwrap_or_default();
            write!(f, "<a{}{current}>{}{count}</a>", attribute("href", href), Markup::text(text))?;
        }
        f.write_str("</nav>")
    }
}

/// What happened, latest first: sentences with their times.
#[derive(Clone, Debug, Default)]
pub struct Timeline {
    items: Vec<(Tone, String, Markup, Markup)>,
}

impl Timeline {
    /// Nothing happened yet.
    pub fn new() -> Self {
        Self::default()
    }

    /// One sentence with its icon and time (a [`crate::Time`]).
    pub fn item(
        mut self,
        tone: Tone,
        icon: &str,
        sentence: impl Into<Markup>,
        time: impl Into<Markup>,
    ) -> Self {
        self.items.push((tone, icon.to_owned(), sentence.into(), time.into()));
        self
    }
}

impl fmt::Display for Timeline {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("<ol class=\"timeline\">")?;
        for (tone, icon, sentence, time) in &self.items {
            write!(
                f,
                "<li class=\"tone-{}\"><span class=\"timeline-mark\">{}</span><div class=\"timeline-text\">{sentence}</div><div class=\"timeline-time\">{time}</div></li>",
                tone.word(),
                Icon::new(icon)
            )?;
        }
        f.write_str("</ol>")
    }
}

/// A page or part with nothing in it yet: says what to do first.
#[derive(Clone, Debug)]
pub struct Empty {
    title: String,
    text: String,
    icon: Icon,
    action: Markup,
    note: Markup,
}

impl Empty {
    /// What is missing, and what to do first.
    pub fn new(title: impl Into<String>, text: impl Into<String>) -> Self {
        Self {
            title: title.into(),
            text: text.into(),
            icon: Icon::new("inbox"),
            action: Markup::default(),
            note: Markup::default(),
        }
    }

    /// Another icon.
    pub fn icon(mut self, name: &str) -> Self {
        self.icon = Icon::new(name);
        self
    }

    /// The first thing to do.
    pub fn action(mut self, action: impl Into<Markup>) -> Self {
        self.action = self.action.then(action);
        self
    }

    /// Small print.
    pub fn note(mut self, note: impl Into<Markup>) -> Self {
        self.note = note.into();
        self
    }
}

impl fmt::Display for Empty {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "<div class=\"empty\"><div class=\"empty-icon\">{}</div>", self.icon)?;
        write!(f, "<p class=\"empty-title\">{}</p>", Markup::text(&self.title))?;
        if !self.text.is_empty() {
            write!(f, "<p>{}</p>", Markup::text(&self.text))?;
        }
        if !self.action.is_empty() {
            write!(f, "<div class=\"empty-action\">{}</div>", self.action)?;
        }
        if !self.note.is_empty() {
            write!(f, "<p class=\"empty-note\">{}</p>", self.note)?;
        }
        f.write_str("</div>")
    }
}

part!(Card, Tile, Grid, KeyValue, Tabs, Timeline, Empty);
