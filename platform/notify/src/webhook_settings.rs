//! Adding, pausing, replaying and removing webhook endpoints, and the feed as a list.

use sea_orm::ActiveValue::Set;
use sea_orm::{ColumnTrait, Condition};
use sekisho_crypto::Secret;
use sekisho_kernel::{AuditEntry, Cx, FieldError, Kind, Kinded, Timestamp};
use sekisho_storage::{JsonText, Scoped, StoreError, Tx};
use serde::{Deserialize, Serialize};

use crate::send::webhook::secret_text;
use crate::tables::{EndpointId, notify_feed, notify_webhooks};
use crate::webhooks::{body, is_outward, secret_place};
use crate::{Notify, NotifyError};

/// What an endpoint is to be.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize, utoipa::ToSchema)]
#[serde(default)]
pub struct NewWebhook {
    /// What people call it.
    pub name: String,
    /// Where facts are posted.
    pub url: String,
    /// Names of the facts it wants; `keys.*` is all of a module, an empty list is all.
    pub events: Vec<String>,
}

/// Why an endpoint could not be set up.
#[derive(Debug, thiserror::Error)]
pub enum WebhookError {
    /// There is none such.
    #[error("no such webhook")]
    Missing,
    /// One field is of no use.
    #[error("a field is not usable")]
    Invalid(&'static str, &'static str),
    /// The store or the keys failed.
    #[error("webhook")]
    Broken(#[from] NotifyError),
}

impl Kinded for WebhookError {
    fn kind(&self) -> Kind {
        match self {
            Self::Missing => Kind::Missing,
            Self::Invalid(field, text) => Kind::Invalid(vec![FieldError { field, text }]),
            Self::Broken(error) => error.kind(),
        }
    }
}

impl From<StoreError> for WebhookError {
    fn from(error: StoreError) -> Self {
        Self::Broken(error.into())
    }
}

/// A fact with its place in the feed.
#[derive(Clone, Debug, PartialEq, Serialize, utoipa::ToSchema)]
pub struct Fact {
    /// Its id, the same as in `webhook-id`.
    pub id: String,
    /// What a webhook gets.
    #[serde(flatten)]
    pub body: crate::webhooks::FactBody,
}

fn this(id: EndpointId) -> Condition {
    Condition::all().add(notify_webhooks::Column::Id.eq(id)).add(notify_webhooks::Column::RemovedAt.is_null())
}

async fn row(tx: &Tx, id: EndpointId) -> Result<notify_webhooks::Model, WebhookError> {
    tx.find::<notify_webhooks::Entity>().filter(this(id)).one().await?.ok_or(WebhookError::Missing)
}

impl Notify {
    /// Adds an endpoint, which gets what happens from now on; its secret is shown this once. The caller has checked that
    /// the actor administers the tenant.
    pub async fn add_webhook(&self, cx: &Cx, new: &NewWebhook) -> Result<(EndpointId, Secret), WebhookError> {
        let name = new.name.trim();
        if name.is_empty() || name.chars().count() > 100 {
            return Err(WebhookError::Invalid("name", "notify-error-name"));
        }
        let url = self.0.guard.url(&new.url).map_err(|_| WebhookError::Invalid("url", "notify-error-url"))?;
        let events = tidied(&new.events)?;
        let keys = self.0.vault.keys(cx.tenant).await.map_err(NotifyError::from)?;
        let end = self.extend_feed(cx).await?;
        let id: EndpointId = cx.fresh_id();
        let secret = Secret::new(secret_text(&cx.random()));
        let tx = self.0.store.begin(cx).await?;
        tx.insert::<notify_webhooks::Entity>(notify_webhooks::ActiveModel {
            tenant_id: Set(cx.tenant),
            id: Set(id),
            name: Set(name.to_owned()),
            url: Set(url.to_string()),
            secret: Set(keys.seal_secret(&secret_place(id), secret.expose().as_bytes())),
            events: Set(JsonText(events.clone())),
            state: Set("on".to_owned()),
            cursor: Set(end),
            attempts: Set(0),
            due: Set(cx.now),
            lease_until: Set(Timestamp::EPOCH),
            last_answer: Set(None),
            last_success: Set(None),
            removed_at: Set(None),
        })
        .await?;
        tx.commit(AuditEntry::done("webhook.add").on("webhook", id, name).with("events", events)).await?;
        Ok((id, secret))
    }

