//! The pages under `/visitors`, and a guest's own page under `/v`.

mod appointment;
mod card;
mod change_guest;
mod evacuation;
mod forms;
pub(crate) mod guest;
mod guest_record;
pub(crate) mod import;
mod keys_card;
mod overview;
mod reception;
mod room_choice;
mod samples;
mod series;
mod settings;

use axum::response::Response;
use sekisho_host::{SettingsEntry, SettingsGroup};
use sekisho_kernel::{Kind, SiteId};
use sekisho_places::Site;
use sekisho_web::parts::{Badge, Tone};
use sekisho_web::{Access, Asker, Markup, Result, Routes, Texts, WebError};

use crate::Visitors;
use crate::badges;
use crate::reads::VisitRow;
use crate::registration;
use crate::tables::words::VisitState;
use crate::watch::AskGuard;

pub(crate) use card::{HereCard, NextCard};
pub(crate) use evacuation::HERE as EVACUATION;
pub(crate) use overview::{HOSTS, host_names, kind_choices};
pub(crate) use reception::{acts, is_awaited};
pub(crate) use samples::{day as sample_day, sample_visit, samplers, visit as visit_like};

/// What can be set about the reception, and where.
pub(crate) const SETTINGS: [SettingsEntry; 1] = [SettingsEntry::new(
    SettingsGroup::Things,
    "visitors-title",
    "visitors-set-about",
    "/settings/visitors",
    "users",
)
.for_administrators()];

/// The routes of the pages.
pub(crate) fn routes() -> Routes<Visitors> {
    let own = Access::Person;
    let guest = Access::Public("a guest's own page; the token in the address is the credential");
    Routes::new("visitors")
        .get("/visitors", own, overview::show)
        .get("/visitors.csv", own, overview::download)
        .get("/visitors/evacuation", own, evacuation::show)
        .get("/visitors/evacuation.csv", own, evacuation::download)
        .get("/visitors/new", own, forms::new)
        .post("/visitors/new", own, forms::make)
        .post("/visitors/check-in", own, reception::check_in)
        .post("/visitors/wave-in", own, reception::wave_in)
        .get("/visitors/appointments/{id}", own, appointment::show)
        .get("/visitors/appointments/{id}/change", own, forms::change)
        .post("/visitors/appointments/{id}/change", own, forms::save)
        .post("/visitors/appointments/{id}/cancel", own, appointment::cancel)
        .post("/visitors/appointments/{id}/guests", own, appointment::add_guest)
        .get("/visitors/appointments/{id}/keys", own, keys_card::choose)
        .post("/visitors/appointments/{id}/keys", own, keys_card::book)
        .post("/visitors/visits/{id}/keys/cancel", own, keys_card::cancel)
        .post("/visitors/visits/{id}/cancel", own, appointment::remove_guest)
        .post("/visitors/visits/{id}/answer", own, reception::answer)
        .post("/visitors/visits/{id}/pass-on", own, reception::pass_on)
        .get("/visitors/visits/{id}/guest", own, change_guest::show)
        .post("/visitors/visits/{id}/guest", own, change_guest::save)
        .post("/visitors/visits/{id}/arrive", own, reception::arrive)
        .post("/visitors/visits/{id}/admit", own, reception::admit)
        .post("/visitors/visits/{id}/guard-asked", own, reception::guard_asked)
        .post("/visitors/visits/{id}/refuse", own, reception::refuse)
        .post("/visitors/visits/{id}/check-out", own, reception::check_out)
        .get("/visitors/import", own, import::show)
        .post("/visitors/import", own, import::import)
        .get("/visitors/guests/{id}", own, guest_record::show)
        .post("/visitors/guests/{id}/erase", Access::Proven, guest_record::erase)
        .get("/settings/visitors", Access::Administrator, settings::show)
        .post("/settings/visitors", Access::Administrator, settings::save)
        .get("/v/{token}", guest, guest::show)
        .get("/v/{token}/calendar.ics", guest, guest::calendar)
        .post("/v/{token}/cancel", guest, guest::cancel)
        .post("/v/{token}/propose", guest, guest::propose)
}

