//! `sekisho update`: signed software for boxes. Some of it belongs on a machine without a network (keys, sign, rotate-root),
//! some beside the server (server-key, publish).

use std::fs;
use std::io::Write as _;
use std::path::{Path, PathBuf};
use std::time::Duration;

use anyhow::{Context as _, anyhow, bail};
use clap::Subcommand;
use sekisho_crypto::{sha256, system_world};
use sekisho_devices::{Publication, UpdateError};
use sekisho_identity::Tenant;
use sekisho_kernel::Timestamp;
use sekisho_updates::offline::{RootDocument, Signers, TargetsDocument};
use sekisho_updates::{Image, PublicKey, RoleKey, SignError, Version};

use super::Whose;
use super::installation::Installation;
use crate::output::Output;

/// Root documents are good for so many days; changing signers or extending makes the next.
const ROOT_DAYS: u64 = 730;
/// Images have to be vouched for anew after so many days.
const TARGETS_DAYS: u64 = 365;
/// The bytes of one piece of an image.
const PART: usize = 48 * 1024;

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
    #[arg(long, default_value_t = 3)]
    signers: usize,
    /// How many of them it takes
    #[arg(long, default_value_t = 2)]
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

fn in_days(days: u64) -> Timestamp {
    system_world().now().plus(Duration::from_secs(days * 86_400))
}

/// Makes keys called `role-1.pem` and so on, readable by their owner only.
fn make_keys(folder: &Path, role: &str, count: usize) -> anyhow::Result<Vec<RoleKey>> {
    fs::create_dir_all(folder).with_context(|| folder.display().to_string())?;
    let make = |number| {
        let path = folder.join(format!("{role}-{number}.pem"));
        let key = RoleKey::generate(&*system_world())?;
        let mut options = fs::OpenOptions::new();
        options.write(true).create_new(true);
        std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o600);
        let mut file = options.open(&path).with_context(|| path.display().to_string())?;
        file.write_all(key.to_pem()?.as_bytes())?;
        Ok(key)
    };
    (1..=count).map(make).collect()
}

fn read_keys(paths: &[PathBuf]) -> anyhow::Result<Vec<RoleKey>> {
    let read = |path: &PathBuf| {
        let pem = fs::read_to_string(path).with_context(|| path.display().to_string())?;
        RoleKey::from_pem(&pem).with_context(|| path.display().to_string())
    };
    paths.iter().map(read).collect()
}

fn server(key: &str) -> anyhow::Result<PublicKey> {
    PublicKey::from_hex(key).ok_or_else(|| anyhow!("the server's key is 64 hexadecimal digits"))
}

fn write(path: &Path, bytes: &[u8]) -> anyhow::Result<()> {
    fs::write(path, bytes).with_context(|| path.display().to_string())
}

/// All root documents of a directory, oldest first.
fn roots(dir: &Path) -> anyhow::Result<Vec<(PathBuf, RootDocument)>> {
    let mut roots = Vec::new();
    for entry in fs::read_dir(dir).with_context(|| dir.display().to_string())? {
        let path = entry?.path();
        if path.to_string_lossy().ends_with(".root.json") {
            let root = RootDocument::read(&fs::read(&path)?).with_context(|| path.display().to_string())?;
            roots.push((path, root));
        }
    }
    roots.sort_by_key(|(_, root)| root.version());
    if roots.is_empty() {
        bail!("{} holds no root document; `sekisho update keys` makes the first", dir.display());
    }
    Ok(roots)
}

impl Keys {
    fn run(&self, output: &Output) -> anyhow::Result<()> {
        let online = server(&self.server_key)?;
        let folder = self.dir.join("keys");
        let root = make_keys(&folder, "root", self.signers)?;
        let targets = make_keys(&folder, "targets", self.signers)?;
        let public = |keys: &[RoleKey]| keys.iter().map(RoleKey::public).collect();
        let signers = Signers {
            root: public(&root),
            root_threshold: self.threshold,
            targets: public(&targets),
            targets_threshold: self.threshold,
            online,
        };
        let mut document = RootDocument::first(&signers, in_days(ROOT_DAYS))?;
        for key in &root {
            document.sign(key, None)?;
        }
        let path = self.dir.join("1.root.json");
        write(&path, &document.to_bytes()?)?;
        output.result(
            format!(
                "{} keys are in {}: give each signer one of root and one of targets, and keep none here\nthe first root document is {}",
                root.len() + targets.len(),
                folder.display(),
                path.display()
            ),
            &serde_json::json!({ "root": path, "keys": folder }),
        );
        Ok(())
    }
}

