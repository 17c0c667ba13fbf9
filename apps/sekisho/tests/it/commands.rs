//! The commands of the binary, from nothing to an organisation that is erased.

use std::os::unix::fs::PermissionsExt as _;

use crate::on_both;

on_both!(an_installation_is_set_up_once, |stage| {
    let nothing = stage.run(&["tenant", "list"]).await.refused();
    assert!(nothing.contains("sekisho setup"), "{nothing}");
    let done = stage.setup().await.done();
    let link = done["invitation"].as_str().unwrap().to_owned();
    assert!(link.starts_with(&format!("{}/invitation/", stage.url())), "{link}");
    for file in [stage.config(), stage.data().join("master.key"), stage.data().join("authority.key")] {
        let mode = std::fs::metadata(&file).unwrap().permissions().mode() & 0o777;
        assert_eq!(mode, 0o600, "{}", file.display());
    }
    let again = stage.run(&["setup"]).await.refused();
    assert!(again.contains("set up already") && again.contains("青葉商事"), "{again}");
    let flag = stage.run(&["setup", "--listen", "127.0.0.1:1"]).await.refused();
    assert!(flag.contains("--listen has no effect"), "{flag}");
    stage.run(&["config", "check"]).await.done();
    let by = stage.rows().texts("SELECT actor FROM audit_entries WHERE action = 'tenant.found'").await;
    assert!(by.len() == 1 && by[0].contains("command line"), "{by:?}");
});

on_both!(what_setup_is_not_told_it_asks_for_and_names, |stage| {
    let data = stage.data();
    let words = ["setup", "--public-url", "https://keys.example.jp", "--data", data.to_str().unwrap()];
    let missing = stage.run(&words).await.refused();
    assert!(missing.contains("--tenant is missing"), "{missing}");
    let nothing = stage.run(&["tenant", "list"]).await.refused();
    assert!(nothing.contains("setup"), "nothing was begun: {nothing}");
    let words = [&words[..], &["--tenant", "A", "--admin-name", "B", "--admin-mail", "nowhere"]].concat();
    let wrong = stage.run(&words).await.refused();
    assert!(wrong.contains("mail: "), "{wrong}");
    let words = ["setup", "--tenant", "A", "--admin-name", "B", "--admin-mail", "b@example.jp"];
    stage.run(&words).await.done();
    let unreadable = stage.run(&["--config"]).await;
    assert_eq!(unreadable.code, 2, "a mistake in the words themselves: {unreadable:?}");
});

on_both!(organisations_are_founded_shown_and_erased, |stage| {
    stage.setup().await.done();
    let nameless = ["tenant", "add", "Globex", "--admin-name", "Kim", "--admin-mail", "kim@globex.example"];
    let refused = stage.run(&nameless).await.refused();
    assert!(refused.contains("--host is missing"), "{refused}");
    let words = [&nameless[..], &["--host", "globex.example", "--language", "en"]].concat();
    let added = stage.run(&words).await.done();
    assert!(added["invitation"].as_str().unwrap().starts_with("https://globex.example:"), "{added}");
    let taken = stage.run(&words).await.refused();
    assert!(taken.contains("host name"), "{taken}");
    let list = stage.run(&["tenant", "list"]).await.done();
    assert_eq!(list.as_array().unwrap().len(), 2, "{list}");
    let which = stage.run(&["device", "list"]).await.refused();
    assert!(which.contains("--tenant") && which.contains("Globex"), "{which}");
    let shown = stage.run(&["tenant", "show", "globex.example"]).await.done();
    assert_eq!(shown["name"], "Globex");
    stage.run(&["device", "add", "Box", "--tenant", "Globex"]).await.done();

    let unsure = stage.run(&["tenant", "erase", "Globex"]).await.refused();
    assert!(unsure.contains("--yes"), "{unsure}");
    let wrong = stage.run(&["tenant", "erase", "Globex", "--yes", "globex"]).await.refused();
    assert!(wrong.contains("nothing was done"), "{wrong}");
    stage.run(&["tenant", "erase", "Globex", "--yes", "Globex"]).await.done();
    let id = added["tenant"].as_str().unwrap().to_owned();
    let list = stage.run(&["tenant", "list"]).await.done();
    let erased = list.as_array().unwrap().iter().find(|row| row["id"] == *id).unwrap();
    assert_eq!(erased["state"], "closed");
    // Of what it had sealed nothing can be opened, of its people nothing is left but ids.
    let rows = stage.rows();
    let keys = rows
        .bytes()
        .await
        .into_iter()
        .filter(|(table, column, _)| table == "tenant_keys" && column == "wrapped");
    assert_eq!(keys.filter(|(.., wrapped)| wrapped.is_empty()).count(), 3);
    assert_eq!(rows.texts("SELECT name FROM identity_people WHERE name = 'Kim'").await, [] as [String; 0]);
    let acts = rows.texts("SELECT action FROM audit_entries ORDER BY id").await;
    assert!(
        acts.contains(&"tenant.erase".to_owned()) && acts.contains(&"device.revoke".to_owned()),
        "{acts:?}"
    );
    // The other one goes on, and is the only one again.
    stage.run(&["device", "list"]).await.done();
    stage.run(&["tenant", "erase", "Globex", "--yes", "Globex"]).await.done();
});

