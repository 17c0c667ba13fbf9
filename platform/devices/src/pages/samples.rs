//! The pages of devices with invented devices, for `/gallery` and the test that draws them all.

use axum::http::StatusCode;
use sekisho_kernel::{Actor, DeviceId, SiteId, TenantId};
use sekisho_places::Site;
use sekisho_web::FormState;
use sekisho_web::gallery::{NOW, Sample, Sampler, drawn, id, minutes_ago};
use sekisho_wire::{BinReport, Clock, EventKind, Heartbeat, Vitals};

use super::claim_page::ClaimPage;
use super::detail::{Commands, Events, Order, Overview, Settings, Told};
use super::{DeviceList, ListAsk, NewDevicePage, site_names};
use crate::command::CommandState;
use crate::{Device, DeviceKind, Standing};

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
