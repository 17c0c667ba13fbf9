//! The form of an appointment: new, quick for one guest and open for more, and changed.

mod sent;

use axum::extract::{Path, State};
use axum::http::StatusCode;
use axum::response::Response;
use sekisho_kernel::{Language, SiteId};
use sekisho_places::Site;
use sekisho_web::parts::{Card, Empty, Field, FormBox};
use sekisho_web::{
    Asker, Form, FormState, IfMatch, Markup, Page, Query, Reader, Result, Sheet, Texts, WebError, zone_of,
};
use serde::Deserialize;

pub(super) use self::sent::Sent;
use super::room_choice::RoomChoice;
use super::series::{self, Preview, calendar_choices, is_for_following};
use super::{people_choices, site_choices};
use crate::Visitors;
use crate::checks::VisitError;
use crate::ids::AppointmentId;
use crate::make_series::dates;
use crate::occurrence::spell;
use crate::reads;
use crate::rooms::explained;
use crate::tables::words::VisitKind;
use crate::warrant::NotAllowed;

/// `?site=…`, and what a script asks with about rooms.
#[derive(Default, Deserialize)]
pub(super) struct NewAsk {
    site: Option<SiteId>,
    room: Option<String>,
    starts: Option<String>,
    ends: Option<String>,
}

/// The empty form: from the next full hour of the site's clock, for an hour.
pub(super) async fn new(asker: Asker, State(visitors): State<Visitors>, Query(ask): Query<NewAsk>) -> Result {
    let sites = super::sites(&asker, &visitors).await?;
    let asked = sites.iter().find(|site| Some(site.id) == ask.site);
    let site = asked.or(sites.first());
    let zone = site.map_or(asker.zone(), |site| &site.zone);
    let now = asker.cx.now.to_jiff().to_zoned(zone_of(zone)).datetime();
    let hour = now.with().minute(0).second(0).subsec_nanosecond(0).build().unwrap_or(now);
    let at = |hours: i64| spell(hour.saturating_add(jiff::Span::new().hours(hours)));
    let asked = ask.starts.is_some();
    let state = FormState::empty()
        .with("site", super::chosen(site.map(|site| site.id)))
        .with("kind", VisitKind::Guest.word())
        .with("host", asker.person()?)
        .with("room", ask.room.unwrap_or_default())
        .with("starts", ask.starts.unwrap_or_else(|| at(1)))
        .with("ends", ask.ends.unwrap_or_else(|| at(2)))
        .with("guest_language", asker.cx.language.tag())
        .with("companions", 0);
    let rooms = RoomChoice::of(&asker, &visitors, (&state, None), asked, Vec::new()).await?;
    show_form(&asker, &visitors, None, state, rooms, None, StatusCode::OK).await
}

/// Makes the appointment.
pub(super) async fn make(asker: Asker, State(visitors): State<Visitors>, sent: Form<Sent>) -> Result {
    let (sent, state) = sent.split();
    let (mut preview, mut in_the_way) = (None, Vec::new());
    let made = match sent {
        Ok(sent) => {
            let days = days_of(&asker, &visitors, &sent).await;
            if sent.preview {
                // Looked at only: nothing is made, whatever else is wrong.
                let (state, preview) = match days {
                    Ok(preview) => (state, preview),
                    Err(error) => (state.failed(error.into())?, None),
                };
                let rooms = RoomChoice::of(&asker, &visitors, (&state, None), false, Vec::new()).await?;
                return show_form(&asker, &visitors, None, state, rooms, preview, StatusCode::OK).await;
            }
            preview = days.ok().flatten();
            match make_as_sent(&asker, &visitors, sent).await {
                Ok(made) => Ok(made),
                Err(error) => {
                    let (error, rows) = explained(&visitors, &asker, error).await?;
                    in_the_way = rows;
                    Err(error)
                }
            }
        }
        Err(error) => Err(error),
    };
    match made {
        Ok((text, id)) => Ok(asker.done(text, format!("/visitors/appointments/{id}"))),
        Err(error) => {
            let state = state.failed(error)?;
            let rooms = RoomChoice::of(&asker, &visitors, (&state, None), false, in_the_way).await?;
            show_form(&asker, &visitors, None, state, rooms, preview, StatusCode::UNPROCESSABLE_ENTITY).await
        }
    }
}

