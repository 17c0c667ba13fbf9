//! Agreements: versions that never change, signatures by hand and by name, who is asked again.

use aws_lc_rs::digest::{SHA256, digest};
use sekisho_kernel::Language;
use sekisho_storage::Scoped as _;
use sekisho_visitors::tables::{agreement_versions, signed_visits, signings};
use serde_json::{Value, json};

use crate::registration::{ask, page, program, read};
use crate::scene::{Scene, id};
use crate::series::{mondays, nth};

const AGREEMENTS: &str = "/api/v1/visitors/agreements";

fn texts(ja: &str, en: &str) -> Value {
    json!({ "ja": { "title": "秘密保持誓約書", "text": ja }, "en": { "title": "Secrets", "text": en } })
}

/// An agreement that guests are asked to sign; its id.
async fn asked(scene: &Scene) -> String {
    let mut admin = scene.server.administrator().await;
    let body = json!({ "name": "NDA", "texts": texts("口外しません。\n以上", "I tell nobody.") });
    let made = admin.api("POST", AGREEMENTS, body).await.expect(201).json();
    ask(scene, json!({ "agreement": made["id"] })).await;
    made["id"].as_str().unwrap().to_owned()
}

fn signature(agreement: &str, version: i64, more: Value) -> Value {
    let mut body = json!({ "agreement": agreement, "version": version, "language": "ja" });
    for (member, value) in more.as_object().unwrap() {
        body[member] = value.clone();
    }
    body
}

fn drawn() -> Value {
    let line: Vec<[u16; 2]> = (0..30).map(|step| [step * 300, 5000 + step * 10]).collect();
    json!([line, [[100, 100], [200, 300]]])
}

fn hashed(agreement: &str, version: i64, language: &str, title: &str, text: &str) -> String {
    let said = ["sekisho-agreement-1", agreement, &version.to_string(), language, title, text].join("\n");
    digest(&SHA256, said.as_bytes()).as_ref().iter().map(|byte| format!("{byte:02x}")).collect()
}

story!(a_version_is_written_once_and_hashed_as_the_page_of_the_module_says, |scene| {
    let agreement = asked(&scene).await;
    let mut admin = scene.server.administrator().await;
    let one = format!("{AGREEMENTS}/{agreement}");
    for mut other in [scene.desk().await, scene.server.signed_in(&scene.host).await] {
        for path in [AGREEMENTS, &*one, "/settings/visitors/agreements"] {
            other.get(path).await.expect(403);
        }
        other.api("POST", &format!("{one}/versions"), json!({ "texts": texts("a", "b") })).await.expect(403);
    }
    let (_, mut globex) = scene.server.other_tenant("globex").await;
    globex.get(&one).await.expect(404);
    globex.api("POST", &format!("{one}/versions"), json!({ "texts": texts("a", "b") })).await.expect(404);
    let next = json!({ "texts": texts("二版\r\n", "second"), "asks_again": true });
    let made = admin.api("POST", &format!("{one}/versions"), next).await.expect(201).json();
    assert_eq!(made["version"], 2);
    let row = admin.get(&one).await.expect(200).json();
    assert_eq!((&row["newest"], &row["needed"]), (&json!(2), &json!(2)));
    let (second, first) = (&row["versions"][0]["texts"], &row["versions"][1]["texts"]);
    assert_eq!(first["ja"]["hash"], hashed(&agreement, 1, "ja", "秘密保持誓約書", "口外しません。\n以上"));
    assert_eq!(second["ja"]["hash"], hashed(&agreement, 2, "ja", "秘密保持誓約書", "二版"));
    for (wrong, texts) in [
        ("text", json!({})),
        ("text", json!({ "zh": { "title": "协议", "text": "…" } })),
        ("title", json!({ "ja": { "text": "…" } })),
        ("text", json!({ "ja": { "title": "題", "text": "あ".repeat(20_001) } })),
        ("texts", json!({ "fr": { "title": "a", "text": "b" }, "en": { "title": "a", "text": "b" } })),
    ] {
        let answer =
            admin.api("POST", &format!("{one}/versions"), json!({ "texts": texts })).await.expect(422);
        assert!(answer.text.contains(&format!("\"{wrong}\"")), "{wrong}: {}", answer.text);
    }
    // By form; what is there is only read.
    let page = format!("/settings/visitors/agreements/{agreement}");
    let shown = admin.get(&page).await.ok();
    assert!(shown.contains("口外しません。") && shown.contains("第1版") && !shown.contains('⟦'), "{shown}");
    let mut form = vec![("title_ja", "三"), ("text_ja", ""), ("title_en", ""), ("text_en", "")];
    form.extend([("title_zh", ""), ("text_zh", ""), ("title_ko", ""), ("text_ko", ""), ("asks_again", "")]);
    assert!(admin.post(&page, &form).await.expect(422).text.contains("value=\"三\""));
    form[1].1 = "三版";
    admin.post(&page, &form).await.expect(303);
    form.push(("name", "作業誓約書"));
    admin.post("/settings/visitors/agreements/new", &form).await.expect(303);
    assert!(admin.get("/settings/visitors/agreements").await.ok().contains("作業誓約書"));
    let scope = scene.server.foundation().store.read(scene.server.tenant).await.unwrap();
    assert_eq!(scope.find::<agreement_versions::Entity>().count().await.unwrap(), 4);
    let record = scene.record().await;
    assert_eq!(record.iter().filter(|act| *act == "agreement.version").count(), 2);
});

