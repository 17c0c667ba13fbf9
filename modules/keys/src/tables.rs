//! The rows of the module, all with the prefix `keys_`.
//!
//! Names, mail addresses and phone numbers of guests are sealed (`*_sealed`); codes are sealed for those who may show
//! them again and found by their blind index (`*_blind`).

use sekisho_kernel::{DeviceId, PersonId, SiteId, Timestamp};
use sekisho_storage::{JsonText, tenant_table};
use uuid::Uuid;

use self::words::*;
use crate::ids::*;

mod migrations;
pub mod words;

pub use migrations::migrations;

tenant_table!(/// Boxes.
    boxes, "keys_boxes", {
    /// Also the resource.
    #[sea_orm(primary_key, auto_increment = false)]
    id: BoxId,
    /// What people call it.
    name: String,
    /// Where it hangs.
    site_id: Option<SiteId>,
    /// Its clock and the clock of everything booked there (IANA).
    zone: String,
    /// How to find it.
    directions: String,
    /// The device that moves its bins; none until one is enrolled.
    device_id: Option<DeviceId>,
    /// Bins side by side when it is drawn.
    columns: i64,
    /// Where keys may be put back unless the key says otherwise.
    return_policy: ReturnPolicy,
    /// When it was taken down.
    retired_at: Option<Timestamp>,
    /// When it was added.
    created_at: Timestamp,
    /// Whether its camera takes pictures.
    camera: bool,
    /// After so many days its pictures are deleted.
    picture_days: i64,
    /// When its camera was first switched on; what was taken earlier is none of ours.
    camera_since: Option<Timestamp>,
    /// When it was last switched off; none while it is on.
    camera_until: Option<Timestamp>,
    /// When its device was connected to it.
    device_since: Option<Timestamp>,
});

tenant_table!(/// Bins.
    bins, "keys_bins", {
    /// Which.
    #[sea_orm(primary_key, auto_increment = false)]
    id: BinId,
    /// Of which box.
    box_id: BoxId,
    /// The number on its door, from 1.
    number: i64,
    /// Why nobody may use it.
    disabled_reason: Option<String>,
    /// How its door was last seen.
    door: BinDoor,
    /// The fob last seen in it.
    fob: Option<String>,
    /// When it was last seen.
    seen_at: Option<Timestamp>,
});

tenant_table!(/// Keys.
    keys, "keys_keys", {
    /// Also the resource.
    #[sea_orm(primary_key, auto_increment = false)]
    id: KeyId,
    /// What people call it.
    name: String,
    /// What it opens.
    description: String,
    /// Told to whoever took it.
    pickup_note: String,
    /// Serial of the fob it hangs on.
    fob: Option<String>,
    /// Where it belongs.
    home_box: Option<BoxId>,
    /// In which bin, when it has one of its own.
    home_bin: Option<BinId>,
    /// Where it hangs now.
    bin_id: Option<BinId>,
    /// Where it may be put back; none: as its box says.
    return_policy: Option<ReturnPolicy>,
    /// When it is due after it was taken.
    due: JsonText<crate::due::DueRule>,
    /// When it was given up for good.
    withdrawn_at: Option<Timestamp>,
    /// When it was added.
    created_at: Timestamp,
    /// When it last moved.
    moved_at: Option<Timestamp>,
});

tenant_table!(/// Groups of keys.
    groups, "keys_groups", {
    /// Also the resource.
    #[sea_orm(primary_key, auto_increment = false)]
    id: KeyGroupId,
    /// What people call it.
    name: String,
});

tenant_table!(/// Which key is in which group.
    group_members, "keys_group_members", {
    /// The group.
    #[sea_orm(primary_key, auto_increment = false)]
    group_id: KeyGroupId,
    /// The key.
    #[sea_orm(primary_key, auto_increment = false)]
    key_id: KeyId,
});

tenant_table!(/// Loans, from release to return.
    loans, "keys_loans", {
    /// Which.
    #[sea_orm(primary_key, auto_increment = false)]
    id: LoanId,
    /// Of which key.
    key_id: KeyId,
    /// The same key while the loan is open, else none: no two open loans of a key can be written.
    open_key: Option<KeyId>,
    /// How far it got.
    state: LoanState,
    /// By which way it came about.
    way: Way,
    /// Who has it, when a person.
    person_id: Option<PersonId>,
    /// The booking under which it was taken.
    booking_id: Option<BookingId>,
    /// The keycode with which it was taken.
    keycode_id: Option<KeycodeId>,
    /// A holder without an account, by name.
    guest_sealed: Option<Vec<u8>>,
    /// From which bin.
    bin_id: Option<BinId>,
    /// The release sent to the box.
    command_id: Option<Uuid>,
    /// When it was released.
    released_at: Timestamp,
    /// When it left the bin.
    taken_at: Option<Timestamp>,
    /// When it should be back.
    due_at: Option<Timestamp>,
    /// When it came back, or the loan ended otherwise.
    ended_at: Option<Timestamp>,
    /// Into which bin.
    returned_bin: Option<BinId>,
    /// Who put it back, when known and not the holder.
    returned_by: Option<PersonId>,
    /// What was noted on return.
    note: Option<String>,
    /// How often its lateness was told.
    told: i64,
});

