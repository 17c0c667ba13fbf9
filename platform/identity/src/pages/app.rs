//! The authenticator app: added and removed at will by who is signed in, and enrolled as the first second factor by who
//! has just set a password by an invitation.

use axum::extract::State;
use axum::http::{HeaderMap, StatusCode};
use sekisho_crypto::Secret;
use sekisho_web::parts::{Alert, Button, Card, Field, FormBox, Tone};
use sekisho_web::{
    Access, Asker, Form, FormState, Markup, Page, Query, Reader, Result, Routes, Sheet, Texts, WebError,
    cookie,
};
use serde::Deserialize;

use super::security::{HOME, Sent, ShownOnce, refused};
use super::{SIGN_IN, set_cookie, to_step_up};
use crate::doorkeeper::session_cookie;
use crate::session::LIFE;
use crate::{FirstAppError, Identity, totp};

pub(super) fn routes() -> Routes<Identity> {
    Routes::new("identity")
        .get("/me/security/app", Access::Person, show_app)
        .post("/me/security/app", Access::Person, confirm_app)
        .post("/me/security/app/remove", Access::Person, remove_app)
        .get(FIRST_APP, SIGN_IN, show_first)
        .post(FIRST_APP, SIGN_IN, confirm_first)
}

/// Where an invitation leads on to.
pub(super) const FIRST_APP: &str = "/sign-in/app";

#[derive(Debug, Default, Deserialize)]
#[serde(default)]
struct Typed {
    code: String,
    first: String,
}

async fn show_app(asker: Asker, State(identity): State<Identity>, Query(ask): Query<Typed>) -> Result {
    app_page(&asker, &identity, FormState::empty().with("first", &ask.first), StatusCode::OK).await
}

async fn app_page(asker: &Asker, identity: &Identity, state: FormState, status: StatusCode) -> Result {
    let enrolment = match identity.begin_totp(&asker.cx, asker.person()?).await {
        Ok(enrolment) => enrolment,
        Err(totp::TotpError::Already) => return Ok(asker.go(HOME)),
        Err(totp::TotpError::StepUp) => {
            let back =
                if state.value("first") == "1" { "/me/security/app?first=1" } else { "/me/security/app" };
            return Ok(to_step_up(asker, back));
        }
        Err(error) => return Err(error.into()),
    };
    let svg = qr(enrolment.uri.expose())?;
    Ok(asker.show(&AppPage { secret: enrolment.secret, svg, state, status }))
}

/// An authenticator app to be added.
pub(super) struct AppPage {
    pub(super) secret: Secret,
    pub(super) svg: String,
    pub(super) state: FormState,
    pub(super) status: StatusCode,
}

impl Page for AppPage {
    fn draw(&self, reader: &Reader) -> Sheet {
        let (t, state) = (reader.texts(), &self.state);
        let first = state.value("first") == "1";
        let form = FormBox::post("/me/security/app", state, &t)
            .add(Field::code("code", t.get("identity-code")).from(state, &t).required())
            .add(Field::hidden("first", state.value("first")))
            .submit(t.get("identity-app-confirm"));
        let form = if first {
            form.cancel("/", t.get("identity-later"))
        } else {
            form.cancel(HOME, t.get("identity-back"))
        };
        let intro =
            Alert::new(Tone::Info, t.get(if first { "identity-app-first" } else { "identity-app-why" }));
        reader
            .sheet("identity-app")
            .crumb("/me", "identity-nav-me")
            .crumb(HOME, "identity-security")
            .status(self.status)
            .body(Card::plain().body(intro).body(steps(&t, &self.secret, &self.svg)).body(form))
    }
}

/// What to do with the telephone, in three steps.
fn steps(t: &Texts, secret: &Secret, svg: &str) -> Markup {
    let secret = secret.expose().as_bytes();
    let groups = secret.chunks(4).map(String::from_utf8_lossy).collect::<Vec<_>>().join(" ");
    Markup::raw(format!(
        "<ol class=\"steps\"><li>{}</li><li>{}<div class=\"qr\" role=\"img\" aria-label=\"{}\">{svg}</div><p class=\"muted\">{}<br><code>{}</code></p></li><li>{}</li></ol>",
        Markup::text(t.get("identity-app-step-install")),
        Markup::text(t.get("identity-app-step-scan")),
        Markup::text(t.get("identity-app-qr")),
        Markup::text(t.get("identity-app-step-type")),
        Markup::text(groups),
        Markup::text(t.get("identity-app-step-code")),
    ))
}

/// A QR picture as SVG, dark on light also in dark mode, or no telephone reads it.
pub(super) fn qr(text: &str) -> Result<String> {
    let code =
        qrcode::QrCode::new(text.as_bytes()).map_err(|error| WebError::broken(format!("qr: {error}")))?;
    let svg = code
        .render::<qrcode::render::svg::Color<'_>>()
        .min_dimensions(200, 200)
        .dark_color(qrcode::render::svg::Color("#000"))
        .light_color(qrcode::render::svg::Color("#fff"))
        .build();
    // The XML declaration has no place inside HTML.
    Ok(svg.split_once("?>").map_or(svg.clone(), |(_, rest)| rest.to_owned()))
}

