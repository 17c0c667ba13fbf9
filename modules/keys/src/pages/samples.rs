//! The pages of keys with invented keys and people, for `/gallery` and the test that draws them all.

mod stock;

use axum::http::StatusCode;
use jiff::civil::date;
use sekisho_kernel::PersonId;
use sekisho_places::Site;
use sekisho_policy::Right;
use sekisho_web::FormState;
use sekisho_web::gallery::{Sample, Sampler, drawn, id, minutes_ago};

use self::stock::{booking, everything, key, listing, loans, nothing, people, pictures, place};
use super::alerts::{AlertPage, Alerts, Listed};
use super::bookings::{BookingPage, Bookings, NewBooking, monday_of};
use super::box_page::{BinPage, BoxPage, BoxSettings, Openings};
use super::box_pictures::{self, BoxPictures};
use super::forms::{NewBox, NewKey, box_state, key_state};
use super::groups::Groups;
use super::guest::{Booked, GuestPage, Stands};
use super::inventory::Inventory;
use super::key_page::{HandOver, KeyPage};
use super::key_tabs::{KeyHistory, KeyRights, KeySettings, Who};
use super::overview::{Ask, Overview};
use super::payments::PaymentsPage;
use super::people::Holders;
use super::pictures::{PicturePage, camera_state};
use super::reports::{Ask as ReportAsk, IdleKeys, Loans};
use crate::alert::AlertEvent;
use crate::reads::{self, KeyState, KeycodeRow, LookRow, OpeningRow, Sight};
use crate::tables::words::{BookingState, Currency, OpeningResult};
use crate::{CameraForm, PaymentAccount};

/// The pages that have samples.
pub(crate) fn samplers() -> Vec<Sampler> {
    vec![
        drawn::<Overview>,
        drawn::<NewKey>,
        drawn::<NewBox>,
        drawn::<BoxPage>,
        drawn::<Openings>,
        drawn::<BoxPictures>,
        drawn::<BoxSettings>,
        drawn::<BinPage>,
        drawn::<PicturePage>,
        drawn::<Holders>,
        drawn::<Bookings>,
        drawn::<NewBooking>,
        drawn::<BookingPage>,
        drawn::<Groups>,
        drawn::<Alerts>,
        drawn::<AlertPage>,
        drawn::<Loans>,
        drawn::<IdleKeys>,
        drawn::<Inventory>,
        drawn::<KeyPage>,
        drawn::<KeyRights>,
        drawn::<KeyHistory>,
        drawn::<KeySettings>,
        drawn::<HandOver>,
        drawn::<GuestPage>,
        drawn::<PaymentsPage>,
    ]
}

const REFUSED: StatusCode = StatusCode::UNPROCESSABLE_ENTITY;

/// Somebody who may take keys and manages none.
fn employee() -> Sight {
    let used = everything().keys.iter().map(|key| key.id.resource()).collect();
    Sight { person: Some(id(101)), used, ..Sight::default() }
}

fn manager() -> Sight {
    Sight { person: Some(id(103)), ..Sight::everything() }
}

fn sites() -> Vec<Site> {
    let (name, address) = ("本社".to_owned(), "東京都千代田区丸の内".to_owned());
    vec![Site { id: id(1), name, address, zone: "Asia/Tokyo".to_owned() }]
}

impl Sample for Overview {
    fn samples() -> Vec<(&'static str, Self)> {
        let page =
            |sight, stock, ask: Ask| Self { sight, listing: listing(stock, &ask.filter()), ask, from: 0 };
        let unfound = Ask { q: "プリンター".to_owned(), ..Ask::default() };
        vec![
            ("/keys: first hour", page(manager(), nothing(), Ask::default())),
            ("/keys: manager", page(manager(), everything(), Ask::default())),
            ("/keys: employee", page(employee(), everything(), Ask::default())),
            ("/keys: nothing found", page(manager(), everything(), unfound)),
            ("/keys: no right to any", page(Sight::default(), nothing(), Ask::default())),
        ]
    }
}

