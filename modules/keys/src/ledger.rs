//! Writes down what happened to a key: asks the rules of custody what follows, and does it, in the caller's transaction.

use sea_orm::ActiveValue::Set;
use sea_orm::{ColumnTrait, Condition, QuerySelect};
use sekisho_kernel::{AuditEntry, PersonId, Timestamp};
use sekisho_storage::{Scoped, StoreError, Tx};
use serde_json::json;

use crate::custody::{self, Consequence, Custody, Happening, Trouble};
use crate::due::due;
use crate::events;
use crate::ids::{BinId, BoxId, IncidentId, KeyId, LoanId};
use crate::tables::words::{IncidentKind, LoanState, ReturnPolicy, Way};
use crate::tables::{bins, bookings, boxes, incidents, keycodes, keys, loans};

/// What is known beside the happening itself.
#[derive(Clone, Copy, Debug, Default)]
pub(crate) struct Circumstances {
    /// When it happened, when not now: a device tells late.
    pub(crate) at: Option<Timestamp>,
    /// Who did it, when somebody is known: whoever put a key back.
    pub(crate) by: Option<PersonId>,
}

/// Queues the writers of one key: whoever comes second waits here, on both engines, and then sees what the first wrote.
/// `None` when there is no such key.
pub(crate) async fn lock_key(tx: &Tx, key: KeyId) -> Result<Option<keys::Model>, StoreError> {
    // SQLite has one writer, who holds everything; PostgreSQL locks the row until the end of the transaction.
    let this = Condition::all().add(keys::Column::Id.eq(key)).add(keys::Column::WithdrawnAt.is_null());
    tx.find::<keys::Entity>().filter(this).refine(QuerySelect::lock_exclusive).one().await
}

/// The open loan of a key.
pub(crate) async fn open_loan(scope: &impl Scoped, key: KeyId) -> Result<Option<loans::Model>, StoreError> {
    scope.find::<loans::Entity>().filter(loans::Column::OpenKey.eq(key)).one().await
}

/// Where the key is, by the book.
pub(crate) fn custody_of(key: &keys::Model, open: Option<&loans::Model>) -> Custody {
    match (open, key.bin_id) {
        (Some(loan), Some(bin)) if loan.state == LoanState::Released => {
            Custody::Released { loan: loan.id, bin }
        }
        (Some(loan), _) => Custody::Out(loan.id),
        (None, Some(bin)) => Custody::In(bin),
        (None, None) => Custody::Missing,
    }
}

/// Writes down what happened to `key`, which the caller has locked, and everything that follows from it.
pub(crate) async fn happened(
    tx: &mut Tx,
    key: &keys::Model,
    happening: Happening,
    known: Circumstances,
) -> Result<Vec<AuditEntry>, StoreError> {
    let open = open_loan(tx, key.id).await?;
    let (_, consequences) = custody::after(custody_of(key, open.as_ref()), happening);
    let mut entries = Vec::new();
    for consequence in consequences {
        entries.extend(follow(tx, key, consequence, known).await?);
    }
    Ok(entries)
}

async fn follow(
    tx: &mut Tx,
    key: &keys::Model,
    consequence: Consequence,
    known: Circumstances,
) -> Result<Option<AuditEntry>, StoreError> {
    let now = tx.cx().now;
    let at = known.at.filter(|at| *at <= now).unwrap_or(now);
    match consequence {
        Consequence::Hang(bin) => hang(tx, key, bin, at).await,
        Consequence::Unhang => {
            tx.update::<keys::Entity>()
                .set(keys::Column::BinId, Option::<BinId>::None)
                .set(keys::Column::MovedAt, at)
                .filter(keys::Column::Id.eq(key.id))
                .exec()
                .await?;
            Ok(None)
        }
        Consequence::Take(loan) => take(tx, key, loan, at).await.map(Some),
        Consequence::TakeByNobody => {
            let id: LoanId = tx.cx().fresh_id();
            let row = loans::ActiveModel {
                open_key: Set(Some(key.id)),
                state: Set(LoanState::Out),
                taken_at: Set(Some(at)),
                ..new_loan(id, key, Way::Force, at)
            };
            tx.insert::<loans::Entity>(row).await?;
            Ok(None)
        }
        Consequence::GiveBack(loan, bin) => give_back(tx, key, loan, bin, at, known.by).await.map(Some),
        Consequence::CloseAttempt(loan) => {
            end(tx, loan, LoanState::NotTaken, at).await?;
            Ok(Some(AuditEntry::failed("key.take_out").on("key", key.id, &*key.name).with("loan", loan)))
        }
        Consequence::Supersede(loan) => {
            end(tx, loan, LoanState::Lost, at).await?;
            Ok(None)
        }
        Consequence::Trouble(trouble) => troubled(tx, key, trouble, at).await.map(Some),
    }
}

