//! A key is booked for a period, for a person or for somebody without an account.

use sea_orm::ActiveValue::Set;
use sea_orm::{ColumnTrait, Condition};
use sekisho_crypto::Place;
use sekisho_host::{Fault, faults};
use sekisho_kernel::{AuditEntry, Cx, FieldError, Kind, Kinded, Language, PersonId, SiteId, Timestamp};
use sekisho_notify::{Lane, Message, Recipient};
use sekisho_policy::{Decision, Right};
use sekisho_storage::{Scoped, StoreError, Tx};
use serde_json::json;

use crate::Keys;
use crate::booking::{BadPeriod, Period, new_code, spell};
use crate::call_off_unpaid::{PAY_WITHIN, UNPAID};
use crate::ids::{BookingId, KeyId};
use crate::ledger::lock_key;
use crate::on_behalf::OnBehalf;
use crate::pay_booking::PaymentRow;
use crate::set_payment_account::account;
use crate::tables::words::{BookingState, Currency, PaymentState};
use crate::tables::{booking_keys, bookings, boxes, keys, payments};
use crate::warrant::{Act, NotAllowed};
use sekisho_web::Checks;

/// The job that closes a booking when its time is over.
pub const OVER: &str = "keys.booking_over";
/// The most keys of one booking.
pub const MOST_KEYS: usize = 20;

/// For whom.
#[derive(Clone, PartialEq, Eq, Debug)]
pub enum BookFor {
    /// A person of the tenant.
    Person(PersonId),
    /// Somebody without an account.
    Guest {
        /// Name.
        name: String,
        /// Mail address to which code and personal address go; may be empty.
        mail: String,
        /// Which language they read.
        language: Language,
    },
}

/// A booking as a form describes it.
#[derive(Clone, Debug)]
pub struct Book {
    /// Which keys.
    pub keys: Vec<KeyId>,
    /// For whom.
    pub who: BookFor,
    /// From, on the wall clock of the box: `2026-11-22T09:00`.
    pub starts: String,
    /// Until, likewise.
    pub ends: String,
    /// What for.
    pub note: String,
    /// What it costs, in the smallest unit of the tenant's currency; none: nothing. It is in force when it was paid.
    pub price: Option<i64>,
}

/// A booking made.
#[derive(Clone, Debug)]
pub struct Booked {
    /// Which.
    pub id: BookingId,
    /// The code for the box.
    pub code: String,
    /// The token in the personal address `/b/{token}`.
    pub token: String,
}

