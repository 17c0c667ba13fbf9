//! Questions for pages, lists and the API, straight from the tables to what is shown.

mod listing;
mod series;

use std::collections::HashMap;
use std::collections::hash_map::Entry;

use sea_orm::{ColumnTrait, Condition};
use sekisho_host::Fault;
use sekisho_kernel::{Cx, GroupId, PersonId, SiteId, Timestamp};
use sekisho_places::Site;
use sekisho_storage::Scoped;
use serde::Serialize;
use uuid::Uuid;

use crate::Visitors;
use crate::asked;
use crate::badges::{BadgeMark, badges_for_desk};
use crate::escalate;
use crate::guest::{self, Contact};
use crate::ids::{AppointmentId, GuestId, RoomId, VisitId};
use crate::ledger::{self, text_of};
use crate::pass;
use crate::registration::{self, Missing};
use crate::rooms;
use crate::settings;
use crate::tables::words::{VisitKind, VisitState, VisitWay};
use crate::tables::{guests, visits};
use crate::warrant::Sight;
use crate::watch::{AskGuard, marks_for_desk};

pub(crate) use listing::planned_by;
pub use listing::{Days, OnSiteClocks, Place, VisitFilter, visits};
pub(crate) use series::{ComingVisit, ComingVisits, coming_with};
pub use series::{OccurrenceRow, SeriesRow};

/// A visit as it is shown.
#[derive(Clone, Debug, Serialize, utoipa::ToSchema)]
pub struct VisitRow {
    /// Which.
    pub id: VisitId,
    /// By which appointment.
    pub appointment: Option<AppointmentId>,
    /// Who comes.
    pub guest: Option<GuestId>,
    /// The guest's name; empty when nobody asked for it or the guest was erased.
    pub name: String,
    /// From where.
    pub company: String,
    /// What kind.
    pub kind: VisitKind,
    /// How far it got.
    pub state: VisitState,
    /// Where.
    pub site: SiteId,
    /// That site's name.
    pub site_name: String,
    /// That site's clock.
    pub zone: String,
    /// Who receives.
    pub host: Option<PersonId>,
    /// That person's name.
    pub host_name: String,
    /// From.
    pub starts_at: Timestamp,
    /// Until.
    pub ends_at: Timestamp,
    /// People who come along.
    pub companions: i64,
    /// When the guest came.
    pub arrived_at: Option<Timestamp>,
    /// By which way that was seen.
    pub arrived_how: Option<VisitWay>,
    /// When somebody said that they are coming to meet the guest.
    pub answered_at: Option<Timestamp>,
    /// Who said so.
    pub answered_by: Option<PersonId>,
    /// That person's name.
    pub answered_name: String,
    /// When there was nobody left to ask.
    pub unanswered_at: Option<Timestamp>,
    /// For the desk of the site, of a guest who waits while nobody answers: whom to ring (setting).
    pub ring: Option<String>,
    /// When the guest was let in.
    pub admitted_at: Option<Timestamp>,
    /// When the guest left.
    pub left_at: Option<Timestamp>,
    /// By which way that is known.
    pub left_how: Option<VisitWay>,
    /// Of a guest who went and is expected on another day of the visit: from when.
    pub back_from: Option<Timestamp>,
    /// For the desk of the site: it is to ask the guard before it lets them in.
    pub ask_guard: Option<AskGuard>,
    /// What the guest was asked for before the visit and has not given, while they may still be let in or are here.
    pub missing: Option<Missing>,
    /// For the desk of a site with a printer, of a guest who is here: how far the badge got.
    pub badge: Option<BadgeMark>,
}

impl VisitRow {
    /// People, with those who come along.
    pub fn heads(&self) -> i64 {
        self.companions + 1
    }
}

/// What the guest of a visit shows at the reception.
#[derive(Clone, Debug, Serialize, utoipa::ToSchema)]
pub struct PassRow {
    /// The visit.
    pub visit: VisitId,
    /// The text of the QR code.
    pub pass: String,
    /// The code for typing.
    pub code: String,
    /// The path of the personal page.
    pub address: String,
}

/// One visit, if `sight` may see it.
pub async fn visit(
    visitors: &Visitors,
    cx: &Cx,
    sight: &Sight,
    id: VisitId,
) -> Result<Option<VisitRow>, Fault> {
    let scope = visitors.store.read(cx.tenant).await?;
    let this = Condition::all().add(visits::Column::Id.eq(id)).add(listing::seen_by(cx, sight));
    let rows = scope.find::<visits::Entity>().filter(this).all().await?;
    Ok(show(visitors, cx, sight, &scope, rows).await?.into_iter().next())
}

