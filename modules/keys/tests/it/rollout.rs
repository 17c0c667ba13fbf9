//! An image that does not prove itself at a real box: what the box noticed is what administrators read, in the API, on the
//! page and in the message that the rollout has stopped.

use std::time::Duration;

use sekisho_crypto::{sha256, system_world};
use sekisho_devices::{Devices, Publication};
use sekisho_kernel::Cx;
use sekisho_testkit::Client;
use sekisho_updates::offline::{RootDocument, Signers, TargetsDocument};
use sekisho_updates::{Image, RoleKey, Version};
use serde_json::{Value, json};

use crate::scene::Scene;
use crate::steel::{PATIENCE, Stand};

/// Publishes an image of version 2.0.0 whose program behaves like this, signed by one person.
async fn publish(devices: &Devices, cx: &Cx, behaviour: &str) {
    let key = RoleKey::generate(&*system_world()).unwrap();
    let later = cx.now.plus(Duration::from_secs(86_400));
    let signers = Signers {
        root: vec![key.public()],
        root_threshold: 1,
        targets: vec![key.public()],
        targets_threshold: 1,
        online: devices.online_key(cx).await.unwrap(),
    };
    let bytes = format!("sekisho simulated image\nversion 2.0.0\n{behaviour}\n").into_bytes();
    let image = Image {
        name: "box-2.0.0".to_owned(),
        hardware: "smartbox-simulated".to_owned(),
        version: Version(2, 0, 0),
        min_agent: Version(0, 0, 1),
        security_version: 2,
        length: bytes.len() as u64,
        sha256: sha256(&bytes),
    };
    let mut root = RootDocument::first(&signers, later).unwrap();
    root.sign(&key, None).unwrap();
    let mut targets = TargetsDocument::first(later).unwrap();
    targets.put(&image).unwrap();
    targets.sign(&key, &root).unwrap();
    devices.trust_roots(cx, &[root.to_bytes().unwrap()]).await.unwrap();
    let publication = Publication { roots: Vec::new(), targets: targets.to_bytes().unwrap() };
    devices.publish(cx, &publication).await.unwrap();
    let hash: String = image.sha256.iter().map(|byte| format!("{byte:02x}")).collect();
    assert!(devices.put_part(cx, &hash, 0, &bytes).await.unwrap());
}

/// Asks until the answer is wanted; the box and the sweep of the server go on meanwhile.
async fn until(scene: &Scene, what: &str, mut ask: impl AsyncFnMut() -> Option<Value>) -> Value {
    let mut changes = scene.server.foundation().store.changes();
    let waited = async {
        loop {
            if let Some(answer) = ask().await {
                return answer;
            }
            // A commit may be the one; a commit between the look and here would be missed, so look again soon.
            let _ = tokio::time::timeout(Duration::from_millis(50), changes.recv()).await;
        }
    };
    tokio::time::timeout(PATIENCE, waited).await.unwrap_or_else(|_| panic!("never: {what}"))
}

/// Starts a rollout of everything at once, as soon as the box has told what it is.
async fn start(scene: &Scene, admin: &mut Client) -> String {
    let ask = json!({ "image": "box-2.0.0", "stages": "100%", "success": 100, "errors": 0, "hours": 1 });
    let started = until(scene, "a box to roll out to", async || {
        let answer = admin.api("POST", "/api/v1/devices/rollouts", ask.clone()).await;
        (answer.status == 201).then(|| answer.json())
    });
    started.await["id"].as_str().unwrap().to_owned()
}

story!(administrators_read_why_a_box_went_back, |scene| {
    let devices = scene.server.foundation().devices.clone();
    publish(&devices, &scene.server.cx(), "senses nothing").await;
    let stand = Stand::proving_within(&scene, Duration::from_millis(500)).await;
    stand.shows("that it is connected and set up", |view| view.online && view.name.ja == "Box A").await;
    let mut admin = scene.server.administrator().await;
    scene.server.prove(&mut admin).await;
    let id = start(&scene, &mut admin).await;

    let path = format!("/api/v1/devices/rollouts/{id}");
    let ended = until(&scene, "the rollout stops by itself", async || {
        let rollout = admin.api("GET", &path, Value::Null).await.json();
        (rollout["state"] == "halted").then_some(rollout)
    })
    .await;
    assert_eq!((&ended["stages"][0]["failed"], &ended["stages"][0]["good"]), (&json!(1), &json!(0)));
    let boxes = admin.api("GET", &format!("{path}/devices"), Value::Null).await.json();
    let [one] = &boxes["items"].as_array().unwrap()[..] else { panic!("{boxes}") };
    assert_eq!((&one["name"], &one["state"]), (&json!("SmartBox 1"), &json!("reverted")));
    assert_eq!(one["why"], "self_test_bins");

    let why = "新しいプログラムが扉のセンサーを読み取れませんでした";
    let page = admin.get(&format!("/devices/updates/{id}")).await.ok();
    assert!(page.contains("SmartBox 1") && page.contains(why), "{page}");
    scene.server.settle().await;
    let mails = scene.mailbox().await;
    let told: Vec<_> = mails.iter().filter(|mail| mail.contains("box-2.0.0")).collect();
    let [told] = told[..] else { panic!("{mails:?}") };
    assert!(told.contains(why) && told.contains("1 台のうち 1 台"), "{told}");
    // It runs what it ran before, for whoever comes.
    stand.shows("its first screen", |view| view.online && view.bins.len() == 4).await;
    stand.stop().await;
});
