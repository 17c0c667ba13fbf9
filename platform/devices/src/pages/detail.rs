//! One device: how it is, what it told, what it was told, and its settings.

use axum::extract::{Path, State};
use axum::http::StatusCode;
use sekisho_kernel::{Actor, DeviceId, Timestamp};
use sekisho_places::Site;
use sekisho_storage::JsonText;
use sekisho_web::parts::{
    Alert, Badge, Button, Card, Column, Confirm, Empty, Field, FormBox, Grid, KeyValue, Pager, Row, Table,
    Tabs, Timeline, Tone,
};
use sekisho_web::{Asker, Form, FormState, Markup, Page, Query, Reader, Result, Sheet, Texts};
use sekisho_wire::{Event, EventKind, Heartbeat, UpdateStep, decode};
use serde::Deserialize;

use super::{DeviceForm, badge, claim_page, kind_text, of, power, site_field};
use crate::command::CommandState;
use crate::tables::{devices_commands, devices_events};
use crate::{Device, DeviceState, Devices, NewDevice, Standing, reads, words};

/// So many lines on one page.
const LINES: u64 = 50;

fn view(reader: &Reader, device: &Device) -> Sheet {
    let t = reader.texts();
    let here = format!("/devices/{}", device.id);
    let tabs = Tabs::new(device.name.as_str(), reader.path())
        .tab(here.clone(), t.get("tab-overview"))
        .tab(format!("{here}/events"), t.get("devices-events"))
        .tab(format!("{here}/commands"), t.get("devices-commands"))
        .tab(format!("{here}/settings"), t.get("tab-settings"));
    reader.sheet_of(&device.name).crumb("/devices", "devices-title").tabs(tabs)
}

/// How it is.
pub(crate) async fn overview(asker: Asker, State(devices): State<Devices>, id: Path<DeviceId>) -> Result {
    let device = of(&asker, &devices, id).await?;
    let scope = devices.store().read(asker.cx.tenant).await?;
    let site = match device.site {
        Some(site) => sekisho_places::site(&scope, site).await?,
        None => None,
    };
    let lately = reads::events(&scope, device.id, None, 8).await?.iter().map(Told::from).collect();
    Ok(asker.show(&Overview { device, site, lately }))
}

/// `/devices/{id}`.
pub(super) struct Overview {
    pub(super) device: Device,
    pub(super) site: Option<Site>,
    pub(super) lately: Vec<Told>,
}

impl Page for Overview {
    fn draw(&self, reader: &Reader) -> Sheet {
        let (t, device) = (reader.texts(), &self.device);
        let zone = self.site.as_ref().map_or(reader.zone(), |site| &site.zone);
        let time = |at| reader.time(at, zone);
        let mut facts = KeyValue::new()
            .row(t.get("state"), badge(&t, device.state()))
            .row(t.get("devices-kind"), t.get(kind_text(device.kind)))
            .row(t.get("devices-site"), self.site.as_ref().map(|site| &*site.name).unwrap_or_default())
            .row(t.get("devices-last-seen"), device.last_seen.map(|at| time(at).relative()))
            .row(t.get("devices-certificate-until"), device.certificate_until.map(time));
        if let Some(report) = &device.report {
            facts = vitals(facts, &t, device, report);
        }
        let main =
            advice(&t, device).then(Card::new(t.get("devices-condition")).body(facts)).then(bins(&t, device));
        let side = Card::new(t.get("devices-lately")).body(timeline(reader, &t, zone, &self.lately));
        view(reader, device).live(&super::TOPICS).body(Grid::main_and_side().add(main).add(side))
    }
}

/// What the device told, and when.
pub(super) struct Told {
    pub(super) kind: EventKind,
    pub(super) at: Timestamp,
}

impl From<&devices_events::Model> for Told {
    fn from(row: &devices_events::Model) -> Self {
        let kind = decode::<Event>(&row.payload).map(|event| event.kind).unwrap_or_default();
        Self { kind, at: row.at }
    }
}

