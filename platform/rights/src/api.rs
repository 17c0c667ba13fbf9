//! `/api/v1/grants`, `schedules`, `calendars`, `rules`, `decisions/why`, `reach`, `resources`.

use axum::extract::{Path, Query, State};
use axum::response::IntoResponse;
use sekisho_kernel::{PersonId, ResourceId, Timestamp};
use sekisho_policy::{
    Ask, CalendarId, Decision, Facts, Grant, GrantFilter, GrantId, Holiday, HolidayCalendar, NewGrant,
    NewSchedule, Preview, Reached, Right, RulesVersion, Schedule, ScheduleId, Subject, Target, WhoCan,
    Window,
};
use sekisho_web::{Asker, Cursor, Json, JsonList, Paging, Result, WebError};
use serde::{Deserialize, Serialize};
use utoipa::OpenApi;

use crate::{Rights, RightsError};

/// Description of these routes.
#[derive(OpenApi)]
#[openapi(paths(
    list_grants,
    give,
    one_grant,
    withdraw,
    list_schedules,
    make_schedule,
    one_schedule,
    change_schedule,
    remove_schedule,
    list_calendars,
    make_calendar,
    change_calendar,
    rules,
    save_rules,
    preview_rules,
    why,
    reach,
    who_can,
    resources,
    crate::authzen::evaluation,
    crate::authzen::evaluations
))]
pub(crate) struct Description;

/// Which grants.
#[derive(Clone, Debug, Default, Deserialize)]
#[serde(default)]
pub(crate) struct GrantsAsk {
    person: Option<PersonId>,
    resource: Option<ResourceId>,
    right: Option<Right>,
    withdrawn: bool,
    cursor: Option<String>,
    limit: Option<u64>,
}

/// Grants, the newest first: all for administrators, for others those on what they manage and their own.
#[utoipa::path(get, path = "/api/v1/grants", tag = "rights", params(("person" = Option<String>, Query), ("resource" = Option<String>, Query), ("right" = Option<String>, Query), ("withdrawn" = Option<bool>, Query), ("cursor" = Option<String>, Query), ("limit" = Option<u64>, Query)), responses((status = 200, description = "Grants, the newest first", body = JsonList<Grant>)))]
pub(crate) async fn list_grants(
    asker: Asker,
    State(rights): State<Rights>,
    Query(ask): Query<GrantsAsk>,
) -> Result {
    let paging = Paging { cursor: ask.cursor, limit: ask.limit };
    let mut filter = GrantFilter {
        right: ask.right,
        withdrawn: ask.withdrawn,
        subjects: ask.person.map(|person| vec![Subject::Person(person)]),
        resources: ask.resource.map(|resource| vec![resource]),
        after: paging.after::<GrantId>()?,
        ..GrantFilter::default()
    };
    if !asker.is_administrator() {
        let own = asker.person()?;
        let managed = rights.policy.reach(&asker.cx, own, Right::Manage).await?;
        let managed = managed.into_iter().map(|reached| reached.resource).collect();
        filter.either = Some((vec![Subject::Person(own)], managed));
    }
    let scope = rights.store.read(asker.cx.tenant).await?;
    let found = rights.policy.grants(&scope, &filter, paging.limit() + 1).await?;
    Ok(JsonList::of(found, paging.limit(), |grant: &Grant| grant.id).into_response())
}

/// Gives a right.
#[utoipa::path(post, path = "/api/v1/grants", tag = "rights", request_body = NewGrant, responses((status = 201, description = "Given", body = Grant), (status = 403, description = "Not yours to give"), (status = 422, description = "A field is wrong")))]
pub(crate) async fn give(asker: Asker, State(rights): State<Rights>, Json(new): Json<NewGrant>) -> Result {
    if rights.names.of(&asker.cx, &[new.subject]).await?.is_empty() {
        return Err(RightsError::NoSuchSubject.into());
    }
    if new.right == Right::Manage && asker.is_administrator() {
        asker.proven("rights", String::new)?;
    }
    let id = rights.give(&asker.cx, new).await?;
    let scope = rights.store.read(asker.cx.tenant).await?;
    let grant = rights.policy.find_grant(&scope, id).await?;
    Ok(asker.created(&format!("/api/v1/grants/{id}"), grant))
}

