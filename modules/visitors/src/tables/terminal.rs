//! The rows of reception terminals and of what happens at them.

use sekisho_kernel::{GroupId, PersonId, SiteId, Timestamp};
use sekisho_storage::{JsonText, Table, tenant_table};
use uuid::Uuid;

use crate::ids::*;

tenant_table!(/// Reception terminals.
    terminals, "visitors_terminals", {
    /// Which.
    #[sea_orm(primary_key, auto_increment = false)]
    id: TerminalId,
    /// Where it stands.
    site_id: SiteId,
    /// What people call it.
    name: String,
    /// SHA-256 of the code with which a tablet becomes this terminal; none: there is none, or it was used.
    code_hash: Option<Vec<u8>>,
    /// Until when that code is good.
    code_until: Option<Timestamp>,
    /// The tablet's key for signatures: a point of P-256. None: no tablet yet.
    sign_key: Option<Vec<u8>>,
    /// The tablet's key to which the list of expected guests is sealed.
    seal_key: Option<Vec<u8>>,
    /// The time of the last request, in milliseconds: each is later than the one before.
    last_time: i64,
    /// When a tablet became this terminal.
    enrolled_at: Option<Timestamp>,
    /// When it was last heard of.
    seen_at: Option<Timestamp>,
    /// When it was withdrawn.
    revoked_at: Option<Timestamp>,
    /// People looked for since then.
    searches: i64,
    /// Since when they are counted.
    searches_since: Timestamp,
    /// Who set it up.
    made_by: PersonId,
    /// When.
    made_at: Timestamp,
});

tenant_table!(/// What happened at terminals while the network was broken; each is applied once.
    terminal_events, "visitors_terminal_events", {
    /// As the terminal numbered it.
    #[sea_orm(primary_key, auto_increment = false)]
    id: Uuid,
    /// Where.
    terminal_id: TerminalId,
    /// When it happened.
    at: Timestamp,
    /// When it came here.
    got_at: Timestamp,
});

tenant_table!(/// Keys to which terminals seal what happens while the network is broken.
    terminal_keys, "visitors_terminal_keys", {
    /// Which.
    #[sea_orm(primary_key, auto_increment = false)]
    id: Uuid,
    /// The first has 1.
    generation: i64,
    /// Given to terminals.
    public: Vec<u8>,
    /// Opens.
    secret_sealed: Vec<u8>,
    /// When it was made.
    made_at: Timestamp,
});

tenant_table!(/// How the tenant's terminals look and what they offer; the row's id is nil.
    terminal_settings, "visitors_terminal_settings", {
    /// Nil.
    #[sea_orm(primary_key, auto_increment = false)]
    id: Uuid,
    /// The settings.
    settings: JsonText<crate::terminal::TerminalSettings>,
    /// Counts the changes.
    version: i64,
    /// The wallpaper.
    picture: Option<Vec<u8>>,
    /// Its name: the beginning of its SHA-256, in hexadecimal.
    picture_name: Option<String>,
});

tenant_table!(/// What a guest without an appointment said at the terminal.
    walk_ins, "visitors_walk_ins", {
    /// The visit.
    #[sea_orm(primary_key, auto_increment = false)]
    id: VisitId,
    /// At which terminal.
    terminal_id: TerminalId,
    /// The department that was called, when no person was.
    group_id: Option<GroupId>,
    /// What for.
    purpose_sealed: Vec<u8>,
});

tenant_table!(/// Deliveries handed in at the reception. No personal data of whoever brought them.
    deliveries, "visitors_deliveries", {
    /// Which.
    #[sea_orm(primary_key, auto_increment = false)]
    id: DropOffId,
    /// Where.
    site_id: SiteId,
    /// At which terminal.
    terminal_id: TerminalId,
    /// By which carrier.
    carrier: String,
    /// For whom.
    person_id: Option<PersonId>,
    /// For which department.
    group_id: Option<GroupId>,
    /// When.
    at: Timestamp,
});

pub(super) fn terminals_first() -> Vec<Table> {
    vec![
        Table::tenant("visitors_terminals")
            .uuid("site_id")
            .text("name")
            .optional_bytes("code_hash")
            .optional_integer("code_until")
            .optional_bytes("sign_key")
            .optional_bytes("seal_key")
            .integer("last_time")
            .optional_integer("enrolled_at")
            .optional_integer("seen_at")
            .optional_integer("revoked_at")
            .integer("searches")
            .integer("searches_since")
            .uuid("made_by")
            .integer("made_at")
            .unique(&["code_hash"])
            .index(&["site_id"]),
        Table::tenant("visitors_terminal_events")
            .uuid("terminal_id")
            .integer("at")
            .integer("got_at")
            .references("terminal_id", "visitors_terminals")
            .index(&["terminal_id"]),
        Table::tenant("visitors_terminal_keys")
            .integer("generation")
            .bytes("public")
            .bytes("secret_sealed")
            .integer("made_at")
            .unique(&["generation"]),
        Table::tenant("visitors_terminal_settings")
            .text("settings")
            .integer("version")
            .optional_bytes("picture")
            .optional_text("picture_name"),
        Table::tenant("visitors_walk_ins")
            .uuid("terminal_id")
            .optional_uuid("group_id")
            .bytes("purpose_sealed")
            .references("id", "visitors_visits")
            .references("terminal_id", "visitors_terminals"),
        Table::tenant("visitors_deliveries")
            .uuid("site_id")
            .uuid("terminal_id")
            .text("carrier")
            .optional_uuid("person_id")
            .optional_uuid("group_id")
            .integer("at")
            .references("terminal_id", "visitors_terminals")
            .index(&["at", "id"])
            .index(&["site_id", "at"]),
    ]
}
