//! Payment pages as we keep them: each is written down before the provider is asked for it, and asked for again with the
//! very same wishes when the answer was lost. No page is forgotten: whichever of them is paid, its booking is found.

use sea_orm::ActiveValue::Set;
use sea_orm::{ColumnTrait, Condition};
use sekisho_kernel::Cx;
use sekisho_storage::{Scoped, StoreError, Tx};

use super::provider::Checkout;
use crate::Keys;
use crate::ids::BookingId;
use crate::tables::payment_pages::{ActiveModel, Column, Entity, Model};
use crate::tables::payments;
use crate::tables::words::PageState;

/// The shortest and longest life of a payment page, with some air to what the provider takes (30 minutes, 24 hours).
const LIFE: (u64, u64) = (31 * 60, 86_400 - 600);

/// The pages of a booking, the newest first.
pub(crate) async fn pages_of(scope: &impl Scoped, booking: BookingId) -> Result<Vec<Model>, StoreError> {
    let own = Column::BookingId.eq(booking);
    scope.find::<Entity>().filter(own).descending(Column::Attempt).all().await
}

/// Writes down what the provider will be asked for: the page with the number `attempt`. Of two who do so at once, both get
/// the page of the first.
pub(crate) async fn wish(
    keys: &Keys,
    cx: &Cx,
    payment: &payments::Model,
    attempt: i64,
    name: String,
    home: String,
) -> Result<Model, StoreError> {
    let left = payment.pay_until.since(cx.now).as_secs().clamp(LIFE.0, LIFE.1);
    let id = cx.fresh_id();
    let row = ActiveModel {
        id: Set(id),
        booking_id: Set(payment.id),
        attempt: Set(attempt),
        name: Set(name),
        home: Set(home),
        language: Set(payment.language.clone()),
        closes_at: Set(cx.now.plus(std::time::Duration::from_secs(left))),
        checkout: Set(None),
        state: Set(PageState::Open),
        intent: Set(None),
        ..Default::default()
    };
    let tx = keys.store.begin(cx).await?;
    match tx.insert::<Entity>(row).await {
        Ok(()) => tx.commit_bookkeeping("a wish; what comes of it is recorded").await?,
        Err(error) if error.is_duplicate_of("keys_payment_pages", &["booking_id", "attempt"]) => drop(tx),
        Err(error) => return Err(error),
    }
    let numbered = Condition::all().add(Column::BookingId.eq(payment.id)).add(Column::Attempt.eq(attempt));
    let found = keys.store.read(cx.tenant).await?.find::<Entity>().filter(numbered).one().await?;
    found.ok_or_else(|| sea_orm::DbErr::RecordNotFound("the page just written".to_owned()).into())
}

/// Within the transaction that holds the payment's row: notes that `page` was paid. False when that was known.
pub(crate) async fn note_paid(
    tx: &Tx,
    payment: &payments::Model,
    page: &Checkout,
) -> Result<bool, StoreError> {
    let all = pages_of(tx, payment.id).await?;
    let known = all.iter().find(|row| row.checkout.as_deref() == Some(&*page.id));
    if known.is_some_and(|row| row.state == PageState::Paid) {
        return Ok(false);
    }
    // A page whose answer was lost on the way to us has no name here yet.
    match known.or_else(|| all.iter().find(|row| row.checkout.is_none())) {
        Some(row) => {
            tx.update::<Entity>()
                .set(Column::Checkout, Some(page.id.clone()))
                .set(Column::State, PageState::Paid)
                .set(Column::Intent, page.payment_intent.clone())
                .filter(Column::Id.eq(row.id))
                .exec()
                .await?;
        }
        None => {
            let row = ActiveModel {
                id: Set(tx.cx().fresh_id()),
                booking_id: Set(payment.id),
                attempt: Set(all.first().map_or(0, |newest| newest.attempt + 1)),
                name: Set(String::new()),
                home: Set(String::new()),
                language: Set(payment.language.clone()),
                closes_at: Set(tx.cx().now),
                checkout: Set(Some(page.id.clone())),
                state: Set(PageState::Paid),
                intent: Set(page.payment_intent.clone()),
                ..Default::default()
            };
            tx.insert::<Entity>(row).await?;
        }
    }
    Ok(true)
}

/// Notes that nothing will come of a page: the next attempt makes a new one.
pub(crate) async fn note_over(tx: &Tx, page: &str) -> Result<u64, StoreError> {
    let open = Condition::all().add(Column::Checkout.eq(page)).add(Column::State.eq(PageState::Open));
    tx.update::<Entity>().set(Column::State, PageState::Over).filter(open).exec().await
}