/// One grant, also a withdrawn one.
#[utoipa::path(get, path = "/api/v1/grants/{id}", tag = "rights", params(("id" = String, Path)), responses((status = 200, description = "The grant", body = Grant), (status = 404, description = "No such grant")))]
pub(crate) async fn one_grant(asker: Asker, State(rights): State<Rights>, Path(id): Path<GrantId>) -> Result {
    Ok(asker.json(rights.visible(&asker.cx, id).await?))
}

/// Withdraws a grant.
#[utoipa::path(delete, path = "/api/v1/grants/{id}", tag = "rights", params(("id" = String, Path)), responses((status = 204, description = "Withdrawn"), (status = 404, description = "No such grant"), (status = 422, description = "Nobody would be left to give rights")))]
pub(crate) async fn withdraw(asker: Asker, State(rights): State<Rights>, Path(id): Path<GrantId>) -> Result {
    rights.withdraw(&asker.cx, id).await?;
    Ok(asker.no_content())
}

/// All schedules by name.
#[utoipa::path(get, path = "/api/v1/schedules", tag = "rights", responses((status = 200, description = "Schedules by name; minutes of the day, Monday first", body = JsonList<Schedule>)))]
pub(crate) async fn list_schedules(asker: Asker, State(rights): State<Rights>) -> Result {
    let scope = rights.store.read(asker.cx.tenant).await?;
    Ok(JsonList::whole(rights.policy.schedules(&scope).await?).into_response())
}

/// Makes a schedule.
#[utoipa::path(post, path = "/api/v1/schedules", tag = "rights", request_body = NewSchedule, responses((status = 201, description = "Made", body = Schedule), (status = 422, description = "A field is wrong")))]
pub(crate) async fn make_schedule(
    asker: Asker,
    State(rights): State<Rights>,
    Json(new): Json<NewSchedule>,
) -> Result {
    let id = rights.save_schedule(&asker.cx, None, new).await?;
    let scope = rights.store.read(asker.cx.tenant).await?;
    Ok(asker.created(&format!("/api/v1/schedules/{id}"), rights.policy.schedule(&scope, id).await?))
}

/// A schedule and when it opens next.
#[derive(Serialize, utoipa::ToSchema)]
struct Openings {
    schedule: Schedule,
    /// The zone in which its hours are read.
    zone: String,
    next_openings: Vec<Window>,
}

/// One schedule with its next openings in the tenant's own zone.
#[utoipa::path(get, path = "/api/v1/schedules/{id}", tag = "rights", params(("id" = String, Path)), responses((status = 200, description = "The schedule and its next five openings", body = Openings), (status = 404, description = "No such schedule")))]
pub(crate) async fn one_schedule(
    asker: Asker,
    State(rights): State<Rights>,
    Path(id): Path<ScheduleId>,
) -> Result {
    let scope = rights.store.read(asker.cx.tenant).await?;
    let schedule = rights.policy.schedule(&scope, id).await?;
    let compiled = rights.policy.compiled(&scope, &schedule.terms).await?;
    let openings = compiled.next_openings(asker.cx.now, &sekisho_web::zone_of(asker.zone()), 5);
    Ok(asker.json(Openings { schedule, zone: asker.zone().to_owned(), next_openings: openings }))
}

/// Changes a schedule.
#[utoipa::path(put, path = "/api/v1/schedules/{id}", tag = "rights", request_body = NewSchedule, params(("id" = String, Path)), responses((status = 200, description = "The changed schedule", body = Openings), (status = 404, description = "No such schedule")))]
pub(crate) async fn change_schedule(
    asker: Asker,
    State(rights): State<Rights>,
    Path(id): Path<ScheduleId>,
    Json(new): Json<NewSchedule>,
) -> Result {
    rights.save_schedule(&asker.cx, Some(id), new).await?;
    one_schedule(asker, State(rights), Path(id)).await
}

