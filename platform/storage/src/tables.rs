//! The tables every write touches: the audit entries, the outbox and the jobs.

use crate::{Migration, Table};

/// Audit entries; rows are added, never changed. `platform/audit` folds them into the tenant's Merkle tree.
pub mod audit_entries {
    use crate::JsonText;
    use sea_orm::entity::prelude::*;
    use sekisho_kernel::{Actor, EntryId, Outcome, RequestId, TenantId, Timestamp};

    /// One entry.
    #[derive(Clone, Debug, PartialEq, DeriveEntityModel)]
    #[sea_orm(table_name = "audit_entries")]
    pub struct Model {
        /// Whose record.
        #[sea_orm(primary_key, auto_increment = false)]
        pub tenant_id: TenantId,
        /// Ordered by time.
        #[sea_orm(primary_key, auto_increment = false)]
        pub id: EntryId,
        /// When.
        pub at: Timestamp,
        /// Who, whole.
        pub actor: JsonText<Actor>,
        /// Who, for search.
        pub actor_id: Option<Uuid>,
        /// What, `noun.verb`.
        pub action: String,
        /// How it ended.
        pub outcome: JsonText<Outcome>,
        /// The word for the thing's kind.
        pub target_kind: Option<String>,
        /// The thing.
        pub target_id: Option<Uuid>,
        /// Its name at that time.
        pub target_name: Option<String>,
        /// Why.
        pub decision: JsonText<serde_json::Value>,
        /// What else.
        pub details: JsonText<serde_json::Value>,
        /// Number of the request in the log.
        pub request: RequestId,
        /// The client's address.
        pub address: Option<String>,
    }

    /// None.
    #[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
    pub enum Relation {}
    impl ActiveModelBehavior for ActiveModel {}
    crate::tenant_entity!();
}

/// Audit entries that are not in the tenant's Merkle tree yet. Written with the entry and deleted when it is folded in, so
/// that an entry whose transaction took long is not overlooked.
pub mod audit_pending {
    use sea_orm::entity::prelude::*;
    use sekisho_kernel::{EntryId, TenantId};

    /// One entry.
    #[derive(Clone, Debug, PartialEq, DeriveEntityModel)]
    #[sea_orm(table_name = "audit_pending")]
    pub struct Model {
        /// Whose record.
        #[sea_orm(primary_key, auto_increment = false)]
        pub tenant_id: TenantId,
        /// The entry.
        #[sea_orm(primary_key, auto_increment = false)]
        pub id: EntryId,
    }

    /// None.
    #[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
    pub enum Relation {}
    impl ActiveModelBehavior for ActiveModel {}
    crate::tenant_entity!();
}

/// Facts told to others, kept for the webhook's cursor and the live view.
pub mod outbox_events {
    use crate::JsonText;
    use sea_orm::entity::prelude::*;
    use sekisho_kernel::{EventId, TenantId, Timestamp};

    /// One fact.
    #[derive(Clone, Debug, PartialEq, DeriveEntityModel)]
    #[sea_orm(table_name = "outbox_events")]
    pub struct Model {
        /// Whose.
        #[sea_orm(primary_key, auto_increment = false)]
        pub tenant_id: TenantId,
        /// Ordered by time.
        #[sea_orm(primary_key, auto_increment = false)]
        pub id: EventId,
        /// `module.fact`.
        pub name: String,
        /// When.
        pub at: Timestamp,
        /// The fact itself.
        pub payload: JsonText<serde_json::Value>,
    }

    /// None.
    #[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
    pub enum Relation {}
    impl ActiveModelBehavior for ActiveModel {}
    crate::tenant_entity!();
}

/// Work for later, taken under a lease.
pub mod jobs {
    use crate::JsonText;
    use sea_orm::entity::prelude::*;
    use sekisho_kernel::{TenantId, Timestamp};

    /// One job.
    #[derive(Clone, Debug, PartialEq, DeriveEntityModel)]
    #[sea_orm(table_name = "jobs")]
    pub struct Model {
        /// Whose.
        #[sea_orm(primary_key, auto_increment = false)]
        pub tenant_id: TenantId,
        /// Ordered by time of making.
        #[sea_orm(primary_key, auto_increment = false)]
        pub id: Uuid,
        /// Which handler runs it.
        pub kind: String,
        /// What the handler needs.
        pub payload: JsonText<serde_json::Value>,
        /// Not before.
        pub due: Timestamp,
        /// Tries so far.
        pub attempts: i64,
        /// Taken by a worker until then.
        pub lease_until: Timestamp,
        /// Why the last try failed.
        pub last_error: Option<String>,
        /// When it was given up; a person can send it again.
        pub dead_at: Option<Timestamp>,
        /// When it was made.
        pub created_at: Timestamp,
    }

