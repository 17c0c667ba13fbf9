//! The box's camera (K15): a picture with an event, sealed by the box, seen only by those with the right, each look on the
//! record, gone on its day.

use std::time::Duration;

use sea_orm::ColumnTrait as _;
use sekisho_agent::box_logic::{PanelAction, Screen};
use sekisho_crypto::seal_to;
use sekisho_devices::{DeviceEvents as _, ReceivedPicture};
use sekisho_kernel::EventId;
use sekisho_keys::tables::{picture_keys, pictures};
use sekisho_keys::{CameraForm, PictureId};
use sekisho_policy::{Right, Target};
use sekisho_storage::Scoped as _;
use sekisho_testkit::{Client, hours, minutes};
use sekisho_wire::{Code, EventKind, Picture, Shot};
use serde_json::{Value, json};

use crate::panel::{number, six_digits};
use crate::scene::Scene;
use crate::steel::Stand;

const PNG: &[u8] = b"\x89PNG\r\n\x1a\n";

async fn camera_on(scene: &Scene, days: i64) {
    let form = CameraForm { on: true, days };
    sekisho_keys::set_camera(&scene.keys, &scene.server.cx(), scene.place, form).await.unwrap();
}

async fn kept(scene: &Scene) -> Vec<pictures::Model> {
    let scope = scene.server.foundation().store.read(scene.server.tenant).await.unwrap();
    scope.find::<pictures::Entity>().ascending(pictures::Column::Id).all().await.unwrap()
}

/// A picture as the box of the scene would seal it, of an event of its own.
async fn sealed(scene: &Scene, event: EventId, kind: EventKind, bytes: &[u8]) -> ReceivedPicture {
    let scope = scene.server.foundation().store.read(scene.server.tenant).await.unwrap();
    let key = scope.find::<picture_keys::Entity>().one().await.unwrap().unwrap();
    let (seq, at) = (7, scene.now());
    let shot = sekisho_wire::encode(&Shot { media: "image/png".to_owned(), bytes: bytes.to_vec() });
    let bound_to = Picture::bound_to(scene.device, seq, at);
    let sealed = seal_to(&key.public, Picture::PURPOSE, &bound_to, &shot).unwrap();
    ReceivedPicture { event, kind, picture: Picture { seq, at, key: 1, sealed }, received_at: at }
}

/// The box sends a picture.
async fn sends(scene: &Scene, received: &ReceivedPicture) {
    let device = scene.device_row().await;
    let mut tx = scene.server.foundation().store.begin(&scene.device_cx()).await.unwrap();
    for entry in scene.boxes.pictured(&mut tx, &device, received).await.unwrap() {
        tx.record(entry);
    }
    tx.commit_bookkeeping("test").await.unwrap();
}

/// The box sends a picture of a forced bin. Which it is.
async fn forced(scene: &Scene) -> PictureId {
    let event = scene.server.cx().fresh_id();
    sends(scene, &sealed(scene, event, EventKind::BinForced { bin: 2 }, b"\x89PNG\r\n\x1a\nforced").await)
        .await;
    kept(scene).await.last().unwrap().id
}

async fn colleague(scene: &Scene, name: &str, right: Right, target: Target) -> Client {
    let who = scene.server.colleague(name).await;
    scene.grant(sekisho_policy::Subject::Person(who.person), right, target).await;
    scene.server.signed_in(&who).await
}

fn addresses(id: PictureId) -> [String; 4] {
    [
        format!("/keys/pictures/{id}"),
        format!("/keys/pictures/{id}/image"),
        format!("/api/v1/key-pictures/{id}"),
        format!("/api/v1/key-pictures/{id}/image"),
    ]
}

