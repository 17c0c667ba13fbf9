//! The pages of the reception with invented guests, for `/gallery` and the test that draws them all.

use std::collections::HashSet;

use axum::http::StatusCode;
use sekisho_kernel::{FieldError, Language};
use sekisho_places::Site;
use sekisho_web::FormState;
use sekisho_web::gallery::{Sample, Sampler, drawn, id, minutes_ago};

use super::appointment::AppointmentPage;
use super::change_guest::GuestFormPage;
use super::evacuation::Evacuation;
use super::forms::AppointmentFormPage;
use super::guest::GuestPage;
use super::guest_record::GuestRecord;
use super::import::ImportPage;
use super::keys_card::{BookKeysPage, KeysCard};
use super::overview::{Ask, Overview};
use super::room_choice::RoomChoice;
use super::series::Preview;
use super::settings::{SettingsPage, state_of};
use crate::badges::BadgeMark;
use crate::evacuation::{EvacuationList, Present};
use crate::guest_row::GuestRow;
use crate::ids::VisitId;
use crate::import_appointments::ImportedRow;
use crate::invitation::Invitation;
use crate::key_bookings::{GuestKey, GuestKeys, OfferedKey, Time};
use crate::make_series::LeavesOut;
use crate::reads::{AppointmentRow, ComingVisit, ComingVisits, OccurrenceRow, PassRow, SeriesRow, VisitRow};
use crate::registration::{self, Missing};
use crate::rooms::{InTheWay, RoomRow};
use crate::settings::Settings;
use crate::tables::words::{BadgeState, Trouble, VisitKind, VisitState};
use crate::warrant::Sight;
use crate::watch::AskGuard;

/// The pages that have samples.
pub(crate) fn samplers() -> Vec<Sampler> {
    vec![
        drawn::<Overview>,
        drawn::<Evacuation>,
        drawn::<AppointmentFormPage>,
        drawn::<AppointmentPage>,
        drawn::<BookKeysPage>,
        drawn::<GuestFormPage>,
        drawn::<GuestRecord>,
        drawn::<ImportPage>,
        drawn::<SettingsPage>,
        drawn::<GuestPage>,
    ]
}

const REFUSED: StatusCode = StatusCode::UNPROCESSABLE_ENTITY;

fn sites() -> Vec<Site> {
    let (name, address) = ("本社".to_owned(), "東京都千代田区丸の内1-1-1".to_owned());
    vec![Site { id: id(1), name, address, zone: "Asia/Tokyo".to_owned() }]
}

fn people() -> Vec<(String, String)> {
    [(101, "佐藤 美咲"), (102, "鈴木 健太"), (103, "田中 葵")]
        .map(|(number, name)| (id::<sekisho_kernel::PersonId>(number).to_string(), name.to_owned()))
        .to_vec()
}

/// One of several.
pub(crate) fn visit(number: u128, name: &str, state: VisitState, companions: i64) -> VisitRow {
    let here = !state.is_expected();
    VisitRow {
        id: id(number),
        appointment: Some(id(300)),
        guest: Some(id(400 + number)),
        name: name.to_owned(),
        company: "みどり工業株式会社".to_owned(),
        kind: VisitKind::Guest,
        state,
        site: id(1),
        site_name: "本社".to_owned(),
        zone: "Asia/Tokyo".to_owned(),
        host: Some(id(101)),
        host_name: "佐藤 美咲".to_owned(),
        starts_at: minutes_ago(-30),
        ends_at: minutes_ago(-90),
        companions,
        arrived_at: here.then(|| minutes_ago(4)),
        arrived_how: None,
        answered_at: None,
        answered_by: None,
        answered_name: String::new(),
        unanswered_at: (state == VisitState::Arrived).then(|| minutes_ago(1)),
        ring: (state == VisitState::Arrived).then(|| "総務部 内線 110".to_owned()),
        admitted_at: (state == VisitState::Admitted).then(|| minutes_ago(2)),
        left_at: None,
        left_how: None,
        back_from: None,
        ask_guard: None,
        missing: None,
        badge: None,
    }
}

/// A visit of somebody invented, for the pages of other rooms of the module.
pub(crate) fn sample_visit(state: VisitState) -> VisitRow {
    visit(1, "山田 太郎", state, 0)
}

fn badge(state: BadgeState, trouble: Option<Trouble>) -> Option<BadgeMark> {
    Some(BadgeMark { state: Some(state), trouble, printer: "受付ラベル".to_owned() })
}

fn ask(asked_at: Option<sekisho_kernel::Timestamp>) -> AskGuard {
    AskGuard { phones: vec!["内線 110".to_owned()], asked_at }
}

