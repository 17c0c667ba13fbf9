//! `/devices/updates`: rollouts, what is published, and how far each device is.

use axum::extract::{Path, State};
use axum::http::StatusCode;
use sekisho_places::Site;
use sekisho_web::parts::{
    Alert, Badge, Button, Card, Column, Confirm, Empty, Field, Filters, FormBox, Grid, KeyValue, Row, Table,
    Tone,
};
use sekisho_web::{
    Asker, Form, FormState, Markup, Page, Query, Reader, Result, Sheet, Texts, WebError, csv, escape_query,
};
use serde::Deserialize;

use super::{site_field, sites};
use crate::rollout::{Progress, RolloutState};
use crate::update_api::MOST_SHOWN;
use crate::{DeviceProgress, Devices, NewRollout, Published, Rollout, RolloutId};

/// What changes what these pages show.
const TOPICS: [&str; 1] = ["devices.rollout_moved"];

/// What the list is narrowed by.
#[derive(Clone, Debug, Default, Deserialize)]
#[serde(default)]
pub(crate) struct RolloutListAsk {
    q: String,
    state: String,
}

impl RolloutListAsk {
    fn shows(&self, rollout: &Rollout) -> bool {
        (self.state.is_empty() || rollout.state.word() == self.state)
            && rollout.image.to_lowercase().contains(&self.q.trim().to_lowercase())
    }
}

/// All rollouts.
pub(crate) async fn list(
    asker: Asker,
    State(devices): State<Devices>,
    Query(ask): Query<RolloutListAsk>,
) -> Result {
    let published = devices.published(&asker.cx).await?;
    let all = devices.rollouts(&asker.cx, MOST_SHOWN).await?;
    Ok(asker.show(&RolloutList { published, all, ask }))
}

/// `/devices/updates`.
pub(super) struct RolloutList {
    pub(super) published: Published,
    pub(super) all: Vec<Rollout>,
    pub(super) ask: RolloutListAsk,
}

impl Page for RolloutList {
    fn draw(&self, reader: &Reader) -> Sheet {
        let t = reader.texts();
        let sheet = reader.sheet("devices-updates").crumb("/devices", "devices-title").live(&TOPICS);
        let published = published(reader, &t, &self.published);
        if self.published.images.is_empty() {
            let empty = Empty::new(t.get("devices-updates-none"), t.get("devices-updates-none-text"))
                .icon("download");
            // Before anybody asked for the server's key there is nothing to say of images and signatures.
            let known = (!self.published.online_key.is_empty()).then_some(published);
            let publish =
                Button::link("/devices/updates/publish", t.get("devices-publish")).primary().icon("upload");
            let sheet = if self.published.root_version > 0 { sheet.action(publish) } else { sheet };
            return sheet.body(Markup::from(Card::plain().body(empty)).then(Markup::from(known)));
        }
        let add = Button::link("/devices/updates/new", t.get("devices-rollout-new")).primary().icon("plus");
        let states = [(String::new(), t.get("devices-rollout-all"))].into_iter().chain(
            RolloutState::ALL
                .iter()
                .copied()
                .map(|state| (state.word().to_owned(), t.get(state_text(state)))),
        );
        let file = format!(
            "/devices/updates.csv?q={}&state={}",
            escape_query(&self.ask.q),
            escape_query(&self.ask.state)
        );
        let filters = Filters::new("/devices/updates", t.get("search"))
            .search(t.get("search"), &self.ask.q)
            .field(Field::select("state", t.get("state")).options(states).value(&self.ask.state))
            .more(Button::link(file, t.get("csv")).quiet().icon("download"));
        let columns = [
            Column::new(t.get("devices-rollout-image")),
            Column::new(t.get("state")).narrow(),
            Column::new(t.get("devices-rollout-progress")),
            Column::new(t.get("devices-rollout-started")).secondary(),
        ];
        let rows = self.all.iter().filter(|one| self.ask.shows(one)).map(|one| {
            Row::new()
                .cell(&one.image)
                .cell(state_badge(&t, one.state))
                .cell(summary(&t, one))
                .cell(reader.time(one.created_at, reader.zone()))
                .href(format!("/devices/updates/{}", one.id))
        });
        let none =
            Empty::new(t.get("devices-rollout-none"), t.get("devices-rollout-none-text")).icon("search");
        let table = Table::new(t.get("devices-updates"), columns).rows(rows).empty(none);
        let main = Markup::from(filters).then(Card::plain().flush().body(table));
        sheet.action(add).body(main.then(published))
    }
}

