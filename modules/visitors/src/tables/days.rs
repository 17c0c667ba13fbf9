//! The rows of days that were counted.

use sekisho_kernel::SiteId;
use sekisho_storage::{Change, JsonText, Table, tenant_table};
use uuid::Uuid;

use crate::statistics::Counts;

tenant_table!(/// Days of sites that were counted for good. Nothing in here tells of one guest.
    days, "visitors_days", {
    /// Which.
    #[sea_orm(primary_key, auto_increment = false)]
    id: Uuid,
    /// Of which site.
    site_id: SiteId,
    /// Which day, on the site's calendar: `2026-11-22`.
    day: String,
    /// What was counted.
    counts: JsonText<Counts>,
});

pub(super) fn days_first() -> Vec<Change> {
    let table = Table::tenant("visitors_days").uuid("site_id").text("day").text("counts");
    vec![table.unique(&["site_id", "day"]).into()]
}
