//! `/visitors/watch-list`: whom it resembles now, its entries, one of them, and many at once.

mod entry;
mod import;
mod list;
mod samples;

use sekisho_places::Site;
use sekisho_web::{Access, Routes};

use crate::Visitors;

pub(crate) use samples::samplers;

const HERE: &str = "/visitors/watch-list";

/// The routes of the pages.
pub(super) fn routes() -> Routes<Visitors> {
    use Access::Administrator;
    Routes::new("visitors")
        .get("/visitors/watch-list", Administrator, list::show)
        .get("/visitors/watch-list.csv", Administrator, list::download)
        .post("/visitors/watch-list/matches/{of}/{entry}/clear", Administrator, list::clear)
        .get("/visitors/watch-list/import", Administrator, import::show)
        .post("/visitors/watch-list/import", Administrator, import::import)
        .get("/visitors/watch-list/new", Administrator, entry::new)
        .post("/visitors/watch-list/new", Administrator, entry::add)
        .get("/visitors/watch-list/{id}", Administrator, entry::show)
        .post("/visitors/watch-list/{id}", Administrator, entry::save)
        .post("/visitors/watch-list/{id}/remove", Administrator, entry::remove)
}

/// The names of those sites; of none, that it is all of them.
fn at(sites: &[Site], ids: &[sekisho_kernel::SiteId], all: &str) -> String {
    let names: Vec<&str> =
        sites.iter().filter(|site| ids.contains(&site.id)).map(|site| site.name.as_str()).collect();
    if ids.is_empty() { all.to_owned() } else { names.join(", ") }
}
