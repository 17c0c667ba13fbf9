//! A scratch installation for the real binary: its own folder, store and ports, on either engine.

use std::net::TcpListener;
use std::path::PathBuf;
use std::process::Stdio;
use std::time::Duration;

use sekisho_storage::{Engine, Place};
use sekisho_testkit::Client;
use sekisho_teststore::FreshStore;
use serde_json::Value;
use tokio::io::{AsyncBufReadExt as _, BufReader};
use tokio::process::{Child, Command};

use crate::wiring;

/// The migrations of every module, as the server runs them.
pub fn migrations() -> Vec<sekisho_storage::Migration> {
    wiring::migrations()
}

/// Every module on a foundation, as the server mounts them.
pub fn mounts(foundation: &sekisho_host::Foundation) -> Vec<sekisho_host::Mount> {
    wiring::mounts(foundation)
}

/// Makes something by the API; its id.
pub async fn made(client: &mut Client, path: &str, body: Value) -> String {
    let answer = client.api("POST", path, body).await.expect(201);
    let id = answer.json()["id"].as_str().map(str::to_owned);
    id.or_else(|| answer.json()["device"].as_str().map(str::to_owned)).expect(path)
}

/// Longer than anything here takes on a busy machine; a test that waits so long has found a fault.
pub const PATIENCE: Duration = Duration::from_secs(60);

/// An installation that is not set up yet.
pub struct Stage {
    pub dir: tempfile::TempDir,
    /// On PostgreSQL, the database; dropped with the test.
    database: Option<FreshStore>,
    ports: [u16; 3],
    settings: Vec<(String, String)>,
}

/// What a command left behind.
#[derive(Debug)]
pub struct Ran {
    pub code: i32,
    /// What it printed, as JSON; null when it printed nothing.
    pub out: Value,
    pub err: String,
}

impl Ran {
    /// What it printed, when it did what it should.
    #[track_caller]
    pub fn done(self) -> Value {
        assert_eq!(self.code, 0, "{self:?}");
        self.out
    }

    /// Why it refused.
    #[track_caller]
    pub fn refused(self) -> String {
        assert_eq!(self.code, 1, "{self:?}");
        self.err
    }
}

impl Stage {
    pub async fn new(engine: Engine) -> Self {
        let dir = tempfile::tempdir().unwrap();
        let database = match engine {
            Engine::Sqlite => None,
            Engine::Postgres => Some(sekisho_teststore::fresh(engine, &[]).await),
        };
        let ports = free_ports();
        let [http, devices, probes] = ports;
        let settings = [
            ("SEKISHO_HTTP__LISTEN", format!("127.0.0.1:{http}")),
            ("SEKISHO_HTTP__PUBLIC_URL", format!("https://localhost:{http}")),
            ("SEKISHO_DEVICES__LISTEN", format!("127.0.0.1:{devices}")),
            ("SEKISHO_DEVICES__PUBLIC_ADDRESS", format!("localhost:{devices}")),
            ("SEKISHO_PROBES__LISTEN", format!("127.0.0.1:{probes}")),
            ("SEKISHO_HTTP__DRAIN_NOTICE", "1".to_owned()),
        ]
        .map(|(name, value)| (name.to_owned(), value))
        .to_vec();
        Self { dir, database, ports, settings }
    }

    pub fn config(&self) -> PathBuf {
        self.dir.path().join("sekisho.toml")
    }

    pub fn data(&self) -> PathBuf {
        self.dir.path().join("data")
    }

    pub fn authority(&self) -> PathBuf {
        self.data().join("authority.pem")
    }

    /// Sets one more thing for every command from now on.
    pub fn set(&mut self, name: &str, value: impl Into<String>) {
        self.settings.retain(|(known, _)| known != name);
        self.settings.push((name.to_owned(), value.into()));
    }

    pub fn url(&self) -> String {
        format!("https://localhost:{}", self.ports[0])
    }

    /// Where pages and devices are served, as `ADDRESS:PORT`.
    pub fn listeners(&self) -> (String, String) {
        let [http, devices, _] = self.ports;
        (format!("127.0.0.1:{http}"), format!("127.0.0.1:{devices}"))
    }

    pub fn probe(&self, path: &str) -> String {
        format!("http://127.0.0.1:{}{path}", self.ports[2])
    }

    /// The same installation with other ports, for a second process beside the first. `devices` stays where devices were
    /// told to go.
    pub fn ports_of_a_second_process(&mut self) {
        let [http, _, probes] = free_ports();
        self.ports = [http, self.ports[1], probes];
        self.set("SEKISHO_HTTP__LISTEN", format!("127.0.0.1:{http}"));
        self.set("SEKISHO_PROBES__LISTEN", format!("127.0.0.1:{probes}"));
    }

