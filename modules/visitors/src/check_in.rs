//! A pass or code is shown at the reception: once, in its time, at its site. Whatever is wrong with it, the answer outside
//! is one and the same; what it was is told to the host and stands on the record.

use std::time::Duration;

use sea_orm::ColumnTrait;
use sekisho_crypto::sha256;
use sekisho_host::{Fault, faults};
use sekisho_kernel::{AuditEntry, Cx, Kind, Kinded, PersonId, Timestamp};
use sekisho_storage::{Scoped, StoreError, Tx};
use uuid::Uuid;

use crate::Visitors;
use crate::events::{GuestArrived, PassRefused, Seen};
use crate::guest;
use crate::ids::VisitId;
use crate::ledger::{came, is_at, lock_presented, standing};
use crate::often::{self, numbered};
use crate::pass;
use crate::settings;
use crate::tables::words::{VisitKind, VisitState};
use crate::tables::{guests, tries, visits};
use crate::terminal::offline::When;
use crate::visit::{Happening, step};
use crate::warrant::Reception;
use crate::watch::{Occasion, Watch};

/// Wrong ones from one terminal or address, after which it rests.
pub const MOST_WRONG_HERE: i64 = 5;
/// Wrong codes of one tenant, after which codes rest everywhere; passes do not, for nobody guesses 128 bits.
pub const MOST_WRONG_OF_TENANT: i64 = 60;
/// The time in which they are counted, and for which it rests.
pub const WRONG_WITHIN: Duration = Duration::from_secs(10 * 60);

/// What was shown.
#[derive(Clone, PartialEq, Eq, Debug)]
pub enum Presented {
    /// The text of a QR code.
    Pass(String),
    /// A code as somebody typed it.
    Code(String),
    /// The bytes of a pass that a terminal read while its network was broken.
    Handle(Vec<u8>),
}

impl Presented {
    /// SHA-256 of the number that was shown; none: something was typed, or it is no number of ours.
    pub(crate) fn handle_hash(&self) -> Option<Vec<u8>> {
        match self {
            Self::Pass(text) => pass::pass_hash(text),
            Self::Code(_) => None,
            Self::Handle(handle) => Some(sha256(handle).to_vec()),
        }
    }
}

/// A guest who is at the reception now.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct CheckedIn {
    /// Which visit.
    pub visit: VisitId,
    /// The guest's name: they are thanked by it.
    pub name: String,
    /// What kind.
    pub kind: VisitKind,
    /// Who receives.
    pub host: Option<PersonId>,
    /// People who came along.
    pub companions: i64,
}

/// Why a guest is not checked in.
#[derive(Debug, thiserror::Error)]
pub enum CheckInError {
    /// It opens nothing here and now. Outside nobody is told why.
    #[error("the pass opens nothing here and now")]
    NotNow,
    /// Too many wrong ones came from there.
    #[error("too many wrong codes")]
    TooMany(u32),
    /// Something broke.
    #[error("broken")]
    Fault(#[source] Fault),
}
faults!(CheckInError);

impl Kinded for CheckInError {
    fn kind(&self) -> Kind {
        match self {
            Self::NotNow => Kind::Refused,
            Self::TooMany(seconds) => Kind::Busy(*seconds),
            Self::Fault(fault) => fault.kind(),
        }
    }

    fn text(&self) -> &'static str {
        match self {
            Self::NotNow => "visitors-check-in-not-now",
            Self::TooMany(_) => "visitors-check-in-too-many",
            Self::Fault(_) => "error-broken",
        }
    }
}

/// Checks a guest in.
pub async fn check_in(
    visitors: &Visitors,
    cx: &Cx,
    at: &Reception,
    presented: &Presented,
) -> Result<CheckedIn, CheckInError> {
    check_in_when(visitors, cx, at, presented, When::Now).await
}

/// Checks a guest in at the moment at which the pass was shown. What was shown while a network was broken counts once.
pub(crate) async fn check_in_when(
    visitors: &Visitors,
    cx: &Cx,
    at: &Reception,
    presented: &Presented,
    when: When,
) -> Result<CheckedIn, CheckInError> {
    let keys = visitors.vault.keys(cx.tenant).await?;
    let mut tx = visitors.store.begin(cx).await?;
    if !when.is_new(&tx).await? {
        return Err(CheckInError::NotNow);
    }
    let counted = if when.is_earlier() { Vec::new() } else { counted_at(cx, at, presented) };
    hold_tries(&tx, &counted).await?;
    if let Some(until) = paused_until(&tx, &counted).await? {
        let seconds = until.since(cx.now).as_secs().saturating_add(1);
        return Err(CheckInError::TooMany(u32::try_from(seconds).unwrap_or(u32::MAX)));
    }
    let (settings, _) = settings::load(&tx).await?;
    let locked = lock_presented(&tx, &keys, presented).await?;
    let Some(visit) = locked else {
        return refuse(tx, at, None, "unknown", &counted).await;
    };
    if !is_at(&visit, at.site.id) {
        return refuse(tx, at, Some(&visit), "other_site", &counted).await;
    }
    if is_echo(&visit, at, when) {
        return Ok(welcome(&visit, String::new()));
    }
    if let Err(refusal) = step(standing(&visit, &settings), Happening::CheckIn, when.at(cx)) {
        return refuse(tx, at, Some(&visit), refusal.word(), &counted).await;
    }
    let name = match visit.guest_id {
        Some(id) => {
            let row = tx.find::<guests::Entity>().filter(guests::Column::Id.eq(id)).one().await?;
            row.map(|row| guest::opened(&keys, &row)).transpose()?.flatten().map(|contact| contact.name)
        }
        None => None,
    };
    came(&tx, &visit, VisitState::Arrived, when.at(cx), at.way)
        .set(visits::Column::ArrivedTerminal, at.terminal)
        .exec()
        .await?;
    Watch::open(&tx, &keys).await?.look_at(&mut tx, &keys, &visit, Occasion::Here).await?;
    tx.publish(&GuestArrived(Seen::of(&visit, when.at(cx), at.way))).await?;
    let entry = AuditEntry::done("visit.check_in").on("visit", visit.id, "").decided(&at.basis);
    let entry = entry.with("site", at.site.id).with("way", at.way);
    tx.commit(if when.is_earlier() { entry.with("happened", when.at(cx)) } else { entry }).await?;
    Ok(welcome(&visit, name.unwrap_or_default()))
}

