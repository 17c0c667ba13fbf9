//! Rollouts as people have them: started, paused, resumed, stopped, and looked at.

use std::collections::HashMap;
use std::time::Duration;

use sea_orm::ActiveValue::Set;
use sea_orm::{ColumnTrait, Condition, QuerySelect};
use sekisho_crypto::sha256;
use sekisho_kernel::{Actor, AuditEntry, Cx, DeviceId, FieldError, SiteId, Timestamp};
use sekisho_storage::{JsonText, Scoped, StoreError, Tx};
use uuid::Uuid;

use crate::facts::RolloutMoved;
use crate::repository::{UpdateError, is_whole};
use crate::rollout::{Progress, Reach, RolloutState, cut, read_stages};
use crate::update_tables::{devices_rollout_devices, devices_rollouts};
use crate::{Device, Devices, Standing};

sekisho_kernel::typed_id!(/// One rollout.
    RolloutId);

/// A rollout to be started.
#[derive(Clone, Debug, Default)]
pub struct NewRollout {
    /// The image's name.
    pub image: String,
    /// Only devices of this site.
    pub site: Option<SiteId>,
    /// Only devices whose names hold this.
    pub names: String,
    /// How far each stage reaches: `1, 10%, 100%`.
    pub stages: String,
    /// So many percent of a stage must be good before the next begins.
    pub success: u8,
    /// More than so many percent of a stage stop everything.
    pub errors: u8,
    /// Hours that a device has.
    pub hours: u16,
}

fn wrong(field: &'static str, text: &'static str) -> UpdateError {
    UpdateError::Invalid(vec![FieldError { field, text }])
}

impl NewRollout {
    /// Its stages, when all it says can be.
    fn checked(&self) -> Result<Vec<Reach>, UpdateError> {
        let stages = read_stages(&self.stages).ok_or(wrong("stages", "devices-rollout-error-stages"))?;
        if !(1..=100).contains(&self.success) {
            return Err(wrong("success", "devices-rollout-error-percent"));
        }
        if self.errors > 100 {
            return Err(wrong("errors", "devices-rollout-error-percent"));
        }
        if !(1..=720).contains(&self.hours) {
            return Err(wrong("hours", "devices-rollout-error-hours"));
        }
        Ok(stages)
    }
}

/// A rollout, for pages and the API.
#[derive(Clone, Debug, PartialEq)]
pub struct Rollout {
    /// Which.
    pub id: RolloutId,
    /// The image's name.
    pub image: String,
    /// Its version.
    pub version: String,
    /// The hardware it is for.
    pub hardware: String,
    /// Where it stands.
    pub state: RolloutState,
    /// The stage that goes on, from 0.
    pub stage: u64,
    /// So many percent of a stage start the next.
    pub success: u64,
    /// More than so many percent of a stage stop everything.
    pub errors: u64,
    /// Who started it.
    pub actor: Actor,
    /// When.
    pub created_at: Timestamp,
    /// When it came to its end.
    pub ended_at: Option<Timestamp>,
    /// How the devices of each stage stand: how many are how far.
    pub stages: Vec<HashMap<Progress, u64>>,
}

impl Rollout {
    /// How many devices there are.
    pub fn devices(&self) -> u64 {
        self.stages.iter().flat_map(HashMap::values).sum()
    }

    /// How many of them are this far.
    pub fn count(&self, is: impl Fn(Progress) -> bool) -> u64 {
        self.stages.iter().flatten().filter(|(state, _)| is(**state)).map(|(_, count)| count).sum()
    }
}

/// A device of a rollout.
#[derive(Clone, Debug, PartialEq)]
pub struct DeviceProgress {
    /// Which.
    pub device: DeviceId,
    /// What it is called.
    pub name: String,
    /// In which stage, from 0.
    pub stage: u64,
    /// How far it is.
    pub state: Progress,
    /// Why it failed, in one word.
    pub why: Option<String>,
    /// When it got there.
    pub at: Timestamp,
}

