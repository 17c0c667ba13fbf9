//! `/api/v1/devices` and `/api/v1/enrol`.

use axum::extract::{Path, State};
use axum::http::StatusCode;
use axum::response::IntoResponse;
use sekisho_kernel::{DeviceId, SiteId, Timestamp};
use sekisho_storage::JsonText;
use sekisho_web::{Asker, Json, JsonList, Paging, Query, Result};
use sekisho_wire::{Enrol, Event, decode};
use serde::{Deserialize, Serialize};
use utoipa::OpenApi;

use crate::claim::CLAIM_LIFE;
use crate::device::word_or_agent;
use crate::tables::{devices_commands, devices_events};
use crate::{Device, DeviceError, Devices, NewDevice, reads, words};

/// Description of these routes.
#[derive(OpenApi)]
#[openapi(paths(list, add, one, change, revoke, claim, restart, events, commands, enrol))]
pub(crate) struct Description;

/// A device as programs see it, over the API and at the command line.
#[derive(Debug, Serialize, utoipa::ToSchema)]
pub struct DeviceBody {
    /// Which.
    pub id: DeviceId,
    /// Its kind's word.
    pub kind: &'static str,
    /// What it is called.
    pub name: String,
    /// Where it stands.
    pub site: Option<SiteId>,
    /// The word of its state.
    pub state: &'static str,
    /// When it was last heard.
    pub last_seen: Option<Timestamp>,
    /// Until when its certificate holds.
    pub certificate_until: Option<Timestamp>,
    /// The version of its software; none before its first report.
    pub agent: Option<String>,
    /// Charge in per cent, where it has a battery.
    pub battery: Option<u8>,
    /// Whether mains power is there, where it told so.
    pub mains: Option<bool>,
}

impl From<Device> for DeviceBody {
    fn from(device: Device) -> Self {
        let vitals = device.report.as_ref().map(|report| &report.vitals);
        Self {
            id: device.id,
            kind: device.kind.word(),
            state: device.state().word(),
            site: device.site,
            last_seen: device.last_seen,
            certificate_until: device.certificate_until,
            agent: vitals.map(|vitals| vitals.agent.clone()),
            battery: vitals.and_then(|vitals| vitals.battery),
            mains: vitals.map(|vitals| vitals.mains),
            name: device.name,
        }
    }
}

/// What a device is made or changed by.
#[derive(Deserialize, utoipa::ToSchema)]
pub(crate) struct DeviceAsk {
    #[serde(default)]
    kind: String,
    name: String,
    #[serde(default)]
    site: Option<SiteId>,
}

impl From<DeviceAsk> for NewDevice {
    fn from(ask: DeviceAsk) -> Self {
        Self { kind: word_or_agent(&ask.kind), name: ask.name, site: ask.site }
    }
}

/// A claim code, shown once.
#[derive(Serialize, utoipa::ToSchema)]
struct ClaimBody {
    device: DeviceId,
    claim: String,
    expires_at: Timestamp,
}

/// All devices.
#[utoipa::path(get, path = "/api/v1/devices", tag = "devices", responses((status = 200, description = "All devices by name", body = JsonList<DeviceBody>)))]
pub(crate) async fn list(asker: Asker, State(devices): State<Devices>) -> Result {
    let scope = devices.store().read(asker.cx.tenant).await?;
    let all = devices.devices(&scope).await?.into_iter().map(DeviceBody::from).collect::<Vec<_>>();
    Ok(JsonList::whole(all).into_response())
}

/// Makes a device known; the answer carries the claim code it enrols with.
#[utoipa::path(post, path = "/api/v1/devices", tag = "devices", request_body = DeviceAsk, responses((status = 201, description = "The device's id and its one-time claim code", body = ClaimBody), (status = 422, description = "A field is wrong")))]
pub(crate) async fn add(asker: Asker, State(devices): State<Devices>, Json(ask): Json<DeviceAsk>) -> Result {
    let (device, claim) = devices.add_now(&asker.cx, ask.into()).await?;
    let body = ClaimBody { device, claim: claim.to_string(), expires_at: asker.cx.now.plus(CLAIM_LIFE) };
    Ok(asker.created(&format!("/api/v1/devices/{device}"), body))
}

