//! Files of the repository, piece by piece over the connection the box has anyway.

use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use async_trait::async_trait;
use sekisho_wire::{Get, Part, PartKind, RepositoryFile};
use tokio::sync::{mpsc, oneshot};

use super::check::{File, Source, SourceError};

/// A piece that does not come within this will not.
const ANSWER_WITHIN: Duration = Duration::from_secs(30);

/// What the updater wants of the box.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Request {
    /// Ask the server for a piece.
    Get(Get),
    /// There is something in the record to be told.
    Tell,
    /// Start again, into what the record says.
    Restart,
}

/// The number of the open question, and who waits for its answer.
type Waiting = (u64, oneshot::Sender<PartKind>);

/// Asks for pieces, one at a time.
#[derive(Clone, Debug)]
pub(super) struct Fetcher {
    requests: mpsc::Sender<Request>,
    next: Arc<AtomicU64>,
    waiting: Arc<Mutex<Option<Waiting>>>,
}

impl Fetcher {
    pub(super) fn new(requests: mpsc::Sender<Request>) -> Self {
        Self { requests, next: Arc::default(), waiting: Arc::default() }
    }

    /// Something in the record is to be told.
    pub(super) async fn tell(&self) {
        let _ = self.requests.send(Request::Tell).await;
    }

    /// A piece came.
    pub(super) fn came(&self, part: Part) {
        let mut waiting = self.waiting.lock().unwrap_or_else(PoisonError::into_inner);
        if waiting.as_ref().is_some_and(|(n, _)| *n == part.n)
            && let Some((_, waits)) = waiting.take()
        {
            let _ = waits.send(part.kind);
        }
    }
}

#[async_trait]
impl Source for Fetcher {
    async fn read(&self, file: &File, offset: u64) -> Result<Vec<u8>, SourceError> {
        let file = match file {
            File::Root(number) => RepositoryFile::Root(*number),
            File::Timestamp => RepositoryFile::Timestamp,
            File::Snapshot => RepositoryFile::Snapshot,
            File::Targets => RepositoryFile::Targets,
            File::Image(name) => RepositoryFile::Image(name.clone()),
        };
        let n = self.next.fetch_add(1, Ordering::Relaxed) + 1;
        let (sender, answer) = oneshot::channel();
        *self.waiting.lock().unwrap_or_else(PoisonError::into_inner) = Some((n, sender));
        let later = |why: &str| SourceError::Later(why.to_owned());
        let request = Request::Get(Get { n, file, offset });
        self.requests.send(request).await.map_err(|_| later("the box stops"))?;
        match tokio::time::timeout(ANSWER_WITHIN, answer).await {
            Ok(Ok(PartKind::Bytes(bytes))) => Ok(bytes),
            Ok(Ok(PartKind::Missing)) => Err(SourceError::Missing),
            Ok(Ok(PartKind::Withdrawn)) => Err(SourceError::Withdrawn),
            Ok(Ok(PartKind::Later | PartKind::Unknown)) => Err(later("the server has no time")),
            Ok(Err(_)) | Err(_) => Err(later("no answer")),
        }
    }
}
