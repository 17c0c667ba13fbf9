//! Forms for boxes and keys, used to add and to change them.

use axum::extract::State;
use axum::http::StatusCode;
use axum::response::Response;
use sekisho_kernel::SiteId;
use sekisho_places::Site;
use sekisho_web::parts::{Card, Field, FormBox};
use sekisho_web::{Asker, Form, FormState, IfMatch, Page, Query, Reader, Result, Sheet, Texts, WebError};
use serde::Deserialize;

use crate::due::DueRule;
use crate::ids::BoxId;
use crate::reads::{BoxRow, KeyRow};
use crate::tables::words::ReturnPolicy;
use crate::{BoxForm, KeyForm, Keys};

/// What the form of a box sends.
#[derive(Clone, Debug, Deserialize)]
pub(super) struct BoxSent {
    name: String,
    site: Option<SiteId>,
    directions: String,
    bins: i64,
    columns: i64,
    return_policy: String,
    seen: Option<String>,
}

impl From<BoxSent> for BoxForm {
    fn from(sent: BoxSent) -> Self {
        Self {
            name: sent.name,
            site: sent.site,
            directions: sent.directions,
            bins: sent.bins,
            columns: sent.columns,
            return_policy: ReturnPolicy::from_word(&sent.return_policy).unwrap_or(ReturnPolicy::FixedBin),
            seen: seen(sent.seen),
        }
    }
}

/// What the form was filled in on; a form of a new thing says nothing.
fn seen(sent: Option<String>) -> IfMatch {
    sent.map_or(IfMatch::ANY, IfMatch::seen)
}

/// The state with which the form of an existing box begins.
pub(super) fn box_state(place: &BoxRow) -> FormState {
    FormState::empty()
        .with("name", &place.name)
        .with("site", place.site.map(|site| site.to_string()).unwrap_or_default())
        .with("directions", &place.directions)
        .with("bins", place.bins.len())
        .with("columns", place.columns)
        .with("return_policy", place.return_policy.word())
}

/// The form of a box.
pub(super) fn box_form(t: &Texts, sites: &[Site], state: &FormState, action: String) -> FormBox {
    let sites = [(String::new(), t.get("keys-no-site"))]
        .into_iter()
        .chain(sites.iter().map(|site| (site.id.to_string(), site.name.clone())));
    let policies = ReturnPolicy::ALL.iter().map(|policy| {
        (policy.word().to_owned(), t.get(&format!("keys-return-{}", policy.word().replace('_', "-"))))
    });
    FormBox::post(action, state, t)
        .add(
            Field::text("name", t.get("name"))
                .from(state, t)
                .required()
                .attr("maxlength", 100)
                .placeholder(t.get("keys-box-example")),
        )
        .add(
            Field::select("site", t.get("keys-site"))
                .options(sites)
                .from(state, t)
                .hint(t.get("keys-site-hint")),
        )
        .add(
            Field::text("directions", t.get("keys-directions"))
                .from(state, t)
                .optional(t.get("optional"))
                .hint(t.get("keys-directions-hint")),
        )
        .beside([
            Field::number("bins", t.get("keys-bins-count"))
                .from(state, t)
                .required()
                .short()
                .attr("min", 1)
                .attr("max", crate::add_box::MOST_BINS),
            Field::number("columns", t.get("keys-columns"))
                .from(state, t)
                .required()
                .short()
                .attr("min", 1)
                .attr("max", 12),
        ])
        .add(Field::radio("return_policy", t.get("keys-return-policy")).options(policies).from(state, t))
        .add(Field::hidden("seen", state.value("seen")))
        .submit(t.get("save"))
        .cancel("/keys", t.get("cancel"))
}

/// Where boxes may hang.
pub(super) async fn sites(asker: &Asker, keys: &Keys) -> Result<Vec<Site>> {
    Ok(sekisho_places::sites(&keys.store.read(asker.cx.tenant).await?).await?)
}

/// The empty form of a box.
pub(super) async fn new_box(asker: Asker, State(keys): State<Keys>) -> Result {
    let state = FormState::empty().with("bins", 12).with("columns", 4).with("return_policy", "fixed_bin");
    show_box(&asker, &keys, state, StatusCode::OK).await
}

async fn show_box(asker: &Asker, keys: &Keys, state: FormState, status: StatusCode) -> Result<Response> {
    let sites = sites(asker, keys).await?;
    Ok(asker.show(&NewBox { state, sites, status }))
}

