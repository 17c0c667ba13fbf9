//! An appointment is changed, gets or loses a guest. Whoever has not come yet gets a new pass; the old one opens nothing.

use sea_orm::ColumnTrait;
use sekisho_crypto::TenantKeys;
use sekisho_kernel::{AuditEntry, Cx};
use sekisho_places::Site;
use sekisho_storage::Tx;
use sekisho_web::{Checks, IfMatch};

use crate::Visitors;
use crate::checks::VisitError;
use crate::events::{AppointmentChanged, AppointmentMade};
use crate::ids::{AppointmentId, VisitId};
use crate::ledger::{self, appointment_place, fresh_pass, lock_appointment, text_of, visits_of};
use crate::make_appointment::{
    AppointmentForm, GuestForm, MOST_GUESTS, MadeVisit, Plan, checked, expect_guest, read_guest,
    write_deputies,
};
use crate::occurrence::{Occurrence, spell};
use crate::settings;
use crate::tables::{appointments, deputies, visits};
use crate::warrant::{MayInvite, NotAllowed, reason};

/// Changes an appointment, if it is as the caller has seen it. Guests of the form are not looked at: they are added and
/// taken off one by one. Guests who are here or have gone keep their visit as it was.
pub async fn change_appointment(
    visitors: &Visitors,
    cx: &Cx,
    id: AppointmentId,
    form: AppointmentForm,
    seen: &IfMatch,
) -> Result<(), VisitError> {
    let row = planned(visitors, cx, id, "appointment.change").await?;
    let (settings, _) = settings::load(&visitors.store.read(cx.tenant).await?).await?;
    // Who moves it to another site must be able to invite there, as for a new one.
    let may = visitors.may_invite(cx, form.site, &settings).await?;
    let (form, keeper) = (with_somebody(form), row.made_by);
    let mut plan = checked(visitors, cx, &may, form).await?;
    plan.guests.clear();
    let keys = visitors.vault.keys(cx.tenant).await?;

    let mut tx = visitors.store.begin(cx).await?;
    let present = lock_appointment(&tx, id).await?.ok_or(NotAllowed::Missing)?;
    if !seen.holds(present.version) {
        return Err(VisitError::Changed);
    }
    write(&tx, &keys, &present, &may.site, &plan).await?;
    tx.delete::<deputies::Entity>().filter(deputies::Column::AppointmentId.eq(id)).exec().await?;
    write_deputies(&tx, id, &plan.deputies).await?;
    let mut changed = Vec::new();
    for visit in visits_of(&tx, id).await?.into_iter().filter(|visit| visit.state.is_expected()) {
        move_visit(&tx, &keys, &visit, &may.site, &plan).await?;
        changed.push(visit.id);
    }
    tx.publish(&AppointmentChanged { appointment: id, visits: changed.clone(), person: may.maker }).await?;
    let entry = AuditEntry::done("appointment.change").on("appointment", id, "").decided(&may.basis);
    let entry = entry.with("visits", &changed).with("host", plan.host).with("site", may.site.id);
    let entry = entry.with("made_by", keeper);
    Ok(tx.commit(entry.with("starts", plan.when.starts_at).with("ends", plan.when.ends_at)).await?)
}

/// Adds a guest to an appointment.
pub async fn add_guest(
    visitors: &Visitors,
    cx: &Cx,
    id: AppointmentId,
    form: GuestForm,
) -> Result<MadeVisit, VisitError> {
    let row = planned(visitors, cx, id, "appointment.add_guest").await?;
    let maker = cx.actor.person().ok_or(NotAllowed::Missing)?;
    let mut checks = Checks::default();
    let planned = read_guest(&mut checks, form);
    checks.done::<VisitError>()?;
    let site = visitors.open_site(cx, row.site_id).await?.ok_or(NotAllowed::Missing)?;
    let zone = sekisho_web::zone_of(&row.zone);
    let when = Occurrence::read(&row.starts, &row.ends, &zone, cx.now).map_err(|bad| {
        let (_, text) = bad.field();
        VisitError::invalid("", text)
    })?;
    let keys = visitors.vault.keys(cx.tenant).await?;
    let plan = Plan {
        kind: row.kind,
        host: row.host_id,
        deputies: Vec::new(),
        group: row.group_id,
        place: row.place.clone(),
        when,
        purpose: String::new(),
        note: String::new(),
        guests: Vec::new(),
    };
    let may = MayInvite { site, maker, basis: reason("appointment", id) };
    let mut tx = visitors.store.begin(cx).await?;
    lock_appointment(&tx, id).await?.filter(|row| row.cancelled_at.is_none()).ok_or(NotAllowed::Missing)?;
    if visits_of(&tx, id).await?.len() >= MOST_GUESTS {
        return Err(VisitError::invalid("guests", "visitors-error-guests"));
    }
    let made = expect_guest(&tx, &keys, id, &may, &plan, &planned).await?;
    let event = AppointmentMade {
        appointment: id,
        visits: vec![made.id],
        maker,
        host: row.host_id,
        site: row.site_id,
    };
    tx.publish(&event).await?;
    let entry = AuditEntry::done("appointment.add_guest").on("appointment", id, "").decided(&may.basis);
    tx.commit(entry.with("visit", made.id)).await?;
    Ok(made)
}

/// The appointment, for whoever may decide about it: host, deputy, maker, or the desk of its site.
pub(crate) async fn planned(
    visitors: &Visitors,
    cx: &Cx,
    id: AppointmentId,
    action: &'static str,
) -> Result<appointments::Model, VisitError> {
    let row = ledger::appointment(&visitors.store.read(cx.tenant).await?, id).await?;
    let row = row.filter(|row| row.cancelled_at.is_none()).ok_or(NotAllowed::Missing)?;
    visitors.may_plan(cx, &row, action).await?;
    Ok(row)
}

/// The form wants guests; a change has none.
fn with_somebody(form: AppointmentForm) -> AppointmentForm {
    let somebody = GuestForm { name: "-".to_owned(), ..GuestForm::default() };
    AppointmentForm { guests: vec![somebody], ..form }
}

async fn write(
    tx: &Tx,
    keys: &TenantKeys,
    row: &appointments::Model,
    site: &Site,
    plan: &Plan,
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
    Ok(())
}

async fn move_visit(
    tx: &Tx,
    keys: &TenantKeys,
    visit: &visits::Model,
    site: &Site,
    plan: &Plan,
) -> Result<VisitId, VisitError> {
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
    Ok(visit.id)
}
