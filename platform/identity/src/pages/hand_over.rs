//! A one-time URL that an administrator hands over: asked for on a person's settings, shown once.

use axum::extract::{Path, State};
use sekisho_kernel::Timestamp;
use sekisho_web::parts::{Alert, Button, Card, Confirm, Field, Tone};
use sekisho_web::{Asker, Form, Markup, Page, Reader, Result, Sheet, Texts};
use serde::Deserialize;

use super::person::{find, view};
use super::to_step_up;
use crate::{HandOverLinkError, Identity, Person};

#[derive(Debug, Default, Deserialize)]
#[serde(default)]
pub(super) struct Typed {
    lost_app: bool,
}

/// The button that asks for the link, with what it does.
pub(super) fn ask(t: &Texts, person: &Person) -> Markup {
    Confirm::new(
        format!("/people/{}/link", person.id),
        t.get("identity-link"),
        t.with("identity-link-question", [("name", person.name.as_str())]),
        t.get("identity-link-do"),
    )
    .field(
        Field::checkbox("lost_app", t.get("identity-link-lost-app"))
            .hint(t.get("identity-link-lost-app-hint")),
    )
    .icon("link")
    .into()
}

pub(super) async fn hand_over(
    asker: Asker,
    State(identity): State<Identity>,
    Path(person): Path<String>,
    form: Form<Typed>,
) -> Result {
    let by = identity.administrator(&asker.cx).await?;
    let person = find(&identity, &asker, &person).await?;
    match identity.hand_over_link(&asker.cx, by, person.id, form.take()?.lost_app).await {
        Ok(link) => {
            let url = link.url.expose().to_owned();
            Ok(asker.show(&HandOverPage { person, url, until: link.expires_at }))
        }
        Err(HandOverLinkError::StepUp) => Ok(to_step_up(&asker, &format!("/people/{}/settings", person.id))),
        Err(error) => Err(error.into()),
    }
}

/// The link, shown this once.
pub(super) struct HandOverPage {
    pub(super) person: Person,
    pub(super) url: String,
    pub(super) until: Timestamp,
}

impl Page for HandOverPage {
    fn draw(&self, reader: &Reader) -> Sheet {
        let t = reader.texts();
        let until = reader.time(self.until, reader.zone()).words();
        let keep = t.with("identity-link-keep", [("name", self.person.name.as_str()), ("when", &until)]);
        let url = Markup::raw(format!("<p><code class=\"secret\">{}</code></p>", Markup::text(&self.url)));
        let back = Button::link(format!("/people/{}", self.person.id), t.get("identity-back"));
        view(reader, &self.person, "/settings")
            .body(Card::new(t.get("identity-link")).body(Alert::new(Tone::Warn, keep)).body(url).footer(back))
    }
}
