//! My security: password, authenticator app, recovery codes, PIN, devices, tokens.

use axum::extract::{Path, State};
use axum::http::StatusCode;
use axum::response::Response;
use sekisho_crypto::Secret;
use sekisho_kernel::Kinded;
use sekisho_web::parts::{
    Alert, Badge, Button, Card, Column, Confirm, Empty, Field, FormBox, Grid, Row, Table, Tone,
};
use sekisho_web::{Access, Asker, Form, FormState, Markup, Query, Result, Routes, WebError};
use serde::Deserialize;

use super::{browser_name, id, to_step_up, wants_step_up};
use crate::{Identity, NewToken, totp};

const HOME: &str = "/me/security";

pub(super) fn routes() -> Routes<Identity> {
    Routes::new("identity")
        .get("/me/security", Access::Person, show)
        .get("/me/security/app", Access::Person, show_app)
        .post("/me/security/app", Access::Person, confirm_app)
        .post("/me/security/app/remove", Access::Person, remove_app)
        .post("/me/security/recovery-codes", Access::Person, make_recovery_codes)
        .post("/me/security/password", Access::Person, change_password)
        .post("/me/security/pin", Access::Person, set_pin)
        .post("/me/security/sessions/end-others", Access::Person, end_others)
        .post("/me/security/sessions/{id}/end", Access::Person, end_session)
        .post("/me/security/tokens", Access::Person, make_token)
        .post("/me/security/tokens/{id}/revoke", Access::Person, revoke_token)
}

#[derive(Debug, Default, Deserialize)]
#[serde(default)]
struct Typed {
    code: String,
    current: String,
    password: String,
    pin: String,
    first: String,
}

async fn show(asker: Asker, State(identity): State<Identity>) -> Result {
    page(&asker, &identity, Sent::Nothing, &FormState::empty(), StatusCode::OK).await
}

/// Which form of the page was sent; only that one shows what is wrong with it.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Sent {
    Nothing,
    Password,
    Pin,
    Token,
}

async fn page(
    asker: &Asker,
    identity: &Identity,
    sent: Sent,
    state: &FormState,
    status: StatusCode,
) -> Result {
    let empty = FormState::empty();
    let of = |form: Sent| if sent == form { state } else { &empty };
    let body = Grid::cards()
        .add(two_step_card(asker, identity).await?)
        .add(password_card(asker, of(Sent::Password)))
        .add(devices_card(asker, identity).await?)
        .add(pin_card(asker, of(Sent::Pin)));
    let body = Markup::from(body).then(tokens_card(asker, identity, of(Sent::Token)).await?);
    Ok(asker.view("identity-security").crumb("/me", "identity-nav-me").status(status).show_markup(body))
}

async fn two_step_card(asker: &Asker, identity: &Identity) -> Result<Card> {
    let t = asker.texts();
    let scope = identity.read(&asker.cx).await?;
    let factors = identity.factors(&scope, asker.person()?).await?;
    let app = if factors.totp {
        Markup::from(Badge::new(t.get("identity-app-on")).tone(Tone::Good).icon("circle-check")).then(
            Confirm::new(
                "/me/security/app/remove",
                t.get("identity-app-remove"),
                t.get("identity-app-remove-question"),
                t.get("identity-app-remove-do"),
            ),
        )
    } else {
        let add = Button::link("/me/security/app", t.get("identity-app-add")).primary().icon("device-mobile");
        Markup::from(Alert::new(Tone::Info, t.get("identity-app-off"))).then(add)
    };
    let left = t.count("identity-recovery-left", factors.recovery_codes);
    let codes = Markup::raw(format!("<p>{}</p>", Markup::text(left))).then(Confirm::new(
        "/me/security/recovery-codes",
        t.get("identity-recovery-make"),
        t.get("identity-recovery-question"),
        t.get("identity-recovery-make-do"),
    ));
    Ok(Card::new(t.get("identity-two-step")).body(app).footer(codes))
}

