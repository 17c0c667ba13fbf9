//! `/v/{token}`: the guest's own page. The token in the address is the credential; a wrong one is like no page at all.

use axum::extract::{Path, State};
use axum::http::header;
use axum::response::IntoResponse;
use sekisho_kernel::{Actor, Cx};
use sekisho_web::parts::{Alert, Button, Card, Confirm, Field, FormBox, KeyValue, Tone};
use sekisho_web::{Asker, Form, FormState, Markup, Page, Reader, Result, Sheet, WebError, escape_query};
use serde::Deserialize;

use super::{back_with, keys_card, series};
use crate::Visitors;
use crate::booked_keys;
use crate::guest_changes::{self, Proposal};
use crate::invitation::{self, Invitation};
use crate::key_bookings::GuestKeys;
use crate::pass::{self, spaced};
use crate::reads::{self, ComingVisits};
use crate::registration::GuestCard;
use crate::tables::visits;
use crate::tables::words::VisitState;

pub(crate) async fn visit_of(visitors: &Visitors, asker: &Asker, token: &str) -> Result<visits::Model> {
    let found = invitation::visit_by_token(visitors, &asker.cx, token).await?;
    found.ok_or_else(WebError::missing)
}

/// The page.
pub(super) async fn show(
    asker: Asker,
    State(visitors): State<Visitors>,
    Path(token): Path<String>,
) -> Result {
    let asker = asker.for_guest();
    let visit = visit_of(&visitors, &asker, &token).await?;
    let about = invitation::about(&visitors, &asker.cx, &visit).await?;
    let series = reads::coming_with(&visitors, &asker.cx, &visit, &asker.texts()).await?;
    let keys = booked_keys::shown(&visitors, &asker.cx, &visit).await?;
    let registration = GuestCard::of(&visitors, &asker.cx, &visit).await?;
    Ok(asker.show(&GuestPage { token, about, state: visit.state, series, keys, registration }))
}

/// The visit as a calendar file.
pub(super) async fn calendar(
    asker: Asker,
    State(visitors): State<Visitors>,
    Path(token): Path<String>,
) -> Result {
    let asker = asker.for_guest();
    let visit = visit_of(&visitors, &asker, &token).await?;
    let about = invitation::about(&visitors, &asker.cx, &visit).await?;
    let t = asker.texts();
    let method = if visit.state == VisitState::Cancelled { "CANCEL" } else { "PUBLISH" };
    let file = about
        .calendar(&asker.cx, &t.with("visitors-ics-title", [("site", &*about.organisation)]), "")
        .file(method);
    let headers = [
        (header::CONTENT_TYPE, "text/calendar; charset=utf-8"),
        (header::CONTENT_DISPOSITION, "attachment; filename=\"visit.ics\""),
        (header::CACHE_CONTROL, "no-store"),
    ];
    Ok((headers, file).into_response())
}

/// A visit as its guest sees it.
pub(super) struct GuestPage {
    pub(super) token: String,
    pub(super) about: Invitation,
    pub(super) state: VisitState,
    /// What else of the series the guest is to come for.
    pub(super) series: Option<ComingVisits>,
    /// The keys that were booked with it.
    pub(super) keys: Option<GuestKeys>,
    /// What there is to fill in, to sign and to send; none where nothing is asked.
    pub(super) registration: Option<GuestCard>,
}

impl Page for GuestPage {
    fn draw(&self, reader: &Reader) -> Sheet {
        let (t, about) = (reader.texts(), &self.about);
        let over = about.ends_at <= reader.now();
        let notice = match self.state {
            VisitState::Cancelled => Some((Tone::Warn, "visitors-page-cancelled")),
            VisitState::Arrived => Some((Tone::Info, "visitors-page-arrived")),
            VisitState::Admitted => Some((Tone::Info, "visitors-page-admitted")),
            VisitState::Left if !about.awaited => Some((Tone::Info, "visitors-page-left")),
            VisitState::Refused => Some((Tone::Info, "visitors-page-over")),
            _ if over => Some((Tone::Info, "visitors-page-over")),
            _ => None,
        };
        let mut body = Markup::default();
        if let Some((tone, text)) = notice {
            body = body.then(Alert::new(tone, t.get(text)));
        }
        let expected = about.awaited && !over;
        let registration = self.registration.as_ref().map(|card| card.draw(&self.token, reader));
        body = body.then(registration.map(Markup::from));
        if expected {
            body = body.then(self.pass(reader));
        }
        body = body.then(Card::new(t.get("visitors-page-when")).body(self.facts(reader)));
        body = body.then(self.keys.as_ref().and_then(|keys| keys_card::for_guest(reader, keys)));
        if let Some(coming) = &self.series {
            body = body.then(series::coming(coming, &self.token, reader));
        }
        if expected || self.series.is_some() {
            body = body.then(self.changes(reader, expected));
        }
        reader.sheet("visitors-page-title").bare().body(body)
    }
}

