//! Pages in both languages, forms that keep what was typed, inventory, reports.

use sekisho_kernel::Language;
use sekisho_policy::Right;
use sekisho_wire::EventKind;
use serde_json::{Value, json};

use crate::scene::Scene;

story!(every_page_reads_well_in_both_languages, |scene| {
    let sato = scene.person("sato", Right::Exchange, Scene::on_key(scene.van)).await;
    scene.takes(sato, scene.van, "FOB-VAN", 1).await;
    scene.tells(EventKind::BinForced { bin: 3 }).await;
    scene.tells(EventKind::KeyRemoved { bin: 2, fob: Some("FOB-STORE".into()), command: None }).await;
    for language in Language::ALL {
        let mut admin = scene.server.administrator().await.reading(language);
        let paths = [
            "/keys".to_owned(),
            "/keys?state=out&q=van".to_owned(),
            "/keys/new".to_owned(),
            "/keys/boxes/new".to_owned(),
            format!("/keys/boxes/{}", scene.place),
            format!("/keys/boxes/{}/history", scene.place),
            format!("/keys/boxes/{}/settings", scene.place),
            format!("/keys/boxes/{}/bins/1", scene.place),
            format!("/keys/boxes/{}/bins/4?lit=1", scene.place),
            format!("/keys/{}", scene.van),
            format!("/keys/{}/rights", scene.van),
            format!("/keys/{}/history", scene.van),
            format!("/keys/{}/settings", scene.van),
            "/keys/people".to_owned(),
            "/keys/bookings".to_owned(),
            "/keys/bookings/new".to_owned(),
            "/keys/groups".to_owned(),
            "/keys/alerts".to_owned(),
            "/keys/alerts/new".to_owned(),
            "/keys/reports".to_owned(),
            "/keys/reports?report=overdue".to_owned(),
            "/keys/reports?report=idle".to_owned(),
            "/keys/inventory".to_owned(),
        ];
        for path in paths {
            let page = admin.get(&path).await.ok();
            assert!(!page.contains('⟦'), "a text is missing on {path}: {}", around(&page));
        }
        for path in ["/keys.csv", "/keys/reports.csv", "/keys/reports.csv?report=idle"] {
            assert!(!admin.get(path).await.ok().contains('⟦'), "{path}");
        }
    }
});

fn around(page: &str) -> &str {
    let at = page.find('⟦').unwrap_or(0);
    page.get(at..).unwrap_or_default().split('⟧').next().unwrap_or_default()
}

story!(forms_keep_what_was_typed_and_say_what_is_wrong, |scene| {
    let mut admin = scene.server.administrator().await;
    let place = scene.place.to_string();
    let fields = [
        ("name", ""),
        ("fob", "FOB-VAN"),
        ("home_box", &place),
        ("home_bin", "3"),
        ("due", "never"),
        ("description", "kept words"),
    ];
    let page = admin.post("/keys/new", &fields).await.expect(422).text;
    assert!(page.contains("kept words"), "{page}");
    let fields =
        [("name", "Van 4"), ("fob", "fob-van"), ("home_box", &place), ("home_bin", "3"), ("due", "never")];
    let page = admin.post("/keys/new", &fields).await.expect(422).text;
    assert!(page.contains("このタグは別の鍵に使われています"), "{page}");
    let fields = [
        ("name", "Van 4"),
        ("fob", "FOB-4"),
        ("home_box", &place),
        ("home_bin", "3"),
        ("due", "at"),
        ("due_time", "18:00"),
        ("hangs_there", "on"),
    ];
    admin.post("/keys/new", &fields).await.expect(303);
});

story!(the_inventory_shows_drift_and_mends_it, |scene| {
    scene.tells(EventKind::KeyRemoved { bin: 2, fob: Some("FOB-STORE".into()), command: None }).await;
    let mut admin = scene.server.administrator().await;
    let bins = admin.api("GET", &format!("/api/v1/key-boxes/{}", scene.place), Value::Null).await.json();
    let bin4 = bins["bins"][3]["id"].clone();
    let found = json!({ "mend": "found", "key": scene.store_room, "bin": bin4 });
    admin.api("POST", "/api/v1/key-inventory/mend", found).await.expect(204);
    assert_eq!(scene.key(scene.store_room).await["state"], "wrong_bin");
    assert_eq!(scene.open_loans(scene.store_room).await, 0);
    let home = json!({ "mend": "new_home", "key": scene.store_room });
    admin.api("POST", "/api/v1/key-inventory/mend", home).await.expect(204);
    assert_eq!(scene.key(scene.store_room).await["state"], "in");
    let missing = json!({ "mend": "missing", "key": scene.van });
    admin.api("POST", "/api/v1/key-inventory/mend", missing).await.expect(204);
    assert_eq!(scene.key(scene.van).await["state"], "missing");
    // an unknown fob is told, and becomes the key's
    scene.tells(EventKind::KeyUnknown { bin: 3, fob: Some("FOB-NEW".into()) }).await;
    let bin3 = bins["bins"][2]["id"].clone();
    let fob = json!({ "mend": "new_fob", "key": scene.van, "bin": bin3 });
    admin.api("POST", "/api/v1/key-inventory/mend", fob).await.expect(204);
    let key = scene.key(scene.van).await;
    assert_eq!((key["fob"].as_str(), key["bin"].as_i64()), (Some("FOB-NEW"), Some(3)), "{key}");
});

