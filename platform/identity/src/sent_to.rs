//! Where a one-time code goes, as far as a screen in a corridor may tell.

use sea_orm::ColumnTrait;
use sekisho_crypto::TenantKeys;
use sekisho_kernel::{Cx, PersonId};
use sekisho_storage::{JsonText, Scoped};

use crate::events::CodeChannel;
use crate::people::open_person;
use crate::person::{Masked, Person, PersonState};
use crate::tables::people::{Column, Entity};
use crate::{Broken, Identity, Ways};

/// Initials that mail addresses often have.
const LETTERS: &[u8] = b"aehikmnosty";
/// Whose address lends its shape to an answer for nobody.
const MODELS: u64 = 50;

/// Where a code goes.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SentTo {
    /// How it travels.
    pub channel: CodeChannel,
    /// The address, masked.
    pub masked: String,
}

fn sent_to(person: &Person, ways: Ways) -> Option<SentTo> {
    // The order of `start_code`: the telephone first, and no way that leads nowhere.
    match (person.phone.as_ref().filter(|_| ways.sms), person.mail.as_ref().filter(|_| ways.mail)) {
        (Some(phone), _) => {
            Some(SentTo { channel: CodeChannel::Sms, masked: Masked::phone(phone).to_string() })
        }
        (None, Some(mail)) => {
            Some(SentTo { channel: CodeChannel::Mail, masked: Masked::mail(mail).to_string() })
        }
        (None, None) => None,
    }
}

impl Identity {
    /// Where a code for this person goes; `None` when they have no address to which anything leaves from here.
    pub async fn sent_to(&self, scope: &impl Scoped, person: PersonId) -> Result<Option<SentTo>, Broken> {
        let ways = self.ways(scope).await?;
        let person = self.person(scope, person).await?.filter(Person::active);
        Ok(person.and_then(|person| sent_to(&person, ways)))
    }

    /// What a number that nobody has is answered with, so that the answer does not tell so: shaped like a colleague's
    /// address, and the same each time the number is typed. `None` where nobody can be sent anything.
    pub async fn sent_to_nobody(
        &self,
        cx: &Cx,
        scope: &impl Scoped,
        typed: &str,
    ) -> Result<Option<SentTo>, Broken> {
        let keys = self.keys(cx.tenant).await?;
        let ways = self.ways(scope).await?;
        let rows = scope
            .find::<Entity>()
            .filter(Column::State.eq(JsonText(PersonState::Active)))
            .ascending(Column::Id)
            .limit(MODELS)
            .all()
            .await?;
        let chance = chance(&keys, typed);
        let at = usize::from(chance[0]).checked_rem(rows.len()).unwrap_or(0);
        // Whoever cannot be sent a code is no model: the answer would tell the number from a colleague's.
        let (before, from) = rows.split_at_checked(at).unwrap_or_default();
        for row in from.iter().chain(before) {
            if let Some(model) = sent_to(&open_person(&keys, row.clone())?, ways) {
                return Ok(Some(invented(&model, chance)));
            }
        }
        Ok(None)
    }
}

fn chance(keys: &TenantKeys, typed: &str) -> [u8; 4] {
    let mac = keys.mac("person.sent_to_nobody", typed.trim().as_bytes());
    let mut bytes = [0; 4];
    bytes.iter_mut().zip(mac.iter()).for_each(|(byte, chance)| *byte = *chance);
    bytes
}

/// The model's shape with other letters and digits.
fn invented(model: &SentTo, chance: [u8; 4]) -> SentTo {
    let letter = |chance: u8| {
        let at = usize::from(chance).checked_rem(LETTERS.len()).unwrap_or(0);
        LETTERS.get(at).map_or('k', |letter| char::from(*letter))
    };
    let [_, one, two, three] = chance;
    let masked = match (model.channel, model.masked.rsplit_once('@')) {
        (CodeChannel::Mail, Some((_, domain))) => format!("{}…{}@{domain}", letter(one), letter(two)),
        _ => format!("…{}{}{}", one % 10, two % 10, three % 10),
    };
    SentTo { channel: model.channel, masked }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn nobody_looks_like_somebody() {
        let mail = SentTo { channel: CodeChannel::Mail, masked: "s…o@aoba.example".to_owned() };
        assert_eq!(invented(&mail, [0, 1, 2, 3]).masked, "e…h@aoba.example");
        let phone = SentTo { channel: CodeChannel::Sms, masked: "…678".to_owned() };
        assert_eq!(invented(&phone, [0, 250, 1, 19]).masked, "…019");
    }
}
