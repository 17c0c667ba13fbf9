//! One field of a form: label, input, hint and error, wired together.

use std::fmt;

use super::{Icon, attribute, part};
use crate::{FormState, Markup, Texts};

#[derive(Clone, Copy, PartialEq, Eq, Debug)]
enum Kind {
    Input(&'static str),
    TextArea,
    Select,
    Checkbox,
    Switch,
    Radio,
    Checkboxes,
}

/// A field of a form. [`Field::from`] gives it what was typed and what is wrong.
#[derive(Clone, Debug)]
pub struct Field {
    kind: Kind,
    name: String,
    label: String,
    values: Vec<String>,
    error: Option<String>,
    hint: Option<Markup>,
    options: Vec<(String, String)>,
    required: bool,
    optional_mark: Option<String>,
    attributes: String,
    short: bool,
}

impl Field {
    fn new(kind: Kind, name: impl Into<String>, label: impl Into<String>) -> Self {
        Self {
            kind,
            name: name.into(),
            label: label.into(),
            values: Vec::new(),
            error: None,
            hint: None,
            options: Vec::new(),
            required: false,
            optional_mark: None,
            attributes: String::new(),
            short: false,
        }
    }

    /// One line of text.
    pub fn text(name: impl Into<String>, label: impl Into<String>) -> Self {
        Self::new(Kind::Input("text"), name, label)
    }

    /// A mail address.
    pub fn email(name: impl Into<String>, label: impl Into<String>) -> Self {
        Self::new(Kind::Input("email"), name, label)
            .attr("autocapitalize", "none")
            .attr("spellcheck", "false")
    }

    /// A password; say with [`Field::autocomplete`] whether it is `current-password` or `new-password`. Its value is never
    /// sent back.
    pub fn password(name: impl Into<String>, label: impl Into<String>) -> Self {
        Self::new(Kind::Input("password"), name, label)
    }

    /// A number.
    pub fn number(name: impl Into<String>, label: impl Into<String>) -> Self {
        Self::new(Kind::Input("number"), name, label).attr("inputmode", "numeric").short()
    }

    /// A code of digits that was sent or shown: large, with the number pad, filled in by the phone.
    pub fn code(name: impl Into<String>, label: impl Into<String>) -> Self {
        Self::new(Kind::Input("text"), name, label)
            .attr("inputmode", "numeric")
            .attr("autocomplete", "one-time-code")
            .attr("class", "code")
            .short()
    }

    /// A day.
    pub fn date(name: impl Into<String>, label: impl Into<String>) -> Self {
        Self::new(Kind::Input("date"), name, label).short()
    }

    /// A time of day.
    pub fn time(name: impl Into<String>, label: impl Into<String>) -> Self {
        Self::new(Kind::Input("time"), name, label).short()
    }

    /// A day and a time; see [`crate::from_local`] and [`crate::to_local`].
    pub fn date_time(name: impl Into<String>, label: impl Into<String>) -> Self {
        Self::new(Kind::Input("datetime-local"), name, label).short()
    }

    /// A telephone number.
    pub fn phone(name: impl Into<String>, label: impl Into<String>) -> Self {
        Self::new(Kind::Input("tel"), name, label)
    }

    /// An address of a page.
    pub fn url(name: impl Into<String>, label: impl Into<String>) -> Self {
        Self::new(Kind::Input("url"), name, label).attr("spellcheck", "false")
    }

    /// A file; the form must be [`super::FormBox::with_files`].
    pub fn file(name: impl Into<String>, label: impl Into<String>) -> Self {
        Self::new(Kind::Input("file"), name, label)
    }

    /// A search word.
    pub fn search(name: impl Into<String>, label: impl Into<String>) -> Self {
        Self::new(Kind::Input("search"), name, label)
    }

    /// Lines of text.
    pub fn lines(name: impl Into<String>, label: impl Into<String>) -> Self {
        Self::new(Kind::TextArea, name, label)
    }

    /// One of several, in a list to open.
    pub fn select(name: impl Into<String>, label: impl Into<String>) -> Self {
        Self::new(Kind::Select, name, label)
    }

