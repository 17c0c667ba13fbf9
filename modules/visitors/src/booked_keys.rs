//! The row that links a visit and the booking of its keys, and what is to become of the booking as the visit stands now.
//!
//! The row says only that there is one. How it stands, for when, and by which code is asked for whenever it is shown: whoever
//! keeps the keys knows, and a guest never reads a code that opens nothing.

use std::collections::HashMap;

use sea_orm::{ColumnTrait, Condition, QuerySelect};
use sekisho_host::Fault;
use sekisho_kernel::{Cx, Timestamp};
use sekisho_storage::{Scoped, StoreError, Tx};
use serde::Serialize;
use uuid::Uuid;

use crate::Visitors;
use crate::ids::{GuestId, VisitId};
use crate::key_bookings::{Booking, GuestKeys, KeysRefusal, Time};
use crate::ledger::is_awaited;
use crate::tables::booked_keys::{Column, Entity, Model};
use crate::tables::visits;
use crate::tables::words::{KeysState, VisitState};

/// What is to become of the booking of a visit.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(crate) enum Fate {
    /// Nothing.
    Stays,
    /// It is moved to the time of the visit.
    Moves(Time),
    /// It is called off.
    CalledOff(Why),
    /// It was called off, or is over, where the keys are kept.
    Gone,
}

/// Why keys are called off.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(crate) enum Why {
    /// Somebody who may called them off.
    ByHand,
    /// Whether they were booked was never heard of.
    Unfinished,
    /// The visit was called off, or the guest was not let in.
    Visit,
    /// The visit is somebody else's now, or its guest has another address.
    OtherGuest,
    /// The visit is at another site now.
    OtherSite,
    /// They cannot be had at the new time.
    NotMoved(KeysRefusal),
}

impl Why {
    /// The word in the record and in messages.
    pub(crate) fn word(self) -> &'static str {
        match self {
            Self::ByHand => "by_hand",
            Self::Unfinished => "unfinished",
            Self::Visit => "visit",
            Self::OtherGuest => "other_guest",
            Self::OtherSite => "other_site",
            Self::NotMoved(refusal) => refusal.word(),
        }
    }

    /// Whether the guest, who was told of keys, has to hear that there are none. Of a visit that was called off they hear
    /// anyway, and who has another address now was somebody else.
    pub(crate) fn guest_hears(self) -> bool {
        matches!(self, Self::ByHand | Self::OtherSite | Self::NotMoved(_))
    }

    /// Whether the host has to hear of it: something was changed, and keys that were meant to go along did not.
    pub(crate) fn host_hears(self) -> bool {
        matches!(self, Self::OtherGuest | Self::OtherSite | Self::NotMoved(_))
    }
}

/// What is to become of the booking, as the visit stands and as the keys stand.
pub(crate) fn fate(row: &Model, visit: &visits::Model, keys: Option<&GuestKeys>) -> Fate {
    let time = Time { starts_at: visit.starts_at, ends_at: visit.ends_at };
    if row.state == KeysState::Asked {
        return Fate::CalledOff(Why::Unfinished);
    }
    let Some(keys) = keys else { return Fate::Gone };
    let why = if is_off(visit) {
        Some(Why::Visit)
    } else if !is_for(row, visit) {
        Some(Why::OtherGuest)
    } else if row.site_id != visit.site_id {
        Some(Why::OtherSite)
    } else {
        None
    };
    let (stands, elsewhen) = (keys.code.is_some(), keys.time != time);
    match why {
        // Called off where they are kept, and the row not: whoever did it died before they could say so.
        Some(why) if stands || keys.called_off => Fate::CalledOff(why),
        None if stands && elsewhen => Fate::Moves(time),
        None if stands => Fate::Stays,
        // The visit is later than keys that are over: nobody has told guest and host that there are none then. A key that
        // is out stays with its holder.
        None if elsewhen && !keys.out => Fate::CalledOff(Why::NotMoved(KeysRefusal::Ended)),
        _ => Fate::Gone,
    }
}

/// Whether a visit is not to be.
fn is_off(visit: &visits::Model) -> bool {
    matches!(visit.state, VisitState::Cancelled | VisitState::Refused)
}

