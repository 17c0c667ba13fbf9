//! What an administrator sees of messages: what waits, what failed and why; and sending it again.

use std::time::Duration;

use sea_orm::{ColumnTrait, Condition, FromQueryResult, QuerySelect};
use sekisho_kernel::{AuditEntry, Cx, Kind, Kinded, PersonId, TenantId, Timestamp};
use sekisho_storage::{Scoped, StoreError, Tx};
use serde::Serialize;
use uuid::Uuid;

use crate::tables::notify_deliveries::{Column, Entity, Model};
use crate::tables::{
    MailboxFileId, MailboxId, notify_answers, notify_asks, notify_attachments, notify_mailbox,
    notify_mailbox_files, notify_webhooks,
};
use crate::tell::{Content, WAKE, content_place};
use crate::{DeliveryId, Notify, NotifyError};

/// What was sent, died or was dropped is kept so long.
const KEPT: Duration = Duration::from_secs(90 * 86_400);
/// So many messages stay in the demo's mailbox.
const MAILBOX: u64 = 500;

/// Why a message could not be sent again.
#[derive(Debug, thiserror::Error)]
pub enum SendAgainError {
    /// There is none such, or it did not fail.
    #[error("no such failed message")]
    Missing,
    /// The store or the keys failed.
    #[error("send again")]
    Broken(#[from] NotifyError),
}

impl Kinded for SendAgainError {
    fn kind(&self) -> Kind {
        match self {
            Self::Missing => Kind::Missing,
            Self::Broken(error) => error.kind(),
        }
    }
}

impl From<StoreError> for SendAgainError {
    fn from(error: StoreError) -> Self {
        Self::Broken(error.into())
    }
}

/// A message as administrators see it: never its text, which is between the sender and the recipient.
#[derive(Clone, Debug, Serialize, utoipa::ToSchema)]
pub struct Notice {
    /// Which.
    pub id: DeliveryId,
    /// To whom, when it is a person of the tenant.
    pub person: Option<PersonId>,
    /// `mail`, `sms`, `push`, `chat`, `webhook`.
    pub means: String,
    /// Which text, or the name of the fact.
    pub template: String,
    /// `queued`, `sent`, `dead`, `dropped`.
    pub state: String,
    /// Tries so far.
    pub attempts: i64,
    /// Why the last try failed.
    pub last_error: Option<String>,
    /// What the far side answered.
    pub receipt: Option<String>,
    /// When it was told.
    pub created_at: Timestamp,
    /// When it is tried next.
    pub due: Timestamp,
    /// When it was sent, died or was dropped.
    pub settled_at: Option<Timestamp>,
    /// The chat channel or webhook endpoint.
    pub target: Option<Uuid>,
}

impl From<Model> for Notice {
    fn from(row: Model) -> Self {
        Self {
            id: row.id,
            person: row.person_id,
            means: row.means,
            template: row.template,
            state: row.state,
            attempts: row.attempts,
            last_error: row.last_error,
            receipt: row.receipt,
            created_at: row.created_at,
            due: row.due,
            settled_at: row.settled_at,
            target: row.target,
        }
    }
}

/// What a message of the demo's mailbox carried, without its bytes.
#[derive(Clone, Debug, FromQueryResult)]
pub(crate) struct MailboxFile {
    pub id: MailboxFileId,
    pub message_id: MailboxId,
    pub name: String,
}

/// One message of the demo's mailbox.
pub type MailboxMessage = notify_mailbox::Model;

/// Messages in `state`, the newest first, older than `before`; one more than `limit`, which tells that there are more.
pub async fn notices(
    scope: &impl Scoped,
    state: &str,
    before: Option<DeliveryId>,
    limit: u64,
) -> Result<Vec<Notice>, StoreError> {
    let mut which = Condition::all().add(Column::State.eq(state));
    if let Some(before) = before {
        which = which.add(Column::Id.lt(before));
    }
    let query = scope.find::<Entity>().filter(which).descending(Column::Id).limit(limit.saturating_add(1));
    Ok(query.all().await?.into_iter().map(Notice::from).collect())
}

/// How many messages are in `state`.
pub async fn count(scope: &impl Scoped, state: &str) -> Result<u64, StoreError> {
    scope.find::<Entity>().filter(Column::State.eq(state)).count().await
}

/// How many messages could not be delivered and wait for a person.
pub async fn undelivered(scope: &impl Scoped) -> Result<u64, StoreError> {
    count(scope, "dead").await
}

impl Notify {
    /// Opens the tenant's keys, making them at first use, so that no write has to do so inside its transaction.
    pub async fn warm(&self, tenant: TenantId) -> Result<(), NotifyError> {
        self.0.vault.keys(tenant).await?;
        Ok(())
    }

