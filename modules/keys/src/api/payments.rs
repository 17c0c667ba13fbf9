//! The account with a provider of payment pages.

use axum::extract::State;
use axum::response::IntoResponse;
use sekisho_web::{Asker, Json, Result, WebError};
use utoipa::OpenApi;

use crate::{Keys, PaymentAccount, PaymentAccountForm};

/// Description of these routes.
#[derive(OpenApi)]
#[openapi(paths(show, set, remove))]
pub(super) struct Description;

/// The account; its secrets are never told again.
#[utoipa::path(get, path = "/api/v1/key-payment-account", tag = "keys", responses((status = 200, description = "The account", body = PaymentAccount), (status = 404, description = "There is none")))]
pub(super) async fn show(asker: Asker, State(keys): State<Keys>) -> Result {
    let by = keys.identity.administrator(&asker.cx).await?;
    let account = crate::payment_account(&keys, &asker.cx, by).await?.ok_or_else(WebError::missing)?;
    Ok(Json(account).into_response())
}

/// Sets the account. Bookings can be priced from now on; no card data ever comes here.
#[utoipa::path(put, path = "/api/v1/key-payment-account", tag = "keys", request_body = PaymentAccountForm, responses((status = 204, description = "Set"), (status = 403, description = "A fresh proof is needed"), (status = 422, description = "A field is wrong, or the provider does not know the secret")))]
pub(super) async fn set(
    asker: Asker,
    State(keys): State<Keys>,
    Json(form): Json<PaymentAccountForm>,
) -> Result {
    let by = keys.identity.administrator(&asker.cx).await?;
    crate::set_payment_account(&keys, &asker.cx, by, form).await?;
    Ok(asker.no_content())
}

/// Removes the account.
#[utoipa::path(delete, path = "/api/v1/key-payment-account", tag = "keys", responses((status = 204, description = "Removed, or there was none"), (status = 403, description = "A fresh proof is needed")))]
pub(super) async fn remove(asker: Asker, State(keys): State<Keys>) -> Result {
    let by = keys.identity.administrator(&asker.cx).await?;
    crate::remove_payment_account(&keys, &asker.cx, by).await?;
    Ok(asker.no_content())
}
