//! Who may administer: whoever holds Manage on the whole tenant, from an address the tenant allows.

use sekisho_kernel::{Actor, Cx, PersonId};

use crate::error::refusals;
use crate::session::FRESH;
use crate::settings::administration_open;
use crate::{Broken, Identity};

refusals! {
    /// Why somebody is no administrator now.
    AdministratorError {
        /// Not an administrator at all.
        Denied => Denied, "error-denied", "not an administrator";
        /// An administrator, but not from here.
        Elsewhere => Denied, "identity-error-network", "administration is not open from this address";
    }
}

/// Proof that the actor administers the tenant. Only [`Identity::administrator`] makes one; use cases that change others
/// demand it.
#[derive(Clone, Copy, Debug)]
pub struct Administrator {
    /// Who; `None` for Sekisho itself.
    pub person: Option<PersonId>,
}

impl Identity {
    /// Proves that the actor administers the tenant, from an address the tenant allows. Jobs and commands of Sekisho itself
    /// do; devices and guests never.
    pub async fn administrator(&self, cx: &Cx) -> Result<Administrator, AdministratorError> {
        match &cx.actor {
            Actor::System { .. } => Ok(Administrator { person: None }),
            Actor::Person { id } | Actor::Token { id, .. } => {
                if !self.administration_open(cx).await? {
                    return Err(AdministratorError::Elsewhere);
                }
                if !self.policy().is_administrator(cx, *id).await? {
                    return Err(AdministratorError::Denied);
                }
                Ok(Administrator { person: Some(*id) })
            }
            _ => Err(AdministratorError::Denied),
        }
    }

    /// Whether the actor may change now what `person` is known or reached by: mail address, telephone, badge, PIN. Who can
    /// change these can pass for that person. A session wants a fresh proof, for one's own no less than for a colleague's;
    /// a token changes neither its maker's nor those of an administrator, from wherever it comes.
    pub(crate) async fn may_change_credentials(&self, cx: &Cx, person: PersonId) -> Result<bool, Broken> {
        Ok(match cx.actor {
            _ if cx.proven_within(FRESH) => true,
            Actor::System { .. } => true,
            Actor::Token { id, .. } => id != person && !self.policy().administers(cx, person).await?,
            _ => false,
        })
    }

    /// Whether the tenant lets administrators work from the request's address.
    pub async fn administration_open(&self, cx: &Cx) -> Result<bool, Broken> {
        let tenant = self.tenant(cx).await?;
        Ok(administration_open(&tenant.settings.admin_networks, cx.address))
    }
}