/// The appointment, or the first of a series.
async fn make_as_sent(
    asker: &Asker,
    visitors: &Visitors,
    sent: Sent,
) -> std::result::Result<(&'static str, AppointmentId), VisitError> {
    match series::repeat_of(&sent)? {
        None => Ok(("visitors-made", crate::make_appointment(visitors, &asker.cx, sent.form()).await?.id)),
        Some(repeat) => {
            let wants_room = sent.room.is_some();
            let made = crate::make_series(visitors, &asker.cx, sent.repeated(), repeat).await?;
            let without = wants_room && made.occurrences.iter().any(|one| one.room.is_none());
            let text = if without { "visitors-series-made-partly" } else { "visitors-series-made" };
            Ok((text, made.first.id))
        }
    }
}

/// The days that were meant; none when it does not repeat.
async fn days_of(
    asker: &Asker,
    visitors: &Visitors,
    sent: &Sent,
) -> std::result::Result<Option<Preview>, VisitError> {
    let Some(repeat) = series::repeat_of(sent)? else { return Ok(None) };
    let site = visitors.open_site(&asker.cx, sent.site).await?.ok_or(NotAllowed::Missing)?;
    let dates = dates(visitors, &asker.cx, &site, (&sent.starts, &sent.ends), &repeat).await?;
    Ok(Some(Preview::of(&dates, &site.zone)))
}

/// The form of an appointment that is there.
pub(super) async fn change(
    asker: Asker,
    State(visitors): State<Visitors>,
    Path(id): Path<AppointmentId>,
    Query(ask): Query<NewAsk>,
) -> Result {
    let sight = visitors.sight(&asker.cx, asker.person()?).await?;
    let row = reads::appointment(&visitors, &asker.cx, &sight, id).await?;
    let row = row.filter(|row| row.plans && row.cancelled_at.is_none()).ok_or_else(WebError::missing)?;
    let state = FormState::empty()
        .with("site", ask.site.unwrap_or(row.site))
        .with("kind", row.kind.word())
        .with("host", row.host)
        .with("group", row.group.map(|group| group.to_string()).unwrap_or_default())
        .with("room", ask.room.unwrap_or_else(|| row.room.map(|room| room.to_string()).unwrap_or_default()))
        .with("place", if row.room.is_some() { &row.beside_room } else { &row.place })
        .with("starts", ask.starts.as_ref().unwrap_or(&row.starts))
        .with("ends", ask.ends.as_ref().unwrap_or(&row.ends))
        .with("purpose", &row.purpose)
        .with("note", &row.note)
        .with("version", row.version);
    let state = row.deputies.iter().fold(state, |state, deputy| state.with("deputies", deputy));
    let state = if row.series.is_some() { state.with("which", "one") } else { state };
    let asked = ask.starts.is_some();
    let rooms = RoomChoice::of(&asker, &visitors, (&state, Some(id)), asked, Vec::new()).await?;
    show_form(&asker, &visitors, Some(id), state, rooms, None, StatusCode::OK).await
}

/// Changes it.
pub(super) async fn save(
    asker: Asker,
    State(visitors): State<Visitors>,
    Path(id): Path<AppointmentId>,
    sent: Form<Sent>,
) -> Result {
    let (sent, state) = sent.split();
    let mut in_the_way = Vec::new();
    let saved = match sent {
        Ok(sent) => {
            let seen = sent.version.map_or(IfMatch::ANY, IfMatch::seen);
            let changed = if is_for_following(&sent.which) {
                crate::change_series(&visitors, &asker.cx, id, sent.repeated(), &seen).await
            } else {
                crate::change_appointment(&visitors, &asker.cx, id, sent.form(), &seen).await.map(|()| 0)
            };
            match changed {
                Ok(0) => Ok("visitors-changed"),
                Ok(_) => Ok("visitors-series-changed-partly"),
                Err(error) => {
                    let (error, rows) = explained(&visitors, &asker, error).await?;
                    in_the_way = rows;
                    Err(error)
                }
            }
        }
        Err(error) => Err(error),
    };
    match saved {
        Ok(text) => Ok(asker.done(text, format!("/visitors/appointments/{id}"))),
        Err(error) => {
            let state = state.failed(error)?;
            let rooms = RoomChoice::of(&asker, &visitors, (&state, Some(id)), false, in_the_way).await?;
            show_form(&asker, &visitors, Some(id), state, rooms, None, StatusCode::UNPROCESSABLE_ENTITY).await
        }
    }
}

