//! By what somebody may give or withdraw a right.

use sekisho_kernel::{Actor, Cx};
use sekisho_policy::{Ask, Decision, Facts, PolicyError, Right, Target};
use serde::Serialize;

use crate::Rights;

/// By what a right is given or withdrawn; goes into the audit entry.
#[derive(Clone, Debug, PartialEq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Standing {
    /// As an administrator, at that revision of the rights.
    Administrator(i64),
    /// As somebody who holds *manage* on the thing.
    Manager(Decision),
    /// By Sekisho itself.
    System,
}

impl Rights {
    /// By what the actor may give `right` on `target`; `None` when they may not.
    pub(crate) async fn standing(
        &self,
        cx: &Cx,
        right: Right,
        target: &Target,
    ) -> Result<Option<Standing>, PolicyError> {
        if matches!(cx.actor, Actor::System { .. }) {
            return Ok(Some(Standing::System));
        }
        let Some(person) = cx.actor.person() else { return Ok(None) };
        if self.policy.is_administrator(cx, person).await? {
            return Ok(Some(Standing::Administrator(self.policy.revision(cx).await?)));
        }
        // Who may pass *manage* on could make themselves anything, so that stays with administrators.
        let (Target::Resource { id }, Right::View | Right::Exchange) = (target, right) else {
            return Ok(None);
        };
        let facts = Facts { verified_at: cx.verified_at, address: cx.address, second_person: None };
        let ask = Ask { person, right: Right::Manage, action: "grant.give", resource: *id, zone: "", facts };
        let decision = self.policy.decide(cx, &ask).await?;
        Ok(decision.allowed.then_some(Standing::Manager(decision)))
    }
}