/// One device.
#[utoipa::path(get, path = "/api/v1/devices/{id}", tag = "devices", params(("id" = String, Path)), responses((status = 200, description = "The device", body = DeviceBody), (status = 404, description = "No such device")))]
pub(crate) async fn one(asker: Asker, State(devices): State<Devices>, Path(id): Path<DeviceId>) -> Result {
    Ok(asker.json(DeviceBody::from(devices.known(&asker.cx, id).await?)))
}

/// Renames or moves a device.
#[utoipa::path(put, path = "/api/v1/devices/{id}", tag = "devices", request_body = DeviceAsk, params(("id" = String, Path)), responses((status = 200, description = "The changed device", body = DeviceBody), (status = 404, description = "No such device"), (status = 422, description = "A field is wrong")))]
pub(crate) async fn change(
    asker: Asker,
    State(devices): State<Devices>,
    Path(id): Path<DeviceId>,
    Json(ask): Json<DeviceAsk>,
) -> Result {
    devices.change_now(&asker.cx, id, ask.into()).await?;
    one(asker, State(devices), Path(id)).await
}

/// Shuts a device out for good. Wants a second factor proved in this session within the last five minutes, which an API
/// token never has: it is refused whatever its scopes.
#[utoipa::path(delete, path = "/api/v1/devices/{id}", tag = "devices", params(("id" = String, Path)), responses((status = 204, description = "The device may not connect any more"), (status = 403, description = "A fresh proof is needed, in a session"), (status = 404, description = "No such device")))]
pub(crate) async fn revoke(asker: Asker, State(devices): State<Devices>, Path(id): Path<DeviceId>) -> Result {
    devices.revoke_now(&asker.cx, id).await?;
    Ok(asker.no_content())
}

/// A new claim code; those given before are void.
#[utoipa::path(post, path = "/api/v1/devices/{id}/claim", tag = "devices", params(("id" = String, Path)), responses((status = 200, description = "A new one-time claim code", body = ClaimBody), (status = 404, description = "No such device"), (status = 422, description = "The device is revoked")))]
pub(crate) async fn claim(
    asker: Asker,
    State(devices): State<Devices>,
    Path(device): Path<DeviceId>,
) -> Result {
    let claim = devices.claim_now(&asker.cx, device).await?;
    Ok(asker.json(ClaimBody { device, claim: claim.to_string(), expires_at: asker.cx.now.plus(CLAIM_LIFE) }))
}

/// The command by which it restarts.
#[derive(Serialize, utoipa::ToSchema)]
struct Restarting {
    command: uuid::Uuid,
}

/// Starts the device's agent again.
#[utoipa::path(post, path = "/api/v1/devices/{id}/restart", tag = "devices", params(("id" = String, Path)), responses((status = 202, description = "The command is on its way", body = Restarting), (status = 404, description = "No such device"), (status = 422, description = "The device is revoked")))]
pub(crate) async fn restart(
    asker: Asker,
    State(devices): State<Devices>,
    Path(device): Path<DeviceId>,
) -> Result {
    let command = devices.restart_now(&asker.cx, device).await?;
    Ok((StatusCode::ACCEPTED, Json(Restarting { command: command.into() })).into_response())
}

/// An event as programs see it.
#[derive(Serialize, utoipa::ToSchema)]
struct EventBody {
    id: uuid::Uuid,
    journal: i64,
    seq: i64,
    at: Timestamp,
    received_at: Timestamp,
    kind: &'static str,
    bin: Option<u16>,
}

