//! Answers to repeated API requests.

use sekisho_storage::{Change, Migration, Table};

/// One `Idempotency-Key` of one person, and the answer its request got.
pub mod idempotency {
    use sea_orm::entity::prelude::*;
    use sekisho_kernel::{RequestId, TenantId, Timestamp};

    /// One key.
    #[derive(Clone, Debug, PartialEq, DeriveEntityModel)]
    #[sea_orm(table_name = "web_idempotency")]
    pub struct Model {
        /// Whose.
        #[sea_orm(primary_key, auto_increment = false)]
        pub tenant_id: TenantId,
        /// From the hash of person and key.
        #[sea_orm(primary_key, auto_increment = false)]
        pub id: Uuid,
        /// Hash of method, path and body: the same key with another request is refused.
        pub request: Vec<u8>,
        /// The status answered, without an answer that of a failure; 0 while the request is still running.
        pub status: i64,
        /// Content type, location and body of the answer, sealed: they may hold what is shown only once.
        pub answer: Option<Vec<u8>>,
        /// When the request came that is to be answered.
        pub at: Timestamp,
        /// Its number, by which the record knows whether it acted.
        pub running: Option<RequestId>,
    }

    /// None.
    #[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
    pub enum Relation {}
    impl ActiveModelBehavior for ActiveModel {}
    sekisho_storage::tenant_entity!();
}

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
