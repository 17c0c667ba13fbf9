//! What this room asks of others.

use async_trait::async_trait;
use sekisho_kernel::Cx;
use sekisho_storage::Scope;
use sekisho_web::{Asker, Markup, WebError};

use crate::Broken;

/// Which messages can leave at all. Without one of them a code or a link would be sent to nobody.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Ways {
    /// Mail: there is an account to send from.
    pub mail: bool,
    /// Text messages: there is a gateway.
    pub sms: bool,
}

/// Knows how people are reached from here. Notify answers; the host hands it to [`crate::Identity::reach_people_by`].
#[async_trait]
pub trait WaysOut: Send + Sync {
    /// What can leave for people of the scope's tenant.
    async fn ways(&self, scope: &Scope) -> Result<Ways, Broken>;

    /// Where links into the context's tenant begin: `https://host`, without a slash at the end.
    async fn base(&self, cx: &Cx) -> Result<String, Broken>;
}

/// A module's part of everybody's first page (`/me`). Modules implement it, the host hands them to
/// [`crate::Identity::show_cards`].
#[async_trait]
pub trait MyPageCard: Send + Sync {
    /// Smaller comes first: what is most likely wanted now.
    fn order(&self) -> i32;

    /// The card for the asker; `None` when there is nothing to show. The markup is a whole `<section class="card">`.
    async fn card(&self, asker: &Asker) -> Result<Option<Markup>, WebError>;
}
