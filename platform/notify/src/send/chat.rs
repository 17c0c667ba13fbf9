//! Messages into chat channels by their incoming webhooks.

use reqwest::Method;
use sekisho_kernel::Cx;
use serde_json::{Value, json};

use super::http::{Http, Request};
use super::{Letter, SendError, line_works, outward};
use crate::settings::{ChatKind, ChatSettings};

/// Posts the letter into the channel.
pub async fn send(
    http: &Http,
    cx: &Cx,
    letter: &Letter,
    channel: &ChatSettings,
) -> Result<String, SendError> {
    let body = match channel.kind {
        ChatKind::Slack => slack(letter),
        ChatKind::Teams => teams(letter),
        ChatKind::LineWorks => line_works::hook(letter),
        ChatKind::Json => whole(letter),
    };
    let headers = vec![("content-type".to_owned(), "application/json".to_owned())];
    let body = body.to_string().into_bytes();
    match http.deliver(cx, Request { method: Method::POST, url: &channel.url, headers, body }).await {
        Err(SendError::Gone(why)) => {
            Err(SendError::Never(format!("the channel's address no longer works: {why}")))
        }
        other => other,
    }
}

/// The beginning of a text, with a sign that there was more.
pub(super) fn cut(text: &str, most: usize) -> String {
    if text.chars().count() <= most {
        return text.to_owned();
    }
    text.chars().take(most.saturating_sub(1)).chain(['…']).collect()
}

/// A text with addresses below it, for chats without buttons.
pub(super) fn with_addresses<'a>(text: &str, buttons: impl Iterator<Item = &'a (String, String)>) -> String {
    buttons.fold(text.to_owned(), |text, (words, url)| format!("{text}\n\n{words}\n{url}"))
}

/// Everything, for programs.
fn whole(letter: &Letter) -> Value {
    let named = |buttons: &[(String, String)]| -> Vec<Value> {
        buttons.iter().map(|(words, url)| json!({ "text": words, "url": url })).collect()
    };
    json!({
        "id": outward(letter.id),
        "from": letter.from,
        "subject": letter.subject,
        "text": letter.body,
        "links": named(&letter.links),
        "choices": named(&letter.choices),
        "all_choices": letter.all_choices,
    })
}

/// Slack's Block Kit. Section text is limited to 3,000 letters, the header to 150.
fn slack(letter: &Letter) -> Value {
    let escape = |text: &str| text.replace('&', "&amp;").replace('<', "&lt;").replace('>', "&gt;");
    let mut blocks = vec![
        json!({ "type": "header", "text": { "type": "plain_text", "text": cut(&letter.subject, 150) } }),
        json!({ "type": "section", "text": { "type": "mrkdwn", "text": cut(&escape(&letter.body), 3000) } }),
    ];
    let buttons: Vec<Value> = letter
        .buttons()
        .take(10)
        .enumerate()
        .map(|(number, (words, url))| {
            let words = json!({ "type": "plain_text", "text": cut(words, 75) });
            let mut button = json!({ "type": "button", "text": words, "url": url });
            if let (0, false, Some(button)) = (number, letter.choices.is_empty(), button.as_object_mut()) {
                button.insert("style".to_owned(), json!("primary"));
            }
            button
        })
        .collect();
    if !buttons.is_empty() {
        blocks.push(json!({ "type": "actions", "elements": buttons }));
    }
    json!({ "text": escape(&letter.subject), "blocks": blocks })
}

/// An Adaptive Card, which Teams' workflows take; buttons of the older cards no longer show.
fn teams(letter: &Letter) -> Value {
    let actions: Vec<Value> = letter
        .buttons()
        .take(6)
        .map(|(words, url)| json!({ "type": "Action.OpenUrl", "title": words, "url": url }))
        .collect();
    json!({
        "type": "message",
        "attachments": [{
            "contentType": "application/vnd.microsoft.card.adaptive",
            "content": {
                "$schema": "http://adaptivecards.io/schemas/adaptive-card.json",
                "type": "AdaptiveCard",
                "version": "1.4",
                "body": [
                    { "type": "TextBlock", "text": letter.subject, "weight": "Bolder", "size": "Medium", "wrap": true },
                    { "type": "TextBlock", "text": letter.body, "wrap": true },
                ],
                "actions": actions,
            },
        }],
    })
}
