//! Every route, tried as nobody, as a colleague without rights, and as the administrator of another tenant.

use sekisho_storage::Engine;
use sekisho_testkit::{Client, TestServer};
use sekisho_web::{Access, RouteSpec};

use crate::stage;

async fn server() -> TestServer {
    TestServer::start(Engine::Sqlite, stage::migrations(), stage::mounts).await
}

/// The path with `id` for each of its parameters.
fn filled(path: &str, id: &str) -> String {
    path.split('/').map(|part| if part.starts_with('{') { id } else { part }).collect::<Vec<_>>().join("/")
}

async fn ask(client: &mut Client, route: &RouteSpec, path: &str) -> (u16, String) {
    let answer = if route.path.starts_with("/api/") || route.path.starts_with("/access/") {
        let body = if route.method == "GET" { serde_json::Value::Null } else { serde_json::json!({}) };
        client.api(route.method, path, body).await
    } else if route.method == "GET" {
        client.get(path).await
    } else {
        client.post(path, &[]).await
    };
    let location =
        answer.headers.get("location").and_then(|to| to.to_str().ok()).unwrap_or_default().to_owned();
    (answer.status.as_u16(), location)
}

/// Event streams never end, so they are tried by their own tests.
fn is_stream(route: &RouteSpec) -> bool {
    route.path == "/live"
}

#[tokio::test(flavor = "multi_thread")]
async fn nobody_gets_past_the_door() {
    let server = server().await;
    let mut wrong = Vec::new();
    for route in server.host.routes().to_vec() {
        if matches!(route.access, Access::Public(_)) || is_stream(&route) {
            continue;
        }
        let path = filled(route.path, "0190d3c0-0000-7000-8000-000000000001");
        let (status, location) = ask(&mut server.stranger(), &route, &path).await;
        let to_the_door = status == 303 && location.starts_with("/sign-in");
        if !(to_the_door || status == 401) {
            wrong.push(format!("{} {} → {status} {location}", route.method, route.path));
        }
    }
    assert!(wrong.is_empty(), "{wrong:#?}");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_colleague_without_rights_administers_nothing_and_breaks_nothing() {
    let server = server().await;
    let colleague = server.colleague("tanaka").await;
    let mut wrong = Vec::new();
    for route in server.host.routes().to_vec() {
        if matches!(route.access, Access::Public(_)) || is_stream(&route) || route.path == "/sign-out" {
            continue;
        }
        let path = filled(route.path, "0190d3c0-0000-7000-8000-000000000001");
        // A fresh sign-in for each, as some routes end sessions.
        let (status, location) = ask(&mut server.signed_in(&colleague).await, &route, &path).await;
        let refused = matches!(status, 401 | 403 | 404);
        if status >= 500 || (matches!(route.access, Access::Administrator | Access::Proven) && !refused) {
            wrong.push(format!("{} {} → {status} {location}", route.method, route.path));
        }
    }
    assert!(wrong.is_empty(), "{wrong:#?}");
}

/// Things of one tenant, asked for by the administrator of another: missing, never shown.
#[tokio::test(flavor = "multi_thread")]
async fn another_tenants_things_are_missing() {
    let server = server().await;
    let colleague = server.colleague("tanaka").await;
    let mut ours = server.administrator().await;
    let site = ours
        .api(
            "POST",
            "/api/v1/sites",
            serde_json::json!({ "name": "HQ", "address": "Tokyo", "zone": "Asia/Tokyo" }),
        )
        .await
        .expect(201)
        .json();
    let site = site["id"].as_str().unwrap().to_owned();
    let (_, mut theirs) = server.other_tenant("globex").await;
    let ids = [site, colleague.person.to_string(), server.admin.to_string()];
    let mut wrong = Vec::new();
    for route in server.host.routes().to_vec() {
        let reads = route.method == "GET" && route.path.contains('{') && !is_stream(&route);
        if !reads || matches!(route.access, Access::Public(_)) {
            continue;
        }
        for id in &ids {
            // Nothing tells an id of another tenant from one that never was.
            let never = "0190d3c0-0000-7000-8000-000000000001";
            let ours = theirs.get(&filled(route.path, id)).await;
            let nobodys = theirs.get(&filled(route.path, never)).await;
            let same = ours.status == nobodys.status
                && (!ours.status.is_success()
                    || ours.text.replace(id, "") == nobodys.text.replace(never, ""));
            if !same || ours.status.is_server_error() {
                wrong.push(format!(
                    "{} {} → {} and {}",
                    route.method, route.path, ours.status, nobodys.status
                ));
            }
        }
    }
    assert!(wrong.is_empty(), "{wrong:#?}");
    // The same ids open at home.
    ours.get(&format!("/settings/places/{}", ids[0])).await.ok();
    ours.get(&format!("/people/{}", ids[1])).await.ok();
}

#[tokio::test(flavor = "multi_thread")]
async fn every_route_of_the_api_is_described() {
    let server = server().await;
    let gaps = server.host.site().api_gaps();
    assert!(gaps.is_empty(), "{gaps:#?}");
}

/// The tests of this folder mount the modules themselves; a module that only the server mounts would escape them.
#[tokio::test(flavor = "multi_thread")]
async fn these_are_the_modules_of_the_server() {
    let tried = server().await.host.site().openapi().to_json().unwrap();
    let stage = stage::Stage::new(Engine::Sqlite).await;
    stage.setup().await.done();
    let serving = stage.serve(&[]).await;
    let url = format!("{}/api/openapi.json", stage.url());
    let served: serde_json::Value = stage.client().get(url).send().await.unwrap().json().await.unwrap();
    serving.stop().await;
    let paths = |description: &serde_json::Value| -> Vec<String> {
        description["paths"].as_object().unwrap().keys().cloned().collect()
    };
    assert_eq!(paths(&served), paths(&serde_json::from_str(&tried).unwrap()));
}

/// Rooms and modules hold each other; a server that ends must not keep its store open for that.
#[tokio::test(flavor = "multi_thread")]
async fn a_server_that_ends_closes_its_store() {
    let server = server().await;
    server.administrator().await.get("/").await.ok();
    let sekisho_storage::Place::Sqlite(store) = server.store_options().place.clone() else { unreachable!() };
    let open = || {
        let files = std::fs::read_dir("/proc/self/fd").unwrap().flatten();
        let paths = files.filter_map(|file| std::fs::read_link(file.path()).ok());
        let store = store.to_string_lossy();
        paths.filter(|path| path.to_string_lossy().starts_with(&*store)).count()
    };
    assert!(open() > 0);
    drop(server);
    // Connections are closed by threads of their own.
    let closed = async {
        while open() > 0 {
            tokio::time::sleep(std::time::Duration::from_millis(5)).await;
        }
    };
    let closed = tokio::time::timeout(stage::PATIENCE, closed).await;
    assert!(closed.is_ok(), "{} files are still open", open());
}