tenant_table!(/// Bookings.
    bookings, "keys_bookings", {
    /// Which.
    #[sea_orm(primary_key, auto_increment = false)]
    id: BookingId,
    /// For whom, when a person.
    person_id: Option<PersonId>,
    /// For whom, when a guest: name.
    guest_sealed: Option<Vec<u8>>,
    /// The guest's mail address.
    mail_sealed: Option<Vec<u8>>,
    /// From, on the wall clock of the box: `2026-11-22T09:00`.
    starts: String,
    /// Until, on the wall clock of the box.
    ends: String,
    /// The zone of that clock.
    zone: String,
    /// From, as a point in time, for comparison.
    starts_at: Timestamp,
    /// Until, as a point in time.
    ends_at: Timestamp,
    /// The code for the box.
    code_sealed: Vec<u8>,
    /// The code, to find it.
    code_blind: Vec<u8>,
    /// The code again while it opens something, else none: no two live bookings share a code.
    live_code: Option<Vec<u8>>,
    /// SHA-256 of the token in the personal address.
    token_hash: Vec<u8>,
    /// The token, sealed, so that the address can be sent again.
    token_sealed: Vec<u8>,
    /// What for.
    note: String,
    /// Which language a guest reads.
    language: String,
    /// How far it got.
    state: BookingState,
    /// Who made it.
    made_by: PersonId,
    /// When.
    made_at: Timestamp,
});

tenant_table!(/// The keys of a booking.
    booking_keys, "keys_booking_keys", {
    /// The booking.
    #[sea_orm(primary_key, auto_increment = false)]
    booking_id: BookingId,
    /// The key.
    #[sea_orm(primary_key, auto_increment = false)]
    key_id: KeyId,
});

tenant_table!(/// Keycodes.
    keycodes, "keys_keycodes", {
    /// Which.
    #[sea_orm(primary_key, auto_increment = false)]
    id: KeycodeId,
    /// For which key.
    key_id: KeyId,
    /// The code.
    code_sealed: Vec<u8>,
    /// The code while it is good, to find it; none afterwards.
    live_code: Option<Vec<u8>>,
    /// To whom it was given, as typed.
    given_to_sealed: Vec<u8>,
    /// Who made it; it is good for as long as that person may manage the key.
    made_by: PersonId,
    /// When.
    made_at: Timestamp,
    /// When the key was taken with it, or it was cancelled.
    spent_at: Option<Timestamp>,
});

tenant_table!(/// Hand-overs in progress.
    hand_overs, "keys_hand_overs", {
    /// Which.
    #[sea_orm(primary_key, auto_increment = false)]
    id: HandOverId,
    /// Of which loan.
    loan_id: LoanId,
    /// To whom.
    to_person: PersonId,
    /// SHA-256 of id and code.
    code_hash: Vec<u8>,
    /// Wrong codes typed so far.
    tries: i64,
    /// Good until.
    expires_at: Timestamp,
    /// When it was confirmed or ended.
    ended_at: Option<Timestamp>,
});

tenant_table!(/// What is wrong.
    incidents, "keys_incidents", {
    /// Which.
    #[sea_orm(primary_key, auto_increment = false)]
    id: IncidentId,
    /// What.
    what: IncidentKind,
    /// With which box.
    box_id: Option<BoxId>,
    /// With which bin.
    bin_id: Option<BinId>,
    /// With which key.
    key_id: Option<KeyId>,
    /// In whose hands.
    loan_id: Option<LoanId>,
    /// What the person wrote.
    note: String,
    /// When.
    at: Timestamp,
    /// Who told it; none: the box did.
    by_person: Option<PersonId>,
    /// When it was put right.
    mended_at: Option<Timestamp>,
    /// By whom.
    mended_by: Option<PersonId>,
});

tenant_table!(/// Bins and boxes opened by managers.
    openings, "keys_openings", {
    /// Which; the command's id.
    #[sea_orm(primary_key, auto_increment = false)]
    id: Uuid,
    /// Of which box.
    box_id: BoxId,
    /// Which bin; none: the master lock.
    bin_id: Option<BinId>,
    /// Who.
    person_id: PersonId,
    /// Why.
    reason: String,
    /// When.
    at: Timestamp,
    /// What the box answered.
    result: OpeningResult,
});

tenant_table!(/// Alert rules.
    alerts, "keys_alerts", {
    /// Which.
    #[sea_orm(primary_key, auto_increment = false)]
    id: AlertId,
    /// What people call it.
    name: String,
    /// The rule.
    rule: JsonText<crate::alert::AlertRule>,
    /// Recipients that are mail addresses or phones, sealed.
    recipients_sealed: Vec<u8>,
    /// Whether it is in force.
    active: bool,
    /// Who made it.
    made_by: PersonId,
});

