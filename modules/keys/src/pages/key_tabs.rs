//! The other tabs of a key: who may take it and why, who had it when, its settings.

use axum::extract::{Path, State};
use axum::http::StatusCode;
use sekisho_kernel::PersonId;
use sekisho_policy::Right;
use sekisho_web::parts::{Button, Card, Column, Confirm, Empty, Field, Grid, Row, Table, Timeline, Tone};
use sekisho_web::{Asker, Form, FormState, Markup, Page, Reader, Result, Sheet, Texts, WebError};

use super::forms::{KeySent, key_form, key_state};
use super::key_page::view;
use super::{seen, seen_key};
use crate::Keys;
use crate::ids::KeyId;
use crate::reads::{self, BoxRow, KeyRow, LoanFilter, LoanRow, PictureFilter, PictureRow, Sight};

/// Who may do what with the key, and through what.
pub(super) async fn rights(asker: Asker, State(keys): State<Keys>, Path(id): Path<KeyId>) -> Result {
    let (sight, stock) = seen_key(&asker, &keys, id).await?;
    let key = stock.key(id).filter(|_| sight.manages_key(id)).ok_or_else(WebError::missing)?.clone();
    let can = keys.policy.who_can(&asker.cx, id.resource(), Right::View).await?;
    let people: Vec<PersonId> = can.iter().map(|can| can.person).collect();
    let names = keys.identity.display_names(&keys.store.read(asker.cx.tenant).await?, &people).await?;
    let who = can.into_iter().map(|can| Who {
        person: can.person,
        name: names.get(&can.person).cloned().unwrap_or_default(),
        right: can.right,
        now: can.now,
    });
    Ok(asker.show(&KeyRights { who: who.collect(), sight, key }))
}

/// Somebody with a right to a key.
pub(super) struct Who {
    pub(super) person: PersonId,
    pub(super) name: String,
    pub(super) right: Right,
    /// Whether it holds at this hour.
    pub(super) now: bool,
}

/// Who may do what with a key.
pub(super) struct KeyRights {
    pub(super) sight: Sight,
    pub(super) key: KeyRow,
    pub(super) who: Vec<Who>,
}

impl Page for KeyRights {
    fn draw(&self, reader: &Reader) -> Sheet {
        let (t, id) = (reader.texts(), self.key.id);
        let rows = self.who.iter().map(|who| {
            let why = Button::link(
                format!("/rights/why?person={}&resource={id}&right={}", who.person, who.right.word()),
                t.get("keys-why"),
            )
            .quiet()
            .small()
            .icon("help-circle");
            Row::new()
                .cell(&who.name)
                .cell(t.get(&format!("keys-right-{}", who.right.word())))
                .cell(t.get(if who.now { "keys-right-now" } else { "keys-right-later" }))
                .cell(why)
        });
        let columns =
            [t.get("who"), t.get("keys-right"), t.get("keys-right-when"), String::new()].map(Column::new);
        let table = Table::new(t.get("tab-rights"), columns)
            .rows(rows)
            .empty(Empty::new(t.get("keys-no-rights"), t.get("keys-no-rights-text")).icon("lock"));
        let give =
            Button::link(format!("/rights/new?target=resource:{id}"), t.get("keys-give-right")).icon("plus");
        view(reader, &self.sight, &self.key, "/rights")
            .body(Card::new(t.get("keys-who-can")).action(give).flush().body(table))
    }
}

/// Who had it when.
pub(super) async fn history(asker: Asker, State(keys): State<Keys>, Path(id): Path<KeyId>) -> Result {
    let (sight, stock) = seen_key(&asker, &keys, id).await?;
    let key = stock.key(id).ok_or_else(WebError::missing)?.clone();
    let filter = LoanFilter { key: Some(id), limit: 200, ..LoanFilter::default() };
    let loans = reads::loans(&keys, &asker.cx, &sight, &filter).await?;
    let filter = PictureFilter {
        loans: Some(loans.iter().map(|loan| loan.id).collect()),
        limit: 1000,
        ..PictureFilter::default()
    };
    let pictures = reads::pictures(&keys, &asker.cx, &sight, &filter).await?;
    Ok(asker.show(&KeyHistory { sight, key, loans, pictures }))
}

/// Who had a key when.
pub(super) struct KeyHistory {
    pub(super) sight: Sight,
    pub(super) key: KeyRow,
    pub(super) loans: Vec<LoanRow>,
    /// What cameras took of them, at boxes the viewer manages.
    pub(super) pictures: Vec<PictureRow>,
}

