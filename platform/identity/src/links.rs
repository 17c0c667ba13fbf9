//! One-time URLs: 32 bytes of chance, stored as a hash, 24 hours. Showing the page uses nothing up (mail scanners open
//! every link); only the form's POST does.

use sea_orm::ActiveValue::Set;
use sea_orm::ColumnTrait;
use sekisho_crypto::{Secret, sha256, token_text};
use sekisho_kernel::{PersonId, Timestamp};
use sekisho_storage::{JsonText, Scoped, StoreError, Tx};
use uuid::Uuid;

use crate::events::Sealed;
use crate::session::{LINK_LIFE, LinkPurpose};
use crate::tables::links::{ActiveModel, Column, Entity, Model};
use crate::{Broken, Identity};

/// A link just made.
pub(crate) struct Link {
    pub(crate) token: Secret,
    pub(crate) sealed: Sealed,
    pub(crate) expires_at: Timestamp,
}

impl Identity {
    /// Makes a link; older ones of the same purpose stop working.
    pub(crate) async fn make_link(
        &self,
        tx: &mut Tx,
        person: PersonId,
        purpose: LinkPurpose,
    ) -> Result<Link, Broken> {
        let keys = self.keys(tx.cx().tenant).await?;
        withdraw_links(tx, person, Some(purpose)).await?;
        let bytes = tx.cx().random::<32>();
        let token = Secret::new(token_text(&bytes));
        let id: Uuid = tx.cx().fresh_id();
        let expires_at = tx.cx().now.plus(LINK_LIFE);
        tx.insert::<Entity>(ActiveModel {
            tenant_id: Set(tx.cx().tenant),
            id: Set(id),
            person: Set(person),
            purpose: Set(JsonText(purpose)),
            hash: Set(sha256(token.expose().as_bytes()).to_vec()),
            expires_at: Set(expires_at),
            used_at: Set(None),
            created_at: Set(tx.cx().now),
        })
        .await?;
        Ok(Link { sealed: Self::seal_for_others(&keys, id, token.expose()), token, expires_at })
    }
}

/// The link behind a token, when it still works.
pub(crate) async fn find_link(
    scope: &impl Scoped,
    token: &str,
    purposes: &[LinkPurpose],
    now: Timestamp,
) -> Result<Option<Model>, StoreError> {
    let row = scope
        .find::<Entity>()
        .filter(Column::Hash.eq(sha256(token.as_bytes()).to_vec()))
        .filter(Column::UsedAt.is_null())
        .filter(Column::ExpiresAt.gt(now))
        .one()
        .await?;
    Ok(row.filter(|row| purposes.contains(&row.purpose.0)))
}

/// Uses a link up; `false` when somebody was quicker.
pub(crate) async fn use_link(tx: &Tx, id: Uuid) -> Result<bool, StoreError> {
    let used = tx
        .update::<Entity>()
        .set(Column::UsedAt, tx.cx().now)
        .filter(Column::Id.eq(id))
        .filter(Column::UsedAt.is_null())
        .exec()
        .await?;
    Ok(used == 1)
}

/// Ends a person's links, all or those of one purpose.
pub(crate) async fn withdraw_links(
    tx: &Tx,
    person: PersonId,
    purpose: Option<LinkPurpose>,
) -> Result<(), StoreError> {
    let update = tx
        .update::<Entity>()
        .set(Column::UsedAt, tx.cx().now)
        .filter(Column::Person.eq(person))
        .filter(Column::UsedAt.is_null());
    match purpose {
        Some(purpose) => update.filter(Column::Purpose.eq(JsonText(purpose))),
        None => update,
    }
    .exec()
    .await?;
    Ok(())
}
