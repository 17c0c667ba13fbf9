//! Who of the visitors is in the building: the list with which one counts outside whether everybody came out.

use std::collections::HashMap;

use sea_orm::ColumnTrait;
use sekisho_host::Fault;
use sekisho_kernel::{Cx, SiteId, Timestamp};
use sekisho_storage::Scoped;
use serde::Serialize;

use crate::Visitors;
use crate::ids::{AppointmentId, VisitId};
use crate::reads::{self, VisitFilter, VisitRow};
use crate::tables::appointments;
use crate::tables::words::VisitState;
use crate::warrant::Sight;

/// Visitors in one building, by their names; whom nobody named comes last.
#[derive(Clone, Debug, Serialize, utoipa::ToSchema)]
pub struct EvacuationList {
    /// Where.
    pub site: SiteId,
    /// That site's name.
    pub site_name: String,
    /// That site's clock (IANA).
    pub zone: String,
    /// When the list was true.
    pub at: Timestamp,
    /// People, with those who came along.
    pub heads: i64,
    /// Who.
    pub present: Vec<Present>,
}

/// Somebody in the building, with those who came along.
#[derive(Clone, Debug, Serialize, utoipa::ToSchema)]
pub struct Present {
    /// By which visit.
    pub visit: VisitId,
    /// Name; empty for people who were only counted.
    pub name: String,
    /// From where.
    pub company: String,
    /// How many they are, from 1.
    pub heads: i64,
    /// Whom they visit; empty: nobody in particular.
    pub host_name: String,
    /// Room or floor of the appointment; may be empty.
    pub place: String,
    /// Whether they were let in, or still stand at the reception.
    pub admitted: bool,
    /// Since when they are here.
    pub since: Timestamp,
}

/// The lists of the sites whose desk `sight` is, or of one of them. None when there is no such site for this viewer.
pub async fn evacuation(
    visitors: &Visitors,
    cx: &Cx,
    sight: &Sight,
    only: Option<SiteId>,
) -> Result<Vec<EvacuationList>, Fault> {
    let scope = visitors.store.read(cx.tenant).await?;
    let sites = sekisho_places::sites(&scope).await?;
    let sites =
        sites.into_iter().filter(|site| sight.is_desk(site.id) && only.is_none_or(|id| id == site.id));
    let mut lists = Vec::new();
    for site in sites {
        let here = VisitFilter {
            states: vec![VisitState::Arrived, VisitState::Admitted],
            site: Some(site.id),
            ..VisitFilter::default()
        };
        let rows = reads::visits(visitors, cx, sight, &here).await?;
        let places = places(&scope, &rows).await?;
        let mut present: Vec<Present> = rows.into_iter().map(|row| present(row, &places)).collect();
        present.sort_by(|one, other| {
            (one.name.is_empty(), &one.name, one.since).cmp(&(
                other.name.is_empty(),
                &other.name,
                other.since,
            ))
        });
        let heads = present.iter().map(|one| one.heads).sum();
        lists.push(EvacuationList {
            site: site.id,
            site_name: site.name,
            zone: site.zone,
            at: cx.now,
            heads,
            present,
        });
    }
    Ok(lists)
}

fn present(row: VisitRow, places: &HashMap<AppointmentId, String>) -> Present {
    let place = row.appointment.and_then(|id| places.get(&id)).cloned().unwrap_or_default();
    Present {
        visit: row.id,
        heads: row.heads(),
        name: row.name,
        company: row.company,
        host_name: row.host_name,
        place,
        admitted: row.state == VisitState::Admitted,
        since: row.arrived_at.or(row.admitted_at).unwrap_or(row.starts_at),
    }
}

/// Rooms and floors of the appointments behind these visits.
pub(crate) async fn places(
    scope: &impl Scoped,
    rows: &[VisitRow],
) -> Result<HashMap<AppointmentId, String>, Fault> {
    let ids: Vec<AppointmentId> = rows.iter().filter_map(|row| row.appointment).collect();
    let mut places = HashMap::new();
    for part in ids.chunks(500) {
        let these = appointments::Column::Id.is_in(part.iter().copied());
        for row in scope.find::<appointments::Entity>().filter(these).all().await? {
            places.insert(row.id, row.place);
        }
    }
    Ok(places)
}
