//! Answers to repeated API requests.

use sekisho_kernel::{RequestId, Timestamp};
use sekisho_storage::{Change, Migration, Table, tenant_table};

tenant_table!(/// One `Idempotency-Key` of one person, and the answer its request got.
    idempotency, "web_idempotency", {
    /// From the hash of person and key.
    #[sea_orm(primary_key, auto_increment = false)]
    id: Uuid,
    /// Hash of method, path and body: the same key with another request is refused.
    request: Vec<u8>,
    /// The status answered, without an answer that of a failure; 0 while the request is still running.
    status: i64,
    /// Content type, location and body of the answer, sealed: they may hold what is shown only once.
    answer: Option<Vec<u8>>,
    /// When the request came that is to be answered.
    at: Timestamp,
    /// Its number, by which the record knows whether it acted.
    running: Option<RequestId>,
});

/// Migrations of these tables.
pub(crate) fn migrations() -> Vec<Migration> {
    vec![
        Migration {
            name: "20261122_web_idempotency",
            changes: || {
                vec![
                    Table::tenant("web_idempotency")
                        .bytes("request")
                        .integer("status")
                        .optional_bytes("answer")
                        .integer("at")
                        .index(&["at"])
                        .into(),
                ]
            },
        },
        Migration {
            name: "20261123_web_idempotency_running",
            changes: || {
                vec![Change::Sql {
                    sqlite: "ALTER TABLE web_idempotency ADD COLUMN running uuid_text",
                    postgres: "ALTER TABLE web_idempotency ADD COLUMN running uuid",
                }]
            },
        },
    ]
}
