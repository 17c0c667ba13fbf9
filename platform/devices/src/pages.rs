//! Pages under `/devices`.

mod claim_page;
mod detail;
pub(crate) mod publish;
mod samples;
pub(crate) mod updates;

use std::collections::HashMap;

use axum::extract::{Path, State};
use axum::http::StatusCode;
use sekisho_kernel::{DeviceId, SiteId};
use sekisho_places::Site;
use sekisho_web::parts::{
    Badge, Button, Card, Column, Empty, Field, Filters, FormBox, Grid, Row, Table, Tile, Tone,
};
use sekisho_web::{Asker, Form, FormState, Markup, Page, Query, Reader, Result, Sheet, Texts, csv};
use serde::Deserialize;

use crate::device::word_or_agent;
use crate::{Device, DeviceKind, DeviceState, Devices, NewDevice};

pub use samples::samplers;

pub(crate) use detail::{change, claim, commands, events, overview, restart, revoke, settings};

/// What changes what these pages show.
const TOPICS: [&str; 6] = [
    "devices.added",
    "devices.enrolled",
    "devices.revoked",
    "devices.went_offline",
    "devices.came_back",
    "devices.flaky",
];

/// What the list is narrowed by.
#[derive(Clone, Debug, Default, Deserialize)]
#[serde(default)]
pub(crate) struct ListAsk {
    q: String,
    state: String,
}

impl ListAsk {
    fn shows(&self, device: &Device) -> bool {
        let state = match self.state.as_str() {
            "" => device.state() != DeviceState::Revoked,
            word => device.state().word() == word,
        };
        state && device.name.to_lowercase().contains(&self.q.trim().to_lowercase())
    }
}

const STATES: [DeviceState; 5] = [
    DeviceState::Online,
    DeviceState::Flaky,
    DeviceState::Offline,
    DeviceState::Waiting,
    DeviceState::Revoked,
];

/// All devices.
pub(crate) async fn list(asker: Asker, State(devices): State<Devices>, Query(ask): Query<ListAsk>) -> Result {
    let scope = devices.store().read(asker.cx.tenant).await?;
    let all = devices.devices(&scope).await?;
    let sites = site_names(&sekisho_places::sites(&scope).await?);
    Ok(asker.show(&DeviceList { all, sites, ask }))
}

/// `/devices`.
struct DeviceList {
    all: Vec<Device>,
    sites: HashMap<SiteId, String>,
    ask: ListAsk,
}

impl Page for DeviceList {
    fn draw(&self, reader: &Reader) -> Sheet {
        let t = reader.texts();
        let add = Button::link("/devices/new", t.get("devices-new")).primary().icon("plus");
        let sheet = reader.sheet("devices-title").live(&TOPICS);
        if self.all.is_empty() {
            let empty =
                Empty::new(t.get("devices-none"), t.get("devices-none-text")).icon("devices").action(add);
            return sheet.body(Card::plain().body(empty));
        }
        let body = Markup::from(self.tiles(&t))
            .then(self.filters(&t))
            .then(Card::plain().flush().body(self.table(reader, &t)));
        sheet.action(add).body(body)
    }
}

impl DeviceList {
    fn tiles(&self, t: &Texts) -> Grid {
        STATES.into_iter().take(4).fold(Grid::tiles(), |tiles, state| {
            let count = self.all.iter().filter(|device| device.state() == state).count();
            let tile = Tile::new(state_text(t, state), u64::try_from(count).unwrap_or(0))
                .href(format!("/devices?state={}", state.word()));
            tiles.add(if count > 0 { tile.tone(tone(state)) } else { tile })
        })
    }

    fn filters(&self, t: &Texts) -> Filters {
        let choices = [(String::new(), t.get("devices-state-all"))]
            .into_iter()
            .chain(STATES.into_iter().map(|state| (state.word().to_owned(), state_text(t, state))));
        let file = format!("/devices.csv{}", query_of(&self.ask));
        Filters::new("/devices", t.get("search"))
            .search(t.get("search"), &self.ask.q)
            .field(Field::select("state", t.get("state")).options(choices).value(&self.ask.state))
            .more(Button::link("/devices/updates", t.get("devices-updates")).quiet().icon("refresh"))
            .more(Button::link(file, t.get("csv")).quiet().icon("download"))
    }

