//! The module's cards on other people's pages: my next guests on everybody's own page, who is here on the first page of
//! administrators.

use std::collections::BTreeMap;

use async_trait::async_trait;
use sekisho_host::{Question, TodayCard};
use sekisho_identity::MyPageCard;
use sekisho_web::parts::{Button, Card, Column, Row, Table};
use sekisho_web::{Asker, Markup, Result, WebError, arg};

use super::{guest_name, state_badge};
use crate::Visitors;
use crate::desk::Back;
use crate::reads::{self, VisitFilter, VisitRow};
use crate::tables::words::VisitState;

/// As many guests as one sees at a glance.
const MOST: u64 = 5;
/// As many as are counted on the first page.
const MOST_HERE: u64 = 1000;

/// "My next guests" on `/me`.
pub(crate) struct NextCard(pub(crate) Visitors);

#[async_trait]
impl MyPageCard for NextCard {
    fn order(&self) -> i32 {
        20
    }

    async fn card(&self, asker: &Asker) -> Result<Option<Markup>, WebError> {
        let t = asker.texts();
        let sight = self.0.sight(&asker.cx, asker.person()?).await?;
        let filter = VisitFilter {
            from: Some(asker.cx.now),
            states: vec![
                VisitState::Arrived,
                VisitState::Admitted,
                VisitState::Draft,
                VisitState::Invited,
                VisitState::Registered,
            ],
            mine: true,
            limit: MOST,
            ..VisitFilter::default()
        };
        let mut rows = reads::visits(&self.0, &asker.cx, &sight, &filter).await?;
        rows.truncate(usize::try_from(MOST).unwrap_or(usize::MAX));
        if rows.is_empty() {
            return Ok(None);
        }
        // A card is half as wide as a page: time and state share a cell.
        let columns =
            [t.get("visitors-guest"), t.get("visitors-starts"), t.get("visitors-do")].map(Column::new);
        let lines = rows.iter().map(|row| {
            let when = Markup::from(asker.time(row.starts_at, &row.zone)).then(Markup::raw("<br>"));
            let line = Row::new()
                .cell(guest_name(&t, row))
                .cell(when.then(state_badge(&t, row.state)))
                .cell(super::acts(&t, row, asker.cx.now, Back::LIST));
            match row.appointment {
                Some(id) => line.href(format!("/visitors/appointments/{id}")),
                None => line,
            }
        });
        let card = Card::new(t.get("visitors-me"))
            .action(Button::link("/visitors/new", t.get("visitors-new")).quiet().small())
            .flush()
            .body(Table::new(t.get("visitors-me"), columns).rows(lines));
        Ok(Some(card.into()))
    }
}

/// "Who is here?" on the first page: guests by site.
pub(crate) struct HereCard(pub(crate) Visitors);

#[async_trait]
impl TodayCard for HereCard {
    fn question(&self) -> Question {
        Question::WhoIsHere
    }

    fn changes_with(&self) -> &'static [&'static str] {
        super::LIVE
    }

    async fn card(&self, asker: &Asker) -> Result<Option<Markup>> {
        let t = asker.texts();
        let sight = self.0.sight(&asker.cx, asker.person()?).await?;
        let filter = VisitFilter {
            states: vec![VisitState::Arrived, VisitState::Admitted],
            limit: MOST_HERE,
            ..VisitFilter::default()
        };
        let here = reads::visits(&self.0, &asker.cx, &sight, &filter).await?;
        if here.is_empty() {
            return Ok(None);
        }
        let mut by_site: BTreeMap<&str, Vec<&VisitRow>> = BTreeMap::new();
        for row in &here {
            by_site.entry(&row.site_name).or_default().push(row);
        }
        let mut body = Markup::default();
        for (site, rows) in by_site {
            let heads: i64 = rows.iter().map(|row| row.heads()).sum();
            let words = t.with("visitors-here-count", [("site", arg(site)), ("count", arg(heads))]);
            let columns = [
                t.get("visitors-guest"),
                t.get("state"),
                t.get("visitors-host"),
                t.get("visitors-arrived-at"),
            ]
            .map(Column::new);
            let lines = rows.iter().take(8).map(|row| {
                Row::new()
                    .cell(guest_name(&t, row))
                    .cell(state_badge(&t, row.state))
                    .cell(&row.host_name)
                    .cell(row.arrived_at.map(|at| asker.time(at, &row.zone).clock()))
            });
            body = body
                .then(Markup::raw(format!("<h3 class=\"here-site\">{}</h3>", Markup::text(words))))
                .then(Table::new(site, columns).rows(lines));
        }
        let card = Card::new(t.get("visitors-here"))
            .action(Button::link("/visitors?show=here", t.get("details")).quiet().small())
            .body(body);
        Ok(Some(card.into()))
    }
}
