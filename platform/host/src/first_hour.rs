//! The first hour of an empty installation: site → people → what the modules begin with. Each step is a page that is there
//! anyway; it is done when something of the kind exists, and may be put off.

use std::sync::Arc;

use async_trait::async_trait;
use axum::extract::State;
use axum::http::HeaderMap;
use sekisho_identity::PeopleFilter;
use sekisho_web::parts::{Badge, Button, Card, Icon, Tone};
use sekisho_web::{Access, Asker, Form, Markup, Mounted, Page, Reader, Result, Routes, Sheet, arg, cookie};
use serde::Deserialize;

use crate::Mount;
use crate::foundation::Foundation;

/// The steps put off in this browser, joined by dots.
const COOKIE: &str = "first-hour";
/// How long a browser remembers.
const YEAR: u64 = 365 * 86_400;

/// One step of the first hour.
#[async_trait]
pub trait FirstStep: Send + Sync {
    /// Smaller comes first.
    fn order(&self) -> u16;

    /// Its word; the texts are `first-WORD`, `first-WORD-about` and `first-WORD-do`.
    fn word(&self) -> &'static str;

    /// The page on which it is done.
    fn href(&self) -> &'static str;

    /// Its icon.
    fn icon(&self) -> &'static str;

    /// Whether it is done.
    async fn is_done(&self, asker: &Asker) -> Result<bool>;
}

/// The steps of the platform itself.
pub(crate) fn platform(foundation: &Foundation) -> Vec<Arc<dyn FirstStep>> {
    vec![Arc::new(FirstSite(foundation.clone())), Arc::new(FirstPeople(foundation.clone()))]
}

struct FirstSite(Foundation);

#[async_trait]
impl FirstStep for FirstSite {
    fn order(&self) -> u16 {
        10
    }

    fn word(&self) -> &'static str {
        "site"
    }

    fn href(&self) -> &'static str {
        "/settings/places/new"
    }

    fn icon(&self) -> &'static str {
        "building"
    }

    async fn is_done(&self, asker: &Asker) -> Result<bool> {
        let scope = self.0.store.read(asker.cx.tenant).await?;
        Ok(!sekisho_places::sites(&scope).await?.is_empty())
    }
}

struct FirstPeople(Foundation);

#[async_trait]
impl FirstStep for FirstPeople {
    fn order(&self) -> u16 {
        20
    }

    fn word(&self) -> &'static str {
        "people"
    }

    fn href(&self) -> &'static str {
        "/people/new"
    }

    fn icon(&self) -> &'static str {
        "user-plus"
    }

    async fn is_done(&self, asker: &Asker) -> Result<bool> {
        let scope = self.0.store.read(asker.cx.tenant).await?;
        // The first administrator is there from the beginning.
        let some = PeopleFilter { limit: 2, ..PeopleFilter::default() };
        Ok(self.0.identity.people(&asker.cx, &scope, &some).await?.len() > 1)
    }
}

/// The steps as they stand for one browser.
#[derive(Clone)]
pub(crate) struct FirstHour(pub(crate) Arc<Vec<Arc<dyn FirstStep>>>);

/// A step as it stands.
pub(crate) struct Standing {
    pub(crate) word: &'static str,
    pub(crate) href: &'static str,
    pub(crate) icon: &'static str,
    pub(crate) done: bool,
    pub(crate) skipped: bool,
}

fn put_off(headers: &HeaderMap) -> Vec<String> {
    cookie::read(headers, COOKIE).unwrap_or_default().split('.').map(str::to_owned).collect()
}

impl FirstHour {
    async fn standing(&self, asker: &Asker, headers: &HeaderMap) -> Result<Vec<Standing>> {
        let skipped = put_off(headers);
        let mut all = Vec::new();
        for step in self.0.iter() {
            all.push(Standing {
                word: step.word(),
                href: step.href(),
                icon: step.icon(),
                done: step.is_done(asker).await?,
                skipped: skipped.iter().any(|word| word == step.word()),
            });
        }
        Ok(all)
    }