    /// One of a few, all in sight.
    pub fn radio(name: impl Into<String>, label: impl Into<String>) -> Self {
        Self::new(Kind::Radio, name, label)
    }

    /// Any of a few, all in sight; fills a `Vec`.
    pub fn checkboxes(name: impl Into<String>, label: impl Into<String>) -> Self {
        Self::new(Kind::Checkboxes, name, label)
    }

    /// Yes or no, as part of what is submitted.
    pub fn checkbox(name: impl Into<String>, label: impl Into<String>) -> Self {
        Self::new(Kind::Checkbox, name, label)
    }

    /// On or off, for settings.
    pub fn switch(name: impl Into<String>, label: impl Into<String>) -> Self {
        Self::new(Kind::Switch, name, label)
    }

    /// A value nobody sees.
    pub fn hidden(name: impl Into<String>, value: impl fmt::Display) -> Self {
        Self::new(Kind::Input("hidden"), name, String::new()).value(value)
    }

    /// Takes what was typed and what is wrong with it from the form's state.
    pub fn from(mut self, state: &FormState, t: &Texts) -> Self {
        let typed = state.values(&self.name);
        if !typed.is_empty() {
            self.values = typed.into_iter().map(str::to_owned).collect();
        }
        self.error = state.error(&self.name, t);
        self
    }

    /// The value it begins with.
    pub fn value(mut self, value: impl fmt::Display) -> Self {
        self.values = vec![value.to_string()];
        self
    }

    /// Whether a checkbox or switch begins ticked.
    pub fn checked(mut self, checked: bool) -> Self {
        self.values = if checked { vec!["on".to_owned()] } else { Vec::new() };
        self
    }

    /// The choices: value and words.
    pub fn options<V: Into<String>, W: Into<String>>(
        mut self,
        options: impl IntoIterator<Item = (V, W)>,
    ) -> Self {
        self.options.extend(options.into_iter().map(|(value, words)| (value.into(), words.into())));
        self
    }

    /// Must not be left empty.
    pub fn required(mut self) -> Self {
        self.required = true;
        self
    }

    /// Marks the label with a word like "optional".
    pub fn optional(mut self, word: impl Into<String>) -> Self {
        self.optional_mark = Some(word.into());
        self
    }

    /// A sentence below that helps.
    pub fn hint(mut self, hint: impl Into<Markup>) -> Self {
        self.hint = Some(hint.into());
        self
    }

    /// An error of one's own making.
    pub fn error(mut self, error: impl Into<String>) -> Self {
        self.error = Some(error.into());
        self
    }

    /// What a browser or password store may fill in (`username`, `current-password`, `email` …).
    pub fn autocomplete(self, what: &str) -> Self {
        self.attr("autocomplete", what)
    }

    /// An example, shown while empty. Never the only hint.
    pub fn placeholder(self, example: impl fmt::Display) -> Self {
        self.attr("placeholder", example)
    }

    /// As wide as a few words.
    pub fn short(mut self) -> Self {
        self.short = true;
        self
    }

    /// Adds an attribute to the input: `min`, `max`, `maxlength`, `pattern`, `hx-get` …
    pub fn attr(mut self, name: &str, value: impl fmt::Display) -> Self {
        self.attributes.push_str(&attribute(name, value));
        self
    }

    fn first(&self) -> &str {
        self.values.first().map_or("", String::as_str)
    }

    fn has(&self, value: &str) -> bool {
        self.values.iter().any(|have| have == value)
    }

    fn id(&self) -> String {
        format!("f-{}", self.name.replace(|letter: char| !letter.is_ascii_alphanumeric(), "-"))
    }

    /// Attributes every input has: name, ids of hint and error, required.
    fn wiring(&self) -> String {
        let id = self.id();
        let mut described = Vec::new();
        if self.hint.is_some() {
            described.push(format!("{id}-hint"));
        }
        if self.error.is_some() {
            described.push(format!("{id}-error"));
        }
        let mut wiring = attribute("name", &self.name);
        if !described.is_empty() {
            wiring.push_str(&attribute("aria-describedby", described.join(" ")));
        }
        if self.error.is_some() {
            wiring.push_str(" aria-invalid=\"true\"");
        }
        if self.required && self.kind != Kind::Checkboxes {
            wiring.push_str(" required");
        }
        wiring + &self.attributes
    }

