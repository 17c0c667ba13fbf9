//! The server as a process of its own: started, killed, started again.

use std::os::unix::process::ExitStatusExt as _;
use std::path::Path;
use std::process::Stdio;
use std::time::Duration;

use tokio::io::{AsyncBufReadExt as _, BufReader};
use tokio::process::{Child, Command};

const READY_WITHIN: Duration = Duration::from_secs(60);
const SIGKILL: i32 = 9;

pub struct Server {
    child: Child,
}

impl Server {
    /// Starts it and waits until it says that it is ready.
    pub async fn start(config: &Path) -> Self {
        Self::start_with(config, &[]).await
    }

    /// The same, with more words for `serve`.
    pub async fn start_with(config: &Path, words: &[&str]) -> Self {
        let log =
            std::fs::OpenOptions::new().create(true).append(true).open(config.with_extension("log")).unwrap();
        let mut child = Command::new(env!("CARGO_BIN_EXE_sekisho"))
            .args(["--json", "serve", "--config"])
            .arg(config)
            .args(words)
            .stdout(Stdio::piped())
            .stderr(log)
            .kill_on_drop(true)
            .spawn()
            .unwrap();
        let mut lines = BufReader::new(child.stdout.take().unwrap()).lines();
        let ready = tokio::time::timeout(READY_WITHIN, async {
            while let Some(line) = lines.next_line().await.unwrap() {
                if line.contains("ready") {
                    return true;
                }
            }
            false
        });
        let ready = ready.await.unwrap_or(false);
        assert!(
            ready,
            "the server did not come up: {}",
            std::fs::read_to_string(config.with_extension("log")).unwrap()
        );
        Self { child }
    }

    /// It stands until its moment has come.
    pub async fn lives_for(&mut self, moment: Duration) {
        let fell = tokio::time::timeout(moment, self.child.wait()).await;
        assert!(fell.is_err(), "the server fell over by itself: {fell:?}");
    }

    /// kill -9.
    pub async fn kill(mut self) {
        self.child.start_kill().unwrap();
        let status = self.child.wait().await.unwrap();
        assert_eq!(status.signal(), Some(SIGKILL));
    }

    /// Asks it to stop, as a service manager does, and expects that it drains.
    pub async fn stop(mut self) {
        let asked = Command::new("kill").arg(self.child.id().unwrap().to_string()).status().await.unwrap();
        assert!(asked.success());
        let status = tokio::time::timeout(READY_WITHIN, self.child.wait()).await.unwrap().unwrap();
        assert!(status.success(), "{status}");
    }
}
