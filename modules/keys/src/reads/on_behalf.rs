//! What other modules show of keys and bookings beside their own things.

use std::collections::{HashMap, HashSet};

use sea_orm::sea_query::Query;
use sea_orm::{ColumnTrait, Condition};
use sekisho_crypto::{Place, fold};
use sekisho_host::Fault;
use sekisho_kernel::{Cx, SiteId, TenantId, Timestamp};
use sekisho_storage::{Scoped, StoreError};

use super::{Sight, place_of};
use crate::Keys;
use crate::book::hangs_at;
use crate::ids::{BinId, BookingId, BoxId, KeyId};
use crate::on_behalf::is_out;
use crate::tables::words::BookingState;
use crate::tables::{bins, booking_keys, bookings, boxes, keys};

/// Rights to more things than this are not named one by one.
const MOST_NAMED: usize = 1_000;

/// Which keys somebody would book for somebody else.
#[derive(Clone, Debug)]
pub struct BookableAsk {
    /// At this site, or in a box that is at none.
    pub site: SiteId,
    /// From.
    pub starts_at: Timestamp,
    /// Until.
    pub ends_at: Timestamp,
    /// Part of the key's name; empty: all.
    pub search: String,
    /// As many as are shown.
    pub limit: usize,
}

/// A key that may be booked for somebody else.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Bookable {
    /// Which.
    pub id: KeyId,
    /// Its name.
    pub name: String,
    /// The name of its box.
    pub place: String,
    /// Whether nobody has booked it for then.
    pub free: bool,
}

/// The keys that whoever acts manages at a site, by name.
pub async fn bookable(keys: &Keys, cx: &Cx, ask: &BookableAsk) -> Result<Vec<Bookable>, Fault> {
    let Some(person) = cx.actor.person() else { return Ok(Vec::new()) };
    let sight = Sight::of(keys, cx, person).await?;
    if !sight.manages_anything() {
        return Ok(Vec::new());
    }
    let scope = keys.store.read(cx.tenant).await?;
    let in_use = boxes::Column::RetiredAt.is_null();
    let here = scope.find::<boxes::Entity>().filter(in_use).all().await?;
    let here: HashMap<BoxId, String> = here
        .into_iter()
        .filter(|place| hangs_at(Some(place), ask.site))
        .map(|place| (place.id, place.name))
        .collect();
    let of_box = Query::select()
        .column(bins::Column::Id)
        .from(bins::Entity)
        .and_where(bins::Column::TenantId.eq(cx.tenant))
        .and_where(bins::Column::BoxId.is_in(here.keys().copied()))
        .to_owned();
    // What hangs in a box of another site is there, wherever it belongs.
    let away = Condition::all()
        .add(keys::Column::BinId.is_null())
        .add(keys::Column::HomeBox.is_in(here.keys().copied()));
    let there = Condition::any().add(keys::Column::BinId.in_subquery(of_box)).add(away);
    let named = (!sight.all && sight.managed.len() <= MOST_NAMED)
        .then(|| keys::Column::Id.is_in(sight.managed.iter().map(|resource| KeyId(resource.uuid()))));
    // The whole stock is not read to show a few.
    let whole = ask.search.is_empty() && (sight.all || named.is_some());
    let fits = Condition::all().add(keys::Column::WithdrawnAt.is_null()).add(there).add_option(named);
    let mut rows = scope.find::<keys::Entity>().filter(fits).ascending(keys::Column::Name);
    if whole {
        rows = rows.limit(ask.limit as u64);
    }
    let search = fold(&ask.search);
    let rows: Vec<keys::Model> = rows
        .all()
        .await?
        .into_iter()
        .filter(|key| sight.manages_key(key.id) && fold(&key.name).contains(&search))
        .take(ask.limit)
        .collect();
    let hung = bins::Column::Id.is_in(rows.iter().filter_map(|key| key.bin_id));
    let hung = scope.find::<bins::Entity>().filter(hung).all().await?;
    let hung: HashMap<BinId, BoxId> = hung.into_iter().map(|bin| (bin.id, bin.box_id)).collect();
    let mut found: Vec<Bookable> = rows
        .into_iter()
        .map(|key| {
            let place = key.bin_id.and_then(|bin| hung.get(&bin).copied()).or(key.home_box);
            let place = place.and_then(|place| here.get(&place)).cloned().unwrap_or_default();
            Bookable { id: key.id, name: key.name, place, free: true }
        })
        .collect();
    let taken = taken(&scope, cx.tenant, &found, ask).await?;
    for key in &mut found {
        key.free = !taken.contains(&key.id);
    }
    Ok(found)
}

