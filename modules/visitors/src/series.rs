//! The rows of a series and its appointments, as its use cases need them. Whoever changes several of them takes the series first,
//! then the appointments in the order of their ids, then the visits by their time.
//!
//! A series goes on for a year at most, 366 occurrences and 800 visits; a rule without an end stops after a year, and page
//! and answer say so. An occurrence changed by itself is *set apart*: what changes the series leaves it. A change moves an
//! occurrence and those that follow by the same time, and touches nothing that is over, called off or somebody else's: who
//! may not plan all that follows changes none of it. The rule is not changed: call off what follows, and make another
//! series. Imported tables make single appointments.

use std::collections::{BTreeMap, BTreeSet};

use sea_orm::{ColumnTrait, Condition, QuerySelect};
use sekisho_kernel::{AuditEntry, Cx, PersonId, SiteId};
use sekisho_storage::{Scoped, StoreError, Tx};

use crate::Visitors;
use crate::checks::VisitError;
use crate::ids::{AppointmentId, SeriesId};
use crate::make_series::MOST_VISITS;
use crate::occurrence::Occurrence;
use crate::tables::{appointments, deputies, series, visits};
use crate::warrant::NotAllowed;

/// One series.
pub(crate) async fn series(scope: &impl Scoped, id: SeriesId) -> Result<Option<series::Model>, StoreError> {
    scope.find::<series::Entity>().filter(series::Column::Id.eq(id)).one().await
}

/// All appointments of a series, in the order of its rule.
pub(crate) async fn appointments_of(
    scope: &impl Scoped,
    id: SeriesId,
) -> Result<Vec<appointments::Model>, StoreError> {
    let of = appointments::Column::SeriesId.eq(id);
    scope.find::<appointments::Entity>().filter(of).ascending(appointments::Column::SeriesOn).all().await
}

/// When an appointment takes place.
pub(crate) fn takes_place(row: &appointments::Model) -> Option<Occurrence> {
    Occurrence::spelt(&row.starts, &row.ends, &row.zone)
}

/// An appointment of a series and those that follow it, as somebody has seen them who may plan all of them.
pub(crate) struct Following {
    pub(crate) series: SeriesId,
    /// From which appointment on.
    pub(crate) from: appointments::Model,
    /// It and the others that were neither called off nor are over.
    rows: Vec<appointments::Model>,
}

/// What of a series follows an appointment, for whoever may plan all of that; that they may plan the first was asked before.
pub(crate) async fn following(
    visitors: &Visitors,
    cx: &Cx,
    from: appointments::Model,
    action: &'static str,
) -> Result<Following, VisitError> {
    let series = from.series_id.ok_or(VisitError::Rule("visitors-refused-no-series"))?;
    let scope = visitors.store.read(cx.tenant).await?;
    let rows = appointments_of(&scope, series).await?;
    // How far the others are moved is told by where the first one was: it must still be there when they are looked at.
    if rows.iter().all(|row| (row.id, row.version) != (from.id, from.version)) {
        return Err(VisitError::Changed);
    }
    let rows: Vec<_> = rows.into_iter().filter(|row| follows(row, &from, cx)).collect();
    let person = cx.actor.person().ok_or(NotAllowed::Missing)?;
    let stands_in = deputies_in(&scope, person, rows.iter().map(|row| row.id).collect()).await?;
    drop(scope);
    let mut desks: BTreeSet<SiteId> = BTreeSet::new();
    for row in &rows {
        if row.is_party(person, stands_in.contains(&row.id)) || desks.contains(&row.site_id) {
            continue;
        }
        if let Err(decision) = visitors.managing(cx, person, row.site_id, action).await? {
            let entry = AuditEntry::refused("visit.decide").on("appointment", row.id, "").decided(&decision);
            visitors.record(cx, entry.with("action", action)).await?;
            return Err(VisitError::Rule("visitors-refused-series-of-others"));
        }
        desks.insert(row.site_id);
    }
    Ok(Following { series, from, rows })
}

fn follows(row: &appointments::Model, from: &appointments::Model, cx: &Cx) -> bool {
    let later = row.id == from.id || row.series_on > from.series_on;
    let open = row.cancelled_at.is_none() && takes_place(row).is_some_and(|at| at.ends_at > cx.now);
    later && open
}

impl Following {
    /// The same behind everybody else who changes them, and the number of this act; refused when they are not as they were seen.
    pub(crate) async fn lock(&self, tx: &Tx) -> Result<(Vec<appointments::Model>, i64), VisitError> {
        let act = begin_act(tx, self.series).await?;
        let these = appointments::Column::Id.is_in(self.rows.iter().map(|row| row.id));
        let rows = tx
            .find::<appointments::Entity>()
            .filter(these)
            .ascending(appointments::Column::Id)
            .refine(QuerySelect::lock_exclusive)
            .all()
            .await?;
        let as_seen = |rows: &[appointments::Model]| {
            rows.iter().map(|row| (row.id, row.version)).collect::<BTreeSet<_>>()
        };
        if as_seen(&rows) != as_seen(&self.rows) {
            return Err(VisitError::Changed);
        }
        Ok((rows, act))
    }
}

/// Behind everybody else who does something to the series; the number of this act.
pub(crate) async fn begin_act(tx: &Tx, id: SeriesId) -> Result<i64, VisitError> {
    let act = lock(tx, id).await?.acts.saturating_add(1);
    let this = series::Column::Id.eq(id);
    tx.update::<series::Entity>().set(series::Column::Acts, act).filter(this).exec().await?;
    Ok(act)
}

async fn lock(tx: &Tx, id: SeriesId) -> Result<series::Model, VisitError> {
    let this = series::Column::Id.eq(id);
    let row = tx.find::<series::Entity>().filter(this).refine(QuerySelect::lock_exclusive).one().await?;
    Ok(row.ok_or(NotAllowed::Missing)?)
}

/// Visits by appointment.
pub(crate) type VisitCounts = BTreeMap<Option<AppointmentId>, usize>;

/// How many visits the appointments of a series have, those called off too: they are kept, and told of.
async fn visits_in(tx: &Tx, id: SeriesId) -> Result<VisitCounts, VisitError> {
    let all = appointments_of(tx, id).await?;
    let of = visits::Column::AppointmentId.is_in(all.iter().map(|row| row.id));
    let mut counts = VisitCounts::new();
    for visit in tx.find::<visits::Entity>().filter(of).all().await? {
        *counts.entry(visit.appointment_id).or_default() += 1;
    }
    Ok(counts)
}

/// How many visits each appointment of a series has; refused when so many more were more than a series may have. Nobody else adds
/// any until the transaction ends.
pub(crate) async fn fits(tx: &Tx, id: SeriesId, more: usize) -> Result<VisitCounts, VisitError> {
    lock(tx, id).await?;
    let counts = visits_in(tx, id).await?;
    if counts.values().sum::<usize>() + more > MOST_VISITS {
        return Err(VisitError::invalid("guests", "visitors-error-repeat-visits"));
    }
    Ok(counts)
}

/// In which of these appointments the person stands in for the host.
pub(crate) async fn deputies_in(
    scope: &impl Scoped,
    person: PersonId,
    appointments: Vec<AppointmentId>,
) -> Result<BTreeSet<AppointmentId>, StoreError> {
    let these = Condition::all()
        .add(deputies::Column::PersonId.eq(person))
        .add(deputies::Column::AppointmentId.is_in(appointments));
    let rows = scope.find::<deputies::Entity>().filter(these).all().await?;
    Ok(rows.into_iter().map(|row| row.appointment_id).collect())
}
