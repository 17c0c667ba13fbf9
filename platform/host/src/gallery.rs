//! The pages made of what all rooms bring, with invented content, for `/gallery` and its test.

use sekisho_web::Markup;
use sekisho_web::gallery::{Sample, Sampler, drawn};
use sekisho_web::parts::Card;

use crate::first_hour::{FirstHourPage, Standing};
use crate::search::{Found, Kind, SearchPage, Wanted};
use crate::settings::{PLATFORM, SettingsPage};
use crate::today::{Question, Section, Today};

/// The pages that have samples.
pub(crate) fn samplers() -> Vec<Sampler> {
    vec![drawn::<Today>, drawn::<SearchPage>, drawn::<SettingsPage>, drawn::<FirstHourPage>]
}

impl Sample for Today {
    fn samples() -> Vec<(&'static str, Self)> {
        let page = |cards: fn() -> Vec<Markup>| Self {
            first: None,
            sections: vec![
                Section::new(Question::WhoIsHere, cards()),
                Section::new(Question::WhatIsOut, cards()),
                Section::new(Question::WhatNeedsMe, cards()),
                Section::new(Question::WhatHappened, cards()),
            ],
            topics: Vec::new(),
            triggers: String::new(),
        };
        vec![
            ("/: quiet", page(Vec::new)),
            ("/: busy", page(|| vec![Card::new("社用車 3 号").body("佐藤 美咲").into()])),
        ]
    }
}

impl Sample for SearchPage {
    fn samples() -> Vec<(&'static str, Self)> {
        let found = |name: &str, hint: &str| Found {
            name: name.to_owned(),
            hint: hint.to_owned(),
            href: "#".to_owned(),
            fit: 0,
        };
        let people = Kind { kind: "person", found: vec![found("佐藤 美咲", "総務部")], more: false };
        let many = Kind { kind: "device", found: vec![found("本社 1 階 A", ""); 3], more: true };
        let page = |words: &str, kinds| Self { wanted: Wanted::new(words), kinds };
        vec![
            ("/search: before", page("", Vec::new())),
            ("/search: nothing found", page("プリンター", Vec::new())),
            ("/search: found", page("佐藤", vec![people, many])),
        ]
    }
}

impl Sample for SettingsPage {
    fn samples() -> Vec<(&'static str, Self)> {
        let page = |administrator| Self { entries: PLATFORM.to_vec(), administrator };
        vec![("/settings: administrator", page(true)), ("/settings: everybody", page(false))]
    }
}

impl Sample for FirstHourPage {
    fn samples() -> Vec<(&'static str, Self)> {
        let step = |word, icon, done, skipped| Standing { word, href: "#", icon, done, skipped };
        let beginning =
            vec![step("site", "building", false, false), step("people", "user-plus", false, false)];
        let under_way = vec![step("site", "building", true, false), step("people", "user-plus", false, true)];
        vec![
            ("/first-hour: beginning", Self { all: beginning }),
            ("/first-hour: under way", Self { all: under_way }),
        ]
    }
}
