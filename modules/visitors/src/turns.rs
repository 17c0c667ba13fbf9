//! Work that fills memory and a core, such as unpacking a picture, waits its turn: two are done at once, a few wait, and the
//! rest are told to come again.

use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};

use tokio::sync::Semaphore;

/// As many as are done at once.
const AT_ONCE: usize = 2;
/// As many as may wait before others are refused.
const LONGEST_QUEUE: usize = 16;
/// After how many seconds whoever is refused may come again.
pub(crate) const LATER: u32 = 5;

/// Why heavy work was not done.
#[derive(Clone, Copy, PartialEq, Eq, Debug, thiserror::Error)]
pub(crate) enum TurnError {
    /// Too many wait.
    #[error("too many wait")]
    Busy,
    /// The work broke off.
    #[error("heavy work broke off")]
    Broken,
}

/// Those who share the turns.
struct Turns {
    turns: Arc<Semaphore>,
    waiting: AtomicUsize,
}

/// Runs `work` away from the threads that answer, when it is its turn.
pub(crate) async fn in_turn<T: Send + 'static>(
    work: impl FnOnce() -> T + Send + 'static,
) -> Result<T, TurnError> {
    static TURNS: std::sync::LazyLock<Turns> = std::sync::LazyLock::new(Turns::new);
    TURNS.run(work).await
}

impl Turns {
    fn new() -> Self {
        Self { turns: Arc::new(Semaphore::new(AT_ONCE)), waiting: AtomicUsize::new(0) }
    }

    async fn run<T: Send + 'static>(
        &self,
        work: impl FnOnce() -> T + Send + 'static,
    ) -> Result<T, TurnError> {
        struct Waiting<'a>(&'a AtomicUsize);
        impl Drop for Waiting<'_> {
            fn drop(&mut self) {
                self.0.fetch_sub(1, Ordering::Relaxed);
            }
        }
        let before = self.waiting.fetch_add(1, Ordering::Relaxed);
        let waiting = Waiting(&self.waiting);
        if before >= LONGEST_QUEUE {
            return Err(TurnError::Busy);
        }
        let turn = Arc::clone(&self.turns).acquire_owned().await.map_err(|_| TurnError::Broken)?;
        drop(waiting);
        // The turn goes along: a request that is given up does not stop the work that was begun for it.
        let work = move || {
            let done = work();
            drop(turn);
            done
        };
        tokio::task::spawn_blocking(work).await.map_err(|_| TurnError::Broken)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test]
    async fn two_are_done_at_once_some_wait_and_others_come_again() {
        let turns = Arc::new(Turns::new());
        let (open, gate) = std::sync::mpsc::channel::<()>();
        let gate = Arc::new(std::sync::Mutex::new(gate));
        let at_once = Arc::new(AtomicUsize::new(0));
        let most = Arc::new(AtomicUsize::new(0));
        let all = AT_ONCE + LONGEST_QUEUE;
        let mut tasks = Vec::new();
        for _ in 0..all {
            let (turns, gate) = (Arc::clone(&turns), Arc::clone(&gate));
            let (at_once, most) = (Arc::clone(&at_once), Arc::clone(&most));
            tasks.push(tokio::spawn(async move {
                let work = move || {
                    most.fetch_max(at_once.fetch_add(1, Ordering::SeqCst) + 1, Ordering::SeqCst);
                    gate.lock().unwrap().recv().unwrap();
                    at_once.fetch_sub(1, Ordering::SeqCst);
                };
                turns.run(work).await
            }));
        }
        while turns.waiting.load(Ordering::SeqCst) < LONGEST_QUEUE {
            tokio::task::yield_now().await;
        }
        assert_eq!(turns.run(|| ()).await, Err(TurnError::Busy));
        for _ in 0..all {
            open.send(()).unwrap();
        }
        for task in tasks {
            assert_eq!(task.await.unwrap(), Ok(()));
        }
        assert!(most.load(Ordering::SeqCst) <= AT_ONCE);
        assert_eq!(turns.run(|| 1).await, Ok(1), "whoever comes again is served");
    }
}
