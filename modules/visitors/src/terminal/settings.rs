//! How the terminals of an organisation look and what they offer. Nothing of it is about a guest; a terminal keeps it.

use std::collections::BTreeMap;

use sea_orm::ActiveValue::Set;
use sea_orm::ColumnTrait;
use sekisho_crypto::sha256;
use sekisho_identity::Administrator;
use sekisho_kernel::{AuditEntry, Cx, GroupId};
use sekisho_storage::{JsonText, Scoped, StoreError, Tx};
use sekisho_web::{Checks, IfMatch};
use serde::{Deserialize, Serialize};
use uuid::Uuid;

use crate::Visitors;
use crate::checks::VisitError;
use crate::picture::{PictureError, written_anew};
use crate::tables::terminal_settings;
use crate::turns::LATER;

/// The languages a terminal speaks, in the order in which it offers them.
pub const LANGUAGES: [&str; 4] = ["ja", "en", "zh", "ko"];
/// The most bytes of a wallpaper.
pub const MOST_PICTURE: usize = 1_000_000;
/// As many pixels of it are kept, across and down.
const LARGEST_PICTURE: u32 = 3840;
/// The longest text of the organisation's own.
const LONGEST_TEXT: usize = 60;
/// The most carriers and departments to choose from.
const MOST_CHOICES: usize = 12;
/// White reads well on a colour from this contrast on (WCAG 2.2, AA).
const CONTRAST: f64 = 4.5;

/// What a guest may choose on the first screen.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Serialize, Deserialize, utoipa::ToSchema)]
#[serde(rename_all = "snake_case")]
#[schema(as = VisitorTerminalChoice)]
pub enum Choice {
    /// By QR code or number.
    Pass,
    /// Without an appointment.
    WalkIn,
    /// Something is brought.
    Delivery,
    /// On the way out.
    Leave,
}

impl Choice {
    /// All, in the order in which they are shown.
    pub const ALL: [Self; 4] = [Self::Pass, Self::WalkIn, Self::Delivery, Self::Leave];

    /// The word in forms; also the end of its text's id.
    pub fn word(self) -> &'static str {
        match self {
            Self::Pass => "pass",
            Self::WalkIn => "walk_in",
            Self::Delivery => "delivery",
            Self::Leave => "leave",
        }
    }
}

/// The organisation's own words in one language; empty ones are ours.
#[derive(Clone, PartialEq, Eq, Debug, Default, Serialize, Deserialize, utoipa::ToSchema)]
#[serde(default)]
#[schema(as = VisitorTerminalWords)]
pub struct Words {
    /// The welcome.
    pub welcome: String,
    /// The line below it.
    pub note: String,
}

/// What a guest without an appointment is asked besides their name.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Serialize, Deserialize, utoipa::ToSchema)]
#[serde(default)]
#[schema(as = VisitorTerminalAsks)]
pub struct Asks {
    /// From where.
    pub company: bool,
    /// What for.
    pub purpose: bool,
    /// How many people.
    pub count: bool,
}

impl Default for Asks {
    fn default() -> Self {
        Self { company: true, purpose: false, count: true }
    }
}

/// The settings.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize, utoipa::ToSchema)]
#[serde(default)]
#[schema(as = VisitorTerminalSettings)]
pub struct TerminalSettings {
    /// Own words by language: `ja`, `en`, `zh`, `ko`.
    pub texts: BTreeMap<String, Words>,
    /// Which languages are offered; the first is the terminal's own.
    pub languages: Vec<String>,
    /// The colour of the first screen, `#rrggbb`. White must read well on it.
    pub accent: String,
    /// What a guest may choose.
    pub choices: Vec<Choice>,
    /// What a guest without an appointment is asked.
    pub asks: Asks,
    /// Whether people may be called by name.
    pub search: bool,
    /// The departments that may be called.
    pub departments: Vec<GroupId>,
    /// The carriers to choose from.
    pub carriers: Vec<String>,
    /// Who is told of deliveries for nobody in particular.
    pub office: Option<GroupId>,
    /// Whom to ring when nothing helps, as it stands on the screen.
    pub phone: String,
}

impl Default for TerminalSettings {
    fn default() -> Self {
        Self {
            texts: BTreeMap::new(),
            languages: LANGUAGES.map(str::to_owned).to_vec(),
            accent: "#1d4f91".to_owned(),
            choices: Choice::ALL.to_vec(),
            asks: Asks::default(),
            search: true,
            departments: Vec::new(),
            carriers: ["ヤマト運輸", "佐川急便", "日本郵便"].map(str::to_owned).to_vec(),
            office: None,
            phone: String::new(),
        }
    }
}

