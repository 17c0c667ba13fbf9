//! The pages of badges with invented people.

use sekisho_places::Site;
use sekisho_web::FormState;
use sekisho_web::gallery::{Sample, Sampler, drawn, id, minutes_ago};

use super::super::paper::Paper;
use super::super::reads::{BadgeRow, PrinterRow};
use super::printer::PrinterPage;
use super::settings::BadgesPage;
use super::visit::BadgePage;
use crate::pages::sample_visit;
use crate::tables::words::{BadgeState, Trouble, VisitState};

/// The pages that have samples.
pub(crate) fn samplers() -> Vec<Sampler> {
    vec![drawn::<BadgesPage>, drawn::<PrinterPage>, drawn::<BadgePage>]
}

fn sites() -> Vec<Site> {
    vec![Site { id: id(1), name: "本社".to_owned(), address: String::new(), zone: "Asia/Tokyo".to_owned() }]
}

fn printer(number: u128, name: &str) -> PrinterRow {
    PrinterRow {
        id: id(number),
        site: id(1),
        name: name.to_owned(),
        address: "ipps://printer.example/ipp/print".to_owned(),
        user: String::new(),
        paper: Paper::Label,
        by_itself: number == 1,
        version: 1,
    }
}

impl Sample for BadgesPage {
    fn samples() -> Vec<(&'static str, Self)> {
        let state = || {
            FormState::empty()
                .with("language", "ja")
                .with("colour", "#1d4f91")
                .with("company", "true")
                .with("escorted", "contractor")
                .with("version", 1)
        };
        let page =
            |state, printers| Self { state, query: "colour=%231d4f91".to_owned(), printers, sites: sites() };
        vec![
            (
                "/settings/visitors/badges",
                page(state(), vec![printer(1, "受付ラベル"), printer(2, "総務 複合機")]),
            ),
            ("/settings/visitors/badges: no printer", page(state(), Vec::new())),
            (
                "/settings/visitors/badges: refused",
                page(state().wrong("colour", "visitors-error-contrast"), Vec::new()),
            ),
        ]
    }
}

impl Sample for PrinterPage {
    fn samples() -> Vec<(&'static str, Self)> {
        let state = || {
            FormState::empty()
                .with("site", id::<sekisho_kernel::SiteId>(1))
                .with("name", "受付ラベル")
                .with("address", "ipps://printer.example/ipp/print")
                .with("paper", "label")
                .with("by_itself", "true")
                .with("version", 1)
        };
        let page = |id, state| Self { id, sites: sites(), state };
        vec![
            ("/settings/visitors/printers/new", page(None, FormState::empty())),
            (
                "/settings/visitors/printers/new: refused",
                page(None, state().wrong("address", "visitors-error-printer-network")),
            ),
            ("/settings/visitors/printers/{id}", page(Some(id(1)), state())),
        ]
    }
}

impl Sample for BadgePage {
    fn samples() -> Vec<(&'static str, Self)> {
        let badge = |number, state, trouble| BadgeRow {
            id: id(number),
            state,
            trouble,
            printer: id(1),
            printer_name: "受付ラベル".to_owned(),
            asked_at: minutes_ago(i64::try_from(number).unwrap_or(1)),
            done_at: (state == BadgeState::Printed).then(|| minutes_ago(0)),
        };
        let badges = vec![
            badge(1, BadgeState::Waiting, Some(Trouble::PaperOut)),
            badge(2, BadgeState::Printed, None),
            badge(3, BadgeState::Failed, Some(Trouble::NoFormat)),
            badge(4, BadgeState::Dropped, None),
        ];
        let page = |state, badges| Self {
            row: sample_visit(state),
            badges,
            printers: vec![(id(1), "受付ラベル".to_owned())],
        };
        vec![
            ("/visitors/visits/{id}/badge", page(VisitState::Admitted, badges)),
            ("/visitors/visits/{id}/badge: none", page(VisitState::Arrived, Vec::new())),
            ("/visitors/visits/{id}/badge: gone", page(VisitState::Left, Vec::new())),
        ]
    }
}
