//! A printer that takes a document and loses its answer, as no real one does when it is told to: nothing is sent twice.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicU8, AtomicUsize, Ordering};
use std::sync::{Mutex, PoisonError};

use sekisho_testkit::Client;
use serde_json::{Value, json};
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::{TcpListener, TcpStream};

use crate::badges::{arrived, path, wish};
use crate::printer::{Printer, proven, until};
use crate::scene::Scene;

/// The printer, and what was done with it.
#[derive(Default)]
struct Forgetful {
    /// Whether it finds its list of jobs.
    remembers: AtomicBool,
    /// How far the job is, as RFC 8011 counts.
    state: AtomicU8,
    /// Whether it forgot its jobs, as one that was switched off and on.
    forgot: AtomicBool,
    /// Whether its paper is out.
    empty: AtomicBool,
    /// Whether it hangs up on whoever brings a document.
    answers: AtomicBool,
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
            (0, 0x0B) => {
                let reason: &[u8] =
                    if self.empty.load(Ordering::SeqCst) { b"media-empty-error" } else { b"none" };
                let format = (0x49, "document-format-supported", b"application/pdf".as_slice());
                (0, group(4, &[format, (0x44, "printer-state-reasons", reason)]))
            }
            (0, 0x02) => {
                let at = asked.windows(8).position(|some| some == b"sekisho-")?;
                *name = asked[at..at + 44].to_vec();
                self.printed.fetch_add(1, Ordering::SeqCst);
                if !self.answers.load(Ordering::SeqCst) {
                    return None;
                }
                (0, group(2, &[(0x21, "job-id", &[0, 0, 0, 7])]))
            }
            (0, 0x0A) if !self.remembers.load(Ordering::SeqCst) => (0x0507, Vec::new()),
            (0, 0x0A) if name.is_empty() || self.forgot.load(Ordering::SeqCst) => (0, Vec::new()),
            (0, 0x0A) => (0, group(2, &[(0x21, "job-id", &[0, 0, 0, 7]), (0x42, "job-name", &name)])),
            (0, 0x09) if self.forgot.load(Ordering::SeqCst) => (0x0406, Vec::new()),
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

/// A badge that is inside such a printer.
async fn inside(scene: &Scene, printer: &Arc<Forgetful>) -> (Value, Client, Value) {
    printer.state.store(5, Ordering::SeqCst);
    printer.answers.store(true, Ordering::SeqCst);
    printer.remembers.store(true, Ordering::SeqCst);
    let address = printer.clone().listening().await;
    let body = json!({ "site": scene.tokyo, "name": "受付ラベル", "address": address });
    let id =
        proven(scene).await.api("POST", "/api/v1/visitors/printers", body).await.expect(201).json()["id"]
            .clone();
    let (visit, mut desk) = (arrived(scene).await, scene.desk().await);
    wish(&mut desk, &visit).await;
    until(scene, &mut desk, &visit, "printing", None).await;
    (visit, desk, id)
}

story!(a_job_that_a_printer_in_trouble_forgot_did_not_come_out, |scene| {
    let printer = Arc::new(Forgetful::default());
    let (visit, mut desk, _) = inside(&scene, &printer).await;
    printer.empty.store(true, Ordering::SeqCst);
    until(&scene, &mut desk, &visit, "printing", Some("paper_out")).await;
    // Switched off and on again.
    printer.forgot.store(true, Ordering::SeqCst);
    printer.empty.store(false, Ordering::SeqCst);
    until(&scene, &mut desk, &visit, "failed", Some("refused")).await;
    assert!(!scene.record().await.iter().any(|entry| entry == "visit.badge_printed"));
    // One that had none prints and forgets.
    wish(&mut desk, &visit).await;
    until(&scene, &mut desk, &visit, "printed", None).await;
});

story!(another_printer_takes_over_from_one_that_has_the_badge, |scene| {
    let (jammed, beside) = (Arc::new(Forgetful::default()), Printer::on());
    let (visit, mut desk, _) = inside(&scene, &jammed).await;
    let second = beside.registered(&scene, false).await;
    desk.api("POST", &path(&visit, "/badges"), json!({ "printer": second })).await.expect(201);
    until(&scene, &mut desk, &visit, "printed", None).await;
    assert_eq!(beside.out().len(), 1);
    assert_eq!(jammed.called_off.load(Ordering::SeqCst), 1, "it is not printed twice");
    let badges = desk.get(&path(&visit, "/badges")).await.expect(200).json();
    assert_eq!(badges["items"][1]["state"], "dropped", "{badges}");
});

story!(a_job_is_asked_for_only_where_it_was_sent, |scene| {
    let printer = Arc::new(Forgetful::default());
    let (visit, mut desk, id) = inside(&scene, &printer).await;
    // Another device: it has jobs of that number, none of them ours.
    let other = Arc::new(Forgetful::default());
    other.state.store(9, Ordering::SeqCst);
    other.answers.store(true, Ordering::SeqCst);
    other.remembers.store(true, Ordering::SeqCst);
    let address = other.clone().listening().await;
    let body = json!({ "site": scene.tokyo, "name": "受付ラベル", "address": address });
    let one = format!("/api/v1/visitors/printers/{}", id.as_str().unwrap());
    proven(&scene).await.api("PUT", &one, body).await.expect(204);
    until(&scene, &mut desk, &visit, "printed", None).await;
    assert_eq!(other.printed.load(Ordering::SeqCst), 1, "it was printed there, not taken for another's job");
});
