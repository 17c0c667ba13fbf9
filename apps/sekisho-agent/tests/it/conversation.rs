//! What people do before the box, and what it does when the server is not there.

use std::time::Duration;

use sekisho_agent::box_logic::{Alarm, Input, PanelAction, Screen};
use sekisho_agent::driver::Signal;
use sekisho_kernel::Language;
use sekisho_wire::{
    AnswerKind, AskKind, Channel, Code, EventKind, IdentifyBy, KeyOffer, ReleaseReason, Words,
};

use crate::stand::{Stand, device, id};

fn typed(value: &str) -> Code {
    Code::new(value)
}

fn offer(number: u16) -> KeyOffer {
    KeyOffer {
        key: id(u128::from(100 + number)),
        name: format!("Van {number}"),
        bin: Some(number),
        due: sekisho_kernel::Timestamp::from_secs(1_800_010_000),
        late: false,
    }
}

fn welcome(stand: &Stand) -> AnswerKind {
    AnswerKind::Welcome {
        session: id(50),
        name: "佐藤".to_owned(),
        expires: stand.now.plus(Duration::from_secs(120)),
        takeable: vec![offer(2), offer(3)],
        held: Vec::new(),
    }
}

fn signed_in() -> Stand {
    let mut stand = Stand::connected();
    stand.press(PanelAction::IdNumber { value: typed("1234") });
    let welcome = welcome(&stand);
    stand.answer(welcome);
    stand
}

#[test]
fn four_taps_to_a_key() {
    let mut stand = Stand::connected();
    stand.press(PanelAction::IdNumber { value: typed("1234") });
    assert_eq!(stand.asked(), AskKind::Identify { by: IdentifyBy::IdNumber(typed("1234")) });
    stand.answer(AnswerKind::NeedCode {
        attempt: id(9),
        sent_to: "s…@example.jp".to_owned(),
        channel: Channel::Mail,
    });
    assert_eq!(
        stand.screen(),
        Screen::Proof {
            pin: false, sent_to: Some("s…@example.jp".to_owned()), wrong: false, second: false
        }
    );
    stand.press(PanelAction::Prove { value: typed("000000") });
    stand.answer(AnswerKind::Refused { code: "wrong_code".to_owned(), text: Words::default() });
    assert!(matches!(stand.screen(), Screen::Proof { wrong: true, .. }));
    stand.press(PanelAction::Prove { value: typed("424242") });
    assert_eq!(stand.asked(), AskKind::Prove { attempt: id(9), secret: typed("424242") });
    let welcome = welcome(&stand);
    stand.answer(welcome);
    let Screen::Choose { takeable, .. } = stand.screen() else { panic!("{:?}", stand.screen()) };
    assert_eq!(takeable.len(), 2);
    stand.press(PanelAction::Take { key: takeable[0].key });

    // the command overtakes the answer
    let order = stand.order(7, 2, ReleaseReason::Take);
    let signed = stand.sign(&order);
    stand.step(Input::Command(signed));
    stand.answer(AnswerKind::Released { command: order.id, bin: 2, not_after: order.not_after });
    assert!(matches!(stand.screen(), Screen::AtBin { bin: 2, step: "open", .. }), "{:?}", stand.screen());
    let fob = stand.take(2);
    assert!(matches!(stand.screen(), Screen::AtBin { step: "close", .. }));
    stand.close(2);
    assert!(
        matches!(stand.screen(), Screen::Taken { key: Some(key), due: Some(_), more: true } if key == "Van 2")
    );
    let events = stand.events();
    let command = Some(order.id);
    assert!(events.ends_with(&[
        EventKind::BinOpened { bin: 2, command },
        EventKind::KeyRemoved { bin: 2, fob: Some(fob), command },
        EventKind::BinClosed { bin: 2, command },
    ]));
    // and nobody is left at the panel
    stand.advance(Duration::from_secs(10));
    assert_eq!((stand.asked(), stand.screen()), (AskKind::End { session: id(50) }, Screen::Idle));
}

