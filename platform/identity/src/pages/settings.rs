//! The tenant's rules about its people: two steps, networks of administration, reveals, leavers.

use axum::extract::State;
use axum::http::StatusCode;
use sekisho_kernel::Kinded;
use sekisho_web::parts::{Card, Field, FormBox};
use sekisho_web::{Access, Asker, Form, FormState, Page, Reader, Result, Routes, Sheet, WebError};

use super::{to_step_up, wants_step_up};
use crate::Identity;
use crate::change_settings::SettingsEdit;

pub(super) fn routes() -> Routes<Identity> {
    Routes::new("identity").get("/settings/security", Access::Administrator, show).post(
        "/settings/security",
        Access::Administrator,
        save,
    )
}

async fn show(asker: Asker, State(identity): State<Identity>) -> Result {
    let settings = identity.tenant(&asker.cx).await?.settings.clone();
    let networks = settings.admin_networks.iter().map(ToString::to_string).collect::<Vec<_>>().join("\n");
    let mut state = FormState::empty()
        .with("admin_networks", networks)
        .with("reveal_limit", settings.reveal_limit)
        .with("keep_leavers_days", settings.keep_leavers_days);
    if settings.two_step {
        state = state.with("two_step", "true");
    }
    Ok(page(&asker, state, StatusCode::OK))
}

fn page(asker: &Asker, state: FormState, status: StatusCode) -> axum::response::Response {
    let here = asker.cx.address.map(|address| address.to_string());
    asker.show(&SecuritySettings { state, here, status })
}

/// The tenant's rules about its people.
pub(super) struct SecuritySettings {
    pub(super) state: FormState,
    /// From where the reader comes.
    pub(super) here: Option<String>,
    pub(super) status: StatusCode,
}

impl Page for SecuritySettings {
    fn draw(&self, reader: &Reader) -> Sheet {
        let (t, state) = (reader.texts(), &self.state);
        let here = self.here.clone().unwrap_or_else(|| "–".to_owned());
        let form = FormBox::post("/settings/security", state, &t)
            .add(
                Field::switch("two_step", t.get("identity-two-step-all"))
                    .from(state, &t)
                    .hint(t.get("identity-two-step-all-hint")),
            )
            .add(
                Field::lines("admin_networks", t.get("identity-networks"))
                    .from(state, &t)
                    .placeholder("203.0.113.0/24")
                    .hint(t.with("identity-networks-hint", [("here", here)])),
            )
            .beside([
                Field::number("reveal_limit", t.get("identity-reveal-limit"))
                    .from(state, &t)
                    .attr("min", 1)
                    .attr("max", 1000)
                    .hint(t.get("identity-reveal-limit-hint"))
                    .short(),
                Field::number("keep_leavers_days", t.get("identity-keep-leavers"))
                    .from(state, &t)
                    .attr("min", 1)
                    .attr("max", 366)
                    .hint(t.get("identity-keep-leavers-hint"))
                    .short(),
            ])
            .submit(t.get("identity-save"));
        reader.sheet("identity-settings").status(self.status).body(Card::plain().body(form))
    }
}

async fn save(asker: Asker, State(identity): State<Identity>, form: Form<SettingsEdit>) -> Result {
    let by = identity.administrator(&asker.cx).await?;
    let (typed, state) = form.split();
    let saved = match typed {
        Ok(edit) => match identity.change_settings(&asker.cx, by, &edit).await {
            Err(error) if wants_step_up(&error) && error.kind() == sekisho_kernel::Kind::Denied => {
                return Ok(to_step_up(&asker, "/settings/security"));
            }
            other => other.map_err(WebError::from),
        },
        Err(error) => Err(error),
    };
    match saved {
        Ok(()) => Ok(asker.done("identity-saved", "/settings/security")),
        Err(error) => Ok(page(&asker, state.failed(error)?, StatusCode::UNPROCESSABLE_ENTITY)),
    }
}
