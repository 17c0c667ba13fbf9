//! Somebody wishes to have the badge of a guest who is here printed; at a site that says so, the check-in wishes it.

use sea_orm::ActiveValue::Set;
use sea_orm::{ColumnTrait, Condition, QuerySelect};
use sekisho_crypto::TenantKeys;
use sekisho_host::Fault;
use sekisho_kernel::{AuditEntry, Cx};
use sekisho_storage::jobs::{Job, JobError};
use sekisho_storage::{Scoped, StoreError, Tx};
use serde_json::json;

use super::content::leave_code;
use super::printers::{printer, printers_of};
use super::run;
use crate::Visitors;
use crate::checks::VisitError;
use crate::events::Seen;
use crate::guest;
use crate::ids::{BadgeId, PrinterId, VisitId};
use crate::ledger::{self, lock_visit};
use crate::tables::printed_badges::{ActiveModel, Column, Entity, Model};
use crate::tables::words::{BadgeState, VisitKind};
use crate::tables::{guests, printers, visits};
use crate::tell::again;
use crate::visit::Refusal;
use crate::warrant::NotAllowed;

/// The job that hears of arrivals.
pub(crate) const AT_CHECK_IN: &str = "visitors.badge_at_check_in";

/// Has the badge of a visit printed, by the desk. While one is on its way nothing new is wished: that one is tried at once,
/// or is called off when another printer is to take it over.
pub async fn print_badge(
    visitors: &Visitors,
    cx: &Cx,
    id: VisitId,
    on: Option<PrinterId>,
) -> Result<BadgeId, VisitError> {
    let scope = visitors.store.read(cx.tenant).await?;
    let visit = ledger::visit(&scope, id).await?.ok_or(NotAllowed::Missing)?;
    drop(scope);
    let person = cx.actor.person().ok_or(NotAllowed::Missing)?;
    let sight = visitors.sight(cx, person).await?;
    crate::reads::visit(visitors, cx, &sight, id).await?.ok_or(NotAllowed::Missing)?;
    let desk = visitors.desk(cx, visit.site_id, "visit.print_badge").await?;
    let keys = visitors.vault.keys(cx.tenant).await?;
    let tx = visitors.store.begin(cx).await?;
    let visit = lock_visit(&tx, id).await?.ok_or(NotAllowed::Missing)?;
    printable(&keys, &tx, &visit).await?;
    let entry = AuditEntry::done("visit.print_badge").on("visit", id, "").decided(&desk.basis);
    let open = open_wish(&tx, id).await?;
    if let Some(open) = open.as_ref().filter(|open| on.is_none_or(|on| on == open.printer_id)) {
        run::at_once(&tx, open).await?;
        tx.commit(entry.with("badge", open.id).with("again", true)).await?;
        return Ok(open.id);
    }
    let printer = match on {
        Some(on) => printer(&tx, on).await?.filter(|printer| printer.site_id == visit.site_id),
        None => printers_of(&tx, visit.site_id).await?.into_iter().next(),
    };
    let printer = printer.ok_or(VisitError::Rule("visitors-refused-no-printer"))?;
    if let Some(open) = &open {
        run::call_off(&tx, open).await?;
    }
    let badge = wish(&tx, &keys, &visit, &printer).await?;
    let instead = open.map(|open| open.id);
    tx.commit(entry.with("badge", badge).with("printer", printer.id).with("instead_of", instead)).await?;
    Ok(badge)
}

/// Whether a badge of that visit may be printed now: the guest is here and known.
async fn printable(keys: &TenantKeys, tx: &Tx, visit: &visits::Model) -> Result<(), VisitError> {
    if !visit.state.is_here() {
        return Err(VisitError::Refused(Refusal::NotHere));
    }
    if !has_name(keys, tx, visit).await? {
        return Err(VisitError::Rule("visitors-refused-nameless-badge"));
    }
    Ok(())
}

