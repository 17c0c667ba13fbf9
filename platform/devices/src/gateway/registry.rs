//! Who is connected to this process.

use std::collections::HashMap;
use std::sync::{Arc, PoisonError, RwLock};

use sekisho_kernel::{DeviceId, TenantId};

use super::mailbox::{Connection, Letter};
use crate::session::CloseReason;

/// The live connections of this process.
#[derive(Default)]
pub(crate) struct Registry(RwLock<HashMap<TenantId, HashMap<DeviceId, Arc<Connection>>>>);

impl Registry {
    /// Adds a connection; an older one of the same device is told to go.
    pub(crate) fn enter(&self, connection: Arc<Connection>) {
        let older = self
            .0
            .write()
            .unwrap_or_else(PoisonError::into_inner)
            .entry(connection.tenant)
            .or_default()
            .insert(connection.device, connection);
        if let Some(older) = older {
            older.post(Letter::Close(CloseReason::TakenOver));
        }
    }

    /// Removes a connection, unless a newer one has taken its place.
    pub(crate) fn leave(&self, connection: &Connection) {
        let mut tenants = self.0.write().unwrap_or_else(PoisonError::into_inner);
        if let Some(devices) = tenants.get_mut(&connection.tenant) {
            if devices.get(&connection.device).is_some_and(|live| live.id == connection.id) {
                devices.remove(&connection.device);
            }
            if devices.is_empty() {
                tenants.remove(&connection.tenant);
            }
        }
    }

    /// The live connection of a device.
    pub(crate) fn get(&self, tenant: TenantId, device: DeviceId) -> Option<Arc<Connection>> {
        self.0.read().unwrap_or_else(PoisonError::into_inner).get(&tenant)?.get(&device).cloned()
    }

    /// The live connections of a tenant.
    pub(crate) fn of(&self, tenant: TenantId) -> Vec<Arc<Connection>> {
        let tenants = self.0.read().unwrap_or_else(PoisonError::into_inner);
        tenants.get(&tenant).map(|devices| devices.values().cloned().collect()).unwrap_or_default()
    }

    /// The tenants with live connections.
    pub(crate) fn tenants(&self) -> Vec<TenantId> {
        self.0.read().unwrap_or_else(PoisonError::into_inner).keys().copied().collect()
    }

    /// How many are connected.
    pub(crate) fn count(&self) -> usize {
        self.0.read().unwrap_or_else(PoisonError::into_inner).values().map(HashMap::len).sum()
    }

    /// Tells everybody to go.
    pub(crate) fn close_all(&self, reason: CloseReason) {
        for tenant in self.tenants() {
            for connection in self.of(tenant) {
                connection.post(Letter::Close(reason));
            }
        }
    }
}
