//! What a room or module brings to the server.

use std::pin::Pin;
use std::sync::Arc;

use sekisho_identity::MyPageCard;
use sekisho_storage::jobs::Handlers;
use sekisho_storage::reseal::SealedColumn;
use sekisho_web::gallery::Sampler;
use sekisho_web::{Mounted, NavItem, TextSource};
use tokio_util::sync::CancellationToken;

use crate::first_hour::FirstStep;
use crate::search::Seek;
use crate::settings::SettingsEntry;
use crate::sweep::Sweep;
use crate::today::TodayCard;

/// A task that runs as long as the server does.
pub struct Task {
    /// Its name in the log.
    pub name: &'static str,
    run: Box<dyn FnOnce(CancellationToken) -> BoxFuture + Send + Sync>,
}

type BoxFuture = Pin<Box<dyn Future<Output = ()> + Send>>;

impl Task {
    /// A task called `name`; it ends soon after the token is cancelled.
    pub fn new<F>(
        name: &'static str,
        run: impl FnOnce(CancellationToken) -> F + Send + Sync + 'static,
    ) -> Self
    where
        F: Future<Output = ()> + Send + 'static,
    {
        Self { name, run: Box::new(move |stop| Box::pin(run(stop))) }
    }

    pub(crate) fn start(self, stop: CancellationToken) -> BoxFuture {
        (self.run)(stop)
    }
}

/// Everything one room or module brings. Migrations are apart, for they run before anything is made.
#[derive(Default)]
pub struct Mount {
    /// Pages and API.
    pub routes: Vec<Mounted>,
    /// Entries of the rail.
    pub nav: Vec<NavItem>,
    /// Texts.
    pub texts: Vec<TextSource>,
    /// Pages with invented content, for `/gallery` and its test.
    pub samples: Vec<Sampler>,
    /// Who runs which jobs.
    pub handlers: Handlers,
    /// Which facts become which jobs: pairs of fact and job kind.
    pub subscriptions: Vec<(&'static str, &'static str)>,
    /// Work that comes round.
    pub sweeps: Vec<Sweep>,
    /// Tasks that run as long as the server does.
    pub tasks: Vec<Task>,
    /// Columns that hold sealed values, so that a re-seal finds them all.
    pub sealed: Vec<SealedColumn>,
    /// Cards of everybody's own page.
    pub my_page: Vec<Arc<dyn MyPageCard>>,
    /// Cards of the administrators' first page.
    pub today: Vec<Arc<dyn TodayCard>>,
    /// Steps of the first hour.
    pub first_hour: Vec<Arc<dyn FirstStep>>,
    /// What the search finds.
    pub seekers: Vec<Arc<dyn Seek>>,
    /// What can be set, and where.
    pub settings: Vec<SettingsEntry>,
}

impl Mount {
    pub(crate) fn absorb(&mut self, other: Self) {
        self.routes.extend(other.routes);
        self.nav.extend(other.nav);
        self.texts.extend(other.texts);
        self.samples.extend(other.samples);
        self.handlers.merge(other.handlers);
        self.subscriptions.extend(other.subscriptions);
        self.sweeps.extend(other.sweeps);
        self.tasks.extend(other.tasks);
        self.sealed.extend(other.sealed);
        self.my_page.extend(other.my_page);
        self.today.extend(other.today);
        self.first_hour.extend(other.first_hour);
        self.seekers.extend(other.seekers);
        self.settings.extend(other.settings);
    }
}
