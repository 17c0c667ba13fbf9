//! What the use cases share about the rows of visits: finding, locking, making, moving on.

use sea_orm::ActiveValue::Set;
use sea_orm::sea_query::IntoCondition;
use sea_orm::{ColumnTrait, QuerySelect};
use sekisho_crypto::{Place, TenantKeys};
use sekisho_host::Fault;
use sekisho_kernel::{Cx, PersonId, SiteId, Timestamp};
use sekisho_places::Site;
use sekisho_storage::{Scoped, StoreError, Tx, Update};

use crate::Visitors;
use crate::check_in::Presented;
use crate::checks::VisitError;
use crate::ids::{AppointmentId, GuestId, VisitId};
use crate::occurrence::{Occurrence, day_at, end_of_day};
use crate::pass;
use crate::settings::{self, Settings};
use crate::tables::words::{VisitKind, VisitState, VisitWay};
use crate::tables::{appointments, deputies, visits};
use crate::visit::{Happening, Refusal, Standing, step};
use crate::warrant::{MayDecide, NotAllowed};

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

/// Who stands in for the host of an appointment, in the order in which they are asked.
pub(crate) async fn deputies_of(scope: &impl Scoped, id: AppointmentId) -> Result<Vec<PersonId>, StoreError> {
    let of = deputies::Column::AppointmentId.eq(id);
    let query = scope.find::<deputies::Entity>().filter(of).ascending(deputies::Column::Place);
    Ok(query.all().await?.into_iter().map(|row| row.person_id).collect())
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

/// These visits by their time, each behind everybody else who moves it. Whoever takes several of them takes them like this, so that
/// nobody waits for somebody who waits for them.
pub(crate) async fn lock_visits(
    tx: &Tx,
    these: impl IntoCondition,
) -> Result<Vec<visits::Model>, StoreError> {
    tx.find::<visits::Entity>()
        .filter(these)
        .ascending(visits::Column::StartsAt)
        .ascending(visits::Column::Id)
        .refine(QuerySelect::lock_exclusive)
        .all()
        .await
}

/// The visit that a pass or code belongs to, behind everybody else who moves it; none: nobody's.
pub(crate) async fn lock_presented(
    tx: &Tx,
    keys: &TenantKeys,
    presented: &Presented,
) -> Result<Option<visits::Model>, StoreError> {
    use visits::Column;
    let code = match presented {
        Presented::Pass(_) | Presented::Handle(_) => {
            return lock_by(tx, Column::PassHash, presented.handle_hash()).await;
        }
        Presented::Code(typed) => pass::code_blind(keys, typed),
    };
    match lock_by(tx, Column::LiveCode, code.clone()).await? {
        Some(visit) => Ok(Some(visit)),
        None => lock_by(tx, Column::DeadCode, code).await,
    }
}

/// The visit with that word, which it must still have once everybody before us is done with it: a pass that was replaced
/// meanwhile is nobody's.
async fn lock_by(
    tx: &Tx,
    column: visits::Column,
    word: Option<Vec<u8>>,
) -> Result<Option<visits::Model>, StoreError> {
    let Some(word) = word else { return Ok(None) };
    let found = tx.find::<visits::Entity>().filter(column.eq(word.clone()));
    let Some(found) = found.descending(visits::Column::StartsAt).limit(1).one().await? else {
        return Ok(None);
    };
    let visit = lock_visit(tx, found.id).await?;
    Ok(visit.filter(|visit| {
        let present = match column {
            visits::Column::PassHash => &visit.pass_hash,
            visits::Column::LiveCode => &visit.live_code,
            _ => &visit.dead_code,
        };
        present.as_ref() == Some(&word)
    }))
}

/// The state, and with it a code that opens nothing any more: another visit may have it, and whose it was is still told.
pub(crate) fn ended<'a>(tx: &'a Tx, visit: &visits::Model, state: VisitState) -> Update<'a, visits::Entity> {
    let dead = visit.live_code.clone().or_else(|| visit.dead_code.clone());
    tx.update::<visits::Entity>()
        .set(visits::Column::State, state)
        .set(visits::Column::LiveCode, Option::<Vec<u8>>::None)
        .set(visits::Column::DeadCode, dead)
        .filter(visits::Column::Id.eq(visit.id))
}

/// A visit about which somebody decides: they may, and nobody else moves it until the transaction ends.
pub(crate) struct Decided {
    pub(crate) tx: Tx,
    pub(crate) visit: visits::Model,
    pub(crate) settings: Settings,
    pub(crate) may: MayDecide,
}

