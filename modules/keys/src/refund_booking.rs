//! What was paid for a booking that is not in force is paid back; once, however often it is asked for. Where the provider
//! will not, whoever made the booking is told.

use sea_orm::{ColumnTrait, Condition};
use sekisho_crypto::TenantKeys;
use sekisho_host::Fault;
use sekisho_kernel::{AuditEntry, Cx};
use sekisho_notify::{Lane, Message};
use sekisho_storage::jobs::{Job, JobError};
use sekisho_storage::{Scoped, StoreError, Tx};
use serde::Deserialize;
use serde_json::json;

use crate::Keys;
use crate::book::record_name;
use crate::ids::BookingId;
use crate::pay_booking::{of, payment_of};
use crate::payment::provider::ProviderError;
use crate::reads::names_of_booking;
use crate::set_payment_account::account;
use crate::tables::words::PaymentState;
use crate::tables::{bookings, payments};

/// The job that pays back.
pub(crate) const REFUND: &str = "keys.booking_refund";

/// Within the transaction that calls a booking off: what is not paid yet need not be paid any more. Whether it had been
/// paid.
pub(crate) async fn lapse(tx: &Tx, booking: BookingId) -> Result<bool, StoreError> {
    let this = |state: PaymentState| {
        Condition::all().add(payments::Column::Id.eq(booking)).add(payments::Column::State.eq(state))
    };
    tx.update::<payments::Entity>()
        .set(payments::Column::State, PaymentState::Lapsed)
        .filter(this(PaymentState::Awaited))
        .exec()
        .await?;
    tx.find::<payments::Entity>().filter(this(PaymentState::Paid)).exists().await
}

/// Within the caller's transaction: what was paid is to be paid back.
pub(crate) async fn refund(tx: &Tx, booking: BookingId) -> Result<(), StoreError> {
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
        tx.enqueue(REFUND, tx.cx().now, &json!({ "booking": booking })).await?;
    }
    Ok(())
}

/// Pays back what was paid beside the payment that counts.
pub(crate) async fn refund_besides(
    tx: &Tx,
    booking: BookingId,
    intent: Option<&str>,
) -> Result<(), StoreError> {
    if let Some(intent) = intent {
        tx.enqueue(REFUND, tx.cx().now, &json!({ "booking": booking, "intent": intent })).await?;
    }
    Ok(())
}

/// Tells whoever paid that the money comes back, and why.
pub(crate) async fn tell_paid_back(
    keys: &Keys,
    tx: &mut Tx,
    tenant: &TenantKeys,
    booking: Option<&bookings::Model>,
    names: &[String],
) -> Result<(), Fault> {
    let Some(row) = booking else { return Ok(()) };
    if let Some(to) = crate::book::recipient(tenant, row)? {
        let message = Message::new(to, Lane::Operational, "keys-notice-paid-back")
            .arg("keys", names)
            .time("starts", row.starts_at, &row.zone)
            .about("booking", row.id);
        keys.notify.tell(tx, message).await?;
    }
    Ok(())
}

#[derive(Deserialize)]
struct Payload {
    booking: BookingId,
    /// What was paid beside the payment that counts; none: that payment itself.
    #[serde(default)]
    intent: Option<String>,
}

/// Pays back. The provider takes the same refund once, however often it is asked.
pub(crate) async fn run(keys: Keys, cx: Cx, job: Job) -> Result<(), JobError> {
    let Payload { booking, intent: besides } = job.read()?;
    let row = payment_of(&keys.store.read(cx.tenant).await?, booking).await?;
    let counts = besides.is_none();
    let Some(row) = row.filter(|row| !counts || row.state == PaymentState::RefundDue) else { return Ok(()) };
    let account = account(&keys, cx.tenant).await.map_err(again)?;
    let outcome = match (account, besides.as_ref().or(row.intent.as_ref())) {
        (Some(account), Some(intent)) => {
            let http = keys.notify.http().map_err(again)?;
            of(&account, &http).refund(intent).await
        }
        _ => Err(ProviderError::Refused("there is no account, or nothing to pay back by".to_owned())),
    };
    let (state, entry) = match outcome {
        Ok(()) => (PaymentState::Refunded, AuditEntry::done("key.booking_refund")),
        Err(ProviderError::Away(why)) => return Err(JobError::Again(why)),
        Err(error) => {
            tracing::error!(%error, %booking, "a payment could not be paid back");
            let entry = AuditEntry::failed("key.booking_refund").with("why", error.to_string());
            (PaymentState::RefundFailed, entry)
        }
    };
    let mut tx = keys.store.begin(&cx).await?;
    if counts {
        tx.update::<payments::Entity>()
            .set(payments::Column::State, state)
            .filter(payments::Column::Id.eq(booking))
            .exec()
            .await?;
    }
    let names = names_of_booking(&tx, booking).await?;
    if state == PaymentState::RefundFailed
        && let Some(row) = crate::reads::booking(&tx, booking).await?
    {
        let message = Message::to_person(row.made_by, Lane::Operational, "keys-notice-refund-failed")
            .arg("keys", &names[..])
            .about("booking", booking);
        keys.notify.tell(&mut tx, message).await.map_err(again)?;
    }
    let entry = entry.on("booking", booking, record_name(&names)).with("amount", row.amount);
    Ok(tx.commit(entry.with("again", !counts)).await?)
}

/// An error after which a job is tried again.
pub(crate) fn again(error: impl std::fmt::Display) -> JobError {
    JobError::Again(error.to_string())
}