/// Whether the booking was made for whoever comes by this visit now.
pub(crate) fn is_for(row: &Model, visit: &visits::Model) -> bool {
    visit.guest_id == Some(row.guest_id) && visit.page_generation == row.page_generation
}

/// Whether keys can be booked for the guest of a visit: they are to come or here, and its time is not over.
pub(crate) fn can_have(visit: &visits::Model, now: Timestamp) -> bool {
    visit.appointment_id.is_some()
        && visit.guest_id.is_some()
        && (is_awaited(visit) || visit.state.is_here())
        && visit.ends_at > now
}

/// The booking as the port names it.
pub(crate) fn booking(row: &Model) -> Booking {
    Booking { id: row.id, visit: row.visit_id }
}

/// The bookings that go with these visits and stand for all we know.
pub(crate) async fn live(scope: &impl Scoped, visits: &[VisitId]) -> Result<Vec<Model>, StoreError> {
    let mut rows = Vec::new();
    for some in visits.chunks(500) {
        let these = Column::LiveVisit.is_in(some.iter().copied());
        rows.extend(scope.find::<Entity>().filter(these).all().await?);
    }
    Ok(rows)
}

/// The bookings that stand for all we know, of whatever visits of that guest.
pub(crate) async fn live_of_guest(scope: &impl Scoped, guest: GuestId) -> Result<Vec<Model>, StoreError> {
    let live = Condition::all().add(Column::GuestId.eq(guest)).add(Column::LiveVisit.is_not_null());
    scope.find::<Entity>().filter(live).all().await
}

/// Every booking ever made for that guest.
pub(crate) async fn of_guest(scope: &impl Scoped, guest: GuestId) -> Result<Vec<Model>, StoreError> {
    scope.find::<Entity>().filter(Column::GuestId.eq(guest)).all().await
}

/// One booking that stands for all we know, behind everybody else who changes it.
pub(crate) async fn lock_live(tx: &Tx, id: Uuid) -> Result<Option<Model>, StoreError> {
    let this = Condition::all().add(Column::Id.eq(id)).add(Column::LiveVisit.is_not_null());
    tx.find::<Entity>().filter(this).refine(QuerySelect::lock_exclusive).one().await
}

/// The booking goes with its visit no more, which may get another one. Of one that came about, guest and planners are still
/// shown how it ended.
pub(crate) async fn let_go(tx: &Tx, row: &Model) -> Result<(), StoreError> {
    let state = if row.state == KeysState::Booked { KeysState::Ended } else { row.state };
    tx.update::<Entity>()
        .set(Column::LiveVisit, Option::<VisitId>::None)
        .set(Column::State, state)
        .filter(Column::Id.eq(row.id))
        .exec()
        .await?;
    Ok(())
}

/// The keys of these visits as they stand now; nothing where nobody keeps keys.
pub(crate) async fn standing(
    visitors: &Visitors,
    cx: &Cx,
    visits: &[VisitId],
) -> Result<HashMap<VisitId, GuestKeys>, Fault> {
    let Some(port) = &visitors.key_bookings else { return Ok(HashMap::new()) };
    let rows = newest(&visitors.store.read(cx.tenant).await?, visits).await?;
    let booked: HashMap<Uuid, VisitId> = rows.into_values().map(|row| (row.id, row.visit_id)).collect();
    if booked.is_empty() {
        return Ok(HashMap::new());
    }
    let ids: Vec<Uuid> = booked.keys().copied().collect();
    let found = port.standing(cx, &ids).await?.into_iter();
    Ok(found.filter_map(|keys| Some((*booked.get(&keys.id)?, keys))).collect())
}

/// The newest booking that came about of each of these visits, whether it goes with it still or not.
async fn newest(scope: &impl Scoped, visits: &[VisitId]) -> Result<HashMap<VisitId, Model>, StoreError> {
    let mut newest = HashMap::new();
    for some in visits.chunks(500) {
        let these = Condition::all()
            .add(Column::VisitId.is_in(some.iter().copied()))
            .add(Column::State.is_in([KeysState::Booked, KeysState::Ended]));
        let mut rows = scope.find::<Entity>().filter(these).all().await?;
        rows.sort_by_key(|row| (row.live_visit.is_some(), row.made_at, row.id));
        newest.extend(rows.into_iter().map(|row| (row.visit_id, row)));
    }
    Ok(newest)
}