story!(a_take_at_a_real_box_leaves_a_sealed_picture_that_its_manager_may_see, |scene| {
    camera_on(&scene, 30).await;
    let sato = scene.person("sato", Right::Exchange, Scene::on_key(scene.van)).await;
    number(&scene, sato, "4242").await;
    let stand = Stand::before(&scene).await;
    let smartbox = &stand.smartbox;
    stand.shows("that people are told of the camera", |view| view.online && view.camera).await;
    smartbox.press(PanelAction::IdNumber { value: Code::new("4242") }).await;
    stand.shows("the question for a code", |view| matches!(view.screen, Screen::Proof { .. })).await;
    scene.server.settle().await;
    let code = six_digits(&scene.mailbox().await);
    smartbox.press(PanelAction::Prove { value: Code::new(code) }).await;
    stand.shows("the keys", |view| matches!(view.screen, Screen::Choose { .. })).await;
    smartbox.press(PanelAction::Take { key: scene.van.resource() }).await;
    assert_eq!(stand.open_bin("take").await, 1);
    assert_eq!(smartbox.take_fob(1).as_deref(), Some("FOB-VAN"));
    let mut changes = scene.server.foundation().store.changes();
    let waited = async {
        while kept(&scene).await.is_empty() {
            // A commit may be the one; a commit between the look and here would be missed, so look again soon.
            let _ = tokio::time::timeout(Duration::from_millis(50), changes.recv()).await;
        }
    };
    tokio::time::timeout(Duration::from_secs(60), waited)
        .await
        .unwrap_or_else(|_| panic!("the picture does not arrive"));

    let rows = kept(&scene).await;
    let [row] = &rows[..] else { panic!("{} pictures of one opening", rows.len()) };
    assert_eq!((row.bin, row.key_id), (Some(1), Some(scene.van)));
    assert!(row.loan_id.is_some());
    assert!(!row.sealed.windows(4).any(|part| part == &PNG[..4]), "sealed where it lies");
    let id = row.id;

    let mut admin = scene.server.administrator().await;
    let history = admin.get(&format!("/keys/{}/history", scene.van)).await.ok();
    assert!(history.contains(&format!("/keys/pictures/{id}")), "{history}");
    let history = admin.get(&format!("/keys/boxes/{}/history", scene.place)).await.ok();
    assert!(history.contains(&format!("/keys/pictures/{id}")), "{history}");
    let page = admin.get(&format!("/keys/pictures/{id}")).await.ok();
    assert!(
        page.contains("ビン 1 が開きました") && page.contains(&format!("/keys/pictures/{id}/image")),
        "{page}"
    );
    assert!(!scene.record().await.contains(&"picture.view".to_owned()), "the page alone shows nothing");

    let image = admin.get(&format!("/keys/pictures/{id}/image")).await;
    assert_eq!(image.headers["content-type"], "image/png");
    assert_eq!(image.headers["cache-control"], "no-store");
    assert_eq!(image.headers["x-content-type-options"], "nosniff");
    assert!(image.headers["content-security-policy"].to_str().unwrap().contains("default-src 'none'"));
    assert!(image.ok().contains("PNG"));
    let looks = admin.api("GET", &format!("/api/v1/key-pictures/{id}"), Value::Null).await.json();
    assert_eq!(looks["looks"].as_array().unwrap().len(), 1, "{looks}");
    assert_eq!(looks["looks"][0]["name"], "acme admin");
    assert_eq!(looks["picture"]["key_name"], "Van 3");
    assert_eq!(scene.record().await.iter().filter(|act| *act == "picture.view").count(), 1);
    stand.stop().await;
});

story!(only_who_manages_the_box_knows_that_there_is_a_picture, |scene| {
    camera_on(&scene, 30).await;
    let id = forced(&scene).await;
    let here = || Target::Resource { id: scene.place.resource() };
    let mut holder = colleague(&scene, "sato", Right::Exchange, Scene::on_key(scene.van)).await;
    let mut viewer = colleague(&scene, "suzuki", Right::View, here()).await;
    let mut manager = colleague(&scene, "tanaka", Right::Manage, here()).await;
    let (_, mut stranger) = scene.server.other_tenant("globex").await;
    for path in addresses(id) {
        for other in [&mut holder, &mut viewer, &mut stranger] {
            other.get(&path).await.expect(404);
        }
        assert!(manager.get(&path).await.status.is_success(), "{path}");
    }
    let settings = format!("/api/v1/key-boxes/{}/camera", scene.place);
    for other in [&mut holder, &mut stranger] {
        other.api("GET", &settings, Value::Null).await.expect(404);
        other.api("PUT", &settings, json!({ "on": false, "days": 1 })).await.expect(404);
        other.get(&format!("/api/v1/key-boxes/{}/pictures", scene.place)).await.expect(404);
    }
    let delete = format!("/api/v1/key-pictures/{id}/delete");
    for other in [&mut holder, &mut viewer, &mut stranger] {
        other.api("POST", &delete, json!({ "reason": "いたずら" })).await.expect(404);
    }
    assert_eq!(kept(&scene).await.len(), 1);
    // Nor does the history of a key tell its holder of pictures.
    assert!(!holder.get(&format!("/keys/{}/history", scene.van)).await.ok().contains("/keys/pictures/"));
});

