//! What this module asks of whoever keeps keys: a visit can carry a booking of keys. A port, in our words; who answers is said
//! in the server's wiring. Without anybody who answers no visit carries keys, and no page speaks of them.

use std::collections::BTreeSet;

use async_trait::async_trait;
use sekisho_host::{Fault, faults};
use sekisho_kernel::{Cx, Kind, Kinded, Language, SiteId, Timestamp};
use serde::Serialize;
use uuid::Uuid;

use crate::ids::VisitId;

/// Under which name whoever keeps keys gives out scopes: a token that books keys here needs theirs, too.
pub(crate) const KEYS: &str = "keys";
/// The most keys of one visit.
pub const MOST_KEYS: usize = 20;

/// Whoever keeps keys. It judges by the rights of whoever acts in `cx`, and writes down what it does; guests are told by us.
/// A booking is named by an id of ours, so that one whose making nobody heard of can be called off.
#[async_trait]
pub trait KeyBookings: Send + Sync {
    /// The keys that whoever acts may book for a guest.
    async fn offered(&self, cx: &Cx, ask: &OfferAsk) -> Result<Vec<OfferedKey>, Fault>;

    /// Books keys for a guest.
    async fn book(&self, cx: &Cx, ask: BookAsk) -> Result<(), KeysError>;

    /// Moves a booking to another time; code and address stay.
    async fn move_to(&self, cx: &Cx, of: Booking, time: Time) -> Result<(), KeysError>;

    /// Sets right what is known of the guest; time and keys stay.
    async fn correct(&self, cx: &Cx, of: Booking, guest: KeyGuest) -> Result<(), Fault>;

    /// Calls a booking off: it opens nothing from now on. Nothing happens to one that is over, or never was.
    async fn call_off(&self, cx: &Cx, of: Booking) -> Result<(), Fault>;

    /// Forgets for whom these were made; none of them opens anything from now on.
    async fn forget(&self, cx: &Cx, bookings: &[Uuid]) -> Result<(), Fault>;

    /// How these stand now; those that never were are left out.
    async fn standing(&self, cx: &Cx, bookings: &[Uuid]) -> Result<Vec<GuestKeys>, Fault>;
}

/// A booking of ours, and the visit it goes with.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Booking {
    /// Which.
    pub id: Uuid,
    /// With which visit.
    pub visit: VisitId,
}

/// From when until when.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Time {
    /// From.
    pub starts_at: Timestamp,
    /// Until.
    pub ends_at: Timestamp,
}

/// For which keys we look.
#[derive(Clone, Debug)]
pub struct OfferAsk {
    /// Where the guest comes to.
    pub site: SiteId,
    /// For when.
    pub time: Time,
    /// Part of the name; empty: all.
    pub search: String,
    /// As many as are shown.
    pub limit: usize,
}

/// A key that may be booked.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, utoipa::ToSchema)]
pub struct OfferedKey {
    /// Which.
    pub id: Uuid,
    /// Its name.
    pub name: String,
    /// Where it hangs, as people call it.
    pub place: String,
    /// Whether it is free at that time.
    pub free: bool,
}

/// Keys to be booked.
#[derive(Clone, Debug)]
pub struct BookAsk {
    /// The booking it is to be.
    pub booking: Booking,
    /// Which keys.
    pub keys: Vec<Uuid>,
    /// They must be at this site.
    pub site: SiteId,
    /// For whom.
    pub guest: KeyGuest,
    /// For when.
    pub time: Time,
}

/// For whom keys are booked.
#[derive(Clone, Debug)]
pub struct KeyGuest {
    /// Name.
    pub name: String,
    /// Mail address; may be empty.
    pub mail: String,
    /// Which language they read.
    pub language: Language,
}

/// How a booking stands, for its guest.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct GuestKeys {
    /// Which.
    pub id: Uuid,
    /// The keys, and where they are.
    pub keys: Vec<GuestKey>,
    /// For when.
    pub time: Time,
    /// The clock of the place where they hang (IANA).
    pub zone: String,
    /// What opens, while it does or will; none: it was called off, or is over.
    pub code: Option<String>,
    /// The page where keys can be taken without typing, as a path of this server.
    pub address: String,
    /// Whether it was called off.
    pub called_off: bool,
    /// Whether the guest has one of the keys now.
    pub out: bool,
}

impl GuestKeys {
    /// The keys by name.
    pub(crate) fn names(&self) -> Vec<String> {
        self.keys.iter().map(|key| key.name.clone()).collect()
    }

    /// Where they are, each place once.
    pub(crate) fn places(&self) -> Vec<String> {
        let places: BTreeSet<&String> = self.keys.iter().map(|key| &key.place).collect();
        places.into_iter().cloned().collect()
    }
}

/// A key, and where it is.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct GuestKey {
    /// Its name.
    pub name: String,
    /// The box it hangs in.
    pub place: String,
    /// The way there.
    pub directions: String,
}

/// Why keys are not booked, or not moved.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum KeysRefusal {
    /// No such key at this site, or none that whoever acts may book for a guest.
    NotYours,
    /// Somebody else has it then.
    Taken,
    /// These keys hang in places with different clocks.
    Apart,
    /// A key of it was taken already.
    InUse,
    /// The booking does not stand any more.
    Ended,
    /// That time cannot be booked.
    BadTime,
}

impl KeysRefusal {
    /// The word in the record and in messages.
    pub fn word(self) -> &'static str {
        match self {
            Self::NotYours => "not_yours",
            Self::Taken => "taken",
            Self::Apart => "apart",
            Self::InUse => "in_use",
            Self::Ended => "ended",
            Self::BadTime => "bad_time",
        }
    }

    /// The sentence for whoever asked.
    pub(crate) fn text(self) -> &'static str {
        match self {
            Self::NotYours => "visitors-keys-refused-not-yours",
            Self::Taken => "visitors-keys-refused-taken",
            Self::Apart => "visitors-keys-refused-apart",
            Self::InUse => "visitors-keys-refused-in-use",
            Self::Ended => "visitors-keys-refused-ended",
            Self::BadTime => "visitors-keys-refused-bad-time",
        }
    }
}

/// Why there is no booking.
#[derive(Debug, thiserror::Error)]
pub enum KeysError {
    /// Whoever keeps the keys says no.
    #[error("refused: {0:?}")]
    Refused(KeysRefusal),
    /// Something broke; whether the booking came about is not known.
    #[error("broken")]
    Fault(#[source] Fault),
}
faults!(KeysError);

impl Kinded for KeysError {
    fn kind(&self) -> Kind {
        match self {
            Self::Refused(_) => Kind::Refused,
            Self::Fault(fault) => fault.kind(),
        }
    }

    fn text(&self) -> &'static str {
        match self {
            Self::Refused(refusal) => refusal.text(),
            Self::Fault(_) => "error-broken",
        }
    }
}
