//! The golden files: what went over the wire once must be readable for ever, byte by byte.
//!
//! A file that is missing is written by `SEKISHO_FRESH=1 cargo test -p sekisho-wire`; one that differs is a change of the
//! protocol, and boxes in the field will not understand it.
#![allow(clippy::unwrap_used, clippy::panic, clippy::indexing_slicing, reason = "test code")]

use std::path::Path;

use minicbor::{Decode, Encode};
use sekisho_kernel::{DeviceId, Language, ResourceId, Timestamp};
use sekisho_wire::*;
use uuid::Uuid;

fn id<T: From<Uuid>>(number: u128) -> T {
    Uuid::from_u128(0x0193_a5c0_0000_7000_8000_0000_0000_0000 + number).into()
}

const AT: Timestamp = Timestamp::from_secs(1_795_305_600);

fn golden<T>(name: &str, message: &T)
where
    T: Encode<()> + for<'b> Decode<'b, ()> + PartialEq + std::fmt::Debug,
{
    // Beside the package, where tests run: a path built in would name the clone that filled a shared target directory.
    let path = Path::new("golden").join(format!("{name}.hex"));
    let payload = encode(message);
    if !path.exists() && std::env::var_os("SEKISHO_FRESH").is_some() {
        std::fs::write(&path, format!("{}\n", hex::encode(&payload))).unwrap();
    }
    let stored = std::fs::read_to_string(&path).unwrap_or_else(|_| panic!("{name}: no golden file yet"));
    let stored = hex::decode(stored.trim()).unwrap();
    assert_eq!(hex::encode(&payload), hex::encode(&stored), "{name} is written differently than before");
    assert_eq!(&decode::<T>(&stored).unwrap(), message, "{name} is read differently than it was written");
}

fn events() -> Vec<EventKind> {
    let command: Option<CommandId> = Some(id(9));
    let fob = || Some("04A1B2C3".to_owned());
    vec![
        EventKind::Unknown,
        EventKind::Started { agent: "1.0.0".into(), reason: StartReason::Crash },
        EventKind::BinOpened { bin: 4, command },
        EventKind::BinClosed { bin: 4, command: None },
        EventKind::KeyRemoved { bin: 4, fob: fob(), command },
        EventKind::KeyInserted { bin: 4, fob: "04A1B2C3".into(), command: None },
        EventKind::KeyUnknown { bin: 300, fob: None },
        EventKind::BinForced { bin: 1 },
        EventKind::BinLeftOpen { bin: 1, seconds: 60 },
        EventKind::DoorOpened { command: None },
        EventKind::DoorClosed,
        EventKind::TamperOn,
        EventKind::TamperOff,
        EventKind::PowerLost,
        EventKind::PowerRestored,
        EventKind::BatteryLow { percent: 20 },
        EventKind::ClockStepped { by_micros: -3_600_000_000 },
        EventKind::CodeRefused { tries: 5 },
        EventKind::BinJammed { bin: 2, command },
        EventKind::PicturesLost { count: 3 },
        EventKind::Updating {
            rollout: id(8),
            step: UpdateStep::Reverted,
            version: "1.4.0".into(),
            why: Some("self_test".into()),
        },
    ]
}

#[test]
fn events_stay_readable() {
    for (number, kind) in events().into_iter().enumerate() {
        let seq = number as u64 + 1;
        golden(&format!("event_{number:02}"), &Event { seq, at: AT, prev: [number as u8; 32], kind });
    }
}

#[test]
fn commands_and_results_stay_readable() {
    let kinds = [
        CommandKind::Unknown,
        CommandKind::ReleaseBin { bin: 4, key: Some(id(3)), why: ReleaseReason::Take },
        CommandKind::LightBin { bin: 4, seconds: 30 },
        CommandKind::UnlockMaster,
        CommandKind::DisableBin { bin: 4 },
        CommandKind::EnableBin { bin: 4 },
        CommandKind::Reboot,
        CommandKind::RenewCertificate,
        CommandKind::Update { rollout: id(8), image: "smartbox-1.4.0".into() },
    ];
    for (number, kind) in kinds.into_iter().enumerate() {
        let not_after = Timestamp::from_secs(AT.as_secs() + 10);
        let device: DeviceId = id(1);
        let command = Command { id: id(9), device, kind, not_before: AT, not_after };
        golden(&format!("command_{number}"), &command);
        golden(
            &format!("signed_command_{number}"),
            &SignedCommand { command: encode(&command), signature: vec![7; 64] },
        );
    }
    let results = [
        CommandResult::Unknown,
        CommandResult::Accepted,
        CommandResult::Succeeded,
        CommandResult::Failed { code: "jammed".into() },
        CommandResult::Rejected { code: "signature".into() },
        CommandResult::Expired,
    ];
    for (number, result) in results.into_iter().enumerate() {
        golden(&format!("ack_{number}"), &Ack { command: id(9), result, at: AT });
    }
}