impl Sample for NewKey {
    fn samples() -> Vec<(&'static str, Self)> {
        let refused = key_state(&key(KeyState::In)).wrong("name", "error-empty");
        vec![
            (
                "/keys/new",
                Self {
                    state: FormState::empty().with("due", "never"),
                    boxes: vec![place(1)],
                    status: StatusCode::OK,
                },
            ),
            ("/keys/new: refused", Self { state: refused, boxes: vec![place(1)], status: REFUSED }),
        ]
    }
}

impl Sample for NewBox {
    fn samples() -> Vec<(&'static str, Self)> {
        let empty = FormState::empty().with("bins", 12).with("columns", 4);
        let refused = box_state(&place(1)).wrong("bins", "keys-error-bins");
        vec![
            ("/keys/boxes/new", Self { state: empty, sites: sites(), status: StatusCode::OK }),
            ("/keys/boxes/new: refused", Self { state: refused, sites: Vec::new(), status: REFUSED }),
        ]
    }
}

impl Sample for BoxPage {
    fn samples() -> Vec<(&'static str, Self)> {
        let page =
            |sight, number| Self { sight, stock: everything(), place: place(number), people: people() };
        vec![
            ("/keys/boxes/{id}: manager", page(manager(), 1)),
            ("/keys/boxes/{id}: employee", page(employee(), 1)),
            ("/keys/boxes/{id}: silent", page(manager(), 2)),
            ("/keys/boxes/{id}: empty", Self { stock: nothing(), ..page(manager(), 3) }),
        ]
    }
}

impl Sample for BoxPictures {
    fn samples() -> Vec<(&'static str, Self)> {
        let page = |pictures, next: Option<&str>| Self {
            place: place(1),
            ask: box_pictures::Ask::default(),
            pictures,
            next: next.map(ToOwned::to_owned),
        };
        vec![
            ("/keys/boxes/{id}/pictures", page(pictures(), Some("next"))),
            ("/keys/boxes/{id}/pictures: none", page(Vec::new(), None)),
        ]
    }
}

impl Sample for Openings {
    fn samples() -> Vec<(&'static str, Self)> {
        let rows = [
            (Some(4), "鍵を取り違えたため", OpeningResult::Opened),
            (None, "防災訓練", OpeningResult::Sent),
            (Some(7), "", OpeningResult::Expired),
            (Some(7), "扉の点検", OpeningResult::Failed),
        ];
        let openings = rows.into_iter().zip(1_i64..).map(|((bin, reason, result), hours)| OpeningRow {
            id: id(u128::from(hours.unsigned_abs())),
            bin,
            person: id(103),
            name: "高橋 健".to_owned(),
            reason: reason.to_owned(),
            at: minutes_ago(hours * 60),
            result,
        });
        vec![
            (
                "/keys/boxes/{id}/history",
                Self {
                    place: place(1),
                    openings: openings.collect(),
                    pictures: pictures(),
                    of_openings: pictures(),
                },
            ),
            (
                "/keys/boxes/{id}/history: none",
                Self { place: place(1), openings: Vec::new(), pictures: Vec::new(), of_openings: Vec::new() },
            ),
        ]
    }
}

impl Sample for BoxSettings {
    fn samples() -> Vec<(&'static str, Self)> {
        let page = |state, status| Self {
            place: place(1),
            state,
            camera: camera_state(CameraForm { on: true, days: 30 }),
            sites: sites(),
            devices: vec![(id::<sekisho_kernel::DeviceId>(10).to_string(), "本社 1 階".to_owned())],
            status,
        };
        vec![
            ("/keys/boxes/{id}/settings", page(box_state(&place(1)), StatusCode::OK)),
            (
                "/keys/boxes/{id}/settings: refused",
                page(box_state(&place(1)).wrong("", "error-conflict"), REFUSED),
            ),
            (
                "/keys/boxes/{id}/settings: camera refused",
                Self {
                    camera: FormState::empty().with("days", 400).wrong("days", "keys-error-picture-days"),
                    ..page(box_state(&place(1)), REFUSED)
                },
            ),
        ]
    }
}

