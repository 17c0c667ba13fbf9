//! Many processes on one PostgreSQL: what one of them commits, the others hear at once. After a commit each process tells
//! the names of its facts on one channel, a few milliseconds' worth together. It is the only one that notifies, and never
//! within a transaction: PostgreSQL lets notifying transactions commit one after the other.
//!
//! A notice is a hint, never the message: the facts themselves stand in the outbox, and whoever must not miss one looks
//! there from time to time.

use std::collections::{BTreeMap, BTreeSet, HashSet};
use std::sync::{Mutex, PoisonError};
use std::time::Duration;

use sekisho_kernel::TenantId;
use serde::{Deserialize, Serialize};
use sqlx::postgres::{PgListener, PgPool};
use tokio::sync::broadcast::{self, error::RecvError};
use tokio::sync::watch;
use tokio::task::JoinHandle;
use uuid::Uuid;

use crate::StoreError;
use crate::store::Changed;

const CHANNEL: &str = "sekisho_changed";
/// Commits within so long are told together.
const GATHER: Duration = Duration::from_millis(3);
/// PostgreSQL takes less than 8000 bytes.
const MOST_BYTES: usize = 7_500;
/// After a lost connection.
const PAUSE: Duration = Duration::from_secs(1);
/// Facts have a few hundred names. Whoever sends more is not one of us.
const MOST_NAMES: usize = 4096;

/// What is told: who tells, and per tenant the names of facts.
#[derive(Debug, PartialEq, Serialize, Deserialize)]
struct Notice {
    from: Uuid,
    facts: BTreeMap<Uuid, BTreeSet<String>>,
}

/// The two tasks of a process, listening and telling.
pub(crate) struct Relay {
    stop: watch::Sender<bool>,
    telling: tokio::sync::Mutex<Option<JoinHandle<()>>>,
    hearing: JoinHandle<()>,
}

impl Relay {
    /// Starts to listen and to tell. When this returns, nothing told from now on is missed.
    pub(crate) async fn start(
        url: String,
        pool: PgPool,
        changed: broadcast::Sender<Changed>,
    ) -> Result<Self, StoreError> {
        // The database gives the name: this room has no chance of its own.
        let me: Uuid = sqlx::query_scalar("SELECT gen_random_uuid()").fetch_one(&pool).await?;
        let listener = listen(&url).await?;
        let (stop, stopped) = watch::channel(false);
        let commits = changed.subscribe();
        let telling = tokio::spawn(tell(pool, me, commits, stopped));
        let hearing = tokio::spawn(hear(url, listener, me, changed));
        Ok(Self { stop, telling: tokio::sync::Mutex::new(Some(telling)), hearing })
    }

    /// Tells what is still to be told, and ends.
    pub(crate) async fn stop(&self) {
        self.stop.send_replace(true);
        if let Some(telling) = self.telling.lock().await.take() {
            let _ = telling.await;
        }
        self.hearing.abort();
    }
}

impl Drop for Relay {
    fn drop(&mut self) {
        self.hearing.abort();
    }
}

async fn listen(url: &str) -> Result<PgListener, StoreError> {
    let mut listener = PgListener::connect(url).await?;
    listener.listen(CHANNEL).await?;
    Ok(listener)
}

async fn hear(url: String, first: PgListener, me: Uuid, changed: broadcast::Sender<Changed>) {
    let mut listener = Some(first);
    loop {
        let Some(listening) = &mut listener else {
            tokio::time::sleep(PAUSE).await;
            listener = listen(&url).await.ok();
            continue;
        };
        match listening.recv().await {
            Ok(notification) => match serde_json::from_str::<Notice>(notification.payload()) {
                Ok(notice) if notice.from == me => {}
                Ok(notice) => {
                    for (tenant, names) in notice.facts {
                        let events = names.iter().filter_map(|name| known(name)).collect();
                        let _ = changed.send(Changed { tenant: TenantId(tenant), events, from_afar: true });
                    }
                }
                Err(error) => tracing::warn!(%error, "a notice of another server was not understood"),
            },
            Err(error) => {
                tracing::warn!(%error, "other servers are not heard for a moment");
                listener = None;
            }
        }
    }
}

