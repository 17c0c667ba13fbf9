//! Updates: what may be published, who may fetch it, and rollouts that go on, stop by themselves, and count silence as failure.

use std::sync::Arc;
use std::time::Duration;

use sea_orm::ColumnTrait as _;
use sekisho_crypto::sha256;
use sekisho_devices::rollout::{Progress, RolloutState};
use sekisho_devices::tables::devices_devices;
use sekisho_devices::update_tables::devices_rollout_devices;
use sekisho_devices::{
    DeviceKind, Devices, GatewayOptions, NewDevice, NewRollout, Publication, RolloutId, Standing, UpdateError,
};
use sekisho_kernel::{AuditEntry, Cx, PersonId, Timestamp, World};
use sekisho_policy::{NewGrant, Right, Subject, Target};
use sekisho_storage::{Engine, Scoped as _};
use sekisho_testkit::TestServer;
use sekisho_teststore::{FreshStore, on_both_engines};
use sekisho_updates::offline::{RootDocument, Signers, TargetsDocument};
use sekisho_updates::{Image, NotBelieved, RoleKey, Version};
use sekisho_wire::{
    Clock, Event, EventKind, GENESIS, Get, Heartbeat, MAX_PART, Part, PartKind, RepositoryFile, Topic,
    UpdateStep, Vitals, decode, encode,
};

use serde_json::json;

use crate::stand::{Stand, migrations};

pub(crate) const YEAR: Duration = Duration::from_secs(365 * 86_400);

fn key() -> RoleKey {
    RoleKey::generate(&*sekisho_crypto::system_world()).unwrap()
}

/// One signer for each role, an image that takes three pieces, all published.
pub(crate) struct Repository {
    root_key: RoleKey,
    targets_key: RoleKey,
    pub(crate) root: RootDocument,
    pub(crate) targets: TargetsDocument,
    pub(crate) bytes: Vec<u8>,
    pub(crate) cx: Cx,
}

impl Repository {
    async fn on(devices: &Devices, cx: Cx) -> Self {
        Self::of(devices, cx, vec![7; 2 * MAX_PART + 100]).await
    }

    /// With these bytes as the image.
    pub(crate) async fn of(devices: &Devices, cx: Cx, bytes: Vec<u8>) -> Self {
        let (root_key, targets_key) = (key(), key());
        let online = devices.online_key(&cx).await.unwrap();
        let signers = Signers {
            root: vec![root_key.public()],
            root_threshold: 1,
            targets: vec![targets_key.public()],
            targets_threshold: 1,
            online,
        };
        let mut root = RootDocument::first(&signers, cx.now.plus(YEAR)).unwrap();
        root.sign(&root_key, None).unwrap();
        let targets = TargetsDocument::first(cx.now.plus(YEAR)).unwrap();
        let mut this = Self { root_key, targets_key, root, targets, bytes, cx };
        this.targets.put(&this.image()).unwrap();
        this.targets.sign(&this.targets_key, &this.root).unwrap();
        this
    }

    fn image(&self) -> Image {
        Image {
            name: "box-2.0.0".to_owned(),
            hardware: "box".to_owned(),
            version: Version(2, 0, 0),
            min_agent: Version(0, 1, 0),
            security_version: 1,
            length: self.bytes.len() as u64,
            sha256: sha256(&self.bytes),
        }
    }

    /// The document with the signer's signature.
    pub(crate) fn signed(&self, mut targets: TargetsDocument) -> TargetsDocument {
        targets.sign(&self.targets_key, &self.root).unwrap();
        targets
    }

    fn publication(&self) -> Publication {
        Publication { roots: Vec::new(), targets: self.targets.to_bytes().unwrap() }
    }

    async fn publish(&self, devices: &Devices) {
        devices.trust_roots(&self.cx, &[self.root.to_bytes().unwrap()]).await.unwrap();
        devices.publish(&self.cx, &self.publication()).await.unwrap();
        let hash = hex::encode(self.image().sha256);
        for (n, part) in (0..).zip(self.bytes.chunks(MAX_PART)) {
            devices.put_part(&self.cx, &hash, n, part).await.unwrap();
        }
    }
}

fn rollout(stages: &str) -> NewRollout {
    NewRollout {
        image: "box-2.0.0".to_owned(),
        stages: stages.to_owned(),
        success: 90,
        errors: 5,
        hours: 24,
        ..NewRollout::default()
    }
}

