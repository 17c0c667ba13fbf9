//! Lists as tables, which on a phone become cards.

use std::fmt;

use super::{Empty, attribute, part};
use crate::{Markup, Reader};

/// A column of a table.
#[derive(Clone, Debug)]
pub struct Column {
    name: String,
    sort: Option<(String, &'static str)>,
    numeric: bool,
    secondary: bool,
    narrow: bool,
}

impl Column {
    /// By its name.
    pub fn new(name: impl Into<String>) -> Self {
        Self { name: name.into(), sort: None, numeric: false, secondary: false, narrow: false }
    }

    /// Can be sorted by: the heading links to this page with `sort=word` (again: `sort=-word`). `now` is the order in
    /// force.
    pub fn sort(mut self, reader: &Reader, word: &str, now: &str) -> Self {
        let descending = format!("-{word}");
        let (next, state) = match now {
            _ if now == word => (descending, "ascending"),
            _ if now == descending => (word.to_owned(), "descending"),
            _ => (word.to_owned(), "none"),
        };
        self.sort = Some((with_query(&reader.here(), "sort", &next), state));
        self
    }

    /// Holds numbers: set to the right, in figures of one width.
    pub fn numeric(mut self) -> Self {
        self.numeric = true;
        self
    }

    /// Left out on narrow screens.
    pub fn secondary(mut self) -> Self {
        self.secondary = true;
        self
    }

    /// As narrow as its content: badges, buttons.
    pub fn narrow(mut self) -> Self {
        self.narrow = true;
        self
    }

    fn class(&self) -> String {
        let words = [(self.numeric, "num"), (self.secondary, "secondary"), (self.narrow, "narrow")];
        let words: Vec<&str> = words.iter().filter(|(on, _)| *on).map(|(_, word)| *word).collect();
        if words.is_empty() { String::new() } else { attribute("class", words.join(" ")) }
    }
}

/// The address `here` with one value of its query replaced.
pub(crate) fn with_query(here: &str, name: &str, value: &str) -> String {
    let (path, query) = here.split_once('?').unwrap_or((here, ""));
    let kept = query.split('&').filter(|pair| {
        !pair.is_empty() && pair.split('=').next() != Some(name) && !pair.starts_with("cursor=")
    });
    let pairs: Vec<String> =
        kept.map(str::to_owned).chain([format!("{name}={}", crate::escape_query(value))]).collect();
    format!("{path}?{}", pairs.join("&"))
}

/// One row.
#[derive(Clone, Debug, Default)]
pub struct Row {
    cells: Vec<Markup>,
    href: Option<String>,
    attributes: String,
}

impl Row {
    /// An empty row.
    pub fn new() -> Self {
        Self::default()
    }

    /// Adds a cell: a text (escaped), a badge, a time, buttons …
    pub fn cell(mut self, cell: impl Into<Markup>) -> Self {
        self.cells.push(cell.into());
        self
    }

    /// Where the row leads; its first cell becomes the link, and the whole row can be pressed.
    pub fn href(mut self, href: impl Into<String>) -> Self {
        self.href = Some(href.into());
        self
    }

    /// Adds an attribute, such as `id`.
    pub fn attr(mut self, name: &str, value: impl fmt::Display) -> Self {
        self.attributes.push_str(&attribute(name, value));
        self
    }
}

/// A table.
#[derive(Clone, Debug)]
pub struct Table {
    caption: String,
    columns: Vec<Column>,
    rows: Vec<Row>,
    empty: Option<Empty>,
    id: Option<String>,
}

impl Table {
    /// `caption` says what the rows are, for screen readers and print.
    pub fn new(caption: impl Into<String>, columns: impl IntoIterator<Item = Column>) -> Self {
        Self {
            caption: caption.into(),
            columns: columns.into_iter().collect(),
            rows: Vec::new(),
            empty: None,
            id: None,
        }
    }

    /// Adds a row.
    pub fn row(mut self, row: Row) -> Self {
        self.rows.push(row);
        self
    }

    /// Adds rows.
    pub fn rows(mut self, rows: impl IntoIterator<Item = Row>) -> Self {
        self.rows.extend(rows);
        self
    }

    /// Shown instead when there is no row: what to do first, or that nothing was found.
    pub fn empty(mut self, empty: Empty) -> Self {
        self.empty = Some(empty);
        self
    }