    fn write_choices(&self, f: &mut fmt::Formatter<'_>, input: &str) -> fmt::Result {
        let described = if self.error.is_some() {
            attribute("aria-describedby", format!("{}-error", self.id()))
        } else {
            String::new()
        };
        write!(
            f,
            "<fieldset class=\"field\"{described}><legend>{}{}</legend>",
            Markup::text(&self.label),
            self.mark()
        )?;
        for (number, (value, words)) in self.options.iter().enumerate() {
            let id = format!("{}-{number}", self.id());
            let checked = if self.has(value) { " checked" } else { "" };
            let required = if self.required && input == "radio" { " required" } else { "" };
            write!(
                f,
                "<div class=\"choice\"><input type=\"{input}\" id=\"{id}\"{}{}{checked}{required}{}><label for=\"{id}\">{}</label></div>",
                attribute("name", &self.name),
                attribute("value", value),
                self.attributes,
                Markup::text(words)
            )?;
        }
        self.write_below(f)?;
        f.write_str("</fieldset>")
    }

    fn mark(&self) -> Markup {
        match &self.optional_mark {
            Some(word) => Markup::raw(format!(" <span class=\"optional\">{}</span>", Markup::text(word))),
            None => Markup::default(),
        }
    }

    fn write_below(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let id = self.id();
        if let Some(hint) = &self.hint {
            write!(f, "<p class=\"hint\" id=\"{id}-hint\">{hint}</p>")?;
        }
        if let Some(error) = &self.error {
            write!(
                f,
                "<p class=\"wrong\" id=\"{id}-error\">{}{}</p>",
                Icon::new("alert-circle"),
                Markup::text(error)
            )?;
        }
        Ok(())
    }
}

impl fmt::Display for Field {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let id = self.id();
        let wiring = self.wiring();
        let label = Markup::text(&self.label);
        let short = if self.short { " field-short" } else { "" };
        match self.kind {
            Kind::Radio => return self.write_choices(f, "radio"),
            Kind::Checkboxes => return self.write_choices(f, "checkbox"),
            Kind::Input("hidden") => {
                return write!(f, "<input type=\"hidden\"{wiring}{}>", attribute("value", self.first()));
            }
            Kind::Checkbox | Kind::Switch => {
                let on = !matches!(self.first(), "" | "0" | "false" | "off");
                let checked = if on { " checked" } else { "" };
                let switch = if self.kind == Kind::Switch { " class=\"switch\" role=\"switch\"" } else { "" };
                write!(
                    f,
                    "<div class=\"field\"><div class=\"choice\"><input type=\"checkbox\" id=\"{id}\"{switch}{wiring}{checked}><label for=\"{id}\">{label}</label></div>"
                )?;
                self.write_below(f)?;
                return f.write_str("</div>");
            }
            _ => {}
        }
        write!(f, "<div class=\"field{short}\"><label for=\"{id}\">{label}{}</label>", self.mark())?;
        match self.kind {
            Kind::TextArea => {
                let rows = if self.attributes.contains(" rows=") { "" } else { " rows=\"4\"" };
                // A line break right behind the tag would be swallowed.
                write!(f, "<textarea id=\"{id}\"{wiring}{rows}>\n{}</textarea>", Markup::text(self.first()))?;
            }
            Kind::Select => {
                write!(f, "<select id=\"{id}\"{wiring}>")?;
                for (value, words) in &self.options {
                    let selected = if self.has(value) { " selected" } else { "" };
                    write!(
                        f,
                        "<option{}{selected}>{}</option>",
                        attribute("value", value),
                        Markup::text(words)
                    )?;
                }
                f.write_str("</select>")?;
            }
            Kind::Input(kind) => {
                let value = match kind {
                    "password" | "file" => String::new(),
                    _ => attribute("value", self.first()),
                };
                write!(f, "<input type=\"{kind}\" id=\"{id}\"{wiring}{value}>")?;
            }
            _ => {}
        }
        self.write_below(f)?;
        f.write_str("</div>")
    }
}

part!(Field);