fn report(agent: &str) -> Vec<u8> {
    let vitals = Vitals {
        agent: agent.to_owned(),
        hardware: Some("box".to_owned()),
        mains: true,
        ..Vitals::default()
    };
    encode(&Heartbeat {
        vitals,
        bins: Vec::new(),
        clock: Clock { now: Timestamp::EPOCH, trusted: true },
        config_version: 0,
    })
}

/// Devices as they are after their first heartbeat.
async fn enrolled(stand: &Stand, count: usize) {
    for number in 0..count {
        stand.add(stand.tenant, &format!("Box {number:04}")).await;
    }
    let tx = stand.begin().await;
    use devices_devices::{Column, Entity};
    tx.update::<Entity>()
        .set(Column::Standing, Standing::Enrolled)
        .set(Column::Report, report("1.0.0"))
        .filter(Column::Standing.eq(Standing::Waiting.word()))
        .exec()
        .await
        .unwrap();
    tx.commit_bookkeeping("test").await.unwrap();
}

/// The devices that were told come to this end; how many.
async fn end(stand: &Stand, id: RolloutId, state: Progress, most: u64) -> usize {
    use devices_rollout_devices::{Column, Entity};
    let tx = stand.begin().await;
    let told = sea_orm::Condition::all()
        .add(Column::RolloutId.eq(id.uuid()))
        .add(Column::State.eq(Progress::Offered.word()));
    let rows = tx.find::<Entity>().filter(told).ascending(Column::Id).limit(most).all().await.unwrap();
    let ids: Vec<_> = rows.iter().map(|row| row.id).collect();
    tx.update::<Entity>()
        .set(Column::State, state.word())
        .filter(Column::Id.is_in(ids))
        .exec()
        .await
        .unwrap();
    tx.commit_bookkeeping("test").await.unwrap();
    rows.len()
}

async fn sweep(stand: &Stand) {
    stand.devices.sweep(stand.world_ref(), &stand.options).await.unwrap();
}

async fn only_what_is_signed_is_published(fresh: FreshStore) {
    let stand = Stand::new(fresh).await;
    let mut repository = Repository::on(&stand.devices, stand.cx(stand.tenant)).await;
    let cx = repository.cx.clone();
    let devices = &stand.devices;
    let no_root = devices.publish(&cx, &repository.publication()).await;
    assert!(matches!(no_root, Err(UpdateError::NoRoot)), "{no_root:?}");
    repository.publish(&stand.devices).await;
    let again = devices.trust_roots(&cx, &[repository.root.to_bytes().unwrap()]).await;
    assert!(matches!(again, Err(UpdateError::RootGiven)));
    let published = devices.published(&cx).await.unwrap();
    assert_eq!((published.root_version, published.targets_version), (1, 1));
    assert_eq!(published.images, [(repository.image(), true)]);
    // Older, or signed by somebody else: refused.
    let first = repository.publication();
    repository.targets = repository.targets.next(cx.now.plus(YEAR)).unwrap();
    let unsigned = devices.publish(&cx, &repository.publication()).await;
    assert!(matches!(unsigned, Err(UpdateError::NotBelieved(NotBelieved::Signature(_)))));
    repository.targets.sign(&repository.targets_key, &repository.root).unwrap();
    devices.publish(&cx, &repository.publication()).await.unwrap();
    let older = devices.publish(&cx, &first).await;
    assert!(matches!(older, Err(UpdateError::NotBelieved(NotBelieved::Older))));
    // Other signers, with the consent of those before.
    let thief = key();
    let online = devices.online_key(&cx).await.unwrap();
    let others = Signers {
        root: vec![thief.public()],
        root_threshold: 1,
        targets: vec![thief.public()],
        targets_threshold: 1,
        online,
    };
    let mut next = repository.root.next(&others, cx.now.plus(YEAR)).unwrap();
    next.sign(&thief, Some(&repository.root)).unwrap();
    let mut targets = repository.targets.next(cx.now.plus(YEAR)).unwrap();
    targets.sign(&thief, &next).unwrap();
    let publication = |root: &RootDocument| Publication {
        roots: vec![root.to_bytes().unwrap()],
        targets: targets.to_bytes().unwrap(),
    };
    let stolen = devices.publish(&cx, &publication(&next)).await;
    assert!(matches!(stolen, Err(UpdateError::NotBelieved(NotBelieved::Signature(_)))));
    next.sign(&repository.root_key, Some(&repository.root)).unwrap();
    assert_eq!(devices.publish(&cx, &publication(&next)).await.unwrap().root_version, 2);
    // A device that enrols is given the newest.
    let answer = stand.enrol(stand.tenant, "Box").await.answer;
    assert!(answer.update_root.unwrap().contains("\"version\": 2"));
    // Pieces of something else are nothing.
    let hash = hex::encode(repository.image().sha256);
    for (part, size) in [(0, MAX_PART - 1), (3, 100), (u64::MAX, 1)] {
        let wrong = devices.put_part(&cx, &hash, part, &vec![7; size]).await;
        assert!(matches!(wrong, Err(UpdateError::NotWhole)), "{part}");
    }
    // What is published stays, whoever sends another piece of it; the same piece again is no news.
    for part in [0, 2] {
        let right = &repository.bytes[usize::try_from(part).unwrap() * MAX_PART..];
        let right = &right[..right.len().min(MAX_PART)];
        let forged = devices.put_part(&cx, &hash, part, &vec![8; right.len()]).await;
        assert!(matches!(forged, Err(UpdateError::NotWhole)), "{part}");
        assert!(devices.put_part(&cx, &hash, part, right).await.unwrap(), "{part}");
        assert_eq!(devices.published(&cx).await.unwrap().images, [(repository.image(), true)]);
    }
    assert_eq!(stand.trail("update.take_image").await.len(), 1);
    // What is current is signed again before its time is over.
    let before = devices.published(&cx).await.unwrap().current_until;
    stand.world.advance(Duration::from_secs(30 * 3600));
    sweep(&stand).await;
    assert!(devices.published(&cx).await.unwrap().current_until > before);
    stand.stop().await;
}
on_both_engines!(only_what_is_signed_is_published, migrations(), |fresh| only_what_is_signed_is_published(
    fresh
)
.await);

