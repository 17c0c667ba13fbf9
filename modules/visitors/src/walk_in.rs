//! Somebody comes without an appointment and calls a person or department from the terminal. They are at the reception
//! from that moment on; whether they come in is decided by whoever was called.

use sea_orm::ActiveValue::Set;
use sekisho_crypto::Place;
use sekisho_kernel::{AuditEntry, GroupId, Language, PersonId};
use sekisho_notify::{Lane, Message, NoticeKind};

use crate::Visitors;
use crate::checks::VisitError;
use crate::events::{GuestArrived, Seen};
use crate::guest::{Contact, recognised_or_new};
use crate::ids::VisitId;
use crate::ledger::{self, NewVisit};
use crate::occurrence::{Occurrence, end_of_day};
use crate::tables::words::{VisitKind, VisitState};
use crate::tables::{visits, walk_ins};
use crate::terminal::{At, Whom};
use crate::warrant::NotAllowed;
use sekisho_web::Checks;

/// The most people who come together.
const MOST_PEOPLE: i64 = 20;

/// Who comes, and whom they call.
pub(crate) struct WalkIn {
    pub(crate) name: String,
    pub(crate) company: String,
    pub(crate) purpose: String,
    pub(crate) count: i64,
    pub(crate) whom: Whom,
    pub(crate) language: Language,
}

/// Writes the guest down and calls the host.
pub(crate) async fn walk_in(visitors: &Visitors, at: &At, ask: WalkIn) -> Result<VisitId, VisitError> {
    let cx = &at.cx;
    let mut checks = Checks::default();
    let contact = Contact {
        name: checks.name("name", &ask.name),
        company: checks.line("company", &ask.company),
        ..Contact::default()
    };
    let purpose = checks.line("purpose", &ask.purpose);
    if !(1..=MOST_PEOPLE).contains(&ask.count) {
        checks.wrong("count", "visitors-error-count");
    }
    checks.done::<VisitError>()?;
    let (host, group) = match ask.whom {
        Whom::Person(person) => (Some(person), None),
        Whom::Department(group) => (None, Some(group)),
    };
    let called = members(visitors, at, group).await?;
    let keys = visitors.vault.keys(cx.tenant).await?;

    let mut tx = visitors.store.begin(cx).await?;
    let guest = recognised_or_new(&tx, &keys, &contact, ask.language).await?;
    let site = at.reception.site();
    let here = cx.now.to_jiff().to_zoned(sekisho_web::zone_of(&site.zone)).datetime();
    let ends_at = end_of_day(&here.date().to_string(), &site.zone).unwrap_or(cx.now);
    let when = Occurrence { starts: here, ends: here, starts_at: cx.now, ends_at };
    let new = NewVisit {
        appointment: None,
        guest: Some(guest),
        site,
        kind: VisitKind::Guest,
        host,
        maker: None,
        when: &when,
        companions: ask.count - 1,
    };
    let id: VisitId = cx.fresh_id();
    let row = visits::ActiveModel {
        arrived_at: Set(Some(cx.now)),
        arrived_how: Set(Some(at.reception.way)),
        ..ledger::row(id, &new, VisitState::Arrived)
    };
    tx.insert::<visits::Entity>(row).await?;
    let place = Place { table: "visitors_walk_ins", column: "purpose", row: id.uuid() };
    let row = walk_ins::ActiveModel {
        id: Set(id),
        terminal_id: Set(at.row.id),
        group_id: Set(group),
        purpose_sealed: Set(keys.seal(&place, purpose.as_bytes())),
        ..Default::default()
    };
    tx.insert::<walk_ins::Entity>(row).await?;
    let visit = ledger::visit(&tx, id).await?.ok_or(NotAllowed::Missing)?;
    tx.publish(&GuestArrived(Seen::of(&visit, cx.now, at.reception.way))).await?;
    // A host is told of everybody who arrives; a department has nobody but those who are told here.
    for person in called {
        let message = Message::to_person(person, Lane::Operational, "visitors-notice-walk-in")
            .arg("guest", contact.name.as_str())
            .arg("company", contact.company.as_str())
            .arg("purpose", purpose.as_str())
            .arg("site", site.name.as_str())
            .time("at", cx.now, &site.zone)
            .about("visit", id)
            .once(id)
            .not_after(ends_at)
            .of_kind(KIND);
        visitors.notify.tell(&mut tx, message).await?;
    }
    let entry = AuditEntry::done("visit.walk_in").on("visit", id, "").decided(&at.reception.basis);
    let entry = entry.with("site", site.id).with("host", host).with("group", group);
    tx.commit(entry.with("count", ask.count)).await?;
    Ok(id)
}

/// The word for messages about guests who call a department, and deliveries.
pub(crate) const KIND: &str = "visitors.called";

/// The kinds of messages for which people choose means.
pub(crate) const KINDS: [NoticeKind; 1] = [NoticeKind { kind: KIND, text: "visitors-kind-called" }];

/// Who hears what a department is told.
pub(crate) async fn members(
    visitors: &Visitors,
    at: &At,
    group: Option<GroupId>,
) -> Result<Vec<PersonId>, VisitError> {
    let Some(group) = group else { return Ok(Vec::new()) };
    let scope = visitors.store.read(at.cx.tenant).await?;
    let mut active = Vec::new();
    for person in visitors.identity.members(&scope, group).await? {
        if visitors.identity.is_active(&scope, person).await? {
            active.push(person);
        }
    }
    Ok(active)
}