/// What to do about a device that is not well.
fn advice(t: &Texts, device: &Device) -> Markup {
    let (tone, text) = match device.state() {
        DeviceState::Waiting => (Tone::Info, "devices-advice-waiting"),
        DeviceState::Offline => (Tone::Warn, "devices-advice-offline"),
        DeviceState::Flaky => (Tone::Warn, "devices-advice-flaky"),
        DeviceState::Revoked => (Tone::Plain, "devices-advice-revoked"),
        DeviceState::Online => return Markup::default(),
    };
    Alert::new(tone, t.get(text)).into()
}

fn vitals(facts: KeyValue, t: &Texts, device: &Device, report: &Heartbeat) -> KeyValue {
    let vitals = &report.vitals;
    let yes_no = |yes: bool| t.get(if yes { "yes" } else { "no" });
    let hours = vitals.uptime_s / 3600;
    facts
        .row(t.get("devices-power"), power(t, device))
        .row(t.get("devices-agent"), &vitals.agent)
        .row(t.get("devices-uptime"), t.with("devices-uptime-hours", [("hours", hours.to_string())]))
        .row(t.get("devices-unsent"), vitals.unsent.to_string())
        .row(t.get("devices-tamper"), yes_no(vitals.tamper))
        .row(
            t.get("devices-clock"),
            t.get(if report.clock.trusted { "devices-clock-good" } else { "devices-clock-unset" }),
        )
}

/// What its bins look like, as it last said.
fn bins(t: &Texts, device: &Device) -> Markup {
    let Some(report) = device.report.as_ref().filter(|report| !report.bins.is_empty()) else {
        return Markup::default();
    };
    let columns = ["devices-bin", "devices-bin-door", "devices-bin-content"].map(|id| Column::new(t.get(id)));
    let rows = report.bins.iter().map(|bin| {
        let door =
            if bin.closed { ("devices-bin-closed", Tone::Good) } else { ("devices-bin-open", Tone::Warn) };
        let content = match (&bin.fob, bin.occupied) {
            (Some(fob), _) => fob.clone(),
            (None, Some(true)) => t.get("devices-bin-something"),
            (None, _) => t.get("devices-bin-empty"),
        };
        Row::new().cell(bin.bin.to_string()).cell(Badge::new(t.get(door.0)).tone(door.1)).cell(content)
    });
    Card::new(t.get("devices-bins"))
        .flush()
        .body(Table::new(t.get("devices-bins"), columns).rows(rows))
        .into()
}

fn timeline(reader: &Reader, t: &Texts, zone: &str, told: &[Told]) -> Markup {
    if told.is_empty() {
        return Empty::new(t.get("devices-events-none"), t.get("devices-events-none-text"))
            .icon("clock")
            .into();
    }
    let line = |timeline: Timeline, Told { kind, at }: &Told| {
        let tone = if words::is_alarm(kind) { Tone::Warn } else { Tone::Plain };
        timeline.item(tone, icon(kind), sentence(t, kind), reader.time(*at, zone))
    };
    told.iter().fold(Timeline::new(), line).into()
}

/// Where the next page begins.
#[derive(Clone, Debug, Default, Deserialize)]
#[serde(default)]
pub(crate) struct PageAsk {
    cursor: Option<String>,
}

/// What it told.
pub(crate) async fn events(
    asker: Asker,
    State(devices): State<Devices>,
    id: Path<DeviceId>,
    Query(ask): Query<PageAsk>,
) -> Result {
    let device = of(&asker, &devices, id).await?;
    let scope = devices.store().read(asker.cx.tenant).await?;
    let after = ask.cursor.as_deref().map(sekisho_web::Cursor::decode::<(i64, i64)>).transpose()?;
    let mut rows = reads::events(&scope, device.id, after, LINES + 1).await?;
    let next = next_of(&mut rows, |row| (row.epoch, row.seq));
    Ok(asker.show(&Events { device, told: rows.iter().map(Told::from).collect(), next }))
}

/// `/devices/{id}/events`.
pub(super) struct Events {
    pub(super) device: Device,
    pub(super) told: Vec<Told>,
    pub(super) next: Option<String>,
}

