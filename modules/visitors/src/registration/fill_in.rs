//! A guest answers before the visit, on the personal page. The token in its address is their warrant. What is answered at one
//! appointment of a series stands for all of that guest's that are still to come.

use std::collections::BTreeMap;
use std::sync::Arc;

use sea_orm::ActiveValue::Set;
use sea_orm::{ColumnTrait, Condition};
use sekisho_crypto::{PersonalKey, Place, TenantKeys};
use sekisho_kernel::{Actor, AuditEntry, Cx};
use sekisho_storage::{JsonText, Scoped, StoreError, Tx};
use sekisho_web::Checks;
use uuid::Uuid;

use super::asks::{self, Asks};
use super::{answers, kept};
use crate::Visitors;
use crate::checks::VisitError;
use crate::events::GuestRegistered;
use crate::guest;
use crate::ids::VisitId;
use crate::ledger::{self, is_awaited, lock_visit, lock_visits, standing};
use crate::often;
use crate::registration::Answer;
use crate::series::appointments_of;
use crate::settings::{self, Settings};
use crate::tables::{guests, registrations, visits};
use crate::visit::{Happening, Refusal, step};
use crate::warrant::{NotAllowed, reason};

/// Where the answers of a visit lie.
pub(crate) fn answers_place(visit: VisitId) -> Place<'static> {
    Place { table: "visitors_registrations", column: "answers", row: visit.uuid() }
}

/// A guest who registers: their visit, those of the same series that are to come, and what is asked.
pub(crate) struct Registering {
    pub(crate) tx: Tx,
    pub(crate) visit: visits::Model,
    /// The visit, and with it those for which the same is asked.
    pub(crate) all: Vec<visits::Model>,
    pub(crate) asks: Asks,
    pub(crate) guest: guests::Model,
    pub(crate) key: PersonalKey,
    pub(crate) keys: Arc<TenantKeys>,
    settings: Settings,
}

/// For which visits something is given.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(crate) enum Reach {
    /// For the one alone.
    Visit,
    /// For all of the series that are to come, too.
    Series,
}

/// Begins, for the guest of that visit and nobody else. At the reception what is missing can still be filled in.
pub(crate) async fn begin(
    visitors: &Visitors,
    cx: &Cx,
    id: VisitId,
    reach: Reach,
    limit: &often::Limit,
) -> Result<Registering, VisitError> {
    if cx.actor != (Actor::Guest { id: id.uuid() }) {
        return Err(NotAllowed::Missing.into());
    }
    let keys = visitors.vault.keys(cx.tenant).await?;
    let tx = visitors.store.begin(cx).await?;
    let all = match reach {
        Reach::Visit => lock_visit(&tx, id).await?.into_iter().collect(),
        Reach::Series => lock_with_series(&tx, id).await?,
    };
    let visit = all.iter().find(|one| one.id == id).cloned().ok_or(NotAllowed::Missing)?;
    let (settings, _) = settings::load(&tx).await?;
    step(standing(&visit, &settings), Happening::Register, cx.now)?;
    if visit.ends_at <= cx.now && !visit.state.is_here() {
        return Err(Refusal::Over.into());
    }
    let guest = visit.guest_id.ok_or(NotAllowed::Missing)?;
    often::count(&tx, limit, guest.uuid()).await?;
    let (asks, _) = asks::load(&tx).await?;
    if asks.of_visit(&visit).is_none() {
        return Err(NotAllowed::Missing.into());
    }
    let guest = tx.find::<guests::Entity>().filter(guests::Column::Id.eq(guest)).one().await?;
    let guest = guest.ok_or(NotAllowed::Missing)?;
    let key = guest::key_of(&keys, &guest)?.ok_or(NotAllowed::Missing)?;
    Ok(Registering { tx, visit, all, asks, guest, key, keys, settings })
}

/// The visit and the same guest's others of the series that are to come, each behind everybody else who moves it.
async fn lock_with_series(tx: &Tx, id: VisitId) -> Result<Vec<visits::Model>, VisitError> {
    let seen = ledger::visit(tx, id).await?.ok_or(NotAllowed::Missing)?;
    let appointment = match seen.appointment_id {
        Some(appointment) => ledger::appointment(tx, appointment).await?,
        None => None,
    };
    let Some(series) = appointment.and_then(|row| row.series_id) else {
        return Ok(lock_visit(tx, id).await?.into_iter().collect());
    };
    let of = appointments_of(tx, series).await?;
    let theirs = Condition::all()
        .add(visits::Column::GuestId.eq(seen.guest_id))
        .add(visits::Column::AppointmentId.is_in(of.iter().map(|row| row.id)));
    let mut all = lock_visits(tx, theirs).await?;
    let now = tx.cx().now;
    all.retain(|one| {
        let coming = is_awaited(one) && one.ends_at > now && one.page_hash.is_some();
        one.id == id || (one.kind == seen.kind && coming)
    });
    Ok(all)
}

