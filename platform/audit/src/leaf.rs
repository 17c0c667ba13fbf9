//! The bytes of an entry in the tree: canonical JSON, so that whoever has the entry can make its hash.

use sekisho_storage::tables::audit_entries;
use serde_json::{Map, Value, json};
use tlog_tiles::tlog::{Hash, record_hash};

/// The entry as JSON: every column that says something, under the names of the API.
pub(crate) fn to_json(entry: &audit_entries::Model) -> Value {
    let target = match (&entry.target_kind, entry.target_id, &entry.target_name) {
        (None, None, None) => Value::Null,
        (kind, id, name) => json!({ "kind": kind, "id": id, "name": name }),
    };
    json!({
        "id": entry.id,
        "at": entry.at,
        "actor": entry.actor.0,
        "action": entry.action,
        "outcome": entry.outcome.0,
        "target": target,
        "decision": entry.decision.0,
        "details": entry.details.0,
        "request": entry.request,
        "address": entry.address,
    })
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
