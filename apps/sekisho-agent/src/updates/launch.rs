//! Starts the program the boot record names. The program installed by hand stays what the service manager starts; it runs
//! the box itself, or starts a slot's program and watches over it until it has proved itself. No update touches it.

use std::io;
use std::path::Path;
use std::process::ExitStatus;
use std::time::Duration;

use rustix::process::{Pid, Signal, kill_process};
use tokio::process::{Child, Command};

use super::record::{Record, Slot};
use super::slots::UpdateFiles;
use super::work::SELF_TEST_WITHIN;

/// Says to a slot's program which slot it runs from.
pub const SLOT: &str = "SEKISHO_AGENT_SLOT";
/// A slot's program ends with this when another one has to start.
pub const AGAIN: u8 = 75;
/// A program that hangs does not even notice that its time is over; it gets a little longer than that.
const HUNG_AFTER: Duration = SELF_TEST_WITHIN.saturating_add(Duration::from_secs(60));
/// A program that ended by itself is started again after this.
const BREATH: Duration = Duration::from_secs(1);
/// A program told to stop has this long.
const STOP_WITHIN: Duration = Duration::from_secs(20);

/// The slot this very process runs from; none: it is the one that was installed by hand.
pub fn own_slot() -> Option<Slot> {
    let word = std::env::var(SLOT).ok()?;
    [Slot::A, Slot::B].into_iter().find(|slot| slot.word() == word)
}

/// What is to be done now.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Next {
    /// Run the box in this process; afterwards ask again.
    RunBase,
    /// Nothing more: somebody said stop.
    Stop,
}

/// Starts slots' programs, one after another, until this process has to run the box itself or is told to stop.
///
/// # Errors
/// When the boot record cannot be read or written.
pub async fn launch(folder: &Path, stop: impl Future<Output = ()>) -> io::Result<Next> {
    tokio::pin!(stop);
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
                end(&mut child).await?;
                return Ok(Next::Stop);
            }
            ended = watch(&mut child, folder, pending) => ended?,
        };
        tracing::info!(slot = slot.word(), ?ended, "the program in this slot ended");
        if ended.is_none_or(|status| status.code() != Some(i32::from(AGAIN))) {
            tokio::select! {
                () = &mut stop => return Ok(Next::Stop),
                () = tokio::time::sleep(BREATH) => {}
            }
        }
    }
}

/// Until the program ends, or is ended because it hangs without having proved itself.
async fn watch(child: &mut Child, folder: &Path, pending: bool) -> io::Result<Option<ExitStatus>> {
    if pending && let Ok(ended) = tokio::time::timeout(HUNG_AFTER, child.wait()).await {
        return ended.map(Some);
    }
    if pending && UpdateFiles::in_folder(folder)?.record().pending.is_some() {
        tracing::error!("the new program hangs");
        UpdateFiles::in_folder(folder)?.change(|record| record.go_back("hung"))?;
        child.kill().await?;
        return Ok(None);
    }
    child.wait().await.map(Some)
}

/// Tells a program to stop, and ends it when it does not.
async fn end(child: &mut Child) -> io::Result<()> {
    let pid = child.id().and_then(|pid| i32::try_from(pid).ok()).and_then(Pid::from_raw);
    if let Some(pid) = pid {
        let _ = kill_process(pid, Signal::TERM);
    }
    if tokio::time::timeout(STOP_WITHIN, child.wait()).await.is_err() {
        child.kill().await?;
    }
    Ok(())
}
