//! Rows of updates: what the signers published, the images in pieces, rollouts, and how far each device is.

use sekisho_kernel::{Actor, DeviceId, SiteId, Timestamp};
use sekisho_storage::{Change, JsonText, Migration, Table, tenant_table};
use uuid::Uuid;

use crate::rollout::{Progress, RolloutState};

tenant_table!(/// A tenant's repository: one row.
    devices_repositories, "devices_repositories", {
    /// Which.
    #[sea_orm(primary_key, auto_increment = false)]
    id: Uuid,
    /// Always 1: a tenant has one.
    place: i64,
    /// The server's key, PKCS #8, sealed.
    sealed_online_key: Vec<u8>,
    /// Its public half, hexadecimal.
    online_key: String,
    /// The root documents from the one given by hand on; none before that.
    roots: JsonText<Vec<String>>,
    /// The number of the first of them.
    first_root: i64,
    /// The targets document.
    targets: Option<Vec<u8>>,
    /// Its number.
    targets_version: i64,
    /// The snapshot.
    snapshot: Option<Vec<u8>>,
    /// The timestamp.
    timestamp: Option<Vec<u8>>,
    /// The number of both.
    number: i64,
    /// Until when both are good.
    expires_at: Timestamp,
    /// When something was published last.
    published_at: Option<Timestamp>,
});

tenant_table!(/// Images, in pieces of [`sekisho_wire::MAX_PART`].
    devices_image_parts, "devices_image_parts", {
    /// Which.
    #[sea_orm(primary_key, auto_increment = false)]
    id: Uuid,
    /// The hash of the whole image, hexadecimal.
    image: String,
    /// The number of the piece, from 0.
    n: i64,
    /// Its bytes.
    bytes: Vec<u8>,
});

tenant_table!(/// Rollouts.
    devices_rollouts, "devices_rollouts", {
    /// Which.
    #[sea_orm(primary_key, auto_increment = false)]
    id: Uuid,
    /// The image's name.
    image: String,
    /// Its hash, hexadecimal.
    sha256: String,
    /// Its version.
    version: String,
    /// The hardware it is for.
    hardware: String,
    /// Only devices of this site.
    site_id: Option<SiteId>,
    /// Only devices whose names hold this.
    names: String,
    /// The sizes of the stages, in devices.
    stages: JsonText<Vec<u64>>,
    /// The stage that goes on, from 0.
    stage: i64,
    /// So many percent of a stage start the next.
    success: i64,
    /// More than so many percent of a stage stop everything.
    errors: i64,
    /// A device has so many seconds.
    within_s: i64,
    /// Where it stands.
    state: RolloutState,
    /// Why it stopped by itself.
    why: Option<String>,
    /// Who started it.
    actor: JsonText<Actor>,
    /// When.
    created_at: Timestamp,
    /// When it came to its end.
    ended_at: Option<Timestamp>,
});

tenant_table!(/// Devices of rollouts.
    devices_rollout_devices, "devices_rollout_devices", {
    /// Which.
    #[sea_orm(primary_key, auto_increment = false)]
    id: Uuid,
    /// Of which rollout.
    rollout_id: Uuid,
    /// Which device.
    device_id: DeviceId,
    /// In which stage.
    stage: i64,
    /// How far it is.
    state: Progress,
    /// Why it failed.
    why: Option<String>,
    /// When it got there.
    at: Timestamp,
    /// It counts as failed when it is not good by then.
    due_at: Option<Timestamp>,
});

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