impl Sample for PicturePage {
    fn samples() -> Vec<(&'static str, Self)> {
        let look = |number, name: &str, minutes| LookRow {
            at: minutes_ago(minutes),
            person: Some(id(number)),
            name: name.to_owned(),
        };
        let looks = vec![look(103, "高橋 健", 20), look(104, "Alexandra Wellington-Smythe", 90)];
        let pages = pictures().into_iter().map(|picture| Self { picture, looks: Vec::new(), left: 20 });
        let mut samples: Vec<_> = pages.map(|page| ("/keys/pictures/{id}: not looked at", page)).collect();
        if let Some(picture) = pictures().into_iter().next() {
            let proof = Self { picture: picture.clone(), looks: looks.clone(), left: 0 };
            samples.push(("/keys/pictures/{id}: proof wanted", proof));
            samples.insert(0, ("/keys/pictures/{id}", Self { picture, looks, left: 3 }));
        }
        samples
    }
}

impl Sample for BinPage {
    fn samples() -> Vec<(&'static str, Self)> {
        let page = |number: usize, lit| {
            let place = place(1);
            let bin = place.bins.get(number).cloned();
            bin.map(|bin| Self { stock: everything(), place, bin, lit })
        };
        [
            ("/keys/boxes/{id}/bins/{bin}", page(0, false)),
            ("/keys/boxes/{id}/bins/{bin}: lit", page(1, true)),
            ("/keys/boxes/{id}/bins/{bin}: disabled", page(9, false)),
            ("/keys/boxes/{id}/bins/{bin}: free", page(11, false)),
        ]
        .into_iter()
        .filter_map(|(name, page)| Some((name, page?)))
        .collect()
    }
}

impl Sample for Holders {
    fn samples() -> Vec<(&'static str, Self)> {
        vec![
            ("/keys/people", Self { holders: reads::holders(&everything()) }),
            ("/keys/people: nobody", Self { holders: Vec::new() }),
        ]
    }
}

impl Sample for Bookings {
    fn samples() -> Vec<(&'static str, Self)> {
        let today = date(2026, 11, 23);
        let page = |week, coming| Self { monday: monday_of(today), today, week, coming };
        let week = [BookingState::Booked, BookingState::Over, BookingState::Cancelled];
        let week = || week.into_iter().map(booking).collect();
        vec![
            ("/keys/bookings", page(week(), vec![booking(BookingState::Booked)])),
            ("/keys/bookings: none", page(Vec::new(), Vec::new())),
        ]
    }
}

impl Sample for NewBooking {
    fn samples() -> Vec<(&'static str, Self)> {
        let page = |state: FormState, people, status| Self {
            state: state.with("starts", "2026-11-24T10:00").with("ends", "2026-11-24T12:00"),
            usable: everything().keys.into_iter().map(|key| (key.id.to_string(), key.name)).collect(),
            people,
            currency: Some(Currency::Jpy),
            zone: "Asia/Tokyo".to_owned(),
            status,
        };
        let refused = FormState::empty().with("whom", "person").wrong("person", "keys-error-choose-person");
        vec![
            ("/keys/bookings/new: employee", page(FormState::empty(), None, StatusCode::OK)),
            ("/keys/bookings/new: refused", page(refused, Some(people()), REFUSED)),
        ]
    }
}

impl Sample for BookingPage {
    fn samples() -> Vec<(&'static str, Self)> {
        vec![
            ("/keys/bookings/{id}", Self { booking: booking(BookingState::Booked) }),
            ("/keys/bookings/{id}: unpaid", Self { booking: booking(BookingState::Unpaid) }),
            ("/keys/bookings/{id}: cancelled", Self { booking: booking(BookingState::Cancelled) }),
            ("/keys/bookings/{id}: over", Self { booking: booking(BookingState::Over) }),
        ]
    }
}

impl Sample for Groups {
    fn samples() -> Vec<(&'static str, Self)> {
        vec![
            ("/keys/groups: manager", Self { sight: manager(), stock: everything() }),
            ("/keys/groups: employee", Self { sight: employee(), stock: everything() }),
            ("/keys/groups: none", Self { sight: manager(), stock: nothing() }),
        ]
    }
}

