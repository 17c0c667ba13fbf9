//! Bookings and keycodes as they are shown.

use std::collections::HashMap;

use sea_orm::{ColumnTrait, Condition};
use sekisho_crypto::{CryptoError, Place, TenantKeys};
use sekisho_host::Fault;
use sekisho_kernel::{Cx, PersonId, Timestamp};
use sekisho_storage::Scoped;
use serde::Serialize;
use uuid::Uuid;

use super::NamedKey;
use super::Sight;
use crate::Keys;
use crate::ids::{BookingId, KeyId, KeycodeId};
use crate::pay_booking::PaymentRow;
use crate::tables::words::BookingState;
use crate::tables::{booking_keys, bookings as rows, keycodes, keys, payments};

/// A booking as it is shown.
#[derive(Clone, Debug, Serialize, utoipa::ToSchema)]
pub struct BookingRow {
    /// Which.
    pub id: BookingId,
    /// Its keys: id and name.
    pub keys: Vec<NamedKey>,
    /// For whom, when a person.
    pub person: Option<PersonId>,
    /// For whom, by name.
    pub name: String,
    /// From, on the clock of the box.
    pub starts: String,
    /// Until, on the clock of the box.
    pub ends: String,
    /// The zone of that clock.
    pub zone: String,
    /// From, as a point in time.
    pub starts_at: Timestamp,
    /// Until, as a point in time.
    pub ends_at: Timestamp,
    /// What for.
    pub note: String,
    /// How far it got.
    pub state: BookingState,
    /// Who made it.
    pub made_by: PersonId,
    /// What it costs, and how far its payment got; none when it costs nothing.
    pub payment: Option<PaymentRow>,
    /// The code for the box, for those whom it concerns.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub code: Option<String>,
    /// The token of the personal address, for those whom it concerns.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub token: Option<String>,
}

impl BookingRow {
    /// The names of its keys; lists join them as their reader's language does.
    pub fn key_names(&self) -> Vec<String> {
        self.keys.iter().map(|key| key.name.clone()).collect()
    }
}

/// Which bookings a list shows.
#[derive(Clone, Debug, Default)]
pub struct BookingFilter {
    /// Touching the time from here …
    pub from: Option<Timestamp>,
    /// … to here.
    pub until: Option<Timestamp>,
    /// Only of this key.
    pub key: Option<KeyId>,
    /// Only those in force.
    pub live: bool,
}

/// The bookings `sight` may see: one's own, those one made, and those of keys one manages.
pub async fn bookings(
    keys: &Keys,
    cx: &Cx,
    sight: &Sight,
    filter: &BookingFilter,
) -> Result<Vec<BookingRow>, Fault> {
    let scope = keys.store.read(cx.tenant).await?;
    let mut fits = Condition::all();
    if let Some(from) = filter.from {
        fits = fits.add(rows::Column::EndsAt.gt(from));
    }
    if let Some(until) = filter.until {
        fits = fits.add(rows::Column::StartsAt.lt(until));
    }
    if filter.live {
        fits = fits.add(rows::Column::State.is_in(BookingState::KEPT));
    }
    if let Some(key) = filter.key {
        fits = fits.add(rows::Column::Id.is_in(super::bookings_of_key(&scope, key).await?));
    }
    let found =
        scope.find::<rows::Entity>().filter(fits).ascending(rows::Column::StartsAt).limit(1000).all().await?;
    drop(scope);
    show(keys, cx, sight, found).await
}

/// One booking, if `sight` may see it.
pub async fn booking_row(
    keys: &Keys,
    cx: &Cx,
    sight: &Sight,
    id: BookingId,
) -> Result<Option<BookingRow>, Fault> {
    let found = super::booking(&keys.store.read(cx.tenant).await?, id).await?;
    Ok(show(keys, cx, sight, found.into_iter().collect()).await?.into_iter().next())
}

