//! What an organisation decides about its reception.

use std::time::Duration;

use sea_orm::ActiveValue::Set;
use sekisho_kernel::{AuditEntry, Cx, FieldError};
use sekisho_storage::{JsonText, Scoped, StoreError};
use sekisho_web::IfMatch;
use serde::{Deserialize, Serialize};

use crate::Visitors;
use crate::checks::VisitError;
use crate::tables::settings;
use crate::warrant::NotAllowed;

/// The longest line that the desk is shown, in characters.
const LONGEST_LINE: usize = 200;

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
    /// Whether messages to hosts name the guest; otherwise they lead to a page that does.
    pub names_in_messages: bool,
    /// After so many minutes without an answer the next one is told; 1 to 60.
    pub answer_within_minutes: u32,
    /// Whether guests are reminded the day before.
    pub reminds: bool,
    /// Whom the desk rings when nobody answers, with the telephone number; a line of at most 200 characters, or empty.
    pub ring_when_silent: String,
}

impl Default for Settings {
    fn default() -> Self {
        Self {
            who_invites: WhoInvites::default(),
            opens_before_minutes: 60,
            names_in_messages: true,
            answer_within_minutes: 2,
            reminds: true,
            ring_when_silent: String::new(),
        }
    }
}

impl Settings {
    /// How long before the beginning a pass opens the reception.
    pub fn opens_before(&self) -> Duration {
        Duration::from_secs(u64::from(self.opens_before_minutes) * 60)
    }

    /// How long each one who is told has to answer.
    pub fn answer_within(&self) -> Duration {
        Duration::from_secs(u64::from(self.answer_within_minutes) * 60)
    }
}

/// The settings of the scope's tenant and how often they were changed.
pub async fn load(scope: &impl Scoped) -> Result<(Settings, i64), StoreError> {
    let row = scope.find::<settings::Entity>().one().await?;
    Ok(row
        .map(|settings::Model { settings: JsonText(settings), version, .. }| (settings, version))
        .unwrap_or_default())
}

/// Sets them, if they are as the caller has seen them. For administrators.
pub async fn save(
    visitors: &Visitors,
    cx: &Cx,
    mut wanted: Settings,
    seen: &IfMatch,
) -> Result<(), VisitError> {
    let person = cx.actor.person().ok_or(NotAllowed::Missing)?;
    if !visitors.policy.is_administrator(cx, person).await? {
        return Err(NotAllowed::Missing.into());
    }
    let mut wrong = Vec::new();
    if wanted.opens_before_minutes > 1440 {
        wrong.push(FieldError { field: "opens_before_minutes", text: "visitors-error-opens-before" });
    }
    if !(1..=60).contains(&wanted.answer_within_minutes) {
        wrong.push(FieldError { field: "answer_within_minutes", text: "visitors-error-answer-within" });
    }
    wanted.ring_when_silent = wanted.ring_when_silent.trim().to_owned();
    let line = &wanted.ring_when_silent;
    if line.chars().count() > LONGEST_LINE || line.chars().any(char::is_control) {
        wrong.push(FieldError { field: "ring_when_silent", text: "visitors-error-ring" });
    }
    if !wrong.is_empty() {
        return Err(wrong.into());
    }
    let tx = visitors.store.begin(cx).await?;
    tx.hold::<settings::Entity>(row(cx, Settings::default(), 0)).await?;
    let (before, version) = load(&tx).await?;
    if !seen.holds(version) {
        return Err(VisitError::Changed);
    }
    let columns = [settings::Column::Settings, settings::Column::Version];
    let next = row(cx, wanted.clone(), version.saturating_add(1));
    tx.overwrite_many::<settings::Entity>(vec![next], &columns).await?;
    let entry = AuditEntry::done("visitor_settings.change").with("before", before).with("after", wanted);
    Ok(tx.commit(entry).await?)
}

fn row(cx: &Cx, settings: Settings, version: i64) -> settings::ActiveModel {
    settings::ActiveModel {
        tenant_id: Set(cx.tenant),
        id: Set(uuid::Uuid::nil()),
        settings: Set(JsonText(settings)),
        version: Set(version),
    }
}
