//! Wrong tries: in a row by person and factor, which lock; and by address or device, which have to wait.

use sea_orm::ActiveValue::Set;
use sea_orm::ColumnTrait;
use sekisho_kernel::{AuditEntry, Cx, PersonId};
use sekisho_storage::{Scoped, StoreError, Tx};
use uuid::Uuid;

use crate::events::Locked;
use crate::session::{LinkPurpose, MOST_FAILURES, MOST_WRONG, MOST_WRONG_CODES, THROTTLE_WINDOW};
use crate::tables::{locks, people, throttles};
use crate::{Broken, Identity};

/// What was tried; each is locked on its own, so that guessing PINs at a box does not shut the owner out of the pages.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(crate) enum Factor {
    Password,
    TwoStep,
    Pin,
}

impl Factor {
    pub(crate) const fn word(self) -> &'static str {
        match self {
            Self::Password => "password",
            Self::TwoStep => "two_step",
            Self::Pin => "pin",
        }
    }

    const fn limit(self) -> i64 {
        match self {
            Self::Password | Self::Pin => MOST_WRONG,
            Self::TwoStep => MOST_WRONG_CODES,
        }
    }
}

/// Holds the person's row until the transaction ends, so that guesses sent side by side are counted one after the other.
/// (SQLite has one writer anyway; on PostgreSQL setting the id to itself takes the row's lock.)
pub(crate) async fn hold(tx: &Tx, person: PersonId) -> Result<(), StoreError> {
    use people::Column;
    tx.update::<people::Entity>().set(Column::Id, person).filter(Column::Id.eq(person)).exec().await?;
    Ok(())
}

async fn lock_row(
    scope: &impl Scoped,
    person: PersonId,
    factor: Factor,
) -> Result<Option<locks::Model>, StoreError> {
    use locks::Column;
    scope
        .find::<locks::Entity>()
        .filter(Column::Person.eq(person))
        .filter(Column::Factor.eq(factor.word()))
        .one()
        .await
}

pub(crate) async fn is_locked(
    scope: &impl Scoped,
    person: PersonId,
    factor: Factor,
) -> Result<bool, StoreError> {
    Ok(lock_row(scope, person, factor).await?.is_some_and(|row| row.locked_at.is_some()))
}

/// Which factors of a person are locked.
pub(crate) async fn locked(scope: &impl Scoped, person: PersonId) -> Result<Vec<String>, StoreError> {
    use locks::Column;
    let rows = scope
        .find::<locks::Entity>()
        .filter(Column::Person.eq(person))
        .filter(Column::LockedAt.is_not_null());
    Ok(rows.all().await?.into_iter().map(|row| row.factor).collect())
}

/// Counts a wrong try; the last one locks, and a mail with the way to unlock goes out.
pub(crate) async fn wrong(
    identity: &Identity,
    tx: &mut Tx,
    person: PersonId,
    factor: Factor,
) -> Result<bool, Broken> {
    use locks::Column;
    let now = tx.cx().now;
    let row = lock_row(tx, person, factor).await?;
    let failures = row.as_ref().map_or(0, |row| row.failures) + 1;
    let locks_now = failures >= factor.limit() && row.as_ref().is_none_or(|row| row.locked_at.is_none());
    match row {
        Some(row) => {
            let update =
                tx.update::<locks::Entity>().set(Column::Failures, failures).filter(Column::Id.eq(row.id));
            if locks_now { update.set(Column::LockedAt, now) } else { update }.exec().await?;
        }
        None => {
            tx.insert::<locks::Entity>(locks::ActiveModel {
                tenant_id: Set(tx.cx().tenant),
                id: Set(tx.cx().fresh_id()),
                person: Set(person),
                factor: Set(factor.word().to_owned()),
                failures: Set(failures),
                locked_at: Set(locks_now.then_some(now)),
            })
            .await?;
        }
    }
    if locks_now {
        let link = identity.make_link(tx, person, LinkPurpose::Unlock).await?;
        tx.publish(&Locked {
            person,
            factor: factor.word().to_owned(),
            token: link.sealed,
            expires_at: link.expires_at,
        })
        .await?;
        tx.record(AuditEntry::done("person.lock").on("person", person, "").with("factor", factor.word()));
    }
    Ok(locks_now)
}

/// Forgets wrong tries after a right one, or when somebody unlocks.
pub(crate) async fn right(tx: &Tx, person: PersonId, factor: Factor) -> Result<(), StoreError> {
    use locks::Column;
    tx.delete::<locks::Entity>()
        .filter(Column::Person.eq(person))
        .filter(Column::Factor.eq(factor.word()))
        .exec()
        .await?;
    Ok(())
}

/// The mark under which failures of this request are counted: its address.
pub(crate) fn mark(cx: &Cx) -> String {
    match (&cx.actor, cx.address) {
        (sekisho_kernel::Actor::Device { id }, _) => format!("device:{id}"),
        // One customer of an access provider often has a whole /64: single addresses of it are as good as free.
        (_, Some(std::net::IpAddr::V6(v6))) => {
            let prefix =
                v6.segments().into_iter().take(4).map(|part| format!("{part:x}")).collect::<Vec<_>>();
            format!("address:{}::/64", prefix.join(":"))
        }
        (_, Some(address)) => format!("address:{address}"),
        (_, None) => "inside".to_owned(),
    }
}

/// Seconds to wait when too many tries from there failed; `None` when it may go on.
pub(crate) async fn must_wait(scope: &impl Scoped, cx: &Cx) -> Result<Option<u32>, StoreError> {
    let row = scope.find::<throttles::Entity>().filter(throttles::Column::Mark.eq(mark(cx))).one().await?;
    Ok(row.and_then(|row| {
        let left = THROTTLE_WINDOW.saturating_sub(cx.now.since(row.since));
        (row.failures >= MOST_FAILURES && !left.is_zero())
            .then(|| u32::try_from(left.as_secs()).unwrap_or(600).max(1))
    }))
}

/// Counts a failure from there.
pub(crate) async fn count_failure(tx: &Tx) -> Result<(), StoreError> {
    use throttles::Column;
    let cx = tx.cx();
    let mark = mark(cx);
    match tx.find::<throttles::Entity>().filter(Column::Mark.eq(mark.as_str())).one().await? {
        Some(row) => {
            let over = cx.now.since(row.since) >= THROTTLE_WINDOW;
            let (since, failures) = if over { (cx.now, 1) } else { (row.since, row.failures + 1) };
            tx.update::<throttles::Entity>()
                .set(Column::Since, since)
                .set(Column::Failures, failures)
                .filter(Column::Id.eq(row.id))
                .exec()
                .await?;
        }
        None => {
            tx.insert::<throttles::Entity>(throttles::ActiveModel {
                tenant_id: Set(cx.tenant),
                id: Set(cx.fresh_id::<Uuid>()),
                mark: Set(mark),
                since: Set(cx.now),
                failures: Set(1),
            })
            .await?;
        }
    }
    Ok(())
}
