//! The pages of this room.

use sekisho_web::{Mounted, Routes};

use crate::Identity;

/// The routes of this room.
pub fn routes(identity: Identity) -> Mounted {
    Routes::new("identity").merge(crate::api::routes()).with_state(identity)
}
