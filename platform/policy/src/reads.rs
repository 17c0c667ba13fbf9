//! Grants and resources as pages list them.

use std::collections::HashMap;

use sea_orm::{ColumnTrait, Condition};
use sekisho_kernel::{Cx, GroupId, PersonId, ResourceId};
use sekisho_storage::Scoped;
use serde::Serialize;
use uuid::Uuid;

use crate::snapshot::read_grant;
use crate::tables::{grants, resources};
use crate::{Grant, GrantId, Policy, PolicyError, Right, ScheduleId, Subject};

/// Which grants to list.
#[derive(Clone, Debug, Default)]
pub struct GrantFilter {
    /// Of these subjects only.
    pub subjects: Option<Vec<Subject>>,
    /// On these resources only.
    pub resources: Option<Vec<ResourceId>>,
    /// Of this right only.
    pub right: Option<Right>,
    /// Within this schedule only.
    pub schedule: Option<ScheduleId>,
    /// Withdrawn ones instead of those that stand.
    pub withdrawn: bool,
    /// Of one of these subjects or on one of these resources: what a search for a name found.
    pub either: Option<(Vec<Subject>, Vec<ResourceId>)>,
    /// From old to new instead of from new to old.
    pub oldest_first: bool,
    /// After this one in that order.
    pub after: Option<GrantId>,
}

/// A resource as lists and forms show it.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct KnownResource {
    /// Which.
    pub id: ResourceId,
    /// Its kind.
    pub kind: String,
    /// Its name.
    pub name: String,
    /// Out of use.
    pub retired: bool,
}

impl Policy {
    /// Grants in the order they were given.
    pub async fn grants(
        &self,
        scope: &impl Scoped,
        of: &GrantFilter,
        most: u64,
    ) -> Result<Vec<Grant>, PolicyError> {
        use grants::Column as C;
        let mut condition = Condition::all();
        if let Some(subjects) = &of.subjects {
            condition = condition.add(C::SubjectId.is_in(subjects.iter().map(|subject| subject.uuid())));
        }
        if let Some(resources) = &of.resources {
            condition = condition.add(C::TargetId.is_in(resources.iter().copied()));
        }
        if let Some(right) = of.right {
            condition = condition.add(C::Right.eq(right.word()));
        }
        if let Some(schedule) = of.schedule {
            condition = condition.add(C::ScheduleId.eq(schedule));
        }
        if let Some((subjects, resources)) = &of.either {
            condition = condition.add(
                Condition::any()
                    .add(C::SubjectId.is_in(subjects.iter().map(|subject| subject.uuid())))
                    .add(C::TargetId.is_in(resources.iter().copied())),
            );
        }
        if let Some(after) = of.after {
            condition = condition.add(if of.oldest_first { C::Id.gt(after) } else { C::Id.lt(after) });
        }
        condition =
            condition.add(if of.withdrawn { C::WithdrawnAt.is_not_null() } else { C::WithdrawnAt.is_null() });
        let rows =
            scope.find::<grants::Entity>().filter(condition).descending(C::Id).limit(most).all().await?;
        rows.into_iter().map(read_grant).collect()
    }

    /// One grant, also a withdrawn one.
    pub async fn find_grant(&self, scope: &impl Scoped, id: GrantId) -> Result<Grant, PolicyError> {
        let row = scope.find::<grants::Entity>().filter(grants::Column::Id.eq(id)).one().await?;
        read_grant(row.ok_or(PolicyError::NoSuchGrant)?)
    }

    /// Resources, by kind and name.
    pub async fn resources(&self, scope: &impl Scoped, most: u64) -> Result<Vec<KnownResource>, PolicyError> {
        use resources::Column as C;
        let query = scope.find::<resources::Entity>().filter(C::Retired.eq(false));
        let rows = query.ascending(C::Kind).ascending(C::Name).limit(most).all().await?;
        Ok(rows.into_iter().map(known).collect())
    }

    /// The resources of these ids, retired ones too; unknown ids are left out.
    pub async fn named(
        &self,
        scope: &impl Scoped,
        ids: &[ResourceId],
    ) -> Result<HashMap<ResourceId, KnownResource>, PolicyError> {
        let query =
            scope.find::<resources::Entity>().filter(resources::Column::Id.is_in(ids.iter().copied()));
        Ok(query.all().await?.into_iter().map(|row| (row.id, known(row))).collect())
    }

    /// All grants that stand, as the next decision sees them; `of` picks.
    pub async fn standing(&self, cx: &Cx, of: impl Fn(&Grant) -> bool) -> Result<Vec<Grant>, PolicyError> {
        let snapshot = self.snapshot(cx).await?;
        let mut picked: Vec<Grant> = snapshot
            .by_subject
            .values()
            .flat_map(|grants| grants.iter())
            .filter(|grant| of(grant))
            .map(|grant| Grant::clone(grant))
            .collect();
        picked.sort_by_key(|grant| grant.id);
        Ok(picked)
    }

    /// The groups a person belongs to, through however many others; nearest first.
    pub async fn groups_of(&self, cx: &Cx, person: PersonId) -> Result<Vec<GroupId>, PolicyError> {
        let snapshot = self.snapshot(cx).await?;
        Ok(snapshot.groups.above(person.uuid()).into_iter().skip(1).map(|step| GroupId(step.id)).collect())
    }

    /// The people in a group, also those of the groups within it.
    pub async fn members_of(&self, cx: &Cx, group: GroupId) -> Result<Vec<PersonId>, PolicyError> {
        let mut people = self.snapshot(cx).await?.people(Subject::Group(group));
        people.sort();
        Ok(people)
    }

    /// What a resource lies in, nearest first, and what lies in it.
    pub async fn around(
        &self,
        cx: &Cx,
        resource: ResourceId,
    ) -> Result<(Vec<ResourceId>, Vec<ResourceId>), PolicyError> {
        let snapshot = self.snapshot(cx).await?;
        let ids = |steps: Vec<crate::snapshot::Step>| {
            steps.into_iter().skip(1).map(|step| ResourceId(step.id)).collect()
        };
        let id: Uuid = resource.uuid();
        Ok((ids(snapshot.places.above(id)), ids(snapshot.places.below(id))))
    }
}

fn known(row: resources::Model) -> KnownResource {
    KnownResource { id: row.id, kind: row.kind, name: row.name, retired: row.retired }
}