/// The settings as they stand.
#[derive(Clone, Debug, Default)]
pub struct Standing {
    /// The settings.
    pub settings: TerminalSettings,
    /// How often they were changed.
    pub version: i64,
    /// The name of the wallpaper.
    pub picture: Option<String>,
}

/// The settings of the scope's tenant.
pub(crate) async fn load(scope: &impl Scoped) -> Result<Standing, StoreError> {
    let row = scope.find::<terminal_settings::Entity>().one().await?;
    let standing = |row: terminal_settings::Model| Standing {
        settings: row.settings.0,
        version: row.version,
        picture: row.picture_name,
    };
    Ok(row.map(standing).unwrap_or_default())
}

/// The wallpaper of that name.
pub(crate) async fn picture(scope: &impl Scoped, name: &str) -> Result<Option<Vec<u8>>, StoreError> {
    // A name is hexadecimal; nothing else is asked of the store.
    if name.is_empty() || !name.bytes().all(|byte| byte.is_ascii_hexdigit()) {
        return Ok(None);
    }
    let named = terminal_settings::Column::PictureName.eq(name);
    Ok(scope.find::<terminal_settings::Entity>().filter(named).one().await?.and_then(|row| row.picture))
}

/// Changes the settings.
pub async fn save_terminal_settings(
    visitors: &Visitors,
    cx: &Cx,
    _by: Administrator,
    settings: TerminalSettings,
    seen: &IfMatch,
) -> Result<i64, VisitError> {
    let settings = checked(visitors, cx, settings).await?;
    let tx = visitors.store.begin(cx).await?;
    let version = put(&tx, seen, terminal_settings::Column::Settings, |row| {
        row.settings = Set(JsonText(settings));
    })
    .await?;
    tx.commit(AuditEntry::done("terminal.settings").with("version", version)).await?;
    Ok(version)
}

/// Hangs another wallpaper up, or takes it down. What it is is known by its first bytes and nothing else; it is served
/// alone, as that kind and as nothing that could run.
pub async fn save_terminal_picture(
    visitors: &Visitors,
    cx: &Cx,
    _by: Administrator,
    picture: Option<Vec<u8>>,
    seen: &IfMatch,
) -> Result<i64, VisitError> {
    if picture.as_ref().is_some_and(|bytes| bytes.len() > MOST_PICTURE) {
        return Err(VisitError::invalid("picture", "visitors-error-picture-large"));
    }
    // Written anew, without what came along: where it was taken, by whose camera.
    let picture = match picture {
        Some(bytes) => Some(written_anew(bytes, LARGEST_PICTURE).await.map_err(|error| match error {
            PictureError::NotOne => VisitError::invalid("picture", "visitors-error-picture"),
            PictureError::TooLarge => VisitError::invalid("picture", "visitors-error-picture-large"),
            PictureError::Busy => VisitError::Busy(LATER),
        })?),
        None => None,
    };
    let name = picture
        .as_ref()
        .map(|bytes| sha256(bytes).iter().take(8).map(|byte| format!("{byte:02x}")).collect::<String>());
    let there = picture.is_some();
    let tx = visitors.store.begin(cx).await?;
    let version = put(&tx, seen, terminal_settings::Column::Picture, |row| {
        row.picture = Set(picture);
        row.picture_name = Set(name);
    })
    .await?;
    tx.commit(AuditEntry::done("terminal.picture").with("there", there)).await?;
    Ok(version)
}

/// Writes a part of the one row, behind everybody else who does.
async fn put(
    tx: &Tx,
    seen: &IfMatch,
    part: terminal_settings::Column,
    change: impl FnOnce(&mut terminal_settings::ActiveModel),
) -> Result<i64, VisitError> {
    use terminal_settings::Column;
    let first = terminal_settings::Model {
        tenant_id: tx.cx().tenant,
        id: Uuid::nil(),
        settings: JsonText(TerminalSettings::default()),
        version: 0,
        picture: None,
        picture_name: None,
    };
    tx.hold::<terminal_settings::Entity>(first.clone().into()).await?;
    let present = tx.find::<terminal_settings::Entity>().one().await?.unwrap_or(first);
    let version = present.version;
    if !seen.holds(version) {
        return Err(VisitError::Changed);
    }
    let mut next: terminal_settings::ActiveModel = present.into();
    change(&mut next);
    next.version = Set(version + 1);
    let columns: &[Column] = match part {
        Column::Picture => &[Column::Picture, Column::PictureName, Column::Version],
        _ => &[Column::Settings, Column::Version],
    };
    tx.overwrite_many::<terminal_settings::Entity>(vec![next], columns).await?;
    Ok(version + 1)
}

