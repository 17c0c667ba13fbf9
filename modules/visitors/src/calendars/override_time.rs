//! One time of a repeated event is different, or does not take place.

use jiff::civil::DateTime;
use sekisho_kernel::{Cx, PersonId};
use sekisho_web::IfMatch;

use super::guests::{Reach, bring};
use super::invitation::Event;
use super::items::{self, Became, Version, became};
use super::take_invitation::{
    Source, Taken, call_off, change_one, is_known, keep, may_take, open_of, take_single, write_down,
};
use super::take_series::by_rule;
use super::wanted::wanted;
use super::why::{NotTaken, Why, refused};
use crate::Visitors;
use crate::cancel_appointment::cancel_appointment;
use crate::occurrence::spell;
use crate::tables::{appointments, calendar_items};

/// Takes it. `alone`: the event itself is not in the file.
pub(super) async fn take_override(
    visitors: &Visitors,
    cx: &Cx,
    source: Source<'_>,
    host: PersonId,
    event: &Event,
    version: Version,
    (cancelled, alone): (bool, bool),
) -> Result<Taken, NotTaken> {
    if event.and_later {
        return Err(Why::AndLater.into());
    }
    let scope = visitors.store.read(cx.tenant).await?;
    let master = items::find(&scope, &version.uid, "").await?;
    let zone = match sekisho_places::site(&scope, source.calendar.site_id).await? {
        Some(site) => site.zone,
        None => sekisho_places::HOME_ZONE.to_owned(),
    };
    drop(scope);
    let rows = match &master {
        Some(master) if !master.called_off => match master.series_id {
            Some(series) => open_of(visitors, cx, series).await?,
            None => Vec::new(),
        },
        _ => Vec::new(),
    };
    let zone = rows.first().map_or(zone, |row| row.zone.clone());
    let at = event.recurrence.as_ref().and_then(|when| when.on_clock(&sekisho_web::zone_of(&zone)));
    let at = at.ok_or(Why::NoTime)?;
    let version = version.at_time(spell(at));
    let item = items::find(&visitors.store.read(cx.tenant).await?, &version.uid, &version.at).await?;
    for item in [master.as_ref(), item.as_ref()] {
        may_take(visitors, cx, item, &version).await?;
    }
    if let Some(item) = item.as_ref().filter(|item| is_known(source, &version, item, cancelled)) {
        return keep(visitors, cx, item, &version, Taken::Unchanged).await;
    }
    let Some(master) = master.filter(|master| master.series_id.is_some()) else {
        // Somebody is invited to this one time only.
        if cancelled {
            return call_off(visitors, cx, item.as_ref(), &version).await;
        }
        let wanted = wanted(visitors, cx, source.calendar, source.own, host, event).await?;
        if wanted.form.guests.is_empty() {
            return source.or_pass_over(Why::NoGuest);
        }
        return take_single(visitors, cx, source, &wanted, item, version).await;
    };
    let found = rows.iter().find(|row| is_at(row, &master, item.as_ref(), at));
    match found {
        Some(row) if cancelled => {
            cancel_appointment(visitors, cx, row.id, &IfMatch::ANY).await.map_err(refused)?;
            let now = Became { appointment: Some(row.id), called_off: true, ..Became::default() };
            write_down(visitors, cx, item.as_ref(), &version, now).await?;
            Ok(Taken::CalledOff)
        }
        Some(row) => {
            let wanted = wanted(visitors, cx, source.calendar, source.own, host, event).await?;
            change_one(visitors, cx, row, &wanted).await?;
            let brought = item.as_ref().map_or(&master.guests.0, |item| &item.guests.0);
            let guests = bring(visitors, cx, (row.id, Reach::This), brought, &wanted.form.guests).await?;
            let before = item.as_ref().map(became).unwrap_or_default();
            let now = Became { appointment: Some(row.id), guests, called_off: false, ..before };
            write_down(visitors, cx, item.as_ref(), &version, now).await?;
            Ok(Taken::Changed)
        }
        // It is over, or does not take place anyway.
        None if cancelled || !alone => Ok(Taken::Unchanged),
        None => source.or_pass_over(Why::NoSuchTime),
    }
}

/// Whether that appointment of the series is the one that the calendar means.
fn is_at(
    row: &appointments::Model,
    master: &calendar_items::Model,
    item: Option<&calendar_items::Model>,
    at: DateTime,
) -> bool {
    match item.and_then(|item| item.appointment_id) {
        Some(known) => row.id == known,
        None => by_rule(row, master.shifted) == Some(at),
    }
}
