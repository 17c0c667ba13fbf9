//! Named groups of people. Who is a member stands here; the policy keeps the same edge for its decisions.

use std::collections::HashMap;

use sea_orm::ActiveValue::Set;
use sea_orm::ColumnTrait;
use sekisho_kernel::{AuditEntry, Cx, FieldError, GroupId, PersonId, Timestamp};
use sekisho_storage::{JsonText, Scoped, StoreError, Tx};
use serde::Serialize;

use crate::administrator::Administrator;
use crate::error::refusals;
use crate::events::MembershipChanged;
use crate::person::{PersonState, read_name};
use crate::tables::groups::{ActiveModel, Column, Entity, Model};
use crate::tables::{members, people};
use crate::{Broken, Identity};

refusals! {
    /// Why a group was not changed.
    GroupError {
        /// No such group or person.
        Missing => Missing, "error-missing", "there is no such group or person";
        /// Fields are wrong.
        Invalid(fields: Vec<FieldError>) => Invalid(fields.clone()), "error-invalid", "invalid group";
        /// People are still in it.
        NotEmpty => Refused, "identity-group-not-empty", "people are still in the group";
    }
}

/// A named group of people.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, utoipa::ToSchema)]
pub struct Group {
    /// Which.
    pub id: GroupId,
    /// Its name.
    pub name: String,
    /// What it is for.
    pub note: String,
    /// When it was made.
    pub created_at: Timestamp,
}

impl From<Model> for Group {
    fn from(row: Model) -> Self {
        Self { id: row.id, name: row.name, note: row.note, created_at: row.created_at }
    }
}

fn read(name: &str) -> Result<String, GroupError> {
    read_name(name)
        .ok_or_else(|| GroupError::Invalid(vec![FieldError { field: "name", text: "identity-name-bad" }]))
}

fn name_taken(error: StoreError) -> GroupError {
    if error.is_duplicate_of("identity_groups", &["name"]) {
        GroupError::Invalid(vec![FieldError { field: "name", text: "identity-group-name-taken" }])
    } else {
        error.into()
    }
}

impl Identity {
    /// All groups by name.
    pub async fn groups(&self, scope: &impl Scoped) -> Result<Vec<Group>, StoreError> {
        Ok(scope.find::<Entity>().ascending(Column::Name).all().await?.into_iter().map(Group::from).collect())
    }

    /// One group.
    pub async fn group(&self, scope: &impl Scoped, id: GroupId) -> Result<Option<Group>, StoreError> {
        Ok(scope.find::<Entity>().filter(Column::Id.eq(id)).one().await?.map(Group::from))
    }

    /// The groups somebody is in, by name.
    pub async fn groups_of(&self, scope: &impl Scoped, person: PersonId) -> Result<Vec<Group>, StoreError> {
        let rows = scope.find::<members::Entity>().filter(members::Column::Person.eq(person)).all().await?;
        let ids: Vec<GroupId> = rows.into_iter().map(|row| row.group_id).collect();
        let rows = scope.find::<Entity>().filter(Column::Id.is_in(ids)).ascending(Column::Name).all().await?;
        Ok(rows.into_iter().map(Group::from).collect())
    }

    /// The members of a group.
    pub async fn members(&self, scope: &impl Scoped, group: GroupId) -> Result<Vec<PersonId>, StoreError> {
        let rows = scope.find::<members::Entity>().filter(members::Column::GroupId.eq(group)).all().await?;
        Ok(rows.into_iter().map(|row| row.person).collect())
    }

    /// The members of a group who are active, at most so many.
    pub async fn active_members(
        &self,
        scope: &impl Scoped,
        group: GroupId,
        most: u64,
    ) -> Result<Vec<PersonId>, StoreError> {
        let mut active = Vec::new();
        for part in self.members(scope, group).await?.chunks(500) {
            let left = most.saturating_sub(u64::try_from(active.len()).unwrap_or(u64::MAX));
            if left == 0 {
                break;
            }
            let rows = scope
                .find::<people::Entity>()
                .filter(people::Column::Id.is_in(part.iter().copied()))
                .filter(people::Column::State.eq(JsonText(PersonState::Active)))
                .ascending(people::Column::Id)
                .limit(left)
                .all()
                .await?;
            active.extend(rows.into_iter().map(|row| row.id));
        }
        Ok(active)
    }

    /// How many members each group has.
    pub async fn member_counts(&self, scope: &impl Scoped) -> Result<HashMap<GroupId, u64>, StoreError> {
        let mut counts = HashMap::new();
        for row in scope.find::<members::Entity>().all().await? {
            *counts.entry(row.group_id).or_insert(0) += 1;
        }
        Ok(counts)
    }

