//! A key is taken out of its box: ask, check, load, decide, save, audit, tell.
//!
//! This is the example of examples: every other use case keeps this order. What is written here is the *release* of the
//! bin; the loan begins when the box reports that the key has left (`device.rs`), and ends unbegun when it does not.

use std::time::Duration;

use sea_orm::ActiveValue::Set;
use sea_orm::{ColumnTrait, Condition};
use sekisho_devices::NewCommand;
use sekisho_host::{Fault, faults};
use sekisho_kernel::{AuditEntry, Cx, DeviceId, Kind, Kinded, PersonId, Timestamp};
use sekisho_policy::Right;
use sekisho_storage::{Scoped, StoreError, Tx};
use sekisho_wire::{BinNumber, CommandId, CommandKind, ReleaseReason};
use serde_json::{Value, json};

use crate::Keys;
use crate::custody::{self, NotThere};
use crate::ids::{BookingId, BoxId, KeyId, KeycodeId, LoanId};
use crate::ledger::{box_of_bin, custody_of, lock_key, new_loan, open_loan};
use crate::tables::words::{BookingState, Way};
use crate::tables::{bookings, keycodes, keys, loans};
use crate::warrant::{Act, NotAllowed, basis, has_grant};

/// How long a released bin waits to be opened.
pub const RELEASE_LIFE: Duration = sekisho_devices::UNLOCK_LIFE;
/// How long after that an attempt nobody spoke of again is closed.
const SILENCE: Duration = Duration::from_secs(20);

/// Who wants which key, at which box.
#[derive(Clone, Copy, Debug)]
pub struct TakeOut {
    /// The key.
    pub key: KeyId,
    /// On what the taker relies.
    pub relying_on: RelyingOn,
    /// By which way the taker is known.
    pub way: Way,
    /// The box the taker stands at; the key must hang there. None: the taker says so on a page.
    pub at: Option<BoxId>,
    /// Who stands beside the taker and has proven who they are.
    pub beside: Option<PersonId>,
}

impl TakeOut {
    /// Of `person`, who asks on a page or by a program and stands wherever the key hangs.
    pub fn on_page(key: KeyId, person: PersonId) -> Self {
        Self { key, relying_on: RelyingOn::Person(person), way: Way::Web, at: None, beside: None }
    }
}

/// On what a taker relies.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum RelyingOn {
    /// Their own rights; a booking in their name counts among them.
    Person(PersonId),
    /// A booking for somebody without an account.
    Booking(BookingId),
    /// A keycode.
    Keycode(KeycodeId),
}

/// A bin that will open.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Released {
    /// The loan that will be.
    pub loan: LoanId,
    /// The command on its way to the box.
    pub command: CommandId,
    /// Which bin.
    pub bin: BinNumber,
    /// Until when it waits.
    pub not_after: Timestamp,
}

