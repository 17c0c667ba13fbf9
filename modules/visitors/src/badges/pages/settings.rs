//! How badges look, with a preview that follows what is typed; below it the printers.

use axum::extract::State;
use axum::http::StatusCode;
use sekisho_places::Site;
use sekisho_web::parts::{Badge, Button, Card, Column, Empty, Field, FormBox, Grid, Row, Table, Tone};
use sekisho_web::{
    Asker, Form, FormState, IfMatch, Markup, Page, Query, Reader, Result, Sheet, Texts, WebError,
    escape_query,
};
use serde::Deserialize;

use super::super::api::shown;
use super::super::paper::Paper;
use super::super::reads::{self, PrinterRow};
use super::super::settings::{self as stored, BadgeLanguage, BadgeSettings, save_badge_settings};
use super::{HERE, PRINTERS};
use crate::Visitors;
use crate::tables::words::VisitKind;

/// What the form sends, to be saved or to be looked at.
#[derive(Clone, Default, Deserialize)]
pub(super) struct Sent {
    language: String,
    colour: String,
    company: bool,
    host: bool,
    site: bool,
    until: bool,
    leave_code: bool,
    escorted: Vec<String>,
    version: Option<i64>,
    paper: String,
    kind: String,
}

impl Sent {
    fn settings(&self) -> BadgeSettings {
        BadgeSettings {
            language: if self.language == "en" { BadgeLanguage::En } else { BadgeLanguage::Ja },
            colour: self.colour.clone(),
            company: self.company,
            host: self.host,
            site: self.site,
            until: self.until,
            leave_code: self.leave_code,
            escorted: self.escorted.iter().filter_map(|word| VisitKind::from_word(word)).collect(),
        }
    }

    fn of(settings: &BadgeSettings) -> Self {
        Self {
            language: if settings.language == BadgeLanguage::En { "en" } else { "ja" }.to_owned(),
            colour: settings.colour.clone(),
            company: settings.company,
            host: settings.host,
            site: settings.site,
            until: settings.until,
            leave_code: settings.leave_code,
            escorted: settings.escorted.iter().map(|kind| kind.word().to_owned()).collect(),
            version: None,
            paper: String::new(),
            kind: String::new(),
        }
    }

    /// The same as a query, for the address of the picture.
    pub(super) fn query(&self) -> String {
        let mut query = format!(
            "language={}&colour={}&paper={}&kind={}",
            escape_query(&self.language),
            escape_query(&self.colour),
            escape_query(&self.paper),
            escape_query(&self.kind)
        );
        let on = [
            ("company", self.company),
            ("host", self.host),
            ("site", self.site),
            ("until", self.until),
            ("leave_code", self.leave_code),
        ];
        for (name, _) in on.into_iter().filter(|(_, on)| *on) {
            query.push_str(&format!("&{name}=true"));
        }
        for kind in &self.escorted {
            query.push_str(&format!("&escorted={}", escape_query(kind)));
        }
        query
    }

    fn state(&self, version: i64) -> FormState {
        let on = |on: bool| if on { "true" } else { "" };
        let state = FormState::empty()
            .with("language", &self.language)
            .with("colour", &self.colour)
            .with("company", on(self.company))
            .with("host", on(self.host))
            .with("site", on(self.site))
            .with("until", on(self.until))
            .with("leave_code", on(self.leave_code))
            .with("version", version);
        self.escorted.iter().fold(state, |state, kind| state.with("escorted", kind))
    }
}

/// The page.
pub(super) struct BadgesPage {
    pub(super) state: FormState,
    /// What the picture is drawn from.
    pub(super) query: String,
    pub(super) printers: Vec<PrinterRow>,
    pub(super) sites: Vec<Site>,
}

async fn drawn(asker: &Asker, visitors: &Visitors, state: FormState, query: String) -> Result {
    let sites = sekisho_places::sites(&visitors.store.read(asker.cx.tenant).await?).await?;
    let printers = reads::printers(visitors, &asker.cx).await?;
    Ok(asker.show(&BadgesPage { state, query, printers, sites }))
}

/// The page; while somebody types, the form asks for it with what was typed and takes the picture out of it.
pub(super) async fn show(asker: Asker, State(visitors): State<Visitors>, Query(sent): Query<Sent>) -> Result {
    let (settings, version) = stored::load(&visitors.store.read(asker.cx.tenant).await?).await?;
    let query = if sent.colour.is_empty() { Sent::of(&settings).query() } else { sent.query() };
    drawn(&asker, &visitors, Sent::of(&settings).state(version), query).await
}

/// Sets how badges look.
pub(super) async fn save(asker: Asker, State(visitors): State<Visitors>, sent: Form<Sent>) -> Result {
    let by = visitors.identity.administrator(&asker.cx).await?;
    let (sent, state) = sent.split();
    let query = sent.as_ref().map(Sent::query).unwrap_or_default();
    let saved = match sent {
        Ok(sent) => {
            let seen = sent.version.map_or(IfMatch::ANY, IfMatch::seen);
            let wanted = sent.settings();
            save_badge_settings(&visitors, &asker.cx, by, wanted, &seen).await.map_err(WebError::from)
        }
        Err(error) => Err(error),
    };
    match saved {
        Ok(()) => Ok(asker.done("visitors-saved", HERE)),
        Err(error) => drawn(&asker, &visitors, state.failed(error)?, query).await,
    }
}

