//! The bins: what hangs where, which door stands open and why, and what is wrong with it.

use std::collections::BTreeMap;
use std::time::Duration;

use sekisho_kernel::Timestamp;
use sekisho_wire::{CommandId, EventKind, ReleaseReason};

use super::{BoxLogic, Effect, conversation::Happening};
use crate::driver::{BinNumber, BinSensors, Lamp, Signal};
use crate::journal::{BinMemory, Intent, Recovered};

/// What a bin was opened for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Purpose {
    /// A key is taken out.
    Take,
    /// A key is put back.
    Return,
    /// Stock is taken, or a manager opens it.
    Manage,
}

impl From<ReleaseReason> for Purpose {
    fn from(reason: ReleaseReason) -> Self {
        match reason {
            ReleaseReason::Take => Self::Take,
            ReleaseReason::Return => Self::Return,
            ReleaseReason::Inventory | ReleaseReason::Manager | ReleaseReason::Unknown => Self::Manage,
        }
    }
}

/// Why and since when a bin may open or stands open.
#[derive(Clone, Copy, Debug)]
pub(super) struct Release {
    pub(super) purpose: Purpose,
    pub(super) command: Option<CommandId>,
    /// Unused until then, it lapses: a door that opens later was forced.
    until: Timestamp,
}

/// One bin.
#[derive(Debug, Default)]
pub(super) struct Bin {
    pub(super) closed: bool,
    pub(super) occupied: bool,
    pub(super) fob: Option<String>,
    pub(super) release: Option<Release>,
    open_since: Option<Timestamp>,
    pub(super) forced: bool,
    pub(super) left_open: bool,
    lit_until: Option<Timestamp>,
}

impl Bin {
    pub(super) fn lamp(&self) -> Lamp {
        if self.forced || self.left_open {
            Lamp::Alarm
        } else if !self.closed && self.release.is_none_or(|release| self.settled(release.purpose)) {
            Lamp::Close
        } else if !self.closed || self.release.is_some() || self.lit_until.is_some() {
            Lamp::Here
        } else {
            Lamp::Off
        }
    }

    /// Whether what the bin was opened for has been done.
    fn settled(&self, purpose: Purpose) -> bool {
        match purpose {
            Purpose::Take => !self.occupied,
            Purpose::Return => self.occupied,
            Purpose::Manage => false,
        }
    }
}

/// All bins of the box.
#[derive(Debug, Default)]
pub(super) struct Bins {
    bins: BTreeMap<BinNumber, Bin>,
}

impl Bins {
    /// Takes over what the sensors say, at the start.
    pub(super) fn look(&mut self, sensors: &BTreeMap<BinNumber, BinSensors>, now: Timestamp) {
        let bin = |sensors: &BinSensors| Bin {
            closed: sensors.closed,
            occupied: sensors.occupied,
            fob: sensors.fob.clone(),
            open_since: (!sensors.closed).then_some(now),
            ..Bin::default()
        };
        self.bins = sensors.iter().map(|(number, sensors)| (*number, bin(sensors))).collect();
    }

    /// How the bins stand, for the journal.
    pub(super) fn memory(&self) -> BTreeMap<BinNumber, BinMemory> {
        let memory = |bin: &Bin| BinMemory {
            open: !bin.closed,
            command: bin.release.filter(|_| !bin.closed).and_then(|release| release.command),
            occupied: bin.occupied,
            fob: bin.fob.clone(),
        };
        self.iter().map(|(number, bin)| (number, memory(bin))).collect()
    }

    pub(super) fn get(&self, number: BinNumber) -> Option<&Bin> {
        self.bins.get(&number)
    }

    pub(super) fn iter(&self) -> impl Iterator<Item = (BinNumber, &Bin)> {
        self.bins.iter().map(|(number, bin)| (*number, bin))
    }

    pub(super) fn stands_open(&self, number: BinNumber) -> bool {
        self.get(number).is_some_and(|bin| !bin.closed)
    }

    /// Whether every bin is closed and none is about to open.
    pub(super) fn are_closed(&self) -> bool {
        self.iter().all(|(_, bin)| bin.closed && bin.release.is_none())
    }

    pub(super) fn lamps(&self) -> Vec<(BinNumber, Lamp)> {
        self.iter().map(|(number, bin)| (number, bin.lamp())).collect()
    }

    /// From now until `until` the bin may open.
    pub(super) fn release(
        &mut self,
        number: BinNumber,
        purpose: Purpose,
        command: Option<CommandId>,
        until: Timestamp,
    ) {
        if let Some(bin) = self.bins.get_mut(&number) {
            bin.release = Some(Release { purpose, command, until });
        }
    }

    /// The bin was found open at the start, and this command had been about to open it.
    pub(super) fn opened_before(&mut self, number: BinNumber, command: CommandId) {
        if let Some(bin) = self.bins.get_mut(&number) {
            bin.release = Some(Release {
                purpose: Purpose::Manage,
                command: Some(command),
                until: Timestamp::FAR_FUTURE,
            });
        }
    }

