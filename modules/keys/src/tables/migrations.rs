//! How the tables of the module came to be, step by step.

use sekisho_storage::{Change, Migration, Table};

/// The migrations of this module.
pub fn migrations() -> Vec<Migration> {
    vec![
        Migration { name: "20261122_keys", changes: || first().into_iter().map(Into::into).collect() },
        Migration { name: "20261123_keys_panel_second", changes: beside_at_panels },
        Migration { name: "20261123_keys_by_key", changes: by_key },
        Migration { name: "20261123_keys_pictures", changes: cameras },
        Migration { name: "20261123_keys_payments", changes: payments_of_bookings },
        Migration { name: "20261124_keys_payment_pages", changes: pages_of_payments },
        Migration { name: "20261124_keys_camera_times", changes: times_of_cameras },
        Migration { name: "20261124_keys_booking_language", changes: language_of_bookings },
    ]
}

/// A guest whose booking is called off is told in their own language, paid or not. Nobody wrote down which one guests booked
/// before this step read.
fn language_of_bookings() -> Vec<Change> {
    let sql = "ALTER TABLE keys_bookings ADD COLUMN language text NOT NULL DEFAULT 'ja'";
    vec![Change::Sql { sqlite: sql, postgres: sql }]
}

/// Of boxes set up before this step nobody wrote down when: what they send is taken as before.
fn times_of_cameras() -> Vec<Change> {
    let same = |sql| Change::Sql { sqlite: sql, postgres: sql };
    vec![
        same("ALTER TABLE keys_boxes ADD COLUMN camera_since bigint"),
        same("ALTER TABLE keys_boxes ADD COLUMN camera_until bigint"),
        same("ALTER TABLE keys_boxes ADD COLUMN device_since bigint"),
    ]
}

/// Pages made before this step are found by the booking they name.
fn pages_of_payments() -> Vec<Change> {
    let same = |sql| Change::Sql { sqlite: sql, postgres: sql };
    vec![
        Table::tenant("keys_payment_pages")
            .uuid("booking_id")
            .integer("attempt")
            .text("name")
            .text("home")
            .text("language")
            .integer("closes_at")
            .optional_text("checkout")
            .text("state")
            .optional_text("intent")
            .references("booking_id", "keys_bookings")
            .unique(&["booking_id", "attempt"])
            .index(&["checkout"])
            .into(),
        same("ALTER TABLE keys_payments DROP COLUMN attempt"),
        same("ALTER TABLE keys_payments DROP COLUMN checkout"),
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
