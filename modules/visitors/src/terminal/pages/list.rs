//! The terminals: which there are, whether they are heard of, and how a tablet becomes one.

use axum::extract::{Path, State};
use axum::http::StatusCode;
use sekisho_places::Site;
use sekisho_web::parts::{
    Alert, Badge, Button, Card, Column, Confirm, Empty, Field, Filters, FormBox, Grid, Row, Table, Tone,
};
use sekisho_web::{Asker, Form, FormState, Markup, Page, Query, Reader, Result, Sheet, Texts, arg, csv};

use super::super::enrol::{TerminalCode, TerminalForm, add_terminal, new_terminal_code, revoke_terminal};
use super::super::reads::{self, TerminalFilter, TerminalRow, TerminalState};
use crate::Visitors;
use crate::ids::TerminalId;

const HERE: &str = "/visitors/terminals";

/// The list, the form for another, and a code that was just made.
pub(super) struct TerminalList {
    pub(super) rows: Vec<TerminalRow>,
    pub(super) filter: TerminalFilter,
    pub(super) sites: Vec<Site>,
    pub(super) state: FormState,
    pub(super) code: Option<TerminalCode>,
    pub(super) status: StatusCode,
}

fn badge(t: &Texts, state: TerminalState) -> Badge {
    let (tone, icon) = match state {
        TerminalState::Waiting => (Tone::Plain, "hourglass"),
        TerminalState::Working => (Tone::Good, "circle-check"),
        TerminalState::Silent => (Tone::Warn, "cloud-off"),
    };
    Badge::new(t.get(&format!("visitors-terminal-{}", state.word()))).tone(tone).icon(icon)
}

impl Page for TerminalList {
    fn draw(&self, reader: &Reader) -> Sheet {
        let t = reader.texts();
        let columns = [
            Column::new(t.get("visitors-terminal-name")),
            Column::new(t.get("visitors-terminal-site")),
            Column::new(t.get("visitors-terminal-state")).narrow(),
            Column::new(t.get("visitors-terminal-seen")).secondary(),
            Column::new("").narrow(),
        ];
        let rows = self.rows.iter().map(|row| {
            let seen = row.seen_at.map(|at| Markup::from(reader.time(at, &row.zone).relative()));
            Row::new()
                .cell(&row.name)
                .cell(&row.site_name)
                .cell(badge(&t, row.state))
                .cell(seen.unwrap_or_default())
                .cell(acts(&t, row))
        });
        let states = TerminalState::ALL
            .map(|state| (state.word(), t.get(&format!("visitors-terminal-{}", state.word()))));
        let any = [("", t.get("visitors-terminal-any"))];
        let filters = Filters::new(HERE, t.get("search"))
            .search(t.get("search"), &self.filter.q)
            .field(
                Field::select("state", t.get("visitors-terminal-state"))
                    .options(any.into_iter().chain(states))
                    .value(&self.filter.state),
            )
            .more(Button::link(format!("{HERE}.csv"), "CSV").quiet());
        let table = Table::new(t.get("visitors-terminals"), columns).rows(rows).empty(
            Empty::new(t.get("visitors-terminals-none"), t.get("visitors-terminals-none-do"))
                .icon("device-tablet"),
        );
        let sites = self.sites.iter().map(|site| (site.id.to_string(), site.name.clone()));
        let form = FormBox::post(HERE, &self.state, &t)
            .add(
                Field::text("name", t.get("visitors-terminal-name"))
                    .from(&self.state, &t)
                    .required()
                    .hint(t.get("visitors-terminal-name-hint"))
                    .attr("maxlength", 100),
            )
            .add(
                Field::select("site", t.get("visitors-terminal-site"))
                    .options(sites)
                    .from(&self.state, &t)
                    .required(),
            )
            .submit(t.get("visitors-terminal-add"));
        let list = Markup::from(filters).then(Card::plain().flush().body(table));
        let side = Card::new(t.get("visitors-terminal-new")).body(form);
        let look = Button::link("/settings/visitors/terminal", t.get("visitors-terminal-look")).icon("tool");
        reader
            .sheet("visitors-terminals")
            .crumb("/settings", "settings-title")
            .status(self.status)
            .action(look)
            .action(Button::link("/visitors/deliveries", t.get("visitors-deliveries")).icon("box"))
            .body(
                Markup::default()
                    .then(self.code.as_ref().map(|code| shown(reader, &t, code)))
                    .then(Grid::main_and_side().add(list).add(side)),
            )
    }
}

