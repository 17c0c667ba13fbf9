//! A guest as desk and administrators see them.

use sea_orm::ColumnTrait;
use sekisho_host::Fault;
use sekisho_kernel::{Cx, Timestamp};
use sekisho_storage::Scoped;
use serde::Serialize;

use crate::Visitors;
use crate::guest;
use crate::ids::GuestId;
use crate::reads::{self, VisitFilter, VisitRow};
use crate::tables::guests;
use crate::warrant::Sight;

/// As many visits as are shown with a guest.
const MOST_VISITS: u64 = 100;

/// A guest as they are shown.
#[derive(Clone, Debug, Serialize, utoipa::ToSchema)]
pub struct GuestRow {
    /// Which.
    pub id: GuestId,
    /// Name; empty once erased.
    pub name: String,
    /// How it is read.
    pub reading: String,
    /// From where.
    pub company: String,
    /// Mail address.
    pub mail: String,
    /// Telephone.
    pub phone: String,
    /// When the guest was first written down.
    pub created_at: Timestamp,
    /// When the guest was erased.
    pub erased_at: Option<Timestamp>,
    /// Their newest visits that the viewer may see.
    pub visits: Vec<VisitRow>,
}

/// One guest, for administrators, and for the desk of a site they came or come to.
pub async fn guest_row(
    visitors: &Visitors,
    cx: &Cx,
    sight: &Sight,
    id: GuestId,
) -> Result<Option<GuestRow>, Fault> {
    if !sight.is_any_desk() {
        return Ok(None);
    }
    let filter =
        VisitFilter { guest: Some(id), backwards: true, limit: MOST_VISITS, ..VisitFilter::default() };
    let visits = reads::visits(visitors, cx, sight, &filter).await?;
    let at_their_desk = visits.iter().any(|visit| sight.is_desk(visit.site));
    if !sight.all && !at_their_desk {
        return Ok(None);
    }
    let keys = visitors.vault.keys(cx.tenant).await?;
    let scope = visitors.store.read(cx.tenant).await?;
    let this = guests::Column::Id.eq(id);
    let Some(row) = scope.find::<guests::Entity>().filter(this).one().await? else { return Ok(None) };
    let contact = guest::opened(&keys, &row)?.unwrap_or_default();
    Ok(Some(GuestRow {
        id,
        name: contact.name,
        reading: contact.reading,
        company: contact.company,
        mail: contact.mail,
        phone: contact.phone,
        created_at: row.created_at,
        erased_at: row.erased_at,
        visits,
    }))
}
