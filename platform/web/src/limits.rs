//! How much is too much: requests a minute by address, by account and by tenant.

use std::hash::Hash;
use std::net::{IpAddr, Ipv6Addr};
use std::num::NonZeroU32;
use std::sync::atomic::{AtomicU32, Ordering};

use governor::clock::{Clock, DefaultClock};
use governor::state::keyed::DashMapStateStore;
use governor::{Quota, RateLimiter};
use sekisho_kernel::{Kind, TenantId};
use uuid::Uuid;

use crate::{SiteOptions, Viewer, WebError};

/// The limits of one process. They bound the load of a node; what guards passwords and codes is counted in the database.
pub(crate) struct Limits {
    address: Limit<IpAddr>,
    stranger: Limit<IpAddr>,
    account: Limit<Uuid>,
    tenant: Limit<Uuid>,
}

impl Limits {
    pub(crate) fn new(options: &SiteOptions) -> Self {
        Self {
            address: Limit::new("address", options.per_address),
            stranger: Limit::new("stranger", options.per_stranger),
            account: Limit::new("account", options.per_account),
            tenant: Limit::new("tenant", options.per_tenant),
        }
    }

    /// Before anything is looked up.
    pub(crate) fn arriving(&self, address: Option<IpAddr>) -> Result<(), WebError> {
        address.map_or(Ok(()), |address| self.address.take(network(address)))
    }

    /// Once it is known who asks. A whole office may share one address, so people are counted one by one.
    pub(crate) fn identified(
        &self,
        tenant: TenantId,
        viewer: Option<&Viewer>,
        address: Option<IpAddr>,
    ) -> Result<(), WebError> {
        match (viewer, address) {
            (Some(viewer), _) => self.account.take(viewer.token.unwrap_or(viewer.person.uuid()))?,
            (None, Some(address)) => self.stranger.take(network(address))?,
            (None, None) => {}
        }
        self.tenant.take(tenant.uuid())
    }
}

/// A household or office of IPv6 is a /64; counting single addresses would count nothing.
fn network(address: IpAddr) -> IpAddr {
    match address {
        IpAddr::V4(_) => address,
        IpAddr::V6(address) => IpAddr::V6(Ipv6Addr::from_bits(address.to_bits() >> 64 << 64)),
    }
}

struct Limit<K: Hash + Eq + Clone> {
    by: &'static str,
    limiter: RateLimiter<K, DashMapStateStore<K>, DefaultClock>,
    clock: DefaultClock,
    since_swept: AtomicU32,
}

impl<K: Hash + Eq + Clone> Limit<K> {
    fn new(by: &'static str, a_minute: u32) -> Self {
        let clock = DefaultClock::default();
        let quota = Quota::per_minute(NonZeroU32::new(a_minute).unwrap_or(NonZeroU32::MIN));
        Self {
            by,
            limiter: RateLimiter::dashmap_with_clock(quota, clock.clone()),
            clock,
            since_swept: AtomicU32::new(0),
        }
    }

    fn take(&self, key: K) -> Result<(), WebError> {
        if self.since_swept.fetch_add(1, Ordering::Relaxed) >= 10_000 {
            self.since_swept.store(0, Ordering::Relaxed);
            self.limiter.retain_recent();
        }
        self.limiter.check_key(&key).map_err(|until| {
            metrics::counter!("sekisho_rate_limited_total", "by" => self.by).increment(1);
            let seconds = until.wait_time_from(self.clock.now()).as_secs().saturating_add(1);
            let seconds = u32::try_from(seconds).unwrap_or(60);
            WebError::new(Kind::Busy(seconds), "error-busy", format!("rate limit by {}", self.by))
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn counts_each_by_its_own_measure() {
        let limits = Limits::new(&SiteOptions { per_stranger: 2, per_account: 3, ..SiteOptions::default() });
        let address = |text: &str| Some(text.parse::<IpAddr>().unwrap());
        let tenant = TenantId(Uuid::nil());
        let stranger = |text: &str| limits.identified(tenant, None, address(text)).is_ok();
        assert!(stranger("2001:db8::1") && stranger("2001:db8::2") && !stranger("2001:db8::3"));
        assert!(stranger("2001:db8:0:1::1"));
        let viewer = Viewer {
            person: sekisho_kernel::PersonId(Uuid::nil()),
            name: String::new(),
            administrator: false,
            session: None,
            token: None,
            scopes: Vec::new(),
        };
        let person = || limits.identified(tenant, Some(&viewer), address("2001:db8::1"));
        assert!(person().is_ok() && person().is_ok() && person().is_ok());
        let refused = person().unwrap_err();
        assert!(matches!(refused.kind(), Kind::Busy(1..=60)), "{refused:?}");
    }
}