/// The passes of an appointment's visits that still open something.
pub async fn passes(visitors: &Visitors, cx: &Cx, id: AppointmentId) -> Result<Vec<PassRow>, Fault> {
    let keys = visitors.vault.keys(cx.tenant).await?;
    let scope = visitors.store.read(cx.tenant).await?;
    let rows = ledger::visits_of(&scope, id).await?;
    let live = rows.into_iter().filter(|row| ledger::is_awaited(row) && row.ends_at > cx.now);
    Ok(live
        .map(|row| PassRow {
            visit: row.id,
            pass: pass::pass(&keys, row.id, row.generation),
            code: pass::code(&keys, row.id, row.generation),
            address: format!("/v/{}", pass::page(&keys, row.id, row.page_generation)),
        })
        .collect())
}

/// An appointment as it is shown.
#[derive(Clone, Debug, Serialize, utoipa::ToSchema)]
pub struct AppointmentRow {
    /// Which.
    pub id: AppointmentId,
    /// What kind.
    pub kind: VisitKind,
    /// Who receives.
    pub host: PersonId,
    /// That person's name.
    pub host_name: String,
    /// Who stands in, in their order.
    pub deputies: Vec<PersonId>,
    /// The department that is told when all are silent.
    pub group: Option<GroupId>,
    /// Where.
    pub site: SiteId,
    /// That site's name.
    pub site_name: String,
    /// That site's clock.
    pub zone: String,
    /// Where, as guests read it: the room's name with what was typed beside it.
    pub place: String,
    /// The room it has.
    pub room: Option<RoomId>,
    /// What was typed beside the room.
    pub beside_room: String,
    /// How many people the room is for; none: there is no room, or nobody says.
    pub seats: Option<i64>,
    /// How many come, with companions and the host; none for who was only asked to meet a guest.
    pub people: Option<i64>,
    /// From, on that clock.
    pub starts: String,
    /// Until, likewise.
    pub ends: String,
    /// What for.
    pub purpose: String,
    /// For host and desk only.
    pub note: String,
    /// Counts the changes.
    pub version: i64,
    /// Who made it.
    pub made_by: PersonId,
    /// When.
    pub made_at: Timestamp,
    /// When it was called off.
    pub cancelled_at: Option<Timestamp>,
    /// Whether the viewer may change it; who was only asked to meet a guest of it may not.
    pub plans: bool,
    /// Its visits by their time, as far as the viewer may see them.
    pub visits: Vec<VisitRow>,
    /// The series it is one of, for whoever may change it.
    pub series: Option<SeriesRow>,
}

impl AppointmentRow {
    /// Whether more people come than the room has seats.
    pub(crate) fn is_crowded(&self) -> bool {
        self.seats.zip(self.people).is_some_and(|(seats, people)| seats < people)
    }
}

/// One appointment, if `sight` may see it.
pub async fn appointment(
    visitors: &Visitors,
    cx: &Cx,
    sight: &Sight,
    id: AppointmentId,
) -> Result<Option<AppointmentRow>, Fault> {
    let scope = visitors.store.read(cx.tenant).await?;
    let Some(row) = ledger::appointment(&scope, id).await? else { return Ok(None) };
    let deputies = ledger::deputies_of(&scope, id).await?;
    let person = sight.person;
    let plans = row.is_party(person, deputies.contains(&person)) || sight.is_desk(row.site_id);
    let mut rows = ledger::visits_of(&scope, id).await?;
    let comes = |visit: &&visits::Model| !matches!(visit.state, VisitState::Cancelled | VisitState::Refused);
    let people = plans.then(|| 1 + rows.iter().filter(comes).map(|visit| 1 + visit.companions).sum::<i64>());
    if !plans {
        // Whoever was asked to meet a guest sees that guest, and not who else comes.
        let theirs = asked::about(&scope, person, rows.iter().map(|visit| visit.id).collect()).await?;
        rows.retain(|visit| theirs.contains(&visit.id));
    }
    if !plans && rows.is_empty() {
        return Ok(None);
    }
    let keys = visitors.vault.keys(cx.tenant).await?;
    let visits = show(visitors, cx, sight, &scope, rows).await?;
    let mut names = visitors.identity.display_names(&scope, &[row.host_id]).await?;
    let site = sekisho_places::site(&scope, row.site_id).await?;
    let series = if plans { series::of_appointment(&scope, sight, &row).await? } else { None };
    Ok(Some(AppointmentRow {
        id,
        kind: row.kind,
        host: row.host_id,
        host_name: names.remove(&row.host_id).unwrap_or_default(),
        deputies,
        group: row.group_id,
        site: row.site_id,
        site_name: site.map(|site| site.name).unwrap_or_default(),
        zone: row.zone.clone(),
        place: row.place.clone(),
        room: row.room_id,
        beside_room: row.beside_room.clone(),
        seats: rooms::seats_of(&scope, row.room_id).await?,
        people,
        starts: row.starts.clone(),
        ends: row.ends.clone(),
        purpose: text_of(&keys, "purpose", &row)?,
        note: if plans { text_of(&keys, "note", &row)? } else { String::new() },
        version: row.version,
        made_by: row.made_by,
        made_at: row.made_at,
        cancelled_at: row.cancelled_at,
        plans,
        visits,
        series,
    }))
}

