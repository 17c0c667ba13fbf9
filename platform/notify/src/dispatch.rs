//! Sending what is due. Each lane has workers of its own, so that no lane waits for another; within a lane the tenants
//! take turns, so that a large one does not delay a small one.
//!
//! A delivery is taken under a lease, handed over, and settled. A worker that dies between the last two leaves the lease
//! to run out, and the delivery is handed over once more with the same id.

use std::time::Duration;

use sea_orm::{ColumnTrait, Condition, FromQueryResult, QuerySelect};
use sekisho_kernel::{Cx, TenantId, Timestamp};
use sekisho_storage::{Scoped, StoreError};
use uuid::Uuid;

use crate::on_the_way::LEASE;
use crate::send::{Destination, Letter, SendError};
use crate::tables::notify_deliveries::{Column, Entity, Model};
use crate::tell::{Content, attachments_place, content_place};
use crate::{Attachment, Contact, DeliveryId, Lane, Means, Notify, NotifyError, Recipient, render, retry};

/// Tenants served in one turn.
const MOST_TENANTS: u64 = 500;

/// What became of one try.
#[derive(Debug)]
pub(crate) struct Settled {
    tenant: TenantId,
    row: Model,
    what: What,
}

#[derive(Debug)]
enum What {
    Sent {
        receipt: String,
        /// Whether a row of attachments can go.
        carried: bool,
    },
    /// Try again then; `counted` when it was really tried.
    Again {
        why: String,
        wait: Duration,
        counted: bool,
    },
    /// The address is gone.
    Gone(String),
    Dead(String),
    /// It is of no use any more, or there is nobody to tell.
    Dropped(String),
}

#[derive(FromQueryResult)]
struct TenantOnly {
    tenant_id: TenantId,
}

/// Workers of a lane: how many letters are on their way at once.
pub(crate) const fn workers(lane: Lane) -> usize {
    match lane {
        Lane::LifeSafety => 48,
        Lane::Operational => 24,
        Lane::Bulk => 16,
        Lane::Digest => 4,
    }
}

impl Notify {
    /// Takes up to `most` due deliveries of `lane` under a lease, the tenants taking turns from the one after `last`.
    pub(crate) async fn take(
        &self,
        lane: Lane,
        most: usize,
        last: &mut Option<TenantId>,
    ) -> Result<Vec<Model>, StoreError> {
        let cx = Cx::system(self.0.world.clone(), TenantId(Uuid::nil()), "notify.take");
        let free = || {
            Condition::all()
                .add(Column::State.eq("queued"))
                .add(Column::Lane.eq(lane.number()))
                .add(Column::Due.lte(cx.now))
                .add(Column::LeaseUntil.lte(cx.now))
        };
        let scope = self.0.store.read_installation().await?;
        let tenants: Vec<TenantOnly> = scope
            .find::<Entity>()
            .filter(free())
            .refine(|select| select.select_only().column(Column::TenantId).distinct())
            .limit(MOST_TENANTS)
            .all_as()
            .await?;
        let mut tenants: Vec<TenantId> = tenants.into_iter().map(|row| row.tenant_id).collect();
        if tenants.is_empty() {
            return Ok(Vec::new());
        }
        tenants.sort_unstable();
        let first = last.map_or(0, |last| tenants.partition_point(|tenant| *tenant <= last)) % tenants.len();
        tenants.rotate_left(first);
        tenants.truncate(most);
        *last = tenants.last().copied();
        let share = u64::try_from(most.div_ceil(tenants.len())).unwrap_or(1);
        let mut wanted = Vec::new();
        for tenant in tenants {
            let rows = scope
                .find::<Entity>()
                .filter(free().add(Column::TenantId.eq(tenant)))
                .ascending(Column::Due)
                .ascending(Column::Id)
                .limit(share)
                .all()
                .await?;
            wanted.extend(rows.into_iter().map(|row| row.id));
        }
        wanted.truncate(most);
        drop(scope);
        // Two workers may want the same rows: the update repeats the condition, and the mark says who won.
        let mark: Uuid = cx.fresh_id();
        let tx = self.0.store.begin_installation(&cx).await?;
        tx.update::<Entity>()
            .set(Column::LeaseUntil, cx.now.plus(LEASE))
            .set(Column::LeaseBy, mark)
            .filter(free().add(Column::Id.is_in(wanted)))
            .exec()
            .await?;
        let taken = tx.find::<Entity>().filter(Column::LeaseBy.eq(mark)).all().await?;
        tx.commit_bookkeeping("lease of deliveries").await?;
        Ok(taken)
    }

    /// Tries one delivery.
    pub(crate) async fn attempt(self, row: Model) -> Settled {
        let cx = Cx::system(self.0.world.clone(), row.tenant_id, "notify.deliver");
        let tenant = row.tenant_id;
        let what = self.try_delivery(&cx, &row).await.unwrap_or_else(|error| {
            tracing::error!(delivery = %row.id, ?error, "a delivery could not be prepared");
            again(&row, error.to_string(), None, true)
        });
        Settled { tenant, row, what }
    }

