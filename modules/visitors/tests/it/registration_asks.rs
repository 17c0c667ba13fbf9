//! What guests are asked before a visit: who says so, and what cannot be asked.

use sea_orm::ColumnTrait as _;
use sekisho_storage::Scoped as _;
use serde_json::{Value, json};

use crate::registration::{ASKED, field, fields};
use crate::scene::Scene;

const SETTINGS: &str = "/settings/visitors/registration";

story!(administrators_alone_say_what_is_asked, |scene| {
    let form = json!({ "kinds": { "guest": { "asked": true, "fields": fields() } } });
    for mut other in [scene.desk().await, scene.server.signed_in(&scene.host).await] {
        other.get(ASKED).await.expect(403);
        other.get(SETTINGS).await.expect(403);
        other.api("PUT", ASKED, form.clone()).await.expect(403);
    }
    let mut admin = scene.server.administrator().await;
    let etag = admin.get(ASKED).await.expect(200).headers["etag"].to_str().unwrap().to_owned();
    let mut seen = admin.clone().with_header("if-match", &etag);
    seen.api("PUT", ASKED, form.clone()).await.expect(204);
    seen.api("PUT", ASKED, form.clone()).await.expect(412);
    let row = admin.get(ASKED).await.expect(200).json();
    assert_eq!((&row["photo_hours"], &row["kinds"]["guest"]["photo"]), (&json!(24), &json!(false)));
    let (_, mut globex) = scene.server.other_tenant("globex").await;
    assert_eq!(globex.get(ASKED).await.expect(200).json()["kinds"], json!({}));
    let many: Vec<Value> = (1..=21).map(|number| field(number, "text", false, "問い", "")).collect();
    let choice = |choices: Value| {
        let mut one = field(1, "choice", false, "問い", "");
        one["choices"] = choices;
        json!([one])
    };
    for (wrong, fields) in [
        ("fields", json!(many)),
        ("fields", json!([field(1, "text", false, "a", ""), field(1, "text", false, "b", "")])),
        ("label", json!([field(1, "text", false, " ", "")])),
        ("label", json!([{ "label": { "zh": "问题" } }])),
        ("choices", choice(json!([{ "ja": "一つ" }]))),
        ("choices", choice(json!([{ "ja": "同じ" }, { "ja": "同じ" }]))),
        ("choices", choice(json!([{ "ja": "車", "en": "train" }, { "ja": "電車", "en": "train" }]))),
    ] {
        let body = json!({ "kinds": { "guest": { "asked": true, "fields": fields } } });
        let answer = admin.api("PUT", ASKED, body).await.expect(422);
        assert!(answer.text.contains(&format!("\"{wrong}\"")), "{wrong}: {}", answer.text);
    }
    for wrong in
        [json!({ "kinds": { "pet": {} } }), json!({ "photo_hours": 0 }), json!({ "photo_hours": 721 })]
    {
        admin.api("PUT", ASKED, wrong).await.expect(422);
    }
    let nobodys = json!({ "kinds": { "guest": { "agreement": "0190d3c0-0000-7000-8000-000000000099" } } });
    admin.api("PUT", ASKED, nobodys).await.expect(422);
    use sekisho_storage::tables::audit_entries::{Column, Entity};
    let scope = scene.server.foundation().store.read(scene.server.tenant).await.unwrap();
    let change = Column::Action.eq("visitor_registration.change");
    let change = scope.find::<Entity>().filter(change).ascending(Column::Id).limit(1).one().await.unwrap();
    let change = change.unwrap().details.0;
    assert_eq!(change["before"], json!({ "kinds": {}, "photo_hours": 24 }));
    assert_eq!(change["after"]["kinds"]["guest"]["fields"][0]["label"]["ja"], "交通手段", "{change}");
});

story!(fields_are_made_by_form_without_scripts, |scene| {
    let mut admin = scene.server.administrator().await;
    let kind = format!("{SETTINGS}/contractor");
    let new = format!("{kind}/fields/new");
    let mut fields = vec![
        ("label_ja", "交通手段"),
        ("label_en", ""),
        ("label_zh", ""),
        ("label_ko", "교통수단"),
        ("answer", "choice"),
        ("required", "on"),
        ("choices_ja", "電車\r\n"),
        ("choices_en", "Train\r\nCar"),
        ("choices_zh", ""),
        ("choices_ko", ""),
        ("version", "0"),
    ];
    fields[7].1 = "";
    let again = admin.post(&new, &fields).await.expect(422);
    assert!(again.text.contains("교통수단") && again.text.contains("2個以上"), "{}", again.text);
    fields[6].1 = "電車\r\n車\r\n";
    admin.post(&new, &fields).await.expect(303);
    admin.post(&new, &fields).await.expect(422);
    (fields[0].1, fields[4].1, fields[10].1) = ("車両番号", "text", "1");
    admin.post(&new, &fields).await.expect(303);
    let row = admin.get(ASKED).await.json()["kinds"]["contractor"].clone();
    assert_eq!(row["fields"][0]["choices"][1], json!({ "ja": "車", "en": "", "zh": "", "ko": "" }));
    assert_eq!(row["asked"], false, "nothing is asked before somebody says so");
    let second = format!("{kind}/fields/{}", row["fields"][1]["id"].as_str().unwrap());
    admin.post(&format!("{second}/move"), &[("by", "up"), ("version", "2")]).await.expect(303);
    let page = admin.get(&kind).await.ok();
    assert!(page.find("車両番号").unwrap() < page.find("交通手段").unwrap() && !page.contains('⟦'), "{page}");
    assert!(admin.get(&second).await.ok().contains("車両番号"));
    (fields[0].1, fields[10].1) = ("ナンバー", "3");
    admin.post(&second, &fields).await.expect(303);
    admin.post(&format!("{second}/remove"), &[("version", "4")]).await.expect(303);
    admin.get(&second).await.expect(404);
    let on = [("asked", "on"), ("photo", "on"), ("agreement", ""), ("version", "5")];
    admin.post(&kind, &on).await.expect(303);
    admin.post(SETTINGS, &[("photo_hours", "0"), ("version", "6")]).await.expect(422);
    admin.post(SETTINGS, &[("photo_hours", "48"), ("version", "6")]).await.expect(303);
    let row = admin.get(ASKED).await.json();
    assert_eq!((&row["photo_hours"], &row["kinds"]["contractor"]["photo"]), (&json!(48), &json!(true)));
    assert_eq!(row["kinds"]["contractor"]["fields"].as_array().unwrap().len(), 1);
    admin.get(&format!("{SETTINGS}/pet")).await.expect(404);
});
