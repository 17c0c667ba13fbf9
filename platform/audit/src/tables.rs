//! The tree's tables: leaves, inner nodes, checkpoints, signing keys. Rows are added, never changed.

use sekisho_kernel::{EntryId, Timestamp};
use sekisho_storage::reseal::SealedColumn;
use sekisho_storage::{Migration, Table, tenant_table};

tenant_table!(/// One leaf an entry.
    leaves, "audit_leaves", {
    /// The entry.
    #[sea_orm(primary_key, auto_increment = false)]
    id: EntryId,
    /// Its place in the tree, from 0.
    leaf: i64,
    /// RFC 6962 leaf hash of the entry's canonical JSON.
    #[sea_orm(column_type = "Blob")]
    hash: Vec<u8>,
});

tenant_table!(/// Roots of full subtrees of 256, 65536 … leaves, from which proofs are made without reading all leaves.
    nodes, "audit_nodes", {
    /// Level and number, so that a range of ids is a range of nodes of one level.
    #[sea_orm(primary_key, auto_increment = false)]
    id: Uuid,
    /// Its hash.
    #[sea_orm(column_type = "Blob")]
    hash: Vec<u8>,
});

tenant_table!(/// Signed sizes and roots.
    checkpoints, "audit_checkpoints", {
    /// Ordered by time.
    #[sea_orm(primary_key, auto_increment = false)]
    id: Uuid,
    /// Leaves in the tree.
    size: i64,
    /// Roots of its full subtrees, largest first; the next fold goes on from here.
    #[sea_orm(column_type = "Blob")]
    frontier: Vec<u8>,
    /// The signed note (C2SP tlog-checkpoint).
    note: String,
    /// When.
    at: Timestamp,
});

tenant_table!(/// The keys that sign checkpoints.
    keys, "audit_keys", {
    /// The generation, so that two servers cannot both make the first one.
    #[sea_orm(primary_key, auto_increment = false)]
    id: Uuid,
    /// The public half, as the verifier takes it (C2SP signed-note).
    public: String,
    /// The private half, PKCS #8, sealed under the tenant's key.
    #[sea_orm(column_type = "Blob")]
    sealed: Vec<u8>,
    /// When it was made.
    created_at: Timestamp,
});

/// The columns that hold sealed values.
pub const SEALED: [SealedColumn; 1] = [SealedColumn::new("audit_keys", "sealed")];

/// Migrations of these tables; they come after storage's.
pub fn migrations() -> Vec<Migration> {
    vec![Migration {
        name: "20261122_audit_tree",
        changes: || {
            vec![
                Table::tenant("audit_leaves")
                    .integer("leaf")
                    .bytes("hash")
                    .unique(&["leaf"])
                    .append_only()
                    .into(),
                Table::tenant("audit_nodes").bytes("hash").append_only().into(),
                Table::tenant("audit_checkpoints")
                    .integer("size")
                    .bytes("frontier")
                    .text("note")
                    .integer("at")
                    .unique(&["size"])
                    .append_only()
                    .into(),
                Table::tenant("audit_keys").text("public").bytes("sealed").integer("created_at").into(),
            ]
        },
    }]
}