#[test]
fn a_key_that_takes_two_waits_for_the_second_person() {
    let mut stand = signed_in();
    stand.press(PanelAction::Take { key: id(102) });
    stand.answer(AnswerKind::NeedSecond);
    assert!(matches!(stand.screen(), Screen::Second { key: Some(key), sentence: None } if key == "Van 2"));
    // somebody nobody knows: the screen stays, and says so
    stand.step(Input::Signal(Signal::Badge("dead".to_owned())));
    stand.answer(AnswerKind::Refused { code: "unknown_badge".to_owned(), text: Words::default() });
    assert!(matches!(stand.screen(), Screen::Second { sentence: Some(_), .. }));
    stand.press(PanelAction::IdNumber { value: typed("5678") });
    let by = IdentifyBy::IdNumber(typed("5678"));
    assert_eq!(stand.asked(), AskKind::Beside { session: id(50), by });
    stand.answer(AnswerKind::NeedCode {
        attempt: id(9),
        sent_to: "t…@example.jp".to_owned(),
        channel: Channel::Mail,
    });
    assert!(matches!(stand.screen(), Screen::Proof { second: true, .. }));
    stand.press(PanelAction::Prove { value: typed("424242") });
    let welcome = welcome(&stand);
    stand.answer(welcome);
    // the box asks for the key again by itself
    assert_eq!(stand.asked(), AskKind::Take { session: id(50), key: id(102) });
    let order = stand.order(7, 2, ReleaseReason::Take);
    stand.answer(AnswerKind::Released { command: order.id, bin: 2, not_after: order.not_after });
    assert!(matches!(stand.screen(), Screen::AtBin { bin: 2, .. }));
}

#[test]
fn a_key_that_wants_a_fresh_proof_asks_for_it() {
    let mut stand = signed_in();
    stand.press(PanelAction::Take { key: id(103) });
    stand.answer(AnswerKind::NeedPin { attempt: id(9) });
    assert!(matches!(stand.screen(), Screen::Proof { pin: true, second: false, .. }));
    stand.press(PanelAction::Prove { value: typed("2580") });
    let welcome = welcome(&stand);
    stand.answer(welcome);
    assert_eq!(stand.asked(), AskKind::Take { session: id(50), key: id(103) });
}

#[test]
fn a_bin_closed_with_the_key_still_in_it_is_no_exchange() {
    let mut stand = signed_in();
    stand.press(PanelAction::Take { key: id(102) });
    let order = stand.order(7, 2, ReleaseReason::Take);
    stand.answer(AnswerKind::Released { command: order.id, bin: 2, not_after: order.not_after });
    let signed = stand.sign(&order);
    stand.step(Input::Command(signed));
    stand.close(2);
    assert!(matches!(stand.screen(), Screen::Said { back: true, .. }));
    assert!(!stand.events().iter().any(|event| matches!(event, EventKind::KeyRemoved { .. })));
}

#[test]
fn a_key_goes_back_without_a_server() {
    let mut stand = Stand::new();
    stand.step(Input::Signal(Signal::FobAtReader("F9".to_owned())));
    // bin 4 is empty and nobody's home
    assert!(
        matches!(stand.screen(), Screen::AtBin { bin: 4, purpose: "return", step: "open", .. }),
        "{:?}",
        stand.screen()
    );
    stand.put(4, "F9");
    stand.close(4);
    assert!(matches!(stand.screen(), Screen::Returned { form: false, .. }));
    assert!(stand.events().ends_with(&[
        EventKind::BinOpened { bin: 4, command: None },
        EventKind::KeyInserted { bin: 4, fob: "F9".to_owned(), command: None },
        EventKind::BinClosed { bin: 4, command: None },
    ]));
}

#[test]
fn a_key_goes_back_though_the_server_refuses_or_is_silent() {
    for silent in [false, true] {
        let mut stand = Stand::connected();
        stand.press(PanelAction::Return { key: None });
        assert!(matches!(stand.asked(), AskKind::Return { session: None, .. }));
        if silent {
            stand.advance(Duration::from_secs(4));
        } else {
            stand.answer(AnswerKind::Refused { code: "later".to_owned(), text: Words::default() });
        }
        assert!(matches!(stand.screen(), Screen::AtBin { bin: 4, purpose: "return", .. }));
    }
}

#[test]
fn a_promised_bin_that_does_not_open_is_replaced() {
    let mut stand = Stand::connected();
    stand.press(PanelAction::Return { key: None });
    let not_after = stand.now.plus(Duration::from_secs(10));
    stand.answer(AnswerKind::Released { command: id(7), bin: 3, not_after });
    stand.advance(Duration::from_secs(9));
    assert!(matches!(stand.screen(), Screen::AtBin { bin: 4, purpose: "return", step: "open", .. }));
}

#[test]
fn a_key_finds_its_own_bin_and_a_full_box_says_so() {
    let mut stand = Stand::connected();
    let order = stand.order(7, 3, ReleaseReason::Manager);
    let signed = stand.sign(&order);
    stand.step(Input::Command(signed));
    let fob = stand.take(3);
    stand.close(3);
    stand.connect(false);
    stand.step(Input::Signal(Signal::FobAtReader(fob.clone())));
    assert!(matches!(stand.screen(), Screen::AtBin { bin: 3, .. }), "{:?}", stand.screen());
    stand.put(3, &fob);
    stand.close(3);
    stand.advance(Duration::from_secs(40));
    stand.press(PanelAction::Return { key: None });
    stand.put(4, "F9");
    stand.close(4);
    stand.advance(Duration::from_secs(40));
    stand.press(PanelAction::Return { key: None });
    assert!(matches!(stand.screen(), Screen::Said { .. }));
    assert!(stand.logic.view(stand.now).bins.iter().all(|bin| bin.closed));
}