story!(so_many_looks_want_a_fresh_proof, |scene| {
    camera_on(&scene, 30).await;
    let id = forced(&scene).await;
    let mut admin = scene.server.administrator().await;
    let image = format!("/api/v1/key-pictures/{id}/image");
    let mut looks = 0;
    while admin.get(&image).await.status.is_success() {
        looks += 1;
        assert!(looks <= 20, "the limit of the tenant");
    }
    assert_eq!(looks, 20);
    admin.get(&image).await.expect(403);
    let page = admin.get(&format!("/keys/pictures/{id}")).await.ok();
    assert!(page.contains("/step-up?next=") && !page.contains("/image"), "{page}");
    scene.server.advance(Duration::from_secs(1)).await;
    scene.server.prove(&mut admin).await;
    assert!(admin.get(&image).await.status.is_success());
});

story!(a_picture_is_deleted_on_its_day_or_before_with_a_reason, |scene| {
    camera_on(&scene, 30).await;
    let first = forced(&scene).await;
    scene.server.advance(hours(24 * 10)).await;
    let second = forced(&scene).await;
    let image = |id: PictureId| format!("/api/v1/key-pictures/{id}/image");
    scene.server.advance(hours(24 * 20)).await;
    let mut admin_later = scene.server.administrator().await;
    admin_later.get(&image(first)).await.expect(404);
    assert_eq!(kept(&scene).await.iter().map(|row| row.id).collect::<Vec<_>>(), [second]);
    assert!(scene.record().await.contains(&"picture.expire".to_owned()));

    // Fewer days count for what was taken already: the second is 20 days old.
    let third = forced(&scene).await;
    camera_on(&scene, 5).await;
    scene.server.settle().await;
    assert_eq!(kept(&scene).await.iter().map(|row| row.id).collect::<Vec<_>>(), [third]);
    scene.server.advance(hours(24 * 5)).await;
    assert!(kept(&scene).await.is_empty());

    let fourth = forced(&scene).await;
    let mut admin = scene.server.administrator().await;
    let delete = format!("/api/v1/key-pictures/{fourth}/delete");
    admin.api("POST", &delete, json!({ "reason": " " })).await.expect(422);
    admin.api("POST", &delete, json!({ "reason": "本人の求めにより" })).await.expect(204);
    admin.get(&image(fourth)).await.expect(404);
    assert!(kept(&scene).await.is_empty());
    assert_eq!(scene.last_detail("picture.delete", "reason").await, "本人の求めにより");
});

story!(fewer_days_never_take_what_is_left_of_them, |scene| {
    camera_on(&scene, 30).await;
    let old = forced(&scene).await;
    scene.server.advance(hours(24 * 2)).await;
    let young = forced(&scene).await;
    scene.server.advance(Duration::from_secs(60)).await;
    camera_on(&scene, 1).await;
    scene.server.settle().await;
    assert_eq!(
        kept(&scene).await.iter().map(|row| row.id).collect::<Vec<_>>(),
        [young],
        "{old} had its days"
    );
    scene.server.advance(hours(24) - Duration::from_secs(61)).await;
    assert_eq!(kept(&scene).await.len(), 1, "a day is a day");
    scene.server.advance(Duration::from_secs(1)).await;
    assert!(kept(&scene).await.is_empty());
    // More days give back nothing, and promise nothing to what was taken before.
    let third = forced(&scene).await;
    camera_on(&scene, 30).await;
    scene.server.advance(hours(24)).await;
    assert!(kept(&scene).await.is_empty(), "{third} was promised to go after a day");
});

