//! An appointment is made: somebody is expected, alone, with others, in a group.

use sea_orm::ActiveValue::Set;
use sekisho_crypto::TenantKeys;
use sekisho_kernel::{AuditEntry, Cx, GroupId, Language, PersonId, SiteId};
use sekisho_places::Site;
use sekisho_storage::{Scope, Tx};

use crate::Visitors;
use crate::checks::{ContactChecks, VisitError};
use crate::events::AppointmentMade;
use crate::guest::{Contact, recognised_or_new};
use crate::ids::{AppointmentId, GuestId, RoomId, SeriesId, VisitId};
use crate::ledger::{NewVisit, appointment_place, expect_visit};
use crate::occurrence::{Occurrence, spell};
use crate::pass;
use crate::rooms::{RoomTaken, take_once};
use crate::settings;
use crate::tables::words::VisitKind;
use crate::tables::{appointments, deputies};
use crate::warrant::MayInvite;
use crate::watch::{Occasion, Watch};
use sekisho_web::Checks;

/// The most guests of one appointment.
pub const MOST_GUESTS: usize = 100;
/// The most deputies of one appointment.
pub const MOST_DEPUTIES: usize = 5;
/// The most companions of one guest.
pub const MOST_COMPANIONS: i64 = 99;

/// A guest as a form describes them.
#[derive(Clone, Debug, Default)]
pub struct GuestForm {
    /// Name.
    pub name: String,
    /// How it is read, in kana.
    pub reading: String,
    /// From where.
    pub company: String,
    /// Mail address; may be empty.
    pub mail: String,
    /// Telephone; may be empty.
    pub phone: String,
    /// Which language they read; none: that of whoever writes them down, or as it is known.
    pub language: Option<Language>,
    /// People who come along and are only counted.
    pub companions: i64,
}

/// An appointment as a form describes it.
#[derive(Clone, Debug)]
pub struct AppointmentForm {
    /// Where.
    pub site: SiteId,
    /// What kind.
    pub kind: VisitKind,
    /// Who receives; none: who makes it.
    pub host: Option<PersonId>,
    /// Who stands in, in the order in which they are asked.
    pub deputies: Vec<PersonId>,
    /// The department that is told when all of them are silent.
    pub group: Option<GroupId>,
    /// The room; none: `place` says where.
    pub room: Option<RoomId>,
    /// What is done when another appointment has the room at that time.
    pub room_taken: RoomTaken,
    /// Where, in words; beside the room when there is one.
    pub place: String,
    /// From, on the clock of the site: `2026-11-22T09:00`.
    pub starts: String,
    /// Until, likewise.
    pub ends: String,
    /// What for; the guests read it.
    pub purpose: String,
    /// For host and desk only.
    pub note: String,
    /// Who comes.
    pub guests: Vec<GuestForm>,
}

/// A visit made, with what its guest shows at the reception.
#[derive(Clone, Debug)]
pub struct MadeVisit {
    /// Which.
    pub id: VisitId,
    /// The guest's name as it was typed.
    pub name: String,
    /// The code for typing.
    pub code: String,
    /// The token in the address of the personal page.
    pub page: String,
}

/// An appointment made.
#[derive(Clone, Debug)]
pub struct MadeAppointment {
    /// Which.
    pub id: AppointmentId,
    /// Its visits, in the order of the guests.
    pub visits: Vec<MadeVisit>,
    /// The room it has; none: it has none, or does without as it was asked for.
    pub room: Option<RoomId>,
    /// Whether more people come than the room has seats.
    pub crowded: bool,
}

/// Makes an appointment.
pub async fn make_appointment(
    visitors: &Visitors,
    cx: &Cx,
    form: AppointmentForm,
) -> Result<MadeAppointment, VisitError> {
    let scope = visitors.store.read(cx.tenant).await?;
    let (settings, _) = settings::load(&scope).await?;
    drop(scope);
    let may = visitors.may_invite(cx, form.site, &settings).await?;
    let plan = checked(visitors, cx, &may, form).await?;
    let keys = visitors.vault.keys(cx.tenant).await?;
    let mut tx = visitors.store.begin(cx).await?;
    let watch = Watch::open(&tx, &keys).await?;
    let (made, entry) = make_in(&mut tx, &keys, &watch, &may, &plan).await?;
    tx.commit(entry).await?;
    Ok(made)
}

