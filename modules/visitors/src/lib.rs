//! Reception: guests are invited, arrive, are met, and leave.
//!
//! Read `visit.rs` first: it says what can happen to a visit and what follows. Then `pass.rs`, what a guest shows;
//! `check_in.rs`, the act it is all for; `warrant.rs`, who may do what; `guest.rs`, how a guest is kept and forgotten.
//! `README.md` has the words and the promises.

mod admit;
mod answer;
mod answer_by_button;
mod api;
mod asked;
pub mod badges;
mod book_keys;
mod booked_keys;
pub mod calendar;
pub mod calendars;
mod cancel_appointment;
mod cancel_series;
mod change_appointment;
mod change_guest;
mod change_series;
mod check_in;
mod check_out;
mod checks;
mod csv_table;
mod deliver;
mod desk;
mod end_of_day;
mod erase_guest;
mod escalate;
mod evacuation;
pub mod events;
mod guest;
pub mod guest_changes;
mod guest_row;
mod ids;
mod import_appointments;
mod invitation;
pub mod key_bookings;
mod keys_follow;
mod ledger;
mod make_appointment;
pub mod make_series;
pub mod messages;
pub mod occurrence;
mod often;
mod pages;
pub mod pass;
mod picture;
pub mod reads;
pub mod registration;
mod remind;
pub mod repeat;
pub mod retention;
mod rooms;
mod seek;
mod series;
mod series_guests;
mod series_words;
pub mod settings;
pub mod statistics;
pub mod tables;
mod tell;
mod tell_keys;
mod tell_series;
pub mod terminal;
mod turns;
pub mod visit;
mod walk_in;
mod warrant;
mod watch;
mod wave_in;

use std::sync::Arc;

use sekisho_crypto::Vault;
use sekisho_host::{Foundation, Mount, Sweep};
use sekisho_identity::Identity;
use sekisho_kernel::Cx;
use sekisho_notify::Notify;
use sekisho_policy::Policy;
use sekisho_storage::jobs::Handlers;
use sekisho_storage::reseal::SealedColumn;
use sekisho_storage::{Event as _, Migration, Store};
use sekisho_web::{Mounted, NavItem, TextSource};

use crate::key_bookings::KeyBookings;

pub use admit::{admit, arrive, refuse};
pub use answer::answer;
pub use badges::{BadgeSettings, PrinterForm, add_printer, print_badge, save_badge_settings};
pub use book_keys::{book_keys, call_off_keys, offered_keys};
pub use booked_keys::{VisitKey, VisitKeys, VisitKeysState};
pub use calendars::{CalendarForm, add_calendar, change_calendar, read_calendar_now, remove_calendar};
pub use cancel_appointment::{cancel_appointment, remove_guest};
pub use cancel_series::cancel_series;
pub use change_appointment::{add_guest, change_appointment};
pub use change_guest::{KnownGuest, change_guest, guest_of};
pub use change_series::change_series;
pub use check_in::{
    CheckInError, CheckedIn, MOST_WRONG_HERE, MOST_WRONG_OF_TENANT, Presented, WRONG_WITHIN, check_in,
};
pub use check_out::{check_out, check_out_at};
pub use checks::VisitError;
pub use csv_table::MOST_ROWS;
pub use erase_guest::erase_guest;
pub use escalate::{PassedOn, pass_on};
pub use evacuation::{EvacuationList, Present, evacuation};
pub use guest::Contact;
pub use guest_row::{GuestRow, guest_row};
pub use ids::{
    AppointmentId, BadgeId, CalendarId, GuestId, PrinterId, RoomId, SeriesId, TerminalId, VisitId,
};
pub use import_appointments::{ImportedRow, import_appointments};
pub use make_appointment::{
    AppointmentForm, GuestForm, MOST_GUESTS, MadeAppointment, MadeVisit, make_appointment,
};
pub use make_series::{MadeSeries, RepeatForm, make_series};
pub use rooms::{RoomForm, RoomRow, RoomTaken, add_room, change_room, retire_room};
pub use series_guests::{add_guest_to_series, remove_guest_from_series};
pub use terminal::{
    TerminalCode, TerminalForm, TerminalSettings, add_terminal, new_terminal_code, revoke_terminal,
    save_terminal_picture, save_terminal_settings,
};
pub use warrant::{MayDecide, MayInvite, NotAllowed, Reception, Sight};
pub use watch::{
    AskGuard, MOST_ENTRIES, WatchForm, WatchImportRow, add_watch_entry, change_watch_entry, clear_match,
    guard_was_asked, import_watch_list, remove_watch_entry,
};
pub use wave_in::{WaveIn, wave_in};