/// The keys of a visit as its guest sees them. Also before the keys have followed: none of a visit that was called off, became
/// somebody else's or is at another site. Of one that was called off, only what its guest still has.
pub(crate) async fn shown(
    visitors: &Visitors,
    cx: &Cx,
    visit: &visits::Model,
) -> Result<Option<GuestKeys>, Fault> {
    let Some(port) = &visitors.key_bookings else { return Ok(None) };
    let row = newest(&visitors.store.read(cx.tenant).await?, &[visit.id]).await?.remove(&visit.id);
    let Some(row) = row.filter(|row| is_for(row, visit)) else { return Ok(None) };
    let keys = port.standing(cx, &[row.id]).await?.into_iter().next();
    let follows = !is_off(visit) && row.site_id == visit.site_id;
    Ok(keys.filter(|keys| match keys.code {
        Some(_) => row.state == KeysState::Booked && follows,
        None => keys.out || !is_off(visit),
    }))
}

/// The keys of a visit as its planners see them: without the code, which is the guest's.
#[derive(Clone, Debug, Serialize, utoipa::ToSchema)]
pub struct VisitKeys {
    /// The keys.
    pub keys: Vec<VisitKey>,
    /// From.
    pub starts_at: Timestamp,
    /// Until.
    pub ends_at: Timestamp,
    /// How they stand.
    pub state: VisitKeysState,
}

/// A key of a visit.
#[derive(Clone, Debug, Serialize, utoipa::ToSchema)]
pub struct VisitKey {
    /// Its name.
    pub name: String,
    /// Where it hangs.
    pub place: String,
}

/// How the keys of a visit stand.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Serialize, utoipa::ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum VisitKeysState {
    /// They are kept for the guest.
    Booked,
    /// The guest has one of them.
    Out,
    /// They were called off.
    CalledOff,
    /// Their time is over.
    Over,
}

impl GuestKeys {
    /// How they stand, in one word.
    pub(crate) fn state(&self) -> VisitKeysState {
        match (self.out, self.code.is_some(), self.called_off) {
            (true, ..) => VisitKeysState::Out,
            (false, true, _) => VisitKeysState::Booked,
            (false, false, true) => VisitKeysState::CalledOff,
            (false, false, false) => VisitKeysState::Over,
        }
    }
}

