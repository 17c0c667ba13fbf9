//! A guest signs an agreement on the personal page, by hand or by typing their name. What is signed is the newest version, in
//! the language in which it was shown.

use sea_orm::ActiveValue::Set;
use sekisho_crypto::Place;
use sekisho_kernel::{AuditEntry, Cx};
use sekisho_web::Checks;

use super::agreements::{canonical, version};
use super::fill_in::{Reach, begin};
use super::strokes::{self, Stroke};
use super::{agreements, asks};
use crate::Visitors;
use crate::checks::VisitError;
use crate::guest;
use crate::ids::{AgreementId, SigningId, VisitId};
use crate::often;
use crate::tables::words::SigningWay;
use crate::tables::{signed_visits, signings};
use crate::warrant::NotAllowed;
use sekisho_crypto::sha256;
use sekisho_storage::Scoped;

/// Where the name under a signature lies.
pub(crate) fn name_place(id: SigningId) -> Place<'static> {
    Place { table: "visitors_signings", column: "name", row: id.uuid() }
}

/// Where its strokes lie.
pub(crate) fn strokes_place(id: SigningId) -> Place<'static> {
    Place { table: "visitors_signings", column: "strokes", row: id.uuid() }
}

/// A signature as it was made.
#[derive(Clone, Debug)]
pub(crate) struct Signature {
    /// Under what.
    pub(crate) agreement: AgreementId,
    /// Which version was read.
    pub(crate) version: i64,
    /// In which language.
    pub(crate) language: String,
    /// The name, typed; needed where nothing was drawn.
    pub(crate) name: String,
    /// What was drawn; nothing: the name says it.
    pub(crate) strokes: Vec<Stroke>,
}

/// The agreement that the guest of a visit is to sign, with its newest version.
pub(crate) struct ToSign {
    pub(crate) agreement: AgreementId,
    pub(crate) version: i64,
    pub(crate) texts: std::collections::BTreeMap<String, agreements::AgreementText>,
}

/// What the guest of a visit is to sign; none: nothing.
pub(crate) async fn to_sign(
    scope: &impl Scoped,
    visit: &crate::tables::visits::Model,
) -> Result<Option<ToSign>, VisitError> {
    let (asks, _) = asks::load(scope).await?;
    let Some(id) = asks.of_visit(visit).and_then(|asks| asks.agreement) else { return Ok(None) };
    let Some(row) = agreements::one(scope, id).await? else { return Ok(None) };
    let Some(newest) = version(scope, id, row.newest).await? else { return Ok(None) };
    Ok(Some(ToSign { agreement: id, version: row.newest, texts: newest.texts.0 }))
}

/// Signs.
pub(crate) async fn sign(
    visitors: &Visitors,
    cx: &Cx,
    id: VisitId,
    signature: Signature,
) -> Result<SigningId, VisitError> {
    let strokes = strokes::checked(signature.strokes)?;
    let mut checks = Checks::default();
    let typed = checks.line("name", &signature.name);
    if strokes.is_empty() && typed.is_empty() {
        checks.wrong("name", "visitors-agreement-error-name");
    }
    checks.done::<VisitError>()?;
    let at = begin(visitors, cx, id, Reach::Series, &often::SIGNED).await?;
    let asked = to_sign(&at.tx, &at.visit).await?.ok_or(NotAllowed::Missing)?;
    if (asked.agreement, asked.version) != (signature.agreement, signature.version) {
        // What they read is not what is asked for any more: they are shown the newer text.
        return Err(VisitError::Rule("visitors-agreement-refused-newer"));
    }
    let text = asked.texts.get(&signature.language);
    let text = text.ok_or_else(|| VisitError::invalid("language", "visitors-error-language"))?;
    let said = canonical(asked.agreement, asked.version, &signature.language, &text.title, &text.text);
    let way = if strokes.is_empty() { SigningWay::Typed } else { SigningWay::Drawn };
    let known = guest::opened(&at.keys, &at.guest)?.unwrap_or_default().name;
    let name = if typed.is_empty() { known } else { typed };
    let signing: SigningId = cx.fresh_id();
    let drawn = strokes::to_bytes(&strokes);
    let hash = sha256(said.as_bytes()).to_vec();
    let row = signings::ActiveModel {
        id: Set(signing),
        guest_id: Set(at.guest.id),
        visit_id: Set(id),
        agreement_id: Set(asked.agreement),
        version: Set(asked.version),
        language: Set(signature.language.clone()),
        hash: Set(hash.clone()),
        way: Set(way),
        name: Set(Some(at.key.seal(&name_place(signing), name.as_bytes()))),
        strokes: Set((!drawn.is_empty()).then(|| at.key.seal(&strokes_place(signing), &drawn))),
        signed_at: Set(cx.now),
        zone: Set(at.visit.zone.clone()),
        ..Default::default()
    };
    at.tx.insert::<signings::Entity>(row).await?;
    let stands = at.all.iter().map(|visit| signed_visits::ActiveModel {
        visit_id: Set(visit.id),
        signing_id: Set(signing),
        guest_id: Set(at.guest.id),
        page_generation: Set(visit.page_generation),
        ..Default::default()
    });
    at.tx.insert_many::<signed_visits::Entity>(stands.collect()).await?;
    let entry = AuditEntry::done("visit.sign").with("signing", signing).with("agreement", asked.agreement);
    let entry = entry.with("version", asked.version).with("language", signature.language);
    at.commit(entry.with("hash", agreements::hex(&hash)).with("signed_by", way)).await?;
    Ok(signing)
}
