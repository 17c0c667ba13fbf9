//! "What needs me?" on the first page, as far as the platform's own rooms know: refusals that look like mistakes, rights
//! about to end, devices that fell silent, messages that could not be delivered.

use std::collections::{HashMap, HashSet};
use std::time::Duration;

use async_trait::async_trait;
use sekisho_audit::Audit;
use sekisho_devices::rollout::{Progress, RolloutState};
use sekisho_devices::{DeviceKind, DeviceState, Rollout};
use sekisho_policy::{Subject, Target};
use sekisho_web::parts::{Button, Card, Timeline, Tone};
use sekisho_web::{Asker, Markup, Result, arg};

use crate::foundation::Foundation;
use crate::today::{Question, TodayCard};

/// Rights that end within so long are named.
const SOON: Duration = Duration::from_secs(7 * 86_400);
/// So many of the newest rollouts are looked at.
const ROLLOUTS: u64 = 20;
/// At most so many lines of a kind.
const SHOWN: usize = 5;

/// Refusals that look like mistakes.
pub(crate) struct Mistakes(pub(crate) Audit);

#[async_trait]
impl TodayCard for Mistakes {
    fn question(&self) -> Question {
        Question::WhatNeedsMe
    }

    async fn card(&self, asker: &Asker) -> Result<Option<Markup>> {
        self.0.mistakes(asker).await
    }
}

/// Rights that end soon.
pub(crate) struct EndingRights(pub(crate) Foundation);

#[async_trait]
impl TodayCard for EndingRights {
    fn question(&self) -> Question {
        Question::WhatNeedsMe
    }

    fn changes_with(&self) -> &'static [&'static str] {
        &["policy.rights_changed"]
    }

    async fn card(&self, asker: &Asker) -> Result<Option<Markup>> {
        let Foundation { policy, store, identity, .. } = &self.0;
        let now = asker.cx.now;
        let ends = |at: sekisho_kernel::Timestamp| at > now && at <= now.plus(SOON);
        let mut ending =
            policy.standing(&asker.cx, |grant| grant.terms.valid_until.is_some_and(ends)).await?;
        if ending.is_empty() {
            return Ok(None);
        }
        ending.sort_by_key(|grant| grant.terms.valid_until);
        let count = ending.len();
        ending.truncate(SHOWN);
        let scope = store.read(asker.cx.tenant).await?;
        let people: Vec<_> = ending
            .iter()
            .filter_map(|grant| match grant.terms.subject {
                Subject::Person(id) => Some(id),
                Subject::Group(_) => None,
            })
            .collect();
        let people = identity.display_names(&scope, &people).await?;
        let groups: HashMap<_, _> =
            identity.groups(&scope).await?.into_iter().map(|group| (group.id, group.name)).collect();
        let things: Vec<_> = ending
            .iter()
            .filter_map(|grant| match &grant.terms.target {
                Target::Resource { id } => Some(*id),
                Target::AllOf { .. } | Target::Tenant => None,
            })
            .collect();
        let things = policy.named(&scope, &things).await?;
        drop(scope);
        let t = asker.texts();
        let timeline = ending.iter().fold(Timeline::new(), |timeline, grant| {
            let who = match grant.terms.subject {
                Subject::Person(id) => people.get(&id).cloned(),
                Subject::Group(id) => groups.get(&id).cloned(),
            };
            let what = match &grant.terms.target {
                Target::Resource { id } => things.get(id).map(|thing| thing.name.clone()),
                Target::AllOf { .. } | Target::Tenant => None,
            };
            let what = what.unwrap_or_else(|| t.get("today-many-things"));
            let words =
                t.with("today-right-ends", [("who", arg(who.unwrap_or_default())), ("what", arg(what))]);
            let link = Markup::raw(format!("<a href=\"/rights/{}\">{}</a>", grant.id, Markup::text(words)));
            let when = grant.terms.valid_until.map(|at| asker.time(at, asker.zone()).relative());
            timeline.item(Tone::Info, "hourglass", link, Markup::from(when))
        });
        let more = Button::link("/rights", t.get("details")).quiet().small();
        Ok(Some(Card::new(t.count("today-rights-ending", count)).action(more).body(timeline).into()))
    }
}

