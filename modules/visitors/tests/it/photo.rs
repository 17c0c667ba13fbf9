//! A guest's photo: written anew, seen by desk and host alone, each look on the record, erased soon after.

use std::io::Cursor;

use axum::http::Method;
use image::{ImageFormat, Rgb, RgbImage};
use sekisho_storage::Scoped as _;
use sekisho_testkit::hours;
use sekisho_visitors::tables::{photos, tries};
use serde_json::{Value, json};

use crate::registration::{ASKED, ask, page, program, read};
use crate::scene::Scene;
use crate::series::{mondays, nth};

const BINARY: Option<&str> = Some("application/octet-stream");

/// A JPEG as telephones take it: with a block that says where, and more behind its end.
pub fn from_a_telephone() -> Vec<u8> {
    let picture =
        RgbImage::from_fn(60, 40, |x, y| Rgb([u8::try_from(x).unwrap(), u8::try_from(y).unwrap(), 9]));
    let mut plain = Cursor::new(Vec::new());
    picture.write_to(&mut plain, ImageFormat::Jpeg).unwrap();
    let plain = plain.into_inner();
    let exif = b"Exif\0\0II*\0\x08\0\0\0\x01\0\x0f\x01\x02\0\x10\0\0\0\x1a\0\0\0\0\0\0\x0035.6812N139.7671";
    let mut bytes = plain[..2].to_vec();
    bytes.extend([0xFF, 0xE1]);
    bytes.extend(u16::try_from(exif.len() + 2).unwrap().to_be_bytes());
    bytes.extend(exif);
    bytes.extend(&plain[2..]);
    bytes.extend(b"<script>alert(1)</script>");
    bytes
}

/// That a picture is one, and tells nothing but itself: no block of an application, no comment, nothing behind its end.
pub fn tells_nothing(jpeg: &[u8]) {
    assert!(image::load_from_memory_with_format(jpeg, ImageFormat::Jpeg).is_ok());
    for gone in [&b"35.6812"[..], b"Exif", b"<script>"] {
        assert!(!jpeg.windows(gone.len()).any(|part| part == gone), "{gone:?}");
    }
    assert!(jpeg.ends_with(&[0xFF, 0xD9]));
    let mut at = 2;
    while jpeg[at + 1] != 0xDA {
        let marker = jpeg[at + 1];
        assert!(marker == 0xE0 || !(0xE1..=0xEF).contains(&marker) && marker != 0xFE, "{marker:x}");
        at += 2 + usize::from(u16::from_be_bytes([jpeg[at + 2], jpeg[at + 3]]));
    }
}

/// A visit whose guest sent a photo: the visit and the path where it is seen.
async fn sent(scene: &Scene) -> (Value, String) {
    let (visit, photo, _) = sent_for(scene, scene.body(30)).await;
    (visit, photo)
}

/// The same of such an appointment, with the guest's page.
async fn sent_for(scene: &Scene, body: Value) -> (Value, String, String) {
    ask(scene, json!({ "photo": true })).await;
    let made = scene.made(body).await;
    let page = page(scene, &made).await;
    let path = program(&page, "photo");
    scene.server.stranger().send(Method::POST, &path, BINARY, from_a_telephone()).await.expect(204);
    let visit = made["visits"][0]["id"].clone();
    let photo = format!("/api/v1/visitors/visits/{}/photo", visit.as_str().unwrap());
    (visit, photo, page)
}

async fn count(scene: &Scene) -> u64 {
    let scope = scene.server.foundation().store.read(scene.server.tenant).await.unwrap();
    scope.find::<photos::Entity>().count().await.unwrap()
}

story!(desk_and_host_alone_see_a_photo_and_each_look_is_on_the_record, |scene| {
    let deputy = scene.server.colleague("deputy").await;
    let stranger = scene.server.colleague("stranger").await;
    let mut body = scene.body(30);
    body["deputies"] = json!([deputy.person]);
    let (visit, photo, _) = sent_for(&scene, body).await;
    let looks = async || scene.record().await.iter().filter(|act| *act == "visit.see_photo").count();
    for (number, mut client) in
        [scene.desk().await, scene.server.signed_in(&scene.host).await].into_iter().enumerate()
    {
        let shown = client.get(&photo).await.expect(200);
        assert_eq!(shown.headers["content-type"], "image/jpeg");
        assert_eq!(shown.headers["cache-control"], "no-store");
        assert!(shown.headers["content-security-policy"].to_str().unwrap().contains("sandbox"));
        tells_nothing(&shown.bytes);
        assert_eq!(looks().await, number + 1);
        client.get(&photo.replace("/api/v1", "")).await.expect(200);
        assert_eq!(looks().await, number + 2);
        // Only the second of them is left to be counted.
        if number == 0 {
            break;
        }
    }
    let mut host = scene.server.signed_in(&scene.host).await;
    host.get(&photo).await.expect(200);
    let (_, globex) = scene.server.other_tenant("globex").await;
    let mut deputy = scene.server.signed_in(&deputy).await;
    assert!(read(&mut deputy, &visit).await["photo_at"].is_string(), "they see that there is one");
    for mut other in [deputy, scene.server.signed_in(&stranger).await, globex] {
        other.get(&photo).await.expect(404);
    }
    assert_eq!(looks().await, 3, "who may not see it saw nothing");
    assert!(read(&mut host, &visit).await["photo_at"].is_string());
    let scope = scene.server.foundation().store.read(scene.server.tenant).await.unwrap();
    let row = scope.find::<photos::Entity>().one().await.unwrap().unwrap();
    assert!(!row.picture.starts_with(&[0xFF, 0xD8]), "it lies sealed");
});