    /// Sends a failed message again, from the first try on.
    pub async fn send_again(&self, cx: &Cx, id: DeliveryId) -> Result<(), SendAgainError> {
        let tx = self.0.store.begin(cx).await?;
        let this = || Condition::all().add(Column::Id.eq(id)).add(Column::State.eq("dead"));
        let row = tx.find::<Entity>().filter(this()).one().await?.ok_or(SendAgainError::Missing)?;
        tx.update::<Entity>()
            .set(Column::State, "queued")
            .set(Column::Attempts, 0_i64)
            .set(Column::Due, cx.now)
            .set(Column::NotAfter, Option::<Timestamp>::None)
            .set(Column::SettledAt, Option::<Timestamp>::None)
            .filter(this())
            .exec()
            .await?;
        if !self.is_running() {
            tx.enqueue(WAKE, cx.now, &serde_json::json!({})).await?;
        }
        self.was_told();
        tx.commit(AuditEntry::done("notice.send_again").on("notice", id, row.template)).await?;
        Ok(())
    }

    /// Nothing is told any more about these things, in the caller's transaction: what waits or failed is dropped, and no word
    /// of any message about them stays, nor of their questions.
    pub async fn forget_about(&self, tx: &Tx, kind: &str, ids: &[Uuid]) -> Result<(), StoreError> {
        for some in ids.chunks(500) {
            let about = || {
                Condition::all()
                    .add(Column::AboutKind.eq(kind))
                    .add(Column::AboutId.is_in(some.iter().copied()))
            };
            let rows =
                tx.find::<Entity>().filter(about()).refine(|rows| rows.select_only().column(Column::Id));
            let told: Vec<DeliveryId> =
                rows.tuples::<(DeliveryId,)>().await?.into_iter().map(|row| row.0).collect();
            for told in told.chunks(500) {
                let carried = notify_attachments::Column::Id.is_in(told.iter().copied());
                tx.delete::<notify_attachments::Entity>().filter(carried).exec().await?;
                tx.update::<notify_asks::Entity>()
                    .set(notify_asks::Column::Content, Vec::<u8>::new())
                    .filter(notify_asks::Column::Id.is_in(told.iter().copied()))
                    .exec()
                    .await?;
            }
            tx.update::<Entity>().set(Column::Content, Vec::<u8>::new()).filter(about()).exec().await?;
            tx.update::<Entity>()
                .set(Column::State, "dropped")
                .set(Column::SettledAt, Some(tx.cx().now))
                .filter(about().add(Column::State.is_in(["queued", "dead"])))
                .exec()
                .await?;
        }
        Ok(())
    }

