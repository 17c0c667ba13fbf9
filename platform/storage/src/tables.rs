//! The tables every write touches: the audit entries, the outbox and the jobs.

use sekisho_kernel::{Actor, EntryId, EventId, Outcome, RequestId, Timestamp};

use crate::{JsonText, Migration, Table, tenant_table};

tenant_table!(/// Audit entries; rows are added, never changed. `platform/audit` folds them into the tenant's Merkle tree.
    audit_entries, "audit_entries", {
    /// Ordered by time.
    #[sea_orm(primary_key, auto_increment = false)]
    id: EntryId,
    /// When.
    at: Timestamp,
    /// Who, whole.
    actor: JsonText<Actor>,
    /// Who, for search.
    actor_id: Option<Uuid>,
    /// What, `noun.verb`.
    action: String,
    /// How it ended.
    outcome: JsonText<Outcome>,
    /// The word for the thing's kind.
    target_kind: Option<String>,
    /// The thing.
    target_id: Option<Uuid>,
    /// Its name at that time.
    target_name: Option<String>,
    /// Why.
    decision: JsonText<serde_json::Value>,
    /// What else.
    details: JsonText<serde_json::Value>,
    /// Number of the request in the log.
    request: RequestId,
    /// The client's address.
    address: Option<String>,
});

tenant_table!(/// Audit entries that are not in the tenant's Merkle tree yet. Written with the entry and deleted when it is folded in, so
/// that an entry whose transaction took long is not overlooked.
    audit_pending, "audit_pending", {
    /// The entry.
    #[sea_orm(primary_key, auto_increment = false)]
    id: EntryId,
});

tenant_table!(/// Facts told to others, kept for the webhook's cursor and the live view.
    outbox_events, "outbox_events", {
    /// Ordered by time.
    #[sea_orm(primary_key, auto_increment = false)]
    id: EventId,
    /// `module.fact`.
    name: String,
    /// When.
    at: Timestamp,
    /// The fact itself.
    payload: JsonText<serde_json::Value>,
});

tenant_table!(/// Work for later, taken under a lease.
    jobs, "jobs", {
    /// Ordered by time of making.
    #[sea_orm(primary_key, auto_increment = false)]
    id: Uuid,
    /// Which handler runs it.
    kind: String,
    /// What the handler needs.
    payload: JsonText<serde_json::Value>,
    /// Not before.
    due: Timestamp,
    /// Tries so far.
    attempts: i64,
    /// Taken by a worker until then.
    lease_until: Timestamp,
    /// Why the last try failed.
    last_error: Option<String>,
    /// When it was given up; a person can send it again.
    dead_at: Option<Timestamp>,
    /// When it was made.
    created_at: Timestamp,
});

tenant_table!(/// The wrapped keys of tenants; see [`crate::keys`].
    tenant_keys, "tenant_keys", {
    /// Purpose and generation.
    #[sea_orm(primary_key, auto_increment = false)]
    id: Uuid,
    /// What it is for.
    purpose: String,
    /// What it is used with.
    algorithm: String,
    /// Who wrapped it.
    provider: String,
    /// The wrapped bytes; empty once destroyed.
    #[sea_orm(column_type = "Blob")]
    wrapped: Vec<u8>,
    /// When it was made.
    created_at: Timestamp,
    /// When a newer one was made.
    retired_at: Option<Timestamp>,
    /// When it was destroyed.
    destroyed_at: Option<Timestamp>,
});

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
