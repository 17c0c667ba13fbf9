//! The sessions of a person: listed as devices, ended one by one or all at once.

use sea_orm::ColumnTrait;
use sekisho_kernel::{AuditEntry, Cx, PersonId, Timestamp};
use sekisho_storage::{JsonText, Scoped, StoreError, Tx};
use serde::Serialize;
use uuid::Uuid;

use crate::Identity;
use crate::administrator::Administrator;
use crate::error::refusals;
use crate::events::AccessEnded;
use crate::session::{IDLE, LIFE, Stage};
use crate::tables::sessions::{Column, Entity, Model};
use crate::tables::{people, tokens};

refusals! {
    /// Why a session was not ended.
    SessionError {
        /// No such session of this person.
        Missing => Missing, "error-missing", "there is no such session";
    }
}

/// A session as its owner sees it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, utoipa::ToSchema)]
pub struct SessionRow {
    /// Which.
    pub id: Uuid,
    /// What the browser calls itself.
    pub agent: String,
    /// Where from.
    pub address: Option<String>,
    /// When it began.
    pub created_at: Timestamp,
    /// Last use, to a few minutes.
    pub seen_at: Timestamp,
    /// When it ends unless it is used.
    pub ends_at: Timestamp,
}

impl From<Model> for SessionRow {
    fn from(row: Model) -> Self {
        let ends_at = row.seen_at.plus(IDLE).min(row.created_at.plus(LIFE));
        Self {
            id: row.id,
            agent: row.agent,
            address: row.address,
            created_at: row.created_at,
            seen_at: row.seen_at,
            ends_at,
        }
    }
}

impl Identity {
    /// The live sessions of a person, the last used first.
    pub async fn sessions(
        &self,
        cx: &Cx,
        scope: &impl Scoped,
        person: PersonId,
    ) -> Result<Vec<SessionRow>, StoreError> {
        let Some(owner) = self.row(scope, person).await? else { return Ok(Vec::new()) };
        let rows = scope
            .find::<Entity>()
            .filter(Column::Person.eq(person))
            .filter(Column::EndedAt.is_null())
            .filter(Column::Stage.eq(JsonText(Stage::Open)))
            .filter(Column::Stamp.eq(owner.stamp))
            .filter(Column::SeenAt.gt(cx.now.minus(IDLE)))
            .filter(Column::CreatedAt.gt(cx.now.minus(LIFE)))
            .descending(Column::SeenAt)
            .limit(100)
            .all()
            .await?;
        Ok(rows.into_iter().map(SessionRow::from).collect())
    }

    /// Ends one of the person's own sessions.
    pub async fn end_session(&self, cx: &Cx, person: PersonId, session: Uuid) -> Result<(), SessionError> {
        let mut tx = self.store().begin(cx).await?;
        let ended = tx
            .update::<Entity>()
            .set(Column::EndedAt, cx.now)
            .filter(Column::Id.eq(session))
            .filter(Column::Person.eq(person))
            .filter(Column::EndedAt.is_null())
            .exec()
            .await?;
        if ended == 0 {
            return Err(SessionError::Missing);
        }
        tx.publish(&AccessEnded { person }).await?;
        tx.commit(AuditEntry::done("session.end").on("person", person, "").with("session", session)).await?;
        Ok(())
    }

    /// Ends the person's sessions but the one at hand.
    pub async fn end_other_sessions(
        &self,
        cx: &Cx,
        person: PersonId,
        keep: Option<Uuid>,
    ) -> Result<u64, SessionError> {
        let mut tx = self.store().begin(cx).await?;
        let ended = end_sessions(&tx, person, keep).await?;
        tx.publish(&AccessEnded { person }).await?;
        tx.commit(AuditEntry::done("session.end_others").on("person", person, "").with("ended", ended))
            .await?;
        Ok(ended)
    }

    /// An administrator ends all sessions of somebody; their tokens go, too.
    pub async fn end_access_of(
        &self,
        cx: &Cx,
        _by: Administrator,
        person: PersonId,
    ) -> Result<(), SessionError> {
        let mut tx = self.store().begin(cx).await?;
        let Some(row) = self.row(&tx, person).await? else { return Err(SessionError::Missing) };
        end_access(&mut tx, &row).await?;
        tx.commit(AuditEntry::done("session.end_all").on("person", person, "")).await?;
        Ok(())
    }
}

pub(crate) async fn end_sessions(tx: &Tx, person: PersonId, keep: Option<Uuid>) -> Result<u64, StoreError> {
    let update = tx
        .update::<Entity>()
        .set(Column::EndedAt, tx.cx().now)
        .filter(Column::Person.eq(person))
        .filter(Column::EndedAt.is_null());
    match keep {
        Some(keep) => update.filter(Column::Id.ne(keep)),
        None => update,
    }
    .exec()
    .await
}

/// Ends everything a person holds: sessions and tokens, now and by a new stamp also those a slower server still believes
/// in. (Ending sessions alone and forgetting the tokens is how others were broken into.)
pub(crate) async fn end_access(tx: &mut Tx, person: &people::Model) -> Result<(), StoreError> {
    tx.update::<people::Entity>()
        .set(people::Column::Stamp, person.stamp + 1)
        .filter(people::Column::Id.eq(person.id))
        .exec()
        .await?;
    end_sessions(tx, person.id, None).await?;
    tx.update::<tokens::Entity>()
        .set(tokens::Column::RevokedAt, tx.cx().now)
        .filter(tokens::Column::Person.eq(person.id))
        .filter(tokens::Column::RevokedAt.is_null())
        .exec()
        .await?;
    tx.publish(&AccessEnded { person: person.id }).await
}
