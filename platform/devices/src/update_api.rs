//! `/api/v1/devices/updates`: what is published, and rollouts.

use axum::body::Bytes;
use axum::extract::{Path, State};
use axum::response::IntoResponse;
use sekisho_kernel::{Actor, DeviceId, SiteId, Timestamp};
use sekisho_web::{Asker, Json, JsonList, Result};
use serde::{Deserialize, Serialize};
use utoipa::OpenApi;

use crate::rollout::Progress;
use crate::{DeviceProgress, Devices, NewRollout, Publication, Published, Rollout, RolloutId};

/// Rollouts shown at most.
pub(crate) const MOST_SHOWN: u64 = 200;

/// Description of these routes.
#[derive(OpenApi)]
#[openapi(paths(
    published,
    publish,
    put_part,
    rollouts,
    start,
    rollout,
    rollout_devices,
    pause,
    resume,
    stop
))]
pub(crate) struct Description;

/// An image that signers vouch for.
#[derive(Serialize, utoipa::ToSchema)]
struct ImageBody {
    name: String,
    hardware: String,
    version: String,
    min_agent: String,
    security_version: u64,
    length: u64,
    sha256: String,
    /// Whether all pieces of it are here.
    whole: bool,
}

/// What is published.
#[derive(Serialize, utoipa::ToSchema)]
struct RepositoryBody {
    /// The server's public key, which root documents name; hexadecimal.
    online_key: String,
    root_version: u64,
    root_expires: Option<Timestamp>,
    targets_version: u64,
    /// Until when the server's word on what is current is good.
    current_until: Option<Timestamp>,
    images: Vec<ImageBody>,
}

impl From<Published> for RepositoryBody {
    fn from(published: Published) -> Self {
        let image = |(image, whole): (sekisho_updates::Image, bool)| ImageBody {
            name: image.name,
            hardware: image.hardware,
            version: image.version.to_string(),
            min_agent: image.min_agent.to_string(),
            security_version: image.security_version,
            length: image.length,
            sha256: hex::encode(image.sha256),
            whole,
        };
        Self {
            online_key: published.online_key,
            root_version: published.root_version,
            root_expires: published.root_expires,
            targets_version: published.targets_version,
            current_until: published.current_until,
            images: published.images.into_iter().map(image).collect(),
        }
    }
}

/// What signers bring.
#[derive(Deserialize, utoipa::ToSchema)]
pub(crate) struct PublicationAsk {
    /// Root documents after the one that is known, as the texts of their files.
    #[serde(default)]
    roots: Vec<String>,
    /// The targets document, as the text of its file.
    targets: String,
}

/// A rollout to be started.
#[derive(Deserialize, utoipa::ToSchema)]
pub(crate) struct RolloutAsk {
    image: String,
    #[serde(default)]
    site: Option<SiteId>,
    /// Only devices whose names hold this.
    #[serde(default)]
    names: String,
    /// How far each stage reaches: `1, 10%, 100%`.
    stages: String,
    /// Per cent of a stage that start the next.
    success: u8,
    /// More than so many per cent of a stage stop everything.
    errors: u8,
    /// Hours that a device has.
    hours: u16,
}

/// A rollout as programs see it.
#[derive(Serialize, utoipa::ToSchema)]
struct RolloutBody {
    id: uuid::Uuid,
    image: String,
    version: String,
    hardware: String,
    state: &'static str,
    /// The stage that goes on, from 1.
    stage: u64,
    success: u64,
    errors: u64,
    actor: Actor,
    created_at: Timestamp,
    ended_at: Option<Timestamp>,
    stages: Vec<StageBody>,
}

/// How a stage stands.
#[derive(Serialize, utoipa::ToSchema)]
struct StageBody {
    devices: u64,
    waiting: u64,
    on_their_way: u64,
    good: u64,
    failed: u64,
}

