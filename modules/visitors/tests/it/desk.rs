//! The desk as a page: whose it is, whom it shows, in which order, and where its buttons lead back to.

use sekisho_places::NewSite;
use sekisho_policy::Right;
use sekisho_testkit::{hours, minutes};
use serde_json::{Value, json};

use crate::scene::Scene;

const HERE: &str = "/visitors/desk";

/// An appointment of one guest with that name, so many minutes from now.
async fn expects(scene: &Scene, name: &str, minutes: i64) -> Value {
    let mut body = scene.body(minutes);
    body["guests"] = json!([{ "name": name }]);
    scene.made(body).await
}

/// The path of what is done to the first visit of an appointment.
fn act(made: &Value, act: &str) -> String {
    format!("/api/v1/visitors/visits/{}/{act}", made["visits"][0]["id"].as_str().unwrap())
}

/// Those who wait, and the hours: each as a part of the page.
fn parts(page: &str) -> (&str, &str) {
    let (before, hours) = page.split_once("<ol class=\"day\">").unwrap_or((page, ""));
    (before.split_once("desk-waiting").map_or("", |(_, waiting)| waiting), hours)
}

/// How the block with that name looks, and what is said in it.
#[track_caller]
fn block<'a>(page: &'a str, name: &str) -> (&'a str, &'a str) {
    let blocks = parts(page).1.split("<li class=\"slot slot-").skip(1);
    let found: Vec<&str> = blocks.filter(|block| block.contains(name)).collect();
    assert_eq!(found.len(), 1, "{name}: {page}");
    found[0].split_once('"').unwrap()
}

/// That those words stand one after the other.
#[track_caller]
fn in_order(text: &str, words: &[&str]) {
    let mut rest = text;
    for word in words {
        let after = rest.split_once(word).map(|(_, after)| after);
        assert!(after.is_some(), "{word} of {words:?}: {text}");
        rest = after.unwrap_or_default();
    }
}

/// The four numbers above.
fn numbers(page: &str) -> Vec<&str> {
    let values = page.split("class=\"tile-value\">").skip(1);
    values.filter_map(|value| value.split_once('<')).map(|(value, _)| value).collect()
}

story!(it_opens_at_the_site_where_somebody_waits, |scene| {
    let mut admin = scene.server.administrator().await;
    let tokyo = expects(&scene, "山田 太郎", 30).await;
    let mut osaka = scene.body(40);
    osaka["site"] = json!(scene.osaka);
    osaka["guests"] = json!([{ "name": "大坂 花子" }]);
    let osaka = scene.made(osaka).await;
    for (made, act_of, name) in
        [(&osaka, "arrive", "大坂 花子"), (&osaka, "admit", "大坂 花子"), (&tokyo, "arrive", "山田 太郎")]
    {
        admin.api("POST", &act(made, act_of), Value::Null).await.expect(204);
        let page = admin.get(HERE).await.ok();
        assert!(page.contains(name), "{act_of}: {page}");
    }
    let page = admin.get(&format!("{HERE}?site={}", scene.osaka)).await.ok();
    assert!(page.contains("大坂 花子") && !page.contains("山田 太郎"), "the site asked for: {page}");
});

story!(only_the_desk_of_a_site_sees_its_day, |scene| {
    expects(&scene, "山田 太郎", 30).await;
    let mut osaka = scene.body(40);
    osaka["site"] = json!(scene.osaka);
    osaka["guests"] = json!([{ "name": "大坂 花子" }]);
    scene.made(osaka).await;
    let mut host = scene.server.signed_in(&scene.host).await;
    for path in [HERE.to_owned(), format!("{HERE}?site={}", scene.tokyo)] {
        host.get(&path).await.expect(404);
    }
    assert!(!host.get("/visitors").await.ok().contains(HERE));
    let mut desk = scene.desk().await;
    assert!(desk.get("/visitors").await.ok().contains(HERE));
    desk.get(&format!("{HERE}?site={}", scene.osaka)).await.expect(404);
    let own = desk.get(HERE).await.ok();
    assert!(own.contains("山田 太郎") && !own.contains("大坂 花子"), "{own}");
    assert!(!own.contains("desk-switch") && !own.contains('⟦'), "one site, no choice: {own}");
    let mut admin = scene.server.administrator().await;
    let there = admin.get(&format!("{HERE}?site={}", scene.osaka)).await.ok();
    assert!(there.contains("大坂 花子") && !there.contains("山田 太郎"), "{there}");
    assert!(there.contains(&format!("<option value=\"{}\"", scene.tokyo)), "{there}");
    assert!(there.contains("data-keep=\"/visitors/evacuation\""), "{there}");
    // A desk of two sites chooses, too.
    scene.grant(scene.desk.person, Right::Manage, scene.osaka).await;
    let chosen = desk.get(&format!("{HERE}?site={}", scene.osaka)).await.ok();
    assert!(chosen.contains("大坂 花子") && chosen.contains("desk-switch"), "{chosen}");
    for path in [format!("{HERE}?day=soon"), format!("{HERE}?day=2026-02-30")] {
        desk.get(&path).await.expect(404);
    }
});

