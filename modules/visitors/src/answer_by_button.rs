//! The message that tells of a guest carries buttons: coming, ask somebody else, let in, refuse. They do what the pages do,
//! as whoever was asked, and each of them answers once.

use sekisho_kernel::{AuditEntry, Cx};
use sekisho_notify::{ActError, Answered, Chosen, Question, Said};
use sekisho_storage::Tx;

use crate::Visitors;
use crate::ids::VisitId;
use crate::tables::visits;
use crate::{admit, answer, escalate};

/// The kind of these questions.
const KIND: &str = "visitors.arrival";

/// What whoever is told of an arrival is asked. Who else was asked may still say that they are coming when one asks
/// somebody else; whether it is too late is decided by the state of the visit.
pub(crate) fn question(visit: &visits::Model) -> Question {
    Question::new(KIND, visit.id)
        .choice("coming", "visitors-answer")
        .choice("pass_on", "visitors-pass-on")
        .choice("admit", "visitors-admit")
        .choice("refuse", "visitors-refuse-do")
        .until(visit.ends_at)
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
        "pass_on" => (Some(escalate::passed_on(visitors, cx, id).await?), "visitors-passed-on"),
        "admit" => (Some(admit::admitted(visitors, cx, id).await?), "visitors-admitted"),
        "refuse" => (Some(admit::refused(visitors, cx, id).await?), "visitors-was-refused"),
        _ => return Err(ActError::Over),
    };
    // Somebody else said before that they are coming.
    let (tx, entry) = done.ok_or(ActError::Refused(Said::new("visitors-answered-already")))?;
    chosen.commit(tx, entry, Said::new(text)).await
}
