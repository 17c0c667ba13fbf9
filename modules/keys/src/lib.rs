//! Key cabinets: who may take which key, when; taken, returned, overdue.
//!
//! Read `custody.rs` first: it says what can happen to a key and what follows. Then `take_out.rs`, the example of
//! examples for a use case, and `device.rs`, through which boxes speak. `README.md` has the words and the promises.

mod add_alert;
mod add_box;
mod add_key;
pub mod alert;
mod api;
mod book;
pub mod booking;
mod call_off_unpaid;
mod cancel_booking;
mod close_attempt;
pub mod custody;
mod device;
mod disable_bin;
pub mod due;
pub mod events;
mod expire_pictures;
mod first_hour;
mod group_keys;
mod hand_over;
mod ids;
mod keep_picture;
mod ledger;
mod lend;
mod mend_inventory;
mod on_behalf;
mod open_bin;
mod pages;
mod pay_booking;
pub mod payment;
pub mod reads;
mod refund_booking;
mod remind;
mod report_fault;
mod return_key;
mod revision;
mod seek;
mod set_camera;
mod set_payment_account;
mod stock;
pub mod tables;
mod take_out;
mod tell;
mod unlock_master;
mod use_keycode;
mod view_picture;
mod warrant;
mod withdraw_key;

use std::sync::Arc;

use sekisho_crypto::Vault;
use sekisho_devices::{DeviceKind, Devices};
use sekisho_host::{Foundation, Mount, Sweep};
use sekisho_identity::Identity;
use sekisho_kernel::{Cx, Language, PersonId};
use sekisho_notify::Notify;
use sekisho_policy::Policy;
use sekisho_storage::jobs::Handlers;
use sekisho_storage::reseal::SealedColumn;
use sekisho_storage::{Migration, Scoped, Store, StoreError};
use sekisho_web::{Catalog, Mounted, NavItem, TextSource, Texts};

pub use add_alert::{AlertForm, add_alert, remove_alert, save_alert};
pub use add_box::{BoxForm, add_box, connect_box, edit_box, retire_box};
pub use add_key::{KeyForm, add_key, edit_key};
pub use book::{Book, BookError, BookFor, Booked, MOST_KEYS, book};
pub use cancel_booking::cancel_booking;
pub use device::Boxes;
pub use disable_bin::{disable_bin, enable_bin};
pub use group_keys::{add_group, put_in_group, remove_group, rename_group, take_from_group};
pub use hand_over::{HandOverError, confirm as confirm_hand_over, offer as offer_hand_over};
pub use ids::{
    AlertId, BinId, BookingId, BoxId, HandOverId, IncidentId, KeyGroupId, KeyId, KeycodeId, LoanId,
    PanelSessionId, PictureId,
};
pub use lend::{Lend, lend, register_loan};
pub use mend_inventory::{Mend, mend_inventory};
pub use on_behalf::{
    BookOnBehalf, Guest, OnBehalf, book_on_behalf, call_off, correct_guest, forget_guest, move_booking,
};
pub use open_bin::{Opening, light_bin, open_bin};
pub use pay_booking::{PayError, PaymentRow, hear_provider, pay_booking};
pub use report_fault::report_fault;
pub use return_key::{OpenForReturn, ReturnKeyError, open_for_return, register_return};
pub use set_camera::{CameraForm, camera_of, set_camera};
pub use set_payment_account::{
    PaymentAccount, PaymentAccountError, PaymentAccountForm, Probed, payment_account, remove_payment_account,
    set_payment_account,
};
pub use stock::StockError;
pub use take_out::{RELEASE_LIFE, Released, RelyingOn, TakeOut, TakeOutError, take_out};
pub use unlock_master::{UnlockMasterError, unlock_master};
pub use use_keycode::{KeycodeSays, MadeKeycode, cancel_keycode, look as look_keycode, make_keycode};
pub use view_picture::{PictureError, delete_picture, view_picture};
pub use warrant::NotAllowed;
pub use withdraw_key::withdraw_key;

/// The module: what it needs, and through which everything of it is called. Cheap to clone.
#[derive(Clone)]
pub struct Keys {
    pub(crate) store: Store,
    pub(crate) vault: Vault,
    pub(crate) policy: Policy,
    pub(crate) identity: Identity,
    pub(crate) devices: Devices,
    pub(crate) notify: Notify,
    /// How often the payment provider was asked about which booking.
    pub(crate) asked: Arc<payment::Asked>,
    own_texts: Arc<Catalog>,
}

impl Keys {
    /// The module on these rooms.
    pub fn new(
        store: Store,
        vault: Vault,
        policy: Policy,
        identity: Identity,
        devices: Devices,
        notify: Notify,
    ) -> Self {
        Self {
            store,
            vault,
            policy,
            identity,
            devices,
            notify,
            asked: Arc::default(),
            own_texts: Arc::new(Catalog::new(&[texts()])),
        }
    }

    /// A sentence of this module, for the screens of boxes.
    pub(crate) fn sentence(&self, language: Language, text: &str) -> String {
        Texts::new(self.own_texts.clone(), language).get(text)
    }

    /// Names one after the other, as the language parts them.
    pub(crate) fn listed(&self, language: Language, names: &[String]) -> String {
        Texts::new(self.own_texts.clone(), language).list(names)
    }

