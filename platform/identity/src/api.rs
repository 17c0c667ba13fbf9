//! The API of this room: people, groups, tokens, sessions, me. What pages show masked, the API shows masked.

mod groups;
mod mine;
mod people;

use sekisho_web::Routes;
use utoipa::OpenApi as _;

use crate::Identity;

/// What `/api/openapi.json` says about this room.
#[derive(utoipa::OpenApi)]
#[openapi(
    paths(
        people::list,
        people::invite,
        people::one,
        people::edit,
        people::reveal,
        people::invite_again,
        people::hand_over,
        people::unlock,
        people::end_access,
        people::leave,
        people::come_back,
        people::badges,
        people::give_pin,
        people::add_badge,
        people::remove_badge,
        groups::list,
        groups::make,
        groups::one,
        groups::edit,
        groups::dissolve,
        groups::join,
        groups::leave,
        mine::me,
        mine::sessions,
        mine::end_session,
        mine::tokens,
        mine::make_token,
        mine::revoke_token,
    ),
    components(schemas(people::PersonJson, mine::MeJson))
)]
struct Description;

pub(crate) fn routes() -> Routes<Identity> {
    Routes::new("identity")
        .merge(people::routes())
        .merge(groups::routes())
        .merge(mine::routes())
        .describe(Description::openapi)
}
