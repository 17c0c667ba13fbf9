//! This module's steps of the first hour: a box, then a key in it.

use std::sync::Arc;

use async_trait::async_trait;
use sekisho_host::FirstStep;
use sekisho_storage::Scoped as _;
use sekisho_web::{Asker, Result, WebError};

use crate::Keys;
use crate::tables::{boxes, keys};

/// The steps.
pub(crate) fn steps(on: &Keys) -> Vec<Arc<dyn FirstStep>> {
    vec![Arc::new(FirstBox(on.clone())), Arc::new(FirstKey(on.clone()))]
}

struct FirstBox(Keys);

#[async_trait]
impl FirstStep for FirstBox {
    fn order(&self) -> u16 {
        30
    }

    fn word(&self) -> &'static str {
        "key-box"
    }

    fn href(&self) -> &'static str {
        "/keys/boxes/new"
    }

    fn icon(&self) -> &'static str {
        "layout-grid"
    }

    async fn is_done(&self, asker: &Asker) -> Result<bool> {
        let scope = self.0.store.read(asker.cx.tenant).await.map_err(WebError::from)?;
        Ok(scope.find::<boxes::Entity>().count().await? > 0)
    }
}

struct FirstKey(Keys);

#[async_trait]
impl FirstStep for FirstKey {
    fn order(&self) -> u16 {
        31
    }

    fn word(&self) -> &'static str {
        "key"
    }

    fn href(&self) -> &'static str {
        "/keys/new"
    }

    fn icon(&self) -> &'static str {
        "key"
    }

    async fn is_done(&self, asker: &Asker) -> Result<bool> {
        let scope = self.0.store.read(asker.cx.tenant).await.map_err(WebError::from)?;
        Ok(scope.find::<keys::Entity>().count().await? > 0)
    }
}
