//! Where a tenant may let this server connect to.
//!
//! A tenant types addresses: of webhooks, chat channels, SMS gateways, mail servers. None may lead this server into the
//! operator's own network. A name is resolved here, each address is judged, and the connection goes to a judged address:
//! a name that answers differently the second time (DNS rebinding) gains nothing.

use std::net::{IpAddr, Ipv4Addr, Ipv6Addr, SocketAddr};
use std::sync::Arc;

use ipnet::IpNet;
use reqwest::Url;

/// Why an address is not connected to.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum GuardError {
    /// It is no address of the kind we can use.
    #[error("not a usable address: {0}")]
    Unusable(String),
    /// Plain HTTP to somewhere the operator has not allowed.
    #[error("only https addresses are used")]
    NotEncrypted,
    /// It leads into a network that is not public.
    #[error("{0} is not a public address")]
    NotPublic(String),
    /// The name has no address.
    #[error("{0} has no address")]
    Unknown(String),
}

/// Judges addresses before a connection is made.
#[derive(Clone, Debug, Default)]
pub struct Guard {
    allowed: Arc<[IpNet]>,
}

impl Guard {
    /// Public addresses only, and those networks that the operator of the installation allows.
    pub fn allowing(nets: impl IntoIterator<Item = IpNet>) -> Self {
        Self { allowed: nets.into_iter().collect() }
    }

    /// Whether a connection to `address` may be made.
    pub fn permits(&self, address: IpAddr) -> bool {
        let address = plain(address);
        self.is_allowed(address) || is_public(address)
    }

    /// Whether the operator has allowed `address` by name of its network.
    pub fn is_allowed(&self, address: IpAddr) -> bool {
        let address = plain(address);
        self.allowed.iter().any(|net| net.contains(&address))
    }

    /// Reads an HTTP address as a tenant typed it. What it resolves to is judged when it is connected to.
    pub fn url(&self, text: &str) -> Result<Url, GuardError> {
        let url = Url::parse(text.trim()).map_err(|error| GuardError::Unusable(error.to_string()))?;
        let host = url.host_str().unwrap_or_default();
        if host.is_empty() || !url.username().is_empty() || url.password().is_some() {
            return Err(GuardError::Unusable("a host and no user name is needed".to_owned()));
        }
        match url.scheme() {
            "https" => {}
            "http" if !self.allowed.is_empty() => {}
            "http" => return Err(GuardError::NotEncrypted),
            other => return Err(GuardError::Unusable(other.to_owned())),
        }
        // A literal never passes the resolver, so it is judged here. The parser has already turned decimal, octal and
        // hexadecimal spellings into the dotted form.
        if let Some(address) = literal(host) {
            let fine = if url.scheme() == "http" { self.is_allowed(address) } else { self.permits(address) };
            if !fine {
                return Err(GuardError::NotPublic(host.to_owned()));
            }
        }
        Ok(url)
    }

    /// Resolves `host` and keeps the addresses that may be connected to; with `only_allowed`, none but those that the
    /// operator has allowed.
    pub async fn resolve(
        &self,
        host: &str,
        port: u16,
        only_allowed: bool,
    ) -> Result<Vec<SocketAddr>, GuardError> {
        let found: Vec<SocketAddr> = match literal(host) {
            Some(address) => vec![SocketAddr::new(address, port)],
            None => tokio::net::lookup_host((host, port))
                .await
                .map_err(|_| GuardError::Unknown(host.to_owned()))?
                .collect(),
        };
        if found.is_empty() {
            return Err(GuardError::Unknown(host.to_owned()));
        }
        let fine: Vec<SocketAddr> = found
            .into_iter()
            .filter(|found| if only_allowed { self.is_allowed(found.ip()) } else { self.permits(found.ip()) })
            .collect();
        if fine.is_empty() { Err(GuardError::NotPublic(host.to_owned())) } else { Ok(fine) }
    }
}

fn literal(host: &str) -> Option<IpAddr> {
    host.trim_start_matches('[').trim_end_matches(']').parse().ok()
}

/// IPv4 in its IPv6 clothes (mapped, NAT64, 6to4) is judged as the IPv4 address that is reached in the end.
fn plain(address: IpAddr) -> IpAddr {
    let IpAddr::V6(v6) = address else { return address };
    if let Some(v4) = v6.to_ipv4_mapped() {
        return v4.into();
    }
    match v6.segments() {
        [0x64, 0xff9b, 0, 0, 0, 0, high, low] | [0x2002, high, low, ..] | [0, 0, 0, 0, 0, 0, high, low]
            if !(v6.is_loopback() || v6.is_unspecified()) =>
        {
            let [a, b] = high.to_be_bytes();
            let [c, d] = low.to_be_bytes();
            Ipv4Addr::new(a, b, c, d).into()
        }
        _ => address,
    }
}

fn is_public(address: IpAddr) -> bool {
    match address {
        IpAddr::V4(v4) => is_public_v4(v4),
        IpAddr::V6(v6) => is_public_v6(v6),
    }
}

