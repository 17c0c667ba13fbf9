//! Proving who one is: at the beginning, once more for a key that wants it fresh, and as the second of two persons.

use sea_orm::ActiveValue::Set;
use sea_orm::{ColumnTrait, Condition};
use sekisho_crypto::Secret;
use sekisho_devices::PortError;
use sekisho_identity::events::CodeChannel;
use sekisho_identity::{Checked, CodeError, PinCheck, SentTo};
use sekisho_kernel::{AuditEntry, PersonId};
use sekisho_storage::Tx;
use sekisho_wire::{AnswerKind, AttemptId, Channel, Code, IdentifyBy, PanelSession};
use uuid::Uuid;

use super::lists::Standing;
use super::{ATTEMPT_LIFE, Answered, At, STAY};
use crate::ids::{KeyId, PanelSessionId};
use crate::tables::panel_sessions;
use crate::tables::words::Way;

/// The purpose of codes asked for at a box.
const PURPOSE: &str = "box";

/// Who somebody claims to be.
#[derive(Clone, Copy)]
pub(super) struct Claim {
    /// The person; none: nobody has that number.
    pub(super) person: Option<PersonId>,
    /// By which way.
    pub(super) way: Way,
    /// For which stay, when it is not the first proof.
    pub(super) stay: Option<PanelSessionId>,
}

/// A one-time code is on its way.
pub(super) fn need_code(attempt: AttemptId, sent: Option<SentTo>) -> AnswerKind {
    let channel = sent.as_ref().map_or(Channel::Other, |sent| match sent.channel {
        CodeChannel::Mail => Channel::Mail,
        CodeChannel::Sms => Channel::Sms,
    });
    AnswerKind::NeedCode { attempt, sent_to: sent.map(|sent| sent.masked).unwrap_or_default(), channel }
}

