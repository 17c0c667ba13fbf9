//! The round that takes away what is old enough, by the hour.

use std::time::Duration;

use sea_orm::{ColumnTrait, Condition};
use sekisho_kernel::Cx;
use sekisho_storage::Scoped;

use super::due::{forgettable, removable};
use super::{before, load, remove};
use crate::Visitors;
use crate::checks::VisitError;
use crate::erase_guest::forget;
use crate::statistics;
use crate::tables::words::VisitKind;
use crate::tables::{guests, visits};

/// How often it is looked.
pub(crate) const EVERY: Duration = Duration::from_secs(3600);
/// As many as are looked at in one go.
const BATCH: u64 = 200;
/// As many goes as one round makes; the next takes the rest.
const MOST_GOES: usize = 100;

/// Takes away what is old enough.
pub(crate) async fn round(visitors: &Visitors, cx: &Cx) -> Result<(), VisitError> {
    let (rules, _) = load(&visitors.store.read(cx.tenant).await?).await?;
    let going = VisitKind::ALL.iter().filter_map(|kind| rules.of(*kind).remove_after_days).min();
    if let Some(days) = going {
        // What goes was counted: its figures stay.
        statistics::close(visitors, cx, Some(before(cx.now, days))).await?;
    }
    for &kind in VisitKind::ALL {
        remove_old(visitors, cx, &rules, kind).await?;
    }
    forget_guests(visitors, cx, &rules).await
}

async fn remove_old(
    visitors: &Visitors,
    cx: &Cx,
    rules: &super::Retention,
    kind: VisitKind,
) -> Result<(), VisitError> {
    use visits::Column;
    let Some(days) = rules.of(kind).remove_after_days else { return Ok(()) };
    let mut after = None;
    for _ in 0..MOST_GOES {
        let Some(old) = removable(cx.now, rules, kind) else { return Ok(()) };
        // What stays, for a reason of its own, is not looked at again in this round.
        let old = old.add_option(after.map(|(starts, id)| {
            let same = Condition::all().add(Column::StartsAt.eq(starts)).add(Column::Id.gt(id));
            Condition::any().add(Column::StartsAt.gt(starts)).add(same)
        }));
        let scope = visitors.store.read(cx.tenant).await?;
        let query = scope.find::<visits::Entity>().filter(old);
        let rows = query.ascending(Column::StartsAt).ascending(Column::Id).limit(BATCH).all().await?;
        drop(scope);
        let Some(last) = rows.last() else { return Ok(()) };
        after = Some((last.starts_at, last.id));
        remove::remove(visitors, cx, kind, before(cx.now, days), &rows).await?;
    }
    Ok(())
}

async fn forget_guests(visitors: &Visitors, cx: &Cx, rules: &super::Retention) -> Result<(), VisitError> {
    let mut after = None;
    for _ in 0..MOST_GOES {
        let Some(old) = forgettable(cx, rules) else { return Ok(()) };
        let old = old.add_option(after.map(|id| guests::Column::Id.gt(id)));
        let scope = visitors.store.read(cx.tenant).await?;
        let rows = scope.find::<guests::Entity>().filter(old).ascending(guests::Column::Id).limit(BATCH);
        let rows = rows.all().await?;
        drop(scope);
        let Some(last) = rows.last() else { return Ok(()) };
        after = Some(last.id);
        for guest in &rows {
            match forget(visitors, cx, guest.id).await {
                // They came again at this very moment, or have a key: another time.
                Ok(()) | Err(VisitError::Rule(_)) => {}
                Err(error) => return Err(error),
            }
        }
    }
    Ok(())
}
