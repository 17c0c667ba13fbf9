//! The stock as it stands: keys, boxes with their bins, groups, what is wrong.

use std::collections::{HashMap, HashSet};

use sea_orm::{ColumnTrait, Condition};
use sekisho_devices::{Device, DeviceState};
use sekisho_kernel::{Cx, DeviceId, PersonId, SiteId, Timestamp};
use sekisho_storage::Scoped;
use serde::Serialize;

use super::Sight;
use crate::Keys;
use crate::due::{DueRule, Lateness, lateness};
use crate::fault::Fault;
use crate::ids::{BinId, BookingId, BoxId, IncidentId, KeyGroupId, KeyId, LoanId};
use crate::ledger::belongs;
use crate::tables::words::{BinDoor, IncidentKind, LoanState, ReturnPolicy, Way};
use crate::tables::{bins, boxes, group_members, groups, incidents, keys, loans};

/// How a key stands, in one word.
#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum KeyState {
    /// Hangs where it belongs.
    In,
    /// Its bin is released for somebody at this moment.
    Released,
    /// With its holder, in time.
    Out,
    /// With its holder, due within the half hour.
    DueSoon,
    /// With its holder, late.
    Late,
    /// With nobody known: removed by force.
    Forced,
    /// Hangs where it does not belong.
    WrongBin,
    /// Nobody knows.
    Missing,
}

impl KeyState {
    /// All, in the order of the filter.
    pub const ALL: [Self; 8] = [
        Self::In,
        Self::Out,
        Self::DueSoon,
        Self::Late,
        Self::Released,
        Self::WrongBin,
        Self::Missing,
        Self::Forced,
    ];

    /// The word in addresses and text ids.
    pub fn word(self) -> &'static str {
        match self {
            Self::In => "in",
            Self::Released => "released",
            Self::Out => "out",
            Self::DueSoon => "due-soon",
            Self::Late => "late",
            Self::Forced => "forced",
            Self::WrongBin => "wrong-bin",
            Self::Missing => "missing",
        }
    }

    /// Whether somebody has it.
    pub fn is_out(self) -> bool {
        matches!(self, Self::Out | Self::DueSoon | Self::Late | Self::Forced)
    }
}

/// A key as it is shown.
#[derive(Clone, Debug, Serialize)]
pub struct KeyRow {
    /// Which.
    pub id: KeyId,
    /// What people call it.
    pub name: String,
    /// What it opens.
    pub description: String,
    /// Told to whoever takes it.
    pub pickup_note: String,
    /// Serial of its fob.
    pub fob: Option<String>,
    /// How it stands.
    pub state: KeyState,
    /// The box in which it hangs, else to which it belongs.
    pub box_id: Option<BoxId>,
    /// That box's name.
    pub box_name: String,
    /// The bin in which it hangs.
    pub bin: Option<i64>,
    /// That bin's id.
    pub bin_id: Option<BinId>,
    /// The box it belongs to.
    pub home_box: Option<BoxId>,
    /// The number of its own bin.
    pub home_bin: Option<i64>,
    /// The open loan.
    pub loan: Option<LoanId>,
    /// Who has it, when the viewer may know.
    pub holder: Option<PersonId>,
    /// The holder's name, when the viewer may know.
    pub holder_name: Option<String>,
    /// By which way it was taken.
    pub way: Option<Way>,
    /// Since when it is out.
    pub since: Option<Timestamp>,
    /// When it is due.
    pub due: Option<Timestamp>,
    /// The rule by which it is due.
    pub due_rule: DueRule,
    /// Where it may be put back; none: as its box says.
    pub return_policy: Option<ReturnPolicy>,
    /// The groups it is in.
    pub groups: Vec<KeyGroupId>,
    /// The zone of its box.
    pub zone: String,
    /// When it last moved.
    pub moved_at: Option<Timestamp>,
}

/// A box as it is shown.
#[derive(Clone, Debug, Serialize)]
pub struct BoxRow {
    /// Which.
    pub id: BoxId,
    /// What people call it.
    pub name: String,
    /// Where it hangs.
    pub site: Option<SiteId>,
    /// Its zone.
    pub zone: String,
    /// How to find it.
    pub directions: String,
    /// Bins side by side.
    pub columns: i64,
    /// Where keys may be put back.
    pub return_policy: ReturnPolicy,
    /// The device that moves its bins.
    pub device: Option<DeviceId>,
    /// How the device is.
    pub device_state: Option<DeviceState>,
    /// When the device was last heard.
    pub last_seen: Option<Timestamp>,
    /// Its bins by number.
    pub bins: Vec<BinRow>,
}

