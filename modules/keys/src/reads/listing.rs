//! The list of keys with all that stands around it. Of every key a few words are read, which is enough to count, to filter
//! and to sort; whole are read only the keys of the page that is shown and of the boxes that are drawn.

use std::cmp::Reverse;
use std::collections::{HashMap, HashSet};

use sea_orm::{ColumnTrait, Condition, EntityTrait, JoinType, QuerySelect};
use sekisho_host::Fault;
use sekisho_kernel::{Cx, Timestamp};
use sekisho_storage::{Scope, Scoped};

use super::Sight;
use super::book::{Book, Holders};
use super::rows::{BoxRow, KeyState};
use super::stock::{KeyFilter, Stock, Which, stock_by};
use crate::Keys;
use crate::ids::{BinId, BoxId, KeyGroupId, KeyId};
use crate::ledger::Home;
use crate::tables::words::ReturnPolicy;
use crate::tables::{bins, group_members, groups, keys};

/// What of the list is wanted.
#[derive(Clone, Debug, Default)]
pub struct ListAsk {
    /// Which keys.
    pub filter: KeyFilter,
    /// `name`, `state`, `due`, each also with `-` before it; else what needs somebody first.
    pub sort: String,
    /// So many keys of the list were on the pages before.
    pub from: usize,
    /// So many keys are on a page.
    pub count: usize,
    /// So many boxes are drawn; the silent ones first.
    pub drawn: usize,
}

/// A page of the list as one viewer may see it.
#[derive(Clone, Debug)]
pub struct Listing {
    /// How many keys there are in each state, whatever the filter.
    pub counts: HashMap<KeyState, u64>,
    /// The keys of the page, in the order asked for.
    pub page: Vec<KeyId>,
    /// Whether more follow.
    pub more: bool,
    /// All boxes by name, without their bins.
    pub boxes: Vec<BoxRow>,
    /// The boxes to be drawn.
    pub drawn: Vec<BoxId>,
    /// All groups by name.
    pub groups: Vec<(KeyGroupId, String)>,
    /// The keys of the page, and the boxes to be drawn with theirs.
    pub stock: Stock,
}

impl Listing {
    /// How many keys stand so.
    pub fn count(&self, fits: impl Fn(KeyState) -> bool) -> u64 {
        self.counts.iter().filter(|(state, _)| fits(**state)).map(|(_, count)| count).sum()
    }
}

/// A page of the list of keys.
pub async fn listing(keys: &Keys, cx: &Cx, sight: &Sight, ask: &ListAsk) -> Result<Listing, Fault> {
    let scope = keys.store.read(cx.tenant).await?;
    let book = Book::open(keys, &scope, cx.now, true).await?;
    let all = standings(&scope, &book, sight).await?;
    let named = groups(&scope, sight, &all, &ask.filter).await?;
    let (found, scope) = match &*ask.filter.search {
        "" => (None, scope),
        _ => {
            let found = search(keys, cx, sight, scope, &book, &all, &ask.filter).await?;
            (Some(found), keys.store.read(cx.tenant).await?)
        }
    };
    let mut fits: Vec<&Standing> = all
        .iter()
        .filter(|key| ask.filter.fits(key.state, key.place, named.of(key.id)))
        .filter(|key| found.as_ref().is_none_or(|found| found.contains(&key.id)))
        .collect();
    sort(&mut fits, &ask.sort);
    let page: Vec<KeyId> = fits.iter().skip(ask.from).take(ask.count).map(|key| key.id).collect();
    let boxes = boxes(&book, sight, &all);
    let mut drawn: Vec<&BoxRow> = boxes.iter().collect();
    // They need somebody.
    drawn.sort_by_key(|place| !place.is_silent());
    let drawn: Vec<BoxId> = drawn.into_iter().take(ask.drawn).map(|place| place.id).collect();
    let which = Which::Part { keys: &page, boxes: &drawn };
    let stock = stock_by(keys, cx, sight, scope, &book, Vec::new(), which).await?;
    let mut counts = HashMap::new();
    for key in &all {
        *counts.entry(key.state).or_default() += 1;
    }
    let more = ask.from.saturating_add(ask.count) < fits.len();
    Ok(Listing { counts, page, more, boxes, drawn, groups: named.groups, stock })
}

/// A key in a few words.
struct Standing {
    id: KeyId,
    state: KeyState,
    /// The box in which it hangs, else to which it belongs.
    place: Option<BoxId>,
    due: Option<Timestamp>,
}

/// All keys the viewer may know of, by name.
async fn standings(scope: &Scope, book: &Book, sight: &Sight) -> Result<Vec<Standing>, Fault> {
    type Row = (KeyId, Option<BoxId>, Option<BinId>, Option<ReturnPolicy>, Option<BinId>, Option<BoxId>);
    let hangs_in = keys::Entity::belongs_to(bins::Entity)
        .from((keys::Column::TenantId, keys::Column::BinId))
        .to((bins::Column::TenantId, bins::Column::Id));
    let rows = scope
        .find::<keys::Entity>()
        .filter(keys::Column::WithdrawnAt.is_null())
        .ascending(keys::Column::Name)
        .refine(|select| {
            use keys::Column as K;
            let select = select.join(JoinType::LeftJoin, hangs_in.into()).select_only();
            select
                .columns([K::Id, K::HomeBox, K::HomeBin, K::ReturnPolicy])
                .columns([bins::Column::Id, bins::Column::BoxId])
        })
        .tuples::<Row>()
        .await?;
    let seen = rows.into_iter().filter(|(id, ..)| book.is_seen(sight, *id));
    Ok(seen
        .map(|(id, home_box, home_bin, policy, bin, bin_box)| {
            let at = bin_box.zip(bin);
            Standing {
                id,
                state: book.state(id, Home { place: home_box, bin: home_bin, policy }, at),
                place: bin_box.or(home_box),
                due: book.open.get(&id).and_then(|loan| loan.due_at),
            }
        })
        .collect())
}