    /// The binary with this installation's environment and nothing of ours.
    pub fn command(&self) -> Command {
        let mut command = Command::new(env!("CARGO_BIN_EXE_sekisho"));
        self.environment(&mut command);
        command
    }

    /// This installation's environment.
    pub fn environment(&self, command: &mut Command) {
        for (name, _) in std::env::vars() {
            if name.starts_with("SEKISHO_") || name == "RUST_LOG" {
                command.env_remove(name);
            }
        }
        command.env("SEKISHO_CONFIG", self.config()).stdin(Stdio::null()).kill_on_drop(true);
        command.envs(self.settings.iter().cloned());
    }

    /// Runs a command to its end, with `--json`.
    pub async fn run(&self, words: &[&str]) -> Ran {
        let output = tokio::time::timeout(PATIENCE, self.command().arg("--json").args(words).output())
            .await
            .unwrap_or_else(|_| panic!("{words:?} did not end"))
            .unwrap();
        let text = String::from_utf8(output.stdout).unwrap();
        let out = match text.trim() {
            "" => Value::Null,
            text => serde_json::from_str(text).unwrap_or_else(|error| panic!("{error}: {text}")),
        };
        let err = String::from_utf8_lossy(&output.stderr).into_owned();
        Ran { code: output.status.code().unwrap(), out, err }
    }

    /// `sekisho setup` with every flag.
    pub async fn setup(&self) -> Ran {
        let (data, url) = (self.data(), self.url());
        let mut words = vec![
            "setup",
            "--public-url",
            &url,
            "--data",
            data.to_str().unwrap(),
            "--tenant",
            "青葉商事",
            "--admin-name",
            "佐藤 美咲",
            "--admin-mail",
            "sato@aoba.example",
        ];
        let place = self.database.as_ref().map(|fresh| fresh.options.place.clone());
        if let Some(Place::Postgres { url, owner_url }) = &place {
            words.extend(["--database", url, "--database-owner", owner_url]);
        }
        self.run(&words).await
    }

    /// The address by which the test itself may read and change rows of every organisation.
    pub fn rows(&self) -> Rows {
        match self.database.as_ref().map(|fresh| fresh.options.place.clone()) {
            Some(Place::Postgres { owner_url, .. }) => Rows::Postgres(owner_url),
            _ => Rows::Sqlite(self.data().join("sekisho.sqlite")),
        }
    }

    /// Starts `serve` and waits until it is ready.
    pub async fn serve(&self, words: &[&str]) -> Serving {
        let mut command = self.command();
        command.arg("--json").arg("serve").args(words);
        Serving::start(command).await
    }

    /// A client that trusts the installation's authority.
    pub fn client(&self) -> reqwest::Client {
        let pem = std::fs::read(self.authority()).unwrap();
        let root = reqwest::Certificate::from_pem(&pem).unwrap();
        reqwest::Client::builder().tls_certs_only([root]).timeout(PATIENCE).build().unwrap()
    }
}

/// Three ports nobody listens on now.
fn free_ports() -> [u16; 3] {
    let held: Vec<TcpListener> = (0..3).map(|_| TcpListener::bind("127.0.0.1:0").unwrap()).collect();
    [0, 1, 2].map(|index: usize| held[index].local_addr().unwrap().port())
}

/// A running server.
pub struct Serving {
    pub child: Child,
    /// What it said when it was ready.
    pub said: Value,
}

impl Serving {
    /// Starts it and waits until it is ready.
    pub async fn start(mut command: Command) -> Self {
        let mut child = command.stdout(Stdio::piped()).spawn().unwrap();
        let mut lines = BufReader::new(child.stdout.take().unwrap()).lines();
        let line = tokio::time::timeout(PATIENCE, lines.next_line()).await.expect("ready in time").unwrap();
        let line = line.expect("the server ended before it was ready");
        Self { child, said: serde_json::from_str(&line).unwrap() }
    }

    /// Asks it to stop, as systemd does.
    pub async fn ask_to_stop(&self) {
        let pid = self.child.id().unwrap().to_string();
        assert!(Command::new("kill").args(["-TERM", &pid]).status().await.unwrap().success());
    }

    /// Stops it and wants a clean end.
    pub async fn stop(mut self) {
        self.ask_to_stop().await;
        let ended = tokio::time::timeout(PATIENCE, self.child.wait()).await.expect("an end in time").unwrap();
        assert!(ended.success(), "{ended:?}");
    }
}

