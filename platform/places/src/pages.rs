//! Pages under `/settings/places`.

mod samples;

use axum::extract::{Path, State};
use axum::http::StatusCode;
use sekisho_kernel::SiteId;
use sekisho_web::parts::{Button, Card, Column, Confirm, Empty, Field, FormBox, Grid, Row, Table};
use sekisho_web::{Asker, Form, FormState, Markup, Page, Reader, Result, Sheet, Texts};
use serde::Deserialize;

use crate::tables::AreaId;
use crate::{Area, NewSite, Places, Site, reads, zones};

pub use samples::samplers;

/// All sites.
pub(crate) async fn list(asker: Asker, State(places): State<Places>) -> Result {
    let scope = places.store.read(asker.cx.tenant).await?;
    Ok(asker.show(&SiteList { sites: reads::sites(&scope).await? }))
}

/// The sites by name.
struct SiteList {
    sites: Vec<Site>,
}

impl Page for SiteList {
    fn draw(&self, reader: &Reader) -> Sheet {
        let t = reader.texts();
        let columns =
            ["places-name", "places-address", "places-zone", "places-now"].map(|id| Column::new(t.get(id)));
        let rows = self.sites.iter().map(|site| {
            Row::new()
                .cell(&site.name)
                .cell(&site.address)
                .cell(zones::shown(&site.zone))
                .cell(reader.time(reader.now(), &site.zone).clock())
                .href(format!("/settings/places/{}", site.id))
        });
        let first = Button::link("/settings/places/new", t.get("places-new")).primary().icon("plus");
        let table = Table::new(t.get("places-title"), columns).rows(rows).empty(
            Empty::new(t.get("places-none"), t.get("places-none-text")).icon("map-pin").action(first.clone()),
        );
        reader
            .sheet("places-title")
            .action(if self.sites.is_empty() { Markup::default() } else { first.into() })
            .body(Card::plain().flush().body(table))
    }
}

fn form(state: &FormState, t: &Texts, action: String, button: &str) -> FormBox {
    FormBox::post(action, state, t)
        .add(Field::hidden("version", state.value("version")))
        .add(Field::text("name", t.get("places-name")).from(state, t).required().attr("maxlength", 100))
        .add(
            Field::lines("address", t.get("places-address"))
                .from(state, t)
                .attr("maxlength", 300)
                .attr("rows", 2),
        )
        .add(
            Field::select("zone", t.get("places-zone"))
                .options(zones::choices())
                .from(state, t)
                .required()
                .hint(t.get("places-zone-hint")),
        )
        .submit(t.get(button))
        .cancel("/settings/places", t.get("places-back"))
}

fn status_of(state: &FormState) -> StatusCode {
    if state.has_errors() { StatusCode::UNPROCESSABLE_ENTITY } else { StatusCode::OK }
}

/// The form of a new site.
struct NewSitePage {
    state: FormState,
}

impl Page for NewSitePage {
    fn draw(&self, reader: &Reader) -> Sheet {
        let (t, state) = (reader.texts(), &self.state);
        let form = form(state, &t, "/settings/places".to_owned(), "places-open");
        let sheet = reader.sheet("places-new").crumb("/settings/places", "places-title");
        sheet.status(status_of(state)).body(Card::plain().body(form))
    }
}

/// The form for a new site.
pub(crate) async fn new(asker: Asker) -> Result {
    let state = FormState::empty().with("zone", asker.zone());
    Ok(asker.show(&NewSitePage { state }))
}

/// Opens a site.
pub(crate) async fn open(asker: Asker, State(places): State<Places>, form: Form<NewSite>) -> Result {
    let (value, state) = form.split();
    match open_from(&asker, &places, value).await {
        Ok(id) => Ok(asker.done("places-opened", format!("/settings/places/{id}"))),
        Err(error) => Ok(asker.show(&NewSitePage { state: state.failed(error)? })),
    }
}

async fn open_from(asker: &Asker, places: &Places, new: Result<NewSite>) -> Result<SiteId> {
    Ok(places.open_site(&asker.cx, &new?).await?)
}

/// One site with its areas, and the state of both forms.
struct SitePage {
    site: Site,
    areas: Vec<Area>,
    state: FormState,
    area: FormState,
}