/// A loan not yet written: the parts every loan has.
pub(crate) fn new_loan(id: LoanId, key: &keys::Model, way: Way, at: Timestamp) -> loans::ActiveModel {
    loans::ActiveModel {
        id: Set(id),
        key_id: Set(key.id),
        open_key: Set(None),
        state: Set(LoanState::Released),
        way: Set(way),
        person_id: Set(None),
        booking_id: Set(None),
        keycode_id: Set(None),
        guest_sealed: Set(None),
        bin_id: Set(key.bin_id),
        command_id: Set(None),
        released_at: Set(at),
        taken_at: Set(None),
        due_at: Set(None),
        ended_at: Set(None),
        returned_bin: Set(None),
        returned_by: Set(None),
        note: Set(None),
        told: Set(0),
        ..Default::default()
    }
}

async fn take(tx: &mut Tx, key: &keys::Model, loan: LoanId, at: Timestamp) -> Result<AuditEntry, StoreError> {
    let Some(row) = tx.find::<loans::Entity>().filter(loans::Column::Id.eq(loan)).one().await? else {
        return Ok(AuditEntry::failed("key.take_out").on("key", key.id, &*key.name).with("loan", loan));
    };
    let at = at.max(row.released_at);
    let booked_until = match row.booking_id {
        Some(booking) => tx.find::<bookings::Entity>().filter(bookings::Column::Id.eq(booking)).one().await?,
        None => None,
    }
    .map(|booking| booking.ends_at);
    let from = match row.bin_id {
        Some(bin) => box_of_bin(tx, bin).await?.map(|(at, _)| at),
        None => None,
    };
    let zone = from.as_ref().map_or(sekisho_places::HOME_ZONE, |from| &*from.zone);
    let due_at = row.due_at.or_else(|| due(key.due.0, at, &sekisho_web::zone_of(zone), booked_until));
    tx.update::<loans::Entity>()
        .set(loans::Column::State, LoanState::Out)
        .set(loans::Column::OpenKey, key.id)
        .set(loans::Column::TakenAt, at)
        .set(loans::Column::DueAt, due_at)
        .set(loans::Column::EndedAt, Option::<Timestamp>::None)
        .filter(loans::Column::Id.eq(loan))
        .exec()
        .await?;
    if let Some(keycode) = row.keycode_id {
        spend_keycode(tx, keycode).await?;
    }
    watch_due(tx, loan, due_at).await?;
    let event = events::KeyTakenOut {
        key: key.id,
        key_name: key.name.clone(),
        loan,
        person: row.person_id,
        booking: row.booking_id,
        from: from.as_ref().map(|from| from.id),
        at,
        due: due_at,
    };
    tx.publish(&event).await?;
    Ok(AuditEntry::done("key.take_out")
        .on("key", key.id, &*key.name)
        .with("loan", loan)
        .with("way", row.way)
        .with("holder", row.person_id)
        .with("booking", row.booking_id)
        .with("due", due_at))
}

/// Leaves the reminder before and the first telling at the due time.
pub(crate) async fn watch_due(tx: &Tx, loan: LoanId, due: Option<Timestamp>) -> Result<(), StoreError> {
    let Some(due) = due else { return Ok(()) };
    let remind = due.minus(crate::due::REMIND_BEFORE);
    if remind > tx.cx().now {
        tx.enqueue(crate::remind::REMIND, remind, &json!({ "loan": loan })).await?;
    }
    tx.enqueue(crate::remind::OVERDUE, due, &json!({ "loan": loan })).await?;
    Ok(())
}

pub(crate) async fn spend_keycode(tx: &Tx, keycode: crate::ids::KeycodeId) -> Result<(), StoreError> {
    tx.update::<keycodes::Entity>()
        .set(keycodes::Column::LiveCode, Option::<Vec<u8>>::None)
        .set(keycodes::Column::SpentAt, tx.cx().now)
        .filter(keycodes::Column::Id.eq(keycode))
        .exec()
        .await?;
    Ok(())
}

