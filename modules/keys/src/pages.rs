//! The pages under `/keys`, and a guest's own page under `/b`.

mod alerts;
mod bookings;
mod box_page;
mod box_pictures;
mod cabinet;
mod card;
mod forms;
mod groups;
mod guest;
mod inventory;
mod key_page;
mod key_tabs;
mod lend;
mod overview;
mod payments;
mod people;
mod pictures;
mod reports;
mod samples;

use axum::response::Response;
use sekisho_host::{SettingsEntry, SettingsGroup};
use sekisho_kernel::{Kind, PersonId};
use sekisho_web::parts::{Badge, Tone};
use sekisho_web::{Access, Asker, Markup, Reader, Result, Routes, Texts, WebError, arg};

use crate::Keys;
use crate::ids::{BoxId, KeyId};
use crate::reads::{self, KeyRow, KeyState, Sight, Stock, Which};

pub(crate) use pictures::image_of;
pub(crate) use samples::samplers;

pub(crate) use card::{HereCard, KeysCard, OutCard, TroubleCard};

/// What can be set about keys, and where.
pub(crate) const SETTINGS: [SettingsEntry; 7] = {
    use SettingsEntry as E;
    use SettingsGroup::Things;
    [
        E::new(Things, "keys-title", "keys-set-about", "/keys", "key"),
        E::new(Things, "keys-add-box", "keys-set-box-about", "/keys/boxes/new", "box").for_administrators(),
        E::new(Things, "keys-groups", "keys-set-groups-about", "/keys/groups", "tag"),
        E::new(Things, "keys-alerts", "keys-set-alerts-about", "/keys/alerts", "bell-ringing")
            .for_administrators(),
        E::new(Things, "keys-inventory", "keys-set-inventory-about", "/keys/inventory", "list-check")
            .for_administrators(),
        E::new(Things, "keys-payments", "keys-set-payments-about", "/keys/payments", "credit-card")
            .for_administrators(),
        E::new(Things, "keys-reports", "keys-set-reports-about", "/keys/reports", "chart-bar")
            .for_administrators(),
    ]
};

