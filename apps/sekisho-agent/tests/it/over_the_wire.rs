//! A whole box — agent, cabinet, certificate, TLS, MQTT — against as little of a server as it needs.

use std::path::Path;
use std::time::Duration;

use sekisho_agent::box_logic::{PanelAction, Screen};
use sekisho_agent::driver::Lamp;
use sekisho_wire::{
    Ack, AnswerKind, AskKind, Channel, Code, CommandKind, CommandResult, EventKind, KeyOffer, ReleaseReason,
    StartReason, Topic,
};
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};

use crate::cloud::{Cloud, PATIENCE};
use crate::stand::id;

const NAME: &str = "佐藤 花子";
const MAIL: &str = "hanako.sato@example.jp";
const NUMBER: &str = "314159";
const ONE_TIME: &str = "271828";

fn answers(kind: &AskKind) -> Option<AnswerKind> {
    let key = KeyOffer {
        key: id(102),
        name: "Van 2".to_owned(),
        bin: Some(2),
        due: sekisho_kernel::Timestamp::EPOCH,
        late: false,
    };
    let far = sekisho_kernel::Timestamp::FAR_FUTURE;
    Some(match kind {
        AskKind::Identify { .. } => {
            AnswerKind::NeedCode { attempt: id(9), sent_to: MAIL.to_owned(), channel: Channel::Mail }
        }
        AskKind::Prove { .. } | AskKind::Keys { .. } => AnswerKind::Welcome {
            session: id(5),
            name: NAME.to_owned(),
            expires: far,
            takeable: vec![key],
            held: vec![],
        },
        AskKind::Take { .. } => AnswerKind::Released { command: id(900), bin: 2, not_after: far },
        AskKind::Return { .. } => AnswerKind::Released { command: id(901), bin: 2, not_after: far },
        _ => AnswerKind::Ok,
    })
}

fn typed(value: &str) -> Code {
    Code::new(value)
}

async fn take_a_key(one: &sekisho_agent::fleet::SimulatedBox) -> String {
    one.wait_for(PATIENCE, |view| view.online).await.expect("online");
    one.press(PanelAction::IdNumber { value: typed(NUMBER) }).await;
    one.wait_for(PATIENCE, |view| matches!(view.screen, Screen::Proof { .. }))
        .await
        .expect("a code is wanted");
    one.press(PanelAction::Prove { value: typed(ONE_TIME) }).await;
    one.wait_for(PATIENCE, |view| matches!(view.screen, Screen::Choose { .. }))
        .await
        .expect("keys to choose");
    one.press(PanelAction::Take { key: id(102) }).await;
    one.wait_for(PATIENCE, |view| matches!(view.screen, Screen::AtBin { step: "open", .. }))
        .await
        .expect("an open bin");
    assert_eq!(one.cabinet().lamps()[&2], Lamp::Here);
    let fob = one.take_fob(2).unwrap();
    one.wait_for(PATIENCE, |view| matches!(view.screen, Screen::Taken { .. })).await.expect("taken");
    fob
}

#[tokio::test]
async fn a_key_is_taken_and_nothing_about_people_stays_on_the_disk() {
    let folder = tempfile::tempdir().unwrap();
    let cloud = Cloud::start().await;
    cloud.answer_with(answers);
    let one = cloud.box_in(folder.path()).await;
    let fob = take_a_key(&one).await;
    cloud
        .hears(|topic, payload| {
            let Topic::Event(_) = topic else { return None };
            let event: sekisho_wire::Event = sekisho_wire::decode(payload).unwrap();
            (event.kind == EventKind::KeyRemoved { bin: 2, fob: Some(fob.clone()), command: Some(id(900)) })
                .then_some(())
        })
        .await;
    one.stop().await;

    // K13: everything the box keeps, against everything it was told about a person
    let kept = read_all(folder.path());
    assert!(kept.len() > 500);
    for secret in [NAME, "花子", MAIL, "hanako", NUMBER, ONE_TIME] {
        assert!(!contains(&kept, secret.as_bytes()), "{secret} is on the disk");
    }
    // the test would notice: the same words did go over the wire
    assert!(contains(&cloud.heard_bytes(), NUMBER.as_bytes()));
}

#[tokio::test]
async fn a_refused_event_is_sent_again_over_the_same_connection() {
    let folder = tempfile::tempdir().unwrap();
    let cloud = Cloud::start().await;
    cloud.refuse(2);
    let one = cloud.box_in(folder.path()).await;
    one.wait_for(PATIENCE, |view| view.online).await.expect("online");
    one.cabinet().tamper(true);
    cloud.hears(|topic, _| (*topic == Topic::Event(1)).then_some(())).await;
    cloud.hears(|topic, _| (*topic == Topic::Event(2)).then_some(())).await;
    assert_eq!(cloud.connected(), 1);
    one.stop().await;
}

