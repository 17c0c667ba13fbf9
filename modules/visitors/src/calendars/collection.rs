//! A calendar on a server (CalDAV).

use sekisho_kernel::Cx;

use super::read::Rest;
use super::wrong::Wrong;
use crate::Visitors;
use crate::tables::read_calendars;

/// Reads what is new.
pub(super) async fn read(
    _visitors: &Visitors,
    _cx: &Cx,
    _calendar: &read_calendars::Model,
) -> Result<Rest, Wrong> {
    Err(Wrong::Server("garbled"))
}
