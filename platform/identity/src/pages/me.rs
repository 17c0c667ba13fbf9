//! My page: what the modules have for me now, and the way to my own settings.

use axum::extract::State;
use sekisho_kernel::Language;
use sekisho_web::parts::{Button, Card, Empty, Field, FormBox, Grid, KeyValue};
use sekisho_web::{Access, Asker, Form, FormState, Markup, Page, Reader, Result, Routes, Sheet, WebError};
use serde::Deserialize;

use crate::{Identity, Person};

pub(super) fn routes() -> Routes<Identity> {
    Routes::new("identity").get("/me", Access::Person, show).get("/me/profile", Access::Person, profile).post(
        "/me/language",
        Access::Person,
        choose_language,
    )
}

async fn show(asker: Asker, State(identity): State<Identity>) -> Result {
    let mut cards = Vec::new();
    for card in identity.cards().iter() {
        match card.card(&asker).await {
            Ok(card) => cards.extend(card),
            // One module's trouble must not take the others' cards away.
            Err(error) => tracing::error!(chain = error.chain(), "a card of my page failed"),
        }
    }
    let name = asker.viewer.as_ref().map(|viewer| viewer.name.clone()).unwrap_or_default();
    Ok(asker.show(&MyPage { name, cards }))
}

/// Everybody's own page.
pub(super) struct MyPage {
    pub(super) name: String,
    pub(super) cards: Vec<Markup>,
}

impl Page for MyPage {
    fn draw(&self, reader: &Reader) -> Sheet {
        let t = reader.texts();
        let mut grid = self.cards.iter().fold(Grid::cards(), |grid, card| grid.add(card));
        if self.cards.is_empty() {
            grid = grid.add(Card::plain().body(
                Empty::new(t.get("identity-me-empty"), t.get("identity-me-empty-text")).icon("circle-check"),
            ));
        }
        let links = Markup::from(Button::link("/me/profile", t.get("identity-profile")).icon("user").quiet())
            .then(Button::link("/me/security", t.get("identity-security")).icon("shield-lock").quiet());
        let links = Markup::raw(format!("<div class=\"form-buttons\">{links}</div>"));
        reader
            .sheet_of(t.with("identity-me-hello", [("name", self.name.as_str())]))
            .body(Markup::from(grid).then(links))
    }
}

async fn profile(asker: Asker, State(identity): State<Identity>) -> Result {
    let scope = identity.read(&asker.cx).await?;
    let me = identity.person(&scope, asker.person()?).await?.ok_or_else(WebError::missing)?;
    let groups = identity.groups_of(&scope, me.id).await?.into_iter().map(|group| group.name).collect();
    Ok(asker.show(&Profile { me, groups }))
}

/// One's own data, shown whole.
pub(super) struct Profile {
    pub(super) me: Person,
    pub(super) groups: Vec<String>,
}

impl Page for Profile {
    fn draw(&self, reader: &Reader) -> Sheet {
        let (t, me) = (reader.texts(), &self.me);
        let facts = KeyValue::new()
            .row(t.get("identity-name"), &me.name)
            .row(t.get("identity-kana"), me.kana.clone())
            .row(t.get("identity-mail"), me.mail.clone())
            .row(t.get("identity-phone"), me.phone.clone())
            .row(t.get("identity-number"), me.number.clone())
            .row(t.get("identity-groups"), self.groups.join(" · "));
        let state = FormState::empty().with("language", me.language.tag());
        let form = FormBox::post("/me/language", &state, &t)
            .add(Field::radio("language", t.get("identity-language")).from(&state, &t).options(languages()))
            .submit(t.get("identity-save"));
        let body = Grid::main_and_side()
            .add(Card::new(t.get("identity-profile")).body(facts).footer(t.get("identity-profile-note")))
            .add(Card::new(t.get("identity-language")).body(form));
        reader.sheet("identity-profile").crumb("/me", "identity-nav-me").body(body)
    }
}

/// Each language in its own words.
pub(super) fn languages() -> [(&'static str, &'static str); 2] {
    [("ja", "日本語"), ("en", "English")]
}

#[derive(Debug, Default, Deserialize)]
#[serde(default)]
struct Chosen {
    language: String,
}

async fn choose_language(asker: Asker, State(identity): State<Identity>, form: Form<Chosen>) -> Result {
    let language = Language::from_tag(&form.take()?.language)
        .ok_or_else(|| WebError::invalid("language", "error-field"))?;
    identity.choose_language(&asker.cx, asker.person()?, language).await?;
    let mut response = asker.done("identity-saved", "/me/profile");
    // The switch at the top of the page sets this cookie, too; a choice made here must not lose against an older one.
    super::set_cookie(&mut response, "language", language.tag(), asker.is_secure(), Some(365 * 24 * 3600));
    Ok(response)
}
