//! Whoever a booking was made for pays for it, at the provider's page (K4). The booking is in force when the provider says
//! it was paid: signed, or asked by us. What is not paid in time is called off; what is called off after it was paid is
//! paid back.

use std::time::Duration;

use sea_orm::{ColumnTrait, Condition};
use sekisho_host::{Fault, faults};
use sekisho_kernel::{Actor, AuditEntry, Cx, Kind, Kinded};
use sekisho_notify::{Lane, Message, Recipient};
use sekisho_storage::jobs::{Job, JobError};
use sekisho_storage::{Scoped, StoreError, Tx};
use serde::{Deserialize, Serialize};
use serde_json::json;

use crate::Keys;
use crate::events::BookingCancelled;
use crate::ids::BookingId;
use crate::payment::provider::{Checkout, NewCheckout, Notice, Provider, ProviderError};
use crate::payment::{NotBelieved, believe};
use crate::set_payment_account::{OpenAccount, account};
use crate::tables::words::{BookingState, PaymentState};
use crate::tables::{bookings, payments};

/// How long a priced booking is kept for whoever has not paid.
pub(crate) const PAY_WITHIN: Duration = Duration::from_secs(86_400);
/// The shortest and longest life of a payment page, with some air to what the provider takes (30 minutes, 24 hours).
const PAGE_LIFE: (u64, u64) = (31 * 60, 86_400 - 600);
/// The job that calls off what was not paid.
pub(crate) const UNPAID: &str = "keys.booking_unpaid";
/// The job that pays back.
pub(crate) const REFUND: &str = "keys.booking_refund";

