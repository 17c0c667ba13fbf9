//! Somebody who stands in for whoever keeps keys: one key, no rights, and faults at will.

use std::collections::BTreeMap;
use std::sync::atomic::{AtomicBool, Ordering};

use async_trait::async_trait;
use sekisho_host::Fault;
use sekisho_kernel::{Cx, PersonId};
use sekisho_storage::StoreError;
use sekisho_visitors::key_bookings::{
    BookAsk, Booking, GuestKey, GuestKeys, KeyBookings, KeyGuest, KeysError, KeysRefusal, OfferAsk,
    OfferedKey, Time,
};
use tokio::sync::{Mutex, Notify};
use uuid::Uuid;

pub const VAN: Uuid = Uuid::from_u128(1);

/// A booking as the stand-in has it.
#[derive(Clone, Debug)]
pub struct Kept {
    pub time: Time,
    pub guest: Option<String>,
    pub called_off: bool,
}

/// Whoever keeps one key, the van.
#[derive(Default)]
pub struct StandIn {
    pub kept: Mutex<BTreeMap<Uuid, Kept>>,
    /// Who moved something, in their order.
    pub movers: Mutex<Vec<Option<PersonId>>>,
    /// Nothing can be heard of it: what is asked of it is done, or not, and the answer is lost.
    pub deaf: AtomicBool,
    /// What is asked of it is not done either.
    pub dead: AtomicBool,
    /// The guest has the key.
    pub out: AtomicBool,
    /// Nobody may move anything.
    pub stuck: AtomicBool,
    /// Booking waits at a gate.
    pub gated: AtomicBool,
    /// The next move waits there.
    pub gated_once: AtomicBool,
    /// Who asks what stands waits there, once.
    pub asked_once: AtomicBool,
    pub came: Notify,
    pub go: Notify,
}

impl StandIn {
    fn lost(&self) -> Result<(), Fault> {
        let lost = self.deaf.load(Ordering::SeqCst) || self.dead.load(Ordering::SeqCst);
        let error = || sea_orm::DbErr::Custom("the answer was lost".to_owned());
        if lost { Err(StoreError::from(error()).into()) } else { Ok(()) }
    }

    fn acts(&self) -> Result<(), Fault> {
        if self.dead.load(Ordering::SeqCst) { self.lost() } else { Ok(()) }
    }

    async fn wait(&self) {
        self.came.notify_one();
        self.go.notified().await;
    }

    /// What stands and was not called off.
    pub async fn standing_now(&self) -> Vec<Kept> {
        self.kept.lock().await.values().filter(|kept| !kept.called_off).cloned().collect()
    }
}

#[async_trait]
impl KeyBookings for StandIn {
    async fn offered(&self, _: &Cx, ask: &OfferAsk) -> Result<Vec<OfferedKey>, Fault> {
        let kept = self.standing_now().await;
        let free = kept.iter().all(|kept| kept.time != ask.time);
        Ok(vec![OfferedKey { id: VAN, name: "Van".to_owned(), place: "Box A".to_owned(), free }])
    }

    async fn book(&self, _: &Cx, ask: BookAsk) -> Result<(), KeysError> {
        self.acts()?;
        if self.gated.load(Ordering::SeqCst) {
            self.wait().await;
        }
        if ask.keys != [VAN] {
            return Err(KeysError::Refused(KeysRefusal::NotYours));
        }
        let guest = Some(ask.guest.name);
        let kept = Kept { time: ask.time, guest, called_off: false };
        let before = self.kept.lock().await.insert(ask.booking.id, kept);
        assert!(before.is_none(), "an id is used once");
        Ok(self.lost()?)
    }

    async fn move_to(&self, cx: &Cx, of: Booking, time: Time) -> Result<(), KeysError> {
        if self.gated_once.swap(false, Ordering::SeqCst) {
            self.wait().await;
        }
        self.acts()?;
        if self.stuck.load(Ordering::SeqCst) {
            return Err(KeysError::Refused(KeysRefusal::Taken));
        }
        self.movers.lock().await.push(cx.actor.person());
        if let Some(kept) = self.kept.lock().await.get_mut(&of.id) {
            kept.time = time;
        }
        Ok(self.lost()?)
    }

    async fn correct(&self, _: &Cx, of: Booking, guest: KeyGuest) -> Result<(), Fault> {
        self.acts()?;
        if let Some(kept) = self.kept.lock().await.get_mut(&of.id) {
            kept.guest = Some(guest.name);
        }
        self.lost()
    }

    async fn call_off(&self, _: &Cx, of: Booking) -> Result<(), Fault> {
        self.acts()?;
        if let Some(kept) = self.kept.lock().await.get_mut(&of.id) {
            kept.called_off = true;
        }
        self.lost()
    }

    async fn forget(&self, _: &Cx, bookings: &[Uuid]) -> Result<(), Fault> {
        self.acts()?;
        for id in bookings {
            if let Some(kept) = self.kept.lock().await.get_mut(id) {
                (kept.guest, kept.called_off) = (None, true);
            }
        }
        self.lost()
    }

    async fn standing(&self, cx: &Cx, bookings: &[Uuid]) -> Result<Vec<GuestKeys>, Fault> {
        if self.asked_once.swap(false, Ordering::SeqCst) {
            self.wait().await;
        }
        let kept = self.kept.lock().await;
        let told = |id: &Uuid| {
            let one = kept.get(id)?;
            let stands = !one.called_off && one.time.ends_at > cx.now;
            Some(GuestKeys {
                id: *id,
                keys: vec![GuestKey {
                    name: "Van".to_owned(),
                    place: "Box A".to_owned(),
                    directions: String::new(),
                }],
                time: one.time,
                zone: "Asia/Tokyo".to_owned(),
                code: stands.then(|| "13572468".to_owned()),
                address: "/b/0123".to_owned(),
                called_off: one.called_off,
                out: self.out.load(Ordering::SeqCst),
            })
        };
        Ok(bookings.iter().filter_map(told).collect())
    }
}
