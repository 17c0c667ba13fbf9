//! What goes down to devices: commands as soon as they are committed, documents when they change or a device asks for
//! them; and the end of connections whose device was revoked. One task; other servers' commits are seen by polling.

use std::collections::HashSet;
use std::sync::Arc;
use std::sync::atomic::Ordering;
use std::time::Duration;

use sea_orm::{ColumnTrait, Condition};
use sekisho_kernel::{Cx, DeviceId, TenantId, Timestamp, World};
use sekisho_storage::{Changed, Event as _, Scoped, StoreError};
use sekisho_wire::{Document, Filter, Sync, TimeBeacon, Topic, encode};
use tokio::sync::broadcast::{self, error::RecvError};
use tokio::sync::mpsc;
use tokio::time::{MissedTickBehavior, interval};
use tokio_util::sync::CancellationToken;
use uuid::Uuid;

use super::mailbox::{Connection, Letter};
use crate::command::CommandState;
use crate::facts::{CommandMade, DeviceConfigured, DeviceEnrolled, DeviceRevoked};
use crate::session::{CloseReason, Downlink};
use crate::tables::{devices_authorities, devices_commands, devices_devices};
use crate::{Devices, Standing, reads};

/// How often other servers' commits are looked for.
const POLL: Duration = Duration::from_millis(500);

/// What connections tell this task.
pub(crate) enum Notice {
    /// A device now listens to that: send what it missed.
    Listens(Arc<Connection>, Filter),
    /// A command left for its device.
    Sent(TenantId, Uuid),
}

pub(crate) struct Delivery {
    devices: Devices,
    world: Arc<dyn World>,
    /// Commands handed to a connection, so that no poll hands them out again. Pruned as they end.
    handed: HashSet<(Uuid, Uuid)>,
    /// Devices that listen and could not be sent what they missed: the store was out of reach.
    late: Vec<(Arc<Connection>, Filter)>,
    /// Newest authority seen.
    authority_seen: Timestamp,
}

impl Delivery {
    pub(crate) fn new(devices: Devices, world: Arc<dyn World>) -> Self {
        Self { devices, world, handed: HashSet::new(), late: Vec::new(), authority_seen: Timestamp::EPOCH }
    }

    /// Runs until `stop`.
    pub(crate) async fn run(
        mut self,
        mut changes: broadcast::Receiver<Changed>,
        mut notices: mpsc::UnboundedReceiver<Notice>,
        stop: CancellationToken,
    ) {
        let mut poll = interval(POLL);
        poll.set_missed_tick_behavior(MissedTickBehavior::Delay);
        loop {
            let result = tokio::select! {
                () = stop.cancelled() => return,
                changed = changes.recv() => match changed {
                    Ok(changed) => self.changed(&changed).await,
                    Err(RecvError::Lagged(_)) => self.poll().await,
                    Err(RecvError::Closed) => return,
                },
                notice = notices.recv() => match notice {
                    Some(notice) => self.noticed(notice, &mut notices).await,
                    None => return,
                },
                _ = poll.tick() => self.poll().await,
            };
            if let Err(error) = result {
                tracing::warn!(%error, "what goes down to devices has to wait");
                metrics::counter!("sekisho_devices_delivery_errors_total").increment(1);
            }
        }
    }

    fn cx(&self, tenant: TenantId) -> Cx {
        Cx::system(self.world.clone(), tenant, "devices.deliver")
    }

    async fn changed(&mut self, changed: &Changed) -> Result<(), StoreError> {
        if changed.events.contains(&DeviceEnrolled::NAME) {
            self.trust_new().await?;
        }
        if self.devices.registry().of(changed.tenant).is_empty() {
            return Ok(());
        }
        if changed.events.contains(&CommandMade::NAME) {
            self.commands_of(changed.tenant).await?;
        }
        if changed.events.contains(&DeviceRevoked::NAME) {
            self.close_revoked().await?;
        }
        if changed.events.contains(&DeviceConfigured::NAME) {
            self.configs_of(changed.tenant).await?;
        }
        Ok(())
    }

