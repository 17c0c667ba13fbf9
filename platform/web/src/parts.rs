//! Components of pages. Each is built in Rust and printed by a template as it is: `{{ part }}`.

mod basic;
mod display;
mod field;
mod forms;
mod push;
mod table;

pub use basic::{Alert, Badge, Button, Icon, Tone};
pub use display::{Card, Empty, Grid, KeyValue, Tabs, Tile, Timeline};
pub use field::Field;
pub use forms::{Confirm, Filters, FormBox};
pub use push::PushSwitch;
pub use table::{Column, Pager, Row, Table};

/// Makes a component printable without escaping, and usable wherever markup is wanted.
macro_rules! part {
    ($($type:ty),*) => { $(
        impl askama::filters::HtmlSafe for $type {}
        impl From<$type> for crate::Markup {
            fn from(part: $type) -> Self {
                crate::Markup::raw(part.to_string())
            }
        }
        impl From<&$type> for crate::Markup {
            fn from(part: &$type) -> Self {
                crate::Markup::raw(part.to_string())
            }
        }
    )* };
}
pub(crate) use part;

/// ` name="value"`, escaped.
pub(crate) fn attribute(name: &str, value: impl std::fmt::Display) -> String {
    format!(" {name}=\"{}\"", crate::Markup::text(value))
}
