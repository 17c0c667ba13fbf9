//! Commands over a road that loses, doubles, delays and reorders, into a box that loses power anywhere.

use std::collections::BTreeSet;
use std::time::Duration;

use proptest::prelude::*;
use sekisho_agent::box_logic::Input;
use sekisho_crypto::SigningKey;
use sekisho_kernel::Timestamp;
use sekisho_wire::{
    Command, CommandId, CommandKind, CommandResult, EventKind, ReleaseReason, SignedCommand, TimeBeacon,
};

use crate::stand::{BINS, Stand, id};

#[derive(Clone, Debug)]
enum Move {
    /// The server makes a command and perhaps delivers it at once.
    Issue {
        bin: u16,
        deliver: bool,
    },
    /// Any command made so far arrives (again).
    Deliver {
        which: prop::sample::Index,
    },
    Wait {
        seconds: u64,
    },
    CutPower {
        after_effects: usize,
    },
    Close {
        bin: u16,
    },
    Jam {
        bin: u16,
        jammed: bool,
    },
    Link {
        up: bool,
    },
}

fn moves() -> impl Strategy<Value = Move> {
    let bin = 1..=BINS;
    prop_oneof![
        3 => (bin.clone(), any::<bool>()).prop_map(|(bin, deliver)| Move::Issue { bin, deliver }),
        4 => any::<prop::sample::Index>().prop_map(|which| Move::Deliver { which }),
        2 => (0_u64..14).prop_map(|seconds| Move::Wait { seconds }),
        2 => (0_usize..9).prop_map(|after_effects| Move::CutPower { after_effects }),
        2 => bin.clone().prop_map(|bin| Move::Close { bin }),
        1 => (bin, any::<bool>()).prop_map(|(bin, jammed)| Move::Jam { bin, jammed }),
        1 => any::<bool>().prop_map(|up| Move::Link { up }),
    ]
}

proptest! {
    #[test]
    fn at_most_once_never_late_always_an_end(moves in prop::collection::vec(moves(), 1..60)) {
        let mut stand = Stand::connected();
        let mut orders: Vec<Command> = Vec::new();
        let mut arrived: BTreeSet<CommandId> = BTreeSet::new();
        for one in moves {
            match one {
                Move::Issue { bin, deliver } => {
                    let order = stand.order(1000 + orders.len() as u128, bin, ReleaseReason::Take);
                    if deliver {
                        arrived.insert(order.id);
                        let signed = stand.sign(&order);
                        stand.step(Input::Command(signed));
                    }
                    orders.push(order);
                }
                Move::Deliver { which } if !orders.is_empty() => {
                    let order = which.get(&orders).clone();
                    arrived.insert(order.id);
                    let signed = stand.sign(&order);
                    stand.step(Input::Command(signed));
                }
                Move::Deliver { .. } => {}
                Move::Wait { seconds } => stand.advance(Duration::from_secs(seconds)),
                Move::CutPower { after_effects } => stand.crash_after = Some(after_effects),
                Move::Close { bin } => stand.close(bin),
                Move::Jam { bin, jammed } => stand.doors.get_mut(&bin).unwrap().jammed = jammed,
                Move::Link { up } => stand.connect(up),
            }
        }
        stand.crash_after = None;
        // What was lost on the way comes once more, as from a server that heard nothing.
        stand.connect(true);
        for order in orders.iter().filter(|order| arrived.contains(&order.id)) {
            let signed = stand.sign(order);
            stand.step(Input::Command(signed));
        }
        stand.advance(Duration::from_secs(30));

        for order in &orders {
            let driven: Vec<_> = stand.driven.iter().filter(|(_, command, _)| *command == Some(order.id)).collect();
            prop_assert!(driven.len() <= 1, "{} was acted on {} times", order.id, driven.len());
            for (bin, _, at) in driven {
                let is_ordered = matches!(order.kind, CommandKind::ReleaseBin { bin: ordered, .. } if ordered == *bin);
                prop_assert!(is_ordered, "another bin was opened");
                prop_assert!(*at <= order.not_after, "acted on after its time");
            }
            let is_final = |result: &CommandResult| !matches!(result, CommandResult::Accepted);
            if arrived.contains(&order.id) {
                let ends: BTreeSet<String> = stand
                    .acks(order.id)
                    .iter()
                    .filter(|ack| is_final(&ack.result))
                    .map(|ack| format!("{:?}", ack.result))
                    .collect();
                prop_assert_eq!(ends.len(), 1, "{} ended as {:?}", order.id, ends);
            } else {
                prop_assert!(stand.acks(order.id).is_empty());
            }
        }
    }
}

#[test]
fn a_second_copy_gets_the_first_result_even_after_a_restart() {
    let mut stand = Stand::connected();
    let order = stand.order(7, 2, ReleaseReason::Take);
    let signed = stand.sign(&order);
    stand.step(Input::Command(signed.clone()));
    stand.close(2);
    stand.restart();
    stand.step(Input::Command(signed));
    assert_eq!(stand.driven.len(), 1);
    let results: Vec<_> = stand.acks(order.id).into_iter().map(|ack| ack.result).collect();
    assert_eq!(results.first(), Some(&CommandResult::Accepted));
    assert!(results[1..].iter().all(|result| *result == CommandResult::Succeeded), "{results:?}");
}

