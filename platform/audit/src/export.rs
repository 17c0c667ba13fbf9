//! The record as JSON Lines that prove themselves.
//!
//! The first line is a header. Then comes one line an entry, whose `entry` is byte for byte what was hashed; a checkpoint
//! stands right after the last entry it covers. A filtered export begins with its one checkpoint, carries a path to its root
//! with each entry, and ends with the checkpoint again, which shows that nothing was cut off.

use sea_orm::{ColumnTrait, Condition};
use sekisho_kernel::{Cx, EntryId};
use sekisho_storage::tables::audit_entries;
use sekisho_storage::{Scope, Scoped as _};
use serde::{Deserialize, Serialize};
use tlog_tiles::tlog::Hash;

use crate::search::in_tree;
use crate::sequencer::{signed, unsigned};
use crate::tables::{checkpoints, leaves};
use crate::{AuditError, Filter, Record, leaf, ocsf, proof};

/// Entries in one chunk.
const CHUNK: u64 = 500;
/// No more checkpoints than about so many stand in an export; a tenant makes up to 86,400 a day.
const MOST_CHECKPOINTS: u64 = 5000;

/// How entries are written.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Default, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Format {
    /// JSON Lines with proofs; what `sekisho audit verify` reads.
    #[default]
    Jsonl,
    /// JSON Lines in the Open Cybersecurity Schema Framework, for log collectors. Proves nothing.
    Ocsf,
}

/// The first line of an export.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Header {
    pub format: String,
    pub origin: String,
    pub key: String,
    pub kind: Kind,
    pub size: u64,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub(crate) enum Kind {
    Full,
    Filtered,
}

pub(crate) const FORMAT: &str = "sekisho-audit-1";

/// An export being written, chunk by chunk, so that a record of any length needs little memory.
pub struct Export {
    record: Record,
    cx: Cx,
    format: Format,
    filter: Filter,
    size: u64,
    prover: proof::Prover,
    at: At,
}

enum At {
    Start,
    /// Before this leaf; the size of the last checkpoint written.
    Leaf(u64, u64),
    /// After this entry.
    Entry(Option<EntryId>),
    End,
}

impl Export {
    /// An export of what `filter` finds, up to the newest checkpoint. An empty filter gives the full record.
    pub fn new(record: Record, cx: Cx, filter: Filter, format: Format) -> Self {
        Self { record, cx, format, filter, size: 0, prover: proof::Prover::default(), at: At::Start }
    }

    /// The next lines; `None` at the end.
    ///
    /// # Errors
    /// [`AuditError::Missing`] when nothing was ever folded; otherwise as [`Record::search`].
    pub async fn next_chunk(&mut self) -> Result<Option<String>, AuditError> {
        loop {
            let chunk = match std::mem::replace(&mut self.at, At::End) {
                At::Start => self.start().await?,
                At::Leaf(from, last) => self.leaves(from, last).await?,
                At::Entry(after) => self.entries(after).await?,
                At::End => return Ok(None),
            };
            // A chunk of a filtered export may find nothing that is folded yet.
            if !chunk.is_empty() {
                return Ok(Some(chunk));
            }
        }
    }

    /// The whole export at once; for small ones and tests.
    ///
    /// # Errors
    /// As [`Export::next_chunk`].
    pub async fn text(mut self) -> Result<String, AuditError> {
        let mut text = String::new();
        while let Some(chunk) = self.next_chunk().await? {
            text.push_str(&chunk);
        }
        Ok(text)
    }

    async fn start(&mut self) -> Result<String, AuditError> {
        let scope = self.record.store().read(self.cx.tenant).await?;
        let newest = proof::newest(&scope).await?.ok_or(AuditError::Missing)?;
        self.size = unsigned(newest.size);
        self.prover = proof::Prover::new(self.size);
        let full = self.filter.is_empty() && self.format == Format::Jsonl;
        self.at = if full { At::Leaf(0, 0) } else { At::Entry(None) };
        drop(scope);
        if self.format == Format::Ocsf {
            return Ok(String::new());
        }
        let key = self.record.public_key(self.cx.tenant).await?.ok_or(AuditError::Missing)?;
        let header = Header {
            format: FORMAT.to_owned(),
            origin: key.origin().to_owned(),
            key: key.to_string(),
            kind: if full { Kind::Full } else { Kind::Filtered },
            size: self.size,
        };
        let first = if full { String::new() } else { checkpoint_line(newest.note) };
        Ok(format!("{}\n{first}", serde_json::to_string(&header).unwrap_or_default()))
    }

