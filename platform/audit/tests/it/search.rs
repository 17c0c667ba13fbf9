//! Filters find what they say, newest first, page by page, for one tenant.

use std::time::Duration;

use sekisho_audit::{Export, Filter, Format};
use sekisho_kernel::{Actor, AuditEntry, Outcome};
use sekisho_teststore::{on_both_engines, tenant};
use uuid::Uuid;

use crate::{Ground, SATO, migrations};

on_both_engines!(filters_find_what_they_say, migrations(), |fresh| {
    let ground = Ground::new(&fresh.store);
    for number in 0..10 {
        ground.act(number).await;
        ground.world.advance(Duration::from_secs(60));
    }
    let noon = ground.cx().now;
    let nobody = ground.cx().acting_as(Actor::Nobody);
    let tx = ground.store.begin(&nobody).await.unwrap();
    tx.commit(AuditEntry::refused("door.open").on("door", Uuid::from_u128(77), "100%_北口")).await.unwrap();
    let cx = ground.cx();
    let find = async |filter: Filter| {
        let found = ground.record.search(&cx, &filter, None, 100).await.unwrap();
        found.iter().map(|found| found.entry.target_name.clone().unwrap_or_default()).collect::<Vec<_>>()
    };
    assert_eq!(find(Filter::default()).await.len(), 11);
    assert_eq!(find(Filter { actor: Some(SATO.uuid()), ..Filter::default() }).await.len(), 10);
    assert_eq!(find(Filter { action: Some("door.".to_owned()), ..Filter::default() }).await, ["100%_北口"]);
    assert_eq!(find(Filter { outcome: Some(Outcome::Refused), ..Filter::default() }).await.len(), 1);
    assert_eq!(find(Filter { target: Some(Uuid::from_u128(3)), ..Filter::default() }).await, ["Van 3"]);
    assert_eq!(find(Filter { target_kind: Some("door".to_owned()), ..Filter::default() }).await.len(), 1);
    assert_eq!(find(Filter { text: Some(" van 3 ".to_owned()), ..Filter::default() }).await, ["Van 3"]);
    assert_eq!(find(Filter { text: Some("佐藤".to_owned()), ..Filter::default() }).await.len(), 10);
    // Signs of the pattern language are letters like others.
    assert_eq!(find(Filter { text: Some("0%_".to_owned()), ..Filter::default() }).await.len(), 1);
    assert_eq!(find(Filter { text: Some("%".to_owned()), ..Filter::default() }).await.len(), 1);
    assert!(find(Filter { action: Some("%".to_owned()), ..Filter::default() }).await.is_empty());
    assert_eq!(find(Filter { from: Some(noon), ..Filter::default() }).await.len(), 1);
    assert_eq!(find(Filter { to: Some(noon), ..Filter::default() }).await.len(), 10);
    let half =
        Filter { from: Some(noon.minus(Duration::from_secs(301))), to: Some(noon), ..Filter::default() };
    assert_eq!(find(half).await, ["Van 9", "Van 8", "Van 7", "Van 6", "Van 5"]);
    let found = ground.record.search(&cx, &Filter::default(), None, 2).await.unwrap();
    assert_eq!(found[1].actor_name.as_deref(), Some("佐藤 花子"));
});

on_both_engines!(pages_follow_each_other_and_stay_in_the_tenant, migrations(), |fresh| {
    let ground = Ground::new(&fresh.store);
    for number in 0..25 {
        ground.act(number).await;
    }
    let (cx, mut seen, mut before) = (ground.cx(), Vec::new(), None);
    loop {
        let page = ground.record.search(&cx, &Filter::default(), before, 10).await.unwrap();
        let Some(last) = page.last() else { break };
        before = Some(last.entry.id);
        seen.extend(page.into_iter().map(|found| found.entry.id));
    }
    assert_eq!(seen.len(), 25);
    assert!(seen.windows(2).all(|pair| pair[0] > pair[1]));
    ground.record.entry(&cx, seen[0]).await.unwrap();
    let other = sekisho_teststore::cx(&ground.world, tenant(2));
    assert!(ground.record.entry(&other, seen[0]).await.is_err());
    assert!(ground.record.search(&other, &Filter::default(), None, 10).await.unwrap().is_empty());
    assert!(ground.record.inclusion(&other, seen[0]).await.unwrap().is_none());
});

on_both_engines!(ocsf_lines_are_what_collectors_expect, migrations(), |fresh| {
    let ground = Ground::new(&fresh.store);
    ground.act(1).await;
    ground.sequencer.fold(tenant(1)).await.unwrap();
    let filter = Filter { action: Some("key.".to_owned()), ..Filter::default() };
    let text = Export::new(ground.record.clone(), ground.cx(), filter, Format::Ocsf).text().await.unwrap();
    let event: serde_json::Value = serde_json::from_str(text.trim()).unwrap();
    assert_eq!(event["class_uid"], 6003);
    assert_eq!(event["type_uid"], 600_399);
    assert_eq!(event["actor"]["user"]["name"], "佐藤 花子");
    assert_eq!(event["resources"][0]["name"], "Van 1");
    assert_eq!(event["status_id"], 1);
});
