//! A message is told: one delivery for each means and address, in the caller's transaction.

use std::collections::BTreeMap;

use sea_orm::ActiveValue::Set;
use sea_orm::{ColumnTrait, Condition};
use sekisho_crypto::Place;
use sekisho_kernel::{Cx, PersonId, Timestamp};
use sekisho_storage::{JsonText, Scoped, Tx};
use serde::{Deserialize, Serialize};
use uuid::Uuid;

use crate::acts::Buttons;
use crate::tables::{
    notify_asks, notify_attachments, notify_channels, notify_deliveries, notify_preferences,
    notify_subscriptions,
};
use crate::{
    Arg, DeliveryId, Lane, Link, Means, Message, Notify, NotifyError, Question, Recipient, acts, attachment,
};

/// Job that sends what is due, when no dispatcher runs in this process.
pub(crate) const WAKE: &str = "notify.wake";

/// What is sealed in a delivery.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub(crate) struct Content {
    pub to: Recipient,
    pub args: BTreeMap<String, Arg>,
    pub links: Vec<Link>,
    /// Whether a row of attachments goes with it.
    #[serde(default)]
    pub carries: bool,
    /// The answers as buttons.
    #[serde(default)]
    pub buttons: Option<Buttons>,
}

pub(crate) fn attachments_place(id: DeliveryId) -> Place<'static> {
    Place { table: "notify_attachments", column: "content", row: id.uuid() }
}

pub(crate) fn content_place(id: DeliveryId) -> Place<'static> {
    Place { table: "notify_deliveries", column: "content", row: id.uuid() }
}

impl Notify {
    /// Leaves `message` to be sent, in the caller's transaction.
    ///
    /// # Errors
    /// When the store or the tenant's keys fail; the caller's act fails with it.
    pub async fn tell(&self, tx: &mut Tx, message: Message) -> Result<(), NotifyError> {
        self.tell_all(tx, vec![message]).await
    }

    /// Leaves many messages to be sent; all or none.
    pub async fn tell_all(&self, tx: &mut Tx, messages: Vec<Message>) -> Result<(), NotifyError> {
        let keys = self.0.vault.keys(tx.cx().tenant).await?;
        let (mut rows, mut carried, mut asks) = (Vec::new(), Vec::new(), Vec::new());
        for message in messages {
            if let Some(fault) = attachment::fault(&message.attachments) {
                return Err(NotifyError::Attachments(fault));
            }
            if let Some(fault) = message.question.as_ref().and_then(Question::fault) {
                return Err(NotifyError::Question(fault));
            }
            // The same word to somebody else is another message. An address may be guessed, so it is hidden behind a key.
            let whom =
                sekisho_crypto::token_text(&keys.mac("notify.once", &serde_json::to_vec(&message.to)?));
            for (means, target) in self.ways(tx, &message).await? {
                let carries = means == Means::Mail && !message.attachments.is_empty();
                let once = message.once.as_ref().map(|word| {
                    let target = target.map(|target| target.to_string()).unwrap_or_default();
                    format!("{word}/{}/{}/{target}/{whom}", message.template, means.word())
                });
                if let Some(once) = &once
                    && told(tx, once).await?
                {
                    continue;
                }
                let id: DeliveryId = tx.cx().fresh_id();
                let buttons = match &message.question {
                    None => None,
                    Some(question) => {
                        let (ask, buttons) = acts::ask(tx.cx(), &keys, id, &message, question, means)?;
                        asks.push(ask);
                        Some(buttons)
                    }
                };
                let content = Content {
                    to: message.to.clone(),
                    args: message.args.clone(),
                    links: message.links.clone(),
                    carries,
                    buttons,
                };
                let content = serde_json::to_vec(&content)?;
                let sealed = keys.seal(&content_place(id), &content);
                if carries {
                    let content = serde_json::to_vec(&message.attachments)?;
                    carried.push(notify_attachments::ActiveModel {
                        tenant_id: Set(tx.cx().tenant),
                        id: Set(id),
                        content: Set(keys.seal(&attachments_place(id), &content)),
                        created_at: Set(tx.cx().now),
                    });
                }
                rows.push(row(tx, id, &message, (means, target), sealed, once));
            }
        }
        if rows.is_empty() {
            return Ok(());
        }
        tx.insert_many::<notify_deliveries::Entity>(rows).await?;
        if !asks.is_empty() {
            tx.insert_many::<notify_asks::Entity>(asks).await?;
        }
        // One by one: a batch of a megabyte each would be one statement of many.
        for row in carried {
            tx.insert::<notify_attachments::Entity>(row).await?;
        }
        self.was_told();
        // A running dispatcher sees the commit; without one a job sends it.
        if !self.is_running() {
            tx.enqueue(WAKE, tx.cx().now, &serde_json::json!({})).await?;
        }
        Ok(())
    }

