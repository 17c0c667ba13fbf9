//! A repository in memory, and the people who sign for it.

use std::collections::HashMap;
use std::path::Path;
use std::sync::{Arc, Mutex};
use std::time::Duration;

use async_trait::async_trait;
use sekisho_agent::updates::check::{CheckError, Checked, File, Source, SourceError, Trusted, check};
use sekisho_crypto::sha256;
use sekisho_kernel::Timestamp;
use sekisho_updates::offline::{RootDocument, Signers, TargetsDocument};
use sekisho_updates::online::{Current, sign_current};
use sekisho_updates::{Image, RoleKey, Version};

/// When everything happens.
pub const NOW: Timestamp = Timestamp::from_secs(1_790_000_000);
/// A year.
pub const YEAR: Duration = Duration::from_secs(365 * 86_400);

/// A fresh key.
pub fn key() -> RoleKey {
    RoleKey::generate(&*sekisho_crypto::system_world()).unwrap()
}

/// Everybody who signs: three for root and three for targets, two of them each time, and the server.
pub struct People {
    pub root: Vec<RoleKey>,
    pub targets: Vec<RoleKey>,
    pub online: RoleKey,
}

impl People {
    pub fn new() -> Self {
        let three = || (0..3).map(|_| key()).collect();
        Self { root: three(), targets: three(), online: key() }
    }

    pub fn signers(&self) -> Signers {
        Signers {
            root: self.root.iter().map(RoleKey::public).collect(),
            root_threshold: 2,
            targets: self.targets.iter().map(RoleKey::public).collect(),
            targets_threshold: 2,
            online: self.online.public(),
        }
    }

    pub fn first_root(&self) -> RootDocument {
        let mut root = RootDocument::first(&self.signers(), NOW.plus(YEAR)).unwrap();
        self.root.iter().take(2).for_each(|key| root.sign(key, None).unwrap());
        root
    }

    pub fn sign_targets(&self, targets: &mut TargetsDocument, root: &RootDocument) {
        self.targets.iter().take(2).for_each(|key| targets.sign(key, root).unwrap());
    }

    pub fn current(&self, targets: &TargetsDocument, number: u64, now: Timestamp) -> Current {
        sign_current(&self.online, &targets.to_bytes().unwrap(), targets.version(), number, now).unwrap()
    }
}

/// An image of `version`.
pub fn image(version: Version, security_version: u64) -> Image {
    let bytes = version.to_string().into_bytes();
    Image {
        name: format!("smartbox-{version}"),
        hardware: "smartbox".to_owned(),
        version,
        min_agent: Version(0, 1, 0),
        security_version,
        length: bytes.len() as u64,
        sha256: sha256(&bytes),
    }
}

/// The files, as whoever stands in between would have them.
#[derive(Debug, Default)]
pub struct Shelf {
    pub files: Mutex<HashMap<String, Vec<u8>>>,
    /// Files that never end, and how much of them was read.
    pub endless: Mutex<HashMap<String, u64>>,
}

fn name(file: &File) -> String {
    match file {
        File::Root(number) => format!("{number}.root.json"),
        File::Timestamp => "timestamp.json".to_owned(),
        File::Snapshot => "snapshot.json".to_owned(),
        File::Targets => "targets.json".to_owned(),
        File::Image(name) => name.clone(),
    }
}

#[async_trait]
impl Source for Shelf {
    async fn read(&self, file: &File, offset: u64) -> Result<Vec<u8>, SourceError> {
        if let Some(read) = self.endless.lock().unwrap().get_mut(&name(file)) {
            *read += 60_000;
            return Ok(vec![b' '; 60_000]);
        }
        let files = self.files.lock().unwrap();
        let bytes = files.get(&name(file)).ok_or(SourceError::Missing)?;
        let offset = usize::try_from(offset).unwrap();
        // In small parts, as from a wire.
        Ok(bytes.iter().skip(offset).take(700).copied().collect())
    }
}

/// A repository, complete.
pub struct Stand {
    pub people: People,
    pub root: RootDocument,
    pub targets: TargetsDocument,
    pub shelf: Arc<Shelf>,
    pub scratch: tempfile::TempDir,
    pub number: u64,
}

impl Stand {
    pub fn new() -> Self {
        let people = People::new();
        let root = people.first_root();
        let mut targets = TargetsDocument::first(NOW.plus(YEAR)).unwrap();
        targets.put(&image(Version(1, 0, 0), 1)).unwrap();
        people.sign_targets(&mut targets, &root);
        let scratch = tempfile::tempdir().unwrap();
        let mut stand = Self { people, root, targets, shelf: Arc::default(), scratch, number: 0 };
        stand.publish(NOW);
        stand
    }

    pub fn put(&self, name: &str, bytes: Vec<u8>) {
        self.shelf.files.lock().unwrap().insert(name.to_owned(), bytes);
    }

    pub fn get(&self, name: &str) -> Vec<u8> {
        self.shelf.files.lock().unwrap().get(name).cloned().unwrap()
    }

    /// The server signs what is current.
    pub fn publish(&mut self, now: Timestamp) {
        self.number += 1;
        let current = self.people.current(&self.targets, self.number, now);
        self.put("targets.json", self.targets.to_bytes().unwrap());
        self.put("snapshot.json", current.snapshot);
        self.put("timestamp.json", current.timestamp);
        self.put(&format!("{}.root.json", self.root.version()), self.root.to_bytes().unwrap());
    }

    /// Another image, signed and published.
    pub fn release(&mut self, image: &Image) {
        self.targets = self.targets.next(NOW.plus(YEAR)).unwrap();
        self.targets.put(image).unwrap();
        self.people.sign_targets(&mut self.targets, &self.root);
        self.publish(NOW);
    }

    pub fn fresh(&self) -> Trusted {
        Trusted::root(self.root.to_bytes().unwrap())
    }

    pub async fn check(&self, trusted: &Trusted) -> Result<Checked, CheckError> {
        self.check_at(trusted, NOW).await
    }

    pub async fn check_at(&self, trusted: &Trusted, now: Timestamp) -> Result<Checked, CheckError> {
        let checked = check(trusted, self.shelf.clone(), now, Path::new(self.scratch.path())).await;
        let left = std::fs::read_dir(self.scratch.path()).unwrap().count();
        assert_eq!(left, 0, "a check leaves nothing behind");
        checked
    }
}
