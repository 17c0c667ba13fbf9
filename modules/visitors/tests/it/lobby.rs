//! What was found wrong with visitor kiosks, as a list of tests. IBM's X-Force Red told in 2019 of nineteen flaws in five
//! products (EasyLobby Solo, eVisitorPass, Envoy Passport, The Receptionist, Lobby Track); they fall into the kinds below.
//! Each kind that can be met here has its test; what cannot has its reason.
//!
//! - *Data of visitors lies readable on the device* (EasyLobby, The Receptionist, Envoy): `nothing_readable_is_handed_to_the_tablet`;
//!   what the browser keeps is looked at by the browser story.
//! - *Whoever has the device lists visitors or their contact data* (Lobby Track, EasyLobby): `there_is_no_list`.
//! - *Default administrator and shared passwords* (Lobby Track, EasyLobby): `a_fresh_house_has_no_way_in`; a terminal has
//!   no password at all.
//! - *Break-out to the system by key combinations, help, print or file dialogs* (eVisitorPass, EasyLobby, Lobby Track): the
//!   page has no link, no dialog, no print and no upload (`the_page_leads_nowhere`). What the operating system does by its own
//!   keys is beyond a page: the guide says to run the browser in its kiosk mode.
//! - *Keys or tokens in the program that open the vendor's systems* (Envoy): `nothing_secret_is_in_the_files`.
//! - *Rights raised over an interface of the device* (eVisitorPass): `a_terminal_is_no_person`.
//! - *Program or database of the device replaced or read by its local user* (EasyLobby, Lobby Track): cannot be met, there is
//!   neither; the keys of a stolen tablet cannot be read out of the browser, and withdrawing it is one click.
//! - *Badges printed for anybody*: no badge is printed by a terminal.

use sekisho_storage::Scoped as _;
use serde_json::{Value, json};

use crate::scene::Scene;
use crate::tablet::Tablet;

const ASKS: [&str; 7] = ["hello", "check-in", "check-out", "hosts", "walk-in", "delivery", "events"];

story!(nothing_readable_is_handed_to_the_tablet, |scene| {
    let mut tablet = Tablet::at(&scene, scene.tokyo, "1階ロビー").await;
    scene.made(scene.body(10)).await;
    let hello = tablet.call(&scene, "/terminal/api/hello", json!({})).await.expect(200);
    for personal in ["山田", "yamada", "みどり工業", "会議室"] {
        assert!(!hello.text.contains(personal), "{personal} is told before anybody was recognised");
    }
    for kept in ["cache-control", "set-cookie"] {
        let value = hello.headers.get(kept).and_then(|value| value.to_str().ok()).unwrap_or_default();
        assert!(!value.contains("max-age") && (kept != "set-cookie" || value.is_empty()), "{kept}: {value}");
    }
    // In our own tables the half that opens the tablet's reports lies sealed.
    use sekisho_visitors::tables::terminal_keys;
    let scope = scene.server.foundation().store.read(scene.server.tenant).await.unwrap();
    let key = scope.find::<terminal_keys::Entity>().one().await.unwrap().unwrap();
    assert!(key.secret_sealed.len() > 60 && key.public.len() == 65);
});

story!(there_is_no_list, |scene| {
    let mut tablet = Tablet::at(&scene, scene.tokyo, "1階ロビー").await;
    scene.made(scene.body(10)).await;
    for ask in ASKS {
        let path = format!("/terminal/api/{ask}");
        assert_eq!(tablet.client.get(&path).await.status, 405, "{path}");
        tablet.send(&tablet.signed_at(&path, json!({}), 1)).await.expect(409);
    }
    for (path, body) in [
        ("/terminal/api/check-in", json!({ "pass": "", "code": "" })),
        ("/terminal/api/check-in", json!({ "code": "%" })),
        ("/terminal/api/check-in", json!({ "code": "" })),
        ("/terminal/api/hosts", json!({ "q": "" })),
        ("/terminal/api/hosts", json!({ "q": "   " })),
        ("/terminal/api/hosts", json!({ "q": "山田 太郎" })),
        ("/terminal/api/hello", json!({ "list": true })),
    ] {
        let answer = tablet.call(&scene, path, body.clone()).await;
        assert!(!answer.text.contains("山田"), "{path} {body}: {}", answer.text);
    }
    // With a signature every other address of the house is as shut as without.
    for path in ["/visitors/deliveries", "/api/v1/visitors/visits", "/api/v1/visitors/terminals", "/people"] {
        let answer = tablet.client.get(path).await;
        assert!(matches!(answer.status.as_u16(), 303 | 401), "{path}: {}", answer.status);
    }
});

story!(a_fresh_house_has_no_way_in, |scene| {
    for word in ["", "admin", "password", "0000", "000000000000", "123456789012"] {
        let answer = Tablet::new(&scene).enrol(&scene, word).await;
        assert_eq!(answer.status, 422, "{word}");
    }
    let mut stranger = Tablet::new(&scene);
    for ask in ASKS {
        stranger.call(&scene, &format!("/terminal/api/{ask}"), json!({})).await.expect(401);
        let unsigned = scene.server.stranger().api("POST", &format!("/terminal/api/{ask}"), json!({})).await;
        assert_ne!(unsigned.status, 200);
    }
});

