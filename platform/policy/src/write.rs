//! Changing rights, in the caller's transaction. Each change raises the tenant's revision and tells [`RightsChanged`].

use std::collections::HashSet;

use sea_orm::{ColumnTrait, Condition, IntoActiveModel};
use sekisho_kernel::{GroupId, PersonId, ResourceId, Timestamp};
use sekisho_storage::{JsonText, Scoped, Tx};
use uuid::Uuid;

use crate::snapshot::{MEMBER, NEST, PLACE, read_revision};
use crate::tables::{barred, edges, grants, resources, revisions, schedules};
use crate::{GrantId, NewGrant, Policy, PolicyError, Right, RightsChanged, Subject, Target};

/// The longest note or name.
const LONGEST_TEXT: usize = 500;
/// Rows of one INSERT; both engines limit the values of a statement.
const ROWS_AT_ONCE: usize = 500;

impl Policy {
    /// Gives a right. Whether the giver may is the use case's question.
    pub async fn grant(&self, tx: &mut Tx, new: NewGrant) -> Result<GrantId, PolicyError> {
        check_terms(tx, &new).await?;
        let rev = bump(tx, "grant", vec![new.subject], resource_of(&new.target)).await?;
        let id: GrantId = tx.cx().fresh_id();
        tx.insert::<grants::Entity>(row(tx, id, new, rev)).await?;
        Ok(id)
    }

    /// Gives many rights at once, as when a directory or a list is taken over; one revision, all or none.
    pub async fn grant_many(&self, tx: &mut Tx, many: Vec<NewGrant>) -> Result<Vec<GrantId>, PolicyError> {
        let mut known_targets = HashSet::new();
        for new in &many {
            // Most of a list names the same few things again and again.
            if known_targets.insert((new.target.clone(), new.schedule)) || new.valid_from.is_some() {
                check_terms(tx, new).await?;
            }
            check_note(new)?;
        }
        let rev = bump(tx, "grant", Vec::new(), None).await?;
        let mut ids = Vec::with_capacity(many.len());
        let mut rows = Vec::with_capacity(ROWS_AT_ONCE);
        for new in many {
            let id: GrantId = tx.cx().fresh_id();
            ids.push(id);
            rows.push(row(tx, id, new, rev).into_active_model());
            if rows.len() == ROWS_AT_ONCE {
                tx.insert_many::<grants::Entity>(std::mem::take(&mut rows)).await?;
            }
        }
        tx.insert_many::<grants::Entity>(rows).await?;
        Ok(ids)
    }

    /// Withdraws a grant; it stays for history.
    ///
    /// # Errors
    /// [`PolicyError::LastAdministrator`] when nobody would be left who may give rights.
    pub async fn withdraw(&self, tx: &mut Tx, id: GrantId) -> Result<(), PolicyError> {
        let row = find_grant(tx, id).await?;
        if row.withdrawn_at.is_some() {
            return Err(PolicyError::NoSuchGrant);
        }
        if row.target_kind == "tenant" && row.right == Right::Manage.word() {
            let others = tx
                .find::<grants::Entity>()
                .filter(
                    Condition::all()
                        .add(grants::Column::TargetKind.eq("tenant"))
                        .add(grants::Column::Right.eq(Right::Manage.word()))
                        .add(grants::Column::WithdrawnAt.is_null())
                        .add(grants::Column::ValidUntil.is_null())
                        .add(grants::Column::Id.ne(id)),
                )
                .exists()
                .await?;
            if !others {
                return Err(PolicyError::LastAdministrator);
            }
        }
        self.mark_withdrawn(tx, row, Some(tx.cx().now)).await
    }

    /// Takes a withdrawal back.
    pub async fn reinstate(&self, tx: &mut Tx, id: GrantId) -> Result<(), PolicyError> {
        let row = find_grant(tx, id).await?;
        if row.withdrawn_at.is_none() {
            return Err(PolicyError::NoSuchGrant);
        }
        self.mark_withdrawn(tx, row, None).await
    }

