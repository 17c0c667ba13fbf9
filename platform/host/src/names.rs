//! Where the record asks who is who: people are known to identity, devices to devices.

use std::collections::HashMap;

use async_trait::async_trait;
use sekisho_audit::{Names, NamesError};
use sekisho_devices::Devices;
use sekisho_identity::{Identity, PeopleFilter};
use sekisho_kernel::{Cx, PersonId};
use sekisho_storage::Store;
use uuid::Uuid;

/// More names than this are not looked for; the search says what it found.
const MOST_MATCHES: u64 = 200;

/// Names of people and devices.
pub(crate) struct KnownNames {
    pub(crate) store: Store,
    pub(crate) identity: Identity,
    pub(crate) devices: Devices,
}

#[async_trait]
impl Names for KnownNames {
    async fn names(&self, cx: &Cx, ids: &[Uuid]) -> Result<HashMap<Uuid, String>, NamesError> {
        let scope = self.store.read(cx.tenant).await?;
        let people: Vec<PersonId> = ids.iter().copied().map(PersonId).collect();
        let mut names: HashMap<Uuid, String> = self
            .identity
            .display_names(&scope, &people)
            .await?
            .into_iter()
            .map(|(id, name)| (id.uuid(), name))
            .collect();
        if ids.iter().any(|id| !names.contains_key(id)) {
            for device in self.devices.devices(&scope).await? {
                if ids.contains(&device.id.uuid()) {
                    names.insert(device.id.uuid(), device.name);
                }
            }
        }
        Ok(names)
    }

    async fn matching(&self, cx: &Cx, text: &str) -> Result<Vec<Uuid>, NamesError> {
        let scope = self.store.read(cx.tenant).await?;
        let filter = PeopleFilter { search: text.to_owned(), limit: MOST_MATCHES, ..PeopleFilter::default() };
        let people = self.identity.people(cx, &scope, &filter).await?;
        let wanted = text.to_lowercase();
        let devices = self.devices.devices(&scope).await?;
        Ok(people
            .into_iter()
            .map(|person| person.id.uuid())
            .chain(
                devices
                    .into_iter()
                    .filter(|device| device.name.to_lowercase().contains(&wanted))
                    .map(|device| device.id.uuid()),
            )
            .collect())
    }
}