impl GuestPage {
    /// The QR code, large, and the code below it.
    fn pass(&self, reader: &Reader) -> Card {
        let t = reader.texts();
        let picture = pass::svg(&self.about.pass).unwrap_or_default();
        let picture = picture.split_once("?>").map_or(picture.as_str(), |(_, svg)| svg);
        Card::new(t.get("visitors-page-pass")).body(
            Markup::raw(format!(
                "<div class=\"guest-code\" role=\"img\" aria-label=\"{}\">",
                Markup::text(t.get("visitors-page-pass"))
            ))
            .then(Markup::raw(picture))
            .then(Markup::raw(format!(
                "</div><p class=\"guest-code\"><code class=\"code-large\">{}</code></p><p class=\"muted\">{}</p>",
                Markup::text(spaced(&self.about.code)),
                Markup::text(t.get("visitors-page-pass-text"))
            ))),
        )
    }

    fn facts(&self, reader: &Reader) -> Markup {
        let (t, about) = (reader.texts(), &self.about);
        let mut facts = KeyValue::new()
            .row(t.get("visitors-page-starts"), reader.time(about.starts_at, &about.zone))
            .row(t.get("visitors-page-ends"), reader.time(about.ends_at, &about.zone))
            .row(t.get("visitors-page-site"), format!("{} {}", about.organisation, about.site_name));
        if !about.address.is_empty() {
            let map =
                format!("https://www.google.com/maps/search/?api=1&query={}", escape_query(&about.address));
            let link = format!(
                "{}<br><a href=\"{}\" rel=\"noreferrer noopener\">{}</a>",
                Markup::text(&about.address),
                Markup::text(map),
                Markup::text(t.get("visitors-page-map"))
            );
            facts = facts.row(t.get("visitors-page-address"), Markup::raw(link));
        }
        for (text, value) in [
            ("visitors-page-place", &about.place),
            ("visitors-page-way", &about.way),
            ("visitors-page-host", &about.host_name),
            ("visitors-page-purpose", &about.purpose),
        ] {
            if !value.is_empty() {
                facts = facts.row(t.get(text), value);
            }
        }
        Markup::from(facts).then(
            Button::link(format!("/v/{}/calendar.ics", self.token), t.get("visitors-page-calendar"))
                .quiet()
                .icon("calendar-plus"),
        )
    }

    /// Asking for another time, and not coming.
    fn changes(&self, reader: &Reader, expected: bool) -> Card {
        let t = reader.texts();
        let all = self.series.as_ref().map(|_| {
            Confirm::new(
                format!("/v/{}/cancel", self.token),
                t.get("visitors-page-cancel-all"),
                t.get("visitors-page-cancel-all-question"),
                t.get("visitors-page-cancel-do"),
            )
            .field(Field::hidden("which", "all"))
            .icon("calendar-off")
        });
        let all = all.map(Markup::from).unwrap_or_default();
        if !expected {
            return Card::new(t.get("visitors-page-changes")).body(all);
        }
        let state = FormState::empty();
        let propose = FormBox::post(format!("/v/{}/propose", self.token), &state, &t)
            .add(
                Field::lines("words", t.get("visitors-page-propose"))
                    .hint(t.get("visitors-page-propose-hint"))
                    .required(),
            )
            .submit(t.get("visitors-page-propose-do"));
        let cancel = Confirm::new(
            format!("/v/{}/cancel", self.token),
            t.get("visitors-page-cancel"),
            t.get("visitors-page-cancel-question"),
            t.get("visitors-page-cancel-do"),
        )
        .icon("calendar-off");
        // Away from the button above, which a thumb means.
        let ends = Markup::raw(format!("<div class=\"mt-3\">{}</div>", Markup::from(cancel).then(all)));
        Card::new(t.get("visitors-page-changes")).body(Markup::from(propose).then(ends))
    }
}

/// The guest is who acts.
pub(crate) fn as_guest(asker: &Asker, visit: &visits::Model) -> Cx {
    asker.cx.acting_as(Actor::Guest { id: visit.id.uuid() })
}

#[derive(Deserialize)]
pub(super) struct CancelSent {
    which: String,
}

/// The guest does not come, this time or at all.
pub(super) async fn cancel(
    asker: Asker,
    State(visitors): State<Visitors>,
    Path(token): Path<String>,
    sent: Form<CancelSent>,
) -> Result {
    let visit = visit_of(&visitors, &asker, &token).await?;
    let here = format!("/v/{token}");
    let guest = as_guest(&asker, &visit);
    let cancelled = match &*sent.take()?.which {
        "all" => guest_changes::cancel_series(&visitors, &guest, visit.id).await,
        _ => guest_changes::cancel(&visitors, &guest, visit.id).await,
    };
    match cancelled {
        Ok(()) => Ok(asker.go(here)),
        Err(error) => back_with(&asker, error.into(), &here),
    }
}

#[derive(Deserialize)]
pub(super) struct ProposeSent {
    words: String,
}

/// The guest proposes another time, in words; the host is told.
pub(super) async fn propose(
    asker: Asker,
    State(visitors): State<Visitors>,
    Path(token): Path<String>,
    sent: Form<ProposeSent>,
) -> Result {
    let visit = visit_of(&visitors, &asker, &token).await?;
    let here = format!("/v/{token}");
    let proposal = Proposal { words: sent.take()?.words };
    match guest_changes::propose(&visitors, &as_guest(&asker, &visit), visit.id, proposal).await {
        Ok(()) => Ok(asker.done("visitors-page-proposed", here)),
        Err(error) => back_with(&asker, error.into(), &here),
    }
}
