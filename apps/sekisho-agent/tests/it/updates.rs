//! New software for a box: over the wire it takes what its signers vouch for, keeps what proves itself, goes back from what
//! does not; and power may go at every single write.

use std::collections::HashMap;
use std::io;
use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Mutex};
use std::time::Duration;

use sekisho_agent::fleet::SimulatedBox;
use sekisho_agent::home::Home;
use sekisho_agent::updates::check::Trusted;
use sekisho_agent::updates::{
    Checks, FolderSlots, Order, Record, Request, Situation, Slot, Slots, Tell, UpdateFiles, Updater,
};
use sekisho_crypto::sha256;
use sekisho_kernel::Timestamp;
use sekisho_updates::offline::{RootDocument, Signers, TargetsDocument};
use sekisho_updates::online::sign_current;
use sekisho_updates::{Image, RoleKey, Version};
use sekisho_wire::{
    CommandKind, CommandResult, Document, EventKind, Heartbeat, Part, Topic, UpdateStep, decode,
};
use tokio::sync::Notify;
use tokio_util::sync::CancellationToken;

use crate::cloud::{Cloud, PATIENCE, part};
use crate::stand::id;

const YEAR: Duration = Duration::from_secs(365 * 86_400);
const HARDWARE: &str = "smartbox-simulated";

fn now() -> Timestamp {
    sekisho_crypto::system_world().now()
}

fn key() -> RoleKey {
    RoleKey::generate(&*sekisho_crypto::system_world()).unwrap()
}

/// A repository with these images, each a text that says how its program behaves.
fn repository(images: &[(&str, u64, &str)]) -> HashMap<String, Vec<u8>> {
    let (root_key, targets_key, online) = (key(), key(), key());
    let signers = Signers {
        root: vec![root_key.public()],
        root_threshold: 1,
        targets: vec![targets_key.public()],
        targets_threshold: 1,
        online: online.public(),
    };
    let mut root = RootDocument::first(&signers, now().plus(YEAR)).unwrap();
    root.sign(&root_key, None).unwrap();
    let mut targets = TargetsDocument::first(now().plus(YEAR)).unwrap();
    let mut files = HashMap::new();
    for (version, security_version, behaviour) in images {
        let bytes = program(version, behaviour);
        let image = Image {
            name: format!("box-{version}"),
            hardware: HARDWARE.to_owned(),
            version: version.parse().unwrap(),
            min_agent: Version(0, 0, 1),
            security_version: *security_version,
            length: bytes.len() as u64,
            sha256: sha256(&bytes),
        };
        targets.put(&image).unwrap();
        files.insert(image.name, bytes);
    }
    targets.sign(&targets_key, &root).unwrap();
    let bytes = targets.to_bytes().unwrap();
    let current = sign_current(&online, &bytes, 1, 1, now()).unwrap();
    files.insert("1.root.json".to_owned(), root.to_bytes().unwrap());
    files.insert("targets.json".to_owned(), bytes);
    files.insert("snapshot.json".to_owned(), current.snapshot);
    files.insert("timestamp.json".to_owned(), current.timestamp);
    files
}

fn program(version: &str, behaviour: &str) -> Vec<u8> {
    let mut text = format!("sekisho simulated image\nversion {version}\n{behaviour}\n");
    // So that it takes several pieces.
    while text.len() < 3500 {
        text.push_str("ballast\n");
    }
    text.into_bytes()
}

struct Scene {
    cloud: Cloud,
    folder: tempfile::TempDir,
    one: SimulatedBox,
}

impl Scene {
    async fn with(images: &[(&str, u64, &str)]) -> Self {
        let cloud = Cloud::start().await;
        cloud.serve_files(repository(images));
        Self::at(cloud, sekisho_agent::updates::SELF_TEST_WITHIN).await
    }

    /// A box of this cloud, in which a new program has so long to prove itself.
    async fn at(cloud: Cloud, prove_within: Duration) -> Self {
        let folder = tempfile::tempdir().unwrap();
        let mut setup = cloud.setup_in(folder.path());
        setup.prove_within = prove_within;
        let one = SimulatedBox::start(setup).await.unwrap();
        one.wait_for(PATIENCE, |view| view.online).await.expect("online");
        Self { cloud, folder, one }
    }

