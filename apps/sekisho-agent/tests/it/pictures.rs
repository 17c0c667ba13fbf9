//! The box's camera (K15): a picture with an event, sealed before it is kept or sent, never in the way of an event; nothing
//! that can be looked at lies on the box (K13).

use std::path::Path;
use std::sync::Arc;
use std::sync::atomic::Ordering;
use std::time::Duration;

use async_trait::async_trait;
use sekisho_agent::box_logic::{Input, PanelAction, Screen};
use sekisho_agent::driver::{Cabinet, Camera, Fault, Signal, SimulatedDriver};
use sekisho_agent::journal::{Journal, Room};
use sekisho_agent::running::{Parts, Running};
use sekisho_crypto::{SealingPair, open_sealed_to};
use sekisho_wire::{
    AnswerKind, BoxConfig, Code, Event, EventKind, MAX_PICTURE, Picture, Shot, StartReason, Topic, Words,
    decode,
};

use crate::cloud::{Cloud, PATIENCE, device};
use crate::kill::until;
use crate::over_the_wire::{contains, read_all};
use crate::stand::{Stand, config};

const PNG: &[u8] = b"\x89PNG\r\n\x1a\n";

/// What the camera saw, opened as only the server can.
fn opened(pair: &SealingPair, picture: &Picture) -> Shot {
    let bound_to = Picture::bound_to(device(), picture.seq, picture.at);
    decode(&open_sealed_to(&pair.secret, Picture::PURPOSE, &bound_to, &picture.sealed).unwrap()).unwrap()
}

/// The picture of the first event that is wanted.
async fn picture_of(cloud: &Cloud, wanted: impl Fn(&EventKind) -> bool) -> (Event, Picture) {
    let event = |topic: &Topic, payload: &[u8]| {
        let Topic::Event(_) = topic else { return None };
        Some(decode::<Event>(payload).unwrap()).filter(|event| wanted(&event.kind))
    };
    let event = cloud.hears(event).await;
    let picture = cloud
        .hears(|topic, payload| (*topic == Topic::Picture(event.seq)).then(|| decode(payload).unwrap()))
        .await;
    (event, picture)
}

/// How many sealed pictures lie in the folder.
fn kept(folder: &Path) -> usize {
    std::fs::read_dir(folder.join("pictures")).map_or(0, |entries| {
        entries.filter(|entry| entry.as_ref().unwrap().path().extension().unwrap() == "sealed").count()
    })
}

#[tokio::test]
async fn a_forced_bin_has_its_picture_after_its_event() {
    let folder = tempfile::tempdir().unwrap();
    let cloud = Cloud::start().await;
    let pair = cloud.camera_on();
    let one = cloud.box_in(folder.path()).await;
    one.wait_for(PATIENCE, |view| view.online && view.camera).await.expect("people are told of the camera");
    one.cabinet().force(2);
    let (event, picture) = picture_of(&cloud, |kind| *kind == EventKind::BinForced { bin: 2 }).await;
    assert_eq!((picture.seq, picture.at, picture.key), (event.seq, event.at, 1));
    let shot = opened(&pair, &picture);
    assert!(shot.media == "image/png" && shot.bytes.starts_with(PNG));
    let heard = cloud.heard_topics();
    let place = |topic: Topic| heard.iter().position(|one| *one == topic).unwrap();
    assert!(place(Topic::Event(event.seq)) < place(Topic::Picture(event.seq)), "events go first");
    // The server has it, so the box has not.
    until("the picture is gone from the box", || kept(folder.path()) == 0).await;
    one.stop().await;
}

#[tokio::test]
async fn pictures_wait_sealed_on_the_disk_and_outlive_a_power_cut() {
    let folder = tempfile::tempdir().unwrap();
    let cloud = Cloud::start().await;
    let pair = cloud.camera_on();
    let one = cloud.box_in(folder.path()).await;
    one.wait_for(PATIENCE, |view| view.online && view.camera).await.expect("set up");
    one.cut_network(true);
    one.wait_for(PATIENCE, |view| !view.online).await.expect("offline");
    one.cabinet().force(1);
    one.cabinet().tamper(true);
    until("two pictures are kept", || kept(folder.path()) == 2).await;
    assert_eq!(one.cabinet().shots(), 2);
    one.kill().await;

    // K13: whoever carries the box away finds nothing to look at.
    let disk = read_all(folder.path());
    assert!(!contains(&disk, PNG) && !contains(&disk, b"IHDR") && !contains(&disk, b"image/png"));

    let one = cloud.box_in(folder.path()).await;
    let (_, first) = picture_of(&cloud, |kind| *kind == EventKind::BinForced { bin: 1 }).await;
    let (_, second) = picture_of(&cloud, |kind| *kind == EventKind::TamperOn).await;
    let (first, second) = (opened(&pair, &first), opened(&pair, &second));
    assert!(first.bytes.starts_with(PNG) && first.bytes != second.bytes, "no two shots are the same");
    until("nothing is left", || kept(folder.path()) == 0).await;
    one.stop().await;
}

