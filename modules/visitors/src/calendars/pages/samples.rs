//! The pages of connected calendars with invented servers.

use sekisho_kernel::FieldError;
use sekisho_places::Site;
use sekisho_web::FormState;
use sekisho_web::gallery::{Sample, Sampler, drawn, id, minutes_ago};

use super::super::reads::CalendarRow;
use super::form::CalendarPage;
use super::list::CalendarList;
use crate::tables::CalendarKind;
use crate::tables::words::VisitKind;

/// The pages that have samples.
pub(crate) fn samplers() -> Vec<Sampler> {
    vec![drawn::<CalendarList>, drawn::<CalendarPage>]
}

fn row(number: u128, kind: CalendarKind, name: &str) -> CalendarRow {
    let is_mailbox = kind == CalendarKind::Mailbox;
    let of = |mailbox: bool, text: &str| if mailbox == is_mailbox { text.to_owned() } else { String::new() };
    CalendarRow {
        id: id(number),
        kind,
        name: name.to_owned(),
        site: id(1),
        visit_kind: VisitKind::Guest,
        person: None,
        every_minutes: 1,
        host: of(true, "imap.midori.example"),
        port: if is_mailbox { 993 } else { 0 },
        folder: of(true, "INBOX"),
        address: of(true, "reception@midori.example"),
        authority: of(true, "mx.midori.example"),
        url: of(false, "https://cal.midori.example/sato/office/"),
        user: "reception".to_owned(),
        read_at: Some(minutes_ago(1)),
        failing_since: None,
        wrong: None,
        refused_at: None,
        refusal: None,
        version: 1,
    }
}

impl Sample for CalendarList {
    fn samples() -> Vec<(&'static str, Self)> {
        let mailbox = CalendarRow {
            refused_at: Some(minutes_ago(50)),
            refusal: Some("no_guest".to_owned()),
            ..row(1, CalendarKind::Mailbox, "受付（本社）")
        };
        let failing = CalendarRow {
            wrong: Some("sign_in".to_owned()),
            failing_since: Some(minutes_ago(90)),
            ..row(2, CalendarKind::Collection, "役員室のカレンダー")
        };
        let new = CalendarRow { read_at: None, ..row(3, CalendarKind::Mailbox, "受付（大阪）") };
        vec![
            ("/settings/visitors/calendars", Self { rows: vec![mailbox, failing, new] }),
            ("/settings/visitors/calendars: none", Self { rows: Vec::new() }),
        ]
    }
}

impl Sample for CalendarPage {
    fn samples() -> Vec<(&'static str, Self)> {
        let page = |number: Option<u128>, kind, state| Self {
            id: number.map(id),
            kind,
            sites: vec![Site {
                id: id(1),
                name: "本社".to_owned(),
                address: String::new(),
                zone: "Asia/Tokyo".to_owned(),
            }],
            people: vec![(id(101), "佐藤 美咲".to_owned())],
            state,
        };
        let known = FormState::empty()
            .with("name", "受付（本社）")
            .with("address", "reception@midori.example")
            .with("host", "imap.midori.example")
            .with("port", 993)
            .with("folder", "INBOX")
            .with("user", "reception")
            .with("authority", "mx.midori.example")
            .with("every_minutes", 1)
            .with("version", 1);
        let wrong = [FieldError { field: "url", text: "visitors-error-calendar-url" }];
        let wrong = wrong.into_iter().fold(FormState::empty(), |state, one| state.wrong(one.field, one.text));
        let empty = || FormState::empty().with("every_minutes", 1);
        vec![
            ("/settings/visitors/calendars/new/{kind}", page(None, CalendarKind::Mailbox, empty())),
            (
                "/settings/visitors/calendars/new/{kind}: CalDAV",
                page(None, CalendarKind::Collection, empty()),
            ),
            ("/settings/visitors/calendars/new/{kind}: wrong", page(None, CalendarKind::Collection, wrong)),
            ("/settings/visitors/calendars/{id}", page(Some(1), CalendarKind::Mailbox, known)),
        ]
    }
}
