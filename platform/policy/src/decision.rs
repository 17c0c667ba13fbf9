//! Questions to the policy and its answers.

use std::marker::PhantomData;
use std::net::IpAddr;

use sekisho_kernel::{Kind, Kinded, PersonId, ResourceId, Timestamp};
use serde::Serialize;

use crate::{GrantId, PolicyError, Right, ScheduleId, Subject, Target, Window};

/// What is known at the moment of asking.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Facts {
    /// When the person last proved a second factor.
    pub verified_at: Option<Timestamp>,
    /// Where the request comes from.
    pub address: Option<IpAddr>,
    /// A second person who is there and has proved who they are.
    pub second_person: Option<PersonId>,
}

/// A question: may this person do this to that, now?
#[derive(Clone, Copy, Debug)]
pub struct Ask<'a> {
    /// Who.
    pub person: PersonId,
    /// Which right it takes.
    pub right: Right,
    /// What exactly, `noun.verb`: `key.take_out`. The tenant's rules can tell acts apart by it.
    pub action: &'a str,
    /// To what.
    pub resource: ResourceId,
    /// The IANA time zone in which schedules are read; empty means the zone of the site the resource lies in.
    pub zone: &'a str,
    /// What is known.
    pub facts: Facts,
}

/// The way from the person to the grant and from the resource to what the grant names.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, utoipa::ToSchema)]
pub struct Chain {
    /// The person, the groups between, and the grant's subject last.
    pub subjects: Vec<Subject>,
    /// The resource, what it lies in, and the grant's target last.
    pub targets: Vec<Target>,
}

/// One reason of a decision. Names are not in here; pages look them up.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, utoipa::ToSchema)]
#[serde(rename_all = "snake_case", tag = "reason")]
pub enum Reason {
    /// A grant allows it.
    GrantedBy {
        /// Which.
        grant: GrantId,
        /// By which way.
        #[serde(flatten)]
        chain: Chain,
    },
    /// Nobody gave this person such a right.
    NoGrant,
    /// The resource is not known, or no longer in use.
    NoSuchResource,
    /// The person may do nothing at all: left or suspended.
    PersonBarred,
    /// The grant begins later.
    NotYet {
        /// Which grant.
        grant: GrantId,
        /// When it begins.
        from: Timestamp,
    },
    /// The grant has ended.
    Expired {
        /// Which grant.
        grant: GrantId,
        /// When it ended.
        since: Timestamp,
    },
    /// The schedule is closed now.
    OutsideSchedule {
        /// Which grant.
        grant: GrantId,
        /// Its schedule.
        schedule: ScheduleId,
        /// When it opens next.
        next: Option<Window>,
    },
    /// A fresh second factor is needed.
    StepUpNeeded {
        /// Which grant.
        grant: GrantId,
        /// How fresh, in seconds.
        within_s: u32,
    },
    /// The address is not in the networks of the grant.
    NetworkNotAllowed {
        /// Which grant.
        grant: GrantId,
    },
    /// A second person with the same right must be there.
    SecondPersonNeeded {
        /// Which grant.
        grant: GrantId,
    },
    /// A rule of the tenant forbids it.
    ForbiddenByRule {
        /// The rule's id: its `@id` or its number.
        rule: String,
    },
    /// A rule of the tenant could not be evaluated, which forbids.
    RuleFailed {
        /// The rule's id.
        rule: String,
    },
}

impl Reason {
    /// The rule it names.
    pub fn rule(&self) -> Option<&str> {
        match self {
            Self::ForbiddenByRule { rule } | Self::RuleFailed { rule } => Some(rule),
            _ => None,
        }
    }

    /// The grant it names.
    pub fn grant(&self) -> Option<GrantId> {
        match self {
            Self::GrantedBy { grant, .. }
            | Self::NotYet { grant, .. }
            | Self::Expired { grant, .. }
            | Self::OutsideSchedule { grant, .. }
            | Self::StepUpNeeded { grant, .. }
            | Self::NetworkNotAllowed { grant }
            | Self::SecondPersonNeeded { grant } => Some(*grant),
            _ => None,
        }
    }
}

/// The answer. It goes into the audit entry as it is.
#[derive(Clone, Debug, PartialEq, Serialize, utoipa::ToSchema)]
pub struct Decision {
    /// Yes or no.
    pub allowed: bool,
    /// Why, the most telling first.
    pub reasons: Vec<Reason>,
    /// The grant it rests on.
    pub grant: Option<GrantId>,
    /// The ids of the Cedar policies that determined it.
    pub policies: Vec<String>,
    /// The revision of the tenant's rights it was answered from.
    pub revision: i64,
}

/// Proof that the policy allowed an act of type `A`. Functions that write demand it; only [`crate::Policy::permit`]
/// makes one.
#[derive(Debug)]
pub struct Permit<A> {
    /// Who.
    pub person: PersonId,
    /// To what.
    pub resource: ResourceId,
    /// Why.
    pub decision: Decision,
    act: PhantomData<fn() -> A>,
}

impl<A> Permit<A> {
    pub(crate) fn new(ask: &Ask<'_>, decision: Decision) -> Self {
        Self { person: ask.person, resource: ask.resource, decision, act: PhantomData }
    }
}

/// No permit.
#[derive(Debug, thiserror::Error)]
pub enum Refusal {
    /// The decision says no; its reasons are for administrators and the record, not for the outsider.
    #[error("the policy does not allow it")]
    Denied(Box<Decision>),
    /// There is no decision.
    #[error("the policy could not answer")]
    Unanswered(#[from] PolicyError),
}

impl Refusal {
    /// The decision, when there is one.
    pub fn decision(&self) -> Option<&Decision> {
        match self {
            Self::Denied(decision) => Some(decision),
            Self::Unanswered(_) => None,
        }
    }
}

impl Kinded for Refusal {
    fn kind(&self) -> Kind {
        match self {
            Self::Denied(_) => Kind::Denied,
            Self::Unanswered(error) => error.kind(),
        }
    }
}

/// A resource somebody can reach, now or within the grant's schedule.
#[derive(Clone, Debug, PartialEq, Serialize, utoipa::ToSchema)]
pub struct Reached {
    /// Which.
    pub resource: ResourceId,
    /// Its kind.
    pub kind: String,
    /// Its name.
    pub name: String,
    /// The grants that give it.
    pub grants: Vec<GrantId>,
    /// Why, one chain for each grant, in the same order.
    pub chains: Vec<Chain>,
    /// Whether a grant and the rules allow it at this moment, with a fresh second factor and from anywhere.
    pub now: bool,
}

/// A person who can do something to a resource.
#[derive(Clone, Debug, PartialEq, Serialize, utoipa::ToSchema)]
pub struct WhoCan {
    /// Who.
    pub person: PersonId,
    /// The greatest right they have.
    pub right: Right,
    /// The grants that give it.
    pub grants: Vec<GrantId>,
    /// Why, one chain for each grant, in the same order.
    pub chains: Vec<Chain>,
    /// Whether it is allowed at this moment, with a fresh second factor and from anywhere.
    pub now: bool,
}
