//! How the badges of an organisation look.

use sea_orm::ActiveValue::Set;
use sekisho_identity::Administrator;
use sekisho_kernel::{AuditEntry, Cx};
use sekisho_storage::{JsonText, Scoped, StoreError};
use sekisho_web::{Checks, IfMatch};
use serde::{Deserialize, Serialize};

use crate::Visitors;
use crate::checks::VisitError;
use crate::tables::badge_settings as rows;
use crate::tables::words::VisitKind;

/// In which language the fixed words of a badge stand.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Default, Serialize, Deserialize, utoipa::ToSchema)]
#[serde(rename_all = "snake_case")]
#[schema(as = VisitorBadgeLanguage)]
pub enum BadgeLanguage {
    /// Japanese.
    #[default]
    Ja,
    /// English.
    En,
}

/// What is on a badge, besides the name.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize, utoipa::ToSchema)]
#[serde(default)]
#[schema(as = VisitorBadgeSettings)]
pub struct BadgeSettings {
    /// In which language the fixed words stand.
    pub language: BadgeLanguage,
    /// The colour of the bar on top, `#rrggbb`. White must read well on it.
    pub colour: String,
    /// From where the guest is.
    pub company: bool,
    /// Who receives.
    pub host: bool,
    /// The name of the site.
    pub site: bool,
    /// Until when it is valid.
    pub until: bool,
    /// A QR code with which the guest leaves at a terminal. It opens nothing.
    pub leave_code: bool,
    /// Of which kinds guests must be escorted; the badge says so.
    pub escorted: Vec<VisitKind>,
}

impl Default for BadgeSettings {
    fn default() -> Self {
        Self {
            language: BadgeLanguage::Ja,
            colour: "#1d4f91".to_owned(),
            company: true,
            host: true,
            site: true,
            until: true,
            leave_code: true,
            escorted: vec![VisitKind::Contractor],
        }
    }
}

/// The settings of the scope's tenant and how often they were changed.
pub async fn load(scope: &impl Scoped) -> Result<(BadgeSettings, i64), StoreError> {
    let row = scope.find::<rows::Entity>().one().await?;
    Ok(row
        .map(|rows::Model { settings: JsonText(settings), version, .. }| (settings, version))
        .unwrap_or_default())
}

/// Sets them, if they are as the caller has seen them.
pub async fn save_badge_settings(
    visitors: &Visitors,
    cx: &Cx,
    _by: Administrator,
    wanted: BadgeSettings,
    seen: &IfMatch,
) -> Result<(), VisitError> {
    let mut checks = Checks::default();
    crate::terminal::check_colour(&mut checks, "colour", &wanted.colour);
    checks.done::<VisitError>()?;
    let mut wanted = BadgeSettings { colour: wanted.colour.to_lowercase(), ..wanted };
    wanted.escorted.sort_unstable_by_key(|kind| kind.word());
    wanted.escorted.dedup();
    let tx = visitors.store.begin(cx).await?;
    tx.hold::<rows::Entity>(row(cx, BadgeSettings::default(), 0)).await?;
    let (before, version) = load(&tx).await?;
    if !seen.holds(version) {
        return Err(VisitError::Changed);
    }
    let columns = [rows::Column::Settings, rows::Column::Version];
    tx.overwrite_many::<rows::Entity>(vec![row(cx, wanted.clone(), version.saturating_add(1))], &columns)
        .await?;
    let entry = AuditEntry::done("badge_settings.change").with("before", before).with("after", wanted);
    Ok(tx.commit(entry).await?)
}

fn row(cx: &Cx, settings: BadgeSettings, version: i64) -> rows::ActiveModel {
    rows::ActiveModel {
        tenant_id: Set(cx.tenant),
        id: Set(uuid::Uuid::nil()),
        settings: Set(JsonText(settings)),
        version: Set(version),
    }
}
