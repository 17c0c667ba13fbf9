//! The record as administrators, colleagues, strangers and programs meet it.

use std::sync::Arc;

use async_trait::async_trait;
use axum::body::Body;
use axum::http::{Request, StatusCode};
use http_body_util::BodyExt as _;
use sekisho_audit::{Audit, nav, texts, verify_file};
use sekisho_kernel::{Actor, AuditEntry, Cx, Language, World};
use sekisho_storage::Engine;
use sekisho_teststore::{FreshStore, fresh, tenant};
use sekisho_web::{Access, Doorkeeper, Identified, Knock, Site, SiteOptions, SiteParts, Viewer, WebError};
use serde_json::Value;
use tower::ServiceExt as _;
use uuid::Uuid;

use crate::{Ground, Known, SATO, migrations};

/// Lets in whom the header names: an administrator, a colleague, an administrator of another tenant, or nobody.
struct Door(Arc<dyn World>);

#[async_trait]
impl Doorkeeper for Door {
    async fn identify(&self, knock: &Knock<'_>) -> Result<Identified, WebError> {
        let who = knock.headers.get("who").and_then(|who| who.to_str().ok()).unwrap_or_default();
        let language = if who.ends_with("-en") { Language::En } else { Language::Ja };
        let whose = tenant(if who.starts_with("other") { 2 } else { 1 });
        let viewer = (!who.is_empty()).then(|| Viewer {
            person: SATO,
            name: "佐藤 花子".to_owned(),
            administrator: !who.starts_with("colleague"),
            session: Some(Uuid::from_u128(1)),
            token: None,
            scopes: Vec::new(),
        });
        let actor = if viewer.is_some() { Actor::Person { id: SATO } } else { Actor::Nobody };
        let cx = Cx::new(self.0.clone(), whose, actor, language);
        Ok(Identified { cx, viewer, tenant_name: "試験".to_owned(), zone: "Asia/Tokyo".to_owned() })
    }

    async fn still_here(&self, _: &Cx, _: &Viewer) -> bool {
        true
    }
}

struct House {
    site: Site,
    ground: Ground,
    _fresh: FreshStore,
}

impl House {
    async fn new() -> Self {
        let mut all = migrations();
        all.extend(sekisho_web::migrations());
        let fresh = fresh(Engine::Sqlite, &all).await;
        let ground = Ground::new(&fresh.store);
        let audit = Audit::new(fresh.store.clone(), ground.vault.clone(), Arc::new(Known), ground.world());
        let site = Site::new(SiteParts {
            doorkeeper: Arc::new(Door(ground.world())),
            world: ground.world(),
            store: fresh.store.clone(),
            vault: ground.vault.clone(),
            mounted: vec![audit.routes()],
            nav: vec![nav()],
            texts: vec![texts()],
            samples: Vec::new(),
            options: SiteOptions::default(),
            shutdown: Default::default(),
        });
        Self { site, ground, _fresh: fresh }
    }

    async fn get(&self, who: &str, path: &str) -> (StatusCode, String) {
        let request = Request::get(path).header("who", who).header("host", "acme.example.jp");
        let response = self.site.router.clone().oneshot(request.body(Body::empty()).unwrap()).await.unwrap();
        let status = response.status();
        let body = response.into_body().collect().await.unwrap().to_bytes();
        (status, String::from_utf8(body.to_vec()).unwrap())
    }

    /// The same, which must be there, with every text in place.
    async fn page(&self, path: &str) -> String {
        for who in ["administrator-en", "administrator"] {
            let (status, body) = self.get(who, path).await;
            assert_eq!(status, StatusCode::OK, "{path}: {body}");
            assert!(!body.contains('⟦'), "{path}: a text is missing: {body}");
            if who == "administrator" {
                return body;
            }
        }
        unreachable!()
    }

