//! What can go wrong with the store.

use sea_orm::{DbErr, SqlErr};
use sekisho_kernel::{Kind, Kinded};

/// A failure of the store. [`StoreError::is_duplicate_of`] tells the one that a form can explain.
#[derive(Debug, thiserror::Error)]
pub enum StoreError {
    /// A unique index refused the row; the text names index or columns as the engine does.
    #[error("already there: {0}")]
    Duplicate(String),
    /// Two writers met; trying again may work.
    #[error("somebody else wrote at the same time")]
    Conflict(#[source] DbErr),
    /// Everything else.
    #[error("database")]
    Database(#[source] DbErr),
    /// The store cannot be used as it is; says what to do.
    #[error("{0}")]
    Unusable(String),
}

impl StoreError {
    /// Whether the row was refused because `columns` of `table` (without the tenant) must be unique. SQLite names the
    /// columns, PostgreSQL the index, whose name [`crate::Table::unique`] makes from the same words.
    pub fn is_duplicate_of(&self, table: &str, columns: &[&str]) -> bool {
        let Self::Duplicate(message) = self else { return false };
        let index = crate::migrate::unique_name(table, columns);
        let listed = columns.iter().map(|column| format!("{table}.{column}")).collect::<Vec<_>>().join(", ");
        message.contains(&index) || message.contains(&listed)
    }
}

impl From<DbErr> for StoreError {
    fn from(error: DbErr) -> Self {
        match error.sql_err() {
            Some(SqlErr::UniqueConstraintViolation(message)) => Self::Duplicate(message),
            _ => {
                let text = error.to_string();
                // PostgreSQL serialization_failure and deadlock_detected, SQLite busy
                if ["40001", "40P01", "database is locked", "deadlock detected"]
                    .iter()
                    .any(|sign| text.contains(sign))
                {
                    Self::Conflict(error)
                } else {
                    Self::Database(error)
                }
            }
        }
    }
}

impl From<sqlx::Error> for StoreError {
    fn from(error: sqlx::Error) -> Self {
        Self::Database(DbErr::Conn(sea_orm::RuntimeErr::SqlxError(error.into())))
    }
}

impl Kinded for StoreError {
    fn kind(&self) -> Kind {
        match self {
            Self::Duplicate(_) | Self::Conflict(_) => Kind::Conflict,
            Self::Database(_) | Self::Unusable(_) => Kind::Broken,
        }
    }
}
