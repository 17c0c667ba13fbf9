//! Tenants by host name, kept in memory for a moment.

use std::collections::HashMap;
use std::net::IpAddr;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use sea_orm::ColumnTrait;
use sekisho_kernel::{Cx, TenantId, Timestamp};
use sekisho_policy::AdministrationGate;
use sekisho_storage::{Changed, JsonText, Scoped as _, StoreError};
use tokio::sync::broadcast;
use uuid::Uuid;

use crate::settings::{TenantSettings, TenantState, administration_open};
use crate::tables::{tenant_hosts, tenants};
use crate::{Broken, Identity};

/// Changes made by another process are seen after so long at the latest.
const KEPT: Duration = Duration::from_secs(2);

/// A customer of the installation.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Tenant {
    /// Which.
    pub id: TenantId,
    /// Its name.
    pub name: String,
    /// Whether it is served.
    pub state: TenantState,
    /// Its rules about people.
    pub settings: TenantSettings,
    /// The host names it answers under; the first is the one in links.
    pub hosts: Vec<String>,
}

#[derive(Clone, Default)]
struct Known {
    at: Option<Timestamp>,
    by_host: HashMap<String, Arc<Tenant>>,
    by_id: HashMap<TenantId, Arc<Tenant>>,
}

pub(crate) struct Directory {
    known: Mutex<(broadcast::Receiver<Changed>, Arc<Known>)>,
}

impl Directory {
    pub(crate) fn new(changes: broadcast::Receiver<Changed>) -> Self {
        Self { known: Mutex::new((changes, Arc::default())) }
    }

    /// What is known and still holds at `now`.
    fn known(&self, now: Timestamp) -> Option<Arc<Known>> {
        let mut guard = self.known.lock().unwrap_or_else(PoisonError::into_inner);
        let (changes, known) = &mut *guard;
        let mut stale = false;
        loop {
            match changes.try_recv() {
                Ok(changed) => {
                    stale |= changed.events.iter().any(|event| {
                        matches!(
                            *event,
                            "identity.settings_changed"
                                | "identity.tenant_founded"
                                | "identity.tenant_closed"
                        )
                    });
                }
                Err(broadcast::error::TryRecvError::Lagged(_)) => stale = true,
                Err(_) => break,
            }
        }
        if stale {
            // What was known stays for [`Directory::last_known`] until it is read anew.
            *known = Arc::new(Known { at: None, ..(**known).clone() });
        }
        known.at.is_some_and(|at| now.since(at) < KEPT).then(|| known.clone())
    }

    /// A tenant as last read, whatever its age.
    fn last_known(&self, tenant: TenantId) -> Option<Arc<Tenant>> {
        self.known.lock().unwrap_or_else(PoisonError::into_inner).1.by_id.get(&tenant).cloned()
    }

    fn learn(&self, known: Known) -> Arc<Known> {
        let known = Arc::new(known);
        self.known.lock().unwrap_or_else(PoisonError::into_inner).1 = known.clone();
        known
    }
}

impl AdministrationGate for Directory {
    fn is_open(&self, tenant: TenantId, address: Option<IpAddr>) -> bool {
        // Every request from outside has found its tenant here a moment ago; one that has not gets no benefit of doubt.
        address.is_none()
            || self
                .last_known(tenant)
                .is_some_and(|tenant| administration_open(&tenant.settings.admin_networks, address))
    }
}

impl Identity {
    async fn directory(&self, now: Timestamp) -> Result<Arc<Known>, StoreError> {
        if let Some(known) = self.0.directory.known(now) {
            return Ok(known);
        }
        let scope = self.store().read_installation().await?;
        let mut hosts: HashMap<TenantId, Vec<String>> = HashMap::new();
        for row in scope
            .find_installation::<tenant_hosts::Entity>()
            .ascending(tenant_hosts::Column::Id)
            .all()
            .await?
        {
            hosts.entry(row.tenant).or_default().push(row.host);
        }
        let mut known = Known { at: Some(now), ..Known::default() };
        for row in scope.find_installation::<tenants::Entity>().all().await? {
            let tenant = Arc::new(Tenant {
                id: row.id,
                name: row.name,
                state: row.state.0,
                settings: row.settings.0,
                hosts: hosts.remove(&row.id).unwrap_or_default(),
            });
            for host in &tenant.hosts {
                known.by_host.insert(host.clone(), tenant.clone());
            }
            known.by_id.insert(tenant.id, tenant);
        }
        Ok(self.0.directory.learn(known))
    }

