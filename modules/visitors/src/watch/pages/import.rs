//! Many entries from a table, looked at first.

use axum::extract::State;
use axum::http::StatusCode;
use sekisho_web::parts::{Card, FormBox};
use sekisho_web::{Asker, Form, FormState, Page, Reader, Result, Sheet, WebError};
use serde::Deserialize;

use super::super::import::{WatchImportRow, import_watch_list};
use super::HERE;
use crate::Visitors;
use crate::pages::import::{looked_at, table_form};

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
        let rows = self.rows.iter().map(|row| (row.line, vec![&*row.names], &*row.wrong));
        let body = looked_at(&t, "visitors-watch-import", &["visitors-watch-names"], rows.collect());
        let form = FormBox::post(format!("{HERE}/import"), state, &t);
        let form = table_form(form, state, &t, ["visitors-watch-import-hint", "visitors-watch-import-do"]);
        let form = form.cancel(HERE, t.get("cancel"));
        let status = if self.is_wrong() { StatusCode::UNPROCESSABLE_ENTITY } else { StatusCode::OK };
        reader
            .sheet("visitors-watch-import")
            .crumb("/visitors", "visitors-title")
            .crumb(HERE, "visitors-watch")
            .status(status)
            .body(body.then(Card::plain().body(form)))
    }
}
