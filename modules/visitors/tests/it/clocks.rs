//! Times are those of the site: in forms, in lists of days, whoever looks at them from wherever.

use sekisho_places::NewSite;
use serde_json::json;

use crate::scene::Scene;

story!(times_and_days_are_those_of_the_site, |scene| {
    let cx = scene.server.cx();
    let york = NewSite {
        name: "New York".to_owned(),
        address: "1 Broadway".to_owned(),
        zone: "America/New_York".to_owned(),
    };
    let york = scene.server.foundation().places.open_site(&cx, &york).await.unwrap();
    let now = cx.now.to_jiff().to_zoned(sekisho_web::zone_of("America/New_York")).datetime();
    let hour = now.with().minute(0).second(0).subsec_nanosecond(0).build().unwrap();
    let next = hour.saturating_add(jiff::Span::new().hours(1)).strftime("%Y-%m-%dT%H:%M").to_string();
    let mut host = scene.server.signed_in(&scene.host).await;
    let form = host.get(&format!("/visitors/new?site={york}")).await.ok();
    assert!(form.contains(&format!("value=\"{next}\"")), "{next}: {form}");

    // Eight in the evening there is the next morning in Tokyo.
    let day = now.date().saturating_add(jiff::Span::new().days(3));
    let mut evening = scene.body(60);
    evening["site"] = json!(york);
    (evening["starts"], evening["ends"]) = (json!(format!("{day}T20:00")), json!(format!("{day}T21:00")));
    evening["guests"] = json!([{ "name": "Grace Hopper" }]);
    scene.made(evening).await;
    let mut morning = scene.body(60);
    (morning["starts"], morning["ends"]) = (json!(format!("{day}T09:00")), json!(format!("{day}T10:00")));
    scene.made(morning).await;
    let next_day = day.tomorrow().unwrap();
    for (query, hopper, yamada) in [
        (format!("day={day}"), true, true),
        (format!("day={next_day}"), false, false),
        (format!("day={day}&site={york}"), true, false),
        (format!("day={next_day}&site={york}"), false, false),
        (format!("day={day}&site={}", scene.tokyo), false, true),
    ] {
        for path in ["/visitors", "/visitors.csv"] {
            let list = host.get(&format!("{path}?{query}")).await.ok();
            assert_eq!((list.contains("Hopper"), list.contains("山田")), (hopper, yamada), "{path}?{query}");
        }
    }
});
