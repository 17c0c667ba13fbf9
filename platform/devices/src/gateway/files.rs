//! Pieces of update files: one at a time for a device, few at a time in all, each read only when it is asked for. A slow
//! reader costs the memory of one piece, and holds nobody up.

use std::sync::Arc;
use std::sync::atomic::Ordering;
use std::time::Duration;

use sekisho_kernel::{Actor, Cx, Language};
use sekisho_wire::{Get, Part, PartKind, Topic, encode};
use tokio::time::timeout;

use super::Shared;
use super::mailbox::Connection;
use crate::session::Downlink;

/// Pieces being read at once, over all devices.
pub(crate) const MOST_AT_ONCE: usize = 32;
/// The store has so long to read one.
const READ_WITHIN: Duration = Duration::from_secs(10);
/// A piece that waits longer than this for its device is asked for again.
const PART_LIFE: Duration = Duration::from_secs(30);

/// Has a piece read and sent.
pub(crate) fn answer(shared: &Arc<Shared>, connection: &Arc<Connection>, get: Get) {
    let n = get.n;
    let permit = shared.giving.clone().try_acquire_owned();
    let other = connection.fetching.swap(true, Ordering::AcqRel);
    let (Ok(permit), false) = (permit, other) else {
        if !other {
            connection.fetching.store(false, Ordering::Release);
        }
        metrics::counter!("sekisho_devices_parts_total", "result" => "busy").increment(1);
        return send(connection, Part { n, kind: PartKind::Later });
    };
    let (shared, connection) = (shared.clone(), connection.clone());
    shared.tasks.clone().spawn(async move {
        let actor = Actor::Device { id: connection.device };
        let cx = Cx::new(shared.world.clone(), connection.tenant, actor, Language::Ja);
        let read = timeout(READ_WITHIN, shared.devices.part(&cx, connection.device, &get.file, get.offset));
        let (kind, result) = match read.await {
            Ok(Ok(kind)) => (kind, "read"),
            Ok(Err(error)) => {
                tracing::warn!(device = %connection.device, %error, "a piece of an update cannot be read");
                (PartKind::Later, "failed")
            }
            Err(_) => (PartKind::Later, "slow"),
        };
        metrics::counter!("sekisho_devices_parts_total", "result" => result).increment(1);
        connection.fetching.store(false, Ordering::Release);
        send(&connection, Part { n, kind });
        drop(permit);
    });
}

fn send(connection: &Connection, part: Part) {
    let (topic, payload) = (Topic::Part(part.n), encode(&part));
    connection.send(Downlink { topic, payload, life: Some(PART_LIFE) });
}