/// Makes an appointment in that transaction, which whoever began it commits with the entry.
pub(crate) async fn make_in(
    tx: &mut Tx,
    keys: &TenantKeys,
    watch: &Watch,
    may: &MayInvite,
    plan: &Plan,
) -> Result<(MadeAppointment, AuditEntry), VisitError> {
    let (details, answer) = take_once(tx, &plan.details, may.site.id, None).await?;
    let details = &details;
    let id: AppointmentId = tx.cx().fresh_id();
    insert(tx, keys, id, may, details, &details.when, None).await?;
    let at = Expecting {
        appointment: id,
        kind: details.kind,
        host: details.host,
        site: &may.site,
        maker: may.maker,
        when: &details.when,
    };
    let mut visits = Vec::new();
    for guest in &plan.guests {
        visits.push(expect_guest(tx, keys, watch, &at, guest).await?);
    }
    let ids: Vec<VisitId> = visits.iter().map(|visit| visit.id).collect();
    let event = AppointmentMade {
        appointment: id,
        visits: ids.clone(),
        maker: may.maker,
        host: details.host,
        site: may.site.id,
    };
    tx.publish(&event).await?;
    let entry = AuditEntry::done("appointment.make").on("appointment", id, "").decided(&may.basis);
    let entry = entry.with("visits", &ids).with("host", details.host).with("site", may.site.id);
    let entry = entry.with("kind", details.kind).with("starts", details.when.starts_at);
    let entry = entry.with("ends", details.when.ends_at).with("room", details.room);
    let crowded = details.room.is_some() && answer.is_too_small_for(&plan.guests);
    Ok((MadeAppointment { id, visits, room: details.room, crowded }, entry))
}

/// An appointment whose form was read.
pub(crate) struct Plan {
    pub(crate) details: Details,
    pub(crate) guests: Vec<PlannedGuest>,
}

/// When, where and to whom, as it was read.
#[derive(Clone)]
pub(crate) struct Details {
    pub(crate) kind: VisitKind,
    pub(crate) host: PersonId,
    pub(crate) deputies: Vec<PersonId>,
    pub(crate) group: Option<GroupId>,
    pub(crate) room: Option<RoomId>,
    pub(crate) room_taken: RoomTaken,
    /// What was typed about where.
    pub(crate) beside: String,
    /// What guests read about where: written out by whoever takes the room.
    pub(crate) place: String,
    pub(crate) when: Occurrence,
    pub(crate) purpose: String,
    pub(crate) note: String,
}

impl Details {
    /// What was typed beside the room; nothing where there is none.
    pub(crate) fn beside_room(&self) -> String {
        self.room.map(|_| self.beside.clone()).unwrap_or_default()
    }
}

/// A guest whose part of the form was read.
pub(crate) struct PlannedGuest {
    pub(crate) contact: Contact,
    pub(crate) language: Option<Language>,
    pub(crate) companions: i64,
}

/// Reads the form; all that is wrong is said at once.
pub(crate) async fn checked(
    visitors: &Visitors,
    cx: &Cx,
    may: &MayInvite,
    mut form: AppointmentForm,
) -> Result<Plan, VisitError> {
    let mut checks = Checks::default();
    let guests = std::mem::take(&mut form.guests);
    if guests.is_empty() || guests.len() > MOST_GUESTS {
        checks.wrong("guests", "visitors-error-guests");
    }
    let guests = guests.into_iter().map(|guest| read_guest(&mut checks, guest)).collect();
    let details = read_details(visitors, cx, checks, may, form).await?;
    Ok(Plan { details, guests })
}

/// Reads when, where and to whom; refused with all that `checks` found wrong before.
pub(crate) async fn read_details(
    visitors: &Visitors,
    cx: &Cx,
    mut checks: Checks,
    may: &MayInvite,
    form: AppointmentForm,
) -> Result<Details, VisitError> {
    let host = form.host.unwrap_or(may.maker);
    let scope = visitors.store.read(cx.tenant).await?;
    let deputies = people(visitors, &scope, &mut checks, host, form.deputies).await?;
    if let Some(group) = form.group
        && visitors.identity.group(&scope, group).await?.is_none()
    {
        checks.wrong("group", "visitors-error-group");
    }
    drop(scope);
    let place = checks.line("place", &form.place);
    let purpose = checks.line("purpose", &form.purpose);
    let note = checks.note("note", &form.note);
    let when = Occurrence::read(&form.starts, &form.ends, &sekisho_web::zone_of(&may.site.zone), cx.now);
    let when = when.map_err(|bad| {
        let (field, text) = bad.field();
        checks.wrong(field, text);
    });
    checks.done::<VisitError>()?;
    let Ok(when) = when else { return Err(VisitError::Invalid(Vec::new())) };
    Ok(Details {
        kind: form.kind,
        host,
        deputies,
        group: form.group,
        room: form.room,
        room_taken: form.room_taken,
        beside: place.clone(),
        place,
        when,
        purpose,
        note,
    })
}