impl Page for SitePage {
    fn draw(&self, reader: &Reader) -> Sheet {
        let Self { site, areas, state, area } = self;
        let t = reader.texts();
        let here = format!("/settings/places/{}", site.id);
        let rows = areas.iter().map(|area| {
            let close = Button::post(format!("{here}/areas/{}/close", area.id), t.get("places-area-close"))
                .quiet()
                .small();
            Row::new().cell(&area.name).cell(close)
        });
        let table =
            Table::new(t.get("places-areas"), [Column::new(t.get("places-area")), Column::new("").narrow()])
                .rows(rows)
                .empty(Empty::new(t.get("places-areas-none"), t.get("places-areas-text")).icon("map-pin"));
        let add = FormBox::post(format!("{here}/areas"), area, &t)
            .add(Field::text("name", t.get("places-area")).from(area, &t).required().attr("maxlength", 100))
            .submit(t.get("places-area-open"));
        let close = Confirm::new(
            format!("{here}/close"),
            t.get("places-close"),
            t.with("places-close-question", [("name", site.name.as_str())]),
            t.get("places-close"),
        );
        let side = Markup::from(Card::new(t.get("places-areas")).body(Markup::from(table).then(add)))
            .then(Card::new(t.get("places-close")).body(t.get("places-close-text")).footer(close));
        let status = if area.has_errors() { status_of(area) } else { status_of(state) };
        let form = Card::plain().body(form(state, &t, here, "places-save"));
        reader
            .sheet_of(&site.name)
            .status(status)
            .crumb("/settings/places", "places-title")
            .body(Grid::main_and_side().add(form).add(side))
    }
}

fn state_of(site: &Site, version: i64) -> FormState {
    FormState::empty()
        .with("name", &site.name)
        .with("address", &site.address)
        .with("zone", &site.zone)
        .with("version", version)
}

/// A site's form, with the version that was on the screen.
#[derive(Clone, Debug, Default, Deserialize)]
#[serde(default)]
pub(crate) struct SiteForm {
    name: String,
    address: String,
    zone: String,
    version: Option<i64>,
}

/// One site.
pub(crate) async fn one(asker: Asker, State(places): State<Places>, Path(id): Path<SiteId>) -> Result {
    let (site, version, areas) = places.open_one(&asker.cx, id).await?;
    let state = state_of(&site, version);
    Ok(asker.show(&SitePage { site, areas, state, area: FormState::empty() }))
}

/// Changes a site.
pub(crate) async fn change(
    asker: Asker,
    State(places): State<Places>,
    Path(id): Path<SiteId>,
    form: Form<SiteForm>,
) -> Result {
    let (value, state) = form.split();
    let changed = async {
        let SiteForm { name, address, zone, version } = value?;
        Ok(places.change_site(&asker.cx, id, &NewSite { name, address, zone }, version).await?)
    };
    match changed.await {
        Ok(()) => Ok(asker.done("places-saved", "/settings/places")),
        Err(error) => {
            let state = state.failed(error)?;
            let (site, _, areas) = places.open_one(&asker.cx, id).await?;
            Ok(asker.show(&SitePage { site, areas, state, area: FormState::empty() }))
        }
    }
}

/// Closes a site; the notice offers to take it back.
pub(crate) async fn close(asker: Asker, State(places): State<Places>, Path(id): Path<SiteId>) -> Result {
    places.close_site(&asker.cx, id).await?;
    let undo = format!("/settings/places/{id}/reopen");
    Ok(asker.done_with_undo("places-closed", "/settings/places", Some(&undo)))
}

/// Takes a closing back.
pub(crate) async fn reopen(asker: Asker, State(places): State<Places>, Path(id): Path<SiteId>) -> Result {
    places.reopen_site(&asker.cx, id).await?;
    Ok(asker.done("places-reopened", format!("/settings/places/{id}")))
}

/// The one field of an area.
#[derive(Clone, Debug, Default, Deserialize, utoipa::ToSchema)]
#[serde(default)]
pub(crate) struct AreaForm {
    pub(crate) name: String,
}

/// Adds an area.
pub(crate) async fn open_area(
    asker: Asker,
    State(places): State<Places>,
    Path(id): Path<SiteId>,
    form: Form<AreaForm>,
) -> Result {
    let (value, state) = form.split();
    let opened = async { Ok(places.open_area(&asker.cx, id, &value?.name).await?) };
    match opened.await {
        Ok(_) => Ok(asker.done("places-area-opened", format!("/settings/places/{id}"))),
        Err(error) => {
            let area = state.failed(error)?;
            let (site, version, areas) = places.open_one(&asker.cx, id).await?;
            let state = state_of(&site, version);
            Ok(asker.show(&SitePage { site, areas, state, area }))
        }
    }
}

/// Closes an area.
pub(crate) async fn close_area(
    asker: Asker,
    State(places): State<Places>,
    Path((site, area)): Path<(SiteId, AreaId)>,
) -> Result {
    places.close_area(&asker.cx, site, area).await?;
    Ok(asker.done("places-area-closed", format!("/settings/places/{site}")))
}
