//! The pages of terminals with invented content, for `/gallery` and the test that draws them all.

use axum::http::StatusCode;
use sekisho_identity::Group;
use sekisho_kernel::Timestamp;
use sekisho_places::Site;
use sekisho_web::gallery::{NOW, Sample, Sampler, drawn, id};
use sekisho_web::{FormState, JsonList};

use super::deliveries::Deliveries;
use super::list::TerminalList;
use super::settings::{SettingsPage, state_of};
use crate::terminal::enrol::TerminalCode;
use crate::terminal::reads::{DeliveryFilter, DeliveryRow, TerminalFilter, TerminalRow, TerminalState};
use crate::terminal::settings::TerminalSettings;
use crate::watch::AskGuard;

/// The pages that have samples.
pub(crate) fn samplers() -> Vec<Sampler> {
    vec![drawn::<TerminalList>, drawn::<SettingsPage>, drawn::<Deliveries>]
}

const ZONE: &str = "Asia/Tokyo";

fn sites() -> Vec<Site> {
    [(1, "本社"), (2, "大阪支店")]
        .map(|(number, name)| Site {
            id: id(number),
            name: name.to_owned(),
            address: String::new(),
            zone: ZONE.to_owned(),
        })
        .to_vec()
}

fn terminal(number: u128, name: &str, state: TerminalState, seen: Option<Timestamp>) -> TerminalRow {
    TerminalRow {
        id: id(number),
        name: name.to_owned(),
        site: id(1),
        site_name: "本社".to_owned(),
        zone: ZONE.to_owned(),
        state,
        enrolled_at: seen,
        seen_at: seen,
    }
}

impl Sample for TerminalList {
    fn samples() -> Vec<(&'static str, Self)> {
        let page = |rows, state: FormState, code| Self {
            rows,
            filter: TerminalFilter::default(),
            sites: sites(),
            status: if state.has_errors() { StatusCode::UNPROCESSABLE_ENTITY } else { StatusCode::OK },
            state,
            code,
        };
        let rows = || {
            vec![
                terminal(1, "1 階ロビー", TerminalState::Working, Some(NOW)),
                terminal(
                    2,
                    "通用口",
                    TerminalState::Silent,
                    Some(Timestamp::from_secs(NOW.as_secs() - 7200)),
                ),
                terminal(3, "研究棟エントランス（北側・二重扉の内側）", TerminalState::Waiting, None),
            ]
        };
        let code = TerminalCode { id: id(3), code: "7QK2-M9XD-04TW".to_owned(), until: NOW };
        let refused = FormState::empty().wrong("name", "error-empty");
        vec![
            ("/visitors/terminals", page(rows(), FormState::empty(), None)),
            ("/visitors/terminals: a code", page(rows(), FormState::empty(), Some(code))),
            ("/visitors/terminals: none", page(Vec::new(), FormState::empty(), None)),
            ("/visitors/terminals: refused", page(rows(), refused, None)),
        ]
    }
}

impl Sample for SettingsPage {
    fn samples() -> Vec<(&'static str, Self)> {
        let group = |number, name: &str| Group {
            id: id(number),
            name: name.to_owned(),
            note: String::new(),
            created_at: NOW,
        };
        let page = |state: FormState, picture_state: FormState, picture: Option<&str>| Self {
            status: if state.has_errors() { StatusCode::UNPROCESSABLE_ENTITY } else { StatusCode::OK },
            state,
            picture_state,
            groups: vec![group(1, "総務部"), group(2, "営業部")],
            picture: picture.map(str::to_owned),
            tenant: "さくら商事".to_owned(),
        };
        let state = || state_of(&TerminalSettings::default(), 3);
        let name = "/settings/visitors/terminal";
        vec![
            (name, page(state(), FormState::empty(), Some("0011223344556677"))),
            (
                "/settings/visitors/terminal: refused",
                page(state().wrong("accent", "visitors-error-contrast"), FormState::empty(), None),
            ),
            (
                "/settings/visitors/terminal: no picture",
                page(state(), FormState::empty().wrong("picture", "visitors-error-picture"), None),
            ),
        ]
    }
}

impl Sample for Deliveries {
    fn samples() -> Vec<(&'static str, Self)> {
        let row = |number, carrier: &str, whom: &str| DeliveryRow {
            id: id(number),
            site: id(1),
            site_name: "本社".to_owned(),
            zone: ZONE.to_owned(),
            carrier: carrier.to_owned(),
            whom: whom.to_owned(),
            at: NOW,
            ask_guard: (number == 3).then(AskGuard::default),
        };
        let page =
            |items| Self { found: JsonList::whole(items), filter: DeliveryFilter::default(), sites: sites() };
        let rows =
            vec![row(1, "ヤマト運輸", "佐藤 美咲"), row(2, "佐川急便", "総務部"), row(3, "その他", "総務部")];
        vec![("/visitors/deliveries", page(rows)), ("/visitors/deliveries: none", page(Vec::new()))]
    }
}
