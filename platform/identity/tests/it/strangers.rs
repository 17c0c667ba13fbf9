//! Every route of this room, tried as nobody, as a colleague without rights, and as an administrator of another tenant.

use sekisho_web::Access;
use serde_json::json;

use super::*;

/// The routes of this room with ids of the first tenant filled in.
async fn routes(server: &TestServer) -> Vec<(String, String, Access)> {
    let who = server.colleague("target").await;
    let identity = &server.foundation().identity;
    let cx = fresh_cx(server, server.admin);
    let by = identity.administrator(&cx).await.unwrap();
    let group = identity.make_group(&cx, by, "Group", "").await.unwrap();
    identity.join_group(&cx, by, group, who.person).await.unwrap();
    let badge = identity.add_badge(&cx, by, who.person, "04A21B3C", "").await.unwrap();
    server
        .host
        .routes()
        .iter()
        .filter(|route| route.module == "identity")
        .map(|route| {
            let of = match route.path {
                path if path.contains("/groups/{id}") => group.to_string(),
                _ => who.person.to_string(),
            };
            let path = route
                .path
                .replace("{id}", &of)
                .replace("{person}", &who.person.to_string())
                .replace("{group}", &group.to_string())
                .replace("{badge}", &badge.to_string())
                .replace("{token}", "unknown");
            (route.method.to_owned(), path, route.access)
        })
        .collect()
}

async fn try_as(client: &mut Client, method: &str, path: &str) -> sekisho_testkit::Answer {
    let body = match path.rsplit('/').next() {
        Some("reveal") => json!({ "reason": "because" }),
        Some("badges") => json!({ "serial": "AABBCCDD" }),
        Some("link") => json!({ "lost_app": false }),
        Some("pin") => json!({ "pin": "482915" }),
        _ => json!({ "name": "x" }),
    };
    match (method, path.starts_with("/api/")) {
        ("GET", _) => client.get(path).await,
        (_, true) => client.api(method, path, body).await,
        _ => client.post(path, &[("name", "x"), ("reason", "because"), ("serial", "AABBCCDD")]).await,
    }
}

both!(nobody_gets_past_the_door, |server| {
    for (method, path, access) in routes(&server).await {
        if matches!(access, Access::Public(_)) {
            continue;
        }
        let answer = try_as(&mut server.stranger(), &method, &path).await;
        if path.starts_with("/api/") {
            assert_eq!(answer.status, 401, "{method} {path}");
        } else {
            assert!(
                answer.status == 401 || answer.location().starts_with("/sign-in"),
                "{method} {path}: {}",
                answer.status
            );
        }
    }
});

both!(a_colleague_without_rights_administers_nothing, |server| {
    let list = routes(&server).await;
    let who = server.colleague("curious").await;
    let (client, _) = sign_in(&server, &who.mail, PASSWORD).await;
    for (method, path, access) in list {
        if matches!(access, Access::Administrator | Access::Proven) {
            let answer = try_as(&mut client.clone(), &method, &path).await;
            assert_eq!(answer.status, 403, "{method} {path}");
        }
    }
});

both!(the_administrator_of_another_tenant_finds_nothing_here, |server| {
    let list = routes(&server).await;
    let target =
        list.iter().find_map(|(_, path, _)| path.strip_prefix("/api/v1/people/")).unwrap().to_owned();
    let (_, mut other) = server.other_tenant("other").await;
    server.prove(&mut other).await;
    for (method, path, access) in &list {
        // Only routes that name something of the first tenant.
        if matches!(access, Access::Public(_)) || !path.contains("-7") {
            continue;
        }
        let answer = try_as(&mut other.clone(), method, path).await;
        assert_eq!(answer.status, 404, "{method} {path}: {}", answer.text);
    }
    let page = other.clone().get("/people").await.ok();
    assert!(!page.contains("target"));
    let mut admin = server.administrator().await;
    let person = admin.get(&format!("/api/v1/people/{}", target.split('/').next().unwrap())).await.json();
    assert_eq!(
        (person["name"].as_str(), person["state"].as_str()),
        (Some("target"), Some("active")),
        "untouched"
    );
});
