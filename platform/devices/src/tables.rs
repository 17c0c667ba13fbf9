//! Rows of devices, their claims, commands, events and authorities.

use sekisho_storage::{Change, Migration, Table};

/// Devices and their last known state.
pub mod devices_devices {
    use sea_orm::entity::prelude::*;
    use sekisho_kernel::{DeviceId, SiteId, TenantId, Timestamp};

    /// One device.
    #[derive(Clone, Debug, PartialEq, DeriveEntityModel)]
    #[sea_orm(table_name = "devices_devices")]
    pub struct Model {
        /// Whose.
        #[sea_orm(primary_key, auto_increment = false)]
        pub tenant_id: TenantId,
        /// Which.
        #[sea_orm(primary_key, auto_increment = false)]
        pub id: DeviceId,
        /// The word of its kind.
        pub kind: String,
        /// What people call it.
        pub name: String,
        /// Where it stands.
        pub site_id: Option<SiteId>,
        /// The word of its standing.
        pub standing: String,
        /// Hash of the public key of its certificate.
        pub spki: Option<Vec<u8>>,
        /// Hash of the key before, while a renewal overlaps.
        pub old_spki: Option<Vec<u8>>,
        /// Until when the key before is good.
        pub old_spki_until: Timestamp,
        /// Until when its certificate is good.
        pub certificate_until: Option<Timestamp>,
        /// Whether it is connected.
        pub online: bool,
        /// Which connection says so; an older connection's end does not count.
        pub connection: Option<Uuid>,
        /// Since when it is connected, or not.
        pub online_since: Timestamp,
        /// Last heard.
        pub last_seen: Option<Timestamp>,
        /// Whether others were told that it is offline.
        pub told_offline: bool,
        /// Broken connections in the present window.
        pub drops: i64,
        /// Start of the present window.
        pub drops_since: Timestamp,
        /// Whether its connection keeps breaking.
        pub flaky: bool,
        /// Its last heartbeat, as it was sent.
        pub report: Option<Vec<u8>>,
        /// How often its journal was begun anew.
        pub event_epoch: i64,
        /// The last event's number.
        pub event_seq: i64,
        /// The last event's hash.
        pub event_hash: Vec<u8>,
        /// The payload of `cfg/box` meant for it.
        pub config: Option<Vec<u8>>,
        /// Its version.
        pub config_version: i64,
        /// When it was made known.
        pub created_at: Timestamp,
        /// When it was shut out.
        pub revoked_at: Option<Timestamp>,
    }

    /// None.
    #[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
    pub enum Relation {}
    impl ActiveModelBehavior for ActiveModel {}
    sekisho_storage::tenant_entity!();
}

/// Claim codes, as keyed hashes.
pub mod devices_claims {
    use sea_orm::entity::prelude::*;
    use sekisho_kernel::{DeviceId, TenantId, Timestamp};

    /// One claim.
    #[derive(Clone, Debug, PartialEq, DeriveEntityModel)]
    #[sea_orm(table_name = "devices_claims")]
    pub struct Model {
        /// Whose.
        #[sea_orm(primary_key, auto_increment = false)]
        pub tenant_id: TenantId,
        /// Which.
        #[sea_orm(primary_key, auto_increment = false)]
        pub id: Uuid,
        /// For which device.
        pub device_id: DeviceId,
        /// Keyed hash of the code.
        pub code_hash: Vec<u8>,
        /// Good until.
        pub expires_at: Timestamp,
        /// When it was used.
        pub used_at: Option<Timestamp>,
    }

    /// None.
    #[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
    pub enum Relation {}
    impl ActiveModelBehavior for ActiveModel {}
    sekisho_storage::tenant_entity!();
}

/// Commands and how they ended.
pub mod devices_commands {
    use sea_orm::entity::prelude::*;
    use sekisho_kernel::{Actor, DeviceId, TenantId, Timestamp};
    use sekisho_storage::JsonText;

    /// One command.
    #[derive(Clone, Debug, PartialEq, DeriveEntityModel)]
    #[sea_orm(table_name = "devices_commands")]
    pub struct Model {
        /// Whose.
        #[sea_orm(primary_key, auto_increment = false)]
        pub tenant_id: TenantId,
        /// Which.
        #[sea_orm(primary_key, auto_increment = false)]
        pub id: Uuid,
        /// For which device.
        pub device_id: DeviceId,
        /// The word of its kind, for lists.
        pub kind: String,
        /// The signed command, as it is sent.
        pub payload: Vec<u8>,
        /// The word of its state.
        pub state: String,
        /// The device's word for why it failed.
        pub code: Option<String>,
        /// Who asked for it.
        pub actor: JsonText<Actor>,
        /// Never sent or done after this.
        pub not_after: Timestamp,
        /// When it was made.
        pub created_at: Timestamp,
        /// When it was sent first.
        pub sent_at: Option<Timestamp>,
        /// When it ended.
        pub settled_at: Option<Timestamp>,
    }

    /// None.
    #[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
    pub enum Relation {}
    impl ActiveModelBehavior for ActiveModel {}
    sekisho_storage::tenant_entity!();
}

/// Events as devices told them; rows are added, never changed.
pub mod devices_events {
    use sea_orm::entity::prelude::*;
    use sekisho_kernel::{DeviceId, EventId, TenantId, Timestamp};