/// A day with a bit of everything.
pub(crate) fn day() -> Vec<VisitRow> {
    vec![
        VisitRow {
            ask_guard: Some(ask(None)),
            badge: badge(BadgeState::Waiting, Some(Trouble::PaperOut)),
            ..visit(1, "山田 太郎", VisitState::Arrived, 0)
        },
        VisitRow {
            ask_guard: Some(ask(Some(minutes_ago(2)))),
            badge: badge(BadgeState::Printed, None),
            ..visit(2, "John Smith", VisitState::Admitted, 2)
        },
        VisitRow { missing: Some(missing()), ..visit(3, "鈴木 花子", VisitState::Invited, 0) },
        VisitRow { missing: Some(missing()), ..visit(6, "森 一", VisitState::Arrived, 0) },
        visit(4, "", VisitState::NoShow, 0),
        VisitRow { back_from: Some(minutes_ago(-600)), ..visit(5, "王 偉", VisitState::Left, 0) },
    ]
}

fn missing() -> Missing {
    Missing { fields: Vec::new(), agreement: true, photo: true }
}

/// The same as whoever is not the desk sees it.
fn unmarked() -> Vec<VisitRow> {
    day().into_iter().map(|row| VisitRow { ask_guard: None, badge: None, ..row }).collect()
}

impl Sample for Overview {
    fn samples() -> Vec<(&'static str, Self)> {
        let page = |sight, rows: Vec<VisitRow>, ask| {
            let here = rows.iter().filter(|row| row.state.is_here()).cloned().collect();
            Self { sight, ask, rows, here, next: None, sites: sites() }
        };
        let desk = || Sight { person: id(101), all: true, desks: HashSet::new() };
        let own = Sight { person: id(102), all: false, desks: HashSet::new() };
        let unfound = Ask { q: "石田".to_owned(), ..Ask::default() };
        vec![
            ("/visitors: desk", page(desk(), day(), Ask::default())),
            ("/visitors: employee", page(own, unmarked(), Ask::default())),
            ("/visitors: nothing found", page(desk(), Vec::new(), unfound)),
        ]
    }
}

impl Sample for Evacuation {
    fn samples() -> Vec<(&'static str, Self)> {
        let one = |number: u128, name: &str, heads: i64| Present {
            visit: id(number),
            name: name.to_owned(),
            company: if name.is_empty() { String::new() } else { "みどり工業株式会社".to_owned() },
            heads,
            host_name: "佐藤 美咲".to_owned(),
            place: "3階 会議室A".to_owned(),
            admitted: number != 1,
            since: minutes_ago(40),
        };
        let list = |present: Vec<Present>| EvacuationList {
            site: id(1),
            site_name: "本社".to_owned(),
            zone: "Asia/Tokyo".to_owned(),
            at: minutes_ago(0),
            heads: present.iter().map(|one| one.heads).sum(),
            present,
        };
        let here = vec![one(1, "鈴木 花子", 1), one(2, "John Smith", 3), one(3, "", 12)];
        vec![
            ("/visitors/evacuation", Self { lists: vec![list(here)], site: None }),
            ("/visitors/evacuation: nobody", Self { lists: vec![list(Vec::new())], site: Some(id(1)) }),
        ]
    }
}