story!(what_is_no_photo_is_refused_beside_the_field, |scene| {
    ask(&scene, json!({ "photo": true })).await;
    let made = scene.made(scene.body(30)).await;
    let here = page(&scene, &made).await;
    let path = program(&here, "photo");
    let mut guest = scene.server.stranger();
    let mut bomb = b"\x89PNG\r\n\x1a\n\0\0\0\rIHDR".to_vec();
    bomb.extend([0, 0, 0xEA, 0x60, 0, 0, 0xEA, 0x60, 8, 6, 0, 0, 0, 0x3C, 0x5B, 0x5C, 0xB0]);
    for wrong in [Vec::new(), b"<svg onload=alert(1)>".to_vec(), b"\xFF\xD8\xFF\xE0 no".to_vec(), bomb] {
        guest.send(Method::POST, &path, BINARY, wrong).await.expect(422);
    }
    let multipart = |bytes: &[u8]| {
        let mut body =
            b"--x\r\ncontent-disposition: form-data; name=\"photo\"; filename=\"a.jpg\"\r\n\r\n".to_vec();
        body.extend(bytes);
        body.extend(b"\r\n--x--\r\n");
        body
    };
    let kind = Some("multipart/form-data; boundary=x");
    let form = format!("{here}/photo");
    let again = guest.send(Method::POST, &form, kind, multipart(b"GIF89a")).await.expect(422);
    assert!(again.text.contains("f-photo-error"), "{}", again.text);
    guest.send(Method::POST, &form, kind, multipart(&from_a_telephone())).await.expect(303);
    assert_eq!(scene.visit(&made["visits"][0]["id"]).await["missing"], Value::Null);
    guest.post(&format!("{here}/photo/remove"), &[]).await.expect(303);
    assert_eq!(
        (count(&scene).await, &scene.visit(&made["visits"][0]["id"]).await["missing"]["photo"]),
        (0, &json!(true))
    );
    // Who sends them all day waits.
    for _ in 0..20 {
        guest.send(Method::POST, &path, BINARY, b"GIF89a".to_vec()).await;
    }
    guest.send(Method::POST, &path, BINARY, from_a_telephone()).await.expect(429);
    // At whichever of their visits.
    let other = scene.made(scene.body(90)).await;
    let path = program(&page(&scene, &other).await, "photo");
    guest.send(Method::POST, &path, BINARY, from_a_telephone()).await.expect(429);
    // Where none is asked for, none is taken.
    ask(&scene, json!({ "photo": false })).await;
    let mut body = scene.body(90);
    body["guests"] = json!([{ "name": "鈴木 花子", "mail": "suzuki@midori.example" }]);
    let other = scene.made(body).await;
    let path = program(&page(&scene, &other).await, "photo");
    guest.send(Method::POST, &path, BINARY, from_a_telephone()).await.expect(404);
    // What was counted counts for nothing the day after.
    let tries = async || {
        let scope = scene.server.foundation().store.read(scene.server.tenant).await.unwrap();
        scope.find::<tries::Entity>().count().await.unwrap()
    };
    assert!(tries().await > 0);
    scene.server.advance(hours(31)).await;
    assert_eq!(tries().await, 0);
});

story!(a_photo_is_erased_a_day_after_the_visit, |scene| {
    let (visit, photo) = sent(&scene).await;
    let mut desk = scene.desk().await;
    let of_visit = |act: &str| format!("/api/v1/visitors/visits/{}/{act}", visit.as_str().unwrap());
    for act in ["arrive", "check-out"] {
        desk.api("POST", &of_visit(act), Value::Null).await.expect(204);
    }
    scene.server.advance(hours(23)).await;
    let mut desk = scene.desk().await;
    desk.get(&photo).await.expect(200);
    // However late the round comes, it is shown to nobody.
    scene.pass_time(hours(1));
    desk.get(&photo).await.expect(404);
    assert_eq!((count(&scene).await, &read(&mut desk, &visit).await["photo_at"]), (1, &Value::Null));
    scene.server.advance(hours(1)).await;
    assert_eq!(count(&scene).await, 0);
    assert!(scene.record().await.contains(&"visit_photo.expire".to_owned()));
});

