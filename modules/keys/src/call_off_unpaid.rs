//! A booking nobody paid for in time is called off, after one last question: its keys are free for others.

use std::time::Duration;

use sea_orm::{ColumnTrait, Condition};
use sekisho_kernel::{AuditEntry, Cx};
use sekisho_notify::{Lane, Message, Recipient};
use sekisho_storage::jobs::{Job, JobError, MOST_ATTEMPTS};
use sekisho_storage::{StoreError, Tx};
use serde::Deserialize;
use serde_json::json;

use crate::Keys;
use crate::book::record_name;
use crate::events::BookingCancelled;
use crate::ids::BookingId;
use crate::pay_booking::{of, paid, payment_of};
use crate::payment::pages::pages_of;
use crate::payment::provider::{Provider, ProviderError};
use crate::reads::names_of_booking;
use crate::refund_booking::{again, lapse};
use crate::set_payment_account::account;
use crate::tables::bookings;
use crate::tables::words::{BookingState, PageState, PaymentState};

/// How long a priced booking is kept for whoever has not paid.
pub(crate) const PAY_WITHIN: Duration = Duration::from_secs(86_400);
/// How often the provider is asked about money that is on its way.
const LOOK_EVERY: Duration = Duration::from_secs(3600);
/// The job that calls off what was not paid.
pub(crate) const UNPAID: &str = "keys.booking_unpaid";

#[derive(Deserialize)]
struct Payload {
    booking: BookingId,
}

/// Calls off what was not paid in time. Money that is on its way is waited for, as long as the booking lasts.
pub(crate) async fn run(keys: Keys, cx: Cx, job: Job) -> Result<(), JobError> {
    let Payload { booking } = job.read()?;
    let scope = keys.store.read(cx.tenant).await?;
    let payment = payment_of(&scope, booking).await?;
    let row = crate::reads::booking(&scope, booking).await?;
    drop(scope);
    let is_due = |state, until| state == PaymentState::Awaited && until <= cx.now;
    if !payment.is_some_and(|row| is_due(row.state, row.pay_until)) {
        return Ok(());
    }
    match last_question(&keys, &cx, booking, job.attempt).await? {
        Standing::Paid => return Ok(()),
        Standing::UnderWay if row.as_ref().is_some_and(|row| row.ends_at > cx.now) => {
            let tx = keys.store.begin(&cx).await?;
            let next = row.map_or(cx.now, |row| row.ends_at.min(cx.now.plus(LOOK_EVERY)));
            tx.enqueue(UNPAID, next, &json!({ "booking": booking })).await?;
            return Ok(tx.commit_bookkeeping("the money is on its way").await?);
        }
        Standing::UnderWay | Standing::Unpaid => {}
    }
    let tenant = keys.vault.keys(cx.tenant).await.map_err(again)?;
    let mut tx = keys.store.begin(&cx).await?;
    // It was called off, or paid, while we asked: whoever did it has settled the payment, too.
    if !end_unpaid(&mut tx, booking).await? {
        return Ok(());
    }
    lapse(&tx, booking).await?;
    let names = names_of_booking(&tx, booking).await?;
    if let Some(row) = row {
        let to = crate::book::recipient(&tenant, &row).map_err(again)?;
        let maker = Some(Recipient::Person { id: row.made_by }).filter(|maker| Some(maker) != to.as_ref());
        for to in to.into_iter().chain(maker) {
            let message = Message::new(to, Lane::Operational, "keys-notice-booking-unpaid")
                .arg("keys", &names[..])
                .time("starts", row.starts_at, &row.zone)
                .about("booking", booking);
            keys.notify.tell(&mut tx, message).await.map_err(again)?;
        }
    }
    Ok(tx.commit(AuditEntry::done("key.booking_unpaid").on("booking", booking, record_name(&names))).await?)
}

/// Ends a booking that still waits to be paid; whether it did.
pub(crate) async fn end_unpaid(tx: &mut Tx, booking: BookingId) -> Result<bool, StoreError> {
    let waiting = Condition::all()
        .add(bookings::Column::Id.eq(booking))
        .add(bookings::Column::State.eq(BookingState::Unpaid));
    let ended = tx
        .update::<bookings::Entity>()
        .set(bookings::Column::State, BookingState::Cancelled)
        .set(bookings::Column::LiveCode, Option::<Vec<u8>>::None)
        .filter(waiting)
        .exec()
        .await?;
    if ended > 0
        && let Some(row) = crate::reads::booking(tx, booking).await?
    {
        tx.publish(&BookingCancelled { booking, person: row.person_id }).await?;
    }
    Ok(ended > 0)
}

/// How the pages of a booking stand together.
enum Standing {
    Paid,
    UnderWay,
    Unpaid,
}

/// Closes every page that may be open and asks how it stands. What the provider cannot be asked about is taken for unpaid
/// in the end: keys are not kept for ever, and what is paid after all comes with a notice, and is paid back.
async fn last_question(keys: &Keys, cx: &Cx, booking: BookingId, attempt: i64) -> Result<Standing, JobError> {
    let pages = pages_of(&keys.store.read(cx.tenant).await?, booking).await?;
    let Some(account) = account(keys, cx.tenant).await.map_err(again)? else { return Ok(Standing::Unpaid) };
    let http = keys.notify.http().map_err(again)?;
    let provider = of(&account, &http);
    let mut standing = Standing::Unpaid;
    for id in
        pages.iter().filter(|page| page.state == PageState::Open).filter_map(|page| page.checkout.as_deref())
    {
        let page = match closed(&provider, id).await {
            Ok(page) => page,
            Err(ProviderError::Away(why)) if attempt < MOST_ATTEMPTS => return Err(JobError::Again(why)),
            Err(error) => {
                tracing::warn!(%error, %booking, "a payment page could not be asked after");
                continue;
            }
        };
        if paid(keys, cx, &page).await.map_err(again)? {
            return Ok(Standing::Paid);
        }
        if page.under_way() {
            standing = Standing::UnderWay;
        }
    }
    Ok(standing)
}

/// Closed first: nobody pays for what is about to be called off. The provider refuses when there is nothing to close.
async fn closed(
    provider: &Provider<'_>,
    id: &str,
) -> Result<crate::payment::provider::Checkout, ProviderError> {
    match provider.close(id).await {
        Ok(_) | Err(ProviderError::Refused(_)) => provider.look(id).await,
        Err(other) => Err(other),
    }
}
