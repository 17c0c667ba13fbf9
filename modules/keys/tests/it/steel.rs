//! A calm take and return with a real box before the module: enrolled by its claim code, connected over TLS, with its own
//! panel, journal and latches; only the steel and the hand are simulated.

use std::sync::Arc;
use std::time::Duration;

use sekisho_agent::box_logic::{PanelAction, Screen, View};
use sekisho_agent::fleet::{BoxSetup, SimulatedBox};
use sekisho_agent::home::Home;
use sekisho_crypto::certificates::{Authority, ServerIdentity};
use sekisho_devices::{Announcement, GatewayOptions};
use sekisho_kernel::World;
use sekisho_policy::Right;
use sekisho_wire::{Code, Enrolled};
use serde_json::{Value, json};
use tokio::net::TcpListener;
use tokio::task::JoinHandle;
use tokio_util::sync::CancellationToken;

use crate::panel::{number, six_digits};
use crate::scene::Scene;

/// Longer than anything here takes on a busy machine.
pub(crate) const PATIENCE: Duration = Duration::from_secs(60);

/// The endpoint of devices, and the box of the scene connected to it.
pub(crate) struct Stand {
    pub(crate) smartbox: SimulatedBox,
    stop: CancellationToken,
    served: JoinHandle<()>,
    _folder: tempfile::TempDir,
}

impl Stand {
    pub(crate) async fn before(scene: &Scene) -> Self {
        Self::proving_within(scene, sekisho_agent::updates::SELF_TEST_WITHIN).await
    }

    /// The same; a new program has so long to prove itself.
    pub(crate) async fn proving_within(scene: &Scene, prove_within: Duration) -> Self {
        let devices = scene.server.foundation().devices.clone();
        let world: Arc<dyn World> = scene.server.world.clone();
        let (from, until) = (world.now(), world.now().plus(Duration::from_secs(86_400)));
        let authority = Authority::generate("test server", from, 1, &*world).unwrap();
        let issued = authority.issue_server(&["127.0.0.1".to_owned()], from, until, &*world).unwrap();
        let identity = Arc::new(ServerIdentity::from_pem(&issued.chain_pem, &issued.key_pem).unwrap());
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        devices.announce(Announcement {
            address: listener.local_addr().unwrap().to_string(),
            server_trust: authority.certificate_pem().to_owned(),
            ..Announcement::default()
        });
        let stop = CancellationToken::new();
        let (until, clock) = (stop.clone(), world.clone());
        let served = tokio::spawn(async move {
            devices.serve(listener, identity, clock, GatewayOptions::default(), until).await.unwrap();
        });
        let folder = tempfile::tempdir().unwrap();
        let home = enrol(scene, folder.path()).await;
        let mut setup = BoxSetup::new(home, world, 4);
        setup.prove_within = prove_within;
        setup.cabinet = sekisho_agent::driver::Cabinet::with_fobs(
            4,
            [(1, "FOB-VAN".to_owned()), (2, "FOB-STORE".to_owned())],
        );
        let smartbox = SimulatedBox::start(setup).await.unwrap();
        Self { smartbox, stop, served, _folder: folder }
    }

    /// What the panel shows once `wanted` accepts it.
    pub(crate) async fn shows(&self, what: &str, wanted: impl FnMut(&View) -> bool) -> Screen {
        match self.smartbox.wait_for(PATIENCE, wanted).await {
            Some(view) => view.screen,
            None => panic!("the panel never shows {what}: {:?}", self.smartbox.view().screen),
        }
    }

    /// The bin that sprang open for the person at the panel.
    pub(crate) async fn open_bin(&self, wanted: &str) -> u16 {
        let open = |view: &View| matches!(view.screen, Screen::AtBin { step: "open", .. });
        match self.shows("an open bin", open).await {
            Screen::AtBin { bin, purpose, .. } if purpose == wanted => bin,
            other => panic!("{other:?}"),
        }
    }

