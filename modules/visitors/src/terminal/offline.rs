//! A terminal whose network is broken goes on for expected guests. Beforehand it has a list sealed to its own key: which
//! passes (fingerprints only) open when. What happens it seals to a key of ours and sends later; each event is applied
//! once, at the time at which it happened. It holds today's and tomorrow's passes, sealed by HPKE. An event older than a week
//! is not applied, and on the record. When the answer to a check-in got lost and the terminal tells it once more, that is no
//! second showing.

use std::time::Duration;

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use sea_orm::ActiveValue::Set;
use sea_orm::{ColumnTrait, Condition};
use sekisho_crypto::{Place, SealingPair, open_sealed_to, seal_to, sha256};
use sekisho_host::Fault;
use sekisho_kernel::{AuditEntry, Cx, Timestamp};
use sekisho_storage::{Scoped, Tx};
use serde::{Deserialize, Serialize};
use uuid::Uuid;

use super::signed::{At, millis};
use crate::Visitors;
use crate::check_in::{CheckInError, Presented, check_in_when};
use crate::check_out::check_out_when;
use crate::checks::VisitError;
use crate::ledger::{is_awaited, standing};
use crate::settings;
use crate::tables::words::VisitState;
use crate::tables::{terminal_events, terminal_keys, visits};

const LIST: &str = "visitors.terminal_list";
const QUEUE: &str = "visitors.terminal_queue";
/// The most events sent at once, and the most letters of one.
pub(crate) const MOST_EVENTS: usize = 100;
const LONGEST_EVENT: usize = 1000;
/// How far ahead the list reaches: today and tomorrow.
const AHEAD: Duration = Duration::from_secs(48 * 3600);
/// The most passes on a list.
const MOST_EXPECTED: u64 = 5000;
/// How old an event may be that is still applied.
const OLDEST: Duration = Duration::from_secs(7 * 86_400);

/// When something happened: now, or at a terminal whose network was broken.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(crate) enum When {
    Now,
    /// The event's own number lets it count once.
    Earlier {
        event: Uuid,
        terminal: crate::ids::TerminalId,
        at: Timestamp,
    },
}

impl When {
    /// The time of it.
    pub(crate) fn at(self, cx: &Cx) -> Timestamp {
        match self {
            Self::Now => cx.now,
            Self::Earlier { at, .. } => at,
        }
    }

    /// Whether nobody waits for the answer: what turns out wrong is no guess of somebody who stands there.
    pub(crate) fn is_earlier(self) -> bool {
        matches!(self, Self::Earlier { .. })
    }

    /// Writes the event down; false when it was there already.
    pub(crate) async fn is_new(self, tx: &Tx) -> Result<bool, Fault> {
        let Self::Earlier { event, terminal, at } = self else { return Ok(true) };
        let this = terminal_events::Column::Id.eq(event);
        if tx.find::<terminal_events::Entity>().filter(this).exists().await? {
            return Ok(false);
        }
        let row = terminal_events::ActiveModel {
            id: Set(event),
            terminal_id: Set(terminal),
            at: Set(at),
            got_at: Set(tx.cx().now),
            ..Default::default()
        };
        tx.insert::<terminal_events::Entity>(row).await?;
        Ok(true)
    }
}

#[derive(Serialize)]
struct Expected {
    pass: String,
    from: i64,
    until: i64,
}

/// The list for a terminal: sealed to it, with a name by which it knows whether it has that one.
#[derive(Serialize)]
pub(crate) struct SealedList {
    pub(crate) version: String,
    pub(crate) sealed: String,
}

/// Who is expected at the terminal's site today and tomorrow; none when the terminal has that list.
pub(crate) async fn expected(visitors: &Visitors, at: &At, has: &str) -> Result<Option<SealedList>, Fault> {
    use visits::Column;
    let scope = visitors.store.read(at.cx.tenant).await?;
    let (settings, _) = settings::load(&scope).await?;
    let coming = Condition::all()
        .add(Column::SiteId.eq(at.row.site_id))
        .add(Column::State.is_in(VisitState::EXPECTED.into_iter().chain([VisitState::Left])))
        .add(Column::EndsAt.gt(at.cx.now))
        .add(Column::StartsAt.lt(at.cx.now.plus(AHEAD)));
    let query =
        scope.find::<visits::Entity>().filter(coming).ascending(Column::StartsAt).ascending(Column::Id);
    let rows = query.limit(MOST_EXPECTED).all().await?;
    drop(scope);
    let expected: Vec<Expected> = rows
        .into_iter()
        .filter(is_awaited)
        .filter_map(|visit| {
            let standing = standing(&visit, &settings);
            let from = standing.back_from().unwrap_or(standing.opens_at);
            Some(Expected {
                pass: URL_SAFE_NO_PAD.encode(visit.pass_hash?),
                from: millis(from),
                until: millis(visit.ends_at),
            })
        })
        .collect();
    let plain = serde_json::to_vec(&serde_json::json!({ "expected": expected })).unwrap_or_default();
    let version = URL_SAFE_NO_PAD.encode(sha256(&plain));
    if version == has {
        return Ok(None);
    }
    let Some(key) = &at.row.seal_key else { return Ok(None) };
    let sealed = seal_to(key, LIST, at.row.id.uuid().as_bytes(), &plain)?;
    Ok(Some(SealedList { version, sealed: URL_SAFE_NO_PAD.encode(sealed) }))
}

/// An event as a terminal sends it.
#[derive(Deserialize)]
pub(crate) struct SealedEvent {
    id: Uuid,
    sealed: String,
}