story!(reports_tell_who_held_what_when, |scene| {
    let sato = scene.person("sato", Right::Exchange, Scene::on_key(scene.van)).await;
    for _ in 0..3 {
        scene.takes(sato, scene.van, "FOB-VAN", 1).await;
        scene.tells(EventKind::KeyInserted { bin: 1, fob: "FOB-VAN".into(), command: None }).await;
    }
    let mut admin = scene.server.administrator().await;
    let page = admin.api("GET", "/api/v1/key-loans?limit=2", Value::Null).await.json();
    assert_eq!(page["items"].as_array().unwrap().len(), 2);
    let cursor = page["next_cursor"].as_str().unwrap();
    let rest =
        admin.api("GET", &format!("/api/v1/key-loans?limit=2&cursor={cursor}"), Value::Null).await.json();
    assert_eq!(rest["items"].as_array().unwrap().len(), 1, "{rest}");
    let idle = admin.api("GET", "/api/v1/key-idle?days=1", Value::Null).await.json();
    let names: Vec<_> = idle["items"].as_array().unwrap().iter().map(|key| key["name"].clone()).collect();
    assert_eq!(names, ["Store room"]);
    let csv = admin.get("/keys/reports.csv").await.ok();
    assert_eq!(csv.lines().filter(|line| line.contains("sato")).count(), 3, "{csv}");
});

/// The names of keys on a page of the list, in their order, and where the next page is.
fn listed(page: &str) -> (Vec<String>, Option<String>) {
    let table = page.split("<tbody").nth(1).unwrap_or_default();
    let names = table.split("Pool ").skip(1).filter_map(|rest| rest.get(..3)).map(str::to_owned);
    let mut links = page.split("href=\"").skip(1).filter_map(|rest| rest.split('"').next());
    let next = links.find(|link| link.starts_with("/keys?") && link.contains("cursor="));
    (names.collect(), next.map(|link| link.replace("&#38;", "&")))
}

story!(more_keys_than_fit_on_a_page_go_on_on_the_next, |scene| {
    let cx = scene.server.cx();
    for number in 0..120 {
        let form = sekisho_keys::KeyForm { name: format!("Pool {number:03}"), ..Default::default() };
        sekisho_keys::add_key(&scene.keys, &cx, form).await.unwrap();
    }
    let mut admin = scene.server.administrator().await;
    let wanted: Vec<String> = (0..120).map(|number| format!("{number:03}")).collect();
    let (mut seen, mut pages) = (Vec::new(), Vec::new());
    let mut at = Some("/keys?q=Pool".to_owned());
    while let Some(path) = at {
        let (mut names, next) = listed(&admin.get(&path).await.ok());
        names.dedup();
        pages.push(names.len());
        assert!(pages.len() < 5, "the pages have no end: {path}, {next:?}");
        seen.extend(names);
        at = next;
    }
    assert_eq!((pages, seen), (vec![50, 50, 20], wanted.clone()), "each once, in order, the search kept");
    // The same turned round, and what is no cursor.
    let (names, next) = listed(&admin.get("/keys?q=Pool&sort=-name").await.ok());
    assert_eq!((names.first().map(String::as_str), next.is_some()), (Some("119"), true));
    admin.get("/keys?cursor=nonsense").await.expect(422);
    // Programs and spreadsheets get all of them.
    let all = admin.api("GET", "/api/v1/keys?q=Pool", Value::Null).await.json();
    assert_eq!(all["items"].as_array().unwrap().len(), 120);
    assert_eq!(admin.get("/keys.csv?q=Pool").await.ok().matches("Pool ").count(), 120);
    // Who may see none of them has no second page either.
    let sato = scene.server.colleague("sato").await;
    let page = scene.server.signed_in(&sato).await.get("/keys").await;
    assert!(!page.text.contains("Pool ") && !page.text.contains("cursor="), "{}", page.text);
});
