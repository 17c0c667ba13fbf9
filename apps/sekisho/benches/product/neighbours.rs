//! What stands beside our figures, measured in the same run: programs that everybody has.

use std::net::TcpStream;
use std::path::Path;
use std::process::{Child, Command, Stdio};
use std::time::{Duration, Instant};

use crate::process::{free_ports, memory};

/// Mosquitto, which serves devices alone: no pages, no rights, no record.
pub(crate) struct Mosquitto(Child);

impl Mosquitto {
    /// Starts it; returns it when it takes connections, and how long that took.
    pub(crate) fn start() -> (Self, Duration) {
        let [listen] = free_ports();
        let began = Instant::now();
        let child = Command::new("mosquitto")
            .args(["-p", &listen.port().to_string()])
            .env("PATH", format!("{}:/usr/sbin", std::env::var("PATH").unwrap()))
            .stdout(Stdio::null())
            .stderr(Stdio::null())
            .spawn()
            .expect("Mosquitto is installed by `testing/install.sh test`");
        while TcpStream::connect(listen).is_err() {
            assert!(began.elapsed() < Duration::from_secs(20), "Mosquitto is not ready");
            std::thread::sleep(Duration::from_millis(1));
        }
        (Self(child), began.elapsed())
    }

    /// Its share of memory and what is resident, in megabytes.
    pub(crate) fn memory(&self) -> (f64, f64) {
        memory(&self.0)
    }
}

impl Drop for Mosquitto {
    fn drop(&mut self) {
        let _ = self.0.kill();
        let _ = self.0.wait();
    }
}

/// The size of Cargo, another Rust program with a network and a store in it, in megabytes.
pub(crate) fn cargo_size() -> f64 {
    let asked = Command::new("rustc").args(["--print", "sysroot"]).output().unwrap();
    let sysroot = String::from_utf8(asked.stdout).unwrap();
    std::fs::metadata(Path::new(sysroot.trim()).join("bin/cargo")).unwrap().len() as f64 / 1e6
}
