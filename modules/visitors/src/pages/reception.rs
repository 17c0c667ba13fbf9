//! What is done to a visit by a button: coming, letting in, refusing, checking out; and the two forms of the desk.

use std::time::Duration;

use axum::extract::{Path, State};
use sekisho_crypto::search_form;
use sekisho_identity::{PeopleFilter, Person};
use sekisho_kernel::{PersonId, SiteId, Timestamp};
use sekisho_web::parts::{Button, Confirm, Field};
use sekisho_web::{Asker, Form, Markup, Query, Result, Texts};
use serde::Deserialize;

use super::back_with;
use crate::badges;
use crate::desk::Back;
use crate::ids::VisitId;
use crate::reads::VisitRow;
use crate::registration;
use crate::tables::words::{VisitKind, VisitState};
use crate::{Presented, VisitError, Visitors, WaveIn};

/// So long before the beginning, and after the end, the buttons for somebody who comes are offered.
const ABOUT: Duration = Duration::from_secs(12 * 3600);

/// The buttons that fit the state of a visit at `now`.
pub(crate) fn acts(t: &Texts, row: &VisitRow, now: Timestamp, back: Back) -> Markup {
    let to = |act: &str| format!("/visitors/visits/{}/{act}{}", row.id, back.query());
    let post = |act: &str, text: &str| Button::post(to(act), t.get(text)).small();
    let refuse = || {
        Confirm::new(
            to("refuse"),
            t.get("visitors-refuse"),
            t.get("visitors-refuse-question"),
            t.get("visitors-refuse-do"),
        )
        .small()
    };
    let admit = || {
        let ask_guard = row.ask_guard.as_ref().is_some_and(|ask| ask.asked_at.is_none());
        let missing = row.missing.as_ref().map(|missing| registration::whats_missing(t, missing));
        if !ask_guard && missing.is_none() {
            return Markup::from(post("admit", "visitors-admit").primary());
        }
        let guard = ask_guard.then(|| t.get("visitors-ask-guard-question"));
        let missing = missing.map(|what| t.with("visitors-registration-admit-question", [("missing", what)]));
        let question = [missing, guard].into_iter().flatten().collect::<Vec<_>>().join("\n");
        let do_it = if ask_guard { "visitors-ask-guard-do" } else { "visitors-registration-admit-do" };
        let confirm =
            Confirm::new(to("admit"), t.get("visitors-admit"), Markup::text(question), t.get(do_it));
        let confirm = if ask_guard { confirm.field(Field::hidden("guard_asked", true)) } else { confirm };
        confirm.small().into()
    };
    match row.state {
        VisitState::Arrived => {
            let answer = row.answered_at.is_none().then(|| post("answer", "visitors-answer"));
            let open = row.answered_at.is_none() && row.unanswered_at.is_none();
            let pass_on = open.then(|| post("pass-on", "visitors-pass-on"));
            Markup::default()
                .then(answer.map(Markup::from).unwrap_or_default())
                .then(pass_on.map(Markup::from).unwrap_or_default())
                .then(admit())
                .then(badges::button(t, row, back))
                .then(refuse())
        }
        VisitState::Admitted => {
            // Somebody who knows of no mark let them in.
            let unasked = row.ask_guard.as_ref().is_some_and(|ask| ask.asked_at.is_none());
            let asked = unasked.then(|| Markup::from(post("guard-asked", "visitors-guard-asked-do")));
            let leave = post("check-out", "visitors-check-out");
            asked.unwrap_or_default().then(leave).then(badges::button(t, row, back))
        }
        // They stand at the desk without a pass, or too late.
        state if is_awaited(row, now) || state == VisitState::NoShow => {
            match (row.starts_at.minus(ABOUT)..row.ends_at.plus(ABOUT)).contains(&now) {
                true => post("arrive", "visitors-arrive").into(),
                false => Markup::default(),
            }
        }
        _ => Markup::default(),
    }
}

/// Whether the guest may stand before the desk: not on a day of the visit on which they were here.
pub(crate) fn is_awaited(row: &VisitRow, now: Timestamp) -> bool {
    row.state.is_expected() || row.back_from.is_some_and(|from| from <= now)
}

/// Says that somebody is coming to meet the guest.
pub(super) async fn answer(
    asker: Asker,
    State(visitors): State<Visitors>,
    Path(id): Path<VisitId>,
    Query(back): Query<Back>,
) -> Result {
    finished(&asker, back, crate::answer(&visitors, &asker.cx, id).await, "visitors-answered")
}

/// Asks somebody else to meet the guest.
pub(super) async fn pass_on(
    asker: Asker,
    State(visitors): State<Visitors>,
    Path(id): Path<VisitId>,
    Query(back): Query<Back>,
) -> Result {
    match crate::pass_on(&visitors, &asker.cx, id).await {
        Ok(whom) => Ok(asker.done(whom.text(), back.page())),
        Err(error) => back_with(&asker, error.into(), &back.page()),
    }
}

/// The guest came to the reception.
pub(super) async fn arrive(
    asker: Asker,
    State(visitors): State<Visitors>,
    Path(id): Path<VisitId>,
    Query(back): Query<Back>,
) -> Result {
    finished(&asker, back, crate::arrive(&visitors, &asker.cx, id).await, "visitors-checked-in")
}

