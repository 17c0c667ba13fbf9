//! Something is brought to the reception: which carrier, for whom. Nothing is kept about who brought it.

use sea_orm::ActiveValue::Set;
use sekisho_kernel::AuditEntry;
use sekisho_notify::{Lane, Message};

use crate::Visitors;
use crate::asked;
use crate::checks::VisitError;
use crate::events::DeliveryHandedIn;
use crate::ids::DropOffId;
use crate::often;
use crate::tables::deliveries;
use crate::terminal::{At, Whom};
use crate::walk_in::KIND;
use crate::watch::Watch;
use sekisho_web::Checks;

/// What is brought.
pub(crate) struct Delivery {
    pub(crate) carrier: String,
    pub(crate) whom: Whom,
}

/// Writes the delivery down and tells those it is for.
pub(crate) async fn deliver(visitors: &Visitors, at: &At, ask: Delivery) -> Result<DropOffId, VisitError> {
    let cx = &at.cx;
    let mut checks = Checks::default();
    let carrier = checks.name("carrier", &ask.carrier);
    checks.done::<VisitError>()?;
    let (person, group) = match ask.whom {
        Whom::Person(person) => (Some(person), None),
        Whom::Department(group) => (None, Some(group)),
    };
    let mut told = match group {
        Some(group) => asked::department(visitors, &visitors.store.read(cx.tenant).await?, group).await?,
        None => Vec::new(),
    };
    told.extend(person);
    let site = at.reception.site();
    let id: DropOffId = cx.fresh_id();
    let keys = visitors.vault.keys(cx.tenant).await?;
    let mut tx = visitors.store.begin(cx).await?;
    often::count(&tx, &often::CALLS, at.row.id.uuid()).await?;
    let row = deliveries::ActiveModel {
        id: Set(id),
        site_id: Set(site.id),
        terminal_id: Set(at.row.id),
        carrier: Set(carrier.clone()),
        person_id: Set(person),
        group_id: Set(group),
        at: Set(cx.now),
        ..Default::default()
    };
    tx.insert::<deliveries::Entity>(row).await?;
    let watch = Watch::open(&tx, &keys).await?;
    watch.look_at_delivery(&mut tx, id, site.id, &site.zone, &carrier).await?;
    for person in told {
        let message = Message::to_person(person, Lane::Operational, "visitors-notice-delivery")
            .arg("carrier", carrier.as_str())
            .arg("site", site.name.as_str())
            .time("at", cx.now, &site.zone)
            .about("delivery", id)
            .once(id)
            .of_kind(KIND);
        visitors.notify.tell(&mut tx, message).await?;
    }
    tx.publish(&DeliveryHandedIn { delivery: id, site: site.id, person, group, at: cx.now }).await?;
    let entry = AuditEntry::done("delivery.hand_in").on("delivery", id, "").decided(&at.reception.basis);
    // What was typed for the carrier stays out of the record, which nobody can correct.
    tx.commit(entry.with("site", site.id)).await?;
    Ok(id)
}
