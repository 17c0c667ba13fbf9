//! Keeping what devices told: events joined to the journal, results of commands, reports, comings and goings. One
//! transaction for a batch of many devices of one tenant.

use std::collections::HashMap;

use sea_orm::ActiveValue::Set;
use sea_orm::{ColumnTrait, Condition, IntoActiveModel as _};
use sekisho_crypto::sha256;
use sekisho_kernel::{Actor, AuditEntry, Cx, DeviceId, EventId, Timestamp};
use sekisho_storage::{Scoped, StoreError, Tx};
use sekisho_wire::{Ack, Event, EventKind, Heartbeat, Picture};
use uuid::Uuid;

use crate::command::CommandState;
use crate::device::{FLAKY_DROPS, FLAKY_WINDOW, Joint, count_drop, joint};
use crate::facts::{CameBack, ChainBroken, WentFlaky};
use crate::session::CloseReason;
use crate::tables::{devices_devices, devices_events};
use crate::{Device, Devices, PortError, Received, ReceivedPicture, picture, reads, settle};

/// Something to keep.
#[derive(Debug)]
pub(crate) enum Word {
    /// An event.
    Event {
        /// As read.
        event: Event,
        /// As it came.
        payload: Vec<u8>,
    },
    /// A command's result.
    Ack(Ack),
    /// How the device is.
    Report {
        /// As read.
        report: Box<Heartbeat>,
        /// As it came.
        payload: Vec<u8>,
    },
    /// A picture of an event told before.
    Picture(Box<Picture>),
    /// It connected: this connection.
    Came(Uuid),
    /// It is still there.
    Alive,
    /// This connection ended.
    Gone(Uuid, CloseReason),
}

/// Why a batch was not kept; nothing of it was.
#[derive(Debug, thiserror::Error)]
pub(crate) enum KeepError {
    /// The module of this device's kind failed.
    #[error("module of device {0}: {1}")]
    Port(DeviceId, PortError),
    /// The store failed.
    #[error(transparent)]
    Store(#[from] StoreError),
}

/// Keeps a batch. The modules of devices for which `deaf` holds are not asked; what those told is kept and marked in the
/// record.
pub(crate) async fn keep(
    devices: &Devices,
    cx: &Cx,
    batch: &[(DeviceId, Vec<&Word>)],
    deaf: impl Fn(DeviceId) -> bool,
) -> Result<(), KeepError> {
    let mut tx = devices.store().begin(cx).await?;
    // Always in the same order, so that two servers never wait for one another.
    let mut order: Vec<_> = batch.iter().collect();
    order.sort_by_key(|(device, _)| *device);
    let ids: Vec<DeviceId> = order.iter().map(|(device, _)| *device).collect();
    let mut rows: HashMap<DeviceId, _> =
        reads::locked_rows(&tx, ids).await?.into_iter().map(|row| (row.id, row)).collect();
    let (mut told, mut events) = (Vec::new(), Vec::new());
    for (device, words) in order {
        let Some(row) = rows.remove(device) else { continue };
        tx.act_as(Actor::Device { id: *device });
        let mut journal = Journal::of(row, cx.now, deaf(*device));
        for word in words {
            journal.take(devices, &mut tx, word).await?;
        }
        let (row, unwritten) = journal.finish(devices, &mut tx).await?;
        told.push(row.into_active_model());
        events.extend(unwritten.into_iter().map(|event| event.row));
    }
    // One statement for the rows of all devices and one for their events: a batch costs little more than one event.
    tx.overwrite_many::<devices_devices::Entity>(told, &told_columns()).await?;
    tx.insert_many::<devices_events::Entity>(events).await?;
    tx.commit_bookkeeping("what devices told; modules record what it means").await?;
    Ok(())
}

/// One device's row and what changes of it.
struct Journal {
    row: devices_devices::Model,
    now: Timestamp,
    deaf: bool,
    fresh: Vec<Received>,
    /// Events of this batch, to be written at its end, or before a picture is joined to one of them.
    unwritten: Vec<Unwritten>,
}

/// An event of this batch.
struct Unwritten {
    epoch: i64,
    seq: i64,
    hash: [u8; 32],
    row: devices_events::ActiveModel,
}

impl Journal {
    fn of(row: devices_devices::Model, now: Timestamp, deaf: bool) -> Self {
        Self { row, now, deaf, fresh: Vec::new(), unwritten: Vec::new() }
    }

    fn device(&self) -> Device {
        Device::from(self.row.clone())
    }

