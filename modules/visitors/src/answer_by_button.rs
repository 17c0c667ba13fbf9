//! The message that tells of a guest carries buttons: coming, ask somebody else, let in, refuse. They do what the pages do,
//! as whoever was asked, and each of them answers once.

use std::time::Duration;

use sekisho_kernel::{Cx, Timestamp};
use sekisho_notify::{ActError, Answered, Chosen, Question, Said};
use sekisho_storage::{StoreError, Tx};
use serde_json::json;
use uuid::Uuid;

use crate::Visitors;
use crate::ids::VisitId;
use crate::often::numbered;
use crate::tables::visits;
use crate::{admit, answer, escalate};

/// The kind of these questions.
const KIND: &str = "visitors.arrival";

/// How long the buttons work for a guest whose time is nearly over, or over: the arrival was heard of late.
const AT_LEAST: Duration = Duration::from_secs(3600);

/// What whoever is told of an arrival is asked. Who else was asked may still say that they are coming when one asks
/// somebody else; whether it is too late is decided by the state of the visit.
pub(crate) fn question(visit: &visits::Model, now: Timestamp) -> Question {
    Question::new(KIND, arrival(visit))
        .payload(json!({ "visit": visit.id }))
        .choice("coming", "visitors-answer")
        .choice("pass_on", "visitors-pass-on")
        .choice("admit", "visitors-admit")
        .choice("refuse", "visitors-refuse-do")
        .until(visit.ends_at.max(now.plus(AT_LEAST)))
}

/// The number of an arrival: a guest of several days comes more than once, and is asked about each time.
fn arrival(visit: &visits::Model) -> Uuid {
    let at = visit.arrived_at.map_or(0, Timestamp::as_micros);
    numbered("arrival", &[visit.id.uuid().as_bytes().as_slice(), &at.to_be_bytes()].concat())
}

/// Nobody is asked about that arrival any more: it was dealt with otherwise than by a button.
pub(crate) async fn over(visitors: &Visitors, tx: &Tx, visit: &visits::Model) -> Result<(), StoreError> {
    visitors.notify.end_question(tx, KIND, arrival(visit)).await?;
    Ok(())
}

/// Hears the answers.
pub(crate) fn listen(visitors: &Visitors) {
    let on = visitors.clone();
    visitors.notify.on_choice(KIND, move |cx, chosen| {
        let visitors = on.clone();
        async move { act(&visitors, &cx, &chosen).await }
    });
}

async fn act(visitors: &Visitors, cx: &Cx, chosen: &Chosen) -> Result<Answered, ActError> {
    let visit = chosen.payload.get("visit").and_then(|visit| visit.as_str()?.parse().ok());
    let id: VisitId = visit.ok_or(ActError::Over)?;
    match &*chosen.word {
        "coming" => {
            // They said so before, on a page.
            let (tx, entry) = answer::answered(visitors, cx, id)
                .await?
                .ok_or(ActError::Refused(Said::new("visitors-answered")))?;
            chosen.commit(tx, entry, Said::new("visitors-answered")).await
        }
        "pass_on" => {
            let (tx, entry, whom) = escalate::passed_on(visitors, cx, id).await?;
            chosen.commit(tx, entry, Said::new(whom.text())).await
        }
        // Whoever else was asked reads who let the guest in. Where the guard is to be asked, the desk does so on its page.
        "admit" => {
            let (tx, entry, _) = admit::admitted(visitors, cx, id, false).await?;
            chosen.commit_for_all(tx, entry, Said::new("visitors-admitted")).await
        }
        "refuse" => {
            let (tx, entry, _, keys_follow) = admit::refused(visitors, cx, id).await?;
            let answered = chosen.commit_for_all(tx, entry, Said::new("visitors-was-refused")).await?;
            keys_follow.now(visitors, cx).await;
            Ok(answered)
        }
        _ => Err(ActError::Over),
    }
}
