//! Devices: who may connect, what they tell, what they are told, and how they are.
//!
//! A device connects with a certificate of its tenant's authority over MQTT 5 to an endpoint of our own ([`Gateway`]).
//! Its events are acknowledged only after they are committed; its commands are signed, kept in the database and never sent
//! after their time. What events and questions *mean* is a module's business: it offers [`DeviceEvents`],
//! [`DeviceAsks`] and [`CommandResults`] for a kind of device, and the server wires them with [`Devices::serve_kind`].

mod api;
mod authority;
mod carry_on;
mod claim;
mod command;
mod device;
mod error;
mod facts;
mod gateway;
mod keep;
mod manage;
mod pages;
mod picture;
mod ports;
mod reads;
mod repository;
mod routes;
pub mod session;
mod settle;
pub mod tables;
mod words;

mod add_device;
mod enrol;
mod revoke;
mod roll_out;
pub mod rollout;
mod update_api;
pub mod update_tables;
mod upload_image;

pub use api::DeviceBody;
pub use claim::ClaimCode;
pub use command::{CommandState, NewCommand, UNLOCK_LIFE};
pub use device::{Device, DeviceKind, DeviceState, NewDevice, Standing};
pub use enrol::Announcement;
pub use error::DeviceError;
pub use facts::{
    CameBack, ChainBroken, CommandMade, CommandSettled, DeviceAdded, DeviceConfigured, DeviceEnrolled,
    DeviceRevoked, RolloutHalted, RolloutMoved, WentFlaky, WentOffline,
};
pub use gateway::{GatewayError, GatewayOptions};
pub use pages::samplers;
pub use ports::{
    CommandResults, DeviceAsks, DeviceEvents, PortError, Received, ReceivedPicture, SettledCommand,
};
pub use repository::{Publication, Published, UpdateError};
pub use roll_out::{DeviceProgress, NewRollout, Rollout, RolloutId};
pub use routes::{nav, texts};
pub use tables::migrations;

use std::collections::HashMap;
use std::sync::{Arc, PoisonError, RwLock};

use sekisho_crypto::Vault;
use sekisho_crypto::certificates::{Authority, DeviceRoots, pem_to_der};
use sekisho_kernel::TenantId;
use sekisho_storage::Store;
use sekisho_storage::reseal::SealedColumn;

/// The columns that hold sealed values.
pub const SEALED: [SealedColumn; 3] = [
    SealedColumn::new("devices_authorities", "sealed_key"),
    SealedColumn::new("devices_authorities", "sealed_command_key"),
    SealedColumn::new("devices_repositories", "sealed_online_key"),
];

/// Claim codes tried a minute, by everybody and by one address. A code has 40 bits and lives half an hour.
const CLAIMS_TRIED: u32 = 600;
const CLAIMS_TRIED_EACH: u32 = 20;

/// The devices of all tenants: the face of this room. Cheap to clone.
#[derive(Clone)]
pub struct Devices(Arc<Inner>);

struct Inner {
    store: Store,
    vault: Vault,
    authorities: authority::Authorities,
    kinds: RwLock<HashMap<&'static str, Ports>>,
    roots: Arc<DeviceRoots>,
    registry: gateway::Registry,
    announcement: RwLock<Announcement>,
    claims_tried: gateway::Knocks,
    pictures: picture::Allowance,
}

/// Who hears and answers the devices of one kind.
#[derive(Clone)]
struct Ports {
    events: Arc<dyn DeviceEvents>,
    asks: Arc<dyn DeviceAsks>,
    results: Arc<dyn CommandResults>,
}

impl Devices {
    /// Devices kept in `store`, their authorities sealed by `vault`.
    pub fn new(store: Store, vault: Vault) -> Self {
        Self(Arc::new(Inner {
            store,
            vault,
            authorities: authority::Authorities::default(),
            kinds: RwLock::default(),
            roots: Arc::new(DeviceRoots::new()),
            registry: gateway::Registry::default(),
            announcement: RwLock::default(),
            claims_tried: gateway::Knocks::per_minute(CLAIMS_TRIED, CLAIMS_TRIED_EACH),
            pictures: picture::Allowance::new(),
        }))
    }

    /// Names the module that hears and answers the devices of `kind`. Once, when the server is put together; devices of a
    /// kind nobody serves can connect, and their events are kept.
    pub fn serve_kind(
        &self,
        kind: DeviceKind,
        events: Arc<dyn DeviceEvents>,
        asks: Arc<dyn DeviceAsks>,
        results: Arc<dyn CommandResults>,
    ) {
        self.0
            .kinds
            .write()
            .unwrap_or_else(PoisonError::into_inner)
            .insert(kind.word(), Ports { events, asks, results });
    }

    /// Lets go of those who hear devices, when the server ends: they hold this room.
    pub fn let_go(&self) {
        self.0.kinds.write().unwrap_or_else(PoisonError::into_inner).clear();
    }

    /// Says where devices connect and what they trust there; told to each device as it enrols.
    pub fn announce(&self, announcement: Announcement) {
        *self.0.announcement.write().unwrap_or_else(PoisonError::into_inner) = announcement;
    }

    fn announced(&self) -> Announcement {
        self.0.announcement.read().unwrap_or_else(PoisonError::into_inner).clone()
    }

    /// Whether one more claim code may be tried from there. Requests without an address (never from a network) may.
    fn may_try_claim(&self, address: Option<std::net::IpAddr>) -> bool {
        address.is_none_or(|address| self.0.claims_tried.may(address))
    }

    /// Whether this device may send one more picture now.
    fn may_picture(&self, device: sekisho_kernel::DeviceId) -> bool {
        self.0.pictures.may(device)
    }

    fn roots(&self) -> &Arc<DeviceRoots> {
        &self.0.roots
    }

    fn registry(&self) -> &gateway::Registry {
        &self.0.registry
    }

    /// From now on this tenant's devices are those its authority signed.
    fn trust(&self, tenant: TenantId, authority: &Authority) {
        if let Err(error) = self.0.roots.set(tenant, &[authority.certificate_der().clone()]) {
            tracing::error!(%tenant, %error, "a tenant's authority cannot be trusted");
        }
    }

    fn trust_pem(&self, tenant: TenantId, certificate: &str) {
        let set = pem_to_der(certificate).and_then(|der| self.0.roots.set(tenant, &[der.into()]));
        if let Err(error) = set {
            tracing::error!(%tenant, %error, "a tenant's authority cannot be trusted");
        }
    }

    fn ports(&self, kind: DeviceKind) -> Option<Ports> {
        self.0.kinds.read().unwrap_or_else(PoisonError::into_inner).get(kind.word()).cloned()
    }

    fn store(&self) -> &Store {
        &self.0.store
    }

    fn vault(&self) -> &Vault {
        &self.0.vault
    }
}
