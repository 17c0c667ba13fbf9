//! Many boxes and invented people: they come at random, badge in, take a key, go, come back and hang it up again.

use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::Duration;

use sekisho_kernel::ResourceId;
use sekisho_wire::{BinNumber, Code};
use tokio_util::sync::CancellationToken;

use super::{BoxSetup, SimulatedBox, StartError};
use crate::box_logic::{KeyLine, PanelAction, Screen, View};

/// A badge and, when the server asks for one, the PIN to it.
#[derive(Clone, Debug)]
pub struct Pass {
    /// The badge's serial number.
    pub badge: String,
    /// The PIN.
    pub pin: Option<String>,
}

/// How the people before one box behave.
#[derive(Clone, Debug)]
pub struct Behaviour {
    /// What they carry; the server must know it.
    pub passes: Vec<Pass>,
    /// Visits an hour to each box.
    pub visits_per_hour: f64,
    /// The pause between two movements of a hand: at least this, at most twice this.
    pub pause: Duration,
    /// The same seed makes the same people.
    pub seed: u64,
}

/// What the people of a fleet did.
#[derive(Debug, Default)]
pub struct Tally {
    /// Keys taken.
    pub taken: AtomicU64,
    /// Keys hung up again.
    pub returned: AtomicU64,
    /// Visits that led to nothing.
    pub in_vain: AtomicU64,
}

/// Many boxes.
#[derive(Debug)]
pub struct Fleet {
    boxes: Vec<Arc<SimulatedBox>>,
    tally: Arc<Tally>,
    stop: CancellationToken,
    tasks: Vec<tokio::task::JoinHandle<()>>,
}

impl Fleet {
    /// Starts all boxes and lets people come.
    pub async fn start(setups: Vec<BoxSetup>, behaviour: Behaviour) -> Result<Self, StartError> {
        let mut fleet = Self {
            boxes: Vec::new(),
            tally: Arc::default(),
            stop: CancellationToken::new(),
            tasks: Vec::new(),
        };
        for (index, setup) in setups.into_iter().enumerate() {
            let one = Arc::new(SimulatedBox::start(setup).await?);
            fleet.boxes.push(Arc::clone(&one));
            let chance =
                Chance(behaviour.seed.wrapping_add((index as u64).wrapping_mul(0x9e37_79b9_7f4a_7c15)));
            let people =
                People { one, behaviour: behaviour.clone(), tally: Arc::clone(&fleet.tally), chance };
            let stop = fleet.stop.clone();
            fleet.tasks.push(tokio::spawn(async move {
                stop.run_until_cancelled(people.come_and_go()).await;
            }));
        }
        Ok(fleet)
    }

    /// The boxes.
    pub fn boxes(&self) -> &[Arc<SimulatedBox>] {
        &self.boxes
    }

    /// How many of them are connected.
    pub fn online(&self) -> usize {
        self.boxes.iter().filter(|one| one.view.borrow().online).count()
    }

    /// What the people did so far.
    pub fn tally(&self) -> &Tally {
        &self.tally
    }

    /// Sends the people home, wherever they are; the last one closes all doors. The boxes go on.
    pub async fn send_people_home(&mut self) {
        self.stop.cancel();
        for task in self.tasks.drain(..) {
            let _ = task.await;
        }
        for one in &self.boxes {
            one.cabinet().close_all();
        }
    }

    /// Sends the people home and stops the boxes.
    pub async fn stop(mut self) {
        self.send_people_home().await;
        for one in self.boxes {
            if let Some(one) = Arc::into_inner(one) {
                one.stop().await;
            }
        }
    }
}

/// The people before one box.
struct People {
    one: Arc<SimulatedBox>,
    behaviour: Behaviour,
    tally: Arc<Tally>,
    chance: Chance,
}

