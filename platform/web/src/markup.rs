//! Text that is already safe HTML.

use std::fmt;

use askama::Template;
use askama::filters::HtmlSafe;

/// A piece of safe HTML. Templates print it as it is: `{{ part }}`.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Markup(String);

impl Markup {
    /// Escapes `text`.
    pub fn text(text: impl fmt::Display) -> Self {
        let text = text.to_string();
        let mut html = String::with_capacity(text.len());
        for letter in text.chars() {
            match letter {
                '<' => html.push_str("&#60;"),
                '>' => html.push_str("&#62;"),
                '&' => html.push_str("&#38;"),
                '"' => html.push_str("&#34;"),
                '\'' => html.push_str("&#39;"),
                other => html.push(other),
            }
        }
        Self(html)
    }

    /// Takes `html` as it is. The caller vouches that nothing in it came from outside unescaped.
    pub fn raw(html: impl Into<String>) -> Self {
        Self(html.into())
    }

    /// Renders a template; a template that fails shows nothing and is logged.
    pub fn of(template: &impl Template) -> Self {
        Self(template.render().unwrap_or_else(|error| {
            tracing::error!(%error, "template failed");
            String::new()
        }))
    }

    /// Whether there is nothing in it.
    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    /// The HTML.
    pub fn as_str(&self) -> &str {
        &self.0
    }

    /// The HTML, taken out.
    pub fn into_string(self) -> String {
        self.0
    }

    /// Puts `other` behind it.
    pub fn then(mut self, other: impl Into<Self>) -> Self {
        self.0.push_str(&other.into().0);
        self
    }
}

impl HtmlSafe for Markup {}

impl fmt::Display for Markup {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

macro_rules! escaped {
    ($($type:ty),*) => { $(impl From<$type> for Markup {
        fn from(text: $type) -> Self {
            Self::text(text)
        }
    })* };
}
escaped!(&str, String, &String, i32, i64, u32, u64, usize);

impl From<&Markup> for Markup {
    fn from(markup: &Markup) -> Self {
        markup.clone()
    }
}

impl<T: Into<Markup>> From<Option<T>> for Markup {
    fn from(markup: Option<T>) -> Self {
        markup.map(Into::into).unwrap_or_default()
    }
}

impl<T: Into<Markup>> From<Vec<T>> for Markup {
    fn from(markups: Vec<T>) -> Self {
        markups.into_iter().fold(Self::default(), |all, next| all.then(next))
    }
}
