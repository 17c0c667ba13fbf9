//! The list itself: who may see it, what an entry is, bringing in and taking out.

use sekisho_storage::Scoped as _;
use sekisho_visitors::MOST_ENTRIES;
use sekisho_visitors::tables::watch_entries;
use serde_json::{Value, json};

use crate::scene::Scene;
use crate::watch::listed;

const ENTRIES: &str = "/api/v1/visitors/watch-entries";
const PAGE: &str = "/visitors/watch-list";

story!(administrators_alone_see_and_change_the_list, |scene| {
    let id = listed(&scene, &["佐藤 花子", "サトウ ハナコ"], &[scene.tokyo]).await;
    let one = format!("{ENTRIES}/{id}");
    let form = json!({ "names": ["佐藤 花子"], "reason": "x" });
    let (_, mut globex) = scene.server.other_tenant("globex").await;
    assert_eq!(globex.get(ENTRIES).await.expect(200).json()["items"], json!([]));
    for (method, body) in [("GET", Value::Null), ("PUT", form.clone()), ("DELETE", Value::Null)] {
        globex.api(method, &one, body.clone()).await.expect(404);
        // The desk is not whoever manages the list, a host even less.
        for mut other in [scene.desk().await, scene.server.signed_in(&scene.host).await] {
            other.api(method, &one, body.clone()).await.expect(403);
        }
    }
    for mut other in [scene.desk().await, scene.server.signed_in(&scene.host).await] {
        for path in [ENTRIES, "/api/v1/visitors/watch-matches", PAGE, "/visitors/watch-list.csv"] {
            other.get(path).await.expect(403);
        }
        other.api("POST", ENTRIES, form.clone()).await.expect(403);
        assert!(!other.get("/visitors").await.ok().contains("watch-list"), "no way leads there");
    }
    let mut admin = scene.server.administrator().await;
    assert!(admin.get(PAGE).await.ok().contains("佐藤 花子"));
    assert!(admin.get("/visitors").await.ok().contains("href=\"/visitors/watch-list\""));
    let row = admin.get(&one).await.expect(200);
    let etag = row.headers.get("etag").unwrap().to_str().unwrap().to_owned();
    assert_eq!(row.json()["sites"], json!([scene.tokyo]));
    let mut seen = admin.clone().with_header("if-match", &etag);
    seen.api("PUT", &one, form.clone()).await.expect(204);
    seen.api("PUT", &one, form).await.expect(412);
    assert_eq!(admin.get(&one).await.expect(200).json()["sites"], json!([]));
    admin.api("DELETE", &one, Value::Null).await.expect(204);
    admin.get(&one).await.expect(404);
    admin.get("/visitors/watch-list.csv").await.ok();
    let record = scene.record().await;
    for act in ["add", "see", "change", "remove"] {
        assert!(record.contains(&format!("watch_entry.{act}")), "{act}: {record:?}");
    }
    for act in ["see", "export"] {
        assert!(record.contains(&format!("watch_list.{act}")), "{act}: {record:?}");
    }
    assert!(!scene.everything_told().await.contains("佐藤"), "whom an entry means stands in the entry alone");
});

story!(what_is_wrong_with_an_entry_is_said_and_what_is_right_lies_sealed, |scene| {
    let mut admin = scene.server.administrator().await;
    let good = json!({ "names": ["佐藤 花子"], "reason": "無断撮影", "phone": "内線 110", "organisation": "あかつき" });
    let many: Vec<String> = (0..11).map(|number| format!("名前 {number}")).collect();
    let yesterday = &scene.at(-24 * 60)[..10];
    for (field, wrong) in [
        ("names", json!([])),
        ("names", json!([" "])),
        ("names", json!(["・・"])),
        ("names", json!(many)),
        ("names", json!(["あ".repeat(101)])),
        ("reason", json!(" ")),
        ("until", json!(yesterday)),
        ("until", json!("soon")),
        ("sites", json!(["0190d3c0-0000-7000-8000-000000000001"])),
    ] {
        let mut body = good.clone();
        body[field] = wrong;
        let answer = admin.api("POST", ENTRIES, body).await.expect(422);
        assert!(answer.text.contains(&format!("\"{field}\"")), "{field}: {}", answer.text);
    }
    let mut body = good.clone();
    (body["from"], body["until"]) = (json!("2030-01-02"), json!("2030-01-01"));
    admin.api("POST", ENTRIES, body).await.expect(422);
    admin.api("POST", ENTRIES, good).await.expect(201);
    let scope = scene.server.foundation().store.read(scene.server.tenant).await.unwrap();
    let row = scope.find::<watch_entries::Entity>().one().await.unwrap().unwrap();
    for sealed in [&row.who_sealed, &row.reason_sealed, &row.phone_sealed] {
        let text = String::from_utf8_lossy(sealed);
        assert!(!["花子", "無断撮影", "内線", "あかつき"].iter().any(|words| text.contains(words)));
    }
});

