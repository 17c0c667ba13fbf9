//! `/settings/visitors/rooms`: the rooms of each site, and the form of one.

use axum::extract::{Path, State};
use axum::http::StatusCode;
use sekisho_kernel::SiteId;
use sekisho_places::Site;
use sekisho_web::gallery::{Sample, Sampler, drawn, id};
use sekisho_web::parts::{Button, Card, Column, Confirm, Empty, Field, FormBox, Row, Table};
use sekisho_web::{
    Access, Asker, Form, FormState, IfMatch, Markup, Page, Reader, Result, Routes, Sheet, WebError,
};
use serde::Deserialize;

use super::keep::{RoomForm, add_room, change_room, retire_room};
use super::reads::{self, RoomRow};
use crate::Visitors;
use crate::ids::RoomId;

/// Where rooms are kept.
pub(super) const HERE: &str = "/settings/visitors/rooms";

/// The routes of the pages.
pub(super) fn routes() -> Routes<Visitors> {
    use Access::Administrator;
    Routes::new("visitors")
        .get("/settings/visitors/rooms", Administrator, list)
        .get("/settings/visitors/rooms/new", Administrator, new)
        .post("/settings/visitors/rooms/new", Administrator, add)
        .get("/settings/visitors/rooms/{id}", Administrator, show)
        .post("/settings/visitors/rooms/{id}", Administrator, save)
        .post("/settings/visitors/rooms/{id}/retire", Administrator, retire)
}

/// What the form sends.
#[derive(Deserialize)]
struct Sent {
    site: Option<SiteId>,
    name: String,
    seats: Option<i64>,
    way: String,
    version: Option<i64>,
}

impl Sent {
    fn form(self) -> RoomForm {
        RoomForm { site: self.site, name: self.name, seats: self.seats, way: self.way }
    }
}

/// The rooms, each site with a table of its own.
struct RoomsPage {
    rooms: Vec<RoomRow>,
}

async fn list(asker: Asker, State(visitors): State<Visitors>) -> Result {
    Ok(asker.show(&RoomsPage { rooms: reads::rooms(&visitors, &asker.cx, None, None).await? }))
}

impl Page for RoomsPage {
    fn draw(&self, reader: &Reader) -> Sheet {
        let t = reader.texts();
        let add = || Button::link(format!("{HERE}/new"), t.get("visitors-room-new")).primary().icon("plus");
        let sheet = reader.sheet("visitors-rooms").crumb("/settings", "settings-title");
        if self.rooms.is_empty() {
            let none = Empty::new(t.get("visitors-rooms-none"), t.get("visitors-rooms-none-text"));
            return sheet.body(Card::plain().body(none.icon("door").action(add())));
        }
        let tables = self.rooms.chunk_by(|one, other| one.site == other.site).map(|rooms| {
            let site = rooms.first().map(|room| room.site_name.as_str()).unwrap_or_default();
            let columns = [
                Column::new(t.get("visitors-room-name")),
                Column::new(t.get("visitors-room-seats")).narrow(),
                Column::new(t.get("visitors-room-way")).secondary(),
            ];
            let rows = rooms.iter().map(|room| {
                Row::new()
                    .cell(&room.name)
                    .cell(room.seats.map(|seats| seats.to_string()).unwrap_or_default())
                    .cell(&room.way)
                    .href(format!("{HERE}/{}", room.id))
            });
            Markup::from(Card::new(site).flush().body(Table::new(site, columns).rows(rows)))
        });
        sheet.action(add()).body(tables.fold(Markup::default(), Markup::then))
    }
}

/// The form of a room.
struct RoomPage {
    id: Option<RoomId>,
    sites: Vec<Site>,
    state: FormState,
}

async fn form(asker: &Asker, visitors: &Visitors, id: Option<RoomId>, state: FormState) -> Result {
    let sites = sekisho_places::sites(&visitors.store.read(asker.cx.tenant).await?).await?;
    Ok(asker.show(&RoomPage { id, sites, state }))
}

async fn new(asker: Asker, State(visitors): State<Visitors>) -> Result {
    form(&asker, &visitors, None, FormState::empty()).await
}

async fn add(asker: Asker, State(visitors): State<Visitors>, sent: Form<Sent>) -> Result {
    let by = visitors.identity.administrator(&asker.cx).await?;
    let (sent, state) = sent.split();
    let added = match sent {
        Ok(sent) => add_room(&visitors, &asker.cx, by, sent.form()).await.map_err(WebError::from),
        Err(error) => Err(error),
    };
    match added {
        Ok(_) => Ok(asker.done("visitors-room-added", HERE)),
        Err(error) => form(&asker, &visitors, None, state.failed(error)?).await,
    }
}

async fn show(asker: Asker, State(visitors): State<Visitors>, Path(id): Path<RoomId>) -> Result {
    let row = reads::room(&visitors, &asker.cx, id).await?.filter(|row| !row.retired);
    let row = row.ok_or_else(WebError::missing)?;
    let state = FormState::empty()
        .with("site", row.site)
        .with("name", row.name)
        .with("seats", row.seats.map(|seats| seats.to_string()).unwrap_or_default())
        .with("way", row.way)
        .with("version", row.version);
    form(&asker, &visitors, Some(id), state).await
}