#[derive(Deserialize)]
pub(super) struct AdmitSent {
    guard_asked: bool,
}

/// Lets a guest in.
pub(super) async fn admit(
    asker: Asker,
    State(visitors): State<Visitors>,
    Path(id): Path<VisitId>,
    Query(back): Query<Back>,
    sent: Form<AdmitSent>,
) -> Result {
    let guard_asked = sent.take()?.guard_asked;
    finished(&asker, back, crate::admit(&visitors, &asker.cx, id, guard_asked).await, "visitors-admitted")
}

/// The guard was asked about a guest who was let in.
pub(super) async fn guard_asked(
    asker: Asker,
    State(visitors): State<Visitors>,
    Path(id): Path<VisitId>,
    Query(back): Query<Back>,
) -> Result {
    finished(&asker, back, crate::guard_was_asked(&visitors, &asker.cx, id).await, "visitors-guard-asked")
}

/// Does not let a guest in.
pub(super) async fn refuse(
    asker: Asker,
    State(visitors): State<Visitors>,
    Path(id): Path<VisitId>,
    Query(back): Query<Back>,
) -> Result {
    finished(&asker, back, crate::refuse(&visitors, &asker.cx, id).await, "visitors-was-refused")
}

/// Checks a guest out.
pub(super) async fn check_out(
    asker: Asker,
    State(visitors): State<Visitors>,
    Path(id): Path<VisitId>,
    Query(back): Query<Back>,
) -> Result {
    finished(&asker, back, crate::check_out(&visitors, &asker.cx, id).await, "visitors-checked-out")
}

fn finished(asker: &Asker, back: Back, done: std::result::Result<(), VisitError>, text: &str) -> Result {
    match done {
        Ok(()) => Ok(asker.done(text, back.page())),
        Err(error) => back_with(asker, error.into(), &back.page()),
    }
}

/// Who is at that site now.
fn here(site: SiteId) -> String {
    format!("/visitors?show=here&site={site}")
}

#[derive(Deserialize)]
pub(super) struct CodeSent {
    site: SiteId,
    code: String,
}

/// Checks a guest in by code, as the desk. A scanner that types reads passes into the same field.
pub(super) async fn check_in(
    asker: Asker,
    State(visitors): State<Visitors>,
    Query(back): Query<Back>,
    sent: Form<CodeSent>,
) -> Result {
    let sent = sent.take()?;
    let at = visitors.desk(&asker.cx, sent.site, "visit.check_in").await?;
    let presented = match sent.code.trim() {
        pass if pass.starts_with("SK1:") => Presented::Pass(pass.to_owned()),
        code => Presented::Code(code.to_owned()),
    };
    match crate::check_in(&visitors, &asker.cx, &at, &presented).await {
        Ok(_) => Ok(asker.done("visitors-checked-in", back.page_or(here(sent.site)))),
        Err(error) => back_with(&asker, error.into(), &back.page()),
    }
}

#[derive(Deserialize)]
pub(super) struct WaveSent {
    site: SiteId,
    /// A name or a mail address; nothing: nobody in particular.
    host: String,
    kind: VisitKind,
    count: i64,
}

/// Who works here and has the name or mail address somebody typed; none when nothing was typed. Otherwise the sentence that
/// says what to do.
async fn colleague(
    asker: &Asker,
    visitors: &Visitors,
    typed: &str,
) -> Result<std::result::Result<Option<PersonId>, &'static str>> {
    /// Who has that name among so many whose names hold it.
    const LOOKED_AT: u64 = 50;
    let typed = typed.trim();
    if typed.is_empty() {
        return Ok(Ok(None));
    }
    let scope = visitors.store.read(asker.cx.tenant).await?;
    let named = PeopleFilter { search: typed.to_owned(), limit: LOOKED_AT, ..PeopleFilter::default() };
    let found = visitors.identity.people(&asker.cx, &scope, &named).await?;
    let is_theirs = |person: &&Person| {
        search_form(&person.name) == search_form(typed) || person.mail.as_deref() == Some(typed)
    };
    let exactly: Vec<PersonId> = found.iter().filter(is_theirs).map(|person| person.id).collect();
    let of_part: Vec<PersonId> = found.iter().map(|person| person.id).collect();
    Ok(match (&*exactly, &*of_part) {
        ([only], _) | ([], [only]) => Ok(Some(*only)),
        ([], []) => Err("visitors-host-unknown"),
        _ => Err("visitors-host-several"),
    })
}

/// Waves people in, as the desk.
pub(super) async fn wave_in(
    asker: Asker,
    State(visitors): State<Visitors>,
    Query(back): Query<Back>,
    sent: Form<WaveSent>,
) -> Result {
    let WaveSent { site, host, kind, count } = sent.take()?;
    let host = match colleague(&asker, &visitors, &host).await? {
        Ok(host) => host,
        Err(text) => return Ok(asker.not_done(text, back.page())),
    };
    match crate::wave_in(&visitors, &asker.cx, WaveIn { site, host, kind, count }).await {
        Ok(_) => Ok(asker.done("visitors-waved-in", back.page_or(here(site)))),
        Err(error) => back_with(&asker, error.into(), &back.page()),
    }
}
