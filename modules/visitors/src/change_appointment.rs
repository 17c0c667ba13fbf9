//! An appointment is changed, gets or loses a guest. Whoever has not come yet and was told something else gets a new pass;
//! the old one opens nothing.

use sea_orm::ColumnTrait;
use sekisho_crypto::TenantKeys;
use sekisho_kernel::{AuditEntry, Cx};
use sekisho_places::Site;
use sekisho_storage::Tx;
use sekisho_web::{Checks, IfMatch};

use crate::Visitors;
use crate::checks::VisitError;
use crate::events::{AppointmentChanged, AppointmentMade};
use crate::ids::AppointmentId;
use crate::keys_follow;
use crate::ledger::{
    self, appointment_place, deputies_of, fresh_pass, lock_appointment, lock_visits, standing, text_of,
    visits_of,
};
use crate::make_appointment::{
    AppointmentForm, Details, Expecting, GuestForm, MOST_GUESTS, MadeVisit, expect_guest, read_details,
    read_guest, write_deputies,
};
use crate::occurrence::{Occurrence, spell};
use crate::rooms::{still_there, take_once};
use crate::series::fits;
use crate::settings::{self, Settings};
use crate::tables::{appointments, deputies, visits};
use crate::visit::{Happening, step};
use crate::warrant::{MayDecide, MayInvite, NotAllowed};
use crate::watch::{Occasion, Watch};

/// Changes an appointment, if it is as the caller has seen it. Guests of the form are not looked at: they are added and
/// taken off one by one. Guests who are here or have gone keep their visit as it was; the others get a new pass when something
/// changed that they were told.
pub async fn change_appointment(
    visitors: &Visitors,
    cx: &Cx,
    id: AppointmentId,
    form: AppointmentForm,
    seen: &IfMatch,
) -> Result<(), VisitError> {
    let (_, plans) = planned(visitors, cx, id, "appointment.change").await?;
    let (may, settings, wanted) = wanted(visitors, cx, form).await?;
    let keys = visitors.vault.keys(cx.tenant).await?;

    let mut tx = visitors.store.begin(cx).await?;
    let present = lock_appointment(&tx, id).await?.filter(|row| row.cancelled_at.is_none());
    let present = present.ok_or(NotAllowed::Missing)?;
    if !seen.holds(present.version) {
        return Err(VisitError::Changed);
    }
    let (wanted, _) = take_once(&tx, &wanted, may.site.id, Some(&present)).await?;
    let difference = compare(&tx, &keys, &present, &may.site, &wanted).await?;
    if difference == Difference::None {
        return Ok(());
    }
    write(&tx, &keys, &present, &may.site, &wanted).await?;
    set_apart(&tx, &present).await?;
    let mut changed = Vec::new();
    let watch = Watch::open(&tx, &keys).await?;
    for visit in lock_visits(&tx, visits::Column::AppointmentId.eq(id)).await? {
        if step(standing(&visit, &settings), Happening::Change, cx.now).is_ok()
            && follow(&tx, &keys, &visit, &may.site, &wanted, difference).await?
        {
            // On another day, at another site, other entries of the list hold.
            watch.look_at_written(&mut tx, &keys, visit.id, Occasion::Planned).await?;
            changed.push(visit.id);
        }
    }
    tx.publish(&AppointmentChanged { appointment: id, visits: changed.clone(), person: may.maker }).await?;
    let keys_follow = keys_follow::of_visits(visitors, &tx, &changed).await?;
    let entry = AuditEntry::done("appointment.change").on("appointment", id, "").decided(&plans.basis);
    let entry = entry.with("visits", &changed).with("host", wanted.host).with("site", may.site.id);
    let entry = entry.with("room", wanted.room);
    let entry = entry.with("made_by", present.made_by).with("way", plans.way).with("invites_by", &may.basis);
    tx.commit(entry.with("starts", wanted.when.starts_at).with("ends", wanted.when.ends_at)).await?;
    keys_follow.now(visitors, cx).await;
    Ok(())
}

