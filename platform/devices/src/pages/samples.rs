//! The pages of devices with invented devices, for `/gallery` and the test that draws them all.

use std::collections::HashMap;

use axum::http::StatusCode;
use sekisho_kernel::{Actor, DeviceId, SiteId, TenantId};
use sekisho_places::Site;
use sekisho_web::FormState;
use sekisho_web::gallery::{NOW, Sample, Sampler, drawn, id, minutes_ago};
use sekisho_wire::{BinReport, Clock, EventKind, Heartbeat, Vitals};

use super::claim_page::ClaimPage;
use super::detail::{Commands, Events, Order, Overview, Settings, Told};
use super::publish::{Fate, PublishPage, Sent};
use super::updates::{NewRolloutPage, RolloutList, RolloutListAsk, RolloutPage};
use super::{DeviceList, ListAsk, NewDevicePage, site_names};
use crate::command::CommandState;
use crate::rollout::{Progress, RolloutState};
use crate::{Device, DeviceKind, DeviceProgress, Published, Rollout, Standing};

/// The pages that have samples.
pub fn samplers() -> Vec<Sampler> {
    vec![
        drawn::<DeviceList>,
        drawn::<NewDevicePage>,
        drawn::<ClaimPage>,
        drawn::<Overview>,
        drawn::<Events>,
        drawn::<Commands>,
        drawn::<Settings>,
        drawn::<RolloutList>,
        drawn::<NewRolloutPage>,
        drawn::<PublishPage>,
        drawn::<RolloutPage>,
    ]
}

fn sites() -> Vec<Site> {
    let site = |number, name: &str, address: &str, zone: &str| Site {
        id: id::<SiteId>(number),
        name: name.to_owned(),
        address: address.to_owned(),
        zone: zone.to_owned(),
    };
    vec![
        site(1, "本社", "東京都千代田区丸の内", "Asia/Tokyo"),
        site(2, "Berlin Adlershof", "12489 Berlin", "Europe/Berlin"),
    ]
}

/// A box that is well.
fn online() -> Device {
    let bin = |bin, occupied, fob: Option<&str>| BinReport {
        bin,
        closed: bin != 3,
        fob: fob.map(str::to_owned),
        occupied: Some(occupied),
    };
    Device {
        tenant: id::<TenantId>(9),
        id: id::<DeviceId>(10),
        kind: DeviceKind::Smartbox,
        name: "本社 1 階 総務部カウンター横 鍵ボックス A（社用車・会議室・倉庫）".to_owned(),
        site: Some(id(1)),
        standing: Standing::Enrolled,
        online: true,
        flaky: false,
        last_seen: Some(minutes_ago(1)),
        report: Some(Heartbeat {
            vitals: Vitals {
                agent: "1.0.0".to_owned(),
                uptime_s: 86_400 * 12,
                mains: true,
                battery: Some(100),
                ..Vitals::default()
            },
            bins: vec![bin(1, true, Some("04A1B2C3")), bin(2, true, None), bin(3, false, None)],
            clock: Clock { now: NOW, trusted: true },
            config_version: 4,
        }),
        certificate_until: Some(minutes_ago(-60 * 24 * 80)),
        config_version: 4,
    }
}

/// One that stopped answering while it ran on its battery.
fn silent() -> Device {
    let mut device = Device {
        id: id(11),
        name: "駐車場".to_owned(),
        online: false,
        last_seen: Some(minutes_ago(260)),
        ..online()
    };
    if let Some(report) = &mut device.report {
        report.bins.clear();
        report.vitals = Vitals {
            agent: "0.9.4".to_owned(),
            battery: Some(12),
            unsent: 31,
            tamper: true,
            ..Vitals::default()
        };
        report.clock.trusted = false;
    }
    device
}

fn flaky() -> Device {
    Device { id: id(12), name: "Adlershof Empfang".to_owned(), site: Some(id(2)), flaky: true, ..online() }
}

fn waiting() -> Device {
    Device {
        id: id(13),
        name: "Server room agent".to_owned(),
        kind: DeviceKind::Agent,
        site: None,
        standing: Standing::Waiting,
        online: false,
        last_seen: None,
        report: None,
        certificate_until: None,
        ..online()
    }
}

fn revoked() -> Device {
    Device { id: id(14), name: "旧ボックス".to_owned(), standing: Standing::Revoked, ..silent() }
}

impl Sample for DeviceList {
    fn samples() -> Vec<(&'static str, Self)> {
        let list = |all, ask| Self { all, sites: site_names(&sites()), ask };
        let nothing = ListAsk { q: "プリンター".to_owned(), ..ListAsk::default() };
        vec![
            ("/devices: none", list(Vec::new(), ListAsk::default())),
            ("/devices", list(vec![online(), silent(), flaky(), waiting(), revoked()], ListAsk::default())),
            ("/devices: nothing found", list(vec![online()], nothing)),
        ]
    }
}

