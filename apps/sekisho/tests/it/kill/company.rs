//! Whom and what the storm meets: people with badges and PINs, boxes full of keys, devices with certificates, a token.

use std::net::TcpListener;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::sync::atomic::{AtomicU16, Ordering};
use std::time::Duration;

use futures_util::future::join_all;
use sekisho_agent::driver::Cabinet;
use sekisho_agent::fleet::Pass;
use sekisho_agent::home::Home;
use sekisho_crypto::certificates::Authority;
use sekisho_crypto::{LocalKeyFile, Secret};
use sekisho_devices::{Announcement, DeviceKind, NewDevice};
use sekisho_host::{Foundation, FoundationOptions};
use sekisho_identity::{Founder, NewPerson, NewTenant, NewToken, TenantSettings};
use sekisho_kernel::{Actor, Cx, DeviceId, Language, PersonId, TenantId, World};
use sekisho_keys::tables::words::ReturnPolicy;
use sekisho_keys::{BoxForm, BoxId, KeyForm, Keys};
use sekisho_policy::{NewGrant, Right, Subject, Target};
use sekisho_storage::{Engine, Place};
use sekisho_teststore::FreshStore;

/// Bins of each box; the first ones hold keys, the others are opened by programs.
pub const BINS: u16 = 6;
/// Keys of each box.
pub const KEYS: u16 = 4;
const PEOPLE: usize = 6;
/// The password of everybody.
pub const PASSWORD: &str = "correct horse 42 battery";

/// A box of the company.
pub struct OurBox {
    pub number: usize,
    pub id: BoxId,
    pub device: DeviceId,
    pub home: Home,
}

pub struct Company {
    pub world: Arc<dyn World>,
    pub fresh: FreshStore,
    pub tenant: TenantId,
    pub boxes: Vec<OurBox>,
    pub floods: Vec<Home>,
    pub passes: Vec<Pass>,
    pub token: String,
    pub config_file: PathBuf,
    pub authority_pem: String,
    pub url: String,
    pub folder: tempfile::TempDir,
}

/// The fob that hangs in a bin at first.
pub fn fob(number: usize, bin: u16) -> String {
    format!("F{number:03}-{bin:02}")
}

pub fn full_cabinet(number: usize) -> Cabinet {
    Cabinet::with_fobs(BINS, (1..=KEYS).map(|bin| (bin, fob(number, bin))))
}

impl Company {
    pub async fn found(engine: Engine, boxes: usize, floods: usize) -> Self {
        let world = super::world();
        let folder = tempfile::tempdir().unwrap();
        let fresh = sekisho_teststore::fresh(engine, &[]).await;
        let server = Address::choose(folder.path(), &fresh, &world);
        let foundation = open(&fresh, folder.path(), &world, &server.url).await;
        foundation.devices.announce(Announcement {
            address: format!("127.0.0.1:{}", server.mqtt),
            server_trust: server.authority_pem.clone(),
            ..Announcement::default()
        });
        let founding = Founding::begin(foundation, world.clone()).await;
        let passes = founding.people().await;
        let token = founding.token().await;
        let mut ours = Vec::new();
        for number in 0..boxes {
            ours.push(founding.hang_box(number, &folder.path().join(format!("box{number}"))).await);
        }
        let mut flooding = Vec::new();
        let numbers: Vec<usize> = (0..floods).collect();
        for some in numbers.chunks(16) {
            let enrolled = join_all(some.iter().map(async |number| {
                let home = folder.path().join(format!("flood{number}"));
                founding.enrol(DeviceKind::Agent, &format!("Flood {number}"), &home).await.1
            }));
            flooding.extend(enrolled.await);
        }
        let tenant = founding.tenant;
        founding.foundation.store.close().await.unwrap();
        Self {
            world,
            fresh,
            tenant,
            boxes: ours,
            floods: flooding,
            passes,
            token,
            config_file: server.config_file,
            authority_pem: server.authority_pem,
            url: server.url,
            folder,
        }
    }
}

