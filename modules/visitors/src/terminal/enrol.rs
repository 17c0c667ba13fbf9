//! A tablet becomes a terminal of a site: an administrator makes a one-time code, the tablet hands in the public halves of
//! two keys that nobody can read out of it. Withdrawing the terminal works with its next request.

use std::time::Duration;

use sea_orm::ActiveValue::Set;
use sea_orm::{ColumnTrait, Condition};
use sekisho_crypto::{sha256, verify_p256_signature};
use sekisho_identity::Administrator;
use sekisho_kernel::{Actor, AuditEntry, Cx, DeviceId, SiteId, Timestamp};
use sekisho_storage::Scoped;
use serde::{Deserialize, Serialize};

use super::offline::queue_key;
use crate::Visitors;
use crate::checks::VisitError;
use crate::ids::TerminalId;
use crate::pass::{CROCKFORD, read_letters};
use crate::tables::terminals;
use crate::warrant::NotAllowed;
use sekisho_web::Checks;

/// How long a code is good.
pub const CODE_LIFE: Duration = Duration::from_secs(10 * 60);
/// Letters of a code: 60 bits, so that nobody guesses one in ten minutes.
const CODE: usize = 12;
/// An uncompressed point of P-256.
const POINT: usize = 65;

/// A terminal as a form describes it.
#[derive(Clone, Debug, Default, Deserialize, utoipa::ToSchema)]
#[serde(default)]
pub struct TerminalForm {
    /// Where it stands.
    pub site: Option<SiteId>,
    /// What people call it.
    pub name: String,
}

/// A code with which a tablet becomes a terminal. It is shown once.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, utoipa::ToSchema)]
pub struct TerminalCode {
    /// Of which terminal.
    pub id: TerminalId,
    /// The code, in groups of four.
    pub code: String,
    /// Until when it is good.
    pub until: Timestamp,
}

/// Sets up a terminal at a site and makes its first code.
pub async fn add_terminal(
    visitors: &Visitors,
    cx: &Cx,
    _by: Administrator,
    form: &TerminalForm,
) -> Result<TerminalCode, VisitError> {
    let mut checks = Checks::default();
    let name = checks.name("name", &form.name);
    let site = match form.site {
        Some(site) => visitors.open_site(cx, site).await?,
        None => None,
    };
    if site.is_none() {
        checks.wrong("site", "visitors-error-site");
    }
    checks.done::<VisitError>()?;
    let Some(site) = site else { return Err(NotAllowed::Missing.into()) };
    let maker = cx.actor.person().ok_or(NotAllowed::Missing)?;
    let id: TerminalId = cx.fresh_id();
    let code = fresh_code(cx);
    let until = cx.now.plus(CODE_LIFE);
    let tx = visitors.store.begin(cx).await?;
    let row = terminals::ActiveModel {
        id: Set(id),
        site_id: Set(site.id),
        name: Set(name.clone()),
        code_hash: Set(Some(code_hash(&code))),
        code_until: Set(Some(until)),
        last_time: Set(0),
        searches: Set(0),
        searches_since: Set(cx.now),
        made_by: Set(maker),
        made_at: Set(cx.now),
        ..Default::default()
    };
    tx.insert::<terminals::Entity>(row).await?;
    tx.commit(AuditEntry::done("terminal.add").on("terminal", id, name).with("site", site.id)).await?;
    Ok(TerminalCode { id, code: grouped(&code), until })
}

/// Makes another code, for a tablet that takes the place of the present one. Until it is used the present one goes on.
pub async fn new_terminal_code(
    visitors: &Visitors,
    cx: &Cx,
    _by: Administrator,
    id: TerminalId,
) -> Result<TerminalCode, VisitError> {
    let tx = visitors.store.begin(cx).await?;
    let row = standing(&tx, id).await?.ok_or(NotAllowed::Missing)?;
    let code = fresh_code(cx);
    let until = cx.now.plus(CODE_LIFE);
    tx.update::<terminals::Entity>()
        .set(terminals::Column::CodeHash, Some(code_hash(&code)))
        .set(terminals::Column::CodeUntil, Some(until))
        .filter(terminals::Column::Id.eq(id))
        .exec()
        .await?;
    tx.commit(AuditEntry::done("terminal.code").on("terminal", id, row.name)).await?;
    Ok(TerminalCode { id, code: grouped(&code), until })
}

/// Withdraws a terminal: its next request is a stranger's.
pub async fn revoke_terminal(
    visitors: &Visitors,
    cx: &Cx,
    _by: Administrator,
    id: TerminalId,
) -> Result<(), VisitError> {
    let tx = visitors.store.begin(cx).await?;
    let row = standing(&tx, id).await?.ok_or(NotAllowed::Missing)?;
    tx.update::<terminals::Entity>()
        .set(terminals::Column::RevokedAt, Some(cx.now))
        .set(terminals::Column::CodeHash, Option::<Vec<u8>>::None)
        .set(terminals::Column::SignKey, Option::<Vec<u8>>::None)
        .set(terminals::Column::SealKey, Option::<Vec<u8>>::None)
        .filter(terminals::Column::Id.eq(id))
        .exec()
        .await?;
    Ok(tx.commit(AuditEntry::done("terminal.revoke").on("terminal", id, row.name)).await?)
}

