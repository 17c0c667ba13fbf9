//! The policy of an installation: keeps a snapshot of each tenant's rights and answers from it.

use std::collections::HashMap;
use std::net::IpAddr;
use std::sync::atomic::{AtomicI64, AtomicU64, Ordering};
use std::sync::{Arc, Mutex, OnceLock, PoisonError, RwLock};

use arc_swap::ArcSwapOption;
use sekisho_kernel::{Cx, PersonId, TenantId, Timestamp};
use sekisho_storage::{Changed, Event, Store};
use tokio::sync::broadcast::{self, error::TryRecvError};

use crate::judge;
use crate::snapshot::{Snapshot, read_revision};
use crate::tables::revisions;
use crate::{Ask, Decision, Permit, PolicyError, Refusal, RightsChanged};

/// How long a snapshot is trusted before the revision is looked up again; other processes change rights too.
const TRUSTED_MICROS: i64 = 1_000_000;
/// Tries to read a snapshot between two equal revisions before writers are held off.
const FREE_TRIES: usize = 4;

/// Answers every may-I, and changes rights. Cheap to clone.
#[derive(Clone)]
pub struct Policy(pub(crate) Arc<Inner>);

pub(crate) struct Inner {
    pub(crate) store: Store,
    slots: RwLock<HashMap<TenantId, Arc<Slot>>>,
    changes: Mutex<broadcast::Receiver<Changed>>,
    gate: OnceLock<Arc<dyn AdministrationGate>>,
}

/// Says from where a tenant lets administrators work. Identity, which keeps the tenant's settings, answers.
pub trait AdministrationGate: Send + Sync {
    /// Whether administration of `tenant` is open from `address`; `None` is the inside of the server.
    fn is_open(&self, tenant: TenantId, address: Option<IpAddr>) -> bool;
}

#[derive(Default)]
struct Slot {
    snapshot: ArcSwapOption<Snapshot>,
    /// Counts the commits heard of that made snapshots stale, and up to which of them the snapshot in place was read.
    changed: AtomicU64,
    read_up_to: AtomicU64,
    checked_at: AtomicI64,
    loading: tokio::sync::Mutex<()>,
}

impl Policy {
    /// On a store whose migrations include [`crate::migrations`].
    pub fn new(store: Store) -> Self {
        let changes = Mutex::new(store.changes());
        Self(Arc::new(Inner { store, slots: RwLock::default(), changes, gate: OnceLock::new() }))
    }

    /// Sets who says from where administrators may work. Once, at start; without it they may from everywhere.
    pub fn guard_administration(&self, gate: Arc<dyn AdministrationGate>) {
        let _ = self.0.gate.set(gate);
    }

    fn administration_open(&self, tenant: TenantId, address: Option<IpAddr>) -> bool {
        self.0.gate.get().is_none_or(|gate| gate.is_open(tenant, address))
    }

    /// May they, now? Answers from memory; only when rights changed, or once a second, is the store asked first.
    pub async fn decide(&self, cx: &Cx, ask: &Ask<'_>) -> Result<Decision, PolicyError> {
        let snapshot = self.snapshot(cx).await?;
        let open = self.administration_open(cx.tenant, ask.facts.address);
        judge::decide(&snapshot, cx.now, ask, open)
    }

    /// What the answer would be at another time, by the rights of now: for the page that explains. The address is that of
    /// the question, as in [`Policy::decide`].
    pub async fn decide_at(&self, cx: &Cx, at: Timestamp, ask: &Ask<'_>) -> Result<Decision, PolicyError> {
        let snapshot = self.snapshot(cx).await?;
        let open = self.administration_open(cx.tenant, ask.facts.address);
        judge::decide(&snapshot, at, ask, open)
    }

    /// Whether `person` can be an administrator in this request. Only of the one who asks is it known from where they
    /// come; others are thought of at the best place.
    pub(crate) fn administration_open_to(&self, cx: &Cx, person: PersonId) -> bool {
        cx.actor.person() != Some(person) || self.administration_open(cx.tenant, cx.address)
    }

    /// The proof that they may, for the function that writes.
    pub async fn permit<A>(&self, cx: &Cx, ask: &Ask<'_>) -> Result<Permit<A>, Refusal> {
        let decision = self.decide(cx, ask).await?;
        if decision.allowed {
            Ok(Permit::new(ask, decision))
        } else {
            Err(Refusal::Denied(Box::new(decision)))
        }
    }

    /// Whether they may manage everything of the tenant, from where the request comes.
    pub async fn is_administrator(&self, cx: &Cx, person: PersonId) -> Result<bool, PolicyError> {
        Ok(self.administration_open(cx.tenant, cx.address) && self.administers(cx, person).await?)
    }

