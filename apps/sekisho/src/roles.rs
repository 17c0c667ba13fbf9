//! What one process of an installation does. By default everything; several processes on one PostgreSQL share the work.

use std::net::SocketAddr;

use anyhow::{Context as _, bail};
use tokio::net::TcpListener;

use crate::config::Config;

/// A part of the work.
#[derive(Clone, Copy, PartialEq, Eq, Debug, clap::ValueEnum)]
pub(crate) enum Role {
    /// Pages, API, panels of guests
    Web,
    /// The endpoint of boxes and locks (MQTT over TLS)
    Devices,
    /// Jobs, messages, the record
    Worker,
    /// Remote sessions
    Gateway,
}

/// The roles of this process.
#[derive(Clone, Debug)]
pub(crate) struct Roles(Vec<Role>);

impl Default for Roles {
    fn default() -> Self {
        Self(vec![Role::Web, Role::Devices, Role::Worker, Role::Gateway])
    }
}

impl Roles {
    /// These; none named means all.
    pub(crate) fn of(roles: Vec<Role>) -> Self {
        if roles.is_empty() { Self::default() } else { Self(roles) }
    }

    /// Whether this process has the role.
    pub(crate) fn has(&self, role: Role) -> bool {
        self.0.contains(&role)
    }

    /// As they are said in the log.
    pub(crate) fn words(&self) -> Vec<String> {
        self.0.iter().map(|role| format!("{role:?}").to_lowercase()).collect()
    }
}

/// Names of the sockets systemd may hand over (`FileDescriptorName=`).
const NAMES: [&str; 3] = ["http", "devices", "probes"];

/// Listening sockets that were open before the server started, by name.
#[derive(Debug, Default)]
pub(crate) struct Sockets(Vec<(String, std::net::TcpListener)>);

impl Sockets {
    /// Those systemd handed over. A socket without a name of ours is known by its port.
    pub(crate) fn inherited(config: &Config) -> anyhow::Result<Self> {
        let names = std::env::var("LISTEN_FDNAMES").unwrap_or_default();
        let mut names = names.split(':');
        let mut handed = listenfd::ListenFd::from_env();
        let mut sockets = Vec::new();
        for index in 0..handed.len() {
            let name = names.next().unwrap_or_default().to_owned();
            let listener =
                handed.take_tcp_listener(index).context("a socket that was handed over is not TCP")?;
            let Some(listener) = listener else { continue };
            let address = listener.local_addr()?;
            let by_port = || {
                [
                    ("http", config.http.listen),
                    ("devices", config.devices.listen),
                    ("probes", config.probes.listen),
                ]
                .into_iter()
                .find(|(_, wanted)| wanted.port() == address.port())
                .map(|(name, _)| name.to_owned())
            };
            let Some(name) = Some(name).filter(|name| NAMES.contains(&name.as_str())).or_else(by_port) else {
                bail!(
                    "the socket {address} was handed over, but not what for: set FileDescriptorName= to http, devices or probes"
                );
            };
            listener.set_nonblocking(true)?;
            sockets.push((name, listener));
        }
        Ok(Self(sockets))
    }

    /// The socket of that name, or a new one on `address`. `setting` names the address in the configuration.
    pub(crate) async fn take(
        &mut self,
        name: &str,
        address: SocketAddr,
        setting: &str,
    ) -> anyhow::Result<TcpListener> {
        if let Some(place) = self.0.iter().position(|(known, _)| known == name) {
            return Ok(TcpListener::from_std(self.0.swap_remove(place).1)?);
        }
        TcpListener::bind(address).await.with_context(|| {
            format!("{address} cannot be listened on; is another server running there? ({setting})")
        })
    }
}

#[cfg(test)]
mod tests {
    use super::{Role, Roles};

    #[test]
    fn without_words_a_process_does_everything() {
        let all = Roles::of(Vec::new());
        assert!([Role::Web, Role::Devices, Role::Worker, Role::Gateway].iter().all(|role| all.has(*role)));
        let web = Roles::of(vec![Role::Web]);
        assert!(web.has(Role::Web) && !web.has(Role::Worker));
        assert_eq!(web.words(), ["web"]);
    }
}
