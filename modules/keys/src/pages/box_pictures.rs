//! `/keys/boxes/{id}/pictures`: all that a box's camera took and that is kept, by day and by what happened.

use axum::extract::{Path, State};
use sekisho_kernel::{Kind, Timestamp};
use sekisho_web::parts::{Button, Field, Filters, Pager};
use sekisho_web::{
    Asker, Cursor, Markup, Page, Query, Reader, Result, Sheet, Texts, WebError, csv, from_local,
};
use serde::Deserialize;

use super::pictures::{card, sentence};
use super::seen_box;
use crate::Keys;
use crate::ids::{BoxId, PictureId};
use crate::reads::{self, BoxRow, PictureFilter, PictureRow, Sight};
use crate::tables::words::PictureOf;

/// Rows of one page, and those read at once for a file.
const PAGE: u64 = 100;
const CHUNK: u64 = 1000;
/// The most rows of a file: whole or not at all.
const MOST: usize = 100_000;
/// A day in seconds.
const DAY: std::time::Duration = std::time::Duration::from_secs(86_400);

/// `?from=…&until=…&what=…&cursor=…`
#[derive(Default, Deserialize)]
pub(super) struct Ask {
    pub(super) from: String,
    pub(super) until: String,
    pub(super) what: String,
    pub(super) cursor: Option<String>,
}

impl Ask {
    fn filter(&self, place: &BoxRow, limit: u64) -> Result<PictureFilter> {
        let day = |typed: &str| from_local(&format!("{typed}T00:00"), &place.zone);
        let before = match self.cursor.as_deref().filter(|cursor| !cursor.is_empty()) {
            Some(cursor) => Some(Cursor::decode::<(Timestamp, PictureId)>(cursor)?),
            None => None,
        };
        Ok(PictureFilter {
            place: Some(place.id),
            from: day(&self.from),
            until: day(&self.until).map(|at| at.plus(DAY)),
            what: PictureOf::from_word(&self.what),
            before,
            limit,
            ..PictureFilter::default()
        })
    }
}

/// The box, if the asker manages it.
async fn managed(asker: &Asker, keys: &Keys, id: BoxId) -> Result<(Sight, BoxRow)> {
    let (sight, stock) = seen_box(asker, keys, id).await?;
    let place = stock.place(id).filter(|_| sight.manages_box(id)).ok_or_else(WebError::missing)?.clone();
    Ok((sight, place))
}

/// The list.
pub(super) async fn show(
    asker: Asker,
    State(keys): State<Keys>,
    Path(id): Path<BoxId>,
    Query(ask): Query<Ask>,
) -> Result {
    let (sight, place) = managed(&asker, &keys, id).await?;
    let filter = ask.filter(&place, PAGE + 1)?;
    let mut pictures = reads::pictures(&keys, &asker.cx, &sight, &filter).await?;
    let most = usize::try_from(PAGE).unwrap_or(usize::MAX);
    let more = pictures.len() > most;
    pictures.truncate(most);
    let next = pictures.last().filter(|_| more).map(|last| Cursor::encode(&(last.received_at, last.id)));
    Ok(asker.show(&BoxPictures { place, ask, pictures, next }))
}

/// What a box's camera took.
pub(super) struct BoxPictures {
    pub(super) place: BoxRow,
    pub(super) ask: Ask,
    pub(super) pictures: Vec<PictureRow>,
    pub(super) next: Option<String>,
}

impl Page for BoxPictures {
    fn draw(&self, reader: &Reader) -> Sheet {
        let t = reader.texts();
        let here = format!("/keys/boxes/{}/pictures", self.place.id);
        let every = [(String::new(), t.get("keys-picture-any"))];
        let kinds = PictureOf::ALL.iter().map(|what| (what.word().to_owned(), kind(&t, *what)));
        let query = reader.here().split_once('?').map(|(_, query)| format!("?{query}")).unwrap_or_default();
        let filters = Filters::new(&here, t.get("search"))
            .field(Field::date("from", t.get("keys-from")).value(&self.ask.from))
            .field(Field::date("until", t.get("keys-until")).value(&self.ask.until))
            .field(
                Field::select("what", t.get("keys-picture-what"))
                    .options(every.into_iter().chain(kinds))
                    .value(&self.ask.what),
            )
            .more(Button::link(format!("{here}.csv{query}"), t.get("csv")).quiet().icon("download"));
        let base = format!("/keys/boxes/{}", self.place.id);
        reader
            .sheet("keys-pictures")
            .crumb("/keys", "keys-title")
            .crumb_named(&base, &*self.place.name)
            .crumb(&format!("{base}/history"), "tab-history")
            .body(
                Markup::from(filters)
                    .then(card(reader, &self.pictures))
                    .then(Pager::new(reader, self.next.as_deref())),
            )
    }
}

/// A kind of event, to choose by.
fn kind(t: &Texts, what: PictureOf) -> String {
    t.get(&format!("keys-picture-of-{}", what.word().replace('_', "-")))
}

/// The same rows as a file; what is in the pictures is seen one by one only.
pub(super) async fn download(
    asker: Asker,
    State(keys): State<Keys>,
    Path(id): Path<BoxId>,
    Query(ask): Query<Ask>,
) -> Result {
    let (sight, place) = managed(&asker, &keys, id).await?;
    let mut filter = ask.filter(&place, CHUNK)?;
    let mut pictures: Vec<PictureRow> = Vec::new();
    loop {
        let found = reads::pictures(&keys, &asker.cx, &sight, &filter).await?;
        let Some(last) = found.last() else { break };
        filter.before = Some((last.received_at, last.id));
        pictures.extend(found);
        if pictures.len() > MOST {
            return Err(WebError::new(Kind::Refused, "keys-pictures-too-many", "too many rows for a file"));
        }
    }
    let t = asker.texts();
    let header = ["when", "keys-picture-what", "keys-key", "keys-picture-until"].map(|id| t.get(id));
    let rows = pictures.into_iter().map(|picture| {
        let what = sentence(&t, &picture);
        [picture.at.rfc3339(), what, picture.key_name.unwrap_or_default(), picture.delete_at.rfc3339()]
    });
    Ok(csv(&asker, "key-pictures.csv", &header, rows))
}