story!(how_long_is_set_and_nobody_here_is_forgotten, |scene| {
    let (visit, photo) = sent(&scene).await;
    let mut admin = scene.server.administrator().await;
    let body = json!({ "photo_hours": 2, "kinds": { "guest": { "asked": true, "photo": true } } });
    admin.api("PUT", ASKED, body).await.expect(204);
    let mut desk = scene.desk().await;
    desk.api("POST", &format!("/api/v1/visitors/visits/{}/arrive", visit.as_str().unwrap()), Value::Null)
        .await
        .expect(204);
    scene.pass_time(hours(5));
    desk.get(&photo).await.expect(200);
    desk.api("POST", &format!("/api/v1/visitors/visits/{}/check-out", visit.as_str().unwrap()), Value::Null)
        .await
        .expect(204);
    scene.pass_time(hours(2));
    desk.get(&photo).await.expect(404);
});

story!(a_photo_goes_with_its_guest_and_is_asked_for_each_time, |scene| {
    ask(&scene, json!({ "photo": true })).await;
    let made = scene.made(mondays(&scene, 2)).await;
    scene.server.settle().await;
    let path = program(&page(&scene, &made).await, "photo");
    scene.server.stranger().send(Method::POST, &path, BINARY, from_a_telephone()).await.expect(204);
    let mut admin = scene.server.administrator().await;
    let first = admin.get(&nth(&made, 0)).await.json()["visits"][0].clone();
    let second = admin.get(&nth(&made, 1)).await.json()["visits"][0].clone();
    assert_eq!((&first["missing"], &second["missing"]["photo"]), (&Value::Null, &json!(true)));
    // At another address it is somebody else's.
    let guest = format!("/api/v1/visitors/visits/{}/guest", first["id"].as_str().unwrap());
    let mut known = admin.get(&guest).await.json();
    known["mail"] = json!("taro@midori.example");
    admin.api("PUT", &guest, known).await.expect(204);
    assert_eq!(count(&scene).await, 0);
    let path = program(&page(&scene, &made).await, "photo");
    scene.server.stranger().send(Method::POST, &path, BINARY, from_a_telephone()).await.expect(204);
    // Called off: gone with the next round; erased: at once.
    let photo = format!("/api/v1/visitors/visits/{}/photo", first["id"].as_str().unwrap());
    for visit in [&first, &second] {
        admin
            .api("DELETE", &format!("/api/v1/visitors/visits/{}", visit["id"].as_str().unwrap()), Value::Null)
            .await
            .expect(204);
    }
    admin.get(&photo).await.expect(404);
    assert_eq!(count(&scene).await, 1);
    let guest = format!("/api/v1/visitors/guests/{}", first["guest"].as_str().unwrap());
    scene.server.prove(&mut admin).await;
    admin.api("DELETE", &guest, Value::Null).await.expect(204);
    assert_eq!(count(&scene).await, 0);
});

story!(a_guest_takes_a_photo_back_as_long_as_there_is_one, |scene| {
    let registered =
        async || scene.facts().await.iter().filter(|fact| *fact == "visitors.registered").count();
    let (visit, _, here) = sent_for(&scene, scene.body(30)).await;
    let mut guest = scene.server.stranger();
    assert!(!guest.get(&here).await.ok().contains("/photo/remove"), "it stands beside the form");
    let mut desk = scene.desk().await;
    for act in ["arrive", "check-out"] {
        let path = format!("/api/v1/visitors/visits/{}/{act}", visit.as_str().unwrap());
        desk.api("POST", &path, Value::Null).await.expect(204);
    }
    let told = registered().await;
    let shown = guest.get(&here).await.ok();
    assert!(shown.contains("/photo/remove") && !shown.contains("/registration\""), "{shown}");
    assert_eq!(guest.post(&format!("{here}/photo/remove"), &[]).await.expect(303).location(), here);
    assert_eq!((count(&scene).await, registered().await), (0, told));
    assert!(!guest.get(&here).await.ok().contains("/photo/remove"));
    // Photos are not asked for any more.
    let (_, _, here) = sent_for(&scene, scene.body(90)).await;
    ask(&scene, json!({ "photo": false })).await;
    assert!(guest.get(&here).await.ok().contains("/photo/remove"));
    let path = program(&here, "photo");
    guest.api("DELETE", &path, Value::Null).await.expect(204);
    assert_eq!(count(&scene).await, 0);
    guest.api("DELETE", &path, Value::Null).await.expect(204);
    let record = scene.record().await;
    assert_eq!(record.iter().filter(|act| act.starts_with("visit.take_back_photo")).count(), 2);
});
