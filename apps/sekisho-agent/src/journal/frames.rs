//! An append-only file of frames that survives a power cut at any byte: each frame carries its length and a checksum that
//! also covers the frame before it, so what is read back is always a prefix of what was written.

use std::fs::{File, OpenOptions, TryLockError};
use std::io::{self, Read, Seek, SeekFrom, Write};
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};

use sekisho_crypto::sha256;

/// A frame holds one record; nothing the journal writes comes near this.
const MAX_FRAME: usize = 64 * 1024;
/// Length (4 bytes) and checksum (8 bytes).
const HEADER: usize = 12;

/// The file, open at its end.
#[derive(Debug)]
pub struct Frames {
    path: PathBuf,
    /// `None` keeps everything in memory only: for simulated fleets, which have no power to lose.
    file: Option<File>,
    /// Held as long as the journal is open: two agents on one folder would write two histories into one.
    _lock: Option<File>,
    chain: [u8; 8],
    bytes: u64,
    /// The file took another's place, and its folder does not say so for certain yet.
    moved: bool,
    room: Room,
}

/// How many bytes a file may take before the disk counts as full; as many as there are, where nothing else is said.
#[derive(Clone, Debug)]
pub struct Room(pub Arc<AtomicU64>);

impl Default for Room {
    fn default() -> Self {
        Self(Arc::new(AtomicU64::new(u64::MAX)))
    }
}

impl Frames {
    /// Opens or creates the file and returns every whole frame in it; a torn tail is cut off.
    pub fn open(path: &Path) -> io::Result<(Self, Vec<Vec<u8>>)> {
        let mut options = OpenOptions::new();
        options.read(true).write(true).create(true).truncate(false);
        #[cfg(unix)]
        std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o600);
        let lock = options.open(path.with_extension("lock"))?;
        lock.try_lock().map_err(|error| match error {
            TryLockError::WouldBlock => io::Error::new(
                io::ErrorKind::WouldBlock,
                "another agent runs with this folder; stop it first",
            ),
            TryLockError::Error(error) => error,
        })?;
        let mut file = options.open(path)?;
        let mut bytes = Vec::new();
        file.read_to_end(&mut bytes)?;
        let (frames, chain, whole) = parse(&bytes);
        if whole < bytes.len() {
            tracing::warn!(path = %path.display(), torn = bytes.len() - whole, "cut a torn tail off the journal");
            file.set_len(whole as u64)?;
            file.sync_data()?;
        }
        file.seek(SeekFrom::Start(whole as u64))?;
        sync_folder(path)?;
        let (path, bytes, room) = (path.to_owned(), whole as u64, Room::default());
        Ok((Self { path, file: Some(file), _lock: Some(lock), chain, bytes, moved: false, room }, frames))
    }

    /// The whole frames of a file, read beside whoever writes it.
    pub fn peek(path: &Path) -> io::Result<Vec<Vec<u8>>> {
        Ok(parse(&std::fs::read(path)?).0)
    }

    /// Frames that are kept nowhere.
    pub fn in_memory() -> Self {
        let room = Room::default();
        Self { path: PathBuf::new(), file: None, _lock: None, chain: [0; 8], bytes: 0, moved: false, room }
    }

    /// Takes no more than this from now on.
    pub fn limit(&mut self, room: Room) {
        self.room = room;
    }

    /// Appends records as one write and waits until the disk has them.
    pub fn append(&mut self, records: &[Vec<u8>]) -> io::Result<()> {
        let mut buffer = Vec::new();
        let mut chain = self.chain;
        for record in records {
            chain = push_frame(&mut buffer, chain, record)?;
        }
        if self.bytes + buffer.len() as u64 > self.room.0.load(Ordering::Relaxed) {
            return Err(io::ErrorKind::StorageFull.into());
        }
        if self.moved {
            // A power cut could bring the old file back, without what is written now.
            sync_folder(&self.path)?;
            self.moved = false;
        }
        if let Some(file) = &mut self.file {
            let written = file.write_all(&buffer).and_then(|()| file.sync_data());
            if let Err(error) = written {
                // A half-written frame must not be followed by a whole one: go back to the last good end.
                file.set_len(self.bytes)?;
                file.seek(SeekFrom::Start(self.bytes))?;
                return Err(error);
            }
        }
        self.chain = chain;
        self.bytes += buffer.len() as u64;
        Ok(())
    }

    /// Replaces the whole content by `records`, at once or not at all.
    pub fn replace(&mut self, records: &[Vec<u8>]) -> io::Result<()> {
        let mut buffer = Vec::new();
        let mut chain = [0; 8];
        for record in records {
            chain = push_frame(&mut buffer, chain, record)?;
        }
        if self.file.is_some() {
            let fresh = self.path.with_extension("new");
            crate::files::write_private(&fresh, &buffer)?;
            let mut file = OpenOptions::new().read(true).write(true).open(&fresh)?;
            file.seek(SeekFrom::End(0))?;
            std::fs::rename(&fresh, &self.path)?;
            // From here on the old file is nobody's: what is appended goes into the new one, whatever else fails.
            (self.file, self.moved) = (Some(file), true);
        }
        (self.chain, self.bytes) = (chain, buffer.len() as u64);
        if self.moved {
            sync_folder(&self.path)?;
            self.moved = false;
        }
        Ok(())
    }

    /// How many bytes the file holds.
    pub fn bytes(&self) -> u64 {
        self.bytes
    }
}

