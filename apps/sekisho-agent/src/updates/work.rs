//! The work of an update, beside the box's own: it waits for the box and never the other way round.

use std::sync::Arc;
use std::time::Duration;

use sekisho_kernel::Timestamp;
use sekisho_updates::{Image, Installed, Version};
use sekisho_wire::{Part, UpdateStep};
use tokio::sync::{mpsc, watch};
use tokio_util::sync::CancellationToken;

use super::check::{CheckError, File, Source as _, SourceError, check};
use super::fetch::{Fetcher, Request};
use super::record::{Loading, Pending, Record, Slot, TRIES};
use super::slots::UpdateFiles;

/// An image has this long to prove itself, where nothing else is said.
pub const SELF_TEST_WITHIN: Duration = Duration::from_secs(600);
/// What did not work is tried again after this, then after twice as long, and so on …
const FIRST_PAUSE: Duration = Duration::from_secs(5);
/// … but not less often than this.
const LONGEST_PAUSE: Duration = Duration::from_secs(600);
/// Documents that do not belong together may have been signed anew while they were fetched. So often that is believed.
const MOST_MIXED: u8 = 3;

/// An order to update.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Order {
    /// The rollout it belongs to.
    pub rollout: uuid::Uuid,
    /// The image's name in the repository.
    pub image: String,
}

/// How the box is, as far as updates care.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Situation {
    /// Connected.
    pub up: bool,
    /// Nothing is open, nothing alarms, and nobody stands before it.
    pub idle: bool,
    /// What a program has to show before it is kept.
    pub checks: Checks,
    /// The time by the box's own idea, which does not fall back.
    pub now: Timestamp,
}

/// What a box works with. A program that runs for a while without one of these is a bad one.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Checks {
    /// The bins' sensors answer.
    pub sensed: bool,
    /// The clock was set.
    pub timed: bool,
    /// The set-up is there.
    pub set_up: bool,
}

impl Situation {
    /// The first thing a program did not show, by the word under which it is reported; none: it has proved itself.
    pub const fn lacks(&self) -> Option<&'static str> {
        if !self.checks.sensed {
            Some("self_test_bins")
        } else if !self.up {
            Some("self_test_connection")
        } else if !self.checks.timed {
            Some("self_test_clock")
        } else if !self.checks.set_up {
            Some("self_test_setup")
        } else {
            None
        }
    }
}

/// What is said to the updater.
#[derive(Clone, Debug)]
pub struct Words {
    situation: Arc<watch::Sender<Situation>>,
    orders: mpsc::Sender<Order>,
    fetcher: Fetcher,
}

impl Words {
    /// How the box is.
    pub fn situation(&self, situation: Situation) {
        self.situation.send_if_modified(|held| {
            let news = *held != situation;
            *held = situation;
            news
        });
    }

    /// An order that is in the boot record already.
    pub fn order(&self, order: Order) {
        let _ = self.orders.try_send(order);
    }

    /// A piece of a file came.
    pub fn part(&self, part: Part) {
        self.fetcher.came(part);
    }
}

/// The updater of one running program.
#[derive(Debug)]
pub struct Updater {
    files: UpdateFiles,
    slot: Slot,
    hardware: String,
    version: Version,
    situation: watch::Receiver<Situation>,
    orders: mpsc::Receiver<Order>,
    requests: mpsc::Sender<Request>,
    fetcher: Fetcher,
    prove_within: Duration,
    first_pause: Duration,
}

/// Why an update does not go on.
enum Stop {
    /// For good.
    Refused(String),
    /// For a while.
    Later(String),
    /// A word for which a few more tries are due.
    Mixed,
}

impl From<std::io::Error> for Stop {
    fn from(error: std::io::Error) -> Self {
        Self::Later(error.to_string())
    }
}

impl From<CheckError> for Stop {
    fn from(error: CheckError) -> Self {
        match error {
            CheckError::Mixed(_) => Self::Mixed,
            passing if passing.is_passing() => Self::Later(passing.to_string()),
            refused => {
                tracing::warn!(error = %refused, "the update is not believed");
                Self::Refused(refused.word().to_owned())
            }
        }
    }
}

impl From<SourceError> for Stop {
    fn from(error: SourceError) -> Self {
        match error {
            SourceError::Missing => Self::Refused("no_such_file".to_owned()),
            SourceError::Withdrawn => Self::Refused("withdrawn".to_owned()),
            SourceError::Later(why) => Self::Later(why),
        }
    }
}

