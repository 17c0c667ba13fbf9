//! `/settings/visitors/retention`: how long visits are kept, and what that would take away now.

use axum::extract::State;
use axum::http::StatusCode;
use sekisho_host::{SettingsEntry, SettingsGroup};
use sekisho_web::gallery::{Sample, Sampler, drawn};
use sekisho_web::parts::{Alert, Button, Card, Field, FormBox, Tone};
use sekisho_web::{Asker, Form, FormState, IfMatch, Markup, Page, Reader, Result, Sheet, Texts, WebError};
use serde::Deserialize;

use super::{MOST_DAYS, Retention, Rule, WouldGo, fields, load, save_retention, would_go};
use crate::Visitors;
use crate::tables::words::VisitKind;

const HERE: &str = "/settings/visitors/retention";

/// Where it is found.
pub(crate) const SETTINGS: [SettingsEntry; 1] = [SettingsEntry::new(
    SettingsGroup::Things,
    "visitors-retention",
    "visitors-retention-about",
    HERE,
    "trash",
)
.for_administrators()];

/// The pages that have samples.
pub(crate) fn samplers() -> Vec<Sampler> {
    vec![drawn::<RetentionPage>]
}

/// The page.
pub(super) async fn show(asker: Asker, State(visitors): State<Visitors>) -> Result {
    let (rules, version) = load(&visitors.store.read(asker.cx.tenant).await?).await?;
    let state = state_of(&rules, version);
    Ok(asker.show(&RetentionPage { state, would: None, status: StatusCode::OK }))
}

#[derive(Deserialize)]
pub(super) struct Sent {
    version: Option<i64>,
    /// Only to see what would go.
    look: bool,
    guest_forget: Option<u32>,
    guest_remove: Option<u32>,
    colleague_forget: Option<u32>,
    colleague_remove: Option<u32>,
    delivery_forget: Option<u32>,
    delivery_remove: Option<u32>,
    interview_forget: Option<u32>,
    interview_remove: Option<u32>,
    contractor_forget: Option<u32>,
    contractor_remove: Option<u32>,
}

impl Sent {
    fn rules(&self) -> Retention {
        let rule = |forget_after_days, remove_after_days| Rule { forget_after_days, remove_after_days };
        Retention {
            guest: rule(self.guest_forget, self.guest_remove),
            colleague: rule(self.colleague_forget, self.colleague_remove),
            delivery: rule(self.delivery_forget, self.delivery_remove),
            interview: rule(self.interview_forget, self.interview_remove),
            contractor: rule(self.contractor_forget, self.contractor_remove),
        }
    }
}

/// Says how long, or what that would take away.
pub(super) async fn save(asker: Asker, State(visitors): State<Visitors>, sent: Form<Sent>) -> Result {
    let by = visitors.identity.administrator(&asker.cx).await?;
    let (sent, state) = sent.split();
    let done = match sent {
        Ok(sent) if sent.look => would_go(&visitors, &asker.cx, by, &sent.rules()).await.map(Some),
        Ok(sent) => {
            let seen = sent.version.map_or(IfMatch::ANY, IfMatch::seen);
            save_retention(&visitors, &asker.cx, by, sent.rules(), &seen).await.map(|()| None)
        }
        Err(error) => return failed(&asker, state, error),
    };
    match done {
        Ok(None) => Ok(asker.done("visitors-saved", HERE)),
        Ok(would) => Ok(asker.show(&RetentionPage { state, would, status: StatusCode::OK })),
        Err(error) => failed(&asker, state, error.into()),
    }
}

fn failed(asker: &Asker, state: FormState, error: WebError) -> Result {
    let state = state.failed(error)?;
    Ok(asker.show(&RetentionPage { state, would: None, status: StatusCode::UNPROCESSABLE_ENTITY }))
}

fn state_of(rules: &Retention, version: i64) -> FormState {
    let state = FormState::empty().with("version", version);
    VisitKind::ALL.iter().copied().fold(state, |state, kind| {
        let (rule, [forget, remove]) = (rules.of(kind), fields(kind));
        let shown = |days: Option<u32>| days.map(|days| days.to_string()).unwrap_or_default();
        state.with(forget, shown(rule.forget_after_days)).with(remove, shown(rule.remove_after_days))
    })
}

/// The form, and what its rules would take away.
struct RetentionPage {
    state: FormState,
    would: Option<WouldGo>,
    status: StatusCode,
}

impl Page for RetentionPage {
    fn draw(&self, reader: &Reader) -> Sheet {
        let t = reader.texts();
        let mut form =
            FormBox::post(HERE, &self.state, &t).add(Field::hidden("version", self.state.value("version")));
        for &kind in VisitKind::ALL {
            let [forget, remove] = fields(kind);
            form = form.heading(t.get(&format!("visitors-kind-{}", kind.word()))).beside([
                self.days(&t, forget, "visitors-keep-forget"),
                self.days(&t, remove, "visitors-keep-remove"),
            ]);
        }
        let look =
            Button::submit(t.get("visitors-keep-look")).plain().attr("name", "look").attr("value", "true");
        let form = form.button(look).submit(t.get("save"));
        let sheet =
            reader.sheet("visitors-retention").crumb("/settings", "settings-title").status(self.status);
        let lead =
            Markup::raw(format!("<p class=\"hint\">{}</p>", Markup::text(t.get("visitors-retention-lead"))));
        let would =
            self.would.as_ref().map(|would| Markup::from(self.would_go(&t, would))).unwrap_or_default();
        sheet.body(would.then(Card::plain().body(lead.then(form))))
    }
}

impl RetentionPage {
    fn days(&self, t: &Texts, name: &'static str, label: &str) -> Field {
        Field::number(name, t.get(label))
            .optional(t.get("visitors-keep-for-ever"))
            .from(&self.state, t)
            .short()
            .attr("min", 1)
            .attr("max", MOST_DAYS)
    }

    fn would_go(&self, t: &Texts, would: &WouldGo) -> Alert {
        let args = [("guests", would.guests.to_string()), ("visits", would.visits.to_string())];
        let tone = if would.guests + would.visits > 0 { Tone::Warn } else { Tone::Info };
        Alert::new(tone, t.with("visitors-keep-would", &args))
    }
}

impl Sample for RetentionPage {
    fn samples() -> Vec<(&'static str, Self)> {
        let rule = |forget, remove| Rule { forget_after_days: Some(forget), remove_after_days: Some(remove) };
        let rules = Retention { guest: rule(90, 730), interview: rule(30, 180), ..Retention::default() };
        let page = |would| Self { state: state_of(&rules, 3), would, status: StatusCode::OK };
        vec![
            (HERE, page(None)),
            ("/settings/visitors/retention: would go", page(Some(WouldGo { guests: 412, visits: 1_870 }))),
        ]
    }
}