/// The badge of how far a visit got.
pub(crate) fn state_badge(t: &Texts, state: VisitState) -> Badge {
    let (tone, icon) = match state {
        VisitState::Draft => (Tone::Plain, "edit"),
        VisitState::Invited => (Tone::Plain, "mail"),
        VisitState::Registered => (Tone::Plain, "circle-check"),
        VisitState::Arrived => (Tone::Warn, "bell"),
        VisitState::Admitted => (Tone::Good, "user"),
        VisitState::Left => (Tone::Plain, "check"),
        VisitState::NoShow => (Tone::Plain, "clock"),
        VisitState::Refused => (Tone::Danger, "alert-octagon"),
        VisitState::Cancelled => (Tone::Plain, "calendar-off"),
    };
    Badge::new(t.get(&format!("visitors-state-{}", text_end(state.word())))).tone(tone).icon(icon)
}

/// How far a visit got, and for the desk whether the guard is to be asked and how far the badge got.
pub(crate) fn standing(t: &Texts, row: &VisitRow) -> Markup {
    Markup::from(state_badge(t, row.state)).then(besides(t, row))
}

/// The same without the state.
pub(crate) fn besides(t: &Texts, row: &VisitRow) -> Markup {
    let mut standing = progress(t, row);
    if let Some(missing) = &row.missing {
        standing = standing.then(Markup::raw(" ")).then(registration::registration_badge(t, missing));
    }
    if let Some(ask) = &row.ask_guard {
        standing = standing.then(Markup::raw("<br>")).then(guard_mark(t, ask));
    }
    standing.then(badges::shown(t, row))
}

/// That the guard is to be asked, or was, and where to ring them.
pub(crate) fn guard_mark(t: &Texts, ask: &AskGuard) -> Markup {
    let badge = match ask.asked_at {
        Some(_) => Badge::new(t.get("visitors-guard-asked")).tone(Tone::Plain).icon("shield-check"),
        None => Badge::new(t.get("visitors-ask-guard")).tone(Tone::Danger).icon("shield"),
    };
    ask.phones.iter().fold(badge.into(), |mark: Markup, phone| mark.then(below(phone)))
}

/// Less important words in a line of their own; nothing for none.
pub(crate) fn below(text: &str) -> Markup {
    match text {
        "" => Markup::default(),
        text => Markup::raw(format!("<br><span class=\"muted\">{}</span>", Markup::text(text))),
    }
}

/// Of a guest who waits: who is coming to meet them, or that nobody answers; of one who went, that they come again.
fn progress(t: &Texts, row: &VisitRow) -> Markup {
    if row.back_from.is_some() {
        return beside(Badge::new(t.get("visitors-comes-again")).icon("calendar-plus"));
    }
    if row.state != VisitState::Arrived {
        return Markup::default();
    }
    if row.answered_at.is_some() {
        let who = if row.answered_name.is_empty() { &row.host_name } else { &row.answered_name };
        let text = t.with("visitors-answered-by", [("name", who.as_str())]);
        return beside(Badge::new(text).tone(Tone::Good).icon("user"));
    }
    match row.unanswered_at {
        Some(_) => beside(Badge::new(t.get("visitors-unanswered")).tone(Tone::Danger).icon("bell"))
            .then(below(row.ring.as_deref().unwrap_or_default())),
        None => Markup::default(),
    }
}

/// A badge after another, with room between them, where the line may break.
fn beside(badge: Badge) -> Markup {
    Markup::raw(" ").then(badge)
}

/// A word as it ends the id of its text.
fn text_end(word: &str) -> String {
    word.replace('_', "-")
}