async fn open(fresh: &FreshStore, folder: &Path, world: &Arc<dyn World>, url: &str) -> Foundation {
    let provider = LocalKeyFile::open_or_create(&folder.join("master.key"), &**world).unwrap();
    Foundation::open(FoundationOptions {
        store: fresh.options.clone(),
        provider: Arc::new(provider),
        world: world.clone(),
        notify: sekisho_notify::Options::default(),
        public_url: url.to_owned(),
        module_migrations: [sekisho_keys::migrations(), sekisho_visitors::migrations()]
            .into_iter()
            .flatten()
            .collect(),
    })
    .await
    .unwrap()
}

/// Where the server will be, and the configuration that says so.
struct Address {
    mqtt: u16,
    url: String,
    authority_pem: String,
    config_file: PathBuf,
}

impl Address {
    fn choose(folder: &Path, fresh: &FreshStore, world: &Arc<dyn World>) -> Self {
        let [https, mqtt, probes] = free_ports();
        let (from, until) =
            (world.now().minus(Duration::from_secs(3600)), world.now().plus(Duration::from_secs(86_400)));
        let authority = Authority::generate("storm", from, 1, &**world).unwrap();
        let issued = authority.issue_server(&["127.0.0.1".to_owned()], from, until, &**world).unwrap();
        let (chain, key) = (folder.join("server.pem"), folder.join("server.key"));
        std::fs::write(&chain, &issued.chain_pem).unwrap();
        std::fs::write(&key, issued.key_pem.as_bytes()).unwrap();
        let store = match &fresh.options.place {
            Place::Sqlite(path) => format!("url = \"sqlite:{}\"", path.display()),
            Place::Postgres { url, owner_url } => format!("url = \"{url}\"\nowner_url = \"{owner_url}\""),
        };
        let url = format!("https://127.0.0.1:{https}");
        let config = format!(
            "[store]\n{store}\n\
             [http]\nlisten = \"127.0.0.1:{https}\"\npublic_url = \"{url}\"\n\
             certificate = \"{chain}\"\nkey = \"{key}\"\n\
             [devices]\nlisten = \"127.0.0.1:{mqtt}\"\npublic_address = \"127.0.0.1:{mqtt}\"\n\
             [probes]\nlisten = \"127.0.0.1:{probes}\"\n\
             [keys]\nfile = \"{master}\"\n\
             [log]\nfilter = \"warn\"\n",
            chain = chain.display(),
            key = key.display(),
            master = folder.join("master.key").display(),
        );
        let config_file = folder.join("sekisho.toml");
        std::fs::write(&config_file, config).unwrap();
        Self { mqtt, url, authority_pem: authority.certificate_pem().to_owned(), config_file }
    }
}

/// Ports that nothing listens on, below those the system gives to outgoing connections: they must still be free after
/// each kill. No two companies of this process get the same.
fn free_ports() -> [u16; 3] {
    static TAKEN: AtomicU16 = AtomicU16::new(0);
    let first = 10_000 + u16::try_from(std::process::id() % 20_000).unwrap();
    std::array::from_fn(|_| {
        loop {
            let port = 10_000 + (first - 10_000 + TAKEN.fetch_add(1, Ordering::Relaxed)) % 22_000;
            if TcpListener::bind(("127.0.0.1", port)).is_ok() {
                return port;
            }
        }
    })
}

/// The company as it is being made.
struct Founding {
    foundation: Foundation,
    keys: Keys,
    world: Arc<dyn World>,
    tenant: TenantId,
    administrator: PersonId,
}

impl Founding {
    async fn begin(foundation: Foundation, world: Arc<dyn World>) -> Self {
        let administrator = NewPerson {
            name: "Administrator".to_owned(),
            mail: "admin@acme.example".to_owned(),
            ..NewPerson::default()
        };
        let founded = foundation
            .identity
            .found_tenant(&NewTenant {
                name: "Acme".to_owned(),
                hosts: Vec::new(),
                settings: TenantSettings { two_step: false, ..TenantSettings::default() },
                administrator: Founder { person: administrator, password: Some(Secret::new(PASSWORD)) },
                ..NewTenant::default()
            })
            .await
            .unwrap();
        let Foundation { store, vault, policy, identity, devices, notify, .. } = foundation.clone();
        let keys = Keys::new(store, vault, policy, identity, devices, notify);
        let founding =
            Self { foundation, keys, world, tenant: founded.tenant, administrator: founded.administrator };
        founding.foundation.devices.ready(&founding.cx()).await.unwrap();
        founding
    }

