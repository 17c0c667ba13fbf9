//! Somebody looks at a picture of a box's camera (K15). Only who manages the box may, each look is on the record before
//! anything is shown, and after so many looks only with a fresh proof of who asks. For everybody else there is no picture.

use sea_orm::ColumnTrait;
use sekisho_crypto::open_sealed_to;
use sekisho_host::{Fault, faults};
use sekisho_kernel::{AuditEntry, Cx, FieldError, Kind, Kinded};
use sekisho_storage::Scoped;
use sekisho_wire::{Picture, Shot};

use crate::Keys;
use crate::add_box::{ManagedBox, may_manage_box};
use crate::ids::PictureId;
use crate::set_camera::secret_place;
use crate::tables::{picture_keys, pictures};
use crate::warrant::NotAllowed;
use sekisho_web::Checks;

/// The action under which looks are recorded and counted.
pub(crate) const VIEW: &str = "picture.view";

/// Why a picture is not shown or deleted.
#[derive(Debug, thiserror::Error)]
pub enum PictureError {
    /// There is none, as far as this person may know.
    #[error("there is no such picture for this person")]
    Missing,
    /// Enough was looked at; who one is has to be proved again first.
    #[error("too many pictures since the last proof")]
    ProveAgain,
    /// What was typed is wrong.
    #[error("invalid input")]
    Invalid(Vec<FieldError>),
    /// The picture cannot be opened: it was changed, or its box sealed something else.
    #[error("the picture does not open")]
    Unreadable,
    /// Something broke.
    #[error("broken")]
    Fault(#[source] Fault),
}
faults!(PictureError);

impl Kinded for PictureError {
    fn kind(&self) -> Kind {
        match self {
            Self::Missing => Kind::Missing,
            Self::ProveAgain => Kind::Denied,
            Self::Invalid(fields) => Kind::Invalid(fields.clone()),
            Self::Unreadable => Kind::Refused,
            Self::Fault(fault) => fault.kind(),
        }
    }

    fn text(&self) -> &'static str {
        match self {
            Self::Missing => "error-missing",
            Self::ProveAgain => "keys-picture-prove-again",
            Self::Invalid(_) => "error-invalid",
            Self::Unreadable => "keys-picture-unreadable",
            Self::Fault(_) => "error-broken",
        }
    }
}

impl From<Vec<FieldError>> for PictureError {
    fn from(fields: Vec<FieldError>) -> Self {
        Self::Invalid(fields)
    }
}

/// A picture of a box the asker manages.
pub(crate) struct ManagedPicture {
    pub(crate) row: pictures::Model,
    pub(crate) of: ManagedBox,
}

/// The picture, if the person behind `cx` manages the box it was taken at. Whoever only knows of the box is told nothing.
pub(crate) async fn managed_picture(
    keys: &Keys,
    cx: &Cx,
    id: PictureId,
    action: &'static str,
) -> Result<ManagedPicture, PictureError> {
    let scope = keys.store.read(cx.tenant).await?;
    let row = scope.find::<pictures::Entity>().filter(pictures::Column::Id.eq(id)).one().await?;
    drop(scope);
    // Due to be deleted is as good as deleted, however late the job comes.
    let row = row.filter(|row| row.delete_at > cx.now).ok_or(PictureError::Missing)?;
    match may_manage_box(keys, cx, row.box_id, action).await {
        Ok(of) => Ok(ManagedPicture { row, of }),
        Err(NotAllowed::Fault(fault)) => Err(fault.into()),
        Err(NotAllowed::Missing | NotAllowed::Denied(_)) => Err(PictureError::Missing),
    }
}

/// Opens a picture for whoever looks, after the look is on the record.
pub async fn view_picture(keys: &Keys, cx: &Cx, id: PictureId) -> Result<Shot, PictureError> {
    let ManagedPicture { row, of } = managed_picture(keys, cx, id, VIEW).await?;
    // First, for keys are read and made outside of transactions.
    let tenant = keys.vault.keys(cx.tenant).await?;
    let tx = keys.store.begin(cx).await?;
    let looks = keys.identity.reveals_of(cx, &tx, VIEW).await?;
    let on = |entry: AuditEntry| entry.on("picture", id, of.place.name.clone()).decided(of.decision.clone());
    if looks.done >= u64::from(looks.limit) {
        tx.commit(on(AuditEntry::refused("picture.view")).with("why", "step_up")).await?;
        return Err(PictureError::ProveAgain);
    }
    let key = tx.find::<picture_keys::Entity>().filter(picture_keys::Column::Generation.eq(row.sealing_key));
    let key = key.one().await?;
    tx.commit(on(AuditEntry::done("picture.view")).with("box", of.place.id)).await?;
    let key = key.ok_or(PictureError::Unreadable)?;
    let secret = tenant.open(&secret_place(key.id), &key.secret_sealed)?;
    let bound_to = Picture::bound_to(row.device_id, u64::try_from(row.seq).unwrap_or(0), row.at);
    let shot = open_sealed_to(&secret, Picture::PURPOSE, &bound_to, &row.sealed)
        .inspect_err(|error| tracing::warn!(picture = %id, %error, "a picture does not open"))
        .map_err(|_| PictureError::Unreadable)?;
    sekisho_wire::decode::<Shot>(&shot)
        .ok()
        .filter(|shot| shot.media().is_some())
        .ok_or(PictureError::Unreadable)
}

/// Deletes a picture before its day, with a reason.
pub async fn delete_picture(keys: &Keys, cx: &Cx, id: PictureId, reason: &str) -> Result<(), PictureError> {
    let ManagedPicture { of, .. } = managed_picture(keys, cx, id, "picture.delete").await?;
    let mut checks = Checks::default();
    let reason = checks.note("reason", reason);
    if reason.is_empty() {
        checks.wrong("reason", "keys-error-reason");
    }
    checks.done::<PictureError>()?;
    let tx = keys.store.begin(cx).await?;
    let deleted = tx.delete::<pictures::Entity>().filter(pictures::Column::Id.eq(id)).exec().await?;
    if deleted == 0 {
        return Err(PictureError::Missing);
    }
    let entry = AuditEntry::done("picture.delete").on("picture", id, of.place.name).decided(of.decision);
    Ok(tx.commit(entry.with("box", of.place.id).with("reason", reason)).await?)
}