    /// Gives an endpoint a new secret, shown this once; the old one signs nothing any more.
    pub async fn renew_webhook_secret(&self, cx: &Cx, id: EndpointId) -> Result<Secret, WebhookError> {
        let keys = self.0.vault.keys(cx.tenant).await.map_err(NotifyError::from)?;
        let secret = Secret::new(secret_text(&cx.random()));
        let tx = self.0.store.begin(cx).await?;
        let row = row(&tx, id).await?;
        tx.update::<notify_webhooks::Entity>()
            .set(
                notify_webhooks::Column::Secret,
                keys.seal_secret(&secret_place(id), secret.expose().as_bytes()),
            )
            .filter(this(id))
            .exec()
            .await?;
        tx.commit(AuditEntry::done("webhook.renew_secret").on("webhook", id, row.name)).await?;
        Ok(secret)
    }

    /// Stops an endpoint for a while, or lets it go on where it stopped.
    pub async fn pause_webhook(&self, cx: &Cx, id: EndpointId, pause: bool) -> Result<(), WebhookError> {
        use notify_webhooks::Column;
        let tx = self.0.store.begin(cx).await?;
        let row = row(&tx, id).await?;
        tx.update::<notify_webhooks::Entity>()
            .set(Column::State, if pause { "paused" } else { "on" })
            .set(Column::Attempts, 0_i64)
            .set(Column::Due, cx.now)
            .filter(this(id))
            .exec()
            .await?;
        let entry = AuditEntry::done(if pause { "webhook.pause" } else { "webhook.resume" });
        tx.commit(entry.on("webhook", id, row.name)).await?;
        Ok(())
    }

    /// Sends an endpoint everything after the place `after` once more (or leaps ahead to it).
    pub async fn replay_webhook(&self, cx: &Cx, id: EndpointId, after: i64) -> Result<(), WebhookError> {
        use notify_webhooks::Column;
        let end = self.extend_feed(cx).await?;
        if !(0..=end).contains(&after) {
            return Err(WebhookError::Invalid("after", "notify-error-position"));
        }
        let tx = self.0.store.begin(cx).await?;
        let row = row(&tx, id).await?;
        tx.update::<notify_webhooks::Entity>()
            .set(Column::Cursor, after)
            .set(Column::Attempts, 0_i64)
            .set(Column::Due, cx.now)
            .filter(this(id))
            .exec()
            .await?;
        tx.commit(AuditEntry::done("webhook.replay").on("webhook", id, row.name).with("after", after))
            .await?;
        Ok(())
    }

    /// Takes an endpoint away.
    pub async fn remove_webhook(&self, cx: &Cx, id: EndpointId) -> Result<(), WebhookError> {
        let tx = self.0.store.begin(cx).await?;
        let row = row(&tx, id).await?;
        tx.update::<notify_webhooks::Entity>()
            .set(notify_webhooks::Column::RemovedAt, cx.now)
            .filter(this(id))
            .exec()
            .await?;
        tx.commit(AuditEntry::done("webhook.remove").on("webhook", id, row.name)).await?;
        Ok(())
    }

    /// Facts after a place in the feed: what a reader missed, in the order in which webhooks get them.
    pub async fn facts_after(&self, cx: &Cx, after: i64, limit: u64) -> Result<Vec<Fact>, StoreError> {
        use notify_feed::Column;
        self.extend_feed(cx).await?;
        let places = self
            .0
            .store
            .read(cx.tenant)
            .await?
            .find::<notify_feed::Entity>()
            .filter(Column::Position.gt(after))
            .ascending(Column::Position)
            .limit(limit.clamp(1, 200))
            .all()
            .await?;
        let mut facts = Vec::new();
        for place in places.into_iter().filter(|place| is_outward(&place.name)) {
            if let Some(event) = self.event(cx, place.id).await? {
                let id = format!("evt_{}", event.id.uuid().simple());
                facts.push(Fact { id, body: body(place.position, &event) });
            }
        }
        Ok(facts)
    }
}

/// Names without blanks; each a fact (`keys.taken_out`), a module (`keys.*`) or everything (`*`).
fn tidied(events: &[String]) -> Result<Vec<String>, WebhookError> {
    let names: Vec<String> = events
        .iter()
        .flat_map(|line| line.split([',', '\n', ' ', '、']))
        .map(|name| name.trim().to_owned())
        .filter(|name| !name.is_empty())
        .collect();
    let well = |name: &String| {
        name.len() <= 100 && name.bytes().all(|byte| byte.is_ascii_lowercase() || b"._*".contains(&byte))
    };
    if names.len() > 50 || !names.iter().all(well) {
        return Err(WebhookError::Invalid("events", "notify-error-events"));
    }
    Ok(names)
}
