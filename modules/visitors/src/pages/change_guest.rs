//! `/visitors/visits/{id}/guest`: what is known of a guest, to be corrected.

use axum::extract::{Path, State};
use axum::http::StatusCode;
use axum::response::Response;
use sekisho_kernel::Language;
use sekisho_web::parts::{Card, FormBox};
use sekisho_web::{Asker, Form, FormState, Page, Reader, Result, Sheet, WebError};
use serde::Deserialize;

use crate::ids::{AppointmentId, VisitId};
use crate::{GuestForm, Visitors, ledger};

/// What the form sends.
#[derive(Deserialize)]
pub(super) struct Sent {
    guest_name: String,
    guest_reading: String,
    guest_company: String,
    guest_mail: String,
    guest_phone: String,
    guest_language: String,
    companions: Option<i64>,
}

/// The form.
pub(super) async fn show(asker: Asker, State(visitors): State<Visitors>, Path(id): Path<VisitId>) -> Result {
    let known = crate::guest_of(&visitors, &asker.cx, id).await?;
    let state = FormState::empty()
        .with("guest_name", known.contact.name)
        .with("guest_reading", known.contact.reading)
        .with("guest_company", known.contact.company)
        .with("guest_mail", known.contact.mail)
        .with("guest_phone", known.contact.phone)
        .with("guest_language", known.language.tag())
        .with("companions", known.companions);
    let of = appointment_of(&asker, &visitors, id).await?;
    Ok(asker.show(&GuestFormPage { id, of, state, status: StatusCode::OK }))
}

/// Corrects the guest.
pub(super) async fn save(
    asker: Asker,
    State(visitors): State<Visitors>,
    Path(id): Path<VisitId>,
    sent: Form<Sent>,
) -> Result<Response> {
    let (sent, state) = sent.split();
    let saved = match sent {
        Ok(sent) => {
            let form = GuestForm {
                name: sent.guest_name,
                reading: sent.guest_reading,
                company: sent.guest_company,
                mail: sent.guest_mail,
                phone: sent.guest_phone,
                language: Language::guest_from_tag(&sent.guest_language),
                companions: sent.companions.unwrap_or(0),
            };
            crate::change_guest(&visitors, &asker.cx, id, form).await.map_err(WebError::from)
        }
        Err(error) => Err(error),
    };
    let of = appointment_of(&asker, &visitors, id).await?;
    match saved {
        Ok(()) => Ok(asker.done("visitors-guest-changed", back(of))),
        Err(error) => {
            let state = state.failed(error)?;
            Ok(asker.show(&GuestFormPage { id, of, state, status: StatusCode::UNPROCESSABLE_ENTITY }))
        }
    }
}

async fn appointment_of(asker: &Asker, visitors: &Visitors, id: VisitId) -> Result<Option<AppointmentId>> {
    let scope = visitors.store.read(asker.cx.tenant).await?;
    Ok(ledger::visit(&scope, id).await?.and_then(|visit| visit.appointment_id))
}

fn back(of: Option<AppointmentId>) -> String {
    of.map_or_else(|| "/visitors".to_owned(), |of| format!("/visitors/appointments/{of}"))
}

/// The form.
pub(super) struct GuestFormPage {
    pub(super) id: VisitId,
    /// The appointment it leads back to.
    pub(super) of: Option<AppointmentId>,
    pub(super) state: FormState,
    pub(super) status: StatusCode,
}

impl Page for GuestFormPage {
    fn draw(&self, reader: &Reader) -> Sheet {
        let (t, state) = (reader.texts(), &self.state);
        let form = FormBox::post(format!("/visitors/visits/{}/guest", self.id), state, &t);
        let form = super::forms::guest_fields(form, state, &t, "visitors-change-guest-mail-hint")
            .cancel(back(self.of), t.get("cancel"))
            .submit(t.get("visitors-change-guest-do"));
        let sheet = reader.sheet("visitors-change-guest-title").crumb("/visitors", "visitors-title");
        let sheet = match self.of {
            Some(_) => sheet.crumb(&back(self.of), "visitors-appointment"),
            None => sheet,
        };
        sheet.status(self.status).body(Card::plain().body(form))
    }
}
