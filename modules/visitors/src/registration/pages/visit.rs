//! What the guests of an appointment filled in, signed and sent, for whoever plans it.

use std::collections::BTreeMap;

use sekisho_web::parts::{Badge, Button, Card, KeyValue, Tone};
use sekisho_web::{Markup, Reader, Texts};

use super::super::kept::{Missing, RegistrationRow, SigningRow};
use super::LANGUAGES;
use crate::ids::VisitId;
use crate::pages::name_or_none;
use crate::reads::VisitRow;
use crate::warrant::Sight;

/// One guest's part.
#[derive(Clone, Debug)]
pub(crate) struct GuestRegistration {
    pub(crate) visit: VisitId,
    pub(crate) name: String,
    pub(crate) row: RegistrationRow,
    /// Whether the viewer may see the photo: host and desk.
    pub(crate) may_see_photo: bool,
}

impl GuestRegistration {
    /// Of those visits, as far as something was asked or given.
    pub(crate) fn of(
        visits: &[VisitRow],
        mut rows: BTreeMap<VisitId, RegistrationRow>,
        sight: &Sight,
    ) -> Vec<Self> {
        let of = |visit: &VisitRow| {
            let row = rows.remove(&visit.id)?;
            let shown = row.asked || row.given_at.is_some() || !row.signings.is_empty();
            let may_see_photo = visit.host == Some(sight.person) || sight.is_desk(visit.site);
            let name = visit.name.clone();
            shown.then_some(Self { visit: visit.id, name, row, may_see_photo })
        };
        visits.iter().filter_map(of).collect()
    }
}

/// What is missing, in words.
pub(crate) fn whats_missing(t: &Texts, missing: &Missing) -> String {
    let fields = missing.fields.iter().map(|label| label.read_in(t.language()).to_owned());
    let agreement = missing.agreement.then(|| t.get("visitors-registration-missing-agreement"));
    let photo = missing.photo.then(|| t.get("visitors-photo"));
    t.list(&fields.chain(agreement).chain(photo).collect::<Vec<_>>())
}

/// The badge of somebody of whom something is missing.
pub(crate) fn registration_badge(t: &Texts, missing: &Missing) -> Badge {
    let text = match missing.agreement {
        true => t.get("visitors-registration-unsigned"),
        false => t.get("visitors-registration-incomplete"),
    };
    Badge::new(text).tone(Tone::Warn).icon("clipboard-list")
}

/// The card; nothing where nothing was asked or given.
pub(crate) fn of_guests(reader: &Reader, all: &[GuestRegistration]) -> Markup {
    if all.is_empty() {
        return Markup::default();
    }
    let t = reader.texts();
    let body = all.iter().fold(Markup::default(), |body, one| body.then(of_guest(reader, &t, one)));
    Card::new(t.get("visitors-registration")).body(body).into()
}

fn of_guest(reader: &Reader, t: &Texts, one: &GuestRegistration) -> Markup {
    let row = &one.row;
    let badge = match row.missing.is_nothing() {
        true if row.asked => Badge::new(t.get("visitors-registration-complete")).tone(Tone::Good),
        true => Badge::new(t.get("visitors-registration-given")),
        false => registration_badge(t, &row.missing),
    };
    let mut facts = KeyValue::new();
    for answer in &row.answers {
        facts = facts.row(answer.label.read_in(t.language()), answer.shown(t));
    }
    if !row.missing.is_nothing() {
        facts = facts.row(t.get("visitors-registration-missing"), whats_missing(t, &row.missing));
    }
    for signing in &row.signings {
        facts = facts.row(t.get("visitors-agreement"), signed(reader, t, signing));
    }
    if let Some(at) = row.photo_at {
        let see = one.may_see_photo.then(|| {
            Button::link(format!("/visitors/visits/{}/photo", one.visit), t.get("visitors-photo-see"))
                .small()
                .icon("camera")
        });
        let sent = Markup::from(reader.time(at, reader.zone())).then(Markup::raw(" "));
        facts = facts.row(t.get("visitors-photo"), sent.then(see.map(Markup::from)));
    }
    let name = name_or_none(t, &one.name);
    Markup::raw(format!("<details class=\"registered\"><summary>{} ", Markup::text(name)))
        .then(badge)
        .then(Markup::raw("</summary>"))
        .then(facts)
        .then(Markup::raw("</details>"))
}

fn signed(reader: &Reader, t: &Texts, signing: &SigningRow) -> Markup {
    let tongue = LANGUAGES.iter().find(|(tag, _)| *tag == signing.language);
    let tongue = tongue.map_or(&*signing.language, |(_, name)| *name);
    let way = t.get(&format!("visitors-signing-{}", signing.way.word()));
    let number = t.with("visitors-agreement-version-number", [("number", signing.version.to_string())]);
    let words = [&*signing.agreement_name, &*number, tongue, &*signing.name, &*way];
    let words = words.into_iter().filter(|part| !part.is_empty()).collect::<Vec<_>>().join(" · ");
    Markup::text(words)
        .then(Markup::raw(" · "))
        .then(reader.time(signing.signed_at, &signing.zone))
        .then(Markup::raw(format!(
            "<br><small class=\"muted\">SHA-256 <code>{}</code></small><br>",
            Markup::text(&signing.hash)
        )))
        .then(
            Button::link(format!("/visitors/signings/{}/pdf", signing.id), t.get("visitors-signing-pdf"))
                .small()
                .icon("download"),
        )
}
