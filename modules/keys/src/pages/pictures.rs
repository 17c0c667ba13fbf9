//! What boxes' cameras took: the picture with the sentence of its event, who has looked at it, deleting it; and how a
//! box's camera is set.

use axum::extract::{Path, State};
use axum::http::{HeaderValue, header};
use axum::response::{IntoResponse as _, Response};
use sekisho_web::parts::{
    Alert, Button, Card, Column, Confirm, Empty, Field, FormBox, Grid, KeyValue, Row, Table, Tone,
};
use sekisho_web::{
    Asker, Form, FormState, Markup, Page, Reader, Result, Sheet, Texts, WebError, arg, escape_query,
};
use sekisho_wire::Shot;
use serde::Deserialize;

use super::back_with;
use super::box_page::Reason;
use crate::ids::{BoxId, PictureId};
use crate::reads::{self, LookRow, PictureFilter, PictureRow, Sight};
use crate::set_camera::MOST_DAYS;
use crate::view_picture::VIEW;
use crate::{CameraForm, Keys};

/// One picture. The page itself shows no picture yet: looking is what the image's own address does and records.
pub(super) async fn show(asker: Asker, State(keys): State<Keys>, Path(id): Path<PictureId>) -> Result {
    let picture = picture(&asker, &keys, id).await?.ok_or_else(WebError::missing)?;
    let looks = reads::looks(&keys, &asker.cx, id).await?;
    let scope = keys.store.read(asker.cx.tenant).await?;
    let reveals = keys.identity.reveals_of(&asker.cx, &scope, VIEW).await?;
    drop(scope);
    let left = u64::from(reveals.limit).saturating_sub(reveals.done);
    Ok(asker.show(&PicturePage { picture, looks, left }))
}

/// The picture, if the asker manages its box.
async fn picture(asker: &Asker, keys: &Keys, id: PictureId) -> Result<Option<PictureRow>> {
    let sight = Sight::of(keys, &asker.cx, asker.person()?).await?;
    let filter = PictureFilter { id: Some(id), ..PictureFilter::default() };
    Ok(reads::pictures(keys, &asker.cx, &sight, &filter).await?.pop())
}

/// What is in the picture. Each look is recorded before a byte of it leaves.
pub(super) async fn image(asker: Asker, State(keys): State<Keys>, Path(id): Path<PictureId>) -> Result {
    asker.person()?;
    Ok(image_of(crate::view_picture(&keys, &asker.cx, id).await?))
}

/// A picture as an answer that nobody keeps and that can run nothing.
pub(crate) fn image_of(shot: Shot) -> Response {
    let media = shot.media().unwrap_or("application/octet-stream");
    let headers = [
        (header::CONTENT_TYPE, HeaderValue::from_static(media)),
        (header::CACHE_CONTROL, HeaderValue::from_static("no-store")),
        (header::CONTENT_DISPOSITION, HeaderValue::from_static("inline")),
    ];
    (headers, shot.bytes).into_response()
}

/// The sentence of a picture's event.
pub(super) fn sentence(t: &Texts, picture: &PictureRow) -> String {
    let id = format!("keys-picture-{}", picture.what.word().replace('_', "-"));
    match picture.bin {
        Some(bin) => t.with(&id, [("bin", arg(bin))]),
        None => t.get(&id),
    }
}

/// A small link to a picture.
pub(super) fn link(t: &Texts, id: PictureId) -> Markup {
    Markup::raw(format!(
        " <a class=\"text-nowrap\" href=\"/keys/pictures/{id}\">{}</a>",
        Markup::text(t.get("keys-picture"))
    ))
}

/// The newest pictures of a box, beside its history.
pub(super) fn card(reader: &Reader, pictures: &[PictureRow]) -> Card {
    let t = reader.texts();
    let rows = pictures.iter().map(|picture| {
        Row::new()
            .cell(reader.time(picture.at, &picture.zone))
            .cell(sentence(&t, picture))
            .cell(picture.key_name.clone().unwrap_or_default())
            .cell(reader.time(picture.delete_at, &picture.zone).relative())
            .href(format!("/keys/pictures/{}", picture.id))
    });
    let columns =
        ["when", "keys-picture-what", "keys-key", "keys-picture-until"].map(|id| Column::new(t.get(id)));
    let table = Table::new(t.get("keys-pictures"), columns)
        .rows(rows)
        .empty(Empty::new(t.get("keys-no-pictures"), t.get("keys-no-pictures-text")).icon("camera"));
    Card::new(t.get("keys-pictures")).flush().body(table)
}

/// A picture, what it is of, and who has looked.
pub(super) struct PicturePage {
    pub(super) picture: PictureRow,
    pub(super) looks: Vec<LookRow>,
    /// How often the viewer may look before proving themselves again.
    pub(super) left: u64,
}

impl Page for PicturePage {
    fn draw(&self, reader: &Reader) -> Sheet {
        let (t, picture) = (reader.texts(), &self.picture);
        let here = format!("/keys/boxes/{}", picture.box_id);
        let main = Card::new(sentence(&t, picture)).body(self.image(&t));
        let side =
            Markup::from(self.facts(reader, &t)).then(self.looks_card(reader, &t)).then(self.delete(&t));
        reader
            .sheet("keys-picture")
            .crumb("/keys", "keys-title")
            .crumb_named(&here, &*picture.box_name)
            .crumb(&format!("{here}/history"), "tab-history")
            .body(Grid::main_and_side().add(main).add(side))
    }
}

