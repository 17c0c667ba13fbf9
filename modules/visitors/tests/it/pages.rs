//! The pages: inviting by a form, the list with search and CSV, the desk's two forms, the settings, the guest's own page.

use crate::scene::Scene;

story!(a_host_invites_changes_and_calls_off_by_form, |scene| {
    let mut host = scene.server.signed_in(&scene.host).await;
    let form = host.get("/visitors/new").await.ok();
    assert!(form.contains("東京本社") && !form.contains('⟦'), "{form}");
    let (site, person) = (scene.tokyo.to_string(), scene.host.person.to_string());
    let (starts, ends) = (scene.at(60), scene.at(120));
    let mut fields = vec![
        ("site", &*site),
        ("kind", "interview"),
        ("host", &*person),
        ("starts", &*starts),
        ("ends", &*ends),
        ("guest_name", "山田 太郎"),
        ("guest_company", "みどり工業"),
        ("guest_mail", "yamada@midori.example"),
        ("guest_language", "en"),
        ("companions", "1"),
        ("more", "鈴木 花子, suzuki@midori.example\n佐藤 次郎"),
    ];
    let made = host.post("/visitors/new", &fields).await.expect(303);
    let page = made.location().to_owned();
    let shown = host.get(&page).await.ok();
    for words in ["山田 太郎", "鈴木 花子", "佐藤 次郎", "みどり工業", "面接", "/v/"] {
        assert!(shown.contains(words), "{words}: {shown}");
    }
    fields[5] = ("guest_name", "");
    let again = host.post("/visitors/new", &fields).await.expect(422);
    assert!(again.text.contains("suzuki@midori.example"), "what was typed stays");
    let change = host.get(&format!("{page}/change")).await.ok();
    assert!(change.contains("interview"), "{change}");
    fields.push(("version", "1"));
    fields.push(("place", "7階"));
    host.post(&format!("{page}/change"), &fields).await.expect(303);
    host.post(&format!("{page}/change"), &fields).await.expect(422);
    assert!(host.get(&page).await.ok().contains("7階"));
    let guest = [("name", "森 一"), ("company", ""), ("mail", ""), ("language", "ja")];
    host.post(&format!("{page}/guests"), &guest).await.expect(303);
    assert!(host.get(&page).await.ok().contains("森 一"));
    let query = sekisho_web::escape_query("鈴木");
    let list = host.get(&format!("/visitors?q={query}")).await.ok();
    assert!(list.contains("鈴木 花子") && !list.contains("山田 太郎"), "{list}");
    let csv = host.get("/visitors.csv").await.ok();
    assert_eq!(csv.lines().count(), 5, "{csv}");
    assert!(host.get("/me").await.ok().contains("山田 太郎"));
    assert!(host.get(&format!("/search?q={query}")).await.ok().contains("鈴木 花子"));
    host.post(&format!("{page}/cancel"), &[("version", "2")]).await.expect(303);
    assert!(host.get(&page).await.ok().contains("取り消されています"));
    let other = scene.server.colleague("other").await;
    let mut other = scene.server.signed_in(&other).await;
    other.get(&page).await.expect(404);
    other.post(&format!("{page}/cancel"), &[]).await.expect(404);
    assert!(!other.get("/visitors").await.ok().contains("山田"));
});

story!(the_desk_checks_in_by_code_and_waves_in, |scene| {
    let made = scene.made(scene.body(30)).await;
    let mut desk = scene.desk().await;
    let site = scene.tokyo.to_string();
    let code = made["visits"][0]["code"].as_str().unwrap();
    desk.post("/visitors/check-in", &[("site", &site), ("code", "0000 0000")]).await.expect(303);
    assert_eq!(scene.visit(&made["visits"][0]["id"]).await["state"], "draft");
    desk.post("/visitors/check-in", &[("site", &site), ("code", code)]).await.expect(303);
    let here = desk.get("/visitors?show=here").await.ok();
    assert!(here.contains("山田 太郎") && here.contains("受付でお待ち"), "{here}");
    let visit = made["visits"][0]["id"].as_str().unwrap();
    for act in ["answer", "admit", "check-out"] {
        desk.post(&format!("/visitors/visits/{visit}/{act}"), &[]).await.expect(303);
    }
    assert_eq!(scene.visit(&made["visits"][0]["id"]).await["state"], "left");
    let wave = [("site", &*site), ("host", ""), ("kind", "guest"), ("count", "3")];
    desk.post("/visitors/wave-in", &wave).await.expect(303);
    assert!(scene.server.administrator().await.get("/").await.ok().contains("東京本社：3名"));
    let mut host = scene.server.signed_in(&scene.host).await;
    host.post("/visitors/wave-in", &wave).await.expect(403);
    let mut admin = scene.server.administrator().await;
    let set = [
        ("who_invites", "users_of_the_site"),
        ("opens_before_minutes", "30"),
        ("answer_within_minutes", "3"),
        ("version", "0"),
    ];
    admin.post("/settings/visitors", &set).await.expect(303);
    host.api("POST", "/api/v1/visitors/appointments", scene.body(60)).await.expect(403);
    scene.grant(scene.host.person, sekisho_policy::Right::Exchange, scene.tokyo).await;
    host.api("POST", "/api/v1/visitors/appointments", scene.body(60)).await.expect(201);
});

