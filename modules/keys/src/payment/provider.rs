//! The payment page of a provider that speaks Stripe's Checkout API: a session is made for a booking, whoever pays is sent
//! to its address, and the session says whether it was paid. Amounts are in the currency's smallest unit.

use axum::http::Method;
use sekisho_notify::send::http::{Answer, Http, Request};
use sekisho_web::escape_query;
use serde::Deserialize;

use crate::tables::words::Currency;

/// Where the provider's API is, unless a tenant says otherwise.
pub(crate) const STRIPE: &str = "https://api.stripe.com";

/// Why the provider did not do as it was asked.
#[derive(Debug, thiserror::Error)]
pub(crate) enum ProviderError {
    /// It cannot be reached now, or is not well.
    #[error("the payment provider does not answer: {0}")]
    Away(String),
    /// It does not know us: the secret is wrong, was withdrawn, or may not do this.
    #[error("the payment provider does not accept the account: {0}")]
    Stranger(String),
    /// It does not know what we ask about: made under another account, or long ago.
    #[error("the payment provider knows nothing of it: {0}")]
    Gone(String),
    /// It refused; asking again changes nothing.
    #[error("the payment provider refused: {0}")]
    Refused(String),
}

/// A payment page for one booking.
#[derive(Clone, Debug, Deserialize)]
pub(crate) struct Checkout {
    /// The provider's name for it.
    pub(crate) id: String,
    /// Where it is paid; none when it is over.
    #[serde(default)]
    pub(crate) url: Option<String>,
    /// `open`, `complete` or `expired`.
    #[serde(default)]
    pub(crate) status: Option<String>,
    /// `paid`, `unpaid` or `no_payment_required`.
    #[serde(default)]
    pub(crate) payment_status: String,
    /// What is, or was, to be paid.
    #[serde(default)]
    pub(crate) amount_total: Option<i64>,
    /// In what.
    #[serde(default)]
    pub(crate) currency: Option<String>,
    /// By what it can be paid back.
    #[serde(default)]
    pub(crate) payment_intent: Option<String>,
    /// Our booking, as we named it when the page was made.
    #[serde(default)]
    pub(crate) client_reference_id: Option<String>,
}

impl Checkout {
    /// Whether whoever pays has done their part, and the money is still on its way: a transfer, a payment at a shop.
    pub(crate) fn under_way(&self) -> bool {
        self.status.as_deref() == Some("complete") && self.payment_status == "unpaid"
    }

    /// Whether something was paid.
    pub(crate) fn says_paid(&self) -> bool {
        self.payment_status == "paid"
    }

    /// Whether all of `amount` was paid.
    pub(crate) fn paid(&self, amount: i64, currency: Currency) -> bool {
        self.says_paid()
            && self.amount_total == Some(amount)
            && self.currency.as_deref().and_then(Currency::from_word) == Some(currency)
    }
}

/// What a page is made of.
pub(crate) struct NewCheckout<'a> {
    /// Our own name of this page: the provider makes one page for it, and refuses other wishes under the same name.
    pub(crate) once: &'a str,
    /// The booking's id, by which we know the payment again.
    pub(crate) reference: &'a str,
    /// What is paid for.
    pub(crate) name: &'a str,
    /// How much.
    pub(crate) amount: i64,
    /// In what.
    pub(crate) currency: Currency,
    /// Whoever paid comes back here.
    pub(crate) back: &'a str,
    /// The page closes then, in seconds since 1970; the provider wants 30 minutes to 24 hours from now.
    pub(crate) expires_at: i64,
    /// The language of the page.
    pub(crate) language: &'a str,
}

/// What the provider tells of its own accord.
#[derive(Debug, Deserialize)]
pub(crate) struct Notice {
    /// What happened.
    #[serde(rename = "type")]
    pub(crate) kind: String,
    /// About what.
    pub(crate) data: About,
}

/// The thing a notice is about.
#[derive(Debug, Deserialize)]
pub(crate) struct About {
    /// A checkout, for the kinds we listen to.
    pub(crate) object: serde_json::Value,
}

/// One tenant's account with the provider.
pub(crate) struct Provider<'a> {
    pub(crate) http: &'a Http,
    pub(crate) base: &'a str,
    pub(crate) secret: &'a str,
}