impl From<devices_events::Model> for EventBody {
    fn from(row: devices_events::Model) -> Self {
        let kind = decode::<Event>(&row.payload).map(|event| event.kind).unwrap_or_default();
        Self {
            id: row.id.uuid(),
            journal: row.epoch,
            seq: row.seq,
            at: row.at,
            received_at: row.received_at,
            kind: words::event(&kind),
            bin: words::bin(&kind),
        }
    }
}

/// The events of a device, newest first.
#[utoipa::path(get, path = "/api/v1/devices/{id}/events", tag = "devices", params(("id" = String, Path), ("limit" = Option<u64>, Query), ("cursor" = Option<String>, Query)), responses((status = 200, description = "Events as the device told them", body = JsonList<EventBody>), (status = 404, description = "No such device")))]
pub(crate) async fn events(
    asker: Asker,
    State(devices): State<Devices>,
    Path(id): Path<DeviceId>,
    Query(paging): Query<Paging>,
) -> Result {
    devices.known(&asker.cx, id).await?;
    let scope = devices.store().read(asker.cx.tenant).await?;
    let after = paging.after::<(i64, i64)>()?;
    let rows = reads::events(&scope, id, after, paging.limit() + 1).await?;
    let rows = rows.into_iter().map(EventBody::from).collect();
    Ok(JsonList::of(rows, paging.limit(), |event: &EventBody| (event.journal, event.seq)).into_response())
}

/// A command as programs see it.
#[derive(Serialize, utoipa::ToSchema)]
struct CommandBody {
    id: uuid::Uuid,
    kind: String,
    state: &'static str,
    code: Option<String>,
    actor: sekisho_kernel::Actor,
    created_at: Timestamp,
    not_after: Timestamp,
    settled_at: Option<Timestamp>,
}

impl From<devices_commands::Model> for CommandBody {
    fn from(row: devices_commands::Model) -> Self {
        let JsonText(actor) = row.actor;
        Self {
            id: row.id,
            kind: row.kind,
            state: row.state.word(),
            code: row.code,
            actor,
            created_at: row.created_at,
            not_after: row.not_after,
            settled_at: row.settled_at,
        }
    }
}

/// The commands to a device, newest first.
#[utoipa::path(get, path = "/api/v1/devices/{id}/commands", tag = "devices", params(("id" = String, Path), ("limit" = Option<u64>, Query), ("cursor" = Option<String>, Query)), responses((status = 200, description = "Commands and how they ended", body = JsonList<CommandBody>), (status = 404, description = "No such device")))]
pub(crate) async fn commands(
    asker: Asker,
    State(devices): State<Devices>,
    Path(id): Path<DeviceId>,
    Query(paging): Query<Paging>,
) -> Result {
    devices.known(&asker.cx, id).await?;
    let scope = devices.store().read(asker.cx.tenant).await?;
    let rows = reads::commands(&scope, id, paging.after::<uuid::Uuid>()?, paging.limit() + 1).await?;
    let rows = rows.into_iter().map(CommandBody::from).collect();
    Ok(JsonList::of(rows, paging.limit(), |command: &CommandBody| command.id).into_response())
}

/// A device's first certificate, for its claim code.
#[utoipa::path(post, path = "/api/v1/enrol", tag = "devices", request_body = Enrol, responses((status = 200, description = "The certificate, where to connect, and what to trust there", body = sekisho_wire::Enrolled), (status = 422, description = "The code or the request is not valid"), (status = 429, description = "Too many tries")))]
pub(crate) async fn enrol(
    asker: Asker,
    State(devices): State<Devices>,
    axum::Json(ask): axum::Json<Enrol>,
) -> Result {
    if !devices.may_try_claim(asker.cx.address) {
        return Err(DeviceError::TooMany.into());
    }
    match devices.enrol(&asker.cx, ask).await {
        Ok(enrolled) => Ok(asker.json(enrolled)),
        Err(error) => {
            metrics::counter!("sekisho_enrolments_refused_total").increment(1);
            tracing::info!(%error, "enrolment refused");
            Err(error.into())
        }
    }
}