impl Sample for NewDevicePage {
    fn samples() -> Vec<(&'static str, Self)> {
        let refused = FormState::empty().wrong("name", "devices-error-name-missing");
        vec![
            ("/devices/new", Self { state: FormState::empty(), sites: Vec::new(), status: StatusCode::OK }),
            (
                "/devices/new: refused",
                Self { state: refused, sites: sites(), status: StatusCode::UNPROCESSABLE_ENTITY },
            ),
        ]
    }
}

impl Sample for ClaimPage {
    fn samples() -> Vec<(&'static str, Self)> {
        let page = Self::new(
            waiting(),
            "K7QM-2XRD-P94T",
            "https://sekisho.example.jp".to_owned(),
            Some("sha256:5d41402abc4b2a76"),
            minutes_ago(-60),
        );
        page.ok().into_iter().map(|page| ("/devices/{id}/claim", page)).collect()
    }
}

/// What a bad night sounds like.
fn told() -> Vec<Told> {
    let kinds = [
        EventKind::KeyRemoved { bin: 3, fob: Some("04A1B2C3".to_owned()), command: None },
        EventKind::BinForced { bin: 7 },
        EventKind::BatteryLow { percent: 12 },
        EventKind::PowerLost,
        EventKind::DoorClosed,
        EventKind::Unknown,
    ];
    kinds.into_iter().zip(1..).map(|(kind, hours)| Told { kind, at: minutes_ago(hours * 60) }).collect()
}

impl Sample for Overview {
    fn samples() -> Vec<(&'static str, Self)> {
        let page = |device: Device, lately| {
            let site = sites().into_iter().find(|site| Some(site.id) == device.site);
            Self { device, site, lately }
        };
        vec![
            ("/devices/{id}", page(online(), told())),
            ("/devices/{id}: silent", page(silent(), told())),
            ("/devices/{id}: flaky", page(flaky(), told())),
            ("/devices/{id}: waiting", page(waiting(), Vec::new())),
            ("/devices/{id}: revoked", page(revoked(), Vec::new())),
        ]
    }
}

impl Sample for Events {
    fn samples() -> Vec<(&'static str, Self)> {
        let page = |told, next: Option<&str>| Self { device: online(), told, next: next.map(str::to_owned) };
        vec![
            ("/devices/{id}/events: none", page(Vec::new(), None)),
            ("/devices/{id}/events", page(told(), Some("next"))),
        ]
    }
}

impl Sample for Commands {
    fn samples() -> Vec<(&'static str, Self)> {
        let person = || Actor::Person { id: id(21) };
        let orders = [
            ("release_bin", CommandState::Succeeded, person()),
            ("release_bin", CommandState::Expired, Actor::Guest { id: id(22) }),
            ("unlock_master", CommandState::Sent, Actor::Device { id: id(10) }),
            ("renew_certificate", CommandState::Failed, Actor::System { name: "devices".to_owned() }),
            ("reboot", CommandState::Unknown, person()),
        ];
        let sent = orders.into_iter().zip(1..).map(|((kind, state, actor), hours)| Order {
            at: minutes_ago(hours * 60),
            kind: kind.to_owned(),
            state,
            actor,
        });
        vec![
            ("/devices/{id}/commands: none", Self { device: waiting(), sent: Vec::new(), next: None }),
            ("/devices/{id}/commands", Self { device: online(), sent: sent.collect(), next: None }),
        ]
    }
}

impl Sample for Settings {
    fn samples() -> Vec<(&'static str, Self)> {
        let page = |device: Device, state, status| Self { device, state, sites: sites(), status };
        let typed = |name: &str| FormState::empty().with("name", name).with("site", id::<SiteId>(1));
        let refused = typed("").wrong("name", "devices-error-name-missing");
        vec![
            ("/devices/{id}/settings", page(online(), typed(&online().name), StatusCode::OK)),
            ("/devices/{id}/settings: refused", page(online(), refused, StatusCode::UNPROCESSABLE_ENTITY)),
            ("/devices/{id}/settings: revoked", page(revoked(), typed("旧ボックス"), StatusCode::OK)),
        ]
    }
}

