//! `/keys/groups`: groups of keys and what is in them.

use axum::extract::{Path, State};
use sekisho_web::parts::{Button, Card, Confirm, Empty, Field, FormBox, Grid};
use sekisho_web::{Asker, Form, FormState, IfMatch, Markup, Page, Reader, Result, Sheet, Texts};
use serde::Deserialize;

use super::{back_with, seen};
use crate::Keys;
use crate::ids::{KeyGroupId, KeyId};
use crate::reads::{GroupRow, Sight, Stock};

const HERE: &str = "/keys/groups";

#[derive(Deserialize)]
pub(super) struct Named {
    name: String,
}

#[derive(Deserialize)]
pub(super) struct Keyed {
    key: KeyId,
}

/// The page.
pub(super) async fn show(asker: Asker, State(keys): State<Keys>) -> Result {
    let (sight, stock) = seen(&asker, &keys).await?;
    Ok(asker.show(&Groups { sight, stock }))
}

/// The groups of keys.
pub(super) struct Groups {
    pub(super) sight: Sight,
    pub(super) stock: Stock,
}

impl Page for Groups {
    fn draw(&self, reader: &Reader) -> Sheet {
        let t = reader.texts();
        let groups = &self.stock.groups;
        let mut body =
            Markup::raw(format!("<p class=\"muted\">{}</p>", Markup::text(t.get("keys-groups-text"))));
        body = if groups.is_empty() {
            body.then(Empty::new(t.get("keys-no-groups"), t.get("keys-no-groups-text")).icon("tag"))
        } else {
            body.then(groups.iter().fold(Grid::cards(), |grid, group| grid.add(self.card(&t, group))))
        };
        if self.sight.all {
            let add = FormBox::post(HERE, &FormState::empty(), &t)
                .add(
                    Field::text("name", t.get("name"))
                        .required()
                        .attr("maxlength", 100)
                        .placeholder(t.get("keys-group-example")),
                )
                .submit(t.get("keys-group-add"));
            body = body.then(Card::new(t.get("keys-group-add")).body(add));
        }
        reader.sheet("keys-groups").crumb("/keys", "keys-title").body(body)
    }
}

impl Groups {
    fn card(&self, t: &Texts, group: &GroupRow) -> Card {
        let manages = self.sight.manages_group(group.id);
        let inside = group.keys.iter().filter_map(|id| self.stock.key(*id)).fold(
            Markup::raw("<ul class=\"plain-list\">"),
            |all, key| {
                let link =
                    Markup::raw(format!("<a href=\"/keys/{}\">{}</a>", key.id, Markup::text(&key.name)));
                let out = manages.then(|| {
                    FormBox::post(format!("{HERE}/{}/take", group.id), &FormState::empty(), t)
                        .add(Field::hidden("key", key.id))
                        .button(Button::submit(t.get("keys-group-take")).quiet().small().icon("x"))
                });
                all.then(Markup::raw("<li>")).then(link).then(out).then(Markup::raw("</li>"))
            },
        );
        let card = Card::new(&*group.name).body(inside.then(Markup::raw("</ul>")));
        if manages { card.footer(self.acts(t, group)) } else { card }
    }

    /// What its manager can do with a group.
    fn acts(&self, t: &Texts, group: &GroupRow) -> Markup {
        let others = self
            .stock
            .keys
            .iter()
            .filter(|key| !group.keys.contains(&key.id) && self.sight.manages_key(key.id));
        let put = FormBox::post(format!("{HERE}/{}/put", group.id), &FormState::empty(), t)
            .add(
                Field::select("key", t.get("keys-key"))
                    .options(others.map(|key| (key.id.to_string(), key.name.clone()))),
            )
            .submit(t.get("keys-group-put"));
        let rename = FormBox::post(format!("{HERE}/{}/name", group.id), &FormState::empty(), t)
            .add(Field::text("name", t.get("name")).value(&group.name).required())
            .submit(t.get("save"));
        let remove = Confirm::new(
            format!("{HERE}/{}/remove", group.id),
            t.get("delete"),
            t.get("keys-group-remove-question"),
            t.get("keys-group-remove-do"),
        )
        .small();
        let more = Markup::raw(format!("<details><summary>{}</summary>", Markup::text(t.get("edit"))))
            .then(rename)
            .then(remove)
            .then(Markup::raw("</details>"));
        Markup::from(put).then(more)
    }
}

/// Makes a group.
pub(super) async fn add(asker: Asker, State(keys): State<Keys>, sent: Form<Named>) -> Result {
    match crate::add_group(&keys, &asker.cx, &sent.take()?.name).await {
        Ok(_) => Ok(asker.done("keys-group-added", HERE)),
        Err(error) => back_with(&asker, error.into(), HERE),
    }
}

/// Renames it.
pub(super) async fn rename(
    asker: Asker,
    State(keys): State<Keys>,
    Path(id): Path<KeyGroupId>,
    sent: Form<Named>,
) -> Result {
    match crate::rename_group(&keys, &asker.cx, id, &sent.take()?.name, &IfMatch::ANY).await {
        Ok(()) => Ok(asker.done("keys-saved", HERE)),
        Err(error) => back_with(&asker, error.into(), HERE),
    }
}

/// Puts a key in.
pub(super) async fn put(
    asker: Asker,
    State(keys): State<Keys>,
    Path(id): Path<KeyGroupId>,
    sent: Form<Keyed>,
) -> Result {
    match crate::put_in_group(&keys, &asker.cx, id, sent.take()?.key).await {
        Ok(()) => Ok(asker.done("keys-saved", HERE)),
        Err(error) => back_with(&asker, error.into(), HERE),
    }
}

/// Takes a key out.
pub(super) async fn take(
    asker: Asker,
    State(keys): State<Keys>,
    Path(id): Path<KeyGroupId>,
    sent: Form<Keyed>,
) -> Result {
    match crate::take_from_group(&keys, &asker.cx, id, sent.take()?.key).await {
        Ok(()) => Ok(asker.done("keys-saved", HERE)),
        Err(error) => back_with(&asker, error.into(), HERE),
    }
}

/// Removes it.
pub(super) async fn remove(asker: Asker, State(keys): State<Keys>, Path(id): Path<KeyGroupId>) -> Result {
    match crate::remove_group(&keys, &asker.cx, id, &IfMatch::ANY).await {
        Ok(()) => Ok(asker.done("keys-group-removed", HERE)),
        Err(error) => back_with(&asker, error.into(), HERE),
    }
}