    fn order(&self, number: u128, image: &str) -> Topic {
        self.cloud.order(number, CommandKind::Update { rollout: id(number), image: image.to_owned() })
    }

    /// Waits until the box told this step of this rollout; why, when it said so.
    async fn told(&self, number: u128, wanted: UpdateStep) -> Option<String> {
        self.cloud
            .hears(|topic, payload| {
                let Topic::Event(_) = topic else { return None };
                match decode::<sekisho_wire::Event>(payload).unwrap().kind {
                    EventKind::Updating { rollout, step, why, .. }
                        if rollout == id::<uuid::Uuid>(number) && step == wanted =>
                    {
                        Some(why)
                    }
                    _ => None,
                }
            })
            .await
    }

    async fn runs(&self, version: &str) {
        self.cloud
            .hears(|topic, payload| {
                let Topic::Heartbeat = topic else { return None };
                let report: Heartbeat = decode(payload).unwrap();
                assert_eq!(report.vitals.hardware.as_deref(), Some(HARDWARE));
                (report.vitals.agent == version).then_some(())
            })
            .await;
    }

    fn files(&self) -> UpdateFiles {
        UpdateFiles::in_folder(&Home::at(self.folder.path()).updates()).unwrap()
    }
}

#[tokio::test]
async fn a_box_takes_an_update_and_keeps_what_proves_itself() {
    let scene = Scene::with(&[("2.0.0", 3, ""), ("2.1.0", 3, ""), ("2.2.0", 3, ""), ("1.9.0", 2, "")]).await;
    let topic = scene.order(50, "box-2.0.0");
    for step in [
        UpdateStep::Downloading,
        UpdateStep::Verified,
        UpdateStep::Installed,
        UpdateStep::Booted,
        UpdateStep::Good,
    ] {
        assert_eq!(scene.told(50, step).await, None);
    }
    scene.runs("2.0.0").await;
    let Topic::Command(command) = topic else { panic!("an order is a command") };
    let ended = scene.cloud.hears(|topic, payload| match topic {
        Topic::Ack(one) if *one == command => Some(decode::<sekisho_wire::Ack>(payload).unwrap().result),
        _ => None,
    });
    assert!(matches!(ended.await, CommandResult::Accepted | CommandResult::Succeeded));
    // The next one goes into the other slot.
    scene.order(51, "box-2.1.0");
    scene.told(51, UpdateStep::Good).await;
    let record = scene.files().record();
    assert_eq!((record.active, record.version.as_str()), (Slot::B, "2.1.0"));
    assert_eq!(scene.files().security_version().unwrap(), 3);
    // And this one where the first still lies.
    scene.order(54, "box-2.2.0");
    scene.told(54, UpdateStep::Good).await;
    assert_eq!(scene.files().record().active, Slot::A);
    // Validly signed, and older than what may run here.
    scene.order(52, "box-1.9.0");
    assert_eq!(scene.told(52, UpdateStep::Refused).await.as_deref(), Some("security_version"));
    scene.order(53, "box-9.9.9");
    assert_eq!(scene.told(53, UpdateStep::Refused).await.as_deref(), Some("no_such_image"));
    scene.one.stop().await;
}

#[tokio::test]
async fn a_program_that_does_not_start_is_tried_three_times_and_the_box_goes_back() {
    let scene = Scene::with(&[("2.0.0", 1, "starts never")]).await;
    scene.order(50, "box-2.0.0");
    assert_eq!(scene.told(50, UpdateStep::Reverted).await.as_deref(), Some("did_not_start"));
    scene.runs(env!("CARGO_PKG_VERSION")).await;
    let record = scene.files().record();
    assert_eq!((record.active, record.pending), (Slot::Base, None));
    assert_eq!(scene.files().security_version().unwrap(), 0, "what never ran well raises nothing");
    // The box takes another one.
    scene.one.stop().await;
}