#[tokio::test]
async fn what_the_server_has_not_confirmed_is_sent_again() {
    let folder = tempfile::tempdir().unwrap();
    let cloud = Cloud::start().await;
    cloud.camera_on();
    let one = cloud.box_in(folder.path()).await;
    one.wait_for(PATIENCE, |view| view.online && view.camera).await.expect("set up");
    cloud.hold_pictures(true);
    one.cabinet().tamper(true);
    cloud.hears(|topic, _| matches!(topic, Topic::Event(_)).then_some(())).await;
    until("it is kept", || kept(folder.path()) == 1).await;
    one.kill().await;
    assert_eq!(kept(folder.path()), 1, "not confirmed, so not forgotten");
    cloud.hold_pictures(false);
    let one = cloud.box_in(folder.path()).await;
    picture_of(&cloud, |kind| *kind == EventKind::TamperOn).await;
    until("confirmed, so forgotten", || kept(folder.path()) == 0).await;
    one.stop().await;
}

#[tokio::test]
async fn a_camera_that_is_off_takes_no_picture() {
    let folder = tempfile::tempdir().unwrap();
    let cloud = Cloud::start().await;
    let one = cloud.box_in(folder.path()).await;
    one.wait_for(PATIENCE, |view| view.online && !view.camera).await.expect("nobody is told of a camera");
    one.cabinet().force(2);
    cloud.hears(|topic, _| matches!(topic, Topic::Event(2)).then_some(())).await;
    one.stop().await;
    assert!(!folder.path().join("pictures").exists());
}

/// A camera whose pictures are larger than a message may be.
struct Huge;

#[async_trait]
impl Camera for Huge {
    async fn shoot(&self) -> Result<Option<Shot>, Fault> {
        Ok(Some(Shot { media: "image/jpeg".to_owned(), bytes: vec![7; MAX_PICTURE + 1] }))
    }
}

#[tokio::test]
async fn a_picture_too_large_is_lost_and_told_and_its_event_is_not() {
    let folder = tempfile::tempdir().unwrap();
    let cloud = Cloud::start().await;
    cloud.camera_on();
    let driver = SimulatedDriver::new(Cabinet::with_fobs(4, []));
    let mut running = Running::start(Parts {
        home: cloud.enrol(folder.path()),
        world: sekisho_crypto::system_world(),
        driver: Arc::new(driver.clone()),
        camera: Arc::new(Huge),
        reason: StartReason::PowerOn,
        forgetful: false,
        longest_pause: Duration::from_millis(200),
        updates: None,
        room: Room::default(),
    })
    .await
    .unwrap();
    running.view.wait_for(|view| view.camera).await.unwrap();
    driver.force(3);
    for wanted in [EventKind::BinForced { bin: 3 }, EventKind::PicturesLost { count: 1 }] {
        let hears = |topic: &Topic, payload: &[u8]| {
            let Topic::Event(_) = topic else { return None };
            (decode::<Event>(payload).unwrap().kind == wanted).then_some(())
        };
        cloud.hears(hears).await;
    }
    assert!(!cloud.heard_topics().iter().any(|topic| matches!(topic, Topic::Picture(_))));
    running.stop().await;
}

