//! A signature on paper: the very text, its hash, who signed, when, and what they drew. Made when somebody asks for it.

use sea_orm::{ColumnTrait, Condition};
use sekisho_host::Fault;
use sekisho_kernel::Cx;
use sekisho_paper::{Block, Document, PaperError};
use sekisho_storage::Scoped;
use sekisho_web::{Texts, WebError, zone_of};

use super::agreements::{self, canonical, hex};
use super::kept::is_theirs;
use super::sign::{name_place, strokes_place};
use super::strokes::{self, REACH};
use crate::Visitors;
use crate::checks::VisitError;
use crate::guest;
use crate::ids::SigningId;
use crate::reads;
use crate::tables::words::SigningWay;
use crate::tables::{guests, signed_visits, signings, visits};
use crate::turns::{LATER, TurnError, in_turn};
use crate::warrant::{NotAllowed, Sight};
use sekisho_crypto::sha256;

/// The signature as a PDF, for whoever plans a visit for which it stands.
pub(crate) async fn for_planner(
    visitors: &Visitors,
    cx: &Cx,
    sight: &Sight,
    id: SigningId,
    t: &Texts,
) -> Result<Vec<u8>, WebError> {
    let scope = visitors.store.read(cx.tenant).await?;
    let stands = signed_visits::Column::SigningId.eq(id);
    let stands = scope.find::<signed_visits::Entity>().filter(stands).all().await?;
    let mut seen = false;
    for some in stands.chunks(500) {
        let these = visits::Column::Id.is_in(some.iter().map(|row| row.visit_id));
        let these = Condition::all().add(these).add(reads::planned_by(cx, sight));
        let rows = scope.find::<visits::Entity>().filter(these).all().await?;
        seen |= rows.iter().any(|visit| {
            let of = some.iter().find(|row| row.visit_id == visit.id);
            of.is_some_and(|row| is_theirs(visit, row.guest_id, row.page_generation))
        });
    }
    drop(scope);
    if !seen {
        return Err(WebError::missing());
    }
    on_paper(visitors, cx, id, t).await
}

/// The signature as a PDF; the caller has seen who asks.
pub(crate) async fn on_paper(
    visitors: &Visitors,
    cx: &Cx,
    id: SigningId,
    t: &Texts,
) -> Result<Vec<u8>, WebError> {
    let document = document(visitors, cx, id, t).await?;
    let broken = |error: PaperError| WebError::broken(format!("a signature on paper: {error}"));
    in_turn(move || sekisho_paper::pdf(&document)).await.map_err(busy)?.map_err(broken)
}

fn busy(error: TurnError) -> WebError {
    match error {
        TurnError::Busy => VisitError::Busy(LATER).into(),
        TurnError::Broken => WebError::broken("a signature on paper broke off"),
    }
}

async fn document(visitors: &Visitors, cx: &Cx, id: SigningId, t: &Texts) -> Result<Document, VisitError> {
    let keys = visitors.vault.keys(cx.tenant).await?;
    let tenant = visitors.identity.tenant(cx).await?.name.clone();
    let scope = visitors.store.read(cx.tenant).await?;
    let row = scope.find::<signings::Entity>().filter(signings::Column::Id.eq(id)).one().await?;
    let row = row.ok_or(NotAllowed::Missing)?;
    let agreement = agreements::one(&scope, row.agreement_id).await?.ok_or(NotAllowed::Missing)?;
    let version = agreements::version(&scope, row.agreement_id, row.version).await?;
    let text = version.and_then(|version| version.texts.0.get(&row.language).cloned());
    let text = text.ok_or(NotAllowed::Missing)?;
    let guest = guests::Column::Id.eq(row.guest_id);
    let guest = scope.find::<guests::Entity>().filter(guest).one().await?;
    drop(scope);
    let said = canonical(row.agreement_id, row.version, &row.language, &text.title, &text.text);
    if sha256(said.as_bytes()).as_slice() != row.hash {
        // Somebody changed the text in the store: it is not what was signed.
        return Err(VisitError::Rule("visitors-agreement-refused-hash"));
    }
    let key = guest.as_ref().map(|guest| guest::key_of(&keys, guest)).transpose().map_err(Fault::from)?;
    let key = key.flatten();
    let opened = |place, sealed: &Option<Vec<u8>>| -> Result<Vec<u8>, VisitError> {
        match key.as_ref().zip(sealed.as_ref()) {
            Some((key, sealed)) => Ok(key.open(&place, sealed)?.to_vec()),
            None => Ok(Vec::new()),
        }
    };
    let name = String::from_utf8(opened(name_place(id), &row.name)?).unwrap_or_default();
    let drawn = strokes::from_bytes(&opened(strokes_place(id), &row.strokes)?);
    let at = row.signed_at.to_jiff().to_zoned(zone_of(&row.zone));
    let at = at.strftime("%Y-%m-%d %H:%M:%S %:z (%Q)").to_string();
    let way = match row.way {
        SigningWay::Drawn => "visitors-signing-drawn",
        SigningWay::Typed => "visitors-signing-typed",
    };
    let fact = |text: &str, value: String| (t.get(text), value);
    let number = t.with("visitors-agreement-version-number", [("number", row.version.to_string())]);
    let facts = vec![
        fact("visitors-signing-name", name),
        fact("visitors-signing-at", at),
        fact("visitors-signing-way", t.get(way)),
        fact("visitors-agreement", format!("{} {number} ({})", agreement.name, row.language)),
        fact("visitors-signing-agreement-id", row.agreement_id.to_string()),
        fact("visitors-signing-id", id.to_string()),
        ("SHA-256".to_owned(), hex(&row.hash)),
    ];
    let share = |at: u16| f32::from(at) / f32::from(REACH);
    let drawn: Vec<Vec<(f32, f32)>> = drawn
        .into_iter()
        .map(|stroke| stroke.into_iter().map(|[x, y]| (share(x), share(y))).collect())
        .collect();
    let mut blocks = vec![
        Block::Text(text.text),
        Block::Heading(t.get("visitors-registration-signed")),
        Block::Facts(facts),
    ];
    if !drawn.is_empty() {
        blocks.push(Block::Strokes(drawn));
    }
    let footer = format!("{tenant}  SHA-256 {}", hex(&row.hash));
    Ok(Document { title: text.title, blocks, footer })
}