story!(a_terminal_is_no_person, |scene| {
    let mut tablet = Tablet::at(&scene, scene.tokyo, "1階ロビー").await;
    let hello = tablet.call(&scene, "/terminal/api/hello", json!({})).await.expect(200);
    assert!(hello.headers.get("set-cookie").is_none(), "no session comes of it");
    // An administrator's session at the same browser makes no difference to the terminal, nor the other way round.
    let mut admin = scene.server.administrator().await;
    let refused = admin.api("POST", "/terminal/api/hello", json!({})).await;
    assert_ne!(refused.status, 200);
    let colleague = scene.server.colleague("tanaka").await;
    let mut colleague = scene.server.signed_in(&colleague).await;
    for (method, path) in [
        ("GET", "/api/v1/visitors/terminals"),
        ("POST", "/api/v1/visitors/terminals"),
        ("PUT", "/api/v1/visitors/terminal-settings"),
    ] {
        let body = if method == "GET" { Value::Null } else { json!({}) };
        assert_eq!(colleague.api(method, path, body).await.status, 403, "{method} {path}");
    }
});

story!(the_page_leads_nowhere, |scene| {
    let answer = scene.server.stranger().get("/terminal").await.expect(200);
    let policy = answer.headers["content-security-policy"].to_str().unwrap().to_owned();
    for allowed in ["unsafe", "http:", "https:", "frame-src", "*"] {
        assert!(!policy.contains(allowed), "{policy}");
    }
    assert!(policy.contains("default-src 'none'") && policy.contains("frame-ancestors 'none'"));
    let html = answer.text;
    for way_out in ["<a ", "href=\"http", "target=", "<iframe", "<form", "type=\"file\"", "onclick", "<style"]
    {
        assert!(!html.contains(way_out), "{way_out} is on the page");
    }
    assert!(answer.headers.get("set-cookie").is_none());
    // WebAssembly may run in the worker that reads codes, and nowhere else.
    let reader = scene.server.stranger().get("/terminal/reader.js").await.expect(200);
    let policy = reader.headers["content-security-policy"].to_str().unwrap();
    assert!(policy.contains("'wasm-unsafe-eval'") && policy.contains("default-src 'none'"), "{policy}");
});

story!(nothing_secret_is_in_the_files, |scene| {
    let mut stranger = scene.server.stranger();
    let page = stranger.get("/terminal").await.ok();
    let (mut whole, mut files) = (page.len(), Vec::new());
    for part in
        page.split(['"', '=']).filter(|part| part.starts_with("/assets/") || part.starts_with("/terminal/"))
    {
        files.push(part.to_owned());
    }
    assert!(files.len() >= 5, "{files:?}");
    for file in &files {
        let answer = stranger.get(file).await.expect(200);
        let first = file.ends_with(".css") || (file.contains("/terminal.") && file.ends_with(".js"));
        whole += if first { answer.text.len() } else { 0 };
        for secret in ["PRIVATE KEY", "localStorage", "sessionStorage", "document.cookie", "eval("] {
            let script = file.contains(".js") && !file.contains("reader");
            assert!(!script || !answer.text.contains(secret), "{file} has {secret}");
        }
    }
    assert!(whole < 200_000, "the first paint takes {whole} bytes before compression");
});

story!(a_wallpaper_is_a_picture_and_nothing_else, |scene| {
    let mut admin = scene.server.administrator().await.with_header("if-match", "*");
    let path = "/api/v1/visitors/terminal-settings/picture";
    let kind = Some("application/octet-stream");
    for wrong in
        ["", "<svg xmlns='http://www.w3.org/2000/svg'><script>alert(1)</script></svg>", "<html>", "GIF89a"]
    {
        admin.send(axum::http::Method::PUT, path, kind, wrong.to_owned()).await.expect(422);
    }
    let sent = crate::photo::from_a_telephone();
    let now = admin.send(axum::http::Method::PUT, path, kind, sent).await.expect(200).json();
    let address = now["picture"].as_str().unwrap().to_owned();
    let shown = scene.server.stranger().get(&address).await.expect(200);
    assert_eq!(shown.headers["content-type"], "image/jpeg");
    crate::photo::tells_nothing(&shown.bytes);
    assert_eq!(shown.headers["x-content-type-options"], "nosniff");
    assert!(shown.headers["content-security-policy"].to_str().unwrap().contains("sandbox"));
    let (_, other) = scene.server.other_tenant("globex").await;
    let mut other = other;
    assert_eq!(other.get(&address).await.status, 404, "another tenant's is missing");
    admin.api("DELETE", path, Value::Null).await.expect(204);
    assert_eq!(scene.server.stranger().get(&address).await.status, 404);
});
