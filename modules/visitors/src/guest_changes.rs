//! What a guest asks for on the personal page: not to come, or to come at another time. The token in the address is their
//! warrant; the actor is the guest.

use sekisho_kernel::{Actor, AuditEntry, Cx};
use sekisho_notify::{Lane, Message};
use sekisho_storage::Tx;

use crate::Visitors;
use crate::cancel_appointment::close;
use crate::checks::VisitError;
use crate::events::{ChangeProposed, VisitsCancelled};
use crate::ids::VisitId;
use crate::ledger::{lock_visit, standing};
use crate::often;
use crate::settings::{self, Settings};
use crate::tables::visits;
use crate::tell::VISITS;
use crate::visit::{Happening, step};
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
    let entry = AuditEntry::done("visit.cancel").on("visit", id, "").decided(reason("personal_page", id));
    Ok(tx.commit(entry.with("way", "page")).await?)
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
    often::count(&tx, &often::PROPOSALS, id.uuid()).await?;
    if let Some(appointment) = visit.appointment_id {
        tx.publish(&ChangeProposed { visit: id, appointment, host: visit.host_id }).await?;
    }
    if let Some(message) = to_host(&visit, "visitors-notice-guest-proposes") {
        visitors.notify.tell(&mut tx, message.arg("words", words)).await?;
    }
    let entry = AuditEntry::done("visit.propose_change").on("visit", id, "");
    Ok(tx.commit(entry.decided(reason("personal_page", id))).await?)
}

async fn begin(
    visitors: &Visitors,
    cx: &Cx,
    id: VisitId,
) -> Result<(Tx, visits::Model, Settings), VisitError> {
    if cx.actor != (Actor::Guest { id: id.uuid() }) {
        return Err(NotAllowed::Missing.into());
    }
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
