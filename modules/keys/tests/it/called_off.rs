//! A key is asked for by a booking that is called off while its taker waits for the key.

use std::pin::pin;
use std::time::Duration;

use sea_orm::ColumnTrait as _;
use sekisho_keys::tables::words::{BookingState, Way};
use sekisho_keys::tables::{bookings, keys};
use sekisho_keys::{BookingId, RelyingOn, TakeOut, TakeOutError};
use sekisho_storage::Scoped as _;
use sekisho_testkit::minutes;
use serde_json::json;

use crate::scene::Scene;

story!(a_booking_called_off_while_its_taker_waits_opens_nothing, |scene| {
    let mut admin = scene.server.administrator().await;
    let made = json!({
        "keys": [scene.van], "guest_name": "山田 太郎", "starts": "2026-11-22T09:30", "ends": "2026-11-22T11:00",
    });
    let made = admin.api("POST", "/api/v1/key-bookings", made).await.expect(201).json();
    let booking: BookingId = made["id"].as_str().unwrap().parse().unwrap();
    scene.server.advance(minutes(40)).await;
    let cx = scene.device_cx();
    // Whoever calls it off holds the key.
    let held = scene.server.foundation().store.begin(&scene.server.cx()).await.unwrap();
    held.find::<keys::Entity>()
        .filter(keys::Column::Id.eq(scene.van))
        .refine(sea_orm::QuerySelect::lock_exclusive)
        .one()
        .await
        .unwrap();
    held.update::<bookings::Entity>()
        .set(bookings::Column::State, BookingState::Cancelled)
        .filter(bookings::Column::Id.eq(booking))
        .exec()
        .await
        .unwrap();
    let ask = TakeOut {
        key: scene.van,
        relying_on: RelyingOn::Booking(booking),
        way: Way::BookingCode,
        at: None,
        beside: None,
    };
    let mut taking = pin!(sekisho_keys::take_out(&scene.keys, &cx, ask));
    let waits = tokio::time::timeout(Duration::from_millis(500), &mut taking).await;
    assert!(waits.is_err(), "behind whoever holds the key: {waits:?}");
    held.commit_bookkeeping("test").await.unwrap();
    let refused = taking.await;
    assert!(matches!(refused, Err(TakeOutError::NotInForce)), "{refused:?}");
    assert_eq!(scene.open_loans(scene.van).await, 0);
});
