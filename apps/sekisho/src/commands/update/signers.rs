//! What signers do on a machine without a network: their keys, their signatures, and who signs next. Nothing is written before
//! all that can be wrong was looked at, so that a mistake leaves no half ceremony behind.

use std::fs;
use std::io::Write as _;
use std::path::{Path, PathBuf};
use std::time::Duration;

use anyhow::{Context as _, anyhow, bail};
use sekisho_crypto::{Zeroizing, sha256, system_world};
use sekisho_kernel::Timestamp;
use sekisho_updates::image::LARGEST;
use sekisho_updates::offline::{RootDocument, Signatures, Signers, TargetsDocument};
use sekisho_updates::{Image, PublicKey, RoleKey, SignError};

use super::{Keys, RotateRoot, Sign, image_in, newest_root, roots, targets_in};
use crate::output::Output;

/// Root documents are good for so many days; changing signers or extending makes the next.
const ROOT_DAYS: u64 = 730;
/// Images have to be vouched for anew after so many days.
const TARGETS_DAYS: u64 = 365;

/// A signer's key, and the file it was in.
type KeyFile = (PathBuf, RoleKey);

fn in_days(days: u64) -> Timestamp {
    system_world().now().plus(Duration::from_secs(days * 86_400))
}

/// A folder for keys, made when it is not there. One that holds keys stays as it is: somebody may need them.
fn key_folder(folder: &Path) -> anyhow::Result<()> {
    let of_folder = || folder.display().to_string();
    fs::create_dir_all(folder).with_context(of_folder)?;
    fs::set_permissions(folder, std::os::unix::fs::PermissionsExt::from_mode(0o700))
        .with_context(of_folder)?;
    for entry in fs::read_dir(folder).with_context(of_folder)? {
        if entry?.path().extension().is_some_and(|end| end == "pem") {
            bail!("{} holds keys already, which stay as they are; choose another folder", folder.display());
        }
    }
    Ok(())
}

/// Makes keys called `role-1.pem` and so on, readable by their owner only.
fn make_keys(folder: &Path, role: &str, count: usize) -> anyhow::Result<Vec<KeyFile>> {
    let make = |number| {
        let path = folder.join(format!("{role}-{number}.pem"));
        let key = RoleKey::generate(&*system_world())?;
        let mut options = fs::OpenOptions::new();
        options.write(true).create_new(true);
        std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o600);
        let mut file = options.open(&path).with_context(|| path.display().to_string())?;
        file.write_all(key.to_pem()?.as_bytes()).with_context(|| path.display().to_string())?;
        file.sync_all().with_context(|| path.display().to_string())?;
        Ok((path, key))
    };
    (1..=count).map(make).collect()
}

fn read_keys(paths: &[PathBuf]) -> anyhow::Result<Vec<KeyFile>> {
    let read = |path: &PathBuf| {
        let pem = Zeroizing::new(fs::read(path).with_context(|| path.display().to_string())?);
        let pem = std::str::from_utf8(&pem).map_err(|_| SignError::NoKey);
        let key = pem.and_then(RoleKey::from_pem).with_context(|| path.display().to_string())?;
        Ok((path.clone(), key))
    };
    paths.iter().map(read).collect()
}

fn public(keys: &[KeyFile]) -> Vec<PublicKey> {
    keys.iter().map(|(_, key)| key.public()).collect()
}

fn server(key: &str) -> anyhow::Result<PublicKey> {
    PublicKey::from_hex(key).ok_or_else(|| {
        anyhow!("the server's key is 64 hexadecimal digits, as `sekisho update server-key` prints it")
    })
}

/// Writes a document in the place of the old one, whole or not at all.
fn write(path: &Path, bytes: &[u8]) -> anyhow::Result<()> {
    let mut fresh = path.as_os_str().to_owned();
    fresh.push(".new");
    let fresh = PathBuf::from(fresh);
    fs::write(&fresh, bytes)
        .and_then(|()| fs::rename(&fresh, path))
        .with_context(|| path.display().to_string())
}

/// How far the signing of a document is, in words.
fn so_far(signatures: Signatures) -> String {
    format!("signed by {} of the {} it takes", signatures.made, signatures.needed)
}