/// Not in one of IANA's special-purpose blocks.
fn is_public_v4(address: Ipv4Addr) -> bool {
    !matches!(
        address.octets(),
        [0 | 10 | 127, ..]
            | [100, 64..=127, ..]
            | [169, 254, ..]
            | [172, 16..=31, ..]
            | [192, 0, 0 | 2, _]
            | [192, 88, 99, _]
            | [192, 168, ..]
            | [198, 18 | 19, ..]
            | [198, 51, 100, _]
            | [203, 0, 113, _]
            | [224..=255, ..]
    )
}

/// Global unicast (2000::/3) without the blocks set aside for protocols and examples.
fn is_public_v6(address: Ipv6Addr) -> bool {
    match address.segments() {
        [0x2001, 0..=0x1ff, ..] | [0x2001, 0xdb8, ..] | [0x3fff, 0..=0xfff, ..] => false,
        [first, ..] => (0x2000..=0x3fff).contains(&first),
    }
}

#[cfg(test)]
mod tests {
    use super::{Guard, GuardError};

    #[test]
    fn only_public_addresses_pass() {
        let guard = Guard::default();
        for (address, fine) in [
            ("8.8.8.8", true),
            ("1.1.1.1", true),
            ("0.0.0.0", false),
            ("0.1.2.3", false),
            ("10.0.0.1", false),
            ("100.64.0.1", false),
            ("100.128.0.1", true),
            ("127.0.0.1", false),
            ("127.255.255.254", false),
            ("169.254.169.254", false),
            ("172.15.0.1", true),
            ("172.16.0.1", false),
            ("172.31.255.255", false),
            ("172.32.0.1", true),
            ("192.0.0.192", false),
            ("192.0.2.1", false),
            ("192.168.1.1", false),
            ("198.18.0.1", false),
            ("198.51.100.1", false),
            ("203.0.113.9", false),
            ("224.0.0.1", false),
            ("255.255.255.255", false),
            ("::", false),
            ("::1", false),
            ("::ffff:127.0.0.1", false),
            ("::ffff:169.254.169.254", false),
            ("::ffff:8.8.8.8", true),
            ("::127.0.0.1", false),
            ("64:ff9b::7f00:1", false),
            ("64:ff9b::808:808", true),
            ("64:ff9b:1::808:808", false),
            ("2002:7f00:1::", false),
            ("2002:a00:1::1", false),
            ("2001::1", false),
            ("2001:db8::1", false),
            ("2606:4700::1111", true),
            ("fc00::1", false),
            ("fd00:ec2::254", false),
            ("fe80::1", false),
            ("fec0::1", false),
            ("ff02::1", false),
            ("3fff::1", false),
        ] {
            assert_eq!(guard.permits(address.parse().unwrap()), fine, "{address}");
        }
    }

    #[test]
    fn addresses_as_tenants_type_them() {
        let guard = Guard::default();
        for (text, fine) in [
            ("https://hooks.example.com/in?x=1", true),
            ("https://8.8.8.8/", true),
            ("https://2130706433/", false),
            ("https://0x7f000001/", false),
            ("https://0177.0.0.1/", false),
            ("https://127.1/", false),
            ("https://[::ffff:7f00:1]/", false),
            ("https://[::1]/", false),
            ("https://169.254.169.254/latest/meta-data/", false),
            ("https://user:word@example.com/", false),
            ("https://user@example.com/", false),
            ("http://example.com/", false),
            ("ftp://example.com/", false),
            ("file:///etc/passwd", false),
            ("gopher://example.com/", false),
            ("https://", false),
            ("example.com", false),
            ("", false),
        ] {
            assert_eq!(guard.url(text).is_ok(), fine, "{text}: {:?}", guard.url(text));
        }
    }

    #[test]
    fn the_operator_may_allow_a_network() {
        let guard = Guard::allowing(["192.168.7.0/24".parse().unwrap()]);
        assert!(guard.url("http://192.168.7.9/hook").is_ok());
        assert!(guard.url("https://192.168.7.9/hook").is_ok());
        assert!(guard.url("http://192.168.8.9/hook").is_err());
        assert!(guard.url("http://8.8.8.8/hook").is_err(), "plain HTTP only to what the operator allowed");
        assert!(guard.permits("::ffff:192.168.7.1".parse().unwrap()));
    }

    #[tokio::test]
    async fn a_name_that_leads_inside_is_refused() {
        let guard = Guard::default();
        let refused = guard.resolve("localhost", 443, false).await;
        assert!(matches!(refused, Err(GuardError::NotPublic(_) | GuardError::Unknown(_))), "{refused:?}");
        assert!(guard.resolve("::1", 443, false).await.is_err());
        assert!(guard.resolve("8.8.8.8", 443, false).await.is_ok());
        assert!(guard.resolve("8.8.8.8", 80, true).await.is_err());
    }
}
