//! The endpoint devices connect to: MQTT 5 over TLS with client certificates. No broker: nothing a device says reaches
//! another device, and nothing is acknowledged before it is kept.

mod accept;
mod asks;
mod deliver;
mod drive;
mod files;
mod limits;
mod mailbox;
mod registry;
mod sweep;
mod upload;

use std::sync::Arc;
use std::time::Duration;

use sekisho_crypto::CryptoError;
use sekisho_crypto::certificates::{ServerIdentity, device_server_config};
use sekisho_kernel::World;
use sekisho_storage::{Engine, StoreError};
use tokio::net::TcpListener;
use tokio::sync::{Semaphore, mpsc};
use tokio_rustls::TlsAcceptor;
use tokio_util::sync::CancellationToken;
use tokio_util::task::TaskTracker;

use crate::Devices;
use crate::session::CloseReason;

pub(crate) use limits::Knocks;
pub(crate) use registry::Registry;

/// How the endpoint behaves.
#[derive(Clone, Debug)]
pub struct GatewayOptions {
    /// A device is cut off when it says nothing for one and a half times this.
    pub keep_alive: Duration,
    /// Connections in all.
    pub most_connections: usize,
    /// Connections that have not shown a certificate and said who they are yet.
    pub most_unproven: usize,
    /// New connections a second from everywhere.
    pub handshakes_per_second: u32,
    /// New connections a second from one address.
    pub handshakes_per_address: u32,
    /// Time for the TLS handshake.
    pub handshake_within: Duration,
}

impl Default for GatewayOptions {
    fn default() -> Self {
        Self {
            keep_alive: Duration::from_secs(60),
            most_connections: 20_000,
            most_unproven: 1024,
            handshakes_per_second: 2000,
            handshakes_per_address: 200,
            handshake_within: Duration::from_secs(10),
        }
    }
}

/// Why the endpoint could not open.
#[derive(Debug, thiserror::Error)]
pub enum GatewayError {
    /// The TLS settings could not be made.
    #[error("TLS settings")]
    Tls(#[from] CryptoError),
    /// The tenants' authorities could not be read.
    #[error("authorities of the tenants")]
    Store(#[from] StoreError),
}

/// What every connection's task needs.
pub(crate) struct Shared {
    pub(crate) devices: Devices,
    pub(crate) world: Arc<dyn World>,
    pub(crate) options: GatewayOptions,
    pub(crate) tls: TlsAcceptor,
    pub(crate) uploads: mpsc::Sender<upload::Upload>,
    pub(crate) notices: mpsc::UnboundedSender<deliver::Notice>,
    pub(crate) unproven: Arc<Semaphore>,
    pub(crate) answering: Arc<Semaphore>,
    pub(crate) giving: Arc<Semaphore>,
    pub(crate) tasks: TaskTracker,
    pub(crate) stop: CancellationToken,
    pub(crate) began: tokio::time::Instant,
}

impl Shared {
    /// Milliseconds since the endpoint opened.
    pub(crate) fn now(&self) -> u64 {
        u64::try_from(self.began.elapsed().as_millis()).unwrap_or(u64::MAX)
    }
}

impl Devices {
    /// Serves devices on `listener` until `stop`; then connections are told to go elsewhere, what they said is kept, and
    /// all tasks have ended when this returns.
    ///
    /// # Errors
    /// [`GatewayError`] when it cannot begin.
    pub async fn serve(
        &self,
        listener: TcpListener,
        identity: Arc<ServerIdentity>,
        world: Arc<dyn World>,
        options: GatewayOptions,
        stop: CancellationToken,
    ) -> Result<(), GatewayError> {
        let tls = device_server_config(identity, self.roots().clone(), &world)?;
        let (uploads, upload_queue) = mpsc::channel(upload::QUEUE);
        let (notices, notice_queue) = mpsc::unbounded_channel();
        // What keeps and delivers outlives the connections, so that their last words are kept.
        let (afterwards, keepers) = (CancellationToken::new(), TaskTracker::new());
        keepers.spawn(upload::run(self.clone(), world.clone(), upload_queue, stop.clone()));
        let mut delivery = deliver::Delivery::new(self.clone(), world.clone());
        // Before the first device knocks, its tenant's authority is known.
        delivery.trust_new().await?;
        keepers.spawn(delivery.run(self.store().changes(), notice_queue, afterwards.clone()));
        let silent_after = options.keep_alive * 3;
        keepers.spawn(sweep::run(self.clone(), world.clone(), silent_after, afterwards.clone()));
        let shared = Arc::new(Shared {
            devices: self.clone(),
            world,
            unproven: Arc::new(Semaphore::new(options.most_unproven)),
            answering: Arc::new(Semaphore::new(asks::MOST_AT_ONCE)),
            giving: Arc::new(Semaphore::new(files::MOST_AT_ONCE)),
            options,
            tls: TlsAcceptor::from(tls),
            uploads,
            notices,
            tasks: TaskTracker::new(),
            stop: stop.clone(),
            began: tokio::time::Instant::now(),
        });
        accept::run(&shared, listener).await;
        self.registry().close_all(match self.store().engine() {
            Engine::Sqlite => CloseReason::ShuttingDown,
            // Behind the same address stand others with the same database.
            Engine::Postgres => CloseReason::GoElsewhere,
        });
        shared.tasks.close();
        shared.tasks.wait().await;
        // The last sender goes, the queue runs dry, the keeper ends.
        drop(shared);
        afterwards.cancel();
        keepers.close();
        keepers.wait().await;
        Ok(())
    }

    /// Whether a device is connected to this very process.
    pub fn is_connected_here(
        &self,
        tenant: sekisho_kernel::TenantId,
        device: sekisho_kernel::DeviceId,
    ) -> bool {
        self.registry().get(tenant, device).is_some()
    }

    /// How many devices are connected to this process.
    pub fn connected_here(&self) -> usize {
        self.registry().count()
    }

    /// Does at once what the endpoint does each second: expires commands, tells offline devices. For tests that move the
    /// clock.
    pub async fn sweep(&self, world: &Arc<dyn World>, options: &GatewayOptions) -> Result<(), StoreError> {
        sweep::sweep(self, world, options.keep_alive * 3).await
    }
}
