//! How fast strangers may knock: a bucket for everybody and one for each address.

use std::net::{IpAddr, Ipv6Addr};
use std::num::NonZeroU32;

use governor::{DefaultDirectRateLimiter, DefaultKeyedRateLimiter, Quota, RateLimiter};

/// Addresses remembered before the quiet ones are forgotten.
const MOST_ADDRESSES: usize = 10_000;

pub(crate) struct Knocks {
    all: DefaultDirectRateLimiter,
    each: DefaultKeyedRateLimiter<IpAddr>,
}

impl Knocks {
    /// So many a second from everywhere, and from one address.
    pub(crate) fn new(all: u32, each: u32) -> Self {
        Self::of(all, each, Quota::per_second)
    }

    /// So many a minute.
    pub(crate) fn per_minute(all: u32, each: u32) -> Self {
        Self::of(all, each, Quota::per_minute)
    }

    fn of(all: u32, each: u32, quota: fn(NonZeroU32) -> Quota) -> Self {
        let quota = |count: u32| quota(NonZeroU32::new(count).unwrap_or(NonZeroU32::MIN));
        Self { all: RateLimiter::direct(quota(all)), each: RateLimiter::keyed(quota(each)) }
    }

    /// Whether this knock is answered.
    pub(crate) fn may(&self, address: IpAddr) -> bool {
        if self.each.len() > MOST_ADDRESSES {
            self.each.retain_recent();
        }
        self.each.check_key(&network(address)).is_ok() && self.all.check().is_ok()
    }
}

/// One customer's line: an IPv4 address, or the 64 bits that an IPv6 network shares.
fn network(address: IpAddr) -> IpAddr {
    match address.to_canonical() {
        IpAddr::V4(address) => IpAddr::V4(address),
        IpAddr::V6(address) => IpAddr::V6(Ipv6Addr::from_bits(address.to_bits() & (u128::MAX << 64))),
    }
}

#[cfg(test)]
mod tests {
    use super::Knocks;

    #[test]
    fn one_address_cannot_take_all() {
        let knocks = Knocks::new(100, 10);
        let greedy = "2001:db8::1".parse().unwrap();
        let its_neighbour = "2001:db8::2".parse().unwrap();
        let other = "::ffff:192.0.2.1".parse().unwrap();
        assert_eq!((0..50).filter(|_| knocks.may(greedy)).count(), 10);
        assert!(!knocks.may(its_neighbour), "the same network");
        assert!(knocks.may(other));
    }
}