impl Decided {
    /// The state after that, now.
    pub(crate) fn step(&self, what: Happening) -> Result<VisitState, Refusal> {
        step(standing(&self.visit, &self.settings), what, self.tx.cx().now)
    }
}

/// Begins a decision about a visit, for whoever may make it.
pub(crate) async fn decide(
    visitors: &Visitors,
    cx: &Cx,
    id: VisitId,
    action: &'static str,
) -> Result<Decided, VisitError> {
    let seen = visit(&visitors.store.read(cx.tenant).await?, id).await?.ok_or(NotAllowed::Missing)?;
    let may = visitors.may_decide(cx, &seen, action).await?;
    // Made before the transaction: they may have to be written.
    visitors.vault.keys(cx.tenant).await?;
    let tx = visitors.store.begin(cx).await?;
    let visit = lock_visit(&tx, id).await?.ok_or(NotAllowed::Missing)?;
    let (settings, _) = settings::load(&tx).await?;
    Ok(Decided { tx, visit, settings, may })
}

/// A visit as its rules see it.
pub(crate) fn standing(visit: &visits::Model, settings: &Settings) -> Standing {
    Standing {
        state: visit.state,
        opens_at: visit.starts_at.minus(settings.opens_before()),
        ends_at: visit.ends_at,
        next_day: visit.arrived_at.and_then(|at| end_of_day(&day_at(at, &visit.zone), &visit.zone)),
    }
}

/// Of a guest who went and is expected on another day of the same visit: from when.
pub(crate) fn back_from(visit: &visits::Model) -> Option<Timestamp> {
    // What is set about the minutes before matters at most for the first hour of a visit that was moved.
    standing(visit, &Settings::default()).back_from()
}

/// Whether the guest went and is expected on another day of the same visit.
pub(crate) fn comes_again(visit: &visits::Model) -> bool {
    back_from(visit).is_some()
}

/// Whether the guest is still to come, for the first time or on another day of the visit.
pub(crate) fn is_awaited(visit: &visits::Model) -> bool {
    visit.state.is_expected() || comes_again(visit)
}

/// Whether the guest may still be let in, or is here: until then it matters whether the guard is to be asked.
pub(crate) fn is_open(visit: &visits::Model) -> bool {
    is_awaited(visit) || visit.state.is_here() || visit.state == VisitState::NoShow
}

/// The guest is here, in that state; what became of an earlier day of the visit is on the record only.
pub(crate) fn came<'a>(
    tx: &'a Tx,
    visit: &visits::Model,
    state: VisitState,
    at: Timestamp,
    way: VisitWay,
) -> Update<'a, visits::Entity> {
    use visits::Column;
    let admitted = state == VisitState::Admitted;
    tx.update::<visits::Entity>()
        .set(Column::State, state)
        .set(Column::ArrivedAt, Some(at))
        .set(Column::ArrivedHow, Some(way))
        .set(Column::AdmittedAt, admitted.then_some(at))
        .set(Column::AdmittedBy, tx.cx().actor.person().filter(|_| admitted))
        .set(Column::LeftAt, Option::<Timestamp>::None)
        .set(Column::LeftHow, Option::<VisitWay>::None)
        .set(Column::AnsweredAt, Option::<Timestamp>::None)
        .set(Column::AnsweredBy, Option::<PersonId>::None)
        .set(Column::Asked, 0_i64)
        .set(Column::UnansweredAt, Option::<Timestamp>::None)
        .filter(Column::Id.eq(visit.id))
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

/// Writes a visit that is still to come, with its pass, and says of which generation that is.
pub(crate) async fn expect_visit(
    tx: &Tx,
    keys: &TenantKeys,
    new: &NewVisit<'_>,
) -> Result<(VisitId, i64), Fault> {
    let id: VisitId = tx.cx().fresh_id();
    let pass = fresh_pass(tx, keys, id, 0).await?;
    let row = visits::ActiveModel {
        generation: Set(pass.generation),
        pass_hash: Set(pass.hash),
        live_code: Set(Some(pass.code)),
        page_hash: Set(Some(pass::page_hash(&pass::page(keys, id, 0)))),
        ..row(id, new, VisitState::Draft)
    };
    tx.insert::<visits::Entity>(row).await?;
    Ok((id, pass.generation))
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
        page_generation: Set(0),
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