    async fn take(&mut self, devices: &Devices, tx: &mut Tx, word: &Word) -> Result<(), KeepError> {
        if !matches!(word, Word::Gone(..)) {
            self.row.last_seen = Some(self.now);
        }
        match word {
            Word::Event { event, payload } => self.event(tx, event, payload).await,
            Word::Ack(ack) => {
                // Events before it are told before it, as the device meant it.
                self.tell(devices, tx).await?;
                self.ack(devices, tx, ack).await
            }
            Word::Report { report, payload } => {
                self.row.report = Some(payload.clone());
                self.tell(devices, tx).await?;
                self.report(devices, tx, report).await
            }
            Word::Picture(picture) => {
                // Its event is told before it.
                self.tell(devices, tx).await?;
                self.picture(devices, tx, picture).await
            }
            Word::Came(connection) => self.came(tx, *connection).await,
            Word::Alive => Ok(()),
            Word::Gone(connection, reason) => self.gone(tx, *connection, *reason).await,
        }
    }

    async fn event(&mut self, tx: &mut Tx, event: &Event, payload: &[u8]) -> Result<(), KeepError> {
        let hash = sha256(payload);
        let last = u64::try_from(self.row.event_seq).unwrap_or(0);
        let mut is_head = true;
        match joint(last, &self.row.event_hash, event.seq, &event.prev) {
            Joint::Next => {}
            Joint::Before => match self.stored_hash(tx, event.seq).await? {
                Some(stored) if stored == hash => return Ok(()),
                // The same number with other contents: the device began its journal anew, or somebody did.
                Some(_) => {
                    self.row.event_epoch += 1;
                    self.broken(tx, last.saturating_add(1), event.seq).await?;
                }
                // It fills a gap that was told when it opened.
                None => is_head = false,
            },
            Joint::Broken => self.broken(tx, last.saturating_add(1), event.seq).await?,
        }
        let seq = i64::try_from(event.seq).unwrap_or(i64::MAX);
        let row = devices_events::ActiveModel {
            tenant_id: Set(self.row.tenant_id),
            id: Set(tx.cx().fresh_id::<EventId>()),
            device_id: Set(self.row.id),
            epoch: Set(self.row.event_epoch),
            seq: Set(seq),
            at: Set(event.at),
            received_at: Set(self.now),
            hash: Set(hash.to_vec()),
            payload: Set(payload.to_vec()),
        };
        self.unwritten.push(Unwritten { epoch: self.row.event_epoch, seq, hash, row });
        if is_head {
            (self.row.event_seq, self.row.event_hash) = (seq, hash.to_vec());
        }
        if let EventKind::Updating { rollout, step, why, .. } = &event.kind {
            crate::carry_on::told(tx, self.row.id, *rollout, *step, why.as_deref()).await?;
        }
        self.fresh.push(Received { event: event.clone(), at: self.now });
        metrics::counter!("sekisho_devices_events_total").increment(1);
        Ok(())
    }

    async fn stored_hash(&self, tx: &Tx, seq: u64) -> Result<Option<Vec<u8>>, StoreError> {
        use devices_events::{Column, Entity};
        let this =
            |event: &&Unwritten| (event.epoch, u64::try_from(event.seq)) == (self.row.event_epoch, Ok(seq));
        if let Some(event) = self.unwritten.iter().find(this) {
            return Ok(Some(event.hash.to_vec()));
        }
        let this = Condition::all()
            .add(Column::DeviceId.eq(self.row.id))
            .add(Column::Epoch.eq(self.row.event_epoch))
            .add(Column::Seq.eq(i64::try_from(seq).unwrap_or(i64::MAX)));
        Ok(tx.find::<Entity>().filter(this).one().await?.map(|stored| stored.hash))
    }

    async fn broken(&self, tx: &mut Tx, expected: u64, received: u64) -> Result<(), StoreError> {
        tracing::warn!(device = %self.row.id, expected, received, "a device's journal does not join");
        metrics::counter!("sekisho_devices_chain_broken_total").increment(1);
        tx.record(
            AuditEntry::failed("device.chain_broken")
                .on("device", self.row.id, self.row.name.clone())
                .with("expected", expected)
                .with("received", received),
        );
        tx.publish(&ChainBroken { device: self.row.id, name: self.row.name.clone(), expected, received })
            .await
    }

    /// Tells the module what is new.
    async fn tell(&mut self, devices: &Devices, tx: &mut Tx) -> Result<(), KeepError> {
        let fresh = std::mem::take(&mut self.fresh);
        if fresh.is_empty() {
            return Ok(());
        }
        let device = self.device();
        let Some(ports) = devices.ports(device.kind) else { return Ok(()) };
        if self.deaf {
            let first = fresh.first().map(|received| received.event.seq);
            tx.record(
                AuditEntry::failed("device.events_unheard")
                    .on("device", device.id, device.name)
                    .with("first", first)
                    .with("count", fresh.len()),
            );
            return Ok(());
        }
        let entries = ports
            .events
            .received(tx, &device, &fresh)
            .await
            .map_err(|error| KeepError::Port(device.id, error))?;
        entries.into_iter().for_each(|entry| tx.record(entry));
        Ok(())
    }

