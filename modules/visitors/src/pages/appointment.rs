//! `/visitors/appointments/{id}`: who comes, with which pass, and what can still be changed.

use axum::extract::{Path, State};
use sekisho_kernel::Language;
use sekisho_web::parts::{Alert, Button, Card, Column, Confirm, Field, FormBox, KeyValue, Row, Table, Tone};
use sekisho_web::{
    Asker, Form, FormState, IfMatch, Markup, Page, Reader, Result, Sheet, Texts, WebError, arg, from_local,
};
use serde::Deserialize;

use super::keys_card::KeysCard;
use super::series::{self, is_for_following};
use super::{back_with, guest_name, standing};
use crate::desk::Back;
use crate::ids::{AppointmentId, VisitId};
use crate::pass::spaced;
use crate::reads::{self, AppointmentRow, PassRow, VisitRow};
use crate::registration::{self, GuestRegistration};
use crate::{GuestForm, Visitors};

/// The page.
pub(super) async fn show(
    asker: Asker,
    State(visitors): State<Visitors>,
    Path(id): Path<AppointmentId>,
) -> Result {
    let sight = visitors.sight(&asker.cx, asker.person()?).await?;
    let row = reads::appointment(&visitors, &asker.cx, &sight, id).await?.ok_or_else(WebError::missing)?;
    let passes = if row.plans { reads::passes(&visitors, &asker.cx, id).await? } else { Vec::new() };
    let scope = visitors.store.read(asker.cx.tenant).await?;
    let names = visitors.identity.display_names(&scope, &row.deputies).await?;
    let deputies = row.deputies.iter().filter_map(|deputy| names.get(deputy).cloned()).collect();
    let is_desk = sight.is_desk(row.site);
    drop(scope);
    let ids: Vec<VisitId> = row.visits.iter().map(|visit| visit.id).collect();
    let registered = registration::readable(&visitors, &asker.cx, &sight, &ids).await?;
    let registration = GuestRegistration::of(&row.visits, registered, &sight);
    let keys = if row.plans { KeysCard::of(&visitors, &asker.cx, &row).await? } else { None };
    Ok(asker.show(&AppointmentPage { row, passes, deputies, is_desk, keys, registration }))
}

/// An appointment as those whom it concerns see it.
pub(super) struct AppointmentPage {
    pub(super) row: AppointmentRow,
    pub(super) passes: Vec<PassRow>,
    /// The deputies by name.
    pub(super) deputies: Vec<String>,
    /// Whether the viewer is the desk, which sees a guest's other visits.
    pub(super) is_desk: bool,
    /// The keys of its guests; none where there is nothing to show.
    pub(super) keys: Option<KeysCard>,
    /// What its guests filled in, signed and sent; none where nothing was asked or the viewer may not read it.
    pub(super) registration: Vec<GuestRegistration>,
}

impl Page for AppointmentPage {
    fn draw(&self, reader: &Reader) -> Sheet {
        let (t, row) = (reader.texts(), &self.row);
        let mut body = Markup::default();
        if row.cancelled_at.is_some() {
            body = body.then(Alert::new(Tone::Info, t.get("visitors-was-cancelled")));
        }
        if row.cancelled_at.is_none() && row.plans && row.is_crowded() {
            let about = [
                ("people", arg(row.people.unwrap_or_default())),
                ("seats", arg(row.seats.unwrap_or_default())),
            ];
            body = body.then(Alert::new(Tone::Warn, t.with("visitors-room-crowded", about)));
        }
        body = body.then(Card::new(t.get("visitors-when")).body(self.facts(reader, &t)));
        body = body.then(Card::new(t.get("visitors-guests")).flush().body(self.guests(reader, &t)));
        let here = format!("/visitors/appointments/{}", row.id);
        body = body.then(registration::of_guests(reader, &self.registration));
        body = body.then(self.keys.as_ref().map(|keys| keys.draw(reader, &t, &here)));
        let series = row.series.as_ref().map(|one| series::card(one, row.id, &row.zone, reader));
        let series = series.unwrap_or_default();
        let sheet = reader.sheet("visitors-appointment").crumb("/visitors", "visitors-title");
        if row.cancelled_at.is_some() || !row.plans {
            return sheet.body(body.then(series));
        }
        let cancel = Confirm::new(
            format!("{here}/cancel"),
            t.get("visitors-cancel"),
            t.get("visitors-cancel-question"),
            t.get("visitors-cancel-do"),
        )
        .icon("calendar-off")
        .field(Field::hidden("version", row.version));
        let cancel = match row.series {
            Some(_) => cancel.field(series::which("cancel_which", &FormState::empty(), &t)),
            None => cancel,
        };
        let add = add_form(&here, &t, row.series.is_some());
        sheet
            .action(Button::link(format!("{here}/change"), t.get("visitors-change")).primary().icon("edit"))
            .body(
                body.then(Card::new(t.get("visitors-add-guest")).body(add))
                    .then(series)
                    .then(Card::plain().body(cancel)),
            )
    }
}

