//! The invented company: Aoba Trading, two sites, people, a SmartBox full of keys, rights, a booking.

use std::path::Path;
use std::time::Duration;

use anyhow::Context as _;
use sekisho_crypto::Secret;
use sekisho_devices::{DeviceKind, NewDevice};
use sekisho_host::Foundation;
use sekisho_identity::{Founder, NewPerson, NewTenant, TenantSettings};
use sekisho_kernel::{Actor, AuditEntry, Cx, DeviceId, GroupId, Language, PersonId, SiteId, TenantId};
use sekisho_keys::alert::{AlertEvent, AlertRule};
use sekisho_keys::due::DueRule;
use sekisho_keys::tables::words::ReturnPolicy;
use sekisho_keys::{AlertForm, Book, BookFor, BoxForm, BoxId, KeyForm, KeyId, Keys, Lend};
use sekisho_places::NewSite;
use sekisho_policy::{NewGrant, NewSchedule, OnHolidays, Right, Span, Subject, Target, Week};
use serde::{Deserialize, Serialize};

use super::lobby::Lobby;
use crate::wiring;

/// The password of everybody in the demo.
pub(super) const PASSWORD: &str = "kagi-to-mon-2026";
/// How long the key that is out at first may stay out: a visitor who looks around sees it become late.
const DUE_AFTER: Duration = Duration::from_secs(20 * 60);
/// Bins of the box.
pub(super) const BINS: u16 = 12;
/// The badge that lies beside the box.
pub(super) const BADGE: &str = "04A2249BC11280";

/// The badge of her who took a key this morning.
pub(super) const KEEPER_BADGE: &str = "04B1377D5A2280";
/// The PIN to it.
pub(super) const KEEPER_PIN: &str = "2580";

/// One of the company's people.
pub(super) struct Somebody {
    pub(super) name: &'static str,
    kana: &'static str,
    pub(super) mail: &'static str,
    pub(super) number: &'static str,
    language: &'static str,
}

/// Runs the company's buildings.
pub(super) const ADMINISTRATOR: Somebody = Somebody {
    name: "佐藤 美咲",
    kana: "サトウ ミサキ",
    mail: "sato@aoba.example",
    number: "1001",
    language: "ja",
};
/// Takes keys.
pub(super) const EMPLOYEE: Somebody = Somebody {
    name: "鈴木 健太",
    kana: "スズキ ケンタ",
    mail: "suzuki@aoba.example",
    number: "1002",
    language: "ja",
};
/// Took a key this morning.
pub(super) const KEEPER: Somebody = Somebody {
    name: "伊藤 直子",
    kana: "イトウ ナオコ",
    mail: "ito@aoba.example",
    number: "1006",
    language: "ja",
};
const COLLEAGUES: [Somebody; 4] = [
    Somebody {
        name: "田中 葵",
        kana: "タナカ アオイ",
        mail: "tanaka@aoba.example",
        number: "1003",
        language: "ja",
    },
    Somebody {
        name: "高橋 翔",
        kana: "タカハシ ショウ",
        mail: "takahashi@aoba.example",
        number: "1004",
        language: "ja",
    },
    Somebody {
        name: "Emma Wilson",
        kana: "エマ ウィルソン",
        mail: "wilson@aoba.example",
        number: "1005",
        language: "en",
    },
    KEEPER,
];

/// Keys of the box: name, what it opens, bin, due rule, and whether it is a car.
const STOCK: [(&str, &str, i64, bool); 9] = [
    ("社用車 1（プロボックス）", "品川 500 あ 12-34", 1, true),
    ("社用車 2（ハイエース）", "品川 800 い 56-78", 2, true),
    ("社用車 3（アクア）", "品川 300 う 90-12", 3, true),
    ("倉庫 A", "1階 搬入口", 5, false),
    ("倉庫 B", "地下1階", 6, false),
    ("サーバー室", "3階", 7, false),
    ("応接室", "2階", 8, false),
    ("屋上", "非常階段から", 10, false),
    ("マスターキー", "本社全館", 12, false),
];

/// The fob that hangs in each bin at first.
pub(super) fn fobs() -> Vec<(u16, String)> {
    STOCK.iter().filter_map(|(_, _, bin, _)| Some((u16::try_from(*bin).ok()?, fob(*bin)))).collect()
}

