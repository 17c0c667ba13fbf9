//! Whoever a booking was made for pays for it, at the provider's page (K4). The booking is in force when the provider says
//! it was paid: signed, or asked by us. What is not paid in time is called off (`call_off_unpaid.rs`); what was paid and
//! is not in force is paid back (`refund_booking.rs`).

use sea_orm::{ColumnTrait, Condition, QuerySelect};
use sekisho_host::{Fault, faults};
use sekisho_kernel::{Actor, AuditEntry, Cx, Kind, Kinded, Language};
use sekisho_storage::{Scoped, StoreError, Tx};
use serde::Serialize;
use serde_json::json;
use uuid::Uuid;

use crate::Keys;
use crate::book::record_name;
use crate::call_off_unpaid::{UNPAID, end_unpaid};
use crate::ids::BookingId;
use crate::payment::pages::{note_over, note_paid, pages_of, wish};
use crate::payment::provider::{Checkout, NewCheckout, Notice, Provider, ProviderError};
use crate::payment::{NotBelieved, believe};
use crate::reads::names_of_booking;
use crate::refund_booking::{refund, refund_besides, tell_paid_back};
use crate::set_payment_account::{OpenAccount, account};
use crate::tables::words::{BookingState, PageState, PaymentState};
use crate::tables::{bookings, payment_pages, payments};

