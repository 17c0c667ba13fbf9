//! A guest leaves. That is never refused: it only becomes known.

use sea_orm::ColumnTrait;
use sekisho_kernel::{AuditEntry, Cx, Timestamp};
use sekisho_storage::Tx;
use serde_json::Value;

use crate::Visitors;
use crate::answer_by_button;
use crate::badges;
use crate::check_in::Presented;
use crate::checks::VisitError;
use crate::events::{GuestLeft, Seen};
use crate::ids::VisitId;
use crate::ledger::{self, is_at, lock_presented, standing};
use crate::settings;
use crate::tables::visits;
use crate::tables::words::{VisitState, VisitWay};
use crate::terminal::offline::When;
use crate::visit::{Happening, step};
use crate::warrant::Reception;

/// Checks a guest out, by the desk, the host or a deputy.
pub async fn check_out(visitors: &Visitors, cx: &Cx, id: VisitId) -> Result<(), VisitError> {
    let mut at = ledger::decide(visitors, cx, id, "visit.check_out").await?;
    if at.step(Happening::Leave)? != VisitState::Left {
        return Ok(());
    }
    let Some(entry) = leave(visitors, &mut at.tx, &at.visit, at.may.way, &at.may.basis, cx.now).await? else {
        return Ok(());
    };
    Ok(at.tx.commit(entry).await?)
}

/// Checks out whoever shows their pass, code or badge at the reception. Nobody learns from the answer whether it was anybody's.
pub async fn check_out_at(
    visitors: &Visitors,
    cx: &Cx,
    at: &Reception,
    presented: &Presented,
) -> Result<(), VisitError> {
    check_out_when(visitors, cx, at, presented, When::Now).await
}

/// The same at the moment at which the pass was shown. What was shown while a network was broken counts once.
pub(crate) async fn check_out_when(
    visitors: &Visitors,
    cx: &Cx,
    at: &Reception,
    presented: &Presented,
    when: When,
) -> Result<(), VisitError> {
    let keys = visitors.vault.keys(cx.tenant).await?;
    let mut tx = visitors.store.begin(cx).await?;
    if !when.is_new(&tx).await? {
        return Ok(());
    }
    let visit = match lock_presented(&tx, &keys, presented).await? {
        None => badges::lock_by_badge(&tx, presented.handle_hash()).await?,
        visit => visit,
    };
    let Some(visit) = visit.filter(|visit| is_at(visit, at.site.id)) else { return Ok(()) };
    let (settings, _) = settings::load(&tx).await?;
    if step(standing(&visit, &settings), Happening::CheckOut, when.at(cx))? != VisitState::Left {
        return Ok(());
    }
    let left = leave(visitors, &mut tx, &visit, at.way, &at.basis, when.at(cx)).await?;
    let Some(entry) = left else { return Ok(()) };
    Ok(tx.commit(if when.is_earlier() { entry.with("happened", when.at(cx)) } else { entry }).await?)
}

/// Writes that the guest left at that time; none when that is known already. Nobody leaves before they came.
pub(crate) async fn leave(
    visitors: &Visitors,
    tx: &mut Tx,
    visit: &visits::Model,
    way: VisitWay,
    basis: &Value,
    at: Timestamp,
) -> Result<Option<AuditEntry>, VisitError> {
    if visit.state == VisitState::Left {
        return Ok(None);
    }
    let at = visit.arrived_at.map_or(at, |arrived| arrived.max(at));
    if visit.state == VisitState::Arrived {
        answer_by_button::over(visitors, tx, visit).await?;
    }
    // Whose visit goes on tomorrow comes in with the same code.
    let gone =
        visits::Model { state: VisitState::Left, arrived_at: visit.arrived_at.or(Some(at)), ..visit.clone() };
    let update = match ledger::comes_again(&gone) {
        true => tx
            .update::<visits::Entity>()
            .set(visits::Column::State, VisitState::Left)
            .filter(visits::Column::Id.eq(visit.id)),
        false => ledger::ended(tx, visit, VisitState::Left),
    };
    update.set(visits::Column::LeftAt, Some(at)).set(visits::Column::LeftHow, Some(way)).exec().await?;
    tx.publish(&GuestLeft(Seen::of(visit, at, way))).await?;
    let entry = AuditEntry::done("visit.check_out").on("visit", visit.id, "").decided(basis);
    Ok(Some(entry.with("way", way)))
}
