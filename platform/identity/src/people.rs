//! Questions about people, for pages and for other rooms.

use std::collections::HashMap;

use sea_orm::sea_query::{Expr, ExprTrait as _, Func, SimpleExpr};
use sea_orm::{ColumnTrait, Condition, QuerySelect};
use sekisho_crypto::{Place, TenantKeys, fold, search_form};
use sekisho_kernel::{Cx, Language, PersonId};
use sekisho_storage::{JsonText, Scoped, StoreError};
use uuid::Uuid;

use crate::person::{Person, PersonKind, PersonState, read_number};
use crate::tables::people::{Column, Entity, Model};
use crate::{Broken, Identity};

/// How somebody is reached.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Contact {
    /// What to call them.
    pub name: String,
    /// Mail address.
    pub mail: Option<String>,
    /// Telephone number, E.164.
    pub phone: Option<String>,
    /// What they read.
    pub language: Language,
}

/// In which order people are listed.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum PeopleSort {
    /// By the reading of the name.
    #[default]
    Name,
    /// The same backwards.
    NameBackwards,
    /// Who was invited last comes first.
    Newest,
}

/// Which people a list shows.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct PeopleFilter {
    /// Part of a name or its reading, or a whole mail address or ID number.
    pub search: String,
    /// Only these; empty means active ones.
    pub states: Vec<PersonState>,
    /// Only users, or only guests.
    pub kind: Option<PersonKind>,
    /// Only members of this group.
    pub group: Option<sekisho_kernel::GroupId>,
    /// In which order.
    pub sort: PeopleSort,
    /// Continue after the person with this [`Person::reading`] and id.
    pub after: Option<(String, PersonId)>,
    /// At most so many; 0 means all.
    pub limit: u64,
}

pub(crate) const TABLE: &str = "identity_people";

