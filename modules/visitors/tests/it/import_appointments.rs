//! Many appointments from a table: all of its rows, or none.

use serde_json::{Value, json};

use crate::scene::Scene;

story!(a_table_is_looked_at_and_then_imported_whole_or_not_at_all, |scene| {
    let mut host = scene.server.signed_in(&scene.host).await;
    let (starts, ends) = (scene.at(60).replace('T', " ").replace('-', "/"), scene.at(120));
    let good = format!(
        "氏名,開始,終了,拠点,メールアドレス,担当者\n山田 太郎,{starts},{ends},東京本社,yamada@midori.example,\n佐藤 花子,{starts},{ends},大阪支店,,{}\n",
        scene.desk.mail
    );
    let bad = format!("{good}鈴木,{ends},{starts},名古屋,,nobody@acme.test\n");
    let mut send = async |csv: &str, rehearsal: bool| {
        let body = json!({ "csv": csv, "rehearsal": rehearsal });
        host.api("POST", "/api/v1/visitors/import", body).await.expect(200).json()["items"].clone()
    };
    let made =
        |rows: &Value| rows.as_array().unwrap().iter().filter(|row| row["appointment"].is_string()).count();
    let rows = send(&bad, false).await;
    assert_eq!((made(&rows), rows[2]["line"].as_u64()), (0, Some(4)), "{rows}");
    assert!(rows[0]["wrong"] == json!([]) && rows[2]["wrong"][0]["field"] == "site", "{rows}");
    assert_eq!(made(&send(&good, true).await), 0);
    assert!(scene.facts().await.is_empty(), "a rehearsal makes nothing");
    assert_eq!(made(&send(&good, false).await), 2);
    let list = host.get("/api/v1/visitors/visits").await.expect(200).json();
    assert_eq!(list["items"].as_array().unwrap().len(), 2);
    host.api("POST", "/api/v1/visitors/import", json!({ "csv": "a,b\n1,2" })).await.expect(422);
    // The same by the page.
    let looked = host.post("/visitors/import", &[("csv", &bad), ("act", "look")]).await.expect(422);
    assert!(looked.text.contains("この名前の拠点はありません") && looked.text.contains("山田 太郎"));
    host.post("/visitors/import", &[("csv", &good), ("act", "import")]).await.expect(303);
});

story!(a_table_is_one_act, |scene| {
    let mut host = scene.server.signed_in(&scene.host).await;
    let (starts, ends) = (scene.at(60), scene.at(120));
    let rows: String = (0..5).map(|row| format!("客{row},{starts},{ends},東京本社,zz\n")).collect();
    let wrong = format!("氏名,開始,終了,拠点,言語\n{rows}");
    let mut send = async |csv: &str| {
        host.api("POST", "/api/v1/visitors/import", json!({ "csv": csv })).await.expect(200).json()["items"]
            .clone()
    };
    let looked = send(&wrong).await;
    assert_eq!(looked[0]["wrong"][0]["field"], "language", "nobody guesses which language that is");
    let mut changes = scene.server.foundation().store.changes();
    let made = send(&wrong.replace(",zz", ",zh")).await;
    assert!(made.as_array().unwrap().iter().all(|row| row["appointment"].is_string()), "{made}");
    // All of it came in one commit.
    let mut commits = Vec::new();
    while let Ok(changed) = changes.try_recv() {
        commits.push(changed.events.iter().filter(|fact| **fact == "visitors.appointment_made").count());
    }
    commits.retain(|facts| *facts > 0);
    assert_eq!(commits, [5]);
    let record = scene.record().await;
    assert_eq!(record.iter().filter(|act| *act == "appointment.make").count(), 5);
});
