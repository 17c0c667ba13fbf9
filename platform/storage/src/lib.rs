//! The store: SQLite for one machine, PostgreSQL for many, from one source.
//!
//! A module sees a database only through a [`Scope`] (reading) or a [`Tx`] (writing). Both belong to one tenant, put that
//! tenant into every query, and on PostgreSQL set the row-level security of the transaction to it. A write ends in
//! [`Tx::commit`], which wants the audit entry; facts for others ([`Tx::publish`]) and work for later ([`Tx::enqueue`])
//! are written in the same transaction.

mod column;
mod declare;
mod error;
mod examine;
pub mod jobs;
pub mod keys;
mod migrate;
mod relay;
pub mod reseal;
mod scope;
mod store;
pub mod tables;
mod tx;

pub use column::JsonText;
pub use error::StoreError;
pub use examine::{Examination, examine};
pub use migrate::{Change, Migration, Table};
pub use scope::{Delete, Query, Scope, Scoped, TenantEntity, Update};
pub use store::{Changed, Engine, Place, Store, StoreOptions};
pub use tx::{Event, Tx};

/// The migrations of this crate; they come before those of all others.
pub fn migrations() -> Vec<Migration> {
    tables::migrations()
}