    pub(crate) async fn stop(self) {
        self.smartbox.stop().await;
        self.stop.cancel();
        self.served.await.unwrap();
    }
}

/// The box's own way to a certificate: a claim code from the administrator's page, a request that holds no key.
async fn enrol(scene: &Scene, folder: &std::path::Path) -> Home {
    let mut admin = scene.server.administrator().await;
    let path = format!("/api/v1/devices/{}/claim", scene.device);
    let claim = admin.api("POST", &path, Value::Null).await.json()["claim"].as_str().unwrap().to_owned();
    let prepared = sekisho_agent::enrol::prepare(&claim).unwrap();
    let body = serde_json::to_value(&prepared.body).unwrap();
    let mut nobody = scene.server.stranger();
    let answer = nobody.api("POST", "/api/v1/enrol", body.clone()).await.ok();
    let enrolled: Enrolled = serde_json::from_str(&answer).unwrap();
    assert_eq!(enrolled.device, scene.device.to_string());
    let again = nobody.api("POST", "/api/v1/enrol", body).await;
    assert!(again.status.is_client_error(), "a claim code works once: {}", again.status);
    let home = Home::at(folder.join("box"));
    home.install(&enrolled, &prepared.key_pem).unwrap();
    home
}

/// Waits until the API says of the van's key what is `wanted`.
async fn until_the_van_is(scene: &Scene, wanted: Value) {
    let mut changes = scene.server.foundation().store.changes();
    let mut last = Value::Null;
    let waited = async {
        loop {
            let key = scene.key(scene.van).await;
            last = json!({ "state": key["state"], "bin": key["bin"], "holder": key["holder_name"] });
            if last == wanted {
                return;
            }
            // A commit may be the one; a commit between the look and here would be missed, so look again soon.
            let _ = tokio::time::timeout(Duration::from_millis(50), changes.recv()).await;
        }
    };
    let waited = tokio::time::timeout(PATIENCE, waited).await;
    assert!(waited.is_ok(), "the van's key is {last}, not {wanted}");
}

story!(a_key_goes_out_of_a_real_box_and_comes_back, |scene| {
    let sato = scene.person("sato", Right::Exchange, Scene::on_key(scene.van)).await;
    number(&scene, sato, "4242").await;
    let stand = Stand::before(&scene).await;
    let smartbox = &stand.smartbox;
    stand.shows("that it is connected and set up", |view| view.online && view.name.ja == "Box A").await;

    smartbox.press(PanelAction::IdNumber { value: Code::new("4242") }).await;
    let Screen::Proof { pin: false, sent_to: Some(_), .. } =
        stand.shows("the question for a code", |view| matches!(view.screen, Screen::Proof { .. })).await
    else {
        panic!("a code that was sent somewhere")
    };
    scene.server.settle().await;
    let code = six_digits(&scene.mailbox().await);
    smartbox.press(PanelAction::Prove { value: Code::new(code) }).await;
    let chosen = stand.shows("the keys", |view| matches!(view.screen, Screen::Choose { .. })).await;
    let Screen::Choose { name, takeable, held, .. } = chosen else { panic!("{chosen:?}") };
    let offered: Vec<_> = takeable.iter().map(|line| (line.name.as_str(), line.bin)).collect();
    assert_eq!((name.as_str(), &offered[..], held.len()), ("sato", &[("Van 3", Some(1))][..], 0));

    smartbox.press(PanelAction::Take { key: scene.van.resource() }).await;
    assert_eq!(stand.open_bin("take").await, 1);
    assert_eq!(smartbox.take_fob(1).as_deref(), Some("FOB-VAN"));
    stand.shows("that it is theirs", |view| matches!(view.screen, Screen::Taken { .. })).await;
    until_the_van_is(&scene, json!({ "state": "out", "bin": null, "holder": "sato" })).await;
    smartbox.press(PanelAction::End).await;

    // The fob held to the reader is enough: a key can always be returned.
    smartbox.cabinet().hold_fob("FOB-VAN");
    let bin = stand.open_bin("return").await;
    assert_eq!(bin, 1, "its own bin");
    assert!(smartbox.put_fob(bin, "FOB-VAN"));
    stand.shows("that it is back", |view| matches!(view.screen, Screen::Returned { .. })).await;
    until_the_van_is(&scene, json!({ "state": "in", "bin": 1, "holder": null })).await;
    assert_eq!(scene.open_loans(scene.van).await, 0);

    // The steel and the record tell the same story.
    let opened = smartbox.cabinet().cabinet().openings;
    let bins: Vec<_> = opened.iter().map(|opening| (opening.bin, opening.order.is_some())).collect();
    assert_eq!(bins.len(), 2, "one opening to take and one to return: {opened:?}");
    assert_eq!(bins[0], (1, true), "for the command that was committed");
    let record = scene.record().await;
    let told = ["device.enrol", "key.release", "key.take_out", "key.return"];
    let places: Vec<_> = told.iter().map(|act| record.iter().position(|one| one == act)).collect();
    assert!(places.iter().all(Option::is_some) && places.is_sorted(), "{told:?} in {record:?}");
    for act in &told[1..] {
        assert_eq!(record.iter().filter(|one| one == act).count(), 1, "{act} once in {record:?}");
    }
    stand.stop().await;
});

