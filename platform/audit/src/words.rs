//! An entry in words: what was done, by whom, and the decision as a chain of sentences.

use std::collections::HashMap;

use sekisho_kernel::{Actor, Outcome, PersonId, Timestamp};
use sekisho_web::parts::{Badge, Icon, Tone};
use sekisho_web::{Markup, Reader, Texts, arg};
use serde_json::Value;
use uuid::Uuid;

use crate::Found;

/// The act in words, as a noun where it can be: the result stands beside it, and what was refused did not happen.
pub(crate) fn action(t: &Texts, action: &str) -> String {
    t.word("act", action)
}

/// What happened, as a sentence: the text `told-key-take-out`, for acts worth telling of; `None` for the others.
pub(crate) fn told(t: &Texts, found: &Found, names: &HashMap<Uuid, String>) -> Option<String> {
    let id = format!("told-{}", found.entry.action.replace(['.', '_'], "-"));
    if !t.has(&id) {
        return None;
    }
    let person = |name: String| t.with("audit-told-person", [("person", name)]);
    let named = |detail: &str| {
        let id = found.entry.details.0.get(detail).and_then(Value::as_str).and_then(|id| id.parse().ok());
        id.and_then(|id: Uuid| names.get(&id).cloned()).map_or_else(|| t.get("audit-told-somebody"), person)
    };
    let who = actor(t, found);
    let who = if matches!(found.entry.actor.0, Actor::Person { .. }) { person(who) } else { who };
    let what = target_name(found, names).unwrap_or_default();
    let what = if found.entry.target_kind.as_deref() == Some("person") { person(what) } else { what };
    Some(t.with(&id, [("who", who), ("what", what), ("holder", named("holder")), ("to", named("to"))]))
}

/// The word for a kind of thing: `kind-key`, brought by the room it belongs to.
pub(crate) fn kind(t: &Texts, kind: &str) -> String {
    t.word("kind", kind)
}

/// Who acted.
pub(crate) fn actor(t: &Texts, found: &Found) -> String {
    let named = |id: Uuid| found.actor_name.clone().unwrap_or_else(|| short(id));
    match &found.entry.actor.0 {
        Actor::Nobody => t.get("audit-actor-nobody"),
        Actor::Person { id } => named(id.uuid()),
        Actor::Token { id, .. } => t.with("audit-actor-token", [("name", named(id.uuid()))]),
        Actor::Guest { id } => t.with("audit-actor-guest", [("name", named(*id))]),
        Actor::Device { id } => named(id.uuid()),
        Actor::System { name } => t.with("audit-actor-system", [("name", name.as_str())]),
    }
}

/// What it was done to; nothing where somebody acted on their own account.
pub(crate) fn target(t: &Texts, found: &Found, names: &HashMap<Uuid, String>) -> Markup {
    let entry = &found.entry;
    let own = entry.target_id.is_some() && entry.target_id == entry.actor.0.person().map(PersonId::uuid);
    let Some(name) = target_name(found, names).filter(|_| !own) else { return Markup::default() };
    let word = entry.target_kind.as_deref().map(|word| kind(t, word)).unwrap_or_default();
    Markup::text(name).then(Markup::raw(" <span class=\"muted\">")).then(word).then(Markup::raw("</span>"))
}

fn target_name(found: &Found, names: &HashMap<Uuid, String>) -> Option<String> {
    match (&found.entry.target_name, found.entry.target_id) {
        (Some(name), _) if !name.is_empty() => Some(name.clone()),
        (_, Some(id)) => Some(names.get(&id).cloned().unwrap_or_else(|| short(id))),
        _ => None,
    }
}

/// How it ended.
pub(crate) fn outcome(t: &Texts, outcome: Outcome) -> Badge {
    match outcome {
        Outcome::Done => Badge::new(t.get("audit-done")),
        Outcome::Refused => Badge::new(t.get("audit-refused")).tone(Tone::Warn).icon("ban"),
        Outcome::Failed => Badge::new(t.get("audit-failed")).tone(Tone::Warn).icon("alert-triangle"),
    }
}

/// Every id that stands in a value, to look up its name.
pub(crate) fn ids(value: &Value, found: &mut Vec<Uuid>) {
    match value {
        Value::String(text) => found.extend(text.parse::<Uuid>().ok()),
        Value::Array(items) => items.iter().for_each(|item| ids(item, found)),
        Value::Object(members) => members.values().for_each(|member| ids(member, found)),
        _ => {}
    }
}

