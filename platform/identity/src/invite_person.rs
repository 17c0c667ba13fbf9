//! Inviting somebody: the person is there at once, and a mail with a one-time URL lets them set their first password.

use sea_orm::ActiveValue::Set;
use sekisho_crypto::{Secret, TenantKeys};
use sekisho_kernel::{AuditEntry, Cx, FieldError, GroupId, Language, PersonId};
use sekisho_storage::{JsonText, StoreError, Tx};
use serde::Deserialize;

use crate::Identity;
use crate::administrator::Administrator;
use crate::error::refusals;
use crate::events::PersonInvited;
use crate::people::{TABLE, mail_blind, number_blind, place};
use crate::person::{PersonKind, PersonState, read_mail, read_name, read_number, read_phone, reading};
use crate::session::LinkPurpose;
use crate::tables::people::{ActiveModel, Entity};

refusals! {
    /// Why nobody was invited.
    InvitePersonError {
        /// No such person.
        Missing => Missing, "error-missing", "there is no such person";
        /// Fields are wrong.
        Invalid(fields: Vec<FieldError>) => Invalid(fields.clone()), "error-invalid", "invalid person";
        /// The person has no mail address to invite them at.
        NoMail => Refused, "identity-invite-no-mail", "the person has no mail address";
    }
}

/// Somebody to be invited, as typed.
#[derive(Clone, Debug, Default, Deserialize, utoipa::ToSchema)]
#[serde(default)]
pub struct NewPerson {
    /// As colleagues call them.
    pub name: String,
    /// How the name is read.
    pub kana: String,
    /// Mail address; without one they cannot sign in to the pages, but can use boxes and doors.
    pub mail: String,
    /// Telephone number.
    pub phone: String,
    /// ID number for boxes, 4 to 8 digits.
    pub number: String,
    /// `ja` or `en`.
    pub language: String,
    /// Whether they come from outside.
    pub guest: bool,
    /// Groups they join.
    pub groups: Vec<GroupId>,
}

/// The typed fields, read.
#[derive(Clone, Debug)]
pub(crate) struct ReadPerson {
    pub(crate) name: String,
    pub(crate) kana: Option<String>,
    pub(crate) mail: Option<String>,
    pub(crate) phone: Option<String>,
    pub(crate) number: Option<String>,
    pub(crate) language: Language,
    pub(crate) kind: PersonKind,
}

impl NewPerson {
    /// Reads every field, telling of all that are wrong at once.
    pub(crate) fn read(&self) -> Result<ReadPerson, Vec<FieldError>> {
        let mut wrong = Vec::new();
        let mut optional =
            |text: &str, field: &'static str, id: &'static str, read: fn(&str) -> Option<String>| {
                let read = (!text.trim().is_empty()).then(|| read(text));
                if read == Some(None) {
                    wrong.push(FieldError { field, text: id });
                }
                read.flatten()
            };
        let kana = optional(&self.kana, "kana", "identity-name-bad", read_name);
        let mail = optional(&self.mail, "mail", "identity-mail-bad", read_mail);
        let phone = optional(&self.phone, "phone", "identity-phone-bad", read_phone);
        let number = optional(&self.number, "number", "identity-number-bad", read_number);
        let name = read_name(&self.name).unwrap_or_default();
        if name.is_empty() {
            wrong.insert(0, FieldError { field: "name", text: "identity-name-bad" });
        }
        let typed = self.language.trim();
        let language = match Language::from_tag(typed) {
            Some(language) => language,
            None => {
                if !typed.is_empty() {
                    wrong.push(FieldError { field: "language", text: "identity-language-bad" });
                }
                Language::default()
            }
        };
        let kind = if self.guest { PersonKind::Guest } else { PersonKind::User };
        if wrong.is_empty() {
            Ok(ReadPerson { name, kana, mail, phone, number, language, kind })
        } else {
            Err(wrong)
        }
    }
}

/// A person just made.
#[derive(Clone, Debug)]
pub struct Invited {
    /// Who.
    pub person: PersonId,
    /// The token of their one-time URL `/invitation/TOKEN`, when they have a mail address. For the command line, which
    /// prints it; pages never show it.
    pub token: Option<Secret>,
}