fn rollout(state: RolloutState, good: u64, failed: u64) -> Rollout {
    let first = HashMap::from([(Progress::Good, 9), (Progress::Downloading, 1)]);
    let second = HashMap::from([(Progress::Good, good), (Progress::Failed, failed), (Progress::Waiting, 90)]);
    Rollout {
        id: id(40),
        image: "smartbox-1.4.0".to_owned(),
        version: "1.4.0".to_owned(),
        hardware: "smartbox-linux-x86_64".to_owned(),
        state,
        stage: 1,
        success: 90,
        errors: 5,
        actor: Actor::Person { id: id(21) },
        created_at: minutes_ago(300),
        ended_at: (!state.is_open()).then(|| minutes_ago(10)),
        stages: vec![first, second],
    }
}

fn published() -> Published {
    let image = |version: &str, length| sekisho_updates::Image {
        name: format!("smartbox-{version}"),
        hardware: "smartbox-linux-x86_64".to_owned(),
        version: version.parse().unwrap_or_default(),
        min_agent: sekisho_updates::Version(1, 0, 0),
        security_version: 3,
        length,
        sha256: [7; 32],
    };
    Published {
        online_key: "5d41402abc4b2a76".repeat(4),
        root_version: 2,
        root_expires: Some(minutes_ago(-500_000)),
        targets_version: 7,
        current_until: Some(minutes_ago(-4_000)),
        images: vec![(image("1.3.0", 9_000_000), true), (image("1.4.0", 9_400_000), false)],
    }
}

impl Sample for RolloutList {
    fn samples() -> Vec<(&'static str, Self)> {
        let all = vec![
            rollout(RolloutState::Running, 40, 1),
            rollout(RolloutState::Halted, 10, 8),
            rollout(RolloutState::Paused, 0, 0),
            rollout(RolloutState::Finished, 90, 0),
            rollout(RolloutState::Stopped, 3, 0),
        ];
        let none = Self { published: Published::default(), all: Vec::new(), ask: RolloutListAsk::default() };
        vec![
            ("/devices/updates: none", none),
            ("/devices/updates", Self { published: published(), all, ask: RolloutListAsk::default() }),
        ]
    }
}

impl Sample for PublishPage {
    fn samples() -> Vec<(&'static str, Self)> {
        let sent = |name: &str, fate| Sent { name: name.to_owned(), fate };
        let page = |sent, status| Self { published: published(), sent, status };
        let refused = vec![
            sent("3.root.json", Fate::Taken),
            sent("targets.json", Fate::Taken),
            sent("smartbox-1.3.0", Fate::Known),
            sent("smartbox-1.4.0", Fate::Refused("devices-publish-other")),
        ];
        let taken = vec![sent("targets.json", Fate::Taken), sent("smartbox-1.4.0", Fate::Taken)];
        vec![
            ("/devices/updates/publish", page(Vec::new(), StatusCode::OK)),
            ("/devices/updates/publish: taken", page(taken, StatusCode::OK)),
            ("/devices/updates/publish: refused", page(refused, StatusCode::UNPROCESSABLE_ENTITY)),
            ("/devices/updates/publish: nothing chosen", page(Vec::new(), StatusCode::UNPROCESSABLE_ENTITY)),
            (
                "/devices/updates/publish: no root",
                Self { published: Published::default(), sent: Vec::new(), status: StatusCode::OK },
            ),
        ]
    }
}

impl Sample for NewRolloutPage {
    fn samples() -> Vec<(&'static str, Self)> {
        let page =
            |state, status| Self { state, images: vec!["smartbox-1.4.0".to_owned()], sites: sites(), status };
        let refused = FormState::empty().wrong("stages", "devices-rollout-error-stages");
        vec![
            ("/devices/updates/new", page(FormState::empty().with("stages", "1, 10%, 100%"), StatusCode::OK)),
            ("/devices/updates/new: refused", page(refused, StatusCode::UNPROCESSABLE_ENTITY)),
        ]
    }
}

impl Sample for RolloutPage {
    fn samples() -> Vec<(&'static str, Self)> {
        let all = || {
            let why = |state: Progress| state.is_error().then(|| "did_not_come_back".to_owned());
            let line = |(number, state): (u128, Progress)| DeviceProgress {
                device: id(50 + number),
                name: format!("本社 {number}F"),
                stage: u64::from(number > 4),
                state,
                why: why(state),
                at: minutes_ago(5),
            };
            (1..).zip(Progress::ALL.iter().copied()).map(line).collect()
        };
        let page = |state, failed| Self { rollout: rollout(state, 40, failed), all: all() };
        vec![
            ("/devices/updates/{id}", page(RolloutState::Running, 1)),
            ("/devices/updates/{id}: paused", page(RolloutState::Paused, 1)),
            ("/devices/updates/{id}: stopped by itself", page(RolloutState::Halted, 9)),
        ]
    }
}
