//! Orders from the server: verified, done at most once, never after their time, and each one ends in a result.
//!
//! signed? → ours? → known already? → in its time? → *intent on disk* → in its time still? → act → *result on disk* → tell

use std::collections::{BTreeMap, VecDeque};
use std::time::Duration;

use sekisho_kernel::{DeviceId, Timestamp};
use sekisho_wire::{Ack, Command, CommandId, CommandKind, CommandResult, EventKind, SignedCommand, Topic};

use super::{BoxLogic, Drive, Effect, Purpose, push_bounded};
use crate::driver::{BinNumber, Fault};
use crate::journal::{Entry, Intent, REMEMBERED, Recovered};

/// A latch that was driven and has not let its door spring open after this long is stuck.
const OPENS_WITHIN: Duration = Duration::from_secs(5);

/// The commands of a box: those under way and those that ended.
#[derive(Debug)]
pub(super) struct Commands {
    device: DeviceId,
    key: [u8; 32],
    under_way: BTreeMap<CommandId, UnderWay>,
    ended: VecDeque<Ack>,
    untold: Vec<CommandId>,
}

#[derive(Debug)]
struct UnderWay {
    command: Command,
    /// Set once the lock was driven: when to give up waiting for the door.
    opens_by: Option<Timestamp>,
}

impl Commands {
    pub(super) fn new(device: DeviceId, key: [u8; 32]) -> Self {
        Self { device, key, under_way: BTreeMap::new(), ended: VecDeque::new(), untold: Vec::new() }
    }

    /// Reads and verifies a payload. `None`: not signed by our tenant, which is nothing to answer.
    fn verified(&self, payload: &[u8]) -> Option<Result<Command, Command>> {
        let signed: SignedCommand = sekisho_wire::decode(payload).ok()?;
        let text = SignedCommand::signed_bytes(&signed.command);
        if !sekisho_crypto::verify_signature(&self.key, &text, &signed.signature) {
            return None;
        }
        let command: Command = sekisho_wire::decode(&signed.command).ok()?;
        Some(if command.device == self.device { Ok(command) } else { Err(command) })
    }

    fn result(&self, command: CommandId) -> Option<&Ack> {
        self.ended.iter().rev().find(|ack| ack.command == command)
    }

    fn end(&mut self, ack: Ack) {
        self.under_way.remove(&ack.command);
        self.untold.push(ack.command);
        push_bounded(&mut self.ended, ack, REMEMBERED);
    }

    /// Results the server has not heard.
    pub(super) fn untold(&self) -> Vec<Ack> {
        self.untold.iter().filter_map(|command| self.result(*command).cloned()).collect()
    }

    /// The server has heard a result. False when it was an interim one.
    pub(super) fn told(&mut self, command: CommandId) -> bool {
        let before = self.untold.len();
        self.untold.retain(|untold| *untold != command);
        self.untold.len() < before
    }

    /// Whether none is under way.
    pub(super) fn are_done(&self) -> bool {
        self.under_way.is_empty()
    }

    pub(super) fn wake_at(&self) -> Option<Timestamp> {
        self.under_way.values().filter_map(|under_way| under_way.opens_by).min()
    }

    pub(super) fn shift(&mut self, shift: &impl Fn(Timestamp) -> Timestamp) {
        for under_way in self.under_way.values_mut() {
            under_way.opens_by = under_way.opens_by.map(shift);
        }
    }
}

