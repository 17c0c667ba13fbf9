//! LINE WORKS: into a room as a bot, which signs in as a service account (JWT, RFC 7523) for tokens that last a day.

use std::collections::HashMap;
use std::sync::{Mutex, PoisonError};
use std::time::Duration;

use reqwest::Method;
use sekisho_crypto::{RsaSigner, Secret, sha256};
use sekisho_kernel::{Cx, Timestamp};
use serde_json::{Value, json};

use super::chat::{cut, with_addresses};
use super::http::{Http, Request};
use super::sms::percent;
use super::{Letter, SendError};
use crate::settings::LineWorksSettings;

/// Where tokens are given out.
const AUTH: &str = "https://auth.worksmobile.com";
/// Where messages go.
const API: &str = "https://www.worksapis.com";
/// A voucher holds so long.
const VOUCHER: Duration = Duration::from_secs(1800);
/// A token is renewed so long before its end.
const EARLY: Duration = Duration::from_secs(300);
/// Tokens kept; more accounts than that sign in anew.
const MOST_TOKENS: usize = 256;
/// Letters of a text with buttons.
const WITH_BUTTONS: usize = 1000;
/// Letters of a text without.
const WITHOUT: usize = 2000;
/// Letters of a button.
const LABEL: usize = 20;

/// Signs in and sends. Tokens live in memory: forgetting them costs a call each.
#[derive(Default)]
pub struct LineWorks {
    tokens: Mutex<HashMap<[u8; 32], (Secret, Timestamp)>>,
}

impl LineWorks {
    /// Hands the letter to the room.
    pub async fn send(
        &self,
        http: &Http,
        cx: &Cx,
        letter: &Letter,
        account: &LineWorksSettings,
    ) -> Result<String, SendError> {
        let now = cx.later().now;
        let token = self.token(http, cx, account, now).await?;
        let api = if account.api.is_empty() { API } else { account.api.trim_end_matches('/') };
        let url = format!("{api}/v1.0/bots/{}/channels/{}/messages", account.bot, account.channel);
        let headers = vec![
            ("content-type".to_owned(), "application/json".to_owned()),
            ("authorization".to_owned(), format!("Bearer {}", token.expose())),
        ];
        let body = json!({ "content": content(letter) }).to_string().into_bytes();
        let answer = http.call(Request { method: Method::POST, url: &url, headers, body }).await?;
        if answer.status.as_u16() == 401 {
            // Withdrawn before its time: the next try signs in anew.
            self.forget(account);
            return Err(SendError::Later {
                why: "401 the token was refused".to_owned(),
                wait: None,
                whole: false,
            });
        }
        match answer.judge(cx) {
            Err(SendError::Gone(why)) => Err(SendError::Never(format!("no such bot or room: {why}"))),
            other => other,
        }
    }

    async fn token(
        &self,
        http: &Http,
        cx: &Cx,
        account: &LineWorksSettings,
        now: Timestamp,
    ) -> Result<Secret, SendError> {
        let known = self.lock().get(&mark(account)).cloned();
        if let Some((token, end)) = known
            && end > now.plus(EARLY)
        {
            return Ok(token);
        }
        let never = |why: String| SendError::Never(why);
        let claims = json!({
            "iss": account.client_id,
            "sub": account.service_account,
            "iat": now.as_secs(),
            "exp": now.plus(VOUCHER).as_secs(),
        });
        let signer = RsaSigner::from_pem(&account.private_key).map_err(|error| never(error.to_string()))?;
        let voucher = signer.jwt(&claims.to_string()).map_err(|error| never(error.to_string()))?;
        let form = [
            ("assertion", voucher.as_str()),
            ("grant_type", "urn:ietf:params:oauth:grant-type:jwt-bearer"),
            ("client_id", &account.client_id),
            ("client_secret", &account.client_secret),
            ("scope", "bot"),
        ];
        let body = form.map(|(name, value)| format!("{name}={}", percent(value))).join("&").into_bytes();
        let auth = if account.auth.is_empty() { AUTH } else { account.auth.trim_end_matches('/') };
        let url = format!("{auth}/oauth2/v2.0/token");
        let headers = vec![("content-type".to_owned(), "application/x-www-form-urlencoded".to_owned())];
        let answer = http.call(Request { method: Method::POST, url: &url, headers, body }).await?;
        answer.judge(cx).map_err(|error| match error {
            SendError::Gone(why) | SendError::Never(why) => {
                SendError::Never(format!("the service account was refused: {why}"))
            }
            later @ SendError::Later { .. } => later,
        })?;
        let given: Value = serde_json::from_str(&answer.body).unwrap_or_default();
        let token = given.get("access_token").and_then(Value::as_str);
        let token = token.ok_or_else(|| SendError::later("the sign-in was answered without a token"))?;
        // The number comes as a string.
        let lasts = given
            .get("expires_in")
            .and_then(|lasts| lasts.as_u64().or_else(|| lasts.as_str().and_then(|text| text.parse().ok())));
        let lasts = Duration::from_secs(lasts.unwrap_or(3600).min(86_400));
        let token = Secret::new(token);
        let mut tokens = self.lock();
        if tokens.len() >= MOST_TOKENS {
            tokens.clear();
        }
        tokens.insert(mark(account), (token.clone(), now.plus(lasts)));
        Ok(token)
    }

    fn forget(&self, account: &LineWorksSettings) {
        self.lock().remove(&mark(account));
    }

    fn lock(&self) -> std::sync::MutexGuard<'_, HashMap<[u8; 32], (Secret, Timestamp)>> {
        self.tokens.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// What a token belongs to: a changed setting signs in anew, and no tenant gets another's.
fn mark(account: &LineWorksSettings) -> [u8; 32] {
    let parts = [
        &account.auth,
        &account.client_id,
        &account.client_secret,
        &account.service_account,
        &account.private_key,
    ];
    sha256(parts.map(|part| format!("{}:{part}", part.len())).concat().as_bytes())
}

/// A text with a button for each answer and link, as far as there is room for words.
fn content(letter: &Letter) -> Value {
    let text = format!("{}\n\n{}", letter.subject, letter.body);
    let actions: Vec<Value> = letter
        .buttons()
        .take(10)
        .map(|(words, url)| json!({ "type": "uri", "label": cut(words, LABEL), "uri": url }))
        .collect();
    if actions.is_empty() {
        return json!({ "type": "text", "text": cut(&text, WITHOUT) });
    }
    json!({ "type": "button_template", "contentText": cut(&text, WITH_BUTTONS), "actions": actions })
}

/// What an incoming webhook of LINE WORKS takes: a text and one button. Several answers share the page that offers all.
pub(super) fn hook(letter: &Letter) -> Value {
    let mut body =
        json!({ "title": cut(&letter.subject, 100), "body": { "text": cut(&letter.body, WITH_BUTTONS) } });
    let words: Vec<&str> = letter.choices.iter().map(|(words, _)| words.as_str()).collect();
    let button = match &letter.all_choices {
        Some(url) => Some((words.join(" / "), url)),
        None => letter.links.first().map(|(words, url)| (words.clone(), url)),
    };
    if let (Some((label, url)), Some(body)) = (button, body.as_object_mut()) {
        if letter.all_choices.is_some() {
            let text = with_addresses(&letter.body, letter.links.iter());
            body.insert("body".to_owned(), json!({ "text": cut(&text, WITH_BUTTONS) }));
        }
        body.insert("button".to_owned(), json!({ "label": cut(&label, LABEL), "url": url }));
    }
    body
}