/// A program that starts and does not prove itself: the box goes back, and says what was missing.
async fn goes_back_for(withheld: Option<Document>, behaviour: &str, reason: &str) {
    let cloud = Cloud::start().await;
    cloud.serve_files(repository(&[("2.0.0", 7, behaviour)]));
    if let Some(document) = withheld {
        cloud.withhold(document);
    }
    // None of these ever proves itself, however long it is given.
    let scene = Scene::at(cloud, Duration::from_millis(500)).await;
    scene.order(50, "box-2.0.0");
    scene.told(50, UpdateStep::Booted).await;
    assert_eq!(scene.told(50, UpdateStep::Reverted).await.as_deref(), Some(reason));
    scene.runs(env!("CARGO_PKG_VERSION")).await;
    let record = scene.files().record();
    assert_eq!((record.active, record.pending), (Slot::Base, None));
    assert_eq!(scene.files().security_version().unwrap(), 0, "what did not prove itself raises nothing");
    let good = |event: &sekisho_wire::Event| {
        matches!(event.kind, EventKind::Updating { step: UpdateStep::Good, .. })
    };
    assert!(!scene.cloud.heard_events().iter().any(good));
    scene.one.stop().await;
}

#[tokio::test]
async fn a_program_that_senses_no_bins_is_not_kept() {
    goes_back_for(None, "senses nothing", "self_test_bins").await;
}

#[tokio::test]
async fn a_program_that_does_not_find_the_server_is_not_kept() {
    goes_back_for(None, "connects never", "self_test_connection").await;
}

#[tokio::test]
async fn a_program_whose_clock_is_never_set_is_not_kept() {
    goes_back_for(Some(Document::Time), "", "self_test_clock").await;
}

#[tokio::test]
async fn a_program_without_the_boxs_set_up_is_not_kept() {
    goes_back_for(Some(Document::Box), "", "self_test_setup").await;
}

/// Signed for is one image, and another comes: changed, with something behind it, or cut short.
#[tokio::test]
async fn an_image_that_is_not_the_one_signed_for_never_starts() {
    let files = repository(&[("2.0.0", 1, "")]);
    let good = files["box-2.0.0"].clone();
    let changed = good.iter().map(|byte| byte ^ 1).collect::<Vec<_>>();
    let longer = [good.as_slice(), b"and more"].concat();
    let shorter = good.get(..good.len() - 1).unwrap().to_vec();
    let cloud = Cloud::start().await;
    cloud.serve_files(files.clone());
    let scene = Scene::at(cloud, sekisho_agent::updates::SELF_TEST_WITHIN).await;
    for (number, bytes, why) in [(50, changed, "hash"), (51, longer, "too_long"), (52, shorter, "too_short")]
    {
        let mut served = files.clone();
        served.insert("box-2.0.0".to_owned(), bytes);
        scene.cloud.serve_files(served);
        scene.order(number, "box-2.0.0");
        assert_eq!(scene.told(number, UpdateStep::Refused).await.as_deref(), Some(why));
        assert_eq!(scene.files().record().pending, None);
    }
    // Nothing of it stays in the way of the right one.
    scene.cloud.serve_files(files);
    scene.order(53, "box-2.0.0");
    scene.told(53, UpdateStep::Good).await;
    scene.one.stop().await;
}

/// That a bin was forced open.
fn forced(bin: u16) -> impl Fn(&Topic, &[u8]) -> Option<()> {
    move |topic, payload| match topic {
        Topic::Event(_) => {
            let kind = decode::<sekisho_wire::Event>(payload).unwrap().kind;
            (kind == EventKind::BinForced { bin }).then_some(())
        }
        _ => None,
    }
}

#[tokio::test]
async fn nobody_is_interrupted_by_an_update() {
    let scene = Scene::with(&[("2.0.0", 1, "")]).await;
    scene.one.cabinet().force(3);
    scene.cloud.hears(forced(3)).await;
    scene.order(50, "box-2.0.0");
    scene.told(50, UpdateStep::Verified).await;
    let installed = |event: &sekisho_wire::Event| {
        matches!(event.kind, EventKind::Updating { step: UpdateStep::Installed, .. })
    };
    // Another event, so that whatever went on meanwhile was told before it.
    scene.one.cabinet().force(2);
    scene.cloud.hears(forced(2)).await;
    assert!(!scene.cloud.heard_events().iter().any(installed), "a bin stands open");
    assert_eq!(scene.files().record().pending, None, "nothing starts next while a bin stands open");
    scene.one.cabinet().close(2);
    scene.one.cabinet().close(3);
    scene.told(50, UpdateStep::Good).await;
    scene.one.stop().await;
}