fn fob(bin: i64) -> String {
    format!("E2003412{bin:04}")
}

/// What the demo has to remember of its company.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub(super) struct Company {
    pub(super) tenant: TenantId,
    pub(super) device: DeviceId,
    pub(super) guest_token: String,
    /// The key that somebody is to take on the first morning; none once they have come.
    #[serde(default)]
    pub(super) morning: Option<KeyId>,
    /// The reception; none in the data of a demo that had none.
    #[serde(default)]
    pub(super) lobby: Option<Lobby>,
}

impl Company {
    /// The company as it was left, or a new one.
    pub(super) async fn open_or_found(foundation: &Foundation, data: &Path) -> anyhow::Result<Self> {
        let memory = super::memory(data);
        if let Ok(text) = std::fs::read_to_string(&memory) {
            return serde_json::from_str(&text).context("demo.json cannot be read; `--fresh` begins again");
        }
        let company = found(foundation).await.context("the demo company could not be founded")?;
        company.remember(data)?;
        Ok(company)
    }

    /// Remembers that the first morning is over.
    pub(super) fn morning_is_over(&mut self, data: &Path) -> anyhow::Result<()> {
        self.morning = None;
        self.remember(data)
    }

    pub(super) fn remember(&self, data: &Path) -> anyhow::Result<()> {
        crate::serving::write_private(&super::memory(data), &serde_json::to_string(self)?)
    }
}

/// Everybody and everything made so far, as the founding goes on.
struct Founding<'a> {
    foundation: &'a Foundation,
    keys: Keys,
    tenant: TenantId,
    administrator: PersonId,
}

impl Founding<'_> {
    /// The administrator acts, now.
    fn cx(&self) -> Cx {
        let actor = Actor::Person { id: self.administrator };
        let mut cx = Cx::new(self.foundation.world.clone(), self.tenant, actor, Language::Ja);
        // Badges and PINs are given as by somebody who has just proved who they are.
        cx.verified_at = Some(cx.now);
        cx
    }

    async fn person(&self, who: &Somebody) -> anyhow::Result<PersonId> {
        let identity = &self.foundation.identity;
        let cx = Cx::system(self.foundation.world.clone(), self.tenant, "demo");
        let new = new_person(who);
        let invited = identity.invite_person(&cx, identity.administrator(&cx).await?, &new).await?;
        let by = identity.administrator(&cx).await?;
        identity.give_password(&cx, by, invited.person, &Secret::new(PASSWORD)).await?;
        Ok(invited.person)
    }

    async fn group(&self, name: &str, members: &[PersonId]) -> anyhow::Result<GroupId> {
        let identity = &self.foundation.identity;
        let cx = self.cx();
        let group = identity.make_group(&cx, identity.administrator(&cx).await?, name, "").await?;
        for member in members {
            identity.join_group(&cx, identity.administrator(&cx).await?, group, *member).await?;
        }
        Ok(group)
    }

    async fn give(&self, grant: NewGrant) -> anyhow::Result<()> {
        let cx = self.cx();
        let mut tx = self.foundation.store.begin(&cx).await?;
        let id = self.foundation.policy.grant(&mut tx, grant).await?;
        tx.commit(AuditEntry::done("grant.give").on("grant", id, "")).await?;
        Ok(())
    }
}

fn new_person(who: &Somebody) -> NewPerson {
    NewPerson {
        name: who.name.to_owned(),
        kana: who.kana.to_owned(),
        mail: who.mail.to_owned(),
        number: who.number.to_owned(),
        language: who.language.to_owned(),
        ..NewPerson::default()
    }
}

