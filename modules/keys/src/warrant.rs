//! On what an act rests: a decision of the policy, a booking or a keycode. Nothing is written without one.

use sekisho_host::Fault;
use sekisho_kernel::{AuditEntry, Cx, Kind, Kinded, PersonId, ResourceId};
use sekisho_policy::{Ask, Decision, Facts, Permit, Reason, Refusal, Right};
use serde_json::{Value, json};

use crate::Keys;

/// Why somebody may not do something.
#[derive(Debug, thiserror::Error)]
pub enum NotAllowed {
    /// There is no such thing, as far as this person may know.
    #[error("there is no such thing for this person")]
    Missing,
    /// The person knows of it, but may not do this now.
    #[error("not allowed")]
    Denied(Box<Decision>),
    /// There is no answer.
    #[error("no decision")]
    Fault(#[from] Fault),
}

impl Kinded for NotAllowed {
    fn kind(&self) -> Kind {
        match self {
            Self::Missing => Kind::Missing,
            Self::Denied(_) => Kind::Denied,
            Self::Fault(fault) => fault.kind(),
        }
    }

    fn text(&self) -> &'static str {
        match self {
            Self::Missing => "error-missing",
            Self::Denied(decision) => denial_text(decision),
            Self::Fault(_) => "error-broken",
        }
    }
}

impl NotAllowed {
    /// The decision, when it was one.
    pub fn decision(&self) -> Option<&Decision> {
        match self {
            Self::Denied(decision) => Some(decision),
            _ => None,
        }
    }
}

/// What an act asks of the policy.
pub(crate) struct Act<'a> {
    /// Which right it takes.
    pub(crate) right: Right,
    /// `noun.verb`; also the action of the audit entry.
    pub(crate) action: &'static str,
    /// The kind's word, for the record.
    pub(crate) kind: &'static str,
    /// To what.
    pub(crate) resource: ResourceId,
    /// Its name, for the record.
    pub(crate) name: &'a str,
    /// The zone of its box; empty for the tenant's own.
    pub(crate) zone: &'a str,
}

impl Keys {
    /// Asks the policy for the person behind `cx`. A refusal is written down before it is returned.
    pub(crate) async fn permit<A>(&self, cx: &Cx, act: Act<'_>) -> Result<Permit<A>, NotAllowed> {
        self.permit_beside(cx, act, None).await
    }

    /// The same with somebody beside the person, who has proven who they are.
    pub(crate) async fn permit_beside<A>(
        &self,
        cx: &Cx,
        act: Act<'_>,
        beside: Option<PersonId>,
    ) -> Result<Permit<A>, NotAllowed> {
        let person = cx.actor.person().ok_or(NotAllowed::Missing)?;
        let mut ask = ask_of(cx, person, &act);
        ask.facts.second_person = beside;
        let refusal = match self.policy.permit::<A>(cx, &ask).await {
            Ok(permit) => return Ok(permit),
            Err(refusal) => refusal,
        };
        let Refusal::Denied(decision) = refusal else {
            let Refusal::Unanswered(error) = refusal else { return Err(NotAllowed::Missing) };
            return Err(Fault::from(error).into());
        };
        self.record_refusal(
            cx,
            AuditEntry::refused(act.action).on(act.kind, act.resource, act.name).decided(&decision),
        )
        .await?;
        if self.knows_of(cx, person, act.resource).await? {
            Err(NotAllowed::Denied(decision))
        } else {
            Err(NotAllowed::Missing)
        }
    }

    /// Asks for an act on a thing to be put at `place`. What is put nowhere yet is the administrators' to put.
    pub(crate) async fn permit_at<A>(
        &self,
        cx: &Cx,
        place: Option<Act<'_>>,
    ) -> Result<Option<Decision>, NotAllowed> {
        if let Some(act) = place {
            return Ok(Some(self.permit::<A>(cx, act).await?.decision));
        }
        let person = cx.actor.person().ok_or(NotAllowed::Missing)?;
        if self.policy.is_administrator(cx, person).await.map_err(Fault::from)? {
            Ok(None)
        } else {
            Err(NotAllowed::Missing)
        }
    }

    /// Whether the person may know that the thing exists: some grant names it for them, open at this hour or not.
    pub(crate) async fn knows_of(
        &self,
        cx: &Cx,
        person: PersonId,
        resource: ResourceId,
    ) -> Result<bool, Fault> {
        let look = Act { right: Right::View, action: "key.view", kind: "key", resource, name: "", zone: "" };
        let decision = self.policy.decide(cx, &ask_of(cx, person, &look)).await?;
        Ok(has_grant(&decision))
    }

    /// Writes a refusal down, in a transaction of its own.
    pub(crate) async fn record_refusal(&self, cx: &Cx, entry: AuditEntry) -> Result<(), Fault> {
        Ok(self.store.begin(cx).await?.commit(entry).await?)
    }

    /// Whether `maker`, on whose word a booking or keycode rests, could still give it: their right was not withdrawn.
    pub(crate) async fn still_vouches(
        &self,
        cx: &Cx,
        maker: PersonId,
        right: Right,
        resource: ResourceId,
    ) -> Result<Decision, Fault> {
        let act = Act { right, action: "key.vouch", kind: "key", resource, name: "", zone: "" };
        Ok(self.policy.decide(cx, &ask_of(cx, maker, &act)).await?)
    }
}

fn ask_of<'a>(cx: &Cx, person: PersonId, act: &Act<'a>) -> Ask<'a> {
    Ask {
        person,
        right: act.right,
        action: act.action,
        resource: act.resource,
        zone: act.zone,
        facts: Facts { verified_at: cx.verified_at, address: cx.address, second_person: None },
    }
}

/// Whether the person holds the right at all, though perhaps not at this hour or from this place.
pub(crate) fn has_grant(decision: &Decision) -> bool {
    decision.allowed
        || decision.reasons.iter().any(|reason| {
            matches!(
                reason,
                Reason::OutsideSchedule { .. }
                    | Reason::NotYet { .. }
                    | Reason::StepUpNeeded { .. }
                    | Reason::NetworkNotAllowed { .. }
                    | Reason::SecondPersonNeeded { .. }
                    | Reason::ForbiddenByRule { .. }
                    | Reason::RuleFailed { .. }
            )
        })
}

/// Whether the person may do nothing at all, booking or not.
pub(crate) fn is_barred(decision: &Decision) -> bool {
    decision.reasons.iter().any(|reason| matches!(reason, Reason::PersonBarred))
}

/// The sentence for somebody who may know of the thing.
pub(crate) fn denial_text(decision: &Decision) -> &'static str {
    let first = decision.reasons.iter().find_map(|reason| match reason {
        Reason::OutsideSchedule { .. } => Some("keys-refused-outside-hours"),
        Reason::NotYet { .. } => Some("keys-refused-not-yet"),
        Reason::Expired { .. } => Some("keys-refused-expired"),
        Reason::StepUpNeeded { .. } => Some("keys-refused-step-up"),
        Reason::SecondPersonNeeded { .. } => Some("keys-refused-second-person"),
        _ => None,
    });
    first.unwrap_or("keys-refused-no-right")
}

/// The basis of an act that rests on a booking or keycode, shaped like a decision.
pub(crate) fn basis(reason: &str, id: impl Into<uuid::Uuid>, maker: &Decision) -> Value {
    json!({
        "allowed": true,
        "reasons": [{ "reason": reason, "id": id.into() }],
        "vouched": maker,
        "revision": maker.revision,
    })
}
