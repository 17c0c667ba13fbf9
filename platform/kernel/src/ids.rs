//! Ids with types. Every id is a UUID version 7 (RFC 9562), so that a table sorted by id is sorted by time; each kind of
//! thing has its own type, so that a door's id cannot be handed to a function that wants a person's.

/// Declares a typed id: a newtype over [`uuid::Uuid`] that is also a database column (feature `columns`).
///
/// ```
/// sekisho_kernel::typed_id!(/// A bin of a box.
///     BinId);
/// ```
#[macro_export]
macro_rules! typed_id {
    ($(#[$doc:meta])* $name:ident) => {
        $(#[$doc])*
        #[derive(Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, $crate::__private::serde::Serialize, $crate::__private::serde::Deserialize)]
        #[serde(transparent, crate = "sekisho_kernel::__private::serde")]
        pub struct $name(pub $crate::__private::uuid::Uuid);

        impl $name {
            /// The bare UUID, for places that know nothing of kinds.
            pub fn uuid(self) -> $crate::__private::uuid::Uuid {
                self.0
            }
        }
        impl From<$crate::__private::uuid::Uuid> for $name {
            fn from(uuid: $crate::__private::uuid::Uuid) -> Self {
                Self(uuid)
            }
        }
        impl From<$name> for $crate::__private::uuid::Uuid {
            fn from(id: $name) -> Self {
                id.0
            }
        }
        impl std::fmt::Display for $name {
            fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
                self.0.fmt(f)
            }
        }
        impl std::fmt::Debug for $name {
            fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
                write!(f, concat!(stringify!($name), "({})"), self.0)
            }
        }
        impl std::str::FromStr for $name {
            type Err = $crate::__private::uuid::Error;
            fn from_str(s: &str) -> Result<Self, Self::Err> {
                Ok(Self(s.parse()?))
            }
        }
        $crate::column_id!($name);
        $crate::schema_id!($name);
    };
}

/// The database side of [`typed_id!`]; empty without the feature `columns`.
#[cfg(not(feature = "columns"))]
#[macro_export]
macro_rules! column_id {
    ($name:ident) => {};
}

/// The database side of [`typed_id!`]: the id is stored as a UUID column.
#[cfg(feature = "columns")]
#[macro_export]
macro_rules! column_id {
    ($name:ident) => {
        const _: () = {
            use sea_orm::sea_query::{ArrayType, ColumnType, Nullable, Value, ValueType, ValueTypeErr};
            use $crate::__private::{sea_orm, uuid::Uuid};
            impl From<$name> for Value {
                fn from(id: $name) -> Self {
                    id.0.into()
                }
            }
            impl sea_orm::TryGetable for $name {
                fn try_get_by<I: sea_orm::ColIdx>(
                    row: &sea_orm::QueryResult,
                    index: I,
                ) -> Result<Self, sea_orm::TryGetError> {
                    <Uuid as sea_orm::TryGetable>::try_get_by(row, index).map(Self)
                }
            }
            impl ValueType for $name {
                fn try_from(value: Value) -> Result<Self, ValueTypeErr> {
                    <Uuid as ValueType>::try_from(value).map(Self)
                }
                fn type_name() -> String {
                    stringify!($name).to_owned()
                }
                fn array_type() -> ArrayType {
                    <Uuid as ValueType>::array_type()
                }
                fn column_type() -> ColumnType {
                    <Uuid as ValueType>::column_type()
                }
            }
            impl Nullable for $name {
                fn null() -> Value {
                    <Uuid as Nullable>::null()
                }
            }
            impl sea_orm::TryFromU64 for $name {
                fn try_from_u64(_: u64) -> Result<Self, sea_orm::DbErr> {
                    Err(sea_orm::DbErr::ConvertFromU64(stringify!($name)))
                }
            }
        };
    };
}

/// The side of [`typed_id!`] in the description of the API; empty without the feature `schema`.
#[cfg(not(feature = "schema"))]
#[macro_export]
macro_rules! schema_id {
    ($name:ident) => {};
}

/// The side of [`typed_id!`] in the description of the API: the id is a UUID.
#[cfg(feature = "schema")]
#[macro_export]
macro_rules! schema_id {
    ($name:ident) => {
        const _: () = {
            use $crate::__private::utoipa;
            impl utoipa::PartialSchema for $name {
                fn schema() -> utoipa::openapi::RefOr<utoipa::openapi::schema::Schema> {
                    $crate::text_schema("uuid")
                }
            }
            impl utoipa::ToSchema for $name {}
        };
    };
}

// The macros name this crate by its package name; inside the crate itself that name has to be made.
use crate as sekisho_kernel;

typed_id!(/// A customer: nothing of one tenant is ever visible to another.
    TenantId);
typed_id!(/// A user or guest.
    PersonId);
typed_id!(/// A named group of people.
    GroupId);
typed_id!(/// A place with an address and a time zone.
    SiteId);
typed_id!(/// A box, lock, reader, terminal or agent that connects to us.
    DeviceId);
typed_id!(/// Something that can be granted: a key, a box, a door, a connection, or a group of them.
    ResourceId);
typed_id!(/// One audit entry.
    EntryId);
typed_id!(/// One fact told to others through the outbox.
    EventId);
typed_id!(/// One request, from the first byte to the last log line.
    RequestId);
