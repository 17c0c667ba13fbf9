//! Appointments.

use axum::extract::{Path, State};
use axum::response::IntoResponse;
use sekisho_kernel::{GroupId, Language, PersonId, SiteId};
use sekisho_policy::CalendarId;
use sekisho_web::{Asker, IfMatch, Json, JsonList, Result, WebError, etag, precondition};
use serde::{Deserialize, Serialize};
use utoipa::OpenApi;

use crate::checks::VisitError;
use crate::ids::{AppointmentId, RoomId, SeriesId, VisitId};
use crate::make_series::MadeOccurrence;
use crate::occurrence::spell;
use crate::reads::{self, AppointmentRow, PassRow};
use crate::rooms;
use crate::tables::words::VisitKind;
use crate::{AppointmentForm, GuestForm, KnownGuest, MadeVisit, RepeatForm, RoomTaken, Visitors};

/// Description of these routes.
#[derive(OpenApi)]
#[openapi(paths(
    make,
    one,
    change,
    cancel,
    add_guest,
    passes,
    change_following,
    cancel_following,
    add_guest_to_following
))]
pub(super) struct Description;

/// Who comes.
#[derive(Serialize, Deserialize, utoipa::ToSchema)]
#[schema(as = VisitorGuest)]
pub(super) struct GuestBody {
    /// Name.
    name: String,
    /// How it is read, in kana.
    #[serde(default)]
    reading: String,
    /// From where.
    #[serde(default)]
    company: String,
    /// Mail address.
    #[serde(default)]
    mail: String,
    /// Telephone.
    #[serde(default)]
    phone: String,
    /// `ja`, `en`, `zh` or `ko`.
    #[serde(default)]
    language: Option<Language>,
    /// People who come along and are only counted.
    #[serde(default)]
    companions: i64,
}

impl From<KnownGuest> for GuestBody {
    fn from(known: KnownGuest) -> Self {
        let contact = known.contact;
        Self {
            name: contact.name,
            reading: contact.reading,
            company: contact.company,
            mail: contact.mail,
            phone: contact.phone,
            language: Some(known.language),
            companions: known.companions,
        }
    }
}

impl GuestBody {
    pub(super) fn form(self) -> GuestForm {
        GuestForm {
            name: self.name,
            reading: self.reading,
            company: self.company,
            mail: self.mail,
            phone: self.phone,
            language: self.language,
            companions: self.companions,
        }
    }
}

/// When, where and to whom.
#[derive(Deserialize, utoipa::ToSchema)]
#[schema(as = VisitorAppointment)]
pub(super) struct AppointmentBody {
    /// Where.
    site: SiteId,
    /// What kind; `guest` unless said.
    #[serde(default)]
    kind: Option<VisitKind>,
    /// Who receives; the caller unless said.
    #[serde(default)]
    host: Option<PersonId>,
    /// Who stands in, in the order in which they are asked.
    #[serde(default)]
    deputies: Vec<PersonId>,
    /// The department that is told when all of them are silent.
    #[serde(default)]
    group: Option<GroupId>,
    /// A room of the site, which no other appointment has at that time; a change without it gives the room back.
    #[serde(default)]
    room: Option<RoomId>,
    /// What is done about a time at which the room is taken; refused unless said.
    #[serde(default)]
    room_taken: RoomTaken,
    /// Where, in words, when there is no room; with one it is what was written out of room and words, and not looked at.
    #[serde(default)]
    place: String,
    /// What guests read beside the room's name, and alone where it is done without the room.
    #[serde(default)]
    beside_room: String,
    /// From, on the clock of the site: `2026-11-22T09:00`.
    starts: String,
    /// Until, likewise.
    ends: String,
    /// What for; the guests read it.
    #[serde(default)]
    purpose: String,
    /// For host and desk only.
    #[serde(default)]
    note: String,
    /// Who comes; a change leaves the guests as they are.
    #[serde(default)]
    guests: Vec<GuestBody>,
    /// How a new appointment repeats; once unless said. It is not changed later.
    #[serde(default)]
    repeat: Option<RepeatBody>,
}

