//! The API: notices, channels, webhooks, the feed of facts, one's own choices and browsers.

use axum::extract::{Path, State};
use axum::http::{HeaderMap, header};
use axum::response::IntoResponse;
use sekisho_kernel::Timestamp;
use sekisho_storage::JsonText;
use sekisho_web::{Asker, Json, JsonList, Query, Result, WebError};
use serde::{Deserialize, Serialize};
use utoipa::OpenApi;

use crate::send::push::Subscription;
use crate::{
    Browser, Channel, ChannelId, ChannelSettings, DeliveryId, EndpointId, Fact, Means, NewWebhook, Notice,
    Notify, notices as listed,
};

/// Description of these routes.
#[derive(OpenApi)]
#[openapi(paths(
    notices,
    send_again,
    channels,
    add_channel,
    change_channel,
    remove_channel,
    test_channel,
    webhooks,
    add_webhook,
    change_webhook,
    remove_webhook,
    replay_webhook,
    renew_secret,
    events,
    push_key,
    browsers,
    subscribe,
    unsubscribe,
    preferences,
    prefer,
    crate::api_acts::show,
    crate::api_acts::choose
))]
pub(crate) struct Description;

/// Which notices.
#[derive(Clone, Debug, Default, Deserialize)]
#[serde(default)]
pub(crate) struct NoticesAsk {
    state: String,
    cursor: Option<String>,
    limit: Option<u64>,
}

/// Messages by state, the newest first.
#[utoipa::path(get, path = "/api/v1/notices", tag = "notify", params(("state" = Option<String>, Query, description = "dead (default), queued, sent, dropped"), ("cursor" = Option<String>, Query), ("limit" = Option<u64>, Query)), responses((status = 200, description = "Messages without their texts", body = JsonList<Notice>)))]
pub(crate) async fn notices(
    asker: Asker,
    State(notify): State<Notify>,
    Query(ask): Query<NoticesAsk>,
) -> Result {
    let state = if ask.state.is_empty() { "dead" } else { &ask.state };
    let limit = ask.limit.unwrap_or(50).clamp(1, 200);
    let before: Option<DeliveryId> = ask
        .cursor
        .as_deref()
        .filter(|cursor| !cursor.is_empty())
        .map(sekisho_web::Cursor::decode)
        .transpose()?;
    let scope = notify.0.store.read(asker.cx.tenant).await?;
    let rows = listed(&scope, state, before, limit).await?;
    Ok(JsonList::of(rows, limit, |row| row.id).into_response())
}

/// Sends a failed message again.
#[utoipa::path(post, path = "/api/v1/notices/{id}/send-again", tag = "notify", params(("id" = String, Path)), responses((status = 204, description = "It is queued"), (status = 404, description = "No such failed message")))]
pub(crate) async fn send_again(
    asker: Asker,
    State(notify): State<Notify>,
    Path(id): Path<DeliveryId>,
) -> Result {
    notify.send_again(&asker.cx, id).await?;
    Ok(asker.no_content())
}

/// The ways out; their settings are never shown.
#[utoipa::path(get, path = "/api/v1/channels", tag = "notify", responses((status = 200, description = "Names and kinds", body = JsonList<Channel>)))]
pub(crate) async fn channels(asker: Asker, State(notify): State<Notify>) -> Result {
    let scope = notify.0.store.read(asker.cx.tenant).await?;
    Ok(JsonList::whole(crate::channels(&scope).await?).into_response())
}

/// A way out to be.
#[derive(Clone, Deserialize, utoipa::ToSchema)]
pub(crate) struct NewChannel {
    name: String,
    settings: ChannelSettings,
}

/// Adds a way out.
#[utoipa::path(post, path = "/api/v1/channels", tag = "notify", request_body = NewChannel, responses((status = 201, description = "Added", body = Channel), (status = 422, description = "A field is wrong")))]
pub(crate) async fn add_channel(
    asker: Asker,
    State(notify): State<Notify>,
    Json(new): Json<NewChannel>,
) -> Result {
    let id = notify.save_channel(&asker.cx, None, &new.name, &new.settings).await?;
    let channel = notify.channel(&asker.cx, id).await?;
    Ok(asker.created(&format!("/api/v1/channels/{id}"), channel))
}

