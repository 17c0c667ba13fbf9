//! The desk: one site's day as a timeline, those who wait in front of it, checking in and waving in always in reach.
//!
//! `day.rs` says who waits, who is late and what is over; `page.rs` loads and draws the page, `timeline.rs` the hours. The list of
//! everything stays `/visitors`; whatever is done from here leads back here (`back.rs`).

mod back;
mod day;
mod page;
mod samples;
mod timeline;

use sekisho_web::{Access, Routes};

use crate::Visitors;

pub(crate) use back::Back;
pub(crate) use samples::samplers;

/// The address of the page.
pub(crate) const HERE: &str = "/visitors/desk";

/// The page, for whoever is the desk of a site.
pub(crate) fn routes() -> Routes<Visitors> {
    Routes::new("visitors").get(HERE, Access::Person, page::show)
}
