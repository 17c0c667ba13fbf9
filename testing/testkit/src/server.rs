//! The server under test.

use std::sync::Arc;
use std::time::Duration;

use sekisho_crypto::{LocalKeyFile, Secret};
use sekisho_host::{Foundation, FoundationOptions, Host, Mount};
use sekisho_identity::{Browser, Founder, NewPerson, NewTenant, SignIn, TenantSettings};
use sekisho_kernel::{Cx, Language, PersonId, TenantId};
use sekisho_storage::{Engine, Migration};
use sekisho_teststore::{FreshStore, TestWorld};
use sekisho_web::SiteOptions;

use crate::Client;
use crate::described::Described;

/// The password of everybody in tests.
pub(crate) const PASSWORD: &str = "correct horse 42 battery";

/// `count` hours.
pub fn hours(count: u64) -> Duration {
    Duration::from_secs(count * 3600)
}

/// `count` minutes.
pub fn minutes(count: u64) -> Duration {
    Duration::from_secs(count * 60)
}

/// A server with one tenant (`acme.test`) and its administrator; more tenants on demand.
pub struct TestServer {
    /// The server itself.
    pub host: Arc<Host>,
    /// Its clock and chance.
    pub world: Arc<TestWorld>,
    /// The first tenant.
    pub tenant: TenantId,
    /// Its administrator.
    pub admin: PersonId,
    described: Arc<Described>,
    fresh: FreshStore,
    dir: tempfile::TempDir,
}

/// Somebody of a tenant, as made by [`TestServer::colleague`].
#[derive(Clone, Debug)]
pub struct Colleague {
    /// Who.
    pub person: PersonId,
    /// Their mail address.
    pub mail: String,
    /// The host name of their tenant.
    pub host: String,
}

impl TestServer {
    /// Starts a server on `engine` with the modules that `mounts` makes on the foundation.
    pub async fn start(
        engine: Engine,
        module_migrations: Vec<Migration>,
        mounts: impl FnOnce(&Foundation) -> Vec<Mount>,
    ) -> Self {
        // Every message lands in the mailbox of the demo, whatever its way.
        let notify = sekisho_notify::Options { mailbox: true, ..Default::default() };
        Self::start_telling(engine, notify, module_migrations, mounts).await
    }

    /// Starts a server of an installation without a mail account: no message leaves it.
    pub async fn start_without_mail(
        engine: Engine,
        module_migrations: Vec<Migration>,
        mounts: impl FnOnce(&Foundation) -> Vec<Mount>,
    ) -> Self {
        Self::start_telling(engine, sekisho_notify::Options::default(), module_migrations, mounts).await
    }

    /// Starts a server whose ways out are those of `notify`, as when a test stands in for a far side on this machine.
    pub async fn start_telling(
        engine: Engine,
        notify: sekisho_notify::Options,
        module_migrations: Vec<Migration>,
        mounts: impl FnOnce(&Foundation) -> Vec<Mount>,
    ) -> Self {
        let fresh = sekisho_teststore::fresh(engine, &[]).await;
        let dir = tempfile::tempdir().unwrap();
        let world = TestWorld::new();
        let provider = LocalKeyFile::open_or_create(&dir.path().join("master.key"), &*world).unwrap();
        let foundation = Foundation::open(FoundationOptions {
            store: fresh.options.clone(),
            provider: Arc::new(provider),
            world: world.clone(),
            notify,
            public_url: "https://acme.test".to_owned(),
            module_migrations,
        })
        .await
        .unwrap();
        let mounts = mounts(&foundation);
        let options = SiteOptions {
            development: true,
            per_address: 100_000,
            per_account: 100_000,
            ..SiteOptions::default()
        };
        let host = Arc::new(Host::new(foundation, mounts, options));
        let (tenant, admin) = found(&host, "acme").await;
        let described = Arc::new(Described::new(&host.site().openapi().to_json().unwrap()));
        Self { host, world, tenant, admin, described, fresh, dir }
    }

    /// What the modules stand on.
    pub fn foundation(&self) -> &Foundation {
        self.host.foundation()
    }

