//! kill -9 at any moment: nothing acknowledged is lost, no bin opens twice, nothing opens too late, the record holds.
//!
//! The real server runs on a scratch store. Before it stand simulated boxes with real certificates, journals and TLS, and
//! people who take keys and bring them back; programs open bins and make groups over the API; some devices only flood. A
//! storm kills the server again and again, and cuts the power of boxes. Then everything becomes quiet, and what the store
//! says is held against what the devices, the programs and the steel saw.

pub mod company;
pub mod flood;
mod mailbox;
mod programs;
pub mod proof;
mod reception;
pub mod server;

use std::ops::Range;
use std::sync::Arc;
use std::sync::atomic::Ordering;
use std::time::Duration;

use sekisho_agent::fleet::{Behaviour, BoxSetup, Fleet, SimulatedBox};
use sekisho_kernel::World;
use sekisho_storage::Engine;
use tokio_util::sync::CancellationToken;

use company::Company;
use flood::Flood;
use programs::Programs;
use server::Server;

/// Devices that do nothing but tell events.
const FLOODS: usize = 3;
/// How long everything may take to become quiet.
const QUIET_WITHIN: Duration = Duration::from_secs(60);

/// Chance that repeats: SplitMix64.
#[derive(Clone)]
struct Chance(u64);

impl Chance {
    fn below(&mut self, most: u64) -> u64 {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mixed = (self.0 ^ (self.0 >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        let mixed = (mixed ^ (mixed >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        (mixed ^ (mixed >> 31)) % most
    }

    /// Another row of chances, for somebody else.
    fn split(&mut self) -> Self {
        Self(self.below(u64::MAX))
    }

    fn moment(&mut self, from: u64, to: u64) -> Duration {
        Duration::from_millis(from + self.below(to - from))
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn fifty_kills_on_sqlite() {
    survive(Storm { engine: Engine::Sqlite, kills: 50, boxes: 20, lives: 100..900, seed: 0x5ec1_5401 }).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn twelve_kills_on_postgres() {
    survive(Storm { engine: Engine::Postgres, kills: 12, boxes: 10, lives: 500..3000, seed: 0x5ec1_5402 })
        .await;
}

struct Storm {
    engine: Engine,
    kills: usize,
    boxes: usize,
    /// How many milliseconds a server lives after it said that it is ready.
    lives: Range<u64>,
    seed: u64,
}

/// Two storms at once would only slow one another down.
pub static ONE_STORM: tokio::sync::Mutex<()> = tokio::sync::Mutex::const_new(());

async fn survive(Storm { engine, kills, boxes, lives, seed }: Storm) {
    let _alone = ONE_STORM.lock().await;
    let company = Company::found(engine, boxes, FLOODS).await;
    let mut server = Server::start(&company.config_file).await;

    let setups = company.boxes.iter().map(|one| BoxSetup {
        cabinet: company::full_cabinet(one.number),
        longest_pause: Duration::from_millis(300),
        ..BoxSetup::new(one.home.clone(), company.world.clone(), company::BINS)
    });
    let behaviour = Behaviour {
        passes: company.passes.clone(),
        visits_per_hour: 3_600.0,
        pause: Duration::from_millis(40),
        seed,
    };
    let mut fleet = Fleet::start(setups.collect(), behaviour).await.unwrap();
    let floods: Vec<Flood> =
        company.floods.iter().map(|home| Flood::start(home, company.world.clone())).collect();
    let programs = Programs::start(&company, 4, seed);
    let power = PowerCuts::start(fleet.boxes().to_vec(), seed);

    let mut chance = Chance(seed);
    let mut kept = Vec::new();
    for round in 0..kills {
        server.lives_for(chance.moment(lives.start, lives.end)).await;
        server.kill().await;
        server = Server::start(&company.config_file).await;
        if round % 10 == 3 {
            kept.push(programs::checkpoint(&company).await);
        }
    }

    let cuts = power.stop().await;
    let acts = programs.stop().await;
    fleet.send_people_home().await;
    let (taken, returned) = {
        let tally = fleet.tally();
        (tally.taken.load(Ordering::Relaxed), tally.returned.load(Ordering::Relaxed))
    };
    let mut told = Vec::new();
    for flood in floods {
        told.push(flood.stop().await);
    }
    proof::everything_settles(&company, QUIET_WITHIN).await;
    let export = programs::export(&company).await;
    let drivers: Vec<_> = fleet.boxes().iter().map(|one| one.cabinet().clone()).collect();
    fleet.stop().await;
    server.stop().await;

    let flooded: usize = told.iter().map(|told| told.acknowledged.len()).sum();
    println!(
        "{engine:?}: {kills} kills, {cuts} power cuts, {taken} keys taken, {returned} returned, \
         {flooded} events of floods acknowledged, {} acts answered, {} unanswered",
        acts.answered(),
        acts.unanswered(),
    );
    // A storm that nothing stood in proves nothing.
    assert!(
        taken >= u64::try_from(kills / 6).unwrap()
            && returned > 0
            && flooded > 300
            && acts.answered() > 8
            && cuts > 5,
        "too little happened"
    );

    let store = proof::Store::read(&company).await;
    store.holds_every_acknowledged_event_once(&told);
    store.holds_the_journal_of_every_box();
    store.no_command_opened_twice_or_too_late(&drivers);
    store.holds_every_act_once(&acts);
    store.custody_is_what_hangs_there(&drivers);
    proof::record_verifies(&company, &export, &kept).await;
}

/// The power of boxes fails now and then, in the middle of whatever they do.
struct PowerCuts {
    stop: CancellationToken,
    task: tokio::task::JoinHandle<usize>,
}

impl PowerCuts {
    fn start(boxes: Vec<Arc<SimulatedBox>>, seed: u64) -> Self {
        let stop = CancellationToken::new();
        let (until, mut chance) = (stop.clone(), Chance(seed ^ 0xc075));
        let task = tokio::spawn(async move {
            let mut cuts = 0;
            while until.run_until_cancelled(tokio::time::sleep(chance.moment(200, 700))).await.is_some() {
                let one = usize::try_from(chance.below(boxes.len() as u64)).unwrap();
                boxes[one].cut_power();
                cuts += 1;
            }
            cuts
        });
        Self { stop, task }
    }

    async fn stop(self) -> usize {
        self.stop.cancel();
        self.task.await.unwrap()
    }
}

/// The world of all processes here: the machine's clock.
fn world() -> Arc<dyn World> {
    sekisho_crypto::system_world()
}
