//! The growing edge of a Merkle tree: the roots of its full subtrees, to which leaves are added one by one.

use tlog_tiles::tlog::{EMPTY_HASH, HASH_SIZE, Hash, node_hash};

/// Every eighth level of nodes is stored.
pub(crate) const STEP: u8 = 8;

/// A node that became full, at a level that is stored.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(crate) struct Full {
    pub level: u8,
    pub number: u64,
    pub hash: Hash,
}

/// The edge of a tree of `size` leaves: one hash for each bit of the size that is set, largest subtree first.
#[derive(Clone, Debug, Default, PartialEq)]
pub(crate) struct Frontier {
    size: u64,
    peaks: Vec<Hash>,
}

impl Frontier {
    /// From the bytes of [`Frontier::to_bytes`]; `None` when they do not fit the size.
    pub(crate) fn from_bytes(size: u64, bytes: &[u8]) -> Option<Self> {
        let (hashes, []) = bytes.as_chunks::<HASH_SIZE>() else { return None };
        let peaks: Vec<_> = hashes.iter().map(|hash| Hash(*hash)).collect();
        (u64::try_from(peaks.len()) == Ok(u64::from(size.count_ones()))).then_some(Self { size, peaks })
    }

    pub(crate) fn to_bytes(&self) -> Vec<u8> {
        self.peaks.iter().flat_map(|hash| hash.0).collect()
    }

    pub(crate) fn size(&self) -> u64 {
        self.size
    }

    /// Adds a leaf; tells of each stored node that it filled.
    pub(crate) fn push(&mut self, leaf: Hash, mut full: impl FnMut(Full)) {
        let (mut hash, mut number, mut level) = (leaf, self.size, 0);
        // Each bit set at the end is a full subtree on the left, of the same height as what we carry.
        while number & 1 == 1 {
            let Some(left) = self.peaks.pop() else { break };
            hash = node_hash(left, hash);
            number >>= 1;
            level += 1;
            if level % STEP == 0 {
                full(Full { level, number, hash });
            }
        }
        self.peaks.push(hash);
        self.size += 1;
    }

    /// The root (RFC 6962).
    pub(crate) fn root(&self) -> Hash {
        self.peaks.iter().rev().copied().reduce(|right, left| node_hash(left, right)).unwrap_or(EMPTY_HASH)
    }
}

#[cfg(test)]
mod tests {
    use super::{Frontier, Full};
    use std::cell::RefCell;
    use tlog_tiles::tlog::{
        Error, Hash, HashReader, record_hash, stored_hash_index, stored_hashes, tree_hash,
    };

    struct All(RefCell<Vec<Hash>>);
    impl HashReader for All {
        fn read_hashes(&self, indexes: &[u64]) -> Result<Vec<Hash>, Error> {
            Ok(indexes.iter().map(|index| self.0.borrow()[usize::try_from(*index).unwrap()]).collect())
        }
    }

    #[test]
    fn has_the_roots_and_nodes_of_the_published_tree() {
        let all = All(RefCell::default());
        let mut edge = Frontier::default();
        for number in 0..1100_u64 {
            assert_eq!(edge.root(), tree_hash(number, &all).unwrap(), "{number}");
            let text = format!("entry {number}");
            let hashes = stored_hashes(number, text.as_bytes(), &all).unwrap();
            all.0.borrow_mut().extend(hashes);
            let mut full = Vec::new();
            edge.push(record_hash(text.as_bytes()), |node| full.push(node));
            for Full { level, number, hash } in full {
                let index = usize::try_from(stored_hash_index(level, number)).unwrap();
                assert_eq!(hash, all.0.borrow()[index]);
            }
            let back = Frontier::from_bytes(edge.size(), &edge.to_bytes()).unwrap();
            assert_eq!(back, edge);
        }
        assert!(Frontier::from_bytes(3, &[0; 32]).is_none());
        assert!(Frontier::from_bytes(1, &[0; 31]).is_none());
    }
}
