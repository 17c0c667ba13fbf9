//! Checking an export with nothing but a public key. No database, no clock, no trust in whoever wrote the file.

use std::collections::BTreeSet;
use std::io::BufRead;

use serde::{Deserialize, Serialize};
use tlog_tiles::tlog::{Hash, check_record};

use crate::checkpoint::{PublicKey, SignedCheckpoint, open};
use crate::export::{FORMAT, Header, Kind, tail};
use crate::leaf;
use crate::tree::Frontier;

/// No line of ours is longer.
const LONGEST_LINE: usize = 16 << 20;
/// So many problems are told one by one.
const MOST_PROBLEMS: usize = 1000;

/// Why an export could not be checked at all.
#[derive(Debug, thiserror::Error)]
pub enum VerifyError {
    /// The key is not one.
    #[error("the public key is not readable; it looks like sekisho/…+1a2b3c4d+AbCd…=")]
    Key,
    /// The file could not be read.
    #[error("the export cannot be read: {0}")]
    Read(#[from] std::io::Error),
    /// The first line is no header of ours.
    #[error(
        "this is no export of a Sekisho record (its first line says so); CSV and OCSF exports carry no proofs"
    )]
    Header,
    /// Only a whole record can be compared with checkpoints that were kept.
    #[error("a kept checkpoint can be compared with an export of the whole record only")]
    NotWhole,
    /// The export is of another tenant's record than the key.
    #[error("the export is of {export}, the key is for {key}")]
    OtherRecord {
        /// Whose record the export is.
        export: String,
        /// Whose key was given.
        key: String,
    },
}

/// Something that is wrong with an export. Entries are numbered from 0, lines from 1.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, thiserror::Error)]
#[serde(rename_all = "snake_case", tag = "problem")]
pub enum Problem {
    /// The entry is not what was hashed.
    #[error("entry {index} was changed")]
    Changed {
        /// Which.
        index: u64,
    },
    /// Entries that should stand here do not.
    #[error("entries {from} to {to} are missing")]
    Missing {
        /// The first.
        from: u64,
        /// The last.
        to: u64,
    },
    /// The entry does not belong here: out of order, twice, or put in.
    #[error("line {line}: entry {index} does not belong here; it was put in, repeated or moved")]
    Misplaced {
        /// Where.
        line: u64,
        /// What number it bears.
        index: u64,
    },
    /// The entries do not give the root that was signed.
    #[error(
        "entries {from} to {to} are not those that were signed: one was changed, removed, put in or moved"
    )]
    OtherRoot {
        /// The first entry that no good checkpoint covers.
        from: u64,
        /// The last.
        to: u64,
    },
    /// The entry's path does not lead to the signed root.
    #[error("entry {index} is not in the signed tree")]
    NotInTree {
        /// Which.
        index: u64,
    },
    /// No checkpoint covers these entries.
    #[error("no signed checkpoint covers the entries from {from} on")]
    NotCovered {
        /// The first.
        from: u64,
    },
    /// A checkpoint is not signed by the key.
    #[error("line {line}: the checkpoint is not signed by this key")]
    NotSigned {
        /// Where.
        line: u64,
    },
    /// A checkpoint that was kept is not signed by the key.
    #[error("a kept checkpoint is not signed by this key")]
    KeptNotSigned,
    /// The export is shorter than its header says.
    #[error("the export ends at {found} entries, its header speaks of {size}")]
    Short {
        /// What the header says.
        size: u64,
        /// What is there.
        found: u64,
    },
    /// The last line, which is a checkpoint, is not there.
    #[error("the end of the export is missing")]
    Cut,
    /// A line that we did not write.
    #[error("line {line} is not readable")]
    Unreadable {
        /// Where.
        line: u64,
    },
    /// The record does not go on from a checkpoint that was kept.
    #[error("the record of {size} entries is not the one that was signed before")]
    OtherHistory {
        /// The kept checkpoint's size.
        size: u64,
    },
}

/// What a check found.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Report {
    /// Whose record.
    pub origin: String,
    /// Whether the export is the whole record up to its last checkpoint, so that omissions show.
    pub full: bool,
    /// Entries in the export.
    pub entries: u64,
    /// Checkpoints that hold.
    pub checkpoints: u64,
    /// Entries in the record at the newest checkpoint that holds.
    pub size: u64,
    /// The root at that checkpoint, base64.
    pub root: String,
    /// What is wrong; empty when nothing is.
    pub problems: Vec<Problem>,
}

impl Report {
    /// Whether nothing is wrong.
    pub fn holds(&self) -> bool {
        self.problems.is_empty()
    }
}