impl Sample for Alerts {
    fn samples() -> Vec<(&'static str, Self)> {
        let rule = |number, name: &str, events: &[AlertEvent], active| Listed {
            id: id(number),
            name: name.to_owned(),
            events: events.to_vec(),
            active,
        };
        let rules = vec![
            rule(1, "社用車の返却遅れ", &[AlertEvent::Overdue], true),
            rule(2, "すべての出来事を警備会社に", &AlertEvent::ALL, false),
        ];
        vec![
            ("/keys/alerts", Self { rules, may_add: true }),
            ("/keys/alerts: none", Self { rules: Vec::new(), may_add: false }),
        ]
    }
}

impl Sample for AlertPage {
    fn samples() -> Vec<(&'static str, Self)> {
        let page = |state, at, status| Self { state, at, stock: everything(), people: people(), status };
        let state =
            || FormState::empty().with("name", "返却遅れ").with("events", "overdue").with("active", "on");
        vec![
            ("/keys/alerts/new", page(FormState::empty(), None, StatusCode::OK)),
            ("/keys/alerts/{id}", page(state(), Some(id(1)), StatusCode::OK)),
            ("/keys/alerts/{id}: refused", page(state().wrong("name", "error-field"), Some(id(1)), REFUSED)),
        ]
    }
}

impl Sample for Loans {
    fn samples() -> Vec<(&'static str, Self)> {
        let page = |report: &str, loans, next: Option<&str>| Self {
            ask: ReportAsk { report: report.to_owned(), ..ReportAsk::default() },
            loans,
            next: next.map(str::to_owned),
            people: people(),
        };
        vec![
            ("/keys/reports", page("", loans(), Some("next"))),
            ("/keys/reports: nothing overdue", page("overdue", Vec::new(), None)),
        ]
    }
}

impl Sample for IdleKeys {
    fn samples() -> Vec<(&'static str, Self)> {
        vec![
            ("/keys/reports: idle", Self { idle: vec![key(KeyState::In), key(KeyState::Missing)], days: 90 }),
            ("/keys/reports: none idle", Self { idle: Vec::new(), days: 30 }),
        ]
    }
}

impl Sample for Inventory {
    fn samples() -> Vec<(&'static str, Self)> {
        vec![
            ("/keys/inventory", Self { sight: manager(), stock: everything() }),
            ("/keys/inventory: all well", Self { sight: manager(), stock: nothing() }),
        ]
    }
}

impl Sample for KeyPage {
    fn samples() -> Vec<(&'static str, Self)> {
        let page = |sight, state| Self {
            sight,
            stock: everything(),
            key: key(state),
            people: people(),
            codes: Vec::new(),
            bookings: Vec::new(),
        };
        let code = KeycodeRow {
            id: id(1),
            code: "482 913".to_owned(),
            given_to: "清掃会社".to_owned(),
            made_at: minutes_ago(90),
        };
        let mut used = page(manager(), KeyState::In);
        (used.codes, used.bookings) = (vec![code], vec![booking(BookingState::Booked)]);
        vec![
            ("/keys/{id}: manager", used),
            ("/keys/{id}: may be taken", page(employee(), KeyState::In)),
            ("/keys/{id}: mine", page(employee(), KeyState::Out)),
            ("/keys/{id}: due soon", page(manager(), KeyState::DueSoon)),
            ("/keys/{id}: late", page(manager(), KeyState::Late)),
            ("/keys/{id}: released", page(manager(), KeyState::Released)),
            ("/keys/{id}: missing", page(manager(), KeyState::Missing)),
            ("/keys/{id}: forced", page(manager(), KeyState::Forced)),
            ("/keys/{id}: wrong bin", page(manager(), KeyState::WrongBin)),
        ]
    }
}

impl Sample for KeyRights {
    fn samples() -> Vec<(&'static str, Self)> {
        let page = |who| Self { sight: manager(), key: key(KeyState::In), who };
        let who = |number, name: &str, right, now| Who {
            person: id::<PersonId>(number),
            name: name.to_owned(),
            right,
            now,
        };
        let all = vec![
            who(101, "佐藤 美咲", Right::Exchange, true),
            who(102, "勅使河原 龍之介", Right::View, false),
            who(103, "高橋 健", Right::Manage, true),
        ];
        vec![("/keys/{id}/rights", page(all)), ("/keys/{id}/rights: nobody", page(Vec::new()))]
    }
}