    async fn ack(&mut self, devices: &Devices, tx: &mut Tx, ack: &Ack) -> Result<(), KeepError> {
        let (state, code) = CommandState::told(ack.result.clone());
        let code = code.map(|code| code.chars().take(40).collect());
        let Some(row) = settle::command_row(tx, ack.command.uuid()).await? else { return Ok(()) };
        if row.device_id != self.row.id {
            return Ok(());
        }
        let ask = !self.deaf;
        settle::settle(devices, tx, &self.device(), &row, state, code, ask)
            .await
            .map_err(|error| error.into_keep(self.row.id))
    }

    async fn report(&self, devices: &Devices, tx: &mut Tx, report: &Heartbeat) -> Result<(), KeepError> {
        let device = self.device();
        match devices.ports(device.kind) {
            Some(ports) if !self.deaf => ports
                .events
                .reported(tx, &device, report)
                .await
                .map_err(|error| KeepError::Port(device.id, error)),
            _ => Ok(()),
        }
    }

    async fn picture(&mut self, devices: &Devices, tx: &mut Tx, picture: &Picture) -> Result<(), KeepError> {
        let device = self.device();
        let Some(ports) = devices.ports(device.kind).filter(|_| !self.deaf) else {
            picture::refused("unheard");
            return Ok(());
        };
        // The picture follows its event, often in the same batch: what came before it is looked for in one place.
        let before = std::mem::take(&mut self.unwritten).into_iter().map(|event| event.row).collect();
        tx.insert_many::<devices_events::Entity>(before).await?;
        let Some((event, kind)) = picture::event_of(tx, &self.row, picture).await? else {
            // Sending it again would not bring its event. It is dropped, and the box may drop it too.
            tracing::warn!(device = %device.id, seq = picture.seq, "a picture of no event of this device");
            picture::refused("eventless");
            return Ok(());
        };
        let received = ReceivedPicture { event, kind, picture: picture.clone(), received_at: self.now };
        let entries = ports
            .events
            .pictured(tx, &device, &received)
            .await
            .map_err(|error| KeepError::Port(device.id, error))?;
        entries.into_iter().for_each(|entry| tx.record(entry));
        Ok(())
    }

    async fn came(&mut self, tx: &mut Tx, connection: Uuid) -> Result<(), KeepError> {
        let row = &mut self.row;
        if !row.online {
            row.online_since = self.now;
        }
        (row.online, row.connection) = (true, Some(connection));
        if row.flaky && self.now.since(row.drops_since) > FLAKY_WINDOW {
            (row.flaky, row.drops) = (false, 0);
        }
        if std::mem::take(&mut row.told_offline) {
            tx.record(AuditEntry::done("device.come_back").on("device", row.id, row.name.clone()));
            tx.publish(&CameBack { device: row.id, name: row.name.clone() }).await?;
        }
        Ok(())
    }

    async fn gone(&mut self, tx: &mut Tx, connection: Uuid, reason: CloseReason) -> Result<(), KeepError> {
        let row = &mut self.row;
        if row.connection != Some(connection) {
            return Ok(());
        }
        (row.online, row.connection, row.online_since) = (false, None, self.now);
        if reason.is_drop() {
            (row.drops, row.drops_since) = count_drop(row.drops, row.drops_since, self.now);
            if row.drops >= FLAKY_DROPS && !row.flaky {
                row.flaky = true;
                let fact = WentFlaky { device: row.id, name: row.name.clone(), drops: row.drops };
                tx.publish(&fact).await?;
            }
        }
        Ok(())
    }

    /// What is still to be written: the row, and the events.
    async fn finish(
        mut self,
        devices: &Devices,
        tx: &mut Tx,
    ) -> Result<(devices_devices::Model, Vec<Unwritten>), KeepError> {
        self.tell(devices, tx).await?;
        Ok((self.row, self.unwritten))
    }
}

/// The columns of a device's row that what it tells can change.
fn told_columns() -> [devices_devices::Column; 12] {
    use devices_devices::Column;
    [
        Column::Online,
        Column::Connection,
        Column::OnlineSince,
        Column::LastSeen,
        Column::ToldOffline,
        Column::Drops,
        Column::DropsSince,
        Column::Flaky,
        Column::Report,
        Column::EventEpoch,
        Column::EventSeq,
        Column::EventHash,
    ]
}