/// A bin as it is shown.
#[derive(Clone, Debug, Serialize)]
pub struct BinRow {
    /// Which.
    pub id: BinId,
    /// The number on its door.
    pub number: i64,
    /// Why nobody may use it.
    pub disabled_reason: Option<String>,
    /// How its door was last seen.
    pub door: BinDoor,
    /// The fob last seen in it.
    pub fob: Option<String>,
    /// The key that hangs in it, by the book.
    pub key: Option<KeyId>,
    /// The key that belongs into it.
    pub home_of: Option<KeyId>,
}

/// A group as it is shown.
#[derive(Clone, Debug, Serialize)]
pub struct GroupRow {
    /// Which.
    pub id: KeyGroupId,
    /// What people call it.
    pub name: String,
    /// Its keys.
    pub keys: Vec<KeyId>,
}

/// Something wrong, as it is shown.
#[derive(Clone, Debug, Serialize)]
pub struct IncidentRow {
    /// Which.
    pub id: IncidentId,
    /// What.
    pub what: IncidentKind,
    /// With which key.
    pub key: Option<KeyId>,
    /// With which box.
    pub box_id: Option<BoxId>,
    /// With which bin.
    pub bin: Option<i64>,
    /// What the person wrote.
    pub note: String,
    /// When.
    pub at: Timestamp,
    /// Who told it.
    pub by: Option<PersonId>,
}

/// Which keys a list shows.
#[derive(Clone, Debug, Default)]
pub struct KeyFilter {
    /// Part of name, description, fob, holder or box.
    pub search: String,
    /// Only in this state; `out` means every way of being out.
    pub state: String,
    /// Only of this box.
    pub box_id: Option<BoxId>,
    /// Only of this group.
    pub group: Option<KeyGroupId>,
}

/// The stock as one viewer may see it.
#[derive(Clone, Debug)]
pub struct Stock {
    /// The keys by name.
    pub keys: Vec<KeyRow>,
    /// The boxes by name.
    pub boxes: Vec<BoxRow>,
    /// The groups by name.
    pub groups: Vec<GroupRow>,
    /// What is wrong, newest first.
    pub incidents: Vec<IncidentRow>,
    /// How many boxes there are in all, seen or not.
    pub boxes_in_all: usize,
    /// Where in `keys` each of them is.
    places: HashMap<KeyId, usize>,
}

impl Stock {
    /// Of what there is to see; the keys by name.
    pub fn new(
        keys: Vec<KeyRow>,
        boxes: Vec<BoxRow>,
        groups: Vec<GroupRow>,
        incidents: Vec<IncidentRow>,
        boxes_in_all: usize,
    ) -> Self {
        let places = (0..).zip(&keys).map(|(at, key)| (key.id, at)).collect();
        Self { keys, boxes, groups, incidents, boxes_in_all, places }
    }

    /// One key.
    pub fn key(&self, id: KeyId) -> Option<&KeyRow> {
        self.places.get(&id).and_then(|at| self.keys.get(*at))
    }

    /// One box.
    pub fn place(&self, id: BoxId) -> Option<&BoxRow> {
        self.boxes.iter().find(|place| place.id == id)
    }

    /// The keys that pass the filter.
    pub fn filtered(&self, filter: &KeyFilter) -> Vec<&KeyRow> {
        let search = sekisho_crypto::fold(&filter.search);
        self.keys
            .iter()
            .filter(|key| {
                let texts = [
                    Some(&key.name),
                    Some(&key.description),
                    key.fob.as_ref(),
                    key.holder_name.as_ref(),
                    Some(&key.box_name),
                ];
                let found = search.is_empty()
                    || texts.into_iter().flatten().any(|text| sekisho_crypto::fold(text).contains(&search));
                let fits = match &*filter.state {
                    "" => true,
                    "out" => key.state.is_out(),
                    word => key.state.word() == word,
                };
                found
                    && fits
                    && filter.box_id.is_none_or(|place| key.box_id == Some(place))
                    && filter.group.is_none_or(|group| key.groups.contains(&group))
            })
            .collect()
    }
}

