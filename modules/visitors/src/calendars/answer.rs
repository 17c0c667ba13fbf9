//! What came of something that was read is written down, and whoever sent something that was not taken is told why. Nobody is
//! answered who did not prove to have sent it: an answer to a forged sender would be a nuisance made by us.

use sea_orm::{ColumnTrait, Condition};
use sekisho_host::Fault;
use sekisho_kernel::{Actor, AuditEntry, Cx, PersonId};
use sekisho_notify::{Arg, Lane, Message, NoticeKind};
use sekisho_storage::{JsonText, Tx};

use super::Position;
use super::read::MOST_TRIES;
use super::take_invitation::Taken;
use super::wanted::line;
use super::why::{NotTaken, Why};
use super::wrong::Wrong;
use crate::Visitors;
use crate::tables::calendar_files;
use crate::tables::read_calendars::{self, Column};

/// The word for these messages.
const KIND: &str = "visitors.calendar";

/// The kind of these messages, for which people choose means.
pub(crate) const KINDS: [NoticeKind; 1] = [NoticeKind { kind: KIND, text: "visitors-kind-calendar" }];

/// What came of one thing that was read.
#[derive(Clone, Copy, Debug)]
pub(super) enum CameOf {
    /// It was dealt with.
    Taken(Taken),
    /// It was not for us at all.
    Nothing,
    /// It was not taken.
    Refused(Why),
}

/// Writes down what came of it and how far the calendar is read with it: both or neither, so that nothing is answered twice, and
/// nothing goes without an answer.
pub(super) async fn settle(
    visitors: &Visitors,
    cx: &Cx,
    calendar: &read_calendars::Model,
    sender: Option<PersonId>,
    came: CameOf,
    about: &About<'_>,
) -> Result<(), Wrong> {
    let cx = match sender {
        Some(id) => cx.acting_as(Actor::Person { id }),
        None => cx.clone(),
    };
    visitors.notify.warm(cx.tenant).await?;
    let mut tx = visitors.store.begin(&cx).await?;
    reached(&tx, calendar, about.position.unwrap_or(&calendar.position.0)).await?;
    if let Some(file) = &about.file {
        let columns = [calendar_files::Column::Etag, calendar_files::Column::UidBlind];
        tx.overwrite_many::<calendar_files::Entity>(vec![file.clone()], &columns).await?;
    }
    let (entry, what) = match came {
        CameOf::Nothing | CameOf::Taken(Taken::Unchanged | Taken::PassedOver) => {
            return Ok(tx.commit_bookkeeping("how far a calendar was read; nothing was done").await?);
        }
        CameOf::Taken(Taken::Made) => (AuditEntry::done("connected_calendar.take"), "made"),
        CameOf::Taken(Taken::Changed) => (AuditEntry::done("connected_calendar.take"), "changed"),
        CameOf::Taken(Taken::CalledOff) => (AuditEntry::done("connected_calendar.take"), "called_off"),
        CameOf::Refused(why) => {
            refuse(visitors, &mut tx, calendar, sender, why, about).await?;
            (AuditEntry::refused("connected_calendar.take").with("why", why.word()), "")
        }
    };
    let entry = entry.on("connected_calendar", calendar.id, calendar.name.clone());
    Ok(tx.commit(if what.is_empty() { entry } else { entry.with("what", what) }).await?)
}

/// Writes down how far a calendar was read.
pub(super) async fn keep(
    visitors: &Visitors,
    cx: &Cx,
    calendar: &read_calendars::Model,
    position: &Position,
) -> Result<(), Wrong> {
    let tx = visitors.store.begin(cx).await?;
    reached(&tx, calendar, position).await?;
    Ok(tx.commit_bookkeeping("how far a calendar was read").await?)
}

/// So far it was read, and what stands there broke nothing.
async fn reached(tx: &Tx, calendar: &read_calendars::Model, position: &Position) -> Result<(), Wrong> {
    let kept = tx
        .update::<read_calendars::Entity>()
        .set(Column::Position, JsonText(position.clone()))
        .set(Column::Tries, 0_i64)
        .filter(as_read(calendar))
        .exec()
        .await?;
    if kept == 0 { Err(Wrong::Changed) } else { Ok(()) }
}

