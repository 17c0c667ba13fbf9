//! Work that comes round by itself: what is due, what went silent, what can be folded into the record.

use std::sync::Arc;
use std::time::Duration;

use async_trait::async_trait;
use sekisho_kernel::Cx;

/// Looks over one tenant's things. Two processes may sweep at the same time; what a sweep changes, it changes under
/// conditions that hold for one of them only.
#[async_trait]
pub trait Sweeper: Send + Sync {
    /// Looks once. An error is logged, counted, and tried again at the next round.
    async fn sweep(&self, cx: Cx) -> Result<(), String>;
}

#[async_trait]
impl<F, R> Sweeper for F
where
    F: Fn(Cx) -> R + Send + Sync,
    R: Future<Output = Result<(), String>> + Send,
{
    async fn sweep(&self, cx: Cx) -> Result<(), String> {
        self(cx).await
    }
}

/// Looks over the whole installation at once, for what one question answers for every tenant.
#[async_trait]
pub trait WholeSweeper: Send + Sync {
    /// Looks once; errors as in [`Sweeper::sweep`].
    async fn sweep(&self) -> Result<(), String>;
}

#[async_trait]
impl<F, R> WholeSweeper for F
where
    F: Fn() -> R + Send + Sync,
    R: Future<Output = Result<(), String>> + Send,
{
    async fn sweep(&self) -> Result<(), String> {
        self().await
    }
}

/// What a round goes over.
#[derive(Clone)]
pub(crate) enum Ground {
    Tenants(Arc<dyn Sweeper>),
    Whole(Arc<dyn WholeSweeper>),
}

/// A sweeper and how often it looks.
#[derive(Clone)]
pub struct Sweep {
    /// Its name in logs and metrics, and as the actor in the record.
    pub name: &'static str,
    /// The time between two rounds.
    pub every: Duration,
    /// What looks, and over what.
    pub(crate) ground: Ground,
}

impl Sweep {
    /// A sweep called `name`, over one tenant after the other, every so often.
    pub fn new(name: &'static str, every: Duration, sweeper: impl Sweeper + 'static) -> Self {
        Self { name, every, ground: Ground::Tenants(Arc::new(sweeper)) }
    }

    /// A sweep over the whole installation: it finds the tenants that need it by itself.
    pub fn whole(name: &'static str, every: Duration, sweeper: impl WholeSweeper + 'static) -> Self {
        Self { name, every, ground: Ground::Whole(Arc::new(sweeper)) }
    }
}
