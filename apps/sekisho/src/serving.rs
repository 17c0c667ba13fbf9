//! A running server: listeners, workers, and one stop signal for all of them.

use std::net::SocketAddr;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::Duration;

use anyhow::Context as _;
use sekisho_crypto::certificates::{Authority, ServerIdentity, server_config};
use sekisho_crypto::{LocalKeyFile, system_world};
use sekisho_devices::{Announcement, GatewayOptions};
use sekisho_host::{Foundation, FoundationOptions, Host};
use sekisho_kernel::World;
use sekisho_web::SiteOptions;
use serde::Serialize;
use tokio::net::TcpListener;
use tokio::signal::unix::{Signal, SignalKind, signal};
use tokio::task::{JoinHandle, JoinSet};
use tokio_util::sync::CancellationToken;

use crate::config::{Config, MailConfig};
use crate::roles::{Role, Roles, Sockets};
use crate::{probes, wiring};

/// How long a certificate of our own authority is good; a restart within the last third makes a new one.
const OWN_CERTIFICATE: Duration = Duration::from_secs(397 * 86_400);

/// What a command decides beside the configuration.
#[derive(Debug, Default)]
pub(crate) struct Extras {
    /// Plain HTTP on this loopback address.
    pub(crate) plain: Option<SocketAddr>,
    /// What this process does.
    pub(crate) roles: Roles,
    /// Sockets that were open before the process started.
    pub(crate) sockets: Sockets,
}

/// Where a running server listens; a role it does not have listens nowhere.
#[derive(Clone, Copy, Debug, Default, Serialize)]
pub(crate) struct Addresses {
    pub(crate) http: Option<SocketAddr>,
    pub(crate) devices: Option<SocketAddr>,
    pub(crate) probes: Option<SocketAddr>,
}

/// Opens the store and everything on it.
pub(crate) async fn open(config: &Config, mailbox: bool) -> anyhow::Result<Foundation> {
    let world = system_world();
    make_folder(&config.keys.file)?;
    if let sekisho_storage::Place::Sqlite(path) = &config.store_options()?.place {
        make_folder(path)?;
    }
    let provider = LocalKeyFile::open_or_create(&config.keys.file, &*world)?;
    let foundation = Foundation::open(FoundationOptions {
        store: config.store_options()?,
        provider: Arc::new(provider),
        notify: sekisho_notify::Options {
            mailbox,
            smtp: config.mail.as_ref().map(MailConfig::settings),
            push_contact: config.contact.push.clone().unwrap_or_default(),
            allowed_networks: config.outgoing.allowed_networks.clone(),
            roots: config.outgoing.authorities(&world)?,
        },
        world,
        public_url: config.http.public_url.clone(),
        module_migrations: wiring::migrations(),
    })
    .await?;
    Ok(foundation)
}

/// A server whose listeners are bound and whose workers wait to be started.
pub(crate) struct Serving {
    pub(crate) host: Arc<Host>,
    /// PEM of the authority that browsers and devices have to trust; empty with a certificate of the operator's.
    pub(crate) authority_file: Option<PathBuf>,
    /// Where it listens.
    pub(crate) addresses: Addresses,
    tasks: JoinSet<anyhow::Result<()>>,
    probes: Probes,
    drain_notice: Duration,
    asked_to_stop: StopSignals,
}

/// The listener for probes, which answers until the very end.
struct Probes {
    task: JoinHandle<anyhow::Result<()>>,
    /// Cancelled when readiness turns red.
    draining: CancellationToken,
    /// Cancelled when all else has ended.
    end: CancellationToken,
}

