//! `/visitors/guests/{id}`: a guest as desk and administrators see them; administrators can have them forgotten.

use axum::extract::{Path, State};
use sekisho_web::parts::{Alert, Card, Confirm, KeyValue, Tone};
use sekisho_web::{Asker, Markup, Page, Reader, Result, Sheet, WebError};

use super::back_with;
use crate::Visitors;
use crate::guest_row::{GuestRow, guest_row};
use crate::ids::GuestId;

/// The page.
pub(super) async fn show(asker: Asker, State(visitors): State<Visitors>, Path(id): Path<GuestId>) -> Result {
    let sight = visitors.sight(&asker.cx, asker.person()?).await?;
    let row = guest_row(&visitors, &asker.cx, &sight, id).await?.ok_or_else(WebError::missing)?;
    Ok(asker.show(&GuestRecord { row, may_erase: sight.all }))
}

/// A guest with their visits.
pub(super) struct GuestRecord {
    pub(super) row: GuestRow,
    pub(super) may_erase: bool,
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
        body = body.then(Card::new(t.get("visitors-title")).flush().body(visits));
        if self.may_erase && row.erased_at.is_none() {
            let erase = Confirm::new(
                format!("/visitors/guests/{}/erase", row.id),
                t.get("visitors-erase"),
                t.get("visitors-erase-question"),
                t.get("visitors-erase-do"),
            )
            .icon("trash");
            body = body.then(erase);
        }
        let title = if row.name.is_empty() { t.get("visitors-nameless") } else { row.name.clone() };
        reader.sheet_of(title).crumb("/visitors", "visitors-title").body(body)
    }
}

/// Forgets the guest.
pub(super) async fn erase(asker: Asker, State(visitors): State<Visitors>, Path(id): Path<GuestId>) -> Result {
    let here = format!("/visitors/guests/{id}");
    match crate::erase_guest(&visitors, &asker.cx, id).await {
        Ok(()) => Ok(asker.done("visitors-was-erased", here)),
        Err(error) => back_with(&asker, error.into(), &here),
    }
}
