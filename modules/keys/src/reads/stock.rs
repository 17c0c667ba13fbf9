//! The stock as it stands: keys, boxes with their bins, groups, what is wrong. All of it, or as much as a page shows.

use std::collections::{HashMap, HashSet};

use sea_orm::{ColumnTrait, Condition};
use sekisho_host::Fault;
use sekisho_kernel::Cx;
use sekisho_storage::{Scope, Scoped};

use super::Sight;
use super::book::{Book, Holders};
use super::rows::{BinRow, BoxRow, GroupRow, IncidentRow, KeyRow, KeyState};
use crate::Keys;
use crate::ids::{BinId, BoxId, KeyGroupId, KeyId};
use crate::ledger::Home;
use crate::tables::{bins, group_members, groups, incidents, keys};

/// Which keys a list shows.
#[derive(Clone, Debug, Default)]
pub struct KeyFilter {
    /// Part of name, description, fob, holder or box.
    pub search: String,
    /// Only in this state; `out` means every way of being out.
    pub state: String,
    /// Only of this box.
    pub box_id: Option<BoxId>,
    /// Only of this group.
    pub group: Option<KeyGroupId>,
}

impl KeyFilter {
    /// Whether a key passes that stands so, in or of this box, in these groups. Its texts are asked by [`Self::finds`].
    pub(super) fn fits(&self, state: KeyState, place: Option<BoxId>, groups: &[KeyGroupId]) -> bool {
        let stands = match &*self.state {
            "" => true,
            "out" => state.is_out(),
            word => state.word() == word,
        };
        stands
            && self.box_id.is_none_or(|wanted| place == Some(wanted))
            && self.group.is_none_or(|wanted| groups.contains(&wanted))
    }

    /// Whether what is searched for stands in one of a key's texts.
    pub(super) fn finds<'a>(&self, texts: impl IntoIterator<Item = Option<&'a String>>) -> bool {
        let search = sekisho_crypto::fold(&self.search);
        search.is_empty()
            || texts.into_iter().flatten().any(|text| sekisho_crypto::fold(text).contains(&search))
    }
}

/// The stock as one viewer may see it.
#[derive(Clone, Debug)]
pub struct Stock {
    /// The keys by name.
    pub keys: Vec<KeyRow>,
    /// The boxes by name.
    pub boxes: Vec<BoxRow>,
    /// The groups by name.
    pub groups: Vec<GroupRow>,
    /// What is wrong, newest first.
    pub incidents: Vec<IncidentRow>,
    /// Where in `keys` each of them is.
    places: HashMap<KeyId, usize>,
}

impl Stock {
    /// Of what there is to see; the keys by name.
    pub fn new(
        keys: Vec<KeyRow>,
        boxes: Vec<BoxRow>,
        groups: Vec<GroupRow>,
        incidents: Vec<IncidentRow>,
    ) -> Self {
        let places = (0..).zip(&keys).map(|(at, key)| (key.id, at)).collect();
        Self { keys, boxes, groups, incidents, places }
    }

    /// One key.
    pub fn key(&self, id: KeyId) -> Option<&KeyRow> {
        self.places.get(&id).and_then(|at| self.keys.get(*at))
    }

    /// One box.
    pub fn place(&self, id: BoxId) -> Option<&BoxRow> {
        self.boxes.iter().find(|place| place.id == id)
    }

    /// The keys that pass the filter.
    pub fn filtered(&self, filter: &KeyFilter) -> Vec<&KeyRow> {
        let fits = |key: &&KeyRow| {
            filter.fits(key.state, key.box_id, &key.groups)
                && filter.finds([
                    Some(&key.name),
                    Some(&key.description),
                    key.fob.as_ref(),
                    key.holder_name.as_ref(),
                    Some(&key.box_name),
                ])
        };
        self.keys.iter().filter(fits).collect()
    }
}

/// Which part of the stock is wanted. A page that shows a few keys need not read two thousand.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Which<'a> {
    /// All of it.
    All,
    /// The keys that somebody has. Boxes are named; their bins and devices are not told.
    Out,
    /// The keys with which something is wrong. Of the boxes all but the bins.
    Wrong,
    /// These keys, and these boxes with all that hangs in them, belongs there or went wrong there. Other boxes are named.
    Part {
        /// The keys.
        keys: &'a [KeyId],
        /// The boxes.
        boxes: &'a [BoxId],
    },
}

/// More than so many are not named one by one: all are read.
const MOST_NAMED: usize = 1_000;

/// The whole stock as `sight` may see it.
pub async fn stock(keys: &Keys, cx: &Cx, sight: &Sight) -> Result<Stock, Fault> {
    stock_of(keys, cx, sight, Which::All).await
}

