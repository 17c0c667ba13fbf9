//! What this module tells others, past tense. Names of people and guests are never in here: listeners look them up.

use sekisho_kernel::{PersonId, Timestamp};
use sekisho_storage::facts;

use crate::ids::{BinId, BookingId, BoxId, IncidentId, KeyId, LoanId};

facts!(/// A key left its bin with a holder.
    KeyTakenOut = "keys.taken_out" {
    /// Which.
    key: KeyId,
    /// Its name at that time.
    key_name: String,
    /// The loan.
    loan: LoanId,
    /// Who has it, when a person.
    person: Option<PersonId>,
    /// The booking, when by one.
    booking: Option<BookingId>,
    /// From which box.
    from: Option<BoxId>,
    /// When.
    at: Timestamp,
    /// When it is due.
    due: Option<Timestamp>,
});

facts!(/// A key came back.
    KeyReturned = "keys.returned" {
    /// Which.
    key: KeyId,
    /// Its name at that time.
    key_name: String,
    /// The loan that ended.
    loan: LoanId,
    /// Who had it, when a person.
    person: Option<PersonId>,
    /// Into which box.
    into: Option<BoxId>,
    /// When.
    at: Timestamp,
    /// Whether it came late.
    late: bool,
});

facts!(/// A key changed hands without the box.
    KeyHandedOver = "keys.handed_over" {
    /// Which.
    key: KeyId,
    /// Its name at that time.
    key_name: String,
    /// From whom.
    from: Option<PersonId>,
    /// To whom.
    to: PersonId,
    /// The new loan.
    loan: LoanId,
    /// When.
    at: Timestamp,
});

facts!(/// A key is due soon.
    KeyDueSoon = "keys.due_soon" {
    /// Which.
    key: KeyId,
    /// Its name at that time.
    key_name: String,
    /// The loan.
    loan: LoanId,
    /// Who has it.
    person: Option<PersonId>,
    /// When it is due.
    due: Timestamp,
});

facts!(/// A key is late; told again at each step of the ladder.
    KeyOverdue = "keys.overdue" {
    /// Which.
    key: KeyId,
    /// Its name at that time.
    key_name: String,
    /// The loan.
    loan: LoanId,
    /// Who has it.
    person: Option<PersonId>,
    /// When it was due.
    due: Timestamp,
    /// Which telling this is, from 1.
    step: i64,
    /// How late.
    late_minutes: u32,
});

facts!(/// A key left its bin though nobody was allowed to take it.
    KeyRemovedByForce = "keys.removed_by_force" {
    /// Which.
    key: KeyId,
    /// Its name at that time.
    key_name: String,
    /// From which box.
    from: Option<BoxId>,
    /// From which bin.
    bin: Option<BinId>,
    /// When.
    at: Timestamp,
});

facts!(/// A key hangs where it does not belong.
    KeyInWrongBin = "keys.wrong_bin" {
    /// Which.
    key: KeyId,
    /// Its name at that time.
    key_name: String,
    /// In which box.
    at_box: BoxId,
    /// In which bin.
    bin: BinId,
    /// That bin's number.
    number: i64,
    /// When.
    at: Timestamp,
});

facts!(/// A key is neither in a bin nor on loan.
    KeyMissing = "keys.missing" {
    /// Which.
    key: KeyId,
    /// Its name at that time.
    key_name: String,
    /// When.
    at: Timestamp,
});

facts!(/// A fault was reported.
    FaultReported = "keys.fault_reported" {
    /// The incident.
    incident: IncidentId,
    /// With which key.
    key: Option<KeyId>,
    /// With which box.
    at_box: Option<BoxId>,
    /// Its name at that time.
    name: String,
    /// Who told.
    person: Option<PersonId>,
    /// When.
    at: Timestamp,
});

facts!(/// A manager opened a bin from afar.
    BinOpened = "keys.bin_opened" {
    /// Of which box.
    at_box: BoxId,
    /// That box's name.
    box_name: String,
    /// Which bin.
    number: i64,
    /// Who.
    person: PersonId,
    /// When.
    at: Timestamp,
});

facts!(/// A manager opened the master lock from afar.
    MasterUnlocked = "keys.master_unlocked" {
    /// Of which box.
    at_box: BoxId,
    /// That box's name.
    box_name: String,
    /// Who.
    person: PersonId,
    /// Why.
    reason: String,
    /// When.
    at: Timestamp,
});

facts!(/// A booking was made.
    Booked = "keys.booked" {
    /// Which.
    booking: BookingId,
    /// For which keys.
    keys: Vec<KeyId>,
    /// For whom, when a person.
    person: Option<PersonId>,
    /// From.
    starts: Timestamp,
    /// Until.
    ends: Timestamp,
});

facts!(/// A booking was moved to another period.
    BookingMoved = "keys.booking_moved" {
    /// Which.
    booking: BookingId,
    /// Its keys.
    keys: Vec<KeyId>,
    /// From.
    starts: Timestamp,
    /// Until.
    ends: Timestamp,
});

facts!(/// A booking was called off.
    BookingCancelled = "keys.booking_cancelled" {
    /// Which.
    booking: BookingId,
    /// For whom, when a person.
    person: Option<PersonId>,
});

facts!(/// Something happened at a box that managers should look at: tampering, a forced or open bin, power.
    BoxTroubled = "keys.box_troubled" {
    /// Which box.
    at_box: BoxId,
    /// That box's name.
    box_name: String,
    /// What, as an incident's word.
    what: String,
    /// Which bin, if one.
    number: Option<i64>,
    /// When.
    at: Timestamp,
});

facts!(/// Boxes, bins, keys or groups were added or changed; the live pages look again.
    StockChanged = "keys.stock_changed" {});