/// Whether there is a name to print.
pub(super) async fn has_name(
    keys: &TenantKeys,
    scope: &impl Scoped,
    visit: &visits::Model,
) -> Result<bool, Fault> {
    let Some(id) = visit.guest_id else { return Ok(false) };
    let row = scope.find::<guests::Entity>().filter(guests::Column::Id.eq(id)).one().await?;
    let contact = row.as_ref().map(|row| guest::opened(keys, row)).transpose()?.flatten();
    Ok(contact.is_some_and(|contact| !contact.name.is_empty()))
}

/// The wish of a visit that is open, behind every step of it.
async fn open_wish(tx: &Tx, visit: VisitId) -> Result<Option<Model>, StoreError> {
    let of = Column::OpenVisit.eq(visit);
    tx.find::<Entity>().filter(of).refine(QuerySelect::lock_exclusive).one().await
}

async fn wish(
    tx: &Tx,
    keys: &TenantKeys,
    visit: &visits::Model,
    printer: &printers::Model,
) -> Result<BadgeId, StoreError> {
    let id: BadgeId = tx.cx().fresh_id();
    let (_, hash) = leave_code(keys, id);
    let row = ActiveModel {
        id: Set(id),
        visit_id: Set(visit.id),
        open_visit: Set(Some(visit.id)),
        site_id: Set(visit.site_id),
        printer_id: Set(printer.id),
        printer_name: Set(printer.name.clone()),
        state: Set(BadgeState::Waiting),
        turn: Set(0),
        tries: Set(0),
        handle_hash: Set(hash),
        asked_by: Set(tx.cx().actor.person()),
        asked_at: Set(tx.cx().now),
        ..Default::default()
    };
    tx.insert::<Entity>(row).await?;
    tx.enqueue(run::JOB, tx.cx().now, &json!({ "badge": id, "turn": 0 })).await?;
    Ok(id)
}

/// A guest came. The fact may be told twice: one check-in wishes one badge.
pub(crate) async fn at_check_in(visitors: Visitors, cx: Cx, job: Job) -> Result<(), JobError> {
    let seen: Seen = job.event()?;
    wish_at_check_in(&visitors, &cx, &seen).await.map_err(again)
}

async fn wish_at_check_in(visitors: &Visitors, cx: &Cx, seen: &Seen) -> Result<(), Fault> {
    let keys = visitors.vault.keys(cx.tenant).await?;
    let scope = visitors.store.read(cx.tenant).await?;
    let printers = printers_of(&scope, seen.site).await?;
    drop(scope);
    let Some(printer) = printers.into_iter().find(|printer| printer.by_itself) else { return Ok(()) };
    let tx = visitors.store.begin(cx).await?;
    let Some(visit) = lock_visit(&tx, seen.visit).await? else { return Ok(()) };
    let since = Condition::all().add(Column::VisitId.eq(visit.id)).add(Column::AskedAt.gte(seen.at));
    let wished = tx.find::<Entity>().filter(since).exists().await?;
    let fits = visit.state.is_here() && visit.kind != VisitKind::Delivery;
    if wished || !fits || open_wish(&tx, visit.id).await?.is_some() || !has_name(&keys, &tx, &visit).await? {
        return Ok(());
    }
    let badge = wish(&tx, &keys, &visit, &printer).await?;
    let entry = AuditEntry::done("visit.print_badge").on("visit", visit.id, "").with("badge", badge);
    Ok(tx.commit(entry.with("printer", printer.id).with("by_itself", true)).await?)
}

/// The visit whose badge of this arrival holds that number, behind everybody else who moves it.
pub(crate) async fn lock_by_badge(
    tx: &Tx,
    hash: Option<Vec<u8>>,
) -> Result<Option<visits::Model>, StoreError> {
    let Some(hash) = hash else { return Ok(None) };
    let Some(badge) = tx.find::<Entity>().filter(Column::HandleHash.eq(hash)).one().await? else {
        return Ok(None);
    };
    let visit = lock_visit(tx, badge.visit_id).await?;
    // that of another day has nothing to say today
    Ok(visit.filter(|visit| visit.arrived_at.is_some_and(|arrived| badge.asked_at >= arrived)))
}
