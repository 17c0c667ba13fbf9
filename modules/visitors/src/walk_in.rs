//! Somebody comes without an appointment and calls a person or department from the terminal. They are at the reception
//! from that moment on; whether they come in is decided by whoever was called.

use sea_orm::ActiveValue::Set;
use sekisho_crypto::Place;
use sekisho_kernel::{AuditEntry, Language, PersonId};
use sekisho_notify::{Lane, Message, NoticeKind};

use crate::Visitors;
use crate::answer_by_button;
use crate::asked;
use crate::checks::VisitError;
use crate::events::{GuestArrived, Seen};
use crate::guest::{Contact, recognised_or_new};
use crate::ids::VisitId;
use crate::ledger::{self, NewVisit};
use crate::occurrence::{Occurrence, end_of_day};
use crate::often;
use crate::settings::{self, Settings};
use crate::tables::words::{VisitKind, VisitState};
use crate::tables::{visits, walk_ins};
use crate::terminal::{At, Whom};
use crate::warrant::NotAllowed;
use crate::watch::{Occasion, Watch};
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
    let scope = visitors.store.read(cx.tenant).await?;
    let called = match group {
        Some(group) => asked::department(visitors, &scope, group).await?,
        None => Vec::new(),
    };
    drop(scope);
    let keys = visitors.vault.keys(cx.tenant).await?;

    let mut tx = visitors.store.begin(cx).await?;
    often::count(&tx, &often::CALLS, at.row.id.uuid()).await?;
    let guest = recognised_or_new(&tx, &keys, &contact, Some(ask.language)).await?;
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
        arrived_terminal: Set(at.reception.terminal),
        ..ledger::row(id, &new, VisitState::Arrived)
    };
    tx.insert::<visits::Entity>(row).await?;
    let row = walk_ins::ActiveModel {
        id: Set(id),
        terminal_id: Set(at.row.id),
        group_id: Set(group),
        purpose_sealed: Set(keys.seal(&purpose_place(id), purpose.as_bytes())),
        ..Default::default()
    };
    tx.insert::<walk_ins::Entity>(row).await?;
    let visit = ledger::visit(&tx, id).await?.ok_or(NotAllowed::Missing)?;
    Watch::open(&tx, &keys).await?.look_at(&mut tx, &keys, &visit, Occasion::Here).await?;
    tx.publish(&GuestArrived(Seen::of(&visit, cx.now, at.reception.way))).await?;
    // A host is told of everybody who arrives; a department has nobody but those who are asked here.
    let (settings, _) = settings::load(&tx).await?;
    asked::write_down(&tx, id, &called).await?;
    for person in called {
        let message = notice(&settings, person, &contact, &purpose)
            .arg("site", site.name.as_str())
            .time("at", cx.now, &site.zone)
            .about("visit", id)
            .link("visitors-notice-open", "/visitors?show=here")
            .asks(answer_by_button::question(&visit, cx.now))
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

/// Where the purpose of a guest without an appointment lies.
pub(crate) fn purpose_place(visit: VisitId) -> Place<'static> {
    Place { table: "visitors_walk_ins", column: "purpose", row: visit.uuid() }
}

/// What somebody in the department reads: who waits and why, as far as the organisation lets messages say so.
fn notice(settings: &Settings, person: PersonId, contact: &Contact, purpose: &str) -> Message {
    if !settings.names_in_messages {
        return Message::to_person(person, Lane::Operational, "visitors-notice-walk-in-nameless");
    }
    let or_dash = |text: &str| if text.is_empty() { "—".to_owned() } else { text.to_owned() };
    Message::to_person(person, Lane::Operational, "visitors-notice-walk-in")
        .arg("guest", contact.name.as_str())
        .arg("company", or_dash(&contact.company))
        .arg("purpose", or_dash(purpose))
}

/// The word for messages about guests who call a department, and deliveries.
pub(crate) const KIND: &str = "visitors.called";

/// The kinds of messages for which people choose means.
pub(crate) const KINDS: [NoticeKind; 1] = [NoticeKind { kind: KIND, text: "visitors-kind-called" }];