tenant_table!(/// Conversations at panels.
    panel_sessions, "keys_panel_sessions", {
    /// Which; known to the box alone.
    #[sea_orm(primary_key, auto_increment = false)]
    id: PanelSessionId,
    /// At which device.
    device_id: DeviceId,
    /// Who claims to be there, when a person.
    person_id: Option<PersonId>,
    /// Under which booking.
    booking_id: Option<BookingId>,
    /// With which keycode.
    keycode_id: Option<KeycodeId>,
    /// The stay that this proof is for: a fresh one of the same person, or one of somebody who stands beside.
    stay_id: Option<PanelSessionId>,
    /// Who stands beside, and has proven it.
    second_id: Option<PersonId>,
    /// When the second step was proven; none: not yet.
    verified_at: Option<Timestamp>,
    /// By which way the person is known.
    way: Way,
    /// Good until.
    expires_at: Timestamp,
});

tenant_table!(/// Wrong codes typed at a panel, in a row.
    panel_tries, "keys_panel_tries", {
    /// At which device.
    #[sea_orm(primary_key, auto_increment = false)]
    id: DeviceId,
    /// How many.
    wrong: i64,
    /// The panel takes no codes until then.
    paused_until: Timestamp,
});

tenant_table!(/// Pictures that boxes' cameras took, sealed by the boxes.
    pictures, "keys_pictures", {
    /// Which.
    #[sea_orm(primary_key, auto_increment = false)]
    id: PictureId,
    /// The event it belongs to, as the device room keeps it; each has one picture at most.
    event_id: Uuid,
    /// Of which box.
    box_id: BoxId,
    /// By which device, to which it is bound.
    device_id: DeviceId,
    /// In which loan.
    loan_id: Option<LoanId>,
    /// With which key.
    key_id: Option<KeyId>,
    /// For which command the door opened.
    command_id: Option<Uuid>,
    /// What had happened.
    what: PictureOf,
    /// At which bin.
    bin: Option<i64>,
    /// The number of its event when it was taken, to which it is bound.
    seq: i64,
    /// The time of its event by the box's clock, to which it is bound.
    at: Timestamp,
    /// When it came.
    received_at: Timestamp,
    /// When it is deleted.
    delete_at: Timestamp,
    /// The generation of the picture key it is sealed to.
    sealing_key: i64,
    /// What the camera saw, as the box sealed it.
    sealed: Vec<u8>,
});

tenant_table!(/// Keys that boxes seal pictures to.
    picture_keys, "keys_picture_keys", {
    /// Which.
    #[sea_orm(primary_key, auto_increment = false)]
    id: Uuid,
    /// 1 for the first; one tenant makes each only once, however many servers try.
    generation: i64,
    /// The half boxes have.
    public: Vec<u8>,
    /// The half that opens.
    secret_sealed: Vec<u8>,
    /// When it was made.
    made_at: Timestamp,
});

tenant_table!(/// The account with a provider of payment pages; a tenant has one at most.
    payment_accounts, "keys_payment_accounts", {
    /// Which.
    #[sea_orm(primary_key, auto_increment = false)]
    id: Uuid,
    /// Always 1, and unique.
    one: i64,
    /// Where the provider's API is: `https://…` without a slash at the end.
    base: String,
    /// In what is paid.
    currency: Currency,
    /// By which we are known to the provider.
    secret_sealed: Vec<u8>,
    /// By which the provider is known to us.
    webhook_sealed: Vec<u8>,
    /// When it was set.
    set_at: Timestamp,
});

tenant_table!(/// What a booking costs, and how far its payment got. Nothing about cards: whoever pays does so at the provider.
    payments, "keys_payments", {
    /// Of which booking.
    #[sea_orm(primary_key, auto_increment = false)]
    id: BookingId,
    /// How much, in the currency's smallest unit.
    amount: i64,
    /// In what.
    currency: Currency,
    /// How far it got.
    state: PaymentState,
    /// Not after.
    pay_until: Timestamp,
    /// By what it can be paid back.
    intent: Option<String>,
    /// When it was paid.
    paid_at: Option<Timestamp>,
    /// Which language whoever pays reads.
    language: String,
});

tenant_table!(/// The payment pages asked for: all of a wish is written down before the provider is asked, so that it can be
    /// asked for the same again when the answer is lost.
    payment_pages, "keys_payment_pages", {
    /// Which; by this name the provider makes it only once.
    #[sea_orm(primary_key, auto_increment = false)]
    id: Uuid,
    /// For which booking.
    booking_id: BookingId,
    /// The number of the page among those of its booking, from 0.
    attempt: i64,
    /// What is paid for, as the page says it.
    name: String,
    /// Where links to the organisation began when it was asked for.
    home: String,
    /// The language of the page.
    language: String,
    /// When it closes, in whole seconds.
    closes_at: Timestamp,
    /// The provider's name of it; none before the provider has answered.
    checkout: Option<String>,
    /// How far it got.
    state: PageState,
    /// What was paid on it, by the provider's name; set once.
    intent: Option<String>,
});
