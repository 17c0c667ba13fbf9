//! What the platform's own rooms answer the search with. These rooms' pages are for administrators, and so are their
//! answers; pages and settings are found by whoever may open them.

use std::sync::Arc;

use async_trait::async_trait;
use sekisho_identity::{PeopleFilter, PersonState};
use sekisho_web::{Asker, Result};

use super::{Found, MOST, Seek, Wanted};
use crate::foundation::Foundation;
use crate::settings::SettingsEntry;

/// The seekers of the platform.
pub(crate) fn platform(foundation: &Foundation) -> Vec<Arc<dyn Seek>> {
    vec![
        Arc::new(People(foundation.clone())),
        Arc::new(Groups(foundation.clone())),
        Arc::new(Devices(foundation.clone())),
        Arc::new(Sites(foundation.clone())),
        Arc::new(Schedules(foundation.clone())),
    ]
}

struct People(Foundation);

#[async_trait]
impl Seek for People {
    fn kind(&self) -> &'static str {
        "person"
    }

    fn order(&self) -> u16 {
        60
    }

    async fn seek(&self, asker: &Asker, wanted: &Wanted) -> Result<Vec<Found>> {
        if !asker.is_administrator() {
            return Ok(Vec::new());
        }
        let Foundation { store, identity, .. } = &self.0;
        let scope = store.read(asker.cx.tenant).await?;
        let filter = PeopleFilter {
            search: wanted.typed.clone(),
            states: vec![PersonState::Active, PersonState::Left],
            limit: MOST as u64 + 1,
            ..PeopleFilter::default()
        };
        let people = identity.people(&asker.cx, &scope, &filter).await?;
        let t = asker.texts();
        Ok(people
            .into_iter()
            .map(|person| {
                let left = person.state == PersonState::Left;
                let hint = if left { t.get("search-left") } else { person.kana.clone().unwrap_or_default() };
                // A mail address or number fits whole; it stands in no text here.
                let texts = [Some(&*person.name), person.kana.as_deref()];
                let fit = wanted.fit(texts.into_iter().flatten()).unwrap_or(0);
                Found { href: format!("/people/{}", person.id), name: person.name, hint, fit }
            })
            .collect())
    }
}

struct Groups(Foundation);

#[async_trait]
impl Seek for Groups {
    fn kind(&self) -> &'static str {
        "group"
    }

    fn order(&self) -> u16 {
        61
    }

    async fn seek(&self, asker: &Asker, wanted: &Wanted) -> Result<Vec<Found>> {
        if !asker.is_administrator() {
            return Ok(Vec::new());
        }
        let scope = self.0.store.read(asker.cx.tenant).await?;
        let groups = self.0.identity.groups(&scope).await?;
        let fits = groups.into_iter().filter_map(|group| {
            let fit = wanted.fit([&*group.name, &*group.note])?;
            Some(Found {
                href: format!("/people/groups/{}", group.id),
                name: group.name,
                hint: group.note,
                fit,
            })
        });
        Ok(fits.collect())
    }
}

struct Devices(Foundation);

#[async_trait]
impl Seek for Devices {
    fn kind(&self) -> &'static str {
        "device"
    }

    fn order(&self) -> u16 {
        70
    }

    async fn seek(&self, asker: &Asker, wanted: &Wanted) -> Result<Vec<Found>> {
        if !asker.is_administrator() {
            return Ok(Vec::new());
        }
        let scope = self.0.store.read(asker.cx.tenant).await?;
        let devices = self.0.devices.devices(&scope).await?;
        let t = asker.texts();
        let fits = devices.into_iter().filter_map(|device| {
            let kind = t.get(&format!("devices-kind-{}", device.kind.word()));
            let fit = wanted.fit([&*device.name, &*kind])?;
            Some(Found { href: format!("/devices/{}", device.id), name: device.name, hint: kind, fit })
        });
        Ok(fits.collect())
    }
}

struct Sites(Foundation);

#[async_trait]
impl Seek for Sites {
    fn kind(&self) -> &'static str {
        "site"
    }

    fn order(&self) -> u16 {
        85
    }

    async fn seek(&self, asker: &Asker, wanted: &Wanted) -> Result<Vec<Found>> {
        if !asker.is_administrator() {
            return Ok(Vec::new());
        }
        let scope = self.0.store.read(asker.cx.tenant).await?;
        let fits = sekisho_places::sites(&scope).await?.into_iter().filter_map(|site| {
            let fit = wanted.fit([&*site.name, &*site.address])?;
            Some(Found {
                href: format!("/settings/places/{}", site.id),
                name: site.name,
                hint: site.address,
                fit,
            })
        });
        Ok(fits.collect())
    }
}

struct Schedules(Foundation);

#[async_trait]
impl Seek for Schedules {
    fn kind(&self) -> &'static str {
        "schedule"
    }

    fn order(&self) -> u16 {
        66
    }

    async fn seek(&self, asker: &Asker, wanted: &Wanted) -> Result<Vec<Found>> {
        if !asker.is_administrator() {
            return Ok(Vec::new());
        }
        let scope = self.0.store.read(asker.cx.tenant).await?;
        let schedules = self.0.policy.schedules(&scope).await?.into_iter().filter_map(|schedule| {
            let fit = wanted.fit([&*schedule.terms.name])?;
            let href = format!("/rights/schedules/{}", schedule.id);
            Some(Found { href, name: schedule.terms.name, hint: String::new(), fit })
        });
        let mut found: Vec<Found> = schedules.collect();
        let calendars = self.0.policy.calendars(&scope).await?.into_iter().filter_map(|calendar| {
            let fit = wanted.fit([&*calendar.name])?;
            let href = format!("/rights/calendars/{}", calendar.id);
            Some(Found { href, name: calendar.name, hint: String::new(), fit })
        });
        found.extend(calendars);
        Ok(found)
    }
}

/// Pages and settings, by their names and what is said about them.
pub(crate) struct Pages(pub(crate) Vec<SettingsEntry>);

#[async_trait]
impl Seek for Pages {
    fn kind(&self) -> &'static str {
        "page"
    }

    fn order(&self) -> u16 {
        90
    }

    async fn seek(&self, asker: &Asker, wanted: &Wanted) -> Result<Vec<Found>> {
        let t = asker.texts();
        let open = self.0.iter().filter(|entry| asker.is_administrator() || !entry.administrator_only);
        let fits = open.filter_map(|entry| {
            let (name, hint) = (t.get(entry.text), t.get(entry.about));
            let fit = wanted.fit([&*name, &*hint])?;
            Some(Found { href: entry.href.to_owned(), name, hint, fit })
        });
        Ok(fits.collect())
    }
}
