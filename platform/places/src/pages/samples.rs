//! The pages of sites with invented sites, for `/gallery` and the test that draws them all.

use sekisho_web::FormState;
use sekisho_web::gallery::{Sample, Sampler, drawn, id};

use super::{NewSitePage, SiteList, SitePage, state_of};
use crate::{Area, Site};

/// The pages that have samples.
pub fn samplers() -> Vec<Sampler> {
    vec![drawn::<SiteList>, drawn::<NewSitePage>, drawn::<SitePage>]
}

fn site(number: u128, name: &str, address: &str, zone: &str) -> Site {
    Site { id: id(number), name: name.to_owned(), address: address.to_owned(), zone: zone.to_owned() }
}

fn tokyo() -> Site {
    site(1, "本社", "東京都千代田区丸の内\n関所ビル 12 階", "Asia/Tokyo")
}

impl Sample for SiteList {
    fn samples() -> Vec<(&'static str, Self)> {
        let long = "関西イノベーション・ロジスティクスセンター（第二期）";
        let sites = vec![
            tokyo(),
            site(2, long, "大阪市此花区", "Asia/Tokyo"),
            site(3, "Berlin Adlershof", "12489 Berlin", "Europe/Berlin"),
        ];
        vec![("/settings/places", Self { sites }), ("/settings/places: none", Self { sites: Vec::new() })]
    }
}

impl Sample for NewSitePage {
    fn samples() -> Vec<(&'static str, Self)> {
        let state = || FormState::empty().with("zone", "Asia/Tokyo");
        vec![
            ("/settings/places/new", Self { state: state() }),
            ("/settings/places/new: refused", Self { state: state().wrong("name", "error-field") }),
        ]
    }
}

impl Sample for SitePage {
    fn samples() -> Vec<(&'static str, Self)> {
        let area = |number, name: &str| Area { id: id(number), site: id(1), name: name.to_owned() };
        let page = |areas, state: FormState, area| Self { site: tokyo(), areas, state, area };
        let state = || state_of(&tokyo(), 3);
        let areas = vec![area(1, "1 階"), area(2, "サーバー室"), area(3, "屋上")];
        let refused = FormState::empty().wrong("name", "error-field");
        vec![
            ("/settings/places/{id}", page(areas, state(), FormState::empty())),
            ("/settings/places/{id}: no areas", page(Vec::new(), state(), FormState::empty())),
            (
                "/settings/places/{id}: changed by somebody else",
                page(Vec::new(), state().wrong("", "error-conflict"), FormState::empty()),
            ),
            ("/settings/places/{id}: area refused", page(Vec::new(), state(), refused)),
        ]
    }
}