    fn table(&self, reader: &Reader, t: &Texts) -> Table {
        let columns = [
            Column::new(t.get("name")),
            Column::new(t.get("state")).narrow(),
            Column::new(t.get("devices-kind")).secondary(),
            Column::new(t.get("devices-site")).secondary(),
            Column::new(t.get("devices-last-seen")),
            Column::new(t.get("devices-power")).secondary(),
        ];
        let rows = self.all.iter().filter(|device| self.ask.shows(device)).map(|device| {
            Row::new()
                .cell(&device.name)
                .cell(badge(t, device.state()))
                .cell(t.get(kind_text(device.kind)))
                .cell(device.site.and_then(|site| self.sites.get(&site).cloned()).unwrap_or_default())
                .cell(device.last_seen.map(|at| reader.time(at, reader.zone()).relative()))
                .cell(power(t, device))
                .href(format!("/devices/{}", device.id))
        });
        Table::new(t.get("devices-title"), columns)
            .rows(rows)
            .empty(Empty::new(t.get("devices-none-found"), t.get("devices-none-found-text")).icon("search"))
    }
}

/// The list as CSV.
pub(crate) async fn list_csv(
    asker: Asker,
    State(devices): State<Devices>,
    Query(ask): Query<ListAsk>,
) -> Result {
    let t = asker.texts();
    let scope = devices.store().read(asker.cx.tenant).await?;
    let sites = site_names(&sekisho_places::sites(&scope).await?);
    let header =
        ["name", "state", "devices-kind", "devices-site", "devices-last-seen", "devices-certificate-until"]
            .map(|id| t.get(id));
    let rows = devices.devices(&scope).await?.into_iter().filter(|device| ask.shows(device)).map(|device| {
        vec![
            device.name.clone(),
            device.state().word().to_owned(),
            device.kind.word().to_owned(),
            device.site.and_then(|site| sites.get(&site).cloned()).unwrap_or_default(),
            device.last_seen.map(|at| at.rfc3339()).unwrap_or_default(),
            device.certificate_until.map(|at| at.rfc3339()).unwrap_or_default(),
        ]
    });
    Ok(csv(&asker, "devices.csv", &header, rows))
}

/// What a new device's form holds.
#[derive(Clone, Debug, Default, Deserialize)]
#[serde(default)]
pub(crate) struct DeviceForm {
    kind: String,
    name: String,
    site: String,
}

impl From<DeviceForm> for NewDevice {
    fn from(form: DeviceForm) -> Self {
        Self { kind: word_or_agent(&form.kind), name: form.name, site: form.site.parse().ok() }
    }
}

/// The form for a new device.
pub(crate) async fn new(asker: Asker, State(devices): State<Devices>) -> Result {
    let state = FormState::empty().with("kind", DeviceKind::Smartbox.word());
    show_new(&asker, &devices, state, StatusCode::OK).await
}

async fn show_new(asker: &Asker, devices: &Devices, state: FormState, status: StatusCode) -> Result {
    let sites = sites(asker, devices).await?;
    Ok(asker.show(&NewDevicePage { state, sites, status }))
}

/// `/devices/new`.
struct NewDevicePage {
    state: FormState,
    sites: Vec<Site>,
    status: StatusCode,
}

impl Page for NewDevicePage {
    fn draw(&self, reader: &Reader) -> Sheet {
        let (t, state) = (reader.texts(), &self.state);
        let kinds = DeviceKind::ALL.iter().map(|kind| (kind.word(), t.get(kind_text(*kind))));
        let form = FormBox::post("/devices/new", state, &t)
            .add(
                Field::text("name", t.get("name"))
                    .from(state, &t)
                    .required()
                    .attr("maxlength", NewDevice::LONGEST_NAME)
                    .hint(t.get("devices-name-hint")),
            )
            .add(Field::select("kind", t.get("devices-kind")).options(kinds).from(state, &t).required())
            .add(site_field(&self.sites, "none", state, &t))
            .submit(t.get("devices-add"))
            .cancel("/devices", t.get("cancel"));
        let steps = Card::new(t.get("devices-steps")).body(t.markup("devices-steps-text", &[]));
        reader
            .sheet("devices-new")
            .crumb("/devices", "devices-title")
            .status(self.status)
            .body(Grid::main_and_side().add(Card::plain().body(form)).add(steps))
    }
}

