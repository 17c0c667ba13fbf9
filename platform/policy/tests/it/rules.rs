//! The tenant's rules: refused with the place of the fault, tried before they hold, held at once.

use sekisho_policy::{NewGrant, PolicyError, Reason, Right, Rules, Subject, Target};
use sekisho_teststore::on_both_engines;

use crate::{KEYS, Site, commit, migrations, person, resource};

#[test]
fn faults_name_their_place() {
    let many = "forbid (principal, action, resource) when { context.hour < 6 };\n".repeat(51);
    for (text, line, part) in [
        ("forbid (principal, action, resource)\nwhen { context.hours < 6 };", 2, "hours"),
        ("forbid (principal, action, resource)\nwhen { context.hour < \"6\" };", 2, "expected"),
        ("forbid (principal, action, resource", 1, ""),
        ("\n\npermit (principal, action, resource);", 3, "can only forbid"),
        ("forbid (principal, action == Action::\"fly\", resource);", 1, "fly"),
        ("forbid (principal == ?principal, action, resource);", 1, "template"),
        (
            "@id(\"a\") forbid (principal, action, resource);\n@id(\"a\") forbid (principal, action, resource);",
            2,
            "two rules",
        ),
        ("@id(\"base.granted\") forbid (principal, action, resource);", 1, "base."),
        (
            "forbid (principal, action, resource) when { context.address.isInRange(ip(\"10.0.0.0/8\")) };",
            1,
            "address",
        ),
        (many.as_str(), 1, "at most 50"),
    ] {
        let faults = Rules::parse(text).map(|rules| rules.count()).unwrap_err();
        let fault = &faults[0];
        assert_eq!(fault.line, line, "{text}: {faults:?}");
        assert!(faults.iter().any(|fault| fault.message.contains(part)), "{text}: {faults:?}");
    }
    let good = "// nights\n@id(\"night\")\nforbid (principal, action == Action::\"exchange\", resource)\nwhen { context.hour < 6 || (context has address && !context.address.isInRange(ip(\"10.0.0.0/8\"))) };";
    assert_eq!(Rules::parse(good).unwrap().count(), 1);
    assert_eq!(Rules::parse("").unwrap().count(), 0);
}

on_both_engines!(a_rule_forbids_and_says_so, migrations(), |fresh| {
    let site = Site::new(&fresh.store).await;
    let key = resource(KEYS[0]);
    let mut tx = site.begin().await;
    let grant = NewGrant::always(Subject::Person(person(1)), Right::Exchange, Target::Resource { id: key });
    let id = site.policy.grant(&mut tx, grant).await.unwrap();
    commit(tx).await;

    // The world begins on Sunday at nine in Tokyo.
    let sunday = "@id(\"no_sundays\")\nforbid (principal, action == Action::\"exchange\", resource)\nwhen { context.weekday == 7 && context.act == \"key.take_out\" };";
    let preview = site.policy.preview(&site.cx(), sunday).await.unwrap();
    assert!(preview.complete);
    assert_eq!(preview.changes.len(), 1);
    assert!(
        preview.changes[0].lost
            && preview.changes[0].person == person(1)
            && preview.changes[0].resource == key
    );
    assert_eq!(preview.changes[0].at.len(), 2, "now, a Sunday, and next Sunday: {preview:?}");

    let mut tx = site.begin().await;
    site.policy.save_rules(&mut tx, sunday).await.unwrap();
    commit(tx).await;
    let decision = site.ask(person(1), Right::Exchange, key).await;
    assert!(!decision.allowed);
    assert_eq!(decision.reasons, [Reason::ForbiddenByRule { rule: "no_sundays".to_owned() }]);
    assert_eq!((decision.grant, decision.policies), (Some(id), vec!["no_sundays".to_owned()]));
    assert!(site.allows(person(1), Right::View, key).await, "the rule names exchange only");

    let mut tx = site.begin().await;
    let bad = site.policy.save_rules(&mut tx, "permit (principal, action, resource);").await;
    assert!(matches!(bad, Err(PolicyError::BadRules(faults)) if faults.len() == 1));
    site.policy.save_rules(&mut tx, "").await.unwrap();
    commit(tx).await;
    assert!(site.allows(person(1), Right::Exchange, key).await);
    let scope = fresh.store.read(site.cx().tenant).await.unwrap();
    let versions = site.policy.rules(&scope, 10).await.unwrap();
    assert_eq!(versions.iter().map(|version| version.text.as_str()).collect::<Vec<_>>(), ["", sunday]);
});

on_both_engines!(a_rule_that_fails_forbids, migrations(), |fresh| {
    let site = Site::new(&fresh.store).await;
    let key = resource(KEYS[0]);
    let mut tx = site.begin().await;
    let grant = NewGrant::always(Subject::Person(person(1)), Right::Exchange, Target::Resource { id: key });
    site.policy.grant(&mut tx, grant).await.unwrap();
    // Strict validation lets arithmetic through; it overflows only when it is evaluated.
    let text = "@id(\"overflow\")\nforbid (principal, action, resource)\nwhen { 9223372036854775807 + context.weekday > 0 };";
    site.policy.save_rules(&mut tx, text).await.unwrap();
    commit(tx).await;
    let decision = site.ask(person(1), Right::Exchange, key).await;
    assert_eq!(decision.reasons, [Reason::RuleFailed { rule: "overflow".to_owned() }]);
});
