//! Saving, listing and removing schedules and holiday calendars.

use sea_orm::{ColumnTrait, Condition};
use sekisho_storage::{JsonText, Scoped, Tx};

use crate::schedule::{Compiled, Terms};
use crate::snapshot::read_schedule;
use crate::tables::{calendars, grants, schedules};
use crate::write::{bump, check_text};
use crate::{CalendarId, Holiday, HolidayCalendar, NewSchedule, Policy, PolicyError, Schedule, ScheduleId};

/// A calendar has at most so many days.
const MOST_DAYS: usize = 2_000;

impl Policy {
    /// Saves a schedule: a new one, or the one with that id anew.
    pub async fn save_schedule(
        &self,
        tx: &mut Tx,
        id: Option<ScheduleId>,
        new: NewSchedule,
    ) -> Result<ScheduleId, PolicyError> {
        check_text("name", &new.name)?;
        let rev = bump(tx, "schedule", Vec::new(), None).await?;
        let terms = JsonText(Terms {
            week: new.week.tidied(),
            on_holidays: new.on_holidays,
            japan: new.japan,
            calendars: new.calendars,
        });
        let Some(id) = id else {
            let id: ScheduleId = tx.cx().fresh_id();
            let tenant_id = tx.cx().tenant;
            tx.insert::<schedules::Entity>(schedules::Model {
                tenant_id,
                id,
                name: new.name,
                terms,
                removed: false,
                rev,
            })
            .await?;
            return Ok(id);
        };
        let known = tx
            .update::<schedules::Entity>()
            .set(schedules::Column::Name, new.name)
            .set(schedules::Column::Terms, terms)
            .set(schedules::Column::Rev, rev)
            .filter(
                Condition::all().add(schedules::Column::Id.eq(id)).add(schedules::Column::Removed.eq(false)),
            )
            .exec()
            .await?;
        if known == 1 { Ok(id) } else { Err(PolicyError::NoSuchSchedule) }
    }

    /// Removes a schedule that no standing grant uses.
    pub async fn remove_schedule(&self, tx: &mut Tx, id: ScheduleId) -> Result<(), PolicyError> {
        let using = Condition::all()
            .add(grants::Column::ScheduleId.eq(id))
            .add(grants::Column::WithdrawnAt.is_null());
        if tx.find::<grants::Entity>().filter(using).exists().await? {
            return Err(PolicyError::ScheduleInUse);
        }
        let rev = bump(tx, "schedule", Vec::new(), None).await?;
        let known = tx
            .update::<schedules::Entity>()
            .set(schedules::Column::Removed, true)
            .set(schedules::Column::Rev, rev)
            .filter(
                Condition::all().add(schedules::Column::Id.eq(id)).add(schedules::Column::Removed.eq(false)),
            )
            .exec()
            .await?;
        if known == 1 { Ok(()) } else { Err(PolicyError::NoSuchSchedule) }
    }

    /// All schedules, by name.
    pub async fn schedules(&self, scope: &impl Scoped) -> Result<Vec<Schedule>, PolicyError> {
        let rows = scope
            .find::<schedules::Entity>()
            .filter(schedules::Column::Removed.eq(false))
            .ascending(schedules::Column::Name)
            .all()
            .await?;
        Ok(rows
            .into_iter()
            .map(|row| Schedule { id: row.id, terms: read_schedule(row.name, row.terms) })
            .collect())
    }

    /// One schedule.
    pub async fn schedule(&self, scope: &impl Scoped, id: ScheduleId) -> Result<Schedule, PolicyError> {
        let this =
            Condition::all().add(schedules::Column::Id.eq(id)).add(schedules::Column::Removed.eq(false));
        let row =
            scope.find::<schedules::Entity>().filter(this).one().await?.ok_or(PolicyError::NoSuchSchedule)?;
        Ok(Schedule { id: row.id, terms: read_schedule(row.name, row.terms) })
    }

    /// A schedule made ready to be asked, with the days of its calendars.
    pub async fn compiled(
        &self,
        scope: &impl Scoped,
        schedule: &NewSchedule,
    ) -> Result<Compiled, PolicyError> {
        let own = self.calendars(scope).await?;
        let days = own
            .iter()
            .filter(|calendar| schedule.calendars.contains(&calendar.id))
            .flat_map(|calendar| calendar.days.iter().map(|day| day.date));
        Ok(Compiled::new(schedule, days))
    }

    /// Saves a holiday calendar: a new one, or the one with that id anew.
    pub async fn save_calendar(
        &self,
        tx: &mut Tx,
        id: Option<CalendarId>,
        name: &str,
        mut days: Vec<Holiday>,
    ) -> Result<CalendarId, PolicyError> {
        check_text("name", name)?;
        if days.len() > MOST_DAYS {
            return Err(PolicyError::BadText("days"));
        }
        days.sort();
        days.dedup_by_key(|day| day.date);
        let rev = bump(tx, "schedule", Vec::new(), None).await?;
        let Some(id) = id else {
            let id: CalendarId = tx.cx().fresh_id();
            let (tenant_id, name) = (tx.cx().tenant, name.to_owned());
            let days = JsonText(days);
            tx.insert::<calendars::Entity>(calendars::Model {
                tenant_id,
                id,
                name,
                days,
                removed: false,
                rev,
            })
            .await?;
            return Ok(id);
        };
        let known = tx
            .update::<calendars::Entity>()
            .set(calendars::Column::Name, name)
            .set(calendars::Column::Days, JsonText(days))
            .set(calendars::Column::Rev, rev)
            .filter(calendars::Column::Id.eq(id))
            .exec()
            .await?;
        if known == 1 { Ok(id) } else { Err(PolicyError::NoSuchSchedule) }
    }

    /// The tenant's own holiday calendars, by name.
    pub async fn calendars(&self, scope: &impl Scoped) -> Result<Vec<HolidayCalendar>, PolicyError> {
        let rows = scope
            .find::<calendars::Entity>()
            .filter(calendars::Column::Removed.eq(false))
            .ascending(calendars::Column::Name)
            .all()
            .await?;
        Ok(rows
            .into_iter()
            .map(|row| HolidayCalendar { id: row.id, name: row.name, days: row.days.0 })
            .collect())
    }
}