/// How an appointment repeats: each time an appointment of its own, all of them there from the beginning.
#[derive(Deserialize, utoipa::ToSchema)]
#[schema(as = VisitorRepeat)]
pub(super) struct RepeatBody {
    /// The rule (RFC 5545) on the clock of the site, such as `FREQ=WEEKLY;BYDAY=MO;COUNT=12`: daily to yearly, with `INTERVAL`, `COUNT`
    /// or `UNTIL`, `BYDAY`, `BYMONTHDAY`, `BYMONTH`, `BYSETPOS`, `WKST`. At most a year from `starts` on; without an end, a year.
    rule: String,
    /// Days left out: `2026-12-28`.
    #[serde(default)]
    except: Vec<String>,
    /// Whether Japan's national holidays are left out.
    #[serde(default)]
    japan: bool,
    /// Calendars of the organisation whose holidays are left out.
    #[serde(default)]
    calendars: Vec<CalendarId>,
}

impl AppointmentBody {
    /// What a change asks for: whoever wants another rule ends the series and makes another.
    fn change(self) -> std::result::Result<AppointmentForm, VisitError> {
        match self.repeat {
            None => Ok(self.form()),
            Some(_) => Err(VisitError::invalid("repeat", "visitors-error-repeat-fixed")),
        }
    }
}

impl RepeatBody {
    fn form(self) -> RepeatForm {
        RepeatForm { rule: self.rule, except: self.except, japan: self.japan, calendars: self.calendars }
    }
}

impl AppointmentBody {
    fn form(self) -> AppointmentForm {
        AppointmentForm {
            site: self.site,
            kind: self.kind.unwrap_or(VisitKind::Guest),
            host: self.host,
            deputies: self.deputies,
            group: self.group,
            room: self.room,
            room_taken: self.room_taken,
            place: if self.room.is_some() { self.beside_room } else { self.place },
            starts: self.starts,
            ends: self.ends,
            purpose: self.purpose,
            note: self.note,
            guests: self.guests.into_iter().map(GuestBody::form).collect(),
        }
    }
}

/// A visit that was made, with what its guest shows at the reception.
#[derive(Serialize, utoipa::ToSchema)]
#[schema(as = VisitMade)]
struct MadeRow {
    id: VisitId,
    /// The guest's name as it was sent.
    name: String,
    /// The code for typing.
    code: String,
    /// The path of the personal page.
    address: String,
}

impl From<MadeVisit> for MadeRow {
    fn from(made: MadeVisit) -> Self {
        Self { id: made.id, name: made.name, code: made.code, address: format!("/v/{}", made.page) }
    }
}

/// An appointment that was made.
#[derive(Serialize, utoipa::ToSchema)]
#[schema(as = VisitorAppointmentMade)]
struct Made {
    id: AppointmentId,
    /// Its visits, in the order of the guests.
    visits: Vec<MadeRow>,
    /// The room it has.
    room: Option<RoomId>,
    /// Whether more people come than the room has seats, the host among them.
    crowded: bool,
    /// The series of which it is the first.
    series: Option<SeriesMadeRow>,
}

/// A series that was made.
#[derive(Serialize, utoipa::ToSchema)]
#[schema(as = VisitorSeriesMade)]
struct SeriesMadeRow {
    id: SeriesId,
    /// The rule as it is kept.
    rule: String,
    /// Whether the rule has no end, so that the series ends after a year.
    for_a_year: bool,
    /// All of its appointments.
    occurrences: Vec<OccurrenceMadeRow>,
}

/// One appointment of a series that was made.
#[derive(Serialize, utoipa::ToSchema)]
#[schema(as = VisitorOccurrenceMade)]
struct OccurrenceMadeRow {
    id: AppointmentId,
    /// From, on the clock of the site: `2026-11-22T09:00`.
    starts: String,
    /// Until, likewise.
    ends: String,
    /// The room it has.
    room: Option<RoomId>,
}

impl From<MadeOccurrence> for OccurrenceMadeRow {
    fn from(made: MadeOccurrence) -> Self {
        Self { id: made.id, starts: spell(made.when.starts), ends: spell(made.when.ends), room: made.room }
    }
}

