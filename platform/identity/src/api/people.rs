//! People in the API.

use axum::extract::{Path, State};
use axum::response::IntoResponse;
use sekisho_crypto::Secret;
use sekisho_kernel::{Language, PersonId, Timestamp};
use sekisho_web::{Access, Asker, Json, JsonList, Paging, Query, Result, Routes, WebError};
use serde::{Deserialize, Serialize};

use crate::pages::{ListAsk, cut, id};
use crate::{
    Badge, Identity, Masked, NewPerson, PeopleFilter, Person, PersonEdit, PersonKind, PersonState, Revealed,
};

pub(super) fn routes() -> Routes<Identity> {
    Routes::new("identity")
        .get("/api/v1/people", Access::Administrator, list)
        .post("/api/v1/people", Access::Proven, invite)
        .get("/api/v1/people/{id}", Access::Administrator, one)
        .patch("/api/v1/people/{id}", Access::Administrator, edit)
        .post("/api/v1/people/{id}/reveal", Access::Administrator, reveal)
        .post("/api/v1/people/{id}/invite", Access::Administrator, invite_again)
        .post("/api/v1/people/{id}/link", Access::Administrator, hand_over)
        .post("/api/v1/people/{id}/unlock", Access::Administrator, unlock)
        .post("/api/v1/people/{id}/end-access", Access::Administrator, end_access)
        .post("/api/v1/people/{id}/leave", Access::Administrator, leave)
        .post("/api/v1/people/{id}/return", Access::Proven, come_back)
        .put("/api/v1/people/{id}/pin", Access::Administrator, give_pin)
        .get("/api/v1/people/{id}/badges", Access::Administrator, badges)
        .post("/api/v1/people/{id}/badges", Access::Administrator, add_badge)
        .delete("/api/v1/people/{id}/badges/{badge}", Access::Administrator, remove_badge)
}

/// A person as programs see them, masked.
#[derive(Debug, Serialize, utoipa::ToSchema)]
pub(crate) struct PersonJson {
    id: PersonId,
    kind: PersonKind,
    name: String,
    kana: Option<String>,
    #[schema(value_type = sekisho_kernel::StaffLanguage)]
    language: Language,
    state: PersonState,
    /// Masked: `s…o@example.jp`.
    #[schema(value_type = Option<String>)]
    mail: Option<Masked>,
    /// Masked: `…678`.
    #[schema(value_type = Option<String>)]
    phone: Option<Masked>,
    /// Whether there is an ID number.
    has_number: bool,
    /// Whether the invitation was accepted.
    has_password: bool,
    created_at: Timestamp,
    signed_in_at: Option<Timestamp>,
    left_at: Option<Timestamp>,
    delete_at: Option<Timestamp>,
}

impl From<Person> for PersonJson {
    fn from(person: Person) -> Self {
        Self {
            id: person.id,
            kind: person.kind,
            mail: person.mail.as_deref().map(Masked::mail),
            phone: person.phone.as_deref().map(Masked::phone),
            has_number: person.number.is_some(),
            has_password: person.has_password,
            name: person.name,
            kana: person.kana,
            language: person.language,
            state: person.state,
            created_at: person.created_at,
            signed_in_at: person.signed_in_at,
            left_at: person.left_at,
            delete_at: person.delete_at,
        }
    }
}

/// People by name; `q`, `state` (`active`, `left`, `all`), `kind`, `group` narrow the list.
#[utoipa::path(get, path = "/api/v1/people", tag = "identity", params(("q" = Option<String>, Query), ("state" = Option<String>, Query), ("kind" = Option<String>, Query), ("group" = Option<String>, Query), ("sort" = Option<String>, Query), ("cursor" = Option<String>, Query), ("limit" = Option<u64>, Query)), responses((status = 200, description = "People by name, masked", body = JsonList<PersonJson>)))]
pub(crate) async fn list(
    asker: Asker,
    State(identity): State<Identity>,
    Query(ask): Query<ListAsk>,
    Query(paging): Query<Paging>,
) -> Result {
    let limit = paging.limit();
    let filter = PeopleFilter { limit: limit + 1, ..ask.filter()? };
    let people = identity.people(&asker.cx, &identity.read(&asker.cx).await?, &filter).await?;
    let (people, next_cursor) = cut(people, limit);
    let items: Vec<PersonJson> = people.into_iter().map(PersonJson::from).collect();
    Ok(JsonList { items, next_cursor }.into_response())
}

/// Invites somebody.
#[utoipa::path(post, path = "/api/v1/people", tag = "identity", request_body = NewPerson, responses((status = 201, description = "The person", body = PersonJson), (status = 422, description = "A field is wrong")))]
pub(crate) async fn invite(
    asker: Asker,
    State(identity): State<Identity>,
    Json(new): Json<NewPerson>,
) -> Result {
    let by = identity.administrator(&asker.cx).await?;
    let invited = identity.invite_person(&asker.cx, by, &new).await?;
    let person = find(&identity, &asker, &invited.person.to_string()).await?;
    Ok(asker.created(&format!("/api/v1/people/{}", person.id), PersonJson::from(person)))
}

