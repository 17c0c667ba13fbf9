//! What the store says, held against what everybody else saw.

use std::collections::{BTreeMap, HashMap, HashSet};
use std::time::Duration;

use sea_orm::ColumnTrait as _;
use sekisho_agent::driver::SimulatedDriver;
use sekisho_agent::journal::Journal;
use sekisho_crypto::sha256;
use sekisho_devices::CommandState;
use sekisho_devices::tables::{devices_commands, devices_devices, devices_events};
use sekisho_kernel::DeviceId;
use sekisho_keys::tables::words::LoanState;
use sekisho_keys::tables::{bins, groups, keys, loans, openings};
use sekisho_storage::Scoped as _;
use sekisho_wire::Event;
use tokio::process::Command;
use uuid::Uuid;

use super::company::{Company, OurBox};
use super::flood::Told;
use super::programs::{Acts, Export};

/// Waits until no command is open and the server holds every event of every box.
pub async fn everything_settles(company: &Company, within: Duration) {
    let mut last = String::new();
    let settled = async {
        let mut look = tokio::time::interval(Duration::from_millis(100));
        loop {
            look.tick().await;
            last = unsettled(company).await;
            if last.is_empty() {
                return;
            }
        }
    };
    let settled = tokio::time::timeout(within, settled).await;
    assert!(settled.is_ok(), "not everything settled: {last}");
}

async fn unsettled(company: &Company) -> String {
    let scope = company.fresh.store.read(company.tenant).await.unwrap();
    let open = scope.find::<devices_commands::Entity>();
    let open = open.filter(devices_commands::Column::SettledAt.is_null()).count().await.unwrap();
    if open > 0 {
        return format!("{open} commands are open");
    }
    for row in scope.find::<devices_devices::Entity>().all().await.unwrap() {
        let Some(one) = company.boxes.iter().find(|one| one.device == row.id) else { continue };
        let journal = Journal::peek(&one.home.journal()).unwrap();
        if journal.unsent() > 0 || i64::try_from(journal.last_seq()).unwrap() != row.event_seq {
            return format!("{}: at {}, server at {}", row.name, journal.last_seq(), row.event_seq);
        }
    }
    String::new()
}

/// All that matters of the store, after the last server has stopped.
pub struct Store<'a> {
    company: &'a Company,
    devices: Vec<devices_devices::Model>,
    events: HashMap<DeviceId, Vec<devices_events::Model>>,
    commands: HashMap<Uuid, devices_commands::Model>,
    openings: Vec<openings::Model>,
    groups: Vec<groups::Model>,
    keys: Vec<keys::Model>,
    bins: Vec<bins::Model>,
    loans: Vec<loans::Model>,
}

impl<'a> Store<'a> {
    pub async fn read(company: &'a Company) -> Self {
        let scope = company.fresh.store.read(company.tenant).await.unwrap();
        let mut events: HashMap<DeviceId, Vec<devices_events::Model>> = HashMap::new();
        for row in scope.find::<devices_events::Entity>().all().await.unwrap() {
            events.entry(row.device_id).or_default().push(row);
        }
        for rows in events.values_mut() {
            rows.sort_by_key(|row| (row.epoch, row.seq));
        }
        let commands = scope.find::<devices_commands::Entity>().all().await.unwrap();
        Self {
            company,
            devices: scope.find::<devices_devices::Entity>().all().await.unwrap(),
            events,
            commands: commands.into_iter().map(|row| (row.id, row)).collect(),
            openings: scope.find::<openings::Entity>().all().await.unwrap(),
            groups: scope.find::<groups::Entity>().all().await.unwrap(),
            keys: scope.find::<keys::Entity>().all().await.unwrap(),
            bins: scope.find::<bins::Entity>().all().await.unwrap(),
            loans: scope.find::<loans::Entity>().all().await.unwrap(),
        }
    }

    /// Every event whose acknowledgement a device saw is there, with its contents, once.
    pub fn holds_every_acknowledged_event_once(&self, told: &[Told]) {
        for Told { device, acknowledged } in told {
            let mut kept: HashMap<u64, Vec<&[u8]>> = HashMap::new();
            for row in &self.events[device] {
                kept.entry(u64::try_from(row.seq).unwrap()).or_default().push(&row.hash);
            }
            for (seq, hash) in acknowledged {
                let found = kept.get(seq).map(Vec::as_slice).unwrap_or_default();
                assert_eq!(found, [hash.as_slice()], "event {seq} of {device} was acknowledged");
            }
        }
    }

    /// The events of each device are one unbroken chain from the first to the last, which is the last of its journal.
    pub fn holds_the_journal_of_every_box(&self) {
        for device in &self.devices {
            let rows = self.events.get(&device.id).map(Vec::as_slice).unwrap_or_default();
            let mut before = sekisho_wire::GENESIS;
            for (due, row) in (1..).zip(rows) {
                assert_eq!((row.epoch, row.seq), (1, due), "{}: each number once, in order", device.name);
                let event: Event = sekisho_wire::decode(&row.payload).unwrap();
                assert_eq!(event.prev, before, "{} event {due}: joins the one before", device.name);
                before = sha256(&row.payload);
                assert_eq!(row.hash, before, "{} event {due}", device.name);
            }
            assert_eq!(device.event_seq, i64::try_from(rows.len()).unwrap(), "{}", device.name);
            let Some(one) = self.company.boxes.iter().find(|one| one.device == device.id) else { continue };
            self.agrees(one, rows.len() as u64, before);
        }
    }