    async fn try_delivery(&self, cx: &Cx, row: &Model) -> Result<What, NotifyError> {
        if row.not_after.is_some_and(|end| end <= cx.now) {
            return Ok(What::Dropped("too late to be of use".to_owned()));
        }
        if row.means == "webhook" {
            return self.try_fact(cx, row).await;
        }
        let letter = match self.letter(cx, row).await? {
            Ok(letter) => letter,
            Err(what) => return Ok(what),
        };
        let host = letter.destination.host();
        if let Some(until) = self.breaker(|breaker| breaker.rests_until(&host, cx.now)) {
            let wait = until.since(cx.now).max(Duration::from_millis(100));
            return Ok(What::Again {
                why: "the destination rests after failures".to_owned(),
                wait,
                counted: false,
            });
        }
        let result = self.0.sender.send(cx, &letter).await;
        self.breaker(|breaker| match &result {
            Ok(_) => breaker.worked(&host),
            Err(SendError::Later { whole: true, wait, .. }) => breaker.failed(&host, cx.later().now, *wait),
            Err(_) => {}
        });
        Ok(match result {
            Ok(receipt) => What::Sent { receipt, carried: !letter.attachments.is_empty() },
            Err(SendError::Later { why, wait, .. }) => again(row, why, wait, true),
            Err(SendError::Gone(why)) => What::Gone(why),
            Err(SendError::Never(why)) => What::Dead(why),
        })
    }

    /// A fact that was given up and is sent again by a person: out of order, by itself.
    async fn try_fact(&self, cx: &Cx, row: &Model) -> Result<What, NotifyError> {
        let (endpoint, event) = (row.target.unwrap_or_default(), row.about_id.unwrap_or_default());
        let Some(call) = self.call_for(cx, endpoint.into(), event.into()).await? else {
            return Ok(What::Dead("the webhook was taken away".to_owned()));
        };
        Ok(match self.0.sender.post(cx, &call).await {
            Ok(receipt) => What::Sent { receipt, carried: false },
            Err(SendError::Later { why, wait, .. }) => again(row, why, wait, true),
            Err(SendError::Gone(why) | SendError::Never(why)) => What::Dead(why),
        })
    }

    /// Opens the content, asks where the recipient is reached now, and writes the words.
    async fn letter(&self, cx: &Cx, row: &Model) -> Result<Result<Letter, What>, NotifyError> {
        let Some(catalog) = self.0.catalog.get() else {
            return Ok(Err(again(row, "no texts are loaded".to_owned(), None, false)));
        };
        let keys = self.0.vault.keys(row.tenant_id).await?;
        let content: Content = serde_json::from_slice(&keys.open(&content_place(row.id), &row.content)?)?;
        if content.buttons.is_some() && !self.still_asks(cx, row.id).await? {
            return Ok(Err(What::Dropped("the question was answered or has ended".to_owned())));
        }
        let home = match self.0.contacts.home(cx).await {
            Ok(home) => home,
            Err(error) => return Ok(Err(again(row, error.to_string(), None, true))),
        };
        let (contact, language) = match &content.to {
            Recipient::Person { id } => match self.0.contacts.contact(cx, *id).await {
                Ok(Some(contact)) => {
                    let language = contact.language;
                    (contact, language)
                }
                Ok(None) => return Ok(Err(What::Dropped("the person is gone".to_owned()))),
                Err(error) => return Ok(Err(again(row, error.to_string(), None, true))),
            },
            Recipient::Mail { address, name, language } => {
                let contact =
                    Contact { name: name.clone(), mail: Some(address.clone()), ..Contact::default() };
                (contact, *language)
            }
            Recipient::Phone { number, language } => {
                (Contact { phone: Some(number.clone()), ..Contact::default() }, *language)
            }
            Recipient::Channel { language, .. } => (Contact::default(), *language),
        };
        let destination = match self.destination(cx, row, &contact).await? {
            Ok(destination) => destination,
            Err(what) => return Ok(Err(what)),
        };
        let attachments = if content.carries { self.attachments(cx, row.id).await? } else { Vec::new() };
        let words = render::words(catalog, language, &row.template, &content, &contact.name, &home);
        Ok(Ok(Letter {
            id: row.id,
            lane: Lane::from_number(row.lane),
            subject: words.subject,
            body: words.body,
            short: words.short,
            links: words.links,
            choices: words.choices,
            all_choices: words.all_choices,
            attachments,
            destination,
            from: home.name,
        }))
    }

    async fn attachments(&self, cx: &Cx, id: DeliveryId) -> Result<Vec<Attachment>, NotifyError> {
        use crate::tables::notify_attachments::{Column, Entity};
        let scope = self.0.store.read(cx.tenant).await?;
        let row = scope.find::<Entity>().filter(Column::Id.eq(id)).one().await?;
        drop(scope);
        let Some(row) = row else { return Ok(Vec::new()) };
        let keys = self.0.vault.keys(cx.tenant).await?;
        Ok(serde_json::from_slice(&keys.open(&attachments_place(id), &row.content)?)?)
    }

