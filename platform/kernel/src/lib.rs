//! What every room of Sekisho speaks of: ids, time, the tenant, the actor, the context of a request, the audit entry and
//! the kinds of errors. No I/O happens here, and the crate stays small: a change here rebuilds everything.

mod audit;
mod cx;
mod error;
mod ids;
mod language;
#[cfg(feature = "schema")]
mod schema;
mod time;

pub use audit::{AuditEntry, Outcome, Target};
pub use cx::{Actor, Cx, World};
pub use error::{FieldError, Kind, Kinded, chain};
pub use ids::{DeviceId, EntryId, EventId, GroupId, PersonId, RequestId, ResourceId, SiteId, TenantId};
pub use language::Language;
#[cfg(feature = "schema")]
pub use schema::{StaffLanguage, text_schema};
pub use time::{Timestamp, micros};

#[doc(hidden)]
pub mod __private {
    //! What the id macro needs at its place of use.
    #[cfg(feature = "columns")]
    pub use sea_orm;
    pub use serde;
    #[cfg(feature = "schema")]
    pub use utoipa;
    pub use uuid;
}
