//! Who talks to whom: the modules of this server, and the sentences in which they meet.

use sekisho_host::{Foundation, Mount};
use sekisho_keys::Keys;
use sekisho_storage::Migration;

/// The migrations of all modules, in the order in which the modules came.
pub(crate) fn migrations() -> Vec<Migration> {
    let mut all = sekisho_keys::migrations();
    all.extend(sekisho_visitors::migrations());
    all
}

/// What each module on `foundation` brings.
pub(crate) fn mounts(foundation: &Foundation) -> Vec<Mount> {
    vec![sekisho_keys::mount(foundation), sekisho_visitors::mount(foundation)]
}

/// The module keys on `foundation`, for commands that call its use cases.
pub(crate) fn keys(foundation: &Foundation) -> Keys {
    let Foundation { store, vault, policy, identity, devices, notify, .. } = foundation.clone();
    Keys::new(store, vault, policy, identity, devices, notify)
}