async fn tell(
    pool: PgPool,
    me: Uuid,
    mut commits: broadcast::Receiver<Changed>,
    mut stop: watch::Receiver<bool>,
) {
    let mut notice = Notice { from: me, facts: BTreeMap::new() };
    let mut ends = false;
    while !ends {
        let first = tokio::select! {
            commit = commits.recv() => commit,
            // Also when the store is gone without having been closed.
            _ = stop.wait_for(|stop| *stop) => {
                ends = true;
                Err(RecvError::Lagged(0))
            }
        };
        match first {
            Ok(commit) => {
                if !gather(&mut notice, commit) {
                    continue;
                }
                tokio::time::sleep(GATHER).await;
            }
            Err(RecvError::Lagged(_)) => {}
            Err(RecvError::Closed) => ends = true,
        }
        while let Ok(commit) = commits.try_recv() {
            gather(&mut notice, commit);
        }
        for payload in payloads(&mut notice) {
            let told =
                sqlx::query("SELECT pg_notify($1, $2)").bind(CHANNEL).bind(payload).execute(&pool).await;
            if let Err(error) = told {
                // They look for themselves within a second.
                tracing::warn!(%error, "other servers could not be told");
            }
        }
    }
}

/// Adds a commit of ours; false when it has nothing to tell.
fn gather(notice: &mut Notice, commit: Changed) -> bool {
    if commit.from_afar || commit.events.is_empty() {
        return false;
    }
    let names = commit.events.into_iter().map(str::to_owned);
    notice.facts.entry(commit.tenant.0).or_default().extend(names);
    true
}

/// The notice as payloads that PostgreSQL takes; the notice is empty afterwards.
fn payloads(notice: &mut Notice) -> Vec<String> {
    let mut payloads = Vec::new();
    let mut part = Notice { from: notice.from, facts: BTreeMap::new() };
    let mut bytes = 0;
    for (tenant, names) in std::mem::take(&mut notice.facts) {
        // Braces, quotes and commas around each.
        let size = 64 + names.iter().map(|name| name.len() + 4).sum::<usize>();
        if bytes + size > MOST_BYTES && !part.facts.is_empty() {
            payloads.extend(serde_json::to_string(&part));
            part.facts.clear();
            bytes = 0;
        }
        bytes += size;
        part.facts.insert(tenant, names);
    }
    if !part.facts.is_empty() {
        payloads.extend(serde_json::to_string(&part));
    }
    payloads
}

/// A name heard from afar as one that lasts as long as the process, for those that a program has by heart do. Names are
/// few; more than a program can have are not kept.
fn known(name: &str) -> Option<&'static str> {
    static NAMES: Mutex<Option<HashSet<&'static str>>> = Mutex::new(None);
    let mut names = NAMES.lock().unwrap_or_else(PoisonError::into_inner);
    let names = names.get_or_insert_default();
    if let Some(known) = names.get(name) {
        return Some(known);
    }
    if names.len() >= MOST_NAMES || name.len() > 100 {
        return None;
    }
    let lasting: &'static str = Box::leak(name.to_owned().into_boxed_str());
    names.insert(lasting);
    Some(lasting)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_notice_fits_whatever_was_committed() {
        let mut notice = Notice { from: Uuid::nil(), facts: BTreeMap::new() };
        for tenant in 0..500 {
            let tenant = TenantId(Uuid::from_u128(tenant));
            let commit = |from_afar| Changed {
                tenant,
                events: vec!["keys.taken_out", "keys.stock_changed"],
                from_afar,
            };
            assert!(!gather(&mut notice, commit(true)), "nobody passes on what they were told");
            assert!(gather(&mut notice, commit(false)));
            assert!(gather(&mut notice, commit(false)));
        }
        let payloads = payloads(&mut notice);
        assert!(notice.facts.is_empty() && payloads.len() > 1);
        let mut heard = 0;
        for payload in payloads {
            assert!(payload.len() < 8000);
            heard += serde_json::from_str::<Notice>(&payload).unwrap().facts.len();
        }
        assert_eq!(heard, 500);
        assert_eq!(known("keys.taken_out"), Some("keys.taken_out"));
    }
}