    /// The card on the first page, as long as a step is neither done nor put off.
    pub(crate) async fn card(&self, asker: &Asker, headers: &HeaderMap) -> Result<Option<Markup>> {
        let all = self.standing(asker, headers).await?;
        Ok(all.iter().any(|step| !step.done && !step.skipped).then(|| steps(&asker.texts(), &all)))
    }
}

/// The steps as a list, the next one with its button.
pub(crate) fn steps(t: &sekisho_web::Texts, all: &[Standing]) -> Markup {
    let next = all.iter().position(|step| !step.done && !step.skipped);
    let mut list = Markup::raw("<ol class=\"first-steps\">");
    for (number, step) in all.iter().enumerate() {
        let current = next == Some(number);
        let state = match (step.done, step.skipped) {
            (true, _) => Badge::new(t.get("first-done")).tone(Tone::Good).icon("check").into(),
            (_, true) => Markup::from(Badge::new(t.get("first-skipped"))),
            _ => Markup::default(),
        };
        let mut acts = Markup::default();
        if !step.done {
            let go = Button::link(step.href, t.get(&format!("first-{}-do", step.word))).small();
            acts = acts.then(if current { go.primary() } else { go });
        }
        if current {
            acts = acts.then(Markup::raw(format!(
                "<form class=\"inline\" method=\"post\" action=\"/first-hour/skip\"><button class=\"btn btn-quiet btn-small\" name=\"step\" value=\"{}\">{}</button></form>",
                step.word,
                Markup::text(t.get("first-later"))
            )));
        }
        list = list.then(Markup::raw(format!(
            "<li class=\"first-step{}{}\"{}><span class=\"first-mark\">{}</span><div class=\"first-words\"><b>{}</b>{state}<p class=\"muted\">{}</p><div class=\"form-buttons\">{acts}</div></div></li>",
            if step.done { " first-step-done" } else { "" },
            if current { " first-step-now" } else { "" },
            if current { " aria-current=\"step\"" } else { "" },
            Icon::new(step.icon),
            Markup::text(t.get(&format!("first-{}", step.word))),
            Markup::text(t.get(&format!("first-{}-about", step.word))),
        )));
    }
    let done = all.iter().filter(|step| step.done).count();
    let title = t.with("first-title-count", [("done", arg(done)), ("all", arg(all.len()))]);
    Card::new(title).body(list.then(Markup::raw("</ol>"))).into()
}

async fn page(asker: Asker, State(first): State<FirstHour>, headers: HeaderMap) -> Result {
    let all = first.standing(&asker, &headers).await?;
    Ok(asker.show(&FirstHourPage { all }))
}

/// The steps of the first hour.
pub(crate) struct FirstHourPage {
    pub(crate) all: Vec<Standing>,
}

impl Page for FirstHourPage {
    fn draw(&self, reader: &Reader) -> Sheet {
        let t = reader.texts();
        let intro = Markup::raw(format!("<p>{}</p>", Markup::text(t.get("first-intro"))));
        let sheet = reader.sheet("first-title").crumb("/settings", "settings-title");
        sheet.body(intro.then(steps(&t, &self.all)))
    }
}

#[derive(Deserialize)]
struct Skip {
    step: String,
}

/// Puts a step off, in this browser.
async fn skip(asker: Asker, State(first): State<FirstHour>, headers: HeaderMap, sent: Form<Skip>) -> Result {
    let wanted = sent.take()?.step;
    let mut words = put_off(&headers);
    words.push(wanted);
    // Only words of ours go back into the cookie.
    let ours: Vec<&str> =
        first.0.iter().map(|step| step.word()).filter(|word| words.iter().any(|one| one == word)).collect();
    let mut response = asker.go("/");
    if let Some(cookie) = cookie::set(COOKIE, &ours.join("."), asker.is_secure(), Some(YEAR)) {
        response.headers_mut().append(axum::http::header::SET_COOKIE, cookie);
    }
    Ok(response)
}

/// The page of the first hour.
pub(crate) fn mount(first: FirstHour) -> Mount {
    let routes: Mounted = Routes::new("today")
        .get("/first-hour", Access::Administrator, page)
        .post("/first-hour/skip", Access::Administrator, skip)
        .with_state(first);
    Mount { routes: vec![routes], ..Mount::default() }
}
