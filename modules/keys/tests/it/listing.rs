//! The list of keys reads little and must show what the whole stock holds: the two are held against each other for every
//! filter, by people who may know of much and of little; and so are the pages of one key and one box.

use std::collections::BTreeSet;

use sekisho_keys::due::DueRule;
use sekisho_keys::reads::{self, KeyFilter, KeyState, ListAsk, Sight, Stock, Which};
use sekisho_keys::tables::words::ReturnPolicy;
use sekisho_keys::{BoxForm, BoxId, KeyForm, KeyGroupId, KeyId, Mend};
use sekisho_policy::{Right, Subject, Target};
use sekisho_testkit::minutes;
use sekisho_wire::EventKind;
use serde_json::{Value, json};

use crate::scene::Scene;

/// A key in every state, in two boxes and two groups; returns the groups.
async fn every_state(scene: &Scene) -> [KeyGroupId; 2] {
    let cx = scene.server.cx();
    let form = BoxForm {
        name: "Box B".to_owned(),
        bins: 3,
        columns: 3,
        return_policy: ReturnPolicy::AnyBin,
        site: None,
        directions: String::new(),
        seen: Default::default(),
    };
    let far = sekisho_keys::add_box(&scene.keys, &cx, form).await.unwrap();
    let add = async |name: &str, place: Option<BoxId>, bin: Option<i64>, after: u32| {
        let form = KeyForm {
            name: name.to_owned(),
            description: format!("opens {name}"),
            fob: Some(format!("FOB-{name}")),
            home_box: place,
            home_bin: bin,
            hangs_there: bin.is_some(),
            due: if after == 0 { DueRule::Never } else { DueRule::After { minutes: after } },
            ..KeyForm::default()
        };
        sekisho_keys::add_key(&scene.keys, &cx, form).await.unwrap()
    };
    let late = add("Late", Some(scene.place), Some(3), 5).await;
    let soon = add("Soon", Some(scene.place), Some(4), 30).await;
    let far_key = add("Far", Some(far), Some(1), 0).await;
    let nowhere = add("Nowhere", Some(far), None, 0).await;
    add("Homeless", None, None, 0).await;
    let sato = scene.person("sato", Right::Exchange, Scene::on_key(late)).await;
    scene.grant(Subject::Person(sato), Right::Exchange, Scene::on_key(soon)).await;
    scene.takes(sato, late, "FOB-Late", 3).await;
    scene.takes(sato, soon, "FOB-Soon", 4).await;
    scene.server.advance(minutes(10)).await;
    // The van by force, the store room into another key's bin, the far key lent by hand to somebody.
    scene.tells(EventKind::KeyRemoved { bin: 1, fob: Some("FOB-VAN".into()), command: None }).await;
    scene.tells(EventKind::KeyRemoved { bin: 2, fob: Some("FOB-STORE".into()), command: None }).await;
    scene.tells(EventKind::KeyInserted { bin: 3, fob: "FOB-STORE".into(), command: None }).await;
    let mend = Mend::Missing { key: nowhere };
    sekisho_keys::mend_inventory(&scene.keys, &scene.server.cx(), mend).await.unwrap();
    let to = scene.server.colleague("ito").await.person;
    let lend = sekisho_keys::Lend { key: far_key, to, until: None, note: String::new() };
    sekisho_keys::register_loan(&scene.keys, &scene.server.cx(), lend).await.unwrap();
    let cx = scene.server.cx();
    let cars = sekisho_keys::add_group(&scene.keys, &cx, "Cars").await.unwrap();
    let rooms = sekisho_keys::add_group(&scene.keys, &cx, "Rooms").await.unwrap();
    sekisho_keys::add_group(&scene.keys, &cx, "Empty").await.unwrap();
    for (group, key) in [(cars, scene.van), (cars, late), (rooms, scene.store_room), (rooms, late)] {
        sekisho_keys::put_in_group(&scene.keys, &cx, group, key).await.unwrap();
    }
    [cars, rooms]
}

