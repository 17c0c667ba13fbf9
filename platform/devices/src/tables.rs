//! Rows of devices, their claims, commands, events and authorities.

use sekisho_kernel::{Actor, DeviceId, EventId, SiteId, Timestamp};
use sekisho_storage::{Change, JsonText, Migration, Table, tenant_table};
use uuid::Uuid;

use crate::{CommandState, DeviceKind, Standing};

tenant_table!(/// Devices and their last known state.
    devices_devices, "devices_devices", {
    /// Which.
    #[sea_orm(primary_key, auto_increment = false)]
    id: DeviceId,
    /// What it is.
    kind: DeviceKind,
    /// What people call it.
    name: String,
    /// Where it stands.
    site_id: Option<SiteId>,
    /// Whether it may connect.
    standing: Standing,
    /// Hash of the public key of its certificate.
    spki: Option<Vec<u8>>,
    /// Hash of the key before, while a renewal overlaps.
    old_spki: Option<Vec<u8>>,
    /// Until when the key before is good.
    old_spki_until: Timestamp,
    /// Until when its certificate is good.
    certificate_until: Option<Timestamp>,
    /// Whether it is connected.
    online: bool,
    /// Which connection says so; an older connection's end does not count.
    connection: Option<Uuid>,
    /// Since when it is connected, or not.
    online_since: Timestamp,
    /// Last heard.
    last_seen: Option<Timestamp>,
    /// Whether others were told that it is offline.
    told_offline: bool,
    /// Broken connections in the present window.
    drops: i64,
    /// Start of the present window.
    drops_since: Timestamp,
    /// Whether its connection keeps breaking.
    flaky: bool,
    /// Its last heartbeat, as it was sent.
    report: Option<Vec<u8>>,
    /// How often its journal was begun anew.
    event_epoch: i64,
    /// The last event's number.
    event_seq: i64,
    /// The last event's hash.
    event_hash: Vec<u8>,
    /// The payload of `cfg/box` meant for it.
    config: Option<Vec<u8>>,
    /// Its version.
    config_version: i64,
    /// When it was made known.
    created_at: Timestamp,
    /// When it was shut out.
    revoked_at: Option<Timestamp>,
});

tenant_table!(/// Claim codes, as keyed hashes.
    devices_claims, "devices_claims", {
    /// Which.
    #[sea_orm(primary_key, auto_increment = false)]
    id: Uuid,
    /// For which device.
    device_id: DeviceId,
    /// Keyed hash of the code.
    code_hash: Vec<u8>,
    /// Good until.
    expires_at: Timestamp,
    /// When it was used.
    used_at: Option<Timestamp>,
});

tenant_table!(/// Commands and how they ended.
    devices_commands, "devices_commands", {
    /// Which.
    #[sea_orm(primary_key, auto_increment = false)]
    id: Uuid,
    /// For which device.
    device_id: DeviceId,
    /// The word of its kind, for lists.
    kind: String,
    /// The signed command, as it is sent.
    payload: Vec<u8>,
    /// Where it stands.
    state: CommandState,
    /// The device's word for why it failed.
    code: Option<String>,
    /// Who asked for it.
    actor: JsonText<Actor>,
    /// Never sent or done after this.
    not_after: Timestamp,
    /// When it was made.
    created_at: Timestamp,
    /// When it was sent first.
    sent_at: Option<Timestamp>,
    /// When it ended.
    settled_at: Option<Timestamp>,
});

tenant_table!(/// Events as devices told them; rows are added, never changed.
    devices_events, "devices_events", {
    /// Ordered by arrival.
    #[sea_orm(primary_key, auto_increment = false)]
    id: EventId,
    /// Which device told it.
    device_id: DeviceId,
    /// Of which of its journals.
    epoch: i64,
    /// Its number there.
    seq: i64,
    /// When, by the device's clock.
    at: Timestamp,
    /// When it came.
    received_at: Timestamp,
    /// Hash of the payload.
    hash: Vec<u8>,
    /// The payload.
    payload: Vec<u8>,
});

tenant_table!(/// The authority that signs a tenant's device certificates, and the key that signs its commands.
    devices_authorities, "devices_authorities", {
    /// Which.
    #[sea_orm(primary_key, auto_increment = false)]
    id: Uuid,
    /// 1 for the first; one tenant makes each only once, however many servers try.
    generation: i64,
    /// The authority's certificate, PEM.
    certificate: String,
    /// Its private key, PEM, sealed.
    sealed_key: Vec<u8>,
    /// The key that signs commands, PKCS #8, sealed.
    sealed_command_key: Vec<u8>,
    /// Its public half.
    command_key: Vec<u8>,
    /// When it was made.
    created_at: Timestamp,
});

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
