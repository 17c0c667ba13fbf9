//! Columns that hold JSON as text, the same way on both engines.

use sea_orm::sea_query::{ArrayType, ColumnType, Nullable, Value, ValueType, ValueTypeErr};
use serde::Serialize;
use serde::de::DeserializeOwned;

/// A value stored as JSON text. Unreadable text is an error of the row, never a default.
#[derive(Clone, Debug, PartialEq, Eq, Default)]
pub struct JsonText<T>(pub T);

impl<T: Serialize> From<JsonText<T>> for Value {
    fn from(json: JsonText<T>) -> Self {
        // Our own types serialise; a map with non-text keys would be a fault of the type and shows as null.
        serde_json::to_string(&json.0).unwrap_or_else(|_| "null".to_owned()).into()
    }
}

impl<T: DeserializeOwned> sea_orm::TryGetable for JsonText<T> {
    fn try_get_by<I: sea_orm::ColIdx>(
        row: &sea_orm::QueryResult,
        index: I,
    ) -> Result<Self, sea_orm::TryGetError> {
        let text = <String as sea_orm::TryGetable>::try_get_by(row, index)?;
        serde_json::from_str(&text)
            .map(Self)
            .map_err(|error| sea_orm::TryGetError::DbErr(sea_orm::DbErr::Json(error.to_string())))
    }
}

impl<T: DeserializeOwned> ValueType for JsonText<T> {
    fn try_from(value: Value) -> Result<Self, ValueTypeErr> {
        let text = <String as ValueType>::try_from(value)?;
        serde_json::from_str(&text).map(Self).map_err(|_| ValueTypeErr)
    }
    fn type_name() -> String {
        "JsonText".to_owned()
    }
    fn array_type() -> ArrayType {
        ArrayType::String
    }
    fn column_type() -> ColumnType {
        ColumnType::Text
    }
}

impl<T> Nullable for JsonText<T> {
    fn null() -> Value {
        <String as Nullable>::null()
    }
}
