//! Programs at the API: they open bins from afar and make groups, and ask again with the same `Idempotency-Key` until they
//! are answered.

use std::path::PathBuf;
use std::sync::Arc;
use std::time::Duration;

use reqwest::{Certificate, Client, StatusCode};
use sekisho_keys::BoxId;
use serde_json::{Value, json};
use tokio_util::sync::CancellationToken;
use uuid::Uuid;

use super::Chance;
use super::company::{BINS, Company, KEYS};

/// What was answered, and what was not.
#[derive(Default)]
pub struct Acts {
    /// Commands of openings that were accepted.
    pub openings: Vec<Uuid>,
    /// Groups that were made.
    pub groups: Vec<String>,
    /// Reasons of openings whose answer was lost with the server: they happened once or not at all.
    pub lost_openings: Vec<String>,
    /// Names of groups likewise.
    pub lost_groups: Vec<String>,
}

impl Acts {
    pub fn answered(&self) -> usize {
        self.openings.len() + self.groups.len()
    }

    pub fn unanswered(&self) -> usize {
        self.lost_openings.len() + self.lost_groups.len()
    }

    fn join(&mut self, other: Self) {
        self.openings.extend(other.openings);
        self.groups.extend(other.groups);
        self.lost_openings.extend(other.lost_openings);
        self.lost_groups.extend(other.lost_groups);
    }
}

pub fn client(company: &Company) -> Client {
    let authority = Certificate::from_pem(company.authority_pem.as_bytes()).unwrap();
    Client::builder().tls_certs_only([authority]).timeout(Duration::from_secs(10)).build().unwrap()
}

pub struct Programs {
    stop: CancellationToken,
    tasks: Vec<tokio::task::JoinHandle<Acts>>,
}

impl Programs {
    pub fn start(company: &Company, count: u64, seed: u64) -> Self {
        let stop = CancellationToken::new();
        let boxes: Arc<Vec<BoxId>> = Arc::new(company.boxes.iter().map(|one| one.id).collect());
        let tasks = (0..count)
            .map(|number| {
                let program = Program {
                    number,
                    client: client(company),
                    url: company.url.clone(),
                    token: company.token.clone(),
                    boxes: boxes.clone(),
                    chance: Chance(seed ^ (number + 1) << 32),
                    acts: Acts::default(),
                };
                tokio::spawn(program.run(stop.clone()))
            })
            .collect();
        Self { stop, tasks }
    }

    pub async fn stop(self) -> Acts {
        self.stop.cancel();
        let mut all = Acts::default();
        for task in self.tasks {
            all.join(task.await.unwrap());
        }
        all
    }
}

struct Program {
    number: u64,
    client: Client,
    url: String,
    token: String,
    boxes: Arc<Vec<BoxId>>,
    chance: Chance,
    acts: Acts,
}

impl Program {
    async fn run(mut self, stop: CancellationToken) -> Acts {
        let mut count = 0;
        while stop.run_until_cancelled(tokio::time::sleep(self.chance.moment(50, 250))).await.is_some() {
            count += 1;
            let word = format!("program {} act {count}", self.number);
            if self.chance.below(2) == 0 {
                let place = self.boxes[usize::try_from(self.chance.below(self.boxes.len() as u64)).unwrap()];
                let bin = KEYS + 1 + u16::try_from(self.chance.below(u64::from(BINS - KEYS))).unwrap();
                let path = format!("/api/v1/key-boxes/{place}/bins/{bin}/open");
                match self.ask(&path, json!({ "reason": word })).await {
                    Some(answer) => {
                        self.acts.openings.push(answer["command"].as_str().unwrap().parse().unwrap())
                    }
                    None => self.acts.lost_openings.push(word),
                }
            } else {
                match self.ask("/api/v1/key-groups", json!({ "name": word })).await {
                    Some(_) => self.acts.groups.push(word),
                    None => self.acts.lost_groups.push(word),
                }
            }
        }
        self.acts
    }

    /// Asks until there is an answer. `None`: a server died between the act and its answer, and says so.
    async fn ask(&mut self, path: &str, body: Value) -> Option<Value> {
        let key = format!("{path} {body}");
        loop {
            let asked = self
                .client
                .post(format!("{}{path}", self.url))
                .bearer_auth(&self.token)
                .header("Idempotency-Key", &key)
                .json(&body)
                .send()
                .await;
            let Ok(response) = asked else {
                tokio::time::sleep(self.chance.moment(20, 80)).await;
                continue;
            };
            let status = response.status();
            let Ok(text) = response.text().await else { continue };
            match status {
                StatusCode::CREATED | StatusCode::ACCEPTED => {
                    return Some(serde_json::from_str(&text).unwrap());
                }
                StatusCode::CONFLICT => return None,
                StatusCode::SERVICE_UNAVAILABLE | StatusCode::TOO_MANY_REQUESTS => {
                    tokio::time::sleep(self.chance.moment(20, 80)).await
                }
                other => panic!("{other} for {path} {body}: {text}"),
            }
        }
    }
}

/// What the API answers.
pub async fn get(company: &Company, path: &str) -> String {
    let asked = client(company)
        .get(format!("{}{path}", company.url))
        .bearer_auth(&company.token)
        .send()
        .await
        .unwrap();
    assert!(asked.status().is_success(), "{path}: {}", asked.status());
    asked.text().await.unwrap()
}

/// A signed checkpoint of the record, as a careful administrator keeps it outside: what comes later must go on from it.
pub async fn checkpoint(company: &Company) -> String {
    let answer: Value = serde_json::from_str(&get(company, "/api/v1/audit/checkpoint").await).unwrap();
    answer["checkpoint"].as_str().unwrap().to_owned()
}

/// The whole record and the key that checks it.
pub struct Export {
    pub file: PathBuf,
    pub key: String,
}

pub async fn export(company: &Company) -> Export {
    let answer: Value = serde_json::from_str(&get(company, "/api/v1/audit/checkpoint").await).unwrap();
    let file = company.folder.path().join("record.jsonl");
    std::fs::write(&file, get(company, "/api/v1/audit/export?format=jsonl").await).unwrap();
    Export { file, key: answer["public_key"].as_str().unwrap().to_owned() }
}
