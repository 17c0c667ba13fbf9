//! Boxes against the endpoint that ships: enrolment, a key taken and put back, the server killed in between.

use std::sync::{Arc, Mutex};
use std::time::Duration;

use async_trait::async_trait;
use sekisho_agent::box_logic::{PanelAction, Screen};
use sekisho_agent::enrol;
use sekisho_agent::fleet::{Behaviour, BoxSetup, Fleet, Pass, SimulatedBox};
use sekisho_agent::home::Home;
use sekisho_crypto::certificates::{Authority, ServerIdentity};
use sekisho_crypto::{LocalKeyFile, Vault};
use sekisho_devices::{
    Announcement, CommandResults, Device, DeviceAsks, DeviceEvents, DeviceKind, Devices, GatewayOptions,
    NewCommand, NewDevice, PortError, Received, SettledCommand,
};
use sekisho_kernel::{AuditEntry, Cx, DeviceId, TenantId, Timestamp, World};
use sekisho_storage::keys::StoredKeys;
use sekisho_storage::{Engine, Store, Tx};
use sekisho_teststore::{FreshStore, tenant};
use sekisho_wire::{
    Answer, AnswerKind, Ask, AskKind, CommandKind, Event, EventKind, Heartbeat, KeyOffer, ReleaseReason,
};
use tokio::net::TcpListener;
use tokio::sync::watch;
use tokio_util::sync::CancellationToken;

use crate::cloud::PATIENCE;
use crate::stand::id;

/// Stands in for the module that owns boxes: everybody may take the key of every bin.
pub(crate) struct Module {
    pub(crate) store: Store,
    devices: Devices,
    pub(crate) heard: watch::Sender<Vec<(DeviceId, Event)>>,
    pub(crate) settled: Mutex<Vec<SettledCommand>>,
}

impl Module {
    async fn release(
        &self,
        cx: &Cx,
        device: &Device,
        bin: u16,
        why: ReleaseReason,
    ) -> Result<AnswerKind, PortError> {
        let mut tx = self.store.begin(cx).await?;
        let kind = CommandKind::ReleaseBin { bin, key: None, why };
        let command = self.devices.command(&mut tx, device.id, NewCommand::at_once(kind)).await?;
        tx.commit(AuditEntry::done("test.release")).await?;
        Ok(AnswerKind::Released { command, bin, not_after: cx.now.plus(Duration::from_secs(10)) })
    }
}

#[async_trait]
impl DeviceEvents for Module {
    async fn received(
        &self,
        _: &mut Tx,
        device: &Device,
        events: &[Received],
    ) -> Result<Vec<AuditEntry>, PortError> {
        let fresh = events.iter().map(|received| (device.id, received.event.clone()));
        self.heard.send_modify(|heard| heard.extend(fresh));
        Ok(Vec::new())
    }

    async fn reported(&self, _: &mut Tx, _: &Device, _: &Heartbeat) -> Result<(), PortError> {
        Ok(())
    }
}

