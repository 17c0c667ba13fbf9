//! An endpoint on the loopback address with a module's stand-in behind it.

use std::net::SocketAddr;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Mutex};
use std::time::Duration;

use async_trait::async_trait;
use sekisho_crypto::certificates::{self, Authority, ServerIdentity};
use sekisho_crypto::{LocalKeyFile, Vault};
use sekisho_devices::{
    Announcement, CommandResults, Device, DeviceAsks, DeviceEvents, DeviceKind, Devices, GatewayOptions,
    NewDevice, PortError, Received, ReceivedPicture, SettledCommand,
};
use sekisho_kernel::{AuditEntry, Cx, DeviceId, EventId, TenantId, World};
use sekisho_storage::keys::StoredKeys;
use sekisho_storage::tables::{audit_entries, outbox_events};
use sekisho_storage::{Migration, Scoped as _, Store, Tx};
use sekisho_teststore::{FreshStore, TestWorld, cx, tenant};
use sekisho_wire::{Answer, AnswerKind, Ask, Enrol, Enrolled, EventKind, Heartbeat};
use tokio::net::TcpListener;
use tokio::sync::{Semaphore, watch};
use tokio_util::sync::CancellationToken;

use crate::peer::Peer;

pub fn migrations() -> Vec<Migration> {
    let mut all = sekisho_storage::migrations();
    all.extend(sekisho_devices::migrations());
    all
}

/// Stands in for the module that owns SmartBoxes.
pub struct Module {
    /// Held back while there are no permits.
    pub gate: Semaphore,
    /// How many calls are still refused.
    pub refuse: AtomicUsize,
    pub heard: Mutex<Vec<(DeviceId, u64)>>,
    pub reports: AtomicUsize,
    pub pictured: Mutex<Vec<(EventId, EventKind)>>,
    pub settled: Mutex<Vec<SettledCommand>>,
    pub asked: AtomicUsize,
    pub waiting: watch::Sender<usize>,
}

#[async_trait]
impl DeviceEvents for Module {
    async fn received(
        &self,
        _: &mut Tx,
        device: &Device,
        events: &[Received],
    ) -> Result<Vec<AuditEntry>, PortError> {
        self.waiting.send_modify(|count| *count += 1);
        self.gate.acquire().await?.forget();
        self.gate.add_permits(1);
        if self.refuse.fetch_update(Ordering::SeqCst, Ordering::SeqCst, |left| left.checked_sub(1)).is_ok() {
            return Err("the module does not like it".into());
        }
        let mut heard = self.heard.lock().unwrap();
        heard.extend(events.iter().map(|received| (device.id, received.event.seq)));
        Ok(vec![AuditEntry::done("test.heard").on("device", device.id, "")])
    }

    async fn pictured(
        &self,
        _: &mut Tx,
        device: &Device,
        picture: &ReceivedPicture,
    ) -> Result<Vec<AuditEntry>, PortError> {
        self.pictured.lock().unwrap().push((picture.event, picture.kind.clone()));
        Ok(vec![AuditEntry::done("test.pictured").on("device", device.id, "")])
    }

    async fn reported(&self, _: &mut Tx, _: &Device, _: &Heartbeat) -> Result<(), PortError> {
        self.reports.fetch_add(1, Ordering::SeqCst);
        Ok(())
    }
}

#[async_trait]
impl DeviceAsks for Module {
    async fn asked(&self, cx: &Cx, device: &Device, ask: Ask) -> Result<Answer, PortError> {
        assert_eq!(cx.actor, sekisho_kernel::Actor::Device { id: device.id });
        assert!(cx.address.is_some());
        self.asked.fetch_add(1, Ordering::SeqCst);
        Ok(Answer { n: 0, kind: AnswerKind::Ok }).map(|answer| Answer { n: ask.n, ..answer })
    }
}

#[async_trait]
impl CommandResults for Module {
    async fn settled(
        &self,
        _: &mut Tx,
        _: &Device,
        command: &SettledCommand,
    ) -> Result<Vec<AuditEntry>, PortError> {
        self.settled.lock().unwrap().push(command.clone());
        Ok(Vec::new())
    }
}