impl Identity {
    /// Invites somebody.
    pub async fn invite_person(
        &self,
        cx: &Cx,
        by: Administrator,
        new: &NewPerson,
    ) -> Result<Invited, InvitePersonError> {
        let read = new.read().map_err(InvitePersonError::Invalid)?;
        let keys = self.keys(cx.tenant).await?;
        let mut tx = self.store().begin(cx).await?;
        let invited = self.add_person(&mut tx, &keys, &read, by.person, &new.groups).await?;
        tx.commit(
            AuditEntry::done("person.invite").on("person", invited.person, "").with("guest", new.guest),
        )
        .await?;
        Ok(invited)
    }

    /// Sends the invitation again; the older URL stops working.
    pub async fn invite_again(
        &self,
        cx: &Cx,
        by: Administrator,
        person: PersonId,
    ) -> Result<Invited, InvitePersonError> {
        self.keys(cx.tenant).await?;
        let mut tx = self.store().begin(cx).await?;
        let row = self.row(&tx, person).await?.filter(|row| row.state.0 == PersonState::Active);
        let row = row.ok_or(InvitePersonError::Missing)?;
        if row.mail.is_none() {
            return Err(InvitePersonError::NoMail);
        }
        let token = Some(self.send_invitation(&mut tx, person, by.person).await?);
        tx.commit(AuditEntry::done("person.invite_again").on("person", person, "")).await?;
        Ok(Invited { person, token })
    }

    /// Adds the person's row, groups and invitation to the caller's transaction.
    pub(crate) async fn add_person(
        &self,
        tx: &mut Tx,
        keys: &TenantKeys,
        read: &ReadPerson,
        by: Option<PersonId>,
        groups: &[GroupId],
    ) -> Result<Invited, InvitePersonError> {
        let person: PersonId = tx.cx().fresh_id();
        let seal = |column, text: &Option<String>| {
            text.as_ref().map(|text| keys.seal(&place(column, person), text.as_bytes()))
        };
        tx.insert::<Entity>(ActiveModel {
            tenant_id: Set(tx.cx().tenant),
            id: Set(person),
            kind: Set(JsonText(read.kind)),
            name: Set(read.name.clone()),
            kana: Set(read.kana.clone()),
            reading: Set(reading(&read.name, read.kana.as_deref())),
            language: Set(JsonText(read.language)),
            state: Set(JsonText(PersonState::Active)),
            mail: Set(seal("mail", &read.mail)),
            mail_blind: Set(read.mail.as_ref().map(|mail| mail_blind(keys, mail))),
            phone: Set(seal("phone", &read.phone)),
            number: Set(seal("number", &read.number)),
            number_blind: Set(read.number.as_ref().map(|number| number_blind(keys, number))),
            password: Set(None),
            password_set_at: Set(None),
            pin: Set(None),
            stamp: Set(0),
            welcomed: Set(false),
            created_at: Set(tx.cx().now),
            signed_in_at: Set(None),
            left_at: Set(None),
            delete_at: Set(None),
        })
        .await
        .map_err(|error| {
            taken(&error).map_or_else(|| error.into(), |field| InvitePersonError::Invalid(vec![field]))
        })?;
        for group in groups {
            if !self.add_member(tx, *group, person).await? {
                return Err(InvitePersonError::Invalid(vec![FieldError {
                    field: "groups",
                    text: "identity-group-missing",
                }]));
            }
        }
        let token = match read.mail {
            Some(_) => Some(self.send_invitation(tx, person, by).await?),
            None => None,
        };
        Ok(Invited { person, token })
    }

    async fn send_invitation(
        &self,
        tx: &mut Tx,
        person: PersonId,
        by: Option<PersonId>,
    ) -> Result<Secret, crate::Broken> {
        let link = self.make_link(tx, person, LinkPurpose::Invitation).await?;
        tx.publish(&PersonInvited { person, by, token: link.sealed, expires_at: link.expires_at }).await?;
        Ok(link.token)
    }
}

/// Which field of a person somebody else has.
pub(crate) fn taken(error: &StoreError) -> Option<FieldError> {
    if error.is_duplicate_of(TABLE, &["mail_blind"]) {
        Some(FieldError { field: "mail", text: "identity-mail-taken" })
    } else if error.is_duplicate_of(TABLE, &["number_blind"]) {
        Some(FieldError { field: "number", text: "identity-number-taken" })
    } else {
        None
    }
}