    /// Removes what was settled long ago, and all but the newest of the demo's mailbox. The host calls it for each tenant.
    pub async fn tidy(&self, cx: &Cx) -> Result<(), StoreError> {
        let scope = self.0.store.read(cx.tenant).await?;
        let newest =
            scope.find::<notify_mailbox::Entity>().descending(notify_mailbox::Column::Id).limit(MAILBOX);
        let oldest_kept = newest.all().await?.last().map(|row| row.id);
        drop(scope);
        let tx = self.0.store.begin(cx).await?;
        tx.delete::<Entity>()
            .filter(
                Condition::all()
                    .add(Column::State.ne("queued"))
                    .add(Column::SettledAt.lt(cx.now.minus(KEPT))),
            )
            .exec()
            .await?;
        // What was asked stays readable only while it can be answered; who answered what stays as long as the deliveries.
        tx.update::<notify_asks::Entity>()
            .set(notify_asks::Column::Content, Vec::<u8>::new())
            .filter(
                Condition::all()
                    .add(notify_asks::Column::Expires.lt(cx.now))
                    .add(notify_asks::Column::Content.ne(Vec::<u8>::new())),
            )
            .exec()
            .await?;
        tx.delete::<notify_asks::Entity>()
            .filter(notify_asks::Column::Expires.lt(cx.now.minus(KEPT)))
            .exec()
            .await?;
        tx.delete::<notify_answers::Entity>()
            .filter(notify_answers::Column::At.lt(cx.now.minus(KEPT)))
            .exec()
            .await?;
        tx.delete::<notify_attachments::Entity>()
            .filter(notify_attachments::Column::CreatedAt.lt(cx.now.minus(KEPT)))
            .exec()
            .await?;
        if let Some(oldest) = oldest_kept {
            tx.delete::<notify_mailbox_files::Entity>()
                .filter(notify_mailbox_files::Column::MessageId.lt(oldest))
                .exec()
                .await?;
            tx.delete::<notify_mailbox::Entity>()
                .filter(notify_mailbox::Column::Id.lt(oldest))
                .exec()
                .await?;
        }
        tx.commit_bookkeeping("old deliveries are removed").await
    }

    /// The subjects of failed messages, so that an administrator knows what they were about.
    pub(crate) async fn subject(&self, cx: &Cx, row: &Notice) -> Result<Option<String>, NotifyError> {
        if row.means == "webhook" {
            return Ok(None);
        }
        let Some(catalog) = self.0.catalog.get() else { return Ok(None) };
        let scope = self.0.store.read(cx.tenant).await?;
        let Some(full) = scope.find::<Entity>().filter(Column::Id.eq(row.id)).one().await? else {
            return Ok(None);
        };
        if full.content.is_empty() {
            return Ok(None);
        }
        let keys = self.0.vault.keys(cx.tenant).await?;
        let content: Content = serde_json::from_slice(&keys.open(&content_place(row.id), &full.content)?)?;
        let home = crate::Home { name: String::new(), base: String::new() };
        Ok(Some(crate::render::words(catalog, cx.language, &row.template, &content, "—", &home).subject))
    }

    /// The newest messages of the demo's mailbox.
    pub async fn mailbox(&self, cx: &Cx, most: u64) -> Result<Vec<MailboxMessage>, StoreError> {
        let scope = self.0.store.read(cx.tenant).await?;
        scope.find::<notify_mailbox::Entity>().descending(notify_mailbox::Column::Id).limit(most).all().await
    }

    /// What those messages carried, without its bytes.
    pub(crate) async fn mailbox_files(
        &self,
        cx: &Cx,
        messages: &[MailboxMessage],
    ) -> Result<Vec<MailboxFile>, StoreError> {
        use notify_mailbox_files::{Column, Entity};
        let scope = self.0.store.read(cx.tenant).await?;
        let rows = scope.find::<Entity>().filter(Column::MessageId.is_in(messages.iter().map(|row| row.id)));
        let rows =
            rows.refine(|select| select.select_only().columns([Column::Id, Column::MessageId, Column::Name]));
        rows.ascending(Column::Id).limit(500).all_as().await
    }

    /// One of them whole.
    pub(crate) async fn mailbox_file(
        &self,
        cx: &Cx,
        id: MailboxFileId,
    ) -> Result<Option<notify_mailbox_files::Model>, StoreError> {
        use notify_mailbox_files::{Column, Entity};
        self.0.store.read(cx.tenant).await?.find::<Entity>().filter(Column::Id.eq(id)).one().await
    }

    /// The tenant's webhook endpoints by name.
    pub async fn webhooks(&self, cx: &Cx) -> Result<Vec<notify_webhooks::Model>, StoreError> {
        use notify_webhooks::Column;
        let scope = self.0.store.read(cx.tenant).await?;
        scope
            .find::<notify_webhooks::Entity>()
            .filter(Column::RemovedAt.is_null())
            .ascending(Column::Name)
            .all()
            .await
    }
}