/// Why a booking is not made.
#[derive(Debug, thiserror::Error)]
pub enum BookError {
    /// No such key, or no right to book it.
    #[error(transparent)]
    NotAllowed(#[from] NotAllowed),
    /// What was typed is wrong.
    #[error("invalid input")]
    Invalid(Vec<FieldError>),
    /// One of the keys is booked by somebody else in that period.
    #[error("the key is booked then")]
    Taken,
    /// The booking to be moved is over or was called off.
    #[error("the booking does not stand any more")]
    Ended,
    /// A key of the booking to be moved was taken: it is due when it is due.
    #[error("a key of the booking is out")]
    InUse,
    /// Something broke.
    #[error("broken")]
    Fault(#[source] Fault),
}
faults!(BookError);

impl From<Vec<FieldError>> for BookError {
    fn from(fields: Vec<FieldError>) -> Self {
        Self::Invalid(fields)
    }
}

impl Kinded for BookError {
    fn kind(&self) -> Kind {
        match self {
            Self::NotAllowed(error) => error.kind(),
            Self::Invalid(fields) => Kind::Invalid(fields.clone()),
            Self::Taken | Self::Ended | Self::InUse => Kind::Refused,
            Self::Fault(fault) => fault.kind(),
        }
    }

    fn text(&self) -> &'static str {
        match self {
            Self::NotAllowed(error) => error.text(),
            Self::Invalid(_) => "error-invalid",
            Self::Taken => "keys-refused-booked-then",
            Self::Ended => "keys-refused-booking-ended",
            Self::InUse => "keys-refused-booking-in-use",
            Self::Fault(_) => "error-broken",
        }
    }
}

/// Books. Whoever may take a key may book it for themselves; whoever manages it, for anybody.
pub async fn book(keys: &Keys, cx: &Cx, form: Book) -> Result<Booked, BookError> {
    let asked = Asked { id: cx.fresh_id(), exactly: None, site: None, on_behalf: None, form };
    make(keys, cx, asked).await
}

/// A booking as it is asked for.
pub(crate) struct Asked {
    /// Which it is to be.
    pub(crate) id: BookingId,
    /// As a form describes it.
    pub(crate) form: Book,
    /// From when until when, where no form says it on the clock of the box.
    pub(crate) exactly: Option<(Timestamp, Timestamp)>,
    /// Only keys of this site.
    pub(crate) site: Option<SiteId>,
    /// For what another module asks for it; whoever the booking is for is told by that module.
    pub(crate) on_behalf: Option<OnBehalf>,
}

/// Makes the booking, if whoever acts may.
pub(crate) async fn make(keys: &Keys, cx: &Cx, asked: Asked) -> Result<Booked, BookError> {
    let Asked { id, form, exactly, site, on_behalf } = asked;
    let maker = cx.actor.person().ok_or(NotAllowed::Missing)?;
    let own = matches!(form.who, BookFor::Person(person) if person == maker);
    let MayBook { decisions, zone } = may_book(keys, cx, &form.keys, own, site).await?;
    let account = match form.price {
        Some(_) => account(keys, cx.tenant).await?,
        None => None,
    };
    let currency = account.as_ref().map(|account| account.currency);
    let (form, period) = checked(cx, form, exactly, &zone, own, currency)?;
    let tenant = keys.vault.keys(cx.tenant).await?;

    let mut tx = keys.store.begin(cx).await?;
    let (wanted, names) = lock_free(&tx, &form.keys, &period, None).await?;
    let (code, blind) = free_code(&tx, &tenant).await?;
    let token = sekisho_crypto::token_text(&cx.random());
    let place = |column| Place { table: "keys_bookings", column, row: id.uuid() };
    let (person, guest, mail) = match &form.who {
        BookFor::Person(person) => (Some(*person), None, None),
        BookFor::Guest { name, mail, .. } => (None, Some(name), Some(mail).filter(|mail| !mail.is_empty())),
    };
    let row = bookings::ActiveModel {
        id: Set(id),
        person_id: Set(person),
        guest_sealed: Set(guest.map(|name| tenant.seal(&place("guest"), name.as_bytes()))),
        mail_sealed: Set(mail.map(|mail| tenant.seal(&place("mail"), mail.as_bytes()))),
        starts: Set(spell(period.starts)),
        ends: Set(spell(period.ends)),
        zone: Set(zone.clone()),
        starts_at: Set(period.starts_at),
        ends_at: Set(period.ends_at),
        code_sealed: Set(tenant.seal(&place("code"), code.as_bytes())),
        code_blind: Set(blind.clone()),
        live_code: Set(Some(blind)),
        token_hash: Set(sekisho_crypto::sha256(token.as_bytes()).to_vec()),
        token_sealed: Set(tenant.seal(&place("token"), token.as_bytes())),
        note: Set(form.note.clone()),
        language: Set(language_of(&form.who, cx).tag().to_owned()),
        state: Set(if form.price.is_some() { BookingState::Unpaid } else { BookingState::Booked }),
        made_by: Set(maker),
        made_at: Set(cx.now),
        ..Default::default()
    };
    tx.insert::<bookings::Entity>(row).await?;
    let members = wanted
        .iter()
        .map(|key| booking_keys::ActiveModel { booking_id: Set(id), key_id: Set(*key), ..Default::default() })
        .collect();
    tx.insert_many::<booking_keys::Entity>(members).await?;
    tx.enqueue(OVER, period.ends_at, &json!({ "booking": id })).await?;
    let payment = match (form.price, account) {
        (Some(amount), Some(account)) => {
            Some(ask_for(&mut tx, id, &form, amount, account.currency, &period).await?)
        }
        _ => None,
    };

    let event = crate::events::Booked {
        booking: id,
        keys: wanted.clone(),
        person,
        starts: period.starts_at,
        ends: period.ends_at,
    };
    tx.publish(&event).await?;
    let booked = Booked { id, code, token };
    if let Some(to) = recipient_of(&form.who).filter(|_| on_behalf.is_none()) {
        let message = match &payment {
            Some(payment) => bill(to, &booked, &names, payment, &zone),
            None => told_when(to, &booked, &names, (period.starts_at, period.ends_at), &zone),
        };
        keys.notify.tell(&mut tx, message).await?;
    }
    let entry = AuditEntry::done("key.book").on("booking", id, record_name(&names)).decided(&decisions);
    let entry = entry.with("keys", &wanted).with("person", person).with("guest", person.is_none());
    let entry = entry.with("price", payment.map(|payment| (payment.amount, payment.currency)));
    let entry = entry.with("on_behalf", on_behalf);
    tx.commit(entry.with("starts", period.starts_at).with("ends", period.ends_at)).await?;
    Ok(booked)
}

/// That whoever acts may book these keys, and on whose clock.
pub(crate) struct MayBook {
    /// Why they may, key by key.
    pub(crate) decisions: Vec<Decision>,
    /// The zone of the box.
    pub(crate) zone: String,
}

/// Asks the policy about each key: taking it for one's own, managing it for anybody else.
pub(crate) async fn may_book(
    keys: &Keys,
    cx: &Cx,
    wanted: &[KeyId],
    own: bool,
    site: Option<SiteId>,
) -> Result<MayBook, BookError> {
    struct BookAct;
    let person = cx.actor.person().ok_or(NotAllowed::Missing)?;
    let mut decisions = Vec::new();
    let mut zone = None;
    for key in wanted {
        let scope = keys.store.read(cx.tenant).await?;
        let row = crate::reads::key(&scope, *key).await?.ok_or(NotAllowed::Missing)?;
        let place = crate::reads::place_of(&scope, &row).await?;
        drop(scope);
        if site.is_some_and(|site| !hangs_at(place.as_ref(), site)) {
            return Err(NotAllowed::Missing.into());
        }
        let here = place.map_or_else(|| sekisho_places::HOME_ZONE.to_owned(), |place| place.zone);
        let decision = if own {
            // The hours of the grant hold when the key is taken, not when it is booked.
            keys.still_vouches(cx, person, Right::Exchange, key.resource()).await?
        } else {
            let act = Act {
                right: Right::Manage,
                action: "key.book",
                kind: "key",
                resource: key.resource(),
                name: &row.name,
                zone: &here,
            };
            keys.permit::<BookAct>(cx, act).await?.decision
        };
        if own && !crate::warrant::has_grant(&decision) {
            return Err(NotAllowed::Missing.into());
        }
        decisions.push(decision);
        if zone.get_or_insert_with(|| here.clone()) != &here {
            return Err(BookError::Invalid(vec![FieldError {
                field: "keys",
                text: "keys-error-zones-differ",
            }]));
        }
    }
    Ok(MayBook { decisions, zone: zone.unwrap_or_else(|| sekisho_places::HOME_ZONE.to_owned()) })
}

/// Whether a key of that box is one of the site. A box without a site is at every one.
pub(crate) fn hangs_at(place: Option<&boxes::Model>, site: SiteId) -> bool {
    place.is_some_and(|place| place.site_id.is_none_or(|at| at == site))
}

/// The keys by their ids, each behind everybody else who books it, and their names; refused when one of them is booked by
/// another booking than `but` in that period.
pub(crate) async fn lock_free(
    tx: &Tx,
    keys: &[KeyId],
    period: &Period,
    but: Option<BookingId>,
) -> Result<(Vec<KeyId>, Vec<String>), BookError> {
    // Always in the same order, so that two bookings of the same keys queue instead of blocking each other.
    let mut wanted = keys.to_vec();
    wanted.sort_unstable();
    wanted.dedup();
    let mut names = Vec::new();
    for key in &wanted {
        let row = lock_key(tx, *key).await?.ok_or(NotAllowed::Missing)?;
        names.push(row.name);
        if is_taken(tx, *key, period, but).await? {
            return Err(BookError::Taken);
        }
    }
    Ok((wanted, names))
}

/// The price of a booking, to be paid before the keys are free for others again.
async fn ask_for(
    tx: &mut Tx,
    booking: BookingId,
    form: &Book,
    amount: i64,
    currency: Currency,
    period: &Period,
) -> Result<PaymentRow, StoreError> {
    let pay_until = period.ends_at.min(tx.cx().now.plus(PAY_WITHIN));
    let language = language_of(&form.who, tx.cx());
    let row = payments::ActiveModel {
        id: Set(booking),
        amount: Set(amount),
        currency: Set(currency),
        state: Set(PaymentState::Awaited),
        pay_until: Set(pay_until),
        intent: Set(None),
        paid_at: Set(None),
        language: Set(language.tag().to_owned()),
        ..Default::default()
    };
    tx.insert::<payments::Entity>(row).await?;
    tx.enqueue(UNPAID, pay_until, &json!({ "booking": booking })).await?;
    Ok(PaymentRow { amount, currency, state: PaymentState::Awaited, pay_until })
}

/// Which language a guest reads; people are told in the language of their account.
const fn language_of(who: &BookFor, cx: &Cx) -> Language {
    match who {
        BookFor::Guest { language, .. } => *language,
        BookFor::Person(_) => cx.language,
    }
}

/// Whom a booking is told; none when a guest has no address.
fn recipient_of(who: &BookFor) -> Option<Recipient> {
    match who {
        BookFor::Person(person) => Some(Recipient::Person { id: *person }),
        BookFor::Guest { mail, .. } if mail.is_empty() => None,
        BookFor::Guest { name, mail, language } => {
            Some(Recipient::Mail { address: mail.clone(), name: name.clone(), language: *language })
        }
    }
}

/// The same of a booking that was made before.
pub(crate) fn recipient(
    tenant: &sekisho_crypto::TenantKeys,
    row: &bookings::Model,
) -> Result<Option<Recipient>, sekisho_crypto::CryptoError> {
    Ok(recipient_of(&whom(tenant, row)?))
}

/// For whom a booking was made.
pub(crate) fn whom(
    tenant: &sekisho_crypto::TenantKeys,
    row: &bookings::Model,
) -> Result<BookFor, sekisho_crypto::CryptoError> {
    let open = |column, sealed: &Option<Vec<u8>>| {
        let place = Place { table: "keys_bookings", column, row: row.id.uuid() };
        sealed.as_deref().map(|sealed| tenant.open_text(&place, sealed)).transpose()
    };
    Ok(match row.person_id {
        Some(person) => BookFor::Person(person),
        None => BookFor::Guest {
            name: open("guest", &row.guest_sealed)?.unwrap_or_default(),
            mail: open("mail", &row.mail_sealed)?.unwrap_or_default(),
            language: Language::guest_from_tag(&row.language).unwrap_or_default(),
        },
    })
}

/// What whoever may take the keys is told: where, when, by which code.
fn told_when(
    to: Recipient,
    booked: &Booked,
    names: &[String],
    (starts_at, ends_at): (Timestamp, Timestamp),
    zone: &str,
) -> Message {
    let template = match to {
        Recipient::Person { .. } => "keys-notice-booked",
        _ => "keys-notice-booked-guest",
    };
    Message::new(to, Lane::Operational, template)
        .arg("keys", names)
        .arg("code", &*booked.code)
        .time("starts", starts_at, zone)
        .time("ends", ends_at, zone)
        .link("keys-notice-open-booking", format!("/b/{}", booked.token))
        .about("booking", booked.id)
}

/// What whoever has to pay first is told: how much, until when, where.
fn bill(to: Recipient, booked: &Booked, names: &[String], payment: &PaymentRow, zone: &str) -> Message {
    Message::new(to, Lane::Operational, "keys-notice-pay")
        .arg("keys", names)
        .arg("price", payment.currency.shown(payment.amount))
        .time("until", payment.pay_until, zone)
        .link("keys-notice-open-booking", format!("/b/{}", booked.token))
        .about("booking", booked.id)
}

/// What whoever has paid is told; none when there is nobody to tell.
pub(crate) fn invitation_again(
    tenant: &sekisho_crypto::TenantKeys,
    row: &bookings::Model,
    names: &[String],
) -> Result<Option<Message>, sekisho_crypto::CryptoError> {
    let Some(to) = recipient(tenant, row)? else { return Ok(None) };
    let open = |column, sealed: &[u8]| {
        tenant.open_text(&Place { table: "keys_bookings", column, row: row.id.uuid() }, sealed)
    };
    let booked = Booked {
        id: row.id,
        code: open("code", &row.code_sealed)?,
        token: open("token", &row.token_sealed)?,
    };
    Ok(Some(told_when(to, &booked, names, (row.starts_at, row.ends_at), &row.zone)))
}

/// Whether another booking than `but` keeps the key for a moment of that period.
async fn is_taken(tx: &Tx, key: KeyId, period: &Period, but: Option<BookingId>) -> Result<bool, StoreError> {
    let of_key = crate::reads::bookings_of_key(tx, key).await?;
    let others = of_key.into_iter().filter(|booking| Some(*booking) != but);
    let meeting = Condition::all()
        .add(bookings::Column::Id.is_in(others))
        .add(bookings::Column::State.is_in(BookingState::KEPT))
        .add(bookings::Column::StartsAt.lt(period.ends_at))
        .add(bookings::Column::EndsAt.gt(period.starts_at));
    tx.find::<bookings::Entity>().filter(meeting).exists().await
}

/// A code that no live booking has.
async fn free_code(tx: &Tx, tenant: &sekisho_crypto::TenantKeys) -> Result<(String, Vec<u8>), StoreError> {
    loop {
        let code = new_code(tx.cx());
        let blind = tenant.blind("keys.booking_code", &code);
        let used = bookings::Column::LiveCode.eq(blind.clone());
        if !tx.find::<bookings::Entity>().filter(used).exists().await? {
            return Ok((code, blind));
        }
    }
}

/// What is wrong with a price; nothing when the booking may cost that.
fn wrong_price(price: i64, own: bool, currency: Option<Currency>) -> Option<&'static str> {
    match currency {
        _ if own => Some("keys-error-price-own"),
        None => Some("keys-error-price-account"),
        Some(_) if price <= 0 => Some("keys-error-price"),
        Some(currency) if price > currency.most() => Some("keys-error-price-most"),
        Some(_) => None,
    }
}

