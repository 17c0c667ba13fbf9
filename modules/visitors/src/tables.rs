//! The rows of the module, all with the prefix `visitors_`.
//!
//! Whatever tells who a guest is lies sealed under a key of that guest (`visitors_guests.key_sealed`), which lies sealed
//! under the tenant's keys: without it the words are gone. Guests are found by blind words, passes and personal pages by
//! hash, codes by blind index; none of them can be read out of the tables.

use sekisho_kernel::{GroupId, PersonId, SiteId, Timestamp};
use sekisho_storage::{Change, JsonText, Migration, Table, tenant_table};
use uuid::Uuid;

use self::words::*;
use crate::ids::*;

pub mod words;

mod days;
pub use days::days as counted_days;
mod key_bookings;
pub use key_bookings::booked_keys;

mod badges;
pub use badges::{badge_settings, badges as printed_badges, printers};
mod calendars;
pub use calendars::{CalendarKind, calendar_files, calendar_items, calendars as read_calendars};

mod rooms;
pub use rooms::rooms as kept_rooms;

mod terminal;
pub use terminal::{deliveries, terminal_events, terminal_keys, terminal_settings, terminals, walk_ins};

mod registration;
pub use registration::{
    agreement_versions, agreements, photos, registration_asks, registrations, signed_visits, signings,
};

mod watch;
pub use watch::{watch_cleared, watch_entries, watch_marks};

tenant_table!(/// Appointments.
    appointments, "visitors_appointments", {
    /// Which.
    #[sea_orm(primary_key, auto_increment = false)]
    id: AppointmentId,
    /// What kind of visit.
    kind: VisitKind,
    /// Who receives.
    host_id: PersonId,
    /// The department that is told when host and deputies are silent.
    group_id: Option<GroupId>,
    /// Where.
    site_id: SiteId,
    /// The clock of that site (IANA).
    zone: String,
    /// The room or floor, as guests read it.
    place: String,
    /// From, on that clock: `2026-11-22T09:00`.
    starts: String,
    /// Until, likewise.
    ends: String,
    /// What for; the guests read it.
    purpose_sealed: Vec<u8>,
    /// For host and desk only.
    note_sealed: Vec<u8>,
    /// Counts the changes; the `SEQUENCE` of the calendar file.
    version: i64,
    /// Who made it.
    made_by: PersonId,
    /// When.
    made_at: Timestamp,
    /// When it was called off as a whole.
    cancelled_at: Option<Timestamp>,
    /// The series it is one of.
    series_id: Option<SeriesId>,
    /// When the rule of the series has it begin, whenever it really does; what RFC 5545 calls `RECURRENCE-ID`.
    series_on: Option<String>,
    /// Whether it was changed by itself: what changes the series leaves it as it is.
    set_apart: bool,
    /// The room it has; none: `place` is all that is said of where.
    room_id: Option<RoomId>,
    /// What was typed beside the room: `place` is the room's name at that time with it. Empty without a room.
    beside_room: String,
    /// From when it has the room.
    room_from: Option<Timestamp>,
    /// Until when.
    room_until: Option<Timestamp>,
});

tenant_table!(/// Series: appointments that one rule made. Each of them is there from the beginning.
    series, "visitors_series", {
    /// Which.
    #[sea_orm(primary_key, auto_increment = false)]
    id: SeriesId,
    /// The rule (RFC 5545), on the clock of the site.
    rule: String,
    /// What it leaves out.
    leaves_out: JsonText<crate::make_series::LeavesOut>,
    /// From, of the first, on the clock of the site.
    starts: String,
    /// Until, likewise.
    ends: String,
    /// The clock of that site (IANA).
    zone: String,
    /// Counts what was done to it.
    acts: i64,
    /// Who made it.
    made_by: PersonId,
    /// When.
    made_at: Timestamp,
});

tenant_table!(/// Who stands in for the host.
    deputies, "visitors_deputies", {
    /// Of which appointment.
    #[sea_orm(primary_key, auto_increment = false)]
    appointment_id: AppointmentId,
    /// Who.
    #[sea_orm(primary_key, auto_increment = false)]
    person_id: PersonId,
    /// Who is asked first, from 0.
    place: i64,
});

