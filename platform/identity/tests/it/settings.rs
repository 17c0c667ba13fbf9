//! The tenant's rules: two steps, and administration from set addresses only.

use std::net::IpAddr;

use super::*;

both!(administration_is_closed_elsewhere_and_nobody_locks_themselves_out, |server| {
    let mut admin = server.administrator().await;
    let fields = [
        ("two_step", ""),
        ("admin_networks", "203.0.113.0/24"),
        ("reveal_limit", "20"),
        ("keep_leavers_days", "30"),
    ];
    assert!(admin.post("/settings/security", &fields).await.expect(303).location().starts_with("/step-up"));

    let identity = &server.foundation().identity;
    let mut cx = server.cx();
    cx.verified_at = Some(cx.now);
    cx.address = Some("198.51.100.7".parse::<IpAddr>().unwrap());
    let by = identity.administrator(&cx).await.unwrap();
    let edit = |networks: &str| sekisho_identity::SettingsEdit {
        admin_networks: networks.to_owned(),
        reveal_limit: 20,
        keep_leavers_days: 30,
        ..Default::default()
    };
    assert!(
        identity.change_settings(&cx, by, &edit("203.0.113.0/24")).await.is_err(),
        "would lock the saver out"
    );
    assert!(identity.change_settings(&cx, by, &edit("nonsense")).await.is_err());
    cx.address = Some("203.0.113.7".parse().unwrap());
    identity.change_settings(&cx, by, &edit("203.0.113.0/24")).await.unwrap();
    identity.administrator(&cx).await.unwrap();
    cx.address = Some("198.51.100.7".parse().unwrap());
    assert!(identity.administrator(&cx).await.is_err());
    // Whoever asks the policy itself hears the same.
    assert!(!server.foundation().policy.is_administrator(&cx, server.admin).await.unwrap());
    let resource = sekisho_kernel::ResourceId(cx.fresh_id());
    let foundation = server.foundation();
    let mut tx = foundation.store.begin(&server.cx()).await.unwrap();
    foundation.policy.register(&mut tx, resource, "key", "Van 3").await.unwrap();
    tx.commit(sekisho_kernel::AuditEntry::done("key.add")).await.unwrap();
    let may = async |address: &str| {
        let ask = sekisho_policy::Ask {
            person: server.admin,
            right: sekisho_policy::Right::Manage,
            action: "key.edit",
            resource,
            zone: "",
            facts: sekisho_policy::Facts { address: Some(address.parse().unwrap()), ..Default::default() },
        };
        foundation.policy.decide(&server.cx(), &ask).await.unwrap().allowed
    };
    assert!(may("203.0.113.7").await);
    assert!(!may("198.51.100.7").await, "what rests on being an administrator alone");
    cx.address = Some("::ffff:203.0.113.9".parse().unwrap());
    identity.administrator(&cx).await.unwrap();
});

both!(two_steps_are_the_default, |server| {
    assert!(sekisho_identity::TenantSettings::default().two_step);
    want_two_steps(&server).await;
    let who = server.colleague("sato").await;
    let (mut client, answer) = sign_in(&server, &who.mail, PASSWORD).await;
    assert!(answer.expect(303).location().starts_with("/sign-in/two-step"));
    client.get("/me").await.expect(303);
});