fn checked(
    cx: &Cx,
    form: Book,
    exactly: Option<(Timestamp, Timestamp)>,
    zone: &str,
    own: bool,
    currency: Option<Currency>,
) -> Result<(Book, Period), BookError> {
    let mut checks = Checks::default();
    if let Some(wrong) = form.price.and_then(|price| wrong_price(price, own, currency)) {
        checks.wrong("price", wrong);
    }
    if form.keys.is_empty() || form.keys.len() > MOST_KEYS {
        checks.wrong("keys", "keys-error-choose-key");
    }
    let note = checks.note("note", &form.note);
    let who = match form.who {
        BookFor::Guest { name, mail, language } => {
            let name = checks.name("guest_name", &name);
            let mail = mail.trim().to_owned();
            if !mail.is_empty() && sekisho_identity::read_mail(&mail).is_none() {
                checks.wrong("guest_mail", "keys-error-mail");
            }
            BookFor::Guest { name, mail, language }
        }
        person => person,
    };
    let zone = sekisho_web::zone_of(zone);
    let period = match exactly {
        Some((starts_at, ends_at)) => Period::between(starts_at, ends_at, &zone, cx.now),
        None => Period::read(&form.starts, &form.ends, &zone, cx.now),
    };
    match period {
        Ok(period) => {
            checks.done::<BookError>()?;
            Ok((Book { note, who, ..form }, period))
        }
        Err(bad) => {
            let FieldError { field, text } = wrong_period(bad);
            checks.wrong(field, text);
            checks.done::<BookError>()?;
            Err(NotAllowed::Missing.into())
        }
    }
}

