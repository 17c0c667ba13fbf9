//! `sekisho update`: signed software for boxes. Some of it belongs on a machine without a network (keys, sign, rotate-root),
//! some beside the server (server-key, publish).

mod publish;
mod signers;

use std::path::{Path, PathBuf};

use anyhow::{Context as _, bail};
use clap::Subcommand;
use clap::builder::{RangedI64ValueParser, TypedValueParser as _};
use sekisho_identity::Tenant;
use sekisho_updates::Version;
use sekisho_updates::offline::RootDocument;

use super::Whose;
use super::installation::Installation;
use crate::output::Output;

/// Signed software for boxes.
#[derive(Debug, Subcommand)]
pub enum UpdateCommand {
    /// Print the server's public key, which the root document has to name
    ServerKey(Whose),
    /// Make the signers' keys and the first root document; on a machine without a network
    Keys(Keys),
    /// Add an image, or a signature, to a repository directory; on a machine without a network
    Sign(Sign),
    /// Make the next root document: new signers, another server key, or just more time
    RotateRoot(RotateRoot),
    /// Publish a repository directory; the first time the server trusts its root document
    Publish(Publish),
}

/// The first keys.
#[derive(Debug, clap::Args)]
pub struct Keys {
    /// The repository directory; keys go into its folder `keys`, of which each signer takes one away
    dir: PathBuf,
    /// The server's public key, as `sekisho update server-key` prints it
    #[arg(long, value_name = "HEX")]
    server_key: String,
    /// How many people sign
    #[arg(long, default_value_t = 3, value_parser = people())]
    signers: usize,
    /// How many of them it takes
    #[arg(long, default_value_t = 2, value_parser = people())]
    threshold: usize,
}

/// A signature, and perhaps an image.
#[derive(Debug, clap::Args)]
pub struct Sign {
    /// The repository directory
    dir: PathBuf,
    /// A signer's key file; may be given again
    #[arg(long = "key", required = true, value_name = "FILE")]
    keys: Vec<PathBuf>,
    /// An image to add
    #[arg(
        long,
        value_name = "FILE",
        requires = "hardware",
        requires = "version",
        requires = "security_version"
    )]
    image: Option<PathBuf>,
    /// The hardware it runs on, such as smartbox-linux-x86_64
    #[arg(long)]
    hardware: Option<String>,
    /// Its version, such as 1.4.0
    #[arg(long = "image-version", id = "version", value_name = "VERSION")]
    version: Option<Version>,
    /// Count it up when no older image may ever run again
    #[arg(long)]
    security_version: Option<u64>,
    /// The oldest agent that can install it
    #[arg(long, default_value = "0.1.0")]
    min_agent: Version,
    /// An image to take out, by its name
    #[arg(long, value_name = "NAME")]
    remove: Option<String>,
    /// Vouch for the same images for another year
    #[arg(long)]
    renew: bool,
}

/// The next root document.
#[derive(Debug, clap::Args)]
pub struct RotateRoot {
    /// The repository directory
    dir: PathBuf,
    /// Key files of signers of the present root document; may be given again
    #[arg(long = "key", required = true, value_name = "FILE")]
    keys: Vec<PathBuf>,
    /// Make new keys for all signers, into this folder
    #[arg(long, value_name = "DIR")]
    new_keys: Option<PathBuf>,
    /// Another key of the server
    #[arg(long, value_name = "HEX")]
    server_key: Option<String>,
}

/// What to publish.
#[derive(Debug, clap::Args)]
pub struct Publish {
    #[command(flatten)]
    whose: Whose,
    /// The repository directory
    dir: PathBuf,
}

/// So many people sign: one to a hundred.
fn people() -> impl clap::builder::TypedValueParser<Value = usize> {
    RangedI64ValueParser::<u8>::new().range(1..=100).map(usize::from)
}

/// Runs the command.
pub async fn run(command: UpdateCommand, output: &Output) -> anyhow::Result<()> {
    match command {
        UpdateCommand::ServerKey(whose) => {
            Installation::with_tenant(&whose, async |at, tenant| server_key(at, tenant, output).await).await
        }
        UpdateCommand::Keys(keys) => keys.run(output),
        UpdateCommand::Sign(sign) => sign.run(output),
        UpdateCommand::RotateRoot(rotate) => rotate.run(output),
        UpdateCommand::Publish(publish) => {
            let whose = &publish.whose;
            Installation::with_tenant(whose, async |at, tenant| publish.run(at, tenant, output).await).await
        }
    }
}

async fn server_key(installation: &Installation, tenant: &Tenant, output: &Output) -> anyhow::Result<()> {
    let cx = installation.cx(tenant.id);
    let devices = &installation.foundation().devices;
    let key = devices.online_key(&cx).await.map_err(|error| installation.explained(error))?.to_hex();
    output.result(key.clone(), &serde_json::json!({ "server_key": key }));
    Ok(())
}

/// The targets document of a directory.
fn targets_in(dir: &Path) -> PathBuf {
    dir.join("targets.json")
}

/// The image of this name in a directory.
fn image_in(dir: &Path, name: &str) -> PathBuf {
    dir.join("images").join(name)
}

/// All root documents of a directory, oldest first; none when there is none.
fn roots(dir: &Path) -> anyhow::Result<Vec<(PathBuf, RootDocument)>> {
    let mut roots = Vec::new();
    for entry in std::fs::read_dir(dir).with_context(|| dir.display().to_string())? {
        let path = entry?.path();
        if path.to_string_lossy().ends_with(".root.json") {
            let bytes = std::fs::read(&path).with_context(|| path.display().to_string())?;
            let root = RootDocument::read(&bytes).with_context(|| path.display().to_string())?;
            roots.push((path, root));
        }
    }
    roots.sort_by_key(|(_, root)| root.version());
    Ok(roots)
}

/// The newest root document of a directory, and those before it, oldest first.
type Newest = ((PathBuf, RootDocument), Vec<(PathBuf, RootDocument)>);

fn newest_root(dir: &Path) -> anyhow::Result<Newest> {
    let mut roots = roots(dir)?;
    match roots.pop() {
        Some(newest) => Ok((newest, roots)),
        None => bail!("{} holds no root document; `sekisho update keys` makes the first", dir.display()),
    }
}