story!(every_picture_of_a_box_can_be_found, |scene| {
    camera_on(&scene, 30).await;
    for _ in 0..101 {
        forced(&scene).await;
        scene.server.world.advance(Duration::from_secs(1));
    }
    let all = kept(&scene).await;
    let mut admin = scene.server.administrator().await;
    let here = format!("/keys/boxes/{}/pictures", scene.place);
    let link = |row: &pictures::Model| format!("/keys/pictures/{}\"", row.id);
    let first = admin.get(&here).await.ok();
    assert!(first.contains(&link(&all[100])) && !first.contains(&link(&all[0])));
    let next = first.split("cursor=").nth(1).unwrap().split(['"', '&']).next().unwrap();
    let second = admin.get(&format!("{here}?cursor={next}")).await.ok();
    assert!(second.contains(&link(&all[0])) && !second.contains(&link(&all[100])));
    assert!(!admin.get(&format!("{here}?what=tampered")).await.ok().contains("/keys/pictures/"));
    let file = admin.get(&format!("{here}.csv?what=bin_forced")).await.ok();
    assert_eq!(file.lines().count(), 102, "the head, and every picture");
    let tampered = format!("/api/v1/key-boxes/{}/pictures?what=tampered", scene.place);
    assert_eq!(admin.get(&tampered).await.json()["items"], json!([]));
    let history = admin.get(&format!("/keys/boxes/{}/history", scene.place)).await.ok();
    assert!(history.contains(&here), "the newest, and the way to all");
    let mut viewer =
        colleague(&scene, "suzuki", Right::View, Target::Resource { id: scene.place.resource() }).await;
    viewer.get(&here).await.expect(404);
    viewer.get(&format!("{here}.csv")).await.expect(404);
});

/// The box sends a picture taken at `at`.
async fn taken(scene: &Scene, at: sekisho_kernel::Timestamp) -> usize {
    let event = scene.server.cx().fresh_id();
    let mut received = sealed(scene, event, EventKind::TamperOn, PNG).await;
    received.picture.at = at;
    sends(scene, &received).await;
    kept(scene).await.len()
}

story!(what_was_taken_when_nobody_wanted_it_is_not_kept, |scene| {
    let before = scene.now();
    scene.server.advance(minutes(10)).await;
    camera_on(&scene, 30).await;
    assert_eq!(taken(&scene, before).await, 0, "the camera was not on yet");
    assert_eq!(taken(&scene, scene.now()).await, 1);
    let while_on = scene.now();
    scene.server.advance(minutes(10)).await;
    sekisho_keys::set_camera(
        &scene.keys,
        &scene.server.cx(),
        scene.place,
        CameraForm { on: false, days: 30 },
    )
    .await
    .unwrap();
    scene.server.advance(minutes(10)).await;
    assert_eq!(taken(&scene, scene.now()).await, 1, "it was off");
    assert_eq!(taken(&scene, while_on).await, 2, "late, but of when it was on");
    camera_on(&scene, 30).await;
    let cx = scene.server.cx();
    sekisho_keys::connect_box(&scene.keys, &cx, scene.place, None).await.unwrap();
    let elsewhere = scene.now();
    scene.server.advance(minutes(10)).await;
    sekisho_keys::connect_box(&scene.keys, &scene.server.cx(), scene.place, Some(scene.device))
        .await
        .unwrap();
    assert_eq!(taken(&scene, elsewhere).await, 2, "it hung somewhere else");
    assert_eq!(taken(&scene, scene.now()).await, 3);
});

/// Whether the set-up the device was sent last has its camera on.
async fn device_has_camera(scene: &Scene) -> bool {
    use sekisho_devices::tables::devices_devices::{Column, Entity};
    let scope = scene.server.foundation().store.read(scene.server.tenant).await.unwrap();
    let row = scope.find::<Entity>().filter(Column::Id.eq(scene.device)).one().await.unwrap().unwrap();
    sekisho_wire::decode::<sekisho_wire::BoxConfig>(&row.config.unwrap()).unwrap().camera.is_some()
}