async fn give_back(
    tx: &mut Tx,
    key: &keys::Model,
    loan: LoanId,
    bin: BinId,
    at: Timestamp,
    by: Option<PersonId>,
) -> Result<AuditEntry, StoreError> {
    let row = tx.find::<loans::Entity>().filter(loans::Column::Id.eq(loan)).one().await?;
    let holder = row.as_ref().and_then(|row| row.person_id);
    let late = row.as_ref().and_then(|row| row.due_at).is_some_and(|due| due < at);
    tx.update::<loans::Entity>()
        .set(loans::Column::State, LoanState::Returned)
        .set(loans::Column::OpenKey, Option::<KeyId>::None)
        .set(loans::Column::EndedAt, at)
        .set(loans::Column::ReturnedBin, bin)
        .set(loans::Column::ReturnedBy, by.filter(|by| Some(*by) != holder))
        .filter(loans::Column::Id.eq(loan))
        .exec()
        .await?;
    let into = box_of_bin(tx, bin).await?.map(|(at, _)| at.id);
    tx.publish(&events::KeyReturned {
        key: key.id,
        key_name: key.name.clone(),
        loan,
        person: holder,
        into,
        at,
        late,
    })
    .await?;
    Ok(AuditEntry::done("key.return")
        .on("key", key.id, &*key.name)
        .with("loan", loan)
        .with("holder", holder)
        .with("late", late)
        .with("bin", bin))
}

/// Ends a loan that did not end with a return.
pub(crate) async fn end(tx: &Tx, loan: LoanId, state: LoanState, at: Timestamp) -> Result<(), StoreError> {
    tx.update::<loans::Entity>()
        .set(loans::Column::State, state)
        .set(loans::Column::OpenKey, Option::<KeyId>::None)
        .set(loans::Column::EndedAt, at)
        .filter(loans::Column::Id.eq(loan))
        .exec()
        .await?;
    Ok(())
}

/// The bins of a box, by number.
pub(crate) async fn bins_of(scope: &impl Scoped, id: BoxId) -> Result<Vec<bins::Model>, StoreError> {
    let query = scope.find::<bins::Entity>().filter(bins::Column::BoxId.eq(id));
    query.ascending(bins::Column::Number).all().await
}

/// The box and the bin's row.
pub(crate) async fn box_of_bin(
    scope: &impl Scoped,
    bin: BinId,
) -> Result<Option<(boxes::Model, bins::Model)>, StoreError> {
    let Some(bin) = scope.find::<bins::Entity>().filter(bins::Column::Id.eq(bin)).one().await? else {
        return Ok(None);
    };
    let at = scope.find::<boxes::Entity>().filter(boxes::Column::Id.eq(bin.box_id)).one().await?;
    Ok(at.map(|at| (at, bin)))
}

/// Where a key belongs.
#[derive(Clone, Copy)]
pub(crate) struct Home {
    /// The box.
    pub(crate) place: Option<BoxId>,
    /// The bin, when it has one of its own.
    pub(crate) bin: Option<BinId>,
    /// Where it may be put back; none: as its box says.
    pub(crate) policy: Option<ReturnPolicy>,
}

impl Home {
    /// Of a key.
    pub(crate) fn of(key: &keys::Model) -> Self {
        Self { place: key.home_box, bin: key.home_bin, policy: key.return_policy }
    }
}

/// Whether a key with such a home may hang there for good.
pub(crate) fn belongs(home: Home, box_policy: ReturnPolicy, at: BoxId, bin: BinId) -> bool {
    match home.policy.unwrap_or(box_policy) {
        ReturnPolicy::AnySite => true,
        ReturnPolicy::AnyBin => home.place.is_none_or(|home| home == at),
        ReturnPolicy::FixedBin => match home.bin {
            Some(home) => home == bin,
            None => home.place.is_none_or(|home| home == at),
        },
    }
}

