//! No query without a tenant; the trail is written with the act or not at all.

use sea_orm::ActiveValue::Set;
use sea_orm::{ColumnTrait, ConnectionTrait, EntityTrait};
use sekisho_kernel::AuditEntry;
use sekisho_storage::tables::{audit_entries, outbox_events};
use sekisho_storage::{Engine, Event, Scoped, Tx};
use sekisho_teststore::{TestWorld, cx, on_both_engines, tenant};

use crate::{migrations, notes};

async fn note(tx: &Tx, text: &str) {
    tx.insert::<notes::Entity>(notes::ActiveModel {
        tenant_id: Set(tenant(99)),
        id: Set(tx.cx().fresh_id()),
        text: Set(text.to_owned()),
    })
    .await
    .unwrap();
}

#[derive(serde::Serialize)]
struct Noted {
    text: &'static str,
}
impl Event for Noted {
    const NAME: &'static str = "test.noted";
}

on_both_engines!(a_tenant_sees_its_own_rows_only, migrations(), |fresh| {
    let (world, store) = (TestWorld::new(), &fresh.store);
    for number in [1, 2] {
        let tx = store.begin(&cx(&world, tenant(number))).await.unwrap();
        note(&tx, "same text").await;
        tx.commit(AuditEntry::done("note.write")).await.unwrap();
    }
    for number in [1, 2] {
        let scope = store.read(tenant(number)).await.unwrap();
        let rows = scope.find::<notes::Entity>().all().await.unwrap();
        assert_eq!(rows.iter().map(|row| row.tenant_id).collect::<Vec<_>>(), [tenant(number)]);
    }
    // A change without a condition still reaches one tenant only.
    let tx = store.begin(&cx(&world, tenant(1))).await.unwrap();
    let changed = tx.update::<notes::Entity>().set(notes::Column::Text, "changed").exec().await.unwrap();
    assert_eq!(changed, 1);
    let deleted =
        tx.delete::<notes::Entity>().filter(notes::Column::TenantId.eq(tenant(2))).exec().await.unwrap();
    assert_eq!(deleted, 0);
    tx.commit(AuditEntry::done("note.change")).await.unwrap();
    let other = store.read(tenant(2)).await.unwrap().find::<notes::Entity>().one().await.unwrap().unwrap();
    assert_eq!(other.text, "same text");
});

on_both_engines!(what_is_not_committed_did_not_happen, migrations(), |fresh| {
    let (world, store) = (TestWorld::new(), &fresh.store);
    let mut tx = store.begin(&cx(&world, tenant(1))).await.unwrap();
    note(&tx, "lost").await;
    tx.publish(&Noted { text: "lost" }).await.unwrap();
    drop(tx);
    let mut tx = store.begin(&cx(&world, tenant(1))).await.unwrap();
    note(&tx, "kept").await;
    tx.publish(&Noted { text: "kept" }).await.unwrap();
    tx.commit(AuditEntry::done("note.write").with("text", "kept")).await.unwrap();

    let scope = store.read(tenant(1)).await.unwrap();
    assert_eq!(scope.find::<notes::Entity>().all().await.unwrap().len(), 1);
    assert_eq!(scope.find::<outbox_events::Entity>().all().await.unwrap().len(), 1);
    let trail = scope.find::<audit_entries::Entity>().all().await.unwrap();
    assert_eq!(trail.len(), 1);
    assert_eq!(trail[0].action, "note.write");
    assert_eq!(trail[0].details.0, serde_json::json!({ "text": "kept" }));
});

on_both_engines!(a_duplicate_names_its_columns, migrations(), |fresh| {
    let (world, store) = (TestWorld::new(), &fresh.store);
    let tx = store.begin(&cx(&world, tenant(1))).await.unwrap();
    note(&tx, "twice").await;
    let again = notes::ActiveModel {
        tenant_id: Set(tenant(1)),
        id: Set(tx.cx().fresh_id()),
        text: Set("twice".to_owned()),
    };
    let error = tx.insert::<notes::Entity>(again).await.unwrap_err();
    assert!(error.is_duplicate_of("test_notes", &["text"]), "{error}");
    assert!(!error.is_duplicate_of("test_notes", &["id"]), "{error}");
});

on_both_engines!(a_commit_is_told_in_this_process, migrations(), |fresh| {
    let (world, store) = (TestWorld::new(), &fresh.store);
    let mut changes = store.changes();
    let mut tx = store.begin(&cx(&world, tenant(3))).await.unwrap();
    tx.publish(&Noted { text: "x" }).await.unwrap();
    tx.commit(AuditEntry::done("note.write")).await.unwrap();
    let changed = changes.recv().await.unwrap();
    assert_eq!((changed.tenant, changed.events), (tenant(3), vec!["test.noted"]));
});

/// The database itself refuses what the types would not let through: without a tenant nothing is read, and the server's
/// role can neither change nor delete an audit entry.
#[tokio::test(flavor = "multi_thread")]
async fn row_level_security_is_a_floor() {
    let fresh = sekisho_teststore::fresh(Engine::Postgres, &migrations()).await;
    let world = TestWorld::new();
    let tx = fresh.store.begin(&cx(&world, tenant(1))).await.unwrap();
    note(&tx, "guarded").await;
    tx.commit(AuditEntry::done("note.write")).await.unwrap();

    let sekisho_storage::Place::Postgres { url, .. } = &fresh.options.place else { unreachable!() };
    #[expect(clippy::disallowed_methods, reason = "the test goes round the store on purpose")]
    let raw = sea_orm::Database::connect(url).await.unwrap();
    assert!(notes::Entity::find().all(&raw).await.is_err(), "an unset tenant must be an error");
    for (scope, rows) in [(tenant(1), 1), (tenant(2), 0)] {
        let tx = sea_orm::TransactionTrait::begin(&raw).await.unwrap();
        tx.execute_unprepared(&format!("SELECT set_config('sekisho.tenant', '{scope}', true)"))
            .await
            .unwrap();
        assert_eq!(notes::Entity::find().all(&tx).await.unwrap().len(), rows);
        for forbidden in ["DELETE FROM audit_entries", "UPDATE audit_entries SET action = 'x'"] {
            let nested = sea_orm::TransactionTrait::begin(&tx).await.unwrap();
            let error = nested.execute_unprepared(forbidden).await.unwrap_err().to_string();
            assert!(error.contains("permission denied"), "{error}");
        }
    }
}

/// A role that could switch row-level security off is refused at the start.
#[tokio::test(flavor = "multi_thread")]
async fn a_mighty_role_is_refused() {
    let fresh = sekisho_teststore::fresh(Engine::Postgres, &migrations()).await;
    let mut options = fresh.options.clone();
    if let sekisho_storage::Place::Postgres { url, owner_url } = &mut options.place {
        url.clone_from(owner_url);
    }
    let error = sekisho_storage::Store::open(&options, &migrations()).await.err().unwrap().to_string();
    assert!(error.contains("owns the tables"), "{error}");
}
