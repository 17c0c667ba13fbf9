//! What a person decides for themselves: by which means they are told, and which of their browsers take push messages.

use std::collections::HashMap;

use sea_orm::ActiveValue::Set;
use sea_orm::{ColumnTrait, Condition};
use sekisho_kernel::{AuditEntry, Cx, FieldError, Kind, Kinded, PersonId, Timestamp};
use sekisho_storage::{JsonText, Scoped, StoreError};
use serde::Serialize;

use crate::channels::subscription_place;
use crate::send::push::Subscription;
use crate::tables::{SubscriptionId, notify_preferences, notify_subscriptions};
use crate::{Means, Notify, NotifyError};

/// Browsers of one person.
const MOST_BROWSERS: u64 = 20;

/// A kind of message for which people choose means; modules offer theirs with [`Notify::offer`].
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
pub struct NoticeKind {
    /// The word messages carry ([`crate::Message::of_kind`]).
    pub kind: &'static str,
    /// Fluent id of its name.
    #[serde(skip)]
    pub text: &'static str,
}

/// Why a choice was not taken.
#[derive(Debug, thiserror::Error)]
pub enum MineError {
    /// No such kind or subscription.
    #[error("no such choice")]
    Missing,
    /// What the browser sent is no subscription.
    #[error("not a subscription")]
    NotASubscription,
    /// More browsers than anybody has.
    #[error("too many browsers")]
    TooMany,
    /// The store or the keys failed.
    #[error("choice")]
    Broken(#[from] NotifyError),
}

impl Kinded for MineError {
    fn kind(&self) -> Kind {
        match self {
            Self::Missing => Kind::Missing,
            Self::NotASubscription => {
                Kind::Invalid(vec![FieldError { field: "endpoint", text: "notify-error-subscription" }])
            }
            Self::TooMany => Kind::Refused,
            Self::Broken(error) => error.kind(),
        }
    }
}

impl From<StoreError> for MineError {
    fn from(error: StoreError) -> Self {
        Self::Broken(error.into())
    }
}

/// A browser that takes push messages.
#[derive(Clone, Debug, Serialize, utoipa::ToSchema)]
pub struct Browser {
    /// Which.
    pub id: SubscriptionId,
    /// What it calls itself.
    pub agent: String,
    /// Since when.
    pub created_at: Timestamp,
}

impl Notify {
    /// Offers kinds for people to choose means for; modules do so at start.
    pub fn offer(&self, kinds: &[NoticeKind]) {
        let mut offered = self.0.kinds.lock().unwrap_or_else(std::sync::PoisonError::into_inner);
        for kind in kinds {
            if !offered.contains(kind) {
                offered.push(*kind);
            }
        }
    }

    /// The kinds that are offered.
    pub fn kinds(&self) -> Vec<NoticeKind> {
        self.0.kinds.lock().unwrap_or_else(std::sync::PoisonError::into_inner).clone()
    }

    /// What a person chose, by kind; kinds without a choice are told by mail and push.
    pub async fn preferences(
        &self,
        cx: &Cx,
        person: PersonId,
    ) -> Result<HashMap<String, Vec<Means>>, MineError> {
        let scope = self.0.store.read(cx.tenant).await?;
        let mine = notify_preferences::Column::PersonId.eq(person);
        let rows = scope.find::<notify_preferences::Entity>().filter(mine).all().await?;
        Ok(rows
            .into_iter()
            .map(|row| {
                let JsonText(words) = row.means;
                (row.kind, words.iter().filter_map(|word| Means::from_word(word)).collect())
            })
            .collect())
    }

    /// Chooses the means for one kind; none at all switches it off.
    pub async fn prefer(
        &self,
        cx: &Cx,
        person: PersonId,
        kind: &str,
        means: &[Means],
    ) -> Result<(), MineError> {
        use notify_preferences::{ActiveModel, Column, Entity};
        if !self.kinds().iter().any(|offered| offered.kind == kind) {
            return Err(MineError::Missing);
        }
        let words: Vec<String> = means.iter().map(|means| means.word().to_owned()).collect();
        let tx = self.0.store.begin(cx).await?;
        let changed = tx
            .update::<Entity>()
            .set(Column::Means, JsonText(words.clone()))
            .filter(Condition::all().add(Column::PersonId.eq(person)).add(Column::Kind.eq(kind)))
            .exec()
            .await?;
        if changed == 0 {
            tx.insert::<Entity>(ActiveModel {
                tenant_id: Set(cx.tenant),
                id: Set(cx.fresh_id()),
                person_id: Set(person),
                kind: Set(kind.to_owned()),
                means: Set(JsonText(words.clone())),
            })
            .await?;
        }
        let entry = AuditEntry::done("notice.prefer").on("person", person, "");
        tx.commit(entry.with("kind", kind).with("means", words)).await?;
        Ok(())
    }

