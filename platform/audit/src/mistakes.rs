//! Refusals that look like mistakes: somebody holds a right, and came at the wrong hour, too late, or from the wrong place.
//! They are for a person to look at; a stranger's attempts are not among them.

use std::collections::HashMap;
use std::time::Duration;

use sekisho_kernel::Outcome;
use sekisho_web::parts::{Button, Card, Timeline, Tone};
use sekisho_web::{Asker, Markup, Result};
use serde_json::Value;
use uuid::Uuid;

use crate::{Audit, Filter, Found, words};

/// How far back is looked.
const BACK: Duration = Duration::from_secs(86_400);
/// How many refusals are looked through.
const LOOKED_THROUGH: u64 = 200;
/// How many are shown.
const SHOWN: usize = 5;

/// The reasons of a decision that somebody with a right gets.
const NEARLY: [&str; 6] = [
    "outside_schedule",
    "not_yet",
    "expired",
    "network_not_allowed",
    "step_up_needed",
    "second_person_needed",
];

fn nearly(decision: &Value) -> bool {
    let reasons = decision.get("reasons").and_then(Value::as_array).into_iter().flatten();
    let mut words = reasons.filter_map(|reason| reason.get("reason").and_then(Value::as_str));
    words.any(|word| NEARLY.contains(&word))
}

/// The card; `None` when nothing looks like a mistake.
pub(crate) async fn card(audit: &Audit, asker: &Asker) -> Result<Option<Markup>> {
    let t = asker.texts();
    let filter =
        Filter { from: Some(asker.cx.now.minus(BACK)), outcome: Some(Outcome::Refused), ..Filter::default() };
    let refused = audit.record.search(&asker.cx, &filter, None, LOOKED_THROUGH).await?;
    let times = together(&refused);
    if times.is_empty() {
        return Ok(None);
    }
    let mut ids: Vec<Uuid> = times.iter().filter_map(|(found, _)| found.entry.target_id).collect();
    times.iter().for_each(|(found, _)| words::ids(&found.entry.decision.0, &mut ids));
    let names = audit.record.names(&asker.cx, &ids).await?;
    let timeline = times.iter().take(SHOWN).fold(Timeline::new(), |timeline, (found, count)| {
        let entry = &found.entry;
        let why = words::first_reason(&asker.reader(), &entry.decision.0, &names).unwrap_or_default();
        let often = if *count > 1 { t.count("audit-mistake-times", *count) } else { String::new() };
        let sentence = Markup::text(words::actor(&t, found))
            .then(Markup::text(" — "))
            .then(Markup::raw(format!("<a href=\"/record/{}\">", entry.id)))
            .then(Markup::text(words::action(&t, &entry.action)))
            .then(Markup::raw("</a> "))
            .then(words::target(&t, found, &names))
            .then(Markup::raw(format!("<div class=\"muted\">{} {often}</div>", Markup::text(why))));
        timeline.item(Tone::Warn, "ban", sentence, asker.time(entry.at, asker.zone()).relative())
    });
    let more = Button::link("/record?outcome=refused", t.get("details")).quiet().small();
    Ok(Some(Card::new(t.get("audit-mistakes")).action(more).body(timeline).into()))
}

/// One line for each person and thing, the newest first, with how often.
fn together(refused: &[Found]) -> Vec<(&Found, usize)> {
    let mut places: HashMap<(Option<Uuid>, Option<Uuid>), usize> = HashMap::new();
    let mut lines: Vec<(&Found, usize)> = Vec::new();
    for found in refused.iter().filter(|found| nearly(&found.entry.decision.0)) {
        let at = *places.entry((found.entry.actor_id, found.entry.target_id)).or_insert(lines.len());
        match lines.get_mut(at) {
            Some((_, count)) => *count += 1,
            None => lines.push((found, 1)),
        }
    }
    lines
}

#[cfg(test)]
mod tests {
    use super::nearly;
    use serde_json::json;

    #[test]
    fn a_stranger_makes_no_mistake() {
        assert!(nearly(&json!({ "reasons": [{ "reason": "outside_schedule" }] })));
        assert!(!nearly(&json!({ "reasons": [{ "reason": "no_grant" }] })));
        assert!(!nearly(&json!(null)));
    }
}
