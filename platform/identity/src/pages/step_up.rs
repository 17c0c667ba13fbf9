//! The page that asks again who one is, before something dangerous.

use axum::extract::State;
use axum::http::StatusCode;
use sekisho_web::{Access, Asker, Form, FormState, Page, Query, Reader, Result, Routes, Sheet, escape_query};
use serde::Deserialize;

use super::code_form::{CodeForm, channel};
use super::truly;
use crate::session::safe_next;
use crate::{Factors, Identity, Proof};

pub(super) fn routes() -> Routes<Identity> {
    Routes::new("identity")
        .get("/step-up", Access::Person, show)
        .post("/step-up", Access::Person, prove)
        .post("/step-up/send", Access::Person, send)
}

#[derive(Debug, Default, Deserialize)]
#[serde(default)]
struct Ask {
    next: String,
    sent: String,
    code: String,
    channel: String,
}

async fn show(asker: Asker, State(identity): State<Identity>, Query(ask): Query<Ask>) -> Result {
    let state = FormState::empty().with("next", &ask.next).with("sent", &ask.sent);
    page(&asker, &identity, state, StatusCode::OK).await
}

async fn page(asker: &Asker, identity: &Identity, state: FormState, status: StatusCode) -> Result {
    let factors = identity.factors(&identity.read(&asker.cx).await?, asker.person()?).await?;
    Ok(asker.show(&StepUpPage { factors, state, status }))
}

/// The fresh proof.
pub(super) struct StepUpPage {
    pub(super) factors: Factors,
    pub(super) state: FormState,
    pub(super) status: StatusCode,
}

impl Page for StepUpPage {
    fn draw(&self, reader: &Reader) -> Sheet {
        let Self { factors, state, status } = self;
        let t = reader.texts();
        let form = CodeForm {
            action: "/step-up",
            from_app: "identity-step-up-app",
            choose: "identity-step-up-choose",
            hint: String::new(),
            along: &["next"],
            factors,
            state,
        };
        reader.sheet("identity-step-up").status(*status).body(form.card(&t))
    }
}

async fn prove(asker: Asker, State(identity): State<Identity>, form: Form<Ask>) -> Result {
    let (typed, state) = form.split();
    let typed = typed?;
    let session = asker.viewer.as_ref().and_then(|viewer| viewer.session);
    match identity.step_up(&asker.cx, asker.person()?, session, &Proof::typed(&typed.code)).await {
        Ok(()) => Ok(asker.go(safe_next(&typed.next).unwrap_or("/me/security"))),
        Err(error) => {
            let state = state.failed(truly(&asker, &identity, error).await?)?;
            page(&asker, &identity, state, StatusCode::UNPROCESSABLE_ENTITY).await
        }
    }
}

async fn send(asker: Asker, State(identity): State<Identity>, form: Form<Ask>) -> Result {
    let typed = form.take()?;
    identity.send_step_up_code(&asker.cx, asker.person()?, channel(&typed.channel)).await?;
    let next = escape_query(&typed.next);
    Ok(asker.go(format!("/step-up?sent={}&next={next}", escape_query(&typed.channel))))
}