impl Keys {
    pub(super) fn run(&self, output: &Output) -> anyhow::Result<()> {
        let online = server(&self.server_key)?;
        if self.threshold > self.signers {
            bail!("{} people cannot make {} signatures; lower --threshold", self.signers, self.threshold);
        }
        if self.dir.exists() && !roots(&self.dir)?.is_empty() {
            bail!(
                "{} holds a root document already; `sekisho update rotate-root` makes the next",
                self.dir.display()
            );
        }
        let folder = self.dir.join("keys");
        key_folder(&folder)?;
        let root = make_keys(&folder, "root", self.signers)?;
        let targets = make_keys(&folder, "targets", self.signers)?;
        let signers = Signers {
            root: public(&root),
            root_threshold: self.threshold,
            targets: public(&targets),
            targets_threshold: self.threshold,
            online,
        };
        let mut document = RootDocument::first(&signers, in_days(ROOT_DAYS))?;
        for (_, key) in &root {
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
    pub(super) fn run(&self, output: &Output) -> anyhow::Result<()> {
        let keys = read_keys(&self.keys)?;
        let ((root_path, mut root), before) = newest_root(&self.dir)?;
        let path = targets_in(&self.dir);
        let mut targets = match fs::read(&path) {
            Ok(bytes) => TargetsDocument::read(&bytes).with_context(|| path.display().to_string())?,
            Err(error) if error.kind() == std::io::ErrorKind::NotFound => {
                TargetsDocument::first(in_days(TARGETS_DAYS))?
            }
            Err(error) => return Err(error).with_context(|| path.display().to_string()),
        };
        let is_change = self.image.is_some() || self.remove.is_some() || self.renew;
        // What was signed by enough people once, those of earlier root documents too, is out in the world; a change of it is
        // the next document.
        let is_out = before.iter().map(|(_, root)| root).chain([&root]).any(|root| targets.is_signed(root));
        if is_change && is_out {
            targets = targets.next(in_days(TARGETS_DAYS))?;
        }
        let image = self.change(&mut targets)?;
        let before = before.last().map(|(_, root)| root);
        for (path, key) in &keys {
            let mut signed = false;
            for done in [root.sign(key, before), targets.sign(key, &root)] {
                match done {
                    Ok(()) => signed = true,
                    Err(SignError::NotASigner(_)) => {}
                    Err(error) => return Err(error.into()),
                }
            }
            if !signed {
                bail!("{} belongs to no signer of this repository; nothing was changed", path.display());
            }
        }
        if let Some((image, bytes)) = image {
            let path = image_in(&self.dir, &image.name);
            fs::create_dir_all(self.dir.join("images")).with_context(|| path.display().to_string())?;
            write(&path, &bytes)?;
        }
        write(&path, &targets.to_bytes()?)?;
        write(&root_path, &root.to_bytes()?)?;
        let whole = targets.is_signed(&root) && root.is_signed(before);
        let next = if whole { "ready to publish" } else { "more signers have to sign" };
        let signatures = targets.signatures(&root);
        output.result(
            format!(
                "targets document {}, with {} images, is {}\nroot document {} is {}: {next}",
                targets.version(),
                targets.images().len(),
                so_far(signatures),
                root.version(),
                so_far(root.signatures(before)),
            ),
            &serde_json::json!({
                "targets": targets.version(), "images": targets.images().len(), "signatures": signatures.made,
                "threshold": signatures.needed, "ready": whole,
            }),
        );
        Ok(())
    }

    /// Changes the document as it was asked for; the image that is to lie beside it.
    fn change(&self, targets: &mut TargetsDocument) -> anyhow::Result<Option<(Image, Vec<u8>)>> {
        if let Some(name) = &self.remove
            && !targets.remove(name)?
        {
            bail!("there is no image {name}");
        }
        let (Some(file), Some(hardware), Some(version), Some(security_version)) =
            (&self.image, &self.hardware, self.version, self.security_version)
        else {
            return Ok(None);
        };
        let of_file = || file.display().to_string();
        if fs::metadata(file).with_context(of_file)?.len() > LARGEST {
            bail!("{} is larger than an image may be (256 MiB)", file.display());
        }
        let bytes = fs::read(file).with_context(of_file)?;
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
        Ok(Some((image, bytes)))
    }
}

impl RotateRoot {
    pub(super) fn run(&self, output: &Output) -> anyhow::Result<()> {
        let ((present_path, present), before) = newest_root(&self.dir)?;
        // What follows a document that never comes out never comes out either.
        if !present.is_signed(before.last().map(|(_, root)| root)) {
            bail!(
                "too few have signed {}; have it signed first (`sekisho update sign`), or delete it",
                present_path.display()
            );
        }
        let mut signers = present.signers()?;
        let mut keys = read_keys(&self.keys)?;
        if let Some((path, _)) = keys.iter().find(|(_, key)| !signers.root.contains(&key.public())) {
            bail!("{} belongs to no signer of {}", path.display(), present_path.display());
        }
        if let Some(key) = &self.server_key {
            signers.online = server(key)?;
        }
        if let Some(folder) = &self.new_keys {
            key_folder(folder)?;
            let root = make_keys(folder, "root", signers.root.len())?;
            signers.targets = public(&make_keys(folder, "targets", signers.targets.len())?);
            signers.root = public(&root);
            keys.extend(root);
        }
        let mut next = present.next(&signers, in_days(ROOT_DAYS))?;
        for (_, key) in &keys {
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
