//! A site with invented people, for the tests of this crate and its gallery.

use std::sync::Arc;

use async_trait::async_trait;
use sekisho_crypto::{LocalKeyFile, Vault, system_world};
use sekisho_kernel::{Actor, Cx, PersonId, TenantId};
use sekisho_storage::{Place, Store, StoreOptions, keys::StoredKeys};
use sekisho_web::{
    Doorkeeper, Identified, Knock, Mounted, NavItem, Site, SiteOptions, SiteParts, Viewer, WebError,
};
use tokio_util::sync::CancellationToken;
use uuid::Uuid;

/// The only tenant.
pub const TENANT: TenantId = TenantId(Uuid::from_u128(1));

/// Knows people by the cookie or token `administrator`, `employee`; `gone` has left. Host `unknown` is no tenant's.
pub struct Names {
    world: Arc<dyn sekisho_kernel::World>,
    /// While true, everybody's session holds.
    pub here: Arc<std::sync::atomic::AtomicBool>,
}

#[async_trait]
impl Doorkeeper for Names {
    async fn identify(&self, knock: &Knock<'_>) -> Result<Identified, WebError> {
        if knock.host == "unknown" {
            return Err(WebError::missing());
        }
        let named = knock.cookie("who").or(knock.bearer());
        let viewer = match named {
            Some(word @ ("administrator" | "employee")) => Some(Viewer {
                person: PersonId(Uuid::from_u128(if word == "employee" { 3 } else { 2 })),
                name: if word == "employee" { "佐藤 美咲" } else { "田中 さくら" }.to_owned(),
                administrator: word == "administrator",
                session: knock.cookie("who").map(|_| Uuid::from_u128(4)),
                token: knock.bearer().map(|_| Uuid::from_u128(5)),
                scopes: vec!["stage:write".to_owned()],
            }),
            Some(_) if knock.bearer().is_some() => return Err(WebError::unauthenticated()),
            _ => None,
        };
        let actor = viewer.as_ref().map_or(Actor::Nobody, |viewer| Actor::Person { id: viewer.person });
        let cx = Cx::new(self.world.clone(), TENANT, actor, knock.language);
        Ok(Identified {
            cx,
            viewer,
            tenant_name: "青葉電機株式会社".to_owned(),
            zone: "Asia/Tokyo".to_owned(),
        })
    }

    async fn still_here(&self, _: &Cx, _: &Viewer) -> bool {
        self.here.load(std::sync::atomic::Ordering::Relaxed)
    }
}

/// What a test holds in hand.
pub struct Stage {
    /// The site under test.
    pub site: Site,
    /// Its store.
    pub store: Store,
    /// Ends it.
    pub shutdown: CancellationToken,
    /// Whether sessions hold.
    pub here: Arc<std::sync::atomic::AtomicBool>,
    _scratch: tempfile::TempDir,
}

/// A site with the routes of a test.
pub async fn stage(mounted: Vec<Mounted>, options: SiteOptions) -> Stage {
    let scratch = tempfile::tempdir().unwrap();
    let world = system_world();
    let mut migrations = sekisho_storage::migrations();
    migrations.extend(sekisho_web::migrations());
    let place = Place::Sqlite(scratch.path().join("stage.db"));
    let store =
        Store::open(&StoreOptions { durable: false, ..StoreOptions::at(place) }, &migrations).await.unwrap();
    let provider = Arc::new(LocalKeyFile::open_or_create(&scratch.path().join("key"), &*world).unwrap());
    let stored = Arc::new(StoredKeys::new(store.clone(), world.clone()));
    let shutdown = CancellationToken::new();
    let here = Arc::new(std::sync::atomic::AtomicBool::new(true));
    let item =
        |order, text, href, icon, administrator_only| NavItem { order, text, href, icon, administrator_only };
    let site = Site::new(SiteParts {
        doorkeeper: Arc::new(Names { world: world.clone(), here: here.clone() }),
        vault: Vault::new(provider, stored, world.clone()),
        world,
        store: store.clone(),
        mounted,
        nav: vec![
            item(0, "stage-today", "/", "layout-grid", false),
            item(10, "stage-keys", "/gallery", "key", false),
            item(20, "stage-doors", "/doors", "door", false),
            item(30, "stage-visitors", "/visitors", "user-check", false),
            item(60, "stage-people", "/people", "users", false),
            item(70, "stage-devices", "/devices", "device-tablet", true),
            item(80, "stage-record", "/record", "book", true),
            item(90, "stage-settings", "/settings", "settings", true),
        ],
        texts: vec![sekisho_web::TextSource {
            module: "stage",
            ja: "stage-today = 今日\nstage-keys = 鍵\nstage-doors = 扉\nstage-visitors = 来訪者\nstage-people = 人\nstage-devices = 機器\nstage-record = 記録\nstage-settings = 設定\nstage-done = 保存しました",
            en: "stage-today = Today\nstage-keys = Keys\nstage-doors = Doors\nstage-visitors = Visitors\nstage-people = People\nstage-devices = Devices\nstage-record = Record\nstage-settings = Settings\nstage-done = Saved",
            zh: "",
            ko: "",
        }],
        samples: Vec::new(),
        options,
        shutdown: shutdown.clone(),
    });
    Stage { site, store, shutdown, here, _scratch: scratch }
}