impl Serving {
    /// Binds all listeners of `config` and starts to serve.
    pub(crate) async fn start(
        config: &Config,
        foundation: Foundation,
        mut extras: Extras,
    ) -> anyhow::Result<Self> {
        let world = foundation.world.clone();
        let tls = tls_identity(config, &world)?;
        foundation.devices.announce(Announcement {
            address: config.devices.public_address.clone(),
            server_trust: tls.trust_pem.clone(),
            server_url: config.http.public_url.clone(),
            fingerprint: tls
                .authority_file
                .as_ref()
                .and_then(|_| Announcement::fingerprint_of(&tls.trust_pem)),
        });
        let host = Arc::new(together(config, foundation));
        // Every socket is bound before anything is served: a server that cannot have one of them does not half start.
        let (roles, sockets) = (&extras.roles, &mut extras.sockets);
        let https = match roles.has(Role::Web) {
            true => Some(sockets.take("http", config.http.listen, "http.listen").await?),
            false => None,
        };
        let mqtt = match roles.has(Role::Devices) {
            true => Some(sockets.take("devices", config.devices.listen, "devices.listen").await?),
            false => None,
        };
        let probe = sockets.take("probes", config.probes.listen, "probes.listen").await?;
        let plain = match extras.plain {
            Some(plain) => Some(sockets.take("plain", plain, "--http-port").await?),
            None => None,
        };
        let address =
            |listener: &Option<TcpListener>| listener.as_ref().and_then(|one| one.local_addr().ok());
        let addresses =
            Addresses { http: address(&https), devices: address(&mqtt), probes: probe.local_addr().ok() };

        let mut serving = Self {
            probes: Probes::start(probe, &host)?,
            drain_notice: Duration::from_secs(config.http.drain_notice),
            asked_to_stop: StopSignals::listen()?,
            authority_file: tls.authority_file,
            tasks: JoinSet::new(),
            addresses,
            host,
        };
        if let Some(https) = https {
            serving.web(config, https, server_config(tls.identity.clone(), &world)?);
        }
        if let Some(plain) = plain {
            let (router, end) = (serving.host.router(), serving.host.stop().clone());
            serving.tasks.spawn(async move { Ok(sekisho_web::serve(plain, None, router, end).await?) });
        }
        if let Some(mqtt) = mqtt {
            let (devices, end) = (serving.host.foundation().devices.clone(), serving.host.stop().clone());
            let options = GatewayOptions::default();
            serving
                .tasks
                .spawn(async move { Ok(devices.serve(mqtt, tls.identity, world, options, end).await?) });
        }
        if roles.has(Role::Worker) {
            let worker = serving.host.clone();
            serving.tasks.spawn(async move {
                worker.work().await;
                Ok(())
            });
        }
        if roles.has(Role::Gateway) {
            // Remote sessions come with their room; until then the role holds nothing but its probes.
            let end = serving.host.stop().clone();
            serving.tasks.spawn(async move {
                end.cancelled().await;
                Ok(())
            });
        }
        Ok(serving)
    }

    fn web(&mut self, config: &Config, listener: TcpListener, secure: Arc<rustls::ServerConfig>) {
        // The connections of a proxy are many people's.
        let limits = sekisho_web::Limits {
            trusted_proxies: config.http.trusted_proxies.clone(),
            ..Default::default()
        };
        let (router, end) = (self.host.router(), self.host.stop().clone());
        self.tasks.spawn(async move {
            Ok(sekisho_web::serve_within(limits, listener, Some(secure), router, end).await?)
        });
    }

    /// Runs until the signal to stop (SIGTERM, SIGINT) or until a part fails, then drains: readiness turns red, after the
    /// notice nobody is let in any more, what is under way ends. A second signal skips the notice.
    pub(crate) async fn run(mut self) -> anyhow::Result<()> {
        let stop = self.host.stop().clone();
        let mut first = Ok(());
        tokio::select! {
            () = self.asked_to_stop.next() => {
                tracing::info!("draining");
                self.probes.draining.cancel();
                let _ = sd_notify::notify(&[sd_notify::NotifyState::Stopping]);
                tokio::select! {
                    () = tokio::time::sleep(self.drain_notice) => {}
                    () = self.asked_to_stop.next() => {}
                }
            }
            () = stop.cancelled() => {}
            Some(ended) = self.tasks.join_next() => first = flatten(ended),
        }
        self.probes.draining.cancel();
        stop.cancel();
        while let Some(ended) = self.tasks.join_next().await {
            let ended = flatten(ended);
            if first.is_ok() {
                first = ended;
            }
        }
        self.probes.end.cancel();
        let probes = flatten(self.probes.task.await);
        self.host.foundation().store.close().await?;
        first.and(probes)
    }
}

impl Probes {
    fn start(listener: TcpListener, host: &Host) -> anyhow::Result<Self> {
        let (draining, end) = (CancellationToken::new(), CancellationToken::new());
        let router = probes::router(host.foundation().store.clone(), draining.clone())?;
        let ended = end.clone();
        let task = tokio::spawn(async move { Ok(sekisho_web::serve(listener, None, router, ended).await?) });
        Ok(Self { task, draining, end })
    }
}