/// Sets a way out up anew.
#[utoipa::path(put, path = "/api/v1/channels/{id}", tag = "notify", request_body = NewChannel, params(("id" = String, Path)), responses((status = 200, description = "Changed", body = Channel), (status = 404, description = "No such channel")))]
pub(crate) async fn change_channel(
    asker: Asker,
    State(notify): State<Notify>,
    Path(id): Path<ChannelId>,
    Json(new): Json<NewChannel>,
) -> Result {
    notify.save_channel(&asker.cx, Some(id), &new.name, &new.settings).await?;
    Ok(asker.json(notify.channel(&asker.cx, id).await?))
}

/// Takes a way out away.
#[utoipa::path(delete, path = "/api/v1/channels/{id}", tag = "notify", params(("id" = String, Path)), responses((status = 204, description = "Taken away"), (status = 404, description = "No such channel")))]
pub(crate) async fn remove_channel(
    asker: Asker,
    State(notify): State<Notify>,
    Path(id): Path<ChannelId>,
) -> Result {
    notify.remove_channel(&asker.cx, id).await?;
    Ok(asker.no_content())
}

/// Sends a test message through a way out.
#[utoipa::path(post, path = "/api/v1/channels/{id}/test", tag = "notify", params(("id" = String, Path)), responses((status = 204, description = "It is queued"), (status = 404, description = "No such channel")))]
pub(crate) async fn test_channel(
    asker: Asker,
    State(notify): State<Notify>,
    Path(id): Path<ChannelId>,
) -> Result {
    notify.send_test(&asker.cx, id, asker.person()?).await?;
    Ok(asker.no_content())
}

/// An endpoint as it is listed.
#[derive(Clone, Debug, Serialize, utoipa::ToSchema)]
struct Endpoint {
    id: EndpointId,
    name: String,
    url: String,
    events: Vec<String>,
    state: String,
    position: i64,
    attempts: i64,
    last_answer: Option<String>,
    last_success: Option<Timestamp>,
}

/// The webhook endpoints.
#[utoipa::path(get, path = "/api/v1/webhooks", tag = "notify", responses((status = 200, description = "Endpoints and where each stands in the feed", body = JsonList<Endpoint>)))]
pub(crate) async fn webhooks(asker: Asker, State(notify): State<Notify>) -> Result {
    let rows = notify.webhooks(&asker.cx).await?.into_iter().map(|row| {
        let JsonText(events) = row.events;
        Endpoint {
            id: row.id,
            name: row.name,
            url: row.url,
            events,
            state: row.state,
            position: row.cursor,
            attempts: row.attempts,
            last_answer: row.last_answer,
            last_success: row.last_success,
        }
    });
    Ok(JsonList::whole(rows.collect()).into_response())
}

/// The endpoint that was added, and the secret that signs what it gets: shown this once.
#[derive(Serialize, utoipa::ToSchema)]
struct AddedWebhook {
    id: EndpointId,
    secret: String,
}

/// Adds an endpoint.
#[utoipa::path(post, path = "/api/v1/webhooks", tag = "notify", request_body = NewWebhook, responses((status = 201, description = "Added; the secret is in this answer and nowhere else", body = AddedWebhook), (status = 422, description = "A field is wrong")))]
pub(crate) async fn add_webhook(
    asker: Asker,
    State(notify): State<Notify>,
    Json(new): Json<NewWebhook>,
) -> Result {
    let (id, secret) = notify.add_webhook(&asker.cx, &new).await?;
    let body = AddedWebhook { id, secret: secret.expose().to_owned() };
    Ok(asker.created(&format!("/api/v1/webhooks/{id}"), body))
}

/// What can be changed of an endpoint.
#[derive(Clone, Debug, Deserialize, utoipa::ToSchema)]
pub(crate) struct WebhookChange {
    paused: bool,
}