/// Makes an appointment, in the wall-clock time of its site, or a series of them. Of a series the answer has what the guests show the
/// first time.
#[utoipa::path(post, path = "/api/v1/visitors/appointments", tag = "visitors", request_body = AppointmentBody, responses((status = 201, description = "The appointment with what its guests show at the reception", body = Made), (status = 404, description = "No such site"), (status = 422, description = "A field is wrong, the rule is none that can be kept, or the room is taken: `in_the_way` says when")))]
pub(super) async fn make(
    asker: Asker,
    State(visitors): State<Visitors>,
    Json(mut body): Json<AppointmentBody>,
) -> Result {
    let repeat = body.repeat.take();
    let form = body.form();
    let made = match repeat {
        None => crate::make_appointment(&visitors, &asker.cx, form).await.map(|made| (made, None)),
        Some(repeat) => crate::make_series(&visitors, &asker.cx, form, repeat.form())
            .await
            .map(|made| (made.first.clone(), Some(made))),
    };
    let (made, series) = match made {
        Ok((made, None)) => (made, None),
        Ok((_, Some(made))) => {
            let occurrences = made.occurrences.into_iter().map(OccurrenceMadeRow::from).collect();
            let (id, rule, for_a_year) = (made.id, made.rule, made.for_a_year);
            (made.first, Some(SeriesMadeRow { id, rule, for_a_year, occurrences }))
        }
        Err(error) => return Err(rooms::refused(&visitors, &asker, error).await),
    };
    let location = format!("/api/v1/visitors/appointments/{}", made.id);
    let visits = made.visits.into_iter().map(MadeRow::from).collect();
    let (room, crowded) = (made.room, made.crowded);
    Ok(asker.created(&location, Made { id: made.id, visits, room, crowded, series }))
}

/// One appointment with its guests.
#[utoipa::path(get, path = "/api/v1/visitors/appointments/{id}", tag = "visitors", params(("id" = String, Path)), responses((status = 200, description = "The appointment; its ETag counts the changes", body = AppointmentRow), (status = 404, description = "Not there, or not for you")))]
pub(super) async fn one(
    asker: Asker,
    State(visitors): State<Visitors>,
    Path(id): Path<AppointmentId>,
) -> Result {
    let row = seen(&asker, &visitors, id).await?;
    Ok(([etag(row.version)], Json(row)).into_response())
}

/// Changes an appointment; guests who have not come yet get a new pass when time, place, purpose or host change. With `If-Match` only one that is still as it was
/// seen.
#[utoipa::path(put, path = "/api/v1/visitors/appointments/{id}", tag = "visitors", params(("id" = String, Path), ("If-Match" = Option<String>, Header)), request_body = AppointmentBody, responses((status = 204, description = "Changed"), (status = 404, description = "Not there, or not for you"), (status = 412, description = "Somebody else changed it first"), (status = 422, description = "A field is wrong, or the room is taken: `in_the_way` says when")))]
pub(super) async fn change(
    asker: Asker,
    State(visitors): State<Visitors>,
    Path(id): Path<AppointmentId>,
    seen: IfMatch,
    Json(body): Json<AppointmentBody>,
) -> Result {
    let form = body.change()?;
    match crate::change_appointment(&visitors, &asker.cx, id, form, &seen).await {
        Ok(()) => Ok(asker.no_content()),
        Err(error) => Err(precondition(rooms::refused(&visitors, &asker, error).await)),
    }
}

/// Calls an appointment off. With `If-Match` only one that is still as it was seen.
#[utoipa::path(delete, path = "/api/v1/visitors/appointments/{id}", tag = "visitors", params(("id" = String, Path), ("If-Match" = Option<String>, Header)), responses((status = 204, description = "Called off"), (status = 404, description = "Not there, or not for you"), (status = 412, description = "Somebody else changed it first")))]
pub(super) async fn cancel(
    asker: Asker,
    State(visitors): State<Visitors>,
    Path(id): Path<AppointmentId>,
    seen: IfMatch,
) -> Result {
    crate::cancel_appointment(&visitors, &asker.cx, id, &seen).await.map_err(precondition)?;
    Ok(asker.no_content())
}

/// Adds a guest to an appointment.
#[utoipa::path(post, path = "/api/v1/visitors/appointments/{id}/guests", tag = "visitors", params(("id" = String, Path)), request_body = GuestBody, responses((status = 201, description = "The guest's visit", body = MadeRow), (status = 404, description = "Not there, or not for you"), (status = 422, description = "A field is wrong, or the appointment had no guest left and another has its room by now: `in_the_way` says when")))]
pub(super) async fn add_guest(
    asker: Asker,
    State(visitors): State<Visitors>,
    Path(id): Path<AppointmentId>,
    Json(body): Json<GuestBody>,
) -> Result {
    let form = body.form();
    let made = match crate::add_guest(&visitors, &asker.cx, id, form).await {
        Ok(made) => made,
        Err(error) => return Err(rooms::refused(&visitors, &asker, error).await),
    };
    Ok(asker.created(&format!("/api/v1/visitors/visits/{}", made.id), MadeRow::from(made)))
}

