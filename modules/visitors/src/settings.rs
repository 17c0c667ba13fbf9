//! What an organisation decides about its reception.

use std::time::Duration;

use sekisho_storage::{JsonText, Scoped, StoreError};
use serde::{Deserialize, Serialize};

use crate::tables::settings;

/// Who may invite guests to a site.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Default, Serialize, Deserialize, utoipa::ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum WhoInvites {
    /// Everybody who is signed in.
    #[default]
    Everybody,
    /// Whoever has the right to use the site.
    UsersOfTheSite,
}

/// The settings of one organisation.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize, utoipa::ToSchema)]
#[serde(default)]
#[schema(as = VisitorSettings)]
pub struct Settings {
    /// Who may invite guests.
    pub who_invites: WhoInvites,
    /// So many minutes before the beginning a pass opens the reception; 0 to 1440.
    pub opens_before_minutes: u32,
}

impl Default for Settings {
    fn default() -> Self {
        Self { who_invites: WhoInvites::default(), opens_before_minutes: 60 }
    }
}

impl Settings {
    /// How long before the beginning a pass opens the reception.
    pub fn opens_before(&self) -> Duration {
        Duration::from_secs(u64::from(self.opens_before_minutes) * 60)
    }
}

/// The settings of the scope's tenant and how often they were changed.
pub async fn load(scope: &impl Scoped) -> Result<(Settings, i64), StoreError> {
    let row = scope.find::<settings::Entity>().one().await?;
    Ok(row
        .map(|settings::Model { settings: JsonText(settings), version, .. }| (settings, version))
        .unwrap_or_default())
}
