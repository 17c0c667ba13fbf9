//! What is known of a guest is corrected by whoever invited them, and by the desk.

use serde_json::{Value, json};

use crate::scene::Scene;
use crate::series::{mondays, nth};

fn path(visit: &Value) -> String {
    format!("/api/v1/visitors/visits/{}/guest", visit.as_str().unwrap())
}

story!(at_another_address_a_guest_is_invited_anew_and_the_old_pass_is_void, |scene| {
    let made = scene.made(scene.body(60)).await;
    let visit = made["visits"][0]["id"].clone();
    let old = scene.pass(&made).await;
    scene.server.settle().await;
    let mut host = scene.server.signed_in(&scene.host).await;
    let mut known = host.get(&path(&visit)).await.expect(200).json();
    assert_eq!((&known["name"], &known["language"]), (&json!("山田 太郎"), &json!("ja")));
    // A name alone is no reason to tell them anything.
    known["name"] = json!("山田 太朗");
    known["companions"] = json!(2);
    host.api("PUT", &path(&visit), known.clone()).await.expect(204);
    scene.server.settle().await;
    assert_eq!(scene.pass(&made).await, old);
    let row = scene.visit(&visit).await;
    assert_eq!((&row["name"], &row["companions"]), (&json!("山田 太朗"), &json!(2)));
    let query = |name: &str| format!("/api/v1/visitors/visits?q={}", sekisho_web::escape_query(name));
    let found = host.get(&query("太朗")).await.expect(200).json();
    assert_eq!(found["items"].as_array().unwrap().len(), 1, "found by the new name");
    let found = host.get(&query("太郎")).await.expect(200).json();
    assert_eq!(found["items"].as_array().unwrap().len(), 0, "and not by the old one");

    known["mail"] = json!("taro@midori.example");
    known["language"] = json!("en");
    host.api("PUT", &path(&visit), known.clone()).await.expect(204);
    scene.server.settle().await;
    assert_eq!((scene.told("yamada@").await.len(), scene.told("taro@").await.len()), (1, 1));
    assert!(!scene.told("taro@").await[0].contains("ご来訪"), "in English");
    let new = scene.pass(&made).await;
    for what in ["pass", "code", "address"] {
        assert_ne!(new[what], old[what], "{what}");
    }
    scene.server.stranger().get(old["address"].as_str().unwrap()).await.expect(404);
    assert!(scene.server.stranger().get(new["address"].as_str().unwrap()).await.ok().contains("<svg"));
    let mut desk = scene.desk().await;
    for (pass, status) in [(&old, 422), (&new, 200)] {
        let shown = scene.shows(&mut desk, scene.tokyo, "pass", pass["pass"].as_str().unwrap()).await;
        assert_eq!(shown.0, status);
    }
    // The desk may, a colleague and another tenant do not know of it, and a wrong address is said beside the field.
    desk.api("PUT", &path(&visit), known.clone()).await.expect(204);
    known["mail"] = json!("nobody");
    let wrong = desk.api("PUT", &path(&visit), known.clone()).await.expect(422);
    assert!(wrong.text.contains("guest_mail"), "{}", wrong.text);
    let other = scene.server.colleague("other").await;
    let (_, globex) = scene.server.other_tenant("globex").await;
    for mut stranger in [scene.server.signed_in(&other).await, globex] {
        stranger.get(&path(&visit)).await.expect(404);
        stranger.api("PUT", &path(&visit), known.clone()).await.expect(404);
    }
    let told = scene.everything_told().await;
    assert!(!told.contains("太朗") && !told.contains("taro@"), "who came stands in no record");
});