/// What is wrong with a period, beside its field.
pub(crate) fn wrong_period(bad: BadPeriod) -> FieldError {
    let (field, text) = match bad {
        BadPeriod::Unreadable => ("starts", "keys-error-time"),
        BadPeriod::Backwards => ("ends", "keys-error-backwards"),
        BadPeriod::Past => ("ends", "keys-error-past"),
        BadPeriod::TooLong => ("ends", "keys-error-period-too-long"),
    };
    FieldError { field, text }
}

/// Closes a booking whose time is over: its code opens nothing, its key is free for others.
pub(crate) async fn over(
    keys: Keys,
    cx: Cx,
    job: sekisho_storage::jobs::Job,
) -> Result<(), sekisho_storage::jobs::JobError> {
    #[derive(serde::Deserialize)]
    struct Payload {
        booking: BookingId,
    }
    let Payload { booking } = job.read()?;
    let tx = keys.store.begin(&cx).await?;
    let due = Condition::all()
        .add(bookings::Column::Id.eq(booking))
        .add(bookings::Column::State.eq(BookingState::Booked))
        .add(bookings::Column::EndsAt.lte(cx.now));
    tx.update::<bookings::Entity>()
        .set(bookings::Column::State, BookingState::Over)
        .set(bookings::Column::LiveCode, Option::<Vec<u8>>::None)
        .filter(due)
        .exec()
        .await?;
    Ok(tx.commit_bookkeeping("the clock did it").await?)
}

/// The keys of a booking as the record names them, in whatever language it is read.
pub(crate) fn record_name(names: &[String]) -> String {
    names.join(", ")
}

/// The keys of a booking, by name.
pub(crate) async fn booked_keys(
    scope: &impl Scoped,
    booking: BookingId,
) -> Result<Vec<keys::Model>, StoreError> {
    let ids = crate::reads::keys_of_booking(scope, booking).await?;
    scope.find::<keys::Entity>().filter(keys::Column::Id.is_in(ids)).ascending(keys::Column::Name).all().await
}
