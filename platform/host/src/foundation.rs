//! What every module stands on, opened in the order in which one rests on the other.

use std::sync::Arc;

use sekisho_crypto::{KeyProvider, Vault};
use sekisho_devices::Devices;
use sekisho_identity::Identity;
use sekisho_kernel::World;
use sekisho_notify::{Notify, People};
use sekisho_places::Places;
use sekisho_policy::Policy;
use sekisho_storage::keys::StoredKeys;
use sekisho_storage::{Migration, Store, StoreError, StoreOptions};

/// The rooms that modules ask; cheap to clone.
#[derive(Clone)]
pub struct Foundation {
    /// Time and chance.
    pub world: Arc<dyn World>,
    /// The store.
    pub store: Store,
    /// The tenants' keys.
    pub vault: Vault,
    /// Who may what.
    pub policy: Policy,
    /// Who is who.
    pub identity: Identity,
    /// Sites and areas.
    pub places: Places,
    /// Telling people.
    pub notify: Notify,
    /// Boxes, locks, readers.
    pub devices: Devices,
}

/// How a foundation is opened.
pub struct FoundationOptions {
    /// Where the data lies.
    pub store: StoreOptions,
    /// Who wraps the tenants' keys.
    pub provider: Arc<dyn KeyProvider>,
    /// Time and chance.
    pub world: Arc<dyn World>,
    /// Where messages go, as the operator decides.
    pub notify: sekisho_notify::Options,
    /// The address people type (`https://host:port`), from which links in messages are made.
    pub public_url: String,
    /// The migrations of the modules, after those of the platform.
    pub module_migrations: Vec<Migration>,
}

/// Why a foundation could not be opened.
#[derive(Debug, thiserror::Error)]
pub enum OpenError {
    /// The store.
    #[error("the store cannot be opened")]
    Store(#[from] StoreError),
}

/// The migrations of the platform, lowest room first.
pub fn migrations() -> Vec<Migration> {
    [
        sekisho_storage::migrations(),
        sekisho_policy::migrations(),
        sekisho_web::migrations(),
        sekisho_audit::migrations(),
        sekisho_identity::migrations(),
        sekisho_places::migrations(),
        sekisho_notify::migrations(),
        sekisho_devices::migrations(),
    ]
    .into_iter()
    .flatten()
    .collect()
}

impl Foundation {
    /// Opens the store, runs the migrations, and puts the rooms on it.
    pub async fn open(options: FoundationOptions) -> Result<Self, OpenError> {
        let mut all = migrations();
        all.extend(options.module_migrations);
        let store = Store::open(&options.store, &all).await?;
        let world = options.world;
        let vault = Vault::new(
            options.provider,
            Arc::new(StoredKeys::new(store.clone(), world.clone())),
            world.clone(),
        );
        let policy = Policy::new(store.clone());
        let identity = Identity::new(store.clone(), vault.clone(), policy.clone(), world.clone());
        let places = Places::new(store.clone(), policy.clone());
        let contacts = Arc::new(People::new(store.clone(), identity.clone(), options.public_url));
        let notify = Notify::new(store.clone(), vault.clone(), world.clone(), contacts, options.notify);
        // Identity comes before notify, and asks it only whether a message can leave.
        identity.reach_people_by(Arc::new(notify.clone()));
        let devices = Devices::new(store.clone(), vault.clone());
        Ok(Self { world, store, vault, policy, identity, places, notify, devices })
    }
}
