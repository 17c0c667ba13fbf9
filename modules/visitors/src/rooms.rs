//! Rooms of sites, which administrators keep.
//!
//! The name is unique at its site, however it is written. A room that is retired can be chosen no more; an appointment that
//! has it keeps it, and another room may take its name.

mod api;
mod keep;
mod pages;
mod reads;

use sekisho_host::{SettingsEntry, SettingsGroup};
use sekisho_web::Routes;

use crate::Visitors;

pub use keep::{RoomForm, add_room, change_room, retire_room};
pub(crate) use pages::samplers;
pub use reads::RoomRow;

/// Where rooms are kept.
pub(crate) const SETTINGS: [SettingsEntry; 1] = [SettingsEntry::new(
    SettingsGroup::Things,
    "visitors-rooms",
    "visitors-set-rooms-about",
    pages::HERE,
    "door",
)
.for_administrators()];

/// Pages and API.
pub(crate) fn routes() -> Routes<Visitors> {
    pages::routes().merge(api::routes())
}
