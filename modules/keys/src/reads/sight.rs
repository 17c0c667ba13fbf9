//! What one viewer may see: administrators everything, everybody else what their rights and relations reach (K14, R14).

use std::collections::HashSet;

use sekisho_host::Fault;
use sekisho_kernel::{Cx, PersonId, ResourceId};
use sekisho_policy::Right;

use crate::Keys;
use crate::ids::{BoxId, KeyGroupId, KeyId};

/// What one viewer may see.
#[derive(Clone, Debug, Default)]
pub struct Sight {
    /// Who looks.
    pub person: Option<PersonId>,
    /// Everything.
    pub all: bool,
    pub(crate) seen: HashSet<ResourceId>,
    pub(crate) used: HashSet<ResourceId>,
    pub(crate) managed: HashSet<ResourceId>,
}

impl Sight {
    /// What `person` may see.
    pub async fn of(keys: &Keys, cx: &Cx, person: PersonId) -> Result<Self, Fault> {
        if keys.policy.is_administrator(cx, person).await? {
            return Ok(Self { person: Some(person), all: true, ..Self::default() });
        }
        let ids =
            |reached: Vec<sekisho_policy::Reached>| reached.into_iter().map(|one| one.resource).collect();
        Ok(Self {
            person: Some(person),
            all: false,
            seen: ids(keys.policy.reach(cx, person, Right::View).await?),
            used: ids(keys.policy.reach(cx, person, Right::Exchange).await?),
            managed: ids(keys.policy.reach(cx, person, Right::Manage).await?),
        })
    }

    /// The sight of Sekisho itself, for jobs and commands.
    pub fn everything() -> Self {
        Self { all: true, ..Self::default() }
    }

    /// Whether the viewer may know of the key.
    pub fn sees_key(&self, key: KeyId) -> bool {
        self.all || self.seen.contains(&key.resource())
    }

    /// Whether the viewer may take the key, and so may know who has it now.
    pub fn uses_key(&self, key: KeyId) -> bool {
        self.all || self.used.contains(&key.resource())
    }

    /// Whether the viewer manages the key.
    pub fn manages_key(&self, key: KeyId) -> bool {
        self.all || self.managed.contains(&key.resource())
    }

    /// Whether the viewer manages the box.
    pub fn manages_box(&self, place: BoxId) -> bool {
        self.all || self.managed.contains(&place.resource())
    }

    /// Whether the viewer manages the group.
    pub fn manages_group(&self, group: KeyGroupId) -> bool {
        self.all || self.managed.contains(&group.resource())
    }

    /// Whether the viewer may know of the box itself, not only of keys in it.
    pub fn sees_box(&self, place: BoxId) -> bool {
        self.all || self.seen.contains(&place.resource())
    }

    /// Whether there is anything here for the viewer to see.
    pub fn sees_anything(&self) -> bool {
        self.all || !self.seen.is_empty()
    }

    /// Whether the viewer manages anything here at all.
    pub fn manages_anything(&self) -> bool {
        self.all || !self.managed.is_empty()
    }
}