#[test]
fn the_panels_conversation_stays_readable() {
    let session: PanelSession = id(5);
    let key: ResourceId = id(3);
    let code = || Code::new("123456");
    let asks = [
        AskKind::Unknown,
        AskKind::Identify { by: IdentifyBy::IdNumber(code()) },
        AskKind::Identify { by: IdentifyBy::Badge(code()) },
        AskKind::Identify { by: IdentifyBy::BookingCode(code()) },
        AskKind::Identify { by: IdentifyBy::Keycode(code()) },
        AskKind::Prove { attempt: id(6), secret: code() },
        AskKind::Keys { session },
        AskKind::Take { session, key },
        AskKind::Return { session: Some(session), key: Some(key), fob: None, bin: Some(4) },
        AskKind::Return { session: None, key: None, fob: Some(code()), bin: None },
        AskKind::ReturnForm { key, session: None, note: Some("傷があります".into()), fault: true },
        AskKind::HandOver { session, key, to: code(), code: None },
        AskKind::End { session },
        AskKind::Beside { session, by: IdentifyBy::IdNumber(code()) },
    ];
    for (number, kind) in asks.into_iter().enumerate() {
        golden(&format!("ask_{number:02}"), &Ask { n: 17, language: Language::En, kind });
    }
    let offer = || KeyOffer { key, name: "バン 3".into(), bin: Some(4), due: AT, late: false };
    let answers = [
        AnswerKind::Unknown,
        AnswerKind::Ok,
        AnswerKind::NeedCode { attempt: id(6), sent_to: "s…@example.jp".into(), channel: Channel::Mail },
        AnswerKind::NeedPin { attempt: id(6) },
        AnswerKind::Welcome {
            session,
            name: "佐藤".into(),
            expires: AT,
            takeable: vec![offer()],
            held: vec![],
        },
        AnswerKind::Released { command: id(9), bin: 4, not_after: AT },
        AnswerKind::KeycodeState { name: "バン 3".into(), present: true, session: None, key: Some(key) },
        AnswerKind::Refused {
            code: "later".into(), text: Words { ja: "後ほど".into(), en: "later".into() }
        },
        AnswerKind::NeedSecond,
    ];
    for (number, kind) in answers.into_iter().enumerate() {
        golden(&format!("answer_{number}"), &Answer { n: 17, kind });
    }
}