story!(a_box_that_falls_silent_needs_somebody_until_it_speaks_again, |scene| {
    let stand = Stand::before(&scene).await;
    stand.shows("that it is connected", |view| view.online).await;
    let (_, mut other) = scene.server.other_tenant("globex").await;
    let mut admin = scene.server.administrator().await;
    let words = "Box A から応答がありません";
    until_the_first_page(&scene, &mut admin, words, false).await;
    stand.smartbox.cut_network(true);
    until_the_first_page(&scene, &mut admin, words, true).await;
    let page = admin.get("/").await.ok();
    assert!(!page.contains("応答のない機器"), "a box is told of once, with its keys: {page}");
    assert!(!other.get("/").await.ok().contains(words), "nothing of another organisation");
    stand.smartbox.cut_network(false);
    until_the_first_page(&scene, &mut admin, words, false).await;
    stand.stop().await;
});

/// Waits until the first page says `words`, or says them no more.
async fn until_the_first_page(scene: &Scene, admin: &mut sekisho_testkit::Client, words: &str, says: bool) {
    let mut changes = scene.server.foundation().store.changes();
    let waited = async {
        while admin.get("/").await.ok().contains(words) != says {
            let _ = tokio::time::timeout(Duration::from_millis(50), changes.recv()).await;
        }
    };
    let waited = tokio::time::timeout(PATIENCE, waited).await;
    assert!(waited.is_ok(), "{words}: never {says}");
}

story!(a_box_that_is_shut_out_over_the_api_is_cut_off_at_once, |scene| {
    let stand = Stand::before(&scene).await;
    stand.shows("that it is connected", |view| view.online).await;
    let mut admin = scene.server.administrator().await;
    let path = format!("/api/v1/devices/{}", scene.device);
    // It cannot be undone, so it takes a proof of a moment ago.
    admin.api("DELETE", &path, Value::Null).await.expect(403);
    assert!(stand.smartbox.view().online);
    scene.server.prove(&mut admin).await;
    admin.api("DELETE", &path, Value::Null).await.expect(204);
    let answered = std::time::Instant::now();
    stand.shows("that it is cut off", |view| !view.online).await;
    println!("the session ended {:?} after the answer", answered.elapsed());
    let devices = scene.server.foundation().devices.clone();
    assert!(!devices.is_connected_here(scene.server.tenant, scene.device));
    let now = admin.api("GET", &path, Value::Null).await.json();
    assert_eq!(now["state"], "revoked", "{now}");
    stand.stop().await;
});
