//! K4: bookings that cost something are paid at a provider's page. The provider here is a stand-in on a
//! real socket (`till.rs`); its notices are signed, late, doubled and forged.

use std::time::Duration;

use axum::http::Method;
use sekisho_kernel::Language;
use sekisho_keys::{Book, BookFor, Booked};
use sekisho_storage::Engine;
use sekisho_testkit::{Answer, hours, minutes};
use sekisho_wire::{AnswerKind, AskKind, Code, IdentifyBy};
use serde_json::{Value, json};

use crate::scene::Scene;
use crate::till::{SECRET, Till};

const SIGNED_BY: &str = "whsec_0987654321";
const PRICE: i64 = 3300;

/// A notice of the provider, signed at the server's present second, `late` seconds ago.
async fn notice(scene: &Scene, secret: &str, page: &Value, late: i64) -> Answer {
    notice_of(scene, "checkout.session.completed", secret, page, late).await
}

async fn notice_of(scene: &Scene, kind: &str, secret: &str, page: &Value, late: i64) -> Answer {
    let body = json!({ "id": "evt_1", "type": kind, "data": { "object": page } }).to_string();
    let at = scene.now().as_secs() - late;
    let mac = sekisho_crypto::hmac_sha256(secret.as_bytes(), format!("{at}.{body}").as_bytes());
    let signature = format!("t={at},v1={}", data_encoding::HEXLOWER.encode(&mac));
    let mut provider = scene.server.stranger().with_header("stripe-signature", &signature);
    provider.send(Method::POST, "/hooks/key-payments", Some("application/json"), body).await
}

async fn priced(scene: &Scene, till: &Till) -> Booked {
    let base = till.open().await;
    let mut admin = scene.server.administrator().await;
    scene.server.prove(&mut admin).await;
    let account =
        json!({ "provider": base, "currency": "jpy", "secret": SECRET, "webhook_secret": SIGNED_BY });
    admin.api("PUT", "/api/v1/key-payment-account", account).await.expect(204);
    let told = admin.get("/api/v1/key-payment-account").await.ok();
    assert!(told.contains("jpy") && !told.contains(SECRET) && !told.contains(SIGNED_BY), "{told}");
    sekisho_keys::book(&scene.keys, &scene.server.cx(), form(scene)).await.unwrap()
}

fn form(scene: &Scene) -> Book {
    let zone = sekisho_web::zone_of("Asia/Tokyo");
    let at = |minutes: i64| {
        let now = scene.now().to_jiff().to_zoned(zone.clone()).datetime();
        now.saturating_add(jiff::Span::new().minutes(minutes)).strftime("%Y-%m-%dT%H:%M").to_string()
    };
    Book {
        keys: vec![scene.van],
        who: BookFor::Guest { name: "Ito".into(), mail: "ito@example.jp".into(), language: Language::En },
        starts: at(10),
        ends: at(60 * 48),
        note: String::new(),
        price: Some(PRICE),
    }
}

async fn opens(scene: &Scene, booked: &Booked) -> bool {
    let by = IdentifyBy::BookingCode(Code::new(booked.code.clone()));
    matches!(scene.asks(AskKind::Identify { by }).await, AnswerKind::Welcome { .. })
}

async fn state(scene: &Scene, booked: &Booked) -> (String, String) {
    let mut admin = scene.server.administrator().await;
    let row = admin.get(&format!("/api/v1/key-bookings/{}", booked.id)).await.json();
    let word = |value: &Value| value.as_str().unwrap_or_default().to_owned();
    (word(&row["state"]), word(&row["payment"]["state"]))
}

/// Tells a story of payments on both engines.
macro_rules! paid {
    ($name:ident, |$scene:ident, $till:ident, $booked:ident| $body:expr) => {
        mod $name {
            use super::*;
            async fn told(engine: Engine) {
                let ($scene, $till) = (Scene::beside(engine).await, Till::default());
                let $booked = priced(&$scene, &$till).await;
                $body
            }
            #[tokio::test]
            async fn on_sqlite() {
                told(Engine::Sqlite).await;
            }
            #[tokio::test]
            async fn on_postgres() {
                told(Engine::Postgres).await;
            }
        }
    };
}