async fn save(
    asker: Asker,
    State(visitors): State<Visitors>,
    Path(id): Path<RoomId>,
    sent: Form<Sent>,
) -> Result {
    let by = visitors.identity.administrator(&asker.cx).await?;
    let (sent, state) = sent.split();
    let saved = match sent {
        Ok(sent) => {
            let seen = sent.version.map_or(IfMatch::ANY, IfMatch::seen);
            change_room(&visitors, &asker.cx, by, id, sent.form(), &seen).await.map_err(WebError::from)
        }
        Err(error) => Err(error),
    };
    match saved {
        Ok(()) => Ok(asker.done("visitors-saved", HERE)),
        Err(error) => form(&asker, &visitors, Some(id), state.failed(error)?).await,
    }
}

async fn retire(asker: Asker, State(visitors): State<Visitors>, Path(id): Path<RoomId>) -> Result {
    let by = visitors.identity.administrator(&asker.cx).await?;
    retire_room(&visitors, &asker.cx, by, id, &IfMatch::ANY).await?;
    Ok(asker.done("visitors-room-retired", HERE))
}

impl Page for RoomPage {
    fn draw(&self, reader: &Reader) -> Sheet {
        let (t, state) = (reader.texts(), &self.state);
        let action = self.id.map_or_else(|| format!("{HERE}/new"), |id| format!("{HERE}/{id}"));
        // A room stays where it is.
        let at = |site: &&Site| self.id.is_none() || site.id.to_string() == state.value("site");
        let sites = self.sites.iter().filter(at).map(|site| (site.id.to_string(), site.name.clone()));
        let form = FormBox::post(action, state, &t)
            .beside([
                Field::text("name", t.get("visitors-room-name"))
                    .required()
                    .attr("maxlength", 100)
                    .from(state, &t),
                Field::select("site", t.get("visitors-site")).options(sites).required().from(state, &t),
            ])
            .add(
                Field::number("seats", t.get("visitors-room-seats"))
                    .optional(t.get("optional"))
                    .hint(t.get("visitors-room-seats-hint"))
                    .attr("min", 1)
                    .attr("max", 9_999)
                    .from(state, &t)
                    .short(),
            )
            .add(
                Field::text("way", t.get("visitors-room-way"))
                    .optional(t.get("optional"))
                    .hint(t.get("visitors-room-way-hint"))
                    .attr("maxlength", 200)
                    .from(state, &t),
            )
            .add(Field::hidden("version", state.value("version")))
            .cancel(HERE, t.get("cancel"))
            .submit(t.get(if self.id.is_some() { "save" } else { "visitors-room-add" }));
        let retire = self.id.map(|id| {
            let retire = Confirm::new(
                format!("{HERE}/{id}/retire"),
                t.get("visitors-room-retire"),
                t.get("visitors-room-retire-question"),
                t.get("visitors-room-retire-do"),
            );
            Markup::from(Card::plain().body(retire.icon("trash")))
        });
        let status = if state.has_errors() { StatusCode::UNPROCESSABLE_ENTITY } else { StatusCode::OK };
        reader
            .sheet(if self.id.is_some() { "visitors-room" } else { "visitors-room-new" })
            .crumb("/settings", "settings-title")
            .crumb(HERE, "visitors-rooms")
            .status(status)
            .body(Markup::from(Card::plain().body(form)).then(retire.unwrap_or_default()))
    }
}

/// The pages that have samples.
pub(crate) fn samplers() -> Vec<Sampler> {
    vec![drawn::<RoomsPage>, drawn::<RoomPage>]
}

impl Sample for RoomsPage {
    fn samples() -> Vec<(&'static str, Self)> {
        let room = |number: u128, name: &str, seats: Option<i64>, way: &str| RoomRow {
            id: id(number),
            site: id(1 + number / 10),
            site_name: if number < 10 { "本社" } else { "大阪支店" }.to_owned(),
            name: name.to_owned(),
            seats,
            way: way.to_owned(),
            retired: false,
            version: 1,
            free: None,
        };
        let rooms = vec![
            room(1, "会議室A", Some(8), "3階、エレベーターを降りて左"),
            room(2, "会議室B", Some(4), "3階、突き当たり右"),
            room(3, "展示室", None, ""),
            room(10, "応接室", Some(6), "受付の奥"),
        ];
        vec![
            ("/settings/visitors/rooms", Self { rooms }),
            ("/settings/visitors/rooms: none", Self { rooms: Vec::new() }),
        ]
    }
}

impl Sample for RoomPage {
    fn samples() -> Vec<(&'static str, Self)> {
        let sites = || {
            let site = |number, name: &str| Site {
                id: id(number),
                name: name.to_owned(),
                address: String::new(),
                zone: "Asia/Tokyo".to_owned(),
            };
            vec![site(1, "本社"), site(2, "大阪支店")]
        };
        let state = || {
            FormState::empty()
                .with("site", id::<SiteId>(1))
                .with("name", "会議室A")
                .with("seats", 8)
                .with("way", "3階、エレベーターを降りて左")
                .with("version", 1)
        };
        let page = |id, state| Self { id, sites: sites(), state };
        vec![
            ("/settings/visitors/rooms/new", page(None, FormState::empty())),
            (
                "/settings/visitors/rooms/new: refused",
                page(None, state().wrong("name", "visitors-error-room-name")),
            ),
            ("/settings/visitors/rooms/{id}", page(Some(id(1)), state())),
        ]
    }
}
