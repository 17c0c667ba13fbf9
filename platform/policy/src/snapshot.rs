//! The rights of one tenant, immutable in memory, indexed from both ends.

use std::collections::{HashMap, HashSet};
use std::sync::Arc;

use jiff::civil::Date;
use sea_orm::{ColumnTrait, Condition};
use sekisho_kernel::{GroupId, PersonId, ResourceId, TenantId, Timestamp};
use sekisho_storage::{JsonText, Scoped, StoreError};
use uuid::Uuid;

use crate::rules::Rules;
use crate::schedule::Compiled;
use crate::tables::{barred, calendars, edges, grants, resources, revisions, rules, schedules};
use crate::{CalendarId, Grant, NewGrant, NewSchedule, PolicyError, Right, ScheduleId, Subject, Target};

/// What lies in what: an acyclic graph, walked both ways.
#[derive(Clone, Default)]
pub(crate) struct Graph {
    up: HashMap<Uuid, Vec<Uuid>>,
    down: HashMap<Uuid, Vec<Uuid>>,
}

/// A node reached in a walk and the place in the walk it was reached from.
#[derive(Clone, Copy)]
pub(crate) struct Step {
    pub(crate) id: Uuid,
    pub(crate) from: Option<usize>,
}

impl Graph {
    fn set(&mut self, child: Uuid, parent: Uuid, there: bool) {
        for (map, key, value) in [(&mut self.up, child, parent), (&mut self.down, parent, child)] {
            let list = map.entry(key).or_default();
            list.retain(|id| *id != value);
            if there {
                list.push(value);
            } else if list.is_empty() {
                map.remove(&key);
            }
        }
    }

    /// `id` and everything it lies in, nearest first.
    pub(crate) fn above(&self, id: Uuid) -> Vec<Step> {
        Self::walk(&self.up, id)
    }

    /// `id` and everything that lies in it, nearest first.
    pub(crate) fn below(&self, id: Uuid) -> Vec<Step> {
        Self::walk(&self.down, id)
    }

    fn walk(map: &HashMap<Uuid, Vec<Uuid>>, start: Uuid) -> Vec<Step> {
        let mut steps = vec![Step { id: start, from: None }];
        let mut seen = HashSet::new();
        let mut at = 0;
        while let Some(step) = steps.get(at).copied() {
            for next in map.get(&step.id).into_iter().flatten() {
                if seen.is_empty() {
                    seen.insert(start);
                }
                if seen.insert(*next) {
                    steps.push(Step { id: *next, from: Some(at) });
                }
            }
            at += 1;
        }
        steps
    }
}

/// A resource as the policy knows it.
#[derive(Clone, Debug)]
pub(crate) struct Resource {
    pub(crate) kind: String,
    pub(crate) name: String,
    pub(crate) zone: Option<String>,
}

/// Rows read at a time.
const ROWS_AT_ONCE: u64 = 5_000;

type BySubject = HashMap<Subject, Vec<Arc<Grant>>>;

/// The rights of a tenant at one revision.
#[derive(Clone)]
pub(crate) struct Snapshot {
    pub(crate) tenant: TenantId,
    pub(crate) revision: i64,
    pub(crate) resources: HashMap<ResourceId, Arc<Resource>>,
    pub(crate) kinds: HashMap<String, Vec<ResourceId>>,
    /// Resource in resource.
    pub(crate) places: Arc<Graph>,
    /// Person in group, group in group.
    pub(crate) groups: Arc<Graph>,
    /// Those nodes of `groups` that lie in another and are groups themselves; the other inner nodes are people.
    nested: HashSet<Uuid>,
    pub(crate) by_target: HashMap<Target, Arc<BySubject>>,
    pub(crate) by_subject: HashMap<Subject, Arc<Vec<Arc<Grant>>>>,
    pub(crate) schedules: HashMap<ScheduleId, Arc<Compiled>>,
    pub(crate) barred: HashSet<PersonId>,
    pub(crate) rules: Arc<Rules>,
}

impl Snapshot {
    /// Before the first change.
    pub(crate) fn empty(tenant: TenantId) -> Self {
        Self {
            tenant,
            revision: 0,
            resources: HashMap::new(),
            kinds: HashMap::new(),
            places: Arc::default(),
            groups: Arc::default(),
            nested: HashSet::new(),
            by_target: HashMap::new(),
            by_subject: HashMap::new(),
            schedules: HashMap::new(),
            barred: HashSet::new(),
            rules: Arc::default(),
        }
    }

    /// Everybody who is the subject or in it, through however many groups.
    pub(crate) fn people(&self, subject: Subject) -> Vec<PersonId> {
        match subject {
            Subject::Person(person) => vec![person],
            Subject::Group(group) => self
                .groups
                .below(group.uuid())
                .into_iter()
                .skip(1)
                .filter(|step| !self.nested.contains(&step.id))
                .map(|step| PersonId(step.id))
                .collect(),
        }
    }

