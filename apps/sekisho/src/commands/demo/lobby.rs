//! The invented company's reception: a terminal, and guests of whom one waits, others come today, tomorrow and later.

use sekisho_host::Foundation;
use sekisho_kernel::{Actor, Cx, Language, PersonId, SiteId, TenantId};
use sekisho_visitors::tables::words::VisitKind;
use sekisho_visitors::terminal::{TerminalForm, add_terminal, new_terminal_code};
use sekisho_visitors::{AppointmentForm, GuestForm, Presented, RoomTaken, TerminalId, Visitors};
use serde::{Deserialize, Serialize};

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

/// Where the reception is, and what is there.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub(super) struct Lobby {
    pub(super) site: SiteId,
    /// Who has guests.
    pub(super) hosts: Vec<PersonId>,
    /// Who looks after it.
    pub(super) keeper: PersonId,
    /// What is there; none before the first start, since guests are told only by a server that runs.
    pub(super) open: Option<Furnished>,
}

#[derive(Clone, Debug, Serialize, Deserialize)]
pub(super) struct Furnished {
    terminal: TerminalId,
    guest_page: String,
}

/// How to get into the lobby.
pub(super) struct Doors {
    /// With it a browser becomes the terminal; good for ten minutes.
    pub(super) code: String,
    /// The token of the page of a guest who comes today.
    pub(super) guest_page: String,
}

impl Lobby {
    /// Furnishes the reception at the first start; at each start there is a new code for the terminal.
    pub(super) async fn open(&mut self, foundation: &Foundation, tenant: TenantId) -> anyhow::Result<Doors> {
        let visitors = Visitors::on(foundation);
        let actor = Actor::Person { id: self.keeper };
        let cx = Cx::new(foundation.world.clone(), tenant, actor, Language::Ja);
        let by = foundation.identity.administrator(&cx).await?;
        if let Some(open) = &self.open {
            let made = new_terminal_code(&visitors, &cx, by, open.terminal).await?;
            return Ok(Doors { code: made.code, guest_page: open.guest_page.clone() });
        }
        let guest_page = self.expect_guests(&visitors, &cx).await?;
        let form = TerminalForm { site: Some(self.site), name: "1階 受付".to_owned() };
        let made = add_terminal(&visitors, &cx, by, &form).await?;
        self.open = Some(Furnished { terminal: made.id, guest_page: guest_page.clone() });
        Ok(Doors { code: made.code, guest_page })
    }

    /// Makes the appointments; the first guest is at the reception already. The page of the next.
    async fn expect_guests(&self, visitors: &Visitors, cx: &Cx) -> anyhow::Result<String> {
        let site = self.site;
        let mut hosts = self.hosts.iter().copied().cycle();
        let mut next = String::new();
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
                language: Some(language),
                ..GuestForm::default()
            };
            let form = AppointmentForm {
                site,
                kind,
                host: hosts.next(),
                deputies: Vec::new(),
                group: None,
                room: None,
                room_taken: RoomTaken::default(),
                place: place.to_owned(),
                starts: at(minutes)?,
                ends: at(minutes + 60)?,
                purpose: purpose.to_owned(),
                note: String::new(),
                guests: vec![guest],
            };
            let made = sekisho_visitors::make_appointment(visitors, cx, form).await?;
            if let Some(visit) = made.visits.first().filter(|_| minutes < 0) {
                let at = visitors.desk(cx, site, "visit.check_in").await?;
                let shown = Presented::Code(visit.code.clone());
                sekisho_visitors::check_in(visitors, cx, &at, &shown).await?;
            } else if let Some(visit) = made.visits.first().filter(|_| next.is_empty()) {
                next.clone_from(&visit.page);
            }
        }
        Ok(next)
    }
}
