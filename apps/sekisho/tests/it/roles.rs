//! One installation in several processes, sockets from systemd, and an end that loses nothing.

use std::os::fd::OwnedFd;
use std::process::Stdio;
use std::sync::Arc;

use sekisho_storage::Engine;
use serde_json::Value;
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::TcpStream;
use tokio::process::Command;
use tokio_rustls::TlsConnector;

use crate::stage::{PATIENCE, Serving, Stage};

/// Asks until `wanted` says yes, as a condition that others bring about.
async fn until<F: Future<Output = bool>>(what: &str, wanted: impl Fn() -> F) {
    let asked = async {
        while !wanted().await {
            tokio::task::yield_now().await;
        }
    };
    tokio::time::timeout(PATIENCE, asked).await.unwrap_or_else(|_| panic!("never: {what}"));
}

async fn readiness(stage: &Stage) -> (u16, String) {
    match reqwest::get(stage.probe("/readyz")).await {
        Ok(answer) => (answer.status().as_u16(), answer.text().await.unwrap()),
        Err(error) => (0, error.to_string()),
    }
}

async fn token(stage: &Stage) -> String {
    let words = [
        "token",
        "add",
        "--person",
        "sato@aoba.example",
        "--name",
        "sim",
        "--scope",
        "*:admin",
        "--scope",
        "*:read",
    ];
    stage.run(&words).await.done()["token"].as_str().unwrap().to_owned()
}

#[tokio::test(flavor = "multi_thread")]
async fn each_role_alone_is_ready() {
    for (engine, role) in
        [(Engine::Postgres, "worker"), (Engine::Sqlite, "gateway"), (Engine::Sqlite, "devices")]
    {
        let stage = Stage::new(engine).await;
        stage.setup().await.done();
        let serving = stage.serve(&["--roles", role]).await;
        assert_eq!(serving.said["roles"], serde_json::json!([role]));
        assert_eq!(serving.said["listening"]["http"], Value::Null);
        assert_eq!(serving.said["listening"]["devices"].is_null(), role != "devices");
        assert_eq!(readiness(&stage).await.0, 200, "{role}");
        serving.stop().await;
    }
}

/// People see pages from one process, boxes talk to another; a key is taken between them.
#[tokio::test(flavor = "multi_thread")]
async fn two_processes_lend_a_key_together() {
    let mut stage = Stage::new(Engine::Postgres).await;
    stage.setup().await.done();
    let (token, url, client) = (token(&stage).await, stage.url(), stage.client());
    let web = stage.serve(&["--roles", "web"]).await;
    assert_eq!(web.said["listening"]["devices"], Value::Null);
    stage.ports_of_a_second_process();
    let others = stage.serve(&["--roles", "devices,worker"]).await;
    assert_eq!(others.said["listening"]["http"], Value::Null);

    let authority = stage.authority();
    let mut sim = stage.command();
    sim.arg("--json").arg("sim").args(["--server", &url, "--token", &token, "--furnish", "--devices", "2"]);
    sim.arg("--ca").arg(&authority).args(["--bins", "2", "--visits-per-hour", "7200"]);
    let sim = sim.stdout(Stdio::piped()).stderr(Stdio::piped()).spawn().unwrap();
    let pid = sim.id().unwrap().to_string();
    let loans = || async {
        let answer = client.get(format!("{url}/api/v1/key-loans")).bearer_auth(&token).send().await.unwrap();
        let loans: Value = answer.json().await.unwrap();
        loans["items"].as_array().is_some_and(|items| items.iter().any(|loan| loan["state"] == "out"))
    };
    until("a key taken at a box is out on the pages", loans).await;
    assert!(Command::new("kill").args(["-INT", &pid]).status().await.unwrap().success());
    let ended = sim.wait_with_output().await.unwrap();
    let tally: Value = serde_json::from_slice(&ended.stdout)
        .unwrap_or_else(|error| panic!("{error}: {}", String::from_utf8_lossy(&ended.stderr)));
    // The loan stands in the record before the hand has left the box, so the tally of hands may still be at none.
    assert_eq!(tally["connected"], 2, "{tally}");
    web.stop().await;
    others.stop().await;
}

