//! What is known of a guest is corrected. Whoever invited the same guest beside us finds them as they wrote them down: then our
//! visit gets a guest of its own. At another mail address the guest is invited anew, and what the old one got opens nothing.

use sea_orm::{ColumnTrait, Condition};
use sekisho_crypto::TenantKeys;
use sekisho_kernel::{AuditEntry, Cx, Language, Timestamp};
use sekisho_storage::{Scoped, Tx, Update};
use sekisho_web::Checks;

use crate::Visitors;
use crate::checks::VisitError;
use crate::events::GuestChanged;
use crate::guest::{self, Contact, language_of, opened, recognised_or_new};
use crate::ids::{GuestId, VisitId};
use crate::keys_follow;
use crate::ledger::{self, fresh_pass, is_awaited, lock_visits};
use crate::make_appointment::{GuestForm, read_guest};
use crate::pass;
use crate::reads;
use crate::registration;
use crate::tables::words::VisitState;
use crate::tables::{guests, visits};
use crate::warrant::{MayDecide, NotAllowed, Sight};
use crate::watch::{self, Occasion, Watch};

/// What is known of the guest of a visit.
#[derive(Clone, Debug)]
pub struct KnownGuest {
    /// Who; nothing when nobody asked.
    pub contact: Contact,
    /// What they read.
    pub language: Language,
    /// People who come along.
    pub companions: i64,
}

/// The guest of a visit, for whoever may correct them.
pub async fn guest_of(visitors: &Visitors, cx: &Cx, id: VisitId) -> Result<KnownGuest, VisitError> {
    let (visit, _) = warranted(visitors, cx, id).await?;
    let keys = visitors.vault.keys(cx.tenant).await?;
    let scope = visitors.store.read(cx.tenant).await?;
    let row = match visit.guest_id {
        Some(guest) => scope.find::<guests::Entity>().filter(guests::Column::Id.eq(guest)).one().await?,
        None => None,
    };
    if row.as_ref().is_some_and(|row| row.erased_at.is_some()) {
        return Err(NotAllowed::Missing.into());
    }
    let contact = row.as_ref().map(|row| opened(&keys, row)).transpose()?.flatten().unwrap_or_default();
    let language = row.as_ref().map_or(cx.language, language_of);
    Ok(KnownGuest { contact, language, companions: visit.companions })
}

/// Corrects the guest of a visit: host, deputy, who wrote it down, or the desk.
pub async fn change_guest(
    visitors: &Visitors,
    cx: &Cx,
    id: VisitId,
    form: GuestForm,
) -> Result<(), VisitError> {
    let (seen, may) = warranted(visitors, cx, id).await?;
    let person = cx.actor.person().ok_or(NotAllowed::Missing)?;
    let sight = visitors.sight(cx, person).await?;
    let mut checks = Checks::default();
    let wanted = read_guest(&mut checks, form);
    checks.done::<VisitError>()?;
    let keys = visitors.vault.keys(cx.tenant).await?;

    let mut tx = visitors.store.begin(cx).await?;
    // The guest before their visits, like everybody who takes both.
    let row = match seen.guest_id {
        Some(guest) => guest::lock(&tx, guest).await?,
        None => None,
    };
    let known = match &row {
        Some(row) => Some(opened(&keys, row)?.ok_or(NotAllowed::Missing)?),
        None => None,
    };
    // All of them in the order in which everybody takes them; ours is one.
    let theirs = match &row {
        Some(row) => lock_visits(&tx, visits::Column::GuestId.eq(row.id)).await?,
        None => lock_visits(&tx, visits::Column::Id.eq(id)).await?,
    };
    let visit = theirs.iter().find(|visit| visit.id == id && visit.guest_id == seen.guest_id).cloned();
    let visit = visit.ok_or(VisitError::Changed)?;
    tx.update::<visits::Entity>()
        .set(visits::Column::Companions, wanted.companions)
        .filter(visits::Column::Id.eq(id))
        .exec()
        .await?;
    let named = |contact: &Contact| (contact.name.clone(), contact.reading.clone());
    let named_anew = known.as_ref().is_none_or(|known| named(known) != named(&wanted.contact));
    let moved = known.as_ref().is_some_and(|known| known.mail != wanted.contact.mail);
    let (guest, of) = match (&row, &known) {
        (Some(row), Some(known)) if *known == wanted.contact => {
            speak(&tx, row.id, wanted.language).await?;
            (row.id, Vec::new())
        }
        (Some(row), Some(_)) if !others_invited(&tx, cx, &sight, row.id).await? => {
            guest::write(&tx, &keys, row, &wanted.contact).await?;
            speak(&tx, row.id, wanted.language).await?;
            if named_anew {
                watch::forget_cleared(&tx, row.id).await?;
            }
            (row.id, theirs)
        }
        _ => {
            let language = wanted.language.or(row.as_ref().map(language_of));
            let guest = recognised_or_new(&tx, &keys, &wanted.contact, language).await?;
            tx.update::<visits::Entity>()
                .set(visits::Column::GuestId, Some(guest))
                .filter(visits::Column::Id.eq(id))
                .exec()
                .await?;
            // What somebody else filled in is not theirs.
            registration::start_anew(&tx, id).await?;
            if visit.state == VisitState::Registered {
                tx.update::<visits::Entity>()
                    .set(visits::Column::State, VisitState::Invited)
                    .filter(visits::Column::Id.eq(id))
                    .exec()
                    .await?;
            }
            // Whom somebody else wrote down by that name is who they were: nobody is to look at their other visits for it.
            (guest, vec![visits::Model { guest_id: Some(guest), ..visit }])
        }
    };
    if named_anew {
        look_anew(&mut tx, &keys, &of).await?;
    }
    let mut told = Vec::new();
    for visit in of.iter().filter(|_| moved) {
        if is_awaited(visit) && visit.ends_at > cx.now {
            told.push(visit.id);
            start_anew(&tx, &keys, visit).await?;
        } else if visit.page_hash.is_some() {
            // The page of a visit that is over, or called off, leads to those of the series that are to come.
            renew_page(&tx, &keys, visit).exec().await?;
        }
    }
    tx.publish(&GuestChanged { guest, visits: told.clone(), person }).await?;
    let keys_follow = keys_follow::of_guest(visitors, &tx, seen.guest_id, id).await?;
    let entry = AuditEntry::done("guest.change").on("guest", guest, "").decided(&may.basis);
    let entry = entry.with("visit", id).with("told_anew", told).with("before", seen.guest_id);
    tx.commit(entry.with("way", may.way)).await?;
    keys_follow.now(visitors, cx).await;
    Ok(())
}

