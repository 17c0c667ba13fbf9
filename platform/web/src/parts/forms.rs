//! Parts that ask: whole forms, the question before a dangerous act, the filters of a list.

use std::fmt;

use super::{Alert, Button, Field, Tone, attribute, part};
use crate::{FormState, Markup, Texts};

/// A form that POSTs, with its fields and buttons.
#[derive(Clone, Debug)]
pub struct FormBox {
    action: String,
    method: &'static str,
    body: Markup,
    buttons: Markup,
    alert: Markup,
    files: bool,
    attributes: String,
}

impl FormBox {
    /// POSTs to `action`. What is wrong with the form as a whole stands above its fields.
    pub fn post(action: impl Into<String>, state: &FormState, t: &Texts) -> Self {
        let alert = match state.error("", t) {
            Some(error) => Alert::new(Tone::Warn, error).into(),
            None => Markup::default(),
        };
        Self {
            action: action.into(),
            method: "post",
            body: Markup::default(),
            buttons: Markup::default(),
            alert,
            files: false,
            attributes: String::new(),
        }
    }

    /// Adds a field or anything else.
    #[expect(clippy::should_implement_trait, reason = "it puts in, it does not sum")]
    pub fn add(mut self, part: impl Into<Markup>) -> Self {
        self.body = self.body.then(part);
        self
    }

    /// Adds fields side by side where there is room.
    pub fn beside(mut self, parts: impl IntoIterator<Item = Field>) -> Self {
        let row: Vec<Field> = parts.into_iter().collect();
        self.body =
            self.body.then(Markup::raw("<div class=\"field-row\">")).then(row).then(Markup::raw("</div>"));
        self
    }

    /// A heading between fields.
    pub fn heading(mut self, text: impl Into<String>) -> Self {
        self.body = self.body.then(Markup::raw(format!("<h3>{}</h3>", Markup::text(text.into()))));
        self
    }

    /// The button that submits.
    pub fn submit(self, text: impl Into<String>) -> Self {
        self.button(Button::submit(text))
    }

    /// The way back.
    pub fn cancel(self, href: impl Into<String>, text: impl Into<String>) -> Self {
        self.button(Button::link(href, text).quiet())
    }

    /// Any other button.
    pub fn button(mut self, button: Button) -> Self {
        self.buttons = self.buttons.then(button);
        self
    }

    /// Files can be sent along (multipart).
    pub fn with_files(mut self) -> Self {
        self.files = true;
        self
    }

    /// Adds an attribute, such as `hx-post`.
    pub fn attr(mut self, name: &str, value: impl fmt::Display) -> Self {
        self.attributes.push_str(&attribute(name, value));
        self
    }
}

impl fmt::Display for FormBox {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let files = if self.files { " enctype=\"multipart/form-data\"" } else { "" };
        write!(
            f,
            "<form class=\"form\" method=\"{}\"{}{files}{}>{}{}",
            self.method,
            attribute("action", &self.action),
            self.attributes,
            self.alert,
            self.body
        )?;
        if !self.buttons.is_empty() {
            write!(f, "<div class=\"form-buttons\">{}</div>", self.buttons)?;
        }
        f.write_str("</form>")
    }
}

/// A dangerous act: the first press opens the question in place, which says what will happen; the second does it. Works
/// without scripts.
#[derive(Clone, Debug)]
pub struct Confirm {
    action: String,
    button: String,
    question: Markup,
    do_it: String,
    fields: Markup,
    icon: Option<String>,
    small: bool,
}

impl Confirm {
    /// `button` opens the question; `do_it` POSTs to `action`. `question` names what will happen.
    pub fn new(
        action: impl Into<String>,
        button: impl Into<String>,
        question: impl Into<Markup>,
        do_it: impl Into<String>,
    ) -> Self {
        Self {
            action: action.into(),
            button: button.into(),
            question: question.into(),
            do_it: do_it.into(),
            fields: Markup::default(),
            icon: None,
            small: false,
        }
    }

    /// Asks for something more, such as a reason.
    pub fn field(mut self, field: Field) -> Self {
        self.fields = self.fields.then(field);
        self
    }

    /// An icon on the first button.
    pub fn icon(mut self, name: &str) -> Self {
        self.icon = Some(name.to_owned());
        self
    }

    /// For rows of tables.
    pub fn small(mut self) -> Self {
        self.small = true;
        self
    }
}

impl fmt::Display for Confirm {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let small = if self.small { " btn-small" } else { "" };
        let icon = Markup::from(self.icon.as_deref().map(super::Icon::new));
        write!(
            f,
            "<details class=\"confirm\"><summary class=\"btn btn-plain{small}\">{icon}<span>{}</span></summary><form class=\"confirm-box\" method=\"post\"{}><div class=\"confirm-question\">{}</div>{}{}</form></details>",
            Markup::text(&self.button),
            attribute("action", &self.action),
            self.question,
            self.fields,
            Button::submit(&self.do_it).danger()
        )
    }
}

/// The search and filters above a list; they live in the address.
#[derive(Clone, Debug)]
pub struct Filters {
    action: String,
    fields: Markup,
    more: Markup,
    button: String,
    attributes: String,
}

impl Filters {
    /// GETs `action`; `button` is the word on the button.
    pub fn new(action: impl Into<String>, button: impl Into<String>) -> Self {
        Self {
            action: action.into(),
            fields: Markup::default(),
            more: Markup::default(),
            button: button.into(),
            attributes: String::new(),
        }
    }

    /// The search field `q`.
    pub fn search(mut self, label: impl Into<String>, typed: &str) -> Self {
        let label: String = label.into();
        let field =
            Field::search("q", label.clone()).placeholder(label).value(typed).attr("class", "filter-search");
        self.fields = self.fields.then(field);
        self
    }

    /// A choice; put an empty value first for "all".
    pub fn field(mut self, field: Field) -> Self {
        self.fields = self.fields.then(field);
        self
    }

    /// At the right: usually the CSV link.
    pub fn more(mut self, part: impl Into<Markup>) -> Self {
        self.more = self.more.then(part);
        self
    }

    /// Adds an attribute, such as `hx-get` with `hx-trigger="input changed delay:300ms"`.
    pub fn attr(mut self, name: &str, value: impl fmt::Display) -> Self {
        self.attributes.push_str(&attribute(name, value));
        self
    }
}

impl fmt::Display for Filters {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(
            f,
            "<form class=\"filters\" method=\"get\"{}{}>{}{}<div class=\"filters-more\">{}</div></form>",
            attribute("action", &self.action),
            self.attributes,
            self.fields,
            Button::submit(&self.button).plain().icon("search"),
            self.more
        )
    }
}

part!(FormBox, Confirm, Filters);
