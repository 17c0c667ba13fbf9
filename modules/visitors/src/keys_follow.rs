//! Keys that were booked with a visit follow it: moved with it, called off with it, forgotten with its guest.
//!
//! The visit is changed first and committed, then the keys are, in transactions of their own elsewhere: right after, by whoever
//! changed the visit, and once more by a job that is left in the visit's own transaction, in case the server dies in between.
//! Each time it is looked at how the visit stands and how the keys stand, so running twice does no harm. Until then the page of
//! a visit called off, of another guest or at another site shows none; of a moved one, the time at which the code opens.
//!
//! Whoever moves a visit moves its keys by their own right: nobody gives out keys at another time that they could not give
//! out. Where the keys cannot come along, the act goes on, the keys are called off, and the host is told.

use std::time::Duration;

use sea_orm::ColumnTrait;
use sekisho_host::Fault;
use sekisho_kernel::{Actor, AuditEntry, Cx, PersonId};
use sekisho_notify::{Lane, Message};
use sekisho_storage::jobs::{Job, JobError};
use sekisho_storage::{Scoped, StoreError, Tx};
use serde::{Deserialize, Serialize};
use uuid::Uuid;

use crate::Visitors;
use crate::booked_keys::{self, Fate, Why, booking, fate, let_go, lock_live};
use crate::guest;
use crate::ids::{GuestId, VisitId};
use crate::invitation::{self, Invitation};
use crate::key_bookings::{GuestKeys, KeyBookings, KeyGuest, KeysError};
use crate::ledger;
use crate::tables::booked_keys::{Column, Entity, Model};
use crate::tables::words::KeysState;
use crate::tables::{guests, visits};
use crate::tell::{VISITS, again};
use crate::tell_keys;

/// The job that does what whoever changed a visit did not live to do.
pub(crate) const JOB: &str = "visitors.keys_follow";
/// When it runs: whoever changes a visit has done it by then.
pub(crate) const LATER: Duration = Duration::from_secs(60);

/// Keys that are to follow a change, noted in its transaction; they do once it is committed.
#[must_use = "keys follow a visit once its change is committed"]
#[derive(Default)]
pub(crate) struct Following {
    visits: Vec<VisitId>,
    erased: Option<GuestId>,
}

#[derive(Serialize, Deserialize)]
struct Payload {
    #[serde(default)]
    visits: Vec<VisitId>,
    #[serde(default)]
    erased: Option<GuestId>,
    /// Who changed the visit.
    #[serde(default)]
    person: Option<PersonId>,
}

/// The keys of these visits are to follow, in the transaction that changes them.
pub(crate) async fn of_visits(
    visitors: &Visitors,
    tx: &Tx,
    visits: &[VisitId],
) -> Result<Following, StoreError> {
    if visitors.key_bookings.is_none() {
        return Ok(Following::default());
    }
    note(tx, booked_keys::live(tx, visits).await?).await
}

/// The keys of all visits of a guest are to follow, and those of this visit, whoever it was of.
pub(crate) async fn of_guest(
    visitors: &Visitors,
    tx: &Tx,
    guest: Option<GuestId>,
    visit: VisitId,
) -> Result<Following, StoreError> {
    if visitors.key_bookings.is_none() {
        return Ok(Following::default());
    }
    let mut rows = booked_keys::live(tx, &[visit]).await?;
    if let Some(guest) = guest {
        rows.extend(booked_keys::live_of_guest(tx, guest).await?);
    }
    note(tx, rows).await
}

/// The keys of a guest who is erased are to be forgotten.
pub(crate) async fn of_erased(visitors: &Visitors, tx: &Tx, guest: GuestId) -> Result<Following, StoreError> {
    if visitors.key_bookings.is_none() || booked_keys::of_guest(tx, guest).await?.is_empty() {
        return Ok(Following::default());
    }
    let payload = Payload { visits: Vec::new(), erased: Some(guest), person: tx.cx().actor.person() };
    tx.enqueue(JOB, tx.cx().now.plus(LATER), &payload).await?;
    Ok(Following { visits: Vec::new(), erased: Some(guest) })
}

async fn note(tx: &Tx, rows: Vec<Model>) -> Result<Following, StoreError> {
    let mut visits: Vec<VisitId> = rows.into_iter().map(|row| row.visit_id).collect();
    visits.sort_unstable();
    visits.dedup();
    if !visits.is_empty() {
        let payload = Payload { visits: visits.clone(), erased: None, person: tx.cx().actor.person() };
        tx.enqueue(JOB, tx.cx().now.plus(LATER), &payload).await?;
    }
    Ok(Following { visits, erased: None })
}

/// A booking was asked for: if nobody hears what became of it, it is called off.
pub(crate) async fn in_case(tx: &Tx, visit: VisitId) -> Result<(), StoreError> {
    let payload = Payload { visits: vec![visit], erased: None, person: None };
    tx.enqueue(JOB, tx.cx().now.plus(LATER), &payload).await?;
    Ok(())
}

impl Following {
    /// Once the change is committed. What fails is tried again by the job: the change itself stands.
    pub(crate) async fn now(self, visitors: &Visitors, cx: &Cx) {
        let Some(port) = &visitors.key_bookings else { return };
        for visit in self.visits {
            follow(visitors, &**port, cx, visit).await.ok();
        }
        if let Some(guest) = self.erased {
            forget(visitors, &**port, cx, guest).await.ok();
        }
    }
}