#[derive(Clone, Copy, PartialEq, Eq, Debug, Deserialize)]
#[serde(rename_all = "snake_case")]
enum What {
    CheckIn,
    CheckOut,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Event {
    what: What,
    handle: String,
    at: i64,
}

/// Applies what happened at the terminal. Answers with the numbers of the events that need not be sent again: those that
/// were applied, now or before, and those that are not: unreadable, or too old.
pub(crate) async fn apply(
    visitors: &Visitors,
    at: &At,
    events: Vec<SealedEvent>,
) -> Result<Vec<Uuid>, Fault> {
    let secrets = secrets(visitors, &at.cx).await?;
    let mut done = Vec::new();
    for event in events.into_iter().take(MOST_EVENTS) {
        let Some(read) = opened(&secrets, at, &event) else {
            dropped(visitors, at, event.id, "unreadable").await?;
            done.push(event.id);
            continue;
        };
        let now = at.cx.now;
        // A clock that runs ahead makes nothing happen in the future.
        let then = Timestamp::from_micros(read.at.saturating_mul(1000)).min(now);
        if then < now.minus(OLDEST) {
            dropped(visitors, at, event.id, "too_old").await?;
            done.push(event.id);
            continue;
        }
        let when = When::Earlier { event: event.id, terminal: at.row.id, at: then };
        let handle = URL_SAFE_NO_PAD.decode(&read.handle).unwrap_or_default();
        let presented = Presented::Handle(handle);
        let applied = match read.what {
            What::CheckIn => match check_in_when(visitors, &at.cx, &at.reception, &presented, when).await {
                // Refused is applied, too: it is on the record, and the host is told.
                Ok(_) | Err(CheckInError::NotNow) => Ok(()),
                Err(CheckInError::TooMany(_)) => continue,
                Err(CheckInError::Fault(fault)) => Err(fault),
            },
            What::CheckOut => match check_out_when(visitors, &at.cx, &at.reception, &presented, when).await {
                Err(VisitError::Fault(fault)) => Err(fault),
                _ => Ok(()),
            },
        };
        match applied {
            Ok(()) => done.push(event.id),
            // Sent twice at the same moment: the other one applied it.
            Err(Fault::Store(error)) if error.is_duplicate_of("visitors_terminal_events", &["id"]) => {
                done.push(event.id);
            }
            Err(fault) => return Err(fault),
        }
    }
    Ok(done)
}

fn opened(secrets: &[sekisho_crypto::Zeroizing<Vec<u8>>], at: &At, event: &SealedEvent) -> Option<Event> {
    if event.sealed.len() > LONGEST_EVENT {
        return None;
    }
    let sealed = URL_SAFE_NO_PAD.decode(&event.sealed).ok()?;
    let bound_to = [at.row.id.uuid().as_bytes().as_slice(), event.id.as_bytes()].concat();
    let plain = secrets.iter().find_map(|secret| open_sealed_to(secret, QUEUE, &bound_to, &sealed).ok())?;
    serde_json::from_slice(&plain).ok()
}

/// What cannot be read was made by nobody we know, and what is too old changes nothing any more; that it came is on the
/// record.
async fn dropped(visitors: &Visitors, at: &At, event: Uuid, why: &'static str) -> Result<(), Fault> {
    let entry = AuditEntry::failed("terminal.event").on("terminal", at.row.id, &*at.row.name);
    visitors.record(&at.cx, entry.with("event", event).with("why", why)).await
}

/// The newest key to which terminals seal; made when there is none. Of two servers that do so at once one wins.
pub(crate) async fn queue_key(visitors: &Visitors, cx: &Cx) -> Result<terminal_keys::Model, Fault> {
    if let Some(key) = newest(&visitors.store.read(cx.tenant).await?).await? {
        return Ok(key);
    }
    let tenant = visitors.vault.keys(cx.tenant).await?;
    let pair = SealingPair::generate()?;
    let id: Uuid = cx.fresh_id();
    let row = terminal_keys::ActiveModel {
        id: Set(id),
        generation: Set(1),
        public: Set(pair.public),
        secret_sealed: Set(tenant.seal_secret(&secret_place(id), &pair.secret)),
        made_at: Set(cx.now),
        ..Default::default()
    };
    let tx = visitors.store.begin(cx).await?;
    match tx.insert::<terminal_keys::Entity>(row).await {
        Ok(()) => {
            tx.commit_bookkeeping("a key for events of terminals; what is done with it is recorded").await?
        }
        Err(error) if error.is_duplicate_of("visitors_terminal_keys", &["generation"]) => drop(tx),
        Err(error) => return Err(error.into()),
    }
    let made = newest(&visitors.store.read(cx.tenant).await?).await?;
    made.ok_or_else(|| Fault::Store(sekisho_storage::StoreError::Unusable("a key is gone".to_owned())))
}

async fn newest(scope: &impl Scoped) -> Result<Option<terminal_keys::Model>, sekisho_storage::StoreError> {
    let newest = scope.find::<terminal_keys::Entity>().descending(terminal_keys::Column::Generation);
    newest.limit(1).one().await
}

async fn secrets(visitors: &Visitors, cx: &Cx) -> Result<Vec<sekisho_crypto::Zeroizing<Vec<u8>>>, Fault> {
    let tenant = visitors.vault.keys(cx.tenant).await?;
    let scope = visitors.store.read(cx.tenant).await?;
    let query = scope.find::<terminal_keys::Entity>().descending(terminal_keys::Column::Generation);
    let mut secrets = Vec::new();
    for key in query.limit(3).all().await? {
        secrets.push(tenant.open(&secret_place(key.id), &key.secret_sealed)?);
    }
    Ok(secrets)
}

/// Where the half that opens lies.
fn secret_place(row: Uuid) -> Place<'static> {
    Place { table: "visitors_terminal_keys", column: "secret", row }
}
