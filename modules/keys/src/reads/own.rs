//! The few keys of one person's own page, out of however many there are.

use sea_orm::{ColumnTrait, Condition};
use sekisho_host::Fault;
use sekisho_kernel::{Cx, PersonId};
use sekisho_storage::Scoped;

use super::{Sight, Stock, Which, stock, stock_of};
use crate::Keys;
use crate::ids::KeyId;
use crate::tables::{keys, loans};

/// Rights to more things than this are not named one by one.
const MOST_NAMED: usize = 1_000;

/// What `person` holds, the keys in `also`, and the first `count` keys by name that hang in a bin and that they may take.
pub async fn own(
    keys: &Keys,
    cx: &Cx,
    sight: &Sight,
    person: PersonId,
    also: &[KeyId],
    count: u64,
) -> Result<Stock, Fault> {
    if !sight.all && sight.used.len() > MOST_NAMED {
        return stock(keys, cx, sight).await;
    }
    let scope = keys.store.read(cx.tenant).await?;
    let held =
        Condition::all().add(loans::Column::OpenKey.is_not_null()).add(loans::Column::PersonId.eq(person));
    let held = scope.find::<loans::Entity>().filter(held).all().await?;
    let usable = (!sight.all)
        .then(|| keys::Column::Id.is_in(sight.used.iter().map(|resource| KeyId(resource.uuid()))));
    let hanging = Condition::all()
        .add(keys::Column::BinId.is_not_null())
        .add(keys::Column::WithdrawnAt.is_null())
        .add_option(usable);
    let found = scope.find::<keys::Entity>().filter(hanging).ascending(keys::Column::Name).limit(count);
    let found = found.all().await?;
    drop(scope);
    let ids: Vec<KeyId> = held
        .iter()
        .map(|loan| loan.key_id)
        .chain(found.iter().map(|key| key.id))
        .chain(also.iter().copied())
        .collect();
    stock_of(keys, cx, sight, Which::Part { keys: &ids, boxes: &[] }).await
}
