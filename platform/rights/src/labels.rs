//! Ids into names and links: everything a page shows of subjects, targets and grants.

use std::collections::HashMap;

use sekisho_kernel::{Cx, ResourceId};
use sekisho_policy::{Grant, KnownResource, Reason, Right, Schedule, Subject, Target};
use sekisho_web::{Markup, Result, Texts};

use crate::Rights;

/// The names a page needs, looked up together.
#[derive(Default)]
pub(crate) struct Named {
    pub(crate) subjects: HashMap<Subject, String>,
    pub(crate) resources: HashMap<ResourceId, KnownResource>,
    pub(crate) schedules: Vec<Schedule>,
}

impl Named {
    /// The names in the words of a reader.
    pub(crate) fn labels(&self, t: &Texts) -> Labels<'_> {
        Labels { t: t.clone(), names: self }
    }
}

/// Named in the words of a reader.
pub(crate) struct Labels<'a> {
    t: Texts,
    names: &'a Named,
}

/// What a page is going to name.
#[derive(Default)]
pub(crate) struct Wanted {
    subjects: Vec<Subject>,
    resources: Vec<ResourceId>,
}

impl Wanted {
    pub(crate) fn subject(&mut self, subject: Subject) {
        if !self.subjects.contains(&subject) {
            self.subjects.push(subject);
        }
    }

    pub(crate) fn target(&mut self, target: &Target) {
        if let Target::Resource { id } = target
            && !self.resources.contains(id)
        {
            self.resources.push(*id);
        }
    }

    pub(crate) fn grant(&mut self, grant: &Grant) {
        self.subject(grant.terms.subject);
        self.target(&grant.terms.target);
        if let Some(giver) = grant.given_by {
            self.subject(Subject::Person(giver));
        }
    }

    pub(crate) fn reason(&mut self, reason: &Reason) {
        if let Reason::GrantedBy { chain, .. } = reason {
            chain.subjects.iter().for_each(|subject| self.subject(*subject));
            chain.targets.iter().for_each(|target| self.target(target));
        }
    }
}

impl Rights {
    pub(crate) async fn names_of(&self, cx: &Cx, wanted: &Wanted) -> Result<Named> {
        let subjects = self.names.of(cx, &wanted.subjects).await?;
        let scope = self.store.read(cx.tenant).await?;
        let resources = self.policy.named(&scope, &wanted.resources).await?;
        let schedules = self.policy.schedules(&scope).await?;
        Ok(Named { subjects, resources, schedules })
    }
}

impl Labels<'_> {
    pub(crate) fn schedules(&self) -> &[Schedule] {
        &self.names.schedules
    }

    pub(crate) fn schedule(&self, id: sekisho_policy::ScheduleId) -> String {
        let known = self.names.schedules.iter().find(|schedule| schedule.id == id);
        known.map_or_else(|| self.t.get("rights-gone"), |schedule| schedule.terms.name.clone())
    }

    pub(crate) fn subject(&self, subject: Subject) -> String {
        self.names.subjects.get(&subject).cloned().unwrap_or_else(|| self.t.get("rights-gone"))
    }

    pub(crate) fn target(&self, target: &Target) -> String {
        match target {
            Target::Resource { id } => self
                .names
                .resources
                .get(id)
                .map_or_else(|| self.t.get("rights-gone"), |known| known.name.clone()),
            Target::AllOf { kind } => {
                self.t.with("rights-target-all-of", [("kind", kind_word(&self.t, kind))])
            }
            Target::Tenant => self.t.get("rights-target-tenant"),
        }
    }

    /// The kind of what a target names, in words; empty for "everything".
    pub(crate) fn target_kind(&self, target: &Target) -> String {
        match target {
            Target::Resource { id } => {
                self.names.resources.get(id).map_or_else(String::new, |known| kind_word(&self.t, &known.kind))
            }
            Target::AllOf { .. } | Target::Tenant => String::new(),
        }
    }

    pub(crate) fn subject_link(&self, subject: Subject) -> Markup {
        link(&subject_href(subject), &self.subject(subject))
    }

    pub(crate) fn target_link(&self, target: &Target) -> Markup {
        match target {
            Target::Resource { id } => link(&format!("/rights?resource={id}"), &self.target(target)),
            Target::AllOf { .. } | Target::Tenant => Markup::text(self.target(target)),
        }
    }
}

/// Where a person or group is shown.
pub(crate) fn subject_href(subject: Subject) -> String {
    match subject {
        Subject::Person(id) => format!("/people/{id}"),
        Subject::Group(id) => format!("/people/groups/{id}"),
    }
}

pub(crate) fn link(href: &str, words: &str) -> Markup {
    Markup::raw(format!("<a href=\"{}\">{}</a>", Markup::text(href), Markup::text(words)))
}

/// The word for a kind of resource; modules bring more of them as `rights-kind-…`.
pub(crate) fn kind_word(t: &Texts, kind: &str) -> String {
    let id = format!("rights-kind-{}", kind.replace('_', "-"));
    if t.has(&id) { t.get(&id) } else { kind.to_owned() }
}

pub(crate) fn right_word(t: &Texts, right: Right) -> String {
    t.get(match right {
        Right::View => "rights-right-view",
        Right::Exchange => "rights-right-exchange",
        Right::Manage => "rights-right-manage",
    })
}

/// A subject as forms and addresses carry it.
pub(crate) fn subject_value(subject: Subject) -> String {
    match subject {
        Subject::Person(id) => format!("person:{id}"),
        Subject::Group(id) => format!("group:{id}"),
    }
}

pub(crate) fn read_subject(value: &str) -> Option<Subject> {
    match value.split_once(':')? {
        ("person", id) => id.parse().ok().map(Subject::Person),
        ("group", id) => id.parse().ok().map(Subject::Group),
        _ => None,
    }
}

/// A target as forms and addresses carry it.
pub(crate) fn target_value(target: &Target) -> String {
    match target {
        Target::Resource { id } => format!("resource:{id}"),
        Target::AllOf { kind } => format!("all:{kind}"),
        Target::Tenant => "tenant".to_owned(),
    }
}

pub(crate) fn read_target(value: &str) -> Option<Target> {
    match value.split_once(':') {
        None if value == "tenant" => Some(Target::Tenant),
        Some(("resource", id)) => id.parse().ok().map(|id| Target::Resource { id }),
        Some(("all", kind)) if !kind.is_empty() => Some(Target::AllOf { kind: kind.to_owned() }),
        _ => None,
    }
}
