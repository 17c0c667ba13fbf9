//! The rows that link visits and the bookings of their keys.

use sekisho_storage::{Change, Table, tenant_table};

use super::*;

tenant_table!(/// Which key bookings go with a visit. Nothing of whoever they are for, and no code: those are asked for when they are shown.
    booked_keys, "visitors_booked_keys", {
    /// The booking, by the id under which it was asked for.
    #[sea_orm(primary_key, auto_increment = false)]
    id: Uuid,
    /// With which visit it goes.
    visit_id: VisitId,
    /// The visit again while the booking stands for all we know, else none: a visit has one at a time.
    live_visit: Option<VisitId>,
    /// For which guest it was made.
    guest_id: GuestId,
    /// Which address of the personal page that guest had: at another one it is somebody else's.
    page_generation: i64,
    /// At which site.
    site_id: SiteId,
    /// How far it got.
    state: KeysState,
    /// Who booked.
    made_by: PersonId,
    /// When.
    made_at: Timestamp,
    /// From when on the guest was told that the keys are theirs; none: nobody told them yet.
    told_starts_at: Option<Timestamp>,
    /// Until when.
    told_ends_at: Option<Timestamp>,
});

pub(super) fn first() -> Vec<Change> {
    vec![
        Table::tenant("visitors_booked_keys")
            .uuid("visit_id")
            .optional_uuid("live_visit")
            .uuid("guest_id")
            .integer("page_generation")
            .uuid("site_id")
            .text("state")
            .uuid("made_by")
            .integer("made_at")
            .references("visit_id", "visitors_visits")
            .unique(&["live_visit"])
            .index(&["visit_id"])
            .index(&["guest_id"])
            .into(),
    ]
}

pub(super) fn told() -> Vec<Change> {
    let same = |sql| Change::Sql { sqlite: sql, postgres: sql };
    vec![
        same("ALTER TABLE visitors_booked_keys ADD COLUMN told_starts_at bigint"),
        same("ALTER TABLE visitors_booked_keys ADD COLUMN told_ends_at bigint"),
    ]
}
