//! What became of the events that were read.

use sea_orm::ActiveValue::Set;
use sea_orm::{ColumnTrait, Condition};
use sekisho_crypto::TenantKeys;
use sekisho_kernel::PersonId;
use sekisho_storage::{JsonText, Scoped, StoreError, Tx};

use super::invitation::Event;
use crate::ids::{AppointmentId, CalendarId, CalendarItemId, GuestId, SeriesId};
use crate::tables::calendar_items::{ActiveModel, Column, Entity, Model};

/// An event as it is written down: which one, and which version of it.
#[derive(Clone, Debug)]
pub(super) struct Version {
    pub(super) calendar: CalendarId,
    pub(super) uid: Vec<u8>,
    /// The time of a repeated event; empty: the event itself.
    pub(super) at: String,
    sequence: i64,
    stamp: i64,
    content: Vec<u8>,
    /// Who organises it.
    organizer: PersonId,
    /// In whose name it is taken.
    person: PersonId,
}

/// What became of it.
#[derive(Clone, PartialEq, Eq, Debug, Default)]
pub(super) struct Became {
    pub(super) appointment: Option<AppointmentId>,
    pub(super) series: Option<SeriesId>,
    pub(super) shifted: i64,
    pub(super) guests: Vec<GuestId>,
    pub(super) called_off: bool,
}

impl Version {
    /// This version of an event. Its words are kept as a keyed hash, to know whether another version says the same.
    pub(super) fn of(
        keys: &TenantKeys,
        calendar: CalendarId,
        uid: &str,
        event: &Event,
        (organizer, person): (PersonId, PersonId),
    ) -> Self {
        // What does not matter to a reception must not look like a change.
        let said = Event { sequence: 0, stamp: 0, ..event.clone() };
        Self {
            calendar,
            uid: blind(keys, uid),
            at: String::new(),
            sequence: event.sequence,
            stamp: event.stamp,
            content: keys.mac("visitors.calendar_content", format!("{said:?}").as_bytes()).to_vec(),
            organizer,
            person,
        }
    }

    /// The same of one time of a repeated event.
    pub(super) fn at_time(self, at: String) -> Self {
        Self { at, ..self }
    }

    /// Whether this is later than what was taken.
    pub(super) fn is_newer_than(&self, item: &Model) -> bool {
        (self.sequence, self.stamp) > (item.sequence, item.stamp)
    }

    /// Whether it comes from somebody else than what was taken: neither from who organises that, nor from whoever it was taken for
    /// in their name. What they say of an event that has the same name counts no more than what they say of any other.
    pub(super) fn is_from_others(&self, item: &Model) -> bool {
        let organizer = item.organizer_id.unwrap_or(item.person_id);
        self.organizer != organizer || (self.person != organizer && self.person != item.person_id)
    }

    /// Whether it says the same as what was taken.
    pub(super) fn says_the_same_as(&self, item: &Model) -> bool {
        self.content == item.content
    }
}

/// The name of an event, blind.
pub(super) fn blind(keys: &TenantKeys, uid: &str) -> Vec<u8> {
    keys.blind("visitors.calendar_uid", uid)
}

/// What became of an event, or of one of its times.
pub(super) async fn find(scope: &impl Scoped, uid: &[u8], at: &str) -> Result<Option<Model>, StoreError> {
    let this = Condition::all().add(Column::UidBlind.eq(uid.to_vec())).add(Column::At.eq(at));
    scope.find::<Entity>().filter(this).one().await
}

/// What became of an event and all of its times.
pub(super) async fn all_of(scope: &impl Scoped, uid: &[u8]) -> Result<Vec<Model>, StoreError> {
    scope.find::<Entity>().filter(Column::UidBlind.eq(uid.to_vec())).ascending(Column::At).all().await
}

/// Writes down what became of a version, in the transaction in which it became so, or after all was done.
pub(super) async fn save(
    tx: &Tx,
    before: Option<&Model>,
    version: &Version,
    became: Became,
) -> Result<(), StoreError> {
    let Some(before) = before else {
        let row = ActiveModel {
            id: Set(tx.cx().fresh_id::<CalendarItemId>()),
            calendar_id: Set(version.calendar),
            uid_blind: Set(version.uid.clone()),
            at: Set(version.at.clone()),
            sequence: Set(version.sequence),
            stamp: Set(version.stamp),
            content: Set(version.content.clone()),
            organizer_id: Set(Some(version.organizer)),
            person_id: Set(version.person),
            appointment_id: Set(became.appointment),
            series_id: Set(became.series),
            shifted: Set(became.shifted),
            guests: Set(JsonText(became.guests)),
            called_off: Set(became.called_off),
            ..Default::default()
        };
        return tx.insert::<Entity>(row).await;
    };
    tx.update::<Entity>()
        .set(Column::Sequence, version.sequence)
        .set(Column::Stamp, version.stamp)
        .set(Column::Content, version.content.clone())
        .set(Column::OrganizerId, Some(version.organizer))
        .set(Column::PersonId, version.person)
        .set(Column::AppointmentId, became.appointment)
        .set(Column::SeriesId, became.series)
        .set(Column::Shifted, became.shifted)
        .set(Column::Guests, JsonText(became.guests))
        .set(Column::CalledOff, became.called_off)
        .filter(Column::Id.eq(before.id))
        .exec()
        .await?;
    Ok(())
}

/// Its times are forgotten: what repeats is another series now. What others had taken of it stays theirs.
pub(super) async fn forget_times(tx: &Tx, version: &Version) -> Result<(), StoreError> {
    let times = all_of(tx, &version.uid).await?.into_iter();
    let ours = times.filter(|item| !item.at.is_empty() && !version.is_from_others(item)).map(|item| item.id);
    tx.delete::<Entity>().filter(Column::Id.is_in(ours)).exec().await?;
    Ok(())
}

/// What became of it so far.
pub(super) fn became(item: &Model) -> Became {
    Became {
        appointment: item.appointment_id,
        series: item.series_id,
        shifted: item.shifted,
        guests: item.guests.0.clone(),
        called_off: item.called_off,
    }
}

/// What became of it is about to be called off, and does not count any more.
pub(super) async fn mark_called_off(tx: &Tx, item: &Model) -> Result<(), StoreError> {
    tx.update::<Entity>().set(Column::CalledOff, true).filter(Column::Id.eq(item.id)).exec().await?;
    Ok(())
}