#[test]
fn a_jammed_bin_does_not_leave_a_key_in_the_hand() {
    let mut stand = Stand::new();
    stand.doors.get_mut(&4).unwrap().jammed = true;
    stand.press(PanelAction::Return { key: None });
    stand.advance(Duration::from_secs(12));
    assert!(matches!(stand.screen(), Screen::Said { .. }), "{:?}", stand.screen());
    assert!(stand.events().contains(&EventKind::BinJammed { bin: 4, command: None }));
}

#[test]
fn force_and_forgetfulness_raise_the_alarm() {
    let mut stand = Stand::connected();
    stand.doors.get_mut(&2).unwrap().closed = false;
    stand.step(Input::Signal(Signal::BinOpened(2)));
    let fob = stand.take(2);
    let alarms = |stand: &Stand| stand.logic.view(stand.now).bins[1].alarm;
    assert_eq!(alarms(&stand), Some(Alarm::Forced));
    assert!(stand.events().contains(&EventKind::BinForced { bin: 2 }));
    assert!(stand.events().contains(&EventKind::KeyRemoved { bin: 2, fob: Some(fob), command: None }));
    stand.close(2);
    assert_eq!(alarms(&stand), None);

    let order = stand.order(7, 2, ReleaseReason::Manager);
    let signed = stand.sign(&order);
    stand.step(Input::Command(signed));
    stand.advance(Duration::from_secs(90));
    assert_eq!(alarms(&stand), Some(Alarm::LeftOpen));
    let left_open =
        stand.events().iter().filter(|event| matches!(event, EventKind::BinLeftOpen { bin: 2, .. })).count();
    assert_eq!(left_open, 1);
}

#[test]
fn the_panel_forgets_people_and_returns_to_its_language() {
    let mut stand = Stand::connected();
    stand.press(PanelAction::Language { language: Language::En });
    stand.press(PanelAction::IdNumber { value: typed("1234") });
    assert_eq!(stand.last_ask().language, Language::En);
    let welcome = welcome(&stand);
    stand.answer(welcome);
    stand.advance(Duration::from_secs(31));
    let view = stand.logic.view(stand.now);
    assert_eq!((view.screen, view.language), (Screen::Idle, Language::Ja));
    assert_eq!(stand.asked(), AskKind::End { session: id(50) });
}

#[test]
fn five_wrong_codes_rest_the_panel_but_never_a_return() {
    let mut stand = Stand::connected();
    for _ in 0..5 {
        stand.press(PanelAction::IdNumber { value: typed("9999") });
        stand.answer(AnswerKind::Refused { code: "wrong_code".to_owned(), text: Words::default() });
    }
    assert_eq!(stand.screen(), Screen::Resting);
    assert!(stand.events().contains(&EventKind::CodeRefused { tries: 5 }));
    let asked = stand.last_ask().n;
    stand.press(PanelAction::IdNumber { value: typed("1234") });
    assert_eq!(stand.last_ask().n, asked);
    stand.press(PanelAction::Return { key: None });
    assert!(matches!(stand.asked(), AskKind::Return { .. }));
}

#[test]
fn without_a_server_nobody_is_let_in() {
    let mut stand = Stand::new();
    stand.press(PanelAction::IdNumber { value: typed("1234") });
    assert!(matches!(stand.screen(), Screen::Said { back: false, .. }));
    assert!(stand.published.is_empty());

    let mut stand = Stand::connected();
    stand.press(PanelAction::IdNumber { value: typed("1234") });
    stand.connect(false);
    assert!(matches!(stand.screen(), Screen::Said { .. }));
    let mut stand = Stand::connected();
    stand.press(PanelAction::IdNumber { value: typed("1234") });
    stand.advance(Duration::from_secs(9));
    assert!(matches!(stand.screen(), Screen::Said { .. }));
}

#[test]
fn numbers_of_questions_never_repeat() {
    let mut stand = Stand::connected();
    let mut numbers = Vec::new();
    for _ in 0..3 {
        stand.press(PanelAction::IdNumber { value: typed("1") });
        numbers.push(stand.last_ask().n);
        stand.now = stand.now.plus(Duration::from_millis(1));
        stand.restart();
    }
    assert!(numbers.is_sorted() && numbers[0] != numbers[1] && numbers[1] != numbers[2]);
    assert_eq!(device(), id(1));
}
