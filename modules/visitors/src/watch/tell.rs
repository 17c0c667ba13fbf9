//! The desk of the site and whoever manages the list are told that the guard is to be asked. The message names nobody and no
//! reason: it goes through mail servers, chat and telephones, and leads to the page that says more to who may know more.
//! A job does it, and no fact: facts are heard by every open page and by programs outside.

use std::collections::BTreeSet;

use sekisho_host::Fault;
use sekisho_kernel::{Cx, PersonId, ResourceId, SiteId, Timestamp};
use sekisho_notify::{Lane, Message, NoticeKind};
use sekisho_policy::Right;
use sekisho_storage::jobs::{Job, JobError};
use sekisho_storage::{StoreError, Tx};
use serde::{Deserialize, Serialize};
use uuid::Uuid;

use super::Occasion;
use crate::Visitors;
use crate::ids::{DropOffId, VisitId};
use crate::ledger::{self, is_awaited, is_open};
use crate::occurrence::day_at;
use crate::tables::visits;
use crate::tell::again;

/// The job.
pub(crate) const JOB: &str = "visitors.watch";

/// The word for these messages.
const KIND: &str = "visitors.watch";

/// The kind of these messages, for which people choose means.
pub(crate) const KINDS: [NoticeKind; 1] = [NoticeKind { kind: KIND, text: "visitors-kind-watch" }];

/// What is told.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Serialize, Deserialize)]
#[serde(rename_all = "snake_case", tag = "what")]
pub(super) enum Told {
    /// The guard is to be asked about the guest of a visit.
    Visit {
        visit: VisitId,
        occasion: Occasion,
        at: Timestamp,
        /// Stands for the entries that were found.
        #[serde(default)]
        about: Option<Uuid>,
    },
    /// Somebody who does not know of the mark let the guest in.
    Passed { visit: VisitId, at: Timestamp },
    /// The guard is to be asked about who brought something.
    Delivery { delivery: DropOffId, site: SiteId },
}

/// Leaves it to be told once the transaction is committed.
pub(super) async fn later(tx: &Tx, told: Told) -> Result<(), StoreError> {
    tx.enqueue(JOB, tx.cx().now, &told).await?;
    Ok(())
}

/// A guest was let in about whom the guard was not asked.
pub(crate) async fn passed(tx: &Tx, visit: VisitId) -> Result<(), StoreError> {
    later(tx, Told::Passed { visit, at: tx.cx().now }).await
}

/// Runs the job.
pub(crate) async fn run(visitors: Visitors, cx: Cx, job: Job) -> Result<(), JobError> {
    let told: Told = job.read()?;
    tell(&visitors, &cx, told).await.map_err(again)
}

async fn tell(visitors: &Visitors, cx: &Cx, told: Told) -> Result<(), Fault> {
    let scope = visitors.store.read(cx.tenant).await?;
    let of = match told {
        Told::Visit { visit, .. } | Told::Passed { visit, .. } => ledger::visit(&scope, visit).await?,
        Told::Delivery { .. } => None,
    };
    let (template, site) = match (&of, told) {
        (Some(visit), Told::Visit { occasion: Occasion::Planned, .. }) if is_awaited(visit) => {
            ("visitors-notice-watch-planned", visit.site_id)
        }
        // Also who was not let in straight away, and stands there.
        (Some(visit), Told::Visit { occasion: Occasion::Here, .. }) if is_open(visit) => {
            ("visitors-notice-watch-here", visit.site_id)
        }
        (Some(visit), Told::Passed { .. }) => ("visitors-notice-watch-passed", visit.site_id),
        (_, Told::Delivery { site, .. }) => ("visitors-notice-watch-delivery", site),
        _ => return Ok(()),
    };
    let place = sekisho_places::site(&scope, site).await?.map(|site| site.name).unwrap_or_default();
    drop(scope);
    let keepers: BTreeSet<PersonId> = visitors.policy.administrators(cx).await?.into_iter().collect();
    let desk = visitors.policy.who_can(cx, ResourceId(site.uuid()), Right::Manage).await?;
    let desk: BTreeSet<PersonId> = desk.into_iter().filter(|who| who.now).map(|who| who.person).collect();
    visitors.notify.warm(cx.tenant).await?;
    let mut tx = visitors.store.begin(cx).await?;
    for person in keepers.union(&desk) {
        let mut message = Message::to_person(*person, Lane::Operational, template)
            .arg("site", place.as_str())
            .link("visitors-notice-open", open(told, of.as_ref()))
            .of_kind(KIND);
        if keepers.contains(person) {
            message = message.link("visitors-notice-watch-why", "/visitors/watch-list");
        }
        message = match (told, &of) {
            (Told::Visit { at, .. } | Told::Passed { at, .. }, Some(visit)) => message
                .time("starts", visit.starts_at, &visit.zone)
                .time("at", at, &visit.zone)
                .about("visit", visit.id)
                .once(once(told, visit, at)),
            (Told::Delivery { delivery, .. }, _) => message.about("delivery", delivery).once(delivery),
            _ => message,
        };
        visitors.notify.tell(&mut tx, message).await?;
    }
    Ok(tx.commit_bookkeeping("telling the desk is no act; the match is recorded").await?)
}

/// Of somebody who stands there nobody is told twice in a day, however often the desk tries.
fn once(told: Told, visit: &visits::Model, at: Timestamp) -> String {
    match told {
        Told::Visit { occasion: Occasion::Here, about: Some(about), .. } => {
            format!("{}/{}/{about}", visit.id, day_at(at, &visit.zone))
        }
        _ => format!("{}/{}", visit.id, at.as_micros()),
    }
}

/// Where the desk finds the guest.
fn open(told: Told, of: Option<&visits::Model>) -> String {
    match (told, of.and_then(|visit| visit.appointment_id)) {
        (Told::Delivery { .. }, _) => "/visitors/deliveries".to_owned(),
        (_, Some(appointment)) => format!("/visitors/appointments/{appointment}"),
        (_, None) => "/visitors?show=here".to_owned(),
    }
}
