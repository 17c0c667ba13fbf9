//! The rows of the module, all with the prefix `keys_`.
//!
//! Names, mail addresses and phone numbers of guests are sealed (`*_sealed`); codes are sealed for those who may show
//! them again and found by their blind index (`*_blind`).

use sekisho_storage::{Change, Migration, Table};

pub mod words;

macro_rules! table {
    ($(#[$doc:meta])* $module:ident, $name:literal, { $($(#[$field_doc:meta])* $field:ident: $type:ty,)* }) => {
        $(#[$doc])*
        pub mod $module {
            #[allow(unused_imports, reason = "one list of imports for all tables")]
            use super::words::*;
            #[allow(unused_imports, reason = "one list of imports for all tables")]
            use crate::ids::*;
            use sea_orm::entity::prelude::*;
            #[allow(unused_imports, reason = "one list of imports for all tables")]
            use sekisho_kernel::{DeviceId, PersonId, SiteId, TenantId, Timestamp};
            #[allow(unused_imports, reason = "one list of imports for all tables")]
            use sekisho_storage::JsonText;

            /// One row.
            #[derive(Clone, Debug, PartialEq, DeriveEntityModel)]
            #[sea_orm(table_name = $name)]
            pub struct Model {
                /// Whose.
                #[sea_orm(primary_key, auto_increment = false)]
                pub tenant_id: TenantId,
                $($(#[$field_doc])* pub $field: $type,)*
            }

            /// None.
            #[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
            pub enum Relation {}
            impl ActiveModelBehavior for ActiveModel {}
            sekisho_storage::tenant_entity!();
        }
    };
}

table!(/// Boxes.
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
});

table!(/// Bins.
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

table!(/// Keys.
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

table!(/// Groups of keys.
    groups, "keys_groups", {
    /// Also the resource.
    #[sea_orm(primary_key, auto_increment = false)]
    id: KeyGroupId,
    /// What people call it.
    name: String,
});

table!(/// Which key is in which group.
    group_members, "keys_group_members", {
    /// The group.
    #[sea_orm(primary_key, auto_increment = false)]
    group_id: KeyGroupId,
    /// The key.
    #[sea_orm(primary_key, auto_increment = false)]
    key_id: KeyId,
});

table!(/// Loans, from release to return.
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

table!(/// Bookings.
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
    /// How far it got.
    state: BookingState,
    /// Who made it.
    made_by: PersonId,
    /// When.
    made_at: Timestamp,
});

table!(/// The keys of a booking.
    booking_keys, "keys_booking_keys", {
    /// The booking.
    #[sea_orm(primary_key, auto_increment = false)]
    booking_id: BookingId,
    /// The key.
    #[sea_orm(primary_key, auto_increment = false)]
    key_id: KeyId,
});

table!(/// Keycodes.
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

table!(/// Hand-overs in progress.
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

table!(/// What is wrong.
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

table!(/// Bins and boxes opened by managers.
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

table!(/// Alert rules.
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

table!(/// Conversations at panels.
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

table!(/// Wrong codes typed at a panel, in a row.
    panel_tries, "keys_panel_tries", {
    /// At which device.
    #[sea_orm(primary_key, auto_increment = false)]
    id: DeviceId,
    /// How many.
    wrong: i64,
    /// The panel takes no codes until then.
    paused_until: Timestamp,
});

table!(/// Pictures that boxes' cameras took, sealed by the boxes.
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

table!(/// Keys that boxes seal pictures to.
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

table!(/// The account with a provider of payment pages; a tenant has one at most.
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

table!(/// What a booking costs, and how far its payment got. Nothing about cards: whoever pays does so at the provider.
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
    /// How many payment pages were over before this one.
    attempt: i64,
    /// The provider's name of the payment page.
    checkout: Option<String>,
    /// By what it can be paid back.
    intent: Option<String>,
    /// When it was paid.
    paid_at: Option<Timestamp>,
    /// Which language whoever pays reads.
    language: String,
});

/// The migrations of this module.
pub fn migrations() -> Vec<Migration> {
    vec![
        Migration { name: "20261122_keys", changes: || first().into_iter().map(Into::into).collect() },
        Migration { name: "20261123_keys_panel_second", changes: beside_at_panels },
        Migration { name: "20261123_keys_by_key", changes: by_key },
        Migration { name: "20261123_keys_pictures", changes: cameras },
        Migration { name: "20261123_keys_payments", changes: payments_of_bookings },
    ]
}

/// The bookings and groups of a key are asked for whenever it moves. SQLite prefers an index that holds all the columns
/// wanted, and so went through the primary key of the whole tenant. Most bookings are over: what is to
/// come is found by its end.
fn by_key() -> Vec<Change> {
    let same = |sql| Change::Sql { sqlite: sql, postgres: sql };
    vec![
        same("CREATE INDEX keys_booking_keys_of_key ON keys_booking_keys (tenant_id, key_id, booking_id)"),
        same("DROP INDEX keys_booking_keys_by_key_id"),
        same("CREATE INDEX keys_group_members_of_key ON keys_group_members (tenant_id, key_id, group_id)"),
        same("DROP INDEX keys_group_members_by_key_id"),
        same("CREATE INDEX keys_bookings_by_ends_at ON keys_bookings (tenant_id, ends_at)"),
    ]
}

fn payments_of_bookings() -> Vec<Change> {
    vec![
        Table::tenant("keys_payment_accounts")
            .integer("one")
            .text("base")
            .text("currency")
            .bytes("secret_sealed")
            .bytes("webhook_sealed")
            .integer("set_at")
            .unique(&["one"])
            .into(),
        Table::tenant("keys_payments")
            .integer("amount")
            .text("currency")
            .text("state")
            .integer("pay_until")
            .integer("attempt")
            .optional_text("checkout")
            .optional_text("intent")
            .optional_integer("paid_at")
            .text("language")
            .references("id", "keys_bookings")
            .into(),
    ]
}

/// No box has its camera on until somebody says so.
fn cameras() -> Vec<Change> {
    vec![
        Change::Sql {
            sqlite: "ALTER TABLE keys_boxes ADD COLUMN camera boolean NOT NULL DEFAULT FALSE",
            postgres: "ALTER TABLE keys_boxes ADD COLUMN camera boolean NOT NULL DEFAULT FALSE",
        },
        Change::Sql {
            sqlite: "ALTER TABLE keys_boxes ADD COLUMN picture_days bigint NOT NULL DEFAULT 30",
            postgres: "ALTER TABLE keys_boxes ADD COLUMN picture_days bigint NOT NULL DEFAULT 30",
        },
        Table::tenant("keys_picture_keys")
            .integer("generation")
            .bytes("public")
            .bytes("secret_sealed")
            .integer("made_at")
            .unique(&["generation"])
            .into(),
        Table::tenant("keys_pictures")
            .uuid("event_id")
            .uuid("box_id")
            .uuid("device_id")
            .optional_uuid("loan_id")
            .optional_uuid("key_id")
            .optional_uuid("command_id")
            .text("what")
            .optional_integer("bin")
            .integer("seq")
            .integer("at")
            .integer("received_at")
            .integer("delete_at")
            .integer("sealing_key")
            .bytes("sealed")
            .references("box_id", "keys_boxes")
            .unique(&["event_id"])
            .index(&["box_id", "received_at"])
            .index(&["loan_id"])
            .index(&["delete_at"])
            .into(),
    ]
}

fn beside_at_panels() -> Vec<Change> {
    vec![
        Change::Sql {
            sqlite: "ALTER TABLE keys_panel_sessions ADD COLUMN stay_id uuid_text",
            postgres: "ALTER TABLE keys_panel_sessions ADD COLUMN stay_id uuid",
        },
        Change::Sql {
            sqlite: "ALTER TABLE keys_panel_sessions ADD COLUMN second_id uuid_text",
            postgres: "ALTER TABLE keys_panel_sessions ADD COLUMN second_id uuid",
        },
    ]
}

fn first() -> Vec<Table> {
    vec![
        Table::tenant("keys_boxes")
            .text("name")
            .optional_uuid("site_id")
            .text("zone")
            .text("directions")
            .optional_uuid("device_id")
            .integer("columns")
            .text("return_policy")
            .optional_integer("retired_at")
            .integer("created_at")
            .unique(&["device_id"]),
        Table::tenant("keys_bins")
            .uuid("box_id")
            .integer("number")
            .optional_text("disabled_reason")
            .text("door")
            .optional_text("fob")
            .optional_integer("seen_at")
            .references("box_id", "keys_boxes")
            .unique(&["box_id", "number"]),
        Table::tenant("keys_keys")
            .text("name")
            .text("description")
            .text("pickup_note")
            .optional_text("fob")
            .optional_uuid("home_box")
            .optional_uuid("home_bin")
            .optional_uuid("bin_id")
            .optional_text("return_policy")
            .text("due")
            .optional_integer("withdrawn_at")
            .integer("created_at")
            .optional_integer("moved_at")
            .unique(&["fob"])
            .unique(&["bin_id"])
            .index(&["home_box"]),
        Table::tenant("keys_groups").text("name"),
        Table::tenant_keyed("keys_group_members", &["group_id", "key_id"])
            .references("group_id", "keys_groups")
            .references("key_id", "keys_keys")
            .index(&["key_id"]),
        Table::tenant("keys_loans")
            .uuid("key_id")
            .optional_uuid("open_key")
            .text("state")
            .text("way")
            .optional_uuid("person_id")
            .optional_uuid("booking_id")
            .optional_uuid("keycode_id")
            .optional_bytes("guest_sealed")
            .optional_uuid("bin_id")
            .optional_uuid("command_id")
            .integer("released_at")
            .optional_integer("taken_at")
            .optional_integer("due_at")
            .optional_integer("ended_at")
            .optional_uuid("returned_bin")
            .optional_uuid("returned_by")
            .optional_text("note")
            .integer("told")
            .references("key_id", "keys_keys")
            .unique(&["open_key"])
            .index(&["key_id", "released_at"])
            .index(&["person_id", "released_at"])
            .index(&["command_id"]),
        Table::tenant("keys_bookings")
            .optional_uuid("person_id")
            .optional_bytes("guest_sealed")
            .optional_bytes("mail_sealed")
            .text("starts")
            .text("ends")
            .text("zone")
            .integer("starts_at")
            .integer("ends_at")
            .bytes("code_sealed")
            .bytes("code_blind")
            .optional_bytes("live_code")
            .bytes("token_hash")
            .bytes("token_sealed")
            .text("note")
            .text("state")
            .uuid("made_by")
            .integer("made_at")
            .unique(&["live_code"])
            .unique(&["token_hash"])
            .index(&["starts_at"])
            .index(&["person_id"]),
        Table::tenant_keyed("keys_booking_keys", &["booking_id", "key_id"])
            .references("booking_id", "keys_bookings")
            .references("key_id", "keys_keys")
            .index(&["key_id"]),
        Table::tenant("keys_keycodes")
            .uuid("key_id")
            .bytes("code_sealed")
            .optional_bytes("live_code")
            .bytes("given_to_sealed")
            .uuid("made_by")
            .integer("made_at")
            .optional_integer("spent_at")
            .references("key_id", "keys_keys")
            .unique(&["live_code"])
            .index(&["key_id"]),
        Table::tenant("keys_hand_overs")
            .uuid("loan_id")
            .uuid("to_person")
            .bytes("code_hash")
            .integer("tries")
            .integer("expires_at")
            .optional_integer("ended_at")
            .references("loan_id", "keys_loans")
            .index(&["loan_id"]),
        Table::tenant("keys_incidents")
            .text("what")
            .optional_uuid("box_id")
            .optional_uuid("bin_id")
            .optional_uuid("key_id")
            .optional_uuid("loan_id")
            .text("note")
            .integer("at")
            .optional_uuid("by_person")
            .optional_integer("mended_at")
            .optional_uuid("mended_by")
            .index(&["mended_at", "at"])
            .index(&["key_id"]),
        Table::tenant("keys_openings")
            .uuid("box_id")
            .optional_uuid("bin_id")
            .uuid("person_id")
            .text("reason")
            .integer("at")
            .text("result")
            .index(&["box_id", "at"]),
        Table::tenant("keys_alerts")
            .text("name")
            .text("rule")
            .bytes("recipients_sealed")
            .boolean("active")
            .uuid("made_by"),
        Table::tenant("keys_panel_sessions")
            .uuid("device_id")
            .optional_uuid("person_id")
            .optional_uuid("booking_id")
            .optional_uuid("keycode_id")
            .optional_integer("verified_at")
            .text("way")
            .integer("expires_at")
            .index(&["expires_at"]),
        Table::tenant("keys_panel_tries").integer("wrong").integer("paused_until"),
    ]
}