impl Devices {
    /// Starts a rollout.
    ///
    /// # Errors
    /// [`UpdateError::Missing`], [`UpdateError::NotWhole`], [`UpdateError::AnotherRuns`], [`UpdateError::Invalid`].
    pub async fn start_rollout(&self, cx: &Cx, ask: NewRollout) -> Result<RolloutId, UpdateError> {
        self.ready(cx).await?;
        let stages = ask.checked()?;
        let image = self.images(cx).await?.into_iter().find(|image| image.name == ask.image);
        let image = image.ok_or(wrong("image", "devices-rollout-error-image"))?;
        let names = ask.names.trim().to_lowercase();
        let mut tx = self.store().begin(cx).await?;
        if !is_whole(&tx, &image).await? {
            return Err(UpdateError::NotWhole);
        }
        if open_of(&tx, &image.hardware).await? {
            return Err(UpdateError::AnotherRuns);
        }
        let takes = |device: &Device| {
            let vitals = device.report.as_ref().map(|report| &report.vitals);
            device.standing == Standing::Enrolled
                && vitals.is_some_and(|vitals| {
                    vitals.hardware.as_deref() == Some(&image.hardware)
                        && vitals.agent != image.version.to_string()
                })
                && (ask.site.is_none() || device.site == ask.site)
                && device.name.to_lowercase().contains(&names)
        };
        let mut chosen: Vec<Device> = self.devices(&tx).await?.into_iter().filter(takes).collect();
        let sizes = cut(chosen.len() as u64, &stages);
        if sizes.is_empty() {
            return Err(wrong("image", "devices-rollout-error-nobody"));
        }
        let id: RolloutId = cx.fresh_id();
        // By chance, but the same however often one asks: neither the oldest nor one site goes first.
        let lot = |device: &Device| {
            sha256(&[id.uuid().as_bytes().as_slice(), device.id.uuid().as_bytes().as_slice()].concat())
        };
        chosen.sort_by_key(lot);
        tx.insert::<devices_rollouts::Entity>(devices_rollouts::ActiveModel {
            tenant_id: Set(cx.tenant),
            id: Set(id.uuid()),
            image: Set(image.name.clone()),
            sha256: Set(hex::encode(image.sha256)),
            version: Set(image.version.to_string()),
            hardware: Set(image.hardware.clone()),
            site_id: Set(ask.site),
            names: Set(names),
            stages: Set(JsonText(sizes.clone())),
            stage: Set(0),
            success: Set(ask.success.into()),
            errors: Set(ask.errors.into()),
            within_s: Set(i64::from(ask.hours) * 3600),
            state: Set(RolloutState::Running),
            why: Set(None),
            actor: Set(JsonText(cx.actor.clone())),
            created_at: Set(cx.now),
            ended_at: Set(None),
        })
        .await?;
        list_devices(&tx, id, &chosen, &sizes).await?;
        tx.publish(&RolloutMoved { rollout: id.uuid(), state: RolloutState::Running.word().to_owned() })
            .await?;
        tx.commit(
            AuditEntry::done("rollout.start")
                .on("rollout", id.uuid(), image.name)
                .with("devices", chosen.len())
                .with("stages", sizes)
                .with("success", ask.success)
                .with("errors", ask.errors),
        )
        .await?;
        Ok(id)
    }

    /// Pauses a rollout: devices on their way wait, and nobody new is told.
    ///
    /// # Errors
    /// [`UpdateError::Missing`], [`UpdateError::NotNow`].
    pub async fn pause_rollout(&self, cx: &Cx, id: RolloutId) -> Result<(), UpdateError> {
        let entry = AuditEntry::done("rollout.pause");
        self.turn(cx, id, &[RolloutState::Running], RolloutState::Paused, entry).await
    }

    /// Lets a paused rollout go on. Devices get back the time they waited, and a little more.
    ///
    /// # Errors
    /// [`UpdateError::Missing`], [`UpdateError::NotNow`].
    pub async fn resume_rollout(&self, cx: &Cx, id: RolloutId) -> Result<(), UpdateError> {
        let entry = AuditEntry::done("rollout.resume");
        self.turn(cx, id, &[RolloutState::Paused], RolloutState::Running, entry).await
    }

    /// Stops a rollout for good. Devices that have the image keep it; those on their way give up.
    ///
    /// # Errors
    /// [`UpdateError::Missing`], [`UpdateError::NotNow`].
    pub async fn stop_rollout(&self, cx: &Cx, id: RolloutId) -> Result<(), UpdateError> {
        let from = [RolloutState::Running, RolloutState::Paused];
        self.turn(cx, id, &from, RolloutState::Stopped, AuditEntry::done("rollout.stop")).await
    }