/// The form of a new box.
pub(super) struct NewBox {
    pub(super) state: FormState,
    pub(super) sites: Vec<Site>,
    pub(super) status: StatusCode,
}

impl Page for NewBox {
    fn draw(&self, reader: &Reader) -> Sheet {
        let form = box_form(&reader.texts(), &self.sites, &self.state, "/keys/boxes/new".to_owned());
        let sheet = reader.sheet("keys-add-box").crumb("/keys", "keys-title");
        sheet.status(self.status).body(Card::plain().body(form))
    }
}

/// Adds the box.
pub(super) async fn add_box(asker: Asker, State(keys): State<Keys>, sent: Form<BoxSent>) -> Result {
    let (sent, state) = sent.split();
    let added = match sent {
        Ok(sent) => crate::add_box(&keys, &asker.cx, sent.into()).await.map_err(WebError::from),
        Err(error) => Err(error),
    };
    match added {
        Ok(id) => Ok(asker.done("keys-box-added", format!("/keys/boxes/{id}"))),
        Err(error) => show_box(&asker, &keys, state.failed(error)?, StatusCode::UNPROCESSABLE_ENTITY).await,
    }
}

/// What the form of a key sends.
#[derive(Clone, Debug, Deserialize)]
pub(super) struct KeySent {
    name: String,
    description: String,
    pickup_note: String,
    fob: Option<String>,
    home_box: Option<BoxId>,
    home_bin: Option<i64>,
    return_policy: String,
    due: String,
    due_minutes: Option<u32>,
    due_time: String,
    due_days: Option<u8>,
    hangs_there: bool,
    seen: Option<String>,
}

impl From<KeySent> for KeyForm {
    fn from(sent: KeySent) -> Self {
        let clock = sent.due_time.split_once(':').and_then(|(hour, minute)| {
            Some((hour.parse::<u8>().ok()?, minute.get(..2)?.parse::<u8>().ok()?))
        });
        let due = match (&*sent.due, clock) {
            ("after", _) => DueRule::After { minutes: sent.due_minutes.unwrap_or(480) },
            ("at", Some((hour, minute))) => DueRule::At { hour, minute, days: sent.due_days.unwrap_or(0) },
            ("at", None) => DueRule::At { hour: 18, minute: 0, days: sent.due_days.unwrap_or(0) },
            _ => DueRule::Never,
        };
        Self {
            name: sent.name,
            description: sent.description,
            pickup_note: sent.pickup_note,
            fob: sent.fob,
            home_box: sent.home_box,
            home_bin: sent.home_bin,
            return_policy: ReturnPolicy::from_word(&sent.return_policy),
            due,
            hangs_there: sent.hangs_there,
            seen: seen(sent.seen),
        }
    }
}

/// The state with which the form of an existing key begins.
pub(super) fn key_state(key: &KeyRow) -> FormState {
    let state = FormState::empty()
        .with("name", &key.name)
        .with("description", &key.description)
        .with("pickup_note", &key.pickup_note)
        .with("fob", key.fob.as_deref().unwrap_or_default())
        .with("home_box", key.home_box.map(|id| id.to_string()).unwrap_or_default())
        .with("home_bin", key.home_bin.map(|bin| bin.to_string()).unwrap_or_default())
        .with("return_policy", key.return_policy.map_or("", ReturnPolicy::word));
    match key.due_rule {
        DueRule::Never => state.with("due", "never"),
        DueRule::After { minutes } => state.with("due", "after").with("due_minutes", minutes),
        DueRule::At { hour, minute, days } => {
            state.with("due", "at").with("due_time", format!("{hour:02}:{minute:02}")).with("due_days", days)
        }
    }
}

