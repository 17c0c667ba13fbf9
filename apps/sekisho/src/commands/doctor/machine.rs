//! What the machine shows: files and their modes, certificates, ports, the clock, the disk, the mail server.

use std::net::{SocketAddr, TcpListener};
use std::os::unix::fs::PermissionsExt as _;
use std::path::Path;
use std::time::Duration;

use sekisho_crypto::certificates::{CertificateFacts, pem_to_der, read};
use sekisho_crypto::system_world;
use sekisho_kernel::Timestamp;
use tokio::net::TcpStream;
use tokio::process::Command;
use tokio::time::timeout;

use super::Findings;
use crate::config::{Config, USUAL_FILE};
use crate::serving::authority_files;

/// A certificate that ends sooner is to be replaced.
const SOON: Duration = Duration::from_secs(30 * 86_400);
/// Less free space than this and a busy day fills the disk.
const LITTLE_MIB: u64 = 1024;
/// Less than this and the store stops.
const TOO_LITTLE_MIB: u64 = 100;
const PATIENCE: Duration = Duration::from_secs(5);

pub(super) async fn look(config: &Config, file: Option<&Path>, findings: &mut Findings) {
    files(config, file, findings);
    certificates(config, findings);
    ports(config, findings).await;
    clock(findings).await;
    disk(config, findings).await;
    mail(config, findings).await;
}

fn mode(path: &Path) -> Option<u32> {
    Some(std::fs::metadata(path).ok()?.permissions().mode() & 0o777)
}

fn files(config: &Config, file: Option<&Path>, findings: &mut Findings) {
    let key = &config.keys.file;
    match mode(key) {
        None => findings.fail(
            "key file",
            format!("{} is not there or cannot be looked at", key.display()),
            "`sekisho setup` makes one; if there was one, restore it: without it nothing sealed can be read",
        ),
        Some(mode) if mode & 0o077 != 0 => findings.fail(
            "key file",
            format!("others may read {} (mode {mode:04o})", key.display()),
            format!("chmod 600 {}", key.display()),
        ),
        Some(_) => findings.ok("key file", format!("{}, for its owner only", key.display())),
    }
    let secret = config.mail.as_ref().is_some_and(|mail| !mail.password.is_empty())
        || config.store.url.starts_with("postgres");
    let path = file.unwrap_or(Path::new(USUAL_FILE));
    if let Some(mode) = mode(path).filter(|mode| secret && mode & 0o077 != 0) {
        findings.warn(
            "configuration",
            format!("{} holds passwords and others may read it (mode {mode:04o})", path.display()),
            format!("chmod 600 {}", path.display()),
        );
    }
    if let Some(private) = &config.http.key
        && let Some(mode) = mode(private).filter(|mode| mode & 0o007 != 0)
    {
        findings.fail(
            "TLS key",
            format!("everybody may read {} (mode {mode:04o})", private.display()),
            format!("chmod 640 {}", private.display()),
        );
    }
}

fn certificates(config: &Config, findings: &mut Findings) {
    let now = system_world().now();
    let host = config.http.public_url.split("://").nth(1).unwrap_or_default();
    let host = host.split(['/', ':']).next().unwrap_or_default();
    match &config.http.certificate {
        Some(path) => {
            if let Some(facts) = certificate("certificate", path, now, findings) {
                let covers = facts.dns_names.iter().any(|name| {
                    name == host
                        || name
                            .strip_prefix("*.")
                            .is_some_and(|rest| host.split_once('.').is_some_and(|(_, tail)| tail == rest))
                });
                if !covers && host.parse::<std::net::IpAddr>().is_err() {
                    findings.fail(
                        "certificate",
                        format!("it is for {}, not for {host}", facts.dns_names.join(", ")),
                        "get one that names the host of http.public_url, or change http.public_url",
                    );
                }
            }
        }
        None => {
            let (authority, _) = authority_files(config);
            if authority.exists() {
                certificate("authority", &authority, now, findings);
                findings.warn(
                    "certificate",
                    "made by an authority of Sekisho's own, which browsers do not know",
                    format!(
                        "trust {} in the browsers, or set http.certificate and http.key",
                        authority.display()
                    ),
                );
            }
            if !config.http.names.iter().any(|name| name == host) {
                findings.fail(
                    "certificate",
                    format!("http.names does not have {host}, the host of http.public_url"),
                    format!("add {host:?} to http.names"),
                );
            }
        }
    }
}

/// Reads a certificate file and judges how long it is good.
fn certificate(
    what: &'static str,
    path: &Path,
    now: Timestamp,
    findings: &mut Findings,
) -> Option<CertificateFacts> {
    let text = std::fs::read_to_string(path).map_err(|error| error.to_string());
    let facts =
        text.and_then(|text| pem_to_der(&text).and_then(|der| read(&der)).map_err(|error| error.to_string()));
    match facts {
        Err(error) => {
            findings.fail(
                what,
                format!("{} cannot be read: {error}", path.display()),
                "it must hold the chain in PEM, the server's own certificate first",
            );
            None
        }
        Ok(facts) => {
            let until = format!("{:.0}", facts.not_after.to_jiff());
            if facts.not_after <= now {
                findings.fail(what, format!("ended on {until}"), format!("replace {}", path.display()));
            } else if facts.not_before > now {
                findings.fail(what, "begins in the future", "look at the machine's clock");
            } else if facts.not_after.since(now) < SOON {
                findings.warn(what, format!("ends on {until}"), format!("replace {}", path.display()));
            } else {
                findings.ok(what, format!("good until {until}"));
            }
            Some(facts)
        }
    }
}