/// Pieces may come in any order and all at once; whichever is the last, the whole is judged, once.
async fn pieces_that_come_at_once_are_judged_as_one_image(fresh: FreshStore) {
    let stand = Stand::new(fresh).await;
    let repository = Repository::on(&stand.devices, stand.cx(stand.tenant)).await;
    let (devices, cx) = (&stand.devices, &repository.cx);
    devices.trust_roots(cx, &[repository.root.to_bytes().unwrap()]).await.unwrap();
    devices.publish(cx, &repository.publication()).await.unwrap();
    let hash = hex::encode(repository.image().sha256);
    let put = |n: u64, letter: u8| {
        let (hash, length) = (hash.clone(), if n == 2 { 100 } else { MAX_PART });
        async move { devices.put_part(cx, &hash, n, &vec![letter; length]).await }
    };
    // One of them is wrong: nothing of it is published.
    let (a, b, c) = tokio::join!(put(0, 7), put(1, 7), put(2, 8));
    let refused = [a, b, c].into_iter().filter(|one| matches!(one, Err(UpdateError::NotWhole))).count();
    assert_eq!(refused, 1, "the last of them");
    assert_eq!(devices.published(cx).await.unwrap().images, [(repository.image(), false)]);
    let (a, b, c) = tokio::join!(put(2, 7), put(0, 7), put(1, 7));
    let whole = [a, b, c].map(Result::unwrap).into_iter().filter(|whole| *whole).count();
    assert_eq!(whole, 1, "the last of them");
    assert_eq!(devices.published(cx).await.unwrap().images, [(repository.image(), true)]);
    assert_eq!(stand.trail("update.take_image").await.len(), 1);
    stand.stop().await;
}
on_both_engines!(pieces_that_come_at_once_are_judged_as_one_image, migrations(), |fresh| {
    pieces_that_come_at_once_are_judged_as_one_image(fresh).await
});

