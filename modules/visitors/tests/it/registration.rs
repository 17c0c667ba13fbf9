//! Registering before a visit: what is asked, filling it in, who reads it, what is missing at the reception.

use sekisho_kernel::Language;
use sekisho_storage::Scoped as _;
use sekisho_storage::tables::audit_entries;
use sekisho_testkit::{Client, hours};
use sekisho_visitors::tables::registrations;
use serde_json::{Value, json};

use crate::asked::department;
use crate::scene::Scene;
use crate::series::{mondays, nth};

pub const ASKED: &str = "/api/v1/visitors/registration";

/// A field that guests fill in.
pub fn field(number: u8, answer: &str, required: bool, ja: &str, en: &str) -> Value {
    let mut field = json!({
        "id": format!("0190d3c0-0000-7000-8000-0000000000{number:02}"),
        "label": { "ja": ja, "en": en }, "answer": answer, "required": required,
    });
    if answer == "choice" {
        field["choices"] =
            json!([{ "ja": "電車", "en": "Train", "ko": "전철" }, { "ja": "車", "en": "Car" }]);
    }
    field
}

/// The three fields of most stories.
pub fn fields() -> Value {
    json!([
        field(1, "choice", true, "交通手段", "How do you come?"),
        field(2, "text", false, "車両番号", "Number plate"),
        field(3, "yes_no", true, "火気の使用", "Fire?"),
    ])
}

/// Asks that of guests.
pub async fn ask(scene: &Scene, guest: Value) {
    let mut asks = json!({ "asked": true });
    for (member, value) in guest.as_object().unwrap() {
        asks[member] = value.clone();
    }
    let mut admin = scene.server.administrator().await;
    admin.api("PUT", ASKED, json!({ "kinds": { "guest": asks } })).await.expect(204);
}

/// The path of the personal page of the first guest of an appointment.
pub async fn page(scene: &Scene, made: &Value) -> String {
    scene.pass(made).await["address"].as_str().unwrap().to_owned()
}

/// The same as a program sees it.
pub fn program(page: &str, part: &str) -> String {
    format!("/api/v1/visitors/pages/{}/{part}", page.strip_prefix("/v/").unwrap())
}

fn name(number: u8) -> String {
    format!("field-0190d3c0-0000-7000-8000-0000000000{number:02}")
}

/// A body that answers those fields.
pub fn answers(pairs: &[(u8, &str)]) -> Value {
    let of =
        |(number, text): &(u8, &str)| (name(*number).strip_prefix("field-").unwrap().to_owned(), json!(text));
    json!({ "answers": pairs.iter().map(of).collect::<serde_json::Map<_, _>>() })
}

/// What whoever plans the visit reads of it.
pub async fn read(client: &mut Client, visit: &Value) -> Value {
    let path = format!("/api/v1/visitors/visits/{}/registration", visit.as_str().unwrap());
    client.get(&path).await.expect(200).json()
}