/// Why a key is not given out.
#[derive(Debug, thiserror::Error)]
pub enum TakeOutError {
    /// No right to it, or no such key.
    #[error(transparent)]
    NotAllowed(#[from] NotAllowed),
    /// Somebody has it.
    #[error("the key is out")]
    AlreadyOut,
    /// Somebody is taking it at this moment.
    #[error("somebody else is taking the key")]
    BeingTaken,
    /// It is in no bin.
    #[error("the key is in no bin")]
    NotThere,
    /// It hangs in another box.
    #[error("the key hangs in another box")]
    OtherBox,
    /// Its bin is out of use.
    #[error("the bin is disabled")]
    BinDisabled,
    /// The box has no device that could open it.
    #[error("the box is not connected")]
    NoDevice,
    /// It is booked for somebody else now.
    #[error("the key is booked for somebody else")]
    BookedForOthers,
    /// The booking has not begun, is over or was called off; the keycode was used or cancelled.
    #[error("the booking or code is not in force")]
    NotInForce,
    /// Something broke.
    #[error("broken")]
    Fault(#[source] Fault),
}
faults!(TakeOutError);
faults!(TakeOutError: sekisho_devices::DeviceError);

impl From<NotThere> for TakeOutError {
    fn from(why: NotThere) -> Self {
        match why {
            NotThere::Out => Self::AlreadyOut,
            NotThere::BeingTaken => Self::BeingTaken,
            NotThere::Missing => Self::NotThere,
        }
    }
}

impl Kinded for TakeOutError {
    fn kind(&self) -> Kind {
        match self {
            Self::NotAllowed(error) => error.kind(),
            Self::Fault(fault) => fault.kind(),
            Self::AlreadyOut
            | Self::BeingTaken
            | Self::NotThere
            | Self::OtherBox
            | Self::BinDisabled
            | Self::NoDevice
            | Self::BookedForOthers
            | Self::NotInForce => Kind::Refused,
        }
    }

    fn text(&self) -> &'static str {
        match self {
            Self::NotAllowed(error) => error.text(),
            Self::AlreadyOut => "keys-refused-already-out",
            Self::BeingTaken => "keys-refused-being-taken",
            Self::NotThere => "keys-refused-not-there",
            Self::OtherBox => "keys-refused-other-box",
            Self::BinDisabled => "keys-refused-bin-disabled",
            Self::NoDevice => "keys-refused-no-device",
            Self::BookedForOthers => "keys-refused-booked",
            Self::NotInForce => "keys-refused-not-in-force",
            Self::Fault(_) => "error-broken",
        }
    }
}

/// On what the act rests, and for whom.
struct Warrant {
    person: Option<PersonId>,
    booking: Option<bookings::Model>,
    keycode: Option<keycodes::Model>,
    basis: Value,
}

/// The key is released to the taker, or they are told why not.
pub async fn take_out(keys: &Keys, cx: &Cx, ask: TakeOut) -> Result<Released, TakeOutError> {
    // ask and check: who is it, and may they?
    let key = key_to_take(&keys.store.read(cx.tenant).await?, ask.key).await?;
    let warrant = warrant(keys, cx, &key, ask).await?;

    // load, behind everybody who wants the same key
    keys.devices.ready(cx).await?;
    let mut tx = keys.store.begin(cx).await?;
    let key = lock_key(&tx, ask.key).await?.ok_or(NotAllowed::Missing)?;

    // decide by the rules of the trade; a refusal is an act too, and is written down
    let plan = match plan(&tx, &key, &warrant, ask.at).await {
        Ok(plan) => plan,
        Err(refusal) => {
            let entry =
                AuditEntry::refused("key.take_out").on("key", key.id, &*key.name).decided(&warrant.basis);
            tx.commit(entry.with("why", refusal.text())).await?;
            return Err(refusal);
        }
    };

    // save: the loan to be, the command to the box, the end of the attempt should nobody speak of it again
    let loan: LoanId = cx.fresh_id();
    let not_after = cx.now.plus(RELEASE_LIFE);
    let release =
        CommandKind::ReleaseBin { bin: plan.bin, key: Some(key.id.resource()), why: ReleaseReason::Take };
    let command =
        keys.devices.command(&mut tx, plan.device, NewCommand { kind: release, life: RELEASE_LIFE }).await?;
    let row = loans::ActiveModel {
        open_key: Set(Some(key.id)),
        person_id: Set(warrant.person),
        booking_id: Set(warrant.booking.as_ref().map(|booking| booking.id)),
        keycode_id: Set(warrant.keycode.as_ref().map(|keycode| keycode.id)),
        command_id: Set(Some(command.uuid())),
        ..new_loan(loan, &key, ask.way, cx.now)
    };
    tx.insert::<loans::Entity>(row).await.map_err(second_taker)?;
    tx.enqueue(crate::close_attempt::JOB, not_after.plus(SILENCE), &json!({ "loan": loan })).await?;

    // audit and tell: with the same commit
    tx.publish(&crate::events::StockChanged {}).await?;
    let entry = AuditEntry::done("key.release")
        .on("key", key.id, &*key.name)
        .decided(&warrant.basis)
        .with("loan", loan)
        .with("way", ask.way)
        .with("holder", warrant.person)
        .with("beside", ask.beside)
        .with("bin", plan.bin)
        .with("command", command);
    tx.commit(entry).await?;
    Ok(Released { loan, command, bin: plan.bin, not_after })
}

/// Which bin of which device would open.
struct Plan {
    device: DeviceId,
    bin: BinNumber,
}

/// The rules of the trade: the key hangs in a usable bin of this box, and nobody else's turn it is.
async fn plan(
    tx: &Tx,
    key: &keys::Model,
    warrant: &Warrant,
    at: Option<BoxId>,
) -> Result<Plan, TakeOutError> {
    let open = open_loan(tx, key.id).await?;
    let bin = custody::release(custody_of(key, open.as_ref()))?;
    let (place, bin) = box_of_bin(tx, bin).await?.ok_or(TakeOutError::NotThere)?;
    if at.is_some_and(|at| at != place.id) {
        return Err(TakeOutError::OtherBox);
    }
    if bin.disabled_reason.is_some() {
        return Err(TakeOutError::BinDisabled);
    }
    turn(tx, key, warrant).await?;
    let device = place.device_id.ok_or(TakeOutError::NoDevice)?;
    Ok(Plan { device, bin: BinNumber::try_from(bin.number).map_err(|_| TakeOutError::NoDevice)? })
}

async fn key_to_take(scope: &impl Scoped, key: KeyId) -> Result<keys::Model, TakeOutError> {
    let this = Condition::all().add(keys::Column::Id.eq(key)).add(keys::Column::WithdrawnAt.is_null());
    Ok(scope.find::<keys::Entity>().filter(this).one().await?.ok_or(NotAllowed::Missing)?)
}

async fn warrant(keys: &Keys, cx: &Cx, key: &keys::Model, ask: TakeOut) -> Result<Warrant, TakeOutError> {
    match ask.relying_on {
        RelyingOn::Person(person) => own_right(keys, cx, key, person, ask.beside).await,
        RelyingOn::Booking(booking) => {
            let row =
                live_booking(&keys.store.read(cx.tenant).await?, key.id, |row| row.id == booking, cx.now)
                    .await?
                    .ok_or(TakeOutError::NotInForce)?;
            by_booking(keys, cx, key, row).await
        }
        RelyingOn::Keycode(keycode) => {
            let scope = keys.store.read(cx.tenant).await?;
            let live = Condition::all()
                .add(keycodes::Column::Id.eq(keycode))
                .add(keycodes::Column::KeyId.eq(key.id))
                .add(keycodes::Column::LiveCode.is_not_null());
            let row =
                scope.find::<keycodes::Entity>().filter(live).one().await?.ok_or(TakeOutError::NotInForce)?;
            let maker = keys.still_vouches(cx, row.made_by, Right::Manage, key.id.resource()).await?;
            if !has_grant(&maker) {
                return Err(TakeOutError::NotInForce);
            }
            Ok(Warrant {
                person: None,
                booking: None,
                basis: basis("keycode", row.id, &maker),
                keycode: Some(row),
            })
        }
    }
}

/// A person's own right by the policy, or else a booking in their name.
async fn own_right(
    keys: &Keys,
    cx: &Cx,
    key: &keys::Model,
    person: PersonId,
    beside: Option<PersonId>,
) -> Result<Warrant, TakeOutError> {
    struct TakeOutAct;
    let scope = keys.store.read(cx.tenant).await?;
    let booking = live_booking(&scope, key.id, |row| row.person_id == Some(person), cx.now).await?;
    let zone = crate::reads::zone_of_key(&scope, key).await?;
    drop(scope);
    // A booking somebody else made lends its maker's right. One's own keeps the key free, and adds no right: the hours of
    // one's grant hold.
    if let Some(booking) = booking.clone().filter(|booking| booking.made_by != person) {
        return by_booking(keys, cx, key, booking).await;
    }
    let act = Act {
        right: Right::Exchange,
        action: "key.take_out",
        kind: "key",
        resource: key.id.resource(),
        name: &key.name,
        zone: &zone,
    };
    let acting = cx.acting_as(sekisho_kernel::Actor::Person { id: person });
    let permit = keys.permit_beside::<TakeOutAct>(&acting, act, beside).await?;
    Ok(Warrant { person: Some(person), booking, keycode: None, basis: json!(permit.decision) })
}

/// A booking is as good as the right of whoever made it.
async fn by_booking(
    keys: &Keys,
    cx: &Cx,
    key: &keys::Model,
    booking: bookings::Model,
) -> Result<Warrant, TakeOutError> {
    let own = booking.person_id == Some(booking.made_by);
    let right = if own { Right::Exchange } else { Right::Manage };
    let maker = keys.still_vouches(cx, booking.made_by, right, key.id.resource()).await?;
    if !(if own { maker.allowed } else { has_grant(&maker) }) {
        return Err(TakeOutError::NotInForce);
    }
    if let Some(person) = booking.person_id {
        let holder = keys.still_vouches(cx, person, Right::View, key.id.resource()).await?;
        if crate::warrant::is_barred(&holder) {
            return Err(NotAllowed::Missing.into());
        }
    }
    let basis = basis("booked", booking.id, &maker);
    Ok(Warrant { person: booking.person_id, booking: Some(booking), keycode: None, basis })
}

/// A booking of this key that is in force now and passes `fits`.
pub(crate) async fn live_booking(
    scope: &impl Scoped,
    key: KeyId,
    fits: impl Fn(&bookings::Model) -> bool,
    now: Timestamp,
) -> Result<Option<bookings::Model>, StoreError> {
    Ok(bookings_now(scope, key, now).await?.into_iter().find(|row| fits(row)))
}

/// All bookings of this key that are in force now.
async fn bookings_now(
    scope: &impl Scoped,
    key: KeyId,
    now: Timestamp,
) -> Result<Vec<bookings::Model>, StoreError> {
    let of_key = crate::reads::bookings_of_key(scope, key).await?;
    let live = Condition::all()
        .add(bookings::Column::Id.is_in(of_key))
        .add(bookings::Column::State.eq(BookingState::Booked))
        .add(bookings::Column::StartsAt.lte(now))
        .add(bookings::Column::EndsAt.gt(now));
    scope.find::<bookings::Entity>().filter(live).all().await
}

/// The key is booked for nobody else now, and what the taker relies on still stands: it was looked at before the wait for the
/// key, and may have been called off or moved since.
async fn turn(tx: &Tx, key: &keys::Model, warrant: &Warrant) -> Result<(), TakeOutError> {
    let now = bookings_now(tx, key.id, tx.cx().now).await?;
    let mine = warrant.booking.as_ref().map(|booking| booking.id);
    if mine.is_some_and(|mine| now.iter().all(|booking| booking.id != mine)) {
        return Err(TakeOutError::NotInForce);
    }
    match now.iter().any(|booking| Some(booking.id) != mine) {
        true => Err(TakeOutError::BookedForOthers),
        false => Ok(()),
    }
}

/// Should two takers ever pass the queue, the unique open loan of a key still lets only one through.
fn second_taker(error: StoreError) -> TakeOutError {
    if error.is_duplicate_of("keys_loans", &["open_key"]) {
        TakeOutError::BeingTaken
    } else {
        TakeOutError::Fault(error.into())
    }
}