/// A reader that goes mad gives texts that no message can carry. The box says that it cannot read them, and goes on.
#[tokio::test]
async fn a_tag_without_end_holds_nothing_up() {
    let folder = tempfile::tempdir().unwrap();
    let cloud = Cloud::start().await;
    let one = cloud.box_in(folder.path()).await;
    one.wait_for(PATIENCE, |view| view.online).await.expect("online");
    let told = async |wanted: EventKind, times: usize| {
        cloud
            .hears(|_, _| {
                let events = cloud.heard_events();
                (events.iter().filter(|event| event.kind == wanted).count() >= times).then_some(())
            })
            .await;
    };
    let cabinet = one.cabinet();
    for (round, tag) in (1..).zip(["4".repeat(70_000), "4".repeat(1025), "4\0".to_owned()]) {
        cabinet.force(3);
        cabinet.take(3).unwrap();
        assert!(cabinet.put(3, &tag));
        cabinet.hold_badge(&tag);
        cabinet.hold_fob(&tag);
        told(EventKind::KeyUnknown { bin: 3, fob: None }, round).await;
        cabinet.close(3);
        told(EventKind::BinClosed { bin: 3, command: None }, round).await;
    }
    // Orders are noted before they are carried out, so the journal is written; and the sensors as they stand at a start.
    let release = CommandKind::ReleaseBin { bin: 2, key: None, why: ReleaseReason::Manager };
    succeeded(&cloud, cloud.order(700, release)).await;
    assert_eq!(cloud.connected(), 1);
    one.stop().await;
    let one = cloud.box_in(folder.path()).await;
    cloud.connections(2).await;
    told(EventKind::BinClosed { bin: 3, command: None }, 3).await;
    one.cabinet().tamper(true);
    told(EventKind::TamperOn, 1).await;
    one.stop().await;
}

#[tokio::test]
async fn what_happens_offline_arrives_later_whole_and_in_order() {
    let folder = tempfile::tempdir().unwrap();
    let cloud = Cloud::start().await;
    cloud.answer_with(answers);
    let one = cloud.box_in(folder.path()).await;
    let fob = take_a_key(&one).await;
    one.cut_network(true);
    one.wait_for(PATIENCE, |view| !view.online).await.expect("offline");
    one.cabinet().hold_fob(&fob);
    one.wait_for(PATIENCE, |view| matches!(view.screen, Screen::AtBin { step: "open", .. }))
        .await
        .expect("an open bin");
    let bin = one.open_bin().unwrap();
    assert!(one.put_fob(bin, &fob));
    one.wait_for(PATIENCE, |view| matches!(view.screen, Screen::Returned { .. })).await.expect("returned");
    // power goes too, before the network comes back
    one.kill().await;
    let one = cloud.box_in(folder.path()).await;
    cloud
        .hears(|topic, payload| {
            let Topic::Event(_) = topic else { return None };
            let event: sekisho_wire::Event = sekisho_wire::decode(payload).unwrap();
            matches!(event.kind, EventKind::KeyInserted { bin: into, .. } if into == bin).then_some(())
        })
        .await;
    // two starts are told, and the chain has no gap
    cloud
        .hears(|_, _| {
            let starts = cloud
                .heard_events()
                .iter()
                .filter(|event| matches!(event.kind, EventKind::Started { .. }))
                .count();
            (starts == 2).then_some(())
        })
        .await;
    let mut events = cloud.heard_events();
    events.dedup_by_key(|event| event.seq);
    let mut prev = sekisho_wire::GENESIS;
    for (index, event) in events.iter().enumerate() {
        assert_eq!((event.seq, event.prev), (index as u64 + 1, prev));
        prev = sekisho_crypto::sha256(&sekisho_wire::encode(event));
    }
    one.stop().await;
}

#[tokio::test]
async fn an_event_stays_until_the_server_has_committed_it() {
    let folder = tempfile::tempdir().unwrap();
    let cloud = Cloud::start().await;
    cloud.hold(true);
    let one = cloud.box_in(folder.path()).await;
    cloud.connections(1).await;
    one.wait_for(PATIENCE, |view| view.bins.len() == 4).await.expect("started");
    one.cabinet().force(3);
    one.wait_for(PATIENCE, |view| view.bins[2].alarm.is_some()).await.expect("alarm");
    one.cut_network(true);
    one.wait_for(PATIENCE, |view| !view.online).await.expect("offline");
    assert!(cloud.heard_events().is_empty());
    cloud.hold(false);
    one.cut_network(false);
    cloud
        .hears(|topic, payload| {
            let Topic::Event(_) = topic else { return None };
            let event: sekisho_wire::Event = sekisho_wire::decode(payload).unwrap();
            (event.kind == EventKind::BinForced { bin: 3 }).then_some(())
        })
        .await;
    one.stop().await;
}

