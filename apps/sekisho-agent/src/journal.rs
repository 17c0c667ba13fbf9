//! What a box must not forget: events the server does not have yet, commands it began and finished, and the latest time a
//! signed order proved. Everything is on disk before the box goes on; nothing here names a person or holds a code.

mod frames;

use std::collections::{BTreeMap, VecDeque};
use std::io;
use std::path::Path;

use minicbor::{Decode, Encode};
use sekisho_crypto::sha256;
use sekisho_kernel::Timestamp;
use sekisho_wire::{Ack, BinNumber, CommandId, Event, EventKind, GENESIS, Sync};

use frames::Frames;
pub use frames::Room;

/// How many finished commands are remembered; a copy of any of them gets the first result.
pub const REMEMBERED: usize = 1024;
/// How many events wait for the server at most. A box cut off for longer forgets its oldest, and the server sees the gap.
const MOST_EVENTS: usize = 50_000;
/// A journal smaller than this is not worth rewriting.
const SMALL: u64 = 256 * 1024;

/// One thing to be remembered.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Entry {
    /// Something happened; it gets the next number and is sent until the server has it.
    Happened {
        /// When.
        at: Timestamp,
        /// What.
        kind: EventKind,
    },
    /// A command is about to be acted on.
    Intent(Intent),
    /// A command has ended.
    Done(Ack),
    /// The server knows how a command ended.
    Told(CommandId),
    /// The server holds every event up to this number.
    Acknowledged(u64),
    /// A signed order proved that it is at least this late.
    Floor(Timestamp),
    /// How the bins stand as the box begins to watch them.
    Bins(BTreeMap<BinNumber, BinMemory>),
}

impl Entry {
    /// Whether this becomes an event with a number. One that the server could never read does not: it would be sent again
    /// for ever, and everything after it would wait behind it.
    pub fn takes_a_number(&self) -> bool {
        let Self::Happened { at, kind } = self else { return false };
        let event = Event { seq: u64::MAX, at: *at, prev: GENESIS, kind: kind.clone() };
        sekisho_wire::decode::<Event>(&sekisho_wire::encode(&event)).is_ok()
    }
}

/// How a bin stood when the box last told of it. What differs at the next start happened while nobody watched.
#[derive(Clone, Debug, Default, PartialEq, Eq, Encode, Decode)]
pub struct BinMemory {
    /// The door was open.
    #[n(0)]
    pub open: bool,
    /// For this command.
    #[n(1)]
    pub command: Option<CommandId>,
    /// Something hung in it.
    #[n(2)]
    pub occupied: bool,
    /// Its fob, when it could be read.
    #[n(3)]
    pub fob: Option<String>,
}

/// A command that is about to be acted on.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Encode, Decode)]
pub struct Intent {
    /// Which command.
    #[n(0)]
    pub command: CommandId,
    /// The bin it is about to open, when it is about one.
    #[n(1)]
    pub bin: Option<BinNumber>,
}

/// What a journal held when it was opened.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Recovered {
    /// Commands begun and never finished: the box lost power in between.
    pub begun: Vec<Intent>,
    /// Finished commands, oldest first.
    pub done: Vec<Ack>,
    /// Those of them the server has not heard of.
    pub untold: Vec<CommandId>,
    /// The latest time a signed order proved.
    pub floor: Timestamp,
    /// Whether the box has run before.
    pub ran_before: bool,
    /// How the bins stood when the box last told of them.
    pub bins: BTreeMap<BinNumber, BinMemory>,
}

impl Recovered {
    /// Follows the bins through an event.
    fn follow(&mut self, kind: EventKind) {
        match kind {
            EventKind::BinOpened { bin, command } => {
                let bin = self.bins.entry(bin).or_default();
                (bin.open, bin.command) = (true, command);
            }
            EventKind::BinForced { bin } => self.bins.entry(bin).or_default().open = true,
            EventKind::BinClosed { bin, .. } => {
                let bin = self.bins.entry(bin).or_default();
                (bin.open, bin.command) = (false, None);
            }
            EventKind::KeyRemoved { bin, .. } => {
                let bin = self.bins.entry(bin).or_default();
                (bin.occupied, bin.fob) = (false, None);
            }
            EventKind::KeyInserted { bin, fob, .. } => {
                let bin = self.bins.entry(bin).or_default();
                (bin.occupied, bin.fob) = (true, Some(fob));
            }
            EventKind::KeyUnknown { bin, fob } => {
                let bin = self.bins.entry(bin).or_default();
                (bin.occupied, bin.fob) = (true, fob);
            }
            _ => {}
        }
    }
}