fn welcome(visit: &visits::Model, name: String) -> CheckedIn {
    CheckedIn { visit: visit.id, name, kind: visit.kind, host: visit.host_id, companions: visit.companions }
}

/// Whether this is what we heard before: the terminal gave up waiting for the answer and kept the event, but the first
/// request had come through.
fn is_echo(visit: &visits::Model, at: &Reception, when: When) -> bool {
    let When::Earlier { at: then, .. } = when else { return false };
    at.terminal.is_some()
        && visit.arrived_terminal == at.terminal
        && visit.arrived_at.is_some_and(|arrived| arrived >= then)
}

/// The refusal, written down and told inside. Only what is nobody's counts as a guess: who comes too early with a pass of
/// their own does not make the terminal rest.
async fn refuse(
    mut tx: Tx,
    at: &Reception,
    visit: Option<&visits::Model>,
    why: &'static str,
    counted: &[(Uuid, i64)],
) -> Result<CheckedIn, CheckInError> {
    let now = tx.cx().now;
    if visit.is_none() {
        for (id, most) in counted {
            count_wrong(&tx, *id, *most).await?;
        }
    }
    let event = PassRefused {
        site: at.site.id,
        visit: visit.map(|visit| visit.id),
        host: visit.and_then(|visit| visit.host_id),
        why: why.to_owned(),
        at: now,
    };
    tx.publish(&event).await?;
    let entry = AuditEntry::refused("visit.check_in").decided(&at.basis);
    let entry = entry.with("why", why).with("site", at.site.id).with("way", at.way);
    let entry = match visit {
        Some(visit) => entry.on("visit", visit.id, ""),
        None => entry,
    };
    tx.commit(entry).await?;
    Err(CheckInError::NotNow)
}

/// Under which numbers wrong ones are counted, with the most of each: the place they come from, and for typed codes the
/// whole tenant.
fn counted_at(cx: &Cx, at: &Reception, presented: &Presented) -> Vec<(Uuid, i64)> {
    let here = match (at.terminal, cx.address, cx.actor.person()) {
        (Some(terminal), ..) => numbered("terminal", terminal.as_bytes()),
        (None, Some(address), _) => numbered("address", address.to_string().as_bytes()),
        (None, None, Some(person)) => numbered("person", person.uuid().as_bytes()),
        (None, None, None) => numbered("site", at.site.id.uuid().as_bytes()),
    };
    // Always in this order: the place, then the tenant.
    let mut counted = vec![(here, MOST_WRONG_HERE)];
    if matches!(presented, Presented::Code(_)) {
        counted.push((numbered("tenant", cx.tenant.uuid().as_bytes()), MOST_WRONG_OF_TENANT));
    }
    counted
}

/// One after the other from one place, and of codes in one tenant: whoever guesses many at once is counted for each.
async fn hold_tries(tx: &Tx, counted: &[(Uuid, i64)]) -> Result<(), StoreError> {
    for (id, _) in counted {
        often::hold(tx, *id).await?;
    }
    Ok(())
}

async fn paused_until(tx: &Tx, counted: &[(Uuid, i64)]) -> Result<Option<Timestamp>, StoreError> {
    let ids: Vec<Uuid> = counted.iter().map(|(id, _)| *id).collect();
    let rows = tx.find::<tries::Entity>().filter(tries::Column::Id.is_in(ids)).all().await?;
    Ok(rows.into_iter().map(|row| row.paused_until).filter(|until| *until > tx.cx().now).max())
}

async fn count_wrong(tx: &Tx, id: Uuid, most: i64) -> Result<(), StoreError> {
    let now = tx.cx().now;
    let row = tx.find::<tries::Entity>().filter(tries::Column::Id.eq(id)).one().await?;
    let (since, wrong) = match &row {
        Some(row) if row.since.plus(WRONG_WITHIN) > now => (row.since, row.wrong + 1),
        _ => (now, 1),
    };
    let paused = if wrong >= most { now.plus(WRONG_WITHIN) } else { Timestamp::EPOCH };
    tx.update::<tries::Entity>()
        .set(tries::Column::Wrong, wrong)
        .set(tries::Column::Since, since)
        .set(tries::Column::PausedUntil, paused)
        .filter(tries::Column::Id.eq(id))
        .exec()
        .await?;
    Ok(())
}
