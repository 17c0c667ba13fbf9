//! A device gets its certificate: the first for a claim code, the next ones over its live session.

use std::time::Duration;

use rustls_pki_types::CertificateSigningRequestDer;
use rustls_pki_types::pem::PemObject as _;
use sea_orm::{ColumnTrait, Condition};
use sekisho_crypto::certificates::{self, Authority, DeviceName};
use sekisho_crypto::token_text;
use sekisho_kernel::{Actor, AuditEntry, Cx, DeviceId, Timestamp};
use sekisho_storage::{Scoped, Tx};
use sekisho_wire::{CertificateReply, Enrol, Enrolled};

use crate::facts::DeviceEnrolled;
use crate::tables::{devices_claims, devices_devices};
use crate::{ClaimCode, DeviceError, Devices, Standing, reads};

/// How long a certificate is good.
pub(crate) const CERTIFICATE_LIFE: Duration = Duration::from_secs(90 * 86_400);
/// How long the key before a renewal stays good beside the new one.
const OVERLAP: Duration = Duration::from_secs(86_400);
/// Clocks of fresh devices are a little behind.
const GRACE: Duration = Duration::from_secs(300);

/// Where devices connect, and what they trust there. Told to a device when it enrols.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Announcement {
    /// `host:port` of the MQTT endpoint.
    pub address: String,
    /// The authorities of its server certificate, PEM.
    pub server_trust: String,
    /// The address of the pages and the API, as devices reach it; empty for the name the administrator's browser used.
    pub server_url: String,
    /// SHA-256 of that server's certificate or authority, in hexadecimal digits, when it is not one that machines trust
    /// by themselves.
    pub fingerprint: Option<String>,
}

impl Announcement {
    /// The fingerprint by which a device knows the server whose authority is in `pem`.
    pub fn fingerprint_of(pem: &str) -> Option<String> {
        Some(hex::encode(sekisho_crypto::sha256(&certificates::pem_to_der(pem).ok()?)))
    }
}

struct Signed {
    der: Vec<u8>,
    spki: [u8; 32],
    not_after: Timestamp,
}

impl Devices {
    /// Gives a device its first certificate for a claim code of the tenant in `cx`. Wrong, used and old codes are refused
    /// with one and the same word.
    pub async fn enrol(&self, cx: &Cx, ask: Enrol) -> Result<Enrolled, DeviceError> {
        let code = ClaimCode::parse(&ask.claim).ok_or(DeviceError::WrongClaim)?;
        let csr = CertificateSigningRequestDer::from_pem_slice(ask.csr.as_bytes())
            .map_err(|_| DeviceError::WrongRequest)?;
        certificates::read_request_key(&csr).map_err(|_| DeviceError::WrongRequest)?;
        let signer = self.signer(cx).await?;
        let hash = self.claim_hash(cx, &code).await?;
        let update_root = self.update_root(cx).await?;
        let mut tx = self.store().begin(cx).await?;
        let device = use_claim(&tx, hash).await?;
        let row = reads::locked_row(&tx, device).await?.ok_or(DeviceError::WrongClaim)?;
        if row.standing == Standing::Revoked {
            return Err(DeviceError::WrongClaim);
        }
        tx.act_as(Actor::Device { id: device });
        let signed = sign(&signer.authority, cx, device, &csr)?;
        use devices_devices::{Column, Entity};
        tx.update::<Entity>()
            .set(Column::Standing, Standing::Enrolled)
            .set(Column::Spki, signed.spki.to_vec())
            .set(Column::OldSpki, Option::<Vec<u8>>::None)
            .set(Column::CertificateUntil, signed.not_after)
            // A device that is set up again begins a new journal.
            .set(Column::EventEpoch, row.event_epoch + i64::from(row.event_seq > 0))
            .set(Column::EventSeq, 0_i64)
            .set(Column::EventHash, Vec::<u8>::new())
            .filter(Column::Id.eq(device))
            .exec()
            .await?;
        tx.publish(&DeviceEnrolled { device }).await?;
        let agent: String = ask.agent.chars().take(80).collect();
        tx.commit(
            AuditEntry::done("device.enrol")
                .on("device", device, row.name)
                .with("key", hex::encode(signed.spki))
                .with("agent", agent),
        )
        .await?;
        self.trust(cx.tenant, &signer.authority);
        let Announcement { address, server_trust, .. } = self.announced();
        Ok(Enrolled {
            update_root,
            tenant: cx.tenant.to_string(),
            device: device.to_string(),
            kind: row.kind.word().to_owned(),
            certificate: format!("{}{}", pem(&signed.der), signer.authority.certificate_pem()),
            address,
            server_trust,
            command_key: token_text(&signer.commands.public()),
        })
    }