/// The form of a key.
pub(super) fn key_form(
    t: &Texts,
    boxes: &[BoxRow],
    state: &FormState,
    action: String,
    adding: bool,
) -> FormBox {
    let boxes = [(String::new(), t.get("keys-no-box"))]
        .into_iter()
        .chain(boxes.iter().map(|place| (place.id.to_string(), place.name.clone())));
    let policies = [(String::new(), t.get("keys-return-as-box"))].into_iter().chain(
        ReturnPolicy::ALL.iter().map(|policy| {
            (policy.word().to_owned(), t.get(&format!("keys-return-{}", policy.word().replace('_', "-"))))
        }),
    );
    let dues = ["never", "after", "at"].map(|word| (word.to_owned(), t.get(&format!("keys-due-{word}"))));
    let mut form = FormBox::post(action, state, t)
        .add(Field::hidden("seen", state.value("seen")))
        .add(
            Field::text("name", t.get("name"))
                .from(state, t)
                .required()
                .attr("maxlength", 100)
                .placeholder(t.get("keys-key-example")),
        )
        .add(Field::text("description", t.get("keys-description")).from(state, t).optional(t.get("optional")))
        .add(
            Field::lines("pickup_note", t.get("keys-pickup-note"))
                .from(state, t)
                .optional(t.get("optional"))
                .hint(t.get("keys-pickup-note-hint"))
                .attr("rows", 2),
        )
        .add(
            Field::text("fob", t.get("keys-fob"))
                .from(state, t)
                .optional(t.get("optional"))
                .hint(t.get("keys-fob-hint"))
                .short(),
        )
        .heading(t.get("keys-place"))
        .beside([
            Field::select("home_box", t.get("keys-home-box")).options(boxes).from(state, t),
            Field::number("home_bin", t.get("keys-home-bin")).from(state, t).short().attr("min", 1),
        ])
        .add(Field::select("return_policy", t.get("keys-return-policy")).options(policies).from(state, t));
    if adding {
        form = form.add(Field::checkbox("hangs_there", t.get("keys-hangs-there")).from(state, t));
    }
    form.heading(t.get("keys-due"))
        .add(Field::radio("due", t.get("keys-due-rule")).options(dues).from(state, t))
        .beside([
            Field::number("due_minutes", t.get("keys-due-minutes")).from(state, t).short().attr("min", 1),
            Field::time("due_time", t.get("keys-due-time")).from(state, t).short(),
            Field::number("due_days", t.get("keys-due-days"))
                .from(state, t)
                .short()
                .attr("min", 0)
                .attr("max", 60),
        ])
        .submit(t.get("save"))
        .cancel("/keys", t.get("cancel"))
}

/// `?box=…&bin=…` for a key added from its bin.
#[derive(Default, Deserialize)]
pub(super) struct NewKeyAsk {
    #[serde(rename = "box")]
    place: Option<BoxId>,
    bin: Option<i64>,
}

/// The empty form of a key.
pub(super) async fn new_key(asker: Asker, State(keys): State<Keys>, Query(ask): Query<NewKeyAsk>) -> Result {
    let state = FormState::empty()
        .with("home_box", ask.place.map(|id| id.to_string()).unwrap_or_default())
        .with("home_bin", ask.bin.map(|bin| bin.to_string()).unwrap_or_default())
        .with("due", "never");
    show_key(&asker, &keys, state, StatusCode::OK).await
}

async fn show_key(asker: &Asker, keys: &Keys, state: FormState, status: StatusCode) -> Result<Response> {
    let (sight, stock) = super::seen(asker, keys).await?;
    if !sight.manages_anything() {
        return Err(WebError::missing());
    }
    Ok(asker.show(&NewKey { state, boxes: stock.boxes, status }))
}

/// The form of a new key.
pub(super) struct NewKey {
    pub(super) state: FormState,
    pub(super) boxes: Vec<BoxRow>,
    pub(super) status: StatusCode,
}

impl Page for NewKey {
    fn draw(&self, reader: &Reader) -> Sheet {
        let form = key_form(&reader.texts(), &self.boxes, &self.state, "/keys/new".to_owned(), true);
        let sheet = reader.sheet("keys-add-key").crumb("/keys", "keys-title");
        sheet.status(self.status).body(Card::plain().body(form))
    }
}

/// Adds the key.
pub(super) async fn add_key(asker: Asker, State(keys): State<Keys>, sent: Form<KeySent>) -> Result {
    let (sent, state) = sent.split();
    let added = match sent {
        Ok(sent) => crate::add_key(&keys, &asker.cx, sent.into()).await.map_err(WebError::from),
        Err(error) => Err(error),
    };
    match added {
        Ok(id) => Ok(asker.done("keys-key-added", format!("/keys/{id}"))),
        Err(error) => show_key(&asker, &keys, state.failed(error)?, StatusCode::UNPROCESSABLE_ENTITY).await,
    }
}
