//! The message that tells of a guest carries buttons: coming, ask somebody else, let in, refuse. They do what the pages do,
//! as whoever was asked, and each of them answers once.

use std::time::Duration;

use sekisho_kernel::{AuditEntry, Cx, Timestamp};
use sekisho_notify::{ActError, Answered, Chosen, Question, Said};
use sekisho_storage::Tx;

use crate::Visitors;
use crate::ids::VisitId;
use crate::tables::visits;
use crate::{admit, answer, escalate};

/// The kind of these questions.
const KIND: &str = "visitors.arrival";

/// How long the buttons work for a guest whose time is nearly over, or over: the arrival was heard of late.
const AT_LEAST: Duration = Duration::from_secs(3600);

/// What whoever is told of an arrival is asked. Who else was asked may still say that they are coming when one asks
/// somebody else; whether it is too late is decided by the state of the visit.
pub(crate) fn question(visit: &visits::Model, now: Timestamp) -> Question {
    Question::new(KIND, visit.id)
        .choice("coming", "visitors-answer")
        .choice("pass_on", "visitors-pass-on")
        .choice("admit", "visitors-admit")
        .choice("refuse", "visitors-refuse-do")
        .until(visit.ends_at.max(now.plus(AT_LEAST)))
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
    let id = VisitId(chosen.question);
    let (done, text): (Option<(Tx, AuditEntry)>, _) = match &*chosen.word {
        "coming" => (answer::answered(visitors, cx, id).await?, "visitors-answered"),
        "pass_on" => {
            let (tx, entry, whom) = escalate::passed_on(visitors, cx, id).await?;
            (Some((tx, entry)), whom.text())
        }
        "admit" => (Some(admit::admitted(visitors, cx, id).await?), "visitors-admitted"),
        "refuse" => (Some(admit::refused(visitors, cx, id).await?), "visitors-was-refused"),
        _ => return Err(ActError::Over),
    };
    // They said so before, on a page.
    let (tx, entry) = done.ok_or(ActError::Refused(Said::new("visitors-answered")))?;
    chosen.commit(tx, entry, Said::new(text)).await
}
