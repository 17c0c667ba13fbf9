//! Rows. Each carries the revision that last touched it, so that a snapshot can be brought up to date by what changed;
//! nothing is deleted, it is marked.

use sekisho_kernel::{PersonId, ResourceId, Timestamp};
use sekisho_storage::{JsonText, Migration, Table, tenant_table};

use crate::schedule::Terms;
use crate::{CalendarId, Conditions, GrantId, Holiday, ScheduleId};

tenant_table!(/// Things that can be granted.
    resources, "policy_resources", {
    #[sea_orm(primary_key, auto_increment = false)]
    id: ResourceId,
    kind: String,
    name: String,
    zone: Option<String>,
    retired: bool,
    rev: i64,
});

tenant_table!(/// Resource in resource, person in group, group in group.
    edges, "policy_edges", {
    #[sea_orm(primary_key, auto_increment = false)]
    child: Uuid,
    #[sea_orm(primary_key, auto_increment = false)]
    parent: Uuid,
    what: String,
    removed: bool,
    rev: i64,
});

tenant_table!(/// Grants, withdrawn ones too.
    grants, "policy_grants", {
    #[sea_orm(primary_key, auto_increment = false)]
    id: GrantId,
    subject_kind: String,
    subject_id: Uuid,
    right: String,
    target_kind: String,
    target_id: Option<ResourceId>,
    target_word: Option<String>,
    schedule_id: Option<ScheduleId>,
    valid_from: Option<Timestamp>,
    valid_until: Option<Timestamp>,
    conditions: JsonText<Conditions>,
    note: String,
    given_by: Option<PersonId>,
    given_at: Timestamp,
    withdrawn_at: Option<Timestamp>,
    rev: i64,
});

tenant_table!(/// Weekly schedules.
    schedules, "policy_schedules", {
    #[sea_orm(primary_key, auto_increment = false)]
    id: ScheduleId,
    name: String,
    terms: JsonText<Terms>,
    removed: bool,
    rev: i64,
});

tenant_table!(/// The tenant's own holiday calendars.
    calendars, "policy_calendars", {
    #[sea_orm(primary_key, auto_increment = false)]
    id: CalendarId,
    name: String,
    days: JsonText<Vec<Holiday>>,
    removed: bool,
    rev: i64,
});

tenant_table!(/// Versions of the tenant's Cedar rules; the newest is in force.
    rules, "policy_rules", {
    #[sea_orm(primary_key, auto_increment = false)]
    id: Uuid,
    text: String,
    saved_by: Option<PersonId>,
    saved_at: Timestamp,
    rev: i64,
});

tenant_table!(/// People who may do nothing: left or suspended.
    barred, "policy_barred", {
    #[sea_orm(primary_key, auto_increment = false)]
    id: PersonId,
    barred: bool,
    rev: i64,
});

tenant_table!(/// The revision of a tenant's rights.
    revisions, "policy_revisions", {
    rev: i64,
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
