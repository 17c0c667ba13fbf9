//! The smallest parts: icons, badges, buttons, alerts.

use std::fmt;

use super::{attribute, part};
use crate::Markup;

/// What a colour means. Colour never stands alone: a badge has words, an alert an icon.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Default)]
pub enum Tone {
    /// Nothing special.
    #[default]
    Plain,
    /// Goes well: present, returned, active.
    Good,
    /// For information: out, under way.
    Info,
    /// Wants attention: late, expiring, battery low.
    Warn,
    /// Danger to people or loss: forced, failed, dead.
    Danger,
}

impl Tone {
    pub(crate) fn word(self) -> &'static str {
        match self {
            Self::Plain => "plain",
            Self::Good => "good",
            Self::Info => "info",
            Self::Warn => "warn",
            Self::Danger => "danger",
        }
    }

    fn icon(self) -> &'static str {
        match self {
            Self::Plain | Self::Info => "info-circle",
            Self::Good => "circle-check",
            Self::Warn => "alert-triangle",
            Self::Danger => "alert-octagon",
        }
    }
}

/// An icon of the sprite. It says nothing to a screen reader unless [`Icon::label`] gives it words.
#[derive(Clone, Debug)]
pub struct Icon {
    name: String,
    label: Option<String>,
}

impl Icon {
    /// By its name in `islands/icons.txt` (Tabler's names).
    pub fn new(name: impl Into<String>) -> Self {
        Self { name: name.into(), label: None }
    }

    /// Words for a screen reader, where the icon stands alone.
    pub fn label(mut self, label: impl Into<String>) -> Self {
        self.label = Some(label.into());
        self
    }
}

impl fmt::Display for Icon {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let says = match &self.label {
            Some(label) => format!(" role=\"img\"{}", attribute("aria-label", label)),
            None => " aria-hidden=\"true\"".to_owned(),
        };
        let sprite = crate::assets::address("icons.svg");
        write!(f, "<svg class=\"icon\"{says}><use href=\"{sprite}#{}\"/></svg>", Markup::text(&self.name))
    }
}

/// A state in one word.
#[derive(Clone, Debug)]
pub struct Badge {
    text: Markup,
    tone: Tone,
    icon: Option<Icon>,
}

impl Badge {
    /// A plain badge.
    pub fn new(text: impl Into<Markup>) -> Self {
        Self { text: text.into(), tone: Tone::Plain, icon: None }
    }

    /// Gives it a meaning.
    pub fn tone(mut self, tone: Tone) -> Self {
        self.tone = tone;
        self
    }

    /// Puts an icon before the word.
    pub fn icon(mut self, name: &str) -> Self {
        self.icon = Some(Icon::new(name));
        self
    }
}

impl fmt::Display for Badge {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(
            f,
            "<span class=\"badge tone-{}\">{}{}</span>",
            self.tone.word(),
            Markup::from(self.icon.clone()),
            self.text
        )
    }
}

/// What a button does.
#[derive(Clone, Debug)]
enum Does {
    Link(String),
    Submit,
    Post(String),
    Script,
    Dialog(String),
}

/// A button or a link that looks like one.
#[derive(Clone, Debug)]
pub struct Button {
    does: Does,
    text: String,
    look: &'static str,
    icon: Option<Icon>,
    small: bool,
    only_icon: bool,
    attributes: String,
}

impl Button {
    fn new(does: Does, text: impl Into<String>) -> Self {
        Self {
            does,
            text: text.into(),
            look: "btn-plain",
            icon: None,
            small: false,
            only_icon: false,
            attributes: String::new(),
        }
    }

    /// Leads to another page.
    pub fn link(href: impl Into<String>, text: impl Into<String>) -> Self {
        Self::new(Does::Link(href.into()), text)
    }

    /// Submits the form it stands in.
    pub fn submit(text: impl Into<String>) -> Self {
        Self::new(Does::Submit, text).primary()
    }

    /// POSTs to `action` by itself; it is a small form of its own and so may not stand in another.
    pub fn post(action: impl Into<String>, text: impl Into<String>) -> Self {
        Self::new(Does::Post(action.into()), text)
    }

