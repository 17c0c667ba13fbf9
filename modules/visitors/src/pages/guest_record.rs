//! `/visitors/guests/{id}`: a guest as desk and administrators see them; administrators can have them forgotten.

use axum::extract::{Path, State};
use sekisho_web::parts::{Alert, Button, Card, Confirm, KeyValue, Tone};
use sekisho_web::{Asker, Markup, Page, Reader, Result, Sheet, WebError};

use super::{back_with, name_or_none};
use crate::Visitors;
use crate::guest_row::{GuestRow, guest_row};
use crate::ids::{GuestId, VisitId};

/// The page.
pub(super) async fn show(asker: Asker, State(visitors): State<Visitors>, Path(id): Path<GuestId>) -> Result {
    let sight = visitors.sight(&asker.cx, asker.person()?).await?;
    let row = guest_row(&visitors, &asker.cx, &sight, id).await?.ok_or_else(WebError::missing)?;
    let known = row.visits.iter().filter(|_| row.erased_at.is_none());
    let change = known.filter(|visit| sight.is_desk(visit.site)).map(|visit| visit.id).next();
    Ok(asker.show(&GuestRecord { row, may_erase: sight.all, change }))
}

/// A guest with their visits.
pub(super) struct GuestRecord {
    pub(super) row: GuestRow,
    pub(super) may_erase: bool,
    /// The visit by which they are corrected.
    pub(super) change: Option<VisitId>,
}

impl Page for GuestRecord {
    fn draw(&self, reader: &Reader) -> Sheet {
        let (t, row) = (reader.texts(), &self.row);
        let mut body = Markup::default();
        if let Some(at) = row.erased_at {
            let words = Markup::text(t.get("visitors-guest-erased"))
                .then(Markup::raw(" "))
                .then(reader.time(at, reader.zone()));
            body = body.then(Alert::new(Tone::Info, words));
        } else {
            let facts = KeyValue::new()
                .row(t.get("visitors-guest-name"), &row.name)
                .row(t.get("visitors-guest-reading"), &row.reading)
                .row(t.get("visitors-company"), &row.company)
                .row(t.get("visitors-guest-mail"), &row.mail)
                .row(t.get("visitors-guest-phone"), &row.phone);
            body = body.then(Card::new(t.get("visitors-guest")).body(facts));
        }
        let visits = super::overview::table(reader, &row.visits);
        body = body.then(Card::new(t.get("visitors-record-visits")).flush().body(visits));
        if self.may_erase && row.erased_at.is_none() {
            let erase = Confirm::new(
                format!("/visitors/guests/{}/erase", row.id),
                t.get("visitors-erase"),
                t.get("visitors-erase-question"),
                t.get("visitors-erase-do"),
            )
            .icon("trash");
            body = body.then(Card::plain().body(erase));
        }
        let title = name_or_none(&t, &row.name);
        let sheet = reader.sheet_of(title).crumb("/visitors", "visitors-title");
        let change =
            |visit| Button::link(format!("/visitors/visits/{visit}/guest"), t.get("visitors-change-guest"));
        match self.change {
            Some(visit) => sheet.action(change(visit).icon("edit")),
            None => sheet,
        }
        .body(body)
    }
}

/// Forgets the guest.
pub(super) async fn erase(asker: Asker, State(visitors): State<Visitors>, Path(id): Path<GuestId>) -> Result {
    let here = format!("/visitors/guests/{id}");
    let by = visitors.identity.administrator(&asker.cx).await?;
    match crate::erase_guest(&visitors, &asker.cx, by, id).await {
        Ok(()) => Ok(asker.done("visitors-was-erased", here)),
        Err(error) => back_with(&asker, error.into(), &here),
    }
}