/// Why there is nothing to pay now.
#[derive(Debug, thiserror::Error)]
pub enum PayError {
    /// No such booking, or nothing to pay for it (any more).
    #[error("nothing to pay")]
    Nothing,
    /// The provider does not answer.
    #[error("the provider does not answer")]
    Away(#[source] Box<dyn std::error::Error + Send + Sync>),
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
        Self::Away(Box::new(error))
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
            Self::Away(_) => Kind::Refused,
            Self::NotBelieved(_) => Kind::Denied,
            Self::Fault(fault) => fault.kind(),
        }
    }

    fn text(&self) -> &'static str {
        match self {
            Self::Nothing => "error-missing",
            Self::Away(_) => "keys-pay-away",
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

/// Where this booking is paid: an address at the provider. `back` is where whoever paid comes back to.
pub async fn pay_booking(
    keys: &Keys,
    cx: &Cx,
    booking: BookingId,
    name: &str,
    back: &str,
) -> Result<String, PayError> {
    let (account, mut row) = awaited(keys, cx, booking).await?;
    let http = keys.notify.http()?;
    let provider = of(&account, &http);
    if let Some(id) = &row.checkout {
        let page = provider.look(id).await?;
        if paid(keys, cx, &page).await? {
            return Err(PayError::Nothing);
        }
        match (page.status.as_deref(), page.url) {
            (Some("open"), Some(url)) => return Ok(url),
            _ => row.attempt += 1,
        }
    }
    let left = row.pay_until.since(cx.now).as_secs().clamp(PAGE_LIFE.0, PAGE_LIFE.1);
    let page = provider
        .begin(&NewCheckout {
            reference: &booking.to_string(),
            attempt: row.attempt,
            name,
            amount: row.amount,
            currency: row.currency,
            back,
            expires_at: cx.now.as_secs().saturating_add_unsigned(left),
            language: cx.language.tag(),
        })
        .await?;
    let url = page.url.ok_or(PayError::Nothing)?;
    let cx = cx.acting_as(Actor::Guest { id: booking.uuid() });
    let tx = keys.store.begin(&cx).await?;
    tx.update::<payments::Entity>()
        .set(payments::Column::Checkout, Some(page.id.clone()))
        .set(payments::Column::Attempt, row.attempt)
        .filter(payments::Column::Id.eq(booking))
        .exec()
        .await?;
    tx.commit(AuditEntry::done("key.booking_pay").on("booking", booking, "").with("page", page.id)).await?;
    Ok(url)
}

/// Asks the provider whether the booking was paid meanwhile, as when whoever paid comes back before the notice does.
pub(crate) async fn look_again(keys: &Keys, cx: &Cx, booking: BookingId) -> Result<(), PayError> {
    let (account, row) = awaited(keys, cx, booking).await?;
    let id = row.checkout.ok_or(PayError::Nothing)?;
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
    let told = ["checkout.session.completed", "checkout.session.async_payment_succeeded"];
    if told.contains(&notice.kind.as_str())
        && let Ok(page) = serde_json::from_value::<Checkout>(notice.data.object)
    {
        paid(keys, cx, &page).await?;
    }
    Ok(())
}

/// Puts the booking of a page that was paid in force; whether it was paid.
async fn paid(keys: &Keys, cx: &Cx, page: &Checkout) -> Result<bool, PayError> {
    let this = payments::Column::Checkout.eq(page.id.as_str());
    let scope = keys.store.read(cx.tenant).await?;
    let Some(row) = scope.find::<payments::Entity>().filter(this).one().await? else { return Ok(false) };
    drop(scope);
    if !page.paid(row.amount, row.currency) {
        return Ok(false);
    }
    let cx = cx.acting_as(Actor::System { name: "keys.payments".to_owned() });
    let tenant = keys.vault.keys(cx.tenant).await?;
    let mut tx = keys.store.begin(&cx).await?;
    // The condition, not the row read before, decides: a notice that comes twice, or beside our own question, counts once.
    let waiting = Condition::all()
        .add(payments::Column::Id.eq(row.id))
        .add(payments::Column::State.is_in([PaymentState::Awaited, PaymentState::Lapsed]));
    let counted = tx
        .update::<payments::Entity>()
        .set(payments::Column::State, PaymentState::Paid)
        .set(payments::Column::PaidAt, Some(cx.now))
        .set(payments::Column::Intent, page.payment_intent.clone())
        .filter(waiting)
        .exec()
        .await?;
    if counted == 0 {
        return Ok(true);
    }
    let kept = Condition::all()
        .add(bookings::Column::Id.eq(row.id))
        .add(bookings::Column::State.eq(BookingState::Unpaid));
    let in_force = tx
        .update::<bookings::Entity>()
        .set(bookings::Column::State, BookingState::Booked)
        .filter(kept)
        .exec()
        .await?;
    let names = names_of(&tx, row.id).await?;
    if in_force == 0 {
        // Called off meanwhile: the money goes back.
        refund(&mut tx, row.id).await?;
    } else if let Some(booking) = crate::reads::booking(&tx, row.id).await?
        && let Some(message) = crate::book::invitation_again(&tenant, &booking, &row.language, &names)?
    {
        keys.notify.tell(&mut tx, message).await?;
    }
    let entry = AuditEntry::done("key.booking_paid").on("booking", row.id, names);
    let entry = entry.with("amount", row.amount).with("currency", row.currency).with("page", &page.id);
    tx.commit(entry.with("in_force", in_force > 0)).await?;
    Ok(true)
}

/// Within the transaction that calls a booking off: what was paid is to be paid back, what was not need not be paid.
pub(crate) async fn call_off(tx: &mut Tx, booking: BookingId) -> Result<(), StoreError> {
    let awaited = Condition::all()
        .add(payments::Column::Id.eq(booking))
        .add(payments::Column::State.eq(PaymentState::Awaited));
    tx.update::<payments::Entity>()
        .set(payments::Column::State, PaymentState::Lapsed)
        .filter(awaited)
        .exec()
        .await?;
    refund(tx, booking).await
}

async fn refund(tx: &mut Tx, booking: BookingId) -> Result<(), StoreError> {
    let paid = Condition::all()
        .add(payments::Column::Id.eq(booking))
        .add(payments::Column::State.eq(PaymentState::Paid));
    let due = tx
        .update::<payments::Entity>()
        .set(payments::Column::State, PaymentState::RefundDue)
        .filter(paid)
        .exec()
        .await?;
    if due > 0 {
        let now = tx.cx().now;
        tx.enqueue(REFUND, now, &json!({ "booking": booking })).await?;
    }
    Ok(())
}

#[derive(Deserialize)]
struct Payload {
    booking: BookingId,
}

/// Pays back. The provider takes the same refund once, however often it is asked.
pub(crate) async fn run_refund(keys: Keys, cx: Cx, job: Job) -> Result<(), JobError> {
    let Payload { booking } = job.read()?;
    let row = payment_of(&keys.store.read(cx.tenant).await?, booking).await?;
    let Some(row) = row.filter(|row| row.state == PaymentState::RefundDue) else { return Ok(()) };
    let account = account(&keys, cx.tenant).await.map_err(again)?;
    let outcome = match (account, &row.intent) {
        (Some(account), Some(intent)) => {
            let http = keys.notify.http().map_err(again)?;
            of(&account, &http).refund(intent).await
        }
        _ => Err(ProviderError::Refused("there is no account, or nothing to pay back by".to_owned())),
    };
    let (state, entry) = match outcome {
        Ok(()) => (PaymentState::Refunded, AuditEntry::done("key.booking_refund")),
        Err(ProviderError::Away(why)) => return Err(JobError::Again(why)),
        Err(ProviderError::Refused(why)) => {
            (PaymentState::RefundFailed, AuditEntry::failed("key.booking_refund").with("why", why))
        }
    };
    let mut tx = keys.store.begin(&cx).await?;
    tx.update::<payments::Entity>()
        .set(payments::Column::State, state)
        .filter(payments::Column::Id.eq(booking))
        .exec()
        .await?;
    let names = names_of(&tx, booking).await?;
    if state == PaymentState::RefundFailed
        && let Some(row) = crate::reads::booking(&tx, booking).await?
    {
        let message = Message::to_person(row.made_by, Lane::Operational, "keys-notice-refund-failed")
            .arg("keys", &*names)
            .about("booking", booking);
        keys.notify.tell(&mut tx, message).await.map_err(again)?;
    }
    Ok(tx.commit(entry.on("booking", booking, names).with("amount", row.amount)).await?)
}

/// Calls off what was not paid in time, after one last question.
pub(crate) async fn run_unpaid(keys: Keys, cx: Cx, job: Job) -> Result<(), JobError> {
    let Payload { booking } = job.read()?;
    let row = payment_of(&keys.store.read(cx.tenant).await?, booking).await?;
    let Some(row) = row.filter(|row| row.state == PaymentState::Awaited && row.pay_until <= cx.now) else {
        return Ok(());
    };
    let language = row.language.clone();
    if let Some(id) = &row.checkout
        && let Some(account) = account(&keys, cx.tenant).await.map_err(again)?
    {
        let http = keys.notify.http().map_err(again)?;
        let provider = of(&account, &http);
        // Closed first: nobody pays for what is about to be called off. The provider refuses when it was paid already.
        match provider.close(&id.clone()).await {
            Ok(_) | Err(ProviderError::Refused(_)) => {}
            Err(ProviderError::Away(why)) => return Err(JobError::Again(why)),
        }
        let page = provider.look(id).await.map_err(again)?;
        if paid(&keys, &cx, &page).await.map_err(again)? {
            return Ok(());
        }
    }
    let tenant = keys.vault.keys(cx.tenant).await.map_err(again)?;
    let mut tx = keys.store.begin(&cx).await?;
    call_off(&mut tx, booking).await?;
    let ended = Condition::all()
        .add(bookings::Column::Id.eq(booking))
        .add(bookings::Column::State.eq(BookingState::Unpaid));
    let ended = tx
        .update::<bookings::Entity>()
        .set(bookings::Column::State, BookingState::Cancelled)
        .set(bookings::Column::LiveCode, Option::<Vec<u8>>::None)
        .filter(ended)
        .exec()
        .await?;
    let names = names_of(&tx, booking).await?;
    if ended > 0
        && let Some(row) = crate::reads::booking(&tx, booking).await?
    {
        tx.publish(&BookingCancelled { booking, person: row.person_id }).await?;
        let to = crate::book::recipient(&tenant, &row, &language).map_err(again)?;
        let maker = Some(Recipient::Person { id: row.made_by }).filter(|maker| Some(maker) != to.as_ref());
        for to in to.into_iter().chain(maker) {
            let message = Message::new(to, Lane::Operational, "keys-notice-booking-unpaid")
                .arg("keys", &*names)
                .time("starts", row.starts_at, &row.zone)
                .about("booking", booking);
            keys.notify.tell(&mut tx, message).await.map_err(again)?;
        }
    }
    Ok(tx.commit(AuditEntry::done("key.booking_unpaid").on("booking", booking, names)).await?)
}

async fn awaited(
    keys: &Keys,
    cx: &Cx,
    booking: BookingId,
) -> Result<(OpenAccount, payments::Model), PayError> {
    let row = payment_of(&keys.store.read(cx.tenant).await?, booking).await?;
    let row = row.filter(|row| row.state == PaymentState::Awaited).ok_or(PayError::Nothing)?;
    let account = account(keys, cx.tenant).await?.ok_or(PayError::Nothing)?;
    Ok((account, row))
}

fn of<'a>(account: &'a OpenAccount, http: &'a sekisho_notify::send::http::Http) -> Provider<'a> {
    Provider { http, base: &account.provider, secret: account.secret.expose() }
}

async fn names_of(scope: &impl Scoped, booking: BookingId) -> Result<String, StoreError> {
    let named = crate::book::key_names(scope, booking).await?;
    Ok(named.into_iter().map(|key| key.name).collect::<Vec<_>>().join(", "))
}

fn again(error: impl std::fmt::Display) -> JobError {
    JobError::Again(error.to_string())
}
