//! Rooms by the names that tables and calendars give them.

use std::collections::HashMap;

use sea_orm::ColumnTrait;
use sekisho_crypto::search_form;
use sekisho_kernel::SiteId;
use sekisho_storage::{Scoped, StoreError};

use super::keep::compared;
use crate::ids::RoomId;
use crate::tables::kept_rooms::{Column, Entity, Model};

/// The rooms in use by site and name.
pub(crate) struct RoomNames(Vec<Model>);

impl RoomNames {
    pub(crate) async fn read(scope: &impl Scoped) -> Result<Self, StoreError> {
        Ok(Self(scope.find::<Entity>().filter(Column::RetiredAt.is_null()).all().await?))
    }

    /// The room of that name at that site, however it is written.
    pub(crate) fn named(&self, site: SiteId, name: &str) -> Option<RoomId> {
        let name = compared(name.trim());
        let found = self.0.iter().find(|room| room.site_id == site && room.live_name.as_ref() == Some(&name));
        found.map(|room| room.id)
    }

    /// The room of that site that a location names, by whole words; the longest name counts. None where two rooms are meant.
    pub(crate) fn within(&self, site: SiteId, location: &str) -> Option<RoomId> {
        let names = self.0.iter().filter(|room| room.site_id == site).map(|room| (&*room.name, room.id));
        meant(names, location)
    }
}

/// Whether a text names a room, by whole words.
pub(super) fn names(text: &str, room: &str) -> bool {
    meant(std::iter::once((room, ())), text).is_some()
}

fn meant<'a, I: Copy>(names: impl Iterator<Item = (&'a str, I)>, location: &str) -> Option<I> {
    let mut by_name: HashMap<String, Vec<I>> = HashMap::new();
    for (name, room) in names {
        by_name.entry(words(name).concat()).or_default().push(room);
    }
    let said = words(location);
    let runs = (0..said.len()).flat_map(|from| (from + 1..=said.len()).map(move |to| (from, to)));
    let runs = runs.filter_map(|(from, to)| Some(said.get(from..to)?.concat()));
    let longest = runs.filter(|run| by_name.contains_key(run)).max_by_key(|run| run.chars().count())?;
    match by_name.get(&longest)?.as_slice() {
        [room] => Some(*room),
        _ => None,
    }
}

/// The words of a text as they are compared.
fn words(text: &str) -> Vec<String> {
    let edge = |sign: char| sign.is_whitespace() || ",、，・/-–—:：;()（）[]【】「」".contains(sign);
    text.split(edge).map(search_form).filter(|word| !word.is_empty()).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_location_names_a_room_by_whole_words() {
        let names =
            [("会議室1", 1), ("会議室10", 10), ("Room 5", 5), ("A", 7), ("応接室", 8), ("応接-室", 9)];
        for (location, room) in [
            ("会議室10", Some(10)),
            ("3階 会議室１", Some(1)),
            ("本社-3F-会議室1 (8)", Some(1)),
            ("会議室11", None),
            ("3F, room 5", Some(5)),
            ("ROOM5", Some(5)),
            ("3階、A", Some(7)),
            ("APA", None),
            ("応接室", None),
            ("", None),
        ] {
            assert_eq!(meant(names.into_iter(), location), room, "{location}");
        }
    }
}
