//! From the signers to the box: published, rolled out, taken, kept, and seen by those who run it.

use sekisho_agent::fleet::{BoxSetup, SimulatedBox};
use sekisho_crypto::sha256;
use sekisho_devices::rollout::{Progress, RolloutState};
use sekisho_devices::{NewRollout, Publication};
use sekisho_updates::offline::{RootDocument, Signers, TargetsDocument};
use sekisho_updates::{Image, RoleKey, Version};
use sekisho_wire::{EventKind, UpdateStep};

use crate::cloud::PATIENCE;
use crate::real_endpoint::Server;

#[tokio::test(flavor = "multi_thread")]
async fn a_published_image_is_rolled_out_taken_and_kept() {
    let server = Server::start().await;
    let cx = server.cx();
    let key = || RoleKey::generate(&*server.world).unwrap();
    let (first, second) = (key(), key());
    let later = cx.now.plus(std::time::Duration::from_secs(86_400));
    let signers = Signers {
        root: vec![first.public(), second.public()],
        root_threshold: 2,
        targets: vec![first.public(), second.public()],
        targets_threshold: 2,
        online: server.devices.online_key(&cx).await.unwrap(),
    };
    let mut root = RootDocument::first(&signers, later).unwrap();
    let mut targets = TargetsDocument::first(later).unwrap();
    let bytes = b"sekisho simulated image\nversion 2.0.0\n".to_vec();
    let image = Image {
        name: "box-2.0.0".to_owned(),
        hardware: "smartbox-simulated".to_owned(),
        version: Version(2, 0, 0),
        min_agent: Version(0, 0, 1),
        security_version: 2,
        length: bytes.len() as u64,
        sha256: sha256(&bytes),
    };
    targets.put(&image).unwrap();
    for key in [&first, &second] {
        root.sign(key, None).unwrap();
        targets.sign(key, &root).unwrap();
    }
    server.devices.trust_roots(&cx, &[root.to_bytes().unwrap()]).await.unwrap();
    let publication = Publication { roots: Vec::new(), targets: targets.to_bytes().unwrap() };
    server.devices.publish(&cx, &publication).await.unwrap();
    let hash: String = image.sha256.iter().map(|byte| format!("{byte:02x}")).collect();
    assert!(server.devices.put_part(&cx, &hash, 0, &bytes).await.unwrap());

    let folder = tempfile::tempdir().unwrap();
    let home = server.enrol(folder.path()).await;
    // A box that was never set up cannot show that it works.
    let mut tx = server.module.store.begin(&cx).await.unwrap();
    let device = server.devices.devices(&tx).await.unwrap().remove(0).id;
    server.devices.configure(&mut tx, device, crate::stand::config()).await.unwrap();
    tx.commit_bookkeeping("test").await.unwrap();
    let mut setup = BoxSetup::new(home, server.world.clone(), 4);
    setup.longest_pause = std::time::Duration::from_millis(200);
    let one = SimulatedBox::start(setup).await.unwrap();
    one.wait_for(PATIENCE, |view| view.online).await.expect("online");
    let wanted = NewRollout {
        image: image.name.clone(),
        stages: "100%".to_owned(),
        success: 100,
        errors: 0,
        hours: 1,
        ..NewRollout::default()
    };
    // As soon as its first report told what it is.
    let rollout = async {
        loop {
            if let Ok(id) = server.devices.start_rollout(&cx, wanted.clone()).await {
                return id;
            }
            tokio::task::yield_now().await;
        }
    };
    let id = tokio::time::timeout(PATIENCE, rollout).await.expect("a box to roll out to");
    let mut heard = server.module.heard.subscribe();
    let good = heard.wait_for(|heard| {
        heard.iter().any(|(_, event)| {
            matches!(&event.kind, EventKind::Updating { rollout, step: UpdateStep::Good, .. } if *rollout == id.uuid())
        })
    });
    tokio::time::timeout(PATIENCE, good).await.expect("the box keeps the image").unwrap();
    let finished = async {
        while server.devices.rollout(&cx, id).await.unwrap().state != RolloutState::Finished {
            tokio::task::yield_now().await;
        }
    };
    tokio::time::timeout(PATIENCE, finished).await.expect("the rollout ends");
    let seen = server.devices.rollout_devices(&cx, id).await.unwrap();
    assert_eq!(seen.iter().map(|one| one.state).collect::<Vec<_>>(), [Progress::Good]);
    one.stop().await;
}
