//! Connected calendars as pages and the API show them. Passwords are not read at all.

use sekisho_host::Fault;
use sekisho_kernel::{Cx, PersonId, SiteId, Timestamp};
use sekisho_storage::Scoped as _;
use serde::Serialize;

use super::access::Access;
use super::settings;
use crate::Visitors;
use crate::ids::CalendarId;
use crate::tables::words::VisitKind;
use crate::tables::{CalendarKind, read_calendars};

/// One of them.
#[derive(Clone, Debug, Serialize, utoipa::ToSchema)]
#[schema(as = VisitorCalendar)]
pub(crate) struct CalendarRow {
    /// Which.
    pub(crate) id: CalendarId,
    /// What it is.
    pub(crate) kind: CalendarKind,
    /// What people call it.
    pub(crate) name: String,
    /// To which site guests come when an event names none.
    pub(crate) site: SiteId,
    /// What kind of visit it is.
    pub(crate) visit_kind: VisitKind,
    /// Of a calendar: whose it is. None: whoever organises an event is believed to.
    pub(crate) person: Option<PersonId>,
    /// How often it is read, in minutes.
    pub(crate) every_minutes: i64,
    /// Of a mailbox: the name of its server.
    pub(crate) host: String,
    /// Its port.
    pub(crate) port: u16,
    /// The folder.
    pub(crate) folder: String,
    /// The reception's mail address.
    pub(crate) address: String,
    /// How the mailbox's server names itself in `Authentication-Results`.
    pub(crate) authority: String,
    /// Of a calendar: its address.
    pub(crate) url: String,
    /// The user.
    pub(crate) user: String,
    /// When it was read to its end, last.
    pub(crate) read_at: Option<Timestamp>,
    /// Since when it cannot be read.
    pub(crate) failing_since: Option<Timestamp>,
    /// Why not, as one word.
    pub(crate) wrong: Option<String>,
    /// When something was not taken, last.
    pub(crate) refused_at: Option<Timestamp>,
    /// Why not, as one word.
    pub(crate) refusal: Option<String>,
    /// Counts the changes of its settings.
    pub(crate) version: i64,
}

/// All of them by name.
pub(super) async fn calendars(visitors: &Visitors, cx: &Cx) -> Result<Vec<CalendarRow>, Fault> {
    let scope = visitors.store.read(cx.tenant).await?;
    let query = scope.find::<read_calendars::Entity>().ascending(read_calendars::Column::Name);
    let rows = query.ascending(read_calendars::Column::Id).all().await?;
    drop(scope);
    let mut all = Vec::new();
    for row in rows {
        all.push(shown(visitors, cx, row).await?);
    }
    Ok(all)
}

/// One of them.
pub(super) async fn calendar(
    visitors: &Visitors,
    cx: &Cx,
    id: CalendarId,
) -> Result<Option<CalendarRow>, Fault> {
    let row = settings::one(&visitors.store.read(cx.tenant).await?, id).await?;
    match row {
        Some(row) => Ok(Some(shown(visitors, cx, row).await?)),
        None => Ok(None),
    }
}

async fn shown(visitors: &Visitors, cx: &Cx, row: read_calendars::Model) -> Result<CalendarRow, Fault> {
    let keys = visitors.vault.keys(cx.tenant).await?;
    let Access { host, port, folder, address, authority, url, user, password: _ } =
        Access::open(&keys, row.id, &row.access_sealed)?;
    Ok(CalendarRow {
        id: row.id,
        kind: row.kind,
        name: row.name,
        site: row.site_id,
        visit_kind: row.visit_kind,
        person: row.person_id,
        every_minutes: row.every_minutes,
        host,
        port,
        folder,
        address,
        authority,
        url,
        user,
        read_at: row.read_at,
        failing_since: row.failing_since,
        wrong: row.wrong,
        refused_at: row.refused_at,
        refusal: row.refusal,
        version: row.version,
    })
}
