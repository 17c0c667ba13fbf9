//! Grants: who may do what to which, when and under which conditions.

use ipnet::IpNet;
use sekisho_kernel::{GroupId, PersonId, ResourceId, Timestamp};
use serde::{Deserialize, Serialize};
use uuid::Uuid;

use crate::ScheduleId;

sekisho_kernel::typed_id!(/// One grant.
    GrantId);

/// What a grant allows. The greater right holds the smaller ones.
#[derive(
    Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug, Serialize, Deserialize, utoipa::ToSchema,
)]
#[serde(rename_all = "snake_case")]
pub enum Right {
    /// See it and its history.
    View,
    /// Use it: exchange a key, pass a door, open a connection.
    Exchange,
    /// Change it and give rights on it.
    Manage,
}

impl Right {
    /// All rights, the smallest first.
    pub const ALL: [Self; 3] = [Self::View, Self::Exchange, Self::Manage];

    /// The word in tables, API and Cedar.
    pub const fn word(self) -> &'static str {
        match self {
            Self::View => "view",
            Self::Exchange => "exchange",
            Self::Manage => "manage",
        }
    }

    /// Back from [`Right::word`].
    pub fn from_word(word: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|right| right.word() == word)
    }

    /// Whether this right holds `asked`.
    pub fn holds(self, asked: Self) -> bool {
        self >= asked
    }
}

/// Who is given a right.
#[derive(
    Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug, Serialize, Deserialize, utoipa::ToSchema,
)]
#[serde(rename_all = "snake_case", tag = "kind", content = "id")]
pub enum Subject {
    /// One person.
    Person(PersonId),
    /// Everybody in a group, and in the groups within it.
    Group(GroupId),
}

impl Subject {
    /// The bare id.
    pub fn uuid(self) -> Uuid {
        match self {
            Self::Person(id) => id.uuid(),
            Self::Group(id) => id.uuid(),
        }
    }

    pub(crate) fn word(self) -> &'static str {
        match self {
            Self::Person(_) => "person",
            Self::Group(_) => "group",
        }
    }
}

/// What a right is given on.
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Debug, Serialize, Deserialize, utoipa::ToSchema)]
#[serde(rename_all = "snake_case", tag = "on")]
pub enum Target {
    /// A resource and everything within it: a key, a box, a group of keys, a site.
    Resource {
        /// Which.
        id: ResourceId,
    },
    /// Every resource of a kind, also future ones.
    AllOf {
        /// The kind's word: `key`, `box`, `door` …
        kind: String,
    },
    /// Everything of the tenant. [`Right::Manage`] here is what makes an administrator.
    Tenant,
}

/// What must hold at the moment of use, beside schedule and validity.
#[derive(Clone, PartialEq, Eq, Debug, Default, Serialize, Deserialize, utoipa::ToSchema)]
#[serde(default)]
pub struct Conditions {
    /// A second factor proved within so many seconds.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub step_up_within_s: Option<u32>,
    /// The request comes from one of these networks; empty means anywhere.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    #[schema(value_type = Vec<String>, example = json!(["192.0.2.0/24"]))]
    pub networks: Vec<IpNet>,
    /// A second person, who holds the same right, is there too.
    #[serde(skip_serializing_if = "std::ops::Not::not")]
    pub second_person: bool,
}

/// A grant to be given.
#[derive(Clone, PartialEq, Debug, Serialize, Deserialize, utoipa::ToSchema)]
pub struct NewGrant {
    /// To whom.
    pub subject: Subject,
    /// What.
    pub right: Right,
    /// On what.
    pub target: Target,
    /// When in the week; `None` means always.
    #[serde(default)]
    pub schedule: Option<ScheduleId>,
    /// Not before.
    #[serde(default)]
    pub valid_from: Option<Timestamp>,
    /// Not from then on.
    #[serde(default)]
    pub valid_until: Option<Timestamp>,
    /// What else must hold.
    #[serde(default)]
    pub conditions: Conditions,
    /// Why it is given, in the giver's words.
    #[serde(default)]
    pub note: String,
}

impl NewGrant {
    /// `right` on `target` for `subject`, always, without conditions.
    pub fn always(subject: Subject, right: Right, target: Target) -> Self {
        Self {
            subject,
            right,
            target,
            schedule: None,
            valid_from: None,
            valid_until: None,
            conditions: Conditions::default(),
            note: String::new(),
        }
    }
}

/// A grant as it was given.
#[derive(Clone, PartialEq, Debug, Serialize, utoipa::ToSchema)]
pub struct Grant {
    /// Which.
    pub id: GrantId,
    /// What it says.
    #[serde(flatten)]
    pub terms: NewGrant,
    /// Who gave it; `None` when Sekisho did.
    pub given_by: Option<PersonId>,
    /// When.
    pub given_at: Timestamp,
    /// When it was withdrawn; a withdrawn grant is kept for history and allows nothing.
    pub withdrawn_at: Option<Timestamp>,
}

impl Grant {
    /// Whether it stands and its validity holds at that moment.
    pub fn valid_at(&self, now: Timestamp) -> bool {
        self.withdrawn_at.is_none()
            && self.terms.valid_from.is_none_or(|from| from <= now)
            && self.terms.valid_until.is_none_or(|until| now < until)
    }
}

/// Told after every change of grants, groups, resources, schedules or rules, so that devices and sessions follow.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct RightsChanged {
    /// What changed, one word: `grant`, `withdraw`, `register`, `retire`, `place`, `join`, `leave`, `schedule`, `rules` …
    pub what: String,
    /// The revision after it.
    pub revision: i64,
    /// The people or groups it touches; empty when it may be anybody.
    pub subjects: Vec<Subject>,
    /// The resource it touches; `None` when it may be any.
    pub resource: Option<ResourceId>,
}

impl sekisho_storage::Event for RightsChanged {
    const NAME: &'static str = "policy.rights_changed";
}
