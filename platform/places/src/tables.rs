//! Rows of sites and areas.

use sekisho_kernel::{SiteId, Timestamp};
use sekisho_storage::{Migration, Table, tenant_table};

sekisho_kernel::typed_id!(/// A part of a site.
    AreaId);

tenant_table!(/// Sites.
    places_sites, "places_sites", {
    /// Which.
    #[sea_orm(primary_key, auto_increment = false)]
    id: SiteId,
    /// Name.
    name: String,
    /// Postal address.
    address: String,
    /// IANA zone.
    zone: String,
    /// Counts changes; the `ETag`.
    version: i64,
    /// When it was closed.
    closed_at: Option<Timestamp>,
});

tenant_table!(/// Areas.
    places_areas, "places_areas", {
    /// Which.
    #[sea_orm(primary_key, auto_increment = false)]
    id: AreaId,
    /// The site it lies in.
    site_id: SiteId,
    /// Name.
    name: String,
    /// When it was closed.
    closed_at: Option<Timestamp>,
});

/// Migrations of these tables.
pub fn migrations() -> Vec<Migration> {
    vec![Migration {
        name: "20261122_places",
        changes: || {
            vec![
                Table::tenant("places_sites")
                    .text("name")
                    .text("address")
                    .text("zone")
                    .integer("version")
                    .optional_integer("closed_at")
                    .into(),
                Table::tenant("places_areas")
                    .uuid("site_id")
                    .text("name")
                    .optional_integer("closed_at")
                    .references("site_id", "places_sites")
                    .index(&["site_id"])
                    .into(),
            ]
        },
    }]
}