async fn sites(asker: &Asker, devices: &Devices) -> Result<Vec<Site>> {
    let scope = devices.store().read(asker.cx.tenant).await?;
    Ok(sekisho_places::sites(&scope).await?)
}

/// A choice of a site; `nowhere` is what it means to choose none.
fn site_field(sites: &[Site], nowhere: &str, state: &FormState, t: &Texts) -> Field {
    let choices = [(String::new(), t.get(nowhere))]
        .into_iter()
        .chain(sites.iter().map(|site| (site.id.to_string(), site.name.clone())));
    Field::select("site", t.get("devices-site")).options(choices).from(state, t)
}

/// Makes a device known and shows its claim code, this once.
pub(crate) async fn add(asker: Asker, State(devices): State<Devices>, form: Form<DeviceForm>) -> Result {
    let (value, state) = form.split();
    let added = async { Ok(devices.add_now(&asker.cx, value?.into()).await?) };
    match added.await {
        Ok((id, code)) => {
            let device = devices.known(&asker.cx, id).await?;
            claim_page::show(&asker, &devices, device, code)
        }
        Err(error) => {
            show_new(&asker, &devices, state.failed(error)?, StatusCode::UNPROCESSABLE_ENTITY).await
        }
    }
}

fn site_names(sites: &[Site]) -> HashMap<SiteId, String> {
    sites.iter().map(|site| (site.id, site.name.clone())).collect()
}

fn query_of(ask: &ListAsk) -> String {
    let escape = sekisho_web::escape_query;
    format!("?q={}&state={}", escape(&ask.q), escape(&ask.state))
}

const fn kind_text(kind: DeviceKind) -> &'static str {
    match kind {
        DeviceKind::Smartbox => "devices-kind-smartbox",
        DeviceKind::Door => "devices-kind-door",
        DeviceKind::Agent => "devices-kind-agent",
    }
}

fn state_text(t: &Texts, state: DeviceState) -> String {
    t.get(match state {
        DeviceState::Waiting => "devices-state-waiting",
        DeviceState::Online => "devices-state-online",
        DeviceState::Flaky => "devices-state-flaky",
        DeviceState::Offline => "devices-state-offline",
        DeviceState::Revoked => "devices-state-revoked",
    })
}

const fn tone(state: DeviceState) -> Tone {
    match state {
        DeviceState::Online => Tone::Good,
        DeviceState::Waiting => Tone::Info,
        DeviceState::Flaky | DeviceState::Offline => Tone::Warn,
        DeviceState::Revoked => Tone::Plain,
    }
}

fn badge(t: &Texts, state: DeviceState) -> Badge {
    let icon = match state {
        DeviceState::Online => "wifi",
        DeviceState::Flaky => "alert-triangle",
        DeviceState::Offline => "wifi-off",
        DeviceState::Waiting => "hourglass",
        DeviceState::Revoked => "ban",
    };
    Badge::new(state_text(t, state)).tone(tone(state)).icon(icon)
}

/// Mains or battery, as the device last said.
fn power(t: &Texts, device: &Device) -> String {
    let Some(vitals) = device.report.as_ref().map(|report| &report.vitals) else { return String::new() };
    match (vitals.mains, vitals.battery) {
        (true, _) => t.get("devices-power-mains"),
        (false, Some(percent)) => t.with("devices-power-battery", [("percent", percent.to_string())]),
        (false, None) => t.get("devices-power-battery-only"),
    }
}

/// A device of the page's path.
async fn of(asker: &Asker, devices: &Devices, Path(id): Path<DeviceId>) -> Result<Device> {
    Ok(devices.known(&asker.cx, id).await?)
}
