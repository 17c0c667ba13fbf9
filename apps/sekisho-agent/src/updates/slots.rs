//! Where images and the boot record lie. Every write to the disk that an update makes goes through [`Slots`], so that a
//! test can cut the power at each of them.

use std::fs::{File, OpenOptions};
use std::io::{self, Read as _, Seek as _, SeekFrom, Write as _};
use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex, PoisonError};

use sekisho_crypto::Sha256;

use super::check::Trusted;
use super::record::{Record, Slot};
use crate::files::{private_folder, replace_private};

const RECORD: &str = "record.json";
const TRUSTED: &str = "trusted.cbor";
const SECURITY_VERSION: &str = "security_version";

/// The disk of updates: small files that are replaced whole, and two slots that are written from front to back.
pub trait Slots: std::fmt::Debug + Send + Sync {
    /// A small file; none when it is not there.
    fn read(&self, name: &str) -> io::Result<Option<Vec<u8>>>;
    /// Replaces a small file: after a power cut it holds the old bytes or the new ones.
    fn replace(&self, name: &str, bytes: &[u8]) -> io::Result<()>;
    /// How much lies in a slot.
    fn length(&self, slot: Slot) -> io::Result<u64>;
    /// Empties a slot.
    fn empty(&self, slot: Slot) -> io::Result<()>;
    /// Writes into a slot at `offset`; what lay behind that goes.
    fn write(&self, slot: Slot, offset: u64, bytes: &[u8]) -> io::Result<()>;
    /// Waits until the disk has all of a slot.
    fn finish(&self, slot: Slot) -> io::Result<()>;
    /// The hash of what the disk holds in a slot.
    fn sha256(&self, slot: Slot) -> io::Result<[u8; 32]>;
    /// Where a slot's program lies, to start it.
    fn program(&self, slot: Slot) -> PathBuf;
    /// A folder for passing work.
    fn scratch(&self) -> io::Result<PathBuf>;
}

/// The word for the hardware this program runs on, as images name it.
pub fn hardware(kind: &str) -> String {
    format!("{kind}-{}-{}", std::env::consts::OS, std::env::consts::ARCH)
}

/// Two directories below a box's folder.
#[derive(Clone, Debug)]
pub struct FolderSlots(PathBuf);

impl FolderSlots {
    /// Below `folder`, which need not be there yet.
    pub fn at(folder: impl Into<PathBuf>) -> Self {
        Self(folder.into())
    }
}

impl Slots for FolderSlots {
    fn read(&self, name: &str) -> io::Result<Option<Vec<u8>>> {
        match std::fs::read(self.0.join(name)) {
            Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(None),
            read => read.map(Some),
        }
    }

    fn replace(&self, name: &str, bytes: &[u8]) -> io::Result<()> {
        private_folder(&self.0)?;
        replace_private(&self.0.join(name), bytes)
    }

    fn length(&self, slot: Slot) -> io::Result<u64> {
        match std::fs::metadata(self.program(slot)) {
            Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(0),
            read => read.map(|metadata| metadata.len()),
        }
    }

    fn empty(&self, slot: Slot) -> io::Result<()> {
        match std::fs::remove_file(self.program(slot)) {
            Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(()),
            removed => removed,
        }
    }

