//! A guest's photo: sent on the personal page, seen by desk and host, each look on the record, erased soon after the visit.

use std::time::Duration;

use sea_orm::ActiveValue::Set;
use sea_orm::{ColumnTrait, QuerySelect};
use sekisho_crypto::Place;
use sekisho_host::Fault;
use sekisho_kernel::{Actor, AuditEntry, Cx, Timestamp};
use sekisho_storage::Scoped;

use super::asks;
use super::fill_in::{Reach, begin};
use super::kept::is_theirs;
use crate::Visitors;
use crate::checks::VisitError;
use crate::guest;
use crate::ids::VisitId;
use crate::ledger::{self, lock_visit, lock_visits};
use crate::often;
use crate::picture::{PictureError, written_anew};
use crate::tables::words::VisitState;
use crate::tables::{guests, photos, visits};
use crate::turns::LATER;
use crate::warrant::{NotAllowed, Sight, reason};

/// The most bytes of a photo as it comes from a telephone.
pub(crate) const MOST_BYTES: usize = 15 << 20;
/// As many pixels across and down are kept.
const SIDE: u32 = 1024;

/// Where a photo lies.
fn place(visit: VisitId) -> Place<'static> {
    Place { table: "visitors_photos", column: "picture", row: visit.uuid() }
}

/// Keeps the photo that the guest of a visit sent.
pub(crate) async fn send_photo(
    visitors: &Visitors,
    cx: &Cx,
    id: VisitId,
    bytes: Vec<u8>,
) -> Result<(), VisitError> {
    use photos::Column;
    // Counted before anything is unpacked, which costs more than all the rest.
    let at = begin(visitors, cx, id, Reach::Visit, &often::PHOTOS).await?;
    wants_photo(&at)?;
    at.tx.commit_bookkeeping("a photo that comes is counted, and looked at afterwards").await?;
    let picture = written_anew(bytes, SIDE).await.map_err(|error| match error {
        PictureError::NotOne => VisitError::invalid("photo", "visitors-photo-error"),
        PictureError::TooLarge => VisitError::invalid("photo", "visitors-photo-error-large"),
        PictureError::Busy => VisitError::Busy(LATER),
    })?;
    let at = begin(visitors, cx, id, Reach::Visit, &often::FILLED).await?;
    wants_photo(&at)?;
    let row = photos::ActiveModel {
        tenant_id: Set(cx.tenant),
        id: Set(id),
        guest_id: Set(at.guest.id),
        page_generation: Set(at.visit.page_generation),
        picture: Set(at.key.seal(&place(id), &picture)),
        sent_at: Set(cx.now),
    };
    let columns = [Column::GuestId, Column::PageGeneration, Column::Picture, Column::SentAt];
    at.tx.overwrite_many::<photos::Entity>(vec![row], &columns).await?;
    at.commit(AuditEntry::done("visit.send_photo")).await
}

fn wants_photo(at: &super::fill_in::Registering) -> Result<(), VisitError> {
    let asked = at.asks.of_visit(&at.visit).is_some_and(|asks| asks.photo);
    if asked { Ok(()) } else { Err(NotAllowed::Missing.into()) }
}

/// Takes back the photo that the guest of a visit sent: as long as there is one, however the visit stands and whatever is asked.
pub(crate) async fn take_back_photo(visitors: &Visitors, cx: &Cx, id: VisitId) -> Result<(), VisitError> {
    if cx.actor != (Actor::Guest { id: id.uuid() }) {
        return Err(NotAllowed::Missing.into());
    }
    let tx = visitors.store.begin(cx).await?;
    lock_visit(&tx, id).await?.ok_or(NotAllowed::Missing)?;
    if tx.delete::<photos::Entity>().filter(photos::Column::Id.eq(id)).exec().await? == 0 {
        return Ok(());
    }
    let entry = AuditEntry::done("visit.take_back_photo").on("visit", id, "");
    Ok(tx.commit(entry.decided(reason("personal_page", id)).with("way", "page")).await?)
}

