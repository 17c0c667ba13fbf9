//! The listener: slow clients, too many clients, both protocols, a graceful end.

use std::io::ErrorKind;
use std::sync::Arc;
use std::time::Duration;

use sekisho_crypto::certificates::{self, Authority, ServerIdentity};
use sekisho_crypto::system_world;
use sekisho_web::{Access, Limits, Peer, Routes, SiteOptions, serve_within};
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::Notify;
use tokio_util::sync::CancellationToken;

use crate::stage::{Stage, stage};

struct Running {
    address: std::net::SocketAddr,
    shutdown: CancellationToken,
    task: tokio::task::JoinHandle<std::io::Result<()>>,
    /// Lets the slow answer end.
    release: Arc<Notify>,
    _stage: Stage,
}

async fn run(limits: Limits, tls: Option<Arc<rustls::ServerConfig>>) -> Running {
    let release = Arc::new(Notify::new());
    let waiting = release.clone();
    let slow = move || async move {
        waiting.notified().await;
        "slow"
    };
    let routes = Routes::new("stage")
        .get("/fast", Access::Public("test"), || async { "fast" })
        .get("/slow", Access::Public("test"), slow)
        .get("/peer", Access::Public("test"), |axum::Extension(peer): axum::Extension<Peer>| async move {
            peer.encrypted.to_string()
        })
        .with_state(());
    let stage = stage(vec![routes], SiteOptions::default()).await;
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let address = listener.local_addr().unwrap();
    let shutdown = CancellationToken::new();
    let task = tokio::spawn(serve_within(limits, listener, tls, stage.site.router.clone(), shutdown.clone()));
    Running { address, shutdown, task, release, _stage: stage }
}

/// Reads until the other side ends the connection.
async fn rest(stream: &mut TcpStream) -> String {
    let mut text = Vec::new();
    let read = tokio::time::timeout(Duration::from_secs(5), stream.read_to_end(&mut text)).await;
    match read.expect("the connection stayed open") {
        Ok(_) => {}
        Err(error) => assert_eq!(error.kind(), ErrorKind::ConnectionReset),
    }
    String::from_utf8(text).unwrap()
}

fn hasty() -> Limits {
    Limits { patience: Duration::from_millis(200), idle: Duration::from_millis(600), ..Limits::default() }
}

#[tokio::test]
async fn who_sends_nothing_or_drop_by_drop_is_sent_away() {
    let running = run(hasty(), None).await;
    let mut silent = TcpStream::connect(running.address).await.unwrap();
    let mut drops = TcpStream::connect(running.address).await.unwrap();
    let dripping = async {
        for byte in b"GET /fast HTTP/1.1\r\nHost: a\r\nX-Slow: aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa" {
            if drops.write_all(&[*byte]).await.is_err() {
                break;
            }
            // Until the next drop, or until the other side has had enough.
            if tokio::time::timeout(Duration::from_millis(20), drops.readable()).await.is_ok() {
                break;
            }
        }
        rest(&mut drops).await
    };
    let (silent, dripped) = tokio::join!(rest(&mut silent), dripping);
    assert_eq!(silent, "");
    assert!(!dripped.contains("200 OK"), "{dripped}");
}

#[tokio::test]
async fn one_address_cannot_take_all_seats() {
    let running = run(Limits { per_address: 2, ..Limits::default() }, None).await;
    let ask = b"GET /fast HTTP/1.1\r\nHost: a\r\n\r\n";
    let mut kept = Vec::new();
    for _ in 0..2 {
        let mut stream = TcpStream::connect(running.address).await.unwrap();
        stream.write_all(ask).await.unwrap();
        let mut head = [0; 12];
        stream.read_exact(&mut head).await.unwrap();
        assert_eq!(&head, b"HTTP/1.1 200");
        kept.push(stream);
    }
    let mut third = TcpStream::connect(running.address).await.unwrap();
    let _ = third.write_all(ask).await;
    assert_eq!(rest(&mut third).await, "");
}

#[tokio::test]
async fn answers_under_way_end_before_the_server_does() {
    let running = run(Limits::default(), None).await;
    let mut stream = TcpStream::connect(running.address).await.unwrap();
    stream.write_all(b"GET /slow HTTP/1.1\r\nHost: a\r\n\r\n").await.unwrap();
    // The request has arrived once a second one on another connection is answered.
    let mut other = TcpStream::connect(running.address).await.unwrap();
    other.write_all(b"GET /fast HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n").await.unwrap();
    assert!(rest(&mut other).await.ends_with("fast"));
    running.shutdown.cancel();
    running.release.notify_one();
    assert!(rest(&mut stream).await.ends_with("slow"));
    running.task.await.unwrap().unwrap();
    assert!(TcpStream::connect(running.address).await.is_err());
}

#[tokio::test]
async fn speaks_both_protocols_over_tls() {
    let world = system_world();
    let authority = Authority::generate("test", world.now(), 1, &*world).unwrap();
    let names = ["localhost".to_owned()];
    let now = world.now();
    let issued = authority.issue_server(&names, now, now.plus(Duration::from_secs(3600)), &*world).unwrap();
    let identity = Arc::new(ServerIdentity::from_pem(&issued.chain_pem, &issued.key_pem).unwrap());
    let config = certificates::server_config(identity, &world).unwrap();
    let running = run(Limits::default(), Some(config)).await;
    let root = reqwest::Certificate::from_pem(authority.certificate_pem().as_bytes()).unwrap();
    let url = format!("https://localhost:{}/peer", running.address.port());
    for (client, version) in [
        (reqwest::Client::builder(), reqwest::Version::HTTP_2),
        (reqwest::Client::builder().http1_only(), reqwest::Version::HTTP_11),
    ] {
        let client = client.tls_certs_only([root.clone()]).build().unwrap();
        let answer = client.get(&url).send().await.unwrap();
        assert_eq!(answer.version(), version);
        assert_eq!(answer.text().await.unwrap(), "true");
    }
}
