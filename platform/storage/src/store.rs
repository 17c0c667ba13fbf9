//! Opening a store and beginning transactions on it.

use std::path::PathBuf;
use std::str::FromStr;
use std::sync::{Arc, OnceLock};
use std::time::Duration;

use sea_orm::{
    ConnectionTrait, DatabaseConnection, DatabaseTransaction, DbBackend, SqliteTransactionMode,
    SqlxPostgresConnector, SqlxSqliteConnector, Statement, TransactionOptions, TransactionTrait,
};
use sekisho_kernel::{Cx, TenantId};
use sqlx::postgres::{PgConnectOptions, PgPoolOptions};
use sqlx::sqlite::{SqliteConnectOptions, SqliteJournalMode, SqlitePoolOptions, SqliteSynchronous};
use tokio::sync::broadcast;

use crate::migrate::migrate;
use crate::relay::Relay;
use crate::scope::{Conn, Scope};
use crate::tx::Tx;
use crate::{Migration, StoreError};

/// The oldest SQLite without the WAL-reset corruption fault (fixed in 3.51.3).
const OLDEST_SQLITE: (u32, u32, u32) = (3, 51, 3);

/// Which engine a store runs on.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Engine {
    /// One machine, no other server.
    Sqlite,
    /// Many stateless servers.
    Postgres,
}

/// Where the data lies.
#[derive(Clone, Debug)]
pub enum Place {
    /// A file; it is made when missing.
    Sqlite(PathBuf),
    /// A PostgreSQL database.
    Postgres {
        /// Connection of the server's role, which neither owns tables nor is a superuser.
        url: String,
        /// Connection of the tables' owner, used for migrations only.
        owner_url: String,
    },
}

/// How a store is opened.
#[derive(Clone, Debug)]
pub struct StoreOptions {
    /// Where.
    pub place: Place,
    /// Connections that read at the same time (SQLite), or in all (PostgreSQL).
    pub connections: u32,
    /// Whether a commit waits for the disk. Off only in tests.
    pub durable: bool,
}

impl StoreOptions {
    /// Durable, with connections for a small machine.
    pub fn at(place: Place) -> Self {
        Self { place, connections: 8, durable: true }
    }
}

/// Told after each commit, to whoever keeps a copy of the data in memory or shows it live.
#[derive(Clone, Debug)]
pub struct Changed {
    /// Whose data changed.
    pub tenant: TenantId,
    /// The names of the facts published in the transaction, such as `keys.taken_out`.
    pub events: Vec<&'static str>,
    /// Another process committed it and told us.
    pub(crate) from_afar: bool,
}

/// A handle to the data; cheap to clone.
#[derive(Clone)]
pub struct Store(Arc<Inner>);

struct Inner {
    read: DatabaseConnection,
    write: DatabaseConnection,
    engine: Engine,
    changed: broadcast::Sender<Changed>,
    subscriptions: OnceLock<Vec<(&'static str, &'static str)>>,
    relay: Option<Relay>,
}

/// Rows of an answer that SQLite's thread may be ahead of whoever reads them. The default, 50, makes the two wake each
/// other forty times for a list of two thousand.
const ROWS_AHEAD: usize = 2_000;