/// Runs the job.
pub(crate) async fn run(visitors: Visitors, cx: Cx, job: Job) -> Result<(), JobError> {
    let payload: Payload = job.read()?;
    let Some(port) = visitors.key_bookings.clone() else { return Ok(()) };
    let cx = match payload.person {
        Some(id) => cx.acting_as(Actor::Person { id }),
        None => cx,
    };
    for visit in payload.visits {
        follow(&visitors, &*port, &cx, visit).await.map_err(again)?;
    }
    match payload.erased {
        Some(guest) => forget(&visitors, &*port, &cx, guest).await.map_err(again),
        None => Ok(()),
    }
}

/// Lets the keys of a visit follow what it is now.
async fn follow(visitors: &Visitors, port: &dyn KeyBookings, cx: &Cx, id: VisitId) -> Result<(), Fault> {
    let scope = visitors.store.read(cx.tenant).await?;
    let row = booked_keys::live(&scope, &[id]).await?.into_iter().next();
    let visit = ledger::visit(&scope, id).await?;
    let guest = match &row {
        Some(row) => scope.find::<guests::Entity>().filter(guests::Column::Id.eq(row.guest_id)).one().await?,
        None => None,
    };
    drop(scope);
    let (Some(row), Some(visit)) = (row, visit) else { return Ok(()) };
    let keys = port.standing(cx, &[row.id]).await?.into_iter().next();
    match fate(&row, &visit, keys.as_ref()) {
        Fate::Gone => Ok(()),
        // Whoever moved the visit has left a job of their own, and moves its keys by their own right.
        Fate::Moves(_) if cx.actor.person().is_none() => Ok(()),
        Fate::CalledOff(why) => called_off(visitors, port, cx, &row, &visit, keys, why).await,
        Fate::Moves(time) => match port.move_to(cx, booking(&row), time).await {
            Ok(()) => tell_keys::moved(visitors, port, cx, &row, &visit).await,
            Err(KeysError::Refused(refusal)) => {
                called_off(visitors, port, cx, &row, &visit, keys, Why::NotMoved(refusal)).await
            }
            Err(KeysError::Fault(fault)) => Err(fault),
        },
        Fate::Stays => {
            let tenant = visitors.vault.keys(cx.tenant).await?;
            let known = guest.as_ref().map(|guest| guest::opened(&tenant, guest)).transpose()?.flatten();
            let (Some(known), Some(guest)) = (known, guest) else { return Ok(()) };
            let language = guest::language_of(&guest);
            let known = KeyGuest { name: known.name, mail: known.mail, language };
            port.correct(cx, booking(&row), known).await?;
            tell_keys::moved(visitors, port, cx, &row, &visit).await
        }
    }
}

/// Calls the keys of a visit off, first where they are kept, and says so to whom it concerns.
pub(crate) async fn called_off(
    visitors: &Visitors,
    port: &dyn KeyBookings,
    cx: &Cx,
    row: &Model,
    visit: &visits::Model,
    keys: Option<GuestKeys>,
    why: Why,
) -> Result<(), Fault> {
    port.call_off(cx, booking(row)).await?;
    let about = invitation::about(visitors, cx, visit).await?;
    let mut tx = visitors.store.begin(cx).await?;
    let Some(row) = lock_live(&tx, row.id).await? else { return Ok(()) };
    let_go(&tx, &row).await?;
    if row.state == KeysState::Asked {
        return Ok(tx.commit_bookkeeping("keys that nobody heard of were never the guest's").await?);
    }
    let names = keys.map(|keys| keys.names()).unwrap_or_default();
    if why.guest_hears()
        && let Some(message) = about.keys_off_mail(row.id, &names)
    {
        visitors.notify.tell(&mut tx, message).await?;
    }
    if why.host_hears() {
        tell_host(visitors, &mut tx, &row, visit, &about, &names, why).await?;
    }
    let entry = AuditEntry::done("visit.call_off_keys").on("visit", visit.id, "");
    Ok(tx.commit(entry.with("booking", row.id).with("why", why.word())).await?)
}

/// The host, and whoever booked the keys, are told that they did not come along.
async fn tell_host(
    visitors: &Visitors,
    tx: &mut Tx,
    row: &Model,
    visit: &visits::Model,
    about: &Invitation,
    names: &[String],
    why: Why,
) -> Result<(), Fault> {
    let booker = Some(row.made_by).filter(|booker| Some(*booker) != visit.host_id);
    for person in visit.host_id.into_iter().chain(booker) {
        let mut message = Message::to_person(person, Lane::Operational, "visitors-notice-keys-off")
            .arg("keys", names)
            .arg("why", why.word())
            .time("starts", about.starts_at, &about.zone)
            .about("visit", visit.id)
            .of_kind(VISITS)
            .once(format!("{}/keys-off", row.id));
        if let Some(appointment) = visit.appointment_id {
            message = message.link("visitors-notice-open", format!("/visitors/appointments/{appointment}"));
        }
        visitors.notify.tell(tx, message).await?;
    }
    Ok(())
}

/// Forgets, where keys are kept, for whom bookings of an erased guest were made.
async fn forget(visitors: &Visitors, port: &dyn KeyBookings, cx: &Cx, guest: GuestId) -> Result<(), Fault> {
    let scope = visitors.store.read(cx.tenant).await?;
    let this = guests::Column::Id.eq(guest);
    let row = scope.find::<guests::Entity>().filter(this).one().await?;
    let bookings: Vec<Uuid> =
        booked_keys::of_guest(&scope, guest).await?.into_iter().map(|row| row.id).collect();
    drop(scope);
    if bookings.is_empty() || row.is_none_or(|row| row.erased_at.is_none()) {
        return Ok(());
    }
    port.forget(cx, &bookings).await?;
    let tx = visitors.store.begin(cx).await?;
    for some in bookings.chunks(500) {
        tx.delete::<Entity>().filter(Column::Id.is_in(some.iter().copied())).exec().await?;
    }
    Ok(tx.commit_bookkeeping("the erasure of the guest is the act").await?)
}