/// The picture of what was typed.
pub(super) async fn picture(
    asker: Asker,
    State(visitors): State<Visitors>,
    Query(sent): Query<Sent>,
) -> Result {
    let paper = Paper::from_word(&sent.paper).unwrap_or(Paper::Label);
    let kind = VisitKind::from_word(&sent.kind).unwrap_or(VisitKind::Guest);
    shown(reads::preview(&visitors, &asker.cx, &sent.settings(), paper, kind).await?)
}

impl Page for BadgesPage {
    fn draw(&self, reader: &Reader) -> Sheet {
        let t = reader.texts();
        let status = if self.state.has_errors() { StatusCode::UNPROCESSABLE_ENTITY } else { StatusCode::OK };
        let picture = Markup::raw(format!(
            "<div id=\"badge-preview\"><img class=\"badge-picture\" src=\"{HERE}/preview.png?{}\" alt=\"{}\"></div>",
            Markup::text(&self.query),
            Markup::text(t.get("visitors-badge-preview"))
        ));
        let both = Grid::main_and_side()
            .add(Card::plain().body(self.form(&t)))
            .add(Card::new(t.get("visitors-badge-preview")).body(picture));
        let printers = Card::new(t.get("visitors-printers"))
            .action(
                Button::link(format!("{PRINTERS}/new"), t.get("visitors-printer-new")).icon("plus").small(),
            )
            .flush()
            .body(self.table(&t));
        reader
            .sheet("visitors-badges")
            .crumb("/settings", "settings-title")
            .status(status)
            .body(Markup::from(both).then(printers))
    }
}

impl BadgesPage {
    fn form(&self, t: &Texts) -> FormBox {
        let state = &self.state;
        let kinds = || {
            let named =
                |kind: &VisitKind| (kind.word().to_owned(), t.get(&format!("visitors-kind-{}", kind.word())));
            VisitKind::ALL.iter().filter(|kind| **kind != VisitKind::Delivery).map(named)
        };
        let papers =
            Paper::ALL.iter().map(|paper| (paper.word(), t.get(&format!("visitors-paper-{}", paper.word()))));
        let languages = [("ja", "visitors-badge-ja"), ("en", "visitors-badge-en")]
            .map(|(word, text)| (word, t.get(text)));
        let switch = |name: &str| {
            Field::switch(name, t.get(&format!("visitors-badge-set-{}", name.replace('_', "-"))))
        };
        FormBox::post(HERE, state, t)
            .attr("hx-get", HERE)
            .attr("hx-trigger", "change, input changed delay:400ms")
            .attr("hx-select", "#badge-preview")
            .attr("hx-target", "#badge-preview")
            .attr("hx-swap", "outerHTML")
            .beside([
                Field::select("language", t.get("visitors-badge-language")).options(languages).from(state, t),
                Field::text("colour", t.get("visitors-badge-colour"))
                    .attr("type", "color")
                    .hint(t.get("visitors-badge-colour-hint"))
                    .from(state, t),
            ])
            .add(switch("company").from(state, t))
            .add(switch("host").from(state, t))
            .add(switch("site").from(state, t))
            .add(switch("until").from(state, t))
            .add(switch("leave_code").hint(t.get("visitors-badge-set-leave-code-hint")).from(state, t))
            .add(
                Field::checkboxes("escorted", t.get("visitors-badge-escorted"))
                    .options(kinds())
                    .hint(t.get("visitors-badge-escorted-hint"))
                    .from(state, t),
            )
            .heading(t.get("visitors-badge-preview"))
            .beside([
                Field::select("paper", t.get("visitors-paper")).options(papers).from(state, t),
                Field::select("kind", t.get("visitors-kind")).options(kinds()).from(state, t),
            ])
            .add(Field::hidden("version", state.value("version")))
            .submit(t.get("save"))
    }

    fn table(&self, t: &Texts) -> Table {
        let columns = [
            Column::new(t.get("visitors-printer-name")),
            Column::new(t.get("visitors-site")),
            Column::new(t.get("visitors-printer-address")).secondary(),
            Column::new(t.get("visitors-paper")).secondary(),
            Column::new(t.get("visitors-do")).narrow(),
        ];
        let rows = self.printers.iter().map(|row| {
            let site = self.sites.iter().find(|site| site.id == row.site).map(|site| site.name.as_str());
            let own =
                row.by_itself.then(|| Badge::new(t.get("visitors-printer-by-itself-short")).tone(Tone::Good));
            let name = Markup::text(&row.name)
                .then(Markup::raw(" "))
                .then(own.map(Markup::from).unwrap_or_default());
            let try_out =
                Button::post(format!("{PRINTERS}/{}/try", row.id), t.get("visitors-printer-try")).small();
            Row::new()
                .cell(name)
                .cell(site.unwrap_or_default())
                .cell(Markup::raw(format!("<code>{}</code>", Markup::text(&row.address))))
                .cell(t.get(&format!("visitors-paper-{}", row.paper.word())))
                .cell(try_out)
                .href(format!("{PRINTERS}/{}", row.id))
        });
        let none = Empty::new(t.get("visitors-printers-none"), t.get("visitors-printers-none-text"))
            .icon("printer")
            .action(Button::link(format!("{PRINTERS}/new"), t.get("visitors-printer-new")).primary());
        Table::new(t.get("visitors-printers"), columns).rows(rows).empty(none)
    }
}
