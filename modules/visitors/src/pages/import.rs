//! `/visitors/import`: many appointments from a table, looked at first.

use axum::extract::State;
use axum::http::StatusCode;
use sekisho_kernel::FieldError;
use sekisho_web::parts::{Alert, Button, Card, Column, Field, FormBox, Row, Table, Tone};
use sekisho_web::{Asker, Form, FormState, Markup, Page, Reader, Result, Sheet, Texts, WebError};
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
        let rows = self.rows.iter().map(|row| (row.line, vec![&*row.name, &*row.starts], &*row.wrong));
        let body = looked_at(&t, "visitors-import", &["visitors-guest", "visitors-starts"], rows.collect());
        let texts = ["visitors-import-hint", "visitors-import-do"];
        let form = table_form(FormBox::post(HERE, state, &t), state, &t, texts);
        let form = form.cancel("/visitors", t.get("cancel"));
        reader
            .sheet("visitors-import")
            .crumb("/visitors", "visitors-title")
            .status(self.status)
            .body(body.then(Card::plain().body(form)))
    }
}

/// What was read of a table, and whether all of it is good: line, some cells, and what is wrong, of each row.
pub(crate) fn looked_at(
    t: &Texts,
    title: &str,
    cells: &[&str],
    rows: Vec<(u64, Vec<&str>, &[FieldError])>,
) -> Markup {
    if rows.is_empty() {
        return Markup::default();
    }
    let (tone, text) = match rows.iter().all(|(_, _, wrong)| wrong.is_empty()) {
        true => (Tone::Good, "visitors-import-good"),
        false => (Tone::Warn, "visitors-import-bad"),
    };
    let ids = ["visitors-import-line"].iter().chain(cells).chain(&["visitors-import-wrong"]);
    let columns: Vec<Column> = ids.map(|id| Column::new(t.get(id))).collect();
    let rows = rows.into_iter().map(|(line, cells, wrong)| {
        let wrong: Vec<String> = wrong.iter().map(|wrong| t.get(wrong.text)).collect();
        cells.into_iter().fold(Row::new().cell(line), Row::cell).cell(wrong.join(" "))
    });
    let table = Table::new(t.get(title), columns).rows(rows);
    Markup::from(Alert::new(tone, t.get(text))).then(Card::plain().flush().body(table))
}

/// The field of a form that takes a table, and its two buttons: look, and do it.
pub(crate) fn table_form(form: FormBox, state: &FormState, t: &Texts, [hint, submit]: [&str; 2]) -> FormBox {
    let act = |button: Button, word: &str| button.attr("name", "act").attr("value", word);
    form.add(
        Field::lines("csv", t.get("visitors-import-csv"))
            .hint(t.get(hint))
            .attr("rows", 12)
            .required()
            .from(state, t),
    )
    .button(act(Button::submit(t.get("visitors-import-look")).plain(), "look"))
    .button(act(Button::submit(t.get(submit)).primary(), "import"))
}
