//! What the use cases share about the rows of visits: finding, locking, making, moving on.

use sea_orm::ActiveValue::Set;
use sea_orm::{ColumnTrait, QuerySelect};
use sekisho_crypto::{Place, TenantKeys};
use sekisho_host::Fault;
use sekisho_kernel::{PersonId, SiteId};
use sekisho_places::Site;
use sekisho_storage::{Scoped, StoreError, Tx};

use crate::ids::{AppointmentId, GuestId, VisitId};
use crate::occurrence::Occurrence;
use crate::pass;
use crate::settings::Settings;
use crate::tables::words::{VisitKind, VisitState};
use crate::tables::{appointments, visits};
use crate::visit::Standing;

/// One visit.
pub async fn visit(scope: &impl Scoped, id: VisitId) -> Result<Option<visits::Model>, StoreError> {
    scope.find::<visits::Entity>().filter(visits::Column::Id.eq(id)).one().await
}

/// One visit, behind everybody else who moves it.
pub(crate) async fn lock_visit(tx: &Tx, id: VisitId) -> Result<Option<visits::Model>, StoreError> {
    let this = visits::Column::Id.eq(id);
    tx.find::<visits::Entity>().filter(this).refine(QuerySelect::lock_exclusive).one().await
}

/// One appointment.
pub async fn appointment(
    scope: &impl Scoped,
    id: AppointmentId,
) -> Result<Option<appointments::Model>, StoreError> {
    scope.find::<appointments::Entity>().filter(appointments::Column::Id.eq(id)).one().await
}

/// One appointment, behind everybody else who changes it.
pub(crate) async fn lock_appointment(
    tx: &Tx,
    id: AppointmentId,
) -> Result<Option<appointments::Model>, StoreError> {
    let this = appointments::Column::Id.eq(id);
    tx.find::<appointments::Entity>().filter(this).refine(QuerySelect::lock_exclusive).one().await
}

/// The visits of an appointment by their time.
pub async fn visits_of(scope: &impl Scoped, id: AppointmentId) -> Result<Vec<visits::Model>, StoreError> {
    let of = visits::Column::AppointmentId.eq(id);
    scope
        .find::<visits::Entity>()
        .filter(of)
        .ascending(visits::Column::StartsAt)
        .ascending(visits::Column::Id)
        .all()
        .await
}

/// A visit as its rules see it.
pub(crate) fn standing(visit: &visits::Model, settings: &Settings) -> Standing {
    Standing {
        state: visit.state,
        opens_at: visit.starts_at.minus(settings.opens_before()),
        ends_at: visit.ends_at,
    }
}

/// What a new visit is about.
pub(crate) struct NewVisit<'a> {
    pub(crate) appointment: Option<AppointmentId>,
    pub(crate) guest: Option<GuestId>,
    pub(crate) site: &'a Site,
    pub(crate) kind: VisitKind,
    pub(crate) host: Option<PersonId>,
    pub(crate) maker: Option<PersonId>,
    pub(crate) when: &'a Occurrence,
    pub(crate) companions: i64,
}

/// Writes a visit that is still to come, with its pass.
pub(crate) async fn expect_visit(tx: &Tx, keys: &TenantKeys, new: &NewVisit<'_>) -> Result<VisitId, Fault> {
    let id: VisitId = tx.cx().fresh_id();
    let pass = fresh_pass(tx, keys, id, 0).await?;
    let row = visits::ActiveModel {
        generation: Set(pass.generation),
        pass_hash: Set(pass.hash),
        live_code: Set(Some(pass.code)),
        page_hash: Set(Some(pass::page_hash(&pass::page(keys, id)))),
        ..row(id, new, VisitState::Draft)
    };
    tx.insert::<visits::Entity>(row).await?;
    Ok(id)
}

/// The row of a visit without a pass.
pub(crate) fn row(id: VisitId, new: &NewVisit<'_>, state: VisitState) -> visits::ActiveModel {
    visits::ActiveModel {
        id: Set(id),
        appointment_id: Set(new.appointment),
        guest_id: Set(new.guest),
        site_id: Set(new.site.id),
        zone: Set(new.site.zone.clone()),
        kind: Set(new.kind),
        host_id: Set(new.host),
        made_by: Set(new.maker),
        state: Set(state),
        day: Set(new.when.day()),
        starts_at: Set(new.when.starts_at),
        ends_at: Set(new.when.ends_at),
        companions: Set(new.companions),
        generation: Set(1),
        asked: Set(0),
        ..Default::default()
    }
}

/// The next pass of a visit.
pub(crate) struct FreshPass {
    pub(crate) generation: i64,
    pub(crate) hash: Option<Vec<u8>>,
    pub(crate) code: Vec<u8>,
}

/// The pass after `generation`. Where its code is that of another live visit, the one after it.
pub(crate) async fn fresh_pass(
    tx: &Tx,
    keys: &TenantKeys,
    id: VisitId,
    generation: i64,
) -> Result<FreshPass, Fault> {
    let mut generation = generation;
    loop {
        generation += 1;
        let Some(code) = pass::code_blind(keys, &pass::code(keys, id, generation)) else { continue };
        let same = visits::Column::LiveCode.eq(code.clone());
        if !tx.find::<visits::Entity>().filter(same).exists().await? {
            return Ok(FreshPass {
                generation,
                hash: pass::pass_hash(&pass::pass(keys, id, generation)),
                code,
            });
        }
    }
}

/// Where a sealed text of an appointment lies.
pub(crate) fn appointment_place(column: &'static str, id: AppointmentId) -> Place<'static> {
    Place { table: "visitors_appointments", column, row: id.uuid() }
}

/// A sealed text of an appointment, opened.
pub(crate) fn text_of(
    keys: &TenantKeys,
    column: &'static str,
    row: &appointments::Model,
) -> Result<String, Fault> {
    let sealed = if column == "purpose" { &row.purpose_sealed } else { &row.note_sealed };
    Ok(keys.open_text(&appointment_place(column, row.id), sealed)?)
}

/// Whether a pass belongs to that site.
pub(crate) fn is_at(visit: &visits::Model, site: SiteId) -> bool {
    visit.site_id == site
}