fn password_card(asker: &Asker, state: &FormState) -> Card {
    let t = asker.texts();
    let form = FormBox::post("/me/security/password", state, &t)
        .add(
            Field::password("current", t.get("identity-password-current"))
                .from(state, &t)
                .autocomplete("current-password")
                .required(),
        )
        .add(
            Field::password("password", t.get("identity-new-password"))
                .from(state, &t)
                .autocomplete("new-password")
                .hint(t.get("identity-password-hint"))
                .required(),
        )
        .submit(t.get("identity-password-change"));
    Card::new(t.get("identity-password")).body(form).footer(t.get("identity-password-change-note"))
}

fn pin_card(asker: &Asker, state: &FormState) -> Card {
    let t = asker.texts();
    let form = FormBox::post("/me/security/pin", state, &t)
        .add(
            Field::password("pin", t.get("identity-pin"))
                .from(state, &t)
                .autocomplete("off")
                .attr("inputmode", "numeric")
                .hint(t.get("identity-pin-hint"))
                .short(),
        )
        .submit(t.get("identity-save"));
    Card::new(t.get("identity-pin")).body(form)
}

async fn devices_card(asker: &Asker, identity: &Identity) -> Result<Card> {
    let t = asker.texts();
    let scope = identity.read(&asker.cx).await?;
    let here = asker.viewer.as_ref().and_then(|viewer| viewer.session);
    let sessions = identity.sessions(&asker.cx, &scope, asker.person()?).await?;
    let table = Table::new(
        t.get("identity-devices"),
        [
            Column::new(t.get("identity-device")),
            Column::new(t.get("identity-seen")),
            Column::new(t.get("identity-address")).secondary(),
            Column::new("").narrow(),
        ],
    )
    .rows(sessions.into_iter().map(|session| {
        let end = if here == Some(session.id) {
            Markup::from(Badge::new(t.get("identity-this-device")).tone(Tone::Good))
        } else {
            let end = format!("/me/security/sessions/{}/end", session.id);
            Button::post(end, t.get("identity-device-end")).small().quiet().into()
        };
        Row::new()
            .cell(browser_name(&session.agent))
            .cell(asker.time(session.seen_at, asker.zone()).relative())
            .cell(session.address)
            .cell(end)
    }));
    let end_others = Confirm::new(
        "/me/security/sessions/end-others",
        t.get("identity-devices-end"),
        t.get("identity-devices-end-question"),
        t.get("identity-devices-end-do"),
    );
    Ok(Card::new(t.get("identity-devices")).flush().body(table).footer(end_others))
}

async fn tokens_card(asker: &Asker, identity: &Identity, state: &FormState) -> Result<Card> {
    let t = asker.texts();
    let scope = identity.read(&asker.cx).await?;
    let tokens = identity.tokens(&asker.cx, &scope, asker.person()?).await?;
    let table = Table::new(
        t.get("identity-tokens"),
        [
            Column::new(t.get("identity-token-name")),
            Column::new(t.get("identity-token-scopes")).secondary(),
            Column::new(t.get("identity-token-expires")),
            Column::new("").narrow(),
        ],
    )
    .rows(tokens.into_iter().map(|token| {
        Row::new()
            .cell(token.name.as_str())
            .cell(token.scopes.join(" "))
            .cell(asker.time(token.expires_at, asker.zone()).day())
            .cell(
                Confirm::new(
                    format!("/me/security/tokens/{}/revoke", token.id),
                    t.get("identity-token-revoke"),
                    t.with("identity-token-revoke-question", [("name", token.name.as_str())]),
                    t.get("identity-token-revoke-do"),
                )
                .small(),
            )
    }))
    .empty(Empty::new(t.get("identity-tokens-none"), t.get("identity-tokens-none-text")).icon("key"));
    let form = FormBox::post("/me/security/tokens", state, &t)
        .beside([
            Field::text("name", t.get("identity-token-name")).from(state, &t).required(),
            Field::number("days", t.get("identity-token-days"))
                .value(90)
                .from(state, &t)
                .attr("min", 1)
                .attr("max", 366)
                .short()
                .required(),
        ])
        .add(
            Field::text("scopes", t.get("identity-token-scopes"))
                .from(state, &t)
                .placeholder("keys:read")
                .hint(t.get("identity-token-scopes-hint"))
                .required(),
        )
        .submit(t.get("identity-token-make"));
    Ok(Card::new(t.get("identity-tokens")).flush().body(table).footer(form))
}

