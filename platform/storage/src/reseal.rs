//! Sealing a tenant's values anew after its keys were rotated, table by table, while the server runs.

use sea_orm::ConnectionTrait;
use sea_orm::sea_query::{Alias, Expr, ExprTrait as _, Order, Query};
use sekisho_crypto::{CryptoError, Place, TenantKeys, Vault};
use sekisho_kernel::{AuditEntry, Cx, Kind, Kinded};
use uuid::Uuid;

use crate::scope::{Conn, Scope, Scoped as _, on_conn};
use crate::{Store, StoreError};

/// Rows looked at in one transaction.
const BATCH: u64 = 200;

/// A column of a tenants' table that holds sealed values. Each room lists its own; the command collects the lists.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct SealedColumn {
    /// The table, whose key is `tenant_id` and `id`.
    pub table: &'static str,
    /// The column.
    pub column: &'static str,
    /// The column's name in the [`Place`] it is sealed for.
    pub place: &'static str,
    /// Whether the place's row is the row's id; otherwise it is the nil UUID, for the one row of a tenant.
    pub by_id: bool,
}

impl SealedColumn {
    /// Sealed for its own table, column and row, as nearly all are.
    pub const fn new(table: &'static str, column: &'static str) -> Self {
        Self { table, column, place: column, by_id: true }
    }

    /// Sealed for a place that calls the column otherwise.
    pub const fn placed(self, place: &'static str) -> Self {
        Self { place, ..self }
    }

    /// Sealed for the nil row.
    pub const fn only_row(self) -> Self {
        Self { by_id: false, ..self }
    }
}

/// What a re-seal did so far.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Resealed {
    /// Values looked at.
    pub looked: u64,
    /// Values sealed anew.
    pub changed: u64,
    /// Values that do not open: damaged, or sealed for another place than the list says. They stay as they are.
    pub unreadable: u64,
}

/// Why a re-seal stopped.
#[derive(Debug, thiserror::Error)]
pub enum ResealError {
    /// The store failed.
    #[error(transparent)]
    Store(#[from] StoreError),
    /// The keys cannot be had.
    #[error(transparent)]
    Crypto(#[from] CryptoError),
}

impl Kinded for ResealError {
    fn kind(&self) -> Kind {
        match self {
            Self::Store(error) => error.kind(),
            Self::Crypto(error) => error.kind(),
        }
    }
}

/// Seals what the tenant of `cx` has in `columns` under its present keys. Stopped and begun again it goes on; values that
/// change meanwhile are left to whoever changed them. `progress` is told after each batch.
///
/// # Errors
/// [`ResealError`]; what was done until then stays done.
pub async fn reseal(
    store: &Store,
    vault: &Vault,
    cx: &Cx,
    columns: &[SealedColumn],
    mut progress: impl FnMut(&Resealed) + Send,
) -> Result<Resealed, ResealError> {
    vault.forget(cx.tenant);
    let keys = vault.keys(cx.tenant).await?;
    let mut all = Resealed::default();
    for column in columns {
        let mut after = Uuid::nil();
        // An id may be nil itself, so the first batch begins at it and the others behind the last.
        let mut first = true;
        loop {
            let tx = store.begin(&cx.later()).await?;
            let rows = read(tx.scope(), cx, column, after, first).await?;
            let Some((last, _)) = rows.last() else { break };
            (after, first) = (*last, false);
            // A column that may not be NULL is empty where there is nothing to seal.
            for (id, sealed) in rows.into_iter().filter(|(_, sealed)| !sealed.is_empty()) {
                all.looked += 1;
                let row = if column.by_id { id } else { Uuid::nil() };
                let place = Place { table: column.table, column: column.place, row };
                if let Some(anew) = anew(&keys, &place, &sealed, &mut all) {
                    all.changed += write(tx.scope(), cx, column, id, sealed, anew).await?;
                }
            }
            tx.commit_bookkeeping("the values are the same under another key").await?;
            progress(&all);
        }
    }
    let tx = store.begin(&cx.later()).await?;
    let entry = AuditEntry::done("tenant_key.reseal");
    tx.commit(entry.with("changed", all.changed).with("unreadable", all.unreadable)).await?;
    Ok(all)
}

fn anew(keys: &TenantKeys, place: &Place<'_>, sealed: &[u8], all: &mut Resealed) -> Option<Vec<u8>> {
    match keys.reseal(place, sealed) {
        Ok(anew) => anew,
        Err(error) => {
            all.unreadable += 1;
            tracing::error!(table = place.table, column = place.column, row = %place.row, %error, "a sealed value does not open");
            None
        }
    }
}

async fn read(
    scope: &Scope,
    cx: &Cx,
    column: &SealedColumn,
    after: Uuid,
    first: bool,
) -> Result<Vec<(Uuid, Vec<u8>)>, StoreError> {
    let id = Expr::col(Alias::new("id"));
    let query = Query::select()
        .columns([Alias::new("id"), Alias::new(column.column)])
        .from(Alias::new(column.table))
        .and_where(Expr::col(Alias::new("tenant_id")).eq(cx.tenant))
        .and_where(if first { id.gte(after) } else { id.gt(after) })
        .and_where(Expr::col(Alias::new(column.column)).is_not_null())
        .order_by(Alias::new("id"), Order::Asc)
        .limit(BATCH)
        .to_owned();
    let rows = on_conn!(scope, conn => conn.query_all(&query).await)?;
    let read = |row: &sea_orm::QueryResult| Ok((row.try_get("", "id")?, row.try_get("", column.column)?));
    rows.iter().map(read).collect()
}

/// Writes only over the value that was read.
async fn write(
    scope: &Scope,
    cx: &Cx,
    column: &SealedColumn,
    id: Uuid,
    sealed: Vec<u8>,
    anew: Vec<u8>,
) -> Result<u64, StoreError> {
    let update = Query::update()
        .table(Alias::new(column.table))
        .value(Alias::new(column.column), anew)
        .and_where(Expr::col(Alias::new("tenant_id")).eq(cx.tenant))
        .and_where(Expr::col(Alias::new("id")).eq(id))
        .and_where(Expr::col(Alias::new(column.column)).eq(sealed))
        .to_owned();
    Ok(on_conn!(scope, conn => conn.execute(&update).await)?.rows_affected())
}