async fn hang(
    tx: &mut Tx,
    key: &keys::Model,
    bin: BinId,
    at: Timestamp,
) -> Result<Option<AuditEntry>, StoreError> {
    displace(tx, key.id, bin, at).await?;
    tx.update::<keys::Entity>()
        .set(keys::Column::BinId, bin)
        .set(keys::Column::MovedAt, at)
        .filter(keys::Column::Id.eq(key.id))
        .exec()
        .await?;
    let Some((place, row)) = box_of_bin(tx, bin).await? else { return Ok(None) };
    let home = match key.home_box {
        Some(home) => tx.find::<boxes::Entity>().filter(boxes::Column::Id.eq(home)).one().await?,
        None => None,
    };
    let policy = home.map_or(place.return_policy, |home| home.return_policy);
    // What was wrong with its place before is answered by its new place.
    mend_place(tx, key.id).await?;
    if belongs(Home::of(key), policy, place.id, bin) {
        return Ok(None);
    }
    let incident = incidents::ActiveModel {
        box_id: Set(Some(place.id)),
        bin_id: Set(Some(bin)),
        key_id: Set(Some(key.id)),
        ..new_incident(tx.cx().fresh_id(), IncidentKind::WrongBin, at)
    };
    tx.insert::<incidents::Entity>(incident).await?;
    let event = events::KeyInWrongBin {
        key: key.id,
        key_name: key.name.clone(),
        at_box: place.id,
        bin,
        number: row.number,
        at,
    };
    tx.publish(&event).await?;
    Ok(Some(AuditEntry::done("key.wrong_bin").on("key", key.id, &*key.name).with("bin", row.number)))
}

/// A bin holds one fob. Whatever the book said hung there does not any more.
async fn displace(tx: &mut Tx, newcomer: KeyId, bin: BinId, at: Timestamp) -> Result<(), StoreError> {
    let here = Condition::all().add(keys::Column::BinId.eq(bin)).add(keys::Column::Id.ne(newcomer));
    let Some(other) = tx.find::<keys::Entity>().filter(here).one().await? else { return Ok(()) };
    tx.update::<keys::Entity>()
        .set(keys::Column::BinId, Option::<BinId>::None)
        .set(keys::Column::MovedAt, at)
        .filter(keys::Column::Id.eq(other.id))
        .exec()
        .await?;
    if let Some(loan) = open_loan(tx, other.id).await?.filter(|loan| loan.state == LoanState::Released) {
        end(tx, loan.id, LoanState::NotTaken, at).await?;
    }
    if open_loan(tx, other.id).await?.is_none() {
        let entry = troubled(tx, &other, Trouble::Missing, at).await?;
        tx.record(entry);
    }
    Ok(())
}

async fn mend_place(tx: &Tx, key: KeyId) -> Result<(), StoreError> {
    let open = Condition::all()
        .add(incidents::Column::KeyId.eq(key))
        .add(incidents::Column::MendedAt.is_null())
        .add(incidents::Column::What.is_in([IncidentKind::WrongBin, IncidentKind::Missing]));
    tx.update::<incidents::Entity>()
        .set(incidents::Column::MendedAt, tx.cx().now)
        .filter(open)
        .exec()
        .await?;
    Ok(())
}

/// An incident not yet written.
pub(crate) fn new_incident(id: IncidentId, what: IncidentKind, at: Timestamp) -> incidents::ActiveModel {
    incidents::ActiveModel {
        id: Set(id),
        what: Set(what),
        box_id: Set(None),
        bin_id: Set(None),
        key_id: Set(None),
        loan_id: Set(None),
        note: Set(String::new()),
        at: Set(at),
        by_person: Set(None),
        mended_at: Set(None),
        mended_by: Set(None),
        ..Default::default()
    }
}

async fn troubled(
    tx: &mut Tx,
    key: &keys::Model,
    trouble: Trouble,
    at: Timestamp,
) -> Result<AuditEntry, StoreError> {
    let from = match key.bin_id {
        Some(bin) => box_of_bin(tx, bin).await?,
        None => None,
    };
    let what = match trouble {
        Trouble::RemovedByForce => IncidentKind::RemovedByForce,
        Trouble::Missing => IncidentKind::Missing,
        Trouble::Swapped => IncidentKind::Swapped,
    };
    let incident = incidents::ActiveModel {
        box_id: Set(from.as_ref().map(|(at, _)| at.id)),
        bin_id: Set(key.bin_id),
        key_id: Set(Some(key.id)),
        ..new_incident(tx.cx().fresh_id(), what, at)
    };
    tx.insert::<incidents::Entity>(incident).await?;
    let action = match trouble {
        Trouble::RemovedByForce => {
            let event = events::KeyRemovedByForce {
                key: key.id,
                key_name: key.name.clone(),
                from: from.map(|(at, _)| at.id),
                bin: key.bin_id,
                at,
            };
            tx.publish(&event).await?;
            "key.removed_by_force"
        }
        Trouble::Missing | Trouble::Swapped => {
            tx.publish(&events::KeyMissing { key: key.id, key_name: key.name.clone(), at }).await?;
            "key.missing"
        }
    };
    Ok(AuditEntry::done(action).on("key", key.id, &*key.name))
}