    /// Every resource that a target covers.
    pub(crate) fn covered(&self, target: &Target) -> Vec<ResourceId> {
        match target {
            Target::Resource { id } => self
                .places
                .below(id.uuid())
                .into_iter()
                .map(|step| ResourceId(step.id))
                .filter(|id| self.resources.contains_key(id))
                .collect(),
            Target::AllOf { kind } => self.kinds.get(kind).cloned().unwrap_or_default(),
            Target::Tenant => self.resources.keys().copied().collect(),
        }
    }

    /// The subjects a person acts as: themselves first, then their groups, nearest first.
    pub(crate) fn subjects(&self, person: PersonId) -> Vec<(Subject, Step)> {
        let mut walk = self.groups.above(person.uuid()).into_iter();
        let own = walk.next().map(|step| (Subject::Person(person), step));
        own.into_iter().chain(walk.map(|step| (Subject::Group(GroupId(step.id)), step))).collect()
    }

    /// The targets whose grants cover a resource: itself, what it lies in, all of its kind, the tenant.
    pub(crate) fn targets(&self, resource: ResourceId) -> Vec<(Target, Option<Step>)> {
        let mut targets: Vec<_> = self
            .places
            .above(resource.uuid())
            .into_iter()
            .map(|step| (Target::Resource { id: ResourceId(step.id) }, Some(step)))
            .collect();
        if let Some(known) = self.resources.get(&resource) {
            targets.push((Target::AllOf { kind: known.kind.clone() }, None));
        }
        targets.push((Target::Tenant, None));
        targets
    }

    /// The zone of the nearest place that has one.
    pub(crate) fn zone_of(&self, resource: ResourceId) -> Option<&str> {
        self.places
            .above(resource.uuid())
            .into_iter()
            .find_map(|step| self.resources.get(&ResourceId(step.id))?.zone.as_deref())
    }

    /// Whether a person may manage everything; validity counts, schedules and conditions are judged at the act.
    pub(crate) fn is_administrator(&self, person: PersonId, now: Timestamp) -> bool {
        !self.barred.contains(&person)
            && self.by_target.get(&Target::Tenant).is_some_and(|subjects| {
                self.subjects(person).iter().any(|(subject, _)| {
                    subjects
                        .get(subject)
                        .into_iter()
                        .flatten()
                        .any(|grant| grant.terms.right == Right::Manage && grant.valid_at(now))
                })
            })
    }

    pub(crate) fn set_resource(&mut self, id: ResourceId, resource: Option<Resource>) {
        if let Some(old) = self.resources.remove(&id)
            && let Some(list) = self.kinds.get_mut(&old.kind)
        {
            list.retain(|listed| *listed != id);
        }
        if let Some(resource) = resource {
            self.kinds.entry(resource.kind.clone()).or_default().push(id);
            self.resources.insert(id, Arc::new(resource));
        }
    }

    pub(crate) fn set_edge(&mut self, what: &str, child: Uuid, parent: Uuid, there: bool) {
        let graph = if what == PLACE { &mut self.places } else { &mut self.groups };
        if what == NEST {
            self.nested.insert(child);
        }
        Arc::make_mut(graph).set(child, parent, there);
    }

    pub(crate) fn set_grant(&mut self, grant: Grant) {
        let grant = Arc::new(grant);
        let put = |list: &mut Vec<Arc<Grant>>| {
            list.retain(|old| old.id != grant.id);
            if grant.withdrawn_at.is_none() {
                list.push(grant.clone());
            }
        };
        let subjects = Arc::make_mut(self.by_target.entry(grant.terms.target.clone()).or_default());
        put(subjects.entry(grant.terms.subject).or_default());
        put(Arc::make_mut(self.by_subject.entry(grant.terms.subject).or_default()));
    }

    /// Reads what changed since `self`'s revision and returns the newer snapshot.
    pub(crate) async fn updated(&self, scope: &impl Scoped) -> Result<Self, PolicyError> {
        let since = self.revision;
        let mut next = self.clone();
        let revision = read_revision(scope).await?;
        for row in scope.find::<resources::Entity>().filter(resources::Column::Rev.gt(since)).all().await? {
            let resource = Resource { kind: row.kind, name: row.name, zone: row.zone };
            next.set_resource(row.id, (!row.retired).then_some(resource));
        }
        for row in scope.find::<edges::Entity>().filter(edges::Column::Rev.gt(since)).all().await? {
            next.set_edge(&row.what, row.child, row.parent, !row.removed);
        }
        next.read_grants(scope, since).await?;
        for row in scope.find::<barred::Entity>().filter(barred::Column::Rev.gt(since)).all().await? {
            if row.barred {
                next.barred.insert(row.id);
            } else {
                next.barred.remove(&row.id);
            }
        }
        next.read_schedules(scope, since).await?;
        let newest =
            scope.find::<rules::Entity>().filter(rules::Column::Rev.gt(since)).descending(rules::Column::Rev);
        if let Some(row) = newest.one().await? {
            next.rules = Arc::new(Rules::saved(&row.text));
        }
        next.revision = revision;
        Ok(next)
    }