paid!(a_booking_is_in_force_when_the_provider_says_it_was_paid, |scene, till, booked| {
    scene.server.settle().await;
    let mail = scene.mailbox().await.join("\n");
    assert!(mail.contains("¥3,300") && !mail.contains(&booked.code), "a bill, and no code yet: {mail}");
    let taken = sekisho_keys::book(&scene.keys, &scene.server.cx(), form(&scene)).await;
    assert!(matches!(taken, Err(sekisho_keys::BookError::Taken)), "kept while it is paid: {taken:?}");
    let here = format!("/b/{}", booked.token);
    let mut guest = scene.server.stranger();
    let page = guest.get(&here).await.ok();
    assert!(page.contains("¥3,300") && !page.contains(&booked.code) && !page.contains('⟦'), "{page}");
    scene.server.advance(minutes(11)).await;
    assert!(!opens(&scene, &booked).await, "not before it is paid");
    guest.post(&format!("{here}/take"), &[("key", &scene.van.to_string())]).await;
    assert_eq!(scene.key(scene.van).await["state"], "in");

    let way = guest.post(&format!("{here}/pay"), &[]).await.ok();
    assert!(way.contains("https://checkout.test/c/cs_1"), "{way}");
    guest.post(&format!("{here}/pay"), &[]).await.ok();
    assert_eq!(till.page()["amount_total"], PRICE, "one page, however often one presses");
    // Coming back without having paid changes nothing.
    guest.get(&format!("{here}?paid=1")).await.ok();
    assert_eq!(state(&scene, &booked).await, ("unpaid".into(), "awaited".into()));

    let done = till.is_paid();
    notice(&scene, SIGNED_BY, &done, 0).await.expect(204);
    notice(&scene, SIGNED_BY, &done, 0).await.expect(204);
    assert_eq!(state(&scene, &booked).await, ("booked".into(), "paid".into()));
    let acts = scene.record().await;
    assert_eq!(acts.iter().filter(|act| *act == "key.booking_paid").count(), 1, "told twice, counted once");
    scene.server.settle().await;
    let code = &booked.code;
    let spelt = format!("{} {}", &code[..4], &code[4..]);
    let mail = scene.mailbox().await.join("\n");
    assert!(mail.contains(code.as_str()) || mail.contains(&spelt), "now the code comes: {mail}");
    assert!(opens(&scene, &booked).await);
    assert!(guest.get(&here).await.ok().contains(&spelt));
    guest.post(&format!("{here}/pay"), &[]).await.expect(303);
});

paid!(whoever_comes_back_is_asked_after_when_no_notice_comes, |scene, till, booked| {
    let here = format!("/b/{}", booked.token);
    let mut guest = scene.server.stranger();
    guest.post(&format!("{here}/pay"), &[]).await.ok();
    till.is_paid();
    scene.server.advance(minutes(11)).await;
    let page = guest.get(&format!("{here}?paid=1")).await.ok();
    assert!(page.contains(&booked.code[..4]), "{page}");
    assert!(opens(&scene, &booked).await);
});

paid!(only_the_provider_is_believed, |scene, till, booked| {
    let mut guest = scene.server.stranger();
    guest.post(&format!("/b/{}/pay", booked.token), &[]).await.ok();
    let mut claimed = till.page();
    claimed["payment_status"] = json!("paid");
    notice(&scene, "whsec_forged", &claimed, 0).await.expect(403);
    notice(&scene, SIGNED_BY, &claimed, 301).await.expect(403);
    scene.server.stranger().post("/hooks/key-payments", &[]).await.expect(403);
    // Signed, but too little, in another currency, of another booking, of another kind, or nonsense: taken, and left.
    for (member, value) in [
        ("amount_total", json!(1)),
        ("currency", json!("usd")),
        ("client_reference_id", json!(uuid::Uuid::nil())),
        ("client_reference_id", Value::Null),
        ("id", json!(7)),
    ] {
        let mut other = claimed.clone();
        other[member] = value;
        notice(&scene, SIGNED_BY, &other, 0).await.expect(204);
    }
    assert_eq!(state(&scene, &booked).await, ("unpaid".into(), "awaited".into()));
    let (_, mut other) = scene.server.other_tenant("globex").await;
    other.get("/api/v1/key-payment-account").await.expect(404);
});

