//! The API of this room.

use sekisho_web::Routes;

use crate::Identity;

pub(crate) fn routes() -> Routes<Identity> {
    Routes::new("identity")
}
