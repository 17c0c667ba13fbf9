//! Visits: the list, one of them, and what the reception does.

use axum::extract::{Path, State};
use axum::response::IntoResponse;
use sekisho_kernel::{PersonId, SiteId, Timestamp};
use sekisho_web::{Asker, Json, JsonList, Paging, Query, Result, WebError};
use serde::{Deserialize, Serialize};
use utoipa::OpenApi;

use super::appointments::GuestBody;
use crate::EvacuationList;
use crate::ids::VisitId;
use crate::reads::{self, VisitFilter, VisitRow};
use crate::tables::words::{VisitKind, VisitState};
use crate::{Presented, Visitors, WaveIn};

/// Description of these routes.
#[derive(OpenApi)]
#[openapi(paths(
    list,
    present,
    one,
    cancel,
    cancel_following,
    guest,
    change_guest,
    answer,
    pass_on,
    arrive,
    admit,
    guard_asked,
    refuse,
    check_out,
    check_in,
    wave_in
))]
pub(super) struct Description;

/// `?from=…&until=…&site=…&q=…`
#[derive(Default, Deserialize)]
pub(super) struct ListAsk {
    from: Option<Timestamp>,
    until: Option<Timestamp>,
    site: Option<SiteId>,
    host: Option<PersonId>,
    kind: Option<VisitKind>,
    state: Vec<VisitState>,
    mine: bool,
    q: String,
    cursor: Option<String>,
    limit: Option<u64>,
}

/// The visits the caller may see, by their beginning.
#[utoipa::path(get, path = "/api/v1/visitors/visits", tag = "visitors", params(("from" = Option<String>, Query, description = "Ending after (RFC 3339)"), ("until" = Option<String>, Query, description = "Beginning before (RFC 3339)"), ("site" = Option<String>, Query), ("host" = Option<String>, Query), ("kind" = Option<String>, Query), ("state" = Option<Vec<String>>, Query), ("mine" = Option<bool>, Query), ("q" = Option<String>, Query, description = "Part of a guest's name, reading or company"), ("cursor" = Option<String>, Query), ("limit" = Option<u64>, Query)), responses((status = 200, description = "Visits", body = JsonList<VisitRow>), (status = 422, description = "The cursor is not one of ours")))]
pub(super) async fn list(
    asker: Asker,
    State(visitors): State<Visitors>,
    Query(ask): Query<ListAsk>,
) -> Result {
    let paging = Paging { cursor: ask.cursor, limit: ask.limit };
    let sight = visitors.sight(&asker.cx, asker.person()?).await?;
    let filter = VisitFilter {
        from: ask.from,
        until: ask.until,
        site: ask.site,
        host: ask.host,
        kind: ask.kind,
        states: ask.state,
        mine: ask.mine,
        search: ask.q,
        after: paging.after()?,
        limit: paging.limit(),
        ..VisitFilter::default()
    };
    let rows = reads::visits(&visitors, &asker.cx, &sight, &filter).await?;
    Ok(JsonList::of(rows, paging.limit(), |row| reads::Place(row.starts_at, row.id)).into_response())
}

/// `?site=…`
#[derive(Default, Deserialize)]
pub(super) struct PresentAsk {
    site: Option<SiteId>,
}

/// Who of the visitors is in the building, for the desk of the site: the list for leaving it.
#[utoipa::path(get, path = "/api/v1/visitors/evacuation", tag = "visitors", params(("site" = Option<String>, Query, description = "Only this site")), responses((status = 200, description = "A list for each site whose desk the caller is", body = Vec<EvacuationList>), (status = 404, description = "The caller is the desk of no such site")))]
pub(super) async fn present(
    asker: Asker,
    State(visitors): State<Visitors>,
    Query(ask): Query<PresentAsk>,
) -> Result {
    let sight = visitors.sight(&asker.cx, asker.person()?).await?;
    let lists = crate::evacuation(&visitors, &asker.cx, &sight, ask.site).await?;
    if lists.is_empty() { Err(WebError::missing()) } else { Ok(Json(lists).into_response()) }
}

/// One visit.
#[utoipa::path(get, path = "/api/v1/visitors/visits/{id}", tag = "visitors", params(("id" = String, Path)), responses((status = 200, description = "The visit", body = VisitRow), (status = 404, description = "Not there, or not for you")))]
pub(super) async fn one(asker: Asker, State(visitors): State<Visitors>, Path(id): Path<VisitId>) -> Result {
    let sight = visitors.sight(&asker.cx, asker.person()?).await?;
    let row = reads::visit(&visitors, &asker.cx, &sight, id).await?.ok_or_else(WebError::missing)?;
    Ok(Json(row).into_response())
}

/// Takes a guest off an appointment; the pass opens nothing any more.
#[utoipa::path(delete, path = "/api/v1/visitors/visits/{id}", tag = "visitors", params(("id" = String, Path)), responses((status = 204, description = "Called off"), (status = 404, description = "Not there, or not for you"), (status = 422, description = "The guest is here or has gone")))]
pub(super) async fn cancel(
    asker: Asker,
    State(visitors): State<Visitors>,
    Path(id): Path<VisitId>,
) -> Result {
    crate::remove_guest(&visitors, &asker.cx, id).await?;
    Ok(asker.no_content())
}

