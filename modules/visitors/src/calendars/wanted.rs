//! What an event means for the reception: where, when, to whom, and who comes.

use jiff::ToSpan as _;
use jiff::civil::DateTime;
use sekisho_crypto::{fold, search_form};
use sekisho_host::Fault;
use sekisho_identity::read_mail;
use sekisho_kernel::{Cx, PersonId};
use sekisho_places::Site;

use super::invitation::{Event, When};
use super::why::{NotTaken, Why};
use crate::Visitors;
use crate::ids::RoomId;
use crate::make_appointment::{AppointmentForm, GuestForm, MOST_DEPUTIES};
use crate::occurrence::spell;
use crate::rooms::{RoomNames, RoomTaken};
use crate::tables::{appointments, read_calendars};

/// As much as a line of a form takes.
const LINE: usize = 100;
/// As much as a note takes.
const NOTE: usize = 1000;

/// What an event means.
#[derive(Clone, Debug)]
pub(super) struct Wanted {
    pub(super) site: Site,
    pub(super) form: AppointmentForm,
    pub(super) starts: DateTime,
    pub(super) ends: DateTime,
}

impl Wanted {
    /// The room of an appointment that changes: what the event names; else the one that it was given here, unless it goes to another
    /// site.
    pub(super) fn room_of(&self, row: &appointments::Model) -> Option<RoomId> {
        self.form.room.or(row.room_id.filter(|_| row.site_id == self.site.id))
    }

    /// The same at another time.
    pub(super) fn at(&self, starts: DateTime) -> Option<AppointmentForm> {
        let ends = starts.checked_add(self.ends.duration_since(self.starts)).ok()?;
        Some(AppointmentForm { starts: spell(starts), ends: spell(ends), ..self.form.clone() })
    }
}

/// Reads what an event means. People who work here stand in for the host, the first five who come; everybody else who
/// comes is a guest; `own`, the reception's address, is nobody.
pub(super) async fn wanted(
    visitors: &Visitors,
    cx: &Cx,
    calendar: &read_calendars::Model,
    own: &str,
    host: PersonId,
    event: &Event,
) -> Result<Wanted, NotTaken> {
    let scope = visitors.store.read(cx.tenant).await?;
    let sites = sekisho_places::sites(&scope).await?;
    let (site, place) = site_of(&sites, calendar.site_id, &event.location).ok_or(Why::NotAllowed)?;
    let room = RoomNames::read(&scope).await?.within(site.id, &place);
    let zone = sekisho_web::zone_of(&site.zone);
    let (starts, ends) = period(event, &zone).ok_or(Why::NoTime)?;
    let (mut deputies, mut guests): (Vec<PersonId>, Vec<GuestForm>) = (Vec::new(), Vec::new());
    for party in event.attendees.iter().filter(|party| party.comes) {
        let Some(mail) = read_mail(&party.mail) else { continue };
        if fold(&mail) == fold(own) || guests.iter().any(|one| fold(&one.mail) == fold(&mail)) {
            continue;
        }
        match visitors.identity.by_mail(cx, &scope, &mail).await.map_err(Fault::from)? {
            Some(person) if person == host || deputies.contains(&person) => {}
            Some(person) if deputies.len() < MOST_DEPUTIES => deputies.push(person),
            Some(_) => {}
            None => guests.push(guest(&party.name, mail)),
        }
    }
    let form = AppointmentForm {
        site: site.id,
        kind: calendar.visit_kind,
        host: Some(host),
        deputies,
        group: None,
        room,
        // What the calendar says goes: a room that is taken is then a word.
        room_taken: RoomTaken::Skip,
        place: line(&place),
        starts: spell(starts),
        ends: spell(ends),
        purpose: line(&event.summary),
        note: note(&event.description),
        guests,
    };
    Ok(Wanted { site, form, starts, ends })
}

/// A guest by what a calendar says: programs that know no name send the address, or nothing.
fn guest(name: &str, mail: String) -> GuestForm {
    let name = line(name);
    let local = mail.split('@').next().unwrap_or_default();
    let name = if name.is_empty() || name.contains('@') { line(local) } else { name };
    GuestForm { name, mail, ..GuestForm::default() }
}

/// From and until on that clock. A day is meant from its beginning to its end.
fn period(event: &Event, zone: &jiff::tz::TimeZone) -> Option<(DateTime, DateTime)> {
    let (starts, ends) = (event.starts.on_clock(zone)?, event.ends.on_clock(zone)?);
    let ends = if matches!(event.ends, When::Day(_)) { ends.checked_sub(1.minute()).ok()? } else { ends };
    Some((starts, ends))
}

/// The site that a location names, and what it says besides; none named: the one that is set.
fn site_of(sites: &[Site], fallback: sekisho_kernel::SiteId, location: &str) -> Option<(Site, String)> {
    let location = location.trim();
    // The address of a meeting on the net is no room.
    let location = if location.contains("://") { "" } else { location };
    let said = search_form(location);
    let names = |site: &&Site| !site.name.trim().is_empty() && said.contains(&search_form(&site.name));
    let named = sites.iter().filter(names).max_by_key(|site| site.name.chars().count());
    let site = named.or_else(|| sites.iter().find(|site| site.id == fallback))?;
    let place = if named.is_some() { location.replacen(&site.name, "", 1) } else { location.to_owned() };
    let edge = |sign: char| sign.is_whitespace() || ",、，・/-–—:：;".contains(sign);
    let place = place.trim_matches(edge).to_owned();
    // Written otherwise than we write it, all of it is shown.
    Some((site.clone(), if search_form(&place) == search_form(&site.name) { String::new() } else { place }))
}

/// A text on one line, as long as a line of a form.
pub(super) fn line(text: &str) -> String {
    let one: String = text.chars().map(|sign| if sign.is_control() { ' ' } else { sign }).collect();
    one.trim().chars().take(LINE).collect::<String>().trim_end().to_owned()
}

fn note(text: &str) -> String {
    let plain = text.chars().filter(|sign| !sign.is_control() || *sign == '\n');
    plain.take(NOTE).collect::<String>().trim().to_owned()
}

#[cfg(test)]
mod tests {
    use sekisho_kernel::SiteId;
    use uuid::Uuid;

    use super::*;

    #[test]
    fn a_location_may_name_a_site() {
        let site = |number: u128, name: &str| Site {
            id: SiteId(Uuid::from_u128(number)),
            name: name.to_owned(),
            address: String::new(),
            zone: "Asia/Tokyo".to_owned(),
        };
        let sites = [site(1, "本社"), site(2, "東京本社"), site(3, "Osaka Branch")];
        let of = |location: &str| {
            let (site, place) = site_of(&sites, SiteId(Uuid::from_u128(1)), location).unwrap();
            (site.id.uuid().as_u128(), place)
        };
        for (location, number, place) in [
            ("東京本社 3階 会議室A", 2, "3階 会議室A"),
            ("会議室A、東京本社", 2, "会議室A"),
            ("東京本社", 2, ""),
            ("OSAKA branch, room 5", 3, "OSAKA branch, room 5"),
            ("osaka branch", 3, ""),
            ("会議室B", 1, "会議室B"),
            ("https://meet.example/東京本社", 1, ""),
            ("", 1, ""),
        ] {
            assert_eq!(of(location), (number, place.to_owned()), "{location}");
        }
        assert_eq!(line(&format!("a\tb\r\n{}", "あ".repeat(200))).chars().count(), LINE);
        assert_eq!(guest("", "yamada@midori.example".to_owned()).name, "yamada");
        assert_eq!(guest("yamada@midori.example", "yamada@midori.example".to_owned()).name, "yamada");
    }
}
