//! What a guest is told of a visit: on the personal page, by mail, in the calendar file.

use sea_orm::ColumnTrait;
use sekisho_host::Fault;
use sekisho_kernel::{Cx, Language, Timestamp};
use sekisho_notify::{Attachment, CalendarMethod, Lane, Message, Recipient};
use sekisho_storage::{Scoped, StoreError};
use uuid::Uuid;

use crate::Visitors;
use crate::calendar::Entry;
use crate::guest::{self, language_of};
use crate::ids::VisitId;
use crate::key_bookings::{GuestKeys, Time};
use crate::ledger::{self, text_of};
use crate::pass;
use crate::registration;
use crate::rooms::way_of;
use crate::tables::words::VisitState;
use crate::tables::{guests, visits};

/// How wide each module of the QR code in a mail is, in points.
const MAIL_SCALE: usize = 8;

/// A visit as its guest is told of it.
#[derive(Clone, Debug)]
pub(crate) struct Invitation {
    pub(crate) visit: VisitId,
    pub(crate) version: i64,
    pub(crate) token: String,
    pub(crate) pass: String,
    pub(crate) code: String,
    pub(crate) organisation: String,
    pub(crate) site_name: String,
    pub(crate) address: String,
    pub(crate) zone: String,
    pub(crate) place: String,
    /// How to find the room.
    pub(crate) way: String,
    pub(crate) starts_at: Timestamp,
    pub(crate) ends_at: Timestamp,
    pub(crate) host_name: String,
    pub(crate) host_mail: String,
    pub(crate) purpose: String,
    pub(crate) name: String,
    pub(crate) mail: String,
    pub(crate) language: Language,
    pub(crate) cancelled: bool,
    /// Whether the guest is still to come, for the first time or on another day.
    pub(crate) awaited: bool,
    /// Whether there is something to fill in or to sign before.
    pub(crate) to_register: bool,
}

/// The visit whose personal page has that token. One that was called off long ago is not shown any more.
pub(crate) async fn visit_by_token(
    visitors: &Visitors,
    cx: &Cx,
    token: &str,
) -> Result<Option<visits::Model>, StoreError> {
    const SHOWN_AFTER: std::time::Duration = std::time::Duration::from_secs(30 * 86_400);
    let scope = visitors.store.read(cx.tenant).await?;
    let this = visits::Column::PageHash.eq(pass::page_hash(token));
    let found = scope.find::<visits::Entity>().filter(this).one().await?;
    Ok(found.filter(|visit| visit.ends_at.plus(SHOWN_AFTER) > cx.now))
}

/// Everything a guest is told of a visit.
pub(crate) async fn about(visitors: &Visitors, cx: &Cx, visit: &visits::Model) -> Result<Invitation, Fault> {
    let keys = visitors.vault.keys(cx.tenant).await?;
    let tenant = visitors.identity.tenant(cx).await?;
    let scope = visitors.store.read(cx.tenant).await?;
    let appointment = match visit.appointment_id {
        Some(id) => ledger::appointment(&scope, id).await?,
        None => None,
    };
    let guest = match visit.guest_id {
        Some(id) => scope.find::<guests::Entity>().filter(guests::Column::Id.eq(id)).one().await?,
        None => None,
    };
    let contact = guest.as_ref().map(|guest| guest::opened(&keys, guest)).transpose()?.flatten();
    let site = sekisho_places::site(&scope, visit.site_id).await?;
    let host = match visit.host_id {
        Some(host) => visitors.identity.contact(&scope, host).await?,
        None => None,
    };
    let missing = registration::missing_of(&scope, std::slice::from_ref(visit)).await?;
    let (site_name, address) = site.map(|site| (site.name, site.address)).unwrap_or_default();
    let (name, mail) = contact.map(|contact| (contact.name, contact.mail)).unwrap_or_default();
    let purpose = appointment.as_ref().map(|row| text_of(&keys, "purpose", row)).transpose()?;
    let (host_name, host_mail) =
        host.map(|host| (host.name, host.mail.unwrap_or_default())).unwrap_or_default();
    Ok(Invitation {
        visit: visit.id,
        version: visit.generation,
        token: pass::page(&keys, visit.id, visit.page_generation),
        pass: pass::pass(&keys, visit.id, visit.generation),
        code: pass::code(&keys, visit.id, visit.generation),
        organisation: tenant.name.clone(),
        site_name,
        address,
        zone: visit.zone.clone(),
        way: way_of(&scope, appointment.as_ref().and_then(|row| row.room_id)).await?,
        place: appointment.map(|row| row.place).unwrap_or_default(),
        starts_at: visit.starts_at,
        ends_at: visit.ends_at,
        host_name,
        host_mail,
        purpose: purpose.unwrap_or_default(),
        name,
        mail,
        language: guest.as_ref().map(language_of).unwrap_or_default(),
        cancelled: visit.state == VisitState::Cancelled,
        awaited: ledger::is_awaited(visit),
        to_register: missing.contains_key(&visit.id),
    })
}