impl Sign {
    fn run(&self, output: &Output) -> anyhow::Result<()> {
        let keys = read_keys(&self.keys)?;
        let mut roots = roots(&self.dir)?;
        let (root_path, mut root) = roots.pop().ok_or_else(|| anyhow!("there is no root document"))?;
        let before = roots.pop().map(|(_, root)| root);
        let path = self.dir.join("targets.json");
        let mut targets = match fs::read(&path) {
            Ok(bytes) => TargetsDocument::read(&bytes).with_context(|| path.display().to_string())?,
            Err(error) if error.kind() == std::io::ErrorKind::NotFound => {
                TargetsDocument::first(in_days(TARGETS_DAYS))?
            }
            Err(error) => return Err(error).with_context(|| path.display().to_string()),
        };
        if self.image.is_some() || self.remove.is_some() {
            // What was signed by enough people is out in the world; a change of it is the next document.
            if targets.is_signed(&root) {
                targets = targets.next(in_days(TARGETS_DAYS))?;
            }
            self.change(&mut targets)?;
        }
        let mut signed = 0;
        for key in &keys {
            for done in [root.sign(key, before.as_ref()), targets.sign(key, &root)] {
                match done {
                    Ok(()) => signed += 1,
                    Err(SignError::NotASigner(_)) => {}
                    Err(error) => return Err(error.into()),
                }
            }
        }
        if signed == 0 {
            bail!("none of these keys belongs to a signer of this repository");
        }
        write(&path, &targets.to_bytes()?)?;
        write(&root_path, &root.to_bytes()?)?;
        let whole = targets.is_signed(&root) && root.is_signed(before.as_ref());
        let next = if whole { "ready to publish" } else { "more signers have to sign" };
        output.result(
            format!("{} images, targets document {}: {next}", targets.images().len(), targets.version()),
            &serde_json::json!({ "targets": targets.version(), "images": targets.images().len(), "ready": whole }),
        );
        Ok(())
    }

    fn change(&self, targets: &mut TargetsDocument) -> anyhow::Result<()> {
        if let Some(name) = &self.remove
            && !targets.remove(name)?
        {
            bail!("there is no image {name}");
        }
        let (Some(file), Some(hardware), Some(version), Some(security_version)) =
            (&self.image, &self.hardware, self.version, self.security_version)
        else {
            return Ok(());
        };
        let bytes = fs::read(file).with_context(|| file.display().to_string())?;
        let image = Image {
            name: format!("{hardware}-{version}"),
            hardware: hardware.clone(),
            version,
            min_agent: self.min_agent,
            security_version,
            length: bytes.len() as u64,
            sha256: sha256(&bytes),
        };
        targets.put(&image)?;
        let folder = self.dir.join("images");
        fs::create_dir_all(&folder)?;
        write(&folder.join(&image.name), &bytes)
    }
}

impl RotateRoot {
    fn run(&self, output: &Output) -> anyhow::Result<()> {
        let (_, present) = roots(&self.dir)?.pop().ok_or_else(|| anyhow!("there is no root document"))?;
        let mut signers = present.signers()?;
        let mut keys = read_keys(&self.keys)?;
        if let Some(key) = &self.server_key {
            signers.online = server(key)?;
        }
        if let Some(folder) = &self.new_keys {
            let root = make_keys(folder, "root", signers.root.len())?;
            let targets = make_keys(folder, "targets", signers.targets.len())?;
            signers.root = root.iter().map(RoleKey::public).collect();
            signers.targets = targets.iter().map(RoleKey::public).collect();
            keys.extend(root);
        }
        let mut next = present.next(&signers, in_days(ROOT_DAYS))?;
        for key in &keys {
            next.sign(key, Some(&present))?;
        }
        let path = self.dir.join(format!("{}.root.json", next.version()));
        write(&path, &next.to_bytes()?)?;
        let whole = next.is_signed(Some(&present));
        let word =
            if whole { "signed by enough" } else { "more signers have to sign it (`sekisho update sign`)" };
        output.result(
            format!(
                "{} is made: {word}\nimages have to be signed anew when their signers changed",
                path.display()
            ),
            &serde_json::json!({ "root": path, "ready": whole }),
        );
        Ok(())
    }
}

impl Publish {
    async fn run(&self, installation: &Installation, tenant: &Tenant, output: &Output) -> anyhow::Result<()> {
        let cx = installation.cx(tenant.id);
        let devices = &installation.foundation().devices;
        let explained = |error: UpdateError| installation.explained(error);
        let roots = roots(&self.dir)?;
        let published = devices.published(&cx).await.map_err(explained)?;
        if published.root_version == 0
            && let Some((path, _)) = roots.first()
        {
            devices.trust_root(&cx, &fs::read(path)?).await.map_err(explained)?;
            output.progress(format!("{} is trusted from now on", path.display()));
        }
        let read = |(path, _): &(PathBuf, RootDocument)| fs::read(path);
        let publication = Publication {
            roots: roots.iter().map(read).collect::<Result<_, _>>()?,
            targets: fs::read(self.dir.join("targets.json")).context("targets.json")?,
        };
        let published = devices.publish(&cx, &publication).await.map_err(explained)?;
        for (image, whole) in published.images.iter().filter(|(_, whole)| !whole) {
            let path = self.dir.join("images").join(&image.name);
            let bytes = fs::read(&path).with_context(|| path.display().to_string())?;
            let hash: String = image.sha256.iter().map(|byte| format!("{byte:02x}")).collect();
            let mut complete = *whole;
            for (number, part) in (0..).zip(bytes.chunks(PART)) {
                complete = devices.put_part(&cx, &hash, number, part).await.map_err(explained)?;
            }
            if !complete {
                bail!("{} is not the image that was signed", path.display());
            }
            output.progress(format!("{} is published", image.name));
        }
        output.result(
            format!(
                "targets document {} is published, with {} images",
                published.targets_version,
                published.images.len()
            ),
            &serde_json::json!({ "targets": published.targets_version, "images": published.images.len() }),
        );
        Ok(())
    }
}