impl Page for Events {
    fn draw(&self, reader: &Reader) -> Sheet {
        let timeline = timeline(reader, &reader.texts(), reader.zone(), &self.told);
        let body = Markup::from(Card::plain().body(timeline)).then(Pager::new(reader, self.next.as_deref()));
        view(reader, &self.device).body(body)
    }
}

/// What it was told.
pub(crate) async fn commands(
    asker: Asker,
    State(devices): State<Devices>,
    id: Path<DeviceId>,
    Query(ask): Query<PageAsk>,
) -> Result {
    let device = of(&asker, &devices, id).await?;
    let scope = devices.store().read(asker.cx.tenant).await?;
    let after = ask.cursor.as_deref().map(sekisho_web::Cursor::decode::<uuid::Uuid>).transpose()?;
    let mut rows = reads::commands(&scope, device.id, after, LINES + 1).await?;
    let next = next_of(&mut rows, |row| row.id);
    let sent = rows.into_iter().map(Order::from).collect();
    Ok(asker.show(&Commands { device, sent, next }))
}

/// A command as the list shows it.
pub(super) struct Order {
    pub(super) at: Timestamp,
    pub(super) kind: String,
    pub(super) state: CommandState,
    pub(super) actor: Actor,
}

impl From<devices_commands::Model> for Order {
    fn from(row: devices_commands::Model) -> Self {
        let JsonText(actor) = row.actor;
        Self { at: row.created_at, kind: row.kind, state: row.state, actor }
    }
}

/// `/devices/{id}/commands`.
pub(super) struct Commands {
    pub(super) device: Device,
    pub(super) sent: Vec<Order>,
    pub(super) next: Option<String>,
}

impl Page for Commands {
    fn draw(&self, reader: &Reader) -> Sheet {
        let t = reader.texts();
        let columns = ["when", "devices-command", "state", "who"].map(|id| Column::new(t.get(id)));
        let rows = self.sent.iter().map(|order| {
            let tone = match order.state {
                CommandState::Succeeded => Tone::Good,
                CommandState::Created | CommandState::Sent | CommandState::Accepted => Tone::Info,
                _ => Tone::Warn,
            };
            let who = match order.actor {
                Actor::Person { .. } | Actor::Token { .. } => "devices-actor-person",
                Actor::Guest { .. } => "devices-actor-guest",
                Actor::Device { .. } => "devices-actor-panel",
                Actor::Nobody | Actor::System { .. } => "devices-actor-system",
            };
            Row::new()
                .cell(reader.time(order.at, reader.zone()))
                .cell(t.get(command_text(&order.kind)))
                .cell(Badge::new(t.get(command_state_text(order.state))).tone(tone))
                .cell(t.get(who))
        });
        let table = Table::new(t.get("devices-commands"), columns).rows(rows).empty(
            Empty::new(t.get("devices-commands-none"), t.get("devices-commands-none-text")).icon("send"),
        );
        let body =
            Markup::from(Card::plain().flush().body(table)).then(Pager::new(reader, self.next.as_deref()));
        view(reader, &self.device).live(&["devices.command_settled", "devices.command_made"]).body(body)
    }
}

fn next_of<T, P: serde::Serialize>(rows: &mut Vec<T>, place: impl Fn(&T) -> P) -> Option<String> {
    let most = usize::try_from(LINES).unwrap_or(usize::MAX);
    if rows.len() <= most {
        return None;
    }
    rows.truncate(most);
    rows.last().map(|last| sekisho_web::Cursor::encode(&place(last)))
}

/// Its settings.
pub(crate) async fn settings(asker: Asker, State(devices): State<Devices>, id: Path<DeviceId>) -> Result {
    let device = of(&asker, &devices, id).await?;
    let site = device.site.map(|site| site.to_string()).unwrap_or_default();
    let state = FormState::empty().with("name", &device.name).with("site", site);
    show_settings(&asker, &devices, device, state, StatusCode::OK).await
}

async fn show_settings(
    asker: &Asker,
    devices: &Devices,
    device: Device,
    state: FormState,
    status: StatusCode,
) -> Result {
    let sites = super::sites(asker, devices).await?;
    Ok(asker.show(&Settings { device, state, sites, status }))
}

