//! Who hears of what happened: the holder, those who manage the key, and whoever an alert rule names. Runs as a job for
//! each fact, so that taking a key never waits for it.

use std::collections::BTreeSet;

use sea_orm::ColumnTrait;
use sekisho_kernel::{Cx, PersonId, ResourceId, Timestamp};
use sekisho_notify::{Lane, Message, NoticeKind, Recipient};
use sekisho_policy::Right;
use sekisho_storage::jobs::{Job, JobError};
use sekisho_storage::{Event, Scoped, Tx};

use crate::Keys;
use crate::alert::{AlertEvent, Occurrence, applies};
use crate::due::reaches_managers;
use crate::events::{
    BinOpened, Booked, BookingMoved, BoxTroubled, FaultReported, KeyDueSoon, KeyInWrongBin, KeyMissing,
    KeyOverdue, KeyRemovedByForce, KeyReturned, KeyTakenOut, MasterUnlocked,
};
use crate::ids::{BoxId, KeyId};
use crate::tables::{alerts, boxes, group_members, keys};

/// The job.
pub const JOB: &str = "keys.tell";

/// The facts it runs for.
pub(crate) const HEARS: &[&str] = &[
    KeyTakenOut::NAME,
    KeyReturned::NAME,
    KeyDueSoon::NAME,
    KeyOverdue::NAME,
    KeyRemovedByForce::NAME,
    KeyInWrongBin::NAME,
    KeyMissing::NAME,
    FaultReported::NAME,
    BinOpened::NAME,
    MasterUnlocked::NAME,
    BoxTroubled::NAME,
    Booked::NAME,
    BookingMoved::NAME,
    "devices.went_offline",
];

/// The word for messages about keys one holds.
const MINE: &str = "keys.mine";
/// The word for messages about keys one manages or watches.
const WATCHED: &str = "keys.watched";
/// The word for messages about what one may take.
pub(crate) const RIGHTS: &str = "keys.rights";

/// The kinds of messages of this module, for which people choose means.
pub(crate) const KINDS: [NoticeKind; 3] = [
    NoticeKind { kind: MINE, text: "keys-kind-mine" },
    NoticeKind { kind: WATCHED, text: "keys-kind-watched" },
    NoticeKind { kind: RIGHTS, text: "keys-kind-rights" },
];

/// One fact as it is told: the same words for everybody, different recipients.
struct News {
    occurrence: Occurrence,
    template: &'static str,
    /// The name of the key or box.
    name: String,
    holder: Option<PersonId>,
    to_holder: bool,
    to_managers: bool,
    at: Option<Timestamp>,
    number: Option<i64>,
    lane: Lane,
    detail: String,
}

impl News {
    fn of_key(event: AlertEvent, template: &'static str, key: KeyId, name: String) -> Self {
        let occurrence = Occurrence { event, key: Some(key), groups: Vec::new(), at: None, late_minutes: 0 };
        Self {
            occurrence,
            template,
            name,
            holder: None,
            to_holder: false,
            to_managers: false,
            at: None,
            number: None,
            lane: Lane::Operational,
            detail: String::new(),
        }
    }

    fn of_box(event: AlertEvent, template: &'static str, place: BoxId, name: String) -> Self {
        let mut news = Self::of_key(event, template, KeyId(place.uuid()), name);
        news.occurrence.key = None;
        news.occurrence.at = Some(place);
        news
    }
}

