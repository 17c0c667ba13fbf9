//! `/devices/updates/publish`: what the signers bring, sent from a browser. Documents come first in the form and are
//! published before the first image is read, so that each image goes straight to its place, piece by piece.

use std::time::Duration;

use axum::extract::multipart::Field as Part;
use axum::extract::{Multipart, State};
use axum::http::StatusCode;
use sekisho_kernel::{Cx, Kind, Kinded as _};
use sekisho_updates::LARGEST_DOCUMENT;
use sekisho_updates::image::LARGEST;
use sekisho_updates::offline::{RootDocument, TargetsDocument};
use sekisho_web::parts::{Alert, Badge, Button, Card, Column, Empty, Field, FormBox, Grid, Row, Table, Tone};
use sekisho_web::{Asker, FormState, Markup, Page, Reader, Result, Sheet};

use crate::upload_image::Upload;
use crate::{Devices, Publication, Published, UpdateError};

/// The bytes that are read of one form at most: two of the largest images, and documents.
pub(crate) const MOST_BYTES: usize = 2 * 256 * 1024 * 1024 + 64 * 1024 * 1024;
const _: () = assert!(LARGEST == 256 * 1024 * 1024);
/// The files that are looked at in one form.
const MOST_FILES: usize = 100;
/// Names are shown up to here.
const LONGEST_NAME: usize = 120;
/// Whoever sends nothing for so long has gone.
const SILENT_AFTER: Duration = Duration::from_secs(30);

/// What became of a file.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Fate {
    /// It is published.
    Taken,
    /// It was here already.
    Known,
    /// Nothing was done with it, for this reason.
    Refused(&'static str),
}

/// A file that was sent.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Sent {
    pub(super) name: String,
    pub(super) fate: Fate,
}

/// The form.
pub(crate) async fn show(asker: Asker, State(devices): State<Devices>) -> Result {
    let published = devices.published(&asker.cx).await?;
    Ok(asker.show(&PublishPage { published, sent: Vec::new(), status: StatusCode::OK }))
}

/// Takes documents and images, and says of each file what became of it.
pub(crate) async fn take(asker: Asker, State(devices): State<Devices>, parts: Multipart) -> Result {
    let mut taking = Taking { devices: &devices, cx: &asker.cx, documents: Vec::new(), sent: Vec::new() };
    taking.all(parts).await?;
    let sent = taking.sent;
    let refused = sent.is_empty() || sent.iter().any(|one| matches!(one.fate, Fate::Refused(_)));
    let status = if refused { StatusCode::UNPROCESSABLE_ENTITY } else { StatusCode::OK };
    let published = devices.published(&asker.cx).await?;
    Ok(asker.show(&PublishPage { published, sent, status }))
}

/// A document that waits for the others.
struct Document {
    name: String,
    bytes: Vec<u8>,
    is_root: bool,
}

/// One form, being read.
struct Taking<'a> {
    devices: &'a Devices,
    cx: &'a Cx,
    documents: Vec<Document>,
    sent: Vec<Sent>,
}