paid!(what_nobody_pays_is_called_off_and_the_key_is_free, |scene, till, booked| {
    let mut guest = scene.server.stranger();
    guest.post(&format!("/b/{}/pay", booked.token), &[]).await.ok();
    scene.server.advance(hours(24) + Duration::from_secs(1)).await;
    scene.server.settle().await;
    assert_eq!(state(&scene, &booked).await, ("cancelled".into(), "lapsed".into()));
    assert_eq!(till.page()["status"], "expired", "nobody can pay any more");
    let mail = scene.mailbox().await.join("\n");
    assert!(
        mail.contains("it was not paid") && mail.contains("お支払いがなかったため"),
        "guest and maker: {mail}"
    );
    let again = Book { price: None, ..form(&scene) };
    sekisho_keys::book(&scene.keys, &scene.server.cx(), again).await.unwrap();
    // A notice that comes after all: the money goes back.
    let mut late = till.page();
    (late["payment_status"], late["payment_intent"]) = (json!("paid"), json!("pi_1"));
    notice(&scene, SIGNED_BY, &late, 0).await.expect(204);
    scene.server.settle().await;
    assert_eq!(state(&scene, &booked).await, ("cancelled".into(), "refunded".into()));
    assert_eq!(till.with(|books| books.refunds.clone()), ["payment_intent=pi_1"]);
});

paid!(what_is_called_off_after_it_was_paid_is_paid_back, |scene, till, booked| {
    let mut guest = scene.server.stranger();
    guest.post(&format!("/b/{}/pay", booked.token), &[]).await.ok();
    notice(&scene, SIGNED_BY, &till.is_paid(), 0).await.expect(204);
    till.with(|books| books.refuses_refunds = true);
    let mut admin = scene.server.administrator().await;
    admin.api("DELETE", &format!("/api/v1/key-bookings/{}", booked.id), Value::Null).await.expect(204);
    scene.server.settle().await;
    assert_eq!(state(&scene, &booked).await, ("cancelled".into(), "refund_failed".into()));
    let mail = scene.mailbox().await.join("\n");
    assert!(mail.contains("返金できませんでした"), "somebody has to see to it: {mail}");
    assert!(
        mail.contains("Your booking was cancelled"),
        "the guest is told, in the language of the booking: {mail}"
    );
    let page = guest.get(&format!("/b/{}", booked.token)).await.ok();
    assert!(page.contains("called off") && !page.contains("code-large"), "said so, without the code: {page}");
});

paid!(the_provider_is_away_and_nothing_can_be_priced_without_one, |scene, till, booked| {
    till.with(|books| books.away = true);
    let mut guest = scene.server.stranger();
    let here = format!("/b/{}", booked.token);
    let away = guest.post(&format!("{here}/pay"), &[]).await.expect(303);
    assert_eq!(away.location(), here);
    assert_eq!(state(&scene, &booked).await, ("unpaid".into(), "awaited".into()));
    till.with(|books| books.away = false);
    guest.post(&format!("{here}/pay"), &[]).await.ok();

    let mut admin = scene.server.administrator().await;
    scene.server.advance(Duration::from_secs(1)).await;
    scene.server.prove(&mut admin).await;
    let bad = json!({ "provider": "http://10.0.0.1", "currency": "btc", "secret": "with space" });
    let refused = admin.api("PUT", "/api/v1/key-payment-account", bad).await.expect(422).json();
    let fields: Vec<_> =
        refused["errors"].as_array().unwrap().iter().map(|one| one["field"].clone()).collect();
    assert_eq!(fields, ["provider", "currency", "secret", "webhook_secret"]);
    admin.api("DELETE", "/api/v1/key-payment-account", Value::Null).await.expect(204);
    admin.get("/api/v1/key-payment-account").await.expect(404);
    guest.post(&format!("{here}/pay"), &[]).await.expect(303);
    let told = guest.get(&here).await.ok();
    assert!(told.contains("cannot pay online"), "never a page that only comes again: {told}");
    assert_eq!(wrong_price(&scene, PRICE, false).await, "keys-error-price-account");
});

