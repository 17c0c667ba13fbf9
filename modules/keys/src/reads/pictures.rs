//! Pictures of boxes' cameras as lists show them. What is in them is opened by `view_picture.rs` alone.

use std::collections::HashMap;

use sea_orm::{ColumnTrait, Condition, FromQueryResult, QuerySelect};
use sekisho_host::Fault;
use sekisho_kernel::{Cx, Outcome, PersonId, Timestamp};
use sekisho_storage::tables::audit_entries;
use sekisho_storage::{JsonText, Scoped};
use serde::Serialize;
use uuid::Uuid;

use super::Sight;
use crate::Keys;
use crate::ids::{BoxId, KeyId, LoanId, PictureId};
use crate::tables::words::PictureOf;
use crate::tables::{boxes, keys as key_rows, pictures};
use crate::view_picture::VIEW;

/// A picture as lists show it.
#[derive(Clone, Debug, Serialize, utoipa::ToSchema)]
pub struct PictureRow {
    /// Which.
    pub id: PictureId,
    /// Of which box.
    pub box_id: BoxId,
    /// That box's name.
    pub box_name: String,
    /// That box's zone.
    pub zone: String,
    /// What had happened.
    pub what: PictureOf,
    /// At which bin.
    pub bin: Option<i64>,
    /// In which loan.
    pub loan: Option<LoanId>,
    /// With which key.
    pub key: Option<KeyId>,
    /// That key's name.
    pub key_name: Option<String>,
    /// For which command, when the door opened for one.
    pub command: Option<Uuid>,
    /// When it was taken, by the box's clock.
    pub at: Timestamp,
    /// When it came; lists are sorted by it.
    pub received_at: Timestamp,
    /// When it is deleted.
    pub delete_at: Timestamp,
}

/// Which pictures a list shows.
#[derive(Clone, Debug, Default)]
pub struct PictureFilter {
    /// Only of this box.
    pub place: Option<BoxId>,
    /// Only this one.
    pub id: Option<PictureId>,
    /// Only of these loans.
    pub loans: Option<Vec<LoanId>>,
    /// Only of doors that opened for these commands.
    pub commands: Option<Vec<Uuid>>,
    /// Only of this.
    pub what: Option<PictureOf>,
    /// Came from here on.
    pub from: Option<Timestamp>,
    /// Came before.
    pub until: Option<Timestamp>,
    /// Continue after this one (they are sorted newest first).
    pub before: Option<(Timestamp, PictureId)>,
    /// At most so many.
    pub limit: u64,
}

/// The pictures of boxes that `sight` manages. Newest first.
pub async fn pictures(
    keys: &Keys,
    cx: &Cx,
    sight: &Sight,
    filter: &PictureFilter,
) -> Result<Vec<PictureRow>, Fault> {
    use pictures::Column;
    let scope = keys.store.read(cx.tenant).await?;
    let places: HashMap<BoxId, boxes::Model> = scope
        .find::<boxes::Entity>()
        .filter(boxes::Column::RetiredAt.is_null())
        .all()
        .await?
        .into_iter()
        .filter(|place| sight.manages_box(place.id) && filter.place.is_none_or(|one| one == place.id))
        .map(|place| (place.id, place))
        .collect();
    let mut fits = Condition::all()
        .add(Column::BoxId.is_in(places.keys().copied()))
        .add(Column::DeleteAt.gt(cx.now))
        .add_option(filter.id.map(|id| Column::Id.eq(id)))
        .add_option(filter.loans.as_ref().map(|loans| Column::LoanId.is_in(loans.iter().copied())))
        .add_option(filter.commands.as_ref().map(|ids| Column::CommandId.is_in(ids.iter().copied())))
        .add_option(filter.what.map(|what| Column::What.eq(what)))
        .add_option(filter.from.map(|from| Column::ReceivedAt.gte(from)))
        .add_option(filter.until.map(|until| Column::ReceivedAt.lt(until)));
    if let Some((at, id)) = filter.before {
        let same = Condition::all().add(Column::ReceivedAt.eq(at)).add(Column::Id.lt(id));
        fits = fits.add(Condition::any().add(Column::ReceivedAt.lt(at)).add(same));
    }
    // Without what is in them: sixty kilobytes each that no list needs.
    let listed = scope.find::<pictures::Entity>().filter(fits).refine(|select| {
        use pictures::Column as C;
        select
            .select_only()
            .columns([C::Id, C::BoxId, C::LoanId, C::KeyId, C::CommandId, C::What, C::Bin, C::At])
            .columns([C::ReceivedAt, C::DeleteAt])
    });
    let found: Vec<Listed> = listed
        .descending(Column::ReceivedAt)
        .descending(Column::Id)
        .limit(filter.limit.max(1))
        .all_as()
        .await?;
    let key_ids: Vec<KeyId> = found.iter().filter_map(|row| row.key_id).collect();
    let names: HashMap<KeyId, String> = scope
        .find::<key_rows::Entity>()
        .filter(key_rows::Column::Id.is_in(key_ids))
        .all()
        .await?
        .into_iter()
        .map(|key| (key.id, key.name))
        .collect();
    Ok(found.into_iter().filter_map(|row| Some(shown(places.get(&row.box_id)?, &names, row))).collect())
}

#[derive(FromQueryResult)]
struct Listed {
    id: PictureId,
    box_id: BoxId,
    loan_id: Option<LoanId>,
    key_id: Option<KeyId>,
    command_id: Option<Uuid>,
    what: PictureOf,
    bin: Option<i64>,
    at: Timestamp,
    received_at: Timestamp,
    delete_at: Timestamp,
}

fn shown(place: &boxes::Model, names: &HashMap<KeyId, String>, row: Listed) -> PictureRow {
    PictureRow {
        id: row.id,
        box_id: row.box_id,
        box_name: place.name.clone(),
        zone: place.zone.clone(),
        what: row.what,
        bin: row.bin,
        loan: row.loan_id,
        key: row.key_id,
        key_name: row.key_id.and_then(|key| names.get(&key).cloned()),
        command: row.command_id,
        at: row.at,
        received_at: row.received_at,
        delete_at: row.delete_at,
    }
}

/// Somebody who looked at a picture.
#[derive(Clone, Debug, Serialize, utoipa::ToSchema)]
pub struct LookRow {
    /// When.
    pub at: Timestamp,
    /// Who, when a person.
    pub person: Option<PersonId>,
    /// Who, by name.
    pub name: String,
}

/// Who looked at a picture, newest first: read from the record itself, so that no second list can disagree with it.
pub async fn looks(keys: &Keys, cx: &Cx, id: PictureId) -> Result<Vec<LookRow>, Fault> {
    use audit_entries::Column;
    let scope = keys.store.read(cx.tenant).await?;
    let found = scope
        .find::<audit_entries::Entity>()
        .filter(Column::TargetId.eq(id.uuid()))
        .filter(Column::Action.eq(VIEW))
        .filter(Column::Outcome.eq(JsonText(Outcome::Done)))
        .descending(Column::Id)
        .limit(100)
        .all()
        .await?;
    let people: Vec<PersonId> = found.iter().filter_map(|entry| entry.actor.0.person()).collect();
    let names = keys.identity.display_names(&scope, &people).await?;
    Ok(found
        .into_iter()
        .map(|entry| {
            let person = entry.actor.0.person();
            let name = person.and_then(|person| names.get(&person).cloned()).unwrap_or_default();
            LookRow { at: entry.at, person, name }
        })
        .collect())
}