async fn found(foundation: &Foundation) -> anyhow::Result<Company> {
    let founded = foundation
        .identity
        .found_tenant(&NewTenant {
            name: "青葉商事株式会社".to_owned(),
            hosts: Vec::new(),
            settings: TenantSettings::default(),
            administrator: Founder {
                person: new_person(&ADMINISTRATOR),
                password: Some(Secret::new(PASSWORD)),
            },
            ..NewTenant::default()
        })
        .await?;
    let keys = wiring::keys(foundation);
    let company = Founding { foundation, keys, tenant: founded.tenant, administrator: founded.administrator };
    let employee = company.person(&EMPLOYEE).await?;
    let mut everybody = vec![employee];
    for who in &COLLEAGUES {
        everybody.push(company.person(who).await?);
    }
    let cx = company.cx();
    let by = foundation.identity.administrator(&cx).await?;
    foundation.identity.add_badge(&cx, by, employee, BADGE, "社員証").await?;
    company.group("営業部", everybody.get(..3).unwrap_or_default()).await?;
    company.group("総務部", &[founded.administrator]).await?;

    let site = |name: &str, address: &str| NewSite {
        name: name.to_owned(),
        address: address.to_owned(),
        zone: "Asia/Tokyo".to_owned(),
    };
    let tokyo =
        foundation.places.open_site(&company.cx(), &site("東京本社", "東京都千代田区丸の内1-1-1")).await?;
    foundation.places.open_site(&company.cx(), &site("大阪支店", "大阪府大阪市北区梅田2-2-2")).await?;
    let (device, smartbox) = hang_box(&company, tokyo).await?;
    let stock = hang_keys(&company, smartbox).await?;
    let guest_token = give_rights(&company, employee, &stock).await?;
    let morning = prepare_the_morning(&company, &everybody, &stock).await?;
    let lobby = Lobby { site: tokyo, hosts: everybody, keeper: founded.administrator, open: None };
    Ok(Company { tenant: founded.tenant, device, guest_token, morning: Some(morning), lobby: Some(lobby) })
}

async fn hang_box(company: &Founding<'_>, site: SiteId) -> anyhow::Result<(DeviceId, BoxId)> {
    let foundation = company.foundation;
    let cx = company.cx();
    let mut tx = foundation.store.begin(&cx).await?;
    let new =
        NewDevice { kind: DeviceKind::Smartbox, name: "キーボックス A".to_owned(), site: Some(site) };
    let (device, _claim) = foundation.devices.add(&mut tx, new).await?;
    tx.commit(AuditEntry::done("device.add").on("device", device, "キーボックス A")).await?;
    let form = BoxForm {
        name: "キーボックス A".to_owned(),
        site: Some(site),
        directions: "1階エントランス、受付の右".to_owned(),
        bins: i64::from(BINS),
        columns: 4,
        return_policy: ReturnPolicy::FixedBin,
        seen: Default::default(),
    };
    let smartbox = sekisho_keys::add_box(&company.keys, &company.cx(), form).await?;
    sekisho_keys::connect_box(&company.keys, &company.cx(), smartbox, Some(device)).await?;
    let camera = sekisho_keys::CameraForm { on: true, days: 30 };
    sekisho_keys::set_camera(&company.keys, &company.cx(), smartbox, camera).await?;
    Ok((device, smartbox))
}

async fn hang_keys(company: &Founding<'_>, smartbox: BoxId) -> anyhow::Result<Vec<KeyId>> {
    let keys = &company.keys;
    let cars = sekisho_keys::add_group(keys, &company.cx(), "社用車").await?;
    let mut stock = Vec::new();
    for (name, description, bin, is_car) in STOCK {
        let form = KeyForm {
            name: name.to_owned(),
            description: description.to_owned(),
            pickup_note: if is_car {
                "給油カードはダッシュボードにあります。".to_owned()
            } else {
                String::new()
            },
            fob: Some(fob(bin)),
            home_box: Some(smartbox),
            home_bin: Some(bin),
            due: if is_car {
                DueRule::At { hour: 19, minute: 0, days: 0 }
            } else {
                DueRule::After { minutes: 120 }
            },
            hangs_there: true,
            ..KeyForm::default()
        };
        let key = sekisho_keys::add_key(keys, &company.cx(), form).await?;
        if is_car {
            sekisho_keys::put_in_group(keys, &company.cx(), cars, key).await?;
        }
        stock.push(key);
    }
    let cx = company.cx();
    let mut tx = company.foundation.store.begin(&cx).await?;
    let hours = NewSchedule {
        name: "平日 7:00–22:00".to_owned(),
        week: Week::on(&[1, 2, 3, 4, 5], &[Span { from: 7 * 60, to: 22 * 60 }]),
        on_holidays: OnHolidays::default(),
        japan: true,
        calendars: Vec::new(),
    };
    let name = hours.name.clone();
    let id = company.foundation.policy.save_schedule(&mut tx, None, hours).await?;
    tx.commit(AuditEntry::done("schedule.change").on("schedule", id, name)).await?;
    company.cars_to_sales(cars.resource()).await?;
    Ok(stock)
}