story!(a_guest_whom_others_invited_too_stays_as_they_wrote_them_down, |scene| {
    let mine = scene.made(scene.body(60)).await["visits"][0]["id"].clone();
    let boss = scene.server.colleague("boss").await;
    let mut theirs = scene.server.signed_in(&boss).await;
    let theirs =
        theirs.api("POST", "/api/v1/visitors/appointments", scene.body(600)).await.expect(201).json();
    let their_visit = theirs["visits"][0]["id"].clone();
    let guest = async |visit: &Value| scene.visit(visit).await["guest"].clone();
    assert_eq!(guest(&mine).await, guest(&their_visit).await);
    scene.server.settle().await;
    let mut host = scene.server.signed_in(&scene.host).await;
    let mut known = host.get(&path(&mine)).await.expect(200).json();
    known["mail"] = json!("elsewhere@midori.example");
    host.api("PUT", &path(&mine), known.clone()).await.expect(204);
    scene.server.settle().await;
    assert_ne!(guest(&mine).await, guest(&their_visit).await);
    let mut boss = scene.server.signed_in(&boss).await;
    assert_eq!(boss.get(&path(&their_visit)).await.expect(200).json()["mail"], "yamada@midori.example");
    // Nothing of the other appointment went there.
    assert_eq!(scene.told("elsewhere@").await.len(), 1);
    // An administrator plans both and corrects the guest for all.
    known["mail"] = json!("taro@midori.example");
    scene.server.administrator().await.api("PUT", &path(&their_visit), known).await.expect(204);
    assert_eq!(boss.get(&path(&their_visit)).await.expect(200).json()["mail"], "taro@midori.example");
});

story!(at_another_address_no_page_of_the_old_one_leads_to_the_visits_to_come, |scene| {
    let made = scene.made(mondays(&scene, 4)).await;
    scene.server.settle().await;
    let mut host = scene.server.signed_in(&scene.host).await;
    // The first is called off alone; its page is the one the old address knows.
    let old = made["visits"][0]["address"].as_str().unwrap().to_owned();
    host.api("DELETE", &nth(&made, 0), Value::Null).await.expect(204);
    assert!(scene.server.stranger().get(&old).await.ok().contains("今後のご来訪"));
    let second = host.get(&nth(&made, 1)).await.expect(200).json()["visits"][0]["id"].clone();
    let known = json!({ "name": "山田 太郎", "mail": "taro@midori.example", "language": "ja" });
    host.api("PUT", &path(&second), known).await.expect(204);
    let mut guest = scene.server.stranger();
    guest.get(&old).await.expect(404);
    guest.post(&format!("{old}/cancel"), &[("which", "all")]).await.expect(404);
    for place in 1..4 {
        let row = host.get(&nth(&made, place)).await.expect(200).json();
        assert_ne!(row["visits"][0]["state"], "cancelled", "{place}");
    }
});

story!(a_guest_is_corrected_by_form, |scene| {
    let made = scene.made(scene.body(60)).await;
    let mut host = scene.server.signed_in(&scene.host).await;
    let page = host.get(&format!("/visitors/appointments/{}", made["id"].as_str().unwrap())).await.ok();
    let form = path(&made["visits"][0]["id"]).replace("/api/v1", "");
    assert!(page.contains(&form), "{page}");
    let shown = host.get(&form).await.ok();
    assert!(shown.contains("yamada@midori.example") && !shown.contains('⟦'), "{shown}");
    let mut fields = vec![
        ("guest_name", ""),
        ("guest_reading", ""),
        ("guest_company", "あさひ商会"),
        ("guest_mail", "yamada@midori.example"),
        ("guest_phone", ""),
        ("guest_language", "ja"),
        ("companions", "0"),
    ];
    let refused = host.post(&form, &fields).await.expect(422);
    assert!(refused.text.contains("あさひ商会"), "what was typed stays");
    fields[0].1 = "山田 太朗";
    host.post(&form, &fields).await.expect(303);
    assert_eq!(scene.visit(&made["visits"][0]["id"]).await["company"], "あさひ商会");
    let back = format!("/visitors/appointments/{}", made["id"].as_str().unwrap());
    assert!(
        shown.contains(&format!("href=\"{back}\"")) && shown.contains("以前のものは使えなくなります"),
        "{shown}"
    );
    // The desk finds it from the guest's record.
    let guest = scene.visit(&made["visits"][0]["id"]).await["guest"].clone();
    let record = scene.desk().await.get(&format!("/visitors/guests/{}", guest.as_str().unwrap())).await.ok();
    assert!(record.contains(&format!("href=\"{form}\"")), "{record}");
    // Whoever has a list open, or keeps it for when the server cannot be reached, gets the right name.
    let mut desk = scene.desk().await;
    for list in ["/visitors", "/visitors/evacuation"] {
        let page = desk.get(list).await.ok();
        for fact in ["guest_changed", "guest_erased"] {
            assert!(page.contains(&format!("live:visitors.{fact} from:body")), "{list} {fact}");
        }
    }
});
