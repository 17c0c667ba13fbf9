//! The stage: a server with the module, a box with four bins and a device that only exists on paper, two keys, people.

use sekisho_devices::CommandResults as _;
use sekisho_devices::{
    CommandState, Device, DeviceAsks, DeviceEvents, DeviceKind, NewDevice, Received, SettledCommand,
};
use sekisho_kernel::{Actor, Cx, DeviceId, Language, PersonId, Timestamp};
use sekisho_keys::{BoxForm, BoxId, Boxes, KeyForm, KeyId, Keys};
use sekisho_policy::{NewGrant, Right, Subject, Target};
use sekisho_storage::Engine;
use sekisho_testkit::TestServer;
use sekisho_wire::{AnswerKind, Ask, AskKind, CommandId, CommandKind, Event, EventKind};

/// Everything a story needs.
pub struct Scene {
    pub server: TestServer,
    pub keys: Keys,
    pub boxes: Boxes,
    pub place: BoxId,
    pub device: DeviceId,
    pub van: KeyId,
    pub store_room: KeyId,
    seq: std::sync::atomic::AtomicU64,
    asked: std::sync::atomic::AtomicU64,
}

impl Scene {
    /// The stage on `engine`; box in Tokyo.
    pub async fn on(engine: Engine) -> Self {
        let mounts = |foundation: &_| vec![sekisho_keys::mount(foundation)];
        Self::at(TestServer::start(engine, sekisho_keys::migrations(), mounts).await).await
    }

    /// The stage of an installation from which nothing can be sent.
    pub async fn without_mail(engine: Engine) -> Self {
        let mounts = |foundation: &_| vec![sekisho_keys::mount(foundation)];
        Self::at(TestServer::start_without_mail(engine, sekisho_keys::migrations(), mounts).await).await
    }

    /// The stage of an installation that may connect to this very machine, where tests stand in for a far side.
    pub async fn beside(engine: Engine) -> Self {
        let mounts = |foundation: &_| vec![sekisho_keys::mount(foundation)];
        let notify = sekisho_notify::Options {
            mailbox: true,
            allowed_networks: vec!["127.0.0.0/8".parse().unwrap()],
            ..Default::default()
        };
        Self::at(TestServer::start_telling(engine, notify, sekisho_keys::migrations(), mounts).await).await
    }

    async fn at(server: TestServer) -> Self {
        let foundation = server.foundation();
        let keys = Keys::new(
            foundation.store.clone(),
            foundation.vault.clone(),
            foundation.policy.clone(),
            foundation.identity.clone(),
            foundation.devices.clone(),
            foundation.notify.clone(),
        );
        let cx = server.cx();
        foundation.devices.ready(&cx).await.unwrap();
        foundation.vault.keys(cx.tenant).await.unwrap();
        let mut tx = foundation.store.begin(&cx).await.unwrap();
        let new = NewDevice { kind: DeviceKind::Smartbox, name: "SmartBox 1".to_owned(), site: None };
        let (device, _) = foundation.devices.add(&mut tx, new).await.unwrap();
        tx.commit_bookkeeping("test").await.unwrap();
        let form = BoxForm {
            name: "Box A".to_owned(),
            site: None,
            directions: String::new(),
            bins: 4,
            columns: 2,
            return_policy: sekisho_keys::tables::words::ReturnPolicy::FixedBin,
            seen: Default::default(),
        };
        let place = sekisho_keys::add_box(&keys, &cx, form).await.unwrap();
        sekisho_keys::connect_box(&keys, &cx, place, Some(device)).await.unwrap();
        let key = |name: &str, fob: &str, bin| KeyForm {
            name: name.to_owned(),
            fob: Some(fob.to_owned()),
            home_box: Some(place),
            home_bin: Some(bin),
            hangs_there: true,
            ..KeyForm::default()
        };
        let van = sekisho_keys::add_key(&keys, &cx, key("Van 3", "FOB-VAN", 1)).await.unwrap();
        let store_room = sekisho_keys::add_key(&keys, &cx, key("Store room", "FOB-STORE", 2)).await.unwrap();
        server.settle().await;
        let boxes = Boxes::new(keys.clone());
        Self { server, keys, boxes, place, device, van, store_room, seq: 0.into(), asked: 0.into() }
    }

    /// Somebody who may do `right` on `target`.
    pub async fn person(&self, name: &str, right: Right, target: Target) -> PersonId {
        let colleague = self.server.colleague(name).await;
        self.grant(Subject::Person(colleague.person), right, target).await;
        colleague.person
    }

    pub async fn grant(&self, subject: Subject, right: Right, target: Target) -> sekisho_policy::GrantId {
        let foundation = self.server.foundation();
        let mut tx = foundation.store.begin(&self.server.cx()).await.unwrap();
        let id = foundation.policy.grant(&mut tx, NewGrant::always(subject, right, target)).await.unwrap();
        tx.commit_bookkeeping("test").await.unwrap();
        id
    }

    pub async fn withdraw(&self, grant: sekisho_policy::GrantId) {
        let foundation = self.server.foundation();
        let mut tx = foundation.store.begin(&self.server.cx()).await.unwrap();
        foundation.policy.withdraw(&mut tx, grant).await.unwrap();
        tx.commit_bookkeeping("test").await.unwrap();
    }

    /// Exchange on a key.
    pub fn on_key(key: KeyId) -> Target {
        Target::Resource { id: key.resource() }
    }

    pub fn now(&self) -> Timestamp {
        self.server.cx().now
    }

    pub fn device_cx(&self) -> Cx {
        Cx::new(
            self.server.world.clone(),
            self.server.tenant,
            Actor::Device { id: self.device },
            Language::Ja,
        )
    }