/// Takes a guest off an appointment of a series and those that follow it.
#[utoipa::path(delete, path = "/api/v1/visitors/visits/{id}/following", tag = "visitors", params(("id" = String, Path)), responses((status = 204, description = "Called off"), (status = 404, description = "Not there, or not for you"), (status = 409, description = "Somebody else changed one of them at the same moment"), (status = 422, description = "Of no series, or the guest is here or has gone")))]
pub(super) async fn cancel_following(
    asker: Asker,
    State(visitors): State<Visitors>,
    Path(id): Path<VisitId>,
) -> Result {
    crate::remove_guest_from_series(&visitors, &asker.cx, id).await?;
    Ok(asker.no_content())
}

/// What is known of the guest of a visit, for whoever may correct it.
#[utoipa::path(get, path = "/api/v1/visitors/visits/{id}/guest", tag = "visitors", params(("id" = String, Path)), responses((status = 200, description = "The guest", body = GuestBody), (status = 404, description = "Not there, or not for you")))]
pub(super) async fn guest(asker: Asker, State(visitors): State<Visitors>, Path(id): Path<VisitId>) -> Result {
    let known = crate::guest_of(&visitors, &asker.cx, id).await?;
    Ok(Json(GuestBody::from(known)).into_response())
}

/// Corrects the guest of a visit. At another mail address they are invited anew, with a new pass and a new personal page; what
/// the old address got opens nothing. A guest whom others invited, too, stays as they are: the visit gets a guest of its own.
#[utoipa::path(put, path = "/api/v1/visitors/visits/{id}/guest", tag = "visitors", params(("id" = String, Path)), request_body = GuestBody, responses((status = 204, description = "Corrected"), (status = 404, description = "Not there, or not for you"), (status = 409, description = "Somebody else corrected them at the same moment")))]
pub(super) async fn change_guest(
    asker: Asker,
    State(visitors): State<Visitors>,
    Path(id): Path<VisitId>,
    Json(body): Json<GuestBody>,
) -> Result {
    crate::change_guest(&visitors, &asker.cx, id, body.form()).await?;
    Ok(asker.no_content())
}

/// Says that the guest came to the reception, without a pass. The host is told.
#[utoipa::path(post, path = "/api/v1/visitors/visits/{id}/arrive", tag = "visitors", params(("id" = String, Path)), responses((status = 204, description = "At the reception"), (status = 404, description = "Not there, or not for you"), (status = 422, description = "The guest is here already, or the visit was called off")))]
pub(super) async fn arrive(
    asker: Asker,
    State(visitors): State<Visitors>,
    Path(id): Path<VisitId>,
) -> Result {
    crate::arrive(&visitors, &asker.cx, id).await?;
    Ok(asker.no_content())
}

/// Says that somebody is coming to meet the guest; nobody else is asked.
#[utoipa::path(post, path = "/api/v1/visitors/visits/{id}/answer", tag = "visitors", params(("id" = String, Path)), responses((status = 204, description = "The reception is told"), (status = 404, description = "Not there, or not for you"), (status = 422, description = "The guest does not wait at the reception")))]
pub(super) async fn answer(
    asker: Asker,
    State(visitors): State<Visitors>,
    Path(id): Path<VisitId>,
) -> Result {
    crate::answer(&visitors, &asker.cx, id).await?;
    Ok(asker.no_content())
}

/// Asks somebody else to meet the guest: the next deputy, then the department; the desk when there is nobody left.
#[utoipa::path(post, path = "/api/v1/visitors/visits/{id}/pass-on", tag = "visitors", params(("id" = String, Path)), responses((status = 204, description = "Somebody else, or the desk, is told"), (status = 404, description = "Not there, or not for you"), (status = 422, description = "The guest does not wait, or somebody is coming already")))]
pub(super) async fn pass_on(
    asker: Asker,
    State(visitors): State<Visitors>,
    Path(id): Path<VisitId>,
) -> Result {
    crate::pass_on(&visitors, &asker.cx, id).await?;
    Ok(asker.no_content())
}

/// `?guard_asked=true`
#[derive(Default, Deserialize)]
pub(super) struct AdmitAsk {
    guard_asked: bool,
}

/// Lets a guest in, checked in or not. Of a guest with `ask_guard` the desk says that the guard was asked.
#[utoipa::path(post, path = "/api/v1/visitors/visits/{id}/admit", tag = "visitors", params(("id" = String, Path), ("guard_asked" = Option<bool>, Query, description = "The guard was asked about this guest")), responses((status = 204, description = "Let in"), (status = 404, description = "Not there, or not for you"), (status = 422, description = "The visit is over or called off, or the guard is to be asked first")))]
pub(super) async fn admit(
    asker: Asker,
    State(visitors): State<Visitors>,
    Path(id): Path<VisitId>,
    Query(ask): Query<AdmitAsk>,
) -> Result {
    crate::admit(&visitors, &asker.cx, id, ask.guard_asked).await?;
    Ok(asker.no_content())
}

