//! Webhooks: each endpoint gets the tenant's facts one after the other. The next is sent when the one before was taken or
//! given up, so their order holds; where an endpoint stands in the feed is all there is to remember.
//!
//! The feed gives facts one order for all readers. Ids are made when a request begins, so that two transactions may commit
//! the other way round; a cursor over ids would skip the later one. Positions are given to what is committed.

use std::time::Duration;

use sea_orm::ActiveValue::Set;
use sea_orm::sea_query::{Expr, ExprTrait, Query};
use sea_orm::{ColumnTrait, Condition};
use sekisho_crypto::{Place, Secret};
use sekisho_kernel::{Cx, EventId, TenantId, Timestamp};
use sekisho_storage::tables::outbox_events;
use sekisho_storage::{JsonText, Scoped, StoreError};
use serde::Serialize;
use serde_json::Value;
use uuid::Uuid;

use crate::send::SendError;
use crate::send::webhook::Call;
use crate::tables::{EndpointId, notify_deliveries, notify_feed, notify_webhooks};
use crate::{DeliveryId, Lane, Notify, NotifyError, retry};

/// Tries of one fact before it is given up: some half a day.
const MOST_ATTEMPTS: i64 = 20;
/// Facts sent to one endpoint before the others have their turn.
const TURN: usize = 32;
const LEASE: Duration = Duration::from_secs(120);
/// A transaction commits within so long of its beginning.
const LONGEST_TRANSACTION: Duration = Duration::from_secs(300);
/// An endpoint added first may replay so much.
const HISTORY: Duration = Duration::from_secs(24 * 3600);
/// Facts ordered in one transaction.
const BATCH: u64 = 500;

/// Facts of people's accounts that may be told outside; the others carry one-time secrets or are nobody's business.
const PEOPLE: [&str; 6] = [
    "identity.person_left",
    "identity.person_returned",
    "identity.person_deleted",
    "identity.membership_changed",
    "identity.unlocked",
    "identity.settings_changed",
];

/// Whether a fact may be told outside at all.
pub(crate) fn is_outward(name: &str) -> bool {
    if name.starts_with("notify.") {
        return false;
    }
    !name.starts_with("identity.") || PEOPLE.contains(&name)
}

/// Whether an endpoint wants a fact: its filter is empty, names it, or names its module as `keys.*`.
pub(crate) fn wants(filter: &[String], name: &str) -> bool {
    filter.is_empty()
        || filter.iter().any(|wanted| match wanted.strip_suffix('*') {
            Some(start) => name.starts_with(start),
            None => wanted == name,
        })
}

pub(crate) fn secret_place(id: EndpointId) -> Place<'static> {
    Place { table: "notify_webhooks", column: "secret", row: id.uuid() }
}

/// What an endpoint or reader gets of a fact.
#[derive(Clone, Debug, PartialEq, Serialize, utoipa::ToSchema)]
pub struct FactBody {
    /// The fact's name: `keys.key_taken_out`.
    #[serde(rename = "type")]
    pub name: String,
    /// When it happened.
    pub timestamp: Timestamp,
    /// Its place in the feed; ask for what comes after it.
    pub position: i64,
    /// What happened, as the fact of that name tells it.
    pub data: Value,
}

impl FactBody {
    fn text(&self) -> String {
        serde_json::to_string(self).unwrap_or_default()
    }
}

pub(crate) fn body(position: i64, event: &outbox_events::Model) -> FactBody {
    let JsonText(payload) = &event.payload;
    FactBody { name: event.name.clone(), timestamp: event.at, position, data: without_seals(payload.clone()) }
}

/// Sealed values are of no use outside and none of its business.
fn without_seals(value: Value) -> Value {
    match value {
        Value::Object(map) if map.contains_key("sealed") => Value::Null,
        Value::Object(map) => map.into_iter().map(|(name, value)| (name, without_seals(value))).collect(),
        Value::Array(values) => values.into_iter().map(without_seals).collect(),
        other => other,
    }
}