/// Rows as they lie in the store, read and changed past Sekisho.
pub enum Rows {
    Sqlite(PathBuf),
    Postgres(String),
}

impl Rows {
    /// Runs a statement as the owner of the tables.
    pub async fn run(&self, statement: &str) -> u64 {
        use sqlx::{AssertSqlSafe, Connection as _, Executor as _};
        match self {
            Self::Sqlite(path) => {
                let options = sqlx::sqlite::SqliteConnectOptions::new().filename(path);
                let mut db = sqlx::SqliteConnection::connect_with(&options).await.unwrap();
                db.execute(AssertSqlSafe(statement.to_owned())).await.unwrap().rows_affected()
            }
            Self::Postgres(url) => {
                let mut db = sqlx::PgConnection::connect(url).await.unwrap();
                db.execute("SELECT set_config('sekisho.tenant', 'all', false)").await.unwrap();
                db.execute(AssertSqlSafe(statement.to_owned())).await.unwrap().rows_affected()
            }
        }
    }

    /// The first column of every row, as text.
    pub async fn texts(&self, query: &str) -> Vec<String> {
        use sqlx::{AssertSqlSafe, Connection as _, Executor as _};
        let query = AssertSqlSafe(query.to_owned());
        match self {
            Self::Sqlite(path) => {
                let options = sqlx::sqlite::SqliteConnectOptions::new().filename(path);
                let mut db = sqlx::SqliteConnection::connect_with(&options).await.unwrap();
                sqlx::query_scalar(query).fetch_all(&mut db).await.unwrap()
            }
            Self::Postgres(url) => {
                let mut db = sqlx::PgConnection::connect(url).await.unwrap();
                db.execute("SELECT set_config('sekisho.tenant', 'all', false)").await.unwrap();
                sqlx::query_scalar(query).fetch_all(&mut db).await.unwrap()
            }
        }
    }

    /// Every value of every column of bytes: table, column, value.
    pub async fn bytes(&self) -> Vec<(String, String, Vec<u8>)> {
        use sqlx::{AssertSqlSafe, Connection as _, Executor as _};
        let columns = match self {
            Self::Sqlite(_) => {
                "SELECT m.name || '.' || p.name FROM sqlite_master m JOIN pragma_table_info(m.name) p \
                 WHERE m.type = 'table' AND lower(p.type) LIKE '%blob%'"
            }
            Self::Postgres(_) => {
                "SELECT table_name::text || '.' || column_name::text FROM information_schema.columns \
                 WHERE table_schema = current_schema() AND data_type = 'bytea'"
            }
        };
        let mut all = Vec::new();
        for place in self.texts(columns).await {
            let (table, column) = place.split_once('.').unwrap();
            let query = AssertSqlSafe(format!("SELECT {column} FROM {table} WHERE {column} IS NOT NULL"));
            let values: Vec<Vec<u8>> = match self {
                Self::Sqlite(path) => {
                    let options = sqlx::sqlite::SqliteConnectOptions::new().filename(path);
                    let mut db = sqlx::SqliteConnection::connect_with(&options).await.unwrap();
                    sqlx::query_scalar(query).fetch_all(&mut db).await.unwrap()
                }
                Self::Postgres(url) => {
                    let mut db = sqlx::PgConnection::connect(url).await.unwrap();
                    db.execute("SELECT set_config('sekisho.tenant', 'all', false)").await.unwrap();
                    sqlx::query_scalar(query).fetch_all(&mut db).await.unwrap()
                }
            };
            all.extend(values.into_iter().map(|value| (table.to_owned(), column.to_owned(), value)));
        }
        all
    }
}

/// The same story on both engines, as two tests.
#[macro_export]
macro_rules! on_both {
    ($name:ident, |$stage:ident| $body:expr) => {
        mod $name {
            #[allow(
                unused_imports,
                clippy::allow_attributes,
                reason = "a body need not use the imports around it"
            )]
            use super::*;
            #[allow(unused_mut, clippy::allow_attributes, reason = "not every body sets more")]
            async fn body(mut $stage: $crate::stage::Stage) {
                $body
            }
            #[tokio::test(flavor = "multi_thread")]
            async fn on_sqlite() {
                body($crate::stage::Stage::new(sekisho_storage::Engine::Sqlite).await).await;
            }
            #[tokio::test(flavor = "multi_thread")]
            async fn on_postgres() {
                body($crate::stage::Stage::new(sekisho_storage::Engine::Postgres).await).await;
            }
        }
    };
}