#[test]
fn power_lost_between_intent_and_act_ends_unknown_or_by_what_the_door_shows() {
    for (crash_after, expected) in [(2, CommandResult::Unknown), (5, CommandResult::Succeeded)] {
        let mut stand = Stand::connected();
        let order = stand.order(7, 2, ReleaseReason::Take);
        let signed = stand.sign(&order);
        stand.crash_after = Some(crash_after);
        stand.step(Input::Command(signed));
        assert_eq!(stand.restarts, 1, "crash_after {crash_after}");
        let end = stand
            .acks(order.id)
            .into_iter()
            .map(|ack| ack.result)
            .rfind(|result| *result != CommandResult::Accepted);
        assert_eq!(end, Some(expected), "crash_after {crash_after}, driven {:?}", stand.driven);
        assert!(stand.driven.len() <= 1);
    }
}

#[test]
fn only_our_tenants_signature_for_this_very_box_counts() {
    let mut stand = Stand::connected();
    let order = stand.order(7, 2, ReleaseReason::Take);
    let stranger = SigningKey::generate(&*sekisho_crypto::system_world()).unwrap();
    let command = sekisho_wire::encode(&order);
    let signature = stranger.sign(&SignedCommand::signed_bytes(&command)).to_vec();
    stand.step(Input::Command(sekisho_wire::encode(&SignedCommand { command, signature })));
    let other_box = Command { device: id(2), ..order.clone() };
    let signed = stand.sign(&other_box);
    stand.step(Input::Command(signed));
    let mut bent = stand.sign(&order);
    let last = bent.len() - 1;
    bent[last] ^= 1;
    stand.step(Input::Command(bent));
    assert!(stand.driven.is_empty() && stand.acks(order.id).is_empty());
}

#[test]
fn an_old_order_stays_old_when_the_clock_falls_back() {
    let mut stand = Stand::connected();
    let old = stand.order(7, 2, ReleaseReason::Take);
    let old_signed = stand.sign(&old);
    stand.advance(Duration::from_secs(60));
    let fresh = stand.order(8, 3, ReleaseReason::Take);
    let fresh_signed = stand.sign(&fresh);
    stand.step(Input::Command(fresh_signed));
    // the battery of the clock falls out, and somebody plays back what they recorded
    stand.now = Timestamp::from_secs(1_000);
    stand.step(Input::Command(old_signed.clone()));
    stand.restart();
    stand.step(Input::Command(old_signed));
    assert_eq!(stand.driven.len(), 1);
    assert!(stand.acks(old.id).iter().all(|ack| ack.result == CommandResult::Expired));
}

#[test]
fn the_servers_time_corrects_a_wrong_clock_and_is_told() {
    let mut stand = Stand::connected();
    let right = stand.now;
    stand.now = right.plus(Duration::from_secs(3_600));
    stand.step(Input::Time(TimeBeacon { now: right, nonce: 0 }));
    assert!(
        stand
            .events()
            .iter()
            .any(|event| matches!(event, EventKind::ClockStepped { by_micros: -3_600_000_000 }))
    );
    let mut order = stand.order(7, 2, ReleaseReason::Take);
    order.not_before = right;
    order.not_after = right.plus(Duration::from_secs(10));
    let signed = stand.sign(&order);
    stand.step(Input::Command(signed));
    assert_eq!(stand.driven.len(), 1);
}

#[test]
fn an_open_door_is_told_though_the_clock_fell_back() {
    let mut stand = Stand::connected();
    let order = stand.order(7, 2, ReleaseReason::Take);
    let signed = stand.sign(&order);
    stand.step(Input::Command(signed));
    // the battery of the clock falls out while the door stands open
    stand.now = Timestamp::from_secs(1_000);
    stand.advance(Duration::from_secs(600));
    assert!(stand.events().iter().any(|event| matches!(event, EventKind::BinLeftOpen { bin: 2, .. })));
}

#[test]
fn refuses_what_makes_no_sense_and_says_why() {
    let mut stand = Stand::connected();
    let disable =
        Command { kind: CommandKind::DisableBin { bin: 2 }, ..stand.order(1, 2, ReleaseReason::Take) };
    let signed = stand.sign(&disable);
    stand.step(Input::Command(signed));
    for (number, bin, why, code) in [
        (2, 99, ReleaseReason::Take, Some("unknown_bin")),
        (3, 2, ReleaseReason::Take, Some("disabled")),
        (4, 2, ReleaseReason::Manager, None),
    ] {
        let order = stand.order(number, bin, why);
        let signed = stand.sign(&order);
        stand.step(Input::Command(signed));
        let last = stand.acks(order.id).pop().unwrap().result;
        match code {
            Some(code) => assert_eq!(last, CommandResult::Rejected { code: code.to_owned() }),
            None => assert_eq!(last, CommandResult::Succeeded),
        }
    }
}

#[test]
fn a_latch_that_sticks_is_told_and_not_driven_again() {
    let mut stand = Stand::connected();
    stand.doors.get_mut(&2).unwrap().jammed = true;
    let order = stand.order(7, 2, ReleaseReason::Take);
    let signed = stand.sign(&order);
    stand.step(Input::Command(signed));
    stand.advance(Duration::from_secs(6));
    assert_eq!(
        stand.acks(order.id).pop().unwrap().result,
        CommandResult::Failed { code: "jammed".to_owned() }
    );
    assert!(stand.events().contains(&EventKind::BinJammed { bin: 2, command: Some(order.id) }));
    assert_eq!(stand.driven.len(), 1);
}