impl Store {
    /// Opens the store and runs the migrations that have not run.
    ///
    /// # Errors
    /// [`StoreError::Unusable`] when the engine is too old, the database is newer than this server, or the role has
    /// rights that would switch row-level security off.
    pub async fn open(options: &StoreOptions, migrations: &[Migration]) -> Result<Self, StoreError> {
        let (changed, _) = broadcast::channel(1024);
        let mut relay = None;
        let (read, write, engine) = match &options.place {
            Place::Sqlite(path) => {
                let connect = SqliteConnectOptions::new()
                    .filename(path)
                    .create_if_missing(true)
                    .journal_mode(SqliteJournalMode::Wal)
                    .synchronous(if options.durable {
                        SqliteSynchronous::Full
                    } else {
                        SqliteSynchronous::Off
                    })
                    .busy_timeout(Duration::from_secs(10))
                    .row_buffer_size(ROWS_AHEAD)
                    .foreign_keys(true);
                let writer = SqlitePoolOptions::new()
                    .max_connections(1)
                    .min_connections(1)
                    .idle_timeout(None)
                    .max_lifetime(None)
                    .connect_with(connect.clone())
                    .await?;
                let readers = SqlitePoolOptions::new()
                    .max_connections(options.connections)
                    .connect_with(connect.read_only(true))
                    .await?;
                let write = SqlxSqliteConnector::from_sqlx_sqlite_pool(writer);
                refuse_old_sqlite(&write).await?;
                migrate(&write, migrations, None).await?;
                (SqlxSqliteConnector::from_sqlx_sqlite_pool(readers), write, Engine::Sqlite)
            }
            Place::Postgres { url, owner_url } => {
                let connect = PgConnectOptions::from_str(url)?;
                let owner = PgPoolOptions::new().max_connections(1).connect(owner_url).await?;
                let owner = SqlxPostgresConnector::from_sqlx_postgres_pool(owner);
                migrate(&owner, migrations, Some(connect.get_username())).await?;
                owner.close().await?;
                let pool =
                    PgPoolOptions::new().max_connections(options.connections).connect_with(connect).await?;
                relay = Some(Relay::start(url.clone(), pool.clone(), changed.clone()).await?);
                let pool = SqlxPostgresConnector::from_sqlx_postgres_pool(pool);
                refuse_mighty_role(&pool).await?;
                (pool.clone(), pool, Engine::Postgres)
            }
        };
        let subscriptions = OnceLock::new();
        Ok(Self(Arc::new(Inner { read, write, engine, changed, subscriptions, relay })))
    }

    /// The engine underneath.
    pub fn engine(&self) -> Engine {
        self.0.engine
    }

    /// Reads within `tenant`.
    pub async fn read(&self, tenant: TenantId) -> Result<Scope, StoreError> {
        let conn = match self.0.engine {
            Engine::Sqlite => Conn::Pool(self.0.read.clone()),
            Engine::Postgres => Conn::Tx(self.begin_on(&self.0.read, Some(tenant)).await?),
        };
        Ok(Scope::new(tenant, conn))
    }

    /// Reads across all tenants: only for the installation itself (finding a tenant by host, jobs that are due, backups).
    pub async fn read_installation(&self) -> Result<Scope, StoreError> {
        let conn = match self.0.engine {
            Engine::Sqlite => Conn::Pool(self.0.read.clone()),
            Engine::Postgres => Conn::Tx(self.begin_on(&self.0.read, None).await?),
        };
        Ok(Scope::installation(conn))
    }

    /// Begins a write within the context's tenant. On SQLite writers queue; on PostgreSQL rows are locked as touched.
    pub async fn begin(&self, cx: &Cx) -> Result<Tx, StoreError> {
        let conn = self.begin_on(&self.0.write, Some(cx.tenant)).await?;
        Ok(Tx::new(self.clone(), cx.clone(), Scope::new(cx.tenant, Conn::Tx(conn))))
    }

    /// Begins a write of the installation itself, across tenants: job leases, new tenants.
    pub async fn begin_installation(&self, cx: &Cx) -> Result<Tx, StoreError> {
        let conn = self.begin_on(&self.0.write, None).await?;
        Ok(Tx::new(self.clone(), cx.clone(), Scope::installation(Conn::Tx(conn))))
    }

