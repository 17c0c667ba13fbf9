//! The conversation at a box's panel: who is it, what may they take, here is your bin.
//!
//! The box decides nothing about people. An attempt and the stay that follows are one row, known by a random id to that
//! box alone. A stranger at the panel learns nothing: an unknown ID number is answered like a known one.

mod lists;
mod proofs;

use std::time::Duration;

use sea_orm::ActiveValue::Set;
use sea_orm::{ColumnTrait, Condition};
use sekisho_devices::{Device, PortError};
use sekisho_kernel::{Actor, AuditEntry, Cx, Kinded, Language, Timestamp};
use sekisho_storage::{Scoped, Tx};
use sekisho_wire::{AnswerKind, Ask, AskKind, AttemptId, Code, IdentifyBy, PanelSession, Words};
use uuid::Uuid;

use crate::Keys;
use crate::booking::read_code;
use crate::ids::{KeyId, PanelSessionId};
use crate::ledger::lock_key;
use crate::tables::words::{BookingState, LoanState, Way};
use crate::tables::{bookings, boxes, keys, loans, panel_sessions, panel_tries};
use crate::take_out::{RelyingOn, TakeOut, take_out};
use crate::{hand_over, report_fault, return_key, use_keycode};
use proofs::Claim;

/// How long somebody may take to prove who they are.
const ATTEMPT_LIFE: Duration = Duration::from_secs(300);
/// How long a stay lasts.
const STAY: Duration = Duration::from_secs(120);
/// Wrong codes in a row at one box before it pauses.
const MOST_WRONG: i64 = 5;
/// The pause.
const PAUSE: Duration = Duration::from_secs(60);
/// How long after a return something can be noted about it without saying who one is.
const NOTE_WITHIN: Duration = Duration::from_secs(600);
type Answered = Result<AnswerKind, PortError>;

/// Answers one question.
pub(super) async fn answer(keys: &Keys, cx: &Cx, device: &Device, ask: Ask) -> Answered {
    let mut cx = cx.clone();
    cx.language = ask.language;
    let cx = &cx;
    let scope = keys.store.read(cx.tenant).await?;
    let place = scope.find::<boxes::Entity>().filter(boxes::Column::DeviceId.eq(device.id)).one().await?;
    drop(scope);
    let Some(place) = place else { return Ok(refused("not_set_up", "keys-panel-not-set-up", keys)) };
    let at = At { keys, cx, device, place: &place };
    match ask.kind {
        AskKind::Identify { by } => at.identify(by).await,
        AskKind::Prove { attempt, secret } => at.prove(attempt, &secret).await,
        AskKind::Keys { session } => match at.stay(session).await? {
            Some(stay) => at.welcome(&stay).await,
            None => Ok(at.over()),
        },
        AskKind::Take { session, key } => at.take(session, key.into()).await,
        AskKind::Return { session, key, fob, bin } => {
            at.give_back(session, key.map(Into::into), fob, bin).await
        }
        AskKind::ReturnForm { key, session, note, fault } => at.note(key.into(), session, note, fault).await,
        AskKind::HandOver { session, key, to, code } => at.hand_over(session, key.into(), &to, code).await,
        AskKind::End { session } => at.end(session).await,
        AskKind::Beside { session, by } => at.beside(session, by).await,
        AskKind::Unknown => Ok(refused("not_understood", "keys-panel-not-understood", keys)),
    }
}

/// A refusal in one word for the box, with a sentence in both languages for its screen.
fn refused(code: &str, text: &'static str, keys: &Keys) -> AnswerKind {
    let words = |language| keys.sentence(language, text);
    AnswerKind::Refused {
        code: code.to_owned(),
        text: Words { ja: words(Language::Ja), en: words(Language::En) },
    }
}

/// A question being answered: at which box, by whom.
struct At<'a> {
    keys: &'a Keys,
    cx: &'a Cx,
    device: &'a Device,
    place: &'a boxes::Model,
}

