//! Makes boxes, keys and an invented person known to a server, through its API as any program would.

use anyhow::{Context as _, bail};
use sekisho_agent::fleet::Pass;
use sekisho_crypto::system_world;
use serde_json::{Value, json};
use std::time::Duration;

/// When the server is busy it says for how long; without a word this long.
const BUSY: Duration = Duration::from_secs(2);

/// The fob that hangs in a bin of a simulated box at first.
pub(super) fn fob(number: usize, bin: u16) -> String {
    format!("E25E{number:08X}{bin:04X}")
}

/// Digits of chance, never a run or one digit over and over.
fn pin() -> String {
    let mut chance = [0; 4];
    system_world().fill(&mut chance);
    format!("{:05}{}", u32::from_be_bytes(chance) % 100_000, "27").chars().rev().collect()
}

/// Calls the API with an administrator's token.
pub(super) struct Furnisher {
    client: reqwest::Client,
    server: String,
    token: String,
    bins: u16,
    site: Option<Value>,
    /// The group of all keys hung up here.
    group: Option<String>,
    /// Tells the things of one run from those of another.
    mark: String,
}

impl Furnisher {
    pub(super) fn new(
        server: &str,
        token: &str,
        authorities: Option<&str>,
        bins: u16,
    ) -> anyhow::Result<Self> {
        let mut builder = reqwest::Client::builder().timeout(Duration::from_secs(30));
        if let Some(pem) = authorities {
            let root = reqwest::Certificate::from_pem(pem.as_bytes()).context("--ca holds no certificate")?;
            builder = builder.tls_certs_only([root]);
        }
        let mut mark = [0; 4];
        system_world().fill(&mut mark);
        Ok(Self {
            client: builder.build()?,
            server: server.trim_end_matches('/').to_owned(),
            token: token.to_owned(),
            bins,
            site: None,
            group: None,
            mark: format!("{:08X}", u32::from_be_bytes(mark)),
        })
    }

    /// An invented person who may take the keys hung up here, the badge they carry and the PIN to it.
    pub(super) async fn person(&mut self) -> anyhow::Result<Pass> {
        let name = format!("Simulation {}", self.mark);
        let person = self.call("POST", "/api/v1/people", json!({ "name": name })).await?;
        let person = person.get("id").cloned().context("the server did not say whom it made")?;
        let badge = format!("5E{}", self.mark);
        let pin = pin();
        let path = format!("/api/v1/people/{}/badges", person.as_str().unwrap_or_default());
        self.call("POST", &path, json!({ "serial": badge, "label": "sim" })).await?;
        let path = format!("/api/v1/people/{}/pin", person.as_str().unwrap_or_default());
        self.call("PUT", &path, json!({ "pin": pin })).await?;
        // Only the keys of this run: a server may have others that open something.
        let group = self.call("POST", "/api/v1/key-groups", json!({ "name": name })).await?;
        let group = group.get("id").cloned().context("the server did not say which group it made")?;
        let grant = json!({
            "subject": { "kind": "person", "id": person },
            "right": "exchange",
            "target": { "on": "resource", "id": group },
            "note": "sekisho sim",
        });
        self.call("POST", "/api/v1/grants", grant).await?;
        self.group = group.as_str().map(str::to_owned);
        Ok(Pass { badge, pin: Some(pin) })
    }

    /// Makes the box of that number known, with its keys when wanted; answers with its claim code.
    pub(super) async fn device(&mut self, number: usize, furnish: bool) -> anyhow::Result<String> {
        let name = format!("Simulated box {number} ({})", self.mark);
        let site = if furnish { Some(self.site().await?) } else { None };
        let ask = json!({ "kind": "smartbox", "name": name, "site": site });
        let made = self.call("POST", "/api/v1/devices", ask).await?;
        let claim = made.get("claim").and_then(Value::as_str).context("the server gave no claim code")?;
        if furnish {
            self.hang_box(number, &name, &made).await?;
        }
        Ok(claim.to_owned())
    }

    async fn site(&mut self) -> anyhow::Result<Value> {
        if let Some(site) = &self.site {
            return Ok(site.clone());
        }
        let new = json!({ "name": format!("Simulation {}", self.mark), "address": "", "zone": "Asia/Tokyo" });
        let site = self.call("POST", "/api/v1/sites", new).await?;
        let site = site.get("id").cloned().context("the server did not say which site it made")?;
        self.site = Some(site.clone());
        Ok(site)
    }

    async fn hang_box(&mut self, number: usize, name: &str, device: &Value) -> anyhow::Result<()> {
        let form = json!({
            "name": name, "site": self.site, "bins": self.bins, "columns": 4, "return_policy": "any_bin",
        });
        let smartbox = self.call("POST", "/api/v1/key-boxes", form).await?;
        let smartbox = smartbox.get("id").cloned().context("the server did not say which box it made")?;
        let path = format!("/api/v1/key-boxes/{}/device", smartbox.as_str().unwrap_or_default());
        self.call("PUT", &path, json!({ "device": device.get("device") })).await?;
        for bin in 1..=self.bins {
            let form = json!({
                "name": format!("{number}-{bin} ({})", self.mark), "description": "", "pickup_note": "",
                "fob": fob(number, bin), "home_box": smartbox, "home_bin": bin, "return_policy": null,
                "due": { "rule": "never" }, "hangs_there": true,
            });
            let key = self.call("POST", "/api/v1/keys", form).await?;
            let key =
                key.get("id").and_then(Value::as_str).context("the server did not say which key it made")?;
            if let Some(group) = &self.group {
                self.call("PUT", &format!("/api/v1/key-groups/{group}/keys/{key}"), json!({})).await?;
            }
        }
        Ok(())
    }

    /// One call; a server that is busy is asked again when it said it would have time.
    async fn call(&self, method: &str, path: &str, body: Value) -> anyhow::Result<Value> {
        loop {
            let request = match method {
                // What is changed here was made a moment ago by nobody else.
                "PUT" => self.client.put(format!("{}{path}", self.server)).header("if-match", "*"),
                _ => self.client.post(format!("{}{path}", self.server)),
            };
            let answer = request
                .bearer_auth(&self.token)
                .json(&body)
                .send()
                .await
                .with_context(|| format!("{} cannot be reached", self.server))?;
            let status = answer.status();
            if status.as_u16() == 429 {
                let wait =
                    answer.headers().get("retry-after").and_then(|value| value.to_str().ok()?.parse().ok());
                tokio::time::sleep(wait.map_or(BUSY, Duration::from_secs)).await;
                continue;
            }
            let text = answer.text().await?;
            if !status.is_success() {
                bail!("{method} {path}: the server refused ({status}): {text}");
            }
            return Ok(serde_json::from_str(&text).unwrap_or(Value::Null));
        }
    }
}
