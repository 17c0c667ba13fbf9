//! A manager lends a key: gives a colleague the right to take it, or writes down that it was handed to them.

use sea_orm::ActiveValue::Set;
use sekisho_kernel::{AuditEntry, Cx, PersonId, Timestamp};
use sekisho_notify::{Lane, Message};
use sekisho_policy::{GrantId, NewGrant, Right, Subject, Target};

use crate::Keys;
use crate::add_key::may_manage_key;
use crate::custody::Happening;
use crate::ids::{KeyId, LoanId};
use crate::ledger::{Circumstances, custody_of, happened, lock_key, new_loan, open_loan};
use crate::stock::StockError;
use crate::tables::loans;
use crate::tables::words::Way;
use sekisho_web::Checks;

/// To whom, and until when.
#[derive(Clone, Debug)]
pub struct Lend {
    /// The key.
    pub key: KeyId,
    /// To whom.
    pub to: PersonId,
    /// The right (or the loan) ends then; none: no end.
    pub until: Option<Timestamp>,
    /// What for.
    pub note: String,
}

/// The person may take the key themselves from now on, until the end given. They are told.
pub async fn lend(keys: &Keys, cx: &Cx, ask: Lend) -> Result<GrantId, StockError> {
    let note = checked(cx, &ask)?;
    let managed = may_manage_key(keys, cx, ask.key, "key.lend").await?;
    let mut tx = keys.store.begin(cx).await?;
    let grant = NewGrant {
        valid_until: ask.until,
        note,
        ..NewGrant::always(
            Subject::Person(ask.to),
            Right::Exchange,
            Target::Resource { id: ask.key.resource() },
        )
    };
    let id = keys.policy.grant(&mut tx, grant).await?;
    let mut message = Message::to_person(ask.to, Lane::Operational, "keys-notice-lent")
        .arg("key", &*managed.key.name)
        .link("keys-notice-open-key", format!("/keys/{}", ask.key))
        .about("key", ask.key)
        .of_kind(crate::tell::RIGHTS);
    if let Some(until) = ask.until {
        let zone = crate::reads::zone_of_key(&tx, &managed.key).await?;
        message = Message { template: "keys-notice-lent-until", ..message.time("until", until, &zone) };
    }
    keys.notify.tell(&mut tx, message).await?;
    let entry = AuditEntry::done("key.lend").on("key", ask.key, managed.key.name).decided(managed.decision);
    tx.commit(entry.with("to", ask.to).with("grant", id).with("until", ask.until)).await?;
    Ok(id)
}

/// The key was handed to the person without the box: it counts as theirs from now on.
pub async fn register_loan(keys: &Keys, cx: &Cx, ask: Lend) -> Result<LoanId, StockError> {
    let note = checked(cx, &ask)?;
    let managed = may_manage_key(keys, cx, ask.key, "key.register_loan").await?;
    let mut tx = keys.store.begin(cx).await?;
    let key = lock_key(&tx, ask.key).await?.ok_or(crate::warrant::NotAllowed::Missing)?;
    let open = open_loan(&tx, key.id).await?;
    match custody_of(&key, open.as_ref()) {
        crate::custody::Custody::Out(_) => return Err(StockError::Refused("keys-refused-already-out")),
        crate::custody::Custody::Released { .. } => {
            return Err(StockError::Refused("keys-refused-being-taken"));
        }
        crate::custody::Custody::In(_) | crate::custody::Custody::Missing => {}
    }
    let id: LoanId = cx.fresh_id();
    let row = loans::ActiveModel {
        person_id: Set(Some(ask.to)),
        due_at: Set(ask.until),
        note: Set(Some(note).filter(|note| !note.is_empty())),
        ..new_loan(id, &key, Way::Registered, cx.now)
    };
    tx.insert::<loans::Entity>(row).await?;
    for entry in happened(&mut tx, &key, Happening::Removed(Some(id)), Circumstances::default()).await? {
        tx.record(entry);
    }
    let entry = AuditEntry::done("key.register_loan").on("key", key.id, key.name).decided(managed.decision);
    tx.commit(entry.with("to", ask.to).with("loan", id).with("until", ask.until)).await?;
    Ok(id)
}

fn checked(cx: &Cx, ask: &Lend) -> Result<String, StockError> {
    let mut checks = Checks::default();
    if ask.until.is_some_and(|until| until <= cx.now) {
        checks.wrong("until", "keys-error-past");
    }
    let note = checks.note("note", &ask.note);
    checks.done::<StockError>()?;
    Ok(note)
}
