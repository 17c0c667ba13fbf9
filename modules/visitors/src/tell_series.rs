//! What guests hear of a series when it is made, changed or called off: one mail for all of its appointments, with how often
//! in their language, the pass of the first of them that is to come and a calendar file of all. Each further pass comes on
//! the eve, by the reminder, also where nobody is reminded, and stands on the personal page.

use std::collections::{BTreeMap, HashMap};

use sea_orm::{ColumnTrait, Condition};
use sekisho_host::Fault;
use sekisho_kernel::Cx;
use sekisho_notify::{Attachment, CalendarMethod, Message};
use sekisho_storage::{Scoped, StoreError, Tx};
use serde_json::json;

use crate::Visitors;
use crate::calendar::{self, Entry};
use crate::ids::{AppointmentId, GuestId, SeriesId, VisitId};
use crate::invitation::{self, Invitation};
use crate::ledger::{is_awaited, lock_visits, standing, text_of};
use crate::remind;
use crate::repeat::Rule;
use crate::series::{self, takes_place};
use crate::series_words::{Place, Telling, Told, in_words};
use crate::settings;
use crate::tables::words::VisitState;
use crate::tables::{appointments, visits};
use crate::visit::{Happening, step};

/// The largest calendar file; a mail carries a little more.
const MOST_BYTES: usize = 900 * 1024;
/// Somebody moves these visits all the time: the job is tried again later.
const MOST_TRIES: usize = 5;

/// What a guest is told of a series.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(crate) enum Word {
    Invited,
    Changed,
    Cancelled,
}

impl Word {
    fn template(self) -> &'static str {
        match self {
            Self::Invited => "visitors-mail-series-invited",
            Self::Changed => "visitors-mail-series-changed",
            Self::Cancelled => "visitors-mail-series-cancelled",
        }
    }

    /// Whether a visit is spoken of. Nobody is told that they need not come who was never told to come.
    fn speaks_of(self, visit: &visits::Model, cx: &Cx) -> bool {
        let ahead = visit.ends_at > cx.now;
        match self {
            Self::Invited | Self::Changed => ahead && is_awaited(visit),
            Self::Cancelled => ahead && visit.state == VisitState::Cancelled && visit.invited_at.is_some(),
        }
    }
}

/// Visits of several guests at several appointments, parted into what each guest is told of each series, and what belongs to none.
pub(crate) struct Parted {
    pub(crate) alone: Vec<VisitId>,
    of: BTreeMap<(SeriesId, GuestId), Vec<visits::Model>>,
}

pub(crate) async fn parted(visitors: &Visitors, cx: &Cx, ids: &[VisitId]) -> Result<Parted, StoreError> {
    let scope = visitors.store.read(cx.tenant).await?;
    let mut parted = Parted { alone: Vec::new(), of: BTreeMap::new() };
    let mut series_of: HashMap<AppointmentId, Option<SeriesId>> = HashMap::new();
    for some in ids.chunks(500) {
        let these = visits::Column::Id.is_in(some.iter().copied());
        let rows = scope.find::<visits::Entity>().filter(these).all().await?;
        let of = appointments::Column::Id.is_in(rows.iter().filter_map(|row| row.appointment_id));
        let of = scope.find::<appointments::Entity>().filter(of).all().await?;
        series_of.extend(of.into_iter().map(|row| (row.id, row.series_id)));
        for row in rows {
            let series = row.appointment_id.and_then(|id| series_of.get(&id).copied().flatten());
            match series.zip(row.guest_id) {
                Some(key) => parted.of.entry(key).or_default().push(row),
                None => parted.alone.push(row.id),
            }
        }
    }
    Ok(parted)
}

/// Tells each guest of their part, once for each `act`. Whoever has no mail address is told by the host.
pub(crate) async fn tell(
    visitors: &Visitors,
    cx: &Cx,
    parted: Parted,
    word: Word,
    act: Option<i64>,
) -> Result<(), Fault> {
    for ((series, guest), rows) in parted.of {
        // Without a number the act is one upon the guest, whose pages have been numbered by it. Each visit counts its own: of a
        // guest invited by others, too, visits are parted one by one.
        let first = rows.iter().min_by_key(|row| row.id);
        let act = act.map(|act| act.to_string());
        let act = act.or(first.map(|first| format!("anew-{}-{}", first.id, first.page_generation)));
        let act = act.unwrap_or_default();
        let once = format!("{series}/{guest}/{act}");
        tell_guest(visitors, cx, series, rows, word, once).await?;
    }
    Ok(())
}