/// Which keys of the stock are wanted. A card that shows a few of them need not read two thousand.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Which<'a> {
    /// All, and all of the boxes.
    All,
    /// Those that somebody has. Boxes are named; their bins and devices are not told.
    Out,
    /// Those with which something is wrong. Of the boxes all but the bins.
    Wrong,
    /// These. Boxes are named; their bins and devices are not told.
    These(&'a [KeyId]),
}

/// More than so many are not named one by one: all are read.
const MOST_NAMED: usize = 1_000;

/// The whole stock as `sight` may see it.
pub async fn stock(keys: &Keys, cx: &Cx, sight: &Sight) -> Result<Stock, Fault> {
    stock_of(keys, cx, sight, Which::All).await
}

/// As much of the stock as is wanted, as `sight` may see it.
pub async fn stock_of(keys: &Keys, cx: &Cx, sight: &Sight, which: Which<'_>) -> Result<Stock, Fault> {
    let scope = keys.store.read(cx.tenant).await?;
    let box_rows = scope
        .find::<boxes::Entity>()
        .filter(boxes::Column::RetiredAt.is_null())
        .ascending(boxes::Column::Name)
        .all()
        .await?;
    let open = scope.find::<loans::Entity>().filter(loans::Column::OpenKey.is_not_null()).all().await?;
    let unmended = incidents::Column::MendedAt.is_null();
    let wrong = scope
        .find::<incidents::Entity>()
        .filter(Condition::all().add(unmended))
        .descending(incidents::Column::At)
        .limit(500)
        .all()
        .await?;
    let named: Option<Vec<KeyId>> = match which {
        Which::All => None,
        Which::Out => Some(open.iter().map(|loan| loan.key_id).collect()),
        Which::Wrong => Some(wrong.iter().filter_map(|incident| incident.key_id).collect()),
        Which::These(ids) => Some(ids.to_vec()),
    };
    let named = named.filter(|ids| ids.len() <= MOST_NAMED);
    let in_use = Condition::all()
        .add(keys::Column::WithdrawnAt.is_null())
        .add_option(named.as_ref().map(|ids| keys::Column::Id.is_in(ids.iter().copied())));
    let key_rows = scope.find::<keys::Entity>().filter(in_use).ascending(keys::Column::Name).all().await?;
    let needed_bins = named.as_ref().map(|_| {
        let theirs = key_rows.iter().flat_map(|key| [key.bin_id, key.home_bin]);
        let ids = theirs.chain(wrong.iter().map(|incident| incident.bin_id)).flatten();
        bins::Column::Id.is_in(ids)
    });
    let bin_rows = scope
        .find::<bins::Entity>()
        .filter(Condition::all().add_option(needed_bins))
        .ascending(bins::Column::Number)
        .all()
        .await?;
    let theirs = named.as_ref().map(|ids| group_members::Column::KeyId.is_in(ids.iter().copied()));
    let members =
        scope.find::<group_members::Entity>().filter(Condition::all().add_option(theirs)).all().await?;
    let group_rows = scope.find::<groups::Entity>().ascending(groups::Column::Name).all().await?;
    let devices: HashMap<DeviceId, Device> = match which {
        Which::Out | Which::These(_) => HashMap::new(),
        Which::All | Which::Wrong => {
            keys.devices.devices(&scope).await?.into_iter().map(|device| (device.id, device)).collect()
        }
    };

    let places: HashMap<BoxId, &boxes::Model> = box_rows.iter().map(|row| (row.id, row)).collect();
    let bins_by_id: HashMap<BinId, &bins::Model> = bin_rows.iter().map(|row| (row.id, row)).collect();
    let open: HashMap<KeyId, &loans::Model> = open.iter().map(|loan| (loan.key_id, loan)).collect();
    let holders: Vec<PersonId> = open.values().filter_map(|loan| loan.person_id).collect();
    let names = keys.identity.display_names(&scope, &holders).await?;
    drop(scope);
    let mut groups_of: HashMap<KeyId, Vec<KeyGroupId>> = HashMap::new();
    for one in &members {
        groups_of.entry(one.key_id).or_default().push(one.group_id);
    }
    let guests = guest_names(keys, cx, open.values().copied()).await?;

    let shown: Vec<KeyRow> = key_rows
        .iter()
        .filter(|key| {
            let mine = open
                .get(&key.id)
                .is_some_and(|loan| loan.person_id.is_some() && loan.person_id == sight.person);
            sight.sees_key(key.id) || mine
        })
        .map(|key| {
            let loan = open.get(&key.id).copied();
            let mut row = key_row(key, loan, &places, &bins_by_id, cx.now);
            row.groups = groups_of.remove(&key.id).unwrap_or_default();
            let may_know = sight.uses_key(key.id) || (row.holder.is_some() && row.holder == sight.person);
            row.holder_name = loan.and_then(|loan| match loan.person_id {
                Some(person) => names.get(&person).cloned(),
                None => guests.get(&loan.id).cloned(),
            });
            if !may_know {
                (row.holder, row.holder_name) = (None, None);
            }
            row
        })
        .collect();
    let seen: HashSet<KeyId> = shown.iter().map(|key| key.id).collect();
    let boxes_in_all = box_rows.len();
    let hung = Hung::new(&shown);
    let mut bins_of: HashMap<BoxId, Vec<&bins::Model>> = HashMap::new();
    for bin in &bin_rows {
        bins_of.entry(bin.box_id).or_default().push(bin);
    }
    let boxes = box_rows
        .iter()
        .filter(|row| sight.sees_box(row.id) || hung.boxes.contains(&row.id))
        .map(|row| {
            let device = row.device_id.and_then(|id| devices.get(&id));
            box_row(row, &bins_of.remove(&row.id).unwrap_or_default(), &hung, device)
        })
        .collect();
    let groups = group_rows
        .into_iter()
        .map(|row| {
            let keys = members
                .iter()
                .filter(|one| one.group_id == row.id && seen.contains(&one.key_id))
                .map(|one| one.key_id)
                .collect();
            GroupRow { id: row.id, name: row.name, keys }
        })
        .filter(|group: &GroupRow| sight.all || !group.keys.is_empty())
        .collect();
    let incidents = wrong
        .into_iter()
        .filter(|row| match (row.key_id, row.box_id) {
            (Some(key), _) => sight.manages_key(key),
            (None, Some(place)) => sight.manages_box(place),
            (None, None) => sight.all,
        })
        .map(|row| IncidentRow {
            id: row.id,
            what: row.what,
            key: row.key_id,
            box_id: row.box_id,
            bin: row.bin_id.and_then(|bin| bins_by_id.get(&bin)).map(|bin| bin.number),
            note: row.note,
            at: row.at,
            by: row.by_person,
        })
        .collect();
    Ok(Stock::new(shown, boxes, groups, incidents, boxes_in_all))
}