async fn checked(
    visitors: &Visitors,
    cx: &Cx,
    settings: TerminalSettings,
) -> Result<TerminalSettings, VisitError> {
    let mut checks = Checks::default();
    if !LANGUAGES.iter().any(|known| settings.languages.iter().any(|one| one == known))
        || settings.languages.iter().any(|one| !LANGUAGES.contains(&one.as_str()))
    {
        checks.wrong("languages", "visitors-error-language");
    }
    if settings.choices.is_empty() {
        checks.wrong("choices", "visitors-error-choices");
    }
    check_colour(&mut checks, "accent", &settings.accent);
    let phone = checks.line("phone", &settings.phone);
    let mut texts = BTreeMap::new();
    for (language, words) in &settings.texts {
        if !LANGUAGES.contains(&language.as_str()) {
            checks.wrong("texts", "visitors-error-language");
        }
        let welcome = checks.line("texts", &words.welcome);
        let note = checks.line("texts", &words.note);
        if welcome.chars().count() > LONGEST_TEXT || note.chars().count() > LONGEST_TEXT {
            checks.wrong("texts", "error-too-long");
        }
        if !(welcome.is_empty() && note.is_empty()) {
            texts.insert(language.clone(), Words { welcome, note });
        }
    }
    let mut carriers: Vec<String> = Vec::new();
    for carrier in &settings.carriers {
        let carrier = checks.line("carriers", carrier);
        if !carrier.is_empty() && !carriers.contains(&carrier) {
            carriers.push(carrier);
        }
    }
    if carriers.len() > MOST_CHOICES {
        checks.wrong("carriers", "visitors-error-too-many");
    }
    if settings.departments.len() > MOST_CHOICES {
        checks.wrong("departments", "visitors-error-too-many");
    }
    let scope = visitors.store.read(cx.tenant).await?;
    let known = visitors.identity.groups(&scope).await?;
    drop(scope);
    let is_known = |group: &GroupId| known.iter().any(|one| one.id == *group);
    if !settings.departments.iter().all(is_known) {
        checks.wrong("departments", "visitors-error-group");
    }
    if settings.office.as_ref().is_some_and(|office| !is_known(office)) {
        checks.wrong("office", "visitors-error-group");
    }
    checks.done::<VisitError>()?;
    let in_order = |words: &[String]| {
        LANGUAGES
            .iter()
            .filter(|one| words.iter().any(|word| word == *one))
            .map(|one| (*one).to_owned())
            .collect()
    };
    let choices = Choice::ALL.into_iter().filter(|one| settings.choices.contains(one)).collect();
    Ok(TerminalSettings {
        languages: in_order(&settings.languages),
        accent: settings.accent.to_lowercase(),
        choices,
        phone,
        texts,
        carriers,
        ..settings
    })
}

/// That white reads well on the colour.
pub(crate) fn check_colour(checks: &mut Checks, field: &'static str, colour: &str) {
    match contrast_with_white(colour) {
        None => checks.wrong(field, "visitors-error-colour"),
        Some(contrast) if contrast < CONTRAST => checks.wrong(field, "visitors-error-contrast"),
        Some(_) => {}
    }
}

/// How well white reads on a colour (WCAG 2.2, 1 to 21).
fn contrast_with_white(colour: &str) -> Option<f64> {
    let digits = colour.strip_prefix('#').filter(|digits| digits.len() == 6 && digits.is_ascii())?;
    let part = |from: usize| {
        let value = u8::from_str_radix(digits.get(from..from + 2)?, 16).ok()?;
        let share = f64::from(value) / 255.0;
        Some(if share <= 0.04045 { share / 12.92 } else { ((share + 0.055) / 1.055).powf(2.4) })
    };
    let luminance = 0.2126 * part(0)? + 0.7152 * part(2)? + 0.0722 * part(4)?;
    Some(1.05 / (luminance + 0.05))
}

#[cfg(test)]
mod tests {
    use super::{CONTRAST, contrast_with_white};

    #[test]
    fn colours_on_which_white_does_not_read_are_known() {
        for (colour, good) in [
            ("#000000", true),
            ("#1d4f91", true),
            ("#17683D", true),
            ("#ffffff", false),
            ("#ffcc00", false),
            ("#8ab8f2", false),
        ] {
            assert_eq!(contrast_with_white(colour).unwrap() >= CONTRAST, good, "{colour}");
        }
        for none in ["", "#12345", "1d4f91", "#gggggg", "#日本", "red", "#1234567"] {
            assert_eq!(contrast_with_white(none), None, "{none}");
        }
    }
}