/// Changes an appointment of a series and those that follow it: they move by the same time, and get everything else as it is sent.
/// Those that were changed by themselves, were called off or are over stay as they are; the rule stays. With `If-Match` only when the
/// appointment is still as it was seen.
#[utoipa::path(put, path = "/api/v1/visitors/appointments/{id}/following", tag = "visitors", params(("id" = String, Path), ("If-Match" = Option<String>, Header)), request_body = AppointmentBody, responses((status = 204, description = "Changed"), (status = 404, description = "Not there, or not for you"), (status = 412, description = "Somebody else changed one of them first"), (status = 422, description = "Of no series, one would not be over when the next begins, or the room is taken: `in_the_way` says when")))]
pub(super) async fn change_following(
    asker: Asker,
    State(visitors): State<Visitors>,
    Path(id): Path<AppointmentId>,
    seen: IfMatch,
    Json(body): Json<AppointmentBody>,
) -> Result {
    let form = body.change()?;
    match crate::change_series(&visitors, &asker.cx, id, form, &seen).await {
        Ok(_) => Ok(asker.no_content()),
        Err(error) => Err(precondition(rooms::refused(&visitors, &asker, error).await)),
    }
}

/// Calls an appointment of a series off and those that follow it, also those changed by themselves. With `If-Match` only when the
/// appointment is still as it was seen.
#[utoipa::path(delete, path = "/api/v1/visitors/appointments/{id}/following", tag = "visitors", params(("id" = String, Path), ("If-Match" = Option<String>, Header)), responses((status = 204, description = "Called off"), (status = 404, description = "Not there, or not for you"), (status = 412, description = "Somebody else changed one of them first"), (status = 422, description = "Of no series, or all of them are over")))]
pub(super) async fn cancel_following(
    asker: Asker,
    State(visitors): State<Visitors>,
    Path(id): Path<AppointmentId>,
    seen: IfMatch,
) -> Result {
    crate::cancel_series(&visitors, &asker.cx, id, &seen).await.map_err(precondition)?;
    Ok(asker.no_content())
}

/// Adds a guest to an appointment of a series and those that follow it.
#[utoipa::path(post, path = "/api/v1/visitors/appointments/{id}/following/guests", tag = "visitors", params(("id" = String, Path)), request_body = GuestBody, responses((status = 201, description = "The guest's first visit", body = MadeRow), (status = 404, description = "Not there, or not for you"), (status = 409, description = "Somebody else changed one of them at the same moment"), (status = 422, description = "Of no series, too many visits, or a room is another's by now: `in_the_way` says when")))]
pub(super) async fn add_guest_to_following(
    asker: Asker,
    State(visitors): State<Visitors>,
    Path(id): Path<AppointmentId>,
    Json(body): Json<GuestBody>,
) -> Result {
    let made = match crate::add_guest_to_series(&visitors, &asker.cx, id, body.form()).await {
        Ok(made) => made,
        Err(error) => return Err(rooms::refused(&visitors, &asker, error).await),
    };
    Ok(asker.created(&format!("/api/v1/visitors/visits/{}", made.id), MadeRow::from(made)))
}

/// What the guests who are still to come show at the reception.
#[utoipa::path(get, path = "/api/v1/visitors/appointments/{id}/passes", tag = "visitors", params(("id" = String, Path)), responses((status = 200, description = "Passes, codes and personal pages", body = JsonList<PassRow>), (status = 404, description = "Not there, or not for you")))]
pub(super) async fn passes(
    asker: Asker,
    State(visitors): State<Visitors>,
    Path(id): Path<AppointmentId>,
) -> Result {
    if !seen(&asker, &visitors, id).await?.plans {
        return Err(WebError::missing());
    }
    Ok(JsonList::whole(reads::passes(&visitors, &asker.cx, id).await?).into_response())
}

async fn seen(asker: &Asker, visitors: &Visitors, id: AppointmentId) -> Result<AppointmentRow> {
    let sight = visitors.sight(&asker.cx, asker.person()?).await?;
    reads::appointment(visitors, &asker.cx, &sight, id).await?.ok_or_else(WebError::missing)
}
