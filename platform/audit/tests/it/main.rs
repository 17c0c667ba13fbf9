//! The record cannot be changed unseen: folding, proofs, exports and their verification, search, pages.
#![allow(clippy::unwrap_used, clippy::panic, clippy::indexing_slicing, reason = "test code")]

mod fold;
mod pages;
mod search;
mod tamper;

use std::collections::HashMap;
use std::sync::Arc;

use async_trait::async_trait;
use sekisho_audit::{Export, Filter, Format, Names, NamesError, Record, Sequencer};
use sekisho_crypto::{LocalKeyFile, Vault};
use sekisho_kernel::{Actor, AuditEntry, Cx, PersonId, World};
use sekisho_storage::keys::StoredKeys;
use sekisho_storage::{Migration, Store};
use sekisho_teststore::{TestWorld, cx, tenant};
use uuid::Uuid;

fn migrations() -> Vec<Migration> {
    let mut all = sekisho_storage::migrations();
    all.extend(sekisho_audit::migrations());
    all
}

/// Everybody the tests know by name.
struct Known;

const SATO: PersonId = PersonId(Uuid::from_u128(0x5a70));

#[async_trait]
impl Names for Known {
    async fn names(&self, _: &Cx, ids: &[Uuid]) -> Result<HashMap<Uuid, String>, NamesError> {
        Ok(ids.iter().filter(|id| **id == SATO.uuid()).map(|id| (*id, "佐藤 花子".to_owned())).collect())
    }
    async fn matching(&self, _: &Cx, text: &str) -> Result<Vec<Uuid>, NamesError> {
        Ok(if "佐藤 花子".contains(text) { vec![SATO.uuid()] } else { Vec::new() })
    }
}

struct Ground {
    world: Arc<TestWorld>,
    store: Store,
    sequencer: Sequencer,
    record: Record,
    vault: Vault,
    _dir: tempfile::TempDir,
}

impl Ground {
    fn new(store: &Store) -> Self {
        let (world, dir) = (TestWorld::new(), tempfile::tempdir().unwrap());
        let file = LocalKeyFile::open_or_create(&dir.path().join("key"), &*world).unwrap();
        let keys = StoredKeys::new(store.clone(), world.clone());
        let vault = Vault::new(Arc::new(file), Arc::new(keys), world.clone());
        Self {
            sequencer: Sequencer::new(store.clone(), vault.clone(), world.clone()),
            record: Record::new(store.clone(), Arc::new(Known)),
            vault,
            store: store.clone(),
            world,
            _dir: dir,
        }
    }

    fn cx(&self) -> Cx {
        cx(&self.world, tenant(1)).acting_as(Actor::Person { id: SATO })
    }

    /// Writes an entry.
    async fn act(&self, number: usize) {
        let entry = AuditEntry::done("key.take_out")
            .on("key", Uuid::from_u128(number as u128), format!("Van {number}"))
            .decided(
                serde_json::json!({ "allowed": true, "reasons": ["グループ「配送」", { "grant": number }] }),
            )
            .with("bin", number)
            .with("ratio", 0.1 * number as f64);
        let tx = self.store.begin(&self.cx()).await.unwrap();
        tx.commit(entry).await.unwrap();
    }

    async fn export(&self, filter: Filter) -> String {
        Export::new(self.record.clone(), self.cx(), filter, Format::Jsonl).text().await.unwrap()
    }

    async fn key(&self) -> String {
        self.record.public_key(tenant(1)).await.unwrap().unwrap().to_string()
    }

    fn world(&self) -> Arc<dyn World> {
        self.world.clone()
    }
}
