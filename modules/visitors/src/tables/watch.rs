//! The rows of the watch list.

use sekisho_storage::{Change, Table, tenant_table};

use super::*;

tenant_table!(/// The watch list: about whom the guard is to be asked.
    watch_entries, "visitors_watch_entries", {
    /// Which.
    #[sea_orm(primary_key, auto_increment = false)]
    id: WatchEntryId,
    /// Names and organisation.
    who_sealed: Vec<u8>,
    /// Why; for whoever manages the list.
    reason_sealed: Vec<u8>,
    /// The guard's telephone, for the desk; may be empty.
    phone_sealed: Vec<u8>,
    /// At which sites; none: at all.
    sites: JsonText<Vec<SiteId>>,
    /// The first day, on the clock of the site: `2026-11-22`.
    valid_from: Option<String>,
    /// The last day; afterwards the entry is erased.
    valid_until: Option<String>,
    /// Counts the changes.
    version: i64,
    /// Who entered it.
    made_by: PersonId,
    /// When.
    made_at: Timestamp,
});

tenant_table!(/// Visits whose guest resembles an entry, and deliveries whose carrier does.
    watch_marks, "visitors_watch_marks", {
    /// The visit or delivery.
    #[sea_orm(primary_key, auto_increment = false)]
    of_id: Uuid,
    /// The entry.
    #[sea_orm(primary_key, auto_increment = false)]
    entry_id: WatchEntryId,
    /// How alike the names are.
    likeness: Likeness,
    /// When that was found, last.
    at: Timestamp,
    /// When somebody at the desk said that the guard was asked.
    asked_at: Option<Timestamp>,
    /// Who said so.
    asked_by: Option<PersonId>,
});

tenant_table!(/// Guests who are not whom an entry means.
    watch_cleared, "visitors_watch_cleared", {
    /// The guest.
    #[sea_orm(primary_key, auto_increment = false)]
    guest_id: GuestId,
    /// The entry.
    #[sea_orm(primary_key, auto_increment = false)]
    entry_id: WatchEntryId,
    /// When that was said.
    at: Timestamp,
    /// By whom.
    said_by: PersonId,
});

/// Marks refer to their entry without a foreign key: nobody's check-in may fail because the entry goes at that moment.
pub(super) fn watch_first() -> Vec<Change> {
    let tables = [
        Table::tenant("visitors_watch_entries")
            .bytes("who_sealed")
            .bytes("reason_sealed")
            .bytes("phone_sealed")
            .text("sites")
            .optional_text("valid_from")
            .optional_text("valid_until")
            .integer("version")
            .uuid("made_by")
            .integer("made_at")
            .index(&["valid_until"]),
        Table::tenant_keyed("visitors_watch_marks", &["of_id", "entry_id"])
            .text("likeness")
            .integer("at")
            .optional_integer("asked_at")
            .optional_uuid("asked_by")
            .index(&["entry_id"])
            .index(&["at", "of_id"]),
        Table::tenant_keyed("visitors_watch_cleared", &["guest_id", "entry_id"])
            .integer("at")
            .uuid("said_by")
            .references("guest_id", "visitors_guests")
            .references("entry_id", "visitors_watch_entries")
            .index(&["entry_id"]),
    ];
    tables.into_iter().map(Into::into).collect()
}
