//! The guests an event brings, beside those who were added at the reception.

use std::collections::BTreeSet;

use sea_orm::ColumnTrait;
use sekisho_crypto::fold;
use sekisho_kernel::Cx;
use sekisho_storage::Scoped as _;

use super::why::{NotTaken, refused};
use crate::Visitors;
use crate::cancel_appointment::remove_guest;
use crate::change_appointment::add_guest;
use crate::checks::VisitError;
use crate::guest;
use crate::ids::{AppointmentId, GuestId};
use crate::ledger::{is_awaited, visits_of};
use crate::make_appointment::GuestForm;
use crate::series_guests::{add_guest_to_series, remove_guest_from_series};
use crate::tables::guests;
use crate::tables::words::VisitState;

/// Of an appointment alone, or of those that follow it in its series, too.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(super) enum Reach {
    This,
    Following,
}

/// Adds who is wanted and not there, takes off whom the event brought and does not name any more. The guests it brings
/// afterwards.
pub(super) async fn bring(
    visitors: &Visitors,
    cx: &Cx,
    at: (AppointmentId, Reach),
    brought: &[GuestId],
    wanted: &[GuestForm],
) -> Result<Vec<GuestId>, NotTaken> {
    let (appointment, reach) = at;
    let there = there(visitors, cx, appointment).await?;
    let mut brings = BTreeSet::new();
    for form in wanted {
        let theirs = || there.iter().filter(|one| fold(&one.mail) == fold(&form.mail));
        // Who was brought and called off here, or cancelled, stays away.
        let stays_away = |one: &&There| one.cancelled && brought.contains(&one.guest);
        let known = theirs().find(|one| !one.cancelled).or_else(|| theirs().find(stays_away));
        if let Some(known) = known {
            brings.insert(known.guest);
            continue;
        }
        let made = match reach {
            Reach::This => add_guest(visitors, cx, appointment, form.clone()).await,
            Reach::Following => add_guest_to_series(visitors, cx, appointment, form.clone()).await,
        };
        let made = made.map_err(refused)?;
        let visit = crate::ledger::visit(&visitors.store.read(cx.tenant).await?, made.id).await?;
        brings.extend(visit.and_then(|visit| visit.guest_id));
    }
    let gone = |one: &&There| brought.contains(&one.guest) && !brings.contains(&one.guest) && one.awaited;
    for one in there.iter().filter(gone) {
        let removed = match reach {
            Reach::This => remove_guest(visitors, cx, one.visit).await,
            Reach::Following => remove_guest_from_series(visitors, cx, one.visit).await,
        };
        match removed {
            // They came or went at this moment.
            Ok(()) | Err(VisitError::Refused(_)) => {}
            Err(error) => return Err(refused(error)),
        }
    }
    Ok(brings.into_iter().collect())
}

struct There {
    visit: crate::ids::VisitId,
    guest: GuestId,
    mail: String,
    awaited: bool,
    cancelled: bool,
}

async fn there(visitors: &Visitors, cx: &Cx, appointment: AppointmentId) -> Result<Vec<There>, NotTaken> {
    let keys = visitors.vault.keys(cx.tenant).await?;
    let scope = visitors.store.read(cx.tenant).await?;
    let visits = visits_of(&scope, appointment).await?;
    let these = guests::Column::Id.is_in(visits.iter().filter_map(|visit| visit.guest_id));
    let rows = scope.find::<guests::Entity>().filter(these).all().await?;
    let mut all = Vec::new();
    for visit in &visits {
        let Some(row) = rows.iter().find(|row| Some(row.id) == visit.guest_id) else { continue };
        let mail = guest::opened(&keys, row)?.map(|contact| contact.mail).unwrap_or_default();
        let cancelled = visit.state == VisitState::Cancelled;
        all.push(There { visit: visit.id, guest: row.id, mail, awaited: is_awaited(visit), cancelled });
    }
    Ok(all)
}
