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
use tokio::net::TcpListener;
use tokio::task::JoinSet;

use crate::config::Config;
use crate::{probes, wiring};

/// How long a certificate of our own authority is good; a restart within the last third makes a new one.
const OWN_CERTIFICATE: Duration = Duration::from_secs(397 * 86_400);

/// What `demo` decides beside the configuration.
#[derive(Clone, Copy, Debug, Default)]
pub(crate) struct Extras {
    /// Plain HTTP on this loopback address.
    pub(crate) plain: Option<SocketAddr>,
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
        world,
        notify: sekisho_notify::Options { mailbox, ..Default::default() },
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
    tasks: JoinSet<anyhow::Result<()>>,
}

impl Serving {
    /// Binds all listeners of `config` and starts to serve.
    pub(crate) async fn start(
        config: &Config,
        foundation: Foundation,
        extras: Extras,
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
        let mounts = wiring::mounts(&foundation);
        let options =
            SiteOptions { trusted_proxies: config.http.trusted_proxies.clone(), ..SiteOptions::default() };
        let host = Arc::new(Host::new(foundation, mounts, options));
        let stop = host.stop().clone();

        let https = bind(config.http.listen, "http.listen").await?;
        let mqtt = bind(config.devices.listen, "devices.listen").await?;
        let probe = bind(config.probes.listen, "probes.listen").await?;
        let mut tasks = JoinSet::new();
        let (router, secure) = (host.router(), server_config(tls.identity.clone(), &world)?);
        let end = stop.clone();
        // The connections of a proxy are many people's.
        let limits = sekisho_web::Limits {
            trusted_proxies: config.http.trusted_proxies.clone(),
            ..Default::default()
        };
        tasks.spawn(
            async move { Ok(sekisho_web::serve_within(limits, https, Some(secure), router, end).await?) },
        );
        if let Some(plain) = extras.plain {
            let listener = bind(plain, "--http-port").await?;
            let (router, end) = (host.router(), stop.clone());
            tasks.spawn(async move { Ok(sekisho_web::serve(listener, None, router, end).await?) });
        }
        let (devices, end) = (host.foundation().devices.clone(), stop.clone());
        let (identity, gateway_world) = (tls.identity.clone(), world.clone());
        tasks.spawn(async move {
            Ok(devices.serve(mqtt, identity, gateway_world, GatewayOptions::default(), end).await?)
        });
        let (router, end) = (probes::router(host.foundation().store.clone())?, stop.clone());
        tasks.spawn(async move { Ok(sekisho_web::serve(probe, None, router, end).await?) });
        let worker = host.clone();
        tasks.spawn(async move {
            worker.work().await;
            Ok(())
        });
        Ok(Self { host, authority_file: tls.authority_file, tasks })
    }

    /// Runs until the signal to stop (SIGTERM, SIGINT) or until a part fails, then drains.
    pub(crate) async fn run(mut self) -> anyhow::Result<()> {
        let stop = self.host.stop().clone();
        let mut first = Ok(());
        tokio::select! {
            () = asked_to_stop() => tracing::info!("draining"),
            () = stop.cancelled() => {}
            Some(ended) = self.tasks.join_next() => first = flatten(ended),
        }
        stop.cancel();
        while let Some(ended) = self.tasks.join_next().await {
            let ended = flatten(ended);
            if first.is_ok() {
                first = ended;
            }
        }
        self.host.foundation().store.close().await?;
        first
    }
}

fn flatten(ended: Result<anyhow::Result<()>, tokio::task::JoinError>) -> anyhow::Result<()> {
    ended.context("a part of the server broke")?
}

async fn bind(address: SocketAddr, setting: &str) -> anyhow::Result<TcpListener> {
    TcpListener::bind(address).await.with_context(|| {
        format!("{address} cannot be listened on; is another server running there? ({setting})")
    })
}

/// SIGTERM or SIGINT.
async fn asked_to_stop() {
    use tokio::signal::unix::{SignalKind, signal};
    let Ok(mut terminate) = signal(SignalKind::terminate()) else { return std::future::pending().await };
    tokio::select! {
        _ = terminate.recv() => {}
        _ = tokio::signal::ctrl_c() => {}
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
    let folder = config.keys.file.parent().unwrap_or(Path::new("."));
    let (file, key_file) = (folder.join("authority.pem"), folder.join("authority.key"));
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
    let now = world.now();
    let from = now.minus(Duration::from_secs(3600));
    let issued = authority.issue_server(&config.http.names, from, now.plus(OWN_CERTIFICATE), &**world)?;
    let identity = Arc::new(ServerIdentity::from_pem(&issued.chain_pem, &issued.key_pem)?);
    Ok(Tls { identity, trust_pem: authority.certificate_pem().to_owned(), authority_file: Some(file) })
}

fn read(path: &Path) -> anyhow::Result<String> {
    std::fs::read_to_string(path).with_context(|| format!("{} cannot be read", path.display()))
}

fn make_folder(file: &Path) -> anyhow::Result<()> {
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
