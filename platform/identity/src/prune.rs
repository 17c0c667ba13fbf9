//! Clearing away what ended long ago: sessions, links, codes, counters. The record keeps that they were.

use std::time::Duration;

use sea_orm::{ColumnTrait, Condition};
use sekisho_kernel::Cx;
use sekisho_storage::StoreError;

use crate::Identity;
use crate::session::LIFE;
use crate::tables::{codes, links, sessions, throttles, tokens};

/// Ended sessions are kept so long, so that a browser is known again.
const SESSIONS: Duration = Duration::from_secs(90 * 86_400);
/// Everything else.
const OTHERS: Duration = Duration::from_secs(7 * 86_400);

impl Identity {
    /// Clears away what ended long ago in the context's tenant. May run as often as one likes.
    pub async fn prune(&self, cx: &Cx) -> Result<(), StoreError> {
        let (old, older) = (cx.now.minus(OTHERS), cx.now.minus(SESSIONS));
        let tx = self.store().begin(cx).await?;
        let ended = Condition::any()
            .add(sessions::Column::EndedAt.lt(older))
            .add(sessions::Column::CreatedAt.lt(older.minus(LIFE)));
        tx.delete::<sessions::Entity>().filter(ended).exec().await?;
        tx.delete::<links::Entity>().filter(links::Column::ExpiresAt.lt(old)).exec().await?;
        tx.delete::<codes::Entity>().filter(codes::Column::ExpiresAt.lt(old)).exec().await?;
        tx.delete::<throttles::Entity>().filter(throttles::Column::Since.lt(old)).exec().await?;
        let over = Condition::any()
            .add(tokens::Column::RevokedAt.lt(older))
            .add(tokens::Column::ExpiresAt.lt(older));
        tx.delete::<tokens::Entity>().filter(over).exec().await?;
        tx.commit_bookkeeping("clearing away what ended long ago").await
    }
}