story!(a_guest_sees_their_own_page_and_asks_for_changes, |scene| {
    let made = scene.made(scene.body(60)).await;
    let address = made["visits"][0]["address"].as_str().unwrap();
    let mut guest = scene.server.stranger();
    let page = guest.get(address).await.ok();
    for words in ["<svg", "お打ち合わせ", "3階 会議室A", "東京本社 1-1-1", "host", "noreferrer"]
    {
        assert!(page.contains(words), "{words}: {page}");
    }
    assert!(!page.contains("yamada@"), "the page of a pass that is shown around tells no address");
    let ics = guest.get(&format!("{address}/calendar.ics")).await.ok();
    assert!(ics.starts_with("BEGIN:VCALENDAR\r\n") && ics.contains("DTSTART:"), "{ics}");
    for wrong in ["/v/0123456789abcdef0123456789abcdef", "/v/nonsense", &format!("{address}0")] {
        guest.get(wrong).await.expect(404);
        guest.post(&format!("{wrong}/cancel"), &[]).await.expect(404);
    }
    let mut korean = scene.server.stranger().with_header("accept-language", "ko");
    assert!(korean.get(address).await.ok().contains("방문 안내"));
    guest.post(&format!("{address}/propose"), &[("words", "16時以降を希望します")]).await.expect(303);
    guest.post(&format!("{address}/cancel"), &[]).await.expect(303);
    scene.server.settle().await;
    let mails = scene.mailbox().await;
    let host: Vec<_> = mails.iter().filter(|mail| mail.contains("host@")).collect();
    assert!(host.iter().any(|mail| mail.contains("16時以降を希望します")), "{host:#?}");
    assert!(host.iter().any(|mail| mail.contains("お越しになれなくなりました")), "{host:#?}");
    assert_eq!(scene.visit(&made["visits"][0]["id"]).await["state"], "cancelled");
    assert!(guest.get(address).await.ok().contains("取り消されています"));
    assert!(!scene.everything_told().await.contains("16時以降"), "what a guest writes stands in no record");
    // Another organisation's host name shows nothing of it.
    let (_, globex) = scene.server.other_tenant("globex").await;
    globex.at_host("globex.test").get(address).await.expect(404);
});

