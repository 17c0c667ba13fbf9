//! Pictures that the server does not have yet. What lies here is sealed to the tenant: the box cannot open it, nor can
//! whoever carries the box away (K13). One file a picture, written beside and renamed, so that a power cut leaves a whole
//! picture or none. Full, it forgets the oldest first; events have a place of their own (`journal.rs`) and lose nothing to it.

use std::collections::VecDeque;
use std::io;
use std::path::PathBuf;
use std::sync::Arc;

use sekisho_kernel::Timestamp;
use sekisho_wire::Picture;

use crate::files::{private_folder, replace_private};

/// The most pictures that wait …
pub const MOST_PICTURES: usize = 200;
/// … and the most bytes.
pub const MOST_BYTES: u64 = 8 * 1024 * 1024;

const ENDING: &str = "sealed";

/// Where pictures are put. Apart from the list of them, so that nobody waits for the disk while it is written to.
#[derive(Clone, Debug)]
pub struct Shelf(Option<PathBuf>);

/// One picture that waits.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Waiting {
    /// The number of its event when it was taken.
    pub seq: u64,
    /// The time of its event.
    pub at: Timestamp,
    bytes: u64,
    /// The payload, where nothing is written to a disk.
    held: Option<Arc<Vec<u8>>>,
}

/// The pictures that wait, oldest first.
#[derive(Debug)]
pub struct Spool {
    shelf: Shelf,
    waiting: VecDeque<Waiting>,
    bytes: u64,
    most: (usize, u64),
}

impl Shelf {
    /// A folder, made with the first picture.
    pub fn at(folder: PathBuf) -> Self {
        Self(Some(folder))
    }

    /// A shelf that is forgotten with the process: for simulated fleets.
    pub fn in_memory() -> Self {
        Self(None)
    }

    /// Puts a picture there and returns when the disk has it.
    pub fn put(&self, picture: &Picture) -> io::Result<Waiting> {
        let payload = sekisho_wire::encode(picture);
        let mut waiting =
            Waiting { seq: picture.seq, at: picture.at, bytes: payload.len() as u64, held: None };
        match &self.0 {
            Some(folder) => {
                private_folder(folder)?;
                replace_private(&folder.join(waiting.name()), &payload)?;
            }
            None => waiting.held = Some(Arc::new(payload)),
        }
        Ok(waiting)
    }
}

impl Waiting {
    /// Names sort as the pictures were taken.
    fn name(&self) -> String {
        format!("{:020}-{}.{ENDING}", self.at.as_micros().max(0), self.seq)
    }

    fn named(name: &str, bytes: u64) -> Option<Self> {
        let (at, seq) = name.strip_suffix(ENDING)?.strip_suffix('.')?.split_once('-')?;
        let (at, seq) = (Timestamp::from_micros(at.parse().ok()?), seq.parse().ok()?);
        Some(Self { seq, at, bytes, held: None })
    }
}

impl Spool {
    /// What lies on `shelf`. Half-written pictures are thrown away.
    pub fn open(shelf: Shelf) -> io::Result<Self> {
        Self::limited(shelf, MOST_PICTURES, MOST_BYTES)
    }

    fn limited(shelf: Shelf, pictures: usize, bytes: u64) -> io::Result<Self> {
        let mut found = Vec::new();
        match shelf.0.as_ref().map(std::fs::read_dir) {
            None => {}
            Some(Err(error)) if error.kind() == io::ErrorKind::NotFound => {}
            Some(entries) => {
                for entry in entries? {
                    let entry = entry?;
                    let name = entry.file_name();
                    match Waiting::named(&name.to_string_lossy(), entry.metadata()?.len()) {
                        Some(waiting) => found.push(waiting),
                        None => std::fs::remove_file(entry.path())?,
                    }
                }
            }
        }
        found.sort_by_key(|waiting| (waiting.at, waiting.seq));
        let mut spool = Self { shelf, waiting: VecDeque::new(), bytes: 0, most: (pictures, bytes) };
        for waiting in found {
            spool.add(waiting);
        }
        Ok(spool)
    }

    /// Takes a picture that was put on the shelf into the list. How many older ones had to go for it.
    pub fn add(&mut self, waiting: Waiting) -> u32 {
        self.bytes += waiting.bytes;
        self.waiting.push_back(waiting);
        let mut lost = 0;
        while self.waiting.len() > self.most.0 || self.bytes > self.most.1 {
            let Some(oldest) = self.waiting.front().cloned() else { break };
            self.forget(&oldest);
            lost += 1;
        }
        lost
    }