impl Updater {
    /// The updater of the program in `slot`, and what it wants of the box.
    pub fn new(
        files: UpdateFiles,
        slot: Slot,
        hardware: String,
        version: Version,
    ) -> (Self, Words, mpsc::Receiver<Request>) {
        let (requests, requested) = mpsc::channel(8);
        let (order, orders) = mpsc::channel(8);
        let (tell, situation) = watch::channel(Situation::default());
        let fetcher = Fetcher::new(requests.clone());
        let words = Words { situation: Arc::new(tell), orders: order, fetcher: fetcher.clone() };
        let this = Self {
            files,
            slot,
            hardware,
            version,
            situation,
            orders,
            requests,
            fetcher,
            prove_within: SELF_TEST_WITHIN,
            first_pause: FIRST_PAUSE,
        };
        (this, words, requested)
    }

    /// A program has so long to prove itself.
    #[must_use]
    pub fn proving_within(mut self, time: Duration) -> Self {
        self.prove_within = time;
        self
    }

    /// The pause before a second attempt; each after it is twice as long.
    #[must_use]
    pub const fn pausing(mut self, first: Duration) -> Self {
        self.first_pause = first;
        self
    }

    /// Works until `stop`.
    pub async fn run(mut self, stop: CancellationToken) {
        let _ = stop.run_until_cancelled(self.work()).await;
    }

    async fn work(&mut self) {
        self.ask(Request::Tell).await;
        let is_own = |record: &Record| record.pending.as_ref().is_some_and(|one| one.slot == self.slot);
        if is_own(&self.files.record()) && !self.prove().await {
            return self.ask(Request::Restart).await;
        }
        loop {
            let Some(loading) = self.files.record().loading else {
                match self.orders.recv().await {
                    Some(_) => continue,
                    None => return,
                }
            };
            if self.carry(&loading).await {
                // The box stops this program as soon as it can.
                return self.ask(Request::Restart).await;
            }
        }
    }

    /// The program that runs proves itself, or it does not: then what ran before is next.
    async fn prove(&mut self) -> bool {
        let booted = self.change(|record| {
            if let Some(pending) = record.pending.as_mut().filter(|pending| !pending.booted) {
                pending.booted = true;
                let (rollout, version) = (pending.rollout, pending.version.clone());
                record.say(rollout, UpdateStep::Booted, &version, None);
            }
        });
        booted.await;
        let proven = self.situation.wait_for(|now| now.lacks().is_none());
        let proven = tokio::time::timeout(self.prove_within, proven).await.is_ok_and(|proven| proven.is_ok());
        if proven {
            self.change(Record::keep).await;
            let reached = self.files.record().security_version;
            if let Err(error) = self.files.raise_security_version(reached) {
                tracing::error!(%error, "the security version could not be written; the next start tries again");
            }
        } else {
            let now = *self.situation.borrow();
            tracing::error!(?now, "the new program did not prove itself");
            let why = now.lacks().unwrap_or("self_test");
            self.change(|record| record.go_back(why)).await;
        }
        proven
    }

    /// Carries one update until it is installed (true), refused, or replaced by another.
    async fn carry(&mut self, loading: &Loading) -> bool {
        let (rollout, mut pause, mut mixed) = (loading.rollout, self.first_pause, 0);
        self.change(|record| record.say(rollout, UpdateStep::Downloading, "", None)).await;
        loop {
            let stop = {
                let attempt = attempt(&self.files, &self.fetcher, self.situation.clone(), self.installed());
                tokio::select! {
                    tried = attempt => tried.err(),
                    // The record names another one now.
                    () = replaced(&mut self.orders, rollout) => return false,
                }
            };
            self.ask(Request::Tell).await;
            let why = match stop {
                None => return true,
                Some(Stop::Refused(why)) => {
                    tracing::warn!(why, "the update is refused");
                    self.change(|record| record.refuse(&why)).await;
                    return false;
                }
                Some(Stop::Mixed) if mixed == MOST_MIXED => {
                    self.change(|record| record.refuse("mixed")).await;
                    return false;
                }
                Some(Stop::Mixed) => {
                    mixed += 1;
                    "documents do not belong together".to_owned()
                }
                Some(Stop::Later(why)) => why,
            };
            tracing::info!(why, again_in_s = pause.as_secs(), "the update waits");
            tokio::select! {
                () = tokio::time::sleep(pause) => {}
                () = replaced(&mut self.orders, rollout) => return false,
            }
            pause = (pause * 2).min(LONGEST_PAUSE);
        }
    }

