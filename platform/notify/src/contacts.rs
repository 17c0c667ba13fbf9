//! What we need to know of people and tenants, asked when a message is sent: an address that changed meanwhile is right,
//! one that was deleted is gone.

use std::collections::HashMap;

use async_trait::async_trait;
use sekisho_identity::Identity;
use sekisho_kernel::{Cx, Language, PersonId};
use sekisho_storage::Store;

/// How a person is reached.
#[derive(Clone, Debug, Default)]
pub struct Contact {
    /// Their name.
    pub name: String,
    /// Their mail address.
    pub mail: Option<String>,
    /// Their telephone number.
    pub phone: Option<String>,
    /// What they read.
    pub language: Language,
}

/// How a tenant signs and links.
#[derive(Clone, Debug)]
pub struct Home {
    /// Its name.
    pub name: String,
    /// `https://host`, without a slash at the end.
    pub base: String,
}

/// The answer could not be found out.
#[derive(Clone, Debug, thiserror::Error)]
#[error("{0}")]
pub struct ContactsError(pub String);

/// Answers who is reached how.
#[async_trait]
pub trait Contacts: Send + Sync {
    /// How `person` is reached; `None` when they are gone.
    async fn contact(&self, cx: &Cx, person: PersonId) -> Result<Option<Contact>, ContactsError>;
    /// How the context's tenant signs and links.
    async fn home(&self, cx: &Cx) -> Result<Home, ContactsError>;
    /// What people are called, for the pages of administrators.
    async fn names(&self, cx: &Cx, people: &[PersonId]) -> Result<HashMap<PersonId, String>, ContactsError>;
}

/// The people of this installation, as identity knows them.
pub struct People {
    store: Store,
    identity: Identity,
    public_url: String,
}

impl People {
    /// Links begin with `public_url` (`https://host:port`); a tenant with a host name of its own has that name in it.
    pub fn new(store: Store, identity: Identity, public_url: impl Into<String>) -> Self {
        Self { store, identity, public_url: public_url.into().trim_end_matches('/').to_owned() }
    }
}

#[async_trait]
impl Contacts for People {
    async fn contact(&self, cx: &Cx, person: PersonId) -> Result<Option<Contact>, ContactsError> {
        let scope = self.store.read(cx.tenant).await.map_err(failed)?;
        let contact = self.identity.contact(&scope, person).await.map_err(failed)?;
        Ok(contact.map(|contact| Contact {
            name: contact.name,
            mail: contact.mail,
            phone: contact.phone,
            language: contact.language,
        }))
    }

    async fn home(&self, cx: &Cx) -> Result<Home, ContactsError> {
        let tenant = self.identity.tenant(cx).await.map_err(failed)?;
        let base = with_host(&self.public_url, tenant.hosts.first().map(String::as_str));
        Ok(Home { name: tenant.name.clone(), base })
    }

    async fn names(&self, cx: &Cx, people: &[PersonId]) -> Result<HashMap<PersonId, String>, ContactsError> {
        let scope = self.store.read(cx.tenant).await.map_err(failed)?;
        self.identity.display_names(&scope, people).await.map_err(failed)
    }
}

fn failed(error: impl std::error::Error) -> ContactsError {
    ContactsError(error.to_string())
}

/// Where links into a tenant begin: `base` with the tenant's host name, scheme and port kept.
pub fn base_of(base: &str, host: Option<&str>) -> String {
    with_host(base.trim_end_matches('/'), host)
}

/// `base` with another host name, its scheme and port kept.
fn with_host(base: &str, host: Option<&str>) -> String {
    let Some(host) = host else { return base.to_owned() };
    let (scheme, rest) = base.split_once("://").unwrap_or(("https", base));
    let port = rest
        .rsplit_once(':')
        .map(|(_, port)| port)
        .filter(|port| port.bytes().all(|digit| digit.is_ascii_digit()));
    match port {
        Some(port) => format!("{scheme}://{host}:{port}"),
        None => format!("{scheme}://{host}"),
    }
}

#[cfg(test)]
mod tests {
    use super::with_host;

    #[test]
    fn links_lead_to_the_tenants_host() {
        for (base, host, want) in [
            ("https://localhost:8443", None, "https://localhost:8443"),
            ("https://localhost:8443", Some("acme.example.jp"), "https://acme.example.jp:8443"),
            ("https://sekisho.example.jp", Some("acme.example.jp"), "https://acme.example.jp"),
            ("http://[::1]", Some("a.example"), "http://a.example"),
        ] {
            assert_eq!(with_host(base, host), want);
        }
    }
}
