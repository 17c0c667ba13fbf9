//! An invented stock: three boxes, a key in every state, people with short and long names.

use std::collections::HashMap;

use sekisho_devices::DeviceState;
use sekisho_web::gallery::{id, minutes_ago};

use crate::PaymentRow;
use crate::due::DueRule;
use crate::ids::{BinId, BoxId, KeyId};
use crate::reads::{
    BinRow, BookingRow, BoxRow, GroupRow, IncidentRow, KeyFilter, KeyRow, KeyState, Listing, LoanRow,
    NamedKey, PictureRow, Stock,
};
use crate::tables::words::{
    BinDoor, BookingState, Currency, IncidentKind, LoanState, PaymentState, PictureOf, ReturnPolicy, Way,
};

const BOX_A: &str = "本社 1 階 総務部カウンター横 A";
const ZONE: &str = "Asia/Tokyo";

/// The people of the company: id and name, as forms choose from them.
pub(super) fn people() -> Vec<(String, String)> {
    let names = [
        "佐藤 美咲",
        "勅使河原 龍之介",
        "高橋 健",
        "Alexandra Wellington-Smythe",
        "伊藤 大樹",
        "小鳥遊 さくら子",
        "中村 翔",
        "小林 由美",
        "加藤 蓮",
    ];
    (101..).zip(names).map(|(number, name)| (id::<KeyId>(number).to_string(), name.to_owned())).collect()
}

/// The key in a state; it belongs into the bin of box A that has the state's number.
pub(super) fn key(state: KeyState) -> KeyRow {
    let number = KeyState::ALL.iter().zip(1_i64..).find(|(one, _)| **one == state).map_or(1, |(_, at)| at);
    let numbered = u128::from(number.unsigned_abs());
    let (name, description) = match state {
        KeyState::In => ("社用車 3 号（品川 500 あ 12-34）", "ハイブリッド、7 人乗り\n駐車場 B2-14"),
        KeyState::Out => ("第 2 会議室", ""),
        KeyState::DueSoon => ("倉庫", "地下 1 階"),
        KeyState::Late => ("屋上機械室", "立ち入りには安全帯が必要です"),
        KeyState::Released => ("サーバー室", ""),
        KeyState::WrongBin => ("Meeting room 5", "5F, next to the lift"),
        KeyState::Missing => ("通用口", ""),
        KeyState::Forced => ("金庫室", "二人で開けます"),
    };
    let hangs = match state {
        KeyState::In | KeyState::Released => Some(number),
        KeyState::WrongBin => Some(11),
        _ => None,
    };
    let out = state.is_out() || state == KeyState::Released;
    let holder = out && state != KeyState::Forced;
    KeyRow {
        id: id(numbered),
        name: name.to_owned(),
        description: description.to_owned(),
        pickup_note: "給油カードはグローブボックスにあります。".to_owned(),
        fob: Some(format!("04A1B2C{number}")),
        state,
        box_id: Some(id(1)),
        box_name: BOX_A.to_owned(),
        bin: hangs,
        bin_id: hangs.map(|bin| bin_id(1, bin)),
        home_box: Some(id(1)),
        home_bin: Some(number),
        loan: out.then(|| id(numbered)),
        holder: holder.then(|| id(101)),
        holder_name: holder.then(|| "佐藤 美咲".to_owned()),
        way: out.then_some(Way::IdNumber),
        since: out.then(|| minutes_ago(95 * number)),
        due: match state {
            KeyState::Late => Some(minutes_ago(200)),
            KeyState::DueSoon => Some(minutes_ago(-20)),
            KeyState::Out => Some(minutes_ago(-60 * 30)),
            _ => None,
        },
        due_rule: DueRule::At { hour: 18, minute: 0, days: 1 },
        return_policy: None,
        groups: vec![id(1)],
        zone: ZONE.to_owned(),
        moved_at: Some(minutes_ago(60 * 24 * 120)),
    }
}

fn bin_id(place: u128, number: i64) -> BinId {
    id(place * 100 + u128::from(number.unsigned_abs()))
}

/// Box A with a key in every state, B silent, C new and empty.
pub(super) fn place(number: u128) -> BoxRow {
    let bins = |most: i64| (1..=most).map(|bin| bin_row(number, bin)).collect();
    let (name, device_state, bins): (_, _, Vec<BinRow>) = match number {
        1 => (BOX_A, Some(DeviceState::Online), bins(12)),
        2 => ("駐車場", Some(DeviceState::Offline), bins(6)),
        _ => ("Adlershof Empfang", None, bins(4)),
    };
    BoxRow {
        id: id::<BoxId>(number),
        name: name.to_owned(),
        site: Some(id(1)),
        zone: if number == 3 { "Europe/Berlin" } else { ZONE }.to_owned(),
        directions: "正面玄関を入って右、受付の奥".to_owned(),
        columns: 4,
        return_policy: ReturnPolicy::FixedBin,
        device: device_state.map(|_| id(10)),
        device_state,
        last_seen: device_state.map(|_| minutes_ago(if number == 2 { 260 } else { 1 })),
        bins,
    }
}

fn bin_row(place: u128, number: i64) -> BinRow {
    let mut row = BinRow {
        id: bin_id(place, number),
        number,
        disabled_reason: (number == 10).then(|| "蝶番が外れています".to_owned()),
        door: if number == 2 { BinDoor::Open } else { BinDoor::Closed },
        fob: None,
        key: None,
        home_of: None,
    };
    if place == 1 {
        let keys = KeyState::ALL.map(key);
        row.key = keys.iter().find(|key| key.bin == Some(number)).map(|key| key.id);
        row.home_of = keys.iter().find(|key| key.home_bin == Some(number)).map(|key| key.id);
        row.fob = keys.iter().find(|key| key.bin == Some(number)).and_then(|key| key.fob.clone());
        // Where book and box differ: a fob nobody knows hangs in an empty bin.
        if number == 12 {
            row.fob = Some("04FFFFFF".to_owned());
        }
    }
    row
}