story!(a_guest_fills_in_before_coming_in_their_language, |scene| {
    ask(&scene, json!({ "fields": fields() })).await;
    let made = scene.made(scene.body(60)).await;
    scene.server.settle().await;
    let visit = &made["visits"][0]["id"];
    assert_eq!(scene.visit(visit).await["state"], "invited");
    let here = page(&scene, &made).await;
    let form = format!("{here}/registration");
    let mut guest = scene.server.stranger().reading(Language::Ko);
    let first = guest.get(&here).await.ok();
    assert!(first.contains(&form) && first.contains("사전 등록"), "{first}");
    let shown = guest.get(&form).await.ok();
    for words in ["How do you come?", "전철", "Number plate", "아니요"] {
        assert!(shown.contains(words), "{words}: {shown}");
    }
    assert!(!shown.contains('⟦') && !shown.contains("交通手段"), "{shown}");
    // What is wrong stands beside its field, and nothing that was typed is lost.
    let (by, plate, fire) = (name(1), name(2), name(3));
    let again = guest.post(&form, &[(&by, ""), (&plate, "品川 330"), (&fire, "no")]).await.expect(422);
    let beside = format!("id=\"f-{by}-error\"");
    assert!(again.text.contains(&beside) && again.text.contains("品川 330"), "{}", again.text);
    assert!(again.text.contains("value=\"no\" checked"), "{}", again.text);
    assert_eq!(scene.visit(visit).await["missing"]["fields"].as_array().unwrap().len(), 2);
    guest.post(&form, &[(&by, "電車"), (&plate, "品川 330"), (&fire, "no")]).await.expect(303);
    assert!(guest.get(&here).await.ok().contains("완료되었습니다"));
    let row = scene.visit(visit).await;
    assert_eq!((&row["state"], &row["missing"]), (&json!("registered"), &Value::Null));
    assert!(scene.facts().await.contains(&"visitors.registered".to_owned()));
    // It can be changed until they come.
    assert!(guest.get(&form).await.ok().contains("value=\"電車\" selected"));
    guest.post(&form, &[(&by, "Car"), (&plate, ""), (&fire, "yes")]).await.expect(303);
    let mut host = scene.server.signed_in(&scene.host).await;
    let given = read(&mut host, visit).await;
    assert_eq!(given["answers"][0]["chosen"]["ja"], "車");
    assert_eq!(given["answers"].as_array().unwrap().len(), 2, "what is emptied is no answer");
    // Nobody reads it but whoever plans the visit.
    let appointment = format!("/visitors/appointments/{}", made["id"].as_str().unwrap());
    for mut reader in [host, scene.desk().await] {
        let shown = reader.get(&appointment).await.ok();
        assert!(shown.contains("交通手段") && shown.contains("はい"), "{shown}");
    }
    let stranger = scene.server.colleague("stranger").await;
    let mut stranger = scene.server.signed_in(&stranger).await;
    let (_, mut globex) = scene.server.other_tenant("globex").await;
    let path = format!("/api/v1/visitors/visits/{}/registration", visit.as_str().unwrap());
    stranger.get(&path).await.expect(404);
    globex.get(&path).await.expect(404);
    for wrong in ["/v/0123456789abcdef0123456789abcdef/registration", &*form.replace("/v/", "/v/0")] {
        scene.server.stranger().get(wrong).await.expect(404);
        scene.server.stranger().post(wrong, &[(&by, "車")]).await.expect(404);
    }
    // What was typed lies under the guest's key and stands nowhere else.
    assert!(!scene.everything_told().await.contains("品川"));
    let scope = scene.server.foundation().store.read(scene.server.tenant).await.unwrap();
    let row = scope.find::<registrations::Entity>().one().await.unwrap().unwrap();
    assert!(!String::from_utf8_lossy(&row.answers).contains("Car"));
    assert_eq!(scene.record().await.iter().filter(|act| *act == "visit.register").count(), 2);
});

story!(a_program_does_what_the_page_does, |scene| {
    ask(&scene, json!({ "fields": fields() })).await;
    let made = scene.made(scene.body(60)).await;
    let path = program(&page(&scene, &made).await, "registration");
    let mut guest = scene.server.stranger();
    let asked = guest.get(&path).await.expect(200).json();
    assert_eq!(asked["fields"].as_array().unwrap().len(), 3);
    assert_eq!((&asked["photo"], &asked["agreement"]), (&json!(false), &Value::Null));
    let wrong = guest.api("PUT", &path, answers(&[(1, "bus"), (3, "maybe")])).await.expect(422).json();
    let wrong: Vec<&str> =
        wrong["errors"].as_array().unwrap().iter().map(|one| one["field"].as_str().unwrap()).collect();
    assert_eq!(wrong, ["field_1", "field_3"]);
    guest.api("PUT", &path, answers(&[(1, "Train"), (3, "no")])).await.expect(204);
    let given = guest.get(&path).await.expect(200).json()["given"].clone();
    assert_eq!(given["answers"][0]["text"], "Train");
    guest.get(&program("/v/0123456789abcdef0123456789abcdef", "registration")).await.expect(404);
    // Where nothing is asked there is nothing to fill in.
    let other = scene.made(json!({ "kind": "interview", "site": scene.tokyo, "starts": scene.at(60), "ends": scene.at(90), "guests": [{ "name": "森 一" }] })).await;
    let other = page(&scene, &other).await;
    scene.server.stranger().get(&format!("{other}/registration")).await.expect(404);
    guest.api("PUT", &program(&other, "registration"), answers(&[])).await.expect(404);
});