story!(a_guest_signs_by_hand_and_the_record_says_what_not_who, |scene| {
    let agreement = asked(&scene).await;
    let made = scene.made(scene.body(60)).await;
    let visit = &made["visits"][0]["id"];
    assert_eq!(scene.visit(visit).await["missing"]["agreement"], true);
    let here = page(&scene, &made).await;
    let mut guest = scene.server.stranger().reading(Language::Ja);
    assert!(guest.get(&here).await.ok().contains(&format!("{here}/agreement")));
    let shown = guest.get(&format!("{here}/agreement")).await.ok();
    for words in ["口外しません。\n以上", "data-signature", "signature.", "name=\"name\""] {
        assert!(shown.contains(words), "{words}: {shown}");
    }
    let path = program(&here, "signature");
    let signed = guest.api("POST", &path, signature(&agreement, 1, json!({ "strokes": drawn() }))).await;
    let signing = signed.expect(201).json()["id"].clone();
    assert_eq!(scene.visit(visit).await["state"], "registered");
    let mut host = scene.server.signed_in(&scene.host).await;
    let row = read(&mut host, visit).await["signings"][0].clone();
    let hash = hashed(&agreement, 1, "ja", "秘密保持誓約書", "口外しません。\n以上");
    assert_eq!((&row["id"], &row["version"], &row["way"]), (&signing, &json!(1), &json!("drawn")));
    assert_eq!(
        (&row["hash"], &row["name"], &row["zone"]),
        (&json!(hash), &json!("山田 太郎"), &json!("Asia/Tokyo"))
    );
    let appointment = format!("/visitors/appointments/{}", made["id"].as_str().unwrap());
    assert!(host.get(&appointment).await.ok().contains(&hash));
    assert!(guest.get(&format!("{here}/agreement")).await.ok().contains("署名済み"));
    let told = scene.everything_told().await;
    assert!(told.contains(&hash) && !told.contains("山田"), "ids and hashes only");
    let scope = scene.server.foundation().store.read(scene.server.tenant).await.unwrap();
    let row = scope.find::<signings::Entity>().one().await.unwrap().unwrap();
    assert!(!String::from_utf8_lossy(row.name.as_ref().unwrap()).contains("山田"));
    // Thirty-two points are few bytes.
    assert!(row.strokes.unwrap().len() < 200);
});