/// The code, with what to do with it.
fn shown(reader: &Reader, t: &Texts, code: &TerminalCode) -> Markup {
    let until = reader.time(code.until, reader.zone()).clock().words();
    let body = Markup::text(t.get("visitors-terminal-code-do"))
        .then(Markup::raw(format!("<p class=\"code-large\">{}</p>", Markup::text(&code.code))))
        .then(Markup::text(t.with("visitors-terminal-code-until", [("time", arg(until))])));
    Alert::new(Tone::Info, body).into()
}

fn acts(t: &Texts, row: &TerminalRow) -> Markup {
    let code = Button::post(format!("{HERE}/{}/code", row.id), t.get("visitors-terminal-new-code")).small();
    let revoke = Confirm::new(
        format!("{HERE}/{}/revoke", row.id),
        t.get("visitors-terminal-revoke"),
        t.with("visitors-terminal-revoke-question", [("name", row.name.as_str())]),
        t.get("visitors-terminal-revoke"),
    )
    .small();
    Markup::from(code).then(revoke)
}

async fn drawn(
    asker: &Asker,
    visitors: &Visitors,
    filter: TerminalFilter,
    state: FormState,
    code: Option<TerminalCode>,
) -> Result {
    let rows = reads::terminals(visitors, &asker.cx, &filter).await?;
    let scope = visitors.store.read(asker.cx.tenant).await?;
    let sites = sekisho_places::sites(&scope).await?;
    let status = if state.has_errors() { StatusCode::UNPROCESSABLE_ENTITY } else { StatusCode::OK };
    Ok(asker.show(&TerminalList { rows, filter, sites, state, code, status }))
}

/// The list.
pub(super) async fn show(
    asker: Asker,
    State(visitors): State<Visitors>,
    Query(filter): Query<TerminalFilter>,
) -> Result {
    drawn(&asker, &visitors, filter, FormState::empty(), None).await
}

/// The list as CSV.
pub(super) async fn download(
    asker: Asker,
    State(visitors): State<Visitors>,
    Query(filter): Query<TerminalFilter>,
) -> Result {
    let rows = reads::terminals(&visitors, &asker.cx, &filter).await?;
    let t = asker.texts();
    let header = ["name", "site", "state", "seen"].map(|id| t.get(&format!("visitors-terminal-{id}")));
    let rows = rows.into_iter().map(|row| {
        let state = t.get(&format!("visitors-terminal-{}", row.state.word()));
        [row.name, row.site_name, state, row.seen_at.map(|at| at.rfc3339()).unwrap_or_default()]
    });
    Ok(csv(&asker, "terminals.csv", &header, rows))
}

/// Sets a terminal up and shows its code.
pub(super) async fn add(asker: Asker, State(visitors): State<Visitors>, sent: Form<TerminalForm>) -> Result {
    let by = visitors.identity.administrator(&asker.cx).await?;
    let (form, state) = sent.split();
    let added = async { Ok(add_terminal(&visitors, &asker.cx, by, &form?).await?) };
    match added.await {
        Ok(code) => drawn(&asker, &visitors, TerminalFilter::default(), FormState::empty(), Some(code)).await,
        Err(error) => drawn(&asker, &visitors, TerminalFilter::default(), state.failed(error)?, None).await,
    }
}

/// Makes another code and shows it.
pub(super) async fn code(
    asker: Asker,
    State(visitors): State<Visitors>,
    Path(id): Path<TerminalId>,
) -> Result {
    let by = visitors.identity.administrator(&asker.cx).await?;
    let code = new_terminal_code(&visitors, &asker.cx, by, id).await?;
    drawn(&asker, &visitors, TerminalFilter::default(), FormState::empty(), Some(code)).await
}

/// Withdraws a terminal.
pub(super) async fn revoke(
    asker: Asker,
    State(visitors): State<Visitors>,
    Path(id): Path<TerminalId>,
) -> Result {
    let by = visitors.identity.administrator(&asker.cx).await?;
    revoke_terminal(&visitors, &asker.cx, by, id).await?;
    Ok(asker.done("visitors-terminal-revoked", HERE))
}
