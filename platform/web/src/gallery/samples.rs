//! Samples of the parts, with invented content.

use super::SampleHtml;
use crate::parts::{
    Alert, Badge, Button, Card, Column, Confirm, Empty, Field, Filters, FormBox, Grid, KeyValue, Row, Table,
    Tabs, Tile, Timeline, Tone,
};
use crate::{FormState, Markup, Texts, Time};
use sekisho_kernel::Language;

/// Every part once.
pub(super) fn parts(t: &Texts) -> Vec<SampleHtml> {
    vec![
        ("tiles".to_owned(), tiles(t)),
        ("alerts".to_owned(), alerts(t)),
        ("table".to_owned(), table(t)),
        ("table-empty".to_owned(), empty_table(t)),
        ("cards".to_owned(), cards(t)),
        ("form".to_owned(), form(t)),
        ("buttons".to_owned(), buttons(t)),
    ]
}

/// One of two words; samples are no texts of the product.
fn say(t: &Texts, ja: &'static str, en: &'static str) -> &'static str {
    match t.language() {
        Language::Ja => ja,
        _ => en,
    }
}

fn time(t: &Texts, minutes_ago: i64) -> Time {
    Time::new(super::minutes_ago(minutes_ago), "Asia/Tokyo", super::NOW, t.clone())
}

fn tiles(t: &Texts) -> Markup {
    Grid::tiles()
        .add(
            Tile::new(say(t, "貸出中", "Out"), 12_i64)
                .icon("key")
                .hint(say(t, "全 84 本", "of 84 keys"))
                .href("#"),
        )
        .add(
            Tile::new(say(t, "返却遅れ", "Late"), 2_i64)
                .icon("clock-exclamation")
                .tone(Tone::Warn)
                .hint(say(t, "最長 3 時間", "longest 3 hours"))
                .href("#"),
        )
        .add(
            Tile::new(say(t, "在館者", "On site"), 47_i64)
                .icon("users")
                .tone(Tone::Good)
                .hint(say(t, "来訪者 5 名を含む", "5 of them guests"))
                .href("#"),
        )
        .add(
            Tile::new(say(t, "こじ開け", "Forced"), 1_i64)
                .icon("alert-octagon")
                .tone(Tone::Danger)
                .hint(say(t, "本社 1 階 A", "Head office, box A"))
                .href("#"),
        )
        .into()
}

fn alerts(t: &Texts) -> Markup {
    Markup::from(Alert::new(
        Tone::Info,
        say(t, "この鍵は 10:00 から予約されています。", "This key is booked from 10:00."),
    ))
    .then(
        Alert::new(
            Tone::Warn,
            say(
                t,
                "ボックス「本社 1 階 A」から 12 分間応答がありません。",
                "Box A has been silent for 12 minutes.",
            ),
        )
        .action(Button::link("#", t.get("details")).small()),
    )
    .then(Alert::new(
        Tone::Danger,
        say(t, "4 番の扉が許可なく開けられました。", "Bin 4 was opened without permission."),
    ))
}

fn table(t: &Texts) -> Markup {
    let row = |name: &str, state: Badge, who: &str, minutes: i64, count: i64| {
        Row::new().cell(name).cell(state).cell(who).cell(time(t, minutes).relative()).cell(count).href("#")
    };
    let out = || Badge::new(say(t, "貸出中", "Out")).tone(Tone::Info);
    let table = Table::new(
        say(t, "鍵の一覧", "Keys"),
        [
            Column::new(t.get("name")),
            Column::new(t.get("state")).narrow(),
            Column::new(t.get("who")),
            Column::new(t.get("when")),
            Column::new(say(t, "今月の利用", "This month")).numeric().secondary(),
        ],
    )
    .row(row(
        say(t, "社用車 3 号（品川 500 あ 12-34）", "Van 3 (Shinagawa 500 a 12-34)"),
        out(),
        say(t, "佐藤 美咲", "Misaki Sato"),
        38,
        21,
    ))
    .row(row(
        say(t, "第 2 会議室", "Meeting room 2"),
        Badge::new(say(t, "返却遅れ", "Late")).tone(Tone::Warn).icon("clock-exclamation"),
        say(t, "高橋 健", "Ken Takahashi"),
        260,
        9,
    ))
    .row(row(
        say(t, "サーバー室", "Server room"),
        Badge::new(say(t, "保管中", "In its box")).tone(Tone::Good),
        "",
        1500,
        3,
    ))
    .row(row(
        say(t, "屋上機械室", "Roof plant room"),
        Badge::new(say(t, "使用停止", "Disabled")),
        "",
        12_000,
        0,
    ));
    Markup::from(
        Filters::new("#", t.get("search"))
            .search(t.get("search"), "")
            .field(
                Field::select("state", t.get("state"))
                    .options([("", t.get("all")), ("out", say(t, "貸出中", "Out").to_owned())]),
            )
            .more(Button::link("#", t.get("csv")).quiet().icon("download")),
    )
    .then(table)
}