/// Where the keys hang and belong, by bin: a box is drawn without going through all keys for each of its bins.
struct Hung {
    boxes: HashSet<BoxId>,
    in_bin: HashMap<BinId, KeyId>,
    home_of: HashMap<(BoxId, i64), KeyId>,
}

impl Hung {
    fn new(keys: &[KeyRow]) -> Self {
        let mut hung = Self { boxes: HashSet::new(), in_bin: HashMap::new(), home_of: HashMap::new() };
        for key in keys {
            hung.boxes.extend(key.box_id);
            if let Some(bin) = key.bin_id {
                hung.in_bin.entry(bin).or_insert(key.id);
            }
            if let (Some(home), Some(number)) = (key.home_box, key.home_bin) {
                hung.home_of.entry((home, number)).or_insert(key.id);
            }
        }
        hung
    }
}

fn key_row(
    key: &keys::Model,
    loan: Option<&loans::Model>,
    places: &HashMap<BoxId, &boxes::Model>,
    bins: &HashMap<BinId, &bins::Model>,
    now: Timestamp,
) -> KeyRow {
    let bin = key.bin_id.and_then(|bin| bins.get(&bin)).copied();
    let box_id = bin.map(|bin| bin.box_id).or(key.home_box);
    let place = box_id.and_then(|place| places.get(&place)).copied();
    let home = key.home_box.and_then(|home| places.get(&home)).copied();
    let state = match (loan, bin) {
        (Some(loan), _) if loan.state == LoanState::Released => KeyState::Released,
        (Some(loan), _) if loan.way == Way::Force => KeyState::Forced,
        (Some(loan), _) => match lateness(loan.due_at, now) {
            Lateness::InTime => KeyState::Out,
            Lateness::Soon => KeyState::DueSoon,
            Lateness::Late => KeyState::Late,
        },
        (None, Some(bin)) => {
            let policy = home.or(place).map_or(ReturnPolicy::AnyBin, |home| home.return_policy);
            if belongs(key, policy, bin.box_id, bin.id) { KeyState::In } else { KeyState::WrongBin }
        }
        (None, None) => KeyState::Missing,
    };
    KeyRow {
        id: key.id,
        name: key.name.clone(),
        description: key.description.clone(),
        pickup_note: key.pickup_note.clone(),
        fob: key.fob.clone(),
        state,
        box_id,
        box_name: place.map(|place| place.name.clone()).unwrap_or_default(),
        bin: bin.map(|bin| bin.number),
        bin_id: bin.map(|bin| bin.id),
        home_box: key.home_box,
        home_bin: key.home_bin.and_then(|bin| bins.get(&bin)).map(|bin| bin.number),
        loan: loan.map(|loan| loan.id),
        holder: loan.and_then(|loan| loan.person_id),
        holder_name: None,
        way: loan.map(|loan| loan.way),
        since: loan.map(|loan| loan.taken_at.unwrap_or(loan.released_at)),
        due: loan.and_then(|loan| loan.due_at),
        due_rule: key.due.0,
        return_policy: key.return_policy,
        groups: Vec::new(),
        zone: place.map_or_else(|| sekisho_places::HOME_ZONE.to_owned(), |place| place.zone.clone()),
        moved_at: key.moved_at,
    }
}