async fn find(identity: &Identity, asker: &Asker, person: &str) -> Result<Person> {
    let scope = identity.read(&asker.cx).await?;
    identity.person(&scope, id(person)?).await?.ok_or_else(WebError::missing)
}

/// One person.
#[utoipa::path(get, path = "/api/v1/people/{id}", tag = "identity", params(("id" = String, Path)), responses((status = 200, description = "The person, masked", body = PersonJson), (status = 404, description = "No such person")))]
pub(crate) async fn one(
    asker: Asker,
    State(identity): State<Identity>,
    Path(person): Path<String>,
) -> Result {
    Ok(asker.json(PersonJson::from(find(&identity, &asker, &person).await?)))
}

/// Changes what is known of somebody; fields left out stay.
#[utoipa::path(patch, path = "/api/v1/people/{id}", tag = "identity", request_body = PersonEdit, params(("id" = String, Path)), responses((status = 200, description = "The person, masked", body = PersonJson), (status = 403, description = "A fresh proof is needed to change the mail address or telephone number"), (status = 422, description = "A field is wrong")))]
pub(crate) async fn edit(
    asker: Asker,
    State(identity): State<Identity>,
    Path(person): Path<String>,
    Json(edit): Json<PersonEdit>,
) -> Result {
    let by = identity.administrator(&asker.cx).await?;
    identity.edit_person(&asker.cx, by, id(&person)?, &edit).await?;
    Ok(asker.json(PersonJson::from(find(&identity, &asker, &person).await?)))
}

/// Why personal data is needed.
#[derive(Debug, Default, Deserialize, utoipa::ToSchema)]
#[serde(default)]
pub(crate) struct RevealJson {
    reason: String,
}

/// Shows personal data unmasked, for a reason, on the record.
#[utoipa::path(post, path = "/api/v1/people/{id}/reveal", tag = "identity", request_body = RevealJson, params(("id" = String, Path)), responses((status = 200, description = "Mail address, telephone and ID number", body = Revealed), (status = 403, description = "A fresh proof is needed"), (status = 422, description = "No reason")))]
pub(crate) async fn reveal(
    asker: Asker,
    State(identity): State<Identity>,
    Path(person): Path<String>,
    Json(ask): Json<RevealJson>,
) -> Result {
    let by = identity.administrator(&asker.cx).await?;
    Ok(asker.json(identity.reveal_person(&asker.cx, by, id(&person)?, &ask.reason).await?))
}

/// Sends the invitation again.
#[utoipa::path(post, path = "/api/v1/people/{id}/invite", tag = "identity", params(("id" = String, Path)), responses((status = 204, description = "On its way"), (status = 404, description = "No such person")))]
pub(crate) async fn invite_again(
    asker: Asker,
    State(identity): State<Identity>,
    Path(person): Path<String>,
) -> Result {
    let by = identity.administrator(&asker.cx).await?;
    identity.invite_again(&asker.cx, by, id(&person)?).await?;
    Ok(asker.no_content())
}

/// What a link to be handed over does beside setting a password.
#[derive(Debug, Default, Deserialize, utoipa::ToSchema)]
#[serde(default)]
pub(crate) struct LinkJson {
    lost_app: bool,
}

/// A link to be handed over, shown this once.
#[derive(Serialize, utoipa::ToSchema)]
struct OneTimeLink {
    url: String,
    expires_at: Timestamp,
}

/// Makes a one-time URL by which the person sets a first or new password, to be handed over; nothing is mailed. With
/// `lost_app` their authenticator app and recovery codes count no more.
#[utoipa::path(post, path = "/api/v1/people/{id}/link", tag = "identity", request_body = LinkJson, params(("id" = String, Path)), responses((status = 200, description = "The URL, in this answer only, and until when it works", body = OneTimeLink), (status = 403, description = "A fresh proof is needed"), (status = 404, description = "No such person"), (status = 422, description = "The person has no mail address to sign in with")))]
pub(crate) async fn hand_over(
    asker: Asker,
    State(identity): State<Identity>,
    Path(person): Path<String>,
    Json(ask): Json<LinkJson>,
) -> Result {
    let by = identity.administrator(&asker.cx).await?;
    let link = identity.hand_over_link(&asker.cx, by, id(&person)?, ask.lost_app).await?;
    Ok(asker.json(OneTimeLink { url: link.url.expose().to_owned(), expires_at: link.expires_at }))
}

/// Unlocks an account.
#[utoipa::path(post, path = "/api/v1/people/{id}/unlock", tag = "identity", params(("id" = String, Path)), responses((status = 204, description = "Unlocked"), (status = 404, description = "No such person")))]
pub(crate) async fn unlock(
    asker: Asker,
    State(identity): State<Identity>,
    Path(person): Path<String>,
) -> Result {
    let by = identity.administrator(&asker.cx).await?;
    identity.unlock_person(&asker.cx, by, id(&person)?).await?;
    Ok(asker.no_content())
}

