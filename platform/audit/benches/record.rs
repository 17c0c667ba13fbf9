//! How fast the record is written, folded, exported and verified, beside a bare hash chain over the same bytes.
//!
//! `cargo bench -p sekisho-audit`. Goal: ≥ 500,000 leaves a second verified offline.
#![allow(
    clippy::unwrap_used,
    clippy::print_stdout,
    clippy::disallowed_methods,
    reason = "a benchmark: it measures, prints, and may fail"
)]

use std::collections::HashMap;
use std::sync::Arc;
use std::time::Instant;

use async_trait::async_trait;
use sekisho_audit::{Export, Filter, Format, Names, NamesError, Record, Sequencer, verify_file};
use sekisho_crypto::{LocalKeyFile, Vault, sha256};
use sekisho_kernel::{AuditEntry, Cx};
use sekisho_storage::{Engine, keys::StoredKeys};
use sekisho_teststore::{TestWorld, cx, fresh, tenant};
use uuid::Uuid;

const ACTS: usize = 200;
const ENTRIES_AN_ACT: usize = 250;
const COPIES: usize = 10;

struct Nobody;

#[async_trait]
impl Names for Nobody {
    async fn names(&self, _: &Cx, _: &[Uuid]) -> Result<HashMap<Uuid, String>, NamesError> {
        Ok(HashMap::new())
    }
    async fn matching(&self, _: &Cx, _: &str) -> Result<Vec<Uuid>, NamesError> {
        Ok(Vec::new())
    }
}

fn entry(number: usize) -> AuditEntry {
    AuditEntry::done("key.take_out")
        .on("key", Uuid::from_u128(number as u128), format!("Van {number}"))
        .decided(serde_json::json!({ "allowed": true, "grant": Uuid::nil(), "policies": [], "revision": number,
            "reasons": [{ "reason": "granted_by", "grant": Uuid::nil(), "subjects": [{ "kind": "person", "id": Uuid::nil() }],
                "targets": [{ "on": "resource", "id": Uuid::nil() }] }] }))
        .with("bin", number % 16)
}

/// Says how fast something went, and returns how many there were a second.
fn told(what: &str, count: usize, since: Instant) -> f64 {
    let seconds = since.elapsed().as_secs_f64();
    println!("{what:<44} {:>10.0} /s   ({count} in {seconds:.2} s)", count as f64 / seconds);
    count as f64 / seconds
}

/// A figure as `make bench` collects it.
fn figure(what: &str, rate: f64, beside: &str, least: f64) {
    let said = serde_json::json!({
        "what": what, "ours": format!("{rate:.0} a second"), "beside": beside,
        "budget": if least > 0.0 { format!("≥ {least:.0} a second") } else { String::new() },
        "holds": (least > 0.0).then_some(rate >= least),
    });
    println!("@ {said}");
}

#[tokio::main]
async fn main() {
    let mut migrations = sekisho_storage::migrations();
    migrations.extend(sekisho_audit::migrations());
    let fresh = fresh(Engine::Sqlite, &migrations).await;
    let (world, dir) = (TestWorld::new(), tempfile::tempdir().unwrap());
    let file = LocalKeyFile::open_or_create(&dir.path().join("key"), &*world).unwrap();
    let keys = StoredKeys::new(fresh.store.clone(), world.clone());
    let vault = Vault::new(Arc::new(file), Arc::new(keys), world.clone());
    let sequencer = Sequencer::new(fresh.store.clone(), vault, world.clone());
    let record = Record::new(fresh.store.clone(), Arc::new(Nobody));
    sequencer.fold(tenant(1)).await.unwrap();

    let count = ACTS * ENTRIES_AN_ACT;
    let since = Instant::now();
    for act in 0..ACTS {
        let mut tx = fresh.store.begin(&cx(&world, tenant(1))).await.unwrap();
        for number in 1..ENTRIES_AN_ACT {
            tx.record(entry(act * ENTRIES_AN_ACT + number));
        }
        tx.commit(entry(act * ENTRIES_AN_ACT)).await.unwrap();
    }
    let written = told("entries written (SQLite, in batches of 250)", count, since);
    let since = Instant::now();
    let folded = sequencer.fold(tenant(1)).await.unwrap();
    told("leaves folded (SQLite)", usize::try_from(folded.entries).unwrap(), since);
    let since = Instant::now();
    let export = Export::new(record.clone(), cx(&world, tenant(1)), Filter::default(), Format::Jsonl);
    let text = export.text().await.unwrap();
    told("entries exported", count, since);
    let filter = Filter { action: Some("key.".to_owned()), ..Filter::default() };
    let since = Instant::now();
    let filtered =
        Export::new(record.clone(), cx(&world, tenant(1)), filter, Format::Jsonl).text().await.unwrap();
    told("entries exported, each with its proof", count, since);

    let key = record.public_key(tenant(1)).await.unwrap().unwrap().to_string();
    let since = Instant::now();
    for _ in 0..COPIES {
        assert!(verify_file(text.as_bytes(), &key).unwrap().holds());
    }
    let verified = told("leaves verified", count * COPIES, since);
    let since = Instant::now();
    assert!(verify_file(filtered.as_bytes(), &key).unwrap().holds());
    told("entries verified by their proofs", count, since);
    let since = Instant::now();
    let mut head = [0; 32];
    for _ in 0..COPIES {
        for line in text.lines() {
            head = sha256(&[&head, line.as_bytes()].concat());
        }
    }
    assert_ne!(head, [0; 32]);
    let chain = told("peer: a bare hash chain over the same lines", count * COPIES, since);
    figure("entries of the record written, in acts of 250, SQLite", written, "", 0.0);
    let beside = format!("a bare hash chain over the same lines: {chain:.0} a second");
    figure("entries of an exported record verified offline", verified, &beside, 500_000.0);
}