story!(the_evacuation_list_names_who_is_in_the_building, |scene| {
    let mut body = scene.body(30);
    body["place"] = "7階".into();
    let made = scene.made(body).await;
    let (site, visit) = (scene.tokyo.to_string(), made["visits"][0]["id"].as_str().unwrap());
    let mut desk = scene.desk().await;
    let nobody = desk.get("/visitors/evacuation").await.ok();
    assert!(nobody.contains("館内に来訪者はいません") && !nobody.contains("山田 太郎"), "{nobody}");
    let code = made["visits"][0]["code"].as_str().unwrap();
    desk.post("/visitors/check-in", &[("site", &site), ("code", code)]).await.expect(303);
    let wave = [("site", &*site), ("host", ""), ("kind", "guest"), ("count", "3")];
    desk.post("/visitors/wave-in", &wave).await.expect(303);
    let listed = desk.get("/visitors/evacuation").await.ok();
    for words in ["山田 太郎", "7階", "氏名なし", "data-print", "data-keep=\"/visitors/evacuation\""]
    {
        assert!(listed.contains(words), "{words}: {listed}");
    }
    let lists = desk.get("/api/v1/visitors/evacuation").await.json();
    let list = &lists[0];
    let guest = list["present"].as_array().unwrap().iter().find(|one| one["visit"] == visit).unwrap();
    assert_eq!((guest["place"].as_str(), guest["admitted"].as_bool()), (Some("7階"), Some(false)));
    let last = list["present"].as_array().unwrap().last().unwrap();
    assert_eq!(
        (last["name"].as_str(), last["heads"].as_i64()),
        (Some(""), Some(3)),
        "whom nobody named comes last"
    );
    let heads: i64 =
        list["present"].as_array().unwrap().iter().map(|one| one["heads"].as_i64().unwrap()).sum();
    assert_eq!(list["heads"], heads);
    let csv = desk.get("/visitors/evacuation.csv").await.ok();
    assert_eq!(csv.lines().count(), 3, "{csv}");
    for act in ["admit", "check-out"] {
        desk.post(&format!("/visitors/visits/{visit}/{act}"), &[]).await.expect(303);
    }
    assert!(!desk.get("/visitors/evacuation").await.ok().contains("山田 太郎"), "whoever left is out");
    assert!(desk.get("/visitors").await.ok().contains("href=\"/visitors/evacuation\""));
    // Whoever hosts is no desk, and nobody sees another site's list.
    let mut host = scene.server.signed_in(&scene.host).await;
    host.get("/visitors/evacuation").await.expect(404);
    host.get("/api/v1/visitors/evacuation").await.expect(404);
    assert!(!host.get("/visitors").await.ok().contains("/visitors/evacuation"));
    desk.get(&format!("/visitors/evacuation?site={}", scene.host.person)).await.expect(404);
});

story!(a_csv_file_goes_to_the_end_of_the_list_and_the_desk_types_a_host, |scene| {
    use sea_orm::ActiveValue::Set;
    use sekisho_visitors::tables::visits;
    use sekisho_visitors::tables::words::{VisitKind, VisitState};
    let cx = scene.server.cx();
    let rows = (0..2100_u64).map(|number| {
        let at = cx.now.plus(std::time::Duration::from_secs(number));
        visits::ActiveModel {
            id: Set(cx.fresh_id()),
            site_id: Set(scene.tokyo),
            zone: Set("Asia/Tokyo".to_owned()),
            kind: Set(VisitKind::Guest),
            host_id: Set(Some(scene.host.person)),
            state: Set(VisitState::Left),
            day: Set("2026-11-22".to_owned()),
            starts_at: Set(at),
            ends_at: Set(at.plus(std::time::Duration::from_secs(60))),
            companions: Set(0),
            generation: Set(1),
            page_generation: Set(0),
            asked: Set(0),
            ..Default::default()
        }
    });
    let tx = scene.server.foundation().store.begin(&cx).await.unwrap();
    tx.insert_many::<visits::Entity>(rows.collect()).await.unwrap();
    tx.commit_bookkeeping("test").await.unwrap();
    let mut desk = scene.desk().await;
    let csv = desk.get("/visitors.csv").await.ok();
    assert_eq!(csv.lines().count(), 2101);
    let starts: std::collections::BTreeSet<&str> =
        csv.lines().skip(1).filter_map(|line| line.split(',').next()).collect();
    assert_eq!(starts.len(), 2100, "each once");

    // A host is typed: a name or an address; what fits nobody or several is said.
    let page = desk.get("/visitors").await.ok();
    assert!(page.contains("<datalist") && page.contains("<option value=\"host\">"), "{page}");
    let site = scene.tokyo.to_string();
    let waves = async |desk: &mut sekisho_testkit::Client, host: &str| {
        let fields = [("site", &*site), ("host", host), ("kind", "guest"), ("count", "1")];
        desk.post("/visitors/wave-in", &fields).await.expect(303);
        let list = desk.get("/api/v1/visitors/visits?state=admitted").await.expect(200).json();
        list["items"].as_array().unwrap().len()
    };
    assert_eq!(waves(&mut desk, "host").await, 1);
    assert_eq!(waves(&mut desk, &scene.host.mail).await, 2);
    assert_eq!(waves(&mut desk, "nobody at all").await, 2);
    scene.server.colleague("hostb").await;
    scene.server.colleague("hostc").await;
    assert_eq!(waves(&mut desk, "ho").await, 2, "several have that in their name");
    assert_eq!(waves(&mut desk, "host").await, 3, "one is called so");
});
