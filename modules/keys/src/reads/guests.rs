//! Names of holders without an account.

use std::collections::HashMap;

use sea_orm::ColumnTrait;
use sekisho_host::Fault;
use sekisho_kernel::Cx;
use sekisho_storage::Scoped;

use crate::Keys;
use crate::ids::{BookingId, LoanId};
use crate::tables::{bookings, keycodes, loans};

/// The names of holders without an account: of their bookings, or as typed when a keycode was made.
pub(super) async fn guest_names(
    keys: &Keys,
    cx: &Cx,
    loans: impl Iterator<Item = &loans::Model>,
) -> Result<HashMap<LoanId, String>, Fault> {
    let guests: Vec<&loans::Model> = loans.filter(|loan| loan.person_id.is_none()).collect();
    let mut names = HashMap::new();
    if guests.is_empty() {
        return Ok(names);
    }
    let tenant = keys.vault.keys(cx.tenant).await?;
    let scope = keys.store.read(cx.tenant).await?;
    let booking_ids: Vec<BookingId> = guests.iter().filter_map(|loan| loan.booking_id).collect();
    let booked =
        scope.find::<bookings::Entity>().filter(bookings::Column::Id.is_in(booking_ids)).all().await?;
    let code_ids: Vec<_> = guests.iter().filter_map(|loan| loan.keycode_id).collect();
    let coded = scope.find::<keycodes::Entity>().filter(keycodes::Column::Id.is_in(code_ids)).all().await?;
    for loan in guests {
        let name = if let Some(row) = booked.iter().find(|row| Some(row.id) == loan.booking_id) {
            super::bookings::opened(
                &tenant,
                "keys_bookings",
                "guest",
                row.id.uuid(),
                row.guest_sealed.as_deref(),
            )?
        } else if let Some(row) = coded.iter().find(|row| Some(row.id) == loan.keycode_id) {
            super::bookings::opened(
                &tenant,
                "keys_keycodes",
                "given_to",
                row.id.uuid(),
                Some(&row.given_to_sealed),
            )?
        } else {
            None
        };
        if let Some(name) = name {
            names.insert(loan.id, name);
        }
    }
    Ok(names)
}
