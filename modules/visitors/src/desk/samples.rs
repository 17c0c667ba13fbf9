//! The desk with invented guests.

use jiff::civil::date;
use sekisho_places::Site;
use sekisho_web::gallery::{Sample, Sampler, drawn, id, minutes_ago};

use super::HERE;
use super::page::DeskPage;
use crate::ids::AppointmentId;
use crate::pages::{sample_day, visit_like};
use crate::reads::VisitRow;
use crate::tables::words::VisitState::{Admitted, Invited, Left, Registered};

/// The pages that have samples.
pub(crate) fn samplers() -> Vec<Sampler> {
    vec![drawn::<DeskPage>]
}

/// Guests of an appointment of its own that began so many minutes ago.
fn begun(minutes: i64, appointment: u128, row: VisitRow) -> VisitRow {
    let appointment: AppointmentId = id(appointment);
    VisitRow {
        appointment: Some(appointment),
        starts_at: minutes_ago(minutes),
        ends_at: minutes_ago(minutes - 60),
        ..row
    }
}

impl Sample for DeskPage {
    fn samples() -> Vec<(&'static str, Self)> {
        let site = |number, name: &str| Site {
            id: id(number),
            name: name.to_owned(),
            address: String::new(),
            zone: "Asia/Tokyo".to_owned(),
        };
        let mut rows: Vec<VisitRow> =
            sample_day().into_iter().zip(301..).map(|(row, number)| begun(30, number, row)).collect();
        rows.extend([
            begun(140, 310, visit_like(11, "高橋 直子", Left, 0)),
            begun(130, 311, visit_like(12, "伊藤 誠", Left, 0)),
            begun(80, 312, visit_like(13, "渡辺 翔", Admitted, 1)),
            begun(-20, 313, visit_like(14, "Grace Hopper", Registered, 0)),
            begun(-20, 314, visit_like(15, "小林 恵", Invited, 0)),
            begun(-20, 314, visit_like(16, "加藤 遼", Invited, 2)),
            begun(-20, 314, visit_like(17, "吉田 結衣", Admitted, 0)),
            begun(-200, 315, visit_like(18, "山本 大輔", Invited, 0)),
            begun(24 * 60, 316, visit_like(19, "松本 蓮", Admitted, 0)),
        ]);
        rows.sort_by_key(|row| row.starts_at);
        let page = |sites: Vec<Site>, day, rows: Vec<VisitRow>| {
            let places = rows.iter().filter_map(|row| row.appointment);
            let places = places.map(|id| (id, "3階 会議室A".to_owned())).collect();
            Self { site: site(1, "本社"), sites, day, rows, places }
        };
        let (today, two) = (date(2026, 11, 23), vec![site(1, "本社"), site(2, "大阪支店")]);
        vec![
            (HERE, page(two, today, rows.clone())),
            ("/visitors/desk: another day", page(vec![site(1, "本社")], date(2026, 11, 22), rows)),
            ("/visitors/desk: nobody", page(vec![site(1, "本社")], today, Vec::new())),
        ]
    }
}