/// The module: what it needs, and through which everything of it is called. Cheap to clone.
#[derive(Clone)]
pub struct Visitors {
    pub(crate) store: Store,
    pub(crate) vault: Vault,
    pub(crate) policy: Policy,
    pub(crate) identity: Identity,
    pub(crate) notify: Notify,
    /// Whoever keeps keys; none: no visit carries any.
    pub(crate) key_bookings: Option<Arc<dyn KeyBookings>>,
}

impl Visitors {
    /// The module on that foundation. Nobody keeps keys.
    pub fn on(foundation: &Foundation) -> Self {
        let Foundation { store, vault, policy, identity, notify, .. } = foundation.clone();
        Self { store, vault, policy, identity, notify, key_bookings: None }
    }

    /// The same where somebody keeps keys that a visit can carry.
    pub fn with_keys(self, port: Arc<dyn KeyBookings>) -> Self {
        Self { key_bookings: Some(port), ..self }
    }
}

/// The tables of this module.
pub fn migrations() -> Vec<Migration> {
    tables::migrations()
}

/// The columns that hold values sealed under the tenant's keys. What lies under a guest's own key is not sealed anew: that
/// key is.
pub const SEALED: [SealedColumn; 10] = [
    SealedColumn::new("visitors_printers", "login_sealed").placed("login"),
    SealedColumn::new("visitors_calendars", "access_sealed").placed("access"),
    SealedColumn::new("visitors_watch_entries", "who_sealed").placed("who"),
    SealedColumn::new("visitors_watch_entries", "reason_sealed").placed("reason"),
    SealedColumn::new("visitors_watch_entries", "phone_sealed").placed("phone"),
    SealedColumn::new("visitors_terminal_keys", "secret_sealed").placed("secret"),
    SealedColumn::new("visitors_walk_ins", "purpose_sealed").placed("purpose"),
    SealedColumn::new("visitors_appointments", "purpose_sealed").placed("purpose"),
    SealedColumn::new("visitors_appointments", "note_sealed").placed("note"),
    SealedColumn::new("visitors_guests", "key_sealed").placed("key"),
];