    /// Its id, as a target of htmx.
    pub fn id(mut self, id: impl Into<String>) -> Self {
        self.id = Some(id.into());
        self
    }
}

impl fmt::Display for Table {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let id = self.id.as_ref().map(|id| attribute("id", id)).unwrap_or_default();
        if let (true, Some(empty)) = (self.rows.is_empty(), &self.empty) {
            return write!(f, "<div class=\"table-wrap\"{id}>{empty}</div>");
        }
        write!(
            f,
            "<div class=\"table-wrap\"{id}><table class=\"table\"><caption>{}</caption><thead><tr>",
            Markup::text(&self.caption)
        )?;
        for column in &self.columns {
            let name = Markup::text(&column.name);
            match &column.sort {
                Some((href, state)) => write!(
                    f,
                    "<th scope=\"col\" aria-sort=\"{state}\"{}><a{}>{name}</a></th>",
                    column.class(),
                    attribute("href", href)
                )?,
                None => write!(f, "<th scope=\"col\"{}>{name}</th>", column.class())?,
            }
        }
        f.write_str("</tr></thead><tbody>")?;
        for row in &self.rows {
            write!(f, "<tr{}>", row.attributes)?;
            for (number, (cell, column)) in row.cells.iter().zip(&self.columns).enumerate() {
                write!(f, "<td{}{}>", column.class(), attribute("data-label", &column.name))?;
                match &row.href {
                    Some(href) if number == 0 => {
                        write!(f, "<a class=\"row-link\"{}>{cell}</a>", attribute("href", href))?
                    }
                    _ => write!(f, "{cell}")?,
                }
                f.write_str("</td>")?;
            }
            f.write_str("</tr>")?;
        }
        f.write_str("</tbody></table></div>")
    }
}

/// The way to the next rows.
#[derive(Clone, Debug)]
pub struct Pager {
    next: Option<String>,
    first: Option<String>,
    text: String,
    text_first: String,
    shown: Option<String>,
}

impl Pager {
    /// From the cursor of [`crate::JsonList`]; without one there is no next page.
    pub fn new(reader: &Reader, next_cursor: Option<&str>) -> Self {
        let here = reader.here();
        let first = reader.query.contains("cursor=").then(|| without_cursor(&here));
        let t = &reader.texts;
        Self {
            next: next_cursor.map(|cursor| with_query(&here, "cursor", cursor)),
            first,
            text: t.get("pager-next"),
            text_first: t.get("pager-first"),
            shown: None,
        }
    }

    /// How many there are in all, in words.
    pub fn shown(mut self, words: impl Into<String>) -> Self {
        self.shown = Some(words.into());
        self
    }
}

fn without_cursor(here: &str) -> String {
    let (path, query) = here.split_once('?').unwrap_or((here, ""));
    let kept: Vec<&str> =
        query.split('&').filter(|pair| !pair.is_empty() && !pair.starts_with("cursor=")).collect();
    if kept.is_empty() { path.to_owned() } else { format!("{path}?{}", kept.join("&")) }
}

impl fmt::Display for Pager {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if self.next.is_none() && self.first.is_none() && self.shown.is_none() {
            return Ok(());
        }
        f.write_str("<nav class=\"pager\">")?;
        write!(
            f,
            "<span class=\"muted\">{}</span>",
            Markup::text(self.shown.as_deref().unwrap_or_default())
        )?;
        if let Some(first) = &self.first {
            write!(f, "{}", super::Button::link(first, &self.text_first).quiet().small())?;
        }
        if let Some(next) = &self.next {
            write!(f, "{}", super::Button::link(next, &self.text).small().attr("rel", "next"))?;
        }
        f.write_str("</nav>")
    }
}

part!(Table, Pager);

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn addresses_keep_their_filters() {
        assert_eq!(with_query("/keys?q=a&sort=name&cursor=x", "sort", "-name"), "/keys?q=a&sort=-name");
        assert_eq!(with_query("/keys", "cursor", "a b"), "/keys?cursor=a%20b");
        assert_eq!(without_cursor("/keys?cursor=x&q=a"), "/keys?q=a");
        assert_eq!(without_cursor("/keys?cursor=x"), "/keys");
    }

    #[test]
    fn cells_are_escaped_and_the_first_leads_on() {
        let table = Table::new("Keys", [Column::new("Name"), Column::new("Out").numeric()])
            .row(Row::new().cell("<b>").cell(3_i64).href("/keys/1"))
            .to_string();
        assert!(table.contains("<a class=\"row-link\" href=\"/keys/1\">&#60;b&#62;</a>"), "{table}");
        assert!(table.contains("<td class=\"num\" data-label=\"Out\">3</td>"), "{table}");
    }
}