/// What the form wants, for whoever may invite to its site: who moves an appointment to another must be able to invite there, as
/// for a new one. Guests of the form are not looked at.
pub(crate) async fn wanted(
    visitors: &Visitors,
    cx: &Cx,
    form: AppointmentForm,
) -> Result<(MayInvite, Settings, Details), VisitError> {
    let (settings, _) = settings::load(&visitors.store.read(cx.tenant).await?).await?;
    let may = visitors.may_invite(cx, form.site, &settings).await?;
    let form = AppointmentForm { guests: Vec::new(), ..form };
    let wanted = read_details(visitors, cx, Checks::default(), &may, form).await?;
    Ok((may, settings, wanted))
}

/// An appointment of a series that was changed by itself stays as it is when the series changes.
async fn set_apart(tx: &Tx, row: &appointments::Model) -> Result<(), VisitError> {
    if row.series_id.is_some() && !row.set_apart {
        let this = appointments::Column::Id.eq(row.id);
        tx.update::<appointments::Entity>()
            .set(appointments::Column::SetApart, true)
            .filter(this)
            .exec()
            .await?;
    }
    Ok(())
}

/// What a change means.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(crate) enum Difference {
    /// Nothing.
    None,
    /// Something that only people here see.
    Inside,
    /// Something that guests were told: when, where, to whom, what for. They are told anew, with a new pass.
    ForGuests,
}

/// What changes when an appointment becomes what is wanted.
pub(crate) async fn compare(
    tx: &Tx,
    keys: &TenantKeys,
    row: &appointments::Model,
    site: &Site,
    wanted: &Details,
) -> Result<Difference, VisitError> {
    let for_guests = row.host_id != wanted.host
        || row.site_id != site.id
        || row.zone != site.zone
        || row.place != wanted.place
        || row.starts != spell(wanted.when.starts)
        || row.ends != spell(wanted.when.ends)
        || text_of(keys, "purpose", row)? != wanted.purpose;
    if for_guests {
        return Ok(Difference::ForGuests);
    }
    let inside = row.kind != wanted.kind
        || row.group_id != wanted.group
        || row.room_id != wanted.room
        || row.beside_room != wanted.beside_room()
        || text_of(keys, "note", row)? != wanted.note
        || deputies_of(tx, row.id).await? != wanted.deputies;
    Ok(if inside { Difference::Inside } else { Difference::None })
}

/// Adds a guest to an appointment.
pub async fn add_guest(
    visitors: &Visitors,
    cx: &Cx,
    id: AppointmentId,
    form: GuestForm,
) -> Result<MadeVisit, VisitError> {
    let (row, plans) = planned(visitors, cx, id, "appointment.add_guest").await?;
    let maker = cx.actor.person().ok_or(NotAllowed::Missing)?;
    let mut checks = Checks::default();
    let guest = read_guest(&mut checks, form);
    checks.done::<VisitError>()?;
    let site = visitors.open_site(cx, row.site_id).await?.ok_or(NotAllowed::Missing)?;
    let keys = visitors.vault.keys(cx.tenant).await?;
    let mut tx = visitors.store.begin(cx).await?;
    // The series before its appointments, like everybody who takes both.
    if let Some(series) = row.series_id {
        fits(&tx, series, 1).await?;
    }
    let row = lock_appointment(&tx, id).await?.filter(|row| row.cancelled_at.is_none());
    let row = row.filter(|row| row.site_id == site.id).ok_or(NotAllowed::Missing)?;
    if visits_of(&tx, id).await?.len() >= MOST_GUESTS {
        return Err(VisitError::invalid("guests", "visitors-error-guests"));
    }
    still_there(&tx, std::slice::from_ref(&row)).await?;
    let zone = sekisho_web::zone_of(&row.zone);
    let when = Occurrence::read(&row.starts, &row.ends, &zone, cx.now).map_err(|bad| {
        let (_, text) = bad.field();
        VisitError::invalid("", text)
    })?;
    let at =
        Expecting { appointment: id, kind: row.kind, host: row.host_id, site: &site, maker, when: &when };
    let watch = Watch::open(&tx, &keys).await?;
    let made = expect_guest(&mut tx, &keys, &watch, &at, &guest).await?;
    let event = AppointmentMade {
        appointment: id,
        visits: vec![made.id],
        maker,
        host: row.host_id,
        site: row.site_id,
    };
    tx.publish(&event).await?;
    let entry = AuditEntry::done("appointment.add_guest").on("appointment", id, "").decided(&plans.basis);
    tx.commit(entry.with("visit", made.id).with("way", plans.way)).await?;
    Ok(made)
}