impl From<Rollout> for RolloutBody {
    fn from(rollout: Rollout) -> Self {
        let stages = rollout.stages.iter().map(|stage| {
            let of = |is: fn(Progress) -> bool| {
                stage.iter().filter(|(state, _)| is(**state)).map(|(_, count)| count).sum()
            };
            StageBody {
                devices: of(|_| true),
                waiting: of(|state| state == Progress::Waiting),
                on_their_way: of(Progress::is_open),
                good: of(|state| state == Progress::Good),
                failed: of(Progress::is_error),
            }
        });
        Self {
            id: rollout.id.uuid(),
            stages: stages.collect(),
            state: rollout.state.word(),
            stage: rollout.stage + 1,
            success: rollout.success,
            errors: rollout.errors,
            created_at: rollout.created_at,
            ended_at: rollout.ended_at,
            actor: rollout.actor,
            image: rollout.image,
            version: rollout.version,
            hardware: rollout.hardware,
        }
    }
}

/// A device of a rollout.
#[derive(Serialize, utoipa::ToSchema)]
pub(crate) struct RolloutDeviceBody {
    device: DeviceId,
    name: String,
    /// Its stage, from 1.
    stage: u64,
    state: &'static str,
    why: Option<String>,
    at: Timestamp,
}

impl From<DeviceProgress> for RolloutDeviceBody {
    fn from(one: DeviceProgress) -> Self {
        Self {
            device: one.device,
            name: one.name,
            stage: one.stage + 1,
            state: one.state.word(),
            why: one.why,
            at: one.at,
        }
    }
}

/// What is published.
#[utoipa::path(get, path = "/api/v1/devices/updates", tag = "devices", responses((status = 200, description = "Documents and images", body = RepositoryBody)))]
pub(crate) async fn published(asker: Asker, State(devices): State<Devices>) -> Result {
    Ok(asker.json(RepositoryBody::from(devices.published(&asker.cx).await?)))
}

/// Publishes documents, once their whole chain holds; older ones are refused.
#[utoipa::path(post, path = "/api/v1/devices/updates", tag = "devices", request_body = PublicationAsk, responses((status = 200, description = "What is published now", body = RepositoryBody), (status = 409, description = "Somebody else published at the same time"), (status = 422, description = "The chain does not hold, or no first root document was given at the machine")))]
pub(crate) async fn publish(
    asker: Asker,
    State(devices): State<Devices>,
    Json(ask): Json<PublicationAsk>,
) -> Result {
    let publication = Publication {
        roots: ask.roots.into_iter().map(String::into_bytes).collect(),
        targets: ask.targets.into_bytes(),
    };
    Ok(asker.json(RepositoryBody::from(devices.publish(&asker.cx, &publication).await?)))
}

/// Whether an image is complete.
#[derive(Serialize, utoipa::ToSchema)]
struct PartBody {
    whole: bool,
}

/// One piece of an image: 49152 bytes each, the last one what is left.
#[utoipa::path(put, path = "/api/v1/devices/updates/images/{sha256}/{part}", tag = "devices", params(("sha256" = String, Path), ("part" = u64, Path, description = "The number of the piece, from 0")), request_body(content = String, content_type = "application/octet-stream"), responses((status = 200, description = "The piece is kept", body = PartBody), (status = 404, description = "No published image has this hash"), (status = 422, description = "Not the length it must have, or the whole is not what was signed")))]
pub(crate) async fn put_part(
    asker: Asker,
    State(devices): State<Devices>,
    Path((sha256, part)): Path<(String, u64)>,
    bytes: Bytes,
) -> Result {
    let whole = devices.put_part(&asker.cx, &sha256, part, &bytes).await?;
    Ok(asker.json(PartBody { whole }))
}

/// Rollouts, newest first.
#[utoipa::path(get, path = "/api/v1/devices/rollouts", tag = "devices", responses((status = 200, description = "The newest 200", body = JsonList<RolloutBody>)))]
pub(crate) async fn rollouts(asker: Asker, State(devices): State<Devices>) -> Result {
    let all = devices.rollouts(&asker.cx, MOST_SHOWN).await?;
    Ok(JsonList::whole(all.into_iter().map(RolloutBody::from).collect::<Vec<_>>()).into_response())
}