/// As much of the stock as is wanted, as `sight` may see it.
pub async fn stock_of(keys: &Keys, cx: &Cx, sight: &Sight, which: Which<'_>) -> Result<Stock, Fault> {
    let scope = keys.store.read(cx.tenant).await?;
    let with_devices = match which {
        Which::All | Which::Wrong => true,
        Which::Out => false,
        Which::Part { boxes, .. } => !boxes.is_empty(),
    };
    let book = Book::open(keys, &scope, cx.now, with_devices).await?;
    let unmended = incidents::Column::MendedAt.is_null();
    let wrong = scope
        .find::<incidents::Entity>()
        .filter(Condition::all().add(unmended))
        .descending(incidents::Column::At)
        .limit(500)
        .all()
        .await?;
    stock_by(keys, cx, sight, scope, &book, wrong, which).await
}

/// One key, with the box it belongs to.
pub async fn stock_of_key(keys: &Keys, cx: &Cx, sight: &Sight, id: KeyId) -> Result<Stock, Fault> {
    let key = super::key(&keys.store.read(cx.tenant).await?, id).await?;
    let home: Vec<BoxId> = key.into_iter().filter_map(|key| key.home_box).collect();
    stock_of(keys, cx, sight, Which::Part { keys: &[id], boxes: &home }).await
}

/// The same by a book that is open already.
pub(super) async fn stock_by(
    keys: &Keys,
    cx: &Cx,
    sight: &Sight,
    scope: Scope,
    book: &Book,
    wrong: Vec<incidents::Model>,
    which: Which<'_>,
) -> Result<Stock, Fault> {
    let read = Read::of(&scope, book, &wrong, which).await?;
    let loans: Vec<_> = read.keys.iter().filter_map(|key| book.open.get(&key.id)).collect();
    let holders = Holders::of(keys, cx, scope, &loans).await?;
    let bins_by_id: HashMap<BinId, &bins::Model> = read.bins.iter().map(|row| (row.id, row)).collect();
    let mut groups_of: HashMap<KeyId, Vec<KeyGroupId>> = HashMap::new();
    for one in &read.members {
        groups_of.entry(one.key_id).or_default().push(one.group_id);
    }
    let shown: Vec<KeyRow> = read
        .keys
        .iter()
        .filter(|key| book.is_seen(sight, key.id))
        .map(|key| {
            let mut row = key_row(key, book, &bins_by_id);
            row.groups = groups_of.remove(&key.id).unwrap_or_default();
            if book.is_holder_known(sight, key.id) {
                row.holder_name = book.open.get(&key.id).and_then(|loan| holders.name(loan)).cloned();
            } else {
                row.holder = None;
            }
            row
        })
        .collect();
    let incidents = wrong
        .into_iter()
        .filter(|row| match (row.key_id, row.box_id) {
            (Some(key), _) => sight.manages_key(key),
            (None, Some(place)) => sight.manages_box(place),
            (None, None) => sight.all,
        })
        .map(|row| IncidentRow {
            id: row.id,
            what: row.what,
            key: row.key_id,
            box_id: row.box_id,
            bin: row.bin_id.and_then(|bin| bins_by_id.get(&bin)).map(|bin| bin.number),
            note: row.note,
            at: row.at,
            by: row.by_person,
        })
        .collect();
    let boxes = box_rows(book, sight, &shown, &read.bins);
    let groups = group_rows(sight, &shown, read.groups, &read.members);
    Ok(Stock::new(shown, boxes, groups, incidents))
}

/// The rows out of which a part of the stock is made.
struct Read {
    /// By name.
    keys: Vec<keys::Model>,
    /// By number.
    bins: Vec<bins::Model>,
    members: Vec<group_members::Model>,
    /// By name.
    groups: Vec<groups::Model>,
}

impl Read {
    async fn of(
        scope: &impl Scoped,
        book: &Book,
        wrong: &[incidents::Model],
        which: Which<'_>,
    ) -> Result<Self, Fault> {
        let (named, whole): (Option<Vec<KeyId>>, &[BoxId]) = match which {
            Which::All => (None, &[]),
            Which::Out => (Some(book.open.keys().copied().collect()), &[]),
            Which::Wrong => (Some(wrong.iter().filter_map(|incident| incident.key_id).collect()), &[]),
            Which::Part { keys, boxes } => {
                let here = wrong.iter().filter(|one| one.box_id.is_some_and(|place| boxes.contains(&place)));
                (Some(keys.iter().copied().chain(here.filter_map(|one| one.key_id)).collect()), boxes)
            }
        };
        let named = named.filter(|ids| ids.len() <= MOST_NAMED);
        let theirs = named.as_ref().map(|_| bins::Column::BoxId.is_in(whole.iter().copied()));
        let bins = scope.find::<bins::Entity>().filter(Condition::all().add_option(theirs));
        let mut bins = bins.ascending(bins::Column::Number).all().await?;
        let wanted = named.as_ref().map(|ids| {
            Condition::any()
                .add(keys::Column::Id.is_in(ids.iter().copied()))
                .add(keys::Column::HomeBox.is_in(whole.iter().copied()))
                .add(keys::Column::BinId.is_in(bins.iter().map(|bin| bin.id)))
        });
        let in_use = Condition::all().add(keys::Column::WithdrawnAt.is_null()).add_option(wanted);
        let keys = scope.find::<keys::Entity>().filter(in_use).ascending(keys::Column::Name).all().await?;
        if named.is_some() {
            let read: HashSet<BinId> = bins.iter().map(|bin| bin.id).collect();
            let theirs = keys.iter().flat_map(|key| [key.bin_id, key.home_bin]);
            let elsewhere = theirs.chain(wrong.iter().map(|incident| incident.bin_id)).flatten();
            let elsewhere = bins::Column::Id.is_in(elsewhere.filter(|bin| !read.contains(bin)));
            bins.extend(scope.find::<bins::Entity>().filter(elsewhere).all().await?);
            bins.sort_by_key(|bin| bin.number);
        }
        let theirs =
            named.as_ref().map(|_| group_members::Column::KeyId.is_in(keys.iter().map(|key| key.id)));
        let members = scope.find::<group_members::Entity>().filter(Condition::all().add_option(theirs));
        let members = members.ascending(group_members::Column::GroupId).all().await?;
        let groups = scope.find::<groups::Entity>().ascending(groups::Column::Name).all().await?;
        Ok(Self { keys, bins, members, groups })
    }
}