    /// Whether they may manage everything of the tenant, if they come from an address it allows.
    pub async fn administers(&self, cx: &Cx, person: PersonId) -> Result<bool, PolicyError> {
        Ok(self.snapshot(cx).await?.is_administrator(person, cx.now))
    }

    /// The revision the next answer would rest on.
    pub async fn revision(&self, cx: &Cx) -> Result<i64, PolicyError> {
        Ok(self.snapshot(cx).await?.revision)
    }

    pub(crate) async fn snapshot(&self, cx: &Cx) -> Result<Arc<Snapshot>, PolicyError> {
        self.hear_changes();
        let slot = self.slot(cx.tenant);
        if let Some(snapshot) = slot.snapshot.load_full()
            && slot.read_up_to.load(Ordering::Acquire) == slot.changed.load(Ordering::Acquire)
        {
            let now = cx.now.as_micros();
            let checked_at = slot.checked_at.load(Ordering::Relaxed);
            let trusted = now.saturating_sub(checked_at).saturating_abs() < TRUSTED_MICROS;
            // One asker looks the revision up, the others go on meanwhile.
            let mine = !trusted
                && slot
                    .checked_at
                    .compare_exchange(checked_at, now, Ordering::Relaxed, Ordering::Relaxed)
                    .is_ok();
            if !mine {
                return Ok(snapshot);
            }
            return match self.refresh(cx, &slot).await {
                Ok(snapshot) => Ok(snapshot),
                // The database is away: passages go on from what is known.
                Err(PolicyError::Store(error)) => {
                    tracing::warn!(%error, "answering from the last known rights");
                    Ok(snapshot)
                }
                Err(error) => Err(error),
            };
        }
        slot.checked_at.store(cx.now.as_micros(), Ordering::Relaxed);
        self.refresh(cx, &slot).await
    }

    fn slot(&self, tenant: TenantId) -> Arc<Slot> {
        if let Some(slot) = self.0.slots.read().unwrap_or_else(PoisonError::into_inner).get(&tenant) {
            return slot.clone();
        }
        self.0.slots.write().unwrap_or_else(PoisonError::into_inner).entry(tenant).or_default().clone()
    }

    /// Marks the snapshots that commits of this process have made stale. A commit tells before it returns, so whoever
    /// asks after a commit hears of it here.
    fn hear_changes(&self) {
        let mut changes = self.0.changes.lock().unwrap_or_else(PoisonError::into_inner);
        loop {
            let tenant = match changes.try_recv() {
                Ok(changed) if changed.events.contains(&RightsChanged::NAME) => Some(changed.tenant),
                Ok(_) => continue,
                Err(TryRecvError::Lagged(_)) => None,
                Err(TryRecvError::Empty | TryRecvError::Closed) => return,
            };
            let slots = self.0.slots.read().unwrap_or_else(PoisonError::into_inner);
            for (of, slot) in slots.iter() {
                if tenant.is_none_or(|tenant| tenant == *of) {
                    slot.changed.fetch_add(1, Ordering::AcqRel);
                }
            }
        }
    }

    async fn refresh(&self, cx: &Cx, slot: &Slot) -> Result<Arc<Snapshot>, PolicyError> {
        let _one_at_a_time = slot.loading.lock().await;
        // Noted before reading, told after the new snapshot is in place: whoever asks meanwhile waits for it instead of
        // answering from the old one, and what is committed from here on counts again.
        let changed = slot.changed.load(Ordering::Acquire);
        let known = slot.snapshot.load_full();
        match self.read(cx, known).await {
            Ok(snapshot) => {
                slot.snapshot.store(Some(snapshot.clone()));
                slot.read_up_to.store(changed, Ordering::Release);
                Ok(snapshot)
            }
            Err(error) => Err(error),
        }
    }

    /// Brings `known` up to the revision of the store.
    async fn read(&self, cx: &Cx, known: Option<Arc<Snapshot>>) -> Result<Arc<Snapshot>, PolicyError> {
        let store = &self.0.store;
        let base = known.clone().unwrap_or_else(|| Arc::new(Snapshot::empty(cx.tenant)));
        for _ in 0..FREE_TRIES {
            let scope = store.read(cx.tenant).await?;
            if let Some(known) = &known
                && read_revision(&scope).await? == known.revision
            {
                return Ok(known.clone());
            }
            let next = base.updated(&scope).await?;
            if read_revision(&scope).await? == next.revision {
                return Ok(Arc::new(next));
            }
        }
        // Writers come too thick: hold them off by the revision row, which each of them must change.
        let tx = store.begin(cx).await?;
        let revision = read_revision(&tx).await?;
        tx.update::<revisions::Entity>().set(revisions::Column::Rev, revision).exec().await?;
        let next = base.updated(&tx).await?;
        Ok(Arc::new(next))
    }
}
