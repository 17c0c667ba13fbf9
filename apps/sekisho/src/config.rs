//! The configuration of `sekisho serve`: a TOML file, each key also in the environment (`SEKISHO_HTTP__LISTEN`).

use std::net::SocketAddr;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use anyhow::{Context as _, bail};
use figment::Figment;
use figment::providers::{Env, Format as _, Serialized, Toml};
use ipnet::IpNet;
use sekisho_crypto::certificates::client_config;
use sekisho_kernel::World;
use sekisho_notify::{Encryption, SmtpSettings};
use sekisho_storage::{Place, StoreOptions};
use serde::{Deserialize, Serialize};

/// Where the configuration is looked for when no file is named; it need not be there.
pub(crate) const USUAL_FILE: &str = "/etc/sekisho/sekisho.toml";
/// Where the data lies when nothing is set.
pub(crate) const USUAL_DATA: &str = "/var/lib/sekisho";

/// Everything an operator can set. Unknown keys are refused, so that a typing error does not pass for a setting.
#[derive(Clone, Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Config {
    /// Where the data lies.
    pub store: StoreConfig,
    /// Pages and API.
    pub http: HttpConfig,
    /// The MQTT endpoint of boxes and locks.
    pub devices: DevicesConfig,
    /// Probes and metrics, on a listener of their own.
    pub probes: ProbesConfig,
    /// Who wraps the tenants' keys.
    pub keys: KeysConfig,
    /// Whom people outside write to.
    pub contact: ContactConfig,
    /// Where tenants may let this server connect to.
    pub outgoing: OutgoingConfig,
    /// The mail account of tenants that have none of their own.
    pub mail: Option<MailConfig>,
    /// The log.
    pub log: LogConfig,
}

/// Where the data lies.
#[derive(Clone, Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct StoreConfig {
    /// `sqlite:PATH` or `postgres://ROLE:PASSWORD@HOST/DATABASE`. The role must be a plain one.
    pub url: String,
    /// For PostgreSQL: the owner of the tables, used for migrations only.
    pub owner_url: Option<String>,
    /// Connections.
    pub connections: u32,
}

/// Pages and API.
#[derive(Clone, Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct HttpConfig {
    /// Address of the HTTPS listener.
    pub listen: SocketAddr,
    /// The address people type, without a path: links in mails begin with it.
    pub public_url: String,
    /// Certificate chain (PEM). Without it a certificate of an authority of our own is made.
    pub certificate: Option<PathBuf>,
    /// Private key (PEM) of the certificate.
    pub key: Option<PathBuf>,
    /// Names for the certificate of our own authority.
    pub names: Vec<String>,
    /// Proxies whose `X-Forwarded-For` is believed.
    pub trusted_proxies: Vec<IpNet>,
    /// Seconds between `/readyz` turning red and the listeners closing when the server is asked to stop, so that a balancer
    /// sends nobody here any more.
    pub drain_notice: u64,
}

/// The MQTT endpoint.
#[derive(Clone, Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct DevicesConfig {
    /// Address of the MQTT listener (TLS, client certificates).
    pub listen: SocketAddr,
    /// What devices are told to connect to: `HOST:PORT`.
    pub public_address: String,
}

/// Probes and metrics.
#[derive(Clone, Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct ProbesConfig {
    /// Address of the plain listener for `/healthz`, `/readyz` and `/metrics`; keep it on loopback.
    pub listen: SocketAddr,
}

/// Who wraps the tenants' keys.
#[derive(Clone, Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct KeysConfig {
    /// The key file, mode 0600; made at the first start. Losing it loses every sealed value.
    pub file: PathBuf,
}

/// Whom people outside write to.
#[derive(Clone, Debug, Default, Serialize, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct ContactConfig {
    /// Who found a weakness writes here (`mailto:`, `https:` or `tel:`); served as `/.well-known/security.txt`.
    pub security: Option<String>,
    /// Push services find the operator here (`mailto:` or `https:`).
    pub push: Option<String>,
}

/// Where tenants may let this server connect to: their mail servers, chat, gateways, webhooks, payment providers.
#[derive(Clone, Debug, Default, Serialize, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct OutgoingConfig {
    /// Networks that are not public and may be named all the same, such as the one of the company's own chat server.
    pub allowed_networks: Vec<IpNet>,
    /// Authorities trusted beside those of the machine, as a PEM file.
    pub authorities: Option<PathBuf>,
}

impl OutgoingConfig {
    /// The authorities, one PEM block each. A file that cannot be read, or of which one block is no certificate, stops the
    /// start: otherwise what needs it would fail later, far from the cause.
    pub(crate) fn authorities(&self, world: &Arc<dyn World>) -> anyhow::Result<Vec<Vec<u8>>> {
        let Some(path) = &self.authorities else { return Ok(Vec::new()) };
        let text = std::fs::read_to_string(path)
            .with_context(|| format!("outgoing.authorities: {} cannot be read", path.display()))?;
        client_config(&text, None, world).with_context(|| {
            format!("outgoing.authorities: {} holds no certificates (PEM)", path.display())
        })?;
        let end = "-----END CERTIFICATE-----";
        let blocks = text.split_inclusive(end).filter(|block| block.contains(end));
        Ok(blocks.map(|block| block.as_bytes().to_vec()).collect())
    }
}