story!(who_waits_stands_first_and_the_hours_follow_with_the_present_between, |scene| {
    let mut desk = scene.desk().await;
    let late = expects(&scene, "遅田 一郎", -20).await;
    let fresh = expects(&scene, "今井 次郎", -8).await;
    expects(&scene, "先野 三郎", 5).await;
    expects(&scene, "後藤 四郎", 200).await;
    let first = expects(&scene, "待田 五郎", 20).await;
    let second = expects(&scene, "待井 六郎", 10).await;
    desk.api("POST", &act(&first, "arrive"), Value::Null).await.expect(204);
    scene.pass_time(minutes(1));
    desk.api("POST", &act(&second, "arrive"), Value::Null).await.expect(204);
    let page = desk.get(HERE).await.ok();
    let (waiting, hours) = parts(&page);
    in_order(waiting, &["待田 五郎", "1分", "待井 六郎", "たった今"]);
    assert!(!waiting.contains("遅田"), "{waiting}");
    assert_eq!(waiting.matches("data-waits=").count(), 2);
    in_order(
        hours,
        &["8:00", "遅田", "今井", "9:00", "現在 09:01", "先野", "待井", "待田", "10:00", "12:00", "後藤"],
    );
    for (name, look) in [("遅田", "late"), ("今井", "due"), ("待田", "waits"), ("後藤", "due")] {
        assert_eq!(block(&page, name).0, look, "{name}");
    }
    assert!(block(&page, "遅田").1.contains("21分の遅れ"), "{page}");
    assert!(!block(&page, "待田").1.contains("/admit"), "the buttons stand with those who wait");
    assert_eq!(numbers(&page), ["2", "2", "4", "1"], "here, waiting, to come, late");

    // One tap, and back at the desk.
    let admit =
        format!("/visitors/visits/{}/admit?desk={}", first["visits"][0]["id"].as_str().unwrap(), scene.tokyo);
    assert!(waiting.contains(&format!("action=\"{admit}\"")), "{waiting}");
    // A second tap is refused, and leads back like the first; so does asking somebody else.
    let pass_on = admit
        .replace(first["visits"][0]["id"].as_str().unwrap(), second["visits"][0]["id"].as_str().unwrap());
    for act in [&admit, &admit, &pass_on.replace("/admit", "/pass-on")] {
        let done = desk.post(act, &[]).await.expect(303);
        assert_eq!(done.location(), format!("{HERE}?site={}", scene.tokyo), "{act}");
    }
    scene.pass_time(minutes(2));
    let page = desk.get(HERE).await.ok();
    assert_eq!(block(&page, "待田").0, "here");
    assert_eq!(block(&page, "今井").0, "late", "ten minutes have passed");
    assert_eq!(numbers(&page), ["2", "1", "4", "2"]);

    // What is over is folded away, in its hour.
    desk.api("POST", &act(&first, "check-out"), Value::Null).await.expect(204);
    let off = format!("/api/v1/visitors/appointments/{}", fresh["id"].as_str().unwrap());
    desk.api("DELETE", &off, Value::Null).await.expect(204);
    let page = desk.get(HERE).await.ok();
    assert_eq!((block(&page, "待田").0, block(&page, "今井").0), ("over", "over"));
    in_order(
        parts(&page).1,
        &["8:00", "遅田", "終了 1件", "今井", "9:00", "現在", "待井", "終了 1件", "待田", "10:00"],
    );
    assert_eq!(numbers(&page), ["1", "1", "3", "1"]);
    assert_eq!(block(&page, "遅田").0, "late");
    desk.api("POST", &act(&late, "arrive"), Value::Null).await.expect(204);
    assert_eq!(block(&desk.get(HERE).await.ok(), "遅田").0, "waits");
});