    /// Gives a connected device its next certificate, for a key it has just made. The key before stays good for a day.
    pub(crate) async fn renew(
        &self,
        cx: &Cx,
        device: DeviceId,
        csr: &[u8],
    ) -> Result<CertificateReply, DeviceError> {
        certificates::read_request_key(csr).map_err(|_| DeviceError::WrongRequest)?;
        let signer = self.signer(cx).await?;
        let tx = self.store().begin(cx).await?;
        let row = reads::locked_row(&tx, device).await?.ok_or(DeviceError::Missing)?;
        if row.standing != Standing::Enrolled {
            return Err(DeviceError::Revoked);
        }
        let signed = sign(&signer.authority, cx, device, csr)?;
        use devices_devices::{Column, Entity};
        let update = tx
            .update::<Entity>()
            .set(Column::Spki, signed.spki.to_vec())
            .set(Column::CertificateUntil, signed.not_after)
            .filter(Column::Id.eq(device));
        let update = if row.spki.as_deref() == Some(&signed.spki) {
            // The same request again, because the answer was lost: what was good before stays so.
            update
        } else {
            update.set(Column::OldSpki, row.spki).set(Column::OldSpkiUntil, cx.now.plus(OVERLAP))
        };
        update.exec().await?;
        tx.commit(
            AuditEntry::done("device.renew")
                .on("device", device, row.name)
                .with("key", hex::encode(signed.spki)),
        )
        .await?;
        Ok(CertificateReply {
            certificate: signed.der,
            chain: vec![signer.authority.certificate_der().to_vec().into()],
            not_after: signed.not_after,
        })
    }

    /// Whether a device with this key may connect now, and what it is.
    pub(crate) async fn admit(
        &self,
        cx: &Cx,
        name: &DeviceName,
        spki: &[u8; 32],
    ) -> Result<Option<devices_devices::Model>, DeviceError> {
        let scope = self.store().read(name.tenant).await?;
        let Some(row) = reads::row(&scope, name.device).await? else { return Ok(None) };
        let current = row.spki.as_deref() == Some(spki);
        let overlapping = row.old_spki.as_deref() == Some(spki) && cx.now < row.old_spki_until;
        let enrolled = row.standing == Standing::Enrolled;
        Ok((enrolled && (current || overlapping)).then_some(row))
    }
}

/// Uses up the claim with this hash; tells whose it was.
async fn use_claim(tx: &Tx, hash: Vec<u8>) -> Result<DeviceId, DeviceError> {
    use devices_claims::{Column, Entity};
    let now = tx.cx().now;
    let open = || Condition::all().add(Column::UsedAt.is_null()).add(Column::ExpiresAt.gt(now));
    let claim = tx
        .find::<Entity>()
        .filter(open().add(Column::CodeHash.eq(hash)))
        .one()
        .await?
        .ok_or(DeviceError::WrongClaim)?;
    let used = tx
        .update::<Entity>()
        .set(Column::UsedAt, now)
        .filter(open().add(Column::Id.eq(claim.id)))
        .exec()
        .await?;
    if used == 1 { Ok(claim.device_id) } else { Err(DeviceError::WrongClaim) }
}

fn sign(authority: &Authority, cx: &Cx, device: DeviceId, csr: &[u8]) -> Result<Signed, DeviceError> {
    let name = DeviceName { tenant: cx.tenant, device }.to_string();
    let not_after = cx.now.plus(CERTIFICATE_LIFE);
    let der = authority
        .sign_request(csr, &name, cx.now.minus(GRACE), not_after, &**cx.world())
        .map_err(|_| DeviceError::WrongRequest)?;
    let spki = certificates::read(&der)?.spki_sha256;
    Ok(Signed { der, spki, not_after })
}

/// PEM of a certificate (RFC 7468).
fn pem(der: &[u8]) -> String {
    let text = data_encoding::BASE64.encode(der);
    let mut pem = String::from("-----BEGIN CERTIFICATE-----\n");
    for line in text.as_bytes().chunks(64) {
        pem.push_str(&String::from_utf8_lossy(line));
        pem.push('\n');
    }
    pem.push_str("-----END CERTIFICATE-----\n");
    pem
}
