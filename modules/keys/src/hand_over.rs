//! A key passes from its holder to another person, away from the box. The receiver is sent a code; the giver types it, so
//! that both agreed and stood together.

use std::time::Duration;

use sea_orm::ActiveValue::Set;
use sea_orm::{ColumnTrait, Condition};
use sekisho_host::{Fault, faults};
use sekisho_kernel::{AuditEntry, Cx, Kind, Kinded, PersonId, Timestamp};
use sekisho_notify::{Lane, Means, Message};
use sekisho_policy::Right;
use sekisho_storage::{Scoped, StoreError, Tx};

use crate::Keys;
use crate::booking::digits;
use crate::due::due;
use crate::events::KeyHandedOver;
use crate::ids::{HandOverId, KeyId, LoanId};
use crate::ledger::{end, lock_key, new_loan, open_loan, watch_due};
use crate::tables::words::{LoanState, Way};
use crate::tables::{hand_overs, keys, loans};
use crate::warrant::{Act, NotAllowed};

/// How long a code is good.
const LIFE: Duration = Duration::from_secs(600);
/// Wrong codes before the hand-over has to begin again.
const MOST_TRIES: i64 = 5;
/// By which means the code travels.
const WAYS: [Means; 3] = [Means::Mail, Means::Sms, Means::Push];
/// Digits of the code.
const CODE_DIGITS: usize = 6;

