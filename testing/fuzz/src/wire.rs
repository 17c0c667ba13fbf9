//! What boxes send, and what they read back after a power cut.

use std::cell::RefCell;

use sekisho_agent::journal::{Entry, Journal};
use sekisho_kernel::Timestamp;
use sekisho_wire::{
    Ack, Answer, Ask, BoxConfig, Event, EventKind, Heartbeat, Picture, Shot, SignedCommand, Topic, decode,
    encode,
};

/// Reads `payload` as a `$message`; what is understood must survive writing and reading again.
macro_rules! round_trip {
    ($payload:expr, $($message:ty),+) => {$(
        if let Ok(message) = decode::<$message>($payload) {
            assert_eq!(decode::<$message>(&encode(&message)).expect("what we wrote can be read"), message);
        }
    )+};
}

/// Payloads of devices, and topics.
pub(crate) fn payloads(bytes: &[u8]) {
    let _ = std::str::from_utf8(bytes).map(Topic::parse);
    round_trip!(bytes, Event, Ask, Answer, Ack, Heartbeat, SignedCommand, Picture, Shot, BoxConfig);
}

thread_local! {
    /// In memory where there is such a folder: the journal waits for the disk at every step.
    static DISK: RefCell<tempfile::TempDir> = RefCell::new(
        tempfile::tempdir_in("/dev/shm").or_else(|_| tempfile::tempdir()).expect("a scratch folder"),
    );
}

/// The file of a journal: a good one, in which the bytes were written over at a place that they choose themselves. It
/// opens, holds a beginning of what was recorded, and goes on from there.
pub(crate) fn journal(bytes: &[u8]) {
    let [at, cut, over @ ..] = bytes else { return };
    DISK.with_borrow(|disk| {
        let path = disk.path().join("journal");
        let _ = std::fs::remove_file(&path);
        let (mut journal, _) = Journal::open(&path).expect("an empty journal opens");
        for second in 1..=8 {
            let at = Timestamp::from_secs(second);
            journal
                .record(vec![Entry::Happened { at, kind: EventKind::DoorClosed }])
                .expect("the disk is there");
        }
        let whole = journal.waiting(0, 8);
        drop(journal);
        let mut file = std::fs::read(&path).expect("the journal was written");
        let at = usize::from(*at) * file.len() / 256;
        let end = (at + over.len()).min(file.len());
        let over = &over[..end - at];
        let untouched = file[at..end] == *over && *cut == 0;
        file[at..end].copy_from_slice(over);
        file.truncate(file.len() - usize::from(*cut).min(file.len()));
        std::fs::write(&path, &file).expect("the disk is there");

        let (mut journal, _) = Journal::open(&path).expect("whatever stands in the file, the box starts");
        let read = journal.waiting(0, 8);
        assert!(whole.starts_with(&read), "a beginning of what was recorded");
        assert!(!untouched || read == whole, "nothing is lost of a whole file");
        journal
            .record(vec![Entry::Happened { at: Timestamp::from_secs(9), kind: EventKind::DoorClosed }])
            .expect("the disk is there");
        assert_eq!(journal.unsent(), read.len() + 1);
    });
}
