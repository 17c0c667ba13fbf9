//! The rows of calendars that are read. Of an event there is a blind form of its name and what became of it; what it says
//! stands in the appointment alone.

use sekisho_storage::{Change, Table, column_words, tenant_table};

use super::*;
use crate::calendars::Position;

column_words!(/// Where appointments are read from.
    CalendarKind {
    /// A mailbox to which invitations are sent (iMIP).
    Mailbox = "mailbox",
    /// A calendar on a server (CalDAV).
    Collection = "collection",
});

tenant_table!(/// Mailboxes and calendars that are read.
    calendars, "visitors_calendars", {
    /// Which.
    #[sea_orm(primary_key, auto_increment = false)]
    id: CalendarId,
    /// What it is.
    kind: CalendarKind,
    /// What people call it.
    name: String,
    /// Server, user, password and the like.
    access_sealed: Vec<u8>,
    /// To which site guests come when an event names none.
    site_id: SiteId,
    /// What kind of visit it is.
    visit_kind: VisitKind,
    /// Whose calendar it is; none: whoever organises an event.
    person_id: Option<PersonId>,
    /// How often it is read.
    every_minutes: i64,
    /// How far it was read.
    position: JsonText<Position>,
    /// How often what stands there could not be taken because something of ours broke.
    tries: i64,
    /// When it is read next.
    next_at: Timestamp,
    /// Nobody else reads it until then.
    lease_until: Timestamp,
    /// When it was read to its end, last.
    read_at: Option<Timestamp>,
    /// Since when it cannot be read.
    failing_since: Option<Timestamp>,
    /// Why not.
    wrong: Option<String>,
    /// When something was not taken, last.
    refused_at: Option<Timestamp>,
    /// Why not.
    refusal: Option<String>,
    /// Counts the changes of its settings.
    version: i64,
    /// Who set it up.
    made_by: PersonId,
    /// When.
    made_at: Timestamp,
});

tenant_table!(/// What became of events.
    calendar_items, "visitors_calendar_items", {
    /// Which.
    #[sea_orm(primary_key, auto_increment = false)]
    id: CalendarItemId,
    /// Where it was read first.
    calendar_id: CalendarId,
    /// Its name (`UID`), blind.
    uid_blind: Vec<u8>,
    /// Of a repeated event the time that is different, as the rule has it: `2026-11-22T09:00`; empty: the event itself.
    at: String,
    /// Which version was taken (`SEQUENCE`).
    sequence: i64,
    /// When that was written (`DTSTAMP`), in seconds.
    stamp: i64,
    /// What it said, as a keyed hash.
    content: Vec<u8>,
    /// Who organises it; none: not known of what was taken before that was kept.
    organizer_id: Option<PersonId>,
    /// In whose name it was taken.
    person_id: PersonId,
    /// What became of it: an appointment …
    appointment_id: Option<AppointmentId>,
    /// … or a series.
    series_id: Option<SeriesId>,
    /// By how many minutes the series was moved since it was made.
    shifted: i64,
    /// The guests it brought; others were added here, and stay.
    guests: JsonText<Vec<GuestId>>,
    /// Whether it was called off there.
    called_off: bool,
});

tenant_table!(/// The files of a calendar on a server.
    calendar_files, "visitors_calendar_files", {
    /// Which.
    #[sea_orm(primary_key, auto_increment = false)]
    id: Uuid,
    /// Of which calendar.
    calendar_id: CalendarId,
    /// Its address, blind.
    href_blind: Vec<u8>,
    /// Its version, as the server calls it.
    etag: String,
    /// The name of its event, blind; none: there is nothing in it for us.
    uid_blind: Option<Vec<u8>>,
});

/// Items keep no foreign key to their calendar: what became of an event is known when the calendar is not read any more.
pub(super) fn calendars_first() -> Vec<Change> {
    let tables = [
        Table::tenant("visitors_calendars")
            .text("kind")
            .text("name")
            .bytes("access_sealed")
            .uuid("site_id")
            .text("visit_kind")
            .optional_uuid("person_id")
            .integer("every_minutes")
            .text("position")
            .integer("tries")
            .integer("next_at")
            .integer("lease_until")
            .optional_integer("read_at")
            .optional_integer("failing_since")
            .optional_text("wrong")
            .optional_integer("refused_at")
            .optional_text("refusal")
            .integer("version")
            .uuid("made_by")
            .integer("made_at")
            .index(&["next_at"]),
        Table::tenant("visitors_calendar_items")
            .uuid("calendar_id")
            .bytes("uid_blind")
            .text("at")
            .integer("sequence")
            .integer("stamp")
            .bytes("content")
            .uuid("person_id")
            .optional_uuid("appointment_id")
            .optional_uuid("series_id")
            .integer("shifted")
            .text("guests")
            .boolean("called_off")
            .unique(&["uid_blind", "at"])
            .index(&["calendar_id"]),
        Table::tenant("visitors_calendar_files")
            .uuid("calendar_id")
            .bytes("href_blind")
            .text("etag")
            .optional_bytes("uid_blind")
            .references("calendar_id", "visitors_calendars")
            .unique(&["calendar_id", "href_blind"]),
    ];
    tables.into_iter().map(Into::into).collect()
}

/// Who organises an event.
pub(super) fn organizers() -> Vec<Change> {
    vec![Change::Sql {
        sqlite: "ALTER TABLE visitors_calendar_items ADD COLUMN organizer_id uuid_text",
        postgres: "ALTER TABLE visitors_calendar_items ADD COLUMN organizer_id uuid",
    }]
}