impl Sample for KeyHistory {
    fn samples() -> Vec<(&'static str, Self)> {
        let page = |loans, pictures| Self { sight: manager(), key: key(KeyState::In), loans, pictures };
        vec![
            ("/keys/{id}/history", page(loans(), pictures())),
            ("/keys/{id}/history: none", page(Vec::new(), Vec::new())),
        ]
    }
}

impl Sample for KeySettings {
    fn samples() -> Vec<(&'static str, Self)> {
        let page = |state, status| Self {
            sight: manager(),
            key: key(KeyState::In),
            boxes: everything().boxes,
            state,
            status,
        };
        let state = || key_state(&key(KeyState::In));
        vec![
            ("/keys/{id}/settings", page(state(), StatusCode::OK)),
            ("/keys/{id}/settings: refused", page(state().wrong("", "error-conflict"), REFUSED)),
        ]
    }
}

impl Sample for HandOver {
    fn samples() -> Vec<(&'static str, Self)> {
        let wrong = FormState::empty().wrong("code", "error-field");
        vec![
            ("/keys/hand-overs/{id}", Self { id: id(1), state: FormState::empty(), status: StatusCode::OK }),
            ("/keys/hand-overs/{id}: wrong code", Self { id: id(1), state: wrong, status: REFUSED }),
        ]
    }
}

impl Sample for PaymentsPage {
    fn samples() -> Vec<(&'static str, Self)> {
        let page = |account: Option<PaymentAccount>, state, status| Self {
            account,
            state,
            base: "https://keys.aoba.example".to_owned(),
            status,
        };
        let known = PaymentAccount { provider: "https://api.stripe.com".to_owned(), currency: Currency::Jpy };
        let refused = FormState::empty().wrong("secret", "keys-error-secret");
        vec![
            ("/keys/payments: none", page(None, FormState::empty(), StatusCode::OK)),
            ("/keys/payments", page(Some(known), FormState::empty().with("currency", "jpy"), StatusCode::OK)),
            ("/keys/payments: refused", page(None, refused, REFUSED)),
        ]
    }
}

impl Sample for GuestPage {
    fn samples() -> Vec<(&'static str, Self)> {
        let page = |starts, ends, booked| Self {
            token: "token".to_owned(),
            code: "204816".to_owned(),
            starts_at: minutes_ago(starts),
            ends_at: minutes_ago(ends),
            zone: "Asia/Tokyo".to_owned(),
            stands: if ends > 0 { Stands::Over } else { Stands::Good },
            owed: None,
            pay_at: None,
            booked,
        };
        let unpaid = |pay_at: Option<&str>| Self {
            owed: Some(stock::owed()),
            pay_at: pay_at.map(str::to_owned),
            ..page(-60, -180, Vec::new())
        };
        let hangs = || Booked::Hangs {
            place: "本社 1 階 A".to_owned(),
            directions: "正面玄関を入って右、受付の奥".to_owned(),
            bin: 4,
        };
        let yours = Booked::Yours {
            due: Some(minutes_ago(-60)),
            note: "給油カードはグローブボックスにあります。".to_owned(),
        };
        let named = |number, name: &str, state| (id(number), name.to_owned(), state);
        let all = vec![
            named(1, "社用車 3 号", yours),
            named(2, "倉庫", hangs()),
            named(3, "第 2 会議室", Booked::Away),
        ];
        vec![
            ("/b/{token}", page(30, -60, all)),
            ("/b/{token}: early", page(-120, -180, vec![named(2, "倉庫", hangs())])),
            ("/b/{token}: unpaid", unpaid(None)),
            ("/b/{token}/pay", unpaid(Some("https://checkout.example/c/pay/cs_1"))),
            ("/b/{token}: over", page(300, 120, vec![named(2, "倉庫", hangs())])),
            ("/b/{token}: called off", Self { stands: Stands::CalledOff, ..page(-120, -180, Vec::new()) }),
        ]
    }
}
