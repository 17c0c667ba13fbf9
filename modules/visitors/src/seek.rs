//! What the search finds here: the visits of guests the asker may know of.

use async_trait::async_trait;
use sekisho_host::{Found, Seek, Wanted};
use sekisho_web::{Asker, Result};

use crate::Visitors;
use crate::reads::{self, VisitFilter};

/// As many as the search shows of one kind, and some more to choose the best from.
const MOST: u64 = 30;
/// How well somebody fits whose name and company do not hold the words.
const BY_READING: u8 = 9;

/// The visits.
pub(crate) struct VisitSeek(pub(crate) Visitors);

#[async_trait]
impl Seek for VisitSeek {
    fn kind(&self) -> &'static str {
        "visit"
    }

    fn order(&self) -> u16 {
        30
    }

    async fn seek(&self, asker: &Asker, wanted: &Wanted) -> Result<Vec<Found>> {
        let sight = self.0.sight(&asker.cx, asker.person()?).await?;
        let filter = VisitFilter {
            search: wanted.typed.clone(),
            backwards: true,
            limit: MOST,
            ..VisitFilter::default()
        };
        let rows = reads::visits(&self.0, &asker.cx, &sight, &filter).await?;
        let found = rows.into_iter().map(|row| {
            // Who was found by the reading of a name fits, too.
            let fit = wanted.fit([&*row.name, &*row.company]).unwrap_or(BY_READING);
            let when = asker.time(row.starts_at, &row.zone).words();
            let hint = [row.company, row.host_name, when];
            let hint = hint.into_iter().filter(|part| !part.is_empty()).collect::<Vec<_>>().join(" · ");
            let href = match row.appointment {
                Some(id) => format!("/visitors/appointments/{id}"),
                None => "/visitors?show=here".to_owned(),
            };
            Found { name: row.name, hint, href, fit }
        });
        Ok(found.collect())
    }
}