async fn show(
    keys: &Keys,
    cx: &Cx,
    sight: &Sight,
    found: Vec<rows::Model>,
) -> Result<Vec<BookingRow>, Fault> {
    if found.is_empty() {
        return Ok(Vec::new());
    }
    let tenant = keys.vault.keys(cx.tenant).await?;
    let scope = keys.store.read(cx.tenant).await?;
    let ids: Vec<BookingId> = found.iter().map(|row| row.id).collect();
    let members =
        scope.find::<booking_keys::Entity>().filter(booking_keys::Column::BookingId.is_in(ids)).all().await?;
    let key_ids: Vec<KeyId> = members.iter().map(|member| member.key_id).collect();
    let names: HashMap<KeyId, String> = scope
        .find::<keys::Entity>()
        .filter(keys::Column::Id.is_in(key_ids))
        .all()
        .await?
        .into_iter()
        .map(|key| (key.id, key.name))
        .collect();
    let ids: Vec<BookingId> = found.iter().map(|row| row.id).collect();
    let mut payments: HashMap<BookingId, PaymentRow> = scope
        .find::<payments::Entity>()
        .filter(payments::Column::Id.is_in(ids))
        .all()
        .await?
        .into_iter()
        .map(|row| (row.id, row.into()))
        .collect();
    let people: Vec<PersonId> = found.iter().filter_map(|row| row.person_id).collect();
    let people = keys.identity.display_names(&scope, &people).await?;
    drop(scope);
    let mut shown = Vec::new();
    for row in found {
        let of_booking: Vec<NamedKey> = members
            .iter()
            .filter(|member| member.booking_id == row.id)
            .filter_map(|member| {
                Some(NamedKey { id: member.key_id, name: names.get(&member.key_id)?.clone() })
            })
            .collect();
        let party = sight.person.is_some_and(|person| crate::cancel_booking::is_party(&row, person));
        let manages = !of_booking.is_empty() && of_booking.iter().all(|key| sight.manages_key(key.id));
        if !party && !manages {
            continue;
        }
        let guest = opened(&tenant, "keys_bookings", "guest", row.id.uuid(), row.guest_sealed.as_deref())?;
        let name =
            row.person_id.and_then(|person| people.get(&person).cloned()).or(guest).unwrap_or_default();
        let code = opened(&tenant, "keys_bookings", "code", row.id.uuid(), Some(&row.code_sealed))?;
        let token = opened(&tenant, "keys_bookings", "token", row.id.uuid(), Some(&row.token_sealed))?;
        shown.push(BookingRow {
            id: row.id,
            keys: of_booking,
            person: row.person_id,
            name,
            starts: row.starts,
            ends: row.ends,
            zone: row.zone,
            starts_at: row.starts_at,
            ends_at: row.ends_at,
            note: row.note,
            state: row.state,
            made_by: row.made_by,
            code: code.filter(|_| row.state.is_in_force()),
            token: token.filter(|_| BookingState::KEPT.contains(&row.state)),
            payment: payments.remove(&row.id),
        });
    }
    Ok(shown)
}

/// A keycode as it is shown.
#[derive(Clone, Debug, Serialize, utoipa::ToSchema)]
pub struct KeycodeRow {
    /// Which.
    pub id: KeycodeId,
    /// The code.
    pub code: String,
    /// To whom it was given.
    pub given_to: String,
    /// When it was made.
    pub made_at: Timestamp,
}

/// The good keycodes of a key; for those who manage it.
pub async fn keycodes_of(keys: &Keys, cx: &Cx, key: KeyId) -> Result<Vec<KeycodeRow>, Fault> {
    let tenant = keys.vault.keys(cx.tenant).await?;
    let scope = keys.store.read(cx.tenant).await?;
    let live =
        Condition::all().add(keycodes::Column::KeyId.eq(key)).add(keycodes::Column::LiveCode.is_not_null());
    let found = scope.find::<keycodes::Entity>().filter(live).all().await?;
    found
        .into_iter()
        .map(|row| {
            let open = |column, sealed| opened(&tenant, "keys_keycodes", column, row.id.uuid(), Some(sealed));
            Ok(KeycodeRow {
                id: row.id,
                code: open("code", &row.code_sealed)?.unwrap_or_default(),
                given_to: open("given_to", &row.given_to_sealed)?.unwrap_or_default(),
                made_at: row.made_at,
            })
        })
        .collect()
}

/// A sealed text of ours, opened.
pub(super) fn opened(
    tenant: &TenantKeys,
    table: &'static str,
    column: &'static str,
    row: Uuid,
    sealed: Option<&[u8]>,
) -> Result<Option<String>, CryptoError> {
    sealed.map(|sealed| tenant.open_text(&Place { table, column, row }, sealed)).transpose()
}
