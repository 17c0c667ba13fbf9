//! Reading within one tenant. A [`Query`] can only be begun on a [`Scope`], which puts the tenant in.

use sea_orm::sea_query::{IntoCondition, SimpleExpr};
use sea_orm::{
    ColumnTrait, DatabaseConnection, DatabaseTransaction, DeleteMany, EntityTrait, FromQueryResult,
    IntoSimpleExpr, Order, PaginatorTrait, QueryFilter, QueryOrder, QuerySelect, Select, TryGetableMany,
    UpdateMany, Value,
};
use sekisho_kernel::TenantId;

use crate::StoreError;

/// An entity whose rows belong to tenants. `tenant_entity!` in the module's `tables.rs` implements it.
pub trait TenantEntity: EntityTrait {
    /// The column `tenant_id`.
    fn tenant_column() -> Self::Column;
}

/// Implements [`TenantEntity`] for the `Entity` and `Column` of the module it stands in.
#[macro_export]
macro_rules! tenant_entity {
    () => {
        impl $crate::TenantEntity for Entity {
            fn tenant_column() -> Column {
                Column::TenantId
            }
        }
    };
}

pub(crate) enum Conn {
    Pool(DatabaseConnection),
    Tx(DatabaseTransaction),
}

/// A view on the rows of one tenant (or, for the installation itself, of all).
pub struct Scope {
    tenant: Option<TenantId>,
    pub(crate) conn: Conn,
}

/// Whoever can read rows of a tenant: a [`Scope`] or a [`crate::Tx`]. Reads that a page and a use case share take this.
pub trait Scoped: Sync {
    /// The scope to read in.
    fn scope(&self) -> &Scope;

    /// Begins a query on the tenant's rows of `E`.
    fn find<E: TenantEntity>(&self) -> Query<'_, E> {
        self.scope().query()
    }
}

impl Scoped for Scope {
    fn scope(&self) -> &Scope {
        self
    }
}

macro_rules! on_conn {
    ($scope:expr, $conn:ident => $run:expr) => {
        match &$scope.conn {
            Conn::Pool($conn) => $run,
            Conn::Tx($conn) => $run,
        }
    };
}
pub(crate) use on_conn;

impl Scope {
    pub(crate) fn new(tenant: TenantId, conn: Conn) -> Self {
        Self { tenant: Some(tenant), conn }
    }

    pub(crate) fn installation(conn: Conn) -> Self {
        Self { tenant: None, conn }
    }

    pub(crate) fn tenant(&self) -> Option<TenantId> {
        self.tenant
    }

    pub(crate) fn into_conn(self) -> Conn {
        self.conn
    }

    fn query<E: TenantEntity>(&self) -> Query<'_, E> {
        let select = match self.tenant {
            Some(tenant) => E::find().filter(E::tenant_column().eq(tenant)),
            None => E::find(),
        };
        Query { scope: self, select }
    }

    /// Begins a query on a table of the installation itself, which has no tenant.
    pub fn find_installation<E: EntityTrait>(&self) -> Query<'_, E> {
        Query { scope: self, select: E::find() }
    }
}

/// A query on the tenant's rows of one table.
#[must_use]
pub struct Query<'a, E: EntityTrait> {
    scope: &'a Scope,
    select: Select<E>,
}

impl<E: EntityTrait> Query<'_, E>
where
    E::Model: Send + Sync,
{
    /// Only rows for which `condition` holds.
    pub fn filter(self, condition: impl IntoCondition) -> Self {
        Self { select: self.select.filter(condition), ..self }
    }

    /// Smallest first.
    pub fn ascending(self, column: impl IntoSimpleExpr) -> Self {
        Self { select: self.select.order_by(column, Order::Asc), ..self }
    }

    /// Largest first.
    pub fn descending(self, column: impl IntoSimpleExpr) -> Self {
        Self { select: self.select.order_by(column, Order::Desc), ..self }
    }

    /// At most `count` rows.
    pub fn limit(self, count: u64) -> Self {
        Self { select: self.select.limit(count), ..self }
    }

    /// Anything else SeaORM can do to a select, such as a join. A joined table must be joined on `tenant_id` too.
    pub fn refine(self, change: impl FnOnce(Select<E>) -> Select<E>) -> Self {
        Self { select: change(self.select), ..self }
    }

    /// The first row, if any.
    pub async fn one(self) -> Result<Option<E::Model>, StoreError> {
        Ok(on_conn!(self.scope, conn => self.select.one(conn).await)?)
    }

    /// All rows.
    pub async fn all(self) -> Result<Vec<E::Model>, StoreError> {
        Ok(on_conn!(self.scope, conn => self.select.all(conn).await)?)
    }

    /// All rows as another shape, after [`Query::refine`] chose columns.
    pub async fn all_as<M: FromQueryResult + Send + Sync>(self) -> Result<Vec<M>, StoreError> {
        Ok(on_conn!(self.scope, conn => self.select.into_model::<M>().all(conn).await)?)
    }

    /// All rows as tuples of the columns that [`Query::refine`] chose, in their order. Of long lists that is the cheapest.
    pub async fn tuples<T: TryGetableMany + Send + Sync>(self) -> Result<Vec<T>, StoreError> {
        Ok(on_conn!(self.scope, conn => self.select.into_tuple::<T>().all(conn).await)?)
    }

    /// How many rows there are.
    pub async fn count(self) -> Result<u64, StoreError> {
        Ok(on_conn!(self.scope, conn => self.select.count(conn).await)?)
    }

    /// Whether there is any row.
    pub async fn exists(self) -> Result<bool, StoreError> {
        Ok(self.limit(1).one().await?.is_some())
    }
}

/// A change of many of the tenant's rows at once; begun by [`crate::Tx::update`].
#[must_use]
pub struct Update<'a, E: EntityTrait> {
    pub(crate) scope: &'a Scope,
    pub(crate) update: UpdateMany<E>,
}

impl<E: EntityTrait> Update<'_, E> {
    /// Sets `column` to `value`.
    pub fn set(self, column: E::Column, value: impl Into<Value>) -> Self {
        Self { update: self.update.col_expr(column, SimpleExpr::Value(value.into())), ..self }
    }

    /// Sets `column` to what `value` says of each row.
    pub fn set_to(self, column: E::Column, value: impl Into<SimpleExpr>) -> Self {
        Self { update: self.update.col_expr(column, value.into()), ..self }
    }

    /// Only rows for which `condition` holds.
    pub fn filter(self, condition: impl IntoCondition) -> Self {
        Self { update: self.update.filter(condition), ..self }
    }

    /// Does it; tells how many rows changed.
    pub async fn exec(self) -> Result<u64, StoreError> {
        Ok(on_conn!(self.scope, conn => self.update.exec(conn).await)?.rows_affected)
    }
}

/// A deletion of the tenant's rows; begun by [`crate::Tx::delete`].
#[must_use]
pub struct Delete<'a, E: EntityTrait> {
    pub(crate) scope: &'a Scope,
    pub(crate) delete: DeleteMany<E>,
}

impl<E: EntityTrait> Delete<'_, E> {
    /// Only rows for which `condition` holds.
    pub fn filter(self, condition: impl IntoCondition) -> Self {
        Self { delete: self.delete.filter(condition), ..self }
    }

    /// Does it; tells how many rows went.
    pub async fn exec(self) -> Result<u64, StoreError> {
        Ok(on_conn!(self.scope, conn => self.delete.exec(conn).await)?.rows_affected)
    }
}