/// Pauses an endpoint or lets it go on.
#[utoipa::path(patch, path = "/api/v1/webhooks/{id}", tag = "notify", request_body = WebhookChange, params(("id" = String, Path)), responses((status = 204, description = "Changed"), (status = 404, description = "No such webhook")))]
pub(crate) async fn change_webhook(
    asker: Asker,
    State(notify): State<Notify>,
    Path(id): Path<EndpointId>,
    Json(change): Json<WebhookChange>,
) -> Result {
    notify.pause_webhook(&asker.cx, id, change.paused).await?;
    Ok(asker.no_content())
}

/// Takes an endpoint away.
#[utoipa::path(delete, path = "/api/v1/webhooks/{id}", tag = "notify", params(("id" = String, Path)), responses((status = 204, description = "Taken away"), (status = 404, description = "No such webhook")))]
pub(crate) async fn remove_webhook(
    asker: Asker,
    State(notify): State<Notify>,
    Path(id): Path<EndpointId>,
) -> Result {
    notify.remove_webhook(&asker.cx, id).await?;
    Ok(asker.no_content())
}

/// Where to begin again.
#[derive(Clone, Debug, Deserialize, utoipa::ToSchema)]
pub(crate) struct Replay {
    after: i64,
}

/// Sends an endpoint everything after a position once more.
#[utoipa::path(post, path = "/api/v1/webhooks/{id}/replay", tag = "notify", request_body = Replay, params(("id" = String, Path)), responses((status = 204, description = "It begins again there"), (status = 422, description = "No such position")))]
pub(crate) async fn replay_webhook(
    asker: Asker,
    State(notify): State<Notify>,
    Path(id): Path<EndpointId>,
    Json(replay): Json<Replay>,
) -> Result {
    notify.replay_webhook(&asker.cx, id, replay.after).await?;
    Ok(asker.no_content())
}

/// The new secret, shown this once.
#[derive(Serialize, utoipa::ToSchema)]
struct RenewedSecret {
    secret: String,
}

/// Gives an endpoint a new secret.
#[utoipa::path(post, path = "/api/v1/webhooks/{id}/secret", tag = "notify", params(("id" = String, Path)), responses((status = 200, description = "The new secret, shown once", body = RenewedSecret), (status = 404, description = "No such webhook")))]
pub(crate) async fn renew_secret(
    asker: Asker,
    State(notify): State<Notify>,
    Path(id): Path<EndpointId>,
) -> Result {
    let secret = notify.renew_webhook_secret(&asker.cx, id).await?;
    Ok(asker.json(RenewedSecret { secret: secret.expose().to_owned() }))
}

/// Which facts.
#[derive(Clone, Debug, Default, Deserialize)]
#[serde(default)]
pub(crate) struct EventsAsk {
    after: i64,
    limit: Option<u64>,
}

/// Facts after a position, in the order in which webhooks get them.
#[utoipa::path(get, path = "/api/v1/events", tag = "notify", params(("after" = Option<i64>, Query), ("limit" = Option<u64>, Query)), responses((status = 200, description = "Facts; ask again after the last position", body = JsonList<Fact>)))]
pub(crate) async fn events(
    asker: Asker,
    State(notify): State<Notify>,
    Query(ask): Query<EventsAsk>,
) -> Result {
    let facts = notify.facts_after(&asker.cx, ask.after, ask.limit.unwrap_or(50)).await?;
    Ok(JsonList::whole(facts).into_response())
}

/// What a browser calls `applicationServerKey`.
#[derive(Serialize, utoipa::ToSchema)]
struct PushKey {
    key: String,
}

/// The key with which a browser subscribes to push messages.
#[utoipa::path(get, path = "/api/v1/me/push-key", tag = "notify", responses((status = 200, description = "applicationServerKey", body = PushKey)))]
pub(crate) async fn push_key(asker: Asker, State(notify): State<Notify>) -> Result {
    Ok(asker.json(PushKey { key: notify.push_key(&asker.cx).await? }))
}

/// My browsers that take push messages.
#[utoipa::path(get, path = "/api/v1/me/push-subscriptions", tag = "notify", responses((status = 200, description = "Browsers", body = JsonList<Browser>)))]
pub(crate) async fn browsers(asker: Asker, State(notify): State<Notify>) -> Result {
    Ok(JsonList::whole(notify.browsers(&asker.cx, asker.person()?).await?).into_response())
}