impl PicturePage {
    fn image(&self, t: &Texts) -> Markup {
        let page = format!("/keys/pictures/{}", self.picture.id);
        if self.left == 0 {
            let prove = format!("/step-up?next={}", escape_query(&page));
            return Markup::from(Alert::new(Tone::Info, t.get("keys-picture-prove-again")))
                .then(Button::link(prove, t.get("keys-picture-prove")).primary().icon("shield-check"));
        }
        let alt = t.with("keys-picture-alt", [("box", &*self.picture.box_name)]);
        let image = format!("<img src=\"{page}/image\" alt=\"{}\">", Markup::text(alt));
        let note =
            Markup::raw(format!("<p class=\"muted\">{}</p>", Markup::text(t.get("keys-picture-recorded"))));
        Markup::raw(image).then(note)
    }

    fn facts(&self, reader: &Reader, t: &Texts) -> Card {
        let picture = &self.picture;
        let mut facts = KeyValue::new()
            .row(t.get("when"), reader.time(picture.at, &picture.zone))
            .row(t.get("keys-box"), &picture.box_name);
        if let (Some(key), Some(name)) = (picture.key, &picture.key_name) {
            let link = format!("<a href=\"/keys/{key}/history\">{}</a>", Markup::text(name));
            facts = facts.row(t.get("keys-key"), Markup::raw(link));
        }
        let until = reader.time(picture.delete_at, &picture.zone);
        Card::new(t.get("keys-picture")).body(facts.row(t.get("keys-picture-until"), until))
    }

    fn looks_card(&self, reader: &Reader, t: &Texts) -> Card {
        let rows = self
            .looks
            .iter()
            .map(|look| Row::new().cell(reader.time(look.at, &self.picture.zone)).cell(&look.name));
        let columns = [t.get("when"), t.get("who")].map(Column::new);
        let table = Table::new(t.get("keys-picture-looks"), columns).rows(rows).empty(
            Empty::new(t.get("keys-picture-no-looks"), t.get("keys-picture-no-looks-text")).icon("eye"),
        );
        Card::new(t.get("keys-picture-looks")).flush().body(table)
    }

    fn delete(&self, t: &Texts) -> Card {
        let confirm = Confirm::new(
            format!("/keys/pictures/{}/delete", self.picture.id),
            t.get("keys-picture-delete"),
            t.get("keys-picture-delete-question"),
            t.get("keys-picture-delete-do"),
        )
        .icon("trash")
        .field(Field::text("reason", t.get("reason")).required());
        Card::new(t.get("keys-picture-delete")).body(confirm)
    }
}

/// Deletes it before its day.
pub(super) async fn delete(
    asker: Asker,
    State(keys): State<Keys>,
    Path(id): Path<PictureId>,
    form: Form<Reason>,
) -> Result {
    let form = form.take()?;
    let picture = picture(&asker, &keys, id).await?.ok_or_else(WebError::missing)?;
    match crate::delete_picture(&keys, &asker.cx, id, &form.reason).await {
        Ok(()) => Ok(asker.done("keys-picture-deleted", format!("/keys/boxes/{}/history", picture.box_id))),
        Err(error) => back_with(&asker, error.into(), &format!("/keys/pictures/{id}")),
    }
}

/// What the form of a camera sends.
#[derive(Deserialize)]
pub(super) struct CameraSent {
    camera: bool,
    days: i64,
}

/// The state with which the form of a camera begins.
pub(super) fn camera_state(camera: CameraForm) -> FormState {
    let state = FormState::empty().with("days", camera.days);
    if camera.on { state.with("camera", "on") } else { state }
}

/// How the camera of a box is set.
pub(super) fn camera_card(t: &Texts, here: &str, state: &FormState) -> Card {
    let form = FormBox::post(format!("{here}/camera"), state, t)
        .add(
            Field::switch("camera", t.get("keys-camera-on"))
                .from(state, t)
                .hint(Markup::text(t.get("keys-camera-hint"))),
        )
        .add(
            Field::number("days", t.get("keys-picture-days"))
                .from(state, t)
                .required()
                .short()
                .attr("min", 1)
                .attr("max", MOST_DAYS)
                .hint(Markup::text(t.get("keys-picture-days-hint"))),
        )
        .submit(t.get("save"));
    Card::new(t.get("keys-camera")).body(form)
}

/// Sets the camera.
pub(super) async fn set_camera(
    asker: Asker,
    State(keys): State<Keys>,
    Path(id): Path<BoxId>,
    sent: Form<CameraSent>,
) -> Result {
    let (sent, state) = sent.split();
    let saved = match sent {
        Ok(sent) => {
            let form = CameraForm { on: sent.camera, days: sent.days };
            crate::set_camera(&keys, &asker.cx, id, form).await.map_err(WebError::from)
        }
        Err(error) => Err(error),
    };
    match saved {
        Ok(()) => Ok(asker.done("keys-saved", format!("/keys/boxes/{id}/settings"))),
        Err(error) => {
            let state = state.failed(error)?;
            super::box_page::show_settings(&asker, &keys, id, None, Some(state)).await
        }
    }
}