/// Which of these keys are booked in that time.
async fn taken(
    scope: &impl Scoped,
    tenant: TenantId,
    of: &[Bookable],
    ask: &BookableAsk,
) -> Result<HashSet<KeyId>, StoreError> {
    // From the few bookings that meet that time to their keys: keys have years of bookings behind them.
    let meeting = Query::select()
        .column(bookings::Column::Id)
        .from(bookings::Entity)
        .and_where(bookings::Column::TenantId.eq(tenant))
        .and_where(bookings::Column::State.is_in(BookingState::KEPT))
        .and_where(bookings::Column::StartsAt.lt(ask.ends_at))
        .and_where(bookings::Column::EndsAt.gt(ask.starts_at))
        .to_owned();
    let these = Condition::all()
        .add(booking_keys::Column::BookingId.in_subquery(meeting))
        .add(booking_keys::Column::KeyId.is_in(of.iter().map(|key| key.id)));
    let taken = scope.find::<booking_keys::Entity>().filter(these).all().await?;
    Ok(taken.into_iter().map(|member| member.key_id).collect())
}

/// How a booking stands, for whoever it was made for.
#[derive(Clone, Debug)]
pub struct BookingStanding {
    /// Which.
    pub id: BookingId,
    /// Its keys, and where they hang or belong.
    pub keys: Vec<BookedKey>,
    /// How far it got.
    pub state: BookingState,
    /// From.
    pub starts_at: Timestamp,
    /// Until.
    pub ends_at: Timestamp,
    /// The clock of the box.
    pub zone: String,
    /// The code for the box, while it opens something or will.
    pub code: Option<String>,
    /// The token of the personal address.
    pub token: String,
    /// Whether a key was taken under it and is not back.
    pub out: bool,
}

/// A booked key, and where.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct BookedKey {
    /// Its name.
    pub name: String,
    /// The name of the box in which it hangs, or belongs.
    pub place: String,
    /// The way to that box.
    pub directions: String,
}

/// How these bookings stand. For modules on whose behalf they were made; nobody is asked for a right.
pub async fn standing(keys: &Keys, cx: &Cx, ids: &[BookingId]) -> Result<Vec<BookingStanding>, Fault> {
    let tenant = keys.vault.keys(cx.tenant).await?;
    let scope = keys.store.read(cx.tenant).await?;
    let these = bookings::Column::Id.is_in(ids.iter().copied());
    let rows = scope.find::<bookings::Entity>().filter(these).all().await?;
    let mut found = Vec::new();
    for row in rows {
        let open = |column, sealed: &[u8]| {
            tenant.open_text(&Place { table: "keys_bookings", column, row: row.id.uuid() }, sealed)
        };
        let code = open("code", &row.code_sealed)?;
        let mut booked = Vec::new();
        let members = crate::book::booked_keys(&scope, row.id).await?;
        let out = is_out(&scope, row.id, &members.iter().map(|key| key.id).collect::<Vec<_>>()).await?;
        for key in members {
            let place = place_of(&scope, &key).await?;
            let (place, directions) = place.map(|place| (place.name, place.directions)).unwrap_or_default();
            booked.push(BookedKey { name: key.name, place, directions });
        }
        found.push(BookingStanding {
            id: row.id,
            keys: booked,
            state: row.state,
            starts_at: row.starts_at,
            ends_at: row.ends_at,
            code: Some(code).filter(|_| row.state.is_in_force() && row.ends_at > cx.now),
            token: open("token", &row.token_sealed)?,
            out,
            zone: row.zone,
        });
    }
    Ok(found)
}
