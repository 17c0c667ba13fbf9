//! Where a button of the reception leads back to.

use sekisho_kernel::SiteId;
use serde::Deserialize;

/// `?desk=…`: to the desk of that site; without it to the list.
#[derive(Clone, Copy, Default, Debug, Deserialize)]
pub(crate) struct Back {
    desk: Option<SiteId>,
}

impl Back {
    /// To the list of visits.
    pub(crate) const LIST: Self = Self { desk: None };

    /// To the desk of `site`.
    pub(crate) fn to_desk(site: SiteId) -> Self {
        Self { desk: Some(site) }
    }

    /// What the address of an act ends with, so that it leads back.
    pub(crate) fn query(self) -> String {
        self.desk.map(|site| format!("?desk={site}")).unwrap_or_default()
    }

    /// The page.
    pub(crate) fn page(self) -> String {
        self.page_or("/visitors")
    }

    /// The page; `list` where it is no desk's.
    pub(crate) fn page_or(self, list: impl Into<String>) -> String {
        self.desk.map_or_else(|| list.into(), |site| format!("{}?site={site}", super::HERE))
    }
}
