//! The stage: a server with the module, two sites, a desk, a host, and appointments at will.

use std::sync::Arc;
use std::time::Duration;

use sekisho_kernel::{PersonId, ResourceId, SiteId};
use sekisho_places::NewSite;
use sekisho_policy::{GrantId, NewGrant, Right, Subject, Target};
use sekisho_storage::{Engine, Scoped as _};
use sekisho_testkit::{Client, Colleague, TestServer};
use sekisho_visitors::key_bookings::KeyBookings;
use sekisho_visitors::{VisitId, Visitors};
use serde_json::{Value, json};

/// Everything a story needs.
pub struct Scene {
    pub server: TestServer,
    pub visitors: Visitors,
    /// In Tokyo; its desk is `desk`.
    pub tokyo: SiteId,
    /// In Osaka; it has no desk but administrators.
    pub osaka: SiteId,
    pub desk: Colleague,
    pub host: Colleague,
}

impl Scene {
    /// The stage on `engine`.
    pub async fn on(engine: Engine) -> Self {
        Self::beside(engine, None).await
    }

    /// The stage on `engine`, where that port answers for keys.
    pub async fn beside(engine: Engine, keys: Option<Arc<dyn KeyBookings>>) -> Self {
        // The operator allows this very machine, on which tests stand in for printers.
        let notify = sekisho_notify::Options {
            mailbox: true,
            allowed_networks: vec!["127.0.0.0/8".parse().unwrap()],
            ..Default::default()
        };
        Self::telling(engine, notify, keys).await
    }

    /// The same whose server may go where `notify` lets it.
    pub async fn telling(
        engine: Engine,
        notify: sekisho_notify::Options,
        keys: Option<Arc<dyn KeyBookings>>,
    ) -> Self {
        let on = |foundation: &_| match &keys {
            Some(keys) => Visitors::on(foundation).with_keys(keys.clone()),
            None => Visitors::on(foundation),
        };
        let mounts = |foundation: &_| vec![sekisho_visitors::mount_as(foundation, &on(foundation))];
        let server = TestServer::start_telling(engine, notify, sekisho_visitors::migrations(), mounts).await;
        let foundation = server.foundation();
        let visitors = on(foundation);
        let cx = server.cx();
        foundation.vault.keys(cx.tenant).await.unwrap();
        let site = |name: &str, zone: &str| NewSite {
            name: name.to_owned(),
            address: format!("{name} 1-1-1"),
            zone: zone.to_owned(),
        };
        let tokyo = foundation.places.open_site(&cx, &site("東京本社", "Asia/Tokyo")).await.unwrap();
        let osaka = foundation.places.open_site(&cx, &site("大阪支店", "Asia/Tokyo")).await.unwrap();
        let desk = server.colleague("desk").await;
        let host = server.colleague("host").await;
        let scene = Self { visitors, tokyo, osaka, desk, host, server };
        scene.grant(scene.desk.person, Right::Manage, tokyo).await;
        scene.server.settle().await;
        scene
    }

    /// A right on a site.
    pub async fn grant(&self, person: PersonId, right: Right, site: SiteId) -> GrantId {
        let foundation = self.server.foundation();
        let target = Target::Resource { id: ResourceId(site.uuid()) };
        let mut tx = foundation.store.begin(&self.server.cx()).await.unwrap();
        let grant = NewGrant::always(Subject::Person(person), right, target);
        let id = foundation.policy.grant(&mut tx, grant).await.unwrap();
        tx.commit_bookkeeping("test").await.unwrap();
        id
    }

    /// A wall-clock time in Tokyo, so many minutes from now.
    pub fn at(&self, minutes: i64) -> String {
        let zone = sekisho_web::zone_of("Asia/Tokyo");
        let now = self.server.cx().now.to_jiff().to_zoned(zone).datetime();
        now.saturating_add(jiff::Span::new().minutes(minutes)).strftime("%Y-%m-%dT%H:%M").to_string()
    }

    /// The body of an appointment with one guest, from so many minutes from now, for an hour.
    pub fn body(&self, minutes: i64) -> Value {
        json!({
            "site": self.tokyo, "starts": self.at(minutes), "ends": self.at(minutes + 60),
            "purpose": "お打ち合わせ", "place": "3階 会議室A",
            "guests": [{ "name": "山田 太郎", "reading": "ヤマダ タロウ", "company": "みどり工業",
                         "mail": "yamada@midori.example", "language": "ja" }],
        })
    }