/// The texts of this module.
pub fn texts() -> TextSource {
    TextSource {
        module: "visitors",
        ja: concat!(
            include_str!("../texts/ja.ftl"),
            "\n",
            include_str!("../texts/acts/ja.ftl"),
            "\n",
            include_str!("../texts/desk/ja.ftl"),
            "\n",
            include_str!("../texts/retention/ja.ftl"),
            "\n",
            include_str!("../texts/statistics/ja.ftl"),
            "\n",
            include_str!("../texts/messages/ja.ftl"),
            "\n",
            include_str!("../texts/terminal/ja.ftl"),
            "\n",
            include_str!("../texts/watch/ja.ftl"),
            "\n",
            include_str!("../texts/series/ja.ftl"),
            "\n",
            include_str!("../texts/registration/ja.ftl"),
            "\n",
            include_str!("../texts/badges/ja.ftl"),
            "\n",
            include_str!("../texts/calendars/ja.ftl"),
            "\n",
            include_str!("../texts/rooms/ja.ftl")
        ),
        en: concat!(
            include_str!("../texts/en.ftl"),
            "\n",
            include_str!("../texts/acts/en.ftl"),
            "\n",
            include_str!("../texts/desk/en.ftl"),
            "\n",
            include_str!("../texts/retention/en.ftl"),
            "\n",
            include_str!("../texts/statistics/en.ftl"),
            "\n",
            include_str!("../texts/messages/en.ftl"),
            "\n",
            include_str!("../texts/terminal/en.ftl"),
            "\n",
            include_str!("../texts/watch/en.ftl"),
            "\n",
            include_str!("../texts/series/en.ftl"),
            "\n",
            include_str!("../texts/registration/en.ftl"),
            "\n",
            include_str!("../texts/badges/en.ftl"),
            "\n",
            include_str!("../texts/calendars/en.ftl"),
            "\n",
            include_str!("../texts/rooms/en.ftl")
        ),
        zh: concat!(
            include_str!("../texts/zh.ftl"),
            "\n",
            include_str!("../texts/series/zh.ftl"),
            "\n",
            include_str!("../texts/registration/zh.ftl"),
            "\n",
            include_str!("../texts/rooms/zh.ftl")
        ),
        ko: concat!(
            include_str!("../texts/ko.ftl"),
            "\n",
            include_str!("../texts/series/ko.ftl"),
            "\n",
            include_str!("../texts/registration/ko.ftl"),
            "\n",
            include_str!("../texts/rooms/ko.ftl")
        ),
    }
}

/// Pages and API.
pub fn routes(visitors: &Visitors) -> Mounted {
    pages::routes()
        .merge(api::routes())
        .merge(desk::routes())
        .merge(retention::routes())
        .merge(statistics::routes())
        .merge(messages::routes())
        .merge(terminal::routes())
        .merge(watch::routes())
        .merge(registration::routes())
        .merge(badges::routes())
        .merge(calendars::routes())
        .merge(rooms::routes())
        .with_state(visitors.clone())
}

/// The entry of the rail.
pub fn nav() -> NavItem {
    NavItem { order: 30, text: "visitors-nav", href: "/visitors", icon: "users", administrator_only: false }
}

/// Who runs this module's jobs.
pub fn handlers(visitors: &Visitors) -> Handlers {
    let mut handlers = Handlers::default();
    let on = visitors.clone();
    handlers.on(tell::JOB, move |cx, job| tell::run(on.clone(), cx, job));
    let on = visitors.clone();
    handlers.on(escalate::JOB, move |cx, job| escalate::run(on.clone(), cx, job));
    let on = visitors.clone();
    handlers.on(remind::JOB, move |cx, job| remind::run(on.clone(), cx, job));
    let on = visitors.clone();
    handlers.on(watch::JOB, move |cx, job| watch::run(on.clone(), cx, job));
    let on = visitors.clone();
    handlers.on(badges::JOB, move |cx, job| badges::run(on.clone(), cx, job));
    let on = visitors.clone();
    handlers.on(badges::AT_CHECK_IN, move |cx, job| badges::at_check_in(on.clone(), cx, job));
    let on = visitors.clone();
    handlers.on(keys_follow::JOB, move |cx, job| keys_follow::run(on.clone(), cx, job));
    let on = visitors.clone();
    handlers.on(calendars::JOB, move |cx, job| calendars::run(on.clone(), cx, job));
    handlers
}

/// Everything of this module, where nobody keeps keys.
pub fn mount(foundation: &Foundation) -> Mount {
    mount_as(foundation, &Visitors::on(foundation))
}