async fn ports(config: &Config, findings: &mut Findings) {
    let alive = says_alive(config.probes.listen).await;
    for (what, address) in [
        ("port of pages", config.http.listen),
        ("port of devices", config.devices.listen),
        ("port of probes", config.probes.listen),
    ] {
        match TcpListener::bind(address) {
            Ok(_) if alive && what == "port of probes" => findings.ok(what, format!("{address} is free")),
            Ok(_) => findings.ok(what, format!("{address} is free; no server runs there")),
            Err(error) if error.kind() == std::io::ErrorKind::AddrInUse && alive => {
                findings.ok(what, format!("{address} is in use, and a server is alive"));
            }
            Err(error) if error.kind() == std::io::ErrorKind::AddrInUse => findings.warn(
                what,
                format!("{address} is in use by another program"),
                "stop that program, or listen elsewhere",
            ),
            Err(error) => findings.fail(
                what,
                format!("{address} cannot be listened on: {error}"),
                "below 1024 the server needs the right to (systemd's AmbientCapabilities=CAP_NET_BIND_SERVICE or socket activation)",
            ),
        }
    }
    if !config.probes.listen.ip().is_loopback() {
        findings.warn(
            "port of probes",
            format!("{} can be reached from outside", config.probes.listen),
            "metrics tell much; listen on loopback, or guard the port by a firewall",
        );
    }
}

/// Whether a server of ours answers its probe there.
async fn says_alive(address: SocketAddr) -> bool {
    let ask = reqwest::Client::builder().timeout(PATIENCE).build();
    let Ok(ask) = ask else { return false };
    match ask.get(format!("http://{address}/healthz")).send().await {
        Ok(answer) => answer.text().await.is_ok_and(|text| text == "alive\n"),
        Err(_) => false,
    }
}

/// What a program of the system prints; `None` when it is not there or fails.
async fn printed(program: &str, arguments: &[&str]) -> Option<String> {
    let output = timeout(PATIENCE, Command::new(program).args(arguments).output()).await.ok()?.ok()?;
    output.status.success().then(|| String::from_utf8_lossy(&output.stdout).trim().to_owned())
}

async fn clock(findings: &mut Findings) {
    match printed("timedatectl", &["show", "--property=NTPSynchronized", "--value"]).await.as_deref() {
        Some("yes") => findings.ok("clock", "kept by a time server"),
        Some("no") => findings.warn(
            "clock",
            "not kept by a time server",
            "codes and certificates need the right time: `timedatectl set-ntp true`",
        ),
        _ => findings.ok("clock", "nobody here tells whether a time server keeps it"),
    }
}

async fn disk(config: &Config, findings: &mut Findings) {
    let folder = config
        .store
        .url
        .strip_prefix("sqlite:")
        .map_or(config.keys.file.as_path(), |path| Path::new(path.trim_start_matches("//")))
        .parent()
        .unwrap_or(Path::new("/"));
    let listed = printed("df", &["-Pm", &folder.display().to_string()]).await;
    let free = listed
        .as_deref()
        .and_then(|text| text.lines().nth(1))
        .and_then(|line| line.split_whitespace().nth(3))
        .and_then(|free| free.parse::<u64>().ok());
    match free {
        Some(free) if free < TOO_LITTLE_MIB => findings.fail(
            "disk",
            format!("{free} MiB free at {}", folder.display()),
            "the store stops when the disk is full; make room now",
        ),
        Some(free) if free < LITTLE_MIB => findings.warn(
            "disk",
            format!("{free} MiB free at {}", folder.display()),
            "make room, or put the data elsewhere",
        ),
        Some(free) => findings.ok("disk", format!("{free} MiB free at {}", folder.display())),
        None => findings.warn("disk", format!("{} cannot be looked at", folder.display()), "is it there?"),
    }
}

async fn mail(config: &Config, findings: &mut Findings) {
    let Some(mail) = &config.mail else {
        findings.warn(
            "mail",
            "no account of the installation ([mail])",
            "fine when every organisation sets up its own; else invitations and codes reach nobody",
        );
        return;
    };
    let address = format!("{}:{}", mail.host, mail.port);
    match timeout(PATIENCE, TcpStream::connect(&address)).await {
        Ok(Ok(_)) => findings.ok("mail", format!("{address} can be reached")),
        Ok(Err(error)) => findings.fail(
            "mail",
            format!("{address} cannot be reached: {error}"),
            "look at mail.host, mail.port and the firewall",
        ),
        Err(_) => findings.fail(
            "mail",
            format!("{address} does not answer within {} s", PATIENCE.as_secs()),
            "look at mail.host, mail.port and the firewall",
        ),
    }
}