async fn confirm_app(asker: Asker, State(identity): State<Identity>, form: Form<Typed>) -> Result {
    let (typed, state) = form.split();
    let typed = typed?;
    match identity.confirm_totp(&asker.cx, asker.person()?, &Secret::new(typed.code)).await {
        Ok(()) if typed.first == "1" => Ok(asker.done("identity-app-added", "/")),
        Ok(()) => Ok(asker.done("identity-app-added", HOME)),
        Err(totp::TotpError::Missing) => Ok(asker.go(HOME)),
        // The page asks for the proof itself, and shows the same secret again afterwards.
        Err(totp::TotpError::StepUp) => app_page(&asker, &identity, state, StatusCode::OK).await,
        Err(error) => {
            app_page(&asker, &identity, state.failed(error.into())?, StatusCode::UNPROCESSABLE_ENTITY).await
        }
    }
}

async fn remove_app(asker: Asker, State(identity): State<Identity>) -> Result {
    match identity.remove_totp(&asker.cx, asker.person()?).await {
        Ok(()) => Ok(asker.done("identity-app-removed", HOME)),
        Err(error) => refused(&asker, &identity, error, Sent::Nothing, FormState::empty()).await,
    }
}

async fn show_first(asker: Asker, State(identity): State<Identity>, headers: HeaderMap) -> Result {
    first_page(&asker, &identity, &headers, FormState::empty(), StatusCode::OK).await
}

async fn first_page(
    asker: &Asker,
    identity: &Identity,
    headers: &HeaderMap,
    state: FormState,
    status: StatusCode,
) -> Result {
    let shown = cookie::read(headers, session_cookie(asker.is_secure())).unwrap_or_default();
    let enrolment = match identity.begin_first_app(&asker.cx, shown).await {
        Ok(enrolment) => enrolment,
        Err(FirstAppError::Over) => return Ok(asker.done("identity-first-app-over", "/sign-in")),
        Err(error) => return Err(error.into()),
    };
    let svg = qr(enrolment.uri.expose())?;
    // Where codes can be sent, nobody has to have an app.
    let codes = {
        let scope = identity.read(&asker.cx).await?;
        let waiting = identity.waiting(&asker.cx, &scope, shown).await?;
        match waiting {
            Some(waiting) => {
                let factors = identity.factors(&scope, waiting.person.id).await?;
                factors.mail || factors.sms
            }
            None => false,
        }
    };
    let later = !identity.tenant(&asker.cx).await?.settings.two_step;
    Ok(asker.show(&FirstAppPage { secret: enrolment.secret, svg, codes, later, state, status }))
}

/// The authenticator app as the first second factor.
pub(super) struct FirstAppPage {
    pub(super) secret: Secret,
    pub(super) svg: String,
    /// Whether a code could be sent instead.
    pub(super) codes: bool,
    /// Whether the password alone signs in, too.
    pub(super) later: bool,
    pub(super) state: FormState,
    pub(super) status: StatusCode,
}

impl Page for FirstAppPage {
    fn draw(&self, reader: &Reader) -> Sheet {
        let (t, state) = (reader.texts(), &self.state);
        let intro = if self.codes { "identity-first-app-rather" } else { "identity-first-app" };
        let mut form = FormBox::post(FIRST_APP, state, &t)
            .add(Field::code("code", t.get("identity-code")).from(state, &t).required())
            .submit(t.get("identity-app-confirm"));
        if self.codes {
            form = form.button(Button::link("/sign-in/two-step", t.get("identity-code-instead")).quiet());
        }
        if self.later {
            form = form.button(Button::link("/sign-in", t.get("identity-later")).quiet());
        }
        reader.sheet("identity-app").bare().status(self.status).body(
            Card::plain()
                .body(Alert::new(Tone::Info, t.get(intro)))
                .body(steps(&t, &self.secret, &self.svg))
                .body(form),
        )
    }
}

async fn confirm_first(
    asker: Asker,
    State(identity): State<Identity>,
    headers: HeaderMap,
    form: Form<Typed>,
) -> Result {
    let (typed, state) = form.split();
    let secure = asker.is_secure();
    let shown = cookie::read(&headers, session_cookie(secure)).unwrap_or_default();
    match identity.confirm_first_app(&asker.cx, shown, &Secret::new(typed?.code)).await {
        Ok(first) => {
            let mut response = asker.show(&ShownOnce::FirstRecoveryCodes(first.recovery_codes));
            let cookie = first.signed_in.cookie.expose();
            set_cookie(&mut response, session_cookie(secure), cookie, secure, Some(LIFE.as_secs()));
            Ok(response)
        }
        Err(FirstAppError::Over) => Ok(asker.done("identity-first-app-over", "/sign-in")),
        Err(error) => {
            let state = state.failed(WebError::from(error))?;
            first_page(&asker, &identity, &headers, state, StatusCode::UNPROCESSABLE_ENTITY).await
        }
    }
}