/// Starts a rollout.
#[utoipa::path(post, path = "/api/v1/devices/rollouts", tag = "devices", request_body = RolloutAsk, responses((status = 201, description = "The rollout", body = RolloutBody), (status = 409, description = "Another rollout for this hardware goes on"), (status = 422, description = "A field is wrong, or the image is not whole")))]
pub(crate) async fn start(
    asker: Asker,
    State(devices): State<Devices>,
    Json(ask): Json<RolloutAsk>,
) -> Result {
    let RolloutAsk { image, site, names, stages, success, errors, hours } = ask;
    let new = NewRollout { image, site, names, stages, success, errors, hours };
    let id = devices.start_rollout(&asker.cx, new).await?;
    let body = RolloutBody::from(devices.rollout(&asker.cx, id).await?);
    Ok(asker.created(&format!("/api/v1/devices/rollouts/{id}"), body))
}

/// One rollout.
#[utoipa::path(get, path = "/api/v1/devices/rollouts/{id}", tag = "devices", params(("id" = String, Path)), responses((status = 200, description = "The rollout", body = RolloutBody), (status = 404, description = "No such rollout")))]
pub(crate) async fn rollout(
    asker: Asker,
    State(devices): State<Devices>,
    Path(id): Path<RolloutId>,
) -> Result {
    Ok(asker.json(RolloutBody::from(devices.rollout(&asker.cx, id).await?)))
}

/// How far each device is.
#[utoipa::path(get, path = "/api/v1/devices/rollouts/{id}/devices", tag = "devices", params(("id" = String, Path)), responses((status = 200, description = "Devices by stage and name", body = JsonList<RolloutDeviceBody>), (status = 404, description = "No such rollout")))]
pub(crate) async fn rollout_devices(
    asker: Asker,
    State(devices): State<Devices>,
    Path(id): Path<RolloutId>,
) -> Result {
    let all = devices.rollout_devices(&asker.cx, id).await?;
    Ok(JsonList::whole(all.into_iter().map(RolloutDeviceBody::from).collect::<Vec<_>>()).into_response())
}

/// Pauses a rollout.
#[utoipa::path(post, path = "/api/v1/devices/rollouts/{id}/pause", tag = "devices", params(("id" = String, Path)), responses((status = 200, description = "The rollout", body = RolloutBody), (status = 404, description = "No such rollout"), (status = 422, description = "It does not run")))]
pub(crate) async fn pause(asker: Asker, State(devices): State<Devices>, Path(id): Path<RolloutId>) -> Result {
    devices.pause_rollout(&asker.cx, id).await?;
    rollout(asker, State(devices), Path(id)).await
}

/// Lets a paused rollout go on.
#[utoipa::path(post, path = "/api/v1/devices/rollouts/{id}/resume", tag = "devices", params(("id" = String, Path)), responses((status = 200, description = "The rollout", body = RolloutBody), (status = 404, description = "No such rollout"), (status = 422, description = "It is not paused")))]
pub(crate) async fn resume(
    asker: Asker,
    State(devices): State<Devices>,
    Path(id): Path<RolloutId>,
) -> Result {
    devices.resume_rollout(&asker.cx, id).await?;
    rollout(asker, State(devices), Path(id)).await
}

/// Stops a rollout for good.
#[utoipa::path(post, path = "/api/v1/devices/rollouts/{id}/stop", tag = "devices", params(("id" = String, Path)), responses((status = 200, description = "The rollout", body = RolloutBody), (status = 404, description = "No such rollout"), (status = 422, description = "It has ended")))]
pub(crate) async fn stop(asker: Asker, State(devices): State<Devices>, Path(id): Path<RolloutId>) -> Result {
    devices.stop_rollout(&asker.cx, id).await?;
    rollout(asker, State(devices), Path(id)).await
}
