//! An entry in the words of the Open Cybersecurity Schema Framework (1.6, class 6003 "API Activity"), for log collectors.

use sekisho_kernel::{Actor, Outcome, TenantId};
use serde_json::{Map, Value, json};

use crate::{Found, leaf};

const API_ACTIVITY: u32 = 6003;

pub(crate) fn line(found: &Found, tenant: TenantId) -> String {
    let entry = &found.entry;
    let verb = entry.action.split('.').nth(1).unwrap_or_default();
    let (activity, activity_name) = activity(verb);
    let (status, status_id) = match entry.outcome.0 {
        Outcome::Done => ("Success", 1),
        Outcome::Refused | Outcome::Failed => ("Failure", 2),
    };
    let mut event = json!({
        "category_uid": 6,
        "category_name": "Application Activity",
        "class_uid": API_ACTIVITY,
        "class_name": "API Activity",
        "activity_id": activity,
        "activity_name": activity_name,
        "type_uid": API_ACTIVITY * 100 + activity,
        "time": entry.at.as_micros() / 1000,
        "severity_id": if entry.outcome.0 == Outcome::Done { 1 } else { 2 },
        "status": status,
        "status_id": status_id,
        "status_detail": entry.outcome.0,
        "actor": actor(found),
        "api": { "operation": entry.action, "request": { "uid": entry.request } },
        "metadata": {
            "version": "1.6.0",
            "uid": entry.id,
            "tenant_uid": tenant,
            "log_name": "audit",
            "product": { "name": "Sekisho", "vendor_name": "Sekisho" },
        },
        "unmapped": { "decision": entry.decision.0, "details": entry.details.0 },
    });
    if let Value::Object(members) = &mut event {
        if let Some(address) = &entry.address {
            members.insert("src_endpoint".to_owned(), json!({ "ip": address }));
        }
        if entry.target_kind.is_some() {
            let target =
                json!({ "type": entry.target_kind, "uid": entry.target_id, "name": entry.target_name });
            members.insert("resources".to_owned(), json!([target]));
        }
    }
    let mut text = String::with_capacity(1024);
    leaf::write(&event, &mut text);
    text.push('\n');
    text
}

fn actor(found: &Found) -> Value {
    let mut user = Map::new();
    let kind = match &found.entry.actor.0 {
        Actor::Nobody => return json!({ "app_name": "nobody" }),
        Actor::System { name } => return json!({ "app_name": name }),
        Actor::Device { id } => return json!({ "app_uid": id, "app_name": found.actor_name }),
        Actor::Person { .. } => "User",
        Actor::Token { .. } => "API token",
        Actor::Guest { .. } => "Guest",
    };
    user.insert("type".to_owned(), kind.into());
    user.insert("uid".to_owned(), json!(found.entry.actor_id));
    if let Some(name) = &found.actor_name {
        user.insert("name".to_owned(), name.as_str().into());
    }
    if let Actor::Token { token, .. } = &found.entry.actor.0 {
        user.insert("credential_uid".to_owned(), json!(token));
    }
    json!({ "user": user })
}

/// The schema knows create, read, update, delete; what is none of these is "Other".
fn activity(verb: &str) -> (u32, &'static str) {
    let begins = |words: &[&str]| words.iter().any(|word| verb.starts_with(word));
    if begins(&["make", "create", "add", "invite", "enrol", "found", "register"]) {
        (1, "Create")
    } else if begins(&["read", "show", "reveal", "export", "search", "download"]) {
        (2, "Read")
    } else if begins(&["change", "update", "rename", "save", "set", "rotate", "rewrap"]) {
        (3, "Update")
    } else if begins(&["delete", "remove", "destroy", "retire", "withdraw", "revoke"]) {
        (4, "Delete")
    } else {
        (99, "Other")
    }
}