/// A refused act of this page: leads to the fresh proof, or shows the page again with what is wrong.
async fn refused<E: Kinded + Send + Sync + 'static>(
    asker: &Asker,
    identity: &Identity,
    error: E,
    sent: Sent,
    state: FormState,
) -> Result {
    if wants_step_up(&error) {
        return Ok(to_step_up(asker, HOME));
    }
    let state = state.failed(WebError::from(error))?;
    page(asker, identity, sent, &state, StatusCode::UNPROCESSABLE_ENTITY).await
}

async fn show_app(asker: Asker, State(identity): State<Identity>, Query(ask): Query<Typed>) -> Result {
    app_page(&asker, &identity, &FormState::empty().with("first", &ask.first), StatusCode::OK).await
}

async fn app_page(asker: &Asker, identity: &Identity, state: &FormState, status: StatusCode) -> Result {
    let t = asker.texts();
    let enrolment = match identity.begin_totp(&asker.cx, asker.person()?).await {
        Ok(enrolment) => enrolment,
        Err(totp::TotpError::Already) => return Ok(asker.go(HOME)),
        Err(error) => return Err(error.into()),
    };
    let first = state.value("first") == "1";
    let svg = qr(enrolment.uri.expose())?;
    let groups = enrolment
        .secret
        .expose()
        .as_bytes()
        .chunks(4)
        .map(String::from_utf8_lossy)
        .collect::<Vec<_>>()
        .join(" ");
    let steps = Markup::raw(format!(
        "<ol class=\"steps\"><li>{}</li><li>{}<div class=\"qr\" role=\"img\" aria-label=\"{}\">{svg}</div><p class=\"muted\">{}<br><code>{}</code></p></li><li>{}</li></ol>",
        Markup::text(t.get("identity-app-step-install")),
        Markup::text(t.get("identity-app-step-scan")),
        Markup::text(t.get("identity-app-qr")),
        Markup::text(t.get("identity-app-step-type")),
        Markup::text(groups),
        Markup::text(t.get("identity-app-step-code")),
    ));
    let mut form = FormBox::post("/me/security/app", state, &t)
        .add(Field::code("code", t.get("identity-code")).from(state, &t).required())
        .add(Field::hidden("first", state.value("first")))
        .submit(t.get("identity-app-confirm"));
    form = if first {
        form.cancel("/", t.get("identity-later"))
    } else {
        form.cancel(HOME, t.get("identity-back"))
    };
    let intro = Markup::from(Alert::new(
        Tone::Info,
        t.get(if first { "identity-app-first" } else { "identity-app-why" }),
    ));
    let view = asker.view("identity-app").crumb("/me", "identity-nav-me").crumb(HOME, "identity-security");
    Ok(view.status(status).show_markup(Card::plain().body(intro).body(steps).body(form)))
}

/// A QR picture as SVG, dark on light also in dark mode, or no telephone reads it.
fn qr(text: &str) -> Result<String> {
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
        Err(error) => {
            app_page(&asker, &identity, &state.failed(error.into())?, StatusCode::UNPROCESSABLE_ENTITY).await
        }
    }
}

async fn remove_app(asker: Asker, State(identity): State<Identity>) -> Result {
    match identity.remove_totp(&asker.cx, asker.person()?).await {
        Ok(()) => Ok(asker.done("identity-app-removed", HOME)),
        Err(error) => refused(&asker, &identity, error, Sent::Nothing, FormState::empty()).await,
    }
}