/// Ends all sessions and tokens of somebody.
#[utoipa::path(post, path = "/api/v1/people/{id}/end-access", tag = "identity", params(("id" = String, Path)), responses((status = 204, description = "Ended"), (status = 404, description = "No such person")))]
pub(crate) async fn end_access(
    asker: Asker,
    State(identity): State<Identity>,
    Path(person): Path<String>,
) -> Result {
    let by = identity.administrator(&asker.cx).await?;
    identity.end_access_of(&asker.cx, by, id(&person)?).await?;
    Ok(asker.no_content())
}

/// Ends somebody's access at once; a month later they are deleted.
#[utoipa::path(post, path = "/api/v1/people/{id}/leave", tag = "identity", params(("id" = String, Path)), responses((status = 200, description = "The person, masked", body = PersonJson), (status = 404, description = "No such person")))]
pub(crate) async fn leave(
    asker: Asker,
    State(identity): State<Identity>,
    Path(person): Path<String>,
) -> Result {
    let by = identity.administrator(&asker.cx).await?;
    identity.leave_person(&asker.cx, by, id(&person)?).await?;
    Ok(asker.json(PersonJson::from(find(&identity, &asker, &person).await?)))
}

/// Undoes a leaving before the deletion.
#[utoipa::path(post, path = "/api/v1/people/{id}/return", tag = "identity", params(("id" = String, Path)), responses((status = 200, description = "The person, masked", body = PersonJson), (status = 404, description = "No such leaver")))]
pub(crate) async fn come_back(
    asker: Asker,
    State(identity): State<Identity>,
    Path(person): Path<String>,
) -> Result {
    let by = identity.administrator(&asker.cx).await?;
    identity.return_person(&asker.cx, by, id(&person)?).await?;
    Ok(asker.json(PersonJson::from(find(&identity, &asker, &person).await?)))
}

/// The badges of a person.
#[utoipa::path(get, path = "/api/v1/people/{id}/badges", tag = "identity", params(("id" = String, Path)), responses((status = 200, description = "The badges", body = JsonList<Badge>)))]
pub(crate) async fn badges(
    asker: Asker,
    State(identity): State<Identity>,
    Path(person): Path<String>,
) -> Result {
    let person = find(&identity, &asker, &person).await?;
    let badges = identity.badges(&identity.read(&asker.cx).await?, person.id).await?;
    Ok(JsonList::whole(badges).into_response())
}

/// A badge to be given.
#[derive(Debug, Default, Deserialize, utoipa::ToSchema)]
#[serde(default)]
pub(crate) struct BadgeJson {
    serial: String,
    label: String,
}

/// The badge that was given.
#[derive(Serialize, utoipa::ToSchema)]
struct GivenBadge {
    id: uuid::Uuid,
}

/// Gives a badge to somebody.
#[utoipa::path(post, path = "/api/v1/people/{id}/badges", tag = "identity", request_body = BadgeJson, params(("id" = String, Path)), responses((status = 201, description = "Given", body = GivenBadge), (status = 403, description = "A fresh proof is needed"), (status = 404, description = "No such person"), (status = 422, description = "The serial is wrong or taken")))]
pub(crate) async fn add_badge(
    asker: Asker,
    State(identity): State<Identity>,
    Path(person): Path<String>,
    Json(new): Json<BadgeJson>,
) -> Result {
    let by = identity.administrator(&asker.cx).await?;
    let badge = identity.add_badge(&asker.cx, by, id(&person)?, &new.serial, &new.label).await?;
    Ok(asker.created(&format!("/api/v1/people/{person}/badges/{badge}"), GivenBadge { id: badge }))
}

/// A PIN to be given; an empty one takes it away.
#[derive(Deserialize, utoipa::ToSchema)]
pub(crate) struct PinJson {
    pin: String,
}

/// Gives somebody a PIN for boxes: whoever cannot sign in here could have none otherwise.
#[utoipa::path(put, path = "/api/v1/people/{id}/pin", tag = "identity", request_body = PinJson, params(("id" = String, Path)), responses((status = 204, description = "Given"), (status = 403, description = "A fresh proof is needed"), (status = 404, description = "No such person"), (status = 422, description = "Not 4 to 8 digits, or too easy")))]
pub(crate) async fn give_pin(
    asker: Asker,
    State(identity): State<Identity>,
    Path(person): Path<String>,
    Json(new): Json<PinJson>,
) -> Result {
    identity.administrator(&asker.cx).await?;
    identity.set_pin(&asker.cx, id(&person)?, &Secret::new(new.pin)).await?;
    Ok(asker.no_content())
}

/// Takes a badge away.
#[utoipa::path(delete, path = "/api/v1/people/{id}/badges/{badge}", tag = "identity", params(("id" = String, Path), ("badge" = String, Path)), responses((status = 204, description = "Taken away"), (status = 404, description = "No such badge")))]
pub(crate) async fn remove_badge(
    asker: Asker,
    State(identity): State<Identity>,
    Path((person, badge)): Path<(String, String)>,
) -> Result {
    let by = identity.administrator(&asker.cx).await?;
    identity.remove_badge(&asker.cx, by, id(&person)?, id(&badge)?).await?;
    Ok(asker.no_content())
}