fn empty_table(t: &Texts) -> Markup {
    Table::new(say(t, "鍵の一覧", "Keys"), [Column::new(t.get("name"))])
        .empty(
            Empty::new(
                say(t, "まだ鍵がありません", "No keys yet"),
                say(
                    t,
                    "最初の鍵を登録すると、だれがいつ持ち出したかをここで確認できます。",
                    "Add the first key to see here who took it and when.",
                ),
            )
            .icon("key")
            .action(Button::link("#", say(t, "鍵を登録する", "Add a key")).primary().icon("plus")),
        )
        .into()
}

fn cards(t: &Texts) -> Markup {
    let facts = KeyValue::new()
        .row(say(t, "保管場所", "Home"), say(t, "本社 1 階 A の 4 番", "Head office, box A, bin 4"))
        .row(t.get("state"), Badge::new(say(t, "貸出中", "Out")).tone(Tone::Info))
        .row(say(t, "返却期限", "Due"), time(t, -120))
        .row(t.get("note"), "");
    let history = Timeline::new()
        .item(
            Tone::Info,
            "key",
            Markup::raw(say(
                t,
                "<b>佐藤 美咲</b>さんが<b>社用車 3 号</b>を持ち出しました",
                "<b>Misaki Sato</b> took <b>Van 3</b>",
            )),
            time(t, 38).relative(),
        )
        .item(
            Tone::Good,
            "arrow-back-up",
            Markup::raw(say(
                t,
                "<b>高橋 健</b>さんが<b>社用車 3 号</b>を返却しました",
                "<b>Ken Takahashi</b> returned <b>Van 3</b>",
            )),
            time(t, 300).relative(),
        )
        .item(
            Tone::Warn,
            "ban",
            Markup::raw(say(
                t,
                "<b>伊藤 大樹</b>さんの持ち出しは、利用できる時間帯ではないため断られました",
                "<b>Daiki Ito</b> was refused: outside the hours",
            )),
            time(t, 1600).relative(),
        );
    let tabs = Tabs::new(say(t, "社用車 3 号", "Van 3"), "#1")
        .tab("#1", t.get("tab-overview"))
        .tab_with_count("#2", t.get("tab-rights"), 8)
        .tab("#3", t.get("tab-history"))
        .tab("#4", t.get("tab-settings"));
    Markup::from(tabs).then(
        Grid::main_and_side()
            .add(
                Card::new(t.get("tab-history"))
                    .body(history)
                    .action(Button::link("#", t.get("all")).quiet().small()),
            )
            .add(Card::new(t.get("tab-overview")).body(facts).footer(say(
                t,
                "最終確認 14:05",
                "last seen 14:05",
            ))),
    )
}

fn form(t: &Texts) -> Markup {
    let state = FormState::empty()
        .with("name", say(t, "社用車 3 号", "Van 3"))
        .with("bin", 99)
        .wrong("bin", "error-field");
    FormBox::post("#", &state, t)
        .add(Field::text("name", t.get("name")).required().from(&state, t))
        .beside([
            Field::number("bin", say(t, "扉の番号", "Bin")).from(&state, t),
            Field::select("policy", say(t, "返却先", "Return to")).options([
                ("fixed", say(t, "同じ扉", "the same bin")),
                ("any", say(t, "どの扉でも", "any bin")),
            ]),
        ])
        .add(Field::lines("note", t.get("note")).optional(t.get("optional")).hint(say(
            t,
            "受け取る人に表示されます。",
            "Shown to whoever takes the key.",
        )))
        .add(
            Field::radio("kind", say(t, "対象", "For"))
                .options([("person", say(t, "社員", "An employee")), ("guest", say(t, "来訪者", "A guest"))])
                .value("person"),
        )
        .add(
            Field::switch("two_step", say(t, "二段階認証を必須にする", "Require two-step sign-in"))
                .checked(true),
        )
        .add(Field::code("code", say(t, "確認コード", "Code")).value("204816"))
        .submit(t.get("save"))
        .cancel("#", t.get("cancel"))
        .into()
}

fn buttons(t: &Texts) -> Markup {
    let all = Markup::from(Button::link("#", t.get("add")).primary().icon("plus"))
        .then(Button::link("#", t.get("edit")).icon("edit"))
        .then(Button::link("#", t.get("details")).quiet())
        .then(Button::link("#", t.get("search")).icon("search").only_icon())
        .then(Button::link("#", t.get("edit")).small())
        .then(
            Confirm::new(
                "#",
                t.get("delete"),
                say(
                    t,
                    "「社用車 3 号」を削除します。貸出の履歴は残ります。",
                    "This deletes Van 3. Its history stays.",
                ),
                t.get("delete"),
            )
            .icon("trash"),
        );
    Markup::raw("<div class=\"head-actions\">").then(all).then(Markup::raw("</div>"))
}
