//! `/api/v1/sites`.

use axum::extract::{Path, State};
use axum::http::HeaderMap;
use axum::response::IntoResponse;
use sekisho_kernel::SiteId;
use sekisho_web::{Asker, Json, JsonList, Result, etag, if_match};
use utoipa::OpenApi;

use crate::pages::AreaForm;
use crate::tables::AreaId;
use crate::{Area, NewSite, Places, Site, reads};

/// Description of these routes.
#[derive(OpenApi)]
#[openapi(paths(list, open, one, change, close, areas, open_area, close_area))]
pub(crate) struct Description;

/// All open sites.
#[utoipa::path(get, path = "/api/v1/sites", tag = "places", responses((status = 200, description = "The open sites by name", body = JsonList<Site>)))]
pub(crate) async fn list(asker: Asker, State(places): State<Places>) -> Result {
    let scope = places.store.read(asker.cx.tenant).await?;
    Ok(JsonList::whole(reads::sites(&scope).await?).into_response())
}

/// Opens a site.
#[utoipa::path(post, path = "/api/v1/sites", tag = "places", request_body = NewSite, responses((status = 201, description = "The site is open", body = Site), (status = 422, description = "A field is wrong")))]
pub(crate) async fn open(asker: Asker, State(places): State<Places>, Json(new): Json<NewSite>) -> Result {
    let id = places.open_site(&asker.cx, &new).await?;
    let (site, ..) = places.open_one(&asker.cx, id).await?;
    Ok(asker.created(&format!("/api/v1/sites/{id}"), site))
}

/// One site.
#[utoipa::path(get, path = "/api/v1/sites/{id}", tag = "places", params(("id" = String, Path)), responses((status = 200, description = "The site, with its version as ETag", body = Site), (status = 404, description = "No such site")))]
pub(crate) async fn one(asker: Asker, State(places): State<Places>, Path(id): Path<SiteId>) -> Result {
    let (site, version, _) = places.open_one(&asker.cx, id).await?;
    Ok(([etag(version)], Json(site)).into_response())
}

/// Changes a site.
#[utoipa::path(put, path = "/api/v1/sites/{id}", tag = "places", request_body = NewSite, params(("id" = String, Path), ("If-Match" = String, Header)), responses((status = 200, description = "The changed site", body = Site), (status = 412, description = "Somebody else changed it first")))]
pub(crate) async fn change(
    asker: Asker,
    State(places): State<Places>,
    Path(id): Path<SiteId>,
    headers: HeaderMap,
    Json(new): Json<NewSite>,
) -> Result {
    let (_, version, _) = places.open_one(&asker.cx, id).await?;
    if_match(&headers, version)?;
    places.change_site(&asker.cx, id, &new, Some(version)).await?;
    one(asker, State(places), Path(id)).await
}

/// Closes a site.
#[utoipa::path(delete, path = "/api/v1/sites/{id}", tag = "places", params(("id" = String, Path)), responses((status = 204, description = "Closed"), (status = 404, description = "No such site")))]
pub(crate) async fn close(asker: Asker, State(places): State<Places>, Path(id): Path<SiteId>) -> Result {
    places.close_site(&asker.cx, id).await?;
    Ok(asker.no_content())
}

/// The open areas of a site.
#[utoipa::path(get, path = "/api/v1/sites/{id}/areas", tag = "places", params(("id" = String, Path)), responses((status = 200, description = "The open areas by name", body = JsonList<Area>)))]
pub(crate) async fn areas(asker: Asker, State(places): State<Places>, Path(id): Path<SiteId>) -> Result {
    let (_, _, areas) = places.open_one(&asker.cx, id).await?;
    Ok(JsonList::whole(areas).into_response())
}

/// Adds an area.
#[utoipa::path(post, path = "/api/v1/sites/{id}/areas", tag = "places", request_body = AreaForm, params(("id" = String, Path)), responses((status = 201, description = "The area is open", body = Area), (status = 422, description = "A field is wrong")))]
pub(crate) async fn open_area(
    asker: Asker,
    State(places): State<Places>,
    Path(site): Path<SiteId>,
    Json(new): Json<AreaForm>,
) -> Result {
    let id = places.open_area(&asker.cx, site, &new.name).await?;
    let scope = places.store.read(asker.cx.tenant).await?;
    let area = reads::area(&scope, id).await?;
    Ok(asker.created(&format!("/api/v1/sites/{site}/areas/{id}"), area))
}

/// Closes an area.
#[utoipa::path(delete, path = "/api/v1/sites/{id}/areas/{area}", tag = "places", params(("id" = String, Path), ("area" = String, Path)), responses((status = 204, description = "Closed"), (status = 404, description = "No such area")))]
pub(crate) async fn close_area(
    asker: Asker,
    State(places): State<Places>,
    Path((site, area)): Path<(SiteId, AreaId)>,
) -> Result {
    places.close_area(&asker.cx, site, area).await?;
    Ok(asker.no_content())
}