/// A device that has its certificate.
#[derive(Clone)]
pub struct Enrollee {
    pub id: DeviceId,
    pub tenant: TenantId,
    pub key: String,
    pub answer: Enrolled,
}

pub struct Stand {
    pub store: Store,
    pub world: Arc<TestWorld>,
    pub devices: Devices,
    vault: Vault,
    as_trait: Arc<dyn World>,
    pub module: Arc<Module>,
    pub address: SocketAddr,
    pub trust: String,
    pub options: GatewayOptions,
    pub tenant: TenantId,
    stop: CancellationToken,
    served: tokio::task::JoinHandle<()>,
    _fresh: FreshStore,
    _dir: tempfile::TempDir,
}

impl Stand {
    pub async fn new(fresh: FreshStore) -> Self {
        Self::with(fresh, GatewayOptions::default()).await
    }

    /// With a clock that begins at the machine's time, for programs that look at it.
    pub async fn in_real_time(fresh: FreshStore) -> Self {
        let world = TestWorld::new();
        world.set(sekisho_crypto::system_world().now());
        Self::on(fresh, GatewayOptions::default(), world).await
    }

    pub async fn with(fresh: FreshStore, options: GatewayOptions) -> Self {
        Self::on(fresh, options, TestWorld::new()).await
    }

    async fn on(fresh: FreshStore, options: GatewayOptions, world: Arc<TestWorld>) -> Self {
        let dir = tempfile::tempdir().unwrap();
        let any: Arc<dyn World> = world.clone();
        let file = LocalKeyFile::open_or_create(&dir.path().join("key"), &*any).unwrap();
        let keys = Arc::new(StoredKeys::new(fresh.store.clone(), any.clone()));
        let vault = Vault::new(Arc::new(file), keys, any.clone());
        let devices = Devices::new(fresh.store.clone(), vault.clone());
        let module = Arc::new(Module {
            gate: Semaphore::new(1),
            refuse: AtomicUsize::new(0),
            heard: Mutex::default(),
            reports: AtomicUsize::new(0),
            pictured: Mutex::default(),
            settled: Mutex::default(),
            asked: AtomicUsize::new(0),
            waiting: watch::channel(0).0,
        });
        devices.serve_kind(DeviceKind::Smartbox, module.clone(), module.clone(), module.clone());
        let authority = Authority::generate("test server", any.now(), 1, &*any).unwrap();
        let now = any.now();
        let issued = authority
            .issue_server(
                &["localhost".into(), "127.0.0.1".into()],
                now,
                now.plus(Duration::from_secs(86_400 * 200)),
                &*any,
            )
            .unwrap();
        let identity = Arc::new(ServerIdentity::from_pem(&issued.chain_pem, &issued.key_pem).unwrap());
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let address = listener.local_addr().unwrap();
        let trust = authority.certificate_pem().to_owned();
        devices.announce(Announcement {
            address: address.to_string(),
            server_trust: trust.clone(),
            ..Announcement::default()
        });
        let stop = CancellationToken::new();
        let (serving, stopping, how) = (devices.clone(), stop.clone(), options.clone());
        let serving_world = any.clone();
        let served = tokio::spawn(async move {
            serving.serve(listener, identity, serving_world, how, stopping).await.unwrap();
        });
        let tenant = tenant(1);
        Self {
            store: fresh.store.clone(),
            world,
            devices,
            vault,
            as_trait: any,
            module,
            address,
            trust,
            options,
            tenant,
            stop,
            served,
            _fresh: fresh,
            _dir: dir,
        }
    }

    pub fn any_world(&self) -> Arc<dyn World> {
        self.world.clone()
    }

    pub fn world_ref(&self) -> &Arc<dyn World> {
        &self.as_trait
    }

    /// The devices as another process has them.
    pub fn devices_on(&self, store: Store) -> Devices {
        Devices::new(store, self.vault.clone())
    }