impl People {
    async fn come_and_go(mut self) {
        loop {
            let mean = 3_600.0 / self.behaviour.visits_per_hour.max(0.001);
            // Arrivals that know nothing of one another: exponential pauses.
            let pause = -(1.0 - self.chance.share()).ln() * mean;
            tokio::time::sleep(Duration::from_secs_f64(pause.clamp(0.0, 86_400.0))).await;
            let holding = self.one.cabinet().cabinet().hand;
            let done = match holding.first() {
                Some(fob) if self.chance.share() < 0.5 => self.bring_back(fob.clone()).await,
                _ => self.fetch().await,
            };
            if done.is_none() {
                self.tally.in_vain.fetch_add(1, Ordering::Relaxed);
            }
            self.one.press(PanelAction::End).await;
            // Nobody leaves a door open behind them, also not one that opened after they had given up.
            self.one.cabinet().close_all();
        }
    }

    async fn bring_back(&mut self, fob: String) -> Option<()> {
        self.one.cabinet().hold_fob(&fob);
        let bin = self.one.at_open_bin().await?;
        self.breathe().await;
        self.one.put_fob(bin, &fob).then(|| {
            self.tally.returned.fetch_add(1, Ordering::Relaxed);
        })
    }

    async fn fetch(&mut self) -> Option<()> {
        let pass = self.chance.one_of(&self.behaviour.passes)?.clone();
        let pause = self.pause();
        let (one, chance) = (Arc::clone(&self.one), &mut self.chance);
        one.visit(&pass, pause, |keys| Some(chance.one_of(keys)?.key)).await?;
        self.tally.taken.fetch_add(1, Ordering::Relaxed);
        Some(())
    }

    fn pause(&mut self) -> Duration {
        self.behaviour.pause.mul_f64(1.0 + self.chance.share())
    }

    async fn breathe(&mut self) {
        tokio::time::sleep(self.pause()).await;
    }
}

/// How long somebody waits for the screen before they walk away.
const PATIENCE: Duration = Duration::from_secs(15);

impl SimulatedBox {
    /// Somebody comes with a pass, takes the key that `choose` finds among those on offer and shuts the bin; its fob.
    /// `None` when the box gave nothing out. `pause` is that between two movements of a hand.
    pub async fn visit(
        &self,
        pass: &Pass,
        pause: Duration,
        choose: impl FnOnce(&[KeyLine]) -> Option<ResourceId>,
    ) -> Option<String> {
        self.hold_badge(&pass.badge);
        let answered = |view: &View| matches!(view.screen, Screen::Choose { .. } | Screen::Said { .. });
        let mut view = self
            .wait_for(PATIENCE, |view| answered(view) || matches!(view.screen, Screen::Proof { .. }))
            .await?;
        if let (Screen::Proof { pin: true, .. }, Some(pin)) = (&view.screen, &pass.pin) {
            tokio::time::sleep(pause).await;
            self.press(PanelAction::Prove { value: Code::new(pin.as_str()) }).await;
            view = self.wait_for(PATIENCE, answered).await?;
        }
        let Screen::Choose { takeable, .. } = view.screen else { return None };
        let key = choose(&takeable)?;
        tokio::time::sleep(pause).await;
        self.press(PanelAction::Take { key }).await;
        let bin = self.at_open_bin().await?;
        tokio::time::sleep(pause).await;
        self.take_fob(bin)
    }

    async fn at_open_bin(&self) -> Option<BinNumber> {
        let opened =
            |view: &View| matches!(view.screen, Screen::AtBin { step: "open", .. } | Screen::Said { .. });
        match self.wait_for(PATIENCE, opened).await?.screen {
            Screen::AtBin { bin, .. } => Some(bin),
            _ => None,
        }
    }
}

/// SplitMix64: chance enough for people who do not exist, and the same for the same seed.
struct Chance(u64);

impl Chance {
    fn next(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mixed = (self.0 ^ (self.0 >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        let mixed = (mixed ^ (mixed >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        mixed ^ (mixed >> 31)
    }

    fn share(&mut self) -> f64 {
        let high = u32::try_from(self.next() >> 32).unwrap_or(0);
        f64::from(high) / (f64::from(u32::MAX) + 1.0)
    }

    fn one_of<'a, T>(&mut self, list: &'a [T]) -> Option<&'a T> {
        let index = self.next().checked_rem(list.len() as u64)?;
        list.get(usize::try_from(index).ok()?)
    }
}
