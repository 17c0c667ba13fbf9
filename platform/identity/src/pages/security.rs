//! My security: password, recovery codes, PIN, devices, tokens. The authenticator app is in `app.rs`.

use axum::extract::{Path, State};
use axum::http::StatusCode;
use sekisho_crypto::Secret;
use sekisho_kernel::Kinded;
use sekisho_web::parts::{
    Alert, Badge, Button, Card, Column, Confirm, Empty, Field, FormBox, Grid, Row, Table, Tone,
};
use sekisho_web::{Access, Asker, Form, FormState, Markup, Page, Reader, Result, Routes, Sheet, Texts};
use serde::Deserialize;
use uuid::Uuid;

use super::{browser_name, id, to_step_up, truly, wants_step_up};
use crate::{Factors, Identity, NewToken, SessionRow, TokenRow};

pub(super) const HOME: &str = "/me/security";

pub(super) fn routes() -> Routes<Identity> {
    Routes::new("identity")
        .get("/me/security", Access::Person, show)
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
    current: String,
    password: String,
    pin: String,
}

async fn show(asker: Asker, State(identity): State<Identity>) -> Result {
    page(&asker, &identity, Sent::Nothing, FormState::empty(), StatusCode::OK).await
}

/// Which form of the page was sent; only that one shows what is wrong with it.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) enum Sent {
    /// None.
    Nothing,
    /// The password.
    Password,
    /// The PIN.
    Pin,
    /// A new token.
    Token,
}

async fn page(
    asker: &Asker,
    identity: &Identity,
    sent: Sent,
    state: FormState,
    status: StatusCode,
) -> Result {
    let scope = identity.read(&asker.cx).await?;
    let me = asker.person()?;
    Ok(asker.show(&SecurityPage {
        factors: identity.factors(&scope, me).await?,
        sessions: identity.sessions(&asker.cx, &scope, me).await?,
        here: asker.viewer.as_ref().and_then(|viewer| viewer.session),
        tokens: identity.tokens(&asker.cx, &scope, me).await?,
        sent,
        state,
        status,
    }))
}

/// My security.
pub(super) struct SecurityPage {
    pub(super) factors: Factors,
    pub(super) sessions: Vec<SessionRow>,
    /// The session in which the page is read.
    pub(super) here: Option<Uuid>,
    pub(super) tokens: Vec<TokenRow>,
    pub(super) sent: Sent,
    pub(super) state: FormState,
    pub(super) status: StatusCode,
}

impl Page for SecurityPage {
    fn draw(&self, reader: &Reader) -> Sheet {
        let t = reader.texts();
        let empty = FormState::empty();
        let of = |form: Sent| if self.sent == form { &self.state } else { &empty };
        let cards = Grid::cards()
            .add(two_step_card(&t, &self.factors))
            .add(password_card(&t, of(Sent::Password)))
            .add(self.devices_card(reader, &t))
            .add(pin_card(&t, of(Sent::Pin)));
        let body = Markup::from(cards).then(self.tokens_card(reader, &t, of(Sent::Token)));
        reader.sheet("identity-security").crumb("/me", "identity-nav-me").status(self.status).body(body)
    }
}

fn two_step_card(t: &Texts, factors: &Factors) -> Card {
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
    Card::new(t.get("identity-two-step")).body(app).footer(codes)
}

fn password_card(t: &Texts, state: &FormState) -> Card {
    let form = FormBox::post("/me/security/password", state, t)
        .add(
            Field::password("current", t.get("identity-password-current"))
                .from(state, t)
                .autocomplete("current-password")
                .required(),
        )
        .add(
            Field::password("password", t.get("identity-new-password"))
                .from(state, t)
                .autocomplete("new-password")
                .hint(t.get("identity-password-hint"))
                .required(),
        )
        .submit(t.get("identity-password-change"));
    Card::new(t.get("identity-password")).body(form).footer(t.get("identity-password-change-note"))
}

fn pin_card(t: &Texts, state: &FormState) -> Card {
    let form = FormBox::post("/me/security/pin", state, t)
        .add(
            Field::password("pin", t.get("identity-pin"))
                .from(state, t)
                .autocomplete("off")
                .attr("inputmode", "numeric")
                .hint(t.get("identity-pin-hint"))
                .short(),
        )
        .submit(t.get("identity-save"));
    Card::new(t.get("identity-pin")).body(form)
}

impl SecurityPage {
    fn devices_card(&self, reader: &Reader, t: &Texts) -> Card {
        let columns = [
            Column::new(t.get("identity-device")),
            Column::new(t.get("identity-seen")),
            Column::new(t.get("identity-address")).secondary(),
            Column::new("").narrow(),
        ];
        let rows = self.sessions.iter().map(|session| {
            let end = if self.here == Some(session.id) {
                Markup::from(Badge::new(t.get("identity-this-device")).tone(Tone::Good))
            } else {
                let end = format!("/me/security/sessions/{}/end", session.id);
                Button::post(end, t.get("identity-device-end")).small().quiet().into()
            };
            Row::new()
                .cell(browser_name(&session.agent))
                .cell(reader.time(session.seen_at, reader.zone()).relative())
                .cell(session.address.clone())
                .cell(end)
        });
        let table = Table::new(t.get("identity-devices"), columns).rows(rows);
        let end_others = Confirm::new(
            "/me/security/sessions/end-others",
            t.get("identity-devices-end"),
            t.get("identity-devices-end-question"),
            t.get("identity-devices-end-do"),
        );
        Card::new(t.get("identity-devices")).flush().body(table).footer(end_others)
    }