#[async_trait]
impl DeviceAsks for Module {
    async fn asked(&self, cx: &Cx, device: &Device, ask: Ask) -> Result<Answer, PortError> {
        let offer = |bin: u16| KeyOffer {
            key: id(100 + u128::from(bin)),
            name: format!("Key {bin}"),
            bin: Some(bin),
            due: Timestamp::EPOCH,
            late: false,
        };
        let kind = match ask.kind {
            AskKind::Identify { .. } | AskKind::Keys { .. } => AnswerKind::Welcome {
                session: id(5),
                name: "Sato".to_owned(),
                expires: cx.now.plus(Duration::from_secs(120)),
                takeable: (1..=4).map(offer).collect(),
                held: Vec::new(),
            },
            AskKind::Take { key, .. } => {
                let bin = u16::try_from(key.uuid().as_u128() - 100)?;
                self.release(cx, device, bin, ReleaseReason::Take).await?
            }
            _ => AnswerKind::Ok,
        };
        Ok(Answer { n: ask.n, kind })
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

pub(crate) struct Server {
    pub(crate) devices: Devices,
    pub(crate) module: Arc<Module>,
    pub(crate) world: Arc<dyn World>,
    identity: Arc<ServerIdentity>,
    address: String,
    stop: CancellationToken,
    served: tokio::task::JoinHandle<()>,
    _store: FreshStore,
    _keys: tempfile::TempDir,
}

impl Server {
    pub(crate) async fn start() -> Self {
        let mut migrations = sekisho_storage::migrations();
        migrations.extend(sekisho_devices::migrations());
        let fresh = sekisho_teststore::fresh(Engine::Sqlite, &migrations).await;
        let world = sekisho_crypto::system_world();
        let keys = tempfile::tempdir().unwrap();
        let file = LocalKeyFile::open_or_create(&keys.path().join("key"), &*world).unwrap();
        let stored = Arc::new(StoredKeys::new(fresh.store.clone(), Arc::clone(&world)));
        let devices =
            Devices::new(fresh.store.clone(), Vault::new(Arc::new(file), stored, Arc::clone(&world)));
        let module = Arc::new(Module {
            store: fresh.store.clone(),
            devices: devices.clone(),
            heard: watch::channel(Vec::new()).0,
            settled: Mutex::default(),
        });
        devices.serve_kind(DeviceKind::Smartbox, module.clone(), module.clone(), module.clone());
        let (from, until) =
            (world.now().minus(Duration::from_secs(60)), world.now().plus(Duration::from_secs(86_400)));
        let authority = Authority::generate("test server", from, 1, &*world).unwrap();
        let issued = authority.issue_server(&["127.0.0.1".to_owned()], from, until, &*world).unwrap();
        let identity = Arc::new(ServerIdentity::from_pem(&issued.chain_pem, &issued.key_pem).unwrap());
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let address = listener.local_addr().unwrap().to_string();
        devices.announce(Announcement {
            address: address.clone(),
            server_trust: authority.certificate_pem().to_owned(),
            ..Announcement::default()
        });
        let stop = CancellationToken::new();
        let served = serve(&devices, listener, &identity, &world, &stop);
        Self { devices, module, world, identity, address, stop, served, _store: fresh, _keys: keys }
    }

    pub(crate) fn cx(&self) -> Cx {
        Cx::system(Arc::clone(&self.world), owner(), "test")
    }

    /// Makes a device known and enrols a box in `folder`.
    pub(crate) async fn enrol(&self, folder: &std::path::Path) -> Home {
        let cx = self.cx();
        self.devices.ready(&cx).await.unwrap();
        let mut tx = self.module.store.begin(&cx).await.unwrap();
        let device = NewDevice { kind: DeviceKind::Smartbox, name: "Box".to_owned(), site: None };
        let (_, claim) = self.devices.add(&mut tx, device).await.unwrap();
        tx.commit(AuditEntry::done("test.add")).await.unwrap();
        let prepared = enrol::prepare(&claim.to_string()).unwrap();
        let enrolled = self.devices.enrol(&cx, prepared.body).await.unwrap();
        let home = Home::at(folder);
        home.install(&enrolled, &prepared.key_pem).unwrap();
        home
    }

    fn setup(&self, home: Home) -> BoxSetup {
        let mut setup = BoxSetup::new(home, Arc::clone(&self.world), 4);
        setup.longest_pause = Duration::from_millis(300);
        setup
    }

    async fn box_in(&self, folder: &std::path::Path) -> SimulatedBox {
        let home = self.enrol(folder).await;
        SimulatedBox::start(self.setup(home)).await.unwrap()
    }

    async fn hears(&self, wanted: impl Fn(&EventKind) -> bool) {
        let mut heard = self.module.heard.subscribe();
        let waiting = heard.wait_for(|heard| heard.iter().any(|(_, event)| wanted(&event.kind)));
        tokio::time::timeout(PATIENCE, waiting).await.expect("no such event was heard").unwrap();
    }

    /// The endpoint goes, and comes back at the same address.
    async fn restart(&mut self) {
        self.stop.cancel();
        (&mut self.served).await.unwrap();
        let listener = TcpListener::bind(&self.address).await.unwrap();
        self.stop = CancellationToken::new();
        self.served = serve(&self.devices, listener, &self.identity, &self.world, &self.stop);
    }
}

fn serve(
    devices: &Devices,
    listener: TcpListener,
    identity: &Arc<ServerIdentity>,
    world: &Arc<dyn World>,
    stop: &CancellationToken,
) -> tokio::task::JoinHandle<()> {
    let (devices, identity, world, stop) =
        (devices.clone(), Arc::clone(identity), Arc::clone(world), stop.clone());
    tokio::spawn(async move {
        devices.serve(listener, identity, world, GatewayOptions::default(), stop).await.unwrap();
    })
}

fn owner() -> TenantId {
    tenant(1)
}

async fn at_open_bin(one: &SimulatedBox) -> u16 {
    one.wait_for(PATIENCE, |view| matches!(view.screen, Screen::AtBin { step: "open", .. }))
        .await
        .expect("an open bin");
    one.open_bin().unwrap()
}

async fn take(one: &SimulatedBox, bin: u16) -> String {
    one.wait_for(PATIENCE, |view| view.online).await.expect("online");
    one.hold_badge("B1");
    one.wait_for(PATIENCE, |view| matches!(view.screen, Screen::Choose { .. }))
        .await
        .expect("keys to choose");
    one.press(PanelAction::Take { key: id(100 + u128::from(bin)) }).await;
    assert_eq!(at_open_bin(one).await, bin);
    one.take_fob(bin).unwrap()
}

#[tokio::test]
async fn a_key_goes_out_and_comes_back() {
    let (server, folder) = (Server::start().await, tempfile::tempdir().unwrap());
    let one = server.box_in(folder.path()).await;
    let fob = take(&one, 3).await;
    server.hears(|kind| matches!(kind, EventKind::KeyRemoved { bin: 3, command: Some(_), .. })).await;
    one.wait_for(PATIENCE, |view| matches!(view.screen, Screen::Taken { .. })).await.expect("taken");
    one.cabinet().hold_fob(&fob);
    let bin = at_open_bin(&one).await;
    assert!(one.put_fob(bin, &fob));
    server.hears(|kind| matches!(kind, EventKind::KeyInserted { fob: back, .. } if *back == fob)).await;
    one.stop().await;
}

#[tokio::test]
async fn nothing_is_lost_while_the_server_restarts() {
    let (mut server, folder) = (Server::start().await, tempfile::tempdir().unwrap());
    let one = server.box_in(folder.path()).await;
    let fob = take(&one, 2).await;
    // The door is shut behind the key, or the open bin below might still be this one.
    one.wait_for(PATIENCE, |view| matches!(view.screen, Screen::Taken { .. })).await.expect("taken");
    server.restart().await;
    one.cabinet().hold_fob(&fob);
    let bin = at_open_bin(&one).await;
    assert!(one.put_fob(bin, &fob));
    one.cabinet().force(1);
    server.hears(|kind| *kind == EventKind::BinForced { bin: 1 }).await;
    let heard = server.module.heard.borrow().clone();
    let numbers: Vec<u64> = heard.iter().map(|(_, event)| event.seq).collect();
    assert_eq!(numbers, (1..=numbers.len() as u64).collect::<Vec<_>>(), "each event once, in order");
    one.stop().await;
}

#[tokio::test]
async fn people_come_and_go_at_a_small_fleet() {
    let server = Server::start().await;
    let folders: Vec<_> = (0..5).map(|_| tempfile::tempdir().unwrap()).collect();
    let mut setups = Vec::new();
    for folder in &folders {
        let home = server.enrol(folder.path()).await;
        setups.push(BoxSetup { forgetful: true, ..server.setup(home) });
    }
    let behaviour = Behaviour {
        passes: vec![Pass { badge: "B1".to_owned(), pin: None }],
        visits_per_hour: 3_600.0,
        pause: Duration::from_millis(300),
        seed: 7,
    };
    let fleet = Fleet::start(setups, behaviour).await.unwrap();
    let both = |kind: &EventKind| matches!(kind, EventKind::KeyInserted { .. });
    server.hears(both).await;
    assert!(fleet.online() >= 1 && fleet.tally().taken.load(std::sync::atomic::Ordering::Relaxed) >= 1);
    fleet.stop().await;
}