/// What `PushSubscription.toJSON()` gives.
#[derive(Clone, Debug, Deserialize)]
pub(crate) struct FromBrowser {
    endpoint: String,
    keys: BrowserKeys,
}

#[derive(Clone, Debug, Deserialize)]
struct BrowserKeys {
    p256dh: String,
    auth: String,
}

/// The subscription that was made.
#[derive(Serialize, utoipa::ToSchema)]
struct Subscribed {
    id: crate::SubscriptionId,
}

/// Lets this browser take my push messages.
#[utoipa::path(post, path = "/api/v1/me/push-subscriptions", tag = "notify", request_body(content = Object, description = "What `PushSubscription.toJSON()` gives: `endpoint`, `keys.p256dh` and `keys.auth` are read"), responses((status = 201, description = "It takes them now", body = Subscribed), (status = 422, description = "Not a subscription")))]
pub(crate) async fn subscribe(
    asker: Asker,
    State(notify): State<Notify>,
    headers: HeaderMap,
    axum::Json(sent): axum::Json<FromBrowser>,
) -> Result {
    let agent = headers.get(header::USER_AGENT).and_then(|agent| agent.to_str().ok()).unwrap_or_default();
    let FromBrowser { endpoint, keys: BrowserKeys { p256dh, auth } } = sent;
    let subscription = Subscription { endpoint, p256dh, auth };
    let id = notify.subscribe(&asker.cx, asker.person()?, &subscription, agent).await?;
    Ok(asker.created("/api/v1/me/push-subscriptions", Subscribed { id }))
}

/// Which browser.
#[derive(Clone, Debug, Deserialize, utoipa::ToSchema)]
pub(crate) struct Unsubscribe {
    endpoint: String,
}

/// Ends a browser's subscription.
#[utoipa::path(delete, path = "/api/v1/me/push-subscriptions", tag = "notify", request_body = Unsubscribe, responses((status = 204, description = "Ended"), (status = 404, description = "No such subscription")))]
pub(crate) async fn unsubscribe(
    asker: Asker,
    State(notify): State<Notify>,
    Json(which): Json<Unsubscribe>,
) -> Result {
    notify.unsubscribe(&asker.cx, asker.person()?, Err(&which.endpoint)).await?;
    Ok(asker.no_content())
}

/// My choice for one kind.
#[derive(Clone, Debug, Serialize, utoipa::ToSchema)]
struct Preference {
    kind: &'static str,
    means: Vec<Means>,
}

/// By which means I am told what.
#[utoipa::path(get, path = "/api/v1/me/notice-preferences", tag = "notify", responses((status = 200, description = "Means by kind", body = JsonList<Preference>)))]
pub(crate) async fn preferences(asker: Asker, State(notify): State<Notify>) -> Result {
    let mut chosen = notify.preferences(&asker.cx, asker.person()?).await?;
    let rows = notify.kinds().into_iter().map(|kind| {
        let means = chosen.remove(kind.kind).unwrap_or_else(|| vec![Means::Mail, Means::Push]);
        Preference { kind: kind.kind, means }
    });
    Ok(JsonList::whole(rows.collect()).into_response())
}

/// The means for one kind.
#[derive(Clone, Debug, Deserialize, utoipa::ToSchema)]
pub(crate) struct Prefer {
    means: Vec<Means>,
}

/// Chooses the means for one kind.
#[utoipa::path(put, path = "/api/v1/me/notice-preferences/{kind}", tag = "notify", request_body = Prefer, params(("kind" = String, Path)), responses((status = 204, description = "Kept"), (status = 404, description = "No such kind")))]
pub(crate) async fn prefer(
    asker: Asker,
    State(notify): State<Notify>,
    Path(kind): Path<String>,
    Json(chosen): Json<Prefer>,
) -> Result {
    if chosen.means.contains(&Means::Chat) {
        return Err(WebError::invalid("means", "notify-error-means"));
    }
    notify.prefer(&asker.cx, asker.person()?, &kind, &chosen.means).await?;
    Ok(asker.no_content())
}
