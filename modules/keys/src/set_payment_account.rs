//! The tenant's account with a provider of payment pages (K4): by which we are known there, and by which it is known to us.

use sea_orm::ActiveValue::Set;
use sea_orm::ColumnTrait;
use sekisho_crypto::{Place, Secret};
use sekisho_host::{Fault, faults};
use sekisho_identity::Administrator;
use sekisho_kernel::{AuditEntry, Cx, FieldError, Kind, Kinded, TenantId};
use sekisho_storage::{Scoped, StoreError};
use serde::{Deserialize, Serialize};
use uuid::Uuid;

use crate::Keys;
use crate::payment::provider::{Provider, ProviderError, STRIPE};
use crate::tables::payment_accounts::{ActiveModel, Column, Entity, Model};
use crate::tables::words::Currency;
use sekisho_web::Checks;

/// The longest secret a provider gives.
const LONGEST_SECRET: usize = 300;

/// The account as it is shown; its secrets never are.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, utoipa::ToSchema)]
pub struct PaymentAccount {
    /// Where the provider's API is.
    pub provider: String,
    /// In what is paid.
    pub currency: Currency,
}

/// The account as a form sets it.
#[derive(Clone, Debug, Default, Deserialize, utoipa::ToSchema)]
#[serde(default)]
pub struct PaymentAccountForm {
    /// Where the provider's API is, `https://…`; empty for Stripe.
    pub provider: String,
    /// `jpy`, `usd` or `eur`; empty for yen.
    pub currency: String,
    /// By which we are known to the provider (Stripe: `sk_…` or `rk_…`); empty leaves the one that is set.
    pub secret: String,
    /// By which the provider signs what it tells us (Stripe: `whsec_…`); empty leaves the one that is set.
    pub webhook_secret: String,
}

/// The account with its secrets, for asking and believing the provider.
pub(crate) struct OpenAccount {
    pub(crate) provider: String,
    pub(crate) currency: Currency,
    pub(crate) secret: Secret,
    pub(crate) webhook_secret: Secret,
}

/// Why the account is not set.
#[derive(Debug, thiserror::Error)]
pub enum PaymentAccountError {
    /// What was typed is wrong.
    #[error("invalid input")]
    Invalid(Vec<FieldError>),
    /// Something broke.
    #[error("broken")]
    Fault(#[source] Fault),
}
faults!(PaymentAccountError);

impl From<Vec<FieldError>> for PaymentAccountError {
    fn from(fields: Vec<FieldError>) -> Self {
        Self::Invalid(fields)
    }
}

impl Kinded for PaymentAccountError {
    fn kind(&self) -> Kind {
        match self {
            Self::Invalid(fields) => Kind::Invalid(fields.clone()),
            Self::Fault(fault) => fault.kind(),
        }
    }

    fn text(&self) -> &'static str {
        match self {
            Self::Invalid(_) => "error-invalid",
            Self::Fault(_) => "error-broken",
        }
    }
}

/// What the provider said of an account that was set.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Probed {
    /// It knows it.
    Known,
    /// It did not answer, or not so that we understand: nobody knows yet whether the account is right.
    Unanswered,
}

/// How the account is set; none when there is none.
pub async fn payment_account(
    keys: &Keys,
    cx: &Cx,
    _by: Administrator,
) -> Result<Option<PaymentAccount>, PaymentAccountError> {
    let row = find(&keys.store.read(cx.tenant).await?).await?;
    Ok(row.map(|row| PaymentAccount { provider: row.base, currency: row.currency }))
}