impl Notify {
    /// Puts committed facts that have no place yet at the end of the tenant's feed; tells where it ends.
    pub(crate) async fn extend_feed(&self, cx: &Cx) -> Result<i64, StoreError> {
        use outbox_events::Column;
        loop {
            let tx = self.0.store.begin(cx).await?;
            let last = tx
                .find::<notify_feed::Entity>()
                .descending(notify_feed::Column::Position)
                .limit(1)
                .one()
                .await?;
            let end = last.as_ref().map_or(0, |row| row.position);
            let from = match &last {
                Some(row) => time_of(row.id).minus(LONGEST_TRANSACTION),
                None => cx.now.minus(HISTORY),
            };
            let known = Query::select()
                .column(notify_feed::Column::Id)
                .from(notify_feed::Entity)
                .and_where(Expr::col((notify_feed::Entity, notify_feed::Column::TenantId)).eq(cx.tenant))
                .and_where(Expr::col((notify_feed::Entity, notify_feed::Column::Id)).gte(first_id_at(from)))
                .to_owned();
            let fresh = tx
                .find::<outbox_events::Entity>()
                .filter(Column::Id.gte(first_id_at(from)))
                .filter(Column::Id.not_in_subquery(known))
                .ascending(Column::Id)
                .limit(BATCH)
                .all()
                .await?;
            let count = fresh.len();
            if count == 0 {
                return Ok(end);
            }
            let rows = fresh
                .into_iter()
                .zip(end.saturating_add(1)..)
                .map(|(event, position)| notify_feed::ActiveModel {
                    tenant_id: Set(cx.tenant),
                    id: Set(event.id),
                    position: Set(position),
                    name: Set(event.name),
                })
                .collect();
            tx.insert_many::<notify_feed::Entity>(rows).await?;
            tx.commit_bookkeeping("places in the feed").await?;
            if u64::try_from(count).unwrap_or(0) < BATCH {
                return Ok(end.saturating_add(i64::try_from(count).unwrap_or(0)));
            }
        }
    }

    /// Serves every endpoint that is due; tells how many facts were tried.
    pub(crate) async fn post_due(&self) -> Result<usize, StoreError> {
        use notify_webhooks::Column;
        let cx = Cx::system(self.0.world.clone(), TenantId(Uuid::nil()), "notify.webhooks");
        let due = self
            .0
            .store
            .read_installation()
            .await?
            .find::<notify_webhooks::Entity>()
            .filter(due(cx.now))
            .ascending(Column::Due)
            .limit(200)
            .all()
            .await?;
        let mut fed = std::collections::HashSet::new();
        let mut turns = tokio::task::JoinSet::new();
        for endpoint in due {
            let cx = Cx::system(self.0.world.clone(), endpoint.tenant_id, "notify.webhooks");
            if fed.insert(endpoint.tenant_id) {
                match self.extend_feed(&cx).await {
                    Ok(_) => {}
                    // Another process was quicker with the same places.
                    Err(StoreError::Duplicate(_) | StoreError::Conflict(_)) => {}
                    Err(error) => return Err(error),
                }
            }
            if !self.has_next(&endpoint).await? {
                continue;
            }
            let notify = self.clone();
            turns.spawn(async move { notify.turn(&cx, endpoint).await });
        }
        let mut tried = 0;
        while let Some(turn) = turns.join_next().await {
            match turn {
                Ok(Ok(count)) => tried += count,
                Ok(Err(error)) => tracing::error!(?error, "a webhook could not be served"),
                Err(error) => tracing::error!(%error, "a webhook's turn broke"),
            }
        }
        Ok(tried)
    }

    async fn has_next(&self, endpoint: &notify_webhooks::Model) -> Result<bool, StoreError> {
        let scope = self.0.store.read(endpoint.tenant_id).await?;
        scope
            .find::<notify_feed::Entity>()
            .filter(notify_feed::Column::Position.gt(endpoint.cursor))
            .exists()
            .await
    }

