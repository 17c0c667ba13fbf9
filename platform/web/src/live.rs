//! `/live`: tells an open page that something happened, by name only; the page asks for its fragments again, and with
//! them come the rights of its reader.

use std::collections::HashMap;
use std::convert::Infallible;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use axum::response::sse::{Event, KeepAlive, Sse};
use axum::response::{IntoResponse, Response};
use futures_util::stream;
use sekisho_kernel::{Kind, PersonId};
use serde::Deserialize;
use tokio::sync::broadcast::error::RecvError;

use crate::{Asker, Query, Result, WebError};

/// Open pages of one person that may listen at the same time.
const MOST_STREAMS: u32 = 12;
/// How often it is asked whether the session still holds.
const CHECK: Duration = Duration::from_secs(1);

#[derive(Deserialize, Default)]
pub(crate) struct Listen {
    topics: String,
}

/// `GET /live?topics=keys.taken_out,keys.returned`
pub(crate) async fn live(asker: Asker, Query(listen): Query<Listen>) -> Result {
    let viewer = asker.viewer.clone().ok_or_else(WebError::unauthenticated)?;
    let shared = asker.frame.shared.clone();
    let seat = shared.streams.sit(viewer.person)?;
    let topics: Vec<String> = listen.topics.split(',').map(str::to_owned).collect();
    let changes = shared.store.changes();
    let listener =
        Listener { asker, viewer, topics, changes, pending: Vec::new(), ended: false, _seat: seat };
    let events = stream::unfold(listener, |mut listener| async move {
        listener.next().await.map(|event| (Ok::<_, Infallible>(event), listener))
    });
    let mut response: Response =
        Sse::new(events).keep_alive(KeepAlive::new().interval(Duration::from_secs(15))).into_response();
    response.headers_mut().insert("x-accel-buffering", axum::http::HeaderValue::from_static("no"));
    Ok(response)
}

struct Listener {
    asker: Asker,
    viewer: crate::Viewer,
    topics: Vec<String>,
    changes: tokio::sync::broadcast::Receiver<sekisho_storage::Changed>,
    pending: Vec<String>,
    ended: bool,
    _seat: Seat,
}

impl Listener {
    /// The next event; `None` when the server shuts down, or after "goodbye" when the session ended.
    async fn next(&mut self) -> Option<Event> {
        loop {
            if self.ended {
                return None;
            }
            if let Some(topic) = self.pending.pop() {
                return Some(named(&topic));
            }
            let shared = self.asker.frame.shared.clone();
            tokio::select! {
                () = shared.shutdown.cancelled() => return None,
                () = tokio::time::sleep(CHECK) => {
                    if !shared.doorkeeper.still_here(&self.asker.cx.later(), &self.viewer).await {
                        self.ended = true;
                        return Some(named("goodbye"));
                    }
                }
                changed = self.changes.recv() => match changed {
                    Ok(changed) if changed.tenant == self.asker.cx.tenant => {
                        let told = |topic: &&String| changed.events.iter().any(|event| event == topic);
                        self.pending = self.topics.iter().filter(told).cloned().collect();
                    }
                    Ok(_) => {}
                    // Too much happened to follow: let the page look at everything once.
                    Err(RecvError::Lagged(_)) => self.pending = self.topics.clone(),
                    Err(RecvError::Closed) => return None,
                },
            }
        }
    }
}

/// An event that is no more than its name. Browsers drop one without data, and an empty string is written as none.
fn named(name: &str) -> Event {
    Event::default().event(name).data("now")
}

/// Who listens how often.
#[derive(Default)]
pub(crate) struct Streams(Arc<Mutex<HashMap<PersonId, u32>>>);

impl Streams {
    fn sit(&self, person: PersonId) -> Result<Seat> {
        let mut seats = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        let taken = seats.entry(person).or_default();
        if *taken >= MOST_STREAMS {
            return Err(WebError::new(Kind::Busy(30), "error-busy", "too many open pages listen"));
        }
        *taken += 1;
        Ok(Seat { seats: self.0.clone(), person })
    }
}

/// One listening page; leaving frees it.
struct Seat {
    seats: Arc<Mutex<HashMap<PersonId, u32>>>,
    person: PersonId,
}

impl Drop for Seat {
    fn drop(&mut self) {
        let mut seats = self.seats.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(taken) = seats.get_mut(&self.person) {
            *taken = taken.saturating_sub(1);
            if *taken == 0 {
                seats.remove(&self.person);
            }
        }
    }
}
