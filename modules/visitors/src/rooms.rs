//! Rooms of sites, which administrators keep and appointments take for their time.
//!
//! The name is unique at its site, however it is written. A room that is retired can be chosen no more; an appointment that
//! has it keeps it, and another room may take its name.
//!
//! An appointment keeps the words that guests were told: `place` is the room's name with what was typed beside it, written out
//! when the appointment is made or changed. A room that is renamed is named anew by what is made or changed afterwards. The
//! way to the room is that of today, for everybody who is still to come.

mod api;
mod clash;
mod keep;
mod named;
mod pages;
mod reads;
mod take;

use sekisho_host::{SettingsEntry, SettingsGroup};
use sekisho_web::Routes;

use crate::Visitors;

pub(crate) use clash::{InTheWay, explained, refused};
pub use keep::{RoomForm, add_room, change_room, retire_room};
pub(crate) use named::RoomNames;
pub(crate) use pages::samplers;
pub use reads::RoomRow;
pub(crate) use reads::{During, room as one_room, rooms, seats_of, way_of};
pub use take::{Having, RoomTaken};
pub(crate) use take::{Time, lock_all, not_free, still_there, take, take_once};

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