on_both!(tokens_are_made_and_withdrawn, |stage| {
    stage.setup().await.done();
    assert_eq!(stage.run(&["token", "list"]).await.done(), serde_json::json!([]));
    let wrong = ["token", "add", "--person", "sato@aoba.example", "--name", "CI", "--scope", "everything"];
    let refused = stage.run(&wrong).await.refused();
    assert!(refused.contains("scopes: "), "{refused}");
    let stranger = ["token", "add", "--person", "x@aoba.example", "--name", "CI", "--scope", "keys:read"];
    assert!(stage.run(&stranger).await.refused().contains("nobody of"), "no such person");
    let words = ["token", "add", "--person", "Sato@AOBA.example", "--name", "CI", "--scope", "identity:read"];
    let made = stage.run(&words).await.done();
    let (token, id) = (made["token"].as_str().unwrap(), made["about"]["id"].as_str().unwrap());
    let serving = stage.serve(&[]).await;
    let me = || stage.client().get(format!("{}/api/v1/me", stage.url())).bearer_auth(token).send();
    assert_eq!(me().await.unwrap().status(), 200);
    assert_eq!(stage.run(&["token", "list"]).await.done().as_array().unwrap().len(), 1);
    stage.run(&["token", "revoke", id]).await.done();
    // Another process withdrew it: heard of within the moments for which a look-up is remembered.
    let heard = async {
        while me().await.unwrap().status() != 401 {
            tokio::task::yield_now().await;
        }
    };
    tokio::time::timeout(crate::stage::PATIENCE, heard).await.unwrap();
    assert!(stage.run(&["token", "revoke", id]).await.refused().contains("no working token"));
    serving.stop().await;
});

on_both!(devices_are_made_known_and_shut_out, |stage| {
    stage.setup().await.done();
    let added = stage.run(&["device", "add", "Box A"]).await.done();
    assert_eq!(added["claim"].as_str().unwrap().len(), 9);
    let id = added["device"].as_str().unwrap();
    let shown = stage.run(&["device", "show", "Box A"]).await.done();
    assert_eq!((shown["id"].as_str(), shown["state"].as_str()), (Some(id), Some("waiting")));
    let again = stage.run(&["device", "claim-code", id]).await.done();
    assert_ne!(again["claim"], added["claim"]);
    assert!(stage.run(&["device", "show", "Box B"]).await.refused().contains("no device Box B"));
    assert!(stage.run(&["device", "add", "X", "--site", "Mars"]).await.refused().contains("no site Mars"));
    assert!(stage.run(&["device", "revoke", "Box A"]).await.refused().contains("--yes"));
    stage.run(&["device", "revoke", "Box A", "--yes", "Box A"]).await.done();
    let list = stage.run(&["device", "list"]).await.done();
    assert_eq!(list[0]["state"], "revoked");
    let actors = stage.rows().texts("SELECT actor FROM audit_entries WHERE action LIKE 'device.%'").await;
    assert_eq!(actors.len(), 3, "{actors:?}");
    assert!(actors.iter().all(|actor| actor.contains("command line")), "{actors:?}");
});

/// The state of the check called `what`, `None` when it was not made.
fn state<'a>(report: &'a serde_json::Value, what: &str) -> Vec<&'a str> {
    let checks = report["checks"].as_array().unwrap();
    checks
        .iter()
        .filter(|check| check["what"] == what)
        .map(|check| check["state"].as_str().unwrap())
        .collect()
}

on_both!(the_doctor_finds_what_is_wrong, |stage| {
    let before = stage.run(&["doctor"]).await;
    assert_eq!((before.code, state(&before.out, "configuration")), (1, vec!["fail"]), "{before:?}");
    stage.setup().await.done();
    let healthy = stage.run(&["doctor"]).await.done();
    for what in ["configuration", "key file", "store", "migrations", "organisations", "jobs", "disk"] {
        assert_eq!(state(&healthy, what), ["ok"], "{what}: {healthy:#}");
    }
    let key = stage.data().join("master.key");
    std::fs::set_permissions(&key, std::fs::Permissions::from_mode(0o644)).unwrap();
    let loose = stage.run(&["doctor"]).await;
    assert_eq!((loose.code, state(&loose.out, "key file")), (1, vec!["fail"]));
    std::fs::set_permissions(&key, std::fs::Permissions::from_mode(0o600)).unwrap();
    stage.rows().run("INSERT INTO migrations (name, position) VALUES ('29990101_later', 9999)").await;
    let newer = stage.run(&["doctor"]).await;
    assert_eq!((newer.code, state(&newer.out, "migrations")), (1, vec!["fail"]), "{newer:?}");
    stage.rows().run("DELETE FROM migrations WHERE position = 9999").await;
    if let crate::stage::Rows::Postgres(_) = stage.rows() {
        assert_eq!(state(&healthy, "row security"), ["ok"]);
        stage.rows().run("ALTER TABLE keys_loans NO FORCE ROW LEVEL SECURITY").await;
        let open = stage.run(&["doctor"]).await;
        assert_eq!(state(&open.out, "row security"), ["fail"], "{open:?}");
    }
    stage.set("SEKISHO_MAIL__HOST", "127.0.0.1");
    stage.set("SEKISHO_MAIL__PORT", "1");
    stage.set("SEKISHO_MAIL__FROM", "keys@aoba.example");
    assert_eq!(state(&stage.run(&["doctor"]).await.out, "mail"), ["fail"]);
});