story!(without_a_hand_to_draw_a_name_signs_and_nothing_else_does, |scene| {
    let agreement = asked(&scene).await;
    let made = scene.made(scene.body(60)).await;
    let here = page(&scene, &made).await;
    let (form, path) = (format!("{here}/agreement"), program(&here, "signature"));
    // Whoever reads Korean reads English here, and that is what is kept.
    let mut guest = scene.server.stranger().reading(Language::Ko);
    let shown = guest.get(&form).await.ok();
    assert!(shown.contains("I tell nobody.") && shown.contains("성명을 입력"), "{shown}");
    let mut fields = vec![
        ("agreement", &*agreement),
        ("version", "1"),
        ("language", "en"),
        ("name", " "),
        ("strokes", ""),
    ];
    let again = guest.post(&form, &fields).await.expect(422);
    assert!(again.text.contains("f-name-error"), "{}", again.text);
    for (wrong, body) in [
        ("name", json!({})),
        ("strokes", json!({ "strokes": [[[1, 1], [2, 2]]] })),
        ("strokes", json!({ "strokes": [vec![[10_001, 1]; 20]] })),
        ("strokes", json!({ "strokes": [vec![[1, 1]; 4001]] })),
        ("language", json!({ "name": "Yamada", "language": "ko" })),
    ] {
        let answer = guest.api("POST", &path, signature(&agreement, 1, body)).await.expect(422);
        assert!(answer.text.contains(&format!("\"{wrong}\"")), "{wrong}: {}", answer.text);
    }
    let other = signature("0190d3c0-0000-7000-8000-000000000001", 1, json!({ "name": "Yamada" }));
    guest.api("POST", &path, other).await.expect(422);
    guest.api("POST", &path, signature(&agreement, 2, json!({ "name": "Yamada" }))).await.expect(422);
    fields[3].1 = "Taro Yamada";
    guest.post(&form, &fields).await.expect(303);
    let row = read(&mut scene.desk().await, &made["visits"][0]["id"]).await["signings"][0].clone();
    assert_eq!(
        (&row["way"], &row["name"], &row["language"]),
        (&json!("typed"), &json!("Taro Yamada"), &json!("en"))
    );
    assert_eq!(row["hash"], hashed(&agreement, 1, "en", "Secrets", "I tell nobody."));
});

story!(a_new_version_asks_again_only_where_it_says_so, |scene| {
    let agreement = asked(&scene).await;
    let made = scene.made(scene.body(60)).await;
    let (visit, here) = (&made["visits"][0]["id"], page(&scene, &made).await);
    let path = program(&here, "signature");
    let mut guest = scene.server.stranger();
    guest.api("POST", &path, signature(&agreement, 1, json!({ "name": "山田" }))).await.expect(201);
    let mut admin = scene.server.administrator().await;
    let next = format!("{AGREEMENTS}/{agreement}/versions");
    admin.api("POST", &next, json!({ "texts": texts("誤字を直した", "typo") })).await.expect(201);
    assert_eq!(scene.visit(visit).await["missing"], Value::Null);
    let again = json!({ "texts": texts("厳しくした", "stricter"), "asks_again": true });
    admin.api("POST", &next, again).await.expect(201);
    assert_eq!(scene.visit(visit).await["missing"]["agreement"], true);
    // Whoever had the old text before them reads the new one first.
    guest.api("POST", &path, signature(&agreement, 2, json!({ "name": "山田" }))).await.expect(422);
    guest.api("POST", &path, signature(&agreement, 3, json!({ "name": "山田" }))).await.expect(201);
    assert_eq!(scene.visit(visit).await["missing"], Value::Null);
    let rows = read(&mut admin, visit).await["signings"].clone();
    let versions: Vec<&Value> = rows.as_array().unwrap().iter().map(|row| &row["version"]).collect();
    assert_eq!(versions, [&json!(3), &json!(1)]);
});