    async fn turn(
        &self,
        cx: &Cx,
        id: RolloutId,
        from: &[RolloutState],
        to: RolloutState,
        entry: AuditEntry,
    ) -> Result<(), UpdateError> {
        let mut tx = self.store().begin(cx).await?;
        let row = locked(&tx, id.uuid()).await?.ok_or(UpdateError::Missing)?;
        if !from.contains(&row.state) {
            return Err(UpdateError::NotNow);
        }
        set_state(&mut tx, &row, to, None).await?;
        if to == RolloutState::Running {
            use devices_rollout_devices::{Column, Entity};
            let again = cx.now.plus(Duration::from_secs(u64::try_from(row.within_s).unwrap_or(0)));
            let open = Progress::ALL.iter().copied().filter(|state| state.is_open());
            tx.update::<Entity>()
                .set(Column::DueAt, again)
                .filter(Condition::all().add(Column::RolloutId.eq(row.id)).add(Column::State.is_in(open)))
                .exec()
                .await?;
        }
        Ok(tx.commit(entry.on("rollout", row.id, row.image)).await?)
    }

    /// A rollout.
    ///
    /// # Errors
    /// [`UpdateError::Missing`].
    pub async fn rollout(&self, cx: &Cx, id: RolloutId) -> Result<Rollout, UpdateError> {
        let scope = self.store().read(cx.tenant).await?;
        let this = devices_rollouts::Column::Id.eq(id.uuid());
        let row = scope.find::<devices_rollouts::Entity>().filter(this).one().await?;
        counted(&scope, Vec::from_iter(row)).await?.pop().ok_or(UpdateError::Missing)
    }

    /// All rollouts, newest first.
    ///
    /// # Errors
    /// [`UpdateError::Store`].
    pub async fn rollouts(&self, cx: &Cx, limit: u64) -> Result<Vec<Rollout>, UpdateError> {
        let scope = self.store().read(cx.tenant).await?;
        let rows = scope.find::<devices_rollouts::Entity>().descending(devices_rollouts::Column::Id);
        Ok(counted(&scope, rows.limit(limit).all().await?).await?)
    }

    /// The devices of a rollout, by stage and name.
    ///
    /// # Errors
    /// [`UpdateError::Missing`].
    pub async fn rollout_devices(&self, cx: &Cx, id: RolloutId) -> Result<Vec<DeviceProgress>, UpdateError> {
        self.rollout(cx, id).await?;
        let scope = self.store().read(cx.tenant).await?;
        use devices_rollout_devices::{Column, Entity};
        let rows = scope.find::<Entity>().filter(Column::RolloutId.eq(id.uuid())).all().await?;
        let names: HashMap<DeviceId, String> =
            self.devices(&scope).await?.into_iter().map(|device| (device.id, device.name)).collect();
        let mut all: Vec<DeviceProgress> = rows
            .into_iter()
            .map(|row| DeviceProgress {
                device: row.device_id,
                name: names.get(&row.device_id).cloned().unwrap_or_default(),
                stage: u64::try_from(row.stage).unwrap_or(0),
                state: row.state,
                why: row.why,
                at: row.at,
            })
            .collect();
        all.sort_by(|a, b| (a.stage, &a.name).cmp(&(b.stage, &b.name)));
        Ok(all)
    }
}

/// Puts the chosen devices into the stages, in their order.
async fn list_devices(tx: &Tx, id: RolloutId, chosen: &[Device], sizes: &[u64]) -> Result<(), StoreError> {
    let cx = tx.cx();
    let stage_of = sizes
        .iter()
        .enumerate()
        .flat_map(|(stage, size)| std::iter::repeat_n(stage, usize::try_from(*size).unwrap_or(usize::MAX)));
    let rows = chosen.iter().zip(stage_of).map(|(device, stage)| devices_rollout_devices::ActiveModel {
        tenant_id: Set(cx.tenant),
        id: Set(cx.fresh_id()),
        rollout_id: Set(id.uuid()),
        device_id: Set(device.id),
        stage: Set(i64::try_from(stage).unwrap_or(i64::MAX)),
        state: Set(Progress::Waiting),
        why: Set(None),
        at: Set(cx.now),
        due_at: Set(None),
    });
    let rows: Vec<_> = rows.collect();
    for some in rows.chunks(500) {
        tx.insert_many::<devices_rollout_devices::Entity>(some.to_vec()).await?;
    }
    Ok(())
}