/// Host and deputies must be people who work here.
async fn people(
    visitors: &Visitors,
    scope: &Scope,
    checks: &mut Checks,
    host: PersonId,
    deputies: Vec<PersonId>,
) -> Result<Vec<PersonId>, VisitError> {
    if !visitors.identity.is_active(scope, host).await? {
        checks.wrong("host", "visitors-error-person");
    }
    let mut stand_ins: Vec<PersonId> = Vec::new();
    for deputy in deputies {
        if deputy == host || stand_ins.contains(&deputy) {
            continue;
        }
        if !visitors.identity.is_active(scope, deputy).await? {
            checks.wrong("deputies", "visitors-error-person");
        }
        stand_ins.push(deputy);
    }
    if stand_ins.len() > MOST_DEPUTIES {
        checks.wrong("deputies", "visitors-error-deputies");
    }
    Ok(stand_ins)
}

/// Reads what was typed about a guest.
pub(crate) fn read_guest(checks: &mut Checks, form: GuestForm) -> PlannedGuest {
    if !(0..=MOST_COMPANIONS).contains(&form.companions) {
        checks.wrong("companions", "visitors-error-companions");
    }
    let contact = Contact {
        name: checks.name("guest_name", &form.name),
        reading: checks.line("guest_reading", &form.reading),
        company: checks.line("guest_company", &form.company),
        mail: checks.mail("guest_mail", &form.mail),
        phone: checks.phone("guest_phone", &form.phone),
    };
    PlannedGuest { contact, language: form.language, companions: form.companions }
}

/// Writes an appointment at that time; one of a series when it is part of one.
pub(crate) async fn insert(
    tx: &Tx,
    keys: &TenantKeys,
    id: AppointmentId,
    may: &MayInvite,
    plan: &Details,
    when: &Occurrence,
    series: Option<SeriesId>,
) -> Result<(), VisitError> {
    let sealed = |column, text: &str| keys.seal(&appointment_place(column, id), text.as_bytes());
    let row = appointments::ActiveModel {
        id: Set(id),
        kind: Set(plan.kind),
        host_id: Set(plan.host),
        group_id: Set(plan.group),
        site_id: Set(may.site.id),
        zone: Set(may.site.zone.clone()),
        place: Set(plan.place.clone()),
        starts: Set(spell(when.starts)),
        ends: Set(spell(when.ends)),
        purpose_sealed: Set(sealed("purpose", &plan.purpose)),
        note_sealed: Set(sealed("note", &plan.note)),
        version: Set(1),
        made_by: Set(may.maker),
        made_at: Set(tx.cx().now),
        series_id: Set(series),
        series_on: Set(series.map(|_| spell(when.starts))),
        set_apart: Set(false),
        room_id: Set(plan.room),
        beside_room: Set(plan.beside_room()),
        room_from: Set(plan.room.map(|_| when.starts_at)),
        room_until: Set(plan.room.map(|_| when.ends_at)),
        ..Default::default()
    };
    tx.insert::<appointments::Entity>(row).await?;
    write_deputies(tx, id, &plan.deputies).await
}

/// Writes who stands in, in their order.
pub(crate) async fn write_deputies(
    tx: &Tx,
    id: AppointmentId,
    people: &[PersonId],
) -> Result<(), VisitError> {
    let rows = (0..)
        .zip(people)
        .map(|(place, person)| deputies::ActiveModel {
            appointment_id: Set(id),
            person_id: Set(*person),
            place: Set(place),
            ..Default::default()
        })
        .collect();
    Ok(tx.insert_many::<deputies::Entity>(rows).await?)
}

/// What a guest of an appointment is expected for.
pub(crate) struct Expecting<'a> {
    pub(crate) appointment: AppointmentId,
    pub(crate) kind: VisitKind,
    pub(crate) host: PersonId,
    pub(crate) site: &'a Site,
    pub(crate) maker: PersonId,
    pub(crate) when: &'a Occurrence,
}

/// Writes one guest of an appointment and their visit.
pub(crate) async fn expect_guest(
    tx: &mut Tx,
    keys: &TenantKeys,
    watch: &Watch,
    at: &Expecting<'_>,
    planned: &PlannedGuest,
) -> Result<MadeVisit, VisitError> {
    let guest = recognised_or_new(tx, keys, &planned.contact, planned.language).await?;
    let made = expect_known(tx, keys, at, planned, guest).await?;
    watch.look_at_written(tx, keys, made.id, Occasion::Planned).await?;
    Ok(made)
}

/// Writes the visit of a guest who is known to us. The watch list is the caller's to look through.
pub(crate) async fn expect_known(
    tx: &Tx,
    keys: &TenantKeys,
    at: &Expecting<'_>,
    planned: &PlannedGuest,
    guest: GuestId,
) -> Result<MadeVisit, VisitError> {
    let new = NewVisit {
        appointment: Some(at.appointment),
        guest: Some(guest),
        site: at.site,
        kind: at.kind,
        host: Some(at.host),
        maker: Some(at.maker),
        when: at.when,
        companions: planned.companions,
    };
    let (id, generation) = expect_visit(tx, keys, &new).await?;
    Ok(MadeVisit {
        id,
        name: planned.contact.name.clone(),
        code: pass::code(keys, id, generation),
        page: pass::page(keys, id, 0),
    })
}