story!(of_a_series_it_is_signed_once, |scene| {
    let agreement = asked(&scene).await;
    let made = scene.made(mondays(&scene, 3)).await;
    scene.server.settle().await;
    let path = program(&page(&scene, &made).await, "signature");
    let mut guest = scene.server.stranger();
    guest.api("POST", &path, signature(&agreement, 1, json!({ "strokes": drawn() }))).await.expect(201);
    let mut host = scene.server.signed_in(&scene.host).await;
    let mut visits = Vec::new();
    for place in 0..3 {
        let visit = host.get(&nth(&made, place)).await.json()["visits"][0].clone();
        assert_eq!((&visit["state"], &visit["missing"]), (&json!("registered"), &Value::Null), "{place}");
        visits.push(visit["id"].clone());
    }
    let count = async || {
        let scope = scene.server.foundation().store.read(scene.server.tenant).await.unwrap();
        let signings = scope.find::<signings::Entity>().count().await.unwrap();
        (signings, scope.find::<signed_visits::Entity>().count().await.unwrap())
    };
    assert_eq!(count().await, (1, 3), "one signature for all of them");
    // It stays as long as one visit is left for which it stands.
    let remove = async |visits: &[Value]| {
        let tx = scene.server.foundation().store.begin(&scene.server.cx()).await.unwrap();
        let ids: Vec<_> = visits.iter().map(id).collect();
        sekisho_visitors::registration::remove_registrations(&tx, &ids).await.unwrap();
        tx.commit_bookkeeping("test").await.unwrap();
    };
    remove(&visits[..2]).await;
    assert_eq!(count().await, (1, 1));
    remove(&visits[2..]).await;
    assert_eq!(count().await, (0, 0));
});

story!(a_signature_outlives_its_guest_without_name_and_strokes, |scene| {
    let agreement = asked(&scene).await;
    let made = scene.made(scene.body(30)).await;
    let visit = scene.visit(&made["visits"][0]["id"]).await;
    let path = program(&page(&scene, &made).await, "signature");
    let body = signature(&agreement, 1, json!({ "strokes": drawn() }));
    scene.server.stranger().api("POST", &path, body.clone()).await.expect(201);
    // At another address somebody else is asked, and the old signature is not theirs.
    let mut admin = scene.server.administrator().await;
    let of = format!("/api/v1/visitors/visits/{}", visit["id"].as_str().unwrap());
    let mut known = admin.get(&format!("{of}/guest")).await.json();
    known["mail"] = json!("taro@midori.example");
    admin.api("PUT", &format!("{of}/guest"), known).await.expect(204);
    assert_eq!(scene.visit(&visit["id"]).await["missing"]["agreement"], true);
    assert_eq!(read(&mut admin, &visit["id"]).await["signings"], json!([]));
    let path = program(&page(&scene, &made).await, "signature");
    scene.server.stranger().api("POST", &path, body).await.expect(201);
    admin.api("DELETE", &of, Value::Null).await.expect(204);
    let guest = format!("/api/v1/visitors/guests/{}", visit["guest"].as_str().unwrap());
    scene.server.prove(&mut admin).await;
    admin.api("DELETE", &guest, Value::Null).await.expect(204);
    let row = read(&mut admin, &visit["id"]).await["signings"][0].clone();
    assert_eq!((&row["name"], &row["version"]), (&json!(""), &json!(1)));
    let scope = scene.server.foundation().store.read(scene.server.tenant).await.unwrap();
    let rows = scope.find::<signings::Entity>().all().await.unwrap();
    assert!(rows.len() == 2 && rows.iter().all(|row| row.name.is_none() && row.strokes.is_none()));
});

