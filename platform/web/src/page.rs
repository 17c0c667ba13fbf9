//! A page as plain content: loaded first, drawn afterwards for whoever reads it, by the same code for a real request and
//! for a sample.

use std::fmt::Display;

use sekisho_kernel::Timestamp;

use crate::Texts;
use crate::times::Time;
use crate::view::{Sheet, View};

/// What a page shows, loaded and complete: drawing it asks nobody.
pub trait Page {
    /// The page for one reader.
    fn draw(&self, reader: &Reader) -> Sheet;
}

/// Who reads a page: language, time and address. Nothing that reaches the store.
#[derive(Clone)]
pub struct Reader {
    pub(crate) texts: Texts,
    pub(crate) now: Timestamp,
    pub(crate) zone: String,
    pub(crate) path: String,
    pub(crate) query: String,
}

impl Reader {
    /// The texts in the reader's language.
    pub fn texts(&self) -> Texts {
        self.texts.clone()
    }

    /// When the page is read.
    pub fn now(&self) -> Timestamp {
        self.now
    }

    /// The tenant's own time zone (IANA), for times that belong to no site.
    pub fn zone(&self) -> &str {
        &self.zone
    }

    /// A time as the reader sees it in `zone` (IANA), with UTC on hover; put it into a template as it is.
    pub fn time(&self, at: Timestamp, zone: &str) -> Time {
        Time::new(at, zone, self.now, self.texts())
    }

    /// The path of the page.
    pub fn path(&self) -> &str {
        &self.path
    }

    /// Path and query of the page.
    pub fn here(&self) -> String {
        match self.query.as_str() {
            "" => self.path.clone(),
            query => format!("{}?{query}", self.path),
        }
    }

    /// A page: `title` is the id of its text.
    pub fn sheet(&self, title: &str) -> Sheet {
        View::new((), self.texts(), self.texts.get(title))
    }

    /// The same for a page named after a thing.
    pub fn sheet_of(&self, name: impl Display) -> Sheet {
        View::new((), self.texts(), name.to_string())
    }
}