impl At<'_> {
    fn no(&self, code: &str, text: &'static str) -> AnswerKind {
        refused(code, text, self.keys)
    }

    fn over(&self) -> AnswerKind {
        self.no("session_over", "keys-panel-session-over")
    }

    async fn identify(&self, by: IdentifyBy) -> Answered {
        if let Some(pause) = self.paused().await? {
            return Ok(pause);
        }
        match by {
            IdentifyBy::IdNumber(number) => {
                let scope = self.keys.store.read(self.cx.tenant).await?;
                let person = self.keys.identity.by_id_number(self.cx, &scope, number.expose()).await?;
                drop(scope);
                self.send_code(Claim { person, way: Way::IdNumber, stay: None }, number.expose()).await
            }
            IdentifyBy::Badge(serial) => {
                let scope = self.keys.store.read(self.cx.tenant).await?;
                let person = self.keys.identity.by_badge(self.cx, &scope, serial.expose()).await?;
                drop(scope);
                match person {
                    Some(person) => self.ask_proof(person, Way::Badge, None).await,
                    None => self.wrong("unknown_badge", "keys-panel-unknown-badge").await,
                }
            }
            IdentifyBy::BookingCode(code) => self.booking(&code).await,
            IdentifyBy::Keycode(code) => self.keycode(&code).await,
        }
    }

    async fn booking(&self, typed: &Code) -> Answered {
        let Some(code) = read_code(typed.expose(), 6..=12) else {
            return self.wrong("wrong_code", "keys-panel-wrong-code").await;
        };
        let blind = self.keys.vault.keys(self.cx.tenant).await?.blind("keys.booking_code", &code);
        let live = Condition::all()
            .add(bookings::Column::LiveCode.eq(blind))
            .add(bookings::Column::State.eq(BookingState::Booked))
            .add(bookings::Column::EndsAt.gt(self.cx.now));
        let scope = self.keys.store.read(self.cx.tenant).await?;
        let booking = scope.find::<bookings::Entity>().filter(live).one().await?;
        drop(scope);
        let Some(booking) = booking else { return self.wrong("wrong_code", "keys-panel-wrong-code").await };
        if booking.starts_at > self.cx.now {
            return Ok(self.no("not_yet", "keys-panel-not-yet"));
        }
        let id = self.open_stay(Way::BookingCode, |row| panel_sessions::ActiveModel {
            booking_id: Set(Some(booking.id)),
            person_id: Set(booking.person_id),
            ..row
        });
        let stay = id.await?;
        self.welcome(&stay).await
    }

    async fn keycode(&self, typed: &Code) -> Answered {
        let Some(says) = use_keycode::look(self.keys, self.cx, self.place.id, typed.expose()).await? else {
            return self.wrong("wrong_code", "keys-panel-wrong-code").await;
        };
        let stay = if says.present {
            let stay = self
                .open_stay(Way::Keycode, |row| panel_sessions::ActiveModel {
                    keycode_id: Set(Some(says.keycode)),
                    ..row
                })
                .await?;
            Some(PanelSession(stay.id.uuid()))
        } else {
            None
        };
        Ok(AnswerKind::KeycodeState {
            name: says.key.name,
            present: says.present,
            session: stay,
            key: Some(says.key.id.resource()),
        })
    }

    async fn take(&self, session: PanelSession, key: KeyId) -> Answered {
        let Some(stay) = self.stay(session).await? else { return Ok(self.over()) };
        let (relying_on, actor) = match (stay.booking_id, stay.keycode_id, stay.person_id) {
            (Some(booking), ..) => (RelyingOn::Booking(booking), Actor::Guest { id: booking.uuid() }),
            (_, Some(keycode), _) => (RelyingOn::Keycode(keycode), Actor::Guest { id: keycode.uuid() }),
            (_, _, Some(person)) => (RelyingOn::Person(person), Actor::Person { id: person }),
            _ => return Ok(self.over()),
        };
        if let RelyingOn::Person(person) = relying_on
            && let Some(more) = self.asks_more(&stay, person, key).await?
        {
            return Ok(more);
        }
        let cx = self.acting(&stay, actor);
        let beside = stay.second_id;
        let ask = TakeOut { key, relying_on, way: stay.way, at: Some(self.place.id), beside };
        match take_out(self.keys, &cx, ask).await {
            Ok(released) => Ok(AnswerKind::Released {
                command: released.command,
                bin: released.bin,
                not_after: released.not_after,
            }),
            Err(error) if matches!(error.kind(), sekisho_kernel::Kind::Broken) => Err(error.into()),
            Err(error) => Ok(self.no(word_of(error.text()), error.text())),
        }
    }

    async fn give_back(
        &self,
        session: Option<PanelSession>,
        key: Option<KeyId>,
        fob: Option<Code>,
        wish: Option<u16>,
    ) -> Answered {
        let person = match session {
            Some(session) => self.stay(session).await?.and_then(|stay| stay.person_id),
            None => None,
        };
        let key = match (key, fob) {
            (Some(key), _) => Some(key),
            (None, Some(fob)) => {
                let scope = self.keys.store.read(self.cx.tenant).await?;
                let known = keys::Column::Fob.eq(fob.expose().trim().to_uppercase());
                scope.find::<keys::Entity>().filter(known).one().await?.map(|key| key.id)
            }
            (None, None) => None,
        };
        let cx = match person {
            Some(person) => self.cx.acting_as(Actor::Person { id: person }),
            None => self.cx.clone(),
        };
        match return_key::open_for_return(self.keys, &cx, self.place.id, key, wish).await {
            Ok(open) => {
                Ok(AnswerKind::Released { command: open.command, bin: open.bin, not_after: open.not_after })
            }
            Err(error) if matches!(error.kind(), sekisho_kernel::Kind::Broken) => Err(error.into()),
            Err(error) => Ok(self.no(word_of(error.text()), error.text())),
        }
    }

    /// A remark or fault about a key that came back. Without saying who one is, only about one that came back here just now.
    async fn note(
        &self,
        key: KeyId,
        session: Option<PanelSession>,
        note: Option<String>,
        fault: bool,
    ) -> Answered {
        let stay = match session {
            Some(session) => self.stay(session).await?,
            None => None,
        };
        let person = stay.as_ref().and_then(|stay| stay.person_id);
        let note: String = note.unwrap_or_default().trim().chars().take(1000).collect();
        let cx = match person {
            Some(person) => self.cx.acting_as(Actor::Person { id: person }),
            None => self.cx.clone(),
        };
        let mut tx = self.keys.store.begin(&cx).await?;
        let Some(row) = lock_key(&tx, key).await? else { return Ok(self.over()) };
        let last = loans::Column::KeyId.eq(key);
        let last = tx
            .find::<loans::Entity>()
            .filter(last)
            .descending(loans::Column::ReleasedAt)
            .limit(1)
            .one()
            .await?;
        let mine = last.as_ref().is_some_and(|loan| person.is_some() && loan.person_id == person);
        let just_now = last.as_ref().is_some_and(|loan| {
            loan.ended_at.is_some_and(|ended| self.cx.now.since(ended) <= NOTE_WITHIN)
                && loan.state == LoanState::Returned
        });
        if !(mine || just_now && here(&tx, self.place, last.as_ref()).await?) {
            return Ok(self.over());
        }
        if !note.is_empty() {
            return_key::note(&tx, key, person, &note).await?;
        }
        if fault {
            let loan = last.map(|loan| loan.id);
            report_fault::write_fault(&mut tx, &row, person, loan, &note).await?;
        }
        let entry = AuditEntry::done("key.return_form").on("key", key, row.name);
        tx.commit(entry.with("fault", fault).with("note", !note.is_empty())).await?;
        Ok(AnswerKind::Ok)
    }

    async fn hand_over(&self, session: PanelSession, key: KeyId, to: &Code, code: Option<Code>) -> Answered {
        let Some(stay) = self.stay(session).await? else { return Ok(self.over()) };
        let Some(giver) = stay.person_id else { return Ok(self.over()) };
        let cx = self.acting(&stay, Actor::Person { id: giver });
        let outcome = match code {
            None => {
                let scope = self.keys.store.read(self.cx.tenant).await?;
                let to = self.keys.identity.by_id_number(&cx, &scope, to.expose()).await?;
                let Some(to) = to else { return Ok(self.no("unknown_receiver", "keys-refused-receiver")) };
                let sent = self.keys.identity.sent_to(&scope, to).await?;
                drop(scope);
                hand_over::offer(self.keys, &cx, key, to)
                    .await
                    .map(|offer| proofs::need_code(AttemptId(offer.uuid()), sent))
            }
            Some(code) => match hand_over::open_offer(self.keys, &cx, key).await {
                Ok(Some(offer)) => {
                    hand_over::confirm(self.keys, &cx, offer, code.expose()).await.map(|_| AnswerKind::Ok)
                }
                Ok(None) => Err(hand_over::HandOverError::CodeSpent),
                Err(error) => Err(error),
            },
        };
        match outcome {
            Ok(answer) => Ok(answer),
            Err(error) if matches!(error.kind(), sekisho_kernel::Kind::Broken) => Err(error.into()),
            Err(error) => Ok(self.no(word_of(error.text()), error.text())),
        }
    }

    async fn end(&self, session: PanelSession) -> Answered {
        let tx = self.keys.store.begin(self.cx).await?;
        let this = Condition::all()
            .add(panel_sessions::Column::Id.eq(session.0))
            .add(panel_sessions::Column::DeviceId.eq(self.device.id));
        tx.delete::<panel_sessions::Entity>().filter(this).exec().await?;
        tx.commit_bookkeeping("a stay at a panel ended").await?;
        Ok(AnswerKind::Ok)
    }

    /// The context of whoever was identified here, with the time of their proof.
    fn acting(&self, stay: &panel_sessions::Model, actor: Actor) -> Cx {
        let mut cx = self.cx.acting_as(actor);
        cx.verified_at = stay.verified_at;
        cx
    }

    // --- rows of attempts, stays and wrong tries ---

    fn row(&self, id: Uuid, way: Way, life: Duration) -> panel_sessions::ActiveModel {
        panel_sessions::ActiveModel {
            id: Set(PanelSessionId(id)),
            device_id: Set(self.device.id),
            person_id: Set(None),
            booking_id: Set(None),
            keycode_id: Set(None),
            stay_id: Set(None),
            second_id: Set(None),
            verified_at: Set(None),
            way: Set(way),
            expires_at: Set(self.cx.now.plus(life)),
            ..Default::default()
        }
    }

    async fn open_stay(
        &self,
        way: Way,
        fill: impl FnOnce(panel_sessions::ActiveModel) -> panel_sessions::ActiveModel,
    ) -> Result<panel_sessions::Model, PortError> {
        let id = Uuid::from_bytes(self.cx.random());
        let row = fill(self.row(id, way, STAY));
        let row = panel_sessions::ActiveModel { verified_at: Set(Some(self.cx.now)), ..row };
        let tx = self.keys.store.begin(self.cx).await?;
        self.sweep(&tx).await?;
        self.forget_wrong(&tx).await?;
        tx.insert::<panel_sessions::Entity>(row).await?;
        let stay = self.find_row(&tx, id).await?.ok_or("a stay vanished")?;
        let entry =
            AuditEntry::done("panel.identify").on("box", self.place.id, &*self.place.name).with("way", way);
        tx.commit(entry.with("booking", stay.booking_id).with("keycode", stay.keycode_id)).await?;
        Ok(stay)
    }

    async fn find_row(
        &self,
        scope: &impl Scoped,
        id: Uuid,
    ) -> Result<Option<panel_sessions::Model>, PortError> {
        let this = Condition::all()
            .add(panel_sessions::Column::Id.eq(id))
            .add(panel_sessions::Column::DeviceId.eq(self.device.id))
            .add(panel_sessions::Column::ExpiresAt.gt(self.cx.now));
        Ok(scope.find::<panel_sessions::Entity>().filter(this).one().await?)
    }

    /// A stay that was proven and has not ended.
    async fn stay(&self, session: PanelSession) -> Result<Option<panel_sessions::Model>, PortError> {
        let scope = self.keys.store.read(self.cx.tenant).await?;
        Ok(self.find_row(&scope, session.0).await?.filter(|row| row.verified_at.is_some()))
    }

    async fn sweep(&self, tx: &Tx) -> Result<(), PortError> {
        tx.delete::<panel_sessions::Entity>()
            .filter(panel_sessions::Column::ExpiresAt.lte(self.cx.now))
            .exec()
            .await?;
        Ok(())
    }

    async fn paused(&self) -> Result<Option<AnswerKind>, PortError> {
        let scope = self.keys.store.read(self.cx.tenant).await?;
        let row = scope
            .find::<panel_tries::Entity>()
            .filter(panel_tries::Column::Id.eq(self.device.id))
            .one()
            .await?;
        Ok(row.filter(|row| row.paused_until > self.cx.now).map(|_| self.no("later", "keys-panel-later")))
    }

    async fn wrong(&self, code: &str, text: &'static str) -> Answered {
        let tx = self.keys.store.begin(self.cx).await?;
        self.count_wrong(&tx).await?;
        let entry = AuditEntry::refused("panel.identify").on("box", self.place.id, &*self.place.name);
        tx.commit(entry.with("why", code)).await?;
        Ok(self.no(code, text))
    }

    async fn count_wrong(&self, tx: &Tx) -> Result<(), PortError> {
        use panel_tries::{ActiveModel, Column, Entity};
        let this = || Column::Id.eq(self.device.id);
        let Some(row) = tx.find::<Entity>().filter(this()).one().await? else {
            let row = ActiveModel {
                id: Set(self.device.id),
                wrong: Set(1),
                paused_until: Set(Timestamp::EPOCH),
                ..Default::default()
            };
            tx.insert::<Entity>(row).await?;
            return Ok(());
        };
        let wrong = row.wrong + 1;
        let mut update = tx.update::<Entity>().set(Column::Wrong, wrong);
        if wrong % MOST_WRONG == 0 {
            // Each further round of wrong codes pauses the panel longer, up to an hour.
            let rounds = u32::try_from((wrong / MOST_WRONG).clamp(1, 60)).unwrap_or(60);
            update = update.set(Column::PausedUntil, self.cx.now.plus(PAUSE.saturating_mul(rounds)));
        }
        update.filter(this()).exec().await?;
        Ok(())
    }

    async fn forget_wrong(&self, tx: &Tx) -> Result<(), PortError> {
        tx.delete::<panel_tries::Entity>().filter(panel_tries::Column::Id.eq(self.device.id)).exec().await?;
        Ok(())
    }
}

/// The last word of a text id is the word for the box: `keys-refused-already-out` → `already-out`.
fn word_of(text: &'static str) -> &'static str {
    match text {
        "keys-refused-wrong-code" => "wrong_code",
        "keys-refused-already-out" | "keys-refused-being-taken" => "already_out",
        "keys-refused-outside-hours" | "keys-refused-not-yet" => "not_now",
        _ => "refused",
    }
}

async fn here(
    scope: &impl Scoped,
    place: &boxes::Model,
    loan: Option<&loans::Model>,
) -> Result<bool, PortError> {
    let Some(bin) = loan.and_then(|loan| loan.returned_bin) else { return Ok(false) };
    Ok(crate::ledger::box_of_bin(scope, bin).await?.is_some_and(|(at, _)| at.id == place.id))
}
