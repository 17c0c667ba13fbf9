//! Page shell, components, forms, languages, error pages, assets, route registration.
//!
//! A module registers its [`Routes`], each with its [`Access`]. A handler takes an [`Asker`] first, calls a use case with
//! `asker.cx`, and answers with a page or JSON; refusals go out by `?` as [`WebError`]. Pages are askama templates whose
//! components come from [`parts`]. The README of this crate shows each by an example.

mod access;
mod asker;
mod assets;
pub mod cookie;
mod doorkeeper;
mod dress;
mod error;
mod form;
pub mod gallery;
mod gate;
mod idempotency;
mod json;
mod limits;
mod listing;
mod live;
mod markup;
mod nav;
mod openapi;
mod own;
mod page;
pub mod parts;
mod proxies;
mod routes;
mod serve;
mod site;
pub mod tables;
mod texts;
mod times;
mod view;

/// The columns that hold sealed values.
pub const SEALED: [sekisho_storage::reseal::SealedColumn; 1] =
    [sekisho_storage::reseal::SealedColumn::new("web_idempotency", "answer")];

pub use access::{Access, RouteSpec};
pub use asker::{Asker, Frame, Reach, Theme, is_own_path};
pub use assets::{address as asset_address, fixed as asset_file};
pub use doorkeeper::{Doorkeeper, Identified, Knock, Viewer};
pub use error::{Result, WebError};
pub use form::{Checks, Form, FormState, Query};
pub use json::Json;
pub use listing::{
    Cursor, IfMatch, JsonList, Paging, csv, csv_in_parts, disposition, etag, if_match, precondition,
};
pub use markup::Markup;
pub use nav::NavItem;
pub use page::{Page, Reader};
pub use proxies::Peer;
pub use routes::{Mounted, Routes};
pub use serve::{Limits, serve, serve_within};
pub use site::{Site, SiteOptions, SiteParts};
pub use texts::{Arg, Catalog, TextSource, Texts, arg};
pub use times::{Time, from_local, to_local, zone_of};
pub use view::{Sheet, View};

/// The texts of the shell and of the general refusals.
pub fn texts() -> TextSource {
    TextSource {
        module: "web",
        ja: include_str!("../texts/ja.ftl"),
        en: include_str!("../texts/en.ftl"),
        zh: include_str!("../texts/zh.ftl"),
        ko: include_str!("../texts/ko.ftl"),
    }
}

/// The migrations of this crate.
pub fn migrations() -> Vec<sekisho_storage::Migration> {
    tables::migrations()
}

/// Percent-encodes `text` for use as a value in a query.
pub fn escape_query(text: &str) -> String {
    use std::fmt::Write;
    text.bytes().fold(String::with_capacity(text.len()), |mut escaped, byte| {
        match byte {
            b'A'..=b'Z' | b'a'..=b'z' | b'0'..=b'9' | b'-' | b'.' | b'_' | b'~' => {
                escaped.push(char::from(byte))
            }
            _ => {
                let _ = write!(escaped, "%{byte:02X}");
            }
        }
        escaped
    })
}

pub(crate) fn unescape_query(text: &str) -> String {
    form::decode(text.as_bytes())
}

/// A number for a request, under which the log has it.
pub(crate) fn fresh_request(world: &dyn sekisho_kernel::World) -> sekisho_kernel::RequestId {
    let mut bytes = [0; 10];
    world.fill(&mut bytes);
    let millis = u64::try_from(world.now().as_micros() / 1000).unwrap_or(0);
    sekisho_kernel::RequestId(uuid::Builder::from_unix_timestamp_millis(millis, &bytes).into_uuid())
}
