//! Fresh stores for tests, on SQLite and on a real PostgreSQL, and a world whose clock and chance tests hold in hand.
//!
//! PostgreSQL is found by `SEKISHO_TEST_POSTGRES`, the address of a superuser's connection, which `make test` sets after
//! starting a server of its own. A test on PostgreSQL without it fails and says so; it is never skipped.
#![expect(clippy::unwrap_used, clippy::panic, reason = "test code: a failure here is the test's failure")]

use std::sync::atomic::{AtomicI64, AtomicU64, Ordering};
use std::sync::{Arc, Mutex};
use std::time::Duration;

use sekisho_kernel::{Cx, TenantId, Timestamp, World};
use sekisho_storage::{Engine, Migration, Place, Store, StoreOptions};
use sqlx::{Connection as _, Executor as _};
use uuid::Uuid;

/// A store that is gone when this is dropped.
pub struct FreshStore {
    /// The store itself.
    pub store: Store,
    /// Options to open it once more, as another process would.
    pub options: StoreOptions,
    _dir: Option<tempfile::TempDir>,
}

impl Drop for FreshStore {
    /// Hundreds of databases of a test run would fill a disk, so each goes with its test.
    fn drop(&mut self) {
        let Place::Postgres { url, .. } = &self.options.place else { return };
        let (Some(name), Ok(server)) = (url.rsplit('/').next(), std::env::var("SEKISHO_TEST_POSTGRES"))
        else {
            return;
        };
        let statement = format!("DROP DATABASE IF EXISTS {name} WITH (FORCE)");
        // The test's own runtime may be ending, so the farewell has one of its own.
        let farewell = std::thread::spawn(move || {
            let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().ok()?;
            runtime.block_on(async {
                let mut admin = sqlx::PgConnection::connect(&server).await.ok()?;
                admin.execute(sqlx::AssertSqlSafe(statement)).await.ok()
            })
        });
        let _ = farewell.join();
    }
}

/// A fresh store on `engine` with `migrations` run.
pub async fn fresh(engine: Engine, migrations: &[Migration]) -> FreshStore {
    let (options, dir) = match engine {
        Engine::Sqlite => {
            let dir = tempfile::tempdir().unwrap();
            let place = Place::Sqlite(dir.path().join("test.sqlite"));
            (StoreOptions { place, connections: 4, durable: false }, Some(dir))
        }
        Engine::Postgres => (postgres().await, None),
    };
    let store = Store::open(&options, migrations).await.unwrap();
    FreshStore { store, options, _dir: dir }
}

/// Options for a new, empty database of the test server, with an owner and a plain role of its own.
async fn postgres() -> StoreOptions {
    let server = std::env::var("SEKISHO_TEST_POSTGRES").unwrap_or_else(|_| {
        panic!("this test needs a PostgreSQL server: run it through `make test`, or `eval \"$(testing/postgres.sh start)\"` first")
    });
    #[expect(clippy::disallowed_methods, reason = "names of test databases must differ between processes")]
    let name = format!("t{}", Uuid::now_v7().simple());
    let mut admin = sqlx::PgConnection::connect(&server).await.unwrap();
    for statement in [
        format!("CREATE ROLE {name}_owner LOGIN PASSWORD 'owner'"),
        format!("CREATE ROLE {name}_app LOGIN PASSWORD 'app'"),
        format!("CREATE DATABASE {name} OWNER {name}_owner"),
    ] {
        admin.execute(sqlx::AssertSqlSafe(statement)).await.unwrap();
    }
    admin.close().await.unwrap();
    let (_, at) = server.split_once('@').unwrap();
    let host = at.split('/').next().unwrap();
    StoreOptions {
        place: Place::Postgres {
            url: format!("postgres://{name}_app:app@{host}/{name}"),
            owner_url: format!("postgres://{name}_owner:owner@{host}/{name}"),
        },
        connections: 4,
        durable: false,
    }
}

/// A world whose clock stands still until moved, and whose chance repeats from a seed.
pub struct TestWorld {
    now: AtomicI64,
    seed: AtomicU64,
    order: Mutex<()>,
}

impl TestWorld {
    /// Starts at 2026-11-22 00:00 UTC (09:00 in Tokyo), a Sunday.
    pub fn new() -> Arc<Self> {
        Arc::new(Self {
            now: AtomicI64::new(Timestamp::from_secs(1_795_305_600).as_micros()),
            seed: AtomicU64::new(0x5e61_5400),
            order: Mutex::new(()),
        })
    }

    /// Moves the clock on.
    pub fn advance(&self, by: Duration) {
        self.now.fetch_add(i64::try_from(by.as_micros()).unwrap(), Ordering::SeqCst);
    }

    /// Sets the clock.
    pub fn set(&self, to: Timestamp) {
        self.now.store(to.as_micros(), Ordering::SeqCst);
    }
}

impl World for TestWorld {
    /// A microsecond passes with each look, so that rows written one after the other are ordered.
    fn now(&self) -> Timestamp {
        Timestamp::from_micros(self.now.fetch_add(1, Ordering::SeqCst))
    }

    /// SplitMix64: repeats from run to run, never within one.
    fn fill(&self, bytes: &mut [u8]) {
        let _order = self.order.lock().unwrap();
        for chunk in bytes.chunks_mut(8) {
            let mut z = self.seed.fetch_add(0x9e37_79b9_7f4a_7c15, Ordering::SeqCst);
            z = (z ^ (z >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
            z = (z ^ (z >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
            for (to, from) in chunk.iter_mut().zip((z ^ (z >> 31)).to_le_bytes()) {
                *to = from;
            }
        }
    }
}

/// A context of Sekisho itself in `world` for `tenant`.
pub fn cx(world: &Arc<TestWorld>, tenant: TenantId) -> Cx {
    Cx::system(world.clone(), tenant, "test")
}

/// A tenant's id that is the same in every run.
pub fn tenant(number: u128) -> TenantId {
    TenantId(Uuid::from_u128(0x0190_0000_0000_7000_8000_0000_0000_0000 + number))
}

/// Runs the body once on SQLite and once on PostgreSQL, as two tests: `on_both_engines!(name, |store| async { … });`
/// where `store` is a [`FreshStore`] with the migrations of the expression `migrations`.
#[macro_export]
macro_rules! on_both_engines {
    ($name:ident, $migrations:expr, |$store:ident| $body:expr) => {
        mod $name {
            #[allow(
                unused_imports,
                clippy::allow_attributes,
                reason = "a body need not use the imports around it"
            )]
            use super::*;
            async fn body($store: $crate::FreshStore) {
                $body
            }
            #[tokio::test(flavor = "multi_thread")]
            async fn on_sqlite() {
                body($crate::fresh(sekisho_storage::Engine::Sqlite, &$migrations).await).await;
            }
            #[tokio::test(flavor = "multi_thread")]
            async fn on_postgres() {
                body($crate::fresh(sekisho_storage::Engine::Postgres, &$migrations).await).await;
            }
        }
    };
}
