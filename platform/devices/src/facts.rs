//! What we tell others, past tense, through the outbox.

use sekisho_kernel::{DeviceId, Timestamp};
use sekisho_storage::facts;
use sekisho_wire::CommandId;

facts! {
    /// A device was made known and waits to be enrolled.
    DeviceAdded = "devices.added" {
        /// Which.
        device: DeviceId,
    }
    /// A device has its certificate.
    DeviceEnrolled = "devices.enrolled" {
        /// Which.
        device: DeviceId,
    }
    /// A device may not connect any more.
    DeviceRevoked = "devices.revoked" {
        /// Which.
        device: DeviceId,
    }
    /// A device has not been heard for longer than a hiccup.
    WentOffline = "devices.went_offline" {
        /// Which.
        device: DeviceId,
        /// Its name.
        name: String,
        /// Last heard.
        last_seen: Timestamp,
    }
    /// A device that had been told offline is back.
    CameBack = "devices.came_back" {
        /// Which.
        device: DeviceId,
        /// Its name.
        name: String,
    }
    /// A device's connection keeps breaking.
    WentFlaky = "devices.flaky" {
        /// Which.
        device: DeviceId,
        /// Its name.
        name: String,
        /// How often in the last ten minutes.
        drops: i64,
    }
    /// Events are missing between two that arrived, or do not follow from one another: somebody may have touched the
    /// device's journal.
    ChainBroken = "devices.chain_broken" {
        /// Which.
        device: DeviceId,
        /// Its name.
        name: String,
        /// The number that was due.
        expected: u64,
        /// The number that came.
        received: u64,
    }
    /// A rollout began, went on, or came to an end.
    RolloutMoved = "devices.rollout_moved" {
        /// Which.
        rollout: uuid::Uuid,
        /// The word of its state.
        state: String,
    }
    /// A rollout stopped by itself, because too many devices failed.
    RolloutHalted = "devices.rollout_halted" {
        /// Which.
        rollout: uuid::Uuid,
        /// The image.
        image: String,
        /// Its version.
        version: String,
        /// How many devices failed, of all stages.
        failed: u64,
        /// How many were told to update.
        reached: u64,
        /// The commonest reason, in one word.
        why: Option<String>,
    }
    /// A command waits to be sent; gateways hear it.
    CommandMade = "devices.command_made" {
        /// For which device.
        device: DeviceId,
        /// Which.
        command: CommandId,
    }
    /// A command came to its end.
    CommandSettled = "devices.command_settled" {
        /// Whose.
        device: DeviceId,
        /// Which.
        command: CommandId,
        /// How: `succeeded`, `failed`, `rejected`, `expired`, `unknown`.
        state: String,
    }
    /// A device's documents changed; gateways hear it.
    DeviceConfigured = "devices.configured" {
        /// Which.
        device: DeviceId,
    }
}
