//! The pages of registering: what is asked and which agreements there are, for administrators; the guest's part of the personal
//! page; what the guests of an appointment gave.

mod agreements;
mod fields;
mod guest;
mod kinds;
mod paper;
mod photo;
mod samples;
mod sign;
mod visit;

use sekisho_web::{Access, Routes};

use super::photo::MOST_BYTES;
use crate::Visitors;

pub(crate) use guest::GuestCard;
pub(crate) use paper::of_signing;
pub(crate) use photo::picture;
pub(crate) use samples::{sample_card, sample_guests, samplers};
pub(crate) use visit::{GuestRegistration, of_guests, registration_badge, whats_missing};

const KINDS: &str = "/settings/visitors/registration";
const AGREEMENTS: &str = "/settings/visitors/agreements";
/// The languages of guests, and how they call themselves.
const LANGUAGES: [(&str, &str); 4] = [("ja", "日本語"), ("en", "English"), ("zh", "中文"), ("ko", "한국어")];

/// The routes of the pages.
pub(super) fn routes() -> Routes<Visitors> {
    use Access::{Administrator, Person};
    let guest = Access::Public("a guest's own page; the token in the address is the credential");
    Routes::new("visitors")
        .get("/settings/visitors/registration", Administrator, kinds::list)
        .post("/settings/visitors/registration", Administrator, kinds::save_hours)
        .get("/settings/visitors/registration/{kind}", Administrator, kinds::show)
        .post("/settings/visitors/registration/{kind}", Administrator, kinds::save)
        .get("/settings/visitors/registration/{kind}/fields/new", Administrator, fields::new)
        .post("/settings/visitors/registration/{kind}/fields/new", Administrator, fields::add)
        .get("/settings/visitors/registration/{kind}/fields/{field}", Administrator, fields::show)
        .post("/settings/visitors/registration/{kind}/fields/{field}", Administrator, fields::save)
        .post("/settings/visitors/registration/{kind}/fields/{field}/move", Administrator, fields::move_it)
        .post("/settings/visitors/registration/{kind}/fields/{field}/remove", Administrator, fields::remove)
        .get("/settings/visitors/agreements", Administrator, agreements::list)
        .get("/settings/visitors/agreements/new", Administrator, agreements::new)
        .post("/settings/visitors/agreements/new", Administrator, agreements::make)
        .get("/settings/visitors/agreements/{id}", Administrator, agreements::show)
        .post("/settings/visitors/agreements/{id}", Administrator, agreements::next)
        .get("/visitors/visits/{id}/photo", Person, photo::see)
        .get("/visitors/signings/{id}/pdf", Person, paper::of_signing)
        .get("/v/{token}/registration", guest, guest::show)
        .post("/v/{token}/registration", guest, guest::save)
        .get("/v/{token}/agreement", guest, sign::show)
        .post("/v/{token}/agreement", guest, sign::sign)
        .get("/v/{token}/agreement/pdf", guest, paper::of_guest)
        .post_large("/v/{token}/photo", guest, MOST_BYTES, photo::send)
        .post("/v/{token}/photo/remove", guest, photo::take_back)
}
