//! The pages of the watch list with invented people.

use sekisho_kernel::FieldError;
use sekisho_places::Site;
use sekisho_web::FormState;
use sekisho_web::gallery::{Sample, Sampler, drawn, id, minutes_ago};

use super::super::import::WatchImportRow;
use super::super::matches::MatchRow;
use super::super::reads::WatchRow;
use super::entry::EntryPage;
use super::import::WatchImport;
use super::list::WatchList;
use crate::tables::words::{Likeness, VisitState};

/// The pages that have samples.
pub(crate) fn samplers() -> Vec<Sampler> {
    vec![drawn::<WatchList>, drawn::<EntryPage>, drawn::<WatchImport>]
}

fn sites() -> Vec<Site> {
    ["本社", "大阪支店"]
        .into_iter()
        .zip(1..)
        .map(|(name, number)| Site {
            id: id(number),
            name: name.to_owned(),
            address: String::new(),
            zone: "Asia/Tokyo".to_owned(),
        })
        .collect()
}

fn entry(number: u128, names: &[&str], reason: &str) -> WatchRow {
    WatchRow {
        id: id(number),
        names: names.iter().map(|name| (*name).to_owned()).collect(),
        organisation: if number == 1 { "あかつき興業".to_owned() } else { String::new() },
        reason: reason.to_owned(),
        phone: "内線 110".to_owned(),
        sites: if number == 1 { vec![id(1)] } else { Vec::new() },
        from: None,
        until: (number == 1).then(|| "2027-03-31".to_owned()),
        version: 1,
        made_by: id(101),
        made_by_name: "佐藤 美咲".to_owned(),
        made_at: minutes_ago(9000),
    }
}

impl Sample for WatchList {
    fn samples() -> Vec<(&'static str, Self)> {
        let first = || {
            entry(1, &["黒沢 剛", "クロサワ ツヨシ", "Kurosawa Tsuyoshi"], "無断撮影のため入館をお断りした方")
        };
        let rows = || vec![first(), entry(2, &["Jonathan Example"], "係争中の相手方")];
        let found = |number: u128, name: &str, likeness, other| MatchRow {
            of: id(number),
            visit: Some(id(number)),
            guest: Some(id(400 + number)),
            name: name.to_owned(),
            company: "みどり工業株式会社".to_owned(),
            state: Some(VisitState::Arrived),
            site: id(1),
            site_name: "本社".to_owned(),
            zone: "Asia/Tokyo".to_owned(),
            starts_at: minutes_ago(-30),
            host_name: "佐藤 美咲".to_owned(),
            made_by_name: if number == 5 { "高橋 亮" } else { "佐藤 美咲" }.to_owned(),
            count: if number == 5 { 12 } else { 1 },
            at: minutes_ago(4),
            likeness,
            other_organisation: other,
            asked_at: (number == 4).then(|| minutes_ago(2)),
            entry: first(),
        };
        let matches = vec![
            found(3, "黒澤 剛", Likeness::Same, Some(true)),
            found(4, "くろさわ つよし", Likeness::Sound, Some(false)),
            found(5, "黒沢 強志", Likeness::Similar, None),
        ];
        let page = |q: &str, rows, matches| Self { q: q.to_owned(), rows, matches, sites: sites() };
        vec![
            ("/visitors/watch-list", page("", rows(), matches)),
            ("/visitors/watch-list: nobody", page("", rows(), Vec::new())),
            ("/visitors/watch-list: empty", page("", Vec::new(), Vec::new())),
        ]
    }
}

impl Sample for EntryPage {
    fn samples() -> Vec<(&'static str, Self)> {
        let state = || {
            FormState::empty()
                .with("names", "黒沢 剛\nクロサワ ツヨシ")
                .with("organisation", "あかつき興業")
                .with("reason", "無断撮影のため入館をお断りした方")
                .with("phone", "内線 110")
                .with("until", "2027-03-31")
                .with("sites", id::<sekisho_kernel::SiteId>(1))
                .with("version", 1)
        };
        let refused =
            state().wrong("names", "visitors-error-watch-name").wrong("until", "visitors-error-past");
        let page = |id, state| Self { id, sites: sites(), state };
        vec![
            ("/visitors/watch-list/new", page(None, FormState::empty())),
            ("/visitors/watch-list/new: refused", page(None, refused)),
            ("/visitors/watch-list/{id}", page(Some(id(1)), state())),
        ]
    }
}

impl Sample for WatchImport {
    fn samples() -> Vec<(&'static str, Self)> {
        let row = |line, names: &str, wrong: bool| {
            let bad = FieldError { field: "reason", text: "error-empty" };
            let wrong = if wrong { vec![bad] } else { Vec::new() };
            WatchImportRow { line, names: names.to_owned(), wrong, entry: None }
        };
        let good = vec![row(2, "黒沢 剛; クロサワ ツヨシ", false)];
        let bad = vec![row(2, "黒沢 剛; クロサワ ツヨシ", false), row(3, "Jonathan Example", true)];
        let page = |rows| Self { state: FormState::empty(), rows };
        vec![
            ("/visitors/watch-list/import", page(Vec::new())),
            ("/visitors/watch-list/import: looked at", page(good)),
            ("/visitors/watch-list/import: refused", page(bad)),
        ]
    }
}