story!(a_device_that_is_let_go_stops_taking_pictures, |scene| {
    camera_on(&scene, 30).await;
    assert!(device_has_camera(&scene).await);
    sekisho_keys::connect_box(&scene.keys, &scene.server.cx(), scene.place, None).await.unwrap();
    assert!(!device_has_camera(&scene).await);
    sekisho_keys::connect_box(&scene.keys, &scene.server.cx(), scene.place, Some(scene.device))
        .await
        .unwrap();
    assert!(device_has_camera(&scene).await);
    let mut admin = scene.server.administrator().await.with_header("if-match", "*");
    for key in [scene.van, scene.store_room] {
        let gone = json!({ "reason": "sold" });
        admin.api("POST", &format!("/api/v1/keys/{key}/withdraw"), gone).await.expect(204);
    }
    admin.api("DELETE", &format!("/api/v1/key-boxes/{}", scene.place), Value::Null).await.expect(204);
    assert!(!device_has_camera(&scene).await);
});

story!(a_picture_told_twice_is_kept_once, |scene| {
    camera_on(&scene, 30).await;
    let event = scene.server.cx().fresh_id();
    let received = sealed(&scene, event, EventKind::TamperOn, PNG).await;
    sends(&scene, &received).await;
    sends(&scene, &received).await;
    assert_eq!(kept(&scene).await.len(), 1);
    assert_eq!(scene.record().await.iter().filter(|act| *act == "picture.take").count(), 1);
});

story!(a_picture_put_under_another_event_or_changed_does_not_open, |scene| {
    camera_on(&scene, 30).await;
    let id = forced(&scene).await;
    let foundation = scene.server.foundation();
    let tx = foundation.store.begin(&scene.server.cx()).await.unwrap();
    let moved = tx.update::<pictures::Entity>().set(pictures::Column::Seq, 8_i64);
    moved.filter(pictures::Column::Id.eq(id)).exec().await.unwrap();
    tx.commit_bookkeeping("test").await.unwrap();
    let mut admin = scene.server.administrator().await;
    let refused = admin.get(&format!("/api/v1/key-pictures/{id}/image")).await;
    assert!(refused.status.is_client_error() && !refused.text.contains("PNG"), "{}", refused.status);
});

story!(with_the_tenants_keys_every_picture_goes, |scene| {
    camera_on(&scene, 30).await;
    let id = forced(&scene).await;
    let foundation = scene.server.foundation();
    foundation.vault.erase(scene.server.tenant).await.unwrap();
    let cx = scene.server.cx();
    assert!(sekisho_keys::view_picture(&scene.keys, &cx, id).await.is_err());
    assert_eq!(kept(&scene).await.len(), 1, "what is left is noise");
});

story!(a_camera_is_off_until_its_manager_says_otherwise, |scene| {
    let mut admin = scene.server.administrator().await;
    let path = format!("/api/v1/key-boxes/{}/camera", scene.place);
    let off = admin.api("GET", &path, Value::Null).await.json();
    assert_eq!(off, json!({ "on": false, "days": 30 }));
    for days in [0, -1, 367] {
        let refused = admin.api("PUT", &path, json!({ "on": true, "days": days })).await;
        assert_eq!(refused.status.as_u16(), 422, "{days}");
    }
    admin.api("PUT", &path, json!({ "on": true, "days": 7 })).await.expect(204);
    assert_eq!(admin.api("GET", &path, Value::Null).await.json(), json!({ "on": true, "days": 7 }));
    assert_eq!(scene.last_detail("box.camera", "on").await, true);
    // The page does the same.
    let here = format!("/keys/boxes/{}", scene.place);
    assert!(admin.get(&format!("{here}/settings")).await.ok().contains("写真の保存日数"));
    let sent = [("days", "400"), ("camera", "on")];
    assert!(admin.post(&format!("{here}/camera"), &sent).await.expect(422).text.contains("1〜366"));
    admin.post(&format!("{here}/camera"), &[("days", "14")]).await.expect(303);
    assert_eq!(admin.api("GET", &path, Value::Null).await.json(), json!({ "on": false, "days": 14 }));
    let list = admin.get(&format!("/api/v1/key-boxes/{}/pictures", scene.place)).await.json();
    assert_eq!(list["items"], json!([]));
});
