//! Pages under `/rights`.

pub(crate) mod calendars;
pub(crate) mod grants;
pub(crate) mod new_grant;
pub(crate) mod rules;
pub(crate) mod schedules;
pub(crate) mod why;

mod samples;

use sekisho_web::Reader;
use sekisho_web::parts::Tabs;

pub use samples::samplers;

/// The tabs over the pages of this room; schedules and rules are the administrators'.
fn tabs(reader: &Reader, administrator: bool, current: &str) -> Tabs {
    let t = reader.texts();
    let tabs = Tabs::new(t.get("rights-title"), current)
        .tab("/rights", t.get("rights-grants"))
        .tab("/rights/why", t.get("rights-why"));
    if administrator {
        tabs.tab("/rights/schedules", t.get("rights-schedules")).tab("/rights/rules", t.get("rights-rules"))
    } else {
        tabs
    }
}