/// All rooms and modules on `foundation`, as the server and every command know them.
pub(crate) fn together(config: &Config, foundation: Foundation) -> Host {
    let mounts = wiring::mounts(&foundation);
    let options = SiteOptions {
        trusted_proxies: config.http.trusted_proxies.clone(),
        security_contact: config.contact.security.clone(),
        ..SiteOptions::default()
    };
    Host::new(foundation, mounts, options)
}

fn flatten(ended: Result<anyhow::Result<()>, tokio::task::JoinError>) -> anyhow::Result<()> {
    ended.context("a part of the server broke")?
}

/// SIGTERM and SIGINT, heard from before the server says that it is ready: whoever asks it to stop at that very moment gets
/// a drain, not a death.
struct StopSignals {
    terminate: Signal,
    interrupt: Signal,
}

impl StopSignals {
    fn listen() -> std::io::Result<Self> {
        Ok(Self { terminate: signal(SignalKind::terminate())?, interrupt: signal(SignalKind::interrupt())? })
    }

    /// Waits for the next one.
    async fn next(&mut self) {
        tokio::select! {
            _ = self.terminate.recv() => {}
            _ = self.interrupt.recv() => {}
        }
    }
}

struct Tls {
    identity: Arc<ServerIdentity>,
    trust_pem: String,
    authority_file: Option<PathBuf>,
}

/// The operator's certificate, or one of an authority of our own whose files lie beside the key file.
fn tls_identity(config: &Config, world: &Arc<dyn World>) -> anyhow::Result<Tls> {
    if let (Some(certificate), Some(key)) = (&config.http.certificate, &config.http.key) {
        let chain = read(certificate)?;
        let identity = Arc::new(ServerIdentity::from_pem(&chain, &read(key)?)?);
        return Ok(Tls { identity, trust_pem: chain, authority_file: None });
    }
    let (file, authority) = own_authority(config, world)?;
    let now = world.now();
    let from = now.minus(Duration::from_secs(3600));
    let issued = authority.issue_server(&config.http.names, from, now.plus(OWN_CERTIFICATE), &**world)?;
    let identity = Arc::new(ServerIdentity::from_pem(&issued.chain_pem, &issued.key_pem)?);
    Ok(Tls { identity, trust_pem: authority.certificate_pem().to_owned(), authority_file: Some(file) })
}

/// Where the authority of our own keeps certificate and key: beside the key file.
pub(crate) fn authority_files(config: &Config) -> (PathBuf, PathBuf) {
    let folder = config.keys.file.parent().unwrap_or(Path::new("."));
    (folder.join("authority.pem"), folder.join("authority.key"))
}

/// The authority of our own, made when there is none yet; and where its certificate lies.
pub(crate) fn own_authority(config: &Config, world: &Arc<dyn World>) -> anyhow::Result<(PathBuf, Authority)> {
    let (file, key_file) = authority_files(config);
    let authority = if file.exists() && key_file.exists() {
        Authority::from_pem(&read(&file)?, &read(&key_file)?)?
    } else {
        let authority = Authority::generate("Sekisho local authority", world.now(), 10, &**world)?;
        let (certificate, key) = authority.to_pem();
        write_private(&key_file, &key)?;
        std::fs::write(&file, &certificate)
            .with_context(|| format!("{} cannot be written", file.display()))?;
        authority
    };
    Ok((file, authority))
}

fn read(path: &Path) -> anyhow::Result<String> {
    std::fs::read_to_string(path).with_context(|| format!("{} cannot be read", path.display()))
}

pub(crate) fn make_folder(file: &Path) -> anyhow::Result<()> {
    let Some(folder) = file.parent() else { return Ok(()) };
    std::fs::create_dir_all(folder).with_context(|| format!("{} cannot be made", folder.display()))
}

/// Writes a file that only its owner can read.
pub(crate) fn write_private(path: &Path, text: &str) -> anyhow::Result<()> {
    use std::io::Write as _;
    use std::os::unix::fs::OpenOptionsExt as _;
    let mut options = std::fs::OpenOptions::new();
    let mut file = options
        .write(true)
        .create(true)
        .truncate(true)
        .mode(0o600)
        .open(path)
        .with_context(|| format!("{} cannot be written", path.display()))?;
    file.write_all(text.as_bytes())?;
    Ok(())
}