    fn tokens_card(&self, reader: &Reader, t: &Texts, state: &FormState) -> Card {
        let columns = [
            Column::new(t.get("identity-token-name")),
            Column::new(t.get("identity-token-scopes")).secondary(),
            Column::new(t.get("identity-token-expires")),
            Column::new("").narrow(),
        ];
        let rows = self.tokens.iter().map(|token| {
            let revoke = Confirm::new(
                format!("/me/security/tokens/{}/revoke", token.id),
                t.get("identity-token-revoke"),
                t.with("identity-token-revoke-question", [("name", token.name.as_str())]),
                t.get("identity-token-revoke-do"),
            );
            Row::new()
                .cell(token.name.as_str())
                .cell(token.scopes.join(" "))
                .cell(reader.time(token.expires_at, reader.zone()).day())
                .cell(revoke.small())
        });
        let table = Table::new(t.get("identity-tokens"), columns)
            .rows(rows)
            .empty(Empty::new(t.get("identity-tokens-none"), t.get("identity-tokens-none-text")).icon("key"));
        let form = FormBox::post("/me/security/tokens", state, t)
            .beside([
                Field::text("name", t.get("identity-token-name")).from(state, t).required(),
                Field::number("days", t.get("identity-token-days"))
                    .value(90)
                    .from(state, t)
                    .attr("min", 1)
                    .attr("max", 366)
                    .short()
                    .required(),
            ])
            .add(
                Field::text("scopes", t.get("identity-token-scopes"))
                    .from(state, t)
                    .placeholder("keys:read")
                    .hint(t.get("identity-token-scopes-hint"))
                    .required(),
            )
            .submit(t.get("identity-token-make"));
        Card::new(t.get("identity-tokens")).flush().body(table).footer(form)
    }
}

/// A refused act of this page: leads to the fresh proof, or shows the page again with what is wrong.
pub(super) async fn refused<E: Kinded + Send + Sync + 'static>(
    asker: &Asker,
    identity: &Identity,
    error: E,
    sent: Sent,
    state: FormState,
) -> Result {
    if wants_step_up(&error) {
        return Ok(to_step_up(asker, HOME));
    }
    let state = state.failed(truly(asker, identity, error).await?)?;
    page(asker, identity, sent, state, StatusCode::UNPROCESSABLE_ENTITY).await
}

async fn make_recovery_codes(asker: Asker, State(identity): State<Identity>) -> Result {
    let codes = match identity.make_recovery_codes(&asker.cx, asker.person()?).await {
        Ok(codes) => codes,
        Err(error) => return refused(&asker, &identity, error, Sent::Nothing, FormState::empty()).await,
    };
    Ok(asker.show(&ShownOnce::RecoveryCodes(codes)))
}

/// A page whose content is never shown again.
pub(super) enum ShownOnce {
    /// New recovery codes.
    RecoveryCodes(Vec<Secret>),
    /// The recovery codes of somebody who has just signed in for the first time.
    FirstRecoveryCodes(Vec<Secret>),
    /// A new token.
    Token(Secret),
}

impl Page for ShownOnce {
    fn draw(&self, reader: &Reader) -> Sheet {
        let t = reader.texts();
        let (title, keep, what) = match self {
            Self::RecoveryCodes(codes) | Self::FirstRecoveryCodes(codes) => {
                let code = |code: &Secret| format!("<li><code>{}</code></li>", Markup::text(code.expose()));
                let list: String = codes.iter().map(code).collect();
                let list = Markup::raw(format!("<ol class=\"codes\">{list}</ol>"));
                ("identity-recovery-codes", "identity-recovery-keep", list)
            }
            Self::Token(token) => {
                let token = Markup::text(token.expose());
                let shown = Markup::raw(format!("<p><code class=\"secret\">{token}</code></p>"));
                ("identity-token-made", "identity-token-keep", shown)
            }
        };
        let first = matches!(self, Self::FirstRecoveryCodes(_));
        let back = Button::link(if first { "/" } else { HOME }, t.get("identity-kept")).primary();
        let card = Card::plain().body(Alert::new(Tone::Warn, t.get(keep))).body(what).footer(back);
        let sheet = reader.sheet(title).body(card);
        if first {
            return sheet.bare();
        }
        sheet.crumb("/me", "identity-nav-me").crumb(HOME, "identity-security")
    }
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
            let state = state.failed(error)?;
            return page(&asker, &identity, Sent::Token, state, StatusCode::UNPROCESSABLE_ENTITY).await;
        }
    };
    let scopes = typed.scopes.split([' ', ',', '\n']).map(str::trim).filter(|scope| !scope.is_empty());
    let new = NewToken { name: typed.name, days: typed.days, scopes: scopes.map(str::to_owned).collect() };
    match identity.make_token(&asker.cx, asker.person()?, &new).await {
        Ok((_, token)) => Ok(asker.show(&ShownOnce::Token(token))),
        Err(error) => refused(&asker, &identity, error, Sent::Token, state).await,
    }
}

async fn revoke_token(asker: Asker, State(identity): State<Identity>, Path(token): Path<String>) -> Result {
    identity.revoke_token(&asker.cx, asker.person()?, id(&token)?).await?;
    Ok(asker.done("identity-token-revoked", HOME))
}
