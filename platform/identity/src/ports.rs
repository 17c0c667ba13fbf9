//! What this room asks of others.

use async_trait::async_trait;
use sekisho_web::{Asker, Markup, WebError};

/// A module's part of everybody's first page (`/me`). Modules implement it, the host hands them to
/// [`crate::Identity::show_cards`].
#[async_trait]
pub trait MyPageCard: Send + Sync {
    /// Smaller comes first: what is most likely wanted now.
    fn order(&self) -> i32;

    /// The card for the asker; `None` when there is nothing to show. The markup is a whole `<section class="card">`.
    async fn card(&self, asker: &Asker) -> Result<Option<Markup>, WebError>;
}