    /// One event.
    #[derive(Clone, Debug, PartialEq, DeriveEntityModel)]
    #[sea_orm(table_name = "devices_events")]
    pub struct Model {
        /// Whose.
        #[sea_orm(primary_key, auto_increment = false)]
        pub tenant_id: TenantId,
        /// Ordered by arrival.
        #[sea_orm(primary_key, auto_increment = false)]
        pub id: EventId,
        /// Which device told it.
        pub device_id: DeviceId,
        /// Of which of its journals.
        pub epoch: i64,
        /// Its number there.
        pub seq: i64,
        /// When, by the device's clock.
        pub at: Timestamp,
        /// When it came.
        pub received_at: Timestamp,
        /// Hash of the payload.
        pub hash: Vec<u8>,
        /// The payload.
        pub payload: Vec<u8>,
    }

    /// None.
    #[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
    pub enum Relation {}
    impl ActiveModelBehavior for ActiveModel {}
    sekisho_storage::tenant_entity!();
}

/// The authority that signs a tenant's device certificates, and the key that signs its commands.
pub mod devices_authorities {
    use sea_orm::entity::prelude::*;
    use sekisho_kernel::{TenantId, Timestamp};

    /// One authority.
    #[derive(Clone, Debug, PartialEq, DeriveEntityModel)]
    #[sea_orm(table_name = "devices_authorities")]
    pub struct Model {
        /// Whose.
        #[sea_orm(primary_key, auto_increment = false)]
        pub tenant_id: TenantId,
        /// Which.
        #[sea_orm(primary_key, auto_increment = false)]
        pub id: Uuid,
        /// 1 for the first; one tenant makes each only once, however many servers try.
        pub generation: i64,
        /// The authority's certificate, PEM.
        pub certificate: String,
        /// Its private key, PEM, sealed.
        pub sealed_key: Vec<u8>,
        /// The key that signs commands, PKCS #8, sealed.
        pub sealed_command_key: Vec<u8>,
        /// Its public half.
        pub command_key: Vec<u8>,
        /// When it was made.
        pub created_at: Timestamp,
    }

    /// None.
    #[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
    pub enum Relation {}
    impl ActiveModelBehavior for ActiveModel {}
    sekisho_storage::tenant_entity!();
}

/// The migrations of this room.
pub fn migrations() -> Vec<Migration> {
    vec![Migration { name: "20261122_devices", changes: tables }, crate::update_tables::migration()]
}

fn tables() -> Vec<Change> {
    vec![
        Table::tenant("devices_devices")
            .text("kind")
            .text("name")
            .optional_uuid("site_id")
            .text("standing")
            .optional_bytes("spki")
            .optional_bytes("old_spki")
            .integer("old_spki_until")
            .optional_integer("certificate_until")
            .boolean("online")
            .optional_uuid("connection")
            .integer("online_since")
            .optional_integer("last_seen")
            .boolean("told_offline")
            .integer("drops")
            .integer("drops_since")
            .boolean("flaky")
            .optional_bytes("report")
            .integer("event_epoch")
            .integer("event_seq")
            .bytes("event_hash")
            .optional_bytes("config")
            .integer("config_version")
            .integer("created_at")
            .optional_integer("revoked_at")
            .index(&["online", "last_seen"])
            .into(),
        Table::tenant("devices_claims")
            .uuid("device_id")
            .bytes("code_hash")
            .integer("expires_at")
            .optional_integer("used_at")
            .unique(&["code_hash"])
            .index(&["device_id"])
            .references("device_id", "devices_devices")
            .into(),
        Table::tenant("devices_commands")
            .uuid("device_id")
            .text("kind")
            .bytes("payload")
            .text("state")
            .optional_text("code")
            .text("actor")
            .integer("not_after")
            .integer("created_at")
            .optional_integer("sent_at")
            .optional_integer("settled_at")
            .index(&["settled_at", "not_after"])
            .index(&["device_id", "id"])
            .references("device_id", "devices_devices")
            .into(),
        Table::tenant("devices_events")
            .uuid("device_id")
            .integer("epoch")
            .integer("seq")
            .integer("at")
            .integer("received_at")
            .bytes("hash")
            .bytes("payload")
            .unique(&["device_id", "epoch", "seq"])
            .index(&["device_id", "id"])
            .references("device_id", "devices_devices")
            .append_only()
            .into(),
        Table::tenant("devices_authorities")
            .integer("generation")
            .text("certificate")
            .bytes("sealed_key")
            .bytes("sealed_command_key")
            .bytes("command_key")
            .integer("created_at")
            .unique(&["generation"])
            .into(),
        Change::Sql {
            sqlite: "CREATE INDEX devices_devices_revoked_of_all ON devices_devices (revoked_at)",
            postgres: "CREATE INDEX devices_devices_revoked_of_all ON devices_devices (revoked_at)",
        },
        // The sweeps of the whole installation look for what is open, over all tenants.
        Change::Sql {
            sqlite: "CREATE INDEX devices_commands_open_of_all ON devices_commands (settled_at, not_after)",
            postgres: "CREATE INDEX devices_commands_open_of_all ON devices_commands (settled_at, not_after)",
        },
        Change::Sql {
            sqlite: "CREATE INDEX devices_devices_online_of_all ON devices_devices (told_offline, online, last_seen)",
            postgres: "CREATE INDEX devices_devices_online_of_all ON devices_devices (told_offline, online, last_seen)",
        },
    ]
}