/// The decision as sentences, the most telling first; empty when no policy was asked.
pub(crate) fn decision(reader: &Reader, decision: &Value, names: &HashMap<Uuid, String>) -> Option<Markup> {
    let t = reader.texts();
    let allowed = decision.get("allowed")?.as_bool()?;
    let (icon, verdict) =
        if allowed { ("circle-check", "audit-decided-yes") } else { ("circle-x", "audit-decided-no") };
    let mut list = Markup::raw("<ol class=\"stack\">");
    for reason in decision.get("reasons").and_then(Value::as_array).into_iter().flatten() {
        let sentence = sentence(reader, &t, reason, names);
        list = list.then(Markup::raw("<li>")).then(sentence).then(Markup::raw("</li>"));
    }
    list = list.then(Markup::raw("</ol>"));
    let policies = decision.get("policies").and_then(Value::as_array).into_iter().flatten();
    let policies: Vec<_> = policies.filter_map(Value::as_str).collect();
    let mut below = Vec::new();
    if !policies.is_empty() {
        below.push(t.with("audit-decided-rules", [("rules", policies.join(", "))]));
    }
    if let Some(revision) = decision.get("revision").and_then(Value::as_i64) {
        below.push(t.with("audit-decided-revision", [("revision", revision.to_string())]));
    }
    Some(
        Markup::raw("<p>")
            .then(Icon::new(icon))
            .then(Markup::raw(" <strong>"))
            .then(t.get(verdict))
            .then(Markup::raw("</strong></p>"))
            .then(list)
            .then(Markup::raw("<p class=\"muted\">"))
            .then(below.join(" · "))
            .then(Markup::raw("</p>")),
    )
}

/// The most telling reason alone.
pub(crate) fn first_reason(
    reader: &Reader,
    decision: &Value,
    names: &HashMap<Uuid, String>,
) -> Option<String> {
    let reason = decision.get("reasons").and_then(Value::as_array)?.first()?;
    Some(sentence(reader, &reader.texts(), reason, names))
}

fn sentence(reader: &Reader, t: &Texts, reason: &Value, names: &HashMap<Uuid, String>) -> String {
    let Some(word) = reason.get("reason").and_then(Value::as_str) else { return plain(reason, names) };
    let id = format!("audit-reason-{}", word.replace('_', "-"));
    if !t.has(&id) {
        return plain(reason, names);
    }
    let time = |name: &str| {
        let at: Option<Timestamp> = reason.get(name).and_then(|at| serde_json::from_value(at.clone()).ok());
        at.map(|at| reader.time(at, reader.zone()).words()).unwrap_or_default()
    };
    let way = |name: &str| {
        let steps = reason.get(name).and_then(Value::as_array).into_iter().flatten();
        steps.map(|step| thing(t, step, names)).collect::<Vec<_>>().join(" → ")
    };
    let seconds = reason.get("within_s").and_then(Value::as_u64).unwrap_or(0);
    t.with(
        &id,
        [
            ("subjects", arg(way("subjects"))),
            ("targets", arg(way("targets"))),
            ("from", arg(time("from"))),
            ("since", arg(time("since"))),
            ("minutes", arg(i64::try_from(seconds.div_ceil(60)).unwrap_or(0))),
            ("rule", arg(reason.get("rule").and_then(Value::as_str).unwrap_or_default())),
        ],
    )
}

/// A subject or target of a decision by its name.
fn thing(t: &Texts, step: &Value, names: &HashMap<Uuid, String>) -> String {
    let id = step.get("id").and_then(Value::as_str).and_then(|id| id.parse::<Uuid>().ok());
    match (id, step.get("on").and_then(Value::as_str), step.get("kind").and_then(Value::as_str)) {
        (Some(id), ..) => names.get(&id).cloned().unwrap_or_else(|| short(id)),
        (None, Some("tenant"), _) => t.get("audit-everything"),
        (None, Some("all_of"), Some(word)) => t.with("audit-all-of", [("kind", kind(t, word))]),
        _ => step.to_string(),
    }
}

/// A value of the details: texts as they are, ids by name, the rest as JSON.
pub(crate) fn plain(value: &Value, names: &HashMap<Uuid, String>) -> String {
    match value {
        Value::String(text) => {
            let name = text.parse::<Uuid>().ok().and_then(|id| names.get(&id));
            name.unwrap_or(text).clone()
        }
        Value::Null => "–".to_owned(),
        Value::Array(items) => items.iter().map(|item| plain(item, names)).collect::<Vec<_>>().join(", "),
        Value::Object(members) => {
            let members = members.iter().map(|(name, member)| format!("{name}: {}", plain(member, names)));
            members.collect::<Vec<_>>().join(", ")
        }
        other => other.to_string(),
    }
}

/// Enough of an id to tell it from others.
fn short(id: Uuid) -> String {
    let text = id.simple().to_string();
    text.get(24..).map_or_else(|| text.clone(), |end| format!("…{end}"))
}

#[cfg(test)]
mod tests {
    use std::sync::Arc;

    use sekisho_kernel::Language;
    use sekisho_web::{Catalog, TextSource, Texts};

    #[test]
    fn a_room_says_its_own_acts_in_its_own_words() {
        let room = "act-ghost-appear = Appeared\nkind-ghost = ghost\n";
        let catalog = Catalog::new(&[
            crate::texts(),
            TextSource { module: "ghosts", ja: room, en: room, zh: "", ko: "" },
        ]);
        assert_eq!(catalog.problems(), [] as [String; 0]);
        let t = Texts::new(Arc::new(catalog), Language::En);
        assert_eq!(super::action(&t, "ghost.appear"), "Appeared");
        assert_eq!(super::action(&t, "audit.export"), "Export the record");
        assert_eq!(super::action(&t, "never.heard_of"), "never.heard_of");
        assert_eq!(super::kind(&t, "ghost"), "ghost");
    }
}
