//! The desk waves people in: so many to that host, names later or never. Nobody is in the building uncounted.

use sea_orm::ActiveValue::Set;
use sekisho_kernel::{AuditEntry, Cx, PersonId, SiteId};

use crate::Visitors;
use crate::checks::VisitError;
use crate::events::{GuestAdmitted, Seen};
use crate::ids::VisitId;
use crate::ledger::{self, NewVisit};
use crate::make_appointment::MOST_COMPANIONS;
use crate::occurrence::{Occurrence, end_of_day};
use crate::tables::visits;
use crate::tables::words::{VisitKind, VisitState};
use crate::warrant::NotAllowed;

/// Who is waved in.
#[derive(Clone, Copy, Debug)]
pub struct WaveIn {
    /// Where.
    pub site: SiteId,
    /// To whom; none: nobody in particular.
    pub host: Option<PersonId>,
    /// What kind.
    pub kind: VisitKind,
    /// How many people, from 1.
    pub count: i64,
}

/// Waves people in.
pub async fn wave_in(visitors: &Visitors, cx: &Cx, ask: WaveIn) -> Result<VisitId, VisitError> {
    let at = visitors.desk(cx, ask.site, "visit.wave_in").await?;
    if !(1..=MOST_COMPANIONS + 1).contains(&ask.count) {
        return Err(VisitError::invalid("count", "visitors-error-count"));
    }
    if let Some(host) = ask.host {
        let scope = visitors.store.read(cx.tenant).await?;
        if !visitors.identity.is_active(&scope, host).await? {
            return Err(VisitError::invalid("host", "visitors-error-person"));
        }
    }
    let here = cx.now.to_jiff().to_zoned(sekisho_web::zone_of(&at.site.zone)).datetime();
    let ends_at = end_of_day(&here.date().to_string(), &at.site.zone).unwrap_or(cx.now);
    let when = Occurrence { starts: here, ends: here, starts_at: cx.now, ends_at };
    let new = NewVisit {
        appointment: None,
        guest: None,
        site: &at.site,
        kind: ask.kind,
        host: ask.host,
        maker: cx.actor.person(),
        when: &when,
        companions: ask.count - 1,
    };
    let mut tx = visitors.store.begin(cx).await?;
    let id: VisitId = cx.fresh_id();
    let row = visits::ActiveModel {
        arrived_at: Set(Some(cx.now)),
        arrived_how: Set(Some(at.way)),
        admitted_at: Set(Some(cx.now)),
        admitted_by: Set(cx.actor.person()),
        ..ledger::row(id, &new, VisitState::Admitted)
    };
    tx.insert::<visits::Entity>(row).await?;
    let visit = ledger::visit(&tx, id).await?.ok_or(NotAllowed::Missing)?;
    tx.publish(&GuestAdmitted(Seen::of(&visit, cx.now, at.way))).await?;
    let entry = AuditEntry::done("visit.wave_in").on("visit", id, "").decided(&at.basis);
    tx.commit(entry.with("count", ask.count).with("host", ask.host).with("site", at.site.id)).await?;
    Ok(id)
}