    /// Looks for what other servers wrote.
    async fn poll(&mut self) -> Result<(), StoreError> {
        // While the store is away these fail first, once for each poll, however many devices wait.
        self.trust_new().await?;
        self.close_revoked().await?;
        for (connection, filter) in std::mem::take(&mut self.late) {
            self.listens(connection, filter).await;
        }
        let now = self.world.now();
        let scope = self.devices.store().read_installation().await?;
        use devices_commands::{Column, Entity};
        let open = Condition::all().add(Column::SettledAt.is_null()).add(Column::NotAfter.gt(now));
        let rows =
            scope.find::<Entity>().filter(open).ascending(Column::NotAfter).limit(10_000).all().await?;
        drop(scope);
        let still_open: HashSet<Uuid> = rows.iter().map(|row| row.id).collect();
        self.handed.retain(|(_, command)| still_open.contains(command));
        let waiting = rows.into_iter().filter(|row| row.state == CommandState::Created);
        waiting.for_each(|row| self.hand_out(row, now));
        Ok(())
    }

    async fn commands_of(&mut self, tenant: TenantId) -> Result<(), StoreError> {
        let now = self.world.now();
        let scope = self.devices.store().read(tenant).await?;
        use devices_commands::{Column, Entity};
        let waiting = Condition::all()
            .add(Column::SettledAt.is_null())
            .add(Column::State.eq(CommandState::Created))
            .add(Column::NotAfter.gt(now));
        // Put in order here: asked to do it, SQLite goes through every command the tenant ever had, by id.
        let mut waiting = scope.find::<Entity>().filter(waiting).all().await?;
        waiting.sort_by_key(|row| row.id);
        for row in waiting {
            self.hand_out(row, now);
        }
        Ok(())
    }

    /// Gives a command to the live connection of its device, once a connection.
    fn hand_out(&mut self, row: devices_commands::Model, now: Timestamp) {
        let Some(connection) = self.devices.registry().get(row.tenant_id, row.device_id) else { return };
        if !connection.listens() || row.not_after <= now || !self.handed.insert((connection.id, row.id)) {
            return;
        }
        let life = Some(row.not_after.since(now));
        connection.send(Downlink { topic: Topic::Command(row.id.into()), payload: row.payload, life });
    }

    async fn noticed(
        &mut self,
        first: Notice,
        others: &mut mpsc::UnboundedReceiver<Notice>,
    ) -> Result<(), StoreError> {
        let mut sent: Vec<(TenantId, Uuid)> = Vec::new();
        let mut next = Some(first);
        while let Some(notice) = next {
            match notice {
                Notice::Listens(connection, filter) => self.listens(connection, filter).await,
                Notice::Sent(tenant, command) => sent.push((tenant, command)),
            }
            next = if sent.len() < 256 { others.try_recv().ok() } else { None };
        }
        while let Some((tenant, _)) = sent.first().copied() {
            let its: Vec<Uuid> = sent.iter().filter(|(of, _)| *of == tenant).map(|(_, id)| *id).collect();
            sent.retain(|(of, _)| *of != tenant);
            use devices_commands::{Column, Entity};
            let cx = self.cx(tenant);
            let tx = self.devices.store().begin(&cx).await?;
            tx.update::<Entity>()
                .set(Column::State, CommandState::Sent)
                .set(Column::SentAt, cx.now)
                .filter(
                    Condition::all().add(Column::Id.is_in(its)).add(Column::State.eq(CommandState::Created)),
                )
                .exec()
                .await?;
            tx.commit_bookkeeping("commands on their way; their making was recorded").await?;
        }
        Ok(())
    }

    /// A device has just begun to listen; what cannot be sent now is sent with the next poll.
    async fn listens(&mut self, connection: Arc<Connection>, filter: Filter) {
        if let Err(error) = self.catch_up(&connection, filter).await {
            tracing::warn!(%error, device = %connection.device, "what a device missed has to wait");
            metrics::counter!("sekisho_devices_delivery_errors_total").increment(1);
            let live = self.devices.registry().get(connection.tenant, connection.device);
            let is_live = live.is_some_and(|live| live.id == connection.id);
            let waits = self.late.iter().any(|(late, of)| late.id == connection.id && *of == filter);
            if is_live && !waits {
                self.late.push((connection, filter));
            }
        }
    }

