//! The bytes of an entry in the tree: canonical JSON, so that whoever has the entry can make its hash.

use sekisho_kernel::{Actor, EntryId, Outcome, RequestId, Timestamp};
use sekisho_storage::tables::audit_entries;
use serde::Serialize;
use serde_json::{Map, Value};
use tlog_tiles::tlog::{Hash, record_hash};
use uuid::Uuid;

/// An entry as it is hashed, exported and shown by the API: every column that says something.
#[derive(Clone, Debug, PartialEq, Serialize, utoipa::ToSchema)]
pub(crate) struct Entry {
    id: EntryId,
    at: Timestamp,
    actor: Actor,
    /// What was done, `noun.verb`.
    action: String,
    outcome: Outcome,
    /// To what.
    target: Option<EntryTarget>,
    /// Why it was allowed or refused: a decision, several of them, or an empty object.
    decision: Value,
    /// What else there is to know.
    #[schema(value_type = Object)]
    details: Value,
    /// Number of the request in the log.
    request: RequestId,
    /// Where it came from.
    address: Option<String>,
}

/// The thing an act was done to.
#[derive(Clone, Debug, PartialEq, Serialize, utoipa::ToSchema)]
pub(crate) struct EntryTarget {
    kind: Option<String>,
    id: Option<Uuid>,
    /// Its name at that time.
    name: Option<String>,
}

impl Entry {
    pub(crate) fn id(&self) -> EntryId {
        self.id
    }
}

impl From<&audit_entries::Model> for Entry {
    fn from(row: &audit_entries::Model) -> Self {
        let target = match (&row.target_kind, row.target_id, &row.target_name) {
            (None, None, None) => None,
            (kind, id, name) => Some(EntryTarget { kind: kind.clone(), id, name: name.clone() }),
        };
        Self {
            id: row.id,
            at: row.at,
            actor: row.actor.0.clone(),
            action: row.action.clone(),
            outcome: row.outcome.0,
            target,
            decision: row.decision.0.clone(),
            details: row.details.0.clone(),
            request: row.request,
            address: row.address.clone(),
        }
    }
}

/// The entry as JSON, under the names of the API.
pub(crate) fn to_json(entry: &audit_entries::Model) -> Value {
    serde_json::to_value(Entry::from(entry)).unwrap_or_default()
}

/// The bytes that are hashed, and that stand in an export: no blanks, keys sorted by their bytes.
pub(crate) fn to_text(entry: &audit_entries::Model) -> String {
    let mut text = String::with_capacity(512);
    write(&to_json(entry), &mut text);
    text
}

/// The leaf hash of an entry's bytes (RFC 6962: SHA-256 of a zero byte and the bytes).
pub(crate) fn hash(text: &[u8]) -> Hash {
    record_hash(text)
}

/// Canonical JSON. Whether a map of `serde_json` is sorted depends on features others switch on, so we sort.
pub(crate) fn write(value: &Value, text: &mut String) {
    match value {
        Value::Object(map) => write_map(map, text),
        Value::Array(items) => {
            text.push('[');
            for (place, item) in items.iter().enumerate() {
                if place > 0 {
                    text.push(',');
                }
                write(item, text);
            }
            text.push(']');
        }
        other => text.push_str(&other.to_string()),
    }
}

fn write_map(map: &Map<String, Value>, text: &mut String) {
    let mut members: Vec<_> = map.iter().collect();
    members.sort_unstable_by_key(|(name, _)| *name);
    text.push('{');
    for (place, (name, value)) in members.into_iter().enumerate() {
        if place > 0 {
            text.push(',');
        }
        text.push_str(&Value::String(name.clone()).to_string());
        text.push(':');
        write(value, text);
    }
    text.push('}');
}

#[cfg(test)]
mod tests {
    use super::write;
    use serde_json::json;

    #[test]
    fn canonical_json_has_one_form() {
        let mut text = String::new();
        write(&json!({ "b": [1, { "z": null, "あ": "\"\n" }], "a": true, "B": 1.5 }), &mut text);
        assert_eq!(text, r#"{"B":1.5,"a":true,"b":[1,{"z":null,"あ":"\"\n"}]}"#);
    }
}
