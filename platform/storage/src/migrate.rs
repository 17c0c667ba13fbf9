//! Dated migrations, described once for both engines.
//!
//! A migration that has run never changes; a later one corrects it. Types are few on purpose: UUID, text, 64-bit
//! integers (also times, in microseconds UTC), booleans and bytes. No triggers, sequences or deferrable keys, so that
//! the same schema can be sharded.

use sea_orm::sea_query::{
    Alias, ColumnDef, ForeignKey, ForeignKeyAction, Index, IndexCreateStatement, TableCreateStatement,
};
use sea_orm::{ConnectionTrait, DatabaseConnection, DbBackend, Statement, TransactionTrait};

use crate::StoreError;

/// One dated step of the schema.
pub struct Migration {
    /// `YYYYMMDD_words`, unique over all crates; migrations run in the order they are handed to the store.
    pub name: &'static str,
    /// What changes.
    pub changes: fn() -> Vec<Change>,
}

/// One change of a migration.
pub enum Change {
    /// A new table.
    Create(Box<Table>),
    /// Anything else, in the engine's own words.
    Sql {
        /// Statement for SQLite.
        sqlite: &'static str,
        /// Statement for PostgreSQL.
        postgres: &'static str,
    },
}

impl From<Table> for Change {
    fn from(table: Table) -> Self {
        Self::Create(Box::new(table))
    }
}

/// A table being described. Columns are required unless their method's name says `optional`.
pub struct Table {
    name: &'static str,
    tenant: bool,
    append_only: bool,
    statement: TableCreateStatement,
    indexes: Vec<IndexCreateStatement>,
}

impl Table {
    /// A table of tenants' rows: `tenant_id` and `id`, both UUIDs, are its key, and row-level security guards it.
    pub fn tenant(name: &'static str) -> Self {
        Self::tenant_keyed(name, &["id"])
    }

    /// A table of tenants' rows whose key is `tenant_id` and the given UUID columns.
    pub fn tenant_keyed(name: &'static str, keys: &[&'static str]) -> Self {
        let mut table = Self::bare(name, true);
        table.statement.col(ColumnDef::new(Alias::new("tenant_id")).uuid().not_null());
        let mut primary = Index::create();
        primary.col(Alias::new("tenant_id"));
        for key in keys {
            table.statement.col(ColumnDef::new(Alias::new(*key)).uuid().not_null());
            primary.col(Alias::new(*key));
        }
        table.statement.primary_key(&mut primary);
        table
    }

    /// A table of the installation itself, such as the list of tenants; its key is the UUID column `id`.
    pub fn installation(name: &'static str) -> Self {
        let mut table = Self::bare(name, false);
        table.statement.col(ColumnDef::new(Alias::new("id")).uuid().not_null().primary_key());
        table
    }

    fn bare(name: &'static str, tenant: bool) -> Self {
        let mut statement = sea_orm::sea_query::Table::create();
        statement.table(Alias::new(name));
        Self { name, tenant, append_only: false, statement, indexes: Vec::new() }
    }

    fn column(mut self, name: &str, optional: bool, kind: impl FnOnce(&mut ColumnDef)) -> Self {
        let mut column = ColumnDef::new(Alias::new(name));
        kind(&mut column);
        if !optional {
            column.not_null();
        }
        self.statement.col(column);
        self
    }

    /// A text column, also for JSON.
    pub fn text(self, name: &str) -> Self {
        self.column(name, false, |column| {
            column.text();
        })
    }
    /// A text column that may be empty (NULL).
    pub fn optional_text(self, name: &str) -> Self {
        self.column(name, true, |column| {
            column.text();
        })
    }
    /// A UUID column.
    pub fn uuid(self, name: &str) -> Self {
        self.column(name, false, |column| {
            column.uuid();
        })
    }
    /// A UUID column that may be NULL.
    pub fn optional_uuid(self, name: &str) -> Self {
        self.column(name, true, |column| {
            column.uuid();
        })
    }
    /// A 64-bit integer; times are microseconds UTC.
    pub fn integer(self, name: &str) -> Self {
        self.column(name, false, |column| {
            column.big_integer();
        })
    }
    /// A 64-bit integer that may be NULL.
    pub fn optional_integer(self, name: &str) -> Self {
        self.column(name, true, |column| {
            column.big_integer();
        })
    }
    /// True or false.
    pub fn boolean(self, name: &str) -> Self {
        self.column(name, false, |column| {
            column.boolean();
        })
    }
    /// Bytes, such as sealed values and hashes.
    pub fn bytes(self, name: &str) -> Self {
        self.column(name, false, |column| {
            column.blob();
        })
    }
    /// Bytes that may be NULL.
    pub fn optional_bytes(self, name: &str) -> Self {
        self.column(name, true, |column| {
            column.blob();
        })
    }

    /// No two rows (of a tenant) share these columns.
    pub fn unique(self, columns: &[&str]) -> Self {
        let name = unique_name(self.name, columns);
        self.indexed(columns, name, true)
    }

    /// Rows are looked up or sorted by these columns.
    pub fn index(self, columns: &[&str]) -> Self {
        let name = format!("{}_by_{}", self.name, columns.join("_"));
        self.indexed(columns, name, false)
    }

    fn indexed(mut self, columns: &[&str], name: String, unique: bool) -> Self {
        let mut index = Index::create();
        index.name(name).table(Alias::new(self.name));
        if self.tenant {
            index.col(Alias::new("tenant_id"));
        }
        for column in columns {
            index.col(Alias::new(*column));
        }
        if unique {
            index.unique();
        }
        self.indexes.push(index);
        self
    }

    /// `column` holds the id of a row of `table`, of the same tenant. The row cannot be deleted while it is named here.
    pub fn references(mut self, column: &str, table: &str) -> Self {
        let mut key = ForeignKey::create();
        key.name(format!("{}_{}_fk", self.name, column))
            .from(Alias::new(self.name), (Alias::new("tenant_id"), Alias::new(column)))
            .to(Alias::new(table), (Alias::new("tenant_id"), Alias::new("id")))
            .on_delete(ForeignKeyAction::Restrict);
        self.statement.foreign_key(&mut key);
        self
    }

    /// The server may add rows and read them, never change or delete them (PostgreSQL enforces it by its grants).
    pub fn append_only(mut self) -> Self {
        self.append_only = true;
        self
    }

    fn statements(&self, backend: DbBackend, app_role: Option<&str>) -> Vec<String> {
        let mut statements = vec![build(backend, &self.statement)];
        statements.extend(self.indexes.iter().map(|index| build(backend, index)));
        let (DbBackend::Postgres, name) = (backend, self.name) else { return statements };
        if self.tenant {
            statements.push(format!("ALTER TABLE {name} ENABLE ROW LEVEL SECURITY"));
            statements.push(format!("ALTER TABLE {name} FORCE ROW LEVEL SECURITY"));
            // An unset tenant is an error, so a forgotten scope fails instead of finding nothing. Sub-selects make the
            // planner read the settings once a query.
            statements.push(format!(
                "CREATE POLICY one_tenant ON {name} USING (\
                   (SELECT current_setting('sekisho.tenant')) = 'all' \
                   OR tenant_id = (SELECT nullif(current_setting('sekisho.tenant'), 'all')::uuid))"
            ));
        }
        if let Some(role) = app_role {
            let rights = if self.append_only { "SELECT, INSERT" } else { "SELECT, INSERT, UPDATE, DELETE" };
            statements.push(format!("GRANT {rights} ON {name} TO {role}"));
        }
        statements
    }
}