    async fn mark_withdrawn(
        &self,
        tx: &mut Tx,
        row: grants::Model,
        at: Option<Timestamp>,
    ) -> Result<(), PolicyError> {
        let (id, resource) = (row.id, row.target_id);
        let subject = crate::snapshot::read_grant(row)?.terms.subject;
        let what = if at.is_some() { "withdraw" } else { "grant" };
        let rev = bump(tx, what, vec![subject], resource).await?;
        tx.update::<grants::Entity>()
            .set(grants::Column::WithdrawnAt, at)
            .set(grants::Column::Rev, rev)
            .filter(grants::Column::Id.eq(id))
            .exec()
            .await?;
        Ok(())
    }

    /// Makes a resource known, or gives it another name or kind; a retired one comes back.
    pub async fn register(
        &self,
        tx: &mut Tx,
        resource: ResourceId,
        kind: &str,
        name: &str,
    ) -> Result<(), PolicyError> {
        check_text("name", name)?;
        check_text("kind", kind)?;
        let rev = bump(tx, "register", Vec::new(), Some(resource)).await?;
        let known = tx
            .update::<resources::Entity>()
            .set(resources::Column::Kind, kind)
            .set(resources::Column::Name, name)
            .set(resources::Column::Retired, false)
            .set(resources::Column::Rev, rev)
            .filter(resources::Column::Id.eq(resource))
            .exec()
            .await?;
        if known == 0 {
            tx.insert::<resources::Entity>(resources::Model {
                tenant_id: tx.cx().tenant,
                id: resource,
                kind: kind.to_owned(),
                name: name.to_owned(),
                zone: None,
                retired: false,
                rev,
            })
            .await?;
        }
        Ok(())
    }

    /// Says in which IANA time zone a resource (a site) and all that lies in it keep their schedules.
    pub async fn keep_time_of(
        &self,
        tx: &mut Tx,
        resource: ResourceId,
        zone: &str,
    ) -> Result<(), PolicyError> {
        if jiff::tz::TimeZone::get(zone).is_err() {
            return Err(PolicyError::UnknownZone(zone.to_owned()));
        }
        let rev = bump(tx, "register", Vec::new(), Some(resource)).await?;
        let known = tx
            .update::<resources::Entity>()
            .set(resources::Column::Zone, zone)
            .set(resources::Column::Rev, rev)
            .filter(resources::Column::Id.eq(resource))
            .exec()
            .await?;
        if known == 1 { Ok(()) } else { Err(PolicyError::NoSuchResource) }
    }

    /// A resource goes out of use: nothing is allowed on it any more. Its grants stay, for the day it comes back.
    pub async fn retire(&self, tx: &mut Tx, resource: ResourceId) -> Result<(), PolicyError> {
        let rev = bump(tx, "retire", Vec::new(), Some(resource)).await?;
        let known = tx
            .update::<resources::Entity>()
            .set(resources::Column::Retired, true)
            .set(resources::Column::Rev, rev)
            .filter(resources::Column::Id.eq(resource))
            .exec()
            .await?;
        if known == 1 { Ok(()) } else { Err(PolicyError::NoSuchResource) }
    }

    /// Puts a resource into another: a key into its box or group, a box onto its site. Grants on the outer reach the inner.
    pub async fn place_in(
        &self,
        tx: &mut Tx,
        child: ResourceId,
        parent: ResourceId,
    ) -> Result<(), PolicyError> {
        let rev = bump(tx, "place", Vec::new(), Some(child)).await?;
        set_edge(tx, child.uuid(), parent.uuid(), PLACE, true, rev).await
    }

