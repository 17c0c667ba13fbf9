//! The rows of this room. Other crates never see them.

mod proofs;
mod who;

pub(crate) use proofs::{badges, codes, links, locks, recovery_codes, sessions, throttles, tokens, totps};
pub(crate) use who::{groups, members, people, tenant_hosts, tenants};

use sekisho_storage::reseal::SealedColumn;
use sekisho_storage::{Migration, Table};

/// The columns that hold sealed values.
pub(crate) const SEALED: [SealedColumn; 5] = [
    SealedColumn::new("identity_people", "mail"),
    SealedColumn::new("identity_people", "phone"),
    SealedColumn::new("identity_people", "number"),
    SealedColumn::new("identity_people", "password"),
    SealedColumn::new("identity_totps", "secret"),
];

/// Migrations of these tables.
pub(crate) fn migrations() -> Vec<Migration> {
    vec![Migration {
        name: "20261122_identity",
        changes: || {
            vec![
                Table::installation("tenants")
                    .text("name")
                    .text("state")
                    .text("settings")
                    .integer("created_at")
                    .into(),
                Table::installation("tenant_hosts").text("host").uuid("tenant").unique(&["host"]).into(),
                Table::tenant("identity_people")
                    .text("kind")
                    .text("name")
                    .optional_text("kana")
                    .text("reading")
                    .text("language")
                    .text("state")
                    .optional_bytes("mail")
                    .optional_bytes("mail_blind")
                    .optional_bytes("phone")
                    .optional_bytes("number")
                    .optional_bytes("number_blind")
                    .optional_bytes("password")
                    .optional_integer("password_set_at")
                    .optional_bytes("pin")
                    .integer("stamp")
                    .boolean("welcomed")
                    .integer("created_at")
                    .optional_integer("signed_in_at")
                    .optional_integer("left_at")
                    .optional_integer("delete_at")
                    .unique(&["mail_blind"])
                    .unique(&["number_blind"])
                    .index(&["state", "reading"])
                    .into(),
                Table::tenant("identity_groups")
                    .text("name")
                    .text("note")
                    .integer("created_at")
                    .unique(&["name"])
                    .into(),
                Table::tenant("identity_members")
                    .uuid("group_id")
                    .uuid("person")
                    .integer("since")
                    .unique(&["group_id", "person"])
                    .index(&["person"])
                    .into(),
                Table::tenant("identity_sessions")
                    .uuid("person")
                    .bytes("hash")
                    .text("stage")
                    .integer("stamp")
                    .bytes("device")
                    .text("agent")
                    .optional_text("address")
                    .integer("created_at")
                    .integer("seen_at")
                    .optional_integer("verified_at")
                    .optional_integer("ended_at")
                    .optional_text("next")
                    .unique(&["hash"])
                    .index(&["person", "id"])
                    .into(),
                Table::tenant("identity_totps")
                    .uuid("person")
                    .bytes("secret")
                    .optional_integer("confirmed_at")
                    .integer("last_step")
                    .integer("created_at")
                    .unique(&["person"])
                    .into(),
                Table::tenant("identity_codes")
                    .uuid("person")
                    .text("purpose")
                    .bytes("mac")
                    .integer("expires_at")
                    .integer("tries")
                    .optional_integer("used_at")
                    .index(&["person", "purpose"])
                    .into(),
                Table::tenant("identity_recovery_codes")
                    .uuid("person")
                    .bytes("mac")
                    .optional_integer("used_at")
                    .index(&["person"])
                    .into(),
                Table::tenant("identity_links")
                    .uuid("person")
                    .text("purpose")
                    .bytes("hash")
                    .integer("expires_at")
                    .optional_integer("used_at")
                    .integer("created_at")
                    .unique(&["hash"])
                    .index(&["person"])
                    .into(),
                Table::tenant("identity_tokens")
                    .uuid("person")
                    .text("name")
                    .bytes("hash")
                    .text("scopes")
                    .integer("stamp")
                    .integer("created_at")
                    .integer("expires_at")
                    .optional_integer("used_at")
                    .optional_integer("revoked_at")
                    .unique(&["hash"])
                    .index(&["person"])
                    .into(),
                Table::tenant("identity_badges")
                    .uuid("person")
                    .bytes("blind")
                    .text("label")
                    .integer("created_at")
                    .unique(&["blind"])
                    .index(&["person"])
                    .into(),
                Table::tenant("identity_locks")
                    .uuid("person")
                    .text("factor")
                    .integer("failures")
                    .optional_integer("locked_at")
                    .unique(&["person", "factor"])
                    .into(),
                Table::tenant("identity_throttles")
                    .text("mark")
                    .integer("since")
                    .integer("failures")
                    .unique(&["mark"])
                    .into(),
            ]
        },
    }]
}