/// Those who look: everybody, somebody with two keys and a box, somebody who holds keys, somebody with nothing.
async fn viewers(scene: &Scene) -> Vec<(&'static str, Sight)> {
    let kato = scene.person("kato", Right::View, Scene::on_key(scene.store_room)).await;
    scene.grant(Subject::Person(kato), Right::Exchange, Scene::on_key(scene.van)).await;
    let of_box = Target::Resource { id: scene.place.resource() };
    let mori = scene.person("mori", Right::Manage, of_box).await;
    let nobody = scene.server.colleague("abe").await.person;
    let ito = scene.server.colleague("ueda").await.person;
    let mut all = vec![("everything", Sight::everything())];
    for (name, person) in [("kato", kato), ("mori", mori), ("abe", nobody), ("ueda", ito)] {
        all.push((name, Sight::of(&scene.keys, &scene.server.cx(), person).await.unwrap()));
    }
    // Whoever holds a key knows of it without a right to it.
    let stock = reads::stock(&scene.keys, &scene.server.cx(), &Sight::everything()).await.unwrap();
    let holder = stock.keys.iter().find(|key| key.name == "Far").and_then(|key| key.holder).unwrap();
    all.push(("a holder", Sight::of(&scene.keys, &scene.server.cx(), holder).await.unwrap()));
    all
}

fn asks(stock: &Stock, groups: [KeyGroupId; 2]) -> Vec<KeyFilter> {
    let words = KeyState::ALL.map(KeyState::word);
    let states = words.into_iter().chain(["", "out", "nonsense"]);
    let states = states.map(|state| KeyFilter { state: state.to_owned(), ..KeyFilter::default() });
    let searches = ["fob-late", "OPENS s", "sato", "box b", "ito", "nothing like it"];
    let searches = searches.map(|search| KeyFilter { search: search.to_owned(), ..KeyFilter::default() });
    let boxes = stock.boxes.iter().map(|place| KeyFilter { box_id: Some(place.id), ..KeyFilter::default() });
    let groups = groups.map(|group| KeyFilter { group: Some(group), ..KeyFilter::default() });
    let both = KeyFilter { search: "sato".to_owned(), state: "late".to_owned(), ..groups[0].clone() };
    states.chain(searches).chain(boxes).chain(groups.clone()).chain([both]).collect()
}

story!(the_list_shows_what_the_stock_holds, |scene| {
    let groups = every_state(&scene).await;
    let cx = scene.server.cx();
    let mut states = BTreeSet::new();
    for (who, sight) in viewers(&scene).await {
        let stock = reads::stock(&scene.keys, &cx, &sight).await.unwrap();
        states.extend(stock.keys.iter().map(|key| key.state.word()));
        for filter in asks(&stock, groups) {
            let sort = "name".to_owned();
            let ask = ListAsk { filter: filter.clone(), sort, from: 0, count: 50, drawn: 12 };
            let listing = reads::listing(&scene.keys, &cx, &sight, &ask).await.unwrap();
            let page: Vec<Value> =
                listing.page.iter().map(|id| json!(listing.stock.key(*id).unwrap())).collect();
            let wanted: Vec<Value> = stock.filtered(&filter).iter().map(|key| json!(key)).collect();
            assert_eq!(page, wanted, "{who}: {filter:?}");
            for state in KeyState::ALL {
                let count = stock.keys.iter().filter(|key| key.state == state).count();
                assert_eq!(listing.count(|one| one == state), count as u64, "{who}: {state:?}");
            }
            let named = |rows: &[reads::BoxRow]| {
                let one = |row: &reads::BoxRow| json!([row.id, row.name, row.device_state, row.last_seen]);
                rows.iter().map(one).collect::<Vec<_>>()
            };
            assert_eq!(named(&listing.boxes), named(&stock.boxes), "{who}");
            let drawn: Vec<Value> =
                listing.boxes.iter().map(|place| json!(listing.stock.place(place.id).unwrap())).collect();
            assert_eq!(drawn, stock.boxes.iter().map(|place| json!(place)).collect::<Vec<_>>(), "{who}");
            let known: Vec<_> = stock.groups.iter().map(|one| (one.id, one.name.clone())).collect();
            assert_eq!(listing.groups, known, "{who}");
        }
    }
    let all: BTreeSet<&str> =
        KeyState::ALL.iter().filter(|one| **one != KeyState::Released).map(|one| one.word()).collect();
    assert!(states.is_superset(&all.difference(&["in"].into()).copied().collect()), "{states:?}");
});