story!(an_entry_is_added_changed_and_removed_by_form, |scene| {
    let mut admin = scene.server.administrator().await;
    let tokyo = scene.tokyo.to_string();
    let mut fields = vec![
        ("names", "佐藤 花子\r\nサトウ ハナコ\r\n"),
        ("organisation", "あかつき興業"),
        ("reason", ""),
        ("phone", "内線 110"),
        ("from", ""),
        ("until", ""),
        ("sites", &*tokyo),
    ];
    let again = admin.post(&format!("{PAGE}/new"), &fields).await.expect(422);
    assert!(again.text.contains("サトウ ハナコ") && !again.text.contains('⟦'), "what was typed stays");
    fields[2].1 = "無断撮影";
    admin.post(&format!("{PAGE}/new"), &fields).await.expect(303);
    let list = admin.get(PAGE).await.ok();
    for words in ["佐藤 花子 / サトウ ハナコ", "あかつき興業", "無断撮影", "東京本社", "期限なし"]
    {
        assert!(list.contains(words), "{words}: {list}");
    }
    let found = async |q: &str| {
        let mut admin = scene.server.administrator().await;
        let rows =
            admin.get(&format!("{ENTRIES}?q={}", sekisho_web::escape_query(q))).await.expect(200).json();
        rows["items"].as_array().unwrap().len()
    };
    assert_eq!((found("ｻﾄｳ").await, found("撮影").await, found("鈴木").await), (1, 1, 0));
    let id = admin.get(ENTRIES).await.expect(200).json()["items"][0]["id"].as_str().unwrap().to_owned();
    let form = admin.get(&format!("{PAGE}/{id}")).await.ok();
    assert!(form.contains("サトウ ハナコ") && form.contains(&format!("value=\"{tokyo}\" checked")), "{form}");
    fields.push(("version", "1"));
    fields[5].1 = "2030-03-31";
    admin.post(&format!("{PAGE}/{id}"), &fields).await.expect(303);
    admin.post(&format!("{PAGE}/{id}"), &fields).await.expect(422);
    assert!(admin.get(PAGE).await.ok().contains("2030-03-31"));
    admin.post(&format!("{PAGE}/{id}/remove"), &[]).await.expect(303);
    assert!(!admin.get(PAGE).await.ok().contains("佐藤"));
});

story!(an_entry_that_means_somebody_else_keeps_no_mark_it_would_not_make, |scene| {
    let id = listed(&scene, &["佐藤 花子"], &[]).await;
    let mut body = scene.body(60);
    body["guests"] = json!([{ "name": "佐藤 花子" }, { "name": "佐藤花子" }]);
    let made = scene.made(body).await;
    let mut admin = scene.server.administrator().await;
    let matches = async |admin: &mut sekisho_testkit::Client| {
        let rows = admin.get("/api/v1/visitors/watch-matches").await.expect(200).json();
        rows["items"].as_array().unwrap().len()
    };
    assert_eq!(matches(&mut admin).await, 2);
    let one = format!("{ENTRIES}/{id}");
    let form = |name: &str, sites: Value| json!({ "names": [name], "reason": "x", "sites": sites });
    let first = made["visits"][0]["id"].as_str().unwrap();
    admin
        .api("DELETE", &format!("/api/v1/visitors/watch-matches/{first}/{id}"), Value::Null)
        .await
        .expect(204);
    admin.api("PUT", &one, form("佐藤 花子", json!([]))).await.expect(204);
    assert_eq!(matches(&mut admin).await, 1, "who was said to be somebody else stays so");
    admin.api("PUT", &one, form("佐藤 花子", json!([scene.osaka]))).await.expect(204);
    assert_eq!(matches(&mut admin).await, 0);
    admin.api("PUT", &one, form("サトウ", json!([]))).await.expect(204);
    admin.api("PUT", &one, form("佐藤 花子", json!([]))).await.expect(204);
    // It meant somebody else in between: everybody is asked about anew.
    let visit = format!("/api/v1/visitors/visits/{first}/arrive");
    scene.desk().await.api("POST", &visit, Value::Null).await.expect(204);
    assert_eq!(matches(&mut admin).await, 1);
    admin.api("DELETE", &one, Value::Null).await.expect(204);
    assert_eq!(matches(&mut admin).await, 0);
});

