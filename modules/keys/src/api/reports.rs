//! Reports and the inventory.

use axum::extract::State;
use axum::response::IntoResponse;
use sekisho_kernel::{PersonId, Timestamp};
use sekisho_web::{Asker, Json, JsonList, Paging, Query, Result};
use serde::{Deserialize, Serialize};
use utoipa::OpenApi;

use crate::ids::LoanId;
use crate::reads::{self, Drift, HolderRow, IncidentRow, KeyRow, LoanFilter, LoanRow, Sight, Which};
use crate::{Keys, Mend};

/// Description of these routes.
#[derive(OpenApi)]
#[openapi(paths(loans, holders, idle, inventory, mend))]
pub(super) struct Description;

/// `?from=…&until=…&person=…&only=overdue|open`
#[derive(Default, Deserialize)]
pub(super) struct LoansAsk {
    from: Option<Timestamp>,
    until: Option<Timestamp>,
    person: Option<PersonId>,
    only: String,
    cursor: Option<String>,
    limit: Option<u64>,
}

/// Who held what when.
#[utoipa::path(get, path = "/api/v1/key-loans", tag = "keys", params(("from" = Option<String>, Query), ("until" = Option<String>, Query), ("person" = Option<String>, Query), ("only" = Option<String>, Query, description = "`open` or `overdue`"), ("cursor" = Option<String>, Query), ("limit" = Option<u64>, Query)), responses((status = 200, description = "Loans, newest first", body = JsonList<LoanRow>), (status = 404, description = "Not there, or not for you")))]
pub(super) async fn loans(asker: Asker, State(keys): State<Keys>, Query(ask): Query<LoansAsk>) -> Result {
    let sight = Sight::of(&keys, &asker.cx, asker.person()?).await?;
    let paging = Paging { cursor: ask.cursor, limit: ask.limit };
    let limit = paging.limit();
    let filter = LoanFilter {
        from: ask.from,
        until: ask.until,
        person: ask.person,
        only: ask.only,
        before: paging.after::<(Timestamp, LoanId)>()?,
        limit: limit + 1,
        ..LoanFilter::default()
    };
    let rows = reads::loans(&keys, &asker.cx, &sight, &filter).await?;
    Ok(JsonList::of(rows, limit, |row| (row.released_at, row.id)).into_response())
}

/// Who holds what now.
#[utoipa::path(get, path = "/api/v1/key-holders", tag = "keys", responses((status = 200, description = "Holders, the late ones first", body = JsonList<HolderRow>), (status = 404, description = "Not there, or not for you")))]
pub(super) async fn holders(asker: Asker, State(keys): State<Keys>) -> Result {
    let sight = Sight::of(&keys, &asker.cx, asker.person()?).await?;
    let stock = reads::stock_of(&keys, &asker.cx, &sight, Which::Out).await?;
    Ok(JsonList::whole(reads::holders(&stock)).into_response())
}

/// `?days=…`
#[derive(Default, Deserialize)]
pub(super) struct IdleAsk {
    days: Option<u32>,
}

/// The keys nobody took for so many days (90 when not said).
#[utoipa::path(get, path = "/api/v1/key-idle", tag = "keys", params(("days" = Option<u32>, Query)), responses((status = 200, description = "Unused keys", body = JsonList<KeyRow>), (status = 404, description = "Not there, or not for you")))]
pub(super) async fn idle(asker: Asker, State(keys): State<Keys>, Query(ask): Query<IdleAsk>) -> Result {
    let sight = Sight::of(&keys, &asker.cx, asker.person()?).await?;
    let stock = reads::stock(&keys, &asker.cx, &sight).await?;
    let days = std::time::Duration::from_secs(u64::from(ask.days.unwrap_or(90)) * 86_400);
    let idle = reads::idle_keys(&keys, &asker.cx, &stock, asker.cx.now.minus(days)).await?;
    Ok(asker.json(JsonList::whole(idle)))
}

/// What an inventory finds.
#[derive(Serialize, utoipa::ToSchema)]
struct Inventory {
    incidents: Vec<IncidentRow>,
    differences: Vec<Drift>,
}

/// What is wrong, and where book and box differ.
#[utoipa::path(get, path = "/api/v1/key-inventory", tag = "keys", responses((status = 200, description = "Incidents and differences", body = Inventory), (status = 404, description = "Not there, or not for you")))]
pub(super) async fn inventory(asker: Asker, State(keys): State<Keys>) -> Result {
    let sight = Sight::of(&keys, &asker.cx, asker.person()?).await?;
    let stock = reads::stock(&keys, &asker.cx, &sight).await?;
    let drift = reads::drift(&stock, &sight);
    Ok(asker.json(Inventory { incidents: stock.incidents, differences: drift }))
}

/// Puts the book right.
#[utoipa::path(post, path = "/api/v1/key-inventory/mend", tag = "keys", request_body = Mend, responses((status = 204, description = "Mended"), (status = 404, description = "Not there, or not for you")))]
pub(super) async fn mend(asker: Asker, State(keys): State<Keys>, Json(mend): Json<Mend>) -> Result {
    crate::mend_inventory(&keys, &asker.cx, mend).await?;
    Ok(asker.no_content())
}