/// Devices that should speak and do not. Boxes of keys are named by their own module, with the way to the box.
pub(crate) struct SilentDevices(pub(crate) Foundation);

#[async_trait]
impl TodayCard for SilentDevices {
    fn question(&self) -> Question {
        Question::WhatNeedsMe
    }

    fn changes_with(&self) -> &'static [&'static str] {
        &["devices.went_offline", "devices.came_back"]
    }

    async fn card(&self, asker: &Asker) -> Result<Option<Markup>> {
        let scope = self.0.store.read(asker.cx.tenant).await?;
        let mut silent = self.0.devices.devices(&scope).await?;
        drop(scope);
        silent.retain(|device| device.kind != DeviceKind::Smartbox && device.state() == DeviceState::Offline);
        if silent.is_empty() {
            return Ok(None);
        }
        let t = asker.texts();
        let timeline = silent.iter().take(SHOWN).fold(Timeline::new(), |timeline, device| {
            let link = Markup::raw(format!(
                "<a href=\"/devices/{}\">{}</a>",
                device.id,
                Markup::text(t.with("today-silent", [("name", &*device.name)]))
            ));
            let since = device.last_seen.map(|at| asker.time(at, asker.zone()).relative());
            timeline.item(Tone::Warn, "wifi-off", link, Markup::from(since))
        });
        let more = Button::link("/devices", t.get("details")).quiet().small();
        Ok(Some(Card::new(t.count("today-silent-devices", silent.len())).action(more).body(timeline).into()))
    }
}

/// Rollouts of updates that stopped by themselves within the last week, unless another of the same hardware came later.
pub(crate) struct HaltedRollouts(pub(crate) Foundation);

#[async_trait]
impl TodayCard for HaltedRollouts {
    fn question(&self) -> Question {
        Question::WhatNeedsMe
    }

    fn changes_with(&self) -> &'static [&'static str] {
        &["devices.rollout_halted"]
    }

    async fn card(&self, asker: &Asker) -> Result<Option<Markup>> {
        let rollouts = self.0.devices.rollouts(&asker.cx, ROLLOUTS).await?;
        let mut seen = HashSet::new();
        let week_ago = asker.cx.now.minus(SOON);
        // The newest first: an older one of the same hardware has been dealt with.
        let halted = |one: &&Rollout| {
            seen.insert(one.hardware.clone())
                && one.state == RolloutState::Halted
                && one.ended_at.is_some_and(|at| at > week_ago)
        };
        let halted: Vec<&Rollout> = rollouts.iter().filter(halted).collect();
        if halted.is_empty() {
            return Ok(None);
        }
        let t = asker.texts();
        let timeline = halted.iter().take(SHOWN).fold(Timeline::new(), |timeline, one| {
            let failed = one.count(Progress::is_error);
            let words =
                t.with("today-rollout-halted", [("image", arg(&*one.image)), ("failed", arg(failed))]);
            let link =
                Markup::raw(format!("<a href=\"/devices/updates/{}\">{}</a>", one.id, Markup::text(words)));
            let when = one.ended_at.map(|at| asker.time(at, asker.zone()).relative());
            timeline.item(Tone::Danger, "alert-triangle", link, Markup::from(when))
        });
        let more = Button::link("/devices/updates", t.get("details")).quiet().small();
        Ok(Some(Card::new(t.count("today-rollouts-halted", halted.len())).action(more).body(timeline).into()))
    }
}

/// Messages that could not be delivered.
pub(crate) struct DeadLetters(pub(crate) Foundation);

#[async_trait]
impl TodayCard for DeadLetters {
    fn question(&self) -> Question {
        Question::WhatNeedsMe
    }

    async fn card(&self, asker: &Asker) -> Result<Option<Markup>> {
        let scope = self.0.store.read(asker.cx.tenant).await?;
        let dead = sekisho_notify::undelivered(&scope).await?;
        if dead == 0 {
            return Ok(None);
        }
        let t = asker.texts();
        let body = Markup::raw(format!("<p>{}</p>", Markup::text(t.get("today-dead-letters-text"))));
        let action = Button::link("/settings/notices?state=dead", t.get("today-look")).small();
        let dead = usize::try_from(dead).unwrap_or(usize::MAX);
        Ok(Some(Card::new(t.count("today-dead-letters", dead)).action(action).body(body).into()))
    }
}