    async fn destination(
        &self,
        cx: &Cx,
        row: &Model,
        contact: &Contact,
    ) -> Result<Result<Destination, What>, NotifyError> {
        let scope = self.0.store.read(cx.tenant).await?;
        let dead = |why: &str| Ok(Err(What::Dead(why.to_owned())));
        Ok(Ok(match Means::from_word(&row.means) {
            Some(Means::Mail) => match (&contact.mail, self.mail_account(&scope, cx.tenant).await?) {
                (None, _) => return dead("no mail address is known"),
                (_, None) => return dead("no mail account is set up"),
                (Some(address), Some(account)) => {
                    Destination::Mail { address: address.clone(), name: contact.name.clone(), account }
                }
            },
            Some(Means::Sms) => match (&contact.phone, self.sms_gateway(&scope, cx.tenant).await?) {
                // Nobody was promised a text message: the mail goes out beside it.
                (None, _) => return Ok(Err(What::Dropped("no telephone number is known".to_owned()))),
                (_, None) => return dead("no SMS gateway is set up"),
                (Some(number), Some(gateway)) => Destination::Sms { number: number.clone(), gateway },
            },
            Some(Means::Push) => match self.subscription(&scope, cx.tenant, row.target).await? {
                None => {
                    return Ok(Err(What::Dropped("the browser no longer takes push messages".to_owned())));
                }
                Some(subscription) => Destination::Push { subscription, vapid: self.vapid(cx).await? },
            },
            Some(Means::Chat) => match self.chat_channel(&scope, cx.tenant, row.target).await? {
                None => return dead("the chat channel was taken away"),
                Some(channel) => Destination::Chat { channel },
            },
            None => return dead("unknown means"),
        }))
    }

    /// Writes down what became of tries, all in one transaction.
    pub(crate) async fn settle(&self, done: Vec<Settled>) -> Result<(), StoreError> {
        if done.is_empty() {
            return Ok(());
        }
        let cx = Cx::system(self.0.world.clone(), TenantId(Uuid::nil()), "notify.settle");
        let tx = self.0.store.begin_installation(&cx).await?;
        for Settled { tenant, row, what } in done {
            let this = Condition::all().add(Column::TenantId.eq(tenant)).add(Column::Id.eq(row.id));
            let update = tx.update::<Entity>().filter(this).set(Column::LeaseUntil, Timestamp::EPOCH);
            let attempts = row.attempts.saturating_add(1);
            // What is dead may be sent again by a person and keeps what it carries.
            if matches!(what, What::Sent { carried: true, .. } | What::Dropped(_)) {
                use crate::tables::notify_attachments::{Column, Entity};
                let this = Condition::all().add(Column::TenantId.eq(tenant)).add(Column::Id.eq(row.id));
                tx.delete::<Entity>().filter(this).exec().await?;
            }
            let ended = |state: &str| (state.to_owned(), cx.now);
            let (update, end) = match what {
                What::Sent { receipt, .. } => (
                    update
                        .set(Column::Attempts, attempts)
                        .set(Column::Receipt, receipt)
                        // What was sent is of no more use here; codes and names do not stay.
                        .set(Column::Content, Vec::<u8>::new())
                        .set(Column::LastError, Option::<String>::None),
                    Some(ended("sent")),
                ),
                What::Again { why, wait, counted } => {
                    let attempts = if counted { attempts } else { row.attempts };
                    let update = update
                        .set(Column::Attempts, attempts)
                        .set(Column::LastError, why)
                        .set(Column::Due, cx.now.plus(wait));
                    (update, (attempts >= retry::MOST_ATTEMPTS).then(|| ended("dead")))
                }
                What::Gone(why) => {
                    if row.means == Means::Push.word()
                        && let Some(subscription) = row.target
                    {
                        use crate::tables::notify_subscriptions::{Column, Entity};
                        let this = Condition::all()
                            .add(Column::TenantId.eq(tenant))
                            .add(Column::Id.eq(subscription));
                        tx.delete::<Entity>().filter(this).exec().await?;
                    }
                    (update.set(Column::Attempts, attempts).set(Column::LastError, why), Some(ended("dead")))
                }
                What::Dead(why) => {
                    (update.set(Column::Attempts, attempts).set(Column::LastError, why), Some(ended("dead")))
                }
                What::Dropped(why) => (update.set(Column::LastError, why), Some(ended("dropped"))),
            };
            let outcome = end.as_ref().map_or("again", |(state, _)| match state.as_str() {
                "sent" => "sent",
                "dropped" => "dropped",
                _ => "dead",
            });
            metrics::counter!("sekisho_notify_tries_total", "means" => row.means.clone(), "outcome" => outcome)
                .increment(1);
            match end {
                Some((state, at)) => {
                    update.set(Column::State, state).set(Column::SettledAt, at).exec().await?
                }
                None => update.exec().await?,
            };
        }
        tx.commit_bookkeeping("outcome of deliveries").await
    }
}

fn again(row: &Model, why: String, asked: Option<Duration>, counted: bool) -> What {
    let wait = retry::wait(Lane::from_number(row.lane), row.attempts.saturating_add(1), asked);
    What::Again { why, wait, counted }
}
