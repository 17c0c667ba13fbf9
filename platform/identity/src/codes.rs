//! One-time codes: six digits, five minutes, five tries, stored as a keyed hash, sent by whoever hears
//! `identity.code_requested`.

use sea_orm::ActiveValue::Set;
use sea_orm::ColumnTrait;
use sekisho_crypto::equal;
use sekisho_kernel::{PersonId, Timestamp};
use sekisho_storage::{Scoped, Tx};
use uuid::Uuid;

use crate::error::refusals;
use crate::events::{CodeChannel, CodeRequested};
use crate::session::{CODE_LIFE, CODE_WINDOW, MOST_CODES, MOST_WRONG_CODES};
use crate::tables::codes::{ActiveModel, Column, Entity};
use crate::tables::people;
use crate::{Broken, Identity, Proof};

/// The purpose of codes for signing in.
pub(crate) const SIGN_IN: &str = "sign_in";
/// The purpose of codes for proving again who one is.
pub(crate) const STEP_UP: &str = "step_up";

refusals! {
    /// Why no code was sent.
    CodeError {
        /// No such active person.
        Missing => Missing, "error-missing", "there is no such person";
        /// The person has no address of this kind.
        NoAddress => Refused, "identity-code-no-address", "the person has no such address";
        /// Nothing leaves for the person's addresses: no mail account, or no gateway for text messages.
        NoWay => Refused, "identity-code-no-way", "nothing can be sent to the person's addresses from here";
        /// Too many codes in a short time.
        TooMany => Busy(300), "identity-code-too-many", "too many codes in a short time";
    }
}

impl CodeError {
    /// One word for the record.
    pub fn word(&self) -> &'static str {
        match self {
            Self::Missing => "missing",
            Self::NoAddress => "no_address",
            Self::NoWay => "no_way",
            Self::TooMany => "too_many",
            Self::Broken(_) => "broken",
        }
    }
}

/// The outcome of a check. Commit the transaction whatever it says, or the count of wrong tries is lost.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
#[must_use]
pub enum Checked {
    /// It is the person.
    Right,
    /// Wrong, used up or too old.
    Wrong,
    /// Too many wrong ones; the person has to be unlocked.
    Locked,
}

impl Identity {
    /// Makes a code and tells the room that sends it; an older one for the same purpose stops working. Without a channel
    /// it goes by text message where there is a telephone number, else by mail; never by a way that leads nowhere from
    /// here. Tells which way it went.
    pub async fn start_code(
        &self,
        tx: &mut Tx,
        person: PersonId,
        purpose: &str,
        channel: Option<CodeChannel>,
    ) -> Result<CodeChannel, CodeError> {
        let cx = tx.cx().clone();
        let row = self.active(tx, people::Column::Id.eq(person)).await?.ok_or(CodeError::Missing)?;
        let ways = self.ways(&*tx).await?;
        let (phone, mail) = (row.phone.is_some(), row.mail.is_some());
        let channel = match (channel, phone && ways.sms, mail && ways.mail) {
            (None | Some(CodeChannel::Sms), true, _) => CodeChannel::Sms,
            (None | Some(CodeChannel::Mail), _, true) => CodeChannel::Mail,
            (None, ..) if phone || mail => return Err(CodeError::NoWay),
            (Some(CodeChannel::Sms), ..) if phone => return Err(CodeError::NoWay),
            (Some(CodeChannel::Mail), ..) if mail => return Err(CodeError::NoWay),
            _ => return Err(CodeError::NoAddress),
        };
        let of_person = || Column::Person.eq(person);
        let recent = tx
            .find::<Entity>()
            .filter(of_person())
            .filter(Column::ExpiresAt.gt(cx.now.minus(CODE_WINDOW).plus(CODE_LIFE)))
            .count()
            .await?;
        if recent >= MOST_CODES {
            return Err(CodeError::TooMany);
        }
        tx.update::<Entity>()
            .set(Column::UsedAt, cx.now)
            .filter(of_person())
            .filter(Column::Purpose.eq(purpose))
            .filter(Column::UsedAt.is_null())
            .exec()
            .await?;
        // Codes of more than a day ago serve nobody.
        tx.delete::<Entity>()
            .filter(of_person())
            .filter(Column::ExpiresAt.lt(cx.now.minus(std::time::Duration::from_secs(86_400))))
            .exec()
            .await?;
        let keys = self.keys(cx.tenant).await?;
        let id: Uuid = cx.fresh_id();
        let code = six_digits(u64::from_le_bytes(cx.random()));
        let expires_at = cx.now.plus(CODE_LIFE);
        tx.insert::<Entity>(ActiveModel {
            tenant_id: Set(cx.tenant),
            id: Set(id),
            person: Set(person),
            purpose: Set(purpose.to_owned()),
            mac: Set(keys.mac("person.code", format!("{id}:{code}").as_bytes()).to_vec()),
            expires_at: Set(expires_at),
            tries: Set(0),
            used_at: Set(None),
        })
        .await?;
        let code = Self::seal_for_others(&keys, id, &code);
        tx.publish(&CodeRequested { person, purpose: purpose.to_owned(), channel, code, expires_at }).await?;
        Ok(channel)
    }

    /// Checks what somebody typed at a box or page: a code sent for `purpose`, or one of their authenticator app.
    pub async fn check_code(
        &self,
        tx: &mut Tx,
        person: PersonId,
        purpose: &str,
        typed: &str,
    ) -> Result<Checked, Broken> {
        self.prove(tx, person, purpose, &Proof::typed(typed)).await
    }

    /// Whether `typed` is the person's open code for `purpose`; uses it up when it is.
    pub(crate) async fn check_sent(
        &self,
        tx: &mut Tx,
        person: PersonId,
        purpose: &str,
        typed: &str,
    ) -> Result<bool, Broken> {
        let now: Timestamp = tx.cx().now;
        let row = tx
            .find::<Entity>()
            .filter(Column::Person.eq(person))
            .filter(Column::Purpose.eq(purpose))
            .filter(Column::UsedAt.is_null())
            .filter(Column::ExpiresAt.gt(now))
            .descending(Column::Id)
            .one()
            .await?;
        let Some(row) = row else { return Ok(false) };
        let keys = self.keys(tx.cx().tenant).await?;
        let same = equal(&keys.mac("person.code", format!("{}:{typed}", row.id).as_bytes()), &row.mac);
        let tries = row.tries + 1;
        let over = same || tries >= MOST_WRONG_CODES;
        let update = tx.update::<Entity>().set(Column::Tries, tries).filter(Column::Id.eq(row.id));
        if over { update.set(Column::UsedAt, now) } else { update }.exec().await?;
        Ok(same)
    }
}

/// Six digits from 64 bits of chance; the bias of the remainder is below one in ten million million.
fn six_digits(chance: u64) -> String {
    format!("{:06}", chance % 1_000_000)
}