    /// One endpoint's turn: fact after fact until one is not taken.
    async fn turn(&self, cx: &Cx, endpoint: notify_webhooks::Model) -> Result<usize, NotifyError> {
        if !self.lease(cx, endpoint.id).await? {
            return Ok(0);
        }
        let JsonText(filter) = &endpoint.events;
        let secret =
            self.0.vault.keys(cx.tenant).await?.open_text(&secret_place(endpoint.id), &endpoint.secret)?;
        let secret = Secret::new(secret);
        let (mut cursor, mut attempts, mut tried) = (endpoint.cursor, endpoint.attempts, 0);
        while tried < TURN {
            let Some(place) = self.next_place(cx, cursor).await? else { break };
            let event = if is_outward(&place.name) && wants(filter, &place.name) {
                self.event(cx, place.id).await?
            } else {
                None
            };
            let Some(event) = event else {
                cursor = place.position;
                continue;
            };
            tried += 1;
            let call = Call {
                event: event.id,
                name: event.name.clone(),
                url: endpoint.url.clone(),
                secret: secret.clone(),
                body: body(place.position, &event).text(),
            };
            match self.0.sender.post(cx, &call).await {
                Ok(answer) => {
                    cursor = place.position;
                    attempts = 0;
                    self.write_down(cx, endpoint.id, cursor, Step::Taken(answer)).await?;
                }
                Err(error) => {
                    attempts = attempts.saturating_add(1);
                    let (why, asked, hopeless) = match error {
                        SendError::Later { why, wait, .. } => (why, wait, attempts >= MOST_ATTEMPTS),
                        SendError::Gone(why) | SendError::Never(why) => (why, None, true),
                    };
                    let step = if hopeless {
                        Step::GivenUp { event, why, attempts }
                    } else {
                        let wait = retry::wait(Lane::Operational, attempts, asked);
                        Step::Again { why, attempts, at: cx.later().now.plus(wait) }
                    };
                    let over = matches!(step, Step::Again { .. });
                    if !over {
                        cursor = place.position;
                        attempts = 0;
                    }
                    self.write_down(cx, endpoint.id, cursor, step).await?;
                    if over {
                        return Ok(tried);
                    }
                }
            }
        }
        self.write_down(cx, endpoint.id, cursor, Step::Rest).await?;
        Ok(tried)
    }

    /// What is posted when one fact is sent to one endpoint by itself; `None` when either is gone.
    pub(crate) async fn call_for(
        &self,
        cx: &Cx,
        endpoint: EndpointId,
        event: EventId,
    ) -> Result<Option<Call>, NotifyError> {
        use notify_webhooks::Column;
        let scope = self.0.store.read(cx.tenant).await?;
        let this = Condition::all().add(Column::Id.eq(endpoint)).add(Column::RemovedAt.is_null());
        let Some(row) = scope.find::<notify_webhooks::Entity>().filter(this).one().await? else {
            return Ok(None);
        };
        let Some(event) = self.event(cx, event).await? else { return Ok(None) };
        let place =
            scope.find::<notify_feed::Entity>().filter(notify_feed::Column::Id.eq(event.id)).one().await?;
        let secret = self.0.vault.keys(cx.tenant).await?.open_text(&secret_place(endpoint), &row.secret)?;
        Ok(Some(Call {
            event: event.id,
            name: event.name.clone(),
            url: row.url,
            secret: Secret::new(secret),
            body: body(place.map_or(0, |place| place.position), &event).text(),
        }))
    }

    async fn lease(&self, cx: &Cx, id: EndpointId) -> Result<bool, StoreError> {
        use notify_webhooks::Column;
        let tx = self.0.store.begin(cx).await?;
        let won = tx
            .update::<notify_webhooks::Entity>()
            .set(Column::LeaseUntil, cx.now.plus(LEASE))
            .filter(due(cx.now).add(Column::Id.eq(id)))
            .exec()
            .await?;
        tx.commit_bookkeeping("lease of a webhook").await?;
        Ok(won == 1)
    }

    async fn next_place(&self, cx: &Cx, cursor: i64) -> Result<Option<notify_feed::Model>, StoreError> {
        let scope = self.0.store.read(cx.tenant).await?;
        scope
            .find::<notify_feed::Entity>()
            .filter(notify_feed::Column::Position.gt(cursor))
            .ascending(notify_feed::Column::Position)
            .limit(1)
            .one()
            .await
    }

    pub(crate) async fn event(
        &self,
        cx: &Cx,
        id: EventId,
    ) -> Result<Option<outbox_events::Model>, StoreError> {
        let scope = self.0.store.read(cx.tenant).await?;
        scope.find::<outbox_events::Entity>().filter(outbox_events::Column::Id.eq(id)).one().await
    }

