//! Every entry is folded in once, however late it commits and however many servers fold.

use sea_orm::{ActiveValue::Set, ColumnTrait as _};
use sekisho_audit::{Filter, Folded, Problem, tables, verify_file};
use sekisho_kernel::{AuditEntry, Cx};
use sekisho_storage::tables::{audit_entries, audit_pending};
use sekisho_storage::{Engine, Scoped as _};
use sekisho_teststore::{on_both_engines, tenant};

use crate::{Ground, migrations};

on_both_engines!(entries_are_folded_once_and_proved_at_every_size, migrations(), |fresh| {
    let ground = Ground::new(&fresh.store);
    // The tenant's keys and the signing key are acts of their own.
    let mut written = 0;
    for round in 0..12_usize {
        for number in 0..=round * 3 {
            ground.act(number).await;
            written += 1;
        }
        ground.sequencer.fold_all().await.unwrap();
        let export = ground.export(Filter::default()).await;
        let report = verify_file(export.as_bytes(), &ground.key().await).unwrap();
        assert!(report.holds(), "{:?}", report.problems);
        assert!(report.full && report.size >= written && report.entries == report.size);
    }
    assert_eq!(ground.sequencer.fold_all().await.unwrap(), Folded::default(), "nothing is left");
    let scope = ground.store.read(tenant(1)).await.unwrap();
    let entries = scope.find::<audit_entries::Entity>().all().await.unwrap();
    assert_eq!(scope.find::<tables::leaves::Entity>().count().await.unwrap(), entries.len() as u64);
    drop(scope);
    for entry in entries {
        let (proof, note) = ground.record.inclusion(&ground.cx(), entry.id).await.unwrap().unwrap();
        assert!(proof.index < proof.size && note.starts_with("sekisho/"));
    }
    for earlier in 0..=10 {
        ground.record.consistency(tenant(1), earlier).await.unwrap();
    }
    assert!(ground.record.consistency(tenant(1), 1_000_000).await.is_err());
    assert!(ground.record.newest_holds(tenant(1)).await.unwrap());
});

on_both_engines!(an_entry_of_a_long_transaction_comes_late_but_comes, migrations(), |fresh| {
    let ground = Ground::new(&fresh.store);
    let slow = ground.cx();
    for number in 0..5 {
        ground.act(number).await;
    }
    ground.sequencer.fold(tenant(1)).await.unwrap();
    // The context was made first, so the entry's id is older than all those folded.
    let tx = ground.store.begin(&slow).await.unwrap();
    tx.commit(AuditEntry::done("report.export")).await.unwrap();
    ground.sequencer.fold(tenant(1)).await.unwrap();
    let export = ground.export(Filter::default()).await;
    assert!(export.contains("report.export"));
    assert!(verify_file(export.as_bytes(), &ground.key().await).unwrap().holds());
    let filter = Filter { action: Some("report.".to_owned()), ..Filter::default() };
    let export = ground.export(filter).await;
    let report = verify_file(export.as_bytes(), &ground.key().await).unwrap();
    assert!(report.holds() && report.entries == 1 && !report.full, "{report:?}");
});

on_both_engines!(servers_that_fold_at_once_do_not_fold_twice, migrations(), |fresh| {
    let ground = Ground::new(&fresh.store);
    ground.act(0).await;
    ground.sequencer.fold(tenant(1)).await.unwrap();
    for number in 0..60 {
        ground.act(number).await;
    }
    let folds = (0..4).map(|_| {
        let sequencer = ground.sequencer.clone();
        tokio::spawn(async move { sequencer.fold(tenant(1)).await })
    });
    let mut folded = 0;
    for fold in folds.collect::<Vec<_>>() {
        folded += fold.await.unwrap().unwrap().entries;
    }
    // The signing key's own entry came after the first fold began.
    assert!((60..=62).contains(&folded), "{folded}");
    let export = ground.export(Filter::default()).await;
    assert!(verify_file(export.as_bytes(), &ground.key().await).unwrap().holds());
});

on_both_engines!(tenants_have_trees_of_their_own, migrations(), |fresh| {
    let ground = Ground::new(&fresh.store);
    ground.act(0).await;
    let other = Cx::system(ground.world(), tenant(2), "test");
    let tx = ground.store.begin(&other).await.unwrap();
    tx.commit(AuditEntry::done("secret.of_another")).await.unwrap();
    ground.sequencer.fold_all().await.unwrap();
    let export = ground.export(Filter::default()).await;
    assert!(!export.contains("secret.of_another"));
    let key = ground.record.public_key(tenant(2)).await.unwrap().unwrap().to_string();
    assert!(verify_file(export.as_bytes(), &key).is_err());
    assert_ne!(key, ground.key().await);
    assert!(ground.record.checkpoint(tenant(3)).await.unwrap().is_none());
});

on_both_engines!(an_entry_that_vanishes_before_folding_is_reported, migrations(), |fresh| {
    let ground = Ground::new(&fresh.store);
    ground.act(0).await;
    let cx = ground.cx();
    let tx = ground.store.begin(&cx).await.unwrap();
    // Somebody wrote to the tables: an entry is awaited that is not there.
    tx.insert::<audit_pending::Entity>(audit_pending::ActiveModel {
        tenant_id: Set(tenant(1)),
        id: Set(cx.fresh_id()),
    })
    .await
    .unwrap();
    tx.commit_bookkeeping("a test").await.unwrap();
    ground.sequencer.fold(tenant(1)).await.unwrap();
    // The report is an entry itself, and came while the fold was under way.
    ground.sequencer.fold(tenant(1)).await.unwrap();
    let export = ground.export(Filter::default()).await;
    assert!(export.contains("audit.entry_vanished"));
    assert!(verify_file(export.as_bytes(), &ground.key().await).unwrap().holds());
});

on_both_engines!(a_row_changed_in_the_database_shows_or_is_refused, migrations(), |fresh| {
    let ground = Ground::new(&fresh.store);
    for number in 0..4 {
        ground.act(number).await;
    }
    ground.sequencer.fold(tenant(1)).await.unwrap();
    let tx = ground.store.begin(&ground.cx()).await.unwrap();
    let changed = tx
        .update::<audit_entries::Entity>()
        .set(audit_entries::Column::TargetName, "Bicycle 2")
        .filter(audit_entries::Column::TargetName.eq("Van 2"))
        .exec()
        .await;
    if fresh.store.engine() == Engine::Postgres {
        assert!(changed.is_err(), "the server's role has no right to change entries");
        return;
    }
    tx.commit_bookkeeping("a test").await.unwrap();
    let export = ground.export(Filter::default()).await;
    let report = verify_file(export.as_bytes(), &ground.key().await).unwrap();
    assert!(matches!(report.problems[..], [Problem::Changed { .. }]), "{report:?}");
});

on_both_engines!(the_record_of_an_erased_tenant_ends_and_still_verifies, migrations(), |fresh| {
    let ground = Ground::new(&fresh.store);
    ground.act(0).await;
    ground.sequencer.fold(tenant(1)).await.unwrap();
    ground.vault.erase(tenant(1)).await.unwrap();
    ground.act(1).await;
    assert_eq!(ground.sequencer.fold(tenant(1)).await.unwrap(), Folded::default());
    let export = ground.export(Filter::default()).await;
    assert!(!export.contains("Van 1"));
    assert!(verify_file(export.as_bytes(), &ground.key().await).unwrap().holds());
});
