//! Signing in, in two steps, and out.

use axum::extract::State;
use axum::http::{HeaderMap, StatusCode};
use axum::response::Response;
use sekisho_crypto::Secret;
use sekisho_web::parts::{Alert, Button, Card, Field, FormBox, Tone};
use sekisho_web::{
    Access, Asker, Form, FormState, Page, Query, Reader, Result, Routes, Sheet, cookie, escape_query,
};
use serde::Deserialize;

use super::app::FIRST_APP;
use super::code_form::{CodeForm, channel};
use super::{SIGN_IN, agent, set_cookie, truly};
use crate::doorkeeper::{mark_cookie, session_cookie};
use crate::events::CodeChannel;
use crate::session::{LIFE, safe_next};
use crate::{Browser, Factors, Identity, Proof, SecondFactorError, SignIn, SignedIn, Stage};

/// The life of the mark by which a browser is known again.
const MARK_LIFE: u64 = 400 * 24 * 3600;
const TWO_STEP: &str = "/sign-in/two-step";

pub(super) fn routes() -> Routes<Identity> {
    Routes::new("identity")
        .get("/sign-in", SIGN_IN, show)
        .post("/sign-in", SIGN_IN, sign_in)
        .get("/sign-in/two-step", SIGN_IN, show_two_step)
        .post("/sign-in/two-step", SIGN_IN, two_step)
        .post("/sign-in/two-step/send", SIGN_IN, send)
        .post("/sign-out", Access::Person, sign_out)
}

#[derive(Debug, Default, Deserialize)]
#[serde(default)]
struct Ask {
    next: String,
    sent: String,
}

#[derive(Debug, Default, Deserialize)]
#[serde(default)]
struct Typed {
    mail: String,
    password: String,
    next: String,
}

#[derive(Debug, Default, Deserialize)]
#[serde(default)]
struct TypedCode {
    code: String,
    channel: String,
    sent: String,
}

async fn show(asker: Asker, Query(ask): Query<Ask>) -> Result {
    if asker.viewer.is_some() {
        return Ok(asker.go(safe_next(&ask.next).unwrap_or("/me")));
    }
    let state = FormState::empty().with("next", &ask.next);
    Ok(asker.show(&SignInPage { state, status: StatusCode::OK }))
}

/// Mail address and password.
pub(super) struct SignInPage {
    pub(super) state: FormState,
    pub(super) status: StatusCode,
}

impl Page for SignInPage {
    fn draw(&self, reader: &Reader) -> Sheet {
        let (t, state) = (reader.texts(), &self.state);
        let form = FormBox::post("/sign-in", state, &t)
            .add(
                Field::email("mail", t.get("identity-mail"))
                    .from(state, &t)
                    .autocomplete("username")
                    .attr("autofocus", "autofocus")
                    .required(),
            )
            .add(
                Field::password("password", t.get("identity-password"))
                    .from(state, &t)
                    .autocomplete("current-password")
                    .required(),
            )
            .add(Field::hidden("next", state.value("next")))
            .submit(t.get("identity-sign-in"))
            .button(Button::link("/forgot", t.get("identity-forgot")).quiet());
        reader.sheet("identity-sign-in").bare().status(self.status).body(Card::plain().body(form))
    }
}

async fn sign_in(
    asker: Asker,
    State(identity): State<Identity>,
    headers: HeaderMap,
    form: Form<Typed>,
) -> Result {
    let (typed, state) = form.split();
    let typed = typed?;
    let ask = SignIn {
        mail: typed.mail,
        password: Secret::new(typed.password),
        browser: browser(&asker, &headers),
        next: Some(typed.next).filter(|next| !next.is_empty()),
    };
    let signed_in = match identity.sign_in(&asker.cx, &ask).await {
        Ok(signed_in) => signed_in,
        Err(error) => {
            let state = state.failed(truly(&asker, &identity, error).await?)?;
            return Ok(asker.show(&SignInPage { state, status: StatusCode::UNPROCESSABLE_ENTITY }));
        }
    };
    let mut response = if signed_in.stage == Stage::Open {
        asker.go(signed_in.next.as_deref().unwrap_or("/"))
    } else {
        let factors = identity.factors(&identity.read(&asker.cx).await?, signed_in.person).await?;
        asker.go(second_step(&asker, &identity, &signed_in, &factors).await)
    };
    keep_cookies(&asker, &mut response, &signed_in);
    Ok(response)
}

/// Where the second step is made; without an app a code is on its way before the page is there.
pub(super) async fn second_step(
    asker: &Asker,
    identity: &Identity,
    signed_in: &SignedIn,
    factors: &Factors,
) -> &'static str {
    if factors.totp || !factors.mail {
        return TWO_STEP;
    }
    match identity.send_sign_in_code(&asker.cx, signed_in.cookie.expose(), CodeChannel::Mail).await {
        Ok(()) => "/sign-in/two-step?sent=mail",
        Err(_) => TWO_STEP,
    }
}

/// Gives the browser its session and the mark by which it is known again.
pub(super) fn keep_cookies(asker: &Asker, response: &mut Response, signed_in: &SignedIn) {
    let secure = asker.is_secure();
    let session = signed_in.cookie.expose();
    set_cookie(response, session_cookie(secure), session, secure, Some(LIFE.as_secs()));
    set_cookie(response, mark_cookie(secure), signed_in.mark.expose(), secure, Some(MARK_LIFE));
}

