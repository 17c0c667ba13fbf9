//! Rows of updates: what the signers published, the images in pieces, rollouts, and how far each device is.

use sekisho_storage::{Change, Migration, Table};

/// A tenant's repository: one row.
pub mod devices_repositories {
    use sea_orm::entity::prelude::*;
    use sekisho_kernel::{TenantId, Timestamp};
    use sekisho_storage::JsonText;

    /// One repository.
    #[derive(Clone, Debug, PartialEq, DeriveEntityModel)]
    #[sea_orm(table_name = "devices_repositories")]
    pub struct Model {
        /// Whose.
        #[sea_orm(primary_key, auto_increment = false)]
        pub tenant_id: TenantId,
        /// Which.
        #[sea_orm(primary_key, auto_increment = false)]
        pub id: Uuid,
        /// Always 1: a tenant has one.
        pub place: i64,
        /// The server's key, PKCS #8, sealed.
        pub sealed_online_key: Vec<u8>,
        /// Its public half, hexadecimal.
        pub online_key: String,
        /// The root documents from the one given by hand on; none before that.
        pub roots: JsonText<Vec<String>>,
        /// The number of the first of them.
        pub first_root: i64,
        /// The targets document.
        pub targets: Option<Vec<u8>>,
        /// Its number.
        pub targets_version: i64,
        /// The snapshot.
        pub snapshot: Option<Vec<u8>>,
        /// The timestamp.
        pub timestamp: Option<Vec<u8>>,
        /// The number of both.
        pub number: i64,
        /// Until when both are good.
        pub expires_at: Timestamp,
        /// When something was published last.
        pub published_at: Option<Timestamp>,
    }

    /// None.
    #[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
    pub enum Relation {}
    impl ActiveModelBehavior for ActiveModel {}
    sekisho_storage::tenant_entity!();
}

/// Images, in pieces of [`sekisho_wire::MAX_PART`].
pub mod devices_image_parts {
    use sea_orm::entity::prelude::*;
    use sekisho_kernel::TenantId;

    /// One piece.
    #[derive(Clone, Debug, PartialEq, DeriveEntityModel)]
    #[sea_orm(table_name = "devices_image_parts")]
    pub struct Model {
        /// Whose.
        #[sea_orm(primary_key, auto_increment = false)]
        pub tenant_id: TenantId,
        /// Which.
        #[sea_orm(primary_key, auto_increment = false)]
        pub id: Uuid,
        /// The hash of the whole image, hexadecimal.
        pub image: String,
        /// The number of the piece, from 0.
        pub n: i64,
        /// Its bytes.
        pub bytes: Vec<u8>,
    }

    /// None.
    #[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
    pub enum Relation {}
    impl ActiveModelBehavior for ActiveModel {}
    sekisho_storage::tenant_entity!();
}

/// Rollouts.
pub mod devices_rollouts {
    use sea_orm::entity::prelude::*;
    use sekisho_kernel::{Actor, SiteId, TenantId, Timestamp};
    use sekisho_storage::JsonText;

    /// One rollout.
    #[derive(Clone, Debug, PartialEq, DeriveEntityModel)]
    #[sea_orm(table_name = "devices_rollouts")]
    pub struct Model {
        /// Whose.
        #[sea_orm(primary_key, auto_increment = false)]
        pub tenant_id: TenantId,
        /// Which.
        #[sea_orm(primary_key, auto_increment = false)]
        pub id: Uuid,
        /// The image's name.
        pub image: String,
        /// Its hash, hexadecimal.
        pub sha256: String,
        /// Its version.
        pub version: String,
        /// The hardware it is for.
        pub hardware: String,
        /// Only devices of this site.
        pub site_id: Option<SiteId>,
        /// Only devices whose names hold this.
        pub names: String,
        /// The sizes of the stages, in devices.
        pub stages: JsonText<Vec<u64>>,
        /// The stage that goes on, from 0.
        pub stage: i64,
        /// So many percent of a stage start the next.
        pub success: i64,
        /// More than so many percent of a stage stop everything.
        pub errors: i64,
        /// A device has so many seconds.
        pub within_s: i64,
        /// The word of its state.
        pub state: String,
        /// Why it stopped by itself.
        pub why: Option<String>,
        /// Who started it.
        pub actor: JsonText<Actor>,
        /// When.
        pub created_at: Timestamp,
        /// When it came to its end.
        pub ended_at: Option<Timestamp>,
    }

    /// None.
    #[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
    pub enum Relation {}
    impl ActiveModelBehavior for ActiveModel {}
    sekisho_storage::tenant_entity!();
}

/// Devices of rollouts.
pub mod devices_rollout_devices {
    use sea_orm::entity::prelude::*;
    use sekisho_kernel::{DeviceId, TenantId, Timestamp};

    /// One device of one rollout.
    #[derive(Clone, Debug, PartialEq, DeriveEntityModel)]
    #[sea_orm(table_name = "devices_rollout_devices")]
    pub struct Model {
        /// Whose.
        #[sea_orm(primary_key, auto_increment = false)]
        pub tenant_id: TenantId,
        /// Which.
        #[sea_orm(primary_key, auto_increment = false)]
        pub id: Uuid,
        /// Of which rollout.
        pub rollout_id: Uuid,
        /// Which device.
        pub device_id: DeviceId,
        /// In which stage.
        pub stage: i64,
        /// The word of how far it is.
        pub state: String,
        /// Why it failed.
        pub why: Option<String>,
        /// When it got there.
        pub at: Timestamp,
        /// It counts as failed when it is not good by then.
        pub due_at: Option<Timestamp>,
    }

    /// None.
    #[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
    pub enum Relation {}
    impl ActiveModelBehavior for ActiveModel {}
    sekisho_storage::tenant_entity!();
}

pub(crate) fn migration() -> Migration {
    Migration { name: "20261123_devices_updates", changes: tables }
}

fn tables() -> Vec<Change> {
    vec![
        Table::tenant("devices_repositories")
            .integer("place")
            .bytes("sealed_online_key")
            .text("online_key")
            .text("roots")
            .integer("first_root")
            .optional_bytes("targets")
            .integer("targets_version")
            .optional_bytes("snapshot")
            .optional_bytes("timestamp")
            .integer("number")
            .integer("expires_at")
            .optional_integer("published_at")
            .unique(&["place"])
            .into(),
        Table::tenant("devices_image_parts")
            .text("image")
            .integer("n")
            .bytes("bytes")
            .unique(&["image", "n"])
            .into(),
        Table::tenant("devices_rollouts")
            .text("image")
            .text("sha256")
            .text("version")
            .text("hardware")
            .optional_uuid("site_id")
            .text("names")
            .text("stages")
            .integer("stage")
            .integer("success")
            .integer("errors")
            .integer("within_s")
            .text("state")
            .optional_text("why")
            .text("actor")
            .integer("created_at")
            .optional_integer("ended_at")
            .index(&["state"])
            .into(),
        Table::tenant("devices_rollout_devices")
            .uuid("rollout_id")
            .uuid("device_id")
            .integer("stage")
            .text("state")
            .optional_text("why")
            .integer("at")
            .optional_integer("due_at")
            .unique(&["rollout_id", "device_id"])
            .index(&["device_id"])
            .references("rollout_id", "devices_rollouts")
            .references("device_id", "devices_devices")
            .into(),
        // The sweep looks for what runs, over all tenants.
        Change::Sql {
            sqlite: "CREATE INDEX devices_rollouts_state_of_all ON devices_rollouts (state)",
            postgres: "CREATE INDEX devices_rollouts_state_of_all ON devices_rollouts (state)",
        },
    ]
}