impl AppointmentPage {
    fn facts(&self, reader: &Reader, t: &Texts) -> KeyValue {
        let row = &self.row;
        let at = |civil: &str| from_local(civil, &row.zone).map(|at| reader.time(at, &row.zone));
        let mut facts = KeyValue::new()
            .row(t.get("visitors-starts"), at(&row.starts))
            .row(t.get("visitors-ends"), at(&row.ends))
            .row(t.get("visitors-site"), &row.site_name)
            .row(t.get("visitors-place"), &row.place)
            .row(t.get("visitors-kind"), t.get(&format!("visitors-kind-{}", row.kind.word())))
            .row(t.get("visitors-host"), &row.host_name);
        if !self.deputies.is_empty() {
            facts = facts.row(t.get("visitors-deputies"), self.deputies.join(", "));
        }
        facts.row(t.get("visitors-purpose"), &row.purpose).row(t.get("visitors-note"), &row.note)
    }

    /// The guest, leading to their record for the desk.
    fn named(&self, t: &Texts, visit: &VisitRow) -> Markup {
        let name = guest_name(t, visit);
        match visit.guest.filter(|_| self.is_desk) {
            Some(guest) => Markup::raw(format!("<a href=\"/visitors/guests/{guest}\">{name}</a>")),
            None => name,
        }
    }

    fn guests(&self, reader: &Reader, t: &Texts) -> Table {
        let columns = [
            Column::new(t.get("visitors-guest")),
            Column::new(t.get("state")).narrow(),
            Column::new(t.get("visitors-code")).narrow(),
            Column::new(t.get("visitors-arrived-at")),
            Column::new(t.get("visitors-do")).narrow(),
        ];
        let plans = self.row.plans;
        let rows = self.row.visits.iter().map(|visit| {
            let pass = self.passes.iter().find(|pass| pass.visit == visit.id);
            let code = pass.map(|pass| {
                Markup::raw(format!(
                    "<a href=\"{}\"><code>{}</code></a>",
                    Markup::text(&pass.address),
                    Markup::text(spaced(&pass.code))
                ))
            });
            let remove = (plans && visit.state.is_expected()).then(|| {
                Confirm::new(
                    format!("/visitors/visits/{}/cancel", visit.id),
                    t.get("visitors-remove-guest"),
                    t.get("visitors-remove-question"),
                    t.get("visitors-remove-do"),
                )
                .small()
            });
            let follows = remove.is_some() && self.row.series.is_some();
            let remove_all = follows.then(|| {
                Confirm::new(
                    format!("/visitors/visits/{}/cancel", visit.id),
                    t.get("visitors-remove-following"),
                    t.get("visitors-remove-following-question"),
                    t.get("visitors-remove-do"),
                )
                .field(Field::hidden("which", "following"))
                .small()
            });
            let acts = super::acts(t, visit, reader.now(), Back::LIST);
            let change = (plans && visit.guest.is_some() && !visit.name.is_empty()).then(|| {
                Button::link(format!("/visitors/visits/{}/guest", visit.id), t.get("visitors-change-guest"))
                    .quiet()
                    .small()
            });
            let told = plans.then(|| {
                Button::link(format!("/visitors/visits/{}/messages", visit.id), t.get("visitors-messages"))
                    .quiet()
                    .small()
            });
            let acts = [change, told].into_iter().flatten().fold(acts, |acts, link| acts.then(link));
            Row::new()
                .cell(self.named(t, visit))
                .cell(standing(t, visit))
                .cell(code)
                .cell(visit.arrived_at.map(|at| reader.time(at, &visit.zone)))
                .cell(
                    acts.then(remove.map(Markup::from).unwrap_or_default())
                        .then(remove_all.map(Markup::from).unwrap_or_default()),
                )
        });
        Table::new(t.get("visitors-guests"), columns).rows(rows)
    }
}