    fn write(&self, slot: Slot, offset: u64, bytes: &[u8]) -> io::Result<()> {
        let path = self.program(slot);
        if let Some(folder) = path.parent() {
            private_folder(folder)?;
        }
        let mut options = OpenOptions::new();
        options.write(true).create(true).truncate(false);
        #[cfg(unix)]
        std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o700);
        let mut file = options.open(path)?;
        file.set_len(offset)?;
        file.seek(SeekFrom::Start(offset))?;
        file.write_all(bytes)
    }

    fn finish(&self, slot: Slot) -> io::Result<()> {
        let path = self.program(slot);
        File::open(&path)?.sync_all()?;
        match path.parent() {
            Some(folder) => File::open(folder)?.sync_all(),
            None => Ok(()),
        }
    }

    fn sha256(&self, slot: Slot) -> io::Result<[u8; 32]> {
        let mut file = File::open(self.program(slot))?;
        let (mut hash, mut block) = (Sha256::begin(), vec![0; 64 * 1024]);
        loop {
            match file.read(&mut block)? {
                0 => return Ok(hash.end()),
                count => hash.add(block.get(..count).unwrap_or_default()),
            }
        }
    }

    fn program(&self, slot: Slot) -> PathBuf {
        self.0.join(slot.word()).join("sekisho-agent")
    }

    fn scratch(&self) -> io::Result<PathBuf> {
        let folder = self.0.join("scratch");
        // What a power cut left there.
        let _ = std::fs::remove_dir_all(&folder);
        private_folder(&folder)?;
        Ok(folder)
    }
}

/// What updates remember, over any [`Slots`].
#[derive(Clone, Debug)]
pub struct UpdateFiles {
    slots: Arc<dyn Slots>,
    record: Arc<Mutex<Record>>,
}

impl UpdateFiles {
    /// Reads what is there. A record that is not readable counts as none: the program installed by hand starts.
    pub fn open(slots: Arc<dyn Slots>) -> io::Result<Self> {
        let record = match slots.read(RECORD)? {
            None => Record::default(),
            Some(bytes) => serde_json::from_slice(&bytes).unwrap_or_else(|error| {
                tracing::error!(%error, "the boot record is not readable; the installed program starts");
                Record::default()
            }),
        };
        let files = Self { slots, record: Arc::new(Mutex::new(record)) };
        // Power may have gone between the two files.
        let reached = files.record().security_version;
        files.raise_security_version(reached)?;
        Ok(files)
    }

    /// Below a folder on the disk.
    pub fn in_folder(folder: &Path) -> io::Result<Self> {
        Self::open(Arc::new(FolderSlots::at(folder)))
    }

    /// The disk itself.
    pub fn slots(&self) -> &Arc<dyn Slots> {
        &self.slots
    }

    /// The boot record.
    pub fn record(&self) -> Record {
        self.record.lock().unwrap_or_else(PoisonError::into_inner).clone()
    }

    /// Changes the boot record, on the disk and then in memory.
    pub fn change<T>(&self, change: impl FnOnce(&mut Record) -> T) -> io::Result<T> {
        let mut held = self.record.lock().unwrap_or_else(PoisonError::into_inner);
        let mut changed = held.clone();
        let out = change(&mut changed);
        if changed != *held {
            let bytes = serde_json::to_vec_pretty(&changed).map_err(io::Error::other)?;
            self.slots.replace(RECORD, &bytes)?;
            *held = changed;
        }
        Ok(out)
    }

    /// What is trusted already; none when nobody gave the box a root document.
    pub fn trusted(&self) -> io::Result<Option<Trusted>> {
        let Some(bytes) = self.slots.read(TRUSTED)? else { return Ok(None) };
        minicbor::decode(&bytes).map(Some).map_err(io::Error::other)
    }

    /// Trusts this from now on.
    pub fn trust(&self, trusted: &Trusted) -> io::Result<()> {
        self.slots.replace(TRUSTED, &minicbor::to_vec(trusted).map_err(io::Error::other)?)
    }

    /// The highest security version that ever ran well here. A file that is not readable is an error, not a zero: it only
    /// ever grows.
    pub fn security_version(&self) -> io::Result<u64> {
        let Some(bytes) = self.slots.read(SECURITY_VERSION)? else { return Ok(0) };
        let text = String::from_utf8(bytes).map_err(io::Error::other)?;
        text.trim().parse().map_err(io::Error::other)
    }

    /// Lets it grow to this; it never shrinks.
    pub fn raise_security_version(&self, to: u64) -> io::Result<()> {
        if to > self.security_version()? {
            self.slots.replace(SECURITY_VERSION, format!("{to}\n").as_bytes())?;
        }
        Ok(())
    }
}