impl Registering {
    /// Who has nothing left to do is registered.
    pub(crate) async fn settle(&self) -> Result<(), VisitError> {
        let missing = kept::missing_of(&self.tx, &self.all).await?;
        let done = |visit: &&visits::Model| {
            missing.get(&visit.id).is_none_or(|missing| missing.fields.is_empty() && !missing.agreement)
        };
        for visit in self.all.iter().filter(done) {
            let now = self.tx.cx().now;
            let Ok(next) = step(standing(visit, &self.settings), Happening::Register, now) else { continue };
            if next != visit.state {
                self.tx
                    .update::<visits::Entity>()
                    .set(visits::Column::State, next)
                    .filter(visits::Column::Id.eq(visit.id))
                    .exec()
                    .await?;
            }
        }
        Ok(())
    }

    /// Tells whoever looks, and writes the act down.
    pub(crate) async fn commit(mut self, entry: AuditEntry) -> Result<(), VisitError> {
        self.settle().await?;
        let id = self.visit.id;
        let fact = GuestRegistered {
            visit: id,
            appointment: self.visit.appointment_id,
            host: self.visit.host_id,
            at: self.tx.cx().now,
        };
        self.tx.publish(&fact).await?;
        let entry = entry.on("visit", id, "").decided(reason("personal_page", id)).with("way", "page");
        Ok(self.tx.commit(entry.with("visits", self.all.len())).await?)
    }

    /// What the guest answered before.
    async fn before(&self) -> Result<Vec<Answer>, VisitError> {
        let this = registrations::Column::Id.eq(self.visit.id);
        let row = self.tx.find::<registrations::Entity>().filter(this).one().await?;
        let row = row.filter(|row| kept::is_theirs(&self.visit, row.guest_id, row.page_generation));
        Ok(row.map(|row| opened(&self.key, &row)).transpose()?.unwrap_or_default())
    }
}

/// The answers, opened.
pub(crate) fn opened(key: &PersonalKey, row: &registrations::Model) -> Result<Vec<Answer>, VisitError> {
    let plain = key.open(&answers_place(row.id), &row.answers)?;
    Ok(serde_json::from_slice(&plain).unwrap_or_default())
}

/// Keeps what the guest of a visit typed, by field.
pub(crate) async fn fill_in(
    visitors: &Visitors,
    cx: &Cx,
    id: VisitId,
    typed: &BTreeMap<Uuid, String>,
) -> Result<(), VisitError> {
    let mut at = begin(visitors, cx, id, Reach::Series, &often::FILLED).await?;
    if at.visit.state.is_here() {
        // Only what this visit lacks is filled in: what was answered for the others since then stands.
        at.all.retain(|one| one.id == id);
    }
    let fields = at.asks.of_visit(&at.visit).map(|asks| asks.fields.clone()).unwrap_or_default();
    let before = at.before().await?;
    let mut checks = Checks::default();
    let given = answers::read(&mut checks, &fields, typed, &before, at.visit.state.is_here());
    checks.done::<VisitError>()?;
    write(&at, &given).await?;
    at.commit(AuditEntry::done("visit.register").with("answers", given.len())).await
}

async fn write(at: &Registering, given: &[Answer]) -> Result<(), StoreError> {
    use registrations::Column;
    let plain = serde_json::to_vec(given).unwrap_or_default();
    let answered: Vec<Uuid> = given.iter().map(|one| one.field).collect();
    let row = |visit: &visits::Model| registrations::ActiveModel {
        tenant_id: Set(at.tx.cx().tenant),
        id: Set(visit.id),
        guest_id: Set(at.guest.id),
        page_generation: Set(visit.page_generation),
        answers: Set(at.key.seal(&answers_place(visit.id), &plain)),
        answered: Set(JsonText(answered.clone())),
        given_at_visit: Set(at.visit.id),
        given_at: Set(at.tx.cx().now),
    };
    let columns = [
        Column::GuestId,
        Column::PageGeneration,
        Column::Answers,
        Column::Answered,
        Column::GivenAtVisit,
        Column::GivenAt,
    ];
    at.tx.overwrite_many::<registrations::Entity>(at.all.iter().map(row).collect(), &columns).await
}
