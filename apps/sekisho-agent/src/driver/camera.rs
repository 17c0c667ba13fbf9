//! What looks at whoever stands before the box: one picture at a time, and only when the box asks for it.

use async_trait::async_trait;
use sekisho_wire::Shot;

use super::Fault;

/// The camera of a box.
#[async_trait]
pub trait Camera: Send + Sync {
    /// One picture, now; none when the box has no camera.
    async fn shoot(&self) -> Result<Option<Shot>, Fault>;
}

/// A box without a camera.
#[derive(Clone, Copy, Debug, Default)]
pub struct NoCamera;

#[async_trait]
impl Camera for NoCamera {
    async fn shoot(&self) -> Result<Option<Shot>, Fault> {
        Ok(None)
    }
}