/// Checks the export in `reader` with the public key in `key_text`.
///
/// # Errors
/// [`VerifyError`] when the key or the file is not one; everything wrong with the entries is in the report.
pub fn verify_file(reader: impl BufRead, key_text: &str) -> Result<Report, VerifyError> {
    verify(reader, &PublicKey::parse(key_text).ok_or(VerifyError::Key)?, &[])
}

/// Checks the export in `reader` with `key`, and that it goes on from each of `kept`: checkpoints (signed notes) somebody
/// laid aside earlier. They are what shows that a whole end of the record was cut off.
///
/// # Errors
/// As [`verify_file`].
pub fn verify(mut reader: impl BufRead, key: &PublicKey, kept: &[String]) -> Result<Report, VerifyError> {
    let mut line = Vec::new();
    if !read_line(&mut reader, &mut line)? {
        return Err(VerifyError::Header);
    }
    let header: Header = serde_json::from_slice(&line).map_err(|_| VerifyError::Header)?;
    if header.format != FORMAT {
        return Err(VerifyError::Header);
    }
    if header.origin != key.origin() {
        return Err(VerifyError::OtherRecord { export: header.origin, key: key.origin().to_owned() });
    }
    if header.kind == Kind::Filtered && !kept.is_empty() {
        return Err(VerifyError::NotWhole);
    }
    let mut check = Check::new(header, key, kept);
    while read_line(&mut reader, &mut line)? {
        check.number += 1;
        check.line(&line);
    }
    Ok(check.finish())
}

/// Reads a line without its end; a longer one than any of ours is cut, which makes it unreadable.
fn read_line(reader: &mut impl BufRead, line: &mut Vec<u8>) -> std::io::Result<bool> {
    line.clear();
    let mut limited = std::io::Read::take(&mut *reader, u64::try_from(LONGEST_LINE).unwrap_or(u64::MAX));
    if limited.read_until(b'\n', line)? == 0 {
        return Ok(false);
    }
    if line.last() == Some(&b'\n') {
        line.pop();
    }
    Ok(true)
}

struct Check<'a> {
    header: Header,
    key: &'a PublicKey,
    /// Kept checkpoints not compared yet.
    kept: Vec<SignedCheckpoint>,
    number: u64,
    entries: u64,
    edge: Frontier,
    /// A gap or a stranger: roots cannot come out right any more.
    torn: bool,
    good: Option<SignedCheckpoint>,
    checkpoints: u64,
    last_index: Option<u64>,
    /// Whether the last line was a checkpoint.
    closed: bool,
    problems: Vec<Problem>,
    told: BTreeSet<u64>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Tail {
    hash: String,
    index: u64,
    proof: Option<Vec<String>>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct CheckpointLine {
    checkpoint: String,
}

/// A line that holds an entry: its bytes, the hash and number it states, and its path in a filtered export.
struct EntryLine<'a> {
    entry: &'a [u8],
    hash: Hash,
    index: u64,
    path: Option<Vec<Hash>>,
}

impl<'a> Check<'a> {
    fn new(header: Header, key: &'a PublicKey, kept: &[String]) -> Self {
        let mut check = Self {
            header,
            key,
            kept: Vec::new(),
            number: 1,
            entries: 0,
            edge: Frontier::default(),
            torn: false,
            good: None,
            checkpoints: 0,
            last_index: None,
            closed: false,
            problems: Vec::new(),
            told: BTreeSet::new(),
        };
        for note in kept {
            match open(note, key) {
                Some(kept) => check.kept.push(kept),
                None => check.tell(Problem::KeptNotSigned),
            }
        }
        check.compare_kept();
        check
    }

    fn line(&mut self, line: &[u8]) {
        let line_number = self.number;
        self.closed = line.starts_with(b"{\"checkpoint\":");
        let read = if self.closed {
            serde_json::from_slice(line)
                .ok()
                .map(|CheckpointLine { checkpoint }| self.checkpoint(&checkpoint))
        } else {
            read_entry(line).map(|line| self.entry(line))
        };
        if read.is_none() {
            self.torn = true;
            self.tell(Problem::Unreadable { line: line_number });
        }
    }

