//! Founding a tenant with its first administrator, as `sekisho setup` and the demo do.

use sekisho_crypto::Secret;
use sekisho_kernel::{AuditEntry, Cx, FieldError, PersonId, TenantId};
use sekisho_policy::{NewGrant, Right, Subject, Target};
use sekisho_storage::Event;
use serde::{Deserialize, Serialize};

use crate::directory::Tenant;
use crate::error::refusals;
use crate::invite_person::{InvitePersonError, NewPerson};
use crate::password_rules::judge;
use crate::settings::{TenantSettings, TenantState};
use crate::{Identity, administrator::Administrator};

refusals! {
    /// Why no tenant was founded.
    FoundTenantError {
        /// Another tenant answers under one of the host names.
        HostTaken => Conflict, "identity-host-taken", "another tenant answers under this host name";
        /// Fields are wrong.
        Invalid(fields: Vec<FieldError>) => Invalid(fields.clone()), "error-invalid", "invalid tenant or administrator";
    }
}

/// A tenant to be founded.
#[derive(Clone, Debug, Default)]
pub struct NewTenant {
    /// Its name.
    pub name: String,
    /// Host names it answers under; the first is the one in links.
    pub hosts: Vec<String>,
    /// Its rules about people.
    pub settings: TenantSettings,
    /// The first administrator.
    pub administrator: Founder,
    /// Who founds it, as the record says; Sekisho itself when empty.
    pub by: String,
}

/// The first administrator.
#[derive(Clone, Debug, Default)]
pub struct Founder {
    /// What is known of them.
    pub person: NewPerson,
    /// Their password, when it is chosen at once (the demo, `setup` at a terminal); else they get the usual mail.
    pub password: Option<Secret>,
}

/// A tenant just founded.
#[derive(Clone, Debug)]
pub struct Founded {
    /// Which.
    pub tenant: TenantId,
    /// The first administrator.
    pub administrator: PersonId,
    /// The token of `/invitation/TOKEN`, when no password was given.
    pub token: Option<Secret>,
}

/// A tenant was founded.
#[derive(Debug, Serialize, Deserialize)]
pub struct TenantFounded {
    /// Which.
    pub tenant: TenantId,
}
impl Event for TenantFounded {
    const NAME: &'static str = "identity.tenant_founded";
}

impl Identity {
    /// Founds a tenant. Only the command line and the operator's pages call it; it has no route of its own.
    pub async fn found_tenant(&self, new: &NewTenant) -> Result<Founded, FoundTenantError> {
        let invalid = |field, text| FoundTenantError::Invalid(vec![FieldError { field, text }]);
        let name = crate::read_name(&new.name).ok_or_else(|| invalid("name", "identity-name-bad"))?;
        let read = new.administrator.person.read().map_err(FoundTenantError::Invalid)?;
        if read.mail.is_none() {
            return Err(invalid("mail", "identity-mail-bad"));
        }
        let hash = match &new.administrator.password {
            Some(password) => {
                let mail = read.mail.as_deref().unwrap_or_default();
                judge(password.expose(), &[mail, &read.name])
                    .map_err(|weak| invalid("password", weak.text()))?;
                Some(Secret::new(sekisho_crypto::password::hash(password).await?))
            }
            None => None,
        };
        let nobody = Cx::system(self.world().clone(), TenantId(uuid::Uuid::nil()), "tenant.found");
        let tenant = Tenant {
            id: nobody.fresh_id(),
            name,
            state: TenantState::Active,
            settings: new.settings.clone(),
            hosts: new
                .hosts
                .iter()
                .map(|host| host.trim().to_lowercase())
                .filter(|host| !host.is_empty())
                .collect(),
        };
        let by = if new.by.is_empty() { "tenant.found" } else { new.by.as_str() };
        let cx = Cx::system(self.world().clone(), tenant.id, by);
        // The tenant's first keys are written by a transaction of their own, so before ours holds the writer.
        let keys = self.keys(tenant.id).await?;
        let mut tx = self.store().begin(&cx).await?;
        self.insert_tenant(&mut tx, &tenant).await.map_err(|error| {
            if error.is_duplicate_of("tenant_hosts", &["host"]) {
                FoundTenantError::HostTaken
            } else {
                error.into()
            }
        })?;
        let invited =
            self.add_person(&mut tx, &keys, &read, None, &[]).await.map_err(|error| match error {
                InvitePersonError::Invalid(fields) => FoundTenantError::Invalid(fields),
                InvitePersonError::Broken(broken) => broken.into(),
                InvitePersonError::Missing | InvitePersonError::NoMail => {
                    invalid("mail", "identity-mail-bad")
                }
            })?;
        let grant = NewGrant::always(Subject::Person(invited.person), Right::Manage, Target::Tenant);
        self.policy().grant(&mut tx, grant).await?;
        let mut token = invited.token;
        if let Some(hash) = hash {
            let row = self.row(&tx, invited.person).await?;
            if let Some(row) = row {
                self.set_password(&mut tx, &row, &hash).await?;
                crate::links::withdraw_links(&tx, row.id, None).await?;
                token = None;
            }
        }
        tx.publish(&TenantFounded { tenant: tenant.id }).await?;
        tx.commit(AuditEntry::done("tenant.found").on("tenant", tenant.id, tenant.name.clone())).await?;
        Ok(Founded { tenant: tenant.id, administrator: invited.person, token })
    }

    /// Makes somebody's password known at once: for the demo and `sekisho setup`, by Sekisho itself only.
    pub async fn give_password(
        &self,
        cx: &Cx,
        _by: Administrator,
        person: PersonId,
        password: &Secret,
    ) -> Result<(), FoundTenantError> {
        let missing =
            || FoundTenantError::Invalid(vec![FieldError { field: "person", text: "error-missing" }]);
        if !matches!(cx.actor, sekisho_kernel::Actor::System { .. }) {
            return Err(missing());
        }
        let row = self.row(&self.read(cx).await?, person).await?.ok_or_else(missing)?;
        let hash = self
            .new_password(&row, password)
            .await?
            .map_err(|text| FoundTenantError::Invalid(vec![FieldError { field: "password", text }]))?;
        let mut tx = self.store().begin(cx).await?;
        self.set_password(&mut tx, &row, &hash).await?;
        crate::links::withdraw_links(&tx, person, None).await?;
        tx.commit(AuditEntry::done("person.password_give").on("person", person, "")).await?;
        Ok(())
    }
}
