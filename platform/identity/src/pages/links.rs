//! What mailed links lead to: setting a password, unlocking. Showing a page uses nothing up.

use axum::extract::{Path, State};
use axum::http::StatusCode;
use axum::response::Response;
use sekisho_crypto::Secret;
use sekisho_web::parts::{Alert, Button, Card, Field, FormBox, Tone};
use sekisho_web::{Asker, Form, FormState, Markup, Result, Routes, WebError};
use serde::Deserialize;

use super::{LINK, SIGN_IN};
use crate::{Identity, LinkPurpose, OpenLink, SetPasswordError, UnlockError};

pub(super) fn routes() -> Routes<Identity> {
    Routes::new("identity")
        .get("/invitation/{token}", LINK, show_password)
        .post("/invitation/{token}", LINK, set_password)
        .get("/unlock/{token}", LINK, show_unlock)
        .post("/unlock/{token}", LINK, unlock)
        .get("/forgot", SIGN_IN, show_forgot)
        .post("/forgot", SIGN_IN, forgot)
}

#[derive(Debug, Default, Deserialize)]
#[serde(default)]
struct Typed {
    password: String,
    mail: String,
}

/// The page for links that no longer work; it says how to get a new one.
fn gone(asker: &Asker) -> Response {
    let t = asker.texts();
    let alert = Alert::new(Tone::Warn, t.get("identity-link-missing"));
    let buttons = Markup::from(Button::link("/forgot", t.get("identity-forgot")).primary())
        .then(Button::link("/sign-in", t.get("identity-to-sign-in")).quiet());
    let buttons = Markup::raw(format!("<div class=\"form-buttons\">{buttons}</div>"));
    asker
        .view("identity-link-gone")
        .bare()
        .status(StatusCode::NOT_FOUND)
        .show_markup(Card::plain().body(alert).body(buttons))
}

async fn show_password(asker: Asker, State(identity): State<Identity>, Path(token): Path<String>) -> Result {
    let purposes = [LinkPurpose::Invitation, LinkPurpose::Reset];
    let Some(link) = identity.open_link(&asker.cx, &token, &purposes).await? else { return Ok(gone(&asker)) };
    password_page(&asker, &identity, &token, &link, &FormState::empty(), StatusCode::OK).await
}

async fn password_page(
    asker: &Asker,
    identity: &Identity,
    token: &str,
    link: &OpenLink,
    state: &FormState,
    status: StatusCode,
) -> Result {
    let t = asker.texts();
    let tenant = identity.tenant(&asker.cx).await?;
    let (title, intro) = match link.purpose {
        LinkPurpose::Invitation => ("identity-welcome", "identity-welcome-intro"),
        _ => ("identity-new-password", "identity-new-password-intro"),
    };
    let mail = link.mail.clone().unwrap_or_default();
    let intro = t.with(intro, [("name", link.name.as_str()), ("tenant", tenant.name.as_str())]);
    // The address is shown as a field so that password stores keep it with the password.
    let form = FormBox::post(format!("/invitation/{token}"), state, &t)
        .add(Markup::raw(format!("<p>{}</p>", Markup::text(intro))))
        .add(
            Field::email("mail", t.get("identity-mail"))
                .value(mail)
                .autocomplete("username")
                .attr("readonly", "readonly"),
        )
        .add(
            Field::password("password", t.get("identity-new-password"))
                .from(state, &t)
                .autocomplete("new-password")
                .attr("minlength", crate::password_rules::SHORTEST)
                .attr("maxlength", crate::password_rules::LONGEST)
                .hint(t.get("identity-password-hint"))
                .required(),
        )
        .submit(t.get("identity-password-save"));
    Ok(asker.view(title).bare().status(status).show_markup(Card::plain().body(form)))
}

async fn set_password(
    asker: Asker,
    State(identity): State<Identity>,
    Path(token): Path<String>,
    form: Form<Typed>,
) -> Result {
    let (typed, state) = form.split();
    match identity.accept_link(&asker.cx, &token, &Secret::new(typed?.password)).await {
        Ok(_) => Ok(asker.done("identity-password-saved", "/sign-in")),
        Err(SetPasswordError::Missing) => Ok(gone(&asker)),
        Err(error) => {
            let purposes = [LinkPurpose::Invitation, LinkPurpose::Reset];
            let Some(link) = identity.open_link(&asker.cx, &token, &purposes).await? else {
                return Ok(gone(&asker));
            };
            let state = state.failed(WebError::from(error))?;
            password_page(&asker, &identity, &token, &link, &state, StatusCode::UNPROCESSABLE_ENTITY).await
        }
    }
}

async fn show_unlock(asker: Asker, State(identity): State<Identity>, Path(token): Path<String>) -> Result {
    let Some(link) = identity.open_link(&asker.cx, &token, &[LinkPurpose::Unlock]).await? else {
        return Ok(gone(&asker));
    };
    let t = asker.texts();
    let intro = t.with("identity-unlock-intro", [("name", link.name.as_str())]);
    let form = FormBox::post(format!("/unlock/{token}"), &FormState::empty(), &t)
        .add(Markup::raw(format!("<p>{}</p>", Markup::text(intro))))
        .add(Alert::new(Tone::Info, t.get("identity-unlock-warn")))
        .submit(t.get("identity-unlock"));
    Ok(asker.view("identity-unlock").bare().show_markup(Card::plain().body(form)))
}

async fn unlock(asker: Asker, State(identity): State<Identity>, Path(token): Path<String>) -> Result {
    match identity.unlock_by_link(&asker.cx, &token).await {
        Ok(_) => Ok(asker.done("identity-unlocked", "/sign-in")),
        Err(UnlockError::Missing) => Ok(gone(&asker)),
        Err(error) => Err(error.into()),
    }
}

async fn show_forgot(asker: Asker) -> Result {
    let t = asker.texts();
    let state = FormState::empty();
    let form = FormBox::post("/forgot", &state, &t)
        .add(Markup::raw(format!("<p>{}</p>", Markup::text(t.get("identity-forgot-intro")))))
        .add(
            Field::email("mail", t.get("identity-mail"))
                .autocomplete("username")
                .attr("autofocus", "autofocus")
                .required(),
        )
        .submit(t.get("identity-forgot-send"))
        .cancel("/sign-in", t.get("identity-back"));
    Ok(asker.view("identity-forgot").bare().show_markup(Card::plain().body(form)))
}

async fn forgot(asker: Asker, State(identity): State<Identity>, form: Form<Typed>) -> Result {
    identity.request_reset(&asker.cx, &form.take()?.mail).await?;
    let t = asker.texts();
    let body = Alert::new(Tone::Good, t.get("identity-forgot-sent"));
    let back = Button::link("/sign-in", t.get("identity-to-sign-in"));
    Ok(asker.view("identity-forgot").bare().show_markup(Card::plain().body(body).footer(back)))
}
