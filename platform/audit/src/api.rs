//! `/api/v1/audit-entries` and `/api/v1/audit/…`.

use axum::extract::{Path, State};
use axum::response::IntoResponse as _;
use sekisho_kernel::EntryId;
use sekisho_web::{Asker, JsonList, Query, Result, WebError};
use serde::Serialize;
use utoipa::OpenApi;

use crate::ask::Ask;
use crate::leaf::Entry;
use crate::{Audit, Found, pages};

/// Description of these routes.
#[derive(OpenApi)]
#[openapi(paths(list, entry, checkpoint, export))]
pub(crate) struct Description;

/// An entry, with the name of whoever acted.
#[derive(Serialize, utoipa::ToSchema)]
struct EntryBody {
    #[serde(flatten)]
    entry: Entry,
    /// Who acted, where the name is known.
    #[serde(skip_serializing_if = "Option::is_none")]
    actor_name: Option<String>,
}

impl From<&Found> for EntryBody {
    fn from(found: &Found) -> Self {
        Self { entry: Entry::from(&found.entry), actor_name: found.actor_name.clone() }
    }
}

/// Entries of the record, newest first.
#[utoipa::path(get, path = "/api/v1/audit-entries", tag = "audit",
    params(
        ("q" = Option<String>, Query, description = "Part of the name of the thing or of whoever acted"),
        ("from" = Option<String>, Query, description = "Not before (RFC 3339)"),
        ("to" = Option<String>, Query, description = "Before (RFC 3339)"),
        ("actor" = Option<String>, Query, description = "Id of the person, guest or device that acted"),
        ("action" = Option<String>, Query, description = "Beginning of the action: `key.` or `key.take_out`"),
        ("kind" = Option<String>, Query, description = "Kind of the thing it was done to"),
        ("target" = Option<String>, Query, description = "Id of the thing it was done to"),
        ("outcome" = Option<String>, Query, description = "`done`, `refused` or `failed`"),
        ("request" = Option<String>, Query, description = "Number of the request it belongs to"),
        ("cursor" = Option<String>, Query), ("limit" = Option<u64>, Query)),
    responses((status = 200, description = "Entries and the cursor of the next page", body = JsonList<EntryBody>), (status = 422, description = "A filter is wrong")))]
pub(crate) async fn list(asker: Asker, State(audit): State<Audit>, Query(ask): Query<Ask>) -> Result {
    let filter = ask.filter("UTC")?;
    let found = audit.record.search(&asker.cx, &filter, ask.before()?, ask.count() + 1).await?;
    let entries: Vec<_> = found.iter().map(EntryBody::from).collect();
    Ok(JsonList::of(entries, ask.count(), |found| found.entry.id()).into_response())
}

/// That an entry is in the tree (RFC 6962): hashes in base64.
#[derive(Serialize, utoipa::ToSchema)]
struct Proof {
    /// Its place, from 0.
    index: u64,
    /// The size of the tree.
    size: u64,
    /// Its own hash.
    hash: String,
    /// The hashes beside the way up to the root.
    path: Vec<String>,
    /// The signed root (C2SP signed note).
    checkpoint: String,
}

/// An entry with its proof.
#[derive(Serialize, utoipa::ToSchema)]
struct ProvenEntry {
    #[serde(flatten)]
    entry: EntryBody,
    /// None while it waits to be folded.
    proof: Option<Proof>,
}

/// One entry with the proof that it is in the signed tree.
#[utoipa::path(get, path = "/api/v1/audit-entries/{id}", tag = "audit", params(("id" = String, Path)),
    responses((status = 200, description = "The entry; `proof` is null while it waits to be folded", body = ProvenEntry), (status = 404, description = "No such entry")))]
pub(crate) async fn entry(asker: Asker, State(audit): State<Audit>, Path(id): Path<EntryId>) -> Result {
    let found = audit.record.entry(&asker.cx, id).await?;
    let proof = audit.record.inclusion(&asker.cx, id).await?.map(|(inclusion, checkpoint)| Proof {
        index: inclusion.index,
        size: inclusion.size,
        hash: inclusion.hash.to_string(),
        path: inclusion.path.iter().map(ToString::to_string).collect(),
        checkpoint,
    });
    Ok(asker.json(ProvenEntry { entry: EntryBody::from(&found), proof }))
}

/// Where the record stands.
#[derive(Serialize, utoipa::ToSchema)]
struct Head {
    /// The signed root (C2SP signed note).
    checkpoint: String,
    /// The key that checks it (C2SP vkey).
    public_key: String,
    /// Hashes that lead from the earlier tree to this one (RFC 6962), when `since` was asked.
    consistency: Option<Vec<String>>,
}

/// The newest checkpoint (C2SP signed note), the key that checks it and, with `since`, the proof that the record goes on
/// from the tree of that size.
#[utoipa::path(get, path = "/api/v1/audit/checkpoint", tag = "audit",
    params(("since" = Option<u64>, Query, description = "Size of an earlier checkpoint that was kept")),
    responses((status = 200, description = "Checkpoint, public key, consistency proof", body = Head), (status = 404, description = "No checkpoint yet, or the record is shorter than `since`")))]
pub(crate) async fn checkpoint(
    asker: Asker,
    State(audit): State<Audit>,
    Query(since): Query<Since>,
) -> Result {
    audit.sequencer.fold(asker.cx.tenant).await?;
    let key = audit.record.public_key(asker.cx.tenant).await?.ok_or_else(WebError::missing)?;
    let (checkpoint, proof) = audit.record.consistency(asker.cx.tenant, since.since.unwrap_or(0)).await?;
    let proof: Vec<_> = proof.iter().map(ToString::to_string).collect();
    let proof = since.since.map(|_| proof);
    Ok(asker.json(Head { checkpoint, public_key: key.to_string(), consistency: proof }))
}

/// What [`checkpoint`] is asked.
#[derive(Clone, Debug, Default, serde::Deserialize)]
#[serde(default)]
pub(crate) struct Since {
    since: Option<u64>,
}

/// The record, or what the filters find of it, as JSON Lines that prove themselves (`format=jsonl`), for log collectors
/// (`ocsf`), or as a table (`csv`).
#[utoipa::path(get, path = "/api/v1/audit/export", tag = "audit",
    params(("format" = Option<String>, Query, description = "`jsonl`, `ocsf` or `csv`; the filters are those of the list")),
    responses((status = 200, description = "The export", content((String = "application/jsonl"), (String = "text/csv"))), (status = 422, description = "A filter or the format is wrong")))]
pub(crate) async fn export(asker: Asker, audit: State<Audit>, ask: Query<Ask>) -> Result {
    if ask.0.format == "csv" {
        pages::export_csv(asker, audit, ask).await
    } else {
        pages::export_jsonl(asker, audit, ask).await
    }
}
