//! Who talks to whom: the modules of this server, and the sentences in which they meet.

use std::sync::Arc;

use sekisho_devices::DeviceKind;
use sekisho_host::{Foundation, Mount};
use sekisho_keys::{Boxes, Keys};
use sekisho_storage::Migration;

/// The migrations of all modules, in the order in which the modules came.
pub(crate) fn migrations() -> Vec<Migration> {
    sekisho_keys::migrations()
}

/// The modules on `foundation`, and what each brings.
pub(crate) fn mounts(foundation: &Foundation) -> Vec<Mount> {
    let keys = keys(foundation);
    let boxes = Arc::new(Boxes::new(keys.clone()));
    foundation.devices.serve_kind(DeviceKind::Smartbox, boxes.clone(), boxes.clone(), boxes);
    vec![Mount {
        nav: vec![sekisho_keys::nav()],
        texts: vec![sekisho_keys::texts()],
        handlers: sekisho_keys::handlers(&keys),
        subscriptions: sekisho_keys::subscriptions(),
        ..Mount::default()
    }]
}

/// The module keys on `foundation`.
pub(crate) fn keys(foundation: &Foundation) -> Keys {
    let Foundation { store, vault, policy, identity, devices, notify, .. } = foundation.clone();
    Keys::new(store, vault, policy, identity, devices, notify)
}