    /// Takes a resource out of another.
    pub async fn take_out_of(
        &self,
        tx: &mut Tx,
        child: ResourceId,
        parent: ResourceId,
    ) -> Result<(), PolicyError> {
        let rev = bump(tx, "place", Vec::new(), Some(child)).await?;
        set_edge(tx, child.uuid(), parent.uuid(), PLACE, false, rev).await
    }

    /// A person joins a group.
    pub async fn join(&self, tx: &mut Tx, person: PersonId, group: GroupId) -> Result<(), PolicyError> {
        let rev = bump(tx, "join", vec![Subject::Person(person)], None).await?;
        set_edge(tx, person.uuid(), group.uuid(), MEMBER, true, rev).await
    }

    /// A person leaves a group.
    pub async fn leave(&self, tx: &mut Tx, person: PersonId, group: GroupId) -> Result<(), PolicyError> {
        let rev = bump(tx, "leave", vec![Subject::Person(person)], None).await?;
        set_edge(tx, person.uuid(), group.uuid(), MEMBER, false, rev).await
    }

    /// A group becomes part of another: its members have what the other has.
    pub async fn nest(&self, tx: &mut Tx, group: GroupId, within: GroupId) -> Result<(), PolicyError> {
        let rev = bump(tx, "join", vec![Subject::Group(group)], None).await?;
        set_edge(tx, group.uuid(), within.uuid(), NEST, true, rev).await
    }

    /// A group is no longer part of another.
    pub async fn unnest(&self, tx: &mut Tx, group: GroupId, within: GroupId) -> Result<(), PolicyError> {
        let rev = bump(tx, "leave", vec![Subject::Group(group)], None).await?;
        set_edge(tx, group.uuid(), within.uuid(), NEST, false, rev).await
    }

    /// A person may do nothing from now on (left, suspended), whatever grants say; or may again.
    pub async fn bar(&self, tx: &mut Tx, person: PersonId, is_barred: bool) -> Result<(), PolicyError> {
        let rev = bump(tx, "bar", vec![Subject::Person(person)], None).await?;
        let known = tx
            .update::<barred::Entity>()
            .set(barred::Column::Barred, is_barred)
            .set(barred::Column::Rev, rev)
            .filter(barred::Column::Id.eq(person))
            .exec()
            .await?;
        if known == 0 {
            let tenant_id = tx.cx().tenant;
            tx.insert::<barred::Entity>(barred::Model { tenant_id, id: person, barred: is_barred, rev })
                .await?;
        }
        Ok(())
    }
}

/// Raises the tenant's revision. Writers of one tenant queue on its row, so revisions commit in order.
pub(crate) async fn bump(
    tx: &mut Tx,
    what: &str,
    subjects: Vec<Subject>,
    resource: Option<ResourceId>,
) -> Result<i64, PolicyError> {
    let revision = loop {
        let known = read_revision(tx).await?;
        let raised = tx
            .update::<revisions::Entity>()
            .set(revisions::Column::Rev, known + 1)
            .filter(revisions::Column::Rev.eq(known))
            .exec()
            .await?;
        if raised == 1 {
            break known + 1;
        }
        if known == 0 {
            tx.insert::<revisions::Entity>(revisions::Model { tenant_id: tx.cx().tenant, rev: 1 }).await?;
            break 1;
        }
    };
    tx.publish(&RightsChanged { what: what.to_owned(), revision, subjects, resource }).await?;
    Ok(revision)
}

async fn set_edge(
    tx: &Tx,
    child: Uuid,
    parent: Uuid,
    what: &str,
    there: bool,
    rev: i64,
) -> Result<(), PolicyError> {
    if there && lies_within(tx, parent, child).await? {
        return Err(PolicyError::Circle);
    }
    let this = Condition::all().add(edges::Column::Child.eq(child)).add(edges::Column::Parent.eq(parent));
    let known = tx
        .update::<edges::Entity>()
        .set(edges::Column::Removed, !there)
        .set(edges::Column::Rev, rev)
        .filter(this)
        .exec()
        .await?;
    if known == 0 && there {
        tx.insert::<edges::Entity>(edges::Model {
            tenant_id: tx.cx().tenant,
            child,
            parent,
            what: what.to_owned(),
            removed: false,
            rev,
        })
        .await?;
    }
    Ok(())
}

