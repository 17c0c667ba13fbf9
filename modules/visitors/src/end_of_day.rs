//! The end of a site's day: whoever is still counted as here is checked out, with the reason kept; who never came is a
//! no-show; passes of the past open nothing and their codes are free again.

use std::time::Duration;

use sea_orm::{ColumnTrait, Condition};
use sekisho_kernel::{AuditEntry, Cx};
use sekisho_storage::Scoped;

use crate::Visitors;
use crate::check_out::leave;
use crate::checks::VisitError;
use crate::events::{GuestMissed, Seen};
use crate::ledger::{self, lock_visit, standing};
use crate::occurrence::day_at;
use crate::settings::{self, Settings};
use crate::tables::visits;
use crate::tables::words::{VisitState, VisitWay};
use crate::visit::{Happening, step};
use crate::warrant::reason;

/// How often the clocks of the sites are looked at.
pub(crate) const EVERY: Duration = Duration::from_secs(5 * 60);
/// The longest stay that may run over midnight.
const OVERNIGHT: Duration = Duration::from_secs(12 * 3600);
/// As many visits as are looked at in one go.
const BATCH: u64 = 500;

/// Closes what is over at `cx.now`.
pub(crate) async fn end_of_day(visitors: &Visitors, cx: &Cx) -> Result<(), VisitError> {
    use visits::Column;
    let mut after = None;
    loop {
        let missed =
            Condition::all().add(Column::State.is_in(VisitState::EXPECTED)).add(Column::EndsAt.lte(cx.now));
        let here = Column::State.is_in(VisitState::HERE);
        // Whose visit of several days is over has a code that nobody needs any more.
        let gone = Condition::all()
            .add(Column::State.eq(VisitState::Left))
            .add(Column::LiveCode.is_not_null())
            .add(Column::EndsAt.lte(cx.now));
        let mut over = Condition::all().add(Condition::any().add(missed).add(here).add(gone));
        if let Some(after) = after {
            over = over.add(Column::Id.gt(after));
        }
        let scope = visitors.store.read(cx.tenant).await?;
        let rows =
            scope.find::<visits::Entity>().filter(over).ascending(Column::Id).limit(BATCH).all().await?;
        let (settings, _) = settings::load(&scope).await?;
        drop(scope);
        let Some(last) = rows.last() else { return Ok(()) };
        after = Some(last.id);
        for seen in rows {
            // Whose time is over may still be in the building until the day is.
            if !(seen.state.is_here() && day_at(cx.now, &seen.zone) <= last_day(&seen)) {
                close(visitors, cx, &settings, &seen).await?;
            }
        }
    }
}

async fn close(
    visitors: &Visitors,
    cx: &Cx,
    settings: &Settings,
    seen: &visits::Model,
) -> Result<(), VisitError> {
    let mut tx = visitors.store.begin(cx).await?;
    let Some(visit) = lock_visit(&tx, seen.id).await? else { return Ok(()) };
    if visit.state.is_here() {
        let basis = reason("end_of_day", visit.site_id);
        return match leave(visitors, &mut tx, &visit, VisitWay::EndOfDay, &basis, cx.now).await? {
            Some(entry) => Ok(tx.commit(entry).await?),
            None => Ok(()),
        };
    }
    if visit.state == VisitState::Left {
        ledger::ended(&tx, &visit, VisitState::Left).exec().await?;
        return Ok(tx.commit_bookkeeping("a code that opens nothing any more is free").await?);
    }
    if step(standing(&visit, settings), Happening::Miss, cx.now) != Ok(VisitState::NoShow) {
        return Ok(());
    }
    ledger::ended(&tx, &visit, VisitState::NoShow).exec().await?;
    tx.publish(&GuestMissed(Seen::of(&visit, cx.now, VisitWay::EndOfDay))).await?;
    Ok(tx.commit(AuditEntry::done("visit.miss").on("visit", visit.id, "")).await?)
}

/// The last day on which the guest may still be here: that of the arrival, and where the visit ends so soon after it that it
/// runs over midnight, that of the end. Of a visit of many days each day ends on its own.
fn last_day(visit: &visits::Model) -> String {
    let ended = day_at(visit.ends_at.minus(Duration::from_secs(1)), &visit.zone);
    match visit.arrived_at {
        Some(arrived) if visit.ends_at.since(arrived) <= OVERNIGHT => ended.max(day_at(arrived, &visit.zone)),
        Some(arrived) => day_at(arrived, &visit.zone),
        None => ended,
    }
}
