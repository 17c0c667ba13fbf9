//! The lists on the screen: what may be taken here and now, and what this person holds.

use sea_orm::{ColumnTrait, Condition};
use sekisho_devices::PortError;
use sekisho_kernel::{PersonId, Timestamp};
use sekisho_policy::{Ask, Decision, Facts, Reason, Right};
use sekisho_storage::Scoped;
use sekisho_wire::{AnswerKind, KeyOffer, PanelSession};

use super::{Answered, At};
use crate::due::due;
use crate::ids::KeyId;
use crate::ledger::bins_of;
use crate::tables::words::LoanState;
use crate::tables::{bins, bookings, boxes, keys, loans, panel_sessions};

/// What stands between a person and a key on offer.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(super) enum Standing {
    /// Nothing.
    Free,
    /// A fresh proof of who they are.
    StepUp,
    /// A second person.
    Second,
    /// No way, as far as this box can see.
    No,
}

impl At<'_> {
    /// The lists: what may be taken here and now, and what this person holds.
    pub(super) async fn welcome(&self, stay: &panel_sessions::Model) -> Answered {
        let scope = self.keys.store.read(self.cx.tenant).await?;
        let here = bins_and_keys(&scope, self.place).await?;
        let booking = match stay.booking_id {
            Some(id) => scope.find::<bookings::Entity>().filter(bookings::Column::Id.eq(id)).one().await?,
            None => None,
        };
        let booked = match &booking {
            Some(booking) => crate::book::booked_keys(&scope, booking.id).await?,
            None => Vec::new(),
        };
        let mut takeable = Vec::new();
        for (bin, key) in &here {
            let until = match (&booking, stay.keycode_id, stay.person_id) {
                (Some(booking), ..) => {
                    booked.iter().any(|booked| booked.id == key.id).then_some(Some(booking.ends_at))
                }
                (None, None, Some(person)) => self.may_take(&scope, person, key, stay).await?,
                _ => None,
            };
            if let Some(until) = until.filter(|_| bin.disabled_reason.is_none()) {
                let zone = sekisho_web::zone_of(&self.place.zone);
                let back = due(key.due.0, self.cx.now, &zone, until);
                takeable.push(offer(key, Some(bin), back, self.cx.now));
            }
        }
        let held = self.held(&scope, stay).await?;
        let name = match stay.person_id {
            Some(person) => self.keys.name_of(&scope, person).await?,
            None => String::new(),
        };
        Ok(AnswerKind::Welcome {
            session: PanelSession(stay.id.uuid()),
            name,
            expires: stay.expires_at,
            takeable,
            held,
        })
    }

    /// Whether the person may take the key, if need be after one step more; and until when it is booked for them.
    async fn may_take(
        &self,
        scope: &impl Scoped,
        person: PersonId,
        key: &keys::Model,
        stay: &panel_sessions::Model,
    ) -> Result<Option<Option<Timestamp>>, PortError> {
        let mine = |row: &bookings::Model| row.person_id == Some(person);
        let booking = crate::take_out::live_booking(scope, key.id, mine, self.cx.now).await?;
        let by_another = booking.as_ref().is_some_and(|booking| booking.made_by != person);
        let until = booking.map(|booking| booking.ends_at);
        let standing = self.standing(stay, person, key.id).await?;
        Ok((by_another || standing != Standing::No).then_some(until))
    }

    /// What the policy says about this person and key, with what the stay has proven.
    pub(super) async fn standing(
        &self,
        stay: &panel_sessions::Model,
        person: PersonId,
        key: KeyId,
    ) -> Result<Standing, PortError> {
        let ask = Ask {
            person,
            right: Right::Exchange,
            action: "key.take_out",
            resource: key.resource(),
            zone: &self.place.zone,
            facts: Facts {
                verified_at: stay.verified_at,
                address: self.cx.address,
                second_person: stay.second_id,
            },
        };
        Ok(standing_of(&self.keys.policy.decide(self.cx, &ask).await?))
    }

    async fn held(
        &self,
        scope: &impl Scoped,
        stay: &panel_sessions::Model,
    ) -> Result<Vec<KeyOffer>, PortError> {
        let whose = match (stay.person_id, stay.booking_id) {
            (Some(person), _) => loans::Column::PersonId.eq(person),
            (None, Some(booking)) => loans::Column::BookingId.eq(booking),
            (None, None) => return Ok(Vec::new()),
        };
        let out = Condition::all().add(whose).add(loans::Column::State.eq(LoanState::Out));
        let mut offers = Vec::new();
        for loan in scope.find::<loans::Entity>().filter(out).all().await? {
            let Some(key) = crate::reads::key(scope, loan.key_id).await? else { continue };
            let home = match key.home_bin.filter(|_| key.home_box == Some(self.place.id)) {
                Some(bin) => scope.find::<bins::Entity>().filter(bins::Column::Id.eq(bin)).one().await?,
                None => None,
            };
            offers.push(offer(&key, home.as_ref(), loan.due_at, self.cx.now));
        }
        Ok(offers)
    }
}

/// The nearest reason comes first in a decision; what a person at the box can mend at once is no refusal.
fn standing_of(decision: &Decision) -> Standing {
    match decision.reasons.first() {
        _ if decision.allowed => Standing::Free,
        Some(Reason::StepUpNeeded { .. }) => Standing::StepUp,
        Some(Reason::SecondPersonNeeded { .. }) => Standing::Second,
        _ => Standing::No,
    }
}

async fn bins_and_keys(
    scope: &impl Scoped,
    place: &boxes::Model,
) -> Result<Vec<(bins::Model, keys::Model)>, PortError> {
    let rows = bins_of(scope, place.id).await?;
    let ids: Vec<_> = rows.iter().map(|bin| bin.id).collect();
    let hanging =
        Condition::all().add(keys::Column::BinId.is_in(ids)).add(keys::Column::WithdrawnAt.is_null());
    let mut hanging = scope.find::<keys::Entity>().filter(hanging).all().await?;
    Ok(rows
        .into_iter()
        .filter_map(|bin| {
            let at = hanging.iter().position(|key| key.bin_id == Some(bin.id))?;
            Some((bin, hanging.swap_remove(at)))
        })
        .collect())
}

fn offer(key: &keys::Model, bin: Option<&bins::Model>, due: Option<Timestamp>, now: Timestamp) -> KeyOffer {
    KeyOffer {
        key: key.id.resource(),
        name: key.name.clone(),
        bin: bin.and_then(|bin| u16::try_from(bin.number).ok()),
        due: due.unwrap_or(Timestamp::EPOCH),
        late: due.is_some_and(|due| due < now),
    }
}