/// Everything of this module as it stands, for the server and the tests.
pub fn mount_as(foundation: &Foundation, visitors: &Visitors) -> Mount {
    foundation.notify.offer(&walk_in::KINDS);
    foundation.notify.offer(&tell::KINDS);
    foundation.notify.offer(&watch::KINDS);
    foundation.notify.offer(&calendars::KINDS);
    answer_by_button::listen(visitors);
    Mount {
        routes: vec![routes(visitors)],
        nav: vec![nav()],
        texts: vec![texts()],
        samples: [
            pages::samplers(),
            badges::samplers(),
            calendars::samplers(),
            desk::samplers(),
            registration::samplers(),
            retention::samplers(),
            rooms::samplers(),
            statistics::samplers(),
            messages::samplers(),
            terminal::samplers(),
            watch::samplers(),
        ]
        .concat(),
        handlers: handlers(visitors),
        subscriptions: hears(),
        sealed: SEALED.to_vec(),
        sweeps: vec![
            close_days(visitors),
            forget_entries(visitors),
            take_away(visitors),
            count_days(visitors),
            erase_photos(visitors),
            forget_tries(visitors),
            read_calendars(visitors),
        ],
        my_page: vec![Arc::new(pages::NextCard(visitors.clone()))],
        today: vec![Arc::new(pages::HereCard(visitors.clone()))],
        seekers: vec![Arc::new(seek::VisitSeek(visitors.clone()))],
        settings: [
            &pages::SETTINGS[..],
            &registration::SETTINGS[..],
            &terminal::SETTINGS[..],
            &watch::SETTINGS[..],
            &badges::SETTINGS[..],
            &calendars::SETTINGS[..],
            &rooms::SETTINGS[..],
            &retention::SETTINGS[..],
        ]
        .concat(),
        ..Mount::default()
    }
}

fn hears() -> Vec<(&'static str, &'static str)> {
    let tells = tell::HEARS.iter().map(|fact| (*fact, tell::JOB));
    tells.chain([(events::GuestArrived::NAME, badges::AT_CHECK_IN)]).collect()
}

fn close_days(visitors: &Visitors) -> Sweep {
    let visitors = visitors.clone();
    Sweep::new("visitors.end_of_day", end_of_day::EVERY, move |cx: Cx| {
        let visitors = visitors.clone();
        async move { end_of_day::end_of_day(&visitors, &cx).await.map_err(|error| format!("{error:?}")) }
    })
}

fn forget_entries(visitors: &Visitors) -> Sweep {
    let visitors = visitors.clone();
    Sweep::new("visitors.watch_list", watch::EVERY, move |cx: Cx| {
        let visitors = visitors.clone();
        async move { watch::forget_over(&visitors, &cx).await.map_err(|error| format!("{error:?}")) }
    })
}

fn take_away(visitors: &Visitors) -> Sweep {
    let visitors = visitors.clone();
    Sweep::new("visitors.retention", retention::EVERY, move |cx: Cx| {
        let visitors = visitors.clone();
        async move { retention::round(&visitors, &cx).await.map_err(|error| format!("{error:?}")) }
    })
}

fn count_days(visitors: &Visitors) -> Sweep {
    let visitors = visitors.clone();
    Sweep::new("visitors.statistics", statistics::EVERY, move |cx: Cx| {
        let visitors = visitors.clone();
        async move { statistics::close(&visitors, &cx, None).await.map_err(|error| format!("{error:?}")) }
    })
}

fn erase_photos(visitors: &Visitors) -> Sweep {
    let visitors = visitors.clone();
    Sweep::new("visitors.photos", registration::EVERY, move |cx: Cx| {
        let visitors = visitors.clone();
        async move { registration::erase_photos(&visitors, &cx).await.map_err(|error| format!("{error:?}")) }
    })
}

fn forget_tries(visitors: &Visitors) -> Sweep {
    let visitors = visitors.clone();
    Sweep::new("visitors.tries", often::EVERY, move |cx: Cx| {
        let visitors = visitors.clone();
        async move { often::forget_tries(&visitors, &cx).await.map_err(|error| format!("{error:?}")) }
    })
}

fn read_calendars(visitors: &Visitors) -> Sweep {
    let visitors = visitors.clone();
    Sweep::new("visitors.calendars", calendars::EVERY, move |cx: Cx| {
        let visitors = visitors.clone();
        async move { calendars::find_due(&visitors, &cx).await.map_err(|error| format!("{error:?}")) }
    })
}
