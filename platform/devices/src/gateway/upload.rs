//! What devices tell, on its way into the database: many devices' words in one commit, and only then their
//! acknowledgements.

use std::collections::HashMap;
use std::sync::Arc;
use std::time::Duration;

use sekisho_kernel::{Actor, Cx, DeviceId, Language, TenantId, World, chain};
use sekisho_storage::StoreError;
use sekisho_wire::{Ack, Event, Heartbeat, Topic, decode};
use tokio::sync::mpsc;
use tokio::time::{Instant, sleep, timeout_at};
use tokio_util::sync::CancellationToken;

use super::mailbox::{Connection, Letter};
use crate::Devices;
use crate::keep::{KeepError, Word, keep};
use crate::session::{CloseReason, Kept, Refusal};

/// How many words wait before sockets are no longer read.
pub(crate) const QUEUE: usize = 4096;
/// At most so many words in one commit …
const BATCH: usize = 256;
/// … and none waits longer than this for others.
const GATHER: Duration = Duration::from_millis(5);
/// A module that refuses an event so often is given up on; the event is kept all the same.
const MOST_REFUSALS: u8 = 3;

/// Something a device told, or its connection did.
pub(crate) struct Upload {
    /// Who.
    pub(crate) from: Arc<Connection>,
    /// Whom to tell when it is kept.
    pub(crate) receipt: Option<u16>,
    /// What.
    pub(crate) word: Word,
}

/// Reads what a device sent into the word that is kept; `None` when it is not readable.
pub(crate) fn word_of(topic: Topic, payload: Vec<u8>) -> Option<Word> {
    match topic {
        Topic::Event(seq) => {
            let event: Event = decode(&payload).ok()?;
            (event.seq == seq && seq > 0 && i64::try_from(seq).is_ok())
                .then_some(Word::Event { event, payload })
        }
        Topic::Ack(command) => {
            let ack: Ack = decode(&payload).ok()?;
            (ack.command == command).then_some(Word::Ack(ack))
        }
        Topic::Heartbeat => {
            let report: Heartbeat = decode(&payload).ok()?;
            Some(Word::Report { report: Box::new(report), payload })
        }
        _ => None,
    }
}

/// Keeps what comes out of `queue` until `stop`, then what is left in it.
pub(crate) async fn run(
    devices: Devices,
    world: Arc<dyn World>,
    mut queue: mpsc::Receiver<Upload>,
    stop: CancellationToken,
) {
    while let Some(first) = queue.recv().await {
        let mut batch = vec![first];
        let until = Instant::now() + GATHER;
        while batch.len() < BATCH {
            match timeout_at(until, queue.recv()).await {
                Ok(Some(upload)) => batch.push(upload),
                Ok(None) | Err(_) => break,
            }
        }
        metrics::histogram!("sekisho_devices_batch_size")
            .record(u32::try_from(batch.len()).unwrap_or(u32::MAX));
        let mut tenants: HashMap<TenantId, Vec<Upload>> = HashMap::new();
        for upload in batch {
            tenants.entry(upload.from.tenant).or_default().push(upload);
        }
        for (tenant, uploads) in tenants {
            keep_tenant(&devices, &world, tenant, uploads, &stop).await;
        }
    }
}

/// Keeps the words of one tenant, whatever it takes: while the database is away the queue fills and sockets are no
/// longer read. Only a shutdown gives up, and then nobody is acknowledged.
async fn keep_tenant(
    devices: &Devices,
    world: &Arc<dyn World>,
    tenant: TenantId,
    uploads: Vec<Upload>,
    stop: &CancellationToken,
) {
    let mut groups: Vec<Vec<Upload>> = vec![uploads];
    let mut refusals: HashMap<DeviceId, u8> = HashMap::new();
    let mut wait = Duration::from_millis(20);
    while let Some(group) = groups.pop() {
        let actor = Actor::System { name: "devices.keep".to_owned() };
        let cx = Cx::new(world.clone(), tenant, actor, Language::Ja);
        let words = by_device(&group);
        let deaf = |device: DeviceId| refusals.get(&device).is_some_and(|count| *count >= MOST_REFUSALS);
        match keep(devices, &cx, &words, deaf).await {
            Ok(()) => acknowledge(&group),
            Err(KeepError::Port(device, error)) if !is_store_error(&*error) => {
                tracing::error!(%tenant, %device, error = %chain(&*error), "a module refused what a device told");
                *refusals.entry(device).or_default() += 1;
                // The others must not wait for this one.
                let (its, others): (Vec<_>, Vec<_>) =
                    group.into_iter().partition(|upload| upload.from.device == device);
                groups.push(its);
                if !others.is_empty() {
                    groups.push(others);
                }
            }
            Err(error) => {
                tracing::warn!(%tenant, %error, "what devices told cannot be kept yet");
                metrics::counter!("sekisho_devices_keep_retries_total").increment(1);
                if stop.is_cancelled() {
                    for upload in &group {
                        upload.from.post(Letter::Close(CloseReason::Unkept));
                    }
                    continue;
                }
                groups.push(group);
                sleep(wait).await;
                wait = (wait * 2).min(Duration::from_secs(2));
            }
        }
    }
}

/// The words grouped by device, each device's in order.
fn by_device(group: &[Upload]) -> Vec<(DeviceId, Vec<&Word>)> {
    let mut words: HashMap<DeviceId, Vec<&Word>> = HashMap::new();
    for upload in group {
        words.entry(upload.from.device).or_default().push(&upload.word);
    }
    words.into_iter().collect()
}

fn acknowledge(group: &[Upload]) {
    for upload in group {
        if let Some(receipt) = upload.receipt {
            upload.from.post(Letter::Settled(receipt, Kept::Yes));
        }
    }
}

/// Tells the device that it need not send this again.
pub(crate) fn refuse(connection: &Connection, receipt: Option<u16>, refusal: Refusal) {
    metrics::counter!("sekisho_devices_unreadable_total").increment(1);
    if let Some(receipt) = receipt {
        connection.post(Letter::Settled(receipt, Kept::Never(refusal)));
    }
}

/// Whether the database is behind it, so that trying again helps.
fn is_store_error(error: &(dyn std::error::Error + Send + Sync + 'static)) -> bool {
    let mut next: Option<&(dyn std::error::Error + 'static)> = Some(error);
    while let Some(error) = next {
        if error.is::<StoreError>() {
            return true;
        }
        next = error.source();
    }
    false
}

#[cfg(test)]
mod tests {
    use super::is_store_error;
    use crate::DeviceError;
    use sekisho_storage::StoreError;

    #[test]
    fn knows_when_trying_again_helps() {
        let store = || StoreError::Unusable("away".to_owned());
        assert!(is_store_error(&store()));
        assert!(is_store_error(&DeviceError::Store(store())));
        assert!(!is_store_error(&DeviceError::Missing));
    }
}
