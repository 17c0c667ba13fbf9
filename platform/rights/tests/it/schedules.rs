//! The week as ticked hours and as typed spans.

use crate::on_both;

on_both!(a_week_is_ticked_and_read_back, |server| {
    let mut admin = server.administrator().await;
    let mut fields =
        vec![("name", "平日"), ("japan", "on"), ("holidays", "closed"), ("d6", "10：00〜12：30、22-2")];
    for cell in ["1-9", "1-10", "2-9", "2-10", "3-9", "3-10"] {
        fields.push(("h", cell));
    }
    let answer = admin.post("/rights/schedules", &fields).await.expect(303);
    let address = answer.location().to_owned();
    let page = admin.get(&address).await.ok();
    assert!(page.contains("月〜水 9:00–11:00、土 10:00–12:30・22:00–24:00、日 0:00–2:00 に使えます。国民の祝日は使えません。"), "{page}");
    assert!(page.contains("value=\"1-9\" aria-label=\"月曜日 9時台\" checked"), "ticked again: {page}");
    assert!(page.contains("value=\"10:00–12:30, 22:00–24:00\""), "exact hours stay exact");
    // Sunday 09:00 in Tokyo; Monday the 23rd is a holiday
    assert!(page.contains("11月24日（火）09:00") || page.contains("11月24日（火）9:00"), "{page}");

    let wrong = admin.post(&address, &[("name", "平日"), ("d1", "9 to 6"), ("h", "2-9")]).await;
    assert!(
        wrong.text.contains("の形式で入力してください") && wrong.text.contains("9 to 6"),
        "{}",
        wrong.text
    );
    assert!(
        wrong.text.contains("value=\"2-9\" aria-label=\"火曜日 9時台\" checked"),
        "keeps what was ticked"
    );

    admin.post(&format!("{address}/remove"), &[]).await.expect(303);
    admin.get(&address).await.expect(404);
});

on_both!(own_holidays_are_saved_by_lines, |server| {
    let mut admin = server.administrator().await;
    let days = "2026-12-29 年末休業\r\n2026/12/30\r\n";
    admin.post("/rights/calendars", &[("name", "冬休み"), ("days", days)]).await.expect(303);
    let list = admin.get("/rights/schedules").await.ok();
    assert!(list.contains("冬休み") && list.contains("2日"));
    let wrong = admin.post("/rights/calendars", &[("name", "冬休み"), ("days", "12/29")]).await;
    assert!(wrong.text.contains("1行に1日ずつ") && wrong.text.contains("12/29"));
    let mut colleague = server.signed_in(&server.colleague("sato").await).await;
    colleague.get("/rights/schedules").await.expect(403);
});
