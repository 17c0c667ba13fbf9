//! Who talks to whom: the modules of this server, and the sentences in which they meet (`wiring/`, one file each).
//!
//! The tests of the product read this very file, so that they mount what the server mounts.

use std::sync::Arc;

use sekisho_host::{Foundation, Mount};
use sekisho_keys::Keys;
use sekisho_storage::Migration;
use sekisho_visitors::Visitors;

// By its path, for the tests read this file from elsewhere.
#[path = "wiring/visitors_to_keys.rs"]
mod visitors_to_keys;

use self::visitors_to_keys::VisitorsToKeys;

/// The migrations of all modules, in the order in which the modules came.
pub(crate) fn migrations() -> Vec<Migration> {
    let mut all = sekisho_keys::migrations();
    all.extend(sekisho_visitors::migrations());
    all
}

/// What each module on `foundation` brings.
pub(crate) fn mounts(foundation: &Foundation) -> Vec<Mount> {
    let visitors = Visitors::on(foundation).with_keys(Arc::new(VisitorsToKeys(keys(foundation))));
    vec![sekisho_keys::mount(foundation), sekisho_visitors::mount_as(foundation, &visitors)]
}

/// The module keys on `foundation`, for commands that call its use cases.
pub(crate) fn keys(foundation: &Foundation) -> Keys {
    let Foundation { store, vault, policy, identity, devices, notify, .. } = foundation.clone();
    Keys::new(store, vault, policy, identity, devices, notify)
}