async fn show_form(
    asker: &Asker,
    visitors: &Visitors,
    id: Option<AppointmentId>,
    state: FormState,
    rooms: RoomChoice,
    preview: Option<Preview>,
    status: StatusCode,
) -> Result<Response> {
    let sites = super::sites(asker, visitors).await?;
    let people = people_choices(asker, visitors).await?;
    let scope = visitors.store.read(asker.cx.tenant).await?;
    let groups = visitors.identity.groups(&scope).await?;
    let groups = groups.into_iter().map(|group| (group.id.to_string(), group.name)).collect();
    let calendars = calendar_choices(visitors.policy.calendars(&scope).await?);
    Ok(asker.show(&AppointmentFormPage {
        id,
        state,
        sites,
        people,
        groups,
        calendars,
        rooms,
        preview,
        status,
    }))
}

/// The form.
pub(super) struct AppointmentFormPage {
    /// The appointment that is changed; none: a new one.
    pub(super) id: Option<AppointmentId>,
    pub(super) state: FormState,
    pub(super) sites: Vec<Site>,
    pub(super) people: Vec<(String, String)>,
    pub(super) groups: Vec<(String, String)>,
    /// The organisation's calendars of holidays.
    pub(super) calendars: Vec<(String, String)>,
    pub(super) rooms: RoomChoice,
    /// The days of a series that was not made yet.
    pub(super) preview: Option<Preview>,
    pub(super) status: StatusCode,
}

impl Page for AppointmentFormPage {
    fn draw(&self, reader: &Reader) -> Sheet {
        let t = reader.texts();
        let (title, action, back) = match self.id {
            None => ("visitors-new", "/visitors/new".to_owned(), LIST.to_owned()),
            Some(id) => {
                let here = format!("/visitors/appointments/{id}");
                ("visitors-change", format!("{here}/change"), here)
            }
        };
        let sheet = reader.sheet(title).crumb(LIST, "visitors-title").status(self.status);
        if self.sites.is_empty() {
            let empty = Empty::new(t.get("visitors-no-site"), t.get("visitors-no-site-text")).icon("map-pin");
            return sheet.body(empty);
        }
        let form = FormBox::post(&*action, &self.state, &t);
        let form = match self.id {
            None => self.guest(form, &t),
            // Only an appointment of a series has others that follow.
            Some(_) if self.state.value("which").is_empty() => form,
            Some(_) => form.add(series::which("which", &self.state, &t)),
        };
        let form = self.when(form, &t, &action);
        let form = match self.id {
            None => series::fields(form, &self.state, &t, &self.calendars),
            Some(_) => form,
        };
        let repeats = self.id.is_none() || !self.state.value("which").is_empty();
        let form = if repeats { self.rooms.skip(form, &self.state, &t) } else { form };
        let form = self.details(form, &t).cancel(back, t.get("cancel"));
        let submit = if self.id.is_none() { "visitors-new-do" } else { "visitors-change-do" };
        // The first button is the one that Enter presses.
        let form = form.submit(t.get(submit));
        let form = if self.id.is_none() { form.button(series::look(&t)) } else { form };
        let preview = self.preview.as_ref().map(|preview| preview.draw(reader)).unwrap_or_default();
        let refusal = self.rooms.refusal(&self.state, reader);
        sheet.body(refusal.then(preview).then(Card::plain().body(form)))
    }
}

const LIST: &str = "/visitors";

