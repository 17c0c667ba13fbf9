//! A signature as a PDF: for whoever plans the visit, and for the guest who signed.

use axum::extract::{Path, State};
use axum::http::{HeaderValue, header};
use axum::response::{IntoResponse, Response};
use sekisho_web::{Asker, Result, WebError};

use super::super::kept::registered_of;
use super::super::paper::{for_planner, on_paper};
use crate::Visitors;
use crate::ids::SigningId;
use crate::pages::guest::visit_of;

/// For whoever plans the visit.
pub(crate) async fn of_signing(
    asker: Asker,
    State(visitors): State<Visitors>,
    Path(id): Path<SigningId>,
) -> Result {
    let sight = visitors.sight(&asker.cx, asker.person()?).await?;
    Ok(file(for_planner(&visitors, &asker.cx, &sight, id, &asker.texts()).await?))
}

/// For the guest: what they signed last.
pub(super) async fn of_guest(
    asker: Asker,
    State(visitors): State<Visitors>,
    Path(token): Path<String>,
) -> Result {
    let asker = asker.for_guest();
    let visit = visit_of(&visitors, &asker, &token).await?;
    let given = registered_of(&visitors, &asker.cx, std::slice::from_ref(&visit)).await?.remove(&visit.id);
    let signing = given.and_then(|given| given.signings.first().map(|one| one.id));
    let signing = signing.ok_or_else(WebError::missing)?;
    Ok(file(on_paper(&visitors, &asker.cx, signing, &asker.texts()).await?))
}

fn file(bytes: Vec<u8>) -> Response {
    let headers = [
        (header::CONTENT_TYPE, HeaderValue::from_static("application/pdf")),
        (header::CACHE_CONTROL, HeaderValue::from_static("no-store")),
        (header::CONTENT_DISPOSITION, HeaderValue::from_static("attachment; filename=\"agreement.pdf\"")),
    ];
    (headers, bytes).into_response()
}
