//! `/visitors/import`: many appointments from a table, looked at first.

use axum::extract::State;
use axum::http::StatusCode;
use sekisho_web::parts::{Alert, Button, Card, Column, Field, FormBox, Row, Table, Tone};
use sekisho_web::{Asker, Form, FormState, Markup, Page, Reader, Result, Sheet, WebError};
use serde::Deserialize;

use crate::Visitors;
use crate::import_appointments::{ImportedRow, import_appointments};

const HERE: &str = "/visitors/import";

/// The empty form.
pub(super) async fn show(asker: Asker) -> Result {
    Ok(asker.show(&ImportPage { state: FormState::empty(), rows: Vec::new(), status: StatusCode::OK }))
}

#[derive(Deserialize)]
pub(super) struct Sent {
    csv: String,
    /// `import`; anything else only looks.
    act: String,
}

/// Looks at the rows, or makes appointments of them.
pub(super) async fn import(asker: Asker, State(visitors): State<Visitors>, sent: Form<Sent>) -> Result {
    let (sent, state) = sent.split();
    let done = match sent {
        Ok(sent) => import_appointments(&visitors, &asker.cx, &sent.csv, sent.act != "import")
            .await
            .map_err(WebError::from),
        Err(error) => Err(error),
    };
    match done {
        Ok(rows) if rows.iter().all(|row| row.appointment.is_some()) => {
            Ok(asker.done("visitors-imported", "/visitors"))
        }
        Ok(rows) => {
            let wrong = rows.iter().any(|row| !row.wrong.is_empty());
            let status = if wrong { StatusCode::UNPROCESSABLE_ENTITY } else { StatusCode::OK };
            Ok(asker.show(&ImportPage { state, rows, status }))
        }
        Err(error) => {
            let state = state.failed(error)?;
            let status = StatusCode::UNPROCESSABLE_ENTITY;
            Ok(asker.show(&ImportPage { state, rows: Vec::new(), status }))
        }
    }
}

/// The form, and the rows as they were read.
pub(super) struct ImportPage {
    pub(super) state: FormState,
    pub(super) rows: Vec<ImportedRow>,
    pub(super) status: StatusCode,
}

impl Page for ImportPage {
    fn draw(&self, reader: &Reader) -> Sheet {
        let (t, state) = (reader.texts(), &self.state);
        let good = !self.rows.is_empty() && self.rows.iter().all(|row| row.wrong.is_empty());
        let mut body = Markup::default();
        if good {
            body = body.then(Alert::new(Tone::Good, t.get("visitors-import-good")));
        } else if !self.rows.is_empty() {
            body = body.then(Alert::new(Tone::Warn, t.get("visitors-import-bad")));
        }
        if !self.rows.is_empty() {
            let columns =
                ["visitors-import-line", "visitors-guest", "visitors-starts", "visitors-import-wrong"]
                    .map(|id| Column::new(t.get(id)));
            let rows = self.rows.iter().map(|row| {
                let wrong: Vec<String> = row.wrong.iter().map(|wrong| t.get(wrong.text)).collect();
                Row::new().cell(row.line).cell(&row.name).cell(&row.starts).cell(wrong.join(" "))
            });
            body = body
                .then(Card::plain().flush().body(Table::new(t.get("visitors-import"), columns).rows(rows)));
        }
        let form = FormBox::post(HERE, state, &t)
            .add(
                Field::lines("csv", t.get("visitors-import-csv"))
                    .hint(t.get("visitors-import-hint"))
                    .attr("rows", 12)
                    .required()
                    .from(state, &t),
            )
            .button(Button::submit(t.get("visitors-import-look")).attr("name", "act").attr("value", "look"))
            .button(
                Button::submit(t.get("visitors-import-do"))
                    .primary()
                    .attr("name", "act")
                    .attr("value", "import"),
            )
            .cancel("/visitors", t.get("cancel"));
        reader
            .sheet("visitors-import")
            .crumb("/visitors", "visitors-title")
            .status(self.status)
            .body(body.then(Card::plain().body(form)))
    }
}
