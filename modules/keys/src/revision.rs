//! What a thing of the stock is set to, in one short word: the ETag of the API, by which two writers notice each other.
//!
//! It stands for what can be set, not for what happens: a key taken out meanwhile does not hinder whoever mends its name.

use sekisho_storage::{Scoped, StoreError};
use sekisho_web::IfMatch;
use serde::Serialize;

use crate::ledger::bins_of;
use crate::stock::StockError;
use crate::tables::{alerts, bookings, boxes, groups, keys};

/// Letters of the word.
const LONG: usize = 16;

/// The revision of a key.
pub(crate) fn of_key(key: &keys::Model) -> String {
    word(&(
        (key.id.uuid(), &key.name, &key.description, &key.pickup_note, &key.fob),
        (key.home_box, key.home_bin, key.return_policy, &key.due.0),
    ))
}

/// The revision of a box with its bins.
pub(crate) async fn of_box(scope: &impl Scoped, place: &boxes::Model) -> Result<String, StoreError> {
    let rows = bins_of(scope, place.id).await?;
    let bins: Vec<_> = rows.iter().map(|bin| (bin.number, &bin.disabled_reason)).collect();
    Ok(word(&(
        (place.id.uuid(), &place.name, place.site_id, &place.directions, place.columns),
        (place.return_policy, place.device_id, bins),
    )))
}

/// The revision of a group.
pub(crate) fn of_group(group: &groups::Model) -> String {
    word(&(group.id.uuid(), &group.name))
}

/// The revision of an alert rule. Its recipients are sealed anew with every change.
pub(crate) fn of_alert(alert: &alerts::Model) -> String {
    word(&(alert.id.uuid(), &alert.name, alert.active, &alert.rule.0, &alert.recipients_sealed))
}

/// The revision of a booking. One that goes with a visit is moved with it, and its guest is corrected; the guest is sealed anew
/// each time.
pub(crate) fn of_booking(booking: &bookings::Model) -> String {
    word(&(booking.id.uuid(), booking.state, booking.starts_at, booking.ends_at, &booking.guest_sealed))
}

/// Refuses a change by somebody who has seen another state.
pub(crate) fn must_be(seen: &IfMatch, revision: &str) -> Result<(), StockError> {
    if seen.holds(revision) { Ok(()) } else { Err(StockError::Changed) }
}

fn word(set: &impl Serialize) -> String {
    let text = serde_json::to_vec(set).unwrap_or_default();
    let mut word = sekisho_crypto::token_text(&sekisho_crypto::sha256(&text));
    word.truncate(LONG);
    word
}
