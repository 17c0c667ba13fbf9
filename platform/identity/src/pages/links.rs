//! What mailed links lead to: setting a password, unlocking. Showing a page uses nothing up.

use axum::extract::{Path, State};
use axum::http::{HeaderMap, StatusCode};
use sekisho_crypto::Secret;
use sekisho_web::parts::{Alert, Button, Card, Field, FormBox, Tone};
use sekisho_web::{Asker, Form, FormState, Markup, Page, Reader, Result, Routes, Sheet, WebError};
use serde::Deserialize;

use super::app::FIRST_APP;
use super::sign_in::{browser, keep_cookies, second_step};
use super::{LINK, SIGN_IN};
use crate::{Accepted, Identity, LinkPurpose, OpenLink, SetPasswordError, UnlockError};

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
pub(super) struct Gone;

impl Page for Gone {
    fn draw(&self, reader: &Reader) -> Sheet {
        let t = reader.texts();
        let alert = Alert::new(Tone::Warn, t.get("identity-link-missing"));
        let buttons = Markup::from(Button::link("/forgot", t.get("identity-forgot")).primary())
            .then(Button::link("/sign-in", t.get("identity-to-sign-in")).quiet());
        let buttons = Markup::raw(format!("<div class=\"form-buttons\">{buttons}</div>"));
        reader
            .sheet("identity-link-gone")
            .bare()
            .status(StatusCode::NOT_FOUND)
            .body(Card::plain().body(alert).body(buttons))
    }
}

async fn show_password(asker: Asker, State(identity): State<Identity>, Path(token): Path<String>) -> Result {
    let purposes = [LinkPurpose::Invitation, LinkPurpose::Reset];
    let Some(link) = identity.open_link(&asker.cx, &token, &purposes).await? else {
        return Ok(asker.show(&Gone));
    };
    password_page(&asker, &identity, token, link, FormState::empty(), StatusCode::OK).await
}

async fn password_page(
    asker: &Asker,
    identity: &Identity,
    token: String,
    link: OpenLink,
    state: FormState,
    status: StatusCode,
) -> Result {
    let tenant = identity.tenant(&asker.cx).await?.name.clone();
    Ok(asker.show(&PasswordPage { token, link, tenant, state, status }))
}

/// A password to be set, the first or a new one.
pub(super) struct PasswordPage {
    pub(super) token: String,
    pub(super) link: OpenLink,
    pub(super) tenant: String,
    pub(super) state: FormState,
    pub(super) status: StatusCode,
}

impl Page for PasswordPage {
    fn draw(&self, reader: &Reader) -> Sheet {
        let Self { token, link, tenant, state, status } = self;
        let t = reader.texts();
        let (title, intro) = match link.purpose {
            LinkPurpose::Invitation => ("identity-welcome", "identity-welcome-intro"),
            _ => ("identity-new-password", "identity-new-password-intro"),
        };
        let mail = link.mail.clone().unwrap_or_default();
        let intro = t.with(intro, [("name", link.name.as_str()), ("tenant", tenant.as_str())]);
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
        reader.sheet(title).bare().status(*status).body(Card::plain().body(form))
    }
}

async fn set_password(
    asker: Asker,
    State(identity): State<Identity>,
    Path(token): Path<String>,
    headers: HeaderMap,
    form: Form<Typed>,
) -> Result {
    let (typed, state) = form.split();
    let browser = browser(&asker, &headers);
    match identity.accept_link(&asker.cx, &token, &Secret::new(typed?.password), &browser).await {
        Ok(Accepted { waiting: None, .. }) => Ok(asker.done("identity-password-saved", "/sign-in")),
        Ok(Accepted { waiting: Some(signed_in), .. }) => {
            let factors = identity.factors(&identity.read(&asker.cx).await?, signed_in.person).await?;
            let to = if factors.none() {
                FIRST_APP
            } else {
                second_step(&asker, &identity, &signed_in, &factors).await
            };
            let mut response = asker.go(to);
            keep_cookies(&asker, &mut response, &signed_in);
            Ok(response)
        }
        Err(SetPasswordError::Missing) => Ok(asker.show(&Gone)),
        Err(error) => {
            let purposes = [LinkPurpose::Invitation, LinkPurpose::Reset];
            let Some(link) = identity.open_link(&asker.cx, &token, &purposes).await? else {
                return Ok(asker.show(&Gone));
            };
            let state = state.failed(WebError::from(error))?;
            password_page(&asker, &identity, token, link, state, StatusCode::UNPROCESSABLE_ENTITY).await
        }
    }
}

