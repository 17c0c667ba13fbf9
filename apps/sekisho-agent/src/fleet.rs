//! Boxes that exist only here, for the demo, for tests and for load: real agents with real certificates over a real
//! connection; only steel and people are invented.

mod people;
mod programs;

use std::io::ErrorKind;
use std::net::SocketAddr;
use std::sync::Arc;
use std::time::Duration;

use sekisho_kernel::World;
use sekisho_wire::StartReason;
use tokio::sync::{Notify, watch};
use tokio_util::sync::CancellationToken;

use crate::box_logic::{PanelAction, Screen, View};
use crate::driver::{BinNumber, Cabinet, SimulatedDriver};
use crate::home::{Home, HomeError};
use crate::journal::Room;
use crate::panel::{Badge, Panel, Simulation};
use crate::running::{Exit, Parts, Running};
use crate::updates::{SELF_TEST_WITHIN, Slot};
use programs::{Faults, Program, Senseless};

pub use people::{Behaviour, Fleet, Pass, Tally};

/// How a simulated box is set up.
pub struct BoxSetup {
    /// Its folder; a device must be enrolled in it.
    pub home: Home,
    /// Time and chance.
    pub world: Arc<dyn World>,
    /// How the cabinet stands the very first time.
    pub cabinet: Cabinet,
    /// Where its page is served; port 0 takes any. `None`: no page.
    pub panel: Option<SocketAddr>,
    /// Badges that lie beside it.
    pub badges: Vec<Badge>,
    /// Journal and cabinet in memory only.
    pub forgetful: bool,
    /// The longest pause between two attempts to connect.
    pub longest_pause: Duration,
    /// Who starts the next program after an update.
    pub boots: Boots,
    /// So long a new program has to prove itself.
    pub prove_within: Duration,
}

/// Who starts a box's program.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Boots {
    /// The box itself: images are descriptions of programs that exist only here.
    #[default]
    Inside,
    /// Whoever started this process: images are programs, and the box waits to be ended.
    Outside(Slot),
}

impl BoxSetup {
    /// A box with `bins` bins, a fob in each, and no page.
    pub fn new(home: Home, world: Arc<dyn World>, bins: BinNumber) -> Self {
        let fobs = (1..=bins).map(|bin| (bin, format!("FOB-{bin:04}")));
        Self {
            home,
            world,
            cabinet: Cabinet::with_fobs(bins, fobs),
            panel: None,
            badges: Vec::new(),
            forgetful: false,
            longest_pause: Duration::from_secs(5),
            boots: Boots::Inside,
            prove_within: SELF_TEST_WITHIN,
        }
    }
}