    /// Does what a script of ours makes of it; hide it where scripts do not run.
    pub(crate) fn script(text: impl Into<String>) -> Self {
        Self::new(Does::Script, text)
    }

    /// Prints the page, as its style for paper says; hidden where scripts do not run.
    pub fn print(text: impl Into<String>) -> Self {
        Self::script(text).icon("printer").attr("data-print", "")
    }

    /// Opens the `<dialog>` with this id; works where scripts run, so give it a page of its own as well.
    pub fn dialog(id: impl Into<String>, text: impl Into<String>) -> Self {
        Self::new(Does::Dialog(id.into()), text)
    }

    /// The one thing to do on this page.
    pub fn primary(mut self) -> Self {
        self.look = "btn-primary";
        self
    }

    /// One of several things to do.
    pub fn plain(mut self) -> Self {
        self.look = "btn-plain";
        self
    }

    /// Something that loses or endangers.
    pub fn danger(mut self) -> Self {
        self.look = "btn-danger";
        self
    }

    /// Without a frame.
    pub fn quiet(mut self) -> Self {
        self.look = "btn-quiet";
        self
    }

    /// Puts an icon before the words.
    pub fn icon(mut self, name: &str) -> Self {
        self.icon = Some(Icon::new(name));
        self
    }

    /// Shows the icon alone; the words go to the screen reader and the hover.
    pub fn only_icon(mut self) -> Self {
        self.only_icon = true;
        self
    }

    /// For rows of tables.
    pub fn small(mut self) -> Self {
        self.small = true;
        self
    }

    /// Adds an attribute, such as `hx-get` or `name`.
    pub fn attr(mut self, name: &str, value: impl fmt::Display) -> Self {
        self.attributes.push_str(&attribute(name, value));
        self
    }
}

impl fmt::Display for Button {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let small = if self.small { " btn-small" } else { "" };
        let icon = Markup::from(self.icon.clone());
        let text = Markup::text(&self.text);
        let class = format!("btn {}{small}{}", self.look, if self.only_icon { " btn-icon" } else { "" });
        let (attributes, words) = if self.only_icon {
            (format!(" aria-label=\"{text}\" title=\"{text}\"{}", self.attributes), Markup::default())
        } else {
            (self.attributes.clone(), Markup::raw(format!("<span>{text}</span>")))
        };
        match &self.does {
            Does::Link(href) => {
                write!(f, "<a class=\"{class}\"{}{attributes}>{icon}{words}</a>", attribute("href", href))
            }
            Does::Submit => {
                write!(f, "<button class=\"{class}\" type=\"submit\"{attributes}>{icon}{words}</button>")
            }
            Does::Script => {
                write!(f, "<button class=\"{class}\" type=\"button\"{attributes}>{icon}{words}</button>")
            }
            Does::Post(action) => write!(
                f,
                "<form class=\"inline\" method=\"post\"{}><button class=\"{class}\" type=\"submit\"{attributes}>{icon}{words}</button></form>",
                attribute("action", action)
            ),
            Does::Dialog(id) => {
                write!(
                    f,
                    "<button class=\"{class}\" type=\"button\"{}{attributes}>{icon}{words}</button>",
                    attribute("data-dialog", id)
                )
            }
        }
    }
}

/// A sentence across the page that wants to be read.
#[derive(Clone, Debug)]
pub struct Alert {
    text: Markup,
    tone: Tone,
    action: Markup,
}

impl Alert {
    /// Says `text`.
    pub fn new(tone: Tone, text: impl Into<Markup>) -> Self {
        Self { text: text.into(), tone, action: Markup::default() }
    }

    /// What to do about it.
    pub fn action(mut self, action: impl Into<Markup>) -> Self {
        self.action = self.action.then(action);
        self
    }
}

impl fmt::Display for Alert {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let role = if self.tone == Tone::Danger { "alert" } else { "status" };
        write!(
            f,
            "<div class=\"alert tone-{}\" role=\"{role}\">{}<div class=\"alert-text\">{}</div>{}</div>",
            self.tone.word(),
            Icon::new(self.tone.icon()),
            self.text,
            self.action
        )
    }
}

part!(Icon, Badge, Button, Alert);
