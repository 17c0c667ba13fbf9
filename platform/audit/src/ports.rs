//! What the record needs from others: names. Those of people are personal data and not in the record; those of devices,
//! groups and resources stand in it only where an act was done to them.

use std::collections::HashMap;

use async_trait::async_trait;
use sekisho_kernel::Cx;
use uuid::Uuid;

/// Why names could not be told.
pub type NamesError = Box<dyn std::error::Error + Send + Sync>;

/// Tells names by id and finds ids by name, for people, guests, devices, groups and resources alike: ids are unique over all
/// kinds. Answered by identity, devices and policy, joined in the app's wiring.
#[async_trait]
pub trait Names: Send + Sync {
    /// The names of those of `ids` that are known; the others are left out. A person who was erased has none.
    async fn names(&self, cx: &Cx, ids: &[Uuid]) -> Result<HashMap<Uuid, String>, NamesError>;

    /// The ids of those whose name contains `text`; at most a few hundred.
    async fn matching(&self, cx: &Cx, text: &str) -> Result<Vec<Uuid>, NamesError>;
}