impl Page for KeyHistory {
    fn draw(&self, reader: &Reader) -> Sheet {
        let t = reader.texts();
        let body = if self.loans.is_empty() {
            Markup::from(Empty::new(t.get("keys-no-history"), t.get("keys-no-history-text")).icon("history"))
        } else {
            let line = |timeline, loan| self.line(reader, &t, timeline, loan);
            self.loans.iter().fold(Timeline::new(), line).into()
        };
        view(reader, &self.sight, &self.key, "/history").body(Card::plain().body(body))
    }
}

impl KeyHistory {
    fn line(&self, reader: &Reader, t: &Texts, timeline: Timeline, loan: &LoanRow) -> Timeline {
        let zone = &self.key.zone;
        let who = if loan.name.is_empty() { t.get("keys-holder-unknown") } else { loan.name.clone() };
        let sentence = t.with(&format!("keys-loan-{}", loan.state.word().replace('_', "-")), [("who", who)]);
        let way = Markup::raw(format!(
            " <span class=\"muted\">{}</span>",
            Markup::text(t.get(&format!("keys-way-{}", loan.way.word().replace('_', "-"))))
        ));
        let note = loan.note.as_ref().map(|note| Markup::raw(format!("<br><q>{}</q>", Markup::text(note))));
        let back = loan.ended_at.map(|at| Markup::raw(" → ").then(reader.time(at, zone)));
        let time = Markup::from(reader.time(loan.taken_at.unwrap_or(loan.released_at), zone))
            .then(Markup::from(back));
        let tone = if loan.late { Tone::Warn } else { Tone::Info };
        let pictures = self.pictures.iter().rev().filter(|picture| picture.loan == Some(loan.id));
        let pictures =
            pictures.fold(Markup::default(), |all, one| all.then(super::pictures::link(t, one.id)));
        let said = Markup::text(sentence).then(way).then(pictures).then(Markup::from(note));
        timeline.item(tone, "key", said, time)
    }
}

/// Its settings.
pub(super) async fn settings(asker: Asker, State(keys): State<Keys>, Path(id): Path<KeyId>) -> Result {
    show_settings(&asker, &keys, id, None).await
}

async fn show_settings(asker: &Asker, keys: &Keys, id: KeyId, state: Option<FormState>) -> Result {
    let (sight, stock) = seen(asker, keys).await?;
    let key = stock.key(id).filter(|_| sight.manages_key(id)).ok_or_else(WebError::missing)?.clone();
    let status = if state.is_some() { StatusCode::UNPROCESSABLE_ENTITY } else { StatusCode::OK };
    let state = match state {
        Some(state) => state,
        None => {
            let scope = keys.store.read(asker.cx.tenant).await?;
            let present = reads::key(&scope, id).await?.ok_or_else(WebError::missing)?;
            key_state(&key).with("seen", crate::revision::of_key(&present))
        }
    };
    Ok(asker.show(&KeySettings { sight, key, boxes: stock.boxes, state, status }))
}

/// The settings of a key.
pub(super) struct KeySettings {
    pub(super) sight: Sight,
    pub(super) key: KeyRow,
    pub(super) boxes: Vec<BoxRow>,
    pub(super) state: FormState,
    pub(super) status: StatusCode,
}

impl Page for KeySettings {
    fn draw(&self, reader: &Reader) -> Sheet {
        let (t, key) = (reader.texts(), &self.key);
        let form = key_form(&t, &self.boxes, &self.state, format!("/keys/{}/settings", key.id), false);
        let withdraw = Confirm::new(
            format!("/keys/{}/withdraw", key.id),
            t.get("keys-withdraw"),
            t.with("keys-withdraw-question", [("key", &*key.name)]),
            t.get("keys-withdraw-do"),
        )
        .icon("key-off")
        .field(Field::text("note", t.get("reason")));
        let text = Markup::raw(format!("<p>{}</p>", Markup::text(t.get("keys-withdraw-text"))));
        let body = Grid::main_and_side()
            .add(Card::plain().body(form))
            .add(Card::new(t.get("keys-withdraw")).body(text.then(withdraw)));
        view(reader, &self.sight, key, "/settings").status(self.status).body(body)
    }
}

/// Saves them.
pub(super) async fn save(
    asker: Asker,
    State(keys): State<Keys>,
    Path(id): Path<KeyId>,
    sent: Form<KeySent>,
) -> Result {
    let (sent, state) = sent.split();
    let saved = match sent {
        Ok(sent) => crate::edit_key(&keys, &asker.cx, id, sent.into()).await.map_err(WebError::from),
        Err(error) => Err(error),
    };
    match saved {
        Ok(()) => Ok(asker.done("keys-saved", format!("/keys/{id}"))),
        Err(error) => show_settings(&asker, &keys, id, Some(state.failed(error)?)).await,
    }
}
