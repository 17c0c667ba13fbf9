//! Signing in, in two steps, and out.

use axum::extract::State;
use axum::http::{HeaderMap, StatusCode};
use sekisho_crypto::Secret;
use sekisho_web::parts::{Alert, Button, Card, Field, FormBox, Tone};
use sekisho_web::{
    Access, Asker, Form, FormState, Markup, Page, Query, Reader, Result, Routes, Sheet, Texts, WebError,
    cookie, escape_query,
};
use serde::Deserialize;

use super::{SIGN_IN, agent, set_cookie};
use crate::doorkeeper::{mark_cookie, session_cookie};
use crate::events::CodeChannel;
use crate::session::{LIFE, safe_next};
use crate::{Browser, Factors, Identity, Proof, SecondFactorError, SignIn, Stage};

/// The life of the mark by which a browser is known again.
const MARK_LIFE: u64 = 400 * 24 * 3600;

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
    let secure = asker.is_secure();
    let ask = SignIn {
        mail: typed.mail,
        password: Secret::new(typed.password),
        browser: Browser {
            agent: agent(&headers),
            mark: cookie::read(&headers, mark_cookie(secure)).map(Secret::new),
        },
        next: Some(typed.next).filter(|next| !next.is_empty()),
    };
    let signed_in = match identity.sign_in(&asker.cx, &ask).await {
        Ok(signed_in) => signed_in,
        Err(error) => {
            let state = state.failed(WebError::from(error))?;
            return Ok(asker.show(&SignInPage { state, status: StatusCode::UNPROCESSABLE_ENTITY }));
        }
    };
    let mut response = if signed_in.stage == Stage::Open {
        asker.go(signed_in.next.as_deref().unwrap_or("/"))
    } else {
        let factors = identity.factors(&identity.read(&asker.cx).await?, signed_in.person).await?;
        let mut to = "/sign-in/two-step".to_owned();
        // Without an app a code is on its way before the page is there.
        if !factors.totp && factors.mail {
            let sent =
                identity.send_sign_in_code(&asker.cx, signed_in.cookie.expose(), CodeChannel::Mail).await;
            to.push_str(if sent.is_ok() { "?sent=mail" } else { "" });
        }
        asker.go(to)
    };
    set_cookie(
        &mut response,
        session_cookie(secure),
        signed_in.cookie.expose(),
        secure,
        Some(LIFE.as_secs()),
    );
    set_cookie(&mut response, mark_cookie(secure), signed_in.mark.expose(), secure, Some(MARK_LIFE));
    Ok(response)
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
    Ok(asker.show(&TwoStepPage { factors, state, status }))
}

/// The second step.
pub(super) struct TwoStepPage {
    pub(super) factors: Factors,
    pub(super) state: FormState,
    pub(super) status: StatusCode,
}

impl Page for TwoStepPage {
    fn draw(&self, reader: &Reader) -> Sheet {
        let Self { factors, state, status } = self;
        let t = reader.texts();
        let sent = state.value("sent");
        let intro = match sent {
            "mail" => "identity-code-sent-mail",
            "sms" => "identity-code-sent-sms",
            _ if factors.totp => "identity-code-from-app",
            _ => "identity-code-choose",
        };
        let recovery =
            if factors.recovery_codes > 0 { t.get("identity-code-or-recovery") } else { String::new() };
        let form = FormBox::post("/sign-in/two-step", state, &t)
            .add(Markup::raw(format!("<p>{}</p>", Markup::text(t.get(intro)))))
            .add(
                Field::code("code", t.get("identity-code"))
                    .from(state, &t)
                    .attr("autofocus", "autofocus")
                    .hint(recovery)
                    .required(),
            )
            .add(Field::hidden("channel", sent))
            .submit(t.get("identity-code-check"));
        let others = Markup::raw(format!(
            "<form class=\"form\" method=\"post\" action=\"/sign-in/two-step/send\"><div class=\"form-buttons\">{}</div></form>",
            other_ways(&t, factors, sent)
        ));
        let help = Alert::new(Tone::Plain, t.get("identity-code-help"));
        reader
            .sheet("identity-two-step")
            .bare()
            .status(*status)
            .body(Card::plain().body(form).body(others).footer(help))
    }
}

/// Buttons that send a code.
pub(super) fn other_ways(t: &Texts, factors: &Factors, sent: &str) -> Markup {
    let ways =
        [(factors.mail, "mail", "identity-code-by-mail"), (factors.sms, "sms", "identity-code-by-sms")];
    ways.into_iter().filter(|(there, ..)| *there).fold(Markup::default(), |all, (_, channel, text)| {
        let text = if sent == channel { "identity-code-again" } else { text };
        all.then(Button::submit(t.get(text)).quiet().attr("name", "channel").attr("value", channel))
    })
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
            let state = state.failed(WebError::from(error))?.with("sent", &typed.channel);
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

pub(super) fn channel(word: &str) -> CodeChannel {
    if word == "sms" { CodeChannel::Sms } else { CodeChannel::Mail }
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
