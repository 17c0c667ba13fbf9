//! A tenant's repository of updates: what its signers published, what the server signs by itself, and the images in pieces.
//! Nothing enters it whose whole chain was not followed from the root document that was given by hand.

use std::sync::Arc;

use sea_orm::ActiveValue::Set;
use sea_orm::{ColumnTrait, Condition, QuerySelect};
use sekisho_crypto::{Place, Sha256};
use sekisho_kernel::{AuditEntry, Cx, DeviceId, FieldError, Kind, Kinded, Timestamp, World};
use sekisho_storage::{JsonText, Scoped, StoreError, Tx};
use sekisho_updates::judge;
use sekisho_updates::offline::{RootDocument, TargetsDocument};
use sekisho_updates::online::{RENEW_BEFORE, sign_current};
use sekisho_updates::{Image, NotBelieved, PublicKey, RoleKey, SignError};
use sekisho_wire::{MAX_PART, PartKind, RepositoryFile};
use uuid::Uuid;

use crate::rollout::{Progress, RolloutState};
use crate::update_tables::{
    devices_image_parts, devices_repositories, devices_rollout_devices, devices_rollouts,
};
use crate::{DeviceError, Devices};

const TABLE: &str = "devices_repositories";

/// A refusal or failure about updates.
#[derive(Debug, thiserror::Error)]
pub enum UpdateError {
    /// No such rollout or image, or another tenant's.
    #[error("no such thing")]
    Missing,
    /// Nobody gave the server a root document yet.
    #[error("no root document was given by hand yet")]
    NoRoot,
    /// A root document was given already; changes come signed.
    #[error("a root document was given already")]
    RootGiven,
    /// The chain does not hold.
    #[error("the chain does not hold: {0}")]
    NotBelieved(#[from] NotBelieved),
    /// The image's pieces are not all here, or are not what the signers vouch for.
    #[error("the image is not whole")]
    NotWhole,
    /// Somebody else published or signed at the same time.
    #[error("the repository changed meanwhile")]
    Meanwhile,
    /// Another rollout for this hardware goes on.
    #[error("another rollout for this hardware goes on")]
    AnotherRuns,
    /// The rollout is not in a state for that.
    #[error("the rollout is not in a state for that")]
    NotNow,
    /// A form field is wrong.
    #[error("invalid field")]
    Invalid(Vec<FieldError>),
    /// A key or signature failed.
    #[error("signing")]
    Sign(#[from] SignError),
    /// Devices.
    #[error(transparent)]
    Device(#[from] DeviceError),
    /// The store failed.
    #[error("store")]
    Store(#[from] StoreError),
}

impl From<sekisho_crypto::CryptoError> for UpdateError {
    fn from(error: sekisho_crypto::CryptoError) -> Self {
        Self::Device(error.into())
    }
}

impl Kinded for UpdateError {
    fn kind(&self) -> Kind {
        match self {
            Self::Missing => Kind::Missing,
            Self::NoRoot | Self::RootGiven | Self::NotBelieved(_) | Self::NotWhole | Self::NotNow => {
                Kind::Refused
            }
            Self::Meanwhile | Self::AnotherRuns => Kind::Conflict,
            Self::Invalid(fields) => Kind::Invalid(fields.clone()),
            Self::Sign(_) => Kind::Broken,
            Self::Device(error) => error.kind(),
            Self::Store(error) => error.kind(),
        }
    }

    fn text(&self) -> &'static str {
        match self {
            Self::Missing => "error-missing",
            Self::NoRoot => "devices-update-error-no-root",
            Self::RootGiven => "devices-update-error-root-given",
            Self::NotBelieved(error) => match error {
                NotBelieved::Signature(_) => "devices-update-error-signature",
                NotBelieved::Older => "devices-update-error-older",
                NotBelieved::Expired(_) => "devices-update-error-expired",
                NotBelieved::OtherServer => "devices-update-error-other-server",
                NotBelieved::Unreadable(_) => "devices-update-error-unreadable",
            },
            Self::NotWhole => "devices-update-error-not-whole",
            Self::Meanwhile => "devices-update-error-meanwhile",
            Self::AnotherRuns => "devices-update-error-another",
            Self::NotNow => "devices-update-error-not-now",
            Self::Invalid(_) => "error-invalid",
            Self::Sign(_) => "error-broken",
            Self::Device(error) => error.text(),
            Self::Store(error) => error.text(),
        }
    }
}

/// What is published: for pages, the API and the command line.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Published {
    /// The server's public key, hexadecimal; empty before it was asked for.
    pub online_key: String,
    /// The number of the newest root document; zero before one was given.
    pub root_version: u64,
    /// Until when it is good.
    pub root_expires: Option<Timestamp>,
    /// The number of the targets document; zero before one was published.
    pub targets_version: u64,
    /// Until when what the server signed is good.
    pub current_until: Option<Timestamp>,
    /// The images, and whether all of each is here.
    pub images: Vec<(Image, bool)>,
}

/// What signers bring: root documents not known yet, and the targets document.
#[derive(Clone, Debug, Default)]
pub struct Publication {
    /// Root documents by their numbers.
    pub roots: Vec<Vec<u8>>,
    /// The targets document.
    pub targets: Vec<u8>,
}

impl Devices {
    /// The server's public key, which root documents have to name; made when first asked for.
    ///
    /// # Errors
    /// [`UpdateError::Store`], [`UpdateError::Device`] when it cannot be sealed.
    pub async fn online_key(&self, cx: &Cx) -> Result<PublicKey, UpdateError> {
        let known = |row: &devices_repositories::Model| PublicKey::from_hex(&row.online_key);
        if let Some(key) = self.repository(cx).await?.as_ref().and_then(known) {
            return Ok(key);
        }
        let keys = self.vault().keys(cx.tenant).await?;
        let key = RoleKey::generate(&**cx.world())?;
        let id: Uuid = cx.fresh_id();
        let tx = self.store().begin(cx).await?;
        let made = tx
            .insert::<devices_repositories::Entity>(devices_repositories::ActiveModel {
                tenant_id: Set(cx.tenant),
                id: Set(id),
                place: Set(1),
                sealed_online_key: Set(keys.seal_secret(&place(id), &key.to_pkcs8()?)),
                online_key: Set(key.public().to_hex()),
                roots: Set(JsonText(Vec::new())),
                first_root: Set(0),
                targets: Set(None),
                targets_version: Set(0),
                snapshot: Set(None),
                timestamp: Set(None),
                number: Set(0),
                expires_at: Set(Timestamp::EPOCH),
                published_at: Set(None),
            })
            .await;
        match made {
            Ok(()) => tx.commit(AuditEntry::done("update.make_key").on("repository", id, "")).await?,
            // Another server was quicker; its key is the tenant's.
            Err(error) if error.is_duplicate_of(TABLE, &["place"]) => drop(tx),
            Err(error) => return Err(error.into()),
        }
        let row = self.repository(cx).await?.ok_or(UpdateError::Missing)?;
        known(&row).ok_or(UpdateError::Missing)
    }

    /// Trusts these root documents, the first ones: each follows the one before, and the newest names this server. Those
    /// after them come with publications. For the operator at the machine: whoever gives the first root decides who signs.
    ///
    /// # Errors
    /// [`UpdateError::RootGiven`], [`UpdateError::NotBelieved`].
    pub async fn trust_roots(&self, cx: &Cx, roots: &[Vec<u8>]) -> Result<u64, UpdateError> {
        let online = self.online_key(cx).await?;
        let roots = judge::first_roots(&read_roots(roots)?, online, cx.now)?;
        let row = self.repository(cx).await?.ok_or(UpdateError::Missing)?;
        let first = roots.first().map_or(0, RootDocument::version);
        let newest = roots.last().map_or(0, RootDocument::version);
        let texts = roots.iter().map(|root| text_of(&root.to_bytes()?)).collect::<Result<Vec<_>, _>>()?;
        use devices_repositories::{Column, Entity};
        let tx = self.store().begin(cx).await?;
        let changed = tx
            .update::<Entity>()
            .set(Column::Roots, JsonText(texts))
            .set(Column::FirstRoot, number(first))
            .filter(Condition::all().add(Column::Id.eq(row.id)).add(Column::FirstRoot.eq(0_i64)))
            .exec()
            .await?;
        if changed == 0 {
            return Err(UpdateError::RootGiven);
        }
        tx.commit(AuditEntry::done("update.trust_root").on("repository", row.id, "").with("root", newest))
            .await?;
        Ok(newest)
    }

    /// Takes what the signers bring, after following the whole chain as a device would; older than what is here is refused.
    ///
    /// # Errors
    /// [`UpdateError::NoRoot`], [`UpdateError::NotBelieved`], [`UpdateError::Meanwhile`].
    pub async fn publish(&self, cx: &Cx, publication: &Publication) -> Result<Published, UpdateError> {
        let row = self.repository(cx).await?.ok_or(UpdateError::NoRoot)?;
        let mut roots = row.roots.0.clone();
        let trusted = roots.last().ok_or(UpdateError::NoRoot)?;
        let trusted = RootDocument::read(trusted.as_bytes())?;
        let offered = read_roots(&publication.roots)?;
        let targets = TargetsDocument::read(&publication.targets).map_err(NotBelieved::from)?;
        let before = row.targets.as_ref().map(|bytes| TargetsDocument::read(bytes)).transpose()?;
        let key = self.role_key(cx, &row).await?;
        let fresh = judge::publication(&trusted, &offered, &targets, before.as_ref(), key.public(), cx.now)?;
        let root_version = fresh.last().unwrap_or(&trusted).version();
        for root in &fresh {
            roots.push(text_of(&root.to_bytes()?)?);
        }
        let next = u64::try_from(row.number).unwrap_or(0) + 1;
        let current = sign_current(&key, &publication.targets, targets.version(), next, cx.now)?;
        use devices_repositories::{Column, Entity};
        let tx = self.store().begin(cx).await?;
        let changed = tx
            .update::<Entity>()
            .set(Column::Roots, JsonText(roots))
            .set(Column::Targets, publication.targets.clone())
            .set(Column::TargetsVersion, number(targets.version()))
            .set(Column::Snapshot, current.snapshot)
            .set(Column::Timestamp, current.timestamp)
            .set(Column::Number, number(next))
            .set(Column::ExpiresAt, current.expires)
            .set(Column::PublishedAt, cx.now)
            .filter(Condition::all().add(Column::Id.eq(row.id)).add(Column::Number.eq(row.number)))
            .exec()
            .await?;
        if changed == 0 {
            return Err(UpdateError::Meanwhile);
        }
        let images = targets.images();
        let wanted = images.iter().map(|image| hex::encode(image.sha256));
        tx.delete::<devices_image_parts::Entity>()
            .filter(devices_image_parts::Column::Image.is_not_in(wanted))
            .exec()
            .await?;
        tx.commit(
            AuditEntry::done("update.publish")
                .on("repository", row.id, "")
                .with("root", root_version)
                .with("targets", targets.version())
                .with("images", images.len()),
        )
        .await?;
        self.published(cx).await
    }

    /// Takes a piece of an image that is published, and says whether the image is whole by now. With the last one the whole
    /// is read again and judged by its hash; pieces that make something else are thrown away, for nobody knows which of
    /// them is wrong. What is whole is never touched again: devices fetch it.
    ///
    /// # Errors
    /// [`UpdateError::Missing`] when no published image has this hash, [`UpdateError::NotWhole`] when the piece has another
    /// length than it must have, is not the one that a whole image has there, or makes a whole of another hash.
    pub async fn put_part(&self, cx: &Cx, sha256: &str, n: u64, bytes: &[u8]) -> Result<bool, UpdateError> {
        let tx = self.store().begin(cx).await?;
        // One piece after the other: of two that came at once, neither would know itself to be the last.
        let row = locked_repository(&tx).await?.ok_or(UpdateError::Missing)?;
        let image = images_of(&row).into_iter().find(|image| hex::encode(image.sha256) == sha256);
        let image = image.ok_or(UpdateError::Missing)?;
        let offset = n.checked_mul(MAX_PART as u64).filter(|offset| *offset < image.length);
        let due = offset.map(|offset| (image.length - offset).min(MAX_PART as u64));
        if due != Some(bytes.len() as u64) {
            return Err(UpdateError::NotWhole);
        }
        if is_whole(&tx, &image).await? {
            let same = part_row(&tx, sha256, n).await?.as_deref() == Some(bytes);
            return if same { Ok(true) } else { Err(UpdateError::NotWhole) };
        }
        use devices_image_parts::{ActiveModel, Column, Entity};
        let this = Condition::all().add(Column::Image.eq(sha256)).add(Column::N.eq(number(n)));
        tx.delete::<Entity>().filter(this).exec().await?;
        tx.insert::<Entity>(ActiveModel {
            tenant_id: Set(cx.tenant),
            id: Set(cx.fresh_id()),
            image: Set(sha256.to_owned()),
            n: Set(number(n)),
            bytes: Set(bytes.to_vec()),
        })
        .await?;
        if !is_whole(&tx, &image).await? {
            tx.commit_bookkeeping("one piece of an image; the last one is recorded").await?;
            return Ok(false);
        }
        let mut hash = Sha256::begin();
        for n in 0..parts(&image) {
            hash.add(&part_row(&tx, sha256, n).await?.unwrap_or_default());
        }
        if hash.end() == image.sha256 {
            let entry = AuditEntry::done("update.take_image").on("image", cx.fresh_id::<Uuid>(), image.name);
            tx.commit(entry.with("sha256", sha256)).await?;
            Ok(true)
        } else {
            tx.delete::<Entity>().filter(Column::Image.eq(sha256)).exec().await?;
            tx.commit_bookkeeping("pieces that do not make the image they were said to make are nothing")
                .await?;
            Err(UpdateError::NotWhole)
        }
    }

    /// What is published.
    ///
    /// # Errors
    /// [`UpdateError::Store`].
    pub async fn published(&self, cx: &Cx) -> Result<Published, UpdateError> {
        let Some(row) = self.repository(cx).await? else { return Ok(Published::default()) };
        let root = row.roots.0.last().and_then(|root| RootDocument::read(root.as_bytes()).ok());
        let scope = self.store().read(cx.tenant).await?;
        let mut images = Vec::new();
        for image in images_of(&row) {
            let whole = is_whole(&scope, &image).await?;
            images.push((image, whole));
        }
        Ok(Published {
            online_key: row.online_key,
            root_version: root.as_ref().map_or(0, RootDocument::version),
            root_expires: root.as_ref().map(RootDocument::expires),
            targets_version: u64::try_from(row.targets_version).unwrap_or(0),
            current_until: (row.number > 0).then_some(row.expires_at),
            images,
        })
    }

    /// The images that are published.
    pub(crate) async fn images(&self, cx: &Cx) -> Result<Vec<Image>, StoreError> {
        Ok(self.repository(cx).await?.as_ref().map(images_of).unwrap_or_default())
    }

    /// The newest root document, for a device that enrols.
    pub(crate) async fn update_root(&self, cx: &Cx) -> Result<Option<String>, StoreError> {
        Ok(self.repository(cx).await?.and_then(|row| row.roots.0.last().cloned()))
    }

    /// Signs anew what is current, long before its time is over.
    ///
    /// # Errors
    /// As [`Devices::publish`]. Devices take no updates once three days have passed without it.
    pub async fn sign_current_again(&self, cx: &Cx) -> Result<bool, UpdateError> {
        let Some(row) = self.repository(cx).await? else { return Ok(false) };
        let Some(targets) = row.targets.as_ref().filter(|_| row.expires_at.minus(RENEW_BEFORE) <= cx.now)
        else {
            return Ok(false);
        };
        let key = self.role_key(cx, &row).await?;
        let next = u64::try_from(row.number).unwrap_or(0) + 1;
        let version = u64::try_from(row.targets_version).unwrap_or(0);
        let current = sign_current(&key, targets, version, next, cx.now)?;
        use devices_repositories::{Column, Entity};
        let tx = self.store().begin(cx).await?;
        // Where another server was quicker, nothing changes.
        let changed = tx
            .update::<Entity>()
            .set(Column::Snapshot, current.snapshot)
            .set(Column::Timestamp, current.timestamp)
            .set(Column::Number, number(next))
            .set(Column::ExpiresAt, current.expires)
            .filter(Condition::all().add(Column::Id.eq(row.id)).add(Column::Number.eq(row.number)))
            .exec()
            .await?;
        tx.commit_bookkeeping("the server says again what is current; nothing changed").await?;
        Ok(changed > 0)
    }

    /// Signs anew what is current wherever it is due, over all tenants.
    pub(crate) async fn sign_all_current(&self, world: &Arc<dyn World>) -> Result<(), StoreError> {
        use devices_repositories::{Column, Entity};
        let due = Condition::all()
            .add(Column::Targets.is_not_null())
            .add(Column::ExpiresAt.lte(world.now().plus(RENEW_BEFORE)));
        let scope = self.store().read_installation().await?;
        let rows = scope.find::<Entity>().filter(due).limit(100).all().await?;
        drop(scope);
        for row in rows {
            let cx = Cx::system(world.clone(), row.tenant_id, "devices.sign_current");
            if let Err(error) = self.sign_current_again(&cx).await {
                tracing::error!(tenant = %row.tenant_id, %error, "what is current could not be signed again");
            }
        }
        Ok(())
    }

    /// A piece of a file for a device: only for one that is on its way in a rollout that goes on, and of images only that
    /// rollout's.
    pub(crate) async fn part(
        &self,
        cx: &Cx,
        device: DeviceId,
        file: &RepositoryFile,
        offset: u64,
    ) -> Result<PartKind, UpdateError> {
        let scope = self.store().read(cx.tenant).await?;
        let rollout = match on_its_way(&scope, device).await? {
            Some(rollout) if rollout.state == RolloutState::Running => rollout,
            Some(_) => return Ok(PartKind::Later),
            None => return Ok(PartKind::Withdrawn),
        };
        if let RepositoryFile::Image(name) = file {
            if *name != rollout.image {
                return Ok(PartKind::Missing);
            }
            let size = MAX_PART as u64;
            let bytes = part_row(&scope, &rollout.sha256, offset / size).await?.unwrap_or_default();
            return Ok(PartKind::Bytes(behind(&bytes, offset % size)));
        }
        let Some(row) = repository_row(&scope).await? else { return Ok(PartKind::Missing) };
        let document = match file {
            RepositoryFile::Root(version) => {
                let index =
                    number(*version).checked_sub(row.first_root).and_then(|at| usize::try_from(at).ok());
                index.and_then(|at| row.roots.0.get(at).map(|root| root.clone().into_bytes()))
            }
            RepositoryFile::Timestamp => row.timestamp,
            RepositoryFile::Snapshot => row.snapshot,
            RepositoryFile::Targets => row.targets,
            RepositoryFile::Unknown | RepositoryFile::Image(_) => None,
        };
        Ok(document.map_or(PartKind::Missing, |bytes| PartKind::Bytes(behind(&bytes, offset))))
    }

    async fn repository(&self, cx: &Cx) -> Result<Option<devices_repositories::Model>, StoreError> {
        repository_row(&self.store().read(cx.tenant).await?).await
    }

    async fn role_key(&self, cx: &Cx, row: &devices_repositories::Model) -> Result<RoleKey, UpdateError> {
        let keys = self.vault().keys(cx.tenant).await?;
        let opened = keys.open(&place(row.id), &row.sealed_online_key)?;
        Ok(RoleKey::from_pkcs8(&opened)?)
    }
}

async fn repository_row(scope: &impl Scoped) -> Result<Option<devices_repositories::Model>, StoreError> {
    scope
        .find::<devices_repositories::Entity>()
        .filter(devices_repositories::Column::Place.eq(1_i64))
        .one()
        .await
}

/// The same, locked until the transaction ends.
async fn locked_repository(tx: &Tx) -> Result<Option<devices_repositories::Model>, StoreError> {
    tx.find::<devices_repositories::Entity>()
        .filter(devices_repositories::Column::Place.eq(1_i64))
        .refine(QuerySelect::lock_exclusive)
        .one()
        .await
}

/// The rollout a device is on its way in.
async fn on_its_way(
    scope: &impl Scoped,
    device: DeviceId,
) -> Result<Option<devices_rollouts::Model>, StoreError> {
    use devices_rollout_devices::{Column, Entity};
    let open = Progress::ALL.iter().copied().filter(|state| state.is_open());
    let mine = Condition::all().add(Column::DeviceId.eq(device)).add(Column::State.is_in(open));
    for row in scope.find::<Entity>().filter(mine).descending(Column::Id).all().await? {
        let this = devices_rollouts::Column::Id.eq(row.rollout_id);
        let rollout = scope.find::<devices_rollouts::Entity>().filter(this).one().await?;
        if let Some(rollout) = rollout.filter(|one| one.state.is_open()) {
            return Ok(Some(rollout));
        }
    }
    Ok(None)
}

async fn part_row(scope: &impl Scoped, image: &str, n: u64) -> Result<Option<Vec<u8>>, StoreError> {
    use devices_image_parts::{Column, Entity};
    let this = Condition::all().add(Column::Image.eq(image)).add(Column::N.eq(number(n)));
    Ok(scope.find::<Entity>().filter(this).one().await?.map(|row| row.bytes))
}

/// Whether all pieces of an image are here.
pub(crate) async fn is_whole(scope: &impl Scoped, image: &Image) -> Result<bool, StoreError> {
    use devices_image_parts::{Column, Entity};
    let count = scope.find::<Entity>().filter(Column::Image.eq(hex::encode(image.sha256))).count().await?;
    Ok(count == parts(image))
}

fn parts(image: &Image) -> u64 {
    image.length.div_ceil(MAX_PART as u64)
}

fn images_of(row: &devices_repositories::Model) -> Vec<Image> {
    let read = |bytes: &Vec<u8>| TargetsDocument::read(bytes).ok();
    row.targets.as_ref().and_then(read).map(|targets| targets.images()).unwrap_or_default()
}

fn read_roots(roots: &[Vec<u8>]) -> Result<Vec<RootDocument>, NotBelieved> {
    roots.iter().map(|root| Ok(RootDocument::read(root)?)).collect()
}

/// A document as the row keeps it.
fn text_of(bytes: &[u8]) -> Result<String, UpdateError> {
    let wrong = |_| NotBelieved::from(SignError::Wrong("a document is no text"));
    Ok(String::from_utf8(bytes.to_vec()).map_err(wrong)?)
}

fn behind(bytes: &[u8], offset: u64) -> Vec<u8> {
    bytes.iter().skip(usize::try_from(offset).unwrap_or(usize::MAX)).take(MAX_PART).copied().collect()
}

fn number(number: u64) -> i64 {
    i64::try_from(number).unwrap_or(i64::MAX)
}

fn place(row: Uuid) -> Place<'static> {
    Place { table: TABLE, column: "sealed_online_key", row }
}
