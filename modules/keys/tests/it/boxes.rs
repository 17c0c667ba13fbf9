//! Boxes: added, changed, disabled bins, taken down.

use sekisho_keys::TakeOutError;
use sekisho_policy::Right;
use serde_json::{Value, json};

use crate::scene::Scene;

story!(a_disabled_bin_gives_nothing_out, |scene| {
    let sato = scene.person("sato", Right::Exchange, Scene::on_key(scene.van)).await;
    let mut admin = scene.server.administrator().await;
    let base = format!("/api/v1/key-boxes/{}/bins/1", scene.place);
    admin.api("POST", &format!("{base}/disable"), json!({ "reason": "" })).await.expect(422);
    admin.api("POST", &format!("{base}/disable"), json!({ "reason": "hinge" })).await.expect(204);
    let refused = scene.releases(sato, scene.van).await;
    assert!(matches!(refused, Err(TakeOutError::BinDisabled)), "{refused:?}");
    admin.api("POST", &format!("{base}/enable"), Value::Null).await.expect(204);
    assert!(scene.releases(sato, scene.van).await.is_ok());
});

story!(a_box_goes_when_it_is_empty, |scene| {
    let mut admin = scene.server.administrator().await;
    let base = format!("/api/v1/key-boxes/{}", scene.place);
    admin.api("DELETE", &base, Value::Null).await.expect(422); // no If-Match
    let mut admin = admin.with_header("if-match", "*");
    let full = admin.api("DELETE", &base, Value::Null).await.expect(422);
    assert!(full.text.contains("keys-refused-box-not-empty"), "{}", full.text);
    for key in [scene.van, scene.store_room] {
        admin
            .api("POST", &format!("/api/v1/keys/{key}/withdraw"), json!({ "reason": "sold" }))
            .await
            .expect(204);
        admin.api("GET", &format!("/api/v1/keys/{key}"), Value::Null).await.expect(404);
    }
    admin.api("DELETE", &base, Value::Null).await.expect(204);
    admin.api("GET", &base, Value::Null).await.expect(404);
});

#[tokio::test]
async fn an_empty_installation_says_what_to_do_first() {
    use sekisho_testkit::TestServer;
    let server =
        TestServer::start(sekisho_storage::Engine::Sqlite, sekisho_keys::migrations(), |foundation| {
            vec![sekisho_keys::mount(foundation)]
        })
        .await;
    let page = server.administrator().await.get("/keys").await.ok();
    assert!(page.contains("/keys/boxes/new"), "{page}");
}