/// Says that the guard was asked about a guest with `ask_guard` whom somebody else let in.
#[utoipa::path(post, path = "/api/v1/visitors/visits/{id}/guard-asked", tag = "visitors", params(("id" = String, Path)), responses((status = 204, description = "Written down"), (status = 404, description = "Not there, not for you, or nothing to ask")))]
pub(super) async fn guard_asked(
    asker: Asker,
    State(visitors): State<Visitors>,
    Path(id): Path<VisitId>,
) -> Result {
    crate::guard_was_asked(&visitors, &asker.cx, id).await?;
    Ok(asker.no_content())
}

/// Does not let a guest in.
#[utoipa::path(post, path = "/api/v1/visitors/visits/{id}/refuse", tag = "visitors", params(("id" = String, Path)), responses((status = 204, description = "Refused"), (status = 404, description = "Not there, or not for you"), (status = 422, description = "The guest is in already")))]
pub(super) async fn refuse(
    asker: Asker,
    State(visitors): State<Visitors>,
    Path(id): Path<VisitId>,
) -> Result {
    crate::refuse(&visitors, &asker.cx, id).await?;
    Ok(asker.no_content())
}

/// Checks a guest out.
#[utoipa::path(post, path = "/api/v1/visitors/visits/{id}/check-out", tag = "visitors", params(("id" = String, Path)), responses((status = 204, description = "Gone"), (status = 404, description = "Not there, or not for you")))]
pub(super) async fn check_out(
    asker: Asker,
    State(visitors): State<Visitors>,
    Path(id): Path<VisitId>,
) -> Result {
    crate::check_out(&visitors, &asker.cx, id).await?;
    Ok(asker.no_content())
}

/// What a guest shows: the text of the QR code, or the code as it was typed.
#[derive(Deserialize, utoipa::ToSchema)]
#[schema(as = VisitorCheckIn)]
pub(super) struct CheckInBody {
    /// At which reception.
    site: SiteId,
    /// The text of the QR code.
    #[serde(default)]
    pass: String,
    /// The code, when there is no QR code to read.
    #[serde(default)]
    code: String,
}

/// A guest who is at the reception now.
#[derive(Serialize, utoipa::ToSchema)]
#[schema(as = VisitorCheckedIn)]
struct CheckedInRow {
    visit: VisitId,
    /// The guest's name.
    name: String,
    kind: VisitKind,
    /// Who receives.
    host: Option<PersonId>,
    /// People who came along.
    companions: i64,
}

/// Checks a guest in, as the desk of a site. Whatever is wrong with a pass, the answer is the same.
#[utoipa::path(post, path = "/api/v1/visitors/check-in", tag = "visitors", request_body = CheckInBody, responses((status = 200, description = "Checked in", body = CheckedInRow), (status = 403, description = "You are not the desk of that site"), (status = 404, description = "No such site"), (status = 422, description = "The pass opens nothing here and now"), (status = 429, description = "Too many wrong ones came from there")))]
pub(super) async fn check_in(
    asker: Asker,
    State(visitors): State<Visitors>,
    Json(body): Json<CheckInBody>,
) -> Result {
    let at = visitors.desk(&asker.cx, body.site, "visit.check_in").await?;
    let presented =
        if body.pass.is_empty() { Presented::Code(body.code) } else { Presented::Pass(body.pass) };
    let done = crate::check_in(&visitors, &asker.cx, &at, &presented).await?;
    let row = CheckedInRow {
        visit: done.visit,
        name: done.name,
        kind: done.kind,
        host: done.host,
        companions: done.companions,
    };
    Ok(Json(row).into_response())
}

/// Who is waved in.
#[derive(Deserialize, utoipa::ToSchema)]
#[schema(as = VisitorWaveIn)]
pub(super) struct WaveInBody {
    /// Where.
    site: SiteId,
    /// To whom.
    #[serde(default)]
    host: Option<PersonId>,
    /// What kind; `guest` unless said.
    #[serde(default)]
    kind: Option<VisitKind>,
    /// How many people, from 1.
    count: i64,
}

/// The id of something made.
#[derive(Serialize, utoipa::ToSchema)]
#[schema(as = VisitWavedIn)]
struct Made {
    id: VisitId,
}

/// Waves people in, as the desk of a site: counted, without names.
#[utoipa::path(post, path = "/api/v1/visitors/wave-in", tag = "visitors", request_body = WaveInBody, responses((status = 201, description = "In", body = Made), (status = 403, description = "You are not the desk of that site"), (status = 404, description = "No such site")))]
pub(super) async fn wave_in(
    asker: Asker,
    State(visitors): State<Visitors>,
    Json(body): Json<WaveInBody>,
) -> Result {
    let kind = body.kind.unwrap_or(VisitKind::Guest);
    let ask = WaveIn { site: body.site, host: body.host, kind, count: body.count };
    let id = crate::wave_in(&visitors, &asker.cx, ask).await?;
    Ok(asker.created(&format!("/api/v1/visitors/visits/{id}"), Made { id }))
}