    fn cx(&self) -> Cx {
        let actor = Actor::Person { id: self.administrator };
        let mut cx = Cx::new(self.world.clone(), self.tenant, actor, Language::Ja);
        cx.verified_at = Some(cx.now);
        cx
    }

    /// People who may take every key, with a badge and a PIN each.
    async fn people(&self) -> Vec<Pass> {
        let identity = &self.foundation.identity;
        let mut passes = Vec::new();
        for number in 0..PEOPLE {
            let cx = self.cx();
            let new = NewPerson {
                name: format!("Person {number}"),
                mail: format!("person{number}@acme.example"),
                ..NewPerson::default()
            };
            let by = identity.administrator(&cx).await.unwrap();
            let person = identity.invite_person(&cx, by, &new).await.unwrap().person;
            let (badge, pin) = (format!("04A2249B{number:04X}"), format!("73{number}5"));
            let by = identity.administrator(&cx).await.unwrap();
            let itself = Cx::system(self.world.clone(), self.tenant, "scenery");
            let password = Secret::new(PASSWORD);
            identity.give_password(&itself, by, person, &password).await.unwrap();
            let by = identity.administrator(&cx).await.unwrap();
            identity.add_badge(&cx, by, person, &badge, "badge").await.unwrap();
            identity.set_pin(&cx, person, &Secret::new(pin.clone())).await.unwrap();
            let target = Target::AllOf { kind: "key".to_owned() };
            let mut tx = self.foundation.store.begin(&cx).await.unwrap();
            let grant = NewGrant::always(Subject::Person(person), Right::Exchange, target);
            self.foundation.policy.grant(&mut tx, grant).await.unwrap();
            tx.commit_bookkeeping("scenery").await.unwrap();
            passes.push(Pass { badge, pin: Some(pin) });
        }
        passes
    }

    async fn token(&self) -> String {
        let new = NewToken { name: "storm".to_owned(), scopes: vec!["*:admin".to_owned()], days: 1 };
        let (_, token) =
            self.foundation.identity.make_token(&self.cx(), self.administrator, &new).await.unwrap();
        token.expose().to_owned()
    }

    async fn enrol(&self, kind: DeviceKind, name: &str, folder: &Path) -> (DeviceId, Home) {
        let (cx, devices) = (self.cx(), &self.foundation.devices);
        let mut tx = self.foundation.store.begin(&cx).await.unwrap();
        let new = NewDevice { kind, name: name.to_owned(), site: None };
        let (device, claim) = devices.add(&mut tx, new).await.unwrap();
        tx.commit_bookkeeping("scenery").await.unwrap();
        let prepared = sekisho_agent::enrol::prepare(&claim.to_string()).unwrap();
        let enrolled = devices.enrol(&cx, prepared.body).await.unwrap();
        let home = Home::at(folder);
        home.install(&enrolled, &prepared.key_pem).unwrap();
        (device, home)
    }

    async fn hang_box(&self, number: usize, folder: &Path) -> OurBox {
        let name = format!("Box {number}");
        let (device, home) = self.enrol(DeviceKind::Smartbox, &name, folder).await;
        let form = BoxForm {
            name,
            site: None,
            directions: String::new(),
            bins: i64::from(BINS),
            columns: 3,
            return_policy: ReturnPolicy::FixedBin,
            seen: Default::default(),
        };
        let id = sekisho_keys::add_box(&self.keys, &self.cx(), form).await.unwrap();
        sekisho_keys::connect_box(&self.keys, &self.cx(), id, Some(device)).await.unwrap();
        for bin in 1..=KEYS {
            let form = KeyForm {
                name: format!("Key {number}-{bin}"),
                fob: Some(fob(number, bin)),
                home_box: Some(id),
                home_bin: Some(i64::from(bin)),
                hangs_there: true,
                ..KeyForm::default()
            };
            sekisho_keys::add_key(&self.keys, &self.cx(), form).await.unwrap();
        }
        OurBox { number, id, device, home }
    }
}