/// Runs the job: finds out who hears, and leaves a message for each.
pub async fn run(keys: Keys, cx: Cx, job: Job) -> Result<(), JobError> {
    let Some(mut news) = read(&keys, &cx, &job).await? else { return Ok(()) };
    let scope = keys.store.read(cx.tenant).await?;
    let (zone, managed) = place(&scope, &mut news).await?;
    let mut people: BTreeSet<PersonId> = BTreeSet::new();
    let mut outsiders = Vec::new();
    for row in scope.find::<alerts::Entity>().filter(alerts::Column::Active.eq(true)).all().await? {
        if applies(&row.rule.0, &news.occurrence) {
            people.extend(row.rule.0.people.iter().copied());
            outsiders.extend(
                crate::add_alert::outsiders(&keys, &row)
                    .await
                    .map_err(|error| JobError::Again(error.to_string()))?,
            );
        }
    }
    let holder_name = match news.holder {
        Some(holder) => keys.name_of(&scope, holder).await?,
        None => String::new(),
    };
    drop(scope);
    if news.to_managers {
        people.extend(managers(&keys, &cx, managed).await?);
    }
    let base = |to: Recipient, template: &'static str| {
        // A second run of the job tells nobody twice; the word names the recipient, for all get the same text.
        let whom = match &to {
            Recipient::Person { id } => id.to_string(),
            Recipient::Mail { address, .. } | Recipient::Phone { number: address, .. } => token_of(address),
            Recipient::Channel { id, .. } => id.to_string(),
        };
        let mut message = Message::new(to, news.lane, template)
            .arg("thing", &*news.name)
            .arg("holder", &*holder_name)
            .arg("number", news.number.unwrap_or_default().to_string())
            .arg("minutes", news.occurrence.late_minutes.to_string())
            .arg("detail", &*news.detail)
            .once(format!("{}/{whom}", job.id))
            .of_kind(WATCHED);
        if let Some(at) = news.at {
            message = message.time("at", at, &zone);
        }
        match (news.occurrence.key, news.occurrence.at) {
            (Some(key), _) => message.link("keys-notice-open-key", format!("/keys/{key}")).about("key", key),
            (None, Some(at)) => {
                message.link("keys-notice-open-box", format!("/keys/boxes/{at}")).about("box", at)
            }
            (None, None) => message,
        }
    };
    let mut tx = keys.store.begin(&cx).await?;
    if let Some(holder) = news.holder.filter(|_| news.to_holder) {
        people.remove(&holder);
        tell(&keys, &mut tx, base(Recipient::Person { id: holder }, own(news.template)).of_kind(MINE))
            .await?;
    }
    for person in people {
        tell(&keys, &mut tx, base(Recipient::Person { id: person }, news.template)).await?;
    }
    for outsider in outsiders {
        let to = if outsider.address.starts_with('+') {
            Recipient::Phone { number: outsider.address, language: outsider.language }
        } else {
            Recipient::Mail { address: outsider.address, name: String::new(), language: outsider.language }
        };
        tell(&keys, &mut tx, base(to, news.template)).await?;
    }
    Ok(tx.commit_bookkeeping("messages about an act that has its own entry").await?)
}

async fn tell(keys: &Keys, tx: &mut Tx, message: Message) -> Result<(), JobError> {
    keys.notify.tell(tx, message).await.map_err(|error| JobError::Again(error.to_string()))
}

/// A word for an address that does not tell it.
fn token_of(address: &str) -> String {
    sekisho_crypto::token_text(&sekisho_crypto::sha256(address.as_bytes()))
}

