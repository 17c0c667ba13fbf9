//! What the record needs from others: the names of people and devices, which are personal data and not in the record.

use std::collections::HashMap;

use async_trait::async_trait;
use sekisho_kernel::Cx;
use uuid::Uuid;

/// Why names could not be told.
pub type NamesError = Box<dyn std::error::Error + Send + Sync>;

/// Tells names of people, guests and devices by id, and finds ids by name. Answered by identity and devices, joined in the
/// app's wiring.
#[async_trait]
pub trait Names: Send + Sync {
    /// The names of those of `ids` that are known. A person who was erased has none.
    async fn names(&self, cx: &Cx, ids: &[Uuid]) -> Result<HashMap<Uuid, String>, NamesError>;

    /// The ids of those whose name contains `text`; at most a few hundred.
    async fn matching(&self, cx: &Cx, text: &str) -> Result<Vec<Uuid>, NamesError>;
}