    async fn write_down(&self, cx: &Cx, id: EndpointId, cursor: i64, step: Step) -> Result<(), StoreError> {
        use notify_webhooks::Column;
        let cx = cx.later();
        let tx = self.0.store.begin(&cx).await?;
        // While a turn lasts, each step also renews the lease.
        let renewed = cx.now.plus(LEASE);
        let update =
            tx.update::<notify_webhooks::Entity>().set(Column::Cursor, cursor).filter(Column::Id.eq(id));
        let update = match step {
            Step::Taken(answer) => update
                .set(Column::Attempts, 0_i64)
                .set(Column::LastAnswer, answer)
                .set(Column::LastSuccess, cx.now)
                .set(Column::LeaseUntil, renewed),
            Step::Again { why, attempts, at } => update
                .set(Column::Attempts, attempts)
                .set(Column::LastAnswer, why)
                .set(Column::Due, at)
                .set(Column::LeaseUntil, Timestamp::EPOCH),
            Step::GivenUp { event, why, attempts } => {
                tx.insert::<notify_deliveries::Entity>(dead(&cx, id, &event, &why, attempts)).await?;
                update
                    .set(Column::Attempts, 0_i64)
                    .set(Column::LastAnswer, why)
                    .set(Column::LeaseUntil, renewed)
            }
            Step::Rest => update.set(Column::LeaseUntil, Timestamp::EPOCH),
        };
        update.exec().await?;
        tx.commit_bookkeeping("place of a webhook in the feed").await
    }
}

enum Step {
    Taken(String),
    Again { why: String, attempts: i64, at: Timestamp },
    GivenUp { event: outbox_events::Model, why: String, attempts: i64 },
    Rest,
}

fn due(now: Timestamp) -> Condition {
    use notify_webhooks::Column;
    Condition::all()
        .add(Column::State.eq("on"))
        .add(Column::RemovedAt.is_null())
        .add(Column::Due.lte(now))
        .add(Column::LeaseUntil.lte(now))
}

/// A fact that an endpoint did not take is kept among the dead, to be sent again by a person.
fn dead(
    cx: &Cx,
    endpoint: EndpointId,
    event: &outbox_events::Model,
    why: &str,
    attempts: i64,
) -> notify_deliveries::ActiveModel {
    let id: DeliveryId = cx.fresh_id();
    notify_deliveries::ActiveModel {
        tenant_id: Set(cx.tenant),
        id: Set(id),
        person_id: Set(None),
        means: Set("webhook".to_owned()),
        target: Set(Some(endpoint.uuid())),
        lane: Set(Lane::Operational.number()),
        template: Set(event.name.clone()),
        content: Set(Vec::new()),
        state: Set("dead".to_owned()),
        due: Set(cx.now),
        lease_until: Set(Timestamp::EPOCH),
        lease_by: Set(None),
        attempts: Set(attempts),
        last_error: Set(Some(why.to_owned())),
        receipt: Set(None),
        not_after: Set(None),
        about_kind: Set(Some("event".to_owned())),
        about_id: Set(Some(event.id.uuid())),
        once: Set(None),
        created_at: Set(event.at),
        settled_at: Set(Some(cx.now)),
    }
}

/// The time inside an id (RFC 9562 version 7), to the millisecond.
fn time_of(id: EventId) -> Timestamp {
    let seconds = id.uuid().get_timestamp().map_or(0, |timestamp| timestamp.to_unix().0);
    Timestamp::from_secs(i64::try_from(seconds).unwrap_or(0))
}

/// The smallest id of that millisecond.
fn first_id_at(at: Timestamp) -> EventId {
    let millis = u64::try_from(at.as_micros() / 1000).unwrap_or(0);
    EventId(uuid::Builder::from_unix_timestamp_millis(millis, &[0; 10]).into_uuid())
}

#[cfg(test)]
mod tests {
    use super::{is_outward, wants, without_seals};
    use serde_json::json;

    #[test]
    fn filters() {
        let filter = |words: &[&str]| words.iter().map(|word| (*word).to_owned()).collect::<Vec<_>>();
        for (words, name, want) in [
            (&[][..], "keys.taken_out", true),
            (&["keys.*"][..], "keys.taken_out", true),
            (&["keys.*"][..], "doors.opened", false),
            (&["keys.returned", "doors.opened"][..], "doors.opened", true),
            (&["keys.returned"][..], "keys.returned_late", false),
            (&["*"][..], "keys.returned_late", true),
        ] {
            assert_eq!(wants(&filter(words), name), want, "{words:?} {name}");
        }
    }

    #[test]
    fn secrets_stay_inside() {
        assert!(is_outward("keys.taken_out"));
        assert!(is_outward("identity.person_left"));
        for name in [
            "identity.code_requested",
            "identity.person_invited",
            "identity.anything_new",
            "notify.mailbox_changed",
        ] {
            assert!(!is_outward(name), "{name}");
        }
        let payload = json!({ "key": 1, "code": { "row": 2, "sealed": "x" }, "list": [{ "sealed": "y" }] });
        assert_eq!(without_seals(payload), json!({ "key": 1, "code": null, "list": [null] }));
    }
}