    /// What the host made: the answer of the API.
    pub async fn made(&self, body: Value) -> Value {
        let mut host = self.server.signed_in(&self.host).await;
        host.api("POST", "/api/v1/visitors/appointments", body).await.expect(201).json()
    }

    /// The pass of the first visit of an appointment, as its host sees it.
    pub async fn pass(&self, made: &Value) -> Value {
        let mut host = self.server.signed_in(&self.host).await;
        let id = made["id"].as_str().unwrap();
        let passes = host.get(&format!("/api/v1/visitors/appointments/{id}/passes")).await.expect(200);
        passes.json()["items"][0].clone()
    }

    /// A visit as the administrator sees it.
    pub async fn visit(&self, id: &Value) -> Value {
        let mut admin = self.server.administrator().await;
        let id = id.as_str().unwrap();
        admin.get(&format!("/api/v1/visitors/visits/{id}")).await.expect(200).json()
    }

    /// The desk of Tokyo.
    pub async fn desk(&self) -> Client {
        self.server.signed_in(&self.desk).await
    }

    /// What a desk answers to a pass: status and body without the number of the request.
    pub async fn shows(&self, desk: &mut Client, site: SiteId, field: &str, text: &str) -> (u16, Value) {
        let answer =
            desk.api("POST", "/api/v1/visitors/check-in", json!({ "site": site, field: text })).await;
        let mut body = answer.json();
        if let Some(body) = body.as_object_mut() {
            for name in ["request", "instance", "request_id"] {
                body.remove(name);
            }
        }
        (answer.status.as_u16(), body)
    }

    /// Moves the clock without running sweeps.
    pub fn pass_time(&self, by: Duration) {
        self.server.world.advance(by);
    }

    /// Actions in the record with their reason, oldest first.
    pub async fn record(&self) -> Vec<String> {
        use sekisho_storage::tables::audit_entries::{Column, Entity};
        let scope = self.server.foundation().store.read(self.server.tenant).await.unwrap();
        let entries = scope.find::<Entity>().ascending(Column::Id).all().await.unwrap();
        entries
            .into_iter()
            .map(|entry| match entry.details.0["why"].as_str() {
                Some(why) => format!("{} {why}", entry.action),
                None => entry.action,
            })
            .collect()
    }

    /// Everything the record and the facts hold, as text.
    pub async fn everything_told(&self) -> String {
        let scope = self.server.foundation().store.read(self.server.tenant).await.unwrap();
        let entries = scope.find::<sekisho_storage::tables::audit_entries::Entity>().all().await.unwrap();
        let facts = scope.find::<sekisho_storage::tables::outbox_events::Entity>().all().await.unwrap();
        format!("{entries:?}{facts:?}")
    }

    /// Facts told so far, by name, oldest first.
    pub async fn facts(&self) -> Vec<String> {
        use sekisho_storage::tables::outbox_events::{Column, Entity};
        let scope = self.server.foundation().store.read(self.server.tenant).await.unwrap();
        let events = scope.find::<Entity>().ascending(Column::Id).all().await.unwrap();
        events.into_iter().map(|event| event.name).filter(|name| name.starts_with("visitors.")).collect()
    }
}

/// The id of a visit in JSON.
pub fn id(value: &Value) -> VisitId {
    value.as_str().unwrap().parse().unwrap()
}

impl Scene {
    /// What went out to people, oldest first: recipient, subject, words.
    pub async fn mailbox(&self) -> Vec<String> {
        use sekisho_notify::tables::notify_mailbox::{Column, Entity};
        let scope = self.server.foundation().store.read(self.server.tenant).await.unwrap();
        let all = scope.find::<Entity>().ascending(Column::Id).all().await.unwrap();
        all.into_iter().map(|one| format!("{}: {}\n{}", one.recipient, one.subject, one.body)).collect()
    }

    /// Of those that went to `who`, the subjects.
    pub async fn told(&self, who: &str) -> Vec<String> {
        let to = |mail: String| {
            let (head, _) = mail.split_once('\n')?;
            let (recipient, subject) = head.split_once(": ")?;
            recipient.contains(who).then(|| subject.to_owned())
        };
        self.mailbox().await.into_iter().filter_map(to).collect()
    }
}
