//! The pages of this room: signing in, everybody's own pages, people, groups and the tenant's rules about them.

mod app;
mod code_form;
mod groups;
mod hand_over;
mod links;
mod me;
mod people;
mod person;
mod person_tabs;
mod samples;
mod security;
mod settings;
mod sign_in;
mod step_up;

use std::str::FromStr;

use axum::http::{HeaderMap, header};
use axum::response::Response;
use sekisho_kernel::Kinded;
use sekisho_web::{Access, Asker, Mounted, NavItem, Result, Routes, WebError, cookie, escape_query};

use crate::Identity;

pub(crate) use people::{ListAsk, cut};
pub use samples::samplers;

/// The routes of this room.
pub fn routes(identity: Identity) -> Mounted {
    Routes::new("identity")
        .merge(sign_in::routes())
        .merge(links::routes())
        .merge(step_up::routes())
        .merge(me::routes())
        .merge(security::routes())
        .merge(app::routes())
        .merge(people::routes())
        .merge(person::routes())
        .merge(groups::routes())
        .merge(settings::routes())
        .merge(crate::api::routes())
        .with_state(identity)
}

/// The entries of this room in the rail.
pub fn nav() -> Vec<NavItem> {
    vec![
        NavItem {
            order: 1,
            text: "identity-nav-me",
            href: "/me",
            icon: "user-circle",
            administrator_only: false,
        },
        NavItem {
            order: 60,
            text: "identity-nav-people",
            href: "/people",
            icon: "users",
            administrator_only: true,
        },
    ]
}

const SIGN_IN: Access = Access::Public("who is not signed in yet has to sign in somewhere");
const LINK: Access = Access::Public("the token in the address, mailed or handed over, is the credential");

/// Reads an id of an address; what is none is missing.
pub(crate) fn id<T: FromStr>(text: &str) -> Result<T> {
    text.parse().map_err(|_| WebError::missing())
}

/// Whether the refusal can be mended by proving again who one is.
pub(crate) fn wants_step_up(error: &impl Kinded) -> bool {
    matches!(error.text(), "identity-step-up-needed" | "identity-reveal-step-up")
}

/// Leads to the fresh proof, and back to `next` afterwards.
fn to_step_up(asker: &Asker, next: &str) -> Response {
    asker.go(format!("/step-up?next={}", escape_query(next)))
}

/// A refusal to be shown. Where no mail leaves, one that promises a mail names the administrator instead.
async fn truly(asker: &Asker, identity: &Identity, error: impl Into<WebError>) -> Result<WebError> {
    let error = error.into();
    let text = match error.text() {
        "identity-sign-in-wrong" => "identity-sign-in-wrong-no-mail",
        "identity-code-locked" | "identity-password-locked" => "identity-locked-no-mail",
        _ => return Ok(error),
    };
    let mail = identity.ways(&identity.read(&asker.cx).await?).await?.mail;
    Ok(if mail { error } else { WebError::new(error.kind().clone(), text, error.chain()) })
}

/// Sets a cookie on an answer; `None` as life ends with the browser.
fn set_cookie(response: &mut Response, name: &str, value: &str, secure: bool, seconds: Option<u64>) {
    if let Some(line) = cookie::set(name, value, secure, seconds) {
        response.headers_mut().append(header::SET_COOKIE, line);
    }
}

/// The browser's name for itself.
fn agent(headers: &HeaderMap) -> String {
    headers.get(header::USER_AGENT).and_then(|value| value.to_str().ok()).unwrap_or_default().to_owned()
}

/// A browser's name for itself in the words people use: `Chrome · Windows`.
pub(crate) fn browser_name(agent: &str) -> String {
    let first = |words: &[(&str, &'static str)]| {
        words.iter().find(|(sign, _)| agent.contains(sign)).map(|(_, name)| *name)
    };
    let browser = first(&[
        ("Edg", "Edge"),
        ("OPR/", "Opera"),
        ("Firefox", "Firefox"),
        ("FxiOS", "Firefox"),
        ("CriOS", "Chrome"),
        ("Chrome", "Chrome"),
        ("Safari", "Safari"),
        ("curl", "curl"),
    ]);
    let system = first(&[
        ("iPhone", "iPhone"),
        ("iPad", "iPad"),
        ("Android", "Android"),
        ("Windows", "Windows"),
        ("Mac OS", "Mac"),
        ("CrOS", "ChromeOS"),
        ("Linux", "Linux"),
    ]);
    match (browser, system) {
        (Some(browser), Some(system)) => format!("{browser} · {system}"),
        (Some(one), None) | (None, Some(one)) => one.to_owned(),
        (None, None) if agent.trim().is_empty() => "–".to_owned(),
        (None, None) => agent.chars().take(40).collect(),
    }
}

#[cfg(test)]
mod tests {
    #[test]
    fn names_browsers_as_people_do() {
        for (agent, name) in [
            (
                "Mozilla/5.0 (Windows NT 10.0; Win64; x64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/130.0 Safari/537.36 Edg/130.0",
                "Edge · Windows",
            ),
            (
                "Mozilla/5.0 (iPhone; CPU iPhone OS 18_0 like Mac OS X) AppleWebKit/605.1.15 Version/18.0 Mobile/15E148 Safari/604.1",
                "Safari · iPhone",
            ),
            ("Mozilla/5.0 (X11; Linux x86_64; rv:132.0) Gecko/20100101 Firefox/132.0", "Firefox · Linux"),
            ("strange", "strange"),
        ] {
            assert_eq!(super::browser_name(agent), name);
        }
    }
}
