//! `/keys/payments`: the account with a provider of payment pages; and where that provider tells what was paid.

use axum::body::Bytes;
use axum::extract::State;
use axum::http::{HeaderMap, StatusCode};
use axum::response::Response;
use sekisho_identity::WaysOut as _;
use sekisho_web::parts::{Alert, Card, Confirm, Field, FormBox, KeyValue, Tone};
use sekisho_web::{Asker, Form, FormState, Markup, Page, Reader, Result, Sheet, WebError};

use super::back_with;
use crate::payment::provider::STRIPE;
use crate::tables::words::Currency;
use crate::{Keys, PaymentAccount, PaymentAccountForm, Probed};

const HERE: &str = "/keys/payments";
/// Where a provider tells what was paid.
pub(super) const HOOK: &str = "/hooks/key-payments";

/// The page.
pub(super) struct PaymentsPage {
    pub(super) account: Option<PaymentAccount>,
    pub(super) state: FormState,
    /// Where links to this organisation begin.
    pub(super) base: String,
    pub(super) status: StatusCode,
}

impl Page for PaymentsPage {
    fn draw(&self, reader: &Reader) -> Sheet {
        let (t, state) = (reader.texts(), &self.state);
        let currencies = Currency::ALL.iter().map(|currency| {
            (currency.word().to_owned(), t.get(&format!("keys-currency-{}", currency.word())))
        });
        let known = self.account.is_some();
        let secret = |name: &str, text: &str, hint: &str| {
            let field =
                Field::password(name, t.get(text)).from(state, &t).autocomplete("off").hint(t.get(hint));
            if known { field.placeholder(t.get("keys-secret-kept")) } else { field.required() }
        };
        let form = FormBox::post(HERE, state, &t)
            .add(secret("secret", "keys-payment-secret", "keys-payment-secret-hint"))
            .add(secret("webhook_secret", "keys-payment-webhook-secret", "keys-payment-webhook-secret-hint"))
            .add(
                Field::select("currency", t.get("keys-payment-currency"))
                    .options(currencies)
                    .from(state, &t)
                    .short(),
            )
            .add(
                Field::text("provider", t.get("keys-payment-provider"))
                    .from(state, &t)
                    .optional(t.get("optional"))
                    .placeholder(STRIPE)
                    .hint(t.get("keys-payment-provider-hint")),
            )
            .submit(t.get("save"));
        let hook = format!("<code>{}{HOOK}</code>", Markup::text(&self.base));
        let told = KeyValue::new().row(t.get("keys-payment-hook"), Markup::raw(hook)).row(
            t.get("keys-payment-hook-events"),
            Markup::raw("<code>checkout.session.completed</code>, <code>checkout.session.async_payment_succeeded</code>, <code>checkout.session.async_payment_failed</code>"),
        );
        let remove = known.then(|| {
            Confirm::new(
                format!("{HERE}/remove"),
                t.get("delete"),
                t.get("keys-payment-remove-question"),
                t.get("keys-payment-remove-do"),
            )
            .icon("trash")
        });
        reader.sheet("keys-payments").crumb("/keys", "keys-title").status(self.status).body(
            Markup::from(Alert::new(Tone::Info, t.get("keys-payments-about")))
                .then(Card::plain().body(form))
                .then(Card::new(t.get("keys-payment-tells")).body(told))
                .then(remove),
        )
    }
}

async fn page(asker: &Asker, keys: &Keys, state: FormState, status: StatusCode) -> Result<Response> {
    let by = keys.identity.administrator(&asker.cx).await?;
    let account = crate::payment_account(keys, &asker.cx, by).await?;
    let base = keys.notify.base(&asker.cx).await?;
    Ok(asker.show(&PaymentsPage { account, state, base, status }))
}

/// Shows it.
pub(super) async fn show(asker: Asker, State(keys): State<Keys>) -> Result {
    let by = keys.identity.administrator(&asker.cx).await?;
    let state = match crate::payment_account(&keys, &asker.cx, by).await? {
        Some(account) => FormState::empty()
            .with("currency", account.currency.word())
            .with("provider", if account.provider == STRIPE { "" } else { &account.provider }),
        None => FormState::empty(),
    };
    page(&asker, &keys, state, StatusCode::OK).await
}

/// Saves it.
pub(super) async fn save(asker: Asker, State(keys): State<Keys>, sent: Form<PaymentAccountForm>) -> Result {
    let by = keys.identity.administrator(&asker.cx).await?;
    let (sent, state) = sent.split();
    let saved = match sent {
        Ok(form) => crate::set_payment_account(&keys, &asker.cx, by, form).await.map_err(WebError::from),
        Err(error) => Err(error),
    };
    match saved {
        Ok(Probed::Known) => Ok(asker.done("keys-saved", HERE)),
        Ok(Probed::Unanswered) => Ok(asker.done("keys-payment-saved-unanswered", HERE)),
        Err(error) => page(&asker, &keys, state.failed(error)?, StatusCode::UNPROCESSABLE_ENTITY).await,
    }
}

/// Removes it.
pub(super) async fn remove(asker: Asker, State(keys): State<Keys>) -> Result {
    let by = keys.identity.administrator(&asker.cx).await?;
    match crate::remove_payment_account(&keys, &asker.cx, by).await {
        Ok(()) => Ok(asker.done("keys-payment-removed", HERE)),
        Err(error) => back_with(&asker, error.into(), HERE),
    }
}

/// Hears the provider.
pub(super) async fn hear(asker: Asker, State(keys): State<Keys>, headers: HeaderMap, body: Bytes) -> Result {
    let signature = headers.get("stripe-signature").and_then(|value| value.to_str().ok()).unwrap_or_default();
    crate::hear_provider(&keys, &asker.cx, signature, &body).await?;
    Ok(asker.no_content())
}