/// The name of a guest, or that nobody wrote one down.
pub(crate) fn name_or_none(t: &Texts, name: &str) -> String {
    if name.is_empty() { t.get("visitors-nameless") } else { name.to_owned() }
}

/// Who comes, as a list names them.
pub(crate) fn guest_name(t: &Texts, row: &VisitRow) -> Markup {
    let name = match (row.companions, row.name.is_empty()) {
        (0, _) => name_or_none(t, &row.name),
        (_, true) => t.count("visitors-nameless-people", row.heads()),
        (more, false) => format!("{} {}", row.name, t.count("visitors-and-more", more)),
    };
    let company = (!row.company.is_empty())
        .then(|| Markup::raw(format!(" <span class=\"muted\">{}</span>", Markup::text(&row.company))));
    Markup::text(name).then(company.unwrap_or_default())
}

/// Refused acts of a button come back to the page they were pressed on, with the sentence; everything else goes on as it is.
pub(crate) fn back_with(asker: &Asker, error: WebError, to: &str) -> Result<Response> {
    match error.kind() {
        Kind::Refused | Kind::Conflict | Kind::Busy(_) => Ok(asker.not_done(error.text(), to)),
        Kind::Invalid(fields) => {
            let text = fields.first().map_or(error.text(), |field| field.text);
            Ok(asker.not_done(text, to))
        }
        _ => Err(error),
    }
}

/// People to choose from: value and name.
async fn people_choices(asker: &Asker, visitors: &Visitors) -> Result<Vec<(String, String)>> {
    let scope = visitors.store.read(asker.cx.tenant).await?;
    let people = visitors.identity.active_names(&scope).await?;
    Ok(people.into_iter().map(|(id, name)| (id.to_string(), name)).collect())
}

/// The open sites.
async fn sites(asker: &Asker, visitors: &Visitors) -> Result<Vec<Site>> {
    Ok(sekisho_places::sites(&visitors.store.read(asker.cx.tenant).await?).await?)
}

/// Sites to choose from: value and name.
pub(crate) fn site_choices(sites: &[Site]) -> Vec<(String, String)> {
    sites.iter().map(|site| (site.id.to_string(), site.name.clone())).collect()
}

/// The id of a site as a form holds it.
fn chosen(site: Option<SiteId>) -> String {
    site.map(|site| site.to_string()).unwrap_or_default()
}

/// The facts after which the lists look again.
pub(crate) const LIVE: &[&str] = &[
    "visitors.appointment_made",
    "visitors.appointment_changed",
    "visitors.visits_cancelled",
    "visitors.series_made",
    "visitors.series_changed",
    "visitors.series_cancelled",
    "visitors.arrived",
    "visitors.admitted",
    "visitors.refused",
    "visitors.left",
    "visitors.missed",
    "visitors.answered",
    "visitors.registered",
    "visitors.nobody_answers",
    "visitors.guest_changed",
    "visitors.guest_erased",
    "visitors.badge_moved",
];

/// A part of the page that fetches itself anew when something happened.
pub(crate) fn live_part(id: &str, from: &str, body: impl Into<Markup>) -> Markup {
    part_on(id, from, &facts(), body)
}

/// The same, which looks again after so many seconds, too: for what changes without a fact.
pub(crate) fn live_part_every(seconds: u32, id: &str, from: &str, body: impl Into<Markup>) -> Markup {
    part_on(id, from, &format!("{}, every {seconds}s", facts()), body)
}

fn facts() -> String {
    LIVE.iter().map(|fact| format!("live:{fact} from:body")).collect::<Vec<_>>().join(", ")
}

fn part_on(id: &str, from: &str, triggers: &str, body: impl Into<Markup>) -> Markup {
    Markup::raw(format!(
        "<div id=\"{id}\" class=\"live-part\" hx-get=\"{}\" hx-trigger=\"{triggers}\" hx-select=\"#{id}\" hx-swap=\"outerHTML\">{}</div>",
        Markup::text(from),
        body.into()
    ))
}
