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

/// Tiles held by a prover before it lets them go.
const MOST_TILES: usize = 256;
/// Hashes in a tile.
const TILE: u64 = 1 << STEP;

/// Makes proofs for the tree of one size. It keeps the tiles it read, so that the proofs of neighbours cost one reading.
#[derive(Default)]
pub(crate) struct Prover {
    size: u64,
    /// By level and number: up to 256 hashes of a stored level.
    tiles: HashMap<(u8, u64), Vec<Hash>>,
}

impl Prover {
    /// For the tree of `size` leaves.
    pub(crate) fn new(size: u64) -> Self {
        Self { size, tiles: HashMap::new() }
    }

    /// Proves that the leaf at `index` is in the tree.
    pub(crate) async fn inclusion(&mut self, scope: &Scope, index: u64) -> Result<Vec<Hash>, AuditError> {
        let size = self.size;
        self.in_two_passes(scope, |reader| prove_record(size, index, reader)).await
    }

    /// Proves that the tree begins with the tree of `earlier` leaves.
    pub(crate) async fn consistency(&mut self, scope: &Scope, earlier: u64) -> Result<Vec<Hash>, AuditError> {
        if earlier == 0 {
            return Ok(Vec::new());
        }
        let size = self.size;
        self.in_two_passes(scope, |reader| prove_tree(size, earlier, reader)).await
    }

    /// The prover reads hashes without waiting, the database is waited for: a first pass asks which hashes are wanted, a
    /// second has them.
    async fn in_two_passes(
        &mut self,
        scope: &Scope,
        prove: impl Fn(&Read) -> Result<Vec<Hash>, TreeError>,
    ) -> Result<Vec<Hash>, AuditError> {
        let mut read = Read::default();
        let wanted = match prove(&read) {
            Ok(proof) => return Ok(proof),
            Err(_) => read.wanted(),
        };
        if wanted.is_empty() {
            return Err(AuditError::Missing);
        }
        for index in wanted {
            let hash = self.hash(scope, index).await?;
            read.known.insert(index, hash);
        }
        prove(&read).map_err(|_| DAMAGED)
    }

    /// One hash of the tree, made from the tile below it.
    async fn hash(&mut self, scope: &Scope, index: u64) -> Result<Hash, AuditError> {
        let (level, number) = split_stored_hash_index(index);
        let (stored, above) = (level / STEP * STEP, level % STEP);
        let first = number << above;
        let tile = self.tile(scope, stored, first / TILE).await?;
        let from = usize::try_from(first % TILE).map_err(|_| DAMAGED)?;
        let hashes = tile.get(from..from + (1 << above)).ok_or(DAMAGED)?;
        let mut edge = Frontier::default();
        for hash in hashes {
            edge.push(*hash, |_| {});
        }
        Ok(edge.root())
    }

    async fn tile(&mut self, scope: &Scope, level: u8, number: u64) -> Result<&Vec<Hash>, AuditError> {
        if !self.tiles.contains_key(&(level, number)) {
            if self.tiles.len() >= MOST_TILES {
                self.tiles.clear();
            }
            let tile = load(scope, level, number).await?;
            self.tiles.insert((level, number), tile);
        }
        self.tiles.get(&(level, number)).ok_or(DAMAGED)
    }
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

/// Up to 256 neighbouring hashes of a stored level.
async fn load(scope: &Scope, level: u8, number: u64) -> Result<Vec<Hash>, AuditError> {
    let first = number.saturating_mul(TILE);
    let end = first.saturating_add(TILE);
    let rows: Vec<Vec<u8>> = if level == 0 {
        let range = Condition::all()
            .add(leaves::Column::Leaf.gte(signed(first)))
            .add(leaves::Column::Leaf.lt(signed(end)));
        let rows = scope.find::<leaves::Entity>().filter(range).ascending(leaves::Column::Leaf).all().await?;
        rows.into_iter().map(|row| row.hash).collect()
    } else {
        let range = Condition::all()
            .add(nodes::Column::Id.gte(node_id(level, first)))
            .add(nodes::Column::Id.lt(node_id(level, end)));
        let rows = scope.find::<nodes::Entity>().filter(range).ascending(nodes::Column::Id).all().await?;
        rows.into_iter().map(|row| row.hash).collect()
    };
    rows.into_iter().map(|row| row.try_into().map(Hash).map_err(|_| DAMAGED)).collect()
}
