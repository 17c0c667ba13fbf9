//! The record: every entry of a tenant in one Merkle tree (C2SP tlog-tiles), its root signed as a checkpoint, searched,
//! exported, and proved with nothing but the export and a public key.
//!
//! Entries are written by [`sekisho_storage::Tx::commit`] in the transaction of the act. The [`Sequencer`] folds them into
//! the tree; [`Record`] reads them; [`verify()`] checks an export without any database.

mod api;
mod ask;
mod checkpoint;
mod error;
mod export;
mod leaf;
mod mistakes;
mod ocsf;
mod pages;
mod ports;
mod proof;
mod search;
mod sequencer;
pub mod tables;
mod tree;
mod verify;
mod words;

pub use checkpoint::{PublicKey, SignedCheckpoint};
pub use error::AuditError;
pub use export::{Export, Format};
pub use pages::samplers;
pub use ports::{Names, NamesError};
pub use proof::Inclusion;
pub use search::{Filter, Found, Record};
pub use sequencer::{Folded, Sequencer};
pub use tables::{SEALED, migrations};
pub use verify::{Problem, Report, VerifyError, verify, verify_file};

use std::sync::Arc;

use sekisho_crypto::Vault;
use sekisho_kernel::{AuditEntry, Cx, World};
use sekisho_storage::Store;
use sekisho_web::{Access, Asker, Markup, Mounted, NavItem, Routes, TextSource};
use utoipa::OpenApi as _;

/// The record as the host mounts it: reading, folding, pages and API.
#[derive(Clone)]
pub struct Audit {
    /// Reads.
    pub record: Record,
    /// Folds; a worker calls [`Sequencer::fold_all`] every second.
    pub sequencer: Sequencer,
}

impl Audit {
    /// Over the store.
    pub fn new(store: Store, vault: Vault, names: Arc<dyn Names>, world: Arc<dyn World>) -> Self {
        Self { record: Record::new(store.clone(), names), sequencer: Sequencer::new(store, vault, world) }
    }

    /// An export that reaches to this moment: what waits is folded first, and that somebody took the record out of the
    /// house is itself recorded.
    ///
    /// # Errors
    /// As [`Export::next_chunk`].
    pub async fn export(&self, cx: &Cx, filter: Filter, format: Format) -> Result<Export, AuditError> {
        self.note_export(cx, &filter, &format!("{format:?}").to_lowercase()).await?;
        self.sequencer.fold(cx.tenant).await?;
        Ok(Export::new(self.record.clone(), cx.clone(), filter, format))
    }

    pub(crate) async fn note_export(&self, cx: &Cx, filter: &Filter, format: &str) -> Result<(), AuditError> {
        let tx = self.record.store().begin(cx).await?;
        let entry =
            AuditEntry::done("audit.export").with("format", format).with("filter", filter.without_text());
        Ok(tx.commit(entry).await?)
    }

    /// The newest acts worth telling of as sentences, for the first page; `None` when there are none.
    pub async fn latest(&self, asker: &Asker, count: usize) -> sekisho_web::Result<Option<Markup>> {
        pages::latest(self, asker, count).await
    }

    /// Refusals of the last day that look like mistakes, for the first page; `None` when there are none.
    pub async fn mistakes(&self, asker: &Asker) -> sekisho_web::Result<Option<Markup>> {
        mistakes::card(self, asker).await
    }

    /// Pages and API.
    pub fn routes(self) -> Mounted {
        Routes::new("audit")
            .get("/record", Access::Administrator, pages::list)
            .get("/record/verify", Access::Administrator, pages::how_to_verify)
            .get("/record/key", Access::Administrator, pages::key_file)
            .get("/record/checkpoint", Access::Administrator, pages::checkpoint_file)
            .get("/record/export.csv", Access::Administrator, pages::export_csv)
            .get("/record/export.jsonl", Access::Administrator, pages::export_jsonl)
            .get("/record/{id}", Access::Administrator, pages::entry)
            .get("/api/v1/audit-entries", Access::Administrator, api::list)
            .get("/api/v1/audit-entries/{id}", Access::Administrator, api::entry)
            .get("/api/v1/audit/checkpoint", Access::Administrator, api::checkpoint)
            .get("/api/v1/audit/export", Access::Administrator, api::export)
            .describe(api::Description::openapi)
            .with_state(self)
    }
}

/// The record's place in the rail.
pub fn nav() -> NavItem {
    NavItem { order: 80, text: "audit-title", href: "/record", icon: "book", administrator_only: true }
}

/// The texts of these pages.
pub fn texts() -> TextSource {
    TextSource {
        module: "audit",
        ja: concat!(include_str!("../texts/ja.ftl"), "\n", include_str!("../texts/acts/ja.ftl")),
        en: concat!(include_str!("../texts/en.ftl"), "\n", include_str!("../texts/acts/en.ftl")),
        zh: "",
        ko: "",
    }
}