    async fn begin_on(
        &self,
        connection: &DatabaseConnection,
        tenant: Option<TenantId>,
    ) -> Result<DatabaseTransaction, StoreError> {
        let options = TransactionOptions {
            // A deferred transaction that reads and then writes fails at once when another wrote between.
            sqlite_transaction_mode: (self.0.engine == Engine::Sqlite)
                .then_some(SqliteTransactionMode::Immediate),
            ..TransactionOptions::default()
        };
        let tx = connection.begin_with_options(options).await?;
        if self.0.engine == Engine::Postgres {
            let scope = tenant.map_or_else(|| "all".to_owned(), |tenant| tenant.to_string());
            tx.execute_raw(Statement::from_sql_and_values(
                DbBackend::Postgres,
                "SELECT set_config('sekisho.tenant', $1, true)",
                [scope.into()],
            ))
            .await?;
        }
        Ok(tx)
    }

    /// Hears of every commit in this process from now on, and on PostgreSQL of those of other processes, as far as they
    /// publish facts. Hearing is quick, not certain: whoever must not miss anything looks from time to time.
    pub fn changes(&self) -> broadcast::Receiver<Changed> {
        self.0.changed.subscribe()
    }

    pub(crate) fn tell_changed(&self, changed: Changed) {
        // Nobody listening is fine.
        let _ = self.0.changed.send(changed);
    }

    /// Sets who hears which fact: pairs of event name and job kind. Once, before the first write.
    pub fn subscribe(&self, subscriptions: Vec<(&'static str, &'static str)>) {
        let _ = self.0.subscriptions.set(subscriptions);
    }

    pub(crate) fn listeners(&self, event: &str) -> impl Iterator<Item = &'static str> {
        self.0
            .subscriptions
            .get()
            .into_iter()
            .flatten()
            .filter(move |(name, _)| *name == event)
            .map(|(_, kind)| *kind)
    }

    /// Answers when the database does; for readiness.
    pub async fn ping(&self) -> Result<(), StoreError> {
        self.0.read.execute_unprepared("SELECT 1").await?;
        Ok(())
    }

    /// Closes every connection; what was committed is on disk, and others have been told of it.
    pub async fn close(&self) -> Result<(), StoreError> {
        if let Some(relay) = &self.0.relay {
            relay.stop().await;
        }
        self.0.read.clone().close().await?;
        self.0.write.clone().close().await?;
        Ok(())
    }
}

pub(crate) async fn refuse_old_sqlite(db: &DatabaseConnection) -> Result<(), StoreError> {
    let row = db
        .query_one_raw(Statement::from_string(DbBackend::Sqlite, "SELECT sqlite_version() AS version"))
        .await?
        .ok_or_else(|| StoreError::Unusable("SQLite does not tell its version".to_owned()))?;
    let version: String = row.try_get("", "version")?;
    let mut numbers = version.split('.').map(|number| number.parse::<u32>().unwrap_or(0));
    let mut next = || numbers.next().unwrap_or(0);
    if (next(), next(), next()) < OLDEST_SQLITE {
        return Err(StoreError::Unusable(format!(
            "SQLite {version} can corrupt a database in WAL mode; at least 3.51.3 is needed"
        )));
    }
    Ok(())
}

pub(crate) async fn refuse_mighty_role(db: &DatabaseConnection) -> Result<(), StoreError> {
    let row = db
        .query_one_raw(Statement::from_string(
            DbBackend::Postgres,
            "SELECT (rolsuper OR rolbypassrls) AS mighty, \
             EXISTS (SELECT 1 FROM pg_tables WHERE tableowner = current_user AND tablename = 'migrations') AS owner \
             FROM pg_roles WHERE rolname = current_user",
        ))
        .await?
        .ok_or_else(|| StoreError::Unusable("PostgreSQL does not know its own role".to_owned()))?;
    let mighty: bool = row.try_get("", "mighty")?;
    let owner: bool = row.try_get("", "owner")?;
    if mighty || owner {
        return Err(StoreError::Unusable(
            "the server's database role is a superuser, bypasses row-level security, or owns the tables, so tenants would not be separated by the database; give `url` a plain role and `owner_url` the owner"
                .to_owned(),
        ));
    }
    Ok(())
}