/// `/devices/{id}/settings`.
pub(super) struct Settings {
    pub(super) device: Device,
    pub(super) state: FormState,
    pub(super) sites: Vec<Site>,
    pub(super) status: StatusCode,
}

impl Page for Settings {
    fn draw(&self, reader: &Reader) -> Sheet {
        let (t, device, state) = (reader.texts(), &self.device, &self.state);
        let here = format!("/devices/{}", device.id);
        let form = FormBox::post(format!("{here}/settings"), state, &t)
            .add(
                Field::text("name", t.get("name"))
                    .from(state, &t)
                    .required()
                    .attr("maxlength", NewDevice::LONGEST_NAME),
            )
            .add(site_field(&self.sites, "none", state, &t))
            .submit(t.get("save"))
            .cancel(&here, t.get("cancel"));
        let body = Grid::main_and_side().add(Card::plain().body(form)).add(acts(&t, device, &here));
        view(reader, device).status(self.status).body(body)
    }
}

/// What can be done with a device that is not shut out.
fn acts(t: &Texts, device: &Device, here: &str) -> Markup {
    if device.standing == Standing::Revoked {
        return Markup::default();
    }
    let claim = Confirm::new(
        format!("{here}/claim"),
        t.get("devices-claim-again"),
        t.get("devices-claim-again-question"),
        t.get("devices-claim-again"),
    );
    let restart = Button::post(format!("{here}/restart"), t.get("devices-restart")).icon("refresh");
    let revoke = Confirm::new(
        format!("{here}/revoke"),
        t.get("devices-revoke"),
        t.with("devices-revoke-question", [("name", device.name.as_str())]),
        t.get("devices-revoke"),
    );
    let card = |title: &str, text: &str, act: Markup| {
        Card::new(t.get(title))
            .body(Markup::raw("<p>").then(Markup::text(t.get(text))).then(Markup::raw("</p>")).then(act))
    };
    Markup::from(card("devices-restart", "devices-restart-text", restart.into()))
        .then(card("devices-claim-again", "devices-claim-again-text", claim.into()))
        .then(card("devices-revoke", "devices-revoke-text", revoke.into()))
}

/// Renames or moves it.
pub(crate) async fn change(
    asker: Asker,
    State(devices): State<Devices>,
    id: Path<DeviceId>,
    form: Form<DeviceForm>,
) -> Result {
    let device = of(&asker, &devices, id).await?;
    let (value, state) = form.split();
    let changed = async { Ok(devices.change_now(&asker.cx, device.id, value?.into()).await?) };
    match changed.await {
        Ok(()) => Ok(asker.done("devices-saved", format!("/devices/{}", device.id))),
        Err(error) => {
            let state = state.failed(error)?;
            show_settings(&asker, &devices, device, state, StatusCode::UNPROCESSABLE_ENTITY).await
        }
    }
}

/// A new claim code, shown once.
pub(crate) async fn claim(asker: Asker, State(devices): State<Devices>, id: Path<DeviceId>) -> Result {
    let device = of(&asker, &devices, id).await?;
    let code = devices.claim_now(&asker.cx, device.id).await?;
    claim_page::show(&asker, &devices, device, code)
}

/// Starts its agent again.
pub(crate) async fn restart(
    asker: Asker,
    State(devices): State<Devices>,
    Path(id): Path<DeviceId>,
) -> Result {
    devices.restart_now(&asker.cx, id).await?;
    Ok(asker.done("devices-restarting", format!("/devices/{id}/commands")))
}

/// Shuts it out.
pub(crate) async fn revoke(asker: Asker, State(devices): State<Devices>, Path(id): Path<DeviceId>) -> Result {
    devices.revoke_now(&asker.cx, id).await?;
    Ok(asker.done("devices-revoked-done", "/devices"))
}