impl BoxLogic {
    pub(super) fn command(&mut self, payload: &[u8], now: Timestamp) {
        let command = match self.commands.verified(payload) {
            None => {
                tracing::warn!("a command without our tenant's signature was ignored");
                return;
            }
            // Signed, but for another box: whoever brought it here is not our server. Say nothing.
            Some(Err(command)) => {
                tracing::warn!(command = %command.id, "a command for another device was ignored");
                return;
            }
            Some(Ok(command)) => command,
        };
        if let Some(by_micros) = self.clock.raise_floor(command.not_before) {
            self.shift_deadlines(by_micros);
            self.effects.push(Effect::Record(Entry::Floor(command.not_before)));
        }
        let now = now.max(command.not_before);
        if let Some(ack) = self.commands.result(command.id).cloned() {
            self.acknowledge(&ack);
            return;
        }
        if self.commands.under_way.contains_key(&command.id) {
            self.accepted(command.id, now);
            return;
        }
        if now > command.not_after {
            return self.end(command.id, CommandResult::Expired, now);
        }
        if let Some(code) = self.refusal(&command.kind) {
            return self.end(command.id, CommandResult::Rejected { code: code.to_owned() }, now);
        }
        let bin = match command.kind {
            CommandKind::ReleaseBin { bin, .. } => Some(bin),
            _ => None,
        };
        let id = command.id;
        self.effects.push(Effect::Record(Entry::Intent(Intent { command: id, bin })));
        self.commands.under_way.insert(id, UnderWay { command, opens_by: None });
        self.effects.push(Effect::Proceed(id));
    }

    /// The intent is on disk; act, if there is time left.
    pub(super) fn proceed(&mut self, id: CommandId, now: Timestamp) {
        let Some(under_way) =
            self.commands.under_way.get_mut(&id).filter(|under_way| under_way.opens_by.is_none())
        else {
            return;
        };
        if now > under_way.command.not_after {
            return self.end(id, CommandResult::Expired, now);
        }
        let kind = under_way.command.kind.clone();
        let release_for = Duration::from_secs(self.timeouts().release_s.into());
        match kind {
            CommandKind::ReleaseBin { bin, why, .. } => {
                self.expect_opening(id, now);
                self.bins.release(bin, Purpose::from(why), Some(id), now.plus(release_for));
                self.effects.push(Effect::Drive(Drive::Bin(bin, Some(id))));
                self.accepted(id, now);
            }
            CommandKind::UnlockMaster => {
                self.expect_opening(id, now);
                self.effects.push(Effect::Drive(Drive::Master(id)));
                self.accepted(id, now);
            }
            CommandKind::LightBin { bin, seconds } => {
                self.bins.light(bin, now.plus(Duration::from_secs(seconds.into())));
                self.lamp(bin);
                self.end(id, CommandResult::Succeeded, now);
            }
            CommandKind::DisableBin { bin } => self.enable(bin, false, id, now),
            CommandKind::EnableBin { bin } => self.enable(bin, true, id, now),
            CommandKind::Reboot => {
                self.end(id, CommandResult::Succeeded, now);
                self.effects.push(Effect::Restart);
            }
            CommandKind::RenewCertificate => {
                self.end(id, CommandResult::Succeeded, now);
                self.effects.push(Effect::RenewCertificate);
            }
            CommandKind::Update { rollout, image } => {
                self.effects.push(Effect::Update { command: id, rollout, image });
            }
            CommandKind::Unknown => {
                self.end(id, CommandResult::Rejected { code: "not_understood".to_owned() }, now);
            }
        }
    }

    /// An update is worked on from now on, whatever happens to the power.
    pub(super) fn update_listed(&mut self, command: CommandId, listed: bool, now: Timestamp) {
        let result = match listed {
            true => CommandResult::Succeeded,
            false => CommandResult::Failed { code: "disk".to_owned() },
        };
        self.end(command, result, now);
    }

    pub(super) fn driven(&mut self, drive: Drive, result: Result<(), Fault>, now: Timestamp) {
        let Err(fault) = result else { return };
        let code = match fault {
            Fault::NoSuchBin(_) => "unknown_bin",
            Fault::Silent | Fault::NoPicture(_) => "silent",
            Fault::NoPower => "no_power",
        };
        tracing::warn!(%fault, "a lock could not be driven");
        match drive {
            Drive::Bin(bin, command) => self.did_not_open(bin, command, code, now),
            Drive::Master(command) => self.end(command, CommandResult::Failed { code: code.to_owned() }, now),
        }
    }

    /// The door opened that a command was waiting for.
    pub(super) fn opened_for(&mut self, command: CommandId, now: Timestamp) {
        if self.commands.under_way.contains_key(&command) {
            self.end(command, CommandResult::Succeeded, now);
        }
    }

