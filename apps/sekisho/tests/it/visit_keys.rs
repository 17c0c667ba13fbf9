//! A visit carries a booking of keys.

use sekisho_keys::KeyId;
use sekisho_policy::{NewGrant, Right, Subject, Target};
use sekisho_storage::Scoped as _;
use sekisho_testkit::{hours, minutes, story};
use sekisho_visitors::pass::spaced;
use sekisho_wire::EventKind;
use serde_json::{Value, json};

use scene::{Planned, Scene};

mod follow;
mod guest;
mod scene;
mod terms;

story!(a_guest_finds_the_code_on_their_page_and_takes_the_key_at_the_box, |scene| {
    let planned = scene.visit(30).await;
    let mut host = scene.host().await;
    let page = host.get(&planned.appointment.replace("/api/v1", "")).await.ok();
    assert!(page.contains("鍵を予約") && page.contains("予約した鍵はありません"), "{page}");
    let offered = host.get(&format!("{}/offered", planned.keys())).await.expect(200).json();
    let names: Vec<&str> =
        offered["items"].as_array().unwrap().iter().map(|key| key["name"].as_str().unwrap()).collect();
    assert_eq!(names, ["機械室", "社用車3号"], "those of this site, by name");
    host.get(&planned.keys()).await.expect(404);
    let booked = scene.books(&mut host, &planned, &[scene.van]).await.expect(201).json();
    assert_eq!((&booked["keys"][0]["name"], &booked["state"]), (&json!("社用車3号"), &json!("booked")));
    scene.server.settle().await;
    let code = scene.code().await;
    assert!(!booked.to_string().contains(&code), "the code is the guest's: {booked}");

    // The guest: page and mail.
    let page = scene.page(&planned).await;
    for word in [&*spaced(&code), "社用車3号", "1階キーボックス", "正面玄関を入って左手", "href=\"/b/"]
    {
        assert!(page.contains(word), "{word}: {page}");
    }
    let own = page.split_once("href=\"/b/").unwrap().1.split('"').next().unwrap().to_owned();
    assert!(scene.server.stranger().get(&format!("/b/{own}")).await.ok().contains(&spaced(&code)));
    let mails = scene.told("yamada@").await;
    let mail = mails.iter().find(|mail| mail.contains(&spaced(&code))).unwrap();
    assert!(mail.contains("社用車3号") && mail.contains("鍵のご案内"), "{mail}");
    assert_eq!(mails.len(), 2, "the invitation, and the keys once: {mails:?}");

    // Who plans the visit sees that there are keys, and no code.
    let page = host.get(&planned.appointment.replace("/api/v1", "")).await.ok();
    assert!(page.contains("社用車3号") && !page.contains(&spaced(&code)), "{page}");
    let offered = host.get(&format!("{}/offered", planned.keys())).await.expect(200).json();
    assert_eq!(offered["items"][1]["free"], json!(false), "{offered}");
    // Nobody else gets the van then.
    let other = scene.visit(60).await;
    let taken = scene.books(&mut host, &other, &[scene.van]).await.expect(422);
    assert!(taken.text.contains("ほかの予約"), "{}", taken.text);
    assert_eq!(scene.bookings().await.len(), 1);

    // At the box.
    assert_eq!(scene.opens(&code).await, Err("not_yet".to_owned()));
    scene.server.advance(minutes(31)).await;
    assert_eq!(scene.opens(&code).await, Ok(vec!["社用車3号".to_owned()]));
    scene.takes_van(&code).await;
    assert_eq!(host.get(&planned.keys()).await.expect(200).json()["state"], "out");
    assert!(scene.page(&planned).await.contains("鍵はお手元にあります"));
    let record = scene.record().await;
    for act in ["key.book", "visit.book_keys", "key.take_out"] {
        assert_eq!(record.iter().filter(|done| *done == act).count(), 1, "{act}: {record:?}");
    }
    // Its time over, the page speaks of it as long as the key is away.
    scene.server.advance(hours(2)).await;
    let page = scene.page(&planned).await;
    assert!(page.contains("鍵はお手元にあります") && !page.contains(&spaced(&code)), "{page}");
    scene.tells(EventKind::KeyInserted { bin: 1, fob: "FOB-VAN".into(), command: None }).await;
    assert!(!scene.page(&planned).await.contains("鍵のご案内"));
});

story!(nobody_gives_out_keys_they_do_not_manage, |scene| {
    // A colleague with a guest of their own, and no right to any key.
    let plain = scene.server.colleague("plain").await;
    let mut colleague = scene.server.signed_in(&plain).await;
    let made = colleague.api("POST", "/api/v1/visitors/appointments", scene.body(60)).await.expect(201);
    let planned = Planned::of(&made.json());
    let page = colleague.get(&planned.appointment.replace("/api/v1", "")).await.ok();
    assert!(
        !page.contains("鍵を予約") && !page.contains("予約した鍵"),
        "nothing to book, nothing to see: {page}"
    );
    let offered = colleague.get(&format!("{}/offered", planned.keys())).await.expect(200).json();
    assert_eq!(offered["items"], json!([]));
    let form = format!("{}/keys", planned.appointment.replace("/api/v1", ""));
    assert!(colleague.get(&form).await.ok().contains("予約できる鍵がありません"));
    let refused = scene.books(&mut colleague, &planned, &[scene.van]).await.expect(422);
    assert!(refused.text.contains("予約する権限がありません"), "{}", refused.text);
    // Taking a key is not giving it out.
    let foundation = scene.server.foundation();
    let mut tx = foundation.store.begin(&scene.server.cx()).await.unwrap();
    let target = Target::Resource { id: scene.van.resource() };
    let use_it = NewGrant::always(Subject::Person(plain.person), Right::Exchange, target);
    foundation.policy.grant(&mut tx, use_it).await.unwrap();
    tx.commit_bookkeeping("test").await.unwrap();
    scene.books(&mut colleague, &planned, &[scene.van]).await.expect(422);
    // The host manages the keys, and has nothing to do with that visit; a key that never was, and one of another site.
    let mut host = scene.host().await;
    scene.books(&mut host, &planned, &[scene.van]).await.expect(404);
    host.get(&planned.keys()).await.expect(404);
    let own = scene.visit(60).await;
    let never: KeyId = "0190d3c0-0000-7000-8000-000000000001".parse().unwrap();
    scene.books(&mut host, &own, &[never]).await.expect(422);
    scene.books(&mut host, &own, &[scene.far]).await.expect(422);
    scene.books(&mut host, &own, &[]).await.expect(422);
    // Another organisation.
    let (_, mut globex) = scene.server.other_tenant("globex").await;
    for path in [own.keys(), format!("{}/offered", own.keys())] {
        globex.get(&path).await.expect(404);
    }
    scene.books(&mut globex, &own, &[scene.van]).await.expect(404);
    globex.api("DELETE", &own.keys(), Value::Null).await.expect(404);
    assert!(scene.bookings().await.is_empty());
    let row = scene.server.foundation().store.read(scene.server.tenant).await.unwrap();
    let linked = row.find::<sekisho_visitors::tables::booked_keys::Entity>().count().await.unwrap();
    drop(row);
    assert_eq!(linked, 0, "what was refused leaves nothing behind");
    // Two keys, one code.
    scene.books(&mut host, &own, &[scene.van, scene.store_room]).await.expect(201);
    scene.server.advance(minutes(61)).await;
    let code = scene.code().await;
    assert_eq!(scene.opens(&code).await.unwrap().len(), 2);
});
