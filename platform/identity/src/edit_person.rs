//! Changing what is known of a person. Fields left out stay as they are, so that a masked value is never saved over the
//! true one.

use sea_orm::ColumnTrait;
use sekisho_kernel::{AuditEntry, Cx, FieldError, Language, PersonId};
use sekisho_storage::JsonText;
use serde::Deserialize;

use crate::Identity;
use crate::administrator::Administrator;
use crate::error::refusals;
use crate::events::PersonChanged;
use crate::invite_person::{NewPerson, taken};
use crate::people::{mail_blind, number_blind, place};
use crate::person::reading;
use crate::tables::people::{Column, Entity};

refusals! {
    /// Why nothing was changed.
    EditPersonError {
        /// No such active person.
        Missing => Missing, "error-missing", "there is no such person";
        /// A mail address or telephone number changes, and who one is has to be proved again first.
        StepUp => Denied, "identity-step-up-needed", "a fresh proof is needed";
        /// Fields are wrong.
        Invalid(fields: Vec<FieldError>) => Invalid(fields.clone()), "error-invalid", "invalid person";
    }
}

/// What to change; a field left out stays.
#[derive(Clone, Debug, Default, Deserialize, utoipa::ToSchema)]
#[serde(default)]
pub struct PersonEdit {
    /// As colleagues call them.
    pub name: Option<String>,
    /// How the name is read; empty removes it.
    pub kana: Option<String>,
    /// Mail address; empty removes it.
    pub mail: Option<String>,
    /// Telephone number; empty removes it.
    pub phone: Option<String>,
    /// ID number; empty removes it.
    pub number: Option<String>,
    /// `ja` or `en`.
    pub language: Option<String>,
}

impl Identity {
    /// An administrator changes what is known of somebody. Codes and links go to the mail address and the telephone, so
    /// these are credentials ([`Identity::may_change_credentials`]).
    pub async fn edit_person(
        &self,
        cx: &Cx,
        _by: Administrator,
        person: PersonId,
        edit: &PersonEdit,
    ) -> Result<(), EditPersonError> {
        if (edit.mail.is_some() || edit.phone.is_some()) && !self.may_change_credentials(cx, person).await? {
            // Whom one may not know of is missing, whatever was proved.
            let known = self.is_active(&self.read(cx).await?, person).await?;
            return Err(if known { EditPersonError::StepUp } else { EditPersonError::Missing });
        }
        self.save_edit(cx, person, edit).await
    }

    /// Everybody chooses their own language.
    pub async fn choose_language(
        &self,
        cx: &Cx,
        person: PersonId,
        language: Language,
    ) -> Result<(), EditPersonError> {
        let edit = PersonEdit { language: Some(language.tag().to_owned()), ..PersonEdit::default() };
        self.save_edit(cx, person, &edit).await
    }

    async fn save_edit(&self, cx: &Cx, person: PersonId, edit: &PersonEdit) -> Result<(), EditPersonError> {
        let typed = |text: &Option<String>| text.clone().unwrap_or_default();
        let read = NewPerson {
            name: edit.name.clone().unwrap_or_else(|| "-".to_owned()),
            kana: typed(&edit.kana),
            mail: typed(&edit.mail),
            phone: typed(&edit.phone),
            number: typed(&edit.number),
            language: typed(&edit.language),
            ..NewPerson::default()
        }
        .read()
        .map_err(EditPersonError::Invalid)?;
        let keys = self.keys(cx.tenant).await?;
        let mut tx = self.store().begin(cx).await?;
        let row = self.active(&tx, Column::Id.eq(person)).await?.ok_or(EditPersonError::Missing)?;
        let seal = |column, text: &Option<String>| {
            text.as_ref().map(|text| keys.seal(&place(column, person), text.as_bytes()))
        };
        let mut changed = Vec::new();
        let mut update = tx.update::<Entity>().set(Column::Id, person).filter(Column::Id.eq(person));
        if edit.name.is_some() {
            changed.push("name");
            update = update.set(Column::Name, read.name.clone());
        }
        if edit.kana.is_some() {
            changed.push("kana");
            update = update.set(Column::Kana, read.kana.clone());
        }
        if edit.name.is_some() || edit.kana.is_some() {
            let name = if edit.name.is_some() { &read.name } else { &row.name };
            let kana = if edit.kana.is_some() { &read.kana } else { &row.kana };
            update = update.set(Column::Reading, reading(name, kana.as_deref()));
        }
        if edit.mail.is_some() {
            changed.push("mail");
            update = update
                .set(Column::Mail, seal("mail", &read.mail))
                .set(Column::MailBlind, read.mail.as_ref().map(|mail| mail_blind(&keys, mail)));
        }
        if edit.phone.is_some() {
            changed.push("phone");
            update = update.set(Column::Phone, seal("phone", &read.phone));
        }
        if edit.number.is_some() {
            changed.push("number");
            update = update
                .set(Column::Number, seal("number", &read.number))
                .set(Column::NumberBlind, read.number.as_ref().map(|number| number_blind(&keys, number)));
        }
        if edit.language.is_some() {
            changed.push("language");
            update = update.set(Column::Language, JsonText(read.language));
        }
        update.exec().await.map_err(|error| {
            taken(&error).map_or_else(|| error.into(), |field| EditPersonError::Invalid(vec![field]))
        })?;
        tx.publish(&PersonChanged { person, what: changed.join(",") }).await?;
        tx.commit(AuditEntry::done("person.edit").on("person", person, "").with("fields", changed)).await?;
        Ok(())
    }
}
