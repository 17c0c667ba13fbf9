//! What can leave at all, answered to identity: it sends no code where none would arrive.

use async_trait::async_trait;
use sekisho_identity::{Broken, Ways, WaysOut};
use sekisho_kernel::Cx;
use sekisho_storage::Scope;

use crate::Notify;

#[async_trait]
impl WaysOut for Notify {
    async fn ways(&self, scope: &Scope) -> Result<Ways, Broken> {
        let mail = self.has_mail(scope).await.map_err(broken)?;
        let sms = self.has_sms(scope).await.map_err(broken)?;
        Ok(Ways { mail, sms })
    }

    async fn base(&self, cx: &Cx) -> Result<String, Broken> {
        Ok(self.0.contacts.home(cx).await.map_err(broken)?.base)
    }
}

fn broken(error: impl std::error::Error + Send + Sync + 'static) -> Broken {
    Broken::WaysOut(Box::new(error))
}