/// Whether `inner` is `outer` or lies in it, as far as this transaction sees.
async fn lies_within(tx: &Tx, inner: Uuid, outer: Uuid) -> Result<bool, PolicyError> {
    let mut seen = vec![inner];
    let mut layer = vec![inner];
    while !layer.is_empty() {
        if layer.contains(&outer) {
            return Ok(true);
        }
        let above = tx
            .find::<edges::Entity>()
            .filter(
                Condition::all().add(edges::Column::Child.is_in(layer)).add(edges::Column::Removed.eq(false)),
            )
            .all()
            .await?;
        layer = above.into_iter().map(|edge| edge.parent).filter(|parent| !seen.contains(parent)).collect();
        seen.extend(layer.iter().copied());
    }
    Ok(false)
}

async fn find_grant(tx: &Tx, id: GrantId) -> Result<grants::Model, PolicyError> {
    tx.find::<grants::Entity>().filter(grants::Column::Id.eq(id)).one().await?.ok_or(PolicyError::NoSuchGrant)
}

fn row(tx: &Tx, id: GrantId, new: NewGrant, rev: i64) -> grants::Model {
    let (target_kind, target_id, target_word) = match new.target {
        Target::Resource { id } => ("resource", Some(id), None),
        Target::AllOf { kind } => ("all_of", None, Some(kind)),
        Target::Tenant => ("tenant", None, None),
    };
    grants::Model {
        tenant_id: tx.cx().tenant,
        id,
        subject_kind: new.subject.word().to_owned(),
        subject_id: new.subject.uuid(),
        right: new.right.word().to_owned(),
        target_kind: target_kind.to_owned(),
        target_id,
        target_word,
        schedule_id: new.schedule,
        valid_from: new.valid_from,
        valid_until: new.valid_until,
        conditions: JsonText(new.conditions),
        note: new.note,
        given_by: tx.cx().actor.person(),
        given_at: tx.cx().now,
        withdrawn_at: None,
        rev,
    }
}

fn check_note(new: &NewGrant) -> Result<(), PolicyError> {
    if new.note.chars().count() > LONGEST_TEXT {
        return Err(PolicyError::BadText("note"));
    }
    Ok(())
}

async fn check_terms(tx: &Tx, new: &NewGrant) -> Result<(), PolicyError> {
    check_note(new)?;
    if let (Some(from), Some(until)) = (new.valid_from, new.valid_until)
        && until <= from
    {
        return Err(PolicyError::EndsBeforeItBegins);
    }
    if let Target::Resource { id } = new.target {
        let this =
            Condition::all().add(resources::Column::Id.eq(id)).add(resources::Column::Retired.eq(false));
        if !tx.find::<resources::Entity>().filter(this).exists().await? {
            return Err(PolicyError::NoSuchResource);
        }
    }
    if let Some(id) = new.schedule {
        let this =
            Condition::all().add(schedules::Column::Id.eq(id)).add(schedules::Column::Removed.eq(false));
        if !tx.find::<schedules::Entity>().filter(this).exists().await? {
            return Err(PolicyError::NoSuchSchedule);
        }
    }
    Ok(())
}

pub(crate) fn check_text(field: &'static str, text: &str) -> Result<(), PolicyError> {
    if text.trim().is_empty() || text.chars().count() > LONGEST_TEXT {
        return Err(PolicyError::BadText(field));
    }
    Ok(())
}

fn resource_of(target: &Target) -> Option<ResourceId> {
    match target {
        Target::Resource { id } => Some(*id),
        Target::AllOf { .. } | Target::Tenant => None,
    }
}