#[tokio::test]
async fn a_box_without_a_root_document_takes_nothing() {
    let folder = tempfile::tempdir().unwrap();
    let cloud = Cloud::start().await;
    let home = cloud.enrol(folder.path());
    let files = repository(&[("2.0.0", 1, "")]);
    let root = files["1.root.json"].clone();
    cloud.serve_files(files);
    let one = cloud.box_in(folder.path()).await;
    let scene = Scene { cloud, folder, one };
    scene.one.wait_for(PATIENCE, |view| view.online).await.expect("online");
    scene.order(50, "box-2.0.0");
    assert_eq!(scene.told(50, UpdateStep::Refused).await.as_deref(), Some("no_root"));
    // Brought by hand, it is judged by.
    assert!(home.trust_update_root(b"{}").is_err());
    assert_eq!(home.trust_update_root(&root).unwrap(), 1);
    scene.order(51, "box-2.0.0");
    scene.told(51, UpdateStep::Good).await;
    scene.one.stop().await;
}

/// Documents may be replaced while they are fetched; they do not stay replaced for ever.
#[tokio::test]
async fn documents_that_never_belong_together_are_refused_in_the_end() {
    let mut files = repository(&[("2.0.0", 1, "")]);
    *files.get_mut("targets.json").unwrap().last_mut().unwrap() = b' ';
    let folder = tempfile::tempdir().unwrap();
    let kept = UpdateFiles::in_folder(folder.path()).unwrap();
    kept.trust(&Trusted::root(files["1.root.json"].clone())).unwrap();
    kept.change(|record| record.list(id(50), "box-2.0.0")).unwrap();
    let (updater, words, mut requests) =
        Updater::new(kept.clone(), Slot::Base, HARDWARE.to_owned(), Version(1, 0, 0));
    let stop = CancellationToken::new();
    let task = tokio::spawn(updater.pausing(Duration::from_millis(1)).run(stop.clone()));
    let checks = Checks { sensed: true, timed: true, set_up: true };
    words.situation(Situation { up: true, idle: true, checks, now: now() });
    let mut looks = 0;
    while kept.record().loading.is_some() {
        if let Request::Get(get) = requests.recv().await.expect("the updater works") {
            looks += u32::from(get.file == sekisho_wire::RepositoryFile::Timestamp && get.offset == 0);
            words.part(Part { n: get.n, kind: part(&files, &get) });
        }
    }
    let last = kept.record().tell.pop().unwrap();
    assert_eq!((last.step, last.why.as_deref()), (UpdateStep::Refused, Some("mixed")));
    assert_eq!(looks, 4, "looked at again a few times, no more");
    stop.cancel();
    task.await.unwrap();
}

/// A disk whose power goes at one of its writes, and leaves half of it.
#[derive(Debug)]
struct Cutting {
    disk: FolderSlots,
    left: AtomicUsize,
    cut: Arc<Notify>,
}

impl Cutting {
    /// Counts a write; false: power goes now, or has gone.
    fn goes_on(&self) -> bool {
        let on = |left: usize| left.checked_sub(1);
        let on = self.left.fetch_update(Ordering::SeqCst, Ordering::SeqCst, on).is_ok_and(|left| left > 1);
        if !on {
            self.cut.notify_one();
        }
        on
    }
}

fn dark() -> io::Error {
    io::Error::other("the power is gone")
}

impl Slots for Cutting {
    fn read(&self, name: &str) -> io::Result<Option<Vec<u8>>> {
        self.disk.read(name)
    }

    fn replace(&self, name: &str, bytes: &[u8]) -> io::Result<()> {
        if self.goes_on() {
            return self.disk.replace(name, bytes);
        }
        // The new file was begun, and never took the place of the old.
        self.disk.replace(&format!("{name}.torn"), bytes.get(..bytes.len() / 2).unwrap())?;
        Err(dark())
    }

    fn length(&self, slot: Slot) -> io::Result<u64> {
        self.disk.length(slot)
    }

    fn empty(&self, slot: Slot) -> io::Result<()> {
        if self.goes_on() { self.disk.empty(slot) } else { Err(dark()) }
    }

    fn write(&self, slot: Slot, offset: u64, bytes: &[u8]) -> io::Result<()> {
        if self.goes_on() {
            return self.disk.write(slot, offset, bytes);
        }
        self.disk.write(slot, offset, bytes.get(..bytes.len() / 2).unwrap())?;
        Err(dark())
    }