/// The browser a sign-in comes from.
pub(super) fn browser(asker: &Asker, headers: &HeaderMap) -> Browser {
    let mark = cookie::read(headers, mark_cookie(asker.is_secure())).map(Secret::new);
    Browser { agent: agent(headers), mark }
}

async fn show_two_step(
    asker: Asker,
    State(identity): State<Identity>,
    headers: HeaderMap,
    Query(ask): Query<Ask>,
) -> Result {
    let state = FormState::empty().with("sent", &ask.sent);
    two_step_page(&asker, &identity, &headers, state, StatusCode::OK).await
}

async fn two_step_page(
    asker: &Asker,
    identity: &Identity,
    headers: &HeaderMap,
    state: FormState,
    status: StatusCode,
) -> Result {
    let cookie = cookie::read(headers, session_cookie(asker.is_secure())).unwrap_or_default();
    let scope = identity.read(&asker.cx).await?;
    let Some(waiting) = identity.waiting(&asker.cx, &scope, cookie).await? else {
        return Ok(asker.go("/sign-in"));
    };
    let factors = identity.factors(&scope, waiting.person.id).await?;
    let may_enrol = identity.invited(&asker.cx, &scope, cookie).await?.is_some();
    if may_enrol && factors.none() {
        return Ok(asker.go(FIRST_APP));
    }
    Ok(asker.show(&TwoStepPage { factors, may_enrol, state, status }))
}

/// The second step.
pub(super) struct TwoStepPage {
    pub(super) factors: Factors,
    /// Whether an authenticator app may be enrolled right here: the password was just set by an invitation.
    pub(super) may_enrol: bool,
    pub(super) state: FormState,
    pub(super) status: StatusCode,
}

impl Page for TwoStepPage {
    fn draw(&self, reader: &Reader) -> Sheet {
        let Self { factors, may_enrol, state, status } = self;
        let t = reader.texts();
        let recovery =
            if factors.recovery_codes > 0 { t.get("identity-code-or-recovery") } else { String::new() };
        let form = CodeForm {
            action: "/sign-in/two-step",
            from_app: "identity-code-from-app",
            choose: "identity-code-choose",
            hint: recovery,
            along: &[],
            factors,
            state,
        };
        let mut card = form.card(&t);
        if *may_enrol {
            let app = Button::link(FIRST_APP, t.get("identity-first-app-do")).icon("device-mobile");
            card = card.body(app);
        }
        if !factors.none() {
            card = card.footer(Alert::new(Tone::Plain, t.get("identity-code-help")));
        }
        reader.sheet("identity-two-step").bare().status(*status).body(card)
    }
}

async fn two_step(
    asker: Asker,
    State(identity): State<Identity>,
    headers: HeaderMap,
    form: Form<TypedCode>,
) -> Result {
    let (typed, state) = form.split();
    let typed = typed?;
    let secure = asker.is_secure();
    let shown = cookie::read(&headers, session_cookie(secure)).unwrap_or_default();
    match identity.prove_second_factor(&asker.cx, shown, &Proof::typed(&typed.code)).await {
        Ok(signed_in) => {
            let to = match (signed_in.next.as_deref(), signed_in.first) {
                (Some(next), _) => next,
                (None, true) => "/me/security/app?first=1",
                (None, false) => "/",
            };
            let mut response = asker.go(to);
            set_cookie(
                &mut response,
                session_cookie(secure),
                signed_in.cookie.expose(),
                secure,
                Some(LIFE.as_secs()),
            );
            Ok(response)
        }
        Err(SecondFactorError::StartAgain) => Ok(asker.done("identity-start-again", "/sign-in")),
        Err(error) => {
            let state = state.failed(truly(&asker, &identity, error).await?)?.with("sent", &typed.sent);
            two_step_page(&asker, &identity, &headers, state, StatusCode::UNPROCESSABLE_ENTITY).await
        }
    }
}

async fn send(
    asker: Asker,
    State(identity): State<Identity>,
    headers: HeaderMap,
    form: Form<TypedCode>,
) -> Result {
    let typed = form.take()?;
    let channel = channel(&typed.channel);
    let shown = cookie::read(&headers, session_cookie(asker.is_secure())).unwrap_or_default();
    match identity.send_sign_in_code(&asker.cx, shown, channel).await {
        Ok(()) => Ok(asker.go(format!("/sign-in/two-step?sent={}", escape_query(&typed.channel)))),
        Err(SecondFactorError::StartAgain) => Ok(asker.done("identity-start-again", "/sign-in")),
        Err(error) => Err(error.into()),
    }
}

async fn sign_out(asker: Asker, State(identity): State<Identity>) -> Result {
    if let (person, Some(session)) =
        (asker.person()?, asker.viewer.as_ref().and_then(|viewer| viewer.session))
    {
        identity.end_session(&asker.cx, person, session).await?;
    }
    let mut response = asker.done("identity-signed-out", "/sign-in");
    set_cookie(&mut response, session_cookie(asker.is_secure()), "", asker.is_secure(), Some(0));
    Ok(response)
}
