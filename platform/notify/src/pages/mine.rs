//! `/me/notices`: by which means I am told what, and which of my browsers take push messages.

use std::collections::HashMap;

use axum::extract::{Path, State};
use sekisho_web::parts::{Button, Card, Column, Empty, Field, FormBox, Row, Table};
use sekisho_web::{Asker, Form, FormState, Markup, Result};

use crate::{Means, Notify, SubscriptionId};

/// Means a person can choose; chat channels belong to the tenant.
const CHOICES: [Means; 3] = [Means::Mail, Means::Push, Means::Sms];

/// My choices.
pub(crate) async fn show(asker: Asker, State(notify): State<Notify>) -> Result {
    let t = asker.texts();
    let person = asker.person()?;
    let chosen = notify.preferences(&asker.cx, person).await?;
    let state = FormState::empty();
    let mut form = FormBox::post("/me/notices", &state, &t);
    for kind in notify.kinds() {
        let now = chosen.get(kind.kind).cloned().unwrap_or_else(|| vec![Means::Mail, Means::Push]);
        let mut ticked = FormState::empty();
        for means in &now {
            ticked = ticked.with(kind.kind, means.word());
        }
        let words = CHOICES.map(|means| (means.word(), t.get(&format!("notify-means-{}", means.word()))));
        form = form.add(Field::checkboxes(kind.kind, t.get(kind.text)).options(words).from(&ticked, &t));
    }
    let form = form.submit(t.get("notify-save"));
    let choices = if notify.kinds().is_empty() {
        Markup::from(Empty::new(t.get("notify-kinds-none"), t.get("notify-kinds-text")).icon("bell"))
    } else {
        form.into()
    };
    let key = Markup::text(notify.push_key(&asker.cx).await?);
    let push = Markup::raw(format!("<div data-push=\"off\" data-push-key=\"{key}\" hidden>"))
        .then(
            Button::submit(t.get("notify-push-on"))
                .attr("type", "button")
                .attr("data-push-do", "on")
                .icon("bell"),
        )
        .then(
            Button::submit(t.get("notify-push-off"))
                .plain()
                .attr("type", "button")
                .attr("data-push-do", "off"),
        )
        .then(Markup::raw("</div>"));
    let rows = notify.browsers(&asker.cx, person).await?.into_iter().map(|browser| {
        let remove =
            Button::post(format!("/me/notices/browsers/{}/remove", browser.id), t.get("notify-remove"))
                .quiet()
                .small();
        Row::new().cell(&browser.agent).cell(asker.time(browser.created_at, asker.zone())).cell(remove)
    });
    let table = Table::new(
        t.get("notify-browsers"),
        [Column::new(t.get("notify-browser")), Column::new(t.get("notify-since")), Column::new("").narrow()],
    )
    .rows(rows)
    .empty(Empty::new(t.get("notify-browsers-none"), t.get("notify-browsers-text")).icon("device-mobile"));
    let page = Markup::from(Card::new(t.get("notify-mine-kinds")).body(choices))
        .then(Card::new(t.get("notify-browsers")).body(push.then(table)));
    Ok(asker.view("notify-mine").crumb("/me", "notify-me").show_markup(page))
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