    /// What runs here.
    fn installed(&self) -> Result<Installed, std::io::Error> {
        let security_version = self.files.security_version()?;
        Ok(Installed { hardware: self.hardware.clone(), version: self.version, security_version })
    }

    /// Changes the record and has it told. While the disk refuses, nothing goes on.
    async fn change(&self, change: impl Fn(&mut Record)) {
        while let Err(error) = self.files.change(&change) {
            tracing::error!(%error, "the boot record cannot be written");
            tokio::time::sleep(FIRST_PAUSE).await;
        }
        self.ask(Request::Tell).await;
    }

    async fn ask(&self, request: Request) {
        let _ = self.requests.send(request).await;
    }
}

/// Until an order of another rollout comes.
async fn replaced(orders: &mut mpsc::Receiver<Order>, rollout: uuid::Uuid) {
    loop {
        match orders.recv().await {
            Some(order) if order.rollout == rollout => {}
            Some(_) => return,
            None => return std::future::pending().await,
        }
    }
}

/// One attempt to bring the image into its slot and to have it start next.
async fn attempt(
    files: &UpdateFiles,
    fetcher: &Fetcher,
    mut situation: watch::Receiver<Situation>,
    installed: std::io::Result<Installed>,
) -> Result<(), Stop> {
    let refused = |why: &str| Stop::Refused(why.to_owned());
    let installed = installed?;
    let gone = |_| Stop::Later("the box stops".to_owned());
    let now = situation.wait_for(|now| now.up).await.map_err(gone)?.now;
    let Some(loading) = files.record().loading else { return Err(refused("withdrawn")) };
    let trusted = files.trusted()?.ok_or_else(|| refused("no_root"))?;
    let source = Arc::new(fetcher.clone());
    let checked = check(&trusted, source, now, &files.slots().scratch()?).await?;
    if checked.trusted != trusted {
        files.trust(&checked.trusted)?;
    }
    let image = checked.images.into_iter().find(|image| image.name == loading.image);
    let image = image.ok_or_else(|| refused("no_such_image"))?;
    image.fits(&installed).map_err(|refusal| refused(refusal.word()))?;
    let slot = files.record().active.other();
    load(files, fetcher, slot, &image).await?;
    let version = image.version.to_string();
    let rollout = loading.rollout;
    files.change(|record| record.say(rollout, UpdateStep::Verified, &version, None))?;
    fetcher.tell().await;
    situation.wait_for(|now| now.idle).await.map_err(gone)?;
    files.change(|record| {
        record.loading = None;
        record.pending = Some(Pending {
            rollout,
            slot,
            tries: TRIES,
            version: version.clone(),
            security_version: image.security_version,
            booted: false,
        });
        record.say(rollout, UpdateStep::Installed, &version, None);
    })?;
    Ok(())
}

/// Loads an image into a slot, going on where a power cut or a lost connection left it, and reads it back from the disk.
async fn load(files: &UpdateFiles, fetcher: &Fetcher, slot: Slot, image: &Image) -> Result<(), Stop> {
    let refused = |why: &str| Stop::Refused(why.to_owned());
    let hash = image.sha256.iter().map(|byte| format!("{byte:02x}")).collect::<String>();
    let begun = files.record().loading.and_then(|loading| loading.sha256);
    if begun.as_deref() != Some(&hash) {
        files.slots().empty(slot)?;
        files.change(|record| {
            if let Some(loading) = &mut record.loading {
                (loading.sha256, loading.version) = (Some(hash.clone()), image.version.to_string());
            }
        })?;
    }
    let mut offset = files.slots().length(slot)?;
    while offset < image.length {
        let part = fetcher.read(&File::Image(image.name.clone()), offset).await?;
        let length = part.len() as u64;
        if length == 0 {
            return Err(refused("too_short"));
        }
        if offset.saturating_add(length) > image.length {
            return Err(refused("too_long"));
        }
        files.slots().write(slot, offset, &part)?;
        offset += length;
    }
    let slots = Arc::clone(files.slots());
    let reading = tokio::task::spawn_blocking(move || {
        slots.finish(slot)?;
        slots.sha256(slot)
    });
    if reading.await.map_err(std::io::Error::other)?? != image.sha256 {
        files.slots().empty(slot)?;
        files.change(|record| {
            if let Some(loading) = &mut record.loading {
                loading.sha256 = None;
            }
        })?;
        return Err(refused("hash"));
    }
    Ok(())
}