#[test]
fn documents_stay_readable() {
    let words = |text: &str| Words { ja: text.into(), en: text.into() };
    let bin = BinConfig { number: 4, enabled: true, key: Some(id(3)), fob: Some("04A1".into()), label: None };
    golden(
        "box",
        &BoxConfig {
            version: 3,
            name: words("Box A"),
            zone: "Asia/Tokyo".into(),
            language: "ja".into(),
            bins: vec![
                bin,
                BinConfig { number: 5, enabled: false, key: None, fob: None, label: Some("予備".into()) },
            ],
            timeouts: Timeouts::default(),
            greeting: Some(words("03-0000-0000")),
            camera: None,
        },
    );
    golden(
        "box_with_camera",
        &BoxConfig {
            version: 4,
            name: words("Box A"),
            zone: "Asia/Tokyo".into(),
            language: "ja".into(),
            bins: vec![],
            timeouts: Timeouts::default(),
            greeting: None,
            camera: Some(Camera { key: 1, public: vec![4; 65] }),
        },
    );
    for (number, file) in [
        RepositoryFile::Unknown,
        RepositoryFile::Root(2),
        RepositoryFile::Timestamp,
        RepositoryFile::Snapshot,
        RepositoryFile::Targets,
        RepositoryFile::Image("smartbox-1.4.0".into()),
    ]
    .into_iter()
    .enumerate()
    {
        golden(&format!("get_{number}"), &Get { n: 17, file, offset: 49_152 });
    }
    let parts = [
        PartKind::Unknown,
        PartKind::Bytes(vec![7; 3]),
        PartKind::Missing,
        PartKind::Later,
        PartKind::Withdrawn,
    ];
    for (number, kind) in parts.into_iter().enumerate() {
        golden(&format!("part_{number}"), &Part { n: 17, kind });
    }
    golden("time_beacon", &TimeBeacon { now: AT, nonce: 42 });
    golden("time_question", &TimeQuestion { nonce: 42 });
    golden("sync", &Sync { last_seq: 7, hash: [9; 32] });
    golden("certificate_request", &CertificateRequest { csr: vec![0x30, 0x03, 1, 2, 3] });
    golden(
        "certificate_reply",
        &CertificateReply { certificate: vec![0x30], chain: vec![vec![0x30, 1].into()], not_after: AT },
    );
    golden(
        "heartbeat",
        &Heartbeat {
            vitals: Vitals {
                agent: "1.0.0".into(),
                uptime_s: 3600,
                mains: true,
                battery: Some(97),
                unsent: 2,
                free_bytes: Some(1 << 30),
                tamper: false,
                door_open: false,
                hardware: None,
            },
            bins: vec![BinReport { bin: 4, closed: true, fob: Some("04A1".into()), occupied: Some(true) }],
            clock: Clock { now: AT, trusted: true },
            config_version: 3,
        },
    );
}

#[test]
fn pictures_stay_readable() {
    golden("picture", &Picture { seq: 7, at: AT, key: 1, sealed: vec![0xab; 97] });
    golden("shot", &Shot { media: "image/png".into(), bytes: vec![0x89, b'P', b'N', b'G'] });
    // What the seal is bound to is part of the protocol too.
    let bound = hex::encode(Picture::bound_to(id(1), 7, AT));
    assert_eq!(bound, "0193a5c00000700080000000000000010000000000000007000660d2288d2000");
}

/// The largest picture a box takes is one message: no larger packet has to be allowed for it.
#[test]
fn the_largest_picture_fits_into_one_message() {
    let shot = encode(&Shot { media: "image/jpeg".into(), bytes: vec![7; MAX_PICTURE] });
    let sealed = vec![7; shot.len() + SEAL_ADDS];
    assert!(sealed.len() <= MAX_SEALED, "{}", sealed.len());
    let picture = encode(&Picture { seq: u64::MAX, at: AT, key: u32::MAX, sealed: vec![7; MAX_SEALED] });
    let topic = Topic::Picture(u64::MAX).format(id(1));
    // Fixed header, length of the topic, packet id, no properties.
    assert!(1 + 4 + 2 + topic.len() + 2 + 1 + picture.len() <= MAX_PACKET);
}

/// Version and suite, an encapsulated point of P-256, the tag of AES-GCM; see `sekisho-crypto`.
const SEAL_ADDS: usize = 2 + 65 + 16;

#[test]
fn codes_are_not_shown() {
    let ask = Ask {
        n: 1,
        language: Language::Ja,
        kind: AskKind::Prove { attempt: id(6), secret: Code::new("135790") },
    };
    assert!(!format!("{ask:?}").contains("135790"));
}

/// Minimal CBOR by hand: an array header of up to 23 items.
fn array(items: &[&[u8]]) -> Vec<u8> {
    [&[0x80 | items.len() as u8][..], &items.concat()].concat()
}

#[test]
fn what_a_newer_side_adds_does_no_harm() {
    let at = [0x1a, 0x6b, 0, 0, 0];
    let prev = [&[0x58, 32][..], &[0; 32]].concat();
    // A kind of event that does not exist yet, and one more field behind it.
    let newer_kind = array(&[&[0x18, 99], &array(&[&[0x01]])]);
    let payload = [vec![VERSION], array(&[&[0x05], &at, &prev, &newer_kind, &[0xf5]])].concat();
    let event: Event = decode(&payload).unwrap();
    assert_eq!((event.seq, event.kind), (5, EventKind::Unknown));
    // A field missing that came later.
    let question: TimeQuestion = decode(&[VERSION, 0x82, 0x07, 0x60]).unwrap();
    assert_eq!(question.nonce, 7);
}