story!(the_mail_asks_as_long_as_something_is_missing, |scene| {
    let mail = async || scene.mailbox().await.into_iter().rfind(|one| one.contains("yamada@")).unwrap();
    scene.made(scene.body(60)).await;
    scene.server.settle().await;
    assert!(!mail().await.contains("事前登録"));
    ask(&scene, json!({ "fields": fields() })).await;
    let made = scene.made(scene.body(4 * 24 * 60)).await;
    scene.server.settle().await;
    assert!(mail().await.contains("事前登録をお願いいたします"), "{}", mail().await);
    let path = program(&page(&scene, &made).await, "registration");
    scene.server.stranger().api("PUT", &path, answers(&[(1, "車"), (3, "no")])).await.expect(204);
    scene.server.advance(hours(75)).await;
    let reminder = mail().await;
    assert!(reminder.contains("明日") && !reminder.contains("事前登録"), "{reminder}");
});

story!(answers_outlive_their_fields, |scene| {
    ask(&scene, json!({ "fields": fields() })).await;
    let made = scene.made(scene.body(60)).await;
    let path = program(&page(&scene, &made).await, "registration");
    let mut guest = scene.server.stranger();
    guest.api("PUT", &path, answers(&[(1, "車"), (2, "品川 330"), (3, "no")])).await.expect(204);
    // One is asked otherwise, one is gone, one is new.
    let changed = json!([
        field(1, "text", true, "どのように", "How?"),
        field(3, "yes_no", true, "火を使うか", "Fire at all?"),
        field(4, "date", true, "受講日", "Training"),
    ]);
    ask(&scene, json!({ "fields": changed })).await;
    let mut host = scene.server.signed_in(&scene.host).await;
    let visit = &made["visits"][0]["id"];
    let labels = async |host: &mut Client| {
        let given = read(host, visit).await;
        let of = given["answers"].as_array().unwrap().iter();
        of.map(|one| one["label"]["ja"].as_str().unwrap().to_owned()).collect::<Vec<_>>()
    };
    assert_eq!(labels(&mut host).await, ["交通手段", "車両番号", "火気の使用"]);
    guest.api("PUT", &path, answers(&[(1, "徒歩"), (3, "no"), (4, "2026-11-01")])).await.expect(204);
    assert_eq!(labels(&mut host).await, ["どのように", "火を使うか", "受講日", "車両番号"]);
    assert_eq!(read(&mut host, visit).await["answers"][3]["text"], "品川 330");
});

story!(at_the_reception_only_what_is_missing_is_filled_in, |scene| {
    ask(&scene, json!({ "fields": fields() })).await;
    let made = scene.made(scene.body(30)).await;
    let here = page(&scene, &made).await;
    let (path, visit) = (program(&here, "registration"), &made["visits"][0]["id"]);
    let mut guest = scene.server.stranger();
    guest.api("PUT", &path, answers(&[(1, "車"), (3, "no")])).await.expect(204);
    let later = json!([field(1, "choice", true, "交通手段", ""), field(5, "text", true, "持ち物", "")]);
    ask(&scene, json!({ "fields": later })).await;
    let mut desk = scene.desk().await;
    let of_visit = |act: &str| format!("/api/v1/visitors/visits/{}/{act}", visit.as_str().unwrap());
    desk.api("POST", &of_visit("arrive"), Value::Null).await.expect(204);
    assert_eq!(scene.visit(visit).await["missing"]["fields"][0]["ja"], "持ち物");
    let shown = guest.get(&format!("{here}/registration")).await.ok();
    assert!(shown.contains(&name(5)) && !shown.contains(&name(1)), "{shown}");
    guest.api("PUT", &path, answers(&[(1, "電車"), (5, "工具")])).await.expect(204);
    let given = read(&mut desk, visit).await;
    assert_eq!((&given["answers"][0]["text"], &given["answers"][1]["text"]), (&json!("車"), &json!("工具")));
    assert_eq!(scene.visit(visit).await["state"], "arrived");
    desk.api("POST", &of_visit("admit"), Value::Null).await.expect(204);
    desk.api("POST", &of_visit("check-out"), Value::Null).await.expect(204);
    guest.api("PUT", &path, answers(&[(5, "別の物")])).await.expect(422);
    // Over, or called off: nothing any more.
    for how in ["over", "off"] {
        let made = scene.made(scene.body(30)).await;
        let path = program(&page(&scene, &made).await, "registration");
        match how {
            "off" => {
                let path = format!("/api/v1/visitors/visits/{}", made["visits"][0]["id"].as_str().unwrap());
                desk.api("DELETE", &path, Value::Null).await.expect(204);
            }
            _ => scene.pass_time(hours(2)),
        }
        guest.api("PUT", &path, answers(&[(1, "車"), (5, "x")])).await.expect(422);
    }
});

