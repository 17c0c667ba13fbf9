//! What the server told others: facts in the outbox, and the secrets that mails carry.

use sea_orm::ColumnTrait as _;
use sekisho_crypto::Secret;
use sekisho_identity::events::Sealed;
use sekisho_kernel::TenantId;
use sekisho_storage::Scoped as _;
use sekisho_storage::tables::outbox_events::{Column, Entity};
use serde_json::Value;

use crate::{Client, TestServer};

impl TestServer {
    /// The payload of the last fact called `name` of the first tenant.
    pub async fn last_fact(&self, name: &str) -> Option<Value> {
        self.last_fact_of(self.tenant, name).await
    }

    async fn last_fact_of(&self, tenant: TenantId, name: &str) -> Option<Value> {
        let scope = self.foundation().store.read(tenant).await.unwrap();
        let query = scope.find::<Entity>().filter(Column::Name.eq(name)).descending(Column::Id);
        query.one().await.unwrap().map(|row| row.payload.0)
    }

    /// The secret in `field` of the last fact called `name`, as the mail carries it.
    pub async fn mailed(&self, name: &str, field: &str) -> Secret {
        self.mailed_in(self.tenant, name, field).await
    }

    async fn mailed_in(&self, tenant: TenantId, name: &str, field: &str) -> Secret {
        let fact = self.last_fact_of(tenant, name).await;
        let fact = fact.unwrap_or_else(|| panic!("nothing was told of {name}"));
        let sealed: Sealed = serde_json::from_value(fact[field].clone()).unwrap();
        self.foundation().identity.open_sealed(tenant, &sealed).await.unwrap()
    }

    /// The last one-time code sent to anybody.
    pub async fn last_code(&self) -> String {
        self.mailed("identity.code_requested", "code").await.expose().to_owned()
    }

    /// Gives the session of `client` a fresh second proof, as a person does before a dangerous act: by a mailed code.
    pub async fn prove(&self, client: &mut Client) {
        client.post("/step-up/send", &[("channel", "mail"), ("next", "/")]).await.expect(303);
        let tenant = self.foundation().identity.tenant_by_host(client.host()).await.unwrap().unwrap().id;
        let code = self.mailed_in(tenant, "identity.code_requested", "code").await;
        client.post("/step-up", &[("code", code.expose()), ("next", "/")]).await.expect(303);
    }
}