/// Why a simulated box did not start.
#[derive(Debug, thiserror::Error)]
pub enum StartError {
    /// Its folder cannot be used.
    #[error(transparent)]
    Home(#[from] HomeError),
    /// Its page's port or its cabinet's file cannot be opened.
    #[error("{0}")]
    Io(#[from] std::io::Error),
}

/// A running simulated box and the hand before it.
#[derive(Debug)]
pub struct SimulatedBox {
    driver: SimulatedDriver,
    view: watch::Receiver<View>,
    actions: tokio::sync::mpsc::Sender<PanelAction>,
    cable: watch::Sender<bool>,
    panel: Option<SocketAddr>,
    power_cut: Arc<Notify>,
    stop: CancellationToken,
    kill: CancellationToken,
    restart: Option<CancellationToken>,
    tasks: Vec<tokio::task::JoinHandle<()>>,
}

impl SimulatedBox {
    /// Starts a box whose folder holds an enrolled device ([`crate::enrol::enrol`] or [`Home::install`]).
    pub async fn start(setup: BoxSetup) -> Result<Self, StartError> {
        let driver = if setup.forgetful {
            SimulatedDriver::new(setup.cabinet)
        } else {
            SimulatedDriver::kept_in(setup.home.cabinet(), setup.cabinet)?
        };
        driver.timed_by(Arc::clone(&setup.world));
        let boots = setup.boots;
        let parts = {
            let (home, world, driver) = (setup.home, setup.world, driver.clone());
            let prove_within = setup.prove_within;
            move |reason| {
                let program = (!setup.forgetful).then(|| Program::boot(&home, boots, prove_within)).flatten();
                let faults = program.as_ref().map(|program| program.faults).unwrap_or_default();
                let parts = Parts {
                    home: home.clone(),
                    world: Arc::clone(&world),
                    driver: if faults.senseless {
                        Arc::new(Senseless(driver.clone()))
                    } else {
                        Arc::new(driver.clone())
                    },
                    camera: Arc::new(driver.clone()),
                    reason,
                    forgetful: setup.forgetful,
                    longest_pause: setup.longest_pause,
                    updates: program.map(|program| program.updatable),
                    room: Room::default(),
                };
                (parts, faults)
            }
        };
        let (first, faults) = parts(StartReason::PowerOn);
        let running = Running::start(first).await?;
        let (stop, kill) = (CancellationToken::new(), CancellationToken::new());
        let power_cut = Arc::new(Notify::new());
        let (cable, _) = watch::channel(true);
        // The screen and the slot for actions outlive a restart of the agent inside.
        let (show, view) = watch::channel(running.view.borrow().clone());
        let (actions, pressed) = tokio::sync::mpsc::channel(64);
        let mut tasks = Vec::new();
        let mut panel = None;
        if let Some(address) = setup.panel {
            let listener = crate::panel::listen(address).await?;
            panel = Some(listener.local_addr()?);
            let simulation =
                Simulation { driver: driver.clone(), cable: cable.clone(), badges: setup.badges };
            let page = Panel { actions: actions.clone(), view: view.clone(), simulation: Some(simulation) };
            let stop = stop.clone();
            tasks.push(tokio::spawn(async move {
                if let Err(error) = page.serve(listener, stop).await {
                    tracing::error!(%error, "the panel's page has ended");
                }
            }));
        }
        let keeper = Keeper {
            show,
            pressed,
            cable: cable.subscribe(),
            power_cut: Arc::clone(&power_cut),
            stop: stop.clone(),
            kill: kill.clone(),
            restart: (boots != Boots::Inside).then(CancellationToken::new),
        };
        let restart = keeper.restart.clone();
        tasks.push(tokio::spawn(keeper.keep(running, faults, parts)));
        Ok(Self { driver, view, actions, cable, panel, power_cut, stop, kill, restart, tasks })
    }

    /// Where its page is served.
    pub fn panel_addr(&self) -> Option<SocketAddr> {
        self.panel
    }

    /// The hand and the switches.
    pub fn cabinet(&self) -> &SimulatedDriver {
        &self.driver
    }

    /// What the screen shows now.
    pub fn view(&self) -> View {
        self.view.borrow().clone()
    }

    /// Waits until the screen shows what `wanted` accepts; `None` after `patience`.
    pub async fn wait_for(&self, patience: Duration, mut wanted: impl FnMut(&View) -> bool) -> Option<View> {
        let mut view = self.view.clone();
        let waiting = view.wait_for(|view| wanted(view));
        let seen = tokio::time::timeout(patience, waiting).await.ok()?.ok()?;
        Some(seen.clone())
    }

    /// Does something at the panel.
    pub async fn press(&self, action: PanelAction) {
        let _ = self.actions.send(action).await;
    }

    /// Holds a badge to the reader.
    pub fn hold_badge(&self, serial: &str) {
        self.driver.hold_badge(serial);
    }

    /// Takes the fob out of an open bin and closes it.
    pub fn take_fob(&self, bin: BinNumber) -> Option<String> {
        let fob = self.driver.take(bin);
        self.driver.close(bin);
        fob
    }

    /// Puts a fob into an open bin and closes it.
    pub fn put_fob(&self, bin: BinNumber, fob: &str) -> bool {
        let put = self.driver.put(bin, fob);
        self.driver.close(bin);
        put
    }

    /// Pulls the network cable or plugs it in again.
    pub fn cut_network(&self, cut: bool) {
        self.cable.send_replace(!cut);
    }

    /// Cuts the agent's power wherever it is, and gives it back at once. Doors and fobs stay as they are.
    pub fn cut_power(&self) {
        self.power_cut.notify_one();
    }

    /// Until the process has to end so that another program can start. Never where the box starts its programs itself.
    pub async fn wants_restart(&self) {
        match &self.restart {
            Some(restart) => restart.cancelled().await,
            None => std::future::pending().await,
        }
    }

    /// Stops the agent between two steps. The cabinet stays as it is.
    pub async fn stop(self) {
        self.stop.cancel();
        for task in self.tasks {
            let _ = task.await;
        }
    }

    /// Stops the agent wherever it is, as a power cut does. The cabinet stays as it is; start again with the same folder.
    pub async fn kill(self) {
        self.kill.cancel();
        self.stop().await;
    }

    /// Which bin waits for the person at the panel, if one does and is open.
    pub fn open_bin(&self) -> Option<BinNumber> {
        match self.view.borrow().screen {
            Screen::AtBin { bin, step: "open" | "close", .. } => Some(bin),
            _ => None,
        }
    }
}

/// Carries screen, actions and cable over restarts of the agent inside.
struct Keeper {
    show: watch::Sender<View>,
    pressed: tokio::sync::mpsc::Receiver<PanelAction>,
    cable: watch::Receiver<bool>,
    power_cut: Arc<Notify>,
    stop: CancellationToken,
    kill: CancellationToken,
    /// Told when another program has to be started from outside.
    restart: Option<CancellationToken>,
}

/// How a run of the agent inside ended.
enum End {
    /// By itself.
    Exit(Exit),
    /// Its power was cut.
    Cut,
    /// It has to be ended.
    Told,
}

impl Keeper {
    async fn keep(mut self, first: Running, faults: Faults, parts: impl Fn(StartReason) -> (Parts, Faults)) {
        let (mut running, mut faults) = (first, faults);
        loop {
            running.link.cable(*self.cable.borrow() && !faults.mute);
            let reason = match self.carry(&mut running, faults).await {
                End::Told if self.kill.is_cancelled() => return running.kill().await,
                End::Told => {
                    running.stop().await;
                    return;
                }
                End::Exit(Exit::Stopped) => return,
                End::Exit(Exit::Restart) => {
                    if let Some(restart) = &self.restart {
                        return restart.cancel();
                    }
                    StartReason::Command
                }
                End::Cut => {
                    running.kill().await;
                    StartReason::PowerOn
                }
            };
            let (again, next) = parts(reason);
            faults = next;
            match start_again(again).await {
                Ok(again) => running = again,
                Err(error) => {
                    tracing::error!(%error, "the box did not start again");
                    return;
                }
            }
        }
    }

    async fn carry(&mut self, running: &mut Running, faults: Faults) -> End {
        loop {
            tokio::select! {
                () = self.stop.cancelled() => return End::Told,
                () = self.kill.cancelled() => return End::Told,
                () = self.power_cut.notified() => return End::Cut,
                changed = running.view.changed() => {
                    if changed.is_err() {
                        return End::Exit(running.ended().await);
                    }
                    let view = running.view.borrow_and_update().clone();
                    self.show.send_replace(view);
                }
                Some(action) = self.pressed.recv() => running.press(action).await,
                Ok(()) = self.cable.changed() => {
                    let plugged = *self.cable.borrow_and_update();
                    running.link.cable(plugged && !faults.mute);
                }
            }
        }
    }
}

/// Starts the agent again in the folder of one that has just ended; its last write may still hold the journal.
async fn start_again(parts: Parts) -> Result<Running, HomeError> {
    let mut tries = 0;
    loop {
        // The same parts each time: asking what starts now counts as a start.
        match Running::start(parts.clone()).await {
            Err(HomeError::File { source, .. }) if source.kind() == ErrorKind::WouldBlock && tries < 500 => {
                tries += 1;
                tokio::time::sleep(Duration::from_millis(10)).await;
            }
            started => return started,
        }
    }
}