impl Provider<'_> {
    /// Makes a page. The same wishes under the same name get the same page, however often they are sent.
    pub(crate) async fn begin(&self, new: &NewCheckout<'_>) -> Result<Checkout, ProviderError> {
        let fields = [
            ("mode", "payment".to_owned()),
            ("client_reference_id", new.reference.to_owned()),
            ("success_url", new.back.to_owned()),
            ("cancel_url", new.back.to_owned()),
            ("expires_at", new.expires_at.to_string()),
            ("locale", new.language.to_owned()),
            ("line_items[0][quantity]", "1".to_owned()),
            ("line_items[0][price_data][currency]", new.currency.word().to_owned()),
            ("line_items[0][price_data][unit_amount]", new.amount.to_string()),
            ("line_items[0][price_data][product_data][name]", new.name.to_owned()),
        ];
        self.post("/v1/checkout/sessions", &fields, new.once).await
    }

    /// Whether the account is known there at all.
    pub(crate) async fn knows_us(&self) -> Result<(), ProviderError> {
        let url = format!("{}/v1/checkout/sessions?limit=1", self.base);
        judge(&self.ask(Method::GET, &url, Vec::new(), None).await?)
    }

    /// How a page stands.
    pub(crate) async fn look(&self, id: &str) -> Result<Checkout, ProviderError> {
        let url = format!("{}/v1/checkout/sessions/{}", self.base, escape_query(id));
        self.call(Method::GET, &url, Vec::new(), None).await
    }

    /// Closes a page that nobody paid; one that was paid meanwhile stays paid and the provider refuses.
    pub(crate) async fn close(&self, id: &str) -> Result<Checkout, ProviderError> {
        let path = format!("/v1/checkout/sessions/{}/expire", escape_query(id));
        self.post(&path, &[], &format!("{id}-expire")).await
    }

    /// Pays back everything that was paid.
    pub(crate) async fn refund(&self, intent: &str) -> Result<(), ProviderError> {
        let fields = [("payment_intent", intent.to_owned())];
        let _: serde_json::Value = self.post("/v1/refunds", &fields, &format!("{intent}-refund")).await?;
        Ok(())
    }

    async fn post<T: serde::de::DeserializeOwned>(
        &self,
        path: &str,
        fields: &[(&str, String)],
        once: &str,
    ) -> Result<T, ProviderError> {
        let body = fields
            .iter()
            .map(|(name, value)| format!("{}={}", escape_query(name), escape_query(value)))
            .collect::<Vec<_>>()
            .join("&");
        let url = format!("{}{path}", self.base);
        self.call(Method::POST, &url, body.into_bytes(), Some(once)).await
    }

    async fn call<T: serde::de::DeserializeOwned>(
        &self,
        method: Method,
        url: &str,
        body: Vec<u8>,
        once: Option<&str>,
    ) -> Result<T, ProviderError> {
        let answer = self.ask(method, url, body, once).await?;
        judge(&answer)?;
        serde_json::from_str(&answer.body)
            .map_err(|error| ProviderError::Away(format!("an answer we cannot read: {error}")))
    }

    async fn ask(
        &self,
        method: Method,
        url: &str,
        body: Vec<u8>,
        once: Option<&str>,
    ) -> Result<Answer, ProviderError> {
        let mut headers = vec![
            ("authorization".to_owned(), format!("Bearer {}", self.secret)),
            ("content-type".to_owned(), "application/x-www-form-urlencoded".to_owned()),
        ];
        headers.extend(once.map(|once| ("idempotency-key".to_owned(), once.to_owned())));
        let answer = self.http.call(Request { method, url, headers, body }).await;
        answer.map_err(|error| ProviderError::Away(error.to_string()))
    }
}

fn judge(answer: &Answer) -> Result<(), ProviderError> {
    let status = answer.status;
    if status.is_success() {
        return Ok(());
    }
    #[derive(Deserialize)]
    struct Refusal {
        error: Reason,
    }
    #[derive(Deserialize)]
    struct Reason {
        #[serde(default)]
        message: String,
    }
    let reason = serde_json::from_str::<Refusal>(&answer.body).map(|refusal| refusal.error.message);
    let reason = format!("{status} {}", reason.unwrap_or_default());
    // 409 and 429 mean "not now"; so does everything that is the provider's own trouble.
    Err(match status.as_u16() {
        401 | 403 => ProviderError::Stranger(reason),
        404 => ProviderError::Gone(reason),
        409 | 429 | 500.. => ProviderError::Away(reason),
        _ => ProviderError::Refused(reason),
    })
}