async fn make_recovery_codes(asker: Asker, State(identity): State<Identity>) -> Result {
    let codes = match identity.make_recovery_codes(&asker.cx, asker.person()?).await {
        Ok(codes) => codes,
        Err(error) => return refused(&asker, &identity, error, Sent::Nothing, FormState::empty()).await,
    };
    let t = asker.texts();
    let list: String =
        codes.iter().map(|code| format!("<li><code>{}</code></li>", Markup::text(code.expose()))).collect();
    Ok(shown_once(
        &asker,
        "identity-recovery-codes",
        Alert::new(Tone::Warn, t.get("identity-recovery-keep")),
        Markup::raw(format!("<ol class=\"codes\">{list}</ol>")),
    ))
}

/// A page whose content is never shown again.
fn shown_once(asker: &Asker, title: &str, alert: Alert, what: Markup) -> Response {
    let t = asker.texts();
    let back = Button::link(HOME, t.get("identity-kept")).primary();
    asker
        .view(title)
        .crumb("/me", "identity-nav-me")
        .crumb(HOME, "identity-security")
        .show_markup(Card::plain().body(alert).body(what).footer(back))
}

async fn change_password(asker: Asker, State(identity): State<Identity>, form: Form<Typed>) -> Result {
    let (typed, state) = form.split();
    let typed = typed?;
    let session = asker.viewer.as_ref().and_then(|viewer| viewer.session);
    let (current, new) = (Secret::new(typed.current), Secret::new(typed.password));
    match identity.change_password(&asker.cx, asker.person()?, session, &current, &new).await {
        Ok(()) => Ok(asker.done("identity-password-changed", HOME)),
        Err(error) => refused(&asker, &identity, error, Sent::Password, state).await,
    }
}

async fn set_pin(asker: Asker, State(identity): State<Identity>, form: Form<Typed>) -> Result {
    let (typed, state) = form.split();
    match identity.set_pin(&asker.cx, asker.person()?, &Secret::new(typed?.pin)).await {
        Ok(()) => Ok(asker.done("identity-saved", HOME)),
        Err(error) => refused(&asker, &identity, error, Sent::Pin, state).await,
    }
}

async fn end_session(asker: Asker, State(identity): State<Identity>, Path(session): Path<String>) -> Result {
    identity.end_session(&asker.cx, asker.person()?, id(&session)?).await?;
    Ok(asker.done("identity-device-ended", HOME))
}

async fn end_others(asker: Asker, State(identity): State<Identity>) -> Result {
    let here = asker.viewer.as_ref().and_then(|viewer| viewer.session);
    identity.end_other_sessions(&asker.cx, asker.person()?, here).await?;
    Ok(asker.done("identity-devices-ended", HOME))
}

#[derive(Debug, Default, Deserialize)]
#[serde(default)]
struct TypedToken {
    name: String,
    days: u32,
    scopes: String,
}

async fn make_token(asker: Asker, State(identity): State<Identity>, form: Form<TypedToken>) -> Result {
    let (typed, state) = form.split();
    let typed = match typed {
        Ok(typed) => typed,
        Err(error) => {
            return page(
                &asker,
                &identity,
                Sent::Token,
                &state.failed(error)?,
                StatusCode::UNPROCESSABLE_ENTITY,
            )
            .await;
        }
    };
    let scopes = typed.scopes.split([' ', ',', '\n']).map(str::trim).filter(|scope| !scope.is_empty());
    let new = NewToken { name: typed.name, days: typed.days, scopes: scopes.map(str::to_owned).collect() };
    match identity.make_token(&asker.cx, asker.person()?, &new).await {
        Ok((_, token)) => {
            let t = asker.texts();
            let what =
                Markup::raw(format!("<p><code class=\"secret\">{}</code></p>", Markup::text(token.expose())));
            let alert = Alert::new(Tone::Warn, t.get("identity-token-keep"));
            Ok(shown_once(&asker, "identity-token-made", alert, what))
        }
        Err(error) => refused(&asker, &identity, error, Sent::Token, state).await,
    }
}

async fn revoke_token(asker: Asker, State(identity): State<Identity>, Path(token): Path<String>) -> Result {
    identity.revoke_token(&asker.cx, asker.person()?, id(&token)?).await?;
    Ok(asker.done("identity-token-revoked", HOME))
}
