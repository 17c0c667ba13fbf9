//! Bookings.

use axum::extract::{Path, State};
use axum::response::IntoResponse;
use sekisho_kernel::{Language, PersonId, Timestamp};
use sekisho_web::{Asker, IfMatch, Json, JsonList, Query, Result, WebError, etag, precondition};
use serde::{Deserialize, Serialize};
use utoipa::OpenApi;

use crate::ids::{BookingId, KeyId};
use crate::reads::{self, BookingFilter, BookingRow, Sight};
use crate::{Book, BookFor, Keys, revision};

/// Description of these routes.
#[derive(OpenApi)]
#[openapi(paths(list, make, one, cancel))]
pub(super) struct Description;

/// `?from=…&until=…&key=…`
#[derive(Default, Deserialize)]
pub(super) struct ListAsk {
    from: Option<Timestamp>,
    until: Option<Timestamp>,
    key: Option<KeyId>,
}

/// The bookings the caller may see.
#[utoipa::path(get, path = "/api/v1/key-bookings", tag = "keys", params(("from" = Option<String>, Query, description = "Ending after (RFC 3339)"), ("until" = Option<String>, Query, description = "Beginning before (RFC 3339)"), ("key" = Option<String>, Query)), responses((status = 200, description = "Bookings by their beginning", body = JsonList<BookingRow>), (status = 404, description = "Not there, or not for you")))]
pub(super) async fn list(asker: Asker, State(keys): State<Keys>, Query(ask): Query<ListAsk>) -> Result {
    let sight = Sight::of(&keys, &asker.cx, asker.person()?).await?;
    let filter = BookingFilter { from: ask.from, until: ask.until, key: ask.key, live: false };
    Ok(JsonList::whole(reads::bookings(&keys, &asker.cx, &sight, &filter).await?).into_response())
}

/// A booking to be made: for `person`, or for a guest by name and mail.
#[derive(Deserialize, utoipa::ToSchema)]
pub(super) struct BookBody {
    /// Which keys.
    keys: Vec<KeyId>,
    /// For whom, when a person of the organisation.
    #[serde(default)]
    person: Option<PersonId>,
    /// For whom, when somebody without an account.
    #[serde(default)]
    guest_name: String,
    /// Where code and address are sent.
    #[serde(default)]
    guest_mail: String,
    /// In which language the guest is written to.
    #[serde(default)]
    language: Option<Language>,
    /// From, on the clock of the box: `2026-11-22T09:00`.
    starts: String,
    /// Until, likewise.
    ends: String,
    /// What for.
    #[serde(default)]
    note: String,
    /// What it costs, in the smallest unit of the tenant's currency (yen, cents); it is in force when it was paid. Only with
    /// a payment account, and not for oneself.
    #[serde(default)]
    price: Option<i64>,
}

/// A booking that was made.
#[derive(Serialize, utoipa::ToSchema)]
struct Booked {
    id: BookingId,
    /// The code for the box; it opens nothing before the booking was paid.
    code: String,
    /// The path of the personal page, where it is paid, too.
    address: String,
}

/// Books keys for a period, in the wall-clock time of their box.
#[utoipa::path(post, path = "/api/v1/key-bookings", tag = "keys", request_body = BookBody, responses((status = 201, description = "The booking with its code and personal address", body = Booked), (status = 404, description = "Not there, or not for you")))]
pub(super) async fn make(asker: Asker, State(keys): State<Keys>, Json(body): Json<BookBody>) -> Result {
    let who = match body.person {
        Some(person) => BookFor::Person(person),
        None => BookFor::Guest {
            name: body.guest_name,
            mail: body.guest_mail,
            language: body.language.unwrap_or(asker.cx.language),
        },
    };
    let form = Book {
        keys: body.keys,
        who,
        starts: body.starts,
        ends: body.ends,
        note: body.note,
        price: body.price,
    };
    let booked = crate::book(&keys, &asker.cx, form).await?;
    let made = Booked { id: booked.id, code: booked.code, address: format!("/b/{}", booked.token) };
    Ok(asker.created(&format!("/api/v1/key-bookings/{}", booked.id), made))
}

/// One booking.
#[utoipa::path(get, path = "/api/v1/key-bookings/{id}", tag = "keys", params(("id" = String, Path)), responses((status = 200, description = "The booking; its ETag stands for whether it is in force", body = BookingRow), (status = 404, description = "Not there, or not for you")))]
pub(super) async fn one(asker: Asker, State(keys): State<Keys>, Path(id): Path<BookingId>) -> Result {
    let sight = Sight::of(&keys, &asker.cx, asker.person()?).await?;
    let row = reads::booking_row(&keys, &asker.cx, &sight, id).await?.ok_or_else(WebError::missing)?;
    let present = reads::booking(&keys.store.read(asker.cx.tenant).await?, id).await?;
    let present = present.ok_or_else(WebError::missing)?;
    Ok(([etag(revision::of_booking(&present))], Json(row)).into_response())
}

/// Calls a booking off. With `If-Match` only one that is still as it was seen.
#[utoipa::path(delete, path = "/api/v1/key-bookings/{id}", tag = "keys", params(("id" = String, Path), ("If-Match" = Option<String>, Header)), responses((status = 412, description = "Somebody else changed it first"), (status = 204, description = "Called off"), (status = 404, description = "Not there, or not for you")))]
pub(super) async fn cancel(
    asker: Asker,
    State(keys): State<Keys>,
    Path(id): Path<BookingId>,
    seen: IfMatch,
) -> Result {
    crate::cancel_booking(&keys, &asker.cx, id, &seen).await.map_err(precondition)?;
    Ok(asker.no_content())
}