story!(a_part_of_the_stock_is_as_it_is_in_the_whole, |scene| {
    every_state(&scene).await;
    let cx = scene.server.cx();
    for (who, sight) in viewers(&scene).await {
        let stock = reads::stock(&scene.keys, &cx, &sight).await.unwrap();
        for place in &stock.boxes {
            let which = Which::Part { keys: &[], boxes: &[place.id] };
            let part = reads::stock_of(&scene.keys, &cx, &sight, which).await.unwrap();
            assert_eq!(json!(part.place(place.id)), json!(place), "{who}: {}", place.name);
            let here = |stock: &Stock| {
                let here = |key: &&reads::KeyRow| [key.box_id, key.home_box].contains(&Some(place.id));
                stock.keys.iter().filter(here).map(|key| json!(key)).collect::<Vec<_>>()
            };
            assert_eq!(here(&part), here(&stock), "{who}: {}", place.name);
            let wrong = |stock: &Stock| {
                let here = stock.incidents.iter().filter(|one| one.box_id == Some(place.id));
                here.map(|one| json!([one, one.key.map(|key| stock.key(key).is_some())])).collect::<Vec<_>>()
            };
            assert_eq!(wrong(&part), wrong(&stock), "{who}: {}", place.name);
        }
        for key in &stock.keys {
            let ids: [KeyId; 1] = [key.id];
            let which = Which::Part { keys: &ids, boxes: key.home_box.as_slice() };
            let part = reads::stock_of(&scene.keys, &cx, &sight, which).await.unwrap();
            assert_eq!(json!(part.key(key.id)), json!(key), "{who}: {}", key.name);
            let home = |stock: &Stock| key.home_box.and_then(|id| stock.place(id)).map(|row| json!(row));
            assert_eq!(home(&part), home(&stock), "{who}: {}", key.name);
        }
    }
});

story!(ones_own_keys_are_found_among_more_rights_than_are_named, |scene| {
    let everything = Target::AllOf { kind: "key".to_owned() };
    let sato = scene.person("sato", Right::Exchange, everything).await;
    let mend = Mend::Missing { key: scene.store_room };
    sekisho_keys::mend_inventory(&scene.keys, &scene.server.cx(), mend).await.unwrap();
    let own = async |also: &[KeyId]| {
        let cx = scene.server.cx();
        let sight = Sight::of(&scene.keys, &cx, sato).await.unwrap();
        let stock = reads::own(&scene.keys, &cx, &sight, sato, also, 24).await.unwrap();
        stock.keys.into_iter().map(|key| key.name).collect::<Vec<_>>()
    };
    assert_eq!(own(&[]).await, ["Van 3"], "what hangs nowhere is not offered");
    assert_eq!(own(&[scene.store_room]).await, ["Store room", "Van 3"], "but what is booked is shown");
    let foundation = scene.server.foundation();
    let cx = scene.server.cx();
    let mut tx = foundation.store.begin(&cx).await.unwrap();
    for _ in 0..1_001 {
        let key: KeyId = cx.fresh_id();
        foundation.policy.register(&mut tx, key.resource(), "key", "one of many").await.unwrap();
    }
    tx.commit_bookkeeping("test").await.unwrap();
    assert_eq!(own(&[]).await, ["Store room", "Van 3"], "of more than a thousand rights all is read");
    scene.takes(sato, scene.van, "FOB-VAN", 1).await;
    assert_eq!(own(&[]).await, ["Store room", "Van 3"]);
});