/// Why a file is not read on.
enum Stop {
    /// It is refused; the next one may be taken.
    Refused(&'static str),
    /// What comes is no form any more, or too much of it.
    Broken,
    /// We failed.
    Failed(UpdateError),
}

impl From<UpdateError> for Stop {
    fn from(error: UpdateError) -> Self {
        match (&error, error.kind()) {
            (_, Kind::Broken) => Self::Failed(error),
            (UpdateError::Missing, _) => Self::Refused("devices-publish-unknown"),
            (UpdateError::NotWhole, _) => Self::Refused("devices-publish-other"),
            _ => Self::Refused(error.text()),
        }
    }
}

impl Taking<'_> {
    async fn all(&mut self, mut parts: Multipart) -> Result<(), UpdateError> {
        loop {
            let next = tokio::time::timeout(SILENT_AFTER, parts.next_field()).await;
            let Ok(Ok(next)) = next else {
                self.say(String::new(), Fate::Refused("devices-publish-broken"));
                break;
            };
            let Some(mut part) = next else { break };
            let name: String = part.file_name().unwrap_or_default().chars().take(LONGEST_NAME).collect();
            if name.is_empty() {
                // A field in which no file was chosen.
                continue;
            }
            if self.sent.len() + self.documents.len() >= MOST_FILES {
                self.say(name, Fate::Refused("devices-publish-many"));
                break;
            }
            let taken = if part.name() == Some("documents") {
                self.document(&name, &mut part).await.map(|()| None)
            } else {
                self.publish().await?;
                self.image(&name, &mut part).await.map(Some)
            };
            // What is not wanted of a file is read past, so that the next one can be.
            match taken {
                Ok(None) => {}
                Ok(Some(fate)) => self.say(name, fate),
                Err(Stop::Refused(why)) => self.say(name, Fate::Refused(why)),
                Err(Stop::Broken) => {
                    self.say(name, Fate::Refused("devices-publish-broken"));
                    break;
                }
                Err(Stop::Failed(error)) => return Err(error),
            }
        }
        self.publish().await
    }

    fn say(&mut self, name: String, fate: Fate) {
        self.sent.push(Sent { name, fate });
    }

    /// Reads a document and keeps it until all are here.
    async fn document(&mut self, name: &str, part: &mut Part<'_>) -> Result<(), Stop> {
        let mut bytes = Vec::new();
        while let Some(some) = next(part).await? {
            bytes.extend_from_slice(&some);
            if bytes.len() as u64 > LARGEST_DOCUMENT {
                return Err(Stop::Refused("devices-publish-large"));
            }
        }
        let is_root = RootDocument::read(&bytes).is_ok();
        if !is_root && TargetsDocument::read(&bytes).is_err() {
            return Err(Stop::Refused("devices-update-error-unreadable"));
        }
        if !is_root && self.documents.iter().any(|document| !document.is_root) {
            return Err(Stop::Refused("devices-publish-twice"));
        }
        self.documents.push(Document { name: name.to_owned(), bytes, is_root });
        Ok(())
    }

    /// Publishes the documents that are here, all or none.
    async fn publish(&mut self) -> Result<(), UpdateError> {
        let documents = std::mem::take(&mut self.documents);
        if documents.is_empty() {
            return Ok(());
        }
        let mut publication = Publication::default();
        let mut names = Vec::new();
        for document in documents {
            names.push(document.name);
            if document.is_root {
                publication.roots.push(document.bytes);
            } else {
                publication.targets = document.bytes;
            }
        }
        let fate = if publication.targets.is_empty() {
            Fate::Refused("devices-publish-no-targets")
        } else {
            match self.devices.publish(self.cx, &publication).await {
                Ok(_) => Fate::Taken,
                Err(error) if matches!(error.kind(), Kind::Broken) => return Err(error),
                Err(error) => Fate::Refused(error.text()),
            }
        };
        names.into_iter().for_each(|name| self.say(name, fate));
        Ok(())
    }

    /// Reads an image into its place.
    async fn image(&self, name: &str, part: &mut Part<'_>) -> Result<Fate, Stop> {
        let (mut upload, whole) = Upload::begin(self.devices, self.cx, name).await?;
        if whole {
            return Ok(Fate::Known);
        }
        while let Some(some) = next(part).await? {
            upload.add(self.devices, self.cx, &some).await?;
        }
        upload.end(self.devices, self.cx).await?;
        Ok(Fate::Taken)
    }
}

/// What comes next of a file.
async fn next(part: &mut Part<'_>) -> Result<Option<axum::body::Bytes>, Stop> {
    match tokio::time::timeout(SILENT_AFTER, part.chunk()).await {
        Ok(Ok(some)) => Ok(some),
        Ok(Err(_)) | Err(_) => Err(Stop::Broken),
    }
}

/// `/devices/updates/publish`.
pub(super) struct PublishPage {
    pub(super) published: Published,
    pub(super) sent: Vec<Sent>,
    pub(super) status: StatusCode,
}