    pub(super) fn light(&mut self, number: BinNumber, until: Timestamp) {
        if let Some(bin) = self.bins.get_mut(&number) {
            bin.lit_until = Some(until);
        }
    }

    pub(super) fn wake_at(&self, left_open_after: Duration) -> Option<Timestamp> {
        let of = |bin: &Bin| {
            let lapse = bin
                .release
                .filter(|_| bin.closed)
                .map(|release| release.until.plus(Duration::from_millis(1)));
            let alarm = bin.open_since.filter(|_| !bin.left_open).map(|since| since.plus(left_open_after));
            [lapse, alarm, bin.lit_until].into_iter().flatten().min()
        };
        self.bins.values().filter_map(of).min()
    }

    pub(super) fn shift(&mut self, shift: &impl Fn(Timestamp) -> Timestamp) {
        for bin in self.bins.values_mut() {
            bin.open_since = bin.open_since.map(shift);
            bin.lit_until = bin.lit_until.map(shift);
            if let Some(release) = &mut bin.release {
                release.until = shift(release.until);
            }
        }
    }
}

impl BoxLogic {
    /// Doors moved and keys hung otherwise while the agent was down: told now, as far as the sensors show it. A key that
    /// left a bin that a command had opened, or was about to open, left it under that command.
    pub(super) fn tell_what_nobody_watched(&mut self, recovered: &Recovered, now: Timestamp) {
        for (number, before) in &recovered.bins {
            let (number, begun) = (*number, |intent: &&Intent| intent.bin == Some(*number));
            let begun = recovered.begun.iter().find(begun).map(|intent| intent.command);
            let Some(bin) = self.bins.get(number) else { continue };
            let (closed, fob) = (bin.closed, bin.fob.clone());
            let fob_changed = (bin.occupied, &bin.fob) != (before.occupied, &before.fob);
            let occupied = bin.occupied;
            let command = if before.open { before.command } else { begun };
            if !before.open && !closed {
                let kind = match command {
                    Some(_) => EventKind::BinOpened { bin: number, command },
                    None => EventKind::BinForced { bin: number },
                };
                self.happened(kind, now);
            }
            if fob_changed && before.occupied {
                let kind = EventKind::KeyRemoved { bin: number, fob: before.fob.clone(), command };
                self.happened(kind, now);
            }
            if fob_changed && occupied {
                let kind = match fob {
                    Some(fob) => EventKind::KeyInserted { bin: number, fob, command },
                    None => EventKind::KeyUnknown { bin: number, fob: None },
                };
                self.happened(kind, now);
            }
            if before.open && closed {
                self.happened(EventKind::BinClosed { bin: number, command }, now);
            } else if let Some(command) = command.filter(|_| !closed) {
                self.bins.opened_before(number, command);
            }
        }
    }

    pub(super) fn signal(&mut self, signal: Signal, now: Timestamp) {
        match signal {
            Signal::BinOpened(bin) => self.bin_opened(bin, now),
            Signal::BinClosed(bin) => self.bin_closed(bin, now),
            Signal::FobSeen(bin, fob) => self.fob_seen(bin, fob, now),
            Signal::FobGone(bin) => self.fob_gone(bin, now),
            Signal::Master(open) => {
                self.door_open = open;
                let kind = if open {
                    EventKind::DoorOpened { command: self.master_opened(now) }
                } else {
                    EventKind::DoorClosed
                };
                self.happened(kind, now);
            }
            Signal::Tamper(on) => {
                self.tamper = on;
                self.happened(if on { EventKind::TamperOn } else { EventKind::TamperOff }, now);
            }
            Signal::Power(on) => {
                self.mains = on;
                self.heartbeat_at = now;
                self.happened(if on { EventKind::PowerRestored } else { EventKind::PowerLost }, now);
            }
            Signal::Battery(percent) => {
                let low = |percent: Option<u8>| percent.is_some_and(|percent| percent <= 20);
                if low(Some(percent)) && !low(self.battery) {
                    self.happened(EventKind::BatteryLow { percent }, now);
                }
                self.battery = Some(percent);
            }
            Signal::Badge(serial) => self.badge(serial, now),
            Signal::FobAtReader(fob) => self.begin_return(Some(fob), None, now),
        }
    }

    fn bin_opened(&mut self, number: BinNumber, now: Timestamp) {
        let door_open = self.door_open;
        let Some(bin) = self.bins.bins.get_mut(&number) else { return };
        bin.closed = false;
        bin.open_since = Some(now);
        let release = bin.release.filter(|release| now <= release.until);
        bin.release = release;
        bin.forced = release.is_none() && !door_open;
        match release {
            Some(Release { command, .. }) => {
                self.happened(EventKind::BinOpened { bin: number, command }, now);
                if let Some(command) = command {
                    self.opened_for(command, now);
                }
                self.tell_panel(Happening::Opened(number), now);
            }
            None if door_open => self.happened(EventKind::BinOpened { bin: number, command: None }, now),
            None => self.happened(EventKind::BinForced { bin: number }, now),
        }
        self.lamp(number);
    }

