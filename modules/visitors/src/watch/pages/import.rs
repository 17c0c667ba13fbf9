//! Many entries from a table, looked at first.

use axum::extract::State;
use axum::http::StatusCode;
use sekisho_web::parts::{Alert, Button, Card, Column, Field, FormBox, Row, Table, Tone};
use sekisho_web::{Asker, Form, FormState, Markup, Page, Reader, Result, Sheet, WebError};
use serde::Deserialize;

use super::super::import::{WatchImportRow, import_watch_list};
use super::HERE;
use crate::Visitors;

/// The form, and the rows as they were read.
pub(super) struct WatchImport {
    pub(super) state: FormState,
    pub(super) rows: Vec<WatchImportRow>,
}

/// The empty form.
pub(super) async fn show(asker: Asker) -> Result {
    Ok(asker.show(&WatchImport { state: FormState::empty(), rows: Vec::new() }))
}

#[derive(Deserialize)]
pub(super) struct Sent {
    csv: String,
    /// `import`; anything else only looks.
    act: String,
}

/// Looks at the rows, or makes entries of them.
pub(super) async fn import(asker: Asker, State(visitors): State<Visitors>, sent: Form<Sent>) -> Result {
    let by = visitors.identity.administrator(&asker.cx).await?;
    let (sent, state) = sent.split();
    let read = async {
        let sent = sent?;
        let rehearsal = sent.act != "import";
        Ok::<_, WebError>(import_watch_list(&visitors, &asker.cx, by, &sent.csv, rehearsal).await?)
    };
    match read.await {
        Ok(rows) if rows.iter().all(|row| row.entry.is_some()) => {
            Ok(asker.done("visitors-watch-imported", HERE))
        }
        Ok(rows) => Ok(asker.show(&WatchImport { state, rows })),
        Err(error) => Ok(asker.show(&WatchImport { state: state.failed(error)?, rows: Vec::new() })),
    }
}

impl WatchImport {
    fn is_wrong(&self) -> bool {
        self.state.has_errors() || self.rows.iter().any(|row| !row.wrong.is_empty())
    }
}

impl Page for WatchImport {
    fn draw(&self, reader: &Reader) -> Sheet {
        let (t, state) = (reader.texts(), &self.state);
        let mut body = Markup::default();
        if !self.rows.is_empty() {
            let (tone, text) = match self.is_wrong() {
                true => (Tone::Warn, "visitors-import-bad"),
                false => (Tone::Good, "visitors-import-good"),
            };
            let columns = ["visitors-import-line", "visitors-watch-names", "visitors-import-wrong"]
                .map(|id| Column::new(t.get(id)));
            let rows = self.rows.iter().map(|row| {
                let wrong: Vec<String> = row.wrong.iter().map(|wrong| t.get(wrong.text)).collect();
                Row::new().cell(row.line).cell(&row.names).cell(wrong.join(" "))
            });
            let table = Table::new(t.get("visitors-watch-import"), columns).rows(rows);
            body = body.then(Alert::new(tone, t.get(text))).then(Card::plain().flush().body(table));
        }
        let act = |button: Button, word: &str| button.attr("name", "act").attr("value", word);
        let form = FormBox::post(format!("{HERE}/import"), state, &t)
            .add(
                Field::lines("csv", t.get("visitors-import-csv"))
                    .hint(t.get("visitors-watch-import-hint"))
                    .attr("rows", 12)
                    .required()
                    .from(state, &t),
            )
            .button(act(Button::submit(t.get("visitors-import-look")), "look"))
            .button(act(Button::submit(t.get("visitors-watch-import-do")).primary(), "import"))
            .cancel(HERE, t.get("cancel"));
        let status = if self.is_wrong() { StatusCode::UNPROCESSABLE_ENTITY } else { StatusCode::OK };
        reader
            .sheet("visitors-watch-import")
            .crumb("/visitors", "visitors-title")
            .crumb(HERE, "visitors-watch")
            .status(status)
            .body(body.then(Card::plain().body(form)))
    }
}