/// Everything there is.
pub(super) fn everything() -> Stock {
    let keys = KeyState::ALL.map(key).to_vec();
    let group = GroupRow {
        id: id(1),
        name: "社用車と建物の鍵（総務部管理）".to_owned(),
        keys: keys.iter().map(|key| key.id).take(3).collect(),
    };
    let empty = GroupRow { id: id(2), name: "Visitors".to_owned(), keys: Vec::new() };
    let incidents = IncidentKind::ALL.iter().zip(1_i64..).map(|(what, number)| IncidentRow {
        id: id(u128::from(number.unsigned_abs())),
        what: *what,
        key: keys.first().map(|key| key.id),
        box_id: Some(id(1)),
        bin: Some(number),
        note: if *what == IncidentKind::Fault {
            "鍵が曲がっています".to_owned()
        } else {
            String::new()
        },
        at: minutes_ago(number * 50),
        by: Some(id(101)),
    });
    let incidents = incidents.collect();
    Stock::new(keys, vec![place(1), place(2), place(3)], vec![group, empty], incidents)
}

/// The list of all that is in `stock` and passes the filter.
pub(super) fn listing(stock: Stock, filter: &KeyFilter) -> Listing {
    let mut counts = HashMap::new();
    for key in &stock.keys {
        *counts.entry(key.state).or_default() += 1;
    }
    Listing {
        counts,
        page: stock.filtered(filter).into_iter().map(|key| key.id).collect(),
        more: false,
        boxes: stock.boxes.clone(),
        drawn: stock.boxes.iter().map(|place| place.id).collect(),
        groups: stock.groups.iter().map(|group| (group.id, group.name.clone())).collect(),
        stock,
    }
}

/// An empty installation.
pub(super) fn nothing() -> Stock {
    Stock::new(Vec::new(), Vec::new(), Vec::new(), Vec::new())
}

/// What a priced booking costs, before it is paid.
pub(super) fn owed() -> PaymentRow {
    let (currency, state) = (Currency::Jpy, PaymentState::Awaited);
    PaymentRow { amount: 3_300, currency, state, pay_until: minutes_ago(-60 * 20) }
}

/// A booking for a guest; the cancelled one has no code any more.
pub(super) fn booking(state: BookingState) -> BookingRow {
    let good = state == BookingState::Booked;
    let from = if good { -60 } else { 60 * 26 };
    BookingRow {
        id: id(1),
        keys: vec![
            NamedKey { id: id(1), name: "社用車 3 号".to_owned() },
            NamedKey { id: id(3), name: "倉庫".to_owned() },
        ],
        person: None,
        name: "株式会社みどり設備 渡辺".to_owned(),
        starts: "2026-11-24T10:00".to_owned(),
        ends: "2026-11-24T12:00".to_owned(),
        zone: ZONE.to_owned(),
        starts_at: minutes_ago(from),
        ends_at: minutes_ago(from - 120),
        note: "空調の点検".to_owned(),
        state,
        made_by: id(103),
        code: good.then(|| "204816".to_owned()),
        token: good.then(|| "token".to_owned()),
        payment: (state == BookingState::Unpaid).then(owed),
    }
}

/// A picture of each kind, taken at box A; the first belongs to the first loan.
pub(super) fn pictures() -> Vec<PictureRow> {
    let kinds = PictureOf::ALL.iter().zip(1_i64..);
    let row = |(what, number): (&PictureOf, i64)| PictureRow {
        id: id(u128::from(number.unsigned_abs())),
        box_id: id(1),
        box_name: BOX_A.to_owned(),
        zone: ZONE.to_owned(),
        what: *what,
        bin: matches!(what, PictureOf::BinOpened | PictureOf::BinForced).then_some(number),
        loan: (number == 1).then(|| id(1)),
        key: (number == 1).then(|| id(1)),
        key_name: (number == 1).then(|| "社用車 3 号（品川 500 あ 12-34）".to_owned()),
        command: None,
        at: minutes_ago(number * 300),
        received_at: minutes_ago(number * 300),
        delete_at: minutes_ago(number * 300 - 30 * 24 * 60),
    };
    kinds.map(row).collect()
}

/// Loans that ended in every way.
pub(super) fn loans() -> Vec<LoanRow> {
    let ways = Way::ALL.iter().cycle();
    LoanState::ALL
        .iter()
        .zip(ways)
        .zip(1_i64..)
        .map(|((state, way), number)| LoanRow {
            id: id(u128::from(number.unsigned_abs())),
            key: id(1),
            key_name: "社用車 3 号（品川 500 あ 12-34）".to_owned(),
            person: Some(id(101)),
            name: if *state == LoanState::Lost { String::new() } else { "勅使河原 龍之介".to_owned() },
            way: *way,
            state: *state,
            released_at: minutes_ago(number * 300),
            taken_at: (*state != LoanState::NotTaken).then(|| minutes_ago(number * 299)),
            due_at: Some(minutes_ago(number * 200)),
            ended_at: (!state.is_open()).then(|| minutes_ago(number * 150)),
            late: *state == LoanState::Returned,
            note: (*state == LoanState::Returned).then(|| "洗車済み".to_owned()),
        })
        .collect()
}