impl Invitation {
    /// The mail that tells the guest of keys: which, where, by which code; none for one without an address. That each time is
    /// told once is up to `tell_keys.rs`: keys that are moved back are told again.
    pub(crate) fn keys_mail(&self, keys: &GuestKeys) -> Option<Message> {
        let code = keys.code.as_deref()?;
        let Time { starts_at, ends_at } = keys.time;
        let message = self
            .to_guest("visitors-mail-keys")?
            .arg("keys", &keys.names()[..])
            .arg("places", &keys.places()[..])
            .arg("code", pass::spaced(code))
            .time("starts", starts_at, &keys.zone)
            .time("ends", ends_at, &keys.zone)
            .link("visitors-mail-open", format!("/v/{}", self.token));
        Some(message.not_after(ends_at))
    }

    /// The mail that tells the guest that there are no keys; none for one without an address.
    pub(crate) fn keys_off_mail(&self, booking: Uuid, names: &[String]) -> Option<Message> {
        let message = self
            .to_guest("visitors-mail-keys-off")?
            .arg("keys", names)
            .arg("host", &*self.host_name)
            .time("starts", self.starts_at, &self.zone)
            .once(format!("{booking}/off"));
        Some(message.not_after(self.ends_at))
    }

    fn to_guest(&self, template: &'static str) -> Option<Message> {
        let to =
            Recipient::Mail { address: self.mail.clone(), name: self.name.clone(), language: self.language };
        let message = Message::new(to, Lane::Operational, template).about("visit", self.visit);
        (!self.mail.is_empty()).then_some(message)
    }

    /// Where, with the way to the room.
    fn place_in_mail(&self) -> String {
        match (&*self.way, self.language) {
            ("", _) => self.place.clone(),
            (way, Language::Ja | Language::Zh) => format!("{}（{way}）", self.place),
            (way, _) => format!("{} ({way})", self.place),
        }
    }

    /// As a calendar entry.
    pub(crate) fn calendar(&self, cx: &Cx, summary: &str, url: &str) -> Entry {
        let at = [&*self.organisation, &*self.site_name, &*self.place, &*self.address];
        let at: Vec<&str> = at.into_iter().filter(|part| !part.is_empty()).collect();
        Entry {
            uid: format!("{}@sekisho", self.visit),
            // Calling off is a version after the last one.
            sequence: self.version + i64::from(self.cancelled),
            written_at: cx.now,
            starts_at: self.starts_at,
            ends_at: self.ends_at,
            summary: summary.to_owned(),
            location: at.join(" "),
            description: format!("{}\n{}", self.purpose, pass::spaced(&self.code)),
            url: url.to_owned(),
            organizer: self.host_mail.clone(),
            organizer_name: self.host_name.clone(),
            cancelled: self.cancelled,
        }
    }

    /// The mail to the guest; none for one without an address. The word says what is told, so that it is told once for each
    /// version of the visit.
    pub(crate) fn mail(&self, cx: &Cx, word: &str, template: &'static str) -> Option<Message> {
        let method = if self.cancelled { CalendarMethod::Cancel } else { CalendarMethod::Publish };
        let title = format!("{} {}", self.organisation, self.site_name);
        let mut message = self
            .to_guest(template)?
            .arg("host", &*self.host_name)
            .arg("site", &*self.site_name)
            .arg("address", &*self.address)
            .arg("place", self.place_in_mail())
            .arg("code", pass::spaced(&self.code))
            .arg("registration", if self.to_register { "asked" } else { "none" })
            .time("starts", self.starts_at, &self.zone)
            .time("ends", self.ends_at, &self.zone)
            .attach(Attachment::calendar(method, self.calendar(cx, &title, "").file(method.word())))
            .once(format!("{}/{word}/{}", self.visit, self.version))
            .not_after(self.ends_at);
        if !self.cancelled {
            message = message.link("visitors-mail-open", format!("/v/{}", self.token));
            if let Some(picture) = pass::png(&self.pass, MAIL_SCALE) {
                message = message.attach(Attachment::picture(pass::spaced(&self.code), "image/png", picture));
            }
        }
        Some(message)
    }
}