impl At<'_> {
    /// The second step is a one-time code: sent now, or of the person's authenticator app. A number nobody has, and one
    /// whose owner cannot be sent a code, get the same answer and no code; the record says which it was. Where nothing can
    /// be sent to anybody the answer names no address, and the panel asks for the app's code.
    pub(super) async fn send_code(&self, claim: Claim, typed: &str) -> Answered {
        let identity = &self.keys.identity;
        let scope = self.keys.store.read(self.cx.tenant).await?;
        let mut sent = match claim.person {
            Some(person) => identity.sent_to(&scope, person).await?,
            None => None,
        };
        if sent.is_none() {
            sent = identity.sent_to_nobody(self.cx, &scope, typed).await?;
        }
        let app = match claim.person {
            Some(person) => identity.factors(&scope, person).await?.totp,
            None => false,
        };
        drop(scope);
        // The keys of the tenant are read before the only writer is held.
        self.keys.vault.keys(self.cx.tenant).await?;
        let mut tx = self.keys.store.begin(self.cx).await?;
        self.sweep(&tx).await?;
        let not_sent = match claim.person {
            Some(person) => match identity.start_code(&mut tx, person, PURPOSE, None).await {
                Ok(_) => None,
                Err(CodeError::Broken(error)) => return Err(error.into()),
                Err(error) => {
                    tracing::info!(%error, "no code could be sent for the box");
                    Some(error)
                }
            },
            None => None,
        };
        let entry = match (&not_sent, claim.person) {
            (None, Some(_)) => self.identified(claim),
            (Some(error), Some(_)) if app => self.identified(claim).with("not_sent", error.word()),
            (Some(error), _) => self.not_identified(claim, error.word()),
            (None, None) => {
                self.count_wrong(&tx).await?;
                self.not_identified(claim, "unknown_number")
            }
        };
        if let Some(error) = not_sent.filter(|_| !app && claim.way != Way::IdNumber) {
            tx.commit(entry).await?;
            let no_way = matches!(error, CodeError::NoWay);
            return Ok(self.no("no_code", if no_way { "keys-panel-no-way" } else { "keys-panel-no-code" }));
        }
        let attempt = self.claim(&tx, claim).await?;
        tx.commit(entry).await?;
        Ok(need_code(attempt, sent))
    }

    fn not_identified(&self, claim: Claim, why: &str) -> AuditEntry {
        AuditEntry::refused("panel.identify")
            .on("box", self.place.id, &*self.place.name)
            .with("way", claim.way)
            .with("why", why)
            .with("person", claim.person)
    }

    /// A badge is one factor; the PIN is the other. Who has no PIN, or came by another way, is sent a code.
    pub(super) async fn ask_proof(
        &self,
        person: PersonId,
        way: Way,
        stay: Option<PanelSessionId>,
    ) -> Answered {
        let claim = Claim { person: Some(person), way, stay };
        let scope = self.keys.store.read(self.cx.tenant).await?;
        let has_pin = way == Way::Badge && self.keys.identity.has_pin(&scope, person).await?;
        drop(scope);
        if !has_pin {
            return self.send_code(claim, "").await;
        }
        let tx = self.keys.store.begin(self.cx).await?;
        self.sweep(&tx).await?;
        let attempt = self.claim(&tx, claim).await?;
        tx.commit(self.identified(claim)).await?;
        Ok(AnswerKind::NeedPin { attempt })
    }

    /// What a key wants before it is given out, beyond what the stay has proven.
    pub(super) async fn asks_more(
        &self,
        stay: &panel_sessions::Model,
        person: PersonId,
        key: KeyId,
    ) -> Result<Option<AnswerKind>, PortError> {
        Ok(match self.standing(stay, person, key).await? {
            Standing::Free | Standing::No => None,
            Standing::StepUp => Some(self.ask_proof(person, stay.way, Some(stay.id)).await?),
            Standing::Second => {
                let tx = self.keys.store.begin(self.cx).await?;
                self.prolong(&tx, stay.id).await?;
                tx.commit_bookkeeping("a stay waits for a second person").await?;
                Some(AnswerKind::NeedSecond)
            }
        })
    }

    /// Somebody says who stands beside the person of a stay.
    pub(super) async fn beside(&self, session: PanelSession, by: IdentifyBy) -> Answered {
        if let Some(pause) = self.paused().await? {
            return Ok(pause);
        }
        let Some(stay) = self.stay(session).await? else { return Ok(self.over()) };
        let identity = &self.keys.identity;
        let scope = self.keys.store.read(self.cx.tenant).await?;
        let (person, way, typed) = match &by {
            IdentifyBy::IdNumber(number) => {
                (identity.by_id_number(self.cx, &scope, number.expose()).await?, Way::IdNumber, number)
            }
            IdentifyBy::Badge(serial) => {
                (identity.by_badge(self.cx, &scope, serial.expose()).await?, Way::Badge, serial)
            }
            // A code of a booking or key tells of no person.
            IdentifyBy::BookingCode(_) | IdentifyBy::Keycode(_) => {
                return Ok(self.no("not_understood", "keys-panel-not-understood"));
            }
        };
        drop(scope);
        if person.is_some() && person == stay.person_id {
            return Ok(self.no("same_person", "keys-panel-same-person"));
        }
        match (person, way) {
            (None, Way::Badge) => self.wrong("unknown_badge", "keys-panel-unknown-badge").await,
            (Some(person), Way::Badge) => self.ask_proof(person, way, Some(stay.id)).await,
            _ => self.send_code(Claim { person, way, stay: Some(stay.id) }, typed.expose()).await,
        }
    }

    /// The one-time code or PIN.
    pub(super) async fn prove(&self, attempt: AttemptId, secret: &Code) -> Answered {
        self.keys.vault.keys(self.cx.tenant).await?;
        let mut tx = self.keys.store.begin(self.cx).await?;
        let Some(row) = self.find_row(&tx, attempt.0).await? else { return Ok(self.over()) };
        let Some(person) = row.person_id.filter(|_| row.verified_at.is_none()) else {
            // Nobody has that number; the wrong code is as wrong as any other.
            self.count_wrong(&tx).await?;
            tx.commit(self.refusal(None)).await?;
            return Ok(self.no("wrong_code", "keys-panel-wrong-code"));
        };
        let checked = self.check(&mut tx, &row, person, secret).await?;
        if checked != Checked::Right {
            self.count_wrong(&tx).await?;
            tx.commit(self.refusal(Some(person))).await?;
            return Ok(match checked {
                Checked::Locked => self.no("locked", "keys-panel-locked"),
                _ => self.no("wrong_code", "keys-panel-wrong-code"),
            });
        }
        tx.delete::<panel_sessions::Entity>().filter(panel_sessions::Column::Id.eq(row.id)).exec().await?;
        let id = match row.stay_id {
            Some(stay) => {
                self.strengthen(&tx, stay, person).await?;
                stay
            }
            None => self.begin_stay(&tx, &row, person).await?,
        };
        self.forget_wrong(&tx).await?;
        let entry = AuditEntry::done("panel.prove").on("box", self.place.id, &*self.place.name);
        tx.commit(entry.with("person", person).with("way", row.way).with("stay", row.stay_id)).await?;
        match self.stay(PanelSession(id.uuid())).await? {
            Some(stay) => self.welcome(&stay).await,
            None => Ok(self.over()),
        }
    }

    async fn check(
        &self,
        tx: &mut Tx,
        row: &panel_sessions::Model,
        person: PersonId,
        secret: &Code,
    ) -> Result<Checked, PortError> {
        let identity = &self.keys.identity;
        let pin = match row.way {
            Way::Badge => identity.verify_pin(tx, person, &Secret::new(secret.expose().to_owned())).await?,
            _ => PinCheck::NoPin,
        };
        Ok(match pin {
            PinCheck::Right => Checked::Right,
            PinCheck::Wrong => Checked::Wrong,
            PinCheck::Locked => Checked::Locked,
            PinCheck::NoPin => identity.check_code(tx, person, PURPOSE, secret.expose()).await?,
        })
    }

    /// The attempt becomes a stay under a new id: what was on the wire before the proof opens nothing.
    async fn begin_stay(
        &self,
        tx: &Tx,
        row: &panel_sessions::Model,
        person: PersonId,
    ) -> Result<PanelSessionId, PortError> {
        let id = PanelSessionId(Uuid::from_bytes(self.cx.random()));
        let stay = panel_sessions::ActiveModel {
            person_id: Set(Some(person)),
            verified_at: Set(Some(self.cx.now)),
            ..self.row(id.uuid(), row.way, STAY)
        };
        tx.insert::<panel_sessions::Entity>(stay).await?;
        Ok(id)
    }

    /// A stay gets a fresh proof of its own person, or of somebody beside them.
    async fn strengthen(&self, tx: &Tx, id: PanelSessionId, proven: PersonId) -> Result<(), PortError> {
        let Some(stay) = self.find_row(tx, id.uuid()).await? else { return Ok(()) };
        let update = tx.update::<panel_sessions::Entity>();
        let update = if stay.person_id == Some(proven) {
            update.set(panel_sessions::Column::VerifiedAt, self.cx.now)
        } else {
            update.set(panel_sessions::Column::SecondId, proven)
        };
        update.filter(panel_sessions::Column::Id.eq(id)).exec().await?;
        self.prolong(tx, id).await
    }

    /// A stay that waits for a code or a colleague must not run out meanwhile.
    async fn prolong(&self, tx: &Tx, stay: PanelSessionId) -> Result<(), PortError> {
        let this = Condition::all()
            .add(panel_sessions::Column::Id.eq(stay))
            .add(panel_sessions::Column::DeviceId.eq(self.device.id));
        tx.update::<panel_sessions::Entity>()
            .set(panel_sessions::Column::ExpiresAt, self.cx.now.plus(STAY))
            .filter(this)
            .exec()
            .await?;
        Ok(())
    }

    async fn claim(&self, tx: &Tx, claim: Claim) -> Result<AttemptId, PortError> {
        let attempt: Uuid = Uuid::from_bytes(self.cx.random());
        let row = panel_sessions::ActiveModel {
            person_id: Set(claim.person),
            stay_id: Set(claim.stay),
            ..self.row(attempt, claim.way, ATTEMPT_LIFE)
        };
        tx.insert::<panel_sessions::Entity>(row).await?;
        if let Some(stay) = claim.stay {
            self.prolong(tx, stay).await?;
        }
        Ok(AttemptId(attempt))
    }

    fn identified(&self, claim: Claim) -> AuditEntry {
        AuditEntry::done("panel.identify")
            .on("box", self.place.id, &*self.place.name)
            .with("person", claim.person)
            .with("way", claim.way)
            .with("stay", claim.stay)
    }

    fn refusal(&self, person: Option<PersonId>) -> AuditEntry {
        AuditEntry::refused("panel.prove").on("box", self.place.id, &*self.place.name).with("person", person)
    }
}