story!(a_visit_of_several_days_says_on_which_it_ends, |scene| {
    let mut body = scene.body(30);
    body["ends"] = json!(scene.at(2 * 24 * 60));
    body["guests"] = json!([{ "name": "連日 太郎" }]);
    scene.made(body).await;
    expects(&scene, "当日 花子", 30).await;
    let mut desk = scene.desk().await;
    let page = desk.get(HERE).await.ok();
    assert!(block(&page, "連日").1.contains("<b>09:30–11月24日（火） 09:00</b>"), "{page}");
    assert!(block(&page, "当日").1.contains("<b>09:30–10:30</b>"), "{page}");
});

story!(a_group_is_one_block_with_its_count, |scene| {
    let mut body = scene.body(30);
    body["guests"] = json!([
        { "name": "山田 太郎", "companions": 2 }, { "name": "鈴木 花子" }, { "name": "佐藤 次郎" }
    ]);
    let made = scene.made(body).await;
    let mut desk = scene.desk().await;
    let page = desk.get(HERE).await.ok();
    let (look, words) = block(&page, "鈴木 花子");
    assert_eq!(look, "due");
    in_order(words, &[" ほか4名", "host", "3階 会議室A", "3件を個別に表示", "鈴木 花子", "/arrive?desk="]);
    desk.api("POST", &act(&made, "arrive"), Value::Null).await.expect(204);
    let page = desk.get(HERE).await.ok();
    let (look, words) = block(&page, "鈴木 花子");
    assert_eq!(look, "waits", "of one of them");
    in_order(
        words,
        &["未連絡", "<span class=\"count\">2</span>", "受付でお待ち", "<span class=\"count\">1</span>"],
    );
    assert!(parts(&page).0.contains("山田 太郎 ほか2名") && !parts(&page).0.contains("鈴木"), "{page}");
    assert_eq!(numbers(&page), ["3", "1", "2", "0"], "people here and to come, with those who come along");
});

story!(codes_and_people_are_taken_in_from_the_desk_and_it_comes_back, |scene| {
    let made = scene.made(scene.body(20)).await;
    let mut desk = scene.desk().await;
    let site = scene.tokyo.to_string();
    let page = desk.get(HERE).await.ok();
    assert!(page.contains(" autofocus=\"\""), "the cursor begins in the code: {page}");
    let back = format!("{HERE}?site={site}");
    let (check_in, wave_in) =
        (format!("/visitors/check-in?desk={site}"), format!("/visitors/wave-in?desk={site}"));
    assert!(page.contains(&check_in) && page.contains(&wave_in), "{page}");
    for code in ["0000 0000", made["visits"][0]["code"].as_str().unwrap()] {
        let done = desk.post(&check_in, &[("site", &site), ("code", code)]).await.expect(303);
        assert_eq!(done.location(), back);
    }
    for (host, count) in [("", "3"), ("nobody at all", "2")] {
        let wave = [("site", &*site), ("host", host), ("kind", "delivery"), ("count", count)];
        assert_eq!(desk.post(&wave_in, &wave).await.expect(303).location(), back);
    }
    let page = desk.get(HERE).await.ok();
    assert!(parts(&page).0.contains("山田 太郎"), "{page}");
    assert_eq!(block(&page, "3名（氏名なし）").0, "here");
    assert_eq!(numbers(&page), ["4", "1", "0", "0"]);
});

story!(whatever_is_done_from_the_desk_leads_back_to_it, |scene| {
    let (stays, goes) = (expects(&scene, "山田 太郎", 20).await, expects(&scene, "鈴木 花子", 20).await);
    let mut desk = scene.desk().await;
    let back = format!("{HERE}?site={}", scene.tokyo);
    // Somebody who knows nothing of the list let them in.
    let marked = expects(&scene, "佐藤 次郎", 20).await;
    let entry = json!({ "names": ["佐藤 次郎"], "reason": "x" });
    scene.server.administrator().await.api("POST", "/api/v1/visitors/watch-entries", entry).await.expect(201);
    desk.api("POST", &act(&marked, "arrive"), Value::Null).await.expect(204);
    let mut host = scene.server.signed_in(&scene.host).await;
    host.api("POST", &act(&marked, "admit"), Value::Null).await.expect(204);
    for (made, acts) in [
        (&stays, &["arrive", "answer", "pass-on", "admit", "badge", "check-out"][..]),
        (&goes, &["arrive", "refuse"]),
        (&marked, &["guard-asked"]),
    ] {
        let visit = made["visits"][0]["id"].as_str().unwrap();
        for act in acts {
            let done = desk.post(&format!("/visitors/visits/{visit}/{act}?desk={}", scene.tokyo), &[]).await;
            assert_eq!(done.expect(303).location(), back, "{act}");
        }
    }
    let states = async |made: &Value| scene.visit(&made["visits"][0]["id"]).await["state"].clone();
    assert_eq!([states(&stays).await, states(&goes).await], ["left", "refused"]);
});