    /// The name of a person as colleagues say it; empty for the deleted.
    pub(crate) async fn name_of(&self, scope: &impl Scoped, person: PersonId) -> Result<String, StoreError> {
        Ok(self.identity.display_names(scope, &[person]).await?.remove(&person).unwrap_or_default())
    }
}

/// The tables of this module.
pub fn migrations() -> Vec<Migration> {
    tables::migrations()
}

/// The columns that hold sealed values; their places leave the ending of the column's name out.
pub const SEALED: [SealedColumn; 10] = [
    SealedColumn::new("keys_bookings", "guest_sealed").placed("guest"),
    SealedColumn::new("keys_bookings", "mail_sealed").placed("mail"),
    SealedColumn::new("keys_bookings", "code_sealed").placed("code"),
    SealedColumn::new("keys_bookings", "token_sealed").placed("token"),
    SealedColumn::new("keys_keycodes", "code_sealed").placed("code"),
    SealedColumn::new("keys_keycodes", "given_to_sealed").placed("given_to"),
    SealedColumn::new("keys_alerts", "recipients_sealed").placed("recipients"),
    SealedColumn::new("keys_picture_keys", "secret_sealed").placed("secret"),
    SealedColumn::new("keys_payment_accounts", "secret_sealed").placed("secret"),
    SealedColumn::new("keys_payment_accounts", "webhook_sealed").placed("webhook"),
];

/// The texts of this module.
pub fn texts() -> TextSource {
    TextSource {
        module: "keys",
        ja: concat!(include_str!("../texts/ja.ftl"), "\n", include_str!("../texts/acts/ja.ftl")),
        en: concat!(include_str!("../texts/en.ftl"), "\n", include_str!("../texts/acts/en.ftl")),
        zh: include_str!("../texts/zh.ftl"),
        ko: include_str!("../texts/ko.ftl"),
    }
}

/// Pages and API.
pub fn routes(keys: &Keys) -> Mounted {
    pages::routes().merge(api::routes()).with_state(keys.clone())
}

/// The entry of the rail.
pub fn nav() -> NavItem {
    NavItem { order: 10, text: "keys-nav", href: "/keys", icon: "key", administrator_only: false }
}

/// Who runs this module's jobs.
pub fn handlers(keys: &Keys) -> Handlers {
    let mut handlers = Handlers::default();
    let with = |keys: &Keys| keys.clone();
    let on = with(keys);
    handlers.on(close_attempt::JOB, move |cx, job| close_attempt::run(on.clone(), cx, job));
    let on = with(keys);
    handlers.on(remind::REMIND, move |cx, job| remind::remind(on.clone(), cx, job));
    let on = with(keys);
    handlers.on(remind::OVERDUE, move |cx, job| remind::overdue(on.clone(), cx, job));
    let on = with(keys);
    handlers.on(book::OVER, move |cx, job| book::over(on.clone(), cx, job));
    let on = with(keys);
    handlers.on(call_off_unpaid::UNPAID, move |cx, job| call_off_unpaid::run(on.clone(), cx, job));
    let on = with(keys);
    handlers.on(refund_booking::REFUND, move |cx, job| refund_booking::run(on.clone(), cx, job));
    let on = with(keys);
    handlers.on(tell::JOB, move |cx, job| tell::run(on.clone(), cx, job));
    let on = with(keys);
    handlers.on(expire_pictures::JOB, move |cx, job| expire_pictures::run(on.clone(), cx, job));
    handlers
}

/// Everything of this module, for the server and the tests. Boxes speak to it from here on.
pub fn mount(foundation: &Foundation) -> Mount {
    let keys = Keys::new(
        foundation.store.clone(),
        foundation.vault.clone(),
        foundation.policy.clone(),
        foundation.identity.clone(),
        foundation.devices.clone(),
        foundation.notify.clone(),
    );
    let boxes = Arc::new(Boxes::new(keys.clone()));
    foundation.notify.offer(&tell::KINDS);
    foundation.devices.serve_kind(DeviceKind::Smartbox, boxes.clone(), boxes.clone(), boxes);
    Mount {
        routes: vec![routes(&keys)],
        nav: vec![nav()],
        texts: vec![texts()],
        samples: pages::samplers(),
        handlers: handlers(&keys),
        subscriptions: subscriptions(),
        sealed: SEALED.to_vec(),
        sweeps: vec![old_pictures(&keys)],
        my_page: vec![Arc::new(pages::KeysCard(keys.clone()))],
        today: vec![
            Arc::new(pages::HereCard(keys.clone())),
            Arc::new(pages::OutCard(keys.clone())),
            Arc::new(pages::TroubleCard(keys.clone())),
        ],
        first_hour: first_hour::steps(&keys),
        seekers: seek::seekers(&keys),
        settings: pages::SETTINGS.to_vec(),
        ..Mount::default()
    }
}

fn old_pictures(keys: &Keys) -> Sweep {
    let keys = keys.clone();
    Sweep::new("keys.expire_pictures", expire_pictures::EVERY, move |cx: Cx| {
        let keys = keys.clone();
        async move { expire_pictures::expire_pictures(&keys, &cx).await.map_err(|error| format!("{error:?}")) }
    })
}

/// Which facts this module hears: pairs of fact and job.
pub fn subscriptions() -> Vec<(&'static str, &'static str)> {
    tell::HEARS.iter().map(|fact| (*fact, tell::JOB)).collect()
}