impl From<GuestKeys> for VisitKeys {
    fn from(from: GuestKeys) -> Self {
        let state = from.state();
        let keys = from.keys.into_iter().map(|key| VisitKey { name: key.name, place: key.place });
        let Time { starts_at, ends_at } = from.time;
        Self { keys: keys.collect(), starts_at, ends_at, state }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use sekisho_kernel::{PersonId, SiteId, TenantId};

    use crate::tables::words::VisitKind;

    fn id<T: From<Uuid>>(number: u128) -> T {
        Uuid::from_u128(number).into()
    }

    fn at(hour: i64) -> Timestamp {
        Timestamp::from_secs(hour * 3600)
    }

    fn visit() -> visits::Model {
        visits::Model {
            tenant_id: TenantId(Uuid::from_u128(1)),
            id: id(2),
            appointment_id: Some(id(3)),
            guest_id: Some(id(4)),
            site_id: SiteId(Uuid::from_u128(5)),
            zone: "Asia/Tokyo".to_owned(),
            kind: VisitKind::Guest,
            host_id: None,
            made_by: None,
            state: VisitState::Invited,
            day: String::new(),
            starts_at: at(10),
            ends_at: at(11),
            companions: 0,
            generation: 1,
            pass_hash: None,
            live_code: None,
            page_hash: None,
            invited_at: None,
            arrived_at: None,
            arrived_how: None,
            admitted_at: None,
            admitted_by: None,
            left_at: None,
            left_how: None,
            answered_at: None,
            answered_by: None,
            asked: 0,
            unanswered_at: None,
            arrived_terminal: None,
            dead_code: None,
            page_generation: 0,
        }
    }

    fn row() -> Model {
        Model {
            tenant_id: TenantId(Uuid::from_u128(1)),
            id: Uuid::from_u128(6),
            visit_id: id(2),
            live_visit: Some(id(2)),
            guest_id: id(4),
            page_generation: 0,
            site_id: SiteId(Uuid::from_u128(5)),
            state: KeysState::Booked,
            made_by: PersonId(Uuid::from_u128(7)),
            made_at: at(0),
            told_starts_at: None,
            told_ends_at: None,
        }
    }

    fn keys(code: Option<&str>) -> GuestKeys {
        GuestKeys {
            id: Uuid::from_u128(6),
            keys: Vec::new(),
            time: Time { starts_at: at(10), ends_at: at(11) },
            zone: "Asia/Tokyo".to_owned(),
            code: code.map(str::to_owned),
            address: String::new(),
            called_off: false,
            out: false,
        }
    }

    #[test]
    fn keys_follow_whatever_becomes_of_a_visit() {
        let stands = keys(Some("12345678"));
        let becomes = |change: fn(&mut visits::Model)| {
            let mut visit = visit();
            change(&mut visit);
            fate(&row(), &visit, Some(&stands))
        };
        assert_eq!(becomes(|_| {}), Fate::Stays);
        // Whoever is here, or went, keeps what was booked until its time is over.
        assert_eq!(becomes(|visit| visit.state = VisitState::Admitted), Fate::Stays);
        assert_eq!(becomes(|visit| visit.state = VisitState::Left), Fate::Stays);
        let later = Time { starts_at: at(10), ends_at: at(12) };
        assert_eq!(becomes(|visit| visit.ends_at = at(12)), Fate::Moves(later));
        assert_eq!(becomes(|visit| visit.state = VisitState::Cancelled), Fate::CalledOff(Why::Visit));
        assert_eq!(becomes(|visit| visit.state = VisitState::Refused), Fate::CalledOff(Why::Visit));
        assert_eq!(becomes(|visit| visit.guest_id = Some(id(9))), Fate::CalledOff(Why::OtherGuest));
        assert_eq!(becomes(|visit| visit.page_generation = 1), Fate::CalledOff(Why::OtherGuest));
        assert_eq!(
            becomes(|visit| visit.site_id = SiteId(Uuid::from_u128(9))),
            Fate::CalledOff(Why::OtherSite)
        );
    }

    #[test]
    fn what_was_never_heard_of_is_called_off_and_what_is_gone_is_let_go() {
        let asked = Model { state: KeysState::Asked, ..row() };
        assert_eq!(fate(&asked, &visit(), None), Fate::CalledOff(Why::Unfinished));
        assert_eq!(fate(&asked, &visit(), Some(&keys(Some("1")))), Fate::CalledOff(Why::Unfinished));
        assert_eq!(fate(&row(), &visit(), None), Fate::Gone);
        assert_eq!(fate(&row(), &visit(), Some(&keys(None))), Fate::Gone);
    }

    #[test]
    fn nobody_is_left_believing_in_keys_that_are_over_or_called_off() {
        let (over, off) = (keys(None), GuestKeys { called_off: true, ..keys(None) });
        let out = GuestKeys { out: true, ..keys(None) };
        let later = visits::Model { starts_at: at(14), ends_at: at(15), ..visit() };
        let ended = Fate::CalledOff(Why::NotMoved(KeysRefusal::Ended));
        assert_eq!(fate(&row(), &later, Some(&over)), ended);
        assert_eq!(fate(&row(), &later, Some(&off)), ended);
        assert_eq!(fate(&row(), &later, Some(&out)), Fate::Gone, "who has the key brings it back");
        // Called off where they are kept, by a server that died before it could say so here.
        let cancelled = visits::Model { state: VisitState::Cancelled, ..visit() };
        let elsewhere = visits::Model { site_id: SiteId(Uuid::from_u128(9)), ..visit() };
        assert_eq!(fate(&row(), &cancelled, Some(&off)), Fate::CalledOff(Why::Visit));
        assert_eq!(fate(&row(), &elsewhere, Some(&off)), Fate::CalledOff(Why::OtherSite));
        assert_eq!(fate(&row(), &elsewhere, Some(&over)), Fate::Gone);
    }
}