/// Removes a schedule that no grant uses.
#[utoipa::path(delete, path = "/api/v1/schedules/{id}", tag = "rights", params(("id" = String, Path)), responses((status = 204, description = "Removed"), (status = 422, description = "Grants still use it")))]
pub(crate) async fn remove_schedule(
    asker: Asker,
    State(rights): State<Rights>,
    Path(id): Path<ScheduleId>,
) -> Result {
    rights.remove_schedule(&asker.cx, id).await?;
    Ok(asker.no_content())
}

/// A calendar as it is saved.
#[derive(Clone, Debug, Deserialize, utoipa::ToSchema)]
pub(crate) struct CalendarBody {
    name: String,
    #[serde(default)]
    days: Vec<Holiday>,
    /// An iCalendar file, whose days are added to those listed.
    #[serde(default)]
    ics: String,
}

impl CalendarBody {
    fn all_days(mut self) -> std::result::Result<Vec<Holiday>, crate::RightsError> {
        if !self.ics.is_empty() {
            let read = crate::ics::is_calendar(&self.ics).then(|| crate::ics::days(&self.ics)).flatten();
            self.days.extend(read.ok_or(crate::RightsError::field("ics", "rights-error-ics"))?);
        }
        Ok(self.days)
    }
}

/// The calendar that was made.
#[derive(Serialize, utoipa::ToSchema)]
struct MadeCalendar {
    id: CalendarId,
}

/// The tenant's own holiday calendars.
#[utoipa::path(get, path = "/api/v1/calendars", tag = "rights", responses((status = 200, description = "Holiday calendars by name", body = JsonList<HolidayCalendar>)))]
pub(crate) async fn list_calendars(asker: Asker, State(rights): State<Rights>) -> Result {
    let scope = rights.store.read(asker.cx.tenant).await?;
    Ok(JsonList::whole(rights.policy.calendars(&scope).await?).into_response())
}

/// Makes a calendar.
#[utoipa::path(post, path = "/api/v1/calendars", tag = "rights", request_body = CalendarBody, responses((status = 201, description = "Made", body = MadeCalendar), (status = 422, description = "A field is wrong")))]
pub(crate) async fn make_calendar(
    asker: Asker,
    State(rights): State<Rights>,
    Json(new): Json<CalendarBody>,
) -> Result {
    let name = new.name.clone();
    let id = rights.save_calendar(&asker.cx, None, &name, new.all_days()?).await?;
    Ok(asker.created(&format!("/api/v1/calendars/{id}"), MadeCalendar { id }))
}

/// Changes a calendar.
#[utoipa::path(put, path = "/api/v1/calendars/{id}", tag = "rights", request_body = CalendarBody, params(("id" = String, Path)), responses((status = 204, description = "Changed"), (status = 404, description = "No such calendar")))]
pub(crate) async fn change_calendar(
    asker: Asker,
    State(rights): State<Rights>,
    Path(id): Path<CalendarId>,
    Json(new): Json<CalendarBody>,
) -> Result {
    let name = new.name.clone();
    rights.save_calendar(&asker.cx, Some(id), &name, new.all_days()?).await?;
    Ok(asker.no_content())
}

/// Rules as they are saved.
#[derive(Clone, Debug, Deserialize, utoipa::ToSchema)]
pub(crate) struct RulesBody {
    text: String,
}

/// What holds, and what it is checked against.
#[derive(Serialize, utoipa::ToSchema)]
struct InForce {
    /// None when there never were any.
    rules: Option<RulesVersion>,
    /// In Cedar's own notation.
    schema: &'static str,
}

/// From when new rules hold.
#[derive(Serialize, utoipa::ToSchema)]
struct Revision {
    /// The revision of the tenant's rights.
    revision: i64,
}

