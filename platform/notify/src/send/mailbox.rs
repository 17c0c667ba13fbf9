//! The demo's way out: everything is kept in a table and shown on `/mailbox`, nothing leaves the machine.

use async_trait::async_trait;
use sea_orm::ActiveValue::Set;
use sekisho_kernel::Cx;
use sekisho_storage::{Event, JsonText, Store};
use serde::Serialize;

use super::webhook::Call;
use super::{Destination, Letter, SendError, Sender, sms};
use crate::Attachment;
use crate::tables::{notify_mailbox, notify_mailbox_files};

/// Keeps what would have gone out.
pub struct Mailbox {
    store: Store,
}

/// Something came into the mailbox; its page shows it at once.
#[derive(Serialize)]
struct MailboxChanged {}

impl Event for MailboxChanged {
    const NAME: &'static str = "notify.mailbox_changed";
}

impl Mailbox {
    /// Keeps them in `store`.
    pub fn new(store: Store) -> Self {
        Self { store }
    }

    async fn keep(
        &self,
        cx: &Cx,
        row: notify_mailbox::ActiveModel,
        files: &[Attachment],
    ) -> Result<String, SendError> {
        let kept = async {
            let mut tx = self.store.begin(cx).await?;
            let message = row.id.clone();
            tx.insert::<notify_mailbox::Entity>(row).await?;
            for file in files {
                tx.insert::<notify_mailbox_files::Entity>(notify_mailbox_files::ActiveModel {
                    tenant_id: Set(cx.tenant),
                    id: Set(cx.fresh_id()),
                    message_id: message.clone(),
                    name: Set(file.file_name()),
                    content_type: Set(file.content_type().to_owned()),
                    bytes: Set(file.bytes().to_vec()),
                })
                .await?;
            }
            tx.publish(&MailboxChanged {}).await?;
            tx.commit_bookkeeping("a message into the demo's mailbox").await
        };
        kept.await.map(|()| "mailbox".to_owned()).map_err(|error| SendError::later(error.to_string()))
    }
}

#[async_trait]
impl Sender for Mailbox {
    async fn send(&self, cx: &Cx, letter: &Letter) -> Result<String, SendError> {
        let (recipient, body) = match &letter.destination {
            Destination::Mail { address, name, .. } if name.is_empty() => {
                (address.clone(), letter.body.clone())
            }
            Destination::Mail { address, name, .. } => (format!("{name} <{address}>"), letter.body.clone()),
            Destination::Sms { number, .. } => (number.clone(), sms::words(letter)),
            Destination::Push { .. } => ("Web Push".to_owned(), letter.short.clone()),
            Destination::Chat { channel } => (format!("{channel:?}"), letter.body.clone()),
        };
        let row = notify_mailbox::ActiveModel {
            tenant_id: Set(cx.tenant),
            id: Set(cx.fresh_id()),
            means: Set(letter.destination.means().word().to_owned()),
            recipient: Set(recipient),
            subject: Set(letter.subject.clone()),
            body: Set(body),
            links: Set(JsonText(letter.buttons().cloned().collect())),
            at: Set(cx.now),
        };
        self.keep(cx, row, &letter.attachments).await
    }

    async fn post(&self, cx: &Cx, call: &Call) -> Result<String, SendError> {
        let row = notify_mailbox::ActiveModel {
            tenant_id: Set(cx.tenant),
            id: Set(cx.fresh_id()),
            means: Set("webhook".to_owned()),
            recipient: Set(call.url.clone()),
            subject: Set(call.name.clone()),
            body: Set(call.body.clone()),
            links: Set(JsonText(Vec::new())),
            at: Set(cx.now),
        };
        self.keep(cx, row, &[]).await
    }
}