    /// Makes a group.
    pub async fn make_group(
        &self,
        cx: &Cx,
        _by: Administrator,
        name: &str,
        note: &str,
    ) -> Result<GroupId, GroupError> {
        let name = read(name)?;
        let tx = self.store().begin(cx).await?;
        let id: GroupId = cx.fresh_id();
        tx.insert::<Entity>(ActiveModel {
            tenant_id: Set(cx.tenant),
            id: Set(id),
            name: Set(name.clone()),
            note: Set(note.trim().chars().take(500).collect()),
            created_at: Set(cx.now),
        })
        .await
        .map_err(name_taken)?;
        tx.commit(AuditEntry::done("group.make").on("group", id, name)).await?;
        Ok(id)
    }

    /// Changes a group's name and note.
    pub async fn edit_group(
        &self,
        cx: &Cx,
        _by: Administrator,
        id: GroupId,
        name: &str,
        note: &str,
    ) -> Result<(), GroupError> {
        let name = read(name)?;
        let tx = self.store().begin(cx).await?;
        let changed = tx
            .update::<Entity>()
            .set(Column::Name, name.clone())
            .set(Column::Note, note.trim().chars().take(500).collect::<String>())
            .filter(Column::Id.eq(id))
            .exec()
            .await
            .map_err(name_taken)?;
        if changed == 0 {
            return Err(GroupError::Missing);
        }
        tx.commit(AuditEntry::done("group.edit").on("group", id, name)).await?;
        Ok(())
    }

    /// Dissolves an empty group. Grants given to it remain in the record and reach nobody.
    pub async fn dissolve_group(&self, cx: &Cx, _by: Administrator, id: GroupId) -> Result<(), GroupError> {
        let tx = self.store().begin(cx).await?;
        let group = self.group(&tx, id).await?.ok_or(GroupError::Missing)?;
        if !self.members(&tx, id).await?.is_empty() {
            return Err(GroupError::NotEmpty);
        }
        tx.delete::<Entity>().filter(Column::Id.eq(id)).exec().await?;
        tx.commit(AuditEntry::done("group.dissolve").on("group", id, group.name)).await?;
        Ok(())
    }

    /// Puts somebody into a group.
    pub async fn join_group(
        &self,
        cx: &Cx,
        _by: Administrator,
        group: GroupId,
        person: PersonId,
    ) -> Result<(), GroupError> {
        let mut tx = self.store().begin(cx).await?;
        if !self.is_active(&tx, person).await? || !self.add_member(&mut tx, group, person).await? {
            return Err(GroupError::Missing);
        }
        tx.commit(AuditEntry::done("group.join").on("group", group, "").with("person", person)).await?;
        Ok(())
    }

    /// Takes somebody out of a group.
    pub async fn leave_group(
        &self,
        cx: &Cx,
        _by: Administrator,
        group: GroupId,
        person: PersonId,
    ) -> Result<(), GroupError> {
        let mut tx = self.store().begin(cx).await?;
        if !self.remove_member(&mut tx, group, person).await? {
            return Err(GroupError::Missing);
        }
        tx.commit(AuditEntry::done("group.leave").on("group", group, "").with("person", person)).await?;
        Ok(())
    }

    /// Adds the membership; `false` when there is no such group. Being in it already is fine.
    pub(crate) async fn add_member(
        &self,
        tx: &mut Tx,
        group: GroupId,
        person: PersonId,
    ) -> Result<bool, Broken> {
        if self.group(tx, group).await?.is_none() {
            return Ok(false);
        }
        let there = tx
            .find::<members::Entity>()
            .filter(members::Column::GroupId.eq(group))
            .filter(members::Column::Person.eq(person));
        if there.exists().await? {
            return Ok(true);
        }
        tx.insert::<members::Entity>(members::ActiveModel {
            tenant_id: Set(tx.cx().tenant),
            id: Set(tx.cx().fresh_id()),
            group_id: Set(group),
            person: Set(person),
            since: Set(tx.cx().now),
        })
        .await?;
        self.policy().join(tx, person, group).await?;
        tx.publish(&MembershipChanged { group, person, member: true }).await?;
        Ok(true)
    }

    /// Removes the membership; `false` when there was none.
    pub(crate) async fn remove_member(
        &self,
        tx: &mut Tx,
        group: GroupId,
        person: PersonId,
    ) -> Result<bool, Broken> {
        let removed = tx
            .delete::<members::Entity>()
            .filter(members::Column::GroupId.eq(group))
            .filter(members::Column::Person.eq(person))
            .exec()
            .await?;
        if removed == 0 {
            return Ok(false);
        }
        self.policy().leave(tx, person, group).await?;
        tx.publish(&MembershipChanged { group, person, member: false }).await?;
        Ok(true)
    }
}