impl Sample for AppointmentFormPage {
    fn samples() -> Vec<(&'static str, Self)> {
        let state = || {
            FormState::empty()
                .with("kind", "guest")
                .with("starts", "2026-11-24T10:00")
                .with("ends", "2026-11-24T11:00")
                .with("companions", 0)
        };
        let page = |at, state, status| Self {
            id: at,
            state,
            sites: sites(),
            people: people(),
            groups: vec![(id::<sekisho_kernel::GroupId>(9).to_string(), "営業部".to_owned())],
            calendars: vec![(id::<sekisho_policy::CalendarId>(8).to_string(), "夏季休業".to_owned())],
            rooms: RoomChoice::default(),
            preview: None,
            status,
        };
        let room = |number: u128, name: &str, free| RoomRow {
            id: id(number),
            site: id(1),
            site_name: "本社".to_owned(),
            name: name.to_owned(),
            seats: Some(8),
            way: String::new(),
            retired: false,
            version: 1,
            free,
        };
        let in_the_way = |number: i64, host: Option<&str>| InTheWay {
            starts_at: minutes_ago(-60 * number),
            ends_at: minutes_ago(-60 * number - 60),
            zone: "Asia/Tokyo".to_owned(),
            appointment: host.map(|_| id(301)),
            host_name: host.map(str::to_owned),
        };
        let with_rooms = || {
            let rooms = vec![room(1, "会議室A", Some(false)), room(2, "会議室B", Some(true))];
            RoomChoice { rooms: Some(rooms), in_the_way: Vec::new() }
        };
        let taken = RoomChoice {
            in_the_way: vec![in_the_way(20, Some("佐藤 美咲")), in_the_way(22, None)],
            ..with_rooms()
        };
        let at_site = || state().with("site", id::<sekisho_kernel::SiteId>(1));
        let is_taken = at_site().wrong("room", "visitors-error-room-taken");
        let weekly = || state().with("repeat", "weekly").with("repeat_days", "TU").with("repeat_count", 12);
        let day = |number: i64| (minutes_ago(-number * 7 * 24 * 60), "Asia/Tokyo".to_owned());
        let preview = Preview { days: (1..13).map(day).collect(), for_a_year: false };
        let looked = Self { preview: Some(preview), ..page(None, weekly(), StatusCode::OK) };
        let badly = weekly().wrong("repeat", "visitors-error-repeat-overlap");
        let badly = badly.wrong("repeat_except", "visitors-error-repeat-except");
        let refused = state().wrong("guest_name", "error-empty").wrong("ends", "visitors-error-backwards");
        let nowhere = Self { sites: Vec::new(), ..page(None, state(), StatusCode::OK) };
        vec![
            ("/visitors/new", page(None, state(), StatusCode::OK)),
            ("/visitors/new: rooms", Self { rooms: with_rooms(), ..page(None, at_site(), StatusCode::OK) }),
            ("/visitors/new: room taken", Self { rooms: taken, ..page(None, is_taken, REFUSED) }),
            ("/visitors/new: refused", page(None, refused, REFUSED)),
            ("/visitors/new: no site", nowhere),
            ("/visitors/new: repeated, looked at", looked),
            ("/visitors/new: repeated, refused", page(None, badly, REFUSED)),
            (
                "/visitors/appointments/{id}/change: of a series",
                page(Some(id(300)), state().with("which", "one"), StatusCode::OK),
            ),
            ("/visitors/appointments/{id}/change", page(Some(id(300)), state(), StatusCode::OK)),
        ]
    }
}

impl Sample for AppointmentPage {
    fn samples() -> Vec<(&'static str, Self)> {
        let row = |cancelled: bool| AppointmentRow {
            id: id(300),
            kind: VisitKind::Guest,
            host: id(101),
            host_name: "佐藤 美咲".to_owned(),
            deputies: vec![id(102)],
            group: None,
            site: id(1),
            site_name: "本社".to_owned(),
            zone: "Asia/Tokyo".to_owned(),
            place: "会議室A 3階".to_owned(),
            room: Some(id(1)),
            beside_room: "3階".to_owned(),
            seats: Some(4),
            people: Some(6),
            starts: "2026-11-24T10:00".to_owned(),
            ends: "2026-11-24T11:00".to_owned(),
            purpose: "お打ち合わせ".to_owned(),
            note: "展示室にもご案内する。".to_owned(),
            version: 1,
            made_by: id(101),
            made_at: minutes_ago(600),
            cancelled_at: cancelled.then(|| minutes_ago(10)),
            plans: true,
            visits: day(),
            series: None,
        };
        let occurrence = |number: u8| OccurrenceRow {
            id: id(300 + u128::from(number)),
            on: format!("2026-12-{:02}T10:00", number * 7),
            starts: format!("2026-12-{:02}T10:00", number * 7),
            ends: format!("2026-12-{:02}T11:00", number * 7),
            zone: "Asia/Tokyo".to_owned(),
            place: if number == 3 { String::new() } else { "会議室A 3階".to_owned() },
            set_apart: number == 2,
            cancelled_at: (number == 3).then(|| minutes_ago(30)),
        };
        let series = SeriesRow {
            id: id(350),
            rule: "FREQ=WEEKLY;BYDAY=MO".to_owned(),
            leaves_out: LeavesOut::default(),
            for_a_year: true,
            number: 2,
            count: 4,
            set_apart: true,
            occurrences: (1..5).map(occurrence).collect(),
        };
        let pass = PassRow {
            visit: id(3),
            pass: "SK1:".to_owned(),
            code: "AB12CD34".to_owned(),
            address: "/v/0123".to_owned(),
        };
        let booked = vec![
            (id(2), "John Smith".to_owned(), keys(Some("12345678"), true)),
            (id(3), "鈴木 花子".to_owned(), keys(Some("12345678"), false)),
            (id(5), "王 偉".to_owned(), GuestKeys { called_off: true, ..keys(None, false) }),
        ];
        let card = |cancelled: bool| match cancelled {
            true => None,
            false => Some(KeysCard { booked: booked.clone(), may_book: true }),
        };
        let page = |cancelled| Self {
            keys: card(cancelled),
            row: row(cancelled),
            passes: vec![pass.clone()],
            deputies: vec!["鈴木 健太".to_owned()],
            is_desk: !cancelled,
            registration: if cancelled { Vec::new() } else { registration::sample_guests() },
        };
        vec![
            ("/visitors/appointments/{id}", page(false)),
            ("/visitors/appointments/{id}: called off", page(true)),
            (
                "/visitors/appointments/{id}: of a series",
                Self {
                    row: AppointmentRow { id: id(302), series: Some(series), ..row(false) },
                    ..page(false)
                },
            ),
            (
                "/visitors/appointments/{id}: no keys yet",
                Self { keys: Some(KeysCard { booked: Vec::new(), may_book: true }), ..page(false) },
            ),
        ]
    }
}

