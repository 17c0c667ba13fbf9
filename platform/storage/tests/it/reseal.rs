//! After a rotation every sealed value is sealed anew, for one tenant, and what cannot be opened is left alone.

use sea_orm::ActiveValue::Set;
use sea_orm::entity::prelude::*;
use sekisho_crypto::{Place, Purpose, Vault};
use sekisho_kernel::{AuditEntry, TenantId};
use sekisho_storage::reseal::{Resealed, SealedColumn, reseal};
use sekisho_storage::{Migration, Scoped as _, Store, Table};
use sekisho_teststore::{TestWorld, cx, on_both_engines, tenant};

use crate::keys::vault;

/// A table with sealed values.
mod drawers {
    use super::*;

    #[derive(Clone, Debug, PartialEq, DeriveEntityModel)]
    #[sea_orm(table_name = "test_drawers")]
    pub struct Model {
        #[sea_orm(primary_key, auto_increment = false)]
        pub tenant_id: TenantId,
        #[sea_orm(primary_key, auto_increment = false)]
        pub id: Uuid,
        #[sea_orm(column_type = "Blob")]
        pub person: Vec<u8>,
        #[sea_orm(column_type = "Blob", nullable)]
        pub secret_sealed: Option<Vec<u8>>,
    }
    #[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
    pub enum Relation {}
    impl ActiveModelBehavior for ActiveModel {}
    sekisho_storage::tenant_entity!();
}

const COLUMNS: [SealedColumn; 2] = [
    SealedColumn::new("test_drawers", "person"),
    SealedColumn::new("test_drawers", "secret_sealed").placed("secret"),
];

fn migrations() -> Vec<Migration> {
    let mut all = crate::migrations();
    all.push(Migration {
        name: "20261122_test_drawers",
        changes: || {
            vec![Table::tenant("test_drawers").bytes("person").optional_bytes("secret_sealed").into()]
        },
    });
    all
}

fn place(column: &str, id: u128) -> Place<'_> {
    Place { table: "test_drawers", column, row: Uuid::from_u128(id) }
}

async fn fill(store: &Store, world: &std::sync::Arc<TestWorld>, vault: &Vault, whose: TenantId) {
    let keys = vault.keys(whose).await.unwrap();
    let tx = store.begin(&cx(world, whose)).await.unwrap();
    for id in 0..450 {
        let secret = (id % 2 == 0).then(|| keys.seal_secret(&place("secret", id), b"secret"));
        // One was moved by somebody who writes to the database itself.
        let person =
            keys.seal(&place("person", if id == 77 { 78 } else { id }), format!("person {id}").as_bytes());
        tx.insert::<drawers::Entity>(drawers::ActiveModel {
            tenant_id: Set(whose),
            id: Set(Uuid::from_u128(id)),
            person: Set(person),
            secret_sealed: Set(secret),
        })
        .await
        .unwrap();
    }
    tx.commit(AuditEntry::done("drawer.fill")).await.unwrap();
}

on_both_engines!(every_value_is_sealed_anew_once, migrations(), |fresh| {
    let (world, dir) = (TestWorld::new(), tempfile::tempdir().unwrap());
    let (store, vault) = (&fresh.store, vault(&fresh.store, &world, &dir));
    for number in [1, 2] {
        fill(store, &world, &vault, tenant(number)).await;
    }
    vault.rotate(tenant(1), Purpose::Personal).await.unwrap();
    vault.rotate(tenant(1), Purpose::Secrets).await.unwrap();
    world.advance(Vault::ROTATION_DELAY);
    let mut told = 0;
    let done = reseal(store, &vault, &cx(&world, tenant(1)), &COLUMNS, |_| told += 1).await.unwrap();
    assert_eq!(done, Resealed { looked: 675, changed: 674, unreadable: 1 });
    assert!(told >= 4);
    let again = reseal(store, &vault, &cx(&world, tenant(1)), &COLUMNS, |_| {}).await.unwrap();
    assert_eq!(again, Resealed { looked: 675, changed: 0, unreadable: 1 });
    let keys = vault.keys(tenant(1)).await.unwrap();
    for row in store.read(tenant(1)).await.unwrap().find::<drawers::Entity>().all().await.unwrap() {
        let id = row.id.as_u128();
        if id == 77 {
            continue;
        }
        assert!(keys.is_current(&row.person));
        assert_eq!(keys.open_text(&place("person", id), &row.person).unwrap(), format!("person {id}"));
        if let Some(secret) = row.secret_sealed {
            assert!(keys.is_current(&secret));
            assert_eq!(&*keys.open(&place("secret", id), &secret).unwrap(), b"secret");
        }
    }
    // The other tenant's values are as they were.
    let keys = vault.keys(tenant(2)).await.unwrap();
    let rows = store.read(tenant(2)).await.unwrap().find::<drawers::Entity>().all().await.unwrap();
    assert!(rows.len() == 450 && rows.iter().all(|row| keys.is_current(&row.person)));
});
