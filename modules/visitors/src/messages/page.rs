//! `/visitors/visits/{id}/messages`: who was told of a guest, whether it went out, and what they answered.

use axum::extract::{Path, State};
use sekisho_kernel::Timestamp;
use sekisho_web::gallery::{Sample, Sampler, drawn, minutes_ago};
use sekisho_web::parts::{Badge, Card, Column, Empty, Row, Table, Tone};
use sekisho_web::{Asker, Markup, Page, Reader, Result, Sheet, Texts, WebError};

use super::MessageRow;
use crate::Visitors;
use crate::ids::{AppointmentId, VisitId};
use crate::pages::{LIVE, below, live_part_every, name_or_none};
use crate::reads;

/// The pages that have samples.
pub(crate) fn samplers() -> Vec<Sampler> {
    vec![drawn::<MessagesPage>]
}

/// The page.
pub(super) async fn show(asker: Asker, State(visitors): State<Visitors>, Path(id): Path<VisitId>) -> Result {
    let sight = visitors.sight(&asker.cx, asker.person()?).await?;
    let (visit, rows) = super::messages(&visitors, &asker.cx, &sight, id).await?;
    let shown = reads::visit(&visitors, &asker.cx, &sight, id).await?.ok_or_else(WebError::missing)?;
    Ok(asker.show(&MessagesPage {
        guest: shown.name,
        zone: visit.zone,
        appointment: visit.appointment_id,
        rows,
    }))
}

/// The messages about one visit.
struct MessagesPage {
    guest: String,
    zone: String,
    appointment: Option<AppointmentId>,
    rows: Vec<MessageRow>,
}

impl Page for MessagesPage {
    fn draw(&self, reader: &Reader) -> Sheet {
        let t = reader.texts();
        let columns = [
            Column::new(t.get("notify-what")),
            Column::new(t.get("notify-to")),
            Column::new(t.get("notify-means")).narrow(),
            Column::new(t.get("notify-state")),
            Column::new(t.get("notify-when")),
            Column::new(t.get("visitors-messages-answer")),
        ];
        let table = Table::new(t.get("visitors-messages"), columns)
            .rows(self.rows.iter().rev().map(|row| self.line(reader, &t, row)))
            .empty(
                Empty::new(t.get("visitors-messages-none"), t.get("visitors-messages-none-text"))
                    .icon("mail"),
            );
        let sheet = reader.sheet("visitors-messages").live(LIVE).crumb("/visitors", "visitors-title");
        let sheet = match self.appointment {
            Some(id) => sheet.crumb(&format!("/visitors/appointments/{id}"), "visitors-appointment"),
            None => sheet,
        };
        let name = name_or_none(&t, &self.guest);
        let card = Card::new(name).flush().body(table);
        // Nothing tells that a message was written or went out.
        sheet.body(live_part_every(10, "visitors-messages", &reader.here(), card))
    }
}

impl MessagesPage {
    fn line(&self, reader: &Reader, t: &Texts, row: &MessageRow) -> Row {
        let to = match (row.person, &*row.name) {
            (Some(_), "") => t.get("notify-nobody"),
            (Some(_), name) => name.to_owned(),
            (None, _) if row.means == "chat" => t.get("visitors-messages-channel"),
            (None, _) => t.get("visitors-messages-guest"),
        };
        let tone = match &*row.state {
            "sent" => Tone::Good,
            "dead" => Tone::Danger,
            "queued" => Tone::Info,
            _ => Tone::Plain,
        };
        let time = |at: Timestamp| reader.time(at, &self.zone);
        let state = Markup::from(Badge::new(t.get(&format!("notify-state-{}", row.state))).tone(tone));
        let why = row.why.map(|why| t.get(&format!("visitors-messages-why-{why}"))).unwrap_or_default();
        let answer = row.answer.as_ref().map(|word| {
            let word = Markup::text(t.get(&format!("visitors-messages-said-{}", word.replace('_', "-"))));
            match row.answered_at {
                Some(at) => word.then(Markup::raw(" ")).then(Markup::from(time(at))),
                None => word,
            }
        });
        Row::new()
            .cell(t.get(&format!("visitors-messages-{}", row.what)))
            .cell(to)
            .cell(t.get(&format!("notify-means-{}", row.means)))
            .cell(state.then(below(&why)))
            .cell(time(row.sent_at.unwrap_or(row.told_at)))
            .cell(answer.unwrap_or_default())
    }
}

impl Sample for MessagesPage {
    fn samples() -> Vec<(&'static str, Self)> {
        let row = |what, to: Option<(u128, &str)>, means: &str, state: &str, minutes| MessageRow {
            what,
            person: to.map(|(number, _)| sekisho_web::gallery::id(number)),
            name: to.map(|(_, name)| name.to_owned()).unwrap_or_default(),
            means: means.to_owned(),
            state: state.to_owned(),
            told_at: minutes_ago(minutes),
            sent_at: (state == "sent").then(|| minutes_ago(minutes)),
            why: None,
            answer: None,
            answered_at: None,
        };
        let (host, deputy) = (Some((101, "佐藤 美咲")), Some((102, "鈴木 健太")));
        let failed = MessageRow { why: Some("refused"), ..row("arrived", host, "mail", "dead", 4) };
        let answered = MessageRow {
            answer: Some("coming".to_owned()),
            answered_at: Some(minutes_ago(1)),
            ..row("arrived", deputy, "push", "sent", 2)
        };
        let rows = vec![
            row("invited", None, "mail", "sent", 3000),
            row("reminder", None, "mail", "sent", 1500),
            failed,
            MessageRow { why: Some("later"), ..row("arrived", host, "sms", "queued", 4) },
            answered,
        ];
        let page = |rows| Self {
            guest: "山田 太郎".to_owned(),
            zone: "Asia/Tokyo".to_owned(),
            appointment: Some(sekisho_web::gallery::id(300)),
            rows,
        };
        vec![
            ("/visitors/visits/{id}/messages", page(rows)),
            ("/visitors/visits/{id}/messages: none", page(Vec::new())),
        ]
    }
}