/// The text of a PDF, read by somebody else's program (poppler, put here by `testing/install.sh`).
fn read_again(pdf: &[u8]) -> String {
    use std::io::Write as _;
    use std::process::{Command, Stdio};
    let mut reader = Command::new("pdftotext")
        .args(["-enc", "UTF-8", "-", "-"])
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .unwrap();
    reader.stdin.take().unwrap().write_all(pdf).unwrap();
    let read = reader.wait_with_output().unwrap();
    assert!(read.status.success(), "{}", String::from_utf8_lossy(&read.stderr));
    String::from_utf8(read.stdout).unwrap().split_whitespace().collect()
}

story!(a_signature_on_paper_holds_the_very_text_and_who_signed_when, |scene| {
    let agreement = asked(&scene).await;
    let made = scene.made(scene.body(60)).await;
    let here = page(&scene, &made).await;
    let mut guest = scene.server.stranger().reading(Language::Ko);
    guest.get(&format!("{here}/agreement/pdf")).await.expect(404);
    let body = signature(&agreement, 1, json!({ "strokes": drawn() }));
    let signed = guest.api("POST", &program(&here, "signature"), body).await;
    let id = signed.expect(201).json()["id"].as_str().unwrap().to_owned();
    let path = format!("/api/v1/visitors/signings/{id}/pdf");
    let hash = hashed(&agreement, 1, "ja", "秘密保持誓約書", "口外しません。\n以上");
    for mut reader in [scene.server.signed_in(&scene.host).await, scene.desk().await] {
        let pdf = reader.get(&path).await.expect(200);
        assert_eq!(pdf.headers["content-type"], "application/pdf");
        let text = read_again(&pdf.bytes);
        let day = scene.at(0)[..10].to_owned();
        for words in [
            "秘密保持誓約書",
            "口外しません。以上",
            "山田太郎",
            "手書き署名",
            &*hash,
            &*id,
            &*agreement,
            &*day,
            "+09:00(Asia/Tokyo)",
        ] {
            assert!(text.contains(words), "{words}: {text}");
        }
        reader.get(&path.replace("/api/v1", "")).await.expect(200);
    }
    assert!(
        read_again(&guest.get(&format!("{here}/agreement/pdf")).await.expect(200).bytes).contains("자필서명")
    );
    let other = scene.server.colleague("other").await;
    let (_, globex) = scene.server.other_tenant("globex").await;
    for mut stranger in [scene.server.signed_in(&other).await, globex] {
        stranger.get(&path).await.expect(404);
    }
});

story!(a_text_that_was_changed_behind_our_back_is_not_printed, |scene| {
    use sekisho_storage::{JsonText, Place};
    use sekisho_visitors::registration::AgreementText;
    let agreement = asked(&scene).await;
    let made = scene.made(scene.body(60)).await;
    let path = program(&page(&scene, &made).await, "signature");
    let body = signature(&agreement, 1, json!({ "name": "山田" }));
    let signed = scene.server.stranger().api("POST", &path, body).await.expect(201).json();
    let pdf = format!("/api/v1/visitors/signings/{}/pdf", signed["id"].as_str().unwrap());
    let mut desk = scene.desk().await;
    desk.get(&pdf).await.expect(200);
    let text = AgreementText {
        title: "秘密保持誓約書".into(),
        text: "何でも口外します。".into(),
        ..AgreementText::default()
    };
    let texts = JsonText(std::collections::BTreeMap::from([("ja".to_owned(), text)]));
    let tx = scene.server.foundation().store.begin(&scene.server.cx()).await.unwrap();
    let changed =
        tx.update::<agreement_versions::Entity>().set(agreement_versions::Column::Texts, texts).exec().await;
    match scene.server.store_options().place {
        // The server's own role cannot.
        Place::Postgres { .. } => assert!(changed.is_err()),
        Place::Sqlite(_) => {
            changed.unwrap();
            tx.commit_bookkeeping("test").await.unwrap();
            desk.get(&pdf).await.expect(422);
        }
    }
});
