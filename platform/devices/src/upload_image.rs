//! An image as it comes, of any length of pieces: cut into the pieces in which it is kept, one of them in memory at a time.

use sekisho_kernel::Cx;
use sekisho_updates::Image;
use sekisho_wire::MAX_PART;

use crate::Devices;
use crate::repository::UpdateError;

/// An image that is being taken.
#[derive(Debug)]
pub(crate) struct Upload {
    image: Image,
    hash: String,
    next: u64,
    come: u64,
    piece: Vec<u8>,
    whole: bool,
}

impl Upload {
    /// Begins with the published image of this name. Whether it is here already: then nothing more is wanted of it.
    pub(crate) async fn begin(devices: &Devices, cx: &Cx, name: &str) -> Result<(Self, bool), UpdateError> {
        let published = devices.published(cx).await?.images;
        let found = published.into_iter().find(|(image, _)| image.name == name);
        let (image, whole) = found.ok_or(UpdateError::Missing)?;
        let hash = hex::encode(image.sha256);
        let this = Self { image, hash, next: 0, come: 0, piece: Vec::with_capacity(MAX_PART), whole };
        Ok((this, whole))
    }

    /// Takes what came. More than was signed is refused at once.
    pub(crate) async fn add(
        &mut self,
        devices: &Devices,
        cx: &Cx,
        mut bytes: &[u8],
    ) -> Result<(), UpdateError> {
        self.come = self.come.saturating_add(bytes.len() as u64);
        if self.come > self.image.length {
            return Err(UpdateError::NotWhole);
        }
        while !bytes.is_empty() {
            let (fits, rest) = bytes.split_at(bytes.len().min(MAX_PART - self.piece.len()));
            self.piece.extend_from_slice(fits);
            bytes = rest;
            if self.piece.len() == MAX_PART {
                self.put(devices, cx).await?;
            }
        }
        Ok(())
    }

    /// That was all.
    pub(crate) async fn end(mut self, devices: &Devices, cx: &Cx) -> Result<(), UpdateError> {
        if self.come != self.image.length {
            return Err(UpdateError::NotWhole);
        }
        if !self.piece.is_empty() {
            self.put(devices, cx).await?;
        }
        if self.whole { Ok(()) } else { Err(UpdateError::NotWhole) }
    }

    async fn put(&mut self, devices: &Devices, cx: &Cx) -> Result<(), UpdateError> {
        // Once pieces of an earlier try have made it whole, it was read again and is what was signed.
        if !self.whole {
            self.whole = devices.put_part(cx, &self.hash, self.next, &self.piece).await?;
        }
        self.next += 1;
        self.piece.clear();
        Ok(())
    }
}