/// Why nothing can cost that.
async fn wrong_price(scene: &Scene, price: i64, own: bool) -> &'static str {
    let own = own.then(|| BookFor::Person(scene.server.cx().actor.person().unwrap()));
    let form = form(scene);
    let form =
        Book { price: Some(price), keys: vec![scene.store_room], who: own.unwrap_or(form.who), ..form };
    match sekisho_keys::book(&scene.keys, &scene.server.cx(), form).await {
        Err(sekisho_keys::BookError::Invalid(fields)) => fields[0].text,
        other => panic!("{other:?}"),
    }
}

paid!(a_price_has_its_limits_whoever_asks, |scene, till, booked| {
    for (price, why) in [
        (0, "keys-error-price"),
        (-1, "keys-error-price"),
        (10_000_001, "keys-error-price-most"),
        (9_000_000_000_000_000_000, "keys-error-price-most"),
    ] {
        assert_eq!(wrong_price(&scene, price, false).await, why, "{price}");
    }
    assert_eq!(wrong_price(&scene, PRICE, true).await, "keys-error-price-own");
    assert_eq!(state(&scene, &booked).await.1, "awaited");
    assert!(till.with(|books| books.pages.is_empty()));
});

paid!(a_secret_goes_only_to_the_provider_it_was_typed_for, |scene, till, booked| {
    let mut admin = scene.server.administrator().await;
    scene.server.advance(Duration::from_secs(1)).await;
    scene.server.prove(&mut admin).await;
    let elsewhere = Till::default();
    let other = elsewhere.open().await;
    let there = json!({ "provider": other, "currency": "jpy" });
    let refused = admin.api("PUT", "/api/v1/key-payment-account", there).await.expect(422).json();
    let fields: Vec<_> =
        refused["errors"].as_array().unwrap().iter().map(|one| one["field"].clone()).collect();
    assert_eq!(fields, ["secret", "webhook_secret"]);
    // The same provider keeps them.
    let kept = json!({ "provider": till.base(), "currency": "jpy" });
    admin.api("PUT", "/api/v1/key-payment-account", kept.clone()).await.expect(204);
    // A secret the provider does not know is not set.
    let wrong = json!({ "provider": till.base(), "secret": "sk_wrong", "webhook_secret": SIGNED_BY });
    let refused = admin.api("PUT", "/api/v1/key-payment-account", wrong).await.expect(422).json();
    assert_eq!(refused["errors"][0]["field"], "secret", "{refused}");
    // And whoever sits at a session left open sets nothing.
    scene.server.advance(minutes(16)).await;
    admin.api("PUT", "/api/v1/key-payment-account", kept.clone()).await.expect(403);
    admin.api("DELETE", "/api/v1/key-payment-account", Value::Null).await.expect(403);
    let led = admin.get("/keys/payments").await.expect(303);
    assert_eq!(led.location(), "/step-up?next=%2Fkeys%2Fpayments");
    scene.server.prove(&mut admin).await;
    admin.api("PUT", "/api/v1/key-payment-account", kept).await.expect(204);
    scene.server.stranger().post(&format!("/b/{}/pay", booked.token), &[]).await.ok();
    assert!(till.page()["id"] == "cs_1" && elsewhere.with(|books| books.wishes.is_empty()));
});

paid!(an_answer_that_is_lost_is_asked_for_again_in_the_same_words, |scene, till, booked| {
    let here = format!("/b/{}/pay", booked.token);
    let mut guest = scene.server.stranger();
    till.with(|books| books.loses_answers = true);
    guest.post(&here, &[]).await.expect(303);
    till.with(|books| books.loses_answers = false);
    // Later, in another language, after a key got another name: still the same page.
    scene.server.advance(minutes(7)).await;
    let form = sekisho_keys::KeyForm {
        name: "Van 4".to_owned(),
        fob: Some("FOB-VAN".to_owned()),
        home_box: Some(scene.place),
        home_bin: Some(1),
        hangs_there: true,
        ..Default::default()
    };
    sekisho_keys::edit_key(&scene.keys, &scene.server.cx(), scene.van, form).await.unwrap();
    let mut english = scene.server.stranger().with_header("accept-language", "en");
    assert!(english.post(&here, &[]).await.ok().contains("https://checkout.test/c/cs_1"));
    assert_eq!(till.page()["id"], "cs_1", "one page");
});

