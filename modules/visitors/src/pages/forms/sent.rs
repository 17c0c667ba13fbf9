//! What the form of an appointment sends, read as the use cases want it.

use sekisho_kernel::{GroupId, Language, PersonId, SiteId};
use sekisho_policy::CalendarId;
use serde::Deserialize;

use crate::ids::RoomId;
use crate::tables::words::VisitKind;
use crate::{AppointmentForm, GuestForm, RoomTaken};

/// What the form sends.
#[derive(Clone, Debug, Deserialize)]
pub(in crate::pages) struct Sent {
    pub(in crate::pages) site: SiteId,
    pub(in crate::pages) kind: String,
    pub(in crate::pages) host: Option<PersonId>,
    pub(in crate::pages) deputies: Vec<PersonId>,
    pub(in crate::pages) group: Option<GroupId>,
    pub(in crate::pages) room: Option<RoomId>,
    /// Of appointments that repeat: do without the room where it is taken.
    pub(in crate::pages) room_skip: bool,
    pub(in crate::pages) place: String,
    pub(in crate::pages) starts: String,
    pub(in crate::pages) ends: String,
    pub(in crate::pages) purpose: String,
    pub(in crate::pages) note: String,
    pub(in crate::pages) guest_name: String,
    pub(in crate::pages) guest_reading: String,
    pub(in crate::pages) guest_company: String,
    pub(in crate::pages) guest_mail: String,
    pub(in crate::pages) guest_phone: String,
    pub(in crate::pages) guest_language: String,
    pub(in crate::pages) companions: Option<i64>,
    /// More guests, one a line: name, mail, company.
    pub(in crate::pages) more: String,
    pub(in crate::pages) repeat: String,
    pub(in crate::pages) repeat_days: Vec<String>,
    pub(in crate::pages) repeat_until: String,
    pub(in crate::pages) repeat_count: Option<u16>,
    /// Days left out, parted by commas.
    pub(in crate::pages) repeat_except: String,
    pub(in crate::pages) repeat_japan: bool,
    pub(in crate::pages) repeat_calendars: Vec<CalendarId>,
    /// Only to look at the days.
    pub(in crate::pages) preview: bool,
    /// Of a series: this one, or all that follow, too.
    pub(in crate::pages) which: String,
    pub(in crate::pages) version: Option<i64>,
}

impl Sent {
    pub(super) fn form(self) -> AppointmentForm {
        let language = Language::guest_from_tag(&self.guest_language);
        let first = GuestForm {
            name: self.guest_name,
            reading: self.guest_reading,
            company: self.guest_company.clone(),
            mail: self.guest_mail,
            phone: self.guest_phone,
            language,
            companions: self.companions.unwrap_or(0),
        };
        let more = self.more.lines().filter(|line| !line.trim().is_empty());
        let more = more.map(|line| one_line(line, &self.guest_company, language));
        AppointmentForm {
            site: self.site,
            kind: VisitKind::from_word(&self.kind).unwrap_or(VisitKind::Guest),
            host: self.host,
            deputies: self.deputies,
            group: self.group,
            room: self.room,
            room_taken: RoomTaken::Refuse,
            place: self.place,
            starts: self.starts,
            ends: self.ends,
            purpose: self.purpose,
            note: self.note,
            guests: std::iter::once(first).chain(more).collect(),
        }
    }

    /// For appointments that repeat.
    pub(super) fn repeated(self) -> AppointmentForm {
        let room_taken = if self.room_skip { RoomTaken::Skip } else { RoomTaken::Refuse };
        AppointmentForm { room_taken, ..self.form() }
    }
}

/// A guest in one line: name, mail address, company, parted by commas or tabs. Who names no company comes from that of the
/// first.
fn one_line(line: &str, company: &str, language: Option<Language>) -> GuestForm {
    let parts: Vec<&str> = line.split([',', '、', '，', '\t']).map(str::trim).collect();
    let mail = parts.iter().skip(1).find(|part| part.contains('@')).copied().unwrap_or_default();
    let own = parts.iter().skip(1).find(|part| !part.is_empty() && !part.contains('@')).copied();
    GuestForm {
        name: parts.first().copied().unwrap_or_default().to_owned(),
        mail: mail.to_owned(),
        company: own.unwrap_or(company).to_owned(),
        language,
        ..GuestForm::default()
    }
}