story!(the_desk_sees_what_is_missing_and_may_let_in_nevertheless, |scene| {
    ask(&scene, json!({ "fields": fields(), "photo": true })).await;
    let made = scene.made(scene.body(30)).await;
    let visit = &made["visits"][0]["id"];
    let mut desk = scene.desk().await;
    let of_visit = |act: &str| format!("/api/v1/visitors/visits/{}/{act}", visit.as_str().unwrap());
    desk.api("POST", &of_visit("arrive"), Value::Null).await.expect(204);
    let list = desk.get("/visitors?show=here").await.ok();
    for words in ["事前登録 未完了", "交通手段", "このまま入館を許可"] {
        assert!(list.contains(words), "{words}: {list}");
    }
    let row = desk.get("/api/v1/visitors/visits").await.expect(200).json()["items"][0].clone();
    assert_eq!(row["missing"]["photo"], true);
    desk.api("POST", &of_visit("admit"), Value::Null).await.expect(204);
    let scope = scene.server.foundation().store.read(scene.server.tenant).await.unwrap();
    let acts = scope.find::<audit_entries::Entity>().all().await.unwrap();
    let act = acts.iter().find(|act| act.action == "visit.admit").unwrap();
    assert_eq!(act.details.0["missing"], json!(["fields", "photo"]));
    // Whose registration is whole is let in without a word about it.
    drop(scope);
    ask(&scene, json!({ "fields": [] })).await;
    let made = scene.made(scene.body(30)).await;
    assert_eq!(scene.visit(&made["visits"][0]["id"]).await["missing"], Value::Null);
});

