//! A printer that stands in no office: `ippeveprinter` of CUPS, which speaks IPP Everywhere, on a port of its own. What is
//! printed lands in a folder. It wants a bus to start, so it gets one of its own, too.

use std::io::{BufRead, BufReader};
use std::net::{TcpListener, TcpStream};
use std::path::PathBuf;
use std::process::{Child, Command, Stdio};
use std::time::Duration;

use sekisho_testkit::Client;
use serde_json::{Value, json};
use tempfile::TempDir;

use crate::scene::Scene;

/// What the printer does with a document: keeps it, and waits while it is told to be out of paper.
const PRINTS: &str = r#"#!/bin/sh
cd "$(dirname "$0")"
if [ -e paper-out ]; then
  echo "STATE: +media-empty-error" >&2
  while [ -e paper-out ]; do sleep 0.05; done
  echo "STATE: -media-empty-error" >&2
fi
cp "$1" out/.coming && mv out/.coming "out/$(ls out | wc -l)"
"#;

/// The printer; it goes with this value.
pub struct Printer {
    pub port: u16,
    dir: TempDir,
    running: Vec<Child>,
}

impl Printer {
    /// A printer that is switched off.
    pub fn off() -> Self {
        let dir = tempfile::tempdir().unwrap();
        std::fs::create_dir(dir.path().join("out")).unwrap();
        std::fs::create_dir(dir.path().join("spool")).unwrap();
        let script = dir.path().join("prints.sh");
        std::fs::write(&script, PRINTS).unwrap();
        std::fs::set_permissions(&script, std::os::unix::fs::PermissionsExt::from_mode(0o755)).unwrap();
        let port = TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap().port();
        Self { port, dir, running: Vec::new() }
    }

    /// One that is on.
    pub fn on() -> Self {
        let mut printer = Self::off();
        printer.switch_on("image/pwg-raster,image/urf,application/pdf");
        printer
    }

    /// Switches it on, taking those formats. Its programs are put here by `testing/install.sh`.
    pub fn switch_on(&mut self, formats: &str) {
        let mut bus = Command::new("dbus-daemon")
            .args(["--session", "--nofork", "--nopidfile", "--print-address=1"])
            .stdout(Stdio::piped())
            .stderr(Stdio::null())
            .spawn()
            .unwrap();
        let mut address = String::new();
        BufReader::new(bus.stdout.take().unwrap()).read_line(&mut address).unwrap();
        let tool = ["/usr/sbin/ippeveprinter", "/usr/bin/ippeveprinter"].into_iter();
        let printer = Command::new(tool.map(PathBuf::from).find(|path| path.exists()).unwrap())
            .env("DBUS_SYSTEM_BUS_ADDRESS", address.trim())
            .args(["-r", "off", "-n", "localhost", "-F", "image/pwg-raster", "-f", formats])
            .arg("-p")
            .arg(self.port.to_string())
            .arg("-d")
            .arg(self.dir.path().join("spool"))
            .arg("-c")
            .arg(self.dir.path().join("prints.sh"))
            .arg("badges")
            .stdin(Stdio::null())
            .stdout(Stdio::null())
            .stderr(Stdio::null())
            .spawn()
            .unwrap();
        self.running = vec![printer, bus];
        // It says nowhere that it listens.
        while TcpStream::connect(("127.0.0.1", self.port)).is_err() {
            assert!(self.running[0].try_wait().unwrap().is_none(), "ippeveprinter did not start");
            std::thread::yield_now();
        }
    }

    /// Its address.
    pub fn address(&self) -> String {
        format!("ipp://127.0.0.1:{}/ipp/print", self.port)
    }

    /// Takes the paper out, or puts some in.
    pub fn paper(&self, there: bool) {
        let mark = self.dir.path().join("paper-out");
        if there { std::fs::remove_file(mark).unwrap() } else { std::fs::write(mark, "").unwrap() }
    }

    /// What came out of it, one after the other.
    pub fn out(&self) -> Vec<Vec<u8>> {
        let folder = self.dir.path().join("out");
        (0..).map_while(|number| std::fs::read(folder.join(number.to_string())).ok()).collect()
    }

    /// Registers it at Tokyo.
    pub async fn registered(&self, scene: &Scene, by_itself: bool) -> Value {
        let body = json!({ "site": scene.tokyo, "name": "受付ラベル", "address": self.address(), "paper": "label", "by_itself": by_itself });
        let mut admin = proven(scene).await;
        admin.api("POST", "/api/v1/visitors/printers", body).await.expect(201).json()["id"].clone()
    }
}

impl Drop for Printer {
    fn drop(&mut self) {
        for child in &mut self.running {
            let _ = child.kill();
            let _ = child.wait();
        }
    }
}

/// An administrator who has just proved who they are.
pub async fn proven(scene: &Scene) -> Client {
    let mut admin = scene.server.administrator().await;
    scene.server.prove(&mut admin).await;
    admin
}

/// The newest badge of a visit, as the desk reads it.
pub async fn newest(desk: &mut Client, visit: &Value) -> Value {
    let path = format!("/api/v1/visitors/visits/{}/badges", visit.as_str().unwrap());
    desk.get(&path).await.expect(200).json()["items"][0].clone()
}

/// Goes on, the clock a few seconds at a time, until the newest badge is in that state with that trouble.
pub async fn until(
    scene: &Scene,
    desk: &mut Client,
    visit: &Value,
    state: &str,
    trouble: Option<&str>,
) -> Value {
    let begun = std::time::Instant::now();
    loop {
        scene.server.advance(Duration::from_secs(2)).await;
        let badge = newest(desk, visit).await;
        if badge["state"] == state && badge["trouble"].as_str() == trouble {
            return badge;
        }
        assert!(begun.elapsed() < Duration::from_secs(30), "{badge}, not {state} {trouble:?}");
    }
}

/// A page of PWG raster in grey, as PWG 5102.4 describes it: width, height, pixels.
pub fn grey_page(bytes: &[u8]) -> (usize, usize, Vec<u8>) {
    assert_eq!(&bytes[..13], b"RaS2PwgRaster");
    let number =
        |at: usize| usize::try_from(u32::from_be_bytes(bytes[4 + at..8 + at].try_into().unwrap())).unwrap();
    let (width, height) = (number(372), number(376));
    assert_eq!(
        (number(388), number(392), number(400), number(276)),
        (8, width, 18, 300),
        "eight bits of sGray at 300 dpi"
    );
    let (mut rest, mut pixels) = (&bytes[1800..], Vec::new());
    while pixels.len() < width * height {
        let (rows, mut row) = (usize::from(rest[0]) + 1, Vec::new());
        rest = &rest[1..];
        while row.len() < width {
            let code = usize::from(rest[0]);
            if code < 128 {
                row.extend(std::iter::repeat_n(rest[1], code + 1));
                rest = &rest[2..];
            } else {
                row.extend(&rest[1..=257 - code]);
                rest = &rest[258 - code..];
            }
        }
        (0..rows).for_each(|_| pixels.extend(&row));
    }
    assert!(rest.is_empty());
    (width, height, pixels)
}

/// What the QR code on a page holds, read by somebody else's code.
pub fn code_on(page: &[u8]) -> String {
    let (width, height, pixels) = grey_page(page);
    let mut image = rqrr::PreparedImage::prepare_from_greyscale(width, height, |x, y| pixels[y * width + x]);
    let grids = image.detect_grids();
    assert_eq!(grids.len(), 1);
    grids[0].decode().unwrap().1
}