/// The name of a unique index, from which a refusal is recognised on PostgreSQL.
pub(crate) fn unique_name(table: &str, columns: &[&str]) -> String {
    format!("{table}_unique_{}", columns.join("_"))
}

fn build(backend: DbBackend, statement: &impl sea_orm::StatementBuilder) -> String {
    backend.build(statement).sql
}

/// Runs those of `migrations` that have not run, each in its own transaction.
pub(crate) async fn migrate(
    owner: &DatabaseConnection,
    migrations: &[Migration],
    app_role: Option<&str>,
) -> Result<(), StoreError> {
    let backend = owner.get_database_backend();
    owner
        .execute_unprepared(
            "CREATE TABLE IF NOT EXISTS migrations (name text PRIMARY KEY, position bigint NOT NULL)",
        )
        .await?;
    let done: Vec<String> = owner
        .query_all_raw(Statement::from_string(backend, "SELECT name FROM migrations ORDER BY position"))
        .await?
        .iter()
        .map(|row| row.try_get("", "name"))
        .collect::<Result<_, _>>()?;
    if let Some(unknown) =
        done.iter().find(|name| !migrations.iter().any(|migration| migration.name == *name))
    {
        return Err(StoreError::Unusable(format!(
            "the database was written by a newer version (it knows the migration {unknown}); start that version, or restore a backup from before the upgrade"
        )));
    }
    for (position, migration) in migrations.iter().enumerate() {
        if done.iter().any(|name| name == migration.name) {
            continue;
        }
        let tx = owner.begin().await?;
        for change in (migration.changes)() {
            let statements = match change {
                Change::Create(table) => table.statements(backend, app_role),
                Change::Sql { sqlite, postgres } => {
                    vec![if backend == DbBackend::Postgres { postgres } else { sqlite }.to_owned()]
                }
            };
            for statement in statements.iter().filter(|statement| !statement.is_empty()) {
                tx.execute_unprepared(statement).await?;
            }
        }
        tx.execute_raw(Statement::from_sql_and_values(
            backend,
            if backend == DbBackend::Postgres {
                "INSERT INTO migrations (name, position) VALUES ($1, $2)"
            } else {
                "INSERT INTO migrations (name, position) VALUES (?, ?)"
            },
            [migration.name.into(), i64::try_from(position).unwrap_or(i64::MAX).into()],
        ))
        .await?;
        tx.commit().await?;
        tracing::info!(migration = migration.name, "migrated");
    }
    if let Some(role) = app_role {
        owner.execute_unprepared(&format!("GRANT SELECT ON migrations TO {role}")).await?;
    }
    Ok(())
}
