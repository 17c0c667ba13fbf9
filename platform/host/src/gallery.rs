//! The pages made of what all rooms bring, with invented content, for `/gallery` and its test.

use sekisho_web::Texts;
use sekisho_web::gallery::SampleHtml;

use crate::first_hour::{Standing, steps};
use crate::settings::{PLATFORM, body};

/// The samples.
pub(crate) fn samples(t: &Texts) -> Vec<SampleHtml> {
    let step = |word, icon, done, skipped| Standing { word, href: "#", icon, done, skipped };
    let beginning = [step("site", "building", false, false), step("people", "user-plus", false, false)];
    let under_way = [step("site", "building", true, false), step("people", "user-plus", false, true)];
    vec![
        ("settings-administrator".to_owned(), body(t, &PLATFORM, true)),
        ("settings-everybody".to_owned(), body(t, &PLATFORM, false)),
        ("first-hour-beginning".to_owned(), steps(t, &beginning)),
        ("first-hour-under-way".to_owned(), steps(t, &under_way)),
    ]
}