    /// The tenant that answers under `host`. An installation with one tenant answers on every name.
    pub async fn tenant_by_host(&self, host: &str) -> Result<Option<Arc<Tenant>>, Broken> {
        let known = self.directory(self.world().now()).await?;
        let tenant = match known.by_host.get(host) {
            Some(tenant) => Some(tenant),
            None => {
                let mut open = known.by_id.values().filter(|tenant| tenant.state == TenantState::Active);
                open.next().filter(|_| open.next().is_none())
            }
        };
        Ok(tenant.filter(|tenant| tenant.state == TenantState::Active).cloned())
    }

    /// The tenant of the request.
    pub async fn tenant(&self, cx: &Cx) -> Result<Arc<Tenant>, Broken> {
        let known = self.directory(self.world().now()).await?;
        let tenant = known.by_id.get(&cx.tenant).cloned();
        Ok(tenant
            .ok_or_else(|| StoreError::Unusable("the request's tenant is not in the directory".to_owned()))?)
    }

    /// Every tenant of the installation: for commands and workers.
    pub async fn tenants(&self) -> Result<Vec<Arc<Tenant>>, Broken> {
        let known = self.directory(self.world().now()).await?;
        let mut tenants: Vec<_> = known.by_id.values().cloned().collect();
        tenants.sort_by_key(|tenant| tenant.id);
        Ok(tenants)
    }

    /// Writes the tenant's settings, in the caller's transaction.
    pub(crate) async fn save_settings(
        &self,
        tx: &mut sekisho_storage::Tx,
        settings: &TenantSettings,
    ) -> Result<(), StoreError> {
        let tenant = tx.cx().tenant;
        tx.update_installation::<tenants::Entity>()
            .set(tenants::Column::Settings, JsonText(settings.clone()))
            .filter(tenants::Column::Id.eq(tenant))
            .exec()
            .await?;
        Ok(())
    }

    /// Marks the tenant as closed and gives its host names free, in the caller's transaction.
    pub(crate) async fn mark_closed(&self, tx: &sekisho_storage::Tx) -> Result<(), StoreError> {
        let tenant = tx.cx().tenant;
        tx.update_installation::<tenants::Entity>()
            .set(tenants::Column::State, JsonText(TenantState::Closed))
            .filter(tenants::Column::Id.eq(tenant))
            .exec()
            .await?;
        // A row of the installation's own table is never deleted here; a name nobody can have frees the old one.
        let hosts = tx.scope().find_installation::<tenant_hosts::Entity>();
        for row in hosts.filter(tenant_hosts::Column::Tenant.eq(tenant)).all().await? {
            let freed = format!("closed.{}.invalid", row.id);
            tx.update_installation::<tenant_hosts::Entity>()
                .set(tenant_hosts::Column::Host, freed)
                .filter(tenant_hosts::Column::Id.eq(row.id))
                .exec()
                .await?;
        }
        Ok(())
    }

    pub(crate) async fn insert_tenant(
        &self,
        tx: &mut sekisho_storage::Tx,
        tenant: &Tenant,
    ) -> Result<(), StoreError> {
        use sea_orm::ActiveValue::Set;
        tx.insert_installation::<tenants::Entity>(tenants::ActiveModel {
            id: Set(tenant.id),
            name: Set(tenant.name.clone()),
            state: Set(JsonText(tenant.state)),
            settings: Set(JsonText(tenant.settings.clone())),
            created_at: Set(tx.cx().now),
        })
        .await?;
        for host in &tenant.hosts {
            tx.insert_installation::<tenant_hosts::Entity>(tenant_hosts::ActiveModel {
                id: Set(tx.cx().fresh_id::<Uuid>()),
                host: Set(host.to_lowercase()),
                tenant: Set(tenant.id),
            })
            .await?;
        }
        Ok(())
    }
}
