//! A manager of the location opens the master lock of a box from afar (K8g): with a reason, after proving themselves again.

use std::time::Duration;

use sea_orm::ActiveValue::Set;
use sekisho_devices::NewCommand;
use sekisho_host::{Fault, faults};
use sekisho_kernel::{AuditEntry, Cx, FieldError, Kind, Kinded};
use sekisho_wire::CommandKind;

use crate::Keys;
use crate::add_box::may_manage_box;
use crate::events::MasterUnlocked;
use crate::ids::BoxId;
use crate::open_bin::Opening;
use crate::tables::openings;
use crate::tables::words::OpeningResult;
use crate::take_out::RELEASE_LIFE;
use crate::warrant::NotAllowed;
use sekisho_web::Checks;

/// How fresh the proof must be.
pub const PROVEN_WITHIN: Duration = Duration::from_secs(300);

/// Why the master lock stays shut.
#[derive(Debug, thiserror::Error)]
pub enum UnlockMasterError {
    /// Not a manager of the location.
    #[error(transparent)]
    NotAllowed(#[from] NotAllowed),
    /// The person must prove themselves again first.
    #[error("a fresh second factor is needed")]
    ProveAgain,
    /// No reason was given.
    #[error("invalid input")]
    Invalid(Vec<FieldError>),
    /// The box has no device.
    #[error("the box is not connected")]
    NoDevice,
    /// Something broke.
    #[error("broken")]
    Fault(#[source] Fault),
}
faults!(UnlockMasterError);
faults!(UnlockMasterError: sekisho_devices::DeviceError);

impl From<Vec<FieldError>> for UnlockMasterError {
    fn from(fields: Vec<FieldError>) -> Self {
        Self::Invalid(fields)
    }
}

impl Kinded for UnlockMasterError {
    fn kind(&self) -> Kind {
        match self {
            Self::NotAllowed(error) => error.kind(),
            Self::ProveAgain => Kind::Denied,
            Self::Invalid(fields) => Kind::Invalid(fields.clone()),
            Self::NoDevice => Kind::Refused,
            Self::Fault(fault) => fault.kind(),
        }
    }

    fn text(&self) -> &'static str {
        match self {
            Self::NotAllowed(error) => error.text(),
            Self::ProveAgain => "keys-refused-step-up",
            Self::Invalid(_) => "error-invalid",
            Self::NoDevice => "keys-refused-no-device",
            Self::Fault(_) => "error-broken",
        }
    }
}

/// Opens the master lock: every bin can be reached then, so this is the most dangerous act of the module.
pub async fn unlock_master(
    keys: &Keys,
    cx: &Cx,
    id: BoxId,
    reason: &str,
) -> Result<Opening, UnlockMasterError> {
    let managed = may_manage_box(keys, cx, id, "box.unlock_master").await?;
    let person = cx.actor.person().ok_or(NotAllowed::Missing)?;
    let mut checks = Checks::default();
    let reason = checks.note("reason", reason);
    if reason.is_empty() {
        checks.wrong("reason", "keys-error-reason");
    }
    checks.done::<UnlockMasterError>()?;
    if cx.verified_at.is_none_or(|at| cx.now.since(at) > PROVEN_WITHIN) {
        let entry = AuditEntry::refused("box.unlock_master").on("box", id, managed.place.name);
        keys.record_refusal(cx, entry.decided(managed.decision).with("why", "step_up")).await?;
        return Err(UnlockMasterError::ProveAgain);
    }
    let device = managed.place.device_id.ok_or(UnlockMasterError::NoDevice)?;
    keys.devices.ready(cx).await?;
    let mut tx = keys.store.begin(cx).await?;
    let not_after = cx.now.plus(RELEASE_LIFE);
    let command = keys
        .devices
        .command(&mut tx, device, NewCommand { kind: CommandKind::UnlockMaster, life: RELEASE_LIFE })
        .await?;
    let opening = openings::ActiveModel {
        id: Set(command.uuid()),
        box_id: Set(id),
        bin_id: Set(None),
        person_id: Set(person),
        reason: Set(reason.clone()),
        at: Set(cx.now),
        result: Set(OpeningResult::Sent),
        ..Default::default()
    };
    tx.insert::<openings::Entity>(opening).await?;
    let event = MasterUnlocked {
        at_box: id,
        box_name: managed.place.name.clone(),
        person,
        reason: reason.clone(),
        at: cx.now,
    };
    tx.publish(&event).await?;
    let entry =
        AuditEntry::done("box.unlock_master").on("box", id, managed.place.name).decided(managed.decision);
    tx.commit(entry.with("reason", reason).with("command", command)).await?;
    Ok(Opening { command, not_after })
}
