//! Text messages through any gateway with an HTTP interface: the tenant describes the call once, with `{to}` and `{text}`
//! where the number and the words go.

use reqwest::Method;
use sekisho_kernel::Cx;

use super::http::{Http, Request};
use super::{Letter, SendError};
use crate::settings::SmsSettings;

/// Japanese carriers take 670 letters; more is cut, with a sign that it was.
const LONGEST: usize = 660;

/// How words are written into a place of the template.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
enum Place {
    Url,
    Form,
    Json,
    Plain,
}

/// Hands the letter's short text to the gateway.
pub async fn send(
    http: &Http,
    cx: &Cx,
    letter: &Letter,
    gateway: &SmsSettings,
    number: &str,
) -> Result<String, SendError> {
    let text = words(letter);
    let body_place = match gateway.content_type.split(';').next().unwrap_or_default().trim() {
        "application/json" => Place::Json,
        "application/x-www-form-urlencoded" => Place::Form,
        _ => Place::Plain,
    };
    let url = fill(&gateway.url, Place::Url, number, &text);
    let mut headers: Vec<(String, String)> =
        gateway.headers.iter().map(|(name, value)| (name.clone(), value.clone())).collect();
    if !gateway.content_type.is_empty() {
        headers.push(("content-type".to_owned(), gateway.content_type.clone()));
    }
    // Gateways that know the header send a message with the same key once.
    headers.push(("idempotency-key".to_owned(), super::outward(letter.id)));
    let method = gateway.method.parse::<Method>().unwrap_or(Method::POST);
    let body = fill(&gateway.body, body_place, number, &text).into_bytes();
    match http.deliver(cx, Request { method, url: &url, headers, body }).await {
        // The gateway's address is the tenant's setting: 404 is a wrong setting, not a number that is gone.
        Err(SendError::Gone(why)) => Err(SendError::Never(why)),
        other => other,
    }
}

/// The words of a text message: short text, then the one address there is room for: of the page with all answers, else
/// the first link.
pub fn words(letter: &Letter) -> String {
    let link = letter.all_choices.as_ref().or(letter.links.first().map(|(_, url)| url));
    let link = link.map(|url| format!("\n{url}")).unwrap_or_default();
    let room = LONGEST.saturating_sub(link.chars().count());
    let mut text: String = letter.short.chars().take(room).collect();
    if letter.short.chars().count() > room {
        text.pop();
        text.push('…');
    }
    text.push_str(&link);
    text
}

/// Replaces both places in one pass, so that words which contain `{to}` stay words.
fn fill(template: &str, place: Place, to: &str, text: &str) -> String {
    let mut out = String::new();
    let mut rest = template;
    while let Some((before, after)) = rest.split_once('{') {
        out.push_str(before);
        if let Some(after) = after.strip_prefix("to}") {
            out.push_str(&escape(place, to));
            rest = after;
        } else if let Some(after) = after.strip_prefix("text}") {
            out.push_str(&escape(place, text));
            rest = after;
        } else {
            out.push('{');
            rest = after;
        }
    }
    out.push_str(rest);
    out
}

fn escape(place: Place, words: &str) -> String {
    match place {
        Place::Url | Place::Form => percent(words),
        Place::Json => {
            let quoted = serde_json::Value::from(words).to_string();
            quoted
                .strip_prefix('"')
                .and_then(|quoted| quoted.strip_suffix('"'))
                .unwrap_or_default()
                .to_owned()
        }
        Place::Plain => words.to_owned(),
    }
}

/// Everything but unreserved letters (RFC 3986, 2.3) as `%XX`.
pub(super) fn percent(words: &str) -> String {
    let mut out = String::new();
    for byte in words.bytes() {
        if byte.is_ascii_alphanumeric() || b"-._~".contains(&byte) {
            out.push(char::from(byte));
        } else {
            out.push_str(&format!("%{byte:02X}"));
        }
    }
    out
}

#[cfg(test)]
mod tests {
    use super::{Place, fill};

    #[test]
    fn words_are_escaped_for_their_place() {
        let (to, text) = ("+8190", "鍵 \"A\"&{to}\n");
        for (place, template, want) in [
            (
                Place::Url,
                "https://x/?t={to}&m={text}",
                "https://x/?t=%2B8190&m=%E9%8D%B5%20%22A%22%26%7Bto%7D%0A",
            ),
            (Place::Form, "to={to}&body={text}", "to=%2B8190&body=%E9%8D%B5%20%22A%22%26%7Bto%7D%0A"),
            (Place::Json, r#"{"to":"{to}","text":"{text}"}"#, r#"{"to":"+8190","text":"鍵 \"A\"&{to}\n"}"#),
            (Place::Plain, "{to}: {text}", "+8190: 鍵 \"A\"&{to}\n"),
            (Place::Plain, "no places {here", "no places {here"),
        ] {
            assert_eq!(fill(template, place, to, text), want, "{template}");
        }
    }
}
