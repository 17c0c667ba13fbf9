//! The badge of one guest: what it looks like, what became of it, printing it again. And what the lists show of it.

use axum::extract::{Path, State};
use sekisho_web::parts::{Badge, Button, Card, Column, Empty, Field, FormBox, Grid, Row, Table, Tone};
use sekisho_web::{Asker, Form, FormState, Markup, Page, Query, Reader, Result, Sheet, Texts};
use serde::Deserialize;

use super::super::api::desk_of;
use super::super::reads::{self, BadgeMark, BadgeRow};
use super::super::wish::print_badge;
use crate::Visitors;
use crate::desk::Back;
use crate::ids::{PrinterId, VisitId};
use crate::pages::{back_with, live_part, name_or_none};
use crate::reads::VisitRow;
use crate::tables::words::{BadgeState, Trouble};

/// The page.
pub(super) struct BadgePage {
    pub(super) row: VisitRow,
    pub(super) badges: Vec<BadgeRow>,
    pub(super) printers: Vec<(PrinterId, String)>,
}

/// The page, for the desk.
pub(super) async fn show(asker: Asker, State(visitors): State<Visitors>, Path(id): Path<VisitId>) -> Result {
    let row = desk_of(&visitors, &asker, id).await?;
    let printers = reads::printers_at(&visitors, &asker.cx, row.site).await?;
    let badges = reads::badges_of(&visitors.store.read(asker.cx.tenant).await?, id).await?;
    Ok(asker.show(&BadgePage { row, badges, printers }))
}

#[derive(Deserialize)]
pub(super) struct Sent {
    printer: Option<PrinterId>,
    /// From the badge's own page, to which it leads back.
    page: bool,
}

/// Has it printed.
pub(super) async fn print(
    asker: Asker,
    State(visitors): State<Visitors>,
    Path(id): Path<VisitId>,
    Query(back): Query<Back>,
    sent: Form<Sent>,
) -> Result {
    let sent = sent.take()?;
    let back = if sent.page { format!("/visitors/visits/{id}/badge") } else { back.page() };
    match print_badge(&visitors, &asker.cx, id, sent.printer).await {
        Ok(_) => Ok(asker.done("visitors-badge-wished", back)),
        Err(error) => back_with(&asker, error.into(), &back),
    }
}

/// The button of the lists; nothing where there is no printer.
pub(crate) fn button(t: &Texts, row: &VisitRow, back: Back) -> Markup {
    let Some(mark) = &row.badge else { return Markup::default() };
    let text = if mark.state.is_some() { "visitors-badge-again" } else { "visitors-badge-print" };
    let to = format!("/visitors/visits/{}/badge{}", row.id, back.query());
    Button::post(to, t.get(text)).small().icon("printer").into()
}

/// How far the badge got, in the lists; it leads to the badge.
pub(crate) fn shown(t: &Texts, row: &VisitRow) -> Markup {
    let Some((mark, state)) = row.badge.as_ref().and_then(|mark| Some((mark, mark.state?))) else {
        return Markup::default();
    };
    let BadgeMark { trouble, .. } = mark;
    Markup::raw(format!("<br><a href=\"/visitors/visits/{}/badge\">", row.id))
        .then(state_badge(t, state, *trouble))
        .then(Markup::raw("</a>"))
}

fn state_badge(t: &Texts, state: BadgeState, trouble: Option<Trouble>) -> Badge {
    let (tone, icon) = match (state, trouble) {
        (BadgeState::Printed, _) => (Tone::Good, "printer"),
        (BadgeState::Failed, _) => (Tone::Danger, "printer"),
        (BadgeState::Dropped, _) => (Tone::Plain, "printer"),
        (_, Some(_)) => (Tone::Warn, "alert-octagon"),
        (_, None) => (Tone::Plain, "printer"),
    };
    let text = match trouble.filter(|_| state != BadgeState::Dropped) {
        Some(trouble) => t.get(&format!("visitors-trouble-{}", trouble.word().replace('_', "-"))),
        None => t.get(&format!("visitors-badge-state-{}", state.word())),
    };
    Badge::new(text).tone(tone).icon(icon)
}

impl Page for BadgePage {
    fn draw(&self, reader: &Reader) -> Sheet {
        let t = reader.texts();
        let here = format!("/visitors/visits/{}/badge", self.row.id);
        let is_here = self.row.state.is_here() && !self.row.name.is_empty();
        let picture = match is_here {
            true => Markup::raw(format!(
                "<img class=\"badge-picture\" src=\"{here}.png\" alt=\"{}\">",
                Markup::text(t.with("visitors-badge-of", [("guest", &*self.row.name)]))
            )),
            false => Markup::raw(format!(
                "<p class=\"muted\">{}</p>",
                Markup::text(t.get("visitors-badge-not-here"))
            )),
        };
        // where the last one went, which may be another than the first of the site
        let state = match self.badges.first() {
            Some(badge) => FormState::empty().with("printer", badge.printer),
            None => FormState::empty(),
        };
        let printers = self.printers.iter().map(|(id, name)| (id.to_string(), name.clone()));
        let form = (is_here && !self.printers.is_empty()).then(|| {
            let again = if self.badges.is_empty() { "visitors-badge-print" } else { "visitors-badge-again" };
            FormBox::post(here.clone(), &state, &t)
                .add(Field::select("printer", t.get("visitors-printer")).options(printers).from(&state, &t))
                .add(Field::hidden("page", true))
                .submit(t.get(again))
        });
        let list = live_part(
            "badge-list",
            &here,
            Card::new(t.get("visitors-badges-of")).flush().body(self.table(reader, &t)),
        );
        let side = Card::plain().body(form.map(Markup::from).unwrap_or_else(|| {
            Markup::raw(format!(
                "<p class=\"muted\">{}</p>",
                Markup::text(t.get("visitors-badge-none-to-print"))
            ))
        }));
        let guest = name_or_none(&t, &self.row.name);
        let both = Grid::cards().add(Card::new(guest).body(picture)).add(side);
        reader
            .sheet("visitors-badge")
            .crumb("/visitors", "visitors-title")
            .live(crate::pages::LIVE)
            .body(Markup::from(both).then(list))
    }
}

impl BadgePage {
    fn table(&self, reader: &Reader, t: &Texts) -> Table {
        let columns = [
            Column::new(t.get("visitors-badge-asked-at")),
            Column::new(t.get("state")),
            Column::new(t.get("visitors-printer")),
            Column::new(t.get("visitors-badge-done-at")).secondary(),
        ];
        let rows = self.badges.iter().map(|badge| {
            let what = badge
                .trouble
                .map(|trouble| t.get(&format!("visitors-trouble-{}-text", trouble.word().replace('_', "-"))));
            let what = what
                .map(|what| Markup::raw(format!("<br><span class=\"muted\">{}</span>", Markup::text(what))));
            Row::new()
                .cell(reader.time(badge.asked_at, &self.row.zone))
                .cell(Markup::from(state_badge(t, badge.state, badge.trouble)).then(what.unwrap_or_default()))
                .cell(&badge.printer_name)
                .cell(badge.done_at.map(|at| reader.time(at, &self.row.zone)))
        });
        let none =
            Empty::new(t.get("visitors-badges-none"), t.get("visitors-badges-none-text")).icon("printer");
        Table::new(t.get("visitors-badges-of"), columns).rows(rows).empty(none)
    }
}
