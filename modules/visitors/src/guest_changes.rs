//! What a guest asks for on the personal page: not to come, or to come at another time. The token in the address is their
//! warrant; the actor is the guest.

use std::collections::BTreeSet;

use sea_orm::{ColumnTrait, Condition};
use sekisho_kernel::{Actor, AuditEntry, Cx, PersonId};
use sekisho_notify::{Lane, Message};
use sekisho_storage::Tx;

use crate::Visitors;
use crate::cancel_appointment::{close, close_open};
use crate::checks::VisitError;
use crate::events::{ChangeProposed, SeriesCancelled, VisitsCancelled};
use crate::ids::VisitId;
use crate::keys_follow;
use crate::ledger::{self, lock_visit, lock_visits, standing};
use crate::often;
use crate::series::{appointments_of, begin_act};
use crate::settings::{self, Settings};
use crate::tables::visits;
use crate::tell::VISITS;
use crate::visit::{Happening, Refusal, step};
use crate::warrant::{NotAllowed, reason};
use sekisho_web::Checks;

/// Another time, in the guest's own words.
#[derive(Clone, Debug)]
pub struct Proposal {
    /// When it would suit, and why.
    pub words: String,
}

/// The guest does not come.
pub async fn cancel(visitors: &Visitors, cx: &Cx, id: VisitId) -> Result<(), VisitError> {
    let (mut tx, visit, settings) = begin(visitors, cx, id).await?;
    step(standing(&visit, &settings), Happening::Cancel, cx.now)?;
    close(&tx, &visit).await?;
    if let Some(appointment) = visit.appointment_id {
        tx.publish(&VisitsCancelled { appointment, visits: vec![id], person: None }).await?;
    }
    if let Some(message) = to_host(&visit, "visitors-notice-guest-cancelled") {
        visitors.notify.tell(&mut tx, message).await?;
    }
    let keys_follow = keys_follow::of_visits(visitors, &tx, &[id]).await?;
    let entry = AuditEntry::done("visit.cancel").on("visit", id, "").decided(reason("personal_page", id));
    tx.commit(entry.with("way", "page")).await?;
    keys_follow.now(visitors, cx).await;
    Ok(())
}

/// The guest does not come any more: neither this time nor at any other of the series.
pub async fn cancel_series(visitors: &Visitors, cx: &Cx, id: VisitId) -> Result<(), VisitError> {
    let scope = visitors.store.read(cx.tenant).await?;
    let visit = ledger::visit(&scope, id).await?.ok_or(NotAllowed::Missing)?;
    let appointment = visit.appointment_id.ok_or(NotAllowed::Missing)?;
    let appointment = ledger::appointment(&scope, appointment).await?.ok_or(NotAllowed::Missing)?;
    drop(scope);
    let series = appointment.series_id.ok_or(NotAllowed::Missing)?;
    as_guest(cx, id)?;
    visitors.vault.keys(cx.tenant).await?;
    let mut tx = visitors.store.begin(cx).await?;
    let act = begin_act(&tx, series).await?;
    let all = appointments_of(&tx, series).await?;
    let theirs = Condition::all()
        .add(visits::Column::GuestId.eq(visit.guest_id))
        .add(visits::Column::AppointmentId.is_in(all.iter().map(|row| row.id)))
        .add(visits::Column::EndsAt.gt(cx.now));
    let (settings, _) = settings::load(&tx).await?;
    let cancelled = close_open(&tx, lock_visits(&tx, theirs).await?, &settings).await?;
    if cancelled.is_empty() {
        return Err(VisitError::Refused(Refusal::Over));
    }
    let hosts: BTreeSet<Option<PersonId>> = cancelled.iter().map(|visit| visit.host_id).collect();
    for host in hosts {
        let of_host: Vec<_> = cancelled.iter().filter(|visit| visit.host_id == host).collect();
        let first = of_host.first();
        if let Some(message) =
            first.and_then(|first| to_host(first, "visitors-notice-guest-cancelled-series"))
        {
            visitors.notify.tell(&mut tx, message.arg("count", of_host.len().to_string())).await?;
        }
    }
    let entry = AuditEntry::done("visit.cancel").on("visit", id, "").decided(reason("personal_page", id));
    let entry = entry.with("way", "page").with("series", series).with("visits", cancelled.len());
    let visits: Vec<VisitId> = cancelled.iter().map(|visit| visit.id).collect();
    let keys_follow = keys_follow::of_visits(visitors, &tx, &visits).await?;
    tx.publish(&SeriesCancelled { series, act, visits, person: None }).await?;
    tx.commit(entry).await?;
    keys_follow.now(visitors, cx).await;
    Ok(())
}

/// The guest proposes another time. The words go to the host and are kept nowhere else.
pub async fn propose(
    visitors: &Visitors,
    cx: &Cx,
    id: VisitId,
    proposal: Proposal,
) -> Result<(), VisitError> {
    let mut checks = Checks::default();
    let words = checks.note("words", &proposal.words);
    if words.is_empty() {
        checks.wrong("words", "error-empty");
    }
    checks.done::<VisitError>()?;
    let (mut tx, visit, settings) = begin(visitors, cx, id).await?;
    step(standing(&visit, &settings), Happening::Propose, cx.now)?;
    let guest = visit.guest_id.map_or(id.uuid(), |guest| guest.uuid());
    often::count(&tx, &often::PROPOSALS, guest).await?;
    if let Some(appointment) = visit.appointment_id {
        tx.publish(&ChangeProposed { visit: id, appointment, host: visit.host_id }).await?;
    }
    if let Some(message) = to_host(&visit, "visitors-notice-guest-proposes") {
        visitors.notify.tell(&mut tx, message.arg("words", words)).await?;
    }
    let entry = AuditEntry::done("visit.propose_change").on("visit", id, "");
    Ok(tx.commit(entry.decided(reason("personal_page", id))).await?)
}

/// Only the guest of that visit asks for it, on its page.
fn as_guest(cx: &Cx, id: VisitId) -> Result<(), NotAllowed> {
    if cx.actor == (Actor::Guest { id: id.uuid() }) { Ok(()) } else { Err(NotAllowed::Missing) }
}

async fn begin(
    visitors: &Visitors,
    cx: &Cx,
    id: VisitId,
) -> Result<(Tx, visits::Model, Settings), VisitError> {
    as_guest(cx, id)?;
    visitors.vault.keys(cx.tenant).await?;
    let tx = visitors.store.begin(cx).await?;
    let visit = lock_visit(&tx, id).await?.ok_or(NotAllowed::Missing)?;
    let (settings, _) = settings::load(&tx).await?;
    Ok((tx, visit, settings))
}

fn to_host(visit: &visits::Model, template: &'static str) -> Option<Message> {
    let message = Message::to_person(visit.host_id?, Lane::Operational, template)
        .time("starts", visit.starts_at, &visit.zone)
        .about("visit", visit.id)
        .of_kind(VISITS);
    Some(match visit.appointment_id {
        Some(appointment) => {
            message.link("visitors-notice-open", format!("/visitors/appointments/{appointment}"))
        }
        None => message,
    })
}
