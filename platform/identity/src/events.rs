//! What this room tells others, past tense. Secrets travel sealed ([`Sealed`]); who has to send them opens them with
//! [`crate::Identity::open_sealed`] at the last moment.

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use sekisho_kernel::{GroupId, PersonId, Timestamp};
use sekisho_storage::facts;
use serde::{Deserialize, Serialize};
use uuid::Uuid;

/// A secret in a fact: sealed under the tenant's key, bound to `row`.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
pub struct Sealed {
    /// What it is bound to.
    pub row: Uuid,
    /// The sealed bytes, base64.
    pub sealed: String,
}

impl Sealed {
    pub(crate) fn new(row: Uuid, bytes: &[u8]) -> Self {
        Self { row, sealed: STANDARD.encode(bytes) }
    }
    pub(crate) fn bytes(&self) -> Vec<u8> {
        STANDARD.decode(&self.sealed).unwrap_or_default()
    }
}

/// How a one-time code goes out.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum CodeChannel {
    /// To the mail address.
    Mail,
    /// To the telephone.
    Sms,
}

facts! {
    /// Somebody was invited; the mail carries `https://HOST/invitation/TOKEN`.
    PersonInvited = "identity.person_invited" {
        /// Who.
        person: PersonId,
        /// Who invited them.
        by: Option<PersonId>,
        /// The token of the address.
        token: Sealed,
        /// Not after.
        expires_at: Timestamp,
    }
    /// A password was set for the first time or changed.
    PasswordSet = "identity.password_set" {
        /// Whose.
        person: PersonId,
        /// Whether it is the first.
        first: bool,
    }
    /// Somebody asked for a new password; the mail carries `https://HOST/invitation/TOKEN`.
    PasswordResetRequested = "identity.password_reset_requested" {
        /// Who.
        person: PersonId,
        /// The token of the address.
        token: Sealed,
        /// Not after.
        expires_at: Timestamp,
    }
    /// An account was locked after wrong tries; the mail carries `https://HOST/unlock/TOKEN`.
    Locked = "identity.locked" {
        /// Whose.
        person: PersonId,
        /// `password`, `pin` or `two_step`.
        factor: String,
        /// The token of the address.
        token: Sealed,
        /// Not after.
        expires_at: Timestamp,
    }
    /// An account was unlocked.
    Unlocked = "identity.unlocked" {
        /// Whose.
        person: PersonId,
    }
    /// A one-time code has to reach somebody within five minutes.
    CodeRequested = "identity.code_requested" {
        /// Who.
        person: PersonId,
        /// `sign_in`, `box`, `step_up` …
        purpose: String,
        /// How it goes out.
        channel: CodeChannel,
        /// Six digits.
        code: Sealed,
        /// Not after.
        expires_at: Timestamp,
    }
    /// Somebody signed in from a browser not seen before.
    SignedInFromNewDevice = "identity.signed_in_from_new_device" {
        /// Who.
        person: PersonId,
        /// What the browser calls itself.
        agent: String,
        /// Where from.
        address: Option<String>,
        /// When.
        at: Timestamp,
    }
    /// A person's second factors, name, badges or the like changed.
    PersonChanged = "identity.person_changed" {
        /// Who.
        person: PersonId,
        /// What changed, such as `totp_added`.
        what: String,
    }
    /// A session was completed or proved anew; whoever keeps it in memory reads it again. Nothing ended.
    SessionChanged = "identity.session_changed" {
        /// Whose.
        person: PersonId,
    }
    /// Sessions or tokens of a person ended; whoever keeps them in memory forgets them.
    AccessEnded = "identity.access_ended" {
        /// Whose.
        person: PersonId,
    }
    /// A person's access ended for good.
    PersonLeft = "identity.person_left" {
        /// Who.
        person: PersonId,
    }
    /// A leaver came back before deletion.
    PersonReturned = "identity.person_returned" {
        /// Who.
        person: PersonId,
    }
    /// A leaver was deleted; copies of the name go now.
    PersonDeleted = "identity.person_deleted" {
        /// Who.
        person: PersonId,
    }
    /// Somebody joined or left a group.
    MembershipChanged = "identity.membership_changed" {
        /// The group.
        group: GroupId,
        /// Who.
        person: PersonId,
        /// Whether they are a member now.
        member: bool,
    }
    /// The tenant's rules about its people changed.
    SettingsChanged = "identity.settings_changed" {
        /// Who changed them.
        by: Option<PersonId>,
    }
}