fn sentence(t: &Texts, kind: &EventKind) -> String {
    let id = match kind {
        EventKind::Unknown => "devices-event-unknown",
        EventKind::Started { .. } => "devices-event-started",
        EventKind::BinOpened { .. } => "devices-event-bin-opened",
        EventKind::BinClosed { .. } => "devices-event-bin-closed",
        EventKind::KeyRemoved { .. } => "devices-event-key-removed",
        EventKind::KeyInserted { .. } => "devices-event-key-inserted",
        EventKind::KeyUnknown { .. } => "devices-event-key-unknown",
        EventKind::BinForced { .. } => "devices-event-bin-forced",
        EventKind::BinLeftOpen { .. } => "devices-event-bin-left-open",
        EventKind::DoorOpened { .. } => "devices-event-door-opened",
        EventKind::DoorClosed => "devices-event-door-closed",
        EventKind::TamperOn => "devices-event-tamper-on",
        EventKind::TamperOff => "devices-event-tamper-off",
        EventKind::PowerLost => "devices-event-power-lost",
        EventKind::PowerRestored => "devices-event-power-restored",
        EventKind::BatteryLow { percent } => {
            return t.with("devices-event-battery-low", [("percent", percent.to_string())]);
        }
        EventKind::ClockStepped { .. } => "devices-event-clock-stepped",
        EventKind::CodeRefused { .. } => "devices-event-code-refused",
        EventKind::BinJammed { .. } => "devices-event-bin-jammed",
        EventKind::PicturesLost { count } => {
            return t.with("devices-event-pictures-lost", [("count", count.to_string())]);
        }
        EventKind::Updating { step, version, .. } => {
            return t.with(update_text(*step), [("version", version.clone())]);
        }
    };
    match words::bin(kind) {
        Some(bin) => t.with(id, [("bin", bin.to_string())]),
        None => t.get(id),
    }
}

const fn update_text(step: UpdateStep) -> &'static str {
    match step {
        UpdateStep::Unknown => "devices-event-unknown",
        UpdateStep::Downloading => "devices-event-update-downloading",
        UpdateStep::Verified => "devices-event-update-verified",
        UpdateStep::Installed => "devices-event-update-installed",
        UpdateStep::Booted => "devices-event-update-booted",
        UpdateStep::Good => "devices-event-update-good",
        UpdateStep::Reverted => "devices-event-update-reverted",
        UpdateStep::Refused => "devices-event-update-refused",
    }
}

fn icon(kind: &EventKind) -> &'static str {
    match kind {
        EventKind::KeyRemoved { .. } | EventKind::KeyInserted { .. } => "key",
        EventKind::KeyUnknown { .. } => "key-off",
        EventKind::BinOpened { .. } | EventKind::BinClosed { .. } | EventKind::BinLeftOpen { .. } => {
            "archive"
        }
        EventKind::BinForced { .. } | EventKind::BinJammed { .. } | EventKind::TamperOn => "alert-triangle",
        EventKind::DoorOpened { .. } | EventKind::DoorClosed => "door",
        EventKind::PowerLost | EventKind::PowerRestored => "power",
        EventKind::BatteryLow { .. } => "battery-1",
        EventKind::ClockStepped { .. } => "clock-exclamation",
        EventKind::CodeRefused { .. } => "hand-stop",
        EventKind::TamperOff => "shield-check",
        EventKind::PicturesLost { .. } => "camera",
        EventKind::Updating { .. } => "download",
        EventKind::Started { .. } | EventKind::Unknown => "info-circle",
    }
}

fn command_text(word: &str) -> &'static str {
    match word {
        "release_bin" => "devices-command-release-bin",
        "light_bin" => "devices-command-light-bin",
        "unlock_master" => "devices-command-unlock-master",
        "disable_bin" => "devices-command-disable-bin",
        "enable_bin" => "devices-command-enable-bin",
        "reboot" => "devices-command-reboot",
        "renew_certificate" => "devices-command-renew-certificate",
        "update" => "devices-command-update",
        _ => "devices-command-unknown",
    }
}

const fn command_state_text(state: CommandState) -> &'static str {
    match state {
        CommandState::Created => "devices-command-created",
        CommandState::Sent => "devices-command-sent",
        CommandState::Accepted => "devices-command-accepted",
        CommandState::Succeeded => "devices-command-succeeded",
        CommandState::Failed => "devices-command-failed",
        CommandState::Rejected => "devices-command-rejected",
        CommandState::Expired => "devices-command-expired",
        CommandState::Unknown => "devices-command-lost",
    }
}