    fn finish(&self, slot: Slot) -> io::Result<()> {
        if self.goes_on() { self.disk.finish(slot) } else { Err(dark()) }
    }

    fn sha256(&self, slot: Slot) -> io::Result<[u8; 32]> {
        self.disk.sha256(slot)
    }

    fn program(&self, slot: Slot) -> PathBuf {
        self.disk.program(slot)
    }

    fn scratch(&self) -> io::Result<PathBuf> {
        self.disk.scratch()
    }
}

/// One time that power is there: from the start to a restart, to the next cut, or until the program proved itself (true).
async fn power_up(
    folder: &Path,
    writes: usize,
    files: &HashMap<String, Vec<u8>>,
    told: &Mutex<Vec<Tell>>,
) -> io::Result<bool> {
    let cut = Arc::new(Notify::new());
    let disk = Cutting { disk: FolderSlots::at(folder), left: AtomicUsize::new(writes), cut: cut.clone() };
    let kept = UpdateFiles::open(Arc::new(disk))?;
    let slot = kept.change(Record::start)?;
    let order = Order { rollout: id(50), image: "box-2.0.0".to_owned() };
    if slot == Slot::Base {
        kept.change(|record| record.list(order.rollout, &order.image))?;
    }
    let (updater, words, mut requests) =
        Updater::new(kept.clone(), slot, HARDWARE.to_owned(), Version(1, 0, 0));
    let stop = CancellationToken::new();
    let task = tokio::spawn(updater.run(stop.clone()));
    let checks = Checks { sensed: true, timed: true, set_up: true };
    words.situation(Situation { up: true, idle: true, checks, now: now() });
    let outcome = loop {
        let request = tokio::select! {
            () = cut.notified() => break Err(dark()),
            request = requests.recv() => request.expect("the updater works"),
        };
        match request {
            Request::Get(get) => words.part(Part { n: get.n, kind: part(files, &get) }),
            Request::Restart => break Ok(false),
            Request::Tell => {
                told.lock().unwrap().extend(kept.record().tell);
                if let Err(error) = kept.change(|record| record.tell.clear()) {
                    break Err(error);
                }
                let grown = kept.security_version().is_ok_and(|version| version == 3);
                if kept.record().active == Slot::A && grown {
                    break Ok(true);
                }
            }
        }
    };
    stop.cancel();
    task.await.unwrap();
    outcome
}

#[tokio::test]
async fn power_may_go_at_every_single_write() {
    let files = repository(&[("2.0.0", 3, "")]);
    let mut cuts = 0;
    for writes in 1.. {
        let folder = tempfile::tempdir().unwrap();
        let clean = UpdateFiles::in_folder(folder.path()).unwrap();
        clean.trust(&Trusted::root(files["1.root.json"].clone())).unwrap();
        let told = Mutex::new(Vec::new());
        let (mut left, mut starts, mut was_cut) = (writes, 0, false);
        loop {
            starts += 1;
            assert!(starts < 10, "cut at write {writes}: the update does not come to an end");
            match power_up(folder.path(), left, &files, &told).await {
                Ok(true) => break,
                Ok(false) => left = if was_cut { usize::MAX } else { left },
                Err(_) => (left, was_cut) = (usize::MAX, true),
            }
        }
        let kept = UpdateFiles::in_folder(folder.path()).unwrap();
        let record = kept.record();
        assert_eq!((record.active, record.pending, record.loading), (Slot::A, None, None), "write {writes}");
        assert_eq!(kept.security_version().unwrap(), 3);
        assert_eq!(std::fs::read(kept.slots().program(Slot::A)).unwrap(), files["box-2.0.0"]);
        let told = told.lock().unwrap();
        for step in [UpdateStep::Verified, UpdateStep::Installed, UpdateStep::Booted, UpdateStep::Good] {
            assert!(told.iter().any(|tell| tell.step == step), "write {writes}: {step:?} was not told");
        }
        assert!(!told.iter().any(|tell| matches!(tell.step, UpdateStep::Reverted | UpdateStep::Refused)));
        if !was_cut {
            break;
        }
        cuts += 1;
    }
    assert!(cuts >= 12, "only {cuts} writes were cut");
}