    async fn leaves(&mut self, from: u64, mut last: u64) -> Result<String, AuditError> {
        let scope = self.record.store().read(self.cx.tenant).await?;
        let next = from.saturating_add(CHUNK).min(self.size);
        let range = Condition::all()
            .add(checkpoints::Column::Size.gt(signed(from)))
            .add(checkpoints::Column::Size.lte(signed(next)));
        let rows = scope
            .find::<checkpoints::Entity>()
            .filter(range)
            .ascending(checkpoints::Column::Size)
            .all()
            .await?;
        let mut checkpoints = rows.into_iter().peekable();
        let step = self.size / MOST_CHECKPOINTS;
        let mut text = String::new();
        for (leaf, entry) in in_tree(&scope, from, next - from).await? {
            let index = unsigned(leaf.leaf);
            // An entry that is gone leaves a gap, which the verifier names.
            if let Some(entry) = entry {
                text.push_str(&line(&entry, &hash(&leaf)?, index, None));
            }
            while let Some(row) = checkpoints.next_if(|row| unsigned(row.size) <= index + 1) {
                let size = unsigned(row.size);
                if size == self.size || size - last >= step {
                    text.push_str(&checkpoint_line(row.note));
                    last = size;
                }
            }
        }
        if next < self.size {
            self.at = At::Leaf(next, last);
        }
        Ok(text)
    }

    async fn entries(&mut self, after: Option<EntryId>) -> Result<String, AuditError> {
        let condition = self.record.condition(&self.cx, &self.filter).await?;
        let condition = condition.add_option(after.map(|after| audit_entries::Column::Id.gt(after)));
        let scope = self.record.store().read(self.cx.tenant).await?;
        let entries = scope
            .find::<audit_entries::Entity>()
            .filter(condition)
            .ascending(audit_entries::Column::Id)
            .limit(CHUNK)
            .all()
            .await?;
        let last = entries.last().map(|entry| entry.id);
        let mut text = String::new();
        if self.format == Format::Ocsf {
            for found in self.record.named(&self.cx, entries).await? {
                text.push_str(&ocsf::line(&found, self.cx.tenant));
            }
        } else {
            let ids = entries.iter().map(|entry| entry.id);
            let found = scope.find::<leaves::Entity>().filter(leaves::Column::Id.is_in(ids)).all().await?;
            for entry in &entries {
                let Some(leaf) = found.iter().find(|leaf| leaf.id == entry.id) else { continue };
                let index = unsigned(leaf.leaf);
                if index < self.size {
                    let path = self.prover.inclusion(&scope, index).await?;
                    text.push_str(&line(entry, &hash(leaf)?, index, Some(&path)));
                }
            }
        }
        match last {
            Some(last) => self.at = At::Entry(Some(last)),
            None if self.format == Format::Jsonl => text.push_str(&self.own_checkpoint(&scope).await?),
            None => {}
        }
        Ok(text)
    }

    async fn own_checkpoint(&self, scope: &Scope) -> Result<String, AuditError> {
        let size = checkpoints::Column::Size.eq(signed(self.size));
        let row = scope.find::<checkpoints::Entity>().filter(size).one().await?;
        Ok(checkpoint_line(row.ok_or(AuditError::Damaged("a checkpoint"))?.note))
    }
}

fn checkpoint_line(note: String) -> String {
    format!("{{\"checkpoint\":{}}}\n", serde_json::Value::String(note))
}

fn hash(leaf: &leaves::Model) -> Result<Hash, AuditError> {
    leaf.hash.as_slice().try_into().map(Hash).map_err(|_| AuditError::Damaged("a leaf"))
}

fn line(entry: &audit_entries::Model, hash: &Hash, index: u64, path: Option<&[Hash]>) -> String {
    format!("{{\"entry\":{}{}\n", leaf::to_text(entry), tail(hash, index, path))
}

/// What follows the entry in a line; written and, by the verifier, written again to compare.
pub(crate) fn tail(hash: &Hash, index: u64, path: Option<&[Hash]>) -> String {
    let proof = path.map_or_else(String::new, |path| {
        let hashes: Vec<_> = path.iter().map(|hash| format!("\"{hash}\"")).collect();
        format!(",\"proof\":[{}]", hashes.join(","))
    });
    format!(",\"hash\":\"{hash}\",\"index\":{index}{proof}}}")
}