/// Two keys of a guest.
fn keys(code: Option<&str>, out: bool) -> GuestKeys {
    let key = |name: &str| GuestKey {
        name: name.to_owned(),
        place: "本社1階キーボックス 3番".to_owned(),
        directions: "正面玄関を入って左手".to_owned(),
    };
    GuestKeys {
        id: id::<VisitId>(600).uuid(),
        keys: vec![key("社用車3号"), key("機械室")],
        time: Time { starts_at: minutes_ago(-30), ends_at: minutes_ago(-90) },
        zone: "Asia/Tokyo".to_owned(),
        code: code.map(str::to_owned),
        address: "/b/0123".to_owned(),
        called_off: false,
        out,
    }
}

impl Sample for BookKeysPage {
    fn samples() -> Vec<(&'static str, Self)> {
        let key = |number: u128, name: &str, free| OfferedKey {
            id: id::<VisitId>(number).uuid(),
            name: name.to_owned(),
            place: "本社1階キーボックス".to_owned(),
            free,
        };
        let page = |state, status| Self {
            appointment: id(300),
            state,
            guests: vec![(id(1), "山田 太郎".to_owned()), (id(3), "鈴木 花子".to_owned())],
            keys: vec![key(700, "社用車3号", true), key(701, "機械室", false)],
            cut: false,
            search: String::new(),
            status,
        };
        let form = || page(FormState::empty(), StatusCode::OK);
        let refused = FormState::empty().wrong("keys", "visitors-keys-error-choose");
        vec![
            ("/visitors/appointments/{id}/keys", form()),
            ("/visitors/appointments/{id}/keys: refused", page(refused, REFUSED)),
            (
                "/visitors/appointments/{id}/keys: many",
                Self { cut: true, search: "社用車".to_owned(), ..form() },
            ),
            ("/visitors/appointments/{id}/keys: no key", Self { keys: Vec::new(), ..form() }),
            ("/visitors/appointments/{id}/keys: no guest", Self { guests: Vec::new(), ..form() }),
        ]
    }
}

impl Sample for GuestFormPage {
    fn samples() -> Vec<(&'static str, Self)> {
        let state = || {
            FormState::empty()
                .with("guest_name", "山田 太郎")
                .with("guest_company", "みどり工業株式会社")
                .with("guest_mail", "yamada@midori.example")
                .with("guest_language", "ja")
                .with("companions", 1)
        };
        let page = |state, status| Self { id: id(1), of: Some(id(300)), state, status };
        let refused = state().wrong("guest_mail", "visitors-error-mail");
        vec![
            ("/visitors/visits/{id}/guest", page(state(), StatusCode::OK)),
            ("/visitors/visits/{id}/guest: refused", page(refused, REFUSED)),
        ]
    }
}

impl Sample for GuestRecord {
    fn samples() -> Vec<(&'static str, Self)> {
        let row = |erased: bool| {
            let text = |text: &str| if erased { String::new() } else { text.to_owned() };
            GuestRow {
                id: id(401),
                name: text("山田 太郎"),
                reading: text("ヤマダ タロウ"),
                company: text("みどり工業株式会社"),
                mail: text("yamada@midori.example"),
                phone: text("+819012345678"),
                created_at: minutes_ago(9000),
                erased_at: erased.then(|| minutes_ago(5)),
                visits: vec![visit(1, if erased { "" } else { "山田 太郎" }, VisitState::Left, 0)],
            }
        };
        vec![
            ("/visitors/guests/{id}", Self { row: row(false), may_erase: true, change: Some(id(1)) }),
            ("/visitors/guests/{id}: desk", Self { row: row(false), may_erase: false, change: Some(id(1)) }),
            ("/visitors/guests/{id}: erased", Self { row: row(true), may_erase: true, change: None }),
        ]
    }
}