    /// The means and addresses a message takes.
    async fn ways(&self, tx: &Tx, message: &Message) -> Result<Vec<(Means, Option<Uuid>)>, NotifyError> {
        let person = match &message.to {
            Recipient::Mail { .. } => return Ok(vec![(Means::Mail, None)]),
            Recipient::Phone { .. } => return Ok(vec![(Means::Sms, None)]),
            Recipient::Channel { id, .. } => return Ok(vec![(Means::Chat, Some(id.uuid()))]),
            Recipient::Person { id } => *id,
        };
        let chosen = match (&message.means, message.kind) {
            (Some(means), _) => Some(means.clone()),
            (None, Some(kind)) => preferred(tx, person, kind).await?,
            (None, None) => None,
        };
        let forced = chosen.is_some();
        let means = chosen.unwrap_or_else(|| usual(message.lane).to_vec());
        let mut ways = Vec::new();
        for means in means {
            match means {
                Means::Mail => ways.push((means, None)),
                Means::Sms if forced || self.has_sms(tx).await? => ways.push((means, None)),
                Means::Push => {
                    let subscriptions = tx
                        .find::<notify_subscriptions::Entity>()
                        .filter(notify_subscriptions::Column::PersonId.eq(person))
                        .limit(20)
                        .all()
                        .await?;
                    ways.extend(subscriptions.into_iter().map(|row| (means, Some(row.id.uuid()))));
                }
                Means::Sms | Means::Chat => {}
            }
        }
        Ok(ways)
    }

    /// Whether a message by one of these means can reach the person from here at all.
    pub async fn can_reach(&self, cx: &Cx, person: PersonId, means: &[Means]) -> Result<bool, NotifyError> {
        let Some(contact) = self.0.contacts.contact(cx, person).await? else { return Ok(false) };
        let scope = self.0.store.read(cx.tenant).await?;
        for means in means {
            let reaches = match means {
                Means::Mail => contact.mail.is_some() && self.has_mail(&scope).await?,
                Means::Sms => contact.phone.is_some() && self.has_sms(&scope).await?,
                Means::Push => {
                    let own = notify_subscriptions::Column::PersonId.eq(person);
                    scope.find::<notify_subscriptions::Entity>().filter(own).exists().await?
                }
                Means::Chat => false,
            };
            if reaches {
                return Ok(true);
            }
        }
        Ok(false)
    }

    /// Whether mail can go out at all: from the tenant's own account, else from the operator's.
    pub(crate) async fn has_mail(&self, scope: &impl Scoped) -> Result<bool, NotifyError> {
        use notify_channels::Column;
        if self.is_mailbox() || self.0.options.smtp.is_some() {
            return Ok(true);
        }
        let there = Condition::all().add(Column::Kind.eq("smtp")).add(Column::RemovedAt.is_null());
        Ok(scope.find::<notify_channels::Entity>().filter(there).exists().await?)
    }

    /// Whether text messages can go out at all.
    pub(crate) async fn has_sms(&self, scope: &impl Scoped) -> Result<bool, NotifyError> {
        use notify_channels::Column;
        if self.is_mailbox() {
            return Ok(true);
        }
        let there = Condition::all().add(Column::Kind.eq("sms")).add(Column::RemovedAt.is_null());
        Ok(scope.find::<notify_channels::Entity>().filter(there).exists().await?)
    }
}

/// The means when nobody chose.
fn usual(lane: Lane) -> &'static [Means] {
    match lane {
        Lane::LifeSafety => &[Means::Mail, Means::Push, Means::Sms],
        Lane::Operational => &[Means::Mail, Means::Push],
        Lane::Bulk | Lane::Digest => &[Means::Mail],
    }
}

async fn preferred(tx: &Tx, person: PersonId, kind: &str) -> Result<Option<Vec<Means>>, NotifyError> {
    use notify_preferences::Column;
    let row = tx
        .find::<notify_preferences::Entity>()
        .filter(Condition::all().add(Column::PersonId.eq(person)).add(Column::Kind.eq(kind)))
        .one()
        .await?;
    Ok(row.map(|row| {
        let JsonText(words) = row.means;
        words.iter().filter_map(|word| Means::from_word(word)).collect()
    }))
}

async fn told(tx: &Tx, once: &str) -> Result<bool, NotifyError> {
    let same = notify_deliveries::Column::Once.eq(once);
    Ok(tx.find::<notify_deliveries::Entity>().filter(same).exists().await?)
}

fn row(
    tx: &Tx,
    id: DeliveryId,
    message: &Message,
    (means, target): (Means, Option<Uuid>),
    content: Vec<u8>,
    once: Option<String>,
) -> notify_deliveries::ActiveModel {
    let person = match &message.to {
        Recipient::Person { id } => Some(*id),
        _ => None,
    };
    notify_deliveries::ActiveModel {
        tenant_id: Set(tx.cx().tenant),
        id: Set(id),
        person_id: Set(person),
        means: Set(means.word().to_owned()),
        target: Set(target),
        lane: Set(message.lane.number()),
        template: Set(message.template.to_owned()),
        content: Set(content),
        state: Set("queued".to_owned()),
        due: Set(tx.cx().now),
        lease_until: Set(Timestamp::EPOCH),
        lease_by: Set(None),
        attempts: Set(0),
        last_error: Set(None),
        receipt: Set(None),
        not_after: Set(message.not_after),
        about_kind: Set(message.about.map(|(kind, _)| kind.to_owned())),
        about_id: Set(message.about.map(|(_, id)| id)),
        once: Set(once),
        created_at: Set(tx.cx().now),
        settled_at: Set(None),
    }
}
