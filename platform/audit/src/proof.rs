//! Reading the stored tree: its edge, checkpoints, and proofs that an entry, or an earlier tree, is in it.

use std::collections::HashMap;

use sea_orm::{ColumnTrait, Condition};
use sekisho_storage::{Scope, Scoped as _};
use tlog_tiles::tlog::{
    Error as TreeError, Hash, HashReader, prove_record, prove_tree, split_stored_hash_index,
};

use crate::AuditError;
use crate::sequencer::{node_id, signed, unsigned};
use crate::tables::{checkpoints, leaves, nodes};
use crate::tree::{Frontier, STEP};

const DAMAGED: AuditError = AuditError::Damaged("hashes are missing");

/// The proof that an entry is in the tree of a size.
#[derive(Clone, Debug, PartialEq)]
pub struct Inclusion {
    /// The entry's place in the tree, from 0.
    pub index: u64,
    /// The tree's size the proof is for.
    pub size: u64,
    /// The entry's leaf hash.
    pub hash: Hash,
    /// The hashes that lead from the leaf to the root (RFC 6962, 2.1.1).
    pub path: Vec<Hash>,
}

/// The newest checkpoint, if any.
pub(crate) async fn newest(scope: &Scope) -> Result<Option<checkpoints::Model>, AuditError> {
    Ok(scope.find::<checkpoints::Entity>().descending(checkpoints::Column::Size).one().await?)
}

/// The first checkpoint that covers leaf `index`.
pub(crate) async fn covering(scope: &Scope, index: u64) -> Result<Option<checkpoints::Model>, AuditError> {
    Ok(scope
        .find::<checkpoints::Entity>()
        .filter(checkpoints::Column::Size.gt(signed(index)))
        .ascending(checkpoints::Column::Size)
        .one()
        .await?)
}

/// The edge the next fold goes on from.
pub(crate) async fn edge(scope: &Scope) -> Result<Frontier, AuditError> {
    match newest(scope).await? {
        None => Ok(Frontier::default()),
        Some(row) => Frontier::from_bytes(unsigned(row.size), &row.frontier)
            .ok_or(AuditError::Damaged("the edge of the tree is not readable")),
    }
}

/// Proves that the leaf at `index` is in the tree of `size` leaves.
pub(crate) async fn inclusion(scope: &Scope, size: u64, index: u64) -> Result<Vec<Hash>, AuditError> {
    let path = in_two_passes(scope, |reader| prove_record(size, index, reader)).await?;
    Ok(path)
}

/// Proves that the tree of `size` leaves begins with the tree of `earlier` leaves.
pub(crate) async fn consistency(scope: &Scope, size: u64, earlier: u64) -> Result<Vec<Hash>, AuditError> {
    if earlier == 0 {
        return Ok(Vec::new());
    }
    in_two_passes(scope, |reader| prove_tree(size, earlier, reader)).await
}

/// The prover reads hashes without waiting, the database is waited for: a first pass asks which hashes are wanted, a
/// second has them.
async fn in_two_passes(
    scope: &Scope,
    prove: impl Fn(&Read) -> Result<Vec<Hash>, TreeError>,
) -> Result<Vec<Hash>, AuditError> {
    let wanted = Read::default();
    match prove(&wanted) {
        Ok(proof) => return Ok(proof),
        Err(_) if wanted.wanted().is_empty() => return Err(AuditError::Missing),
        Err(_) => {}
    }
    let mut read = Read::default();
    for index in wanted.wanted() {
        read.known.insert(index, load(scope, index).await?);
    }
    prove(&read).map_err(|_| DAMAGED)
}

#[derive(Default)]
struct Read {
    known: HashMap<u64, Hash>,
    wanted: std::sync::Mutex<Vec<u64>>,
}

impl Read {
    fn wanted(&self) -> Vec<u64> {
        self.wanted.lock().map(|wanted| wanted.clone()).unwrap_or_default()
    }
}

impl HashReader for Read {
    fn read_hashes(&self, indexes: &[u64]) -> Result<Vec<Hash>, TreeError> {
        let known: Option<Vec<_>> = indexes.iter().map(|index| self.known.get(index).copied()).collect();
        known.ok_or_else(|| {
            if let Ok(mut wanted) = self.wanted.lock() {
                wanted.extend_from_slice(indexes);
            }
            TreeError::IndexesNotInTree
        })
    }
}

/// One hash of the tree, made from the next stored level below it: at most 128 rows.
async fn load(scope: &Scope, index: u64) -> Result<Hash, AuditError> {
    let (level, number) = split_stored_hash_index(index);
    let (stored, above) = (level / STEP * STEP, level % STEP);
    let (first, count) = (number << above, 1_u64 << above);
    let rows: Vec<Vec<u8>> = if stored == 0 {
        let range = Condition::all()
            .add(leaves::Column::Leaf.gte(signed(first)))
            .add(leaves::Column::Leaf.lt(signed(first.saturating_add(count))));
        let rows = scope.find::<leaves::Entity>().filter(range).ascending(leaves::Column::Leaf).all().await?;
        rows.into_iter().map(|row| row.hash).collect()
    } else {
        let range = Condition::all()
            .add(nodes::Column::Id.gte(node_id(stored, first)))
            .add(nodes::Column::Id.lt(node_id(stored, first.saturating_add(count))));
        let rows = scope.find::<nodes::Entity>().filter(range).ascending(nodes::Column::Id).all().await?;
        rows.into_iter().map(|row| row.hash).collect()
    };
    if u64::try_from(rows.len()) != Ok(count) {
        return Err(DAMAGED);
    }
    let mut edge = Frontier::default();
    for row in rows {
        edge.push(Hash(row.try_into().map_err(|_| DAMAGED)?), |_| {});
    }
    Ok(edge.root())
}