    /// None.
    #[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
    pub enum Relation {}
    impl ActiveModelBehavior for ActiveModel {}
    crate::tenant_entity!();
}

/// The wrapped keys of tenants; see [`crate::keys`].
pub mod tenant_keys {
    use sea_orm::entity::prelude::*;
    use sekisho_kernel::{TenantId, Timestamp};

    /// One key.
    #[derive(Clone, Debug, PartialEq, DeriveEntityModel)]
    #[sea_orm(table_name = "tenant_keys")]
    pub struct Model {
        /// Whose.
        #[sea_orm(primary_key, auto_increment = false)]
        pub tenant_id: TenantId,
        /// Purpose and generation.
        #[sea_orm(primary_key, auto_increment = false)]
        pub id: Uuid,
        /// What it is for.
        pub purpose: String,
        /// What it is used with.
        pub algorithm: String,
        /// Who wrapped it.
        pub provider: String,
        /// The wrapped bytes; empty once destroyed.
        #[sea_orm(column_type = "Blob")]
        pub wrapped: Vec<u8>,
        /// When it was made.
        pub created_at: Timestamp,
        /// When a newer one was made.
        pub retired_at: Option<Timestamp>,
        /// When it was destroyed.
        pub destroyed_at: Option<Timestamp>,
    }

    /// None.
    #[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
    pub enum Relation {}
    impl ActiveModelBehavior for ActiveModel {}
    crate::tenant_entity!();
}

/// Migrations of these tables.
pub(crate) fn migrations() -> Vec<Migration> {
    vec![
        Migration {
            name: "20261122_audit_outbox_jobs",
            changes: || {
                vec![
                    Table::tenant("audit_entries")
                        .integer("at")
                        .text("actor")
                        .optional_uuid("actor_id")
                        .text("action")
                        .text("outcome")
                        .optional_text("target_kind")
                        .optional_uuid("target_id")
                        .optional_text("target_name")
                        .text("decision")
                        .text("details")
                        .uuid("request")
                        .optional_text("address")
                        .index(&["target_id", "id"])
                        .index(&["actor_id", "id"])
                        .index(&["action", "id"])
                        .append_only()
                        .into(),
                    Table::tenant("outbox_events")
                        .text("name")
                        .integer("at")
                        .text("payload")
                        .index(&["at"])
                        .into(),
                    Table::tenant("jobs")
                        .text("kind")
                        .text("payload")
                        .integer("due")
                        .integer("attempts")
                        .integer("lease_until")
                        .optional_text("last_error")
                        .optional_integer("dead_at")
                        .integer("created_at")
                        .index(&["dead_at", "due"])
                        .into(),
                    crate::Change::Sql {
                        sqlite: "CREATE INDEX jobs_by_due_of_all ON jobs (dead_at, due)",
                        postgres: "CREATE INDEX jobs_by_due_of_all ON jobs (dead_at, due)",
                    },
                ]
            },
        },
        Migration {
            name: "20261122_tenant_keys",
            changes: || {
                vec![
                    Table::tenant("tenant_keys")
                        .text("purpose")
                        .text("algorithm")
                        .text("provider")
                        .bytes("wrapped")
                        .integer("created_at")
                        .optional_integer("retired_at")
                        .optional_integer("destroyed_at")
                        .into(),
                ]
            },
        },
        Migration { name: "20261122_audit_pending", changes: || vec![Table::tenant("audit_pending").into()] },
        Migration {
            // The first page asks for the refusals of a day, which are few among what was done.
            name: "20261123_audit_by_outcome",
            changes: || {
                vec![crate::Change::Sql {
                    sqlite: "CREATE INDEX audit_entries_by_outcome ON audit_entries (tenant_id, outcome, id)",
                    postgres: "CREATE INDEX audit_entries_by_outcome ON audit_entries (tenant_id, outcome, id)",
                }]
            },
        },
    ]
}
