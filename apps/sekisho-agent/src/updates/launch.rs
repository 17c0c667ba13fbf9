//! Starts the program the boot record names. The program installed by hand stays what the service manager starts; it runs
//! the box itself, or starts a slot's program and watches over it until it has proved itself. No update touches it.

use std::io;
use std::path::Path;
use std::process::ExitStatus;
use std::time::{Duration, Instant};

use rustix::process::{Pid, Signal, kill_process};
use tokio::process::{Child, Command};

use super::record::{Record, Slot};
use super::slots::UpdateFiles;
use super::work::SELF_TEST_WITHIN;

/// Says to a slot's program which slot it runs from.
pub const SLOT: &str = "SEKISHO_AGENT_SLOT";
/// A slot's program ends with this when another one has to start.
pub const AGAIN: u8 = 75;
/// A program that was kept falls so often in a row before the program installed by hand runs: a disk can spoil what was good.
const MOST_FALLS: u8 = 10;
/// Says to a slot's program who started it.
const LAUNCHER: &str = "SEKISHO_AGENT_LAUNCHER";

/// The slot this very process runs from; none: it is the one that was installed by hand.
pub fn own_slot() -> Option<Slot> {
    let word = std::env::var(SLOT).ok()?;
    [Slot::A, Slot::B].into_iter().find(|slot| slot.word() == word)
}

/// Called by a slot's program as it starts: it ends when its launcher does, however that ended. Two programs would run in
/// one folder otherwise, and the second could not start. False: the launcher is gone already.
pub fn end_with_launcher() -> bool {
    let of = |pid: Option<Pid>| pid.map(|pid| pid.as_raw_nonzero().to_string());
    let Ok(launcher) = std::env::var(LAUNCHER) else { return true };
    #[cfg(target_os = "linux")]
    if let Err(error) = rustix::process::set_parent_process_death_signal(Some(Signal::KILL)) {
        tracing::warn!(%error, "this program will outlive its launcher");
    }
    of(rustix::process::getppid()) == Some(launcher)
}

/// What is to be done now.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Next {
    /// Run the box in this process; afterwards ask again.
    RunBase,
    /// Nothing more: somebody said stop. How the slot's program ended, when one ran.
    Stop(Option<ExitStatus>),
}

/// How long slots' programs are waited for.
#[derive(Clone, Copy, Debug)]
pub struct Waits {
    /// A new program that hangs does not even notice that its time is over; it gets a little longer than that.
    pub hung_after: Duration,
    /// A program that ended by itself is started again after this.
    pub breath: Duration,
    /// A kept program that ended by itself sooner than this fell over.
    pub soon: Duration,
    /// A program told to stop has this long.
    pub stop_within: Duration,
}

impl Default for Waits {
    fn default() -> Self {
        Self {
            hung_after: SELF_TEST_WITHIN.saturating_add(Duration::from_secs(60)),
            breath: Duration::from_secs(1),
            soon: Duration::from_secs(60),
            stop_within: Duration::from_secs(20),
        }
    }
}

/// Starts slots' programs, one after another, until this process has to run the box itself or is told to stop.
///
/// # Errors
/// When the boot record cannot be read or written.
pub async fn launch(folder: &Path, waits: Waits, stop: impl Future<Output = ()>) -> io::Result<Next> {
    tokio::pin!(stop);
    let mut falls = 0;
    loop {
        // Read anew each time: the program that ended has written it.
        let files = UpdateFiles::in_folder(folder)?;
        let slot = files.change(Record::start)?;
        if slot == Slot::Base {
            return Ok(Next::RunBase);
        }
        let pending = files.record().pending.is_some();
        let mut command = Command::new(files.slots().program(slot));
        command.args(std::env::args_os().skip(1)).env(SLOT, slot.word()).kill_on_drop(true);
        command.env(LAUNCHER, std::process::id().to_string());
        let began = Instant::now();
        let mut child = match command.spawn() {
            Ok(child) => child,
            Err(error) => {
                tracing::error!(%error, slot = slot.word(), "the program in this slot does not start");
                if !pending {
                    files.change(Record::fall_to_base)?;
                }
                continue;
            }
        };
        let ended = tokio::select! {
            () = &mut stop => {
                return Ok(Next::Stop(Some(end(&mut child, waits.stop_within).await?)));
            }
            ended = watch(&mut child, folder, pending.then_some(waits.hung_after)) => ended?,
        };
        tracing::info!(slot = slot.word(), ?ended, "the program in this slot ended");
        if ended.is_some_and(|status| status.code() == Some(i32::from(AGAIN))) {
            falls = 0;
        } else {
            falls = if pending || began.elapsed() > waits.soon { 0 } else { falls + 1 };
            if falls == MOST_FALLS {
                tracing::error!(slot = slot.word(), "the program in this slot does not keep running");
                UpdateFiles::in_folder(folder)?.change(Record::fall_to_base)?;
            }
            tokio::select! {
                () = &mut stop => return Ok(Next::Stop(None)),
                () = tokio::time::sleep(waits.breath) => {}
            }
        }
    }
}

/// Until the program ends, or is ended because it hangs without having proved itself within `limit`.
async fn watch(child: &mut Child, folder: &Path, limit: Option<Duration>) -> io::Result<Option<ExitStatus>> {
    let Some(limit) = limit else { return child.wait().await.map(Some) };
    if let Ok(ended) = tokio::time::timeout(limit, child.wait()).await {
        return ended.map(Some);
    }
    let files = UpdateFiles::in_folder(folder)?;
    if files.record().pending.is_some() {
        tracing::error!("the new program hangs");
        files.change(|record| record.go_back("hung"))?;
        child.kill().await?;
        return Ok(None);
    }
    child.wait().await.map(Some)
}

/// Tells a program to stop, and ends it when it does not.
async fn end(child: &mut Child, within: Duration) -> io::Result<ExitStatus> {
    let pid = child.id().and_then(|pid| i32::try_from(pid).ok()).and_then(Pid::from_raw);
    if let Some(pid) = pid {
        let _ = kill_process(pid, Signal::TERM);
    }
    if tokio::time::timeout(within, child.wait()).await.is_err() {
        child.start_kill()?;
    }
    child.wait().await
}