async fn show_unlock(asker: Asker, State(identity): State<Identity>, Path(token): Path<String>) -> Result {
    let Some(link) = identity.open_link(&asker.cx, &token, &[LinkPurpose::Unlock]).await? else {
        return Ok(asker.show(&Gone));
    };
    Ok(asker.show(&UnlockPage { token, name: link.name }))
}

/// An account to be unlocked.
pub(super) struct UnlockPage {
    pub(super) token: String,
    pub(super) name: String,
}

impl Page for UnlockPage {
    fn draw(&self, reader: &Reader) -> Sheet {
        let t = reader.texts();
        let intro = t.with("identity-unlock-intro", [("name", self.name.as_str())]);
        let form = FormBox::post(format!("/unlock/{}", self.token), &FormState::empty(), &t)
            .add(Markup::raw(format!("<p>{}</p>", Markup::text(intro))))
            .add(Alert::new(Tone::Info, t.get("identity-unlock-warn")))
            .submit(t.get("identity-unlock"));
        reader.sheet("identity-unlock").bare().body(Card::plain().body(form))
    }
}

async fn unlock(asker: Asker, State(identity): State<Identity>, Path(token): Path<String>) -> Result {
    match identity.unlock_by_link(&asker.cx, &token).await {
        Ok(_) => Ok(asker.done("identity-unlocked", "/sign-in")),
        Err(UnlockError::Missing) => Ok(asker.show(&Gone)),
        Err(error) => Err(error.into()),
    }
}

async fn show_forgot(asker: Asker, State(identity): State<Identity>) -> Result {
    Ok(asker.show(&ForgotPage { mail: can_mail(&asker, &identity).await?, sent: false }))
}

/// Whether mail goes out from here at all.
pub(super) async fn can_mail(asker: &Asker, identity: &Identity) -> Result<bool> {
    Ok(identity.ways(&identity.read(&asker.cx).await?).await?.mail)
}

/// The way back for whoever forgot the password.
pub(super) struct ForgotPage {
    /// Whether mail goes out from here at all.
    pub(super) mail: bool,
    /// Whether the mail is on its way, if the address is known.
    pub(super) sent: bool,
}

impl Page for ForgotPage {
    fn draw(&self, reader: &Reader) -> Sheet {
        let t = reader.texts();
        let sheet = reader.sheet("identity-forgot").bare();
        if !self.mail {
            let none = Alert::new(Tone::Info, t.get("identity-forgot-no-mail"));
            let back = Button::link("/sign-in", t.get("identity-to-sign-in"));
            return sheet.body(Card::plain().body(none).footer(back));
        }
        if self.sent {
            let sent = Alert::new(Tone::Good, t.get("identity-forgot-sent"));
            let back = Button::link("/sign-in", t.get("identity-to-sign-in"));
            return sheet.body(Card::plain().body(sent).footer(back));
        }
        let form = FormBox::post("/forgot", &FormState::empty(), &t)
            .add(Markup::raw(format!("<p>{}</p>", Markup::text(t.get("identity-forgot-intro")))))
            .add(
                Field::email("mail", t.get("identity-mail"))
                    .autocomplete("username")
                    .attr("autofocus", "autofocus")
                    .required(),
            )
            .submit(t.get("identity-forgot-send"))
            .cancel("/sign-in", t.get("identity-back"));
        sheet.body(Card::plain().body(form))
    }
}

async fn forgot(asker: Asker, State(identity): State<Identity>, form: Form<Typed>) -> Result {
    let mail = can_mail(&asker, &identity).await?;
    if mail {
        identity.request_reset(&asker.cx, &form.take()?.mail).await?;
    }
    Ok(asker.show(&ForgotPage { mail, sent: true }))
}