/// Why there is nothing to pay now.
#[derive(Debug, thiserror::Error)]
pub enum PayError {
    /// No such booking, or nothing to pay for it (any more).
    #[error("nothing to pay")]
    Nothing,
    /// Whoever pays has done their part; the money is on its way.
    #[error("the payment is under way")]
    UnderWay,
    /// The organisation has no account with a provider (any more).
    #[error("there is no payment account")]
    NoAccount,
    /// The provider does not accept the organisation's account.
    #[error("the provider does not accept the account")]
    BadAccount(#[source] Box<dyn std::error::Error + Send + Sync>),
    /// The provider does not answer.
    #[error("the provider does not answer")]
    Away(#[source] Box<dyn std::error::Error + Send + Sync>),
    /// It was asked too often.
    #[error("asked too often")]
    TooOften,
    /// What claims to come from the provider does not.
    #[error(transparent)]
    NotBelieved(#[from] NotBelieved),
    /// Something broke.
    #[error("broken")]
    Fault(#[source] Fault),
}
faults!(PayError);

impl From<ProviderError> for PayError {
    fn from(error: ProviderError) -> Self {
        match error {
            // Nobody but the log would see it: whoever pays cannot mend it, and whoever can is not there.
            ProviderError::Stranger(_) => {
                tracing::error!(%error, "nobody can pay for bookings: set the account anew");
                Self::BadAccount(Box::new(error))
            }
            other => Self::Away(Box::new(other)),
        }
    }
}

impl From<sekisho_notify::send::SendError> for PayError {
    fn from(error: sekisho_notify::send::SendError) -> Self {
        Self::Away(Box::new(error))
    }
}

impl Kinded for PayError {
    fn kind(&self) -> Kind {
        match self {
            Self::Nothing => Kind::Missing,
            Self::UnderWay | Self::NoAccount | Self::BadAccount(_) | Self::Away(_) => Kind::Refused,
            Self::TooOften => Kind::Busy(60),
            Self::NotBelieved(_) => Kind::Denied,
            Self::Fault(fault) => fault.kind(),
        }
    }

    fn text(&self) -> &'static str {
        match self {
            Self::Nothing => "error-missing",
            Self::UnderWay => "keys-pay-under-way",
            Self::NoAccount | Self::BadAccount(_) => "keys-pay-no-account",
            Self::Away(_) => "keys-pay-away",
            Self::TooOften => "error-busy",
            Self::NotBelieved(_) => "error-denied",
            Self::Fault(_) => "error-broken",
        }
    }
}

/// What a booking costs, and how far its payment got.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, utoipa::ToSchema)]
pub struct PaymentRow {
    /// How much, in the currency's smallest unit.
    pub amount: i64,
    /// In what.
    pub currency: crate::tables::words::Currency,
    /// How far it got.
    pub state: PaymentState,
    /// Not after.
    pub pay_until: sekisho_kernel::Timestamp,
}

/// The payment of a booking; none when it costs nothing.
pub(crate) async fn payment_of(
    scope: &impl Scoped,
    booking: BookingId,
) -> Result<Option<payments::Model>, StoreError> {
    scope.find::<payments::Entity>().filter(payments::Column::Id.eq(booking)).one().await
}

impl From<payments::Model> for PaymentRow {
    fn from(row: payments::Model) -> Self {
        Self { amount: row.amount, currency: row.currency, state: row.state, pay_until: row.pay_until }
    }
}

/// Where this booking is paid: an address at the provider. Whoever paid comes back to `/b/{token}`.
pub async fn pay_booking(
    keys: &Keys,
    cx: &Cx,
    booking: BookingId,
    token: &str,
    home: String,
) -> Result<String, PayError> {
    let (account, payment) = awaited(keys, cx, booking).await?;
    may_ask(keys, cx, booking)?;
    let http = keys.notify.http()?;
    let provider = of(&account, &http);
    let scope = keys.store.read(cx.tenant).await?;
    let newest = pages_of(&scope, booking).await?.into_iter().next();
    let names = names_of_booking(&scope, booking).await?;
    drop(scope);
    let next = newest.as_ref().map_or(0, |page| page.attempt + 1);
    if let Some(page) = newest.filter(|page| page.state == PageState::Open) {
        match &page.checkout {
            Some(id) => {
                if let Some(url) = still_open(keys, cx, &provider, id).await? {
                    return Ok(url);
                }
            }
            // The answer was lost. The provider may have made the page, or not: the same wishes again get the same page.
            None => match begin(keys, cx, &provider, &payment, &page, token).await {
                Ok(url) => return Ok(url),
                // Written down so long ago that the provider takes it no more; nobody has seen its address.
                Err(ProviderErrorOr::Provider(ProviderError::Refused(_) | ProviderError::Gone(_))) => {}
                Err(other) => return Err(other.into()),
            },
        }
    }
    let language = Language::guest_from_tag(&payment.language).unwrap_or_default();
    let page = wish(keys, cx, &payment, next, keys.listed(language, &names), home).await?;
    Ok(begin(keys, cx, &provider, &payment, &page, token).await?)
}

/// What goes wrong while a page is begun: the provider's part is told apart, for it may be tried anew.
enum ProviderErrorOr {
    Provider(ProviderError),
    Pay(PayError),
}

impl From<ProviderErrorOr> for PayError {
    fn from(error: ProviderErrorOr) -> Self {
        match error {
            ProviderErrorOr::Provider(error) => error.into(),
            ProviderErrorOr::Pay(error) => error,
        }
    }
}

impl From<StoreError> for ProviderErrorOr {
    fn from(error: StoreError) -> Self {
        Self::Pay(error.into())
    }
}

/// Asks for the page as it was wished for, and keeps its name.
async fn begin(
    keys: &Keys,
    cx: &Cx,
    provider: &Provider<'_>,
    payment: &payments::Model,
    page: &payment_pages::Model,
    token: &str,
) -> Result<String, ProviderErrorOr> {
    let made = provider
        .begin(&NewCheckout {
            once: &page.id.to_string(),
            reference: &payment.id.to_string(),
            name: &page.name,
            amount: payment.amount,
            currency: payment.currency,
            back: &format!("{}/b/{token}?paid=1", page.home),
            expires_at: page.closes_at.as_secs(),
            language: &page.language,
        })
        .await
        .map_err(ProviderErrorOr::Provider)?;
    let url = made.url.ok_or(ProviderErrorOr::Pay(PayError::Nothing))?;
    let cx = cx.acting_as(Actor::Guest { id: payment.id.uuid() });
    let tx = keys.store.begin(&cx).await?;
    tx.update::<payment_pages::Entity>()
        .set(payment_pages::Column::Checkout, Some(made.id.clone()))
        .filter(payment_pages::Column::Id.eq(page.id))
        .exec()
        .await?;
    tx.commit(AuditEntry::done("key.booking_pay").on("booking", payment.id, "").with("page", made.id))
        .await?;
    Ok(url)
}

/// Where the page can still be paid; none when it is over and a new one may be made.
async fn still_open(
    keys: &Keys,
    cx: &Cx,
    provider: &Provider<'_>,
    id: &str,
) -> Result<Option<String>, PayError> {
    let page = match provider.look(id).await {
        // Made under an account that was changed since, in the provider's test mode perhaps.
        Err(ProviderError::Gone(_)) => return Ok(None),
        other => other?,
    };
    if paid(keys, cx, &page).await? {
        return Err(PayError::Nothing);
    }
    if page.under_way() {
        return Err(PayError::UnderWay);
    }
    Ok(page.url.filter(|_| page.status.as_deref() == Some("open")))
}

/// Asks the provider whether the booking was paid meanwhile, as when whoever paid comes back before the notice does.
pub(crate) async fn look_again(keys: &Keys, cx: &Cx, booking: BookingId) -> Result<(), PayError> {
    let (account, _) = awaited(keys, cx, booking).await?;
    let pages = pages_of(&keys.store.read(cx.tenant).await?, booking).await?;
    let id = pages.into_iter().find_map(|page| page.checkout).ok_or(PayError::Nothing)?;
    may_ask(keys, cx, booking)?;
    let http = keys.notify.http()?;
    let page = of(&account, &http).look(&id).await?;
    paid(keys, cx, &page).await?;
    Ok(())
}

/// Hears what the provider tells of its own accord: `header` is its signature over `body`. What it tells twice changes
/// nothing; what it tells of things that are not ours is taken and left.
pub async fn hear_provider(keys: &Keys, cx: &Cx, header: &str, body: &[u8]) -> Result<(), PayError> {
    let account = account(keys, cx.tenant).await?.ok_or(PayError::Nothing)?;
    believe(account.webhook_secret.expose(), header, body, cx.now)?;
    let Ok(notice) = serde_json::from_slice::<Notice>(body) else { return Ok(()) };
    let Ok(page) = serde_json::from_value::<Checkout>(notice.data.object) else { return Ok(()) };
    match notice.kind.as_str() {
        "checkout.session.completed" | "checkout.session.async_payment_succeeded" => {
            paid(keys, cx, &page).await?;
        }
        "checkout.session.async_payment_failed" => came_to_nothing(keys, cx, &page).await?,
        _ => {}
    }
    Ok(())
}

/// A transfer or the like was announced and never came: whoever pays may try again, in time.
async fn came_to_nothing(keys: &Keys, cx: &Cx, page: &Checkout) -> Result<(), PayError> {
    let cx = cx.acting_as(Actor::System { name: "keys.payments".to_owned() });
    let tx = keys.store.begin(&cx).await?;
    let Some(payment) = payment_behind(&tx, page).await? else { return Ok(()) };
    if note_over(&tx, &page.id).await? == 0 {
        return Ok(());
    }
    tx.enqueue(UNPAID, payment.pay_until.max(cx.now), &json!({ "booking": payment.id })).await?;
    let entry = AuditEntry::failed("key.booking_paid").on("booking", payment.id, "");
    Ok(tx.commit(entry.with("page", &page.id)).await?)
}

/// The payment that a page is for: by the booking it names, whichever of its pages it is.
async fn payment_behind(tx: &Tx, page: &Checkout) -> Result<Option<payments::Model>, StoreError> {
    let Some(named) = page.client_reference_id.as_deref().and_then(|id| id.parse::<Uuid>().ok()) else {
        return Ok(None);
    };
    // Whoever hears of the same booking at the same time waits here.
    let this = payments::Column::Id.eq(BookingId(named));
    tx.find::<payments::Entity>().filter(this).refine(QuerySelect::lock_exclusive).one().await
}

/// Puts the booking of a page that was paid in force, or pays back; whether it was paid.
pub(crate) async fn paid(keys: &Keys, cx: &Cx, page: &Checkout) -> Result<bool, PayError> {
    if !page.says_paid() {
        return Ok(false);
    }
    let cx = cx.acting_as(Actor::System { name: "keys.payments".to_owned() });
    let tenant = keys.vault.keys(cx.tenant).await?;
    let mut tx = keys.store.begin(&cx).await?;
    let Some(payment) = payment_behind(&tx, page).await? else { return Ok(false) };
    if !page.paid(payment.amount, payment.currency) {
        return Ok(false);
    }
    // A notice that comes twice, or beside our own question, counts once.
    if !note_paid(&tx, &payment, page).await? {
        return Ok(true);
    }
    let names = names_of_booking(&tx, payment.id).await?;
    let entry = AuditEntry::done("key.booking_paid").on("booking", payment.id, record_name(&names));
    let entry =
        entry.with("amount", payment.amount).with("currency", payment.currency).with("page", &page.id);
    let booking = crate::reads::booking(&tx, payment.id).await?;
    if !matches!(payment.state, PaymentState::Awaited | PaymentState::Lapsed) {
        // Paid twice, on two pages.
        refund_besides(&tx, payment.id, page.payment_intent.as_deref()).await?;
        tell_paid_back(keys, &mut tx, &tenant, booking.as_ref(), &names).await?;
        tx.commit(entry.with("in_force", false).with("again", true)).await?;
        return Ok(true);
    }
    tx.update::<payments::Entity>()
        .set(payments::Column::State, PaymentState::Paid)
        .set(payments::Column::PaidAt, Some(cx.now))
        .set(payments::Column::Intent, page.payment_intent.clone())
        .filter(payments::Column::Id.eq(payment.id))
        .exec()
        .await?;
    let in_force = put_in_force(&tx, payment.id).await?;
    if in_force {
        if let Some(booking) = &booking
            && let Some(message) = crate::book::invitation_again(&tenant, booking, &names)?
        {
            keys.notify.tell(&mut tx, message).await?;
        }
    } else {
        // Called off meanwhile, or over before the money came: it goes back.
        end_unpaid(&mut tx, payment.id).await?;
        refund(&tx, payment.id).await?;
        tell_paid_back(keys, &mut tx, &tenant, booking.as_ref(), &names).await?;
    }
    tx.commit(entry.with("in_force", in_force)).await?;
    Ok(true)
}

/// Only what still waits to be paid, and is not over.
async fn put_in_force(tx: &Tx, booking: BookingId) -> Result<bool, StoreError> {
    let kept = Condition::all()
        .add(bookings::Column::Id.eq(booking))
        .add(bookings::Column::State.eq(BookingState::Unpaid))
        .add(bookings::Column::EndsAt.gt(tx.cx().now));
    let changed = tx
        .update::<bookings::Entity>()
        .set(bookings::Column::State, BookingState::Booked)
        .filter(kept)
        .exec()
        .await?;
    Ok(changed > 0)
}

async fn awaited(
    keys: &Keys,
    cx: &Cx,
    booking: BookingId,
) -> Result<(OpenAccount, payments::Model), PayError> {
    let row = payment_of(&keys.store.read(cx.tenant).await?, booking).await?;
    let row = row.filter(|row| row.state == PaymentState::Awaited).ok_or(PayError::Nothing)?;
    let account = account(keys, cx.tenant).await?.ok_or(PayError::NoAccount)?;
    Ok((account, row))
}

/// Pages without a sign-in lead here; the provider counts our questions, too.
fn may_ask(keys: &Keys, cx: &Cx, booking: BookingId) -> Result<(), PayError> {
    keys.asked.may(booking, cx.now).then_some(()).ok_or(PayError::TooOften)
}

/// The provider of this account.
pub(crate) fn of<'a>(account: &'a OpenAccount, http: &'a sekisho_notify::send::http::Http) -> Provider<'a> {
    Provider { http, base: &account.provider, secret: account.secret.expose() }
}
