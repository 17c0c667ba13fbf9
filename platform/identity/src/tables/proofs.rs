//! What people prove themselves with, and how often they failed to.

use sekisho_kernel::{PersonId, Timestamp};
use sekisho_storage::{JsonText, tenant_table};

use crate::{LinkPurpose, Stage};

tenant_table!(/// A session of a browser.
    sessions, "identity_sessions", {
    /// Which.
    #[sea_orm(primary_key, auto_increment = false)]
    id: Uuid,
    /// Whose.
    person: PersonId,
    /// SHA-256 of the cookie.
    hash: Vec<u8>,
    /// How far sign-in has come.
    stage: JsonText<Stage>,
    /// The person's stamp when it was made.
    stamp: i64,
    /// SHA-256 of the browser's long-lived mark.
    device: Vec<u8>,
    /// What the browser calls itself.
    agent: String,
    /// Where it came from.
    address: Option<String>,
    /// When.
    created_at: Timestamp,
    /// Last use, to a few minutes.
    seen_at: Timestamp,
    /// When a second factor was last proved.
    verified_at: Option<Timestamp>,
    /// When it was ended.
    ended_at: Option<Timestamp>,
    /// Where to go after sign-in.
    next: Option<String>,
});

tenant_table!(/// An authenticator app.
    totps, "identity_totps", {
    /// Which.
    #[sea_orm(primary_key, auto_increment = false)]
    id: Uuid,
    /// Whose.
    person: PersonId,
    /// Sealed.
    secret: Vec<u8>,
    /// When the first code was shown to be right.
    confirmed_at: Option<Timestamp>,
    /// The last 30-second step used; it and all before are refused.
    last_step: i64,
    /// When.
    created_at: Timestamp,
});

tenant_table!(/// A one-time code sent to a person.
    codes, "identity_codes", {
    /// Which.
    #[sea_orm(primary_key, auto_increment = false)]
    id: Uuid,
    /// Whose.
    person: PersonId,
    /// What it proves.
    purpose: String,
    /// Keyed hash; six digits would be guessed from a plain one.
    mac: Vec<u8>,
    /// Not after.
    expires_at: Timestamp,
    /// Wrong tries so far.
    tries: i64,
    /// When it was used or replaced.
    used_at: Option<Timestamp>,
});

tenant_table!(/// A recovery code.
    recovery_codes, "identity_recovery_codes", {
    /// Which.
    #[sea_orm(primary_key, auto_increment = false)]
    id: Uuid,
    /// Whose.
    person: PersonId,
    /// Keyed hash.
    mac: Vec<u8>,
    /// When it was used.
    used_at: Option<Timestamp>,
});

tenant_table!(/// A one-time URL.
    links, "identity_links", {
    /// Which.
    #[sea_orm(primary_key, auto_increment = false)]
    id: Uuid,
    /// Whose.
    person: PersonId,
    /// What it does.
    purpose: JsonText<LinkPurpose>,
    /// SHA-256 of the token.
    hash: Vec<u8>,
    /// Not after.
    expires_at: Timestamp,
    /// When it was used or withdrawn.
    used_at: Option<Timestamp>,
    /// When.
    created_at: Timestamp,
});

tenant_table!(/// A token for the API.
    tokens, "identity_tokens", {
    /// Which.
    #[sea_orm(primary_key, auto_increment = false)]
    id: Uuid,
    /// Who made it, and for whom it acts.
    person: PersonId,
    /// What it is for.
    name: String,
    /// SHA-256 of the token.
    hash: Vec<u8>,
    /// What it may touch.
    scopes: JsonText<Vec<String>>,
    /// The person's stamp when it was made.
    stamp: i64,
    /// When.
    created_at: Timestamp,
    /// Not after.
    expires_at: Timestamp,
    /// Last use, to a few minutes.
    used_at: Option<Timestamp>,
    /// When it was withdrawn.
    revoked_at: Option<Timestamp>,
});

tenant_table!(/// A badge.
    badges, "identity_badges", {
    /// Which.
    #[sea_orm(primary_key, auto_increment = false)]
    id: Uuid,
    /// Whose.
    person: PersonId,
    /// Keyed hash of its serial.
    blind: Vec<u8>,
    /// What is printed on it.
    label: String,
    /// When.
    created_at: Timestamp,
});

tenant_table!(/// Wrong tries in a row, by person and factor.
    locks, "identity_locks", {
    /// Which.
    #[sea_orm(primary_key, auto_increment = false)]
    id: Uuid,
    /// Whose.
    person: PersonId,
    /// Password, PIN or second factor.
    factor: String,
    /// In a row.
    failures: i64,
    /// When it was locked.
    locked_at: Option<Timestamp>,
});

tenant_table!(/// Failures from one address or device.
    throttles, "identity_throttles", {
    /// Which.
    #[sea_orm(primary_key, auto_increment = false)]
    id: Uuid,
    /// Which.
    mark: String,
    /// Begin of the window.
    since: Timestamp,
    /// In the window.
    failures: i64,
});