/// The list as CSV.
pub(crate) async fn list_csv(
    asker: Asker,
    State(devices): State<Devices>,
    Query(ask): Query<RolloutListAsk>,
) -> Result {
    let t = asker.texts();
    let header = [
        "devices-rollout-image",
        "state",
        "devices-progress-good",
        "devices-progress-failed",
        "devices-title",
    ]
    .map(|id| t.get(id));
    let all = devices.rollouts(&asker.cx, MOST_SHOWN).await?;
    let rows = all.iter().filter(|one| ask.shows(one)).map(|one| {
        vec![
            one.image.clone(),
            one.state.word().to_owned(),
            one.count(|state| state == Progress::Good).to_string(),
            one.count(Progress::is_error).to_string(),
            one.devices().to_string(),
        ]
    });
    Ok(csv(&asker, "updates.csv", &header, rows))
}

/// What the signers published.
fn published(reader: &Reader, t: &Texts, published: &Published) -> Markup {
    let time = |at| reader.time(at, reader.zone());
    let facts = KeyValue::new()
        .row(t.get("devices-updates-root"), published.root_version.to_string())
        .row(t.get("devices-updates-root-until"), published.root_expires.map(time))
        .row(t.get("devices-updates-targets"), published.targets_version.to_string())
        .row(t.get("devices-updates-current-until"), published.current_until.map(time))
        .row(t.get("devices-updates-key"), &published.online_key);
    let columns = ["devices-rollout-image", "devices-updates-hardware", "devices-updates-version", "state"]
        .map(|id| Column::new(t.get(id)));
    let rows = published.images.iter().map(|(image, whole)| {
        let (text, tone) = match whole {
            true => ("devices-updates-whole", Tone::Good),
            false => ("devices-updates-missing", Tone::Warn),
        };
        Row::new()
            .cell(&image.name)
            .cell(&image.hardware)
            .cell(image.version.to_string())
            .cell(Badge::new(t.get(text)).tone(tone))
    });
    let images = Table::new(t.get("devices-updates-images"), columns).rows(rows);
    let publish = Button::link("/devices/updates/publish", t.get("devices-publish")).small().icon("upload");
    Markup::from(Card::new(t.get("devices-updates-images")).action(publish).flush().body(images))
        .then(Card::new(t.get("devices-updates-signed")).body(facts))
}

/// What a new rollout's form holds.
#[derive(Clone, Debug, Default, Deserialize)]
#[serde(default)]
pub(crate) struct RolloutForm {
    image: String,
    site: String,
    names: String,
    stages: String,
    success: String,
    errors: String,
    hours: String,
}

impl RolloutForm {
    /// What was typed. Numbers that are none are refused with those out of range; a site that is none is not all sites.
    fn read(self) -> Result<NewRollout> {
        let site = match self.site.as_str() {
            "" => None,
            id => Some(id.parse().map_err(|_| WebError::invalid("site", "devices-error-site"))?),
        };
        Ok(NewRollout {
            image: self.image,
            site,
            names: self.names,
            stages: self.stages,
            success: self.success.trim().parse().unwrap_or(0),
            errors: self.errors.trim().parse().unwrap_or(u8::MAX),
            hours: self.hours.trim().parse().unwrap_or(0),
        })
    }
}

/// The form for a new rollout.
pub(crate) async fn new(asker: Asker, State(devices): State<Devices>) -> Result {
    let state = FormState::empty()
        .with("stages", "1, 10%, 100%")
        .with("success", "90")
        .with("errors", "5")
        .with("hours", "24");
    show_new(&asker, &devices, state, StatusCode::OK).await
}

async fn show_new(asker: &Asker, devices: &Devices, state: FormState, status: StatusCode) -> Result {
    let published = devices.published(&asker.cx).await?;
    let images =
        published.images.into_iter().filter(|(_, whole)| *whole).map(|(image, _)| image.name).collect();
    let sites = sites(asker, devices).await?;
    Ok(asker.show(&NewRolloutPage { state, images, sites, status }))
}

/// `/devices/updates/new`.
pub(super) struct NewRolloutPage {
    pub(super) state: FormState,
    pub(super) images: Vec<String>,
    pub(super) sites: Vec<Site>,
    pub(super) status: StatusCode,
}

