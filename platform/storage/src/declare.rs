//! How a room declares its rows, the words in their columns, and its facts: the same way everywhere.

/// Declares the rows of one of a tenant's tables as a module: `Entity`, `Model`, `Column`, `ActiveModel`, with the column
/// `tenant_id` in front. Types are those in scope around it; the key is marked as `SeaORM` wants it.
///
/// ```text
/// tenant_table!(/// Boxes.
///     boxes, "keys_boxes", {
///     /// Which.
///     #[sea_orm(primary_key, auto_increment = false)]
///     id: BoxId,
/// });
/// ```
#[macro_export]
macro_rules! tenant_table {
    ($(#[$doc:meta])* $module:ident, $name:literal, { $($(#[$field_doc:meta])* $field:ident: $type:ty,)* }) => {
        $(#[$doc])*
        pub mod $module {
            #[allow(unused_imports, clippy::allow_attributes, reason = "not every table names a type around it")]
            use super::*;
            use sea_orm::entity::prelude::*;

            /// One row.
            #[derive(Clone, Debug, PartialEq, DeriveEntityModel)]
            #[sea_orm(table_name = $name)]
            pub struct Model {
                /// Whose.
                #[sea_orm(primary_key, auto_increment = false)]
                pub tenant_id: sekisho_kernel::TenantId,
                $($(#[$field_doc])* pub $field: $type,)*
            }

            /// None.
            #[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
            pub enum Relation {}
            impl ActiveModelBehavior for ActiveModel {}
            $crate::tenant_entity!();
        }
    };
}

/// Declares the words that may stand in a column: one enum, spelt the same in columns, forms, the API and the ends of
/// text ids.
#[macro_export]
macro_rules! column_words {
    ($(#[$doc:meta])* $name:ident { $($(#[$variant_doc:meta])* $variant:ident = $text:literal,)* }) => {
        $(#[$doc])*
        #[derive(
            Clone, Copy, PartialEq, Eq, Hash, Debug, sea_orm::EnumIter, sea_orm::DeriveActiveEnum,
            serde::Serialize, serde::Deserialize, utoipa::ToSchema,
        )]
        #[sea_orm(rs_type = "String", db_type = "Text")]
        #[serde(rename_all = "snake_case")]
        pub enum $name {
            $($(#[$variant_doc])* #[sea_orm(string_value = $text)] $variant,)*
        }

        impl $name {
            /// Every word of the kind, in the order of the lists people choose from.
            pub const ALL: &'static [Self] = &[$(Self::$variant),*];

            /// The word as columns, forms and the API spell it; also the end of its text's id.
            pub fn word(self) -> &'static str {
                match self { $(Self::$variant => $text,)* }
            }

            /// From that word.
            pub fn from_word(word: &str) -> Option<Self> {
                match word { $($text => Some(Self::$variant),)* _ => None }
            }
        }
    };
}

/// Declares what a room tells others, past tense: [`crate::Event`]s that go through the outbox.
#[macro_export]
macro_rules! facts {
    ($($(#[$doc:meta])* $name:ident = $text:literal { $($(#[$field_doc:meta])* $field:ident: $type:ty),* $(,)? })*) => {$(
        $(#[$doc])*
        #[derive(Clone, Debug, PartialEq, serde::Serialize, serde::Deserialize)]
        pub struct $name {
            $($(#[$field_doc])* pub $field: $type,)*
        }

        impl $crate::Event for $name {
            const NAME: &'static str = $text;
        }
    )*};
}