async fn tell_guest(
    visitors: &Visitors,
    cx: &Cx,
    series: SeriesId,
    mut rows: Vec<visits::Model>,
    word: Word,
    once: String,
) -> Result<(), Fault> {
    let appointments: Vec<AppointmentId> = rows.iter().filter_map(|row| row.appointment_id).collect();
    let ids: Vec<VisitId> = rows.iter().map(|row| row.id).collect();
    for _ in 0..MOST_TRIES {
        rows.retain(|row| word.speaks_of(row, cx));
        rows.sort_by_key(|row| (row.starts_at, row.id));
        let Some(message) = message(visitors, cx, series, &rows, word).await? else { return Ok(()) };
        let mut tx = visitors.store.begin(cx).await?;
        let these = Condition::all()
            .add(visits::Column::Id.is_in(ids.iter().copied()))
            .add(visits::Column::AppointmentId.is_in(appointments.iter().copied()));
        let mut present = lock_visits(&tx, these).await?;
        present.retain(|row| word.speaks_of(row, cx));
        if present != rows {
            // Moved meanwhile: told as they are now. What moved one of them alone tells that, too.
            rows = present;
            continue;
        }
        visitors.notify.tell(&mut tx, message.once(&once)).await?;
        if word != Word::Cancelled {
            told(&tx, cx, &rows).await?;
        }
        return Ok(tx
            .commit_bookkeeping("telling a guest is no act; what was done to the series is")
            .await?);
    }
    Err(StoreError::from(sea_orm::DbErr::Custom("visits of a series do not stand still".to_owned())).into())
}

/// The guest was told of these visits; of all but the first the pass is still to come.
async fn told(tx: &Tx, cx: &Cx, rows: &[visits::Model]) -> Result<(), Fault> {
    let (settings, _) = settings::load(tx).await?;
    let next = |row: &visits::Model| step(standing(row, &settings), Happening::Invite, cx.now).ok();
    let newly = rows.iter().filter(|row| next(row) == Some(VisitState::Invited)).map(|row| row.id);
    tx.update::<visits::Entity>()
        .set(visits::Column::State, VisitState::Invited)
        .filter(visits::Column::Id.is_in(newly))
        .exec()
        .await?;
    let first_time = rows.iter().filter(|row| row.invited_at.is_none()).map(|row| row.id);
    tx.update::<visits::Entity>()
        .set(visits::Column::InvitedAt, Some(cx.now))
        .filter(visits::Column::Id.is_in(first_time))
        .exec()
        .await?;
    for (place, visit) in rows.iter().enumerate() {
        let only_way = place > 0;
        let due =
            if only_way { remind::eve(visit).map(|eve| eve.max(cx.now)) } else { remind::due(visit, cx.now) };
        if let Some(due) = due {
            let payload = json!({ "visit": visit.id, "generation": visit.generation, "only_way": only_way });
            tx.enqueue(remind::JOB, due, &payload).await?;
        }
    }
    Ok(())
}

