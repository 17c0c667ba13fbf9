//! How a mailbox or calendar is reached. It lies sealed: a password stands in it.

use sekisho_crypto::{CryptoError, Place, TenantKeys};
use serde::{Deserialize, Serialize};

use crate::ids::CalendarId;

/// Server, user and password.
#[derive(Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(default)]
pub(super) struct Access {
    /// Of a mailbox: the name of its server.
    pub(super) host: String,
    /// Its port.
    pub(super) port: u16,
    /// The folder.
    pub(super) folder: String,
    /// The reception's mail address.
    pub(super) address: String,
    /// How the mailbox's server names itself when it says who sent a mail.
    pub(super) authority: String,
    /// Of a calendar: its address.
    pub(super) url: String,
    /// The user; may be empty for a calendar.
    pub(super) user: String,
    /// The password.
    pub(super) password: String,
}

fn place(id: CalendarId) -> Place<'static> {
    Place { table: "visitors_calendars", column: "access", row: id.uuid() }
}

impl Access {
    /// As it lies in the table.
    pub(super) fn sealed(&self, keys: &TenantKeys, id: CalendarId) -> Vec<u8> {
        keys.seal_secret(&place(id), &serde_json::to_vec(self).unwrap_or_default())
    }

    /// Opened.
    pub(super) fn open(keys: &TenantKeys, id: CalendarId, sealed: &[u8]) -> Result<Self, CryptoError> {
        let plain = keys.open(&place(id), sealed)?;
        Ok(serde_json::from_slice(&plain).unwrap_or_default())
    }

    /// Whether a password that was given for the other may be sent here.
    pub(super) fn same_server(&self, other: &Self) -> bool {
        (&self.host, self.port, &self.url, &self.user) == (&other.host, other.port, &other.url, &other.user)
    }
}