tenant_table!(/// Known guests.
    guests, "visitors_guests", {
    /// Which.
    #[sea_orm(primary_key, auto_increment = false)]
    id: GuestId,
    /// The guest's own key; none: erased.
    key_sealed: Option<Vec<u8>>,
    /// Name, reading, company, mail and telephone, under that key.
    contact: Option<Vec<u8>>,
    /// The mail address, to know a guest who comes again.
    mail_blind: Option<Vec<u8>>,
    /// Which language the guest reads.
    language: String,
    /// When the guest was first written down.
    created_at: Timestamp,
    /// When the guest's key was destroyed.
    erased_at: Option<Timestamp>,
});

tenant_table!(/// By which words guests are found.
    guest_words, "visitors_guest_words", {
    /// Which.
    #[sea_orm(primary_key, auto_increment = false)]
    id: Uuid,
    /// The guest.
    guest_id: GuestId,
    /// The blind word.
    word: Vec<u8>,
});

tenant_table!(/// Visits: one guest at one occurrence.
    visits, "visitors_visits", {
    /// Which.
    #[sea_orm(primary_key, auto_increment = false)]
    id: VisitId,
    /// By which appointment; none: nobody had announced it.
    appointment_id: Option<AppointmentId>,
    /// Who comes; none: somebody whose name nobody asked.
    guest_id: Option<GuestId>,
    /// Where.
    site_id: SiteId,
    /// The clock of that site (IANA).
    zone: String,
    /// What kind.
    kind: VisitKind,
    /// Who receives.
    host_id: Option<PersonId>,
    /// Who wrote it down.
    made_by: Option<PersonId>,
    /// How far it got.
    state: VisitState,
    /// The day, on the site's calendar: `2026-11-22`.
    day: String,
    /// From.
    starts_at: Timestamp,
    /// Until.
    ends_at: Timestamp,
    /// People who come along and are only counted.
    companions: i64,
    /// Which pass is the valid one, from 1.
    generation: i64,
    /// SHA-256 of the pass; none: there is none. It stays when the pass opens nothing any more, so that host and record are
    /// told whose was shown.
    pass_hash: Option<Vec<u8>>,
    /// The code for typing, to find it; none: there is none, or it is free for another visit.
    live_code: Option<Vec<u8>>,
    /// SHA-256 of the token in the address of the personal page.
    page_hash: Option<Vec<u8>>,
    /// When the guest was told.
    invited_at: Option<Timestamp>,
    /// When the guest came to the reception.
    arrived_at: Option<Timestamp>,
    /// By which way that was seen.
    arrived_how: Option<VisitWay>,
    /// When the guest was let in.
    admitted_at: Option<Timestamp>,
    /// By whom.
    admitted_by: Option<PersonId>,
    /// When the guest left.
    left_at: Option<Timestamp>,
    /// By which way that is known.
    left_how: Option<VisitWay>,
    /// When somebody said that they are coming to meet the guest.
    answered_at: Option<Timestamp>,
    /// Who said so.
    answered_by: Option<PersonId>,
    /// How many were asked after the host.
    asked: i64,
    /// When there was nobody left to ask.
    unanswered_at: Option<Timestamp>,
    /// The terminal at which the guest checked in.
    arrived_terminal: Option<Uuid>,
    /// The code for typing once it opens nothing any more: whose it was is still told inside.
    dead_code: Option<Vec<u8>>,
    /// How often the address of the personal page was changed.
    page_generation: i64,
});

tenant_table!(/// Who was asked to meet a guest, beside the host: they may answer, and see that visit.
    asked, "visitors_asked", {
    /// Of which visit.
    #[sea_orm(primary_key, auto_increment = false)]
    visit_id: VisitId,
    /// Who.
    #[sea_orm(primary_key, auto_increment = false)]
    person_id: PersonId,
    /// When.
    at: Timestamp,
});

tenant_table!(/// Wrong passes and codes at one place, in a row.
    tries, "visitors_tries", {
    /// From where: derived from the address, the terminal or the tenant.
    #[sea_orm(primary_key, auto_increment = false)]
    id: Uuid,
    /// How many since then.
    wrong: i64,
    /// Since when they are counted.
    since: Timestamp,
    /// Nothing typed is looked at until then.
    paused_until: Timestamp,
});

tenant_table!(/// The tenant's settings; the row's id is nil.
    settings, "visitors_settings", {
    /// Nil.
    #[sea_orm(primary_key, auto_increment = false)]
    id: Uuid,
    /// The settings.
    settings: JsonText<crate::settings::Settings>,
    /// Counts the changes.
    version: i64,
});