    /// Options by which another process would open the same store.
    pub fn store_options(&self) -> &sekisho_storage::StoreOptions {
        &self.fresh.options
    }

    /// Where its key file lies, for another process of the same installation.
    pub fn key_file(&self) -> std::path::PathBuf {
        self.dir.path().join("master.key")
    }

    /// A context of the administrator, for calling use cases directly.
    pub fn cx(&self) -> Cx {
        self.cx_of(self.admin)
    }

    /// A context of `person` of the first tenant.
    pub fn cx_of(&self, person: PersonId) -> Cx {
        let actor = sekisho_kernel::Actor::Person { id: person };
        Cx::new(self.world.clone(), self.tenant, actor, Language::Ja)
    }

    /// A browser nobody has signed in with.
    pub fn stranger(&self) -> Client {
        Client::new(self.host.router(), "acme.test", self.described.clone())
    }

    /// A browser in which the administrator is signed in, by the password alone: [`TestServer::prove`] adds a second proof.
    pub async fn administrator(&self) -> Client {
        self.signed_in(&Colleague {
            person: self.admin,
            mail: "admin@acme.test".into(),
            host: "acme.test".into(),
        })
        .await
    }

    /// Another tenant (`NAME.test`), with its administrator signed in.
    pub async fn other_tenant(&self, name: &str) -> (TenantId, Client) {
        let (tenant, person) = found(&self.host, name).await;
        let host = format!("{name}.test");
        let mail = format!("admin@{host}");
        (tenant, self.signed_in(&Colleague { person, mail, host }).await)
    }

    /// A colleague of the first tenant with a password, and no rights.
    pub async fn colleague(&self, name: &str) -> Colleague {
        let identity = &self.foundation().identity;
        let mail = format!("{name}@acme.test");
        let cx = self.cx();
        let by = identity.administrator(&cx).await.unwrap();
        let new = NewPerson { name: name.to_owned(), mail: mail.clone(), ..NewPerson::default() };
        let invited = identity.invite_person(&cx, by, &new).await.unwrap();
        let token = invited.token.unwrap();
        let password = Secret::new(PASSWORD);
        identity.accept_link(&cx, token.expose(), &password, &Browser::default()).await.unwrap();
        Colleague { person: invited.person, mail, host: "acme.test".to_owned() }
    }

    /// A browser in which `who` is signed in.
    pub async fn signed_in(&self, who: &Colleague) -> Client {
        let identity = &self.foundation().identity;
        let tenant = identity.tenant_by_host(&who.host).await.unwrap().unwrap().id;
        let cx = Cx::new(self.world.clone(), tenant, sekisho_kernel::Actor::Nobody, Language::Ja);
        let ask = SignIn {
            mail: who.mail.clone(),
            password: Secret::new(PASSWORD),
            browser: Default::default(),
            next: None,
        };
        let signed_in = identity.sign_in(&cx, &ask).await.unwrap();
        let mut client = Client::new(self.host.router(), &who.host, self.described.clone());
        client.set_cookie("sekisho", signed_in.cookie.expose());
        client
    }

    /// Moves the clock, then settles.
    pub async fn advance(&self, by: Duration) {
        self.world.advance(by);
        self.settle().await;
    }

    /// Runs sweeps, jobs and messages until nothing is due.
    pub async fn settle(&self) {
        self.host.settle().await.unwrap();
    }
}

async fn found(host: &Host, name: &str) -> (TenantId, PersonId) {
    let founder = Founder {
        person: NewPerson {
            name: format!("{name} admin"),
            mail: format!("admin@{name}.test"),
            ..NewPerson::default()
        },
        password: Some(Secret::new(PASSWORD)),
    };
    let new = NewTenant {
        name: name.to_owned(),
        hosts: vec![format!("{name}.test")],
        settings: TenantSettings { two_step: false, ..TenantSettings::default() },
        administrator: founder,
        ..NewTenant::default()
    };
    let founded = host.foundation().identity.found_tenant(&new).await.unwrap();
    (founded.tenant, founded.administrator)
}
