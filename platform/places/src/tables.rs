//! Rows of sites and areas.

use sekisho_storage::{Migration, Table};

sekisho_kernel::typed_id!(/// A part of a site.
    AreaId);

/// Sites.
pub mod places_sites {
    use sea_orm::entity::prelude::*;
    use sekisho_kernel::{SiteId, TenantId, Timestamp};

    /// One site.
    #[derive(Clone, Debug, PartialEq, DeriveEntityModel)]
    #[sea_orm(table_name = "places_sites")]
    pub struct Model {
        /// Whose.
        #[sea_orm(primary_key, auto_increment = false)]
        pub tenant_id: TenantId,
        /// Which.
        #[sea_orm(primary_key, auto_increment = false)]
        pub id: SiteId,
        /// Name.
        pub name: String,
        /// Postal address.
        pub address: String,
        /// IANA zone.
        pub zone: String,
        /// Counts changes; the `ETag`.
        pub version: i64,
        /// When it was closed.
        pub closed_at: Option<Timestamp>,
    }

    /// None.
    #[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
    pub enum Relation {}
    impl ActiveModelBehavior for ActiveModel {}
    sekisho_storage::tenant_entity!();
}

/// Areas.
pub mod places_areas {
    use super::AreaId;
    use sea_orm::entity::prelude::*;
    use sekisho_kernel::{SiteId, TenantId, Timestamp};

    /// One area.
    #[derive(Clone, Debug, PartialEq, DeriveEntityModel)]
    #[sea_orm(table_name = "places_areas")]
    pub struct Model {
        /// Whose.
        #[sea_orm(primary_key, auto_increment = false)]
        pub tenant_id: TenantId,
        /// Which.
        #[sea_orm(primary_key, auto_increment = false)]
        pub id: AreaId,
        /// The site it lies in.
        pub site_id: SiteId,
        /// Name.
        pub name: String,
        /// When it was closed.
        pub closed_at: Option<Timestamp>,
    }

    /// None.
    #[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
    pub enum Relation {}
    impl ActiveModelBehavior for ActiveModel {}
    sekisho_storage::tenant_entity!();
}

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
