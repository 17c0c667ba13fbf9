//! Agreements that guests sign, such as one about keeping secrets. A version of one is never changed: another one follows it,
//! and says whether those who signed before are asked again.

use std::collections::{BTreeMap, BTreeSet};

use sea_orm::ActiveValue::Set;
use sea_orm::{ColumnTrait, Condition, QuerySelect};
use sekisho_crypto::sha256;
use sekisho_identity::Administrator;
use sekisho_kernel::{AuditEntry, Cx, Language, PersonId, Timestamp};
use sekisho_storage::{JsonText, Scoped, StoreError, Tx};
use sekisho_web::Checks;
use serde::{Deserialize, Serialize};
use uuid::Uuid;

use crate::Visitors;
use crate::checks::VisitError;
use crate::ids::AgreementId;
use crate::tables::{agreement_versions, agreements};
use crate::warrant::NotAllowed;

/// The longest text of one language, in characters.
const LONGEST: usize = 20_000;
/// The most agreements, and the most versions of one.
const MOST: u64 = 100;

/// The text of a version in one language.
#[derive(Clone, PartialEq, Eq, Debug, Default, Serialize, Deserialize, utoipa::ToSchema)]
#[serde(default)]
#[schema(as = VisitorAgreementText)]
pub struct AgreementText {
    /// Its heading.
    pub title: String,
    /// The text, line by line.
    pub text: String,
    /// SHA-256 of the canonical form, in hexadecimal; reckoned by us.
    pub hash: String,
}

/// What is written down of a new agreement: its first version comes with it.
#[derive(Clone, PartialEq, Eq, Debug, Default, Serialize, Deserialize, utoipa::ToSchema)]
#[serde(default)]
#[schema(as = VisitorAgreementForm)]
pub struct AgreementForm {
    /// What the organisation calls it.
    pub name: String,
    /// The texts by language: `ja`, `en`, `zh`, `ko`. Japanese or English is needed.
    pub texts: BTreeMap<String, AgreementText>,
}

/// The next version of an agreement.
#[derive(Clone, PartialEq, Eq, Debug, Default, Serialize, Deserialize, utoipa::ToSchema)]
#[serde(default)]
#[schema(as = VisitorAgreementVersionForm)]
pub struct NewVersion {
    /// The texts by language.
    pub texts: BTreeMap<String, AgreementText>,
    /// Whether those who signed an earlier version are asked again.
    pub asks_again: bool,
}

/// An agreement as administrators see it.
#[derive(Clone, Debug, Serialize, utoipa::ToSchema)]
#[schema(as = VisitorAgreement)]
pub struct AgreementRow {
    /// Which.
    pub id: AgreementId,
    /// What the organisation calls it.
    pub name: String,
    /// The number of the newest version.
    pub newest: i64,
    /// Whoever signed an older version than this is asked again.
    pub needed: i64,
    /// The versions, the newest first; in lists the newest only.
    pub versions: Vec<VersionRow>,
}

/// A version of an agreement.
#[derive(Clone, Debug, Serialize, utoipa::ToSchema)]
#[schema(as = VisitorAgreementVersion)]
pub struct VersionRow {
    /// Which, from 1.
    pub number: i64,
    /// The texts by language.
    pub texts: BTreeMap<String, AgreementText>,
    /// Who wrote it.
    pub made_by: PersonId,
    /// That person's name.
    pub made_by_name: String,
    /// When.
    pub made_at: Timestamp,
}

/// What is hashed of a text: a line each of `sekisho-agreement-1`, the agreement's id, the version, the language and the title,
/// then the text; UTF-8, lines ended by LF, none after the text.
pub(crate) fn canonical(id: AgreementId, version: i64, language: &str, title: &str, text: &str) -> String {
    format!("sekisho-agreement-1\n{id}\n{version}\n{language}\n{title}\n{text}")
}

pub(crate) fn hex(bytes: &[u8]) -> String {
    bytes.iter().map(|byte| format!("{byte:02x}")).collect()
}