/// Sets it. A secret goes only to the provider it was typed for, and the provider is asked whether it knows it. The routes
/// want a fresh proof: by this account money goes its way.
pub async fn set_payment_account(
    keys: &Keys,
    cx: &Cx,
    _by: Administrator,
    form: PaymentAccountForm,
) -> Result<Probed, PaymentAccountError> {
    let tenant = keys.vault.keys(cx.tenant).await?;
    let known = find(&keys.store.read(cx.tenant).await?).await?;
    let mut checks = Checks::default();
    let typed = form.provider.trim().trim_end_matches('/');
    let base = if typed.is_empty() { STRIPE } else { typed };
    if keys.notify.may_connect(base).is_err() {
        checks.wrong("provider", "keys-error-provider");
    }
    let currency = match form.currency.trim() {
        "" => Some(Currency::Jpy),
        word => Currency::from_word(&word.to_ascii_lowercase()),
    };
    if currency.is_none() {
        checks.wrong("currency", "keys-error-currency");
    }
    let elsewhere = known.as_ref().is_some_and(|row| row.base != base);
    for (field, typed) in [("secret", &form.secret), ("webhook_secret", &form.webhook_secret)] {
        let typed = typed.trim();
        if typed.is_empty() && elsewhere {
            checks.wrong(field, "keys-error-secret-again");
        }
        let missing = typed.is_empty() && known.is_none();
        if missing || typed.len() > LONGEST_SECRET || !typed.chars().all(|sign| sign.is_ascii_graphic()) {
            checks.wrong(field, "keys-error-secret");
        }
    }
    checks.done::<PaymentAccountError>()?;
    let probed = probe(keys, cx, base, form.secret.trim()).await?;
    let id = known.as_ref().map_or_else(|| cx.fresh_id(), |row| row.id);
    let sealed = |column, typed: &str, before: Option<&Vec<u8>>| match typed.trim() {
        "" => before.cloned().unwrap_or_default(),
        typed => tenant.seal_secret(&place(column, id), typed.as_bytes()),
    };
    let row = ActiveModel {
        id: Set(id),
        one: Set(1),
        base: Set(base.to_owned()),
        currency: Set(currency.unwrap_or(Currency::Jpy)),
        secret_sealed: Set(sealed("secret", &form.secret, known.as_ref().map(|row| &row.secret_sealed))),
        webhook_sealed: Set(sealed(
            "webhook",
            &form.webhook_secret,
            known.as_ref().map(|row| &row.webhook_sealed),
        )),
        set_at: Set(cx.now),
        ..Default::default()
    };
    let tx = keys.store.begin(cx).await?;
    tx.delete::<Entity>().filter(Column::One.eq(1)).exec().await?;
    tx.insert::<Entity>(row).await?;
    let entry = AuditEntry::done("key.payment_account").with("provider", base).with("currency", currency);
    tx.commit(entry).await?;
    Ok(probed)
}

/// Asks the provider at `base` whether it knows us by the secret that will be kept: the one typed, else the one it has.
async fn probe(keys: &Keys, cx: &Cx, base: &str, typed: &str) -> Result<Probed, PaymentAccountError> {
    let secret = match typed {
        "" => account(keys, cx.tenant).await?.map(|account| account.secret),
        typed => Some(Secret::new(typed.to_owned())),
    };
    let (Some(secret), Ok(http)) = (secret, keys.notify.http()) else { return Ok(Probed::Unanswered) };
    match (Provider { http: &http, base, secret: secret.expose() }).knows_us().await {
        Ok(()) => Ok(Probed::Known),
        Err(error @ ProviderError::Stranger(_)) => {
            tracing::warn!(%error, "a payment account was not set");
            let text = "keys-error-secret-refused";
            Err(PaymentAccountError::Invalid(vec![FieldError { field: "secret", text }]))
        }
        Err(error) => {
            tracing::warn!(%error, "a payment account was set without an answer of the provider");
            Ok(Probed::Unanswered)
        }
    }
}

/// Removes it: nothing can be priced from now on, and what was paid is paid back at the provider by hand.
pub async fn remove_payment_account(
    keys: &Keys,
    cx: &Cx,
    _by: Administrator,
) -> Result<(), PaymentAccountError> {
    let tx = keys.store.begin(cx).await?;
    tx.delete::<Entity>().filter(Column::One.eq(1)).exec().await?;
    Ok(tx.commit(AuditEntry::done("key.payment_account_remove")).await?)
}

/// The account with its secrets; none when there is none.
pub(crate) async fn account(keys: &Keys, tenant: TenantId) -> Result<Option<OpenAccount>, Fault> {
    let Some(row) = find(&keys.store.read(tenant).await?).await? else { return Ok(None) };
    let keys = keys.vault.keys(tenant).await?;
    let open = |column, sealed: &[u8]| keys.open_text(&place(column, row.id), sealed).map(Secret::new);
    Ok(Some(OpenAccount {
        secret: open("secret", &row.secret_sealed)?,
        webhook_secret: open("webhook", &row.webhook_sealed)?,
        provider: row.base,
        currency: row.currency,
    }))
}

async fn find(scope: &impl Scoped) -> Result<Option<Model>, StoreError> {
    scope.find::<Entity>().filter(Column::One.eq(1)).one().await
}

fn place(column: &'static str, row: Uuid) -> Place<'static> {
    Place { table: "keys_payment_accounts", column, row }
}
