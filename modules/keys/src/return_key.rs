//! A key comes back. This is never refused: outside the hours, by a stranger, into the wrong bin, by somebody who left.

use sea_orm::{ColumnTrait, Condition};
use sekisho_devices::NewCommand;
use sekisho_host::{Fault, faults};
use sekisho_kernel::{AuditEntry, Cx, Kind, Kinded, PersonId};
use sekisho_policy::Right;
use sekisho_storage::{Scoped, StoreError, Tx};
use sekisho_wire::{BinNumber, CommandId, CommandKind, ReleaseReason};

use crate::Keys;
use crate::custody::Happening;
use crate::ids::{BinId, BoxId, KeyId, LoanId};
use crate::ledger::{Circumstances, bins_of, box_of_bin, happened, lock_key, open_loan};
use crate::tables::words::{LoanState, ReturnPolicy};
use crate::tables::{bins, boxes, keys, loans};
use crate::take_out::RELEASE_LIFE;
use crate::warrant::{Act, NotAllowed};

/// Why a bin cannot be opened for a return, or a return not be written down by hand. The return itself is never refused.
#[derive(Debug, thiserror::Error)]
pub enum ReturnKeyError {
    /// No such key or box, or no right to write it down by hand.
    #[error(transparent)]
    NotAllowed(#[from] NotAllowed),
    /// Every bin of the box is taken.
    #[error("the box is full")]
    BoxFull,
    /// The box has no device that could open a bin.
    #[error("the box is not connected")]
    NoDevice,
    /// Another key hangs in the bin, by the book.
    #[error("the bin holds another key")]
    BinTaken,
    /// Something broke.
    #[error("broken")]
    Fault(#[source] Fault),
}
faults!(ReturnKeyError);
faults!(ReturnKeyError: sekisho_devices::DeviceError);

impl Kinded for ReturnKeyError {
    fn kind(&self) -> Kind {
        match self {
            Self::NotAllowed(error) => error.kind(),
            Self::BoxFull | Self::NoDevice | Self::BinTaken => Kind::Refused,
            Self::Fault(fault) => fault.kind(),
        }
    }

    fn text(&self) -> &'static str {
        match self {
            Self::NotAllowed(error) => error.text(),
            Self::BoxFull => "keys-refused-box-full",
            Self::NoDevice => "keys-refused-no-device",
            Self::BinTaken => "keys-refused-bin-taken",
            Self::Fault(_) => "error-broken",
        }
    }
}

/// A bin that will open for a return.
#[derive(Clone, Copy, Debug)]
pub struct OpenForReturn {
    /// The command on its way.
    pub command: CommandId,
    /// Which bin.
    pub bin: BinNumber,
    /// Until when it waits.
    pub not_after: sekisho_kernel::Timestamp,
}

/// Opens an empty bin at `place` for whoever stands there; nobody has to say who they are.
pub async fn open_for_return(
    keys: &Keys,
    cx: &Cx,
    place: BoxId,
    key: Option<KeyId>,
    wish: Option<BinNumber>,
) -> Result<OpenForReturn, ReturnKeyError> {
    keys.devices.ready(cx).await?;
    let mut tx = keys.store.begin(cx).await?;
    let place = tx
        .find::<boxes::Entity>()
        .filter(boxes::Column::Id.eq(place))
        .one()
        .await?
        .ok_or(NotAllowed::Missing)?;
    let device = place.device_id.ok_or(ReturnKeyError::NoDevice)?;
    let key = match key {
        Some(key) => tx.find::<keys::Entity>().filter(keys::Column::Id.eq(key)).one().await?,
        None => None,
    };
    let bin = choose_bin(&tx, &place, key.as_ref(), wish).await?.ok_or(ReturnKeyError::BoxFull)?;
    let number = BinNumber::try_from(bin.number).map_err(|_| ReturnKeyError::BoxFull)?;
    let not_after = cx.now.plus(RELEASE_LIFE);
    let resource = key.as_ref().map(|key| key.id.resource());
    let release = CommandKind::ReleaseBin { bin: number, key: resource, why: ReleaseReason::Return };
    let command =
        keys.devices.command(&mut tx, device, NewCommand { kind: release, life: RELEASE_LIFE }).await?;
    let entry = AuditEntry::done("bin.open_for_return").on("box", place.id, &*place.name);
    tx.commit(entry.with("bin", number).with("key", key.map(|key| key.id)).with("command", command)).await?;
    Ok(OpenForReturn { command, bin: number, not_after })
}

/// The bin a key should go back into: its own if empty, else the wish, else the first empty one. Never one in which
/// something hangs, by the book or by the box's last word: a return must not become a way to somebody else's key.
async fn choose_bin(
    tx: &Tx,
    place: &boxes::Model,
    key: Option<&keys::Model>,
    wish: Option<BinNumber>,
) -> Result<Option<bins::Model>, StoreError> {
    let all = bins_of(tx, place.id).await?;
    let ids: Vec<BinId> = all.iter().map(|bin| bin.id).collect();
    let hanging = tx.find::<keys::Entity>().filter(keys::Column::BinId.is_in(ids)).all().await?;
    let is_empty = |bin: &&bins::Model| {
        bin.disabled_reason.is_none()
            && bin.fob.is_none()
            && !hanging.iter().any(|key| key.bin_id == Some(bin.id))
    };
    let policy = key.and_then(|key| key.return_policy).unwrap_or(place.return_policy);
    let home = key.and_then(|key| key.home_bin);
    let own = all.iter().filter(is_empty).find(|bin| Some(bin.id) == home);
    let wished =
        all.iter().filter(is_empty).find(|bin| wish.is_some_and(|wish| i64::from(wish) == bin.number));
    let first = all.iter().find(is_empty);
    let order = if policy == ReturnPolicy::FixedBin { [own, wished, first] } else { [wished, own, first] };
    Ok(order.into_iter().flatten().next().cloned())
}

/// Somebody who manages the key writes down that it is back, for a box without a device or a key brought by hand.
pub async fn register_return(keys: &Keys, cx: &Cx, key: KeyId, bin: BinId) -> Result<(), ReturnKeyError> {
    struct RegisterReturn;
    let scope = keys.store.read(cx.tenant).await?;
    let row = crate::reads::key(&scope, key).await?.ok_or(NotAllowed::Missing)?;
    let zone = crate::reads::zone_of_key(&scope, &row).await?;
    drop(scope);
    let act = Act {
        right: Right::Manage,
        action: "key.return",
        kind: "key",
        resource: key.resource(),
        name: &row.name,
        zone: &zone,
    };
    let permit = keys.permit::<RegisterReturn>(cx, act).await?;
    let mut tx = keys.store.begin(cx).await?;
    let row = lock_key(&tx, key).await?.ok_or(NotAllowed::Missing)?;
    let (place, bin) = box_of_bin(&tx, bin).await?.ok_or(NotAllowed::Missing)?;
    let here = Condition::all().add(keys::Column::BinId.eq(bin.id)).add(keys::Column::Id.ne(key));
    if tx.find::<keys::Entity>().filter(here).exists().await? {
        return Err(ReturnKeyError::BinTaken);
    }
    let by = Circumstances { by: cx.actor.person(), ..Circumstances::default() };
    for entry in happened(&mut tx, &row, Happening::Inserted(bin.id), by).await? {
        tx.record(entry);
    }
    tx.publish(&crate::events::StockChanged {}).await?;
    let entry = AuditEntry::done("key.register_return").on("key", key, &*row.name).decided(&permit.decision);
    Ok(tx.commit(entry.with("box", place.id).with("bin", bin.number)).await?)
}

/// What somebody notes about a key they brought back: kept with the last loan of that key, whoever writes it at the box.
pub(crate) async fn note(
    tx: &Tx,
    key: KeyId,
    by: Option<PersonId>,
    note: &str,
) -> Result<Option<LoanId>, StoreError> {
    let last = Condition::all()
        .add(loans::Column::KeyId.eq(key))
        .add(loans::Column::State.is_in([LoanState::Returned, LoanState::Out]));
    let Some(loan) =
        tx.find::<loans::Entity>().filter(last).descending(loans::Column::ReleasedAt).limit(1).one().await?
    else {
        return Ok(None);
    };
    let mut update = tx.update::<loans::Entity>().set(loans::Column::Note, note);
    if let Some(by) = by.filter(|by| Some(*by) != loan.person_id) {
        update = update.set(loans::Column::ReturnedBy, by);
    }
    update.filter(loans::Column::Id.eq(loan.id)).exec().await?;
    Ok(Some(loan.id))
}

/// Whether the key is out with this person.
pub(crate) async fn holds(scope: &impl Scoped, person: PersonId, key: KeyId) -> Result<bool, StoreError> {
    Ok(open_loan(scope, key)
        .await?
        .is_some_and(|loan| loan.person_id == Some(person) && loan.state == LoanState::Out))
}
