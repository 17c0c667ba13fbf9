//! A tenant's rules about its people, and the guard of its administration by address.

use std::net::IpAddr;

use ipnet::IpNet;
use serde::{Deserialize, Serialize};

/// Whether a tenant is served.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum TenantState {
    /// Served.
    Active,
    /// The contract has ended; nobody can sign in.
    Closed,
}

/// A tenant's rules about its people. A field added later needs a default, for stored rows do not know it.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
#[serde(default)]
pub struct TenantSettings {
    /// Everybody proves a second factor at sign-in.
    pub two_step: bool,
    /// Administrators are administrators only from here; empty means from everywhere.
    pub admin_networks: Vec<IpNet>,
    /// Reveals of personal data before the administrator must prove who they are again.
    pub reveal_limit: u32,
    /// Days after leaving until a person is deleted.
    pub keep_leavers_days: u32,
    /// The time zone of pages that belong to no site.
    pub zone: String,
}

impl Default for TenantSettings {
    fn default() -> Self {
        Self {
            two_step: true,
            admin_networks: Vec::new(),
            reveal_limit: 20,
            keep_leavers_days: 30,
            zone: "Asia/Tokyo".to_owned(),
        }
    }
}

/// Whether administration is open from `address`. A request without an address comes from inside the server (a job, the
/// command line) and is not held back.
pub fn administration_open(networks: &[IpNet], address: Option<IpAddr>) -> bool {
    let Some(address) = address else { return true };
    let address = plain(address);
    networks.is_empty() || networks.iter().any(|network| network.contains(&address))
}

/// IPv4 written as IPv6 (`::ffff:10.0.0.1`) is the IPv4 address it names, or a range of the one would miss the other.
fn plain(address: IpAddr) -> IpAddr {
    match address {
        IpAddr::V6(v6) => v6.to_ipv4_mapped().map_or(address, IpAddr::V4),
        IpAddr::V4(_) => address,
    }
}

/// Why ranges were not accepted.
#[derive(Clone, PartialEq, Eq, Debug)]
pub enum NetworksError {
    /// This line is neither an address nor a range.
    Unreadable(String),
    /// They do not contain the address of the person who saves them.
    LocksOut(IpAddr),
}

/// Reads one range or address a line, and refuses ranges that would shut out the person who saves them.
pub fn read_networks(text: &str, saver: Option<IpAddr>) -> Result<Vec<IpNet>, NetworksError> {
    let networks = text
        .split(['\n', ',', ' '])
        .map(str::trim)
        .filter(|line| !line.is_empty())
        .map(|line| {
            line.parse::<IpNet>()
                .map(|network| network.trunc())
                .or_else(|_| line.parse::<IpAddr>().map(|address| IpNet::from(plain(address))))
                .map_err(|_| NetworksError::Unreadable(line.to_owned()))
        })
        .collect::<Result<Vec<_>, _>>()?;
    match saver {
        Some(address) if !administration_open(&networks, saver) => Err(NetworksError::LocksOut(address)),
        _ => Ok(networks),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn opens_administration_by_address() {
        let office = read_networks("203.0.113.0/24\n2001:db8::/32", None).unwrap();
        for (address, open) in [
            (Some("203.0.113.9"), true),
            (Some("::ffff:203.0.113.9"), true),
            (Some("2001:db8::1"), true),
            (Some("203.0.114.1"), false),
            (Some("::1"), false),
            (None, true),
        ] {
            let address = address.map(|text| text.parse().unwrap());
            assert_eq!(administration_open(&office, address), open, "{address:?}");
        }
        assert!(administration_open(&[], Some("198.51.100.1".parse().unwrap())));
    }

    #[test]
    fn refuses_ranges_that_shut_the_saver_out() {
        let me: IpAddr = "192.0.2.7".parse().unwrap();
        assert_eq!(read_networks("203.0.113.0/24", Some(me)), Err(NetworksError::LocksOut(me)));
        assert!(read_networks("203.0.113.0/24, 192.0.2.7", Some(me)).is_ok());
        assert!(read_networks("", Some(me)).is_ok());
        assert!(matches!(read_networks("300.1.1.1", Some(me)), Err(NetworksError::Unreadable(_))));
    }
}