/// The calendar with the settings with which it is read: what was read with others does not count.
pub(super) fn as_read(calendar: &read_calendars::Model) -> Condition {
    Condition::all().add(Column::Id.eq(calendar.id)).add(Column::Version.eq(calendar.version))
}

/// What broke is tried again in the next reading; what breaks every time is passed by, so that the mails behind it are read.
pub(super) async fn again_or_refused(
    visitors: &Visitors,
    cx: &Cx,
    calendar: &read_calendars::Model,
    not_taken: NotTaken,
) -> Result<CameOf, Wrong> {
    if calendar.tries + 1 >= MOST_TRIES {
        tracing::warn!(calendar = %calendar.id, ?not_taken, "an invitation is passed by");
        return Ok(CameOf::Refused(Why::Broken));
    }
    let tx = visitors.store.begin(cx).await?;
    let tries = tx.update::<read_calendars::Entity>().set(Column::Tries, calendar.tries + 1);
    if tries.filter(as_read(calendar)).exec().await? == 0 {
        return Err(Wrong::Changed);
    }
    tx.commit_bookkeeping("an invitation is tried again").await?;
    Err(match not_taken {
        NotTaken::Fault(fault) => Wrong::Fault(fault),
        NotTaken::Again | NotTaken::Why(_) => Wrong::Server("broken"),
    })
}

/// What something that was read is.
pub(super) struct About<'a> {
    /// How far the mailbox is read with it; none: as far as before.
    pub(super) position: Option<&'a Position>,
    /// The file of a calendar in which it stands.
    pub(super) file: Option<calendar_files::ActiveModel>,
    /// What the event is called, for its sender.
    pub(super) summary: &'a str,
    /// A word for it, so that its sender is told once.
    pub(super) once: String,
}

async fn refuse(
    visitors: &Visitors,
    tx: &mut Tx,
    calendar: &read_calendars::Model,
    sender: Option<PersonId>,
    why: Why,
    about: &About<'_>,
) -> Result<(), Fault> {
    tx.update::<read_calendars::Entity>()
        .set(Column::RefusedAt, Some(tx.cx().now))
        .set(Column::Refusal, Some(why.word().to_owned()))
        .filter(Column::Id.eq(calendar.id))
        .exec()
        .await?;
    let Some(person) = sender else { return Ok(()) };
    let language = visitors.identity.contact(&*tx, person).await?.map(|contact| contact.language);
    let texts = language.and_then(|language| visitors.notify.texts(language));
    let said = |text: &str| texts.as_ref().map(|t| t.get(text)).unwrap_or_default();
    let summary = line(about.summary);
    let summary = if summary.is_empty() { said("visitors-notice-calendar-untitled") } else { summary };
    let message = Message::to_person(person, Lane::Operational, "visitors-notice-calendar")
        .arg("reason", Arg::Text(said(&why.text())))
        .arg("summary", Arg::Text(summary))
        .link("visitors-notice-calendar-make", "/visitors/new")
        .of_kind(KIND)
        .about("connected_calendar", calendar.id)
        .once(format!("{}/{}", about.once, why.word()));
    visitors.notify.tell(tx, message).await?;
    Ok(())
}

/// A calendar could not be read for so long that somebody must look: the administrators are told, once.
pub(super) async fn tell_failing(
    visitors: &Visitors,
    cx: &Cx,
    calendar: &read_calendars::Model,
) -> Result<(), Fault> {
    let Some(since) = calendar.failing_since else { return Ok(()) };
    let keepers = visitors.policy.administrators(cx).await?;
    visitors.notify.warm(cx.tenant).await?;
    let mut tx = visitors.store.begin(cx).await?;
    for person in keepers {
        let message = Message::to_person(person, Lane::Operational, "visitors-notice-calendar-failing")
            .arg("calendar", calendar.name.as_str())
            .link("visitors-notice-open", "/settings/visitors/calendars")
            .of_kind(KIND)
            .about("connected_calendar", calendar.id)
            .once(format!("{}/{}", calendar.id, since.as_micros()));
        visitors.notify.tell(&mut tx, message).await?;
    }
    Ok(tx.commit_bookkeeping("telling administrators is no act").await?)
}
