//! Keys, boxes, bins, groups and incidents as they are shown.

use sekisho_devices::DeviceState;
use sekisho_kernel::{DeviceId, PersonId, SiteId, Timestamp};
use serde::Serialize;

use crate::due::DueRule;
use crate::ids::{BinId, BoxId, IncidentId, KeyGroupId, KeyId, LoanId};
use crate::tables::words::{BinDoor, IncidentKind, ReturnPolicy, Way};

/// How a key stands, in one word.
#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug, Serialize, utoipa::ToSchema)]
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
#[derive(Clone, Debug, Serialize, utoipa::ToSchema)]
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
#[derive(Clone, Debug, Serialize, utoipa::ToSchema)]
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

impl BoxRow {
    /// Whether it should speak and does not.
    pub fn is_silent(&self) -> bool {
        matches!(self.device_state, Some(DeviceState::Offline | DeviceState::Revoked))
    }
}

/// A bin as it is shown.
#[derive(Clone, Debug, Serialize, utoipa::ToSchema)]
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

/// A key by its name, where no more is shown of it.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, utoipa::ToSchema)]
pub struct NamedKey {
    /// Which.
    pub id: KeyId,
    /// What people call it.
    pub name: String,
}

/// A group as it is shown.
#[derive(Clone, Debug, Serialize, utoipa::ToSchema)]
pub struct GroupRow {
    /// Which.
    pub id: KeyGroupId,
    /// What people call it.
    pub name: String,
    /// Its keys.
    pub keys: Vec<KeyId>,
}

/// Something wrong, as it is shown.
#[derive(Clone, Debug, Serialize, utoipa::ToSchema)]
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
