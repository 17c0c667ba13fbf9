//! The accept loop. It only accepts: nothing a stranger does or leaves undone holds up the next one.

use std::io;
use std::sync::Arc;
use std::time::Duration;

use tokio::net::TcpListener;
use tokio::time::sleep;

use super::limits::Knocks;
use super::{Shared, drive};

/// Accepts until stopped.
pub(crate) async fn run(shared: &Arc<Shared>, listener: TcpListener) {
    let options = &shared.options;
    let knocks = Knocks::new(options.handshakes_per_second, options.handshakes_per_address);
    loop {
        let accepted = tokio::select! {
            () = shared.stop.cancelled() => return,
            accepted = listener.accept() => accepted,
        };
        let (stream, peer) = match accepted {
            Ok(accepted) => accepted,
            Err(error) => {
                // Out of file descriptors, or a peer that left at once: wait a moment instead of spinning.
                if !matches!(error.kind(), io::ErrorKind::ConnectionAborted | io::ErrorKind::ConnectionReset)
                {
                    tracing::warn!(%error, "a device cannot be accepted");
                    sleep(Duration::from_millis(50)).await;
                }
                continue;
            }
        };
        let refused = if shared.tasks.len() >= options.most_connections {
            Some("full")
        } else if knocks.may(peer.ip()) {
            None
        } else {
            Some("rate")
        };
        // A semaphore, not a queue: whoever is too many is closed at once and comes back after a while of chance.
        let permit = shared.unproven.clone().try_acquire_owned();
        match (refused, permit) {
            (None, Ok(permit)) => {
                let shared = shared.clone();
                shared.tasks.clone().spawn(drive::run(shared, stream, peer, permit));
            }
            (refused, _) => {
                let why = refused.unwrap_or("unproven");
                metrics::counter!("sekisho_devices_refused_total", "why" => why).increment(1);
            }
        }
    }
}
