//! What is in the way of a room, as far as whoever asked for it may know.

use sekisho_host::Fault;
use sekisho_kernel::Timestamp;
use sekisho_web::{Asker, WebError};
use serde::Serialize;

use super::take::Having;
use crate::Visitors;
use crate::checks::VisitError;
use crate::ids::AppointmentId;
use crate::series::deputies_in;
use crate::warrant::is_party;

/// A time at which the room is taken.
#[derive(Clone, Debug, Serialize, utoipa::ToSchema)]
#[schema(as = VisitorRoomInTheWay)]
pub(crate) struct InTheWay {
    /// From.
    pub(crate) starts_at: Timestamp,
    /// Until.
    pub(crate) ends_at: Timestamp,
    /// The clock of the site.
    pub(crate) zone: String,
    /// By which appointment; none: it is not the caller's to see.
    pub(crate) appointment: Option<AppointmentId>,
    /// Who receives there; none: likewise.
    pub(crate) host_name: Option<String>,
}

/// The refusal on its way to who asked, with what was in the way of the room.
pub(crate) async fn explained(
    visitors: &Visitors,
    asker: &Asker,
    error: VisitError,
) -> Result<(WebError, Vec<InTheWay>), WebError> {
    let rows = match &error {
        VisitError::RoomTaken(rows) => seen(visitors, asker, rows).await?,
        _ => Vec::new(),
    };
    let error = WebError::from(error);
    Ok((if rows.is_empty() { error } else { error.with("in_the_way", &rows) }, rows))
}

/// Those refusals for programs.
pub(crate) async fn refused(visitors: &Visitors, asker: &Asker, error: VisitError) -> WebError {
    match explained(visitors, asker, error).await {
        Ok((error, _)) | Err(error) => error,
    }
}

async fn seen(visitors: &Visitors, asker: &Asker, rows: &[Having]) -> Result<Vec<InTheWay>, WebError> {
    let person = asker.person()?;
    let sight = visitors.sight(&asker.cx, person).await?;
    let scope = visitors.store.read(asker.cx.tenant).await.map_err(Fault::from)?;
    let ids = rows.iter().map(|row| row.id).collect();
    let stands_in = deputies_in(&scope, person, ids).await.map_err(Fault::from)?;
    let may_see = |row: &&Having| {
        is_party((row.host, row.made_by), person, stands_in.contains(&row.id)) || sight.is_desk(row.site)
    };
    let hosts: Vec<_> = rows.iter().filter(may_see).map(|row| row.host).collect();
    let names = visitors.identity.display_names(&scope, &hosts).await?;
    let shown = rows.iter().map(|row| {
        let (starts_at, ends_at) = row.during;
        let ours = Some(row).filter(may_see);
        InTheWay {
            starts_at,
            ends_at,
            zone: row.zone.clone(),
            appointment: ours.map(|row| row.id),
            host_name: ours.and_then(|row| names.get(&row.host)).cloned(),
        }
    });
    Ok(shown.collect())
}