fn key_row(key: &keys::Model, book: &Book, bins: &HashMap<BinId, &bins::Model>) -> KeyRow {
    let loan = book.open.get(&key.id);
    let bin = key.bin_id.and_then(|bin| bins.get(&bin)).copied();
    let box_id = bin.map(|bin| bin.box_id).or(key.home_box);
    let place = box_id.and_then(|place| book.place(place));
    KeyRow {
        id: key.id,
        name: key.name.clone(),
        description: key.description.clone(),
        pickup_note: key.pickup_note.clone(),
        fob: key.fob.clone(),
        state: book.state(key.id, Home::of(key), bin.map(|bin| (bin.box_id, bin.id))),
        box_id,
        box_name: place.map(|place| place.name.clone()).unwrap_or_default(),
        bin: bin.map(|bin| bin.number),
        bin_id: bin.map(|bin| bin.id),
        home_box: key.home_box,
        home_bin: key.home_bin.and_then(|bin| bins.get(&bin)).map(|bin| bin.number),
        loan: loan.map(|loan| loan.id),
        holder: loan.and_then(|loan| loan.person_id),
        holder_name: None,
        way: loan.map(|loan| loan.way),
        since: loan.map(|loan| loan.taken_at.unwrap_or(loan.released_at)),
        due: loan.and_then(|loan| loan.due_at),
        due_rule: key.due.0,
        return_policy: key.return_policy,
        groups: Vec::new(),
        zone: place.map_or_else(|| sekisho_places::HOME_ZONE.to_owned(), |place| place.zone.clone()),
        moved_at: key.moved_at,
    }
}

/// The boxes the viewer may know of, and those in which keys hang that they may know of.
fn box_rows(book: &Book, sight: &Sight, shown: &[KeyRow], bins: &[bins::Model]) -> Vec<BoxRow> {
    let mut hung: HashSet<BoxId> = HashSet::new();
    let mut in_bin: HashMap<BinId, KeyId> = HashMap::new();
    let mut home_of: HashMap<(BoxId, i64), KeyId> = HashMap::new();
    for key in shown {
        hung.extend(key.box_id);
        if let Some(bin) = key.bin_id {
            in_bin.entry(bin).or_insert(key.id);
        }
        if let (Some(home), Some(number)) = (key.home_box, key.home_bin) {
            home_of.entry((home, number)).or_insert(key.id);
        }
    }
    let mut bins_of: HashMap<BoxId, Vec<BinRow>> = HashMap::new();
    for bin in bins {
        bins_of.entry(bin.box_id).or_default().push(BinRow {
            id: bin.id,
            number: bin.number,
            disabled_reason: bin.disabled_reason.clone(),
            door: bin.door,
            fob: bin.fob.clone(),
            key: in_bin.get(&bin.id).copied(),
            home_of: home_of.get(&(bin.box_id, bin.number)).copied(),
        });
    }
    book.boxes
        .iter()
        .filter(|row| sight.sees_box(row.id) || hung.contains(&row.id))
        .map(|row| book.box_row(row, bins_of.remove(&row.id).unwrap_or_default()))
        .collect()
}

/// The groups in which keys are that the viewer may know of; administrators see the empty ones too.
fn group_rows(
    sight: &Sight,
    shown: &[KeyRow],
    groups: Vec<groups::Model>,
    members: &[group_members::Model],
) -> Vec<GroupRow> {
    let seen: HashSet<KeyId> = shown.iter().map(|key| key.id).collect();
    let mut keys_of: HashMap<KeyGroupId, Vec<KeyId>> = HashMap::new();
    for one in members.iter().filter(|one| seen.contains(&one.key_id)) {
        keys_of.entry(one.group_id).or_default().push(one.key_id);
    }
    groups
        .into_iter()
        .map(|row| GroupRow { keys: keys_of.remove(&row.id).unwrap_or_default(), id: row.id, name: row.name })
        .filter(|group| sight.all || !group.keys.is_empty())
        .collect()
}