    /// Everything a device needs that has just begun to listen: the time, where its journal ends, its documents, and then
    /// commands whose time is not over, also those another connection may have lost. Only from here on is it handed what is
    /// new, so that the time comes before the first command whose end the device has to judge by it.
    async fn catch_up(&mut self, connection: &Arc<Connection>, filter: Filter) -> Result<(), StoreError> {
        let now = self.world.now();
        let scope = self.devices.store().read(connection.tenant).await?;
        if matches!(filter, Filter::All | Filter::Configs) {
            let Some(row) = reads::row(&scope, connection.device).await? else { return Ok(()) };
            document(connection, Document::Time, encode(&TimeBeacon { now, nonce: 0 }));
            let sync = Sync {
                last_seq: u64::try_from(row.event_seq).unwrap_or(0),
                hash: row.event_hash.as_slice().try_into().unwrap_or_default(),
            };
            document(connection, Document::Sync, encode(&sync));
            send_config(connection, row.config, row.config_version);
            connection.wants_configs.store(true, Ordering::Release);
        }
        if matches!(filter, Filter::All | Filter::Commands) {
            use devices_commands::{Column, Entity};
            let open = Condition::all()
                .add(Column::DeviceId.eq(connection.device))
                .add(Column::SettledAt.is_null())
                .add(Column::NotAfter.gt(now));
            let rows = scope.find::<Entity>().filter(open).ascending(Column::Id).all().await?;
            connection.wants_commands.store(true, Ordering::Release);
            for row in rows {
                self.hand_out(row, now);
            }
        }
        Ok(())
    }

    async fn configs_of(&self, tenant: TenantId) -> Result<(), StoreError> {
        use devices_devices::{Column, Entity};
        let scope = self.devices.store().read(tenant).await?;
        for connection in self.devices.registry().of(tenant) {
            if !connection.wants_configs.load(Ordering::Acquire) {
                continue;
            }
            let newer = Condition::all()
                .add(Column::Id.eq(connection.device))
                .add(Column::ConfigVersion.gt(connection.config_sent.load(Ordering::Acquire)));
            if let Some(row) = scope.find::<Entity>().filter(newer).one().await? {
                send_config(&connection, row.config, row.config_version);
            }
        }
        Ok(())
    }

    async fn close_revoked(&self) -> Result<(), StoreError> {
        use devices_devices::{Column, Entity};
        let recent = self.world.now().minus(Duration::from_secs(60));
        let scope = self.devices.store().read_installation().await?;
        let revoked =
            Condition::all().add(Column::RevokedAt.gte(recent)).add(Column::Standing.eq(Standing::Revoked));
        for row in scope.find::<Entity>().filter(revoked).all().await? {
            close(&self.devices, row.tenant_id, row.id, CloseReason::Revoked);
        }
        Ok(())
    }

    /// Trusts authorities that came since the last look.
    pub(crate) async fn trust_new(&mut self) -> Result<(), StoreError> {
        use devices_authorities::{Column, Entity};
        let scope = self.devices.store().read_installation().await?;
        // A server whose clock is behind may write an older time later.
        let since = self.authority_seen.minus(Duration::from_secs(60));
        let rows = scope
            .find::<Entity>()
            .filter(Column::CreatedAt.gt(since))
            .ascending(Column::CreatedAt)
            .all()
            .await?;
        for row in rows {
            self.authority_seen = self.authority_seen.max(row.created_at);
            self.devices.trust_pem(row.tenant_id, &row.certificate);
        }
        Ok(())
    }
}

fn document(connection: &Connection, document: Document, payload: Vec<u8>) {
    connection.send(Downlink { topic: Topic::Config(document), payload, life: None });
}

fn send_config(connection: &Connection, config: Option<Vec<u8>>, version: i64) {
    if let Some(payload) = config {
        connection.config_sent.store(version, Ordering::Release);
        document(connection, Document::Box, payload);
    }
}

fn close(devices: &Devices, tenant: TenantId, device: DeviceId, reason: CloseReason) {
    if let Some(connection) = devices.registry().get(tenant, device) {
        connection.post(Letter::Close(reason));
    }
}