impl Founding<'_> {
    /// A wall-clock time so many days from today, where the box hangs.
    fn local(&self, days: i64, clock: &str) -> anyhow::Result<String> {
        let today = self.cx().now.to_jiff().to_zoned(sekisho_web::zone_of("Asia/Tokyo")).date();
        Ok(format!("{}T{clock}", today.checked_add(jiff::Span::new().days(days))?))
    }

    /// Sales may take the cars at any hour: the demo should open at night, too.
    async fn cars_to_sales(&self, cars: sekisho_kernel::ResourceId) -> anyhow::Result<()> {
        let scope = self.foundation.store.read(self.tenant).await?;
        let groups = self.foundation.identity.groups(&scope).await?;
        let Some(sales) = groups.iter().find(|group| group.name == "営業部") else { return Ok(()) };
        drop(scope);
        let mut grant =
            NewGrant::always(Subject::Group(sales.id), Right::Exchange, Target::Resource { id: cars });
        grant.note = "営業部の社用車利用".to_owned();
        self.give(grant).await
    }
}

async fn give_rights(company: &Founding<'_>, employee: PersonId, stock: &[KeyId]) -> anyhow::Result<String> {
    let keys = &company.keys;
    let named = |position| nth(stock, position);
    sekisho_keys::lend(
        keys,
        &company.cx(),
        Lend { key: named(3)?, to: employee, until: None, note: "棚卸し".to_owned() },
    )
    .await?;
    let booked = sekisho_keys::book(
        keys,
        &company.cx(),
        Book {
            price: None,
            keys: vec![named(6)?],
            who: BookFor::Guest {
                name: "山田 太郎（山田設備）".to_owned(),
                mail: "yamada@example.com".to_owned(),
                language: Language::Ja,
            },
            starts: company.local(0, "00:00")?,
            ends: company.local(1, "18:00")?,
            note: "応接室 空調点検".to_owned(),
        },
    )
    .await?;
    Ok(booked.token)
}

/// What is under way when the first visitor looks: a key that is out and due soon, a car booked for tomorrow, and who is
/// told when something goes wrong. The key to be taken at the box.
async fn prepare_the_morning(
    company: &Founding<'_>,
    everybody: &[PersonId],
    stock: &[KeyId],
) -> anyhow::Result<KeyId> {
    let (keys, identity) = (&company.keys, &company.foundation.identity);
    let keeper = *everybody.last().context("nobody works here")?;
    let driver = *everybody.get(1).context("nobody drives")?;
    let cx = company.cx();
    identity.add_badge(&cx, identity.administrator(&cx).await?, keeper, KEEPER_BADGE, "社員証").await?;
    identity.set_pin(&cx, keeper, &Secret::new(KEEPER_PIN)).await?;
    let key = nth(stock, 4)?;
    let until = Some(cx.now.plus(DUE_AFTER));
    sekisho_keys::lend(keys, &cx, Lend { key, to: keeper, until, note: "備品の棚卸し".to_owned() }).await?;
    let car = Book {
        price: None,
        keys: vec![nth(stock, 2)?],
        who: BookFor::Person(driver),
        starts: company.local(1, "10:00")?,
        ends: company.local(1, "12:00")?,
        note: "横浜へ納品".to_owned(),
    };
    sekisho_keys::book(keys, &company.cx(), car).await?;
    let rule = AlertRule {
        events: vec![
            AlertEvent::Overdue,
            AlertEvent::RemovedByForce,
            AlertEvent::Tampered,
            AlertEvent::WentOffline,
        ],
        people: vec![company.administrator],
        ..AlertRule::default()
    };
    let name = "返却遅れ・こじ開け・通信断".to_owned();
    let alert = AlertForm { name, rule, outsiders: String::new(), active: true };
    sekisho_keys::add_alert(keys, &company.cx(), alert).await?;
    Ok(key)
}

fn nth(stock: &[KeyId], position: usize) -> anyhow::Result<KeyId> {
    stock.get(position).copied().context("the stock is shorter than the story")
}
