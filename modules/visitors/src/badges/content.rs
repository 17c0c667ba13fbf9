//! From a visit to the words of its badge.

use sea_orm::ColumnTrait;
use sekisho_crypto::{TenantKeys, sha256};
use sekisho_host::Fault;
use sekisho_kernel::{Cx, Language, Timestamp};
use sekisho_storage::Scoped;
use sekisho_web::{Texts, Time};

use super::face::Face;
use super::settings::{BadgeLanguage, BadgeSettings};
use crate::Visitors;
use crate::guest;
use crate::ids::BadgeId;
use crate::pass;
use crate::tables::words::VisitKind;
use crate::tables::{guests, visits};

/// What the QR code of a badge holds: it looks like a pass, is another number, and is known only where guests leave.
pub fn leave_code(keys: &TenantKeys, id: BadgeId) -> (String, Vec<u8>) {
    let mac = keys.mac("visitors.badge", id.uuid().as_bytes());
    let (handle, _) = mac.split_at(16);
    (pass::written(handle), sha256(handle).to_vec())
}

/// The fixed words of badges, in the language that was set.
pub fn words(visitors: &Visitors, settings: &BadgeSettings) -> Option<Texts> {
    visitors.notify.texts(match settings.language {
        BadgeLanguage::Ja => Language::Ja,
        BadgeLanguage::En => Language::En,
    })
}

/// The badge of a visit; none when there is no name to print: nobody asked for it, or the guest was forgotten.
pub async fn face_of(
    visitors: &Visitors,
    cx: &Cx,
    scope: &impl Scoped,
    settings: &BadgeSettings,
    visit: &visits::Model,
    code: String,
) -> Result<Option<Face>, Fault> {
    let keys = visitors.vault.keys(cx.tenant).await?;
    let Some(id) = visit.guest_id else { return Ok(None) };
    let guest = scope.find::<guests::Entity>().filter(guests::Column::Id.eq(id)).one().await?;
    let contact = guest.as_ref().map(|guest| guest::opened(&keys, guest)).transpose()?.flatten();
    let Some(contact) = contact.filter(|contact| !contact.name.is_empty()) else { return Ok(None) };
    let site = sekisho_places::site(scope, visit.site_id).await?;
    let host = match visit.host_id {
        Some(host) => visitors.identity.display_names(scope, &[host]).await?.remove(&host),
        None => None,
    };
    let t = words(visitors, settings);
    let about = About {
        organisation: visitors.identity.tenant(cx).await?.name.clone(),
        kind: visit.kind,
        name: contact.name,
        company: contact.company,
        host: host.unwrap_or_default(),
        site: site.map(|site| site.name).unwrap_or_default(),
        until: until(t.as_ref(), visit.ends_at, &visit.zone),
    };
    Ok(Some(about.face(settings, t.as_ref(), code)))
}

/// Until when a badge is valid, as its reader writes it. With the year and never as *today*: paper is read on other days.
pub fn until(t: Option<&Texts>, at: Timestamp, zone: &str) -> String {
    let Some(t) = t else { return String::new() };
    let time = || Time::new(at, zone, at, t.clone());
    let between = if t.language() == Language::Ja { "" } else { ", " };
    format!("{}{between}{}", time().day().words(), time().clock().words())
}

/// What is known for a badge, before the settings say what of it is shown.
pub struct About {
    pub organisation: String,
    pub kind: VisitKind,
    pub name: String,
    pub company: String,
    pub host: String,
    pub site: String,
    pub until: String,
}

impl About {
    /// The badge; without texts its fixed words are missing.
    pub fn face(self, settings: &BadgeSettings, t: Option<&Texts>, code: String) -> Face {
        let word = |id: &str| t.map(|t| t.get(id)).unwrap_or_default();
        let shown = [
            (settings.host, "visitors-badge-host", self.host),
            (settings.site, "visitors-badge-site", self.site),
            (settings.until, "visitors-badge-until", self.until),
        ];
        let lines = shown.into_iter().filter(|(shown, _, value)| *shown && !value.is_empty());
        let escorted = settings.escorted.contains(&self.kind);
        Face {
            organisation: self.organisation,
            kind: word(&format!("visitors-badge-kind-{}", self.kind.word())),
            name: self.name,
            company: if settings.company { self.company } else { String::new() },
            lines: lines.map(|(_, id, value)| (word(id), value)).collect(),
            escort: if escorted { word("visitors-badge-escort") } else { String::new() },
            code: if settings.leave_code { code } else { String::new() },
            colour: settings.colour.clone(),
        }
    }
}

#[cfg(test)]
mod tests {
    use std::sync::Arc;

    use sekisho_web::Catalog;

    use super::*;

    #[test]
    fn the_day_on_a_badge_is_written_as_its_reader_writes_it() {
        let catalog = Arc::new(Catalog::new(&[sekisho_web::texts()]));
        let at = Timestamp::from_secs(1_795_510_800);
        let read = |language| until(Some(&Texts::new(catalog.clone(), language)), at, "Asia/Tokyo");
        assert_eq!(read(Language::Ja), "2026年11月24日（火）18:00");
        assert_eq!(read(Language::En), "Tue, Nov 24, 2026, 18:00");
    }
}