    /// The server's last event is the one of that number in the journal. Since everything was quiet the box may have noted
    /// some more; what it believes to be acknowledged is here.
    fn agrees(&self, one: &OurBox, held: u64, hash: [u8; 32]) {
        let (journal, recovered) = Journal::open(&one.home.journal()).unwrap();
        let waiting = journal.waiting(0, usize::MAX);
        let acknowledged = journal.last_seq() - waiting.len() as u64;
        assert!(
            (acknowledged..=journal.last_seq()).contains(&held),
            "box {}: {held} of {acknowledged}",
            one.number
        );
        let here = if held == acknowledged {
            let next =
                waiting.first().map(|(_, payload)| sekisho_wire::decode::<Event>(payload).unwrap().prev);
            next.unwrap_or(journal.head())
        } else {
            let payload = waiting.iter().find(|(seq, _)| *seq == held).map(|(_, payload)| payload);
            sha256(payload.unwrap())
        };
        assert_eq!(here, hash, "box {}: box and server tell the same story", one.number);
        assert_eq!(recovered.begun, [], "box {}", one.number);
    }

    /// The steel remembers each time a latch was driven: for a command that was committed, at most once, in its time; and
    /// what the server believes of the command is what happened.
    pub fn no_command_opened_twice_or_too_late(&self, drivers: &[SimulatedDriver]) {
        let mut driven: HashMap<Uuid, usize> = HashMap::new();
        for driver in drivers {
            for opening in driver.cabinet().openings {
                let Some(order) = opening.order else { continue };
                let command =
                    self.commands.get(&order.uuid()).expect("a bin opened for a command nobody committed");
                assert!(
                    opening.at <= command.not_after,
                    "bin {} opened after {}",
                    opening.bin,
                    command.not_after
                );
                *driven.entry(command.id).or_default() += 1;
            }
        }
        let mut states: BTreeMap<&str, usize> = BTreeMap::new();
        for command in self.commands.values() {
            let times = driven.get(&command.id).copied().unwrap_or(0);
            *states.entry(command.state.word()).or_default() += 1;
            let right = match command.state {
                CommandState::Succeeded => times == 1,
                CommandState::Rejected | CommandState::Expired => times == 0,
                _ => times <= 1,
            };
            assert!(
                right,
                "command {} is {}, and its bin was driven {times} times",
                command.id,
                command.state.word()
            );
        }
        println!("commands: {states:?}, latches driven for them: {}", driven.len());
        assert!(driven.len() > 10, "too little was opened to prove anything");
    }

    /// What a program was told is there, once; what it was not told is there once or not at all.
    pub fn holds_every_act_once(&self, acts: &Acts) {
        let made: HashSet<Uuid> = self.openings.iter().map(|row| row.id).collect();
        for command in &acts.openings {
            assert!(
                made.contains(command) && self.commands.contains_key(command),
                "opening {command} was answered"
            );
        }
        let reasons = count(self.openings.iter().map(|row| row.reason.as_str()));
        let names = count(self.groups.iter().map(|row| row.name.as_str()));
        assert!(reasons.values().chain(names.values()).all(|times| *times == 1), "an act was done twice");
        for name in &acts.groups {
            assert!(names.contains_key(name.as_str()), "group {name} was answered");
        }
        let known = acts.openings.len() + acts.lost_openings.len();
        assert!(self.openings.len() <= known, "more bins were opened than anybody asked for");
        assert!(self.groups.len() <= acts.groups.len() + acts.lost_groups.len());
    }

    /// The book says of every key what is so: it hangs in the bin it hangs in, and who took it has it on loan.
    pub fn custody_is_what_hangs_there(&self, drivers: &[SimulatedDriver]) {
        let mut hanging = HashMap::new();
        let mut in_hand = HashSet::new();
        for (one, driver) in self.company.boxes.iter().zip(drivers) {
            let cabinet = driver.cabinet();
            for (number, compartment) in cabinet.bins {
                if let Some(fob) = compartment.fob {
                    hanging.insert(fob, (one.id, i64::from(number)));
                }
            }
            in_hand.extend(cabinet.hand);
        }
        assert_eq!(hanging.len() + in_hand.len(), self.keys.len(), "no fob is lost");
        for key in &self.keys {
            let fob = key.fob.as_deref().unwrap();
            let booked = key.bin_id.map(|bin| {
                let bin = self.bins.iter().find(|row| row.id == bin).unwrap();
                (bin.box_id, bin.number)
            });
            assert_eq!(booked, hanging.get(fob).copied(), "{} by the book and in truth", key.name);
            let out: Vec<_> = self
                .loans
                .iter()
                .filter(|loan| loan.key_id == key.id && loan.state == LoanState::Out)
                .collect();
            assert_eq!(out.len(), usize::from(in_hand.contains(fob)), "{} on loan", key.name);
            assert!(out.iter().all(|loan| loan.person_id.is_some()), "{}: nobody knows who has it", key.name);
        }
    }
}

fn count<'a>(words: impl Iterator<Item = &'a str>) -> HashMap<&'a str, usize> {
    let mut counted = HashMap::new();
    words.for_each(|word| *counted.entry(word).or_default() += 1);
    counted
}

/// `sekisho audit verify` on the export, with the checkpoints that were kept during the storm.
pub async fn record_verifies(company: &Company, export: &Export, kept: &[String]) {
    let mut verify = Command::new(env!("CARGO_BIN_EXE_sekisho"));
    verify.args(["--json", "audit", "verify"]).arg(&export.file).args(["--key", &export.key]);
    for (number, note) in kept.iter().enumerate() {
        let file = company.folder.path().join(format!("kept{number}"));
        std::fs::write(&file, note).unwrap();
        verify.arg("--kept").arg(file);
    }
    let verified = verify.output().await.unwrap();
    let said = String::from_utf8_lossy(&verified.stdout);
    assert!(verified.status.success(), "{said}{}", String::from_utf8_lossy(&verified.stderr));
    println!("{}", said.trim());
}
