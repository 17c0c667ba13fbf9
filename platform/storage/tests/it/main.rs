//! The store on both engines: tenants stay apart, writes carry their trail, jobs run under leases.
#![allow(clippy::unwrap_used, clippy::panic, clippy::indexing_slicing, reason = "test code")]

mod jobs;
mod keys;
mod migrations;
mod relay;
mod reseal;
mod tenants;

use sea_orm::entity::prelude::*;
use sekisho_kernel::TenantId;
use sekisho_storage::{Migration, Table};

/// A table of the tests' own.
mod notes {
    use super::*;

    #[derive(Clone, Debug, PartialEq, DeriveEntityModel)]
    #[sea_orm(table_name = "test_notes")]
    pub struct Model {
        #[sea_orm(primary_key, auto_increment = false)]
        pub tenant_id: TenantId,
        #[sea_orm(primary_key, auto_increment = false)]
        pub id: Uuid,
        pub text: String,
    }
    #[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
    pub enum Relation {}
    impl ActiveModelBehavior for ActiveModel {}
    sekisho_storage::tenant_entity!();
}

fn migrations() -> Vec<Migration> {
    let mut all = sekisho_storage::migrations();
    all.push(Migration {
        name: "20261122_test_notes",
        changes: || vec![Table::tenant("test_notes").text("text").unique(&["text"]).into()],
    });
    all
}
