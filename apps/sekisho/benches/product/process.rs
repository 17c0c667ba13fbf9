//! The server as a process of its own, started on a home of its own.

use std::io::{Read as _, Write as _};
use std::net::{SocketAddr, TcpListener, TcpStream};
use std::path::PathBuf;
use std::process::{Child, Command, Stdio};
use std::sync::Arc;
use std::time::{Duration, Instant};

/// What is measured.
pub(crate) const BINARY: &str = env!("CARGO_BIN_EXE_sekisho");
/// A server that takes longer is stuck.
const STUCK: Duration = Duration::from_secs(60);

/// A folder with a store, a key file and a configuration.
#[derive(Clone)]
pub(crate) struct Home {
    dir: Arc<tempfile::TempDir>,
    https: SocketAddr,
    probes: SocketAddr,
}

impl Home {
    pub(crate) fn new() -> Self {
        let dir = Arc::new(tempfile::tempdir().unwrap());
        let [https, mqtt, probes] = free_ports();
        let home = Self { dir, https, probes };
        let config = format!(
            "[store]\nurl = \"sqlite:{}\"\n[http]\nlisten = \"{https}\"\npublic_url = \"{}\"\n[devices]\nlisten = \"{mqtt}\"\npublic_address = \"{mqtt}\"\n[probes]\nlisten = \"{probes}\"\n[keys]\nfile = \"{}\"\n[log]\nfilter = \"error\"\n",
            home.store().display(),
            home.url(),
            home.key_file().display(),
        );
        std::fs::write(home.dir.path().join("sekisho.toml"), config).unwrap();
        home
    }

    pub(crate) fn store(&self) -> PathBuf {
        self.dir.path().join("sekisho.sqlite")
    }

    pub(crate) fn key_file(&self) -> PathBuf {
        self.dir.path().join("master.key")
    }

    pub(crate) fn url(&self) -> String {
        format!("https://localhost:{}", self.https.port())
    }
}

/// All at once, so that no port is given twice.
pub(crate) fn free_ports<const N: usize>() -> [SocketAddr; N] {
    let held: [TcpListener; N] = std::array::from_fn(|_| TcpListener::bind("127.0.0.1:0").unwrap());
    held.each_ref().map(|listener| listener.local_addr().unwrap())
}

/// A running server; it ends with this.
pub(crate) struct Server {
    child: Child,
    pub(crate) home: Home,
}

impl Server {
    /// Starts it; returns it when it is ready, and how long that took.
    pub(crate) fn start(home: &Home) -> (Self, Duration) {
        let began = Instant::now();
        let child = Command::new(BINARY)
            .args(["serve", "--config"])
            .arg(home.dir.path().join("sekisho.toml"))
            .stdout(Stdio::null())
            .spawn()
            .unwrap();
        let mut server = Self { child, home: home.clone() };
        while !server.is_ready() {
            assert!(began.elapsed() < STUCK, "the server is not ready");
            assert!(server.child.try_wait().unwrap().is_none(), "the server ended");
            std::thread::sleep(Duration::from_millis(1));
        }
        (server, began.elapsed())
    }

    fn is_ready(&self) -> bool {
        let Ok(mut stream) = TcpStream::connect(self.home.probes) else { return false };
        let ask = b"GET /readyz HTTP/1.1\r\nhost: localhost\r\nconnection: close\r\n\r\n";
        let mut answer = String::new();
        stream.write_all(ask).is_ok()
            && stream.read_to_string(&mut answer).is_ok()
            && answer.starts_with("HTTP/1.1 200")
    }

    /// Its share of memory and what is resident, in megabytes.
    pub(crate) fn memory(&self) -> (f64, f64) {
        memory(&self.child)
    }
}

/// A process's share of memory and what is resident, in megabytes.
pub(crate) fn memory(child: &Child) -> (f64, f64) {
    let read = |file: &str, name: &str| {
        let text = std::fs::read_to_string(format!("/proc/{}/{file}", child.id())).unwrap();
        let line = text.lines().find(|line| line.starts_with(name)).unwrap();
        line.split_whitespace().nth(1).unwrap().parse::<f64>().unwrap() * 1024.0 / 1e6
    };
    (read("smaps_rollup", "Pss:"), read("status", "VmRSS:"))
}

impl Drop for Server {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}
