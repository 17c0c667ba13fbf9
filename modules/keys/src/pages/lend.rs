//! Lending from the picture of the box: pick a key, then a person; or drag the key's tag onto the person. Without scripts
//! it is a form whose buttons are people.

use axum::extract::{Path, State};
use sekisho_kernel::PersonId;
use sekisho_web::parts::{Card, Field};
use sekisho_web::{Asker, Form, Markup, Result, Texts, WebError, from_local};
use serde::Deserialize;

use super::{back_with, seen_box};
use crate::ids::{BoxId, KeyId};
use crate::reads::{BoxRow, Sight, Stock};
use crate::{Keys, Lend};

/// More people than this are found by typing; all of them are in the page.
const WITHOUT_FILTER: usize = 8;

/// The card beside the picture; nothing when there is no key here that the viewer manages.
pub(super) fn card(
    t: &Texts,
    sight: &Sight,
    stock: &Stock,
    place: &BoxRow,
    people: &[(String, String)],
) -> Markup {
    let here: Vec<_> = stock
        .keys
        .iter()
        .filter(|key| {
            (key.box_id == Some(place.id) || key.home_box == Some(place.id)) && sight.manages_key(key.id)
        })
        .collect();
    if here.is_empty() {
        return Markup::default();
    }
    let first = [(String::new(), t.get("keys-choose"))];
    let which = Field::select("key", t.get("keys-lend-which"))
        .options(first.into_iter().chain(here.iter().map(|key| (key.id.to_string(), key.name.clone()))))
        .required();
    let buttons = people.iter().fold(String::new(), |all, (id, name)| {
        let id = Markup::text(id);
        let name = Markup::text(name);
        format!(
            "{all}<button class=\"lend-person\" type=\"submit\" name=\"to\" value=\"{id}\"><span class=\"face\" data-letter=\"{}\"></span><span>{name}</span></button>",
            Markup::text(name.as_str().chars().take(1).collect::<String>())
        )
    });
    let filter = if people.len() > WITHOUT_FILTER {
        format!(
            "<input type=\"search\" class=\"lend-filter\" data-lend-filter hidden aria-label=\"{0}\" placeholder=\"{0}\" autocomplete=\"off\">",
            Markup::text(t.get("keys-lend-find"))
        )
    } else {
        String::new()
    };
    let until = Field::date_time("until", t.get("keys-lend-until"))
        .optional(t.get("optional"))
        .hint(t.with("keys-zone-hint", [("zone", &*place.zone)]));
    let form = Markup::raw(format!(
        "<form class=\"lend\" method=\"post\" action=\"/keys/boxes/{}/lend\" data-lend>{which}<fieldset class=\"lend-people\"><legend>{}</legend>{filter}<div class=\"lend-list\">{buttons}</div></fieldset>{until}<p class=\"hint\">{}</p></form>",
        place.id,
        Markup::text(t.get("keys-lend-whom")),
        Markup::text(t.get("keys-lend-hint")),
    ));
    Card::new(t.get("keys-lend")).id("lend").body(form).into()
}

#[derive(Deserialize)]
pub(super) struct Sent {
    key: Option<KeyId>,
    to: Option<PersonId>,
    until: String,
}

/// Gives the person the right to take the key, with a way back.
pub(super) async fn lend(
    asker: Asker,
    State(keys): State<Keys>,
    Path(id): Path<BoxId>,
    sent: Form<Sent>,
) -> Result {
    let here = format!("/keys/boxes/{id}");
    let (_, stock) = seen_box(&asker, &keys, id).await?;
    let place = stock.place(id).ok_or_else(WebError::missing)?;
    let sent = match sent.take() {
        Ok(sent) => sent,
        Err(error) => return back_with(&asker, error, &here),
    };
    let (Some(key), Some(to)) = (sent.key, sent.to) else {
        return back_with(&asker, WebError::invalid("key", "keys-lend-choose"), &here);
    };
    let until = match sent.until.trim() {
        "" => None,
        typed => match from_local(typed, &place.zone) {
            Some(until) => Some(until),
            None => return back_with(&asker, WebError::invalid("until", "keys-error-time"), &here),
        },
    };
    match crate::lend(&keys, &asker.cx, Lend { key, to, until, note: String::new() }).await {
        Ok(grant) => Ok(asker.done_with_undo("keys-lent", here, Some(&format!("/rights/{grant}/withdraw")))),
        Err(error) => back_with(&asker, error.into(), &here),
    }
}
