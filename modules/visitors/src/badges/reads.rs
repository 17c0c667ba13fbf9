//! Questions about badges and printers.

use std::collections::{HashMap, HashSet};

use sea_orm::{ColumnTrait, Condition};
use sekisho_host::Fault;
use sekisho_kernel::{Cx, SiteId, Timestamp};
use sekisho_paper::Picture;
use sekisho_storage::Scoped;
use serde::Serialize;

use super::content::{About, face_of, leave_code, until, words};
use super::face::{Face, sheet};
use super::paper::Paper;
use super::printers::{printers_of, user_of};
use super::settings::{self, BadgeLanguage, BadgeSettings};
use crate::Visitors;
use crate::ids::{BadgeId, PrinterId, VisitId};
use crate::ledger;
use crate::tables::words::{BadgeState, Trouble, VisitKind};
use crate::tables::{printed_badges, printers, visits};

/// The badges of a visit that are shown.
const SHOWN: u64 = 20;
/// Dots an inch of a badge on a screen.
const SCREEN: u32 = 200;
/// Until when the badge of a preview is valid: six in the evening of 24 November 2026.
const SOME_EVENING: Timestamp = Timestamp::from_secs(1_795_543_200);

/// What the desk sees of the badge of a guest who is here, at a site with a printer.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, utoipa::ToSchema)]
#[schema(as = VisitorBadgeMark)]
pub struct BadgeMark {
    /// How far the last one of this arrival got; none: none was wished.
    pub state: Option<BadgeState>,
    /// What stands in its way.
    pub trouble: Option<Trouble>,
    /// On which printer.
    pub printer: String,
}

/// A badge as it is shown.
#[derive(Clone, Debug, Serialize, utoipa::ToSchema)]
#[schema(as = VisitorBadge)]
pub struct BadgeRow {
    /// Which.
    pub id: BadgeId,
    /// How far it got.
    pub state: BadgeState,
    /// What stands in the way.
    pub trouble: Option<Trouble>,
    /// On which printer.
    pub printer: PrinterId,
    /// What the printer was called.
    pub printer_name: String,
    /// When it was wished.
    pub asked_at: Timestamp,
    /// When it was done with.
    pub done_at: Option<Timestamp>,
}

/// A printer as it is shown. The password is not.
#[derive(Clone, Debug, Serialize, utoipa::ToSchema)]
#[schema(as = VisitorPrinter)]
pub struct PrinterRow {
    /// Which.
    pub id: PrinterId,
    /// At which site.
    pub site: SiteId,
    /// What people call it.
    pub name: String,
    /// Where it is.
    pub address: String,
    /// The name under which we sign in there; empty: none.
    pub user: String,
    /// What lies in it.
    pub paper: Paper,
    /// Whether badges are printed here by themselves.
    pub by_itself: bool,
    /// Counts the changes.
    pub version: i64,
}

/// The badges of those visits, of guests who are here, for the desk of their sites.
pub(crate) async fn badges_for_desk(
    scope: &impl Scoped,
    rows: &[&visits::Model],
) -> Result<HashMap<VisitId, BadgeMark>, Fault> {
    if rows.is_empty() {
        return Ok(HashMap::new());
    }
    let sites: HashSet<SiteId> = rows.iter().map(|row| row.site_id).collect();
    let of = printers::Column::SiteId.is_in(sites);
    let there = scope.find::<printers::Entity>().filter(of).all().await?;
    let there: HashSet<SiteId> = there.into_iter().map(|printer| printer.site_id).collect();
    let at_printers: HashMap<VisitId, Timestamp> = rows
        .iter()
        .filter(|row| there.contains(&row.site_id) && row.guest_id.is_some())
        .map(|row| (row.id, row.arrived_at.unwrap_or(row.starts_at)))
        .collect();
    let mut marks: HashMap<VisitId, BadgeMark> =
        at_printers.keys().map(|visit| (*visit, BadgeMark::default())).collect();
    let ids: Vec<VisitId> = at_printers.keys().copied().collect();
    for some in ids.chunks(500) {
        use printed_badges::Column;
        let these = Column::VisitId.is_in(some.iter().copied());
        let badges = scope.find::<printed_badges::Entity>().filter(these).ascending(Column::AskedAt);
        let badges = badges.ascending(Column::Id);
        for badge in badges.all().await? {
            if at_printers.get(&badge.visit_id).is_some_and(|arrived| badge.asked_at >= *arrived) {
                let mark = BadgeMark {
                    state: Some(badge.state),
                    trouble: badge.trouble,
                    printer: badge.printer_name,
                };
                marks.insert(badge.visit_id, mark);
            }
        }
    }
    Ok(marks)
}