/// The text as a reader of `language` reads it, with the language it is in.
pub(crate) fn read_in(
    texts: &BTreeMap<String, AgreementText>,
    language: Language,
) -> Option<(&str, &AgreementText)> {
    let order = [language.tag(), "en", "ja", "zh", "ko"];
    order.into_iter().find_map(|tag| texts.get_key_value(tag)).map(|(tag, text)| (tag.as_str(), text))
}

/// Which agreements there are.
pub(crate) async fn ids(scope: &impl Scoped) -> Result<BTreeSet<AgreementId>, StoreError> {
    Ok(scope.find::<agreements::Entity>().all().await?.into_iter().map(|row| row.id).collect())
}

/// One agreement.
pub(crate) async fn one(
    scope: &impl Scoped,
    id: AgreementId,
) -> Result<Option<agreements::Model>, StoreError> {
    scope.find::<agreements::Entity>().filter(agreements::Column::Id.eq(id)).one().await
}

/// The texts of one version.
pub(crate) async fn version(
    scope: &impl Scoped,
    id: AgreementId,
    number: i64,
) -> Result<Option<agreement_versions::Model>, StoreError> {
    use agreement_versions::Column;
    let this = Condition::all().add(Column::AgreementId.eq(id)).add(Column::Number.eq(number));
    scope.find::<agreement_versions::Entity>().filter(this).one().await
}

/// The agreements by name, each with its newest version.
pub(crate) async fn list(visitors: &Visitors, cx: &Cx) -> Result<Vec<AgreementRow>, VisitError> {
    let scope = visitors.store.read(cx.tenant).await?;
    let mut found = scope.find::<agreements::Entity>().all().await?;
    found.sort_by(|one, other| (&one.name, one.id).cmp(&(&other.name, other.id)));
    let mut rows = Vec::new();
    for row in found {
        let newest = version(&scope, row.id, row.newest).await?;
        rows.push(shown(visitors, &scope, row, newest.into_iter().collect()).await?);
    }
    Ok(rows)
}

/// One agreement with all of its versions.
pub(crate) async fn whole(
    visitors: &Visitors,
    cx: &Cx,
    id: AgreementId,
) -> Result<Option<AgreementRow>, VisitError> {
    use agreement_versions::Column;
    let scope = visitors.store.read(cx.tenant).await?;
    let Some(row) = one(&scope, id).await? else { return Ok(None) };
    let of = Column::AgreementId.eq(id);
    let versions = scope.find::<agreement_versions::Entity>().filter(of).descending(Column::Number);
    let versions = versions.all().await?;
    Ok(Some(shown(visitors, &scope, row, versions).await?))
}

async fn shown(
    visitors: &Visitors,
    scope: &impl Scoped,
    row: agreements::Model,
    versions: Vec<agreement_versions::Model>,
) -> Result<AgreementRow, VisitError> {
    let makers: Vec<PersonId> = versions.iter().map(|one| one.made_by).collect();
    let names = visitors.identity.display_names(scope, &makers).await?;
    let versions = versions.into_iter().map(|one| VersionRow {
        number: one.number,
        texts: one.texts.0,
        made_by: one.made_by,
        made_by_name: names.get(&one.made_by).cloned().unwrap_or_default(),
        made_at: one.made_at,
    });
    let versions = versions.collect();
    Ok(AgreementRow { id: row.id, name: row.name, newest: row.newest, needed: row.needed, versions })
}

/// Writes a new agreement down.
pub async fn make_agreement(
    visitors: &Visitors,
    cx: &Cx,
    _by: Administrator,
    form: AgreementForm,
) -> Result<AgreementId, VisitError> {
    let maker = cx.actor.person().ok_or(NotAllowed::Missing)?;
    let mut checks = Checks::default();
    let name = checks.name("name", &form.name);
    let id: AgreementId = cx.fresh_id();
    let texts = checked(&mut checks, id, 1, &form.texts);
    checks.done::<VisitError>()?;
    let tx = visitors.store.begin(cx).await?;
    if tx.find::<agreements::Entity>().count().await? >= MOST {
        return Err(VisitError::Rule("visitors-agreement-refused-many"));
    }
    let row = agreements::ActiveModel {
        id: Set(id),
        name: Set(name.clone()),
        newest: Set(1),
        needed: Set(1),
        made_by: Set(maker),
        made_at: Set(cx.now),
        ..Default::default()
    };
    tx.insert::<agreements::Entity>(row).await?;
    let hashes = write(&tx, id, 1, maker, texts).await?;
    let entry = AuditEntry::done("agreement.make").on("agreement", id, name);
    tx.commit(entry.with("version", 1).with("hashes", hashes)).await?;
    Ok(id)
}

