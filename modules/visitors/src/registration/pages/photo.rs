//! A guest's photo: sent and taken back on the personal page, seen by desk and host.

use axum::extract::{Multipart, Path, State};
use axum::http::{HeaderValue, header};
use axum::response::{IntoResponse, Response};
use sekisho_web::{Asker, FormState, Result, WebError};

use super::super::photo::{see_photo, send_photo, take_back_photo};
use super::guest::with_photo_state;
use crate::Visitors;
use crate::ids::VisitId;
use crate::pages::back_with;
use crate::pages::guest::{as_guest, visit_of};

/// Takes a photo in.
pub(super) async fn send(
    asker: Asker,
    State(visitors): State<Visitors>,
    Path(token): Path<String>,
    mut parts: Multipart,
) -> Result {
    let visit = visit_of(&visitors, &asker, &token).await?;
    let unreadable = |_| WebError::invalid("photo", "visitors-photo-error-large");
    let read = async {
        let mut photo = Vec::new();
        while let Some(part) = parts.next_field().await.map_err(unreadable)? {
            if part.name() == Some("photo") {
                photo = part.bytes().await.map_err(unreadable)?.to_vec();
            }
        }
        Ok(send_photo(&visitors, &as_guest(&asker, &visit), visit.id, photo).await?)
    };
    match read.await {
        Ok(()) => Ok(asker.done("visitors-page-photo-sent", format!("/v/{token}/registration"))),
        Err(error) => with_photo_state(&asker, &visitors, token, FormState::empty().failed(error)?).await,
    }
}

/// Takes it back.
pub(super) async fn take_back(
    asker: Asker,
    State(visitors): State<Visitors>,
    Path(token): Path<String>,
) -> Result {
    let visit = visit_of(&visitors, &asker, &token).await?;
    let here = format!("/v/{token}");
    match take_back_photo(&visitors, &as_guest(&asker, &visit), visit.id).await {
        Ok(()) => Ok(asker.done("visitors-page-photo-removed", here)),
        Err(error) => back_with(&asker, error.into(), &here),
    }
}

/// Shows it; the look is on the record.
pub(super) async fn see(asker: Asker, State(visitors): State<Visitors>, Path(id): Path<VisitId>) -> Result {
    let sight = visitors.sight(&asker.cx, asker.person()?).await?;
    Ok(picture(see_photo(&visitors, &asker.cx, &sight, id).await?))
}

/// A photo as an answer that nobody keeps and nothing runs in.
pub(crate) fn picture(bytes: Vec<u8>) -> Response {
    let headers = [
        (header::CONTENT_TYPE, HeaderValue::from_static("image/jpeg")),
        (header::CACHE_CONTROL, HeaderValue::from_static("no-store")),
        (header::CONTENT_DISPOSITION, HeaderValue::from_static("inline; filename=\"photo.jpg\"")),
        (
            header::CONTENT_SECURITY_POLICY,
            HeaderValue::from_static("default-src 'none'; frame-ancestors 'none'; sandbox"),
        ),
    ];
    (headers, bytes).into_response()
}