/// Where a sealed value of a person belongs.
pub(crate) fn place(column: &'static str, person: PersonId) -> Place<'static> {
    Place { table: TABLE, column, row: person.uuid() }
}

pub(crate) fn opened(
    keys: &TenantKeys,
    column: &'static str,
    person: PersonId,
    sealed: Option<&Vec<u8>>,
) -> Result<Option<String>, Broken> {
    let Some(sealed) = sealed else { return Ok(None) };
    let plain = keys.open(&place(column, person), sealed)?;
    Ok(Some(String::from_utf8_lossy(&plain).into_owned()))
}

pub(crate) fn open_person(keys: &TenantKeys, row: Model) -> Result<Person, Broken> {
    Ok(Person {
        mail: opened(keys, "mail", row.id, row.mail.as_ref())?,
        phone: opened(keys, "phone", row.id, row.phone.as_ref())?,
        number: opened(keys, "number", row.id, row.number.as_ref())?,
        id: row.id,
        kind: row.kind.0,
        name: row.name,
        kana: row.kana,
        language: row.language.0,
        state: row.state.0,
        has_password: row.password.is_some(),
        created_at: row.created_at,
        signed_in_at: row.signed_in_at,
        left_at: row.left_at,
        delete_at: row.delete_at,
    })
}

/// For `LIKE … ESCAPE '\'`: what people type stands for itself.
fn contains(text: &str) -> sea_orm::sea_query::LikeExpr {
    let escaped = text.replace('\\', "\\\\").replace('%', "\\%").replace('_', "\\_");
    sea_orm::sea_query::LikeExpr::new(format!("%{escaped}%")).escape('\\')
}

/// Every word stands in the name or its reading, whatever its width, case and kana, and with or without the blank between
/// the names.
fn every_word(search: &str) -> Condition {
    search.split_whitespace().map(search_form).filter(|word| !word.is_empty()).fold(
        Condition::all(),
        |all, word| {
            let in_hiragana: String = word.chars().map(hiragana).collect();
            let any = [Column::Name, Column::Kana].into_iter().fold(Condition::any(), |any, column| {
                any.add(without_blanks(column).like(contains(&word)))
                    .add(without_blanks(column).like(contains(&in_hiragana)))
            });
            all.add(any)
        },
    )
}

fn without_blanks(column: Column) -> SimpleExpr {
    let replace = |text: SimpleExpr, blank: &str| {
        SimpleExpr::from(Func::cust("replace").args([text, Expr::val(blank), Expr::val("")]))
    };
    let text = replace(replace(Expr::col(column), " "), "\u{3000}");
    SimpleExpr::from(Func::lower(text))
}

fn hiragana(letter: char) -> char {
    match letter {
        '\u{30a1}'..='\u{30f6}' => char::from_u32(u32::from(letter) - 0x60).unwrap_or(letter),
        _ => letter,
    }
}

pub(crate) fn mail_blind(keys: &TenantKeys, mail: &str) -> Vec<u8> {
    keys.blind("person.mail", &fold(mail.trim()))
}

pub(crate) fn number_blind(keys: &TenantKeys, number: &str) -> Vec<u8> {
    keys.blind("person.number", number)
}

impl Identity {
    /// The row of one person.
    pub(crate) async fn row(&self, scope: &impl Scoped, id: PersonId) -> Result<Option<Model>, StoreError> {
        scope.find::<Entity>().filter(Column::Id.eq(id)).one().await
    }

    /// One person, opened; `None` also for the deleted.
    pub async fn person(&self, scope: &impl Scoped, id: PersonId) -> Result<Option<Person>, Broken> {
        match self.row(scope, id).await?.filter(|row| row.state.0 != PersonState::Deleted) {
            Some(row) => {
                let keys = self.keys(row.tenant_id).await?;
                Ok(Some(open_person(&keys, row)?))
            }
            None => Ok(None),
        }
    }

    /// People by name.
    pub async fn people(
        &self,
        cx: &Cx,
        scope: &impl Scoped,
        filter: &PeopleFilter,
    ) -> Result<Vec<Person>, Broken> {
        let keys = self.keys(cx.tenant).await?;
        let states = if filter.states.is_empty() { &[PersonState::Active][..] } else { &filter.states };
        let mut query =
            scope.find::<Entity>().filter(Column::State.is_in(states.iter().map(|state| JsonText(*state))));
        query = match filter.sort {
            PeopleSort::Name => query.ascending(Column::Reading).ascending(Column::Id),
            PeopleSort::NameBackwards => query.descending(Column::Reading).descending(Column::Id),
            PeopleSort::Newest => query.descending(Column::Id),
        };
        if let Some(kind) = filter.kind {
            query = query.filter(Column::Kind.eq(JsonText(kind)));
        }
        if let Some(group) = filter.group {
            let members = self.members(scope, group).await?;
            query = query.filter(Column::Id.is_in(members));
        }
        let search = filter.search.trim();
        if !search.is_empty() {
            let mut any =
                Condition::any().add(every_word(search)).add(Column::MailBlind.eq(mail_blind(&keys, search)));
            if let Some(number) = read_number(search) {
                any = any.add(Column::NumberBlind.eq(number_blind(&keys, &number)));
            }
            query = query.filter(any);
        }
        if let Some((reading, id)) = &filter.after {
            let same = Condition::all().add(Column::Reading.eq(reading.as_str()));
            query = query.filter(match filter.sort {
                PeopleSort::Name => Condition::any()
                    .add(Column::Reading.gt(reading.as_str()))
                    .add(same.add(Column::Id.gt(*id))),
                PeopleSort::NameBackwards => Condition::any()
                    .add(Column::Reading.lt(reading.as_str()))
                    .add(same.add(Column::Id.lt(*id))),
                PeopleSort::Newest => Condition::all().add(Column::Id.lt(*id)),
            });
        }
        if filter.limit > 0 {
            query = query.limit(filter.limit);
        }
        query.all().await?.into_iter().map(|row| open_person(&keys, row)).collect()
    }

    /// The names of people, also of leavers; the deleted have none.
    pub async fn display_names(
        &self,
        scope: &impl Scoped,
        ids: &[PersonId],
    ) -> Result<HashMap<PersonId, String>, StoreError> {
        let mut names = HashMap::new();
        // SQLite and PostgreSQL bound the number of arguments of a query.
        for some in ids.chunks(500) {
            let some = scope.find::<Entity>().filter(Column::Id.is_in(some.iter().copied()));
            let some =
                some.refine(|people| people.select_only().columns([Column::Id, Column::State, Column::Name]));
            for (id, state, name) in some.tuples::<(PersonId, JsonText<PersonState>, String)>().await? {
                if state.0 != PersonState::Deleted {
                    names.insert(id, name);
                }
            }
        }
        Ok(names)
    }

    /// Everybody who works here, in the order of their names: to choose one of them. Nothing sealed is opened for it.
    pub async fn active_names(&self, scope: &impl Scoped) -> Result<Vec<(PersonId, String)>, StoreError> {
        scope
            .find::<Entity>()
            .filter(Column::State.eq(JsonText(PersonState::Active)))
            .ascending(Column::Reading)
            .ascending(Column::Id)
            .refine(|people| people.select_only().columns([Column::Id, Column::Name]))
            .tuples::<(PersonId, String)>()
            .await
    }

    /// How somebody is reached; `None` for leavers and the deleted, who are told nothing any more.
    pub async fn contact(&self, scope: &impl Scoped, id: PersonId) -> Result<Option<Contact>, Broken> {
        Ok(self.person(scope, id).await?.filter(Person::active).map(|person| Contact {
            name: person.name,
            mail: person.mail,
            phone: person.phone,
            language: person.language,
        }))
    }

    /// The active person with this mail address.
    pub async fn by_mail(
        &self,
        cx: &Cx,
        scope: &impl Scoped,
        mail: &str,
    ) -> Result<Option<PersonId>, Broken> {
        let keys = self.keys(cx.tenant).await?;
        Ok(self.active(scope, Column::MailBlind.eq(mail_blind(&keys, mail))).await?.map(|row| row.id))
    }

    /// The active person with this ID number, as typed at a box.
    pub async fn by_id_number(
        &self,
        cx: &Cx,
        scope: &impl Scoped,
        number: &str,
    ) -> Result<Option<PersonId>, Broken> {
        let Some(number) = read_number(number) else { return Ok(None) };
        let keys = self.keys(cx.tenant).await?;
        Ok(self.active(scope, Column::NumberBlind.eq(number_blind(&keys, &number))).await?.map(|row| row.id))
    }

    /// Whether this is an active person of the tenant.
    pub async fn is_active(&self, scope: &impl Scoped, id: PersonId) -> Result<bool, StoreError> {
        Ok(self.active(scope, Column::Id.eq(id)).await?.is_some())
    }

    pub(crate) async fn active(
        &self,
        scope: &impl Scoped,
        which: impl sea_orm::sea_query::IntoCondition,
    ) -> Result<Option<Model>, StoreError> {
        scope
            .find::<Entity>()
            .filter(Column::State.eq(JsonText(PersonState::Active)))
            .filter(which)
            .one()
            .await
    }

    /// Opens a secret of one of this room's facts.
    pub async fn open_sealed(
        &self,
        tenant: sekisho_kernel::TenantId,
        sealed: &crate::events::Sealed,
    ) -> Result<sekisho_crypto::Secret, Broken> {
        let keys = self.keys(tenant).await?;
        let plain = keys.open(&sealed_place(sealed.row), &sealed.bytes())?;
        Ok(sekisho_crypto::Secret::new(String::from_utf8_lossy(&plain).into_owned()))
    }

    pub(crate) fn seal_for_others(keys: &TenantKeys, row: Uuid, secret: &str) -> crate::events::Sealed {
        crate::events::Sealed::new(row, &keys.seal(&sealed_place(row), secret.as_bytes()))
    }
}

fn sealed_place(row: Uuid) -> Place<'static> {
    Place { table: "outbox_events", column: "identity.secret", row }
}
