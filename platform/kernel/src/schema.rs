//! Ids, times and languages in the description of the API.

use utoipa::openapi::RefOr;
use utoipa::openapi::schema::{ObjectBuilder, Schema, SchemaFormat, Type};
use utoipa::{PartialSchema, ToSchema};

use crate::{Language, Timestamp};

/// A string of this `format` (JSON Schema): `uuid`, `date-time` …
pub fn text_schema(format: &str) -> RefOr<Schema> {
    let format = SchemaFormat::Custom(format.to_owned());
    ObjectBuilder::new().schema_type(Type::String).format(Some(format)).into()
}

impl PartialSchema for Timestamp {
    fn schema() -> RefOr<Schema> {
        text_schema("date-time")
    }
}
impl ToSchema for Timestamp {}

impl PartialSchema for Language {
    fn schema() -> RefOr<Schema> {
        ObjectBuilder::new()
            .schema_type(Type::String)
            .enum_values(Some(Language::GUEST.map(Language::tag)))
            .into()
    }
}
impl ToSchema for Language {}

/// In descriptions of the API: the language of somebody who works here, one of [`Language::ALL`].
pub struct StaffLanguage;

impl PartialSchema for StaffLanguage {
    fn schema() -> RefOr<Schema> {
        ObjectBuilder::new()
            .schema_type(Type::String)
            .enum_values(Some(Language::ALL.map(Language::tag)))
            .into()
    }
}
impl ToSchema for StaffLanguage {}