    pub async fn device_row(&self) -> Device {
        let foundation = self.server.foundation();
        let scope = foundation.store.read(self.server.tenant).await.unwrap();
        foundation.devices.device(&scope, self.device).await.unwrap().unwrap()
    }

    /// The box tells of something, now.
    pub async fn tells(&self, kind: EventKind) {
        self.tells_of(kind, self.now()).await;
    }

    /// The box tells of something that happened at `at`.
    pub async fn tells_of(&self, kind: EventKind, at: Timestamp) {
        let seq = self.seq.fetch_add(1, std::sync::atomic::Ordering::SeqCst) + 1;
        let event = Event { seq, at, prev: [0; 32], kind };
        let device = self.device_row().await;
        let cx = self.device_cx();
        let mut tx = self.server.foundation().store.begin(&cx).await.unwrap();
        let received = Received { event, at: cx.now };
        let entries = self.boxes.received(&mut tx, &device, &[received]).await.unwrap();
        for entry in entries {
            tx.record(entry);
        }
        tx.commit_bookkeeping("test").await.unwrap();
    }

    /// A command of ours ended at the box.
    pub async fn settles(&self, id: CommandId, state: CommandState) {
        let device = self.device_row().await;
        let mut tx = self.server.foundation().store.begin(&self.device_cx()).await.unwrap();
        let command =
            SettledCommand { id, kind: CommandKind::Unknown, state, code: None, actor: Actor::Nobody };
        for entry in self.boxes.settled(&mut tx, &device, &command).await.unwrap() {
            tx.record(entry);
        }
        tx.commit_bookkeeping("test").await.unwrap();
    }

    /// The panel asks.
    pub async fn asks(&self, kind: AskKind) -> AnswerKind {
        let n = self.asked.fetch_add(1, std::sync::atomic::Ordering::SeqCst) + 1;
        let ask = Ask { n, language: Language::Ja, kind };
        let device = self.device_row().await;
        self.boxes.asked(&self.device_cx(), &device, ask).await.unwrap().kind
    }

    /// The key's state as the administrator's API shows it.
    pub async fn key(&self, key: KeyId) -> serde_json::Value {
        let mut admin = self.server.administrator().await;
        admin.api("GET", &format!("/api/v1/keys/{key}"), serde_json::Value::Null).await.json()
    }

    /// Somebody takes the van: releases and removes it.
    pub async fn takes(&self, person: PersonId, key: KeyId, fob: &str, bin: u16) -> sekisho_keys::Released {
        let released = self.releases(person, key).await.unwrap();
        let command = Some(released.command);
        self.tells(EventKind::BinOpened { bin, command }).await;
        self.tells(EventKind::KeyRemoved { bin, fob: Some(fob.to_owned()), command }).await;
        self.tells(EventKind::BinClosed { bin, command }).await;
        released
    }

    /// Somebody asks for a key's bin to be released.
    pub async fn releases(
        &self,
        person: PersonId,
        key: KeyId,
    ) -> Result<sekisho_keys::Released, sekisho_keys::TakeOutError> {
        let ask = sekisho_keys::TakeOut::on_page(key, person);
        sekisho_keys::take_out(&self.keys, &self.server.cx_of(person), ask).await
    }

    /// Actions in the record, oldest first.
    pub async fn record(&self) -> Vec<String> {
        use sekisho_storage::Scoped;
        use sekisho_storage::tables::audit_entries::{Column, Entity};
        let scope = self.server.foundation().store.read(self.server.tenant).await.unwrap();
        scope
            .find::<Entity>()
            .ascending(Column::Id)
            .all()
            .await
            .unwrap()
            .into_iter()
            .map(|entry| entry.action)
            .collect()
    }

    /// A detail of the newest entry of that action.
    pub async fn last_detail(&self, action: &str, name: &str) -> serde_json::Value {
        use sea_orm::ColumnTrait;
        use sekisho_storage::Scoped;
        use sekisho_storage::tables::audit_entries::{Column, Entity};
        let scope = self.server.foundation().store.read(self.server.tenant).await.unwrap();
        let found = scope.find::<Entity>().filter(Column::Action.eq(action)).descending(Column::Id);
        found.one().await.unwrap().unwrap().details.0[name].clone()
    }

    /// Facts told so far, by name.
    pub async fn facts(&self) -> Vec<String> {
        use sekisho_storage::Scoped;
        use sekisho_storage::tables::outbox_events::{Column, Entity};
        let scope = self.server.foundation().store.read(self.server.tenant).await.unwrap();
        scope
            .find::<Entity>()
            .ascending(Column::Id)
            .all()
            .await
            .unwrap()
            .into_iter()
            .map(|event| event.name)
            .collect()
    }

    /// Open loans of a key, straight from the table.
    pub async fn open_loans(&self, key: KeyId) -> usize {
        use sea_orm::ColumnTrait;
        use sekisho_keys::tables::loans::{Column, Entity};
        use sekisho_storage::Scoped;
        let scope = self.server.foundation().store.read(self.server.tenant).await.unwrap();
        scope
            .find::<Entity>()
            .filter(Column::KeyId.eq(key))
            .filter(Column::OpenKey.is_not_null())
            .all()
            .await
            .unwrap()
            .len()
    }

    /// What went out to people, newest last.
    pub async fn mailbox(&self) -> Vec<String> {
        use sekisho_notify::tables::notify_mailbox::{Column, Entity};
        use sekisho_storage::Scoped;
        let scope = self.server.foundation().store.read(self.server.tenant).await.unwrap();
        let all = scope.find::<Entity>().ascending(Column::Id).all().await.unwrap();
        all.into_iter().map(|one| format!("{}: {}\n{}", one.recipient, one.subject, one.body)).collect()
    }
}
