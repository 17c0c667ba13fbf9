//! What the rules say is old enough to go.

use sea_orm::sea_query::{Expr, SelectStatement};
use sea_orm::{
    ColumnTrait, Condition, EntityTrait, ExprTrait as _, QueryFilter as _, QuerySelect, QueryTrait,
};
use sekisho_identity::Administrator;
use sekisho_kernel::{Cx, Timestamp};
use sekisho_storage::{Scoped, StoreError};
use serde::Serialize;

use super::{Retention, before};
use crate::Visitors;
use crate::checks::VisitError;
use crate::tables::words::{VisitKind, VisitState};
use crate::tables::{guests, visits};

/// How much a rule would take away at once.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Default, Serialize, utoipa::ToSchema)]
#[schema(as = VisitorRetentionRehearsal)]
pub struct WouldGo {
    /// Guests who would be forgotten, those of whom no visit would be left among them.
    pub guests: u64,
    /// Visits that would be removed.
    pub visits: u64,
}

/// How much these rules would take away now. For administrators.
pub async fn would_go(
    visitors: &Visitors,
    cx: &Cx,
    _by: Administrator,
    rules: &Retention,
) -> Result<WouldGo, VisitError> {
    let wrong = rules.wrong();
    if !wrong.is_empty() {
        return Err(wrong.into());
    }
    let scope = visitors.store.read(cx.tenant).await?;
    let mut would = WouldGo::default();
    if let Some(old) = going(cx, rules) {
        would.guests = scope.find::<guests::Entity>().filter(old).count().await?;
    }
    for &kind in VisitKind::ALL {
        if let Some(old) = removable(cx.now, rules, kind) {
            would.visits += scope.find::<visits::Entity>().filter(old).count().await?;
        }
    }
    Ok(would)
}

/// Visits of that kind that are to be removed: over for so long, and not open any more.
pub(super) fn removable(now: Timestamp, rules: &Retention, kind: VisitKind) -> Option<Condition> {
    use visits::Column;
    let until = before(now, rules.of(kind).remove_after_days?);
    let closed = VisitState::ALL.iter().copied().filter(|state| !state.is_expected() && !state.is_here());
    Some(
        Condition::all()
            .add(Column::Kind.eq(kind))
            // What ended before began before; this column has the index.
            .add(Column::StartsAt.lt(until))
            .add(Column::EndsAt.lt(until))
            .add(Column::State.is_in(closed)),
    )
}

/// Guests who are to be forgotten, at the latest with the last of their visits: each of those is old enough to be removed or for
/// its guest to be forgotten.
fn going(cx: &Cx, rules: &Retention) -> Option<Condition> {
    let removable: Vec<Condition> =
        VisitKind::ALL.iter().filter_map(|kind| removable(cx.now, rules, *kind)).collect();
    if removable.is_empty() {
        return forgettable(cx, rules);
    }
    let removable = removable.into_iter().fold(Condition::any(), Condition::add);
    let stays = Condition::all().add(still_wanted(cx.now, rules)).add(removable.not());
    Some(none_of(cx, stays))
}

/// Guests who are to be forgotten: who came, and every visit of whom is old enough for its kind.
pub(super) fn forgettable(cx: &Cx, rules: &Retention) -> Option<Condition> {
    VisitKind::ALL.iter().find_map(|kind| rules.of(*kind).forget_after_days)?;
    Some(none_of(cx, still_wanted(cx.now, rules)))
}

/// Guests who are known and came, and of whom there is no such visit.
fn none_of(cx: &Cx, such: Condition) -> Condition {
    Condition::all()
        .add(guests::Column::ErasedAt.is_null())
        .add(Expr::exists(of_guest(cx, Condition::all())))
        .add(Expr::exists(of_guest(cx, such)).not())
}

/// Visits for which their guest must still be known.
fn still_wanted(now: Timestamp, rules: &Retention) -> Condition {
    use visits::Column;
    let open = VisitState::EXPECTED.into_iter().chain(VisitState::HERE);
    let by_kind = VisitKind::ALL.iter().copied().map(|kind| {
        let young = rules.of(kind).forget_after_days.map(|days| Column::EndsAt.gte(before(now, days)));
        Condition::all().add(Column::Kind.eq(kind)).add_option(young)
    });
    by_kind.fold(Condition::any().add(Column::State.is_in(open)), Condition::add)
}

/// Such visits of the guest of the outer statement. Sub-selects name the tenant themselves.
fn of_guest(cx: &Cx, fits: Condition) -> SelectStatement {
    let same = Expr::col((visits::Entity, visits::Column::GuestId))
        .eq(Expr::col((guests::Entity, guests::Column::Id)));
    visits::Entity::find()
        .select_only()
        .column(visits::Column::Id)
        .filter(visits::Column::TenantId.eq(cx.tenant))
        .filter(same)
        .filter(fits)
        .into_query()
}

/// Guests of whom no visit is left, among these.
pub(super) async fn without_visits(
    scope: &impl Scoped,
    cx: &Cx,
    of: &[crate::ids::GuestId],
) -> Result<Vec<guests::Model>, StoreError> {
    let none = Condition::all()
        .add(guests::Column::Id.is_in(of.iter().copied()))
        .add(Expr::exists(of_guest(cx, Condition::all())).not());
    scope.find::<guests::Entity>().filter(none).all().await
}
