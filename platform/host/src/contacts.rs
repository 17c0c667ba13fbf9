//! Where two rooms meet: notify asks how a person is reached, identity knows.

use async_trait::async_trait;
use sekisho_identity::Identity;
use sekisho_kernel::{Cx, PersonId};
use sekisho_notify::{Contact, Contacts, ContactsError, Home};
use sekisho_storage::Store;

/// Contacts out of identity.
pub(crate) struct PeopleContacts {
    identity: Identity,
    store: Store,
    public_url: String,
}

impl PeopleContacts {
    pub(crate) fn new(identity: Identity, store: Store, public_url: String) -> Self {
        Self { identity, store, public_url: public_url.trim_end_matches('/').to_owned() }
    }

    /// The tenant's own host with the installation's scheme and port; the installation's address for a tenant without.
    fn base(&self, host: Option<&str>) -> String {
        let (Some(host), Some((scheme, rest))) = (host, self.public_url.split_once("://")) else {
            return self.public_url.clone();
        };
        match rest.rsplit_once(':') {
            Some((_, port)) => format!("{scheme}://{host}:{port}"),
            None => format!("{scheme}://{host}"),
        }
    }
}

fn unknown(error: impl std::fmt::Display) -> ContactsError {
    ContactsError(error.to_string())
}

#[async_trait]
impl Contacts for PeopleContacts {
    async fn contact(&self, cx: &Cx, person: PersonId) -> Result<Option<Contact>, ContactsError> {
        let scope = self.store.read(cx.tenant).await.map_err(unknown)?;
        let contact = self.identity.contact(&scope, person).await.map_err(unknown)?;
        Ok(contact.map(|contact| Contact {
            name: contact.name,
            mail: contact.mail,
            phone: contact.phone,
            language: contact.language,
        }))
    }

    async fn home(&self, cx: &Cx) -> Result<Home, ContactsError> {
        let tenant = self.identity.tenant(cx).await.map_err(unknown)?;
        Ok(Home { name: tenant.name.clone(), base: self.base(tenant.hosts.first().map(String::as_str)) })
    }
}
