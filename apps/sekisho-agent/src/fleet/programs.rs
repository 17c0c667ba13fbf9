//! Programs that exist only here: an image of a simulated box is a text that says how the program would behave.
//!
//! ```text
//! sekisho simulated image
//! version 2.0.0
//! starts never        (optional: it ends at once, each time)
//! senses nothing      (optional: it runs, and its sensors are silent)
//! connects never      (optional: it runs, and does not find the server)
//! ```

use std::collections::BTreeMap;
use std::time::Duration;

use async_trait::async_trait;
use sekisho_updates::Version;

use super::Boots;
use crate::driver::{BinNumber, BinSensors, BoxDriver, Fault, Lamp, Signal, SimulatedDriver};
use crate::home::Home;
use crate::running::Updatable;
use crate::updates::{Record, Slot, UpdateFiles, hardware};

/// The hardware of boxes that exist only here.
pub const SIMULATED: &str = "smartbox-simulated";

/// A program that starts.
pub(super) struct Program {
    pub(super) updatable: Updatable,
    pub(super) faults: Faults,
}

/// What a program that starts does wrong.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(super) struct Faults {
    /// Its sensors are silent.
    pub(super) senseless: bool,
    /// It does not find the server.
    pub(super) mute: bool,
}

impl Program {
    /// What starts in this box now; none where updates cannot be kept.
    pub(super) fn boot(home: &Home, boots: Boots, prove_within: Duration) -> Option<Self> {
        let tried = UpdateFiles::in_folder(&home.updates()).and_then(|files| {
            let own = env!("CARGO_PKG_VERSION").parse().unwrap_or_default();
            match boots {
                Boots::Outside(slot) => Ok((files, slot, own, Faults::default())),
                Boots::Inside => {
                    start(&files).map(|(slot, version, faults)| (files, slot, version.unwrap_or(own), faults))
                }
            }
        });
        let failed = |error: &std::io::Error| tracing::error!(%error, "this box cannot be updated");
        let (files, slot, version, faults) = tried.inspect_err(failed).ok()?;
        let hardware = match boots {
            Boots::Inside => SIMULATED.to_owned(),
            Boots::Outside(_) => hardware("smartbox"),
        };
        Some(Self { updatable: Updatable { files, slot, version, hardware, prove_within }, faults })
    }
}

/// Tries what the boot record says, until something starts.
fn start(files: &UpdateFiles) -> std::io::Result<(Slot, Option<Version>, Faults)> {
    loop {
        let slot = files.change(Record::start)?;
        if slot == Slot::Base {
            return Ok((slot, None, Faults::default()));
        }
        let text = std::fs::read_to_string(files.slots().program(slot)).unwrap_or_default();
        let has = |line: &str| text.lines().any(|one| one.trim() == line);
        let version = text.lines().find_map(|line| line.strip_prefix("version ")?.trim().parse().ok());
        let starts = text.starts_with("sekisho simulated image") && !has("starts never");
        match version.filter(|_| starts) {
            Some(version) => {
                let faults = Faults { senseless: has("senses nothing"), mute: has("connects never") };
                return Ok((slot, Some(version), faults));
            }
            None if files.record().pending.is_none() => files.change(Record::fall_to_base)?,
            None => {}
        }
    }
}

/// A cabinet whose sensors do not answer.
pub(super) struct Senseless(pub(super) SimulatedDriver);

#[async_trait]
impl BoxDriver for Senseless {
    async fn look(&self) -> Result<BTreeMap<BinNumber, BinSensors>, Fault> {
        Err(Fault::Silent)
    }

    async fn release(&self, bin: BinNumber, order: Option<sekisho_wire::CommandId>) -> Result<(), Fault> {
        self.0.release(bin, order).await
    }

    async fn release_master(&self) -> Result<(), Fault> {
        self.0.release_master().await
    }

    async fn lamp(&self, bin: BinNumber, lamp: Lamp) -> Result<(), Fault> {
        self.0.lamp(bin, lamp).await
    }

    fn listen(&self, signals: tokio::sync::mpsc::UnboundedSender<Signal>) {
        self.0.listen(signals);
    }
}
