//! What this module tells others, past tense. Names of guests are never in here: listeners look them up.

use sekisho_kernel::{GroupId, PersonId, SiteId, Timestamp};
use sekisho_storage::{Event, facts};
use serde::{Deserialize, Serialize};

use crate::ids::{AppointmentId, DropOffId, GuestId, SeriesId, VisitId};
use crate::tables::visits;
use crate::tables::words::{BadgeState, VisitKind, VisitWay};

facts!(/// An appointment was made.
    AppointmentMade = "visitors.appointment_made" {
    /// Which.
    appointment: AppointmentId,
    /// Its visits so far.
    visits: Vec<VisitId>,
    /// Who made it.
    maker: PersonId,
    /// Who receives.
    host: PersonId,
    /// Where.
    site: SiteId,
});

facts!(/// An appointment was changed; its passes are new.
    AppointmentChanged = "visitors.appointment_changed" {
    /// Which.
    appointment: AppointmentId,
    /// The visits that changed with it.
    visits: Vec<VisitId>,
    /// Who changed it.
    person: PersonId,
});

facts!(/// Visits were called off.
    VisitsCancelled = "visitors.visits_cancelled" {
    /// Of which appointment.
    appointment: AppointmentId,
    /// Which.
    visits: Vec<VisitId>,
    /// Who called them off; none: the guest.
    person: Option<PersonId>,
});

facts!(/// A series of appointments was made, or somebody is expected at those of one from now on.
    SeriesMade = "visitors.series_made" {
    /// Which.
    series: SeriesId,
    /// Which of the acts upon it this was, from 1.
    act: i64,
    /// The visits that were made, of all of its occurrences.
    visits: Vec<VisitId>,
    /// Who made them.
    maker: PersonId,
    /// Who receives.
    host: PersonId,
    /// Where.
    site: SiteId,
});

facts!(/// A series was changed from one of its appointments on; their passes are new.
    SeriesChanged = "visitors.series_changed" {
    /// Which.
    series: SeriesId,
    /// Which of the acts upon it this was.
    act: i64,
    /// From which appointment on.
    from: AppointmentId,
    /// The visits that changed with it.
    visits: Vec<VisitId>,
    /// Who changed it.
    person: PersonId,
});

facts!(/// Visits of several appointments of a series were called off.
    SeriesCancelled = "visitors.series_cancelled" {
    /// Of which series.
    series: SeriesId,
    /// Which of the acts upon it this was.
    act: i64,
    /// Which visits.
    visits: Vec<VisitId>,
    /// Who called them off; none: the guest.
    person: Option<PersonId>,
});

/// Where and when something happened to one visit, and whom it concerns.
#[derive(Clone, PartialEq, Debug, Serialize, Deserialize)]
pub struct Seen {
    /// Which visit.
    pub visit: VisitId,
    /// By which appointment.
    pub appointment: Option<AppointmentId>,
    /// Where.
    pub site: SiteId,
    /// What kind.
    pub kind: VisitKind,
    /// Who receives.
    pub host: Option<PersonId>,
    /// People who came along.
    pub companions: i64,
    /// When.
    pub at: Timestamp,
    /// By which way.
    pub way: VisitWay,
}

impl Seen {
    /// Of that visit.
    pub(crate) fn of(visit: &visits::Model, at: Timestamp, way: VisitWay) -> Self {
        Self {
            visit: visit.id,
            appointment: visit.appointment_id,
            site: visit.site_id,
            kind: visit.kind,
            host: visit.host_id,
            companions: visit.companions,
            at,
            way,
        }
    }
}

macro_rules! seen {
    ($($(#[$doc:meta])* $name:ident = $text:literal;)*) => {$(
        $(#[$doc])*
        #[derive(Clone, PartialEq, Debug, Serialize, Deserialize)]
        #[serde(transparent)]
        pub struct $name(pub Seen);
        impl Event for $name {
            const NAME: &'static str = $text;
        }
    )*};
}

seen! {
    /// A guest came to the reception.
    GuestArrived = "visitors.arrived";
    /// A guest was let in.
    GuestAdmitted = "visitors.admitted";
    /// A guest was not let in.
    GuestRefused = "visitors.refused";
    /// A guest left.
    GuestLeft = "visitors.left";
    /// A guest never came.
    GuestMissed = "visitors.missed";
}

facts!(/// A pass or code was shown that opens nothing here and now.
    PassRefused = "visitors.pass_refused" {
    /// Where.
    site: SiteId,
    /// Of which visit; none: nobody's.
    visit: Option<VisitId>,
    /// Who receives, when a visit is known.
    host: Option<PersonId>,
    /// Why: `used`, `not_yet`, `over`, `cancelled`, `refused`, `other_site`, `unknown`.
    why: String,
    /// When.
    at: Timestamp,
});

facts!(/// Something was brought to the reception.
    DeliveryHandedIn = "visitors.delivered" {
    /// Which delivery.
    delivery: DropOffId,
    /// Where.
    site: SiteId,
    /// For whom, when a person.
    person: Option<PersonId>,
    /// For which department otherwise.
    group: Option<GroupId>,
    /// When.
    at: Timestamp,
});

facts!(/// A guest waits at the reception, and whoever was asked has not answered.
    NobodyAnswers = "visitors.nobody_answers" {
    /// Which visit.
    visit: VisitId,
    /// Where.
    site: SiteId,
    /// Who should receive.
    host: Option<PersonId>,
    /// Since when the guest waits.
    since: Timestamp,
});

facts!(/// Somebody is coming to meet a guest.
    HostAnswered = "visitors.answered" {
    /// Which visit.
    visit: VisitId,
    /// Where.
    site: SiteId,
    /// Who.
    person: PersonId,
    /// When.
    at: Timestamp,
});

facts!(/// A guest filled in the personal page, signed, or sent a photo.
    GuestRegistered = "visitors.registered" {
    /// Which visit.
    visit: VisitId,
    /// By which appointment.
    appointment: Option<AppointmentId>,
    /// Who receives.
    host: Option<PersonId>,
    /// When.
    at: Timestamp,
});

facts!(/// A guest asks for another time.
    ChangeProposed = "visitors.change_proposed" {
    /// Which visit.
    visit: VisitId,
    /// By which appointment.
    appointment: AppointmentId,
    /// Who receives.
    host: Option<PersonId>,
});

facts!(/// What is known of a guest was corrected.
    GuestChanged = "visitors.guest_changed" {
    /// Which.
    guest: GuestId,
    /// The visits of which the guest is told anew, at another mail address.
    visits: Vec<VisitId>,
    /// Who corrected it.
    person: PersonId,
});

facts!(/// A guest was forgotten.
    GuestErased = "visitors.guest_erased" {
    /// Which.
    guest: GuestId,
    /// When.
    at: Timestamp,
});

facts!(/// The printing of a badge got further, or something stands in its way.
    BadgeMoved = "visitors.badge_moved" {
    /// Whose.
    visit: VisitId,
    /// At which site.
    site: SiteId,
    /// How far it got.
    state: BadgeState,
});
