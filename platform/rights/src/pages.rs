//! Pages under `/rights`.

pub(crate) mod calendars;
pub(crate) mod grants;
pub(crate) mod rules;
pub(crate) mod schedules;
pub(crate) mod why;

use sekisho_web::Asker;
use sekisho_web::parts::Tabs;

/// The tabs over the pages of this room; schedules and rules are the administrators'.
fn tabs(asker: &Asker, current: &str) -> Tabs {
    let t = asker.texts();
    let tabs = Tabs::new(t.get("rights-title"), current)
        .tab("/rights", t.get("rights-grants"))
        .tab("/rights/why", t.get("rights-why"));
    if asker.is_administrator() {
        tabs.tab("/rights/schedules", t.get("rights-schedules")).tab("/rights/rules", t.get("rights-rules"))
    } else {
        tabs
    }
}