/// Writes the next version of an agreement, and says which number it has.
pub async fn new_version(
    visitors: &Visitors,
    cx: &Cx,
    _by: Administrator,
    id: AgreementId,
    form: NewVersion,
) -> Result<i64, VisitError> {
    let maker = cx.actor.person().ok_or(NotAllowed::Missing)?;
    let tx = visitors.store.begin(cx).await?;
    let this = agreements::Column::Id.eq(id);
    let row = tx.find::<agreements::Entity>().filter(this.clone()).refine(QuerySelect::lock_exclusive);
    let row = row.one().await?.ok_or(NotAllowed::Missing)?;
    let number = row.newest.saturating_add(1);
    if number > i64::try_from(MOST).unwrap_or(i64::MAX) {
        return Err(VisitError::Rule("visitors-agreement-refused-many"));
    }
    let mut checks = Checks::default();
    let texts = checked(&mut checks, id, number, &form.texts);
    checks.done::<VisitError>()?;
    let needed = if form.asks_again { number } else { row.needed };
    tx.update::<agreements::Entity>()
        .set(agreements::Column::Newest, number)
        .set(agreements::Column::Needed, needed)
        .filter(this)
        .exec()
        .await?;
    let hashes = write(&tx, id, number, maker, texts).await?;
    let entry = AuditEntry::done("agreement.version").on("agreement", id, row.name);
    let entry = entry.with("version", number).with("asks_again", form.asks_again);
    tx.commit(entry.with("hashes", hashes)).await?;
    Ok(number)
}

async fn write(
    tx: &Tx,
    id: AgreementId,
    number: i64,
    made_by: PersonId,
    texts: BTreeMap<String, AgreementText>,
) -> Result<BTreeMap<String, String>, StoreError> {
    let hashes = texts.iter().map(|(tag, text)| (tag.clone(), text.hash.clone())).collect();
    let row = agreement_versions::ActiveModel {
        id: Set(tx.cx().fresh_id::<Uuid>()),
        agreement_id: Set(id),
        number: Set(number),
        texts: Set(JsonText(texts)),
        made_by: Set(made_by),
        made_at: Set(tx.cx().now),
        ..Default::default()
    };
    tx.insert::<agreement_versions::Entity>(row).await?;
    Ok(hashes)
}

/// The texts as they are kept for ever.
fn checked(
    checks: &mut Checks,
    id: AgreementId,
    number: i64,
    texts: &BTreeMap<String, AgreementText>,
) -> BTreeMap<String, AgreementText> {
    let mut kept = BTreeMap::new();
    for (tag, typed) in texts {
        if Language::guest_from_tag(tag).is_none_or(|language| language.tag() != tag) {
            checks.wrong("texts", "visitors-error-language");
        }
        let title = checks.line("title", &typed.title);
        let text = typed.text.replace("\r\n", "\n").replace('\r', "\n").trim().to_owned();
        if title.is_empty() && text.is_empty() {
            continue;
        }
        if title.is_empty() {
            checks.wrong("title", "error-empty");
        }
        if text.is_empty() {
            checks.wrong("text", "error-empty");
        }
        let odd = |sign: char| sign.is_control() && sign != '\n' && sign != '\t';
        if text.chars().count() > LONGEST || text.chars().any(odd) {
            checks.wrong("text", "visitors-agreement-error-long");
        }
        let hash = hex(&sha256(canonical(id, number, tag, &title, &text).as_bytes()));
        kept.insert(tag.clone(), AgreementText { title, text, hash });
    }
    if !kept.contains_key("ja") && !kept.contains_key("en") {
        checks.wrong("text", "visitors-agreement-error-language");
    }
    kept
}
