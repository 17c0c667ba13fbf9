//! Rows. Each carries the revision that last touched it, so that a snapshot can be brought up to date by what changed;
//! nothing is deleted, it is marked.

use sekisho_storage::{Migration, Table};

macro_rules! entity {
    ($(#[$doc:meta])* $module:ident, $table:literal, [$($import:path),*], { $($body:tt)* }) => {
        $(#[$doc])*
        pub(crate) mod $module {
            use sea_orm::entity::prelude::*;
            use sekisho_kernel::TenantId;
            $(use $import;)*
            #[derive(Clone, Debug, PartialEq, DeriveEntityModel)]
            #[sea_orm(table_name = $table)]
            pub struct Model {
                #[sea_orm(primary_key, auto_increment = false)]
                pub tenant_id: TenantId,
                $($body)*
            }
            #[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
            pub enum Relation {}
            impl ActiveModelBehavior for ActiveModel {}
            sekisho_storage::tenant_entity!();
        }
    };
}

entity!(/// Things that can be granted.
    resources, "policy_resources", [sekisho_kernel::ResourceId], {
    #[sea_orm(primary_key, auto_increment = false)]
    pub id: ResourceId,
    pub kind: String,
    pub name: String,
    pub zone: Option<String>,
    pub retired: bool,
    pub rev: i64,
});

entity!(/// Resource in resource, person in group, group in group.
    edges, "policy_edges", [], {
    #[sea_orm(primary_key, auto_increment = false)]
    pub child: Uuid,
    #[sea_orm(primary_key, auto_increment = false)]
    pub parent: Uuid,
    pub what: String,
    pub removed: bool,
    pub rev: i64,
});

entity!(/// Grants, withdrawn ones too.
    grants, "policy_grants", [crate::Conditions, crate::GrantId, crate::ScheduleId, sekisho_kernel::PersonId, sekisho_kernel::ResourceId, sekisho_kernel::Timestamp, sekisho_storage::JsonText], {
    #[sea_orm(primary_key, auto_increment = false)]
    pub id: GrantId,
    pub subject_kind: String,
    pub subject_id: Uuid,
    pub right: String,
    pub target_kind: String,
    pub target_id: Option<ResourceId>,
    pub target_word: Option<String>,
    pub schedule_id: Option<ScheduleId>,
    pub valid_from: Option<Timestamp>,
    pub valid_until: Option<Timestamp>,
    pub conditions: JsonText<Conditions>,
    pub note: String,
    pub given_by: Option<PersonId>,
    pub given_at: Timestamp,
    pub withdrawn_at: Option<Timestamp>,
    pub rev: i64,
});

entity!(/// Weekly schedules.
    schedules, "policy_schedules", [crate::ScheduleId, crate::schedule::Terms, sekisho_storage::JsonText], {
    #[sea_orm(primary_key, auto_increment = false)]
    pub id: ScheduleId,
    pub name: String,
    pub terms: JsonText<Terms>,
    pub removed: bool,
    pub rev: i64,
});

entity!(/// The tenant's own holiday calendars.
    calendars, "policy_calendars", [crate::CalendarId, crate::Holiday, sekisho_storage::JsonText], {
    #[sea_orm(primary_key, auto_increment = false)]
    pub id: CalendarId,
    pub name: String,
    pub days: JsonText<Vec<Holiday>>,
    pub removed: bool,
    pub rev: i64,
});

entity!(/// Versions of the tenant's Cedar rules; the newest is in force.
    rules, "policy_rules", [sekisho_kernel::PersonId, sekisho_kernel::Timestamp], {
    #[sea_orm(primary_key, auto_increment = false)]
    pub id: Uuid,
    pub text: String,
    pub saved_by: Option<PersonId>,
    pub saved_at: Timestamp,
    pub rev: i64,
});

entity!(/// People who may do nothing: left or suspended.
    barred, "policy_barred", [sekisho_kernel::PersonId], {
    #[sea_orm(primary_key, auto_increment = false)]
    pub id: PersonId,
    pub barred: bool,
    pub rev: i64,
});

entity!(/// The revision of a tenant's rights.
    revisions, "policy_revisions", [], {
    pub rev: i64,
});

/// Migrations of these tables.
pub(crate) fn migrations() -> Vec<Migration> {
    vec![Migration {
        name: "20261122_policy",
        changes: || {
            vec![
                Table::tenant("policy_resources")
                    .text("kind")
                    .text("name")
                    .optional_text("zone")
                    .boolean("retired")
                    .integer("rev")
                    .index(&["rev"])
                    .into(),
                Table::tenant_keyed("policy_edges", &["child", "parent"])
                    .text("what")
                    .boolean("removed")
                    .integer("rev")
                    .index(&["rev"])
                    .index(&["parent"])
                    .into(),
                Table::tenant("policy_grants")
                    .text("subject_kind")
                    .uuid("subject_id")
                    .text("right")
                    .text("target_kind")
                    .optional_uuid("target_id")
                    .optional_text("target_word")
                    .optional_uuid("schedule_id")
                    .optional_integer("valid_from")
                    .optional_integer("valid_until")
                    .text("conditions")
                    .text("note")
                    .optional_uuid("given_by")
                    .integer("given_at")
                    .optional_integer("withdrawn_at")
                    .integer("rev")
                    .index(&["rev"])
                    .index(&["subject_id"])
                    .index(&["target_id"])
                    .into(),
                Table::tenant("policy_schedules")
                    .text("name")
                    .text("terms")
                    .boolean("removed")
                    .integer("rev")
                    .into(),
                Table::tenant("policy_calendars")
                    .text("name")
                    .text("days")
                    .boolean("removed")
                    .integer("rev")
                    .into(),
                Table::tenant("policy_rules")
                    .text("text")
                    .optional_uuid("saved_by")
                    .integer("saved_at")
                    .integer("rev")
                    .index(&["rev"])
                    .into(),
                Table::tenant("policy_barred").boolean("barred").integer("rev").index(&["rev"]).into(),
                Table::tenant_keyed("policy_revisions", &[]).integer("rev").into(),
            ]
        },
    }]
}