/// The rules in force and the schema they are written against.
#[utoipa::path(get, path = "/api/v1/rules", tag = "rights", responses((status = 200, description = "The rules in force, in Cedar, and their schema", body = InForce)))]
pub(crate) async fn rules(asker: Asker, State(rights): State<Rights>) -> Result {
    let scope = rights.store.read(asker.cx.tenant).await?;
    let newest = rights.policy.rules(&scope, 1).await?.into_iter().next();
    Ok(asker.json(InForce { rules: newest, schema: sekisho_policy::SCHEMA }))
}

/// The faults of rules go out in the problem document.
fn with_faults(error: RightsError) -> WebError {
    let faults = match &error {
        RightsError::Policy(sekisho_policy::PolicyError::BadRules(faults)) => Some(faults.clone()),
        _ => None,
    };
    let error = WebError::from(error);
    match faults {
        Some(faults) => error.with("faults", faults),
        None => error,
    }
}

/// Puts rules in force.
#[utoipa::path(put, path = "/api/v1/rules", tag = "rights", request_body = RulesBody, responses((status = 200, description = "In force from this revision on", body = Revision), (status = 422, description = "Faults with line and column")))]
pub(crate) async fn save_rules(
    asker: Asker,
    State(rights): State<Rights>,
    Json(new): Json<RulesBody>,
) -> Result {
    let revision = rights.save_rules(&asker.cx, &new.text).await.map_err(with_faults)?;
    Ok(asker.json(Revision { revision }))
}

/// What would change if these rules were in force.
#[utoipa::path(post, path = "/api/v1/rules/preview", tag = "rights", request_body = RulesBody, responses((status = 200, description = "Who would lose or get back what", body = Preview), (status = 422, description = "Faults with line and column")))]
pub(crate) async fn preview_rules(
    asker: Asker,
    State(rights): State<Rights>,
    Json(new): Json<RulesBody>,
) -> Result {
    let preview = rights.policy.preview(&asker.cx, &new.text).await;
    Ok(asker.json(preview.map_err(|error| with_faults(error.into()))?))
}

/// A question about a passage.
#[derive(Clone, Debug, Deserialize, utoipa::ToSchema)]
pub(crate) struct WhyBody {
    person: PersonId,
    right: Right,
    resource: ResourceId,
    #[serde(default)]
    action: String,
    #[serde(default)]
    zone: String,
    #[serde(default)]
    at: Option<Timestamp>,
    #[serde(default)]
    #[schema(value_type = Option<String>)]
    address: Option<std::net::IpAddr>,
    #[serde(default)]
    verified_at: Option<Timestamp>,
    #[serde(default)]
    second_person: Option<PersonId>,
}

/// What the decision would be, and why.
#[utoipa::path(post, path = "/api/v1/decisions/why", tag = "rights", request_body = WhyBody, responses((status = 200, description = "The decision with its reasons", body = Decision), (status = 404, description = "Not yours to ask")))]
pub(crate) async fn why(asker: Asker, State(rights): State<Rights>, Json(body): Json<WhyBody>) -> Result {
    may_ask(&asker, &rights, Some(body.person), Some(body.resource)).await?;
    if !body.zone.is_empty() && jiff::tz::TimeZone::get(&body.zone).is_err() {
        return Err(WebError::invalid("zone", "error-field"));
    }
    let ask = Ask {
        person: body.person,
        right: body.right,
        action: &body.action,
        resource: body.resource,
        zone: &body.zone,
        facts: Facts {
            verified_at: body.verified_at,
            address: body.address,
            second_person: body.second_person,
        },
    };
    let at = body.at.unwrap_or(asker.cx.now);
    Ok(asker.json(rights.policy.decide_at(&asker.cx, at, &ask).await?))
}

/// Administrators ask anything; others about themselves and about what they manage. What is not theirs is missing.
async fn may_ask(
    asker: &Asker,
    rights: &Rights,
    person: Option<PersonId>,
    resource: Option<ResourceId>,
) -> Result<()> {
    let own = asker.person()?;
    if asker.is_administrator() || person == Some(own) {
        return Ok(());
    }
    let Some(id) = resource else { return Err(WebError::missing()) };
    let manages = rights.standing(&asker.cx, Right::View, &Target::Resource { id }).await?.is_some();
    if manages { Ok(()) } else { Err(WebError::missing()) }
}