impl Page for NewRolloutPage {
    fn draw(&self, reader: &Reader) -> Sheet {
        let (t, state) = (reader.texts(), &self.state);
        let images = self.images.iter().map(|name| (name.clone(), name.clone()));
        let number =
            |name: &str, label: &str| Field::number(name, t.get(label)).from(state, &t).required().short();
        let form = FormBox::post("/devices/updates/new", state, &t)
            .add(
                Field::select("image", t.get("devices-rollout-image"))
                    .options(images)
                    .from(state, &t)
                    .required(),
            )
            .add(site_field(&self.sites, "devices-rollout-every-site", state, &t))
            .add(
                Field::text("names", t.get("devices-rollout-names"))
                    .from(state, &t)
                    .hint(t.get("devices-rollout-names-hint")),
            )
            .add(
                Field::text("stages", t.get("devices-rollout-stages"))
                    .from(state, &t)
                    .required()
                    .hint(t.get("devices-rollout-stages-hint")),
            )
            .add(number("success", "devices-rollout-success"))
            .add(number("errors", "devices-rollout-errors"))
            .add(number("hours", "devices-rollout-hours"))
            .submit(t.get("devices-rollout-start"))
            .cancel("/devices/updates", t.get("cancel"));
        let steps = Card::new(t.get("devices-updates-steps")).body(t.markup("devices-rollout-steps", &[]));
        reader
            .sheet("devices-rollout-new")
            .crumb("/devices", "devices-title")
            .crumb("/devices/updates", "devices-updates")
            .status(self.status)
            .body(Grid::main_and_side().add(Card::plain().body(form)).add(steps))
    }
}

/// Starts a rollout.
pub(crate) async fn start(asker: Asker, State(devices): State<Devices>, form: Form<RolloutForm>) -> Result {
    let (value, state) = form.split();
    let started = async { Ok(devices.start_rollout(&asker.cx, value?.read()?).await?) };
    match started.await {
        Ok(id) => Ok(asker.done("devices-rollout-begun", format!("/devices/updates/{id}"))),
        Err(error) => {
            show_new(&asker, &devices, state.failed(error)?, StatusCode::UNPROCESSABLE_ENTITY).await
        }
    }
}

/// One rollout.
pub(crate) async fn one(asker: Asker, State(devices): State<Devices>, Path(id): Path<RolloutId>) -> Result {
    let rollout = devices.rollout(&asker.cx, id).await?;
    let all = devices.rollout_devices(&asker.cx, id).await?;
    Ok(asker.show(&RolloutPage { rollout, all }))
}

/// `/devices/updates/{id}`.
pub(super) struct RolloutPage {
    pub(super) rollout: Rollout,
    pub(super) all: Vec<DeviceProgress>,
}

impl Page for RolloutPage {
    fn draw(&self, reader: &Reader) -> Sheet {
        let (t, rollout) = (reader.texts(), &self.rollout);
        let facts = KeyValue::new()
            .row(t.get("state"), state_badge(&t, rollout.state))
            .row(t.get("devices-updates-version"), &rollout.version)
            .row(t.get("devices-updates-hardware"), &rollout.hardware)
            .row(t.get("devices-rollout-success"), format!("{} %", rollout.success))
            .row(t.get("devices-rollout-errors"), format!("{} %", rollout.errors))
            .row(t.get("devices-rollout-started"), reader.time(rollout.created_at, reader.zone()))
            .row(t.get("devices-rollout-ended"), rollout.ended_at.map(|at| reader.time(at, reader.zone())));
        let halted = match rollout.state {
            RolloutState::Halted => Alert::new(Tone::Danger, t.get("devices-rollout-halted-text")).into(),
            _ => Markup::default(),
        };
        let stages = (0_u64..).zip(&rollout.stages).fold(halted, |body, (number, stage)| {
            let of = |is: fn(Progress) -> bool| -> u64 {
                stage.iter().filter(|(state, _)| is(**state)).map(|(_, count)| count).sum()
            };
            let (all, good, failed) =
                (of(|_| true), of(|state| state == Progress::Good), of(Progress::is_error));
            let title = t.with("devices-rollout-stage", [("number", (number + 1).to_string())]);
            let said = t.with(
                "devices-rollout-stage-text",
                [("good", good.to_string()), ("failed", failed.to_string()), ("all", all.to_string())],
            );
            // Full when all are good: who failed is told in words.
            let bar = Markup::raw(format!("<progress class=\"w-100\" max=\"{all}\" value=\"{good}\">"))
                .then(Markup::text(said.clone()))
                .then(Markup::raw("</progress><div>"))
                .then(Markup::text(said))
                .then(Markup::raw("</div>"));
            body.then(Card::new(title).body(bar))
        });
        let columns = [
            Column::new(t.get("name")),
            Column::new(t.get("devices-rollout-stage-column")).narrow(),
            Column::new(t.get("state")).narrow(),
            Column::new(t.get("devices-rollout-why")),
            Column::new(t.get("devices-rollout-since")).secondary(),
        ];
        let rows = self.all.iter().map(|one| {
            let said = Badge::new(t.get(progress_text(one.state))).tone(progress_tone(one.state));
            let why = one.why.as_ref().map(|why| t.with("devices-why", [("why", why.clone())]));
            Row::new()
                .cell(&one.name)
                .cell((one.stage + 1).to_string())
                .cell(said)
                .cell(why.unwrap_or_default())
                .cell(reader.time(one.at, reader.zone()).relative())
                .href(format!("/devices/{}", one.device))
        });
        let table = Table::new(t.get("devices-title"), columns).rows(rows);
        let main = stages.then(Card::new(t.get("devices-title")).flush().body(table));
        let side = Markup::from(Card::new(t.get("devices-condition")).body(facts)).then(acts(&t, rollout));
        reader
            .sheet_of(&rollout.image)
            .crumb("/devices", "devices-title")
            .crumb("/devices/updates", "devices-updates")
            .live(&TOPICS)
            .body(Grid::main_and_side().add(main).add(side))
    }
}