impl Page for PublishPage {
    fn draw(&self, reader: &Reader) -> Sheet {
        let t = reader.texts();
        let sheet = reader
            .sheet("devices-publish")
            .crumb("/devices", "devices-title")
            .crumb("/devices/updates", "devices-updates")
            .status(self.status);
        if self.published.root_version == 0 {
            let first =
                Empty::new(t.get("devices-publish-first"), t.get("devices-publish-first-text")).icon("key");
            return sheet.body(Card::plain().body(first));
        }
        let state = FormState::empty();
        let form = FormBox::post("/devices/updates/publish", &state, &t)
            .with_files()
            .add(
                Field::file("documents", t.get("devices-publish-documents"))
                    .attr("accept", ".json,application/json")
                    .attr("multiple", "multiple")
                    .hint(t.get("devices-publish-documents-hint")),
            )
            .add(
                Field::file("images", t.get("devices-publish-images"))
                    .attr("multiple", "multiple")
                    .hint(t.get("devices-publish-images-hint")),
            )
            .submit(t.get("devices-publish-do"))
            .cancel("/devices/updates", t.get("cancel"));
        let steps = Card::new(t.get("devices-updates-steps")).body(t.markup("devices-publish-steps", &[]));
        let missing = self.published.images.iter().filter(|(_, whole)| !whole);
        let missing: Vec<Row> = missing.map(|(image, _)| Row::new().cell(&image.name)).collect();
        let side = if missing.is_empty() {
            Markup::from(steps)
        } else {
            let columns = [Column::new(t.get("devices-rollout-image"))];
            let table = Table::new(t.get("devices-publish-missing"), columns).rows(missing);
            let card = Card::new(t.get("devices-publish-missing")).flush().body(table);
            Markup::from(card).then(steps)
        };
        let main = self.outcome(reader).then(Card::plain().body(form));
        sheet.body(Grid::main_and_side().add(main).add(side))
    }
}

impl PublishPage {
    /// What became of each file, when files were sent.
    fn outcome(&self, reader: &Reader) -> Markup {
        let t = reader.texts();
        let refused = self.sent.iter().filter(|one| matches!(one.fate, Fate::Refused(_))).count();
        let (tone, text) = match (self.status == StatusCode::OK, self.sent.len(), refused) {
            (true, 0, _) => return Markup::default(),
            (true, ..) => (Tone::Good, "devices-publish-all"),
            (false, 0, _) => return Alert::new(Tone::Warn, t.get("devices-publish-nothing")).into(),
            (false, all, refused) if all == refused => (Tone::Danger, "devices-publish-none"),
            (false, ..) => (Tone::Warn, "devices-publish-some"),
        };
        let columns = [
            Column::new(t.get("devices-publish-file")),
            Column::new(t.get("state")).narrow(),
            Column::new(t.get("devices-rollout-why")),
        ];
        let rows = self.sent.iter().map(|one| {
            let (word, tone, why) = match one.fate {
                Fate::Taken => ("devices-publish-taken", Tone::Good, String::new()),
                Fate::Known => ("devices-publish-known", Tone::Plain, String::new()),
                Fate::Refused(why) => ("devices-publish-refused", Tone::Danger, t.get(why)),
            };
            let name = if one.name.is_empty() { t.get("devices-publish-rest") } else { one.name.clone() };
            Row::new().cell(name).cell(Badge::new(t.get(word)).tone(tone)).cell(why)
        });
        let table = Table::new(t.get("devices-publish-outcome"), columns).rows(rows);
        let next = (self.status == StatusCode::OK)
            .then(|| Button::link("/devices/updates/new", t.get("devices-rollout-new")).small());
        let card = Card::new(t.get("devices-publish-outcome")).flush().body(table);
        let card = match next {
            Some(next) => card.action(next),
            None => card,
        };
        Markup::from(Alert::new(tone, t.get(text))).then(card)
    }
}
