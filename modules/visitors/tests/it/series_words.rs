//! How often, as guests and hosts read it: what does not happen as the rule says is named.

use serde_json::json;

use crate::scene::Scene;
use crate::series::{form, nth, on_day};
use crate::series_telling::of_visits;

story!(days_that_a_rule_alone_would_have_are_named_or_said_to_be_in_the_file, |scene| {
    let guests = json!([
        { "name": "山田 太郎", "mail": "yamada@midori.example", "language": "ja" },
        { "name": "John Smith", "mail": "smith@midori.example", "language": "en" },
        { "name": "王 伟", "mail": "wang@midori.example", "language": "zh" },
        { "name": "김 철수", "mail": "kim@midori.example", "language": "ko" },
    ]);
    let mut made = Vec::new();
    // Two of a few; more than half of a few; a year's Japanese holidays; and then a year is moved to the next day.
    for (rule, except, japan) in [
        ("FREQ=WEEKLY;COUNT=15", json!(["2026-12-14", "2026-12-28"]), false),
        (
            "FREQ=DAILY;COUNT=10",
            json!(["24", "25", "26", "27", "28", "29"].map(|day| format!("2026-11-{day}"))),
            false,
        ),
        ("FREQ=WEEKLY;BYDAY=MO,TU,WE,TH,FR", json!([]), true),
    ] {
        let mut body = on_day(&scene, "2026-11-23", rule);
        if japan {
            body = on_day(&scene, "2026-11-24", rule);
            body["guests"] = json!([guests[0], guests[1]]);
        } else {
            body["guests"] = guests.clone();
        }
        body["repeat"]["except"] = except;
        body["repeat"]["japan"] = json!(japan);
        made.push(scene.made(body).await);
        scene.server.settle().await;
    }
    let mut host = scene.server.signed_in(&scene.host).await;
    let mut moved = form(&mut host, &nth(&made[0], 0)).await;
    (moved["starts"], moved["ends"]) = (json!("2026-11-24T10:00"), json!("2026-11-24T11:00"));
    host.api("PUT", &format!("{}/following", nth(&made[0], 0)), moved).await.expect(204);
    scene.server.settle().await;
    let mails = of_visits(&scene).await;
    for (who, words) in [
        (
            "yamada@",
            &[
                "毎週月曜日 10:00～11:00（12月14日、12月28日を除く）、全13回、2027年3月1日（月）まで",
                "：2026年11月23日（月）、2026年11月30日（月）、2026年12月1日（火）、2026年12月2日（水） 10:00～11:00、全4回\n",
                "平日（月曜日～金曜日） 10:00～11:00（日程は添付のカレンダーをご覧ください）、全",
                "指定の日程 10:00～11:00（日程は添付のカレンダーをご覧ください）、全13回",
            ][..],
        ),
        (
            "smith@",
            &[
                "every Monday 10:00–11:00 (not on Dec 14, Dec 28), 13 times, until Mon, Mar 1, 2027",
                ": Mon, Nov 23, 2026; Mon, Nov 30, 2026; Tue, Dec 1, 2026; Wed, Dec 2, 2026 10:00–11:00, 4 times\n",
                "Monday to Friday 10:00–11:00 (the days are in the calendar file), ",
                "on set days 10:00–11:00 (the days are in the calendar file), 13 times",
            ],
        ),
        (
            "wang@",
            &[
                "每周一 10:00～11:00（12月14日、12月28日除外），共13次",
                "2026年12月2日（周三） 10:00～11:00，共4次\n",
                "指定日期 10:00～11:00（具体日期请查看附件日历），共13次",
            ],
        ),
        (
            "kim@",
            &[
                "매주 월요일 10:00~11:00(12월 14일, 12월 28일 제외), 총 13회",
                "2026년 12월 2일(수) 10:00~11:00, 총 4회\n",
                "지정된 날짜 10:00~11:00(날짜는 첨부된 캘린더를 확인해 주십시오), 총 13회",
            ],
        ),
    ] {
        let theirs: Vec<&String> = mails.iter().filter(|mail| mail.contains(who)).collect();
        for words in words {
            let hits = theirs.iter().filter(|mail| mail.contains(words)).count();
            assert_eq!(hits, 1, "{words}: {theirs:#?}");
        }
    }
    // The page has no file, and lists all days.
    let page = host.get(&nth(&made[2], 0).replace("/api/v1", "")).await.ok();
    assert!(page.contains("平日（月曜日～金曜日） 10:00～11:00（一部の日を除く）、全"), "{page}");
    // One that was only moved within its day is not left out.
    let few = scene.made(on_day(&scene, "2026-11-25", "FREQ=WEEKLY;COUNT=4")).await;
    let mut apart = form(&mut host, &nth(&few, 2)).await;
    (apart["starts"], apart["ends"]) = (json!("2026-12-09T13:00"), json!("2026-12-09T14:00"));
    host.api("PUT", &nth(&few, 2), apart).await.expect(204);
    let page = host.get(&nth(&few, 0).replace("/api/v1", "")).await.ok();
    assert!(page.contains("毎週水曜日 10:00～11:00、全3回"), "{page}");
});