impl AppointmentFormPage {
    /// Who comes: the first guest, more of them in lines.
    fn guest(&self, form: FormBox, t: &Texts) -> FormBox {
        guest_fields(form.heading(t.get("visitors-who")), &self.state, t, "visitors-guest-mail-hint").add(
            Field::lines("more", t.get("visitors-more-guests"))
                .optional(t.get("optional"))
                .hint(t.get("visitors-more-guests-hint"))
                .from(&self.state, t),
        )
    }

    fn when(&self, form: FormBox, t: &Texts, action: &str) -> FormBox {
        let state = &self.state;
        let place = match self.rooms.rooms {
            None => "visitors-place",
            Some(_) => "visitors-place-beside",
        };
        let form = form
            .heading(t.get("visitors-when"))
            .beside([
                Field::select("site", t.get("visitors-site"))
                    .options(site_choices(&self.sites))
                    .from(state, t)
                    .required(),
                Field::text("place", t.get(place)).optional(t.get("optional")).from(state, t),
            ])
            .beside([
                Field::date_time("starts", t.get("visitors-starts")).from(state, t).required(),
                Field::date_time("ends", t.get("visitors-ends")).from(state, t).required(),
            ]);
        self.rooms
            .field(form, state, t, action)
            .add(Markup::raw(format!("<p class=\"muted\">{}</p>", Markup::text(t.get("visitors-zone-hint")))))
            .add(
                Field::text("purpose", t.get("visitors-purpose"))
                    .optional(t.get("optional"))
                    .hint(t.get("visitors-purpose-hint"))
                    .from(state, t),
            )
    }

    fn details(&self, form: FormBox, t: &Texts) -> FormBox {
        let state = &self.state;
        let kinds = VisitKind::ALL
            .iter()
            .map(|kind| (kind.word().to_owned(), t.get(&format!("visitors-kind-{}", kind.word()))));
        let nobody = [(String::new(), t.get("visitors-group-none"))];
        let version = Field::hidden("version", state.value("version"));
        form.heading(t.get("visitors-receives"))
            .beside([
                Field::select("host", t.get("visitors-host"))
                    .options(self.people.iter().cloned())
                    .from(state, t)
                    .required(),
                Field::select("kind", t.get("visitors-kind")).options(kinds).from(state, t),
            ])
            .add(
                Field::select("deputies", t.get("visitors-deputies"))
                    .attr("multiple", "multiple")
                    .options(self.people.iter().cloned())
                    .hint(t.get("visitors-deputies-hint"))
                    .from(state, t),
            )
            .add(
                Field::select("group", t.get("visitors-group"))
                    .options(nobody.into_iter().chain(self.groups.iter().cloned()))
                    .hint(t.get("visitors-group-hint"))
                    .from(state, t),
            )
            .add(
                Field::lines("note", t.get("visitors-note"))
                    .optional(t.get("optional"))
                    .hint(t.get("visitors-note-hint"))
                    .from(state, t),
            )
            .add(version)
    }
}

/// What is asked about one guest; `mail_hint` says what their mail address is for.
pub(super) fn guest_fields(form: FormBox, state: &FormState, t: &Texts, mail_hint: &str) -> FormBox {
    let languages = Language::GUEST.map(|language| (language.tag(), language.own_name()));
    form.beside([
        Field::text("guest_name", t.get("visitors-guest-name")).from(state, t).required(),
        Field::text("guest_company", t.get("visitors-company")).optional(t.get("optional")).from(state, t),
    ])
    .beside([
        Field::email("guest_mail", t.get("visitors-guest-mail"))
            .optional(t.get("optional"))
            .hint(t.get(mail_hint))
            .from(state, t),
        Field::select("guest_language", t.get("visitors-guest-language")).options(languages).from(state, t),
    ])
    .beside([
        Field::text("guest_reading", t.get("visitors-guest-reading"))
            .optional(t.get("optional"))
            .from(state, t),
        Field::phone("guest_phone", t.get("visitors-guest-phone")).optional(t.get("optional")).from(state, t),
        Field::number("companions", t.get("visitors-companions")).from(state, t).short(),
    ])
}
