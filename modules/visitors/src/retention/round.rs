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
use crate::warrant::NotAllowed;

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
    // What cannot go now does not keep the rest from going.
    let mut done = Ok(());
    for &kind in VisitKind::ALL {
        done = done.and(remove_old(visitors, cx, &rules, kind).await);
    }
    done.and(forget_guests(visitors, cx, &rules).await)
}

async fn remove_old(
    visitors: &Visitors,
    cx: &Cx,
    rules: &super::Retention,
    kind: VisitKind,
) -> Result<(), VisitError> {
    use visits::Column;
    let Some(days) = rules.of(kind).remove_after_days else { return Ok(()) };
    let Some(old) = removable(cx.now, rules, kind) else { return Ok(()) };
    let (mut after, mut done) = (None, Ok(()));
    for _ in 0..MOST_GOES {
        // What stays, for a reason of its own, is not looked at again in this round.
        let next = old.clone().add_option(after.map(|(starts, id)| {
            let same = Condition::all().add(Column::StartsAt.eq(starts)).add(Column::Id.gt(id));
            Condition::any().add(Column::StartsAt.gt(starts)).add(same)
        }));
        let scope = visitors.store.read(cx.tenant).await?;
        let query = scope.find::<visits::Entity>().filter(next);
        let rows = query.ascending(Column::StartsAt).ascending(Column::Id).limit(BATCH).all().await?;
        drop(scope);
        let Some(last) = rows.last() else { break };
        after = Some((last.starts_at, last.id));
        let until = before(cx.now, days);
        done = done.and(remove::remove(visitors, cx, kind, until, old.clone(), &rows).await);
    }
    done
}

async fn forget_guests(visitors: &Visitors, cx: &Cx, rules: &super::Retention) -> Result<(), VisitError> {
    let Some(old) = forgettable(cx, rules) else { return Ok(()) };
    let (mut after, mut done) = (None, Ok(()));
    for _ in 0..MOST_GOES {
        let old = old.clone().add_option(after.map(|id| guests::Column::Id.gt(id)));
        let scope = visitors.store.read(cx.tenant).await?;
        let rows = scope.find::<guests::Entity>().filter(old).ascending(guests::Column::Id).limit(BATCH);
        let rows = rows.all().await?;
        drop(scope);
        let Some(last) = rows.last() else { break };
        after = Some(last.id);
        for guest in &rows {
            match forget(visitors, cx, guest.id).await {
                // They came again at this very moment, or have a key: another time. Or somebody else was quicker.
                Err(VisitError::Rule(_) | VisitError::NotAllowed(NotAllowed::Missing)) => {}
                forgotten => done = done.and(forgotten),
            }
        }
    }
    done
}