    fn bin_closed(&mut self, number: BinNumber, now: Timestamp) {
        let Some(bin) = self.bins.bins.get_mut(&number) else { return };
        let command = bin.release.take().and_then(|release| release.command);
        bin.closed = true;
        bin.open_since = None;
        bin.left_open = false;
        bin.forced = false;
        self.happened(EventKind::BinClosed { bin: number, command }, now);
        self.tell_panel(Happening::Closed(number), now);
        self.lamp(number);
    }

    fn fob_seen(&mut self, number: BinNumber, fob: Option<String>, now: Timestamp) {
        let Some(bin) = self.bins.bins.get_mut(&number) else { return };
        bin.occupied = true;
        bin.fob.clone_from(&fob);
        let command = bin.release.and_then(|release| release.command);
        let kind = match fob.clone() {
            Some(fob) => EventKind::KeyInserted { bin: number, fob, command },
            None => EventKind::KeyUnknown { bin: number, fob: None },
        };
        self.happened(kind, now);
        self.tell_panel(Happening::PutIn(number, fob), now);
        self.lamp(number);
    }

    fn fob_gone(&mut self, number: BinNumber, now: Timestamp) {
        let Some(bin) = self.bins.bins.get_mut(&number) else { return };
        bin.occupied = false;
        let fob = bin.fob.take();
        let command = bin.release.and_then(|release| release.command);
        self.happened(EventKind::KeyRemoved { bin: number, fob, command }, now);
        self.tell_panel(Happening::TakenOut(number), now);
        self.lamp(number);
    }

    pub(super) fn lamp(&mut self, number: BinNumber) {
        if let Some(bin) = self.bins.get(number) {
            let lamp = bin.lamp();
            self.effects.push(Effect::Lamp(number, lamp));
        }
    }

    /// A released bin stayed closed; it may not open any more.
    pub(super) fn bin_stuck(&mut self, number: BinNumber, now: Timestamp) {
        if let Some(bin) = self.bins.bins.get_mut(&number) {
            bin.release = None;
        }
        self.tell_panel(Happening::Stuck(number), now);
        self.lamp(number);
    }

    /// Whether a bin is in use; one the set-up does not mention is.
    pub(super) fn in_use(&self, number: BinNumber) -> bool {
        let config =
            self.config.as_ref().and_then(|config| config.bins.iter().find(|bin| bin.number == number));
        config.is_none_or(|bin| bin.enabled)
    }

    /// Where a key can be hung without the server's advice: its own bin, else one that is nobody's home, else any empty one.
    pub(super) fn empty_bin_for(&self, fob: Option<&str>) -> Option<BinNumber> {
        let home_of = |number: BinNumber| {
            let config = self.config.as_ref()?.bins.iter().find(|bin| bin.number == number)?;
            config.fob.as_deref().or(config.key.map(|_| ""))
        };
        self.bins
            .iter()
            .filter(|(number, bin)| {
                bin.closed && !bin.occupied && bin.release.is_none() && self.in_use(*number)
            })
            .map(|(number, _)| number)
            .min_by_key(|number| match home_of(*number) {
                Some(home) if Some(home) == fob => 0,
                None => 1,
                Some(_) => 2,
            })
    }

    pub(super) fn left_open_after(&self) -> Duration {
        Duration::from_secs(self.timeouts().left_open_s.max(5).into())
    }

    pub(super) fn bin_deadlines(&mut self, now: Timestamp) {
        let left_open_after = self.left_open_after();
        let (mut relit, mut left_open, mut lapsed) = (Vec::new(), Vec::new(), Vec::new());
        for (number, bin) in &mut self.bins.bins {
            if bin.closed
                && let Some(release) = bin.release.take_if(|release| now > release.until)
            {
                lapsed.push((*number, release));
            }
            if bin.lit_until.take_if(|until| now >= *until).is_some() {
                relit.push(*number);
            }
            if let Some(since) =
                bin.open_since.filter(|since| !bin.left_open && now.since(*since) >= left_open_after)
            {
                bin.left_open = true;
                let seconds = u32::try_from(now.since(since).as_secs()).unwrap_or(u32::MAX);
                left_open.push((*number, seconds));
            }
        }
        for (bin, seconds) in left_open {
            self.happened(EventKind::BinLeftOpen { bin, seconds }, now);
            relit.push(bin);
        }
        for (bin, release) in lapsed {
            // A command's bin is reported where the command ends; a return the box decided on itself ends here.
            if release.command.is_none() {
                self.did_not_open(bin, None, "jammed", now);
            }
            relit.push(bin);
        }
        for bin in relit {
            self.lamp(bin);
        }
    }
}