    /// The main door opened. The command that asked for it, if one did.
    pub(super) fn master_opened(&mut self, now: Timestamp) -> Option<CommandId> {
        let asked = self
            .commands
            .under_way
            .values()
            .find(|under_way| {
                matches!(under_way.command.kind, CommandKind::UnlockMaster) && under_way.opens_by.is_some()
            })
            .map(|under_way| under_way.command.id);
        if let Some(command) = asked {
            self.opened_for(command, now);
        }
        asked
    }

    /// Ends what lost power in the middle. The lock is never driven again: a door that opened meanwhile proves that it was,
    /// and nothing proves that it was not.
    pub(super) fn resume_commands(&mut self, recovered: Recovered, now: Timestamp) {
        self.commands.untold = recovered.untold;
        self.commands.ended = recovered.done.into();
        for Intent { command, bin } in recovered.begun {
            let was_open = |bin: &BinNumber| recovered.bins.get(bin).is_some_and(|bin| bin.open);
            let open = bin.is_some_and(|bin| self.bins.stands_open(bin) && !was_open(&bin));
            if let Some(bin) = bin.filter(|_| open) {
                self.bins.opened_before(bin, command);
            }
            self.end(command, if open { CommandResult::Succeeded } else { CommandResult::Unknown }, now);
        }
    }

    pub(super) fn command_deadlines(&mut self, now: Timestamp) {
        let stuck: Vec<_> = self
            .commands
            .under_way
            .values()
            .filter(|under_way| under_way.opens_by.is_some_and(|by| now >= by))
            .map(|under_way| under_way.command.clone())
            .collect();
        for command in stuck {
            match command.kind {
                CommandKind::ReleaseBin { bin, .. } => {
                    self.did_not_open(bin, Some(command.id), "jammed", now)
                }
                _ => self.end(command.id, CommandResult::Failed { code: "jammed".to_owned() }, now),
            }
        }
    }

    /// A released bin stayed closed.
    pub(super) fn did_not_open(
        &mut self,
        bin: BinNumber,
        command: Option<CommandId>,
        code: &str,
        now: Timestamp,
    ) {
        self.happened(EventKind::BinJammed { bin, command }, now);
        if let Some(command) = command {
            self.end(command, CommandResult::Failed { code: code.to_owned() }, now);
        }
        self.bin_stuck(bin, now);
    }

    fn refusal(&self, kind: &CommandKind) -> Option<&'static str> {
        match *kind {
            CommandKind::Unknown => Some("not_understood"),
            CommandKind::Update { .. } if self.program.hardware.is_none() => Some("not_updatable"),
            CommandKind::ReleaseBin { bin, .. } if self.bins.get(bin).is_none() => Some("unknown_bin"),
            CommandKind::ReleaseBin { bin, why, .. }
                if !self.in_use(bin) && Purpose::from(why) != Purpose::Manage =>
            {
                Some("disabled")
            }
            CommandKind::LightBin { bin, .. }
            | CommandKind::DisableBin { bin }
            | CommandKind::EnableBin { bin } => self.bins.get(bin).is_none().then_some("unknown_bin"),
            _ => None,
        }
    }

    fn enable(&mut self, bin: BinNumber, enabled: bool, id: CommandId, now: Timestamp) {
        if let Some(config) = &mut self.config {
            if let Some(bin) = config.bins.iter_mut().find(|config| config.number == bin) {
                bin.enabled = enabled;
            }
            self.effects.push(Effect::SaveConfig(config.clone()));
        }
        self.end(id, CommandResult::Succeeded, now);
    }

    fn expect_opening(&mut self, id: CommandId, now: Timestamp) {
        if let Some(under_way) = self.commands.under_way.get_mut(&id) {
            under_way.opens_by = Some(now.plus(OPENS_WITHIN));
        }
    }

    fn accepted(&mut self, id: CommandId, now: Timestamp) {
        if self.link {
            let ack = Ack { command: id, result: CommandResult::Accepted, at: now };
            self.effects.push(Effect::Publish(Topic::Ack(id), sekisho_wire::encode(&ack)));
        }
    }

    fn end(&mut self, command: CommandId, result: CommandResult, at: Timestamp) {
        let ack = Ack { command, result, at };
        self.effects.push(Effect::Record(Entry::Done(ack.clone())));
        self.commands.end(ack.clone());
        self.acknowledge(&ack);
    }
}
