//! My page: what the modules have for me now, and the way to my own settings.

use axum::extract::State;
use sekisho_kernel::Language;
use sekisho_web::parts::{Button, Card, Empty, Field, FormBox, Grid, KeyValue};
use sekisho_web::{Access, Asker, Form, FormState, Markup, Result, Routes, WebError};
use serde::Deserialize;

use crate::Identity;

pub(super) fn routes() -> Routes<Identity> {
    Routes::new("identity").get("/me", Access::Person, show).get("/me/profile", Access::Person, profile).post(
        "/me/language",
        Access::Person,
        choose_language,
    )
}

async fn show(asker: Asker, State(identity): State<Identity>) -> Result {
    let t = asker.texts();
    let mut grid = Grid::cards();
    let mut any = false;
    for card in identity.cards() {
        match card.card(&asker).await {
            Ok(Some(markup)) => {
                any = true;
                grid = grid.add(markup);
            }
            Ok(None) => {}
            // One module's trouble must not take the others' cards away.
            Err(error) => tracing::error!(chain = error.chain(), "a card of my page failed"),
        }
    }
    if !any {
        grid = grid.add(Card::plain().body(
            Empty::new(t.get("identity-me-empty"), t.get("identity-me-empty-text")).icon("circle-check"),
        ));
    }
    let name = asker.viewer.as_ref().map(|viewer| viewer.name.clone()).unwrap_or_default();
    let links = Markup::from(Button::link("/me/profile", t.get("identity-profile")).icon("user").quiet())
        .then(Button::link("/me/security", t.get("identity-security")).icon("shield-lock").quiet());
    let links = Markup::raw(format!("<div class=\"form-buttons\">{links}</div>"));
    let body = Markup::from(grid).then(links);
    Ok(asker.view_of(t.with("identity-me-hello", [("name", name.as_str())])).show_markup(body))
}

async fn profile(asker: Asker, State(identity): State<Identity>) -> Result {
    let t = asker.texts();
    let scope = identity.read(&asker.cx).await?;
    let me = identity.person(&scope, asker.person()?).await?.ok_or_else(WebError::missing)?;
    let groups = identity.groups_of(&scope, me.id).await?;
    let groups = groups.iter().map(|group| group.name.as_str()).collect::<Vec<_>>().join(" · ");
    // One's own data is shown whole.
    let facts = KeyValue::new()
        .row(t.get("identity-name"), me.name)
        .row(t.get("identity-kana"), me.kana)
        .row(t.get("identity-mail"), me.mail)
        .row(t.get("identity-phone"), me.phone)
        .row(t.get("identity-number"), me.number)
        .row(t.get("identity-groups"), groups);
    let state = FormState::empty().with("language", me.language.tag());
    let form = FormBox::post("/me/language", &state, &t)
        .add(Field::radio("language", t.get("identity-language")).from(&state, &t).options(languages()))
        .submit(t.get("identity-save"));
    let body = Grid::main_and_side()
        .add(Card::new(t.get("identity-profile")).body(facts).footer(t.get("identity-profile-note")))
        .add(Card::new(t.get("identity-language")).body(form));
    Ok(asker.view("identity-profile").crumb("/me", "identity-nav-me").show_markup(body))
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