tenant_table!(/// How long visits are kept; the row's id is nil.
    retention, "visitors_retention", {
    /// Nil.
    #[sea_orm(primary_key, auto_increment = false)]
    id: Uuid,
    /// The rules.
    rules: JsonText<crate::retention::Retention>,
    /// Counts the changes.
    version: i64,
});

/// The migrations of this module.
pub fn migrations() -> Vec<Migration> {
    vec![
        Migration { name: "20261123_visitors", changes: || first().into_iter().map(Into::into).collect() },
        Migration {
            name: "20261123_visitors_terminals",
            changes: || terminal::terminals_first().into_iter().map(Into::into).collect(),
        },
        Migration { name: "20261123_visitors_answers", changes: answers },
        Migration { name: "20261123_visitors_asked", changes: asked_first },
        Migration { name: "20261123_visitors_page_generation", changes: page_generation },
        Migration { name: "20261125_visitors_lists", changes: lists },
        Migration { name: "20261126_visitors_key_bookings", changes: key_bookings::first },
        Migration { name: "20261126_visitors_watch", changes: watch::watch_first },
        Migration { name: "20261127_visitors_series", changes: series_first },
        Migration { name: "20261128_visitors_retention", changes: retention_first },
        Migration { name: "20261128_visitors_key_bookings_told", changes: key_bookings::told },
        Migration { name: "20261128_visitors_registration", changes: registration::registration_first },
        Migration { name: "20261128_visitors_badges", changes: badges::badges_first },
        Migration { name: "20261128_visitors_calendars", changes: calendars::calendars_first },
        Migration { name: "20261129_visitors_days", changes: days::days_first },
        Migration { name: "20261130_visitors_rooms", changes: rooms::rooms_first },
        Migration { name: "20261201_visitors_calendar_organizers", changes: calendars::organizers },
    ]
}

fn retention_first() -> Vec<Change> {
    vec![Table::tenant("visitors_retention").text("rules").integer("version").into()]
}

fn series_first() -> Vec<Change> {
    let same = |sql| Change::Sql { sqlite: sql, postgres: sql };
    vec![
        Table::tenant("visitors_series")
            .text("rule")
            .text("leaves_out")
            .text("starts")
            .text("ends")
            .text("zone")
            .integer("acts")
            .uuid("made_by")
            .integer("made_at")
            .into(),
        Change::Sql {
            sqlite: "ALTER TABLE visitors_appointments ADD COLUMN series_id uuid_text",
            postgres: "ALTER TABLE visitors_appointments ADD COLUMN series_id uuid",
        },
        same("ALTER TABLE visitors_appointments ADD COLUMN series_on text"),
        same("ALTER TABLE visitors_appointments ADD COLUMN set_apart boolean NOT NULL DEFAULT FALSE"),
        same(
            "CREATE INDEX visitors_appointments_of_series ON visitors_appointments (tenant_id, series_id, series_on) WHERE series_id IS NOT NULL",
        ),
    ]
}

/// The lists of years (`reads/listing.rs`): in the order of time to the last column, so that nothing is left to be put in order.
fn lists() -> Vec<Change> {
    let same = |sql| Change::Sql { sqlite: sql, postgres: sql };
    vec![
        same("CREATE INDEX visitors_visits_of_site ON visitors_visits (tenant_id, site_id, starts_at, id)"),
        same("DROP INDEX visitors_visits_by_site_id_starts_at"),
        same("CREATE INDEX visitors_visits_of_host ON visitors_visits (tenant_id, host_id, starts_at, id)"),
        same("DROP INDEX visitors_visits_by_host_id_starts_at"),
        same("CREATE INDEX visitors_visits_of_maker ON visitors_visits (tenant_id, made_by, starts_at, id)"),
        same("DROP INDEX visitors_visits_by_made_by_starts_at"),
        same("CREATE INDEX visitors_visits_of_guest ON visitors_visits (tenant_id, guest_id, starts_at, id)"),
        same("DROP INDEX visitors_visits_by_guest_id_starts_at"),
        same("CREATE INDEX visitors_visits_of_kind ON visitors_visits (tenant_id, kind, starts_at, id)"),
        same(
            "CREATE INDEX visitors_visits_long ON visitors_visits (tenant_id, ends_at) WHERE (ends_at - starts_at) > 86400000000",
        ),
    ]
}

fn page_generation() -> Vec<Change> {
    let sql = "ALTER TABLE visitors_visits ADD COLUMN page_generation bigint NOT NULL DEFAULT 0";
    vec![Change::Sql { sqlite: sql, postgres: sql }]
}

