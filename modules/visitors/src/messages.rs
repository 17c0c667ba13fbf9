//! What became of the messages about one visit: who was told what, when, by which means, and what they answered. Whoever
//! plans the visit sees it, so that a desk can say whether the host was reached.
//!
//! Only messages that are named here are shown: what the guard is to be asked about is told to others, and its messages are
//! about the same visit.

use std::collections::HashMap;

use sea_orm::{ColumnTrait, Condition};
use sekisho_kernel::{Cx, PersonId, Timestamp};
use sekisho_notify::{Receipt, receipts};
use sekisho_storage::Scoped;
use sekisho_web::{Access, Routes};
use serde::Serialize;
use utoipa::OpenApi as _;

use crate::Visitors;
use crate::checks::VisitError;
use crate::ids::VisitId;
use crate::reads::planned_by;
use crate::tables::visits;
use crate::warrant::{NotAllowed, Sight};

mod api;
mod page;

pub(crate) use page::samplers;

/// The texts of the messages that are shown, and what they are called.
const SHOWN: [(&str, &str); 22] = [
    ("visitors-mail-invited", "invited"),
    ("visitors-mail-changed", "changed"),
    ("visitors-mail-reminder", "reminder"),
    ("visitors-mail-cancelled", "cancelled"),
    ("visitors-mail-series-invited", "invited"),
    ("visitors-mail-series-changed", "changed"),
    ("visitors-mail-series-cancelled", "cancelled"),
    ("visitors-mail-keys", "keys"),
    ("visitors-mail-keys-off", "keys-off"),
    ("visitors-notice-keys-off", "keys-off"),
    ("visitors-notice-arrived", "arrived"),
    ("visitors-notice-arrived-nameless", "arrived"),
    ("visitors-notice-walk-in", "arrived"),
    ("visitors-notice-walk-in-nameless", "arrived"),
    ("visitors-notice-admitted", "admitted"),
    ("visitors-notice-admitted-nameless", "admitted"),
    ("visitors-notice-guest-cancelled", "guest-cancelled"),
    ("visitors-notice-guest-cancelled-series", "guest-cancelled"),
    ("visitors-notice-guest-proposes", "guest-proposes"),
    ("visitors-notice-pass-used", "pass-refused"),
    ("visitors-notice-pass-other-site", "pass-refused"),
    ("visitors-notice-pass-not-now", "pass-refused"),
];

/// What became of one message to one recipient by one means.
#[derive(Clone, Debug, Serialize, utoipa::ToSchema)]
#[schema(as = VisitMessage)]
pub struct MessageRow {
    /// What it tells: `invited`, `changed`, `reminder`, `cancelled`, `keys`, `keys-off`, `arrived`, `admitted`,
    /// `guest-cancelled`, `guest-proposes`, `pass-refused`.
    pub what: &'static str,
    /// To whom; none: to the guest, or to a channel.
    pub person: Option<PersonId>,
    /// That person's name.
    pub name: String,
    /// `mail`, `sms`, `push`, `chat`.
    pub means: String,
    /// `queued`, `sent`, `dead`, `dropped`.
    pub state: String,
    /// When it was told.
    pub told_at: Timestamp,
    /// When the far side took it.
    pub sent_at: Option<Timestamp>,
    /// Why it did not go out, or not yet: `later` (the far side could not be reached or did not take it; it is tried again),
    /// `refused` (it was not taken, and trying again does not help), `dropped` (there was nobody to tell any more, or no way).
    /// What the far side said is for administrators, in the notices.
    pub why: Option<&'static str>,
    /// What was answered by its buttons: `coming`, `pass_on`, `admit`, `refuse`.
    pub answer: Option<String>,
    /// When.
    pub answered_at: Option<Timestamp>,
}

/// The messages about a visit, in the order in which they were told, for whoever plans it.
pub async fn messages(
    visitors: &Visitors,
    cx: &Cx,
    sight: &Sight,
    id: VisitId,
) -> Result<(visits::Model, Vec<MessageRow>), VisitError> {
    let scope = visitors.store.read(cx.tenant).await?;
    let this = Condition::all().add(visits::Column::Id.eq(id)).add(planned_by(cx, sight));
    let visit = scope.find::<visits::Entity>().filter(this).one().await?.ok_or(NotAllowed::Missing)?;
    let told = receipts(&scope, "visit", id).await?;
    let people: Vec<PersonId> = told.iter().filter_map(|receipt| receipt.person).collect();
    let names = visitors.identity.display_names(&scope, &people).await?;
    Ok((visit, told.into_iter().filter_map(|receipt| row(receipt, &names)).collect()))
}

fn row(receipt: Receipt, names: &HashMap<PersonId, String>) -> Option<MessageRow> {
    let (_, what) = SHOWN.iter().find(|(template, _)| *template == receipt.template)?;
    // What the far side said may hold addresses and numbers.
    let why = match &*receipt.state {
        "queued" => receipt.why.map(|_| "later"),
        "dead" => Some("refused"),
        "dropped" => Some("dropped"),
        _ => None,
    };
    let (answer, answered_at) = receipt.chosen.map(|chosen| (chosen.word, chosen.at)).unzip();
    Some(MessageRow {
        what,
        person: receipt.person,
        name: receipt.person.and_then(|person| names.get(&person)).cloned().unwrap_or_default(),
        means: receipt.means,
        state: receipt.state,
        told_at: receipt.told_at,
        sent_at: receipt.sent_at,
        why,
        answer,
        answered_at,
    })
}

/// The routes.
pub(crate) fn routes() -> Routes<Visitors> {
    Routes::new("visitors")
        .get("/visitors/visits/{id}/messages", Access::Person, page::show)
        .get("/api/v1/visitors/visits/{id}/messages", Access::Person, api::show)
        .describe(api::Description::openapi)
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use super::SHOWN;

    /// What is told to others than those of a visit, or about something else.
    const HIDDEN: [&str; 7] = [
        "visitors-notice-calendar",
        "visitors-notice-calendar-failing",
        "visitors-notice-delivery",
        "visitors-notice-watch-delivery",
        "visitors-notice-watch-here",
        "visitors-notice-watch-passed",
        "visitors-notice-watch-planned",
    ];

    #[test]
    fn every_message_is_shown_or_hidden_on_purpose() {
        let known = SHOWN.iter().map(|(template, _)| *template).chain(HIDDEN);
        let known: BTreeSet<&str> = known.collect();
        let lines = crate::texts().ja.lines();
        let told: BTreeSet<&str> = lines
            .filter_map(|line| line.split_once(" =")?.0.strip_suffix("-subject"))
            .filter(|id| id.starts_with("visitors-mail-") || id.starts_with("visitors-notice-"))
            .collect();
        assert_eq!(told, known);
    }
}
