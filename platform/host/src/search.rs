//! `/search`: over everything the asker may know of. Each room answers for its own things with a [`Seek`]; what the asker
//! may not know of is not found.

mod rooms;
mod wanted;

use std::sync::Arc;

use async_trait::async_trait;
use axum::extract::State;
use axum::response::Response;
use sekisho_web::parts::{Card, Column, Empty, Row, Table};
use sekisho_web::{
    Access, Asker, JsonList, Markup, Mounted, Page, Query, Reader, Result, Routes, Sheet, Texts,
};
use serde::{Deserialize, Serialize};
use utoipa::OpenApi;

use crate::Mount;

pub(crate) use rooms::{Pages, platform};
pub use wanted::Wanted;

/// A kind of thing shows at most so many; more words find fewer.
pub(crate) const MOST: usize = 20;

/// Something found.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, utoipa::ToSchema)]
pub struct Found {
    /// What it is called.
    pub name: String,
    /// A few words that tell it from others; may be empty.
    pub hint: String,
    /// Where it stands.
    pub href: String,
    /// How well it fits, smaller is better.
    #[serde(skip)]
    pub fit: u8,
}

/// A room's part of the search.
#[async_trait]
pub trait Seek: Send + Sync {
    /// The word for the things in the API (`key`, `person`); their heading on the page is the text `search-WORD`.
    fn kind(&self) -> &'static str;

    /// Where its things stand among the others', as in the rail.
    fn order(&self) -> u16;

    /// The asker's things that fit.
    async fn seek(&self, asker: &Asker, wanted: &Wanted) -> Result<Vec<Found>>;
}

/// The things of one kind, the best first, and whether there are more than are shown.
pub(crate) struct Kind {
    pub(crate) kind: &'static str,
    pub(crate) found: Vec<Found>,
    pub(crate) more: bool,
}

type Seekers = Arc<Vec<Arc<dyn Seek>>>;

async fn seek(seekers: &Seekers, asker: &Asker, wanted: &Wanted) -> Result<Vec<Kind>> {
    let mut kinds = Vec::new();
    if wanted.is_empty() {
        return Ok(kinds);
    }
    for seeker in seekers.iter() {
        let mut found = seeker.seek(asker, wanted).await?;
        found.sort_by_key(|one| one.fit);
        let more = found.len() > MOST;
        found.truncate(MOST);
        if !found.is_empty() {
            kinds.push(Kind { kind: seeker.kind(), found, more });
        }
    }
    Ok(kinds)
}

#[derive(Default, Deserialize)]
struct Ask {
    q: String,
}

async fn page(asker: Asker, State(seekers): State<Seekers>, Query(ask): Query<Ask>) -> Result {
    let wanted = Wanted::new(&ask.q);
    let kinds = seek(&seekers, &asker, &wanted).await?;
    Ok(asker.show(&SearchPage { wanted, kinds }))
}

/// What was found for some words.
pub(crate) struct SearchPage {
    pub(crate) wanted: Wanted,
    pub(crate) kinds: Vec<Kind>,
}

impl Page for SearchPage {
    fn draw(&self, reader: &Reader) -> Sheet {
        reader.sheet("search-title").body(body(&reader.texts(), &self.wanted, &self.kinds))
    }
}

fn body(t: &Texts, wanted: &Wanted, kinds: &[Kind]) -> Markup {
    // Asks again while somebody types; without scripts it is a plain form.
    let form = Markup::raw(format!(
        "<form class=\"search-box\" action=\"/search\" role=\"search\"><label for=\"q\" class=\"sr-only visually-hidden\">{}</label><input type=\"search\" id=\"q\" name=\"q\" value=\"{}\" autocomplete=\"off\" maxlength=\"100\" placeholder=\"{}\" hx-get=\"/search\" hx-trigger=\"input changed delay:200ms\" hx-target=\"#found\" hx-select=\"#found\" hx-swap=\"outerHTML\" hx-replace-url=\"true\"><button class=\"btn btn-plain\" type=\"submit\">{}</button></form>",
        Markup::text(t.get("search-what")),
        Markup::text(&wanted.typed),
        Markup::text(t.get("search-what")),
        Markup::text(t.get("search")),
    ));
    let found = kinds.iter().fold(Markup::default(), |all, kind| {
        let heading = t.get(&format!("search-{}", kind.kind));
        let rows = kind.found.iter().map(|one| Row::new().cell(&one.name).cell(&one.hint).href(&*one.href));
        let columns = [Column::new(t.get("name")), Column::new(t.get("search-more-words"))];
        let mut card = Card::new(&*heading).flush().body(Table::new(heading, columns).rows(rows));
        if kind.more {
            card = card.footer(t.get("search-narrow"));
        }
        all.then(card)
    });
    let found = match (wanted.is_empty(), kinds.is_empty()) {
        (true, _) => {
            Markup::from(Empty::new(t.get("search-start"), t.get("search-start-text")).icon("search"))
        }
        (_, true) => {
            let text = t.with("search-none-text", [("words", &*wanted.typed)]);
            Markup::from(Empty::new(t.get("search-none"), text).icon("search"))
        }
        _ => found,
    };
    form.then(Markup::raw("<div id=\"found\" class=\"found\" role=\"region\" aria-live=\"polite\">"))
        .then(found)
        .then(Markup::raw("</div>"))
}

/// One kind of things found.
#[derive(Serialize, utoipa::ToSchema)]
struct FoundKind {
    /// `person`, `key`, `device` …
    kind: &'static str,
    /// The best 20.
    items: Vec<Found>,
    /// Whether more fit than are listed.
    more: bool,
}

#[derive(OpenApi)]
#[openapi(paths(list), components(schemas(FoundKind, Found)))]
struct Description;

/// Everything the caller may know of that fits `q`, by kind.
#[utoipa::path(get, path = "/api/v1/search", tag = "search", params(("q" = String, Query, description = "Words; all must fit. Width, case and kana make no difference.")), responses((status = 200, description = "What fits, by kind", body = JsonList<FoundKind>)))]
async fn list(asker: Asker, State(seekers): State<Seekers>, Query(ask): Query<Ask>) -> Result<Response> {
    let kinds = seek(&seekers, &asker, &Wanted::new(&ask.q)).await?;
    let kinds =
        kinds.into_iter().map(|kind| FoundKind { kind: kind.kind, items: kind.found, more: kind.more });
    Ok(asker.json(JsonList::whole(kinds.collect())))
}

/// The search over what the rooms bring.
pub(crate) fn mount(mut seekers: Vec<Arc<dyn Seek>>) -> Mount {
    seekers.sort_by_key(|seeker| seeker.order());
    let routes: Mounted = Routes::new("search")
        .get("/search", Access::Person, page)
        .get("/api/v1/search", Access::Person, list)
        .describe(Description::openapi)
        .with_state(Arc::new(seekers));
    Mount { routes: vec![routes], ..Mount::default() }
}