/// What can be done with a rollout that goes on.
fn acts(t: &Texts, rollout: &Rollout) -> Markup {
    let here = format!("/devices/updates/{}", rollout.id);
    let turn: Markup = match rollout.state {
        RolloutState::Running => {
            Button::post(format!("{here}/pause"), t.get("devices-rollout-pause")).icon("hourglass").into()
        }
        RolloutState::Paused => {
            Button::post(format!("{here}/resume"), t.get("devices-rollout-resume")).icon("refresh").into()
        }
        _ => return Markup::default(),
    };
    let stop = Confirm::new(
        format!("{here}/stop"),
        t.get("devices-rollout-stop"),
        t.get("devices-rollout-stop-question"),
        t.get("devices-rollout-stop"),
    );
    Card::plain().body(turn.then(stop)).into()
}

/// Pauses it.
pub(crate) async fn pause(asker: Asker, State(devices): State<Devices>, Path(id): Path<RolloutId>) -> Result {
    devices.pause_rollout(&asker.cx, id).await?;
    Ok(asker.done("devices-rollout-paused", format!("/devices/updates/{id}")))
}

/// Lets it go on.
pub(crate) async fn resume(
    asker: Asker,
    State(devices): State<Devices>,
    Path(id): Path<RolloutId>,
) -> Result {
    devices.resume_rollout(&asker.cx, id).await?;
    Ok(asker.done("devices-rollout-resumed", format!("/devices/updates/{id}")))
}

/// Stops it.
pub(crate) async fn stop(asker: Asker, State(devices): State<Devices>, Path(id): Path<RolloutId>) -> Result {
    devices.stop_rollout(&asker.cx, id).await?;
    Ok(asker.done("devices-rollout-stopped", format!("/devices/updates/{id}")))
}

fn summary(t: &Texts, rollout: &Rollout) -> String {
    let count = |is: fn(Progress) -> bool| rollout.count(is).to_string();
    t.with(
        "devices-rollout-stage-text",
        [
            ("good", count(|state| state == Progress::Good)),
            ("failed", count(Progress::is_error)),
            ("all", rollout.devices().to_string()),
        ],
    )
}

const fn state_text(state: RolloutState) -> &'static str {
    match state {
        RolloutState::Running => "devices-rollout-running",
        RolloutState::Paused => "devices-rollout-is-paused",
        RolloutState::Stopped => "devices-rollout-is-stopped",
        RolloutState::Halted => "devices-rollout-halted",
        RolloutState::Finished => "devices-rollout-finished",
    }
}

fn state_badge(t: &Texts, state: RolloutState) -> Badge {
    let (tone, icon) = match state {
        RolloutState::Running => (Tone::Info, "refresh"),
        RolloutState::Paused => (Tone::Warn, "hourglass"),
        RolloutState::Stopped => (Tone::Plain, "ban"),
        RolloutState::Halted => (Tone::Danger, "alert-triangle"),
        RolloutState::Finished => (Tone::Good, "check"),
    };
    Badge::new(t.get(state_text(state))).tone(tone).icon(icon)
}

const fn progress_text(state: Progress) -> &'static str {
    match state {
        Progress::Waiting => "devices-progress-waiting",
        Progress::Offered => "devices-progress-offered",
        Progress::Downloading => "devices-progress-downloading",
        Progress::Verified => "devices-progress-verified",
        Progress::Installed => "devices-progress-installed",
        Progress::Booted => "devices-progress-booted",
        Progress::Failed => "devices-progress-failed",
        Progress::Refused => "devices-progress-refused",
        Progress::Reverted => "devices-progress-reverted",
        Progress::Good => "devices-progress-good",
    }
}

const fn progress_tone(state: Progress) -> Tone {
    match state {
        Progress::Waiting => Tone::Plain,
        Progress::Good => Tone::Good,
        Progress::Failed | Progress::Refused | Progress::Reverted => Tone::Danger,
        _ => Tone::Info,
    }
}
