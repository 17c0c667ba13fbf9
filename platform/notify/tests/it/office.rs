//! A tenant's office for tests: a store, keys, texts and two people.

use std::collections::HashMap;
use std::sync::{Arc, Mutex};

use async_trait::async_trait;
use sekisho_crypto::{LocalKeyFile, Vault};
use sekisho_kernel::{Cx, Language, PersonId, TenantId};
use sekisho_notify::send::webhook::Call;
use sekisho_notify::send::{Letter, SendError, Sender};
use sekisho_notify::{
    Contact, Contacts, ContactsError, Home, Lane, Message, Notify, Options, tables::notify_deliveries,
};
use sekisho_storage::keys::StoredKeys;
use sekisho_storage::{Migration, Scoped, Store};
use sekisho_teststore::{FreshStore, TestWorld, cx, tenant};
use sekisho_web::{Catalog, TextSource};
use uuid::Uuid;

pub const TEXTS: TextSource = TextSource {
    module: "test",
    ja: "greet-subject = { $name }様へ\ngreet-body = 鍵「{ $key }」は { $due } までです。\ngreet-link = 開く\n",
    en: "greet-subject = For { $name }\ngreet-body = The key “{ $key }” is due { $due }.\ngreet-link = Open\n",
    zh: "greet-subject = 致 { $name }\ngreet-body = 钥匙“{ $key }”的归还时间为 { $due }。\ngreet-link = 打开\n",
    ko: "greet-subject = { $name } 님께\ngreet-body = 열쇠 \u{201c}{ $key }\u{201d}의 반납 기한은 { $due }입니다.\ngreet-link = 열기\n",
};

pub fn migrations() -> Vec<Migration> {
    let mut all = sekisho_storage::migrations();
    all.extend(sekisho_notify::migrations());
    all
}

/// Japanese speaker with mail and telephone.
pub fn sato() -> PersonId {
    PersonId(Uuid::from_u128(1))
}

/// English speaker with mail only.
pub fn smith() -> PersonId {
    PersonId(Uuid::from_u128(2))
}

struct Two;

#[async_trait]
impl Contacts for Two {
    async fn contact(&self, _: &Cx, person: PersonId) -> Result<Option<Contact>, ContactsError> {
        Ok(match person {
            person if person == sato() => Some(Contact {
                name: "佐藤 花子".to_owned(),
                mail: Some("sato@example.jp".to_owned()),
                phone: Some("+819012345678".to_owned()),
                language: Language::Ja,
            }),
            person if person == smith() => Some(Contact {
                name: "Ann Smith".to_owned(),
                mail: Some("smith@example.com".to_owned()),
                phone: None,
                language: Language::En,
            }),
            _ => None,
        })
    }

    async fn home(&self, _: &Cx) -> Result<Home, ContactsError> {
        Ok(Home { name: "みどり商事".to_owned(), base: "https://midori.example.jp".to_owned() })
    }

    async fn names(&self, _: &Cx, _: &[PersonId]) -> Result<HashMap<PersonId, String>, ContactsError> {
        Ok(HashMap::new())
    }
}

/// What a test has in hand.
pub struct Office {
    pub fresh: FreshStore,
    pub world: Arc<TestWorld>,
    pub notify: Notify,
    _keys: tempfile::TempDir,
}

impl Office {
    /// With the real ways out.
    pub fn open(fresh: FreshStore, options: Options) -> Self {
        Self::with(fresh, |store, vault, world| Notify::new(store, vault, world, Arc::new(Two), options))
    }

    /// With a stand-in for the outside.
    pub fn open_with(fresh: FreshStore, sender: Arc<dyn Sender>) -> Self {
        let options = Options { smtp: Some(Default::default()), ..Options::default() };
        Self::with(fresh, |store, vault, world| {
            Notify::with_sender(store, vault, world, Arc::new(Two), options, sender)
        })
    }

    fn with(fresh: FreshStore, make: impl FnOnce(Store, Vault, Arc<TestWorld>) -> Notify) -> Self {
        let world = TestWorld::new();
        let keys = tempfile::tempdir().unwrap();
        let provider = LocalKeyFile::open_or_create(&keys.path().join("key"), &*world).unwrap();
        let stored = Arc::new(StoredKeys::new(fresh.store.clone(), world.clone()));
        let vault = Vault::new(Arc::new(provider), stored, world.clone());
        let notify = make(fresh.store.clone(), vault, world.clone());
        notify.speak(Arc::new(Catalog::new(&[TEXTS, sekisho_notify::texts()])));
        Self { fresh, world, notify, _keys: keys }
    }

    pub fn cx(&self) -> Cx {
        self.cx_of(tenant(1))
    }

    pub fn cx_of(&self, tenant: TenantId) -> Cx {
        cx(&self.world, tenant)
    }

    /// Tells and commits.
    pub async fn tell(&self, message: Message) {
        self.tell_in(tenant(1), vec![message]).await;
    }

    pub async fn tell_in(&self, tenant: TenantId, messages: Vec<Message>) {
        // The first keys are made when the tenant is founded; a write inside a write would wait for itself.
        self.prepare(tenant).await;
        let mut tx = self.fresh.store.begin(&self.cx_of(tenant)).await.unwrap();
        self.notify.tell_all(&mut tx, messages).await.unwrap();
        tx.commit_bookkeeping("test").await.unwrap();
    }

    pub async fn prepare(&self, tenant: TenantId) {
        self.notify.warm(tenant).await.unwrap();
    }

    pub async fn deliveries(&self) -> Vec<notify_deliveries::Model> {
        let scope = self.fresh.store.read(tenant(1)).await.unwrap();
        scope
            .find::<notify_deliveries::Entity>()
            .ascending(notify_deliveries::Column::Id)
            .all()
            .await
            .unwrap()
    }

    pub async fn states(&self) -> Vec<String> {
        self.deliveries().await.into_iter().map(|row| format!("{} {}", row.means, row.state)).collect()
    }
}

pub fn greet(person: PersonId) -> Message {
    Message::to_person(person, Lane::Operational, "greet")
        .arg("key", "社用車 3")
        .time("due", "2026-11-22T03:00:00Z".parse::<jiff::Timestamp>().unwrap().into(), "Asia/Tokyo")
        .link("greet-link", "/keys/3")
}

/// Answers as told and remembers what it was given.
#[derive(Default)]
pub struct Recorder {
    pub letters: Mutex<Vec<Letter>>,
    pub tenants: Mutex<Vec<TenantId>>,
    pub calls: Mutex<Vec<Call>>,
    pub answers: Mutex<Vec<Result<String, SendError>>>,
    /// The worker dies after handing over so many letters.
    pub deaths: Mutex<u32>,
}

impl Recorder {
    fn answer(&self) -> Result<String, SendError> {
        let mut answers = self.answers.lock().unwrap();
        if answers.is_empty() { Ok("taken".to_owned()) } else { answers.remove(0) }
    }
}

#[async_trait]
impl Sender for Recorder {
    async fn send(&self, cx: &Cx, letter: &Letter) -> Result<String, SendError> {
        self.letters.lock().unwrap().push(letter.clone());
        self.tenants.lock().unwrap().push(cx.tenant);
        let dies = {
            let mut deaths = self.deaths.lock().unwrap();
            let dies = *deaths > 0;
            *deaths = deaths.saturating_sub(1);
            dies
        };
        assert!(!dies, "the worker dies here, as told");
        self.answer()
    }

    async fn post(&self, _: &Cx, call: &Call) -> Result<String, SendError> {
        self.calls.lock().unwrap().push(call.clone());
        self.answer()
    }
}