/// The photo of a guest (JPEG), for the desk of the site and the host, after the look is on the record.
pub(crate) async fn see_photo(
    visitors: &Visitors,
    cx: &Cx,
    sight: &Sight,
    id: VisitId,
) -> Result<Vec<u8>, VisitError> {
    let keys = visitors.vault.keys(cx.tenant).await?;
    let scope = visitors.store.read(cx.tenant).await?;
    let visit = ledger::visit(&scope, id).await?.ok_or(NotAllowed::Missing)?;
    let role = match sight {
        _ if visit.host_id == Some(sight.person) => "host",
        sight if sight.is_desk(visit.site_id) => "desk",
        _ => return Err(NotAllowed::Missing.into()),
    };
    let (asks, _) = asks::load(&scope).await?;
    let row = scope.find::<photos::Entity>().filter(photos::Column::Id.eq(id)).one().await?;
    let row = row.filter(|row| is_theirs(&visit, row.guest_id, row.page_generation));
    // Due to be erased is as good as erased, however late the round comes.
    let row = row.filter(|_| !is_due(&visit, cx.now, asks.photo_hours)).ok_or(NotAllowed::Missing)?;
    let guest = guests::Column::Id.eq(row.guest_id);
    let guest = scope.find::<guests::Entity>().filter(guest).one().await?.ok_or(NotAllowed::Missing)?;
    drop(scope);
    let key = guest::key_of(&keys, &guest)?.ok_or(NotAllowed::Missing)?;
    let entry = AuditEntry::done("visit.see_photo").on("visit", id, "");
    visitors.record(cx, entry.decided(reason(role, sight.person))).await?;
    Ok(key.open(&place(id), &row.picture)?.to_vec())
}

/// Whether a photo of that visit is to be erased at `now`, so many hours after the guest left; of one that was called off, at once.
pub(crate) fn is_due(visit: &visits::Model, now: Timestamp, hours: u32) -> bool {
    let ended = match visit.state {
        VisitState::Cancelled => return true,
        VisitState::Arrived | VisitState::Admitted => return false,
        VisitState::Left if !ledger::comes_again(visit) => visit.left_at.unwrap_or(visit.ends_at),
        _ => visit.ends_at,
    };
    ended.plus(Duration::from_secs(u64::from(hours) * 3600)) <= now
}

/// Erases the photos whose time is over.
pub(crate) async fn erase_photos(visitors: &Visitors, cx: &Cx) -> Result<(), Fault> {
    let scope = visitors.store.read(cx.tenant).await?;
    let all = scope.find::<photos::Entity>();
    let all = all.refine(|rows| rows.select_only().column(photos::Column::Id).column(photos::Column::SentAt));
    let all: Vec<VisitId> =
        all.tuples::<(VisitId, Timestamp)>().await?.into_iter().map(|(id, _)| id).collect();
    if all.is_empty() {
        return Ok(());
    }
    let (asks, _) = asks::load(&scope).await?;
    let mut due = Vec::new();
    for some in all.chunks(500) {
        let these = visits::Column::Id.is_in(some.iter().copied());
        let rows = scope.find::<visits::Entity>().filter(these).all().await?;
        due.extend(rows.iter().filter(|row| is_due(row, cx.now, asks.photo_hours)).map(|row| row.id));
    }
    drop(scope);
    for some in due.chunks(500) {
        let tx = visitors.store.begin(cx).await?;
        // Whose guest came after all, or whose visit was moved, keeps it; what somebody else erased is not counted twice.
        let these = lock_visits(&tx, visits::Column::Id.is_in(some.iter().copied())).await?;
        let these = these.iter().filter(|row| is_due(row, cx.now, asks.photo_hours)).map(|row| row.id);
        let these = photos::Column::Id.is_in(these);
        let count = tx.delete::<photos::Entity>().filter(these).exec().await?;
        if count > 0 {
            tx.commit(AuditEntry::done("visit_photo.expire").with("count", count)).await?;
        }
    }
    Ok(())
}
