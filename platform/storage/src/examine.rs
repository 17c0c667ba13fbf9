//! Looking at a store without changing it: which engine it is, whether its schema is this server's, and whether its guards
//! stand. For `sekisho doctor`.

use std::str::FromStr as _;

use sea_orm::{
    ConnectionTrait as _, DatabaseConnection, DbBackend, SqlxPostgresConnector, SqlxSqliteConnector,
    Statement,
};
use sqlx::postgres::{PgConnectOptions, PgPoolOptions};
use sqlx::sqlite::{SqliteConnectOptions, SqlitePoolOptions};

use crate::store::{refuse_mighty_role, refuse_old_sqlite};
use crate::{Engine, Migration, Place, StoreError, StoreOptions};

/// What a store is like.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Examination {
    /// The engine.
    pub engine: Engine,
    /// Its version, as it names itself.
    pub version: String,
    /// Why this version cannot be used.
    pub too_old: Option<String>,
    /// Migrations of this server that have not run.
    pub pending: Vec<String>,
    /// Migrations that have run and that this server does not know: it is older than the data.
    pub unknown: Vec<String>,
    /// What is wrong with the server's role (PostgreSQL).
    pub role: Option<String>,
    /// Tables of tenants without forced row-level security (PostgreSQL).
    pub unguarded: Vec<String>,
    /// What the database's own clock shows, in seconds since 1970 (PostgreSQL).
    pub clock: Option<i64>,
}

/// Looks at the store at `options`, with the server's own role. Nothing is written and no migration runs.
///
/// # Errors
/// [`StoreError`] when the store is not there or does not answer.
pub async fn examine(options: &StoreOptions, migrations: &[Migration]) -> Result<Examination, StoreError> {
    match &options.place {
        Place::Sqlite(path) => {
            let connect = SqliteConnectOptions::new().filename(path).create_if_missing(false).read_only(true);
            let pool = SqlitePoolOptions::new().max_connections(1).connect_with(connect).await?;
            let db = SqlxSqliteConnector::from_sqlx_sqlite_pool(pool);
            let mut found = look(&db, Engine::Sqlite, migrations).await?;
            found.too_old = refuse_old_sqlite(&db).await.err().map(|error| error.to_string());
            db.close().await?;
            Ok(found)
        }
        Place::Postgres { url, .. } => {
            let connect = PgConnectOptions::from_str(url)?;
            let pool = PgPoolOptions::new().max_connections(1).connect_with(connect).await?;
            let db = SqlxPostgresConnector::from_sqlx_postgres_pool(pool);
            let mut found = look(&db, Engine::Postgres, migrations).await?;
            found.role = refuse_mighty_role(&db).await.err().map(|error| error.to_string());
            found.unguarded = texts(
                &db,
                "SELECT c.relname::text AS it FROM pg_class c JOIN pg_attribute a ON a.attrelid = c.oid \
                 WHERE c.relkind IN ('r', 'p') AND a.attname = 'tenant_id' AND NOT a.attisdropped \
                 AND c.relnamespace = current_schema()::regnamespace \
                 AND NOT (c.relrowsecurity AND c.relforcerowsecurity) ORDER BY 1",
            )
            .await?;
            let clock = "SELECT extract(epoch FROM clock_timestamp())::bigint::text AS it";
            found.clock = texts(&db, clock).await?.first().and_then(|secs| secs.parse().ok());
            db.close().await?;
            Ok(found)
        }
    }
}

async fn look(
    db: &DatabaseConnection,
    engine: Engine,
    migrations: &[Migration],
) -> Result<Examination, StoreError> {
    let (version, has_list) = match engine {
        Engine::Sqlite => (
            "SELECT sqlite_version() AS it",
            "SELECT name AS it FROM sqlite_master WHERE type = 'table' AND name = 'migrations'",
        ),
        Engine::Postgres => (
            "SELECT current_setting('server_version') AS it",
            "SELECT tablename::text AS it FROM pg_tables WHERE tablename = 'migrations' AND schemaname = current_schema()",
        ),
    };
    let version = texts(db, version).await?.into_iter().next().unwrap_or_default();
    let done = if texts(db, has_list).await?.is_empty() {
        Vec::new()
    } else {
        texts(db, "SELECT name AS it FROM migrations ORDER BY position").await?
    };
    let known = |name: &String| migrations.iter().any(|migration| migration.name == name);
    let ran = |migration: &&Migration| done.iter().any(|name| name == migration.name);
    Ok(Examination {
        engine,
        version,
        too_old: None,
        pending: migrations.iter().filter(|one| !ran(one)).map(|one| one.name.to_owned()).collect(),
        unknown: done.iter().filter(|name| !known(name)).cloned().collect(),
        role: None,
        unguarded: Vec::new(),
        clock: None,
    })
}

/// The column `it` of every row.
async fn texts(db: &DatabaseConnection, query: &str) -> Result<Vec<String>, StoreError> {
    let backend: DbBackend = db.get_database_backend();
    let rows = db.query_all_raw(Statement::from_string(backend, query)).await?;
    Ok(rows.iter().map(|row| row.try_get("", "it")).collect::<Result<_, _>>()?)
}