story!(a_list_is_brought_in_whole_or_not_at_all_and_taken_out_again, |scene| {
    let mut admin = scene.server.administrator().await;
    let import = format!("{ENTRIES}/import");
    let good = "氏名,会社名,理由,連絡先,開始日,終了日,拠点\r\n\
                佐藤 花子; サトウ ハナコ,あかつき興業,無断撮影,+81 3 0000 0000,2026/11/1,2099/3/31,東京本社；大阪支店\r\n\
                Jonathan Example,,係争中,,,,\r\n";
    let looked =
        admin.api("POST", &import, json!({ "csv": good, "rehearsal": true })).await.expect(200).json();
    assert_eq!(looked["items"].as_array().unwrap().len(), 2);
    assert_eq!(admin.get(ENTRIES).await.json()["items"], json!([]));
    let bad = format!("{good}・,,x,,,,\r\n山田 太郎,,,,soon,,火星\r\n");
    let rows = admin.api("POST", &import, json!({ "csv": bad })).await.expect(200).json();
    let wrong: Vec<Vec<&str>> = rows["items"]
        .as_array()
        .unwrap()
        .iter()
        .map(|row| {
            row["wrong"].as_array().unwrap().iter().map(|one| one["field"].as_str().unwrap()).collect()
        })
        .collect();
    assert_eq!(wrong, [vec![], vec![], vec!["names"], vec!["sites", "reason", "from"]]);
    assert_eq!(admin.get(ENTRIES).await.json()["items"], json!([]));
    for unreadable in ["", "names\nx", "氏名,理由\n"] {
        admin.api("POST", &import, json!({ "csv": unreadable })).await.expect(422);
    }
    // By the page: looked at, then brought in.
    let page = format!("{PAGE}/import");
    assert!(admin.post(&page, &[("csv", &*bad), ("act", "import")]).await.expect(422).text.contains("火星"));
    assert!(
        admin
            .post(&page, &[("csv", good), ("act", "look")])
            .await
            .expect(200)
            .text
            .contains("まだ登録していません")
    );
    admin.post(&page, &[("csv", good), ("act", "import")]).await.expect(303);
    let rows = admin.get(ENTRIES).await.expect(200).json();
    let rows = rows["items"].as_array().unwrap();
    let sato = rows.iter().find(|row| row["names"][0] == "佐藤 花子").unwrap();
    assert_eq!((&sato["from"], &sato["until"]), (&json!("2026-11-01"), &json!("2099-03-31")));
    assert_eq!(sato["sites"].as_array().unwrap().len(), 2);
    // What is taken out can be brought in again.
    let csv = admin.get("/visitors/watch-list.csv").await.ok();
    for row in rows {
        let one = format!("{ENTRIES}/{}", row["id"].as_str().unwrap());
        admin.api("DELETE", &one, Value::Null).await.expect(204);
    }
    admin.api("POST", &import, json!({ "csv": csv })).await.expect(200);
    let again = admin.get(ENTRIES).await.expect(200).json();
    let again = again["items"].as_array().unwrap();
    let sato = again.iter().find(|row| row["names"][0] == "佐藤 花子").unwrap();
    assert_eq!((&sato["phone"], sato["sites"].as_array().unwrap().len()), (&json!("+81 3 0000 0000"), 2));
    assert!(scene.record().await.contains(&"watch_list.import".to_owned()));
});

story!(each_look_is_on_the_record, |scene| {
    let id = listed(&scene, &["佐藤 花子"], &[]).await;
    let mut admin = scene.server.administrator().await;
    let one = format!("{ENTRIES}/{id}");
    let form = format!("{PAGE}/{id}");
    for (path, act) in [
        (ENTRIES, "watch_list.see"),
        ("/api/v1/visitors/watch-matches", "watch_list.see"),
        (&*one, "watch_entry.see"),
        (PAGE, "watch_list.see"),
        (&*form, "watch_entry.see"),
        ("/visitors/watch-list.csv", "watch_list.export"),
    ] {
        let count = async || scene.record().await.into_iter().filter(|entry| entry == act).count();
        let before = count().await;
        admin.get(path).await.expect(200);
        assert_eq!(count().await, before + 1, "{path}");
    }
});

story!(of_two_who_add_the_last_entry_one_is_refused, |scene| {
    let mut admin = scene.server.administrator().await;
    let import = format!("{ENTRIES}/import");
    for (part, count) in [(0, 500), (1, 500), (2, 500), (3, MOST_ENTRIES - 1501)] {
        let rows: String = (0..count).map(|number| format!("名{part} {number},x\n")).collect();
        let csv = format!("names,reason\n{rows}");
        admin.api("POST", &import, json!({ "csv": csv })).await.expect(200);
    }
    let mut other = scene.server.administrator().await;
    let more = json!({ "names": ["佐藤 花子"], "reason": "x" });
    let (one, two) = tokio::join!(admin.api("POST", ENTRIES, more.clone()), other.api("POST", ENTRIES, more));
    let mut statuses = [one.status.as_u16(), two.status.as_u16()];
    statuses.sort_unstable();
    assert_eq!(statuses, [201, 422]);
});

story!(a_list_has_an_end, |scene| {
    let mut admin = scene.server.administrator().await;
    let import = format!("{ENTRIES}/import");
    for part in 0..MOST_ENTRIES / 500 {
        let rows: String = (0..500).map(|number| format!("名{part} {number},x\n")).collect();
        let csv = format!("names,reason\n{rows}");
        admin.api("POST", &import, json!({ "csv": csv })).await.expect(200);
    }
    let more = json!({ "names": ["佐藤 花子"], "reason": "x" });
    assert!(admin.api("POST", ENTRIES, more).await.expect(422).text.contains("2,000"));
    admin.api("POST", &import, json!({ "csv": "names,reason\n佐藤,x\n" })).await.expect(422);
    // Guests come and are compared with all of them.
    let made = scene.made(scene.body(30)).await;
    let pass = scene.pass(&made).await;
    let shown =
        scene.shows(&mut scene.desk().await, scene.tokyo, "pass", pass["pass"].as_str().unwrap()).await;
    assert_eq!(shown.0, 200);
});