/// A mail account.
#[derive(Clone, Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct MailConfig {
    /// Name of the server.
    pub host: String,
    /// Its port.
    pub port: u16,
    /// `tls` from the first byte, `start_tls`, or `none` for a server on this machine.
    pub encryption: Encryption,
    /// User name; empty when the server asks for none.
    pub user: String,
    /// Password.
    pub password: String,
    /// Address of the sender.
    pub from: String,
    /// Name of the sender; empty for the tenant's.
    pub from_name: String,
}

impl Default for MailConfig {
    fn default() -> Self {
        let SmtpSettings { host, port, encryption, user, password, from, from_name, .. } =
            SmtpSettings::default();
        Self { host, port, encryption, user, password, from, from_name }
    }
}

impl MailConfig {
    /// As the channel takes it.
    pub(crate) fn settings(&self) -> SmtpSettings {
        let Self { host, port, encryption, user, password, from, from_name } = self.clone();
        SmtpSettings { host, port, encryption, user, password, from, from_name, ..SmtpSettings::default() }
    }
}

/// The log.
#[derive(Clone, Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct LogConfig {
    /// What is logged, in the syntax of `RUST_LOG`.
    pub filter: String,
    /// `text` or `json`.
    pub format: LogFormat,
}

/// How log lines look.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum LogFormat {
    /// For people.
    Text,
    /// One JSON object a line.
    Json,
}

impl Config {
    /// What holds when nothing is set: everything under `data`, loopback only.
    pub fn defaults(data: &Path) -> Self {
        Self {
            store: StoreConfig {
                url: format!("sqlite:{}", data.join("sekisho.sqlite").display()),
                owner_url: None,
                connections: 8,
            },
            http: HttpConfig {
                listen: SocketAddr::from(([127, 0, 0, 1], 8443)),
                public_url: "https://localhost:8443".to_owned(),
                certificate: None,
                key: None,
                names: vec!["localhost".to_owned(), "127.0.0.1".to_owned()],
                trusted_proxies: Vec::new(),
                drain_notice: 2,
            },
            devices: DevicesConfig {
                listen: SocketAddr::from(([127, 0, 0, 1], 8883)),
                public_address: "localhost:8883".to_owned(),
            },
            probes: ProbesConfig { listen: SocketAddr::from(([127, 0, 0, 1], 9464)) },
            keys: KeysConfig { file: data.join("master.key") },
            contact: ContactConfig::default(),
            outgoing: OutgoingConfig::default(),
            mail: None,
            log: LogConfig { filter: "info,sqlx=warn".to_owned(), format: LogFormat::Text },
        }
    }

    /// Reads `file` over the defaults, and the environment over both. Without one, the usual file when it is there.
    pub fn read(file: Option<&Path>) -> anyhow::Result<Self> {
        let mut figment = Figment::from(Serialized::defaults(Self::defaults(Path::new(USUAL_DATA))));
        let usual = Path::new(USUAL_FILE);
        if let Some(file) = file.or_else(|| usual.exists().then_some(usual)) {
            if !file.exists() {
                bail!(
                    "there is no configuration file at {}; `sekisho setup --config FILE` makes one",
                    file.display()
                );
            }
            figment = figment.merge(Toml::file_exact(file));
        }
        let config: Self = figment
            // Settings have a section and a name; other variables of the prefix are not ours to refuse.
            .merge(Env::prefixed("SEKISHO_").filter(|key| key.as_str().contains("__")).split("__"))
            .extract()
            .context("the configuration cannot be used")?;
        config.store_options()?;
        if config.http.certificate.is_some() != config.http.key.is_some() {
            bail!("http.certificate and http.key belong together: set both or neither");
        }
        if !config.http.public_url.starts_with("https://")
            && !config.http.public_url.starts_with("http://localhost")
        {
            bail!("http.public_url must begin with https:// (it is {})", config.http.public_url);
        }
        if let Some(contact) = &config.contact.security
            && !["mailto:", "https:", "tel:"].iter().any(|scheme| contact.starts_with(scheme))
        {
            bail!("contact.security must begin with mailto:, https: or tel: (it is {contact})");
        }
        if let Some(mail) = &config.mail {
            if mail.host.is_empty() || !mail.from.contains('@') {
                bail!("mail.host and mail.from (an address) are needed when there is a section [mail]");
            }
            if mail.encryption == Encryption::None && !mail.user.is_empty() {
                bail!(
                    "mail.encryption is none, so the password would cross the network unprotected; set tls or start_tls"
                );
            }
        }
        Ok(config)
    }

    /// The same without what must not be shown.
    pub fn without_secrets(mut self) -> Self {
        self.store.url = without_password(&self.store.url);
        self.store.owner_url = self.store.owner_url.as_deref().map(without_password);
        if let Some(mail) = &mut self.mail
            && !mail.password.is_empty()
        {
            mail.password = "…".to_owned();
        }
        self
    }