/// Opens a connection and sends all but the last bytes of a form.
async fn half_a_request(stage: &Stage, address: &str) -> tokio_rustls::client::TlsStream<TcpStream> {
    let pem = std::fs::read_to_string(stage.authority()).unwrap();
    let world = sekisho_crypto::system_world();
    let config = sekisho_crypto::certificates::client_config(&pem, None, &world).unwrap();
    let tcp = TcpStream::connect(address).await.unwrap();
    let name = rustls::pki_types::ServerName::try_from("localhost").unwrap();
    let mut stream = TlsConnector::from(Arc::clone(&config)).connect(name, tcp).await.unwrap();
    let head = "POST /display HTTP/1.1\r\nhost: localhost\r\nsec-fetch-site: same-origin\r\n\
                content-type: application/x-www-form-urlencoded\r\ncontent-length: 10\r\n\r\ntheme=";
    stream.write_all(head.as_bytes()).await.unwrap();
    stream.flush().await.unwrap();
    stream
}

#[tokio::test(flavor = "multi_thread")]
async fn who_is_under_way_arrives_when_the_server_is_asked_to_stop() {
    let mut stage = Stage::new(Engine::Sqlite).await;
    stage.setup().await.done();
    stage.set("SEKISHO_HTTP__DRAIN_NOTICE", "600");
    let mut serving = stage.serve(&[]).await;
    let address = serving.said["listening"]["http"].as_str().unwrap().to_owned();
    assert_eq!(readiness(&stage).await, (200, "ready\n".to_owned()));
    let mut under_way = half_a_request(&stage, &address).await;

    serving.ask_to_stop().await;
    until("readiness turns red", || async { readiness(&stage).await == (503, "draining\n".to_owned()) })
        .await;
    // Whoever is still sent here by a balancer that has not looked yet is answered.
    let page = stage.client().get(format!("{}/sign-in", stage.url())).send().await.unwrap();
    assert_eq!(page.status(), 200);

    // A second signal: the notice is cut short, and nobody new is let in.
    serving.ask_to_stop().await;
    until("the door is closed", || async { TcpStream::connect(&address).await.is_err() }).await;
    assert_eq!(readiness(&stage).await.0, 503, "the probes answer until the end");
    under_way.write_all(b"dark").await.unwrap();
    under_way.flush().await.unwrap();
    let mut answer = Vec::new();
    // The server closes without TLS's farewell at times; what counts is the answer.
    let _ = under_way.read_to_end(&mut answer).await;
    let answer = String::from_utf8_lossy(&answer);
    assert!(answer.starts_with("HTTP/1.1 303"), "{answer}");
    let ended = tokio::time::timeout(PATIENCE, serving.child.wait()).await.unwrap().unwrap();
    assert!(ended.success(), "{ended:?}");
}

#[tokio::test(flavor = "multi_thread")]
async fn sockets_are_taken_over_from_systemd() {
    let stage = Stage::new(Engine::Sqlite).await;
    stage.setup().await.done();
    // Systemd holds the socket; who connects before the server runs waits in its queue.
    let held = std::net::TcpListener::bind("127.0.0.1:0").unwrap();
    let address = held.local_addr().unwrap().to_string();
    let early = TcpStream::connect(&address).await.unwrap();
    for (name, works) in [("http", true), ("else", false)] {
        let mut command = Command::new("sh");
        stage.environment(&mut command);
        let script = "exec 3<&0 </dev/null; export LISTEN_PID=$$ LISTEN_FDS=1; exec \"$0\" --json serve";
        command.args(["-c", script, env!("CARGO_BIN_EXE_sekisho")]).env("LISTEN_FDNAMES", name);
        command.stdin(Stdio::from(OwnedFd::from(held.try_clone().unwrap())));
        if works {
            let serving = Serving::start(command).await;
            assert_eq!(serving.said["listening"]["http"], Value::String(address.clone()));
            let port = address.rsplit(':').next().unwrap();
            let page = stage.client().get(format!("https://localhost:{port}/sign-in")).send().await.unwrap();
            assert_eq!(page.status(), 200);
            serving.stop().await;
        } else {
            let output = command.output().await.unwrap();
            let said = String::from_utf8_lossy(&output.stderr).into_owned();
            assert!(!output.status.success() && said.contains("FileDescriptorName="), "{said}");
        }
    }
    drop(early);
}