fn add_form(here: &str, t: &Texts, of_series: bool) -> FormBox {
    let state = FormState::empty();
    let languages = Language::GUEST.map(|language| (language.tag(), language.own_name()));
    let form = FormBox::post(format!("{here}/guests"), &state, t)
        .beside([
            Field::text("name", t.get("visitors-guest-name")).required(),
            Field::text("company", t.get("visitors-company")).optional(t.get("optional")),
        ])
        .beside([
            Field::email("mail", t.get("visitors-guest-mail")).optional(t.get("optional")),
            Field::select("language", t.get("visitors-guest-language")).options(languages),
        ]);
    let form = if of_series { form.add(series::which("add_which", &state, t)) } else { form };
    form.submit(t.get("visitors-add-guest-do"))
}

#[derive(Deserialize)]
pub(super) struct CancelSent {
    version: Option<i64>,
    cancel_which: String,
}

/// Calls the appointment off.
pub(super) async fn cancel(
    asker: Asker,
    State(visitors): State<Visitors>,
    Path(id): Path<AppointmentId>,
    sent: Form<CancelSent>,
) -> Result {
    let here = format!("/visitors/appointments/{id}");
    let sent = sent.take()?;
    let seen = sent.version.map_or(IfMatch::ANY, IfMatch::seen);
    let cancelled = if is_for_following(&sent.cancel_which) {
        crate::cancel_series(&visitors, &asker.cx, id, &seen).await
    } else {
        crate::cancel_appointment(&visitors, &asker.cx, id, &seen).await
    };
    match cancelled {
        Ok(()) => Ok(asker.done("visitors-cancelled", "/visitors")),
        Err(error) => back_with(&asker, error.into(), &here),
    }
}

#[derive(Deserialize)]
pub(super) struct GuestSent {
    name: String,
    company: String,
    mail: String,
    language: String,
    add_which: String,
}

/// Adds a guest.
pub(super) async fn add_guest(
    asker: Asker,
    State(visitors): State<Visitors>,
    Path(id): Path<AppointmentId>,
    sent: Form<GuestSent>,
) -> Result {
    let here = format!("/visitors/appointments/{id}");
    let sent = sent.take()?;
    let form = GuestForm {
        name: sent.name,
        company: sent.company,
        mail: sent.mail,
        language: Language::guest_from_tag(&sent.language),
        ..GuestForm::default()
    };
    let added = if is_for_following(&sent.add_which) {
        crate::add_guest_to_series(&visitors, &asker.cx, id, form).await
    } else {
        crate::add_guest(&visitors, &asker.cx, id, form).await
    };
    match added {
        Ok(_) => Ok(asker.done("visitors-guest-added", here)),
        Err(error) => back_with(&asker, error.into(), &here),
    }
}

#[derive(Deserialize)]
pub(super) struct RemoveSent {
    which: String,
}

/// Takes a guest off.
pub(super) async fn remove_guest(
    asker: Asker,
    State(visitors): State<Visitors>,
    Path(id): Path<VisitId>,
    sent: Form<RemoveSent>,
) -> Result {
    let removed = if is_for_following(&sent.take()?.which) {
        crate::remove_guest_from_series(&visitors, &asker.cx, id).await
    } else {
        crate::remove_guest(&visitors, &asker.cx, id).await
    };
    match removed {
        Ok(()) => Ok(asker.done("visitors-guest-removed", "/visitors")),
        Err(error) => back_with(&asker, error.into(), "/visitors"),
    }
}