/// The keys in whose texts the search is found.
async fn search(
    keys: &Keys,
    cx: &Cx,
    sight: &Sight,
    scope: Scope,
    book: &Book,
    all: &[Standing],
    filter: &KeyFilter,
) -> Result<HashSet<KeyId>, Fault> {
    let texts = scope
        .find::<keys::Entity>()
        .filter(keys::Column::WithdrawnAt.is_null())
        .refine(|select| {
            use keys::Column as K;
            select.select_only().columns([K::Id, K::Name, K::Description, K::Fob])
        })
        .tuples::<(KeyId, String, String, Option<String>)>()
        .await?;
    let known: Vec<_> = all
        .iter()
        .filter(|key| book.is_holder_known(sight, key.id))
        .filter_map(|key| book.open.get(&key.id))
        .collect();
    let holders = Holders::of(keys, cx, scope, &known).await?;
    let holder_of: HashMap<KeyId, &String> =
        known.iter().filter_map(|loan| Some((loan.key_id, holders.name(loan)?))).collect();
    let place_of: HashMap<KeyId, BoxId> = all.iter().filter_map(|key| Some((key.id, key.place?))).collect();
    let found = texts.iter().filter(|(id, name, description, fob)| {
        let place = place_of.get(id).and_then(|place| book.place(*place)).map(|place| &place.name);
        filter.finds([Some(name), Some(description), fob.as_ref(), holder_of.get(id).copied(), place])
    });
    Ok(found.map(|(id, ..)| *id).collect())
}

/// The groups of the list, and who is in them as far as that is asked.
struct Named {
    groups: Vec<(KeyGroupId, String)>,
    groups_of: HashMap<KeyId, Vec<KeyGroupId>>,
}

impl Named {
    fn of(&self, key: KeyId) -> &[KeyGroupId] {
        self.groups_of.get(&key).map_or(&[], Vec::as_slice)
    }
}

/// Members matter where a group is filtered, and to a viewer who may know of a group only by a key in it.
async fn groups(scope: &Scope, sight: &Sight, all: &[Standing], filter: &KeyFilter) -> Result<Named, Fault> {
    let mut groups_of: HashMap<KeyId, Vec<KeyGroupId>> = HashMap::new();
    if !sight.all || filter.group.is_some() {
        let only = filter.group.filter(|_| sight.all).map(|group| group_members::Column::GroupId.eq(group));
        let only = Condition::all().add_option(only);
        for one in scope.find::<group_members::Entity>().filter(only).all().await? {
            groups_of.entry(one.key_id).or_default().push(one.group_id);
        }
    }
    let known: HashSet<KeyGroupId> =
        all.iter().filter_map(|key| groups_of.get(&key.id)).flatten().copied().collect();
    let rows = scope.find::<groups::Entity>().ascending(groups::Column::Name).all().await?;
    let groups = rows
        .into_iter()
        .filter(|group| sight.all || known.contains(&group.id))
        .map(|group| (group.id, group.name))
        .collect();
    Ok(Named { groups, groups_of })
}

/// The boxes the viewer may know of, and those in which keys hang that they may know of; by name.
fn boxes(book: &Book, sight: &Sight, all: &[Standing]) -> Vec<BoxRow> {
    let hung: HashSet<BoxId> = all.iter().filter_map(|key| key.place).collect();
    let seen = book.boxes.iter().filter(|row| sight.sees_box(row.id) || hung.contains(&row.id));
    seen.map(|row| book.box_row(row, Vec::new())).collect()
}

/// `rows` come by name.
fn sort(rows: &mut [&Standing], by: &str) {
    match by {
        "-name" => rows.reverse(),
        "due" => rows.sort_by_key(|key| (key.due.is_none(), key.due)),
        "-due" => rows.sort_by_key(|key| Reverse(key.due)),
        "state" => rows.sort_by_key(|key| Reverse(urgency(key.state))),
        "-state" => rows.sort_by_key(|key| urgency(key.state)),
        "name" => {}
        // What needs somebody comes first; the rest by name.
        _ => rows.sort_by_key(|key| Reverse(urgency(key.state).max(3))),
    }
}

fn urgency(state: KeyState) -> u8 {
    match state {
        KeyState::Forced => 7,
        KeyState::Late => 6,
        KeyState::Missing => 5,
        KeyState::WrongBin => 4,
        KeyState::DueSoon => 3,
        KeyState::Out => 2,
        KeyState::Released => 1,
        KeyState::In => 0,
    }
}
