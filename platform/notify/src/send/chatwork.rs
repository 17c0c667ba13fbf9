//! Chatwork: into a room, by the token of whoever writes there. It has no buttons; addresses stand in the text.

use reqwest::Method;
use sekisho_kernel::Cx;

use super::chat::{cut, with_addresses};
use super::http::{Http, Request};
use super::sms::percent;
use super::{Letter, SendError};
use crate::settings::ChatworkSettings;

/// Where messages go.
const API: &str = "https://api.chatwork.com";
/// More letters than that are cut; Chatwork takes 65,535.
const LONGEST: usize = 20_000;

/// Hands the letter to the room.
pub async fn send(
    http: &Http,
    cx: &Cx,
    letter: &Letter,
    account: &ChatworkSettings,
) -> Result<String, SendError> {
    let api = if account.api.is_empty() { API } else { account.api.trim_end_matches('/') };
    let url = format!("{api}/v2/rooms/{}/messages", account.room);
    let headers = vec![
        ("content-type".to_owned(), "application/x-www-form-urlencoded".to_owned()),
        ("x-chatworktoken".to_owned(), account.token.clone()),
    ];
    // Unread for the token's owner too, who may be one of those it is for.
    let body = format!("body={}&self_unread=1", percent(&text(letter))).into_bytes();
    match http.deliver(cx, Request { method: Method::POST, url: &url, headers, body }).await {
        Err(SendError::Gone(why)) => Err(SendError::Never(format!("no such room: {why}"))),
        other => other,
    }
}

fn text(letter: &Letter) -> String {
    let buttons: Vec<_> = letter.buttons().map(|(words, url)| (plain(words), url.clone())).collect();
    let body = with_addresses(&plain(&letter.body), buttons.iter());
    format!("[info][title]{}[/title]{}[/info]", plain(&letter.subject), cut(&body, LONGEST))
}

/// Words stay words: in brackets they could call people or change the look (`[toall]`), and nothing escapes them.
fn plain(words: &str) -> String {
    words.replace('[', "［").replace(']', "］")
}

#[cfg(test)]
mod tests {
    use super::plain;

    #[test]
    fn a_guests_name_calls_nobody() {
        assert_eq!(plain("[toall] 山田[To:1]"), "［toall］ 山田［To:1］");
    }
}