    async fn json(&self, path: &str) -> Value {
        serde_json::from_str(&self.page(path).await).unwrap()
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn only_administrators_see_the_record_and_only_their_own() {
    let house = House::new().await;
    house.ground.act(1).await;
    let id =
        house.json("/api/v1/audit-entries?action=key.").await["items"][0]["id"].as_str().unwrap().to_owned();
    for route in &house.site.routes {
        if route.module != "audit" {
            continue;
        }
        assert_eq!(route.access, Access::Administrator, "{}", route.path);
        let path = route.path.replace("{id}", &id);
        let (status, _) = house.get("", &path).await;
        assert!([StatusCode::SEE_OTHER, StatusCode::UNAUTHORIZED].contains(&status), "{path}: {status}");
        assert_eq!(house.get("colleague", &path).await.0, StatusCode::FORBIDDEN, "{path}");
        let (status, body) = house.get("other", &path).await;
        assert!(!body.contains("Van 1"), "{path}: {status}");
        if route.path.contains("{id}") {
            assert_eq!(status, StatusCode::NOT_FOUND, "{path}");
        }
    }
    assert_eq!(house.site.api_gaps(), [] as [String; 0]);
    assert_eq!(house.site.catalog.problems(), [] as [String; 0]);
}

#[tokio::test(flavor = "multi_thread")]
async fn the_list_finds_and_an_entry_explains_itself() {
    let house = House::new().await;
    for number in 0..60 {
        house.ground.act(number).await;
    }
    let empty = house.page("/record?q=nothing-of-this-name").await;
    assert!(empty.contains("条件に合う記録はありません"));
    let list = house.page("/record?action=key.&from=2026-11-22T09:00").await;
    assert!(list.contains("佐藤 花子") && list.contains("Van 59") && !list.contains("Van 9 <"), "{list}");
    assert!(list.contains("cursor="));
    let cursor = list.split("cursor=").nth(1).unwrap().split(['"', '&']).next().unwrap();
    let next = house.page(&format!("/record?action=key.&cursor={cursor}")).await;
    assert!(next.contains("Van 9 <") && !next.contains("Van 59"));
    assert_eq!(
        house.get("administrator", "/record?from=yesterday").await.0,
        StatusCode::UNPROCESSABLE_ENTITY
    );
    assert_eq!(house.get("administrator", "/record?cursor=!").await.0, StatusCode::UNPROCESSABLE_ENTITY);

    let id = house.json("/api/v1/audit-entries?action=key.&limit=1").await["items"][0]["id"]
        .as_str()
        .unwrap()
        .to_owned();
    let waiting = house.page(&format!("/record/{id}")).await;
    assert!(waiting.contains("まもなくチェックポイントに取り込まれます"));
    house.ground.sequencer.fold(tenant(1)).await.unwrap();
    let entry = house.page(&format!("/record/{id}")).await;
    assert!(entry.contains("変更はありません") && entry.contains("許可されました"), "{entry}");
    assert!(house.page(&format!("/record?actor={}", SATO.uuid())).await.contains("に関する記録だけ"));
    assert!(house.page("/record/verify").await.contains("sekisho/"));
}

#[tokio::test(flavor = "multi_thread")]
async fn a_refusal_is_told_in_sentences() {
    let house = House::new().await;
    let group = Uuid::from_u128(0x6709);
    let cx = house.ground.cx();
    let decision = serde_json::json!({
        "allowed": false,
        "reasons": [
            { "reason": "outside_schedule", "grant": group, "schedule": group, "next": null },
            { "reason": "expired", "grant": group, "since": "2026-11-20T00:00:00Z" },
            { "reason": "step_up_needed", "grant": group, "within_s": 300 },
            { "reason": "forbidden_by_rule", "rule": "<night>" },
            { "reason": "granted_by", "grant": group,
              "subjects": [{ "kind": "person", "id": SATO }, { "kind": "group", "id": group }],
              "targets": [{ "on": "resource", "id": group }, { "on": "all_of", "kind": "key" }, { "on": "tenant" }] },
            { "reason": "something_new", "grant": group },
        ],
        "grant": null, "policies": ["night"], "revision": 7,
    });
    let entry = AuditEntry::refused("key.take_out").on("key", Uuid::from_u128(5), "<Van>").decided(decision);
    let tx = house.ground.store.begin(&cx).await.unwrap();
    tx.commit(entry).await.unwrap();
    let list = house.json("/api/v1/audit-entries?outcome=refused").await;
    let id = list["items"][0]["id"].as_str().unwrap();
    let page = house.page(&format!("/record/{id}")).await;
    for words in [
        "拒否されました",
        "スケジュールの時間外",
        "5 分以内の再認証",
        "&#60;night&#62;",
        "佐藤 花子 →",
        "something_new",
    ] {
        assert!(page.contains(words), "{words}: {page}");
    }
    assert!(!page.contains("<Van>") && page.contains("&#60;Van&#62;"));
}

#[tokio::test(flavor = "multi_thread")]
async fn exports_are_whole_verify_and_are_recorded_themselves() {
    let house = House::new().await;
    for number in 0..1200 {
        house.ground.act(number).await;
    }
    let file = house.page("/record/export.jsonl").await;
    let key = house.page("/record/key").await;
    let report = verify_file(file.as_bytes(), &key).unwrap();
    assert!(report.holds() && report.full && report.entries >= 1200, "{report:?}");
    assert!(file.contains("audit.export"), "it reaches to its own moment");
    let slice = house.page("/api/v1/audit/export?action=key.take&q=Van%207").await;
    let report = verify_file(slice.as_bytes(), &key).unwrap();
    assert!(report.holds() && !report.full && report.entries == 111, "{report:?}");
    let table = house.page("/record/export.csv?action=key.").await;
    assert_eq!(table.lines().count(), 1201);
    assert!(house.page("/api/v1/audit/export?format=ocsf&q=Van%207").await.contains("\"class_uid\":6003"));
    let (status, _) = house.get("administrator", "/api/v1/audit/export?format=xml").await;
    assert_eq!(status, StatusCode::UNPROCESSABLE_ENTITY);
    // What was typed into the search field is not kept: it may be somebody's name.
    let exports = house.json("/api/v1/audit-entries?action=audit.export").await;
    assert!(!exports.to_string().contains("Van") && exports.to_string().contains("csv"));
}

#[tokio::test(flavor = "multi_thread")]
async fn programs_get_entries_proofs_and_checkpoints() {
    let house = House::new().await;
    for number in 0..30 {
        house.ground.act(number).await;
    }
    let early = house.json("/api/v1/audit/checkpoint").await;
    let size: u64 = early["checkpoint"].as_str().unwrap().lines().nth(1).unwrap().parse().unwrap();
    assert!(early["consistency"].is_null() && size >= 30);
    for number in 0..30 {
        house.ground.act(number).await;
    }
    let late = house.json(&format!("/api/v1/audit/checkpoint?since={size}")).await;
    assert!(!late["consistency"].as_array().unwrap().is_empty());
    assert_eq!(
        house.get("administrator", "/api/v1/audit/checkpoint?since=9999").await.0,
        StatusCode::NOT_FOUND
    );
    let (mut seen, mut cursor) = (0, String::new());
    loop {
        let page = house.json(&format!("/api/v1/audit-entries?action=key.&limit=25&cursor={cursor}")).await;
        seen += page["items"].as_array().unwrap().len();
        assert_eq!(page["items"][0]["actor_name"], "佐藤 花子");
        let Some(next) = page["next_cursor"].as_str() else { break };
        cursor = next.to_owned();
    }
    assert_eq!(seen, 60);
    let page = house.json("/api/v1/audit-entries?action=key.&limit=1").await;
    let id = page["items"][0]["id"].as_str().unwrap();
    let entry = house.json(&format!("/api/v1/audit-entries/{id}")).await;
    assert!(entry["proof"]["checkpoint"].as_str().unwrap().starts_with("sekisho/"));
}
