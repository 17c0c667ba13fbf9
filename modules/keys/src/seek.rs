//! What the search finds here: keys, boxes, groups and bookings the asker may know of.

use std::sync::Arc;

use async_trait::async_trait;
use sekisho_host::{Found, Seek, Wanted};
use sekisho_web::{Asker, Result};

use crate::Keys;
use crate::reads::{self, BookingFilter, ListAsk, Sight, Stock};

/// The seekers of this module.
pub(crate) fn seekers(keys: &Keys) -> Vec<Arc<dyn Seek>> {
    vec![
        Arc::new(KeySeek(keys.clone())),
        Arc::new(BoxSeek(keys.clone())),
        Arc::new(GroupSeek(keys.clone())),
        Arc::new(BookingSeek(keys.clone())),
    ]
}

async fn seen(keys: &Keys, asker: &Asker) -> Result<(Sight, Stock)> {
    let sight = Sight::of(keys, &asker.cx, asker.person()?).await?;
    let stock = reads::stock(keys, &asker.cx, &sight).await?;
    Ok((sight, stock))
}

struct KeySeek(Keys);

#[async_trait]
impl Seek for KeySeek {
    fn kind(&self) -> &'static str {
        "key"
    }

    fn order(&self) -> u16 {
        10
    }

    async fn seek(&self, asker: &Asker, wanted: &Wanted) -> Result<Vec<Found>> {
        let (_, stock) = seen(&self.0, asker).await?;
        let t = asker.texts();
        let fits = stock.keys.into_iter().filter_map(|key| {
            let texts = [
                Some(&*key.name),
                Some(&*key.description),
                key.fob.as_deref(),
                key.holder_name.as_deref(),
                Some(&*key.box_name),
            ];
            let fit = wanted.fit(texts.into_iter().flatten())?;
            let state = t.get(&format!("keys-state-{}", key.state.word()));
            let hint = [Some(state), key.holder_name, Some(key.box_name)];
            let hint = hint.into_iter().flatten().filter(|part| !part.is_empty()).collect::<Vec<_>>();
            Some(Found { name: key.name, hint: hint.join(" · "), href: format!("/keys/{}", key.id), fit })
        });
        Ok(fits.collect())
    }
}

struct BoxSeek(Keys);

#[async_trait]
impl Seek for BoxSeek {
    fn kind(&self) -> &'static str {
        "key-box"
    }

    fn order(&self) -> u16 {
        11
    }

    async fn seek(&self, asker: &Asker, wanted: &Wanted) -> Result<Vec<Found>> {
        let sight = Sight::of(&self.0, &asker.cx, asker.person()?).await?;
        let listing = reads::listing(&self.0, &asker.cx, &sight, &ListAsk::default()).await?;
        let fits = listing.boxes.into_iter().filter_map(|place| {
            let fit = wanted.fit([&*place.name, &*place.directions])?;
            let href = format!("/keys/boxes/{}", place.id);
            Some(Found { name: place.name, hint: place.directions, href, fit })
        });
        Ok(fits.collect())
    }
}

struct GroupSeek(Keys);

#[async_trait]
impl Seek for GroupSeek {
    fn kind(&self) -> &'static str {
        "key-group"
    }

    fn order(&self) -> u16 {
        12
    }

    async fn seek(&self, asker: &Asker, wanted: &Wanted) -> Result<Vec<Found>> {
        let (_, stock) = seen(&self.0, asker).await?;
        let t = asker.texts();
        let fits = stock.groups.into_iter().filter_map(|group| {
            let fit = wanted.fit([&*group.name])?;
            let hint = t.count("keys-group-count", group.keys.len());
            Some(Found { name: group.name, hint, href: "/keys/groups".to_owned(), fit })
        });
        Ok(fits.collect())
    }
}

struct BookingSeek(Keys);

#[async_trait]
impl Seek for BookingSeek {
    fn kind(&self) -> &'static str {
        "key-booking"
    }

    fn order(&self) -> u16 {
        13
    }

    async fn seek(&self, asker: &Asker, wanted: &Wanted) -> Result<Vec<Found>> {
        let t = asker.texts();
        let sight = Sight::of(&self.0, &asker.cx, asker.person()?).await?;
        let filter = BookingFilter { from: Some(asker.cx.now), live: true, ..BookingFilter::default() };
        let bookings = reads::bookings(&self.0, &asker.cx, &sight, &filter).await?;
        let fits = bookings.into_iter().filter_map(|booking| {
            let keys = t.list(&booking.key_names());
            let fit = wanted.fit([&*booking.name, &*keys, &*booking.note])?;
            let when = asker.time(booking.starts_at, &booking.zone).words();
            let href = format!("/keys/bookings/{}", booking.id);
            Some(Found { name: booking.name, hint: format!("{keys} · {when}"), href, fit })
        });
        Ok(fits.collect())
    }
}