/// The holder is spoken to, everybody else is told of the holder.
fn own(template: &'static str) -> &'static str {
    match template {
        "keys-notice-taken" => "keys-notice-you-took",
        "keys-notice-returned" => "keys-notice-you-returned",
        "keys-notice-due-soon" => "keys-notice-you-due-soon",
        "keys-notice-overdue" => "keys-notice-you-overdue",
        other => other,
    }
}

async fn read(keys: &Keys, cx: &Cx, job: &Job) -> Result<Option<News>, JobError> {
    let name = job.payload.get("name").and_then(|name| name.as_str()).unwrap_or_default();
    let news = match name {
        KeyTakenOut::NAME => {
            let fact: KeyTakenOut = job.event()?;
            let mut news = News::of_key(AlertEvent::Taken, "keys-notice-taken", fact.key, fact.key_name);
            (news.holder, news.to_holder, news.at) = (fact.person, true, Some(fact.at));
            news.detail = pickup_note(keys, cx, fact.key).await?;
            news
        }
        KeyReturned::NAME => {
            let fact: KeyReturned = job.event()?;
            let mut news =
                News::of_key(AlertEvent::Returned, "keys-notice-returned", fact.key, fact.key_name);
            (news.holder, news.to_holder, news.at) = (fact.person, true, Some(fact.at));
            news
        }
        KeyDueSoon::NAME => {
            let fact: KeyDueSoon = job.event()?;
            let mut news = News::of_key(AlertEvent::DueSoon, "keys-notice-due-soon", fact.key, fact.key_name);
            (news.holder, news.to_holder, news.at) = (fact.person, true, Some(fact.due));
            news
        }
        KeyOverdue::NAME => {
            let fact: KeyOverdue = job.event()?;
            let mut news = News::of_key(AlertEvent::Overdue, "keys-notice-overdue", fact.key, fact.key_name);
            (news.holder, news.to_holder, news.at) = (fact.person, true, Some(fact.due));
            news.to_managers = reaches_managers(fact.step - 1);
            news.occurrence.late_minutes = fact.late_minutes;
            news
        }
        KeyRemovedByForce::NAME => {
            let fact: KeyRemovedByForce = job.event()?;
            let mut news = News::of_key(
                AlertEvent::RemovedByForce,
                "keys-notice-removed-by-force",
                fact.key,
                fact.key_name,
            );
            (news.to_managers, news.lane, news.at) = (true, Lane::LifeSafety, Some(fact.at));
            news
        }
        KeyInWrongBin::NAME => {
            let fact: KeyInWrongBin = job.event()?;
            let mut news =
                News::of_key(AlertEvent::WrongBin, "keys-notice-wrong-bin", fact.key, fact.key_name);
            (news.number, news.at) = (Some(fact.number), Some(fact.at));
            news
        }
        KeyMissing::NAME => {
            let fact: KeyMissing = job.event()?;
            let mut news =
                News::of_key(AlertEvent::RemovedByForce, "keys-notice-missing", fact.key, fact.key_name);
            (news.to_managers, news.at) = (true, Some(fact.at));
            news
        }
        FaultReported::NAME => {
            let fact: FaultReported = job.event()?;
            let Some(key) = fact.key else { return Ok(None) };
            let mut news = News::of_key(AlertEvent::FaultReported, "keys-notice-fault", key, fact.name);
            (news.holder, news.to_managers, news.at) = (fact.person, true, Some(fact.at));
            news
        }
        BinOpened::NAME => {
            let fact: BinOpened = job.event()?;
            let mut news =
                News::of_box(AlertEvent::BinOpened, "keys-notice-bin-opened", fact.at_box, fact.box_name);
            (news.holder, news.number, news.at) = (Some(fact.person), Some(fact.number), Some(fact.at));
            news
        }
        MasterUnlocked::NAME => {
            let fact: MasterUnlocked = job.event()?;
            let mut news =
                News::of_box(AlertEvent::MasterUnlocked, "keys-notice-master", fact.at_box, fact.box_name);
            (news.holder, news.to_managers, news.at) = (Some(fact.person), true, Some(fact.at));
            news.detail = fact.reason;
            news
        }
        BoxTroubled::NAME => {
            let fact: BoxTroubled = job.event()?;
            let power = matches!(&*fact.what, "power_lost" | "battery_low");
            let event = if power { AlertEvent::PowerLost } else { AlertEvent::Tampered };
            let template = if power { "keys-notice-power" } else { "keys-notice-trouble" };
            let mut news = News::of_box(event, template, fact.at_box, fact.box_name);
            (news.number, news.to_managers, news.at) = (fact.number, !power, Some(fact.at));
            news
        }
        // One that was moved is booked from another time.
        Booked::NAME | BookingMoved::NAME => {
            let (booked, person, starts) = if name == Booked::NAME {
                let fact: Booked = job.event()?;
                (fact.keys, fact.person, fact.starts)
            } else {
                let fact: BookingMoved = job.event()?;
                (fact.keys, None, fact.starts)
            };
            let Some(key) = booked.first().copied() else { return Ok(None) };
            let scope = keys.store.read(cx.tenant).await?;
            let Some(row) = crate::reads::key(&scope, key).await? else { return Ok(None) };
            let mut news = News::of_key(AlertEvent::Booked, "keys-notice-was-booked", key, row.name);
            (news.holder, news.at) = (person, Some(starts));
            news
        }
        "devices.went_offline" => {
            let fact: sekisho_devices::WentOffline = job.event()?;
            let scope = keys.store.read(cx.tenant).await?;
            let at = boxes::Column::DeviceId.eq(fact.device);
            let Some(row) = scope.find::<boxes::Entity>().filter(at).one().await? else { return Ok(None) };
            let mut news = News::of_box(AlertEvent::WentOffline, "keys-notice-offline", row.id, row.name);
            (news.to_managers, news.at) = (true, Some(fact.last_seen));
            news
        }
        _ => return Ok(None),
    };
    Ok(Some(news))
}

async fn pickup_note(keys: &Keys, cx: &Cx, key: KeyId) -> Result<String, JobError> {
    let scope = keys.store.read(cx.tenant).await?;
    Ok(crate::reads::key(&scope, key).await?.map(|key| key.pickup_note).unwrap_or_default())
}

/// Where it happened: fills in groups and box, and answers zone and resource.
async fn place(scope: &impl Scoped, news: &mut News) -> Result<(String, ResourceId), JobError> {
    let mut at = news.occurrence.at;
    let mut resource = at.map(BoxId::resource);
    if let Some(key) = news.occurrence.key {
        resource = Some(key.resource());
        let members =
            scope.find::<group_members::Entity>().filter(group_members::Column::KeyId.eq(key)).all().await?;
        news.occurrence.groups = members.into_iter().map(|member| member.group_id).collect();
        if let Some(row) = scope.find::<keys::Entity>().filter(keys::Column::Id.eq(key)).one().await? {
            at = crate::reads::place_of(scope, &row).await?.map(|place| place.id).or(row.home_box);
        }
        news.occurrence.at = at;
    }
    let place = match at {
        Some(at) => scope.find::<boxes::Entity>().filter(boxes::Column::Id.eq(at)).one().await?,
        None => None,
    };
    let zone = place.map_or_else(|| sekisho_places::HOME_ZONE.to_owned(), |place| place.zone);
    Ok((zone, resource.unwrap_or(ResourceId(uuid::Uuid::nil()))))
}

/// The people who manage it, as far as they can be told apart from everybody.
async fn managers(keys: &Keys, cx: &Cx, resource: ResourceId) -> Result<Vec<PersonId>, JobError> {
    let can = keys
        .policy
        .who_can(cx, resource, Right::Manage)
        .await
        .map_err(|error| JobError::Again(error.to_string()))?;
    Ok(can.into_iter().map(|can| can.person).collect())
}