/// The visit, for whoever may plan its appointment; one without an appointment for whoever may decide about it.
async fn warranted(
    visitors: &Visitors,
    cx: &Cx,
    id: VisitId,
) -> Result<(visits::Model, MayDecide), VisitError> {
    const ACT: &str = "guest.change";
    let scope = visitors.store.read(cx.tenant).await?;
    let visit = ledger::visit(&scope, id).await?.ok_or(NotAllowed::Missing)?;
    let appointment = match visit.appointment_id {
        Some(appointment) => ledger::appointment(&scope, appointment).await?,
        None => None,
    };
    drop(scope);
    let may = match appointment {
        Some(appointment) => visitors.may_plan(cx, &appointment, ACT).await?,
        None => visitors.may_decide(cx, &visit, ACT).await?,
    };
    Ok((visit, may))
}

/// Whether a visit of the guest belongs to somebody else: neither host, maker nor deputy of it, nor the desk of its site.
async fn others_invited(tx: &Tx, cx: &Cx, sight: &Sight, guest: GuestId) -> Result<bool, VisitError> {
    let theirs = visits::Column::GuestId.eq(guest);
    let all = tx.find::<visits::Entity>().filter(theirs.clone()).count().await?;
    let ours = Condition::all().add(theirs).add(reads::planned_by(cx, sight));
    Ok(tx.find::<visits::Entity>().filter(ours).count().await? < all)
}

/// Under another name the guest of these visits may be on the watch list.
async fn look_anew(tx: &mut Tx, keys: &TenantKeys, visits: &[visits::Model]) -> Result<(), VisitError> {
    let list = Watch::open(tx, keys).await?;
    for visit in visits {
        if visit.state.is_here() {
            list.look_at(tx, keys, visit, Occasion::Here).await?;
        } else if is_awaited(visit) && visit.ends_at > tx.cx().now {
            list.look_at(tx, keys, visit, Occasion::Planned).await?;
        }
    }
    Ok(())
}

/// The language they are written to in from now on.
async fn speak(tx: &Tx, guest: GuestId, language: Option<Language>) -> Result<(), VisitError> {
    let Some(language) = language else { return Ok(()) };
    tx.update::<guests::Entity>()
        .set(guests::Column::Language, language.tag())
        .filter(guests::Column::Id.eq(guest))
        .exec()
        .await?;
    Ok(())
}

/// A new pass, a new code and a new address of the personal page: nobody was told of them yet.
async fn start_anew(tx: &Tx, keys: &TenantKeys, visit: &visits::Model) -> Result<(), VisitError> {
    use visits::Column;
    let pass = fresh_pass(tx, keys, visit.id, visit.generation).await?;
    let told = matches!(visit.state, VisitState::Invited | VisitState::Registered);
    let state = if told { VisitState::Draft } else { visit.state };
    registration::start_anew(tx, visit.id).await?;
    renew_page(tx, keys, visit)
        .set(Column::State, state)
        .set(Column::InvitedAt, Option::<Timestamp>::None)
        .set(Column::Generation, pass.generation)
        .set(Column::PassHash, pass.hash)
        .set(Column::LiveCode, Some(pass.code))
        .exec()
        .await?;
    Ok(())
}

/// A new address of the personal page; the old one leads nowhere.
fn renew_page<'a>(tx: &'a Tx, keys: &TenantKeys, visit: &visits::Model) -> Update<'a, visits::Entity> {
    use visits::Column;
    let generation = visit.page_generation.saturating_add(1);
    tx.update::<visits::Entity>()
        .set(Column::PageGeneration, generation)
        .set(Column::PageHash, Some(pass::page_hash(&pass::page(keys, visit.id, generation))))
        .filter(Column::Id.eq(visit.id))
}
