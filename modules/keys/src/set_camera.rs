//! A box's camera is switched on or off (K15), and how long its pictures are kept. It is off until a manager of the box
//! says otherwise: pictures are personal data. From then on the box seals each picture to a key of the tenant whose
//! other half lies sealed under the tenant's own; with the tenant's keys every picture goes.

use std::time::Duration;

use sea_orm::ActiveValue::Set;
use sea_orm::sea_query::{Expr, ExprTrait as _};
use sea_orm::{ColumnTrait, Condition};
use sekisho_crypto::{Place, SealingPair};
use sekisho_host::Fault;
use sekisho_kernel::{AuditEntry, Cx, Timestamp};
use sekisho_storage::{Scoped, StoreError, Tx};
use serde::{Deserialize, Serialize};

use crate::Keys;
use crate::add_box::may_manage_box;
use crate::ids::BoxId;
use crate::stock::StockError;
use crate::tables::{boxes, picture_keys, pictures};
use crate::warrant::NotAllowed;
use sekisho_web::Checks;

/// Days a picture is kept unless somebody says otherwise.
pub const DAYS: i64 = 30;
/// The most days.
pub const MOST_DAYS: i64 = 366;

const DAY: Duration = Duration::from_secs(86_400);

/// How a camera is set.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, utoipa::ToSchema)]
pub struct CameraForm {
    /// Whether it takes pictures.
    pub on: bool,
    /// After so many days a picture is deleted; 1 to 366.
    pub days: i64,
}

impl Default for CameraForm {
    fn default() -> Self {
        Self { on: false, days: DAYS }
    }
}

/// How the camera of a box is set; for those who manage the box.
pub async fn camera_of(keys: &Keys, cx: &Cx, id: BoxId) -> Result<CameraForm, StockError> {
    let place = may_manage_box(keys, cx, id, "box.camera").await?.place;
    Ok(CameraForm { on: place.camera, days: place.picture_days })
}

/// Sets the camera of a box. Pictures taken already are kept no longer than the new days, and no longer than they were
/// promised to be.
pub async fn set_camera(keys: &Keys, cx: &Cx, id: BoxId, form: CameraForm) -> Result<(), StockError> {
    let managed = may_manage_box(keys, cx, id, "box.camera").await?;
    let mut checks = Checks::default();
    if !(1..=MOST_DAYS).contains(&form.days) {
        checks.wrong("days", "keys-error-picture-days");
    }
    checks.done::<StockError>()?;
    if form.on {
        make_picture_key(keys, cx).await?;
    }
    let mut tx = keys.store.begin(cx).await?;
    let present = crate::reads::place(&tx, id).await?.ok_or(NotAllowed::Missing)?;
    let (since, until) = match (form.on, present.camera) {
        (true, _) => (present.camera_since.or(Some(cx.now)), None),
        (false, true) => (present.camera_since, Some(cx.now)),
        (false, false) => (present.camera_since, present.camera_until),
    };
    tx.update::<boxes::Entity>()
        .set(boxes::Column::Camera, form.on)
        .set(boxes::Column::CameraSince, since)
        .set(boxes::Column::CameraUntil, until)
        .set(boxes::Column::PictureDays, form.days)
        .filter(boxes::Column::Id.eq(id))
        .exec()
        .await?;
    if form.days < managed.place.picture_days {
        shorten(&tx, id, form.days).await?;
    }
    crate::device::send_config(keys, &mut tx, id).await?;
    let entry = AuditEntry::done("box.camera").on("box", id, managed.place.name).decided(managed.decision);
    Ok(tx.commit(entry.with("on", form.on).with("days", form.days)).await?)
}

/// Brings forward when pictures of a box are deleted: each is kept for `days` from when it came, no less and no more.
async fn shorten(tx: &Tx, place: BoxId, days: i64) -> Result<u64, StoreError> {
    use pictures::Column;
    let due = || {
        let kept = i64::try_from(DAY.as_micros()).unwrap_or(i64::MAX).saturating_mul(days);
        Expr::col(Column::ReceivedAt).add(kept)
    };
    let later = Condition::all().add(Column::BoxId.eq(place)).add(Expr::col(Column::DeleteAt).gt(due()));
    tx.update::<pictures::Entity>().set_to(Column::DeleteAt, due()).filter(later).exec().await
}

/// When a picture that came at `received` is deleted.
pub(crate) fn delete_at(received: Timestamp, days: i64) -> Timestamp {
    received.plus(DAY * u32::try_from(days.clamp(1, MOST_DAYS)).unwrap_or(1))
}

/// The newest key that boxes seal pictures to.
pub(crate) async fn picture_key(scope: &impl Scoped) -> Result<Option<picture_keys::Model>, StoreError> {
    let newest = scope.find::<picture_keys::Entity>().descending(picture_keys::Column::Generation);
    newest.limit(1).one().await
}

/// Makes the tenant's first picture key. Of two servers that do so at once one wins.
async fn make_picture_key(keys: &Keys, cx: &Cx) -> Result<(), Fault> {
    if picture_key(&keys.store.read(cx.tenant).await?).await?.is_some() {
        return Ok(());
    }
    let tenant = keys.vault.keys(cx.tenant).await?;
    let pair = SealingPair::generate()?;
    let id: uuid::Uuid = cx.fresh_id();
    let row = picture_keys::ActiveModel {
        id: Set(id),
        generation: Set(1),
        public: Set(pair.public),
        secret_sealed: Set(tenant.seal_secret(&secret_place(id), &pair.secret)),
        made_at: Set(cx.now),
        ..Default::default()
    };
    let tx = keys.store.begin(cx).await?;
    match tx.insert::<picture_keys::Entity>(row).await {
        Ok(()) => Ok(tx.commit_bookkeeping("a key for pictures; what is done with it is recorded").await?),
        Err(error) if error.is_duplicate_of("keys_picture_keys", &["generation"]) => Ok(()),
        Err(error) => Err(error.into()),
    }
}

/// Where the half that opens lies.
pub(crate) fn secret_place(row: uuid::Uuid) -> Place<'static> {
    Place { table: "keys_picture_keys", column: "secret", row }
}

#[cfg(test)]
mod tests {
    use super::{DAY, delete_at};
    use sekisho_kernel::Timestamp;

    #[test]
    fn days_are_counted_from_the_arrival() {
        let at = Timestamp::from_secs(1_800_000_000);
        assert_eq!(delete_at(at, 30), at.plus(DAY * 30));
        assert_eq!(delete_at(at, 0), at.plus(DAY), "what was never allowed is the shortest");
        assert_eq!(delete_at(at, 10_000), at.plus(DAY * 366));
    }
}