async fn a_rollout_of_a_thousand_boxes_stops_when_too_many_fail(fresh: FreshStore) {
    let stand = Stand::new(fresh).await;
    let repository = Repository::on(&stand.devices, stand.cx(stand.tenant)).await;
    let cx = repository.cx.clone();
    enrolled(&stand, 1000).await;
    let early = stand.devices.start_rollout(&cx, rollout("10%")).await;
    assert!(matches!(early, Err(UpdateError::Invalid(_))), "nothing is published yet");
    repository.publish(&stand.devices).await;
    let id = stand.devices.start_rollout(&cx, rollout("10%, 50%")).await.unwrap();
    let another = stand.devices.start_rollout(&cx, rollout("10%")).await;
    assert!(matches!(another, Err(UpdateError::AnotherRuns)));
    let now = async || stand.devices.rollout(&cx, id).await.unwrap();
    sweep(&stand).await;
    let first = now().await;
    assert_eq!((first.devices(), first.stages.len()), (1000, 3));
    assert_eq!(first.count(|state| state == Progress::Offered), 100, "only the first stage is told");
    // Nine in ten are good: the second stage begins.
    assert_eq!(end(&stand, id, Progress::Good, 95).await, 95);
    assert_eq!(end(&stand, id, Progress::Reverted, 5).await, 5);
    sweep(&stand).await;
    assert_eq!(now().await.stage, 1, "five per cent is not more than five per cent");
    sweep(&stand).await;
    sweep(&stand).await;
    assert_eq!(now().await.count(|state| state == Progress::Offered), 400);
    // Of 400 more than 20 fail: it stops, and nobody of the last 500 was ever told.
    end(&stand, id, Progress::Failed, 20).await;
    sweep(&stand).await;
    assert_eq!(now().await.state, RolloutState::Running);
    end(&stand, id, Progress::Failed, 1).await;
    sweep(&stand).await;
    let halted = now().await;
    assert_eq!((halted.state, halted.count(|state| state == Progress::Waiting)), (RolloutState::Halted, 500));
    assert_eq!(stand.facts("devices.rollout_halted").await.len(), 1);
    assert_eq!(stand.trail("rollout.halt").await.len(), 1);
    sweep(&stand).await;
    assert_eq!(now().await, halted, "nothing goes on");
    stand.stop().await;
}
on_both_engines!(a_rollout_of_a_thousand_boxes_stops_when_too_many_fail, migrations(), |fresh| {
    a_rollout_of_a_thousand_boxes_stops_when_too_many_fail(fresh).await
});

#[tokio::test(flavor = "multi_thread")]
async fn the_first_page_tells_of_a_rollout_that_stopped_by_itself() {
    let server = TestServer::start(Engine::Sqlite, Vec::new(), |_| Vec::new()).await;
    let devices = &server.foundation().devices;
    let cx = server.cx();
    let repository = Repository::on(devices, cx.clone()).await;
    repository.publish(devices).await;
    let mut tx = server.foundation().store.begin(&cx).await.unwrap();
    let new = NewDevice { kind: DeviceKind::Smartbox, name: "Box".to_owned(), site: None };
    devices.add(&mut tx, new).await.unwrap();
    tx.update::<devices_devices::Entity>()
        .set(devices_devices::Column::Standing, Standing::Enrolled)
        .set(devices_devices::Column::Report, report("1.0.0"))
        .exec()
        .await
        .unwrap();
    tx.commit_bookkeeping("test").await.unwrap();
    let ask = json!({ "image": "box-2.0.0", "stages": "100%", "success": 90, "errors": 5, "hours": 24 });
    let mut admin = server.administrator().await;
    let refused = admin.api("POST", "/api/v1/devices/rollouts", ask.clone()).await.expect(403);
    assert_eq!(refused.json()["code"], "error-unproven", "what runs on the boxes outlives a session");
    server.prove(&mut admin).await;
    let form = admin.get("/devices/updates/new").await.ok();
    assert!(form.contains("すべての拠点") && form.contains("box-2.0.0"), "{form}");
    let started = admin.api("POST", "/api/v1/devices/rollouts", ask).await.expect(201);
    let page = started.location().replace("/api/v1/devices/rollouts", "/devices/updates");
    // A second administrator, who reads English; a colleague without rights hears nothing.
    let second = server.colleague("second").await;
    server.colleague("third").await;
    make_administrator(&server, second.person).await;
    server.signed_in(&second).await.post("/me/language", &[("language", "en")]).await.expect(303);
    let options = GatewayOptions::default();
    let world: Arc<dyn World> = server.world.clone();
    devices.sweep(&world, &options).await.unwrap();
    let words = "box-2.0.0 の配信が停止しました（更新できなかった機器：1台）";
    assert!(!admin.get("/").await.ok().contains(words));
    server.world.advance(Duration::from_secs(25 * 3600));
    devices.sweep(&world, &options).await.unwrap();
    let mut admin = server.administrator().await;
    let first = admin.get("/").await.ok();
    assert!(first.contains(words) && first.contains(&page), "{first}");

    // Every administrator is told, once, in their language; nobody else is.
    for _ in 0..3 {
        server.settle().await;
        devices.sweep(&world, &options).await.unwrap();
    }
    let told = mailbox(&server).await;
    let halted: Vec<&String> = told.iter().filter(|mail| mail.contains("box-2.0.0")).collect();
    let [japanese, english]: [&String; 2] = halted.try_into().unwrap_or_else(|all| panic!("{all:#?}"));
    let (japanese, english) =
        if japanese.contains("自動停止") { (japanese, english) } else { (english, japanese) };
    for words in [
        "box-2.0.0 の配信が自動停止しました",
        "1 台のうち 1 台をバージョン 2.0.0 に更新できず",
        "最も多い理由：更新の指示が時間内に届きませんでした",
        &page,
    ] {
        assert!(japanese.contains(words), "{words}: {japanese}");
    }
    for words in [
        "The rollout of box-2.0.0 stopped by itself",
        "1 of the 1 devices reached so far could not be updated to version 2.0.0",
        "The order did not reach it in time",
        &page,
    ] {
        assert!(english.contains(words), "{words}: {english}");
    }
    let shown = admin.get(&page).await.ok();
    assert!(shown.contains("更新の指示が時間内に届きませんでした"), "{shown}");
}

