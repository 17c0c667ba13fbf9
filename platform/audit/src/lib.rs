//! Reading the append-only record: Merkle tree, checkpoints, search page, export, verification.