/// The appointment, for whoever may decide about it: host, deputy, maker, or the desk of its site; and why they may.
pub(crate) async fn planned(
    visitors: &Visitors,
    cx: &Cx,
    id: AppointmentId,
    action: &'static str,
) -> Result<(appointments::Model, MayDecide), VisitError> {
    let row = ledger::appointment(&visitors.store.read(cx.tenant).await?, id).await?;
    let row = row.filter(|row| row.cancelled_at.is_none()).ok_or(NotAllowed::Missing)?;
    let may = visitors.may_plan(cx, &row, action).await?;
    Ok((row, may))
}

/// Writes an appointment as it is wanted.
pub(crate) async fn write(
    tx: &Tx,
    keys: &TenantKeys,
    row: &appointments::Model,
    site: &Site,
    plan: &Details,
) -> Result<(), VisitError> {
    use appointments::Column;
    let sealed = |column, text: &str| keys.seal(&appointment_place(column, row.id), text.as_bytes());
    let mut change = tx
        .update::<appointments::Entity>()
        .set(Column::Kind, plan.kind)
        .set(Column::HostId, plan.host)
        .set(Column::GroupId, plan.group)
        .set(Column::SiteId, site.id)
        .set(Column::Zone, site.zone.clone())
        .set(Column::Place, plan.place.clone())
        .set(Column::RoomId, plan.room)
        .set(Column::BesideRoom, plan.beside_room())
        .set(Column::RoomFrom, plan.room.map(|_| plan.when.starts_at))
        .set(Column::RoomUntil, plan.room.map(|_| plan.when.ends_at))
        .set(Column::Starts, spell(plan.when.starts))
        .set(Column::Ends, spell(plan.when.ends))
        .set(Column::Version, row.version.saturating_add(1));
    for (column, name, text) in
        [(Column::PurposeSealed, "purpose", &plan.purpose), (Column::NoteSealed, "note", &plan.note)]
    {
        if text_of(keys, name, row)? != *text {
            change = change.set(column, sealed(name, text));
        }
    }
    change.filter(Column::Id.eq(row.id)).exec().await?;
    tx.delete::<deputies::Entity>().filter(deputies::Column::AppointmentId.eq(row.id)).exec().await?;
    write_deputies(tx, row.id, &plan.deputies).await
}

/// A visit follows its appointment; whether its guest is to be told of it.
pub(crate) async fn follow(
    tx: &Tx,
    keys: &TenantKeys,
    visit: &visits::Model,
    site: &Site,
    plan: &Details,
    difference: Difference,
) -> Result<bool, VisitError> {
    if difference == Difference::ForGuests {
        move_visit(tx, keys, visit, site, plan).await?;
        return Ok(true);
    }
    let this = visits::Column::Id.eq(visit.id);
    tx.update::<visits::Entity>().set(visits::Column::Kind, plan.kind).filter(this).exec().await?;
    Ok(false)
}

/// A visit goes with its appointment, and gets a new pass.
async fn move_visit(
    tx: &Tx,
    keys: &TenantKeys,
    visit: &visits::Model,
    site: &Site,
    plan: &Details,
) -> Result<(), VisitError> {
    use visits::Column;
    let pass = fresh_pass(tx, keys, visit.id, visit.generation).await?;
    tx.update::<visits::Entity>()
        .set(Column::SiteId, site.id)
        .set(Column::Zone, site.zone.clone())
        .set(Column::Kind, plan.kind)
        .set(Column::HostId, Some(plan.host))
        .set(Column::Day, plan.when.day())
        .set(Column::StartsAt, plan.when.starts_at)
        .set(Column::EndsAt, plan.when.ends_at)
        .set(Column::Generation, pass.generation)
        .set(Column::PassHash, pass.hash)
        .set(Column::LiveCode, Some(pass.code))
        .filter(Column::Id.eq(visit.id))
        .exec()
        .await?;
    Ok(())
}