/// The routes of the pages.
pub(crate) fn routes() -> Routes<Keys> {
    let own = Access::Person;
    let guest = Access::Public("a guest's own page; the token in the address is the credential");
    Routes::new("keys")
        .get("/keys", own, overview::show)
        .get("/keys.csv", own, overview::download)
        .get("/keys/new", own, forms::new_key)
        .post("/keys/new", own, forms::add_key)
        .get("/keys/boxes/new", own, forms::new_box)
        .post("/keys/boxes/new", own, forms::add_box)
        .get("/keys/boxes/{id}", own, box_page::show)
        .get("/keys/boxes/{id}/history", own, box_page::history)
        .get("/keys/boxes/{id}/settings", own, box_page::settings)
        .post("/keys/boxes/{id}/settings", own, box_page::save)
        .post("/keys/boxes/{id}/lend", own, lend::lend)
        .post("/keys/boxes/{id}/device", own, box_page::connect)
        .post("/keys/boxes/{id}/camera", own, pictures::set_camera)
        .post("/keys/boxes/{id}/retire", own, box_page::retire)
        .get("/keys/boxes/{id}/bins/{bin}", own, box_page::bin)
        .post("/keys/boxes/{id}/bins/{bin}/light", own, box_page::light)
        .post("/keys/boxes/{id}/bins/{bin}/open", own, box_page::open)
        .post("/keys/boxes/{id}/bins/{bin}/disable", own, box_page::disable)
        .post("/keys/boxes/{id}/bins/{bin}/enable", own, box_page::enable)
        .post("/keys/boxes/{id}/unlock", own, box_page::unlock)
        .get("/keys/boxes/{id}/pictures", own, box_pictures::show)
        .get("/keys/boxes/{id}/pictures.csv", own, box_pictures::download)
        .get("/keys/pictures/{id}", own, pictures::show)
        .get("/keys/pictures/{id}/image", own, pictures::image)
        .post("/keys/pictures/{id}/delete", own, pictures::delete)
        .get("/keys/people", own, people::show)
        .get("/keys/bookings", own, bookings::show)
        .get("/keys/bookings/new", own, bookings::new)
        .post("/keys/bookings/new", own, bookings::make)
        .get("/keys/bookings/{id}", own, bookings::one)
        .post("/keys/bookings/{id}/cancel", own, bookings::cancel)
        .get("/keys/groups", own, groups::show)
        .post("/keys/groups", own, groups::add)
        .post("/keys/groups/{id}/name", own, groups::rename)
        .post("/keys/groups/{id}/put", own, groups::put)
        .post("/keys/groups/{id}/take", own, groups::take)
        .post("/keys/groups/{id}/remove", own, groups::remove)
        .get("/keys/alerts", own, alerts::show)
        .get("/keys/alerts/new", own, alerts::new)
        .post("/keys/alerts/new", own, alerts::add)
        .get("/keys/alerts/{id}", own, alerts::edit)
        .post("/keys/alerts/{id}", own, alerts::save)
        .post("/keys/alerts/{id}/remove", own, alerts::remove)
        .get("/keys/reports", own, reports::show)
        .get("/keys/reports.csv", own, reports::download)
        .get("/keys/inventory", own, inventory::show)
        .post("/keys/inventory/mend", own, inventory::mend)
        .get("/keys/payments", Access::Proven, payments::show)
        .post("/keys/payments", Access::Proven, payments::save)
        .post("/keys/payments/remove", Access::Proven, payments::remove)
        .post(
            payments::HOOK,
            Access::Public("a payment provider; its signature is the credential"),
            payments::hear,
        )
        .get("/keys/{id}", own, key_page::show)
        .get("/keys/{id}/rights", own, key_tabs::rights)
        .get("/keys/{id}/history", own, key_tabs::history)
        .get("/keys/{id}/settings", own, key_tabs::settings)
        .post("/keys/{id}/settings", own, key_tabs::save)
        .post("/keys/{id}/take", own, key_page::take)
        .post("/keys/{id}/lend", own, key_page::lend)
        .post("/keys/{id}/return", own, key_page::give_back)
        .post("/keys/{id}/fault", own, key_page::fault)
        .post("/keys/{id}/hand-over", own, key_page::hand_over)
        .post("/keys/hand-overs/{id}", own, key_page::confirm)
        .get("/keys/hand-overs/{id}", own, key_page::ask_code)
        .post("/keys/{id}/keycodes", own, key_page::make_keycode)
        .post("/keys/keycodes/{id}/cancel", own, key_page::cancel_keycode)
        .post("/keys/{id}/withdraw", own, key_page::withdraw)
        .get("/b/{token}", guest, guest::show)
        .post("/b/{token}/pay", guest, guest::pay)
        .post("/b/{token}/take", guest, guest::take)
}

/// What the viewer may see.
async fn sight(asker: &Asker, keys: &Keys) -> Result<Sight> {
    Ok(Sight::of(keys, &asker.cx, asker.person()?).await?)
}

/// What the viewer may see, and the stock seen so.
async fn seen(asker: &Asker, keys: &Keys) -> Result<(Sight, Stock)> {
    seen_of(asker, keys, Which::All).await
}

/// What the viewer may see, and that part of the stock.
async fn seen_of(asker: &Asker, keys: &Keys, which: Which<'_>) -> Result<(Sight, Stock)> {
    let sight = sight(asker, keys).await?;
    let stock = reads::stock_of(keys, &asker.cx, &sight, which).await?;
    Ok((sight, stock))
}

/// What the viewer may see, and a box with all that is in it and belongs there.
async fn seen_box(asker: &Asker, keys: &Keys, id: BoxId) -> Result<(Sight, Stock)> {
    seen_of(asker, keys, Which::Part { keys: &[], boxes: &[id] }).await
}

