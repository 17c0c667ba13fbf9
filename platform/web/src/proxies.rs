//! Where a request truly comes from. `X-Forwarded-*` is believed only as far as trusted proxies wrote it.

use std::net::{IpAddr, SocketAddr};

use axum::http::HeaderMap;
use ipnet::IpNet;

/// The other end of the connection; [`crate::serve`] puts it beside each request.
#[derive(Clone, Copy, Debug)]
pub struct Peer {
    /// Its address.
    pub address: SocketAddr,
    /// Whether the connection to it is encrypted.
    pub encrypted: bool,
}

/// The client's address and whether its connection is encrypted.
pub(crate) fn origin(peer: Peer, headers: &HeaderMap, trusted: &[IpNet]) -> (IpAddr, bool) {
    let is_trusted = |address: IpAddr| trusted.iter().any(|net| net.contains(&address));
    let nearest = peer.address.ip().to_canonical();
    if !is_trusted(nearest) {
        return (nearest, peer.encrypted);
    }
    // Each proxy appends the address it saw, so the list is walked from the end; the first address that is no proxy of
    // ours is the client, and whatever stands before it was written by the client itself.
    let mut client = nearest;
    for hop in hops(headers).into_iter().rev() {
        let Some(hop) = hop else { break };
        client = hop;
        if !is_trusted(hop) {
            break;
        }
    }
    let encrypted = match headers.get("x-forwarded-proto").and_then(|proto| proto.to_str().ok()) {
        Some(proto) => {
            proto.rsplit(',').next().is_some_and(|proto| proto.trim().eq_ignore_ascii_case("https"))
        }
        None => peer.encrypted,
    };
    (client, encrypted)
}

/// All hops in order, over all headers of that name; `None` for what is no address.
fn hops(headers: &HeaderMap) -> Vec<Option<IpAddr>> {
    headers
        .get_all("x-forwarded-for")
        .iter()
        .flat_map(|value| value.to_str().unwrap_or("unreadable").split(','))
        .map(|hop| {
            let hop = hop.trim();
            let bare = hop.parse::<IpAddr>().ok();
            let bracketed = || hop.strip_prefix('[')?.strip_suffix(']')?.parse::<IpAddr>().ok();
            let with_port = || hop.parse::<SocketAddr>().ok().map(|address| address.ip());
            bare.or_else(bracketed).or_else(with_port).map(|address| address.to_canonical())
        })
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use axum::http::{HeaderName, HeaderValue};

    fn seen(peer: &str, forwarded: &[&'static str]) -> String {
        let trusted = ["10.0.0.0/8".parse().unwrap(), "fd00::/8".parse().unwrap()];
        let headers = forwarded
            .iter()
            .map(|value| (HeaderName::from_static("x-forwarded-for"), HeaderValue::from_static(value)))
            .collect();
        let peer = Peer { address: peer.parse().unwrap(), encrypted: false };
        origin(peer, &headers, &trusted).0.to_string()
    }

    #[test]
    fn strangers_cannot_say_where_they_come_from() {
        assert_eq!(seen("203.0.113.9:1", &["198.51.100.1"]), "203.0.113.9");
        assert_eq!(seen("10.0.0.1:1", &[]), "10.0.0.1");
        assert_eq!(seen("10.0.0.1:1", &["198.51.100.1"]), "198.51.100.1");
        // The client wrote 1.1.1.1, the outer proxy appended the truth, the inner one the outer's address.
        assert_eq!(seen("10.0.0.1:1", &["1.1.1.1, 198.51.100.1, 10.0.0.2"]), "198.51.100.1");
        assert_eq!(seen("10.0.0.1:1", &["1.1.1.1", "198.51.100.1, 10.0.0.2"]), "198.51.100.1");
        // A client that claims to be one of our proxies is still the client.
        assert_eq!(seen("10.0.0.1:1", &["10.9.9.9, 198.51.100.1"]), "198.51.100.1");
        // Rubbish ends the walk at the last address that is known.
        assert_eq!(seen("10.0.0.1:1", &["1.1.1.1, unknown, 10.0.0.2"]), "10.0.0.2");
        assert_eq!(seen("10.0.0.1:1", &["2001:db8::1"]), "2001:db8::1");
        assert_eq!(seen("10.0.0.1:1", &["[2001:db8::1]:443"]), "2001:db8::1");
        assert_eq!(seen("10.0.0.1:1", &["198.51.100.1:5000"]), "198.51.100.1");
        assert_eq!(seen("[::ffff:10.0.0.1]:1", &["::ffff:198.51.100.1"]), "198.51.100.1");
    }

    #[test]
    fn only_a_proxy_may_say_that_the_client_was_encrypted() {
        let headers = HeaderMap::from_iter([(
            HeaderName::from_static("x-forwarded-proto"),
            HeaderValue::from_static("https"),
        )]);
        let trusted = ["10.0.0.0/8".parse().unwrap()];
        let peer = |address: &str| Peer { address: address.parse().unwrap(), encrypted: false };
        assert!(origin(peer("10.0.0.1:1"), &headers, &trusted).1);
        assert!(!origin(peer("203.0.113.9:1"), &headers, &trusted).1);
    }
}