/// A colleague who is an administrator, too.
async fn make_administrator(server: &TestServer, person: PersonId) {
    let foundation = server.foundation();
    let mut tx = foundation.store.begin(&server.cx()).await.unwrap();
    let grant = NewGrant::always(Subject::Person(person), Right::Manage, Target::Tenant);
    foundation.policy.grant(&mut tx, grant).await.unwrap();
    tx.commit(AuditEntry::done("grant.give")).await.unwrap();
}

/// What went out to people by mail.
async fn mailbox(server: &TestServer) -> Vec<String> {
    use sekisho_notify::tables::notify_mailbox::{Column, Entity};
    let scope = server.foundation().store.read(server.tenant).await.unwrap();
    let all = scope.find::<Entity>().filter(Column::Means.eq("mail")).all().await.unwrap();
    let text = |one: sekisho_notify::tables::notify_mailbox::Model| {
        format!("{}: {}\n{}\n{:?}", one.recipient, one.subject, one.body, one.links.0)
    };
    all.into_iter().map(text).collect()
}

async fn a_box_that_does_not_come_back_counts_as_failed(fresh: FreshStore) {
    let stand = Stand::new(fresh).await;
    let repository = Repository::on(&stand.devices, stand.cx(stand.tenant)).await;
    let cx = repository.cx.clone();
    repository.publish(&stand.devices).await;
    let (box_one, mut peer) = stand.connected("Box").await;
    peer.publish_up(Topic::Heartbeat, report("1.0.0")).await;
    stand.until("the report is kept", async || stand.device(box_one.id).await.report.is_some()).await;
    // A device outside any rollout is given nothing.
    let get = |n: u64, file: RepositoryFile, offset: u64| (Topic::Get(n), encode(&Get { n, file, offset }));
    let (topic, payload) = get(1, RepositoryFile::Timestamp, 0);
    peer.publish_up(topic, payload).await;
    assert_eq!(part(&mut peer, 1).await, PartKind::Withdrawn);
    let id = stand.devices.start_rollout(&cx, rollout("100%")).await.unwrap();
    sweep(&stand).await;
    let (topic, payload) = get(2, RepositoryFile::Targets, 0);
    peer.publish_up(topic, payload).await;
    assert_eq!(part(&mut peer, 2).await, PartKind::Bytes(repository.targets.to_bytes().unwrap()));
    let image = || RepositoryFile::Image("box-2.0.0".to_owned());
    for (n, offset, length) in [(3, 0, MAX_PART), (4, 2 * MAX_PART as u64 + 40, 60), (5, 1 << 40, 0)] {
        let (topic, payload) = get(n, image(), offset);
        peer.publish_up(topic, payload).await;
        assert_eq!(part(&mut peer, n).await, PartKind::Bytes(vec![7; length]), "from {offset}");
    }
    let (topic, payload) = get(6, RepositoryFile::Image("../secret".to_owned()), 0);
    peer.publish_up(topic, payload).await;
    assert_eq!(part(&mut peer, 6).await, PartKind::Missing);
    stand.devices.pause_rollout(&cx, id).await.unwrap();
    let (topic, payload) = get(7, image(), 0);
    peer.publish_up(topic, payload).await;
    assert_eq!(part(&mut peer, 7).await, PartKind::Later);
    stand.devices.resume_rollout(&cx, id).await.unwrap();
    // It says that it restarts, and is never heard again.
    let kind = EventKind::Updating {
        rollout: id.uuid(),
        step: UpdateStep::Installed,
        version: "2.0.0".to_owned(),
        why: None,
    };
    let event = Event { seq: 1, at: cx.now, prev: GENESIS, kind };
    peer.publish_up(Topic::Event(1), encode(&event)).await;
    let progress = async || stand.devices.rollout_devices(&cx, id).await.unwrap().remove(0);
    stand.until("it restarts", async || progress().await.state == Progress::Installed).await;
    stand.world.advance(Duration::from_secs(31 * 60));
    sweep(&stand).await;
    let lost = progress().await;
    assert_eq!((lost.state, lost.why.as_deref()), (Progress::Failed, Some("did_not_come_back")));
    assert_eq!(stand.devices.rollout(&cx, id).await.unwrap().state, RolloutState::Halted);
    stand.stop().await;
}
on_both_engines!(a_box_that_does_not_come_back_counts_as_failed, migrations(), |fresh| {
    a_box_that_does_not_come_back_counts_as_failed(fresh).await
});

