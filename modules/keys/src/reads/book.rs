//! What every look at the stock begins with: the boxes in use, their devices, the open loans; and how a key stands by them.

use std::collections::HashMap;

use sea_orm::ColumnTrait;
use sekisho_devices::Device;
use sekisho_host::Fault;
use sekisho_kernel::{Cx, DeviceId, PersonId, Timestamp};
use sekisho_storage::{Scope, Scoped};

use super::rows::{BinRow, BoxRow, KeyState};
use super::{Sight, guests};
use crate::Keys;
use crate::due::{Lateness, lateness};
use crate::ids::{BinId, BoxId, KeyId, LoanId};
use crate::ledger::{Home, belongs};
use crate::tables::words::{LoanState, ReturnPolicy, Way};
use crate::tables::{boxes, loans};

/// The boxes in use, the open loans, and the hour at which they are looked at.
pub(super) struct Book {
    /// By name.
    pub(super) boxes: Vec<boxes::Model>,
    /// By their keys.
    pub(super) open: HashMap<KeyId, loans::Model>,
    devices: HashMap<DeviceId, Device>,
    places: HashMap<BoxId, usize>,
    now: Timestamp,
}

impl Book {
    /// Opens it; without devices nothing is told of how the boxes are.
    pub(super) async fn open(
        keys: &Keys,
        scope: &Scope,
        now: Timestamp,
        with_devices: bool,
    ) -> Result<Self, Fault> {
        let boxes = scope
            .find::<boxes::Entity>()
            .filter(boxes::Column::RetiredAt.is_null())
            .ascending(boxes::Column::Name)
            .all()
            .await?;
        let open = scope.find::<loans::Entity>().filter(loans::Column::OpenKey.is_not_null()).all().await?;
        let devices = if with_devices { keys.devices.devices(scope).await? } else { Vec::new() };
        Ok(Self {
            places: (0..).zip(&boxes).map(|(at, place)| (place.id, at)).collect(),
            boxes,
            open: open.into_iter().map(|loan| (loan.key_id, loan)).collect(),
            devices: devices.into_iter().map(|device| (device.id, device)).collect(),
            now,
        })
    }

    /// A box in use.
    pub(super) fn place(&self, id: BoxId) -> Option<&boxes::Model> {
        self.places.get(&id).and_then(|at| self.boxes.get(*at))
    }

    /// How a key stands that belongs to `home` and hangs `at`.
    pub(super) fn state(&self, key: KeyId, home: Home, at: Option<(BoxId, BinId)>) -> KeyState {
        match (self.open.get(&key), at) {
            (Some(loan), _) if loan.state == LoanState::Released => KeyState::Released,
            (Some(loan), _) if loan.way == Way::Force => KeyState::Forced,
            (Some(loan), _) => match lateness(loan.due_at, self.now) {
                Lateness::InTime => KeyState::Out,
                Lateness::Soon => KeyState::DueSoon,
                Lateness::Late => KeyState::Late,
            },
            (None, Some((place, bin))) => {
                let rules = home.place.and_then(|home| self.place(home)).or_else(|| self.place(place));
                let policy = rules.map_or(ReturnPolicy::AnyBin, |place| place.return_policy);
                if belongs(home, policy, place, bin) { KeyState::In } else { KeyState::WrongBin }
            }
            (None, None) => KeyState::Missing,
        }
    }

    /// Whether the viewer may know of the key.
    pub(super) fn is_seen(&self, sight: &Sight, key: KeyId) -> bool {
        sight.sees_key(key) || self.is_with(sight, key)
    }

    /// Whether the viewer may know who has the key.
    pub(super) fn is_holder_known(&self, sight: &Sight, key: KeyId) -> bool {
        sight.uses_key(key) || self.is_with(sight, key)
    }

    fn is_with(&self, sight: &Sight, key: KeyId) -> bool {
        let holder = self.open.get(&key).and_then(|loan| loan.person_id);
        holder.is_some() && holder == sight.person
    }

    /// A box as it is shown, with these of its bins.
    pub(super) fn box_row(&self, row: &boxes::Model, bins: Vec<BinRow>) -> BoxRow {
        let device = row.device_id.and_then(|id| self.devices.get(&id));
        BoxRow {
            id: row.id,
            name: row.name.clone(),
            site: row.site_id,
            zone: row.zone.clone(),
            directions: row.directions.clone(),
            columns: row.columns,
            return_policy: row.return_policy,
            device: row.device_id,
            device_state: device.map(Device::state),
            last_seen: device.and_then(|device| device.last_seen),
            bins,
        }
    }
}

/// The names of those who have keys.
pub(super) struct Holders {
    people: HashMap<PersonId, String>,
    guests: HashMap<LoanId, String>,
}

impl Holders {
    /// Of these loans. The scope ends here: names of guests are opened with keys that may have to be made first.
    pub(super) async fn of(
        keys: &Keys,
        cx: &Cx,
        scope: Scope,
        loans: &[&loans::Model],
    ) -> Result<Self, Fault> {
        let ids: Vec<PersonId> = loans.iter().filter_map(|loan| loan.person_id).collect();
        let people = keys.identity.display_names(&scope, &ids).await?;
        drop(scope);
        Ok(Self { people, guests: guests::guest_names(keys, cx, loans.iter().copied()).await? })
    }

    /// Who has it.
    pub(super) fn name(&self, loan: &loans::Model) -> Option<&String> {
        match loan.person_id {
            Some(person) => self.people.get(&person),
            None => self.guests.get(&loan.id),
        }
    }
}