    fn entry(&mut self, line: EntryLine<'_>) {
        let EntryLine { entry, hash, index, path } = line;
        self.entries += 1;
        if leaf::hash(entry) != hash {
            self.tell(Problem::Changed { index });
        }
        match (self.header.kind, path) {
            (Kind::Full, None) => self.next_leaf(hash, index),
            (Kind::Filtered, Some(path)) => {
                // Entries are listed by id; one whose transaction took long has an older id than its place tells, so the
                // order says nothing, but none stands there twice.
                if !self.told.insert(index) {
                    self.tell(Problem::Misplaced { line: self.number, index });
                }
                let held = self
                    .good
                    .as_ref()
                    .is_some_and(|good| check_record(&path, good.size, good.root, index, hash).is_ok());
                if !held {
                    self.tell(Problem::NotInTree { index });
                }
            }
            _ => self.tell(Problem::Unreadable { line: self.number }),
        }
    }

    fn next_leaf(&mut self, hash: Hash, index: u64) {
        let expected = self.last_index.map_or(0, |last| last.saturating_add(1));
        if index < expected {
            self.torn = true;
            return self.tell(Problem::Misplaced { line: self.number, index });
        }
        if index > expected {
            self.torn = true;
            self.tell(Problem::Missing { from: expected, to: index - 1 });
        }
        self.last_index = Some(index);
        if !self.torn {
            self.edge.push(hash, |_| {});
            self.compare_kept();
        }
    }

    fn checkpoint(&mut self, note: &str) {
        let Some(checkpoint) = open(note, self.key) else {
            return self.tell(Problem::NotSigned { line: self.number });
        };
        if self.header.kind == Kind::Full && !self.torn {
            if checkpoint.size != self.edge.size() || checkpoint.root != self.edge.root() {
                self.torn = true;
                let from = self.covered();
                let to = checkpoint.size.max(self.edge.size()).saturating_sub(1);
                return self.tell(Problem::OtherRoot { from, to });
            }
        } else if self.header.kind == Kind::Full {
            return;
        }
        self.checkpoints += 1;
        self.good = Some(checkpoint);
    }

    /// Entries under the last good checkpoint.
    fn covered(&self) -> u64 {
        self.good.as_ref().map_or(0, |good| good.size)
    }

    fn compare_kept(&mut self) {
        let size = self.edge.size();
        if !self.kept.iter().any(|kept| kept.size == size) {
            return;
        }
        let root = self.edge.root();
        let (here, ahead): (Vec<_>, _) =
            std::mem::take(&mut self.kept).into_iter().partition(|kept| kept.size == size);
        self.kept = ahead;
        for kept in here.iter().filter(|kept| kept.root != root) {
            self.tell(Problem::OtherHistory { size: kept.size });
        }
    }

    fn finish(mut self) -> Report {
        let covered = self.covered();
        match self.header.kind {
            Kind::Full => {
                let found = self.last_index.map_or(0, |last| last.saturating_add(1));
                if found < self.header.size {
                    self.tell(Problem::Short { size: self.header.size, found });
                } else if !self.torn && covered < found {
                    self.tell(Problem::NotCovered { from: covered });
                }
                for kept in std::mem::take(&mut self.kept) {
                    self.tell(Problem::OtherHistory { size: kept.size });
                }
            }
            Kind::Filtered if !self.closed => self.tell(Problem::Cut),
            Kind::Filtered => {}
        }
        Report {
            origin: self.header.origin,
            full: self.header.kind == Kind::Full,
            entries: self.entries,
            checkpoints: self.checkpoints,
            size: covered,
            root: self.good.map_or_else(String::new, |good| good.root.to_string()),
            problems: self.problems,
        }
    }

    fn tell(&mut self, problem: Problem) {
        if self.problems.len() < MOST_PROBLEMS && self.problems.last() != Some(&problem) {
            self.problems.push(problem);
        }
    }
}

/// Takes a line apart. What follows the entry is written again and compared, so that it has one form.
fn read_entry(line: &[u8]) -> Option<EntryLine<'_>> {
    const MARK: &[u8] = b",\"hash\":\"";
    let rest = line.strip_prefix(b"{\"entry\":")?;
    let at = rest.windows(MARK.len()).rposition(|window| window == MARK)?;
    let (entry, written) = rest.split_at_checked(at)?;
    let written = std::str::from_utf8(written).ok()?;
    let Tail { hash, index, proof } =
        serde_json::from_str(&format!("{{{}", written.strip_prefix(',')?)).ok()?;
    let hash = Hash::parse_hash(&hash).ok()?;
    let path: Option<Vec<Hash>> = match proof {
        Some(proof) => Some(proof.iter().map(|hash| Hash::parse_hash(hash).ok()).collect::<Option<_>>()?),
        None => None,
    };
    (tail(&hash, index, path.as_deref()) == written).then_some(EntryLine { entry, hash, index, path })
}