/// Pictures go first, all of them, and no event does: what happened while the disk was full is told as soon as there is room.
#[tokio::test]
async fn a_full_disk_drops_pictures_before_events() {
    let folder = tempfile::tempdir().unwrap();
    let cloud = Cloud::start().await;
    cloud.camera_on();
    let (driver, room) = (SimulatedDriver::new(Cabinet::with_fobs(4, [])), Room::default());
    let mut running = Running::start(Parts {
        home: cloud.enrol(folder.path()),
        world: sekisho_crypto::system_world(),
        driver: Arc::new(driver.clone()),
        camera: Arc::new(driver.clone()),
        reason: StartReason::PowerOn,
        forgetful: false,
        longest_pause: Duration::from_millis(200),
        updates: None,
        room: room.clone(),
    })
    .await
    .unwrap();
    running.view.wait_for(|view| view.camera && view.online).await.unwrap();
    running.link.cable(false);
    running.view.wait_for(|view| !view.online).await.unwrap();
    driver.force(1);
    driver.tamper(true);
    until("two pictures are kept", || kept(folder.path()) == 2).await;
    let before = Journal::peek(&folder.path().join("journal")).unwrap().last_seq();

    room.0.store(0, Ordering::Relaxed);
    driver.force(3);
    until("the pictures are gone", || kept(folder.path()) == 0).await;
    assert_eq!(Journal::peek(&folder.path().join("journal")).unwrap().last_seq(), before, "nothing fits");
    driver.close(3);
    room.0.store(u64::MAX, Ordering::Relaxed);
    running.link.cable(true);
    let lost = |topic: &Topic, payload: &[u8]| {
        let Topic::Event(_) = topic else { return None };
        matches!(decode::<Event>(payload).unwrap().kind, EventKind::PicturesLost { .. }).then_some(())
    };
    cloud.hears(lost).await;
    let kinds: Vec<EventKind> = cloud.heard_events().into_iter().map(|event| event.kind).collect();
    let place = |wanted: &EventKind| kinds.iter().position(|kind| kind == wanted).unwrap();
    let order = [EventKind::BinForced { bin: 1 }, EventKind::TamperOn, EventKind::BinForced { bin: 3 }];
    assert!(order.iter().map(place).is_sorted(), "{kinds:?}");
    assert!(kinds.iter().any(|kind| matches!(kind, EventKind::BinClosed { bin: 3, .. })), "{kinds:?}");
    assert!(!cloud.heard_topics().iter().any(|topic| matches!(topic, Topic::Picture(_))));
    running.stop().await;
}

/// Which events have a picture: an opened door, rightly or not, a shaken case, and codes tried until the panel rests.
#[test]
fn a_picture_belongs_to_what_happens_at_a_door_and_to_guessing() {
    let camera = Some(sekisho_wire::Camera { key: 1, public: vec![4; 65] });
    let mut stand = Stand::connected();
    stand.step(Input::Config(BoxConfig { version: 2, camera, ..config() }));
    assert_eq!(stand.pictures(), []);
    for _ in 0..5 {
        stand.press(PanelAction::IdNumber { value: Code::new("9999") });
        stand.answer(AnswerKind::Refused { code: "wrong_code".to_owned(), text: Words::default() });
    }
    assert_eq!(stand.screen(), Screen::Resting);
    assert_eq!(stand.pictures(), [EventKind::CodeRefused { tries: 5 }]);
    stand.step(Input::Signal(Signal::Power(false)));
    stand.step(Input::Signal(Signal::BinOpened(2)));
    stand.step(Input::Signal(Signal::BinClosed(2)));
    stand.step(Input::Signal(Signal::Master(true)));
    assert_eq!(
        stand.pictures()[1..],
        [EventKind::BinForced { bin: 2 }, EventKind::DoorOpened { command: None }]
    );
    // Off again: not one more.
    stand.step(Input::Config(BoxConfig { version: 3, ..config() }));
    stand.step(Input::Signal(Signal::Tamper(true)));
    assert_eq!(stand.pictures().len(), 3);
}

/// Losses are told together: a box that is cut off for days does not fill its journal with them.
#[test]
fn lost_pictures_are_told_now_and_then() {
    let mut stand = Stand::connected();
    let told = |stand: &Stand| {
        let lost = |kind: EventKind| match kind {
            EventKind::PicturesLost { count } => Some(count),
            _ => None,
        };
        stand.events().into_iter().filter_map(lost).collect::<Vec<_>>()
    };
    for _ in 0..7 {
        stand.step(Input::PicturesLost(1));
    }
    assert_eq!(told(&stand), [1]);
    stand.advance(Duration::from_secs(61));
    assert_eq!(told(&stand), [1, 6]);
    stand.advance(Duration::from_secs(200));
    assert_eq!(told(&stand), [1, 6]);
}
