//! A server put together: one site, all jobs, all sweeps.

use std::collections::HashSet;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use axum::Router;
use sekisho_identity::TenantState;
use sekisho_kernel::{Cx, TenantId};
use sekisho_storage::jobs::{Handlers, Running};
use sekisho_storage::reseal::SealedColumn;
use sekisho_storage::{Changed, StoreError};
use sekisho_web::{RouteSpec, Site, SiteOptions, SiteParts};
use tokio::sync::broadcast::Receiver;
use tokio::sync::broadcast::error::RecvError;
use tokio::task::JoinSet;
use tokio_util::sync::CancellationToken;

use crate::first_hour::{self, FirstHour};
use crate::foundation::Foundation;
use crate::mount::{Mount, Task};
use crate::rooms::platform;
use crate::sweep::{Ground, Sweep};
use crate::today;
use crate::{search, settings};

/// The longest a due job waits when nobody tells that it was made, as by another process.
const POLL: Duration = Duration::from_millis(500);

/// A server put together; the processes of one installation run as many as they like.
pub struct Host {
    foundation: Foundation,
    site: Site,
    handlers: Handlers,
    sweeps: Vec<Sweep>,
    sealed: Vec<SealedColumn>,
    tasks: Mutex<Vec<Task>>,
    stop: CancellationToken,
}

impl Drop for Host {
    /// Rooms hold those who bring them something, and these hold the rooms: without this a store stayed open for ever.
    fn drop(&mut self) {
        let Foundation { identity, notify, devices, .. } = &self.foundation;
        identity.let_go();
        notify.let_go();
        devices.let_go();
    }
}

impl Host {
    /// Joins what the rooms and modules bring.
    pub fn new(foundation: Foundation, mounts: Vec<Mount>, options: SiteOptions) -> Self {
        let stop = CancellationToken::new();
        let mut whole = platform(&foundation);
        for mount in mounts {
            whole.absorb(mount);
        }
        for page in pages_over(&mut whole) {
            whole.absorb(page);
        }
        foundation.identity.show_cards(std::mem::take(&mut whole.my_page));
        foundation.store.subscribe(unique(std::mem::take(&mut whole.subscriptions)));
        let site = Site::new(SiteParts {
            doorkeeper: Arc::new(foundation.identity.clone()),
            world: foundation.world.clone(),
            store: foundation.store.clone(),
            vault: foundation.vault.clone(),
            mounted: whole.routes,
            nav: whole.nav,
            texts: whole.texts,
            samples: whole.samples,
            options,
            shutdown: stop.clone(),
        });
        foundation.notify.speak(site.catalog.clone());
        Self {
            foundation,
            site,
            handlers: whole.handlers,
            sweeps: whole.sweeps,
            sealed: whole.sealed,
            tasks: Mutex::new(whole.tasks),
            stop,
        }
    }

    /// What the modules stand on.
    pub fn foundation(&self) -> &Foundation {
        &self.foundation
    }

    /// Answers every request.
    pub fn router(&self) -> Router {
        self.site.router.clone()
    }

    /// Every route there is, with its access.
    pub fn routes(&self) -> &[RouteSpec] {
        &self.site.routes
    }

    /// The site itself, with its texts.
    pub fn site(&self) -> &Site {
        &self.site
    }

    /// Every column that holds sealed values: what [`sekisho_storage::reseal::reseal`] is given after a rotation.
    pub fn sealed_columns(&self) -> &[SealedColumn] {
        &self.sealed
    }

    /// Cancelled when the server is to stop: whoever holds it may cancel it, whoever runs with it ends soon after.
    pub fn stop(&self) -> &CancellationToken {
        &self.stop
    }

    /// Runs jobs and sweeps until the server stops, each sweep as a task of its own.
    pub async fn work(&self) {
        let stop = self.stop.clone();
        let mut tasks = JoinSet::new();
        for task in std::mem::take(&mut *self.tasks.lock().unwrap_or_else(PoisonError::into_inner)) {
            tracing::debug!(task = task.name, "started");
            tasks.spawn(task.start(stop.clone()));
        }
        for sweep in self.sweeps.clone() {
            let (foundation, stop) = (self.foundation.clone(), stop.clone());
            tasks.spawn(async move {
                while stop.run_until_cancelled(tokio::time::sleep(sweep.every)).await.is_some() {
                    round(&foundation, &sweep).await;
                }
            });
        }
        self.run_jobs().await;
        while tasks.join_next().await.is_some() {}
    }