fn box_row(row: &boxes::Model, bins: &[&bins::Model], hung: &Hung, device: Option<&Device>) -> BoxRow {
    let bins = bins
        .iter()
        .map(|bin| BinRow {
            id: bin.id,
            number: bin.number,
            disabled_reason: bin.disabled_reason.clone(),
            door: bin.door,
            fob: bin.fob.clone(),
            key: hung.in_bin.get(&bin.id).copied(),
            home_of: hung.home_of.get(&(row.id, bin.number)).copied(),
        })
        .collect();
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

/// The names of holders without an account: of their bookings, or as typed when a keycode was made.
pub(super) async fn guest_names(
    keys: &Keys,
    cx: &Cx,
    loans: impl Iterator<Item = &loans::Model>,
) -> Result<HashMap<LoanId, String>, Fault> {
    let guests: Vec<&loans::Model> = loans.filter(|loan| loan.person_id.is_none()).collect();
    let mut names = HashMap::new();
    if guests.is_empty() {
        return Ok(names);
    }
    let tenant = keys.vault.keys(cx.tenant).await?;
    let scope = keys.store.read(cx.tenant).await?;
    let booking_ids: Vec<BookingId> = guests.iter().filter_map(|loan| loan.booking_id).collect();
    use crate::tables::{bookings, keycodes};
    let booked =
        scope.find::<bookings::Entity>().filter(bookings::Column::Id.is_in(booking_ids)).all().await?;
    let code_ids: Vec<_> = guests.iter().filter_map(|loan| loan.keycode_id).collect();
    let coded = scope.find::<keycodes::Entity>().filter(keycodes::Column::Id.is_in(code_ids)).all().await?;
    for loan in guests {
        let name = if let Some(row) = booked.iter().find(|row| Some(row.id) == loan.booking_id) {
            super::bookings::opened(
                &tenant,
                "keys_bookings",
                "guest",
                row.id.uuid(),
                row.guest_sealed.as_deref(),
            )?
        } else if let Some(row) = coded.iter().find(|row| Some(row.id) == loan.keycode_id) {
            super::bookings::opened(
                &tenant,
                "keys_keycodes",
                "given_to",
                row.id.uuid(),
                Some(&row.given_to_sealed),
            )?
        } else {
            None
        };
        if let Some(name) = name {
            names.insert(loan.id, name);
        }
    }
    Ok(names)
}