    /// Grants come in pieces, so that a first load does not hold all rows beside the snapshot made of them.
    async fn read_grants(&mut self, scope: &impl Scoped, since: i64) -> Result<(), PolicyError> {
        use grants::Column as C;
        let mut after = None;
        loop {
            let mut wanted = Condition::all().add(C::Rev.gt(since));
            if since == 0 {
                wanted = wanted.add(C::WithdrawnAt.is_null());
            }
            if let Some(after) = after {
                wanted = wanted.add(C::Id.gt(after));
            }
            let rows = scope
                .find::<grants::Entity>()
                .filter(wanted)
                .ascending(C::Id)
                .limit(ROWS_AT_ONCE)
                .all()
                .await?;
            let last = rows.last().map(|row| row.id);
            let more = u64::try_from(rows.len()).unwrap_or(u64::MAX) == ROWS_AT_ONCE;
            for row in rows {
                self.set_grant(read_grant(row)?);
            }
            if !more {
                return Ok(());
            }
            after = last;
        }
    }

    /// Schedules are few: when any of them or any calendar changed, all are read.
    async fn read_schedules(&mut self, scope: &impl Scoped, since: i64) -> Result<(), PolicyError> {
        let rows = scope.find::<schedules::Entity>().all().await?;
        let calendars = scope.find::<calendars::Entity>().all().await?;
        if rows.iter().map(|row| row.rev).chain(calendars.iter().map(|row| row.rev)).all(|rev| rev <= since) {
            return Ok(());
        }
        let days: HashMap<CalendarId, Vec<Date>> = calendars
            .into_iter()
            .filter(|row| !row.removed)
            .map(|row| (row.id, row.days.0.into_iter().map(|day| day.date).collect()))
            .collect();
        self.schedules = rows
            .into_iter()
            .filter(|row| !row.removed)
            .map(|row| {
                let terms = read_schedule(row.name, row.terms);
                let own = terms
                    .calendars
                    .iter()
                    .filter_map(|id| days.get(id))
                    .flatten()
                    .copied()
                    .collect::<Vec<_>>();
                (row.id, Arc::new(Compiled::new(&terms, own)))
            })
            .collect();
        Ok(())
    }
}

/// The word of an edge between resources.
pub(crate) const PLACE: &str = "place";
/// The word of an edge from a person to a group.
pub(crate) const MEMBER: &str = "member";
/// The word of an edge from a group to a group.
pub(crate) const NEST: &str = "nest";

/// The tenant's revision; 0 before the first change.
pub(crate) async fn read_revision(scope: &impl Scoped) -> Result<i64, StoreError> {
    Ok(scope.find::<revisions::Entity>().one().await?.map_or(0, |row| row.rev))
}

pub(crate) fn read_schedule(name: String, JsonText(terms): JsonText<crate::schedule::Terms>) -> NewSchedule {
    NewSchedule {
        name,
        week: terms.week,
        on_holidays: terms.on_holidays,
        japan: terms.japan,
        calendars: terms.calendars,
    }
}

pub(crate) fn read_grant(row: grants::Model) -> Result<Grant, PolicyError> {
    let unreadable = || PolicyError::Unreadable("policy_grants");
    let subject = match row.subject_kind.as_str() {
        "person" => Subject::Person(PersonId(row.subject_id)),
        "group" => Subject::Group(GroupId(row.subject_id)),
        _ => return Err(unreadable()),
    };
    let target = match (row.target_kind.as_str(), row.target_id, row.target_word) {
        ("resource", Some(id), _) => Target::Resource { id },
        ("all_of", _, Some(kind)) => Target::AllOf { kind },
        ("tenant", ..) => Target::Tenant,
        _ => return Err(unreadable()),
    };
    Ok(Grant {
        id: row.id,
        terms: NewGrant {
            subject,
            right: Right::from_word(&row.right).ok_or_else(unreadable)?,
            target,
            schedule: row.schedule_id,
            valid_from: row.valid_from,
            valid_until: row.valid_until,
            conditions: row.conditions.0,
            note: row.note,
        },
        given_by: row.given_by,
        given_at: row.given_at,
        withdrawn_at: row.withdrawn_at,
    })
}
