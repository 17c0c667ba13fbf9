//! A tenant of a given size, made by the same use cases that pages and API call.

use std::sync::Arc;

use sekisho_crypto::{LocalKeyFile, Secret, system_world};
use sekisho_host::{Foundation, FoundationOptions, Host};
use sekisho_identity::{Founder, NewPerson, NewTenant, SignIn, TenantSettings};
use sekisho_kernel::{Actor, AuditEntry, Cx, Language, PersonId, TenantId};
use sekisho_keys::tables::words::ReturnPolicy;
use sekisho_keys::{BoxForm, BoxId, KeyForm, Keys, Lend};
use sekisho_places::NewSite;
use sekisho_storage::{Place, StoreOptions};
use sekisho_web::SiteOptions;

use crate::process::Home;

const PASSWORD: &str = "a password for measuring 7";
const BINS: i64 = 40;
/// Each so many keys are lent to somebody.
const LENT: usize = 10;
/// Entries of one act.
const ENTRIES_AN_ACT: usize = 250;

/// How much there is.
pub(crate) struct Plan {
    pub(crate) name: &'static str,
    pub(crate) keys: usize,
    pub(crate) people: usize,
    pub(crate) entries: usize,
}

struct Company {
    foundation: Foundation,
    keys: Keys,
    tenant: TenantId,
    administrator: PersonId,
}

impl Company {
    fn cx(&self) -> Cx {
        let actor = Actor::Person { id: self.administrator };
        Cx::new(self.foundation.world.clone(), self.tenant, actor, Language::Ja)
    }
}

/// Fills the store of `home`; returns the cookie of its administrator.
pub(crate) async fn fill(home: &Home, plan: &Plan) -> String {
    let began = std::time::Instant::now();
    let world = system_world();
    let provider = LocalKeyFile::open_or_create(&home.key_file(), &*world).unwrap();
    // Nothing is lost by a power cut here; the server that is measured waits for the disk as ever.
    let store = StoreOptions { durable: false, ..StoreOptions::at(Place::Sqlite(home.store())) };
    let foundation = Foundation::open(FoundationOptions {
        store,
        provider: Arc::new(provider),
        world: world.clone(),
        notify: sekisho_notify::Options { mailbox: true, ..Default::default() },
        public_url: home.url(),
        module_migrations: sekisho_keys::migrations(),
    })
    .await
    .unwrap();
    let host = Host::new(foundation.clone(), vec![sekisho_keys::mount(&foundation)], SiteOptions::default());
    let administrator = NewPerson {
        name: "管理 花子".to_owned(),
        mail: "admin@bench.test".to_owned(),
        ..NewPerson::default()
    };
    let founded = foundation
        .identity
        .found_tenant(&NewTenant {
            name: plan.name.to_owned(),
            hosts: Vec::new(),
            settings: TenantSettings { two_step: false, ..TenantSettings::default() },
            administrator: Founder { person: administrator, password: Some(Secret::new(PASSWORD)) },
            ..NewTenant::default()
        })
        .await
        .unwrap();
    let Foundation { store, vault, policy, identity, devices, notify, .. } = foundation.clone();
    let keys = Keys::new(store, vault, policy, identity, devices, notify);
    let (tenant, administrator) = (founded.tenant, founded.administrator);
    let company = Company { foundation, keys, tenant, administrator };
    let people = people(&company, plan.people).await;
    stock(&company, plan.keys, &people).await;
    entries(&company, plan.entries).await;
    host.settle().await.unwrap();
    let cookie = sign_in(&company).await;
    println!(
        "{}: {} keys, {} people, {} entries of the record made in {:.1?}",
        plan.name,
        plan.keys,
        plan.people,
        plan.entries,
        began.elapsed()
    );
    drop(host);
    company.foundation.store.close().await.unwrap();
    cookie
}

async fn people(company: &Company, count: usize) -> Vec<PersonId> {
    let identity = &company.foundation.identity;
    let mut people = Vec::new();
    for number in 0..count {
        let cx = company.cx();
        let by = identity.administrator(&cx).await.unwrap();
        let new = NewPerson {
            name: format!("山田 {number}"),
            kana: format!("ヤマダ {number}"),
            mail: format!("person{number}@bench.test"),
            number: (10_000 + number).to_string(),
            ..NewPerson::default()
        };
        people.push(identity.invite_person(&cx, by, &new).await.unwrap().person);
    }
    people
}

async fn stock(company: &Company, count: usize, people: &[PersonId]) {
    let site = NewSite {
        name: "東京本社".to_owned(),
        address: "東京都千代田区".to_owned(),
        zone: "Asia/Tokyo".to_owned(),
    };
    let site = company.foundation.places.open_site(&company.cx(), &site).await.unwrap();
    let mut hangs: Option<BoxId> = None;
    for number in 0..count {
        let bin = i64::try_from(number).unwrap() % BINS + 1;
        if bin == 1 {
            let form = BoxForm {
                name: format!("キーボックス {}", number / 40 + 1),
                site: Some(site),
                directions: "1階エントランス".to_owned(),
                bins: BINS,
                columns: 8,
                return_policy: ReturnPolicy::FixedBin,
                seen: Default::default(),
            };
            hangs = Some(sekisho_keys::add_box(&company.keys, &company.cx(), form).await.unwrap());
        }
        let form = KeyForm {
            name: format!("鍵 {number}"),
            description: "3階 会議室".to_owned(),
            fob: Some(format!("E2003412{number:06}")),
            home_box: hangs,
            home_bin: Some(bin),
            hangs_there: true,
            ..KeyForm::default()
        };
        let key = sekisho_keys::add_key(&company.keys, &company.cx(), form).await.unwrap();
        if number % LENT == 0 {
            let to = people[number / LENT % people.len()];
            let lend = Lend { key, to, until: None, note: String::new() };
            sekisho_keys::lend(&company.keys, &company.cx(), lend).await.unwrap();
        }
    }
}

async fn entries(company: &Company, count: usize) {
    let entry = |number: usize| {
        AuditEntry::done("key.take_out")
            .on("key", uuid::Uuid::from_u128(number as u128), format!("鍵 {number}"))
            .with("bin", number % 16)
    };
    for act in 0..count.div_ceil(ENTRIES_AN_ACT) {
        let mut tx = company.foundation.store.begin(&company.cx()).await.unwrap();
        for number in 1..ENTRIES_AN_ACT {
            tx.record(entry(act * ENTRIES_AN_ACT + number));
        }
        tx.commit(entry(act * ENTRIES_AN_ACT)).await.unwrap();
    }
}

async fn sign_in(company: &Company) -> String {
    let cx = Cx::new(company.foundation.world.clone(), company.tenant, Actor::Nobody, Language::Ja);
    let ask = SignIn {
        mail: "admin@bench.test".to_owned(),
        password: Secret::new(PASSWORD),
        browser: Default::default(),
        next: None,
    };
    company.foundation.identity.sign_in(&cx, &ask).await.unwrap().cookie.expose().to_owned()
}