/// What a tablet hands in.
pub(crate) struct HandedIn {
    pub(crate) code: String,
    pub(crate) sign_key: Vec<u8>,
    pub(crate) seal_key: Vec<u8>,
}

/// What a tablet is told that became a terminal.
pub(crate) struct Enrolled {
    pub(crate) id: TerminalId,
    pub(crate) queue_key: Vec<u8>,
}

/// A tablet becomes the terminal whose code it brings; none: there is no such code now. `signed` is what it signed with
/// the key it hands in: whoever hands a key in shows that it is theirs.
pub(crate) async fn enrol(
    visitors: &Visitors,
    cx: &Cx,
    handed_in: &HandedIn,
    signed: &[u8],
    signature: &[u8],
) -> Result<Option<Enrolled>, VisitError> {
    let HandedIn { code, sign_key, seal_key } = handed_in;
    let Some(code) = read_letters(code, CODE) else { return Ok(None) };
    let own = sign_key.len() == POINT && verify_p256_signature(sign_key, signed, signature);
    let sealable = sekisho_crypto::seal_to(seal_key, "visitors.terminal_list", &[], &[]).is_ok();
    if !own || !sealable {
        return Ok(None);
    }
    // Made before the transaction: it may have to be written.
    let queue_key = queue_key(visitors, cx).await?.public;
    let hash = code_hash(&code);
    let live = Condition::all()
        .add(terminals::Column::CodeHash.eq(hash.clone()))
        .add(terminals::Column::CodeUntil.gt(cx.now))
        .add(terminals::Column::RevokedAt.is_null());
    let mut tx = visitors.store.begin(cx).await?;
    let Some(row) = tx.find::<terminals::Entity>().filter(live.clone()).one().await? else { return Ok(None) };
    let taken = tx
        .update::<terminals::Entity>()
        .set(terminals::Column::CodeHash, Option::<Vec<u8>>::None)
        .set(terminals::Column::CodeUntil, Option::<Timestamp>::None)
        .set(terminals::Column::SignKey, Some(sign_key.clone()))
        .set(terminals::Column::SealKey, Some(seal_key.clone()))
        .set(terminals::Column::LastTime, 0_i64)
        .set(terminals::Column::EnrolledAt, Some(cx.now))
        .set(terminals::Column::SeenAt, Some(cx.now))
        .filter(live)
        .exec()
        .await?;
    if taken == 0 {
        return Ok(None);
    }
    tx.act_as(Actor::Device { id: DeviceId(row.id.uuid()) });
    let fingerprint: String = sha256(sign_key).iter().take(8).map(|byte| format!("{byte:02x}")).collect();
    let entry = AuditEntry::done("terminal.enrol").on("terminal", row.id, row.name);
    tx.commit(entry.with("key", fingerprint)).await?;
    Ok(Some(Enrolled { id: row.id, queue_key }))
}

/// A terminal that was not withdrawn.
pub(crate) async fn standing(
    scope: &impl Scoped,
    id: TerminalId,
) -> Result<Option<terminals::Model>, sekisho_storage::StoreError> {
    let this = Condition::all().add(terminals::Column::Id.eq(id)).add(terminals::Column::RevokedAt.is_null());
    scope.find::<terminals::Entity>().filter(this).one().await
}

fn fresh_code(cx: &Cx) -> String {
    // 256 is eight times 32: no letter is likelier than another.
    let letter = |byte: u8| CROCKFORD.get(usize::from(byte % 32)).map_or('0', |letter| char::from(*letter));
    cx.random::<CODE>().into_iter().map(letter).collect()
}

fn code_hash(code: &str) -> Vec<u8> {
    sha256(format!("visitors.terminal_code {code}").as_bytes()).to_vec()
}

fn grouped(code: &str) -> String {
    let letters: Vec<char> = code.chars().collect();
    letters.chunks(4).map(|four| four.iter().collect::<String>()).collect::<Vec<_>>().join("-")
}

#[cfg(test)]
mod tests {
    use super::{CODE, grouped, read_letters};

    #[test]
    fn a_code_is_read_as_it_is_typed() {
        for typed in ["ABCD-EF01-2345", "abcd ef0l 2345", "ＡＢＣＤＥＦＯＩ２３４５"] {
            assert_eq!(read_letters(typed, CODE).as_deref(), Some("ABCDEF012345"), "{typed}");
        }
        assert_eq!(grouped("ABCDEF012345"), "ABCD-EF01-2345");
    }
}