story!(of_a_series_it_is_filled_in_once, |scene| {
    ask(&scene, json!({ "fields": fields() })).await;
    let mut body = mondays(&scene, 4);
    body["guests"].as_array_mut().unwrap().push(json!({ "name": "鈴木 花子" }));
    let made = scene.made(body).await;
    scene.server.settle().await;
    let mut host = scene.server.signed_in(&scene.host).await;
    let mut page_of = async |place: usize| {
        let visits = host.get(&nth(&made, place)).await.expect(200).json()["visits"].clone();
        let theirs = visits.as_array().unwrap().iter().find(|visit| visit["name"] == "山田 太郎").unwrap();
        let row = host.get(&format!("{}/passes", nth(&made, place))).await.expect(200).json();
        let pass =
            row["items"].as_array().unwrap().iter().find(|pass| pass["visit"] == theirs["id"]).unwrap();
        (theirs["id"].clone(), pass["address"].as_str().unwrap().to_owned())
    };
    let mut pages = Vec::new();
    for place in 0..4 {
        pages.push(page_of(place).await);
    }
    let mut guest = scene.server.stranger();
    // The second is not theirs any more when they answer.
    let second = format!("/api/v1/visitors/visits/{}", pages[1].0.as_str().unwrap());
    host.api("DELETE", &second, Value::Null).await.expect(204);
    let (first, third) = (program(&pages[0].1, "registration"), program(&pages[2].1, "registration"));
    guest.api("PUT", &first, answers(&[(1, "車"), (3, "no")])).await.expect(204);
    for (place, want) in [(0, "registered"), (1, "cancelled"), (2, "registered"), (3, "registered")] {
        assert_eq!(scene.visit(&pages[place].0).await["state"], want, "{place}");
    }
    assert_eq!(read(&mut host, &pages[3].0).await["answers"][0]["text"], "車");
    assert_eq!(read(&mut host, &pages[1].0).await["answers"], json!([]));
    // Who else comes answers for themselves.
    let others = host.get(&nth(&made, 0)).await.json()["visits"].clone();
    let other = others.as_array().unwrap().iter().find(|visit| visit["name"] == "鈴木 花子").unwrap();
    assert_eq!((&other["state"], other["missing"]["fields"].as_array().unwrap().len()), (&json!("draft"), 2));
    // What is changed later leaves what was.
    let path = format!("/api/v1/visitors/visits/{}/", pages[0].0.as_str().unwrap());
    scene.pass_time(hours(24));
    let mut desk = scene.desk().await;
    desk.api("POST", &format!("{path}arrive"), Value::Null).await.expect(204);
    desk.api("POST", &format!("{path}check-out"), Value::Null).await.expect(204);
    guest.api("PUT", &third, answers(&[(1, "電車"), (3, "no")])).await.expect(204);
    let mut host = scene.server.signed_in(&scene.host).await;
    assert_eq!(read(&mut host, &pages[0].0).await["answers"][0]["text"], "車");
    assert_eq!(read(&mut host, &pages[3].0).await["answers"][0]["text"], "電車");
});

story!(what_somebody_else_filled_in_is_not_shown_to_a_corrected_guest, |scene| {
    ask(&scene, json!({ "fields": fields() })).await;
    let made = scene.made(scene.body(60)).await;
    scene.server.settle().await;
    let visit = &made["visits"][0]["id"];
    let first = page(&scene, &made).await;
    let mut guest = scene.server.stranger();
    let body = answers(&[(1, "車"), (2, "品川 330"), (3, "no")]);
    guest.api("PUT", &program(&first, "registration"), body.clone()).await.expect(204);
    let mut host = scene.server.signed_in(&scene.host).await;
    let path = format!("/api/v1/visitors/visits/{}/guest", visit.as_str().unwrap());
    let mut known = host.get(&path).await.expect(200).json();
    known["mail"] = json!("taro@midori.example");
    host.api("PUT", &path, known.clone()).await.expect(204);
    scene.server.settle().await;
    guest.get(&first).await.expect(404);
    assert_eq!(scene.visit(visit).await["state"], "invited");
    let second = page(&scene, &made).await;
    assert!(!guest.get(&format!("{second}/registration")).await.ok().contains("品川"));
    assert_eq!(read(&mut host, visit).await["answers"], json!([]));
    // The same name and address, another way to write it: what they answered is theirs.
    guest.api("PUT", &program(&second, "registration"), body).await.expect(204);
    known["phone"] = json!("090-1234-5678");
    host.api("PUT", &path, known).await.expect(204);
    assert_eq!(read(&mut host, visit).await["answers"].as_array().unwrap().len(), 3);
});

story!(answers_go_with_their_guest, |scene| {
    ask(&scene, json!({ "fields": fields() })).await;
    let made = scene.made(scene.body(30)).await;
    let visit = scene.visit(&made["visits"][0]["id"]).await;
    let path = program(&page(&scene, &made).await, "registration");
    scene.server.stranger().api("PUT", &path, answers(&[(1, "車"), (3, "no")])).await.expect(204);
    let mut admin = scene.server.administrator().await;
    let of = format!("/api/v1/visitors/visits/{}", visit["id"].as_str().unwrap());
    admin.api("DELETE", &of, Value::Null).await.expect(204);
    let guest = format!("/api/v1/visitors/guests/{}", visit["guest"].as_str().unwrap());
    scene.server.prove(&mut admin).await;
    admin.api("DELETE", &guest, Value::Null).await.expect(204);
    assert_eq!(read(&mut admin, &visit["id"]).await["answers"], json!([]));
    let scope = scene.server.foundation().store.read(scene.server.tenant).await.unwrap();
    assert_eq!(scope.find::<registrations::Entity>().count().await.unwrap(), 0);
});

