//! The tree's tables: leaves, inner nodes, checkpoints, signing keys. Rows are added, never changed.

use sekisho_storage::reseal::SealedColumn;
use sekisho_storage::{Migration, Table};

/// One leaf an entry.
pub mod leaves {
    use sea_orm::entity::prelude::*;
    use sekisho_kernel::{EntryId, TenantId};

    /// One leaf.
    #[derive(Clone, Debug, PartialEq, DeriveEntityModel)]
    #[sea_orm(table_name = "audit_leaves")]
    pub struct Model {
        /// Whose record.
        #[sea_orm(primary_key, auto_increment = false)]
        pub tenant_id: TenantId,
        /// The entry.
        #[sea_orm(primary_key, auto_increment = false)]
        pub id: EntryId,
        /// Its place in the tree, from 0.
        pub leaf: i64,
        /// RFC 6962 leaf hash of the entry's canonical JSON.
        #[sea_orm(column_type = "Blob")]
        pub hash: Vec<u8>,
    }

    /// None.
    #[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
    pub enum Relation {}
    impl ActiveModelBehavior for ActiveModel {}
    sekisho_storage::tenant_entity!();
}

/// Roots of full subtrees of 256, 65536 … leaves, from which proofs are made without reading all leaves.
pub mod nodes {
    use sea_orm::entity::prelude::*;
    use sekisho_kernel::TenantId;

    /// One node.
    #[derive(Clone, Debug, PartialEq, DeriveEntityModel)]
    #[sea_orm(table_name = "audit_nodes")]
    pub struct Model {
        /// Whose record.
        #[sea_orm(primary_key, auto_increment = false)]
        pub tenant_id: TenantId,
        /// Level and number, so that a range of ids is a range of nodes of one level.
        #[sea_orm(primary_key, auto_increment = false)]
        pub id: Uuid,
        /// Its hash.
        #[sea_orm(column_type = "Blob")]
        pub hash: Vec<u8>,
    }

    /// None.
    #[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
    pub enum Relation {}
    impl ActiveModelBehavior for ActiveModel {}
    sekisho_storage::tenant_entity!();
}

/// Signed sizes and roots.
pub mod checkpoints {
    use sea_orm::entity::prelude::*;
    use sekisho_kernel::{TenantId, Timestamp};

    /// One checkpoint.
    #[derive(Clone, Debug, PartialEq, DeriveEntityModel)]
    #[sea_orm(table_name = "audit_checkpoints")]
    pub struct Model {
        /// Whose record.
        #[sea_orm(primary_key, auto_increment = false)]
        pub tenant_id: TenantId,
        /// Ordered by time.
        #[sea_orm(primary_key, auto_increment = false)]
        pub id: Uuid,
        /// Leaves in the tree.
        pub size: i64,
        /// Roots of its full subtrees, largest first; the next fold goes on from here.
        #[sea_orm(column_type = "Blob")]
        pub frontier: Vec<u8>,
        /// The signed note (C2SP tlog-checkpoint).
        pub note: String,
        /// When.
        pub at: Timestamp,
    }

    /// None.
    #[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
    pub enum Relation {}
    impl ActiveModelBehavior for ActiveModel {}
    sekisho_storage::tenant_entity!();
}

/// The keys that sign checkpoints.
pub mod keys {
    use sea_orm::entity::prelude::*;
    use sekisho_kernel::{TenantId, Timestamp};

    /// One key.
    #[derive(Clone, Debug, PartialEq, DeriveEntityModel)]
    #[sea_orm(table_name = "audit_keys")]
    pub struct Model {
        /// Whose record.
        #[sea_orm(primary_key, auto_increment = false)]
        pub tenant_id: TenantId,
        /// The generation, so that two servers cannot both make the first one.
        #[sea_orm(primary_key, auto_increment = false)]
        pub id: Uuid,
        /// The public half, as the verifier takes it (C2SP signed-note).
        pub public: String,
        /// The private half, PKCS #8, sealed under the tenant's key.
        #[sea_orm(column_type = "Blob")]
        pub sealed: Vec<u8>,
        /// When it was made.
        pub created_at: Timestamp,
    }

    /// None.
    #[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
    pub enum Relation {}
    impl ActiveModelBehavior for ActiveModel {}
    sekisho_storage::tenant_entity!();
}

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