story!(another_day_is_read_only_and_leads_to_its_neighbours, |scene| {
    expects(&scene, "明日 来子", 16 * 60).await;
    let made = expects(&scene, "今日 来太", 10).await;
    let mut desk = scene.desk().await;
    desk.api("POST", &act(&made, "arrive"), Value::Null).await.expect(204);
    let today = desk.get(HERE).await.ok();
    assert!(!today.contains("明日 来子"), "{today}");
    // That they came can be said from twelve hours before: here in the afternoon, of whoever comes at one in the night.
    assert!(!desk.get("/visitors").await.ok().contains("/arrive"));
    scene.pass_time(hours(5));
    assert!(desk.get("/visitors").await.ok().contains("/arrive"));
    for (day, before, after) in
        [("2026-11-23", "2026-11-22", "2026-11-24"), ("2026-11-21", "2026-11-20", "2026-11-22")]
    {
        let page = desk.get(&format!("{HERE}?day={day}")).await.ok();
        assert_eq!(page.contains("明日 来子"), day == "2026-11-23", "{page}");
        assert!(!page.contains("今日 来太"), "{page}");
        for neighbour in [before, after] {
            assert!(page.contains(&format!("day={neighbour}\"")), "{neighbour}: {page}");
        }
        for live in ["/check-in", "/wave-in", "/arrive", "data-waits", "day-now", "tile-value", "data-desk="]
        {
            assert!(!page.contains(live), "{live}: {page}");
        }
    }
    // The next day tells what became of this one, unfolded.
    scene.server.advance(hours(24)).await;
    let mut desk = scene.desk().await;
    let yesterday = desk.get(&format!("{HERE}?day=2026-11-22")).await.ok();
    assert!(yesterday.contains("退館済み") && !yesterday.contains("day-over"), "{yesterday}");
    assert_eq!(block(&yesterday, "今日 来太").0, "due");
});

story!(the_day_is_that_of_the_sites_clock_and_whoever_is_still_here_is_on_it, |scene| {
    let cx = scene.server.cx();
    let york = NewSite {
        name: "New York".to_owned(),
        address: "1 Broadway".to_owned(),
        zone: "America/New_York".to_owned(),
    };
    let york = scene.server.foundation().places.open_site(&cx, &york).await.unwrap();
    scene.grant(scene.desk.person, Right::Manage, york).await;
    // Nine in the morning of the 22nd in Tokyo is seven in the evening of the 21st there.
    let at = |clock: &str, name: &str| {
        let mut body = scene.body(60);
        body["site"] = json!(york);
        (body["starts"], body["ends"]) = (json!(clock), json!(format!("{}23:59", &clock[..11])));
        body["guests"] = json!([{ "name": name }]);
        body
    };
    scene.made(at("2026-11-21T18:30", "Ada Late")).await;
    scene.made(at("2026-11-21T22:00", "Grace Tonight")).await;
    scene.made(at("2026-11-22T08:00", "Mary Tomorrow")).await;
    let mut several = at("2026-11-20T09:00", "Joan Since");
    several["ends"] = json!("2026-11-23T18:00");
    let since = scene.made(several).await;
    let mut desk = scene.desk().await;
    let path = format!("{HERE}?site={york}");
    let page = desk.get(&path).await.ok();
    assert!(!page.contains("Mary"), "{page}");
    in_order(
        parts(&page).1,
        &["別の日から", "Joan", "18:00", "Ada", "19:00", "現在 19:00", "22:00", "Grace"],
    );
    assert_eq!((block(&page, "Ada").0, block(&page, "Joan").0), ("late", "late"));
    desk.api("POST", &act(&since, "admit"), Value::Null).await.expect(204);
    assert_eq!(block(&desk.get(&path).await.ok(), "Joan").0, "here");
    desk.api("POST", &act(&since, "check-out"), Value::Null).await.expect(204);
    let page = desk.get(&path).await.ok();
    assert_eq!(block(&page, "Joan").0, "over", "until tomorrow");
    assert_eq!(numbers(&page), ["0", "0", "2", "1"]);
    scene.server.advance(hours(6)).await;
    let page = desk.get(&path).await.ok();
    assert_eq!(block(&page, "Joan").0, "due", "she comes again today, and nobody knows when");
    assert!(page.contains("Mary") && !page.contains("Grace"), "{page}");
});