fn asked_first() -> Vec<Change> {
    vec![
        Table::tenant_keyed("visitors_asked", &["visit_id", "person_id"])
            .integer("at")
            .references("visit_id", "visitors_visits")
            .index(&["person_id", "visit_id"])
            .into(),
        Change::Sql {
            sqlite: "ALTER TABLE visitors_visits ADD COLUMN unanswered_at bigint",
            postgres: "ALTER TABLE visitors_visits ADD COLUMN unanswered_at bigint",
        },
        Change::Sql {
            sqlite: "ALTER TABLE visitors_visits ADD COLUMN arrived_terminal uuid_text",
            postgres: "ALTER TABLE visitors_visits ADD COLUMN arrived_terminal uuid",
        },
        Change::Sql {
            sqlite: "ALTER TABLE visitors_visits ADD COLUMN dead_code blob",
            postgres: "ALTER TABLE visitors_visits ADD COLUMN dead_code bytea",
        },
        Change::Sql {
            sqlite: "CREATE INDEX visitors_visits_by_dead_code ON visitors_visits (tenant_id, dead_code)",
            postgres: "CREATE INDEX visitors_visits_by_dead_code ON visitors_visits (tenant_id, dead_code)",
        },
    ]
}

fn answers() -> Vec<Change> {
    let same = |sql| Change::Sql { sqlite: sql, postgres: sql };
    vec![
        same("ALTER TABLE visitors_visits ADD COLUMN answered_at bigint"),
        Change::Sql {
            sqlite: "ALTER TABLE visitors_visits ADD COLUMN answered_by uuid_text",
            postgres: "ALTER TABLE visitors_visits ADD COLUMN answered_by uuid",
        },
        same("ALTER TABLE visitors_visits ADD COLUMN asked bigint NOT NULL DEFAULT 0"),
    ]
}

fn first() -> Vec<Table> {
    vec![
        Table::tenant("visitors_appointments")
            .text("kind")
            .uuid("host_id")
            .optional_uuid("group_id")
            .uuid("site_id")
            .text("zone")
            .text("place")
            .text("starts")
            .text("ends")
            .bytes("purpose_sealed")
            .bytes("note_sealed")
            .integer("version")
            .uuid("made_by")
            .integer("made_at")
            .optional_integer("cancelled_at"),
        Table::tenant_keyed("visitors_deputies", &["appointment_id", "person_id"])
            .integer("place")
            .references("appointment_id", "visitors_appointments")
            .index(&["person_id", "appointment_id"]),
        Table::tenant("visitors_guests")
            .optional_bytes("key_sealed")
            .optional_bytes("contact")
            .optional_bytes("mail_blind")
            .text("language")
            .integer("created_at")
            .optional_integer("erased_at")
            .index(&["mail_blind"]),
        Table::tenant("visitors_guest_words")
            .uuid("guest_id")
            .bytes("word")
            .references("guest_id", "visitors_guests")
            .index(&["word", "guest_id"])
            .index(&["guest_id"]),
        Table::tenant("visitors_visits")
            .optional_uuid("appointment_id")
            .optional_uuid("guest_id")
            .uuid("site_id")
            .text("zone")
            .text("kind")
            .optional_uuid("host_id")
            .optional_uuid("made_by")
            .text("state")
            .text("day")
            .integer("starts_at")
            .integer("ends_at")
            .integer("companions")
            .integer("generation")
            .optional_bytes("pass_hash")
            .optional_bytes("live_code")
            .optional_bytes("page_hash")
            .optional_integer("invited_at")
            .optional_integer("arrived_at")
            .optional_text("arrived_how")
            .optional_integer("admitted_at")
            .optional_uuid("admitted_by")
            .optional_integer("left_at")
            .optional_text("left_how")
            .unique(&["pass_hash"])
            .unique(&["live_code"])
            .unique(&["page_hash"])
            .index(&["starts_at", "id"])
            .index(&["site_id", "day"])
            .index(&["site_id", "starts_at"])
            .index(&["host_id", "starts_at"])
            .index(&["made_by", "starts_at"])
            .index(&["guest_id", "starts_at"])
            .index(&["appointment_id", "starts_at"])
            // Who is here is asked all day long; those of years ago are none of it.
            .index(&["state", "site_id"]),
        Table::tenant("visitors_tries").integer("wrong").integer("since").integer("paused_until"),
        Table::tenant("visitors_settings").text("settings").integer("version"),
    ]
}
