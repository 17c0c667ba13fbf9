//! What a box asks: whose number, whose badge, is this the PIN, is this the code.

use sekisho_identity::{Checked, PinCheck};
use sekisho_kernel::{Actor, AuditEntry, Cx, DeviceId};

use super::*;

both!(names_people_by_number_and_badge, |server| {
    let who = server.colleague("sato").await;
    let identity = &server.foundation().identity;
    let cx = fresh_cx(&server, server.admin);
    let by = identity.administrator(&cx).await.unwrap();
    let edit = sekisho_identity::PersonEdit { number: Some("0042".into()), ..Default::default() };
    identity.edit_person(&cx, by, who.person, &edit).await.unwrap();
    identity.add_badge(&cx, by, who.person, "04:a2:1b:3c", "").await.unwrap();
    let (other, _) = server.other_tenant("other").await;
    let scope = server.foundation().store.read(server.tenant).await.unwrap();
    assert_eq!(identity.by_id_number(&cx, &scope, "００４２").await.unwrap(), Some(who.person));
    assert_eq!(identity.by_id_number(&cx, &scope, "42").await.unwrap(), None);
    assert_eq!(identity.by_badge(&cx, &scope, "04-A2-1B-3C").await.unwrap(), Some(who.person));
    drop(scope);
    let elsewhere = Cx::system(server.world.clone(), other, "test");
    let scope = server.foundation().store.read(other).await.unwrap();
    assert_eq!(identity.by_id_number(&elsewhere, &scope, "0042").await.unwrap(), None);
    assert_eq!(identity.by_badge(&elsewhere, &scope, "04A21B3C").await.unwrap(), None);
});

both!(a_pin_locks_after_three_and_the_pages_stay_open, |server| {
    let who = server.colleague("sato").await;
    let foundation = server.foundation();
    let identity = &foundation.identity;
    assert!(
        identity.set_pin(&fresh_cx(&server, who.person), who.person, &Secret::new("1111")).await.is_err()
    );
    identity.set_pin(&fresh_cx(&server, who.person), who.person, &Secret::new("2580")).await.unwrap();
    let device = DeviceId(server.cx().fresh_id());
    let check = async |pin: &str| {
        let cx = server.cx().acting_as(Actor::Device { id: device });
        let mut tx = foundation.store.begin(&cx).await.unwrap();
        let outcome = identity.verify_pin(&mut tx, who.person, &Secret::new(pin)).await.unwrap();
        tx.commit(AuditEntry::done("box.identify")).await.unwrap();
        outcome
    };
    assert_eq!(check("2580").await, PinCheck::Right);
    assert_eq!(check("0000").await, PinCheck::Wrong);
    assert_eq!(check("0000").await, PinCheck::Wrong);
    assert_eq!(check("0000").await, PinCheck::Locked);
    assert_eq!(check("2580").await, PinCheck::Locked);
    sign_in(&server, &who.mail, PASSWORD).await.1.expect(303);
    // A new PIN, set by the signed-in owner, begins anew.
    identity.set_pin(&fresh_cx(&server, who.person), who.person, &Secret::new("1470")).await.unwrap();
    assert_eq!(check("1470").await, PinCheck::Right);
});

both!(a_code_is_for_one_person_and_purpose, |server| {
    let who = server.colleague("sato").await;
    let other = server.colleague("mori").await;
    let foundation = server.foundation();
    let identity = &foundation.identity;
    let mut tx = foundation.store.begin(&server.cx()).await.unwrap();
    identity.start_code(&mut tx, who.person, "box", None).await.unwrap();
    tx.commit(AuditEntry::done("code.send")).await.unwrap();
    let sent = server.last_code().await;
    let check = async |person, purpose: &str| {
        let mut tx = foundation.store.begin(&server.cx()).await.unwrap();
        let outcome = identity.check_code(&mut tx, person, purpose, &sent).await.unwrap();
        tx.commit(AuditEntry::done("box.identify")).await.unwrap();
        outcome
    };
    assert_eq!(check(other.person, "box").await, Checked::Wrong);
    assert_eq!(check(who.person, "sign_in").await, Checked::Wrong);
    assert_eq!(check(who.person, "box").await, Checked::Right);
    assert_eq!(check(who.person, "box").await, Checked::Wrong, "once");
    let payload = server.last_fact("identity.code_requested").await.unwrap().to_string();
    assert!(!payload.contains(&sent), "codes travel sealed");
});

both!(no_code_is_made_that_nobody_would_get, |server| {
    let who = server.colleague("sato").await;
    let foundation = server.foundation();
    let identity = &foundation.identity;
    let mut tx = foundation.store.begin(&server.cx()).await.unwrap();
    use sekisho_identity::events::CodeChannel;
    let refused = identity.start_code(&mut tx, who.person, "box", Some(CodeChannel::Sms)).await.unwrap_err();
    assert_eq!(refused.word(), "no_address", "there is no telephone number");
    drop(tx);
    assert_eq!(facts(&server, "identity.code_requested").await, 0);
});
