//! The tenant's own holiday calendars: a name, and one line for each day.

use axum::extract::{Path, State};
use sekisho_policy::{CalendarId, PolicyError};
use sekisho_web::parts::{Card, Field, FormBox};
use sekisho_web::{Asker, Form, FormState, Page, Reader, Result, Sheet};
use serde::Deserialize;

use super::schedules::read_days;
use crate::Rights;

/// The form.
#[derive(Clone, Debug, Default, Deserialize)]
pub(crate) struct CalendarForm {
    name: String,
    days: String,
}

/// The form of a calendar, new or known.
pub(super) struct CalendarPage {
    pub(super) id: Option<CalendarId>,
    pub(super) state: FormState,
}

impl Page for CalendarPage {
    fn draw(&self, reader: &Reader) -> Sheet {
        let (t, id, state) = (reader.texts(), self.id, &self.state);
        let action =
            id.map_or_else(|| "/rights/calendars".to_owned(), |id| format!("/rights/calendars/{id}"));
        let form = FormBox::post(action, state, &t)
            .add(Field::text("name", t.get("rights-name")).from(state, &t).required().attr("maxlength", 100))
            .add(
                Field::lines("days", t.get("rights-days"))
                    .from(state, &t)
                    .attr("rows", 12)
                    .placeholder("2026-12-29")
                    .hint(t.get("rights-days-hint")),
            )
            .submit(t.get("rights-save"))
            .cancel("/rights/schedules", t.get("rights-cancel"));
        let title = if id.is_some() { "rights-calendar" } else { "rights-calendar-new" };
        reader
            .sheet(title)
            .crumb("/rights", "rights-title")
            .crumb("/rights/schedules", "rights-schedules")
            .body(Card::plain().body(form))
    }
}

/// The form for a new calendar.
pub(crate) async fn new(asker: Asker) -> Result {
    Ok(asker.show(&CalendarPage { id: None, state: FormState::empty() }))
}

/// One calendar.
pub(crate) async fn one(asker: Asker, State(rights): State<Rights>, Path(id): Path<CalendarId>) -> Result {
    let scope = rights.store.read(asker.cx.tenant).await?;
    let calendars = rights.policy.calendars(&scope).await?;
    let calendar =
        calendars.into_iter().find(|calendar| calendar.id == id).ok_or(PolicyError::NoSuchSchedule)?;
    let days: Vec<String> =
        calendar.days.iter().map(|day| format!("{} {}", day.date, day.name).trim().to_owned()).collect();
    let state = FormState::empty().with("name", &calendar.name).with("days", days.join("\n"));
    Ok(asker.show(&CalendarPage { id: Some(id), state }))
}

/// Makes a calendar.
pub(crate) async fn make(asker: Asker, State(rights): State<Rights>, form: Form<CalendarForm>) -> Result {
    save(&asker, &rights, None, form).await
}

/// Changes a calendar.
pub(crate) async fn change(
    asker: Asker,
    State(rights): State<Rights>,
    Path(id): Path<CalendarId>,
    form: Form<CalendarForm>,
) -> Result {
    save(&asker, &rights, Some(id), form).await
}

async fn save(asker: &Asker, rights: &Rights, id: Option<CalendarId>, form: Form<CalendarForm>) -> Result {
    let (value, state) = form.split();
    let saved = async {
        let CalendarForm { name, days } = value?;
        Ok(rights.save_calendar(&asker.cx, id, name.trim(), read_days(&days)?).await?)
    };
    match saved.await {
        Ok(_) => Ok(asker.done("rights-calendar-saved", "/rights/schedules")),
        Err(error) => Ok(asker.show(&CalendarPage { id, state: state.failed(error)? })),
    }
}
