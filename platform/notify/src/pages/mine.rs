//! `/me/notices`: by which means I am told what, and which of my browsers take push messages.

use std::collections::HashMap;

use axum::extract::{Path, State};
use sekisho_web::parts::{Button, Card, Column, Empty, Field, FormBox, Row, Table};
use sekisho_web::{Asker, Form, FormState, Markup, Page, Reader, Result, Sheet, Texts};

use crate::mine::{Browser, NoticeKind};
use crate::{Means, Notify, SubscriptionId};

/// Means a person can choose; chat channels belong to the tenant.
const CHOICES: [Means; 3] = [Means::Mail, Means::Push, Means::Sms];

/// My choices.
pub(crate) async fn show(asker: Asker, State(notify): State<Notify>) -> Result {
    let person = asker.person()?;
    let chosen = notify.preferences(&asker.cx, person).await?;
    let kinds = notify.kinds().into_iter().map(|kind| {
        let now = chosen.get(kind.kind).cloned().unwrap_or_else(|| vec![Means::Mail, Means::Push]);
        (kind, now)
    });
    let kinds = kinds.collect();
    let push_key = notify.push_key(&asker.cx).await?;
    let browsers = notify.browsers(&asker.cx, person).await?;
    Ok(asker.show(&Mine { kinds, push_key, browsers }))
}

/// What one wants to hear of, and by which means.
pub(super) struct Mine {
    /// The kinds of messages with the means chosen for each.
    pub(super) kinds: Vec<(NoticeKind, Vec<Means>)>,
    pub(super) push_key: String,
    pub(super) browsers: Vec<Browser>,
}

impl Page for Mine {
    fn draw(&self, reader: &Reader) -> Sheet {
        let t = reader.texts();
        let body = Markup::from(Card::new(t.get("notify-mine-kinds")).body(self.choices(&t)))
            .then(Card::new(t.get("notify-browsers")).body(self.push(&t).then(self.browsers(reader, &t))));
        reader.sheet("notify-mine").crumb("/me", "notify-me").body(body)
    }
}

impl Mine {
    fn choices(&self, t: &Texts) -> Markup {
        if self.kinds.is_empty() {
            return Empty::new(t.get("notify-kinds-none"), t.get("notify-kinds-text")).icon("bell").into();
        }
        let form = FormBox::post("/me/notices", &FormState::empty(), t);
        let form = self.kinds.iter().fold(form, |form, (kind, now)| {
            let ticked =
                now.iter().fold(FormState::empty(), |ticked, means| ticked.with(kind.kind, means.word()));
            let words = CHOICES.map(|means| (means.word(), t.get(&format!("notify-means-{}", means.word()))));
            form.add(Field::checkboxes(kind.kind, t.get(kind.text)).options(words).from(&ticked, t))
        });
        form.submit(t.get("notify-save")).into()
    }

    fn push(&self, t: &Texts) -> Markup {
        let button = |text: &str, act: &str| {
            Button::submit(t.get(text)).attr("type", "button").attr("data-push-do", act)
        };
        let key = Markup::text(&self.push_key);
        Markup::raw(format!("<div data-push=\"off\" data-push-key=\"{key}\" hidden>"))
            .then(button("notify-push-on", "on").icon("bell"))
            .then(button("notify-push-off", "off").plain())
            .then(Markup::raw("</div>"))
    }

    fn browsers(&self, reader: &Reader, t: &Texts) -> Table {
        let rows = self.browsers.iter().map(|browser| {
            let remove =
                Button::post(format!("/me/notices/browsers/{}/remove", browser.id), t.get("notify-remove"))
                    .quiet()
                    .small();
            Row::new().cell(&browser.agent).cell(reader.time(browser.created_at, reader.zone())).cell(remove)
        });
        let columns = [
            Column::new(t.get("notify-browser")),
            Column::new(t.get("notify-since")),
            Column::new("").narrow(),
        ];
        Table::new(t.get("notify-browsers"), columns).rows(rows).empty(
            Empty::new(t.get("notify-browsers-none"), t.get("notify-browsers-text")).icon("device-mobile"),
        )
    }
}

/// Keeps my choices. A kind without any ticked box is switched off.
pub(crate) async fn save(
    asker: Asker,
    State(notify): State<Notify>,
    form: Form<HashMap<String, Vec<String>>>,
) -> Result {
    let ticked = form.take()?;
    let person = asker.person()?;
    for kind in notify.kinds() {
        let means: Vec<Means> = ticked
            .get(kind.kind)
            .into_iter()
            .flatten()
            .filter_map(|word| Means::from_word(word))
            .filter(|means| CHOICES.contains(means))
            .collect();
        notify.prefer(&asker.cx, person, kind.kind, &means).await?;
    }
    Ok(asker.done("notify-saved", "/me/notices"))
}

/// Ends one of my browsers' subscriptions.
pub(crate) async fn remove(
    asker: Asker,
    State(notify): State<Notify>,
    Path(id): Path<SubscriptionId>,
) -> Result {
    notify.unsubscribe(&asker.cx, asker.person()?, Ok(id)).await?;
    Ok(asker.done("notify-removed", "/me/notices"))
}
