//! A printer that takes a document and loses its answer, as no real one does when it is told to: nothing is sent twice.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicU8, AtomicUsize, Ordering};
use std::sync::{Mutex, PoisonError};

use serde_json::{Value, json};
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::{TcpListener, TcpStream};

use crate::badges::{arrived, path, wish};
use crate::printer::{proven, until};
use crate::scene::Scene;

/// The printer, and what was done with it.
#[derive(Default)]
struct Forgetful {
    /// Whether it finds its list of jobs.
    remembers: AtomicBool,
    /// How far the job is, as RFC 8011 counts.
    state: AtomicU8,
    printed: AtomicUsize,
    called_off: AtomicUsize,
    name: Mutex<Vec<u8>>,
}

impl Forgetful {
    async fn listening(self: Arc<Self>) -> String {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let port = listener.local_addr().unwrap().port();
        tokio::spawn(async move {
            while let Ok((stream, _)) = listener.accept().await {
                tokio::spawn(self.clone().serve(stream));
            }
        });
        format!("ipp://127.0.0.1:{port}/ipp/print")
    }

    async fn serve(self: Arc<Self>, mut stream: TcpStream) -> Option<()> {
        let asked = request(&mut stream).await?;
        let (status, attributes) = self.answer(&asked)?;
        let mut body = vec![2, 0];
        body.extend(status.to_be_bytes());
        body.extend([0, 0, 0, 1]);
        body.extend(attributes);
        body.push(3);
        let head = format!(
            "HTTP/1.1 200 OK\r\ncontent-type: application/ipp\r\nconnection: close\r\ncontent-length: {}\r\n\r\n",
            body.len()
        );
        stream.write_all(head.as_bytes()).await.ok()?;
        stream.write_all(&body).await.ok()
    }

    /// None: it hangs up.
    fn answer(&self, asked: &[u8]) -> Option<(u16, Vec<u8>)> {
        let mut name = self.name.lock().unwrap_or_else(PoisonError::into_inner);
        Some(match (asked[2], asked[3]) {
            (0, 0x0B) => (0, group(4, &[(0x49, "document-format-supported", b"application/pdf")])),
            (0, 0x02) => {
                let at = asked.windows(8).position(|some| some == b"sekisho-")?;
                *name = asked[at..at + 44].to_vec();
                self.printed.fetch_add(1, Ordering::SeqCst);
                return None;
            }
            (0, 0x0A) if !self.remembers.load(Ordering::SeqCst) => (0x0507, Vec::new()),
            (0, 0x0A) => (0, group(2, &[(0x21, "job-id", &[0, 0, 0, 7]), (0x42, "job-name", &name)])),
            (0, 0x09) => {
                let state = [0, 0, 0, self.state.load(Ordering::SeqCst)];
                (0, group(2, &[(0x23, "job-state", &state)]))
            }
            (0, 0x08) => {
                self.called_off.fetch_add(1, Ordering::SeqCst);
                (0, Vec::new())
            }
            _ => (0x0501, Vec::new()),
        })
    }
}

/// The body of a request.
async fn request(stream: &mut TcpStream) -> Option<Vec<u8>> {
    let (mut read, mut some) = (Vec::new(), [0; 4096]);
    loop {
        let count = stream.read(&mut some).await.ok().filter(|count| *count > 0)?;
        read.extend(&some[..count]);
        let Some(end) = read.windows(4).position(|four| four == b"\r\n\r\n") else { continue };
        let head = String::from_utf8_lossy(&read[..end]).to_lowercase();
        let length = head.lines().find_map(|line| line.strip_prefix("content-length: "))?;
        if read.len() >= end + 4 + length.parse::<usize>().ok()? {
            return Some(read.split_off(end + 4));
        }
    }
}

fn group(about: u8, attributes: &[(u8, &str, &[u8])]) -> Vec<u8> {
    let mut bytes = vec![about];
    for (tag, name, value) in attributes {
        bytes.push(*tag);
        for part in [name.as_bytes(), value] {
            bytes.extend(u16::try_from(part.len()).unwrap().to_be_bytes());
            bytes.extend(part);
        }
    }
    bytes
}

story!(whoever_does_not_know_whether_it_was_sent_does_not_send_again, |scene| {
    let printer = Arc::new(Forgetful::default());
    printer.state.store(5, Ordering::SeqCst);
    let address = printer.clone().listening().await;
    let body = json!({ "site": scene.tokyo, "name": "受付ラベル", "address": address });
    proven(&scene).await.api("POST", "/api/v1/visitors/printers", body).await.expect(201);
    let (visit, mut desk) = (arrived(&scene).await, scene.desk().await);
    wish(&mut desk, &visit).await;
    // It took the document and hung up, and now it is too busy to say what it has.
    until(&scene, &mut desk, &visit, "sending", Some("stopped")).await;
    scene.server.advance(sekisho_testkit::minutes(5)).await;
    assert_eq!(printer.printed.load(Ordering::SeqCst), 1);
    printer.remembers.store(true, Ordering::SeqCst);
    until(&scene, &mut desk, &visit, "printing", None).await;

    // The guest leaves before it comes out.
    desk.api("POST", &path(&visit, "/admit"), Value::Null).await.expect(204);
    desk.api("POST", &path(&visit, "/check-out"), Value::Null).await.expect(204);
    until(&scene, &mut desk, &visit, "dropped", None).await;
    assert_eq!(printer.called_off.load(Ordering::SeqCst), 1, "nobody who left");
    assert_eq!(printer.printed.load(Ordering::SeqCst), 1);
});