    /// The pictures that wait, oldest first.
    pub fn waiting(&self) -> impl Iterator<Item = &Waiting> {
        self.waiting.iter()
    }

    /// The payload of a picture, as it is published; none when it cannot be read any more.
    pub fn payload(&self, waiting: &Waiting) -> Option<Vec<u8>> {
        match (&waiting.held, &self.shelf.0) {
            (Some(held), _) => Some(held.to_vec()),
            (None, Some(folder)) => std::fs::read(folder.join(waiting.name()))
                .inspect_err(|error| tracing::warn!(%error, "a kept picture is not readable"))
                .ok(),
            (None, None) => None,
        }
    }

    /// The server has it, or will never take it. What a power cut brings back is sent again, and the server knows it.
    pub fn forget(&mut self, gone: &Waiting) {
        let Some(place) = self.waiting.iter().position(|one| (one.seq, one.at) == (gone.seq, gone.at)) else {
            return;
        };
        if let Some(gone) = self.waiting.remove(place) {
            self.bytes = self.bytes.saturating_sub(gone.bytes);
            if let Some(folder) = &self.shelf.0
                && let Err(error) = std::fs::remove_file(folder.join(gone.name()))
            {
                tracing::warn!(%error, "a picture could not be removed");
            }
        }
    }

    /// Makes room for the journal. How many pictures had to go.
    pub fn clear(&mut self) -> u32 {
        let all: Vec<Waiting> = self.waiting.iter().cloned().collect();
        all.iter().for_each(|waiting| self.forget(waiting));
        u32::try_from(all.len()).unwrap_or(u32::MAX)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn picture(seq: u64, bytes: usize) -> Picture {
        let at = Timestamp::from_secs(1_800_000_000 + i64::try_from(seq).unwrap());
        Picture { seq, at, key: 1, sealed: vec![7; bytes] }
    }

    fn numbers(spool: &Spool) -> Vec<u64> {
        spool.waiting().map(|waiting| waiting.seq).collect()
    }

    #[test]
    fn the_oldest_goes_when_it_is_full_by_count_or_by_bytes() {
        let folder = tempfile::tempdir().unwrap();
        let shelf = Shelf::at(folder.path().join("pictures"));
        let mut spool = Spool::limited(shelf.clone(), 3, 5000).unwrap();
        let lost: Vec<u32> = (1..=5).map(|seq| spool.add(shelf.put(&picture(seq, 100)).unwrap())).collect();
        assert_eq!(lost, [0, 0, 0, 1, 1]);
        assert_eq!(numbers(&spool), [3, 4, 5]);
        assert_eq!(spool.add(shelf.put(&picture(6, 4950)).unwrap()), 3, "one large one costs three");
        assert_eq!(numbers(&spool), [6]);
        let files = std::fs::read_dir(folder.path().join("pictures")).unwrap().count();
        assert_eq!(files, 1, "what is forgotten is not on the disk");
    }

    #[test]
    fn a_power_cut_leaves_whole_pictures() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("pictures");
        let shelf = Shelf::at(path.clone());
        for seq in [9, 10, 2] {
            shelf.put(&picture(seq, 100)).unwrap();
        }
        // Power went while a fourth was being written.
        std::fs::write(path.join("00000000000000000001-1.new"), b"half").unwrap();
        let mut spool = Spool::open(shelf.clone()).unwrap();
        assert_eq!(numbers(&spool), [2, 9, 10], "as they were taken");
        let first = spool.waiting().next().unwrap().clone();
        let payload = spool.payload(&first).unwrap();
        assert_eq!(sekisho_wire::decode::<Picture>(&payload).unwrap(), picture(2, 100));
        spool.forget(&first);
        spool.forget(&first);
        assert_eq!(numbers(&Spool::open(shelf).unwrap()), [9, 10]);
        assert_eq!(std::fs::read_dir(&path).unwrap().count(), 2);
    }

    #[test]
    fn pictures_make_room() {
        let folder = tempfile::tempdir().unwrap();
        let shelf = Shelf::at(folder.path().join("pictures"));
        let mut spool = Spool::open(shelf.clone()).unwrap();
        for seq in 1..=3 {
            spool.add(shelf.put(&picture(seq, 100)).unwrap());
        }
        assert_eq!(spool.clear(), 3);
        assert_eq!(spool.bytes, 0);
        assert!(numbers(&Spool::open(shelf).unwrap()).is_empty());
    }
}
