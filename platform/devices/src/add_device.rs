//! An administrator makes a device known, and gets the claim code it enrols with.

use sea_orm::ActiveValue::Set;
use sea_orm::{ColumnTrait, Condition};
use sekisho_kernel::{AuditEntry, Cx, DeviceId, Timestamp};
use sekisho_storage::Tx;
use sekisho_wire::{BoxConfig, encode};
use uuid::Uuid;

use crate::claim::CLAIM_LIFE;
use crate::facts::{DeviceAdded, DeviceConfigured};
use crate::tables::{devices_claims, devices_devices};
use crate::{ClaimCode, DeviceError, Devices, NewDevice, Standing, reads};

impl Devices {
    /// Makes a device known in the caller's transaction; tells its id and the code it enrols with, which is shown once.
    /// Call [`Devices::ready`] before beginning the transaction.
    pub async fn add(&self, tx: &mut Tx, device: NewDevice) -> Result<(DeviceId, ClaimCode), DeviceError> {
        let device = device.checked()?;
        let cx = tx.cx().clone();
        let id: DeviceId = cx.fresh_id();
        tx.record(
            AuditEntry::done("device.add")
                .on("device", id, device.name.clone())
                .with("kind", device.kind.word()),
        );
        tx.insert::<devices_devices::Entity>(devices_devices::ActiveModel {
            tenant_id: Set(cx.tenant),
            id: Set(id),
            kind: Set(device.kind),
            name: Set(device.name),
            site_id: Set(device.site),
            standing: Set(Standing::Waiting),
            spki: Set(None),
            old_spki: Set(None),
            old_spki_until: Set(Timestamp::EPOCH),
            certificate_until: Set(None),
            online: Set(false),
            connection: Set(None),
            online_since: Set(cx.now),
            last_seen: Set(None),
            told_offline: Set(false),
            drops: Set(0),
            drops_since: Set(cx.now),
            flaky: Set(false),
            report: Set(None),
            event_epoch: Set(1),
            event_seq: Set(0),
            event_hash: Set(Vec::new()),
            config: Set(None),
            config_version: Set(0),
            created_at: Set(cx.now),
            revoked_at: Set(None),
        })
        .await?;
        let code = self.new_claim(tx, id).await?;
        tx.publish(&DeviceAdded { device: id }).await?;
        Ok((id, code))
    }

    /// A new claim code for a device that lost the old one, or is set up again. Codes given before are void.
    pub async fn claim_again(&self, tx: &mut Tx, device: DeviceId) -> Result<ClaimCode, DeviceError> {
        let row = reads::locked_row(tx, device).await?.ok_or(DeviceError::Missing)?;
        if row.standing == Standing::Revoked {
            return Err(DeviceError::Revoked);
        }
        tx.record(AuditEntry::done("device.claim").on("device", device, row.name));
        self.new_claim(tx, device).await
    }

    async fn new_claim(&self, tx: &Tx, device: DeviceId) -> Result<ClaimCode, DeviceError> {
        use devices_claims::Column;
        let cx = tx.cx();
        tx.delete::<devices_claims::Entity>()
            .filter(Condition::all().add(Column::DeviceId.eq(device)).add(Column::UsedAt.is_null()))
            .exec()
            .await?;
        let code = ClaimCode::from_chance(cx.random());
        tx.insert::<devices_claims::Entity>(devices_claims::ActiveModel {
            tenant_id: Set(cx.tenant),
            id: Set(cx.fresh_id::<Uuid>()),
            device_id: Set(device),
            code_hash: Set(self.claim_hash(cx, &code).await?),
            expires_at: Set(cx.now.plus(CLAIM_LIFE)),
            used_at: Set(None),
        })
        .await?;
        Ok(code)
    }

    /// What is stored of a code: useless without the tenant's keys.
    pub(crate) async fn claim_hash(&self, cx: &Cx, code: &ClaimCode) -> Result<Vec<u8>, DeviceError> {
        Ok(self.vault().keys(cx.tenant).await?.mac("device.claim", code.expose().as_bytes()).to_vec())
    }

    /// Sets the `cfg/box` document of a device in the caller's transaction; it is sent when that commits, and again
    /// whenever the device connects. The version is set here and told.
    pub async fn configure(
        &self,
        tx: &mut Tx,
        device: DeviceId,
        config: BoxConfig,
    ) -> Result<u64, DeviceError> {
        use devices_devices::{Column, Entity};
        let row = reads::locked_row(tx, device).await?.ok_or(DeviceError::Missing)?;
        let version = row.config_version.saturating_add(1);
        let config = BoxConfig { version: u64::try_from(version).unwrap_or(0), ..config };
        tx.update::<Entity>()
            .set(Column::Config, encode(&config))
            .set(Column::ConfigVersion, version)
            .filter(Column::Id.eq(device))
            .exec()
            .await?;
        tx.publish(&DeviceConfigured { device }).await?;
        Ok(config.version)
    }

    /// Renames or moves a device in the caller's transaction.
    pub async fn change(&self, tx: &mut Tx, device: DeviceId, to: NewDevice) -> Result<(), DeviceError> {
        use devices_devices::{Column, Entity};
        let to = to.checked()?;
        let changed = tx
            .update::<Entity>()
            .set(Column::Name, to.name.clone())
            .set(Column::SiteId, to.site)
            .filter(Column::Id.eq(device))
            .exec()
            .await?;
        if changed == 0 {
            return Err(DeviceError::Missing);
        }
        tx.record(AuditEntry::done("device.change").on("device", device, to.name));
        Ok(())
    }
}
