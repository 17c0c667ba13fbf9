//! The pages of the record with invented entries, for `/gallery` and the test that draws them all.

use std::collections::HashMap;

use sekisho_kernel::{Actor, Outcome, RequestId};
use sekisho_storage::JsonText;
use sekisho_storage::tables::audit_entries::Model;
use sekisho_web::gallery::{Sample, Sampler, drawn, id, minutes_ago};
use serde_json::{Value, json};
use uuid::Uuid;

use super::{EntryPage, Proof, RecordPage, VerifyPage};
use crate::ask::Ask;
use crate::{Filter, Found, Inclusion, leaf};

/// The pages that have samples.
pub fn samplers() -> Vec<Sampler> {
    vec![drawn::<RecordPage>, drawn::<EntryPage>, drawn::<VerifyPage>]
}

fn names() -> HashMap<Uuid, String> {
    let named =
        [(1, "社用車 3 号（品川 500 あ 12-34）"), (101, "佐藤 美咲"), (201, "総務部 施設・車両管理チーム")];
    named.into_iter().map(|(number, name)| (id(number), name.to_owned())).collect()
}

fn found(number: i64, actor: Actor, action: &str, outcome: Outcome) -> Found {
    let actor_id = matches!(actor, Actor::Person { .. }).then(|| id(101));
    Found {
        entry: Model {
            tenant_id: id(9),
            id: id(u128::from(number.unsigned_abs())),
            at: minutes_ago(number * 7),
            actor: JsonText(actor),
            actor_id,
            action: action.to_owned(),
            outcome: JsonText(outcome),
            target_kind: Some("key".to_owned()),
            target_id: Some(id(1)),
            target_name: None,
            decision: JsonText(Value::Null),
            details: JsonText(json!({})),
            request: RequestId(id(700)),
            address: Some("192.0.2.17".to_owned()),
        },
        actor_name: actor_id.map(|_| "佐藤 美咲".to_owned()),
    }
}

/// One of each kind of actor, ended in each way.
fn all() -> Vec<Found> {
    let person = || Actor::Person { id: id(101) };
    vec![
        found(1, person(), "key.take_out", Outcome::Done),
        found(2, person(), "key.take_out", Outcome::Refused),
        found(3, Actor::Token { id: id(101), token: id(102) }, "device.add", Outcome::Done),
        found(4, Actor::Guest { id: id(103) }, "key.take_out", Outcome::Failed),
        found(5, Actor::Device { id: id(10) }, "key.return", Outcome::Done),
        found(6, Actor::System { name: "identity.prune".to_owned() }, "person.erase", Outcome::Done),
        found(7, Actor::Nobody, "session.sign_in", Outcome::Refused),
        found(8, person(), "act.nobody.knows", Outcome::Done),
    ]
}

impl Sample for RecordPage {
    fn samples() -> Vec<(&'static str, Self)> {
        let page = |filter, found| Self {
            ask: Ask::default(),
            filter,
            found,
            next: Some("next".to_owned()),
            names: names(),
        };
        let slice = Filter {
            actor: Some(id(101)),
            target_kind: Some("key".to_owned()),
            request: Some(id(700)),
            ..Filter::default()
        };
        let searched = Filter { text: Some("プリンター".to_owned()), ..Filter::default() };
        let none = |filter| Self { next: None, ..page(filter, Vec::new()) };
        vec![
            ("/record", page(Filter::default(), all())),
            ("/record: a slice", page(slice, all())),
            ("/record: none", none(Filter::default())),
            ("/record: nothing found", none(searched)),
        ]
    }
}

impl Sample for EntryPage {
    fn samples() -> Vec<(&'static str, Self)> {
        let decided = |outcome, allowed: bool, reasons: Value| {
            let mut found = found(1, Actor::Person { id: id(101) }, "key.take_out", outcome);
            found.entry.decision = JsonText(json!({
                "allowed": allowed,
                "reasons": reasons,
                "policies": ["base.exchange", "night"],
                "revision": 42,
            }));
            found.entry.details =
                JsonText(json!({ "holder": id::<Uuid>(101), "bin": 4, "box": "本社 1 階 A", "note": null }));
            found
        };
        let granted = json!([{
            "reason": "granted_by",
            "grant": id::<Uuid>(2),
            "subjects": [{ "to": "person", "id": id::<Uuid>(101) }, { "to": "group", "id": id::<Uuid>(201) }],
            "targets": [{ "on": "resource", "id": id::<Uuid>(1) }, { "on": "all_of", "kind": "key" }, { "on": "tenant" }],
        }]);
        let against = json!([
            { "reason": "no_grant" },
            { "reason": "expired", "since": minutes_ago(600) },
            { "reason": "step_up_needed", "within_s": 900 },
            { "reason": "forbidden_by_rule", "rule": "night" },
            { "reason": "never_heard_of" },
        ]);
        let proof = |holds| {
            let hash = leaf::hash(b"invented");
            let inclusion = Inclusion { index: 41, size: 42, hash, path: vec![hash, hash] };
            let note = "sekisho.example.jp/9\n42\nCsUYapGGPo4dkMgIAUqom/Xajj7h2fB2MPA3j2jxq2I=\n".to_owned();
            Some(Proof { inclusion, note, holds })
        };
        let page = |found, proof| Self { found, names: names(), proof };
        vec![
            ("/record/{id}: allowed", page(decided(Outcome::Done, true, granted), proof(true))),
            ("/record/{id}: refused", page(decided(Outcome::Refused, false, against), proof(false))),
            (
                "/record/{id}: not folded yet",
                page(found(7, Actor::Nobody, "session.sign_in", Outcome::Refused), None),
            ),
        ]
    }
}

impl Sample for VerifyPage {
    fn samples() -> Vec<(&'static str, Self)> {
        let page = |note: &str, key: &str| Self { note: note.to_owned(), key: key.to_owned() };
        vec![
            ("/record/verify", page("sekisho.example.jp/9\n42\n…\n", "sekisho.example.jp/9+1a2b3c4d+AQ…")),
            ("/record/verify: nothing recorded yet", page("", "")),
        ]
    }
}
