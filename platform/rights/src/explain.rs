//! A decision as a chain of sentences, from the person to the result; every name in it leads on.

use sekisho_policy::{Ask, Decision, Reason, Subject, Target};
use sekisho_web::parts::{Timeline, Tone};
use sekisho_web::{Markup, Reader};

use crate::labels::{Labels, right_word};

/// The chain. The last item is the result.
pub(crate) fn chain(
    reader: &Reader,
    labels: &Labels<'_>,
    ask: &Ask<'_>,
    decision: &Decision,
    zone: &str,
) -> Timeline {
    let t = reader.texts();
    let thing = Target::Resource { id: ask.resource };
    let subject = Subject::Person(ask.person);
    let mut chain = Timeline::new().item(
        Tone::Plain,
        "user",
        t.markup(
            "rights-why-asked",
            &[
                ("href", &crate::labels::subject_href(subject)),
                ("who", &labels.subject(subject)),
                ("thing", &labels.target(&thing)),
                ("right", &right_word(&t, ask.right)),
            ],
        ),
        "",
    );
    for reason in &decision.reasons {
        chain = match reason {
            Reason::GrantedBy { .. } => granted(reader, labels, reason, decision, chain),
            other => chain.item(Tone::Warn, icon(other), sentence(reader, labels, other, zone), ""),
        };
    }
    let (tone, icon, text) = if decision.allowed {
        (Tone::Good, "circle-check", "rights-why-allowed")
    } else {
        (Tone::Danger, "ban", "rights-why-denied")
    };
    chain.item(tone, icon, Markup::raw(format!("<strong>{}</strong>", Markup::text(t.get(text)))), "")
}

fn granted(
    reader: &Reader,
    labels: &Labels<'_>,
    reason: &Reason,
    decision: &Decision,
    mut timeline: Timeline,
) -> Timeline {
    let t = reader.texts();
    let Reason::GrantedBy { grant, chain } = reason else { return timeline };
    for (inner, group) in chain.subjects.iter().zip(chain.subjects.iter().skip(1)) {
        let args = [
            ("href", crate::labels::subject_href(*group)),
            ("inner", labels.subject(*inner)),
            ("group", labels.subject(*group)),
        ];
        timeline = timeline.item(Tone::Plain, "users-group", marked(reader, "rights-why-member", &args), "");
    }
    for (inner, target) in chain.targets.iter().zip(chain.targets.iter().skip(1)) {
        let (id, icon) = match target {
            Target::Resource { .. } => ("rights-why-within", "box"),
            Target::AllOf { .. } => ("rights-why-of-kind", "tag"),
            Target::Tenant => ("rights-why-of-tenant", "building"),
        };
        let href = match target {
            Target::Resource { id } => format!("/rights?resource={id}"),
            Target::AllOf { .. } | Target::Tenant => "/rights".to_owned(),
        };
        let args = [("href", href), ("inner", labels.target(inner)), ("thing", labels.target(target))];
        timeline = timeline.item(Tone::Plain, icon, marked(reader, id, &args), "");
    }
    let args = [("href", format!("/rights/{grant}"))];
    timeline = timeline.item(Tone::Good, "shield-check", marked(reader, "rights-why-grant", &args), "");
    if decision.policies.iter().any(|policy| !policy.starts_with("base.")) || decision.allowed {
        timeline = timeline.item(Tone::Good, "gavel", t.get("rights-why-rules-passed"), "");
    }
    timeline
}

fn marked(reader: &Reader, id: &str, args: &[(&str, String)]) -> Markup {
    let args: Vec<(&str, &str)> = args.iter().map(|(name, value)| (*name, value.as_str())).collect();
    reader.texts().markup(id, &args)
}

fn icon(reason: &Reason) -> &'static str {
    match reason {
        Reason::GrantedBy { .. } => "shield-check",
        Reason::NoGrant => "shield",
        Reason::NoSuchResource => "help-circle",
        Reason::PersonBarred => "user-off",
        Reason::NotYet { .. } | Reason::Expired { .. } => "hourglass",
        Reason::OutsideSchedule { .. } => "calendar-off",
        Reason::StepUpNeeded { .. } => "fingerprint",
        Reason::NetworkNotAllowed { .. } => "wifi-off",
        Reason::SecondPersonNeeded { .. } => "users",
        Reason::ForbiddenByRule { .. } | Reason::RuleFailed { .. } => "gavel",
    }
}

/// One reason against, as a sentence that says what would help.
pub(crate) fn sentence(reader: &Reader, labels: &Labels<'_>, reason: &Reason, zone: &str) -> Markup {
    let href = reason.grant().map_or_else(|| "/rights".to_owned(), |grant| format!("/rights/{grant}"));
    let time = |at| reader.time(at, zone).words();
    let rule = reason.rule().unwrap_or_default().to_owned();
    let args = |more: &[(&'static str, String)]| {
        let mut args = vec![("href", href.clone())];
        args.extend(more.iter().cloned());
        args
    };
    let (id, args) = match reason {
        Reason::GrantedBy { .. } => ("rights-why-grant", args(&[])),
        Reason::NoGrant => ("rights-why-no-grant", args(&[])),
        Reason::NoSuchResource => ("rights-why-no-resource", args(&[])),
        Reason::PersonBarred => ("rights-why-barred", args(&[])),
        Reason::NotYet { from, .. } => ("rights-why-not-yet", args(&[("when", time(*from))])),
        Reason::Expired { since, .. } => ("rights-why-expired", args(&[("when", time(*since))])),
        Reason::OutsideSchedule { schedule, next: Some(next), .. } => {
            let named = [("schedule", labels.schedule(*schedule)), ("when", time(next.from))];
            ("rights-why-outside", args(&named))
        }
        Reason::OutsideSchedule { schedule, next: None, .. } => {
            ("rights-why-shut", args(&[("schedule", labels.schedule(*schedule))]))
        }
        Reason::StepUpNeeded { within_s, .. } => {
            ("rights-why-step-up", args(&[("minutes", within_s.div_ceil(60).to_string())]))
        }
        Reason::NetworkNotAllowed { .. } => ("rights-why-network", args(&[])),
        Reason::SecondPersonNeeded { .. } => ("rights-why-second", args(&[])),
        Reason::ForbiddenByRule { .. } => ("rights-why-rule", args(&[("rule", rule)])),
        Reason::RuleFailed { .. } => ("rights-why-rule-failed", args(&[("rule", rule)])),
    };
    marked(reader, id, &args)
}