paid!(a_page_paid_without_our_knowing_its_name_counts, |scene, till, booked| {
    till.with(|books| books.loses_answers = true);
    scene.server.stranger().post(&format!("/b/{}/pay", booked.token), &[]).await.expect(303);
    notice(&scene, SIGNED_BY, &till.is_paid(), 0).await.expect(204);
    assert_eq!(state(&scene, &booked).await, ("booked".into(), "paid".into()));
    // Somebody paid on another page, too: that comes back, once.
    let mut second = till.page();
    (second["id"], second["payment_intent"]) = (json!("cs_other"), json!("pi_2"));
    notice(&scene, SIGNED_BY, &second, 0).await.expect(204);
    notice(&scene, SIGNED_BY, &second, 0).await.expect(204);
    scene.server.settle().await;
    assert_eq!(till.with(|books| books.refunds.clone()), ["payment_intent=pi_2"]);
    assert_eq!(state(&scene, &booked).await, ("booked".into(), "paid".into()), "the booking stays");
});

paid!(money_on_its_way_is_waited_for, |scene, till, booked| {
    let here = format!("/b/{}", booked.token);
    let mut guest = scene.server.stranger();
    guest.post(&format!("{here}/pay"), &[]).await.ok();
    let announced = till.is_done("unpaid");
    notice(&scene, SIGNED_BY, &announced, 0).await.expect(204);
    // Pressed again: no second page, by which it could be paid twice.
    guest.post(&format!("{here}/pay"), &[]).await.expect(303);
    assert!(guest.get(&here).await.ok().contains("Your payment is on its way"));
    assert_eq!(till.page()["id"], "cs_1");
    scene.server.advance(hours(25)).await;
    scene.server.settle().await;
    assert_eq!(state(&scene, &booked).await, ("unpaid".into(), "awaited".into()), "kept meanwhile");
    let come = till.is_done("paid");
    notice_of(&scene, "checkout.session.async_payment_succeeded", SIGNED_BY, &come, 0).await.expect(204);
    assert_eq!(state(&scene, &booked).await, ("booked".into(), "paid".into()));
});

paid!(a_transfer_that_never_comes_leaves_the_way_open_for_another, |scene, till, booked| {
    let here = format!("/b/{}/pay", booked.token);
    let mut guest = scene.server.stranger();
    guest.post(&here, &[]).await.ok();
    let announced = till.is_done("unpaid");
    notice_of(&scene, "checkout.session.async_payment_failed", SIGNED_BY, &announced, 0).await.expect(204);
    assert!(guest.post(&here, &[]).await.ok().contains("https://checkout.test/c/cs_2"));
});

paid!(what_is_paid_after_the_end_is_paid_back, |scene, till, booked| {
    let mut guest = scene.server.stranger();
    guest.post(&format!("/b/{}/pay", booked.token), &[]).await.ok();
    till.is_done("unpaid");
    scene.server.world.advance(hours(49));
    let come = till.is_done("paid");
    notice_of(&scene, "checkout.session.async_payment_succeeded", SIGNED_BY, &come, 0).await.expect(204);
    scene.server.settle().await;
    assert_eq!(state(&scene, &booked).await, ("cancelled".into(), "refunded".into()));
    let mail = scene.mailbox().await.join("\n");
    assert!(mail.contains("comes back to you") && !mail.contains(&booked.code), "{mail}");
});

paid!(what_was_used_is_not_paid_back_by_itself, |scene, till, booked| {
    let mut guest = scene.server.stranger();
    guest.post(&format!("/b/{}/pay", booked.token), &[]).await.ok();
    notice(&scene, SIGNED_BY, &till.is_paid(), 0).await.expect(204);
    scene.server.advance(minutes(11)).await;
    let mut admin = scene.server.administrator().await;
    let asked = admin.get(&format!("/keys/bookings/{}", booked.id)).await.ok();
    assert!(asked.contains("自動では返金されません"), "{asked}");
    admin.api("DELETE", &format!("/api/v1/key-bookings/{}", booked.id), Value::Null).await.expect(204);
    scene.server.settle().await;
    assert_eq!(state(&scene, &booked).await, ("cancelled".into(), "paid".into()));
    assert!(till.with(|books| books.refunds.is_empty()));
    assert_eq!(scene.last_detail("key.cancel_booking", "refund").await, false);
    let mail = scene.mailbox().await.join("\n");
    assert!(mail.contains("利用開始後に予約が取り消されました"), "the maker is told: {mail}");
});