async fn show(
    visitors: &Visitors,
    cx: &Cx,
    sight: &Sight,
    scope: &impl Scoped,
    rows: Vec<visits::Model>,
) -> Result<Vec<VisitRow>, Fault> {
    if rows.is_empty() {
        return Ok(Vec::new());
    }
    let contacts =
        contacts(visitors, cx, scope, rows.iter().filter_map(|row| row.guest_id).collect()).await?;
    let hosts: Vec<PersonId> = rows.iter().flat_map(|row| [row.host_id, row.answered_by]).flatten().collect();
    let hosts = visitors.identity.display_names(scope, &hosts).await?;
    let mut sites: HashMap<SiteId, Option<Site>> = HashMap::new();
    for row in &rows {
        if let Entry::Vacant(unknown) = sites.entry(row.site_id) {
            unknown.insert(sekisho_places::site(scope, row.site_id).await?);
        }
    }
    let mut missing = registration::missing_of(scope, &rows).await?;
    let mut marks = marks(visitors, cx, sight, scope, &rows).await?;
    let at_desk = rows.iter().filter(|row| sight.is_desk(row.site_id) && row.state.is_here());
    let mut badges = badges_for_desk(scope, &at_desk.collect::<Vec<_>>()).await?;
    let silent = |row: &visits::Model| {
        escalate::waits(row) && row.unanswered_at.is_some() && sight.is_desk(row.site_id)
    };
    let ring = match rows.iter().any(silent) {
        true => Some(settings::load(scope).await?.0.ring_when_silent).filter(|line| !line.is_empty()),
        false => None,
    };
    let shown = rows.into_iter().map(|row| {
        let ring = ring.clone().filter(|_| silent(&row));
        let back_from = ledger::back_from(&row).filter(|_| row.ends_at > cx.now);
        let contact = row.guest_id.and_then(|guest| contacts.get(&guest));
        let site = sites.get(&row.site_id).and_then(Option::as_ref);
        VisitRow {
            id: row.id,
            appointment: row.appointment_id,
            guest: row.guest_id,
            name: contact.map(|contact| contact.name.clone()).unwrap_or_default(),
            company: contact.map(|contact| contact.company.clone()).unwrap_or_default(),
            kind: row.kind,
            state: row.state,
            site: row.site_id,
            site_name: site.map(|site| site.name.clone()).unwrap_or_default(),
            zone: row.zone,
            host: row.host_id,
            host_name: row.host_id.and_then(|host| hosts.get(&host)).cloned().unwrap_or_default(),
            starts_at: row.starts_at,
            ends_at: row.ends_at,
            companions: row.companions,
            arrived_at: row.arrived_at,
            arrived_how: row.arrived_how,
            answered_at: row.answered_at,
            answered_by: row.answered_by,
            answered_name: row.answered_by.and_then(|by| hosts.get(&by)).cloned().unwrap_or_default(),
            unanswered_at: row.unanswered_at,
            ring,
            admitted_at: row.admitted_at,
            left_at: row.left_at,
            left_how: row.left_how,
            back_from,
            ask_guard: marks.remove(&row.id.uuid()),
            missing: missing.remove(&row.id),
            badge: badges.remove(&row.id),
        }
    });
    Ok(shown.collect())
}

/// About whom the guard is to be asked, as far as the viewer is the desk and the guest may still be let in or is here.
async fn marks(
    visitors: &Visitors,
    cx: &Cx,
    sight: &Sight,
    scope: &impl Scoped,
    rows: &[visits::Model],
) -> Result<HashMap<Uuid, AskGuard>, Fault> {
    let at_desk = rows.iter().filter(|row| sight.is_desk(row.site_id) && ledger::is_open(row));
    let of: Vec<Uuid> = at_desk.map(|row| row.id.uuid()).collect();
    let keys = visitors.vault.keys(cx.tenant).await?;
    marks_for_desk(scope, &keys, &of).await
}

/// Who the guests are, as far as they were not erased.
pub(crate) async fn contacts(
    visitors: &Visitors,
    cx: &Cx,
    scope: &impl Scoped,
    mut ids: Vec<GuestId>,
) -> Result<HashMap<GuestId, Contact>, Fault> {
    ids.sort_unstable();
    ids.dedup();
    let keys = visitors.vault.keys(cx.tenant).await?;
    let mut contacts = HashMap::new();
    for part in ids.chunks(500) {
        let these = guests::Column::Id.is_in(part.iter().copied());
        for row in scope.find::<guests::Entity>().filter(these).all().await? {
            if let Some(contact) = guest::opened(&keys, &row)? {
                contacts.insert(row.id, contact);
            }
        }
    }
    Ok(contacts)
}
