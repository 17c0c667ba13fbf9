//! A guest is seen at the reception, let in, or not: by the desk, the host or a deputy, whether they checked in or not.

use sea_orm::ColumnTrait;
use sekisho_kernel::{AuditEntry, Cx};
use sekisho_storage::Tx;

use crate::Visitors;
use crate::answer_by_button;
use crate::checks::VisitError;
use crate::events::{GuestAdmitted, GuestArrived, GuestRefused, Seen};
use crate::ids::VisitId;
use crate::keys_follow::{self, Following};
use crate::ledger::{self, Decided};
use crate::registration;
use crate::tables::visits;
use crate::tables::words::VisitState;
use crate::visit::Happening;
use crate::warrant::NotAllowed;
use crate::watch::{self, Occasion, Watch};

/// Lets a guest in. Whoever is the desk of the site and is shown a mark has to say that the guard was asked.
pub async fn admit(visitors: &Visitors, cx: &Cx, id: VisitId, guard_asked: bool) -> Result<(), VisitError> {
    let (tx, entry, visit) = admitted(visitors, cx, id, guard_asked).await?;
    answer_by_button::over(visitors, &tx, &visit).await?;
    Ok(tx.commit(entry).await?)
}

/// Does not let a guest in. The pass opens nothing any more.
pub async fn refuse(visitors: &Visitors, cx: &Cx, id: VisitId) -> Result<(), VisitError> {
    let (tx, entry, visit, keys_follow) = refused(visitors, cx, id).await?;
    answer_by_button::over(visitors, &tx, &visit).await?;
    tx.commit(entry).await?;
    keys_follow.now(visitors, cx).await;
    Ok(())
}

/// The guest came to the reception; somebody who may saw them, and no pass was shown.
pub async fn arrive(visitors: &Visitors, cx: &Cx, id: VisitId) -> Result<(), VisitError> {
    let at = ledger::decide(visitors, cx, id, "visit.arrive").await?;
    at.step(Happening::Arrive)?;
    let Decided { mut tx, visit, may, .. } = at;
    ledger::came(&tx, &visit, VisitState::Arrived, cx.now, may.way).exec().await?;
    look(visitors, &mut tx, &visit).await?;
    tx.publish(&GuestArrived(Seen::of(&visit, cx.now, may.way))).await?;
    let entry = AuditEntry::done("visit.arrive").on("visit", id, "").decided(&may.basis);
    Ok(tx.commit(entry.with("way", may.way)).await?)
}

/// The watch list is looked through for whoever is seen at the reception.
async fn look(visitors: &Visitors, tx: &mut Tx, visit: &visits::Model) -> Result<(), VisitError> {
    let keys = visitors.vault.keys(tx.cx().tenant).await?;
    Watch::open(tx, &keys).await?.look_at(tx, &keys, visit, Occasion::Here).await?;
    Ok(())
}

/// A guest is let in, to be committed by the caller.
pub(crate) async fn admitted(
    visitors: &Visitors,
    cx: &Cx,
    id: VisitId,
    guard_asked: bool,
) -> Result<(Tx, AuditEntry, visits::Model), VisitError> {
    let person = cx.actor.person().ok_or(NotAllowed::Missing)?;
    let sight = visitors.sight(cx, person).await?;
    let at = ledger::decide(visitors, cx, id, "visit.admit").await?;
    at.step(Happening::Admit)?;
    let Decided { mut tx, visit, may, .. } = at;
    if visit.state != VisitState::Arrived {
        look(visitors, &mut tx, &visit).await?;
    }
    let entry = AuditEntry::done("visit.admit").on("visit", id, "").decided(&may.basis).with("way", may.way);
    // What was asked for and is not there holds nobody up; that it was not there is written down.
    let missing = registration::missing_of(&tx, std::slice::from_ref(&visit)).await?;
    let entry = match missing.get(&id) {
        Some(missing) => entry.with("missing", missing.words()),
        None => entry,
    };
    let entry = match watch::ask_first(&tx, id).await? {
        false => entry,
        true if !sight.is_desk(visit.site_id) => {
            // They know nothing of a mark, and nothing tells them of it now.
            watch::passed(&tx, id).await?;
            entry.with("guard_asked", false)
        }
        true if guard_asked => {
            watch::mark_asked(&tx, id).await?;
            entry.with("guard_asked", true)
        }
        true => {
            // What was found stays found.
            let refused = AuditEntry::refused("visit.admit").on("visit", id, "").decided(&may.basis);
            tx.commit(refused.with("why", "ask_guard")).await?;
            return Err(VisitError::Rule("visitors-refused-ask-guard"));
        }
    };
    let change = match visit.state {
        VisitState::Arrived => tx
            .update::<visits::Entity>()
            .set(visits::Column::State, VisitState::Admitted)
            .set(visits::Column::AdmittedAt, Some(cx.now))
            .set(visits::Column::AdmittedBy, cx.actor.person())
            .filter(visits::Column::Id.eq(id)),
        // Whoever comes in unseen arrived at that moment.
        _ => ledger::came(&tx, &visit, VisitState::Admitted, cx.now, may.way),
    };
    change.exec().await?;
    tx.publish(&GuestAdmitted(Seen::of(&visit, cx.now, may.way))).await?;
    Ok((tx, entry, visit))
}

/// A guest is not let in, to be committed by the caller, whom then the guest's keys follow.
pub(crate) async fn refused(
    visitors: &Visitors,
    cx: &Cx,
    id: VisitId,
) -> Result<(Tx, AuditEntry, visits::Model, Following), VisitError> {
    let at = ledger::decide(visitors, cx, id, "visit.refuse").await?;
    at.step(Happening::Refuse)?;
    let Decided { mut tx, visit, may, .. } = at;
    ledger::ended(&tx, &visit, VisitState::Refused).exec().await?;
    tx.publish(&GuestRefused(Seen::of(&visit, cx.now, may.way))).await?;
    let keys_follow = keys_follow::of_visits(visitors, &tx, &[id]).await?;
    let entry = AuditEntry::done("visit.refuse").on("visit", id, "").decided(&may.basis);
    Ok((tx, entry.with("way", may.way), visit, keys_follow))
}