paid!(a_page_the_provider_does_not_know_keeps_nothing, |scene, till, booked| {
    let here = format!("/b/{}/pay", booked.token);
    let mut guest = scene.server.stranger();
    guest.post(&here, &[]).await.ok();
    // From test to live: another account, in which none of our pages is known.
    till.with(|books| books.pages.clear());
    guest.post(&here, &[]).await.ok();
    till.with(|books| books.pages.clear());
    scene.server.advance(hours(24) + Duration::from_secs(1)).await;
    scene.server.settle().await;
    assert_eq!(state(&scene, &booked).await, ("cancelled".into(), "lapsed".into()));
});

paid!(called_off_while_the_last_question_is_asked_changes_nothing, |scene, till, booked| {
    // The booking was put in force by hand, so to speak: what waits to be paid is not waited for.
    let tx = scene.server.foundation().store.begin(&scene.server.cx()).await.unwrap();
    use sekisho_keys::tables::{bookings, words::BookingState};
    let this = sea_orm::ColumnTrait::eq(&bookings::Column::Id, booked.id);
    let moved = tx.update::<bookings::Entity>().set(bookings::Column::State, BookingState::Booked);
    moved.filter(this).exec().await.unwrap();
    tx.commit_bookkeeping("test").await.unwrap();
    scene.server.advance(hours(24) + Duration::from_secs(1)).await;
    scene.server.settle().await;
    assert_eq!(state(&scene, &booked).await, ("booked".into(), "awaited".into()));
    assert!(!scene.record().await.contains(&"key.booking_unpaid".to_owned()));
    assert!(till.with(|books| books.pages.is_empty()));
});

paid!(nobody_makes_us_ask_the_provider_without_end, |scene, till, booked| {
    let here = format!("/b/{}", booked.token);
    let mut guest = scene.server.stranger();
    guest.post(&format!("{here}/pay"), &[]).await.ok();
    for _ in 0..30 {
        guest.get(&format!("{here}?paid=1")).await.ok();
    }
    assert_eq!(till.with(|books| books.looks), 9, "ten questions a minute, the page's making among them");
    guest.post(&format!("{here}/pay"), &[]).await.expect(429);
    scene.server.advance(minutes(1)).await;
    guest.post(&format!("{here}/pay"), &[]).await.ok();
});

paid!(a_guest_who_reads_chinese_is_written_to_in_chinese, |scene, till, _booked| {
    let zh = BookFor::Guest { name: "Li".into(), mail: "li@example.jp".into(), language: Language::Zh };
    let form = Book { keys: vec![scene.store_room], who: zh, ..form(&scene) };
    let booked = sekisho_keys::book(&scene.keys, &scene.server.cx(), form).await.unwrap();
    scene.server.stranger().post(&format!("/b/{}/pay", booked.token), &[]).await.ok();
    assert!(till.with(|books| books.wishes.values().all(|wish| wish.contains("locale=zh"))));
    notice(&scene, SIGNED_BY, &till.is_paid(), 0).await.expect(204);
    scene.server.settle().await;
    let mail =
        scene.mailbox().await.into_iter().filter(|mail| mail.contains("li@example.jp")).collect::<String>();
    assert!(mail.contains("请为") && mail.contains("请在钥匙柜的屏幕上输入以下号码"), "{mail}");
});

paid!(what_is_not_paid_yet_is_not_offered_to_take, |scene, _till, _booked| {
    let colleague = scene.server.colleague("sato").await;
    let for_sato = BookFor::Person(colleague.person);
    let form = Book { keys: vec![scene.store_room], who: for_sato, ..form(&scene) };
    let booked = sekisho_keys::book(&scene.keys, &scene.server.cx(), form).await.unwrap();
    scene.server.advance(minutes(11)).await;
    let mut sato = scene.server.signed_in(&colleague).await;
    let page = sato.get("/me").await.ok();
    assert!(page.contains("支払い待ちの予約") && page.contains(&format!("/b/{}", booked.token)), "{page}");
    assert!(!page.contains("big-act"), "{page}");
});