    /// Runs jobs as they come; those on the way when the server stops are run to their end.
    async fn run_jobs(&self) {
        let Foundation { store, world, .. } = &self.foundation;
        let mut changes = store.changes();
        let mut running = Running::new(&self.handlers, store, world);
        while !self.stop.is_cancelled() {
            if running.has_room() {
                match running.take().await {
                    // More may be due than were asked for.
                    Ok(taken) if taken > 0 => continue,
                    Ok(_) => {}
                    Err(error) => tracing::error!(%error, "due jobs could not be taken"),
                }
            }
            tokio::select! {
                () = self.stop.cancelled() => break,
                Some(ended) = running.ended() => unsettled(ended),
                () = woken(&mut changes) => {}
            }
        }
        while let Some(ended) = running.ended().await {
            unsettled(ended);
        }
    }

    /// Runs every sweep once and every job that is due, until nothing is; for tests and for the last moments of a drain.
    pub async fn settle(&self) -> Result<(), StoreError> {
        for sweep in &self.sweeps {
            round(&self.foundation, sweep).await;
        }
        loop {
            let ran = self.handlers.run_due(&self.foundation.store, &self.foundation.world).await?;
            let sent = self.foundation.notify.run_due().await?;
            if ran + sent == 0 {
                return Ok(());
            }
        }
    }
}

fn unsettled(ended: Result<(), StoreError>) {
    if let Err(error) = ended {
        tracing::error!(%error, "the outcome of a job was not written; it runs again");
    }
}

/// A commit, a missed one, or time to look anyway; only a closed store is nothing to wake for.
async fn woken(changes: &mut Receiver<Changed>) {
    if let Ok(Err(RecvError::Closed)) = tokio::time::timeout(POLL, changes.recv()).await {
        std::future::pending::<()>().await;
    }
    while changes.try_recv().is_ok() {}
}

/// The pages that are made of what all rooms bring.
fn pages_over(whole: &mut Mount) -> Vec<Mount> {
    let mut steps = std::mem::take(&mut whole.first_hour);
    steps.sort_by_key(|step| step.order());
    let first = FirstHour(Arc::new(steps));
    let settings = std::mem::take(&mut whole.settings);
    let mut seekers = std::mem::take(&mut whole.seekers);
    seekers.push(Arc::new(search::Pages(settings.clone())));
    vec![
        today::mount(std::mem::take(&mut whole.today), first.clone()),
        first_hour::mount(first),
        search::mount(seekers),
        settings::mount(settings),
    ]
}

/// One round of a sweep.
async fn round(foundation: &Foundation, sweep: &Sweep) {
    let failed = |error: String, tenant: Option<TenantId>| {
        metrics::counter!("sekisho_sweep_failures_total", "sweep" => sweep.name).increment(1);
        let tenant = tenant.map(tracing::field::display);
        tracing::error!(sweep = sweep.name, tenant, error, "sweep failed");
    };
    let sweeper = match &sweep.ground {
        Ground::Tenants(sweeper) => sweeper,
        Ground::Whole(sweeper) => return sweeper.sweep().await.unwrap_or_else(|error| failed(error, None)),
    };
    let tenants = match foundation.identity.tenants().await {
        Ok(tenants) => tenants,
        Err(error) => return tracing::error!(sweep = sweep.name, %error, "tenants could not be listed"),
    };
    // An erased tenant has no keys left, and nothing that comes round for it.
    for tenant in tenants.into_iter().filter(|tenant| tenant.state == TenantState::Active) {
        let cx = Cx::system(foundation.world.clone(), tenant.id, sweep.name);
        if let Err(error) = sweeper.sweep(cx).await {
            failed(error, Some(tenant.id));
        }
    }
}

/// The same listener named by two rooms hears a fact once.
fn unique(subscriptions: Vec<(&'static str, &'static str)>) -> Vec<(&'static str, &'static str)> {
    let mut seen = HashSet::new();
    subscriptions.into_iter().filter(|pair| seen.insert(*pair)).collect()
}
