//! kill -9 of the agent at any moment, between a command's intent and its end too: no latch is driven twice for a command,
//! no event is lost or told twice, and every command comes to an end that agrees with the steel.

use std::collections::HashMap;
use std::os::unix::process::ExitStatusExt as _;
use std::process::Stdio;
use std::time::Duration;

use sekisho_agent::driver::{Cabinet, SimulatedDriver};
use sekisho_agent::home::Home;
use sekisho_agent::journal::Journal;
use sekisho_devices::{CommandState, NewCommand};
use sekisho_kernel::AuditEntry;
use sekisho_wire::{CommandId, CommandKind, ReleaseReason};
use tokio::process::{Child, Command};

use crate::real_endpoint::Server;

const KILLS: u64 = 40;
const BINS: u16 = 6;
const PATIENCE: Duration = Duration::from_secs(60);

fn agent(home: &Home) -> Child {
    Command::new(env!("CARGO_BIN_EXE_sekisho-agent"))
        .args(["run", "--panel", "127.0.0.1:0", "--bins", &BINS.to_string(), "--dir"])
        .arg(home.folder())
        .stdout(Stdio::null())
        .stderr(Stdio::null())
        .kill_on_drop(true)
        .spawn()
        .unwrap()
}

/// The cabinet between two lives of the agent: somebody closes what stands open.
fn close_all(home: &Home) {
    SimulatedDriver::kept_in(home.cabinet(), Cabinet::with_fobs(BINS, [])).unwrap().close_all();
}

async fn order(server: &Server, home: &Home, bin: u16) -> CommandId {
    let device = home.identity(&server.world).unwrap().device;
    let cx = server.cx();
    let mut tx = server.module.store.begin(&cx).await.unwrap();
    let kind = CommandKind::ReleaseBin { bin, key: None, why: ReleaseReason::Manager };
    let command = server.devices.command(&mut tx, device, NewCommand::at_once(kind)).await.unwrap();
    tx.commit(AuditEntry::done("test.release")).await.unwrap();
    command
}

/// Looks until `done` holds.
pub(crate) async fn until(what: &str, mut done: impl FnMut() -> bool) {
    let looking = async {
        let mut look = tokio::time::interval(Duration::from_millis(20));
        while !done() {
            look.tick().await;
        }
    };
    assert!(tokio::time::timeout(PATIENCE, looking).await.is_ok(), "{what}");
}

#[tokio::test(flavor = "multi_thread")]
async fn forty_kills_of_the_agent() {
    let (server, folder) = (Server::start().await, tempfile::tempdir().unwrap());
    let home = server.enrol(folder.path()).await;
    let mut commands = Vec::new();
    for round in 0..KILLS {
        let mut running = agent(&home);
        // Some orders wait already when it starts, some come while it runs; each round it dies a little later.
        let bins = [u16::try_from(round % 3).unwrap() + 1, u16::try_from(round % 3).unwrap() + 4];
        for bin in bins {
            commands.push(order(&server, &home, bin).await);
        }
        let moment = Duration::from_millis(20 + round * 37 % 230);
        let fell = tokio::time::timeout(moment, running.wait()).await;
        assert!(fell.is_err(), "the agent fell over by itself: {fell:?}");
        running.start_kill().unwrap();
        assert_eq!(running.wait().await.unwrap().signal(), Some(9));
        close_all(&home);
    }
    let mut running = agent(&home);
    let settled = || server.module.settled.lock().unwrap().clone();
    until("every command ends", || commands.iter().all(|id| settled().iter().any(|one| one.id == *id))).await;
    let told = || Journal::peek(&home.journal()).is_ok_and(|journal| journal.unsent() == 0);
    until("every event arrives", told).await;
    running.start_kill().unwrap();
    running.wait().await.unwrap();

    let mut driven: HashMap<CommandId, usize> = HashMap::new();
    let steel = SimulatedDriver::kept_in(home.cabinet(), Cabinet::with_fobs(BINS, [])).unwrap();
    for opening in steel.cabinet().openings {
        *driven.entry(opening.order.expect("nobody gave anything back")).or_default() += 1;
    }
    let mut known = 0;
    for one in settled() {
        let times = driven.get(&one.id).copied().unwrap_or(0);
        match one.state {
            CommandState::Succeeded => assert_eq!(times, 1, "{one:?}"),
            CommandState::Expired | CommandState::Rejected => assert_eq!(times, 0, "{one:?}"),
            _ => assert!(times <= 1, "{one:?} and driven {times} times"),
        }
        known += usize::from(one.state == CommandState::Succeeded);
    }
    assert!(known > 0 && driven.len() > 10, "{known} known, {} driven", driven.len());
    let heard = server.module.heard.borrow().clone();
    let numbers: Vec<u64> = heard.iter().map(|(_, event)| event.seq).collect();
    assert_eq!(numbers, (1..=numbers.len() as u64).collect::<Vec<_>>(), "each event once, in order");
    assert_eq!(Journal::peek(&home.journal()).unwrap().last_seq(), numbers.len() as u64);
}
