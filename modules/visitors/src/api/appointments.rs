//! Appointments.

use axum::extract::{Path, State};
use axum::response::IntoResponse;
use sekisho_kernel::{GroupId, Language, PersonId, SiteId};
use sekisho_web::{Asker, IfMatch, Json, JsonList, Result, WebError, etag, precondition};
use serde::{Deserialize, Serialize};
use utoipa::OpenApi;

use crate::ids::{AppointmentId, VisitId};
use crate::reads::{self, AppointmentRow, PassRow};
use crate::tables::words::VisitKind;
use crate::{AppointmentForm, GuestForm, KnownGuest, MadeVisit, Visitors};

/// Description of these routes.
#[derive(OpenApi)]
#[openapi(paths(make, one, change, cancel, add_guest, passes))]
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
    /// The room or floor.
    #[serde(default)]
    place: String,
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
}

impl AppointmentBody {
    fn form(self) -> AppointmentForm {
        AppointmentForm {
            site: self.site,
            kind: self.kind.unwrap_or(VisitKind::Guest),
            host: self.host,
            deputies: self.deputies,
            group: self.group,
            place: self.place,
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
}

/// Makes an appointment, in the wall-clock time of its site.
#[utoipa::path(post, path = "/api/v1/visitors/appointments", tag = "visitors", request_body = AppointmentBody, responses((status = 201, description = "The appointment with what its guests show at the reception", body = Made), (status = 404, description = "No such site")))]
pub(super) async fn make(
    asker: Asker,
    State(visitors): State<Visitors>,
    Json(body): Json<AppointmentBody>,
) -> Result {
    let made = crate::make_appointment(&visitors, &asker.cx, body.form()).await?;
    let location = format!("/api/v1/visitors/appointments/{}", made.id);
    let visits = made.visits.into_iter().map(MadeRow::from).collect();
    Ok(asker.created(&location, Made { id: made.id, visits }))
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
#[utoipa::path(put, path = "/api/v1/visitors/appointments/{id}", tag = "visitors", params(("id" = String, Path), ("If-Match" = Option<String>, Header)), request_body = AppointmentBody, responses((status = 204, description = "Changed"), (status = 404, description = "Not there, or not for you"), (status = 412, description = "Somebody else changed it first")))]
pub(super) async fn change(
    asker: Asker,
    State(visitors): State<Visitors>,
    Path(id): Path<AppointmentId>,
    seen: IfMatch,
    Json(body): Json<AppointmentBody>,
) -> Result {
    let form = body.form();
    crate::change_appointment(&visitors, &asker.cx, id, form, &seen).await.map_err(precondition)?;
    Ok(asker.no_content())
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
#[utoipa::path(post, path = "/api/v1/visitors/appointments/{id}/guests", tag = "visitors", params(("id" = String, Path)), request_body = GuestBody, responses((status = 201, description = "The guest's visit", body = MadeRow), (status = 404, description = "Not there, or not for you")))]
pub(super) async fn add_guest(
    asker: Asker,
    State(visitors): State<Visitors>,
    Path(id): Path<AppointmentId>,
    Json(body): Json<GuestBody>,
) -> Result {
    let form = body.form();
    let made = crate::add_guest(&visitors, &asker.cx, id, form).await?;
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