    /// Where the store is.
    pub fn store_options(&self) -> anyhow::Result<StoreOptions> {
        let place = match (self.store.url.split_once(':'), &self.store.owner_url) {
            (Some(("sqlite", path)), _) => Place::Sqlite(PathBuf::from(path.trim_start_matches("//"))),
            (Some(("postgres" | "postgresql", _)), Some(owner_url)) => {
                Place::Postgres { url: self.store.url.clone(), owner_url: owner_url.clone() }
            }
            (Some(("postgres" | "postgresql", _)), None) => {
                bail!("store.owner_url is missing: the owner of the tables, whose role runs the migrations")
            }
            _ => bail!("store.url must begin with sqlite: or postgres: (it is {})", self.store.url),
        };
        Ok(StoreOptions { connections: self.store.connections, ..StoreOptions::at(place) })
    }
}

/// The address with `…` for its password.
fn without_password(url: &str) -> String {
    let Some((scheme, rest)) = url.split_once("://") else { return url.to_owned() };
    match rest.rsplit_once('@') {
        Some((user, host)) => {
            let user = user.split(':').next().unwrap_or_default();
            format!("{scheme}://{user}:…@{host}")
        }
        None => url.to_owned(),
    }
}

#[cfg(test)]
mod tests {
    use super::{Config, OutgoingConfig, without_password};
    use sekisho_crypto::certificates::Authority;
    use std::path::Path;

    #[test]
    fn passwords_are_not_shown() {
        assert_eq!(without_password("postgres://app:s3@cret@db:5432/x"), "postgres://app:…@db:5432/x");
        assert_eq!(without_password("sqlite:/var/lib/x"), "sqlite:/var/lib/x");
        let text = "[mail]\nhost = \"mx\"\nfrom = \"a@b.example\"\npassword = \"hunter2\"\n";
        let shown = toml::to_string(&read(text).unwrap().without_secrets()).unwrap();
        assert!(shown.contains("mx") && !shown.contains("hunter2"), "{shown}");
    }

    fn read(text: &str) -> anyhow::Result<Config> {
        let dir = tempfile::tempdir()?;
        let file = dir.path().join("sekisho.toml");
        std::fs::write(&file, text)?;
        Config::read(Some(&file))
    }

    #[test]
    fn a_broken_authority_stops_the_start() {
        let world = sekisho_crypto::system_world();
        let authority = |name| Authority::generate(name, world.now(), 1, &*world).unwrap();
        let (one, other) =
            (authority("one").certificate_pem().to_owned(), authority("other").certificate_pem().to_owned());
        let dir = tempfile::tempdir().unwrap();
        let path = dir.path().join("ca.pem");
        let outgoing = OutgoingConfig { authorities: Some(path.clone()), ..OutgoingConfig::default() };
        let refused = outgoing.authorities(&world).unwrap_err().to_string();
        assert!(refused.contains("ca.pem cannot be read"), "{refused}");
        let broken = one.replacen("MII", "---", 1);
        for (text, many) in [
            (String::new(), None),
            ("no certificate\n".to_owned(), None),
            (format!("{one}{broken}"), None),
            (one.clone(), Some(1)),
            (format!("# ours\n{one}\n{other}"), Some(2)),
        ] {
            std::fs::write(&path, &text).unwrap();
            let read = outgoing.authorities(&world);
            assert_eq!(read.as_ref().map(Vec::len).ok(), many, "{read:?} of {text}");
        }
    }

    #[test]
    fn a_file_changes_what_it_names() {
        let config = read("[http]\nlisten = \"0.0.0.0:443\"\n").unwrap();
        assert_eq!(config.http.listen.port(), 443);
        assert_eq!(config.devices.listen.port(), 8883);
    }

    #[test]
    fn mistakes_are_named() {
        for (text, word) in [
            ("[http]\nlisten = \"443\"\n", "listen"),
            ("[http]\nlisen = \"0.0.0.0:443\"\n", "lisen"),
            ("[store]\nurl = \"oracle://x\"\n", "sqlite:"),
            ("[store]\nurl = \"postgres://x\"\n", "owner_url"),
            ("[http]\ncertificate = \"/x.pem\"\n", "http.key"),
            ("[http]\npublic_url = \"http://keys.example.jp\"\n", "https://"),
            ("[contact]\nsecurity = \"security@example.jp\"\n", "mailto:"),
            ("[outgoing]\nallowed_networks = [\"chat.example.jp\"]\n", "allowed_networks"),
            ("[mail]\nhost = \"mx\"\n", "mail.from"),
            (
                "[mail]\nhost = \"mx\"\nfrom = \"a@b.example\"\nencryption = \"none\"\nuser = \"u\"\n",
                "mail.encryption",
            ),
        ] {
            let error = format!("{:#}", read(text).unwrap_err());
            assert!(error.contains(word), "{text} → {error}");
        }
        assert!(Config::read(Some(Path::new("/does/not/exist"))).is_err());
    }

    #[test]
    fn what_is_shown_can_be_read_back() {
        let shown = toml::to_string(&Config::defaults(Path::new("/data"))).unwrap();
        assert!(read(&shown).is_ok(), "{shown}");
    }
}