    /// The public key with which a browser subscribes.
    pub async fn push_key(&self, cx: &Cx) -> Result<String, MineError> {
        Ok(self.vapid(cx).await?.public())
    }

    /// The person's browsers that take push messages.
    pub async fn browsers(&self, cx: &Cx, person: PersonId) -> Result<Vec<Browser>, MineError> {
        let scope = self.0.store.read(cx.tenant).await?;
        let mine = notify_subscriptions::Column::PersonId.eq(person);
        let rows = scope.find::<notify_subscriptions::Entity>().filter(mine).all().await?;
        Ok(rows
            .into_iter()
            .map(|row| Browser { id: row.id, agent: row.agent, created_at: row.created_at })
            .collect())
    }

    /// Lets a browser take the person's push messages. A browser used by several people tells its last user's.
    pub async fn subscribe(
        &self,
        cx: &Cx,
        person: PersonId,
        subscription: &Subscription,
        agent: &str,
    ) -> Result<SubscriptionId, MineError> {
        use notify_subscriptions::{ActiveModel, Column, Entity};
        let usable = self.0.guard.url(&subscription.endpoint).is_ok() && subscription.endpoint.len() <= 2000;
        if !usable || !subscription.is_whole() {
            return Err(MineError::NotASubscription);
        }
        let keys = self.0.vault.keys(cx.tenant).await.map_err(NotifyError::from)?;
        let plain = serde_json::to_vec(subscription).map_err(NotifyError::from)?;
        let hash = keys.blind("push.endpoint", &subscription.endpoint);
        let agent: String = agent.chars().filter(|letter| !letter.is_control()).take(200).collect();
        let tx = self.0.store.begin(cx).await?;
        let known = tx.find::<Entity>().filter(Column::EndpointHash.eq(hash.clone())).one().await?;
        let id = match known {
            Some(row) => {
                tx.update::<Entity>()
                    .set(Column::PersonId, person)
                    .set(Column::Content, keys.seal(&subscription_place(row.id.uuid()), &plain))
                    .set(Column::Agent, agent)
                    .filter(Column::Id.eq(row.id))
                    .exec()
                    .await?;
                row.id
            }
            None => {
                if tx.find::<Entity>().filter(Column::PersonId.eq(person)).count().await? >= MOST_BROWSERS {
                    return Err(MineError::TooMany);
                }
                let id: SubscriptionId = cx.fresh_id();
                tx.insert::<Entity>(ActiveModel {
                    tenant_id: Set(cx.tenant),
                    id: Set(id),
                    person_id: Set(person),
                    content: Set(keys.seal(&subscription_place(id.uuid()), &plain)),
                    endpoint_hash: Set(hash),
                    agent: Set(agent),
                    created_at: Set(cx.now),
                })
                .await?;
                id
            }
        };
        tx.commit(AuditEntry::done("push.subscribe").on("person", person, "")).await?;
        Ok(id)
    }

    /// Ends a browser's subscription, named by itself or by its address.
    pub async fn unsubscribe(
        &self,
        cx: &Cx,
        person: PersonId,
        which: Result<SubscriptionId, &str>,
    ) -> Result<(), MineError> {
        use notify_subscriptions::{Column, Entity};
        let keys = self.0.vault.keys(cx.tenant).await.map_err(NotifyError::from)?;
        let this = match which {
            Ok(id) => Column::Id.eq(id),
            Err(endpoint) => Column::EndpointHash.eq(keys.blind("push.endpoint", endpoint)),
        };
        let tx = self.0.store.begin(cx).await?;
        let mine = Condition::all().add(Column::PersonId.eq(person)).add(this);
        if tx.delete::<Entity>().filter(mine).exec().await? == 0 {
            return Err(MineError::Missing);
        }
        tx.commit(AuditEntry::done("push.unsubscribe").on("person", person, "")).await?;
        Ok(())
    }

    /// Forgets what a person chose and their browsers, when they have left.
    pub(crate) async fn forget_person(&self, cx: &Cx, person: PersonId) -> Result<(), StoreError> {
        let tx = self.0.store.begin(cx).await?;
        let mine = notify_subscriptions::Column::PersonId.eq(person);
        tx.delete::<notify_subscriptions::Entity>().filter(mine).exec().await?;
        let mine = notify_preferences::Column::PersonId.eq(person);
        tx.delete::<notify_preferences::Entity>().filter(mine).exec().await?;
        tx.commit_bookkeeping("choices of somebody who left; the leaving itself is recorded").await
    }
}