/// What the viewer may see, and a key with the box it belongs to.
async fn seen_key(asker: &Asker, keys: &Keys, id: KeyId) -> Result<(Sight, Stock)> {
    let sight = sight(asker, keys).await?;
    let stock = reads::stock_of_key(keys, &asker.cx, &sight, id).await?;
    Ok((sight, stock))
}

/// The badge of a key's state.
fn state_badge(t: &Texts, state: KeyState) -> Badge {
    let (tone, icon) = match state {
        KeyState::In => (Tone::Good, "circle-check"),
        KeyState::Released => (Tone::Info, "lock-open"),
        KeyState::Out => (Tone::Info, "user"),
        KeyState::DueSoon => (Tone::Info, "clock"),
        KeyState::Late => (Tone::Warn, "clock-exclamation"),
        KeyState::WrongBin => (Tone::Warn, "arrows-exchange"),
        KeyState::Missing => (Tone::Warn, "help-circle"),
        KeyState::Forced => (Tone::Danger, "alert-octagon"),
    };
    Badge::new(t.get(&format!("keys-state-{}", state.word()))).tone(tone).icon(icon)
}

/// Where a key is or with whom, since when, until when: a short line.
fn whereabouts(reader: &Reader, key: &KeyRow) -> Markup {
    let t = reader.texts();
    let place = || match key.bin {
        Some(bin) => t.with("keys-in-box-bin", [("box", arg(&key.box_name)), ("bin", arg(bin))]),
        None => key.box_name.clone(),
    };
    match key.state {
        KeyState::In | KeyState::WrongBin => Markup::text(place()),
        KeyState::Missing => Markup::text(t.get("keys-nobody-knows")),
        KeyState::Forced => Markup::text(t.get("keys-holder-unknown")),
        KeyState::Released | KeyState::Out | KeyState::DueSoon | KeyState::Late => match &key.holder_name {
            Some(name) => person_link(key.holder, name),
            None => Markup::text(t.get("keys-with-somebody")),
        },
    }
}

/// A person's name that leads to what they hold.
fn person_link(person: Option<PersonId>, name: &str) -> Markup {
    match person {
        Some(person) => Markup::raw(format!("<a href=\"/keys/people#p{person}\">{}</a>", Markup::text(name))),
        None => Markup::text(name),
    }
}

/// Refused acts of a button come back to the page they were pressed on, with the sentence; everything else goes on as it is.
fn back_with(asker: &Asker, error: WebError, to: &str) -> Result<Response> {
    match error.kind() {
        Kind::Refused | Kind::Conflict => Ok(asker.not_done(error.text(), to)),
        Kind::Invalid(fields) => {
            let text = fields.first().map_or(error.text(), |field| field.text);
            Ok(asker.not_done(text, to))
        }
        _ => Err(error),
    }
}

/// People to choose from: value and name.
async fn people_choices(asker: &Asker, keys: &Keys) -> Result<Vec<(String, String)>> {
    let scope = keys.store.read(asker.cx.tenant).await?;
    let people = keys.identity.active_names(&scope).await?;
    Ok(people.into_iter().map(|(id, name)| (id.to_string(), name)).collect())
}

/// The facts after which pages about the stock look again.
const LIVE: &[&str] = &[
    "keys.stock_changed",
    "keys.taken_out",
    "keys.returned",
    "keys.overdue",
    "keys.handed_over",
    "devices.went_offline",
    "devices.came_back",
];

/// The words htmx waits for.
fn live_trigger() -> String {
    LIVE.iter().map(|fact| format!("live:{fact} from:body")).collect::<Vec<_>>().join(", ")
}

/// A part of the page that fetches itself anew when something happened.
fn live_part(id: &str, from: &str, body: impl Into<Markup>) -> Markup {
    Markup::raw(format!(
        "<div id=\"{id}\" class=\"live-part\" hx-get=\"{}\" hx-trigger=\"{}\" hx-select=\"#{id}\" hx-swap=\"outerHTML\">{}</div>",
        Markup::text(from),
        live_trigger(),
        body.into()
    ))
}
