//! `sekisho update publish`: what the signers bring, given to the server. Nothing is, when an image is not what was signed.

use std::fs::File;
use std::io::{self, Read};
use std::path::Path;

use anyhow::{Context as _, bail};
use sekisho_crypto::Sha256;
use sekisho_devices::{Publication, UpdateError};
use sekisho_identity::Tenant;
use sekisho_updates::Image;
use sekisho_updates::offline::TargetsDocument;
use sekisho_wire::MAX_PART;

use super::{Publish, image_in, newest_root, targets_in};
use crate::commands::installation::Installation;
use crate::output::Output;

impl Publish {
    pub(super) async fn run(
        &self,
        installation: &Installation,
        tenant: &Tenant,
        output: &Output,
    ) -> anyhow::Result<()> {
        let cx = installation.cx(tenant.id);
        let devices = &installation.foundation().devices;
        let explained = |error: UpdateError| installation.explained(error);
        let (newest, mut roots) = newest_root(&self.dir)?;
        roots.push(newest);
        let path = targets_in(&self.dir);
        let targets = std::fs::read(&path).with_context(|| path.display().to_string())?;
        let wanted = TargetsDocument::read(&targets).with_context(|| path.display().to_string())?.images();
        let before = devices.published(&cx).await.map_err(explained)?;
        let is_there =
            |image: &Image| before.images.iter().any(|(known, whole)| *whole && known.sha256 == image.sha256);
        for image in wanted.iter().filter(|image| !is_there(image)) {
            is_as_signed(&self.dir, image)?;
        }
        let mut bytes = Vec::new();
        for (path, _) in &roots {
            bytes.push(std::fs::read(path).with_context(|| path.display().to_string())?);
        }
        if before.root_version == 0 {
            let newest = devices.trust_roots(&cx, &bytes).await.map_err(explained)?;
            output.progress(format!("root document {newest} is trusted from now on"));
        }
        let publication = Publication { roots: bytes, targets };
        let published = devices.publish(&cx, &publication).await.map_err(explained)?;
        for (image, _) in published.images.iter().filter(|(_, whole)| !whole) {
            let path = image_in(&self.dir, &image.name);
            let mut file = File::open(&path).with_context(|| path.display().to_string())?;
            let hash: String = image.sha256.iter().map(|byte| format!("{byte:02x}")).collect();
            let (mut part, mut complete) = (vec![0; MAX_PART], false);
            for number in 0.. {
                let length = fill(&mut file, &mut part).with_context(|| path.display().to_string())?;
                let piece = part.get(..length).unwrap_or_default();
                if piece.is_empty() {
                    break;
                }
                complete = devices.put_part(&cx, &hash, number, piece).await.map_err(explained)?;
                output.bar(number * MAX_PART as u64, image.length, &image.name);
            }
            output.bar(0, 0, "");
            if !complete {
                bail!("{} changed while it was read; publish again", path.display());
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

/// Whether the file of an image is what was signed; asked before anything is published.
fn is_as_signed(dir: &Path, image: &Image) -> anyhow::Result<()> {
    let path = image_in(dir, &image.name);
    let mut file = File::open(&path).with_context(|| path.display().to_string())?;
    let (mut hash, mut length, mut part) = (Sha256::begin(), 0, vec![0; MAX_PART]);
    loop {
        match fill(&mut file, &mut part).with_context(|| path.display().to_string())? {
            0 => break,
            count => {
                hash.add(part.get(..count).unwrap_or_default());
                length += count as u64;
            }
        }
    }
    if length == image.length && hash.end() == image.sha256 {
        return Ok(());
    }
    bail!("{} is not the image that was signed; nothing was published", path.display())
}

/// Reads until the buffer is full or the file ends. How much.
fn fill(file: &mut File, part: &mut [u8]) -> io::Result<usize> {
    let mut filled = 0;
    while let Some(rest) = part.get_mut(filled..).filter(|rest| !rest.is_empty()) {
        match file.read(rest) {
            Ok(0) => break,
            Ok(count) => filled += count,
            Err(error) if error.kind() == io::ErrorKind::Interrupted => {}
            Err(error) => return Err(error),
        }
    }
    Ok(filled)
}