pub(crate) async fn set_state(
    tx: &mut Tx,
    row: &devices_rollouts::Model,
    to: RolloutState,
    why: Option<&str>,
) -> Result<(), StoreError> {
    use devices_rollouts::{Column, Entity};
    let ended = (!to.is_open()).then_some(tx.cx().now);
    tx.update::<Entity>()
        .set(Column::State, to)
        .set(Column::Why, why.map(ToOwned::to_owned))
        .set(Column::EndedAt, ended)
        .filter(Column::Id.eq(row.id))
        .exec()
        .await?;
    tx.publish(&RolloutMoved { rollout: row.id, state: to.word().to_owned() }).await
}

pub(crate) async fn locked(tx: &Tx, id: Uuid) -> Result<Option<devices_rollouts::Model>, StoreError> {
    let this = devices_rollouts::Column::Id.eq(id);
    tx.find::<devices_rollouts::Entity>().filter(this).refine(QuerySelect::lock_exclusive).one().await
}

async fn open_of(scope: &impl Scoped, hardware: &str) -> Result<bool, StoreError> {
    use devices_rollouts::{Column, Entity};
    let open = RolloutState::ALL.iter().copied().filter(|state| state.is_open());
    let this = Condition::all().add(Column::Hardware.eq(hardware)).add(Column::State.is_in(open));
    scope.find::<Entity>().filter(this).exists().await
}

/// Why devices of a rollout failed, and how many for each reason; the commonest first.
pub(crate) async fn reasons(scope: &impl Scoped, id: Uuid) -> Result<Vec<(String, u64)>, StoreError> {
    use devices_rollout_devices::{Column, Entity};
    let failed = Progress::ALL.iter().copied().filter(|state| state.is_error());
    let this = Condition::all()
        .add(Column::RolloutId.eq(id))
        .add(Column::State.is_in(failed))
        .add(Column::Why.is_not_null());
    let counts: Vec<(String, i64)> = scope
        .find::<Entity>()
        .filter(this)
        .refine(|select| {
            let select = select.select_only().column(Column::Why).column_as(Column::Id.count(), "count");
            select.group_by(Column::Why)
        })
        .tuples()
        .await?;
    let mut counts: Vec<_> =
        counts.into_iter().map(|(why, count)| (why, u64::try_from(count).unwrap_or(0))).collect();
    counts.sort_by(|(a, one), (b, other)| other.cmp(one).then(a.cmp(b)));
    Ok(counts)
}

/// Rollouts with how their devices stand, in their order.
pub(crate) async fn counted(
    scope: &impl Scoped,
    rows: Vec<devices_rollouts::Model>,
) -> Result<Vec<Rollout>, StoreError> {
    use devices_rollout_devices::{Column, Entity};
    let positive = |number: i64| u64::try_from(number).unwrap_or(0);
    let ids: Vec<Uuid> = rows.iter().map(|row| row.id).collect();
    let counts: Vec<(Uuid, i64, Progress, i64)> = scope
        .find::<Entity>()
        .filter(Column::RolloutId.is_in(ids))
        .refine(|select| {
            let select = select.select_only().columns([Column::RolloutId, Column::Stage, Column::State]);
            let select = select.column_as(Column::Id.count(), "count");
            select.group_by(Column::RolloutId).group_by(Column::Stage).group_by(Column::State)
        })
        .tuples()
        .await?;
    let mut of: HashMap<Uuid, Vec<(usize, Progress, u64)>> = HashMap::new();
    for (rollout, stage, state, count) in counts {
        let stage = usize::try_from(stage).unwrap_or(usize::MAX);
        of.entry(rollout).or_default().push((stage, state, positive(count)));
    }
    let with = |row: devices_rollouts::Model| {
        let mut stages = vec![HashMap::new(); row.stages.0.len()];
        for (stage, state, count) in of.remove(&row.id).unwrap_or_default() {
            if let Some(stage) = stages.get_mut(stage) {
                stage.insert(state, count);
            }
        }
        Rollout {
            id: row.id.into(),
            image: row.image,
            version: row.version,
            hardware: row.hardware,
            state: row.state,
            stage: positive(row.stage),
            success: positive(row.success),
            errors: positive(row.errors),
            actor: row.actor.0,
            created_at: row.created_at,
            ended_at: row.ended_at,
            stages,
        }
    };
    Ok(rows.into_iter().map(with).collect())
}