    pub fn cx(&self, tenant: TenantId) -> Cx {
        cx(&self.world, tenant)
    }

    pub async fn begin(&self) -> Tx {
        self.devices.ready(&self.cx(self.tenant)).await.unwrap();
        self.store.begin(&self.cx(self.tenant)).await.unwrap()
    }

    /// Makes a device known; tells its claim code.
    pub async fn add(&self, tenant: TenantId, name: &str) -> (DeviceId, String) {
        let cx = self.cx(tenant);
        self.devices.ready(&cx).await.unwrap();
        let mut tx = self.store.begin(&cx).await.unwrap();
        let device = NewDevice { kind: DeviceKind::Smartbox, name: name.to_owned(), site: None };
        let (id, claim) = self.devices.add(&mut tx, device).await.unwrap();
        tx.commit(AuditEntry::done("test.add")).await.unwrap();
        (id, claim.to_string())
    }

    pub fn ask_for(claim: &str, key: &str) -> Enrol {
        let csr = certificates::make_request(key, "box").unwrap();
        Enrol { claim: claim.to_owned(), csr: pem("CERTIFICATE REQUEST", &csr), agent: "test".to_owned() }
    }

    pub async fn enrol(&self, tenant: TenantId, name: &str) -> Enrollee {
        let (id, claim) = self.add(tenant, name).await;
        let key = certificates::make_key().unwrap().to_string();
        let answer = self.devices.enrol(&self.cx(tenant), Self::ask_for(&claim, &key)).await.unwrap();
        assert_eq!(answer.device, id.to_string());
        Enrollee { id, tenant, key, answer }
    }

    /// A device of the first tenant that is connected and listens to everything.
    pub async fn connected(&self, name: &str) -> (Enrollee, Peer) {
        let enrollee = self.enrol(self.tenant, name).await;
        let mut peer = Peer::connect(self, &enrollee).await.unwrap();
        peer.subscribe_all().await;
        (enrollee, peer)
    }

    pub async fn facts(&self, name: &str) -> Vec<serde_json::Value> {
        use outbox_events::{Column, Entity};
        use sea_orm::ColumnTrait;
        let scope = self.store.read(self.tenant).await.unwrap();
        let rows =
            scope.find::<Entity>().filter(Column::Name.eq(name)).ascending(Column::Id).all().await.unwrap();
        rows.into_iter().map(|row| row.payload.0).collect()
    }

    pub async fn trail(&self, action: &str) -> Vec<audit_entries::Model> {
        use audit_entries::{Column, Entity};
        use sea_orm::ColumnTrait;
        let scope = self.store.read(self.tenant).await.unwrap();
        scope.find::<Entity>().filter(Column::Action.eq(action)).ascending(Column::Id).all().await.unwrap()
    }

    pub async fn device(&self, id: DeviceId) -> Device {
        self.devices.device(&self.store.read(self.tenant).await.unwrap(), id).await.unwrap().unwrap()
    }

    /// Waits until `holds`, which looks at the database; at most five seconds.
    pub async fn until<F: Future<Output = bool>>(&self, what: &str, holds: impl Fn() -> F) {
        let mut changes = self.store.changes();
        let waited = async {
            while !holds().await {
                // A commit may be the one; another process's would be seen by looking again.
                let _ = tokio::time::timeout(Duration::from_millis(50), changes.recv()).await;
            }
        };
        tokio::time::timeout(Duration::from_secs(5), waited)
            .await
            .unwrap_or_else(|_| panic!("never: {what}"));
    }

    pub async fn stop(self) {
        self.stop.cancel();
        tokio::time::timeout(Duration::from_secs(10), self.served).await.expect("the endpoint ends").unwrap();
    }
}

pub fn pem(label: &str, der: &[u8]) -> String {
    let text = data_encoding::BASE64.encode(der);
    let lines: Vec<&str> =
        text.as_bytes().chunks(64).map(|line| std::str::from_utf8(line).unwrap()).collect();
    format!("-----BEGIN {label}-----\n{}\n-----END {label}-----\n", lines.join("\n"))
}
