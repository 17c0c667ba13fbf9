//! The rows of printers and of badges that were printed on them.

use sekisho_storage::{Change, Table, tenant_table};

use super::*;
use crate::badges::{BadgeSettings, Paper};

tenant_table!(/// Printers for badges.
    printers, "visitors_printers", {
    /// Which.
    #[sea_orm(primary_key, auto_increment = false)]
    id: PrinterId,
    /// At which site.
    site_id: SiteId,
    /// What people call it.
    name: String,
    /// Where it is: `ipps://printer.example/ipp/print`.
    address: String,
    /// Name and password, if it wants any.
    login_sealed: Vec<u8>,
    /// What lies in it.
    paper: Paper,
    /// Whether a badge is printed here by itself when a guest comes to the site.
    by_itself: bool,
    /// Counts the changes.
    version: i64,
    /// Who added it.
    made_by: PersonId,
    /// When.
    made_at: Timestamp,
});

tenant_table!(/// Wishes to have a badge printed. Nothing of the guest is in here.
    badges, "visitors_badges", {
    /// Which; the name of the job at the printer is made of it.
    #[sea_orm(primary_key, auto_increment = false)]
    id: BadgeId,
    /// Whose.
    visit_id: VisitId,
    /// The visit again while the wish is open, else none: a visit has one at a time. None before its end: called off.
    open_visit: Option<VisitId>,
    /// At which site.
    site_id: SiteId,
    /// On which printer.
    printer_id: PrinterId,
    /// What the printer was called.
    printer_name: String,
    /// How far it got.
    state: BadgeState,
    /// What stands in the way.
    trouble: Option<Trouble>,
    /// The number of the job at the printer.
    job: Option<i64>,
    /// Counts the steps, so that one that runs twice is taken once.
    turn: i64,
    /// How often it could not be sent in a row, or was asked for.
    tries: i64,
    /// SHA-256 of what its QR code holds: whoever shows it leaves.
    handle_hash: Vec<u8>,
    /// Who wished it; none: the check-in did.
    asked_by: Option<PersonId>,
    /// When.
    asked_at: Timestamp,
    /// When it was done with.
    done_at: Option<Timestamp>,
});

tenant_table!(/// How badges look; the row's id is nil.
    badge_settings, "visitors_badge_settings", {
    /// Nil.
    #[sea_orm(primary_key, auto_increment = false)]
    id: Uuid,
    /// The settings.
    settings: JsonText<BadgeSettings>,
    /// Counts the changes.
    version: i64,
});

pub(super) fn badges_first() -> Vec<Change> {
    let tables = [
        Table::tenant("visitors_printers")
            .uuid("site_id")
            .text("name")
            .text("address")
            .bytes("login_sealed")
            .text("paper")
            .boolean("by_itself")
            .integer("version")
            .uuid("made_by")
            .integer("made_at")
            .index(&["site_id", "name"]),
        Table::tenant("visitors_badges")
            .uuid("visit_id")
            .optional_uuid("open_visit")
            .uuid("site_id")
            .uuid("printer_id")
            .text("printer_name")
            .text("state")
            .optional_text("trouble")
            .optional_integer("job")
            .integer("turn")
            .integer("tries")
            .bytes("handle_hash")
            .optional_uuid("asked_by")
            .integer("asked_at")
            .optional_integer("done_at")
            .references("visit_id", "visitors_visits")
            .unique(&["open_visit"])
            .unique(&["handle_hash"])
            .index(&["visit_id", "asked_at"]),
        Table::tenant("visitors_badge_settings").text("settings").integer("version"),
    ];
    tables.into_iter().map(Into::into).collect()
}