fn push_frame(buffer: &mut Vec<u8>, chain: [u8; 8], record: &[u8]) -> io::Result<[u8; 8]> {
    let length = u32::try_from(record.len()).ok().filter(|_| record.len() <= MAX_FRAME);
    let length = length.ok_or_else(|| io::Error::new(io::ErrorKind::InvalidInput, "record is too long"))?;
    let chain = checksum(chain, record);
    buffer.extend_from_slice(&length.to_le_bytes());
    buffer.extend_from_slice(&chain);
    buffer.extend_from_slice(record);
    Ok(chain)
}

/// The whole frames at the start of `bytes`, the chain after them and how many bytes they take.
fn parse(bytes: &[u8]) -> (Vec<Vec<u8>>, [u8; 8], usize) {
    let (mut frames, mut chain, mut rest) = (Vec::new(), [0; 8], bytes);
    while let Some((header, tail)) = rest.split_at_checked(HEADER) {
        let Some((length, sum)) = header.split_first_chunk::<4>() else { break };
        let length = u32::from_le_bytes(*length) as usize;
        let Some((record, tail)) = tail.split_at_checked(length).filter(|_| length <= MAX_FRAME) else {
            break;
        };
        let next = checksum(chain, record);
        if next != sum {
            break;
        }
        frames.push(record.to_vec());
        (chain, rest) = (next, tail);
    }
    (frames, chain, bytes.len() - rest.len())
}

fn checksum(chain: [u8; 8], record: &[u8]) -> [u8; 8] {
    let mut text = chain.to_vec();
    text.extend_from_slice(record);
    let sum = sha256(&text);
    sum.first_chunk().copied().unwrap_or_default()
}

/// A new name in a folder lasts only when the folder itself is on disk.
fn sync_folder(path: &Path) -> io::Result<()> {
    match path.parent() {
        Some(folder) if !folder.as_os_str().is_empty() => File::open(folder)?.sync_all(),
        _ => Ok(()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    proptest! {
        #[test]
        fn a_cut_anywhere_leaves_a_prefix(
            records in prop::collection::vec(prop::collection::vec(any::<u8>(), 0..40), 0..8),
            cut in any::<prop::sample::Index>(),
            more in prop::collection::vec(any::<u8>(), 0..40),
        ) {
            let folder = tempfile::tempdir().unwrap();
            let path = folder.path().join("journal");
            let (mut frames, _) = Frames::open(&path).unwrap();
            frames.append(&records).unwrap();
            drop(frames);
            let whole = std::fs::read(&path).unwrap();
            let cut = cut.index(whole.len() + 1);
            std::fs::write(&path, &whole[..cut]).unwrap();
            let (mut frames, read) = Frames::open(&path).unwrap();
            prop_assert!(records.starts_with(&read));
            prop_assert!(cut < whole.len() || read == records);
            // and it goes on from there
            frames.append(std::slice::from_ref(&more)).unwrap();
            drop(frames);
            let (_, again) = Frames::open(&path).unwrap();
            prop_assert_eq!(again.len(), read.len() + 1);
            prop_assert_eq!(again.last(), Some(&more));
        }

        #[test]
        fn a_flipped_bit_is_noticed(
            records in prop::collection::vec(prop::collection::vec(any::<u8>(), 1..40), 1..6),
            at in any::<prop::sample::Index>(),
        ) {
            let mut buffer = Vec::new();
            let mut chain = [0; 8];
            for record in &records {
                chain = push_frame(&mut buffer, chain, record).unwrap();
            }
            let at = at.index(buffer.len());
            buffer[at] ^= 1;
            let (read, ..) = parse(&buffer);
            prop_assert!(read.len() < records.len() && records.starts_with(&read));
        }
    }

    #[test]
    fn replacing_keeps_only_the_new() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("journal");
        let (mut frames, _) = Frames::open(&path).unwrap();
        frames.append(&[b"old".to_vec()]).unwrap();
        frames.replace(&[b"new".to_vec()]).unwrap();
        frames.append(&[b"after".to_vec()]).unwrap();
        let second = Frames::open(&path).unwrap_err();
        assert_eq!(second.kind(), io::ErrorKind::WouldBlock, "two agents never share a journal");
        drop(frames);
        let (_, read) = Frames::open(&path).unwrap();
        assert_eq!(read, [b"new".to_vec(), b"after".to_vec()]);
    }
}