/// The badges of a visit, the newest first.
pub async fn badges_of(scope: &impl Scoped, visit: VisitId) -> Result<Vec<BadgeRow>, Fault> {
    use printed_badges::{Column, Entity};
    let of = scope.find::<Entity>().filter(Column::VisitId.eq(visit));
    let rows = of.descending(Column::AskedAt).descending(Column::Id).limit(SHOWN).all().await?;
    let shown = rows.into_iter().map(|row| BadgeRow {
        id: row.id,
        state: row.state,
        trouble: row.trouble,
        printer: row.printer_id,
        printer_name: row.printer_name,
        asked_at: row.asked_at,
        done_at: row.done_at,
    });
    Ok(shown.collect())
}

/// The printers on which badges of that site are printed.
pub async fn printers_at(
    visitors: &Visitors,
    cx: &Cx,
    site: SiteId,
) -> Result<Vec<(PrinterId, String)>, Fault> {
    let scope = visitors.store.read(cx.tenant).await?;
    Ok(printers_of(&scope, site).await?.into_iter().map(|row| (row.id, row.name)).collect())
}

/// All printers, for administrators.
pub async fn printers(visitors: &Visitors, cx: &Cx) -> Result<Vec<PrinterRow>, Fault> {
    let scope = visitors.store.read(cx.tenant).await?;
    let all = scope.find::<printers::Entity>().filter(Condition::all());
    let rows = all.ascending(printers::Column::Name).ascending(printers::Column::Id).all().await?;
    drop(scope);
    let keys = visitors.vault.keys(cx.tenant).await?;
    rows.into_iter()
        .map(|row| {
            Ok(PrinterRow {
                id: row.id,
                site: row.site_id,
                user: user_of(&keys, &row)?,
                name: row.name,
                address: row.address,
                paper: row.paper,
                by_itself: row.by_itself,
                version: row.version,
            })
        })
        .collect()
}

/// The badge of a visit as a picture (PNG); none: the guest has no name, or is not here.
pub async fn picture_of(visitors: &Visitors, cx: &Cx, id: VisitId) -> Result<Option<Vec<u8>>, Fault> {
    let keys = visitors.vault.keys(cx.tenant).await?;
    let scope = visitors.store.read(cx.tenant).await?;
    let Some(visit) = ledger::visit(&scope, id).await?.filter(|visit| visit.state.is_here()) else {
        return Ok(None);
    };
    let (settings, _) = settings::load(&scope).await?;
    let paper = printers_of(&scope, visit.site_id).await?.first().map_or(Paper::Label, |row| row.paper);
    let newest = badges_of(&scope, id).await?.into_iter().next();
    let code = newest.map(|badge| leave_code(&keys, badge.id).0).unwrap_or_default();
    let face = face_of(visitors, cx, &scope, &settings, &visit, code).await?;
    drop(scope);
    let Some(face) = face else { return Ok(None) };
    Ok(on_screen(face, paper).await)
}

/// A badge with invented words as a picture (PNG), under settings that nobody saved yet.
pub async fn preview(
    visitors: &Visitors,
    cx: &Cx,
    settings: &BadgeSettings,
    paper: Paper,
    kind: VisitKind,
) -> Result<Option<Vec<u8>>, Fault> {
    let t = words(visitors, settings);
    let word = |id: &str| t.as_ref().map(|t| t.get(id)).unwrap_or_default();
    let (name, host) = match settings.language {
        BadgeLanguage::Ja => ("山田 太郎", "佐藤 美咲"),
        BadgeLanguage::En => ("Jonathan Example", "Misaki Sato"),
    };
    let about = About {
        organisation: visitors.identity.tenant(cx).await?.name.clone(),
        kind,
        name: name.to_owned(),
        company: word("visitors-badge-preview-company"),
        host: host.to_owned(),
        site: word("visitors-badge-preview-site"),
        until: until(t.as_ref(), SOME_EVENING, "UTC"),
    };
    let face = about.face(settings, t.as_ref(), "SK1:000000000000000000000000".to_owned());
    Ok(on_screen(face, paper).await)
}

/// The badge as pixels (PNG). Draws away from the threads that answer.
async fn on_screen(face: Face, paper: Paper) -> Option<Vec<u8>> {
    let draw = move || png(&sheet(&face, paper).ok()?.drawn((SCREEN, SCREEN)).ok()?);
    tokio::task::spawn_blocking(draw).await.ok()?
}

fn png(picture: &Picture) -> Option<Vec<u8>> {
    let mut bytes = Vec::new();
    let mut encoder = png::Encoder::new(&mut bytes, picture.width, picture.height);
    encoder.set_color(png::ColorType::Rgb);
    encoder.set_depth(png::BitDepth::Eight);
    let mut writer = encoder.write_header().ok()?;
    writer.write_image_data(&picture.rgb).ok()?;
    writer.finish().ok()?;
    Some(bytes)
}