/// Why a hand-over does not happen.
#[derive(Debug, thiserror::Error)]
pub enum HandOverError {
    /// No such key for this person.
    #[error(transparent)]
    NotAllowed(#[from] NotAllowed),
    /// The giver does not hold the key.
    #[error("the giver does not hold the key")]
    NotHolder,
    /// The receiver has no right to it now.
    #[error("the receiver may not have the key")]
    ReceiverMayNot,
    /// To oneself.
    #[error("giver and receiver are the same person")]
    ToOneself,
    /// No code can reach the receiver from here.
    #[error("no code can reach the receiver")]
    NoWay,
    /// The code is wrong.
    #[error("the code is wrong")]
    WrongCode,
    /// The code is too old, was used, or was guessed at too often.
    #[error("the code is not good any more")]
    CodeSpent,
    /// Something broke.
    #[error("broken")]
    Fault(#[source] Fault),
}
faults!(HandOverError);

impl Kinded for HandOverError {
    fn kind(&self) -> Kind {
        match self {
            Self::NotAllowed(error) => error.kind(),
            Self::Fault(fault) => fault.kind(),
            Self::NotHolder
            | Self::ReceiverMayNot
            | Self::ToOneself
            | Self::NoWay
            | Self::WrongCode
            | Self::CodeSpent => Kind::Refused,
        }
    }

    fn text(&self) -> &'static str {
        match self {
            Self::NotAllowed(error) => error.text(),
            Self::NotHolder => "keys-refused-not-holder",
            Self::ReceiverMayNot => "keys-refused-receiver",
            Self::ToOneself => "keys-refused-to-oneself",
            Self::NoWay => "keys-refused-receiver-no-way",
            Self::WrongCode => "keys-refused-wrong-code",
            Self::CodeSpent => "keys-refused-code-spent",
            Self::Fault(_) => "error-broken",
        }
    }
}

/// Begins: the receiver is sent a code. The giver is the person behind `cx`.
pub async fn offer(keys: &Keys, cx: &Cx, key: KeyId, to: PersonId) -> Result<HandOverId, HandOverError> {
    let giver = cx.actor.person().ok_or(NotAllowed::Missing)?;
    if giver == to {
        return Err(HandOverError::ToOneself);
    }
    let scope = keys.store.read(cx.tenant).await?;
    let (row, _) = held_by(&scope, key, giver).await?;
    drop(scope);
    may_receive(keys, cx, &row, to).await?;
    if !keys.notify.can_reach(cx, to, &WAYS).await? {
        return Err(HandOverError::NoWay);
    }
    let id: HandOverId = cx.fresh_id();
    let code = digits(cx, CODE_DIGITS);
    let hash = code_hash(keys, cx, id, &code).await?;

    let mut tx = keys.store.begin(cx).await?;
    let row = lock_key(&tx, key).await?.ok_or(NotAllowed::Missing)?;
    let (_, loan) = held_by(&tx, key, giver).await?;
    // An earlier offer of the same loan is void.
    let earlier = Condition::all()
        .add(hand_overs::Column::LoanId.eq(loan.id))
        .add(hand_overs::Column::EndedAt.is_null());
    tx.update::<hand_overs::Entity>().set(hand_overs::Column::EndedAt, cx.now).filter(earlier).exec().await?;
    let offer = hand_overs::ActiveModel {
        id: Set(id),
        loan_id: Set(loan.id),
        to_person: Set(to),
        code_hash: Set(hash),
        tries: Set(0),
        expires_at: Set(cx.now.plus(LIFE)),
        ended_at: Set(None),
        ..Default::default()
    };
    tx.insert::<hand_overs::Entity>(offer).await?;
    let message = Message::to_person(to, Lane::LifeSafety, "keys-notice-hand-over")
        .arg("key", &*row.name)
        .arg("code", code)
        .by(&WAYS)
        .about("key", key)
        .not_after(cx.now.plus(LIFE));
    keys.notify.tell(&mut tx, message).await?;
    let entry = AuditEntry::done("key.offer_hand_over").on("key", key, row.name).with("to", to);
    tx.commit(entry.with("hand_over", id)).await?;
    Ok(id)
}

/// Ends: the giver typed the receiver's code, and the key is the receiver's.
pub async fn confirm(keys: &Keys, cx: &Cx, id: HandOverId, code: &str) -> Result<LoanId, HandOverError> {
    let giver = cx.actor.person().ok_or(NotAllowed::Missing)?;
    let hash = code_hash(keys, cx, id, code.trim()).await?;
    let scope = keys.store.read(cx.tenant).await?;
    let (offer, loan) = offer_of(&scope, id, giver).await?.ok_or(NotAllowed::Missing)?;
    let key = crate::reads::key(&scope, loan.key_id).await?.ok_or(NotAllowed::Missing)?;
    drop(scope);
    may_receive(keys, cx, &key, offer.to_person).await?;

    let mut tx = keys.store.begin(cx).await?;
    let key = lock_key(&tx, key.id).await?.ok_or(NotAllowed::Missing)?;
    let (offer, loan) = offer_of(&tx, id, giver).await?.ok_or(NotAllowed::Missing)?;
    if offer.ended_at.is_some() || offer.expires_at <= cx.now || offer.tries >= MOST_TRIES {
        return Err(HandOverError::CodeSpent);
    }
    if loan.open_key.is_none() || loan.state != LoanState::Out {
        return Err(HandOverError::NotHolder);
    }
    if !sekisho_crypto::equal(&hash, &offer.code_hash) {
        tx.update::<hand_overs::Entity>()
            .set(hand_overs::Column::Tries, offer.tries + 1)
            .filter(hand_overs::Column::Id.eq(id))
            .exec()
            .await?;
        tx.commit(AuditEntry::refused("key.hand_over").on("key", key.id, key.name).with("why", "wrong_code"))
            .await?;
        return Err(HandOverError::WrongCode);
    }
    let new = pass(&mut tx, &key, &loan, offer.to_person).await?;
    tx.update::<hand_overs::Entity>()
        .set(hand_overs::Column::EndedAt, cx.now)
        .filter(hand_overs::Column::Id.eq(id))
        .exec()
        .await?;
    let entry = AuditEntry::done("key.hand_over").on("key", key.id, key.name);
    let entry = entry.with("from", giver).with("to", offer.to_person);
    tx.commit(entry.with("ended_loan", loan.id).with("loan", new)).await?;
    Ok(new)
}

/// The newest offer of a key by this giver, for the panel, which knows key and code only.
pub async fn open_offer(keys: &Keys, cx: &Cx, key: KeyId) -> Result<Option<HandOverId>, HandOverError> {
    let giver = cx.actor.person().ok_or(NotAllowed::Missing)?;
    let scope = keys.store.read(cx.tenant).await?;
    let (_, loan) = held_by(&scope, key, giver).await?;
    let open = Condition::all()
        .add(hand_overs::Column::LoanId.eq(loan.id))
        .add(hand_overs::Column::EndedAt.is_null());
    let offer = scope
        .find::<hand_overs::Entity>()
        .filter(open)
        .descending(hand_overs::Column::Id)
        .limit(1)
        .one()
        .await?;
    Ok(offer.map(|offer| offer.id))
}

async fn pass(
    tx: &mut Tx,
    key: &keys::Model,
    loan: &loans::Model,
    to: PersonId,
) -> Result<LoanId, HandOverError> {
    let now = tx.cx().now;
    end(tx, loan.id, LoanState::HandedOver, now).await?;
    let zone = crate::reads::zone_of_key(tx, key).await?;
    // The receiver gets no more time than the booking under which the key is out.
    let booked: Option<Timestamp> = loan.due_at.filter(|_| loan.booking_id.is_some());
    let due_at = due(key.due.0, now, &sekisho_web::zone_of(&zone), booked);
    let id: LoanId = tx.cx().fresh_id();
    let row = loans::ActiveModel {
        open_key: Set(Some(key.id)),
        state: Set(LoanState::Out),
        person_id: Set(Some(to)),
        taken_at: Set(Some(now)),
        due_at: Set(due_at),
        ..new_loan(id, key, Way::HandOver, now)
    };
    tx.insert::<loans::Entity>(row).await?;
    watch_due(tx, id, due_at).await?;
    let event = KeyHandedOver {
        key: key.id,
        key_name: key.name.clone(),
        from: loan.person_id,
        to,
        loan: id,
        at: now,
    };
    tx.publish(&event).await?;
    Ok(id)
}

/// The receiver needs the right to take the key themselves, at this hour.
async fn may_receive(keys: &Keys, cx: &Cx, key: &keys::Model, to: PersonId) -> Result<(), HandOverError> {
    struct Receive;
    let zone = crate::reads::zone_of_key(&keys.store.read(cx.tenant).await?, key).await?;
    let act = Act {
        right: Right::Exchange,
        action: "key.receive",
        kind: "key",
        resource: key.id.resource(),
        name: &key.name,
        zone: &zone,
    };
    let receiver = cx.acting_as(sekisho_kernel::Actor::Person { id: to });
    match keys.permit::<Receive>(&receiver, act).await {
        Ok(_) => Ok(()),
        Err(NotAllowed::Fault(fault)) => Err(HandOverError::Fault(fault)),
        Err(_) => Err(HandOverError::ReceiverMayNot),
    }
}

async fn held_by(
    scope: &impl Scoped,
    key: KeyId,
    giver: PersonId,
) -> Result<(keys::Model, loans::Model), HandOverError> {
    let row = crate::reads::key(scope, key).await?.ok_or(NotAllowed::Missing)?;
    let loan = open_loan(scope, key).await?.ok_or(HandOverError::NotHolder)?;
    if loan.person_id == Some(giver) && loan.state == LoanState::Out {
        Ok((row, loan))
    } else {
        Err(HandOverError::NotHolder)
    }
}

async fn offer_of(
    scope: &impl Scoped,
    id: HandOverId,
    giver: PersonId,
) -> Result<Option<(hand_overs::Model, loans::Model)>, StoreError> {
    let Some(offer) = scope.find::<hand_overs::Entity>().filter(hand_overs::Column::Id.eq(id)).one().await?
    else {
        return Ok(None);
    };
    let loan = scope.find::<loans::Entity>().filter(loans::Column::Id.eq(offer.loan_id)).one().await?;
    Ok(loan.filter(|loan| loan.person_id == Some(giver)).map(|loan| (offer, loan)))
}

/// The code is kept as a keyed hash only; six digits would not withstand a plain one.
async fn code_hash(keys: &Keys, cx: &Cx, id: HandOverId, code: &str) -> Result<Vec<u8>, HandOverError> {
    let tenant = keys.vault.keys(cx.tenant).await?;
    Ok(tenant.mac("keys.hand_over", format!("{id}:{code}").as_bytes()).to_vec())
}
