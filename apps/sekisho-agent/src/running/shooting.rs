//! Pictures while the box goes on: shot, sealed to the tenant, put on the disk. Nothing waits for the camera, and what it
//! gave lies open in memory only until it is sealed.

use std::sync::Arc;
use std::time::Duration;

use sekisho_kernel::{DeviceId, Timestamp};
use sekisho_wire::{MAX_PICTURE, Picture, Shot};
use tokio::sync::mpsc;
use tokio_util::sync::CancellationToken;

use crate::driver::Camera;
use crate::spool::{Shelf, Waiting};

/// A camera that takes longer is not waited for.
const SHOOT_WITHIN: Duration = Duration::from_secs(5);
/// Pictures that wait for the camera; more are lost.
const MOST_ORDERED: usize = 16;

/// A picture to be taken.
#[derive(Debug)]
pub(super) struct Order {
    /// The number of its event.
    pub(super) seq: u64,
    /// The time of its event.
    pub(super) at: Timestamp,
    /// To whom it is sealed.
    pub(super) to: sekisho_wire::Camera,
}

/// What came of an order that came to something.
#[derive(Debug)]
pub(super) enum Taken {
    /// It is on the shelf.
    Kept(Waiting),
    /// It is lost.
    Lost,
}

/// Starts the photographer. Orders go in, what came of them comes out.
pub(super) fn start(
    device: DeviceId,
    camera: Arc<dyn Camera>,
    shelf: Shelf,
    stop: CancellationToken,
) -> (mpsc::Sender<Order>, mpsc::Receiver<Taken>) {
    let (order, mut orders) = mpsc::channel::<Order>(MOST_ORDERED);
    let (tell, taken) = mpsc::channel(MOST_ORDERED);
    tokio::spawn(async move {
        let work = async {
            while let Some(order) = orders.recv().await {
                let taken = match take(device, &*camera, &shelf, order).await {
                    Ok(Some(waiting)) => Taken::Kept(waiting),
                    Ok(None) => continue,
                    Err(why) => {
                        tracing::warn!(why, "a picture is lost");
                        Taken::Lost
                    }
                };
                if tell.send(taken).await.is_err() {
                    return;
                }
            }
        };
        stop.run_until_cancelled(work).await;
    });
    (order, taken)
}

async fn take(
    device: DeviceId,
    camera: &dyn Camera,
    shelf: &Shelf,
    order: Order,
) -> Result<Option<Waiting>, String> {
    let shot = tokio::time::timeout(SHOOT_WITHIN, camera.shoot()).await;
    let shot = shot.map_err(|_| "the camera does not answer")?.map_err(|fault| fault.to_string())?;
    let Some(shot) = shot else { return Ok(None) };
    let picture = sealed(device, &order, &shot)?;
    let shelf = shelf.clone();
    let put = tokio::task::spawn_blocking(move || shelf.put(&picture)).await;
    put.map_err(|error| error.to_string())?.map(Some).map_err(|error| error.to_string())
}

fn sealed(device: DeviceId, order: &Order, shot: &Shot) -> Result<Picture, String> {
    if shot.bytes.len() > MAX_PICTURE || shot.media().is_none() {
        return Err(format!("{} bytes of {} are no picture to send", shot.bytes.len(), shot.media));
    }
    let bound_to = Picture::bound_to(device, order.seq, order.at);
    let plain = sekisho_wire::encode(shot);
    let sealed = sekisho_crypto::seal_to(&order.to.public, Picture::PURPOSE, &bound_to, &plain)
        .map_err(|error| error.to_string())?;
    Ok(Picture { seq: order.seq, at: order.at, key: order.to.key, sealed })
}