story!(whoever_plans_takes_the_answers_out_and_whoever_was_asked_does_not, |scene| {
    ask(&scene, json!({ "fields": fields() })).await;
    let deputy = scene.server.colleague("deputy").await;
    let member = scene.server.colleague("member").await;
    let group = department(&scene, "営業部", &[member.person]).await;
    let mut body = scene.body(30);
    (body["group"], body["deputies"]) = (json!(group), json!([deputy.person]));
    let made = scene.made(body).await;
    let here = page(&scene, &made).await;
    let typed = answers(&[(1, "車"), (2, "品川 330"), (3, "no")]);
    scene.server.stranger().api("PUT", &program(&here, "registration"), typed).await.expect(204);
    let visit = made["visits"][0]["id"].as_str().unwrap();
    scene.desk().await.api("POST", &format!("/api/v1/visitors/visits/{visit}/arrive"), Value::Null).await;
    scene.server.settle().await;
    for _ in 0..2 {
        scene.server.advance(sekisho_testkit::minutes(2)).await;
    }
    let csv = async |who: &sekisho_testkit::Colleague| {
        let mut client = scene.server.signed_in(who).await;
        client.get(&format!("/api/v1/visitors/visits/{visit}")).await.expect(200);
        let path = format!("/api/v1/visitors/visits/{visit}/registration");
        let reads = client.get(&path).await.status.is_success();
        (reads, client.get("/visitors.csv").await.ok())
    };
    for who in [&scene.host, &scene.desk, &deputy] {
        let (reads, file) = csv(who).await;
        assert!(
            reads && file.contains("車両番号: 品川 330") && file.contains("火気の使用: いいえ"),
            "{file}"
        );
    }
    let (reads, file) = csv(&member).await;
    assert!(!reads && file.contains("山田 太郎") && !file.contains("品川"), "{file}");
    let page = format!("/visitors/appointments/{}", made["id"].as_str().unwrap());
    assert!(!scene.server.signed_in(&member).await.get(&page).await.ok().contains("品川"));
});

story!(what_is_filled_in_at_the_reception_leaves_later_answers_alone, |scene| {
    ask(&scene, json!({ "fields": fields() })).await;
    let mut body = scene.body(30);
    body["repeat"] = json!({ "rule": "FREQ=WEEKLY;COUNT=2" });
    let made = scene.made(body).await;
    scene.server.settle().await;
    let mut host = scene.server.signed_in(&scene.host).await;
    let next = host.get(&nth(&made, 1)).await.expect(200).json();
    let (first, second) = (&made["visits"][0]["id"], &next["visits"][0]["id"]);
    let here = program(&page(&scene, &made).await, "registration");
    let next = program(&page(&scene, &next).await, "registration");
    let mut guest = scene.server.stranger();
    guest.api("PUT", &here, answers(&[(1, "車"), (3, "no")])).await.expect(204);
    let arrive = format!("/api/v1/visitors/visits/{}/arrive", first.as_str().unwrap());
    scene.desk().await.api("POST", &arrive, Value::Null).await.expect(204);
    guest.api("PUT", &next, answers(&[(1, "電車"), (3, "yes")])).await.expect(204);
    guest.api("PUT", &here, answers(&[(2, "品川 330")])).await.expect(204);
    let given = read(&mut host, second).await["answers"].clone();
    assert_eq!((given.as_array().unwrap().len(), &given[0]["text"]), (2, &json!("電車")), "{given}");
    let given = read(&mut host, first).await["answers"].clone();
    assert_eq!((&given[0]["text"], &given[1]["text"]), (&json!("車"), &json!("品川 330")), "{given}");
});