#[tokio::test]
async fn commands_restart_it_and_renew_its_certificate() {
    let folder = tempfile::tempdir().unwrap();
    let cloud = Cloud::start().await;
    let one = cloud.box_in(folder.path()).await;
    cloud.connections(1).await;
    let before = std::fs::read(folder.path().join("certificate.pem")).unwrap();
    let renewal = cloud.order(1, CommandKind::RenewCertificate);
    succeeded(&cloud, renewal).await;
    // it comes back with the new certificate
    cloud.connections(2).await;
    assert_ne!(std::fs::read(folder.path().join("certificate.pem")).unwrap(), before);

    one.wait_for(PATIENCE, |view| view.online).await.expect("online");
    let restart = cloud.order(2, CommandKind::Reboot);
    succeeded(&cloud, restart).await;
    cloud
        .hears(|topic, payload| {
            let Topic::Event(_) = topic else { return None };
            let event: sekisho_wire::Event = sekisho_wire::decode(payload).unwrap();
            matches!(event.kind, EventKind::Started { reason: StartReason::Command, .. }).then_some(())
        })
        .await;
    one.wait_for(PATIENCE, |view| view.online).await.expect("online");
    let open = cloud.order(3, CommandKind::ReleaseBin { bin: 1, key: None, why: ReleaseReason::Manager });
    succeeded(&cloud, open).await;
    assert_eq!(one.cabinet().releases(), [1]);
    one.stop().await;
}

async fn succeeded(cloud: &Cloud, order: Topic) {
    let Topic::Command(command) = order else { panic!("{order:?}") };
    cloud
        .hears(|topic, payload| {
            (*topic == Topic::Ack(command))
                .then(|| sekisho_wire::decode::<Ack>(payload).unwrap())
                .filter(|ack| ack.result == CommandResult::Succeeded)
        })
        .await;
}

#[tokio::test]
async fn another_authoritys_server_is_not_spoken_to() {
    let folder = tempfile::tempdir().unwrap();
    let (ours, stranger) = (Cloud::start().await, Cloud::start().await);
    ours.enrol(folder.path());
    let file = folder.path().join("authorities.pem");
    let other = tempfile::tempdir().unwrap();
    stranger.enrol(other.path());
    std::fs::copy(other.path().join("authorities.pem"), file).unwrap();
    let one = ours.box_in(folder.path()).await;
    assert!(one.wait_for(Duration::from_secs(1), |view| view.online).await.is_none());
    one.stop().await;
}

#[tokio::test]
async fn the_page_is_served_to_this_machine_with_a_strict_policy() {
    let folder = tempfile::tempdir().unwrap();
    let cloud = Cloud::start().await;
    let one = cloud.box_in(folder.path()).await;
    let address = one.panel_addr().unwrap();
    let get = |host: &'static str, path: &'static str| async move {
        let mut socket = tokio::net::TcpStream::connect(address).await.unwrap();
        let request = format!("GET {path} HTTP/1.1\r\nHost: {host}\r\nConnection: close\r\n\r\n");
        socket.write_all(request.as_bytes()).await.unwrap();
        let mut answer = String::new();
        socket.read_to_string(&mut answer).await.unwrap();
        answer
    };
    let page = get("127.0.0.1", "/").await;
    assert!(page.starts_with("HTTP/1.1 200") && page.contains("script-src 'self'"), "{page}");
    for inline in ["<script>", "style=\"", "onclick", "javascript:"] {
        assert!(!page.contains(inline), "{inline}");
    }
    for name in ["panel.css", "cabinet.css", "panel.js"] {
        assert!(page.contains(name), "{name}");
    }
    for path in ["/panel/screens.js", "/panel/cabinet.js", "/panel/ja.json", "/panel/en.json"] {
        assert!(get("localhost", path).await.starts_with("HTTP/1.1 200"), "{path}");
    }
    assert!(get("box.example.com", "/").await.starts_with("HTTP/1.1 421"));
    assert!(get("127.0.0.1", "/panel/nothing").await.starts_with("HTTP/1.1 404"));
    // a page left open does not keep the box from stopping
    let mut page = tokio::net::TcpStream::connect(address).await.unwrap();
    page.write_all(b"GET /live HTTP/1.1\r\nHost: localhost\r\n\r\n").await.unwrap();
    page.read_u8().await.unwrap();
    tokio::time::timeout(PATIENCE, one.stop()).await.expect("it stops");
}

pub(crate) fn contains(bytes: &[u8], wanted: &[u8]) -> bool {
    bytes.windows(wanted.len()).any(|window| window == wanted)
}

pub(crate) fn read_all(folder: &Path) -> Vec<u8> {
    let read = |path: std::path::PathBuf| {
        if path.is_dir() { read_all(&path) } else { std::fs::read(path).unwrap() }
    };
    std::fs::read_dir(folder).unwrap().flat_map(|entry| read(entry.unwrap().path())).collect()
}
