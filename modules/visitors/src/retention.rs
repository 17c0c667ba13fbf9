//! How long what is known of visits is kept: for ever, unless the organisation says otherwise. For each kind
//! of visit it may say after how many days a guest is forgotten, and after how many the visit itself goes.
//!
//! *Forgotten* is the guest as by hand (`erase_guest.rs`): the key is destroyed, the visit stays without a name. A guest of
//! several kinds is forgotten when the last of their visits is old enough. *Removed* is the visit with all that hangs on it;
//! a guest without any visit is forgotten, too. The record keeps that something was removed, and how much.

use std::time::Duration;

use sea_orm::ActiveValue::Set;
use sekisho_identity::Administrator;
use sekisho_kernel::{AuditEntry, Cx, FieldError, Timestamp};
use sekisho_storage::{JsonText, Scoped, StoreError};
use sekisho_web::{Access, IfMatch, Routes};
use serde::{Deserialize, Serialize};
use utoipa::OpenApi as _;

use crate::Visitors;
use crate::checks::VisitError;
use crate::tables::retention;
use crate::tables::words::VisitKind;

mod api;
mod due;
mod pages;
mod remove;
mod round;

pub use due::{WouldGo, would_go};
pub(crate) use pages::{SETTINGS, samplers};
pub(crate) use round::{EVERY, round};

/// The longest time that can be named: a hundred years.
pub const MOST_DAYS: u32 = 36_500;

/// How long visits of one kind are kept; days count from the end of a visit.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Default, Serialize, Deserialize, utoipa::ToSchema)]
#[serde(default)]
#[schema(as = VisitorRetentionRule)]
pub struct Rule {
    /// After so many days the guest is forgotten, 1 to 36500; none: never.
    pub forget_after_days: Option<u32>,
    /// After so many days the visit is removed, 1 to 36500, not before the guest is forgotten; none: never.
    pub remove_after_days: Option<u32>,
}

/// How long visits are kept, by their kind.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Default, Serialize, Deserialize, utoipa::ToSchema)]
#[serde(default)]
#[schema(as = VisitorRetention)]
pub struct Retention {
    /// Of guests from outside.
    pub guest: Rule,
    /// Of colleagues from other sites.
    pub colleague: Rule,
    /// Of deliveries.
    pub delivery: Rule,
    /// Of people who apply for work.
    pub interview: Rule,
    /// Of people who work on the building or in it.
    pub contractor: Rule,
}

impl Retention {
    /// The rule for visits of that kind.
    pub fn of(&self, kind: VisitKind) -> Rule {
        match kind {
            VisitKind::Guest => self.guest,
            VisitKind::Colleague => self.colleague,
            VisitKind::Delivery => self.delivery,
            VisitKind::Interview => self.interview,
            VisitKind::Contractor => self.contractor,
        }
    }

    /// What is wrong with it, by the fields of the form.
    fn wrong(&self) -> Vec<FieldError> {
        let mut wrong = Vec::new();
        for &kind in VisitKind::ALL {
            let (rule, [forget, remove]) = (self.of(kind), fields(kind));
            for (field, days) in [(forget, rule.forget_after_days), (remove, rule.remove_after_days)] {
                if days.is_some_and(|days| !(1..=MOST_DAYS).contains(&days)) {
                    wrong.push(FieldError { field, text: "visitors-error-keep-days" });
                }
            }
            if let Rule { forget_after_days: Some(forget), remove_after_days: Some(removed) } = rule
                && removed < forget
            {
                wrong.push(FieldError { field: remove, text: "visitors-error-keep-order" });
            }
        }
        wrong
    }
}

/// The names of the fields for one kind: when the guest is forgotten, and when the visit is removed.
pub(crate) fn fields(kind: VisitKind) -> [&'static str; 2] {
    match kind {
        VisitKind::Guest => ["guest_forget", "guest_remove"],
        VisitKind::Colleague => ["colleague_forget", "colleague_remove"],
        VisitKind::Delivery => ["delivery_forget", "delivery_remove"],
        VisitKind::Interview => ["interview_forget", "interview_remove"],
        VisitKind::Contractor => ["contractor_forget", "contractor_remove"],
    }
}

/// What ended before that moment is so many days old.
fn before(now: Timestamp, days: u32) -> Timestamp {
    now.minus(Duration::from_secs(u64::from(days) * 86_400))
}

/// The routes. What is kept is said with a fresh proof: data that a rule takes away does not come back.
pub(crate) fn routes() -> Routes<Visitors> {
    Routes::new("visitors")
        .get("/settings/visitors/retention", Access::Proven, pages::show)
        .post("/settings/visitors/retention", Access::Proven, pages::save)
        .get("/api/v1/visitors/retention", Access::Administrator, api::show)
        .put("/api/v1/visitors/retention", Access::Proven, api::save)
        .post("/api/v1/visitors/retention/rehearsal", Access::Administrator, api::rehearse)
        .describe(api::Description::openapi)
}

/// What the scope's tenant says and how often that was changed.
pub(crate) async fn load(scope: &impl Scoped) -> Result<(Retention, i64), StoreError> {
    let row = scope.find::<retention::Entity>().one().await?;
    Ok(row
        .map(|retention::Model { rules: JsonText(rules), version, .. }| (rules, version))
        .unwrap_or_default())
}

/// Says how long visits are kept, if that stands as the caller has seen it. For administrators.
pub async fn save_retention(
    visitors: &Visitors,
    cx: &Cx,
    _by: Administrator,
    wanted: Retention,
    seen: &IfMatch,
) -> Result<(), VisitError> {
    let wrong = wanted.wrong();
    if !wrong.is_empty() {
        return Err(wrong.into());
    }
    let tx = visitors.store.begin(cx).await?;
    tx.hold::<retention::Entity>(row(cx, Retention::default(), 0)).await?;
    let (before, version) = load(&tx).await?;
    if !seen.holds(version) {
        return Err(VisitError::Changed);
    }
    let columns = [retention::Column::Rules, retention::Column::Version];
    let next = row(cx, wanted, version.saturating_add(1));
    tx.overwrite_many::<retention::Entity>(vec![next], &columns).await?;
    let entry = AuditEntry::done("visitor_retention.change").with("before", before).with("after", wanted);
    Ok(tx.commit(entry).await?)
}

fn row(cx: &Cx, rules: Retention, version: i64) -> retention::ActiveModel {
    retention::ActiveModel {
        tenant_id: Set(cx.tenant),
        id: Set(uuid::Uuid::nil()),
        rules: Set(JsonText(rules)),
        version: Set(version),
    }
}