/// How a record stands on disk.
#[derive(Clone, Debug, Encode, Decode)]
enum Record {
    #[n(1)]
    Event(#[cbor(n(0), with = "minicbor::bytes")] Vec<u8>),
    #[n(2)]
    Intent(#[n(0)] Intent),
    #[n(3)]
    Done(#[n(0)] Ack),
    #[n(4)]
    Told(#[n(0)] CommandId),
    #[n(5)]
    Acknowledged(#[n(0)] u64),
    /// The chain goes on behind this event, which the server holds.
    #[n(6)]
    Behind(#[n(0)] Sync),
    #[n(7)]
    Floor(#[n(0)] i64),
    #[n(8)]
    Bins(#[n(0)] BTreeMap<BinNumber, BinMemory>),
}

/// The journal, open.
#[derive(Debug)]
pub struct Journal {
    frames: Frames,
    /// The event before the oldest we hold.
    base: Sync,
    /// Events the server does not have yet, oldest first, as they are published.
    events: VecDeque<Vec<u8>>,
    /// The hash of the newest event.
    head: [u8; 32],
    memory: Recovered,
    rewritten: u64,
}

impl Journal {
    /// Opens or creates the journal at `path`.
    pub fn open(path: &Path) -> io::Result<(Self, Recovered)> {
        let (frames, records) = Frames::open(path)?;
        let journal = Self::on(frames).replayed(&records);
        let recovered = journal.recovered();
        Ok((journal, recovered))
    }

    /// Takes no more room than this from now on; then the disk counts as full.
    pub fn limit(&mut self, room: Room) {
        self.frames.limit(room);
    }

    /// What the journal at `path` holds by now, read beside the agent that writes it: for those who look at a box from
    /// outside.
    pub fn peek(path: &Path) -> io::Result<Self> {
        Ok(Self::in_memory().replayed(&Frames::peek(path)?))
    }

    fn replayed(mut self, records: &[Vec<u8>]) -> Self {
        self.memory.ran_before = !records.is_empty();
        for record in records {
            match minicbor::decode(record) {
                Ok(record) => self.apply(record),
                // A record this version has no word for was written by a newer one; the rest still counts.
                Err(error) => tracing::warn!(%error, "skipped a record of the journal"),
            }
        }
        self
    }

    /// A journal that is forgotten with the process: for simulated fleets.
    pub fn in_memory() -> Self {
        Self::on(Frames::in_memory())
    }

    /// What a box that starts now has to know.
    pub fn recovered(&self) -> Recovered {
        self.memory.clone()
    }

    fn on(frames: Frames) -> Self {
        Self {
            frames,
            base: Sync { last_seq: 0, hash: GENESIS },
            events: VecDeque::new(),
            head: GENESIS,
            memory: Recovered::default(),
            rewritten: 0,
        }
    }

    /// Remembers all of this, at once or not at all, and returns when the disk has it. An event that can never be told is
    /// left out ([`Entry::takes_a_number`]).
    pub fn record(&mut self, entries: Vec<Entry>) -> io::Result<()> {
        let (mut seq, mut head) = (self.last_seq(), self.head);
        let mut records = Vec::with_capacity(entries.len());
        for entry in entries {
            if matches!(entry, Entry::Happened { .. }) && !entry.takes_a_number() {
                tracing::error!("an event is left out that the server could not read");
                continue;
            }
            records.push(match entry {
                Entry::Happened { at, kind } => {
                    seq += 1;
                    let payload = sekisho_wire::encode(&Event { seq, at, prev: head, kind });
                    head = sha256(&payload);
                    Record::Event(payload)
                }
                Entry::Intent(intent) => Record::Intent(intent),
                Entry::Done(ack) => Record::Done(ack),
                Entry::Told(command) => Record::Told(command),
                Entry::Acknowledged(seq) => Record::Acknowledged(seq),
                Entry::Floor(at) => Record::Floor(at.as_micros()),
                Entry::Bins(bins) => Record::Bins(bins),
            });
        }
        self.write(records)
    }

    /// Agrees with the server on where the chain stands: forgets what it holds; goes on behind it when it holds another
    /// history than ours (our disk lost its newest events).
    pub fn resume(&mut self, server: Sync) -> io::Result<()> {
        let known = match server.last_seq.checked_sub(self.base.last_seq) {
            Some(0) => self.base.hash == server.hash,
            Some(ahead) => usize::try_from(ahead - 1)
                .ok()
                .and_then(|index| self.events.get(index))
                .is_some_and(|payload| sha256(payload) == server.hash),
            // The server restored an older state: what it lost is gone here too, so the gap stays visible to it.
            None => return Ok(()),
        };
        if known {
            return self.write(vec![Record::Acknowledged(server.last_seq)]);
        }
        tracing::warn!(
            ours = self.last_seq(),
            server = server.last_seq,
            "the server holds another history; going on behind it"
        );
        let waiting: Vec<Event> =
            self.events.iter().filter_map(|payload| sekisho_wire::decode(payload).ok()).collect();
        self.write(vec![Record::Behind(server)])?;
        self.record(
            waiting.into_iter().map(|event| Entry::Happened { at: event.at, kind: event.kind }).collect(),
        )
    }

    /// The number of the newest event.
    pub fn last_seq(&self) -> u64 {
        self.base.last_seq + self.events.len() as u64
    }

    /// The hash of the newest event.
    pub fn head(&self) -> [u8; 32] {
        self.head
    }

    /// How many events the server does not have yet.
    pub fn unsent(&self) -> usize {
        self.events.len()
    }

    /// Up to `most` waiting events behind `seq`, oldest first, with their numbers.
    pub fn waiting(&self, behind: u64, most: usize) -> Vec<(u64, Vec<u8>)> {
        let first = self.base.last_seq + 1;
        let skip = usize::try_from((behind + 1).saturating_sub(first)).unwrap_or(usize::MAX);
        (first..)
            .zip(&self.events)
            .skip(skip)
            .take(most)
            .map(|(seq, payload)| (seq, payload.clone()))
            .collect()
    }

    fn write(&mut self, records: Vec<Record>) -> io::Result<()> {
        let bytes: Vec<Vec<u8>> = records.iter().map(to_bytes).collect();
        self.frames.append(&bytes)?;
        for record in records {
            self.apply(record);
        }
        // What was appended is remembered, whether or not the file could be made smaller: said to have failed, it would be
        // written again.
        if self.frames.bytes() > SMALL.max(self.rewritten * 2)
            && let Err(error) = self.rewrite()
        {
            tracing::error!(%error, "the journal cannot be made smaller");
            // Tried again when it has grown by half.
            self.rewritten = self.frames.bytes() * 3 / 4;
        }
        Ok(())
    }

    fn apply(&mut self, record: Record) {
        match record {
            Record::Event(payload) => {
                self.head = sha256(&payload);
                if let Ok(event) = sekisho_wire::decode::<Event>(&payload) {
                    self.memory.follow(event.kind);
                }
                self.events.push_back(payload);
                if self.events.len() > MOST_EVENTS {
                    self.forget_oldest();
                }
            }
            Record::Intent(intent) => self.memory.begun.push(intent),
            Record::Done(ack) => {
                self.memory.begun.retain(|intent| intent.command != ack.command);
                self.memory.untold.push(ack.command);
                self.memory.done.push(ack);
                if self.memory.done.len() > REMEMBERED {
                    let oldest = self.memory.done.remove(0);
                    self.memory.untold.retain(|command| *command != oldest.command);
                }
            }
            Record::Told(command) => self.memory.untold.retain(|untold| *untold != command),
            Record::Acknowledged(seq) => {
                while self.base.last_seq < seq && !self.events.is_empty() {
                    self.forget_oldest();
                }
            }
            Record::Behind(sync) => {
                self.base = sync;
                self.head = sync.hash;
                self.events.clear();
            }
            Record::Bins(bins) => self.memory.bins = bins,
            Record::Floor(at) => self.memory.floor = self.memory.floor.max(Timestamp::from_micros(at)),
        }
    }

    fn forget_oldest(&mut self) {
        if let Some(payload) = self.events.pop_front() {
            self.base = Sync { last_seq: self.base.last_seq + 1, hash: sha256(&payload) };
        }
    }

    fn rewrite(&mut self) -> io::Result<()> {
        let memory = &self.memory;
        let told = memory.done.iter().filter(|ack| !memory.untold.contains(&ack.command));
        let records: Vec<Vec<u8>> = [Record::Behind(self.base), Record::Floor(memory.floor.as_micros())]
            .into_iter()
            .chain(self.events.iter().cloned().map(Record::Event))
            .chain(memory.done.iter().cloned().map(Record::Done))
            .chain(told.map(|ack| Record::Told(ack.command)))
            .chain(memory.begun.iter().copied().map(Record::Intent))
            // After the events: what they say of the bins is part of it.
            .chain([Record::Bins(memory.bins.clone())])
            .map(|record| to_bytes(&record))
            .collect();
        self.frames.replace(&records)?;
        self.rewritten = self.frames.bytes();
        Ok(())
    }
}

fn to_bytes(record: &Record) -> Vec<u8> {
    let mut bytes = Vec::new();
    // Writing to a vector cannot fail, and our types have no encoder that refuses.
    let _ = minicbor::encode(record, &mut bytes);
    bytes
}

#[cfg(test)]
mod tests {
    use super::*;
    use sekisho_wire::CommandResult;

    fn happened(bin: BinNumber) -> Entry {
        Entry::Happened { at: Timestamp::from_secs(1), kind: EventKind::BinForced { bin } }
    }

    fn ack(id: u128) -> Ack {
        Ack {
            command: uuid::Uuid::from_u128(id).into(),
            result: CommandResult::Succeeded,
            at: Timestamp::EPOCH,
        }
    }

    #[test]
    fn events_are_chained_and_survive_until_acknowledged() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("journal");
        let (mut journal, recovered) = Journal::open(&path).unwrap();
        assert!(!recovered.ran_before);
        journal.record(vec![happened(1), happened(2), happened(3)]).unwrap();
        journal.record(vec![Entry::Acknowledged(1)]).unwrap();
        let waiting = journal.waiting(0, 10);
        drop(journal);
        let (mut journal, recovered) = Journal::open(&path).unwrap();
        assert!(recovered.ran_before);
        assert_eq!(journal.waiting(0, 10), waiting);
        assert_eq!(journal.waiting(2, 10).len(), 1);
        assert_eq!(waiting.iter().map(|(seq, _)| *seq).collect::<Vec<_>>(), [2, 3]);
        let [second, third]: [Event; 2] =
            [&waiting[0].1, &waiting[1].1].map(|bytes| sekisho_wire::decode(bytes).unwrap());
        assert_eq!(third.prev, sha256(&waiting[0].1));
        assert_eq!(second.seq, 2);
        journal.record(vec![happened(4)]).unwrap();
        assert_eq!(journal.last_seq(), 4);
    }

    #[test]
    fn an_event_that_can_never_be_told_holds_nothing_up() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("journal");
        let (mut journal, _) = Journal::open(&path).unwrap();
        let unknown = |fob: String| Entry::Happened {
            at: Timestamp::EPOCH,
            kind: EventKind::KeyUnknown { bin: 1, fob: Some(fob) },
        };
        let numbers: Vec<bool> = ["4".repeat(70_000), "4".repeat(1025), "4\0".to_owned(), "4".repeat(1024)]
            .map(|fob| unknown(fob).takes_a_number())
            .to_vec();
        assert_eq!(numbers, [false, false, false, true]);
        assert!(!Entry::Done(ack(1)).takes_a_number(), "only what happened has a number");
        let entries = vec![happened(1), unknown("4".repeat(70_000)), Entry::Done(ack(1)), happened(2)];
        journal.record(entries).unwrap();
        journal.record(vec![unknown("4\0".to_owned()), happened(3)]).unwrap();
        drop(journal);
        let (journal, recovered) = Journal::open(&path).unwrap();
        assert_eq!(recovered.done, [ack(1)]);
        let waiting = journal.waiting(0, 10);
        let mut prev = GENESIS;
        for ((seq, payload), bin) in waiting.iter().zip(1..) {
            let event: Event = sekisho_wire::decode(payload).unwrap();
            assert_eq!((event.seq, event.prev, event.kind), (*seq, prev, EventKind::BinForced { bin }));
            prev = sha256(payload);
        }
        assert_eq!(waiting.len(), 3);
    }

    #[test]
    fn goes_on_behind_a_server_that_knows_more() {
        let mut journal = Journal::in_memory();
        journal.record(vec![happened(1), happened(2)]).unwrap();
        journal.resume(Sync { last_seq: 9, hash: [7; 32] }).unwrap();
        let waiting = journal.waiting(0, 10);
        let first: Event = sekisho_wire::decode(&waiting[0].1).unwrap();
        assert_eq!((first.seq, first.prev), (10, [7; 32]));
        assert_eq!(journal.last_seq(), 11);
        // and agrees with one that has exactly ours
        let hash = sha256(&waiting[0].1);
        journal.resume(Sync { last_seq: 10, hash }).unwrap();
        assert_eq!(journal.unsent(), 1);
    }

    #[test]
    fn remembers_what_was_begun_and_what_ended() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("journal");
        let (mut journal, _) = Journal::open(&path).unwrap();
        let begun = |id: u128| Intent { command: uuid::Uuid::from_u128(id).into(), bin: Some(4) };
        journal.record(vec![Entry::Intent(begun(1)), Entry::Intent(begun(2))]).unwrap();
        journal.record(vec![Entry::Done(ack(1)), Entry::Floor(Timestamp::from_secs(9))]).unwrap();
        drop(journal);
        let (_, recovered) = Journal::open(&path).unwrap();
        assert_eq!(recovered.begun, [begun(2)]);
        assert_eq!(recovered.done, [ack(1)]);
        assert_eq!(recovered.untold, [ack(1).command]);
        assert_eq!(recovered.floor, Timestamp::from_secs(9));
    }

    #[test]
    fn stays_small_and_loses_nothing_when_rewritten() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("journal");
        let (mut journal, _) = Journal::open(&path).unwrap();
        for round in 0..60_u64 {
            journal.record((0..100).map(|_| happened(1)).collect()).unwrap();
            journal
                .record((0..40).map(|id| Entry::Done(ack(u128::from(round) * 40 + id))).collect())
                .unwrap();
            journal.record(vec![Entry::Acknowledged(journal.last_seq() - 5)]).unwrap();
        }
        assert!(std::fs::metadata(&path).unwrap().len() < 3 * SMALL);
        let waiting = journal.waiting(0, 10);
        drop(journal);
        let (journal, recovered) = Journal::open(&path).unwrap();
        assert_eq!(journal.waiting(0, 10), waiting);
        assert_eq!(recovered.done.len(), REMEMBERED);
        assert_eq!(journal.last_seq(), 6000);
    }

    #[test]
    fn what_is_written_is_written_once_though_the_file_cannot_be_made_smaller() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("journal");
        let (mut journal, _) = Journal::open(&path).unwrap();
        // Where the smaller file would be written, nothing can be.
        let in_the_way = path.with_extension("new");
        std::fs::create_dir(&in_the_way).unwrap();
        let grow = |journal: &mut Journal, to: u64| {
            while std::fs::metadata(&path).unwrap().len() < to {
                let seq = journal.last_seq();
                journal.record((0..100).map(|_| happened(1)).collect()).unwrap();
                assert_eq!(journal.last_seq(), seq + 100);
                journal.record(vec![Entry::Acknowledged(seq + 90)]).unwrap();
            }
        };
        grow(&mut journal, SMALL * 2);
        let (waiting, last) = (journal.waiting(0, 1000), journal.last_seq());
        drop(journal);
        let (mut journal, _) = Journal::open(&path).unwrap();
        assert_eq!((journal.waiting(0, 1000), journal.last_seq()), (waiting, last));
        // As soon as it can be, it is.
        std::fs::remove_dir(&in_the_way).unwrap();
        journal.record(vec![happened(1)]).unwrap();
        assert!(std::fs::metadata(&path).unwrap().len() < SMALL);
        assert_eq!(journal.last_seq(), last + 1);
    }

    #[test]
    fn a_full_disk_takes_nothing_and_forgets_nothing() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("journal");
        let (mut journal, _) = Journal::open(&path).unwrap();
        journal.record(vec![happened(1)]).unwrap();
        let room = Room::default();
        room.0.store(0, std::sync::atomic::Ordering::Relaxed);
        journal.limit(room.clone());
        let full = journal.record(vec![happened(2)]).unwrap_err();
        assert_eq!((full.kind(), journal.last_seq()), (io::ErrorKind::StorageFull, 1));
        room.0.store(u64::MAX, std::sync::atomic::Ordering::Relaxed);
        journal.record(vec![happened(2)]).unwrap();
        drop(journal);
        assert_eq!(Journal::open(&path).unwrap().0.last_seq(), 2);
    }
}
