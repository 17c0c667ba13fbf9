//! Who was asked to meet a guest who waits. Whoever was asked may answer and sees that visit, whatever changes afterwards.

use sea_orm::ActiveValue::Set;
use sea_orm::sea_query::{Query, SelectStatement};
use sea_orm::{ColumnTrait, Condition};
use sekisho_host::Fault;
use sekisho_kernel::{GroupId, PersonId, TenantId, Timestamp};
use sekisho_storage::{Scoped, StoreError, Tx};

use crate::Visitors;
use crate::ids::VisitId;
use crate::tables::asked::{ActiveModel, Column, Entity};
use crate::tables::visits;

/// The most people of a department who are told of one guest or delivery.
const MOST_OF_A_DEPARTMENT: u64 = 50;

/// Who works in that department and is told what it is told.
pub(crate) async fn department(
    visitors: &Visitors,
    scope: &impl Scoped,
    group: GroupId,
) -> Result<Vec<PersonId>, Fault> {
    Ok(visitors.identity.active_members(scope, group, MOST_OF_A_DEPARTMENT).await?)
}

/// Who was asked so far about the present arrival, beside the host.
pub(crate) async fn those(scope: &impl Scoped, visit: &visits::Model) -> Result<Vec<PersonId>, StoreError> {
    let since = visit.arrived_at.unwrap_or(Timestamp::EPOCH);
    let this = Condition::all().add(Column::VisitId.eq(visit.id)).add(Column::At.gte(since));
    let rows = scope.find::<Entity>().filter(this).all().await?;
    Ok(rows.into_iter().map(|row| row.person_id).collect())
}

/// Whether that person was.
pub(crate) async fn was_asked(
    scope: &impl Scoped,
    visit: VisitId,
    person: PersonId,
) -> Result<bool, StoreError> {
    let this = Condition::all().add(Column::VisitId.eq(visit)).add(Column::PersonId.eq(person));
    scope.find::<Entity>().filter(this).exists().await
}

/// Which of those visits somebody was asked about.
pub(crate) async fn about(
    scope: &impl Scoped,
    person: PersonId,
    visits: Vec<VisitId>,
) -> Result<Vec<VisitId>, StoreError> {
    let these = Condition::all().add(Column::PersonId.eq(person)).add(Column::VisitId.is_in(visits));
    let rows = scope.find::<Entity>().filter(these).all().await?;
    Ok(rows.into_iter().map(|row| row.visit_id).collect())
}

/// Writes down that they are asked, perhaps once more: the guest may come on several days.
pub(crate) async fn write_down(tx: &Tx, visit: VisitId, people: &[PersonId]) -> Result<(), StoreError> {
    let rows = people
        .iter()
        .map(|person| ActiveModel {
            tenant_id: Set(tx.cx().tenant),
            visit_id: Set(visit),
            person_id: Set(*person),
            at: Set(tx.cx().now),
        })
        .collect();
    tx.overwrite_many::<Entity>(rows, &[Column::At]).await
}

/// The visits somebody was asked about. A sub-select names the tenant itself.
pub(crate) fn visits_of(tenant: TenantId, person: PersonId) -> SelectStatement {
    Query::select()
        .column(Column::VisitId)
        .from(Entity)
        .and_where(Column::TenantId.eq(tenant))
        .and_where(Column::PersonId.eq(person))
        .to_owned()
}