impl Sample for ImportPage {
    fn samples() -> Vec<(&'static str, Self)> {
        let row = |line, name: &str, wrong: bool| {
            let bad = FieldError { field: "ends", text: "visitors-error-backwards" };
            let wrong = if wrong { vec![bad] } else { Vec::new() };
            let starts = "2026-11-24T10:00".to_owned();
            ImportedRow { line, name: name.to_owned(), starts, wrong, appointment: None }
        };
        let page = |rows, status| Self { state: FormState::empty(), rows, status };
        let good = vec![row(2, "山田 太郎", false)];
        let bad = vec![row(2, "山田 太郎", false), row(3, "鈴木 花子", true)];
        vec![
            ("/visitors/import", page(Vec::new(), StatusCode::OK)),
            ("/visitors/import: looked at", page(good, StatusCode::OK)),
            ("/visitors/import: refused", page(bad, REFUSED)),
        ]
    }
}

impl Sample for SettingsPage {
    fn samples() -> Vec<(&'static str, Self)> {
        let state = || state_of(&Settings::default(), 0);
        let refused = state().wrong("answer_within_minutes", "visitors-error-answer-within");
        vec![
            ("/settings/visitors", Self { state: state(), status: StatusCode::OK }),
            ("/settings/visitors: refused", Self { state: refused, status: REFUSED }),
        ]
    }
}

impl Sample for GuestPage {
    fn samples() -> Vec<(&'static str, Self)> {
        let page = |state, ends| Self {
            token: "0123456789abcdef0123456789abcdef".to_owned(),
            state,
            series: None,
            keys: None,
            registration: None,
            about: Invitation {
                visit: id(3),
                version: 1,
                token: "0123456789abcdef0123456789abcdef".to_owned(),
                pass: "SK1:QED8WEX0QED8WEX0QED8WEX0".to_owned(),
                code: "AB12CD34".to_owned(),
                organisation: "青葉商事株式会社".to_owned(),
                site_name: "本社".to_owned(),
                address: "東京都千代田区丸の内1-1-1".to_owned(),
                zone: "Asia/Tokyo".to_owned(),
                place: "会議室A".to_owned(),
                way: "3階、エレベーターを降りて左".to_owned(),
                starts_at: minutes_ago(ends + 60),
                ends_at: minutes_ago(ends),
                host_name: "佐藤 美咲".to_owned(),
                host_mail: String::new(),
                purpose: "お打ち合わせ".to_owned(),
                name: "鈴木 花子".to_owned(),
                mail: String::new(),
                language: Language::Ja,
                cancelled: state == VisitState::Cancelled,
                awaited: state.is_expected(),
                to_register: false,
            },
        };
        let coming = |number: i64| ComingVisit {
            starts_at: minutes_ago(-number * 7 * 24 * 60),
            zone: "Asia/Tokyo".to_owned(),
            token: format!("{number:032}"),
        };
        let words = "毎週月曜日 10:00～11:00、全4回、2027年2月8日（月）まで".to_owned();
        let series = ComingVisits { words, coming: (1..4).map(coming).collect() };
        vec![
            ("/v/{token}: of a series", Self { series: Some(series), ..page(VisitState::Invited, -120) }),
            ("/v/{token}", page(VisitState::Invited, -120)),
            (
                "/v/{token}: to fill in",
                Self {
                    registration: Some(registration::sample_card(false)),
                    ..page(VisitState::Invited, -120)
                },
            ),
            (
                "/v/{token}: filled in",
                Self {
                    registration: Some(registration::sample_card(true)),
                    ..page(VisitState::Registered, -120)
                },
            ),
            ("/v/{token}: arrived", page(VisitState::Arrived, -60)),
            ("/v/{token}: in", page(VisitState::Admitted, -60)),
            ("/v/{token}: gone", page(VisitState::Left, -60)),
            ("/v/{token}: called off", page(VisitState::Cancelled, -60)),
            ("/v/{token}: over", page(VisitState::NoShow, 60)),
            (
                "/v/{token}: with keys",
                Self { keys: Some(keys(Some("12345678"), false)), ..page(VisitState::Invited, -120) },
            ),
            (
                "/v/{token}: keys taken",
                Self { keys: Some(keys(Some("12345678"), true)), ..page(VisitState::Admitted, -60) },
            ),
            (
                "/v/{token}: keys called off",
                Self {
                    keys: Some(GuestKeys { called_off: true, ..keys(None, false) }),
                    ..page(VisitState::Invited, -120)
                },
            ),
        ]
    }
}
