//! What became of the messages about one thing: for the pages of modules.

use std::collections::HashMap;

use sea_orm::{ColumnTrait, Condition, FromQueryResult, QuerySelect};
use sekisho_kernel::{PersonId, Timestamp};
use sekisho_storage::{Scoped, StoreError};
use serde::Serialize;
use uuid::Uuid;

use crate::DeliveryId;
use crate::tables::{notify_answers, notify_deliveries};

/// So many messages about one thing are looked at, the newest first.
const MOST: u64 = 200;

/// What became of one message to one recipient by one means.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, utoipa::ToSchema)]
pub struct Receipt {
    /// Which.
    pub id: DeliveryId,
    /// To whom, when it is a person of the tenant.
    pub person: Option<PersonId>,
    /// `mail`, `sms`, `push`, `chat`.
    pub means: String,
    /// The chat channel or browser.
    pub target: Option<Uuid>,
    /// Which text.
    pub template: String,
    /// `queued`, `sent`, `dead`, `dropped`.
    pub state: String,
    /// When it was told.
    pub told_at: Timestamp,
    /// When the far side took it.
    pub sent_at: Option<Timestamp>,
    /// Why it did not go out, or not yet.
    pub why: Option<String>,
    /// What was answered by its buttons.
    pub chosen: Option<ReceiptChoice>,
}

/// An answer by button.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, utoipa::ToSchema)]
pub struct ReceiptChoice {
    /// The word of the answer.
    pub word: String,
    /// When.
    pub at: Timestamp,
}

/// A delivery without its content.
#[derive(FromQueryResult)]
struct Line {
    id: DeliveryId,
    person_id: Option<PersonId>,
    means: String,
    target: Option<Uuid>,
    template: String,
    state: String,
    last_error: Option<String>,
    created_at: Timestamp,
    settled_at: Option<Timestamp>,
}

/// What became of the messages about `kind` and `id`, in the order in which they were told.
pub async fn receipts(
    scope: &impl Scoped,
    kind: &str,
    id: impl Into<Uuid>,
) -> Result<Vec<Receipt>, StoreError> {
    use notify_deliveries::{Column, Entity};
    let about = Condition::all().add(Column::AboutKind.eq(kind)).add(Column::AboutId.eq(id.into()));
    let mut lines: Vec<Line> = scope
        .find::<Entity>()
        .filter(about)
        .refine(|select| {
            select.select_only().columns([
                Column::Id,
                Column::PersonId,
                Column::Means,
                Column::Target,
                Column::Template,
                Column::State,
                Column::LastError,
                Column::CreatedAt,
                Column::SettledAt,
            ])
        })
        .descending(Column::Id)
        .limit(MOST)
        .all_as()
        .await?;
    lines.reverse();
    if lines.is_empty() {
        return Ok(Vec::new());
    }
    let asks = notify_answers::Column::AskId.is_in(lines.iter().map(|line| line.id));
    let answers = scope.find::<notify_answers::Entity>().filter(asks).all().await?;
    let mut chosen: HashMap<DeliveryId, ReceiptChoice> = answers
        .into_iter()
        .filter_map(|row| Some((row.ask_id?, ReceiptChoice { word: row.word?, at: row.at })))
        .collect();
    Ok(lines
        .into_iter()
        .map(|line| Receipt {
            id: line.id,
            person: line.person_id,
            means: line.means,
            target: line.target,
            template: line.template,
            sent_at: line.settled_at.filter(|_| line.state == "sent"),
            why: line.last_error,
            state: line.state,
            told_at: line.created_at,
            chosen: chosen.remove(&line.id),
        })
        .collect())
}
