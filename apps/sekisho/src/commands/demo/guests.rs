//! The invented company's guests: one waits at the reception, others come today, tomorrow and later.

use sekisho_host::Foundation;
use sekisho_kernel::{Cx, Language, PersonId, SiteId};
use sekisho_visitors::tables::words::VisitKind;
use sekisho_visitors::{AppointmentForm, GuestForm, Presented, Visitors};

/// Who comes: name, reading, company, mail, language, kind, minutes from now, room, what for.
type Expected = (
    &'static str,
    &'static str,
    &'static str,
    &'static str,
    Language,
    VisitKind,
    i64,
    &'static str,
    &'static str,
);

const EXPECTED: [Expected; 5] = [
    (
        "中村 恵",
        "ナカムラ メグミ",
        "みどり工業株式会社",
        "nakamura@midori.example",
        Language::Ja,
        VisitKind::Guest,
        -10,
        "3階 応接室",
        "来期契約のお打ち合わせ",
    ),
    (
        "John Carter",
        "",
        "Harbor Design",
        "carter@harbor.example",
        Language::En,
        VisitKind::Guest,
        40,
        "4階 会議室B",
        "Design review",
    ),
    (
        "小林 悠斗",
        "コバヤシ ユウト",
        "",
        "kobayashi@mail.example",
        Language::Ja,
        VisitKind::Interview,
        24 * 60,
        "2階 会議室A",
        "一次面接",
    ),
    (
        "王 伟",
        "",
        "东海贸易",
        "wang@donghai.example",
        Language::Zh,
        VisitKind::Guest,
        2 * 24 * 60,
        "3階 応接室",
        "商談",
    ),
    (
        "渡辺 誠",
        "ワタナベ マコト",
        "渡辺設備",
        "watanabe@setsubi.example",
        Language::Ja,
        VisitKind::Contractor,
        3 * 24 * 60,
        "屋上",
        "空調設備の点検",
    ),
];

/// Makes the appointments; the first guest is at the reception already.
pub(super) async fn expect_guests(
    foundation: &Foundation,
    cx: &Cx,
    site: SiteId,
    hosts: &[PersonId],
) -> anyhow::Result<()> {
    let visitors = Visitors::on(foundation);
    let mut hosts = hosts.iter().copied().cycle();
    for (name, reading, company, mail, language, kind, minutes, place, purpose) in EXPECTED {
        let at = |minutes: i64| -> anyhow::Result<String> {
            let here = cx.now.to_jiff().to_zoned(sekisho_web::zone_of("Asia/Tokyo")).datetime();
            let then = here.checked_add(jiff::Span::new().minutes(minutes))?;
            Ok(then.strftime("%Y-%m-%dT%H:%M").to_string())
        };
        let guest = GuestForm {
            name: name.to_owned(),
            reading: reading.to_owned(),
            company: company.to_owned(),
            mail: mail.to_owned(),
            language,
            ..GuestForm::default()
        };
        let form = AppointmentForm {
            site,
            kind,
            host: hosts.next(),
            deputies: Vec::new(),
            group: None,
            place: place.to_owned(),
            starts: at(minutes)?,
            ends: at(minutes + 60)?,
            purpose: purpose.to_owned(),
            note: String::new(),
            guests: vec![guest],
        };
        let made = sekisho_visitors::make_appointment(&visitors, cx, form).await?;
        if let Some(visit) = made.visits.first().filter(|_| minutes < 0) {
            let at = visitors.desk(cx, site, "visit.check_in").await?;
            let shown = Presented::Code(visit.code.clone());
            sekisho_visitors::check_in(&visitors, cx, &at, &shown).await?;
        }
    }
    Ok(())
}
