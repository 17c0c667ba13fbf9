//! The rows of rooms, and what an appointment knows of its room.

use sekisho_storage::{Change, Table, tenant_table};

use super::*;

tenant_table!(/// Rooms of sites.
    rooms, "visitors_rooms", {
    /// Which.
    #[sea_orm(primary_key, auto_increment = false)]
    id: RoomId,
    /// At which site.
    site_id: SiteId,
    /// What people call it.
    name: String,
    /// Its name as it is compared, unique at its site; none once it was retired.
    live_name: Option<String>,
    /// For how many people; none: nobody says.
    seats: Option<i64>,
    /// How a guest finds it.
    way: String,
    /// When it was taken out of use.
    retired_at: Option<Timestamp>,
    /// Counts the changes.
    version: i64,
    /// Who added it.
    made_by: PersonId,
    /// When.
    made_at: Timestamp,
});

pub(super) fn rooms_first() -> Vec<Change> {
    let same = |sql| Change::Sql { sqlite: sql, postgres: sql };
    vec![
        Table::tenant("visitors_rooms")
            .uuid("site_id")
            .text("name")
            .optional_text("live_name")
            .optional_integer("seats")
            .text("way")
            .optional_integer("retired_at")
            .integer("version")
            .uuid("made_by")
            .integer("made_at")
            .unique(&["site_id", "live_name"])
            .into(),
        Change::Sql {
            sqlite: "ALTER TABLE visitors_appointments ADD COLUMN room_id uuid_text",
            postgres: "ALTER TABLE visitors_appointments ADD COLUMN room_id uuid",
        },
        same("ALTER TABLE visitors_appointments ADD COLUMN beside_room text NOT NULL DEFAULT ''"),
        same("ALTER TABLE visitors_appointments ADD COLUMN room_from bigint"),
        same("ALTER TABLE visitors_appointments ADD COLUMN room_until bigint"),
        same(
            "CREATE INDEX visitors_appointments_of_room ON visitors_appointments (tenant_id, room_id, room_from) WHERE room_id IS NOT NULL",
        ),
    ]
}