/// It begins to load, and then nothing: silence is failure, until the box itself says otherwise.
async fn a_box_that_falls_silent_counts_as_failed(fresh: FreshStore) {
    let stand = Stand::new(fresh).await;
    let repository = Repository::on(&stand.devices, stand.cx(stand.tenant)).await;
    let cx = repository.cx.clone();
    repository.publish(&stand.devices).await;
    let (box_one, mut peer) = stand.connected("Box").await;
    let sent = peer.publish_up(Topic::Heartbeat, report("1.0.0")).await;
    assert_eq!(peer.acked(sent).await, 0);
    assert!(stand.device(box_one.id).await.report.is_some());
    let id = stand.devices.start_rollout(&cx, rollout("100%")).await.unwrap();
    sweep(&stand).await;
    let tells = |seq: u64, step: UpdateStep| {
        let kind = EventKind::Updating { rollout: id.uuid(), step, version: "2.0.0".to_owned(), why: None };
        (Topic::Event(seq), encode(&Event { seq, at: cx.now, prev: GENESIS, kind }))
    };
    let progress = async || stand.devices.rollout_devices(&cx, id).await.unwrap().remove(0);
    let (topic, payload) = tells(1, UpdateStep::Downloading);
    let sent = peer.publish_up(topic, payload).await;
    assert_eq!(peer.acked(sent).await, 0);
    assert_eq!(progress().await.state, Progress::Downloading);
    stand.world.advance(Duration::from_secs(24 * 3600 + 1));
    sweep(&stand).await;
    let lost = progress().await;
    assert_eq!((lost.state, lost.why.as_deref()), (Progress::Failed, Some("no_answer")));
    // A step on the way is no end. The last word is.
    for (seq, step, state) in [
        (2, UpdateStep::Verified, Progress::Failed),
        (3, UpdateStep::Good, Progress::Good),
        (4, UpdateStep::Reverted, Progress::Good),
    ] {
        let (topic, payload) = tells(seq, step);
        let sent = peer.publish_up(topic, payload).await;
        assert_eq!(peer.acked(sent).await, 0);
        assert_eq!(progress().await.state, state, "after {step:?}");
    }
    stand.stop().await;
}
on_both_engines!(a_box_that_falls_silent_counts_as_failed, migrations(), |fresh| {
    a_box_that_falls_silent_counts_as_failed(fresh).await
});

async fn part(peer: &mut crate::peer::Peer, n: u64) -> PartKind {
    loop {
        let (topic, payload) = peer.message().await;
        if topic == Topic::Part(n) {
            return decode::<Part>(&payload).unwrap().kind;
        }
    }
}
