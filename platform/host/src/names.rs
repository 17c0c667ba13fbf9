//! Where the record asks who is who: people and groups are known to identity, devices to devices, resources to policy.

use std::collections::HashMap;

use async_trait::async_trait;
use sekisho_audit::{Names, NamesError};
use sekisho_devices::Devices;
use sekisho_identity::{Identity, PeopleFilter};
use sekisho_kernel::{Cx, PersonId, ResourceId};
use sekisho_policy::Policy;
use sekisho_storage::Store;
use uuid::Uuid;

/// More names than this are not looked for; the search says what it found.
const MOST_MATCHES: u64 = 200;

/// Names of people, groups, devices and resources.
pub(crate) struct KnownNames {
    pub(crate) store: Store,
    pub(crate) identity: Identity,
    pub(crate) devices: Devices,
    pub(crate) policy: Policy,
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
        let unknown: Vec<Uuid> = ids.iter().copied().filter(|id| !names.contains_key(id)).collect();
        if unknown.is_empty() {
            return Ok(names);
        }
        let resources: Vec<ResourceId> = unknown.iter().copied().map(ResourceId).collect();
        let resources = self.policy.named(&scope, &resources).await?;
        names.extend(resources.into_iter().map(|(id, resource)| (id.uuid(), resource.name)));
        let groups =
            self.identity.groups(&scope).await?.into_iter().map(|group| (group.id.uuid(), group.name));
        let devices =
            self.devices.devices(&scope).await?.into_iter().map(|device| (device.id.uuid(), device.name));
        names.extend(groups.chain(devices).filter(|(id, _)| unknown.contains(id)));
        Ok(names)
    }

    async fn matching(&self, cx: &Cx, text: &str) -> Result<Vec<Uuid>, NamesError> {
        let scope = self.store.read(cx.tenant).await?;
        let filter = PeopleFilter { search: text.to_owned(), limit: MOST_MATCHES, ..PeopleFilter::default() };
        let people = self.identity.people(cx, &scope, &filter).await?;
        let wanted = text.to_lowercase();
        let people = people.into_iter().map(|person| (person.id.uuid(), None));
        let groups =
            self.identity.groups(&scope).await?.into_iter().map(|group| (group.id.uuid(), Some(group.name)));
        let devices = self.devices.devices(&scope).await?;
        let devices = devices.into_iter().map(|device| (device.id.uuid(), Some(device.name)));
        // Identity has searched the people already; of the others there are few enough to look through. Resources need
        // not be looked for: an act done to one holds its name.
        Ok(people
            .chain(groups)
            .chain(devices)
            .filter(|(_, name)| name.as_ref().is_none_or(|name| name.to_lowercase().contains(&wanted)))
            .map(|(id, _)| id)
            .collect())
    }
}
