//! What we need to know of people and tenants, asked when a message is sent: an address that changed meanwhile is right,
//! one that was deleted is gone.

use async_trait::async_trait;
use sekisho_kernel::{Cx, Language, PersonId};

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
}
