//! Somebody reports that what a key opens, or a box, is broken.

use sea_orm::ActiveValue::Set;
use sekisho_kernel::{AuditEntry, Cx, PersonId};
use sekisho_policy::Right;
use sekisho_storage::{StoreError, Tx};

use crate::Keys;
use crate::events::FaultReported;
use crate::ids::{IncidentId, KeyId, LoanId};
use crate::ledger::new_incident;
use crate::stock::StockError;
use crate::tables::words::IncidentKind;
use crate::tables::{incidents, keys};
use crate::warrant::{Act, NotAllowed};
use sekisho_web::Checks;

/// A fault of what a key opens, reported by somebody who may see the key or holds it.
pub async fn report_fault(keys: &Keys, cx: &Cx, id: KeyId, note: &str) -> Result<IncidentId, StockError> {
    struct ReportFault;
    let mut checks = Checks::default();
    let note = checks.note("note", note);
    if note.is_empty() {
        checks.wrong("note", "error-empty");
    }
    checks.done::<StockError>()?;
    let person = cx.actor.person().ok_or(NotAllowed::Missing)?;
    let scope = keys.store.read(cx.tenant).await?;
    let key = crate::reads::key(&scope, id).await?.ok_or(NotAllowed::Missing)?;
    let holds = crate::return_key::holds(&scope, person, id).await?;
    let zone = crate::reads::zone_of_key(&scope, &key).await?;
    drop(scope);
    let decision = if holds {
        None
    } else {
        let act = Act {
            right: Right::View,
            action: "key.report_fault",
            kind: "key",
            resource: id.resource(),
            name: &key.name,
            zone: &zone,
        };
        Some(keys.permit::<ReportFault>(cx, act).await?.decision)
    };
    let mut tx = keys.store.begin(cx).await?;
    let incident = write_fault(&mut tx, &key, Some(person), None, &note).await?;
    let entry = AuditEntry::done("key.report_fault").on("key", id, key.name).decided(decision);
    tx.commit(entry.with("incident", incident)).await?;
    Ok(incident)
}

/// Writes a fault down and tells it.
pub(crate) async fn write_fault(
    tx: &mut Tx,
    key: &keys::Model,
    by: Option<PersonId>,
    loan: Option<LoanId>,
    note: &str,
) -> Result<IncidentId, StoreError> {
    let at = tx.cx().now;
    let id: IncidentId = tx.cx().fresh_id();
    let row = incidents::ActiveModel {
        key_id: Set(Some(key.id)),
        box_id: Set(key.home_box),
        loan_id: Set(loan),
        note: Set(note.to_owned()),
        by_person: Set(by),
        ..new_incident(id, IncidentKind::Fault, at)
    };
    tx.insert::<incidents::Entity>(row).await?;
    let event = FaultReported {
        incident: id,
        key: Some(key.id),
        at_box: key.home_box,
        name: key.name.clone(),
        person: by,
        at,
    };
    tx.publish(&event).await?;
    Ok(id)
}