/// The one mail; none when there is nothing to tell or no address.
async fn message(
    visitors: &Visitors,
    cx: &Cx,
    id: SeriesId,
    rows: &[visits::Model],
    word: Word,
) -> Result<Option<Message>, Fault> {
    let Some((first, last)) = rows.first().zip(rows.last()) else { return Ok(None) };
    let about = invitation::about(visitors, cx, first).await?;
    let Some(mut message) = about.mail(cx, "series", word.template()) else { return Ok(None) };
    let scope = visitors.store.read(cx.tenant).await?;
    let Some(series) = series::series(&scope, id).await? else { return Ok(None) };
    let all = series::appointments_of(&scope, id).await?;
    drop(scope);
    let all: HashMap<AppointmentId, appointments::Model> = all.into_iter().map(|row| (row.id, row)).collect();
    let of = |visit: &visits::Model| visit.appointment_id.and_then(|id| all.get(&id));
    let told = rows.iter().filter_map(|visit| {
        let row = of(visit)?;
        Some(Told { on: row.series_on.clone()?, when: takes_place(row)? })
    });
    let told: Vec<Told> = told.collect();
    let rule = Rule::read(&series.rule, &sekisho_web::zone_of(&series.zone));
    let words = match (visitors.notify.texts(about.language), rule) {
        (Some(texts), Ok(rule)) => {
            let (zone, place) = (&*first.zone, Place::Mail);
            in_words(&Telling { rule: &rule, told: &told, besides: Vec::new(), zone, place }, &texts)
        }
        _ => String::new(),
    };
    let title = format!("{} {}", about.organisation, about.site_name);
    let mut entries = Vec::new();
    for visit in rows {
        let one = of_visit(visitors, cx, &about, first, visit, of(first).zip(of(visit))).await?;
        let mut entry = one.calendar(cx, &title, "");
        if visit.id != first.id {
            // Its pass comes on the eve, and with it this entry once more.
            entry.description.clone_from(&one.purpose);
        }
        entries.push(entry);
    }
    let method = if word == Word::Cancelled { CalendarMethod::Cancel } else { CalendarMethod::Publish };
    let calendar = Attachment::calendar(method, fitting(entries, method, MOST_BYTES));
    message.attachments.retain(|one| one.content_type() != calendar.content_type());
    message.attachments.insert(0, calendar);
    let message = message.arg("series", words).not_after(last.ends_at);
    Ok(Some(message))
}

/// The calendar file with as many of the entries as fit, the first in any case.
fn fitting(mut entries: Vec<Entry>, method: CalendarMethod, most: usize) -> String {
    loop {
        let file = calendar::file_of(&entries, method.word());
        if file.len() <= most || entries.len() < 2 {
            return file;
        }
        // Long names on each day of a year: the later days come with their reminders.
        entries.truncate(entries.len() / 2);
    }
}

/// What is told of another visit of the series: mostly what is told of the first, at another time.
async fn of_visit(
    visitors: &Visitors,
    cx: &Cx,
    about: &Invitation,
    first: &visits::Model,
    visit: &visits::Model,
    rows: Option<(&appointments::Model, &appointments::Model)>,
) -> Result<Invitation, Fault> {
    let same = rows.filter(|(one, other)| {
        (first.site_id, first.host_id) == (visit.site_id, visit.host_id) && one.place == other.place
    });
    let Some((_, row)) = same else { return invitation::about(visitors, cx, visit).await };
    let keys = visitors.vault.keys(cx.tenant).await?;
    Ok(Invitation {
        visit: visit.id,
        version: visit.generation,
        starts_at: visit.starts_at,
        ends_at: visit.ends_at,
        purpose: text_of(&keys, "purpose", row)?,
        cancelled: visit.state == VisitState::Cancelled,
        ..about.clone()
    })
}

#[cfg(test)]
mod tests {
    use sekisho_kernel::Timestamp;

    use super::*;

    #[test]
    fn a_file_that_would_be_too_large_has_the_first_days() {
        let entry = |number: i64| Entry {
            uid: format!("day-{number}"),
            sequence: 1,
            written_at: Timestamp::EPOCH,
            starts_at: Timestamp::from_secs(number * 86_400),
            ends_at: Timestamp::from_secs(number * 86_400 + 3600),
            summary: "来訪".repeat(10),
            location: String::new(),
            description: String::new(),
            url: String::new(),
            organizer: String::new(),
            organizer_name: String::new(),
            cancelled: false,
        };
        let count = |file: &str| file.matches("BEGIN:VEVENT").count();
        let all: Vec<Entry> = (0..8).map(entry).collect();
        let whole = fitting(all.clone(), CalendarMethod::Publish, MOST_BYTES);
        assert_eq!(count(&whole), 8);
        let less = fitting(all.clone(), CalendarMethod::Publish, whole.len() - 1);
        assert!(count(&less) == 4 && less.contains("UID:day-3") && !less.contains("UID:day-4"), "{less}");
        assert_eq!(count(&fitting(all, CalendarMethod::Publish, 1)), 1, "there is always one");
    }
}