/// Whose reach.
#[derive(Clone, Debug, Deserialize)]
pub(crate) struct ReachAsk {
    person: Option<PersonId>,
    right: Option<Right>,
}

/// What a person can reach; without a person, oneself.
#[utoipa::path(get, path = "/api/v1/reach", tag = "rights", params(("person" = Option<String>, Query), ("right" = Option<String>, Query)), responses((status = 200, description = "Resources with the grants that give them", body = JsonList<Reached>)))]
pub(crate) async fn reach(asker: Asker, State(rights): State<Rights>, Query(ask): Query<ReachAsk>) -> Result {
    let person = match ask.person {
        Some(person) => person,
        None => asker.person()?,
    };
    may_ask(&asker, &rights, Some(person), None).await?;
    let reached = rights.policy.reach(&asker.cx, person, ask.right.unwrap_or(Right::Exchange)).await?;
    Ok(JsonList::whole(reached).into_response())
}

/// With which right.
#[derive(Clone, Debug, Deserialize)]
pub(crate) struct WhoAsk {
    right: Option<Right>,
}

/// Who can do something to a resource, and why.
#[utoipa::path(get, path = "/api/v1/resources/{id}/who-can", tag = "rights", params(("id" = String, Path), ("right" = Option<String>, Query)), responses((status = 200, description = "People with the grants that allow it", body = JsonList<WhoCan>), (status = 404, description = "Not yours to ask")))]
pub(crate) async fn who_can(
    asker: Asker,
    State(rights): State<Rights>,
    Path(id): Path<ResourceId>,
    Query(ask): Query<WhoAsk>,
) -> Result {
    may_ask(&asker, &rights, None, Some(id)).await?;
    let who = rights.policy.who_can(&asker.cx, id, ask.right.unwrap_or(Right::Exchange)).await?;
    Ok(JsonList::whole(who).into_response())
}

/// A resource as the list shows it.
#[derive(Clone, Debug, Serialize, utoipa::ToSchema)]
struct Listed {
    id: ResourceId,
    kind: String,
    name: String,
}

/// What can be granted: all for administrators, for others what they see.
#[utoipa::path(get, path = "/api/v1/resources", tag = "rights", params(("limit" = Option<u64>, Query), ("cursor" = Option<String>, Query)), responses((status = 200, description = "Resources by kind and name", body = JsonList<Listed>)))]
pub(crate) async fn resources(
    asker: Asker,
    State(rights): State<Rights>,
    Query(paging): Query<Paging>,
) -> Result {
    let mut all: Vec<Listed> = if asker.is_administrator() {
        let scope = rights.store.read(asker.cx.tenant).await?;
        let known = rights.policy.resources(&scope, 100_000).await?;
        known.into_iter().map(|known| Listed { id: known.id, kind: known.kind, name: known.name }).collect()
    } else {
        let reached = rights.policy.reach(&asker.cx, asker.person()?, Right::View).await?;
        let listed = |reached: sekisho_policy::Reached| Listed {
            id: reached.resource,
            kind: reached.kind,
            name: reached.name,
        };
        reached.into_iter().map(listed).collect()
    };
    if let Some(cursor) = paging.cursor.as_deref().filter(|cursor| !cursor.is_empty()) {
        let after: (String, String, ResourceId) = Cursor::decode(cursor)?;
        all.retain(|listed| (&listed.kind, &listed.name, listed.id) > (&after.0, &after.1, after.2));
    }
    all.truncate(usize::try_from(paging.limit() + 1).unwrap_or(usize::MAX));
    let place = |listed: &Listed| (listed.kind.clone(), listed.name.clone(), listed.id);
    Ok(JsonList::of(all, paging.limit(), place).into_response())
}
